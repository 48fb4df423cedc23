"""Write files completely or not at all, and read npz files safely."""

import errno
import hashlib
import os
import re
import threading
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from course_lib.core.errors import CourseError

if TYPE_CHECKING:
    import numpy as np

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


def existing_file(path: str | Path) -> Path:
    """Check that a path names a file with content.

    Parameters
    ----------
    path : str or Path
        The path of a clip.

    Returns
    -------
    Path
        The same path.

    Raises
    ------
    CourseError
        If it is missing, a folder, or empty.

    Examples
    --------
    >>> existing_file("missing.mp4")
    Traceback (most recent call last):
    course_lib.core.errors.CourseError: missing.mp4: there is no such file. Check the folder and the name
    """
    path = Path(path)
    if path.is_dir():
        raise CourseError(path, "this is a folder, not a file", "Give the path of one clip")
    if not path.exists():
        raise CourseError(path, "there is no such file", "Check the folder and the name")
    if path.stat().st_size == 0:
        raise CourseError(path, "the file is empty (0 bytes)", "Fetch or copy it again")
    return path


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


# (offset, bytes): what a file is that begins so, and what to do with it.
_UNPACK = "Unpack it, and give the file inside"
_ELSE = {
    (0, b"PK\x03\x04"): ("it is a zip archive", _UNPACK),
    (0, b"\x1f\x8b"): ("it is compressed (gzip)", _UNPACK),
    (0, b"BZh"): ("it is compressed (bzip2)", _UNPACK),
    (0, b"\xfd7zXZ\x00"): ("it is compressed (xz)", _UNPACK),
    (0, b"7z\xbc\xaf\x27\x1c"): ("it is a 7z archive", _UNPACK),
    (0, b"Rar!"): ("it is a rar archive", _UNPACK),
    (0, b"PK\x05\x06"): ("it is an empty zip archive", "Give the file itself"),
    (0, b"\x28\xb5\x2f\xfd"): ("it is compressed (zstd)", _UNPACK),
    (0, b"\x1f\x9d"): ("it is compressed (compress)", _UNPACK),
    (257, b"ustar"): ("it is a tar archive", _UNPACK),
    (0, b"\xd0\xcf\x11\xe0"): ("it is an old Excel or Word file", "Save it as CSV UTF-8"),
    (0, b"%PDF"): ("it is a PDF", "Give the file itself"),
    (0, b"{\\rtf"): ("it is a text document (rtf)", "Save it as plain text"),
    (0, b"PAR1"): ("it is a Parquet file", "Save it as CSV UTF-8"),
    (0, b"\x89HDF"): ("it is an HDF5 file", "Give the file itself"),
    (0, b"SQLite format 3"): ("it is a database (SQLite)", "Save its table as CSV UTF-8"),
    (0, b"\x93NUMPY"): ("it is an array of NumPy", "Give the file itself"),
    (0, b"\xff\xfe\x00\x00"): ("its text is UTF-32", "Save it as UTF-8"),
    (0, b"\xff\xfe"): ("its text is UTF-16", "Save it as UTF-8 (Excel: CSV UTF-8)"),
    (0, b"\xfe\xff"): ("its text is UTF-16", "Save it as UTF-8 (Excel: CSV UTF-8)"),
    (0, b"\x89PNG"): ("it is an image", "Give the file itself"),
    (0, b"\xff\xd8\xff"): ("it is an image", "Give the file itself"),
}


def what_it_is(data: bytes) -> tuple[str, str] | None:
    """Tell what a file is that is not the text it should be, from its first bytes.

    Parameters
    ----------
    data : bytes
        The file's first 512 bytes or more.

    Returns
    -------
    (str, str) or None
        What it is, and what to do, as `CourseError` takes them; None if it looks like text.

    Examples
    --------
    >>> what_it_is(b"PK\\x03\\x04...")
    ('it is a zip archive', 'Unpack it, and give the file inside')
    >>> what_it_is(b"<html><body>Log in</body></html>")[0]
    'it is a web page'
    >>> what_it_is(b"emotion,pixels,Usage") is None
    True
    """
    for (at, mark), found in _ELSE.items():
        if data[at : at + len(mark)] == mark:
            return _office(data) or found if mark == b"PK\x03\x04" else found
    start = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:512]
    if start.startswith(b"version https://git-lfs"):
        return "it is a pointer of Git LFS, not the file", "Run: git lfs pull"
    if re.match(rb"(error )?[45]\d\d( *[:-] *| )[A-Z][\w' ]+[.!]?\s*$", start, re.IGNORECASE):
        return f"it is a server's error message ({start.decode('ascii').strip()})", "Download it again"
    if start.startswith(b"<"):
        page = re.search(rb"<(!doctype html|html|head|body|title)", start, re.IGNORECASE)
        if start.startswith(b"<?xml") and not page:
            return "it is XML", "Give the file itself"
        return "it is a web page", "Download the file itself; you may have to log in first"
    if b"\x00" in start:
        odd, even = start[1::2], start[::2]
        if min(odd.count(0), even.count(0)) == 0 and start.count(0) > len(start) // 4:
            return "its text is UTF-16", "Save it as UTF-8 (Excel: CSV UTF-8)"
        return "it is not text", "Give the file itself"
    return None


