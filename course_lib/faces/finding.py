"""Find the faces in an image, the largest of them, and its crop: G7's image processing, with any OpenCV.

A cascade (Viola and Jones 2001, doi:10.1109/CVPR.2001.990517) slides a window over the image and repeats this
at several scales. It rejects most windows after a few sums of pixels. It knows upright faces that look at the
camera.
"""

import threading
import warnings
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from course_lib.core.errors import CourseError
from course_lib.core.names import check_choice
from course_lib.faces import tiny

HAAR = "haarcascade_frontalface_alt2.xml"  # the frontal one with the fewest false detections
SCALE = 1.1  # factor from one size of the window to the next
NEIGHBOURS = 3  # overlapping windows that must agree
SIDE, SECOND_SIDE = 480, 360  # longer side of the image in pixels in the first and second search
BORDER = 0.3  # width of the border in the second search, as a fraction of the shorter side
SMALLEST = 12  # a face is at least 1 / 12 of the image's shorter side
LBP_SIDE, LBP_SCALE, LBP_NEIGHBOURS = 400, 1.2, 4
LBP_WINDOW = 24  # pixels: side of the smallest window
BOX = ("c", "r", "width", "height")  # scikit-image's names of x, y, width, height


def find(image: npt.ArrayLike, detector: str | None = None, tilts: Sequence[float] = (0,)) -> np.ndarray:
    """Find the faces in an image.

    The image is made smaller first, so faces of less than about a twelfth of its shorter side are not found.
    If "haar" finds nothing, it looks a second time, at the image with its histogram equalised and a border
    around it: this finds faces in shadow and faces that fill the image.

    Parameters
    ----------
    image : array-like, uint8 (height, width) or (height, width, 3)
        Grey or RGB.
    detector : {"haar", "lbp", "tiny", "steady"}, optional
        "haar": OpenCV 4's cascades. "lbp": the cascade in scikit-image, which also works with OpenCV 5, which
        has no cascades. By default the first of the two that is installed. "tiny": a small network
        (`faces.tiny`). "steady": the cascade of OpenCV 4, and the network where that finds nothing; with
        OpenCV 5 the network, and "lbp" where that finds nothing.
    tilts : sequence of float
        Degrees by which the image is turned, one after the other until a face is found. (0, -30, 30) finds
        tilted heads, and makes more false detections. The boxes are upright all the same.

    Returns
    -------
    np.ndarray
        int (n, 4): x, y, width, height in pixels, largest first.

    Raises
    ------
    CourseError
        If the image is None or not a uint8 image, or the detector is unknown or not installed.

    Notes
    -----
    `course evaluate face_finding` measures how many faces it finds. Used in lesson 09.

    References
    ----------
    Viola and Jones 2001, doi:10.1109/CVPR.2001.990517.

    Examples
    --------
    >>> find(np.zeros((100, 100), np.uint8)).shape
    (0, 4)
    """
    grey, search = grey_of(image), _searches()[_checked_detector(detector)]
    for degrees in tilts:
        turned, back = _turned(grey, degrees)
        boxes = search(turned)
        if len(boxes):
            return _largest_first(_moved(boxes, back), grey.shape)
    return np.empty((0, 4), int)


def largest(
    image: npt.ArrayLike, detector: str | None = None, tilts: Sequence[float] = (0,)
) -> np.ndarray | None:
    """Find the largest face in an image.

    Parameters
    ----------
    image, detector, tilts
        As in `find`.

    Returns
    -------
    np.ndarray or None
        int (4,): x, y, width, height in pixels; None if no face is found.

    Raises
    ------
    CourseError
        As `find` does.

    Notes
    -----
    Used in lessons 08, 09 and 13 to 15.

    Examples
    --------
    >>> largest(np.zeros((100, 100), np.uint8)) is None
    True
    """
    return next(iter(find(image, detector, tilts)), None)


