"""Lesson 17: the references against values worked out by hand, and the worksheet's rubric."""

import tomllib

import numpy as np
from every_lesson import EveryLesson

from course_lib.core.paths import ROOT


class TestExercises(EveryLesson):
    """See `EveryLesson`."""


def test_the_costs_of_a_threshold(lesson):
    confidence, right = np.array([0.9, 0.5]), np.array([False, True])
    # at 0.4 both are answered and one is wrong; at 0.7 the wrong one is answered; at 1 none is
    costs = lesson.right("17.1", confidence, right, np.array([0.4, 0.7, 1.0]), 6.0, 2.0)
    assert costs.tolist() == [3.0, 4.0, 2.0]


def test_chows_rule_is_the_cheapest_threshold_of_calibrated_probabilities(lesson):
    rng = np.random.default_rng(0)
    confidence = rng.random(200_000)
    steps = np.linspace(0, 1, 21)
    costs = lesson.right(
        "17.1", confidence[:20_000], rng.random(20_000) < confidence[:20_000], steps, 5.0, 1.0
    )
    assert abs(steps[costs.argmin()] - 0.8) < 0.051


def test_a_shift_is_between_0_and_1(lesson):
    assert lesson.right("17.2", ["a", "b"], ["b", "a", "a", "b"], ["a", "b"]) == 0
    assert lesson.right("17.2", ["a"], ["b", "b"], ["a", "b"]) == 1


def test_people_count_once(lesson):
    right = np.array([1, 1, 1, 0, 0, 1], bool)  # people: 1 and 0; 0 and 1
    people, group = np.array([1, 1, 1, 2, 3, 4]), np.array([1, 1, 1, 1, 0, 0], bool)
    difference, low, high = lesson.right("17.3", right, people, group)
    assert difference == 0 and np.isclose(high, 1.96 * np.sqrt(0.5 / 2 + 0.5 / 2)) and low == -high


def test_more_recordings_of_the_same_people_soon_stop_helping(lesson):
    needed = [lesson.right("17.5", 0.5, 0.05, m, 0.1) for m in (1, 10, 1000)]
    assert needed == [385, 73, 39]  # 384.16, times 1.9 / 10, and nearly times rho


def test_the_worksheet_and_its_rubric_have_the_same_parts():
    path = ROOT / "course_lib" / "exercises" / "worksheet_17.toml"
    rubric = tomllib.loads(path.read_text(encoding="utf-8"))
    master = (ROOT / "masters" / "17_from_a_score_to_a_system.py").read_text(encoding="utf-8")
    plan = {}
    exec(master[master.index("plan = {") :].split("# %%")[0], plan)
    assert [*plan["plan"]] == [one["id"] for one in rubric["criteria"]]
    assert rubric["points"] == sum(one["points"] for one in rubric["criteria"])
    for one in rubric["criteria"]:
        points = [level["points"] for level in one["levels"]]
        assert points == sorted(points, reverse=True) and points[0] == one["points"] and points[-1] == 0
