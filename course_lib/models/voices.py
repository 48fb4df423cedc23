"""Classify emotions in voices with statistics of MFCC, F0 and voice quality, and one linear classifier.

Lesson 12 shows it. The features are those of `functionals.describe` (MFCC and F0) and of
`voice_quality.describe` (jitter, shimmer, harmonics-to-noise ratio, formants, spectral balance, loudness).
"""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import softmax

from course_lib.core.audio import SPEECH_SR
from course_lib.core.audio import WINDOW as WINDOW
from course_lib.core.errors import CourseError
from course_lib.core.io import read_npz
from course_lib.core.labels import EMOTIONS, OF_RAVDESS
from course_lib.core.paths import home
from course_lib.datasets import parts, ravdess
from course_lib.features import functionals, voice_quality
from course_lib.features.functionals import SPEEDS

SHIPPED = Path(__file__).parent / "weights" / "cc_by_nc_sa" / "voice.npz"  # the licence of RAVDESS
SHRINKAGE = 0.2  # of the covariances towards their mean variance


class Voice(NamedTuple):
    """The weights of the trained linear classifier.

    Attributes
    ----------
    weights : np.ndarray
        (d, 8): one column for each of RAVDESS's emotions, one row for each feature of `describe`.
    bias : np.ndarray
        (8,).
    """

    weights: np.ndarray
    bias: np.ndarray


def predict(voice: Voice, signals: Iterable[npt.ArrayLike]) -> np.ndarray:
    """Predict the probabilities of RAVDESS's eight emotions for sounds.

    Parameters
    ----------
    voice : Voice
    signals : list of arrays of shape (samples,)
        Floating-point sound at `SPEECH_SR`.

    Returns
    -------
    np.ndarray
        Softmax output, float64 (n, 8), in the order of `ravdess.EMOTIONS`.

    Notes
    -----
    The features of a sound are the mean over the three `SPEEDS`. Used in lessons 12 to 14.
    """
    return softmax(features(signals) @ voice.weights + voice.bias, axis=1)


def describe(signal: npt.ArrayLike) -> np.ndarray:
    """Compute the features of one utterance at each speed.

    Parameters
    ----------
    signal : array of shape (samples,)
        Floating-point sound at `SPEECH_SR`.

    Returns
    -------
    np.ndarray
        float64 (3, d): a row for each of `SPEEDS`. The last 72 features of each row are the voice quality of
        the sound at its own speed. A change of speed would move its formants and its jitter.

    Raises
    ------
    CourseError
        As `functionals.describe` and `voice_quality.describe` do.

    Notes
    -----
    Used in lesson 12.

    Examples
    --------
    >>> tone = np.sin(2 * np.pi * 200 * np.arange(16000) / 16000)
    >>> describe(tone).shape
    (3, 1129)
    """
    quality = voice_quality.describe(signal)
    return np.stack([np.r_[functionals.describe(signal, speed), quality] for speed in SPEEDS])


def features(signals: Iterable[npt.ArrayLike]) -> np.ndarray:
    """Compute the input of the classifier: the mean of `describe` over `SPEEDS`.

    Parameters
    ----------
    signals : list of arrays of shape (samples,)
        Floating-point sound at `SPEECH_SR`.

    Returns
    -------
    np.ndarray
        (n, d).
    """
    return np.stack([describe(signal).mean(axis=0) for signal in signals])


def as_seven(probabilities: npt.ArrayLike) -> np.ndarray:
    """Convert probabilities of RAVDESS's eight emotions to the course's seven. Calm counts as neutral.

    Parameters
    ----------
    probabilities : array of shape (n, 8)
        In the order of `ravdess.EMOTIONS`.

    Returns
    -------
    np.ndarray
        (n, 7), in the order of `labels.EMOTIONS`.

    Notes
    -----
    Used in lessons 13 and 14.

    Examples
    --------
    >>> half_neutral_half_calm = [[0.5, 0.5, 0, 0, 0, 0, 0, 0]]
    >>> as_seven(half_neutral_half_calm).tolist()
    [[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]]
    """
    places = [EMOTIONS.index(OF_RAVDESS.get(name, name)) for name in ravdess.EMOTIONS]
    seven = np.zeros((len(probabilities), len(EMOTIONS)), np.asarray(probabilities).dtype)
    np.add.at(seven, (slice(None), places), probabilities)
    return seven


