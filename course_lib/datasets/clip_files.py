"""A folder of clips whose names say what was recorded, as a table: what all corpora of speech have in
common."""

import warnings
from pathlib import Path

import pandas as pd

from course_lib.core.errors import CourseError

ENDINGS = (".mp4", ".wav", ".flac")
NAMED_IN_WARNING = 5


def table(folder, row, corpus, get_it, stacklevel=3) -> pd.DataFrame:
    """One row a clip (mp4, wav, flac) in `folder` and all folders below, sorted by path: what `row(path)`
    says of it.

    Clips for which `row` raises `CourseError` are left out and listed in a `UserWarning`. Files and folders
    whose names begin with a dot (macOS leaves such behind) are ignored. Raises `CourseError` when the folder
    is None or missing, is a file, or holds no clip of the `corpus`; `get_it` says in all of these where the
    corpus is to be had."""
    folder = _checked(folder, corpus, get_it)
    rows, faults = [], []
    for path in _clips(folder):
        try:
            rows.append(row(path))
        except CourseError as error:
            faults.append(str(error))
    if not rows:
        raise CourseError(
            folder,
            f"no {corpus} clip is in it ({len(faults)} mp4, wav or flac with other names)",
            f"Give the folder that the clips are in, or get the data: {get_it}",
        )
    if faults:
        warnings.warn(
            _left_out(folder, corpus, faults, len(rows) + len(faults)), UserWarning, stacklevel=stacklevel
        )
    return pd.DataFrame(rows)


def _checked(folder, corpus, get_it):
    if folder is None:
        raise CourseError(
            corpus, "no folder is given", f"Give the folder of its clips, or get the data: {get_it}"
        )
    folder = Path(folder).expanduser()
    if folder.is_file():
        raise CourseError(folder, "this is a file, not a folder", "Give the folder that the clips are in")
    if not folder.is_dir():
        raise CourseError(folder, "there is no such folder", f"Check its spelling, or get the data: {get_it}")
    return folder


def _clips(folder):
    """Every mp4, wav and flac below `folder`, sorted; a dot before a file or folder hides it."""
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() in ENDINGS and not hidden and path.is_file():
            yield path


def _left_out(folder, corpus, faults, n):
    """The warning's text: how many of `n` clips are left out, and why, for the first few."""
    lines = faults[:NAMED_IN_WARNING]
    if len(faults) > len(lines):
        lines.append(f"… and {len(faults) - len(lines)} more")
    head = f"{folder}: {len(faults)} of {n} clips are left out, their names are not {corpus} names:"
    return "\n  ".join([head, *lines])
