"""Parts of drawn faces, whose places are known; MediaPipe's points by a stand-in; poses of projected
points."""

import itertools
import sys
import types

import cv2
import numpy as np
import pytest
from cascades import NEEDS_HAAR
from studio_recording import recording

from course_lib import faces
from course_lib.core.errors import CourseError
from course_lib.datasets import embedded, london
from course_lib.faces import face_parts
from course_lib.synthetic import cast, face, identity

SIZE = (720, 1280)
MODEL = np.array(list(faces.GENERIC.values()))


@pytest.fixture(autouse=True)
def no_model(tmp_path, monkeypatch):
    """No landmarker but where a test puts one."""
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))


def drawn(actor, emotion="neutral", frame=0, n=60):
    """A frame of the Studio (the first: at rest, eyes open), where parts lie in it, (x, y) by name, and its
    roll.
    """
    picture = next(
        itertools.islice(face.frames(recording(actor, emotion), np.zeros(n), np.zeros(n)), frame, None)
    )
    rng = identity.rng(0, "face take", actor, emotion, "normal", "kids", 1)
    face.recording_light(rng)
    x, y, roll, scale = face.head_motion(rng, n)[frame]
    turn = cv2.getRotationMatrix2D((300.0, 560.0), roll, scale)
    return (
        picture,
        {
            name: turn[:, :2] @ (face.ORIGIN + at) + turn[:, 2] + (x + face.HEAD.start, y)
            for name, at in measures(cast.appearance(actor)).items()
        },
        roll,
    )


def measures(look):
    """Where an actor's parts lie on the drawn face: (x, y) in pixels from the point between the eyes."""
    known = {
        "left_eye": (look["eye_x"], 0),
        "right_eye": (-look["eye_x"], 0),
        "left_brow": (look["eye_x"], look["brow_y"]),
        "right_brow": (-look["eye_x"], look["brow_y"]),
        "mouth": (0, look["mouth_y"]),
        "nose": (0, look["nose"]),
        "chin": (0, look["chin"]),
    }
    for s, side in ((1, "left"), (-1, "right")):
        for corner, end in (("outer", 1), ("inner", -1)):
            known[f"{side}_{corner}"] = (s * (look["eye_x"] + end * look["eye_width"]), 0)
        known[f"{side}_corner"] = (s * look["mouth_width"], look["mouth_y"])
    return known


def holds(box, point):
    return (box[:2] <= point).all() and (point <= box[:2] + box[2:]).all()


# --- by cascades ---


@NEEDS_HAAR
def test_parts_of_drawn_faces_lie_where_they_were_drawn():
    """Of 24 drawn actors. Women's long lashes hide drawn eyes from the cascades; a part that is not seen is
    None.
    """
    right, wrong = dict.fromkeys(faces.Parts._fields[:5], 0), dict.fromkeys(faces.Parts._fields[:5], 0)
    for actor in range(1, 25):
        picture, known, _ = drawn(actor)
        found = faces.parts(picture, faces.largest(picture), "cascades")
        assert found.by == "cascades"
        for name in right:
            box = getattr(found, name)
            right[name] += box is not None and holds(box, known[name])
            wrong[name] += box is not None and not holds(box, known[name])
    assert right["mouth"] >= 22 and wrong["mouth"] <= 2
    assert all(right[name] >= 12 and wrong[name] <= 1 for name in ("left_eye", "right_eye")), (right, wrong)
    assert all(right[name] >= 9 and wrong[name] <= 5 for name in ("left_brow", "right_brow")), (right, wrong)


@NEEDS_HAAR
def test_parts_are_in_the_images_own_pixels():
    picture, _, _ = drawn(5)
    half = cv2.resize(picture, (640, 360), interpolation=cv2.INTER_AREA)
    box = faces.largest(picture)
    whole, small = (faces.parts(image, at, "cascades") for image, at in ((picture, box), (half, box / 2)))
    for one, other in zip(whole[:5], small[:5], strict=True):
        np.testing.assert_allclose(one / 2, other, atol=6)


@NEEDS_HAAR
def test_a_wall_has_no_eyes():
    found = faces.parts(np.full((200, 200), 128, np.uint8), (20, 20, 150, 150))
    assert found == faces.Parts(None, None, None, None, None, "cascades")


