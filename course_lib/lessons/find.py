"""Which lessons there are, and where they and their copies are."""

import json
from collections.abc import Iterable
from pathlib import Path

from course_lib.core.errors import CourseError
from course_lib.core.paths import ROOT


def course_folder() -> Path:
    """Find the folder that holds notebooks/.

    Returns
    -------
    Path
        The checkout of the course. If only the wheel is installed, the working folder.
    """
    return ROOT if (ROOT / "masters").is_dir() else Path.cwd()


def names(wanted: Iterable[str] = ()) -> list[str]:
    """List the lessons in order.

    A lesson is a master or, in a release without masters, a notebook.

    Parameters
    ----------
    wanted : iterable of str
        How the names begin, such as ["02", "03_classical"]; all lessons if it is empty.

    Returns
    -------
    list of str
        The names, such as "02_hog_features".

    Raises
    ------
    CourseError
        If the folder has no lessons, or no lesson begins like this.
    """
    folder = course_folder()
    there = sorted(
        path.stem for path in [*folder.glob("masters/[0-9]*.py")] or folder.glob("notebooks/[0-9]*.ipynb")
    )
    if not there:
        raise CourseError(
            folder / "notebooks",
            "there are no lessons in this folder",
            "Run `course` in the folder of the course or of your release, which holds notebooks/",
        )
    unknown = [name for name in wanted if not any(lesson.startswith(name) for lesson in there)]
    if unknown:
        raise CourseError(
            f"lesson {', '.join(unknown)}",
            "no lesson has this number",
            f"The lessons are: {', '.join(there)}",
        )
    return [lesson for lesson in there if not wanted or lesson.startswith(tuple(wanted))]


def that_take(parameter: str) -> list[str]:
    """List the lessons that have a parameter.

    Parameters
    ----------
    parameter : str
        Its name: "DATA_DIR" for the lessons on clips, "DATA_FILE" for those on FER2013.

    Returns
    -------
    list of str
        The names of the lessons.
    """
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


def part_of(target: Path, pid: int) -> Path:
    """Name the file that a process writes while it executes a lesson.

    Parameters
    ----------
    target : Path
        The executed copy. It is only replaced by a complete one.
    pid : int
        The id of the process.

    Returns
    -------
    Path
        A hidden file beside the target.
    """
    return target.with_name(f".{target.stem}.{pid}.part.ipynb")
