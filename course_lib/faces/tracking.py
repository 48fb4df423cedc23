"""One face through a clip: found now and then, followed in between, which costs far less than finding it each
time.
"""

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
import pandas as pd

from course_lib.core.errors import CourseError
from course_lib.faces import finding

SIDE = 320  # the picture's longer side in pixels when points are followed
POINTS = 60  # corners that are followed
FEWEST = 8  # of them, below which the face is lost
ASTRAY = 1.0  # pixels: a point followed there and back again that ends farther off is dropped
FACE = 72  # pixels: the width to which a known face is made smaller before the detector looks again
ROOM = 0.4  # of the box, around it on each side, where the detector looks again
GAIN = 0.5  # how far the followed box moves to the detected one: half-way, against jitter
OVERLAP = 0.3  # of two boxes (intersection over union), from which on they are one face
PATIENCE = 3  # looks in a row without a face, after which what is followed is no longer taken for one


class Seen(NamedTuple):
    """A frame's number, its box float (4,) of x, y, width, height (None where missing), and how it was
    seen."""

    frame: int
    box: np.ndarray | None
    seen: str


def track(frames, every=5, detector=None) -> pd.DataFrame:
    """One face through the frames of a clip: a row a frame, with `frame`, `x`, `y`, `w`, `h` (float, pixels),
    `seen`.

    `frames` are uint8 (height, width[, 3]) images of one size, for example `video.stream(path)`. `seen` is
    "detected" in the frames in which `finding.find` saw it (one in `every`, and each while there is none),
    "followed" where its corners were followed from the frame before, and "missing" (the box is NaN). A frame
    that is None has no row. Details: `follow`."""
    rows = [
        (seen.frame, *(np.full(4, np.nan) if seen.box is None else seen.box), seen.seen)
        for seen in follow(frames, every, detector)
    ]
    return pd.DataFrame(rows, columns=["frame", "x", "y", "w", "h", "seen"])


def follow(frames, every=5, detector=None):
    """Yield a `Seen` for each frame, as they come (also from a camera); the first face is the largest.

    In between, corners on the face are followed from frame to frame (pyramidal Lucas–Kanade, `cv2`), and the
    box moves and grows as they do. Each `every`th frame the detector looks around the box, and where it sees
    nothing there at the whole picture; of the boxes it gives, the one is the face that overlaps most with the
    followed one, which then moves half-way to it. When the corners are lost, or the detector sees no such box
    three times running, the face is lost: the detector looks at each frame, and the largest face is the next
    one. Raises `CourseError` for `every` below 1 and for frames that `find` refuses or whose size changes.
    """
    if every < 1:
        raise CourseError(f"every={every}", "it is no number of frames", "Give 1 or more")
    box = before = points = None
    size, since, misses = None, 0, 0
    for number, frame in finding.pictures(frames):
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
    # -> the frame in grey with its longer side of `SIDE` pixels at most (colours first made fewer: that is
    # faster)
    height, width = np.shape(frame)[:2] if np.ndim(frame) in (2, 3) else (1, 1)
    scale = min(1, SIDE / max(height, width, 1))
    if scale == 1 or np.asarray(frame).dtype != np.uint8:
        return finding.grey_of(frame), 1.0
    small = cv2.resize(frame, (round(scale * width), round(scale * height)), interpolation=cv2.INTER_AREA)
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
    # -> the box that the detector sees near `box`, of the whole picture the largest; None where there is none
    if box is None:
        found = finding.largest(frame, detector)
        return None if found is None else found.astype(float)
    near = _nearest(_around(frame, box, detector), box)
    return _nearest(finding.find(frame, detector), box) if near is None else near


def _around(frame, box, detector):
    # -> boxes (n, 4) in the part of the frame around `box`, made so small that a face of its size is of
    # `FACE` pixels
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
    # Points to follow, float32 (n, 1, 2), in the middle of the box, where there is face and no background.
    x, y, width, height = box
    mask = np.zeros_like(grey)
    low, high = (round(max(0, at)) for at in (y + 0.15 * height, y + 0.9 * height))
    left, right = (round(max(0, at)) for at in (x + 0.2 * width, x + 0.8 * width))
    mask[low:high, left:right] = 255
    return cv2.goodFeaturesToTrack(grey, POINTS, 0.01, 3, mask=mask)


def _followed(before, now, points, box, scale):
    # -> box and points in the next frame, or None, None where too few points could be followed there and back
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
    # The median is not moved by the few points that go with a lip or a lid.
    grown = np.median(
        np.linalg.norm(new - np.median(new, axis=0), axis=1)
        / np.maximum(np.linalg.norm(old - np.median(old, axis=0), axis=1), 1e-6)
    )
    grown = np.clip(grown, 0.9, 1.1)
    middle = box[:2] + box[2:] / 2
    shift = np.median(new - old - (grown - 1) * (old - middle * scale), axis=0) / scale
    return np.concatenate([middle + shift - grown * box[2:] / 2, grown * box[2:]])
