"""Real speech through lecture 27's features, and the features that all eight emotions are told apart by."""

import librosa
import numpy as np
import pytest

from course_lib import features
from course_lib.authoring.experiments.speech import mfcc_rows
from course_lib.datasets import ravdess
from course_lib.features import functionals
from course_lib.media import audio


@pytest.fixture(scope="module")
def sounds(real_data):
    paths = sorted((real_data / "ravdess" / "original" / "Actor_01").glob("*.wav"))
    return np.stack([audio.read_audio(path) for path in paths])


def test_mfcc_of_real_speech_are_librosas(sounds):
    theirs = np.stack([librosa.feature.mfcc(y=sound, sr=8000, n_mfcc=40) for sound in sounds])
    assert theirs.shape == (16, 40, 63)
    np.testing.assert_allclose(features.mfcc(sounds), theirs, atol=1e-3)


def test_an_original_and_its_resampled_copy_give_nearly_the_same_mfcc(sounds, real_data):
    table = ravdess.table(real_data / "ravdess" / "speech_16k" / "Actor_01")
    copies = mfcc_rows(table["path"][table["emotion"].isin(["calm", "angry"])])
    originals = features.mfcc(sounds).reshape(16, -1)
    assert copies.shape == (16, 2520)
    assert all(np.corrcoef(one, other)[0, 1] > 0.99 for one, other in zip(copies, originals, strict=True))


def test_speech_takes_a_part_of_a_real_take(sounds):
    """A recording begins and ends with about a second of silence, and the reader pads it to four."""
    shares = [functionals._loud(one).mean() for one in features.mfcc(sounds, n_fft=512, hop_length=80)]
    assert all(0.15 < share < 0.7 for share in shares)


# --- hand-worked: 40 coefficients, of which only the first, the loudness, is not 0
# ------------------------------------


@pytest.fixture
def ramp():
    """Silence (-60 dB in each band), then ten frames in which the level rises by 1 dB a frame, then
    silence."""
    levels = np.concatenate([np.full(20, -60.0), np.arange(-10.0, 0.0), np.full(20, -60.0)])
    return np.vstack([levels * np.sqrt(128), np.zeros((39, 50))])


def test_statistics_count_speech_only(ramp):
    found = functionals.mfcc_statistics(ramp).reshape(2, 5, 40)
    mean, deviation, low, median, high = found[0, :, 0] / np.sqrt(128)
    assert (mean, median) == pytest.approx((-5.5, -5.5))
    assert deviation == pytest.approx(np.arange(10).std())
    assert (low, high) == pytest.approx((-9.1, -1.9))
    assert not found[:, :, 1:].any()


def test_course_is_that_of_the_quarters(ramp):
    found = functionals.mfcc_course(ramp)
    means = found[:-2].reshape(4, 2, 40)[:, 0, 0] / np.sqrt(128)
    assert means == pytest.approx([-9, -6, -3.5, -1.5])  # three, three, two and two frames
    assert found[-2:].tolist() == [10, 10]
    assert found.shape == (322,)
