"""Voice quality by hand, and of synthetic voices whose jitter, noise, formants and slopes are known."""

import numpy as np
import pytest
from scipy.signal import lfilter

from course_lib.core.audio import SPEECH_SR
from course_lib.core.errors import CourseError
from course_lib.features import voice_quality
from course_lib.features.voice_quality import NAMES, describe

SECONDS = np.arange(SPEECH_SR) / SPEECH_SR


def pulses(times, amplitudes, seconds):
    """One damped wave of 600 Hz at each time, which may lie between samples."""
    sound = np.zeros(int(seconds * SPEECH_SR))
    for time, amplitude in zip(times, amplitudes, strict=True):
        first = int(np.ceil(time * SPEECH_SR))
        since = np.arange(first, min(len(sound), first + 160)) / SPEECH_SR - time
        sound[first : first + 160] += (
            amplitude * since * np.exp(-2000 * since) * np.cos(2 * np.pi * 600 * since) * 2000
        )
    return sound


def voice(f0, jitter, shimmer, seconds=1.0, seed=0):
    """A voice with random periods and peaks: the sound, its periods and its peaks."""
    rng = np.random.default_rng(seed)
    periods = (1 + jitter * rng.uniform(-1, 1, int(f0 * seconds))) / f0
    peaks = np.exp(shimmer * rng.uniform(-1, 1, len(periods)))
    times = np.cumsum(periods)
    return pulses(times, peaks, times[-1] + 0.01), periods, peaks


def harmonics(f0, levels=None, seed=0):
    """A second of harmonics of F0 up to 5 kHz at random phases; levels in dB, or equal ones."""
    levels = np.zeros(int(5000 / f0)) if levels is None else np.asarray(levels)
    phases = np.random.default_rng(seed).uniform(0, 2 * np.pi, len(levels))
    numbers = np.arange(1, len(levels) + 1)[:, None]
    return 10 ** (levels / 20) @ np.sin(2 * np.pi * f0 * numbers * SECONDS + phases[:, None])


def vowel(f0, frequencies, bandwidths):
    """Pulses through a filter with poles at the formants, and a slope of about -6 dB per octave."""
    sound = np.zeros(SPEECH_SR)
    sound[np.arange(0, SPEECH_SR, SPEECH_SR / f0).round().astype(int)[:-1]] = 1
    for poles in poles_of(frequencies, bandwidths):
        sound = lfilter([1], np.poly(poles).real, sound)
    return lfilter([1], [1, -0.97], sound)


def poles_of(frequencies, bandwidths):
    radius = np.exp(-np.pi * np.array(bandwidths) / SPEECH_SR)
    pole = radius * np.exp(2j * np.pi * np.array(frequencies) / SPEECH_SR)
    return np.stack([pole, pole.conj()], axis=1)


def spectrum(sound):
    frames = voice_quality._frames(sound, 400)[5:-5]
    return voice_quality._power(frames, 512), np.arange(257) * SPEECH_SR / 512


def found(sound):
    return dict(zip(NAMES, describe(sound), strict=True))


def value(named, *parts):
    """The one value whose name has all parts."""
    (key,) = [name for name in named if all(part in name for part in parts)]
    return named[key]


# --- cycle by cycle ---


def test_jitter_and_shimmer_by_hand():
    assert voice_quality.jitter([10, 11, 9]) == pytest.approx(15)  # (1 + 2) / 2 of a mean of 10
    assert voice_quality.shimmer([1, 10, 1, 1]) == pytest.approx(40 / 3)
    assert voice_quality.jitter([5]) == voice_quality.shimmer([5]) == voice_quality.jitter([]) == 0


