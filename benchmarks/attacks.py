"""Ten weaknesses that a review of the grader measured (A1 to A10 in docs/trust.md), measured again.

    python benchmarks/attacks.py            # all of them, as the user who runs it: once as root, once not
    python benchmarks/attacks.py A3 A7      # some of them

Each row is what the grader does today with the attack, or the class, of the review. Needs bubblewrap.
"""

import argparse
import contextlib
import csv
import ctypes
import io
import json
import os
import tempfile
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from course_lib import cli, exercises
from course_lib.core.paths import ROOT
from course_lib.grading import executors, intake, marking, sandbox, seccomp, seeds
from course_lib.grading.roster import Student
from course_lib.grading.sandbox import Job, answers

KEY = "0123456789abcdef"
HEAD = "def hog_length(size, orientations, pixels, cells):\n"
RIGHT = HEAD + "    return (size // pixels - cells + 1) ** 2 * cells ** 2 * orientations\n"
WRONG = HEAD + "    return 1\n"
ENDS = """
import json, os, stat, struct
ENDS = [n for n in range(3, 256) if os.path.exists(f"/proc/self/fd/{n}")
        and stat.S_IFMT(os.fstat(n).st_mode) in (stat.S_IFSOCK, stat.S_IFIFO)]
def say(data):
    for end in ENDS:
        try: os.write(end, data)
        except OSError: pass
"""


def main():
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("names", nargs="*", metavar="A1", help="default: all ten")
    names = options.parse_args().names or MEASUREMENTS
    print(sandbox.protections("bwrap"), flush=True)
    for name in names:
        print(f"{name:4}{MEASUREMENTS[name]()}", flush=True)


# --- classes ---


def cell(source, kind="code"):
    return {"cell_type": kind, "source": source, "metadata": {}, "outputs": [], "execution_count": None}


