"""Data augmentation of faces while a network trains.

Use it on the training set only. A mirrored or slightly shifted face still shows the same emotion, and a
network that never sees exactly the same pixels twice cannot memorise them.
"""

import cv2
import numpy as np
import numpy.typing as npt

GREY = 128  # middle grey: contrast changes about it, and erased rectangles are filled with it


def augment(
    images: npt.ArrayLike,
    rng: np.random.Generator,
    size: int = 48,
    turn: float = 10,
    zoom: float = 0.1,
    shift: float = 0.08,
    light: float = 0.2,
    erase: float = 0.0,
    blur: float = 0.0,
) -> np.ndarray:
    """Augment face images: each is mirrored, turned, zoomed, shifted and relit at random.

    Half of the faces are mirrored. Pixels from beyond the edge of an image are filled by reflection.

    Parameters
    ----------
    images : array-like (n, height, width, 1)
        Grey faces, 0 to 255.
    rng : np.random.Generator
        The source of random numbers.
    size : int
        Height and width of the result in pixels: the middle of the image.
    turn : float
        Largest rotation in degrees, to either side.
    zoom : float
        Largest change of size: a factor between exp(-zoom) and exp(zoom).
    shift : float
        Largest shift, as a fraction of the width and the height.
    light : float
        Largest change of contrast, as a fraction; brightness changes by up to 64 times this.
    erase : float
        Probability that a random rectangle is filled with grey.
    blur : float
        Probability that fine detail is removed by making the face smaller and larger again.

    Returns
    -------
    np.ndarray
        float32 (n, size, size, 1), 0 to 255.

    Notes
    -----
    `models.face_training` uses it for the networks of lessons 10 and 11.

    Examples
    --------
    >>> faces = np.full((2, 48, 48, 1), 100.0)
    >>> augment(faces, np.random.default_rng(0), size=40).shape
    (2, 40, 40, 1)
    """
    images = np.asarray(images)
    out = np.empty((len(images), size, size, 1), np.float32)
    for index, image in enumerate(images):
        face = cv2.warpAffine(
            image[..., 0],
            _placed(image.shape, rng, size, turn, zoom, shift),
            (size, size),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REFLECT_101,
        )
        if rng.random() < blur:
            small = int(size / rng.uniform(1.2, 3))
            face = cv2.resize(
                cv2.resize(face, (small, small), interpolation=cv2.INTER_AREA),
                (size, size),
                interpolation=cv2.INTER_CUBIC,
            )
        contrast, brightness = 1 + rng.uniform(-light, light), rng.uniform(-light, light) * GREY / 2
        face = np.clip((face - GREY) * contrast + GREY + brightness, 0, 255)
        if rng.random() < erase:
            _erase(face, rng)
        out[index, ..., 0] = face
    return out


def _placed(
    shape: tuple, rng: np.random.Generator, size: int, turn: float, zoom: float, shift: float
) -> np.ndarray:
    """The affine matrix (2, 3) that mirrors, turns, zooms and shifts an image about its middle."""
    angle, scale = np.deg2rad(rng.uniform(-turn, turn)), np.exp(rng.uniform(-zoom, zoom))
    cos, sin, mirror = scale * np.cos(angle), scale * np.sin(angle), rng.choice((-1, 1))
    matrix = np.array([[cos * mirror, -sin], [sin * mirror, cos]])
    across = np.array([shape[1], shape[0]])
    middle, shifted = (across - 1) / 2, rng.uniform(-shift, shift, 2) * across
    return np.column_stack([matrix, (size - 1) / 2 + shifted - matrix @ middle])


def _erase(face: np.ndarray, rng: np.random.Generator) -> None:
    size = len(face)
    height, width = rng.integers(size // 8, size // 3, 2, endpoint=True)
    top, left = rng.integers(0, size - height, endpoint=True), rng.integers(0, size - width, endpoint=True)
    face[top : top + height, left : left + width] = GREY
