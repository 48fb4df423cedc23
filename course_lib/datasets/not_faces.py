"""Images without a face, to train the network that tells whether an image shows one (P4, lesson 10), and a
real test set.

The training images are crops of photographs that come with scikit-image and scikit-learn, and drawn patterns.
Some of the crops are *hard negatives*: places that a face detector, or the first edition of the network,
took for a face. `hard_negatives.csv` lists them, so everybody trains on the same ones.

The test set is scikit-image's `lfw_subset`: 100 faces and 100 other crops from the photographs of Labeled
Faces in the Wild (Huang et al. 2007). No test image is in the training data, except one all-black image that
is also in FER2013."""

from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import skimage
from sklearn.datasets import load_sample_image

from course_lib.core.progress import progress
from course_lib.datasets import credits
from course_lib.datasets.fer2013 import SIZE

# The images in scikit-image's wheel that show no person. Left out: astronaut and camera (people), coins
# (heads in relief), phantom (a head), no_time_for_that_tiny (too small), logo and lfw_subset. Chelsea is a
# cat.
PHOTOGRAPHS = (
    "brick",
    "cell",
    "chelsea",
    "coffee",
    "grass",
    "gravel",
    "hubble_deep_field",
    "immunohistochemistry",
    "microaneurysms",
    "moon",
    "page",
    "retina",
    "rocket",
    "stereo_motorcycle",
    "text",
    "clock",
    "colorwheel",
    "horse",
)
# And scikit-learn's two sample images.
ALL = (*PHOTOGRAPHS, "china.jpg", "flower.jpg")
# Whole scenes are used three times as often as textures.
SCENES = ("coffee", "rocket", "stereo_motorcycle", "chelsea", "china.jpg", "flower.jpg")
FRACTIONS = {"crop": 0.5, "two crops": 0.2, "pattern": 0.2, "piece of a face": 0.1}
HARD = 0.15  # fraction of hard negatives among the images that `face_or_not` is trained on
HARD_NEGATIVES = Path(__file__).with_name("hard_negatives.csv")


def not_faces(
    n: int,
    seed: int = 0,
    faces: np.ndarray | None = None,
    hard: float = 0.0,
    photographs: Sequence[str] = ALL,
) -> np.ndarray:
    """Make images that show no face.

    Parameters
    ----------
    n : int
        Number of images. The first ones are the same for a larger `n`.
    seed : int
    faces : uint8 array of shape (m, 48, 48), optional
        Faces of the training set, for spoilt faces. Without them crops are used instead.
    hard : float
        Fraction of hard negatives (see `hard_negatives`), each shifted, turned and resized a little.
        `face_or_not` was trained with `HARD`.
    photographs : sequence of str
        Names of `ALL`: the photographs that are used. Leave some out to test on them.

    Returns
    -------
    np.ndarray
        uint8 (n, 48, 48).

    Notes
    -----
    Half of the images are rotated and mirrored crops of photographs, of all sizes, some across the edge of
    the photograph. Two in ten show one crop in front of another, with a smooth border. Two in ten are drawn:
    waves, checkers, noise, spots, strokes, plain or shaded grey. One in ten is a spoilt face: a small piece
    of it, a face mostly outside the image, or its tiles in a wrong order. All of them get a random exposure,
    contrast and sharpness, except half of the hard negatives. Used in lesson 10.

    Examples
    --------
    >>> not_faces(2).shape
    (2, 48, 48)
    """
    credits.used("photographs")
    names = tuple(photographs)
    crop = partial(_crop, names=names)
    kinds = {
        "crop": crop,
        "two crops": partial(_two_crops, names=names),
        "pattern": _pattern,
        "piece of a face": crop if faces is None else partial(_piece, faces=faces, names=names),
    }
    images = np.empty((n, SIZE, SIZE), np.uint8)
    for i in progress(range(n), desc="images without a face", unit="image", delay=1, leave=False):
        rng = np.random.default_rng([seed, i])
        if hard and rng.uniform() < hard:
            images[i] = _hard(rng, names)
        else:
            kind = rng.choice(list(FRACTIONS), p=list(FRACTIONS.values()))
            images[i] = _photographed(rng, kinds[kind](rng))
    return images


