"""Temperatures, thresholds and F-scores from validation items, worked out by hand."""

import numpy as np
import pytest

from course_lib.authoring.experiments import decisions


def test_overconfident_probabilities_get_a_temperature_a_threshold_and_f_scores():
    # Of 100 predictions with probability 0.99, 80 are right; of 100 with probability 0.6, 50 are right.
    y = np.zeros(200, int)
    first = np.r_[np.zeros(80, int), np.ones(20, int), np.zeros(50, int), np.ones(50, int)]
    probabilities = np.full((200, 2), 0.0)
    size = np.r_[np.full(100, 0.99), np.full(100, 0.6)]
    probabilities[np.arange(200), first], probabilities[np.arange(200), 1 - first] = size, 1 - size
    found = decisions.weighed(y, probabilities, np.arange(200) % 2 == 0)
    assert (found["n"], found["accuracy"]) == (200, 0.65)
    assert found["temperature"] > 1.5 and found["ece_scaled"] < found["ece"]
    assert found["answered"] == 0.5 and found["right_when_answered"] == pytest.approx(0.8)
    assert found["f_scores"] == [pytest.approx(2 * 130 / (200 + 130), abs=1e-4), 0.0]
    assert sum(row["n"] for row in found["reliability"]) == 200


def test_rounded_probabilities_are_normalised():
    found = decisions.weighed(
        np.array([0, 1, 0, 1]),
        np.array([[0.334, 0.667], [0.3, 0.701], [0.9, 0.1], [0.2, 0.8]]),
        np.array([True, True, False, False]),
    )
    assert found["accuracy"] == 0.75


def test_each_half_is_measured_with_values_fitted_on_the_other():
    """The first half is right only at probability 0.9; the second, with the same probabilities, never."""
    probabilities = np.tile([[0.9, 0.1], [0.6, 0.4]], (20, 1))
    y = np.r_[np.tile([0, 1], 10), np.ones(20, int)]
    found = decisions.weighed(y, probabilities, np.arange(40) < 20)
    # The threshold of the first half is 0.9; at that threshold the second half is always wrong.
    assert found["right_when_answered"] == 0
    assert found["answered"] == 0.25
