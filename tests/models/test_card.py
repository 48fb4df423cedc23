"""The model cards: one template, filled by hand and from results."""

import inspect

import pytest

from course_lib import evaluation, results
from course_lib.authoring import cards
from course_lib.faces import augmentation
from course_lib.models import card, presets

SECTIONS = (
    "## Scores",
    "## Calibration",
    "## By group of people",
    "## Make it again, and check it",
    "## Licence and limits",
    "## What it must not be used for",
)


@pytest.mark.parametrize("name", cards.CARDS)
def test_every_card_has_a_table_and_the_same_sections_in_order(name):
    text = cards.text(name)
    assert text.startswith(f"# {name}\n\n|  |  |\n| --- | --- |\n| output | ")
    assert [line for line in text.splitlines() if line.startswith("## ")] == list(SECTIONS)
    assert "AI Act" in text and text.endswith("fails.\n")
    for row in ("| how it was chosen | ", "| SHA-256 of the file | "):
        assert row in text


def test_the_classes_have_wilsons_interval():
    row = {"n": 8, "precision": 0.5, "recall": 0.75, "F1": 0.6}
    none = {"n": 0, "precision": 0.0, "recall": 0.0, "F1": 0.0}
    low, high = evaluation.wilson(6, 8)
    assert card.classes_table({"classes": {"sad": row, "fear": none}}).splitlines()[2:] == [
        f"| sad | 8 | 0.750 ({low:.3f}–{high:.3f}) | 0.600 |",
        "| fear | 0 | 0.000 (0.000–1.000) | 0.000 |",
    ]


def test_a_card_of_a_training_tells_the_file_and_what_was_not_measured(tmp_path):
    (tmp_path / "weights.npz").write_bytes(b"abc")
    about = results.read("face_or_not")
    text = card.write(about, tmp_path / "weights.npz")
    assert "`ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad`" in text  # of "abc"
    assert text.count(card.NOT_MEASURED) == 2 and "| probabilities |" not in text
    (tmp_path / "predictions.npz").write_bytes(b"")
    assert "`predictions.npz` beside the weights" in card.write(about, tmp_path / "weights.npz")
    again = card.write(about, tmp_path / "weights.npz", groups="Nobody is known.")
    assert "## By group of people\n\nNobody is known.\n" in again and again.count(card.NOT_MEASURED) == 1


def test_a_card_tells_which_images_without_a_face_were_hard_negatives():
    about = results.read("face_or_not")
    assert "15 % of these are places that a cascade" in card.write(about)
    assert "30 % of these are places that a cascade" in card.write({**about, "hard_negatives": 0.3})


def test_both_outputs_of_a_network_are_in_its_card():
    about = results.read("emotion_net")
    text = card.write(about)
    assert "a second output" in text and "a second output" not in card.write(results.read("gudi_cnn"))
    for way in ("", ", one view", ", raters", ", raters, one view", ", raters, seven emotions"):
        assert text.count(f"\n| PublicTest{way} | ") == 1
    assert text.count(", by class:") == 4 and "**PublicTest, raters**, by class:" in text


def test_every_setting_of_the_augmentation_has_a_unit():
    settings = set(inspect.signature(augmentation.augment).parameters) - {"images", "rng"}
    assert settings == set(card._AUGMENTATION)
    for recipe in presets.RECIPES.values():
        assert "mirrored" in card._augmented(recipe.augmentation)
    said = card._augmented({"size": 40, "turn": 12, "zoom": 0.1, "shift": 0.06, "light": 0.2})
    for part in ("40 x 40 pixels", "12 degrees", "0.90 to 1.11", "6 % of the width", "20 %", "13 of 255"):
        assert part in said
    assert card._augmented({}) == "none"


def test_the_card_of_face_or_not_is_about_a_face_detector():
    text = card.write(results.read("face_or_not"))
    assert (
        "grey images of 48 x 48 pixels" in text and "| images without a face | crops of photographs" in text
    )
    assert "3 most probable" not in text and "labels are doubtful" not in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert not any("|  |" in row for row in rows if row != "|  |  |")  # no empty cell


def test_a_card_tells_what_ship_does():
    assert card.made("course train a") == "`course train a`"
    assert "for maintainers" in card.made("course train a --ship")
