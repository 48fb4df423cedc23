"""Where the faces in a picture are, the largest of them, and its crop: G7's image processing, on any OpenCV.

A cascade (Viola and Jones 2001, doi:10.1109/CVPR.2001.990517) looks at windows of all places and sizes, and
drops most of them after a few sums of pixels. It knows upright faces that look at the camera."""

import threading
import warnings
from functools import cache, lru_cache
from pathlib import Path

import cv2
import numpy as np
import skimage.data
from skimage.feature import Cascade

from course_lib.core.errors import CourseError

HAAR = "haarcascade_frontalface_alt2.xml"  # of the frontal ones it made the fewest false boxes at equal finds
SCALE = 1.1  # from one size of window to the next
NEIGHBOURS = 3  # windows that must agree
SIDE, SECOND_SIDE = 480, 360  # the picture's longer side in pixels when it is searched
BORDER = 0.3  # of the shorter side, in the second search
SMALLEST = 12  # a face is at least a twelfth of the picture's shorter side
LBP_SIDE, LBP_SCALE, LBP_NEIGHBOURS = 400, 1.2, 4


def find(image, detector=None, tilts=(0,)) -> np.ndarray:
    """The faces in an image, uint8 (height, width[, 3]) grey or RGB: int (n, 4) of x, y, width, height,
    largest first.

    `detector` is "haar" (cascades of OpenCV 4), "lbp" (the one that scikit-image brings, for OpenCV 5 has
    none), or None for the first of the two that is there. The picture is made smaller first, so a face of
    less than about a twelfth of its shorter side is not looked for. Where nothing is seen, "haar" looks once
    more at the picture with its grey levels spread and a border around it, which finds faces in shadow and
    faces that fill the picture. `tilts` are degrees by which the picture is turned, one after the other until
    a face is seen: (0, -30, 30) finds heads laid on a shoulder, and makes more false boxes. The box is
    upright all the same.

    Measured: `course evaluate face_finding`. Raises `CourseError` for an image that is None or of another
    kind, and where the detector is not there."""
    grey, search = grey_of(image), _searches()[_checked_detector(detector)]
    for degrees in tilts:
        turned, back = _turned(grey, degrees)
        boxes = search(turned)
        if len(boxes):
            return _largest_first(_moved(boxes, back), grey.shape)
    return np.empty((0, 4), int)


def largest(image, detector=None, tilts=(0,)) -> np.ndarray | None:
    """The box of the largest face, int (4,) of x, y, width, height, or None where none is seen (see
    `find`)."""
    return next(iter(find(image, detector, tilts)), None)


def crop(image, box, size=48) -> np.ndarray:
    """The part of an image in a box, grey and resized as G7 does (cubic): uint8 (size, size).

    `size` may also be (width, height). What of the box lies outside the picture is filled with the picture's
    edge. Raises `CourseError` for None (no face), a box without area, and one that lies outside as a whole.
    """
    if box is None:
        raise CourseError(
            "box", "it is None: no face was found", "Leave the picture out, or give a box of your own"
        )
    grey, (x, y, width, height) = grey_of(image), np.round(checked_box(box)).astype(int).tolist()
    rows, columns = grey.shape
    if min(width, height) < 1 or x >= columns or y >= rows or x + width <= 0 or y + height <= 0:
        raise CourseError(
            f"box {x, y, width, height}",
            f"nothing of the picture ({columns} x {rows}) lies in it",
            "Give a box of x, y, width, height as find(image) does",
        )
    part = grey[np.clip(np.arange(y, y + height), 0, rows - 1)][
        :, np.clip(np.arange(x, x + width), 0, columns - 1)
    ]
    return cv2.resize(part, (size, size) if np.isscalar(size) else size, interpolation=cv2.INTER_CUBIC)


def checked_box(box) -> np.ndarray:
    """A box as float (4,) of x, y, width, height. Raises `CourseError` for another shape and for NaN."""
    box = np.asarray(box, float)
    if box.shape != (4,) or not np.isfinite(box).all():
        raise CourseError(
            f"box {box.tolist()}",
            "four finite numbers are expected; NaN is a frame without a face",
            "Leave that frame out, or give x, y, width, height as find(image) does",
        )
    return box


def detectors() -> tuple[str, ...]:
    """The detectors that are here, the better one first: "haar" where OpenCV has it, and "lbp"."""
    return ("haar", "lbp") if cascade_path(HAAR) else ("lbp",)


def cascade_path(name) -> Path | None:
    """OpenCV's own file of a cascade, or None: OpenCV 5 has no files, and mostly no class to read them
    either.
    """
    folder = getattr(getattr(cv2, "data", None), "haarcascades", "")
    path = Path(folder) / name
    return path if hasattr(cv2, "CascadeClassifier") and folder and path.is_file() else None


def cascade(name):
    """A `cv2.CascadeClassifier`, read once for each thread: one object may not serve two at a time."""
    return _cascade(name, threading.get_ident())


def grey_of(image) -> np.ndarray:
    """An image as uint8 grey (height, width). Raises `CourseError` for None and all that is no uint8
    picture."""
    if image is None:
        raise CourseError(
            "image",
            "it is None: the camera or the file gave no picture",
            "See that the camera is connected and no other program uses it, or check the file's path",
        )
    image = np.asarray(image)
    if (
        image.dtype != np.uint8
        or image.ndim not in (2, 3)
        or not image.size
        or image.shape[2:] not in ((), (3,))
    ):
        raise CourseError(
            f"image {image.dtype} {image.shape}",
            "it is no picture, grey or RGB, of uint8",
            "Give uint8 (height, width) or (height, width, 3): of 0 to 1, (255 * image).astype('uint8')",
        )
    return image if image.ndim == 2 else cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY)


