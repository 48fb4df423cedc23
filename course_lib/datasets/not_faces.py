"""Images without a face, to train the network that tells whether an image shows one (P4, lesson 09), and a
real test set.

The training images are crops of photographs that come with scikit-image and scikit-learn, and drawn patterns.
The test set is scikit-image's `lfw_subset`: 100 faces and 100 other crops from the photographs of Labeled
Faces in the Wild (Huang et al. 2007). No test image is in the training data, except one all-black image that
is also in FER2013."""

from functools import cache

import cv2
import numpy as np
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
# Whole scenes are used three times as often as textures.
SCENES = ("coffee", "rocket", "stereo_motorcycle", "chelsea", "china.jpg", "flower.jpg")
FRACTIONS = {"crop": 0.5, "two crops": 0.2, "pattern": 0.2, "piece of a face": 0.1}


def not_faces(n: int, seed: int = 0, faces: np.ndarray | None = None) -> np.ndarray:
    """Make images that show no face.

    Parameters
    ----------
    n : int
        Number of images. The first ones are the same for a larger `n`.
    seed : int
    faces : uint8 array of shape (m, 48, 48), optional
        Faces of the training set, for spoilt faces. Without them crops are used instead.

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
    contrast and sharpness. Used in lesson 09.

    Examples
    --------
    >>> not_faces(2).shape
    (2, 48, 48)
    """
    credits.used("photographs")
    kinds = {
        "crop": _crop,
        "two crops": _two_crops,
        "pattern": _pattern,
        "piece of a face": (lambda rng: _piece(rng, faces)) if faces is not None else _crop,
    }
    images = np.empty((n, SIZE, SIZE), np.uint8)
    for i in progress(range(n), desc="images without a face", unit="image", delay=1, leave=False):
        rng = np.random.default_rng([seed, i])
        images[i] = _photographed(rng, kinds[rng.choice(list(FRACTIONS), p=list(FRACTIONS.values()))](rng))
    return images


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
    out of focus, across the edge), but not with a score on them. Used in lesson 09.

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
def _photographs():
    names = [*PHOTOGRAPHS, "china.jpg", "flower.jpg"]
    weights = np.array([3 if name in SCENES else 1 for name in names], float)
    return [_halved(_grey(name)) for name in names], weights / weights.sum()


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


def _crop(rng):
    """A rotated square of a photograph, from 12 pixels to all of it wide; beyond the edge it is black or
    continued."""
    photographs, weights = _photographs()
    levels = photographs[rng.choice(len(weights), p=weights)]
    height, width = levels[0].shape
    side = np.exp(rng.uniform(np.log(12), np.log(min(height, width))))
    level = min(int(np.log2(max(side / SIZE, 1))), len(levels) - 1)
    over = 0.5 * side if rng.uniform() < 0.3 else -0.5 * side
    centre = [rng.uniform(min(-over, size / 2), max(size + over, size / 2)) for size in (width, height)]
    angle = np.radians(rng.normal(0, 12) + 90 * rng.choice(4, p=(0.7, 0.1, 0.1, 0.1)))
    turn = side / SIZE * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turn[:, 0] *= rng.choice((-1, 1))
    matrix = np.column_stack([turn, centre - turn @ np.full(2, (SIZE - 1) / 2)]) / 2**level
    edge = rng.choice((cv2.BORDER_CONSTANT, cv2.BORDER_REPLICATE))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(levels[level], matrix, (SIZE, SIZE), flags=flags, borderMode=int(edge)).astype(
        np.float32
    )


def _two_crops(rng):
    """A crop, or shaded grey, in front of another crop, with a smooth or straight border."""
    behind, front = _crop(rng), _crop(rng) if rng.uniform() < 0.6 else _shaded(rng)
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


def _piece(rng, faces):
    """A spoilt face: a quarter of it or less, a face mostly outside the image, or tiles in a wrong order."""
    face = faces[rng.integers(len(faces))].astype(np.float32)
    way = rng.integers(3)
    if way == 0:
        side = int(rng.integers(10, 20))
        x, y = rng.integers(0, SIZE - side, 2)
        return cv2.resize(face[y : y + side, x : x + side], (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)
    if way == 1:
        picture, shift = _crop(rng) * (rng.uniform() < 0.7), rng.integers(28, 42)
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
