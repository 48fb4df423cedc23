"""What P4 and G7 do to their pictures before a network sees them, as far as no library has it ready.

What libraries have, a lesson calls there: grey `skimage.color.rgb2gray`, gamma correction
`skimage.exposure.adjust_gamma`, Gaussian filter `skimage.filters.gaussian` (all three G7), one-hot
`keras.utils.to_categorical` (P4).
"""

import numpy as np
from sklearn.preprocessing import MinMaxScaler
from tqdm import tqdm

from course_lib.core.errors import CourseError

# --- min–max scaling ---


def min_max(train, *others) -> tuple[np.ndarray, ...]:
    """The parts, each float32 of its own shape (n, ...), each pixel scaled by its lowest and highest value in
    `train`.

    That is `sklearn.preprocessing.MinMaxScaler` on flattened images, fitted on the training part alone: there
    a pixel goes from 0 to 1, in the others it may leave that range. A pixel that is the same in all of
    `train` is shifted only. P4 scales with MinMaxScaler and does not say how; it takes a table with a row an
    image, which is this. Beside it, see `min_max_each`. Raises `CourseError` for no images, NaN, and parts
    whose images differ in size."""
    tables = [_rows(images) for images in (train, *others)]
    for images in others:
        if np.shape(images)[1:] != np.shape(train)[1:]:
            sizes = " and ".join(" x ".join(map(str, np.shape(part)[1:])) for part in (train, images))
            raise CourseError(
                "images", f"those of training and another part differ in size: {sizes}", "Resize them"
            )
    scaler = MinMaxScaler().fit(tables[0])
    return tuple(
        scaler.transform(table).reshape(np.shape(images))
        for table, images in zip(tables, (train, *others), strict=True)
    )


def min_max_each(images) -> np.ndarray:
    """Images (n, ...) as float32, each scaled from its own darkest to its own brightest value, 0 to 1.

    This is what min–max scaling means to most people, and what fails on the 12 images of FER2013 that are one
    colour (0 / 0 is NaN): these become 0. It takes the light out of each picture; `min_max` leaves it in.
    Raises `CourseError` for no images and NaN."""
    rows = _rows(images)
    low, high = rows.min(axis=1, keepdims=True), rows.max(axis=1, keepdims=True)
    return ((rows - low) / np.where(high > low, high - low, 1)).reshape(np.shape(images))


# --- arrays ---


def mirrored(images, labels) -> tuple[np.ndarray, np.ndarray]:
    """Images (n, height, width[, 3]) and labels (n,), then once more the same images with left and right
    changed.

    For the training part only: a copy of a test image must not be trained on. G7 has it, commented out.
    Raises `CourseError` where there is not a label for each image.
    """
    if len(images) != len(labels):
        raise CourseError(
            "mirrored", f"{len(images)} images and {len(labels)} labels differ", "Give a label each"
        )
    images, labels = np.asarray(images), np.asarray(labels)
    return np.concatenate([images, images[:, :, ::-1]]), np.concatenate([labels, labels])


def swapped_axes(images) -> np.ndarray:
    """Faces (n, 48, 48) as IIITA's network read them: (n, 1, 48, 48), a view on the same numbers.

    The faces were stored as 1 channel x 48 rows x 48 columns and read as 1 row x 48 columns x 48 channels. So
    a pixel row became a place along the width and a pixel column a channel: each filter is 3 rows high, but
    as wide as the face, and must learn an eye anew for each place from left to right where it may be."""
    return np.asarray(images)[:, np.newaxis]


def keep_found(images, find) -> np.ndarray:
    """In which of the images (n, ...) does `find(image) -> boxes` see at least one face? bool (n,), with
    progress.

    G7's way from csv to npy keeps these and drops the others without a word, the labels with them: count by
    class."""
    return np.array([len(find(image)) > 0 for image in tqdm(images, desc="faces", unit="image")], bool)


def _rows(images):
    # -> float32 (n, pixels): a row an image
    images = np.asarray(images, np.float32)
    if images.ndim < 3 or not images.size or not np.isfinite(images).all():
        raise CourseError(
            f"images of shape {images.shape}",
            "finite numbers (n, height, width) are expected",
            "Give several images, of one image image[np.newaxis]",
        )
    return images.reshape(len(images), -1)
