"""The stages of a cascade, against OpenCV's own detector, and on images where the answer is known."""

import cv2
import numpy as np
import pytest
import skimage.data
from cascades import NEEDS_HAAR

from course_lib import faces
from course_lib.core.errors import CourseError
from course_lib.datasets import embedded, london
from course_lib.faces import finding, stages

LBP = skimage.data.lbp_frontal_face_cascade_filename()
FACE = (172, 60, 110, 130)  # the astronaut's, in the 512 x 512 photograph


@pytest.fixture(scope="module")
def half():
    """The astronaut in grey, half as wide: 256 x 256 pixels."""
    grey = cv2.cvtColor(skimage.data.astronaut(), cv2.COLOR_RGB2GRAY)
    return cv2.resize(grey, (256, 256), interpolation=cv2.INTER_AREA)


@pytest.fixture(scope="module")
def haar(half):
    return stages.windows(half)


@NEEDS_HAAR
def test_the_file_of_g7_has_25_stages_that_grow():
    kind, side, found = stages.read()
    sizes = [len(stage.features) for stage in found]
    assert (kind, side, len(found), sum(sizes)) == ("HAAR", 24, 25, 2913)
    assert sizes[:5] == [9, 16, 27, 32, 52] and sizes[-1] == 200
    first = found[0].features[0]
    assert first.boxes.tolist() == [[6, 4, 12, 9], [6, 7, 12, 3]] and first.weights.tolist() == [-1, 3]


@NEEDS_HAAR
def test_as_many_windows_pass_all_stages_as_opencv_finds(half, haar):
    found = faces.cascade_classifier().detectMultiScale(half, scaleFactor=1.3, minNeighbors=0)
    left = haar[haar["passed"] == 25]
    assert len(left) == len(found) == 14
    boxes = left[["x", "y", "side", "side"]].to_numpy()
    off = [np.abs(boxes - box).max(axis=1).min() for box in found]
    assert sorted(off)[-2] < 1  # another window at the shuttle, by a hair, and the same ones on the face


@NEEDS_HAAR
def test_each_stage_rejects_windows_and_most_are_gone_after_five(haar):
    left = [(haar["passed"] >= number).sum() for number in range(26)]
    assert left == sorted(left, reverse=True) and left[0] == len(haar) > 40_000
    assert 0.02 < left[5] / left[0] < 0.08


def test_the_lbp_cascade_finds_the_face(half):
    table = stages.windows(half, LBP)
    best = table[table["passed"] == 20]
    assert len(best)
    boxes = best[["x", "y", "side", "side"]].to_numpy() * 2
    assert max(faces.overlap(box, FACE) for box in boxes) > 0.5


@pytest.mark.parametrize(
    "path", [pytest.param(None, marks=NEEDS_HAAR, id="haar"), pytest.param(LBP, id="lbp")]
)
def test_a_flat_image_passes_no_stage_of_lbp_and_is_no_face(path):
    passed = stages.windows(np.full((60, 60), 128, np.uint8), path)["passed"]
    assert passed.max() < len(stages.read(path)[2])


def test_windows_lie_in_the_image_and_grow_by_the_factor(half):
    table = stages.windows(half, LBP, scale=1.5)
    sides = np.unique(table["side"])
    np.testing.assert_allclose(sides[1:] / sides[:-1], 1.5)
    assert sides[0] == 24 and (table[["x", "y"]].min() == 0).all()
    over = table[["x", "y"]].max(axis=1) + table["side"] - 256
    assert (over <= table["side"] / 24).all()  # half a pixel of the smaller image, and a rounding


@NEEDS_HAAR
def test_how_far_a_known_face_gets():
    table = london.table(embedded.folder("london")).head(2)
    image = cv2.imread(table["path"][0], cv2.IMREAD_GRAYSCALE)
    assert stages.best(image, london.points(table)[0]) == 25
    beside = london.points(table)[0] * 0.2 + (280, 280)  # in the corner, where no face is
    assert stages.best(image, beside) < 25


def test_points_outside_the_image_are_on_no_window():
    points = np.array([[900.0, 900], [890, 900], [850, 900], [860, 900], [875, 930]])
    assert stages.best(np.full((60, 60), 128, np.uint8), points, LBP) == 0


@pytest.mark.parametrize("scale", [1, 0.9, np.nan])
def test_windows_that_do_not_grow_are_refused(scale):
    with pytest.raises(CourseError, match="must grow"):
        stages.windows(np.zeros((60, 60), np.uint8), LBP, scale)


def test_an_image_smaller_than_a_window_is_refused():
    with pytest.raises(CourseError, match="smaller than a window"):
        stages.windows(np.zeros((20, 60), np.uint8), LBP)


@NEEDS_HAAR
@pytest.mark.parametrize(
    "name, message",
    [("haarcascade_frontalface_alt2.xml", "not stumps"), ("haarcascade_smile.xml", "tilted")],
)
def test_a_cascade_of_another_kind_is_refused(name, message):
    with pytest.raises(CourseError, match=message):
        stages.read(finding.cascade_path(name))


@pytest.mark.parametrize("text", ["no xml", "<a><b/></a>"], ids=["text", "other xml"])
def test_a_file_that_is_no_cascade_is_refused(text, tmp_path):
    (tmp_path / "own.xml").write_text(text, encoding="utf-8")
    with pytest.raises(CourseError, match=r"own\.xml: it (cannot be read|is not a Haar or LBP cascade)"):
        stages.read(tmp_path / "own.xml")
    with pytest.raises(CourseError, match="cannot be read"):
        stages.read(tmp_path / "none.xml")
