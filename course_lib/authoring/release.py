"""The students' bundle: lessons, wheel, what Colab needs, and a start page. It holds no master and no bank,
and solutions only if the teacher asks for them. It can leave out every part whose licence is not free.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import course_lib
from course_lib import lessons
from course_lib.authoring import build
from course_lib.authoring.needed import needed
from course_lib.core.errors import CourseError
from course_lib.core.io import whole_file
from course_lib.core.paths import ROOT
from course_lib.datasets import credits, parts
from course_lib.exercises.helping import SOLUTIONS

if TYPE_CHECKING:
    from nbformat import NotebookNode

GLOSSARY = "docs/glossary.md"  # lessons link to it
WHEN = (2026, 1, 1, 0, 0, 0)  # of every file in the bundle, so that the same files make the same bytes
EPOCH = "1767225600"  # the same time, for the wheel
START = """# Affective Computing Course Companion {version}

`notebooks/` holds the lessons with their exercises. Open them in one of two ways.

**On your own machine** (Linux, macOS or Windows, Python 3.11 to 3.13), in this folder:

    python -m venv .venv
    .venv/bin/pip install -c constraints.txt "colab/{wheel}[tf,lab]"
    .venv/bin/course lab

(On Windows it is `.venv\\Scripts\\` for `.venv/bin/`.) `course run 02` runs a lesson from its start to its
end, and keeps the executed copy in `build/lessons`. `course --help` lists the other commands.

**In Google Colab**: put this folder into Google Drive as `MyDrive/course` and open a lesson from there;
its cell for Colab says what to do. Or open a lesson and upload two files from `colab/`, the wheel and
`bootstrap.py`, by the folder icon on the left.

Each lesson ends with its exercises. Its last cell writes the file to hand in and says where it is. To
begin an exercise again: `.venv/bin/course reset 02.1`. When a newer bundle comes: `.venv/bin/course
update NEW.zip`, in this folder; it keeps your answers."""
LEFT_OUT = """

