"""Read results; the saved results of the networks are consistent."""

import numpy as np
import pytest

from course_lib import results
from course_lib.authoring import cards
from course_lib.core.errors import CourseError
from course_lib.models import face_networks, presets


def test_an_unknown_result_names_the_closest_one():
    with pytest.raises(CourseError, match=r"result 'fer2013_count': .* Did you mean 'fer2013_counts'\?"):
        results.read("fer2013_count")


@pytest.mark.parametrize("name", sorted(results.trained()))
def test_the_results_of_a_network_are_consistent(name):
    about = results.trained()[name]
    two_outputs = presets.RECIPES[name].votes
    assert about["parameters"] == face_networks.build(name, two_outputs=two_outputs).count_params()
    assert about["epochs"] == len(about["history"]["val_accuracy"]) >= about["kept_epoch"]
    for part, found in about["scores"].items():
        matrix = np.array(found["confusion"])
        assert np.trace(matrix) == found["top_1"]["correct"] and matrix.sum() == found["top_1"]["n"]
        assert len(found["answers"]) == found["top_1"]["n"] == (200 if part == presets.LFW else matrix.sum())
        answers = np.array(list(found["answers"]), int)
        assert np.bincount(answers, minlength=len(matrix)).tolist() == matrix.sum(axis=0).tolist()
        there = matrix.sum(axis=1) > 0  # "contempt" is no class of "seven emotions"
        assert found["uar"] == pytest.approx((np.diag(matrix)[there] / matrix.sum(axis=1)[there]).mean())
    if name in presets.NAMES.values():
        assert (presets.SHIPPED / f"{name}.md").read_text(encoding="utf-8") == cards.text(name)


# --- what curves allow to say ---

FLAT, STEEP = ({"val_accuracy": curve} for curve in ([0.5] * 16, [0.02 * n for n in range(16)]))


@pytest.mark.parametrize(
    ("curve", "told"),
    [
        ([0.1 * n for n in range(8)] + [0.75] * 8, "converged"),
        ([0.02 * n for n in range(20)], "still rising"),
        ([0.5] * 11, "too short to tell"),
    ],
)
def test_a_curve_is_judged_by_its_last_quarter(curve, told):
    assert results.trend({"val_accuracy": curve}) == told


def test_two_networks_are_compared_only_if_both_have_converged(monkeypatch):
    found = {name: {"history": own, "epochs": 16} for name, own in (("a", FLAT), ("b", FLAT), ("c", STEEP))}
    monkeypatch.setattr(results, "trained", lambda: found)
    monkeypatch.setattr(results, "read", lambda name: {"pairs": {"a and b": {"b": 9, "c": 2, "p": 0.03}}})
    assert results.compared("a", "b").endswith("Both converged: a is better in these trainings.")
    assert "only the first right 2, only the second 9" in results.compared("b", "a")
    assert results.compared("b", "a").endswith("Both converged: a is better in these trainings.")
    assert results.compared("a", "c") == (
        "a and c: a converged (16 epochs), c still rising (16 epochs). "
        "This comparison decides nothing before longer trainings."
    )
    monkeypatch.setattr(results, "read", lambda name: {"pairs": {"a and b": {"b": 9, "c": 2, "p": 0.06}}})
    assert results.compared("a", "b").endswith("Both converged: no clear difference.")


def test_the_table_of_the_networks_begins_with_the_best():
    top_1, top_3 = (
        {"correct": correct, "n": 100, "interval": [0.4, 0.6], "baseline": 0.25} for correct in (50, 80)
    )
    one = {
        "parameters": 1234,
        "epochs": 16,
        "history": FLAT,
        "scores": {"PublicTest": {"top_1": top_1, "top_3": top_3}},
    }
    better = one | {"scores": {"PublicTest": {"top_1": top_1 | {"correct": 60}, "top_3": top_3}}}
    table = results.networks_table({"a": one, "b": better})
    assert list(table.index) == ["b", "a"]
    assert list(table.loc["a"]) == ["1,234", 16, "converged", 50, 100, "50.0", "40.0 to 60.0", "25.0", "80.0"]
