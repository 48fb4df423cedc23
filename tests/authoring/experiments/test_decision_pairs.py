"""Rules of fusion on artificial pairs: drawn, fitted and measured on made-up probabilities."""

import numpy as np
import pytest

from course_lib.authoring.experiments import decision_pairs
from course_lib.authoring.experiments.decision_pairs import BEFORE, LEAST, RULES, SHIPPED, Items, Single
from course_lib.demo import moments

EQUAL = np.full(7, 1 / 7)


def items(accuracy, n=700, units=None, seed=0):
    """Items of all labels, predicted with a probability of 0.7; the predictions are right at this rate."""
    rng, y = np.random.default_rng(seed), np.arange(n) % 7
    y_pred = np.where(rng.random(n) < accuracy, y, (y + rng.integers(1, 7, n)) % 7)
    probabilities = np.full((n, 7), 0.05) + 0.65 * np.eye(7)[y_pred]
    return Items(y, probabilities, np.arange(n) if units is None else units, rng.random(n) < 0.5, EQUAL)


def test_pairs_have_the_same_label_as_often_as_asked():
    parts, fractions = [items(0.7), items(0.6, seed=1)], np.array([0.4, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1])
    faces, voices = decision_pairs.draw(parts, fractions, 1000, seed=0)
    labels = parts[0].y[faces]
    assert (labels == parts[1].y[voices]).all()
    assert np.bincount(labels).tolist() == [400, *[100] * 6]
    assert len(set(zip(faces, voices, strict=True))) > 900  # at random, not one partner for each face


def test_the_first_rule_takes_the_mean_of_the_thresholds_by_hand():
    # Happy: 0.6 * 0.5 = 0.3 from the face, 0.2 * 0.5 = 0.1 from the voice, so 3/4 and 1/4 of the thresholds.
    single = Single([1, 1], [0.8, 0.4], np.full((2, 7), 0.5), np.tile(EQUAL, (2, 1)))
    face, voice = np.full((1, 7), 0.4 / 6), np.full((1, 7), 0.8 / 6)
    face[0, 3], voice[0, 3] = 0.6, 0.2
    fused = RULES[BEFORE](single, [face, voice])
    assert fused[0, 3] == pytest.approx(0.4)
    assert decision_pairs.mean_threshold(single, [face, voice], fused) == pytest.approx([0.7])


def test_the_shipped_rule_is_the_demos():
    single = Single([1, 1], [0.5, 0.5], np.ones((2, 7)), np.array([[0.4, *[0.1] * 6], EQUAL]))
    face, voice = items(0.7).probabilities[:20], items(0.5, seed=1).probabilities[:20]
    weighing = moments.Settings(
        {"fused": 1.0}, {"fused": 0.5}, dict(zip(moments.MODALITIES, single.priors, strict=True))
    )
    fused = RULES[SHIPPED](single, [face, voice])
    for row in range(20):
        np.testing.assert_allclose(moments.judge(face[row], voice[row], weighing).fused, fused[row])


def test_a_threshold_of_pairs_is_never_below_one_half():
    y = np.zeros(100, int)
    sure = np.tile([0.9, *[0.1 / 6] * 6], (100, 1))
    assert decision_pairs.fit_pairs(y, sure)[1] >= LEAST > 0.3
    mixed = np.where(np.arange(100)[:, None] < 50, sure, np.roll(np.tile([0.4, *[0.1] * 6], (100, 1)), 1, 1))
    temperature, threshold, enough = decision_pairs.fit_pairs(y, mixed)
    assert threshold == max(LEAST, enough) and temperature > 0


def test_independent_errors_make_the_product_better_than_each_alone():
    found = decision_pairs.compare([items(0.7, 1400), items(0.6, 1400, seed=1)], EQUAL, n=2000)
    assert found["n"] == 2000 and found["baseline"] == pytest.approx(1 / 7, abs=0.001)
    rules = found["rules"]
    assert set(rules) == set(RULES) and rules[BEFORE]["gain"] == 0
    assert rules["face alone"]["right"] == pytest.approx(0.7, abs=0.05)
    assert rules["voice alone"]["right"] == pytest.approx(0.6, abs=0.05)
    assert rules[SHIPPED]["right"] > rules["voice alone"]["right"] + 0.05
    for one in rules.values():
        assert one["right_interval"][0] <= one["right"] <= one["right_interval"][1]
        assert len(one["temperatures"]) == len(one["thresholds"]) == 2


def test_each_half_is_measured_with_values_fitted_on_the_other():
    """The first half is mostly wrong: with its threshold no pair of the second, right half is answered."""
    parts = []
    for seed in (0, 1):
        good, bad = items(0.9, seed=seed), items(0.1, seed=seed)
        mixed = np.where(good.half[:, None], bad.probabilities, good.probabilities)
        parts.append(good._replace(probabilities=mixed))
    found = decision_pairs.compare(parts, EQUAL, n=1400)["rules"][SHIPPED]
    assert found["thresholds"][0] > 0.9 and found["thresholds"][1] < 0.6
    assert found["right"] > 0.45  # nearly all of the second half
    assert found["right_when_answered"] < 0.3  # nearly only the first half is answered


def test_few_actors_make_a_wide_interval():
    right = np.arange(2000) % 7 < 4
    y, faces = np.arange(2000) % 7, np.arange(2000)
    widths = []
    for actors in (4, 400):
        actor = np.random.default_rng(0).integers(actors, size=2000)
        good = right ^ (actor % 2 == 0)  # an actor is often right, or seldom
        drawn = decision_pairs.resampled(good[:, None].astype(float), y, np.array([faces, actor]), 300)
        assert drawn.shape == (300, 1)
        widths.append(np.ptp(np.quantile(drawn, [0.025, 0.975])))
    assert widths[0] > 1.1 * widths[1]


def test_resampling_keeps_each_label_as_common():
    y, faces, actors = np.arange(210) % 7, np.arange(210), np.arange(210) % 10
    drawn = decision_pairs.resampled(np.eye(7)[y], y, np.array([faces, actors]), 20)
    np.testing.assert_allclose(drawn, 1 / 7)
