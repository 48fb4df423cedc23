"""The London set as it is written for the course."""

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
