"""Grading without names: ids, names and file names give way to pseudonyms in all that is written but
pseudonyms.csv.
"""

import re
from typing import NamedTuple

from course_lib.grading.output.tables import write_csv


class Hidden(NamedTuple):
    """Everything that is written, under pseudonyms and in their order; `rows` tell whose they are."""

    results: list
    students: list
    refused: list
    submissions: list
    rows: list


def hide(names, results, students, refused, submissions) -> Hidden:
    """names: {student id: pseudonym}. Files are numbered: a name such as `mueller_hog.ipynb` tells who wrote
    it.
    """
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
    results = [
        one._replace(student=names[one.student], file=files.get((one.student, one.file), ""))
        for one in results
    ]
    return Hidden(
        sorted(results, key=lambda one: (one.student, one.exercise)),
        sorted(one._replace(id=names[one.id], name="", email="") for one in students),
        [one._replace(file=others[one.file], why=_without(names, students, one.why)) for one in refused],
        [one._replace(student=names[one.student], file=files[one.student, one.file]) for one in submissions],
        rows,
    )


def write(path, rows) -> None:
    """Write pseudonyms.csv: whose pseudonym is which, and which files are theirs. The one file to lock
    away."""
    write_csv(path, ["pseudonym", "student", "name", "file"], rows)


def _without(names, students, text):
    # Why a file is refused may name the students whom it could be of.
    known = {word: names[one.id] for one in students for word in (one.id, one.name, one.email) if word}
    words = "|".join(re.escape(word) for word in sorted(known, key=len, reverse=True))
    return re.sub(rf"(?<!\w)(?:{words})(?!\w)", lambda found: known[found[0]], text)
