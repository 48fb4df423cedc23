"""A class in which most answers are attacks, graded in one run in the real sandbox: no attack scores, nothing
that it knows reaches a page, nothing of it is left, and the honest students keep their marks.

The exercise: f(x) returns sorted(x). An attack that must not get through gives the right answer where it
does. Attacks that end by themselves share one answer: case k is attack k, and costs no sandbox of its own."""

import csv
import io
import json
import os
import textwrap
import zipfile
from pathlib import Path

import made_class
import pytest
import trust_page

from course_lib.grading import grade, sandbox
from course_lib.grading.sandbox import Job, answers, available

WHY_NOT = available("bwrap")
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)

CASES = 20
# Each input is longer than the one before, so an answer knows its case; its numbers have nine digits.
BANK = f"""
from course_lib.grading.bank import Private
def inputs(rng, k):
    return ([int(n) for n in rng.integers(10**8, 10**9, k + 2)],)
BANK = {{"97.1": Private(lambda x: sorted(x), inputs, cases={CASES})}}
"""
HONEST = "def f(x):\n    return sorted(x)\n"
LEFT = f"course-class-{os.getpid()}-left"  # in the name of every file an attack leaves
STAY = f"76543.{os.getpid()}"  # seconds that an attack's own processes would like to stay
CANARY = "CANARYWORD"
# The name of a variable that the grader was started with, and that no sandbox has.
OURS = {one.partition("=")[0] for one in Path("/proc/self/environ").read_text(errors="replace").split("\0")}
OUTSIDE = max(OURS - sandbox.ENVIRONMENT.keys())

# --- attacks that end by themselves: the body of a function of x, which returns what scores

VALUES = {
    "a mock that says yes to everything": """
from unittest.mock import MagicMock
return MagicMock(wraps=sorted(x))
""",
    "an object with __reduce__": """
class Bomb:
    def __reduce__(self): return sorted, (x,)
return Bomb()
""",
    "a pickle of the right answer": "import pickle\nreturn pickle.dumps(sorted(x))",
    "an object with __array__": """
import numpy as np
class Later:
    def __array__(self, *a, **k): return np.sort(x)
return Later()
""",
    "an object with __getattr__": """
class Any:
    __getattr__ = lambda self, name: getattr(sorted(x), name)
    __len__ = lambda self: len(x)
    __iter__ = lambda self: iter(sorted(x))
return Any()
""",
    "a list of its own kind": "class Own(list):\n    __eq__ = lambda *a: True\nreturn Own(x)",
    "whole numbers of their own kind": """
class Own(int):
    __eq__ = lambda *a: True
return [Own(0) for _ in x]
""",
    "a text of its own kind": "class Own(str):\n    __eq__ = lambda *a: True\nreturn [Own() for _ in x]",
    "a tuple with names": "from collections import namedtuple\nreturn namedtuple('T', 'a')(sorted(x))",
    "an iterator without end": "import itertools\nreturn itertools.count()",
    "a view of a dictionary": "return dict.fromkeys(sorted(x)).keys()",
    "a view of memory": "import array\nreturn memoryview(array.array('q', sorted(x)))",
    "fractions": "from fractions import Fraction\nreturn [Fraction(one) for one in sorted(x)]",
    "members of an enumeration": """
from enum import IntEnum
return list(IntEnum("E", [(f"a{n}", one) for n, one in enumerate(sorted(x))]))
""",
    "digits that look the same": """
return [str(one).translate({48 + n: 0xFF10 + n for n in range(10)}) for one in sorted(x)]
""",
    "floats that are almost": "return [one + 1e-3 for one in sorted(x)]",
    "NaN for each number": "return [float('nan')] * len(x)",
    "memory outside of an array": """
import numpy as np
return np.lib.stride_tricks.as_strided(np.zeros(1), (len(x),), (8,)).astype("m8[s]")
""",
    "a structured array": "import numpy as np\nreturn np.array([(one,) for one in sorted(x)], [('a', int)])",
    "a series of pandas": "import pandas as pd\nreturn pd.Series(sorted(x))",
}

