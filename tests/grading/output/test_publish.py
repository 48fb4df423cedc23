"""The files that go back to Moodle and Canvas, read by the rules of these platforms' own importers.

`importers` has these rules.
"""

import csv
import io
import re
from datetime import UTC, datetime

import pytest
from importers import canvas_feedback, canvas_gradebook, moodle_feedback, moodle_worksheet
from small_class import lines

from course_lib.exercises import Exercise
from course_lib.grading import collect, roster
from course_lib.grading.intake import Answer, Submission
from course_lib.grading.output import gradebooks, publish, report, tables
from course_lib.grading.results import Graded, Result
from course_lib.grading.run import Run

LENGTH = Exercise("02.1", "hog_length", "How long?", 2, "", "int", examples=((1,),))
MEAN = Exercise("02.2", "own_mean", "The mean", 3, "", "float", examples=((1,),))
OTHER = Exercise("03.1", "other", "Another", 4, "", "float", examples=((1,),))
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


# --- a class


def result(student, exercise, points, file="", **more):
    return Result(student, exercise.id, "graded", points, exercise.points, file=file, **more)


@pytest.fixture
def publish_with(tmp_path):
    """Results of three students, the pages, and `publish.write` with a roster and files."""

    def run(text, files):
        table = tmp_path / "roster.csv"
        table.write_text(text, encoding="utf-8")
        students = roster.read_roster(table)
        outer = {path: re.sub(r"\.zip/.*", ".zip", path) for path in files.values()}
        found = collect.find(list(outer.values()), students)
        submissions = []
        for path in files.values():
            said = found.whose(outer[path])
            answers = {"02.1": Answer("x"), "02.2": Answer("y")}
            more = {"order": said.order, "number": said.number, "late": said.late}
            submissions.append(Submission(said.student, path, NOON, answers, **more))
        places = {one.student: one.file for one in submissions}
        points = dict(zip([one.id for one in students], [(2, 1.5), (0.5, None), (0, 0)], strict=False))
        results = [
            result(id, exercise, own, places.get(id, ""), hint="Use a < b." if own == 0.5 else "")
            for id, both in points.items()
            for exercise, own in zip((LENGTH, MEAN), both, strict=True)
        ]
        results += [result(id, OTHER, 4) for id in points]
        graded = Graded(results, students, [LENGTH, MEAN, OTHER], submissions)
        out = tmp_path / "out"
        report.write(out, graded)
        publish.write(Run("in", "bank", "key", table, out), graded, ["02"])
        return out / "publish" / "02"

    return run


OWN = "student,name,email\nal01,Ann Lee,a@u\njo02,Jörg_O'Neil,j@u\nxu03,Xu Li,x@u\n"
WORKSHEET = """\
Identifier,Full name,Email address,Status,Grade,Maximum Grade,Last modified (submission),Last modified (grade)
Participant 17,Ann Lee,a@u,Submitted,,5.00,"Monday, 30 November 2026, 2:05 PM","Monday, 1 June 2026, 9:00 AM"
Participant 18,=Jörg_O'Neil,j@u,Submitted,,5.00,-,-
Participant 19,Xu Li,x@u,No submission,,5.00,-,-
"""
MOODLE_FILES = {
    17: "Ann Lee_17_assignsubmission_file_/hand_in_02.ipynb",
    18: "Jörg O'Neil_18_assignsubmission_file_/hand_in_02.ipynb",
}


@pytest.mark.parametrize("text", [OWN, WORKSHEET])
def test_moodle_takes_the_marks_and_the_pages(publish_with, text):
    folder = publish_with(text, MOODLE_FILES)
    taken = moodle_worksheet(folder / "moodle_grades.csv", {17, 18, 19, 99}, maximum=5)
    expected = {17: (3.5, "02.1: 2 of 2 points. 02.2: 1.5 of 3 points.")}
    # 18 has no mark yet; 19 handed in nothing, and Moodle's own worksheet alone has the number
    assert taken == expected | (
        {19: (0, "02.1: 0 of 2 points. 02.2: 0 of 3 points.")} if text == WORKSHEET else {}
    )
    pages = moodle_feedback(folder / "moodle_feedback.zip", {17, 18, 19, 99})
    assert {number: len(names) for number, names in pages.items()} == (
        {17: 1, 18: 1, 19: 1} if text == WORKSHEET else {17: 1, 18: 1}
    )
    comments = [row[-1] for row in lines(folder / "moodle_grades.csv")]
    assert any("Use a &lt; b." in comment for comment in comments)  # Moodle shows a comment as HTML
    said = (folder / "README.txt").read_text()
    assert "moodle_feedback.zip" in said and ("1 students are not in the table" in said) == (text == OWN)


