"""Calibration: temperature scaling, reliability diagram, expected calibration error, threshold."""

import numpy as np
import pytest

from course_lib.core.errors import CourseError
from course_lib.evaluation import calibration

RNG = np.random.default_rng(0)


def calibrated(n=4000, classes=3, sharper=1.0):
    """Labels drawn from calibrated probabilities, and these raised to the power `sharper`: above 1,
    overconfident."""
    probabilities = RNG.dirichlet(np.ones(classes), n)
    y = np.array([RNG.choice(classes, p=row) for row in probabilities])
    return y, calibration.apply_temperature(probabilities, 1 / sharper)


@pytest.mark.parametrize("sharper", [0.5, 1.0, 3.0])
def test_the_temperature_undoes_overconfidence(sharper):
    y, probabilities = calibrated(sharper=sharper)
    assert calibration.fit_temperature(y, probabilities) == pytest.approx(sharper, rel=0.1)


def test_temperature_scaling_by_hand():
    np.testing.assert_allclose(
        calibration.apply_temperature([[0.8, 0.2]], 2), [[2 / 3, 1 / 3]]
    )  # the square roots of 4 and 1
    np.testing.assert_allclose(calibration.apply_temperature([[0.8, 0.2]], 1), [[0.8, 0.2]])
    probabilities = RNG.dirichlet(np.ones(7), 50)
    scaled = calibration.apply_temperature(probabilities, 1.7)
    assert (scaled.argmax(axis=1) == probabilities.argmax(axis=1)).all() and np.allclose(
        scaled.sum(axis=1), 1
    )
    assert np.isnan(calibration.apply_temperature([[np.nan, np.nan], [1, 0]], 2))[:, 0].tolist() == [
        True,
        False,
    ]


def test_reliability_by_hand():
    probabilities = np.array([[0.95, 0.05], [0.91, 0.09], [0.6, 0.4], [0.55, 0.45], [1.0, 0.0]])
    table = calibration.reliability(np.array([0, 1, 0, 1, 0]), probabilities, bins=10)
    assert table["n"].tolist() == [0, 0, 0, 0, 0, 1, 1, 0, 0, 3]
    assert table["accuracy"].dropna().tolist() == [0, 1, pytest.approx(2 / 3)]
    assert table["confidence"][9] == pytest.approx((0.95 + 0.91 + 1) / 3)
    assert table["accuracy_low"][9] == pytest.approx(0.2077, abs=1e-3)  # Wilson, 2 of 3
    error = (1 * 0.55 + 1 * 0.4 + 3 * ((0.95 + 0.91 + 1) / 3 - 2 / 3)) / 5
    assert calibration.expected_calibration_error(np.array([0, 1, 0, 1, 0]), probabilities) == pytest.approx(
        error
    )


def test_the_error_is_small_for_calibrated_and_large_for_overconfident_probabilities():
    calibrated_error, overconfident_error = (
        calibration.expected_calibration_error(*calibrated(sharper=each)) for each in (1, 4)
    )
    assert calibrated_error < 0.03 < 0.1 < overconfident_error


def test_bins_of_equal_count_by_hand():
    probabilities = np.array([[0.95, 0.05], [0.91, 0.09], [0.6, 0.4], [0.55, 0.45], [1.0, 0.0]])
    y = np.array([0, 1, 0, 1, 0])  # by confidence: 0.55 wrong, 0.6 right, 0.91 wrong | 0.95 right, 1.0 right
    table = calibration.reliability(y, probabilities, bins=2, equal_count=True)
    assert table["n"].tolist() == [3, 2]
    assert table["accuracy"].tolist() == [pytest.approx(1 / 3), 1]
    assert table[["low", "high"]].to_numpy().tolist() == [[0.55, 0.91], [0.95, 1.0]]
    error = (3 * ((0.55 + 0.6 + 0.91) / 3 - 1 / 3) + 2 * (1 - 0.975)) / 5
    found = calibration.expected_calibration_error(y, probabilities, bins=2, equal_count=True)
    assert found == pytest.approx(error)


def test_more_bins_than_items_leave_empty_bins():
    table = calibration.reliability([0], [[0.7, 0.3]], bins=3, equal_count=True)
    assert table["n"].tolist() == [1, 0, 0] and table["low"].isna().tolist() == [False, True, True]
    found = calibration.expected_calibration_error([0], [[0.7, 0.3]], bins=3, equal_count=True)
    assert found == pytest.approx(0.3)


