"""Run, build and publish the lessons: masters/*.py -> notebooks/*.ipynb -> build/index.html.

A lesson is edited as text in `masters/` (jupytext py:percent), published with its outputs to `notebooks/`, and executed
by papermill, each in a process of its own, so that its time and peak memory can be told.
"""

import html
import multiprocessing
import os
import re
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tqdm import tqdm

from course_lib import exercises, student_copy
from course_lib.exercises.handing import KERNEL
from course_lib.files import ROOT, CourseError, whole_file
from course_lib.grading import trial

BADGE = "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]" \
        "(https://colab.research.google.com/github/{repo}/blob/{branch}/notebooks/{name}.ipynb)"


class Run(NamedTuple):
    """One executed lesson: its name, the executed copy, seconds, peak MiB (all its processes), error or ''."""

    name: str
    path: Path
    seconds: float
    memory: float
    error: str

    def __str__(self):
        state = "ok    " if not self.error else "FAILED"
        return f"{state} {self.name:28} {self.seconds:6.1f} s  {self.memory:6.0f} MiB  {self.error}".rstrip()


def names(wanted=()) -> list[str]:
    """The lessons' names in order, or those that begin as `wanted` says ("02", "03_classical")."""
    there = sorted(path.stem for path in (ROOT / "masters").glob("[0-9]*.py"))
    if not there:
        raise CourseError(ROOT / "masters", "no lesson stands there",
                          "Run `course` in the course's own folder (git clone it, then pip install -e .)")
    unknown = [name for name in wanted if not any(lesson.startswith(name) for lesson in there)]
    if unknown:
        raise CourseError(f"lesson {', '.join(unknown)}", "there is no such lesson", f"There are: {', '.join(there)}")
    return [lesson for lesson in there if not wanted or lesson.startswith(tuple(wanted))]


def that_take(parameter) -> list[str]:
    """The lessons whose parameters cell has this name: DATA_DIR those on clips, DATA_FILE those on FER2013."""
    masters = {name: (ROOT / "masters" / f"{name}.py").read_text(encoding="utf-8") for name in names()}
    return [name for name, text in masters.items() if f"\n{parameter} = " in text]


def run(wanted=(), parameters=None, out=ROOT / "build" / "lessons", kernel=None, jobs=1) -> list[Run]:
    """Execute lessons from `notebooks/` into `out` and write their pages beside it; a line a lesson as it ends.

    `parameters` go into the lessons' parameters cells, `kernel` names another Jupyter kernel than this environment's,
    `jobs` lessons run at a time. Raises `CourseError` for a lesson that is not there.
    """
    sources = [ROOT / "notebooks" / f"{name}.ipynb" for name in names(wanted)]
    for source in sources:
        if not source.exists():
            raise CourseError(source, "this lesson was not built yet", f"Run: course build {source.stem[:2]}")
    runs = _execute_all([(source, Path(out) / source.name, parameters or {}, kernel) for source in sources], jobs)
    write_pages(out)
    return runs


def at_a_time() -> int:
    """How many lessons this machine runs at a time: one keeps mostly one core busy, and needs up to 4 GB."""
    import psutil

    return 2 if (os.cpu_count() or 1) >= 2 and psutil.virtual_memory().total > 8e9 else 1


def build(wanted=()) -> list[Run]:
    """Execute the masters' student copies and put them into `notebooks/` with their outputs: what GitHub and Colab show
    is what ran.

    Before that the values of the exercises' public examples are computed and written. Raises `CourseError` where an
    exercise's checks do not tell right from wrong.
    """
    import nbformat

    for number in sorted({name[:2] for name in names(wanted)}):
        _build_exercises(number)
    draft = ROOT / "build" / "drafts"
    draft.mkdir(parents=True, exist_ok=True)
    for name in names(wanted):
        nbformat.write(from_master(name), draft / f"{name}.ipynb")
    done = _execute_all([(draft / f"{name}.ipynb", ROOT / "build" / "built" / f"{name}.ipynb", {}, None)
                         for name in names(wanted)], jobs=1)
    for result in done:
        if not result.error:
            with whole_file(ROOT / "notebooks" / f"{result.name}.ipynb") as part:
                nbformat.write(_without_traces(nbformat.read(result.path, 4)), part)
    return done


