"""The file of solutions, compared with the masters."""

import json

import pytest

from course_lib import exercises
from course_lib.authoring import solutions
from course_lib.exercises import helping
from course_lib.lessons import masters

NUMBERS = sorted({one.id[:2] for one in exercises.every()})


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(helping, "SOLUTIONS", tmp_path / "solutions.json")
    return helping.SOLUTIONS


def test_the_committed_file_holds_the_masters_solutions(file, request):
    committed = (request.config.rootpath / "course_lib/exercises/solutions.json").read_bytes()
    assert solutions.write() == file
    assert committed == file.read_bytes(), "Run: course build"
    assert list(json.loads(committed)) == [one.id for one in exercises.every()]
    # What the grader reads from the text of the masters is the same.
    read = {id: text for number in NUMBERS for id, text in masters.sources(number).items()}
    assert {id: solutions._unmarked(text) for id, text in read.items()} == json.loads(committed)


def test_a_solution_has_no_markers_and_is_a_whole_function():
    solution = solutions.from_masters("02")["02.1"]
    assert "SOLUTION" not in solution
    space = {}
    exec(solution, space)
    assert space["hog_length"](64, 9, 8, 2) == 7 * 7 * 4 * 9


def test_some_lessons_are_written_and_the_others_kept(file):
    file.write_text(json.dumps({"99.1": "gone", "02.1": "old", "01.1": "kept"}), encoding="utf-8")
    solutions.write(["02"])
    found = json.loads(file.read_text(encoding="utf-8"))
    assert list(found) == ["01.1", "02.1", "02.2", "02.3", "02.4"]
    assert found["01.1"] == "kept" and found["02.1"].startswith("def hog_length(")


def test_a_lesson_without_exercises_has_none():
    assert "00" not in NUMBERS and solutions.from_masters("00") == {}
