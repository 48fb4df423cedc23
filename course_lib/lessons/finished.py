"""Which executed copies are up to date, so that `course run` does not run a finished lesson again.

An executed copy keeps a key in its metadata. The key is a hash of the lesson's file, the parameters, the
kernel and the course itself. The copy is moved into place as one whole file, with the key in it. So a copy
with the right key is a lesson that has ended, also if the machine was switched off a moment later.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from course_lib.core.paths import ROOT

NOT_IN_LESSONS = ("authoring", "cli", "grading")  # packages that no lesson imports


def key_of(source: Path, parameters: Mapping[str, Any], kernel: str | None) -> str:
    """Compute the key of an executed copy.

    Parameters
    ----------
    source : Path
        The lesson's notebook.
    parameters : mapping
        {name: value} for its parameters cell.
    kernel : str or None
        The name of a Jupyter kernel; None for this environment's.

    Returns
    -------
    str
        64 hexadecimal digits. They change if the lesson, a parameter, the kernel or the course changes.
        The data that a parameter names are not read: after a change there, use `course run --again`.
    """
    lesson = hashlib.sha256(source.read_bytes()).hexdigest()
    parts = [lesson, dict(parameters), kernel, course_key()]
    return hashlib.sha256(json.dumps(parts, default=list, sort_keys=True).encode()).hexdigest()


@cache
def course_key() -> str:
    """Hash the files of `course_lib` that lessons use: code, results, weights and embedded corpora.

    Returns
    -------
    str
        64 hexadecimal digits. The version alone would not do: it is the same after each change of a file that
        is not committed.
    """
    folder, total = ROOT / "course_lib", hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder)
        if place.parts[0] in NOT_IN_LESSONS or path.suffix == ".pyc" or not path.is_file():
            continue
        total.update(f"{place.as_posix()}\n".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def note_in(copy: Path) -> dict[str, Any]:
    """Read what an executed copy keeps about its run.

    Parameters
    ----------
    copy : Path
        The executed copy. It may be missing or damaged.

    Returns
    -------
    dict
        "seconds", "memory" (MiB), "error" ("" if it ran to its end) and "key". Empty if the file is not such
        a copy.
    """
    try:
        note = json.loads(copy.read_text(encoding="utf-8"))["metadata"]["course"]
        return {"key": "", **note} if {"seconds", "memory", "error"} <= set(note) else {}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}
