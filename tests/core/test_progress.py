"""Progress bars: the error stream in a terminal, standard output in a notebook, erased when finished."""

import nbformat
import pytest
from nbclient import NotebookClient

from course_lib.core.paths import ROOT
from course_lib.core.progress import progress

LOOP = (
    "import time\nfrom course_lib.core.progress import progress\n"
    "for _ in progress(range({}), desc='waiting'):"
)


@pytest.fixture
def run(monkeypatch):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)

    def run(source):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
        NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(ROOT)}}).execute()
        return notebook.cells[0].outputs

    return run


def test_a_bar_in_a_kernel_writes_nothing_to_the_error_stream(run):
    outputs = run(LOOP.format(8) + " time.sleep(0.25)")
    assert {output.get("name") for output in outputs} == {"stdout"}
    text = "".join(output.text for output in outputs)
    assert "waiting" in text  # the bar was shown
    assert text.endswith("\r") and not text[:-1].rpartition("\r")[2].strip()  # and erased at its end


def test_a_bar_inside_a_bar_in_a_kernel_uses_the_same_line(run):
    """A notebook cannot move the cursor up, as a terminal does for a second line."""
    inside = "\n    for _ in progress(range(2), desc='inner', delay=0):\n        time.sleep(0.6)"
    text = "".join(output.text for output in run(LOOP.format(3) + inside))
    assert "waiting" in text and "inner" in text
    assert "\n" not in text and "\x1b[A" not in text


def test_a_short_loop_in_a_kernel_leaves_no_output(run):
    assert run(LOOP.format(3) + " pass") == []


def test_a_bar_in_a_terminal_is_on_the_error_stream(monkeypatch, capsys):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    assert list(progress(range(3), desc="waiting")) == [0, 1, 2]
    captured = capsys.readouterr()
    assert captured.out == "" and "waiting" in captured.err


def test_every_bar_of_the_course_is_made_by_progress():
    users = [file for file in (ROOT / "course_lib").rglob("*.py") if "import tqdm" in file.read_text("utf-8")]
    assert [file.name for file in users] == ["progress.py"]
