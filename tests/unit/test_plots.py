"""Each figure is shown as a picture with alt text, nothing cut off, and says the same in one printed line."""

import base64
import io

import matplotlib.image
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from course_lib import plots
from course_lib.core.errors import CourseError
from course_lib.evaluation import Score, calibration

LONG = "Four classifiers by three protocols on the clips of: the Studio (SYNTHETIC), seed 0, profile quick"
IMAGES = np.random.default_rng(0).integers(0, 256, (8, 36, 64, 3), dtype=np.uint8)
EMOTIONS = ["neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised"]
CONFUSION = pd.DataFrame([[3, 1], [2, 8]], index=["neutral", "angry"], columns=["neutral", "angry"])


def balance(**counts):
    return pd.DataFrame({"emotion": [name for name, count in counts.items() for _ in range(count)]})


def panel(*protocols):
    """Four classifiers a protocol; the first is right in 9 of 12, each next one in one less."""
    return pd.DataFrame([{"classifier": name, "score": Score(9 - i, 12, protocol, 2 / 3)}
                         for protocol in protocols for i, name in enumerate(["GNB", "LDA", "linear SVC", "rbf SVC"])])


@pytest.fixture
def shown(monkeypatch, capsys):
    """Draw; return the picture (height, width, 4), its alt text and the one printed line, having checked all three."""
    def draw(function, *args, **options):
        displayed = []
        monkeypatch.setattr(plots.base, "display", lambda data, **how: displayed.append((data, how)))
        function(*args, **options)
        [(data, how)] = displayed
        line, end, rest = capsys.readouterr().out.partition("\n")
        picture = matplotlib.image.imread(io.BytesIO(base64.b64decode(data["image/png"])))
        border = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
        assert (border == 1).all(), "something runs over the edge of the picture"
        assert picture.shape[1] <= 1000, "wider than a notebook"
        assert how["raw"] and how["metadata"]["image/png"]["alt"] == line and line and end and not rest
        return picture, line
    return draw


# --- what every figure keeps to ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("function, args", [
    (plots.frames, (IMAGES,)), (plots.hog, (IMAGES[0], np.eye(36, 64))), (plots.class_balance, (balance(a=2, b=1),)),
    (plots.confusion, (CONFUSION,)), (plots.scores, (panel("items at random"),))], ids=lambda value: getattr(
        value, "__name__", ""))
@pytest.mark.parametrize("title", ["Short (SYNTHETIC)", LONG])
def test_the_title_stands_whole_in_picture_and_text(shown, function, args, title):
    picture, line = shown(function, *args, title=title)
    assert line.startswith(f"{title}: ") and line.endswith(".")
    assert picture[:40].min() < 0.5                                         # something is written at the top


# --- each by itself ---------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("images, said", [
    (IMAGES, "8 images of 36 x 64"), (IMAGES[:1], "1 image of 36 x 64"), (IMAGES[..., 0], "8 images of 36 x 64"),
    (IMAGES[:1, ..., 0] / 255, "1 image of 36 x 64"), (list(IMAGES[:7]), "7 images of 36 x 64")])
def test_frames_are_counted_and_measured(shown, images, said):
    assert shown(plots.frames, images)[1] == f"Frames: {said} pixels."


@pytest.mark.parametrize("function, empty", [
    (plots.frames, []), (plots.frames, IMAGES[:0]), (plots.class_balance, balance()),
    (plots.class_balance, balance(sad=1)[:0].astype("category"))])
def test_nothing_to_show_is_an_error(function, empty):
    with pytest.raises(CourseError, match=r"^(frames|class_balance): there is no (image|row).*filter"):
        function(empty)


def test_labels_are_said_once_each(shown):
    labels = pd.Series(["sad, 1", "sad, 1", "calm, 2"], index=[5, 6, 7])
    assert shown(plots.frames, IMAGES[:3], labels)[1] == "Frames: 3 images of 36 x 64 pixels (sad, 1; calm, 2)."


def test_what_is_to_be_seen_is_said(shown):
    assert shown(plots.frames, IMAGES[:1], seen="noise")[1] == "Frames: 1 image of 36 x 64 pixels: noise."
    assert shown(plots.hog, IMAGES[0], np.eye(36, 64), seen="a diagonal")[1].endswith("on a ray; a diagonal.")


