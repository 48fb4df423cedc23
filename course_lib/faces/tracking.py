"""One face through a clip: detected in some frames and followed in between, which is much faster."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
import pandas as pd

from course_lib.core.errors import CourseError
from course_lib.faces import finding

SIDE = 320  # longer side of the image in pixels when points are followed
POINTS = 60  # corner points that are followed
FEWEST = 8  # with fewer points the face is lost
ASTRAY = 1.0  # pixels: a point is dropped if following it forwards and back misses its start by more
FACE = 72  # pixels: width to which a known face is shrunk before the detector looks again
ROOM = 0.4  # margin around the box, as a fraction of it, in which the detector looks again
GAIN = 0.5  # the followed box moves this far to the detected one: half-way, against jitter
OVERLAP = 0.3  # smallest intersection over union of two boxes of the same face
PATIENCE = 3  # detections in a row without a face, after which the face is lost
COLOURS = {"detected": (245, 166, 35), "followed": (30, 75, 255)}  # RGB, of the drawn boxes: orange, blue


class Seen(NamedTuple):
    """The face in one frame.

    Attributes
    ----------
    frame : int
        The frame's number.
    box : np.ndarray or None
        float (4,): x, y, width, height in pixels; None if the face is missing.
    seen : str
        "detected", "followed" or "missing".
    """

    frame: int
    box: np.ndarray | None
    seen: str


def track(frames: Iterable[np.ndarray | None], every: int = 5, detector: str | None = None) -> pd.DataFrame:
    """Track one face through the frames of a clip.

    Parameters
    ----------
    frames : iterable of np.ndarray
        uint8 (height, width) or (height, width, 3) images of one size, such as `video.stream(path)`.
    every : int
        The detector looks at every this many frames; in between, the face is followed.
    detector : str, optional
        As in `finding.find`.

    Returns
    -------
    pd.DataFrame
        One row for each frame, except frames that are None: `frame`, the box `x`, `y`, `w`, `h` (float,
        pixels), and `seen`, which is "detected", "followed", or "missing" (the box is then NaN).

    Raises
    ------
    CourseError
        As `follow` does.

    Notes
    -----
    `follow` explains the method. Used in lesson 09.

    Examples
    --------
    >>> track([np.zeros((48, 48), np.uint8)])["seen"].tolist()
    ['missing']
    """
    rows = [
        (seen.frame, *(np.full(4, np.nan) if seen.box is None else seen.box), seen.seen)
        for seen in follow(frames, every, detector)
    ]
    return pd.DataFrame(rows, columns=["frame", "x", "y", "w", "h", "seen"])


def follow(
    frames: Iterable[np.ndarray | None], every: int = 5, detector: str | None = None
) -> Iterator[Seen]:
    """Track one face, frame by frame as the frames come (also from a camera).

    The first face is the largest one in the image. Between detections, corner points on the face are followed
    from frame to frame (pyramidal Lucas-Kanade optical flow), and the box moves and grows with them. At every
    `every`-th frame the detector looks around the box, and in the whole image if it finds nothing there. The
    detected box that overlaps most with the followed one is the face, and the box moves half-way to it. The
    face is lost if too few points can be followed, or if the detector finds no such box three times in a row.
    The detector then looks at each frame until it finds a face.

    Parameters
    ----------
    frames, every, detector
        As in `track`.

    Yields
    ------
    Seen
        One for each frame that is not None.

    Raises
    ------
    CourseError
        If `every` is below 1, the size of the frames changes, or `finding.find` refuses a frame.

    Examples
    --------
    >>> [seen.seen for seen in follow([np.zeros((48, 48), np.uint8)] * 2)]
    ['missing', 'missing']
    """
    if every < 1:
        raise CourseError(f"every={every}", "it is not a number of frames", "Give a whole number, 1 or more")
    box = before = points = None
    size, since, misses = None, 0, 0
    for number, frame in finding.existing_frames(frames):
        now, scale = _small(frame)
        size = _same_size(size, frame, number)
        if box is not None:
            box, points = _followed(before, now, points, box, scale)
        state, since, misses = "followed", since + 1, misses * (box is not None)
        if box is None or since >= every:
            found, since = _look(frame, box, detector), 0
            misses = misses + 1 if found is None else 0
            if found is not None:
                box, state = found if box is None else box + GAIN * (found - box), "detected"
            elif misses >= PATIENCE:
                box = None
            points = None if box is None else _corners(now, box * scale)
        before = now
        yield Seen(number, None if box is None else box.copy(), state if box is not None else "missing")


def draw_track(frames: Sequence[np.ndarray | None], table: pd.DataFrame) -> np.ndarray:
    """Draw the box of a tracked face on each frame: orange where it was detected, blue where followed.

    Parameters
    ----------
    frames : sequence of np.ndarray
        The frames that `track` had: uint8 (height, width, 3), or None.
    table : pd.DataFrame
        What `track` returned.

    Returns
    -------
    np.ndarray
        uint8 (n, height, width, 3): a copy of each frame that is not None.

    Notes
    -----
    Used in lesson 09.

    Examples
    --------
    >>> table = pd.DataFrame([(0, 5, 5, 9, 9, "followed")], columns=["frame", "x", "y", "w", "h", "seen"])
    >>> draw_track([np.zeros((48, 48, 3), np.uint8)], table).shape
    (1, 48, 48, 3)
    """
    drawn = []
    for row in table.itertuples():
        frame = np.array(frames[row.frame])
        if row.seen != "missing":
            x, y, right, low = np.round([row.x, row.y, row.x + row.w, row.y + row.h]).astype(int).tolist()
            width = max(2, frame.shape[0] // 80)
            cv2.rectangle(frame, (x, y), (right, low), COLOURS[row.seen], width)
        drawn.append(frame)
    return np.array(drawn)


def overlap(box: npt.ArrayLike, other: npt.ArrayLike) -> float:
    """Compute the intersection over union (IoU) of two boxes.

    Parameters
    ----------
    box, other : array_like (4,)
        x, y, width, height, in pixels.

    Returns
    -------
    float
        1 for equal boxes, 0 for boxes that do not overlap.

    Notes
    -----
    Used by `counting.count`; exercise 09.2 builds it by hand.

    Examples
    --------
    >>> overlap([0, 0, 2, 2], [1, 0, 1, 2])
    0.5
    """
    low, high = (
        np.maximum(box[:2], other[:2]),
        np.minimum(np.add(box[:2], box[2:]), np.add(other[:2], other[2:])),
    )
    shared = np.prod(np.maximum(np.subtract(high, low), 0))
    return float(shared / (np.prod(box[2:]) + np.prod(other[2:]) - shared))


def _small(frame):
    """The frame in grey, its longer side at most `SIDE` pixels, and the scale."""
    height, width = np.shape(frame)[:2] if np.ndim(frame) in (2, 3) else (1, 1)
    scale = min(1, SIDE / max(height, width, 1))
    if scale == 1 or np.asarray(frame).dtype != np.uint8:
        return finding.grey_of(frame), 1.0
    side = [max(1, round(scale * length)) for length in (width, height)]
    small = cv2.resize(frame, side, interpolation=cv2.INTER_AREA)
    return finding.grey_of(small), scale


def _same_size(size, frame, number):
    if size is not None and size != frame.shape[:2]:
        raise CourseError(
            f"frame {number}",
            f"it is {frame.shape[1]} x {frame.shape[0]} pixels, the ones before are {size[1]} x {size[0]}",
            "Track one clip at a time",
        )
    return frame.shape[:2]


def _look(frame, box, detector):
    """The detected box near `box`, or the largest in the whole image; None if there is none."""
    if box is None:
        found = finding.largest(frame, detector)
        return None if found is None else found.astype(float)
    near = _nearest(_around(frame, box, detector), box)
    return _nearest(finding.find(frame, detector), box) if near is None else near


def _around(frame, box, detector):
    """Boxes (n, 4) in the region around `box`, which is shrunk so that the face is `FACE` pixels wide."""
    x, y = np.maximum(box[:2] - ROOM * box[2:], 0).astype(int)
    right, low = (box[:2] + (1 + ROOM) * box[2:]).astype(int)
    part, scale = frame[y : max(low, 0), x : max(right, 0)], min(1, FACE / box[2])
    if min(part.shape[:2]) * scale < 2:
        return ()
    small = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return finding.find(small, detector) / scale + (x, y, 0, 0)


def _nearest(boxes, box):
    best = max(boxes, key=lambda other: overlap(other, box), default=None)
    return best.astype(float) if best is not None and overlap(best, box) >= OVERLAP else None


def _corners(grey, box):
    """Points to follow, float32 (n, 1, 2), in the middle of the box, away from the background."""
    x, y, width, height = box
    mask = np.zeros_like(grey)
    low, high = (round(max(0, at)) for at in (y + 0.15 * height, y + 0.9 * height))
    left, right = (round(max(0, at)) for at in (x + 0.2 * width, x + 0.8 * width))
    mask[low:high, left:right] = 255
    return cv2.goodFeaturesToTrack(grey, POINTS, 0.01, 3, mask=mask)


def _followed(before, now, points, box, scale):
    """Box and points in the next frame; None, None if too few points can be followed there and back."""
    if points is None or len(points) < FEWEST:
        return None, None
    there, ok, _ = cv2.calcOpticalFlowPyrLK(before, now, points, None, winSize=(15, 15), maxLevel=3)
    back, ok_back, _ = cv2.calcOpticalFlowPyrLK(now, before, there, None, winSize=(15, 15), maxLevel=3)
    good = (ok & ok_back).ravel().astype(bool) & (np.abs(back - points).max(axis=(1, 2)) < ASTRAY)
    old, new = points[good, 0], there[good, 0]
    middle = box[:2] + box[2:] / 2
    inside = good.sum() >= FEWEST and (0 <= middle).all() and (middle * scale < now.shape[::-1]).all()
    return (_carried(box, old, new, scale), there[good]) if inside else (None, None)


def _carried(box, old, new, scale):
    """The box shifted and scaled as most points are: a median ignores points on moving lips and lids."""
    grown = np.median(
        np.linalg.norm(new - np.median(new, axis=0), axis=1)
        / np.maximum(np.linalg.norm(old - np.median(old, axis=0), axis=1), 1e-6)
    )
    grown = np.clip(grown, 0.9, 1.1)
    middle = box[:2] + box[2:] / 2
    shift = np.median(new - old - (grown - 1) * (old - middle * scale), axis=0) / scale
    return np.concatenate([middle + shift - grown * box[2:] / 2, grown * box[2:]])
