"""Answers that do not flicker, stretches of a film, and the verdict in one sentence."""

import numpy as np
import pandas as pd
import pytest
from demo_pieces import EVEN

from course_lib.core.labels import EMOTIONS
from course_lib.demo import moments, steady
from course_lib.demo.moments import MISSING, NOTHING, UNSURE


def face(**named):
    rest = (1 - sum(named.values())) / (len(EMOTIONS) - len(named))
    return np.array([named.get(emotion, rest) for emotion in EMOTIONS])


def table_of(rows, step=0.1):
    rows = list(rows)
    nothing = np.tile(MISSING, (len(rows), 1))
    return moments.tabled(step * np.arange(len(rows)), nothing[:, :4], np.array(rows), nothing, EVEN)


def test_an_answer_near_the_threshold_stays():
    shown, changes = "", []
    for happy in (0.6, 0.49, 0.51, 0.48, 0.52, 0.47, 0.44, 0.49, 0.51):
        shown = steady.settle(shown, moments.judge(face(happy=happy), weighing=EVEN))
        changes.append(shown)
    assert changes == ["happy"] * 6 + [UNSURE] * 2 + ["happy"]


def test_two_emotions_of_about_the_same_probability_do_not_alternate():
    low = EVEN._replace(threshold={"face": 0.3})
    shown, seen = "happy", []
    for happy in (0.40, 0.43, 0.39, 0.35):
        shown = steady.settle(shown, moments.judge(face(happy=happy, sad=0.8 - happy), weighing=low))
        seen.append(shown)
    assert seen == ["happy", "happy", "happy", "sad"]


def test_a_face_that_is_gone_is_not_kept():
    assert steady.settle("happy", moments.judge(weighing=EVEN)) == NOTHING


def test_a_flash_of_another_emotion_is_left_out():
    rows = [face(happy=0.9)] * 20 + [face(sad=0.9)] * 3 + [face(happy=0.9)] * 20
    assert steady.answers(table_of(rows), EVEN) == ["happy"] * 43


def test_a_change_that_lasts_is_a_stretch_of_its_own():
    found = steady.spells(table_of([face(happy=0.9)] * 20 + [face(sad=0.8)] * 20), EVEN)
    assert [one.answer for one in found] == ["happy", "sad"]
    assert found[0].start == 0 and found[0].end == pytest.approx(found[1].start)
    assert found[0].end == pytest.approx(2, abs=0.2) and found[1].end == pytest.approx(4)
    assert steady.verdict(found).startswith("Mostly happy") or steady.verdict(found).startswith("Mostly sad")


def test_not_sure_names_both_emotions():
    found = steady.spells(table_of([face(fear=0.4, surprise=0.35)] * 20), EVEN)
    assert [one.words for one in found] == ["not sure between fear and surprise"]
    assert steady.verdict(found) == "Not sure between fear and surprise, all the time."


def test_a_film_without_anything_says_so():
    found = steady.spells(table_of([MISSING] * 10), EVEN)
    assert [one.answer for one in found] == [NOTHING] and np.isnan(found[0].probability)
    assert steady.verdict(found) == "Neither a face nor a voice was found."


def test_one_moment_is_one_stretch():
    found = steady.spells(table_of([face(happy=0.9)]), EVEN)
    assert isinstance(found[0].start, float) and [one.answer for one in found] == ["happy"]


@pytest.mark.parametrize("seed", range(5))
def test_no_stretch_is_shorter_than_half_a_second_and_all_are_covered(seed):
    rng = np.random.default_rng(seed)
    rows = rng.dirichlet(np.full(7, 0.3), 80)
    found = pd.Series(steady.answers(table_of(rows), EVEN))
    runs = found.groupby((found != found.shift()).cumsum()).size()
    assert len(found) == 80 and (runs >= 5).all()
