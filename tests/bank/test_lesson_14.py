"""Lesson 14: the references against pandas, the course's own live demo, and values worked out by hand."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from every_lesson import EveryLesson

from course_lib.core.audio import SPEECH_SR
from course_lib.demo import emoji, live, moments


class TestExercises(EveryLesson):
    """See `EveryLesson`."""


# --- 14.4 ---


def test_an_emoji_on_a_frame_by_hand(lesson):
    frame = np.array([[[100, 0, 200], [1, 2, 3]]], np.uint8)
    half = np.array([[[200, 255, 0, 51]]], np.uint8)  # a fifth
    assert lesson.right("14.4", frame, half, 0, 0).tolist() == [[[120, 51, 160], [1, 2, 3]]]


def test_it_is_how_the_lesson_draws_its_film(lesson):
    for given, right, *_ in lesson.cases_and_examples("14.4"):
        assert np.array_equal(emoji.paste(*given), right)


def test_hidden_emojis_are_transparent_opaque_and_between(lesson):
    for case in lesson.hidden("14.4"):
        frame, picture, x, y = case.arguments
        alpha = picture[..., 3]
        assert (alpha == 0).any() and (alpha == 255).any() and ((alpha > 0) & (alpha < 255)).any() and x != y
        assert y + len(picture) <= frame.shape[0] and x + len(picture) <= frame.shape[1]


# --- 14.1 ---


def test_the_last_samples_by_hand(lesson):
    pieces = [np.array([1.0, 2.0]), np.array([]), np.array([3.0]), np.array([4.0, 5.0, 6.0, 7.0])]
    assert lesson.right("14.1", pieces, 3).tolist() == [[0, 1, 2], [0, 1, 2], [1, 2, 3], [5, 6, 7]]


def test_a_window_is_the_end_of_all_that_was_heard_behind_zeros(lesson):
    for (pieces, size), right, *_ in lesson.cases_and_examples("14.1"):
        assert right.shape == (len(pieces), size)
        for count, window in enumerate(right, 1):
            heard = np.concatenate(pieces[:count])[-size:]
            assert (
                np.array_equal(window[size - len(heard) :], heard) and not window[: size - len(heard)].any()
            )


def test_a_full_window_is_what_the_live_demo_keeps(monkeypatch, lesson):
    """It hears nothing before a whole window is there; then what it asks about is this exercise's window."""
    asked = []
    monkeypatch.setattr(
        live.moments,
        "hear",
        lambda windows, weighing: asked.append(windows[0]) or moments.MISSING[np.newaxis],
    )
    monkeypatch.setattr(live.moments, "judge", lambda *probabilities, **more: None)
    size, there = round(live.WINDOW * SPEECH_SR), live.Live()
    pieces = list(
        np.random.default_rng(3).uniform(-1, 1, (7, round(live.HOP * SPEECH_SR))).astype(np.float32)
    )
    for piece in pieces:
        there.hear(SPEECH_SR, piece)
    windows = lesson.right("14.1", pieces, size)
    assert len(asked) > 1
    for own, window in zip(asked, windows[-len(asked) :], strict=True):
        assert np.allclose(own, window)


def test_hidden_sound_comes_in_short_long_and_empty_pieces_and_does_not_fill_the_first_windows(lesson):
    for case in lesson.hidden("14.1"):
        pieces, size = case.arguments
        lengths = [len(piece) for piece in pieces]
        assert lengths[0] > 0 and 0 in lengths and max(lengths) > size > lengths[0] + lengths[1]
        assert all(piece.dtype == float and piece.ndim == 1 for piece in pieces)


# --- 14.2 ---


def test_steadied_shares_by_hand(lesson):
    probabilities = np.array([[1.0, 0.0], [0.0, 1.0], [np.nan, np.nan], [0.0, 1.0], [1.0, 0.0]])
    assert np.allclose(
        lesson.right("14.2", probabilities, 0.25),
        [[1, 0], [0.75, 0.25], [np.nan] * 2, [0, 1], [0.25, 0.75]],
        equal_nan=True,
    )


def test_between_two_gaps_it_is_pandas_exponential_mean(lesson):
    for (probabilities, fresh), right, *_ in lesson.cases_and_examples("14.2"):
        gap = np.isnan(probabilities).any(axis=1)
        assert np.isnan(right[gap]).all()
        for _, rows in pd.DataFrame(probabilities)[~gap].groupby(np.cumsum(gap)[~gap]):
            assert np.allclose(right[rows.index], rows.ewm(alpha=fresh, adjust=False).mean())


def test_steadied_shares_still_add_up_to_1(lesson):
    for case in lesson.hidden("14.2"):
        assert np.allclose(case.right.sum(axis=1)[~np.isnan(case.right).any(axis=1)], 1)


