"""HoG of many images is scikit-image's HoG of each."""

import re

import numpy as np
import pytest
import skimage.feature

from course_lib import features
from course_lib.core.errors import CourseError

GREY = np.random.default_rng(0).integers(0, 256, (3, 40, 48), dtype=np.uint8)
COLOUR = np.random.default_rng(1).integers(0, 256, (3, 40, 48, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"orientations": 6},
        {"pixels_per_cell": (16, 16)},
        {"cells_per_block": (1, 1)},
        {"cells_per_block": (3, 3)},
        {"orientations": 4, "pixels_per_cell": (10, 6), "cells_per_block": (1, 2)},
    ],
)
@pytest.mark.parametrize(
    "images",
    [GREY, COLOUR, GREY / 255, (COLOUR / 255).astype(np.float32)],
    ids=["grey uint8", "colour uint8", "grey float64", "colour float32"],
)
def test_equal_to_scikit_image(images, options):
    ours = features.hog(images, **options)
    options = {"orientations": 9, "pixels_per_cell": (8, 8), "cells_per_block": (2, 2)} | options
    assert ours.dtype == np.float32
    for row, image in zip(ours, images, strict=True):
        theirs = skimage.feature.hog(image, channel_axis=-1 if image.ndim == 3 else None, **options)
        assert row.shape == theirs.shape and np.abs(row - theirs).max() < 1e-6


def test_in_parallel_as_one_after_the_other():
    images = np.random.default_rng(2).integers(0, 256, (130, 24, 24), dtype=np.uint8)
    parallel = features.hog(images, jobs=2)
    assert (parallel == features.hog(images, jobs=1)).all()
    assert (parallel[77] == features.hog(images[77:78])[0]).all()  # rows stay in the images' order


@pytest.mark.parametrize(
    "size, orientations, cell, block, d",
    [
        ((224, 224), 9, (8, 8), (2, 2), 26244),  # 27 * 27 * 2 * 2 * 9, as lecture 14 has it
        ((224, 224), 9, (16, 16), (1, 1), 1764),  # 14 * 14 * 9
        ((128, 64), 9, (8, 8), (2, 2), 3780),  # Dalal and Triggs' own window: 15 * 7 * 4 * 9
        ((40, 48), 4, (10, 6), (1, 2), 224),  # 4 cells high, 8 wide: 4 * 7 blocks * 2 cells * 4
        ((47, 17), 9, (8, 8), (2, 2), 144),
    ],
)  # 5 x 2 whole cells; the rest of the image is not looked at
def test_how_many_numbers_describe_an_image(size, orientations, cell, block, d):
    assert features.hog(np.zeros((1, *size)), orientations, cell, block).shape == (1, d)


def test_an_image_without_an_edge_has_no_gradients():
    assert not features.hog(np.full((1, 32, 32), 128, np.uint8)).any()


def test_vertical_edges_turn_up_in_one_orientation():
    image = np.tile(np.repeat([0, 255], 4), (32, 4)).astype(np.uint8)[None]
    bins = features.hog(image, cells_per_block=(1, 1)).reshape(-1, 9).sum(axis=0)
    assert bins.argmax() == 0 and bins[1:].max() == 0  # their gradient points along 0 degrees


@pytest.mark.parametrize(
    "images, message",
    [
        (GREY[0], r"shape \(40, 48\): .*write hog\(image\[None\]\)"),
        ([], r"shape \(0,\): HoG needs"),
        (GREY[:0], r"shape \(0, 40, 48\)"),
        (GREY[:, :12], r"12x48 pixels: one block of cells needs 16x16\. Resize"),
        (GREY[:, :, :15], "40x15 pixels"),
        ([GREY[0], GREY[1, :32]], "images: .*differ in size.* Resize"),
        (np.zeros((2, 40, 48, 4)), r"shape \(2, 40, 48, 4\)"),
        (np.zeros((2, 40, 48, 2)), r"shape \(2, 40, 48, 2\)"),
        (np.where(GREY < 9, np.nan, GREY), "NaN or infinite"),
        (np.full((2, 40, 48, 3), np.inf), "NaN or infinite"),
        (COLOUR[0], r"shape \(40, 48, 3\): .*write hog\(image\[None\]\)"),
    ],
)
def test_what_is_not_images_gets_one_clear_error(images, message):
    with pytest.raises(CourseError, match=message):
        features.hog(images)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"orientations": 0}, "orientations=0: .* Give 9"),
        ({"orientations": 4.5}, "orientations=4.5: "),
        *(
            ({name: value}, rf"^{name}={re.escape(repr(value))}: .*is written \(")
            for name in ("pixels_per_cell", "cells_per_block")
            for value in (8, (8,), (8, 0), (2.5, 2), (2, 2, 2), "8")
        ),
    ],
)
def test_cells_that_cannot_be_get_one_clear_error(options, message):
    with pytest.raises(CourseError, match=message):
        features.hog(GREY, **options)