def test_long_labels_do_not_run_into_each_other(monkeypatch):
    drawn = []
    monkeypatch.setattr(plots.base, "show", lambda figure, *_: drawn.append(figure))
    plots.frames(IMAGES, ["actor 12, female, strongly surprised"] * 8)
    [figure] = drawn
    figure.set_layout_engine("constrained")
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    boxes = [axes.title.get_window_extent(renderer) for axes in figure.axes]
    assert len(boxes) == 8
    assert not any(one.overlaps(other) for i, one in enumerate(boxes) for other in boxes[:i])
    assert not any(axes.get_window_extent(renderer).overlaps(box) for axes in figure.axes for box in boxes)


def test_a_grey_image_is_not_stretched_to_black_and_white(monkeypatch):
    drawn = []
    monkeypatch.setattr(plots.base, "show", lambda figure, *_: drawn.append(figure))
    plots.frames(np.full((1, 8, 8), 100, np.uint8))
    assert drawn[0].axes[0].images[0].get_clim() == (0, 255)


def test_hog_says_how_much_lies_on_a_ray(shown):
    picture = np.zeros((20, 20))
    picture[:5] = np.arange(1, 21)
    assert "25% of the pixels lie on a ray" in shown(plots.hog, IMAGES[0, ..., 0], picture)[1]


def test_class_balance_says_what_the_largest_class_scores(shown):
    said = shown(plots.class_balance, balance(neutral=4, angry=8))[1]
    assert said == "Class balance: neutral 4, angry 8; always answering 'angry' is right in 66.7%."


@pytest.mark.parametrize("counts", [{"neutral": 3}, dict.fromkeys(EMOTIONS, 192)])
def test_class_balance_of_one_class_and_of_eight(shown, counts):
    assert shown(plots.class_balance, balance(**counts))[0].shape[1] == 800


def test_confusion_says_the_recalls(shown):
    assert shown(plots.confusion, CONFUSION)[1] == "Confusion matrix: right, by true class: neutral 75%, angry 80%."


def test_a_class_without_a_clip_has_no_recall(shown):
    said = shown(plots.confusion, CONFUSION.mul([0, 1], axis=0))[1]
    assert said == "Confusion matrix: right, by true class: angry 80%."


def test_confusion_of_eight_classes(shown):
    shown(plots.confusion, pd.DataFrame(np.eye(8, dtype=int), EMOTIONS, EMOTIONS))


@pytest.mark.parametrize("protocols", [["items at random"], ["items at random", "whole clips", "whole actors"]])
def test_scores_say_each_protocol_and_the_baseline(shown, protocols):
    said = shown(plots.scores, panel(*protocols))[1]
    first = ", ".join(f"75.0% {protocol}" for protocol in protocols)                # 9 of 12
    assert said.startswith(f"Accuracy: GNB: {first}; LDA: 66.7%") and said.endswith("; majority baseline 66.7%.")


def test_scores_draw_interval_and_marker_where_they_belong(monkeypatch):
    drawn = []
    monkeypatch.setattr(plots.base, "show", lambda figure, *_: drawn.append(figure))
    table = panel("items at random", "whole actors").drop(0)                # the first classifier misses a protocol
    plots.scores(table)
    axes = drawn[0].axes[0]
    [segment] = axes.collections[1].get_segments()[:1]
    assert segment[:, 0] == pytest.approx(table["score"].iloc[3].interval)
    lines = {line.get_label(): line for line in axes.lines}
    assert {"items at random", "whole actors", "majority baseline 66.7%"} == set(lines)
    assert lines["whole actors"].get_xdata() == pytest.approx(np.array([9, 8, 7, 6]) / 12)
    assert lines["items at random"].get_marker() != lines["whole actors"].get_marker()
    assert lines["items at random"].get_color() != lines["whole actors"].get_color()


def some_steps():
    """Five first guesses in three of ten steps: n 1, 1 and 3, worked by hand in test_calibration.py."""
    shares = np.array([[0.95, 0.05], [0.91, 0.09], [0.6, 0.4], [0.55, 0.45], [1.0, 0.0]])
    return calibration.reliability(np.array([0, 1, 0, 1, 0]), shares)


def test_reliability_says_shares_right_ones_and_the_error(shown):
    said = shown(plots.reliability, {"face": some_steps()}, LONG, seen="too sure")[1]
    error = (1 * 0.55 + 1 * 0.4 + 3 * ((0.95 + 0.91 + 1) / 3 - 2 / 3)) / 5
    assert said == f"{LONG}: face: 5 items, mean share 80.2%, right in 60.0%, calibration error {error:.3f}; too sure."