def test_all_fresh_changes_nothing(lesson):
    probabilities, _ = lesson.cases("14.2")[0].arguments
    assert np.array_equal(lesson.right("14.2", probabilities, 1.0), probabilities, equal_nan=True)


def test_it_is_how_the_live_demo_steadies_a_face(monkeypatch, lesson):
    (probabilities, _), *_ = lesson.cases("14.2")[0]
    coming = iter(probabilities)
    monkeypatch.setattr(live.Live, "_followed", lambda self, frame: None if np.isnan(frame).any() else frame)
    monkeypatch.setattr(live.Live, "_count", lambda *given: None)
    monkeypatch.setattr(live.faces, "crop", lambda frame, box: frame)
    monkeypatch.setattr(live.moments, "see", lambda crops, weighing: crops)
    monkeypatch.setattr(live.moments, "judge", lambda face, voice, weighing: face)
    there = live.Live()
    shown = np.array([there.see(row)[1] for row in coming])
    assert np.allclose(shown, lesson.right("14.2", probabilities, live.FRESH), equal_nan=True)


def test_hidden_faces_are_lost_twice_once_for_several_moments_and_at_times_at_first(lesson):
    at_first = set()
    for case in lesson.cases("14.2"):
        probabilities, fresh = case.arguments
        gap = np.isnan(probabilities)
        assert probabilities.shape == (24, 7) and 0 < fresh < 1 and (gap.any(axis=1) == gap.all(axis=1)).all()
        assert np.allclose(probabilities[~gap.any(axis=1)].sum(axis=1), 1)
        runs = np.diff(np.flatnonzero(np.diff(np.concatenate([[False], gap[2:, 0], [False]]))))[::2]
        assert sorted(runs) == [1, 3]
        at_first.add(bool(gap[0, 0]))
    assert at_first == {True, False}


# --- 14.3 ---


@pytest.mark.parametrize("pause, found", [(1.0, [0, 2, 5]), (0.5, [0, 1, 2, 5]), (9.0, [0])])
def test_what_is_read_out_by_hand(pause, found, lesson):
    # At a pause of a second "b" comes too early, "c" is said in its place; "c" again is not; "a" is.
    answers, times = ["a", "b", "c", "c", "c", "a"], np.array([0.0, 0.5, 1.0, 1.5, 2.0, 2.5])
    assert lesson.right("14.3", answers, times, pause).tolist() == found


def test_an_answer_that_changed_during_the_pause_is_still_said(lesson):
    assert lesson.right("14.3", ["a", "b", "b", "b"], np.array([0.0, 0.25, 0.75, 1.0]), 0.75).tolist() == [
        0,
        2,
    ]


def test_a_change_that_is_taken_back_during_the_pause_is_not_said(lesson):
    assert lesson.right("14.3", ["a", "b", "a", "a"], np.array([0.0, 0.25, 0.75, 1.0]), 0.75).tolist() == [0]


def test_what_is_read_out_is_other_than_before_and_the_pause_is_kept(lesson):
    for (answers, times, pause), right, *_ in lesson.cases_and_examples("14.3"):
        assert right[0] == 0
        for before, now in pairwise(right.tolist()):
            assert answers[before] != answers[now] and times[now] - times[before] >= pause
            # And nothing in between was left out that should have been said.
            assert not [
                place
                for place in range(before + 1, now)
                if answers[place] != answers[before] and times[place] - times[before] >= pause
            ]


def test_it_is_what_the_live_demo_reads_out(monkeypatch, lesson):
    for (answers, times, pause), right, *_ in lesson.cases_and_examples("14.3"):
        clock = iter(times)
        with monkeypatch.context() as patched:
            there = live.Live()
            patched.setattr(live, "PAUSE", pause)
            patched.setattr(live.time, "monotonic", lambda clock=clock: next(clock))
            told = [there.news(answer) for answer in answers]
        assert np.flatnonzero(told).tolist() == right.tolist()


def test_hidden_days_meet_the_pause_exactly_and_stay_the_same_for_longer(lesson):
    exact = 0
    for case in lesson.cases("14.3"):
        answers, times, pause = case.arguments
        assert len(answers) == len(times) and (np.diff(times) > 0).all() and (times % 0.25 == 0).all()
        exact += (np.diff(times[case.right]) == pause).sum()
        changes = np.flatnonzero([True] + [a != b for a, b in pairwise(answers)] + [True])
        assert np.diff(changes).max() >= 12
    assert exact > 0


def test_typical_mistakes_change_the_day_of_every_student(lesson):
    private = lesson.executed["14.3"].private
    for seed in range(100):
        case = private.inputs(np.random.default_rng(seed), seed)
        right = private.reference(*case).tolist()
        for name in ("another than just before", "the pause is forgotten", "longer than the pause"):
            assert lesson.near("14.3", name, *case).tolist() != right
