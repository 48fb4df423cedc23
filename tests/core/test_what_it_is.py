"""What a file is that is not the table it should be: told from its first bytes, by each reader of tables."""

import gzip
import io
import tarfile
import zipfile

import pytest

from course_lib.core.errors import CourseError
from course_lib.core.io import check_table, what_it_is
from course_lib.datasets import crema_d, fer2013, ferplus
from course_lib.exercises import cells
from course_lib.grading import intake

TEXT = b"student,emotion,pixels,Usage\n1,2,3,4\n"


def zipped(name="a.csv"):
    with zipfile.ZipFile(buffer := io.BytesIO(), "w") as archive:
        archive.writestr(name, TEXT)
    return buffer.getvalue()


def tarred():
    with tarfile.open(fileobj=(buffer := io.BytesIO()), mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.csv"), io.BytesIO())
    return buffer.getvalue()


FAULTS = {
    "zip": (zipped(), "zip archive"),
    "Excel": (zipped("[Content_Types].xml"), "Excel or Word file"),
    "gzip": (gzip.compress(TEXT), r"compressed \(gzip\)"),
    "tar": (tarred(), "tar archive"),
    "UTF-16": (TEXT.decode().encode("utf-16"), "UTF-16"),
    "web page": (b"\n <!DOCTYPE html><html>Log in</html>", "web page"),
    "pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "pointer of Git LFS"),
    "PDF": (b"%PDF-1.7\n", "PDF"),
    "semicolons": (TEXT.replace(b",", b";"), "separated by semicolons"),
    "tabs": (TEXT.replace(b",", b"\t"), "separated by tabs"),
    "empty": (b" \n", "it is empty"),
    "bytes": (b"ab\x00\x01", "not text"),
}


def votes(path):
    folder = path.parent / "votes"
    folder.mkdir()
    return crema_d.votes(path.rename(folder / crema_d.ORIGINAL_VOTES))


READERS = {
    "FER2013": fer2013.read,
    "FER+": ferplus.read_votes,
    "CREMA-D's votes": votes,
    "roster": intake.read_roster,
    "check": lambda path: check_table(path, "Give a table"),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("fault", FAULTS)
def test_each_reader_of_tables_names_each_fault(tmp_path, reader, fault):
    content, named = FAULTS[fault]
    (tmp_path / "table.csv").write_bytes(content)
    with pytest.raises(CourseError, match=named) as caught:
        READERS[reader](tmp_path / "table.csv")
    assert "\n" not in str(caught.value) and ".csv" in str(caught.value)


@pytest.mark.parametrize("fault", [name for name in FAULTS if name not in ("semicolons", "tabs")])
def test_what_is_no_notebook_is_named(fault):
    content, named = FAULTS[fault]
    with pytest.raises(CourseError, match=f"not a complete notebook.*{named}"):
        cells.opened(content, "02.ipynb")


def test_text_in_any_language_is_text():
    for text in ("name,Größe\n", "\ufeffstudent\n", "学生,名\n"):
        assert what_it_is(text.encode()) is None