LOOKING = {
    "a right value among all objects": """
import gc
found = [one for one in gc.get_objects() if type(one) is list and one != x and sorted(one) == sorted(x)]
return sorted(x) if found else []
""",
    "what refers to the input": """
import gc
assert any(type(one) is dict and {"right", "expected", "reference"} & set(one) for one in gc.get_referrers(x))
return sorted(x)
""",
    "names in its own memory": """
for line in open("/proc/self/maps"):
    if "[heap]" in line:
        first, last = (int(one, 16) for one in line.split()[0].split("-"))
        with open("/proc/self/mem", "rb") as memory:
            memory.seek(first)
            assert b"near_" + b"misses" in memory.read(last - first)
        return sorted(x)
raise LookupError
""",
    "the frames of other threads": """
import sys
assert any("right" in frame.f_locals for frame in sys._current_frames().values())
return sorted(x)
""",
    "the environment of the grader": """
import os
texts = []
for one in os.listdir("/proc"):
    try: texts.append(open(f"/proc/{one}/environ", "rb").read())
    except OSError: pass
assert any(b"{outside}=" in b"\\0" + one for one in texts)
return sorted(x)
""",
    "the folder of the installed course": """
import os, sys
for folder in sys.path:
    for one in os.listdir(folder) if os.path.isdir(folder) else ():
        if "affective_computing" in one:
            path = os.path.join(folder, one)
            assert os.listdir(path) if os.path.isdir(path) else open(path).read()
            return sorted(x)
raise LookupError
""",
    "the submissions": "import os\nassert os.listdir({folder!r})\nreturn sorted(x)",
    "the bank": "open({folder!r} + '/bank/lesson_97.py').read()\nreturn sorted(x)",
    "another answer's folder": """
import os, sys
ours = {part for path in sys.path for part in path.split("/")}  # the course may be installed below /tmp
assert set(os.listdir("/tmp")) - ours - {"mine"}
return sorted(x)
""",
    "a letter in shared memory": """
from multiprocessing import shared_memory
shared_memory.SharedMemory("{left}", create=True, size=16)
return sorted(x)
""",
    "the kernel's log": "assert open('/dev/kmsg').read(1)\nreturn sorted(x)",
    "a debugger on its parent": "open('/proc/1/mem', 'r+b').read(1)\nreturn sorted(x)",
    "the mail of the machine": "import smtplib\nsmtplib.SMTP('localhost', timeout=1)\nreturn sorted(x)",
    "a name server": "import socket\nsocket.gethostbyname('example.org')\nreturn sorted(x)",
    "the module that grades": "import course_lib.grading.marking\nreturn sorted(x)",
    "a reload of what is hidden": """
import importlib, sys
sys.meta_path[:] = [one for one in sys.meta_path if type(one).__name__ != "Hidden"]
sys.modules.pop("course_lib"), importlib.invalidate_caches()
import course_lib.grading
return sorted(x)
""",
    "a larger limit of files": """
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (9999, 9999))
return sorted(x)
""",
    "a real-time rank": """
import os
os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))
return sorted(x)
""",
    "a terabyte with holes": "open('/tmp/mine', 'wb').truncate(1 << 40)\nreturn sorted(x)",
    "memory that stays in place": """
import ctypes
assert ctypes.CDLL(None).mlockall(7) == 0 and bytearray(1 << 24)
import resource
assert resource.getrlimit(resource.RLIMIT_MEMLOCK)[0] > 1 << 28
return sorted(x)
""",
}

