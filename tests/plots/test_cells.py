"""The cell of an LSTM: each part can be lit, with its wires alone."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from course_lib import plots
from course_lib.core.errors import CourseError
from course_lib.plots.cells import LSTM_PARTS

LIT = "#d55e00"


def coloured(figure):
    """The texts and the number of wires that are in colour."""
    [axes] = figure.axes
    wires = sum(to_hex(line.get_color()) == LIT for line in axes.lines)
    return {
        text.get_text() for text in axes.texts if to_hex(text.get_color()) == LIT and text.get_text()
    }, wires


def test_the_title_is_complete_in_caption_and_saved_file(has_its_title):
    has_its_title(lambda title: plots.lstm_cell(title=title))


@pytest.mark.parametrize(
    "part, texts, wires",
    [
        ("forget gate", {"σ", "f", "forget gate"}, 2),
        ("input gate", {"σ", "i", "input gate"}, 3),
        ("new content", {"tanh", "g", "new content"}, 3),
        ("output gate", {"σ", "o", "output gate", "tanh"}, 5),
    ],
)
def test_the_part_and_its_wires_are_in_colour(drawn, part, texts, wires):
    assert coloured(drawn(plots.lstm_cell, part)) == (texts, wires)


def test_nothing_is_in_colour_unless_asked(drawn):
    assert coloured(drawn(plots.lstm_cell)) == (set(), 0)


def test_the_words_tell_what_the_picture_shows(shown):
    text = shown(plots.lstm_cell, "forget gate", seen="follow the upper line")
    assert all(
        part in text for part in ("cell state", "forget gate", "input gate", "new content", "output gate")
    )
    assert "In colour: forget gate." in text and text.endswith("Follow the upper line.")


def test_each_part_has_its_own_place():
    places = [x for x, *_ in LSTM_PARTS.values()]
    assert np.diff(places).min() > 1


def test_a_part_that_does_not_exist_is_named():
    with pytest.raises(CourseError, match="forget gate, input gate, new content, output gate"):
        plots.lstm_cell("memory")
