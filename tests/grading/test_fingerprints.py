"""Fingerprints of answers: what hides a copy changes little, another answer shares little."""

import ast

import pytest

from course_lib.exercises.cells import Code
from course_lib.grading import fingerprints, trees

FRAMES = """
def own_frames(y, size, hop):
    count = 1 + (len(y) - size) // hop
    out = np.zeros((count, size))
    means = np.ones(count) * y.mean()
    for i in range(count):
        out[i] = y[i * hop : i * hop + size]
    return out - means[:, None]
"""
OTHER = """
def own_frames(y, size, hop):
    starts = np.arange(0, len(y) - size + 1, hop)
    windows = np.lib.stride_tricks.sliding_window_view(y, size)[::hop]
    return windows[: len(starts)] - np.average(y)
"""


def hashes(text):
    return {one.hash for one in fingerprints.of(trees.plain(Code(text).tree))}


def common(one, other):
    """The fraction of the first text's fingerprints that the other has."""
    return len(hashes(one) & hashes(other)) / len(hashes(one))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("count", "n").replace("hop", "step").replace("own_frames", "mine"),
        lambda text: text.replace("out =", "# mine\n    _ = 0\n    unused = len(y)\n    out ="),
        lambda text: text.replace("    out =", "    a = 1\n    b = a\n    print(y)\n    assert 1\n    out ="),
        lambda text: text + "    return None\n",
        lambda text: text.replace("    for", "    if False:\n        y = 3\n    for"),
        lambda text: (
            '"""Mine."""\nimport numpy as xx\n' + text.replace("np.", "xx.").replace("(y,", "(y: xx.ndarray,")
        ),
    ],
)
def test_what_hides_a_copy_changes_nothing(change):
    assert change(FRAMES) != FRAMES and common(FRAMES, change(FRAMES)) == 1


def test_another_order_of_statements_changes_little():
    lines = FRAMES.splitlines()
    lines[3], lines[4] = lines[4], lines[3]
    assert 0.6 < common(FRAMES, "\n".join(lines)) < 1


def test_a_copy_inside_more_code_is_found():
    more = FRAMES.replace(
        "    for", "    bag = []\n    bag.append(size * 2 + hop)\n    y = y[: len(y) - bag[0] * 0]\n    for"
    )
    assert common(FRAMES, more) > 0.7 > common(more, FRAMES)


def test_another_answer_shares_nothing():
    assert common(FRAMES, OTHER) == 0


def test_augmented_and_turned_forms_are_one():
    one = "def f(a, b):\n    a += b * 2 + 1\n    return a > b + 3 * b"
    other = "def f(a, b):\n    a = a + (b * 2 + 1)\n    return b + 3 * b < a"
    assert hashes(one) == hashes(other) != set()


def test_prints_know_their_lines():
    prints = fingerprints.of(trees.plain(Code(FRAMES).tree))
    assert {one.first for one in prints} <= {*range(2, 9)} and all(one.first <= one.last for one in prints)
    assert prints[0].first == 2 and prints[-1].last == 8


def test_winnowing_keeps_a_print_of_each_long_run():
    every = [one.hash for one in fingerprints.grams(trees.plain(ast.parse(FRAMES)))]
    kept = hashes(FRAMES)
    runs = [
        every[start : start + fingerprints.WINDOW] for start in range(len(every) - fingerprints.WINDOW + 1)
    ]
    assert all(kept & {*run} for run in runs) and len(kept) < 0.7 * len(every)


@pytest.mark.parametrize(
    "text",
    ["", "def f(", "x = 1", "def f(): return " + "-" * 2_000 + "1", "def f(): return 1" + "+1" * 20_000],
)
def test_what_is_short_broken_or_too_deep_has_no_fingerprints(text):
    assert hashes(text) == set()
