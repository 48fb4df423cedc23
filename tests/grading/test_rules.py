"""Which submission counts and whether it is late, on submissions written out by hand."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from course_lib.core.errors import CourseError
from course_lib.grading import rules
from course_lib.grading.intake import Answer, Submission
from course_lib.grading.results import Result
from course_lib.grading.rules import Rules
from course_lib.grading.run import Run

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def came(file="02.ipynb", hours=0.0, text="x", **more):
    attempted = more.pop("attempted", True)
    return Submission("ann", file, NOON + timedelta(hours=hours), {"02.1": Answer(text, attempted)}, **more)


@pytest.mark.parametrize(
    ("text", "hours", "points"),
    [
        ("10%/day", 0.5, 1.8),
        ("10%/day", 24, 1.8),
        ("10%/day", 24.1, 1.6),
        ("10%/day", 24 * 30, 0),
        ("10%/day, max=50%", 24 * 30, 1),
        ("5%/hour,max=20%", 2.5, 1.7),
        ("25%/week", 24 * 8, 1),
        ("12.5%/day", 1, 1.75),
        ("100%/day", 0.01, 0),
        ("10%/day,grace=15min", 0.25, 2),
        ("10%/day,grace=15min", 0.26, 1.8),
        ("10%/day,max=50%,grace=2h", 2, 2),
    ],
)
def test_what_late_work_costs(text, hours, points):
    own = Rules(NOON, penalty=rules.penalty(text))
    late = rules.lateness(came(hours=hours), own)
    result = rules.charged(Result("ann", "02.1", "graded", 2.0, 2), late, own)
    assert result.points == pytest.approx(points) and result.points + result.taken == pytest.approx(2)
    assert bool(result.note) == (points < 2)


@pytest.mark.parametrize(
    "text", ["10", "10%", "10%/month", "0%/day", "101%/day", "10%/day,grace=1", "-5%/day"]
)
def test_what_is_no_penalty(text):
    with pytest.raises(CourseError, match=r"--late .*: this is not a penalty\. Write for example 10%/day"):
        rules.penalty(text)


def test_a_penalty_that_cannot_be_read_is_said_before_anything_is_graded():
    with pytest.raises(CourseError, match="this is not a penalty"):
        Run("in", "bank", "key", "roster", "out", late="ten percent")


@pytest.mark.parametrize(
    ("one", "own", "late", "by"),
    [
        (came(hours=1), Rules(NOON), True, timedelta(hours=1)),
        (came(hours=0), Rules(NOON), False, timedelta()),
        (came(hours=1), Rules(), False, timedelta()),
        (came(hours=1, clock="download"), Rules(NOON), False, None),
        (came(hours=1, late=False), Rules(NOON), False, None),  # Canvas knows its own due dates
        (came(hours=-1, late=True), Rules(NOON), True, None),
        (came(hours=9, late=True, clock="download"), Rules(NOON), True, None),
        (came(hours=9, late=True), Rules(NOON + DAY, extended=True), False, None),
        (
            came(hours=30, late=True, clock="times"),
            Rules(NOON + DAY, extended=True),
            True,
            timedelta(hours=6),
        ),
        (came(hours=-1, late=True, clock="times"), Rules(NOON), False, timedelta()),
    ],
)
def test_what_is_late(one, own, late, by):
    assert rules.lateness(one, own) == (late, by)


def test_a_platform_s_mark_without_a_time_costs_one_day():
    own = Rules(NOON, penalty=rules.penalty("10%/day"))
    late = rules.lateness(came(late=True, clock="download"), own)
    result = rules.charged(Result("ann", "02.1", "graded", 2.0, 2), late, own)
    assert result.points == 1.8 and result.note == "it came late, so it loses 10% of its points"


def test_of_canvas_attachments_the_higher_number_is_the_newer():
    old, new = came("lee_1_9_b.ipynb", order=9, text="old"), came("lee_1_12_a.ipynb", order=12, text="new")
    assert rules.counted([new, old], "02.1", Rules()) is new
    assert rules.counted([new, old], "02.1", Rules(choose="first")) is old
    assert rules.decisions([new, old], "02.1", Rules()) == {
        "lee_1_12_a.ipynb": "counts: the number in its name",
        "lee_1_9_b.ipynb": "does not count: an older number in its name",
    }


def test_why_each_file_counts_or_not():
    files = [
        came("a.ipynb", -2, "one"),
        came("b.ipynb", -1, "two"),
        came("c.ipynb", -0.5, "stub", attempted=False),
        came("d.ipynb", 1, "three"),
    ]
    said = lambda own: [why.partition(": ")[2] for why in rules.decisions(files, "02.1", own).values()]
    assert said(Rules(NOON)) == ["an older file", "an older file", "the empty copy", "the newest"]
    assert said(Rules(NOON, choose="in-time")) == [
        "an older file",
        "the newest in time",
        "the empty copy",
        "it came after the deadline",
    ]
    assert said(Rules(choose="first")) == ["the first", "a newer file", "the empty copy", "a newer file"]
    assert said(Rules(attempts=1)) == ["the newest", "attempt 2 of 1", "the empty copy", "attempt 3 of 1"]
    assert rules.decisions(files[:1], "02.1", Rules()) == {"a.ipynb": "counts: the only file"}
    same = [came("a.ipynb", text="one"), came("b.ipynb", text="two")]
    assert list(rules.decisions(same, "02.1", Rules()).values()) == [
        "does not count: undecided, the same time",
        "counts: undecided, the last by name",
    ]
    again = [came("a.ipynb", text="one"), came("b.ipynb", 1, text="one")]
    assert rules.decisions(again, "02.1", Rules())["a.ipynb"] == "the same answer as in the file that counts"


def test_the_number_in_a_name_orders_attempts_whose_times_are_unknown():
    files = [came(f"02{copy}.ipynb", text=copy, clock="download") for copy in (" (10)", "", " (2)")]
    assert rules.attempts(files, "02.1") == {"": 1, " (2)": 2, " (10)": 3}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("student,until\nann,2026-12-01\n", "line 1: no column lesson"),
        ("student,lesson,until\neve,02,2026-12-01\n", "line 2: student 'eve' is not in the roster"),
        ("student,lesson,until\nann,77,2026-12-01\n", "line 2: there is no lesson '77'. There are: 02, 03"),
        ("student,lesson,until\nann,02,Friday\n", "line 2: 'Friday' is not a time. Write 2026-12-03"),
    ],
)
def test_extensions_that_are_wrong(tmp_path, text, message):
    path = tmp_path / "extensions.csv"
    path.write_text(text)
    with pytest.raises(CourseError, match=re.escape(message)):
        rules.read_extensions(path, {"ann": "ann"}, ["02", "03"])


def test_extensions(tmp_path):
    path = tmp_path / "extensions.csv"
    assert rules.read_extensions(path, {}, []) == {}
    path.write_text("student,lesson,until\nAnn,2,2026-12-02T10:00+00:00\nx9,,2026-12-03\n")
    found = rules.read_extensions(path, {"ann": "ann", "x9": "bob"}, ["02", "03"])
    run = Run("in", "bank", "key", "roster", "out", deadline=NOON)
    assert rules.of(run, found, "ann", "02").deadline == datetime(2026, 12, 2, 10, tzinfo=UTC)
    assert rules.of(run, found, "ann", "03") == Rules(NOON)
    own = rules.of(run, found, "bob", "03")
    assert own.deadline == datetime(2026, 12, 3, 23, 59, 59).astimezone() and own.extended
    assert rules.of(Run("in", "bank", "key", "roster", "out"), found, "bob", "03") == Rules(extended=True)
