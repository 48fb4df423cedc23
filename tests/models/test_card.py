"""The model cards: one template, and the files beside the weights are what it gives."""

import pytest

from course_lib import results
from course_lib.models import card, presets

SECTIONS = ("## Scores", "## Licence and limits", "## What it must not be used for")


def written(name):
    return card.fill(**card.VGG_FACE) if name == "vgg_face" else card.write(results.read(name))


@pytest.mark.parametrize("name", ["emotion_net", "face_or_not", "voice", "vgg_face"])
def test_the_card_beside_the_weights_is_what_the_template_gives(name):
    assert (presets.SHIPPED / f"{name}.md").read_text(encoding="utf-8") == written(name)


@pytest.mark.parametrize("name", ["emotion_net", "face_or_not", "voice", "vgg_face"])
def test_every_card_has_a_table_and_the_same_sections_in_order(name):
    text = written(name)
    assert text.startswith(f"# {name}\n\n|  |  |\n| --- | --- |\n| output | ")
    assert [line for line in text.splitlines() if line.startswith("## ")] == list(SECTIONS)
    assert "AI Act" in text and text.endswith("fails.\n")
