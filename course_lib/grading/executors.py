"""Where tasks run: in threads of this process, or on the workers of a dask cluster.

Both are executors of `concurrent.futures`.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from typing import Any

from course_lib.core.errors import CourseError
from course_lib.core.progress import progress
from course_lib.grading import marking, sandbox
from course_lib.grading.marking import Task
from course_lib.grading.results import Result

PATIENCE = "10s"  # the longest wait for a scheduler's first answer


def run(
    tasks: Sequence[Task],
    executor: str = "threads",
    jobs: int | None = None,
    done: Callable[[Task, Result], object] = lambda task, result: None,
) -> dict[Task, Result]:
    """Run tasks, and show the progress.

    An answer that runs out of time or memory gets no mark from that: after all others, it runs once more,
    alone, and only that result counts. So a busy machine does not change a mark.

    Parameters
    ----------
    tasks : sequence of Task
        The answers to grade. All have the same sandbox.
    executor : str
        "threads" or "dask://HOST:PORT".
    jobs : int, optional
        The number of threads; by default one for each core.
    done : callable
        done(task, result) is called for each result as it arrives.

    Returns
    -------
    dict
        {task: its result}. If one task fails, its result has the state "error".

    Raises
    ------
    CourseError
        If the sandbox or the executor does not work at all.
    """
    results: dict[Task, Result] = {}
    if not tasks:
        return results
    with opened(executor, jobs) as pool:
        # Asked where the tasks will run, because that may be another machine.
        if why := pool.submit(sandbox.available, tasks[0].sandbox).result():
            raise CourseError(f"--sandbox {tasks[0].sandbox}", "it does not work", why)
        futures = {pool.submit(marking.mark, task): task for task in tasks}
        again: list[Task] = []
        for future in progress(as_completed(futures), total=len(futures), desc="grading", unit="answer"):
            task, result = futures[future], _result(future, futures[future])
            if marking.ran_out(result):
                again.append(task)
            else:
                results[task] = result
                done(task, result)
        if again:
            for task in progress(again, desc="once more, alone", unit="answer"):
                results[task] = _result(pool.submit(marking.mark, task._replace(alone=True)), task)
                done(task, results[task])
    return results


def _result(future: Future[Result], task: Task) -> Result:
    try:
        return future.result()
    except Exception as error:  # its workers died, one after the other
        return marking.failed(task, error)


@contextmanager
def opened(where: str = "threads", jobs: int | None = None) -> Iterator[Executor]:
    """Open an executor for a `with` block.

    If the block ends early, by an error or Ctrl-C, all tasks that have not begun are cancelled. If a dask
    worker dies, its tasks run again on the others.

    Parameters
    ----------
    where : str
        "threads", or "dask://HOST:PORT" of a scheduler.
    jobs : int, optional
        The number of threads; by default one for each core.

    Yields
    ------
    Executor
        An executor of `concurrent.futures`.

    Raises
    ------
    CourseError
        If there is no such executor, or if no scheduler answers there.
    """
    if where == "threads":
        threads = ThreadPoolExecutor(jobs or len(os.sched_getaffinity(0)))
        try:
            yield threads
        finally:
            threads.shutdown(cancel_futures=True)
    elif where.startswith("dask://"):
        with _client(where) as client:
            pool = client.get_executor(pure=False)
            try:
                yield pool
            finally:
                pool.shutdown(wait=False)  # in dask this cancels what is not done
    else:
        raise CourseError(
            f"--executor {where}", "there is no such executor", "There are: threads, dask://HOST:PORT"
        )


def _client(where: str) -> Any:
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise CourseError(
            f"--executor {where}",
            "dask.distributed is not installed",
            "Run: pip install -e '.[grade]' in the course's folder",
        ) from error
    try:
        return Client(f"tcp://{where.removeprefix('dask://')}", timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise CourseError(
            f"--executor {where}",
            "no dask scheduler answers there",
            "Start one (dask scheduler) and its workers (dask worker HOST:PORT)",
        ) from error
