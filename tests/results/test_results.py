"""Read results; the saved results of the networks are consistent."""

import numpy as np
import pytest

from course_lib import results
from course_lib.authoring import cards
from course_lib.core.errors import CourseError
from course_lib.models import face_networks, presets


def test_an_unknown_result_names_the_closest_one():
    with pytest.raises(CourseError, match=r"result 'fer2013_count': .* Did you mean 'fer2013_counts'\?"):
        results.read("fer2013_count")


@pytest.mark.parametrize("name", sorted(results.trained()))
def test_the_results_of_a_network_are_consistent(name):
    about = results.trained()[name]
    two_outputs = presets.RECIPES[name].votes
    assert about["parameters"] == face_networks.build(name, two_outputs=two_outputs).count_params()
    assert about["epochs"] == len(about["history"]["val_accuracy"]) >= about["kept_epoch"]
    for part, found in about["scores"].items():
        matrix = np.array(found["confusion"])
        assert np.trace(matrix) == found["top_1"]["correct"] and matrix.sum() == found["top_1"]["n"]
        assert len(found["answers"]) == found["top_1"]["n"] == (200 if part == presets.LFW else matrix.sum())
        answers = np.array(list(found["answers"]), int)
        assert np.bincount(answers, minlength=len(matrix)).tolist() == matrix.sum(axis=0).tolist()
        there = matrix.sum(axis=1) > 0  # "contempt" is no class of "seven emotions"
        assert found["uar"] == pytest.approx((np.diag(matrix)[there] / matrix.sum(axis=1)[there]).mean())
    if name in presets.NAMES.values():
        assert (presets.SHIPPED / f"{name}.md").read_text(encoding="utf-8") == cards.text(name)
