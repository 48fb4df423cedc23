"""Lesson 09: the references against scikit-image, scikit-learn, OpenCV, course_lib.faces, and values worked
out by hand.
"""

import cv2
import numpy as np
import pytest
from every_lesson import EveryLesson
from skimage.exposure import adjust_gamma
from sklearn.preprocessing import MinMaxScaler

from course_lib import faces


class TestExercises(EveryLesson):
    """See `EveryLesson`."""


def test_the_median_comes_to_the_middle_by_hand(lesson):
    # 64 / 255 is brought to 128 / 255 by gamma log(.502) / log(.251) = .4986; 16 becomes 255 * .06275 **
    # .4986 = 64.1.
    image = np.array([[16, 64, 255]], np.uint8)
    assert lesson.right("09.1", image, 128.0).tolist() == [[64, 128, 255]]


def test_a_gamma_is_scikit_images_up_to_its_rounding(lesson):
    for (image, middle), right, *_ in lesson.cases("09.1"):
        gamma = np.log(middle / 255) / np.log(np.median(image) / 255)
        theirs = adjust_gamma(image / 255, gamma) * 255
        assert np.abs(right - theirs).max() <= 0.5 + 1e-9


@pytest.mark.parametrize(
    "by_hand, box, other",
    [
        (1 / 7, (0, 0, 10, 10), (5, 5, 10, 10)),
        (0, (0, 0, 4, 4), (9, 9, 4, 4)),
        (0.25, (0, 0, 8, 8), (2, 2, 4, 4)),
    ],
    ids=["a quarter of each", "apart", "inside"],
)
def test_the_overlap_is_intersection_over_union(by_hand, box, other, lesson):
    assert faces.overlap(np.array(box), np.array(other)) == pytest.approx(by_hand)
    frames = [np.array([other])]
    assert lesson.right("09.2", np.array(box), frames, max(by_hand - 1e-6, 1e-6)).tolist() == [
        0 if by_hand else -1
    ]
    assert lesson.right("09.2", np.array(box), frames, by_hand + 1e-6).tolist() == [-1]


def test_a_face_that_comes_back_is_the_same_where_it_was_seen_last(lesson):
    first, step = np.array([0, 0, 10, 10]), np.array([[4, 0, 10, 10]])
    found = lesson.right("09.2", first, [step, np.empty((0, 4), int), np.array([[8, 0, 10, 10]])], 0.3)
    assert found.tolist() == [0, -1, 0]


def test_scaling_is_scikit_learns(lesson):
    for (train, test), right, *_ in lesson.cases("09.3"):
        scaler = MinMaxScaler().fit(train.reshape(len(train), -1))
        for part, ours in zip((train, test), right, strict=True):
            theirs = scaler.transform(part.reshape(len(part), -1)).reshape(part.shape)
            assert np.allclose(ours, theirs)


def test_phases_by_hand(lesson):
    # Height 10 above 0: the apex are the values of 9 and more, the expression those above 1.
    curve = np.array([0, 0, 0, 1, 2, 5, 8, 9, 10, 9.5, 8, 4, 1.5, 1, 0, 0])
    assert lesson.right("09.4", curve, 0.0).tolist() == [4, 7, 9, 12]


def test_phases_are_those_of_the_course(lesson):
    for (curve, rest), right, *_ in lesson.cases("09.4"):
        begin, first, last, end = right.tolist()
        assert faces.phases(curve, rest) == faces.Phases((begin, first - 1), (first, last), (last + 1, end))


def test_a_rectangle_by_hand(lesson):
    integral = np.array([[0, 0, 0, 0], [0, 1, 3, 6], [0, 5, 12, 21], [0, 12, 27, 45]])
    assert lesson.right("09.5", integral, (1, 1, 2, 2)) == 5 + 6 + 8 + 9


def test_the_sums_are_opencvs(lesson):
    image = np.random.default_rng(0).integers(0, 256, (9, 12), np.uint8)
    for x, y, width, height in ((0, 0, 12, 9), (3, 2, 4, 5), (11, 8, 1, 1)):
        right = lesson.right("09.5", cv2.integral(image), (x, y, width, height))
        assert right == image[y : y + height, x : x + width].sum()
