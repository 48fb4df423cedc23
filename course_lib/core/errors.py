"""The errors that a student or teacher can correct."""


class CourseError(ValueError):
    """An error that a student or teacher can correct: its message names what, what is wrong, and what to do.

    Parameters
    ----------
    what : object
        The file or argument, such as a path.
    wrong : object
        What is wrong with it.
    todo : object
        What to do about it.

    Examples
    --------
    >>> raise CourseError("clip.mp4", "it has no sound", "Choose another clip")
    Traceback (most recent call last):
    course_lib.core.errors.CourseError: clip.mp4: it has no sound. Choose another clip
    """

    def __init__(self, what: object, wrong: object, todo: object) -> None:
        super().__init__(f"{what}: {wrong}. {todo}")


class NotInstalled(CourseError, ImportError):
    """An optional package is missing: the message names the extra of the course that installs it."""