def test_without_cascades_and_landmarker_the_error_names_what_to_install(monkeypatch):
    monkeypatch.delattr(cv2, "CascadeClassifier", raising=False)
    monkeypatch.setitem(sys.modules, "mediapipe", None)
    monkeypatch.setattr(face_parts, "find_spec", lambda name: None)
    with pytest.raises(
        CourseError,
        match=r"no cascades for eyes, and the package mediapipe is not installed\. "
        r"Run: pip install mediapipe .*, then: course fetch face-landmarker",
    ):
        faces.parts(np.zeros((99, 99), np.uint8), (0, 0, 99, 99))


def test_an_unknown_method_is_named():
    with pytest.raises(
        CourseError, match=r"method 'guess': there is no such method\. Choose from landmarks, cascades"
    ):
        faces.parts(np.zeros((99, 99), np.uint8), (0, 0, 99, 99), "guess")


# --- by landmarks: a stand-in for MediaPipe ---


class StandIn:
    """Gives 478 points spread over the picture it is shown, in its units of 0 to 1; none where that is
    dark."""

    grid = np.random.default_rng(0).uniform(0.2, 0.8, (478, 2))

    def detect(self, image):
        self.seen = image.data
        points = [types.SimpleNamespace(x=x, y=y) for x, y in self.grid]
        return types.SimpleNamespace(face_landmarks=[points] if image.data.any() else [])


@pytest.fixture
def landmarker(tmp_path, monkeypatch):
    package = types.ModuleType("mediapipe")
    package.Image = lambda image_format, data: types.SimpleNamespace(format=image_format, data=data)
    package.ImageFormat = types.SimpleNamespace(SRGB="srgb")
    stand_in = StandIn()
    monkeypatch.setitem(sys.modules, "mediapipe", package)
    monkeypatch.setattr(face_parts, "find_spec", lambda name: package)
    monkeypatch.setattr(face_parts, "_landmarker", lambda path, thread: stand_in)
    model = tmp_path / "face-landmarker" / "face_landmarker.task"
    model.parent.mkdir()
    model.write_bytes(b"model")
    return stand_in


def test_landmarks_come_back_in_the_images_pixels(landmarker):
    picture = np.random.default_rng(0).integers(1, 255, (300, 400, 3), np.uint8)
    points = faces.landmarks(picture, (100, 100, 100, 80))
    # a box with 35 % room: columns 65 to 235, rows 72 to 208
    np.testing.assert_array_equal(landmarker.seen, picture[72:208, 65:235])
    np.testing.assert_allclose(points, landmarker.grid * (170, 136) + (65, 72))
    np.testing.assert_allclose(faces.landmarks(picture), landmarker.grid * (400, 300))


def test_a_grey_image_is_shown_as_rgb_and_cut_at_the_edge(landmarker):
    picture = np.random.default_rng(0).integers(1, 255, (60, 80), np.uint8)
    faces.landmarks(picture, (0, 0, 80, 60))
    assert landmarker.seen.shape == (60, 80, 3) and landmarker.seen.flags["C_CONTIGUOUS"]
    np.testing.assert_array_equal(landmarker.seen[..., 1], picture)


def test_parts_by_landmarks_hold_their_points_and_are_the_first_choice(landmarker):
    picture = np.full((100, 100, 3), 9, np.uint8)
    found = faces.parts(picture, (10, 10, 60, 60))
    points = faces.landmarks(picture, (10, 10, 60, 60))
    assert found.by == "landmarks"
    for name, numbers in face_parts.LANDMARKS.items():
        box = getattr(found, name)
        low, high = points[list(numbers)].min(axis=0), points[list(numbers)].max(axis=0)
        assert (box[:2] == np.floor(low)).all() and (box[:2] + box[2:] == np.ceil(high)).all()


def test_where_the_landmarker_sees_no_face_nothing_is_there(landmarker):
    dark = np.zeros((50, 50, 3), np.uint8)
    assert faces.landmarks(dark) is None
    assert faces.parts(dark, (0, 0, 50, 50)) == faces.Parts(None, None, None, None, None, "landmarks")


@pytest.mark.parametrize(
    "box", [(700, 0, 10, 10), (-300, -300, 100, 100)], ids=["right of it", "left above it"]
)
def test_a_box_beside_the_image_is_refused(landmarker, box):
    with pytest.raises(CourseError, match="it is outside the image"):
        faces.landmarks(np.zeros((512, 512, 3), np.uint8), box)


