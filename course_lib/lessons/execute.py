"""Execute lessons with papermill, each in a process of its own, and measure time and peak memory.

A finished lesson is not run again by the same call: see `finished`.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from course_lib.core.errors import CourseError
from course_lib.core.io import whole_file
from course_lib.core.progress import progress
from course_lib.lessons.find import PART, course_folder, names, part_of
from course_lib.lessons.finished import key_of, note_in

# If several lessons run at the same time, the longest start first, so that no core waits at the end.
# Lesson 06 is before 07, which uses its embeddings.
LONGEST = ("06", "13", "04", "12", "07", "08", "10", "11", "03", "09")

# A process in a group of its own: Ctrl-C in the terminal does not reach it.
APART: dict[str, Any] = (
    {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP} if os.name == "nt" else {"start_new_session": True}
)


class Run(NamedTuple):
    """One executed lesson.

    Parameters
    ----------
    name : str
        The lesson, such as "02_hog_features".
    path : Path
        The executed copy.
    seconds : float
        How long it took.
    memory : float
        The peak memory of all its processes, in MiB.
    error : str
        The error in one line; "" if it ran to its end.
    """

    name: str
    path: Path
    seconds: float
    memory: float
    error: str

    def __str__(self) -> str:
        state = "ok    " if not self.error else "FAILED"
        return f"{state} {self.name:28} {self.seconds:6.1f} s  {self.memory:6.0f} MiB  {self.error}".rstrip()


class Doing(NamedTuple):
    """A lesson that is running: when it began (of `time.monotonic`), which of its code cells runs, of how
    many."""

    began: float
    cell: int = 0
    of: int = 0


def run(
    wanted: Iterable[str] = (),
    parameters: dict[str, Any] | None = None,
    out: str | Path | None = None,
    kernel: str | None = None,
    jobs: int = 1,
    again: bool = False,
    ended: Callable[[Run], None] = lambda run: None,
) -> list[Run]:
    """Execute lessons from `notebooks/`, and keep an executed copy of each.

    It prints one line when a lesson ends. After Ctrl-C it stops within seconds. The same call then continues
    with the other lessons. A lesson that is finished is not run again, unless its file, the parameters, the
    kernel or the course have changed.

    Parameters
    ----------
    wanted : iterable of str
        The lessons, such as ["02"]; all of them if it is empty.
    parameters : dict, optional
        {name: value} for the parameters cell of each lesson.
    out : str or Path, optional
        The folder for the executed copies; build/lessons by default.
    kernel : str, optional
        The name of a Jupyter kernel other than this environment's.
    jobs : int
        How many lessons run at the same time.
    again : bool
        Also run the lessons that are finished.
    ended : callable
        Called with each run when it ends, also if it ended with an error.

    Returns
    -------
    list of Run
        One for each lesson, also for those that were finished before.

    Raises
    ------
    CourseError
        If a lesson does not exist or was not built.
    KeyboardInterrupt
        After Ctrl-C; its message lists the finished lessons.
    """
    wanted, out = list(wanted), _folder(out)
    sources = _sources(wanted)
    _sweep(out)
    finished = [] if again else _without_errors(executed(wanted, parameters, out, kernel))
    if finished:
        numbers = ", ".join(run.name[:2] for run in finished)
        print(f"Finished before: {numbers}. To run again what is finished: course run --again")
    left = [source for source in sources if source.stem not in {run.name for run in finished}]
    if jobs > 1:
        left.sort(key=lambda source: (*LONGEST, source.stem[:2]).index(source.stem[:2]))
    tasks = [(source, out / source.name, parameters or {}, kernel) for source in left]
    try:
        with _ended_by_signals():
            runs = execute_all(tasks, jobs, ended) if tasks else []
    except KeyboardInterrupt as interrupt:
        finished = _without_errors(executed(wanted, parameters, out, kernel))
        raise KeyboardInterrupt(_what_is_finished(finished, sources)) from interrupt
    return sorted([*finished, *runs])


def executed(
    wanted: Iterable[str] = (),
    parameters: dict[str, Any] | None = None,
    out: str | Path | None = None,
    kernel: str | None = None,
) -> list[Run]:
    """List the executed copies that are up to date: made by the same call, and by this version of the course.

    Parameters
    ----------
    wanted, parameters, out, kernel
        As in `run`.

    Returns
    -------
    list of Run
        In the order of the lessons. A lesson that ended with an error is one of them.

    Raises
    ------
    CourseError
        If a lesson does not exist or was not built.
    """
    sources, out, found = _sources(wanted), _folder(out), []
    for source in sources:
        copy = out / source.name
        note = note_in(copy)
        if note and note["key"] == key_of(source, parameters or {}, kernel):
            found.append(Run(source.stem, copy, note["seconds"], note["memory"], note["error"]))
    return found


def _sources(wanted):
    sources = [course_folder() / "notebooks" / f"{name}.ipynb" for name in names(wanted)]
    for source in sources:
        if not source.exists():
            raise CourseError(source, "this lesson was not built", f"Run: course build {source.stem[:2]}")
    return sources


def _folder(out):
    return Path(out or course_folder() / "build" / "lessons")


def _without_errors(runs):
    return [run for run in runs if not run.error]


def _sweep(out):
    """Remove what a killed run has left: the unfinished copies of processes that no longer exist."""
    import psutil

    for path in out.glob(part_of(Path("*.ipynb"), "*").name):
        if (found := PART.search(path.name)) and not psutil.pid_exists(int(found[1])):
            path.unlink(missing_ok=True)


def _what_is_finished(finished, sources):
    done = ", ".join(run.name[:2] for run in sorted(finished)) or "no lesson"
    return (
        f"Finished: {done} ({len(finished)} of {len(sources)}). The same command continues with the others."
    )


def at_a_time() -> int:
    """Tell how many lessons to run at the same time on this machine.

    Returns
    -------
    int
        2 with two cores and 8 GB of memory, else 1. A lesson keeps about one core busy and needs up to 4 GB.
    """
    import psutil

    return 2 if (os.cpu_count() or 1) >= 2 and psutil.virtual_memory().total > 8e9 else 1


def check_kernel(kernel: str | None) -> None:
    """Check that a Jupyter kernel is installed.

    Parameters
    ----------
    kernel : str or None
        The kernel's name. None is this environment's own kernel.

    Raises
    ------
    CourseError
        If no kernel has this name.
    """
    from jupyter_client.kernelspec import KernelSpecManager

    known = KernelSpecManager().find_kernel_specs()
    if kernel is not None and kernel not in known:
        raise CourseError(
            f"kernel {kernel!r}", "no Jupyter kernel has this name", f"Use one of: {', '.join(known)}"
        )


def execute_all(
    tasks: Sequence[tuple[Path, Path, dict[str, Any], str | None]],
    jobs: int,
    ended: Callable[[Run], None] = lambda run: None,
) -> list[Run]:
    """Execute notebooks, several at the same time.

    Parameters
    ----------
    tasks : sequence of tuple
        (source, target, parameters, kernel) of each notebook.
    jobs : int
        How many notebooks run at the same time.
    ended : callable
        Called with each run when it ends, also if it ended with an error.

    Returns
    -------
    list of Run
        One for each task.

    Raises
    ------
    KeyboardInterrupt
        After Ctrl-C; all running notebooks are stopped first.
    """
    runs, running, stopped, doing = [], set(), threading.Event(), {}
    pool = ThreadPoolExecutor(jobs)
    terminal = sys.stderr.isatty()
    options = (
        {"bar_format": "{n_fmt} of {total_fmt} lessons, {elapsed}{postfix}"}
        if terminal
        else {"disable": True}
    )
    try:
        with progress(total=len(tasks), **options) as bar:

            def show():
                bar.set_postfix_str(in_words(doing, shutil.get_terminal_size().columns - 30))

            futures = [
                pool.submit(_in_own_process, running, stopped, doing, not terminal, jobs, *task)
                for task in tasks
            ]
            for future in _as_they_end(futures, show):
                runs.append(future.result())
                bar.write(str(runs[-1]))
                sys.stdout.flush()
                bar.update()
                ended(runs[-1])
    except BaseException:
        stopped.set()
        pool.shutdown(wait=False, cancel_futures=True)
        for process in list(running):
            _kill(process)
        raise
    finally:
        pool.shutdown()
    return sorted(runs)


def in_words(doing: dict[str, Doing], width: int) -> str:
    """Say which lessons run, and at which cell they are.

    Parameters
    ----------
    doing : dict
        {lesson: Doing}.
    width : int
        The most characters. If the names of the lessons do not fit, only their numbers are shown.

    Returns
    -------
    str

    Examples
    --------
    >>> doing = {"02_hog_features": Doing(time.monotonic() - 48, 21, 47)}
    >>> in_words(doing, 60)
    '02 hog features: cell 21 of 47, 0:48'
    >>> in_words(doing, 30)
    '02: cell 21 of 47, 0:48'
    """
    rows = {}
    for name, (began, cell, of) in sorted(dict(doing).items()):  # a copy: threads change it
        seconds = int(time.monotonic() - began)
        where = f"cell {cell} of {of}" if cell else "starts"
        rows[name] = f"{where}, {seconds // 60}:{seconds % 60:02d}"
    long = "; ".join(f"{name.replace('_', ' ')}: {row}" for name, row in rows.items())
    short = "; ".join(f"{name[:2]}: {row}" for name, row in rows.items())
    return long if len(long) <= width else short[: max(0, width)]


def _as_they_end(futures, meanwhile):
    # as_completed, but for its waiting without end, which Ctrl-C does not interrupt on Windows.
    left = set(futures)
    while left:
        ended, left = wait(left, timeout=0.5, return_when=FIRST_COMPLETED)
        meanwhile()
        yield from ended


@contextmanager
def _ended_by_signals():
    """Treat a closed terminal (SIGHUP) and `kill` (SIGTERM) like Ctrl-C: no kernel is left running."""

    def end(number, frame):
        raise KeyboardInterrupt

    ends = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    if threading.current_thread() is not threading.main_thread():  # others may set no handler
        ends = []
    before = {each: signal.signal(each, end) for each in ends}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _in_own_process(running, stopped, doing, say, jobs, source, target, parameters, kernel):
    """Execute one lesson in a new process: a crash stops no other lesson. Keep `doing` up to date."""
    key = key_of(source, parameters, kernel)
    task = json.dumps([str(source), str(target), parameters, kernel, key], default=list)
    # The worker ends itself when its standard input is closed, which the system does when this process is
    # killed.
    process = subprocess.Popen(
        [sys.executable, "-m", "course_lib.lessons.worker", task],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | share_of_cores(jobs),
        text=True,
        encoding="utf-8",
        errors="replace",
        **APART,
    )
    with process:
        running.add(process)
        if stopped.is_set():  # meanwhile
            _kill(process)
        if say:  # where no bar names the running lessons
            print(f"begins {source.stem}", flush=True)
        result = _followed(process, doing, source.stem)
    running.discard(process)
    doing.pop(source.stem, None)
    if stopped.is_set():  # killed on purpose: there is nothing to keep
        part_of(target, process.pid).unlink(missing_ok=True)
        return None
    if result:
        return Run(source.stem, target, *result)
    run = Run(source.stem, target, 0.0, 0.0, "its process was killed, perhaps because the memory was full")
    _remember(run, source)
    return run


def _followed(process, doing, name):
    """Read what a worker says until it ends. Return the result of `worker.execute`, or None."""
    doing[name], result = Doing(time.monotonic()), None
    for line in process.stdout:
        try:
            message = json.loads(line)
        except ValueError:  # printed by the kernel, which has the same output
            continue
        if isinstance(message, dict) and "cell" in message:
            doing[name] = doing[name]._replace(cell=message["cell"], of=message["of"])
        if isinstance(message, dict) and "result" in message:
            result = message["result"]
    return result


def share_of_cores(jobs: int) -> dict[str, str]:
    """Divide the cores between lessons that run at the same time.

    Too many threads make lessons slower: lesson 13 beside lesson 12 took 230 s; alone it took 55 s.

    Parameters
    ----------
    jobs : int
        How many lessons run at the same time.

    Returns
    -------
    dict
        {environment variable: number of threads}; empty for one lesson.
    """
    if jobs == 1:
        return {}
    cores = str(max(1, (os.cpu_count() or 1) // jobs))
    return {
        name: os.environ.get(name, cores)
        for name in (
            "OMP_NUM_THREADS",
            "OPENBLAS_NUM_THREADS",
            "MKL_NUM_THREADS",
            "NUMBA_NUM_THREADS",
            "LOKY_MAX_CPU_COUNT",
            "TF_NUM_INTRAOP_THREADS",
            "TF_NUM_INTEROP_THREADS",
        )
    }


def _kill(process):
    # With its kernel and whatever that has started.
    import psutil

    try:
        family = [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]
    except psutil.NoSuchProcess:
        return
    for one in family:
        try:
            one.kill()
        except psutil.NoSuchProcess:
            pass


def _remember(run, source):
    # The copy of a lesson whose process was killed. The others write their copies themselves.
    import nbformat

    lesson = nbformat.read(run.path if run.path.exists() else source, 4)
    lesson.metadata["course"] = {"seconds": run.seconds, "memory": run.memory, "error": run.error}
    with whole_file(run.path) as part:
        nbformat.write(lesson, part)
