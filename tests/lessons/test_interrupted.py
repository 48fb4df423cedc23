"""Ctrl-C or a kill while lessons run: it ends at once, says what is finished, and the same call goes on with
what is left. Nothing that is finished is run twice.
"""

import os
import shutil
import signal
import subprocess
import sys
import time

import nbformat
import psutil
import pytest

from course_lib.lessons import execute, find, finished

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no SIGINT to send to another process"
)

# What `course run` calls, on notebooks of a folder of this test.
CALL = """
import sys
from pathlib import Path
from course_lib import cli, lessons
from course_lib.lessons import execute, find

find.course_folder = execute.course_folder = lessons.course_folder = lambda: Path(sys.argv[1])
cli.lessons.run.__globals__["_check"] = cli.lessons.run.__globals__["_draw"] = lambda options: None
sys.exit(cli.main(["run", "--no-site", "--jobs", "2", *sys.argv[2:]]))
"""


def three_lessons(tmp_path):
    """A folder with three lessons: the first ends at once, the others start a process and wait for a file go
    two folders above their copies. Each writes its name into ran.txt there when it begins.
    """
    waits = (
        "import subprocess, time\nchild = subprocess.Popen(['sleep', '600'])\n"
        "while not (here / 'go').exists():\n    time.sleep(0.1)\nchild.kill()"
    )
    for name, source in {"00_first": "print('done')", "01_waits": waits, "02_waits_too": waits}.items():
        begins = (
            "import pathlib\nhere = pathlib.Path('../..')\n"
            f"with open(here / 'ran.txt', 'a') as file:\n    file.write('{name[:2]}\\n')"
        )
        cells = [nbformat.v4.new_code_cell(code) for code in (begins, source)]
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(f"# {name}"), *cells])
        notebook.metadata["kernelspec"] = {
            "display_name": "Python 3",
            "language": "python",
            "name": "python3",
        }
        (tmp_path / "notebooks").mkdir(exist_ok=True)
        nbformat.write(notebook, tmp_path / "notebooks" / f"{name}.ipynb")
    return tmp_path


@pytest.fixture
def folder(tmp_path):
    return three_lessons(tmp_path)


def start(folder, *options):
    environment = os.environ | {"COURSE_HOME": str(folder / "home")}
    # SIGINT is heeded also where the tests run in the background of a shell, whose processes ignore it.
    return subprocess.Popen(
        [sys.executable, "-c", CALL, str(folder), *options],
        cwd=folder,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def copy(folder, name):
    return folder / "build" / "lessons" / f"{name}.ipynb"


def until(condition, process):
    deadline = time.monotonic() + 400
    while not condition():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.1)


def begun(folder):
    """The numbers of the lessons that began, in order, one for each time."""
    return sorted((folder / "ran.txt").read_text().split())


def parts(folder):
    return list((folder / "build" / "lessons").glob(".*"))


def sleepers(process):
    return [
        child for child in psutil.Process(process.pid).children(recursive=True) if child.name() == "sleep"
    ]


@pytest.fixture(scope="module", params=["SIGINT", "SIGKILL"])
def interrupted(request, tmp_path_factory):
    """A signal, the folder of a run that it ended in the middle, what that printed as errors, its status,
    and what it had started."""
    folder = three_lessons(tmp_path_factory.mktemp("interrupted"))
    process = start(folder)
    until(lambda: copy(folder, "00_first").exists() and len(sleepers(process)) == 2, process)
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(getattr(signal, request.param))
    errors = process.communicate(timeout=30)[1]  # the lessons would take ten minutes
    return request.param, folder, errors, process.returncode, family


@pytest.fixture
def left(interrupted, tmp_path):
    """A copy of the interrupted run's folder, whose lessons no longer wait."""
    _, folder, *_, family = interrupted
    psutil.wait_procs(family, timeout=10)
    (folder / "go").touch()
    return shutil.copytree(folder, tmp_path / "copy")


def test_it_ends_and_leaves_no_process_behind(interrupted):
    name, *_, status, family = interrupted
    assert status == {"SIGINT": 130, "SIGKILL": -signal.SIGKILL}[name]
    _, alive = psutil.wait_procs(family, timeout=10)
    assert not alive


def test_ctrl_c_says_what_is_finished_and_that_the_call_goes_on(interrupted):
    name, _, errors, *_ = interrupted
    if name == "SIGKILL":
        pytest.skip("a killed process says nothing")
    assert (
        "Finished: 00 (1 of 3). The same command continues with the others." in errors
        and "Traceback" not in errors
    )


def test_what_is_finished_is_kept_and_nothing_half_done_is_left(interrupted):
    _, folder, *_, family = interrupted
    psutil.wait_procs(family, timeout=10)
    assert copy(folder, "00_first").exists()
    assert not copy(folder, "01_waits").exists() and not parts(folder)