# Each says the input or does something odd, and gives a wrong answer: no page may show it.
WORDS = {
    "printed": "print('{canary}', x)\nreturn []",
    "printed as an error": "import sys\nsys.stderr.write('{canary}' + str(x))\nreturn []",
    "logged": "import logging\nlogging.critical('{canary} %s', x)\nreturn []",
    "a warning": "import warnings\nwarnings.warn('{canary}' + str(x))\nreturn []",
    "in a note of an exception": "error = ValueError()\nerror.add_note('{canary}' + str(x))\nraise error",
    "in the cause of an exception": "raise ValueError('{canary}') from ValueError(str(x))",
    "in a group of exceptions": "raise ExceptionGroup(str(x), [ValueError('{canary}')] * 1000)",
    "in the name of an exception": "raise type('{canary}' + str(x[0]), (Exception,), {})",
    "in the line of an exception": "raise SyntaxError('{canary}', ('<answer>', x[0], x[0], '', x[0], x[0]))",
    "in the name of a file": "exec(compile('1 / 0', '{canary}' + str(x[0]), 'exec'))",
    "in the name of a module": "import importlib\nimportlib.import_module('{canary}' + str(x[0]))",
    "escape codes of a terminal": "raise ValueError('\\x1b]0;{canary}\\x07\\x1b[31m' + str(x))",
    "markup": "raise ValueError('<script>{canary}</script>' + str(x))",
    "a formula": "raise ValueError('=HYPERLINK(\"{canary}\")' + str(x))",
    "returned": "return ['{canary}', *x]",
    "returned as a name of a type": "return type('{canary}' + str(x[0]), (), {})()",
    "a traceback that fails": """
class E(Exception):
    __traceback__ = property(lambda self: 1 / 0)
raise E(str(x))
""",
    "a line number that is a text": "class E(Exception):\n    lineno = '{canary}' * 30 + str(x)\nraise E",
    "a message that is no text": "class E(Exception):\n    msg = property(lambda self: x)\nraise E",
    "a title of the process": "open('/proc/self/comm', 'w').write('{canary}')\nreturn []",
}
TOGETHER = {"returned values": VALUES, "looking around": LOOKING, "words": WORDS}

# --- attacks that need an answer of their own

OWN = {
    "a clock that stands still": """
import time
time.monotonic = time.time = lambda: 0
def f(x):
    time.sleep(60)
""",
    "an alarm again and again": """
import signal
signal.signal(signal.SIGALRM, lambda *a: None)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
def f(x):
    while True: signal.pause()
""",
    "an audit hook that raises": """
import sys
def hook(*a): raise OSError
def f(x):
    sys.addaudithook(hook)
    return []
""",
    "a thread that never ends": """
import threading, time
threading.Thread(target=time.sleep, args=[{stay}]).start()
def f(x): return []
""",
    "the interpreter's lock for ever": """
import ctypes
def f(x):
    ctypes.PyDLL(None).sleep({stay_whole})
""",
    "a search that goes back": "import re\ndef f(x):\n    return re.match('(a+)+$', 'a' * 60 + 'b')\n",
    "a number that takes a day": "def f(x):\n    return 7 ** 7 ** 9 % 7\n",
    "said at the end": """
import atexit, os, stat
def say():
    for n in range(3, 64):
        try: os.write(n, b"\\x08\\0\\0\\0[1, 2, 3")
        except OSError: pass
atexit.register(say)
def f(x):
    raise SystemExit
""",
    "an end in a destructor": """
import os
class E(Exception):
    def __del__(self): os._exit(0)
def f(x):
    raise E
""",
    "a traceback in a circle": """
class Step:
    tb_next = property(lambda self: self)
    tb_frame = property(lambda self: f.frame)
    tb_lineno = 1
class E(Exception):
    __traceback__ = Step()
def f(x):
    import sys
    f.frame = sys._getframe()
    raise E
""",
    "a child that is adopted": """
import ctypes, os
ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER
def f(x):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0: os.execvp("sleep", ["sleep", "{stay}"])
        os._exit(0)
    return []
""",
    "a child at the definition that answers, too": "import os\nos.fork()\ndef f(x):\n    return []\n",
    "folders in folders": """
import os
def f(x):
    while True:
        os.mkdir("{left}"); os.chdir("{left}")
""",
    "pipes that are full": """
import os, socket
kept = []
def f(x):
    while True:
        for end in (os.pipe()[1], socket.socketpair()[0].detach()):
            os.set_blocking(end, False)
            kept.append(end)
            try:
                while True: os.write(end, bytes(1 << 16))
            except OSError: pass
""",
    "nobody may use /tmp": "import os\nos.umask(0o777); os.chmod('/tmp', 0)\ndef f(x):\n    return []\n",
    "a new Python in its place": """
import os, sys
def f(x):
    os.execv(sys.executable, ['python', '-c', 'input()'])
""",
    "another meaning of every name": """
import builtins
def f(x):
    for name in list(vars(builtins)):
        setattr(builtins, name, lambda *a, **k: sorted(x))
    return []
""",
    "a harness that is loaded again": """
import sys
def f(x):
    source = open("/course/harness.py").read().replace('"answered", value', '"answered", sorted(*arguments)')
    space = {"__name__": "harness"}
    exec(compile(source, "harness", "exec"), space)
    sys._getframe(1).f_globals["_answer"] = lambda *a: b"\\0" * 4
    return []
""",
}


