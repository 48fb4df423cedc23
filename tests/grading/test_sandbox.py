"""What the sandbox gives an honest answer, and how it names what goes wrong. Attacks are in
test_attacks.py."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from course_lib.grading import sandbox
from course_lib.grading.sandbox import Job, Outcome, SandboxError, answers, available

WHY_NOT = available("bwrap")
SLEEP = f"87654.{os.getpid()}"  # seconds: known by them
bubblewrap = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)
everywhere = pytest.mark.parametrize("kind", [pytest.param("bwrap", marks=bubblewrap), "none"])


def job(cell, *cases, **more):
    return Job(textwrap.dedent(cell), "f", list(cases), **more)


def one(cell, *cases, kind="bwrap", **more):
    """The one outcome that all cases share."""
    outcome, *others = answers(job(cell, *(cases or [()]), **more), kind)
    assert all(other == outcome for other in others)
    return outcome


@everywhere
def test_values_go_in_and_come_out(kind):
    x = np.arange(6.0).reshape(2, 3)
    cell = "def f(x, name):\n    x *= 2\n    return x, (x.mean(), [name, None])"
    first, second = answers(job(cell, (x, "a"), (x[0], "ß")), kind)
    assert first.state == second.state == "answered"
    assert first.value[0].tolist() == [[0, 2, 4], [6, 8, 10]] and first.value[1] == (5.0, ["a", None])
    assert second.value[0].tolist() == [0, 2, 4] and second.value[1] == (2.0, ["ß", None])
    assert x.max() == 5  # the grader's own stay as they are


@everywhere
def test_a_question_has_no_arguments(kind):
    assert one("def f():\n    return 'HoG'", kind=kind) == Outcome("answered", "HoG")


def test_no_case_no_sandbox():
    assert answers(job("def f(): return 1")) == []


@everywhere
@pytest.mark.parametrize(
    "cell, state, words",
    [
        (
            "def f():\n    x = 1\n    return x / 0",
            "exception",
            "ZeroDivisionError: division by zero (line 3)",
        ),
        ("def f():\n    raise NotImplementedError()", "not attempted", ""),
        ("def f():\n    raise NotImplementedError()\nprint(f())", "not attempted", ""),
        ("def g():\n    return 1", "missing", "there is no function f in the cell"),
        ("f = 3", "missing", "there is no function f in the cell"),
        ("x = 1\ndef f(:\n    return 1", "exception", "SyntaxError: invalid syntax (line 2)"),
        (
            "import no_such_thing\ndef f():\n    return 1",
            "exception",
            "ModuleNotFoundError: No module named 'no_such_thing' (line 1)",
        ),
        (
            "def f():\n    return {1, 2}",
            "malformed",
            "TypeError: set instead of numbers, texts, booleans, NumPy arrays, or lists and tuples of these",
        ),
        ("def f():\n    raise SystemExit", "exception", "SystemExit:  (line 2)"),
        ("def f():\n    raise KeyboardInterrupt('x')", "exception", "KeyboardInterrupt: x (line 2)"),
        ("import sys\nsys.exit(3)", "exception", "SystemExit: 3 (line 2)"),
        (
            "def f():\n    return f()",
            "exception",
            "RecursionError: maximum recursion depth exceeded (line 2)",
        ),
        (
            "def f():\n    raise ValueError('x' * 10**7)",
            "exception",
            ("ValueError: " + "x" * 300)[:300] + " (line 2)",
        ),
        ("def f():\n    raise ValueError('\\ud800')", "exception", "ValueError: ? (line 2)"),
    ],
)
def test_what_goes_wrong_has_a_name(kind, cell, state, words):
    assert one(cell, (), (), kind=kind) == (state, None, words)


@everywhere
def test_an_end_and_a_loop_are_different_states(kind):
    assert one("import os\ndef f():\n    os._exit(0)", kind=kind).state == "killed"
    assert one("def f():\n    while True: pass", kind=kind, seconds=0.3).state == "timeout"
    assert one("while True: pass", kind=kind, seconds=0.3).state == "timeout"


@pytest.mark.parametrize("when", ["now", "later"])
def test_what_an_answer_says_itself_makes_all_cases_forged(when):
    """What arrives first would depend on the load, so nothing of it is looked at."""
    say = "time.sleep({'now': 0, 'later': 0.2}[when]), [os.write(n, b'x' * 100) for n in ENDS]"
    cell = f"""
        import os, stat, threading, time
        ENDS = [n for n in range(3, 9) if os.path.exists(f"/proc/self/fd/{{n}}")
                and stat.S_ISSOCK(os.fstat(n).st_mode)]
        def f(x, when):
            if x == 2: threading.Thread(target=lambda: ({say})).start()
            return x
    """
    outcomes = answers(job(cell, *[(x, when) for x in range(3)]), "none")
    assert outcomes == [Outcome("forged")] * 3


def test_an_answer_that_is_far_too_large_costs_its_own_case():
    cell = "calls = []\ndef f(x):\n    calls.append(x)\n    return [0] * 10**5 if x == 1 else calls"
    outcomes = answers(job(cell, (0,), (1,), (2,), most=1000), "none")
    assert [one.state for one in outcomes] == ["answered", "malformed", "answered"]
    assert outcomes[2].value == [0, 1, 2] and "at most 1000 bytes" in outcomes[1].message


@pytest.mark.parametrize("compiled, lines", [(True, 0), (False, 1)])
def test_packages_that_are_not_compiled_are_told(monkeypatch, tmp_path, compiled, lines):
    cache = tmp_path / "numpy.pyc"
    if compiled:
        cache.touch()
    monkeypatch.setattr(sandbox.importlib.util, "cache_from_source", lambda origin: str(cache))
    told = sandbox.slow_imports("bwrap")
    assert len(told) == lines and all("python -m compileall -q " in one for one in told)
    assert sandbox.slow_imports("docker") == []


@everywhere
def test_after_one_failure_a_fresh_sandbox_after_two_none(kind):
    outcomes = answers(
        job(
            """
        import os
        calls = []
        def f(x):
            calls.append(x)
            while x == 1: pass
            if x == 3: os._exit(1)
            return calls
        """,
            *[(x,) for x in range(6)],
            seconds=0.4,
        ),
        kind,
    )
    assert [outcome.state for outcome in outcomes] == [
        "answered",
        "timeout",
        "answered",
        "killed",
        "killed",
        "killed",
    ]
    assert [outcome.value for outcome in outcomes[:3]] == [[0], None, [2]]


@everywhere
def test_an_exception_stops_no_other_case(kind):
    outcomes = answers(job("def f(x):\n    return 6 / x", (1,), (0,), (2,)), kind)
    assert [(outcome.state, outcome.value) for outcome in outcomes] == [
        ("answered", 6.0),
        ("exception", None),
        ("answered", 3.0),
    ]


@bubblewrap
@pytest.mark.parametrize(
    "cell",
    [
        "def f():\n    return 7\nprint(f(*find('02.1')))",
        "from course_lib.exercises import find, reset\ndef f():\n    return 7\nassert f() == given('02.1')",
        "from course_lib.exercises import check, given\ndef f():\n    return 7\ncheck('02.1', "
        "f)\ngiven('02.1')",
        "def f():\n    return 7\ncheck('02.1', f)\nhand_in('02')\ndisplay(f())\nprint('x' * 10**6)",
        "if __name__ == '__main__':\n    def f():\n        return 7",
        "from __future__ import annotations\ndef f(x: nothing = 0):\n    return 7",
        "def f():\n    try:\n        import no_such_thing\n    except ImportError:\n        return 7",
        "def f():\n    open('a', 'w').write('x'); return 7 * len(open('a').read())",
        "import tempfile\ndef f():\n    with tempfile.TemporaryFile() as file: return 7",
        "import threading\ndef f():\n    t = threading.Thread(target=print); t.start(); t.join(); return 7",
        "import matplotlib.pyplot as plt\ndef f():\n    plt.plot([1]); plt.show(); return 7",
        "import subprocess\ndef f():\n    return int(subprocess.run(['echo', '7'], stdout=-1).stdout)",
    ],
    ids=[
        "tried below",
        "compared below",
        "stub",
        "prints",
        "main",
        "future",
        "optional import",
        "file",
        "tempfile",
        "thread",
        "figure",
        "process",
    ],
)
def test_a_notebooks_habits_do_no_harm(cell):
    assert one(cell, seconds=10) == Outcome("answered", 7)


@bubblewrap
def test_what_an_answer_does_not_name_is_not_imported():
    assert one("import sys\ndef f():\n    return 'num' + 'py' in sys.modules").value is False
    assert one("import sys\ndef f():\n    return np.__name__ in sys.modules").value is True


@bubblewrap
def test_imports_cost_no_case_its_time():
    cell = "def f():\n    from sklearn.svm import SVC\n    import librosa.feature\n    return 1"
    assert one(cell, seconds=0.25) == Outcome("answered", 1)


@bubblewrap
def test_imports_end_at_last():
    """Load alone can make them late, so this is not the outcome of a case, and gives no mark."""
    with pytest.raises(sandbox.TooSlow, match=r"what the cell imports \(sklearn\) takes longer than 0.05 s"):
        one("import sklearn.svm\ndef f():\n    return 1", (), (), imports=0.05)


@pytest.mark.nightly  # by day, tests/bank/test_lesson_04.py starts Keras in the sandbox
@everywhere
def test_an_answer_can_use_keras_with_more_memory_and_time(kind):
    cell = """
        import keras

        def f(units):
            model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(units)])
            return model.count_params(), np.asarray(model(np.zeros((2, 3)))).tolist()
    """
    found = answers(job(cell, (2,), (5,), seconds=20, imports=60, memory=1536, alone=True), kind)
    assert [outcome.value for outcome in found] == [(8, [[0.0] * 2] * 2), (20, [[0.0] * 5] * 2)]


@bubblewrap
def test_course_lib_is_only_a_stub():
    assert one("from course_lib import features\ndef f(): pass").message == (
        "ModuleNotFoundError: course_lib.features is not available in this exercise (line 1)"
    )
    cell = "import course_lib\ndef f():\n    return [name for name in vars(course_lib) if name[0] != '_']"
    assert one(cell).value == ["exercises"]


BYPASS = """
import importlib, sys
def f():
    del sys.meta_path[0]
    return importlib.import_module({name!r}).__file__
