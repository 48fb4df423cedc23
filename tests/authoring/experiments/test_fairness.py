"""What is counted on the London set by group, on a few people by hand, and the saved figures."""

import json

import numpy as np
import pandas as pd
import pytest

from course_lib import evaluation, results
from course_lib.authoring.experiments import fairness
from course_lib.datasets import embedded, london


def some_people(n=20):
    """n people, half of them women, each neutral and smiling. All are 20, but the last gave no age."""
    return pd.DataFrame(
        {
            "actor": np.repeat(np.arange(n), 2),
            "expression": ["neutral", "smiling"] * n,
            "gender": np.repeat(["female", "male"], n),
            "age": [20.0] * (2 * n - 2) + [np.nan] * 2,
            "ethnicity": np.repeat(["white", "east_asian"], [2 * 13, 2 * (n - 13)]),
        }
    )


def test_answers_are_counted_by_expression_and_group():
    table = some_people()
    answers = np.where(table["expression"] == "smiling", "happy", "neutral").astype(object)
    answers[[1, 3]] = "neutral"  # the smiles of two women
    answers[5] = "angry"
    found = fairness.by_group(table, answers)
    women = found["gender"]["female"]["smiling"]
    assert (women["n"], women["as_posed"], women["fraction"]) == (10, 7, 0.7)
    assert women["interval"] == evaluation.wilson(7, 10)
    assert women["commonest_other"] == {"answer": "neutral", "n": 2}
    assert found["gender"]["male"]["neutral"]["commonest_other"] is None
    assert found["all"]["smiling"]["as_posed"] == 17
    assert found["age"]["18 to 24"]["neutral"]["n"] == 19 and list(found["age"]) == ["18 to 24"]


def test_small_groups_of_the_table_by_ethnicity_are_not_shown():
    table = some_people()  # 13 people and 7 people
    found = fairness.by_group(table, np.array(["happy"] * len(table)))["ethnicity"]
    assert found["heading"] == "too few people to conclude"
    assert list(found["groups"]) == ["white"] and found["not_shown"] == 7
    assert "commonest_other" not in found["groups"]["white"]["smiling"]


def test_a_difference_has_newcombes_interval():
    """Newcombe 1998, table II: 56 of 70 against 48 of 80 by his method 10."""
    cells = {
        name: {"smiling": {"fraction": right / n, "interval": evaluation.wilson(right, n)}}
        for name, right, n in (("a", 56, 70), ("b", 48, 80))
    }
    found = fairness.difference(cells, "a", "b", "smiling")
    assert found["difference"] == pytest.approx(0.2)
    assert found["interval"] == pytest.approx([0.0524, 0.3339], abs=5e-5)


def test_the_age_groups_hold_every_known_age():
    ages = london.table(embedded.folder("london"))["age"]
    assert fairness._age_group(ages).isna().tolist() == ages.isna().tolist()
    assert fairness._age_group(pd.Series([24.0, 25, 30])).tolist() == ["18 to 24", "25 to 29", "30 and over"]


def test_the_control_and_the_saved_counts_are_found_again():
    """The control needs no network; of the networks only the sums are checked."""
    table, saved = london.table(embedded.folder("london")), results.read("london_fairness")
    again = fairness.by_group(table, fairness.control(table))
    assert json.loads(json.dumps(again)) == saved["control"]
    assert saved["people"] == 102 and saved["n"] == 204
    for one in (*saved["outputs"].values(), saved["control"]):
        for expression in fairness.POSED:
            women, men = (one["gender"][gender][expression] for gender in ("female", "male"))
            everybody = one["all"][expression]
            assert women["n"] + men["n"] == everybody["n"] == 102
            assert women["as_posed"] + men["as_posed"] == everybody["as_posed"]
            known = [group[expression]["n"] for group in one["age"].values()]
            assert sum(known) == 102 - saved["age_unknown"]
        ethnicity = one["ethnicity"]
        shown = [group["smiling"]["n"] for group in ethnicity["groups"].values()]
        assert min(shown) >= 8 and sum(shown) + ethnicity["not_shown"] == 102
    assert "not what the person felt" in saved["cannot_be_known"]


def test_what_the_network_answers_is_found_again():
    saved = results.read("london_fairness")
    again = fairness.london_fairness(embedded.folder("london"))
    assert set(again["outputs"]) == set(saved["outputs"])
    for output, one in again["outputs"].items():
        for gender in ("female", "male"):
            for expression in fairness.POSED:
                found, kept = (each["gender"][gender][expression] for each in (one, saved["outputs"][output]))
                assert found["n"] == kept["n"]
                assert found["as_posed"] == pytest.approx(kept["as_posed"], abs=1)  # other BLAS
