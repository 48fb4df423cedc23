"""Lessons executed with their time, memory and errors, and their pages."""

import shutil

import nbformat
import pytest
from small_lesson import lesson

from course_lib import lessons
from course_lib.core.errors import CourseError
from course_lib.lessons import execute


def test_names_begin_as_asked_for():
    assert lessons.names(["01", "00_start"]) == ["00_start_here", "01_frames_from_video"]
    with pytest.raises(CourseError, match=r"lesson 77: there is no such lesson.*00_start_here"):
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


def test_a_kernel_that_dies_is_an_error_of_its_own_lesson(runs):
    assert "DeadKernelError" in runs["dead"].error and not runs["good"].error


def test_pages_and_index_are_written_with_errors_named(runs):
    folder = runs["good"].path.parent
    index = lessons.write_pages(folder).read_text(encoding="utf-8")
    assert (folder.parent / "good.html").exists() and (folder.parent / "bad.html").exists()
    assert "ZeroDivisionError" in index and "ran to its end" in index
    assert index.count(">Title</a>") == len(runs)  # also where papermill puts the error above the title


def test_one_lesson_again_leaves_the_others_in_the_index(runs, tmp_path):
    for name in ("one", "two"):
        shutil.copy(runs["good"].path, tmp_path / f"{name}.ipynb")
        index = lessons.write_pages(tmp_path).read_text(encoding="utf-8")
    assert 'href="one.html"' in index and 'href="two.html"' in index


@pytest.mark.parametrize(("cores", "memory", "lessons_at_a_time"), [(2, 16e9, 2), (1, 16e9, 1), (8, 4e9, 1)])
def test_two_lessons_run_at_a_time_where_cores_and_memory_are(monkeypatch, cores, memory, lessons_at_a_time):
    import psutil

    monkeypatch.setattr(execute.os, "cpu_count", lambda: cores)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("Memory", (), {"total": memory}))
    assert lessons.at_a_time() == lessons_at_a_time
