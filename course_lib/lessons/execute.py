"""Execute lessons with papermill, each in a process of its own, and measure time and peak memory.

An interrupted run leaves a note beside its copies: the same call then continues with the other lessons.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from course_lib.core.errors import CourseError
from course_lib.core.io import whole_file
from course_lib.core.paths import ROOT
from course_lib.core.progress import progress
from course_lib.lessons.find import course_folder, names, part_of
from course_lib.lessons.pages import write_pages

UNFINISHED = "unfinished-{}.json"  # beside the copies, a file a call: what an interrupted run had finished
# If several lessons run at the same time, the longest start first, so that no core waits at the end.
# Lesson 06 is before 07, which uses its embeddings.
LONGEST = ("06", "13", "04", "12", "07", "08", "10", "11", "03", "09")


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


def run(
    wanted: Iterable[str] = (),
    parameters: dict[str, Any] | None = None,
    out: str | Path | None = None,
    kernel: str | None = None,
    jobs: int = 1,
) -> list[Run]:
    """Execute lessons from `notebooks/` and write an HTML page for each.

    It prints one line when a lesson ends. After Ctrl-C it stops within seconds. The same call then continues
    with the other lessons, unless a lesson or the code has changed.

    Parameters
    ----------
    wanted : iterable of str
        The lessons, such as ["02"]; all of them if it is empty.
    parameters : dict, optional
        {name: value} for the parameters cell of each lesson.
    out : str or Path, optional
        The folder for the executed copies; build/lessons by default. The pages go beside it.
    kernel : str, optional
        The name of a Jupyter kernel other than this environment's.
    jobs : int
        How many lessons run at the same time.

    Returns
    -------
    list of Run
        One for each lesson.

    Raises
    ------
    CourseError
        If a lesson does not exist or was not built.
    KeyboardInterrupt
        After Ctrl-C; its message lists the finished lessons.
    """
    sources = [course_folder() / "notebooks" / f"{name}.ipynb" for name in names(wanted)]
    for source in sources:
        if not source.exists():
            raise CourseError(source, "this lesson was not built", f"Run: course build {source.stem[:2]}")
    out = Path(out or course_folder() / "build" / "lessons")
    key = _fingerprint(sources, parameters, kernel)
    finished = _finished_before(out, key)
    if finished:
        print(
            f"The last run was interrupted. Finished before: {', '.join(run.name[:2] for run in finished)}."
        )
    left = [source for source in sources if source.stem not in {run.name for run in finished}]
    if jobs > 1:
        left.sort(key=lambda source: (*LONGEST, source.stem[:2]).index(source.stem[:2]))
    tasks = [(source, out / source.name, parameters or {}, kernel) for source in left]
    try:
        with _ended_by_signals():
            runs = execute_all(tasks, jobs, lambda done: _note(out, key, [*finished, *done]))
    except KeyboardInterrupt as interrupt:
        write_pages(out)
        raise KeyboardInterrupt(_what_is_finished(_finished_before(out, key), sources)) from interrupt
    write_pages(out)
    _note_of(out, key).unlink(missing_ok=True)
    return sorted([*finished, *runs])


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
    note: Callable[[list[Run]], None] = lambda done: None,
) -> list[Run]:
    """Execute notebooks, several at the same time.

    Parameters
    ----------
    tasks : sequence of tuple
        (source, target, parameters, kernel) of each notebook.
    jobs : int
        How many notebooks run at the same time.
    note : callable
        Called each time a notebook ends, with all runs so far that had no error.

    Returns
    -------
    list of Run
        One for each task.

    Raises
    ------
    KeyboardInterrupt
        After Ctrl-C; all running notebooks are stopped first.
    """
    runs, running, stopped = [], set(), threading.Event()
    pool = ThreadPoolExecutor(jobs)
    try:
        with progress(total=len(tasks), desc="lessons", unit="lesson") as bar:
            for future in _as_they_end(
                [pool.submit(_in_own_process, running, stopped, jobs, *task) for task in tasks]
            ):
                runs.append(future.result())
                bar.write(str(runs[-1]))
                bar.update()
                note([run for run in runs if not run.error])
    except BaseException:
        stopped.set()
        pool.shutdown(wait=False, cancel_futures=True)
        for process in list(running):
            _kill(process)
        raise
    finally:
        pool.shutdown()
    return sorted(runs)


def _as_they_end(futures):
    # as_completed, but for its waiting without end, which Ctrl-C does not interrupt on Windows.
    left = set(futures)
    while left:
        ended, left = wait(left, timeout=0.5, return_when=FIRST_COMPLETED)
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


def _in_own_process(running, stopped, jobs, source, target, parameters, kernel):
    """Execute one lesson in a new process: a crash stops no other lesson."""
    task = json.dumps([str(source), str(target), parameters, kernel], default=list)
    # In a group of its own, so that Ctrl-C in the terminal reaches only this process.
    apart = (
        {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        if os.name == "nt"
        else {"start_new_session": True}
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "course_lib.lessons.worker", task],
        stdout=subprocess.PIPE,
        env=os.environ | share_of_cores(jobs),
        text=True,
        encoding="utf-8",
        **apart,
    )
    running.add(process)
    if stopped.is_set():  # meanwhile
        _kill(process)
    printed = process.communicate()[0].splitlines()
    running.discard(process)
    if stopped.is_set():  # killed on purpose: there is nothing to keep
        part_of(target, process.pid).unlink(missing_ok=True)
        return None
    if process.returncode or not printed:
        run = Run(
            source.stem, target, 0.0, 0.0, "its process was killed, perhaps because the memory was full"
        )
    else:
        run = Run(source.stem, target, *json.loads(printed[-1]))
    _remember(run, source)
    return run


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
    # The copy keeps what its run took, so that the index can list copies of earlier runs, too.
    import nbformat

    lesson = nbformat.read(run.path if run.path.exists() else source, 4)
    lesson.metadata["course"] = {"seconds": run.seconds, "memory": run.memory, "error": run.error}
    with whole_file(run.path) as part:
        nbformat.write(lesson, part)


# --- an interrupted run ---


def _fingerprint(sources, parameters, kernel):
    """A key of lessons, code, results, parameters and kernel. A run only continues with the same key."""
    code = sorted(
        path for path in (ROOT / "course_lib").rglob("*") if path.suffix in (".py", ".json", ".npz", ".toml")
    )
    files = [(path.name, sha256(path.read_bytes()).hexdigest()) for path in (*sources, *code)]
    return sha256(json.dumps([files, parameters, kernel], default=list, sort_keys=True).encode()).hexdigest()


def _note_of(out, key):
    return out / UNFINISHED.format(key[:12])


def _finished_before(out, key):
    """The lessons that an interrupted run of the same key had finished, whose copies are still there."""
    try:
        found = json.loads(_note_of(out, key).read_text(encoding="utf-8"))
        runs = [Run(name, out / f"{name}.ipynb", *rest) for name, *rest in found["finished"]]
    except (OSError, ValueError, TypeError, KeyError):
        return []
    return [run for run in runs if run.path.exists()] if found["key"] == key else []


def _note(out, key, finished):
    with whole_file(_note_of(out, key)) as part:
        part.write_text(
            json.dumps({"key": key, "finished": [(run.name, *run[2:]) for run in finished]}), encoding="utf-8"
        )


def _what_is_finished(finished, sources):
    done = ", ".join(run.name[:2] for run in sorted(finished)) or "no lesson"
    return (
        f"Finished: {done} ({len(finished)} of {len(sources)}). The same command continues with the others."
    )
