"""Execute lessons by papermill, each in a process of its own, so that its time and peak memory can be told.

An interrupted run is remembered beside its copies: the same call goes on with the lessons that are left.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from course_lib.core.errors import CourseError
from course_lib.core.io import whole_file
from course_lib.core.paths import ROOT
from course_lib.core.progress import progress
from course_lib.lessons.find import course_folder, names, part_of
from course_lib.lessons.pages import write_pages

UNFINISHED = "unfinished-{}.json"  # beside the copies, a file a call: what an interrupted run had finished
# Where lessons run side by side the longest start first, so that no core waits at the end. Lesson 06 stands
# before 07 and 08, which use the embeddings that it keeps.
LONGEST = ("06", "13", "04", "12", "07", "08", "09", "10", "11", "03")


class Run(NamedTuple):
    """One executed lesson: its name, the executed copy, seconds, peak MiB (all its processes), error or
    ''."""

    name: str
    path: Path
    seconds: float
    memory: float
    error: str

    def __str__(self):
        state = "ok    " if not self.error else "FAILED"
        return f"{state} {self.name:28} {self.seconds:6.1f} s  {self.memory:6.0f} MiB  {self.error}".rstrip()


def run(wanted=(), parameters=None, out=None, kernel=None, jobs=1) -> list[Run]:
    """Execute lessons from `notebooks/` into `out` (build/lessons) and write their pages beside it. Each
    lesson prints a line when it ends.

    `parameters` go into the lessons' parameters cells, `kernel` names another Jupyter kernel than this
    environment's, `jobs` lessons run at a time. When it is interrupted (Ctrl-C), it ends within seconds with
    a `KeyboardInterrupt` that says what is finished; the same call then goes on with what is left, unless a
    lesson or the code has changed. Raises `CourseError` for a lesson that is not there."""
    sources = [course_folder() / "notebooks" / f"{name}.ipynb" for name in names(wanted)]
    for source in sources:
        if not source.exists():
            raise CourseError(source, "this lesson was not built yet", f"Run: course build {source.stem[:2]}")
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
    """How many lessons this machine runs at a time: one keeps mostly one core busy, and needs up to 4 GB."""
    import psutil

    return 2 if (os.cpu_count() or 1) >= 2 and psutil.virtual_memory().total > 8e9 else 1


def check_kernel(kernel):
    """Raise `CourseError` where a Jupyter kernel of this name is not installed; None is this environment's
    own.
    """
    from jupyter_client.kernelspec import KernelSpecManager

    known = KernelSpecManager().find_kernel_specs()
    if kernel is not None and kernel not in known:
        raise CourseError(
            f"kernel {kernel!r}", "there is no such Jupyter kernel", f"There are: {', '.join(known)}"
        )


def execute_all(tasks, jobs, note=lambda done: None) -> list[Run]:
    """Run tasks (source, target, parameters, kernel), `jobs` at a time; `note` is called with all runs so far
    that had no error, each time one ends. Interrupted, it kills what is running and raises the
    `KeyboardInterrupt` on."""
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
    """A closed terminal (SIGHUP) and `kill` (SIGTERM) are answered as Ctrl-C is: no kernel is left
    running."""

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
    """A fresh process each: one lesson's memory is not counted as another's, and a crash takes nobody
    along."""
    task = json.dumps([str(source), str(target), parameters, kernel], default=list)
    # Apart from this process, so that Ctrl-C in the terminal is this one's to answer.
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
    said = process.communicate()[0].splitlines()
    running.discard(process)
    if stopped.is_set():  # killed on purpose: there is nothing to keep
        part_of(target, process.pid).unlink(missing_ok=True)
        return None
    if process.returncode or not said:
        run = Run(source.stem, target, 0.0, 0.0, "its process was killed (is there memory left?)")
    else:
        run = Run(source.stem, target, *json.loads(said[-1]))
    _remember(run, source)
    return run


def share_of_cores(jobs):
    """Environment variables that give each of `jobs` lessons its share of the cores. Too many threads for the
    cores make lessons slower (lesson 13 beside lesson 12: 230 s; alone: 55 s)."""
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
    # What a run took stands in its copy, so that an index can be made of all copies, whenever they were made.
    import nbformat

    lesson = nbformat.read(run.path if run.path.exists() else source, 4)
    lesson.metadata["course"] = {"seconds": run.seconds, "memory": run.memory, "error": run.error}
    with whole_file(run.path) as part:
        nbformat.write(lesson, part)


# --- an interrupted run ---


def _fingerprint(sources, parameters, kernel):
    """What must be the same for a run to go on where another stopped: lessons, code, results, parameters,
    kernel.
    """
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
    return f"Finished: {done} ({len(finished)} of {len(sources)}). The same command goes on with the others."
