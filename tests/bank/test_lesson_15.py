"""Lesson 15: the references against values worked out by hand, the library, and the saved figures."""

import numpy as np
import pytest
from every_lesson import EveryLesson

from course_lib import results
from course_lib.datasets import crema_d
from course_lib.evaluation import agreement


class TestExercises(EveryLesson):
    """See `EveryLesson`."""


@pytest.fixture(scope="module")
def people():
    """For each modality of CREMA-D: all votes, the intended columns, and the saved figures."""
    votes, words = crema_d.votes(), list(crema_d.VOTES.values())
    saved = results.read("crema_d_people")["modalities"]
    return [
        (rows[words].to_numpy(), rows["emotion"].map(words.index).to_numpy(), saved[modality])
        for modality, rows in votes.groupby("modality", sort=False)
    ]


def test_a_tie_counts_a_part_of_a_clip(lesson):
    votes = np.array([[2, 2, 0], [1, 1, 1], [0, 3, 1], [5, 0, 0]])
    one, group = lesson.right("15.1", votes, np.array([1, 0, 2, 0]))
    assert one == (2 + 1 + 1 + 5) / 16 and group == pytest.approx((1 / 2 + 1 / 3 + 0 + 1) / 4)


def test_people_on_all_clips_are_the_saved_figures(lesson, people):
    for votes, intended, saved in people:
        one, group = lesson.right("15.1", votes, intended)
        assert one == saved["votes"]["value"] and group == pytest.approx(
            saved["commonest"]["value"], abs=1e-12
        )
        accuracy, entropy = lesson.right("15.2", votes)
        assert accuracy == pytest.approx(saved["best_possible"]["expected_accuracy"], abs=1e-12)
        assert entropy == pytest.approx(saved["best_possible"]["cross_entropy"], abs=1e-9)


def test_the_best_possible_is_what_the_librarys_scores_give(lesson):
    for (votes,), (accuracy, entropy), *_ in lesson.cases_and_examples("15.2"):
        assert accuracy == pytest.approx(agreement.expected_accuracy(votes, votes.argmax(axis=1)))
        fractions = votes / votes.sum(axis=1, keepdims=True)
        assert entropy == pytest.approx(agreement.soft_cross_entropy(votes, fractions))


def test_a_shift_by_one_costs_concordance_but_no_correlation(lesson):
    y_true, y_pred = np.array([1.0, 2.0, 3.0]), np.array([2.0, 3.0, 4.0])
    # cov = var = 2/3, the means differ by 1: 2 * 2/3 / (2/3 + 2/3 + 1) = 4/7
    assert lesson.right("15.3", y_true, y_pred) == pytest.approx(4 / 7)
    assert np.corrcoef(y_true, y_pred)[0, 1] == pytest.approx(1)
    for (y_true, y_pred), right, *_ in lesson.cases("15.3"):
        assert right == pytest.approx(agreement.ccc(y_true, y_pred))
        assert abs(right) <= abs(np.corrcoef(y_true, y_pred)[0, 1]) + 1e-12


def test_alpha_of_numbers_is_the_librarys(lesson):
    assert lesson.right("15.4", np.array([[3, 0], [0, 3], [1, 1]]), np.array([1.0, -1.0])) == 0.5625
    for (votes, values), right, *_ in lesson.cases_and_examples("15.4"):
        assert right == pytest.approx(agreement.krippendorff_alpha(votes, "interval", values))


def test_with_two_words_the_distance_of_their_numbers_does_not_matter(lesson):
    votes = np.array([[3, 1], [0, 4], [2, 2], [5, 0]])
    for values in ([0.0, 1.0], [-7.0, 2.0]):
        assert lesson.right("15.4", votes, np.array(values)) == pytest.approx(
            agreement.krippendorff_alpha(votes)
        )
