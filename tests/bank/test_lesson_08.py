"""Lesson 08: the references against Keras' count, SciPy and values worked out by hand."""

import numpy as np
import pytest
from every_lesson import EveryLesson
from scipy.stats import binomtest


class TestExercises(EveryLesson):
    """See `EveryLesson`."""


def test_the_network_is_as_large_as_keras_says_in_the_lesson(lesson):
    assert lesson.right("08.1", 2520, 1, [16, 32], 8, 4) == 667_826
    # One filter of two steps on four steps of one channel, pooled to two: 3; BatchNorm 8; Dense 3 * 128;
    # softmax 258.
    assert lesson.right("08.1", 4, 1, [1], 2, 2) == 3 + 8 + 384 + 258


def test_probabilities_stay_probabilities_where_a_modality_is_missing(lesson):
    for (probabilities, _), right, *_ in lesson.cases("08.2"):
        assert np.isnan(probabilities).any() and not np.isnan(probabilities).all(axis=(0, 2)).any()
        assert np.allclose(right.sum(axis=1), 1)
    both = np.array([[[1.0, 0.0]], [[0.0, 1.0]]])
    assert np.allclose(lesson.right("08.2", both, np.array([3.0, 1.0])), [[0.75, 0.25]])
    both[0] = np.nan
    assert np.allclose(lesson.right("08.2", both, np.array([3.0, 1.0])), [[0.0, 1.0]])


def test_moving_averages_begin_at_0_and_1_and_move_by_what_momentum_leaves(lesson):
    X = np.array([[2.0], [6.0]])  # mean 4, variance 4
    mean, variance = lesson.right("08.3", X, 2, 2, 0.75)  # two steps, each to 3/4 of before and 1/4 of 4
    assert np.allclose(mean, 0.75 * 1 + 1) and np.allclose(variance, 0.75 * 1.75 + 1)
    mean, _ = lesson.right("08.3", np.full((25, 1), 1.0), 8, 10, 0.99)
    assert np.allclose(mean, 1 - 0.99**40)  # the lesson's two thirds are left of the beginning


def test_mcnemar_is_the_binomial_test_of_the_takes_that_one_got_right(lesson):
    true, six, five = np.zeros(7, int), np.eye(7, dtype=int)[0], np.array([1, 1, 0, 0, 0, 0, 0])
    assert lesson.right("08.4", true, six, five) == 1.0
    assert lesson.right("08.4", true, true, np.array([1, 1, 1, 1, 1, 1, 0])) == 2 / 64
    for (true, first, second), right, *_ in lesson.cases("08.4"):
        b, c = (
            int(((first == true) & (second != true)).sum()),
            int(((first != true) & (second == true)).sum()),
        )
        assert right == pytest.approx(binomtest(b, b + c).pvalue)
