"""A whole round for each platform, from its export to what its importer takes: the commands of the page."""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import notebook_files
import pytest
from importers import canvas_feedback, canvas_gradebook, moodle_feedback, moodle_worksheet
from notebook_files import code
from small_class import HOG_LENGTH, rows

from course_lib import exercises
from course_lib.core.paths import ROOT
from course_lib.grading import sandbox

PAGE = (ROOT / "docs" / "grading" / "publish.md").read_text(encoding="utf-8")
POINTS = sum(one.points for one in exercises.lesson("02"))
pytestmark = pytest.mark.skipif(bool(sandbox.available("bwrap")), reason="no bubblewrap here")


def commands(heading):
    block = re.search(rf"^### {heading}\n.*?```bash\n(.*?)```", PAGE, re.DOTALL | re.MULTILINE)
    return block[1].splitlines()


def book(answer):
    return json.dumps(notebook_files.book(code(answer, grade_id=exercises.find("02.1").grade_id)))


def in_order(folder, heading, files, **tables):
    """Put the platform's export into a folder, and run the page's commands there."""
    with zipfile.ZipFile(folder / "submissions.zip", "w") as archive:
        for name, answer in files.items():
            archive.writestr(name, book(answer))
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    (folder / "bank").symlink_to(ROOT / "bank")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    own = {**os.environ, "PATH": path, "COURSE_HOME": str(folder / "home"), "TZ": "UTC"}
    done = commands(heading)
    assert 1 <= len(done) <= 6
    ran = subprocess.run(
        ["bash", "-e", "-c", "\n".join(done)],
        cwd=folder,
        env=own,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    return ran.stdout, folder / "marks"


def test_a_round_with_moodle(tmp_path):
    said, marks = in_order(
        tmp_path,
        "With Moodle",
        {
            "Ann Lee_17_assignsubmission_file_/hand_in_02.ipynb": HOG_LENGTH,
            "Bob Öz_18_assignsubmission_file_/hand_in_02.ipynb": HOG_LENGTH,
            "Cem Li_19_assignsubmission_file_/hand_in_02.ipynb": HOG_LENGTH,
        },
        worksheet="Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
        "Last modified (submission),Last modified (grade),Feedback comments\n"
        + "".join(
            f"Participant {number},{name},{name[:3].lower()}@uni.example,Submitted,,{POINTS}.00,Yes,"
            f'"{when}",-,\n'
            for number, name, when in (
                (17, "Ann Lee", "Monday, 30 November 2026, 2:05 PM"),
                (18, "Bob Öz", "Tuesday, 1 December 2026, 2:05 PM"),
                (19, "Cem Li", "Tuesday, 1 December 2026, 2:05 PM"),
                (21, "Eve Xu", "-"),
            )
        ),
    )
    assert "Layout: Moodle" in said and "--deadline 2026-11-30T23:59, --late 10%/day" in said
    folder = marks / "publish" / "02"
    taken = moodle_worksheet(folder / "moodle_grades.csv", {17, 18, 19, 21}, POINTS)
    # Ann has the teacher's mark, Bob an extension, Cem is one day late, Eve handed in nothing.
    assert {number: grade for number, (grade, _) in taken.items()} == {17: 1.5, 18: 2, 19: 1.8, 21: 0}
    assert set(moodle_feedback(folder / "moodle_feedback.zip", {17, 18, 19, 21})) == {17, 18, 19, 21}


def test_a_round_with_canvas(tmp_path):
    said, marks = in_order(
        tmp_path,
        "With Canvas",
        {
            "leeann_17_501_hand_in_02.ipynb": HOG_LENGTH,
            "özbob_LATE_18_502_hand_in_02.ipynb": HOG_LENGTH,
            "licem_LATE_19_503_hand_in_02-1.ipynb": HOG_LENGTH,
        },
        gradebook="Student,ID,SIS User ID,SIS Login ID,Section,Hand in 02 (77)\n"
        f"    Points Possible,,,,,{POINTS}\n"
        '"Lee, Ann",17,,ann,A,\n"Öz, Bob",18,,bob,A,\n"Li, Cem",19,,cem,A,\n"Xu, Eve",20,,eve,A,\n',
    )
    assert "Layout: Canvas" in said
    folder = marks / "publish" / "02"
    found = canvas_gradebook(folder / "canvas_grades.csv", {17, 18, 19, 20}, {"Hand in 02 (77)"})
    assert found == (str(POINTS), {17: "2", 18: "2", 19: "1.8", 20: "0"}, [])
    assert canvas_feedback(folder / "canvas_feedback.zip", {(17, 501), (18, 502), (19, 503)}) == [17, 18, 19]
    assert [row["student"] for row in rows(folder / "mail_merge_others.csv")] == ["eve"]


def test_a_round_with_google_classroom(tmp_path):
    said, marks = in_order(
        tmp_path,
        "With Google Classroom",
        {"Ann Lee - hand_in_02.ipynb": HOG_LENGTH, "Bob Öz - hand_in_02.ipynb": HOG_LENGTH},
        classroom="Last Name,First Name,Email Address,Lesson 02\nDate,,,2026-11-30\nPoints,,,9\n"
        "Lee,Ann,ann@uni.example,\nÖz,Bob,bob@uni.example,\nXu,Eve,eve@uni.example,\n",
    )
    assert "Layout: Google Classroom" in said
    sent = rows(marks / "publish" / "02" / "mail_merge.csv")
    assert [(row["email"], row["points"], row["late"]) for row in sent] == [
        ("ann@uni.example", "2", "no"),
        ("bob@uni.example", "1.8", "yes"),
        ("eve@uni.example", "0", "no"),
    ]
    assert all((marks / row["feedback"]).exists() for row in sent)
