"""Features of many clips at once: HoG of images (lecture 14 from 09:45), MFCC of sound (lecture 27 from 09:15), and
pictures of sound in mel bands, as IIITA's speech networks take them."""

from functools import partial
from numbers import Integral, Real

import numpy as np
import skimage.feature
from joblib import Parallel, delayed
from numpy.lib.stride_tricks import sliding_window_view
from scipy.fft import dct, irfft, rfft
from scipy.signal import get_window
from tqdm import tqdm

from course_lib.files import CourseError


def hog(images, orientations=9, pixels_per_cell=(8, 8), cells_per_block=(2, 2), jobs=-1) -> np.ndarray:
    """Histograms of oriented gradients, float32 (n, d), of images (n, height, width) or (n, height, width, 3).

    These are scikit-image's own (`skimage.feature.hog`, L2-Hys), computed in parallel and without the picture of them,
    which costs more than twice the features and is looked at once. Of a colour image each pixel counts in the channel
    where its gradient is largest. 224x224 gives d = 27 * 27 blocks * 2 * 2 cells * 9 orientations = 26,244.
    Dalal & Triggs 2005; lecture 14 at 09:45. Raises `CourseError` when there is no image or a block does not fit in it,
    when images differ in size or hold NaN, and for orientations, cells and blocks that are no whole numbers above 0.
    """
    images = _checked(images, orientations, pixels_per_cell=pixels_per_cell, cells_per_block=cells_per_block)
    block = np.multiply(pixels_per_cell, cells_per_block)
    if (images.shape[1:3] < block).any():
        raise CourseError(f"images of {images.shape[1]}x{images.shape[2]} pixels",
                          f"one block of cells takes {block[0]}x{block[1]}", "Resize larger, or take smaller cells")
    describe = partial(_hog, orientations=orientations, pixels_per_cell=pixels_per_cell,
                       cells_per_block=cells_per_block, channel_axis=-1 if images.ndim == 4 else None)
    # A pool of processes costs a second to start: only worth it for more than that much work.
    pool = Parallel(n_jobs=jobs if len(images) > 100 else 1, return_as="generator")
    rows = pool(delayed(describe)(image) for image in images)
    # Row by row into place: a list of rows and then the array made of it would be twice the memory.
    row = np.dtype((np.float32, len(describe(images[0]))))
    return np.fromiter(tqdm(rows, total=len(images), desc="HoG", unit="image", leave=False), row, len(images))


def mfcc(signals, sr=8000, n_mfcc=40, n_fft=2048, hop_length=512, n_mels=128) -> np.ndarray:
    """Mel-frequency cepstral coefficients, float32 (n, n_mfcc, 1 + samples // hop_length), of signals (n, samples).

    They are those of `librosa.feature.mfcc` with its defaults, clip by clip: frames centred on every `hop_length`-th
    sample with zeros beyond the ends, Hann window, power spectrum, Slaney's mel filters, decibels cut 80 below the
    clip's loudest value, DCT-II. librosa's first call compiles for ten seconds and more; this one does not. The two
    agree to 1e-4 (tested; where a coefficient passes 1,000, as in silence, that is the last digit of a float32).
    4 s at 8 kHz give (n, 40, 63). Davis & Mermelstein 1980; lecture 27 at 09:15. Raises `CourseError` when there is no
    sample, for whole-number samples, for NaN, and for arguments that cannot be.
    """
    signals = _checked_signals(signals)
    _checked_numbers(sr, n_mfcc=n_mfcc, n_fft=n_fft, hop_length=hop_length, n_mels=n_mels)
    filters = mel_filters(sr, n_fft, n_mels)
    return np.concatenate([dct(part, axis=1, norm="ortho")[:, :n_mfcc]
                           for part in _levels(signals, filters, n_fft, hop_length)])


