"""The runner: names, stamps, and one tiny lesson executed with its time, memory and error."""

import shutil

import nbformat
import pytest

from course_lib import lessons
from course_lib.authoring import publish
from course_lib.core.errors import CourseError

SETUP = 'import sys\n\nCOURSE_ADDRESS = ""  # filled in\nprint(1)'


def lesson(*code):
    cells = [nbformat.v4.new_markdown_cell("# Title\n\ntext"),
             nbformat.v4.new_code_cell(SETUP, metadata={"tags": ["setup"]})]
    return nbformat.v4.new_notebook(cells=cells + [nbformat.v4.new_code_cell(source) for source in code],
                                    metadata={"kernelspec": lessons.KERNEL})


def test_names_begin_as_asked_for():
    assert lessons.names(["01", "00_start"]) == ["00_start_here", "01_frames_from_video"]
    with pytest.raises(CourseError, match=r"lesson 77: there is no such lesson.*00_start_here"):
        lessons.names(["77"])


def test_a_stamp_fills_in_the_address_and_the_badge_and_can_be_replaced():
    once = publish.stamp(lesson(), "01_x", "ada/course/main")
    assert 'COURSE_ADDRESS = "ada/course/main"  # filled in' in once.cells[1].source
    assert once.cells[0].source.splitlines()[2].endswith("/github/ada/course/blob/main/notebooks/01_x.ipynb)")
    again = publish.stamp(once, "01_x", "bob/other/feature/two")
    assert again.cells[0].source.count("Open in Colab") == 1
    assert 'COURSE_ADDRESS = "bob/other/feature/two"' not in once.cells[0].source
    without = publish.stamp(again, "01_x", "")
    assert (without.cells[0].source, without.cells[1].source) == ("# Title\n\ntext", SETUP)


def test_a_branch_with_a_slash_keeps_owner_and_name():
    badge = publish.stamp(lesson(), "01_x", "ada/course/feature/two").cells[0].source
    assert "/github/ada/course/blob/feature/two/notebooks/01_x.ipynb" in badge


@pytest.mark.parametrize("repo", ["course", "a/b/c", "/course", "ada/", 'ada/x"y', "ada/x y"])
def test_publishing_to_what_is_no_repository_is_refused(repo):
    with pytest.raises(CourseError, match=r"no address of a repository.*course publish --repo"):
        publish.publish(repo, "main")


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A lesson that holds 200 MiB for a while, one that fails, one whose kernel dies; two at a time."""
    folder = tmp_path_factory.mktemp("lessons")
    holds = "import time; held = bytearray(200 * 2**20); time.sleep(0.5)"
    notebooks = {"good": lesson(holds), "bad": lesson("1 / 0", "2"), "dead": lesson("import os; os._exit(1)")}
    for name, notebook in notebooks.items():
        nbformat.write(notebook, folder / f"{name}.ipynb")
    tasks = [(folder / f"{name}.ipynb", folder / "out" / f"{name}.ipynb", {}, None) for name in notebooks]
    return {run.name: run for run in lessons._execute_all(tasks, jobs=2)}


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

    monkeypatch.setattr(lessons.os, "cpu_count", lambda: cores)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("Memory", (), {"total": memory}))
    assert lessons.at_a_time() == lessons_at_a_time
