"""How an utterance is spoken: F0, its range, level and length (lesson 12)."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from course_lib.core.audio import SPEECH_SR
from course_lib.features.f0 import f0


class Prosody(NamedTuple):
    """How an utterance is spoken.

    Attributes
    ----------
    F0 : float
        The median of the fundamental frequency, in semitones above 55 Hz.
    range : float
        From the 25 % to the 75 % point of F0, in semitones.
    level : float
        The mean level of the loud frames, in dB re full scale.
    length : float
        In s.
    """

    F0: float
    range: float
    level: float
    length: float


def prosody(samples: npt.ArrayLike, sr: int = SPEECH_SR) -> Prosody:
    """Measure F0, its range, the level and the length of an utterance.

    Parameters
    ----------
    samples : array_like, shape (n,)
        Floating-point sound, from the beginning of the voice to its end (`audio.read_voice`).
    sr : int
        Sampling rate in Hz.

    Returns
    -------
    Prosody
        F0 and its range come from frames that are loud (at most 25 dB below the loudest) and periodic
        (clearness above 0.8). They are NaN if there is no such frame.

    Notes
    -----
    Used in lesson 12.

    Examples
    --------
    >>> tone = np.sin(2 * np.pi * 110 * np.arange(16000) / 16000)
    >>> round(prosody(tone).F0, 1)
    12.0
    """
    samples = np.asarray(samples, np.float32)
    hop = round(0.02 * sr)
    frequency, clearness = (found[0] for found in f0(samples[None], sr, hop_length=hop))
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(samples, hop), 2 * hop)[::hop][: len(frequency)]
    level = 10 * np.log10(np.maximum((frames**2).mean(axis=1), 1e-10))
    loud = level > level.max() - 25
    clear = 12 * np.log2(frequency[loud & (clearness[: len(level)] > 0.8)] / 55)
    low, middle, high = np.percentile(clear, [25, 50, 75]) if len(clear) else (np.nan,) * 3
    return Prosody(float(middle), float(high - low), float(level[loud].mean()), len(samples) / sr)
