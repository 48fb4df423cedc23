"""Statistics of the MFCC and the F0 of an utterance: the input of the voice classifier (lesson 12)."""

import numpy as np
import numpy.typing as npt
from scipy.signal import savgol_filter

from course_lib import features
from course_lib.core.audio import SPEECH_SR

SPEEDS = (0.9, 1.0, 1.1)  # of each utterance, in training and in prediction: like other speakers
# Windows of 50 ms, one each 20 ms.
MFCC = {"sr": SPEECH_SR, "n_mfcc": 40, "n_mels": 64, "n_fft": 800, "hop_length": 320}


def describe(signal: npt.ArrayLike, speed: float = 1.0) -> np.ndarray:
    """Compute the features of one utterance: statistics of its MFCC, of their slopes and of F0.

    Parameters
    ----------
    signal : array of shape (samples,)
        Floating-point sound at `SPEECH_SR`.
    speed : float
        Speed at which the sound is played.

    Returns
    -------
    np.ndarray
        Features, (d,).

    Raises
    ------
    CourseError
        As `features.mfcc` does.

    Notes
    -----
    Used in lesson 12.

    Examples
    --------
    >>> tone = np.sin(2 * np.pi * 200 * np.arange(16000) / 16000)
    >>> describe(tone).shape
    (1057,)
    """
    signal = np.asarray(signal, np.float32)
    if speed != 1:
        import soxr

        signal = soxr.resample(signal, SPEECH_SR * speed, SPEECH_SR)
    coefficients = features.mfcc(signal[np.newaxis], **MFCC)[0]
    return np.concatenate(
        [what(coefficients, MFCC["n_mels"]) for what in (mfcc_statistics, mfcc_course, mfcc_slopes)]
        + [pitch_statistics(signal, _loud(coefficients, MFCC["n_mels"]))]
    )


def mfcc_statistics(coefficients: np.ndarray, n_mels: int = 128) -> np.ndarray:
    """Compute mean, standard deviation and 10, 50 and 90 % points of MFCC and of their slopes during speech.

    Parameters
    ----------
    coefficients : np.ndarray
        MFCC, (m, frames).
    n_mels : int
        Number of mel bands they were computed from.

    Returns
    -------
    np.ndarray
        (10 m,).

    Notes
    -----
    Used in lesson 13. Part of `describe`, which lesson 12 uses.

    Examples
    --------
    >>> import numpy as np
    >>> mfcc_statistics(np.ones((40, 50))).shape
    (400,)
    """
    slopes = _slopes(coefficients)
    return np.concatenate(
        [
            statistic
            for each in (coefficients, slopes)
            for part in [each[:, _loud(coefficients, n_mels)]]
            for statistic in (part.mean(1), part.std(1), *np.percentile(part, [10, 50, 90], axis=1))
        ]
    )


def mfcc_course(coefficients: np.ndarray, n_mels: int = 128, parts: int = 4) -> np.ndarray:
    """Compute mean and standard deviation of MFCC in each quarter of the utterance.

    Parameters
    ----------
    coefficients : np.ndarray
        MFCC, (m, frames).
    n_mels : int
        Number of mel bands they were computed from.
    parts : int
        Number of equal parts between the first and the last frame of speech.

    Returns
    -------
    np.ndarray
        (2 parts m + 2,). The last two values are the number of frames from the first to the last frame of
        speech, and the number of frames with speech.

    Notes
    -----
    Part of `describe`, which lesson 12 uses.

    Examples
    --------
    >>> import numpy as np
    >>> mfcc_course(np.ones((40, 50))).shape
    (322,)
    """
    loud = np.flatnonzero(_loud(coefficients, n_mels))
    quarters = np.array_split(coefficients[:, loud[0] : loud[-1] + 1], parts, axis=1)
    return np.concatenate(
        [
            *(np.r_[_mean(quarter), _spread(quarter)] for quarter in quarters),
            [loud[-1] - loud[0] + 1, len(loud)],
        ]
    )


