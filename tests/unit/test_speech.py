"""What the network for speech hears, and how its eight emotions become seven."""

import numpy as np
import pytest

from course_lib import speech
from course_lib.datasets import fer2013, ravdess
from course_lib.files import CourseError


def test_the_picture_is_128_frames_of_64_bands():
    assert speech.pictures(np.ones((2, 1000), np.float32)).shape == (2, 64, 128, 1)


def test_eight_become_seven_by_name():
    eight = np.eye(8)
    seven = speech.as_seven(eight)
    named = [fer2013.EMOTIONS[place] for place in seven.argmax(axis=1)]
    assert dict(zip(ravdess.EMOTIONS, named, strict=True)) == {
        "neutral": "neutral", "calm": "neutral", "happy": "happy", "sad": "sad", "angry": "angry", "fearful": "fear",
        "disgust": "disgust", "surprised": "surprise"}
    assert speech.as_seven(np.full((1, 8), 0.125))[0].tolist() == [0.125] * 6 + [0.25]


def test_a_long_take_is_cut_around_what_is_said():
    take = np.zeros((1, 5 * speech.SR), np.float32)
    take[0, 3 * speech.SR:4 * speech.SR] = 0.5
    cut = speech.around_speech(take)
    assert cut.shape == (1, round(speech.SECONDS * speech.SR)) and (cut > 0).sum() == speech.SR
    before, after = np.flatnonzero(cut[0])[[0, -1]]
    assert abs(before - (cut.shape[1] - 1 - after)) <= speech.SR // 10


def test_speech_at_an_end_is_not_cut_off():
    take = np.zeros((2, 5 * speech.SR), np.float32)
    take[0, :speech.SR], take[1, -speech.SR:] = 0.5, 0.5
    assert (speech.around_speech(take) > 0).sum(axis=1).tolist() == [speech.SR, speech.SR]


def test_what_is_short_stands_in_the_middle():
    cut = speech.around_speech(np.full((1, 100), 0.1, np.float32))[0]
    assert np.flatnonzero(cut).tolist() == list(range((len(cut) - 100) // 2, (len(cut) - 100) // 2 + 100))


def test_a_window_of_the_right_length_stays_as_it_is():
    window = np.random.default_rng(0).normal(size=(3, round(speech.SECONDS * speech.SR))).astype(np.float32)
    assert np.array_equal(speech.around_speech(window), window)


def test_silence_is_cut_too():
    assert not speech.around_speech(np.zeros((1, 9 * speech.SR), np.float32)).any()


def test_one_signal_alone_is_refused():
    with pytest.raises(CourseError, match="at least one"):
        speech.around_speech(np.zeros(10, np.float32))
