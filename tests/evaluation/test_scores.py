"""Scores, of labels and of probabilities: worked by hand, and held to scikit-learn's."""

import json
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score, top_k_accuracy_score

from course_lib import evaluation
from course_lib.core.errors import CourseError
from course_lib.evaluation import Score

SIX, TRUE = list("aaaabba"), list("aaaabbb")  # 6 of 7; 4 to 3


def test_a_score_prints_all_of_it():
    score = Score.of(TRUE, SIX, "clips at random")
    assert str(score) == "6 of 7 = 85.7 % (95 % CI 48.7–97.4), clips at random, majority 57.1 %"
    assert str(Score(6, 7, "clips at random", 4 / 7, "synthetic")) == f"{score}, synthetic"
    assert asdict(score) == {
        "correct": 6,
        "n": 7,
        "protocol": "clips at random",
        "baseline": 4 / 7,
        "note": "",
    }


@pytest.mark.parametrize(
    "bad",
    [
        dict(correct=8),
        dict(correct=-1),
        dict(correct=0, n=0),
        dict(correct=6.0),
        dict(baseline=float("nan")),
        dict(baseline=57.1),
        dict(protocol=" "),
    ],
)
def test_a_score_that_cannot_be_is_refused(bad):
    with pytest.raises(CourseError, match=r"^score: "):
        Score(**{"correct": 6, "n": 7, "protocol": "speaker-independent", "baseline": 0.5} | bad)


def test_the_majority_is_chosen_on_the_training_part_and_scored_on_the_test_part():
    assert Score.of(TRUE, SIX, "clips at random", y_train=list("bbba")).baseline == 3 / 7
    assert evaluation.majority(TRUE) == 4 / 7
    assert evaluation.majority(TRUE, list("ab")) == 4 / 7  # a tie: the better of the two
    assert evaluation.majority(TRUE, list("cc")) == 0


@pytest.mark.parametrize(
    ("y_true", "y_pred", "message"),
    [
        ([], [], "shape is"),
        (["a", "b"], ["a"], "differ in length: y_true 2, "),
        ([1.0, np.nan], [1, 1], "missing"),
        (["a", None], ["a", "b"], "missing"),
        (["1", "5"], [1, 5], "text and some are numbers"),
        ([0, 1], [[1.0, 0.0], [0.2, 0.8]], "argmax"),
    ],
)
def test_labels_that_cannot_be_compared_are_refused(y_true, y_pred, message):
    for function in (
        lambda a, b: Score.of(a, b, "speaker-independent"),
        evaluation.unweighted_average_recall,
        lambda a, b: evaluation.mcnemar(a, b, b),
    ):
        with pytest.raises(CourseError, match=message):
            function(y_true, y_pred)


def test_labels_may_be_columns_of_any_kind():
    for kind in ("object", "category", "string"):
        assert (
            Score.of(pd.Series(TRUE, dtype=kind), pd.Series(SIX, dtype=kind), "speaker-independent").correct
            == 6
        )
    assert Score.of(pd.Series([1, 5], dtype="Int64"), np.array([1, 1]), "speaker-independent").correct == 1


def test_unweighted_average_recall_by_hand():
    assert evaluation.unweighted_average_recall(list("aaab"), list("aabb")) == pytest.approx((2 / 3 + 1) / 2)
    assert evaluation.unweighted_average_recall(TRUE, ["a"] * 7) == 0.5  # the majority gains nothing
    assert evaluation.unweighted_average_recall(list("ab"), list("ac")) == 0.5


def test_confusion_has_true_rows_and_predicted_columns():
    counts = evaluation.confusion(list("aaab"), list("abbb"), ["b", "a", "c"])
    assert counts.loc["a", "b"] == 2 and counts.loc["b", "a"] == 0 and counts.to_numpy().sum() == 4
    assert (counts.index.name, counts.columns.name, list(counts.columns)) == (
        "true",
        "predicted",
        ["b", "a", "c"],
    )
    with pytest.raises(CourseError, match="c is not among its labels a, b"):
        evaluation.confusion(list("ab"), list("ac"), ["a", "b"])


