"""The permutation test of a pipeline: at chance where there is nothing to learn, high with data leakage."""

import numpy as np
import pytest
from sklearn.model_selection import cross_val_score, permutation_test_score
from sklearn.neighbors import NearestCentroid

from course_lib.core.errors import CourseError
from course_lib.evaluation import permutation_test

RNG = np.random.default_rng(0)
Y = np.array(list("ab") * 20)


def scored(X):
    return lambda y: cross_val_score(NearestCentroid(), X, y, cv=4).mean()


def test_p_is_one_plus_the_shuffled_that_score_as_high_over_one_plus_all():
    scores = iter([0.7, 0.5, 0.7, 0.6, 0.8])  # the true labels first
    found = permutation_test(lambda y: next(scores), Y, n_draws=4)
    assert found.score == 0.7 and found.shuffled.tolist() == [0.5, 0.7, 0.6, 0.8] and found.p == 3 / 5


def test_it_agrees_with_scikit_learn_about_features_that_say_something_and_those_that_do_not():
    for shift, low, high in [(2.0, 0, 0.02), (0.0, 0.05, 1)]:
        X = RNG.normal(size=(40, 3)) + shift * (Y == "a")[:, np.newaxis]
        ours = permutation_test(scored(X), Y, n_draws=99)
        score, _, p = permutation_test_score(NearestCentroid(), X, Y, cv=4, n_permutations=99)
        assert ours.score == pytest.approx(score, abs=1e-12)
        assert low <= ours.p <= high and low <= p <= high and ours.p == pytest.approx(p, abs=0.12)


def test_a_feature_selected_on_all_labels_is_found_out():
    X = RNG.normal(size=(40, 3000))

    def leaking(y):
        best = np.argsort(-np.abs(X[y == "a"].mean(0) - X[y == "b"].mean(0)))[:10]
        return cross_val_score(NearestCentroid(), X[:, best], y, cv=4).mean()

    assert permutation_test(leaking, Y, n_draws=5).shuffled.mean() > 0.75
    assert abs(permutation_test(scored(X[:, :10]), Y, n_draws=20).shuffled.mean() - 0.5) < 0.1


def test_each_group_keeps_its_own_labels():
    groups, seen = np.repeat(["x", "y"], 20), []
    y = np.where(groups == "x", "a", Y)
    permutation_test(lambda labels: seen.append(labels) or 0.0, y, groups, n_draws=3)
    for labels in seen:
        assert (labels[:20] == "a").all() and sorted(labels[20:]) == sorted(y[20:])
    assert any((labels != y).any() for labels in seen[1:]) and (seen[0] == y).all()


def test_bad_input_is_named():
    with pytest.raises(CourseError, match="40 and 3 items"):
        permutation_test(lambda y: 0.0, Y, groups=[1, 2, 3])
    with pytest.raises(CourseError, match="n_draws"):
        permutation_test(lambda y: 0.0, Y, n_draws=0)
