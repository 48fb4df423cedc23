"""Which lessons there are, and where they and their copies are."""

import json
import re
from collections.abc import Iterable
from pathlib import Path

from course_lib.core.errors import CourseError
from course_lib.core.paths import ROOT

PART = re.compile(r"\.(\d+)\.part\.ipynb$")  # at the end of a name from `part_of`


def course_folder() -> Path:
    """Find the folder that holds notebooks/.

    Returns
    -------
    Path
        The checkout of the course. If only the wheel is installed, the working folder, or the folder above if
        the working folder is notebooks/ itself.
    """
    if (ROOT / "masters").is_dir():
        return ROOT
    here = Path.cwd()
    return here.parent if here.name == "notebooks" and not (here / "notebooks").is_dir() else here


def names(wanted: Iterable[str] = ()) -> list[str]:
    """List the lessons in order.

    A lesson is a master or, in a release without masters, a notebook.

    Parameters
    ----------
    wanted : iterable of str
        Numbers ("2" or "02"), ranges ("1-4"), a name or its beginning ("03_classical"), a word of a name
        ("hog"), or the name of a notebook's file; all lessons if it is empty.

    Returns
    -------
    list of str
        The names, such as "02_hog_features".

    Raises
    ------
    CourseError
        If the folder has no lessons, or no lesson has such a number or name.
    """
    folder, wanted = course_folder(), list(wanted)
    there = sorted(
        path.stem for path in [*folder.glob("masters/[0-9]*.py")] or folder.glob("notebooks/[0-9]*.ipynb")
    )
    if not there:
        raise CourseError(
            folder / "notebooks",
            "there are no lessons in this folder",
            "Run `course` in the folder of the course or of your release, which holds notebooks/",
        )
    found = {name: _matching(name, there) for name in wanted}
    if unknown := [name for name, lessons in found.items() if not lessons]:
        raise _no_such_lesson(unknown, there)
    chosen = {lesson for lessons in found.values() for lesson in lessons}
    return [lesson for lesson in there if not wanted or lesson in chosen]


def _matching(wanted, there):
    name = Path(wanted).name.removesuffix(".ipynb").lower()
    if bounds := re.fullmatch(r"(\d{1,2})(?:-(\d{1,2}))?", name):
        first, last = int(bounds[1]), int(bounds[2] or bounds[1])
        return [lesson for lesson in there if lesson[:2].isdecimal() and first <= int(lesson[:2]) <= last]
    beginning = [lesson for lesson in there if lesson.lower().startswith(name)]
    return beginning or [lesson for lesson in there if name in lesson.lower().split("_")]


def _no_such_lesson(unknown, there):
    from course_lib.core.names import did_you_mean

    words = [word for lesson in there for word in lesson.split("_")[1:] if len(word) > 2]
    numbers = all(name.isdecimal() for name in unknown)
    meant = "" if numbers else did_you_mean(unknown[0], [*there, *words])
    return CourseError(
        f"lesson {', '.join(unknown)}",
        f"no lesson has this {'number' if numbers else 'name'}",
        f"{meant}The lessons are: {', '.join(there)}",
    )


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


def part_of(target: Path, pid: int | str) -> Path:
    """Name the file that a process writes while it executes a lesson.

    Parameters
    ----------
    target : Path
        The executed copy. It is only replaced by a complete one.
    pid : int or str
        The id of the process, or "*".

    Returns
    -------
    Path
        A hidden file beside the target. `PART` finds the id in its name.
    """
    return target.with_name(f".{target.stem}.{pid}.part.ipynb")