def notebook(*cells):
    return json.dumps({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def own_cell(source, kind="code"):
    return {**cell(source, kind), "metadata": {"nbgrader": {"grade_id": "exercise-02-1"}}}


def packed(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


class Classroom:
    """A folder with submissions, {path: bytes}, a key, and a roster of the paths' first folders."""

    def __init__(self, files):
        self.folder = Path(tempfile.mkdtemp(prefix="attacks-"))
        for name, data in files.items():
            path = self.folder / "in" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        students = dict.fromkeys(name.partition("/")[0] for name in files)
        (self.folder / "roster.csv").write_text("\n".join(["student", *students]) + "\n")
        self.key(KEY)

    def key(self, text):
        (self.folder / "seed.key").write_text(text)

    def grade(self, *options):
        """Run `course grade` on the folder, and return {student: points of 02.1}."""
        files = {"bank": ROOT / "bank"} | {
            name: self.folder / path
            for name, path in (("key", "seed.key"), ("roster", "roster.csv"), ("out", "out"))
        }
        given = [part for name, path in files.items() for part in (f"--{name}", str(path))]
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            cli.main(["grade", str(self.folder / "in"), *given, *(options or ("--lessons", "02"))])
        return {row["student"]: row["02.1"] for row in self.table("grades.csv")}

    def table(self, name):
        with open(self.folder / "out" / name, encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    def page(self, student):
        return (self.folder / "out" / "feedback" / f"{student}.html").read_text(encoding="utf-8")


def task(student, answer):
    own = tuple(seeds.seed(KEY.encode(), "02.1", student, k) for k in range(5))
    return marking.Task(student, "02.1", 2, answer, str(ROOT / "bank"), own)


def graded(sources, jobs=2):
    """{name: points} of answers to 02.1 that are graded together."""
    found = executors.run([task(name, source) for name, source in sources.items()], jobs=jobs)
    return {one.student: result.points for one, result in found.items()}


# --- the measurements ---


def stolen_bytes():
    """A1: an answer takes back the byte that it wrote, so that the grader waits for it."""
    steal = f"""{ENDS}
{HEAD}    ways = []
    for end in ENDS:
        try: ways.append(os.open(f"/proc/self/fd/{{end}}", os.O_RDONLY | os.O_NONBLOCK))
        except OSError: pass
    while True:
        say(b"x")
        for way in ways:
            try: os.read(way, 1)
            except OSError: pass
"""
    begin = time.monotonic()
    found = graded({f"thief {n}": steal for n in range(24)} | {f"honest {n}": RIGHT for n in range(6)})
    full = sum(points == 2 for name, points in found.items() if name.startswith("honest"))
    scored = sum(bool(points) for name, points in found.items() if name.startswith("thief"))
    seconds = time.monotonic() - begin
    return f"{len(found)} of 30 graded in {seconds:.0f} s; {full} of 6 honest full; {scored} thieves scored"


def keyring():
    """A2: an answer reads a secret of the session keyring, leaves a mark there, clears it and revokes it."""
    cell = f"""
import ctypes
library = ctypes.CDLL(None, use_errno=True)
library.syscall.restype = ctypes.c_long
def call(number, *arguments):
    return library.syscall(number, *[a if isinstance(a, bytes) else ctypes.c_long(a) for a in arguments])
def f():
    keyctl, add = {seccomp.number("keyctl")}, {seccomp.number("add_key")}
    found = [call(keyctl, 10, -3, b"user", name, 0) > 0 for name in (b"course:secret", b"course:mark")]
    return found + [call(add, b"user", b"course:mark", b"x", 1, -3) > 0,
                    call(keyctl, 7, -3) == 0, call(keyctl, 3, -3) == 0]
"""

    def in_a_session():
        sandbox._new_keyring()
        library = ctypes.CDLL(None, use_errno=True)
        secret = (b"user", b"course:secret", b"a ticket", ctypes.c_long(8), ctypes.c_long(-3))
        made = library.syscall(ctypes.c_long(seccomp.number("add_key")), *secret)
        found = [answers(Job(cell, "f", [()], 30.0))[0].value for _ in range(2)]
        return made, [*map(any, zip(*found, strict=True))]

    with ThreadPoolExecutor(1) as thread:
        made, found = thread.submit(in_a_session).result()
    if made < 0:
        return "not measured: no keyrings here"
    names = ("read", "read by the next", "written", "cleared", "revoked")
    done = [name for name, worked in zip(names, found, strict=True) if worked]
    return f"{len(done)} of {len(names)} attempts worked {done or ''}".rstrip()


def large_frames():
    """A3: a frame of 4 MiB that takes the grader's Python a second, beside honest answers."""
    bad = f"""{ENDS}
def f(x):
    text = b"[" + b"[]," * 1_390_000 + b"[]]"
    say(struct.pack("<I", len(text)) + text)
"""
    honest = "def f(x):\n    return x + 1"
    with ThreadPoolExecutor(8) as pool:
        attacks = [pool.submit(answers, Job(bad, "f", [(n,) for n in range(3)], 2.0)) for _ in range(30)]
        futures = [pool.submit(answers, Job(honest, "f", [(n,) for n in range(3)], 2.0)) for _ in range(17)]
        lost = sum(one.state != "answered" for future in futures for one in future.result())
        scored = sum(one.state == "answered" for future in attacks for one in future.result())
    return f"{lost} of {3 * len(futures)} honest cases lost; {scored} attacks answered"


def busy_processes():
    """A4: 60 busy processes of one answer beside honest ones with 0.15 s of work; and 4 x 300 MiB of 256."""
    busy = f"""
import os
for _ in range(60):
    if os.fork() == 0:
        os.setsid()
        while True: pass
{HEAD}    while True: pass
"""
    work = (
        "    import time\n    end = time.process_time() + 0.15\n    while time.process_time() < end: pass\n"
    )
    honest = RIGHT.replace(HEAD, HEAD + work)
    found = graded({f"busy {n}": busy for n in range(3)} | {f"honest {n}": honest for n in range(4)})
    full = sum(points == 2 for name, points in found.items() if name.startswith("honest"))
    children = """
import os, time
def f():
    pids = []
    for _ in range(4):
        if (pid := os.fork()) == 0:
            kept = b"x" * (300 << 20)
            time.sleep(30)
        pids.append(pid)
    time.sleep(3)
    return sum(os.waitpid(pid, os.WNOHANG)[0] == 0 for pid in pids)
"""
    (held,) = answers(Job(children, "f", [()], 10.0, memory=256))
    alive = held.value if held.state == "answered" else f"{held.state}, 0"
    return f"{full} of 4 honest answers full; limit of 256 MiB: {alive} of 4 processes kept 300 MiB"


def old_copies():
    """A5: a zip with a newer notebook and old copies of it, and two files of one name from Moodle."""
    old, new = notebook(own_cell(WRONG)), notebook(own_cell(RIGHT))
    in_zip = {"notebooks/02_hog_features.ipynb": new, "notebooks/old/02_hog_features-1.ipynb": old}
    moodle = {"hand_in_02.ipynb": old, "hand_in_02 (1).ipynb": new}
    found = Classroom({"s25/all.zip": packed(in_zip), "s26/all.zip": packed(moodle)}).grade()
    return f"{found['s25']} of 2 points with old/ in the zip; {found['s26']} of 2 with a file (1)"


def not_arrived():
    """A6: files that came and hold no answer as the grader wants it."""
    files = {
        "misspelt/02.ipynb": notebook(own_cell(RIGHT.replace("hog_length", "hog_len"))),
        "assigned/02.ipynb": notebook(own_cell(RIGHT.replace("hog_length", "mine") + "hog_length = mine\n")),
        "inner/02.ipynb": notebook(own_cell("if True:\n    " + RIGHT.replace("\n    ", "\n        "))),
        "script/02.py": RIGHT.encode(),
        "page/02.pdf": b"%PDF-1.4",
        "empty/02.ipynb": b"",
        "markdown/02.ipynb": notebook(own_cell(RIGHT, "markdown")),
    }
    room = Classroom(files)
    found = room.grade()
    told = sum("No file of yours" in room.page(name.partition("/")[0]) for name in files)
    assigned = found["assigned"]
    return f"{told} of {len(files)} told that no file arrived; a function by assignment: {assigned} of 2"


def slow_files():
    """A7: 20 notebooks of 490 kB in a zip, and a notebook of 990,000 empty cells."""
    words = " ".join(one.name for one in exercises.every())
    line = notebook(*[cell(f"x = {words!r}\n" + "a;" * 24_000)] * 9, own_cell(RIGHT))
    data = packed({f"{n}.ipynb": line for n in range(20)})
    many = b'{"nbformat": 4, "cells": [' + b'{"cell_type":"code"},' * 990_000 + b"{}]}"
    begin = time.process_time() + sum(os.times()[2:4])
    room = Classroom(
        {"slow/all.zip": data, "many/02.ipynb": many, "honest/02.ipynb": notebook(own_cell(RIGHT))}
    )
    roster = [Student("slow"), Student("many"), Student("honest")]
    came, _ = intake.collect(room.folder / "in", roster, list(exercises.every()))
    spent = time.process_time() + sum(os.times()[2:4]) - begin
    read = "read" if any(one.student == "honest" for one in came) else "not read"
    size = len(data) / 1000
    return f"{size:.0f} kB zip, 990,000 cells: {spent:.0f} s of processor time; honest file {read}"


def long_summary():
    """A8: 20 zips with 1,000 odd entries each."""
    odd = packed({f"{'long name ' * 100}{n}.xyz": b"" for n in range(1000)})
    room = Classroom({f"s{n}/all.zip": odd for n in range(20)})
    room.grade()
    size = (room.folder / "out" / "summary.html").stat().st_size
    return f"summary.html of {size / 1e6:.2f} MB"


def exceptions():
    """A9: exceptions that carry the hidden arguments, by their text, type and line, graded with two keys."""
    lines = "".join(f"    if size == {n}: raise AttributeError(f'{{size}} {{pixels}}')\n" for n in range(999))
    exfil = HEAD + lines + "    raise type(f'E{size}', (Exception,), {})(str((size, orientations, cells)))\n"
    pages = []
    for key in (KEY, KEY[::-1]):
        room = Classroom({"spy/02.ipynb": notebook(own_cell(exfil))})
        room.key(key)
        room.grade()
        pages.append(room.page("spy"))
    return f"feedback of other hidden inputs {'the same bytes' if pages[0] == pages[1] else 'differs'}"


def kept_settings():
    """A10: graded with a deadline, one exercise again, then a second lesson into the same folder."""
    room = Classroom({"late/02.ipynb": notebook(own_cell(RIGHT))})
    room.grade("--lessons", "02", "--deadline", "2020-01-01T12:00")
    before = room.table("grades.csv")[0]
    room.grade("--regrade", "02.1")
    late = room.table("submissions.csv")[0]["late"]
    room.grade("--lessons", "01")
    after = room.table("grades.csv")[0]
    kept = sum(after.get(name) == before[name] for name in before if name.startswith("02"))
    wanted = sum(name.startswith("02") for name in before)
    return f"late work graded again: late {late}; marks kept beside a second lesson's: {kept} of {wanted}"


MEASUREMENTS = {
    "A1": stolen_bytes,
    "A2": keyring,
    "A3": large_frames,
    "A4": busy_processes,
    "A5": old_copies,
    "A6": not_arrived,
    "A7": slow_files,
    "A8": long_summary,
    "A9": exceptions,
    "A10": kept_settings,
}

if __name__ == "__main__":
    main()
