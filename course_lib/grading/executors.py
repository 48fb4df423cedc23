"""Where tasks run: in threads of this process, or on the workers of a dask cluster. Both are
`concurrent.futures`.
"""

import os
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager

from course_lib.core.errors import CourseError
from course_lib.core.progress import progress
from course_lib.grading import marking, sandbox

PATIENCE = "10s"  # with a scheduler that does not answer


def run(tasks, executor="threads", jobs=None, done=lambda task, result: None) -> dict:
    """{task: its result}; `done` is called for each as it comes. All tasks name the same sandbox.

    Raises `CourseError` where nothing can run at all; what goes wrong with one task is a result of state
    "error"."""
    results = {}
    if not tasks:
        return results
    with opened(executor, jobs) as pool:
        # Asked where the tasks will run: this machine may be another one.
        if why := pool.submit(sandbox.available, tasks[0].sandbox).result():
            raise CourseError(f"--sandbox {tasks[0].sandbox}", "it cannot be used", why)
        futures = {pool.submit(marking.mark, task): task for task in tasks}
        for future in progress(as_completed(futures), total=len(futures), desc="grading", unit="answer"):
            task = futures[future]
            try:
                results[task] = future.result()
            except Exception as error:  # its workers died, one after the other
                results[task] = marking.failed(task, error)
            done(task, results[task])
    return results


@contextmanager
def opened(where="threads", jobs=None):
    """Yield an executor: "threads" (`jobs` of them, or one a core) or "dask://host:port", where a scheduler
    listens.

    When it is left early, by an error or Ctrl-C, what has not begun is cancelled. The tasks of a dask worker
    that dies run again on the others. Raises `CourseError` where no scheduler answers."""
    if where == "threads":
        pool = ThreadPoolExecutor(jobs or len(os.sched_getaffinity(0)))
        try:
            yield pool
        finally:
            pool.shutdown(cancel_futures=True)
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


def _client(where):
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
