"""The microphone in a notebook: the way of JupyterLab and the way of Colab, without a browser."""

import base64
import sys
import types

import pytest

from course_lib.core.errors import CourseError
from course_lib.demo import microphone


@pytest.mark.parametrize("seconds", [0, -1, 31, float("nan")])
def test_impossible_durations_are_refused(seconds):
    with pytest.raises(CourseError, match="at most 30"):
        microphone.button(seconds)


def test_outside_colab_the_way_of_colab_says_what_to_use(monkeypatch):
    monkeypatch.delitem(sys.modules, "google.colab", raising=False)
    with pytest.raises(CourseError, match=r"microphone\.button"):
        microphone.record(1)


@pytest.fixture
def colab(monkeypatch):
    """A stand-in for google.colab whose browser answers what `answers` holds."""
    answers = []

    def eval_js(script):
        if isinstance(answer := answers.pop(), Exception):
            raise answer
        return answer

    module = types.ModuleType("google.colab")
    module.output = types.SimpleNamespace(eval_js=eval_js)
    monkeypatch.setitem(sys.modules, "google.colab", module)
    return answers


def test_in_colab_the_sound_becomes_a_file(colab):
    colab.append("data:audio/webm;codecs=opus;base64," + base64.b64encode(b"\x1aE\xdf\xa3sound").decode())
    path = microphone.record(1)
    assert path.name == "voice.webm" and path.read_bytes() == b"\x1aE\xdf\xa3sound"
    path.unlink()
    path.parent.rmdir()


def test_a_refused_microphone_is_one_clear_error(colab):
    colab.append(RuntimeError("NotAllowedError: Permission denied"))
    with pytest.raises(CourseError, match=r"Permission denied.*Allow it"):
        microphone.record(1)
