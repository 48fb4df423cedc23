"""Sample submissions get the marks that their list promises."""

import subprocess
import sys

import pytest
from small_class import answers, rows

from course_lib import cli, exercises
from course_lib.core.errors import CourseError
from course_lib.core.paths import ROOT
from course_lib.exercises.cells import Code
from course_lib.grading import grade, marking, samples, sandbox
from course_lib.grading.run import Run

BANK = ROOT / "bank"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples") / "all"
    return folder, samples.write(folder, BANK)


def graded(folder, lesson):
    """{(student, exercise): (points, whether a hint is shown)} of the samples of one lesson."""
    (folder.parent / f"{lesson}.key").write_text("one key of enough bytes\n")
    run = Run(
        folder / "submissions",
        BANK,
        folder.parent / f"{lesson}.key",
        folder / "roster.csv",
        folder.parent / f"marks {lesson}",
        lessons=[lesson],
        jobs=2,
    )
    return {(one.student, one.exercise): (one.points, bool(one.hint)) for one in grade.grade(run)}


def promised(folder, lesson):
    return {
        (row["student"], row["exercise"]): (float(row["points"]), row["answer"].startswith("typical"))
        for row in rows(folder / "expected.csv")
        if row["exercise"].startswith(lesson)
    }


@pytest.mark.skipif(sandbox.available("bwrap") != "", reason=f"no bubblewrap: {sandbox.available('bwrap')}")
@pytest.mark.parametrize(
    "lesson",
    [
        pytest.param(one, marks=() if one == "02" else pytest.mark.nightly)
        for one in dict.fromkeys(one.id[:2] for one in exercises.every())
    ],
)
def test_the_samples_get_their_marks_in_the_sandbox(made, monkeypatch, tmp_path, lesson):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "home"))
    assert graded(made[0], lesson) == promised(made[0], lesson)


def test_the_samples_of_lesson_15_get_their_marks(made, monkeypatch):
    monkeypatch.setattr(marking.sandbox, "answers", answers)
    monkeypatch.setattr(marking.sandbox, "available", lambda kind: "")
    assert graded(made[0], "15") == promised(made[0], "15")


def test_each_exercise_has_three_answers_that_stand_alone(made):
    _, found = made
    every = exercises.every()
    assert len(found) == 3 * len(every)
    for one in found:
        code = Code(one.source)
        assert code.missing() == [] and code.unavailable(one.exercise.forbidden) == [], one
    empty = {one.exercise.id for one in found if one.what == "empty copy"}
    assert empty <= {"04.4", "06.5"}  # their mistakes get some cases right, or need the course


def test_the_grader_reads_the_masters_without_jupytext():
    """Its import takes 3.5 s of processor time, and each call of `course grade` paid that."""
    code = (
        "import sys; from course_lib import exercises; from course_lib.grading import rehearsal; "
        "assert rehearsal.solutions(exercises.lesson('02'), 'bank')['02.1'].startswith('def hog_length'); "
        "sys.exit('jupytext' in sys.modules or 'nbformat' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_the_half_student_makes_another_mistake_than_the_wrong_one():
    found = {(one.student, one.exercise.id): one for one in samples.of_lesson("02", BANK)}
    assert found["half", "02.1"].what == "solution" and found["good", "02.2"].points == 3
    assert found["half", "02.2"].what != found["wrong", "02.2"].what != "solution"


def test_a_used_folder_and_an_unknown_lesson_are_errors(tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(CourseError, match="this folder is not empty"):
        samples.write(tmp_path, BANK, ["02"])
    with pytest.raises(CourseError, match=r"lesson '00': it has no exercises. There are: 01, 02"):
        samples.write(tmp_path / "new", BANK, ["00"])


def test_the_command_says_what_to_do_next(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "home"))
    out = tmp_path / "samples"
    assert cli.main(["samples", "--out", str(out), "--bank", str(BANK), "--lessons", "02"]) == 0
    said = capsys.readouterr().out
    assert "12 answers" in said and f"course grade {out / 'submissions'}" in said
    assert sorted(path.name for path in out.iterdir()) == ["expected.csv", "roster.csv", "submissions"]
