"""What the secret key gives: each student's own inputs, pseudonyms, and a fingerprint of the key itself.

The key stays with the callers of this module: workers get seeds, file names of the cache a fingerprint, and
nothing prints it.
"""

import hashlib
import hmac
from collections.abc import Iterable
from pathlib import Path

from course_lib.core.errors import CourseError

COURSE = "affective-computing-course-companion"
SHORTEST = 16  # bytes
MAKE = 'python -c "import secrets; print(secrets.token_hex(32))" > seed.key'


def read_key(path: str | Path) -> bytes:
    """Read the secret key from a file, without the blanks and line ends around it.

    Parameters
    ----------
    path : path
        The key's file.

    Returns
    -------
    bytes
        The key, 16 bytes or more.

    Raises
    ------
    CourseError
        If there is no such file, or if the key is too short.
    """
    path = Path(path)
    if not path.is_file():
        raise CourseError(
            path, "there is no such key file", f"Make one, once a course, and keep it secret: {MAKE}"
        )
    key = path.read_bytes().strip()
    if len(key) < SHORTEST:
        raise CourseError(
            path, f"the key has {len(key)} bytes, but it needs at least {SHORTEST}", f"Make one: {MAKE}"
        )
    return key


def seed(key: bytes, exercise: str, student: str, case: int) -> int:
    """Return the seed of one hidden case, a whole number of 256 bits.

    It is HMAC-SHA256(key, "course | exercise | student | case"). Without the key, one student's inputs do not
    help to find another's; with the key, a second run gives the same inputs.

    Parameters
    ----------
    key : bytes
        The secret key.
    exercise, student : str
        Their ids.
    case : int
        The number of the hidden case, from 0.

    Examples
    --------
    >>> seed(b"key", "02.1", "ann", 0) == seed(b"key", "02.1", "ann", 0)
    True
    >>> seed(b"key", "02.1", "ann", 0) == seed(b"key", "02.1", "bob", 0)
    False
    """
    return int.from_bytes(_digest(key, f"{COURSE} | {exercise} | {student} | {case}"))


def fingerprint(key: bytes) -> str:
    """Return 16 hex characters that tell two keys apart and reveal neither."""
    return _digest(key, "fingerprint").hex()[:16]


def pseudonyms(key: bytes, students: Iterable[str]) -> dict[str, str]:
    """Give each student a pseudonym of 8 hex characters, different from all others.

    Parameters
    ----------
    key : bytes
        The secret key. Without it, a pseudonym cannot be traced back to a student.
    students : iterable of str
        The students' ids.

    Returns
    -------
    dict
        {student id: pseudonym}.

    Examples
    --------
    >>> {student: len(name) for student, name in pseudonyms(b"key", ["ann", "bob"]).items()}
    {'ann': 8, 'bob': 8}
    """
    given: dict[str, str] = {}
    for student in sorted(students):
        tried = 0
        while (name := _digest(key, f"pseudonym | {student} | {tried}").hex()[:8]) in given.values():
            tried += 1
        given[student] = name
    return given


def _digest(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