def test_moodle_s_own_columns_come_back_as_they_were(publish_with):
    folder = publish_with(WORKSHEET, MOODLE_FILES)
    before = [row for row in csv.reader(io.StringIO(WORKSHEET))]
    after = lines(folder / "moodle_grades.csv")
    assert after[0] == [*before[0], "Feedback comments"]
    for old, new in zip(before[1:], after[1:], strict=True):
        kept = [number for number in range(len(old)) if before[0][number] != "Grade"]
        assert [old[n] for n in kept] == [new[n].removeprefix("'") for n in kept]
    assert after[2][1].startswith("'=")  # harmless in a spreadsheet


def test_a_mark_above_moodle_s_maximum_is_said_before_moodle_skips_it(publish_with):
    folder = publish_with(WORKSHEET.replace("5.00", "3.00"), MOODLE_FILES)
    assert moodle_worksheet(folder / "moodle_grades.csv", {17}, maximum=3) == {}
    assert (
        "Moodle's maximum grade is 3, and the exercises have 5 points" in (folder / "README.txt").read_text()
    )


def test_a_larger_maximum_is_said_too(publish_with):
    folder = publish_with(WORKSHEET.replace("5.00", "100.00"), MOODLE_FILES)
    assert "otherwise a full mark counts as 5 of 100" in (folder / "README.txt").read_text()


GRADEBOOK = """\
Student,ID,SIS User ID,SIS Login ID,Section,Essay 3 (77),Hand in 02 (1234),Current Score
    Points Possible,,,,,10,5,(read only)
"Lee, Ann",17,s1,al01,A,9,,
"O'Neil, Jörg",18,s2,jo02,A,8,,
"Li, Xu",19,s3,xu03,A,7,,
"Student, Test",20,,x,A,,,
"""
CANVAS_FILES = {
    17: "leeann_LATE_17_501_hand_in_02.ipynb",
    18: "oneiljörg_18_502_hand_in_02-1.ipynb",
}


def test_canvas_takes_the_marks_into_the_assignment_and_the_pages(publish_with):
    folder = publish_with(GRADEBOOK, CANVAS_FILES)
    found = canvas_gradebook(folder / "canvas_grades.csv", {17, 18, 19}, {"Hand in 02 (1234)"})
    assert found == ("5", {17: "3.5", 18: "", 19: "0"}, [])
    assert canvas_feedback(folder / "canvas_feedback.zip", {(17, 501), (18, 502)}) == [17, 18]
    said = (folder / "README.txt").read_text()
    assert "has 5 points" not in said
    # Xu handed in nothing, so Canvas has no file to which the page belongs.
    _, *others = lines(folder / "mail_merge_others.csv")
    assert [row[0] for row in others] == ["xu03"] and "The zip has no page of: xu03." in said
    assert (folder.parents[1] / others[0][8]).read_text().startswith("<!doctype html>")


def test_if_all_pages_are_in_the_zip_no_table_of_others_is_left(publish_with):
    publish_with(GRADEBOOK, CANVAS_FILES)
    folder = publish_with(WORKSHEET, MOODLE_FILES)
    assert not (folder / "mail_merge_others.csv").exists()
    assert "The zip has no page" not in (folder / "README.txt").read_text()


