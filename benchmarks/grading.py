"""Submissions graded per second: `course grade`, nbgrader and otter-grader on the same answers.

    python benchmarks/grading.py               # one exercise, without imports and with NumPy and scikit-image
    python benchmarks/grading.py --thousand    # only ours: 1,000 submissions, 5 % hostile, a worker killed

The two others are installed for this benchmark into build/graders, each into its own environment. All three
get the same function, `hog_length`, on the same machine. nbgrader grades one submission after the other, with
one command. otter gets two processes, as many as `course grade` gets threads. `course grade` runs each answer
in two new sandboxes; the others use none.
"""

import argparse
import contextlib
import csv
import io
import itertools
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from course_lib import exercises
from course_lib.core.paths import ROOT
from course_lib.lessons import masters, peak_memory

OUT = ROOT / "build" / "graders"
COURSE = Path(sys.executable).with_name("course")
EXERCISE = exercises.find("02.1")
HEAVY = "import numpy as np\nfrom skimage.feature import hog\n\n"
HEAD = "def hog_length(size, orientations, pixels, cells):\n"
RIGHT = HEAD + "    return (size // pixels - cells + 1) ** 2 * cells ** 2 * orientations\n"
OTHERS = {
    "nbgrader": ["nbgrader==0.9.6", "ipykernel"],
    "otter": ["otter-grader[grading]==7.0.0", "ipykernel"],
}

HOSTILE = {
    "never ends": HEAD + "    while True: pass\n",
    "exits": HEAD + "    import os; os._exit(0)\n",
    "forks": HEAD + "    import os\n    while True: os.fork()\n",
    "uses memory": HEAD + "    return len(bytearray(64 * 2**30))\n",
    "fills the disk": HEAD
    + "    with open('x', 'wb') as file:\n        while True: file.write(bytes(2**24))\n",
    "floods": HEAD + "    import os\n    while True:\n        for fd in range(1, 64):\n"
    "            try: os.write(fd, b'x' * 65536)\n            except OSError: pass\n",
    "swallows": HEAD + "    while True:\n        try:\n            while True: pass\n"
    "        except BaseException: pass\n",
}
HARMLESS = {
    "right": RIGHT,
    "wrong": HEAD + "    return (size // pixels) ** 2 * cells ** 2 * orientations\n",
    "partly": HEAD + "    return (size // pixels - 1) ** 2 * cells ** 2 * orientations\n",
    "raises": HEAD + "    return size / 0\n",
    "empty": "",
}


def main():
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--n", type=int, default=40, help="submissions of ours (40)")
    options.add_argument("--n-others", type=int, default=10, help="submissions of each of the others (10)")
    options.add_argument("--thousand", action="store_true")
    options = options.parse_args()
    shutil.rmtree(OUT / "work", ignore_errors=True)
    if options.thousand:
        return thousand(1000)
    checks()
    install()
    for what, answer in (("without imports", RIGHT), ("NumPy and scikit-image imported", HEAVY + RIGHT)):
        print(f"{EXERCISE.name}, {what}:")
        rates = {
            name: rate(way, answer, n)
            for name, way, n in (
                ("course grade", ours, options.n),
                ("nbgrader", nbgrader, options.n_others),
                ("otter", otter, options.n_others),
            )
        }
        for name in ("nbgrader", "otter"):
            print(f"  course grade is {rates['course grade'] / rates[name]:.1f} times as fast as {name}")


def checks():
    """Print how long `check` takes for the solution of each exercise, once its imports are loaded."""
    seconds = {}
    for one in exercises.every():
        names = {}
        exec(f"{exercises.SETUP}\n{masters.solutions(one.id[:2])[one.id]}", names)
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exercises.check(one.id, names[one.name])
            started = time.perf_counter()
            exercises.check(one.id, names[one.name])
        seconds[one.id] = time.perf_counter() - started
        if not any(words in printed.getvalue() for words in ("right on", "your answer is")):
            sys.exit(printed.getvalue())
    slowest = max(seconds, key=seconds.get)
    print(f"check: {len(seconds)} exercises, the slowest is {slowest} with {seconds[slowest]:.3f} s")