def hard_negatives(photographs: Sequence[str] = ALL) -> tuple[np.ndarray, pd.DataFrame]:
    """Cut out the hard negatives: places without a face that look like one to a face detector.

    Parameters
    ----------
    photographs : sequence of str
        Names of `ALL`.

    Returns
    -------
    images : np.ndarray
        uint8 (n, 48, 48), cropped and resized as `faces.crop` does.
    table : pd.DataFrame
        One row for each image. Columns: `photograph`; `x`, `y` and `side` of a square in its pixels; `turn`,
        the degrees by which the square is turned clockwise about its middle; `found_by`: "haar" or "lbp" (a
        cascade, with settings that give many false detections), or "network" (the first edition of
        `face_or_not`).

    Notes
    -----
    `python -m course_lib.authoring.embedding.hard_negatives` made the list. `course evaluate hard_negatives`
    measures how many of them a network calls a face. A network that was trained on them calls fewer of them a
    face. On photographs that were not trained on, short trainings with and without them did not differ
    measurably: twenty photographs are few.

    Examples
    --------
    >>> images, table = hard_negatives(["coffee"])
    >>> images.shape == (len(table), 48, 48), set(table["photograph"])
    (True, {'coffee'})
    """
    credits.used("photographs")
    table = _hard_table()[_hard_table()["photograph"].isin(photographs)].reset_index(drop=True)
    images = np.empty((len(table), SIZE, SIZE), np.uint8)
    for i, row in enumerate(table.itertuples()):
        images[i] = cut_square(_grey(row.photograph), row.x, row.y, row.side, row.turn)
    return images, table


def cut_square(grey: np.ndarray, x: float, y: float, side: float, turn: float = 0.0) -> np.ndarray:
    """Cut a turned square out of an image, and resize it as `faces.crop` does (cubic interpolation).

    Parameters
    ----------
    grey : np.ndarray
        uint8 (height, width).
    x, y, side : float
        The square before it is turned: its left and upper edge and its side, in pixels.
    turn : float
        Degrees by which it is turned clockwise about its middle. What is outside the image gets the colour
        of the edge.

    Returns
    -------
    np.ndarray
        uint8 (48, 48).

    Examples
    --------
    >>> cut_square(np.full((100, 80), 7, np.uint8), 10, 20, 40, turn=90).mean().item()
    7.0
    """
    middle = np.array([x, y]) + side / 2 - 0.5
    return _square([grey], middle, side, np.radians(turn), 1, cv2.BORDER_REPLICATE, cv2.INTER_CUBIC)


def lfw_test() -> tuple[np.ndarray, np.ndarray]:
    """Load the real test set of the face model.

    Returns
    -------
    images : np.ndarray
        uint8 (200, 48, 48): scikit-image's `lfw_subset`, enlarged from 25x25 pixels with cubic interpolation.
    labels : np.ndarray
        int (200,): 1 for the 100 faces, 0 for the other images.

    Notes
    -----
    Never train on it or choose anything with it. `not_faces` was written after a look at these images (dark,
    out of focus, across the edge), but not with a score on them. Used in lesson 10.

    Examples
    --------
    >>> images, labels = lfw_test()
    >>> images.shape, labels.sum().item()
    ((200, 48, 48), 100)
    """
    credits.used("lfw")
    small = np.clip(skimage.data.lfw_subset() * 255 + 0.5, 0, 255).astype(np.uint8)
    images = np.stack([cv2.resize(image, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC) for image in small])
    return images, np.repeat([1, 0], 100)


# The photographs, each also at half, a quarter, ... of its size, so that large crops have no moiré.


@cache
def _photographs(names):
    weights = np.array([3 if name in SCENES else 1 for name in names], float)
    return [_levels(name) for name in names], weights / weights.sum()


@cache
def _hard_table():
    return pd.read_csv(HARD_NEGATIVES, comment="#")


@cache
def _hard_rows(names):
    table = _hard_table()
    return table[table["photograph"].isin(names)].to_dict("records")


@cache
def _levels(name):
    return _halved(_grey(name))


def _grey(name):
    image = load_sample_image(name) if name.endswith(".jpg") else getattr(skimage.data, name)()
    image = image[0] if isinstance(image, tuple) else image  # stereo_motorcycle: the left picture
    if image.dtype == bool:
        image = image.astype(np.uint8) * 255
    return cv2.cvtColor(image[..., :3], cv2.COLOR_RGB2GRAY) if image.ndim == 3 else image


