"""Histograms of oriented gradients of many images at once (lecture 14 from 09:45)."""

from functools import partial
from numbers import Integral

import numpy as np
import numpy.typing as npt
import skimage.feature
from joblib import Parallel, delayed

from course_lib.core.errors import CourseError
from course_lib.core.progress import progress


def hog(
    images: npt.ArrayLike,
    orientations: int = 9,
    pixels_per_cell: tuple[int, int] = (8, 8),
    cells_per_block: tuple[int, int] = (2, 2),
    jobs: int = -1,
) -> np.ndarray:
    """Compute histograms of oriented gradients (HoG) of many images in parallel.

    Parameters
    ----------
    images : array of shape (n, height, width) or (n, height, width, 3)
        Images of one size. In a colour image each pixel counts in the channel with the largest gradient.
    orientations : int
        Number of gradient directions in each histogram.
    pixels_per_cell, cells_per_block : (int, int)
        Height and width of a cell in pixels, and of a block in cells.
    jobs : int
        Number of processes; -1 uses all cores.

    Returns
    -------
    np.ndarray
        float32 (n, d). Images of 224x224 give d = 27 * 27 blocks * 2 * 2 cells * 9 orientations = 26,244.

    Raises
    ------
    CourseError
        If there is no image, the images differ in size or contain NaN, a block does not fit in an image, or
        an argument is not a whole number above 0.

    Notes
    -----
    The values are those of `skimage.feature.hog` (L2-Hys). Its visualisation is left out, because it
    needs more than twice the time of the features. Lecture 14 at 09:45. Used in lessons 02 to 04 and 13.

    References
    ----------
    Dalal & Triggs (2005), "Histograms of oriented gradients for human detection".

    Examples
    --------
    >>> import numpy as np
    >>> hog(np.zeros((2, 32, 32)), jobs=1).shape
    (2, 324)
    """
    images = _checked(images, orientations, pixels_per_cell=pixels_per_cell, cells_per_block=cells_per_block)
    block = np.multiply(pixels_per_cell, cells_per_block)
    if (images.shape[1:3] < block).any():
        raise CourseError(
            f"images of {images.shape[1]}x{images.shape[2]} pixels",
            f"one block of cells needs {block[0]}x{block[1]}",
            "Resize the images larger, or use smaller cells",
        )
    describe = partial(
        _hog,
        orientations=orientations,
        pixels_per_cell=pixels_per_cell,
        cells_per_block=cells_per_block,
        channel_axis=-1 if images.ndim == 4 else None,
    )
    # Starting a pool of processes needs a second, so it is used only for many images.
    pool = Parallel(n_jobs=jobs if len(images) > 100 else 1, return_as="generator")
    rows = pool(delayed(describe)(image) for image in images)
    # Write row by row into one array: a list of rows and an array made from it need twice the memory.
    row = np.dtype((np.float32, len(describe(images[0]))))
    return np.fromiter(
        progress(rows, total=len(images), desc="HoG", unit="image", leave=False), row, len(images)
    )


def _checked(images, orientations, **pairs):
    """The images as one array. scikit-image's own messages for these errors are unclear or missing."""
    whole = lambda n: isinstance(n, Integral) and n >= 1
    if not whole(orientations):
        raise CourseError(
            f"orientations={orientations!r}", "it is not a whole number above 0", "Give 9 for example"
        )
    for name, pair in pairs.items():
        if not (np.iterable(pair) and len(pair) == 2 and all(map(whole, pair))):
            raise CourseError(
                f"{name}={pair!r}",
                "it is not a pair (height, width) of whole numbers above 0",
                "A square of 8 is written (8, 8)",
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
            "HoG needs (n, height, width) or (n, height, width, 3)",
            "For one image write hog(image[None]); for RGBA images use images[..., :3]",
        )
    if images.dtype.kind == "f" and not np.isfinite(images).all():
        raise CourseError("images", "they contain NaN or infinite values", "Find the step that makes them")
    return images


def _hog(image, **options):
    return skimage.feature.hog(image, **options).astype(np.float32)