def crop(image: npt.ArrayLike, box: npt.ArrayLike | None, size: int | tuple[int, int] = 48) -> np.ndarray:
    """Crop the part of an image inside a box, in grey, and resize it as G7 does (cubic interpolation).

    Parameters
    ----------
    image : array-like, uint8 (height, width) or (height, width, 3)
        Grey or RGB.
    box : array-like (4,)
        x, y, width, height in pixels. Parts outside the image are filled with the pixels at its edge.
    size : int or (int, int)
        Side of the result in pixels, or its (width, height).

    Returns
    -------
    np.ndarray
        uint8 (size, size), or (height, width).

    Raises
    ------
    CourseError
        If the box is None (no face was found), has no area, or is completely outside the image.

    Notes
    -----
    Used in lessons 08, 09 and 13 to 15.

    Examples
    --------
    >>> crop(np.zeros((100, 80, 3), np.uint8), (10, 20, 40, 40)).shape
    (48, 48)
    """
    if box is None:
        raise CourseError(
            "box", "it is None: no face was found", "Leave the image out, or give a box of your own"
        )
    grey, (x, y, width, height) = grey_of(image), np.round(checked_box(box)).astype(int).tolist()
    rows, columns = grey.shape
    if min(width, height) < 1 or x >= columns or y >= rows or x + width <= 0 or y + height <= 0:
        raise CourseError(
            f"box {x, y, width, height}",
            f"it is outside the image ({columns} x {rows} pixels)",
            "Give a box of x, y, width, height as find(image) does",
        )
    part = grey[np.clip(np.arange(y, y + height), 0, rows - 1)][
        :, np.clip(np.arange(x, x + width), 0, columns - 1)
    ]
    return cv2.resize(part, (size, size) if np.isscalar(size) else size, interpolation=cv2.INTER_CUBIC)


def checked_box(box: npt.ArrayLike) -> np.ndarray:
    """Check a box, and return it as an array.

    Parameters
    ----------
    box : array-like (4,)
        x, y, width, height.

    Returns
    -------
    np.ndarray
        float (4,).

    Raises
    ------
    CourseError
        If it has another shape, or contains NaN or infinite values.

    Examples
    --------
    >>> checked_box((1, 2, 30, 40)).tolist()
    [1.0, 2.0, 30.0, 40.0]
    """
    box = np.asarray(box, float)
    if box.shape != (4,) or not np.isfinite(box).all():
        raise CourseError(
            f"box {box.tolist()}",
            "four finite numbers are expected; NaN means a frame without a face",
            "Leave that frame out, or give x, y, width, height as find(image) does",
        )
    return box


def detectors() -> tuple[str, ...]:
    """The cascades that are installed, the better one first.

    Returns
    -------
    tuple of str
        ("haar", "lbp"), or ("lbp",) if OpenCV has no cascades.

    Examples
    --------
    >>> detectors()[-1]
    'lbp'
    """
    return ("haar", "lbp") if cascade_path(HAAR) else ("lbp",)


def cascade_path(name: str) -> Path | None:
    """The file of a cascade that comes with OpenCV.

    Parameters
    ----------
    name : str
        The file's name, such as "haarcascade_eye.xml".

    Returns
    -------
    Path or None
        None for OpenCV 5, which has no such files and usually no class to read them.

    Examples
    --------
    >>> cascade_path("no_such_cascade.xml") is None
    True
    """
    folder = getattr(getattr(cv2, "data", None), "haarcascades", "")
    path = Path(folder) / name
    return path if hasattr(cv2, "CascadeClassifier") and folder and path.is_file() else None


def cascade(name: str) -> "cv2.CascadeClassifier":
    """A cascade of OpenCV, loaded once for each thread, because two threads must not use one object.

    Parameters
    ----------
    name : str
        The file's name, such as "haarcascade_eye.xml".

    Returns
    -------
    cv2.CascadeClassifier

    Raises
    ------
    CourseError
        If this OpenCV has no such cascade.
    """
    return _cascade(name, threading.get_ident())


def cascade_classifier(
    name: str = "haarcascade_frontalface_default.xml",
) -> "cv2.CascadeClassifier | LbpClassifier":
    """Open one of OpenCV's cascades, with any OpenCV.

    Parameters
    ----------
    name : str
        A file that comes with OpenCV 4, by default the one of G7.

    Returns
    -------
    cv2.CascadeClassifier or LbpClassifier
        An `LbpClassifier` with OpenCV 5, which has no cascades.

    Notes
    -----
    `detectMultiScale` of OpenCV returns an empty tuple if it finds nothing. Used in lesson 09.

    Examples
    --------
    >>> len(cascade_classifier().detectMultiScale(np.zeros((60, 60), np.uint8), scaleFactor=1.3))
    0
    """
    path = cascade_path(name)
    return LbpClassifier() if path is None else opened(path)