def _halved(image):
    levels = [np.ascontiguousarray(image)]
    while min(levels[-1].shape) >= 2 * SIZE:
        levels.append(cv2.resize(levels[-1], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    return levels


# One image each, float32 (48, 48), 0 to 255.


def _crop(rng, names=ALL):
    """A rotated square of a photograph, from 12 pixels to all of it wide; beyond the edge it is black or
    continued."""
    photographs, weights = _photographs(names)
    levels = photographs[rng.choice(len(weights), p=weights)]
    height, width = levels[0].shape
    side = np.exp(rng.uniform(np.log(12), np.log(min(height, width))))
    over = 0.5 * side if rng.uniform() < 0.3 else -0.5 * side
    centre = [rng.uniform(min(-over, size / 2), max(size + over, size / 2)) for size in (width, height)]
    angle = np.radians(rng.normal(0, 12) + 90 * rng.choice(4, p=(0.7, 0.1, 0.1, 0.1)))
    mirror = rng.choice((-1, 1))
    edge = rng.choice((cv2.BORDER_CONSTANT, cv2.BORDER_REPLICATE))
    return _square(levels, centre, side, angle, mirror, edge).astype(np.float32)


def _square(levels, centre, side, angle, mirror, edge, flags=cv2.INTER_LINEAR):
    """A square of a photograph, given at several sizes, uint8 (48, 48): by its centre and side in pixels and
    its angle in radians; mirrored if `mirror` is -1."""
    level = min(int(np.log2(max(side / SIZE, 1))), len(levels) - 1)
    turn = side / SIZE * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turn[:, 0] *= mirror
    matrix = np.column_stack([turn, centre - turn @ np.full(2, (SIZE - 1) / 2)]) / 2**level
    flags |= cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(levels[level], matrix, (SIZE, SIZE), flags=flags, borderMode=int(edge))


def _hard(rng, names):
    """A hard negative, shifted, turned and resized a little; half of them with another exposure and
    sharpness."""
    rows = _hard_rows(names)
    row = rows[rng.integers(len(rows))]
    levels = _levels(row["photograph"])
    if rng.uniform() < 0.5:  # resized as `faces.crop` does, from the full size
        levels, flags = levels[:1], cv2.INTER_CUBIC
    else:
        flags = cv2.INTER_LINEAR
    middle = (
        np.array([row["x"], row["y"]]) + row["side"] / 2 - 0.5 + row["side"] * rng.uniform(-0.08, 0.08, 2)
    )
    side, angle = row["side"] * np.exp(rng.uniform(-0.12, 0.12)), np.radians(row["turn"] + rng.normal(0, 5))
    image = _square(levels, middle, side, angle, rng.choice((-1, 1)), cv2.BORDER_REPLICATE, flags)
    return _photographed(rng, image.astype(np.float32)) if rng.uniform() < 0.5 else image


def _two_crops(rng, names=ALL):
    """A crop, or shaded grey, in front of another crop, with a smooth or straight border."""
    behind, front = _crop(rng, names), _crop(rng, names) if rng.uniform() < 0.6 else _shaded(rng)
    x, y = _grid(rng)
    if rng.uniform() < 0.5:
        inside = x + 0.15 * rng.normal() * np.sin(3 * y)  # an edge from side to side
    else:
        radius = rng.uniform(0.3, 1.1) * (1 + 0.2 * rng.normal() * np.cos(2 * np.arctan2(y, x)))
        inside = radius - np.hypot(x, rng.uniform(0.5, 1.5) * y)
    cover = 1 / (1 + np.exp(-np.clip(inside * rng.uniform(5, 60), -30, 30)))
    return behind + (front - behind) * cover.astype(np.float32)


def _pattern(rng):
    return PATTERNS[rng.integers(len(PATTERNS))](rng)


def _piece(rng, faces, names=ALL):
    """A spoilt face: a quarter of it or less, a face mostly outside the image, or tiles in a wrong order."""
    face = faces[rng.integers(len(faces))].astype(np.float32)
    way = rng.integers(3)
    if way == 0:
        side = int(rng.integers(10, 20))
        x, y = rng.integers(0, SIZE - side, 2)
        return cv2.resize(face[y : y + side, x : x + side], (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)
    if way == 1:
        picture, shift = _crop(rng, names) * (rng.uniform() < 0.7), rng.integers(28, 42)
        picture[:, shift:] = face[:, : SIZE - shift]
        return np.ascontiguousarray(np.rot90(picture, rng.integers(4)))
    tiles = face.reshape(3, 16, 3, 16).transpose(0, 2, 1, 3).reshape(9, 16, 16)[rng.permutation(9)]
    return tiles.reshape(3, 3, 16, 16).transpose(0, 2, 1, 3).reshape(SIZE, SIZE)


# Drawn patterns.


def _grid(rng):
    """Coordinates x and y, float (48, 48), -1 to 1, rotated and shifted at random."""
    x, y = np.meshgrid(*[np.linspace(-1, 1, SIZE)] * 2)
    angle = rng.uniform(0, 2 * np.pi)
    shift = rng.uniform(-0.7, 0.7, 2)
    return np.cos(angle) * x + np.sin(angle) * y + shift[0], np.cos(angle) * y - np.sin(angle) * x + shift[1]


def _shaded(rng):
    """Plain grey, or shaded from one side or from a spot."""
    x, y = _grid(rng)
    shade = (0 * x, x, x**2 + y**2)[rng.integers(3)] * rng.normal(0, 60)
    return np.clip(rng.uniform(0, 255) + shade, 0, 255).astype(np.float32)


def _waves(rng):
    x, y = _grid(rng)
    wave = np.sin(rng.uniform(3, 40) * x) + rng.choice((0, 1)) * np.sin(rng.uniform(3, 40) * y)
    return (127 + 90 * (np.sign(wave) if rng.uniform() < 0.4 else wave)).clip(0, 255).astype(np.float32)


def _checkers(rng):
    x, y = _grid(rng)
    size = rng.uniform(0.08, 0.7, 2)
    return np.where((np.floor(x / size[0]) + np.floor(y / size[1])) % 2, *rng.uniform(0, 255, 2)).astype(
        np.float32
    )


def _noise(rng):
    """Noise with grains of all sizes, like clouds, or of one size."""
    sizes = 2 ** np.arange(1, 6) if rng.uniform() < 0.6 else [rng.integers(2, SIZE)]
    layers = [
        cv2.resize(rng.normal(size=(int(size),) * 2), (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)
        * size**-0.7
        for size in sizes
    ]
    cloud = np.sum(layers, axis=0)
    return np.clip(127 + 50 * (cloud - cloud.mean()) / cloud.std(), 0, 255).astype(np.float32)


def _spots(rng):
    picture = np.full((SIZE, SIZE), rng.uniform(0, 255), np.float32)
    for _ in range(rng.integers(1, 15)):
        centre, axes = rng.integers(0, SIZE, 2).tolist(), rng.integers(2, 22, 2).tolist()
        cv2.ellipse(picture, centre, axes, rng.uniform(0, 180), 0, 360, rng.uniform(0, 255), -1, cv2.LINE_AA)
    return picture


def _strokes(rng):
    """Lines of short strokes, like writing, or a few long ones, like twigs and wires."""
    picture, ink = np.full((SIZE, SIZE), rng.uniform(0, 255), np.float32), rng.uniform(0, 255)
    high, wide = int(rng.integers(3, 16)), int(rng.integers(1, 3))
    if rng.uniform() < 0.5:
        corners = [np.array([x, y]) for y in range(2, SIZE, high + 3) for x in range(2, SIZE, high)]
        marks = [corner + rng.integers(0, high, (3, 2)) for corner in corners]
    else:
        marks = [rng.integers(-10, SIZE + 10, (3, 2)) for _ in range(rng.integers(1, 12))]
    cv2.polylines(picture, [mark.astype(np.int32) for mark in marks], False, ink, wide, cv2.LINE_AA)
    return picture


PATTERNS = (_shaded, _waves, _checkers, _noise, _spots, _strokes)


def _photographed(rng, picture):
    """An image with random sharpness, contrast, exposure and noise, uint8 (48, 48)."""
    if rng.uniform() < 0.4:
        few = int(rng.integers(8, 33))
        picture = cv2.resize(
            cv2.resize(picture, (few, few), interpolation=cv2.INTER_AREA),
            (SIZE, SIZE),
            interpolation=cv2.INTER_CUBIC,
        )
    if rng.uniform() < 0.5:
        picture = cv2.GaussianBlur(picture, (0, 0), np.exp(rng.uniform(np.log(0.4), np.log(5))))
    if rng.uniform() < 0.6:
        middle = picture.mean()
        picture = rng.uniform(0, 255) + np.exp(rng.uniform(-2, 0.7)) * (picture - middle)
    if rng.uniform() < 0.3:
        picture = picture + rng.normal(0, rng.uniform(1, 12), picture.shape)
    return np.clip(picture + 0.5, 0, 255).astype(np.uint8)
