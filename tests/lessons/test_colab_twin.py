"""What Colab's twin found. `python colab/twin.py` runs the lessons; here its result is read, nothing is run."""

import json
import re
from pathlib import Path

import nbformat
import pytest

from course_lib import lessons
from course_lib.core.paths import ROOT

COURSE = "affective-computing-course-companion"
OUT = ROOT / "build" / "colab"

pytestmark = pytest.mark.skipif(not (OUT / "twin.json").exists(),
                                reason="the Colab twin was not run here: python colab/twin.py (needs a Python 3.13)")


@pytest.fixture(scope="module")
def found():
    return json.loads((OUT / "twin.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def executed():
    return {name: nbformat.read(OUT / "lessons" / f"{name}.ipynb", 4) for name in lessons.names()}


def code(lesson):
    return [cell for cell in lesson.cells if cell.cell_type == "code"]


def said(cell):
    return "".join(output.get("text", "") for output in cell.outputs)


def setup(lesson):
    return next(cell for cell in lesson.cells if "setup" in cell.metadata.get("tags", []))


def test_every_lesson_ran_to_its_end(found, executed):
    assert {run["name"]: run["error"] for run in found["runs"]} == dict.fromkeys(lessons.names(), "")
    for name, lesson in executed.items():
        outputs = [output for cell in code(lesson) for output in cell.outputs]
        assert all(cell.execution_count for cell in code(lesson)), name
        assert not [output.evalue for output in outputs if output.output_type == "error"], name


@pytest.mark.parametrize("name", lessons.names())
def test_what_ran_is_todays_lesson(name, executed):
    today = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", 4)
    assert [cell.source for cell in code(executed[name])] == [cell.source for cell in code(today)], \
        "the twin ran an older lesson; run python colab/twin.py again"


def test_the_setup_cells_took_it_for_colab(executed):
    for name, lesson in executed.items():
        assert " in Colab, profile 'quick'" in said(setup(lesson)), name


def test_the_first_setup_cell_installed_the_course_and_no_other_did(executed):
    first, *others = executed.values()
    assert "Course installed; added to what Colab brings: nothing." in said(setup(first))
    assert not [lesson for lesson in others if "installed" in said(setup(lesson))]


def test_nothing_stands_in_a_red_box(executed):
    """MoviePy 1.0.3's own source warns once when Python 3.13 compiles it; nothing else may be said there."""
    said = [(name, output.text) for name, lesson in executed.items() for cell in code(lesson)
            for output in cell.outputs if output.get("name") == "stderr"]
    assert not [pair for pair in said if "moviepy" not in pair[1] or "SyntaxWarning" not in pair[1]]


def test_course_lib_came_from_the_twin_and_not_from_the_checkout(found):
    site = OUT / "env" / "lib" / "python3.13" / "site-packages"
    assert [Path(path) for path in found["course_lib"]] == [site / "course_lib" / "__init__.py"] * len(lessons.names())


def test_the_course_is_all_that_was_added_and_nothing_was_changed(found):
    assert {name: version for name, version in found["after"].items() if name != COURSE} == found["before"]
    assert COURSE in found["after"]


def test_the_twin_had_the_runtimes_versions(found):
    listed = (ROOT / "colab" / "runtime-py313.txt").read_text(encoding="utf-8")
    lines = re.findall(r"^([\w.-]+)==(\S+)$", listed, re.MULTILINE)
    colab = {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in lines}
    colab["tensorflow-cpu"] = colab["tensorflow"]
    assert {name: colab.get(name) for name in found["before"]} == found["before"]


@pytest.mark.parametrize("name, version", [("moviepy", "1.0.3"), ("opencv-python", "5.0.0.93"), ("ipython", "7.34.0"),
                                           ("ipykernel", "6.17.1"), ("keras", "3.13.2"), ("numpy", "2.1.3")])
def test_the_versions_that_differ_most_from_ours_were_there(name, version, found):
    assert found["before"][name] == version
