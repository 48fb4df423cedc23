"""Lessons executed with their time, memory and errors."""

import io
import re
import sys

import nbformat
import pytest
from small_lesson import FOLDED, lesson

from course_lib import lessons
from course_lib.core.errors import CourseError
from course_lib.lessons import execute


def test_names_begin_as_asked_for():
    assert lessons.names(["01", "00_start"]) == ["00_start_here", "01_frames_from_video"]
    with pytest.raises(CourseError, match=r"lesson 77: no lesson has this number.*00_start_here"):
        lessons.names(["77"])


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A lesson that holds 200 MiB for a while, one that fails, one whose kernel dies; two at a time."""
    folder = tmp_path_factory.mktemp("lessons")
    holds = "import time; held = bytearray(200 * 2**20); time.sleep(0.5)"
    notebooks = {"good": lesson(holds), "bad": lesson("1 / 0", "2"), "dead": lesson("import os; os._exit(1)")}
    for name, notebook in notebooks.items():
        nbformat.write(notebook, folder / f"{name}.ipynb")
    tasks = [(folder / f"{name}.ipynb", folder / "out" / f"{name}.ipynb", {}, None) for name in notebooks]
    return {run.name: run for run in execute.execute_all(tasks, jobs=2)}


def test_a_run_tells_time_memory_and_error(runs):
    assert not runs["good"].error and runs["good"].memory > 200 and runs["good"].seconds > 0.5
    assert "ZeroDivisionError" in runs["bad"].error
    assert str(runs["bad"]).startswith("FAILED bad") and "\n" not in str(runs["bad"])


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_the_progress_names_the_lesson_and_its_cell(tmp_path, monkeypatch, capsys):
    nbformat.write(lesson("import time; time.sleep(3)", "2"), tmp_path / "02_some_name.ipynb")
    task = (tmp_path / "02_some_name.ipynb", tmp_path / "out" / "02_some_name.ipynb", {"SEED": 1}, None)
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("COLUMNS", "100")
    execute.execute_all([task], jobs=1)
    # The first cell holds the parameters, the second is the setup.
    assert re.search(r"0 of 1 lessons, 00:\d\d, 02 some name: cell 3 of 4, 0:\d\d", screen.getvalue())
    assert "begins" not in capsys.readouterr().out  # only where there is no bar
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    execute.execute_all([task], jobs=1)
    assert capsys.readouterr().out.startswith("begins 02_some_name\nok     02_some_name")


BAR = """
import time
from course_lib.core.progress import progress
for _ in progress(range(8)):
    time.sleep(0.25)
"""


@pytest.fixture(scope="module")
def loud(tmp_path_factory):
    """The outputs of a lesson with a bar, with prints around a bar, and with a line in the error stream."""
    folder = tmp_path_factory.mktemp("loud")
    printed = f"print('before')\n{BAR}\nprint('after')"
    notebook = lesson(BAR, printed, "import os\nos.write(2, b'said by C\\n')\ntime.sleep(2)")
    nbformat.write(notebook, folder / "loud.ipynb")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TQDM_DISABLE", "1")
        patch.setenv("PYTEST_CURRENT_TEST", "this one")
        [run] = execute.execute_all(
            [(folder / "loud.ipynb", folder / "out" / "loud.ipynb", {}, None)], jobs=1
        )
    assert not run.error
    return [cell.outputs for cell in nbformat.read(run.path, 4).cells[2:]]


def test_a_finished_bar_leaves_nothing_in_the_copy(loud):
    assert loud[0] == []
    assert [output.text for output in loud[1]] == ["before\nafter\n"]


def test_the_copy_shows_the_red_box_that_a_student_would_see(loud):
    """Also within pytest, whose environment would hide from a kernel what C libraries write."""
    assert {"output_type": "stream", "name": "stderr", "text": "said by C\n"} in loud[2]


def test_a_bar_that_has_not_finished_keeps_its_last_state(tmp_path):
    from course_lib.lessons import worker

    text = "one  \n 10%|#\r 20%|##\n\rbar\r   \r"
    cell = nbformat.v4.new_code_cell(
        "1", outputs=[nbformat.v4.new_output("stream", name="stdout", text=text)]
    )
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "bars.ipynb")
    worker.without_bars(tmp_path / "bars.ipynb")
    [output] = nbformat.read(tmp_path / "bars.ipynb", 4).cells[0].outputs
    assert output.text == "one  \n 20%|##\n"


def test_a_folded_cell_stays_folded_in_the_executed_copy(runs):
    folded = nbformat.read(runs["good"].path, 4).cells[1]
    assert {key: folded.metadata[key] for key in FOLDED} == FOLDED


def test_a_kernel_that_dies_is_an_error_of_its_own_lesson(runs):
    assert "DeadKernelError" in runs["dead"].error and not runs["good"].error


@pytest.mark.parametrize(("cores", "memory", "lessons_at_a_time"), [(2, 16e9, 2), (1, 16e9, 1), (8, 4e9, 1)])
def test_two_lessons_run_at_a_time_where_cores_and_memory_are(monkeypatch, cores, memory, lessons_at_a_time):
    import psutil

    monkeypatch.setattr(execute.os, "cpu_count", lambda: cores)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("Memory", (), {"total": memory}))
    assert lessons.at_a_time() == lessons_at_a_time
