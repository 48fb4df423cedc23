"""Read a folder of clips or photographs as a table, where the file names describe what the files show."""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from course_lib.core.errors import CourseError
from course_lib.core.kinds import kind_of
from course_lib.datasets import credits

# What `media` reads, as corpora publish it and as phones, browsers and recorders write it.
ENDINGS = (
    *(".mp4", ".wav", ".flac", ".opus", ".m4a", ".mp3", ".ogg", ".webm", ".mov", ".mkv", ".avi", ".m4v"),
    *(".3gp", ".aac", ".aiff", ".aif", ".caf", ".flv", ".mpg", ".oga", ".3g2", ".3ga", ".m4b", ".m2ts"),
    *(".mts", ".mpeg", ".ogv", ".qt", ".vob", ".wave", ".weba", ".wma", ".wmv"),
)
# Sound and film that `media` does not read, whatever their first bytes are.
UNREAD = (".amr", ".awb", ".ape", ".ra", ".rm", ".gsm", ".dss", ".mid", ".voc", ".m4p", ".aa", ".aax")
NAMED_IN_WARNING = 5


def table(
    folder: str | Path | None,
    row: Callable[[Path], dict[str, Any]],
    corpus: str,
    get_it: str,
    stacklevel: int = 3,
    endings: tuple[str, ...] = ENDINGS,
    what: str = "clip",
) -> pd.DataFrame:
    """Make a table of the clips in a folder and all folders below it.

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
    endings : tuple of str
        Of the files to read, by default all of sound and film that the course reads.
    what : str
        What a file is, for messages.

    Returns
    -------
    pd.DataFrame
        One row for each clip, sorted by path.

    Raises
    ------
    CourseError
        If the folder is None, missing or a file, or contains no clip of the corpus.
    """
    folder = _checked(folder, corpus, get_it, what)
    rows, faults = [], []
    for path in _clips(folder, endings):
        try:
            rows.append(row(path))
        except CourseError as error:
            faults.append(str(error))
    if not rows:
        raise CourseError(
            folder,
            f"it contains no {corpus} {what}{_why_none(faults, endings, folder)}",
            f"Give the folder that the {what}s are in, or get the data: {get_it}",
        )
    if faults:
        warnings.warn(
            _left_out(folder, corpus, what, faults, len(rows) + len(faults)),
            UserWarning,
            stacklevel=stacklevel,
        )
    if endings is ENDINGS and (others := _others(folder)):
        names = ", ".join(sorted({path.suffix.lower() or "no ending" for path in others}))
        text = (
            f"{folder}: {len(others)} files of sound or film are left out because of their endings ({names})"
        )
        cure = f"Save or rename them as one of {', '.join(ENDINGS[:8])} …"
        warnings.warn(
            "\n  ".join([text, *_first(others), cure]),
            UserWarning,
            stacklevel=stacklevel,
        )
    if any(Path(each["path"]).stat().st_size for each in rows):  # lesson 12 makes empty files
        credits.used(corpus.lower().replace("-", "_"), folder)
    return pd.DataFrame(rows)


def _checked(folder, corpus, get_it, what):
    if folder is None:
        raise CourseError(
            corpus, "no folder is given", f"Give the folder of {what}s, or get the data: {get_it}"
        )
    folder = Path(folder).expanduser()
    if folder.is_file():
        raise CourseError(folder, "this is a file, not a folder", f"Give the folder of {what}s")
    if not folder.is_dir():
        raise CourseError(folder, "there is no such folder", f"Check its spelling, or get the data: {get_it}")
    return folder


def _clips(folder, endings):
    """Every file below `folder` with one of `endings`, sorted."""
    return (path for path in _files(folder) if path.suffix.lower() in endings)


def _files(folder):
    """Every file below `folder`, sorted, without hidden ones (a dot before a name)."""
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and path.is_file():
            yield path


def _others(folder):
    """Sound and film with other endings than `ENDINGS`, told by the ending or by the first bytes."""
    return [
        path
        for path in _files(folder)
        if (ending := path.suffix.lower()) not in ENDINGS
        and (ending in UNREAD or kind_of(path) in ("audio", "video"))
    ]


def _why_none(faults, endings, folder):
    """What is wrong with the first of the files, if there are any."""
    if faults:
        return f": {len(faults)} files have other names. The first: {faults[0].rstrip('.')}"
    if endings is ENDINGS and (others := _others(folder)):
        return (
            f" with an ending that the course knows: {len(others)} files of sound or film have others, such "
            f"as {others[0].name}"
        )
    return f" (no {', '.join(ending[1:] for ending in endings[:3])} … file at all)"


def _left_out(folder, corpus, what, faults, n):
    """The warning's text: how many of `n` files are left out, and why, for the first few."""
    head = f"{folder}: {len(faults)} of {n} {what}s are left out because their names are not {corpus} names:"
    return "\n  ".join([head, *_first(faults)])


def _first(things):
    """The first few as text, and how many more there are."""
    more = [f"… and {len(things) - NAMED_IN_WARNING} more"] * (len(things) > NAMED_IN_WARNING)
    return [*map(str, things[:NAMED_IN_WARNING]), *more]
