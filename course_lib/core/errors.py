"""The errors that a student or teacher can mend."""


class CourseError(ValueError):
    """Something a student or teacher can mend: names the file, what is wrong with it and what to do."""

    def __init__(self, what: object, wrong: object, todo: object) -> None:
        super().__init__(f"{what}: {wrong}. {todo}")


class NotInstalled(CourseError, ImportError):
    """A package is missing that only some parts of the course need: says which extra of the course
    brings it."""
