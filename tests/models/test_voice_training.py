"""The classifier for voices trained on recordings whose emotions can be separated, and scored."""

import json

import numpy as np
import pytest
import soundfile

from course_lib.core.errors import CourseError
from course_lib.datasets import ravdess
from course_lib.models import voice_training


def test_each_take_is_answered_by_a_classifier_that_never_heard_its_actor(few):
    table, X = few
    folds = ravdess.actor_folds(table)
    probabilities = voice_training.out_of_fold(X, table["emotion"], folds[:1])
    assert np.isnan(probabilities[48:]).all() and np.allclose(probabilities[:48].sum(axis=1), 1)
    lied = table["emotion"].copy()
    lied[:48] = "calm"  # the labels of the tested actors' recordings have no effect
    assert np.array_equal(voice_training.out_of_fold(X, lied, folds[:1]), probabilities, equal_nan=True)


def test_what_is_trained_is_kept_scored_and_described(few, tmp_path):
    table, _ = few
    about = voice_training.train("anywhere", tmp_path)
    assert about["trained_on"] == 96 and about["parameters"] == 41 * 8 and about["scores"]["uar"] > 0.9
    assert json.loads((tmp_path / "training.json").read_text(encoding="utf-8"))["recordings"] == list(
        table["recording"]
    )
    assert (np.array(about["answers"]) == table["emotion"]).sum() == about["scores"]["top_1"]["correct"]
    assert about["at_random"]["top_1"]["n"] == 96 and "random" in about["at_random"]["top_1"]["protocol"]
    assert (
        about["other_splits"] == pytest.approx(voice_training.other_splits(*few))
        and len(about["other_splits"]) == 4
    )
    card = (tmp_path / "card.md").read_text(encoding="utf-8")
    assert "CC BY-NC-SA 4.0" in card and f"{about['scores']['top_1']['correct']} of 96" in card
    kept = np.load(tmp_path / "weights.npz")
    assert kept["weights"].shape == (40, 8) and kept["bias"].dtype == np.float32


def test_scores_are_those_of_the_answers(few):
    table, _ = few
    places = table["emotion"].map(ravdess.EMOTIONS.index).to_numpy()
    found = voice_training.scores(table, np.eye(8)[np.where(table["actor"] == 2, (places + 1) % 8, places)])
    assert found["top_1"]["correct"] == 80 and found["uar"] == pytest.approx(5 / 6)
    assert found["by_actor"]["2"] == 0 and found["by_actor"]["1"] == 1 and found["by_gender"]["male"] == 1
    low, high = found["uar_interval"]
    assert low < 5 / 6 < high <= 1


def test_a_folder_with_a_few_actors_is_refused(tmp_path):
    soundfile.write(tmp_path / "03-01-05-01-01-01-07.wav", np.zeros(16000), 16000)
    with pytest.raises(CourseError, match="1 of the 24 actors"):
        voice_training.recordings(tmp_path)
