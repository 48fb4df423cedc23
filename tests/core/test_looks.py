"""The style that all pages share: complete, readable, and without a request to another file."""

import re

import pytest

from course_lib.core import looks
from course_lib.core.labels import EMOTIONS


def contrast(one, other):
    """The contrast of two colours by WCAG 2.2, from 1 to 21."""
    low, high = sorted(map(_luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour):
    tones = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [tone / 12.92 if tone <= 0.04045 else ((tone + 0.055) / 1.055) ** 2.4 for tone in tones]
    return sum(part * tone for part, tone in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("colours", [looks.LIGHT, looks.DARK], ids=["light", "dark"])
def test_text_is_readable_on_the_page_and_on_its_grounds(colours):
    for text in ("ink", "soft", "bar", "good", "part", "poor"):
        assert all(contrast(colours[text], colours[ground]) >= 4.5 for ground in ("paper", "wash")), text
    assert contrast(colours["on-bar"], colours["bar"]) >= 4.5
    assert contrast(colours["focus"], colours["paper"]) >= 3


@pytest.mark.parametrize(
    "emotions, colours",
    [(looks.EMOTIONS_LIGHT, looks.LIGHT), (looks.EMOTIONS_DARK, looks.DARK)],
    ids=["light", "dark"],
)
def test_each_emotion_has_a_colour_that_is_seen(emotions, colours):
    assert set(emotions) == {*EMOTIONS, "calm"}
    assert all(
        contrast(colour, colours["paper"]) >= 3 for emotion, colour in emotions.items() if emotion != "calm"
    )


def test_each_colour_that_a_rule_uses_is_there_and_nothing_is_asked_for():
    sheet = looks.style_sheet()
    defined = {f"--{name}" for name in looks.LIGHT | looks.EMOTIONS_LIGHT}
    assert set(re.findall(r"var\((--[\w-]+)\)", sheet)) <= defined
    assert "url(" not in sheet and "@import" not in sheet
    assert looks.variables().count("--ink: #e7ebf1") == 2  # by the system, and by the switch of the site
