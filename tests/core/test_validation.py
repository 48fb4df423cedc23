"""Checks of labels, tables, probabilities and sound: errors tell what is wrong and what to do."""

import numpy as np
import pandas as pd
import pytest

from course_lib.core import validation
from course_lib.core.errors import CourseError


def test_labels_of_any_kind_become_an_array():
    for labels in (["a", "b"], pd.Series(["a", "b"], dtype="category"), np.array(["a", "b"], object)):
        assert validation.as_labels(labels).tolist() == ["a", "b"]
    assert validation.as_labels(pd.Series([1, 5], dtype="Int64")).tolist() == [1, 5]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([], r"y: one label for each item is expected, the shape is \(0,\)"),
        (np.eye(2), "argmax"),
        ([1.0, np.nan], "1 of 2 are missing"),
        (["a", None], "1 of 2 are missing"),
    ],
)
def test_what_are_no_labels_is_refused(labels, message):
    with pytest.raises(CourseError, match=message):
        validation.as_labels(labels, "y")


def test_a_column_that_is_not_there_or_has_gaps_is_named():
    table = pd.DataFrame({"actor": [1, None], "recording": ["a", "b"]})
    assert validation.column(table, "recording").tolist() == ["a", "b"]
    with pytest.raises(CourseError, match="columns actor, recording: the column 'emotion' is missing"):
        validation.column(table, "emotion")
    with pytest.raises(CourseError, match="column 'actor': 1 of 2 are missing"):
        validation.column(table, "actor")


def test_lists_of_the_same_items_agree_in_kind_and_length():
    true, y_pred = validation.same_items(true=["a", "b"], y_pred=["a", "a"])
    assert (true.tolist(), y_pred.tolist()) == (["a", "b"], ["a", "a"])
    with pytest.raises(CourseError, match="true and y_pred: they differ in length: true 2, y_pred 1"):
        validation.same_items(true=["a", "b"], y_pred=["a"])
    with pytest.raises(CourseError, match="some labels are text and some are numbers"):
        validation.same_items(true=["1"], y_pred=[1])


def test_a_label_that_is_not_listed_is_named():
    validation.check_listed("confusion", ["a", "b"], np.array(["a"]), np.array(["b"]))
    with pytest.raises(CourseError, match="confusion: c, d is not among its labels a, b"):
        validation.check_listed("confusion", ["a", "b"], np.array(["a", "d"]), np.array(["c"]))


@pytest.mark.parametrize(
    ("signals", "message"),
    [
        (np.zeros(9), r"shape \(9,\)"),
        ([np.zeros(5), np.zeros(6)], "differ in length"),
        (np.zeros((1, 9), np.int16), "of int16"),
        (np.full((1, 9), np.nan), "NaN or infinite"),
    ],
)
def test_what_are_no_signals_is_refused(signals, message):
    with pytest.raises(CourseError, match=message):
        validation.check_signals(signals)


def test_numbers_of_a_transform_are_whole_and_above_0():
    validation.check_numbers(16_000, n_mfcc=13, n_mels=40)
    for numbers, message in (
        ({"sr": 0}, "sr=0"),
        ({"n_fft": 2.5}, "n_fft=2.5"),
        ({"n_mfcc": 41, "n_mels": 40}, "40 mel"),
    ):
        with pytest.raises(CourseError, match=message):
            validation.check_numbers(**({"sr": 16_000} | numbers))