@pytest.mark.parametrize("panels", [1, 2, 3, 4])
def test_reliability_has_a_panel_a_table_and_takes_what_json_keeps(shown, panels):
    rows = [{name: None if pd.isna(value) else value for name, value in row.items()}
            for row in some_steps().to_dict("records")]
    said = shown(plots.reliability, {f"part {number}": rows for number in range(panels)})[1]
    assert said.count("5 items") == panels and said.endswith("calibration error 0.362.")


def test_reliability_draws_the_steps_that_hold_items_with_their_intervals(monkeypatch):
    drawn = []
    monkeypatch.setattr(plots.base, "show", lambda figure, *_: drawn.append(figure))
    table = some_steps()
    plots.reliability({"face": table, "voice": table})
    one, other = drawn[0].axes
    there = table[table["n"] > 0]
    assert one.lines[1].get_xdata() == pytest.approx(there["share"].to_numpy())
    assert one.lines[1].get_ydata() == pytest.approx(there["accuracy"].to_numpy())
    ends = there[["accuracy_low", "accuracy_high"]].to_numpy()
    assert np.array(one.collections[0].get_segments())[:, :, 1] == pytest.approx(ends)
    assert [text.get_text() for text in one.texts] == ["1", "1", "3"]
    assert one.lines[1].get_marker() != other.lines[1].get_marker()
    assert one.lines[1].get_color() != other.lines[1].get_color()


@pytest.mark.parametrize("tables", [{}, {"face": some_steps().query("n == 0")}])
def test_reliability_of_nothing_is_an_error(tables):
    with pytest.raises(CourseError, match="reliability: there is no item"):
        plots.reliability(tables)


# --- curves and matrices ----------------------------------------------------------------------------------------------

def test_training_curves_are_told_by_their_ends(shown):
    curves = {"training": [0.7, 0.4, 0.1], "test": ([1, 2, 3], [0.7, 0.6, 0.65])}
    said = shown(plots.lines, curves, LONG, "epoch", "loss", seen="the curves part")[1]
    assert said == f"{LONG}: loss over epoch, training from 0.7 to 0.1; test from 0.7 to 0.65: the curves part."


def test_a_long_signal_and_many_filters_are_not_read_out(shown):
    assert shown(plots.lines, {"voice": np.zeros(31)}, "Sound", "sample", "pressure")[1] == \
        "Sound: pressure over sample, voice."
    bank = {number: np.eye(12)[number] for number in range(12)}
    assert shown(plots.lines, bank, "Bank", "bin", "weight")[1] == "Bank: weight over bin, 12 curves."


def test_curves_count_from_one_and_only_few_points_are_marked(monkeypatch):
    drawn = []
    monkeypatch.setattr(plots.base, "show", lambda figure, *_: drawn.append(figure.axes[0].lines))
    plots.lines({"a": [5, 6]}, "", "", "")
    plots.lines({"a": (np.arange(100) / 10, np.zeros(100))}, "", "", "")
    [[few], [many]] = drawn
    assert few.get_xdata().tolist() == [1, 2] and few.get_marker() == "o"
    assert many.get_xdata()[-1] == 9.9 and many.get_marker() in (None, "None")


def test_a_matrix_begins_below_and_names_its_unit(shown, monkeypatch):
    said = shown(plots.heatmap, np.eye(40, 63), LONG, "frame", "coefficient", seen="a rising line", unit="dB")[1]
    assert said == f"{LONG}: 40 rows (coefficient) by 63 columns (frame): a rising line."
    drawn = []
    monkeypatch.setattr(plots.base, "show", lambda figure, *_: drawn.append(figure))
    plots.heatmap([[1, 2], [3, 4]], "", "", "", unit="dB")
    assert drawn[0].axes[0].images[0].origin == "lower" and drawn[0].axes[1].get_ylabel() == "dB"


def test_no_curve_is_an_error():
    with pytest.raises(CourseError, match="lines: there is no curve"):
        plots.lines({}, "", "", "")


def test_a_logarithmic_axis_has_the_ticks_it_is_given(monkeypatch):
    drawn = []
    monkeypatch.setattr(plots.base, "show", lambda figure, *_: drawn.append(figure.axes[0]))
    plots.lines({"a": ([10, 51, 1000], [1, 2, 3])}, "", "", "", log_ticks=[10, 51, 1000])
    assert drawn[0].get_xscale() == "log" and [text.get_text() for text in drawn[0].get_xticklabels()] == \
        ["10", "51", "1,000"]
