"""Keep what `pytest --nbval-lax` ran: the executed lessons, what each took, which cells were compared and
which not.

    python -m pytest -p colab.nbval_plugin --nbval-lax --keep-executed FOLDER notebooks/

nbval runs every cell and discards its outputs. This plugin writes each lesson to FOLDER when it ends, with
its outputs. Its metadata `course` contain what `course run` notes there (seconds, memory, error), and the
numbers of the compared cells."""

import time
from pathlib import Path
from queue import Empty

import nbformat
import pytest
from nbval.plugin import IPyNbCell

from course_lib.core.io import whole_file
from course_lib.lessons import peak_memory

TAG = "nbval-check-output"
KEPT = pytest.StashKey[dict]()  # of a lesson: what goes into its metadata


def pytest_addoption(parser):
    parser.addoption(
        "--keep-executed", type=Path, metavar="FOLDER", help="nbval: write the executed notebooks there"
    )


def pytest_collection_modifyitems(items):
    """Begin each lesson's record, and do not compare the error stream, which contains no results.

    nbval itself never compares pictures (PNG, JPEG).
    """
    for lesson in {item.parent for item in items if isinstance(item, IPyNbCell)}:
        lesson.skip_compare = (*lesson.skip_compare, "stderr")
        lesson.stash[KEPT] = {
            "seconds": 0.0,
            "memory": 0.0,
            "error": "",
            "code": 0,
            "tagged": [],
            "compared": [],
            "only_run": [],
            "differing": {},
        }


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item, nextitem):
    """Take a cell's time and memory; the first one's hold the kernel's start. After a lesson's last cell,
    write it.
    """
    if not isinstance(item, IPyNbCell):
        return (yield)
    started, kept = time.perf_counter(), item.parent.stash[KEPT]
    with peak_memory() as peak:
        done = yield
    kept["seconds"] += time.perf_counter() - started
    kept["memory"] = max(kept["memory"], peak[0])
    if nextitem is None or nextitem.parent is not item.parent:
        _write(item.parent, item.config.option.keep_executed)
    return done


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item):
    """Before a lesson's first cell: let its kernel remember what it runs, as it does for Jupyter, since
    `hand_in` looks for the answers there; and do not wait for a kernel that has died."""
    if not isinstance(item, IPyNbCell) or item.cell_num:
        return
    kernel, await_reply = item.parent.kernel, item.parent.kernel.await_reply

    def execute(source, allow_stdin=None):
        return kernel.kc.execute(source, store_history=True, allow_stdin=allow_stdin, stop_on_error=False)

    def await_living(message, timeout):
        for _ in range(int(timeout)):
            try:
                return await_reply(message, timeout=1)
            except Empty:
                if not kernel.is_alive():
                    raise RuntimeError("the kernel died") from None
        raise Empty

    kernel.execute_cell_input, kernel.await_reply = execute, await_living


def pytest_runtest_makereport(item, call):
    """Note how a cell went, and put its new outputs in the place of those that it was compared with."""
    if not isinstance(item, IPyNbCell) or not (call.when == "call" or call.excinfo):
        return
    kept, cell, number = item.parent.stash[KEPT], item.cell, item.cell_num + 1
    outputs = [nbformat.from_dict(output) for output in item.test_outputs or []]
    broken = next(
        (f"{output.ename}: {output.evalue}" for output in outputs if output.output_type == "error"), ""
    )
    if call.excinfo and str(call.excinfo.value) == "Cell outputs differ":
        kept["differing"][number] = call.excinfo.value.inner_traceback
    elif call.excinfo and not kept["error"]:
        kept["error"] = f"cell {number}: {broken or call.excinfo.exconly()}"
    if call.when == "call":
        kept["code"] += 1
        kept["tagged"] += [number] if TAG in cell.metadata.get("tags", []) else []
        kept["compared" if _compared(item) else "only_run"].append(number)
        cell.outputs, cell.execution_count = outputs, number if item.test_outputs is not None else None


def _compared(item):
    # True if the cell had to be checked, has saved outputs, and not all of them are pictures.
    parts = [part for output in item.cell.outputs for part in output.get("data", [output.get("name")])]
    return bool(
        item.options["check"] and item.cell.execution_count and set(parts) - set(item.parent.skip_compare)
    )


def _write(lesson, folder):
    if folder is None:
        return
    for cell in lesson.nb.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "execute_result":
                output.execution_count = cell.execution_count
    lesson.nb.metadata["course"] = lesson.stash[KEPT]
    with whole_file(folder.absolute() / lesson.path.name) as part:
        nbformat.write(lesson.nb, part)
