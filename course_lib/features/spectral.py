"""MFCC (lecture 27 from 09:15) and log-mel spectrograms, as IIITA's speech networks take them."""

from numbers import Real

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.fft import dct, rfft
from scipy.signal import get_window

from course_lib.core.errors import CourseError
from course_lib.core.validation import check_numbers, check_signals


def mfcc(signals, sr=8000, n_mfcc=40, n_fft=2048, hop_length=512, n_mels=128) -> np.ndarray:
    """Mel-frequency cepstral coefficients, float32 (n, n_mfcc, 1 + samples // hop_length), of signals (n,
    samples).

    They are those of `librosa.feature.mfcc` with its defaults, clip by clip: frames centred on every
    `hop_length`-th sample with zeros beyond the ends, Hann window, power spectrum, Slaney's mel filters,
    decibels cut 80 below the clip's loudest value, DCT-II. librosa's first call compiles for ten seconds and
    more; this one does not. The two agree to 1e-4 (tested; where a coefficient passes 1,000, as in silence,
    that is the last digit of a float32). 4 s at 8 kHz give (n, 40, 63). Davis & Mermelstein 1980; lecture 27
    at 09:15. Raises `CourseError` when there is no sample, for whole-number samples, for NaN, and for
    arguments that cannot be."""
    signals = check_signals(signals)
    check_numbers(sr, n_mfcc=n_mfcc, n_fft=n_fft, hop_length=hop_length, n_mels=n_mels)
    filters = mel_filters(sr, n_fft, n_mels)
    return np.concatenate(
        [dct(part, axis=1, norm="ortho")[:, :n_mfcc] for part in _levels(signals, filters, n_fft, hop_length)]
    )


def log_mel(signals, sr=44100, seconds=2.5, n_mels=96, hop_length=256, n_fft=2048, fmax=None) -> np.ndarray:
    """Sound as pictures, level in mel bands over time: decibels, float32 (n, n_mels, 1 + samples //
    hop_length, 1).

    signals: (n, samples) at the rate `sr`, cut at `seconds` or with zeros after them up to there. They are
    those of librosa's `power_to_db(feature.melspectrogram(...))`, clip by clip: as `mfcc` before its DCT, cut
    80 dB below the clip's loudest value. `fmax` (Hz) is where the highest band ends, by default sr / 2, at 16
    kHz and below 0.475 sr: there the filters of recorders and resamplers end, and bands above hold nothing.
    For sound that was recorded at 16 kHz and resampled to more give 7600. 2.5 s at 44.1 kHz give (n, 96, 431,
    1), the shape in IIITA's summary, which says neither rate nor hop: 5 s with hop 512 have it, too. Raises
    `CourseError` as `mfcc` does, and for a band that no frequency of the spectrum falls into."""
    signals = check_signals(signals)
    check_numbers(sr, n_fft=n_fft, hop_length=hop_length, n_mels=n_mels)
    if not (isinstance(seconds, Real) and 0 < seconds < np.inf):
        raise CourseError(f"seconds={seconds!r}", "it is no number above 0", "Give 2.5 or the like")
    samples = round(sr * seconds)
    signals = np.pad(signals[:, :samples], [(0, 0), (0, max(0, samples - signals.shape[1]))])
    filters = mel_filters(sr, n_fft, n_mels, 0.475 * sr if fmax is None and sr <= 16000 else fmax)
    if not filters.any(axis=1).all():
        raise CourseError(
            f"n_mels={n_mels}",
            f"{(~filters.any(axis=1)).sum()} bands hold no frequency of the spectrum",
            "Take fewer bands, or a larger n_fft",
        )
    return np.concatenate([part[..., np.newaxis] for part in _levels(signals, filters, n_fft, hop_length)])


def mel_filters(sr, n_fft, n_mels, fmax=None) -> np.ndarray:
    """Slaney's triangles of equal area, evenly spaced in mel up to `fmax` (by default sr / 2): float32
    (n_mels, n_fft // 2 + 1), 1 / Hz. Raises `CourseError` for an `fmax` beyond sr / 2.

    His mel scale is linear up to 1 kHz (15 mel) and logarithmic above, 27 mel for a factor of 6.4 (Auditory
    Toolbox, 1998); it is librosa's default."""
    top = sr / 2 if fmax is None else fmax
    if not 0 < top <= sr / 2:
        raise CourseError(
            f"fmax={fmax!r}",
            f"samples at {sr} Hz hold frequencies up to {sr / 2:g} Hz",
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
    # Clips at a time: their frames overlap, and take many times the memory.
    many = max(1, 2**21 * hop_length // (n_fft * signals.shape[1]))
    for first in range(0, len(signals), many):
        yield _decibels(signals[first : first + many], filters, n_fft, hop_length)


def _decibels(signals, filters, n_fft, hop_length):
    """Levels in mel bands, cut 80 dB below each clip's highest: float32 (n, n_mels, frames)."""
    padded = np.pad(signals, [(0, 0), (n_fft // 2, n_fft // 2)])
    frames = sliding_window_view(padded, n_fft, axis=1)[:, ::hop_length]
    # Double precision up to the spectrum and single from there, as librosa: so they agree to the last digit
    # or nearly.
    power = np.abs(rfft(frames * get_window("hann", n_fft)).astype(np.complex64)) ** 2
    energies = np.einsum(
        "mf,ntf->nmt", filters, power, optimize=True
    )  # one matrix product; many small ones are slower
    decibels = 10 * np.log10(np.maximum(1e-10, energies))
    return np.maximum(decibels, decibels.max(axis=(1, 2), keepdims=True) - 80)