@pytest.mark.parametrize("equal_count", [False, True])
def test_the_fast_error_is_that_of_the_table(equal_count):
    y, probabilities = calibrated(n=500, sharper=2)
    fast = calibration._error(*calibration._confidence(y, probabilities), 10, equal_count)
    assert fast == pytest.approx(
        calibration.expected_calibration_error(y, probabilities, equal_count=equal_count)
    )


def test_the_interval_and_the_baseline_of_the_error():
    y, probabilities = calibrated(n=2000)
    error = calibration.expected_calibration_error(y, probabilities, 15, equal_count=True)
    mean, high = calibration.error_if_calibrated(probabilities)
    low_end, high_end = calibration.calibration_error_interval(y, probabilities)
    assert 0 < mean < high and error < high  # nothing to find in calibrated probabilities
    assert low_end < 0.01 and high_end < 0.05

    y, probabilities = calibrated(n=2000, sharper=4)
    error = calibration.expected_calibration_error(y, probabilities, 15, equal_count=True)
    low_end, high_end = calibration.calibration_error_interval(y, probabilities)
    assert low_end <= error <= high_end and calibration.error_if_calibrated(probabilities)[1] < low_end


def test_the_interval_of_one_bin_is_that_of_a_mean():
    """With one bin the error is |confidence - accuracy|: +-1.96 standard errors of the accuracy."""
    low, high = calibration.calibration_error_interval([0, 1] * 200, [[0.9, 0.1]] * 400, bins=1)
    assert low == pytest.approx(0.4 - 1.96 * 0.025, abs=0.005)
    assert high == pytest.approx(0.4 + 1.96 * 0.025, abs=0.005)
    mean, high = calibration.error_if_calibrated([[0.9, 0.1]] * 400, bins=1)
    assert mean == pytest.approx(0.015 * np.sqrt(2 / np.pi), abs=0.001)  # mean of a normal's absolute value
    assert high == pytest.approx(1.96 * 0.015, abs=0.003)


def test_the_same_seed_gives_the_same_interval():
    y, probabilities = calibrated(n=100)
    first, again, other = (
        calibration.calibration_error_interval(y, probabilities, seed=s) for s in (0, 0, 1)
    )
    assert first == again != other


def test_coverage_and_selective_accuracy_by_hand():
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.6, 0.4], [0.6, 0.4]])
    y = np.array([0, 0, 1, 0, 1])  # right, right, wrong, right, wrong
    table = calibration.coverage_curve(y, probabilities, [0.01, 0.4, 0.8, 1])
    assert table["n"].tolist() == [1, 2, 5, 5]  # the two of confidence 0.6 are answered together
    assert table["coverage"].tolist() == [0.2, 0.4, 1, 1]
    assert table["threshold"].tolist() == [0.9, 0.8, 0.6, 0.6]
    assert table["accuracy"].tolist() == [1, 1, 0.6, 0.6]
    assert table[["accuracy_low", "accuracy_high"]].iloc[3].tolist() == list(calibration.wilson(3, 5))
    line = calibration.threshold(y, probabilities, 1.0)
    assert table["accuracy"][table["threshold"] >= line].tolist() == [1, 1]


@pytest.mark.parametrize("coverage", [0, 1.1, np.nan])
def test_a_coverage_that_is_no_fraction_is_refused(coverage):
    with pytest.raises(CourseError, match="above 0 and at most 1"):
        calibration.coverage_curve([0], [[1.0, 0.0]], [coverage])


def test_the_threshold_by_hand():
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.6, 0.4], [0.6, 0.4]])
    y = np.array([0, 0, 1, 0, 1])  # right, right, -, right, -
    assert calibration.threshold(y, probabilities, 1.0) == 0.8
    assert calibration.threshold(y, probabilities, 0.6) == 0.6  # 3 of 5; equal confidences count together
    assert calibration.threshold(y, probabilities, 0.7) == 0.8
    assert calibration.threshold(1 - y[:1], probabilities[:1], 0.5) == 1.0  # never right enough


@pytest.mark.parametrize(
    ("y", "probabilities", "message"),
    [
        ([0], [[0.5, 0.4]], "do not sum to 1"),
        ([0], [[np.nan, np.nan]], "hold NaN"),
        ([2], [[0.5, 0.5]], "not column indices"),
        ([0, 1], [[0.5, 0.5]], "do not fit"),
        ([], np.zeros((0, 2)), "n above 0"),
        (["0"], [[0.5, 0.5]], "not column indices"),
    ],
)
def test_arguments_that_are_not_probabilities_are_refused(y, probabilities, message):
    with pytest.raises(CourseError, match=message):
        calibration.fit_temperature(np.array(y), np.array(probabilities))
