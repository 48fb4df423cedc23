"""Emoji as pictures, and how they are pasted on a frame."""

import numpy as np
import pytest

from course_lib.core.errors import CourseError
from course_lib.core.labels import EMOTIONS
from course_lib.demo import emoji


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_an_emoji_is_a_disc_on_transparent_ground(emotion):
    picture = emoji.picture(emotion, 64)
    assert picture.shape == (64, 64, 4) and picture.dtype == np.uint8
    assert picture[0, 0, 3] == 0 and picture[32, 4:60, 3].min() == 255
    assert ((picture[..., 3] > 0) & (picture[..., 3] < 255)).any()  # its edge is soft


def test_each_emotion_has_its_own_emoji():
    assert len({emoji.picture(emotion).tobytes() for emotion in EMOTIONS}) == len(EMOTIONS)


def test_pasting_leaves_the_frame_and_the_corners_as_they_were():
    frame = np.full((50, 60, 3), 9, np.uint8)
    result = emoji.paste(frame, emoji.picture("sad", 40), 20, 10)
    assert (frame == 9).all() and (result[:10] == 9).all() and (result[10, 20] == 9).all()
    assert result[30, 25].tolist() == list(emoji.YELLOW[:3])


def test_an_emoji_at_the_edge_is_cut_off():
    frame = np.zeros((30, 30, 3), np.uint8)
    assert emoji.paste(frame, emoji.picture("happy", 40), 10, 5).shape == frame.shape


def test_an_unknown_emotion_is_refused():
    with pytest.raises(CourseError, match="hapy"):
        emoji.picture("hapy")
