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


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ((10, 0, 0, 0, 0, 0, 0, 0, 0, 0), {"neutral": 1}),
        ((8, 1, 1, 0, 0, 0, 0, 0, 0, 0), {"neutral": 1}),  # single votes do not count
        ((6, 0, 0, 4, 0, 0, 0, 0, 0, 0), {"neutral": 0.6, "sad": 0.4}),
        ((7, 0, 0, 3, 0, 0, 0, 0, 0, 0), {"neutral": 0.7, "sad": 0.3}),  # 70 % is below three quarters
        ((8, 0, 0, 2, 0, 0, 0, 0, 0, 0), {"neutral": 1}),  # 80 % is enough: the rest is left out
        ((4, 3, 3, 0, 0, 0, 0, 0, 0, 0), {"neutral": 0.4, "happy": 0.3, "surprise": 0.3}),
        ((0, 0, 0, 0, 0, 0, 0, 6, 4, 0), {"contempt": 1}),  # "unknown" comes second and ends the list
        ((2, 2, 2, 2, 2, 0, 0, 0, 0, 0), {}),  # five columns of two votes
        ((0, 4, 0, 0, 0, 0, 0, 0, 6, 0), {}),  # most raters chose "unknown"
        ((0, 0, 0, 0, 0, 0, 0, 0, 0, 10), {}),  # not a face
        ((1, 1, 1, 1, 1, 1, 1, 1, 1, 1), {}),
    ],
)
def test_training_labels_follow_the_rules_of_the_makers(row, expected):
    found = ferplus.training_labels(votes_of(row))
    assert found.shape == (1, 8) and found.dtype == np.float32
    wanted = [expected.get(name, 0) for name in ferplus.CLASSES]
    np.testing.assert_allclose(found[0], wanted, atol=1e-6)


def test_a_majority_is_more_than_half_of_the_votes_that_count():
    rows = votes_of(
        (6, 4, 0, 0, 0, 0, 0, 0, 0, 0),
        (5, 5, 0, 0, 0, 0, 0, 0, 0, 0),
        (5, 2, 1, 1, 1, 0, 0, 0, 0, 0),  # 5 of the 7 that count
        (0, 0, 0, 0, 0, 0, 0, 0, 6, 4),
    )
    found = ferplus.training_labels(rows, "majority")
    assert found.sum(axis=1).tolist() == [1, 0, 1, 0] and found[[0, 2], 0].tolist() == [1, 1]
    with pytest.raises(CourseError, match="kind"):
        ferplus.training_labels(rows, "majorty")
    assert ferplus.training_labels(rows.iloc[:0]).shape == (0, 8)


def test_the_commonest_emotion_is_one_of_the_seven_and_without_a_tie():
    rows = votes_of(
        (0, 0, 0, 0, 3, 0, 2, 2, 2, 1),
        (4, 4, 2, 0, 0, 0, 0, 0, 0, 0),
        (3, 0, 0, 0, 0, 0, 0, 7, 0, 0),
        (0, 0, 0, 0, 0, 0, 1, 0, 0, 0),
    )
    assert ferplus.commonest_emotion(rows).tolist() == [4, -1, -1, 6]
    assert ferplus.CLASSES[4] == "angry"


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
        (b"", "it is empty"),
        (b"a,b\n1,2\n", "missing"),
        (b"a\xff\xe4,b", "cannot be read"),
    ],
)
def test_another_file_than_the_votes_is_refused(tmp_path, content, expected):
    path = tmp_path / "votes.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CourseError, match=expected):
        ferplus.read_votes(path)
