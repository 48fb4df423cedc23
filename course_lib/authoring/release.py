"""The students' bundle: lessons, wheel, what Colab needs, and a start page. It holds no master and no bank,
and solutions only if the teacher asks for them.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import course_lib
from course_lib import lessons
from course_lib.authoring import build
from course_lib.core.errors import CourseError
from course_lib.core.io import whole_file
from course_lib.core.paths import ROOT
from course_lib.exercises.helping import SOLUTIONS

WHEN = (2026, 1, 1, 0, 0, 0)  # of every file in the bundle, so that the same files make the same bytes
EPOCH = "1767225600"  # the same time, for the wheel
START = """# Affective Computing Course Companion {version}

`notebooks/` holds the lessons with their exercises. Open them in one of two ways.

**On your own machine** (Linux, macOS or Windows, Python 3.11 to 3.13), in this folder:

    python -m venv .venv
    .venv/bin/pip install -c constraints.txt "colab/{wheel}[tf,lab]"
    .venv/bin/jupyter lab notebooks

(On Windows it is `.venv\\Scripts\\` for `.venv/bin/`.)

**In Google Colab**: put this folder into Google Drive as `MyDrive/course` and open a lesson from there;
its setup cell says what to do. Or open a lesson and upload two files from `colab/`, the wheel and
`bootstrap.py`, by the folder icon on the left.

Each lesson ends with its exercises. Its last cell writes the file to hand in and says where it is. To
begin an exercise again: `.venv/bin/course reset 02.1`. When a newer bundle comes: `.venv/bin/course
update NEW.zip`, in this folder; it keeps your answers."""


def release(out: str | Path, wanted: Sequence[str] = (), with_solutions: bool = False) -> Path:
    """Write the students' bundle, affective-computing-course-VERSION.zip.

    Parameters
    ----------
    out : str or Path
        The folder to write into.
    wanted : sequence of str
        Numbers of the lessons; all of them if it is empty.
    with_solutions : bool
        Whether the wheel holds the solutions that `solution("02.1")` shows after an attempt.

    Returns
    -------
    Path
        The bundle. The same files give the same bytes.

    Raises
    ------
    CourseError
        If a lesson is not what its master makes, or the wheel cannot be built.
    """
    names = lessons.names(wanted)
    if stale := [name for name in names if build.stale(name)]:
        raise CourseError(
            f"notebooks/ ({', '.join(stale)})",
            "these are not what their masters make",
            f"Run: course build {' '.join(name[:2] for name in stale)}",
        )
    folder = f"affective-computing-course-{course_lib.__version__}"
    with tempfile.TemporaryDirectory() as scratch:
        wheel = build_wheel(scratch, with_solutions)
        texts = {"START_HERE.md": START.format(version=course_lib.__version__, wheel=wheel.name).encode()}
        kept = [
            "constraints.txt",
            "LICENSE",
            "colab/bootstrap.py",
            *(f"notebooks/{name}.ipynb" for name in names),
        ]
        texts |= {name: (ROOT / name).read_bytes() for name in kept} | {
            f"colab/{wheel.name}": wheel.read_bytes()
        }
    path = Path(out) / f"{folder}.zip"
    with whole_file(path) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in sorted(texts.items()):
            entry = zipfile.ZipInfo(f"{folder}/{name}", WHEN)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            bundle.writestr(entry, content)
    return path


def build_wheel(out: str | Path, with_solutions: bool = False) -> Path:
    """Build the students' wheel: `course_lib` without the grader and the authors' tools.

    Parameters
    ----------
    out : str or Path
        The folder to write into.
    with_solutions : bool
        Whether the wheel holds `exercises/solutions.json`.

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
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / name, scratch)
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


_BUILD = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"