**This release leaves out** {missing}, because their licences are not free. A cell of a lesson that needs one
of them says so, and the lesson continues. The full release has all of them."""


def release(
    out: str | Path, wanted: Sequence[str] = (), with_solutions: bool = False, only_free: bool = False
) -> Path:
    """Write the students' bundle, affective-computing-course-VERSION.zip.

    Parameters
    ----------
    out : str or Path
        The folder to write into.
    wanted : sequence of str
        Numbers of the lessons; all of them if it is empty.
    with_solutions : bool
        Whether the wheel holds the solutions that `solution("02.1")` shows after an attempt.
    only_free : bool
        Leave out the parts whose licence is not free (`datasets.parts`), and what the lessons show of them.
        The bundle's name then ends with -free.

    Returns
    -------
    Path
        The bundle. The same files give the same bytes.

    Raises
    ------
    CourseError
        If a lesson is not what its master makes, or the wheel cannot be built.
    """
    import nbformat

    names = lessons.names(wanted)
    if stale := [name for name in names if build.stale(name)]:
        raise CourseError(
            f"notebooks/ ({', '.join(stale)})",
            "these are not what their masters make",
            f"Run: course build {' '.join(name[:2] for name in stale)}",
        )
    folder = f"affective-computing-course-{course_lib.__version__}" + "-free" * only_free
    with tempfile.TemporaryDirectory() as scratch:
        wheel = build_wheel(scratch, with_solutions, only_free)
        start = START + LEFT_OUT.format(missing=", ".join(not_free())) * only_free
        texts = {"START_HERE.md": start.format(version=course_lib.__version__, wheel=wheel.name).encode()}
        texts |= {
            name: (ROOT / name).read_bytes() for name in ("constraints.txt", "colab/bootstrap.py", GLOSSARY)
        }
        texts |= {f"colab/{wheel.name}": wheel.read_bytes(), "LICENSE": _licence(only_free).encode()}
        for name in names:
            content = (ROOT / "notebooks" / f"{name}.ipynb").read_bytes()
            if only_free:
                lesson = free_lesson(nbformat.reads(content.decode(), 4))
                content = (nbformat.writes(lesson) + "\n").encode()
            texts[f"notebooks/{name}.ipynb"] = content
    path = Path(out) / f"{folder}.zip"
    with whole_file(path) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in sorted(texts.items()):
            entry = zipfile.ZipInfo(f"{folder}/{name}", WHEN)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            bundle.writestr(entry, content)
    return path


def not_free() -> list[str]:
    """List the parts that a release of the free parts leaves out.

    Returns
    -------
    list of str
        Keys of `datasets.parts.load()`.
    """
    return [name for name, part in parts.load().items() if not part.free]


def _licence(only_free):
    """The text of LICENSE; its beginning lists the parts that the release has."""
    text, kept = (ROOT / "LICENSE").read_text(encoding="utf-8"), _kept(only_free)
    return text.replace(parts.notice(), parts.notice(kept), 1)


def _kept(only_free):
    return [name for name, part in parts.load().items() if part.free or not only_free]


def free_lesson(lesson: "NotebookNode") -> "NotebookNode":
    """Change a lesson for a release of the free parts.

    Cells that need a part that is left out, or the result of such a cell, begin with `%%needs NAME` and lose
    their outputs. A lesson that shows a corpus whose licence is not free loses all outputs. Where the
    lesson's corpus is the course's part of RAVDESS, it becomes the Studio.

    Parameters
    ----------
    lesson : NotebookNode
        The lesson; it is changed.

    Returns
    -------
    NotebookNode
        The changed lesson.
    """
    code = [cell for cell in lesson.cells if cell.cell_type == "code"]
    outputs = [output for cell in code for output in cell.outputs]
    credited = {name for output in outputs for name in output.get("metadata", {}).get("credits", [])}
    all_free = all(credits.load()[name].free for name in credited)
    for cell, names in zip(code, needed([cell.source for cell in code], not_free()), strict=True):
        if names:
            cell.source = f"%%needs {' '.join(names)}\n{cell.source}"
        if "parameters" in cell.metadata.get("tags", []):
            cell.source = cell.source.replace('CORPUS = "embedded"', 'CORPUS = "studio"')
        if names or not all_free:
            cell.outputs = []
    return lesson


def build_wheel(out: str | Path, with_solutions: bool = False, only_free: bool = False) -> Path:
    """Build the students' wheel: `course_lib` without the grader and the authors' tools.

    Parameters
    ----------
    out : str or Path
        The folder to write into.
    with_solutions : bool
        Whether the wheel holds `exercises/solutions.json`.
    only_free : bool
        Leave out the parts whose licence is not free. The metadata then list the licences of the rest.

    Returns
    -------
    Path
        The wheel.

    Raises
    ------
    CourseError
        If setuptools is not installed, or cannot build the wheel.

    Notes
    -----
    It needs no network. It builds from a copy, because a build leaves files behind, and the next build would
    take outdated ones from there.
    """
    if not importlib.util.find_spec("setuptools"):
        raise CourseError(
            "the wheel", "setuptools, which builds it, is not installed", "Run: pip install setuptools"
        )
    left_out = ["__pycache__", ".*", *([] if with_solutions else [SOLUTIONS.name])]
    with tempfile.TemporaryDirectory() as scratch:
        shutil.copytree(
            ROOT / "course_lib",
            Path(scratch) / "course_lib",
            ignore=shutil.ignore_patterns(*left_out),
        )
        for name in ("pyproject.toml", "README.md"):
            shutil.copy(ROOT / name, scratch)
        (Path(scratch) / "LICENSE").write_text(_licence(only_free), encoding="utf-8")
        if only_free:
            _leave_out(Path(scratch))
        # A copy has no git, so it gets its version as a source archive does.
        (Path(scratch) / "PKG-INFO").write_text(f"Version: {course_lib.__version__}\n")
        for path in Path(scratch).rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)  # they stand in the wheel
        done = subprocess.run(
            [sys.executable, "-c", _BUILD, str(Path(out).absolute())],
            cwd=scratch,
            text=True,
            capture_output=True,
            env=os.environ | {"SOURCE_DATE_EPOCH": EPOCH},
        )
        if done.returncode:
            raise CourseError(
                "the wheel",
                f"setuptools could not build it:\n{done.stderr.strip()[-1500:]}\n",
                "Run: pip install --upgrade setuptools",
            )
    return next(Path(out).glob("*.whl"))


def _leave_out(folder):
    """Delete what is not free from a copy of the course, and list the other licences in its metadata."""
    for path in [path for path in (folder / "course_lib").rglob("*") if path.is_file()]:
        if not parts.stays(path.relative_to(folder / "course_lib")):
            path.unlink()
    project, kept = folder / "pyproject.toml", _kept(True)
    text = project.read_text(encoding="utf-8")
    text = re.sub('(?m)^license = ".*"$', f'license = "{parts.licence(kept)}"', text)
    text = re.sub(r"(?m)^license-files = \[[^\]]*\]$", f"license-files = {parts.texts(kept)}", text)
    project.write_text(text, encoding="utf-8")


_BUILD = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"
