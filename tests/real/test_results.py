"""The figures in results/ are what the real data give, computed again."""

import json
from collections import Counter

import numpy as np
import pytest

from course_lib import classifiers, measure
from course_lib.datasets import ravdess

IN_PARTS = ("lecture27_calm_angry", "ravdess_eight_classes")  # minutes as a whole


@pytest.fixture(scope="module")
def speech(real_data):
    return ravdess.table(real_data / "ravdess" / "speech_16k")


@pytest.mark.parametrize("name", [name for name in measure.MEASUREMENTS if name not in IN_PARTS])
def test_a_published_measurement_is_found_again(name, real_data):
    again = json.loads(json.dumps(measure.MEASUREMENTS[name](real_data), default=measure._plain))
    saved = measure.read(name)
    sources = again.pop("files")
    assert saved["data_files"] == len(sources) and saved["data_sha256"] == measure.hash_files(sources)
    assert {key: saved[key] for key in again} == again


def test_neutral_against_angry_is_one_to_two():
    counts = measure.read("ravdess_speech_counts")["counts"]
    assert counts["neutral"] == 96 and counts["angry"] == 192
    assert measure.read("ravdess_speech_counts")["majority_baseline"] == pytest.approx(2 / 3)


def test_only_one_reading_of_lecture_27s_files_gives_its_training_scores():
    readings = measure.read("lecture27_two_readings")["readings"]
    silent, *sounding = ({name: reading[name]["train"]["mean"] for name in classifiers.panel()}
                         for reading in readings.values())
    assert all(0.7 < silent[name] < 0.8 for name in ("GaussianNB", "LDA", "linear SVC"))
    assert silent["SVC rbf"] < silent["GaussianNB"]
    assert all(reading["GaussianNB"] == reading["linear SVC"] == 1 for reading in sounding)


@pytest.mark.parametrize("name", IN_PARTS)
def test_the_sources_of_a_long_measurement_are_the_same(name, speech):
    saved = measure.read(name)
    files = speech if name == "ravdess_eight_classes" else speech[speech["emotion"].isin(["calm", "angry"])]
    assert saved["n"] == saved["data_files"] == len(files)
    assert saved["data_sha256"] == measure.hash_files(files["path"])


@pytest.mark.parametrize("protocol", ["items at random", "whole actors", "whole sentences"])
def test_calm_against_angry_is_found_again(protocol, speech):
    """The four classifiers; the 1D-CNN's figures also hang on TensorFlow's own rounding."""
    table = speech[speech["emotion"].isin(["calm", "angry"])].reset_index(drop=True)
    again = measure.calm_angry_scores(measure.mfcc_rows(table["path"]), table, protocol, classifiers.panel())
    saved = measure.read("lecture27_calm_angry")["scores"][protocol]
    assert set(saved) == {*again, "linear SVC, standardised", "SVC rbf, standardised", "1D-CNN", "1D-CNN, standardised"}
    for name, found in again.items():
        assert (found["correct"], found["n"]) == (saved[name]["correct"], 384)
        assert found["interval"] == pytest.approx(saved[name]["interval"])
        assert found["actor_interval"] == pytest.approx(saved[name]["actor_interval"])


def test_eight_classes_are_found_again_in_their_first_fold(speech):
    """What is chosen for the fold's 19 other actors, and how many of the five tested actors' takes it gets right."""
    X, saved = measure.eight_class_features(speech["path"]), measure.read("ravdess_eight_classes")
    train, test = measure.actor_folds(speech)[0]
    scores = measure.inner_scores(X, speech, train)
    assert {", ".join(candidate): score for candidate, score in scores.items()} == pytest.approx(saved["inner"][0])
    chosen = max(scores, key=scores.get)
    assert ", ".join(chosen) == saved["chosen"][0]
    right = measure.predict(X, speech, chosen, train, test) == speech["emotion"].iloc[test]
    by_actor = right.groupby(speech["actor"]).mean()
    assert {str(actor): share for actor, share in by_actor.items()} == pytest.approx(
        {str(actor): saved["by_actor"][str(actor)] for actor in ravdess.ACTOR_FOLDS[0]})


def test_eight_classes_agree_with_themselves():
    saved = measure.read("ravdess_eight_classes")
    matrix = np.array(saved["confusion"])
    assert matrix.sum() == saved["n"] == 1440 and np.trace(matrix) == saved["correct"]
    assert matrix.sum(axis=1).tolist() == [96, *[192] * 7] and saved["baseline"] == pytest.approx(192 / 1440)
    assert np.mean(list(saved["by_actor"].values())) == pytest.approx(saved["correct"] / 1440)
    assert saved["usual_at_random"]["correct"] > saved["usual_by_actor"]["correct"]


def test_the_published_folds_test_every_actor_once():
    assert Counter(actor for fold in ravdess.ACTOR_FOLDS for actor in fold) == dict.fromkeys(range(1, 25), 1)
