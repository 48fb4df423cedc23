"""Why lesson 05 never asks MoviePy for samples: its array is garbage on exactly the lecture's case."""

from importlib.metadata import version

import numpy as np
import pytest
import soundfile

from course_lib.core.paths import ROOT
from course_lib.media import audio


@pytest.fixture
def tone(tmp_path):
    """Four seconds of 440 Hz at 48 kHz, amplitude 0.5."""
    path = tmp_path / "tone.wav"
    soundfile.write(path, 0.5 * np.sin(2 * np.pi * 440 * np.arange(4 * 48000) / 48000), 48000)
    return path


def loudest(samples, sr=8000):
    """The frequency in Hz of the strongest part of (n,) samples."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return spectrum.argmax() * sr / len(samples)


def test_read_audio_reads_the_tone(tone):
    samples = audio.read_audio(tone, sr=8000, seconds=4)
    assert abs(loudest(samples) - 440) < 1
    assert samples.std() == pytest.approx(0.5 / np.sqrt(2), rel=1e-3)


@pytest.mark.skipif(version("moviepy") != "2.2.1", reason="the fault is MoviePy 2.2.1's")
def test_moviepys_array_is_one_constant_without_an_error(tone):
    from moviepy import AudioFileClip

    with AudioFileClip(str(tone)) as clip:
        samples = clip.to_soundarray(fps=8000)
    assert samples.shape == (32000, 2)  # 4 s at 8 kHz: below the 50,000 samples of its buffer
    assert samples.std() == 0  # and no tone in it


def test_no_lesson_and_no_module_asks_moviepy_for_samples():
    callers = [
        path.name
        for folder in ("masters", "course_lib")
        for path in (ROOT / folder).rglob("*.py")
        if ".to_soundarray(" in path.read_text(encoding="utf-8")
    ]
    assert not callers


def test_resampling_filters_first(tmp_path):
    """A tone of 5 kHz has no place at 8,000 samples a second; taking every sixth sample makes one of 3 kHz of
    it.
    """
    samples = 0.5 * np.sin(2 * np.pi * 5000 * np.arange(4 * 48000) / 48000)
    soundfile.write(tmp_path / "high.wav", samples, 48000)
    assert abs(loudest(samples[::6]) - 3000) < 1 and samples[::6].std() > 0.3
    assert np.abs(audio.read_audio(tmp_path / "high.wav", sr=8000, seconds=4)[200:-200]).max() < 1e-3
