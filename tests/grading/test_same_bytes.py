"""Answers that race with themselves: what is said about them does not depend on what came first.

Each cell chooses by a random byte what would otherwise depend on the load."""

import os
import subprocess
import sys

import made_class
import pytest
from forging import forged

from course_lib.exercises import cells, handing
from course_lib.grading import grade
from course_lib.grading.sandbox import available

WHY_NOT = available("bwrap")
BANK = """
from course_lib.grading.bank import Private
BANK = {"97.1": Private(sorted, lambda rng, k: ([int(n) for n in rng.integers(0, 99, k + 2)],), cases=3)}
"""
CHANCE = "import os, random, threading, time\nSYSTEM = random.SystemRandom()\n"
LATER = "[time.sleep(SYSTEM.choice([0, 0.1])), say(frame(answer(number, 0)))]"
RACES = {
    "honest": "def f(x):\n    return sorted(x)\n",
    "a thread": forged(f"threading.Thread(target=lambda: {LATER}).start()", "sorted(x)", CHANCE),
    "a child": forged(f"if os.fork() == 0:\n        {LATER}; os._exit(0)", "sorted(x)", CHANCE),
    "two that answer": forged("os.fork(); time.sleep(SYSTEM.choice([0, 0.1]))", "sorted(x)", CHANCE),
    "noise": forged("say(os.urandom(100))", "sorted(x)"),
    "an end or a loop": CHANCE
    + "def f(x):\n    loop = SYSTEM.random() < 0.5\n    while loop: pass\n    os._exit(0)\n",
    "an address": "def f(x):\n    raise KeyError(object())\n",
}


@pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)
def test_races_change_no_byte_of_any_file(tmp_path, monkeypatch):
    made_class.teach(monkeypatch, made_class.SORT)
    names = {f"s{number}": name for number, name in enumerate(RACES)}
    made_class.enrol(tmp_path, names, {"97": BANK})
    for student, name in names.items():
        path = tmp_path / "submissions" / f"{student}.ipynb"
        cells.write(path, handing.notebook([(made_class.SORT, RACES[name])]))
        os.utime(path, (1_790_000_000,) * 2)
    turns = [_graded(tmp_path, "quiet")]
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as busy:
        try:
            turns += [_graded(tmp_path, "busy"), _graded(tmp_path, "still busy")]
        finally:
            busy.kill()
    states = {names[one.student]: {case.state for case in one.cases} for one in turns[0][0]}
    assert states == {
        "honest": {"ok"},
        **{name: {"forged"} for name in ("a thread", "a child", "two that answer", "noise")},
        "an end or a loop": {"stopped"},
        "an address": {"exception"},
    }
    files = turns[0][1]
    for _, others in turns[1:]:
        assert others.keys() == files.keys()
        assert [name for name in files if files[name] != others[name]] == []


def _graded(folder, out):
    """The results, and {file: bytes} without the cache."""
    found = grade.grade(made_class.run(folder, out, lessons=["97"]))
    paths = [path.relative_to(folder / out) for path in (folder / out).rglob("*") if path.is_file()]
    return found, {path: (folder / out / path).read_bytes() for path in paths if path.parts[0] != "cache"}