def test_the_same_call_goes_on_with_what_is_left_and_runs_nothing_twice(left):
    before = copy(left, "00_first").stat().st_mtime_ns
    assert begun(left) == ["00", "01", "02"]
    said, _ = start(left).communicate(timeout=400)
    assert "Finished before: 00." in said and "3 of 3 lessons ran" in said
    assert copy(left, "00_first").stat().st_mtime_ns == before and copy(left, "02_waits_too").exists()
    assert begun(left) == ["00", "01", "01", "02", "02"]  # 00 was finished, 01 and 02 were not
    assert "begins 01_waits" in said and "begins 00_first" not in said and not parts(left)


def test_a_finished_run_is_not_run_again_unless_it_is_asked_for(folder):
    (folder / "go").touch()
    times = []
    for options in ([], [], ["--again"]):
        said, _ = start(folder, *options).communicate(timeout=400)
        assert "3 of 3 lessons ran" in said
        times.append(len(begun(folder)))
    assert times == [3, 3, 6]


def test_a_changed_lesson_parameter_or_course_is_not_finished(folder, monkeypatch):
    source = sorted((folder / "notebooks").glob("*.ipynb"))[0]
    before = finished.key_of(source, {"SEED": 1}, None)
    assert before == finished.key_of(source, {"SEED": 1}, None)
    assert before != finished.key_of(source, {"SEED": 2}, None)
    assert before != finished.key_of(source, {"SEED": 1}, "another")
    with monkeypatch.context() as patch:
        patch.setattr(finished, "course_key", lambda: "another version")
        assert before != finished.key_of(source, {"SEED": 1}, None)
    source.write_text(source.read_text().replace("done", "changed"))
    assert before != finished.key_of(source, {"SEED": 1}, None)


def test_the_version_of_the_course_is_what_lessons_import_of_it(tmp_path, monkeypatch):
    for name in ("core/a.py", "models/weights/b.npz", "cli/c.py", "grading/d.py"):
        (tmp_path / "course_lib" / name).parent.mkdir(parents=True)
        (tmp_path / "course_lib" / name).write_text("1")
    monkeypatch.setattr(finished, "ROOT", tmp_path)

    def keys(name):
        keys = [finished.course_key.__wrapped__()]
        (tmp_path / "course_lib" / name).write_text("2")
        return [*keys, finished.course_key.__wrapped__()]

    assert len(set(keys("core/a.py"))) == len(set(keys("models/weights/b.npz"))) == 2
    assert len(set(keys("cli/c.py"))) == len(set(keys("grading/d.py"))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"metadata": {}}',
        '{"metadata": {"course": 1}}',
        '{"metadata": {"course": {"key": "k"}}}',
    ],
)
def test_a_damaged_or_foreign_copy_is_not_finished(tmp_path, text):
    (tmp_path / "00_first.ipynb").write_text(text)
    assert finished.note_in(tmp_path / "00_first.ipynb") == {}


def test_a_lesson_that_ended_with_an_error_is_run_again(folder):
    source = folder / "notebooks" / "00_first.ipynb"
    source.write_text(source.read_text().replace("print('done')", "1 / 0"))
    (folder / "go").touch()
    for _ in range(2):
        said, _ = start(folder, "0", "1").communicate(timeout=400)
        assert "1 of 2 lessons ran" in said
    assert begun(folder) == ["00", "00", "01"]


def test_a_closed_terminal_is_an_interruption_too():
    before = signal.getsignal(signal.SIGHUP)
    with pytest.raises(KeyboardInterrupt), execute._ended_by_signals():
        os.kill(os.getpid(), signal.SIGHUP)
    assert signal.getsignal(signal.SIGHUP) == before


def test_the_longest_lessons_start_first_where_two_run_side_by_side(folder, monkeypatch):
    started = []
    monkeypatch.setattr(execute, "course_folder", lambda: folder)
    monkeypatch.setattr(find, "course_folder", lambda: folder)
    monkeypatch.setattr(execute, "LONGEST", ("02",))
    monkeypatch.setattr(
        execute,
        "execute_all",
        lambda tasks, jobs, ended: started.extend(source.stem[:2] for source, *_ in tasks) or [],
    )
    for jobs in (1, 2):
        execute.run(out=folder / "out", jobs=jobs)
    assert started == ["00", "01", "02", "02", "00", "01"]


def test_each_lesson_that_runs_beside_another_gets_its_share_of_the_cores(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert execute.share_of_cores(4)["OMP_NUM_THREADS"] == "2" and execute.share_of_cores(1) == {}
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    assert execute.share_of_cores(4)["OMP_NUM_THREADS"] == "5"  # what somebody has set stays
