"""The tiny face detector, and the finder that combines it with a cascade."""

import cv2
import numpy as np
import pytest
import skimage.data

from course_lib import faces
from course_lib.core.errors import CourseError
from course_lib.datasets import embedded
from course_lib.faces import finding, tiny

FACE = (172, 60, 110, 130)  # of the astronaut, drawn by hand


@pytest.fixture(scope="module")
def astronaut():
    return skimage.data.astronaut()


def test_it_finds_one_face_and_is_sure_of_it(astronaut):
    boxes, scores = tiny.detect(astronaut)
    assert len(boxes) == 1 and scores[0] > 0.7 and faces.overlap(boxes[0], FACE) > 0.5


def test_the_output_is_that_of_a_plain_computation():
    """The separable convolution against the sum that defines it, at one place."""
    x = np.random.default_rng(0).normal(size=(1, 6, 7, 16)).astype(np.float32)
    weights = tiny._weights()
    own, mixed = weights["conv1/depthwise_filter"][..., 0], weights["conv1/pointwise_filter"][0, 0]
    summed = (x[0, 1:4, 2:5] * own).sum(axis=(0, 1)) @ mixed + weights["conv1/bias"]
    expected = np.where(summed > 0, summed, 0.1 * summed)
    np.testing.assert_allclose(tiny._separable(x, "conv1", weights)[0, 2, 3], expected, rtol=1e-4)


def test_its_boxes_are_like_those_of_a_cascade():
    """On people of the London set: the crop that the network for emotions gets is nearly the same."""
    shared = []
    for path in sorted((embedded.folder("london") / "images").glob("*.jpg"))[:40:5]:
        image = cv2.imread(str(path))
        box, other = tiny.search(image), faces.find(image)
        if len(box) and len(other):
            shared.append(faces.overlap(box[0], other[0]))
    assert len(shared) >= 5 and np.median(shared) > 0.75


def test_a_grey_wall_has_no_face():
    wall = np.full((300, 400), 90, np.uint8)
    assert not len(faces.find(wall, "steady")) and not len(faces.find(wall, "tiny"))


@pytest.mark.parametrize("size", [(1, 1), (30, 400), (400, 30)])
def test_images_of_any_shape_are_taken(size):
    assert tiny.search(np.zeros(size, np.uint8)).shape == (0, 4)


def test_where_the_cascade_finds_a_face_its_box_is_kept(astronaut):
    if "haar" not in faces.detectors():
        pytest.skip("OpenCV 5 has no cascades")
    assert faces.find(astronaut, "steady").tolist() == faces.find(astronaut, "haar").tolist()


def test_where_the_cascade_finds_none_the_network_is_asked(astronaut, monkeypatch):
    monkeypatch.setattr(finding, "_haar_boxes", lambda grey: np.empty((0, 4)))
    found = faces.find(astronaut, "steady")
    assert len(found) == 1 and faces.overlap(found[0], FACE) > 0.4


def test_it_works_with_opencv_5(astronaut, monkeypatch):
    monkeypatch.setattr(finding, "cascade_path", lambda name: None)
    assert faces.detectors() == ("lbp",)
    found = faces.find(astronaut, "steady")
    assert len(found) == 1 and faces.overlap(found[0], FACE) > 0.4
    assert len(faces.track([astronaut] * 3, detector="steady").dropna()) == 3


def test_an_unknown_detector_is_refused(astronaut):
    with pytest.raises(CourseError, match="steady"):
        faces.find(astronaut, "stedy")