"""


@bubblewrap
@pytest.mark.parametrize(
    "module",
    [
        "skimage.feature",
        "sklearn",
        "threadpoolctl",
        "statistics",
        "skimage.feature._hog",
        "skimage.feature._hoghistogram",
        "_statistics",
    ],
)
def test_a_forbidden_module_is_refused_kindly_and_cannot_be_had(module):
    plain = f"import {module}\ndef f():\n    return 1"
    assert one(plain).value == 1
    assert one(plain, forbidden=(module,)).message == (
        f"ModuleNotFoundError: {module} is not available in this exercise (line 1)"
    )
    assert one(BYPASS.format(name=module), seconds=20).value
    assert not one(
        BYPASS.format(name=module), forbidden=(module,), seconds=20
    ).value  # at best an empty namespace


@bubblewrap
def test_what_is_near_a_forbidden_module_works():
    cell = "import skimage.transform, skimage.features_of_mine\ndef f(): return 1"
    assert "features_of_mine'" in one(cell, forbidden=("skimage.feature",)).message


@bubblewrap
def test_an_installed_course_lib_is_hidden(tmp_path, monkeypatch):
    package = tmp_path / "lib" / "site-packages" / "course_lib"
    (package / "grading").mkdir(parents=True)
    (package / "grading" / "bank.py").write_text("secret")
    (package.parent / "beside.py").write_text("value = 7")
    about = package.parent / "affective_computing_course_companion-0.1.0.dist-info" / "direct_url.json"
    about.parent.mkdir()
    about.write_text("the teacher's folder")
    monkeypatch.setattr(sys, "path", [*sys.path, str(package.parent)])
    sandbox._packages.cache_clear(), sandbox._view.cache_clear()
    try:
        cell = (
            "import os, beside\n"
            f"def f(): return [*map(os.path.exists, {[str(package / 'grading'), str(about)]}), beside.value]"
        )
        assert one(cell).value == [False, False, 7]
    finally:
        sandbox._packages.cache_clear(), sandbox._view.cache_clear()


@bubblewrap
def test_the_environment_is_fixed(monkeypatch):
    monkeypatch.setenv("PYTHONHASHSEED", "5")
    monkeypatch.setenv("OMP_NUM_THREADS", "8")
    cell = """
        import os
        def f():
            return [hash("a"), os.environ["OMP_NUM_THREADS"], os.getcwd(), os.getuid(), os.uname().nodename]
        """
    first, second = (one(cell).value for _ in range(2))
    assert first == second and first[1:] == ["1", "/tmp", 1000, "sandbox"]


@bubblewrap
def test_several_at_a_time_do_not_meet():
    cell = "def f(x):\n    open('x', 'a').write(str(x))\n    return open('x').read()"
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda x: one(cell, (x,), seconds=10).value, range(12)))
    assert found == [str(x) for x in range(12)]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has slots")
def test_two_graders_never_share_a_slot():
    own = range(sandbox.USERS // 2 - 3, sandbox.USERS // 2)  # which no test beside this one comes to
    with sandbox._slot(own) as first, sandbox._slot(own) as second:
        code = f"from course_lib.grading import sandbox\nwith sandbox._slot({own}) as slot: print(slot)"
        third = int(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
        assert len({first, second, third}) == 3
    with sandbox._slot(own) as again:
        assert again == first


@bubblewrap
def test_a_grader_that_is_killed_takes_its_sandbox_along():
    slot = sandbox.USERS + os.getpid() % 100  # one that no other test looks at: its control groups stay there
    code = f"""
