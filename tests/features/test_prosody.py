"""How an utterance is spoken: tones and glides of known frequency, level and length."""

import numpy as np
import pytest

from course_lib import features
from course_lib.datasets import embedded, ravdess
from course_lib.features.prosody import Prosody
from course_lib.media import audio

SR = 16000
SECONDS = np.arange(SR) / SR


def buzz(hertz):
    """A voice-like sound: five overtones of a frequency that may change."""
    phase = 2 * np.pi * np.cumsum(np.broadcast_to(hertz, SR)) / SR
    return 0.1 * sum(np.sin(k * phase) / k for k in range(1, 6))


def test_of_a_steady_buzz():
    found = features.prosody(buzz(220))
    assert isinstance(found, Prosody)
    assert found.F0 == pytest.approx(24, abs=0.2)  # 220 Hz are two octaves above 55 Hz
    assert found.range == pytest.approx(0, abs=0.1) and found.length == 1


def test_the_range_of_a_glide_is_half_of_its_interval():
    found = features.prosody(buzz(110 * 2**SECONDS))  # an octave in a second: 12 semitones
    assert found.F0 == pytest.approx(18, abs=0.5) and found.range == pytest.approx(6, abs=0.6)


def test_the_level_is_that_of_the_loud_frames():
    tone = np.sin(2 * np.pi * 200 * SECONDS)  # full scale: -3 dB; the frames at its ends are half empty
    quiet_half = np.concatenate([0.1 * tone, 1e-3 * tone])
    assert features.prosody(tone).level == pytest.approx(-3, abs=0.2)
    assert features.prosody(quiet_half).level == pytest.approx(-23, abs=0.5)
    assert features.prosody(0.5 * tone).level - features.prosody(tone).level == pytest.approx(-6, abs=0.1)


def test_the_sampling_rate_changes_length_and_frequency():
    found = features.prosody(buzz(220), sr=8000)
    assert found.length == 2 and found.F0 == pytest.approx(12, abs=0.3)


@pytest.mark.parametrize(
    "sound", [np.zeros(SR), np.random.default_rng(0).normal(0, 0.1, SR)], ids=["silence", "noise"]
)
def test_without_a_voice_f0_is_nan(sound):
    found = features.prosody(sound)
    assert np.isnan([found.F0, found.range]).all() and np.isfinite([found.level, found.length]).all()


def test_an_actor_is_higher_and_louder_when_strongly_angry():
    clips = ravdess.table(embedded.folder("ravdess")).query("modality == 'audio-only' and actor == 1")
    calm, angry = (
        features.prosody(audio.read_voice(clips[clips["emotion"] == emotion]["path"].iloc[0]))
        for emotion in ("calm", "angry")
    )
    assert angry.F0 > calm.F0 and angry.level > calm.level + 5
