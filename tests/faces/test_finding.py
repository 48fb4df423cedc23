"""Finding faces: photographs of scikit-image's, drawn actors, crops by hand, and what is no picture."""

import shutil
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
import skimage.data
from cascades import DETECTORS, NEEDS_HAAR
from studio_recording import recording

from course_lib import faces
from course_lib.core.errors import CourseError
from course_lib.faces import finding
from course_lib.synthetic import face

ASTRONAUT = (172, 60, 110, 130)  # her face, in the 512 x 512 photograph


@pytest.fixture(scope="module")
def astronaut():
    return skimage.data.astronaut()


@pytest.fixture(scope="module")
def two(astronaut):
    """The astronaut's head twice in one picture, the right one at six tenths of the size."""
    head = astronaut[:220, 100:350]
    picture = np.full((300, 500, 3), 200, np.uint8)
    picture[40:260, :250] = head
    picture[60:192, 300:450] = cv2.resize(head, (150, 132), interpolation=cv2.INTER_AREA)
    return picture


def drawn(actor, n=1):
    return list(face.frames(recording(actor), np.zeros(n), np.zeros(n)))


@pytest.mark.parametrize("detector", DETECTORS)
def test_the_face_of_a_photograph_and_no_other(astronaut, detector):
    [box] = faces.find(astronaut, detector)
    assert box.dtype.kind == "i" and faces.overlap(box, ASTRONAUT) > 0.5


@pytest.mark.parametrize("detector", DETECTORS)
def test_a_grey_image_gives_the_boxes_of_its_colours(astronaut, detector):
    grey = cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY)
    np.testing.assert_array_equal(faces.find(grey, detector), faces.find(astronaut, detector))


@pytest.mark.parametrize("detector", DETECTORS)
def test_boxes_are_in_pixels_of_the_image_however_large_it_is(astronaut, detector):
    large = cv2.resize(astronaut, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    [box] = faces.find(large, detector)
    assert faces.overlap(box, np.multiply(ASTRONAUT, 3)) > 0.5


@pytest.mark.parametrize("detector", DETECTORS)
def test_the_largest_face_comes_first(two, detector):
    boxes = faces.find(two, detector)
    assert len(boxes) == 2
    areas = boxes[:, 2] * boxes[:, 3]
    assert areas[0] > areas[1] and boxes[0, 0] < 250 < boxes[1, 0]
    np.testing.assert_array_equal(faces.largest(two, detector), boxes[0])
    [first, second] = faces.find(two[:, ::-1], detector)  # not the one on the left
    assert first[0] > second[0]


@pytest.mark.parametrize(
    "detector, actors",
    [
        pytest.param("haar", range(1, 25), marks=NEEDS_HAAR, id="haar"),
        pytest.param("lbp", (1, 8, 15, 22), id="lbp"),
    ],
)
def test_every_drawn_actors_face_is_the_largest_found(detector, actors):
    """LBP, which is slow, also takes a spot of the wall or a shoulder for a face, in one of five; Haar does
    not.
    """
    for actor in actors:
        box, *others = faces.find(drawn(actor)[0], detector)
        assert (
            abs(box[0] + box[2] / 2 - 640) < 40 and abs(box[1] + box[3] / 2 - 360) < 50 and 260 < box[2] < 460
        ), actor
        assert detector == "lbp" or not others


@pytest.mark.parametrize("detector", DETECTORS)
@pytest.mark.parametrize("name", ["coffee", "rocket", "moon", "brick", "page", "clock", "text"])
def test_no_face_is_found_in_images_without_a_face(name, detector):
    boxes = faces.find(getattr(skimage.data, name)(), detector)
    assert boxes.shape == (0, 4) and boxes.dtype.kind == "i"
    assert faces.largest(getattr(skimage.data, name)(), detector) is None


@NEEDS_HAAR
def test_a_tilted_head_is_found_in_a_image_turned_back(astronaut):
    turn = cv2.getRotationMatrix2D((228, 125), -40, 1)  # clockwise, about the middle of her face
    tilted = cv2.warpAffine(astronaut, turn, (512, 512), borderMode=cv2.BORDER_REPLICATE)
    assert not any(faces.overlap(box, ASTRONAUT) > 0.4 for box in faces.find(tilted, "haar"))
    [box] = faces.find(tilted, "haar", tilts=(-40,))
    assert faces.overlap(box, ASTRONAUT) > 0.5
    np.testing.assert_array_equal(
        faces.find(astronaut, "haar", tilts=(0, -40)), faces.find(astronaut, "haar")
    )


@NEEDS_HAAR
def test_a_tight_crop_in_the_dark_is_found_by_the_second_search(astronaut):
    """A face that fills its picture has no edge against a background, on which the cascade counts."""
    x, y, width, height = ASTRONAUT
    tight = astronaut[y + 15 : y + height - 5, x + 5 : x + width - 10] // 5
    assert not len(finding._haar_boxes(finding.grey_of(tight)))
    box = faces.largest(tight, "haar")
    assert box is not None and faces.overlap(box, (0, 0, *tight.shape[1::-1])) > 0.5
    assert (box[:2] >= 0).all() and (box[:2] + box[2:] <= tight.shape[1::-1]).all()


def test_without_opencvs_cascades_lbp_is_used(astronaut, monkeypatch):
    expected = faces.find(astronaut, "lbp")
    monkeypatch.delattr(cv2, "CascadeClassifier", raising=False)
    assert faces.detectors() == ("lbp",)
    np.testing.assert_array_equal(faces.find(astronaut), expected)
    with pytest.raises(CourseError, match=r"'haar': OpenCV .* has no cascades.*opencv-python-headless<5"):
        faces.find(astronaut, "haar")


def test_a_class_without_its_files_does_not_count(astronaut, monkeypatch, tmp_path):
    """OpenCV 5 with its contributed modules has the class, and an empty folder of cascades."""
    monkeypatch.setattr(cv2.data, "haarcascades", f"{tmp_path}/")
    assert faces.detectors() == ("lbp",)


@NEEDS_HAAR
def test_haar_is_the_first_choice(astronaut):
    assert faces.detectors() == ("haar", "lbp")
    np.testing.assert_array_equal(faces.find(astronaut), faces.find(astronaut, "haar"))


def test_threads_find_what_one_does(astronaut):
    pictures = [astronaut, astronaut[:, ::-1]] * 8
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(faces.find, pictures))
    for box, picture in zip(found, pictures, strict=True):
        np.testing.assert_array_equal(box, faces.find(picture))


