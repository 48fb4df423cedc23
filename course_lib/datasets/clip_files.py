"""Read a folder of clips whose file names describe the recordings as a table, for all corpora of speech."""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from course_lib.core.errors import CourseError

ENDINGS = (".mp4", ".wav", ".flac")
NAMED_IN_WARNING = 5


def table(
    folder: str | Path | None,
    row: Callable[[Path], dict[str, Any]],
    corpus: str,
    get_it: str,
    stacklevel: int = 3,
) -> pd.DataFrame:
    """Make a table of the clips (mp4, wav, flac) in a folder and all folders below it.

    Parameters
    ----------
    folder : str or path
        Files and folders whose names begin with a dot are ignored.
    row : callable
        `row(path)` returns the row of a clip as a dict. If it raises `CourseError`, the clip is left out and
        listed in a `UserWarning`.
    corpus : str
        Name of the corpus, for messages.
    get_it : str
        How to get the corpus, for messages.
    stacklevel : int
        Of the warning.

    Returns
    -------
    pd.DataFrame
        One row for each clip, sorted by path.

    Raises
    ------
    CourseError
        If the folder is None, missing or a file, or contains no clip of the corpus.
    """
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
            f"it contains no {corpus} clip ({len(faults)} mp4, wav or flac files have other names)",
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
            corpus, "no folder is given", f"Give the folder of clips, or get the data: {get_it}"
        )
    folder = Path(folder).expanduser()
    if folder.is_file():
        raise CourseError(folder, "this is a file, not a folder", "Give the folder of clips")
    if not folder.is_dir():
        raise CourseError(folder, "there is no such folder", f"Check its spelling, or get the data: {get_it}")
    return folder


def _clips(folder):
    """Every mp4, wav and flac file below `folder`, sorted, without hidden ones (a dot before a name)."""
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() in ENDINGS and not hidden and path.is_file():
            yield path


def _left_out(folder, corpus, faults, n):
    """The warning's text: how many of `n` clips are left out, and why, for the first few."""
    lines = faults[:NAMED_IN_WARNING]
    if len(faults) > len(lines):
        lines.append(f"… and {len(faults) - len(lines)} more")
    head = f"{folder}: {len(faults)} of {n} clips are left out because their names are not {corpus} names:"
    return "\n  ".join([head, *lines])