LABELS = ["happy", "sad", "fear"]
TRUTH = ["happy", "happy", "sad", "fear"]
PROBABILITIES = np.array(
    [
        [0.5, 0.3, 0.2],  # happy: first
        [0.3, 0.5, 0.2],  # happy: second
        [0.4, 0.1, 0.5],  # sad: last
        [0.6, 0.3, 0.1],
    ]
)  # fear: last


# --- among the k largest ---


@pytest.mark.parametrize("k, correct, baseline", [(1, 1, 2 / 4), (2, 2, 3 / 4)])
def test_top_k_by_hand(k, correct, baseline):
    score = evaluation.top_k(TRUTH, PROBABILITIES, LABELS, k, "speaker-independent")
    assert (score.correct, score.n, score.baseline) == (correct, 4, baseline)
    assert score.interval == evaluation.wilson(correct, 4)


def test_the_printed_score_names_k():
    score = evaluation.top_k(TRUTH, PROBABILITIES, LABELS, 2, "speaker-independent", note="synthetic")
    assert str(score) == (
        "2 of 4 = 50.0 % (95 % CI 15.0–85.0), speaker-independent, majority 75.0 %, "
        "top-2 (majority: the 2 most common classes), synthetic"
    )


def test_top_1_is_the_plain_score():
    predicted = np.array(LABELS)[PROBABILITIES.argmax(axis=1)]
    assert evaluation.top_k(TRUTH, PROBABILITIES, LABELS, 1, "speaker-independent", ["sad"]) == Score.of(
        TRUTH, predicted, "speaker-independent", ["sad"]
    )


def test_top_k_is_scikit_learns():
    rng = np.random.default_rng(0)
    probabilities, y = rng.dirichlet(np.ones(7), 300), rng.integers(0, 7, 300)
    for k in range(1, 7):
        mine = evaluation.top_k(y, probabilities, range(7), k, "random split")
        assert mine.correct == top_k_accuracy_score(y, probabilities, k=k, normalize=False)


def test_equal_probabilities_do_not_raise_the_score():
    """A network with equal probabilities is right only where its argmax is."""
    y, flat = ["happy", "sad", "fear", "fear"], np.full((4, 3), 1 / 3)
    assert [evaluation.top_k(y, flat, LABELS, k, "random split").correct for k in (1, 2)] == [1, 2]


def test_the_commonest_classes_are_those_of_the_training_part():
    train = ["fear"] * 5 + ["sad"] * 3 + ["happy"]
    assert (
        evaluation.top_k(TRUTH, PROBABILITIES, LABELS, 2, "speaker-independent", train).baseline == 2 / 4
    )  # fear and sad
    assert evaluation.majority(list("aaabbc"), list("ccbbaa"), k=2) == 5 / 6  # a tie: the best two
    assert evaluation.majority(list("abc") * 7, k=3) == 1  # adds up to no more


@pytest.mark.parametrize(
    "change, message",
    [
        (dict(probabilities=PROBABILITIES[:3]), "shape"),
        (dict(probabilities=PROBABILITIES[:, :2]), "shape"),
        (dict(probabilities=PROBABILITIES * np.nan), "finite"),
        (dict(probabilities=PROBABILITIES[0]), "shape"),
        (dict(labels=["happy", "sad", "angry"]), "fear is not among"),
        (dict(labels=[0, 1, 2]), "text and some are numbers"),
        (dict(k=0), "top-0"),
        (dict(k=3), "there are 3 classes"),
        (dict(k=1.5), "whole number k"),
    ],
    ids=range(9),
)
def test_impossible_arguments_of_top_k_are_refused(change, message):
    arguments = (
        dict(y_true=TRUTH, probabilities=PROBABILITIES, labels=LABELS, k=2, protocol="speaker-independent")
        | change
    )
    with pytest.raises(CourseError, match=message):
        evaluation.top_k(**arguments)


# --- the second guess ---


def test_the_second_guess_by_hand():
    score = evaluation.second_guess_right(TRUTH, PROBABILITIES, LABELS, "speaker-independent")
    assert (score.correct, score.n) == (1, 3)  # wrong: happy (second), sad and fear (last)
    assert str(score).endswith(", second guesses where the first is wrong")


