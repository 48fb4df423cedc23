"""Lesson 13: the references against course_lib's own functions and values worked out by hand."""

import numpy as np
import pytest
from every_lesson import EveryLesson

from course_lib import evaluation, fusion
from course_lib.evaluation import calibration
from course_lib.results import published


class TestExercises(EveryLesson):
    """See `EveryLesson`."""


def test_f_scores_are_the_courses_of_the_published_matrix_too(lesson):
    case = lesson.shown("13.1")[0]
    assert np.array_equal(case.arguments[0], published.FACE_MATRIX.to_numpy())
    assert np.allclose(case.right, published.f_from_matrix(published.FACE_MATRIX))


def test_f_scores_are_scikit_learns_also_of_a_class_that_never_comes(lesson):
    for case in lesson.cases_and_examples("13.1"):
        [matrix] = case.arguments
        true, named = (np.repeat(places.ravel(), matrix.ravel()) for places in np.indices(matrix.shape))
        assert np.allclose(case.right, evaluation.f_scores(true, named, range(len(matrix)))["F1"])


def test_weights_by_class_fuse_as_the_course_does(lesson):
    for (probabilities, weights), right, *_ in lesson.cases_and_examples("13.2"):
        assert np.allclose(right, fusion.fuse_decisions(probabilities, weights=weights))


def test_some_takes_lack_a_modality_and_none_lacks_all(lesson):
    for case in lesson.hidden("13.2"):
        missing = np.isnan(case.arguments[0]).any(axis=2)
        assert missing.any() and not missing.all(axis=0).any()


def test_the_calibration_error_is_the_courses(lesson):
    for case in lesson.cases_and_examples("13.3"):
        assert case.right == pytest.approx(calibration.expected_calibration_error(*case.arguments))


def test_the_calibration_error_by_hand(lesson):
    # Of five steps one holds .7, which is right; the last .9 and .98, both wrong; the middle one .4, wrong.
    probabilities = np.array([[0.7, 0.2, 0.1], [0.9, 0.1, 0.0], [0.98, 0.01, 0.01], [0.3, 0.3, 0.4]])
    by_hand = (1 * abs(0.7 - 1) + 2 * abs(0.94 - 0) + 1 * abs(0.4 - 0)) / 4
    assert lesson.right("13.3", np.array([0, 1, 2, 0]), probabilities, 5) == pytest.approx(by_hand)


def test_the_losses_are_those_of_the_courses_tempering_and_lowest_at_its_temperature(lesson):
    for (y, probabilities, temperatures), right, *_ in lesson.cases_and_examples("13.4"):
        for temperature, loss in zip(temperatures, right, strict=True):
            tempered = calibration.apply_temperature(probabilities, temperature)
            assert loss == pytest.approx(-np.log(tempered[np.arange(len(y)), y]).mean(), rel=1e-6)
        found = calibration.fit_temperature(y, probabilities)
        at_it, beside = lesson.right("13.4", y, probabilities, np.array([found, 1.3 * found]))
        assert at_it <= beside or found > 19  # 20 is the highest that the course looks at


def test_hidden_shares_hold_nothing_for_some_true_classes(lesson):
    for case in lesson.hidden("13.4"):
        y, probabilities, _ = case.arguments
        assert (probabilities[np.arange(len(y)), y] == 0).sum() == 2
        assert np.abs(probabilities.sum(axis=1) - 1).max() < 1e-9


def test_the_product_over_the_priors_is_the_courses(lesson):
    for (probabilities, priors), right, *_ in lesson.cases_and_examples("13.5"):
        assert np.allclose(right, fusion.fuse_decisions(probabilities, "product", priors=priors))


def test_two_that_answer_with_the_priors_give_the_priors(lesson):
    probabilities, priors = lesson.shown("13.5")[0].arguments
    assert np.allclose(probabilities[:, 1], priors)
    assert np.allclose(lesson.shown("13.5")[0].right[1], priors)


def test_the_product_over_the_priors_by_hand(lesson):
    # .4 x .6 / .5 = .48 and .6 x .4 / .5 = .48: the two modalities contradict each other equally.
    pair, equal = np.array([[[0.4, 0.6]], [[0.6, 0.4]]]), np.array([0.5, 0.5])
    assert np.allclose(lesson.right("13.5", pair, equal), [[0.5, 0.5]])
    # With priors of .2 and .8: .24 / .2 = 1.2 and .24 / .8 = .3, which is .8 and .2.
    assert np.allclose(lesson.right("13.5", pair, np.array([0.2, 0.8])), [[0.8, 0.2]])
