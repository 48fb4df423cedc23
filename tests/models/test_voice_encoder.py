"""The classifier on the frozen speech encoder: what it computes, when it is there, and what it refuses."""

import doctest

import numpy as np
import pytest
from scipy.special import softmax
from whisper_pt import numbers, write

from course_lib.core.errors import CourseError
from course_lib.demo import moments
from course_lib.models import from_preset, speech_encoder, voice_encoder, voices, whisper_file

SOUND = np.random.default_rng(0).normal(0, 0.1, 24_000).astype(np.float32)  # 1.5 s


@pytest.fixture
def with_encoder(own_home):
    """Whisper-base's file in the course's cache, with random numbers."""
    folder = own_home / "whisper"
    folder.mkdir(parents=True)
    return write(folder / whisper_file.FILE, numbers(whisper_file.shapes()))


def test_the_examples_in_the_docstrings_run():
    assert doctest.testmod(voice_encoder).failed == 0


def test_the_prediction_is_the_linear_classifier_on_its_layer(with_encoder):
    preset, linear = from_preset("voice_encoder"), voice_encoder.load()
    network = speech_encoder.load(with_encoder)
    embedding = speech_encoder.features(network, [SOUND], int(linear.layer))
    assert np.allclose(preset.features([SOUND]), embedding, atol=1e-5)
    by_hand = softmax(embedding @ linear.weights + linear.bias, axis=1)
    assert np.allclose(preset.predict([SOUND]), by_hand, atol=1e-4)
    assert preset.classes == from_preset("voice").classes and "Leave-one-speaker-out" in preset.card


def test_the_demo_takes_it_where_the_encoder_is_and_says_so(own_home, monkeypatch):
    assert moments.voice_name() == "voice" and "preset voice (" in moments.heard_by()
    handcrafted = moments.settings()
    folder = own_home / "whisper"
    folder.mkdir(parents=True)
    (folder / whisper_file.FILE).touch()
    assert moments.voice_name() == "voice_encoder" and "preset voice_encoder (" in moments.heard_by()
    found = moments.settings()
    assert found.temperature["voice"] != handcrafted.temperature["voice"]
    assert found.temperature["face"] == handcrafted.temperature["face"]
    monkeypatch.setattr(moments, "in_kernel", lambda: True)  # the lessons' text explains the answers of voice
    assert moments.voice_name() == "voice" and moments.settings() == handcrafted


def test_without_the_encoder_the_error_names_the_command(own_home):
    with pytest.raises(CourseError, match="course fetch whisper-base"):
        from_preset("voice_encoder")


def test_a_file_of_weights_is_told_from_those_of_voice(tmp_path):
    path = tmp_path / "mine.npz"
    path.write_bytes(voice_encoder.SHIPPED.read_bytes())
    assert voices.is_voice(path) and voices.reads_encoder(path)
    assert not voices.is_voice("emotion") and not voices.reads_encoder("voice")
    assert voices.is_voice(voices.SHIPPED) and not voices.reads_encoder(voices.SHIPPED)


@pytest.mark.parametrize(
    ("change", "words"),
    [({"weights": np.zeros((3, 8))}, "do not fit"), ({"layer": np.array(7)}, "no layer 7")],
)
def test_weights_that_do_not_fit_are_refused(tmp_path, change, words):
    with pytest.raises(CourseError, match="do not fit"):
        voice_encoder.load(voices.SHIPPED)

    np.savez(tmp_path / "weights.npz", **voice_encoder.load()._asdict() | change)
    with pytest.raises(CourseError, match=words):
        voice_encoder.load(tmp_path)