@pytest.mark.parametrize("size", [(1, 1), (5, 300), (20, 20), (3, 2, 3)], ids=str)
def test_no_face_is_found_in_a_too_small_image(size):
    for detector in faces.detectors():
        assert faces.find(np.zeros(size, np.uint8), detector).shape == (0, 4)


def test_none_is_refused_as_an_image():
    for function in (faces.find, faces.largest):
        with pytest.raises(
            CourseError, match=r"it is None: the camera or the file gave no image\. Check that the cam"
        ):
            function(None)


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((9, 9)),
        np.zeros((9, 9, 4), np.uint8),
        np.zeros(9, np.uint8),
        np.zeros((0, 9), np.uint8),
        np.zeros((2, 9, 9, 3), np.uint8),
    ],
    ids=["float", "with alpha", "one row", "empty", "several"],
)
def test_an_argument_that_is_not_an_image_is_refused(image):
    with pytest.raises(CourseError, match="it is not a uint8 image, grey or RGB"):
        faces.find(image)


def test_an_unknown_detector_is_named(astronaut):
    with pytest.raises(
        CourseError, match=r"detector 'cnn': there is no such detector\. Choose from haar, lbp"
    ):
        faces.find(astronaut, "cnn")


# --- crops ---


def test_a_crop_is_g7s_grey_cut_and_cubic_resize(astronaut):
    x, y, w, h = ASTRONAUT
    expected = cv2.resize(
        cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY)[y : y + h, x : x + w],
        (48, 48),
        interpolation=cv2.INTER_CUBIC,
    )
    found = faces.crop(astronaut, ASTRONAUT)
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, expected)


def test_a_crop_over_the_edge_goes_on_with_the_edge():
    picture = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]], np.uint8)
    assert faces.crop(picture, (-1, -1, 3, 3), size=3).tolist() == [[1, 1, 2], [1, 1, 2], [4, 4, 5]]
    assert faces.crop(picture, (1, 2, 3, 3), size=3).tolist() == [[8, 9, 9], [8, 9, 9], [8, 9, 9]]


def test_a_box_of_broken_pixels_is_rounded():
    picture = np.arange(16, dtype=np.uint8).reshape(4, 4)
    assert faces.crop(picture, (0.6, 1.4, 1.9, 2.1), size=2).tolist() == [[5, 6], [9, 10]]


