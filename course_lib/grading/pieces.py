"""The answer to a task that the teacher marks, out of a student's notebook.

It is one cell: a text, a dictionary of texts, or code with plots. Its source and its stored PNG images are
read; nothing is run. Used by `intake`, in a process with limits.
"""

import ast
import base64
import binascii
import struct
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from course_lib.exercises.by_hand import Task

TEXT = 20_000  # the most characters of an answer that are kept
IMAGES = 4  # the most images of an answer
IMAGE = 500_000  # the most bytes of an image
SIDE = 5_000  # the most pixels of a side of an image


class Piece(NamedTuple):
    """The answer to a task."""

    source: str  # of its cell
    parts: Mapping[str, str]  # {criterion: text}, of a dictionary
    images: tuple[str, ...]  # PNG, as base64
    notes: tuple[str, ...] = ()  # what could not be shown
    attempted: bool = True


def piece(cells: Sequence[Mapping[str, Any]], task: Task) -> Piece | None:
    """Find the answer to a task.

    Parameters
    ----------
    cells : sequence of mapping
        The cells of a notebook, as JSON from outside: any value may be anything.
    task : Task
        The task. Its cell is the last one with its grade_id, or else with its tag, or else the last code cell
        that makes its dictionary. An empty one counts only if there is no other.

    Returns
    -------
    Piece or None
        None if the notebook has no such cell.
    """
    for belongs in (_has_grade_id, _has_tag, _makes_variable):
        if found := [_piece(cell, task) for cell in cells if belongs(cell, task)]:
            return next((one for one in reversed(found) if one.attempted), found[-1])
    return None


def _piece(cell: Mapping[str, Any], task: Task) -> Piece:
    source = _source(cell)
    parts = _parts(source, task) if task.variable else {}
    images, notes = _images(cell)
    if len(source) > TEXT:
        notes.append(f"only the first {TEXT:,} characters are shown")
    if task.variable and source.strip() and not parts:
        notes.append(f"the cell does not make a dictionary {task.variable} that can be read")
    written = any(text.strip() for text in parts.values()) if parts else bool(source.strip())
    return Piece(source[:TEXT], parts, tuple(images), tuple(notes), written or bool(images))


def _has_grade_id(cell: Mapping[str, Any], task: Task) -> bool:
    nbgrader = _dict(_dict(cell.get("metadata")).get("nbgrader"))
    return nbgrader.get("grade_id") == task.grade_id


def _has_tag(cell: Mapping[str, Any], task: Task) -> bool:
    tags = _dict(cell.get("metadata")).get("tags")
    return bool(task.tag) and isinstance(tags, list) and task.tag in tags


def _makes_variable(cell: Mapping[str, Any], task: Task) -> bool:
    return bool(task.variable) and cell.get("cell_type") == "code" and bool(_parts(_source(cell), task))


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _source(cell: Mapping[str, Any]) -> str:
    source = cell.get("source")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""


def _parts(source: str, task: Task) -> dict[str, str]:
    # The texts of the dictionary, without running the cell. A text that is computed is shown as its code.
    if task.variable not in source or len(source) > 5 * TEXT:
        return {}
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    made = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Dict)
        and any(isinstance(target, ast.Name) and target.id == task.variable for target in node.targets)
    ]
    known = {one.id for one in task.criteria}
    found: dict[str, str] = {}
    for table in made[-1:]:
        for key, value in zip(table.keys, table.values, strict=True):
            if isinstance(key, ast.Constant) and key.value in known:
                found[str(key.value)] = _text(value, source)[:TEXT]
    return found


def _text(value: ast.expr, source: str) -> str:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return value.value
    return ast.get_source_segment(source, value) or ""


def _images(cell: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Return the PNG images of a cell's outputs, and why others are left out."""
    outputs = cell.get("outputs")
    data = [_dict(_dict(one).get("data")) for one in (outputs if isinstance(outputs, list) else ())]
    found: list[str] = []
    notes: list[str] = []
    for one in data:
        if "image/png" not in one:
            continue
        value = one["image/png"]
        text = "".join(map(str, value)) if isinstance(value, list) else str(value)
        if len(found) == IMAGES:
            notes.append(f"there are more than {IMAGES} images")
            break
        if why := _not_shown(text := "".join(text.split())):
            notes.append(f"an image is not shown: {why}")
        else:
            found.append(text)
    return found, notes


def _not_shown(text: str) -> str:
    if len(text) > IMAGE * 4 / 3 + 4:
        return f"it has more than {IMAGE:,} bytes"
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return "it is damaged"
    if len(data) < 33 or data[:8] != b"\x89PNG\r\n\x1a\n" or data[12:16] != b"IHDR":
        return "it is not a PNG"
    width, height = struct.unpack(">II", data[16:24])
    return "" if 0 < width <= SIDE and 0 < height <= SIDE else f"it has {width} × {height} pixels"