def _build_exercises(number):
    if not exercises.lesson(number):
        return
    if wrong := [str(row) for row in trial.table([number]) if row.wrong]:
        raise CourseError(f"the exercises of lesson {number}", "\n".join(["they are not sound:", *wrong, ""]),
                          f"The whole table: python -m course_lib.grading.trial {number}")
    trial.write_values(number)


def from_master(name, solved=False):
    """A lesson's notebook, without outputs, as its master, its exercises and the course's address make it; with the
    solutions where it is to be `solved`."""
    lesson = student_copy.with_exercises(student_copy.read_master(name), name, solved)
    lesson.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    return stamp(lesson, name, address())


def stale(name) -> bool:
    """Whether the lesson in notebooks/ has other cells than its master makes; outputs do not count."""
    import nbformat

    path = ROOT / "notebooks" / f"{name}.ipynb"
    return not path.exists() or _cells(nbformat.read(path, 4)) != _cells(from_master(name))


def _cells(lesson):
    return [(cell.id, cell.cell_type, cell.source, dict(cell.metadata)) for cell in lesson.cells]


def address() -> str:
    """Where the course is published, "OWNER/NAME/BRANCH", from its one place `colab/address.txt`; "" before that."""
    place = ROOT / "colab" / "address.txt"
    return place.read_text().strip() if place.exists() else ""


def publish(repo, branch) -> list[Path]:
    """Write the address into its one place and into every lesson's setup cell and badge, without running them again."""
    import nbformat

    if not (re.fullmatch(r"[\w.-]+/[\w.-]+", repo) and re.fullmatch(r"[\w./-]+", branch)):
        raise CourseError(f"--repo {repo} --branch {branch}", "this is no address of a repository",
                          "Write for example: course publish --repo OWNER/NAME --branch main")
    (ROOT / "colab" / "address.txt").write_text(f"{repo}/{branch}\n")
    paths = [ROOT / "notebooks" / f"{name}.ipynb" for name in names()]
    for path in paths:
        lesson = stamp(nbformat.read(path, 4), path.stem, f"{repo}/{branch}")
        with whole_file(path) as part:
            nbformat.write(lesson, part)
    return paths


def stamp(lesson, name, published):
    """Put the address into a lesson's setup cell, and its badge under the title; an older stamp is replaced."""
    owner, repository, branch = published.split("/", 2) if published else ("", "", "")
    title, *text = [line for line in lesson.cells[0].source.splitlines() if not line.startswith("[![Open in Colab]")]
    badge = [BADGE.format(repo=f"{owner}/{repository}", branch=branch, name=name), ""] if published else []
    lesson.cells[0].source = "\n".join([title, "", *badge, *"\n".join(text).strip().splitlines()])
    for cell in lesson.cells:
        if "setup" in cell.metadata.get("tags", []):
            cell.source = "\n".join(f'COURSE_ADDRESS = "{published}"' + line[line.index("  #"):]
                                    if line.startswith("COURSE_ADDRESS = ") else line
                                    for line in cell.source.splitlines())
    return lesson


def write_pages(folder) -> Path:
    """A page for each executed copy in `folder`, beside that folder, and `index.html`, which it returns.

    All copies that lie there stand in the index, so running one lesson again takes none of the others out.
    """
    import nbformat
    from nbconvert import HTMLExporter

    folder, rows = Path(folder), []
    for path in sorted(folder.glob("*.ipynb")):
        lesson = nbformat.read(path, 4)
        if "course" not in lesson.metadata:
            continue  # somebody's own notebook
        title = next(line[2:] for cell in lesson.cells for line in cell.source.splitlines() if line.startswith("# "))
        page, _ = HTMLExporter(template_name="lab").from_notebook_node(lesson, {"metadata": {"name": title}})
        with whole_file(folder.parent / f"{path.stem}.html") as part:
            part.write_text(_with_alt_texts(page, lesson), encoding="utf-8")
        ran = lesson.metadata["course"]
        rows.append(f'<tr><td><a href="{path.stem}.html">{html.escape(title)}</a></td><td>{ran["seconds"]:.0f} s</td>'
                    f"<td>{ran['memory']:.0f} MiB</td><td>{html.escape(ran['error']) or 'ran to its end'}</td></tr>")
    with whole_file(folder.parent / "index.html") as part:
        part.write_text(_INDEX.format(rows="\n".join(rows)), encoding="utf-8")
    return folder.parent / "index.html"