@pytest.mark.parametrize("box", [(0, 0, 0, 5), (9, 0, 4, 4), (-4, 0, 4, 4), (0, -9, 5, 5)], ids=str)
def test_a_box_beside_the_image_is_refused(box):
    with pytest.raises(CourseError, match=r"it is outside the image \(9 x 6 pixels\)"):
        faces.crop(np.zeros((6, 9), np.uint8), box)


# --- frames that are None ---


def test_frames_that_are_none_give_one_warning_and_are_skipped():
    a, b = np.zeros((4, 4), np.uint8), np.ones((4, 4), np.uint8)
    with pytest.warns(UserWarning, match="frame 1 is None: the camera or file gave no image") as message:
        assert list(faces.existing_frames([a, None, None, b, None])) == [(0, a), (3, b)]
    assert len(message) == 1


# --- a cascade with OpenCV's call ---


@NEEDS_HAAR
def test_the_cascade_of_g7_is_opencvs_own(astronaut):
    grey = cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY)
    own = faces.cascade_classifier()
    assert isinstance(own, cv2.CascadeClassifier)
    [box] = own.detectMultiScale(grey, scaleFactor=1.3, minNeighbors=5)
    assert faces.overlap(box, ASTRONAUT) > 0.5


def test_without_opencvs_cascades_it_is_scikit_images_with_the_same_call(astronaut, monkeypatch):
    monkeypatch.delattr(cv2, "CascadeClassifier", raising=False)
    own = faces.cascade_classifier()
    found = own.detectMultiScale(cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY), scaleFactor=1.3, minNeighbors=5)
    assert found.dtype.kind == "i" and max(faces.overlap(box, ASTRONAUT) for box in found) > 0.5
    assert own.detectMultiScale(np.zeros((20, 90), np.uint8)).shape == (0, 4)  # smaller than a window


# --- a folder whose name has other letters than ASCII's ---


CLASSIFIER = getattr(cv2, "CascadeClassifier", None)


def as_on_windows(path=""):
    """OpenCV's class as under Windows, where it opens no such path. (A subclass of it would crash.)"""
    return CLASSIFIER(path) if path and path.isascii() else CLASSIFIER()


@NEEDS_HAAR
def test_cascades_are_opened_below_any_folder(astronaut, monkeypatch, tmp_path):
    expected = faces.find(astronaut, "haar")
    home = tmp_path / "Jürgen" / "表情 data"
    shutil.copytree(cv2.data.haarcascades, home)
    monkeypatch.setattr(cv2.data, "haarcascades", f"{home}/")
    monkeypatch.setattr(cv2, "CascadeClassifier", as_on_windows)
    assert cv2.CascadeClassifier(str(home / finding.HAAR)).empty()  # this is the trap
    finding._cascade.cache_clear()
    try:
        np.testing.assert_array_equal(faces.find(astronaut, "haar"), expected)
        assert not faces.cascade_classifier().empty()
        for name in FROM_TEXT:
            assert not finding.opened(home / name).empty(), name
    finally:
        finding._cascade.cache_clear()


FROM_TEXT = (
    *(finding.HAAR, "haarcascade_frontalface_default.xml", "haarcascade_frontalface_alt.xml"),
    *("haarcascade_eye.xml", "haarcascade_eye_tree_eyeglasses.xml", "haarcascade_smile.xml"),
)


@NEEDS_HAAR
def test_a_cascade_from_its_text_finds_what_one_from_its_path_does(astronaut):
    grey = cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY)
    for name in FROM_TEXT:
        path = finding.cascade_path(name)
        both = finding.opened(path), cv2.CascadeClassifier(str(path))
        ours, theirs = (
            sorted(map(tuple, one.detectMultiScale(grey))) for one in both
        )  # threads mix the order
        assert ours == theirs and ours


@NEEDS_HAAR
@pytest.mark.parametrize("content", [b"", b"no xml", b"<opencv_storage></opencv_storage>", b"\xff\xfe"])
def test_a_file_that_is_no_cascade_is_named(tmp_path, content):
    (tmp_path / "a.xml").write_bytes(content)
    with pytest.raises(CourseError, match=r"a\.xml: OpenCV reads no cascade from it"):
        finding.opened(tmp_path / "a.xml")
