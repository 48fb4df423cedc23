"""Which faces a detector's boxes contain."""

import numpy as np
import pytest

from course_lib.faces import counting

FACE = np.array([[20, 30], [40, 30], [30, 45]])


@pytest.mark.parametrize(
    "boxes, right",
    [
        ([(10, 20, 40, 40)], True),
        ([(70, 70, 9, 9), (10, 20, 40, 40)], True),
        ([(10, 20, 25, 40), (25, 20, 40, 40)], False),
        ([], False),
        (np.empty((0, 4), int), False),
        ((), False),
    ],
    ids=["around it", "the second one", "half in each", "no box", "empty array", "empty tuple"],
)
def test_one_box_must_contain_all_points(boxes, right):
    assert counting.contains(boxes, FACE) is right


def test_a_point_on_the_edge_is_not_inside():
    assert not counting.contains([(20, 20, 40, 40)], FACE)
