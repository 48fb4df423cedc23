"""The London set as it is written for the course."""

import gzip

import pytest

from course_lib.authoring.embedding import london as making


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data" / "london_faces"
    (folder / "images").mkdir(parents=True)
    rows = ["file,face_id,expression,age,gender,ethnicity"]
    for number, age in (("002", "NA"), ("001", "24")):
        for expression in ("neutral", "smiling"):
            (folder / "images" / f"{number}_{expression}.jpg").write_bytes(f"{number} {expression}".encode())
            rows.append(f"{number}_{expression}.jpg,{number},{expression},{age},female,white")
    (folder / "faces.csv").write_text("\n".join(rows) + "\n")
    return tmp_path / "data"


def test_photographs_are_copied_and_each_person_has_one_row(data, tmp_path):
    written = making.make(data, tmp_path / "made")
    assert [path.name for path in written] == [
        "001_neutral.jpg",
        "001_smiling.jpg",
        "002_neutral.jpg",
        "002_smiling.jpg",
        "people.csv",
    ]
    assert written[1].read_bytes() == b"001 smiling"
    lines = written[-1].read_text().splitlines()
    assert "CC BY 4.0" in lines[0]
    assert lines[1:] == ["actor,gender,age,ethnicity", "1,female,24,white", "2,female,,white"]


def test_the_landmarks_are_copied_in_tenths_of_a_pixel_and_the_same_bytes_each_time(data, tmp_path):
    source = data / "london_faces" / "landmarks189_neutral.csv"
    source.write_text("file,x0,y0\n002_neutral.jpg,10.04,20\n001_neutral.jpg,146.48,163.85\n")
    (tmp_path / "made").mkdir()
    first, again = (making.make_landmarks(data, tmp_path / "made").read_bytes() for _ in range(2))
    assert first == again
    head, *lines = gzip.decompress(first).decode().splitlines()
    assert "CC BY 4.0" in head
    assert lines == ["recording,x0,y0", "001_neutral,146.5,163.8", "002_neutral,10.0,20.0"]
