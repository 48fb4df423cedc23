"""Faces, and pictures of sound, changed at random while a network trains.

For the training part only. What a face shows does not change when it is mirrored or moved a little, nor what a voice
says when it is a little higher, slower or farther away; and a network that never sees the same numbers twice cannot
learn them by heart.
"""

import cv2
import numpy as np

GREY = 128          # the middle of the greys: contrast changes about it, and an erased piece is filled with it


def changed(images, rng, size=48, turn=10, zoom=0.1, shift=0.08, light=0.2, erase=0.0, blur=0.0) -> np.ndarray:
    """Faces (n, height, width, 1), 0 to 255, each changed anew: float32 (n, size, size, 1), 0 to 255.

    Half of them are mirrored; all are turned by up to `turn` degrees, made larger or smaller by up to a factor of
    exp(`zoom`), moved by up to `shift` of their width, and cut to their middle `size` x `size` pixels; beyond its edge
    a picture is continued by its reflection. Contrast changes by up to the share `light`, brightness by up to 64 times
    it; a rectangle goes grey with probability `erase`, and a face loses its fine detail (down to a third of its width
    and back) with probability `blur`. `rng`: a `numpy.random.Generator`.
    """
    out = np.empty((len(images), size, size, 1), np.float32)
    for index, image in enumerate(images):
        face = cv2.warpAffine(image[..., 0], _placed(image.shape, rng, size, turn, zoom, shift), (size, size),
                              flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
        if rng.random() < blur:
            small = int(size / rng.uniform(1.2, 3))
            face = cv2.resize(cv2.resize(face, (small, small), interpolation=cv2.INTER_AREA), (size, size),
                              interpolation=cv2.INTER_CUBIC)
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
    face[top:top + height, left:left + width] = GREY


def changed_sound(pictures, rng, frames=128, stretch=0.15, shift=14, warp=0.08, bands=2.5, level=8.0, tilt=8.0,
                  noise=0.5, erase=2) -> np.ndarray:
    """Pictures of sound (n, bands, time, 1) in dB, each changed anew: float32 (n, bands, frames, 1), dB.

    All are made slower or faster by up to the share `stretch`, and `frames` are cut out of them around their middle,
    which is moved by up to `shift` frames; mel bands are spread or pushed together by up to the share `warp` and moved
    by up to `bands`, as in a longer or shorter vocal tract (Jaitly & Hinton 2013). Level changes by up to `level` dB,
    and by up to `tilt` dB more towards one end of the bands and less towards the other; with probability `noise` a
    noise 36 to 70 dB below the loudest covers what is weaker; `erase` times a few bands and a few frames get the mean
    (Park et al. 2019, arXiv:1904.08779). `rng`: a `numpy.random.Generator`.
    """
    count, long = pictures.shape[1:3]
    slope, out = np.linspace(-1, 1, count, dtype=np.float32)[:, np.newaxis], []
    for picture in pictures[..., 0].astype(np.float32):
        middle = (long - 1) / 2 + rng.uniform(-shift, shift)
        times = middle + (np.arange(frames) - (frames - 1) / 2) * (1 + rng.uniform(-stretch, stretch))
        places = np.arange(count) * (1 + rng.uniform(-warp, warp)) + rng.uniform(-bands, bands)
        across, down = np.meshgrid(times.astype(np.float32), places.astype(np.float32))
        picture = cv2.remap(picture, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        picture += rng.uniform(-level, level) + rng.uniform(-tilt, tilt) * slope
        if rng.random() < noise:
            picture = np.maximum(picture, picture.max() - rng.uniform(36, 70) + rng.normal(0, 4, picture.shape))
        for _ in range(erase):
            _erase_strips(picture, rng)
        out.append(picture)
    return np.stack(out).astype(np.float32)[..., np.newaxis]


def _erase_strips(picture, rng):
    # Up to an eighth of the bands, and of the frames, side by side.
    mean, (bands, frames) = picture.mean(), picture.shape
    wide, long = rng.integers(0, bands // 8, endpoint=True), rng.integers(0, frames // 8, endpoint=True)
    low, since = rng.integers(0, bands - wide, endpoint=True), rng.integers(0, frames - long, endpoint=True)
    picture[low:low + wide] = mean
    picture[:, since:since + long] = mean