def _office(data: bytes) -> tuple[str, str] | None:
    """What a zip archive is that an office program has written, else None."""
    if b"[Content_Types].xml" in data[:512]:
        return "it is an Excel or Word file", "Save it as CSV UTF-8"
    if data[30:46] == b"mimetypeapplicat":
        return "it is a LibreOffice file", "Save it as CSV UTF-8"
    if b"Index/Document.iwa" in data[:512]:
        return "it is a file of Numbers or Pages", "Save it as CSV UTF-8"
    return None


def what_came(path: str | Path) -> tuple[str, str] | None:
    """Tell what a file is that is not the sound, the images or the numbers that it should be.

    Parameters
    ----------
    path : str or path
        An existing file.

    Returns
    -------
    (str, str) or None
        As from `what_it_is`; None if the first bytes tell nothing.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "clip.mp4"
    >>> _ = path.write_text("404: Not Found")
    >>> what_came(path)[0]
    "it is a server's error message (404: Not Found)"
    """
    try:
        with open(path, "rb") as file:
            head = file.read(4096)
    except OSError as error:
        return f"it cannot be opened ({error.strerror})", "Check its permissions"
    if not head.strip():
        return "it is empty", "Get it again"
    found = what_it_is(head)
    return None if found and found[0] == "it is not text" else found


def check_table(path: str | Path, todo: str) -> None:
    """Check that a file can be a table in csv format, before it is read.

    Parameters
    ----------
    path : str or path
        An existing file.
    todo : str
        What an error tells the reader to give instead.

    Raises
    ------
    CourseError
        If it is empty or something else: an archive, a web page, JSON, UTF-16, or columns between semicolons.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.csv"
    >>> _ = path.write_text("student;name\\n1;Ann\\n")
    >>> check_table(path, "Give a roster")
    Traceback (most recent call last):
    course_lib.core.errors.CourseError: ...: its columns are separated by semicolons. Save it with commas...
    """
    with open(path, "rb") as file:
        head = file.read(4096)
    if not head.strip():
        raise CourseError(path, "it is empty", todo)
    if found := what_it_is(head):
        raise CourseError(path, found[0], f"{found[1]}. {todo}")
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] in (b"{", b"["):
        raise CourseError(path, "it is JSON", todo)
    line = re.split(rb"[\r\n]", text, maxsplit=1)[0]
    if re.match(rb"sep=.$", line):
        raise CourseError(path, f"its first line is {line.decode('ascii', 'replace')}", f"Delete it. {todo}")
    for mark, name in ((b";", "semicolons"), (b"\t", "tabs"), (b"|", "vertical bars")):
        if mark in line and b"," not in line:
            raise CourseError(path, f"its columns are separated by {name}", f"Save it with commas. {todo}")


def read_npz(
    path: str | Path, kind: str, todo: str, names: Iterable[str] | None = None
) -> "dict[str, np.ndarray]":
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
    import numpy as np  # here, because the command line imports this module

    try:
        with np.load(path, allow_pickle=False) as file:
            found = {name: file[name] for name in names or file.files if name in file.files}
    except _DAMAGED as error:
        why = str(error).partition("\n")[0]
        came = what_came(path) if Path(path).is_file() else None
        if came and came[0] != "it is a zip archive":  # as an npz file is
            why = came[0]
        raise CourseError(path, f"it cannot be read as {kind} ({why})", todo) from error
    if not all(isinstance(array, np.ndarray) for array in found.values()):
        raise CourseError(path, f"it cannot be read as {kind} (a zip of other files)", todo)
    return found
