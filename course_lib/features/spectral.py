"""MFCC (lecture 27 from 09:15) and log-mel spectrograms, the input of IIITA's speech networks."""

from numbers import Real

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view
from scipy.fft import dct, rfft
from scipy.signal import get_window

from course_lib.core.audio import LECTURE_SR, SAVEE_SR
from course_lib.core.errors import CourseError
from course_lib.core.validation import check_numbers, check_signals


def mfcc(
    signals: npt.ArrayLike,
    sr: float = LECTURE_SR,
    n_mfcc: int = 40,
    n_fft: int = 2048,
    hop_length: int = 512,
    n_mels: int = 128,
) -> np.ndarray:
    """Compute mel-frequency cepstral coefficients (MFCC) of many signals.

    Parameters
    ----------
    signals : array of shape (n, samples)
        Floating-point signals.
    sr : float
        Sampling rate in Hz.
    n_mfcc, n_mels : int
        Number of coefficients, and of mel bands they are computed from.
    n_fft, hop_length : int
        Length of a frame, and distance between frames, in samples.

    Returns
    -------
    np.ndarray
        float32 (n, n_mfcc, 1 + samples // hop_length). 4 s at 8 kHz give (n, 40, 63).

    Raises
    ------
    CourseError
        If there is no sample, the samples are whole numbers or contain NaN, or an argument is not possible.

    Notes
    -----
    The values agree with `librosa.feature.mfcc` and its defaults to 1e-4: centred frames with zeros beyond
    the ends, Hann window, power spectrum, Slaney's mel filters, decibels cut 80 dB below the clip's maximum,
    DCT-II. librosa's first call compiles for ten seconds or more; this function does not. Lecture 27 at
    09:15. Used in lessons 06 to 08, 12 and 13.

    References
    ----------
    Davis & Mermelstein (1980), doi:10.1109/TASSP.1980.1163420.

    Examples
    --------
    >>> import numpy as np
    >>> mfcc(np.zeros((2, 32000))).shape
    (2, 40, 63)
    """
    signals = check_signals(signals)
    check_numbers(sr, n_mfcc=n_mfcc, n_fft=n_fft, hop_length=hop_length, n_mels=n_mels)
    filters = mel_filters(sr, n_fft, n_mels)
    return np.concatenate(
        [dct(part, axis=1, norm="ortho")[:, :n_mfcc] for part in _levels(signals, filters, n_fft, hop_length)]
    )


def log_mel_spectrogram(
    signals: npt.ArrayLike,
    sr: float = SAVEE_SR,
    seconds: float = 2.5,
    n_mels: int = 96,
    hop_length: int = 256,
    n_fft: int = 2048,
    fmax: float | None = None,
) -> np.ndarray:
    """Compute log-mel spectrograms of many signals: the level in mel bands over time.

    Parameters
    ----------
    signals : array of shape (n, samples)
        Floating-point signals. They are cut, or padded with zeros, to `seconds`.
    sr : float
        Sampling rate in Hz.
    seconds : float
        Length of each spectrogram.
    n_mels : int
        Number of mel bands.
    hop_length, n_fft : int
        Distance between frames, and length of a frame, in samples.
    fmax : float, optional
        Upper end of the highest band in Hz. Default: sr / 2, or 0.475 sr if sr is at most 16 kHz, because
        recorders and resamplers cut the frequencies above it. For sound recorded at 16 kHz and resampled to a
        higher rate give 7600.

    Returns
    -------
    np.ndarray
        Decibels, float32 (n, n_mels, 1 + samples // hop_length, 1). 2.5 s at 44.1 kHz give (n, 96, 431, 1).

    Raises
    ------
    CourseError
        If a band contains no frequency of the spectrum, or as `mfcc` does.

    Notes
    -----
    The values are those of librosa's `power_to_db(feature.melspectrogram(...))`, cut 80 dB below each clip's
    maximum. (96, 431, 1) is the shape in IIITA's summary, which gives neither rate nor hop: 5 s with a hop of
    512 have the same shape. Used in lessons 12 and 16.

    Examples
    --------
    >>> import numpy as np
    >>> log_mel_spectrogram(np.zeros((1, 44100))).shape
    (1, 96, 431, 1)
    """
    signals = check_signals(signals)
    check_numbers(sr, n_fft=n_fft, hop_length=hop_length, n_mels=n_mels)
    if not (isinstance(seconds, Real) and 0 < seconds < np.inf):
        raise CourseError(f"seconds={seconds!r}", "it is not a number above 0", "Give 2.5 for example")
    samples = round(sr * seconds)
    signals = np.pad(signals[:, :samples], [(0, 0), (0, max(0, samples - signals.shape[1]))])
    filters = mel_filters(sr, n_fft, n_mels, 0.475 * sr if fmax is None and sr <= 16000 else fmax)
    if not filters.any(axis=1).all():
        raise CourseError(
            f"n_mels={n_mels}",
            f"{(~filters.any(axis=1)).sum()} bands contain no frequency of the spectrum",
            "Use fewer bands, or a larger n_fft",
        )
    return np.concatenate([part[..., np.newaxis] for part in _levels(signals, filters, n_fft, hop_length)])


