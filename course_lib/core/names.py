"""Checks of names that a user gives. Without NumPy and pandas, so that a wrong name is refused at once."""

from collections.abc import Iterable
from difflib import get_close_matches

from course_lib.core.errors import CourseError


def did_you_mean(value: object, choices: Iterable) -> str:
    """The choice spelt most like `value`, as a question that an error can end with; "" where none is close.

    Parameters
    ----------
    value : object
        The name that was not found.
    choices : iterable
        The names that exist. Case does not count.

    Returns
    -------
    str

    Examples
    --------
    >>> did_you_mean("speaker independent", ["grouped by clip", "speaker-independent"])
    "Did you mean 'speaker-independent'? "
    >>> did_you_mean("hgo", ["how", "hog"])
    "Did you mean 'hog'? "
    >>> did_you_mean(7, ["haar", "lbp"])
    ''
    """
    known = {str(choice).lower(): choice for choice in choices}
    word = str(value).lower()
    close = get_close_matches(word, known)
    close.sort(key=lambda one: sorted(one) != sorted(word))  # first those with the same letters
    return f"Did you mean {known[close[0]]!r}? " if close else ""


def check_choice(name: str, value: object, choices: Iterable) -> None:
    """Check that `value` is one of a fixed set of names or numbers.

    Parameters
    ----------
    name : str
        What an error calls the argument, such as "protocol".
    value : object
        What the caller gave.
    choices : iterable
        The values allowed, in the order in which an error lists them.

    Raises
    ------
    CourseError
        If `value` is not one of `choices`. The message names the closest one, if any is close.

    Examples
    --------
    >>> check_choice("detector", "haar", ["haar", "lbp"])
    >>> check_choice("detector", "harr", ["haar", "lbp"])
    Traceback (most recent call last):
    course_lib.core.errors.CourseError: detector 'harr': there is no such detector. Did you mean 'haar'? ...
    """
    choices = list(choices)
    if value not in choices:
        raise CourseError(
            f"{name} {value!r}",
            f"there is no such {name}",
            f"{did_you_mean(value, choices)}Choose from {', '.join(map(str, choices))}",
        )
