"""course_lib/show: what is shown is escaped, needs no script, and is small."""

import base64
import doctest
import re

import numpy as np
import pytest

from course_lib import show
from course_lib.core.errors import CourseError
from course_lib.show import diagrams, questions


def test_a_quiz_escapes_its_text_and_needs_no_script_or_style():
    html = show.quiz("a < b?", [("<script>", True, "x & y"), ("no", False, "z")]).data
    assert "a &lt; b?" in html and "&lt;script&gt;" in html and "x &amp; y" in html
    assert "<script" not in html and "style" not in html and html.count("<summary>") == 2


@pytest.mark.parametrize(
    ("choices", "message"),
    [([("a", True, " ")], "no explanation"), ([("a", False, "b")], "no choice is marked as right")],
)
def test_an_incomplete_quiz_is_refused(choices, message):
    with pytest.raises(CourseError, match=message):
        show.quiz("?", choices)


def test_a_sound_is_at_most_64_kbit_s_in_the_output_and_does_not_start_by_itself():
    seconds, sr = 4, 16000
    html = show.audio(0.5 * np.sin(np.arange(seconds * sr) * 0.2), sr, 'A "tone"').data
    assert len(html) * 8 / seconds <= 64_000
    assert "autoplay" not in html and 'aria-label="A &quot;tone&quot;"' in html
    assert base64.b64decode(re.search('base64,([^"]+)', html)[1])


@pytest.mark.parametrize("samples", [[], [[0.0]], [np.nan]])
def test_a_signal_that_cannot_be_played_is_refused(samples):
    with pytest.raises(CourseError, match="finite numbers"):
        show.audio(samples, 8000, "x")


def test_the_examples_run():
    assert doctest.testmod(questions).failed == doctest.testmod(diagrams).failed == 0


@pytest.mark.parametrize("arrow", [("a", "c"), ("a", "b")])
def test_an_arrow_that_cannot_be_drawn_is_refused(arrow):
    with pytest.raises(CourseError, match=r"no box|not along"):
        show.diagram({"a": (0, 0), "b": (1, 1)}, [arrow], "x")
