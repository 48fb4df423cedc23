"""Onset, apex and offset of curves worked out by hand, of the Studio's known course, and of its drawn
pictures.
"""

import numpy as np
import pytest
import skimage.data
from studio_recording import recording

from course_lib import faces
from course_lib.core.errors import CourseError
from course_lib.synthetic import action_units, face


def test_a_rise_a_plateau_and_a_fall_by_hand():
    """Rest 0, height 10: the apex are the values of 9 and more, onset and offset those above 1."""
    curve = [0, 0, 0, 1, 2, 5, 8, 9, 10, 9.5, 8, 4, 1.5, 1, 0, 0]
    assert faces.phases(curve) == faces.Phases(onset=(4, 6), apex=(7, 9), offset=(10, 12))


def test_the_level_at_rest_does_not_count():
    curve = np.array([0, 0, 0, 1, 2, 5, 8, 9, 10, 9.5, 8, 4, 1.5, 1, 0, 0])
    assert faces.phases(20 + 0.01 * curve) == faces.phases(curve)
    assert faces.phases(curve, rest=5) == faces.Phases(onset=(6, 7), apex=(8, 9), offset=(10, 10))


def test_only_the_strongest_of_two_expressions():
    curve = [0, 0, 3, 6, 3, 0, 0, 4, 8, 10, 8, 4, 0]
    assert faces.phases(curve) == faces.Phases(onset=(7, 8), apex=(9, 9), offset=(10, 11))


def test_a_dip_in_the_apex_ends_it():
    assert faces.phases([0, 0, 5, 9.5, 8, 10, 5, 0]).apex == (5, 5)


def test_a_clip_that_ends_in_the_apex_has_no_offset():
    assert faces.phases([0, 0, 0, 4, 10, 10]) == faces.Phases(onset=(3, 3), apex=(4, 5), offset=None)
    assert faces.phases([0, 0, 0, 4, 10, 5]).offset is None  # nor one that ends on the way down


def test_a_clip_that_begins_in_the_apex_has_no_onset():
    assert faces.phases([10, 10, 4, 0, 0, 0], rest=0) == faces.Phases(onset=None, apex=(0, 1), offset=(2, 2))
    assert faces.phases([5, 10, 4, 0, 0, 0], rest=0).onset is None


def test_a_jump_has_no_onset():
    assert faces.phases([0, 0, 10, 10, 0, 0]) == faces.Phases(onset=None, apex=(2, 3), offset=None)


@pytest.mark.parametrize(
    "curve, message",
    [
        ([1, 1, 1, 1], "does not rise clearly"),
        ([5, 4, 3, 2], "does not rise clearly"),
        ([1, 2], "3 or more finite"),
        ([0, np.nan, 1, 0], "3 or more finite"),
        (np.zeros((4, 2)), "3 or more finite"),
    ],
    ids=["flat", "falls", "two", "nan", "two curves"],
)
def test_a_curve_without_an_expression_is_refused(curve, message):
    with pytest.raises(CourseError, match=message):
        faces.phases(curve)


def test_noise_is_no_expression():
    noise = np.random.default_rng(0).normal(0, 1, 60)
    noise[noise.argmax()] = 2 * noise[:6].std()
    with pytest.raises(CourseError, match="no expression"):
        faces.phases(np.minimum(noise, 2 * noise[:6].std()))


@pytest.mark.parametrize("emotion", ["happy", "sad", "angry", "surprised", "fearful", "disgust", "calm"])
def test_the_studios_course_is_found_again(emotion):
    """Its rise is a smoothstep, which crosses 10 % at .1958 and 90 % at .8042 of the way."""
    n = 400
    begin, top, release, end = action_units.TIMES[emotion]
    frame = lambda a, b, share: (a + share * (b - a)) * (n - 1)
    found = faces.phases(action_units.time_course(emotion, n), rest=0)
    assert found.onset == pytest.approx((frame(begin, top, 0.1958), frame(begin, top, 0.8042)), abs=1.1)
    assert found.apex == pytest.approx((frame(begin, top, 0.8042), frame(release, end, 0.1958)), abs=1.1)
    assert found.offset == pytest.approx((frame(release, end, 0.1958), frame(release, end, 0.8042)), abs=1.1)


def test_an_expression_in_drawn_images_is_seen_as_it_was_drawn():
    """Frames to boxes to crops to a curve to phases: the apex of the drawn surprise, from its pixels
    alone."""
    n = 60
    frames = list(face.frames(recording(8, "surprised", "strong"), np.zeros(n), np.zeros(n)))
    boxes = faces.track(frames)[["x", "y", "w", "h"]].median()  # one place: a drawn head hardly moves
    curve = faces.change([faces.crop(frame, boxes) for frame in frames], neutral=2)
    known = action_units.time_course("surprised", n)
    assert np.corrcoef(curve, known)[0, 1] > 0.7
    first, last = faces.phases(
        np.sort(np.stack([curve[:-2], curve[1:-1], curve[2:]]), axis=0)[1], rest=0
    ).apex
    assert known[first : last + 1].min() > 0.5


def test_change_by_hand():
    """Light and contrast do not count; the same face is 0; two unlike ones of deviation 1 differ by sqrt(4)
    at most.
    """
    one = np.array([[10, 30], [10, 30]], np.uint8)
    faces_ = np.stack([one, one + 50, 3 * one, one[:, ::-1], one.T])
    np.testing.assert_allclose(faces.change(faces_, neutral=1), [0, 0, 0, 2, np.sqrt(2)], atol=1e-6)


def test_change_needs_the_faces_that_it_compares_with():
    with pytest.raises(CourseError, match="5 or more grey faces"):
        faces.change(np.zeros((4, 8, 8), np.uint8))


@pytest.fixture(scope="module")
def moving():
    """A photograph that moves by half its face's width, and from the tenth frame on has a dark mouth."""
    still = skimage.data.astronaut()
    changed = still.copy()
    changed[145:165, 205:245] = 0
    return [np.roll(changed if n >= 10 else still, 3 * n, axis=1) for n in range(20)]


def test_with_an_own_box_a_moving_head_is_no_change_and_with_one_box_it_is(moving):
    curves = faces.changes(moving[:10])
    assert curves.keys() == {"own box", "one box"} and {len(curve) for curve in curves.values()} == {10}
    assert curves["own box"].max() < 0.5 * curves["one box"].max()


def test_a_new_mouth_is_a_change_in_both(moving):
    still = [moving[0]] * 10 + [np.roll(moving[10], -30, axis=1)] * 10
    for curve in faces.changes(still).values():
        assert curve[:10].max() < 0.4 < curve[10:].min()


def test_a_film_without_a_face_is_refused():
    with pytest.raises(CourseError, match="box"):
        faces.changes([np.full((80, 80, 3), 99, np.uint8)] * 4)
