"""Statistics of a voice's MFCC and pitch over an utterance: what the classifier for voices is given (lesson
12).
"""

import numpy as np
from scipy.signal import savgol_filter

from course_lib import features

SR = 16000  # samples a second
SPEEDS = (0.9, 1.0, 1.1)  # at which each take is heard, in training and when asked: as if others had said it
MFCC = {"sr": SR, "n_mfcc": 40, "n_mels": 64, "n_fft": 800, "hop_length": 320}  # windows of 50 ms, each 20 ms


def describe(signal, speed=1.0) -> np.ndarray:
    """What is measured of sound float (samples,) at `SR`, played at `speed`: statistics of MFCC, their course
    in time and their slopes, and of the pitch, (d,). Raises `CourseError` as `features.mfcc` does."""
    signal = np.asarray(signal, np.float32)
    if speed != 1:
        import soxr

        signal = soxr.resample(signal, SR * speed, SR)
    coefficients = features.mfcc(signal[np.newaxis], **MFCC)[0]
    return np.concatenate(
        [what(coefficients, MFCC["n_mels"]) for what in (mfcc_statistics, mfcc_course, mfcc_slopes)]
        + [pitch_statistics(signal, _loud(coefficients, MFCC["n_mels"]))]
    )


def mfcc_statistics(coefficients, n_mels=128) -> np.ndarray:
    """Mean, standard deviation and 10, 50 and 90 % points of MFCC (m, frames) and of their slopes while there
    is speech: (10 m,)."""
    slopes = _slopes(coefficients)
    return np.concatenate(
        [
            statistic
            for each in (coefficients, slopes)
            for part in [each[:, _loud(coefficients, n_mels)]]
            for statistic in (part.mean(1), part.std(1), *np.percentile(part, [10, 50, 90], axis=1))
        ]
    )


def mfcc_course(coefficients, n_mels=128, parts=4) -> np.ndarray:
    """How MFCC (m, frames) go on in time: mean and standard deviation in each quarter of the time from the
    first to the last frame of speech, and the lengths of that and of the speech in it, in frames: (8 m +
    2,)."""
    loud = np.flatnonzero(_loud(coefficients, n_mels))
    quarters = np.array_split(coefficients[:, loud[0] : loud[-1] + 1], parts, axis=1)
    return np.concatenate(
        [
            *(np.r_[_mean(quarter), _spread(quarter)] for quarter in quarters),
            [loud[-1] - loud[0] + 1, len(loud)],
        ]
    )


def mfcc_slopes(coefficients, n_mels=128, parts=4) -> np.ndarray:
    """How fast MFCC (m, frames) change in each quarter of the speech: mean and mean size of their slopes, (8
    m,).
    """
    loud = np.flatnonzero(_loud(coefficients, n_mels))
    quarters = np.array_split(_slopes(coefficients)[:, loud[0] : loud[-1] + 1], parts, axis=1)
    return np.concatenate([np.r_[_mean(quarter), _mean(np.abs(quarter))] for quarter in quarters])


def pitch_statistics(signal, loud) -> np.ndarray:
    """How high a voice is and how it moves, in semitones above 100 Hz, in the frames of sound (samples,) that
    are `loud` (frames,) and voiced: mean, standard deviation, 5, 25, 50, 75 and 95 % points, slope a second,
    mean and standard deviation of the steps, the mean in each quarter of them, and which share of what is
    loud is voiced: (15,)."""
    hertz, clear = (
        found[0] for found in features.pitch(signal[np.newaxis], SR, hop_length=MFCC["hop_length"])
    )
    voiced = np.flatnonzero(loud & (clear > 0.5))
    if len(voiced) < 8:
        return np.zeros(15)
    semitones = 12 * np.log2(hertz[voiced] / 100)
    middle = np.median(semitones)
    semitones = np.where(
        np.abs(semitones - middle) > 14, middle, semitones
    )  # more than an octave off: mistaken
    steps = np.diff(semitones)[np.diff(voiced) == 1]
    steps = steps if len(steps) else np.zeros(1)
    slope = np.polyfit(voiced * MFCC["hop_length"] / SR, semitones, 1)[0]
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
    # A line through nine frames; of a shorter sound through as many as there are.
    frames = min(frames, coefficients.shape[1] - 1 + coefficients.shape[1] % 2)
    return savgol_filter(coefficients, frames, 1, deriv=1) if frames > 1 else np.zeros_like(coefficients)


def _mean(part):
    return part.mean(axis=1) if part.size else np.zeros(len(part))  # speech of less than four frames


def _spread(part):
    return part.std(axis=1) if part.size else np.zeros(len(part))


def _loud(coefficients, n_mels=128, decibels=25):
    # Frames not far below the loudest: the first coefficient is the sum of the bands' dB over the root of
    # their number.
    level = coefficients[0] / np.sqrt(n_mels)
    return level > level.max() - decibels
