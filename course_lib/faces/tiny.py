"""A tiny face detector: a network of seven convolutions, computed with NumPy. It needs no cascade of OpenCV.

It is the TinyFaceDetector of Vincent Mühler's face-api.js, a small relative of YOLO (Redmon and Farhadi 2017,
arXiv:1612.08242): in each cell of a grid it gives five boxes and how sure it is of each. Its boxes begin at
the brows and are wider than a cascade's, so they are moved and scaled to what a cascade would give: the
networks for emotions have learnt from such crops.
"""

from functools import cache
from pathlib import Path

import cv2
import numpy as np

from course_lib.core.convolution import convolution, max_pool, one_core
from course_lib.core.io import read_npz

WEIGHTS = Path(__file__).parents[1] / "models" / "weights" / "tiny_face.npz"
SIDE = 416  # pixels: the longer side of the image that the network sees
CELL = 32  # pixels of a cell of the grid
# The lowest score of a box. The maker's 0.5 loses six of 24 moved copies of one photograph (steady_faces).
SURE = 0.3
SHARED = 0.4  # of two boxes with a larger intersection over union the surer one stays
MEAN = np.array([117.001, 114.697, 97.404], np.float32)  # of the training images: red, green, blue
LEAK = np.float32(0.1)  # slope of the activation below 0
ANCHORS = np.array(  # width and height of the five boxes, in cells
    [
        (1.603231, 2.094468),
        (6.041143, 7.080126),
        (2.882459, 3.518061),
        (4.266906, 5.178857),
        (9.041765, 10.66308),
    ]
)
# A cascade's box beside the network's: its side, and how much higher its middle is, over the mean side.
SIZE, HIGHER = 0.96, 0.15


def detect(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Detect the faces in an image, with the network's own boxes.

    Parameters
    ----------
    image : np.ndarray
        uint8 (height, width), or (height, width, 3) in RGB.

    Returns
    -------
    boxes : np.ndarray
        x, y, width and height in pixels, float (n, 4), the surest first.
    scores : np.ndarray
        From `SURE` to 1, (n,).

    Examples
    --------
    >>> detect(np.zeros((90, 120), np.uint8))[0].shape
    (0, 4)
    """
    small, scale = _padded(image)
    with one_core():
        found = _forward((small - MEAN) / 255)
    rows, columns = found.shape[:2]
    found = found.reshape(rows, columns, len(ANCHORS), 5)
    scores = _sigmoid(found[..., 4])
    row, column, anchor = np.nonzero(scores > SURE)
    one, scores = found[row, column, anchor], scores[row, column, anchor]
    middles = CELL * (np.stack([column, row], axis=1) + _sigmoid(one[:, :2]))
    sides = CELL * np.exp(one[:, 2:4]) * ANCHORS[anchor]
    boxes = np.concatenate([middles - sides / 2, sides], axis=1) / scale
    kept = _apart(boxes, scores)
    return boxes[kept], scores[kept]


def search(image: np.ndarray) -> np.ndarray:
    """Detect the faces in an image, with boxes like those of a cascade, float (n, 4).

    Examples
    --------
    >>> search(np.zeros((90, 120), np.uint8)).shape
    (0, 4)
    """
    boxes, _ = detect(image)
    middles, sides = boxes[:, :2] + boxes[:, 2:] / 2, boxes[:, 2:].mean(axis=1, keepdims=True)
    middles = middles - sides * (0, HIGHER)
    return np.concatenate([middles - SIZE * sides / 2, np.repeat(SIZE * sides, 2, axis=1)], axis=1)


@cache
def _weights():
    found = read_npz(WEIGHTS, "weights of the face detector", "Install the course again")
    scaling = found.pop("scale_and_offset")
    return {
        name: (array * scale + offset).astype(np.float32)
        for (name, array), (scale, offset) in zip(found.items(), scaling, strict=True)
    }


def _padded(image):
    """The image in RGB, `SIDE` pixels long, float32; black below and on the right to fill whole cells."""
    scale = SIDE / max(image.shape[:2])
    width, height = (max(1, round(scale * side)) for side in image.shape[1::-1])
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(image, (width, height), interpolation=how)
    padded = np.zeros((-(-height // CELL) * CELL, -(-width // CELL) * CELL, 3), np.float32)
    padded[:height, :width] = small if small.ndim == 3 else small[..., np.newaxis]
    return padded, scale


def _forward(x):
    """The network's output, (rows of cells, columns of cells, 25)."""
    weights = _weights()
    x = _leaky(convolution(x[np.newaxis], weights["conv0/filters"], weights["conv0/bias"], padding=0))
    for number in range(1, 6):
        _, rows, columns, _ = x.shape
        x = _separable(max_pool(_wider(x, rows % 2, columns % 2)), f"conv{number}", weights)
    wide = _wider(x, 1, 1)
    x = np.maximum(wide[:, :-1], wide[:, 1:])
    x = np.maximum(x[:, :, :-1], x[:, :, 1:])
    return (x @ weights["conv8/filters"][0, 0] + weights["conv8/bias"])[0]


def _wider(x, rows, columns):
    """The maps with the last row and column repeated, which changes no maximum."""
    return np.pad(x, ((0, 0), (0, rows), (0, columns), (0, 0)), "edge") if rows or columns else x


def _separable(x, name, weights):
    """A convolution of each map by itself, then a mix of the maps, and a leaky relu."""
    own = weights[f"{name}/depthwise_filter"][..., 0]
    rows, columns = x.shape[1:3]
    wide, summed = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0))), np.zeros_like(x)
    for y in range(3):
        for left in range(3):
            summed += wide[:, y : y + rows, left : left + columns] * own[y, left]
    return _leaky(summed @ weights[f"{name}/pointwise_filter"][0, 0] + weights[f"{name}/bias"])


def _leaky(x):
    return np.maximum(x, LEAK * x)


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def _apart(boxes, scores):
    """The places of the boxes that stay, the surest first (non-maximum suppression)."""
    from course_lib.faces.tracking import overlap  # here, because the tracker finds faces with this module

    kept: list[int] = []
    for place in np.argsort(-scores).tolist():
        if all(overlap(boxes[place], boxes[other]) <= SHARED for other in kept):
            kept.append(place)
    return np.array(kept, int)
