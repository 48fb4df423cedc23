"""P4's file names: pictures in one folder a class, numbered by their class."""

import re
from pathlib import Path

from course_lib.core.errors import CourseError

PICTURES = {".png", ".jpg", ".jpeg", ".bmp"}


def new_names(folder) -> dict[Path, Path]:
    """P4's names for the pictures in `folder`/CLASS/: `angry/xyz.png` becomes `angry/an_0.png`, the next
    `an_1`.

    From old to new path, by class and old name; nothing is renamed yet. A picture that has such a name
    already keeps it, and its number is not given again, so after an interruption a new list holds what is
    left. Raises `CourseError` where no folder of a class holds a picture."""
    paths = sorted(path for path in Path(folder).glob("*/[!.]*") if path.suffix.lower() in PICTURES)
    if not paths:
        raise CourseError(
            folder,
            "there is no picture in a folder of its class",
            f"Give the folder above angry/, happy/ … with {', '.join(sorted(PICTURES))} in them",
        )
    return {
        old: new
        for kind in dict.fromkeys(path.parent for path in paths)
        for old, new in _in_one_class(kind, [path for path in paths if path.parent == kind])
    }


def rename(names) -> None:
    """Rename files as `new_names` lists them (a dict of old to new path); what is done already is passed
    over.

    Raises `CourseError`, before anything is renamed, where a new name is taken or a file is gone: none is
    overwritten."""
    left = {old: new for old, new in names.items() if old.exists() or not new.exists()}
    for old, new in left.items():
        if new.exists():
            raise CourseError(
                new, "a file of that name is there already", "Make the list anew: new_names(folder)"
            )
        if not old.exists():
            raise CourseError(old, "the file is gone", "Make the list anew: new_names(folder)")
    for old, new in left.items():
        old.rename(new)


def _in_one_class(kind, paths):
    # -> pairs (old, new) of those pictures that have no such name yet
    number = {
        path: re.fullmatch(rf"{re.escape(kind.name[:2])}_(\d+)", path.stem, re.IGNORECASE) for path in paths
    }
    taken = {int(match[1]) for match in number.values() if match}
    free = (count for count in range(len(paths) + len(taken)) if count not in taken)
    return [
        (path, path.with_name(f"{kind.name[:2]}_{next(free)}{path.suffix}"))
        for path in paths
        if not number[path]
    ]
