"""Tasks that the teacher marks: the answer out of the notebook, the points, what the student reads."""

import base64
import io
import json
import struct

import numpy as np
import pytest
from PIL import Image

from course_lib.core.errors import CourseError
from course_lib.core.paths import ROOT
from course_lib.exercises import by_hand as tasks
from course_lib.grading import by_hand, pieces
from course_lib.grading.intake import Answer, Student, Submission
from course_lib.grading.output import by_hand_page, pages
from course_lib.grading.output.by_hand_page import ByHand
from course_lib.grading.results import Result

RUBRIC = """
id = "report-97"
lesson = "97"
title = "A report"
points = 5
variable = "plan"
tag = "sheet"
[[criteria]]
id = "question"
title = "Question"
task = "One question."
points = 2
levels = [{ points = 2, text = "Clear." }, { points = 1, text = "Vague." }, { points = 0, text = "None." }]
[[criteria]]
id = "plot"
title = "Plot"
task = "One plot with units."
points = 3
levels = [{ points = 3, text = "With units." }, { points = 0, text = "None." }]
"""


@pytest.fixture
def task(tmp_path):
    (tmp_path / "worksheet_97.toml").write_text(RUBRIC)
    return tasks.read(tmp_path / "worksheet_97.toml")


def png(width=8, height=6):
    file = io.BytesIO()
    Image.fromarray(np.zeros((height, width), np.uint8)).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def cell(source, *images, kind="code", **metadata):
    outputs = [{"output_type": "display_data", "data": {"image/png": one}} for one in images]
    return {"cell_type": kind, "source": source, "metadata": metadata, "outputs": outputs}


PLAN = 'plan = {"question": "How well?\\nAnd why?", "plot": f"see {1 + 1}", "other": "x"}'


# --- rubrics ---


def test_lesson_17_s_worksheet_is_a_task():
    (task,) = tasks.lesson("17")
    assert (task.id, task.grade_id, task.points, task.variable) == (
        "17.worksheet",
        "worksheet-17",
        20,
        "plan",
    )
    assert len(task.criteria) == 10 and tasks.lesson("02") == [] and task in tasks.every()
    assert task.exercise.title == "A study of your own" and task.exercise.points == 20


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("points = 5", "points = 6", "the criteria have 5 points together, and the task 6"),
        ('id = "plot"', 'id = "question"', "two criteria have the same id"),
        ("points = 1, text", "points = 3, text", "the levels of question should go from 2 points down to 0"),
        ('title = "A report"', "", "this is not a task with a rubric"),
        ("levels = [{ points = 3", "levels = [[{ points = 3", "this is not a task with a rubric"),
    ],
)
def test_a_wrong_rubric_is_an_error(tmp_path, old, new, expected):
    path = tmp_path / "worksheet_97.toml"
    path.write_text(RUBRIC.replace(old, new, 1))
    with pytest.raises(CourseError, match=expected):
        tasks.read(path)


# --- out of a notebook ---


def test_the_cell_is_found_by_its_id_its_tag_or_its_dictionary(task):
    marked = cell(PLAN.replace("How", "1: How"), nbgrader={"grade_id": "report-97"})
    tagged, plain = cell(PLAN.replace("How", "2: How"), tags=["sheet"]), cell(PLAN.replace("How", "3: How"))
    found = [
        pieces.piece(cells, task).parts["question"][:2]
        for cells in ([marked, tagged, plain], [plain, tagged, cell("x = 1")], [cell("x = 1"), plain])
    ]
    assert (
        found == ["1:", "2:", "3:"]
        and pieces.piece([cell("x = 1"), cell(PLAN, kind="markdown")], task) is None
    )


def test_the_texts_of_a_dictionary_are_read_and_nothing_runs(task):
    piece = pieces.piece([cell(PLAN)], task)
    assert piece.parts == {"question": "How well?\nAnd why?", "plot": 'f"see {1 + 1}"'} and piece.attempted
    empty = pieces.piece([cell('plan = {"question": "", "plot": " "}')], task)
    assert not empty.attempted
    broken = pieces.piece([cell('plan = {"question": "a', tags=["sheet"])], task)
    assert broken.attempted and "does not make a dictionary plan" in broken.notes[0] and broken.source


