"""Lesson 08: the references against Keras' count and values worked out by hand."""

import numpy as np
from every_lesson import EveryLesson


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


def test_a_filter_slides_without_padding_and_without_turning_round(lesson):
    row, kernel = np.array([0.0, 0, 3, 3, 3, 0, 0]), np.array([-1.0, 1])
    assert np.allclose(lesson.right("08.6", row, kernel, 0.0), [0, 3, 0, 0, 0, 0])  # rises, not falls
    for (row, kernel, bias), right, *_ in lesson.cases("08.6"):
        assert np.allclose(right, np.maximum(0, np.correlate(row, kernel, "valid") + bias))
        assert (right == 0).any() and (right > 0).any()


def test_early_fusion_writes_frame_after_frame_behind_the_sound(lesson):
    audio, video = np.array([[1.0, 2.0]]), np.array([[[3.0, 4.0], [5.0, 6.0]]])
    assert lesson.right("08.5", audio, video).tolist() == [[[1], [2], [3], [4], [5], [6]]]
