"""The csv files that grading writes: whole, and harmless when a spreadsheet opens them."""

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from course_lib.core.io import whole_file

# Where a spreadsheet could take up a formula: at a cell's beginning, and after ; tab or a line's end, which
# are a cell's end to a spreadsheet of another language than the file's.
_FORMULA = re.compile(r"(?:^|(?<=[;\t\r\n]))(?=\s*[=+\-@＝＋－＠])")


def write_csv(path: str | Path, header: Sequence[str], rows: Iterable[Sequence]) -> None:
    """Write a header and rows (a sequence each) to a csv file, every cell through `plain_cell`.

    UTF-8 with a BOM, without which Excel spoils umlauts: read it with encoding "utf-8-sig". Raises
    `CourseError` when the disk is full or may not be written."""
    with whole_file(path) as part, open(part, "w", encoding="utf-8-sig", errors="replace", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([plain_cell(value) for value in row] for row in rows)


def plain_cell(value: object) -> object:
    """A cell that no spreadsheet takes for a formula: a text that begins with = + - @ gets an apostrophe in
    front (and loses NUL, which ends a cell for some readers). Numbers stay numbers.

    A name, a file name or an answer can be `=HYPERLINK(...)`; see OWASP, "CSV Injection".
    """
    return _FORMULA.sub("'", value.replace("\0", "")) if isinstance(value, str) else value
