"""`course grade` as a teacher calls it, on lesson 02: what it writes, what it says, and how it ends."""

import re
from dataclasses import fields
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from small_class import HOG_LENGTH, answers, rows

from course_lib import cli, exercises
from course_lib.cli import grading as grading_cli
from course_lib.cli import types
from course_lib.core.paths import ROOT
from course_lib.grading import collect, executors, marking, sandbox
from course_lib.grading import grade as grading
from course_lib.grading.run import Run
from course_lib.grading.sandbox import SandboxError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A key, a roster of two, and one submission; the sandbox's part is played in this process."""
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(marking.sandbox, "answers", answers)
    monkeypatch.setattr(marking.sandbox, "available", lambda kind: "")
    return class_of_two(tmp_path)


def class_of_two(folder):
    (folder / "in").mkdir()
    (folder / "seed.key").write_text("0123456789abcdef")
    (folder / "roster.csv").write_text("student,name,email\nann,Ann,ann@example.org\nbob,Bob,\n")
    cell = new_code_cell(HOG_LENGTH, metadata={"nbgrader": {"grade_id": exercises.find("02.1").grade_id}})
    nbformat.write(new_notebook(cells=[cell]), folder / "in" / "ann.ipynb")
    return folder


def grade(folder, *options, **changed):
    files = {
        "in": "in",
        "key": "seed.key",
        "roster": "roster.csv",
        "out": "out",
        "bank": ROOT / "bank",
        **changed,
    }
    given, files = str(folder / files.pop("in")), {name: folder / path for name, path in files.items()}
    return cli.main(
        [
            "grade",
            given,
            *(part for name, path in files.items() for part in (f"--{name}", str(path))),
            "--lessons",
            "02",
            *options,
        ]
    )


def marks(folder):
    return {row["student"]: row["02.1"] for row in rows(folder / "out" / "grades.csv")}


def test_a_class_is_graded(folder, capsys):
    assert grade(folder) == 0
    assert marks(folder) == {"ann": "2", "bob": "0"}
    message = capsys.readouterr().out
    assert "1 graded, 7 not handed in" in message and f"Read: {folder / 'out' / 'summary.html'}" in message


@pytest.mark.skipif(sandbox.available("bwrap") != "", reason=f"no bubblewrap: {sandbox.available('bwrap')}")
def test_a_class_is_graded_in_the_real_sandbox(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "home"))
    assert grade(class_of_two(tmp_path), "--sandbox", "bwrap", "--jobs", "2") == 0
    assert marks(tmp_path)["ann"] == "2"


def test_a_sandbox_that_does_not_work_is_no_protection(folder, capsys, monkeypatch):
    """The first line promised bubblewrap's protections, and the error came after it."""
    monkeypatch.setattr(marking.sandbox, "available", lambda kind: f"there is no {kind}")
    assert grade(folder, "--sandbox", "bwrap") == 1
    said = capsys.readouterr()
    assert "Sandbox bwrap" not in said.out and "there is no bwrap" in said.err


def test_the_first_line_says_what_protects_and_the_next_what_is_kept(folder, capsys, monkeypatch):
    monkeypatch.setattr(sandbox, "slow_imports", lambda kind: [])  # it depends on the environment
    assert grade(folder, "--deadline", "2026-12-01T12:00") == 0
    assert capsys.readouterr().out.splitlines()[0].startswith("Sandbox bwrap, for each answer: ")
    assert grade(folder) == 0
    kept = capsys.readouterr().out.splitlines()[1]
    assert kept == f"As before, from {folder / 'out' / 'settings.json'}: --deadline 2026-12-01T12:00"


def test_an_error_of_ours_is_listed_and_ends_with_1(folder, monkeypatch, capsys):
    def fails(*_):
        raise SandboxError("sandbox", "it broke", "Mend it")

    monkeypatch.setattr(marking.sandbox, "answers", fails)
    assert grade(folder) == 1
    assert "not graded: ann, 02.1: sandbox: it broke. Mend it" in capsys.readouterr().err
    assert marks(folder)["ann"] == ""


def test_a_part_of_the_class(folder, capsys):
    assert grade(folder, "--shard", "1/1") == 0
    assert (
        "Part 1/1 is in the cache" in capsys.readouterr().out and not (folder / "out" / "grades.csv").exists()
    )