@pytest.mark.parametrize("look", [faces.landmarks, faces.parts, faces.crop])
def test_a_box_of_a_frame_without_a_face_is_refused(landmarker, look):
    with pytest.raises(CourseError, match=r"NaN means a frame without a face\. Leave that frame out"):
        look(np.zeros((50, 50, 3), np.uint8), np.full(4, np.nan))


def test_the_error_for_a_missing_model_tells_how_to_get_it(landmarker, tmp_path):
    (tmp_path / "face-landmarker" / "face_landmarker.task").unlink()
    with pytest.raises(
        CourseError, match=r"its model is missing: .*face_landmarker\.task \(3\.8 MB.*course fetch"
    ):
        faces.parts(np.zeros((50, 50, 3), np.uint8), (0, 0, 50, 50), "landmarks")


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(face_parts, "find_spec", lambda name: None)
    with pytest.raises(
        CourseError, match=r"mediapipe is not installed\. Run: pip install mediapipe .*, then"
    ):
        faces.landmarks(np.zeros((50, 50, 3), np.uint8))


def test_the_package_itself_refuses_a_damaged_model(tmp_path):
    pytest.importorskip("mediapipe")
    model = tmp_path / "face-landmarker" / "face_landmarker.task"
    model.parent.mkdir()
    model.write_bytes(b"not a model" * 99)
    with pytest.raises(
        CourseError, match=r"face_landmarker\.task: MediaPipe cannot read its model .*Delete it"
    ):
        faces.landmarks(np.zeros((50, 50, 3), np.uint8))


def test_the_parts_landmarks_are_the_packages_own():
    vision = pytest.importorskip("mediapipe.tasks.python.vision")
    for name, numbers in face_parts.LANDMARKS.items():
        word = {"mouth": "LIPS"}.get(name, name.upper().replace("BROW", "EYEBROW"))
        lines = getattr(vision.FaceLandmarksConnections, f"FACE_LANDMARKS_{word}")
        assert set(numbers) == {end for line in lines for end in (line.start, line.end)}


# --- pose ---


def projected(pose, distance=60.0, aside=(0.0, 0.0)):
    """Where a camera sees the generic face's points, turned by a pose: worked out by hand, without cv2."""
    yaw, pitch, roll = np.radians(pose)
    nod = np.array([[1, 0, 0], [0, np.cos(pitch), np.sin(pitch)], [0, -np.sin(pitch), np.cos(pitch)]])
    turn = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
    tilt = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    x, y, z = (tilt @ turn @ nod @ MODEL.T) + np.array([[*aside, distance]]).T
    return np.stack([x / z, y / z], axis=1) * 1280 + (640, 360)


@pytest.mark.parametrize(
    "pose",
    [
        (0, 0, 0),
        (30, 0, 0),
        (-30, 0, 0),
        (0, 20, 0),
        (0, -20, 0),
        (0, 0, 25),
        (0, 0, -25),
        (20, -15, 10),
        (-45, 10, -20),
    ],
    ids=str,
)
def test_the_pose_of_projected_points_is_found_again(pose):
    np.testing.assert_allclose(faces.pose(projected(pose), MODEL, SIZE), pose, atol=0.05)
    np.testing.assert_allclose(faces.pose(projected(pose, 40, (8, -5)), 3 * MODEL, SIZE), pose, atol=0.05)


def test_the_signs_are_as_documented():
    """Yaw to the right moves the nose right of the eyes, pitch up moves it up, roll moves the left eye
    down."""
    nose, right_eye, left_eye = 0, 2, 5
    middle = lambda points: (points[right_eye] + points[left_eye]) / 2
    straight, right, up, rolled = (
        projected(pose) for pose in ((0, 0, 0), (20, 0, 0), (0, 20, 0), (0, 0, 20))
    )
    assert right[nose, 0] - middle(right)[0] > 20 > abs(straight[nose, 0] - middle(straight)[0])
    assert up[nose, 1] - middle(up)[1] < straight[nose, 1] - middle(straight)[1] - 20
    assert rolled[left_eye, 1] > rolled[right_eye, 1] + 20


def test_a_pixel_of_error_turns_the_head_by_little():
    rng, off = np.random.default_rng(0), []
    for pose in rng.uniform(-25, 25, (40, 3)):
        off.append(np.subtract(faces.pose(projected(pose) + rng.normal(0, 1, (8, 2)), MODEL, SIZE), pose))
    assert np.abs(off).mean() < 1.5 and np.abs(off).max() < 8


