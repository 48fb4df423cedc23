"""Grading without names: pseudonyms replace ids, names and file names in every file except pseudonyms.csv."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from course_lib.grading.intake import Student
from course_lib.grading.output.tables import write_csv
from course_lib.grading.results import Graded

Row = tuple[str, str, str, str]  # pseudonym, student, name, file


def hide(names: Mapping[str, str], graded: Graded) -> tuple[Graded, list[Row]]:
    """Replace ids, names and file names by pseudonyms.

    Parameters
    ----------
    names : mapping of student id to str
        The pseudonyms.
    graded : Graded
        What a run found. Files are numbered, because a name such as `mueller_hog.ipynb` shows who wrote it.

    Returns
    -------
    hidden : Graded
        The same under pseudonyms, in their order.
    rows : list of (pseudonym, student, name, file)
        The rows of pseudonyms.csv.
    """
    results, students, _, submissions, refused, undecided = graded
    files, numbers = {}, dict.fromkeys(names, 0)
    for one in sorted(submissions, key=lambda one: (one.when, one.file)):
        numbers[one.student] += 1
        files[one.student, one.file] = f"{names[one.student]}-{numbers[one.student]}.ipynb"
    others = {one.file: f"refused-{number}" for number, one in enumerate(refused, 1)}
    rows = (
        [(names[one.id], one.id, one.name, "") for one in students]
        + [(hidden, student, "", file) for (student, file), hidden in files.items()]
        + [(hidden, "", "", file) for file, hidden in others.items()]
    )

    def shown(student: str, file: str) -> str:
        # A result of another lesson, of an earlier run, has its hidden name already.
        known = file if re.fullmatch(rf"({names[student]}-\d+\.ipynb|refused-\d+)", file) else ""
        return files.get((student, file)) or others.get(file) or known

    results = [
        one._replace(
            student=names[one.student],
            file=shown(one.student, one.file),
            arrived=tuple(
                (shown(one.student, file), _without(names, students, why)) for file, why in one.arrived
            ),
        )
        for one in results
    ]
    hidden = graded._replace(
        results=sorted(results, key=lambda one: (one.student, one.exercise)),
        students=sorted(one._replace(id=names[one.id], name="", email="") for one in students),
        submissions=[
            one._replace(student=names[one.student], file=files[one.student, one.file]) for one in submissions
        ],
        refused=[
            one._replace(
                file=others[one.file],
                why=_without(names, students, one.why),
                student=names.get(one.student, ""),
            )
            for one in refused
        ],
    )
    hidden = hidden._replace(
        undecided=[
            one._replace(
                student=names[one.student],
                file=files[one.student, one.file],
                others=tuple(files[one.student, other] for other in one.others),
            )
            for one in undecided
        ]
    )
    return hidden, rows


def write(path: str | Path, rows: Sequence[Row]) -> None:
    """Write pseudonyms.csv: each student's pseudonym and files. Keep this file secret."""
    write_csv(path, ["pseudonym", "student", "name", "file"], rows)


def _without(names: Mapping[str, str], students: Sequence[Student], text: str) -> str:
    # The reason for a refusal may name the students that the file could belong to.
    known = {word: names[one.id] for one in students for word in (one.id, one.name, one.email) if word}
    words = "|".join(re.escape(word) for word in sorted(known, key=len, reverse=True))
    return re.sub(rf"(?<!\w)(?:{words})(?!\w)", lambda found: known[found[0]], text)
