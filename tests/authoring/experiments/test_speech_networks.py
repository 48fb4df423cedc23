"""The comparison of speech models: what each is trained on, with models whose predictions are known."""

import numpy as np
import pandas as pd
import pytest

from course_lib.authoring.experiments import speech_networks
from course_lib.datasets import ravdess
from course_lib.models import voices
from course_lib.models.backend import keras


@pytest.fixture
def table():
    """One recording of each emotion and sentence of six actors."""
    rows = [
        (emotion, statement, actor)
        for actor in range(1, 7)
        for statement in ("kids", "dogs")
        for emotion in ravdess.EMOTIONS
    ]
    table = pd.DataFrame(rows, columns=["emotion", "statement", "actor"])
    return table.assign(gender=np.where(table["actor"] % 2, "male", "female"))


@pytest.fixture
def asked(monkeypatch, table):
    """Record training and test rows; "good" is right except on actor 6, "bad" always predicts calm."""
    seen = []

    def answers(name, X, emotions, train, test):
        seen.append((name, train, test))
        right = emotions[test].copy()
        right[table["actor"].to_numpy()[test] == 6] = "sad"
        return right if name == "good" else np.full(len(test), "calm", object)

    monkeypatch.setattr(speech_networks, "_answers", answers)
    return seen


FOLDS = [(2, 3), (4, 5), (1, 6)]


def folds(table):
    tested = [table["actor"].isin(actors).to_numpy() for actors in FOLDS]
    return [(np.flatnonzero(~test), np.flatnonzero(test)) for test in tested]


def test_the_selection_never_uses_the_fold_that_is_tested(asked, table):
    X = {"bad": np.zeros(96), "good": np.zeros(96)}
    assert speech_networks._chosen(X, table["emotion"].to_numpy(), folds(table), 1) == "good"
    actors = table["actor"].to_numpy()
    for _, train, held_out in asked:
        assert set(actors[train]) == {2, 3} and set(actors[held_out]) == {1, 6}


def test_the_other_sentence_is_never_trained_on(asked, table):
    found = speech_networks._other_sentence("good", np.zeros(96), table)
    spoken = table["statement"].to_numpy()
    assert all(set(spoken[train]).isdisjoint(spoken[test]) for _, train, test in asked)
    assert (found["correct"], found["n"]) == (82, 96)  # for actor 6 only sad is right, 2 of 16


def test_by_actor_and_gender(asked, table):
    y_pred = speech_networks._gathered(
        "good", {"good": np.zeros(96)}, table["emotion"].to_numpy(), folds(table)
    )
    found = speech_networks.by_actor(table, y_pred)
    assert found["by_actor"] == {**dict.fromkeys("12345", 1.0), "6": 0.125}
    assert found["by_gender"] == {"female": pytest.approx(34 / 48), "male": 1.0}
    assert (
        found["uar"] == pytest.approx(82 / 96)
        and found["uar_interval"][0] < found["uar"] < found["uar_interval"][1]
    )


def test_pairs_are_counted_both_ways(table):
    emotions = table["emotion"].to_numpy()
    y_pred = {"one": emotions.copy(), "two": emotions.copy()}
    y_pred["one"][:3], y_pred["two"][2:4] = (
        "calm",
        "sad",
    )  # the first recording is neutral, then calm, happy, sad
    found = speech_networks._pairs(emotions, y_pred)["one against two"]
    assert (found["only_first"], found["only_second"]) == (0, 1)


def test_two_and_a_half_seconds_from_the_start_of_the_speech():
    sound = np.r_[np.zeros(20000), np.full(60000, 0.1)].astype(np.float32)
    cut = speech_networks.spoken(sound)
    assert len(cut) == 40000 and cut.all()
    assert speech_networks.spoken(sound[:30000]).tolist() == [
        *np.full(10000, sound[-1]).tolist(),
        *np.zeros(30000),
    ]


def small(classes, shape):
    """Build a network of one layer, in place of IIITA's."""
    network = keras.Sequential(
        [
            keras.Input(shape),
            keras.layers.Flatten(),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(classes, activation="softmax"),
        ]
    )
    network.compile(
        keras.optimizers.Adam(0.1), "categorical_crossentropy", metrics=["accuracy"], run_eagerly=True
    )
    return network


def test_the_whole_experiment_with_features_that_contain_the_emotion(monkeypatch, table, tmp_path):
    """No training recording is tested, and every model is right on every recording, in every protocol."""
    table = table.assign(path=str(voices.SHIPPED))
    places = table["emotion"].map(ravdess.EMOTIONS.index).to_numpy()
    seen = np.eye(8)[places] + np.random.default_rng(0).normal(0, 0.01, (96, 8))
    given = {"MFCC model": seen, "small": seen.reshape(96, 2, 4, 1).astype(np.float32), "ours": seen[:, None]}
    monkeypatch.setattr(speech_networks, "recordings", lambda folder: (table, given))
    monkeypatch.setattr(speech_networks, "BUILDS", {"small": small})
    monkeypatch.setattr(speech_networks, "EPOCHS", {"small": 8})
    monkeypatch.setattr(ravdess, "ACTOR_FOLDS", FOLDS)
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    real, overlaps = speech_networks._answers, []

    def answers(name, X, emotions, train, test):
        overlaps.append(set(train) & set(test))
        return real(name, X, emotions, train, test)

    monkeypatch.setattr(speech_networks, "_answers", answers)
    found = speech_networks.ravdess_speech_networks(tmp_path)
    assert overlaps and not any(overlaps)
    for name, one in found["models"].items():
        assert (one["by_actor"]["correct"], one["by_actor"]["n"]) == (96, 96), name
        assert (one["at_random"]["correct"], one["at_random"]["n"]) == (19, 19), name
        assert found["one_sentence_against_the_other"][name]["correct"] == 96
    assert found["chosen"] == ["MFCC model"] * 3 and found["chosen_by_actor"]["correct"] == 96
