"""Lesson 13: the references against course_lib's own functions and values worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from course_lib import evaluation, exercises, fusion
from course_lib.core.paths import ROOT
from course_lib.evaluation import calibration
from course_lib.grading import bank
from course_lib.results import published

BANK = bank.load(ROOT / "bank", ["13"])


def right(id, *arguments):
    return BANK[id].reference(*arguments)


def cases(id):
    return [BANK[id].inputs(np.random.default_rng([7, k]), k) for k in range(BANK[id].cases)]


@pytest.mark.parametrize("id", BANK)
def test_hidden_inputs_are_small_and_never_the_same(id):
    every = [repr([np.asarray(value).tolist() for value in case]) for case in cases(id)]
    assert len(set(every)) == BANK[id].cases
    assert max(map(len, every)) < 1_000_000


def test_f_scores_are_the_courses_of_the_published_matrix_too():
    [matrix], _ = exercises.find("13.1").examples
    assert np.array_equal(matrix, published.FACE_MATRIX.to_numpy())
    assert np.allclose(right("13.1", matrix), published.f_from_matrix(published.FACE_MATRIX))


def test_f_scores_are_scikit_learns_also_of_a_class_that_never_comes():
    for matrix, in [*cases("13.1"), *exercises.find("13.1").examples]:
        true, named = (np.repeat(places.ravel(), matrix.ravel()) for places in np.indices(matrix.shape))
        assert np.allclose(right("13.1", matrix), evaluation.f_scores(true, named, range(len(matrix)))["F1"])


def test_weights_by_class_fuse_as_the_course_does():
    for shares, weights in [*cases("13.2"), *exercises.find("13.2").examples]:
        assert np.allclose(right("13.2", shares, weights), fusion.fuse_decisions(shares, weights=weights))


def test_some_takes_lack_a_modality_and_none_lacks_all():
    for shares, _ in cases("13.2"):
        missing = np.isnan(shares).any(axis=2)
        assert missing.any() and not missing.all(axis=0).any()


def test_the_calibration_error_is_the_courses():
    for y, shares, bins in [*cases("13.3"), *exercises.find("13.3").examples]:
        assert right("13.3", y, shares, bins) == pytest.approx(
            calibration.expected_calibration_error(y, shares, bins))


def test_the_calibration_error_by_hand():
    # Of five steps one holds .7, which is right; the last .9 and .98, both wrong; the middle one .4, wrong.
    shares = np.array([[0.7, 0.2, 0.1], [0.9, 0.1, 0.0], [0.98, 0.01, 0.01], [0.3, 0.3, 0.4]])
    by_hand = (1 * abs(0.7 - 1) + 2 * abs(0.94 - 0) + 1 * abs(0.4 - 0)) / 4
    assert right("13.3", np.array([0, 1, 2, 0]), shares, 5) == pytest.approx(by_hand)


def test_the_losses_are_those_of_the_courses_tempering_and_lowest_at_its_temperature():
    for y, shares, temperatures in [*cases("13.4"), *exercises.find("13.4").examples]:
        for temperature, loss in zip(temperatures, right("13.4", y, shares, temperatures), strict=True):
            tempered = calibration.tempered(shares, temperature)
            assert loss == pytest.approx(-np.log(tempered[np.arange(len(y)), y]).mean(), rel=1e-6)
        found = calibration.temperature(y, shares)
        at_it, beside = right("13.4", y, shares, np.array([found, 1.3 * found]))
        assert at_it <= beside or found > 19       # 20 is the highest that the course looks at


def test_hidden_shares_hold_nothing_for_some_true_classes():
    for y, shares, _ in cases("13.4"):
        assert (shares[np.arange(len(y)), y] == 0).sum() == 2
        assert pd.Series(shares.sum(axis=1)).sub(1).abs().max() < 1e-9
