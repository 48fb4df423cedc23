"""Write files completely or not at all, and read npz files safely."""

import errno
import hashlib
import os
import threading
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from course_lib.core.errors import CourseError

# What the system says, and what it means to the person who ran it.
_REASONS = {
    errno.ENOSPC: "there is no space left on the disk",
    errno.EDQUOT: "your share of the disk (quota) is used up",
    errno.EACCES: "you may not write here",
    errno.EROFS: "this disk can only be read",
}


def hash_files(paths: Iterable[str | Path]) -> str:
    """One SHA-256 over the names and contents of files, in the order of their names."""
    total = hashlib.sha256()
    for path in sorted(map(Path, paths), key=lambda path: path.name):
        total.update(path.name.encode())
        total.update(path.read_bytes())
    return total.hexdigest()


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; move it into place on success, remove it on failure.

    A reader therefore never meets half a file, and what stood there before stays until the new one is
    complete. The temporary name keeps the ending, which encoders read. Raises `CourseError` when the disk is
    full or may not be written."""
    path = Path(path)
    part = path.with_name(f".{path.stem}.{os.getpid()}-{threading.get_ident()}.part{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        os.replace(part, path)
    except OSError as error:
        if error.errno in _REASONS:
            raise CourseError(
                path, _REASONS[error.errno], "Free some space, or set COURSE_HOME to a folder elsewhere"
            ) from error
        raise
    finally:
        part.unlink(missing_ok=True)


def read_npz(
    path: str | Path, kind: str, todo: str, names: Iterable[str] | None = None
) -> dict[str, np.ndarray]:
    """The arrays of an npz by name: those of `names` that are there, or all. Objects are not unpacked.

    Raises `CourseError`, "it cannot be read as `kind`", with what `todo` says, for a file that is damaged or
    no npz."""
    try:
        with np.load(path, allow_pickle=False) as file:
            found = {name: file[name] for name in names or file.files if name in file.files}
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        EOFError,
        zlib.error,
        zipfile.BadZipFile,
    ) as what:
        raise CourseError(path, f"it cannot be read as {kind} ({what})", todo) from what
    if not all(isinstance(array, np.ndarray) for array in found.values()):
        raise CourseError(path, f"it cannot be read as {kind} (a zip of other files)", todo)
    return found
