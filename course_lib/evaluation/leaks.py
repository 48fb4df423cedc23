"""An audit for data leakage: files, clips, recordings or actors that are in both training and test set."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from course_lib.core.errors import CourseError
from course_lib.core.validation import column

# Each leak: its name, the columns with equal values, and the column that must differ (None: no column).
LEAKS = (
    ("same file content", ["content"], "path"),
    ("same clip", ["clip"], None),
    ("same recording in two files", ["recording", "modality"], "clip"),
    ("same recording in two modalities", ["recording"], "modality"),
    ("same actor", ["actor"], None),
)


class Audit(NamedTuple):
    """What `audit` found: a `table` with one row for each leak, and the leaks it could not check."""

    table: pd.DataFrame
    not_checked: list[str]


def audit(train: pd.DataFrame, test: pd.DataFrame | None = None) -> Audit:
    """Look for data leakage: files, clips, recordings or actors that are in both training and test set.

    Parameters
    ----------
    train : DataFrame
        One row for each item, with some of the columns path, clip, recording, modality and actor.
    test : DataFrame, optional
        The test set. Without it, `audit` looks for what is twice in the one table, so that a random split of
        it would leak; the same clip and the same actor then do not count.

    Returns
    -------
    Audit
        Its `table` has the columns leak, train, test (rows on each side; for one table `rows`) and detail. An
        empty table means that no leak was found. "same file content": two files with the same bytes
        (SHA-256). "same clip": frames of one file (column `clip`, else `path`) on both sides. "same recording
        in two files": one recording twice in one modality, such as wav and FLAC. "same recording in two
        modalities": RAVDESS's 01 with sound and 02 without. "same actor": only a speaker-independent split is
        free of it. `not_checked` lists the leaks whose columns are missing.

    Raises
    ------
    CourseError
        If a file of `path` is missing, a column has gaps, or the tables have none of the columns in common.

    Notes
    -----
    Used in lessons 03 and 07.

    Examples
    --------
    >>> train, test = pd.DataFrame({"actor": [1, 1, 2]}), pd.DataFrame({"actor": [2, 3]})
    >>> audit(train, test).table
             leak  train  test   detail
    0  same actor      1     1  actor 2
    """
    if test is None:
        return _find({"rows": train}, [leak for leak in LEAKS if leak[2]])
    return _find({"train": train, "test": test}, LEAKS)


def _find(sides: dict[str, pd.DataFrame], leaks: Iterable[tuple]) -> Audit:
    """All rows of the `leaks` between the tables in `sides` (or inside the only one)."""
    items, found, not_checked = _items(sides), [], []
    for leak, same, differs in leaks:
        if {*same, differs} - {None} <= {*items}:
            found += _shared(items, list(sides), leak, same, differs)
        else:
            not_checked.append(leak)
    return Audit(pd.DataFrame(found, columns=["leak", *sides, "detail"]), not_checked)


def _items(sides: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """All tables as one: the columns that all of them have, and `side`, `clip` and `content`."""
    known = [
        name
        for name in ("path", "clip", "recording", "modality", "actor")
        if all(name in t for t in sides.values())
    ]
    if not {*known} - {"modality"}:
        raise CourseError(
            "audit",
            "there is no column path, clip, recording or actor to look at",
            "Add a column that names the file, recording or actor of each row",
        )
    tables = [
        pd.DataFrame({name: column(table, name) for name in known}).assign(side=side)
        for side, table in sides.items()
    ]
    items = pd.concat(tables, ignore_index=True)
    if "path" in items:
        items["path"] = items["path"].map(str)
        items["content"] = _content(items["path"])
        items["clip"] = items["clip" if "clip" in items else "path"]
    return items


def _shared(
    items: pd.DataFrame, sides: list[str], leak: str, same: list[str], differs: str | None
) -> list[tuple]:
    """A row for each value of `same` that is on all sides, with two or more values of `differs`."""
    groups = items.groupby(same, observed=True)
    counts = items.groupby([*same, "side"], observed=True).size().unstack("side", fill_value=0)
    on_both = (counts.reindex(columns=sides, fill_value=0) > 0).all(axis=1)
    if differs:
        on_both &= groups[differs].nunique() > 1
    return [
        (
            leak,
            *counts.loc[key, sides],
            _detail(groups.get_group(key if len(same) > 1 else (key,)), same, differs),
        )
        for key in counts.index[on_both]
    ]


def _detail(group: pd.DataFrame, same: list[str], differs: str | None) -> str:
    """What is on both sides, and the first few of its files or modalities."""
    text = ", ".join(f"{name} {value}" for name, value in group[same].iloc[0].items())
    if not differs:
        return text
    values = sorted(map(str, group[differs].unique()))
    return f"{text}: {', '.join(values[:3])}" + (f" and {len(values) - 3} more" if len(values) > 3 else "")


def _content(paths: pd.Series) -> pd.Series:
    """The beginning of each file's SHA-256, or None if no other file has the same size: (n,)."""
    try:
        size = {path: Path(path).stat().st_size for path in paths.unique()}
        files = Counter(size.values())
        digest = {path: _sha256(path) for path in size if files[size[path]] > 1}
    except OSError as error:
        raise CourseError(
            error.filename,
            f"the file cannot be read ({error.strerror})",
            "Make the table again from the folder as it is now",
        ) from error
    return paths.map(digest.get)


def _sha256(path: str | Path) -> str:
    with open(path, "rb") as file:  # file_digest reads in pieces, so a video need not fit into memory
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]
