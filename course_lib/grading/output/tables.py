"""The csv files that grading writes. They are harmless when a spreadsheet opens them."""

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from course_lib.core.io import whole_file

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # all but tab and the ends of a line
# Where a formula can begin: at the beginning of a cell, and after a semicolon, a tab or a line's end, where a
# spreadsheet with the settings of another language begins a new cell.
_FORMULA = re.compile(r"(?:^|(?<=[;\t\r\n]))(?=\s*[=+\-@＝＋－＠])")


def write_csv(path: str | Path, header: Sequence[str], rows: Iterable[Sequence]) -> None:
    """Write a csv file, with every cell made harmless by `plain_cell`.

    Parameters
    ----------
    path : path
        The file. It is UTF-8 with a BOM, which Excel needs: read it with the encoding "utf-8-sig".
    header : sequence of str
        The names of the columns.
    rows : iterable of sequence
        The rows.

    Raises
    ------
    CourseError
        If the file cannot be written, for example because the disk is full.
    """
    with whole_file(path) as part, open(part, "w", encoding="utf-8-sig", errors="replace", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([plain_cell(value) for value in row] for row in rows)


def plain_cell(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula.

    Parameters
    ----------
    value : object
        A number stays a number. A text that begins with = + - or @ gets an apostrophe in front. It loses
        control characters: NUL ends a cell for some readers, and ESC begins a command to a terminal that
        shows the file. A dash alone, as Moodle writes for "never", is not a formula.

    Returns
    -------
    object
        The harmless value.

    References
    ----------
    OWASP, "CSV Injection": a name, a file name or an answer can be `=HYPERLINK(...)`.

    Examples
    --------
    >>> plain_cell("=1+1"), plain_cell(2)
    ("'=1+1", 2)
    """
    return _FORMULA.sub("'", _CONTROL.sub("", value)) if isinstance(value, str) and value != "-" else value
