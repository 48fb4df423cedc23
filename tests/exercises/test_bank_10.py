"""Lesson 10: the references against Keras, SciPy and course_lib's own counts."""

import numpy as np
import pytest
from scipy.signal import correlate2d

from course_lib import evaluation, exercises
from course_lib.core.errors import CourseError
from course_lib.core.paths import ROOT
from course_lib.grading import bank
from course_lib.models import networks
from course_lib.models.backend import keras

BANK = bank.load(ROOT / "bank", ["10"])


def right(id, *arguments):
    return BANK[id].reference(*arguments)


def cases(id):
    return [BANK[id].inputs(np.random.default_rng([7, k]), k) for k in range(BANK[id].cases)]


@pytest.mark.parametrize("id", BANK)
def test_hidden_inputs_are_small_and_never_the_same(id):
    every = [bytes(repr([np.asarray(value).tolist() for value in case]), "utf-8") for case in cases(id)]
    assert len(set(every)) == BANK[id].cases
    assert max(map(len, every)) < 1_000_000


@pytest.mark.parametrize("id", BANK)
def test_who_solves_it_is_told_what_is_not_there_when_it_is_graded(id):
    assert exercises.find(id).absent == BANK[id].forbidden


@pytest.mark.parametrize(("shape", "as_published"), [((48, 48, 1), False), ((1, 48, 48), True)],
                         ids=["as meant", "as published"])
def test_both_readings_have_the_size_that_keras_says(shape, as_published):
    assert right("10.1", *shape, [32, 64, 128], 2048) == networks.iiita_face(as_published).count_params()


def test_a_small_network_by_hand():
    # One block of 2 filters on 3 x 4 x 1: 20, then 38 parameters; 7 x 8 pooled to 3 x 4 x 2 = 24 numbers into Dense 5.
    assert right("10.1", 3, 4, 1, [2], 5) == 20 + 38 + 25 * 5 + 6 * 7


def test_the_convolution_is_that_of_keras():
    image, kernel, bias = cases("10.2")[0]
    layer = keras.layers.Conv2D(kernel.shape[3], kernel.shape[:2])
    layer.build((None, *image.shape))
    layer.set_weights([kernel, bias])
    theirs = keras.ops.convert_to_numpy(layer(image[None].astype(np.float32)))[0]
    assert np.allclose(right("10.2", image, kernel, bias), theirs, atol=1e-4)


def test_on_one_channel_it_is_that_of_scipy():
    image, kernel, bias = exercises.find("10.2").examples[0]
    by_scipy = correlate2d(image[..., 0], kernel[..., 0, 0], mode="valid")
    assert np.array_equal(right("10.2", image, kernel, bias)[..., 0], by_scipy)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_top_k_is_what_the_course_counts(k):
    for true, shares, _ in [*cases("10.3"), *exercises.find("10.3").examples]:
        counted = evaluation.top_k(true, shares, range(shares.shape[1]), k, "items at random")
        assert right("10.3", true, shares, k) == pytest.approx(counted.accuracy)


def test_second_guesses_are_what_the_course_counts():
    for true, shares in [*cases("10.4"), *exercises.find("10.4").examples[:2]]:
        counted = evaluation.second_guess_right(true, shares, range(shares.shape[1]), "items at random")
        assert right("10.4", true, shares) == pytest.approx((counted.accuracy, counted.correct / len(true)))


def test_where_nothing_is_wrong_there_is_no_second_guess():
    true, shares = exercises.find("10.4").examples[2]
    with pytest.raises(CourseError, match="all 2 first guesses are right"):
        evaluation.second_guess_right(true, shares, range(3), "items at random")
    assert right("10.4", true, shares) == (0.0, 0.0)


def test_top_2_less_top_1_is_the_second_guess_of_all():
    for true, shares in cases("10.4"):
        more = right("10.3", true, shares, 2) - right("10.3", true, shares, 1)
        assert right("10.4", true, shares)[1] == pytest.approx(more)
