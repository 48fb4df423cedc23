"""The masters as notebooks, with the cells that masters/common.py keeps for all of them."""

import re

import pytest

from course_lib import lessons
from course_lib.core.errors import CourseError
from course_lib.core.paths import ROOT
from course_lib.lessons import masters

COMMON = """# Lines above the first cell are no cell.

# %% parameters tags=["parameters"] jupyter={"source_hidden": true}
# Parameters
DATA = None  # the folder
SEED = 0  # the same seed, the same result

# %% setup tags=["setup"]
import sys

print(SEED)
"""


@pytest.fixture
def read(monkeypatch, tmp_path):
    """Read a master that has these lines."""
    (tmp_path / "masters").mkdir()
    (tmp_path / "masters" / "common.py").write_text(COMMON, encoding="utf-8")
    monkeypatch.setattr(masters, "ROOT", tmp_path)

    def read(text):
        (tmp_path / "masters" / "09_own.py").write_text(text, encoding="utf-8")
        return masters.read_master("09_own").cells

    return read


def test_a_cell_with_only_a_header_is_the_common_cell(read):
    parameters, setup, own = read("# %% parameters\n\n# %% setup\n\n# %%\nx = 1\n")
    assert (
        parameters.source
        == "# Parameters\nDATA = None  # the folder\nSEED = 0  # the same seed, the same result"
    )
    assert setup.source == "import sys\n\nprint(SEED)"
    assert [dict(cell.metadata) for cell in (parameters, setup, own)] == [
        {"tags": ["parameters"], "jupyter": {"source_hidden": True}},
        {"tags": ["setup"]},
        {},
    ]


def test_a_masters_own_lines_replace_the_common_ones_and_a_name_alone_keeps_its_line(read):
    [cell] = read("# %% parameters\nCLIP = None  # your own\nSEED\n")
    assert cell.source == "# Parameters\nCLIP = None  # your own\nSEED = 0  # the same seed, the same result"
    assert cell.metadata["tags"] == ["parameters"]


def test_a_header_that_names_no_common_cell_is_refused(read):
    with pytest.raises(CourseError, match=r"09_own.py, cell '# %% setpu'.*Its cells are: parameters, setup"):
        read("# %% setpu\n")


def test_a_name_without_a_common_line_is_refused(read):
    with pytest.raises(CourseError, match=r"gives SED no value in this cell.*one of: DATA, SEED"):
        read("# %% parameters\nSED\n")


@pytest.mark.parametrize("name", lessons.names())
def test_every_master_takes_setup_and_parameters_from_the_common_cells(name):
    cells = masters.read_master(name).cells
    tagged = {
        tag: [cell for cell in cells if tag in cell.metadata.get("tags", [])]
        for tag in ("parameters", "colab", "setup")
    }
    assert [len(found) for found in tagged.values()] == [1, 1, 1]
    assert all(tagged[tag][0].source == masters.common_cells()[tag].source for tag in ("colab", "setup"))
    first, *_, last = tagged["parameters"][0].source.splitlines()
    assert first.startswith("# @title Parameters: ") and last.startswith("USE_DRIVE = False")


def test_the_common_cells_are_folded_and_their_first_line_is_a_label():
    """JupyterLab shows the first line of a folded cell, and Colab what follows `@title`."""
    for name, cell in masters.common_cells().items():
        assert cell.metadata["jupyter"] == {"source_hidden": True} and cell.metadata["cellView"] == "form"
        assert cell.source.startswith(f"# @title {name.partition(' ')[0].capitalize()}: "), name


def test_a_master_names_its_exercise_and_nothing_more():
    """Each of 56 answer cells repeated its exercise's points, and could differ from them."""
    headers = [
        line
        for path in (ROOT / "masters").glob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if "nbgrader=" in line
    ]
    assert headers and all(
        re.fullmatch(r'# %% nbgrader=\{"grade_id": "exercise-\d\d-\d"\}', line) for line in headers
    )


@pytest.mark.parametrize("name", lessons.names())
def test_a_master_has_at_most_600_lines(name):
    """Beside its head, questions and diagrams, and the solutions, which a student's copy does not have."""
    text = (ROOT / "masters" / f"{name}.py").read_text(encoding="utf-8")
    cells = re.split(r"^(?=# %%)", text, flags=re.MULTILINE)[1:]
    own = [cell for cell in cells if not re.match(r"# %% (question|diagram|nbgrader|colab|setup)", cell)]
    assert sum(cell.count("\n") for cell in own) <= 600