def opened(path: Path) -> "cv2.CascadeClassifier":
    """Open the file of a cascade with OpenCV, also below a folder such as `Jürgen`.

    OpenCV for Windows opens no file whose path has other letters than those of ASCII. So Python reads the
    file, and OpenCV gets its text.

    Parameters
    ----------
    path : Path
        An xml file that comes with OpenCV.

    Returns
    -------
    cv2.CascadeClassifier

    Raises
    ------
    CourseError
        If OpenCV reads no cascade from it.
    """
    found, storage = cv2.CascadeClassifier(), cv2.FileStorage()
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise CourseError(path, f"it cannot be read ({error.strerror})", "Install OpenCV again") from error
    try:
        storage.open(text, cv2.FILE_STORAGE_READ | cv2.FILE_STORAGE_MEMORY)
        if found.read(storage.getFirstTopLevelNode()):
            return found
        # Files in a format before OpenCV 2.4 can only be opened by their path.
        if str(path).isascii() and found.load(str(path)):
            return found
    except cv2.error:
        pass
    raise CourseError(
        path, "OpenCV reads no cascade from it", "Install OpenCV again, into a folder of plain letters"
    )


class LbpClassifier:
    """scikit-image's cascade (local binary patterns) with the call of `cv2.CascadeClassifier`.

    Examples
    --------
    >>> LbpClassifier().detectMultiScale(np.zeros((60, 60), np.uint8)).shape
    (0, 4)
    """

    def detectMultiScale(
        self,
        image: np.ndarray,
        scaleFactor: float = 1.1,
        minNeighbors: int = 3,
    ) -> np.ndarray:
        """Find the faces in a grey image.

        Parameters
        ----------
        image : np.ndarray, uint8 (height, width)
        scaleFactor : float
            Factor from one size of the window to the next.
        minNeighbors : int
            How many windows must agree.

        Returns
        -------
        np.ndarray
            int (n, 4): x, y, width, height in pixels.
        """
        if min(image.shape) < LBP_WINDOW:
            return np.empty((0, 4), int)
        found = _lbp_cascade(threading.get_ident()).detect_multi_scale(
            image, scaleFactor, 1, (LBP_WINDOW, LBP_WINDOW), image.shape, min_neighbor_number=minNeighbors
        )
        return np.array([[box[key] for key in BOX] for box in found], int).reshape(-1, 4)


def grey_of(image: npt.ArrayLike | None) -> np.ndarray:
    """Convert an image to grey.

    Parameters
    ----------
    image : array-like, uint8 (height, width) or (height, width, 3)
        Grey or RGB.

    Returns
    -------
    np.ndarray
        uint8 (height, width).

    Raises
    ------
    CourseError
        If it is None or not a uint8 image.

    Examples
    --------
    >>> grey_of([[[255, 255, 255], [0, 0, 0]]])
    Traceback (most recent call last):
    course_lib.core.errors.CourseError: image int64 (1, 2, 3): it is not a uint8 image, grey or RGB. ...
    >>> grey_of(np.uint8([[[255, 255, 255], [0, 0, 0]]])).tolist()
    [[255, 0]]
    """
    if image is None:
        raise CourseError(
            "image",
            "it is None: the camera or the file gave no image",
            "Check that the camera is connected and no other program uses it, or check the file's path",
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
            "it is not a uint8 image, grey or RGB",
            "Give uint8 (height, width) or (height, width, 3), for example (255 * image).astype('uint8')",
        )
    return image if image.ndim == 2 else cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY)


def existing_frames(frames: Iterable[np.ndarray | None]) -> Iterator[tuple[int, np.ndarray]]:
    """Yield the frames that are not None, with their numbers. The first one that is None gives a warning.

    A camera that delivers no image gives None. G7's demonstration stopped there, with "'NoneType' object has
    no attribute 'shape'".

    Parameters
    ----------
    frames : iterable of np.ndarray or None

    Yields
    ------
    tuple of int and np.ndarray
        The number of the frame, from 0, and the frame.

    Examples
    --------
    >>> [number for number, frame in existing_frames([np.zeros((8, 8)), np.ones((8, 8))])]
    [0, 1]
    """
    warned = False
    for number, frame in enumerate(frames):
        if frame is not None:
            yield number, frame
        elif not warned:
            warned = True
            warnings.warn(
                f"frame {number} is None: the camera or file gave no image. Such frames are skipped",
                stacklevel=2,
            )