def pictures(frames):
    """Yield (number, frame) of those `frames` that are not None; a warning tells once that some are None.

    A camera that gives nothing gives None, at which G7's demonstration stopped ('NoneType' object has no
    attribute 'shape')."""
    warned = False
    for number, frame in enumerate(frames):
        if frame is not None:
            yield number, frame
        elif not warned:
            warned = True
            warnings.warn(
                f"frame {number} is None: the camera or file gave no picture. It is skipped, and so are any "
                "more such frames",
                stacklevel=2,
            )


# The searches: a grey picture (height, width) to boxes, float (n, 4) in its pixels.


@cache
def _searches():
    return {"haar": _haar, "lbp": _lbp}


def _haar(grey):
    small, scale = _shrunk(grey, SIDE)
    boxes = _haar_boxes(small)
    if not len(boxes):
        small, scale = _shrunk(grey, SECOND_SIDE, enlarge=2)
        border = round(BORDER * min(small.shape))
        wide = cv2.copyMakeBorder(cv2.equalizeHist(small), *[border] * 4, cv2.BORDER_REPLICATE)
        boxes = _haar_boxes(wide) - (border, border, 0, 0)
    return boxes / scale


def _haar_boxes(grey):
    least = max(20, min(grey.shape) // SMALLEST)
    found = cascade(HAAR).detectMultiScale(grey, SCALE, NEIGHBOURS, minSize=(least, least))
    return np.reshape(found, (-1, 4)).astype(float)


def _lbp(grey):
    small, scale = _shrunk(grey, LBP_SIDE, enlarge=2)
    least = max(24, min(small.shape) // SMALLEST)
    if min(small.shape) < least:
        return np.empty((0, 4))
    found = _lbp_cascade(threading.get_ident()).detect_multi_scale(
        cv2.equalizeHist(small), LBP_SCALE, 1, (least, least), small.shape, min_neighbor_number=LBP_NEIGHBOURS
    )
    return (
        np.array([[face[key] for key in ("c", "r", "width", "height")] for face in found]).reshape(-1, 4)
        / scale
    )


@lru_cache(maxsize=32)
def _cascade(name, thread):
    path = cascade_path(name)
    if path is None:
        raise CourseError(
            name,
            f"OpenCV {cv2.__version__} brings no such cascade",
            'Install the OpenCV before: pip install "opencv-python-headless<5"',
        )
    return cv2.CascadeClassifier(str(path))


@lru_cache(maxsize=32)
def _lbp_cascade(thread):
    return Cascade(skimage.data.lbp_frontal_face_cascade_filename())


def _checked_detector(detector):
    if detector is None:
        return detectors()[0]
    if detector not in _searches():
        raise CourseError(
            f"detector {detector!r}", "there is no such detector", f"Use {' or '.join(_searches())}"
        )
    if detector not in detectors():
        raise CourseError(
            "detector 'haar'",
            f"OpenCV {cv2.__version__} has no cascades",
            'Use "lbp", or install the OpenCV before: pip install "opencv-python-headless<5"',
        )
    return detector


# Geometry


def _shrunk(grey, side, enlarge=1):
    # -> the picture with its longer side of `side` pixels at most (enlarged up to so many times), and the
    # scale
    scale = min(enlarge, side / max(grey.shape))
    size = [max(1, round(scale * n)) for n in grey.shape[::-1]]
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return (cv2.resize(grey, size, interpolation=how) if scale != 1 else grey), scale


def _turned(grey, degrees):
    # -> the picture turned clockwise about its middle, and the affine map (2, 3) back from it
    middle = grey.shape[1] / 2, grey.shape[0] / 2
    turn = cv2.getRotationMatrix2D(middle, -degrees, 1)
    turned = (
        cv2.warpAffine(grey, turn, grey.shape[::-1], borderMode=cv2.BORDER_REPLICATE) if degrees else grey
    )
    return turned, cv2.invertAffineTransform(turn)


def _moved(boxes, affine):
    # Boxes keep their size and stay upright: their middles move.
    half = boxes[:, 2:] / 2
    return np.hstack([(boxes[:, :2] + half) @ affine[:, :2].T + affine[:, 2] - half, boxes[:, 2:]])


def _largest_first(boxes, shape):
    # Whole pixels, cut to the picture.
    low, high = np.maximum(boxes[:, :2], 0), np.minimum(boxes[:, :2] + boxes[:, 2:], shape[::-1])
    boxes = np.hstack([np.round(low), np.round(high) - np.round(low)]).astype(int)
    boxes = boxes[(boxes[:, 2:] > 0).all(axis=1)]
    return _not_inside(boxes[np.argsort(-boxes[:, 2] * boxes[:, 3], kind="stable")])


def _not_inside(boxes):
    # A face does not lie in a larger one: such a box is the same face once more, or a mouth.
    middle = boxes[:, :2] + boxes[:, 2:] / 2
    inside = [
        any((box[:2] <= at).all() and (at <= box[:2] + box[2:]).all() for box in boxes[:number])
        for number, at in enumerate(middle)
    ]
    return boxes[~np.array(inside, bool)]
