"""Groups of answers that are the same except for names, comments and layout: a hint for the teacher only.

Answers with the same normal form (`trees`) make a group.
"""

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from course_lib.grading.output.tables import write_csv
from course_lib.grading.trees import Normal

# Answers are compared if their tree has at least this many nodes. A question has 5, `x.mean(axis=0)` 10, a
# standardisation 28, two lines of arithmetic 33, and cutting a signal into frames in the usual way 44: honest
# students write these alike. A larger answer has three or four statements, and there are many equally good
# ways to write them.
NODES = 50

HEADER = ("exercise", "students", "with_reference", "nodes", "hint")
HINT = (
    "Only a hint: the structure is the same after renaming. Students often find the same short answer on "
    "their own. Read the answers before you speak to anyone."
)


class Group(NamedTuple):
    """Answers to one exercise with the same normal form."""

    exercise: str
    students: tuple[str, ...]
    with_reference: bool  # the course's own solution has this normal form, too
    nodes: int


def groups(
    answers: Mapping[tuple[str, str], Normal], references: Mapping[str, Sequence[Normal]]
) -> list[Group]:
    """Find the answers with the same normal form: of two students or more, or of one and a reference.

    Parameters
    ----------
    answers : mapping of (student, exercise id) to Normal
        The attempted answers. Empty copies are left out, because they are all alike.
    references : mapping of exercise id to sequence of Normal
        The course's own answers.

    Returns
    -------
    list of Group
        Answers that are small (`NODES`) or that cannot be parsed are in no group.
    """
    own = {(exercise, one.digest) for exercise, forms in references.items() for one in forms}
    found, sizes = defaultdict(list), {}
    for (student, exercise), (digest, nodes) in answers.items():
        if nodes >= NODES:
            found[exercise, digest].append(student)
            sizes[exercise, digest] = nodes
    return sorted(
        Group(key[0], tuple(sorted(students)), key in own, sizes[key])
        for key, students in found.items()
        if len(students) > 1 or key in own
    )


def read(path: str | Path) -> list[Group]:
    """Read the groups of similar.csv, which an earlier run wrote; [] without this file."""
    if not Path(path).exists():
        return []
    with open(path, encoding="utf-8-sig", newline="") as file:
        return [
            Group(
                row["exercise"],
                tuple(row["students"].split(", ")),
                row["with_reference"] == "yes",
                int(row["nodes"]),
            )
            for row in csv.DictReader(file)
        ]


def write(groups: Sequence[Group], path: str | Path) -> None:
    """Write similar.csv: one group a row, its students separated by commas, and what the hint is worth."""
    rows = [
        (
            group.exercise,
            ", ".join(group.students),
            "yes" if group.with_reference else "no",
            group.nodes,
            HINT,
        )
        for group in groups
    ]
    write_csv(path, HEADER, rows)
