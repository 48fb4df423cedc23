"""The fundamental frequency (F0) of voices."""

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view
from scipy.fft import irfft, rfft

from course_lib.core.audio import SPEECH_SR
from course_lib.core.errors import CourseError
from course_lib.core.validation import check_numbers, check_signals


def f0(
    signals: npt.ArrayLike,
    sr: float = SPEECH_SR,
    fmin: float = 65,
    fmax: float = 550,
    hop_length: int = 320,
    window: float = 0.04,
) -> tuple[np.ndarray, np.ndarray]:
    """Estimate the fundamental frequency (F0) of voices by autocorrelation.

    Parameters
    ----------
    signals : array of shape (n, samples)
        Floating-point signals.
    sr : float
        Sampling rate in Hz.
    fmin, fmax : float
        Lowest and highest frequency to look for, in Hz.
    hop_length : int
        Samples between the centres of two frames, as in `mfcc`.
    window : float
        Length of a frame in seconds; it must hold one period of `fmin`, and two are better.

    Returns
    -------
    frequency : np.ndarray
        F0 in Hz, float32 (n, frames).
    clearness : np.ndarray
        How periodic each frame is, float32 (n, frames): 1 for a tone, near 0 for noise. The
        frequency of a noise frame has no meaning.

    Raises
    ------
    CourseError
        If the window or the sampling rate is too small for the frequencies, or as `mfcc` does.

    Notes
    -----
    Each frame loses its mean, and the window's own autocorrelation is divided out. Two periods match as
    well as one, so the shortest lag that reaches 93 % of the highest peak is taken. Used in lesson 12.

    References
    ----------
    Boersma (1993), "Accurate short-term analysis of the fundamental frequency and the harmonics-to-noise
    ratio of a sampled sound".

    Examples
    --------
    >>> import numpy as np
    >>> tone = np.sin(2 * np.pi * 200 * np.arange(16000) / 16000)
    >>> frequency, clearness = f0([tone])
    >>> round(float(np.median(frequency)))
    200
    """
    signals = check_signals(signals)
    check_numbers(sr, hop_length=hop_length)
    n, shortest, longest = round(window * sr), int(sr // fmax), int(sr // fmin)
    if not 2 <= shortest < longest < n:
        raise CourseError(
            f"fmin={fmin!r}, fmax={fmax!r}",
            f"a window of {window} s at {sr} Hz does not hold these frequencies",
            "Give for example 65 to 550 Hz, and a window of two periods of fmin",
        )
    hann, size = np.hanning(n), 2 ** int(np.ceil(np.log2(2 * n)))
    own = irfft(np.abs(rfft(hann, size)) ** 2)[: longest + 2]
    frames = sliding_window_view(np.pad(signals, [(0, 0), (n // 2, n // 2)]), n, axis=1)[:, ::hop_length]
    frames = frames - frames.mean(axis=-1, keepdims=True)  # a constant offset would correlate at every lag
    like = irfft(np.abs(rfft(frames * hann, size)) ** 2)[..., : longest + 2]
    like = like / np.maximum(own / own[0], 1e-3)
    lags, best = _first_high_peak(like, shortest)
    clear = best / np.maximum(like[..., 0], 1e-12)
    return np.clip(sr / lags, fmin, fmax).astype(np.float32), np.clip(clear, 0, 1).astype(np.float32)


def _first_high_peak(like, shortest, nearly=0.93):
    """Return the lag of the first peak of `like` (n, frames, lags) that is nearly as high as the highest
    value, refined by a parabola, (n, frames), and that highest value, (n, frames)."""
    before, here, after = like[..., shortest - 1 : -2], like[..., shortest:-1], like[..., shortest + 1 :]
    best = here.max(axis=-1, keepdims=True)
    peaks = (here >= before) & (here >= after) & (here >= nearly * best)
    first = np.where(peaks.any(axis=-1), peaks.argmax(axis=-1), here.argmax(axis=-1))[..., np.newaxis]
    low, top, high = (np.take_along_axis(part, first, axis=-1)[..., 0] for part in (before, here, after))
    bend = low - 2 * top + high
    shift = np.where(bend < 0, (low - high) / np.where(bend < 0, 2 * bend, 1), 0)
    return shortest + first[..., 0] + np.clip(shift, -0.5, 0.5), best[..., 0]
