"""FER+'s votes: read, joined to the faces, and turned into soft labels."""

import numpy as np
import pandas as pd
import pytest
from small_faces import flat_faces

from course_lib.core.errors import CourseError
from course_lib.datasets import fer2013, ferplus


def votes_of(*rows, usage="Training"):
    return pd.DataFrame(rows, columns=ferplus.VOTES).assign(Usage=usage)


def test_soft_labels_are_in_our_order_and_drop_the_rest():
    #                neutral hap sur sad ang dis fear con unk NF
    votes = votes_of(
        (4, 0, 0, 1, 3, 2, 0, 0, 0, 0), (0, 2, 0, 0, 0, 0, 2, 3, 2, 1), (0, 0, 0, 0, 0, 0, 0, 1, 2, 7)
    )
    soft = ferplus.soft_labels(votes)
    np.testing.assert_allclose(
        soft, [[0.3, 0.2, 0, 0, 0.1, 0, 0.4], [0, 0, 0.5, 0.5, 0, 0, 0], [0] * 7], rtol=1e-6
    )
    assert soft.dtype == np.float32
    assert ferplus.not_a_face(votes).tolist() == [False, False, True]


def test_not_a_face_needs_more_than_half_of_the_votes():
    assert not ferplus.not_a_face(votes_of((5, 0, 0, 0, 0, 0, 0, 0, 0, 5)))[0]


@pytest.mark.parametrize(
    "row, agreement",
    [
        ((10, 0, 0, 0, 0, 0, 0, 0, 0, 0), 1.0),
        ((9, 1, 0, 0, 0, 0, 0, 0, 0, 0), 0.9),  # the one finds nine against it
        ((5, 5, 0, 0, 0, 0, 0, 0, 0, 0), 0.0),  # each finds four with it and five against
        ((6, 4, 0, 0, 0, 0, 0, 0, 0, 0), 0.6),
        ((2, 1, 1, 1, 1, 1, 1, 1, 1, 0), 0.02 * 10 / 9),  # the two find nine columns with one vote each
        ((0, 0, 0, 0, 0, 0, 0, 0, 0, 9), 1.0),  # nine raters
    ],
)
def test_a_rater_against_the_others(row, agreement):
    assert ferplus.rater_agreement(votes_of(row)) == pytest.approx(agreement)


def test_votes_are_read_and_joined_by_row(tmp_path):
    path = tmp_path / "votes.csv"
    path.write_text(
        "Usage,Image name," + ",".join(ferplus.VOTES) + "\nTraining,,10,0,0,0,0,0,0,0,0,0\n"
        "PublicTest,fer1.png,0,9,0,0,0,0,0,0,0,0\n"
    )
    votes = ferplus.read_votes(path)
    assert votes["happiness"].tolist() == [0, 9] and votes["Image name"].tolist() == ["", "fer1.png"]
    faces = flat_faces([1, 2], [0, 1], ["Training", "PublicTest"])
    ferplus.check_votes(votes, faces)
    with pytest.raises(CourseError, match="face 1 is PublicTest here and Training"):
        ferplus.check_votes(votes, faces._replace(usage=np.array(["Training", "Training"])))
    with pytest.raises(CourseError, match="2 rows for 1 faces"):
        ferplus.check_votes(votes, fer2013.subset(faces, "Training"))


@pytest.mark.parametrize("cell", ["x", "", "-1", "2.5", "11"])
def test_wrong_votes_are_named_by_row(tmp_path, cell):
    path = tmp_path / "votes.csv"
    path.write_text(
        "Usage,Image name," + ",".join(ferplus.VOTES) + "\nTraining,,10,0,0,0,0,0,0,0,0,0\n"
        f"Training,,{cell},0,0,0,0,0,0,0,0,0\n"
    )
    with pytest.raises(CourseError, match=r"votes.csv, row 3: its votes"):
        ferplus.read_votes(path)


@pytest.mark.parametrize(
    "content, expected",
    [
        (None, "no such file"),
        (b"", "cannot be read"),
        (b"a,b\n1,2\n", "missing"),
        (b"\xff\xfe\x00\x80", "cannot be read"),
    ],
)
def test_another_file_than_the_votes_is_refused(tmp_path, content, expected):
    path = tmp_path / "votes.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CourseError, match=expected):
        ferplus.read_votes(path)
