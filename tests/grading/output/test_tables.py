"""What is written as a csv file: every name, and no cell that a spreadsheet takes for a formula."""

import pytest
from small_class import lines

from course_lib.grading.output.tables import plain_cell, write_csv


@pytest.mark.parametrize(
    "value, cell",
    [
        ("=1+1", "'=1+1"),
        ("+49 30", "'+49 30"),
        ("-1", "'-1"),
        ("@sum", "'@sum"),
        ("＝1", "'＝1"),
        ("\0=1", "'=1"),
        (" =1", "' =1"),
        ("\t=1", "'\t'=1"),
        ("\r\n=1", "'\r'\n'=1"),
        ("a;=1", "a;'=1"),
        ("ann-marie", "ann-marie"),
        ("a = 1", "a = 1"),
        ("a\0b", "ab"),
        ("Ann\x1b[31m \x9b2J", "Ann[31m 2J"),
        ("", ""),
        (-1.5, -1.5),
        (None, None),
    ],
)
def test_no_cell_is_taken_for_a_formula(value, cell):
    assert plain_cell(value) == cell


def test_a_csv_keeps_every_name(tmp_path):
    write_csv(
        tmp_path / "new" / "x.csv", ("student", "points"), [('Öz, "Anna"\nB', 1.5), ("half \ud800", -2)]
    )
    assert lines(tmp_path / "new" / "x.csv") == [
        ["student", "points"],
        ['Öz, "Anna"\nB', "1.5"],
        ["half ?", "-2"],
    ]
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["x.csv"]
