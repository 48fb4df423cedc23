"""Lesson 04: the references against SciPy and values worked out by hand."""

from itertools import pairwise

import numpy as np
from every_lesson import EveryLesson
from scipy.stats import binomtest


class TestExercises(EveryLesson):
    """See `EveryLesson`."""


def test_the_heads_of_both_lectures(lesson):
    assert lesson.right("04.1", [7, 7, 512], [1024, 512, 2]) == 26_216_962  # lecture 14 at 20:56
    assert lesson.right("04.1", [4, 7, 512], [21, 2]) == 14336 * 21 + 21 + 21 * 2 + 2


def test_grey_and_red_as_vgg_face_wants_them(lesson):
    pixels = np.array([[[[128, 128, 128], [255, 0, 0]]]], np.uint8)
    np.testing.assert_allclose(
        lesson.right("04.2", pixels), [[[[34.406, 23.2376, -1.1863], [-93.594, -104.7624, 125.8137]]]]
    )


def test_so_many_images_and_no_fewer(lesson):
    assert lesson.right("04.3", 0.58, 2 / 3) == 114
    # Half of 92 and of 94 against 0.6: z² · 0.24 / 0.01 = 92.2.
    assert lesson.right("04.3", 0.5, 0.6) == lesson.right("04.3", 0.5, 0.4) == 93
    few, enough = (binomtest(n // 2, n).proportion_ci(method="wilson").high for n in (92, 94))
    assert few > 0.6 > enough


def test_a_smaller_difference_takes_more_images(lesson):
    needed = [lesson.right("04.3", 0.6 + difference, 0.6) for difference in (0.02, 0.05, 0.1, 0.2)]
    assert all(more > fewer for more, fewer in pairwise(needed))
