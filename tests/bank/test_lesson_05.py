"""Lesson 05: the references against values worked out by hand, and against other ways to the same."""

import numpy as np
from every_lesson import EveryLesson


class TestExercises(EveryLesson):
    """See `EveryLesson`."""


def test_a_tone_is_heard_where_its_samples_say(lesson):
    # The lesson's own: 5 kHz at 8,000 samples a second sound like 3 kHz.
    assert lesson.right("05.1", np.array([5000.0]), 48000, 6).tolist() == [3000]
    for (tones, rate, step), heard, *_ in lesson.cases("05.1"):
        seconds = np.arange(200) * step / rate
        for sung, low in zip(tones, heard, strict=True):
            assert np.allclose(
                np.cos(2 * np.pi * sung * seconds), np.cos(2 * np.pi * low * seconds), atol=1e-6
            )
            assert 0 <= low <= rate / step / 2


def test_a_voice_is_the_mean_of_its_tracks_filled_up_or_cut_at_the_end(lesson):
    pcm = np.array([[16384, 0], [32767, 32767]], np.int16)
    assert lesson.right("05.2", pcm, 3).tolist() == [0.25, 32767 / 32768, 0]
    assert lesson.right("05.2", pcm, 1).tolist() == [0.25]


def test_one_file_of_each_take_the_one_with_most_in_it(lesson):
    a, b = "01-02-01-01-01-01", "01-02-01-01-01-02"  # two actors
    assert lesson.right("05.3", [f"03-{a}.wav", f"02-{b}.mp4", f"02-{a}.mp4", f"01-{a}.mp4"]).tolist() == [
        1,
        3,
    ]
    assert lesson.right("05.3", [f"03-{a}.wav", f"02-{a}.mp4"]).tolist() == [1]
    for case in lesson.cases("05.3"):
        [names] = case.arguments
        assert len({names[place].split(".")[0][3:] for place in case.right}) == 10


def test_nine_clips_fit(lesson):
    [case] = lesson.hidden("05.4")
    assert case.right * 120 * 720 * 1280 * 3 * 4 <= 12e9 < (case.right + 1) * 120 * 720 * 1280 * 3 * 4
