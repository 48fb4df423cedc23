"""Turn moments, pictures and films into plain values, which the demo's page gets as JSON and draws."""

import base64
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pandas as pd

from course_lib import faces
from course_lib.core.labels import EMOTIONS
from course_lib.demo import moments, steady, uploads
from course_lib.demo.moments import MODALITIES, NOTHING, Moment, Settings

PLACES = 4  # decimal places of a probability
KINDS = (*MODALITIES, "fused")
LOOKS = 3  # frames of a film in which the faces are counted


def moment(found: Moment, answer: str | None = None) -> dict[str, Any]:
    """Turn a moment into plain values.

    Parameters
    ----------
    found : Moment
    answer : str, optional
        The answer to show, as `steady.settle` chose it. By default the moment's own.

    Returns
    -------
    dict
        `answer`; `words`, the answer in words; `second`; `threshold`; `face`, `voice` and `fused`, seven
        probabilities each or None; `evidence`, the contribution of face and voice, from 0 to 1.
    """
    answer = answer or found.answer
    return {
        "answer": answer,
        "words": steady.in_short(answer, found.fused),
        "second": found.second,
        "threshold": _number(found.threshold),
        **{kind: _numbers(getattr(found, kind)) for kind in KINDS},
        "evidence": {name: round(part, 2) for name, part in found.contributions.items()},
    }


def seen(crop: np.ndarray, answer: int) -> dict[str, Any]:
    """Return what the network saw, and where: a face uint8 (48, 48) as 2,304 numbers, and a map of 6 x 6.

    The map is the class activation map of an emotion, given by its place in `EMOTIONS`, from 0 to 1.
    """
    from course_lib.models import forward

    network = moments.model("face").network
    place = network.classes.index(EMOTIONS[answer])
    heat = forward.class_activation(network, crop[np.newaxis], [place])[0]
    scaled = heat / heat.max() if heat.max() > 0 else heat
    return {"crop": crop.ravel().tolist(), "heat": np.round(scaled, 2).ravel().tolist()}


def picture(frame: np.ndarray, weighing: Settings | None = None) -> dict[str, Any]:
    """Find all faces in a picture, and predict the emotion of each.

    Parameters
    ----------
    frame : np.ndarray
        RGB, uint8 (height, width, 3).
    weighing : Settings, optional
        By default `moments.settings()`.

    Returns
    -------
    dict
        `size` (width, height); `picture`, a JPEG as data URL; `faces`, for each, from left to right, its
        `box`, its `moment` and what the network saw (`seen`); `verdict`, one sentence.
    """
    boxes = sorted(faces.find(frame, moments.FINDER).tolist())
    found = []
    if boxes:
        crops = np.stack([faces.crop(frame, box) for box in boxes])
        for box, crop, probabilities in zip(boxes, crops, moments.see(crops, weighing), strict=True):
            one = moments.judge(probabilities, weighing=weighing)
            looked = seen(crop, int(one.fused.argmax()))
            found.append({"box": box, "moment": moment(one), "seen": looked})
    return {
        "size": frame.shape[1::-1],
        "picture": _jpeg(frame),
        "faces": found,
        "verdict": _of_faces([one["moment"] for one in found]),
    }


def film(
    table: pd.DataFrame,
    upload: uploads.Upload | None = None,
    weighing: Settings | None = None,
) -> dict[str, Any]:
    """Turn the analysis of a film or a recording into plain values.

    Parameters
    ----------
    table : pd.DataFrame
        As `moments.analyse` returns it.
    upload : Upload, optional
        The file's content, for the size of its frames and its notes.
    weighing : Settings, optional
        By default `moments.settings()`.

    Returns
    -------
    dict
        `verdict`, one sentence; `spells`, stretches with one answer; `time` and `face`, `voice`, `fused`, a
        list of seven probabilities or None for each moment; `box`, four numbers or None for each moment;
        `answer`, the steady answer of each moment; `notes`; `size`; `csv`, the table as text.
    """
    found = steady.spells(table, weighing)
    answers = steady.answers(table, weighing)
    told = table.assign(steady=answers).round(PLACES)
    return {
        "verdict": steady.verdict(found),
        "spells": [one._asdict() | {"probability": _number(one.probability)} for one in found],
        "time": table["time"].round(2).tolist(),
        **{kind: [_numbers(row) for row in _columns(table, kind)] for kind in KINDS},
        "box": [_numbers(row, 1) for row in table[[*"xywh"]].to_numpy(float)],
        "answer": answers,
        "notes": [] if upload is None else [*upload.notes, *_missing(table, upload)],
        "size": None if upload is None or not upload.frames else upload.frames[0].shape[1::-1],
        "csv": told.to_csv(index=False),
    }


