"""How hard negatives are measured: which photographs are trained on, which windows and faces are counted."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from course_lib.authoring.experiments import hard_negatives as measured
from course_lib.datasets import not_faces


def test_the_two_groups_share_no_photograph_and_have_all():
    a, b = (set(names) for names in measured.GROUPS.values())
    assert not a & b and a | b == set(not_faces.ALL)


def test_each_group_is_tested_by_the_network_of_the_other(monkeypatch):
    """A network that rejects exactly the windows of its own photographs is right about none."""
    tested = {
        group: (np.full((4, 48, 48), number, np.uint8), np.array([names[0], names[1], "coffee", names[0]]))
        for number, (group, names) in enumerate(measured.GROUPS.items())
    }
    trained = []

    def short_training(learnt, validation, hard, photographs):
        trained.append((hard, set(photographs)))
        return next(number for number, names in enumerate(measured.GROUPS.values()) if names == photographs)

    monkeypatch.setattr(measured, "short_training", short_training)
    monkeypatch.setattr(measured, "rejected", lambda network, images, margin=0: images[:, 0, 0] == network)
    monkeypatch.setattr(measured, "threshold", lambda network, images: 0.3)
    monkeypatch.setattr(measured, "probabilities", lambda network, images: {"cup": 0.25})
    faces = {"London": np.full((2, 48, 48), 9, np.uint8)}
    found = measured.cross_fit(np.empty((0, 48, 48)), np.empty((0, 48, 48)), 0.15, tested, faces)
    assert [(found[key]["correct"], found[key]["n"]) for key in ("A", "B", "both", "coffee")] == [
        (0, 4),
        (0, 4),
        (0, 8),
        (0, 1),
    ]
    assert trained == [(0.15, set(measured.GROUPS["B"])), (0.15, set(measured.GROUPS["A"]))]
    assert found["cup"] == 0.25 and [one["correct"] for one in found["kept"]["London"].values()] == [2, 2]


def test_a_threshold_keeps_98_of_100_faces(monkeypatch):
    faces = np.arange(100, dtype=np.uint8)[:, None, None] * np.ones((48, 48), np.uint8)

    def predict(network, images):
        said = images[:, 0, 0] / 100
        return np.stack([1 - said, said], axis=1)

    monkeypatch.setattr(measured.face_networks, "predict", predict)
    assert measured.rejected(None, faces).sum() == 51  # 50 of 100 is a tie, so it is not called a face
    margin = measured.threshold(None, faces)
    assert np.flatnonzero(measured.rejected(None, faces, margin)).tolist() == [0, 1]


def test_a_window_that_touches_a_face_does_not_count():
    box = (100, 100, 50, 100)  # with its border: 90 to 160, 80 to 220
    for x, y, side, away in (
        (0, 0, 80, True),
        (50, 100, 45, False),
        (50, 100, 40, True),
        (110, 221, 30, True),
    ):
        assert measured._away(SimpleNamespace(x=x, y=y, side=side), box) == away


def test_the_windows_are_those_of_the_cascades(monkeypatch):
    table = pd.DataFrame({"photograph": ["brick", "brick"], "found_by": ["haar", "network"]})
    images = np.stack([np.zeros((48, 48), np.uint8), np.ones((48, 48), np.uint8)])
    monkeypatch.setattr(not_faces, "hard_negatives", lambda names=(): (images, table))
    assert all(len(found) == 1 and not found.any() for found, _ in measured.windows().values())
    assert {kind: found.max().item() for kind, found in measured.mined().items()} == {
        "cascades": 0,
        "network": 1,
    }


@pytest.mark.parametrize("hard", [0.0, 0.5])
def test_a_short_training_sees_as_many_faces_as_others(hard, monkeypatch):
    seen = {}

    def fit(network, X, y, batch_size, epochs, validation, augment, patience):
        seen.update(X=X, y=y, validation=validation, epochs=epochs)

    monkeypatch.setattr(measured.training, "fit", fit)
    monkeypatch.setattr(measured.face_networks, "build", lambda name, *rest: name)
    learnt = np.random.default_rng(0).integers(0, 256, (6, 48, 48), np.uint8)
    measured.short_training(learnt, learnt[:2], hard, ["coffee"])
    assert seen["X"].shape == (12, 48, 48, 1) and seen["y"][:, 1].tolist() == [1] * 6 + [0] * 6
    assert seen["validation"][0].shape == (4, 48, 48, 1) and seen["epochs"] == measured.EPOCHS
