"""The last cell of a lesson writes the file to hand in: from what was run, whole, and without losing an
answer.
"""

import errno
import json
import os
import subprocess
import sys
import types

import nbformat
import pytest

from course_lib import exercises
from course_lib.core.paths import ROOT
from course_lib.exercises import Exercise, by_hand, hand_in, handing
from course_lib.exercises.by_hand import Criterion, Task

STUBS = {
    "97.1": "def double(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()",
    "97.2": "import numpy as np\n\n\ndef actors():\n    # YOUR CODE HERE\n    raise NotImplementedError()",
}
ONE = "def double(x):\n    return 2 * x"
TWO = "def actors():\n    return 24"
LESSON = [
    Exercise("97.1", "double", "Twice", 2, "", "float", examples=((1.0,),)),
    Exercise("97.2", "actors", "How many?", 1, "", "int"),
]


@pytest.fixture(autouse=True)
def lesson_97(monkeypatch, publish, tmp_path):
    publish(LESSON, STUBS.get)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def run(monkeypatch, capsys):
    """Run cells in a session of their own, and then `hand_in`; what it printed, line by line."""

    def run(*texts, lesson="97", **options):
        history = types.SimpleNamespace(input_hist_raw=["", *texts, f"hand_in({lesson!r})"])
        monkeypatch.setattr(handing, "_shell", lambda: types.SimpleNamespace(history_manager=history))
        assert hand_in(lesson, **options) is None
        out, err = capsys.readouterr()
        assert err == ""
        return out.splitlines()

    return run


def handed_in(path="hand_in_97.ipynb"):
    """{grade_id: text}, of a file that nbformat and nbgrader's schema find good."""
    book = nbformat.read(path, 4)
    nbformat.validate(book)
    return {cell.metadata.nbgrader.grade_id: cell.source for cell in book.cells}


# --- the file ---


def test_answers_are_handed_in_as_they_were_typed(run):
    answer = "# Mine, ünïcode\n\ndef double(x):\n\n    return x + x   # twice\n\n"
    assert run(answer, TWO) == [
        "97.1 double: answered",
        "97.2 actors: answered",
        "",
        "Hand in this file: hand_in_97.ipynb",
        "It is in the same folder as this notebook.",
    ]
    assert handed_in() == {"exercise-97-1": answer, "exercise-97-2": TWO}


def test_the_file_has_nbgraders_marks_and_nothing_of_this_machine(run, tmp_path):
    run(ONE, TWO)
    text = (tmp_path / "hand_in_97.ipynb").read_text("utf-8")
    book = json.loads(text)
    assert str(tmp_path) not in text and set(book["metadata"]) == {"kernelspec", "language_info"}
    assert [cell["id"] for cell in book["cells"]] == ["exercise-97-1", "exercise-97-2"]
    for cell, points in zip(book["cells"], (2, 1), strict=True):
        assert cell["outputs"] == [] and cell["execution_count"] is None
        assert cell["metadata"] == {
            "nbgrader": {
                "cell_type": "code",
                "grade": True,
                "grade_id": cell["id"],
                "locked": False,
                "points": points,
                "schema_version": 3,
                "solution": True,
                "task": False,
            }
        }


def test_a_worksheet_is_handed_in_with_the_exercises(run, monkeypatch):
    rubric = (Criterion("question", "Question", "", 2, ((2, "yes"), (0, "no"))),)
    sheet = Task("97.plan", "plan-97", "My plan", 2, rubric, variable="plan")
    monkeypatch.setattr(by_hand, "lesson", lambda number: [sheet] if number == "97" else [])
    assert run(ONE)[2] == "97.plan My plan: not in the file: run its cell, then run this cell again"
    assert "plan-97" not in handed_in()
    mine = 'plan = {"question": "Mine"}'
    assert (
        run(ONE, 'plan = {"question": ""}', mine, "plan['x'] = 1", "n = 1")[2]
        == "97.plan My plan: in the file"
    )
    assert handed_in()["plan-97"] == mine
    run(ONE)  # a new session: what was handed in before stays
    assert handed_in()["plan-97"] == mine


def test_the_order_is_the_lessons_and_the_bytes_are_the_answers_alone(run, tmp_path):
    run(TWO, "1 + 1", ONE)
    first = (tmp_path / "hand_in_97.ipynb").read_bytes()
    run(ONE, TWO, folder="other")
    assert (tmp_path / "other" / "hand_in_97.ipynb").read_bytes() == first


def test_a_lesson_without_answers_gives_the_same_lines_each_time(run):
    lines = run(STUBS["97.1"], STUBS["97.2"])
    assert lines == [
        "97.1 double: not attempted: the empty copy",
        "97.2 actors: not attempted: the empty copy",
        "",
        "Hand in this file: hand_in_97.ipynb",
        "It is in the same folder as this notebook.",
    ]
    assert run(STUBS["97.1"], STUBS["97.2"]) == lines
    assert handed_in() == {"exercise-97-1": STUBS["97.1"], "exercise-97-2": STUBS["97.2"]}


