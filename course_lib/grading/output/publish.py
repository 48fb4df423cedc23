"""What goes back to the students: OUT/publish/LESSONS, with the steps to take in README.txt.

A platform's feedback zip has names by which its importer finds each student. They are made from the names of
the submitted files. So a student who handed in nothing may get no page that way: `mail_merge_others.csv` has
a line for each of them, and `mail_merge.csv` has all students.
"""

import io
import re
import zipfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from course_lib.core.io import whole_file
from course_lib.grading import collect, roster
from course_lib.grading.intake import Submission
from course_lib.grading.output import gradebooks, report
from course_lib.grading.output.gradebooks import Book
from course_lib.grading.results import Graded
from course_lib.grading.roster import Student
from course_lib.grading.run import Run

STEPS = {
    "moodle": """\
1. Open the assignment in Moodle. In its settings, "Feedback files", "Feedback comments" and "Offline grading
   worksheet" should be ticked.
2. Submissions > Actions > Upload grading worksheet: moodle_grades.csv. The site's language should be English.
3. Submissions > Actions > Upload multiple feedback files in a zip: moodle_feedback.zip.
""",
    "canvas": """\
1. Grades > Import: canvas_grades.csv. Canvas shows the changes before it saves them.
2. Open the assignment > Re-Upload Submissions: canvas_feedback.zip. Each page becomes a comment.
""",
    "": """\
1. The platform has no import that this course knows. mail_merge.csv has a line for each student: the
   address, the points, and the page to attach. A mail program with mail merge (Thunderbird with an add-on,
   Outlook) sends them.
2. For the marks, copy the column "points" of mail_merge.csv.
""",
}

OTHERS = "mail_merge_others.csv"


def folder(run: Run, lessons: Sequence[str]) -> Path:
    """Return the folder of these lessons (at least one): OUT/publish/02, or OUT/publish/02-04."""
    name = lessons[0] if len(lessons) == 1 else f"{lessons[0]}-{lessons[-1]}"
    return Path(run.out) / "publish" / name


def write(run: Run, graded: Graded, lessons: Collection[str]) -> None:
    """Write the files that go back to the students.

    Parameters
    ----------
    run : Run
        The run. Its roster may be an export of the platform.
    graded : Graded
        What it found. The pages in OUT/feedback are written already.
    lessons : collection of str
        The lessons that were graded now: those of one assignment of the platform.
    """
    exercises = [one for one in graded.exercises if one.id[:2] in lessons]
    lessons = tuple(dict.fromkeys(one.id[:2] for one in exercises))
    if not exercises:
        return
    platform = _platform(run, graded.submissions)
    book = Book(
        f"Lesson {lessons[0]}" if len(lessons) == 1 else f"Lessons {', '.join(lessons)}",
        lessons,
        exercises,
        graded.students,
        _numbers(graded, platform),
        {(one.student, one.exercise): one for one in graded.results},
    )
    names = report.file_names([one.id for one in graded.students])
    pages = {
        id: page
        for id, name in names.items()
        if (page := Path(run.out) / "feedback" / f"{name}.html").exists()
    }
    out = folder(run, lessons)
    told = {id: f"feedback/{one.name}" for id, one in pages.items()}
    gradebooks.mail_merge(out / "mail_merge.csv", book, told)
    notes, packed = [], dict.fromkeys(pages, "")
    if platform == "moodle":
        notes = gradebooks.moodle(out / "moodle_grades.csv", book, run.roster)
        packed = _moodle_names(graded, book, pages)
        _zip(out / "moodle_feedback.zip", packed, pages)
    if platform == "canvas":
        notes = gradebooks.canvas(out / "canvas_grades.csv", book, run.roster)
        packed = _canvas_names(graded)
        _zip(out / "canvas_feedback.zip", packed, pages)
    notes += _others(out / OTHERS, book, told, packed)
    _readme(out / "README.txt", book, platform, notes)


def _platform(run: Run, submissions: Sequence[Submission]) -> str:
    """Return "moodle", "canvas", or "" for all others."""
    export = roster.of_export(roster.table(run.roster)[0])
    if export and export.platform in STEPS:
        return export.platform
    known = [id for id in ("moodle", "canvas") if any(collect.match(id, one.file) for one in submissions)]
    return known[0] if known else ""


def _numbers(graded: Graded, platform: str) -> dict[str, str]:
    known = {one.id: one.number for one in graded.students if one.number}
    if platform:
        known |= {one.student: one.number for one in graded.submissions if one.number}
    return known


def _moodle_names(graded: Graded, book: Book, pages: Mapping[str, Path]) -> dict[str, str]:
    # Moodle's importer splits a folder's name at "_": full name, participant, plugin type, plugin.
    return {
        one.id: f"{_full_name(one)}_{book.numbers[one.id]}_assignfeedback_file_/{pages[one.id].name}"
        for one in graded.students
        if one.id in book.numbers and one.id in pages
    }


def _full_name(one: Student) -> str:
    return re.sub(r'[_/\\:*?"<>|\0-\x1f]+', " ", one.name or one.id).strip(" .") or "student"


def _canvas_names(graded: Graded) -> dict[str, str]:
    # Canvas finds the user and the attachment in the first two numbers between "_".
    used = {(one.student, one.file) for one in graded.results}
    names: dict[str, str] = {}
    for one in sorted(graded.submissions, key=lambda one: ((one.student, one.file) in used, one.order)):
        if found := collect.match("canvas", one.file):
            late = "LATE_" if found["late"] else ""
            names[one.student] = f"{found['name']}_{late}{found['number']}_{found['order']}_feedback.html"
    return names


def _others(path: Path, book: Book, pages: Mapping[str, str], packed: Collection[str]) -> list[str]:
    """Write a table of the students whose page is not in the platform's zip, and return what to say of it."""
    path.unlink(missing_ok=True)  # of an earlier run
    without = [one for one in book.students if one.id in pages and one.id not in packed]
    if not without:
        return []
    gradebooks.mail_merge(path, book._replace(students=without), pages)
    named = f"{', '.join(one.id for one in without[:5])}{' ...' if len(without) > 5 else ''}"
    return [
        f"The zip has no page of: {named}. They handed in nothing, or their number is not known. A mail "
        f"program can send their pages, with {path.name}."
    ]


def _zip(path: Path, names: Mapping[str, str], pages: Mapping[str, Path]) -> None:
    # The same pages give the same bytes: an entry's time says nothing.
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for student, name in sorted(names.items()):
            if student in pages:
                entry = zipfile.ZipInfo(name)
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                archive.writestr(entry, pages[student].read_bytes())
    with whole_file(path) as part:
        part.write_bytes(packed.getvalue())


def _readme(path: Path, book: Book, platform: str, notes: Sequence[str]) -> None:
    text = f"{book.title}: {len(book.students)} students, {book.out_of} points.\n\n{STEPS[platform]}"
    text += "".join(f"\nNote: {note}\n" for note in notes)
    if platform:
        text += "\nmail_merge.csv has all students, also those without a file, for a mail program.\n"
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")