@pytest.mark.parametrize("actor", [2, 7, 12, 19])
def test_the_studios_heads_look_straight_and_roll_as_they_were_turned(actor):
    """A drawn head only rolls. The model is the actor's own face at rest, with the generic face's depth."""
    order = (
        "nose",
        "chin",
        "right_outer",
        "right_inner",
        "left_inner",
        "left_outer",
        "right_corner",
        "left_corner",
    )
    own = measures(cast.appearance(actor))
    scale = own["left_outer"][0] / MODEL[5, 0]
    model = np.column_stack([[own[name] for name in order], scale * (MODEL[:, 2] - MODEL[3, 2])])
    _, known, roll = drawn(actor, "happy", frame=20)
    yaw, pitch, found = faces.pose([known[name] for name in order], model, SIZE)
    assert found == pytest.approx(-roll, abs=0.5)  # OpenCV's rotation counts anti-clockwise
    assert abs(yaw) < 4 and abs(pitch) < 8


@pytest.mark.parametrize(
    "box", [None, (10, 10, 0, 10), (1, 2, 3)], ids=["none", "without width", "three numbers"]
)
def test_parts_of_no_face_are_refused(box):
    with pytest.raises(CourseError, match="there is no face in it"):
        faces.parts(np.zeros((60, 60), np.uint8), box)


def test_points_at_one_place_fit_no_head():
    with pytest.raises(CourseError, match="they do not fit a head"):
        faces.pose(np.zeros((8, 2)), np.zeros((8, 3)), (480, 640))


@pytest.mark.parametrize(
    "points",
    [np.zeros((5, 2)), np.full((8, 2), np.nan), np.zeros((8, 3)), np.zeros((7, 2))],
    ids=["five", "nan", "three columns", "one too few"],
)
def test_points_that_give_no_pose_are_refused(points):
    with pytest.raises(CourseError, match="6 or more finite points"):
        faces.pose(points, MODEL[:5] if len(points) == 5 else MODEL, SIZE)


# --- five or eight points ---


@pytest.mark.parametrize("pose", [(0, 0, 0), (20, 0, 0), (-20, 10, 0), (0, 0, 25), (15, -10, -20)], ids=str)
@pytest.mark.parametrize("head", [face_parts.FIVE, face_parts.EIGHT], ids=["five", "eight"])
def test_the_pose_of_a_few_projected_points_is_found_again(pose, head, monkeypatch):
    monkeypatch.setitem(globals(), "MODEL", head)
    found, rotation, shift = faces.fit_head(projected(pose), SIZE)
    np.testing.assert_allclose(found, pose, atol=0.1)
    assert rotation.shape == shift.shape == (3, 1) and shift[2, 0] == pytest.approx(60, abs=0.5)


def test_the_pitch_of_frontal_photographs_is_unsure_with_five_points_and_less_so_with_eight():
    """What lesson 09 says of the London set."""
    table = london.table(embedded.folder("london")).query("expression == 'neutral'")
    five, eight = (
        np.array([faces.fit_head(face, (350, 350))[0] for face in points])
        for points in (london.points(table), london.landmarks(table)[:, london.HEAD])
    )
    assert np.abs(five.mean(axis=0)).max() < 2 and np.abs(eight.mean(axis=0)).max() < 4
    assert max(found[:, column].std() for found in (five, eight) for column in (0, 2)) < 3
    assert five[:, 1].std() > 15 > 10 > eight[:, 1].std()


@pytest.mark.parametrize(
    "points", [np.zeros((7, 2)), np.full((5, 2), np.nan), np.zeros((5, 3))], ids=["seven", "nan", "3D"]
)
def test_other_than_five_or_eight_points_are_refused(points):
    with pytest.raises(CourseError, match="five or eight finite points"):
        faces.fit_head(points, SIZE)


def test_the_axes_begin_at_the_nose_and_turn_with_the_head(monkeypatch):
    monkeypatch.setitem(globals(), "MODEL", face_parts.EIGHT)
    image = np.zeros((*SIZE, 3), np.uint8)
    straight, turned = (faces.draw_axes(image, projected(pose)) for pose in ((0, 0, 0), (30, 0, 0)))
    assert not image.any()
    nose = projected((30, 0, 0))[4].round().astype(int)
    assert turned[nose[1], nose[0]].any()
    blue = lambda drawn: np.argwhere((drawn == (30, 75, 255)).all(axis=2))
    assert len(blue(turned)) > 2 * len(blue(straight))  # it points at the camera, and then aside
