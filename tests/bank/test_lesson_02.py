"""Lesson 02: the references against scikit-image and values worked out by hand."""

import numpy as np
import pytest
from every_lesson import EveryLesson
from skimage.feature import hog


class TestExercises(EveryLesson):
    """See `EveryLesson`."""


@pytest.mark.parametrize(
    ("size", "orientations", "pixels", "cells"), [(64, 9, 8, 2), (48, 4, 8, 3), (40, 7, 10, 1)]
)
def test_the_length_is_scikit_images(size, orientations, pixels, cells, lesson):
    described = hog(np.zeros((size, size)), orientations, (pixels, pixels), (cells, cells))
    assert lesson.right("02.1", size, orientations, pixels, cells) == len(described)


@pytest.mark.parametrize("orientations", [4, 9, 18])
def test_the_histogram_of_a_cell_is_scikit_images(orientations, lesson):
    image = np.random.default_rng(1).random((24, 30))
    theirs = hog(image, orientations, (8, 10), (1, 1), block_norm="L1", feature_vector=False)[1, 1].ravel()
    ours = lesson.right("02.2", image[7:17, 9:21], orientations)
    np.testing.assert_allclose(ours, theirs, atol=1e-5)  # theirs adds 1e-5 to the sum it divides by
    assert ours.sum() == pytest.approx(1)


def test_an_edge_votes_for_its_angle_alone(lesson):
    across, down = np.meshgrid(np.arange(5.0), np.arange(5.0))
    for patch, place in ((across, 0), (-across, 0), (across + down, 2), (down, 4), (across - down, 6)):
        assert lesson.right("02.2", patch, 9).tolist() == [float(i == place) for i in range(9)]


def test_the_nearest_image_of_another_clip(lesson):
    # Two clips of label 1 at 0 and 1, and at 3 and 4; one of label 2 at 6 and 7: six images on a line.
    places, clips = np.array([0, 1, 3, 4, 6, 7.0]), np.repeat([1, 2, 3], 2)
    share, chance = lesson.right(
        "02.3", np.abs(places[:, None] - places), clips, np.array([1, 1, 1, 1, 2, 2])
    )
    # 0 and 1 find 3, and 3 finds 1: right. 4 finds 6, 6 and 7 find 4: wrong. By chance 2 of 4 for label 1,
    # none for 2.
    assert (share, chance) == (pytest.approx(3 / 6), pytest.approx(4 * 0.5 / 6))
