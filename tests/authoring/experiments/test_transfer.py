"""The splits, differences and stored features of `experiments.transfer`, on numbers worked out by hand."""

import numpy as np
import pytest

from course_lib import features, results
from course_lib.authoring.experiments import transfer
from course_lib.core.labels import EMOTIONS
from course_lib.datasets import embedded, fer2013, london

PEOPLE = np.repeat(np.arange(102), 2)


def test_no_person_of_the_curve_is_trained_on_and_tested():
    for order, test in transfer.curve_splits(PEOPLE, 5):
        assert len(order) == 80 and not set(order) & set(PEOPLE[test])
        assert len(test) == 2 * 22


def test_more_people_include_the_fewer():
    (first, _), (second, _) = transfer.curve_splits(PEOPLE, 2)
    assert not np.array_equal(first, second)
    assert set(first[:4]) < set(first[:8])


def test_the_difference_from_hog_is_counted_by_person():
    right = np.array([True, True, False, True])
    hog = np.array([True, False, False, False])
    found = transfer._more(right, hog, np.array([1, 1, 2, 2]))
    assert found == {"more_than_hog": 0.5, "more_than_hog_interval": (0.5, 0.5)}


def test_a_representation_that_holds_the_answer_is_always_right():
    table = london.table(embedded.folder("london"))
    answer = (table["emotion"] == "happy").to_numpy(float)
    noise = np.random.default_rng(0).normal(size=(len(table), 5))
    X = {transfer.REFERENCE: noise, "answer": np.column_stack([answer, answer])}
    curve = transfer.learning_curve(X, table, repetitions=2)
    assert all(point["accuracy"] == 1 for point in curve["answer"].values())
    assert all(point["more_than_hog"] == 0 for point in curve[transfer.REFERENCE].values())
    assert list(curve["answer"]) == ["4", "8", "16", "32", "80"]


def test_an_interrupted_computation_goes_on_where_it_was(monkeypatch, tmp_path):
    monkeypatch.setattr(transfer, "home", lambda: tmp_path)
    images, seen = np.arange(5)[:, np.newaxis], []

    def compute(chunk):
        seen.append(chunk.ravel().tolist())
        if 4 in chunk and len(seen) == 3:
            raise KeyboardInterrupt
        return {"twice": 2 * chunk}

    with pytest.raises(KeyboardInterrupt):
        transfer._stored("some", images, compute, chunk=2)
    found = transfer._stored("some", images, compute, chunk=2)
    assert found["twice"].ravel().tolist() == [0, 2, 4, 6, 8]
    assert seen == [[0, 1], [2, 3], [4], [4]]


def test_public_faces_are_predicted_from_training_alone():
    rng = np.random.default_rng(0)
    labels = np.uint8(np.tile(np.arange(7), 20))
    usage = np.array(["Training"] * 70 + ["PublicTest"] * 70)
    X = np.eye(7)[labels] + 0.01 * rng.normal(size=(140, 7))
    faces = fer2013.Faces(np.zeros((140, 48, 48), np.uint8), labels, usage)
    assert transfer.predict_public(X, faces).tolist() == np.array(EMOTIONS)[labels[70:]].tolist()
    X[usage == "Training"] = np.roll(X[usage == "Training"], 1, axis=1)  # the columns name the next class
    wrong = transfer.predict_public(X, faces)
    assert not (wrong == np.array(EMOTIONS)[labels[70:]]).any()


def test_the_score_of_hog_is_found_again():
    """The representations that need no network; the others take minutes (`course evaluate`)."""
    saved = results.read("london_transfer")
    table = london.table(embedded.folder("london"))
    assert saved["n"] == len(table) == 204 and saved["people"] == 102
    chips, small = transfer.london_faces(table)
    X = features.hog(chips, jobs=1)
    found = transfer.evaluation.compare(X, table, transfer.PROTOCOL, transfer.CLASSIFIERS, cv=10)
    for row in found.table.itertuples():
        assert row.score.correct == saved["scores"][transfer.REFERENCE][row.classifier]["correct"]
    assert small.shape == (204, 48, 48)


def test_the_head_is_lower_in_smiling_photographs_and_the_hidden_face_is_hidden():
    table = london.table(embedded.folder("london"))
    x, y = np.moveaxis(london.points(table), 2, 0)
    rows, columns = transfer.HIDDEN
    assert rows.start < y.min() and y.max() < rows.stop and columns.start < x.min() and x.max() < columns.stop
    saved = results.read("london_transfer")["shortcut"]
    assert saved["eyes_y"]["smiling"] > saved["eyes_y"]["neutral"] + 10
    assert saved["face hidden"]["correct"] > 0.9 * 204