@pytest.mark.parametrize(
    ("changed", "options", "message"),
    [
        ({"key": "none.key"}, [], r"none\.key: there is no such key file\. Make one.*secrets"),
        ({"key": "short.key"}, [], r"short\.key: the key has 5 bytes, but it needs at least 16"),
        (
            {"key": "out/seed.key"},
            [],
            r"the key is inside .*out, a folder that others will read\. Move the key",
        ),
        ({"roster": "none.csv"}, [], r"none\.csv: this table cannot be read"),
        ({"bank": "home"}, [], r"home: the bank has no lesson_"),
        ({"in": "none"}, [], r"none: .*cannot be read"),
        (
            {},
            ["--sandbox", "none"],
            r"--sandbox none: students' code would run as you\. Use bwrap or docker\. Add --unsafe",
        ),
        ({}, ["--sandbox", "docker"], r"--sandbox docker: it needs an image\. Add: --image"),
        ({}, ["--lessons", "77"], r"--lessons 77: there are no exercises of this lesson\. There are: .*02"),
        (
            {},
            ["--regrade", "02.9"],
            r"--regrade 02\.9: there is no such exercise among those that are graded",
        ),
        ({}, ["--count", "in-time"], r"--count in-time: no deadline is given\. Add: --deadline"),
        (
            {},
            ["--executor", "slurm"],
            r"--executor slurm: there is no such executor\. There are: threads, dask",
        ),
        (
            {},
            ["--executor", "dask://127.0.0.1:9"],
            r"--executor dask://127\.0\.0\.1:9: (no dask|dask\.distributed is not)",
        ),
        ({}, ["--pattern", "{nobody}"], r"pattern '\{nobody\}': "),
        ({"out": "marked"}, [], r"overrides\.csv, line 2: the reason is missing\. Write a reason"),
    ],
)
def test_what_a_teacher_can_correct_is_one_line(folder, monkeypatch, capsys, changed, options, message):
    monkeypatch.setattr(executors, "PATIENCE", "300ms")
    (folder / "short.key").write_text("short")
    (folder / "marked").mkdir()
    (folder / "marked" / "overrides.csv").write_text("student,exercise,points,reason\nann,02.1,1,\n")
    assert grade(folder, *options, **changed) == 1
    error = capsys.readouterr().err.strip().splitlines()
    assert error[-1].startswith("Error: ") and len([line for line in error if line.startswith("Error")]) == 1
    assert re.search(message, error[-1])
    assert not (folder / "out").exists() and not (folder / "marked" / "results.jsonl").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--shard", "4/3"], "'4/3' should be part/parts, such as 3/16"),
        (["--shard", "one"], "'one' should be part/parts"),
        (["--jobs", "0"], "'0' should be a whole number, 1 or more"),
        (["--deadline", "2026-12-01"], "'2026-12-01' should be a day and a time, such as 2026-12-01T12:00"),
        (["--deadline", "noonT"], "'noonT' should be a day and a time"),
        (["--count", "best"], "there is no 'best'"),
    ],
)
def test_wrong_options(folder, capsys, options, message):
    with pytest.raises(SystemExit) as ended:
        grade(folder, *options)
    assert ended.value.code == 2 and message in capsys.readouterr().err


def test_the_deadline_is_this_machines_time():
    assert types.time("2026-12-01T12:00").tzinfo
    assert types.time("2026-12-01T12:00+00:00").timestamp() == 1796126400


REQUIRED = ["in", "--bank", "b", "--key", "k", "--roster", "r", "--out", "o"]


def test_every_field_of_a_run_is_an_option_and_has_its_default_there_alone(monkeypatch):
    """The defaults stood in `grade`, in the options and in the help."""
    runs = []
    monkeypatch.setattr(grading, "grade", lambda run, notes: runs.append(run) or [])
    assert cli.main(["grade", *REQUIRED]) == 0
    assert runs == [Run(*map(Path, ("in", "b", "k", "r", "o")))]
    options = vars(cli.parser().parse_args(["grade", *REQUIRED, *EVERY_OPTION]))
    assert set(options) - {"command", "name", "help", "version"} == {field.name for field in fields(Run)}


EVERY_OPTION = (
    "--lessons 02 --pattern {student}.ipynb --jobs 1 --sandbox none --image i --unsafe --executor threads "
    "--shard 1/2 --regrade 02.1 --anonymous --deadline 2026-12-01T12:00 --count first --dry-run "
    "--from moodle --times t.csv --late 10%/day --attempts 3 --tries 100%,50% --collect-only"
).split()


def test_the_files_are_listed_and_nothing_is_graded(folder, capsys):
    (folder / "in" / "bob.pdf").write_bytes(b"%PDF-1.7")
    assert grade(folder, "--collect-only", "--deadline", "2026-01-01T12:00") == 0
    said = capsys.readouterr().out
    assert re.search(r"ann: ann\.ipynb, 2\d{3}-.*, late: counts: the only file\n", said)
    assert "bob: bob.pdf: not graded, it is neither a notebook" in said
    assert not (folder / "out").exists()


def test_the_platforms_are_those_of_the_grader():
    assert grading_cli.SOURCES == collect.SOURCES


def test_it_needs_linux(folder, monkeypatch, capsys):
    monkeypatch.setattr(cli.sys, "platform", "win32")
    assert grade(folder) == 1
    assert re.search(r"Error: course grade: it needs Linux; this is win32\. Use", capsys.readouterr().err)