def rate(way, answer, n):
    """Print and return the submissions per second of one grader; making the submissions is not counted."""
    run = way(answer, n)
    with peak_memory(every=0.05) as peak:
        started = time.perf_counter()
        right = run()
        seconds = time.perf_counter() - started
    print(
        f"  {way.__name__:9} {n:5} submissions, {right} with full marks: {seconds:6.1f} s, "
        f"{n / seconds:5.2f} a second, peak {peak[0]:.0f} MiB"
    )
    return n / seconds


# --- ours


def ours(answer, n):
    folder = hand_in(dict.fromkeys(students(n), answer))
    return lambda: full_marks(grade(folder, folder / "out", "--jobs", "2"))


def grade(folder, out, *options):
    """`course grade` on a folder made by `hand_in`; the rows of grades.csv."""
    command = [
        COURSE,
        "grade",
        folder / "submissions",
        "--bank",
        ROOT / "bank",
        "--key",
        folder / "seed.key",
        "--roster",
        folder / "roster.csv",
        "--out",
        out,
        "--lessons",
        "02",
        *options,
    ]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    with open(out / "grades.csv", encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def full_marks(rows):
    return sum(float(row[EXERCISE.id]) == EXERCISE.points for row in rows)


def hand_in(answers):
    """Write submissions, roster and key of {student: answer cell} to a new folder; an empty answer submits
    nothing.
    """
    folder = OUT / "work" / f"ours-{time.monotonic_ns()}"
    (folder / "submissions").mkdir(parents=True)
    (folder / "seed.key").write_text("0123456789abcdef" * 4)
    (folder / "roster.csv").write_text("student,name,email\n" + "".join(f"{name},,\n" for name in answers))
    for name, source in answers.items():
        if source:
            answer = cell(source, EXERCISE.grade_id, solution=True)
            write(folder / "submissions" / name / "02_hog_features.ipynb", answer)
    return folder


def students(n):
    return [f"s{number:04}" for number in range(n)]


# --- the others


def nbgrader(answer, n):
    """Make and release an assignment in nbgrader's layout; the function returned grades all with one
    command.
    """
    folder = OUT / "work" / f"nbgrader-{time.monotonic_ns()}"
    test = cell(
        "assert hog_length(224, 9, 8, 2) == 26244\nassert hog_length(64, 8, 16, 1) == 128",
        "tests",
        grade=True,
        locked=True,
        points=2,
    )
    solved = cell(
        answer.replace("    return", "    ### BEGIN SOLUTION\n    return") + "    ### END SOLUTION\n",
        "answer",
        solution=True,
    )
    write(folder / "source" / "one" / "lesson.ipynb", solved, test)
    for name in students(n):
        write(
            folder / "submitted" / name / "one" / "lesson.ipynb", cell(answer, "answer", solution=True), test
        )
    call("nbgrader", folder, "nbgrader", "generate_assignment", "one")

    def run():
        call("nbgrader", folder, "nbgrader", "autograde", "one")
        count = (
            "from nbgrader.api import Gradebook\n"
            "with Gradebook('sqlite:///gradebook.db') as book:\n"
            "    print(sum(one.score == 2 for one in book.assignment_submissions('one')))"
        )
        return int(call("nbgrader", folder, "python", "-c", count))

    return run


def otter(answer, n):
    """Prepare `otter run` without containers, one process per submission, two at a time."""
    folder = OUT / "work" / f"otter-{time.monotonic_ns()}"
    (folder / "tests").mkdir(parents=True)
    cases = (
        '{"code": ">>> hog_length(224, 9, 8, 2)\\n26244\\n"}, '
        '{"code": ">>> hog_length(64, 8, 16, 1)\\n128\\n", "hidden": True}'
    )
    (folder / "tests" / "q1.py").write_text(
        'OK_FORMAT = True\ntest = {"name": "q1", "points": 2, "suites": '
        f'[{{"type": "doctest", "cases": [{cases}]}}]}}\n'
    )
    call("otter", folder, "otter", "generate", "-t", "tests", "-o", "autograder.zip", "--no-environment")
    for name in students(n):
        write(folder / f"{name}.ipynb", cell(answer, "answer", solution=True))
        (folder / name).mkdir()

    def one(name):
        printed = call(
            "otter", folder, "otter", "run", "-a", "autograder.zip", "-o", name, "--no-logo", f"{name}.ipynb"
        )
        return "2.000 / 2.000" in printed

    def run():
        with ThreadPoolExecutor(2) as pool:
            return sum(pool.map(one, students(n)))

    return run


def install():
    """Make an environment for each of the others, with the packages that the answers import."""
    for name, packages in OTHERS.items():
        if not (OUT / name / "bin" / "python").exists():
            uv, python = [sys.executable, "-m", "uv", "--quiet"], OUT / name / "bin" / "python"
            subprocess.run([*uv, "venv", "--python", sys.executable, OUT / name], check=True)
            subprocess.run(
                [
                    *uv,
                    "pip",
                    "install",
                    "--compile-bytecode",
                    "--python",
                    python,
                    *packages,
                    "numpy",
                    "scikit-image",
                ],
                check=True,
            )


def call(environment, folder, command, *arguments):
    """Run a command of one of the two environments, and return what it prints."""
    binaries = OUT / environment / "bin"
    done = subprocess.run(
        [binaries / command, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env=os.environ | {"PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}"},
    )
    if done.returncode:
        sys.exit(f"{command} {arguments[0]} failed: {done.stderr[-2000:]}")
    return done.stdout


def cell(source, grade_id, **kind):
    plain = dict.fromkeys(("grade", "solution", "locked", "task"), False)
    return new_code_cell(
        source, metadata={"nbgrader": {"schema_version": 3, "grade_id": grade_id} | plain | kind}
    )


def write(path, *cells):
    path.parent.mkdir(parents=True, exist_ok=True)
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    nbformat.write(new_notebook(metadata=kernel, cells=list(cells)), path)


# --- a whole course


def thousand(n):
    """Grade with every twentieth submission hostile, on two worker processes of which one is killed; all
    twice.
    """
    hostile, harmless = itertools.cycle(HOSTILE.items()), itertools.cycle(HARMLESS.items())
    kinds = {name: next(hostile if number % 20 == 7 else harmless) for number, name in enumerate(students(n))}
    folder = hand_in({name: source for name, (_, source) in kinds.items()})
    tables = [on_a_cluster(folder, folder / f"out{turn}") for turn in (1, 2)]
    points = {}
    for row in tables[0]:
        points.setdefault(kinds[row["student"]][0], []).append(row[EXERCISE.id])
    for kind, found in points.items():
        print(f"  {kind:15} {len(found):4} submissions, points {', '.join(sorted(set(found)))}")
    print(f"graded {len(tables[0])} of {n}; twice the same grades: {tables[0] == tables[1]}")


def on_a_cluster(folder, out):
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        with ThreadPoolExecutor(1) as pool:
            started = time.perf_counter()
            rows = pool.submit(
                grade, folder, out, "--executor", f"dask://{cluster.scheduler_address.split('//')[1]}"
            )
            while len(list((out / "cache").glob("*.json"))) < 100 and not rows.done():
                time.sleep(0.5)
            os.kill(cluster.workers[0].pid, signal.SIGKILL)
            found = rows.result()
    seconds = time.perf_counter() - started
    print(
        f"{len(found)} students in {seconds:.0f} s ({len(found) / seconds:.1f} a second), a worker killed "
        "on the way"
    )
    return found


if __name__ == "__main__":
    main()
