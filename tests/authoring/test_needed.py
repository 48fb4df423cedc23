"""Which cells of a lesson need a part that a release leaves out."""

import pytest

from course_lib import lessons
from course_lib.authoring import build, release
from course_lib.authoring.needed import needed
from course_lib.datasets import parts

MISSING = ["ravdess", "emotion_net", "voice"]


@pytest.mark.parametrize(
    "cells, expected",
    [
        (["x = 1", "print(x)"], [[], []]),
        (['v = from_preset("voice")', "v.card", "y = 2", "print(y)"], [["voice"], ["voice"], [], []]),
        # What a skipped cell imports is there, and what it defines is not.
        (['import numpy as np\nv = from_preset("voice")', "np.ones(2)"], [["voice"], []]),
        (['import a.b\nfrom c import d as e\nv = from_preset("voice")', "a, e"], [["voice"], []]),
        # On and on, also through functions and loops.
        (
            [
                'clips = load.clips("embedded")',
                "def f():\n    return clips",
                "f()",
                "for x in f():\n    pass",
                "x",
            ],
            [["ravdess"]] * 5,
        ),
        (
            ['a = from_preset("emotion_net")', "b = moments.hear(s), a", "b"],
            [["emotion_net"], ["emotion_net", "voice"], ["emotion_net", "voice"]],
        ),
        # A name that is defined again is there again; one that is only changed is not.
        (['n = from_preset("voice")', "n = 3", "n"], [["voice"], [], []]),
        (['n = from_preset("voice")', "n += 3", "n"], [["voice"]] * 3),
        (['n = from_preset("voice")', "n = f(\n    n)"], [["voice"]] * 2),
        (['n = from_preset("voice")', "for n in x:\n    m = n\n    print(m)", "n, m"], [["voice"], [], []]),
        (['f = from_preset("voice")', "with open(x) as f:\n    f.read()", "f"], [["voice"], [], []]),
        (['f = from_preset("voice")', "def f():\n    pass", "f()"], [["voice"], [], []]),
        # An argument or a local name of the same name is another one.
        (['v = from_preset("voice")', "def f(v):\n    w = v\n    return w", "f(1)"], [["voice"], [], []]),
        # What was there before is not used in its place.
        (["p = 1", 'p = from_preset("voice")', "p"], [[], ["voice"], ["voice"]]),
    ],
)
def test_a_cell_needs_what_it_calls_and_what_it_uses(cells, expected):
    assert needed(cells, MISSING) == expected


def test_only_missing_parts_are_listed():
    assert needed(['from_preset("voice")'], ["ravdess"]) == [[]]


def test_the_start_exercises_and_credits_are_never_left_out():
    """A student of the free release has every exercise, and every lesson names its data."""
    for name in lessons.names():
        for cell in release.free_lesson(build.from_master(name)).cells:
            tags, id = cell.metadata.get("tags", []), cell.id
            kept = {"colab", "setup", "parameters", "credits"} & set(tags) or "nbgrader" in cell.metadata
            if kept or id.endswith(("-check", "-exercises-setup", "-hand-in")):
                assert not cell.source.startswith("%%needs"), (name, id)


def test_every_part_that_is_not_free_says_how_a_lesson_calls_it():
    for part in parts.load().values():
        assert bool(part.calls) != part.free
