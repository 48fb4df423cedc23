"""Ctrl-C while lessons run: it ends at once, says what is finished, and the same call goes on with what is
left.
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

from course_lib.lessons import execute, find

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
sys.exit(cli.main(["run", "--jobs", "2"]))
"""


def three_lessons(tmp_path):
    """A folder with three lessons: the first ends at once, the others start a process and wait for a file."""
    waits = (
        f"import pathlib, subprocess, time\nchild = subprocess.Popen(['sleep', '600'])\n"
        f"while not pathlib.Path({str(tmp_path / 'go')!r}).exists():\n    time.sleep(0.1)\nchild.kill()"
    )
    for name, source in {"00_first": "print('done')", "01_waits": waits, "02_waits_too": waits}.items():
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_markdown_cell(f"# {name}"), nbformat.v4.new_code_cell(source)]
        )
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


def start(folder):
    environment = os.environ | {"COURSE_HOME": str(folder / "home")}
    # SIGINT is heeded also where the tests run in the background of a shell, whose processes ignore it.
    return subprocess.Popen(
        [sys.executable, "-c", CALL, str(folder)],
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
    deadline = time.monotonic() + 240
    while not condition():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.1)


def notes(folder):
    return list((folder / "build" / "lessons").glob("unfinished-*.json"))


def sleepers(process):
    return [
        child for child in psutil.Process(process.pid).children(recursive=True) if child.name() == "sleep"
    ]


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory):
    """The folder of an interrupted run, what it printed as errors, its exit status, and what it had
    started."""
    folder = three_lessons(tmp_path_factory.mktemp("interrupted"))
    process = start(folder)
    until(lambda: copy(folder, "00_first").exists() and len(sleepers(process)) == 2, process)
    until(lambda: notes(folder), process)
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    errors = process.communicate(timeout=30)[1]  # the lessons would take ten minutes
    return folder, errors, process.returncode, family


@pytest.fixture
def left(interrupted, tmp_path):
    """A copy of the interrupted run's folder, whose lessons no longer wait."""
    (interrupted[0] / "go").touch()
    return shutil.copytree(interrupted[0], tmp_path / "copy")


def test_it_ends_and_leaves_no_process_behind(interrupted):
    *_, status, family = interrupted
    assert status == 130
    _, alive = psutil.wait_procs(family, timeout=10)
    assert not alive


def test_it_says_what_is_finished_and_that_the_call_goes_on(interrupted):
    _, errors, *_ = interrupted
    assert (
        "Finished: 00 (1 of 3). The same command continues with the others." in errors
        and "Traceback" not in errors
    )


def test_what_is_finished_has_a_page_and_nothing_half_done_is_left(interrupted):
    folder = interrupted[0]
    assert "00_first.html" in (folder / "build" / "index.html").read_text()
    assert not copy(folder, "01_waits").exists()


def test_the_same_call_goes_on_with_what_is_left(left):
    before = copy(left, "00_first").stat().st_mtime_ns
    said, _ = start(left).communicate(timeout=120)
    assert "Finished before: 00." in said and "3 of 3 lessons ran" in said
    assert copy(left, "00_first").stat().st_mtime_ns == before and copy(left, "02_waits_too").exists()
    assert not notes(left)
    assert not list((left / "build" / "lessons").glob(".*"))


def test_a_changed_lesson_or_parameter_begins_a_new_run(folder):
    paths = sorted((folder / "notebooks").glob("*.ipynb"))
    before = execute._fingerprint(paths, {"SEED": 1}, None)
    assert (
        before
        == execute._fingerprint(paths, {"SEED": 1}, None)
        != execute._fingerprint(paths, {"SEED": 2}, None)
    )
    paths[0].write_text(paths[0].read_text().replace("done", "changed"))
    assert before != execute._fingerprint(paths, {"SEED": 1}, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"key": "own", "finished": [1]}',
        '{"key": "another", "finished": [["00_first", 1, 2, ""]]}',
        '{"key": "own", "finished": [["01_gone", 1, 2, ""]]}',
    ],
)
def test_a_damaged_or_outdated_note_of_an_interruption_finishes_nothing(tmp_path, text):
    (tmp_path / "unfinished-own.json").write_text(text)
    (tmp_path / "00_first.ipynb").touch()
    assert execute._finished_before(tmp_path, "own") == []


def test_an_interruption_of_one_call_is_no_other_calls_note(tmp_path):
    (tmp_path / "00_first.ipynb").touch()
    done = [execute.Run("00_first", tmp_path / "00_first.ipynb", 1.0, 2.0, "")]
    execute._note(tmp_path, "one" * 8, done)
    execute._note(tmp_path, "two" * 8, [])
    assert execute._finished_before(tmp_path, "one" * 8) == done


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
        lambda tasks, jobs, note: started.extend(source.stem[:2] for source, *_ in tasks) or [],
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
