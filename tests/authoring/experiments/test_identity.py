"""What the alignment costs face_identity: the figures of verification, and the saved ones computed again."""

import json

import numpy as np
import pandas as pd
import pytest

from course_lib import faces, results
from course_lib.authoring.experiments import MEASUREMENTS, identity
from course_lib.authoring.experiments.face_finding import read_image
from course_lib.core.io import hash_files
from course_lib.datasets import embedded, london
from course_lib.models import face_identity

SAVED = results.read("face_identity_alignment")


def test_auc_is_how_often_a_pair_of_one_person_is_closer():
    assert identity.auc(np.array([0.1, 0.2]), np.array([0.3, 0.4, 0.5])) == 1
    assert identity.auc(np.array([0.35]), np.array([0.3, 0.4])) == 0.5
    assert identity.auc(np.array([0.3]), np.array([0.3])) == 0.5  # equal distances count half


@pytest.mark.parametrize("same, other, expected", [(0.2, 0.8, 0.0), (0.5, 0.5, 0.5), (0.8, 0.2, 1.0)])
def test_equal_error_goes_from_none_to_all(same, other, expected):
    rng = np.random.default_rng(0)
    spread = lambda middle, n: middle + rng.uniform(-0.01, 0.01, n)
    assert identity.equal_error(spread(same, 300), spread(other, 3000)) == pytest.approx(expected, abs=0.05)


def test_a_person_drawn_twice_is_not_a_pair_of_two_people():
    distances = np.array([[0.1, 0.7], [0.8, 0.2]])
    same, other = identity.pairs(distances, np.array([0, 0, 1]))
    assert same.tolist() == [0.1, 0.1, 0.2]
    assert sorted(other.tolist()) == [0.7, 0.7, 0.8, 0.8]


def test_verification_pairs_the_neutral_with_the_smiling_photograph(monkeypatch):
    monkeypatch.setattr(identity, "N_BOOT", 20)
    table = pd.DataFrame({"expression": ["neutral", "smiling"] * 5, "actor": np.repeat(range(5), 2)})
    vectors = np.repeat(np.eye(5), 2, axis=0)
    found = identity.verification(vectors, table)
    assert found["same"]["n"] == 5 and found["other"]["n"] == 20
    assert found["same"]["median"] == 0 and found["other"]["median"] == pytest.approx(2**0.5)
    assert found["auc"]["value"] == 1 and found["missed"]["value"] == found["false"]["value"] == 0
    assert found["missed"]["interval"][1] > 0.3  # five pairs without an error say little


def same_cosines(again):
    for way, cosine in again.items():
        assert cosine == pytest.approx(SAVED["dlib"]["cosine"][way], abs=0.003), way


def same_verification(again, way):
    """Other processors and detectors round differently."""
    saved = SAVED["verification"][way]
    assert [again[kind]["n"] for kind in ("same", "other")] == [102, 10_302]
    for kind in ("same", "other"):
        assert again[kind]["median"] == pytest.approx(saved[kind]["median"], rel=0.02), way
    for name in ("auc", "equal_error", "missed", "false"):
        assert again[name]["value"] == pytest.approx(saved[name]["value"], abs=0.01), (way, name)


def test_the_saved_cosines_with_dlib_are_found_again():
    recordings = list(json.loads(identity.DLIB.read_text())["photographs"])
    table = london.table(embedded.folder("london")).set_index("recording").loc[recordings].reset_index()
    images = [read_image(path) for path in table["path"]]
    same_cosines(
        identity.agreement(images, identity.aligned(images, london.points(table)), recordings)["cosine"]
    )


def test_the_saved_verification_by_points_is_found_again(monkeypatch):
    """Without the intervals, which resample 2,000 times."""
    monkeypatch.setattr(identity, "N_BOOT", 2)
    table = london.table(embedded.folder("london"))
    images = [read_image(path) for path in table["path"]]
    vectors = identity._identity(face_identity.align(images, london.points(table)))
    same_verification(identity.verification(vectors, table), "points")


@pytest.mark.nightly
def test_all_saved_figures_are_found_again(monkeypatch):
    monkeypatch.setattr(identity, "N_BOOT", 2)
    again = MEASUREMENTS["face_identity_alignment"](None)
    assert (again["n"], again["people"]) == (SAVED["n"], SAVED["people"]) == (204, 102)
    assert SAVED["data_files"] == len(again["files"]) and SAVED["data_sha256"] == hash_files(again["files"])
    same_cosines(again["dlib"]["cosine"])
    for way, found in again["verification"].items():
        same_verification(found, way)


def test_what_the_saved_figures_say():
    cosine, ways = SAVED["dlib"]["cosine"], SAVED["verification"]
    assert cosine["dlib's points"]["lowest"] >= 0.9995 and cosine["points"]["lowest"] >= 0.999
    assert cosine["points"]["mean"] > cosine["box, haar"]["mean"] > cosine["whole photograph"]["mean"]
    assert ways["points"]["auc"]["value"] == 1 and ways["points"]["missed"]["interval"][1] < 0.04
    assert ways["whole photograph"]["auc"]["value"] < ways["box, lbp"]["auc"]["value"]
    for found in ways.values():
        for name in ("auc", "equal_error", "missed", "false"):
            low, high = found[name]["interval"]
            assert 0 <= low <= found[name]["value"] <= high <= 1


def test_the_box_is_placed_by_the_medians_over_the_london_set():
    table = london.table(embedded.folder("london"))[::8]
    images = [read_image(path) for path in table["path"]]
    boxes = np.array([faces.largest(image) for image in images], float)
    middles, factors = zip(*map(face_identity._similarity, london.points(table).astype(float)), strict=True)
    middles, scales = np.array(middles), np.abs(factors) * face_identity.SIZE / boxes[:, 2]
    places = [(middles.real - boxes[:, 0]) / boxes[:, 2], (middles.imag - boxes[:, 1]) / boxes[:, 3]]
    assert np.median(places, axis=1) == pytest.approx(face_identity.BOX_MIDDLE, abs=0.02)
    assert np.median(scales) == pytest.approx(face_identity.BOX_SIDE, abs=0.04)
