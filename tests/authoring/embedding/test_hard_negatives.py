"""The list of hard negatives: which squares of a photograph get into it."""

import numpy as np
import pandas as pd
import pytest
import skimage.data
from cascades import NEEDS_HAAR

from course_lib.authoring.embedding import hard_negatives as making
from course_lib.core.errors import CourseError

COLUMNS = ["x", "y", "side", "turn", "found_by"]


@NEEDS_HAAR
def test_a_face_is_found_upright_and_turned_where_it_is():
    """The cascades find the face of `astronaut`; turned by 90 degrees clockwise it is found there, too."""
    grey = skimage.data.astronaut()[..., 1]
    for image, x, y, turn in ((grey, 170, 62, 0), (np.ascontiguousarray(np.rot90(grey, -1)), 332, 170, 90)):
        found = making.by_cascades(image, turns=(0, -90, 270) if turn else (0,))
        near = np.abs(found[["x", "y"]].to_numpy() - (x, y)).max(axis=1) < 40
        assert ((found["turn"] - turn) % 360 == 0)[near & (found["side"] > 80)].any()


def squares(*rows):
    return pd.DataFrame([(*row, "haar") for row in rows], columns=COLUMNS)


def test_of_overlapping_squares_the_first_is_kept():
    table = squares((0, 0, 100, 0), (5, 5, 100, 0), (0, 0, 40, 0), (200, 0, 50, 0))
    assert making.distinct(table, 10)["side"].tolist() == [100, 40, 50]
    assert making.distinct(table, 2)["side"].tolist() == [100, 40]
    assert making.distinct(table, 10, known=squares((0, 0, 95, 0)))["side"].tolist() == [40, 50]


def test_the_same_place_turned_is_another_square():
    table = squares((0, 0, 100, 0), (0, 0, 100, 15), (0, 0, 100, 90), (0, 0, 100, -270))
    assert making.distinct(table, 10)["turn"].tolist() == [0, 90]


def test_the_network_s_errors_come_surest_first(monkeypatch):
    """A network that calls bright squares faces, the brighter the surer."""
    grey = np.zeros((96, 128), np.uint8)
    grey[:, 64:] = np.linspace(130, 255, 64).astype(np.uint8)

    def predict(network, windows):
        bright = windows.mean(axis=(1, 2)) / 255
        return np.stack([1 - bright, bright], axis=1)

    monkeypatch.setattr(making.face_networks, "predict", predict)
    found = making.by_network(grey, None)
    assert set(found["found_by"]) == {"network"} and (found["x"] + found["side"] / 2 > 64).all()
    assert found["x"].iloc[0] + found["side"].iloc[0] > 115


def test_a_history_without_the_first_edition_is_named(monkeypatch):
    monkeypatch.setattr(making, "FIRST_EDITION", "0" * 40)
    with pytest.raises(CourseError, match="not in the history of this checkout"):
        making.first_edition()
