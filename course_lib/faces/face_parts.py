"""Eyes, brows and mouth of a face, and the direction of the head: by MediaPipe's landmarks or OpenCV's
cascades.

MediaPipe's face landmarker (Grishchenko et al. 2020, "Attention Mesh", arXiv:2006.10962) gives 478 points.
The package is optional, and its model is a separate download: `course fetch face-landmarker`.
"""

import threading
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from course_lib.core.errors import CourseError
from course_lib.core.names import check_choice
from course_lib.core.paths import home
from course_lib.faces import finding

MODEL = "face_landmarker.task"
GET_LANDMARKER = 'Run: pip install mediapipe "opencv-contrib-python<5", then: course fetch face-landmarker'
ROOM = 0.35  # margin around the box that the landmarker sees, as a fraction of the box
WIDTH = 200  # pixels: width to which a face is resized before the cascades look for its parts
EYES, SMILES = 1, 10  # windows that must agree: few for eyes, since we know roughly where they are

# The landmarks that make up each part; left and right are the face's own, as MediaPipe counts.
LANDMARKS = {
    "left_eye": (249, 263, 362, 373, 374, 380, 381, 382, 384, 385, 386, 387, 388, 390, 398, 466),
    "right_eye": (7, 33, 133, 144, 145, 153, 154, 155, 157, 158, 159, 160, 161, 163, 173, 246),
    "left_brow": (276, 282, 283, 285, 293, 295, 296, 300, 334, 336),
    "right_brow": (46, 52, 53, 55, 63, 65, 66, 70, 105, 107),
    "mouth": (
        0,
        13,
        14,
        17,
        37,
        39,
        40,
        61,
        78,
        80,
        81,
        82,
        84,
        87,
        88,
        91,
        95,
        146,
        178,
        181,
        185,
        191,
        267,
        269,
        270,
        291,
        308,
        310,
        311,
        312,
        314,
        317,
        318,
        321,
        324,
        375,
        402,
        405,
        409,
        415,
    ),
}

# A generic face in centimetres: x to the right of the image, y down, z away from the camera, by landmark.
# It is MediaPipe's canonical face model (Apache-2.0).
GENERIC = {
    1: (0.0, 1.126865, -7.475604),  # nose tip
    152: (0.0, 9.403378, -4.264492),  # chin
    33: (-4.445859, -2.663991, -3.173422),  # right eye, outer corner (on the left of the image)
    133: (-1.856432, -2.585245, -3.757904),  # right eye, inner corner
    362: (1.856432, -2.585245, -3.757904),  # left eye, inner corner
    263: (4.445859, -2.663991, -3.173422),  # left eye, outer corner
    61: (-2.456206, 4.342621, -4.283884),  # right corner of the mouth
    291: (2.456206, 4.342621, -4.283884),  # left corner of the mouth
}
# The points of `london.points` on this head: the corners of the eyes, and the base of the nose (landmark 2).
FIVE = np.array([*(GENERIC[number] for number in (263, 362, 33, 133)), (0.0, 2.089024, -6.058267)])
# And of `london.landmarks(table)[:, london.HEAD]`: these five, both corners of the mouth, and the chin.
EIGHT = np.array([*FIVE, *(GENERIC[number] for number in (61, 291, 152))])
AXES = ((213, 94, 0), (0, 158, 115), (30, 75, 255))  # RGB, of the drawn axes: orange, green, blue


class Parts(NamedTuple):
    """Boxes of the parts of a face: int (4,) of x, y, width, height in the image, or None if not found.

    Left is the face's own left. `by` is "landmarks" or "cascades". With cascades the brows are a strip above
    each eye, because there is no cascade for brows.
    """

    left_eye: np.ndarray | None
    right_eye: np.ndarray | None
    left_brow: np.ndarray | None
    right_brow: np.ndarray | None
    mouth: np.ndarray | None
    by: str


class Pose(NamedTuple):
    """The direction of a head, in degrees; all are 0 if it faces the camera.

    Yaw above 0 is towards the right of the image, pitch above 0 up, and roll above 0 clockwise.
    """

    yaw: float
    pitch: float
    roll: float