def together(bodies):
    """One answer whose case k is attack k."""
    functions = "".join(
        f"def attack_{k}(x):\n{textwrap.indent(body.strip(), '    ')}\n" for k, body in enumerate(bodies)
    )
    return functions + (
        "def f(x):\n    try:\n        return globals()[f'attack_{len(x) - 2}'](x)\n"
        "    except (OSError, LookupError, AssertionError, ImportError):\n        return []\n"
    )


# --- notebooks, zips and names


def cell(source, **more):
    whole = {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None}
    return {**whole, **more}


def notebook(*cells, **more):
    return json.dumps(
        {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more}
    ).encode()


MARKUP = f"<script>{CANARY}</script>\x1b[2J=1+1"


def overlapping():
    """A zip in which 200 entries share the same packed bytes (Fifield, "A better zip bomb", 2019)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0.ipynb", bytes(15 << 20))
        first = archive.filelist[0]
        for number in range(1, 200):
            other = zipfile.ZipInfo(f"{number}.ipynb")
            for name in ("CRC", "compress_size", "file_size", "header_offset", "compress_type", "flag_bits"):
                setattr(other, name, getattr(first, name))
            archive.filelist.append(other)
            archive.NameToInfo[other.filename] = other
        archive._didModify = True
    return out.getvalue()


FILES = {
    "markup in outputs and metadata": notebook(
        cell(
            "def f(x):\n    return []",
            outputs=[{"output_type": "display_data", "data": {"text/html": MARKUP}, "metadata": {}}],
            metadata={"nbgrader": {"grade_id": "exercise-97-1"}, "name": MARKUP},
        ),
        metadata={"kernelspec": {"name": MARKUP, "language": MARKUP}, "title": MARKUP},
    ),
    "markup in the answer": notebook(cell(f"# {MARKUP} </pre> \u202e\ndef f(x):\n    return []")),
    "another coding in its first line": notebook(
        cell("# -*- coding: utf-7 -*-\ndef f(x):\n    return +AFs-x+AF0-")
    ),
    "an output of 15 MB": notebook(
        cell("def f(x):\n    return []", outputs=[{"output_type": "stream", "text": CANARY * 1_500_000}])
    ),
    "grade_ids of all exercises": notebook(
        cell(
            "def f(x):\n    return []",
            metadata={"nbgrader": {"grade_id": [f"exercise-97-{n}" for n in range(99)]}},
        )
    ),
    "numbers that are none": b'{"nbformat": 1e999, "nbformat_minor": NaN, "cells": [{}, 1e999]}',
    "entries that overlap": overlapping(),
}
NAMES = [
    '=HYPERLINK("http://x","y")',
    f"<script>{CANARY}</script>",
    "\u202eesrever",
    "@SUM(1)\t=1+1",
    "Ann\x1b[31mRed",
]


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Grade the class; the folder, {student: result}, and what was printed."""
    folder = tmp_path_factory.mktemp("class")
    filled = {
        "{outside}": OUTSIDE,
        "{left}": LEFT,
        "{stay}": STAY,
        "{stay_whole}": STAY[:5],
        "{canary}": CANARY,
    }
    filled["{folder!r}"] = repr(str(folder))

    def source(text):
        for name, value in filled.items():
            text = text.replace(name, value)
        return text

    cells = {kind: source(together(bodies.values())) for kind, bodies in TOGETHER.items()}
    cells |= {name: source(text) for name, text in OWN.items()}
    hostile = [*cells, *FILES]
    students = {f"s{number}": name for number, name in enumerate(hostile)}
    honest = {f"honest{number}": name for number, name in enumerate(NAMES)}
    made_class.enrol(folder, students | honest, {"97": BANK})
    for student, name in (students | honest).items():
        data = FILES.get(name) or notebook(cell(cells.get(name, HONEST)))
        suffix = "zip" if data[:2] == b"PK" else "ipynb"
        path = folder / "submissions" / student / f"97.{suffix}"
        path.parent.mkdir()
        path.write_bytes(data)
    twin = folder / "submissions" / "h\u043enest0" / "97.ipynb"  # its second letter is Cyrillic
    twin.parent.mkdir()
    twin.write_bytes(notebook(cell("def f(x):\n    return []")))
    with pytest.MonkeyPatch.context() as patch:
        made_class.teach(patch, made_class.SORT)
        found = grade.grade(made_class.run(folder, lessons=["97"]))
    return folder, {(students | honest)[one.student]: one for one in found}


