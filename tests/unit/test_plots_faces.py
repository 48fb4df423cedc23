"""The figures of lessons 09 to 11: what they draw where, and what they say of it."""

import matplotlib.image
import numpy as np
import pandas as pd
import pytest

from course_lib import evaluation, plots
from course_lib.core.errors import CourseError
from course_lib.core.labels import EMOTIONS

LONG = "Faces of FER2013 and what the network of project P4 says of them: the Studio (SYNTHETIC), seed 0, profile quick"
FACES = np.random.default_rng(0).integers(0, 256, (5, 48, 48), dtype=np.uint8)
SHARES = np.random.default_rng(1).dirichlet(np.full(7, 0.5), 5)
HISTORY = {"loss": [2.2, 1.5, 1.1], "accuracy": [0.26, 0.5, 0.64], "val_loss": [1.8, 1.3, 1.4],
           "val_accuracy": [0.27, 0.59, 0.55]}
INTENSITY = np.concatenate([np.zeros(10), np.linspace(0, 1, 10), np.ones(10), np.linspace(1, 0, 10)])
PHASES = {"onset": (10, 19), "apex": (20, 29), "offset": (30, 39)}
TABLE = evaluation.f_scores([*"aaaaabbb"], [*"aaabbbbb"], ["a", "b", "c"])


@pytest.fixture
def shown(monkeypatch, capsys, tmp_path):
    """Draw; return the one printed line, once it is the alt text too and nothing runs over the picture's edge."""
    def draw(function, *args, **options):
        displayed = []
        monkeypatch.setattr(plots.base, "display", lambda data, **how: displayed.append((data, how)))
        function(*args, **options)
        [(data, how)] = displayed
        line, end, rest = capsys.readouterr().out.partition("\n")
        (tmp_path / "figure.png").write_bytes(plots.base.base64.b64decode(data["image/png"]))
        picture = matplotlib.image.imread(tmp_path / "figure.png")
        border = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
        assert (border == 1).all(), "something runs over the edge of the picture"
        assert picture.shape[1] <= 1000, "wider than a notebook"
        assert how["metadata"]["image/png"]["alt"] == line and line and end and not rest
        return line
    return draw


@pytest.fixture
def drawn(monkeypatch):
    """Draw; return the figure."""
    def draw(function, *args, **options):
        figures = []
        monkeypatch.setattr(plots.base, "show", lambda figure, *_: figures.append(figure))
        function(*args, **options)
        return figures[0]
    return draw


# --- what every figure keeps to ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("function, args", [
    (plots.boxes, (FACES[0], [[5, 5, 20, 20]])), (plots.heat_over, (FACES, FACES / 255)),
    (plots.probabilities, (FACES, SHARES, EMOTIONS)), (plots.per_class, (TABLE,)), (plots.curves, (HISTORY,)),
    (plots.phases, (INTENSITY, PHASES))], ids=lambda value: getattr(value, "__name__", ""))
@pytest.mark.parametrize("title", ["Short (SYNTHETIC)", LONG], ids=["short", "long"])
def test_the_title_stands_whole_and_nothing_is_cut_off(shown, function, args, title):
    line = shown(function, *args, title=title)
    assert line.startswith(f"{title}: ") and line.endswith(".")


@pytest.mark.parametrize("function, args", [
    (plots.boxes, (FACES[0], [])), (plots.heat_over, (FACES[0], FACES[0] / 255)),
    (plots.probabilities, (FACES[0], SHARES[0], EMOTIONS)), (plots.curves, (HISTORY, "")),
    (plots.phases, (INTENSITY, PHASES, ""))], ids=lambda value: getattr(value, "__name__", ""))
def test_what_is_to_be_seen_is_said(shown, function, args):
    assert shown(function, *args, seen="noise").endswith("noise.")


# --- boxes ------------------------------------------------------------------------------------------------------------

def test_boxes_stand_where_they_are_said_to(shown, drawn):
    photo, two = np.zeros((300, 400, 3), np.uint8), np.array([[50, 60, 100, 120], [0, 0, 30, 20]])
    assert shown(plots.boxes, photo, two, "Photo", ["face", "eye"]) == (
        "Photo: a picture of 300 x 400 pixels, face 100 x 120 at column 50, row 60; eye 30 x 20 at column 0, row 0.")
    frames = [frame.get_bbox().bounds for frame in drawn(plots.boxes, photo, two).axes[0].patches]
    assert frames == [(50, 60, 100, 120)] * 2 + [(0, 0, 30, 20)] * 2        # a white line under a coloured one


