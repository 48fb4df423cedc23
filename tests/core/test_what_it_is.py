"""What a file is that is not the table it should be: told from its first bytes, by each reader of tables."""

import bz2
import gzip
import io
import lzma
import sqlite3
import tarfile
import zipfile
from contextlib import closing

import numpy as np
import pytest

from course_lib.core.errors import CourseError
from course_lib.core.io import check_table, what_it_is
from course_lib.datasets import crema_d, fer2013, ferplus
from course_lib.exercises import cells
from course_lib.grading import roster

TEXT = b"student,emotion,pixels,Usage\n1,2,3,4\n"


def zipped(name="a.csv"):
    with zipfile.ZipFile(buffer := io.BytesIO(), "w") as archive:
        archive.writestr(name, TEXT)
    return buffer.getvalue()


def tarred():
    with tarfile.open(fileobj=(buffer := io.BytesIO()), mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.csv"), io.BytesIO())
    return buffer.getvalue()


def packed(name, content=b""):
    """A zip as office programs write it: `name` is its first member."""
    with zipfile.ZipFile(buffer := io.BytesIO(), "w") as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


def nothing_packed():
    with zipfile.ZipFile(buffer := io.BytesIO(), "w"):
        pass
    return buffer.getvalue()


def array():
    np.save(buffer := io.BytesIO(), np.zeros(3))
    return buffer.getvalue()


def database():
    with closing(sqlite3.connect(":memory:")) as one:
        one.execute("CREATE TABLE votes (n)")
        return one.serialize()


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
    # of our own making
    "empty zip": (nothing_packed(), "an empty zip archive"),
    "LibreOffice": (
        packed("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        "a LibreOffice file",
    ),
    "Numbers": (packed("Index/Document.iwa"), "a file of Numbers"),
    "bzip2": (bz2.compress(TEXT), r"compressed \(bzip2\)"),
    "xz": (lzma.compress(TEXT), r"compressed \(xz\)"),
    "7z": (b"7z\xbc\xaf\x27\x1c\x00\x04", "7z archive"),
    "rar": (b"Rar!\x1a\x07\x01\x00", "rar archive"),
    "zstd": (b"\x28\xb5\x2f\xfd\x24\x00", r"compressed \(zstd\)"),
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(90), "an old Excel or Word file"),
    "rich text": (rb"{\rtf1\ansi emotion,pixels}", r"a text document \(rtf\)"),
    "Parquet": (b"PAR1\x15\x04\x15", "a Parquet file"),
    "HDF5": (b"\x89HDF\r\n\x1a\n" + bytes(9), "an HDF5 file"),
    "NumPy": (array(), "an array of NumPy"),
    "SQLite": (database(), "a database"),
    "image": (b"\xff\xd8\xff\xe0" + bytes(90), "an image"),
    "UTF-16 of Excel": (b"\xfe\xff" + TEXT.decode().encode("utf-16-be"), "UTF-16"),
    "UTF-16 without a mark": (TEXT.decode().encode("utf-16-le"), "UTF-16"),
    "UTF-16 without a mark, turned round": (TEXT.decode().encode("utf-16-be"), "UTF-16"),
    "UTF-32": (TEXT.decode().encode("utf-32"), "UTF-32"),
    "XML": (b'<?xml version="1.0"?>\n<Workbook><Worksheet/></Workbook>', "it is XML"),
    "web page with a mark": (b"\xef\xbb\xbf\r\n<html><head></head></html>", "a web page"),
    "pointer after a mark": (
        b"\xef\xbb\xbfversion https://git-lfs.github.com/spec/v1\n",
        "pointer of Git LFS",
    ),
    "answer of a server": (b"404: Not Found", r"server's error message \(404: Not Found\)"),
    "refusal of a server": (b"403 Forbidden\n", r"server's error message \(403 Forbidden\)"),
    "JSON": (b'{"message": "PID does not exist"}', "it is JSON"),
    "Excel's mark of semicolons": (b"sep=;\n" + TEXT.replace(b",", b";"), "its first line is sep=;"),
    "bars": (TEXT.replace(b",", b"|"), "separated by vertical bars"),
    "semicolons with a mark": (b"\xef\xbb\xbf" + TEXT.replace(b",", b";"), "separated by semicolons"),
    "semicolons, old line ends": (TEXT.replace(b",", b";").replace(b"\n", b"\r"), "separated by semicolons"),
}
OF_TABLES = [name for name in FAULTS if "semicolons" in name or name in ("tabs", "bars", "JSON")]


def votes(path):
    folder = path.parent / "votes"
    folder.mkdir()
    return crema_d.votes(path.rename(folder / crema_d.ORIGINAL_VOTES))


READERS = {
    "FER2013": fer2013.read,
    "FER+": ferplus.read_votes,
    "CREMA-D's votes": votes,
    "roster": roster.read_roster,
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


@pytest.mark.parametrize("fault", [name for name in FAULTS if name not in OF_TABLES])
def test_what_is_no_notebook_is_named(fault):
    content, named = FAULTS[fault]
    with pytest.raises(CourseError, match=f"not a complete notebook.*{named}"):
        cells.opened(content, "02.ipynb")


def test_text_in_any_language_is_text():
    for text in ("name,Größe\n", "\ufeffstudent\n", "学生,名\n"):
        assert what_it_is(text.encode()) is None
    for text in ("1,2,3\n", "404,Not Found\n", "version,https\n", "a<b,c\n"):
        assert what_it_is(text.encode()) is None


def test_a_good_table_passes(tmp_path):
    for content in (TEXT, b"\xef\xbb\xbf" + TEXT, TEXT.replace(b"\n", b"\r\n"), b"\n" + TEXT, b'"a;b",c\n'):
        (tmp_path / "a.csv").write_bytes(content)
        check_table(tmp_path / "a.csv", "Give a table")
