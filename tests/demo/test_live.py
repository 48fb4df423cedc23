"""Live predictions from a camera and a microphone."""

import numpy as np
import pytest
from demo_pieces import EVEN, FACE, HAPPY, SAD, WALL

from course_lib.core.audio import SPEECH_SR
from course_lib.core.labels import EMOTIONS
from course_lib.demo import live, moments
from course_lib.demo.moments import NOTHING
from course_lib.models import voices

TONE = (0.2 * np.sin(np.arange(8000) / 9)).astype(np.float32)  # half a second at 16 kHz


@pytest.fixture
def visitor(monkeypatch):
    """A visitor with a happy face and a sad voice as long as the sound is loud; `clock[0]` is the time."""
    heard, clock = [], [100.0]

    def hear(windows, weighing=None):
        heard.append(len(windows[0]))
        return np.where(moments.quiet(np.asarray(windows))[:, None], np.nan, SAD)

    monkeypatch.setattr(moments, "settings", lambda: EVEN)
    monkeypatch.setattr(moments, "see", lambda crops, weighing=None: np.tile(HAPPY, (len(crops), 1)))
    monkeypatch.setattr(moments, "hear", hear)
    monkeypatch.setattr(live.time, "monotonic", lambda: clock[0])
    made = live.Live()
    made.heard, made.clock = heard, clock
    return made


def test_a_face_is_seen_followed_and_forgotten(visitor):
    box, moment = visitor.see(FACE)
    assert 70 < box[2] < 200 and moment.answer == "happy"
    assert visitor.see(FACE)[1].answer == "happy"
    for _ in range(20):
        box, moment = visitor.see(WALL)
    assert box is None and moment.answer == NOTHING and np.isnan(moment.face).all()


def test_new_probabilities_are_averaged_with_the_old_ones(visitor, monkeypatch):
    visitor.see(FACE)
    monkeypatch.setattr(moments, "see", lambda crops, weighing=None: SAD[np.newaxis])
    _, moment = visitor.see(FACE)
    assert moment.face[EMOTIONS.index("sad")] == pytest.approx(live.FRESH)
    assert moment.face[EMOTIONS.index("happy")] == pytest.approx(1 - live.FRESH)


def test_the_camera_may_change_its_size(visitor):
    visitor.see(FACE)
    assert visitor.see(np.ascontiguousarray(FACE[:, 50:350]))[0] is not None


def test_the_classifier_runs_on_a_whole_window_and_then_every_half_second(visitor):
    for _ in range(4):
        visitor.hear(16000, TONE)
    assert visitor.heard == [] and visitor.see(WALL)[1].answer == NOTHING
    for _ in range(8):
        visitor.hear(16000, TONE[:2000])
    assert visitor.heard == [40000, 40000] and len(visitor.levels()) == 25
    assert visitor.see(WALL)[1].answer == "sad"


def test_a_microphone_alone_gives_answers_and_with_a_camera_the_frames_give_them(visitor):
    found = [visitor.hear(16000, TONE) for _ in range(5)]
    assert [moment.answer for moment in found] == [NOTHING] * 4 + ["sad"]
    visitor.see(WALL)
    assert visitor.hear(16000, TONE) is None
    visitor.clock[0] += live.STALE + 0.1
    assert visitor.hear(16000, TONE).answer == NOTHING  # after a pause the window is empty again


def test_only_one_window_of_the_sound_is_kept(visitor):
    for _ in range(20):
        visitor.hear(16000, TONE)
    assert max(visitor.heard) == len(visitor._sound) == round(voices.WINDOW * SPEECH_SR)


def test_stereo_at_another_rate_is_the_same_sound(visitor):
    stereo = np.repeat(TONE[:, None], 2, axis=1)
    visitor.hear(48000, np.repeat(stereo, 3, axis=0))
    assert abs(len(visitor._sound) - len(TONE)) < 20
    assert np.abs(visitor._sound).max() == pytest.approx(0.2, abs=0.05)


def test_old_sound_no_longer_counts(visitor):
    for _ in range(5):
        visitor.hear(16000, TONE)
    assert visitor.see(WALL)[1].answer == "sad"
    visitor.clock[0] += live.LATE + 0.1
    assert visitor.see(WALL)[1].answer == NOTHING


def test_the_sounds_own_clock_tells_whether_a_part_is_missing(visitor):
    for number in range(5):
        visitor.hear(16000, TONE, start=number / 2)
        visitor.clock[0] += 4  # on a slow network
    assert visitor.see(WALL)[1].answer == "sad" and visitor.listening() == "heard"
    visitor.hear(16000, TONE, start=9.0)
    assert visitor.listening() == "listening 0.5 of 2.5 s"


def test_a_microphone_that_is_off_is_not_heard(visitor):
    for _ in range(5):
        visitor.hear(16000, TONE)
    visitor.silence()
    assert visitor.see(WALL)[1].answer == NOTHING and visitor.listening() == "no sound"


def test_an_old_face_is_not_averaged_in(visitor, monkeypatch):
    visitor.see(FACE)
    visitor.clock[0] += live.STALE + 0.1
    monkeypatch.setattr(moments, "see", lambda crops, weighing=None: SAD[np.newaxis])
    assert visitor.see(FACE)[1].answer == "sad"


def test_an_answer_is_spoken_when_it_is_new_and_not_too_soon(visitor):
    happy, nothing = moments.judge(HAPPY, weighing=EVEN), moments.judge(weighing=EVEN)
    spoken = []
    for moment, later in ((happy, 0), (happy, 5), (nothing, 0.1), (happy, 0.5), (nothing, 3)):
        visitor.clock[0] += later
        spoken.append(visitor.news(moment.answer))
    assert spoken == [True, False, True, False, False]
