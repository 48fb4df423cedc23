"""The Studio's drawn faces: the same for the same seed, and each emotion in its region of the face."""

import inspect
import tracemalloc

import cv2
import numpy as np
import pytest
import skimage.data
from skimage.feature import Cascade
from studio_recording import recording

from course_lib.core.errors import CourseError
from course_lib.datasets.ravdess import EMOTIONS
from course_lib.synthetic import cast, face

SHUT = np.zeros(90)
BROWS, MOUTH = np.s_[225:310, 520:760], np.s_[440:540, 560:720]


def still(fields, jaw=0.0, frame=0, n=1, seed=0):
    """Draw one frame of a recording that lasts `n` frames."""
    drawn = face.frames(fields, np.full(n, jaw), np.zeros(n), seed)
    return [next(drawn) for _ in range(frame + 1)][-1]


def apex(emotion, actor=8):
    return still(recording(actor, emotion, "strong" if emotion != "neutral" else "normal"), frame=4, n=10)


def difference(a, b, region=np.s_[:]):
    return np.abs(a[region].astype(int) - b[region]).mean()


def test_one_rgb_frame_for_each_value_of_the_jaw():
    frames = list(face.frames(recording(1), np.zeros(7), np.zeros(7)))
    assert len(frames) == 7
    assert all(p.shape == (720, 1280, 3) and p.dtype == np.uint8 for p in frames)


def test_the_same_recording_gives_the_same_bytes_whatever_was_drawn_before():
    jaw = np.linspace(0, 1, 5)
    first = np.array(list(face.frames(recording(4, "happy"), jaw, jaw)))
    mixed = zip(
        face.frames(recording(5, "sad"), jaw, jaw), face.frames(recording(4, "happy"), jaw, jaw), strict=True
    )
    np.testing.assert_array_equal(first, [frame for _, frame in mixed])


def test_seed_and_repetition_change_the_frame():
    assert difference(still(recording(4)), still(recording(4), seed=1)) > 1
    assert difference(still(recording(4)), still(recording(4, repetition=2))) > 0.1


def test_frames_are_drawn_one_at_a_time():
    drawn = face.frames(recording(2), np.zeros(150), np.zeros(150))
    assert inspect.isgenerator(drawn)
    next(drawn)
    tracemalloc.start()
    for _ in range(12):
        next(drawn)
    assert tracemalloc.get_traced_memory()[1] < 20e6  # 12 frames need 33 MB
    tracemalloc.stop()


@pytest.mark.parametrize("actor", [1, 14])
def test_every_frame_is_marked_synthetic_also_when_reduced(actor):
    frame = still(recording(actor))
    dark = (frame[20:90, 20:380] < 185).all(axis=2)
    assert 0.1 < dark.mean() < 0.4 and not (frame[20:90, 900:1260] < 185).any()
    small = cv2.resize(frame, (224, 224), interpolation=cv2.INTER_AREA)[..., 1].astype(int)
    assert small[6:27, 3:66].min() < small[6:27, 160:220].mean() - 40


def test_anger_lowers_the_brows():
    """The brows change more than the shirt, and the dark pixels of the inner brows move towards the eyes."""
    neutral, angry = apex("neutral"), apex("angry")
    assert difference(neutral, angry, BROWS) > 5 * difference(neutral, angry, np.s_[640:, 480:800])
    rows = [np.argwhere(frame[225:300, 530:750].max(axis=2) < 90)[:, 0].mean() for frame in (neutral, angry)]
    assert rows[1] > rows[0] + 3


@pytest.mark.parametrize("actor", [2, 3])
def test_the_jaw_opens_the_mouth(actor):
    """The number of dark red pixels, the inside of the mouth, increases with the jaw."""
    inside = []
    for jaw in (0.0, 0.5, 1.0):
        r, g, b = np.moveaxis(still(recording(actor), jaw)[MOUTH].astype(int), -1, 0)
        inside.append(((r < 100) & (g < 50) & (b < 60) & (r > 1.6 * g)).sum())
    assert inside[0] + 100 < inside[1] < inside[2] - 200