def parts(image: npt.ArrayLike, box: npt.ArrayLike | None, by: str | None = None) -> Parts:
    """Find eyes, brows and mouth of a face.

    Parameters
    ----------
    image : array-like, uint8 (height, width) or (height, width, 3)
        Grey or RGB.
    box : array-like (4,)
        The face's x, y, width, height, as `find` gives it.
    by : {"landmarks", "cascades"}, optional
        "landmarks": MediaPipe. "cascades": OpenCV 4's cascades for eyes and smiles, which miss many. By
        default the first of the two that is installed.

    Returns
    -------
    Parts

    Raises
    ------
    CourseError
        If there is no face in the box, `by` is unknown, or neither method is installed.

    Notes
    -----
    Used in lesson 09.
    """
    if box is None or np.shape(box) != (4,) or not min(finding.checked_box(box)[2:]) >= 1:
        raise CourseError(f"box {box}", "there is no face in it", "Give a box of faces.find(image)")
    by = by or ("landmarks" if _landmarker_missing() is None else "cascades")
    check_choice("method", by, ("landmarks", "cascades"))
    if by == "landmarks":
        points = landmarks(image, box)
        found = {
            name: None if points is None else _around(points[list(numbers)])
            for name, numbers in LANDMARKS.items()
        }
        return Parts(**found, by=by)
    if finding.cascade_path("haarcascade_eye.xml") is None:
        raise CourseError(
            "face parts",
            f"OpenCV {cv2.__version__} has no cascades for eyes, and {_landmarker_missing()}",
            GET_LANDMARKER,
        )
    return Parts(**_by_cascades(finding.grey_of(image), np.asarray(box, float)), by=by)


def landmarks(image: npt.ArrayLike, box: npt.ArrayLike | None = None) -> np.ndarray | None:
    """Find MediaPipe's 478 landmarks of a face.

    Parameters
    ----------
    image : array-like, uint8 (height, width) or (height, width, 3)
        Grey or RGB.
    box : array-like (4,), optional
        The face's x, y, width, height; by default the whole image.

    Returns
    -------
    np.ndarray or None
        float (478, 2): x, y in pixels. None if MediaPipe finds no face.

    Raises
    ------
    CourseError
        If the package mediapipe or its model is not installed.

    Notes
    -----
    Used in lesson 09.
    """
    missing = _landmarker_missing()
    if missing:
        raise CourseError("face landmarks", missing, GET_LANDMARKER)
    import mediapipe

    part, corner = _cut(image, box)
    found = (
        _landmarker(str(model_path()), threading.get_ident())
        .detect(mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=part))
        .face_landmarks
    )
    if not found:
        return None
    return np.array([(point.x, point.y) for point in found[0]]) * part.shape[1::-1] + corner


def model_path() -> Path:
    """The file to which `course fetch face-landmarker` downloads the model.

    Returns
    -------
    Path
    """
    return home() / "face-landmarker" / MODEL


def pose(points: npt.ArrayLike, model: npt.ArrayLike, size: tuple[int, int]) -> Pose:
    """Estimate the direction of a head from points on it.

    The camera is assumed to be as far from its image as the longer side of the image (a 53-degree lens),
    without distortion. Pitch and yaw are therefore good to a few degrees, if the model fits the person.

    Parameters
    ----------
    points : array-like (n, 2)
        x, y in pixels, 6 points or more.
    model : array-like (n, 3)
        The same points on a head that faces the camera: x to the right of the image, y down, z away from the
        camera, in any unit.
    size : (int, int)
        Height and width of the image.

    Returns
    -------
    Pose

    Raises
    ------
    CourseError
        If there are fewer than 6 points, some are not finite, or no direction of a head fits them.

    Notes
    -----
    For MediaPipe's landmarks: `pose(landmarks[list(GENERIC)], list(GENERIC.values()), size)`. Used in lesson
    09.

    Examples
    --------
    A head that faces the camera, seen from 100 cm:

    >>> model = np.array(list(GENERIC.values()))
    >>> points = model[:, :2] / (model[:, 2:] + 100) * 640 + (320, 240)
    >>> np.abs(np.round(pose(points, model, (480, 640)))).tolist()
    [0.0, 0.0, 0.0]
    """
    points, model = np.asarray(points, float), np.asarray(model, float)
    if (
        points.shape[1:] != (2,)
        or model.shape != (len(points), 3)
        or len(points) < 6
        or not (np.isfinite(points).all() and np.isfinite(model).all())
    ):
        raise CourseError(
            f"points {points.shape}, model {model.shape}",
            "6 or more finite points (n, 2) and as many (n, 3) of the model are expected",
            "Leave out the points that were not seen, in both",
        )
    return angles(cv2.Rodrigues(_fitted(points, model, size)[0])[0])