def find_weights() -> Path:
    """Find the weights that come with the course, or else those that were trained on this machine.

    Returns
    -------
    Path

    Raises
    ------
    CourseError
        If there are none.
    """
    for path in (SHIPPED, home() / "models" / "voice" / "weights.npz"):
        if path.is_file():
            return path
    raise parts.why_missing("voice")


def load(path: str | Path = SHIPPED) -> Voice:
    """Load a trained classifier.

    Parameters
    ----------
    path : str or path
        A file of weights, or a folder that `course train voice` wrote. By default the weights that come with
        the course.

    Returns
    -------
    Voice

    Raises
    ------
    CourseError
        If the weights are missing or do not fit.
    """
    path, again = Path(path).expanduser(), "Make it again: course train voice --data FOLDER"
    path = path / "weights.npz" if path.is_dir() else path
    found = read_npz(path, "weights", again, Voice._fields)
    shapes = {name: array.shape for name, array in found.items()}
    if shapes != {
        "weights": (describe(np.zeros(SPEECH_SR)).shape[1], len(ravdess.EMOTIONS)),
        "bias": (len(ravdess.EMOTIONS),),
    }:
        raise CourseError(path, f"its weights do not fit the classifier for voices ({shapes})", again)
    return Voice(**found)


def is_voice(model: str | Path) -> bool:
    """Tell whether a model is a classifier for voices, and not a network for faces.

    Parameters
    ----------
    model : str or path
        A preset's name, a file of weights, or a folder that `course train` wrote.

    Returns
    -------
    bool

    Raises
    ------
    CourseError
        If the file is damaged.

    Examples
    --------
    >>> is_voice("voice"), is_voice("emotion")
    (True, False)
    """
    path = _file(model)
    if not path.is_file():
        return str(model) in ("voice", "voice_encoder")
    return "bias" in read_npz(path, "weights", "Give what course train wrote", ["bias"])


def reads_encoder(model: str | Path) -> bool:
    """Tell whether a classifier for voices is `voice_encoder`, which reads the frozen speech encoder.

    Parameters
    ----------
    model : str or path
        As in `is_voice`, which is true for it.

    Returns
    -------
    bool

    Examples
    --------
    >>> reads_encoder("voice"), reads_encoder("voice_encoder")
    (False, True)
    """
    path = _file(model)
    if not path.is_file():
        return str(model) == "voice_encoder"
    return "layer" in read_npz(path, "weights", "Give what course train wrote", ["layer"])


def _file(model):
    path = Path(model).expanduser()
    return path / "weights.npz" if path.is_dir() else path


def probabilities(voice: Voice, described: npt.ArrayLike) -> np.ndarray:
    """Predict the probabilities for one sound from its features.

    Parameters
    ----------
    voice : Voice
    described : array of shape (speeds, d)
        The result of `describe`.

    Returns
    -------
    np.ndarray
        (8,), in the order of `ravdess.EMOTIONS`.

    Examples
    --------
    >>> voice = Voice(np.zeros((3, 8)), np.zeros(8))
    >>> probabilities(voice, np.ones((2, 3))).tolist()[:2]
    [0.125, 0.125]
    """
    return softmax(np.mean(described, axis=0) @ voice.weights + voice.bias)


def fit(X: np.ndarray, y: npt.ArrayLike, shrinkage: float | str = SHRINKAGE) -> Voice:
    """Train the classifier: linear discriminant analysis with equal prior probabilities.

    Parameters
    ----------
    X : array of shape (n, speeds, d)
        Features. Each speed counts as a recording of its own.
    y : array of shape (n,)
        Emotions, in RAVDESS's words.
    shrinkage : float or "auto"
        Of the covariances towards their mean variance. "auto": by Ledoit and Wolf's formula.

    Returns
    -------
    Voice
    """
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.preprocessing import StandardScaler

    rows, places = (
        X.transpose(1, 0, 2).reshape(-1, X.shape[2]),
        pd.Series(y).map(ravdess.EMOTIONS.index).to_numpy(),
    )
    scaler, classes = StandardScaler().fit(rows), len(ravdess.EMOTIONS)
    analysis = LinearDiscriminantAnalysis(
        solver="lsqr", shrinkage=shrinkage, priors=np.full(classes, 1 / classes)
    )
    analysis.fit(scaler.transform(rows), np.tile(places, X.shape[1]))
    weights = (analysis.coef_ / scaler.scale_).T
    return Voice(weights, analysis.intercept_ - scaler.mean_ @ weights)
