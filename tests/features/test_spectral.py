"""MFCC and pictures of sound are librosa's, without librosa."""

import re
import subprocess
import sys
import warnings

import librosa
import numpy as np
import pytest

from course_lib import features
from course_lib.core.errors import CourseError
from course_lib.synthetic import corpus

RNG = np.random.default_rng(0)
SECONDS = np.arange(32000) / 8000
SIGNALS = {
    "noise": 0.1 * RNG.standard_normal(32000),
    "quiet noise": 1e-6 * RNG.standard_normal(32000),
    "silence": np.zeros(32000),
    "tone": 0.5 * np.sin(2 * np.pi * 440 * SECONDS),
    "click": np.eye(1, 32000, 5)[0],
    "half silent": np.r_[np.zeros(16000), RNG.standard_normal(16000)],
    "shorter than n_fft": RNG.standard_normal(700),
    "voice": corpus.render("03-01-05-02-01-01-02.wav")[1][12000:140000:4] / 32768,
}
OPTIONS = [
    {},
    {"sr": 16000},
    {"sr": 48000, "n_mfcc": 13},
    {"n_mfcc": 128},
    {"sr": 22050, "n_mfcc": 13, "n_fft": 1024, "hop_length": 256},
    {"n_mfcc": 20, "n_fft": 400, "hop_length": 80, "n_mels": 40},
    {"sr": 1500, "n_fft": 513, "hop_length": 3000},
]


def librosas_mfcc(signal, sr=8000, n_mfcc=40, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of signals shorter than a frame, and of empty filters
        return librosa.feature.mfcc(y=signal.astype(np.float32), sr=sr, n_mfcc=n_mfcc, **options)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("signal", SIGNALS.values(), ids=SIGNALS)
def test_mfcc_equal_librosas(signal, options):
    ours, theirs = (
        features.mfcc(signal[None].astype(np.float32), **options)[0],
        librosas_mfcc(signal, **options),
    )
    assert ours.dtype == np.float32 and ours.shape == theirs.shape
    last_digit = np.spacing(np.abs(theirs).max())  # 1.2e-4 of a float32 above 1024
    assert np.abs(ours - theirs).max() <= max(1e-4, last_digit)


def test_the_lectures_case_has_40_times_63_numbers():
    assert features.mfcc(np.zeros((2, 32000), np.float32)).shape == (2, 40, 63)


def test_double_precision_goes_in_as_well():
    signal = SIGNALS["noise"][None]
    np.testing.assert_allclose(features.mfcc(signal), features.mfcc(signal.astype(np.float32)), atol=1e-3)


def test_a_clip_is_cut_at_its_own_loudest_value_and_not_at_its_neighbours():
    soft, loud = SIGNALS["quiet noise"], SIGNALS["noise"]
    together = features.mfcc(np.stack([soft, loud]))
    np.testing.assert_allclose(
        together[0], features.mfcc(soft[None])[0], atol=1e-3
    )  # sums round by the batch
    assert together[0, 1:].std() > 1  # cut at the loud clip's level it would be flat


def test_many_clips_are_worked_on_some_at_a_time():
    signals = RNG.standard_normal((40, 32000)).astype(np.float32)  # more than one slice of 16
    together = features.mfcc(signals)
    for number in (0, 15, 16, 39):
        np.testing.assert_allclose(together[number], features.mfcc(signals[number][None])[0], atol=1e-4)


def test_silence_is_all_in_the_first_coefficient():
    silence = features.mfcc(np.zeros((1, 4096), np.float32))[0]
    np.testing.assert_allclose(silence[0], -100 * np.sqrt(128), rtol=1e-6)  # -100 dB in each of 128 bands
    assert np.abs(silence[1:]).max() < 1e-3


def test_ten_times_the_amplitude_adds_twenty_decibels_to_the_first_coefficient_only():
    soft, loud = (features.mfcc(scale * SIGNALS["noise"][None])[0] for scale in (1, 10))
    np.testing.assert_allclose(loud[0] - soft[0], 20 * np.sqrt(128), rtol=1e-4)
    np.testing.assert_allclose(loud[1:], soft[1:], atol=1e-3)


@pytest.mark.parametrize(("sr", "n_fft", "n_mels"), [(8000, 2048, 128), (48000, 2048, 40), (1500, 513, 20)])
def test_the_mel_filters_are_librosas(sr, n_fft, n_mels):
    theirs = librosa.filters.mel(sr=sr, n_fft=n_fft, n_mels=n_mels)
    np.testing.assert_allclose(features.mel_filters(sr, n_fft, n_mels), theirs, atol=1e-7)


def test_a_filter_is_a_triangle_of_area_one():
    filters = features.mel_filters(8000, 2**15, 20)
    np.testing.assert_allclose(filters.sum(axis=1) * 8000 / 2**15, 1, rtol=1e-3)


def test_librosa_is_not_loaded():
    asks = "import sys; from course_lib import features; print({'librosa', 'numba'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True).stdout == "set()\n"


@pytest.mark.parametrize(
    ("signals", "message"),
    [
        (SIGNALS["tone"], r"shape \(32000,\): .*write signal\[None\]"),
        ([], r"shape \(0,\)"),
        (np.zeros((0, 100)), r"shape \(0, 100\)"),
        (np.zeros((3, 0)), r"shape \(3, 0\)"),
        (np.zeros((2, 3, 4)), r"shape \(2, 3, 4\)"),
        ([np.zeros(5), np.zeros(6)], "differ in length.* Read them all with"),
        (np.zeros((1, 100), np.int16), "signals of int16: .* Divide 16-bit samples by 32768"),
        (np.full((1, 100), np.nan), "NaN or infinite"),
        (np.full((1, 100), np.inf), "NaN or infinite"),
    ],
)
def test_what_is_not_signals_gets_one_clear_error(signals, message):
    with pytest.raises(CourseError, match=message):
        features.mfcc(signals)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sr", 0),
        ("sr", "8000"),
        ("sr", float("nan")),
        *(
            (name, value)
            for name in ("n_mfcc", "n_fft", "hop_length", "n_mels")
            for value in (0, -1, 40.0, "40", None)
        ),
    ],
)
def test_numbers_that_cannot_be_get_one_clear_error(name, value):
    with pytest.raises(CourseError, match=rf"^{name}={re.escape(repr(value))}: it is not a .*\. Give "):
        features.mfcc(np.zeros((1, 8000)), **{name: value})


