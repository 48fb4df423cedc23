"""Intervals by hand-worked values, and by how they narrow and widen."""

import numpy as np
import pandas as pd
import pytest

from course_lib import evaluation
from course_lib.core.errors import CourseError

# --- of counts ---


@pytest.mark.parametrize(
    ("correct", "n", "low", "high"), [(6, 7, 48.7, 97.4), (5, 7, 35.9, 91.8), (0, 4, 0, 49.0)]
)
def test_wilson_by_hand(correct, n, low, high):
    assert np.round(100 * np.array(evaluation.wilson(correct, n)), 1).tolist() == [low, high]


def test_wilson_follows_its_formula():
    z, p, n = 1.6448536269514722, 0.3, 50
    centre, half = p + z * z / (2 * n), z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    expected = [(centre - half) / (1 + z * z / n), (centre + half) / (1 + z * z / n)]
    assert evaluation.wilson(15, 50, level=0.9) == pytest.approx(expected)


# --- of new people ---


def test_the_bootstrap_collapses_where_all_actors_are_alike_and_widens_where_errors_cluster():
    actors = np.repeat(np.arange(10), 20)
    alike = np.tile([1] * 14 + [0] * 6, 10)
    assert evaluation.cluster_bootstrap(alike, actors) == (0.7, 0.7)
    clustered = np.repeat([1] * 7 + [0] * 3, 20)
    low, high = evaluation.cluster_bootstrap(clustered == 1, actors)
    narrow, wide = evaluation.wilson(140, 200)
    assert low < narrow - 0.1 and high > wide + 0.1
    assert (low, high) == evaluation.cluster_bootstrap(clustered, actors.astype(str))


def test_the_bootstrap_weighs_actors_by_their_items():
    correct, actors = [1] * 9 + [0], ["a"] * 9 + ["b"]  # draws are aa: 1, ab: .9, bb: 0
    assert evaluation.cluster_bootstrap(correct, actors) == (0, 1)
    assert evaluation.cluster_bootstrap(correct, actors, level=0.4)[0] == 0.9


def test_the_bootstrap_refuses_one_actor_and_lists_that_differ():
    with pytest.raises(CourseError, match="one group, 1"):
        evaluation.cluster_bootstrap([1, 0], [1, 1])
    with pytest.raises(CourseError, match="they have 2 and 3 items"):
        evaluation.cluster_bootstrap([1, 0], [1, 1, 2])


def test_the_uar_interval_of_equal_actors_is_a_point():
    true, groups = np.tile(["a", "b", "b"], 4), np.repeat([1, 2, 3, 4], 3)
    y_pred = np.tile(["a", "b", "a"], 4)  # recall 1 and 1/2, with every actor
    assert evaluation.uar_interval(true, y_pred, groups) == pytest.approx((0.75, 0.75))


def test_the_uar_interval_lies_around_the_uar_and_is_wider_the_fewer_the_actors():
    rng = np.random.default_rng(0)
    true, good = np.tile(np.arange(4), 60), np.repeat(rng.uniform(0.2, 0.9, 24), 10)
    y_pred = np.where(rng.random(240) < good, true, (true + 1) % 4)
    many, few = (
        evaluation.uar_interval(true, y_pred, np.repeat(np.arange(actors), 240 // actors))
        for actors in (24, 3)
    )
    uar = evaluation.unweighted_average_recall(true, y_pred)
    assert many[0] < uar < many[1] and few[1] > few[0]
    assert evaluation.uar_interval(true, y_pred, np.repeat(np.arange(24), 10)) == many


def test_the_uar_interval_wants_two_actors():
    with pytest.raises(CourseError, match="one group"):
        evaluation.uar_interval(["a", "b"], ["a", "a"], [1, 1])


# --- of F-scores ---


def test_the_interval_of_an_f_score_covers_it_and_narrows_with_more_items():
    matrix = pd.DataFrame([[40, 10], [20, 30]], ["a", "b"], ["a", "b"])
    few, many = evaluation.f_score_intervals(matrix), evaluation.f_score_intervals(100 * matrix)
    f1 = pd.Series({"a": 80 / 110, "b": 60 / 90})
    for intervals in (few, many):
        assert ((intervals["low"] < f1) & (f1 < intervals["high"])).all()
    narrower = (few["high"] - few["low"]) / (many["high"] - many["low"])
    assert narrower.between(8, 12).all()  # ten times, as 100 times the items
    pd.testing.assert_frame_equal(few, evaluation.f_score_intervals(matrix))  # the same draws each time


def test_the_interval_of_a_sure_f_score_is_a_point_and_of_an_absent_class_nothing():
    intervals = evaluation.f_score_intervals(
        pd.DataFrame([[5, 0, 0], [0, 5, 0], [0, 0, 0]], list("abc"), list("abc"))
    )
    assert intervals.loc[["a", "b"]].to_numpy().tolist() == [[1, 1], [1, 1]]
    assert intervals.loc["c"].tolist() == [0, 0]
