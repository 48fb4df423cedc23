"""Histograms of oriented gradients of many images at once (lecture 14 from 09:45)."""

from functools import partial
from numbers import Integral

import numpy as np
import skimage.feature
from joblib import Parallel, delayed
from tqdm import tqdm

from course_lib.core.errors import CourseError


def hog(images, orientations=9, pixels_per_cell=(8, 8), cells_per_block=(2, 2), jobs=-1) -> np.ndarray:
    """Histograms of oriented gradients, float32 (n, d), of images (n, height, width) or (n, height, width,
    3).

    These are scikit-image's own (`skimage.feature.hog`, L2-Hys), computed in parallel and without the picture
    of them, which costs more than twice the features and is looked at once. Of a colour image each pixel
    counts in the channel where its gradient is largest. 224x224 gives d = 27 * 27 blocks * 2 * 2 cells * 9
    orientations = 26,244. Dalal & Triggs 2005; lecture 14 at 09:45. Raises `CourseError` when there is no
    image or a block does not fit in it, when images differ in size or hold NaN, and for orientations, cells
    and blocks that are no whole numbers above 0."""
    images = _checked(images, orientations, pixels_per_cell=pixels_per_cell, cells_per_block=cells_per_block)
    block = np.multiply(pixels_per_cell, cells_per_block)
    if (images.shape[1:3] < block).any():
        raise CourseError(
            f"images of {images.shape[1]}x{images.shape[2]} pixels",
            f"one block of cells takes {block[0]}x{block[1]}",
            "Resize larger, or take smaller cells",
        )
    describe = partial(
        _hog,
        orientations=orientations,
        pixels_per_cell=pixels_per_cell,
        cells_per_block=cells_per_block,
        channel_axis=-1 if images.ndim == 4 else None,
    )
    # A pool of processes costs a second to start: only worth it for more than that much work.
    pool = Parallel(n_jobs=jobs if len(images) > 100 else 1, return_as="generator")
    rows = pool(delayed(describe)(image) for image in images)
    # Row by row into place: a list of rows and then the array made of it would be twice the memory.
    row = np.dtype((np.float32, len(describe(images[0]))))
    return np.fromiter(tqdm(rows, total=len(images), desc="HoG", unit="image", leave=False), row, len(images))


def _checked(images, orientations, **pairs):
    # -> the images as one array. scikit-image's own words for these speak of its insides, or it says nothing.
    whole = lambda n: isinstance(n, Integral) and n >= 1
    if not whole(orientations):
        raise CourseError(f"orientations={orientations!r}", "it is no whole number above 0", "Give 9 or so")
    for name, pair in pairs.items():
        if not (np.iterable(pair) and len(pair) == 2 and all(map(whole, pair))):
            raise CourseError(
                f"{name}={pair!r}",
                "it is no pair (height, width) of whole numbers above 0",
                "8 both ways is written (8, 8)",
            )
    try:
        images = np.asarray(images)
    except ValueError as error:
        raise CourseError(
            "images", "they differ in size or channels", "Resize them all to one size"
        ) from error
    if images.ndim not in (3, 4) or not len(images) or (images.ndim == 4) != (images.shape[-1] == 3):
        raise CourseError(
            f"images of shape {images.shape}",
            "HoG wants (n, height, width) or (n, height, width, 3)",
            "For one image write hog(image[None]); of RGBA take images[..., :3]",
        )
    if images.dtype.kind == "f" and not np.isfinite(images).all():
        raise CourseError(
            "images", "some pixels are no numbers (NaN or infinite)", "Find where they come from"
        )
    return images


def _hog(image, **options):
    return skimage.feature.hog(image, **options).astype(np.float32)