def judged(rows: dict[str, Any], weighing: Settings, fitted: Settings) -> pd.DataFrame:
    """Judge the moments of a film again with other settings.

    Parameters
    ----------
    rows : dict
        `time` (n,), `face` and `voice`, each n rows of seven calibrated probabilities or None, and `box`, as
        `film` gave them.
    weighing : Settings
        The new settings.
    fitted : Settings
        Those with which the probabilities were calibrated.

    Returns
    -------
    pd.DataFrame
        As `moments.analyse` returns it.
    """
    seen, heard = (
        _again(_array(rows[name], len(EMOTIONS)), fitted.temperature[name] / weighing.temperature[name])
        for name in MODALITIES
    )
    return moments.tabled(np.asarray(rows["time"], float), _array(rows["box"], 4), seen, heard, weighing)


def _again(probabilities, power):
    """Probabilities raised to a power, which changes their temperature; NaN stays NaN."""
    powers = np.maximum(probabilities, 1e-7) ** power
    return powers / powers.sum(axis=1, keepdims=True)


def _array(rows, columns):
    return np.array([[np.nan] * columns if row is None else row for row in rows], float).reshape(-1, columns)


def _columns(table, kind):
    return table[[f"{kind}_{emotion}" for emotion in EMOTIONS]].to_numpy()


def _missing(table, upload):
    """Sentences on a face, several faces or a voice that was not found."""
    notes = []
    if upload.frames:
        if table["x"].isna().all():
            notes.append("No face was found in any frame.")
        most = max(len(faces.find(upload.frames[at], moments.FINDER)) for at in _spread(len(upload.frames)))
        if most > 1:
            notes.append(f"There are {most} faces. The demo follows the largest one.")
    if upload.sound is not None and table["voice_happy"].isna().all():
        notes.append("The sound is too quiet: the voice was not analysed.")
    return notes


def _spread(n):
    return np.unique(np.linspace(0, n - 1, LOOKS).round().astype(int)).tolist()


def _of_faces(found: Sequence[dict[str, Any]]) -> str:
    """One sentence on the faces of a picture."""
    if not found:
        return "No face was found in the picture."
    words = [_with_probability(one) for one in found]
    if len(words) == 1:
        return f"One face: {words[0]}."
    return f"{len(words)} faces, from left to right: {'; '.join(words)}."


def _with_probability(one):
    if one["answer"] == NOTHING:
        return NOTHING
    return f"{one['words']} ({max(one['fused']):.0%})"


def _numbers(values: npt.ArrayLike, places: int = PLACES) -> list[float] | None:
    values = np.asarray(values, float)
    return None if np.isnan(values).any() else np.round(values, places).tolist()


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), PLACES)


def _jpeg(frame):
    data = cv2.imencode(".jpg", cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))[1].tobytes()
    return f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"


def lines(found: dict[str, Any]) -> list[str]:
    """Describe a picture or a film, as `picture` or `film` gave it, in lines of text, for `course analyse`.

    Examples
    --------
    >>> lines({"verdict": "One face: happy (96%)."})
    ['One face: happy (96%).']
    """
    spells = [
        f"{one['start']:5.1f} to {one['end']:4.1f} s: {one['words']}"
        + ("" if one["probability"] is None else f", mean probability {one['probability']:.0%}")
        for one in found.get("spells", [])
    ]
    return [*found.get("notes", ()), found["verdict"], *(spells if len(spells) > 1 else [])]
