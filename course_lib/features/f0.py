"""How high voices are: the frequency of the vocal folds."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.fft import irfft, rfft

from course_lib.core.errors import CourseError
from course_lib.core.validation import check_numbers, check_signals


def pitch(signals, sr=16000, fmin=65, fmax=550, hop_length=320, window=0.04) -> tuple[np.ndarray, np.ndarray]:
    """How high voices are: the frequency of the vocal folds in Hz, and how clear it is, each float32 (n,
    frames), of signals (n, samples); frames are centred on every `hop_length`-th sample as in `mfcc`.

    By autocorrelation (Boersma 1993): at the lag after which a frame of `window` seconds, freed of its mean,
    is most like itself. The window's own autocorrelation is divided out; of lags that are nearly as good (93
    %) the shortest is taken, for twice the period is as good as the period. Clearness is 1 for a tone and
    near 0 for noise; in noise the frequency means nothing. Frequencies lie between `fmin` and `fmax`. Raises
    `CourseError` as `mfcc` does, and for a range of frequencies that the window or the rate does not hold.
    """
    signals = check_signals(signals)
    check_numbers(sr, hop_length=hop_length)
    n, shortest, longest = round(window * sr), int(sr // fmax), int(sr // fmin)
    if not 2 <= shortest < longest < n:
        raise CourseError(
            f"fmin={fmin!r}, fmax={fmax!r}",
            f"{window} s at {sr} Hz do not hold these frequencies",
            "Give 65 to 550 Hz or the like, and a window of two periods of the lowest",
        )
    hann, size = np.hanning(n), 2 ** int(np.ceil(np.log2(2 * n)))
    own = irfft(np.abs(rfft(hann, size)) ** 2)[: longest + 2]
    frames = sliding_window_view(np.pad(signals, [(0, 0), (n // 2, n // 2)]), n, axis=1)[:, ::hop_length]
    frames = frames - frames.mean(axis=-1, keepdims=True)  # a cheap microphone's offset would be all alike
    like = irfft(np.abs(rfft(frames * hann, size)) ** 2)[..., : longest + 2]
    like = like / np.maximum(own / own[0], 1e-3)
    lags, best = _first_high_peak(like, shortest)
    clear = best / np.maximum(like[..., 0], 1e-12)
    return np.clip(sr / lags, fmin, fmax).astype(np.float32), np.clip(clear, 0, 1).astype(np.float32)


def _first_high_peak(like, shortest, nearly=0.93):
    """Of the peaks of `like` (n, frames, lags) from lag `shortest` on that are nearly as high as the highest
    value the first: its lag, between the samples by a parabola, (n, frames); and the highest value, (n,
    frames)."""
    before, here, after = like[..., shortest - 1 : -2], like[..., shortest:-1], like[..., shortest + 1 :]
    best = here.max(axis=-1, keepdims=True)
    peaks = (here >= before) & (here >= after) & (here >= nearly * best)
    first = np.where(peaks.any(axis=-1), peaks.argmax(axis=-1), here.argmax(axis=-1))[..., np.newaxis]
    low, top, high = (np.take_along_axis(part, first, axis=-1)[..., 0] for part in (before, here, after))
    bend = low - 2 * top + high
    shift = np.where(bend < 0, (low - high) / np.where(bend < 0, 2 * bend, 1), 0)
    return shortest + first[..., 0] + np.clip(shift, -0.5, 0.5), best[..., 0]
