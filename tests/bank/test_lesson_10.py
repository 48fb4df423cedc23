"""Lesson 10: the references against Keras, SciPy and course_lib's own counts."""

import numpy as np
import pytest
from every_lesson import EveryLesson
from scipy.signal import correlate2d

from course_lib import evaluation
from course_lib.core.errors import CourseError
from course_lib.models import networks
from course_lib.models.backend import keras


class TestExercises(EveryLesson):
    """See `EveryLesson`."""


@pytest.mark.parametrize(
    ("shape", "as_published"), [((48, 48, 1), False), ((1, 48, 48), True)], ids=["as meant", "as published"]
)
def test_both_readings_have_the_size_that_keras_says(shape, as_published, lesson):
    counted = networks.iiita_face(as_published).count_params()
    assert lesson.right("10.1", *shape, [32, 64, 128], 2048) == counted


def test_a_small_network_by_hand(lesson):
    # One block of 2 filters on 3 x 4 x 1: 20, then 38 parameters; 7 x 8 pooled to 3 x 4 x 2 = 24 numbers into
    # Dense 5.
    assert lesson.right("10.1", 3, 4, 1, [2], 5) == 20 + 38 + 25 * 5 + 6 * 7


def test_the_convolution_is_that_of_keras(lesson):
    (image, kernel, bias), right, *_ = lesson.cases("10.2")[0]
    layer = keras.layers.Conv2D(kernel.shape[3], kernel.shape[:2])
    layer.build((None, *image.shape))
    layer.set_weights([kernel, bias])
    theirs = keras.ops.convert_to_numpy(layer(image[None].astype(np.float32)))[0]
    assert np.allclose(right, theirs, atol=1e-4)


def test_on_one_channel_it_is_that_of_scipy(lesson):
    (image, kernel, _), right, *_ = lesson.shown("10.2")[0]
    by_scipy = correlate2d(image[..., 0], kernel[..., 0, 0], mode="valid")
    assert np.array_equal(right[..., 0], by_scipy)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_top_k_is_what_the_course_counts(k, lesson):
    for case in lesson.cases_and_examples("10.3"):
        true, probabilities, _ = case.arguments
        counted = evaluation.top_k(true, probabilities, range(probabilities.shape[1]), k, "random split")
        assert lesson.right("10.3", true, probabilities, k) == pytest.approx(counted.accuracy)


def test_second_guesses_are_what_the_course_counts(lesson):
    cases = [*lesson.cases("10.4"), *lesson.shown("10.4")[:2]]
    some_wrong = [one for one in cases if (one.arguments[1].argmax(axis=1) != one.arguments[0]).any()]
    assert len(some_wrong) == len(cases) - 1
    for (true, probabilities), right, *_ in some_wrong:
        counted = evaluation.second_guess_right(
            true, probabilities, range(probabilities.shape[1]), "random split"
        )
        assert right == pytest.approx((counted.accuracy, counted.correct / len(true)))


def test_where_nothing_is_wrong_there_is_no_second_guess(lesson):
    (true, probabilities), right, *_ = lesson.shown("10.4")[3]
    with pytest.raises(CourseError, match="all 2 predictions are right"):
        evaluation.second_guess_right(true, probabilities, range(3), "random split")
    assert right == (0.0, 0.0)


def test_top_2_less_top_1_is_the_second_guess_of_all(lesson):
    for (true, probabilities), right, *_ in lesson.cases("10.4"):
        more = lesson.right("10.3", true, probabilities, 2) - lesson.right("10.3", true, probabilities, 1)
        assert right[1] == pytest.approx(more)


def test_the_loss_of_equal_scores_is_the_logarithm_of_their_number(lesson):
    assert lesson.right("10.5", np.zeros((3, 7)), np.array([0, 3, 6])) == pytest.approx(np.log(7))


def test_large_scores_do_not_overflow(lesson):
    found = lesson.right("10.5", np.array([[1000.0, 999.0]]), np.array([0]))
    assert found == pytest.approx(np.log(1 + np.exp(-1)))


def test_the_loss_is_that_of_keras(lesson):
    for (scores, true), right, *_ in lesson.cases("10.5"):
        theirs = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(true, scores.astype(np.float32))
        assert right == pytest.approx(float(keras.ops.convert_to_numpy(theirs)), abs=1e-4)
