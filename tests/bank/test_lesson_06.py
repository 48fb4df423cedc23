"""Lesson 06: the references against values worked out by hand, and against what chance allows."""

import numpy as np
from every_lesson import EveryLesson
from scipy.stats import binomtest


class TestExercises(EveryLesson):
    """See `EveryLesson`."""


def test_frames_are_centred(lesson):
    assert lesson.right("06.1", np.array([1.0, 2.0, 3.0]), 2, 1).tolist() == [[0, 1], [1, 2], [2, 3], [3, 0]]
    assert lesson.right("06.1", np.ones(32000), 2048, 512).shape == (63, 2048)  # the lecture's 63 columns


def test_an_envelope_of_one_coefficient_is_the_mean_and_of_all_the_spectrum(lesson):
    decibels, _ = lesson.cases("06.2")[0].arguments
    assert np.allclose(lesson.right("06.2", decibels, 1), decibels.mean(axis=0))
    assert np.allclose(lesson.right("06.2", decibels, len(decibels)), decibels)
    # Up and down alike: only the constant and the third cosine, 1 -1 -1 1, are in it.
    assert np.allclose(lesson.right("06.2", np.array([[4.0], [0.0], [0.0], [4.0]]), 2), 2)
    assert np.allclose(
        lesson.right("06.2", np.array([[4.0], [0.0], [0.0], [4.0]]), 3), [[4.0], [0.0], [0.0], [4.0]]
    )


def test_columns_chosen_inside_the_split_know_nothing_of_noise(lesson):
    case = lesson.shown("06.3")[1]
    _, y, _, _ = case.arguments
    inside, outside = (answer == y for answer in (case.right, case.near["chosen on all rows"]))
    assert outside.mean() > 0.75  # more than noise can be known
    assert binomtest(int(inside.sum()), len(y)).pvalue > 0.05


def test_left_out_by_hand(lesson):
    # The classes of actor 2 are 0 and 9 in column 1, so actor 1's rows are 8, like class 1, and 1, like class
    # 0. Those of actor 1 are 0 and 9 in column 0, so actor 2's rows, 1 and 2, are both like class 0.
    X = np.array([[0.0, 8.0], [9.0, 1.0], [1.0, 0.0], [2.0, 9.0]])
    said = lesson.right("06.3", X, np.array([0, 1, 0, 1]), np.array([1, 1, 2, 2]), 1)
    assert said.tolist() == [1, 0, 0, 0]
