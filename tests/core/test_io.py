"""A file gets to its place whole or not at all."""

import errno
import threading

import pytest

from course_lib.core.errors import CourseError
from course_lib.core.io import whole_file


def test_a_file_moves_into_place_when_it_is_complete(tmp_path):
    target = tmp_path / "new" / "folder" / "clip.mp4"
    with whole_file(target) as part:
        part.write_text("whole")
        assert not target.exists()
        assert part.parent == target.parent and part.suffix == ".mp4" and part.name.startswith(".")
    assert target.read_text() == "whole"
    assert [path.name for path in target.parent.iterdir()] == ["clip.mp4"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, OSError])
def test_what_stood_there_stays_when_the_writer_fails(tmp_path, error):
    target = tmp_path / "clip.mp4"
    target.write_text("old")
    with pytest.raises(error), whole_file(target) as part:
        part.write_text("half")
        raise error
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


def test_two_threads_never_write_one_part(tmp_path):
    parts = []
    with whole_file(tmp_path / "clip.mp4") as part:
        part.write_text("one")

        def write_too():
            with whole_file(tmp_path / "clip.mp4") as other:
                parts.append(other)
                other.write_text("two")

        thread = threading.Thread(target=write_too)
        thread.start()
        thread.join()
    assert parts != [part] and (tmp_path / "clip.mp4").read_text() == "one"


def test_a_writer_that_writes_nothing_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError), whole_file(tmp_path / "clip.mp4"):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "number, reason",
    [
        (errno.ENOSPC, "no space left"),
        (errno.EDQUOT, "quota"),
        (errno.EACCES, "permission to write"),
        (errno.EROFS, "read-only"),
    ],
)
def test_the_reason_why_a_file_cannot_be_written_is_named(tmp_path, number, reason):
    clear = pytest.raises(CourseError, match=rf"clip\.mp4: .*{reason}.*COURSE_HOME")
    with clear, whole_file(tmp_path / "clip.mp4") as part:
        part.write_text("half")
        raise OSError(number, "as the system says it")
    assert list(tmp_path.iterdir()) == []
