"""One face through a clip: a photograph that moves, grows, goes and comes back; the Studio, where the head is
known.
"""

import cv2
import numpy as np
import pandas as pd
import pytest
import skimage.data
from cascades import NEEDS_HAAR
from studio_recording import recording

from course_lib import faces
from course_lib.core.errors import CourseError
from course_lib.faces import finding, tracking
from course_lib.synthetic import face, identity

BOX = ["x", "y", "w", "h"]


@pytest.fixture(scope="module")
def head():
    return skimage.data.astronaut()[:220, 100:350]


def scene(head, x, y, size=1.0):
    """The head in a grey room of 600 x 400 pixels, its upper left corner at x, y."""
    move = np.array([[size, 0, x], [0, size, y]], float)
    return cv2.warpAffine(head, move, (600, 400), borderMode=cv2.BORDER_CONSTANT, borderValue=(150, 150, 150))


def middles(table):
    return table[["x", "y"]].to_numpy() + table[["w", "h"]].to_numpy() / 2


def test_the_box_moves_with_the_head(head):
    path = np.stack([20 + 6 * np.arange(40), 60 + 40 * np.sin(np.arange(40) / 8)], axis=1)
    table = faces.track(scene(head, *at) for at in path)
    assert table["frame"].tolist() == list(range(40))
    assert table["seen"].tolist() == (["detected"] + ["followed"] * 4) * 8
    off = middles(table) - path
    assert np.abs(off - np.median(off, axis=0)).max() < 8  # of a box of about 100
    assert np.abs(table["w"] / table["w"].median() - 1).max() < 0.12


def test_the_box_grows_with_the_head(head):
    sizes = np.linspace(0.8, 1.6, 40)
    table = faces.track([scene(head, 40, 20, size) for size in sizes], every=10)
    ratio = table["w"].to_numpy() / sizes
    assert np.abs(ratio / np.median(ratio) - 1).max() < 0.12


def test_between_detections_the_detector_is_not_asked(head, monkeypatch):
    asked, find = [], finding.find
    monkeypatch.setattr(finding, "find", lambda *args, **more: asked.append(1) or find(*args, **more))
    faces.track([scene(head, 50 + i, 50) for i in range(21)], every=10)
    assert len(asked) == 3


def test_a_jumping_detector_is_smoothed(head, monkeypatch):
    """A box that moves half-way to each new one has 1 / sqrt(3) of independent errors."""
    true, shakes = np.array([100.0, 80, 110, 110]), np.random.default_rng(0).normal(0, 5, (200, 2))
    boxes = iter(true + np.pad(shakes, ((0, 0), (0, 2))))
    monkeypatch.setattr(tracking, "_look", lambda *args: next(boxes))
    table = faces.track([scene(head, 60, 60)] * 200, every=1)
    assert (table["seen"] == "detected").all()
    assert 0.45 < table[["x", "y"]][10:].std().mean() / 5 < 0.7


def test_no_face_is_missing_until_one_comes_and_when_it_goes(head):
    room = np.full((400, 600, 3), 150, np.uint8)
    table = faces.track(
        [room] * 3 + [scene(head, 80, 60)] * 12 + [room] * 6 + [scene(head, 300, 150)] * 4, every=4
    )
    assert table["seen"].tolist() == (
        ["missing"] * 3
        + (["detected"] + ["followed"] * 3) * 3
        + ["missing"] * 6
        + ["detected"]
        + ["followed"] * 3
    )
    assert table[BOX].isna().all(axis=1).tolist() == (table["seen"] == "missing").tolist()
    assert table["x"].iloc[-1] > 350


def test_a_cut_to_another_place_does_not_carry_the_box_along(head):
    table = faces.track([scene(head, 20, 20)] * 7 + [scene(head[:, ::-1], 330, 170)] * 7, every=20)
    assert table["seen"].tolist() == ["detected"] + ["followed"] * 6 + ["detected"] + ["followed"] * 6
    assert (table["x"][:7] < 200).all() and (table["x"][7:] > 350).all()


def test_a_larger_face_that_appears_later_is_not_tracked(head):
    pictures = []
    for i in range(24):
        picture = scene(head, 10, 150)
        if i > 8:
            picture[:, 300:] = scene(head, 10, 20, 1.4)[:, :300]
        pictures.append(picture)
    assert faces.find(pictures[-1])[0][0] > 300  # it is the larger one, and found
    table = faces.track(pictures)
    assert (table["x"] < 200).all() and (table["seen"] != "missing").all()


def test_what_is_followed_but_no_face_is_given_up():
    """Corners can be followed on grass as well: three looks of the detector's without a face end it."""
    head = skimage.data.astronaut()[:220, 100:350]
    wall = cv2.cvtColor(cv2.resize(skimage.data.grass(), (600, 400)), cv2.COLOR_GRAY2RGB)
    picture = wall.copy()
    picture[60:280, 80:330] = head
    fade = [cv2.addWeighted(picture, 1 - a, wall, a, 0) for a in np.linspace(0, 1, 12)]
    table = faces.track(fade + [fade[-1]] * 30, every=3)
    assert table["seen"].iloc[0] == "detected" and (table["seen"].iloc[-12:] == "missing").all()