from contextlib import nullcontext
from course_lib.grading import sandbox
sandbox._slot = lambda: nullcontext({slot})
cell = "import os\\ndef f():\\n    os.execvp('sleep', ['sleep', '{SLEEP}'])"
sandbox.answers(sandbox.Job(cell, "f", [()], seconds=60))
"""
    with subprocess.Popen([sys.executable, "-c", code]) as grader:
        assert _within(20, _sleeps)
        grader.kill()
    assert _within(20, lambda: not _sleeps())
    with sandbox._limited(64, slot) as groups:  # the next in that slot takes them over
        assert groups.keys() == sandbox._controllers().keys()
    assert not any(folder.exists() for folder in groups.values())


def _sleeps():
    return subprocess.run(["pgrep", "-f", f"^sleep {SLEEP}$"], capture_output=True).returncode == 0


def _within(seconds, true):
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.05)
    return true()


# Where the sandbox itself fails


@pytest.mark.parametrize(
    "cases, more, words",
    [
        ([({},)], {}, "dict"),
        ([()], {"setup": "raise ValueError('x')"}, "setup cell fails in it: ValueError: x"),
        ([(np.zeros(1, complex),)], {}, "complex128"),
    ],
)
def test_the_graders_own_mistakes_are_nobodys_mark(cases, more, words):
    with pytest.raises(SandboxError, match=words):
        answers(job("def f(*x): return 1", *cases, **more), "none")


def test_an_unknown_sandbox_is_refused():
    with pytest.raises(SandboxError, match="bwrap, docker, none"):
        answers(job("def f(): return 1", ()), "firejail")


def test_a_missing_program_is_an_error(monkeypatch, tmp_path):
    monkeypatch.setitem(sandbox.ENVIRONMENT, "PATH", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxError, match=r"bwrap.*Install bubblewrap"):
        answers(job("def f(): return 1", ()))
    assert "Install bubblewrap" in available("bwrap") and "Install" in available("docker")


def test_an_old_bubblewrap_is_an_error(monkeypatch, tmp_path):
    (tmp_path / "bwrap").write_text("#!/bin/sh\necho 'bwrap: Unknown option --disable-userns' >&2\nexit 1\n")
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setitem(sandbox.ENVIRONMENT, "PATH", f"{tmp_path}:{sandbox.ENVIRONMENT['PATH']}")
    assert "Unknown option --disable-userns" in available("bwrap") and "0.8" in available("bwrap")


def test_a_cell_that_no_channel_carries_is_the_students_own():
    assert one("x = '\ud800'\ndef f(): return 1", kind="none").state == "malformed"
    assert one("#" + "x" * (2 << 20) + "\ndef f(): return 1", kind="none").state == "malformed"


def test_no_folder_of_the_plain_process_is_left(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert one(
        "def f():\n    open('x', 'w').write('x'); import os; return os.listdir('.')", kind="none"
    ).value == ["x"]
    assert list(tmp_path.iterdir()) == []


# docker, with an engine that is a script: it runs the container's command here, in the sandbox "none" so to
# say

ENGINE = """#!{python}
import os, sys
arguments = sys.argv[1:]
open({log!r}, "a").write(" ".join(arguments) + "\\n")
if arguments[0] == "run":
    image = arguments.index("course:1")
    _, *options, harness = arguments[image + 1:]
    source, = [one.split("=")[1].split(":")[0] for one in arguments if one.endswith(harness + ":ro")]
    for name, value in [one[6:].split("=", 1) for one in arguments if one.startswith("--env=")]:
        os.environ[name] = value
    os.execv({python!r}, [{python!r}, *options, source])
