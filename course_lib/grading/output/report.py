"""What grading writes for people, from a list of Result: grades.csv, lms.csv, summary.html, feedback/,
gradescope/.

Each file is moved into place whole and is the same, byte for byte, for the same results, in whatever order
they come.

- `grades.csv`: a row a student of the roster, a column an exercise. An empty cell is a mark that is missing,
  and so the total is; who handed in nothing has zeros.
- `lms.csv`: Moodle's grading worksheet ("Upload grading worksheet", where the roster's ids are Moodle's
  "Participant 123"); for others, map the e-mail address in Moodle's "Grades > Import > CSV file".
- `feedback/ID.html` and `gradescope/ID.json`: for each student with results. ID is the student's id where it
  makes a file's name everywhere, see `file_names`.
"""

import hashlib
import html
import json
import re
from collections import Counter
from pathlib import Path

from course_lib.core.io import whole_file
from course_lib.grading.output import pages
from course_lib.grading.output.tables import write_csv
from course_lib.grading.output.wording import number, of_points, plain, remarks, total


def write(
    out, results, students, exercises, refused=(), submissions=(), similar=(), anonymous=False, deadline=None
) -> None:
    """Write all of it into the folder `out`.

    results: one Result for each student and exercise. students: the roster, in its order. exercises: those
    graded, in the course's order. refused, submissions: as `intake.collect` gave them; the answer cells of
    the file that a result names say which names of an exception's message may be shown. similar: rows of text
    (exercise, students, how alike). anonymous: ids and names are pseudonyms already; the pages say so, and
    `lms.csv` is left out. deadline: an aware datetime. Raises `CourseError` when the disk is full or may not
    be written."""
    out = Path(out)
    marks = {
        (one.student, one.exercise): one
        for one in sorted(results, key=lambda one: (one.student, one.exercise))
    }
    cells = {(one.student, one.file): one.answers for one in submissions}
    files = {
        id: name
        for id, name in file_names([one.id for one in students]).items()
        if any((id, one.id) in marks for one in exercises)
    }
    _grades(out / "grades.csv", marks, students, exercises)
    if not anonymous:
        _worksheet(out / "lms.csv", marks, students, exercises)
    for student in students:
        if student.id in files:
            own = {one.id: marks[student.id, one.id] for one in exercises if (student.id, one.id) in marks}
            sources = {id: cells.get((student.id, result.file), {}).get(id, "") for id, result in own.items()}
            name = files[student.id]
            _text(out / "feedback" / f"{name}.html", pages.feedback(student, own, exercises, sources))
            _gradescope(out / "gradescope" / f"{name}.json", own, exercises, sources)
    links = {id: f"{name}.html" for id, name in files.items()}
    _text(
        out / "summary.html",
        pages.summary(marks, students, exercises, links, refused, submissions, similar, anonymous, deadline),
    )


def file_names(ids) -> dict[str, str]:
    """{id: a file's name, without its ending, that is allowed and different on Linux, macOS and Windows}.

    An id of ASCII letters, digits and _ . @ - that begins with a letter or digit is its own name, unless
    Windows reserves it (con, nul, com1 …), it is longer than 80, or another id differs from it in case only.
    All others get what is left of them, "~" and ten digits of the id's SHA-256; no id that is its own name
    has a "~"."""
    alike = Counter(id.lower() for id in set(ids))
    return {
        id: id
        if _is_file_name(id) and alike[id.lower()] == 1
        else f"{re.sub(r'[^A-Za-z0-9]+', '-', id[:200]).strip('-')[:40] or 'student'}~"
        f"{hashlib.sha256(id.encode(errors='surrogatepass')).hexdigest()[:10]}"
        for id in ids
    }


def _is_file_name(id):
    reserved = re.fullmatch(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", id, re.IGNORECASE)
    return bool(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,79}", id)) and not reserved


def _grades(path, marks, students, exercises):
    rows = []
    for student in students:
        own = [marks.get((student.id, one.id)) for one in exercises]
        rows.append(
            [
                student.id,
                student.name,
                *(number(one.points) if one else "" for one in own),
                number(total(own)),
                sum(one.points for one in exercises),
            ]
        )
    write_csv(path, ["student", "name", *(one.id for one in exercises), "total", "out of"], rows)


def _worksheet(path, marks, students, exercises):
    # "Last modified (grade)" stays empty, but Moodle refuses a worksheet without that column.
    rows = [
        [
            student.id,
            student.name,
            student.email,
            number(total(marks.get((student.id, one.id)) for one in exercises)),
            "",
            _comment(marks, student, exercises),
        ]
        for student in students
    ]
    write_csv(
        path,
        ["Identifier", "Full name", "Email address", "Grade", "Last modified (grade)", "Feedback comments"],
        rows,
    )


def _comment(marks, student, exercises):
    # Moodle shows a comment as HTML, so it is escaped, and it holds only our own words and numbers.
    own = [(one, marks[student.id, one.id]) for one in exercises if (student.id, one.id) in marks]
    said = [
        f"{one.id}: {of_points(result)}." + (f" {result.hint}" if result.hint else "") for one, result in own
    ]
    return html.escape(" ".join(said), quote=False)


def _gradescope(path, own, exercises, sources):
    # Gradescope knows no missing mark; where there is no results.json it says that the autograder failed: so
    # it did.
    if total(own.values()) is None:
        path.unlink(missing_ok=True)
        return
    tests = []
    for one in exercises:
        if one.id in own:
            result, told = own[one.id], remarks(own[one.id], one, sources[one.id])
            lines = [
                told.right,
                *(f"- {said}" for said in told.wrong),
                f"Next: {told.next}" if told.next else "",
            ]
            tests.append(
                {
                    "number": one.id,
                    "name": plain(one.title),
                    "name_format": "text",
                    "score": number(result.points),
                    "max_score": result.out_of,
                    "status": "passed" if result.points >= result.out_of else "failed",
                    "output": "\n".join(plain(line) for line in lines if line),
                    "output_format": "text",
                    "visibility": "visible",
                }
            )
    scores = {
        "score": number(total(own.values())),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
    }
    _text(path, json.dumps(scores, indent=1) + "\n")


def _text(path, text):
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")
