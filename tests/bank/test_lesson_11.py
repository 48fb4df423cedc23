"""Lesson 11: the references against course_lib's own functions and values worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from every_lesson import EveryLesson

from course_lib.datasets import ferplus
from course_lib.models import attribution
from course_lib.models.backend import keras, layers


class TestExercises(EveryLesson):
    """See `EveryLesson`."""


def test_soft_labels_are_the_courses_where_no_vote_is_alone(lesson):
    for case in lesson.cases("11.1"):
        [votes] = case.arguments
        kept = pd.DataFrame(np.where(votes > 1, votes, 0), columns=ferplus.VOTES)
        assert np.allclose(case.right, ferplus.soft_labels(kept))


def test_a_lone_rater_agrees_as_often_as_the_course_says(lesson):
    for case in lesson.cases_and_examples("11.2"):
        [answers] = case.arguments
        counts = pd.DataFrame([np.bincount(row, minlength=10) for row in answers], columns=ferplus.VOTES)
        assert np.allclose(case.right, ferplus.rater_agreement(counts))


def test_four_raters_by_hand(lesson):
    # 0 0 1 2: who says 0 is left with 0 1 2, a third; who says 1 or 2 is left with 0 twice, and is wrong.
    assert lesson.right("11.2", np.array([[0, 0, 1, 2]])) == pytest.approx([2 * (1 / 3) / 4])


def test_the_class_map_is_grad_cam_divided_by_its_highest(lesson):
    keras.utils.set_random_seed(0)
    network = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3, activation="softmax"),
        ]
    )
    images, classes = np.random.default_rng(0).random((6, 8, 8, 1)), np.array([0, 1, 2, 0, 1, 2])
    heat = attribution.grad_cam(network, images, classes)
    highest = heat.max(axis=(1, 2), keepdims=True)
    ours = lesson.right("11.3", *attribution.maps_and_gradients(network, images, classes))
    assert (highest > 0).any() and np.allclose(ours, heat / np.where(highest > 0, highest, 1), atol=1e-6)


def test_no_image_stands_on_both_sides_and_the_part_is_no_larger_than_asked(lesson):
    for (images, _, n_test), test, *_ in lesson.cases_and_examples("11.4"):
        sides = [{image.tobytes() for image in images[side]} for side in (test, ~test)]
        assert 0 < test.sum() <= n_test and not sides[0] & sides[1]


def test_hidden_images_differ_in_their_places_only(lesson):
    """Sums, histograms or corners would not tell them apart."""
    for case in lesson.cases("11.4"):
        images, _, _ = case.arguments
        assert len({tuple(np.sort(image.ravel())) for image in images}) == 1
        assert len({image.tobytes() for image in images}) > 10


def test_the_score_to_report_is_that_of_the_candidate_which_validation_chose(lesson):
    """By hand: candidate 1 has 0.62 on validation and 0.58 on test, and the best on test has 0.61."""
    assert np.allclose(
        lesson.right("11.5", np.array([0.55, 0.62, 0.6]), np.array([0.57, 0.58, 0.61])), (0.58, 0.03)
    )


def test_the_best_test_score_is_never_below_the_honest_one(lesson):
    assert all(case.right[1] > 0 for case in lesson.cases("11.5"))
