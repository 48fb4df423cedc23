"""Intake: whose file it is, what is refused, and which cell is the answer. Nothing handed in makes it
raise."""

import io
import json
import os
import random
import time
import unicodedata
import warnings
import zipfile
from datetime import UTC, datetime

import nbformat
import notebook_files
import pytest
from notebook_files import code

from course_lib import exercises
from course_lib.core.errors import CourseError
from course_lib.exercises import Exercise
from course_lib.grading import collect as layouts
from course_lib.grading import intake
from course_lib.grading.collect import Refusal
from course_lib.grading.intake import collect
from course_lib.grading.roster import Student, read_roster

MEAN = Exercise(id="91.1", name="own_mean", title="", points=1, text="", returns="float")
WIDTH = Exercise(id="91.2", name="own_width", title="", points=1, text="", returns="float")
BOTH = [MEAN, WIDTH]
STUB = "def own_mean(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
GOOD = "def own_mean(x):\n    return sum(x) / len(x)"
ROSTER = [
    Student("ann", "Ann Lee", "ann@uni.example"),
    Student("anna", "Anna Öz", "anna@uni.example"),
    Student("bob"),
]


@pytest.fixture(autouse=True)
def stub(monkeypatch):
    monkeypatch.setattr(exercises, "kept", lambda id: {"stub": STUB.replace("own_mean", f"own_{NAMES[id]}")})


NAMES = {"91.1": "mean", "91.2": "width"}


def cell(source, grade_id=None, **more):
    return {**code("", grade_id=grade_id), "source": source, **more}  # in one piece, as some tools write it


def book(*cells, **more) -> bytes:
    return json.dumps(notebook_files.book(*cells, **more)).encode()


