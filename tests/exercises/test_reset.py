"""One exercise is made empty again, and nothing else changes."""

import json
import types
from pathlib import Path

import nbformat
import pytest
from notebook_files import book, code, save, text

from course_lib import cli, exercises
from course_lib.core.errors import CourseError
from course_lib.exercises import Exercise, handing, update

STUB = "def double(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
ONE, TWO = "def double(x):\n    return 2 * x", "def triple(x):\n    return 3 * x"
LESSON = [
    Exercise("97.1", "double", "Twice", 2, "", "float"),
    Exercise("97.2", "triple", "Thrice", 1, "", "float"),
]


@pytest.fixture(autouse=True)
def lesson_97(monkeypatch, publish, tmp_path):
    def kept(id):
        if id != "97.1":
            raise CourseError("lesson_97.json", f"exercise {id} is missing in it", "Run: course build 97")
        return STUB

    publish(LESSON, kept)
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def notebook(path, *cells):
    return save(book(*cells, metadata={"own": {"name": "x"}}), path)


def lesson(path="notebooks/97_lesson.ipynb", *more):
    title = text("# Ünï\ncode", "97-000") | {"metadata": {"a": [1]}}
    return notebook(
        Path(path),
        title,
        *(code(source, id, id, "said\n") for id, source in (("exercise-97-1", ONE), ("exercise-97-2", TWO))),
        *more,
    )


def cells(path):
    return json.loads(path.read_text("utf-8"))["cells"]


# --- in a terminal ---


def test_one_answer_is_emptied_and_all_else_stays(capsys):
    path = lesson()
    before = path.read_bytes()
    assert cli.main(["reset", "97.1"]) == 0
    old = path.parent / "old" / "97_lesson-1.ipynb"
    assert old.read_bytes() == before
    assert capsys.readouterr().out == f"{path}: 97.1 is empty again. The notebook as it was: {old}\n"
    now, then = json.loads(path.read_text("utf-8")), json.loads(before)
    assert (
        now["cells"][1].pop("source") == STUB.splitlines(keepends=True)
        and now["cells"][1].pop("outputs") == []
    )
    assert now["cells"][1].pop("execution_count") is None
    for key in ("source", "outputs", "execution_count"):
        del then["cells"][1][key]
    assert now == then
    nbformat.validate(nbformat.read(path, 4))


def test_each_time_the_old_file_is_kept_under_the_next_number():
    path = lesson()
    for number in (1, 2, 3):
        cells_now = cells(path)
        cells_now[1]["source"] = [f"def double(x):\n    return {number} * x"]
        notebook(path, *cells_now)
        assert update.reset("97.1", path)[1].name == f"97_lesson-{number}.ipynb"
    kept = [
        cells(path.parent / "old" / f"97_lesson-{number}.ipynb")[1]["source"][0][-5] for number in (1, 2, 3)
    ]
    assert kept == ["1", "2", "3"]


def test_a_cell_without_its_grade_id_is_found_by_the_function():
    path = lesson("a.ipynb")
    found = cells(path)
    found[1] = {**code("import numpy\n\n" + ONE), "source": "import numpy\n\n" + ONE}  # as Colab may save it
    notebook(path, *found)
    update.reset("97.1", path)
    assert cells(path)[1]["source"] == STUB and cells(path)[2] == found[2]


def test_of_two_cells_the_answered_one_is_emptied():
    path = lesson("a.ipynb", code(STUB, "b", "exercise-97-1"))
    update.reset("97.1", path)
    assert "".join(cells(path)[1]["source"]) == STUB and cells(path)[1]["outputs"] == []
    assert cells(path)[3]["execution_count"] == 1


def test_a_syntax_error_is_emptied_too():
    path = notebook(lesson("a.ipynb"), code("def double(x:"))
    update.reset("97.1", path)
    assert "".join(cells(path)[0]["source"]) == STUB


def test_half_a_surrogate_pair_stays_as_it_was(tmp_path):
    path = notebook(tmp_path / "a.ipynb", code("'\ud83d'"), code(ONE))
    update.reset("97.1", path)
    assert cells(path)[0]["source"] == ["'\ud83d'"]


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["97.1", "gone.ipynb"], "gone.ipynb: there is no such notebook"),
        (["97.9"], "there is no such exercise. There are"),
        (
            ["97.1", "empty"],
            "empty: a cell that answers 97.1 is in no notebook here. Name one notebook: course reset 97.1",
        ),
        (["97.1", "other.ipynb"], "a cell that answers 97.1 is in no notebook here"),
        (["97.2"], "97.2 is missing in it"),
        (["97.1", "twice"], "is in 97_copy.ipynb and 97_lesson.ipynb. Name one"),
        (["97.1", "cut.ipynb"], "cut.ipynb: this is not a complete notebook"),
    ],
)
def test_what_cannot_be_reset_is_one_line_and_changes_nothing(capsys, tmp_path, arguments, words):
    paths = [lesson(), lesson("twice/97_lesson.ipynb"), lesson("twice/97_copy.ipynb")]
    (tmp_path / "empty").mkdir()
    notebook(tmp_path / "other.ipynb", code("1"))
    (tmp_path / "cut.ipynb").write_bytes(paths[0].read_bytes()[:-9])
    before = [path.read_bytes() for path in paths]
    assert cli.main(["reset", *arguments]) == 1
    said = capsys.readouterr()
    assert words in said.err and said.err.count("\n") == 1 and said.out == ""
    assert [path.read_bytes() for path in paths] == before and not list(tmp_path.rglob("old"))


# --- in a notebook ---


def test_in_a_notebook_the_empty_copy_comes_into_a_new_cell(monkeypatch, capsys):
    came = []
    shell = types.SimpleNamespace(set_next_input=lambda text, replace: came.append((text, replace)))
    monkeypatch.setattr(handing, "_shell", lambda: shell)
    exercises.reset("97.1")
    assert came == [(STUB, False)]
    assert capsys.readouterr().out == (
        "97.1: the empty copy is in a new cell below. Run it, and double is empty "
        f"again. Your own cell does not change.\n\n{STUB}\n"
    )


def test_outside_a_notebook_it_is_printed(monkeypatch, capsys):
    monkeypatch.setattr(handing, "_shell", lambda: None)
    exercises.reset("97.1")
    assert capsys.readouterr().out.startswith("97.1: the empty copy. Run it") and STUB[:5] == "def d"
    with pytest.raises(CourseError, match="there is no such exercise"):
        exercises.reset("97.9")
