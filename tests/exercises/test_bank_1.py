"""Lessons 01 to 04: the references against values worked out by hand, and against other ways to the same."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import binomtest
from skimage.feature import hog
from sklearn.svm import SVC

from course_lib import exercises, results
from course_lib.core.paths import ROOT
from course_lib.exercises import checking
from course_lib.exercises.lesson_03 import drawn_faces, people
from course_lib.grading import bank

BANK = bank.load(ROOT / "bank", ["01", "02", "03", "04"])


def right(id, *arguments):
    return BANK[id].reference(*arguments)


def near(id, name):
    found = BANK[id].near_misses[name]
    return found[0] if isinstance(found, tuple) else found


def cases(id, student=7):
    return [BANK[id].inputs(np.random.default_rng([student, k]), k) for k in range(BANK[id].cases)]


@pytest.mark.parametrize("id", [id for id in BANK if exercises.find(id).examples])
def test_hidden_inputs_are_small_and_every_student_has_others(id):
    kept = [[np.asarray(value) for value in case] for student in (7, 8) for case in cases(id, student)]
    assert max(sum(value.nbytes for value in case) for case in kept) < 1_000_000
    assert len({repr([value.tolist() for value in case]) for case in kept}) == len(kept)


@pytest.mark.parametrize("id", [id for id in BANK if exercises.find(id).choices])
def test_the_right_choice_is_one_of_them_and_each_wrong_one_has_its_hint(id):
    question, wrong = exercises.find(id), [near() for near in BANK[id].near_misses.values()]
    assert {right(id), *wrong} == set(question.choices) and len(wrong) == len(question.choices) - 1
    assert set(BANK[id].near_misses) == set(question.hints)
    assert not set(question.hints) & set(question.choices)  # who may see the hints must not see what is wrong


@pytest.mark.parametrize("id", BANK)
def test_who_solves_it_is_told_what_is_not_there_when_it_is_graded(id):
    assert exercises.find(id).absent == BANK[id].forbidden


# --- 01 ---------------------------------------------------------------------------------------------------------------

def test_names_are_read_whatever_folder_and_ending():
    found = right("01.1", ["02-01-05-02-01-02-12.mp4", "Actor_24/03-02-08-01-02-01-24.wav"])
    assert found.tolist() == [[5, 2, 1, 2, 12], [8, 1, 2, 1, 24]]


def test_there_is_no_strong_neutral_among_the_hidden_names():
    rows = np.concatenate([right("01.1", *case) for student in range(20) for case in cases("01.1", student)])
    assert (rows[rows[:, 0] == 1, 1] == 1).all() and (rows[:, 0] == 1).any()


def test_each_clip_begins_at_frame_0():
    found = right("01.2", np.array([1, 5]), np.array([5, 4]), 2)
    assert found.tolist() == [[1, 0], [1, 2], [1, 4], [5, 0], [5, 2]]


def test_bytes_do_not_wrap_around():
    frames = np.array([[[100, 100]], [[98, 104]], [[100, 255]]], np.uint8)
    assert right("01.3", frames).tolist() == [0, 3, 77.5]
    assert right("01.3", frames[..., None].repeat(3, axis=3)).tolist() == [0, 3, 77.5]
    assert near("01.3", "bytes wrap around")(frames).tolist() != [0, 3, 77.5]


def test_the_takes_are_those_counted_on_real_data():
    counts = results.read("ravdess_speech_counts")["counts"]
    assert right("01.4") == counts["neutral"] + counts["angry"] == 288


# --- 02 ---------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("size", "orientations", "pixels", "cells"), [(64, 9, 8, 2), (48, 4, 8, 3), (40, 7, 10, 1)])
def test_the_length_is_scikit_images(size, orientations, pixels, cells):
    described = hog(np.zeros((size, size)), orientations, (pixels, pixels), (cells, cells))
    assert right("02.1", size, orientations, pixels, cells) == len(described)


@pytest.mark.parametrize("orientations", [4, 9, 18])
def test_the_histogram_of_a_cell_is_scikit_images(orientations):
    image = np.random.default_rng(1).random((24, 30))
    theirs = hog(image, orientations, (8, 10), (1, 1), block_norm="L1", feature_vector=False)[1, 1].ravel()
    ours = right("02.2", image[7:17, 9:21], orientations)
    np.testing.assert_allclose(ours, theirs, atol=1e-5)  # theirs adds 1e-5 to the sum it divides by
    assert ours.sum() == pytest.approx(1)


def test_an_edge_votes_for_its_angle_alone():
    across, down = np.meshgrid(np.arange(5.0), np.arange(5.0))
    for patch, place in ((across, 0), (-across, 0), (across + down, 2), (down, 4), (across - down, 6)):
        assert right("02.2", patch, 9).tolist() == [float(i == place) for i in range(9)]


def test_the_nearest_image_of_another_clip():
    # Two clips of label 1 at 0 and 1, and at 3 and 4; one of label 2 at 6 and 7: six images on a line.
    places, clips = np.array([0, 1, 3, 4, 6, 7.0]), np.repeat([1, 2, 3], 2)
    share, chance = right("02.3", np.abs(places[:, None] - places), clips, np.array([1, 1, 1, 1, 2, 2]))
    # 0 and 1 find 3, and 3 finds 1: right. 4 finds 6, 6 and 7 find 4: wrong. By chance 2 of 4 for label 1, none for 2.
    assert (share, chance) == (pytest.approx(3 / 6), pytest.approx(4 * 0.5 / 6))


# --- 03 ---------------------------------------------------------------------------------------------------------------

def test_each_image_is_predicted_by_a_classifier_that_never_saw_its_actor():
    images, labels, actors = drawn_faces(np.random.default_rng(5), 4)
    predicted, accuracy = right("03.1", images, labels, actors, 6, 8)
    for actor in np.unique(actors):
        # What the left-out actor shows cannot change what the others have taught.
        known, new = actors != actor, actors == actor
        X = np.array([hog(image, 6, (8, 8), (2, 2)) for image in images])
        assert (predicted[new] == SVC(kernel="linear").fit(X[known], labels[known]).predict(X[new])).all()
    assert accuracy == (predicted == labels).sum() / len(labels)


def test_a_leak_scores_highest_and_images_at_random_score_more_than_new_people():
    found = [(near("03.1", "trained on all images")(*case)[1], near("03.1", "images at random")(*case)[1],
              right("03.1", *case)[1]) for case in cases("03.1")]
    leak, at_random, new = np.mean(found, axis=0)
    assert leak > at_random > new


def test_the_score_of_lecture_27s_seven_clips():
    true, predicted = np.array([5, 5, 5, 5, 1, 1, 1]), np.array([5, 5, 5, 5, 5, 1, 1])
    accuracy, low, high, baseline, uar = right("03.2", true, predicted)
    assert (accuracy, baseline, uar) == (6 / 7, 4 / 7, pytest.approx((1 + 2 / 3) / 2))
    theirs = binomtest(6, 7).proportion_ci(method="wilson")
    assert (low, high) == (pytest.approx(theirs.low, abs=1e-4), pytest.approx(theirs.high, abs=1e-4))


def test_nothing_right_and_all_right_have_intervals_too():
    true = np.array([1, 1, 5])
    for predicted, k in ((true, 3), (6 - true, 0)):
        theirs = binomtest(k, 3).proportion_ci(method="wilson")
        assert right("03.2", true, predicted)[1:3] == (pytest.approx(theirs.low, abs=1e-4),
                                                       pytest.approx(theirs.high, abs=1e-4))


def test_an_interval_of_all_the_digits_of_z_is_right_in_the_lesson_too():
    def precise(true, predicted):
        accuracy, _, _, baseline, uar = right("03.2", true, predicted)
        ends = binomtest(int((true == predicted).sum()), len(true)).proportion_ci(method="wilson")
        return accuracy, ends.low, ends.high, baseline, uar
    assert ": right on all" in checking.verdict("03.2", precise)


def test_only_who_takes_each_actors_own_mean_away_is_right_on_new_people():
    asked = exercises.find("03.3").at_least
    for k in range(20):
        case, truth = (make(np.random.default_rng([11, k]), k) for make in (BANK["03.3"].inputs, BANK["03.3"].truth))
        assert (right("03.3", *case) == truth).mean() > asked + 0.05
        for name in BANK["03.3"].near_misses:
            assert (near("03.3", name)(*case) == truth).mean() < asked


def test_no_actor_is_on_both_sides_and_each_shows_the_same_mix():
    _, y_train, known, _, y_test, new = people(np.random.default_rng(2))
    assert not set(known) & set(new)
    assert {(y[whose == actor] == 1).mean() for y, whose in ((y_train, known), (y_test, new))
            for actor in np.unique(whose)} == {1 / 3}


def test_centring_fails_where_new_actors_show_one_label_alone():
    # What the lesson says that it assumes.
    X_train, y_train, known, X_test, y_test, new = people(np.random.default_rng(2))
    angry = y_test == 5
    assert (right("03.3", X_train, y_train, known, X_test[angry], new[angry]) == 5).mean() < 0.85


def test_never_angry_is_right_in_13_of_15_takes():
    angry = results.read("ravdess_speech_counts")["counts"]["angry"]
    assert right("03.4") == pytest.approx(1 - angry / 1440) == pytest.approx(13 / 15)


# --- 04 ---------------------------------------------------------------------------------------------------------------

def test_the_heads_of_both_lectures():
    assert right("04.1", [7, 7, 512], [1024, 512, 2]) == 26_216_962  # lecture 14 at 20:56
    assert right("04.1", [4, 7, 512], [21, 2]) == 14336 * 21 + 21 + 21 * 2 + 2


def test_grey_and_red_as_vgg_face_wants_them():
    pixels = np.array([[[[128, 128, 128], [255, 0, 0]]]], np.uint8)
    np.testing.assert_allclose(right("04.2", pixels), [[[[34.406, 23.2376, -1.1863], [-93.594, -104.7624, 125.8137]]]])


def test_so_many_images_and_no_fewer():
    assert right("04.3", 0.58, 2 / 3) == 114
    # Half of 92 and of 94 against 0.6: z² · 0.24 / 0.01 = 92.2.
    assert right("04.3", 0.5, 0.6) == right("04.3", 0.5, 0.4) == 93
    few, enough = (binomtest(n // 2, n).proportion_ci(method="wilson").high for n in (92, 94))
    assert few > 0.6 > enough


def test_a_smaller_difference_takes_more_images():
    needed = [right("04.3", 0.6 + difference, 0.6) for difference in (0.02, 0.05, 0.1, 0.2)]
    assert all(more > fewer for more, fewer in pairwise(needed))