def mel_filters(sr: float, n_fft: int, n_mels: int, fmax: float | None = None) -> np.ndarray:
    """Build Slaney's mel filters: triangles of equal area, evenly spaced in mel.

    Parameters
    ----------
    sr : float
        Sampling rate in Hz.
    n_fft, n_mels : int
        Length of a frame in samples, and number of bands.
    fmax : float, optional
        Upper end of the highest band in Hz; default sr / 2.

    Returns
    -------
    np.ndarray
        float32 (n_mels, n_fft // 2 + 1), in 1 / Hz.

    Raises
    ------
    CourseError
        If `fmax` is not between 0 and sr / 2.

    Notes
    -----
    Slaney's mel scale (Auditory Toolbox, 1998) is linear up to 1 kHz (15 mel) and logarithmic above, 27 mel
    for a factor of 6.4. It is librosa's default. Used in lesson 12.

    Examples
    --------
    >>> mel_filters(8000, 512, 40).shape
    (40, 257)
    """
    top = sr / 2 if fmax is None else fmax
    if not 0 < top <= sr / 2:
        raise CourseError(
            f"fmax={fmax!r}",
            f"samples at {sr} Hz contain frequencies up to {sr / 2:g} Hz",
            "Leave fmax out, or give less",
        )
    top_mel = top * 0.015 if top < 1000 else 15 + 27 * np.log(top / 1000) / np.log(6.4)
    mel = np.linspace(0, top_mel, n_mels + 2)
    corners = np.where(mel < 15, mel / 0.015, 1000 * 6.4 ** ((mel - 15) / 27))
    low, centre, high = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    frequencies = np.arange(n_fft // 2 + 1) * sr / n_fft
    rising, falling = (frequencies - low) / (centre - low), (high - frequencies) / (high - centre)
    return (np.maximum(0, np.minimum(rising, falling)) * 2 / (high - low)).astype(np.float32)


def _levels(signals, filters, n_fft, hop_length):
    # A few clips at a time: their overlapping frames need many times the memory of the signal.
    many = max(1, 2**21 * hop_length // (n_fft * signals.shape[1]))
    for first in range(0, len(signals), many):
        yield _decibels(signals[first : first + many], filters, n_fft, hop_length)


def _decibels(signals, filters, n_fft, hop_length):
    """Levels in mel bands, cut 80 dB below each clip's highest: float32 (n, n_mels, frames)."""
    padded = np.pad(signals, [(0, 0), (n_fft // 2, n_fft // 2)])
    frames = sliding_window_view(padded, n_fft, axis=1)[:, ::hop_length]
    # Double precision up to the spectrum and single precision after it, as in librosa, so that both agree.
    power = np.abs(rfft(frames * get_window("hann", n_fft)).astype(np.complex64)) ** 2
    energies = np.einsum(
        "mf,ntf->nmt", filters, power, optimize=True
    )  # one matrix product; many small ones are slower
    decibels = 10 * np.log10(np.maximum(1e-10, energies))
    return np.maximum(decibels, decibels.max(axis=(1, 2), keepdims=True) - 80)