def fit_head(points: npt.ArrayLike, size: tuple[int, int]) -> tuple[Pose, np.ndarray, np.ndarray]:
    """Fit a generic head to five or eight points of a face, as the London set comes with them.

    Parameters
    ----------
    points : array-like (5, 2) or (8, 2)
        x, y in pixels. Five in the order of `london.points`: the outer and inner corner of the left eye, of
        the right eye, and the base of the nose. Or eight in the order of `london.HEAD`: also the right and
        the left corner of the mouth, and the chin.
    size : (int, int)
        Height and width of the image. The camera is as in `pose`.

    Returns
    -------
    pose : Pose
        In degrees. Do not rely on the pitch of five points: on frontal faces it varies by 22 degrees
        (standard deviation), because only the nose is off the line through the eyes. Eight points: 8 degrees.
    rotation, shift : np.ndarray (3, 1)
        For `cv2.projectPoints`.

    Raises
    ------
    CourseError
        If there are not five or eight finite points, or they do not fit a head in front of a camera.

    Notes
    -----
    Used in lesson 09.

    Examples
    --------
    >>> points = FIVE[:, :2] / (FIVE[:, 2:] + 60) * 350 + 175
    >>> np.abs(np.round(fit_head(points, (350, 350))[0])).tolist()
    [0.0, 0.0, 0.0]
    """
    points = np.asarray(points, float)
    if points.shape not in ((5, 2), (8, 2)) or not np.isfinite(points).all():
        raise CourseError(
            f"points {points.shape}",
            "five or eight finite points (n, 2) are expected",
            "Give those of london.points, or london.landmarks(table)[:, london.HEAD]",
        )
    rotation, shift = _fitted(points, FIVE if len(points) == 5 else EIGHT, size)
    return angles(cv2.Rodrigues(rotation)[0]), rotation, shift


