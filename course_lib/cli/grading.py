"""A teacher's marks: `course grade`, `course gradescope`."""

import argparse
import sys
from collections import Counter
from dataclasses import fields
from pathlib import Path

from course_lib.cli import types
from course_lib.core.errors import CourseError


def grade(options: argparse.Namespace) -> int:
    """grade a folder of submissions, each answer in a sandbox

    The teacher's page, docs/grading.md, explains every step.

    Examples:
      course grade submissions --bank bank --key key.txt --roster class.csv --out grades
      course grade submissions --bank bank --key key.txt --roster class.csv --out grades --lessons 02 03
    """
    if sys.platform != "linux":
        raise CourseError(
            "course grade", f"it needs Linux; this is {sys.platform}", "Use a virtual machine (or WSL)"
        )
    from course_lib.grading import grade, settings
    from course_lib.grading.output import publish

    names = {field.name for field in fields(grade.Run)}
    given = {name: value for name, value in vars(options).items() if name in names}
    if "deadline" in given:
        times = dict(given["deadline"])
        given["deadline"] = times[""] if set(times) == {""} else times
    resumed, taken = settings.resumed(given)
    notes = [f"As before, from {Path(given['out']) / settings.NAME}: {', '.join(taken)}"] if taken else []
    run = grade.Run(**resumed)
    results = grade.grade(run, notes)
    if run.collect_only:
        return 0
    errors = [result for result in results if result.state == "error"]
    for result in errors:
        print(f"not graded: {result.student}, {result.exercise}: {result.reason}", file=sys.stderr)
    states = Counter(result.state for result in results)
    print(f"{len(results)} answers: {', '.join(f'{states[state]} {state}' for state in sorted(states))}")
    if run.shard:
        print(
            f"Part {'/'.join(map(str, run.shard))} is in the cache. After all parts, run the same command "
            "without --shard."
        )
    else:
        print(f"Read: {Path(run.out) / 'summary.html'}")
        if results and not run.anonymous:
            lessons = sorted({result.exercise[:2] for result in results})
            print(f"Publish: {publish.folder(run, lessons) / 'README.txt'}")
    return 1 if errors else 0


def _grade_options(command: argparse.ArgumentParser) -> None:
    # An option that is not given is left out, so that `Run` alone holds the defaults.
    def add(*names, **details):
        command.add_argument(*names, default=argparse.SUPPRESS, **details)

    command.add_argument("submissions", type=Path, help="the folder or zip with the submitted notebooks")
    add("--bank", type=Path, required=True, metavar="DIR", help="the private part of the exercises")
    add(
        "--key",
        type=Path,
        required=True,
        metavar="FILE",
        help="the secret key, which gives each student inputs of their own",
    )
    add(
        "--roster",
        type=Path,
        required=True,
        metavar="CSV",
        help="a table with the columns student,name,email, or the list that Moodle, Canvas, Classroom or "
        "Brightspace exports",
    )
    add("--out", type=Path, required=True, metavar="DIR", help="where grades, feedback, summary and cache go")
    add(
        "--lessons",
        nargs="+",
        metavar="NN",
        help="grade only these lessons (default: those that --out holds, or all)",
    )
    add(
        "--pattern",
        help='where a path names the student, for example "{student}/*.ipynb" (default: see --from)',
    )
    add(
        "--from",
        dest="source",
        type=types.one_of(SOURCES),
        choices=SOURCES,
        help="whose export the submissions are (default: auto, found from the paths and shown)",
    )
    add(
        "--times",
        type=Path,
        metavar="CSV",
        help="the true times, a table student,when or file,when (default: from the export)",
    )
    add(
        "--collect-only",
        action="store_true",
        help="only list the files: whose each is, when it came, whether it counts; grade nothing",
    )
    add(
        "--jobs",
        type=types.positive,
        metavar="N",
        help="answers that run at the same time (default: one for each core)",
    )
    add(
        "--sandbox",
        type=types.one_of(("bwrap", "docker", "none")),
        choices=("bwrap", "docker", "none"),
        help="(default: bwrap, or docker if bwrap does not work and --image is given)",
    )
    add("--image", help="the image for docker (default: none)")
    add("--unsafe", action="store_true", help="with --sandbox none: run students' code as yourself")
    add(
        "--executor",
        metavar="threads|dask://HOST:PORT",
        help="run the answers in threads or on a dask cluster (default: threads)",
    )
    add(
        "--shard",
        type=types.shard,
        metavar="I/N",
        help="grade only part I of N of the students, into the cache (default: all students)",
    )
    add(
        "--regrade",
        nargs="+",
        metavar="ID",
        help="run these exercises again, and write changes.csv (default: none)",
    )
    add("--anonymous", action="store_true", help="write pseudonyms in place of ids, names and file names")
    add(
        "--deadline",
        nargs="+",
        type=types.deadline,
        metavar="[NN=]2026-12-01T12:00",
        help="mark later submissions as late; one time, or one for each lesson (default: no deadline). "
        "OUT/extensions.csv (student,lesson,until) gives single students more time",
    )
    add(
        "--late",
        metavar="10%%/day",
        help="what late work loses of its points, also 10%%/day,max=50%%,grace=15min (default: nothing)",
    )
    add(
        "--attempts",
        type=types.positive,
        metavar="N",
        help="only the first N different answers to an exercise count (default: all)",
    )
    add(
        "--tries",
        metavar="100%%,50%%",
        help="what a question gives for a student's first, second ... answer; later answers give nothing "
        "(default: always all points)",
    )
    add(
        "--count",
        type=types.one_of(("latest", "first", "in-time")),
        choices=("latest", "first", "in-time"),
        help="which submission of a student counts (default: latest)",
    )
    add(
        "--dry-run",
        action="store_true",
        help="first grade the teacher's own solutions and the empty copies; grade students' work only if "
        "these get full marks and no points",
    )


