"""One lesson executed in this process: `python -m course_lib.lessons.worker JSON`, which `execute` calls."""

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from course_lib.lessons.find import part_of
from course_lib.lessons.memory import peak_memory

# A lesson runs here as in a student's JupyterLab. The first variable would switch all bars off. With the
# second, which pytest sets, a kernel does not show what libraries written in C write to the error stream.
NOT_PASSED_ON = ("TQDM_DISABLE", "PYTEST_CURRENT_TEST")


def execute(
    source: Path,
    target: Path,
    parameters: dict[str, Any],
    kernel: str | None,
    key: str = "",
    tell: Callable[[int, int], None] = lambda cell, of: None,
) -> tuple[float, float, str]:
    """Execute a notebook in this process.

    Parameters
    ----------
    source : Path
        The notebook.
    target : Path
        Where to write the executed copy. It appears there when the notebook has ended, as one whole file.
    parameters : dict
        {name: value} for the lesson's parameters cell.
    kernel : str or None
        The name of a Jupyter kernel; None for the one that the notebook names.
    key : str
        What the copy was made of: see `finished.key_of`. The copy keeps it.
    tell : callable
        Called as each code cell begins, with its number (from 1) and how many there are.

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
                start_timeout=180,  # s; a busy machine needs more than the usual 60 for a kernel
                extra_arguments=["--IPKernelApp.log_level=40"],
                on_cell_start=_counting(source, bool(parameters), tell),
            )
        except papermill.PapermillExecutionError as failure:
            error = f"cell {failure.exec_count}: {failure.ename}: {failure.evalue}"
        except Exception as failure:  # a kernel that died, or that is not installed
            error = f"{type(failure).__name__}: {failure}".partition("\n")[0]
    note = {"seconds": time.perf_counter() - started, "memory": peak[0], "error": error}
    _put_into_place(part, source, target, {**note, "key": key})
    return note["seconds"], note["memory"], error


def _counting(source, parameters, tell):
    """A hook of nbclient, which calls it as each cell begins, that counts the cells with code."""
    import nbformat

    cells = nbformat.read(source, 4).cells
    total = sum(cell.cell_type == "code" and bool(cell.source.strip()) for cell in cells) + parameters
    count = 0

    def begins(cell, cell_index):
        nonlocal count
        if cell.cell_type == "code" and cell.source.strip():
            count += 1
            tell(count, total)

    return begins


def _put_into_place(part, source, target, note):
    """Move the executed copy to its place in one step, with the note of its run in it."""
    import nbformat

    if part.exists():
        without_bars(part)
    # Without a part the kernel never started: the note goes into the older copy.
    lesson = nbformat.read(next(path for path in (part, target, source) if path.exists()), 4)
    lesson.metadata["course"] = note
    nbformat.write(lesson, part)
    os.replace(part, target)


def end_with_parent(target: Path) -> None:
    """End this process and its kernel when the process that started it ends, even if it was killed.

    Parameters
    ----------
    target : Path
        The executed copy, whose unfinished part is removed.

    Notes
    -----
    The parent holds the other end of the standard input. When the parent is gone, the system closes it.
    """

    def watch():
        while os.read(0, 1):
            pass
        import psutil

        for child in psutil.Process().children(recursive=True):
            try:
                child.kill()
            except psutil.NoSuchProcess:
                pass
        part_of(target, os.getpid()).unlink(missing_ok=True)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


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


def _say(**message):
    print(json.dumps(message), flush=True)


if __name__ == "__main__":
    source, target, *rest = json.loads(sys.argv[1])
    end_with_parent(Path(target))
    result = execute(Path(source), Path(target), *rest, tell=lambda cell, of: _say(cell=cell, of=of))
    _say(result=result)
