"""One made class, graded again and again by `course grade`: the time, and whether the bytes are the same.

    python benchmarks/classroom.py                                         # 300 students, 5 light exercises
    python benchmarks/classroom.py --students 12 --hand-in 04.5 --hostile 0     # answers that import Keras
    python benchmarks/classroom.py --students 40 --hand-in 02 15 04.5 --times 3 --busy 2

The students hand in what `course samples` writes: right answers, half of them, or none. So the mark of each
answer is known. Of 100 students, 5 hand in the attacks of tests/grading/test_attacks.py, which should get no
points. Each turn grades the same files into a new folder. All files there, except for the cache, should have
the same bytes: marks, gradebooks and pages. With `--hostile 0` there are no attacks.
"""

import argparse
import contextlib
import hashlib
import importlib.util
import itertools
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from course_lib.core.paths import ROOT
from course_lib.exercises import cells, handing
from course_lib.grading import samples

BANK = ROOT / "bank"
COURSE = Path(sys.executable).with_name("course")
OUT = ROOT / "build" / "classroom"
BEGAN = 1_790_000_000  # seconds since 1970: when the first student handed in
PLACES = {  # what an attack looks for: nothing is there
    **dict.fromkeys(("expected", "unix", "abstract", "left"), f"{tempfile.gettempdir()}/course-classroom"),
    **dict.fromkeys(("tcp", "udp"), 9),
    **{"root": str(ROOT), "grader": os.getpid(), "folders": [tempfile.gettempdir()]},
}


def main():
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--students", type=int, default=300)
    options.add_argument("--hostile", type=int, default=5, help="of 100 students (5)")
    options.add_argument(
        "--hand-in", nargs="+", default=["15"], help="lessons or exercises; with several, students take turns"
    )
    options.add_argument("--times", type=int, default=2, help="how often the class is graded (2)")
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("--busy", type=int, default=0, help="busy processes beside it (0)")
    options = options.parse_args()
    shutil.rmtree(OUT, ignore_errors=True)
    answers = dict(classroom(options))
    hand_in(answers)
    with busy(options.busy):
        turns = [graded(turn, options) for turn in range(options.times)]
    told = list(map(bytes_of, turns))
    differ = {
        name for one in told for name in one.keys() | told[0].keys() if one.get(name) != told[0].get(name)
    }
    size = sum((turns[0] / name).stat().st_size for name in told[0]) / 1e6
    print(f"{len(told[0])} files, {size:.1f} MB; not the same in all turns: {sorted(differ) or 'none'}")
    wrong = sum(map(compared, turns, itertools.repeat(answers)))
    sys.exit(bool(differ or wrong))


def classroom(options):
    """Yield (student, [(exercise, source, points that it should get, kind)])."""
    lessons = sorted({given[:2] for given in options.hand_in})
    made = [one for lesson in lessons for one in samples.of_lesson(lesson, BANK)]
    attacks = itertools.cycle(hostile())
    for number in range(options.students):
        given = options.hand_in[number % len(options.hand_in)]
        # The kinds take turns within those who hand in the same.
        kind = samples.STUDENTS[number // len(options.hand_in) % len(samples.STUDENTS)]
        own = [one for one in made if one.student == kind and one.exercise.id.startswith(given)]
        if (number + 1) * options.hostile // 100 > number * options.hostile // 100:
            yield (
                f"s{number:03}",
                [(one.exercise, attack(next(attacks), one.exercise.name), 0, "hostile") for one in own],
            )
        else:
            yield (
                f"s{number:03}",
                [(one.exercise, one.source, one.points, one.what.partition(":")[0]) for one in own],
            )


def hostile():
    """Return the attacks of the tests, as cells that define f(x)."""
    sys.path.append(str(ROOT / "tests" / "helpers"))
    spec = importlib.util.spec_from_file_location("attacks", ROOT / "tests" / "grading" / "test_attacks.py")
    tests = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tests)
    cells = [tests.filled(cell, PLACES) for group in tests.GROUPS.values() for cell in group.values()]
    return random.Random(0).sample(cells, len(cells))  # the groups of attacks are mixed


def attack(cell, name):
    return f"{cell}\ndef {name}(*arguments):\n    return f(np.arange(7.0))\n"


def hand_in(answers):
    """Write submissions, roster and key; the files have fixed times, a minute apart."""
    for number, (student, own) in enumerate(answers.items()):
        for lesson in dict.fromkeys(exercise.id[:2] for exercise, *_ in own):
            path = OUT / "submissions" / student / f"hand_in_{lesson}.ipynb"
            here = [(exercise, source) for exercise, source, *_ in own if exercise.id[:2] == lesson]
            cells.write(path, handing.notebook(here))
            os.utime(path, (BEGAN + 60 * number,) * 2)
    lines = [f"{student},Student {student},{student}@example.org\n" for student in answers]
    (OUT / "roster.csv").write_text("student,name,email\n" + "".join(lines))
    (OUT / "seed.key").write_text("0123456789abcdef" * 4)
    kinds = Counter(kind for own in answers.values() for *_, kind in own)
    print(f"{len(answers)} students, {kinds.total()} answers: {dict(kinds)}")


@contextlib.contextmanager
def busy(number):
    """Keep this number of processes busy beside the grader."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(number)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def graded(turn, options):
    """Grade the class into a folder of its own, which is returned, and print how long it takes."""
    out, before = OUT / f"out{turn}", os.getloadavg()[0]
    lessons = sorted({given[:2] for given in options.hand_in})
    files = ["--bank", BANK, "--key", OUT / "seed.key", "--roster", OUT / "roster.csv", "--out", out]
    command = [COURSE, "grade", OUT / "submissions", *files, "--lessons", *lessons, "--jobs", options.jobs]
    began = time.perf_counter()
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    seconds = time.perf_counter() - began
    if done.returncode:
        sys.exit(f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    answers = sum(row["state"] == "graded" for row in rows(out))
    print(
        f"turn {turn + 1}: {seconds / 60:.1f} minutes, {seconds / answers:.2f} s an answer; "
        f"load {before:.1f} before, {os.getloadavg()[0]:.1f} after",
        flush=True,
    )
    return out


def rows(out):
    """Return the rows of results.jsonl."""
    return list(map(json.loads, (out / "results.jsonl").read_text(encoding="utf-8").splitlines()))


def compared(out, answers):
    """Print what became of the answers; return how many have another mark than they should."""
    found, wrong = Counter(), 0
    points = {(row["student"], row["exercise"]): row["points"] for row in rows(out)}
    for student, own in answers.items():
        for exercise, _, right, kind in own:
            found[kind] += points[student, exercise.id] == right
            wrong += points[student, exercise.id] != right
    print(f"{out.name}: {wrong} marks are wrong; as they should be: {dict(found)}")
    return wrong


def bytes_of(out):
    """Return {file: digest} of all files of a run, without its cache."""
    files = [path for path in sorted(out.rglob("*")) if path.is_file() and "cache" not in path.parts]
    return {str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


if __name__ == "__main__":
    main()