def test_a_free_text_is_the_cell_s_source(task):
    free = tasks.Task("97.essay", "essay-97", "Essay", 5, task.criteria)
    own = {"nbgrader": {"grade_id": "essay-97"}}
    piece = pieces.piece([cell(["My\n", "text"], kind="markdown", **own)], free)
    assert (piece.source, piece.parts, piece.attempted) == ("My\ntext", {}, True)
    assert not pieces.piece([cell(" \n", kind="markdown", **own)], free).attempted
    assert len(pieces.piece([cell("x" * 90_000, kind="markdown", **own)], free).source) == pieces.TEXT


def test_plots_are_png_of_a_limited_size(task):
    wide = base64.b64encode(
        base64.b64decode(png())[:16] + struct.pack(">II", 90_000, 9) + base64.b64decode(png())[24:]
    ).decode()
    bad = ["not base64!", base64.b64encode(b"<svg onload=alert(1)>" * 9).decode(), wide, "A" * 900_000]
    piece = pieces.piece([cell(PLAN, png(), *bad)], task)
    assert piece.images == (png(),)
    assert [note.rpartition(": ")[2] for note in piece.notes] == [
        "it is damaged",
        "it is not a PNG",
        "it has 90000 × 9 pixels",
        "it has more than 500,000 bytes",
    ]
    many = pieces.piece([cell(PLAN, *[png()] * 9)], task)
    assert len(many.images) == pieces.IMAGES and many.notes == ("there are more than 4 images",)


@pytest.mark.parametrize("odd", [None, 3, "x", [], {}, [None], {"tags": 1}, {"nbgrader": [1]}])
def test_any_json_in_any_place_is_borne(task, odd):
    for key in ("source", "metadata", "outputs", "cell_type"):
        one = {**cell(PLAN, png(), tags=["sheet"]), key: odd}
        json.dumps(pieces.piece([one, {}], task))
    one = cell(PLAN, tags=["sheet"]) | {"outputs": [odd, {"data": odd}, {"data": {"image/png": odd}}]}
    assert pieces.piece([one], task).images == ()


# --- the teacher's points ---

HEAD = "student,exercise,criterion,points,comment\n"


def read(tmp_path, task, text):
    (tmp_path / "by_hand.csv").write_text(text, encoding="utf-8")
    return by_hand.read(tmp_path / "by_hand.csv", {"ann": "ann", "7f": "bob"}, [task])


def test_points_and_comments_are_read(tmp_path, task):
    text = "\ufeff" + HEAD + "ann,97.report,question,1.5,Good, but long\n7f,97.report,plot,,see me\n,,,,\n"
    assert read(tmp_path, task, text) == {
        ("ann", "97.report"): {"question": (1.5, "Good, but long")},
        ("bob", "97.report"): {"plot": (None, "see me")},
    }
    assert by_hand.read(tmp_path / "none.csv", {}, [task]) == {}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("dan,97.report,plot,1,", "line 3: student 'dan' is not in the roster"),
        ("ann,97.1,plot,1,", r"line 3: there is no exercise '97.1'\. There are: 97.report"),
        ("ann,97.report,plots,1,", r"line 3: 97.report has no criterion 'plots'. There are: question, plot"),
        ("ann,97.report,plot,4,", "line 3: points '4'. Write a number from 0 to 3"),
        ("ann,97.report,plot,nan,", "line 3: points 'nan'"),
        ("ann,97.report,question,1,", "line 3: an earlier line marks question of ann"),
        ('ann,97.report,plot,1,"open', "line 3: it cannot be read"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, task, line, expected):
    with pytest.raises(CourseError, match=expected):
        read(tmp_path, task, f"{HEAD}ann,97.report,question,2,\n{line}\n")


def blank(state="to mark", student="ann"):
    return Result(student, "97.report", state, None if state == "to mark" else 0.0, 5)