def log_mel(signals, sr=44100, seconds=2.5, n_mels=96, hop_length=256, n_fft=2048, fmax=None) -> np.ndarray:
    """Sound as pictures, level in mel bands over time: decibels, float32 (n, n_mels, 1 + samples // hop_length, 1).

    signals: (n, samples) at the rate `sr`, cut at `seconds` or with zeros after them up to there. They are those of
    librosa's `power_to_db(feature.melspectrogram(...))`, clip by clip: as `mfcc` before its DCT, cut 80 dB below the
    clip's loudest value. `fmax` (Hz) is where the highest band ends, by default sr / 2, at 16 kHz and below 0.475 sr:
    there the filters of recorders and resamplers end, and bands above hold nothing. For sound that was recorded at
    16 kHz and resampled to more give 7600.
    2.5 s at 44.1 kHz give (n, 96, 431, 1), the shape in IIITA's summary, which says neither rate nor hop: 5 s with hop
    512 have it, too. Raises `CourseError` as `mfcc` does, and for a band that no frequency of the spectrum falls into.
    """
    signals = _checked_signals(signals)
    _checked_numbers(sr, n_fft=n_fft, hop_length=hop_length, n_mels=n_mels)
    if not (isinstance(seconds, Real) and 0 < seconds < np.inf):
        raise CourseError(f"seconds={seconds!r}", "it is no number above 0", "Give 2.5 or the like")
    samples = round(sr * seconds)
    signals = np.pad(signals[:, :samples], [(0, 0), (0, max(0, samples - signals.shape[1]))])
    filters = mel_filters(sr, n_fft, n_mels, 0.475 * sr if fmax is None and sr <= 16000 else fmax)
    if not filters.any(axis=1).all():
        raise CourseError(f"n_mels={n_mels}", f"{(~filters.any(axis=1)).sum()} bands hold no frequency of the spectrum",
                          "Take fewer bands, or a larger n_fft")
    return np.concatenate([part[..., np.newaxis] for part in _levels(signals, filters, n_fft, hop_length)])