def gradescope(options: argparse.Namespace) -> int:
    """write an autograder for Gradescope

    Upload the zip as the assignment's autograder. It holds the bank and the key, so give it to nobody.
    docs/grading/elsewhere.md explains it.

    Examples:
      course gradescope --bank bank --key seed.key --lessons 02 --out autograder.zip
    """
    from course_lib.grading.gradescope import pack

    path = pack(options.out, options.bank, options.key, options.lessons, options.sandbox)
    print(f"Wrote {path} ({path.stat().st_size / 2**20:.0f} MiB). Upload it under Configure Autograder.")
    return 0


def _gradescope_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--bank", type=Path, required=True, metavar="DIR", help="the private part of the exercises"
    )
    command.add_argument("--key", type=Path, required=True, metavar="FILE", help="the secret key")
    command.add_argument("--lessons", nargs="+", required=True, metavar="NN", help="the assignment's lessons")
    command.add_argument("--out", type=Path, required=True, metavar="ZIP", help="the zip to write")
    command.add_argument(
        "--sandbox",
        type=types.one_of(("bwrap", "none")),
        choices=("bwrap", "none"),
        default="bwrap",
        help="none: if Gradescope's container allows no bubblewrap. Then an answer can read the bank "
        "(default: bwrap)",
    )


# As `course_lib.grading.collect` has them. A test compares the two: a student's course has no grader to ask.
SOURCES = (
    "auto",
    "plain",
    "moodle",
    "blackboard",
    "brightspace",
    "canvas",
    "nbgrader",
    "github",
    "classroom",
)


def samples(options: argparse.Namespace) -> int:
    """write a good, a half and a wrong submission for each lesson

    They try the grader before the first hand-in, and teaching assistants can agree on marks with them.

    Examples:
      course samples --out samples --bank bank --lessons 02
    """
    from course_lib.grading import samples

    made = samples.write(options.out, options.bank, options.lessons)
    print(f"{len(made)} answers. The marks that they should get: {options.out / 'expected.csv'}")
    print(
        f"Now: course grade {options.out / 'submissions'} --bank {options.bank} --key seed.key "
        f"--roster {options.out / 'roster.csv'} --out marks"
    )
    return 0


def _samples_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="a new folder")
    command.add_argument(
        "--bank",
        type=Path,
        default=Path("bank"),
        metavar="DIR",
        help="the private part of the exercises (default: bank)",
    )
    command.add_argument("--lessons", nargs="+", default=(), metavar="NN", help="(default: all lessons)")


COMMANDS = {grade: _grade_options, samples: _samples_options, gradescope: _gradescope_options}