# --- which cell counts ---


@pytest.mark.parametrize(
    "texts, counts",
    [
        ([ONE, ONE + " * 1"], ONE + " * 1"),
        ([ONE, "double = double(3)"], ONE),
        ([ONE, "y = double(3)\ndouble"], ONE),
        ([ONE, "class A:\n    def double(x):\n        return 3"], ONE),
        ([ONE, "if True:\n    def double(x):\n        return 3"], ONE),
        ([ONE, "# def double(x): return 4"], ONE),
        ([ONE, "'''\ndef double(x):\n    return 4\n'''"], ONE),
        ([ONE, "def double2(x):\n    return 5"], ONE),
        ([ONE, ""], ONE),
        (["double = lambda x: 2 * x"], "double = lambda x: 2 * x"),
        (["%%time\n" + ONE], "%%time\n" + ONE),
        (["%matplotlib inline\n" + ONE + "\n!ls"], "%matplotlib inline\n" + ONE + "\n!ls"),
        ([ONE + "\ndouble?"], ONE + "\ndouble?"),
        (["from functools import cache\n@cache\n" + ONE],) * 2,
        ([ONE, "%%writefile answer.py\ndef double(x):\n    return 6"], ONE),
        ([ONE, "%%bash\ndef double(x):\n    1"], ONE),
        (["def double(x):\n    return (7\n            % x)"],) * 2,
        ([ONE + "\n1 / 0"], ONE + "\n1 / 0"),
    ],
)
def test_the_last_cell_that_defines_the_function_counts(run, texts, counts):
    assert run(*texts)[0] == "97.1 double: answered"
    assert handed_in()["exercise-97-1"] == (counts if isinstance(counts, str) else counts[0])


def test_one_cell_may_answer_two_exercises(run):
    run(ONE + "\n\n" + TWO)
    assert set(handed_in().values()) == {ONE + "\n\n" + TWO}


def test_an_exercise_that_was_not_run_is_named_and_stays_empty(run):
    assert run(ONE)[:2] == [
        "97.1 double: answered",
        "97.2 actors: no cell that was run in this session defines actors: run its cell, "
        "then run this cell again",
    ]
    assert handed_in()["exercise-97-2"] == STUBS["97.2"]


def test_a_syntax_error_after_an_answer_does_not_count(run):
    assert run(ONE, "def double(x:\n    return 9", TWO)[0] == (
        "97.1 double: answered; a later cell with it has a syntax error and does not count"
    )
    assert handed_in()["exercise-97-1"] == ONE
    assert run("def double(x:\n    return 9", ONE, TWO)[0] == "97.1 double: answered"  # mended since


def test_a_syntax_error_alone_is_handed_in_and_named(run):
    broken = "def double(x):\n    return 2 *"
    assert (
        run(broken)[0]
        == "97.1 double: its cell has a syntax error: correct it and run it, then run this cell again"
    )
    assert handed_in()["exercise-97-1"] == broken


@pytest.mark.parametrize(
    "text",
    [
        STUBS["97.1"],
        STUBS["97.1"] + "\n",
        "def double(x):\n    raise NotImplementedError()",
        "# soon\n" + STUBS["97.1"],
        'def double(x):\n    """Of an older release."""\n    # YOUR CODE HERE\n    raise '
        "NotImplementedError()",
    ],
)
def test_the_empty_copy_is_known_in_other_clothes(run, text):
    assert run(text)[0] == "97.1 double: not attempted: the empty copy"


def test_an_answer_above_the_line_that_raises_is_one(run):
    assert (
        run("def double(x):\n    return 2 * x\n    raise NotImplementedError()")[0] == "97.1 double: answered"
    )


def test_names_from_other_cells_are_missing(run):
    assert run("def double(x):\n    return np.add(helper(x), len(x)) + hog")[0] == (
        "97.1 double: answered; but the grader runs this cell alone, so define or import helper, hog in it"
    )


# --- nothing is lost ---

KEPT = "answered: kept from the hand_in_97.ipynb that was here, since this session has no answer"


@pytest.mark.parametrize("later", [[], [STUBS["97.1"]], ["def double(x:"]])
def test_an_answer_of_an_earlier_session_stays(run, later):
    run(ONE, TWO)
    lines = run(*later, TWO.replace("24", "12"))
    broken = "def double(x:" in later
    kept = KEPT.replace("this session has no answer", "its cell has a syntax error now") if broken else KEPT
    assert lines[:2] == [f"97.1 double: {kept}", "97.2 actors: answered"]
    assert handed_in() == {"exercise-97-1": ONE, "exercise-97-2": TWO.replace("24", "12")}
    assert run()[:2] == [f"97.1 double: {KEPT}", f"97.2 actors: {KEPT}"]


