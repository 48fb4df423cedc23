"""Lessons 05 to 08: the references against values worked out by hand, and against other ways to the same."""

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.model_selection import train_test_split

from course_lib import exercises, results
from course_lib.core.paths import ROOT
from course_lib.grading import bank

BANK = bank.load(ROOT / "bank", ["05", "06", "07", "08"])


def right(id, *arguments):
    return BANK[id].reference(*arguments)


def near(id, name):
    found = BANK[id].near_misses[name]
    return found[0] if isinstance(found, tuple) else found


def cases(id):
    return [BANK[id].inputs(np.random.default_rng([7, k]), k) for k in range(BANK[id].cases)]


@pytest.mark.parametrize("id", [id for id in BANK if exercises.find(id).examples])
def test_hidden_inputs_are_small_and_never_the_same(id):
    every = [bytes(repr([np.asarray(value).tolist() for value in case]), "utf-8") for case in cases(id)]
    assert len(set(every)) == BANK[id].cases
    assert max(map(len, every)) < 1_000_000


@pytest.mark.parametrize("id", BANK)
def test_who_solves_it_is_told_what_is_not_there_when_it_is_graded(id):
    assert exercises.find(id).absent == BANK[id].forbidden


# --- 05 ---------------------------------------------------------------------------------------------------------------

def test_a_tone_is_heard_where_its_samples_say():
    # The lesson's own: 5 kHz at 8,000 samples a second sound like 3 kHz.
    assert right("05.1", np.array([5000.0]), 48000, 6).tolist() == [3000]
    tones, rate, step = cases("05.1")[0]
    seconds = np.arange(200) * step / rate
    for sung, heard in zip(tones, right("05.1", tones, rate, step), strict=True):
        assert np.allclose(np.cos(2 * np.pi * sung * seconds), np.cos(2 * np.pi * heard * seconds), atol=1e-6)
        assert 0 <= heard <= rate / step / 2


def test_a_voice_is_the_mean_of_its_tracks_filled_up_or_cut_at_the_end():
    pcm = np.array([[16384, 0], [32767, 32767]], np.int16)
    assert right("05.2", pcm, 3).tolist() == [0.25, 32767 / 32768, 0]
    assert right("05.2", pcm, 1).tolist() == [0.25]


def test_one_file_of_each_take_the_one_with_most_in_it():
    a, b = "01-02-01-01-01-01", "01-02-01-01-01-02"  # two actors
    assert right("05.3", [f"03-{a}.wav", f"02-{b}.mp4", f"02-{a}.mp4", f"01-{a}.mp4"]).tolist() == [1, 3]
    assert right("05.3", [f"03-{a}.wav", f"02-{a}.mp4"]).tolist() == [1]
    for names, in cases("05.3"):
        assert len({names[place].split(".")[0][3:] for place in right("05.3", names)}) == 10


def test_nine_clips_fit():
    assert right("05.4") * 120 * 720 * 1280 * 3 * 4 <= 12e9 < (right("05.4") + 1) * 120 * 720 * 1280 * 3 * 4


# --- 06 ---------------------------------------------------------------------------------------------------------------

def test_frames_are_centred():
    assert right("06.1", np.array([1.0, 2.0, 3.0]), 2, 1).tolist() == [[0, 1], [1, 2], [2, 3], [3, 0]]
    assert right("06.1", np.ones(32000), 2048, 512).shape == (63, 2048)  # the lecture's 63 columns


def test_an_envelope_of_one_coefficient_is_the_mean_and_of_all_the_spectrum():
    decibels, _ = cases("06.2")[0]
    assert np.allclose(right("06.2", decibels, 1), decibels.mean(axis=0))
    assert np.allclose(right("06.2", decibels, len(decibels)), decibels)
    # Up and down alike: only the constant and the third cosine, 1 -1 -1 1, are in it.
    assert np.allclose(right("06.2", np.array([[4.0], [0.0], [0.0], [4.0]]), 2), 2)
    assert np.allclose(right("06.2", np.array([[4.0], [0.0], [0.0], [4.0]]), 3), [[4.0], [0.0], [0.0], [4.0]])


def test_columns_chosen_inside_the_split_know_nothing_of_noise():
    X, y, actors, k = exercises.find("06.3").examples[1]
    inside, outside = (function(X, y, actors, k) == y for function in (BANK["06.3"].reference,
                                                                       near("06.3", "chosen on all rows")))
    assert outside.mean() > 0.75  # more than noise can be known
    assert binomtest(int(inside.sum()), len(y)).pvalue > 0.05


def test_left_out_by_hand():
    # The classes of actor 2 are 0 and 9 in column 1, so actor 1's rows are 8, like class 1, and 1, like class 0. Those
    # of actor 1 are 0 and 9 in column 0, so actor 2's rows, 1 and 2, are both like class 0.
    X = np.array([[0.0, 8.0], [9.0, 1.0], [1.0, 0.0], [2.0, 9.0]])
    said = right("06.3", X, np.array([0, 1, 0, 1]), np.array([1, 1, 2, 2]), 1)
    assert said.tolist() == [1, 0, 0, 0]