@pytest.mark.parametrize("kind", TOGETHER)
def test_no_attack_of_a_batch_scores(graded, kind):
    result = graded[1][kind]
    assert len(result.cases) == len(TOGETHER[kind]) == CASES
    state = {name: case.state for name, case in zip(TOGETHER[kind], result.cases, strict=True)}
    assert {name for name in state if state[name] not in ("wrong", "malformed", "exception")} == set(), result


@pytest.mark.parametrize("name", [*OWN, *FILES])
def test_no_attack_on_its_own_scores(graded, name):
    assert graded[1][name].points == 0 and graded[1][name].state != "error"


@pytest.mark.parametrize("name", ["the environment of the grader", "the submissions"])
def test_without_a_sandbox_it_would_find_something(name, tmp_path):
    (tmp_path / "ann.ipynb").touch()
    cell = together([LOOKING[name]]).replace("{folder!r}", repr(str(tmp_path))).replace("{outside}", OUTSIDE)
    assert answers(Job(cell, "f", [([2, 1],)], 15.0), "none")[0].value == [1, 2]


def test_the_honest_keep_their_marks(graded):
    assert {name: graded[1][name].points for name in NAMES} == dict.fromkeys(NAMES, 2)


def test_nothing_is_left(graded):
    processes = [path.parent.name for path in Path("/proc").glob("[0-9]*/cmdline") if STAY in _text(path)]
    folders = map(Path, ("/tmp", "/dev/shm", "/var/tmp", "/run", "/", "/dev"))
    assert processes + [path for folder in folders for path in folder.glob(f"*{LEFT}*")] == []


def _text(path):
    try:
        return path.read_text(errors="replace")
    except OSError:  # it has just ended
        return ""


def test_no_page_of_a_student_tells_what_an_attack_said(graded):
    folder, results = graded
    pages = [*(folder / "out" / "feedback").iterdir(), *(folder / "out" / "gradescope").iterdir()]
    assert len(pages) >= 2 * len(results)
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert f"<script>{CANARY}" not in text and "\x1b" not in text and "\u202e" not in text
        words = text.replace(f"&lt;script&gt;{CANARY}&lt;/script&gt;", "")  # a name of the roster
        words = words.replace(f"<script>{CANARY}</script>", "")
        assert CANARY not in words, page
        assert not [digits for digits in _numbers(words) if len(digits) == 9], page


def _numbers(text):
    return "".join(sign if sign.isdigit() else " " for sign in text).split()


def test_tables_and_pages_of_the_teacher_are_harmless(graded):
    for path in (graded[0] / "out").rglob("*"):
        text = path.read_text(encoding="utf-8-sig") if path.suffix in (".html", ".csv") else ""
        assert "\x1b" not in text and len(text) < 2 << 20, path
        if path.suffix == ".csv":
            rows = csv.reader(io.StringIO(text))
            assert not [one for row in rows for one in row if one.startswith(("=", "+", "@"))], path
        else:
            assert f"<script>{CANARY}" not in text, path


def test_the_page_counts_every_attack():
    counted = {
        kind: len(one) for kind, one in {**TOGETHER, "answers of their own": OWN, "files": FILES}.items()
    }
    assert trust_page.attacks("test_attack_class.py") == {**counted, "names": len(NAMES) + 1}