def _with_alt_texts(page, lesson):
    # nbconvert's template knows no alt text and says so at each picture: put ours there, in their order.
    for cell in lesson.cells:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                alt = output.metadata.get("image/png", {}).get("alt", "a figure")
                page = page.replace(f'alt="{_NO_ALT}"', f'alt="{html.escape(alt)}"', 1)
    return page


_NO_ALT = "No description has been provided for this image"
_INDEX = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Affective Computing Course Companion</title>
<style>body {{ font: 1.05rem/1.5 system-ui, sans-serif; max-width: 55rem; margin: 3rem auto; padding: 0 1rem }}
td, th {{ text-align: left; padding: .35rem 1rem .35rem 0; border-bottom: 1px solid #ddd }}</style>
<h1>Affective Computing Course Companion</h1>
<p>The lessons as they ran on this machine. To work in them: <code>course lab</code>.</p>
<table><tr><th>Lesson</th><th>Time</th><th>Peak memory</th><th>Result</th></tr>
{rows}
</table></html>
"""


def _execute_all(tasks, jobs):
    runs = []
    with ThreadPoolExecutor(jobs) as pool, tqdm(total=len(tasks), desc="lessons", unit="lesson") as bar:
        for future in as_completed([pool.submit(_in_own_process, *task) for task in tasks]):
            runs.append(future.result())
            bar.write(str(runs[-1]))
            bar.update()
    return sorted(runs)


def _in_own_process(source, target, parameters, kernel):
    # A fresh process each: one lesson's memory is not counted as another's, and a crash takes nobody along.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as own:
        try:
            run = own.submit(_execute, source, target, parameters, kernel).result()
        except BrokenProcessPool:
            run = Run(source.stem, target, 0.0, 0.0, "its process was killed (is there memory left?)")
    _remember(run, source)
    return run


def _execute(source, target, parameters, kernel):
    import papermill

    os.environ["TQDM_DISABLE"] = "1"  # a bar's last state is no part of a lesson
    target.parent.mkdir(parents=True, exist_ok=True)
    started, error = time.perf_counter(), ""
    with peak_memory() as peak:
        try:
            papermill.execute_notebook(source, target, parameters, kernel_name=kernel, cwd=target.parent,
                                       progress_bar=False, extra_arguments=["--IPKernelApp.log_level=40"])
        except papermill.PapermillExecutionError as failure:
            error = f"cell {failure.exec_count}: {failure.ename}: {failure.evalue}"
        except Exception as failure:  # a kernel that died, or that is not installed
            error = f"{type(failure).__name__}: {failure}".partition("\n")[0]
    return Run(source.stem, target, time.perf_counter() - started, peak[0], error)


def _remember(run, source):
    # What a run took stands in its copy, so that an index can be made of all copies, whenever they were made.
    import nbformat

    lesson = nbformat.read(run.path if run.path.exists() else source, 4)
    lesson.metadata["course"] = {"seconds": run.seconds, "memory": run.memory, "error": run.error}
    with whole_file(run.path) as part:
        nbformat.write(lesson, part)


@contextmanager
def peak_memory(every=0.1):
    """Yield a one-element list that holds, afterwards, the peak memory in MiB of all processes this one started.

    Resident memory, looked at every 0.1 s; pages that processes share count once for each, so it is an upper bound.
    """
    import psutil

    peak, over = [0.0], threading.Event()

    def watch():
        while not over.wait(every):
            total = 0
            for child in psutil.Process().children(recursive=True):
                try:
                    total += child.memory_info().rss
                except psutil.NoSuchProcess:
                    pass
            peak[0] = max(peak[0], total / 2**20)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()


def _without_traces(lesson):
    # Times and paths of the machine that built it would change at every build and tell nothing.
    lesson.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    for cell in lesson.cells:
        for trace in ("papermill", "execution", *([] if cell.metadata.get("tags") else ["tags"])):
            cell.metadata.pop(trace, None)
    return lesson
