"""A whole class with hostile work in it: nobody's submission costs another student a mark."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from small_class import HOG_LENGTH

from course_lib.core.errors import CourseError
from course_lib.core.paths import ROOT
from course_lib.grading import grade
from course_lib.grading.run import Run
from course_lib.grading.sandbox import available

WHY_NOT = available("bwrap")
HEAD = HOG_LENGTH.partition("(size //")[0]
LARGE = "1" * 4000  # a whole number that Python will not write out
WRONG = {  # each parses, and takes a tool that reads trees, or the values that come back, to its limits
    "deep": HEAD + "-" * 1500 + "1\n",
    "deeper": "X = " + "(" * 90 + "1" + ")" * 90 + "\n" + HEAD + "1" + "+1" * 2000 + "\n",
    "long_number": f"X = 0x{'f' * 6000}\n{HEAD}0x{'f' * 4000}\n",
    "large_answer": f"{HEAD}{LARGE} * {LARGE}\n",
    "surrogate": HEAD + "'\\ud800'\n",
    "raises_half": HEAD + "1 / 0 if size else '\\ud800'\n",
    "leaves": HEAD + "__import__('os')._exit(0)\n",
    "a_set": HEAD + "{1}\n",
}


@pytest.fixture
def classroom(tmp_path):
    """Submissions, roster and key of an honest student and of the others, by name."""
    for name, source in {
        **WRONG,
        "honest": HOG_LENGTH,
        "helped_by_hex": f"X = 0x{'f' * 6000}\n{HOG_LENGTH}",
    }.items():
        path = tmp_path / "submissions" / name / "02.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(new_notebook(cells=[new_code_cell(source)]), path)
    (tmp_path / "roster.csv").write_text("student\n" + "\n".join([*WRONG, "honest", "helped_by_hex"]) + "\n")
    (tmp_path / "seed.key").write_text("0123456789abcdef")
    return tmp_path


def marks(folder, **more):
    found = grade.grade(
        Run(
            folder / "submissions",
            ROOT / "bank",
            folder / "seed.key",
            folder / "roster.csv",
            folder / "out",
            lessons=["02"],
            **more,
        )
    )
    return {one.student: one for one in found if one.exercise == "02.1"}


@pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)
def test_everybody_is_graded_and_every_table_is_written(classroom):
    found = marks(classroom)
    assert found["honest"].points == found["helped_by_hex"].points == 2
    assert {name: found[name].points for name in WRONG} == dict.fromkeys(WRONG, 0)
    assert not [one for one in found.values() if one.state == "error"]
    assert {"grades.csv", "similar.csv", "summary.html"} <= {
        path.name for path in (classroom / "out").iterdir()
    }
    assert [case.state for case in found["a_set"].cases] == ["malformed"] * 5


def test_what_a_sandbox_would_show_is_refused(classroom):
    with pytest.raises(CourseError, match="students' code could read it"):
        grade.grade(
            Run(
                "/usr/share",
                ROOT / "bank",
                classroom / "seed.key",
                classroom / "roster.csv",
                classroom / "out",
            )
        )