@pytest.mark.parametrize("f0", [90, 130, 217, 340])
@pytest.mark.parametrize("jitter, shimmer", [(0, 0), (0.01, 0.05), (0.03, 0.15)])
def test_cycles_find_the_known_jitter_and_shimmer(f0, jitter, shimmer):
    sound, periods, peaks = voice(f0, jitter, shimmer)
    cycles = voice_quality.cycles(sound, SPEECH_SR, np.full(1 + len(sound) // 160, f0))
    whole = cycles.segment == np.bincount(cycles.segment).argmax()
    assert len(periods) - 4 <= whole.sum() < len(periods)
    assert voice_quality.jitter(cycles.period[whole]) == pytest.approx(
        voice_quality.jitter(periods), rel=0.05, abs=0.05
    )
    assert voice_quality.shimmer(cycles.peak[whole]) == pytest.approx(
        voice_quality.shimmer(peaks), rel=0.1, abs=0.1
    )


@pytest.mark.parametrize("f0", [90, 130, 217, 340])
def test_the_jitter_and_shimmer_of_an_utterance_are_those_of_its_cycles(f0):
    sound, periods, peaks = voice(f0, 0.01, 0.1)
    ours = found(sound)
    assert value(ours, "jitter", "mean") == pytest.approx(voice_quality.jitter(periods), rel=0.15)
    assert value(ours, "shimmer", "mean") == pytest.approx(voice_quality.shimmer(peaks), rel=0.15)


def test_a_sound_upside_down_has_the_same_cycles():
    sound, _, _ = voice(150, 0.02, 0.1)
    frequency = np.full(1 + len(sound) // 160, 150.0)
    one, other = (voice_quality.cycles(each, SPEECH_SR, frequency) for each in (sound, -sound))
    np.testing.assert_allclose(one.period, other.period)


def test_cycles_do_not_cross_an_unvoiced_frame_or_silence():
    sound, _, _ = voice(200, 0, 0)
    frequency = np.full(1 + len(sound) // 160, 200.0)
    frequency[50] = 0
    gap = voice_quality.cycles(sound, SPEECH_SR, frequency)
    assert np.unique(gap.segment).tolist() == [0, 1]
    sound[8000:9600] = 0
    frequency[50] = 200
    silence = voice_quality.cycles(sound, SPEECH_SR, frequency)
    assert len(np.unique(silence.segment)) == 2
    assert not ((silence.time > 0.51) & (silence.time < 0.595)).any()
    assert not len(voice_quality.cycles(np.zeros(1600), SPEECH_SR, np.full(11, 200.0)).period)


def test_an_f0_that_no_voice_has_is_refused():
    with pytest.raises(CourseError, match="at most 2000 Hz"):
        voice_quality.cycles(np.zeros(1600), SPEECH_SR, np.full(11, 9000.0))


# --- harmonics and noise ---


@pytest.mark.parametrize("f0", [100, 123.4, 211, 350])
@pytest.mark.parametrize("decibels", [0, 10, 20])
def test_harmonics_to_noise_is_the_known_ratio(f0, decibels):
    tones = harmonics(f0)
    noise = np.random.default_rng(1).normal(0, tones.std() * 10 ** (-decibels / 20), len(tones))
    frames = voice_quality._frames(tones + noise, 640)[5:-5]
    ours = voice_quality.harmonics_to_noise(frames, SPEECH_SR, np.full(len(frames), f0))
    assert ours.mean() == pytest.approx(decibels, abs=0.7)
    np.testing.assert_allclose(
        ours, voice_quality.harmonics_to_noise(0.01 * frames + 3, SPEECH_SR, np.full(len(frames), f0))
    )


def test_harmonics_to_noise_of_silence_is_the_lowest():
    assert voice_quality.harmonics_to_noise(np.zeros((2, 640)), SPEECH_SR, [100, 200]).tolist() == [-20, -20]


@pytest.mark.parametrize("f0", [85, 140, 230, 370])
def test_harmonic_differences_are_the_known_ones(f0):
    levels = np.full(int(5000 / f0), -20.0)
    levels[:2] = 0, -7
    third = round(2600 / f0) - 1  # a harmonic in the range of the third formant
    levels[third] = -12
    sound = harmonics(f0, levels)
    frames = voice_quality._frames(sound, 640)[5:-5]
    power, hertz = voice_quality._power(frames, 1024), np.arange(513) * SPEECH_SR / 1024
    first, second, high = (
        voice_quality.harmonic_level(power, hertz, f0, near) for near in (f0, 2 * f0, 2600)
    )
    assert (first - second).mean() == pytest.approx(7, abs=1)
    assert (first - high).mean() == pytest.approx(12, abs=1)
    assert value(found(sound), "H1-H2", "mean") == pytest.approx(7, abs=1)


def test_a_level_in_an_unknown_range_is_unknown():
    level = voice_quality.peak_level(np.ones((2, 3)), [0, 100, 200], [50, np.nan], [150, np.nan])
    assert level[0] == 0 and np.isnan(level[1])


# --- formants ---


def test_linear_prediction_by_hand():
    # x[n] = 0.5 x[n - 1] - 0.25 x[n - 2] + noise: r1 = 0.5 / 1.25 = 0.4, r2 = 0.5 r1 - 0.25 = -0.05
    np.testing.assert_allclose(voice_quality.linear_prediction([2, 0.8, -0.1]), [1, -0.5, 0.25], rtol=1e-6)
    assert voice_quality.linear_prediction(np.zeros((2, 3))).tolist() == [[1, 0, 0], [1, 0, 0]]


def test_the_poles_of_an_exact_autocorrelation_are_the_formants():
    frequencies, bandwidths = [500, 1500, 2500], [60, 90, 150]
    rings = lfilter([1], np.poly(poles_of(frequencies, bandwidths).ravel()).real, np.eye(1, 8000)[0])
    correlation = np.array([rings[: 8000 - lag] @ rings[lag:] for lag in range(7)])
    ours = voice_quality._resonances(voice_quality.linear_prediction(correlation), SPEECH_SR, 3)
    np.testing.assert_allclose(ours[0], frequencies, rtol=1e-3)
    np.testing.assert_allclose(ours[1], bandwidths, rtol=1e-2)


VOWELS = {
    "a": ((730, 1090, 2440, 3400, 4500), (60, 80, 120, 150, 200)),
    "i": ((270, 2290, 3010, 3600, 4500), (50, 90, 150, 200, 200)),
    "u": ((300, 870, 2240, 3300, 4300), (50, 70, 100, 150, 200)),
}


@pytest.mark.parametrize("f0", [90, 120, 160])
@pytest.mark.parametrize("name", VOWELS)
def test_formants_of_a_vowel_are_those_of_its_filter(name, f0):
    frequencies, bandwidths = VOWELS[name]
    frames = voice_quality._frames(vowel(f0, frequencies, bandwidths), 640)[5:-5]
    ours, widths = (each.mean(axis=0) for each in voice_quality.formants(frames, SPEECH_SR))
    apart = np.abs(ours / frequencies[:3] - 1)
    assert (apart < [0.1, 0.04, 0.02]).all()  # the harmonics pull the lowest most
    assert np.abs(np.log2(widths / bandwidths[:3])).max() < 1.3
    again = voice_quality.formants(1000 * frames, SPEECH_SR)[0]
    np.testing.assert_allclose(again.mean(axis=0), ours)


def test_formants_of_an_utterance_are_those_of_its_vowel():
    ours = found(0.01 * vowel(110, *VOWELS["a"]))
    for k, hertz in enumerate(VOWELS["a"][0][:3], start=1):
        assert value(ours, f"F{k} frequency", "mean") == pytest.approx(hertz, rel=0.06)
    assert value(ours, "F1 level", "mean") > value(ours, "F3 level", "mean")


def test_silence_has_no_formants():
    frequency, bandwidth = voice_quality.formants(np.zeros((2, 640)), SPEECH_SR)
    assert frequency.shape == bandwidth.shape == (2, 3)
    assert np.isnan(frequency).all() and np.isnan(bandwidth).all()


def test_fewer_poles_than_formants_leave_the_others_unknown():
    frequency, _ = voice_quality.formants(np.random.default_rng(0).normal(size=640), SPEECH_SR, 5, order=2)
    assert frequency.shape == (5,) and np.isnan(frequency[2:]).all()


def test_a_ceiling_above_half_the_sampling_rate_is_refused():
    with pytest.raises(CourseError, match="up to 4000 Hz"):
        voice_quality.formants(np.zeros(320), 8000)


# --- the balance of the spectrum ---


def test_ratios_of_two_tones_are_those_of_their_energies():
    power, hertz = spectrum(np.sin(2 * np.pi * 500 * SECONDS) + 0.1 * np.sin(2 * np.pi * 3000 * SECONDS))
    assert voice_quality.alpha_ratio(power, hertz) == pytest.approx(20, abs=0.2)
    assert voice_quality.hammarberg(power, hertz) == pytest.approx(20, abs=0.5)
    quiet = voice_quality.alpha_ratio(power / 100, hertz)
    np.testing.assert_allclose(quiet, voice_quality.alpha_ratio(power, hertz))


def test_white_noise_has_ratios_of_the_bandwidths_and_no_slope():
    power, hertz = spectrum(np.random.default_rng(0).normal(size=10 * SPEECH_SR))
    mean = power.mean(axis=0)
    assert voice_quality.alpha_ratio(mean, hertz) == pytest.approx(10 * np.log10(950 / 4000), abs=0.3)
    assert voice_quality.hammarberg(mean, hertz) == pytest.approx(0, abs=0.5)
    for low, high in [(0, 500), (500, 1500)]:
        assert voice_quality.spectral_slope(mean[1:], hertz[1:], low, high) == pytest.approx(0, abs=1.5)


def test_a_slope_of_the_spectrum_by_hand():
    hertz = np.arange(0, 2001, 100)
    power = 10 ** (-12 * hertz / 1000 / 10)  # -12 dB per kHz
    both = voice_quality.spectral_slope(np.stack([power, 7 * power]), hertz, 500, 1500)
    assert both == pytest.approx([-12, -12])
    with pytest.raises(CourseError, match="fewer than two bins"):
        voice_quality.spectral_slope(power, hertz, 510, 590)


def test_ratios_of_silence_are_0():
    power, hertz = spectrum(np.zeros(SPEECH_SR))
    assert (
        not voice_quality.alpha_ratio(power, hertz).any() and not voice_quality.hammarberg(power, hertz).any()
    )
    assert not voice_quality.spectral_slope(power, hertz, 0, 500).any()
    assert not voice_quality.spectral_flux(power).any() and not voice_quality.loudness(power).any()


def test_spectral_flux_by_hand():
    # Lengths 5, 5 and 10: their root mean square is sqrt(50). Distances sqrt(2) and 5.
    ours = voice_quality.spectral_flux([[3, 4], [4, 3], [8, 6]])
    np.testing.assert_allclose(ours, [0, np.sqrt(2 / 50), 5 / np.sqrt(50)])


def test_loudness_grows_with_the_amplitude_and_with_the_number_of_bands():
    tone, _ = spectrum(np.sin(2 * np.pi * 1000 * SECONDS))
    noise, _ = spectrum(np.random.default_rng(0).normal(0, np.sqrt(0.5), SPEECH_SR))  # the same energy
    once, twice = (voice_quality.loudness(gain**2 * tone) for gain in (1, 2))
    np.testing.assert_allclose(twice / once, 4 ** (1 / 3))
    assert voice_quality.loudness(noise).mean() > 2 * once.mean()


# --- statistics of a contour ---


def test_statistics_by_hand():
    assert voice_quality.coefficient_of_variation([2, 6, np.nan]) == 0.5
    assert voice_quality.coefficient_of_variation([]) == voice_quality.coefficient_of_variation([-1, 1]) == 0
    assert voice_quality.part_slopes([0, 3, 3, 2, np.nan, 7], 10).tolist() == [30, 0, -10]
    assert voice_quality.part_slopes([1], 10).size == voice_quality.part_slopes([], 10).size == 0
    assert voice_quality.run_lengths([0, 1, 1, 0, 1]).tolist() == [2, 1]
    assert not voice_quality.run_lengths([0, 0]).size
    smooth = voice_quality._smooth(np.array([3, 6, np.nan, 1, 1, 4]))
    np.testing.assert_allclose(smooth, [4.5, 4.5, np.nan, 1, 2, 2.5])


def test_a_rising_voice_has_the_known_slope_and_percentiles():
    rise = 2 ** (np.arange(2 * SPEECH_SR) / SPEECH_SR / 2)  # 6 semitones per second for 2 s, from 200 Hz
    phase = 2 * np.pi * np.cumsum(200 * rise) / SPEECH_SR
    ours = found(0.1 * sum(np.sin(k * phase) for k in range(1, 6)))
    start = 12 * np.log2(200 / 27.5)
    for percent in (20, 50, 80):
        expected = start + 12 * percent / 100
        assert value(ours, "F0", f"{percent} % point") == pytest.approx(expected, abs=0.4)
    assert value(ours, "F0", "range") == pytest.approx(7.2, abs=0.4)
    assert value(ours, "F0", "rising", "mean") == pytest.approx(6, abs=1)
    assert value(ours, "F0", "voiced frames: mean") == pytest.approx(start + 6, abs=0.3)


def test_syllables_and_pauses_are_counted_and_timed():
    syllable = 0.1 * harmonics(200)[:4800] * np.hanning(4800) ** 0.25
    silence = np.zeros(SPEECH_SR)
    noise = np.random.default_rng(0).normal(0, 1e-5, 3 * 4800 + 2 * 3200 + 2 * SPEECH_SR)
    sound = np.concatenate([silence, syllable, np.zeros(3200), syllable, np.zeros(3200), syllable, silence])
    ours = found(sound + noise)
    assert value(ours, "voiced segments (per s)") == pytest.approx(3 / 1.3, abs=0.15)
    assert value(ours, "loudness peaks") >= value(ours, "voiced segments (per s)")
    assert value(ours, "unvoiced segments: mean length") < 0.25  # not the second before and after
    lengths = voice_quality.run_lengths(~np.isnan(voice_quality.contours(sound + noise)["F0"])) / 100
    assert len(lengths) == 3 and lengths == pytest.approx(0.3, abs=0.04)


def test_the_equivalent_level_is_that_of_the_mean_power():
    assert value(found(0.1 * np.sin(2 * np.pi * 220 * SECONDS)), "equivalent") == pytest.approx(
        -23.01, abs=0.1
    )


# --- all of an utterance ---


def test_there_is_a_name_for_each_number():
    assert len(describe(harmonics(200))) == len(NAMES) == len(set(NAMES)) == 72


def test_it_is_finite_for_any_sound():
    noise = np.random.default_rng(0).normal(0, 0.1, SPEECH_SR)
    click = np.zeros(9000)
    click[4000] = 1
    tone = (0.2 * np.sin(np.arange(SPEECH_SR) / 8)).astype(np.float32)
    for sound in (tone, tone[:700], tone[:2], tone[:1], click, noise, 1e-6 * noise, np.full(9000, 0.5)):
        assert np.isfinite(describe(sound)).all()
    whisper = found(noise)
    assert value(whisper, "jitter", "mean") == value(whisper, "F1 frequency", "mean") == 0
    assert value(whisper, "voiced segments (per s)") == 0


def test_silence_is_one_unvoiced_segment_of_the_lowest_level():
    ours = found(np.zeros(SPEECH_SR))
    silent = {name: number for name, number in ours.items() if number}
    assert list(silent) == ["unvoiced segments: mean length (s)", "equivalent sound level (dB re full scale)"]
    assert list(silent.values()) == pytest.approx([1, -100], abs=0.03)


def test_the_gain_changes_loudness_and_level_alone():
    sound, _, _ = voice(150, 0.02, 0.1)
    loud, quiet = describe(sound), describe(0.1 * sound)
    gained = np.array(
        [name.startswith(("loudness,", "equivalent")) and "coefficient" not in name for name in NAMES]
    )
    np.testing.assert_allclose(loud[~gained], quiet[~gained], rtol=1e-3, atol=1e-4)
    level = np.array([name.startswith("equivalent") for name in NAMES])
    np.testing.assert_allclose(quiet[gained & ~level], 100 ** (-1 / 3) * loud[gained & ~level], rtol=1e-6)
    assert quiet[level] == pytest.approx(loud[level] - 20)


def test_a_microphones_offset_changes_nothing():
    sound, _, _ = voice(150, 0.02, 0.1)
    np.testing.assert_allclose(describe(sound + 0.3), describe(sound), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("samples", [1, 37, 80, 401])
def test_a_later_start_changes_little(samples):
    sound, _, _ = voice(150, 0.02, 0.1)
    sound += np.random.default_rng(0).normal(0, 1e-3, len(sound)) * sound.std()
    here, later = found(sound), found(np.r_[np.zeros(samples), sound])
    for name, tolerance in {
        "jitter": 0.1,
        "shimmer": 0.1,
        "HNR": 0.05,
        "F1 frequency": 0.02,
        "F2 frequency": 0.02,
        "alpha": 0.02,
        "F0": 0.002,
    }.items():
        one, other = (value(each, f"{name}", ", voiced frames: mean") for each in (here, later))
        assert one == pytest.approx(other, rel=tolerance), name


@pytest.mark.parametrize("sound", [np.zeros((2, 800)), np.zeros(800, int), [], [np.nan] * 800])
def test_what_is_no_sound_is_refused(sound):
    with pytest.raises(CourseError):
        describe(sound)