def test_a_frame_that_is_none_is_skipped_with_a_warning(head):
    frames = [None, *[scene(head, 50, 50)] * 3, None, *[scene(head, 52, 50)] * 3]
    with pytest.warns(UserWarning, match="frame 0 is None"):
        table = faces.track(frames)
    assert table["frame"].tolist() == [1, 2, 3, 5, 6, 7] and (table["seen"] != "missing").all()


def test_frames_come_out_as_they_go_in(head):
    """A camera never ends: nothing is waited for."""
    taken = []

    def camera():
        while True:
            taken.append(1)
            yield scene(head, 50, 50)

    live = faces.follow(camera())
    for number in range(7):
        seen = next(live)
        assert seen.frame == number and len(taken) == number + 1
    seen.box[:] = 0  # it is the caller's own
    assert next(live).box.min() > 50


def test_a_clip_without_frames_gives_a_table_without_rows():
    table = faces.track([])
    assert table.columns.tolist() == ["frame", *BOX, "seen"] and len(table) == 0


@pytest.mark.parametrize(
    "frames, every, message",
    [
        (
            [np.zeros((9, 9), np.uint8), np.zeros((9, 8), np.uint8)],
            5,
            "frame 1: it is 8 x 9 pixels, the ones before are 9",
        ),
        ([np.zeros((9, 9))], 5, "it is not a uint8 image"),
        ([], 0, "every=0"),
    ],
    ids=["sizes", "float", "every"],
)
def test_what_cannot_be_tracked_is_refused(frames, every, message):
    with pytest.raises(CourseError, match=message):
        faces.track(frames, every)


@pytest.mark.parametrize(
    "detector, room",
    [pytest.param("haar", 20, marks=NEEDS_HAAR, id="haar"), pytest.param("lbp", 80, id="lbp")],
)
@pytest.mark.parametrize("actor, emotion", [(3, "surprised"), (8, "happy"), (15, "angry")])
def test_the_studios_heads_are_followed(actor, emotion, detector, room):
    """Where the drawn head is in each frame is known: the box's middle keeps its place on it while the face
    moves.

    LBP's boxes are less sure, the first one above all.
    """
    fields = recording(actor, emotion, "strong")
    n = 60
    table = faces.track(face.frames(fields, np.linspace(0, 0.8, n), np.zeros(n)), detector=detector)
    assert (table["seen"] != "missing").all()
    off = middles(table) - studio_middle(fields, n)
    off = np.abs(off - np.median(off, axis=0))
    assert off.max() < room and np.median(off) < 15  # of a box of about 360


def studio_middle(fields, n):
    """The middle of the drawn face in each frame, float (n, 2), from the motion that the Studio gives its
    head.
    """
    rng = identity.rng(
        0, "face take", *(fields[key] for key in ("actor", "emotion", "intensity", "statement", "repetition"))
    )
    face.recording_light(rng)
    found = []
    for x, y, roll, scale in face.head_motion(rng, n):
        turn = cv2.getRotationMatrix2D((300.0, 560.0), roll, scale)
        found.append(turn[:, :2] @ np.add(face.ORIGIN, (0, 30)) + turn[:, 2] + (x + face.HEAD.start, y))
    return np.array(found)


@pytest.mark.parametrize(
    "box, other, expected",
    [
        ((0, 0, 2, 2), (0, 0, 2, 2), 1),
        ((0, 0, 2, 2), (1, 0, 2, 2), 1 / 3),
        ((0, 0, 2, 2), (2, 0, 2, 2), 0),
        ((0, 0, 4, 4), (1, 1, 2, 2), 0.25),
        ((0, 0, 1, 1), (5, 5, 1, 1), 0),
    ],
    ids=["same", "third", "beside", "in", "apart"],
)
def test_overlap_by_hand(box, other, expected):
    assert tracking.overlap(np.array(box), np.array(other)) == pytest.approx(expected)


@NEEDS_HAAR
def test_the_other_detector_may_be_chosen(head):
    frames = [scene(head, 50 + i, 50) for i in range(8)]
    one, other = (faces.track(frames, detector=detector) for detector in faces.detectors())
    assert (other["seen"] != "missing").all() and not one[BOX].equals(other[BOX])


def test_a_drawn_box_is_orange_where_it_was_detected_and_blue_where_followed():
    frames = [np.zeros((100, 100, 3), np.uint8), None, *np.zeros((2, 100, 100, 3), np.uint8)]
    table = pd.DataFrame(
        [(0, 10, 20, 30, 40, "detected"), (2, 12, 20, 30, 40, "followed"), (3, *[np.nan] * 4, "missing")],
        columns=["frame", *BOX, "seen"],
    )
    first, second, third = faces.draw_track(frames, table)
    assert first[40, 10].tolist() == [245, 166, 35] and second[40, 12].tolist() == [30, 75, 255]
    assert first[40, 25].tolist() == [0, 0, 0] and not third.any()
    assert not frames[0].any()  # a copy was drawn on
