"""How a figure is displayed: once in a notebook, as text elsewhere, and small."""

import base64
import re
import subprocess
import sys
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter

from course_lib import plots
from course_lib.core.errors import CourseError

CELLS = [
    "from course_lib import plots\nimport numpy as np",
    "first = plots.lines({'training': [2, 1]}, 'A & B', 'epoch', 'loss', seen='it falls')\nfirst",
    "for n in (1, 2):\n    plots.frames(np.zeros((n, 9, 9), np.uint8))",
    "first",
    "with plots.hold():\n    held = plots.heatmap(np.eye(3), 'Held', 'x', 'y')",
    "held",
    "import matplotlib.pyplot as plt\nplt.imshow(np.eye(3))\nplots.finish('Mine', 'a diagonal')",
]


@pytest.fixture(scope="module")
def notebook():
    """A notebook of CELLS, executed in a kernel."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    NotebookClient(book, timeout=120).execute()
    return book


def test_a_figure_is_one_output_in_its_cell_and_again_in_a_later_cell(notebook):
    outputs = [[output.data for output in cell.outputs] for cell in notebook.cells]
    assert [len(each) for each in outputs] == [0, 1, 2, 1, 0, 1, 1]
    assert all(set(data) == {"text/html", "text/plain"} for each in outputs for data in each)
    assert outputs[1][0]["text/plain"] == "A & B: loss over epoch, training from 2 to 1. It falls."


def test_a_page_made_of_a_notebook_keeps_figure_alt_text_and_caption(notebook):
    page, _ = HTMLExporter(template_name="lab").from_notebook_node(notebook)
    assert page.count("<figure ") == 6 and "No description has been provided" not in page
    assert 'alt="Loss over epoch, training from 2 to 1."' in page
    assert "<figcaption><strong>A &amp; B.</strong> It falls.</figcaption>" in page


def test_a_caption_begins_with_a_capital_but_a_name_in_code_keeps_its_case():
    for title, begins in (
        ("small_cnn, new people", "small_cnn"),
        ("plots.lines", "plots."),
        ("a face", "A face"),
    ):
        with plots.hold():
            plot = plots.lines({"a": [1, 2]}, title, "x", "y", seen=title)
        assert f"<strong>{begins}" in plot.html and f"</strong> {begins}" in plot.html


def test_a_script_without_a_kernel_can_save_a_figure_and_prints_nothing(tmp_path):
    code = (
        "from course_lib import plots; plot = plots.lines({'a': [1, 2]}, 'T', 'x', 'y');"
        f"plot.savefig({str(tmp_path / 'a.png')!r}); plot.figure.savefig({str(tmp_path / 'b.svg')!r})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == done.stderr == ""
    assert (tmp_path / "a.png").stat().st_size > 1000 and "<svg" in (tmp_path / "b.svg").read_text()


def test_an_error_inside_hold_does_not_hide_later_figures(monkeypatch):
    calls = []
    monkeypatch.setattr(plots.base, "get_ipython", lambda: SimpleNamespace(execution_count=1))
    monkeypatch.setattr(plots.base, "display", lambda data, raw: calls.append(data))
    with pytest.raises(ZeroDivisionError), plots.hold():
        1 / 0  # noqa: B018
    plots.lines({"a": [1, 2]}, "T", "x", "y")
    assert len(calls) == 1


def test_a_line_chart_takes_less_than_30_kb_and_a_photograph_less_than_150_kb():
    chart = plots.lines({"training": [2, 1], "test": [2, 1.5]}, "T", "epoch", "loss")
    rng = np.random.default_rng(0)
    photograph = np.kron(rng.integers(0, 256, (24, 24, 3)), np.ones((10, 10, 1))).astype(np.uint8)
    photograph += rng.integers(0, 9, photograph.shape, dtype=np.uint8)  # and a camera's noise
    assert len(chart.html) < 30_000 and len(plots.frames([photograph] * 6).html) < 150_000


def test_the_picture_of_a_chart_is_exact_and_has_a_white_background():
    plot = plots.lines({"training": [2, 1]}, "T", "epoch", "loss")
    data = base64.b64decode(re.search('base64,([^"]+)', plot.html)[1])
    assert data[12:16] == b"VP8L"  # WebP without loss
    assert plot.figure.get_facecolor() == (1, 1, 1, 1)


def test_title_alt_text_and_caption_are_escaped():
    plot = plots.lines({'<b>"': [2, 1]}, "<script>", "x", "y", seen='a "quote" & <i>')
    assert "<script>" not in plot.html and "<b>" not in plot.html and "<i>" not in plot.html
    assert "&lt;b&gt;&quot; from 2 to 1" in plot.html


def test_a_figure_drawn_by_hand_needs_a_drawing_first():
    import matplotlib.pyplot as plt

    plt.close("all")
    with pytest.raises(CourseError, match="nothing has been drawn"):
        plots.finish("Mine", "a diagonal")
