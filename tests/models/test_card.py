"""The model cards: one template, and the files beside the weights are what it gives."""

import pytest

from course_lib import results
from course_lib.models import card, presets, voices

SECTIONS = ("## Scores", "## Licence and limits", "## What it must not be used for")


CARDS = ("emotion_net", "face_or_not", "voice", "vgg_face", "face_identity")


def written(name):
    if name == "vgg_face":
        return card.fill(**card.VGG_FACE)
    return card.write(results.read("face_identity_alignment" if name == "face_identity" else name))


@pytest.mark.parametrize("name", CARDS)
def test_the_card_beside_the_weights_is_what_the_template_gives(name):
    folder = voices.SHIPPED.parent if name == "voice" else presets.SHIPPED
    assert (folder / f"{name}.md").read_text(encoding="utf-8") == written(name)


@pytest.mark.parametrize("name", CARDS)
def test_every_card_has_a_table_and_the_same_sections_in_order(name):
    text = written(name)
    assert text.startswith(f"# {name}\n\n|  |  |\n| --- | --- |\n| output | ")
    assert [line for line in text.splitlines() if line.startswith("## ")] == list(SECTIONS)
    assert "AI Act" in text and text.endswith("fails.\n")