def test_a_box_may_be_a_row_of_a_table(shown):
    row = pd.DataFrame({"x": [10], "y": [20], "w": [30], "h": [40]}).iloc[0]
    assert shown(plots.boxes, FACES[0], [row], labels=["followed"]).endswith("followed 30 x 40 at column 10, row 20.")


@pytest.mark.parametrize("draw", [
    lambda: plots.frames(FACES[:1], ["one", "two"]),
    lambda: plots.boxes(FACES[0], [(1, 2, 3, 4)], labels=["one", "two"]),
])
def test_more_labels_than_pictures_or_boxes_are_refused(draw):
    with pytest.raises(CourseError, match="there are 2 labels for 1 of them"):
        draw()


def test_labels_of_boxes_that_begin_at_one_place_do_not_cover_each_other(drawn):
    photo, parts = np.zeros((300, 400, 3), np.uint8), [[100, 104, 30, 30], [98, 95, 30, 12], [300, 104, 30, 30]]
    axes = drawn(plots.boxes, photo, parts, "", ["eye", "brow", "ear"]).axes[0]
    texts = {text.get_text(): text for text in axes.texts}
    assert [(text.get_position()[1], text.get_va()) for text in map(texts.get, ("brow", "eye", "ear"))] == [
        (95, "bottom"), (134, "top"), (104, "bottom")]


def test_no_box_is_said(shown):
    assert shown(plots.boxes, FACES[0], np.empty((0, 4), int)) == "Boxes: a picture of 48 x 48 pixels, no box."


# --- heat maps --------------------------------------------------------------------------------------------------------

def test_a_small_heat_map_is_stretched_over_its_image(drawn):
    heat = np.zeros((6, 6))
    heat[1, 4] = 1
    above, below = drawn(plots.heat_over, FACES[0], heat).axes
    assert len(above.images) == 1
    assert [image.get_array().shape for image in below.images] == [(48, 48)] * 2
    assert below.images[1].get_clim() == (0, pytest.approx(1, abs=0.15))
    [half] = below.collections[0].get_paths()
    assert half.vertices.mean(axis=0) == pytest.approx([35.5, 11.5], abs=1)     # the middle of row 1, column 4 of 6
    assert np.ptp(half.vertices, axis=0) == pytest.approx([7, 7], abs=2)    # half a pixel on each side


def test_where_a_network_looks_is_said_in_words(shown):
    heats = np.zeros((3, 6, 6))
    heats[0, 0, 0], heats[1, 3, 2] = 2, 0.1
    said = shown(plots.heat_over, FACES[:3], heats, "Heat", pd.Series(["sad", "happy", "fear"]))
    assert said == ("Heat: above the image, below its heat map: sad warmest at the top left; "
                    "happy warmest at the middle centre; fear the same everywhere.")


# --- probabilities ----------------------------------------------------------------------------------------------------

def test_the_two_largest_shares_are_said(shown):
    share = np.array([0.1, 0, 0, 0.6, 0.05, 0, 0.25])
    assert shown(plots.probabilities, FACES[0], share, EMOTIONS) == "Probabilities: happy 60%, neutral 25%."
    assert shown(plots.probabilities, FACES[:2], [share, share[::-1]], EMOTIONS, "Two", ["really sad", "happy"]) == \
        "Two: really sad: happy 60%, neutral 25%; happy: happy 60%, angry 25%."


def test_each_share_is_a_bar_and_the_largest_is_marked(drawn):
    axes = drawn(plots.probabilities, FACES, SHARES, EMOTIONS).axes
    bars = [axis.patches for axis in axes if axis.patches]
    assert len(bars) == 5 and sum(bool(axis.images) for axis in axes) == 5
    for share, own in zip(SHARES, bars, strict=True):
        assert [bar.get_width() for bar in own] == pytest.approx(share)
        assert [bar.get_hatch() is not None for bar in own] == (share == share.max()).tolist()


# --- by class ---------------------------------------------------------------------------------------------------------

def test_recall_stands_with_its_interval_and_f1_beside_it(shown, drawn):
    low, high = evaluation.wilson(3, 5)
    assert shown(plots.per_class, TABLE) == (
        f"By class: a recall 60.0% of 5 ({low:.1%} to {high:.1%}), F1 0.75; "
        f"b recall 100.0% of 3 ({evaluation.wilson(3, 3)[0]:.1%} to 100.0%), F1 0.75.")
    axes = drawn(plots.per_class, TABLE).axes[0]
    segments = axes.collections[0].get_segments()
    assert len(segments) == 2 and segments[0][:, 0] == pytest.approx([low, high])
    assert [text.get_text() for text in axes.get_yticklabels()] == ["a (5)", "b (3)", "c (0)"]
    assert axes.lines[0].get_marker() != axes.lines[1].get_marker()
    assert axes.lines[1].get_xdata() == pytest.approx([0.75, 0.75])


