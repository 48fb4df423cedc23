"""What late work costs, and what a further answer to a question gives."""

import functools
import re
from datetime import timedelta
from typing import NamedTuple

from course_lib.core.errors import CourseError


class Penalty(NamedTuple):
    """What late work costs, as fractions of the points that the answer got."""

    rate: float  # for each started unit
    unit: timedelta
    most: float = 1.0
    grace: timedelta = timedelta()  # work that is late by less is in time


UNITS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}
_SPANS = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "day": timedelta(days=1)}
LOOKS = "Write for example 10%/day, or 10%/day,max=50%,grace=15min"


@functools.cache
def penalty(text: str) -> Penalty:
    """Read a penalty.

    Parameters
    ----------
    text : str
        Such as "10%/day", "5%/hour,max=50%" or "10%/day,max=50%,grace=15min".

    Returns
    -------
    Penalty
        The penalty.

    Raises
    ------
    CourseError
        If the text is none.

    Examples
    --------
    >>> penalty("10%/day,max=50%").most
    0.5
    """
    number = r"(\d+(?:\.\d+)?)"
    found = re.fullmatch(
        rf"{number}%/(hour|day|week)(?:,max={number}%)?(?:,grace={number}(min|h|day))?", text.replace(" ", "")
    )
    if not found or not 0 < float(found[1]) <= 100 or float(found[3] or 0) > 100:
        raise CourseError(f"--late {text}", "this is not a penalty", LOOKS)
    grace = float(found[4]) * _SPANS[found[5]] if found[4] else timedelta()
    return Penalty(float(found[1]) / 100, UNITS[found[2]], float(found[3] or 100) / 100, grace)


@functools.cache
def fractions(text: str) -> tuple[float, ...]:
    """Read what the first, the second ... answer to a question gives.

    Parameters
    ----------
    text : str
        Such as "100%,50%": all points, half of them, and none for a third answer.

    Returns
    -------
    tuple of float
        A fraction of the points for each try. They never rise.

    Raises
    ------
    CourseError
        If the text cannot be read.

    Examples
    --------
    >>> fractions("100%, 50%")
    (1.0, 0.5)
    """
    parts = text.replace(" ", "").split(",")
    found = tuple(
        float(part[:-1]) / 100 if re.fullmatch(r"\d+(\.\d+)?%", part) else float("nan") for part in parts
    )
    if not all(0 <= after <= before <= 1 for before, after in zip((1.0, *found), found, strict=False)):
        raise CourseError(
            f"--tries {text}", "this is not a list of falling percentages", "Write for example 100%,50%"
        )
    return found
