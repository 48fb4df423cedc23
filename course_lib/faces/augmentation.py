"""Data augmentation of faces while a network trains: mirrored, turned, moved, cut, lit otherwise, with a
piece erased.

For the training part only. What a face shows does not change when it is mirrored or moved a little, and a
network that never sees the same pixels twice cannot learn them by heart."""

import cv2
import numpy as np

GREY = 128  # the middle of the greys: contrast changes about it, and an erased piece is filled with it


def augment(
    images, rng, size=48, turn=10, zoom=0.1, shift=0.08, light=0.2, erase=0.0, blur=0.0
) -> np.ndarray:
    """Faces (n, height, width, 1), 0 to 255, each changed anew: float32 (n, size, size, 1), 0 to 255.

    Half of them are mirrored; all are turned by up to `turn` degrees, made larger or smaller by up to a
    factor of exp(`zoom`), moved by up to `shift` of their width, and cut to their middle `size` x `size`
    pixels; beyond its edge a picture is continued by its reflection. Contrast changes by up to the share
    `light`, brightness by up to 64 times it; a rectangle goes grey with probability `erase`, and a face loses
    its fine detail (down to a third of its width and back) with probability `blur`. `rng`: a
    `numpy.random.Generator`."""
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


def _placed(shape, rng, size, turn, zoom, shift):
    """The affine matrix (2, 3) that mirrors, turns, zooms and moves a picture about its middle."""
    angle, scale = np.deg2rad(rng.uniform(-turn, turn)), np.exp(rng.uniform(-zoom, zoom))
    cos, sin, mirror = scale * np.cos(angle), scale * np.sin(angle), rng.choice((-1, 1))
    matrix = np.array([[cos * mirror, -sin], [sin * mirror, cos]])
    across = np.array([shape[1], shape[0]])
    middle, moved = (across - 1) / 2, rng.uniform(-shift, shift, 2) * across
    return np.column_stack([matrix, (size - 1) / 2 + moved - matrix @ middle])


def _erase(face, rng):
    size = len(face)
    height, width = rng.integers(size // 8, size // 3, 2, endpoint=True)
    top, left = rng.integers(0, size - height, endpoint=True), rng.integers(0, size - width, endpoint=True)
    face[top : top + height, left : left + width] = GREY
