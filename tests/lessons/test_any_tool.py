"""A lesson that another tool runs leaves no box in the colour of an error.

The tool is nbclient, which nbconvert, Quarto and Jupyter Book use. It runs without `course run` and without
the course's environment variables."""

import os

import nbformat
import pytest
from nbclient import NotebookClient

from course_lib.core.paths import ROOT, home

# A bar over real work, and a network: what wrote most lines into the error stream.
LESSON = "02_hog_features"
WITH_A_NETWORK = """
import time
import numpy as np
from course_lib.core.progress import progress
from course_lib.models import from_preset

for _ in progress(range(8), desc="a bar"):
    time.sleep(0.25)
from_preset("emotion_net").predict(np.zeros((2, 48, 48), np.uint8)).shape
"""
COURSES_OWN = ("COURSE_", "TQDM_", "TF_", "KERAS_", "OMP_", "OPENBLAS_", "MKL_", "NUMBA_", "LOKY_", "PYTEST_")


@pytest.fixture
def environment(monkeypatch, tmp_path):
    """As in a terminal that has never heard of the course. The cache is the one of the other tests."""
    home().mkdir(parents=True, exist_ok=True)
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "affective-computing-course-companion").symlink_to(home().absolute())
    for name in list(os.environ):
        if name.startswith(COURSES_OWN):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def red(notebook):
    """The outputs that a tool shows in the colour of an error: {number of the cell: text}."""
    return {
        number: output.get("text", output.get("evalue"))
        for number, cell in enumerate(notebook.cells)
        for output in cell.get("outputs", [])
        if output.output_type == "error" or output.get("name") == "stderr"
    }


@pytest.mark.parametrize("name", [LESSON, "a network"])
def test_a_lesson_run_by_another_tool_leaves_no_red_box(name, environment, tmp_path):
    if name == LESSON:
        notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", 4)
    else:
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(WITH_A_NETWORK)])
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in code:
        cell.outputs, cell.execution_count = [], None
    NotebookClient(
        notebook, timeout=900, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    ).execute()
    assert all(cell.execution_count for cell in code if cell.source.strip())
    assert red(notebook) == {}
