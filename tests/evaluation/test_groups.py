"""Scores by group of people: intervals, and a permutation test of the gap."""

from itertools import combinations

import numpy as np
import pytest

from course_lib import evaluation
from course_lib.core.errors import CourseError
from course_lib.evaluation import groups


def test_each_group_has_its_score_and_wilsons_interval():
    found = groups.by_group([1, 1, 1, 0, 1, 0, 0, 0], list("aaaabbbb"))
    assert found.table.loc["a"].to_dict() == {
        "n": 4,
        "people": 4,
        "score": 0.75,
        "low": evaluation.wilson(3, 4)[0],
        "high": evaluation.wilson(3, 4)[1],
    }
    assert found.gap == pytest.approx(0.5) and found.table.index.name == "group"


def test_the_p_value_is_that_of_all_permutations():
    """4 of 8 items are in group a, so there are 70 ways to divide them."""
    scores = np.array([1, 1, 1, 0, 1, 0, 0, 0])
    gaps = [
        abs(scores[list(rows)].mean() - np.delete(scores, list(rows)).mean())
        for rows in combinations(range(8), 4)
    ]
    exact = np.mean([gap >= 0.5 for gap in gaps])
    found = groups.by_group(scores, list("aaaabbbb"), n_draws=20_000)
    assert found.p == pytest.approx(exact, abs=0.015)


def test_many_items_of_few_people_are_weak_evidence():
    """Two women always right, two men always wrong: with items p is tiny, with people it is 1 in 3."""
    scores, gender = np.repeat([1, 1, 0, 0], 25), np.repeat(["f", "f", "m", "m"], 25)
    person = np.repeat([1, 2, 3, 4], 25)
    items, people = groups.by_group(scores, gender), groups.by_group(scores, gender, person)
    assert items.p < 0.001 and people.p == pytest.approx(1 / 3, abs=0.04)
    assert people.table["people"].tolist() == [2, 2] and items.gap == people.gap == 1


def test_intervals_over_people_are_those_of_the_cluster_bootstrap():
    rng = np.random.default_rng(0)
    scores, person = rng.integers(0, 2, 60), np.repeat(np.arange(12), 5)
    gender = np.where(person % 2, "m", "f")
    found = groups.by_group(scores, gender, person).table
    men = gender == "m"
    expected = evaluation.cluster_bootstrap(scores[men], person[men])
    assert tuple(found.loc["m", ["low", "high"]]) == pytest.approx(expected)
    alone = groups.by_group([1, 0, 1], ["a", "b", "b"], [1, 2, 3]).table
    assert np.isnan(alone.loc["a", "low"])


def test_without_a_difference_small_p_values_are_rare():
    rng = np.random.default_rng(1)
    p_values = [
        groups.by_group(rng.random(40) < 0.6, np.repeat(["a", "b"], 20), n_draws=200, seed=seed).p
        for seed in range(200)
    ]
    assert np.mean(np.array(p_values) <= 0.05) < 0.09


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (([1, 0], ["a", "a"]), "all items are of the group a"),
        (([1, 0, 1], ["a", "b"]), "3, 2 and 3 items"),
        (([1, 0.5], ["a", "b"]), "some are not 0 or 1"),
        (([1, 0], ["a", "b"], [7, 7]), "7 is in two groups"),
        (([], []), "scores"),
    ],
)
def test_bad_input_has_one_clear_error(given, message):
    with pytest.raises(CourseError, match=message):
        groups.by_group(*given)
