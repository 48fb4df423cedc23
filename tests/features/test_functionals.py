"""What is measured of a voice: finite for every signal, and by hand where it can be."""

import numpy as np
import pytest

from course_lib.core.audio import SPEECH_SR
from course_lib.features import functionals

TONE = (0.2 * np.sin(np.arange(32000) / 8)).astype(np.float32)


def test_what_is_measured_is_finite_for_a_tone_a_click_and_silence():
    click = np.zeros(9000, np.float32)
    click[4000] = 1
    for signal in (TONE, click, np.zeros(16000), TONE[:700], TONE[:2]):
        found = functionals.describe(signal)
        assert found.shape == (len(functionals.describe(TONE)),) and np.isfinite(found).all()


def test_statistics_are_taken_while_there_is_speech():
    # Two coefficients, 20 frames; in the first and last five the level is 100 dB lower. The slope there is
    # not seen.
    coefficients = np.zeros((2, 20))
    coefficients[0, 5:15] = 100 * np.sqrt(128)
    coefficients[1, 5:15] = np.arange(10)
    found = functionals.mfcc_statistics(coefficients).reshape(10, 2)
    assert found[0, 1] == 4.5 and found[1, 1] == pytest.approx(np.arange(10).std())
    assert found[3, 1] == 4.5 and found[5, 1] < 1.0


def test_the_course_has_quarters_and_lengths():
    coefficients = np.zeros((2, 20))
    coefficients[0, [4, *range(8, 12)]] = 100 * np.sqrt(128)  # eight frames, five of them loud
    coefficients[1] = np.arange(20)
    found = functionals.mfcc_course(coefficients)
    assert found[[1, 5, 9, 13]].tolist() == [4.5, 6.5, 8.5, 10.5] and found[-2:].tolist() == [8, 5]


def test_slopes_by_quarter_and_their_size():
    coefficients = np.full((2, 40), 100 * np.sqrt(128))
    coefficients[1] = np.where(np.arange(40) < 20, 3.0 * np.arange(40), 120 - 3.0 * np.arange(40))
    found = functionals.mfcc_slopes(coefficients)
    assert found[1] == pytest.approx(3) and found[13] == pytest.approx(-3) and found[15] == pytest.approx(3)


def test_faster_is_shorter_and_higher():
    slow, fast = (functionals.describe(TONE, speed) for speed in (0.9, 1.1))
    frames = 18 * functionals.MFCC["n_mfcc"]  # where the course's two lengths stand
    assert slow[frames] > fast[frames]


def test_a_rising_voice_is_measured_in_semitones():
    seconds = np.arange(32000) / SPEECH_SR
    rising = np.sin(2 * np.pi * np.cumsum(200 * 2 ** (seconds / 2)) / SPEECH_SR).astype(
        np.float32
    )  # 6 a second
    mean, _, low, *_, high, slope, step, _, first, second, third, last, voiced = functionals.pitch_statistics(
        rising, np.full(101, True)
    )
    assert mean == pytest.approx(18, abs=0.3) and low < 13 and high > 23 and voiced > 0.95
    assert slope == pytest.approx(6, abs=0.2) and step == pytest.approx(6 / 50, abs=0.1)
    assert [first, second, third, last] == pytest.approx([13.5, 16.5, 19.5, 22.5], abs=0.5)


def test_noise_has_no_pitch():
    noise = np.random.default_rng(0).normal(0, 0.1, 32000).astype(np.float32)
    assert not functionals.pitch_statistics(noise, np.full(101, True)).any()
