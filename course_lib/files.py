"""Where the course keeps what it makes and downloads, and how a file gets there whole."""

import errno
import os
from contextlib import contextmanager
from pathlib import Path

import pooch


class CourseError(ValueError):
    """Something a student or teacher can mend: names the file, what is wrong with it and what to do."""

    def __init__(self, what, wrong, todo):
        super().__init__(f"{what}: {wrong}. {todo}")


def home() -> Path:
    """The folder for made and downloaded data: `$COURSE_HOME`, else the user's cache folder."""
    return Path(os.environ.get("COURSE_HOME") or pooch.os_cache("affective-computing-course-companion"))


@contextmanager
def whole_file(path):
    """Yield a temporary path beside `path`; move it into place on success, remove it on failure.

    A reader therefore never meets half a file, and what stood there before stays until the new one is complete.
    The temporary name keeps the ending, which encoders read. Raises `CourseError` when the disk is full.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        yield part
        os.replace(part, path)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise CourseError(path, "there is no space left on the disk",
                              "Free some space, or set COURSE_HOME to a folder on a larger disk") from error
        raise
    finally:
        part.unlink(missing_ok=True)
