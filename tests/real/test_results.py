"""The figures in course_lib/results are what the real data give, computed again."""

import json
from collections import Counter

import numpy as np
import pytest
from cascades import NEEDS_HAAR

from course_lib import results
from course_lib.authoring import experiments
from course_lib.authoring.experiments import faces, lectures, speech
from course_lib.core.io import hash_files
from course_lib.datasets import fer2013, ravdess
from course_lib.models import classical

IN_PARTS = (
    "lecture27_calm_angry",
    "ravdess_eight_classes",
    "fer2013_cascade_selection",
    "fer2013_nearest",
    "face_finding",
    "steady_faces",
    "hard_negatives",
    "ravdess_speech_networks",
    "ravdess_speech_full_size",  # trainings of an hour
    "decision_calibration",
    "encoder_calibration",  # needs the speech encoder's weights
    "demo_answers",
    "emodb_four_classes",
    "london_transfer",
    "fer2013_transfer",
    "emotion_net_ablation",  # trainings of two hours
    "emotion_net_calibration",
    "face_or_not_calibration",
    "emotion_net_publictest",
    "london_fairness",
    "face_identity_alignment",  # the real data come with the course: see tests/authoring/experiments
    "ravdess_speech_encoder",
    "emodb_speech_encoder",
    "cross_corpus_speech",
    "ravdess_voice_protocols",
)  # minutes as a whole; see test_faces_real, test_voice_real, test_embedded_speech_real, test_encoder_real,
#    test_demo_answers_real and tests/authoring/experiments/test_encoder


def same(saved, again):
    """Whether two results are equal. Sums differ in their last digits from processor to processor."""
    if isinstance(saved, dict):
        return saved.keys() == again.keys() and all(same(saved[key], again[key]) for key in saved)
    if isinstance(saved, list):
        return len(saved) == len(again) and all(map(same, saved, again))
    return saved == (pytest.approx(again, rel=1e-9) if isinstance(again, float) else again)


@pytest.mark.parametrize("name", [name for name in experiments.MEASUREMENTS if name not in IN_PARTS])
def test_a_published_measurement_is_found_again(name, real_data):
    again = json.loads(json.dumps(experiments.MEASUREMENTS[name](real_data), default=experiments.plain_value))
    saved = results.read(name)
    sources = again.pop("files")
    assert saved["data_files"] == len(sources) and saved["data_sha256"] == hash_files(sources)
    assert same({key: saved[key] for key in again}, again)


def test_neutral_against_angry_is_one_to_two():
    counts = results.read("ravdess_speech_counts")["counts"]
    assert counts["neutral"] == 96 and counts["angry"] == 192
    assert results.read("ravdess_speech_counts")["majority_baseline"] == pytest.approx(2 / 3)


def test_only_one_reading_of_lecture_27s_files_gives_its_training_scores():
    readings = results.read("lecture27_two_readings")["readings"]
    silent, *sounding = (
        {name: reading[name]["train"]["mean"] for name in classical.panel()} for reading in readings.values()
    )
    assert all(0.7 < silent[name] < 0.8 for name in ("GaussianNB", "LDA", "linear SVC"))
    assert silent["SVC rbf"] < silent["GaussianNB"]
    assert all(reading["GaussianNB"] == reading["linear SVC"] == 1 for reading in sounding)


@pytest.mark.parametrize("name", ["lecture27_calm_angry", "ravdess_eight_classes"])
def test_the_sources_of_a_long_measurement_are_the_same(name, recordings):
    saved = results.read(name)
    files = (
        recordings
        if name == "ravdess_eight_classes"
        else recordings[recordings["emotion"].isin(["calm", "angry"])]
    )
    assert saved["n"] == saved["data_files"] == len(files)
    assert saved["data_sha256"] == hash_files(files["path"])


