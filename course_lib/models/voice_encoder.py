"""Classify emotions in voices with a linear classifier on one layer of Whisper-base's frozen encoder.

The demo uses it where the encoder's weights are on the machine (`course fetch whisper-base`), and `voices`
elsewhere. Lesson 16 explains frozen encoders.
"""

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from course_lib.core.errors import CourseError
from course_lib.core.io import read_npz
from course_lib.core.paths import home
from course_lib.datasets import parts, ravdess
from course_lib.models import whisper_file
from course_lib.models.whisper_file import BLOCKS, WIDTH

if TYPE_CHECKING:
    import keras

NAME = "voice_encoder"
SHIPPED = Path(__file__).parent / "weights" / "cc_by_nc_sa" / f"{NAME}.npz"  # the licence of RAVDESS


class VoiceEncoder(NamedTuple):
    """The weights of the linear classifier, and the layer that it reads.

    Attributes
    ----------
    weights : np.ndarray
        (512, 8): one column for each of RAVDESS's emotions.
    bias : np.ndarray
        (8,).
    layer : np.ndarray
        int (): the encoder's layer, 0 to 6.
    """

    weights: np.ndarray
    bias: np.ndarray
    layer: np.ndarray


def is_available() -> bool:
    """Tell whether the classifier and the encoder's weights are on this machine."""
    trained = home() / "models" / NAME / "weights.npz"
    return whisper_file.path().is_file() and (SHIPPED.is_file() or trained.is_file())


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
    for path in (SHIPPED, home() / "models" / NAME / "weights.npz"):
        if path.is_file():
            return path
    raise parts.why_missing(NAME)


def load(path: str | Path = SHIPPED) -> VoiceEncoder:
    """Load the linear classifier.

    Parameters
    ----------
    path : str or path
        A file of weights, or a folder that `course train voice_encoder` wrote. By default the weights that
        come with the course.

    Returns
    -------
    VoiceEncoder

    Raises
    ------
    CourseError
        If the weights are missing or do not fit.

    Examples
    --------
    >>> load().weights.shape
    (512, 8)
    """
    path, again = Path(path).expanduser(), f"Make it again: course train {NAME} --data FOLDER"
    path = path / "weights.npz" if path.is_dir() else path
    arrays = read_npz(path, "weights", again, VoiceEncoder._fields)
    shapes = {name: array.shape for name, array in arrays.items()}
    classes = len(ravdess.EMOTIONS)
    if shapes != {"weights": (WIDTH, classes), "bias": (classes,), "layer": ()}:
        raise CourseError(path, f"its weights do not fit {NAME} ({shapes})", again)
    found = VoiceEncoder(**arrays)
    if not 0 <= int(found.layer) <= BLOCKS:
        raise CourseError(path, f"the encoder has no layer {int(found.layer)}", again)
    return found


@cache
def encoder(path: Path) -> "keras.Model":
    """Load Whisper-base's encoder from a file of weights, once."""
    from course_lib.models import speech_encoder

    return speech_encoder.load(path)


def features(voice: VoiceEncoder, signals: Iterable[npt.ArrayLike]) -> np.ndarray:
    """Compute the input of the classifier: the mean of the encoder's layer over each sound.

    Parameters
    ----------
    voice : VoiceEncoder
    signals : list of arrays of shape (samples,)
        Floating-point sound at `SPEECH_SR`, 30 s at most.

    Returns
    -------
    np.ndarray
        float32 (n, 512).

    Raises
    ------
    CourseError
        As in `speech_encoder.features`, or if the encoder's weights are not on this machine.
    """
    from course_lib.models import speech_encoder

    return speech_encoder.features(encoder(whisper_file.path()), list(signals), int(voice.layer))


def predict(voice: VoiceEncoder, signals: Iterable[npt.ArrayLike]) -> np.ndarray:
    """Predict the probabilities of RAVDESS's eight emotions for sounds.

    Parameters
    ----------
    voice, signals
        As in `features`.

    Returns
    -------
    np.ndarray
        Softmax output, float64 (n, 8), in the order of `ravdess.EMOTIONS`. The classifier is overconfident:
        the demo calibrates its output by temperature scaling.
    """
    return probabilities(voice, features(voice, signals))


def probabilities(voice: VoiceEncoder, embeddings: np.ndarray) -> np.ndarray:
    """Predict the probabilities from embeddings of the classifier's layer, (n, 512)."""
    from scipy.special import softmax  # here, because a face alone needs `is_available`, but no SciPy

    return softmax(embeddings.astype(np.float64) @ voice.weights + voice.bias, axis=1)


def predictor(path: str | Path) -> tuple[VoiceEncoder, Callable[[Any], np.ndarray]]:
    """Load the classifier, and return it with its `predict`."""
    voice = load(path)
    return voice, lambda signals: predict(voice, signals)