def test_this_sessions_answer_goes_before_an_earlier_one(run):
    run(ONE)
    assert run(ONE + " + 0")[0] == "97.1 double: answered" and handed_in()["exercise-97-1"] == ONE + " + 0"


@pytest.mark.parametrize(
    "damaged", [b"", b'{"cells": [', b"[]", b"\xff\xfe", b'{"nbformat": 4, "cells": [{"source": 3}]}']
)
def test_a_damaged_file_is_set_aside_whole(run, tmp_path, damaged):
    (tmp_path / "hand_in_97.ipynb").write_bytes(damaged)
    assert (
        run(ONE)[0] == "The hand_in_97.ipynb that was here is damaged; it is kept as old/hand_in_97-1.ipynb."
    )
    assert (tmp_path / "old" / "hand_in_97-1.ipynb").read_bytes() == damaged and handed_in()[
        "exercise-97-1"
    ] == ONE


@pytest.mark.parametrize(
    "number, words",
    [
        (errno.ENOSPC, "No space left"),
        (errno.EACCES, "Permission denied"),
        (errno.EROFS, "Read-only file system"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_a_folder_that_cannot_be_written_is_one_line_and_the_old_file_stays(run, monkeypatch, number, words):
    run(ONE)

    def refuse(*_):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", refuse)
        assert run(ONE, TWO) == [
            f"hand_in_97.ipynb was not written: {os.strerror(number)}. Write it to another folder: "
            'hand_in("97", folder="...")'
        ]
    assert words in os.strerror(number) and handed_in()["exercise-97-2"] == STUBS["97.2"]
    assert os.listdir() == ["hand_in_97.ipynb"]


# --- where, and where not ---


def test_in_another_folder_it_says_which(run):
    assert run(ONE, TWO, folder="mine/today")[-1] == "It is in mine/today"


def test_in_colab_it_says_how_to_download(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    assert run(ONE, TWO)[-2:] == [
        "To get it, click the folder icon on the left, right-click the file, choose Download. Or run:",
        'from google.colab import files; files.download("hand_in_97.ipynb")',
    ]


def test_a_lesson_by_its_number_and_one_without_exercises(run, monkeypatch):
    monkeypatch.setattr(exercises, "lesson", lambda number: LESSON if number == "07" else [])
    assert run(ONE, lesson=7)[3] == "Hand in this file: hand_in_07.ipynb"
    assert run(ONE, lesson="98") == ["Lesson 98 has no exercises."]
    assert os.listdir() == ["hand_in_07.ipynb"]


def test_without_a_notebook_it_says_so(capsys, monkeypatch):
    monkeypatch.setattr(handing, "_shell", lambda: None)
    hand_in("97")
    assert (
        capsys.readouterr().out.startswith("hand_in collects what you ran in a notebook.")
        and os.listdir() == []
    )
    done = subprocess.run(
        [sys.executable, "-c", "from course_lib.exercises import hand_in; hand_in('02')"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("hand_in collects what you ran in a notebook.") and done.stderr == ""


def test_a_lesson_that_was_not_built_is_one_line(run, unbuilt):
    assert (
        run(ONE) == ["lesson_97.json: the values were not built. Run: course build 97"] and os.listdir() == []
    )


def test_in_a_kernel_as_a_student_has_it(tmp_path):
    """Magics, a failed cell, a syntax error, reset and the raw text of the cells: as IPython itself keeps
    them.
    """
    from nbclient import NotebookClient

    one = "%%time\n\n# mine\ndef hog_length(size, orientations, pixels, cells):\n    return 3"
    texts = [
        exercises.SETUP,
        one,
        "def hog_length(:",
        "1 / 0",
        "x = !echo 1",
        'check("02.1", hog_length)',
        'from course_lib import exercises; exercises.reset("02.1")',
        'hand_in("02")',
        'hand_in("02")',
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in texts])
    # As it was: the true lesson 02, whatever exercises it has besides.
    NotebookClient(book, timeout=60, allow_errors=True, resources={"metadata": {"path": tmp_path}}).execute()
    lines = [
        "".join(output.text for output in cell.outputs if output.output_type == "stream")
        for cell in book.cells
    ]
    assert "02.1 hog_length: example 1 of 3: 26244 is right, you return 3." in lines[5]
    assert lines[6].startswith(
        "02.1: the empty copy is in a new cell below. Run it, and hog_length is empty again"
    )
    assert lines[7].startswith(
        "02.1 hog_length: answered; a later cell with it has a syntax error and does not count\n"
    )
    assert lines[7] == lines[8] and str(tmp_path) not in lines[7]
    assert handed_in(tmp_path / "hand_in_02.ipynb")["exercise-02-1"] == one