# The searches: from a grey image (height, width) to boxes, float (n, 4), in its pixels.


@cache
def _searches():
    return {"haar": _haar, "lbp": _lbp, "tiny": tiny.search, "steady": _steady}


def _steady(grey):
    """A cascade loses a face when it moves by a few pixels; the network finds nearly all of these."""
    if not cascade_path(HAAR):
        boxes = tiny.search(grey)
        return boxes if len(boxes) else _lbp(grey)
    small, scale = _shrunk(grey, SIDE)
    boxes = _haar_boxes(small)
    if len(boxes):
        return boxes / scale
    boxes = tiny.search(grey)
    return boxes if len(boxes) else _haar(grey)


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
    least = max(LBP_WINDOW, min(small.shape) // SMALLEST)
    if min(small.shape) < least:
        return np.empty((0, 4))
    found = _lbp_cascade(threading.get_ident()).detect_multi_scale(
        cv2.equalizeHist(small), LBP_SCALE, 1, (least, least), small.shape, min_neighbor_number=LBP_NEIGHBOURS
    )
    return np.array([[face[key] for key in BOX] for face in found]).reshape(-1, 4) / scale


@lru_cache(maxsize=32)
def _cascade(name, thread):
    path = cascade_path(name)
    if path is None:
        raise CourseError(
            name,
            f"OpenCV {cv2.__version__} has no such cascade",
            'Install OpenCV 4: pip install "opencv-python-headless<5"',
        )
    return opened(path)


@lru_cache(maxsize=32)
def _lbp_cascade(thread):
    import skimage.data  # here, because it takes half a second, and the cascades of OpenCV need none of it
    from skimage.feature import Cascade

    return Cascade(skimage.data.lbp_frontal_face_cascade_filename())


def _checked_detector(detector):
    if detector is None:
        return detectors()[0]
    check_choice("detector", detector, _searches())
    if detector == "haar" and detector not in detectors():
        raise CourseError(
            "detector 'haar'",
            f"OpenCV {cv2.__version__} has no cascades",
            'Use "lbp", or install OpenCV 4: pip install "opencv-python-headless<5"',
        )
    return detector


# Geometry


def _shrunk(grey, side, enlarge=1):
    """The image with a longer side of at most `side` pixels (enlarged by at most `enlarge`), and the
    scale.
    """
    scale = min(enlarge, side / max(grey.shape))
    size = [max(1, round(scale * n)) for n in grey.shape[::-1]]
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return (cv2.resize(grey, size, interpolation=how) if scale != 1 else grey), scale


def _turned(grey, degrees):
    """The image turned clockwise about its middle, and the affine map (2, 3) back from it."""
    middle = grey.shape[1] / 2, grey.shape[0] / 2
    turn = cv2.getRotationMatrix2D(middle, -degrees, 1)
    turned = (
        cv2.warpAffine(grey, turn, grey.shape[::-1], borderMode=cv2.BORDER_REPLICATE) if degrees else grey
    )
    return turned, cv2.invertAffineTransform(turn)


def _moved(boxes, affine):
    """The boxes mapped back: their centres move, their sizes stay, and they stay upright."""
    half = boxes[:, 2:] / 2
    return np.hstack([(boxes[:, :2] + half) @ affine[:, :2].T + affine[:, 2] - half, boxes[:, 2:]])


def _largest_first(boxes, shape):
    """Boxes in whole pixels inside the image, the largest first."""
    low, high = np.maximum(boxes[:, :2], 0), np.minimum(boxes[:, :2] + boxes[:, 2:], shape[::-1])
    boxes = np.hstack([np.round(low), np.round(high) - np.round(low)]).astype(int)
    boxes = boxes[(boxes[:, 2:] > 0).all(axis=1)]
    return _not_inside(boxes[np.argsort(-boxes[:, 2] * boxes[:, 3], kind="stable")])


def _not_inside(boxes):
    """The boxes without those inside a larger one, which are the same face again, or a mouth."""
    middle = boxes[:, :2] + boxes[:, 2:] / 2
    inside = [
        any((box[:2] <= at).all() and (at <= box[:2] + box[2:]).all() for box in boxes[:number])
        for number, at in enumerate(middle)
    ]
    return boxes[~np.array(inside, bool)]
