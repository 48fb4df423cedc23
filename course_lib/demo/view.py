"""Write moments as HTML: each number also as text, names from outside escaped, and no file written."""

import base64
import io
from collections.abc import Iterable
from html import escape

import cv2
import numpy as np
import numpy.typing as npt
import pandas as pd

from course_lib import plots
from course_lib.core.labels import EMOTIONS
from course_lib.demo.moments import MODALITIES, NOTHING, UNSURE, Moment

EMOJI = {
    "angry": "😠",
    "disgust": "🤢",
    "fear": "😨",
    "happy": "😀",
    "sad": "😢",
    "surprise": "😮",
    "neutral": "😐",
    UNSURE: "❓",
    NOTHING: "∅",
}
MISSED = {"face": "no face", "voice": "no sound", "fused": "nothing to fuse"}
WIDTH = 320  # pixels: the width of the image that is sent back
# Screen readers announce changes of an element that exists already, so an empty one comes first.
SILENCE = "<p role='status' class='spoken'></p>"


def moment(
    found: Moment,
    frame: np.ndarray | None = None,
    box: npt.ArrayLike | None = None,
    levels: npt.ArrayLike = (),
) -> str:
    """Write a `Moment` as HTML: image, answer, level of the sound, and bars of face, voice and both.

    `frame` is RGB uint8, `box` (4,) x, y, width and height in its pixels, and `levels` (tenths,) in dB.
    """
    picture = "" if frame is None else boxed(frame, box)
    second = f"<p>second most probable: {found.second}</p>" if found.second else ""
    answer = (
        f'<p class="answer"><span aria-hidden="true">{EMOJI[found.answer]}</span> <b>{found.answer}</b></p>'
    )
    bars = "".join(
        _bars(name, getattr(found, name), found.contributions.get(name)) for name in (*MODALITIES, "fused")
    )
    return (
        f'<div class="moment">{picture}<div>{answer}{second}{_sound(levels)}</div>'
        f'<div class="bars">{bars}</div></div>'
    )


def spoken(found: Moment) -> str:
    """Write the answer of a `Moment` as invisible HTML for screen readers."""
    return f"<p role='status' class='spoken'>{found.answer}</p>"


def boxed(frame: np.ndarray, box: npt.ArrayLike | None = None) -> str:
    """Write an image, RGB uint8, as a small <img> with a box (4,) in the image's own pixels."""
    scale = WIDTH / frame.shape[1]
    small = cv2.resize(frame, (WIDTH, max(1, round(scale * frame.shape[0]))), interpolation=cv2.INTER_AREA)
    if box is not None:
        x, y, width, height = np.round(np.multiply(box, scale)).astype(int).tolist()
        cv2.rectangle(small, (x, y), (x + width, y + height), (255, 176, 0), 2)
    jpeg = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR))[1].tobytes()
    if box is None:
        return _img("jpeg", jpeg, "no face in the image")
    corners = ",".join(f"{side:.0f}" for side in box)
    return _img("jpeg", jpeg, "the image, with a box around the face", f' data-box="{corners}"')


def _sound(levels):
    """Draw the levels of the sound as small bars, one for a tenth of a second, from -60 dB to full scale."""
    heights = np.clip(np.asarray(levels) + 60, 0, 60) / 2
    bars = "".join(
        f"<rect x='{4 * place}' y='{30 - height:.0f}' width='3' height='{height:.0f}'/>"
        for place, height in enumerate(heights)
    )
    seconds = f"the last {len(heights) / 10:.1f} s of sound"
    return f"<svg role='img' aria-label='{seconds}' viewBox='0 0 100 30'>{bars}</svg>" if len(heights) else ""


def _bars(name, probabilities, contribution):
    if np.isnan(probabilities).any():
        return f"<section><h3>{name}</h3><p>{MISSED[name]}</p></section>"
    rows = "".join(
        f"<tr><th scope='row'>{emotion}</th><td><meter min='0' max='1' value='{probability:.3f}' "
        f"aria-label='{name}: {emotion}'>{probability:.0%}</meter></td><td>{probability:.0%}</td></tr>"
        for emotion, probability in zip(EMOTIONS, probabilities, strict=True)
    )
    weight = "" if contribution is None else f" <small>({contribution:.0%} of the evidence)</small>"
    return f"<section><h3>{name}{weight}</h3><table>{rows}</table></section>"


def clip(name: str, table: pd.DataFrame, notes: Iterable[str], lines: Iterable[str]) -> str:
    """Write the analysis of a file as HTML: its lines, a timeline, the table, and a link to save it as csv.

    `table` and `lines` are those of `moments.analyse` and `moments.in_words`.
    """
    found = "".join(f"<li>{escape(line)}</li>" for line in lines)
    done = f"<p role='status'>{len(table)} moments, {table['time'].iloc[-1]:.1f} s</p>"
    noted = "".join(f"<p>{escape(note)}</p>" for note in notes)
    csv = base64.b64encode(table.to_csv(index=False).encode()).decode()
    link = f'<p><a download="moments.csv" href="data:text/csv;base64,{csv}">Save the table (csv)</a></p>'
    rows = (
        table[["time", "answer", "second", "face_contribution", "voice_contribution"]]
        .round(2)
        .to_html(index=False, border=0)
    )
    return (
        f"<div class='found'><h3>{escape(name)}</h3>{done}{noted}<ul>{found}</ul>"
        f"{timeline(table) if len(table) > 1 else ''}{link}"
        f"<details><summary>All {len(table)} moments</summary>{rows}</details></div>"
    )


def timeline(table: pd.DataFrame) -> str:
    """Plot the probabilities of face, voice and both over time, as an <img> with the averages as alt text."""
    figure, alt = plots.over_time_figure(table, (*MODALITIES, "fused"), EMOTIONS)
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=90)
    return _img("png", png.getvalue(), alt)


def message(text: str) -> str:
    """Write an error as HTML that a screen reader speaks at once.

    Examples
    --------
    >>> message("a.mp4: it is empty")
    '<p role="alert" class="problem">a.mp4: it is empty</p>'
    """
    return f'<p role="alert" class="problem">{escape(text)}</p>'


def _img(kind, data, alt, more=""):
    return f'<img alt="{escape(alt)}"{more} src="data:image/{kind};base64,{base64.b64encode(data).decode()}">'