@pytest.mark.parametrize("protocol", ["random split", "speaker-independent", "grouped by statement"])
def test_calm_against_angry_is_found_again(protocol, recordings):
    """The four classifiers; the 1D-CNN's figures also hang on TensorFlow's own rounding."""
    table = recordings[recordings["emotion"].isin(["calm", "angry"])].reset_index(drop=True)
    again = lectures.calm_angry_scores(speech.mfcc_rows(table["path"]), table, protocol, classical.panel())
    saved = results.read("lecture27_calm_angry")["scores"][protocol]
    assert set(saved) == {
        *again,
        "linear SVC, standardised",
        "SVC rbf, standardised",
        "1D-CNN",
        "1D-CNN, standardised",
    }
    for name, found in again.items():
        assert (found["correct"], found["n"]) == (saved[name]["correct"], 384)
        assert found["interval"] == pytest.approx(saved[name]["interval"])
        assert found["actor_interval"] == pytest.approx(saved[name]["actor_interval"])


def test_eight_classes_are_found_again_in_their_first_fold(recordings):
    """What is chosen for the fold's 19 other actors, and how many of the five tested actors' takes it gets
    right.
    """
    X, saved = speech.eight_class_features(recordings["path"]), results.read("ravdess_eight_classes")
    train, test = ravdess.actor_folds(recordings)[0]
    scores = speech.inner_scores(X, recordings, train)
    assert {", ".join(candidate): score for candidate, score in scores.items()} == pytest.approx(
        saved["inner"][0]
    )
    chosen = max(scores, key=scores.get)
    assert ", ".join(chosen) == saved["chosen"][0]
    right = speech.predict(X, recordings, chosen, train, test) == recordings["emotion"].iloc[test]
    by_actor = right.groupby(recordings["actor"]).mean()
    assert {str(actor): share for actor, share in by_actor.items()} == pytest.approx(
        {str(actor): saved["by_actor"][str(actor)] for actor in ravdess.ACTOR_FOLDS[0]}
    )


def test_eight_classes_agree_with_themselves():
    saved = results.read("ravdess_eight_classes")
    matrix = np.array(saved["confusion"])
    assert matrix.sum() == saved["n"] == 1440 and np.trace(matrix) == saved["correct"]
    assert matrix.sum(axis=1).tolist() == [96, *[192] * 7] and saved["baseline"] == pytest.approx(192 / 1440)
    assert np.mean(list(saved["by_actor"].values())) == pytest.approx(saved["correct"] / 1440)
    assert saved["usual_at_random"]["correct"] > saved["usual_by_actor"]["correct"]


def test_the_published_folds_test_every_actor_once():
    assert Counter(actor for fold in ravdess.ACTOR_FOLDS for actor in fold) == dict.fromkeys(range(1, 25), 1)


def test_raters_agree_as_often_as_the_readme_beside_the_votes_says():
    public = results.read("ferplus_raters")["parts"]["PublicTest"]
    assert round(100 * public["one_against_the_others"]["mean"], 1) == 73.3
    assert np.sum(public["commonest"]["counts"]) == 3589
    assert np.trace(public["commonest"]["counts"]) == public["commonest_is_fer2013"]["correct"]


@NEEDS_HAAR
def test_what_g7s_cascade_keeps_is_found_again_on_publictest(real_data):
    """Training takes a minute: of it only the counts are looked at."""
    path, saved = real_data / "fer2013" / faces.FACES, results.read("fer2013_cascade_selection")
    assert saved["data_sha256"] == hash_files([path])
    public = fer2013.subset(fer2013.read(path), "PublicTest")
    for way, border in faces.BORDERS.items():
        assert json.loads(json.dumps(faces.selection(public, border))) == saved["kept"][way]["PublicTest"]
        training = saved["kept"][way]["Training"]
        assert [one["n"] for one in training["by_class"].values()] == list(fer2013.PUBLISHED["Training"])
        assert sum(one["kept"] for one in training["by_class"].values()) == training["kept"]