# --- 07 ---------------------------------------------------------------------------------------------------------------

def test_what_any_classifier_can_know_is_what_the_linear_svc_knew_of_real_speech():
    files, labels = exercises.find("07.1").examples[1]
    assert right("07.1", files, labels) == 0.75  # 16 of 16, and 8 of the silent 16
    parts = [train_test_split(np.arange(32), test_size=0.2, random_state=seed)[0] for seed in range(30)]
    bounds = [right("07.1", files[rows], labels[rows]) for rows in parts]
    measured = results.read("lecture27_two_readings")["readings"]["16 takes twice, the second time silent"]
    svc = measured["linear SVC"]["train"]
    assert (np.mean(bounds), min(bounds), max(bounds)) == pytest.approx((svc["mean"], svc["lowest"], svc["highest"]))


def test_equal_rows_get_their_commonest_label():
    X = np.array([[1.0, 1.0], [1.0, 1.0], [1.0, 1.0], [1.0, 2.0]])
    assert right("07.1", X, np.array([0, 2, 0, 1])) == 0.75


def test_blocks_are_scaled_by_the_training_part():
    train, test = right("07.2", np.array([[1.0], [3.0]]), np.array([[0.0, 5, 0, 2], [0.0, 9, 0, 2]]),
                        np.array([[4.0]]), np.array([[1.0, 9, 0, 3]]))
    assert train.tolist() == [[-1, 0, -0.5, 0, 0], [1, 0, 0.5, 0, 0]]
    assert test.tolist() == [[2, 0.5, 0.5, 0, 0.5]]


def test_every_second_hidden_case_has_a_column_that_is_dead_in_training():
    assert [bool((case[1].std(axis=0) == 0).any()) for case in cases("07.2")] == [True, False] * 3


def test_met_before_by_hand():
    train = np.array([[1, 1, 2, 1, 1, 1, 9]])
    test = np.array([[2, 1, 2, 1, 1, 1, 9], [1, 1, 2, 1, 1, 2, 9], [1, 1, 2, 1, 2, 1, 9], [1, 1, 2, 1, 1, 1, 8]])
    assert right("07.3", train, test).tolist() == [[True, True, True], [False, True, True], [False, True, False],
                                                   [False, False, True]]


def test_no_tested_file_of_the_hidden_cases_is_a_training_file():
    for train, test in cases("07.3"):
        assert not set(map(tuple, train.tolist())) & set(map(tuple, test.tolist()))
        assert len(train) == 6 and right("07.3", train, test)[:, 0].any()


# --- 08 ---------------------------------------------------------------------------------------------------------------

def test_the_network_is_as_large_as_keras_says_in_the_lesson():
    assert right("08.1", 2520, 1, [16, 32], 8, 4) == 667_826
    # One filter of two steps on four steps of one channel, pooled to two: 3; BatchNorm 8; Dense 3 * 128; softmax 258.
    assert right("08.1", 4, 1, [1], 2, 2) == 3 + 8 + 384 + 258


def test_probabilities_stay_probabilities_where_a_modality_is_missing():
    for probabilities, weights in cases("08.2"):
        assert np.isnan(probabilities).any() and not np.isnan(probabilities).all(axis=(0, 2)).any()
        assert np.allclose(right("08.2", probabilities, weights).sum(axis=1), 1)
    both = np.array([[[1.0, 0.0]], [[0.0, 1.0]]])
    assert np.allclose(right("08.2", both, np.array([3.0, 1.0])), [[0.75, 0.25]])
    both[0] = np.nan
    assert np.allclose(right("08.2", both, np.array([3.0, 1.0])), [[0.0, 1.0]])


def test_moving_averages_begin_at_0_and_1_and_move_by_what_momentum_leaves():
    X = np.array([[2.0], [6.0]])  # mean 4, variance 4
    mean, variance = right("08.3", X, 2, 2, 0.75)  # two steps, each to three quarters of before and one quarter of 4
    assert np.allclose(mean, 0.75 * 1 + 1) and np.allclose(variance, 0.75 * 1.75 + 1)
    mean, _ = right("08.3", np.full((25, 1), 1.0), 8, 10, 0.99)
    assert np.allclose(mean, 1 - 0.99 ** 40)  # the lesson's two thirds are left of the beginning


def test_mcnemar_is_the_binomial_test_of_the_takes_that_one_got_right():
    true, six, five = np.zeros(7, int), np.eye(7, dtype=int)[0], np.array([1, 1, 0, 0, 0, 0, 0])
    assert right("08.4", true, six, five) == 1.0
    assert right("08.4", true, true, np.array([1, 1, 1, 1, 1, 1, 0])) == 2 / 64
    for true, first, second in cases("08.4"):
        b, c = int(((first == true) & (second != true)).sum()), int(((first != true) & (second == true)).sum())
        assert right("08.4", true, first, second) == pytest.approx(binomtest(b, b + c).pvalue)