def pitch(signals, sr=16000, fmin=65, fmax=550, hop_length=320, window=0.04) -> tuple[np.ndarray, np.ndarray]:
    """How high voices are: the frequency of the vocal folds in Hz, and how clear it is, each float32 (n, frames), of
    signals (n, samples); frames are centred on every `hop_length`-th sample as in `mfcc`.

    By autocorrelation (Boersma 1993): at the lag after which a frame of `window` seconds, freed of its mean, is most
    like itself. The window's own autocorrelation is divided out; of lags that are nearly as good (93 %) the shortest is
    taken, for twice the period is as good as the period. Clearness is 1 for a tone and near 0 for noise; in noise the
    frequency means nothing. Frequencies lie between `fmin` and `fmax`. Raises `CourseError` as `mfcc` does, and for a
    range of frequencies that the window or the rate does not hold.
    """
    signals = _checked_signals(signals)
    _checked_numbers(sr, hop_length=hop_length)
    n, shortest, longest = round(window * sr), int(sr // fmax), int(sr // fmin)
    if not 2 <= shortest < longest < n:
        raise CourseError(f"fmin={fmin!r}, fmax={fmax!r}", f"{window} s at {sr} Hz do not hold these frequencies",
                          "Give 65 to 550 Hz or the like, and a window of two periods of the lowest")
    hann, size = np.hanning(n), 2 ** int(np.ceil(np.log2(2 * n)))
    own = irfft(np.abs(rfft(hann, size)) ** 2)[:longest + 2]
    frames = sliding_window_view(np.pad(signals, [(0, 0), (n // 2, n // 2)]), n, axis=1)[:, ::hop_length]
    frames = frames - frames.mean(axis=-1, keepdims=True)       # a cheap microphone's offset would be all alike
    like = irfft(np.abs(rfft(frames * hann, size)) ** 2)[..., :longest + 2]
    like = like / np.maximum(own / own[0], 1e-3)
    lags, best = _first_high_peak(like, shortest)
    clear = best / np.maximum(like[..., 0], 1e-12)
    return np.clip(sr / lags, fmin, fmax).astype(np.float32), np.clip(clear, 0, 1).astype(np.float32)


def _first_high_peak(like, shortest, nearly=0.93):
    """Of the peaks of `like` (n, frames, lags) from lag `shortest` on that are nearly as high as the highest value the
    first: its lag, between the samples by a parabola, (n, frames); and the highest value, (n, frames)."""
    before, here, after = like[..., shortest - 1:-2], like[..., shortest:-1], like[..., shortest + 1:]
    best = here.max(axis=-1, keepdims=True)
    peaks = (here >= before) & (here >= after) & (here >= nearly * best)
    first = np.where(peaks.any(axis=-1), peaks.argmax(axis=-1), here.argmax(axis=-1))[..., np.newaxis]
    low, top, high = (np.take_along_axis(part, first, axis=-1)[..., 0] for part in (before, here, after))
    bend = low - 2 * top + high
    shift = np.where(bend < 0, (low - high) / np.where(bend < 0, 2 * bend, 1), 0)
    return shortest + first[..., 0] + np.clip(shift, -0.5, 0.5), best[..., 0]


def mel_filters(sr, n_fft, n_mels, fmax=None) -> np.ndarray:
    """Slaney's triangles of equal area, evenly spaced in mel up to `fmax` (by default sr / 2): float32
    (n_mels, n_fft // 2 + 1), 1 / Hz. Raises `CourseError` for an `fmax` beyond sr / 2.

    His mel scale is linear up to 1 kHz (15 mel) and logarithmic above, 27 mel for a factor of 6.4 (Auditory Toolbox,
    1998); it is librosa's default.
    """
    top = sr / 2 if fmax is None else fmax
    if not 0 < top <= sr / 2:
        raise CourseError(f"fmax={fmax!r}", f"samples at {sr} Hz hold frequencies up to {sr / 2:g} Hz",
                          "Leave fmax out, or give less")
    top_mel = top * 0.015 if top < 1000 else 15 + 27 * np.log(top / 1000) / np.log(6.4)
    mel = np.linspace(0, top_mel, n_mels + 2)
    corners = np.where(mel < 15, mel / 0.015, 1000 * 6.4 ** ((mel - 15) / 27))
    low, centre, high = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    frequencies = np.arange(n_fft // 2 + 1) * sr / n_fft
    rising, falling = (frequencies - low) / (centre - low), (high - frequencies) / (high - centre)
    return (np.maximum(0, np.minimum(rising, falling)) * 2 / (high - low)).astype(np.float32)


def _checked(images, orientations, **pairs):
    # -> the images as one array. scikit-image's own words for these speak of its insides, or it says nothing.
    whole = lambda n: isinstance(n, Integral) and n >= 1
    if not whole(orientations):
        raise CourseError(f"orientations={orientations!r}", "it is no whole number above 0", "Give 9 or so")
    for name, pair in pairs.items():
        if not (np.iterable(pair) and len(pair) == 2 and all(map(whole, pair))):
            raise CourseError(f"{name}={pair!r}", "it is no pair (height, width) of whole numbers above 0",
                              "8 both ways is written (8, 8)")
    try:
        images = np.asarray(images)
    except ValueError as error:
        raise CourseError("images", "they differ in size or channels", "Resize them all to one size") from error
    if images.ndim not in (3, 4) or not len(images) or (images.ndim == 4) != (images.shape[-1] == 3):
        raise CourseError(f"images of shape {images.shape}", "HoG wants (n, height, width) or (n, height, width, 3)",
                          "For one image write hog(image[None]); of RGBA take images[..., :3]")
    if images.dtype.kind == "f" and not np.isfinite(images).all():
        raise CourseError("images", "some pixels are no numbers (NaN or infinite)", "Find where they come from")
    return images


def _hog(image, **options):
    return skimage.feature.hog(image, **options).astype(np.float32)


def _levels(signals, filters, n_fft, hop_length):
    # Clips at a time: their frames overlap, and take many times the memory.
    many = max(1, 2**21 * hop_length // (n_fft * signals.shape[1]))
    for first in range(0, len(signals), many):
        yield _decibels(signals[first:first + many], filters, n_fft, hop_length)


def _decibels(signals, filters, n_fft, hop_length):
    """Levels in mel bands, cut 80 dB below each clip's highest: float32 (n, n_mels, frames)."""
    padded = np.pad(signals, [(0, 0), (n_fft // 2, n_fft // 2)])
    frames = sliding_window_view(padded, n_fft, axis=1)[:, ::hop_length]
    # Double precision up to the spectrum and single from there, as librosa: so they agree to the last digit or nearly.
    power = np.abs(rfft(frames * get_window("hann", n_fft)).astype(np.complex64)) ** 2
    energies = np.einsum("mf,ntf->nmt", filters, power, optimize=True)  # one matrix product; many small ones are slower
    decibels = 10 * np.log10(np.maximum(1e-10, energies))
    return np.maximum(decibels, decibels.max(axis=(1, 2), keepdims=True) - 80)


def _checked_signals(signals):
    try:
        signals = np.asarray(signals)
    except ValueError as error:
        raise CourseError("signals", "they differ in length", "Read them all with the same seconds") from error
    if signals.ndim != 2 or not signals.size:
        raise CourseError(f"signals of shape {signals.shape}", "(n, samples) are wanted, at least one of each",
                          "For one signal write mfcc(signal[None])")
    if signals.dtype.kind != "f":
        raise CourseError(f"signals of {signals.dtype}", "samples are floats, full scale at 1",
                          "Divide 16-bit ones by 32768")
    if not np.isfinite(signals).all():
        raise CourseError("signals", "some samples are no numbers (NaN or infinite)", "Find where they come from")
    return signals


def _checked_numbers(sr, **numbers):
    if not (isinstance(sr, Real) and 0 < sr < np.inf):
        raise CourseError(f"sr={sr!r}", "it is no number above 0", "Give the samples' own rate, 8000 or the like")
    for name, value in numbers.items():
        if not (isinstance(value, Integral) and value >= 1):
            raise CourseError(f"{name}={value!r}", "it is no whole number above 0", "See the defaults")
    if numbers.get("n_mfcc", 0) > numbers.get("n_mels", 0):
        raise CourseError(f"n_mfcc={numbers['n_mfcc']}", f"{numbers['n_mels']} mel bands give no more coefficients",
                          "Take fewer coefficients, or more bands (n_mels)")
