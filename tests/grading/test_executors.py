"""Tasks on threads and on a dask cluster, whose workers are processes of their own; one of them is killed."""

import os
import signal
import threading

import pytest
from small_class import HOG_LENGTH

from course_lib.core.errors import CourseError
from course_lib.core.paths import ROOT
from course_lib.grading import executors, marking, seeds
from course_lib.grading.results import Case, Result

WRONG = HOG_LENGTH.replace(" + 1", "")
KEY = b"a key of sixteen bytes"


def task(number, answer=HOG_LENGTH):
    own = tuple(seeds.seed(KEY, "02.1", f"s{number}", k) for k in range(5))
    return marking.Task(f"s{number}", "02.1", 2, answer, str(ROOT / "bank"), own, "none")


@pytest.fixture
def marked(monkeypatch):
    """Instead of `marking.mark`: full points, and the thread that gave them."""
    monkeypatch.setattr(marking.sandbox, "available", lambda kind: "")
    monkeypatch.setattr(
        marking,
        "mark",
        lambda task: Result(
            task.student, task.exercise, "graded", 2.0, 2, reason=threading.current_thread().name
        ),
    )


def test_all_tasks_are_run_and_reported(marked):
    reported = []
    results = executors.run([task(n) for n in range(20)], jobs=3, done=lambda *pair: reported.append(pair))
    assert {one.student for one in results} == {f"s{n}" for n in range(20)} and dict(reported) == results
    assert len({one.reason for one in results.values()}) <= 3


@pytest.mark.parametrize("state", ["stopped", "slow"])
def test_what_ran_out_is_tried_once_more_alone_before_it_counts(monkeypatch, state):
    """Load can make an answer late; it must not cost a mark."""
    running, most_beside, reported = [], [], []
    monkeypatch.setattr(marking.sandbox, "available", lambda kind: "")

    def busy(task):
        running.append(task)
        most_beside.append((task.alone, len(running)))
        threading.Event().wait(0.01)
        running.remove(task)
        late = not task.alone if task.student in ("s1", "s4") else task.student == "s7"
        cases = (Case(1, state),) if late else (Case(1, "ok"),)
        return Result(task.student, task.exercise, "graded", 0.0 if late else 2.0, 2, cases)

    monkeypatch.setattr(marking, "mark", busy)
    results = executors.run([task(n) for n in range(9)], jobs=3, done=lambda *pair: reported.append(pair))
    assert {one.student: result.points for one, result in results.items()} == {
        f"s{n}": 0 if n == 7 else 2 for n in range(9)
    }
    assert len(reported) == 9 and dict(reported) == results and not any(one.alone for one in results)
    assert [beside for alone, beside in most_beside if alone] == [1, 1, 1]


def test_nothing_to_do_opens_nothing():
    assert executors.run([], "dask://nowhere:1") == {}


def test_a_worker_that_is_lost_is_an_error_of_its_task_only(marked, monkeypatch):
    def lost(task):
        if task.student == "s1":
            raise RuntimeError("its worker died")
        return Result(task.student, task.exercise, "graded", 2.0, 2)

    monkeypatch.setattr(marking, "mark", lost)
    results = {one.student: result for one, result in executors.run([task(n) for n in range(3)]).items()}
    assert [results[f"s{n}"].points for n in range(3)] == [2, None, 2]
    assert (results["s1"].state, results["s1"].reason) == ("error", "RuntimeError: its worker died")


def test_what_has_not_begun_is_cancelled_when_interrupted():
    begun, go_on = [], threading.Event()

    def slow(n):
        begun.append(n)
        go_on.wait(5)

    with pytest.raises(KeyboardInterrupt), executors.opened("threads", 1) as pool:
        futures = [pool.submit(slow, n) for n in range(9)]
        threading.Timer(0.1, go_on.set).start()
        raise KeyboardInterrupt
    assert len(begun) <= 2 and sum(future.cancelled() for future in futures) >= 7


def test_a_scheduler_that_does_not_answer(monkeypatch):
    pytest.importorskip("distributed", reason="dask.distributed is not installed: pip install -e '.[grade]'")
    monkeypatch.setattr(executors, "PATIENCE", "300ms")
    with pytest.raises(
        CourseError, match=r"--executor dask://127\.0\.0\.1:9: no dask scheduler answers there\. Start"
    ):
        executors.run([task(0)], "dask://127.0.0.1:9")


def test_a_task_holds_seeds_and_no_key():
    assert KEY not in repr(task(0)).encode() and all(
        isinstance(part, str | int | tuple | None) for part in task(0)
    )


def test_a_killed_dask_worker_costs_nobody_a_mark(tmp_path):
    distributed = pytest.importorskip(
        "distributed", reason="dask.distributed is not installed: pip install -e '.[grade]'"
    )
    tasks = [task(n, WRONG if n % 3 == 0 else HOG_LENGTH) for n in range(12)]
    with distributed.LocalCluster(
        2, threads_per_worker=1, processes=True, dashboard_address=None, local_directory=str(tmp_path)
    ) as cluster:
        address = cluster.scheduler_address.replace("tcp://", "dask://")
        first_ones, killed = [], []

        def kill_one(task, result):
            first_ones.append(result)
            if len(first_ones) == 2:
                killed.append(cluster.workers[0].pid)
                os.kill(killed[0], signal.SIGKILL)

        results = executors.run(tasks, address, done=kill_one)
        again = executors.run(tasks, address)
    assert killed and set(results) == set(tasks)
    assert [results[one].points for one in tasks] == [0, 2, 2] * 4
    assert again == results
