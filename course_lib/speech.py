"""A network of our own for speech, and what it hears: pictures of sound in mel bands (lesson 12)."""

import numpy as np

from course_lib import features, models, training
from course_lib.datasets import fer2013, ravdess
from course_lib.files import CourseError

SR = 16000                  # samples a second
SECONDS = 2.54              # that are heard at a time: 128 frames
PICTURE = {"sr": SR, "n_mels": 64, "hop_length": 320, "n_fft": 800}     # windows of 50 ms, a new one every 20 ms
SEVEN = {"calm": "neutral", "fearful": "fear", "surprised": "surprise"}  # RAVDESS's words that FER2013 has others for


def load():
    """The network for speech that comes with the course, or that `course train voice` made on this machine."""
    return models.load("voice_net")


def pictures(signals, seconds=SECONDS) -> np.ndarray:
    """Sound float32 (n, samples) of `SR`, cut or with zeros behind to `seconds`, as the network takes it: decibels in
    64 mel bands, float32 (n, 64, 1 + 50 * seconds, 1). Raises `CourseError` as `features.log_mel` does."""
    return features.log_mel(signals, seconds=seconds, **PICTURE)


def predict(network, signals) -> np.ndarray:
    """Shares float32 (n, 8) in the order of `ravdess.EMOTIONS` for sound float32 (n, samples) of `SR`.

    Of a longer one the `SECONDS` around the middle of what is loud are heard (`around_speech`).
    """
    return training.predict(network, pictures(around_speech(signals)), compiled=True)


def around_speech(signals, seconds=SECONDS, decibels=30) -> np.ndarray:
    """Sound (n, samples) cut to `seconds`, zeros around what is shorter, about the middle of its speech: of the time
    between the first and the last tenth of a second that is no more than `decibels` below the loudest."""
    signals, samples = np.asarray(signals, np.float32), round(seconds * SR)
    if signals.ndim != 2 or not signals.size:
        raise CourseError(f"signals of shape {signals.shape}", "(n, samples) are wanted, at least one of each",
                          "For one signal write predict(network, signal[None])")
    tenth = SR // 10
    cut = np.zeros((len(signals), samples), np.float32)
    for row, signal in enumerate(signals):
        energy = np.add.reduceat(signal ** 2, np.arange(0, len(signal), tenth))
        loud = np.flatnonzero(energy >= energy.max() * 10 ** (-decibels / 10))
        start = max(0, min((loud[0] + loud[-1] + 1) * tenth // 2 - samples // 2, len(signal) - samples))
        part = signal[start:start + samples]
        before = (samples - len(part)) // 2
        cut[row, before:before + len(part)] = part
    return cut


def as_seven(shares) -> np.ndarray:
    """Shares (n, 8) of RAVDESS's emotions as shares (n, 7) of FER2013's, in its order; calm counts as neutral."""
    places = [fer2013.EMOTIONS.index(SEVEN.get(name, name)) for name in ravdess.EMOTIONS]
    seven = np.zeros((len(shares), len(fer2013.EMOTIONS)), np.asarray(shares).dtype)
    np.add.at(seven, (slice(None), places), shares)
    return seven