@pytest.mark.parametrize(
    ("old", "new", "columns"),
    [
        ("", "", ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]),
        (
            "SIS Login ID,Section",
            "SIS Login ID,Integration ID,Root Account,Section",
            ["Student", "ID", "SIS User ID", "SIS Login ID", "Integration ID", "Root Account", "Section"],
        ),
    ],
)
def test_canvas_own_columns_come_back(publish_with, old, new, columns):
    text = GRADEBOOK.replace(old, new)
    if new:
        text = re.sub(r"(?m)^( .*?,,,,|\".*?\",\d+,\w*,\w+,)", r"\1,,", text)
    folder = publish_with(text, CANVAS_FILES)
    assert lines(folder / "canvas_grades.csv")[0] == [*columns, "Hand in 02 (1234)"]
    assert canvas_gradebook(folder / "canvas_grades.csv", {17, 18, 19})[1] == {17: "3.5", 18: "", 19: "0"}


def test_canvas_with_two_columns_of_names(publish_with):
    text = "LastName,FirstName,ID,SIS Login ID,Section,Hand in 02 (1234)\n    Points Possible,,,,,5\n"
    folder = publish_with(text + "Lee,Ann,17,al01,A,\n", {17: CANVAS_FILES[17]})
    header, possible, ann = lines(folder / "canvas_grades.csv")
    assert (
        header[:3] == ["LastName", "FirstName", "ID"] and possible[-1] == "5"
    )  # gradebook_importer.rb: header?
    assert ann == ["Lee", "Ann", "17", "al01", "A", "3.5"]


def test_without_canvas_gradebook_canvas_asks_about_the_assignment(publish_with):
    text = "student,name,email,number\nal01,Ann Lee,,17\njo02,Jörg O'Neil,,18\nxu03,Xu Li,,\n"
    folder = publish_with(text, CANVAS_FILES)
    assert canvas_gradebook(folder / "canvas_grades.csv", {17, 18}) == (
        "5",
        {17: "3.5", 18: ""},
        ["Lesson 02"],
    )
    assert "1 students are not in the table" in (folder / "README.txt").read_text()


def test_other_points_in_canvas_are_said(publish_with):
    folder = publish_with(GRADEBOOK.replace("10,5,(read", "10,100,(read"), CANVAS_FILES)
    assert canvas_gradebook(folder / "canvas_grades.csv", {17, 18, 19})[0] == "100"  # Canvas' own stay
    assert "has 100 points in Canvas, and the exercises have 5" in (folder / "README.txt").read_text()


@pytest.mark.parametrize(
    ("title", "lessons", "right"),
    [
        ("Lesson 02 (1234)", ("02",), True),
        ("Homework 2 (02)", ("02",), True),
        ("Essay 3 (02)", ("02",), False),
        ("Lesson 02 and 03 (1)", ("02",), False),
        ("Lesson 02 and 03 (1)", ("02", "03"), True),
        ("Lesson 12 (1)", ("02",), False),
        ("Final Score", ("02",), False),
    ],
)
def test_which_column_is_the_lesson_s(title, lessons, right):
    assert gradebooks._holds(title, lessons) == right


def test_a_student_s_zip_gives_the_page_to_its_attachment(publish_with):
    folder = publish_with(GRADEBOOK, {17: "leeann_17_501_work.zip/a/hand_in_02.ipynb"})
    assert canvas_feedback(folder / "canvas_feedback.zip", {(17, 501)}) == [17]


def test_others_get_a_table_for_a_mail_program(publish_with):
    folder = publish_with(OWN, {1: "Ann Lee - hand_in_02.ipynb"})
    assert {path.name for path in folder.iterdir()} == {"mail_merge.csv", "README.txt"}
    header, ann, joerg, xu = lines(folder / "mail_merge.csv")
    assert header == list(gradebooks.MAIL)
    assert ann[:7] == ["al01", "Ann Lee", "a@u", "02", "3.5", "5", "no"]
    assert (joerg[4], xu[4]) == ("", "0")
    assert (folder.parents[1] / ann[8]).read_text().startswith("<!doctype html>")


def test_the_same_results_give_the_same_bytes(publish_with):
    first = {path.name: path.read_bytes() for path in publish_with(WORKSHEET, MOODLE_FILES).iterdir()}
    assert first == {path.name: path.read_bytes() for path in publish_with(WORKSHEET, MOODLE_FILES).iterdir()}


def test_a_dash_alone_is_no_formula():
    assert [tables.plain_cell(text) for text in ("-", "-1+1", "=1")] == ["-", "'-1+1", "'=1"]
