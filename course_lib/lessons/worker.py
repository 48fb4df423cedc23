"""One lesson executed in this process: `python -m course_lib.lessons.worker JSON`, which `execute` calls."""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from course_lib.lessons.find import part_of
from course_lib.lessons.memory import peak_memory

# A lesson runs here as in a student's JupyterLab. The first variable would switch all bars off. With the
# second, which pytest sets, a kernel does not show what libraries written in C write to the error stream.
NOT_PASSED_ON = ("TQDM_DISABLE", "PYTEST_CURRENT_TEST")


def execute(
    source: Path, target: Path, parameters: dict[str, Any], kernel: str | None
) -> tuple[float, float, str]:
    """Execute a notebook in this process.

    Parameters
    ----------
    source : Path
        The notebook.
    target : Path
        Where to write the executed copy.
    parameters : dict
        {name: value} for the lesson's parameters cell.
    kernel : str or None
        The name of a Jupyter kernel; None for the one that the notebook names.

    Returns
    -------
    tuple
        The seconds it took, the peak memory in MiB, and the error in one line ("" without).
    """
    import papermill

    for name in NOT_PASSED_ON:
        os.environ.pop(name, None)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = part_of(target, os.getpid())
    started, error = time.perf_counter(), ""
    with peak_memory() as peak:
        try:
            papermill.execute_notebook(
                source,
                part,
                parameters,
                kernel_name=kernel,
                cwd=target.parent,
                progress_bar=False,
                extra_arguments=["--IPKernelApp.log_level=40"],
            )
        except papermill.PapermillExecutionError as failure:
            error = f"cell {failure.exec_count}: {failure.ename}: {failure.evalue}"
        except Exception as failure:  # a kernel that died, or that is not installed
            error = f"{type(failure).__name__}: {failure}".partition("\n")[0]
    if part.exists():
        without_bars(part)
        os.replace(part, target)
    return time.perf_counter() - started, peak[0], error


def without_bars(path: Path) -> None:
    """Remove the traces of finished progress bars from a notebook file.

    A bar rewrites its line with carriage returns, and blanks it when it finishes. Each printed line becomes
    what a screen shows at its end. An output that is empty then is removed.

    Parameters
    ----------
    path : Path
        The notebook. The file is only written if it changes.
    """
    import nbformat

    lesson = nbformat.read(path, 4)
    cells = [cell for cell in lesson.cells if any("\r" in o.get("text", "") for o in cell.get("outputs", []))]
    for cell in cells:
        outputs = []
        for output in cell.outputs:
            if outputs and outputs[-1].get("name") == output.get("name") == "stdout":
                outputs[-1].text += output.text
            else:
                outputs.append(output)
        for output in outputs:
            if output.get("name") == "stdout":
                output.text = "\n".join(map(_as_shown, output.text.split("\n")))
        cell.outputs = [output for output in outputs if output.get("text", "any")]
    if cells:
        nbformat.write(lesson, path)


def _as_shown(line):
    """The line on a screen: after a carriage return, new characters cover the old ones."""
    if "\r" not in line:
        return line
    shown = ""
    for text in line.split("\r"):
        shown = text + shown[len(text) :]
    return shown.rstrip()


if __name__ == "__main__":
    source, target, *rest = json.loads(sys.argv[1])
    print(json.dumps(execute(Path(source), Path(target), *rest)))
