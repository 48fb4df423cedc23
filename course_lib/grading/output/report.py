"""The files that people read: grades.csv, summary.html, feedback/ and gradescope/.

Each file is moved into place whole. The same results give the same bytes, in whatever order they come.

- `grades.csv`: one row for each student of the roster, one column for each exercise. If a mark is missing,
  its cell and the total are empty. A student who handed in nothing has zeros.
- `feedback/ID.html` and `gradescope/ID.json`: for each student with results. ID is the student's id if it is
  a valid file name on all systems, see `file_names`.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from course_lib.core.io import whole_file
from course_lib.exercises import Exercise
from course_lib.grading.intake import Student
from course_lib.grading.output import pages
from course_lib.grading.output.tables import write_csv
from course_lib.grading.output.wording import number, plain, remarks, total
from course_lib.grading.results import Graded, Result

Marks = Mapping[tuple[str, str], Result]  # {(student id, exercise id): result}


def write(
    out: str | Path,
    graded: Graded,
    similar: Sequence[Sequence[str]] = (),
    anonymous: bool = False,
    deadline: datetime | None = None,
) -> None:
    """Write grades.csv, summary.html, feedback/ and gradescope/ into the folder `out`.

    Parameters
    ----------
    out : path
        The folder.
    graded : Graded
        What a run found.
    similar : sequence of (exercise, students, how alike)
        Groups of similar answers, as text.
    anonymous : bool
        True if ids and names are pseudonyms: the pages say so.
    deadline : datetime, optional
        The deadline, with a time zone.

    Raises
    ------
    CourseError
        If a file cannot be written, for example because the disk is full.
    """
    out, students, exercises = Path(out), graded.students, graded.exercises
    marks = {
        (one.student, one.exercise): one
        for one in sorted(graded.results, key=lambda one: (one.student, one.exercise))
    }
    links = feedback_pages(graded)
    files = {id: page.removesuffix(".html") for id, page in links.items()}
    _grades(out / "grades.csv", marks, students, exercises)
    for student in students:
        if student.id in files:
            own = {one.id: marks[student.id, one.id] for one in exercises if (student.id, one.id) in marks}
            name = files[student.id]
            _text(out / "feedback" / f"{name}.html", pages.feedback(student, own, exercises))
            _gradescope(out / "gradescope" / f"{name}.json", own, exercises)
    answers = sorted(page.stem for page in (out / "answers").glob("*.html"))
    _text(out / "summary.html", pages.summary(graded, links, similar, anonymous, deadline, answers))


def feedback_pages(graded: Graded) -> dict[str, str]:
    """Return {student id: the name of the feedback page} of the students with results."""
    known = {one.student for one in graded.results}
    return {
        id: f"{name}.html"
        for id, name in file_names([one.id for one in graded.students]).items()
        if id in known
    }


def file_names(ids: Sequence[str]) -> dict[str, str]:
    """Give each id a file name, without ending, that is valid and different on Linux, macOS and Windows.

    Parameters
    ----------
    ids : sequence of str
        The ids, all different.

    Returns
    -------
    dict
        {id: file name}. An id of ASCII letters, digits and _ . @ - that begins with a letter or digit is its
        own name. All other ids get their first valid characters, "~" and ten digits of the id's SHA-256; so
        do ids that Windows reserves (con, nul, com1), that are longer than 80, or that differ from another id
        only in case.

    Examples
    --------
    >>> file_names(["ann", "bob@example.org"])
    {'ann': 'ann', 'bob@example.org': 'bob@example.org'}
    """
    alike = Counter(id.lower() for id in set(ids))
    return {
        id: id
        if _is_file_name(id) and alike[id.lower()] == 1
        else f"{re.sub(r'[^A-Za-z0-9]+', '-', id[:200]).strip('-')[:40] or 'student'}~"
        f"{hashlib.sha256(id.encode(errors='surrogatepass')).hexdigest()[:10]}"
        for id in ids
    }


def _is_file_name(id: str) -> bool:
    reserved = re.fullmatch(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", id, re.IGNORECASE)
    return bool(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,79}", id)) and not reserved


def _grades(path: Path, marks: Marks, students: Sequence[Student], exercises: Sequence[Exercise]) -> None:
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


def _gradescope(path: Path, own: Mapping[str, Result], exercises: Sequence[Exercise]) -> None:
    # Gradescope has no missing mark. Without a results.json it reports that the autograder failed, and that
    # is true.
    if total(own.values()) is None:
        path.unlink(missing_ok=True)
        return
    tests = []
    for one in exercises:
        if one.id in own:
            result = own[one.id]
            text = remarks(result, one)
            points = result.points or 0.0
            lines = [
                text.right,
                *(f"- {wrong}" for wrong in text.wrong),
                f"Next: {text.next}" if text.next else "",
                *(
                    f"{one.title}: {number(one.points)} of {one.out_of}. {one.comment}"
                    for one in result.criteria
                ),
                f"Your teacher: {result.comment}" if result.comment else "",
            ]
            tests.append(
                {
                    "number": one.id,
                    "name": plain(one.title),
                    "name_format": "text",
                    "score": number(points),
                    "max_score": result.out_of,
                    "status": "passed" if points >= result.out_of else "failed",
                    "output": "\n".join(plain(line, 2_100) for line in lines if line),
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


def _text(path: Path, text: str) -> None:
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")
