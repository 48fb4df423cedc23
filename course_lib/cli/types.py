"""Types of options: each makes a value of what was typed, or says what it should be."""

import argparse
from datetime import datetime


def numbers(text) -> list[int]:
    """ "1,2" as [1, 2]."""
    try:
        return [int(number) for number in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} should be numbers with commas between them, such as 1,2"
        ) from None


def words(text) -> list[str]:
    """ "calm,angry" as ["calm", "angry"]."""
    return text.split(",")


def count(text) -> int:
    """A whole number, 0 or more."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} should be a whole number, 0 or more")
    return int(text)


def positive(text) -> int:
    """A whole number, 1 or more."""
    if not (text.isdecimal() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} should be a whole number, 1 or more")
    return int(text)


def shard(text) -> tuple[int, int]:
    """ "3/16" as (3, 16)."""
    part, _, parts = text.partition("/")
    if not (part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise argparse.ArgumentTypeError(f"{text!r} should be part/parts, such as 3/16")
    return int(part), int(parts)


def time(text) -> datetime:
    """ "2026-12-01T12:00" with a time zone: this machine's, where none is given."""
    try:
        if "T" not in text:
            raise ValueError
        return datetime.fromisoformat(text).astimezone()
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} should be a day and a time, such as 2026-12-01T12:00"
        ) from None
