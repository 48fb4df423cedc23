"""What people reach, by CREMA-D's and FER+'s votes: worked by hand, and as saved in results."""

import doctest

import numpy as np
import pandas as pd
import pytest

from course_lib import results
from course_lib.authoring.experiments import people
from course_lib.evaluation import agreement


def test_examples_in_the_docstrings_run():
    assert doctest.testmod(people).failed == 0


def test_one_group_has_no_interval_and_two_have_their_own_values_as_ends():
    one = people.ratio(np.array([1, 2]), np.array([2, 4]), np.array([7, 7]))
    assert one == {"value": 0.5, "interval": [0.5, 0.5]}
    two = people.ratio(np.array([0, 4]), np.array([4, 4]), np.array([1, 2]))
    assert two["value"] == 0.5 and two["interval"] == [0, 1]


def test_alpha_of_sums_is_alpha_of_the_votes():
    rng = np.random.default_rng(0)
    for _ in range(20):
        counts = rng.integers(0, 5, (30, 4))
        rated = counts[counts.sum(axis=1) >= 2].astype(float)
        n = rated.sum(axis=1)
        sums = np.r_[rated.sum(axis=0), ((rated * (rated - 1)).sum(axis=1) / (n - 1)).sum()]
        assert people._alpha(sums) == pytest.approx(agreement.krippendorff_alpha(counts), abs=1e-12)
        found = people.alpha(counts, np.arange(30))
        assert found["interval"][0] < found["value"] < found["interval"][1]


def test_a_conflict_follows_the_face_the_voice_or_neither():
    happy, sad, angry = (
        {name: 9 * (name == one) for name in people.OF_CREMA_D} for one in ("happy", "sad", "angry")
    )
    tie = happy | {"sad": 9}
    clips = [(happy, sad, sad), (happy, sad, happy), (happy, sad, angry), (sad, sad, sad), (tie, sad, sad)]
    rows = [dict(modality=m, **v) for clip in clips for m, v in zip(people.MODALITIES, clip, strict=True)]
    assert people.conflicts(pd.DataFrame(rows)) == {
        "clear": 4,
        "differ": 3,
        "follows": {"face": 1, "voice": 1, "neither": 1},
    }


def test_the_saved_figures_are_those_of_the_votes_that_come_with_the_course(tmp_path):
    saved, again = results.read("crema_d_people"), people.crema_d_people(tmp_path)
    for modality, found in again["modalities"].items():
        assert saved["modalities"][modality]["votes"]["value"] == found["votes"]["value"]
        assert saved["modalities"][modality]["confusion"] == found["confusion"]
    assert saved["conflicts"] == again["conflicts"]
    published = [round(100 * found["votes"]["value"], 1) for found in again["modalities"].values()]
    assert published == [40.0, 57.4, 63.1]  # derived from CREMA-D's table before this code was written
    assert "ODbL" in saved["licence"]


def test_fer_plus_raters_agree_better_on_seven_emotions_than_on_ten_columns():
    for found in results.read("ferplus_agreement")["parts"].values():
        assert (
            0.5
            < found["alpha"]["interval"][0]
            < found["alpha"]["value"]
            < found["alpha_seven"]["value"]
            < 0.7
        )
