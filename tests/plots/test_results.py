"""Figures of what came out: classes, confusions, scores, probabilities, and each class by itself."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

from course_lib import evaluation, plots
from course_lib.core.errors import CourseError
from course_lib.evaluation import Score, calibration

EMOTIONS = ["neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised"]
CONFUSION = pd.DataFrame([[3, 1], [2, 8]], index=["neutral", "angry"], columns=["neutral", "angry"])
TABLE = evaluation.f_scores([*"aaaaabbb"], [*"aaabbbbb"], ["a", "b", "c"])


def balance(**counts):
    return pd.DataFrame({"emotion": [name for name, count in counts.items() for _ in range(count)]})


def panel(*protocols):
    """Four classifiers a protocol; the first is right in 9 of 12, each next one in one less."""
    return pd.DataFrame(
        [
            {"classifier": name, "score": Score(9 - i, 12, protocol, 2 / 3)}
            for protocol in protocols
            for i, name in enumerate(["GNB", "LDA", "linear SVC", "rbf SVC"])
        ]
    )


@pytest.mark.parametrize(
    "function, args",
    [
        (plots.class_balance, (balance(a=2, b=1),)),
        (plots.confusion, (CONFUSION,)),
        (plots.scores, (panel("random split"),)),
        (plots.per_class, (TABLE,)),
        (plots.dots, ({"Adam": [0.8, 0.9], "SGD": [0.5, 0.6]},)),
        (partial(plots.bars, xlabel="class", ylabel="%"), ({"sad": 27.0, "happy": 45.0},)),
        (partial(plots.grouped_bars, labels=["sad", "happy"]), ({"face": [0.2, 0.8]},)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_the_title_is_complete_in_caption_and_saved_file(has_its_title, function, args):
    has_its_title(function, *args)


# --- classes and confusions ---


@pytest.mark.parametrize(
    "empty", [balance(), balance(sad=1)[:0].astype("category")], ids=["no row", "filtered"]
)
def test_a_balance_of_nothing_is_an_error(empty):
    with pytest.raises(CourseError, match=r"^class_balance: there is no row.*filter"):
        plots.class_balance(empty)


def test_class_balance_says_what_the_largest_class_scores(shown):
    text = shown(plots.class_balance, balance(neutral=4, angry=8))
    assert text == "Class balance: neutral 4, angry 8. Always answering 'angry' is right in 66.7%."


@pytest.mark.parametrize("counts", [{"neutral": 3}, dict.fromkeys(EMOTIONS, 192)])
def test_class_balance_of_one_class_and_of_eight(displayed, counts):
    assert displayed(plots.class_balance, balance(**counts))[0].shape[1] == 1152


def test_confusion_says_the_recalls(shown):
    assert (
        shown(plots.confusion, CONFUSION) == "Confusion matrix: recall by true class: neutral 75%, angry 80%."
    )


def test_a_class_without_a_clip_has_no_recall(shown):
    text = shown(plots.confusion, CONFUSION.mul([0, 1], axis=0))
    assert text == "Confusion matrix: recall by true class: angry 80%."


def test_confusion_of_eight_classes(shown):
    shown(plots.confusion, pd.DataFrame(np.eye(8, dtype=int), EMOTIONS, EMOTIONS))


# --- scores and probabilities ---


@pytest.mark.parametrize(
    "protocols", [["random split"], ["random split", "grouped by clip", "speaker-independent"]]
)
def test_scores_say_each_protocol_and_the_baseline(shown, protocols):
    text = shown(plots.scores, panel(*protocols))
    first = ", ".join(f"75.0% {protocol}" for protocol in protocols)  # 9 of 12
    assert text.startswith(f"Accuracy: GNB: {first}; LDA: 66.7%") and text.endswith(
        "; majority baseline 66.7%."
    )


def test_scores_draw_interval_and_marker_where_they_belong(drawn):
    table = panel("random split", "speaker-independent").drop(0)  # the first classifier misses a protocol
    axes = drawn(plots.scores, table).axes[0]
    [segment] = axes.collections[1].get_segments()[:1]
    assert segment[:, 0] == pytest.approx(table["score"].iloc[3].interval)
    lines = {line.get_label(): line for line in axes.lines}
    assert {"random split", "speaker-independent", "majority baseline"} < set(lines)
    assert lines["speaker-independent"].get_xdata() == pytest.approx(np.array([9, 8, 7, 6]) / 12)
    assert lines["random split"].get_marker() != lines["speaker-independent"].get_marker()
    assert lines["random split"].get_color() != lines["speaker-independent"].get_color()


def test_each_score_has_its_own_baseline(shown, drawn):
    """One system was tested on a part whose largest class is 2 of 3, the other where it is 1 of 4."""
    own = [("face", Score(9, 12, "random split", 2 / 3)), ("voice", Score(3, 8, "random split", 1 / 4))]
    table = pd.DataFrame(own, columns=["classifier", "score"])
    [ticks] = [line for line in drawn(plots.scores, table).axes[0].lines if line.get_marker() == "|"]
    assert ticks.get_xdata() == pytest.approx([2 / 3, 1 / 4]) and ticks.get_ydata().tolist() == [0, 1]
    assert shown(plots.scores, table) == (
        "Accuracy: face: 75.0% random split (majority baseline 66.7%); "
        "voice: 37.5% random split (majority baseline 25.0%)."
    )


def some_steps():
    """Five first guesses in three of ten steps: n 1, 1 and 3, worked by hand in test_calibration.py."""
    probabilities = np.array([[0.95, 0.05], [0.91, 0.09], [0.6, 0.4], [0.55, 0.45], [1.0, 0.0]])
    return calibration.reliability(np.array([0, 1, 0, 1, 0]), probabilities)


def test_reliability_gives_confidence_accuracy_and_the_error(shown):
    text = shown(plots.reliability, {"face": some_steps()}, "Steps", seen="overconfident")
    error = (1 * 0.55 + 1 * 0.4 + 3 * ((0.95 + 0.91 + 1) / 3 - 2 / 3)) / 5
    assert (
        text
        == f"Steps: face: 5 items, mean confidence 80.2%, accuracy 60.0%, calibration error {error:.3f}. "
        "Overconfident."
    )


@pytest.mark.parametrize("panels", [1, 2, 3, 4])
def test_reliability_has_a_panel_a_table_and_takes_what_json_keeps(shown, panels):
    rows = [
        {name: None if pd.isna(value) else value for name, value in row.items()}
        for row in some_steps().to_dict("records")
    ]
    text = shown(plots.reliability, {f"part {number}": rows for number in range(panels)})
    assert text.count("5 items") == panels and text.endswith("calibration error 0.362.")


def test_reliability_draws_the_steps_that_hold_items_with_their_intervals(drawn):
    table = some_steps()
    one, other = drawn(plots.reliability, {"face": table, "voice": table}).axes
    there = table[table["n"] > 0]
    assert one.lines[1].get_xdata() == pytest.approx(there["confidence"].to_numpy())
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


# --- seeds ---


def test_each_setting_has_a_row_of_dots_with_their_mean(shown, drawn):
    values = {"Adam": [0.8, 0.9], "SGD": [0.5, 0.5, 0.65]}
    assert shown(plots.dots, values, "Optimisers") == "Optimisers: Adam 0.8 to 0.9; SGD 0.5 to 0.65."
    axes = drawn(plots.dots, values, "Optimisers", baseline=0.5).axes[0]
    adam, adam_mean, sgd, sgd_mean, baseline = axes.lines
    assert list(adam.get_xdata()) == [0.8, 0.9] and set(adam.get_ydata()) == {0}
    assert list(sgd.get_xdata()) == [0.5, 0.5, 0.65] and set(sgd.get_ydata()) == {1}
    assert (adam_mean.get_xdata()[0], sgd_mean.get_xdata()[0]) == pytest.approx((0.85, 0.55))
    assert set(baseline.get_xdata()) == {0.5} and axes.yaxis_inverted()
    assert [text.get_text() for text in axes.get_yticklabels()] == ["Adam", "SGD"]


def test_no_row_of_dots_is_an_error():
    with pytest.raises(CourseError, match="dots: there is no row"):
        plots.dots({}, "")


# --- by class ---


def test_recall_has_its_interval_and_f1_beside_it(shown, drawn):
    low, high = evaluation.wilson(3, 5)
    assert shown(plots.per_class, TABLE) == (
        f"By class: a recall 60.0% of 5 ({low:.1%} to {high:.1%}), F1 0.75; "
        f"b recall 100.0% of 3 ({evaluation.wilson(3, 3)[0]:.1%} to 100.0%), F1 0.75."
    )
    axes = drawn(plots.per_class, TABLE).axes[0]
    segments = axes.collections[0].get_segments()
    assert len(segments) == 2 and segments[0][:, 0] == pytest.approx([low, high])
    assert [text.get_text() for text in axes.get_yticklabels()] == ["a (5)", "b (3)", "c (0)"]
    assert axes.collections[1].get_offsets()[:, 0].tolist() == pytest.approx([0.6, 1])
    assert axes.lines[0].get_marker() != axes.lines[1].get_marker()
    assert axes.lines[1].get_xdata() == pytest.approx([0.75, 0.75])


def test_a_class_without_an_item_between_others_leaves_its_place_empty(drawn):
    table = evaluation.f_scores([*"ab"], [*"ab"], ["a", "c", "b"])
    assert drawn(plots.per_class, table).axes[0].lines[1].get_ydata().tolist() == [0.18, 2.18]


def test_no_item_at_all_is_an_error():
    with pytest.raises(CourseError, match="per_class: no class has an item"):
        plots.per_class(TABLE[TABLE["n"] == 0])


# --- bars ---


def test_bars_have_their_heights_and_intervals(drawn, shown):
    values, intervals = {"sad": 27.0, "happy": 45.0}, {"happy": (40.0, 50.0), "sad": (25.0, 29.0)}
    [axes] = drawn(plots.bars, values, "Kept", "class", "%", intervals).axes
    assert [bar.get_height() for bar in axes.patches] == [27, 45]
    lines = [line.get_segments() for line in axes.collections][-1]
    assert [line[:, 1].tolist() for line in lines] == [[25, 29], [40, 50]]
    assert shown(plots.bars, values, "Kept", "class", "%", intervals) == "Kept: % by class: sad 27, happy 45."


def test_bars_of_counts_may_have_a_logarithmic_axis(drawn, shown):
    counts = {0: 42_084, 5: 1_900, 25: 14}
    [axes] = drawn(plots.bars, counts, "Windows", "stages", "windows", log=True).axes
    assert axes.get_yscale() == "log" and [text.get_text() for text in axes.get_xticklabels()] == [
        "0",
        "5",
        "25",
    ]
    assert "0 42,084, 5 1,900, 25 14" in shown(plots.bars, counts, "Windows", "stages", "windows", log=True)


@pytest.mark.parametrize(
    "values, intervals, message",
    [({}, None, "no value"), ({"sad": 1.0}, {"happy": (0, 1)}, "other names")],
    ids=["empty", "other names"],
)
def test_bars_that_cannot_be_drawn_are_refused(values, intervals, message):
    with pytest.raises(CourseError, match=message):
        plots.bars(values, "Kept", "class", "%", intervals)


def test_grouped_bars_stand_side_by_side_in_the_order_of_the_labels(drawn, shown):
    answers = {"face": [0.2, 0.8], "voice": np.array([0.7, 0.3])}
    [axes] = drawn(plots.grouped_bars, answers, ["sad", "happy"], "Two answers").axes
    assert [bar.get_height() for bar in axes.patches] == [0.2, 0.8, 0.7, 0.3]
    left = [bar.get_x() for bar in axes.patches]
    assert left[0] < left[2] < left[1] < left[3] and axes.get_ylim() == (0, 1)
    text = shown(plots.grouped_bars, answers, ["sad", "happy"], "Two answers", seen="Look.")
    assert "face: happy 80%; voice: sad 70%" in text


@pytest.mark.parametrize("answers", [{}, {"face": [0.2, 0.3, 0.5]}], ids=["empty", "three for two labels"])
def test_grouped_bars_that_cannot_be_drawn_are_refused(answers):
    with pytest.raises(CourseError, match=r"grouped_bars.*2 probabilities for each name"):
        plots.grouped_bars(answers, ["sad", "happy"], "Two answers")
