"""What P4 and G7 do to their pictures before a network sees them, as far as no library has it ready.

What libraries have, a lesson calls there: grey `skimage.color.rgb2gray`, gamma correction
`skimage.exposure.adjust_gamma`, Gaussian filter `skimage.filters.gaussian` (all three G7), one-hot
`keras.utils.to_categorical` (P4).
"""

import re
from pathlib import Path

import numpy as np
from sklearn.preprocessing import MinMaxScaler
from tqdm import tqdm

from course_lib.files import CourseError

PICTURES = {".png", ".jpg", ".jpeg", ".bmp"}


# --- min–max scaling --------------------------------------------------------------------------------------------------

def min_max(train, *others) -> tuple[np.ndarray, ...]:
    """The parts, each float32 of its own shape (n, ...), each pixel scaled by its lowest and highest value in `train`.

    That is `sklearn.preprocessing.MinMaxScaler` on flattened images, fitted on the training part alone: there a pixel
    goes from 0 to 1, in the others it may leave that range. A pixel that is the same in all of `train` is shifted only.
    P4 scales with MinMaxScaler and does not say how; it takes a table with a row an image, which is this. Beside it,
    see `min_max_each`. Raises `CourseError` for no images, NaN, and parts whose images differ in size.
    """
    tables = [_rows(images) for images in (train, *others)]
    for images in others:
        if np.shape(images)[1:] != np.shape(train)[1:]:
            sizes = " and ".join(" x ".join(map(str, np.shape(part)[1:])) for part in (train, images))
            raise CourseError("images", f"those of training and another part differ in size: {sizes}", "Resize them")
    scaler = MinMaxScaler().fit(tables[0])
    return tuple(scaler.transform(table).reshape(np.shape(images))
                 for table, images in zip(tables, (train, *others), strict=True))


def min_max_each(images) -> np.ndarray:
    """Images (n, ...) as float32, each scaled from its own darkest to its own brightest value, 0 to 1.

    This is what min–max scaling means to most people, and what fails on the 12 images of FER2013 that are one colour
    (0 / 0 is NaN): these become 0. It takes the light out of each picture; `min_max` leaves it in.
    Raises `CourseError` for no images and NaN.
    """
    rows = _rows(images)
    low, high = rows.min(axis=1, keepdims=True), rows.max(axis=1, keepdims=True)
    return ((rows - low) / np.where(high > low, high - low, 1)).reshape(np.shape(images))


# --- arrays -----------------------------------------------------------------------------------------------------------

def mirrored(images, labels) -> tuple[np.ndarray, np.ndarray]:
    """Images (n, height, width[, 3]) and labels (n,), then once more the same images with left and right changed.

    For the training part only: a copy of a test image must not be trained on. G7 has it, commented out.
    Raises `CourseError` where there is not a label for each image.
    """
    if len(images) != len(labels):
        raise CourseError("mirrored", f"{len(images)} images and {len(labels)} labels differ", "Give a label each")
    images, labels = np.asarray(images), np.asarray(labels)
    return np.concatenate([images, images[:, :, ::-1]]), np.concatenate([labels, labels])


def swapped_axes(images) -> np.ndarray:
    """Faces (n, 48, 48) as IIITA's network read them: (n, 1, 48, 48), a view on the same numbers.

    The faces were stored as 1 channel x 48 rows x 48 columns and read as 1 row x 48 columns x 48 channels. So a pixel
    row became a place along the width and a pixel column a channel: each filter is 3 rows high, but as wide as the
    face, and must learn an eye anew for each place from left to right where it may be.
    """
    return np.asarray(images)[:, np.newaxis]


def keep_found(images, find) -> np.ndarray:
    """In which of the images (n, ...) does `find(image) -> boxes` see at least one face? bool (n,), with progress.

    G7's way from csv to npy keeps these and drops the others without a word, the labels with them: count by class.
    """
    return np.array([len(find(image)) > 0 for image in tqdm(images, desc="faces", unit="image")], bool)


# --- P4's file names --------------------------------------------------------------------------------------------------

def new_names(folder) -> dict[Path, Path]:
    """P4's names for the pictures in `folder`/CLASS/: `angry/xyz.png` becomes `angry/an_0.png`, the next `an_1`.

    From old to new path, by class and old name; nothing is renamed yet. A picture that has such a name already keeps
    it, and its number is not given again, so after an interruption a new list holds what is left.
    Raises `CourseError` where no folder of a class holds a picture.
    """
    paths = sorted(path for path in Path(folder).glob("*/[!.]*") if path.suffix.lower() in PICTURES)
    if not paths:
        raise CourseError(folder, "there is no picture in a folder of its class",
                          f"Give the folder above angry/, happy/ … with {', '.join(sorted(PICTURES))} in them")
    return {old: new for kind in dict.fromkeys(path.parent for path in paths)
            for old, new in _in_one_class(kind, [path for path in paths if path.parent == kind])}


def rename(names) -> None:
    """Rename files as `new_names` lists them (a dict of old to new path); what is done already is passed over.

    Raises `CourseError`, before anything is renamed, where a new name is taken or a file is gone: none is overwritten.
    """
    left = {old: new for old, new in names.items() if old.exists() or not new.exists()}
    for old, new in left.items():
        if new.exists():
            raise CourseError(new, "a file of that name is there already", "Make the list anew: new_names(folder)")
        if not old.exists():
            raise CourseError(old, "the file is gone", "Make the list anew: new_names(folder)")
    for old, new in left.items():
        old.rename(new)


def _in_one_class(kind, paths):
    # -> pairs (old, new) of those pictures that have no such name yet
    number = {path: re.fullmatch(rf"{re.escape(kind.name[:2])}_(\d+)", path.stem, re.IGNORECASE) for path in paths}
    taken = {int(match[1]) for match in number.values() if match}
    free = (count for count in range(len(paths) + len(taken)) if count not in taken)
    return [(path, path.with_name(f"{kind.name[:2]}_{next(free)}{path.suffix}")) for path in paths if not number[path]]


def _rows(images):
    # -> float32 (n, pixels): a row an image
    images = np.asarray(images, np.float32)
    if images.ndim < 3 or not images.size or not np.isfinite(images).all():
        raise CourseError(f"images of shape {images.shape}", "finite numbers (n, height, width) are expected",
                          "Give several images, of one image image[np.newaxis]")
    return images.reshape(len(images), -1)