def test_rounding_narrows_the_mouth():
    flat, rounded = (next(face.frames(recording(3), np.array([0.6]), np.array([x]))) for x in (0.0, 1.0))
    width = [
        np.ptp(np.flatnonzero((p[MOUTH].astype(int).sum(axis=2) < 170).any(axis=0))) for p in (flat, rounded)
    ]
    assert width[1] < width[0] - 10


def test_blinks_shut_the_lids_two_to_four_times():
    for seed in range(20):
        shut = face.blinks(np.random.default_rng(seed), 120) > 0.5
        assert 2 <= np.count_nonzero(np.diff(shut.astype(int)) == 1) + shut[0] <= 4
        assert shut.mean() < 0.2


def test_two_actors_differ_more_than_two_repetitions():
    first = {actor: [still(recording(actor, repetition=r)) for r in (1, 2)] for actor in (1, 2, 3)}
    within = max(difference(*pair) for pair in first.values())
    between = min(difference(first[a][0], first[b][0]) for a, b in ((1, 2), (1, 3), (2, 3)))
    assert between > 1.5 * within


def test_the_cast_has_24_different_people():
    looks = [cast.appearance(actor) for actor in range(1, 25)]
    assert [look["woman"] for look in looks] == [False, True] * 12
    assert len({look["style"] for look in looks}) >= 8 and np.std([look["tone"] for look in looks]) > 0.25
    measures = np.array([[look[name] for name in cast.MEASURES] for look in looks])
    assert len(np.unique(measures, axis=0)) == 24
    assert not any(look["beard"] for look in looks if look["woman"])


def test_curve_goes_through_its_points():
    points = np.array([(0, 0), (4, 3), (8, 0), (12, -5)])
    np.testing.assert_allclose(face.curve(points, closed=False)[::8], points)
    np.testing.assert_allclose(face.curve(points)[::8], points)


def test_mirrored_by_hand():
    np.testing.assert_array_equal(
        face.mirrored([(0, -5), (3, 0), (0, 5)]), [(0, -5), (3, 0), (0, 5), (-3, 0)]
    )


def test_the_lbp_cascade_finds_the_faces():
    """Each actor shows an emotion and speaks; the box of the face detector's cascade must be on the face.

    Three actors, men and women, show each emotion.
    """
    cascade = Cascade(skimage.data.lbp_frontal_face_cascade_filename())
    found = []
    for actor in range(1, 25):
        emotion = EMOTIONS[(actor - 1) // 3]
        intensity = "normal" if emotion == "neutral" else ("normal", "strong")[actor % 2]
        speaking = still(recording(actor, emotion, intensity), jaw=0.2 * (actor % 4), frame=4, n=10)
        small = cv2.resize(speaking, (640, 360), interpolation=cv2.INTER_AREA)
        boxes = cascade.detect_multi_scale(
            cv2.cvtColor(small, cv2.COLOR_RGB2GRAY),
            scale_factor=1.2,
            step_ratio=1,
            min_size=(90, 90),
            max_size=(300, 300),
        )
        middles = [(box["c"] + box["width"] / 2, box["r"] + box["height"] / 2) for box in boxes]
        found.append(any(abs(x - 320) < 60 and abs(y - 175) < 75 for x, y in middles))
    assert np.mean(found) >= 0.95


@pytest.mark.parametrize(
    ("rounding", "wrong"), [(np.zeros(89), "its shape"), (np.zeros((90, 2)), "its shape")]
)
def test_jaw_and_rounding_must_match(rounding, wrong):
    with pytest.raises(CourseError, match=wrong):
        next(face.frames(recording(1), SHUT, rounding))


def test_the_error_names_an_emotion_that_ravdess_does_not_have():
    with pytest.raises(CourseError, match="emotion 'bored'"):
        next(face.frames(recording(1, "bored"), SHUT, SHUT))
