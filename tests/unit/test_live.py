"""A camera and a microphone as they come, and the HTML that is made of them."""

import re

import numpy as np
import pytest
import skimage

from course_lib.core.labels import EMOTIONS
from course_lib.demo import live, moments, uploads, view
from course_lib.demo.moments import NOTHING, Settings
from course_lib.models import voices

EVEN = Settings({"face": 1.0, "voice": 1.0}, {"face": 0.5, "voice": 0.3}, {"face": [1.0] * 7, "voice": [1.0] * 7})
HAPPY, SAD = np.eye(7)[EMOTIONS.index("happy")], np.eye(7)[EMOTIONS.index("sad")]
FACE, WALL = skimage.data.astronaut()[:300, :400], np.full((300, 400, 3), 90, np.uint8)
TONE = (0.2 * np.sin(np.arange(8000) / 9)).astype(np.float32)      # half a second at 16 kHz


@pytest.fixture
def visitor(monkeypatch):
    """A visitor whom the networks see happy, and hear sad as long as it is loud; `clock[0]` is the time."""
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


def test_a_new_answer_is_mixed_with_what_was_before(visitor, monkeypatch):
    visitor.see(FACE)
    monkeypatch.setattr(moments, "see", lambda crops: SAD[np.newaxis])
    _, moment = visitor.see(FACE)
    assert moment.face[EMOTIONS.index("sad")] == pytest.approx(live.FRESH)
    assert moment.face[EMOTIONS.index("happy")] == pytest.approx(1 - live.FRESH)


def test_the_camera_may_change_its_size(visitor):
    visitor.see(FACE)
    assert visitor.see(np.ascontiguousarray(FACE[:, 50:350]))[0] is not None


def test_a_whole_window_is_heard_and_then_again_with_every_half_second(visitor):
    for _ in range(4):
        visitor.hear(16000, TONE)
    assert visitor.heard == [] and visitor.see(WALL)[1].answer == NOTHING
    for _ in range(8):
        visitor.hear(16000, TONE[:2000])
    assert visitor.heard == [40000, 40000] and len(visitor.levels()) == 25
    assert visitor.see(WALL)[1].answer == "sad"


def test_a_microphone_alone_is_answered_and_beside_a_camera_the_pictures_say_it(visitor):
    said = [visitor.hear(16000, TONE) for _ in range(5)]
    assert [moment.answer for moment in said] == [NOTHING] * 4 + ["sad"]
    visitor.see(WALL)
    assert visitor.hear(16000, TONE) is None
    visitor.clock[0] += live.STALE + 0.1
    assert visitor.hear(16000, TONE).answer == NOTHING      # after a pause the window begins anew


def test_of_the_sound_no_more_than_the_window_is_kept(visitor):
    for _ in range(20):
        visitor.hear(16000, TONE)
    assert max(visitor.heard) == len(visitor._sound) == round(voices.WINDOW * uploads.SR)


def test_stereo_at_another_rate_is_the_same_sound(visitor):
    stereo = np.repeat(TONE[:, None], 2, axis=1)
    visitor.hear(48000, np.repeat(stereo, 3, axis=0))
    assert abs(len(visitor._sound) - len(TONE)) < 20
    assert np.abs(visitor._sound).max() == pytest.approx(0.2, abs=0.05)


def test_what_was_heard_long_ago_counts_no_more(visitor):
    for _ in range(5):
        visitor.hear(16000, TONE)
    assert visitor.see(WALL)[1].answer == "sad"
    visitor.clock[0] += live.STALE + 0.1
    assert visitor.see(WALL)[1].answer == NOTHING


def test_a_face_seen_long_ago_is_not_mixed_in(visitor, monkeypatch):
    visitor.see(FACE)
    visitor.clock[0] += live.STALE + 0.1
    monkeypatch.setattr(moments, "see", lambda crops: SAD[np.newaxis])
    assert visitor.see(FACE)[1].answer == "sad"


def test_an_answer_is_read_out_when_it_is_new_and_not_too_soon(visitor):
    happy, nothing = moments.judge(HAPPY, weighing=EVEN), moments.judge(weighing=EVEN)
    told = []
    for moment, later in ((happy, 0), (happy, 5), (nothing, 0.1), (happy, 0.5), (nothing, 3)):
        visitor.clock[0] += later
        told.append(visitor.news(moment))
    assert told == [True, False, True, False, False]


# --- as HTML ----------------------------------------------------------------------------------------------------------

def test_each_bar_is_a_meter_with_a_name_and_its_value_in_words():
    html = view.moment(moments.judge(HAPPY, SAD, EVEN), FACE, [100, 50, 90, 90])
    meters = re.findall(r"<meter min='0' max='1' value='([\d.]+)' aria-label='(\w+): (\w+)'>(\d+)%</meter>", html)
    assert len(meters) == 21 and {part for _, part, _, _ in meters} == {"face", "voice", "fused"}
    assert ("1.000", "face", "happy", "100") in meters and ("0.500", "fused", "sad", "50") in meters
    assert 'alt="the picture, a box around the face"' in html and "(100% of the answer)" in html


def test_what_is_missing_is_said():
    html = view.moment(moments.judge(weighing=EVEN), WALL)
    assert all(text in html for text in ("no face", "no sound", "nothing to fuse", NOTHING, "no face in the picture"))
    assert "<meter" not in html


def test_names_from_outside_are_escaped():
    assert "<script>" not in view.message("<script>alert(1)</script>.mp4: it is empty")
