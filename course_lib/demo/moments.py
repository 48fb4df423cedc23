"""Predict the emotion of one moment from a face and a voice by decision fusion, or of each moment of a file.

Each classifier gives probabilities of FER2013's seven emotions (calm counts as neutral). Temperature scaling
calibrates them. With both, the answer comes from the product of the probabilities, divided by the priors.
Temperatures, priors and thresholds were fitted on validation items (`course evaluate decision_calibration`,
course_lib/results/decision_calibration.json; with the frozen speech encoder: `encoder_calibration`). The
result also compares this fusion with IIITA's, which weighs each modality by its F-scores (lesson 13).
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from course_lib import faces, results
from course_lib.core.audio import SPEECH_SR, WINDOW
from course_lib.core.errors import CourseError
from course_lib.core.labels import EMOTIONS
from course_lib.core.probabilities import apply_temperature
from course_lib.core.progress import in_kernel, progress
from course_lib.demo import uploads
from course_lib.models import from_preset
from course_lib.models.zoo import Pretrained, without_keras

HOP = 0.5  # seconds from the start of one window to the start of the next
QUIET = -50.0  # dB relative to full scale: a tenth of a second below this level is quiet
SPOKEN = 8  # a window with fewer tenths of a second above `QUIET` contains no speech
MODALITIES = ("face", "voice")
FINDER = "steady"  # of `faces.find`: a cascade alone loses a face that moves by a few pixels
MISSING = np.full(len(EMOTIONS), np.nan)
# The smallest probability in the product: no modality alone can rule out an emotion. A floor of 0.01 would be
# too high. It is close to the prior of a rare emotion (FER2013's disgust), so it would hide a face's evidence
# against that emotion (see "rules" in the result).
FLOOR = 0.001
UNSURE, NOTHING = "not sure", "no face and no sound"
WEIGHTS = {"face": 1.0, "voice": 1.0}  # both modalities count the same


class Settings(NamedTuple):
    """The settings fitted on validation items.

    Attributes
    ----------
    temperature : dict of str to float
        For "face", "voice" and "fused".
    threshold : dict of str to float
        For "face", "voice" and "fused". The answer is "not sure" if the highest probability is below this.
    priors : dict of str to list of float
        For "face" and "voice": the prior probability of each of `EMOTIONS` in the classifier's training.
    weights : dict of str to float
        For "face" and "voice": the product raises a modality's probabilities to its weight. Not fitted: 1.
    """

    temperature: dict[str, float]
    threshold: dict[str, float]
    priors: dict[str, list[float]]
    weights: dict[str, float] = WEIGHTS


class Moment(NamedTuple):
    """The prediction for one moment.

    Attributes
    ----------
    face, voice, fused : np.ndarray
        Class probabilities, float (7,), in the order of `EMOTIONS`; NaN for a missing modality.
    contributions : dict of str to float
        The part of the evidence for the most probable emotion that comes from each modality; the sum is 1.
        See `contributions`.
    answer : str
        The predicted emotion, `UNSURE` or `NOTHING`.
    second : str
        The second most probable emotion; "" if both modalities are missing.
    threshold : float
        The lowest probability for which `answer` is an emotion; NaN if both modalities are missing.
    """

    face: np.ndarray
    voice: np.ndarray
    fused: np.ndarray
    contributions: dict[str, float]
    answer: str
    second: str
    threshold: float = np.nan


def voice_name() -> str:
    """Return the preset for voices: "voice_encoder" if the encoder's weights are here, or "voice".

    In a notebook it is always "voice", because the text of lessons 13 and 14 explains its answers.
    """
    from course_lib.models import voice_encoder  # it loads scipy.signal, which faces do not need

    return voice_encoder.NAME if voice_encoder.is_available() and not in_kernel() else "voice"


def heard_by() -> str:
    """Say in one sentence which preset classifies voices."""
    if voice_name() == "voice":
        return "Voices are classified by the preset voice (handcrafted features)."
    return "Voices are classified by the preset voice_encoder (Whisper-base's frozen encoder)."


def settings() -> Settings:
    """Return the settings that come with the course, for the preset of `voice_name`."""
    return _settings(voice_name())


@cache
def _settings(voice):
    found = results.read("decision_calibration")
    if voice != "voice":
        measured = results.read("encoder_calibration")
        found = found | {name: measured[name] for name in ("voice", "fused")}
    temperature, threshold = (
        {name: found[name][what] for name in (*MODALITIES, "fused")} for what in ("temperature", "threshold")
    )
    return Settings(temperature, threshold, {name: found[name]["priors"] for name in MODALITIES})


def judge(
    face: npt.ArrayLike = MISSING, voice: npt.ArrayLike = MISSING, weighing: Settings | None = None
) -> Moment:
    """Fuse the probabilities of face and voice, and predict an emotion if its probability is high enough.

    A single modality keeps its probabilities and its own threshold. With both, `fuse` combines them, and the
    threshold is the one of fused probabilities. It was fitted on artificial pairs of real faces and real
    voices, because the course has no real pairs of enough people.

    Parameters
    ----------
    face, voice : array-like, shape (7,)
        Class probabilities in the order of `EMOTIONS`; NaN for a missing modality.
    weighing : Settings, optional
        By default `settings()`.

    Returns
    -------
    Moment

    Notes
    -----
    Used by the live demo and in lesson 14.

    Examples
    --------
    >>> happy = [0.04, 0.04, 0.04, 0.76, 0.04, 0.04, 0.04]
    >>> even = Settings({}, dict(face=0.5), {})
    >>> judge(happy, weighing=even).answer
    'happy'
    """
    weighing, probabilities = weighing or settings(), np.stack([face, voice])
    there = ~np.isnan(probabilities).any(axis=1)
    if not there.any():
        return Moment(face, voice, MISSING, dict.fromkeys(MODALITIES, 0.0), NOTHING, "")
    both = there.all()
    fused = fuse(face, voice, weighing) if both else probabilities[there][0]
    second, first = np.argsort(fused, kind="stable")[-2:]
    contributed = contributions(probabilities, first, second, weighing) if both else there * 1.0
    threshold = weighing.threshold["fused" if both else MODALITIES[there.argmax()]]
    return Moment(
        face,
        voice,
        fused,
        dict(zip(MODALITIES, contributed.tolist(), strict=True)),
        EMOTIONS[first] if fused[first] >= threshold else UNSURE,
        EMOTIONS[second],
        threshold,
    )


def fuse(face: npt.ArrayLike, voice: npt.ArrayLike, weighing: Settings | None = None) -> np.ndarray:
    """Multiply the probabilities of face and voice, divide them by the priors, and calibrate the result.

    Parameters
    ----------
    face, voice : array-like, shape (7,) or (n, 7)
        Calibrated class probabilities in the order of `EMOTIONS`, without gaps.
    weighing : Settings, optional
        By default `settings()`.

    Returns
    -------
    np.ndarray
        Class probabilities, as `face`.

    Notes
    -----
    Each classifier's probabilities are divided by its own priors: for faces the fractions of its training
    labels, where "happy" is far more common than "disgust"; for voices equal ones. So all seven emotions
    count as equally common. Nobody knows how common they are in front of your camera, and the fractions of a
    training set would only favour the emotions that are common there. A single modality keeps its priors,
    because its temperature and threshold were fitted with them.

    Examples
    --------
    >>> equal = [1 / 7] * 7
    >>> plain = Settings(dict(fused=1), {}, dict(face=equal, voice=equal))
    >>> fuse([0.4, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1], [0.4, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1], plain).round(2)[:2]
    array([0.73, 0.05])
    """
    from course_lib import (
        fusion,  # here, because it loads scikit-learn: a second that a face alone never needs
    )

    weighing, pair = weighing or settings(), [np.atleast_2d(face), np.atleast_2d(voice)]
    weights = [weighing.weights[name] for name in MODALITIES]
    product = fusion.fuse_decisions(pair, "product", weights, _priors(weighing), FLOOR)
    return apply_temperature(product, weighing.temperature["fused"]).reshape(np.shape(face))


def contributions(
    probabilities: npt.ArrayLike, first: int, second: int, weighing: Settings | None = None
) -> np.ndarray:
    """Compute how much of the evidence for an emotion, compared with a second one, comes from each modality.

    The evidence of a modality is its odds, first : second, each probability divided by its prior. If the face
    says 8 : 1 and the voice 2 : 1, the product says 16 : 1. Counted in doublings these are 3 + 1 = 4, so the
    face contributes 3/4 and the voice 1/4. A modality that prefers the second emotion contributes 0.

    Parameters
    ----------
    probabilities : array-like, shape (2, 7)
        Of `MODALITIES`, without gaps.
    first, second : int
        The most probable emotion and the second one, as places in `EMOTIONS`.
    weighing : Settings, optional
        By default `settings()`.

    Returns
    -------
    np.ndarray
        One number from 0 to 1 for each of `MODALITIES`; the sum is 1.

    Examples
    --------
    >>> equal = [1 / 7] * 7
    >>> plain = Settings(dict(fused=1), {}, dict(face=equal, voice=equal))
    >>> contributions([[0.8, 0.1, 0.02, 0.02, 0.02, 0.02, 0.02], [0.2, 0.1] + 5 * [0.14]], 0, 1, plain)
    array([0.75, 0.25])
    """
    weighing = weighing or settings()
    ratios = np.maximum(probabilities, FLOOR) / _priors(weighing)
    weights = np.array([weighing.weights[name] for name in MODALITIES])
    evidence = weights * np.maximum(np.log2(ratios[:, first] / ratios[:, second]), 0)
    return evidence / evidence.sum() if evidence.any() else np.full(len(MODALITIES), 1 / len(MODALITIES))


def changed(threshold: float | None = None, temperature: bool = True, face: float = 1.0) -> Settings:
    """Return `settings()` with what a visitor of the demo's page changed, to see what it does.

    Parameters
    ----------
    threshold : float, optional
        The same for face, voice and both, from 0 to 1. By default the fitted ones.
    temperature : bool
        False: the raw probabilities, as the classifiers give them.
    face : float
        How the product weighs the face, from 0 to 2; the voice gets 2 minus this. 1: both the same.

    Returns
    -------
    Settings

    Raises
    ------
    CourseError
        If a number is outside its range.

    Examples
    --------
    >>> changed(threshold=0.9, face=1.5).weights
    {'face': 1.5, 'voice': 0.5}
    """
    for name, value, most in (("threshold", threshold, 1), ("face", face, 2)):
        if value is not None and not 0 <= value <= most:
            raise CourseError(f"{name}={value}", f"it is not from 0 to {most}", "Give such a number")
    fitted = settings()
    kinds = (*MODALITIES, "fused")
    return Settings(
        fitted.temperature if temperature else dict.fromkeys(kinds, 1.0),
        fitted.threshold if threshold is None else dict.fromkeys(kinds, threshold),
        fitted.priors,
        {"face": face, "voice": 2 - face},
    )


def _priors(weighing):
    return np.array([weighing.priors[name] for name in MODALITIES])


def see(crops: np.ndarray, weighing: Settings | None = None) -> np.ndarray:
    """Predict emotions from faces with the face network, and calibrate them by temperature scaling.

    Parameters
    ----------
    crops : np.ndarray
        Grey faces, uint8 (n, 48, 48).
    weighing : Settings, optional
        By default `settings()`.

    Returns
    -------
    np.ndarray
        Class probabilities, (n, 7), in the order of `EMOTIONS`, without test-time augmentation.

    Notes
    -----
    Used in lesson 14.
    """
    face = model("face")
    probabilities = as_emotions(face.predict(crops, tta=0), face.classes)
    return apply_temperature(probabilities, (weighing or settings()).temperature["face"])


def as_emotions(probabilities: npt.ArrayLike, classes: Sequence[str]) -> np.ndarray:
    """Keep the probabilities of the seven `EMOTIONS`, in their order, and divide each row by its sum.

    Parameters
    ----------
    probabilities : array-like, shape (n, classes)
        Class probabilities. FER+'s eighth class "contempt" is left out: the voices have none.
    classes : sequence of str
        The classes, in the order of the columns.

    Returns
    -------
    np.ndarray
        Class probabilities, (n, 7).

    Examples
    --------
    >>> as_emotions([[0.1] * 6 + [0.2] * 2], [*EMOTIONS, "contempt"]).round(3)
    array([[0.125, 0.125, 0.125, 0.125, 0.125, 0.125, 0.25 ]])
    """
    kept = np.asarray(probabilities)[:, [list(classes).index(emotion) for emotion in EMOTIONS]]
    return kept / kept.sum(axis=1, keepdims=True)


def hear(windows: npt.ArrayLike, weighing: Settings | None = None) -> np.ndarray:
    """Predict emotions from windows of sound, and calibrate them by temperature scaling.

    Parameters
    ----------
    windows : array-like, shape (n, samples)
        Sound at `SPEECH_SR` Hz.
    weighing : Settings, optional
        By default `settings()`.

    Returns
    -------
    np.ndarray
        Class probabilities, (n, 7), in the order of `EMOTIONS`; a row of NaN for a quiet window.

    Notes
    -----
    Used in lessons 13 and 14.
    """
    windows = np.asarray(windows, np.float32)
    loud, probabilities = ~quiet(windows), np.tile(MISSING, (len(windows), 1))
    if loud.any():
        from course_lib.models import voices  # here, because it loads scipy.signal

        voice_probabilities = voices.as_seven(model("voice").predict(windows[loud]))
        probabilities[loud] = apply_temperature(
            voice_probabilities, (weighing or settings()).temperature["voice"]
        )
    return probabilities


def quiet(windows: np.ndarray) -> np.ndarray:
    """Tell which windows (n, samples) contain no speech, bool (n,); see `QUIET` and `SPOKEN`."""
    return (levels(windows) >= QUIET).sum(axis=1) < SPOKEN


def levels(windows: np.ndarray) -> np.ndarray:
    """Compute the level of each tenth of a second of windows (n, samples), (n, tenths), in dB to full scale.

    Examples
    --------
    >>> levels(np.full((1, 3200), 0.1)).round().tolist()
    [[-20.0, -20.0]]

    Notes
    -----
    Used in lesson 14.
    """
    tenth = SPEECH_SR // 10
    whole = windows[:, : windows.shape[1] // tenth * tenth].reshape(len(windows), -1, tenth)
    return 10 * np.log10((whole**2).mean(axis=2) + 1e-12)


def trained() -> dict[str, Pretrained]:
    """Load the course's own network for faces and classifier for voices (`voice_name`), each once.

    `settings` were fitted for these two, not for a model trained on this machine.

    Notes
    -----
    Used in lessons 13 and 14.
    """
    return {name: model(name) for name in MODALITIES}


def model(name: str) -> Pretrained:
    """Load one of the two classifiers, "face" or "voice", once. Neither needs Keras."""
    return _loaded("emotion_net_raters" if name == "face" else voice_name())


@cache
def _loaded(preset):
    return without_keras(preset) if preset == "emotion_net_raters" else from_preset(preset)


def analyse(path: str | Path) -> tuple[pd.DataFrame, uploads.Upload]:
    """Predict the emotion of each moment of an image, a recording or a video.

    A face's probabilities are the mean over half a second. A voice's are those of the `WINDOW` seconds around
    the nearest multiple of `HOP`; near the start and the end, of the first or last complete window.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    table : pd.DataFrame
        One row for each moment, every 0.1 s in a video and every `HOP` s in a recording. Columns: `time` (s);
        the face's box `x`, `y`, `w`, `h` (pixels of the reduced frame); probabilities `face_angry` …
        `voice_angry` … `fused_angry` … (NaN if missing); `face_contribution` and `voice_contribution` to the
        evidence for the most probable emotion; `answer`; `second`.
    upload : uploads.Upload
        The content of the file.

    Raises
    ------
    CourseError
        As `uploads.read`.

    Notes
    -----
    Used in lessons 13 and 14.
    """
    upload = uploads.read(path)
    step = 1 / uploads.RATE if upload.frames else HOP
    times = np.arange(max(1, np.ceil(round(upload.seconds / step, 6)))) * step
    boxes, seen = _seen(upload, len(times))
    heard = _heard(upload, times)
    return tabled(times, boxes, seen, heard), upload


def tabled(
    times: np.ndarray,
    boxes: np.ndarray,
    seen: np.ndarray,
    heard: np.ndarray,
    weighing: Settings | None = None,
) -> pd.DataFrame:
    """Judge moments, and put them into a table.

    Parameters
    ----------
    times : np.ndarray
        Seconds, (n,).
    boxes : np.ndarray
        x, y, width and height of the face, (n, 4).
    seen, heard : np.ndarray
        Calibrated probabilities of face and voice, (n, 7); NaN where one is missing.
    weighing : Settings, optional
        By default `settings()`.

    Returns
    -------
    pd.DataFrame
        As `analyse` returns it.
    """
    rows = [judge(face, voice, weighing) for face, voice in zip(seen, heard, strict=True)]
    table = pd.DataFrame({"time": times, **dict(zip("xywh", boxes.T, strict=True))})
    for name in (*MODALITIES, "fused"):
        probabilities = np.stack([getattr(row, name) for row in rows])
        table[[f"{name}_{emotion}" for emotion in EMOTIONS]] = probabilities
    table[[f"{name}_contribution" for name in MODALITIES]] = [[*row.contributions.values()] for row in rows]
    table["answer"], table["second"] = [row.answer for row in rows], [row.second for row in rows]
    return table


def _seen(upload, n):
    """Return boxes (n, 4) and probabilities (n, 7) of the face in each frame; NaN without one."""
    boxes, probabilities = np.full((n, 4), np.nan), np.tile(MISSING, (n, 1))
    frames = progress(upload.frames, desc="following the face", unit="frame", delay=1, leave=False)
    found = np.empty((0, 4))
    if upload.frames:
        found = faces.track(frames, every=3, detector=FINDER)[[*"xywh"]].to_numpy()
    boxes[: len(found)] = found
    there = np.flatnonzero(~np.isnan(found).any(axis=1))
    if len(there):
        probabilities[there] = see(np.stack([faces.crop(upload.frames[row], boxes[row]) for row in there]))
        around = pd.DataFrame(probabilities).rolling(5, center=True, min_periods=1).mean().to_numpy()
        probabilities[there] = around[there]
    return boxes, probabilities


def _heard(upload, times):
    """Return probabilities (n, 7) of the voice around each of the times (s); NaN if quiet."""
    if upload.sound is None:
        return np.tile(MISSING, (len(times), 1))
    window, hop, n = round(WINDOW * SPEECH_SR), round(HOP * SPEECH_SR), len(upload.sound)
    # Windows stay within the sound if it is long enough: the classifier never saw half-empty windows.
    starts = np.clip(np.arange(0, n + 1, hop) - window // 2, 0, max(0, n - window))
    padded = np.pad(upload.sound, (0, max(0, window - n)))
    probabilities = hear([padded[start : start + window] for start in starts])
    nearest = np.minimum(np.round(times / HOP).astype(int), len(probabilities) - 1)
    return np.where((times <= len(upload.sound) / SPEECH_SR)[:, np.newaxis], probabilities[nearest], np.nan)


def in_words(table: pd.DataFrame) -> list[str]:
    """Describe a table of `analyse` in lines of text.

    Parameters
    ----------
    table : pd.DataFrame
        As `analyse` returns it.

    Returns
    -------
    list of str
        One line for each run of moments with the same answer: start and end (s), the answer, its mean
        probability and the contributions of face and voice.

    Notes
    -----
    Used in lesson 14.
    """
    fused = table[[f"fused_{emotion}" for emotion in EMOTIONS]].max(axis=1)
    step = table["time"].diff().median() if len(table) > 1 else 0
    lines = []
    for _, run in table.groupby((table["answer"] != table["answer"].shift()).cumsum()):
        answer, face, voice = (
            run["answer"].iloc[0],
            run["face_contribution"].mean(),
            run["voice_contribution"].mean(),
        )
        when = f"{run['time'].iloc[0]:5.1f} to {run['time'].iloc[-1] + step:4.1f} s: " if step else ""
        probability = f", mean probability {fused[run.index].mean():.0%}"
        weight = f" (contributions: face {face:.0%}, voice {voice:.0%})"
        lines.append(f"{when}{answer}{'' if answer == NOTHING else probability + weight}")
    return lines
