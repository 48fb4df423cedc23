"""Project P4's file names: images in one folder for each class, numbered within their class."""

import re
from pathlib import Path

from course_lib.core.errors import CourseError

IMAGES = {".png", ".jpg", ".jpeg", ".bmp"}


def new_names(folder: str | Path) -> dict[Path, Path]:
    """List P4's names for the images in `folder`/CLASS/: `angry/xyz.png` becomes `angry/an_0.png`.

    Parameters
    ----------
    folder : str or path
        It contains one folder of images (png, jpg, jpeg, bmp) for each class.

    Returns
    -------
    dict
        From old to new path, sorted by class and old name. No file is renamed yet. An image that already has
        such a name keeps it, so after an interruption a new list holds the rest.

    Raises
    ------
    CourseError
        If no folder of a class contains an image.

    Notes
    -----
    Used in lesson 09.
    """
    paths = sorted(path for path in Path(folder).glob("*/[!.]*") if path.suffix.lower() in IMAGES)
    if not paths:
        raise CourseError(
            folder,
            "there is no image in a folder of its class",
            f"Give the folder above angry/, happy/ … with {', '.join(sorted(IMAGES))} in them",
        )
    return {
        old: new
        for kind in dict.fromkeys(path.parent for path in paths)
        for old, new in _in_one_class(kind, [path for path in paths if path.parent == kind])
    }


def rename(names: dict[Path, Path]) -> None:
    """Rename files as `new_names` lists them, without those that are renamed already.

    Parameters
    ----------
    names : dict
        From old to new path.

    Raises
    ------
    CourseError
        If a new name exists already or a file is missing. Then no file is renamed; none is ever overwritten.

    Notes
    -----
    Used in lesson 09.
    """
    left = {old: new for old, new in names.items() if old.exists() or not new.exists()}
    for old, new in left.items():
        if new.exists():
            raise CourseError(new, "a file of that name exists already", "Run new_names(folder) again")
        if not old.exists():
            raise CourseError(old, "the file is missing", "Run new_names(folder) again")
    for old, new in left.items():
        old.rename(new)


def _in_one_class(kind, paths):
    """Pairs (old, new) of the images that have no such name yet."""
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