def test_a_mark_needs_all_criteria(task):
    half = by_hand.marked(blank(), task, {"question": (1, "short")})
    assert (half.state, half.points, half.criteria[1].points) == ("to mark", None, None)
    full = by_hand.marked(blank(), task, {"question": (1, "short"), "plot": (2.5, "")})
    assert (full.state, full.points) == ("graded", 3.5)
    assert [(one.title, one.level, one.comment) for one in full.criteria] == [
        ("Question", "Vague.", "short"),
        ("Plot", "", ""),
    ]
    assert Result.from_json(json.loads(json.dumps(full.to_json()))) == full
    assert by_hand.marked(blank("not handed in"), task, {}) == blank("not handed in")
    on_paper = by_hand.marked(blank("not handed in"), task, {"question": (2, ""), "plot": (3, "")})
    assert (on_paper.state, on_paper.points) == ("graded", 5)


def test_the_student_reads_criteria_levels_and_comments(task):
    full = by_hand.marked(blank(), task, {"question": (1, "<b>short"), "plot": (3, "")})
    page = pages.feedback(Student("ann"), {task.id: full}, [task.exercise])
    for words in ("4 of 5 points", "Vague.", "&lt;b&gt;short", "With units.", "1 of 2"):
        assert words in page
    waiting = pages.feedback(Student("ann"), {task.id: blank()}, [task.exercise])
    assert "Your teacher marks this and has not finished yet." in waiting


# --- the teacher's page ---


def class_of(task, anonymous=False):
    texts = {"ann": PLAN, "bob": PLAN.replace("How well?", "</p><script>alert(1)</script>\u202e")}
    found = {name: pieces.piece([cell(text, png())], task) for name, text in texts.items()}
    submissions = [
        Submission(name, f"{name}.ipynb", None, {task.id: Answer(one.source, True, piece=one)})
        for name, one in found.items()
    ]
    results = [blank()._replace(file="ann.ipynb"), blank(student="bob")._replace(file="bob.ipynb")]
    results[0] = by_hand.marked(results[0], task, {"question": (2, "yes")})
    results.append(blank("not handed in", "cem"))
    names = {"ann": "f0", "bob": "a1", "cem": "c2"}
    return ByHand([task], results, names, anonymous), submissions


def test_the_page_shows_all_answers_with_their_plots(task):
    page = by_hand_page.page(task, *class_of(task))
    assert page.count("<img ") == 2 and "img-src data:" in page and "default-src 'none'" in page
    assert "<script" not in page and "\u202e" not in page and "&lt;script&gt;" in page
    assert "How well?</bdi><br><bdi>And why?" in page and "Question: 2 of 2" in page and "yes" in page
    assert "2 answers, 0 marked" in page and "<bdi>cem</bdi>: Not handed in" in page


def test_pseudonyms_hide_names_and_order(task):
    page = by_hand_page.page(task, *class_of(task, anonymous=True))
    assert not any(f"<bdi>{name}</bdi>" in page for name in ("ann", "bob", "cem"))
    assert page.index("<bdi>a1</bdi>") < page.index("<bdi>f0</bdi>")


def test_the_todo_list_becomes_by_hand_csv(tmp_path, task):
    found, submissions = class_of(task)
    by_hand_page.write(tmp_path, found, submissions)
    text = (tmp_path / "by_hand_todo.csv").read_text("utf-8-sig")
    assert text.splitlines()[1:] == [
        "ann,97.report,plot,3,,",
        "bob,97.report,question,2,,",
        "bob,97.report,plot,3,,",
    ]
    (tmp_path / "by_hand.csv").write_text(text.replace(",2,,", ",2,1,").replace(",3,,", ",3,3,fine"))
    marks = by_hand.read(tmp_path / "by_hand.csv", {"ann": "ann", "bob": "bob"}, [task])
    assert marks["bob", task.id] == {"question": (1, ""), "plot": (3, "fine")}
    done = [by_hand.marked(one, task, marks.get((one.student, task.id), {})) for one in found.results]
    done[0] = by_hand.marked(done[0], task, {"question": (2, ""), "plot": (3, "")})
    by_hand_page.write(tmp_path, found._replace(results=done), submissions)
    assert not (tmp_path / "by_hand_todo.csv").exists()
    assert (tmp_path / "answers" / "97.report.html").exists()


def test_the_built_lesson_has_the_worksheet_s_cell():
    (task,) = tasks.lesson("17")
    book = json.loads((ROOT / "notebooks" / "17_from_a_score_to_a_system.ipynb").read_text("utf-8"))
    piece = pieces.piece(book["cells"], task)
    assert [*piece.parts] == [one.id for one in task.criteria] and not piece.attempted
