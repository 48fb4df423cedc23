"""The London set: names, the table of what comes with the course, and the five points."""

import cv2
import numpy as np
import pytest

from course_lib.core.errors import CourseError
from course_lib.datasets import embedded, london


def empty(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


@pytest.fixture(scope="module")
def found():
    return london.table(embedded.folder("london"))


def test_102_people_are_there_once_neutral_and_once_smiling(found):
    assert len(found) == 204
    assert set(found.groupby("actor")["expression"].agg(tuple)) == {("neutral", "smiling")}
    assert found.drop_duplicates("actor")["gender"].value_counts().to_dict() == {"male": 53, "female": 49}
    assert found["age"].isna().sum() == 4 and (found["age"].min(), found["age"].max()) == (18, 54)
    assert set(found["emotion"][found["expression"] == "smiling"]) == {"happy"}
    assert list(found.columns) == [
        "path",
        "expression",
        "emotion",
        "actor",
        "gender",
        "age",
        "ethnicity",
        "recording",
        "corpus",
    ]


def test_the_photographs_can_be_read(found):
    for path in found["path"]:
        assert cv2.imread(path).shape == (350, 350, 3)


def test_a_full_download_gives_the_same_table(tmp_path, found):
    codes = {expression: code for expression, (code, _) in london.EXPRESSIONS.items()}
    for row in found.itertuples():
        empty(tmp_path / f"{row.expression}_front" / f"{row.actor:03d}_{codes[row.expression]}.jpg")
    other = london.table(tmp_path).sort_values("recording", ignore_index=True)
    assert other.drop(columns="path").equals(found.drop(columns="path"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("photo.jpg", r"its name is not a name of the London set\. A name has the form 001_neutral\.jpg"),
        ("001_laughing.jpg", "its name is not a name of the London set"),
        ("001_01.jpg", r"its code of the expression is '01'\. Allowed are 03"),
        ("999_03.jpg", "the set has no person 999"),
    ],
)
def test_wrong_names_say_what_is_wrong(name, expected):
    with pytest.raises(CourseError, match=expected):
        london.parse_name(name)


def test_other_photographs_are_left_out_and_listed(tmp_path):
    empty(tmp_path / "001_03.jpg")
    empty(tmp_path / "001_02.jpg")
    empty(tmp_path / "001_03.tem")
    with pytest.warns(UserWarning, match=r"1 of 2 photographs are left out because(.|\n)*001_02\.jpg"):
        assert london.table(tmp_path)["recording"].tolist() == ["001_neutral"]


def test_without_the_set_it_says_where_to_get_it(tmp_path):
    for folder in (None, tmp_path / "nowhere", tmp_path):
        with pytest.raises(CourseError, match=r'embedded\.folder\("london"\), or unpack'):
            london.table(folder)
    with pytest.raises(CourseError, match=r"contains no London photograph \(no jpg, jpeg, png … file at all"):
        london.table(tmp_path)


def test_the_points_are_in_the_order_of_their_names(found):
    points = london.points(found)
    assert points.shape == (204, 5, 2) and points.dtype == np.float32
    left_outer, left_inner, right_outer, right_inner, nose = np.moveaxis(points, 1, 0)
    x = np.stack([right_outer, right_inner, nose, left_inner, left_outer])[..., 0]
    assert (np.diff(x, axis=0) > 0).all()  # the person's left is at the right of the image
    eyes = points[:, :4].mean(axis=1)
    assert (nose[:, 1] > eyes[:, 1] + 20).all()
    assert points.min() > 0 and points.max() < 350


def test_the_points_can_be_had_for_the_originals_and_for_some_rows(found):
    some = found.iloc[[7, 3]]
    points = london.points(some)
    np.testing.assert_array_equal(points, london.points(found)[[7, 3]])
    # The corners of the photograph are at -0.5 and 349.5, and at -0.5 and 1349.5 in the original.
    np.testing.assert_allclose(
        london.points(some, london.ORIGINAL_WIDTH) + 0.5, (points + 0.5) * 1350 / 350, rtol=1e-5
    )


def test_a_photograph_without_points_is_an_error(found):
    with pytest.raises(CourseError, match="there are none for 999_neutral"):
        london.points(found.head(1).assign(recording="999_neutral"))


def test_twelve_different_people_may_be_shown(found):
    some = london.shown(found)
    assert set(some["actor"]) == set(london.SHOWN) and len(london.SHOWN) == 12
    people = some.drop_duplicates("actor")
    assert people["gender"].value_counts().min() >= 5 and people["ethnicity"].nunique() >= 4
    assert some["expression"].value_counts().to_dict() == {"neutral": 12, "smiling": 12}


def test_the_landmarks_of_the_neutral_faces_lie_on_their_parts(found):
    """Left is the person's left: at the right of the image. The corners of the eyes are near dlib's."""
    neutral = found[found["expression"] == "neutral"]
    points = london.landmarks(neutral)
    assert points.shape == (102, 189, 2) and points.dtype == np.float32
    middles = {part: points[:, list(numbers)].mean(axis=1) for part, numbers in london.PARTS.items()}
    for part in ("eye", "brow"):
        assert (middles[f"left_{part}"][:, 0] > middles[f"right_{part}"][:, 0] + 30).all()
    for side in ("left", "right"):
        assert (middles[f"{side}_brow"][:, 1] < middles[f"{side}_eye"][:, 1]).all()
    assert (middles["mouth"][:, 1] > middles["left_eye"][:, 1] + 40).all()
    off = np.linalg.norm(points[:, london.HEAD[:5]] - london.points(neutral), axis=2)
    assert off.mean() < 1.5 and off.max() < 4
    right_corner, left_corner, chin = np.moveaxis(points[:, london.HEAD[5:]], 1, 0)
    assert (right_corner[:, 0] < chin[:, 0]).all() and (chin[:, 0] < left_corner[:, 0]).all()
    assert (chin[:, 1] > left_corner[:, 1] + 20).all()


def test_the_landmarks_are_in_the_order_of_the_table(found):
    some = found[found["expression"] == "neutral"].iloc[[7, 3]]
    every = london.landmarks(found[found["expression"] == "neutral"])
    np.testing.assert_array_equal(london.landmarks(some), every[[7, 3]])


def test_a_smiling_face_has_no_landmarks(found):
    with pytest.raises(CourseError, match=r"there are none for 001_smiling, .*Give neutral photographs"):
        london.landmarks(found)
