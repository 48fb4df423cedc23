"""Voice quality: jitter, shimmer, harmonics-to-noise ratio, formants, spectral balance and loudness.

These are the descriptors of the Geneva Minimalistic Acoustic Parameter Set (GeMAPS) and of its extended
version that the course's MFCC and F0 statistics (`functionals`) lack, with the statistics of that paper. This
is an own implementation after the paper's definitions. It differs in windows, in the F0 estimate, in the
loudness model and in units, so its numbers differ from those of openSMILE, the toolkit of the paper's
authors.

Four choices are ours:

- `describe` uses the sound from its first to its last loud frame, so that silence before and after an
  utterance does not count as a pause.
- Quantities that can be 0 or negative (levels and ratios in dB, slopes in dB per kHz) get a standard
  deviation. The paper divides it by the mean (coefficient of variation), which has no limit if the mean is
  near 0.
- Spectral flux is relative to the mean level of the sound, so it does not depend on the recording's gain.
- MFCC 1 to 4 of the extended set are left out: `functionals` has 40 coefficients.

References
----------
Eyben et al. (2016), "The Geneva Minimalistic Acoustic Parameter Set (GeMAPS) for voice research and affective
computing", doi:10.1109/TAFFC.2015.2457417.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view
from scipy.fft import irfft, rfft
from scipy.ndimage import median_filter
from scipy.signal import find_peaks

from course_lib.core.audio import SPEECH_SR
from course_lib.core.errors import CourseError
from course_lib.core.validation import check_numbers, check_signals
from course_lib.features.f0 import f0
from course_lib.features.spectral import mel_filters

HOP = 160  # 10 ms between the centres of two frames
SHORT, LONG = 400, 640  # 25 ms: spectral balance, loudness. 40 ms, some periods of F0: harmonics, formants
SPEECH_RANGE = 30  # dB below the loudest frame: quieter frames at both ends are cut off
VOICED_RANGE, CLEAR = 25, 0.5  # dB below the loudest frame, and clearness of F0, of a voiced frame
TINY = 1e-30  # keeps a logarithm of nothing finite


class Cycles(NamedTuple):
    """Periods of the vocal folds, one entry for each (see `cycles`)."""

    time: np.ndarray  # seconds
    period: np.ndarray  # seconds
    peak: np.ndarray  # amplitude
    segment: np.ndarray  # number of the unbroken piece of voice that holds it


# --- cycle by cycle: jitter and shimmer ---


def jitter(periods: npt.ArrayLike) -> float:
    """Compute the local jitter: the mean difference of neighbouring periods, in per cent of the mean period.

    Parameters
    ----------
    periods : array of shape (n,)
        Lengths of consecutive periods, in any unit.

    Returns
    -------
    float
        Per cent; 0 for fewer than two periods.

    Examples
    --------
    >>> round(jitter([5.0, 5.1, 5.0]), 2)
    1.99
    """
    periods = np.asarray(periods, float)
    return float(100 * np.abs(np.diff(periods)).mean() / periods.mean()) if periods.size > 1 else 0.0


def shimmer(peaks: npt.ArrayLike) -> float:
    """Compute the local shimmer: the mean difference in level of the peaks of neighbouring periods.

    Parameters
    ----------
    peaks : array of shape (n,)
        Peak amplitudes of consecutive periods, above 0.

    Returns
    -------
    float
        dB; 0 for fewer than two periods.

    Examples
    --------
    >>> round(shimmer([1.0, 2.0, 1.0]), 2)
    6.02
    """
    levels = 20 * np.log10(np.maximum(np.asarray(peaks, float), TINY))
    return float(np.abs(np.diff(levels)).mean()) if levels.size > 1 else 0.0


def cycles(signal: npt.ArrayLike, sr: float, frequency: npt.ArrayLike, hop_length: int = HOP) -> Cycles:
    """Find the single periods of a voice, their lengths and their peaks.

    Parameters
    ----------
    signal : array of shape (samples,)
        Sound.
    sr : float
        Sampling rate in Hz.
    frequency : array of shape (frames,)
        F0 in Hz, 0 where there is no voice; frame i has its centre at sample i * `hop_length`.
    hop_length : int
        Samples between the centres of two frames.

    Returns
    -------
    Cycles
        Arrays of shape (n,): time of the peak in s, period in s, peak amplitude, and the number of the
        segment. Two neighbours of different segments are not consecutive.

    Notes
    -----
    The stretch of one period around a peak is compared with the stretches that follow 0.8 to 1.25 periods
    later. The lag of their highest correlation is the length of the period. Where this correlation is below
    0.5 the segment ends.

    Examples
    --------
    >>> pulses = np.zeros(8000)
    >>> pulses[::80] = 1
    >>> np.unique(cycles(pulses, 16000, np.full(51, 200.0)).period)
    array([0.005])
    """
    signal, frequency = check_signals(np.asarray(signal)[np.newaxis])[0], np.asarray(frequency, float)
    check_numbers(sr, hop_length=hop_length)
    if frequency.ndim != 1 or not (frequency <= sr / 8).all():
        raise CourseError(
            f"F0 of shape {frequency.shape}, up to {frequency.max(initial=0):g} Hz",
            f"one number for each frame is expected, at most {sr / 8:g} Hz",
            "Give the contour of one signal, with 0 where there is no voice",
        )
    signal = signal.astype(float) - signal.mean(dtype=float)
    found, segment = [], 0
    for first, last in _runs(frequency > 0):
        part = signal[first * hop_length : last * hop_length]
        for place, length, peak, clear in _walk(part, sr / frequency[first:last], hop_length):
            segment += not clear
            if clear:
                found.append((first * hop_length / sr + place / sr, length / sr, peak, segment))
        segment += 1
    time, period, peak, segments = np.array(found).reshape(-1, 4).T
    return Cycles(time, period, peak, np.unique(segments, return_inverse=True)[1])


def _walk(part, periods, hop_length):
    """Go from peak to peak; yield place and length in samples, peak, and whether the next period is alike."""
    if part.max(initial=0) < -part.min(initial=0):
        part = -part
    quiet = 1e-4 * np.mean(part**2) if len(part) else 0  # 40 dB below the segment: no voice
    place = int(part[: round(periods[0])].argmax()) if len(part) else 0
    while True:
        period = periods[min(len(periods) - 1, place // hop_length)]
        half, shortest, longest = int(period / 2), int(0.8 * period), int(1.25 * period) + 1
        low, size = max(0, place - half), 2 * half + 1
        if low + longest + size > len(part):
            return
        like = _likeness(part[low : low + longest + size], size, shortest, quiet)
        best = int(like.argmax())
        lag = shortest + best + _vertex(like, best)[0]
        peak = _vertex(part[max(0, place - 1) : place + 2], min(1, place))[1]
        yield place, lag, max(peak, TINY), like[best] > 0.5
        place = max(0, place + round(lag) - half)
        place += int(part[place : place + size].argmax())


def _likeness(part, size, shortest, quiet):
    """Correlation of the first `size` samples with those that begin `shortest`, `shortest` + 1 ... later."""
    first, later = part[:size] - part[:size].mean(), part[shortest:]
    sums = np.zeros((2, len(later) + 1))
    np.cumsum([later, later**2], axis=1, out=sums[:, 1:])
    total, squares = sums[:, size:] - sums[:, :-size]
    energies = (squares - total**2 / size) * (first @ first)
    return np.correlate(later, first) / np.sqrt(np.maximum(energies, max((quiet * size) ** 2, TINY)))


def _vertex(values, at):
    """The shift from index `at` to the vertex of the parabola through three values, and its height."""
    if not 0 < at < len(values) - 1:
        return 0.0, float(values[at])
    low, top, high = (float(value) for value in values[at - 1 : at + 2])
    bend = low - 2 * top + high
    shift = (low - high) / (2 * bend) if bend < 0 else 0.0
    return max(-0.5, min(0.5, shift)), top - (low - high) * shift / 4


def _peak(side, place):
    return max(_vertex(side[max(0, place - 1) : place + 2], min(1, place))[1], TINY)


def _perturbation(found, centres, reach=LONG / 2 / SPEECH_SR):
    """Jitter (%) and shimmer (dB) of the cycles within `reach` seconds of each centre; NaN without any."""
    together = (
        (np.diff(found.segment) == 0)
        & (_ratio(found.period) < 1.3)  # more is an error of the period, not its jitter
        & (_ratio(found.peak) < 1.6)
    )
    place = ((found.time[1:] + found.time[:-1]) / 2)[together]
    low, high = np.searchsorted(place, [centres - reach, centres + reach])
    steps, periods, levels, count = (
        np.diff(np.r_[0, np.cumsum(each[together])][[low, high]], axis=0)[0]
        for each in (
            np.abs(np.diff(found.period)),
            (found.period[1:] + found.period[:-1]) / 2,
            np.abs(np.diff(20 * np.log10(found.peak))),
            np.ones(len(together)),
        )
    )
    count, periods = np.where(count == 0, np.nan, [count, periods])
    return 100 * steps / periods, levels / count


def _ratio(values):
    return np.maximum(values[1:], values[:-1]) / np.minimum(values[1:], values[:-1])


# --- harmonics and noise ---


def harmonics_to_noise(frames: npt.ArrayLike, sr: float, frequency: npt.ArrayLike) -> np.ndarray:
    """Compute the harmonics-to-noise ratio (HNR) of frames of voice.

    Parameters
    ----------
    frames : array of shape (..., samples)
        Frames of three or more periods.
    sr : float
        Sampling rate in Hz.
    frequency : array of shape (...)
        F0 of each frame in Hz.

    Returns
    -------
    np.ndarray
        dB, (...), from -20 to 40: 0 dB if harmonics and noise have the same energy.

    Notes
    -----
    10 log10(r / (1 - r)), where r is the autocorrelation of the frame at its period. The autocorrelation of
    the window is divided out of it, and it is searched between the samples and 3 % around the period.

    References
    ----------
    Boersma (1993), "Accurate short-term analysis of the fundamental frequency and the harmonics-to-noise
    ratio of a sampled sound".

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=960)
    >>> tone = np.sqrt(20) * np.sin(2 * np.pi * 200 * np.arange(960) / 16000)
    >>> harmonics_to_noise(tone + noise, 16000, 200).round()
    np.float64(10.0)
    """
    frames, frequency = np.asarray(frames, float), np.asarray(frequency, float)
    n, finer = frames.shape[-1], 4
    longest = int(1.05 * sr / frequency.min(initial=sr)) + 3
    size = 2 ** int(np.ceil(np.log2(n + longest)))
    window = np.hanning(n + 2)[1:-1]
    frames = frames - frames.mean(axis=-1, keepdims=True)
    own, like = (
        irfft(np.abs(rfft(one, size)) ** 2, size * finer)[..., : longest * finer]
        for one in (window, frames * window)
    )
    like = like / np.maximum(like[..., :1], TINY) / np.maximum(own / own[0], 1e-3)
    lags, near = np.arange(longest * finer), finer * sr / frequency[..., np.newaxis]
    around = np.abs(lags - near) <= np.maximum(0.03 * near, 1)
    at = np.clip(np.where(around, like, -1).argmax(axis=-1), 1, longest * finer - 2)[..., np.newaxis]
    low, top, high = (np.take_along_axis(like, at + step, axis=-1)[..., 0] for step in (-1, 0, 1))
    bend = np.minimum(low - 2 * top + high, -TINY)
    best = np.clip(top - np.clip((low - high) ** 2 / (8 * bend), -0.1, 0), 1e-9, 1 - 1e-9)
    return np.clip(10 * np.log10(best / (1 - best)), -20, 40)


def peak_level(
    power: npt.ArrayLike, hertz: npt.ArrayLike, low: npt.ArrayLike, high: npt.ArrayLike
) -> np.ndarray:
    """Find the level of the highest peak between two frequencies.

    Parameters
    ----------
    power : array of shape (..., bins)
        Power spectra.
    hertz : array of shape (bins,)
        Frequency of each bin.
    low, high : array of shape (...)
        The range in Hz, for all frames or for each.

    Returns
    -------
    np.ndarray
        dB, (...); NaN where the range is.

    Examples
    --------
    >>> float(peak_level([1, 100, 1000], [0, 100, 200], 50, 150))
    20.0
    """
    power, hertz = np.asarray(power, float), np.asarray(hertz, float)
    low, high = (np.asarray(one, float)[..., np.newaxis] for one in (low, high))
    found = np.where((hertz >= low) & (hertz <= high), power, 0).max(axis=-1)
    return np.where(np.isnan(low + high)[..., 0], np.nan, _decibels(found))


def harmonic_level(
    power: npt.ArrayLike, hertz: npt.ArrayLike, frequency: npt.ArrayLike, near: npt.ArrayLike
) -> np.ndarray:
    """Compute the level of the harmonic of F0 that is nearest to a frequency.

    Parameters
    ----------
    power, hertz
        As for `peak_level`.
    frequency : array of shape (...)
        F0 in Hz.
    near : array of shape (...)
        A frequency in Hz: k F0 for harmonic k, or a formant.

    Returns
    -------
    np.ndarray
        dB, (...). H1-H2 is the difference for F0 and 2 F0. The relative level of a formant is the difference
        for the formant and F0.

    Examples
    --------
    >>> hertz = np.arange(0, 1001, 50)
    >>> power = np.where(hertz == 200, 100, np.where(hertz == 400, 10, 1))
    >>> float(harmonic_level(power, hertz, 200, 200) - harmonic_level(power, hertz, 200, 400))
    10.0
    """
    frequency = np.asarray(frequency, float)
    centre = np.maximum(np.round(np.asarray(near, float) / frequency), 1) * frequency
    return peak_level(power, hertz, centre - 0.35 * frequency, centre + 0.35 * frequency)


# --- formants ---


def linear_prediction(correlation: npt.ArrayLike) -> np.ndarray:
    """Compute the coefficients of linear prediction (LPC) from an autocorrelation.

    Parameters
    ----------
    correlation : array of shape (..., order + 1)
        Autocorrelation at the lags 0 to `order`.

    Returns
    -------
    np.ndarray
        (..., order + 1): 1, a1, a2 ... of the all-pole filter 1 / (1 + a1 / z + a2 / z^2 ...).

    Examples
    --------
    >>> linear_prediction([1, 0.5, 0.25]).round(6) + 0
    array([ 1. , -0.5,  0. ])
    """
    correlation = np.asarray(correlation, float)
    order = correlation.shape[-1] - 1
    correlation = correlation / np.maximum(correlation[..., :1], TINY)
    lags = np.abs(np.subtract.outer(np.arange(order), np.arange(order)))
    matrix = correlation[..., lags]
    matrix[..., lags == 0] = 1 + 1e-9  # silence has the solution 0, too
    found = np.linalg.solve(matrix, -correlation[..., 1:, np.newaxis])[..., 0]
    return np.concatenate([np.ones((*found.shape[:-1], 1)), found], axis=-1)


def formants(
    frames: npt.ArrayLike, sr: float, number: int = 3, ceiling: float = 5500, order: int = 12
) -> tuple[np.ndarray, np.ndarray]:
    """Estimate the formants of frames of voice by linear prediction (LPC).

    Parameters
    ----------
    frames : array of shape (..., samples)
        Frames of 25 ms or more.
    sr : float
        Sampling rate in Hz.
    number : int
        How many formants to return, from the lowest.
    ceiling : float
        Highest frequency that the prediction uses, in Hz.
    order : int
        Order of the prediction: two for each formant below the ceiling, and two for the slope of the
        spectrum.

    Returns
    -------
    frequency, bandwidth : np.ndarray
        Hz, (..., number); NaN where fewer formants are found.

    Raises
    ------
    CourseError
        If the ceiling is above sr / 2.

    Notes
    -----
    A pole r e^(j w) of the prediction has the frequency w sr / 2 pi and the bandwidth -ln(r) sr / pi. Poles
    wider than 700 Hz shape the slope of the spectrum, and they do not count. Pre-emphasis is 6 dB per
    octave above 50 Hz. The prediction uses the spectrum up to `ceiling` alone.

    Examples
    --------
    >>> from scipy.signal import lfilter
    >>> pole = 0.98 * np.exp(2j * np.pi * 1000 / 16000)
    >>> ring = lfilter([1], np.poly([pole, pole.conj()]).real, np.arange(640) % 160 == 0)
    >>> frequency, bandwidth = formants(ring, 16000, number=1)
    >>> bool(abs(frequency[0] - 1000) < 30)
    True
    """
    check_numbers(sr, number=number, order=order)
    if not 0 < ceiling <= sr / 2:
        raise CourseError(
            f"ceiling={ceiling!r}",
            f"sound at {sr} Hz contains frequencies up to {sr / 2:g} Hz",
            "Give half the sampling rate or less",
        )
    frames = np.asarray(frames, float)
    n = frames.shape[-1]
    size = 2 ** int(np.ceil(np.log2(n + order)))
    emphasised = np.concatenate(
        [frames[..., :1], frames[..., 1:] - np.exp(-2 * np.pi * 50 / sr) * frames[..., :-1]], axis=-1
    )
    bins = round(ceiling / sr * size)
    power = np.abs(rfft(emphasised * np.hanning(n + 2)[1:-1], size)[..., : bins + 1]) ** 2
    prediction = linear_prediction(irfft(power)[..., : order + 1])
    return _resonances(prediction, 2 * bins * sr / size, number)


def _resonances(prediction, sr, number, widest=700):
    """Frequencies and bandwidths of the lowest poles, Hz (..., number), at the sampling rate `sr`."""
    order = prediction.shape[-1] - 1
    companion = np.zeros((*prediction.shape[:-1], order, order))
    companion[..., 0, :] = -prediction[..., 1:]
    companion[..., range(1, order), range(order - 1)] = 1
    poles = np.linalg.eigvals(companion)
    hertz = np.angle(poles) * sr / (2 * np.pi)
    width = -np.log(np.maximum(np.abs(poles), TINY)) * sr / np.pi
    hertz = np.where((hertz > 90) & (hertz < sr / 2 - 90) & (width < widest), hertz, np.inf)
    lowest = np.argsort(hertz, axis=-1)[..., :number]
    hertz, width = (np.take_along_axis(one, lowest, axis=-1) for one in (hertz, width))
    missing = np.isinf(hertz)
    both = [np.where(missing, np.nan, one) for one in (hertz, width)]
    short = [(0, 0)] * (hertz.ndim - 1) + [(0, number - hertz.shape[-1])]
    return tuple(np.pad(one, short, constant_values=np.nan) for one in both)


# --- the balance of the spectrum ---


def alpha_ratio(power: npt.ArrayLike, hertz: npt.ArrayLike) -> np.ndarray:
    """Compute the alpha ratio: the energy from 50 to 1000 Hz over the energy from 1 to 5 kHz.

    Parameters
    ----------
    power : array of shape (..., bins)
        Power spectra.
    hertz : array of shape (bins,)
        Frequency of each bin.

    Returns
    -------
    np.ndarray
        dB, (...); 0 for silence.

    Examples
    --------
    >>> float(alpha_ratio([5, 5, 1, 0], [500, 800, 2000, 6000]))
    10.0
    """
    power, hertz = np.asarray(power, float), np.asarray(hertz, float)
    low, high = (
        power[..., band].sum(axis=-1)
        for band in ((hertz >= 50) & (hertz <= 1000), (hertz > 1000) & (hertz <= 5000))
    )
    return _decibels(low) - _decibels(high)


def hammarberg(power: npt.ArrayLike, hertz: npt.ArrayLike) -> np.ndarray:
    """Compute the Hammarberg index: the highest peak up to 2 kHz over the highest from 2 to 5 kHz.

    Parameters
    ----------
    power, hertz
        As for `alpha_ratio`.

    Returns
    -------
    np.ndarray
        dB, (...); 0 for silence.

    Examples
    --------
    >>> float(hammarberg([50, 100, 1, 900], [500, 800, 3000, 6000]))
    20.0
    """
    return peak_level(power, hertz, 0, 2000) - peak_level(power, hertz, 2000, 5000)


def spectral_slope(power: npt.ArrayLike, hertz: npt.ArrayLike, low: float, high: float) -> np.ndarray:
    """Compute the slope of a line through the spectrum in dB.

    Parameters
    ----------
    power, hertz
        As for `alpha_ratio`.
    low, high : float
        Range in Hz.

    Returns
    -------
    np.ndarray
        dB per kHz, (...).

    Raises
    ------
    CourseError
        If the range holds fewer than two bins.

    Examples
    --------
    >>> float(spectral_slope([100, 10, 1], [0, 250, 500], 0, 500).round(6))
    -40.0
    """
    power, hertz = np.asarray(power, float), np.asarray(hertz, float)
    band = (hertz >= low) & (hertz <= high)
    if band.sum() < 2:
        raise CourseError(
            f"low={low!r}, high={high!r}",
            "the spectrum has fewer than two bins in this range",
            "Give a wider range, or compute the spectrum of a longer frame",
        )
    kilohertz = hertz[band] / 1000 - hertz[band].mean() / 1000
    return _decibels(power[..., band]) @ kilohertz / (kilohertz @ kilohertz)


def spectral_flux(magnitudes: npt.ArrayLike) -> np.ndarray:
    """Compute the spectral flux: how much the spectrum changes from frame to frame.

    Parameters
    ----------
    magnitudes : array of shape (frames, bins)
        Magnitude spectra.

    Returns
    -------
    np.ndarray
        (frames,): distance (root of the sum of squares) to the frame before, relative to the root mean
        square length of the spectra. 0 for the first frame and for silence.

    Examples
    --------
    >>> spectral_flux([[3, 4], [3, 4], [4, 3]]).round(3)
    array([0.   , 0.   , 0.283])
    """
    magnitudes = np.asarray(magnitudes, float)
    steps = np.sqrt((np.diff(magnitudes, axis=0) ** 2).sum(axis=1))
    return np.r_[0, steps] / max(np.sqrt((magnitudes**2).sum(axis=1).mean()), TINY)


def loudness(power: npt.ArrayLike, sr: float = SPEECH_SR) -> np.ndarray:
    """Compute an approximation of loudness: the sum of the cube roots of the energies in 26 mel bands.

    Parameters
    ----------
    power : array of shape (..., bins)
        Power spectra, with bins from 0 to sr / 2.
    sr : float
        Sampling rate in Hz.

    Returns
    -------
    np.ndarray
        (...), without a unit. Twice the amplitude is 1.59 (the cube root of 4) times as loud.

    Notes
    -----
    The mel bands are a simple model of the bands of hearing, and the cube root is the law that relates
    intensity and loudness. As in hearing, energy spread over many bands is louder than the same energy in
    one. The model has no threshold of hearing, and it weights all bands equally.

    Examples
    --------
    >>> spectrum = np.ones(257)
    >>> float((loudness(4 * spectrum) / loudness(spectrum)).round(2))
    1.59
    """
    power = np.asarray(power, float)
    filters = mel_filters(sr, 2 * (power.shape[-1] - 1), 26)
    return np.cbrt(power @ (filters / filters.max(axis=1, keepdims=True)).T).sum(axis=-1)


def _decibels(power):
    return 10 * np.log10(np.maximum(power, TINY))


# --- statistics of a contour ---


def coefficient_of_variation(values: npt.ArrayLike) -> float:
    """Compute the standard deviation relative to the mean.

    Parameters
    ----------
    values : array of shape (n,)
        NaN is left out.

    Returns
    -------
    float
        0 if there is no value, or the mean is 0.

    Examples
    --------
    >>> coefficient_of_variation([1.0, 3.0])
    0.5
    """
    values = _present(values)
    return float(values.std() / abs(values.mean())) if values.size and values.mean() else 0.0


def part_slopes(contour: npt.ArrayLike, rate: float) -> np.ndarray:
    """Compute the slopes of the rising and falling parts of a contour.

    Parameters
    ----------
    contour : array of shape (frames,)
        NaN is a gap, and no part crosses it.
    rate : float
        Frames per second.

    Returns
    -------
    np.ndarray
        (parts,), per second: between each minimum and the next maximum the difference over the time. Level
        stretches are parts of slope 0.

    Examples
    --------
    >>> part_slopes([0, 1, 2, 1, np.nan, 5, 7], rate=100)
    array([ 100., -100.,  200.])
    """
    contour = np.asarray(contour, float)
    if contour.size < 2:
        return np.zeros(0)
    steps = np.diff(contour)
    sign = np.where(np.isnan(steps), 2, np.sign(steps))
    starts = np.flatnonzero(np.diff(sign, prepend=3) != 0)
    ends = np.r_[starts[1:], len(steps)]
    return ((contour[ends] - contour[starts]) / (ends - starts) * rate)[sign[starts] != 2]


def run_lengths(flags: npt.ArrayLike) -> np.ndarray:
    """Count the frames of each unbroken run of True.

    Parameters
    ----------
    flags : array of shape (frames,)
        Such as which frames are voiced.

    Returns
    -------
    np.ndarray
        int (runs,).

    Examples
    --------
    >>> run_lengths([True, True, False, True])
    array([2, 1])
    """
    runs = _runs(flags)
    return runs[:, 1] - runs[:, 0]


def _runs(flags):
    """First frame and frame after the last of each run of True, int (runs, 2)."""
    edges = np.diff(np.r_[0, np.asarray(flags, bool).astype(int), 0])
    return np.stack([np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)], axis=1)


def _present(values):
    values = np.asarray(values, float)
    return values[~np.isnan(values)]


def _mean(values):
    values = _present(values)
    return values.mean() if values.size else 0.0


def _deviation(values):
    values = _present(values)
    return values.std() if values.size else 0.0


# --- all of an utterance ---

# Name, unit, and whether it is always above 0: then its spread is relative to its mean.
EVERY_FRAME = [("loudness", "", True), ("spectral flux", "", True)]
BALANCE = [
    ("spectral flux", "", True),
    ("alpha ratio", "dB", False),
    ("Hammarberg index", "dB", False),
    ("slope 0-500 Hz", "dB/kHz", False),
    ("slope 500-1500 Hz", "dB/kHz", False),
]
VOICE_ONLY = [
    ("F0", "semitones above 27.5 Hz", True),
    ("jitter", "%", True),
    ("shimmer", "dB", True),
    ("HNR", "dB", False),
    *(
        (f"F{k} {what}", unit, above)
        for k in (1, 2, 3)
        for what, unit, above in [
            ("frequency", "Hz", True),
            ("bandwidth", "Hz", True),
            ("level", "dB", False),
        ]
    ),
    ("H1-H2", "dB", False),
    ("H1-A3", "dB", False),
]
TIMING = [
    ("loudness peaks", "per s"),
    ("voiced segments", "per s"),
    ("voiced segments: mean length", "s"),
    ("voiced segments: standard deviation of length", "s"),
    ("unvoiced segments: mean length", "s"),
    ("unvoiced segments: standard deviation of length", "s"),
    ("equivalent sound level", "dB re full scale"),
]


def _names():
    def named(name, unit):
        return f"{name} ({unit})" if unit else name

    for frames, table in [("all", EVERY_FRAME), ("voiced", BALANCE + VOICE_ONLY)]:
        for name, unit, above in table:
            yield named(f"{name}, {frames} frames: mean", unit)
            spread = "coefficient of variation" if above else "standard deviation"
            yield named(f"{name}, {frames} frames: {spread}", "" if above else unit)
    for name, unit, _ in BALANCE:
        yield named(f"{name}, unvoiced frames: mean", unit)
    for name, unit, frames in [("loudness", "", "all"), ("F0", "semitones above 27.5 Hz", "voiced")]:
        for percent in (20, 50, 80):
            yield named(f"{name}, {frames} frames: {percent} % point", unit)
        yield named(f"{name}, {frames} frames: range from 20 to 80 %", unit.split(" ")[0])
        for part in ("rising", "falling"):
            for what in ("mean", "standard deviation"):
                yield named(f"{name}, {part} parts: {what} of slope", f"{unit.split(' ')[0]} per s".strip())
    yield from (named(*each) for each in TIMING)


NAMES: tuple[str, ...] = tuple(_names())
"""Name and unit of each number of `describe`."""


def describe(signal: npt.ArrayLike) -> np.ndarray:
    """Compute the voice quality of one utterance: statistics of its `contours`.

    Parameters
    ----------
    signal : array of shape (samples,)
        Floating-point sound at `SPEECH_SR`, full scale 1. Zeros are added to less than 40 ms.

    Returns
    -------
    np.ndarray
        float64 (72,), always finite. `NAMES` has the name and the unit of each.

    Raises
    ------
    CourseError
        As `features.f0` does.

    Notes
    -----
    A statistic without a frame is 0: those of voice for a whisper, and nearly all for silence, which has
    a sound level of -100 dB and one unvoiced segment. Loudness (but not its coefficient of variation) and
    the sound level depend on the gain of the recording; the others do not.

    Examples
    --------
    >>> tone = 0.1 * np.sin(2 * np.pi * 220 * np.arange(16000) / 16000)
    >>> found = dict(zip(NAMES, describe(tone)))
    >>> found["F0, voiced frames: mean (semitones above 27.5 Hz)"].round(1)
    np.float64(36.0)
    """
    signal = _utterance(signal)
    found = _contours(signal)
    voiced = ~np.isnan(found["F0"])
    values = []
    for frames, table in [(slice(None), EVERY_FRAME), (voiced, BALANCE + VOICE_ONLY)]:
        for name, _, above in table:
            part = found[name][frames]
            values += [_mean(part), coefficient_of_variation(part) if above else _deviation(part)]
    values += [_mean(found[name][~voiced]) for name, _, _ in BALANCE]
    values += [*_contour_statistics(found["loudness"]), *_contour_statistics(found["F0"])]
    values += [*_timing(found["loudness"], voiced), 10 * np.log10(max(np.mean(signal**2), 1e-10))]
    return np.array(values)


def contours(signal: npt.ArrayLike) -> dict[str, np.ndarray]:
    """Compute the descriptors of an utterance frame by frame, each 10 ms.

    Parameters
    ----------
    signal : array of shape (samples,)
        Floating-point sound at `SPEECH_SR`.

    Returns
    -------
    dict of str to np.ndarray
        (frames,) by name, averaged over three frames. F0, jitter, shimmer, HNR, the formants, H1-H2 and
        H1-A3 are NaN in unvoiced frames. The first frame is the first that is less than 30 dB below the
        loudest.

    Raises
    ------
    CourseError
        As `features.f0` does.

    Notes
    -----
    A frame is voiced if its F0 is clear (above 0.5), its level is less than 25 dB below the loudest frame,
    and it is one of three such frames in a row. F0 that is 14 semitones off the median, or that jumps by
    more than 3 semitones, counts as an octave error. Jitter and shimmer are those of the `cycles` within
    20 ms. The level of a formant is that of the nearest harmonic, relative to the first (H1). A3 is the
    highest peak within 10 % of F3.

    Examples
    --------
    >>> tone = 0.1 * np.sin(2 * np.pi * 220 * np.arange(16000) / 16000)
    >>> contours(tone)["loudness"].shape
    (101,)
    """
    return _contours(_utterance(signal))


def _utterance(signal):
    """The sound without its mean, from its first to its last loud frame, at least one long frame of it."""
    signal = check_signals(np.asarray(signal)[np.newaxis])[0].astype(float)
    signal = np.pad(signal - signal.mean(), (0, max(0, LONG - len(signal))))
    level = (_frames(signal, SHORT) ** 2).sum(axis=1)
    loud = np.flatnonzero(level >= level.max() * 10 ** (-SPEECH_RANGE / 10))
    part = signal[max(0, loud[0] * HOP - SHORT // 2) : loud[-1] * HOP + SHORT // 2]
    return np.pad(part, (0, max(0, LONG - len(part))))


def _frames(signal, length):
    """Frames with their centres at 0, `HOP`, 2 `HOP` ..., (frames, length); zeros beyond the ends."""
    return sliding_window_view(np.pad(signal, length // 2), length)[::HOP]


def _power(frames, size):
    """Power spectra: the square of the amplitude of a sine wave at its peak, (..., size // 2 + 1)."""
    window = np.hanning(frames.shape[-1] + 2)[1:-1]
    return np.abs(rfft(frames * (2 / window.sum() * window), size)) ** 2


def _contours(signal):
    power = _power(_frames(signal, SHORT), 512)
    power = np.maximum(power, 1e-10 * power.max())  # digital silence: 100 dB below the highest peak
    frequency = _voiced_frequency(signal, power.sum(axis=1))
    voiced = frequency > 0
    found = {name: _smooth(values) for name, values in _of_all_frames(power).items()}
    for name, values in _of_voice(signal, frequency).items():
        found[name] = np.full(len(frequency), np.nan)
        found[name][voiced] = values
        found[name] = _smooth(found[name])
    return found


def _voiced_frequency(signal, energy):
    """F0 in Hz; 0 in frames that are quiet, unclear, 14 semitones off the median, or less than 3 in a row."""
    frequency, clear = (found[0].astype(float) for found in f0(signal[np.newaxis], SPEECH_SR, hop_length=HOP))
    voiced = (clear > CLEAR) & (energy > energy.max() * 10 ** (-VOICED_RANGE / 10))
    if voiced.any():
        voiced &= np.abs(12 * np.log2(frequency / np.median(frequency[voiced]))) < 14
    for first, last in _runs(voiced):
        frequency[first:last] = median_filter(frequency[first:last], 5, mode="nearest")
    voiced[1:] &= ~(voiced[:-1] & (np.abs(12 * np.log2(frequency[1:] / frequency[:-1])) > 3))  # octave errors
    for first, last in _runs(voiced):
        voiced[first:last] &= last - first >= 3
    return np.where(voiced, frequency, 0)


def _of_all_frames(power):
    hertz = np.linspace(0, SPEECH_SR / 2, power.shape[1])
    return {
        "loudness": loudness(power),
        "spectral flux": spectral_flux(np.sqrt(power)),
        "alpha ratio": alpha_ratio(power, hertz),
        "Hammarberg index": hammarberg(power, hertz),
        "slope 0-500 Hz": spectral_slope(power, hertz, 0, 500),
        "slope 500-1500 Hz": spectral_slope(power, hertz, 500, 1500),
    }


def _of_voice(signal, frequency):
    """The descriptors of the voiced frames alone, each of shape (voiced frames,)."""
    voiced = np.flatnonzero(frequency)
    found = cycles(signal, SPEECH_SR, frequency)
    frequency, frames = frequency[voiced], _frames(signal, LONG)[voiced]
    power = _power(frames, 1024)[:, :400]
    hertz = np.arange(400) * SPEECH_SR / 1024  # up to 6.2 kHz
    rough = _perturbation(found, voiced * HOP / SPEECH_SR)
    resonances, widths = formants(frames, SPEECH_SR)
    first = harmonic_level(power, hertz, frequency, frequency)
    half = np.maximum(0.1 * resonances[:, 2], frequency / 2)  # the range of the third formant
    contours = {
        "F0": 12 * np.log2(frequency / 27.5),
        "jitter": rough[0],
        "shimmer": rough[1],
        "HNR": harmonics_to_noise(frames, SPEECH_SR, frequency),
        "H1-H2": first - harmonic_level(power, hertz, frequency, 2 * frequency),
        "H1-A3": first - peak_level(power, hertz, resonances[:, 2] - half, resonances[:, 2] + half),
    }
    for k in range(3):
        contours[f"F{k + 1} frequency"], contours[f"F{k + 1} bandwidth"] = resonances[:, k], widths[:, k]
        contours[f"F{k + 1} level"] = harmonic_level(power, hertz, frequency, resonances[:, k]) - first
    return contours


def _smooth(contour):
    """The mean of each value and its two neighbours; NaN stays NaN and is left out of the mean."""
    present = ~np.isnan(contour)
    total, count = (
        np.convolve(np.pad(one, 1), np.ones(3), "valid") for one in (np.where(present, contour, 0), present)
    )
    return np.where(present, total / np.maximum(count, 1), np.nan)


def _contour_statistics(contour):
    """20, 50 and 80 % point, their range, mean and deviation of the slopes of rising and falling parts."""
    values = _present(contour)
    low, middle, high = np.percentile(values, [20, 50, 80]) if values.size else np.zeros(3)
    slopes = part_slopes(contour, SPEECH_SR / HOP)
    parts = [slopes[slopes > 0], slopes[slopes < 0]]
    return [low, middle, high, high - low, *(what(part) for part in parts for what in (_mean, _deviation))]


def _timing(contour, voiced):
    """Loudness peaks and voiced segments per second; mean and deviation of the lengths of the segments."""
    rate = SPEECH_SR / HOP
    peaks = find_peaks(contour, prominence=max(0.1 * np.ptp(contour), TINY))[0]
    runs = [run_lengths(voiced) / rate, run_lengths(~voiced) / rate]
    seconds = len(contour) / rate
    return [
        len(peaks) / seconds,
        len(runs[0]) / seconds,
        *(what(run) for run in runs for what in (_mean, _deviation)),
    ]