def test_no_more_coefficients_than_bands():
    with pytest.raises(CourseError, match="n_mfcc=41: 40 mel bands give at most"):
        features.mfcc(np.zeros((1, 8000)), n_mfcc=41, n_mels=40)


# --- log-mel spectrograms ---


def librosas_log_mel(signal, sr, n_fft=2048, hop_length=256, n_mels=96, fmax=None):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        power = librosa.feature.melspectrogram(
            y=signal, sr=sr, n_fft=n_fft, hop_length=hop_length, n_mels=n_mels, fmax=fmax
        )
    return librosa.power_to_db(power)


@pytest.mark.parametrize(
    "options",
    [
        {"sr": 44100},
        {"sr": 16000, "hop_length": 93},
        {"sr": 44100, "fmax": 8000},
        {"sr": 22050, "n_mels": 40, "n_fft": 1024, "fmax": 8000},
    ],
    ids=str,
)
def test_log_mels_equal_librosas(options):
    signals = RNG.normal(size=(3, round(2.5 * options["sr"]))).astype(np.float32) * np.array(
        [[1], [1e-3], [0]], "f"
    )
    ours = features.log_mel_spectrogram(signals, **options)
    for one, signal in zip(ours, signals, strict=True):
        theirs = librosas_log_mel(signal, **({"fmax": 7600} if options["sr"] == 16000 else {}), **options)
        assert one.dtype == np.float32 and one.shape == (*theirs.shape, 1)
        np.testing.assert_allclose(one[..., 0], theirs, atol=2e-4)


def test_the_shape_of_the_published_summaries_comes_about_in_two_ways():
    signals = RNG.normal(size=(1, 220_500)).astype(np.float32)
    assert features.log_mel_spectrogram(signals).shape == (1, 96, 431, 1)
    assert features.log_mel_spectrogram(signals, seconds=5, hop_length=512).shape == (1, 96, 431, 1)
    assert features.log_mel_spectrogram(signals[:, :80_000], sr=16_000, hop_length=93).shape == (
        1,
        96,
        431,
        1,
    )


def test_clips_are_cut_or_filled_up_with_silence():
    signals = RNG.normal(size=(1, 60_000)).astype(np.float32)
    long = features.log_mel_spectrogram(signals, sr=16_000)
    np.testing.assert_array_equal(long, features.log_mel_spectrogram(signals[:, :40_000], sr=16_000))
    short = features.log_mel_spectrogram(signals[:, :16_000], sr=16_000)[0, :, :, 0]
    assert (
        short.shape == (96, 157) and (short[:, 70:] == short.max() - 80).all() and (short[:, :60] > -40).all()
    )


def test_where_the_spectrum_ends_below_fmax_the_bands_above_hold_nothing():
    """A sound recorded at 16 kHz and resampled: with fmax 7600 all bands hear it, without a quarter hears
    nothing.
    """
    sound = librosa.resample(RNG.normal(size=40_000).astype(np.float32), orig_sr=16_000, target_sr=44_100)[
        None
    ]
    heard = features.log_mel_spectrogram(sound, fmax=7600)[0, :, 30:-30, 0].mean(axis=1)
    deaf = features.log_mel_spectrogram(sound)[0, :, 30:-30, 0].mean(axis=1)
    assert np.ptp(heard) < 20 and (deaf < deaf.max() - 60).sum() > 10


def test_at_16_khz_no_band_is_empty():
    """The resampler's filter leaves nothing just below 8 kHz; the highest band ends before."""
    sound = librosa.resample(RNG.normal(size=120_000).astype(np.float32), orig_sr=48_000, target_sr=16_000)[
        None
    ]
    heard = features.log_mel_spectrogram(sound, sr=16_000)[0, :, 30:-30, 0].mean(axis=1)
    assert heard[-1] > np.median(heard) - 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seconds": 0}, r"seconds=0: it is not a number above 0"),
        ({"n_mels": 0}, r"n_mels=0"),
        ({"sr": 16000, "fmax": 8001}, r"fmax=8001: samples at 16000 Hz contain frequencies up to 8000 Hz"),
        (
            {"n_fft": 256},
            r"n_mels=96: \d+ bands contain no frequency of the spectrum\. Use fewer bands, or a larger n_fft",
        ),
    ],
)
def test_what_cannot_be_is_refused(options, message):
    with pytest.raises(CourseError, match=message):
        features.log_mel_spectrogram(np.ones((1, 1000), np.float32), **options)
