"""How projects P4 and G7 prepare images for a network, where no library has the function ready.

Other steps are library calls that lesson 09 shows: grey `cv2.cvtColor`, gamma correction
`skimage.exposure.adjust_gamma`, Gaussian filter `cv2.GaussianBlur` (all G7), and one-hot labels
`keras.utils.to_categorical` (P4).
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from sklearn.preprocessing import MinMaxScaler

from course_lib.core.errors import CourseError
from course_lib.core.progress import progress

# --- min–max scaling ---


def min_max(train: npt.ArrayLike, *others: npt.ArrayLike) -> tuple[np.ndarray, ...]:
    """Scale each pixel by its lowest and highest value in the training images.

    This is `sklearn.preprocessing.MinMaxScaler` on flattened images, fitted on the training set alone, as P4
    does.

    Parameters
    ----------
    train : array_like (n, height, width[, channels])
        The training images.
    *others : array_like
        Images of the other splits, of the same size. Their values may leave the range 0 to 1.

    Returns
    -------
    tuple of np.ndarray
        The splits in the given order, float32, each of its own shape. A pixel with one value in all of
        `train` is only shifted.

    Raises
    ------
    CourseError
        If a split has no images or contains NaN, or if the image sizes differ.

    Notes
    -----
    Used in lesson 09.

    Examples
    --------
    >>> train, test = min_max([[[0, 10]], [[4, 20]]], [[[2, 30]]])
    >>> test.tolist()
    [[[0.5, 2.0]]]
    """
    tables = [_rows(images) for images in (train, *others)]
    for images in others:
        if np.shape(images)[1:] != np.shape(train)[1:]:
            sizes = " and ".join(" x ".join(map(str, np.shape(one)[1:])) for one in (train, images))
            raise CourseError(
                "images",
                f"those of the training set and another split differ in size: {sizes}",
                "Resize them",
            )
    scaler = MinMaxScaler().fit(tables[0])
    return tuple(
        scaler.transform(table).reshape(np.shape(images))
        for table, images in zip(tables, (train, *others), strict=True)
    )


def min_max_each(images: npt.ArrayLike) -> np.ndarray:
    """Scale each image from its own darkest to its own brightest value.

    This removes differences in lighting between images; `min_max` keeps them.

    Parameters
    ----------
    images : array_like (n, height, width[, channels])
        The images.

    Returns
    -------
    np.ndarray
        float32 of the same shape, 0 to 1. An image of a single grey level (12 in FER2013) becomes 0.

    Raises
    ------
    CourseError
        If there are no images, or they contain NaN.

    Examples
    --------
    >>> min_max_each([[[10, 20]], [[7, 7]]]).tolist()
    [[[0.0, 1.0]], [[0.0, 0.0]]]
    """
    rows = _rows(images)
    low, high = rows.min(axis=1, keepdims=True), rows.max(axis=1, keepdims=True)
    return ((rows - low) / np.where(high > low, high - low, 1)).reshape(np.shape(images))


# --- arrays ---


def mirrored(images: npt.ArrayLike, labels: npt.ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Append a mirrored copy of each image, with its label.

    Use it on the training set only: a copy of a test image in the training set would be data leakage.

    Parameters
    ----------
    images : array_like (n, height, width[, 3])
        The images.
    labels : array_like (n,)
        Their labels.

    Returns
    -------
    images : np.ndarray (2 * n, height, width[, 3])
        The images, followed by their mirrored copies.
    labels : np.ndarray (2 * n,)
        The labels, twice.

    Raises
    ------
    CourseError
        If the numbers of images and labels differ.

    Notes
    -----
    Used in lesson 09.

    Examples
    --------
    >>> images, labels = mirrored([[[1, 2]]], ["happy"])
    >>> images.tolist(), labels.tolist()
    ([[[1, 2]], [[2, 1]]], ['happy', 'happy'])
    """
    if len(images) != len(labels):
        raise CourseError(
            "mirrored",
            f"there are {len(images)} images and {len(labels)} labels",
            "Give one label for each image",
        )
    images, labels = np.asarray(images), np.asarray(labels)
    return np.concatenate([images, images[:, :, ::-1]]), np.concatenate([labels, labels])


def swapped_axes(images: npt.ArrayLike) -> np.ndarray:
    """Faces as IIITA's network read them, with rows and columns in the wrong axes.

    The faces were stored as 1 channel x 48 rows x 48 columns, and read as 1 row x 48 columns x 48 channels.
    The rows of pixels therefore became the width, and the columns of pixels became channels. A filter covers
    3 rows and the whole width of the face, so the network must learn an eye separately for each horizontal
    position.

    Parameters
    ----------
    images : array-like (n, 48, 48)
        Grey faces.

    Returns
    -------
    np.ndarray (n, 1, 48, 48)
        A view of the same values.

    Examples
    --------
    >>> swapped_axes(np.zeros((2, 48, 48))).shape
    (2, 1, 48, 48)
    """
    return np.asarray(images)[:, np.newaxis]


def keep_found(images: npt.ArrayLike, find: Callable[[np.ndarray], Sequence]) -> np.ndarray:
    """Tell in which images a detector finds at least one face, and show progress.

    G7's conversion from csv to npy keeps these images and drops the others, with their labels, silently.
    Count the dropped images by class.

    Parameters
    ----------
    images : array_like (n, height, width[, 3])
        The images.
    find : callable
        Takes an image and returns the boxes of its faces, as `faces.find` does.

    Returns
    -------
    np.ndarray (n,)
        bool, True where a face was found.

    Notes
    -----
    Lesson 09 shows this loop with G7's own lines.

    Examples
    --------
    >>> keep_found(np.zeros((2, 8, 8)), find=lambda image: [(0, 0, 8, 8)]).tolist()
    [True, True]
    """
    return np.array([len(find(image)) > 0 for image in progress(images, desc="faces", unit="image")], bool)


def _rows(images: npt.ArrayLike) -> np.ndarray:
    """The images as float32 (n, pixels)."""
    images = np.asarray(images, np.float32)
    if images.ndim < 3 or not images.size or not np.isfinite(images).all():
        raise CourseError(
            f"images of shape {images.shape}",
            "finite numbers (n, height, width) are expected",
            "Give several images, or image[np.newaxis] for one",
        )
    return images.reshape(len(images), -1)
