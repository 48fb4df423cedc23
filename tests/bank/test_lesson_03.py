"""Lesson 03: the references against scikit-learn, SciPy and values worked out by hand."""

import numpy as np
import pytest
from every_lesson import EveryLesson
from scipy.stats import binomtest
from skimage.feature import hog
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from course_lib import exercises, results
from course_lib.exercises import checking
from course_lib.exercises.lesson_03 import drawn_faces, people


class TestExercises(EveryLesson):
    """See `EveryLesson`."""


def test_each_image_is_predicted_by_a_classifier_that_never_saw_its_actor(lesson):
    images, labels, actors = drawn_faces(np.random.default_rng(5), 4)
    predicted, accuracy = lesson.right("03.1", images, labels, actors, 6, 8)
    X = np.array([hog(image, 6, (8, 8), (2, 2)) for image in images])
    for actor in np.unique(actors):
        # What the left-out actor shows cannot change what the others have taught.
        known, new = actors != actor, actors == actor
        assert (predicted[new] == SVC(kernel="linear").fit(X[known], labels[known]).predict(X[new])).all()
    assert accuracy == (predicted == labels).sum() / len(labels)


def test_a_leak_scores_highest_and_images_at_random_score_more_than_new_people(lesson):
    found = [
        (case.near["trained on all images"][1], case.near["images at random"][1], case.right[1])
        for case in lesson.hidden("03.1")
    ]
    leak, at_random, new = np.mean(found, axis=0)
    assert leak > at_random > new


def test_the_score_of_lecture_27s_seven_clips(lesson):
    true, predicted = np.array([5, 5, 5, 5, 1, 1, 1]), np.array([5, 5, 5, 5, 5, 1, 1])
    accuracy, low, high, baseline, uar = lesson.right("03.2", true, predicted)
    assert (accuracy, baseline, uar) == (6 / 7, 4 / 7, pytest.approx((1 + 2 / 3) / 2))
    theirs = binomtest(6, 7).proportion_ci(method="wilson")
    assert (low, high) == (pytest.approx(theirs.low, abs=1e-4), pytest.approx(theirs.high, abs=1e-4))


def test_nothing_right_and_all_right_have_intervals_too(lesson):
    true = np.array([1, 1, 5])
    for predicted, k in ((true, 3), (6 - true, 0)):
        theirs = binomtest(k, 3).proportion_ci(method="wilson")
        assert lesson.right("03.2", true, predicted)[1:3] == (
            pytest.approx(theirs.low, abs=1e-4),
            pytest.approx(theirs.high, abs=1e-4),
        )


def test_an_interval_of_all_the_digits_of_z_is_right_in_the_lesson_too(lesson):
    def precise(true, predicted):
        accuracy, _, _, baseline, uar = lesson.right("03.2", true, predicted)
        ends = binomtest(int((true == predicted).sum()), len(true)).proportion_ci(method="wilson")
        return accuracy, ends.low, ends.high, baseline, uar

    assert ": right on all" in checking.verdict("03.2", precise)


def test_only_subtracting_each_actors_mean_is_right_on_new_people(lesson):
    asked = exercises.find("03.3").at_least
    for case in lesson.hidden("03.3"):
        assert (case.reference == case.right).mean() > asked + 0.05
        for name, answer in case.near.items():
            assert (answer == case.right).mean() < asked, name


def test_the_hints_for_new_people_do_not_tell_the_idea_and_are_true():
    """A scaled SVC with the rbf kernel looks at the features, and answers 5 for everybody all the same."""

    def scaled(X_train, y_train, actors_train, X_test, actors_test):
        return make_pipeline(StandardScaler(), SVC()).fit(X_train, y_train).predict(X_test)

    assert "answers 5 for everybody" in checking.verdict("03.3", scaled)
    hints = exercises.find("03.3").hints
    assert not [hint for name, hint in hints.items() if name == "features as they are" and "mean" in hint]


def test_no_actor_is_on_both_sides_and_each_shows_the_same_mix():
    _, y_train, known, _, y_test, new = people(np.random.default_rng(2))
    assert not set(known) & set(new)
    assert {
        (y[whose == actor] == 1).mean()
        for y, whose in ((y_train, known), (y_test, new))
        for actor in np.unique(whose)
    } == {1 / 3}


def test_centring_fails_where_new_actors_show_one_label_alone(lesson):
    # What the lesson says that it assumes.
    X_train, y_train, known, X_test, y_test, new = people(np.random.default_rng(2))
    angry = y_test == 5
    assert (lesson.right("03.3", X_train, y_train, known, X_test[angry], new[angry]) == 5).mean() < 0.85


def test_never_angry_is_right_in_13_of_15_takes(lesson):
    angry = results.read("ravdess_speech_counts")["counts"]["angry"]
    [case] = lesson.hidden("03.4")
    assert case.right == pytest.approx(1 - angry / 1440) == pytest.approx(13 / 15)


@pytest.mark.parametrize("answer, is_fraction", [(87.5, False), (-0.1, False), (0.875, True), (1.0, True)])
def test_never_angry_as_a_percentage_is_sent_back(answer, is_fraction):
    told = checking.verdict("03.4", lambda: answer)
    assert ("a number from 0 to 1 is expected, you return" in told) != is_fraction
