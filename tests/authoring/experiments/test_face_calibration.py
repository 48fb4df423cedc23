"""The calibration of an output, worked out by hand, and the saved figures of `emotion_net_calibration`."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from course_lib import results
from course_lib.authoring.experiments import face_calibration
from course_lib.datasets import fer2013, ferplus
from course_lib.evaluation import calibration


def overconfident(n=400):
    """Half of the predictions have a confidence of 0.99, and 80 % of these are right; half have 0.6, 50 %."""
    right = np.arange(n) % 10 < np.where(np.arange(n) < n // 2, 8, 5)
    size = np.where(np.arange(n) < n // 2, 0.99, 0.6)
    return np.where(right, 0, 1), np.column_stack([size, 1 - size]).astype(np.float32)


def test_an_overconfident_output_is_scaled_by_the_other_half():
    y, probabilities = overconfident()
    half = np.arange(len(y)) % 20 < 10
    known = np.ones(len(y), bool)
    found = face_calibration.of_output(face_calibration.Labels(y, known), probabilities, half)
    assert (found["score"]["correct"], found["score"]["n"], found["without_label"]) == (260, 400, 0)
    assert found["temperatures"] == [pytest.approx(found["temperature"])] * 2 and found["temperature"] > 1.5
    assert found["before"]["error"] == pytest.approx(0.145, abs=0.02)
    assert found["after"]["error"] < found["before"]["error"]
    assert found["after"]["loss"] < found["before"]["loss"]
    assert found["coverage"][4]["accuracy"] == 0.8 and found["coverage"][-1]["accuracy"] == 0.65


def test_each_half_is_scaled_by_the_temperature_of_the_other():
    """The first half is always right and the second always wrong, so their temperatures are the extremes."""
    y = np.repeat([0, 1], 50)
    probabilities = np.tile([[0.8, 0.2]], (100, 1))
    found = face_calibration.of_output(
        face_calibration.Labels(y, np.ones(100, bool)), probabilities, np.arange(100) < 50
    )
    first, second = found["temperatures"]
    assert first > 15 and second < 0.1  # the first half gets the temperature of the second


def test_faces_without_a_label_do_not_count():
    y, probabilities = overconfident()
    known = np.arange(len(y)) >= 200
    found = face_calibration.of_output(
        face_calibration.Labels(y, known), probabilities, np.arange(len(y)) % 20 < 10
    )
    assert (found["score"]["n"], found["score"]["correct"], found["without_label"]) == (200, 100, 200)


def test_equal_images_are_in_the_same_half():
    images = np.random.default_rng(0).integers(0, 256, (40, 48, 48), np.uint8)
    half = face_calibration.halves(np.concatenate([images, images]))
    assert half[:40].tolist() == half[40:].tolist() and 5 < half[:40].sum() < 35


def some_votes(n):
    """Every face has ten votes for "happy", but the last one: five for "sad" and five for "fear"."""
    votes = pd.DataFrame([[0] * len(ferplus.VOTES)] * n, columns=ferplus.VOTES)
    votes["happiness"] = [10] * (n - 1) + [0]
    votes.loc[n - 1, ["sadness", "fear"]] = 5
    return votes


def test_the_labels_of_the_raters_are_those_of_most_of_them():
    faces = SimpleNamespace(labels=np.uint8([3, 0, 4]))
    found = face_calibration.true_labels(faces, some_votes(3), np.array([1, 2]))
    assert found["label"].y.tolist() == [0, 4] and found["label"].known.all()
    assert found["raters"].known.tolist() == [True, False]
    assert ferplus.CLASSES[found["raters"].y[0]] == "happy"


def test_saved_probabilities_are_measured_with_the_temperature_of_the_validation_faces(monkeypatch):
    y, probabilities = overconfident()
    wide = np.hstack([probabilities, np.zeros((400, 5))]).astype(np.float16)
    faces = fer2013.Faces(
        np.zeros((401, 48, 48), np.uint8),
        np.uint8([6, *y]),
        np.array(["Training"] + ["PublicTest"] * 400),
    )
    views = {view: {"temperature": 3.0} for view in face_calibration.VIEWS}
    monkeypatch.setattr(
        face_calibration.results, "read", lambda name: {"outputs": {"label": {"views": views}}}
    )
    saved = {"PublicTest, face alone": wide}
    found = face_calibration.of_saved(saved, faces, some_votes(401))["label"]
    assert list(found) == ["face alone"] and found["face alone"]["temperature"] == 3
    assert found["face alone"]["score"]["correct"] == 260
    assert found["face alone"]["score"]["protocol"] == "PublicTest"
    scaled = calibration.apply_temperature(face_calibration.normalised(wide), 3)
    expected = calibration.expected_calibration_error(y, scaled, 15, equal_count=True)
    assert found["face alone"]["after"]["error"] == pytest.approx(expected)


def test_the_saved_figures_agree_with_each_other():
    saved = results.read("emotion_net_calibration")
    for one in saved["outputs"].values():
        for view in one["views"].values():
            assert view["score"]["n"] + view["without_label"] == saved["n"]
            assert view["after"]["loss"] <= view["before"]["loss"] + 0.01
            assert view["coverage"][-1]["accuracy"] == pytest.approx(
                view["score"]["correct"] / view["score"]["n"]
            )
    label = saved["outputs"]["label"]["views"]["ten views"]["score"]
    validated = results.read("emotion_net")["scores"]["validation"]["top_1"]
    assert (label["correct"], label["n"]) == (validated["correct"], validated["n"])
