"""An error names the file, what is wrong with it and what to do."""

from course_lib.core.errors import CourseError


def test_an_error_says_what_is_wrong_and_what_to_do():
    error = CourseError("clip.mp4", "it is empty", "Fetch it again")
    assert isinstance(error, ValueError) and str(error) == "clip.mp4: it is empty. Fetch it again"
