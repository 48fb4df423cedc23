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