def put(path, data=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(book(cell(GOOD)) if data is None else data)
    return path


def packed(**files) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def from_file(path, exercises):
    code, _ = intake._cells(intake._cells_of(path.read_bytes()))
    answers = intake._answers(code, intake._wanted(exercises))
    return {id: answer.source for id, answer in answers.items()}


def answer(*cells, tmp_path):
    return from_file(put(tmp_path / "one.ipynb", book(*cells)), BOTH).get("91.1")


def who(folder, pattern=None, roster=ROSTER):
    submissions, refused = collect(folder, roster, BOTH, pattern)
    return {one.file: one.student for one in submissions}, {one.file: one.why for one in refused}


# --- roster


def test_a_roster_with_bom_umlauts_and_a_column_more(tmp_path):
    decomposed = unicodedata.normalize("NFD", "Jörg")  # o and two dots, as a Mac writes it
    lines = [
        "\ufeffStudent,email,section,name",
        f"{decomposed},j@u.example,2,Jörg Öz",
        "",
        "s-02,,,",
        ",,,",
        "",
    ]
    path = put(tmp_path / "roster.csv", "\r\n".join(lines).encode())
    assert read_roster(path) == [Student("Jörg", "Jörg Öz", "j@u.example"), Student("s-02")]
    assert read_roster(put(tmp_path / "ids.csv", b"student\n007\n")) == [Student("007")]  # text, not seven


@pytest.mark.parametrize(
    "text, line, what",
    [
        (b"student,name\nann,A\nbob,B\nann,C\n", "line 4", "line 2 already"),
        (b'student\nann\n""\nbob,2\n', "line 4", "it should have 1 cells and has 2"),
        (b"student,name\nann,A\n,B\n", "line 3", "empty"),
        (b"student\n../ann\n", "line 2", "slash"),
        (b"student\nann\\..\n", "line 2", "slash"),
        (b"student\n.ann\n", "line 2", "dot"),
        (b"student\nan\x1bn\n", "line 2", "printed"),
        (b"student\n" + b"a" * 300 + b"\n", "line 2", "too long"),
        (b"ann,Ann\nbob,Bob\n", "line 1", "header"),
        (b"student,name,student\nann,Ann,b\n", "line 1", "header"),
        (b"\n", "it is empty", ""),
        (b"student,name\n", "line 2", "no student"),
        (b"student,name\nann,Ann\nbo", "line 3", "it should have 2 cells and has 1"),
        (b'student,name\nann,"An', "line 2", "cut off"),
        (b"student,name\nann,Ann\nbob,\xe4\n", "line 3", "UTF-8"),
    ],
)
def test_a_bad_roster_is_one_error_with_its_line(tmp_path, text, line, what):
    with pytest.raises(CourseError, match=f"roster.csv: {line}.*{what}"):
        read_roster(put(tmp_path / "roster.csv", text))


def test_columns_without_a_name_are_left_out(tmp_path):
    text = b"student,name,,\nann,Ann,,\n"
    assert read_roster(put(tmp_path / "roster.csv", text)) == [Student("ann", "Ann")]


def test_no_roster(tmp_path):
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(CourseError, match="Give a csv file with the columns student,name,email"):
            read_roster(path)


# --- whose it is


def test_without_a_pattern_a_folder_or_a_name_s_beginning_says_whose_it_is(tmp_path):
    for path in (
        "ann/02.ipynb",
        "ann/late/bob_02.ipynb",
        "anna_02.ipynb",
        "bob.IPYNB",
        "bob-02.ipynb",
        "anna 2.ipynb",
        "annabel_02.ipynb",
        "Bob_02.ipynb",
        "02_bob.ipynb",
        "02bob.ipynb",
        "week/ann_02.ipynb",
    ):
        put(tmp_path / path)
    found, refused = who(tmp_path)
    assert found == {
        "ann/02.ipynb": "ann",
        "ann/late/bob_02.ipynb": "ann",
        "anna_02.ipynb": "anna",
        "bob.IPYNB": "bob",
        "bob-02.ipynb": "bob",
        "anna 2.ipynb": "anna",
        "Bob_02.ipynb": "bob",  # upper and lower case are the same where only one student fits
        "02_bob.ipynb": "bob",
    }
    assert set(refused) == {"annabel_02.ipynb", "02bob.ipynb", "week/ann_02.ipynb"}
    assert all("no student of the roster" in why for why in refused.values())


def test_a_file_that_could_be_of_two_students_is_refused(tmp_path):
    put(tmp_path / "ann_lee_02.ipynb")
    put(tmp_path / "ann_lee" / "02.ipynb")
    found, refused = who(tmp_path, roster=[*ROSTER, Student("ann_lee")])
    assert found == {"ann_lee/02.ipynb": "ann_lee"}
    assert refused == {"ann_lee_02.ipynb": "its path fits ann and ann_lee: rename it, or declare a pattern"}


@pytest.mark.parametrize(
    "pattern, mine, not_mine",
    [
        ("{student}/*.ipynb", "ann/02.ipynb", "ann/deep/02.ipynb"),
        ("{student}_*.ipynb", "ann_02.ipynb", "anna.ipynb"),
        ("*/{student}/**.ipynb", "group 1/ann/a/b.ipynb", "ann/b.ipynb"),
        (
            "{name}_*_assignsubmission_file_/*.ipynb",
            "Ann Lee_17_assignsubmission_file_/02.ipynb",
            "Ann_17_assignsubmission_file_/02.ipynb",
        ),
        ("{email}*.ipynb", "ann@uni.example_02.ipynb", "ann@uni.examples.ipynb"),
        ("*{student}*.ipynb", "02-ann-x.ipynb", "02-joann-x.ipynb"),
        ("hw{student}.ipynb", "hwann.ipynb", "hwanna2.ipynb"),
        ("[{student}]*.ipynb", "[ann].ipynb", "ann.ipynb"),
    ],
)
def test_patterns(tmp_path, pattern, mine, not_mine):
    put(tmp_path / mine)
    put(tmp_path / not_mine)
    found, refused = who(tmp_path, pattern)
    assert found == {mine: "ann"} and set(refused) == {not_mine}


@pytest.mark.parametrize("pattern", ["*.ipynb", "{student}/*", "{id}_*.ipynb", "{student}{x}.ipynb"])
def test_a_pattern_that_cannot_be_used(tmp_path, pattern):
    with pytest.raises(CourseError, match="pattern"):
        collect(tmp_path, ROSTER, BOTH, pattern)


def test_a_name_composed_in_another_way_is_the_same_name(tmp_path):
    put(tmp_path / unicodedata.normalize("NFD", "Jörg") / "02.ipynb")
    assert list(who(tmp_path, roster=[Student("Jörg")])[0].values()) == ["Jörg"]


def test_of_two_files_with_one_name_in_a_zip_the_second_is_refused(tmp_path):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr("a.ipynb", book(cell(GOOD)))
        archive.writestr("a.ipynb", book(cell("pass")))
    put(tmp_path / "ann.zip", out.getvalue())
    submissions, refused = collect(tmp_path, ROSTER, BOTH)
    assert [one.sources for one in submissions] == [{"91.1": GOOD}] and "has this name" in refused[0].why


def test_names_in_a_student_s_zip_say_nothing(tmp_path):
    inside = {"bob/02.ipynb": book(cell(GOOD)), "bob_03.ipynb": book(cell(GOOD)), "notes.txt": b"x"}
    put(tmp_path / "ann" / "bob.zip", packed(**inside))
    put(tmp_path / "anna_hw.ZIP", packed(**inside))
    put(tmp_path / "all.zip", packed(**inside))
    found, refused = who(tmp_path)
    assert found == {
        "ann/bob.zip/bob/02.ipynb": "ann",
        "ann/bob.zip/bob_03.ipynb": "ann",
        "anna_hw.ZIP/bob/02.ipynb": "anna",
        "anna_hw.ZIP/bob_03.ipynb": "anna",
    }
    assert set(refused) == {"all.zip", "ann/bob.zip/notes.txt", "anna_hw.ZIP/notes.txt"}
    moodle = "{name}_*_assignsubmission_file_/*.ipynb"
    put(tmp_path / "moodle" / "Ann Lee_1_assignsubmission_file_" / "x.zip", packed(**inside))
    assert set(who(tmp_path / "moodle", moodle)[0].values()) == {"ann"}


# --- when it came


def test_times(tmp_path, monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        noon = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
        outer, own = io.BytesIO(), io.BytesIO()
        with zipfile.ZipFile(own, "w") as archive:  # a student's zip can say anything
            archive.writestr(zipfile.ZipInfo("hw.ipynb", (1999, 1, 1, 0, 0, 0)), book(cell(GOOD)))
        with zipfile.ZipFile(outer, "w") as archive:
            archive.writestr(
                zipfile.ZipInfo("ann_1.ipynb", (2026, 1, 15, 13, 0, 0)), book(cell(GOOD))
            )  # 12:00 UTC
            archive.writestr(zipfile.ZipInfo("bob.zip", (2026, 1, 15, 13, 0, 0)), own.getvalue())
            archive.writestr(zipfile.ZipInfo("anna.ipynb", (2026, 0, 0, 0, 0, 0)), book(cell(GOOD)))
        packed_all = put(tmp_path / "all.zip", outer.getvalue())
        os.utime(packed_all, (0, noon.timestamp()))
        assert [one.when for one in collect(packed_all, ROSTER, BOTH)[0]] == [noon] * 3
        for path, data in (("f/ann/1.ipynb", None), ("f/bob.zip", own.getvalue())):
            os.utime(put(tmp_path / path, data), (0, noon.timestamp()))
        submissions = collect(tmp_path / "f", ROSTER, BOTH)[0]
        assert [one.when for one in submissions] == [noon, noon] and submissions[0].when.tzinfo is UTC
        os.utime(tmp_path / "f" / "bob.zip", (0, -5))
        assert collect(tmp_path / "f", ROSTER, BOTH)[0][1].when == datetime(1970, 1, 1, tzinfo=UTC)
    finally:
        monkeypatch.undo()
        time.tzset()


# --- what is refused


def deep(levels):
    return b'{"nbformat": 4, "cells": ' + b"[" * levels + b"]" * levels + b"}"


@pytest.mark.parametrize(
    "data, why",
    [
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (b"<!DOCTYPE html><html>", "it is a web page, not a notebook"),
        (packed(a=b"1"), "it is a zip archive, not a notebook"),
        (b"%PDF-1.7", "it is a PDF"),
        (b"hello", "JSON"),
        (book(cell(GOOD))[:-20], "JSON"),
        (b"\0" * 100, "not text"),
        (b"[]", "format 4"),
        (b"null", "format 4"),
        (b'{"cells": []}', "format 4"),
        (b'{"nbformat": "4"}', "format 4"),
        (book(nbformat=2), "format 4"),
        (book(nbformat=[4]), "format 4"),
        (book(nbformat=True), "format 4"),
        (book(), "no cells"),
        (book(cells={"a": 1}), "no cells"),
        (b'{"nbformat": 3, "worksheets": [3]}', "no cells"),
        (deep(100_000), "nested"),
        (book(cell(GOOD), x=1)[:-2] + b"9" * 5000 + b"}", "JSON"),
        (b'{"nbformat": 4, "nbformat": 4, "cells": [{}]}', "twice"),
        (book(cell(GOOD)).replace(b"return", b"re\xfftu"), "UTF-8"),
        (book(cell(GOOD)).decode().encode("utf-16"), "save it with the encoding UTF-8"),
        (book(cell("x = '\ud800'")), "cell 1"),
        (book({}, cell("x = '\0'")), "cell 2"),
    ],
)
def test_bad_notebooks_are_refused_and_the_others_go_on(tmp_path, data, why):
    put(tmp_path / "ann.ipynb", data)
    put(tmp_path / "bob.ipynb")
    submissions, refused = collect(tmp_path, ROSTER, BOTH)
    assert [(one.student, one.sources) for one in submissions] == [("bob", {"91.1": GOOD})]
    assert [one.file for one in refused] == ["ann.ipynb"] and why in refused[0].why


def test_links_pipes_and_odd_files_are_refused(tmp_path):
    secret = put(tmp_path / "secret" / "ann.ipynb")
    folder = tmp_path / "in"
    put(folder / "bob.ipynb")
    (folder / "ann").symlink_to(secret.parent)
    (folder / "ann_link.ipynb").symlink_to(secret)
    (folder / "ann_dangling.ipynb").symlink_to("nowhere")
    put(folder / "bob" / "real.txt")
    (folder / "bob" / "in").symlink_to(secret.parent)
    os.mkfifo(folder / "ann_pipe.ipynb")
    os.mkfifo(folder / "ann_pipe.zip")
    put(folder / "bob" / ".ipynb_checkpoints" / "02-checkpoint.ipynb")
    (folder / "bob" / "folder.ipynb").mkdir()
    put(folder / "/".join("bob" for _ in range(20)) / "02.ipynb")
    found, refused = who(folder)
    assert found == {"bob.ipynb": "bob"}
    why = {
        "ann": "link",
        "ann_link.ipynb": "link",
        "ann_dangling.ipynb": "link",
        "bob/in": "link",
        "ann_pipe.ipynb": "regular",
        "ann_pipe.zip": "regular",
        "bob/real.txt": "neither",
        "bob/.ipynb_checkpoints": "checkpoint",
        "/".join(["bob"] * 11): "deep",
    }
    assert {file for file in why if why[file] in refused.get(file, "")} == set(why) == set(refused)


def test_a_large_file_is_refused_before_it_is_read(tmp_path, monkeypatch):
    with open(put(tmp_path / "ann.ipynb"), "ab") as sparse:
        sparse.truncate(2**40)
    monkeypatch.setattr(intake, "_capped", lambda file: pytest.fail("it was read"))
    assert who(tmp_path)[1] == {"ann.ipynb": "it is larger than 20 MiB"}


def test_submissions_may_itself_be_reached_by_a_link(tmp_path):
    put(tmp_path / "in" / "bob.ipynb")
    (tmp_path / "link").symlink_to(tmp_path / "in")
    assert who(tmp_path / "link")[0] == {"bob.ipynb": "bob"}


@pytest.mark.parametrize("other", ["link", "link to itself", "file", "pipe", "gone", "grown"])
def test_a_swap_between_the_look_and_the_reading_does_not_help(tmp_path, monkeypatch, other):
    secret, path = put(tmp_path / "secret.ipynb"), put(tmp_path / "in" / "ann.ipynb")
    looked, looks = os.stat, []

    def swap(name, **options):
        found = looked(name, **options)
        looks.append(name)
        if looks.count("ann.ipynb") == 2:  # the first look lists the paths, the second reads the files
            looks.clear()
            moved = path.rename(tmp_path / "aside")
            {
                "link": lambda: path.symlink_to(secret),
                "link to itself": lambda: path.symlink_to(moved),
                "file": lambda: put(path),
                "pipe": lambda: os.mkfifo(path),
                "gone": lambda: None,
                "grown": lambda: put(moved.rename(path), book(cell(GOOD)) + b" " * intake.FILE),
            }[other]()
        return found

    monkeypatch.setattr(intake.os, "stat", swap)
    found, refused = who(tmp_path / "in")
    assert found == {} and list(refused) == ["ann.ipynb"]


def test_a_file_that_disappears_after_the_paths_were_listed_is_refused(tmp_path, monkeypatch):
    path, listed = put(tmp_path / "ann.ipynb"), layouts.find
    monkeypatch.setattr(layouts, "find", lambda *all: path.unlink() or listed(*all))
    assert who(tmp_path) == ({}, {"ann.ipynb": intake.GONE})


def test_unreadable_names_are_shown_in_plain_signs(tmp_path):
    name = b"ann_\xff\x1b[2J\n\xe2\x80\xaexfdp.ipynb"
    with open(os.fsencode(tmp_path) + b"/" + name, "wb") as out:
        out.write(book(cell(GOOD)))
    (file,), _ = who(tmp_path)
    assert file == "ann_��[2J��xfdp.ipynb" and file.encode()


@pytest.mark.parametrize("folder", ["none", "file.txt", "broken.zip"])
def test_submissions_that_cannot_be_read_are_one_error(tmp_path, folder):
    put(tmp_path / "file.txt", b"x")
    put(tmp_path / "broken.zip", packed(a=b"1")[:-5])
    with pytest.raises(CourseError, match=folder):
        collect(tmp_path / folder, ROSTER, BOTH)


# --- zips


def entry(name, mode=0, method=zipfile.ZIP_DEFLATED):
    info = zipfile.ZipInfo(name)
    info.external_attr, info.compress_type = mode << 16, method
    return info


def test_bad_entries_of_a_zip_are_refused_one_by_one(tmp_path):
    why = {
        "../bob.ipynb": "another folder",
        "/etc/x.ipynb": "another folder",
        "C:\\x.ipynb": "another folder",
        "a\\..\\x.ipynb": "another folder",
        "link.ipynb": "link",
        "pipe.ipynb": "regular",
        "packed.ipynb": "compression",
        "inner.zip": "zip in a zip",
        "__MACOSX/x.ipynb": "hidden",
        "zeros.ipynb": "20 MiB",
        "x" * 1001 + ".ipynb": "too long",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(entry("folder/"), b"")
        archive.writestr(entry("_.ipynb"), b"")  # its name is taken from it below
        for name in why:
            mode = {"link.ipynb": 0o120777, "pipe.ipynb": 0o010644}.get(name, 0)
            data = {"zeros.ipynb": bytes(intake.FILE + 1), "inner.zip": packed(a=b"1")}.get(
                name, book(cell(GOOD))
            )
            method = zipfile.ZIP_LZMA if name == "packed.ipynb" else zipfile.ZIP_DEFLATED
            archive.writestr(entry(name, mode, method), data)
        archive.writestr(entry("good\\02.ipynb", 0o100644), book(cell(GOOD)))
    put(tmp_path / "ann.zip", out.getvalue().replace(b"_.ipynb", b"\0.ipynb"))
    found, refused = who(tmp_path)
    assert "neither" in refused.pop("ann.zip/") and found == {"ann.zip/good/02.ipynb": "ann"}
    assert {
        name for name in why if why[name] in refused.get("ann.zip/" + name.replace("\\", "/"), "")
    } == set(why)
    assert len(refused) == len(why)


def test_a_zip_s_header_is_not_believed(tmp_path):
    for student, true, why in (("ann", 1000, 2**31), ("bob", intake.FILE + 50, 5)):
        honest = packed(**{"02.ipynb": bytes(true)})
        put(
            tmp_path / f"{student}.zip",
            honest.replace(true.to_bytes(4, "little"), why.to_bytes(4, "little")),
        )
    found, refused = who(tmp_path)
    assert found == {} and set(refused) == {"ann.zip/02.ipynb", "bob.zip/02.ipynb"}


def test_a_damaged_zip_is_called_so(tmp_path):
    whole = packed(**{"a.ipynb": book(cell(GOOD))})
    middle = len(whole) // 4
    for name, data in (
        ("ann_cut.zip", whole[: len(whole) // 2]),
        (
            "ann_flipped.zip",
            whole[:middle] + bytes(byte ^ 255 for byte in whole[middle : middle + 30]) + whole[middle + 30 :],
        ),
        ("ann_none.zip", b"no zip at all"),
    ):
        put(tmp_path / name, data)
    _, refused = who(tmp_path)
    assert len(refused) == 3 and all("it is a damaged zip" in why for why in refused.values()), refused


def test_encrypted_and_crowded_zips_are_refused(tmp_path):
    locked = bytearray(packed(**{"02.ipynb": b"x"}))
    locked[locked.find(b"PK\1\2") + 8] |= 1
    put(tmp_path / "ann.zip", bytes(locked))
    put(tmp_path / "bob.zip", packed(**{f"{n}.ipynb": b"x" for n in range(intake.ENTRIES + 1)}))
    assert {file: why.split()[-1] for file, why in who(tmp_path)[1].items()} == {
        "ann.zip/02.ipynb": "encrypted",
        "bob.zip": "allowed",
    }


def test_a_student_s_bytes_are_limited_in_all_and_no_other_student_s(tmp_path, monkeypatch):
    monkeypatch.setattr(intake, "STUDENT", 25_000)
    put(tmp_path / "ann.zip", packed(**{f"{n}.ipynb": book(cell("#" * 9_000)) for n in range(10)}))
    put(tmp_path / "bob.zip", packed(**{"1.ipynb": book(cell(GOOD))}))
    submissions, refused = collect(tmp_path, ROSTER, BOTH)
    assert [one.file for one in submissions] == [*(f"ann.zip/{n}.ipynb" for n in range(3)), "bob.zip/1.ipynb"]
    assert len(refused) == 7 and all("ann have reached the limit" in one.why for one in refused)


def test_a_student_s_notebooks_are_limited_in_number(tmp_path, monkeypatch):
    monkeypatch.setattr(intake, "BOOKS", 30)
    put(tmp_path / "ann.zip", packed(**{f"{n:02}.ipynb": book(cell(GOOD)) for n in range(40)}))
    put(tmp_path / "bob.ipynb")
    submissions, refused = collect(tmp_path, ROSTER, BOTH)
    read = intake.BOOKS - 1  # the zip itself is one file
    assert [one.student for one in submissions] == ["ann"] * read + ["bob"]
    assert len(refused) == 40 - read and all("have reached the limit" in one.why for one in refused)


def test_files_that_take_long_cost_no_other_student_s_time(tmp_path, monkeypatch):
    """Of one student, 113 kB in a zip took the grader 51 s, in its own process and without a limit."""
    real, began = intake._cells_of, []

    def slow(data):
        if b"slow" in data:
            while True:
                pass
        return real(data)

    monkeypatch.setattr(intake, "_cells_of", slow)
    monkeypatch.setattr(intake, "SECONDS", 1.0)
    monkeypatch.setattr(intake, "apart", lambda *own, real=intake.apart: began.append(1) or real(*own))
    put(tmp_path / "ann.zip", packed(**{f"{n}.ipynb": book(cell("slow")) for n in range(5)}))
    put(tmp_path / "bob.ipynb")
    submissions, refused = collect(tmp_path, ROSTER, BOTH)
    assert [one.student for one in submissions] == ["bob"] and len(refused) == 5
    assert "processor time" in refused[0].why and "reached the limit" in refused[-1].why
    assert len(began) <= 3


def test_a_notebook_of_very_many_cells_is_refused(tmp_path):
    put(tmp_path / "ann.ipynb", book(*[cell("")] * (intake.CELLS + 1)))
    assert "1,001 code cells" in who(tmp_path)[1]["ann.ipynb"]


def test_nothing_is_unpacked_to_disk(tmp_path):
    put(tmp_path / "in" / "ann.zip", packed(**{"02.ipynb": book(cell(GOOD))}))
    before = sorted(tmp_path.rglob("*"))
    assert who(tmp_path / "in")[0] and sorted(tmp_path.rglob("*")) == before


# --- which cell answers


def test_the_last_cell_that_defines_the_function_answers_as_in_check_and_hand_in(tmp_path):
    """A student saw `check` call the later one right: the kernel, `check` and `hand_in` know only that."""
    later = cell("def own_mean(x):\n    return 7")
    for id in ("exercise-91-1", "exercise-91-2", None):
        assert answer(cell(GOOD, id), later, tmp_path=tmp_path) == later["source"]
        assert answer(later, cell(GOOD, id), tmp_path=tmp_path) == GOOD
    assert answer(cell("own_mean = 3", "exercise-91-1"), cell(GOOD), tmp_path=tmp_path) == GOOD


def test_the_exercise_s_own_cell_is_never_dropped(tmp_path):
    """Whether it makes the function is found out in the sandbox, which then says what is missing."""
    for source in (
        "if True:\n    def own_mean(x):\n        return sum(x) / len(x)",
        "mine = lambda x: sum(x) / len(x)\nown_mean = mine",
        "def own_maen(x):\n    return sum(x) / len(x)",
    ):
        assert answer(cell(source, "exercise-91-1"), tmp_path=tmp_path) == source
    put(tmp_path / "in" / "ann.ipynb", book(cell("# nothing yet", "exercise-91-1")))
    (only,), _ = collect(tmp_path / "in", ROSTER, BOTH)
    assert not only.answers["91.1"].attempted


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_an_answer_cell_of_another_kind_is_named(tmp_path, kind):
    put(tmp_path / "ann.ipynb", book(cell(GOOD, "exercise-91-1", cell_type=kind), cell("x = 1")))
    (only,), _ = collect(tmp_path, ROSTER, BOTH)
    assert only.answers == {} and only.other == {"91.1": f"its cell is a {kind} cell instead of a code cell"}


@pytest.mark.parametrize("name", ["hand_in_91.ipynb.txt", "hand_in_91.ipynb.json", "hand_in_91"])
def test_a_notebook_under_a_browser_s_name_is_graded(tmp_path, name):
    put(tmp_path / "ann" / name)
    put(tmp_path / "bob.zip", packed(**{name: book(cell(GOOD))}))
    submissions, refused = collect(tmp_path, ROSTER, BOTH)
    assert [(one.student, one.sources) for one in submissions] == [
        ("ann", {"91.1": GOOD}),
        ("bob", {"91.1": GOOD}),
    ]
    assert not refused


def test_a_refused_file_is_known_by_its_student(tmp_path):
    for name in ("ann/02.py", "ann/02.pdf", "anna_02.docx", "bob/02.ipynb", "nobody/02.ipynb"):
        put(tmp_path / name, b"print(1)")
    put(tmp_path / "bob.zip", b"PK broken")
    refused = collect(tmp_path, ROSTER, BOTH)[1]
    assert {one.file: one.student for one in refused} == {
        "ann/02.py": "ann",
        "ann/02.pdf": "ann",
        "anna_02.docx": "anna",
        "bob/02.ipynb": "bob",
        "bob.zip": "bob",
        "nobody/02.ipynb": "",
    }


def test_a_student_s_many_refused_files_are_a_few_rows(tmp_path):
    odd = {f"{number:03}.xyz": b"" for number in range(700)}
    put(tmp_path / "ann.zip", packed(**odd, **{"02.ipynb": book(cell(GOOD))}))
    submissions, refused = collect(tmp_path, ROSTER, BOTH)
    assert [one.student for one in submissions] == ["ann"]  # 701 entries, of which one is a notebook
    assert len(refused) == intake.ROWS + 1 and refused[-1].file == f"{700 - intake.ROWS} more of ann"
    assert {one.student for one in refused} == {"ann"}


def test_many_other_files_in_a_zip_do_not_count(tmp_path):
    others = {f"pictures/{number}.png": b"" for number in range(intake.ENTRIES + 5)}
    put(tmp_path / "ann.zip", packed(**others, **{"02.ipynb": book(cell(GOOD))}))
    assert [one.student for one in collect(tmp_path, ROSTER, BOTH)[0]] == ["ann"]


def test_names_of_a_zip_without_the_flag_of_utf_8(tmp_path):
    """As macOS and some servers write them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("J_rg_1/02.ipynb")
        archive.writestr(info, book(cell(GOOD)))
    raw, name = out.getvalue(), "Jörg_1/02.ipynb".encode()[:15]
    path = put(tmp_path / "all.zip", raw.replace(b"J_rg_1/02.ipynb", "Jörg1/02.ipynb".encode()))
    assert len("Jörg1/02.ipynb".encode()) == len(name) == 15
    roster = [Student("j", "Jörg1")]
    assert [one.student for one in collect(path, roster, BOTH, "{name}/*.ipynb")[0]] == ["j"]


def test_the_last_that_is_not_the_stub(tmp_path):
    stub = cell("# mine\ndef own_mean(x):\n\n    raise NotImplementedError() # later", "exercise-91-1")
    first, second = cell(GOOD, "exercise-91-1"), cell(GOOD + " + 0", "exercise-91-1")
    assert answer(first, second, stub, tmp_path=tmp_path) == second["source"]
    assert answer(stub, cell(GOOD), tmp_path=tmp_path) == GOOD
    assert answer(stub, tmp_path=tmp_path) == stub["source"]
    assert answer(cell("x = 1"), tmp_path=tmp_path) is None


def test_without_a_built_lesson_the_empty_copy_of_any_is_known(tmp_path, monkeypatch):
    def missing(id):
        raise CourseError("lesson_91.json", "missing", "Build it")

    monkeypatch.setattr(exercises, "kept", missing)
    assert answer(cell(GOOD), cell(STUB), tmp_path=tmp_path) == GOOD


def test_only_definitions_at_top_level_count(tmp_path):
    for source in (
        "if True:\n    def own_mean(x): pass",
        "own_mean(3)",
        "# own_mean",
        "'''\ndef own_mean(x): pass'''",
        "class A:\n    def own_mean(self): pass",
        "own_mean = own_mean(3)",
    ):
        assert answer(cell(source), tmp_path=tmp_path) is None
        assert answer(cell(GOOD), cell(source), tmp_path=tmp_path) == GOOD
    assert answer(cell("own_mean = lambda x: 1"), tmp_path=tmp_path) == "own_mean = lambda x: 1"


def test_what_does_not_parse_is_found_but_goes_after_what_does(tmp_path):
    broken, unnamed = "def own_mean(x):\n    return sum(x", "return ) own mean"
    assert answer(cell(broken), tmp_path=tmp_path) == broken
    assert answer(cell(unnamed, "exercise-91-1"), tmp_path=tmp_path) == unnamed
    assert answer(cell(unnamed), tmp_path=tmp_path) is None
    assert answer(cell(STUB, "exercise-91-1"), cell(broken), tmp_path=tmp_path) == broken
    assert (
        answer(cell(GOOD), cell(broken), tmp_path=tmp_path) == GOOD
    )  # in the notebook, too, it does nothing


def test_magics_are_left_out_and_lines_keep_their_numbers(tmp_path):
    source = "%matplotlib inline\n!pip install x\nnp.mean?\n?np\nif 1:\n    !ls\n" + GOOD
    kept = "pass\npass\npass\npass\nif 1:\n    pass\n" + GOOD
    assert answer(cell(source), tmp_path=tmp_path) == kept
    assert answer(cell("%%time\n" + GOOD), tmp_path=tmp_path) == "pass\n" + GOOD
    python = "def own_mean(x):\n    return (x\n% 7)"  # no magic: it parses as it is
    assert answer(cell(python), tmp_path=tmp_path) == python


def test_notebooks_as_they_come(tmp_path):
    lines = cell(GOOD.splitlines(keepends=True), id="x", metadata={"id": "abc", "colab": {"base_uri": "u"}})
    assert answer(lines, tmp_path=tmp_path) == GOOD
    assert answer(cell(GOOD.replace("\n", "\r\n")), tmp_path=tmp_path) == GOOD
    put(tmp_path / "bom.ipynb", b"\xef\xbb\xbf" + book(cell(GOOD)))
    assert from_file(tmp_path / "bom.ipynb", BOTH) == {"91.1": GOOD}
    old = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell("x"), nbformat.v4.new_code_cell(GOOD)]
    )
    nbformat.write(old, tmp_path / "old.ipynb", version=3)
    assert from_file(tmp_path / "old.ipynb", BOTH) == {"91.1": GOOD}


def test_outputs_other_metadata_and_malformed_cells_are_ignored(tmp_path):
    liars = [
        cell("x", metadata={"nbgrader": {"grade_id": "exercise-91-2", "points": 99}}),
        3,
        None,
        {"cell_type": []},
        cell(3),
        cell([3, None, "x"]),
        cell("x", metadata=[]),
        cell("x", metadata={"nbgrader": "exercise-91-1"}),
        cell("x", metadata={"nbgrader": {"grade_id": ["exercise-91-1"]}}),
        {"cell_type": "markdown", "source": GOOD},
        {"cell_type": "raw", "source": GOOD},
        cell("x", outputs=[{"text": "\ud800 passed", "deep": [[[]]]}]),
    ]
    assert answer(*liars, cell(GOOD), tmp_path=tmp_path) == GOOD
    assert answer(*liars, tmp_path=tmp_path) is None


def test_both_answers_of_a_submission_and_one_of_nothing(tmp_path):
    width = "def own_width(x):\n    return max(x) - min(x)"
    put(tmp_path / "ann.ipynb", book(cell(width), cell(GOOD)))
    put(tmp_path / "bob.ipynb", book(cell("pass")))
    put(tmp_path / "anna.ipynb", book(cell(both := f"{GOOD}\n{width}")))
    assert {one.student: one.sources for one in collect(tmp_path, ROSTER, BOTH)[0]} == {
        "ann": {"91.1": GOOD, "91.2": width},
        "bob": {},
        "anna": {"91.1": both, "91.2": both},
    }


NESTED = [
    "(" * 40_000,
    "-" * 40_000 + "1",
    "1" + "+1" * 20_000,
    "a" + ".b" * 20_000,
    "a" + "()" * 20_000,
    "not " * 10_000 + "1",
    "lambda:" * 6_000 + "1",
    "1 if 1 else " * 4_000 + "1",
    "[" * 190 + "]" * 190,
    "a=" * 20_000 + "1",
    "x[" * 190 + "]" * 190,
    "if 1:\n pass\n" + "elif 1:\n pass\n" * 3_000,
    "".join(" " * n + "if 1:\n" for n in range(150)),
    "f'{" * 15_000,
    "f'" + "{x}" * 10_000 + "'",
    "@a\n" * 15_000 + "def f(): pass",
    "9" * 40_000,
    "def own_width(" * 3_000,
    "'" + "\\N{x}" * 9_000 + "'",
]


def test_absurd_cells_disturb_nothing(tmp_path):
    for n, source in enumerate(NESTED):
        for extra in (source, f"own_mean = lambda: {source}\n"):
            assert (
                answer(cell(extra + " # own_mean"), cell(GOOD, "exercise-91-1"), tmp_path=tmp_path) == GOOD
            ), n
            answer(cell(extra, "exercise-91-1"), tmp_path=tmp_path)


def test_very_long_cells_are_left_aside_and_too_much_code_is_refused(tmp_path):
    long = f"{GOOD}\ndata = {'9' * intake.CELL!r}"
    assert answer(cell(long), cell(GOOD), cell(long), tmp_path=tmp_path) == GOOD
    with pytest.raises(Refusal, match="characters of code"):
        answer(*[cell("#" * 40_000)] * 13, tmp_path=tmp_path)


def test_no_bytes_make_it_raise(tmp_path, monkeypatch):
    """Valid files with random damage: each is read or refused, and the one good file beside them is read."""
    monkeypatch.setattr(intake, "ROWS", 1000)
    monkeypatch.setattr(intake, "BOOKS", 1000)
    draw = random.Random(4)
    whole = {
        "ipynb": book(
            cell(GOOD, "exercise-91-1"), cell("%x\nx = 1"), {"cell_type": "markdown", "source": ["é"]}
        ),
        "zip": packed(**{"a.ipynb": book(cell(GOOD)), "b/c.ipynb": book(cell(STUB)), "d.txt": b"x" * 300}),
    }
    names = []
    for number in range(100):  # `fuzz_intake` damages more of them
        kind = draw.choice(sorted(whole))
        data = bytearray(whole[kind])
        for _ in range(draw.randint(1, 6)):
            at = draw.randrange(len(data))
            damage = draw.choice(
                [bytes([draw.randrange(256)]), b"", b"\xff" * 4, b"[{", b'"', b"\\ud800", b"\0"]
            )
            data[at : at + draw.choice([0, 1, 4])] = damage
        names.append(put(tmp_path / f"ann_{number}.{kind}", bytes(data)).name)
    put(tmp_path / "bob.ipynb")
    found, refused = who(tmp_path)
    assert found["bob.ipynb"] == "bob"
    seen = {file.split("/")[0] for file in [*found, *refused]}
    assert seen == {*names, "bob.ipynb"} and len(refused) > 10 and len(found) > 10
