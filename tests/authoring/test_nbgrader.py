"""nbgrader can use our masters: its own `generate_assignment` makes the copy that we make."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from course_lib import exercises, lessons
from course_lib.authoring import build

pytest.importorskip("nbgrader", reason="nbgrader is not installed: pip install nbgrader")
NAMES = [name for name in lessons.names() if exercises.lesson(name[:2])]


def code(lesson):
    return [cell.source for cell in lesson.cells if cell.cell_type == "code"]


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """What `nbgrader generate_assignment` releases of the solved lessons, by name."""
    course = tmp_path_factory.mktemp("nbgrader")
    source = course / "source" / "lessons"
    source.mkdir(parents=True)
    for name in NAMES:
        nbformat.write(build.from_master(name, solved=True), source / f"{name}.ipynb")
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", "lessons", f"--course-dir={course}"]
    # nbgrader looks for alembic on the PATH, and for a user's own settings.
    env = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "JUPYTER_CONFIG_DIR": str(course),
    }
    done = subprocess.run(command, capture_output=True, text=True, cwd=course, env=env, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    return {path.stem: nbformat.read(path, 4) for path in (course / "release" / "lessons").glob("*.ipynb")}


@pytest.mark.parametrize("name", NAMES)
def test_nbgraders_copy_is_ours(name, released):
    solved, ours = build.from_master(name, solved=True), build.from_master(name)
    assert "### BEGIN SOLUTION" in "\n".join(code(solved))
    assert code(released[name]) == code(ours) != code(solved)


@pytest.mark.parametrize("name", NAMES)
def test_nbgrader_knows_each_answer_cell_and_its_points(name, released):
    known = {
        cell.metadata.nbgrader.grade_id: cell.metadata.nbgrader.get("points")
        for cell in released[name].cells
        if "nbgrader" in cell.metadata
    }
    assert known == {one.grade_id: one.points for one in exercises.lesson(name[:2])}
