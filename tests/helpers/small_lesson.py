"""A lesson of a title, a cell for Colab and what a test puts into it."""

import nbformat

from course_lib.exercises.handing import KERNEL

COLAB = 'import sys\n\nCOURSE_ADDRESS = ""  # filled in\nprint(1)'

FOLDED = {"jupyter": {"source_hidden": True}, "cellView": "form"}


def lesson(*code):
    cells = [
        nbformat.v4.new_markdown_cell("# Title\n\ntext"),
        nbformat.v4.new_code_cell(COLAB, metadata={"tags": ["colab"], **FOLDED}),
    ]
    return nbformat.v4.new_notebook(
        cells=cells + [nbformat.v4.new_code_cell(source) for source in code], metadata={"kernelspec": KERNEL}
    )
