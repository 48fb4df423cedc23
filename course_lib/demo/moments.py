"""What a face and a voice say of one moment, fused and weighed up; and of a file, moment by moment (IIITA's
modules).

Each network answers with probabilities of FER2013's seven emotions (speech's calm counts as neutral); a
temperature makes them mean what they say; each modality is weighed by the F-score that it reaches for each
emotion, as IIITA does. All of this was learnt on validation items (`course evaluate decision_calibration`,
course_lib/results/decision_calibration.json)."""

from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from course_lib import faces, fusion, results
from course_lib.core.labels import EMOTIONS
from course_lib.core.progress import progress
from course_lib.demo import uploads
from course_lib.evaluation import calibration
from course_lib.models import from_preset, voices
from course_lib.models.voices import WINDOW

HOP = 0.5  # seconds from one such window to the next
QUIET = -50.0  # dB to full scale: a tenth of a second below that is quiet
SPOKEN = 8  # tenths of a window that are not, at least, for somebody to be heard in it
MODALITIES = ("face", "voice")
MISSING = np.full(len(EMOTIONS), np.nan)
UNSURE, NOTHING = "not sure", "no face and no sound"


class Settings(NamedTuple):
    """What validation items taught: of each of `MODALITIES` a temperature, the smallest first probability
    that is answered for, and the F-score of each emotion."""

    temperature: dict[str, float]
    threshold: dict[str, float]
    f_scores: dict[str, list[float]]


class Moment(NamedTuple):
    """The prediction for a moment: probabilities (7,) in the order of `EMOTIONS`, NaN where a modality
    is missing."""

    face: np.ndarray
    voice: np.ndarray
    fused: np.ndarray
    parts: dict[str, float]  # of each modality in the probability of the first guess; they add up to 1
    answer: str  # the first guess, or UNSURE, or NOTHING
    second: str  # the second guess, "" where there is nothing


@cache
def settings() -> Settings:
    """The settings that come with the course."""
    found = results.read("decision_calibration")
    return Settings(*({name: found[name][what] for name in MODALITIES} for what in Settings._fields))


def judge(face=MISSING, voice=MISSING, weighing=None) -> Moment:
    """Fuse the probabilities of face and voice, (7,) each or NaN, and answer where the first guess's
    probability is large enough.

    One alone is left as it is, and its own threshold holds. Where both are there the threshold is the mean of
    theirs, weighed by their parts in the first guess: a rule of thumb, for there are no real pairs to learn
    it from."""
    weighing, probabilities = weighing or settings(), np.stack([face, voice])
    there = ~np.isnan(probabilities).any(axis=1)
    if not there.any():
        return Moment(face, voice, MISSING, dict.fromkeys(MODALITIES, 0.0), NOTHING, "")
    weights = np.array([weighing.f_scores[name] for name in MODALITIES])
    fused = (
        fusion.fuse_decisions(probabilities[:, np.newaxis], "mean", weights)[0]
        if there.all()
        else probabilities[there][0]
    )
    second, first = np.argsort(fused, kind="stable")[-2:]
    parts = probabilities[:, first] * weights[:, first] if there.all() else there * 1.0
    parts = parts / parts.sum() if parts.any() else there / there.sum()
    sure = fused[first] >= parts @ [weighing.threshold[name] for name in MODALITIES]
    return Moment(
        face,
        voice,
        fused,
        dict(zip(MODALITIES, parts.tolist(), strict=True)),
        EMOTIONS[first] if sure else UNSURE,
        EMOTIONS[second],
    )


def see(crops, weighing=None) -> np.ndarray:
    """Probabilities (n, 7) for faces uint8 (n, 48, 48) as `emotion_net` sees each once, their temperature
    taken off."""
    probabilities = trained()["face"].predict(crops, tta=0)
    return calibration.apply_temperature(probabilities, (weighing or settings()).temperature["face"])


def hear(windows, weighing=None) -> np.ndarray:
    """Probabilities (n, 7) for sound float32 (n, samples) of `uploads.SR`, NaN where it is quiet."""
    windows = np.asarray(windows, np.float32)
    loud, probabilities = ~quiet(windows), np.tile(MISSING, (len(windows), 1))
    if loud.any():
        voice_probabilities = voices.as_seven(trained()["voice"].predict(windows[loud]))
        probabilities[loud] = calibration.apply_temperature(
            voice_probabilities, (weighing or settings()).temperature["voice"]
        )
    return probabilities


def quiet(windows) -> np.ndarray:
    """In which windows (n, samples) nobody speaks, (n,): see `QUIET` and `SPOKEN`."""
    return (levels(windows) >= QUIET).sum(axis=1) < SPOKEN


