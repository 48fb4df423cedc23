"""Pairs of answers that share parts, by their fingerprints: a hint for the teacher only.

What many students have in common says little about two of them. So each fingerprint counts by its
information: one that half of the class has counts 1 bit, one that only these two have counts up to 8.
Fingerprints of the empty copy count nothing. The percentage of an answer is the part of its own information
that the other answer has, too. So a copy with more lines around it is found by the percentage of the shorter
answer.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from course_lib.grading.fingerprints import Prints
from course_lib.grading.output.tables import write_csv

# The course's own two answers to an exercise, which are written differently, share at most 32 per cent (71
# exercises), and 60 in one of a single line (02.1), which has 20 bits.
PERCENT = 55  # the least percentage of one of the two answers
BITS = 30.0  # the least information that both have; in a class, chance has more pairs to try: see `_least`
MOST = 200  # the most pairs of an exercise, with the most information first
COMMON = 0.1  # how often students have the same fingerprint by chance, before any answer is seen

REFERENCE = "the course's own solution"
HEADER = ("exercise", "students", "others", "percent", "percent_of_others", "bits", "hint")
HINT = "Only a hint: read both answers before you speak to anyone."


class Pair(NamedTuple):
    """Two answers that share parts. Students whose answers have the same fingerprints are one answer."""

    exercise: str
    students: tuple[str, ...]
    others: tuple[str, ...]  # (REFERENCE,) for the course's own answer
    percent: int  # of the students' answer, that the others' has, too
    percent_back: int  # of the others' answer, that the students' has, too
    bits: int  # the information that both have


def pairs(
    exercise: str, answers: Mapping[str, Prints], references: Sequence[Prints] = (), template: Prints = ()
) -> list[Pair]:
    """Find the pairs of similar answers to one exercise.

    Parameters
    ----------
    exercise : str
        Its id.
    answers : mapping of student id to Prints
        The fingerprints of the answers that were attempted.
    references : sequence of Prints
        The course's own answers.
    template : Prints
        What the empty copy has, see `fingerprints.grams`.

    Returns
    -------
    list of Pair
        The most shared information first.
    """
    own = {one.hash for one in template}
    alike: dict[frozenset[int], list[str]] = defaultdict(list)
    for student in sorted(answers):
        if hashes := frozenset(one.hash for one in answers[student]) - own:
            alike[hashes].append(student)
    sets = list(alike)
    known = [frozenset(one.hash for one in prints) - own for prints in references]
    everything = [*sets, *dict.fromkeys(one for one in known if one)]
    names = [tuple(alike[one]) for one in sets] + [(REFERENCE,)] * (len(everything) - len(sets))
    shared, whole = _shared(everything, [len(one) for one in names[: len(sets)]])
    least = _least(len(answers))
    found = []
    for first in range(len(sets)):
        for second in range(first + 1, len(everything)):
            bits = float(shared[first, second])
            if bits < least:
                continue
            parts = 100 * bits / whole[first], 100 * bits / whole[second]
            if max(parts) >= PERCENT:
                one, other = map(round, parts)
                found.append(Pair(exercise, names[first], names[second], one, other, round(bits)))
    return sorted(found, key=lambda pair: (-pair.bits, pair))[:MOST]


def _least(students: int) -> float:
    """Return the least information of a pair: twice as many pairs need one bit more."""
    return BITS + np.log2(max(students * (students - 1) / 2, 1))


def _shared(sets: Sequence[frozenset[int]], students: Sequence[int]) -> tuple[np.ndarray, list[float]]:
    """Return the bits that each two sets share, float array (sets, sets), and the bits of each set.

    `students` counts the students of the first sets. The others are references, which say nothing about what
    is usual.
    """
    times = Counter(
        one for hashes, count in zip(sets, students, strict=False) for one in list(hashes) * count
    )
    chance = max(sum(students) - 2, 0) + 1 / COMMON
    # Two students are not evidence for how usual a fingerprint is: they are the ones in question.
    bits = lambda one: float(-np.log2((max(times[one] - 2, 0) + 1) / chance))
    common = Counter(one for hashes in sets for one in hashes)
    columns = {one: place for place, one in enumerate(sorted(one for one in common if common[one] > 1))}
    has = np.zeros((len(sets), len(columns)), np.float32)
    for row, hashes in enumerate(sets):
        has[row, [columns[one] for one in hashes if one in columns]] = 1
    weights = np.array([bits(one) for one in columns], np.float32)
    return (has * weights) @ has.T, [sum(map(bits, hashes)) for hashes in sets]


def read(path: str | Path) -> list[Pair]:
    """Read the pairs of pairs.csv, which an earlier run wrote; [] without this file."""
    if not Path(path).exists():
        return []
    with open(path, encoding="utf-8-sig", newline="") as file:
        return [
            Pair(
                row["exercise"],
                tuple(row["students"].split(", ")),
                tuple(row["others"].split(", ")),
                *(int(row[name]) for name in ("percent", "percent_of_others", "bits")),
            )
            for row in csv.DictReader(file)
        ]


def write(found: Sequence[Pair], path: str | Path) -> None:
    """Write pairs.csv: one pair a row."""
    rows = [(one.exercise, ", ".join(one.students), ", ".join(one.others), *one[3:], HINT) for one in found]
    write_csv(path, HEADER, rows)