def mfcc_slopes(coefficients: np.ndarray, n_mels: int = 128, parts: int = 4) -> np.ndarray:
    """Compute mean and mean absolute slope of MFCC in each quarter of the utterance.

    Parameters
    ----------
    coefficients, n_mels, parts
        As for `mfcc_course`.

    Returns
    -------
    np.ndarray
        (2 parts m,).

    Notes
    -----
    Part of `describe`, which lesson 12 uses.

    Examples
    --------
    >>> import numpy as np
    >>> mfcc_slopes(np.ones((40, 50))).shape
    (320,)
    """
    loud = np.flatnonzero(_loud(coefficients, n_mels))
    quarters = np.array_split(_slopes(coefficients)[:, loud[0] : loud[-1] + 1], parts, axis=1)
    return np.concatenate([np.r_[_mean(quarter), _mean(np.abs(quarter))] for quarter in quarters])


def pitch_statistics(signal: np.ndarray, loud: np.ndarray) -> np.ndarray:
    """Compute statistics of the fundamental frequency (F0), in semitones above 100 Hz.

    Parameters
    ----------
    signal : np.ndarray
        Sound, (samples,) at `SPEECH_SR`.
    loud : np.ndarray
        Which frames are loud, bool (frames,). Only loud and voiced frames count.

    Returns
    -------
    np.ndarray
        (15,): mean, standard deviation, 5, 25, 50, 75 and 95 % points, slope in semitones per second, mean
        absolute step and standard deviation of the steps from frame to frame, the mean in each quarter, and
        the fraction of loud frames that are voiced. All zeros if fewer than 8 frames are voiced.

    Notes
    -----
    Part of `describe`, which lesson 12 uses.

    Examples
    --------
    >>> import numpy as np
    >>> tone = np.sin(2 * np.pi * 200 * np.arange(16000) / 16000)
    >>> pitch_statistics(tone, np.ones(51, bool))[0].round()
    np.float64(12.0)
    """
    found = features.f0(signal[np.newaxis], SPEECH_SR, hop_length=MFCC["hop_length"])
    hertz, clear = found[0][0], found[1][0]
    voiced = np.flatnonzero(loud & (clear > 0.5))
    if len(voiced) < 8:
        return np.zeros(15)
    semitones = 12 * np.log2(hertz[voiced] / 100)
    middle = np.median(semitones)
    semitones = np.where(
        np.abs(semitones - middle) > 14, middle, semitones
    )  # more than 14 semitones off: an error
    steps = np.diff(semitones)[np.diff(voiced) == 1]
    steps = steps if len(steps) else np.zeros(1)
    slope = np.polyfit(voiced * MFCC["hop_length"] / SPEECH_SR, semitones, 1)[0]
    return np.array(
        [
            semitones.mean(),
            semitones.std(),
            *np.percentile(semitones, [5, 25, 50, 75, 95]),
            slope,
            np.abs(steps).mean(),
            steps.std(),
            *map(np.mean, np.array_split(semitones, 4)),
            len(voiced) / loud.sum(),
        ]
    )


def _slopes(coefficients, frames=9):
    """The slope of a line through nine frames, or through all frames of a shorter sound."""
    frames = min(frames, coefficients.shape[1] - 1 + coefficients.shape[1] % 2)
    return savgol_filter(coefficients, frames, 1, deriv=1) if frames > 1 else np.zeros_like(coefficients)


def _mean(part):
    return part.mean(axis=1) if part.size else np.zeros(len(part))  # speech shorter than four frames


def _spread(part):
    return part.std(axis=1) if part.size else np.zeros(len(part))


def _loud(coefficients, n_mels=128, decibels=25):
    """The frames less than 25 dB below the loudest one, bool (frames,)."""
    # The first coefficient is the sum of the bands' levels (dB) divided by the root of their number.
    level = coefficients[0] / np.sqrt(n_mels)
    return level > level.max() - decibels
