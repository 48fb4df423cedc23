"""Fixed colours: readable on white, different for colour-blind readers, the same in every figure."""

import doctest
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex, to_rgb
from skimage.color import deltaE_ciede2000, rgb2lab

from course_lib import plots
from course_lib.core.labels import EMOTIONS, RAVDESS_EMOTIONS
from course_lib.plots import base, colours, pictures, results, series
from course_lib.plots.colours import (
    BACKGROUND,
    COLOURS,
    EMOTION_STYLES,
    GROUP_STYLES,
    SPLIT_STYLES,
    fixed_style,
    styles,
)

# What readers with normal vision and three kinds of colour blindness see, in linear RGB (Machado, Oliveira
# and Fernandes 2009).
VISION = {
    "normal": np.eye(3),
    "protanopia": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "deuteranopia": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "tritanopia": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}


def linear(colour):
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """The contrast of two colours by WCAG 2.2, from 1 to 21."""
    low, high = sorted(linear(colour) @ [0.2126, 0.7152, 0.0722] for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def difference(one, other, vision):
    """How different two colours look: CIEDE2000, of which 2 can just be seen."""

    def seen(colour):
        light = np.clip(VISION[vision] @ linear(colour), 0, 1)
        return rgb2lab(np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055))

    return float(deltaE_ciede2000(seen(one), seen(other)))


EMOTION_COLOURS = [colour for colour, _ in EMOTION_STYLES.values()]
SPLIT_COLOURS = [colour for colour, _ in SPLIT_STYLES.values()]
GROUP_COLOURS = [colour for colour, _ in GROUP_STYLES]


@pytest.mark.parametrize("colour", sorted({*EMOTION_COLOURS, *SPLIT_COLOURS, *GROUP_COLOURS}))
def test_each_colour_can_be_seen_on_the_background(colour):
    assert contrast(colour, BACKGROUND) >= 3


def test_the_text_of_a_figure_is_readable_on_its_own_background_on_any_page(drawn):
    figure = drawn(plots.lines, {"a": [1, 2]}, "T", "x", "y")
    axes = figure.axes[0]
    for text in (axes.xaxis.label, axes.get_xticklabels()[0], figure._suptitle):
        assert contrast(text.get_color(), figure.get_facecolor()[:3]) >= 7
    assert figure.get_facecolor()[3] == 1 and axes.get_facecolor()[3] == 1


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize(
    "family", [EMOTION_COLOURS, SPLIT_COLOURS, COLOURS], ids=["emotions", "splits", "other"]
)
def test_the_colours_of_a_figure_differ_for_colour_blind_readers(family, vision):
    assert min(difference(*pair, vision) for pair in combinations(family, 2)) >= 15


@pytest.mark.parametrize("vision", VISION)
def test_the_colours_of_twelve_groups_differ_and_each_has_its_marker(vision):
    # A colour-blind reader cannot tell twelve colours well, and has the markers.
    least = 15 if vision == "normal" else 9
    assert min(difference(*pair, vision) for pair in combinations(GROUP_COLOURS, 2)) >= least
    assert len({marker for _, marker in GROUP_STYLES}) == len(GROUP_STYLES) == 12


def test_markers_differ():
    for family in (EMOTION_STYLES, SPLIT_STYLES):
        assert len({marker for _, marker in family.values()}) == len(family)


def test_every_emotion_has_one_style_in_all_its_spellings():
    assert set(EMOTION_STYLES) == {*EMOTIONS, "calm"}
    assert all(fixed_style(name) in EMOTION_STYLES.values() for name in RAVDESS_EMOTIONS)
    assert fixed_style("fearful") == fixed_style("Fear") == EMOTION_STYLES["fear"]
    assert fixed_style("train") == fixed_style("training") and fixed_style("linear SVC") is None


def test_other_curves_take_no_colour_that_is_in_the_figure():
    names = ["SVC", "training", "angry", "kNN", "test"]
    found = dict(zip(names, styles(names), strict=True))
    assert found["angry"] == EMOTION_STYLES["angry"] and found["test"] == SPLIT_STYLES["test"]
    assert len({colour for colour, _ in found.values()}) == 5
    assert len(styles(range(20))) == 20


def test_an_emotion_has_its_colour_in_every_function(drawn):
    fear = EMOTION_STYLES["fear"][0].lower()
    table = pd.DataFrame({"emotion": ["fearful", "sad"]})
    bars = drawn(plots.class_balance, table).axes[0].patches
    assert to_hex(bars[0].get_facecolor()) == fear
    bars = drawn(plots.probabilities, np.zeros((8, 8)), [0.9, 0.1], ["fear", "sad"]).axes[1].patches
    assert to_hex(bars[0].get_facecolor()) == fear
    recalls = pd.DataFrame({"n": [4, 4], "recall": [0.5, 1], "F1": [0.5, 1]}, index=["fear", "sad"])
    points = drawn(plots.per_class, recalls).axes[0].collections[1]
    assert to_hex(points.get_facecolors()[0]) == fear
    moments = pd.DataFrame({"time": [0, 1], "face_fear": [0.9, 0.7], "face_sad": [0.1, 0.3]})
    curve = drawn(plots.over_time, moments, ["face"], ["fear", "sad"], "").axes[0].lines[0]
    assert curve.get_color().lower() == fear
    assert drawn(plots.lines, {"fear": [1, 2]}, "", "", "").axes[0].lines[0].get_color().lower() == fear


def test_a_split_has_its_colour_in_training_curves_and_lines(drawn):
    training, validation = drawn(plots.curves, {"loss": [2, 1], "val_loss": [2, 2]}, "").axes[0].lines[:2]
    assert [training.get_color(), validation.get_color()] == SPLIT_COLOURS[:2]
    lines = drawn(plots.lines, {"validation": [1, 2], "test": [1, 2]}, "", "", "").axes[0].lines
    assert [line.get_color() for line in lines] == SPLIT_COLOURS[1:]


def test_a_phase_keeps_its_colour_where_another_is_missing(drawn):
    curve = [0, 1, 2, 1]
    whole = drawn(plots.phases, curve, {"onset": 1, "apex": 2}, "").axes[0].lines[2]
    alone = drawn(plots.phases, curve, {"onset": None, "apex": 2}, "").axes[0].lines[1]
    assert whole.get_label() == alone.get_label() == "apex" and whole.get_color() == alone.get_color()


@pytest.mark.parametrize("module", [base, colours, pictures, results, series])
def test_the_examples_run(module):
    found = doctest.testmod(module)
    assert found.attempted and not found.failed
