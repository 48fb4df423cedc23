"""What P4 and G7 do to their pictures before a network sees them, held to hand-worked arrays."""

import numpy as np
import pytest
from sklearn.preprocessing import MinMaxScaler

from course_lib.core.errors import CourseError
from course_lib.faces import preprocessing

FACES = np.random.default_rng(0).integers(0, 256, (9, 48, 48), dtype=np.uint8)


# --- scaling ---


def test_each_pixel_is_scaled_by_the_training_part_alone():
    train = np.array([[[10, 7]], [[30, 7]]], np.uint8)  # the right pixel is 7 in both
    test = np.array([[[20, 9]], [[50, 7]]], np.uint8)
    scaled, tested = preprocessing.min_max(train, test)
    assert scaled.tolist() == [[[0, 0]], [[1, 0]]]
    assert tested.tolist() == [[[0.5, 2]], [[2, 0]]]  # what training never saw lies outside 0 to 1
    assert scaled.dtype == tested.dtype == np.float32


def test_pixels_are_scaled_as_scikit_learn_does():
    rows = FACES.reshape(9, -1)
    scaler = MinMaxScaler().fit(rows[:6])
    for ours, part in zip(preprocessing.min_max(FACES[:6], FACES[6:]), (rows[:6], rows[6:]), strict=True):
        np.testing.assert_allclose(ours.reshape(part.shape), scaler.transform(part), atol=1e-6)


def test_each_image_is_scaled_by_itself_and_a_flat_one_is_black():
    two = np.array([[[10, 20], [30, 10]], [[5, 5], [5, 5]]], np.uint8)
    assert preprocessing.min_max_each(two).tolist() == [[[0, 0.5], [1, 0]], [[0, 0], [0, 0]]]
    assert preprocessing.min_max_each(two).dtype == np.float32


def test_flat_images_survive_both_scalings():
    flat = np.full((3, 48, 48), 128, np.uint8)
    for scaled in (*preprocessing.min_max(flat, FACES), preprocessing.min_max_each(flat)):
        assert np.isfinite(scaled).all()


# --- mirrored copies and swapped axes ---


def test_mirrored_copies_follow_the_originals_with_their_labels():
    faces, labels = preprocessing.mirrored(np.array([[[1, 2, 3]], [[4, 5, 6]]], np.uint8), [3, 0])
    assert faces.tolist() == [[[1, 2, 3]], [[4, 5, 6]], [[3, 2, 1]], [[6, 5, 4]]] and faces.dtype == np.uint8
    assert labels.tolist() == [3, 0, 3, 0]


def test_colours_stay_when_an_image_is_mirrored():
    red_then_blue = np.array([[[[255, 0, 0], [0, 0, 255]]]], np.uint8)
    assert preprocessing.mirrored(red_then_blue, [1])[0][1].tolist() == [[[0, 0, 255], [255, 0, 0]]]


def test_swapped_axes_make_columns_of_channels():
    swapped = preprocessing.swapped_axes(FACES)
    assert swapped.shape == (9, 1, 48, 48)  # one pixel high, 48 wide, 48 channels
    assert (swapped[4, 0, :, 17] == FACES[4][:, 17]).all()  # channel 17 is pixel column 17
    assert (swapped[4, 0, 31] == FACES[4][31]).all()  # and a place along the width is a pixel row


# --- the faces that a detector finds ---


def test_faces_are_kept_where_the_detector_finds_at_least_one(capsys):
    boxes = {10: np.empty((0, 4), int), 20: np.array([[1, 1, 2, 2]]), 30: ()}  # OpenCV gives () for none
    faces = np.stack([np.full((4, 4), value, np.uint8) for value in (10, 20, 30, 20)])
    kept = preprocessing.keep_found(faces, lambda image: boxes[image[0, 0]])
    assert kept.dtype == bool and kept.tolist() == [False, True, False, True]
    assert "4/4" in capsys.readouterr().err  # the progress line


# --- bad input ---


@pytest.mark.parametrize("wrong", [FACES[:0], FACES[0], FACES.astype(float) * np.nan])
def test_no_images_are_an_error(wrong):
    for call in (
        lambda: preprocessing.min_max(wrong),
        lambda: preprocessing.min_max(FACES, wrong),
        lambda: preprocessing.min_max_each(wrong),
    ):
        with pytest.raises(CourseError, match="images"):
            call()


def test_images_of_two_sizes_and_labels_that_do_not_fit_are_errors():
    with pytest.raises(CourseError, match=r"48 x 48.*24 x 24"):
        preprocessing.min_max(FACES, FACES[:, :24, :24])
    with pytest.raises(CourseError, match="9 images and 8 labels"):
        preprocessing.mirrored(FACES, range(8))