def test_the_second_guess_without_looking_by_hand():
    """Wrong are sad, sad, fear; sad is never the first guess there, so always guessing sad is right twice of
    three.
    """
    first_is_happy, first_is_sad = [0.5, 0.2, 0.3], [0.2, 0.5, 0.3]
    y, probabilities = ["happy"] * 5 + ["sad", "sad", "fear"], [first_is_happy] * 8
    assert evaluation.second_guess_right(y, probabilities, LABELS, "speaker-independent").baseline == 2 / 3
    probabilities[-1] = first_is_sad  # there the next: fear, which is right
    assert evaluation.second_guess_right(y, probabilities, LABELS, "speaker-independent").baseline == 1


def test_first_and_second_guesses_make_top_2():
    rng = np.random.default_rng(1)
    probabilities, y = rng.dirichlet(np.ones(5), 200), rng.integers(0, 5, 200)
    one, two = (evaluation.top_k(y, probabilities, range(5), k, "random split").correct for k in (1, 2))
    second = evaluation.second_guess_right(y, probabilities, range(5), "random split")
    assert (second.correct, second.n) == (two - one, 200 - one)


def test_without_an_error_there_is_no_second_guess():
    with pytest.raises(CourseError, match="all 2 predictions are right"):
        evaluation.second_guess_right(["sad", "fear"], [[0, 1, 0], [0, 0, 1]], LABELS, "speaker-independent")


# --- by class ---


def test_f_scores_by_hand():
    table = evaluation.f_scores(list("aaabbc"), list("aabbab"), list("cabd"))
    assert table.index.tolist() == list("cabd") and list(table.columns) == ["n", "precision", "recall", "F1"]
    assert table["n"].tolist() == [1, 3, 2, 0]
    assert table["precision"].tolist() == pytest.approx([0, 2 / 3, 1 / 3, 0])
    assert table["recall"].tolist() == pytest.approx([0, 2 / 3, 1 / 2, 0])
    assert table["F1"].tolist() == pytest.approx([0, 2 / 3, 0.4, 0])


def test_their_mean_is_scikit_learns_macro_f1():
    rng = np.random.default_rng(2)
    y, y_pred = rng.integers(0, 4, 100), rng.integers(0, 4, 100)
    assert evaluation.f_scores(y, y_pred, range(4))["F1"].mean() == pytest.approx(
        f1_score(y, y_pred, average="macro")
    )


def test_a_label_that_is_not_listed_is_refused():
    with pytest.raises(CourseError, match=r"F-scores: c is not among its labels a, b"):
        evaluation.f_scores(list("ab"), list("ac"), ["a", "b"])


def test_a_score_comes_back_from_its_dict():
    score = Score(6, 7, "speaker-independent", 0.5, "synthetic")
    stored = json.loads(json.dumps(score.to_dict()))
    assert Score.from_dict(stored) == score and score.to_dict() == score.to_dict()
    assert Score.from_dict(stored, note="measured on real data").note == "measured on real data"
    assert Score.from_dict({**stored, "uar": 0.4, "fold": 3}) == score
    del stored["note"]
    assert Score.from_dict(stored).note == ""


def test_a_dict_that_is_no_score_is_refused():
    with pytest.raises(CourseError, match=r"score: the result has no n, baseline; its keys are correct"):
        Score.from_dict({"correct": 6, "protocol": "speaker-independent"})


def test_a_score_table_has_the_counts_and_the_words_of_each_score():
    table = evaluation.score_table(
        {"a": Score(6, 7, "random split", 4 / 7), "b": Score(0, 5, "PublicTest", 0.2, "synthetic")}
    )
    assert (
        table.index.tolist() == ["a", "b"]
        and table["right"].tolist() == [6, 0]
        and table["n"].tolist() == [7, 5]
    )
    assert table.loc["b", "test set"] == "PublicTest, synthetic"
    assert table.loc["a", "95 % interval"] == "48.7 to 97.4 %"


def test_a_score_table_says_the_same_as_the_score():
    score = Score(2199, 3589, "PublicTest", 0.249)
    row = evaluation.score_table({"one": score}).iloc[0]
    assert row["accuracy"] in str(score) and row["95 % interval"].replace(" to ", "–").removesuffix(
        " %"
    ) in str(score)


def test_a_score_table_without_scores_is_refused():
    with pytest.raises(CourseError, match="there is no score"):
        evaluation.score_table({})
