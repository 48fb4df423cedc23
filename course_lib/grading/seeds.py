"""What the secret key gives: inputs of each student's own, ids without names, and a mark of the key itself.

The key never leaves this module's callers: workers get seeds, cache names a fingerprint, and nothing prints
it."""

import hashlib
import hmac
from pathlib import Path

from course_lib.core.errors import CourseError

COURSE = "affective-computing-course-companion"
SHORTEST = 16  # bytes
MAKE = 'python -c "import secrets; print(secrets.token_hex(32))" > seed.key'


def read_key(path) -> bytes:
    """The key in a file, without blanks and line ends around it. Raises `CourseError` for none, or a short
    one.
    """
    path = Path(path)
    if not path.is_file():
        raise CourseError(
            path, "there is no such key file", f"Make one, once a course, and keep it secret: {MAKE}"
        )
    key = path.read_bytes().strip()
    if len(key) < SHORTEST:
        raise CourseError(
            path, f"the key has {len(key)} bytes, at least {SHORTEST} are needed", f"Make one: {MAKE}"
        )
    return key


def seed(key, exercise, student, case) -> int:
    """The seed of one hidden case: HMAC-SHA256(key, "course | exercise | student | case") as a number of 256
    bits.

    Whoever has not the key cannot tell one student's inputs from another's; whoever has it gets the same ones
    again."""
    return int.from_bytes(_digest(key, f"{COURSE} | {exercise} | {student} | {case}"))


def fingerprint(key) -> str:
    """16 hex characters that tell two keys apart and give neither away."""
    return _digest(key, "fingerprint").hex()[:16]


def pseudonyms(key, students) -> dict[str, str]:
    """{student id: 8 hex characters}, no two the same; without the key nobody gets from one to the other."""
    given = {}
    for student in sorted(students):
        tried = 0
        while (name := _digest(key, f"pseudonym | {student} | {tried}").hex()[:8]) in given.values():
            tried += 1
        given[student] = name
    return given


def _digest(key, text):
    return hmac.new(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
