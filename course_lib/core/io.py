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

# The system's error numbers, in plain words.
_REASONS = {
    errno.ENOSPC: "there is no space left on the disk",
    errno.EDQUOT: "your disk quota is used up",
    errno.EACCES: "you do not have permission to write here",
    errno.EROFS: "this disk is read-only",
}

# What NumPy raises for files that are damaged or not npz.
_DAMAGED = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    EOFError,
    zlib.error,
    zipfile.BadZipFile,
)


def hash_files(paths: Iterable[str | Path]) -> str:
    """One SHA-256 of the names and contents of several files, sorted by name.

    Parameters
    ----------
    paths : iterable of path
        The files. Their folders do not count.

    Returns
    -------
    str
        64 hexadecimal digits. They change if any name or any byte changes.

    Examples
    --------
    >>> hash_files([])[:8]
    'e3b0c442'
    """
    total = hashlib.sha256()
    for path in sorted(map(Path, paths), key=lambda path: path.name):
        total.update(path.name.encode())
        total.update(path.read_bytes())
    return total.hexdigest()


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """Write a file completely or not at all.

    Yields a temporary path beside `path`. On success the file is moved to `path`; on failure it is removed
    and an older file at `path` stays as it was.

    Parameters
    ----------
    path : path
        The file to write. Its folder is made if it is missing.

    Yields
    ------
    Path
        The path to write to. It has the same suffix as `path`, because encoders read it.

    Raises
    ------
    CourseError
        If the disk is full or read-only, or the user has no permission.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with whole_file(folder / "a.txt") as temporary:
    ...     characters = temporary.write_text("complete")
    >>> [file.name for file in folder.iterdir()]
    ['a.txt']
    """
    path = Path(path)
    if path.is_dir():
        raise CourseError(path, "this is a folder", "Give the name of a file")
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
    """Read arrays from an npz file. Pickled objects are refused, because they could run code.

    Parameters
    ----------
    path : path
    kind : str
        What an error calls the file, such as "features".
    todo : str
        What an error tells the reader to do, such as "Run the cell above again".
    names : iterable of str, optional
        The arrays to read; by default all. Names that the file lacks are left out.

    Returns
    -------
    dict of str to np.ndarray

    Raises
    ------
    CourseError
        If the file is missing, damaged, or not an npz file.

    Examples
    --------
    >>> read_npz("missing.npz", "features", "Make them again")
    Traceback (most recent call last):
    course_lib.core.errors.CourseError: missing.npz: it cannot be read as features (...). Make them again
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            found = {name: file[name] for name in names or file.files if name in file.files}
    except _DAMAGED as error:
        raise CourseError(path, f"it cannot be read as {kind} ({error})", todo) from error
    if not all(isinstance(array, np.ndarray) for array in found.values()):
        raise CourseError(path, f"it cannot be read as {kind} (a zip of other files)", todo)
    return found
