"""Lesson 06: the references against values worked out by hand, and against what chance allows."""

import numpy as np
from every_lesson import EveryLesson

from course_lib import features


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


def test_the_numbers_in_time_begin_with_the_first_moment(lesson):
    signals = np.random.default_rng(0).normal(0, 0.1, (1, 32000))
    found = lesson.right("06.5", signals, 40)
    assert found.shape == (1, 2520)
    assert np.allclose(found[0, :40], features.mfcc(signals, sr=8000, n_mfcc=40)[0, :, 0], atol=1e-3)


def test_features_of_a_head_that_changes_nothing_are_the_positive_maps(lesson):
    maps = np.random.default_rng(0).normal(size=(3, 2, 2, 2))
    ones, zeros = np.ones(8), np.zeros(8)
    found = lesson.right("06.6", maps, ones, zeros, zeros, np.full(8, 0.999), np.eye(8), zeros)
    assert np.allclose(found, np.maximum(maps, 0).ravel())
