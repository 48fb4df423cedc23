"""The runner: names, stamps, and one tiny lesson executed with its time, memory and error."""

import nbformat
import pytest

from course_lib import lessons
from course_lib.files import CourseError

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
    once = lessons.stamp(lesson(), "01_x", "ada/course/main")
    assert 'COURSE_ADDRESS = "ada/course/main"  # filled in' in once.cells[1].source
    assert once.cells[0].source.splitlines()[2].endswith("/github/ada/course/blob/main/notebooks/01_x.ipynb)")
    again = lessons.stamp(once, "01_x", "bob/other/feature/two")
    assert again.cells[0].source.count("Open in Colab") == 1
    assert 'COURSE_ADDRESS = "bob/other/feature/two"' not in once.cells[0].source
    without = lessons.stamp(again, "01_x", "")
    assert (without.cells[0].source, without.cells[1].source) == ("# Title\n\ntext", SETUP)


def test_a_branch_with_a_slash_keeps_owner_and_name():
    badge = lessons.stamp(lesson(), "01_x", "ada/course/feature/two").cells[0].source
    assert "/github/ada/course/blob/feature/two/notebooks/01_x.ipynb" in badge


@pytest.mark.parametrize("repo", ["course", "a/b/c", "/course", "ada/"])
def test_publishing_to_what_is_no_repository_is_refused(repo):
    with pytest.raises(CourseError, match=r"no address of a repository.*course publish --repo"):
        lessons.publish(repo, "main")


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """One lesson that holds 200 MiB for a while, and one that fails; executed side by side."""
    folder = tmp_path_factory.mktemp("lessons")
    holds = "import time; held = bytearray(200 * 2**20); time.sleep(0.5)"
    notebooks = {"good": lesson(holds), "bad": lesson("1 / 0", "2")}
    for name, notebook in notebooks.items():
        nbformat.write(notebook, folder / f"{name}.ipynb")
    tasks = [(folder / f"{name}.ipynb", folder / "out" / f"{name}.ipynb", {}, None) for name in notebooks]
    return {run.name: run for run in lessons._execute_all(tasks, jobs=2)}


def test_a_run_tells_time_memory_and_error(runs):
    assert not runs["good"].error and runs["good"].memory > 200 and runs["good"].seconds > 0.5
    assert "ZeroDivisionError" in runs["bad"].error
    assert str(runs["bad"]).startswith("FAILED bad") and "\n" not in str(runs["bad"])


def test_pages_and_index_are_written_with_errors_named(runs, tmp_path):
    index = lessons.write_pages(list(runs.values()), tmp_path).read_text(encoding="utf-8")
    assert (tmp_path / "good.html").exists() and (tmp_path / "bad.html").exists()
    assert "ZeroDivisionError" in index and "ran to its end" in index
