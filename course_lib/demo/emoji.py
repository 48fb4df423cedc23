"""Emoji as pictures, drawn with OpenCV: no font and no file is needed."""

import cv2
import numpy as np

from course_lib.core.labels import EMOTIONS
from course_lib.core.names import check_choice

YELLOW, BLACK = (255, 204, 50, 255), (40, 30, 20, 255)
OVER = 4  # the picture is drawn so many times larger, and then reduced: soft edges
# For each emotion: mouth (how far its middle is below its corners, in 1/100 of the side), how far it is open,
# brows (how far their inner ends are below the outer ones), and how large the eyes are.
LOOKS = {
    "angry": (-8, 0, 9, 4),
    "disgust": (-6, 3, 5, 3),
    "fear": (-4, 7, -7, 6),
    "happy": (13, 0, 0, 4),
    "sad": (-10, 0, -7, 4),
    "surprise": (0, 12, -2, 6),
    "neutral": (0, 0, 0, 4),
}


def picture(emotion: str, side: int = 110) -> np.ndarray:
    """Draw the emoji of an emotion.

    Parameters
    ----------
    emotion : str
        One of `EMOTIONS`.
    side : int
        Height and width in pixels.

    Returns
    -------
    np.ndarray
        uint8 (side, side, 4): red, green, blue, and alpha (0 transparent, 255 opaque).

    Raises
    ------
    CourseError
        If there is no such emotion.

    Examples
    --------
    >>> emoji = picture("happy", 32)
    >>> emoji.shape, emoji[0, 0, 3].item(), emoji[8, 16, 3].item()
    ((32, 32, 4), 0, 255)

    Notes
    -----
    Used in lesson 14.
    """
    check_choice("emotion", emotion, EMOTIONS)
    bend, opened, brows, eyes = LOOKS[emotion]
    large = np.zeros((100 * OVER, 100 * OVER, 4), np.uint8)
    large[..., :3] = YELLOW[:3]  # also where it is transparent: no dark edge
    cv2.circle(large, _at(50, 50), 48 * OVER, YELLOW, -1)
    for sign in (-1, 1):
        cv2.circle(large, _at(50 + 17 * sign, 42), eyes * OVER, BLACK, -1)
        if brows:
            ends = _at(50 + 25 * sign, 30 - brows / 2), _at(50 + 9 * sign, 30 + brows / 2)
            cv2.line(large, *ends, BLACK, 3 * OVER)
    if opened:
        cv2.ellipse(large, _at(50, 71), (11 * OVER, opened * OVER), 0, 0, 360, BLACK, -1)
    else:
        x = np.linspace(-20, 20, 21)
        curve = np.stack([50 + x, 70 + bend * (1 - (x / 20) ** 2) - bend / 2], axis=1)
        cv2.polylines(large, [np.round(OVER * curve).astype(np.int32)], False, BLACK, 3 * OVER)
    return cv2.resize(large, (side, side), interpolation=cv2.INTER_AREA)


def paste(frame: np.ndarray, emoji: np.ndarray, x: int, y: int) -> np.ndarray:
    """Put an emoji on a frame: each pixel is mixed by the emoji's alpha.

    Parameters
    ----------
    frame : np.ndarray
        RGB, uint8 (height, width, 3). It is not changed.
    emoji : np.ndarray
        uint8 (side, side, 4), as from `picture`. What would be outside the frame is cut off.
    x, y : int
        Column and row of its upper left corner, 0 or more.

    Returns
    -------
    np.ndarray
        uint8, as `frame`.

    Examples
    --------
    >>> paste(np.zeros((40, 40, 3), np.uint8), picture("happy", 32), 4, 4)[12, 20].tolist()
    [255, 204, 50]

    Notes
    -----
    Used in lesson 14.
    """
    result = frame.copy()
    below = result[y : y + emoji.shape[0], x : x + emoji.shape[1]]
    visible = emoji[: below.shape[0], : below.shape[1]].astype(float)
    alpha = visible[..., 3:] / 255
    below[:] = np.round(alpha * visible[..., :3] + (1 - alpha) * below)
    return result


def _at(x, y):
    return round(OVER * x), round(OVER * y)
