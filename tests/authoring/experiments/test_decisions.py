"""Temperatures, thresholds and F-scores from validation items, worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from course_lib.authoring.experiments import decisions
from course_lib.authoring.experiments.decision_pairs import Items
from course_lib.core.labels import EMOTIONS
from course_lib.datasets import ferplus


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


def test_the_raters_truth_leaves_contempt_out():
    votes = pd.DataFrame([[0] * 10] * 4, columns=ferplus.VOTES).assign(
        happiness=[8, 0, 5, 6], contempt=[2, 9, 0, 4], sadness=[0, 1, 5, 0]
    )
    y, soft = decisions.raters(votes)
    assert y.tolist() == [EMOTIONS.index("happy"), -1, -1, EMOTIONS.index("happy")]
    assert soft.shape == (4, 7) and soft[1].sum() == 0
    assert soft[3, EMOTIONS.index("happy")] == pytest.approx(0.6)


def test_the_fusion_is_fitted_to_pairs():
    y, rng = np.arange(700) % 7, np.random.default_rng(0)
    y_pred = np.where(rng.random(700) < 0.7, y, (y + 1) % 7)
    one = Items(y, np.full((700, 7), 0.05) + 0.65 * np.eye(7)[y_pred], y, y < 3, np.full(7, 1 / 7))
    found = decisions.fused([one, one], np.full(7, 1 / 7), n=700)
    assert found["n"] == 700 and found["threshold"] == max(0.5, found["threshold_for_right"])
    assert 0.2 < found["temperature"] < 5
