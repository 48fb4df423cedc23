"""Types of command-line options: each converts the typed text, or tells what it should look like."""

import argparse
from collections.abc import Callable, Iterable
from datetime import datetime


def one_of(choices: Iterable[str]) -> Callable[[str], str]:
    """Make a type that takes one of a few names, and else suggests the nearest one.

    Examples
    --------
    >>> one_of(["quick", "lecture"])("lecture")
    'lecture'
    """
    choices = list(choices)

    def name(text: str) -> str:
        if text in choices:
            return text
        from course_lib.core.names import did_you_mean

        raise argparse.ArgumentTypeError(
            f"there is no {text!r}. {did_you_mean(text, choices)}Choose from {', '.join(choices)}"
        )

    return name


def numbers(text: str) -> list[int]:
    """Convert "1,2" to [1, 2].

    Examples
    --------
    >>> numbers("1,2")
    [1, 2]
    """
    try:
        return [int(number) for number in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} should be numbers with commas between them, such as 1,2"
        ) from None


def words(text: str) -> list[str]:
    """Convert "calm,angry" to ["calm", "angry"].

    Examples
    --------
    >>> words("calm,angry")
    ['calm', 'angry']
    """
    return text.split(",")


def count(text: str) -> int:
    """Convert a whole number, 0 or more.

    Examples
    --------
    >>> count("0")
    0
    """
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} should be a whole number, 0 or more")
    return int(text)


def positive(text: str) -> int:
    """Convert a whole number, 1 or more.

    Examples
    --------
    >>> positive("3")
    3
    """
    if not (text.isdecimal() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} should be a whole number, 1 or more")
    return int(text)


def shard(text: str) -> tuple[int, int]:
    """Convert "3/16" to (3, 16).

    Examples
    --------
    >>> shard("3/16")
    (3, 16)
    """
    part, _, parts = text.partition("/")
    if not (part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise argparse.ArgumentTypeError(f"{text!r} should be part/parts, such as 3/16")
    return int(part), int(parts)


def time(text: str) -> datetime:
    """Convert a day and a time. Without a time zone it is this machine's.

    Examples
    --------
    >>> time("2026-12-01T12:00+00:00").timestamp()
    1796126400.0
    """
    try:
        if "T" not in text:
            raise ValueError
        return datetime.fromisoformat(text).astimezone()
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} should be a day and a time, such as 2026-12-01T12:00"
        ) from None


def deadline(text: str) -> tuple[str, datetime]:
    """Convert "02=2026-12-01T12:00" to ("02", time), and a time alone to ("", time).

    Examples
    --------
    >>> deadline("02=2026-12-01T12:00+00:00")[0]
    '02'
    """
    lesson, found, when = text.rpartition("=")
    if found and not (lesson.isdecimal() and len(lesson) == 2):
        raise argparse.ArgumentTypeError(
            f"{text!r} should be a lesson and its time, such as 02=2026-12-01T12:00"
        )
    return lesson, time(when)
