"""Lesson 04: the references against SciPy and values worked out by hand."""

from itertools import pairwise

import numpy as np
import pytest
from every_lesson import EveryLesson
from scipy.stats import binomtest

from course_lib import exercises
from course_lib.grading import sandbox
from course_lib.lessons import masters


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


def test_one_claim_has_a_low_baseline_and_two_take_few_images(lesson):
    low, *few = lesson.cases("04.3")[:3]
    assert low.arguments[1] < 0.1 and all(case.right < 60 for case in few)


def test_a_smaller_difference_takes_more_images(lesson):
    needed = [lesson.right("04.3", 0.6 + difference, 0.6) for difference in (0.02, 0.05, 0.1, 0.2)]
    assert all(more > fewer for more, fewer in pairwise(needed))


def test_a_small_frozen_network_by_hand(lesson):
    trainable, frozen, black = lesson.right("04.5", (8, 8, 3), [4], [16], 2)
    assert frozen == (27 + 1) * 4 and trainable == (4 * 4 * 4 + 1) * 16 + 17 * 2
    np.testing.assert_allclose(black, [[0.5, 0.5]] * 2)


@pytest.mark.skipif(bool(sandbox.available("bwrap")), reason="no bubblewrap")
def test_an_answer_with_keras_fits_into_the_sandbox_of_the_grader(lesson):
    exercise, cases = exercises.find("04.5"), [case.arguments for case in lesson.cases("04.5")]
    answer = masters.solutions("04")["04.5"]
    job = sandbox.Job(answer, exercise.name, cases, exercise.seconds, exercise.imports, exercise.memory)
    job = job._replace(alone=True)  # the time in which other tests have the processor does not count
    for outcome, case in zip(sandbox.answers(job), cases, strict=True):
        assert outcome.state == "answered", outcome.message
        trainable, frozen, black = lesson.right("04.5", *case)
        assert outcome.value[:2] == (trainable, frozen)
        np.testing.assert_allclose(outcome.value[2], black, atol=1e-5)