"""


@pytest.fixture
def engine(tmp_path, monkeypatch):
    log = tmp_path / "log"
    (tmp_path / "docker").write_text(ENGINE.format(python=sys.executable, log=str(log)))
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return log


def test_docker_runs_the_same_harness(engine):
    assert available("docker") == ""
    found = answers(
        job("def f(x):\n    return x.mean()", (np.arange(3.0),), (np.ones(2),)), "docker", image="course:1"
    )
    assert [outcome.value for outcome in found] == [1.0, 1.0]
    _, run, kill = engine.read_text().splitlines()
    for option in (
        "--rm",
        "--interactive",
        "--network=none",
        "--read-only",
        "--cap-drop=ALL",
        "--memory=1024m",
        "--security-opt=no-new-privileges",
        f"--pids-limit={sandbox.PROCESSES}",
        "--env=PYTHONHASHSEED=0",
    ):
        assert option in run.split()
    assert "course_lib/grading:" not in run and run.count("--volume") == 2  # the two files, not their folder
    (name,) = [option.split("=")[1] for option in run.split() if option.startswith("--name=")]
    assert kill == f"kill {name}"


def test_docker_without_an_image_or_an_engine_is_an_error(engine, tmp_path):
    with pytest.raises(SandboxError, match="it needs an image"):
        answers(job("def f(): return 1", ()), "docker")
    (tmp_path / "docker").write_text("#!/bin/sh\necho 'no such image' >&2\nexit 125\n")
    with pytest.raises(SandboxError, match="no such image"):
        answers(job("def f(): return 1", ()), "docker", image="course:1")
    assert "docker does not answer" in available("docker")


@pytest.mark.skipif(not sandbox._controllers(), reason="no control group is writable here")
def test_a_sandbox_has_its_memory_and_one_core():
    """So that sixty busy processes of one answer cannot make its neighbour late."""
    limits = {
        "memory": (("memory.limit_in_bytes", f"{64 << 20}\n"), ("memory.max", f"{64 << 20}\n")),
        "cpu": (("cpu.cfs_quota_us", "100000\n"), ("cpu.max", "100000 100000\n")),
    }
    with sandbox._limited(64, f"test-{os.getpid()}") as groups:
        assert set(groups) == set(sandbox._controllers())
        for controller, folder in groups.items():
            there = [(folder / file, text) for file, text in limits[controller] if (folder / file).exists()]
            assert len(there) == 1 and all(path.read_text() == text for path, text in there)
    assert not any(folder.exists() for folder in groups.values())


@pytest.mark.skipif(not sandbox._controllers(), reason="no control group is writable here")
def test_control_groups_are_waited_for_while_their_last_process_ends():
    """It took more than two seconds where the process left a million files."""
    with sandbox._limited(64, f"test-{os.getpid()}") as groups:
        enter = "for folder in $0; do echo 0 > $folder/cgroup.procs; done; exec sleep 3"
        late = subprocess.Popen(["sh", "-c", enter, " ".join(str(folder) for folder in set(groups.values()))])
        while any(
            str(late.pid) not in (folder / "cgroup.procs").read_text().split() for folder in groups.values()
        ):
            time.sleep(0.01)
        threading.Thread(target=late.wait).start()  # a zombie would stay in its group
    assert not any(folder.exists() for folder in groups.values())


MANAGER = """#!/bin/sh
echo "$*" >> {log}
while [ "$1" != -- ]; do shift; done
shift; exec "$@"
"""


@pytest.fixture
def manager(tmp_path, monkeypatch):
    """A substitute for systemd-run, and a grader that is not root."""
    (tmp_path / "systemd-run").write_text(MANAGER.format(log=tmp_path / "log"))
    (tmp_path / "systemd-run").chmod(0o755)
    monkeypatch.setitem(sandbox.ENVIRONMENT, "PATH", f"{tmp_path}:{sandbox.ENVIRONMENT['PATH']}")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/1234")
    monkeypatch.setattr(sandbox.os, "geteuid", lambda: 1234)
    monkeypatch.setattr(sandbox, "_controllers", dict)
    trial = sandbox._scoped
    trial.cache_clear()
    yield tmp_path / "log"
    trial.cache_clear()


@bubblewrap
def test_without_root_an_answer_gets_a_scope_with_its_memory_and_one_core(manager, monkeypatch):
    """Sixty busy processes of one answer cost others their marks: 4 of 12 honest cases were late."""
    monkeypatch.setattr(sandbox, "_scoped", lambda: ("memory", "cpu"))
    cell = """
        import os, resource
        def f():
            return resource.getrlimit(resource.RLIMIT_AS)[0], os.environ.get("XDG_RUNTIME_DIR")
    """
    assert one(cell, memory=64).value == (-1, None)  # no limit on addresses; nothing of the teacher's
    (line,) = manager.read_text().splitlines()
    for option in (
        "--user",
        "--scope",
        "--property=MemoryMax=64M",
        "--property=MemorySwapMax=0",
        "--property=CPUQuota=100%",
    ):
        assert option in line.split()
    assert "its own memory, one core" in sandbox.protections("bwrap")


@bubblewrap
def test_a_manager_that_sets_no_limits_is_not_believed(manager):
    assert sandbox._scoped() == ()
    assert one("def f():\n    return 1").value == 1
    said = sandbox.protections("bwrap")
    assert "Not on: limits of memory and core for an answer as a whole" in said
    assert len(manager.read_text().splitlines()) == 1  # the trial


def test_without_bubblewrap_one_sentence_says_what_to_install(monkeypatch, tmp_path):
    """With root, the message began with the paths of control groups."""
    monkeypatch.setitem(sandbox.ENVIRONMENT, "PATH", str(tmp_path))
    why = available("bwrap")
    assert "bwrap and prlimit" in why and "Install bubblewrap 0.8 or later and util-linux" in why
    assert "cgroup" not in why and len(why.splitlines()) == 1


def test_the_protections_are_one_line():
    for kind in ("bwrap", "docker", "none"):
        assert len(sandbox.protections(kind).splitlines()) == 1


@bubblewrap
def test_what_never_stops_importing_is_waited_for_once(monkeypatch):
    began = []
    real = sandbox._run
    monkeypatch.setattr(sandbox, "_run", lambda *own: began.append(1) or real(*own))
    monkeypatch.setattr(sandbox, "_imported", lambda answer: "its modules")
    cell = "import time, threading\nfrom test import __main__\ndef f(x):\n    return x"
    with pytest.raises(
        sandbox.TooSlow, match=r"what the cell imports \(its modules\) takes longer than 0.05 s"
    ):
        answers(job(cell, (1,), (2,), imports=0.05))
    assert began == [1]


def test_the_modules_of_a_slow_import_are_named():
    assert sandbox._imported("import keras.layers, numpy as np\ndef f():\n    from scipy import stats") == (
        "keras, numpy, scipy"
    )
    assert sandbox._imported("def f(:") == "the exercise's setup"


BUSY = "while True: pass"


@bubblewrap
def test_alone_an_answer_has_its_own_seconds_however_busy_the_machine_is():
    """0.5 s of work within 1 s, beside six busy processes for each core: 3 s and more on the clock."""
    cell = """
        import time
        def f():
            end = time.process_time() + 0.5
            while time.process_time() < end: pass
            return 1
    """
    busy = [subprocess.Popen([sys.executable, "-S", "-c", BUSY]) for _ in range(6 * (os.cpu_count() or 1))]
    try:
        assert one(cell, seconds=1.0, alone=True) == Outcome("answered", 1)
        assert one("def f():\n    while True: pass", seconds=0.2, alone=True).state == "timeout"
    finally:
        for process in busy:
            process.kill()
            process.wait()


@bubblewrap
def test_alone_a_sleep_has_no_more_time_than_before():
    begun = time.monotonic()
    assert one("import time\ndef f():\n    time.sleep(1000)", seconds=0.5, alone=True).state == "timeout"
    assert time.monotonic() - begun < 2 * sandbox.PATIENCE * 0.5 + 2 * sandbox.START


@pytest.mark.parametrize(
    "ran, waited, after",
    [
        ((0.5, {"1": 0.0}), 0.0, 1.0),  # it slept
        ((1.0, {"1": 1.0}), 1.0, 2.0),  # another program had the processor half of the time
        ((1.0, {"1": 0.2, "2": 1.0}), 1.0, 2.0),  # so it is for the thread that waited longest
        ((2.0, dict.fromkeys("123456789", 1.6)), 0.0, 1.0),  # its own nine processes had it all
        ((0.0, {"1": 99.0}), 2.0, 3.0),  # never more than the clock says
    ],
)
def test_alone_a_process_is_excused_for_what_others_took_and_not_for_its_own(monkeypatch, ran, waited, after):
    """One second is allowed and two have passed. Seconds worked out by hand."""
    clock, found = [100.0], [sandbox.Ran(7.0, {})]
    monkeypatch.setattr(sandbox.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(sandbox, "_ran", lambda process: found[0])
    deadline = sandbox._deadline(1, 1.0)
    assert deadline() == 101.0
    clock[0], found[0] = 102.0, sandbox.Ran(7.0 + ran[0], ran[1])
    assert deadline() == 100.0 + after == 101.0 + waited


def test_what_ran_is_of_all_that_a_process_started():
    busy = "import os, time\nos.fork()\nwhile time.process_time() < 0.3: pass\ntime.sleep(99)"
    process = subprocess.Popen([sys.executable, "-S", "-c", busy], start_new_session=True)
    try:
        while sandbox._ran(process.pid).seconds < 0.55:  # two processes, 0.3 s each
            assert process.poll() is None
        assert len(sandbox._ran(process.pid).waited) == 2
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