def draw_axes(image: np.ndarray, points: npt.ArrayLike) -> np.ndarray:
    """Draw the three axes of a head from the base of its nose.

    Parameters
    ----------
    image : np.ndarray, uint8 (height, width, 3)
        RGB.
    points : array-like (5, 2) or (8, 2)
        As in `fit_head`.

    Returns
    -------
    np.ndarray
        A copy of the image. Orange: to the right of the image, green: down, blue: out of the face.

    Raises
    ------
    CourseError
        As `fit_head` does.

    Notes
    -----
    Used in lesson 09.

    Examples
    --------
    >>> points = FIVE[:, :2] / (FIVE[:, 2:] + 60) * 350 + 175
    >>> draw_axes(np.zeros((350, 350, 3), np.uint8), points).any(axis=(0, 1)).tolist()
    [True, True, True]
    """
    size = image.shape[0], image.shape[1]
    _, rotation, shift = fit_head(points, size)
    ends = FIVE[4] + np.array([[0, 0, 0], [5, 0, 0], [0, 5, 0], [0, 0, -7]], float)  # centimetres
    start, *tips = cv2.projectPoints(ends, rotation, shift, _camera(size), None)[0][:, 0].round().astype(int)
    drawn = image.copy()
    for tip, colour in zip(tips, AXES, strict=True):
        cv2.line(drawn, start.tolist(), tip.tolist(), colour, max(2, size[0] // 90))
    return drawn


def angles(rotation: np.ndarray) -> Pose:
    """Yaw, pitch and roll of a rotation matrix.

    Parameters
    ----------
    rotation : np.ndarray (3, 3)
        A rotation about x (right), y (down) and z (away from the camera): pitch first, roll last.

    Returns
    -------
    Pose

    Examples
    --------
    >>> angles(np.eye(3)).yaw
    0.0
    """
    return Pose(
        yaw=float(np.degrees(np.arcsin(np.clip(rotation[2, 0], -1, 1)))),
        pitch=float(-np.degrees(np.arctan2(rotation[2, 1], rotation[2, 2]))),
        roll=float(np.degrees(np.arctan2(rotation[1, 0], rotation[0, 0]))),
    )


def _camera(size):
    """A camera as far from its image as the longer side of the image, without distortion."""
    return np.array([[max(size), 0, size[1] / 2], [0, max(size), size[0] / 2], [0, 0, 1]], float)


def _fitted(points, model, size):
    """Rotation and shift (3, 1) of the model with which its points project to `points`."""
    camera = _camera(size)
    try:
        fits, rotation, shift = cv2.solvePnP(model, points, camera, None, flags=cv2.SOLVEPNP_SQPNP)
    except cv2.error:  # all points are the same
        fits = False
    if not fits or shift[2] <= 0:
        raise CourseError(
            "points",
            "they do not fit a head in front of a camera",
            "Check that both lists are in the same order",
        )
    return cv2.solvePnPRefineLM(model, points, camera, None, rotation, shift)


# MediaPipe


def _landmarker_missing():
    """Why the landmarker cannot be used; None if it can."""
    if find_spec("mediapipe") is None:
        return "the package mediapipe is not installed"
    if not model_path().is_file():
        return f"its model is missing: {model_path()} (3.8 MB, from Google)"
    return None


@lru_cache(maxsize=8)
def _landmarker(path, thread):
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.FaceLandmarkerOptions(base_options=BaseOptions(model_asset_path=path))
    try:
        return vision.FaceLandmarker.create_from_options(options)
    except (RuntimeError, ValueError) as error:
        raise CourseError(
            path,
            f"MediaPipe cannot read its model ({str(error).splitlines()[0]})",
            "Delete it and get it again: course fetch face-landmarker",
        ) from error


def _cut(image, box):
    """The part of the image around the box, RGB and contiguous, and its corner (x, y)."""
    grey = finding.grey_of(image)
    image = np.asarray(image) if np.ndim(image) == 3 else np.repeat(grey[..., np.newaxis], 3, axis=2)
    x, y, width, height = (0, 0, *grey.shape[::-1]) if box is None else finding.checked_box(box).tolist()
    left, top, right, low = (
        max(0, round(edge))
        for edge in (x - ROOM * width, y - ROOM * height, x + (1 + ROOM) * width, y + (1 + ROOM) * height)
    )
    part = image[top:low, left:right]
    if not part.size:
        raise CourseError(
            f"box {x, y, width, height}", "it is outside the image", "Give a box of faces.find(image)"
        )
    return np.ascontiguousarray(part), (left, top)


def _around(points):
    low, high = np.floor(points.min(axis=0)), np.ceil(points.max(axis=0))
    return np.concatenate([low, high - low]).astype(int)


# OpenCV 4's cascades, on the face resized to `WIDTH` pixels


def _by_cascades(grey, box):
    x, y, width, height = box
    scale = WIDTH / width
    face = finding.crop(grey, (x, y, width, 1.15 * height), size=(WIDTH, round(1.15 * height * scale)))
    sides = {
        "right": face[: round(0.6 * WIDTH), : WIDTH // 2],
        "left": face[: round(0.6 * WIDTH), WIDTH // 2 :],
    }
    found = {}
    for side, part in sides.items():
        eye = _best(
            part, ("haarcascade_eye.xml", "haarcascade_eye_tree_eyeglasses.xml"), EYES, WIDTH // 8, WIDTH // 3
        )
        if eye is not None and side == "left":
            eye += np.array([WIDTH // 2, 0, 0, 0])
        found[f"{side}_eye"], found[f"{side}_brow"] = eye, None if eye is None else _brow(eye)
    lower = round(0.6 * height * scale)
    mouth = _best(
        face[lower:, WIDTH // 8 : -WIDTH // 8], ("haarcascade_smile.xml",), SMILES, WIDTH // 5, WIDTH
    )
    found["mouth"] = None if mouth is None else mouth + np.array([WIDTH // 8, lower, 0, 0])
    return {
        name: None if part is None else np.round(part / scale + (x, y, 0, 0)).astype(int)
        for name, part in found.items()
    }


def _best(grey, names, neighbours, least, most):
    """The most certain box, float (4,), of the first cascade that finds one; None if none does."""
    for name in names:
        boxes, _, weights = finding.cascade(name).detectMultiScale3(
            np.ascontiguousarray(grey),
            1.05,
            neighbours,
            minSize=(least, least // 2),
            maxSize=(most, most),
            outputRejectLevels=True,
        )
        if len(boxes):
            return boxes[np.argmax(weights)].astype(float)
    return None


def _brow(eye):
    x, y, width, height = eye
    return np.array([x - 0.1 * width, y - 0.3 * height, 1.2 * width, 0.5 * height])
