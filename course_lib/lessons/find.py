"""Which lessons there are, and where they and their copies are."""

import json
from pathlib import Path

from course_lib.core.errors import CourseError
from course_lib.core.paths import ROOT


def course_folder() -> Path:
    """The folder that holds notebooks/: the checkout, or, where only the wheel is installed, the working
    folder.
    """
    return ROOT if (ROOT / "masters").is_dir() else Path.cwd()


def names(wanted=()) -> list[str]:
    """The lessons' names in order, or those that begin as `wanted` says ("02", "03_classical").

    A lesson is a master, and where there are no masters (a release) a notebook. Raises `CourseError` where
    there is no lesson, or none that begins so."""
    folder = course_folder()
    there = sorted(
        path.stem for path in [*folder.glob("masters/[0-9]*.py")] or folder.glob("notebooks/[0-9]*.ipynb")
    )
    if not there:
        raise CourseError(
            folder / "notebooks",
            "no lesson is there",
            "Run `course` in the folder of the course or of your release, which holds notebooks/",
        )
    unknown = [name for name in wanted if not any(lesson.startswith(name) for lesson in there)]
    if unknown:
        raise CourseError(
            f"lesson {', '.join(unknown)}", "there is no such lesson", f"There are: {', '.join(there)}"
        )
    return [lesson for lesson in there if not wanted or lesson.startswith(tuple(wanted))]


def that_take(parameter) -> list[str]:
    """The lessons whose parameters cell has this name: DATA_DIR those on clips, DATA_FILE those on
    FER2013."""
    return [name for name in names() if f"\n{parameter} = " in _parameters(name)]


def _parameters(name):
    # The source of the lesson's parameters cell, from its notebook.
    path = course_folder() / "notebooks" / f"{name}.ipynb"
    if not path.exists():
        return ""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "".join(
        "\n" + "".join(cell["source"]) for cell in cells if "parameters" in cell["metadata"].get("tags", [])
    )


def part_of(target, pid) -> Path:
    """Where process `pid` writes the copy while it executes: a half-finished copy never replaces a
    whole one."""
    return target.with_name(f".{target.stem}.{pid}.part.ipynb")
