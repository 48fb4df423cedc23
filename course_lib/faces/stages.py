"""The stages of a cascade: how many windows each of them rejects (lesson 09).

OpenCV's detectors tell only which windows passed all stages. Here each window of an image goes through the
stages of the same file, and the stage that rejected it is kept (Viola and Jones 2001,
doi:10.1109/CVPR.2001.990517).
"""

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import cv2
import numpy as np
import numpy.typing as npt
import pandas as pd
import skimage.data

from course_lib.core.errors import CourseError
from course_lib.faces import finding

DEFAULT = "haarcascade_frontalface_default.xml"  # G7's
GIVE = "Give a file such as haarcascade_frontalface_default.xml"


class Feature(NamedTuple):
    """Rectangles of a Haar feature in a window of 24 x 24 pixels.

    Attributes
    ----------
    boxes : np.ndarray
        int (rectangles, 4): x, y, width, height in pixels of the window.
    weights : np.ndarray
        float (rectangles,): the sum of the pixels in each rectangle is multiplied by this number.
    """

    boxes: np.ndarray
    weights: np.ndarray


class Stage(NamedTuple):
    """A stage: a few weak classifiers that vote, and the threshold of their sum.

    Attributes
    ----------
    threshold : float
        A window with a lower sum is rejected.
    features : list of Feature
    limits : list
        For each feature the threshold (Haar), or the codes that count as "left" (LBP: bool (256,)).
    votes : np.ndarray
        float (features, 2): the vote below the threshold, and the vote above it.
    """

    threshold: float
    features: list[Feature]
    limits: list
    votes: np.ndarray


def read(path: str | Path | None = None) -> tuple[str, int, list[Stage]]:
    """Read a cascade file of OpenCV.

    Parameters
    ----------
    path : str or path, optional
        By default G7's Haar cascade. OpenCV 5 does not have it. Then scikit-image's cascade is read, whose
        features are local binary patterns (LBP).

    Returns
    -------
    kind : {"HAAR", "LBP"}
    side : int
        Side of the window in pixels.
    stages : list of Stage

    Raises
    ------
    CourseError
        If there is no such file, or it is not a cascade of boosted stumps with upright features.

    Examples
    --------
    >>> kind, side, stages = read(skimage.data.lbp_frontal_face_cascade_filename())
    >>> kind, side, len(stages)
    ('LBP', 24, 20)
    """
    return _read(
        str(path or finding.cascade_path(DEFAULT) or skimage.data.lbp_frontal_face_cascade_filename())
    )


def windows(image: npt.ArrayLike, path: str | Path | None = None, scale: float = 1.3) -> pd.DataFrame:
    """Send each window of an image through the stages of a cascade.

    Parameters
    ----------
    image : array_like, uint8 (height, width) or (height, width, 3)
        Grey or RGB.
    path : str or path, optional
        As in `read`.
    scale : float
        Factor from one size of the window to the next (`scaleFactor`).

    Returns
    -------
    pd.DataFrame
        One row for each window: `x`, `y`, `side` (pixels of the image), and `passed`, the number of stages
        that it passed. For windows up to twice the cascade's own size, one begins at every second pixel. For
        larger windows the image is made smaller, and one begins at every pixel.

    Raises
    ------
    CourseError
        As `read` and `finding.find` do, and if `scale` is not above 1.

    Notes
    -----
    For teaching: `finding.find` is faster. Used in lesson 09.

    Examples
    --------
    >>> flat = np.full((60, 60), 128, np.uint8)
    >>> int(windows(flat, skimage.data.lbp_frontal_face_cascade_filename())["passed"].max())
    0
    """
    if not scale > 1:
        raise CourseError(f"scale={scale}", "windows must grow from size to size", "Give a number above 1")
    grey, (kind, side, stages) = finding.grey_of(image), read(path)
    tables, factor = [], 1.0
    while min(grey.shape) / factor >= side:
        size = [max(side, round(n / factor)) for n in grey.shape[::-1]]
        small = cv2.resize(grey, size, interpolation=cv2.INTER_LINEAR)
        step = 1 if factor >= 2 else 2
        y, x = (at.ravel() for at in np.mgrid[0 : size[1] - side + 1 : step, 0 : size[0] - side + 1 : step])
        passed = _passed(small, x, y, kind, side, stages)
        tables.append(
            pd.DataFrame({"x": x * factor, "y": y * factor, "side": side * factor, "passed": passed})
        )
        factor *= scale
    if not tables:
        raise CourseError(
            f"image of {grey.shape}", f"it is smaller than a window of {side} pixels", "Give a larger image"
        )
    return pd.concat(tables, ignore_index=True)


