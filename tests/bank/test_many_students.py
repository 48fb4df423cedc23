"""The hidden inputs of a class of 100: a case that cannot be drawn gives its student no mark, ever."""

import numpy as np
import pytest

from course_lib import exercises
from course_lib.core.paths import ROOT
from course_lib.grading import marking

STUDENTS = 100


@pytest.mark.nightly
@pytest.mark.parametrize("id", [one.id for one in exercises.every()])
def test_every_student_of_a_class_has_inputs(id):
    exercise, private = exercises.find(id), marking.private(str(ROOT / "bank"), id)
    for student in range(STUDENTS):
        for k in range(marking.count(exercise, private)):
            assert isinstance(private.inputs(np.random.default_rng([student, k]), k), tuple)
