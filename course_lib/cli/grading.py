"""A teacher's marks: `course grade`."""

import sys
from collections import Counter
from pathlib import Path

from course_lib.cli import types
from course_lib.core.errors import CourseError


def grade(options) -> int:
    """grade a folder of submissions, each answer in a sandbox"""
    if sys.platform != "linux":
        raise CourseError(
            "course grade", f"it needs Linux; this is {sys.platform}", "Use a virtual machine (or WSL)"
        )
    from course_lib.grading import grade

    asked = {name: value for name, value in vars(options).items() if name not in ("command", "name")}
    results = grade.grade(**asked)
    errors = [result for result in results if result.state == "error"]
    for result in errors:
        print(f"not graded: {result.student}, {result.exercise}: {result.reason}", file=sys.stderr)
    states = Counter(result.state for result in results)
    print(f"{len(results)} answers: {', '.join(f'{states[state]} {state}' for state in sorted(states))}")
    print(
        f"Part {'/'.join(map(str, options.shard))} is in the cache. When all are, run the same without "
        f"--shard."
        if options.shard
        else f"Read: {options.out / 'summary.html'}"
    )
    return 1 if errors else 0


def _grade_options(command):
    add = command.add_argument
    add("submissions", type=Path, help="the folder or zip that holds what was handed in")
    add("--bank", type=Path, required=True, metavar="DIR", help="the exercises' private part")
    add("--key", type=Path, required=True, metavar="FILE", help="secret: gives each student own inputs")
    add("--roster", type=Path, required=True, metavar="CSV", help="columns student,name,email")
    add("--out", type=Path, required=True, metavar="DIR", help="for grades, feedback, summary, cache")
    add("--lessons", nargs="+", default=[], metavar="NN", help="their numbers (all)")
    add("--pattern", help='where a path names the student, for example "{student}/*.ipynb"')
    add("--jobs", type=types.positive, metavar="N", help="answers at a time (one a core)")
    add("--sandbox", choices=("bwrap", "docker", "none"), help="(bwrap; else docker, with --image)")
    add("--image", help="docker's")
    add("--unsafe", action="store_true", help="with --sandbox none: run students' code as yourself")
    add("--executor", default="threads", metavar="threads|dask://HOST:PORT", help="where (threads)")
    add("--shard", type=types.shard, metavar="I/N", help="only this part of the students, into the cache")
    add("--regrade", nargs="+", default=[], metavar="ID", help="run these anew: writes changes.csv")
    add("--anonymous", action="store_true", help="pseudonyms for ids, names and file names")
    add("--deadline", type=types.time, metavar="2026-12-01T12:00", help="later is marked late")
    add(
        "--count",
        choices=("latest", "first", "in-time"),
        default="latest",
        help="which submission counts (latest)",
    )
    add(
        "--dry-run",
        action="store_true",
        help="first grade the teacher's own solutions and the empty copy, and go on "
        "only when these score full marks and nothing",
    )


COMMANDS = {grade: _grade_options}
