"""Pictures of sound are librosa's, in the shape of IIITA's networks."""

import warnings

import librosa
import numpy as np
import pytest

from course_lib import features
from course_lib.core.errors import CourseError

RNG = np.random.default_rng(0)


def librosas(signal, sr, n_fft=2048, hop_length=256, n_mels=96, fmax=None):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        power = librosa.feature.melspectrogram(y=signal, sr=sr, n_fft=n_fft, hop_length=hop_length, n_mels=n_mels,
                                               fmax=fmax)
    return librosa.power_to_db(power)


@pytest.mark.parametrize("options", [{"sr": 44100}, {"sr": 16000, "hop_length": 93}, {"sr": 44100, "fmax": 8000},
                                     {"sr": 22050, "n_mels": 40, "n_fft": 1024, "fmax": 8000}], ids=str)
def test_equal_to_librosa(options):
    signals = RNG.normal(size=(3, round(2.5 * options["sr"]))).astype(np.float32) * np.array([[1], [1e-3], [0]], "f")
    ours = features.log_mel(signals, **options)
    for one, signal in zip(ours, signals, strict=True):
        theirs = librosas(signal, **({"fmax": 7600} if options["sr"] == 16000 else {}), **options)
        assert one.dtype == np.float32 and one.shape == (*theirs.shape, 1)
        np.testing.assert_allclose(one[..., 0], theirs, atol=2e-4)


def test_the_shape_of_the_published_summaries_comes_about_in_two_ways():
    signals = RNG.normal(size=(1, 220_500)).astype(np.float32)
    assert features.log_mel(signals).shape == (1, 96, 431, 1)
    assert features.log_mel(signals, seconds=5, hop_length=512).shape == (1, 96, 431, 1)
    assert features.log_mel(signals[:, :80_000], sr=16_000, hop_length=93).shape == (1, 96, 431, 1)


def test_clips_are_cut_or_filled_up_with_silence():
    signals = RNG.normal(size=(1, 60_000)).astype(np.float32)
    long = features.log_mel(signals, sr=16_000)
    np.testing.assert_array_equal(long, features.log_mel(signals[:, :40_000], sr=16_000))
    short = features.log_mel(signals[:, :16_000], sr=16_000)[0, :, :, 0]
    assert short.shape == (96, 157) and (short[:, 70:] == short.max() - 80).all() and (short[:, :60] > -40).all()


def test_where_the_spectrum_ends_below_fmax_the_bands_above_hold_nothing():
    """A sound recorded at 16 kHz and resampled: with fmax 7600 all bands hear it, without a quarter hears nothing."""
    sound = librosa.resample(RNG.normal(size=40_000).astype(np.float32), orig_sr=16_000, target_sr=44_100)[None]
    heard = features.log_mel(sound, fmax=7600)[0, :, 30:-30, 0].mean(axis=1)
    deaf = features.log_mel(sound)[0, :, 30:-30, 0].mean(axis=1)
    assert np.ptp(heard) < 20 and (deaf < deaf.max() - 60).sum() > 10


def test_at_16_khz_no_band_is_empty():
    """The resampler's filter leaves nothing just below 8 kHz; the highest band ends before."""
    sound = librosa.resample(RNG.normal(size=120_000).astype(np.float32), orig_sr=48_000, target_sr=16_000)[None]
    heard = features.log_mel(sound, sr=16_000)[0, :, 30:-30, 0].mean(axis=1)
    assert heard[-1] > np.median(heard) - 3


@pytest.mark.parametrize(("options", "said"), [
    ({"seconds": 0}, r"seconds=0: it is no number above 0"), ({"n_mels": 0}, r"n_mels=0"),
    ({"sr": 16000, "fmax": 8001}, r"fmax=8001: samples at 16000 Hz hold frequencies up to 8000 Hz"),
    ({"n_fft": 256}, r"n_mels=96: \d+ bands hold no frequency of the spectrum\. Take fewer bands, or a larger n_fft"),
])
def test_what_cannot_be_is_refused(options, said):
    with pytest.raises(CourseError, match=said):
        features.log_mel(np.ones((1, 1000), np.float32), **options)
