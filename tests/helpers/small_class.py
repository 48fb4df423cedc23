"""Helpers for tests of the grader: a substitute for the sandbox, the right answer to 02.1, and tables."""

import copy
import csv

import numpy as np

from course_lib.grading.sandbox import Outcome

HOG_LENGTH = (
    "def hog_length(size, orientations, pixels, cells):\n"
    "    return (size // pixels - cells + 1) ** 2 * cells ** 2 * orientations\n"
)


def answers(job, sandbox="bwrap", image=None):
    """As the sandbox answers, without one: the answer cell runs in this process."""
    names, found = {"np": np}, []
    exec(job.answer, names)
    for case in job.cases:
        if job.name not in names:
            found.append(Outcome("missing"))
            continue
        try:
            found.append(Outcome("answered", names[job.name](*copy.deepcopy(case))))
        except NotImplementedError:
            found.append(Outcome("not attempted"))
        except Exception as error:
            found.append(Outcome("exception", None, f"{type(error).__name__}: {error}"))
    return found


def lines(path):
    """The lines of a csv file, each a list of its cells."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def rows(path):
    """The rows of a csv file under its header, each a dictionary."""
    header, *others = lines(path)
    return [dict(zip(header, own, strict=True)) for own in others]
