"""What a training left, shipped with the course."""

import json

import pytest

from course_lib import results
from course_lib.authoring import ship
from course_lib.core.errors import CourseError
from course_lib.models import card, presets, voices


def test_the_command_in_results_makes_the_same_network_again():
    stages = [stage._asdict() for stage in presets.RECIPES["emotion_net"].stages]
    about = {"network": "emotion_net", "stages": stages, "seed": 0}
    assert ship._command(about) == "course train emotion_net --data FILE --votes FILE --final --ship"
    other = {"network": "gudi_cnn", "stages": [{"epochs": 99}], "seed": 3}
    assert ship._command(other) == "course train gudi_cnn --data FILE --epochs 99 --seed 3 --final --ship"


def test_nothing_to_ship_is_said(tmp_path):
    with pytest.raises(CourseError, match="no training ended in this folder"):
        ship.ship(tmp_path)


def test_ship_writes_results_and_package(trained_face, tmp_path, monkeypatch):
    monkeypatch.setattr(results, "FOLDER", tmp_path / "results")
    monkeypatch.setattr(ship, "SHIPPED", tmp_path / "weights")
    written = ship.ship(trained_face[0])
    assert [path.relative_to(tmp_path).as_posix() for path in written] == [
        "weights/face_or_not.npz",
        "weights/face_or_not.predictions.npz",
        "weights/face_or_not.md",
        "results/face_or_not.json",
    ]
    found = json.loads(written[-1].read_text())
    assert (
        found["command"] == "course train face_or_not --data FILE --epochs 1 --final --ship"
        and found["commit"]
    )
    assert presets.LFW in found["scores"]


def test_another_seed_writes_its_scores_and_leaves_the_weights_alone(trained_face, tmp_path, monkeypatch):
    monkeypatch.setattr(results, "FOLDER", tmp_path / "results")
    monkeypatch.setattr(ship, "SHIPPED", tmp_path / "weights")
    about = json.loads((trained_face[0] / "training.json").read_text())
    ship.ship(trained_face[0])
    for seed in (11, 2):
        (tmp_path / "training.json").write_text(json.dumps(about | {"seed": seed}))
        assert ship.ship(tmp_path) == [tmp_path / f"results/face_or_not_seed{seed}.json"]
    assert results.trained().keys() == {"face_or_not"} and results.trained()["face_or_not"]["seed"] == 0
    others = results.other_seeds("face_or_not")
    assert [one["seed"] for one in others] == [2, 11]
    text = card.write(about, others=others)
    assert (
        "| test | seed 0 | seed 2 | seed 11 |" in text and "with 3 seeds. The seed of the weights, 0," in text
    )


def test_the_classifier_for_voices_goes_to_the_folder_with_ravdess_s_licence(tmp_path, monkeypatch):
    assert (voices.SHIPPED.parent / "LICENSE").read_text(encoding="utf-8").startswith("Creative Commons")
    monkeypatch.setattr(results, "FOLDER", tmp_path / "results")
    monkeypatch.setattr(voices, "SHIPPED", tmp_path / "cc_by_nc_sa" / "voice.npz")
    (tmp_path / "training.json").write_text('{"classifier": "voice"}')
    for name in ("weights.npz", "card.md"):
        (tmp_path / name).write_bytes(b"")
    written = [path.relative_to(tmp_path).as_posix() for path in ship.ship(tmp_path)]
    assert written == ["cc_by_nc_sa/voice.npz", "cc_by_nc_sa/voice.md", "results/voice.json"]