def best(image: npt.ArrayLike, points: npt.ArrayLike, path: str | Path | None = None) -> int:
    """Tell how far a known face gets: the most stages that a window on it passes.

    Parameters
    ----------
    image : array_like, uint8 (height, width) or (height, width, 3)
        Grey or RGB.
    points : array_like (n, 2)
        x, y in pixels of points of the face. The first and the third are the outer corners of the eyes, as in
        `london.points`.
    path : str or path, optional
        As in `read`.

    Returns
    -------
    int
        0 if no window lies on the face.

    Notes
    -----
    A window lies on the face if it is 1.5 to 2.4 times as wide as the distance between these corners, and if
    their middle is about half-way across and 0.4 of the way down. Used in lesson 09.
    """
    points, table = np.asarray(points, float), windows(image, path)
    middle, eyes = points[[0, 2]].mean(axis=0), float(np.linalg.norm(points[0] - points[2]))
    off = np.hypot(
        *(
            table[axis] + at * table["side"] - to
            for axis, at, to in zip("xy", (0.49, 0.39), middle, strict=True)
        )
    )
    on_it = (off < 0.2 * eyes) & table["side"].between(1.5 * eyes, 2.4 * eyes)
    return int(table.loc[on_it, "passed"].max()) if on_it.any() else 0


def _passed(grey, x, y, kind, side, stages):
    """For each window, how many stages it passes."""
    total, squares = cv2.integral2(grey, sdepth=cv2.CV_64F)
    at, passed = np.arange(len(x)), np.zeros(len(x), int)
    spread = _spread(total, squares, x, y, side) if kind == "HAAR" else None
    for stage in stages:
        votes = np.zeros(len(at))
        for feature, limit, pair in zip(stage.features, stage.limits, stage.votes, strict=True):
            sums = _sums(total, feature.boxes, x[at], y[at])
            if kind == "HAAR":
                left = sums @ feature.weights < limit * spread[at]
            else:
                left = limit[_codes(sums)]
            votes += np.where(left, *pair)
        at = at[votes >= stage.threshold]
        passed[at] += 1
    return passed


def _sums(total, boxes, x, y):
    """Sum of the pixels in each box of each window, float (windows, boxes): four numbers for each box."""
    flat, width = total.ravel(), total.shape[1]
    first = (y * width + x)[:, None] + boxes[:, 1] * width + boxes[:, 0]
    below = boxes[:, 3] * width
    return flat[first + below + boxes[:, 2]] - flat[first + boxes[:, 2]] - flat[first + below] + flat[first]


def _spread(total, squares, x, y, side):
    """Standard deviation of each window times its area, as OpenCV takes it: without the border of a pixel."""
    inner = np.array([[1, 1, side - 2, side - 2]])
    area = (side - 2) ** 2
    variance = area * _sums(squares, inner, x, y)[:, 0] - _sums(total, inner, x, y)[:, 0] ** 2
    return np.where(variance > 0, np.sqrt(np.maximum(variance, 0)), 1)


def _codes(sums):
    """The local binary pattern of 3 x 3 blocks: which of the eight around are at least the middle one."""
    around = sums[:, [0, 1, 2, 5, 8, 7, 6, 3]] >= sums[:, [4]]
    return around @ (128 >> np.arange(8))


@lru_cache(maxsize=4)
def _read(path):
    try:
        root = ElementTree.parse(path).getroot().find("cascade")
    except (OSError, ElementTree.ParseError) as error:
        raise CourseError(path, f"it cannot be read ({error})", GIVE) from error
    kind = None if root is None else root.findtext("featureType")
    if kind not in ("HAAR", "LBP"):
        raise CourseError(path, "it is not a Haar or LBP cascade of OpenCV", GIVE)
    if root.find("features/_[tilted='1']") is not None:
        raise CourseError(path, "it has tilted features", GIVE)
    side = int(root.findtext("width"))
    features = [_feature(one, kind) for one in root.find("features")]
    return kind, side, [_stage(one, kind, features, path) for one in root.find("stages")]


def _feature(element, kind):
    if kind == "LBP":
        x, y, width, height = map(int, element.findtext("rect").split())
        boxes = [(x + i * width, y + j * height, width, height) for j in range(3) for i in range(3)]
        return Feature(np.array(boxes), np.ones(9))
    rows = np.array([one.text.split() for one in element.find("rects")], float)
    return Feature(rows[:, :4].astype(int), rows[:, 4])


def _stage(element, kind, features, path):
    own, limits, votes = [], [], []
    for weak in element.find("weakClassifiers"):
        left, right, feature, *limit = weak.findtext("internalNodes").split()
        if (left, right) != ("0", "-1"):
            raise CourseError(path, "its weak classifiers are not stumps", GIVE)
        own.append(features[int(feature)])
        limits.append(float(limit[0]) if kind == "HAAR" else _subset(limit))
        votes.append([float(vote) for vote in weak.findtext("leafValues").split()])
    return Stage(float(element.findtext("stageThreshold")) - 1e-5, own, limits, np.array(votes))


def _subset(words):
    """bool (256,): the codes of a subset, written as eight numbers of 32 bits."""
    bits = np.array(words, np.int64)
    codes = np.arange(256)
    return (bits[codes >> 5] >> (codes & 31)) & 1 == 1
