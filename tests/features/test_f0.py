"""How high voices are: tones, voices of the Studio, and librosa's YIN beside it."""

import librosa
import numpy as np
import pytest
import soxr

from course_lib import features
from course_lib.core.audio import RAVDESS_SR, SPEECH_SR
from course_lib.core.errors import CourseError
from course_lib.datasets import ravdess
from course_lib.synthetic import voice

SECONDS = np.arange(16000) / 16000


def test_of_a_tone_and_of_its_overtones_alone_it_is_the_frequency():
    tone = np.sin(2 * np.pi * 200 * SECONDS)
    overtones = sum(np.sin(2 * np.pi * 200 * k * SECONDS) for k in (2, 3, 4, 5))  # 200 Hz itself is missing
    hertz, clear = features.f0(np.stack([tone, overtones]))
    assert hertz.shape == clear.shape == (2, 51) and hertz.dtype == np.float32
    assert np.abs(hertz[:, 2:-2] - 200).max() < 2 and clear[:, 2:-2].min() > 0.95


@pytest.mark.parametrize("frequency", [80, 120, 300, 500])
def test_it_is_not_an_octave_off(frequency):
    buzz = np.sign(np.sin(2 * np.pi * frequency * SECONDS)) * 0.3
    hertz, _ = features.f0(buzz[None])
    assert np.median(hertz[0, 2:-2]) == pytest.approx(frequency, rel=0.03)


def test_noise_and_silence_are_not_clear():
    noise = np.random.default_rng(0).normal(0, 0.1, 16000)
    _, clear = features.f0(np.stack([noise, np.zeros(16000)]))
    assert np.median(clear[0]) < 0.4 and clear[1].max() == 0


def test_a_microphones_offset_is_no_voice():
    noise = np.random.default_rng(0).normal(0.2, 0.1, (1, 16000))  # the offset is twice as large as the noise
    assert np.median(features.f0(noise)[1]) < 0.4


def test_what_is_lower_than_the_lowest_stays_within_the_range():
    hertz, _ = features.f0(np.sin(2 * np.pi * 50 * SECONDS)[None])
    assert 65 <= hertz.min() and hertz.max() <= 550


def test_of_a_drawn_voice_it_agrees_with_librosas_yin():
    samples = voice.speak(ravdess.parse_name("03-01-03-01-01-01-04.wav")).samples
    signal = soxr.resample(samples, RAVDESS_SR, SPEECH_SR)
    ours, clear = (found[0] for found in features.f0(signal[None]))
    theirs = librosa.yin(signal, fmin=65, fmax=550, sr=16000, frame_length=1024, hop_length=320)
    both = clear > 0.8
    assert both.sum() > 30
    apart = np.abs(12 * np.log2(ours[both] / theirs[both]))  # its windows are half as long again as ours
    assert np.median(apart) < 0.3 and (apart < 1).mean() > 0.8


def test_what_cannot_be_is_refused():
    with pytest.raises(CourseError, match="does not hold"):
        features.f0(np.zeros((1, 1000)), fmin=10)
    with pytest.raises(CourseError, match="samples"):
        features.f0(np.zeros(1000))
