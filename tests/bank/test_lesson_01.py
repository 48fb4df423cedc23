"""Lesson 01: the references against values worked out by hand, and against other ways to the same."""

import cv2
import numpy as np
from every_lesson import EveryLesson

from course_lib import exercises, results


class TestExercises(EveryLesson):
    """See `EveryLesson`."""


def test_names_are_read_whatever_folder_and_ending(lesson):
    found = lesson.right("01.1", ["02-01-05-02-01-02-12.mp4", "Actor_24/03-02-08-01-02-01-24.wav"])
    assert found.tolist() == [[5, 2, 1, 2, 12], [8, 1, 2, 1, 24]]


def test_there_is_no_strong_neutral_among_the_hidden_names(lesson):
    rows = np.concatenate([case.right for case in lesson.hidden("01.1")])
    assert (rows[rows[:, 0] == 1, 1] == 1).all() and (rows[:, 0] == 1).sum() > 5


def test_each_clip_begins_at_frame_0(lesson):
    found = lesson.right("01.2", np.array([1, 5]), np.array([5, 4]), 2)
    assert found.tolist() == [[1, 0], [1, 2], [1, 4], [5, 0], [5, 2]]


def test_bytes_do_not_wrap_around(lesson):
    frames = np.array([[[100, 100]], [[98, 104]], [[100, 255]]], np.uint8)
    assert lesson.right("01.3", frames).tolist() == [0, 3, 77.5]
    assert lesson.right("01.3", frames[..., None].repeat(3, axis=3)).tolist() == [0, 3, 77.5]
    assert lesson.near("01.3", "bytes wrap around", frames).tolist() != [0, 3, 77.5]


def test_the_takes_are_those_counted_on_real_data(lesson):
    counts = results.read("ravdess_speech_counts")["counts"]
    [case] = lesson.hidden("01.4")
    assert case.right == counts["neutral"] + counts["angry"] == 288


def test_images_are_rgb_and_the_label_is_the_third_number(lesson):
    pixels = np.array([[[200, 40, 10], [10, 40, 200]]], np.uint8)
    file = cv2.imencode(".png", pixels[..., ::-1])[1].ravel()
    images, labels = lesson.right("01.5", ["02-01-05-01-01-02-12_000.png"] * 2, [file, file])
    assert images.dtype == np.uint8 and images.tolist() == [pixels.tolist()] * 2
    assert labels.tolist() == [5, 5]


def test_the_examples_files_are_what_opencv_reads(lesson):
    example = exercises.find("01.5").examples[0]
    assert cv2.imdecode(example[1][0], cv2.IMREAD_COLOR).tolist() == [[[10, 40, 200], [200, 40, 10]]]
