"""The projects' published figures: what adds up and what does not, by values worked by hand."""

import numpy as np
import pandas as pd
import pytest

from course_lib.datasets import fer2013
from course_lib.results import published


@pytest.fixture(scope="module")
def checks():
    return published.check_published()


def row(checks, claim):
    [found] = checks[checks["claim"] == claim].itertuples()
    return found


# --- what adds up, and what does not ---


def test_every_check_appears_once_with_both_figures(checks):
    assert list(checks.columns) == ["source", "claim", "published", "recomputed", "adds_up", "note"]
    assert not checks["claim"].duplicated().any() and set(checks["source"]) == {"P4", "G7", "IIITA"}
    assert checks["adds_up"].dtype == bool
    assert (checks[["claim", "published", "recomputed"]] != "").all(axis=None)


@pytest.mark.parametrize(
    "claim, recomputed",
    [
        ("face model, accuracy over 112 batches", "3,452 of 3,566 = 96.80%"),
        ("emotion model, accuracy over 225 batches", "4,426 of 7,196 = 61.51%"),
        ("face network, accuracy", "2,199 of 3,589 = 61.27055%"),
        ("face network, accuracy by its confusion matrix", "2,199 of 3,589 = 61.27%"),
        ("face network, parameters with that layer", "7,394,247"),
        ("speech CNN, accuracy", "250 of 345 = 72.46377%"),
        ("speech CNN, accuracy by its confusion matrix", "250 of 345 = 72.46%"),
        ("speech CNN, parameters", "21,205,127"),
        ("speech CNN, trainable parameters", "21,204,487"),
        ("speech CNN + LSTM, accuracy", "257 of 345 = 74.49%"),
        ("speech CNN + LSTM, parameters", "401,303"),
        ("speech CNN + LSTM, trainable parameters", "400,407"),
        ("training faces", "28,709"),
        ("faces, training and validation", "32,298"),
        ("rows of the faces' confusion matrix are PublicTest's classes", "467 56 496 895 653 415 607"),
        ("emotion model, top-3 in the logged training", "88.77% at the end"),
    ],
    ids=range(16),
)
def test_what_adds_up(checks, claim, recomputed):
    found = row(checks, claim)
    assert found.recomputed == recomputed and found.adds_up


@pytest.mark.parametrize(
    "claim, recomputed",
    [
        ("emotion model, accuracy in the logged training", "59.14% at most, 58.71% at the end"),
        ("parameters of a first layer of 32 filters of 3x3", "320"),
        ("first layer's parameters, 32 filters of 3x3 on one grey channel", "320"),
        ("second guess right, of the misclassified", "300 of 1,390 = 21.58%"),
        ("images, trained on and tested", "28,765 to 28,828"),
        ("place on the leaderboard shown", "11"),
        ("speech by MFCC, accuracy", "173 of 345 = 50.14%"),
        ("speech CNN + LSTM, accuracy as printed by the program", "257 of 345 = 74.49275%"),
        (
            "speech CNN + LSTM, SAVEE and own together 345 clips",
            "65 of 108 and 191 of 236: 344 clips, 74.42%",
        ),
    ],
    ids=range(9),
)
def test_what_does_not(checks, claim, recomputed):
    found = row(checks, claim)
    assert found.recomputed == recomputed and not found.adds_up


def test_second_guesses_fit_all_faces_better_than_the_misclassified(checks):
    assert "774 of all 3,589 is 21.566%" in row(checks, "second guess right, of the misclassified").note


@pytest.mark.parametrize(
    "kind, again",
    [("faces", [0.5288, 0.5055, 0.4596, 0.8039, 0.4865, 0.7665, 0.5446]), ("speech", [0.7840])],
    ids=["faces", "speech"],
)
def test_f_scores_do_not_follow_from_the_matrices(checks, kind, again):
    own = checks[checks["claim"].str.startswith("F-score") & checks["claim"].str.endswith(kind)]
    assert len(own) == 7 and not own["adds_up"].any()
    assert (
        own["recomputed"].iloc[: len(again)].astype(float).tolist() == again
    )  # as the digest of the slides has it


def test_a_wrong_figure_is_found_out(monkeypatch):
    """The checks compute: where a published figure were another, the verdict would be another."""
    monkeypatch.setitem(published.FIGURES, ("IIITA", "face network, parameters"), 7394248)
    monkeypatch.setitem(published.FIGURES, ("P4", "parameters of a first layer of 32 filters of 3x3"), 320)
    monkeypatch.setitem(
        published.FIGURES, ("IIITA", "face network, misclassified whose second guess is right"), 0.2158
    )
    monkeypatch.setitem(published.FIGURES, ("IIITA", "face network, accuracy"), 0.6128)
    monkeypatch.setattr(published, "F_SCORES", published.F_SCORES.replace(0.5308, 0.5288))
    checks = published.check_published()
    assert not row(checks, "face network, parameters with that layer").adds_up
    assert row(checks, "parameters of a first layer of 32 filters of 3x3").adds_up
    assert row(checks, "second guess right, of the misclassified").adds_up
    assert not row(checks, "face network, accuracy").adds_up
    assert row(checks, "F-score of angry, faces").adds_up


# --- the arithmetic ---


def test_f_scores_of_a_matrix_by_hand():
    matrix = pd.DataFrame([[3, 1], [2, 4]], ["a", "b"], ["a", "b"])
    assert published.f_from_matrix(matrix).to_dict() == pytest.approx({"a": 6 / 9, "b": 8 / 11})


def test_counts_of_batches_by_hand():
    assert published.counts_of_batches(0.6150639057159424, 225) == [(4426, 7196)]
    assert published.counts_of_batches(0.5, 2, batch_size=2) == [(2, 4)]  # 3 or 4 items
    assert published.counts_of_batches(0.4, 2, batch_size=2) == []


def test_parameters_by_hand():
    assert published.convolution(3, 1, 32) == 9 * 32 + 32 == 320
    assert published.convolution(3, 48, 32) == 13856
    assert published.dense(9216, 2048) == 18876416  # as IIITA's summary has it
    assert published.lstm_parameters(128, 32) == 20608 and published.lstm_parameters(32, 32) == 8320


# --- what was typed ---


def test_the_matrices_are_of_as_many_as_were_tested():
    assert published.FACE_MATRIX.to_numpy().sum() == 3589 and np.trace(published.FACE_MATRIX) == 2199
    assert tuple(published.FACE_MATRIX.sum(axis=1)) == fer2013.PUBLISHED["PublicTest"]
    assert published.SPEECH_MATRIX.to_numpy().sum() == 345 and np.trace(published.SPEECH_MATRIX) == 250
    assert published.FACE_MATRIX.loc["sad", "neutral"] == 149  # true row, predicted column
    assert published.SPEECH_MATRIX.loc["neutral", "sad"] == 6


def test_the_log_has_twenty_epochs():
    log = published.P4_LOG
    assert log.index.tolist() == list(range(1, 21))
    assert log.loc[20].tolist() == [0.9657, 0.6396, 0.9157, 1.1124, 0.5871, 0.8877]
    assert log["val_accuracy"].idxmax() == 17 and log["val_accuracy"].max() == 0.5914
    assert (log["top_3"] > log["accuracy"]).all() and (log["val_top_3"] > log["val_accuracy"]).all()
    assert log["accuracy"].is_monotonic_increasing and log["loss"].is_monotonic_decreasing