def test_a_class_without_an_item_between_others_leaves_its_place_empty(drawn):
    table = evaluation.f_scores([*"ab"], [*"ab"], ["a", "c", "b"])
    assert drawn(plots.per_class, table).axes[0].lines[0].get_ydata().tolist() == [0, 2]


def test_no_item_at_all_is_an_error():
    with pytest.raises(CourseError, match="per_class: no class has an item"):
        plots.per_class(TABLE[TABLE["n"] == 0])


# --- training curves --------------------------------------------------------------------------------------------------

def test_training_and_validation_are_told_by_their_ends(shown):
    said = shown(plots.curves, HISTORY, "P4", best=2)
    assert said == ("P4: accuracy from 0.26 to 0.64, validation accuracy from 0.27 to 0.55, loss from 2.2 to 1.1, "
                    "validation loss from 1.8 to 1.4, kept epoch 2.")
    several = shown(plots.curves, {"relu": HISTORY, "swish": {"loss": [3, 1]}}, "Two", best={"relu": 2})
    assert several.startswith("Two: relu: accuracy from 0.26") and several.endswith("epoch 2; swish: loss from 3 to 1.")


def test_the_names_of_five_networks_stand_whole(shown):
    names = ("emotion_cnn6", "emotion_net", "gudi_cnn", "iiita_face", "iiita_face_as_published")
    shown(plots.curves, dict.fromkeys(names, HISTORY), "Five", best=dict.fromkeys(names, 2))


def test_top_3_has_a_panel_of_its_own(shown, drawn):
    history = HISTORY | {"top_3": [0.5, 0.7, 0.8], "val_top_3": [0.6, 0.7, 0.75]}
    said = shown(plots.curves, history, "P4")
    assert "top-3 from 0.5 to 0.8, validation top-3 from 0.6 to 0.75, loss" in said
    assert [axes.get_ylabel() for axes in drawn(plots.curves, history, "").axes] == ["accuracy", "top-3", "loss"]


def test_the_kept_epoch_is_starred_on_the_validation_curves(drawn):
    accuracy, loss = drawn(plots.curves, HISTORY, "", best=2).axes
    for axes, kind in ((accuracy, "accuracy"), (loss, "loss")):
        training, validation, star = axes.lines[:3]
        assert training.get_ydata().tolist() == HISTORY[kind] and training.get_linestyle() == "--"
        assert validation.get_ydata().tolist() == HISTORY[f"val_{kind}"] and validation.get_marker() == "o"
        assert validation.get_xdata().tolist() == [1, 2, 3]
        assert (star.get_xdata()[0], star.get_ydata()[0]) == (2, HISTORY[f"val_{kind}"][1])


def test_networks_differ_in_colour_and_marker(drawn):
    lines = drawn(plots.curves, {"relu": HISTORY, "swish": HISTORY}, "").axes[0].lines
    assert [line.get_label() for line in lines] == [f"{name} {part}" for name in ("relu", "swish")
                                                    for part in ("training", "validation")]
    assert lines[1].get_marker() != lines[3].get_marker() and lines[1].get_color() != lines[3].get_color()


def test_no_curve_is_an_error():
    with pytest.raises(CourseError, match="neither accuracy nor loss"):
        plots.curves({}, "")


# --- onset, apex, offset ----------------------------------------------------------------------------------------------

def test_phases_are_said_and_missing_ones_too(shown):
    said = shown(plots.phases, INTENSITY, {"onset": 10, "apex": np.array([20, 29]), "offset": None}, "Smile")
    assert said == "Smile: intensity of 40 frames, highest at frame 19; onset 10, apex 20 to 29, no offset."


def test_phases_are_marked_on_the_curve(drawn):
    axes = drawn(plots.phases, INTENSITY, PHASES, "").axes[0]
    curve, *marked = axes.lines
    assert curve.get_ydata() == pytest.approx(INTENSITY)
    assert [line.get_label() for line in marked] == ["onset", "apex", "offset"]
    for line, (first, last) in zip(marked, PHASES.values(), strict=True):
        assert line.get_xdata()[[0, -1]].tolist() == [first, last]
        assert line.get_ydata() == pytest.approx(INTENSITY[first:last + 1])
    assert len({line.get_marker() for line in marked}) == 3
