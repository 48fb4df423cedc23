"""What `course build` does, step by step; the lessons themselves are tested in tests/lessons."""

import nbformat
import pytest
from small_lesson import FOLDED
from small_lesson import lesson as small_lesson

from course_lib.authoring import build, exercise_checks, solutions
from course_lib.core.errors import CourseError
from course_lib.exercises.handing import KERNEL


@pytest.fixture
def steps(monkeypatch, tmp_path):
    """What `course build` does, in its order; nothing is written or executed."""
    done = []

    def table(numbers, executed):
        done.append(("tried", *numbers))
        assert list(executed.items()) == [(number, {number: "executed"}) for number in numbers]
        return []

    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(
        exercise_checks, "execute", lambda number: done.append(("executed", number)) or {number: "executed"}
    )
    monkeypatch.setattr(exercise_checks, "table", table)
    monkeypatch.setattr(
        exercise_checks, "write_values", lambda number, executed: done.append(("written", *executed))
    )
    monkeypatch.setattr(solutions, "write", lambda numbers: done.append(("solutions", *numbers)))
    monkeypatch.setattr(build, "from_master", lambda name, solved=False: done.append(("made", name)))
    monkeypatch.setattr("nbformat.write", lambda *_: None)
    monkeypatch.setattr(
        build, "execute_all", lambda tasks, jobs, note: done.append(("run", len(tasks))) or []
    )
    return done


def test_a_build_tries_and_writes_the_values_before_it_makes_and_runs_the_copy(steps):
    build.build(["00", "02"])
    assert steps == [
        ("executed", "02"),
        ("tried", "02"),
        ("written", "02"),
        ("solutions", "02"),
        ("made", "00_start_here"),
        ("made", "02_hog_features"),
        ("run", 2),
    ]


def test_a_build_is_refused_where_an_exercise_is_not_sound(steps, monkeypatch):
    unsound = [
        exercise_checks.Trial("02.1", "off by one", 0.5, "it should get no hidden case right"),
        exercise_checks.Trial("02.1", "NaN", 0.0),
    ]
    monkeypatch.setattr(exercise_checks, "table", lambda numbers, executed: unsound)
    with pytest.raises(CourseError) as error:
        build.build(["02"])
    assert "exercises of lesson 02" in str(error.value) and "02.1  off by one" in str(error.value)
    assert "NaN" not in str(error.value) and steps == [("executed", "02")]


def test_a_build_keeps_a_folded_cell_folded_and_takes_the_run_out_of_the_metadata():
    lesson = small_lesson("1")
    lesson.cells[1].metadata |= {"papermill": {"duration": 1.5}, "execution": {}}
    lesson.cells[2].metadata |= {"papermill": {"duration": 1.5}, "tags": []}
    colab, own = build._without_traces(lesson).cells[1:]
    assert (colab.metadata, own.metadata) == ({"tags": ["colab"], **FOLDED}, {})


@pytest.fixture
def lesson(monkeypatch, tmp_path):
    """A notebook that has run, and a function that says what its master makes: a text and a line of code."""

    def notebook(text, source, outputs=()):
        cells = [nbformat.v4.new_markdown_cell(text, id="a"), nbformat.v4.new_code_cell(source, id="b")]
        cells[1].outputs, cells[1].execution_count = list(outputs), 1 if outputs else None
        return nbformat.v4.new_notebook(cells=cells)

    ran = notebook(
        "# Old", "1 + 1", [nbformat.v4.new_output("execute_result", {"text/plain": "2"}, execution_count=1)]
    )
    (tmp_path / "notebooks").mkdir()
    nbformat.write(ran, tmp_path / "notebooks" / "02_own.ipynb")
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(build, "names", lambda wanted: ["02_own"])
    return lambda *made: monkeypatch.setattr(build, "from_master", lambda name: notebook(*made))


def test_new_texts_keep_the_outputs_of_the_same_code(lesson, tmp_path):
    lesson("# New", "1 + 1")
    assert build.build_texts(["02"]) == ["02_own"]
    text, code = nbformat.read(tmp_path / "notebooks" / "02_own.ipynb", 4).cells
    assert (
        text.source == "# New" and code.outputs[0].data == {"text/plain": "2"} and code.execution_count == 1
    )


def test_new_texts_are_refused_where_the_code_has_changed(lesson, tmp_path):
    lesson("# New", "1 + 2")
    before = (tmp_path / "notebooks" / "02_own.ipynb").read_bytes()
    with pytest.raises(CourseError, match="Run: course build 02"):
        build.build_texts(["02"])
    assert (tmp_path / "notebooks" / "02_own.ipynb").read_bytes() == before


def test_a_cell_that_starts_a_lesson_counts_as_a_text(monkeypatch, tmp_path):
    ran, made = small_lesson("1"), small_lesson("1")
    (tmp_path / "notebooks").mkdir()
    ran.cells[1].outputs = [nbformat.v4.new_output("stream", text="Companion")]
    nbformat.write(ran, tmp_path / "notebooks" / "02_own.ipynb")
    made.cells[1].source += "\nprint(2)"
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(build, "names", lambda wanted: ["02_own"])
    monkeypatch.setattr(build, "from_master", lambda name: made)
    build.build_texts(["02"])
    start = nbformat.read(tmp_path / "notebooks" / "02_own.ipynb", 4).cells[1]
    assert start.source.endswith("print(2)") and start.outputs[0].text == "Companion"


def test_a_solved_build_runs_the_solutions_and_leaves_the_notebooks_alone(lesson, tmp_path, monkeypatch):
    before = (tmp_path / "notebooks" / "02_own.ipynb").read_bytes()
    empty, answer = ("raise NotImplementedError()", "answer = 6 * 7\nanswer")
    made = lambda name, solved=False: nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(answer if solved else empty)], metadata={"kernelspec": KERNEL}
    )
    monkeypatch.setattr(build, "from_master", made)
    (run,) = build.build_solved(["02"])
    assert not run.error and run.path == tmp_path / "build" / "solved" / "02_own.ipynb"
    assert nbformat.read(run.path, 4).cells[0].outputs[0].data["text/plain"] == "42"
    assert (tmp_path / "notebooks" / "02_own.ipynb").read_bytes() == before