def levels(windows) -> np.ndarray:
    """How loud each tenth of a second of windows (n, samples) is, in dB to full scale, (n, tenths)."""
    tenth = uploads.SR // 10
    whole = windows[:, : windows.shape[1] // tenth * tenth].reshape(len(windows), -1, tenth)
    return 10 * np.log10((whole**2).mean(axis=2) + 1e-12)


@cache
def trained() -> dict:
    """The network for faces and the classifier for voices that come with the course, read once. `settings`
    are theirs, not those of what was trained on this machine."""
    return {"face": from_preset("emotion_net"), "voice": from_preset("voice")}


def analyse(path) -> tuple[pd.DataFrame, uploads.Upload]:
    """The predictions for a picture, a recording or a film, a row a moment, and what was read
    (`uploads.read`).

    Moments are 0.1 s apart in a film, `HOP` s in a recording. Columns: `time` (s), the face's box `x`, `y`,
    `w`, `h` (pixels of the made-smaller picture), probabilities `face_angry` … `voice_angry` … `fused_angry`
    … (NaN where missing), `face_part` and `voice_part` of the first guess, `answer`, and `second`. A face's
    probabilities are the mean of half a second around; a voice's are of the `WINDOW` s around the nearest
    multiple of `HOP`, at both ends of the first and last that the sound fills. Raises `CourseError` as
    `uploads.read` does."""
    upload = uploads.read(path)
    step = 1 / uploads.RATE if upload.frames else HOP
    times = np.arange(max(1, np.ceil(round(upload.seconds / step, 6)))) * step
    boxes, seen = _seen(upload, len(times))
    heard = _heard(upload, times)
    rows = [judge(face, voice) for face, voice in zip(seen, heard, strict=True)]
    table = pd.DataFrame({"time": times, **dict(zip("xywh", boxes.T, strict=True))})
    for name in (*MODALITIES, "fused"):
        probabilities = np.stack([getattr(row, name) for row in rows])
        table[[f"{name}_{emotion}" for emotion in EMOTIONS]] = probabilities
    table[[f"{name}_part" for name in MODALITIES]] = [[*row.parts.values()] for row in rows]
    table["answer"], table["second"] = [row.answer for row in rows], [row.second for row in rows]
    return table, upload


def _seen(upload, n):
    """Boxes (n, 4) and probabilities (n, 7) of the face in each picture, NaN where there is none, or no
    picture any more."""
    boxes, probabilities = np.full((n, 4), np.nan), np.tile(MISSING, (n, 1))
    frames = progress(upload.frames, desc="following the face", unit="frame", delay=1, leave=False)
    found = faces.track(frames, every=3)[[*"xywh"]].to_numpy() if upload.frames else np.empty((0, 4))
    boxes[: len(found)] = found
    there = np.flatnonzero(~np.isnan(found).any(axis=1))
    if len(there):
        probabilities[there] = see(np.stack([faces.crop(upload.frames[row], boxes[row]) for row in there]))
        around = pd.DataFrame(probabilities).rolling(5, center=True, min_periods=1).mean().to_numpy()
        probabilities[there] = around[there]
    return boxes, probabilities


def _heard(upload, times):
    """Probabilities (n, 7) of the voice around each of the times (s), NaN where it is quiet or there is
    no sound."""
    if upload.sound is None:
        return np.tile(MISSING, (len(times), 1))
    window, hop, n = round(WINDOW * uploads.SR), round(HOP * uploads.SR), len(upload.sound)
    # Within the sound, where it is long enough: a window that is half empty sounds like no voice.
    starts = np.clip(np.arange(0, n + 1, hop) - window // 2, 0, max(0, n - window))
    padded = np.pad(upload.sound, (0, max(0, window - n)))
    probabilities = hear([padded[start : start + window] for start in starts])
    nearest = np.minimum(np.round(times / HOP).astype(int), len(probabilities) - 1)
    return np.where((times <= len(upload.sound) / uploads.SR)[:, np.newaxis], probabilities[nearest], np.nan)


def in_words(table) -> list[str]:
    """An analysis as lines: from when to when which emotion was predicted, and its mean probability and
    parts."""
    fused = table[[f"fused_{emotion}" for emotion in EMOTIONS]].max(axis=1)
    step = table["time"].diff().median() if len(table) > 1 else 0
    lines = []
    for _, run in table.groupby((table["answer"] != table["answer"].shift()).cumsum()):
        answer, face, voice = run["answer"].iloc[0], run["face_part"].mean(), run["voice_part"].mean()
        when = f"{run['time'].iloc[0]:5.1f} to {run['time'].iloc[-1] + step:4.1f} s: " if step else ""
        probability = (
            ""
            if answer == NOTHING
            else f", first guess {fused[run.index].mean():.0%} (face {face:.0%}, voice {voice:.0%} of it)"
        )
        lines.append(f"{when}{answer}{probability}")
    return lines
