"""Scores of a trained network, worked by hand, and of files of faces."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from small_faces import some_faces

from course_lib import cli, evaluation
from course_lib.core.errors import CourseError
from course_lib.core.labels import EMOTIONS
from course_lib.datasets import ferplus, not_faces
from course_lib.models import scoring

EMOTION_NET = SimpleNamespace(name="emotion_net")  # in its place where `predict` is stood in for


def test_scores_on_answers_worked_by_hand(monkeypatch):
    probabilities = np.eye(7)[[0, 1, 3, 3, 3]] + 0.1 * np.eye(7)[[1, 2, 0, 4, 5]]
    monkeypatch.setattr(scoring, "predict", lambda network, images: probabilities)
    found = scoring.scores(
        EMOTION_NET, np.zeros((5, 48, 48), np.uint8), np.array([0, 1, 3, 4, 6]), "PublicTest"
    )
    assert (found["top_1"]["correct"], found["top_1"]["n"], found["answers"]) == (3, 5, "01333")
    assert found["top_3"]["correct"] == 4 and (
        found["second_guess"]["correct"],
        found["second_guess"]["n"],
    ) == (1, 2)
    assert found["uar"] == pytest.approx(3 / 5) and np.trace(found["confusion"]) == 3
    assert found["classes"]["happy"] == {
        "n": 1,
        "precision": pytest.approx(1 / 3, abs=1e-4),
        "recall": 1.0,
        "F1": 0.5,
    }
    assert found["top_1"]["interval"] == evaluation.wilson(3, 5)
    assert found["loss"] == pytest.approx(
        -(np.log(0.1) + np.log(1e-7)) / 5
    )  # a probability of 0 counts as 1e-7


def test_both_outputs_are_scored_on_the_faces_that_count_for_each(monkeypatch):
    """Three faces: the raters agree on the first, tie on the second, and are split over many on the third."""
    votes = pd.DataFrame(
        [(0, 10, 0, 0, 0, 0, 0, 0, 0, 0), (5, 5, 0, 0, 0, 0, 0, 0, 0, 0), (0, 0, 4, 3, 3, 0, 0, 0, 0, 0)],
        columns=ferplus.VOTES,
    )
    labels = np.array([3, 6, 5])  # happy, neutral, surprise
    answers = {"label": np.eye(7)[[3, 6, 0]], "raters": np.eye(8)[[1, 0, 0]]}
    monkeypatch.setattr(
        scoring, "load", lambda model, output: SimpleNamespace(name=f"emotion_net{RATERS[output]}")
    )
    monkeypatch.setattr(scoring, "classes", lambda network: OF[network.name])
    shifts = []

    def predict(network, images, tta):
        shifts.append(tta)
        return answers["raters" if network.name.endswith("raters") else "label"]

    monkeypatch.setattr(scoring, "predict", predict)
    test = scoring.Test("validation", np.zeros((3, 48, 48), np.uint8), labels, votes)
    learnt = np.hstack([0.5 * np.eye(7)[[3, 3, 6]], 0.5 * np.eye(8)[[1, 0, 0]]])
    found, kept = scoring.score_outputs("somewhere", [test], learnt)
    right = {name: (one["top_1"]["correct"], one["top_1"]["n"]) for name, one in found.items()}
    assert right == {
        f"validation{name}": counted
        for way in ("", ", face alone")
        for name, counted in (
            (way, (2, 3)),
            (f", raters{way}", (1, 1)),
            (f", raters{way}, seven emotions", (1, 2)),
        )
    }
    assert shifts == [2, 0, 2, 0] and kept["validation, raters"].dtype == np.float16
    assert found["validation"]["top_1"]["baseline"] == pytest.approx(1 / 3)  # happy, in training 2 of 3
    assert found["validation, raters"]["top_1"]["baseline"] == 0  # neutral, in training 2 of 3


RATERS = {"label": "", "raters": "_raters"}
OF = {"emotion_net": EMOTIONS, "emotion_net_raters": ferplus.CLASSES}


def test_a_file_without_splits_is_scored_with_a_warning(faces_npz, home_with_face):
    images, labels = not_faces.lfw_test()
    np.savez(faces_npz, images=images, labels=labels)
    assert (
        scoring.evaluate("face", faces_npz)["top_1"]["note"]
        == "the file does not tell which rows are in the training set, so the network may have memorised some"
    )


def test_evaluate_scores_any_npz_of_images_and_labels(faces_npz, home_with_face, tmp_path, capsys):
    images, labels = not_faces.lfw_test()
    np.savez(tmp_path / "mine.npz", images=images, labels=labels)
    assert cli.main(["evaluate", "--model", "face", "--data", str(tmp_path / "mine.npz")]) == 0
    printed = capsys.readouterr().out
    assert (
        "mine.npz, top_1: " in printed
        and " of 200 = " in printed
        and "majority 50.0 %" in printed
        and "other" in printed
    )
    np.savez(tmp_path / "seven.npz", images=images[:7], labels=np.arange(7))
    with pytest.raises(CourseError, match="label 6 is not a class of face_or_not"):
        scoring.evaluate("face", tmp_path / "seven.npz")


def test_a_file_of_faces_has_fer2013s_labels_for_both_outputs(faces_npz, monkeypatch):
    """The raters' classes have another order: a network that is always right must be found right."""
    labels = np.arange(7)
    np.savez(
        faces_npz, images=np.random.default_rng(0).integers(0, 256, (7, 48, 48), np.uint8), labels=labels
    )
    for network, order in (("emotion_net", EMOTIONS), ("emotion_net_raters", ferplus.CLASSES)):
        right = np.eye(len(order))[[order.index(name) for name in EMOTIONS]]
        monkeypatch.setattr(scoring, "load", lambda model, name=network: SimpleNamespace(name=name))
        monkeypatch.setattr(scoring, "classes", lambda network, order=order: order)
        monkeypatch.setattr(scoring, "predict", lambda network, images, right=right: right)
        assert scoring.evaluate(network, faces_npz)["top_1"]["correct"] == 7


def test_the_note_counts_rows_that_the_network_may_have_memorised(faces_npz, home_with_face, capsys):
    capsys.readouterr()
    assert cli.main(["evaluate", "--model", "emotion_cnn6", "--data", str(faces_npz)]) == 1
    faces = some_faces()
    np.savez(faces_npz, images=faces.images, labels=faces.labels % 2, usage=faces.usage)
    assert cli.main(["evaluate", "--model", "face", "--data", str(faces_npz)]) == 0
    printed = capsys.readouterr().out
    assert f"weights: {home_with_face / 'models' / 'face_or_not' / 'weights.npz'}" in printed
    assert "70 of the rows are in the training set, so the network may have memorised them" in printed


def test_the_baseline_is_the_commonest_class_of_what_was_learnt(monkeypatch):
    monkeypatch.setattr(scoring, "predict", lambda network, images: np.eye(7)[[0, 1, 3, 3, 3]])
    images, labels = np.zeros((5, 48, 48), np.uint8), np.array([0, 1, 3, 3, 4])
    found = scoring.scores(EMOTION_NET, images, labels, "PublicTest", learnt=[1, 1, 0])
    assert found["top_1"]["baseline"] == pytest.approx(1 / 5)


def test_face_or_not_is_scored_on_images_of_ones_own_and_on_real_ones(monkeypatch):
    """A network that calls everything a face: 3 of 5 images of one's own, and half of the real ones."""
    monkeypatch.setattr(scoring, "predict", lambda network, images: np.tile([0.1, 0.9], (len(images), 1)))
    faces = np.zeros((3, 48, 48), np.uint8)
    own, real = scoring.face_or_not_scores(EMOTION_NET, faces, faces[:2], "Studio (SYNTHETIC)")
    assert (own.correct, own.n, own.protocol) == (3, 5, "new people") and "SYNTHETIC" in str(own)
    assert (real.correct, real.n, real.protocol) == (100, 200, "lfw_subset")
