"""FER2013: 35,887 faces of 48 x 48 grey pixels with seven emotion labels (lessons 09 to 11).

No open licence is known, so the course does not contain the data. The projects P4, G7 and IIITA use it.

Source: Goodfellow et al. (2013), "Challenges in Representation Learning", arXiv:1307.0414."""

import hashlib
import warnings
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pandas as pd

from course_lib.core.errors import CourseError
from course_lib.core.io import check_table, read_npz
from course_lib.core.labels import EMOTIONS, SPELLINGS
from course_lib.core.progress import progress
from course_lib.datasets import credits

USAGES = ("Training", "PublicTest", "PrivateTest")
SIZE = 48
PIXELS = SIZE * SIZE
PUBLISHED = {  # faces of each emotion, in the order of EMOTIONS
    "Training": (3995, 436, 4097, 7215, 4830, 3171, 4965),
    "PublicTest": (467, 56, 496, 895, 653, 415, 607),
    "PrivateTest": (491, 55, 528, 879, 594, 416, 626),
}
# How editions in folders, and P4's renamed files ("an_0.png"), spell the emotions and the splits.
LABELS = {word: label for label, words in enumerate(SPELLINGS) for word in words}
SPLITS = {
    "train": "Training",
    "test": "PublicTest",
    "validation": "PublicTest",
    "val": "PublicTest",
    **{usage.lower(): usage for usage in USAGES},
}
ENDINGS = (".png", ".jpg", ".jpeg")
SHOWN = 5  # faults named in a message
BLOCK = 1000  # rows of the csv converted to numbers at a time: 8 MB of text
GET_IT = "Give Kaggle's fer2013.csv or icml_face_data.csv, its folder of images (train/angry/…), or an npz"
SAVE_IT = (
    "Save it with np.savez(path, images=…, labels=…): images uint8 (n, 48, 48), labels 0 to 6 or words, and "
    "no Python objects"
)
SHAPES = ((SIZE, SIZE), (SIZE, SIZE, 1), (1, SIZE, SIZE), (PIXELS,))  # of one image in an npz


class Faces(NamedTuple):
    """The faces of FER2013.

    Attributes
    ----------
    images : np.ndarray
        Grey levels, uint8 (n, 48, 48).
    labels : np.ndarray
        uint8 (n,), indices of `EMOTIONS`.
    usage : np.ndarray
        str (n,), one of `USAGES`.
    """

    images: np.ndarray
    labels: np.ndarray
    usage: np.ndarray


def read(path: str | Path) -> Faces:
    """Read a FER2013 file or folder.

    Parameters
    ----------
    path : str or path
        - A csv file with the columns emotion, pixels and Usage in any order (Kaggle's fer2013.csv and
          icml_face_data.csv).
        - A folder of images (png, jpg): train/, and test/ or validation/ (both read as PublicTest), contain
          one folder for each emotion. A file name such as PrivateTest_123.jpg gives its split itself, and
          P4's an_0.png its emotion.
        - An npz file with `images`, `labels` and optionally `usage` (by default ""). Images may have an axis
          of one channel, be rows of 2,304 pixels, or floats of 0 to 1; labels may be words or one-hot.

    Returns
    -------
    Faces
        In the order of the file, or sorted by path.

    Raises
    ------
    CourseError
        If a row does not have 2,304 pixels, a value is outside 0 to 255, or a label or usage is unknown. The
        message names the file and the row, as a text editor counts lines.

    Notes
    -----
    Images that cannot be read, have another size, or whose names and folders do not tell their emotion and
    split, are skipped; a warning counts and names them. Used in lessons 09 to 11.
    """
    path = Path(path).expanduser()
    if not path.exists():
        raise CourseError(path, "there is no such file or folder", GET_IT)
    credits.used("fer2013", path)
    if path.is_dir():
        return _read_folder(path)
    return _read_npz(path) if path.suffix.lower() == ".npz" else _read_csv(path)


def check_counts(faces: Faces) -> list[str]:
    """List the differences from the published numbers of faces.

    Parameters
    ----------
    faces : Faces

    Returns
    -------
    list of str
        One line each: "PublicTest disgust: 50 faces, published 56".

    Notes
    -----
    Used through `load.faces`.

    Examples
    --------
    >>> one = Faces(np.zeros((1, 48, 48), np.uint8), np.array([0]), np.array(["Training"]))
    >>> check_counts(one)[0]
    'Training angry: 1 faces, published 3995'
    """
    differences = []
    for usage, published in PUBLISHED.items():
        counts = np.bincount(faces.labels[faces.usage == usage], minlength=len(EMOTIONS))
        if not counts.any():
            differences.append(f"{usage}: 0 faces, published {sum(published)}")
            continue
        differences += [
            f"{usage} {emotion}: {n} faces, published {known}"
            for emotion, n, known in zip(EMOTIONS, counts, published, strict=True)
            if n != known
        ]
    return differences


def warn_of_counts(faces: Faces, name: str | Path) -> None:
    """Warn, in one line, if the faces of the file `name` differ from the published numbers.

    Parameters
    ----------
    faces : Faces
    name : str or path
        What the warning calls the file.
    """
    differences = check_counts(faces)
    if differences:
        more = f" and {len(differences) - SHOWN} more" * (len(differences) > SHOWN)
        warnings.warn(
            f"{name} is not FER2013 as published: {'; '.join(differences[:SHOWN])}{more}", stacklevel=3
        )


def subset(faces: Faces, usage: str) -> Faces:
    """Select the faces of one split.

    Parameters
    ----------
    faces : Faces
    usage : {"Training", "PublicTest", "PrivateTest"}

    Returns
    -------
    Faces

    Raises
    ------
    CourseError
        If there is no such face.

    Notes
    -----
    Used in lessons 09 to 11.

    Examples
    --------
    >>> two = Faces(np.zeros((2, 48, 48), np.uint8), np.array([0, 3]), np.array(["Training", "PublicTest"]))
    >>> subset(two, "PublicTest").labels.tolist()
    [3]
    """
    mask = faces.usage == usage
    if not mask.any():
        there = ", ".join(sorted(set(faces.usage.tolist()))) or "none"
        raise CourseError(
            "FER2013",
            f"it has no faces of {usage!r} (it has: {there})",
            f"Choose one of {', '.join(USAGES)} that the data contain",
        )
    return Faces(*(column[mask] for column in faces))


def digest(faces: Faces) -> str:
    """Compute the SHA-256 of the pixels and labels, to record which faces a result belongs to.

    Parameters
    ----------
    faces : Faces

    Returns
    -------
    str
        64 hexadecimal digits.

    Examples
    --------
    >>> len(digest(Faces(np.zeros((1, 48, 48), np.uint8), np.uint8([0]), np.array(["Training"]))))
    64
    """
    return hashlib.sha256(faces.images.tobytes() + faces.labels.tobytes()).hexdigest()


def duplicates(images: np.ndarray) -> np.ndarray:
    """Number the images so that equal images have equal numbers.

    Parameters
    ----------
    images : array of shape (n, ...)

    Returns
    -------
    np.ndarray
        int (n,), in the order in which the images appear first.

    Notes
    -----
    Used in lesson 10.

    Examples
    --------
    >>> duplicates(np.array([[1, 2], [3, 4], [1, 2]])).tolist()
    [0, 1, 0]
    """
    numbers = {}
    return np.array([numbers.setdefault(image.tobytes(), len(numbers)) for image in images], int)


def flat(images: np.ndarray) -> np.ndarray:
    """Tell which images have one grey level only, so that their standard deviation is 0.

    Parameters
    ----------
    images : array of shape (n, ...)

    Returns
    -------
    np.ndarray
        bool (n,).

    Examples
    --------
    >>> flat(np.array([[7, 7], [7, 8]])).tolist()
    [True, False]
    """
    pixels = images.reshape(len(images), -1)
    return (pixels == pixels[:, :1]).all(axis=1)


def under_two_labels(faces: Faces) -> np.ndarray:
    """Tell which rows show an image that occurs with more than one label.

    Parameters
    ----------
    faces : Faces

    Returns
    -------
    np.ndarray
        bool (n,).

    Notes
    -----
    Used in lesson 10.

    Examples
    --------
    >>> same = Faces(np.zeros((2, 48, 48), np.uint8), np.array([0, 3]), np.array(["Training"] * 2))
    >>> under_two_labels(same).tolist()
    [True, True]
    """
    labels = pd.Series(faces.labels).groupby(duplicates(faces.images))
    return (labels.transform("nunique") > 1).to_numpy()


def without_test_faces(train: Faces, test: Faces) -> np.ndarray:
    """Tell which faces of the training set do not repeat an image of the test set (data leakage).

    Parameters
    ----------
    train, test : Faces

    Returns
    -------
    np.ndarray
        bool (len(train.images),): train on these.

    Notes
    -----
    Used in lessons 10 and 11.

    Examples
    --------
    >>> two = Faces(np.uint8([[1], [2]]), np.uint8([0, 0]), np.array(["Training"] * 2))
    >>> one = Faces(np.uint8([[2]]), np.uint8([0]), np.array(["PublicTest"]))
    >>> without_test_faces(two, one).tolist()
    [True, False]
    """
    known = {image.tobytes() for image in test.images}
    return np.array([image.tobytes() not in known for image in train.images], bool)


def validation_split(faces: Faces, fraction: float = 0.1, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Split the Training rows into a training set and a validation set.

    Parameters
    ----------
    faces : Faces
    fraction : float
        Fraction of each emotion in the validation set, approximately.
    seed : int

    Returns
    -------
    train_index, validation_index : np.ndarray
        Sorted row positions of `faces`. Equal images are in the same set, by the label of the first one.

    Raises
    ------
    CourseError
        If no row is Training.

    Notes
    -----
    Used in lessons 10 and 11.
    """
    training = subset(faces, "Training")
    rows, groups = np.flatnonzero(faces.usage == "Training"), duplicates(training.images)
    _, first, size = np.unique(groups, return_index=True, return_counts=True)
    rng, chosen = np.random.default_rng(seed), []
    for label in range(len(EMOTIONS)):
        own = rng.permutation(np.flatnonzero(training.labels[first] == label))
        chosen.append(own[np.cumsum(size[own]) <= fraction * size[own].sum()])
    held_out = np.isin(groups, np.concatenate(chosen))
    return rows[~held_out], rows[held_out]


# The csv. One call of NumPy converts a block of rows to numbers, after a check that its text holds only
# numbers.


def _read_csv(path):
    labels, usage, images = [], [], []
    check_table(path, GET_IT)
    with open(path, "rb") as file:
        columns = _columns(path, file.readline())
        rows = ((number, line) for number, line in enumerate(file, start=2) if line.strip())
        while block := list(islice(rows, BLOCK)):
            numbers = [number for number, _ in block]
            cells = [_cells(path, number, line, columns) for number, line in block]
            labels += [int(label) for label, _, _ in cells]
            usage += [name for _, _, name in cells]
            images.append(_images(path, numbers, [pixels for _, pixels, _ in cells]))
    if not images:
        raise CourseError(path, "it contains no row of data", GET_IT)
    return Faces(np.concatenate(images), np.array(labels, np.uint8), np.array(usage))


def _columns(path, header):
    """Which fields of a row hold the label, the pixels and the usage, and how many fields a row has."""
    names = [name.strip(' "\r\n').lower() for name in header.decode("utf-8-sig", "replace").split(",")]
    missing = [name for name in ("emotion", "pixels", "usage") if name not in names]
    if missing:
        raise CourseError(path, f"column(s) missing in its first row: {', '.join(missing)}", GET_IT)
    return [names.index(name) for name in ("emotion", "pixels", "usage")], len(names)


def _cells(path, number, line, columns):
    """A row's label and pixels as bytes, and its usage as text."""
    places, n = columns
    fields = line.split(b",")
    if len(fields) != n:
        raise _wrong_row(
            path, number, f"it has {len(fields)} field(s) between commas, not {n}; it may be cut off"
        )
    label, pixels, usage = (fields[place].strip(b' "\r\n') for place in places)
    usage = usage.decode("ascii", "replace")
    if usage not in USAGES:
        raise _wrong_row(path, number, f"its usage is {usage!r}, not one of {', '.join(USAGES)}")
    if len(label) != 1 or label not in b"0123456":
        raise _wrong_row(path, number, f"its label is '{label.decode('ascii', 'replace')}', not 0 to 6")
    return label, pixels, usage


def _images(path, numbers, fields):
    """Fields of pixels such as b"70 80 82 …" as uint8 (n, 48, 48); `numbers` are their rows, for the
    error."""
    if all(field.count(b" ") == PIXELS - 1 and not field.translate(None, b"0123456789 ") for field in fields):
        values = np.fromstring(b" ".join(fields), int, sep=" ")
        if values.size == len(fields) * PIXELS and values.max() <= 255:
            return values.astype(np.uint8).reshape(-1, SIZE, SIZE)
    raise next(
        _wrong_row(path, number, wrong)
        for number, field in zip(numbers, fields, strict=True)
        if (wrong := _wrong_pixels(field))
    )


def _wrong_pixels(field):
    """What is wrong with a row's pixels, or None."""
    words = field.decode("ascii", "replace").split(" ")
    for place, word in enumerate(words, start=1):
        if not (word.isascii() and word.isdigit() and len(word) < 19 and int(word) <= 255):
            return f"its pixel {place} is {word[:20]!r}, not a whole number from 0 to 255"
    return f"it has {len(words)} pixels, not {SIZE} x {SIZE} = {PIXELS}" if len(words) != PIXELS else None


def _wrong_row(path, number, wrong):
    return CourseError(
        f"{path}, row {number}",
        wrong,
        "Correct or delete the row (the header is row 1), or download the file again",
    )


# The folder of images, and the npz.


def _read_folder(folder):
    paths = [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in ENDINGS
        and path.is_file()
        and not any(name.startswith(".") for name in path.relative_to(folder).parts)
    ]
    if not paths:
        raise CourseError(folder, "it contains no image (png, jpg)", GET_IT)
    rows, skipped = [], []
    for path in progress(paths, desc="read images", unit="image", delay=1, leave=False):
        try:
            rows.append((_image(path), *_label_and_usage(path, folder)))
        except CourseError as error:
            skipped.append(error)
    if not rows:
        raise skipped[0]
    if skipped:
        warnings.warn(
            f"{folder}: {len(skipped)} of {len(paths)} images are skipped. "
            + " ".join(map(str, skipped[:SHOWN]))
            + " …" * (len(skipped) > SHOWN),
            stacklevel=3,
        )
    images, labels, usage = zip(*rows, strict=True)
    return Faces(np.stack(images), np.array(labels, np.uint8), np.array(usage))


def _label_and_usage(path, folder):
    """The label and usage of an image, from its name and folders. `folder` may itself be train/ or test/."""
    name = path.stem.lower().split("_")[0]
    folders = [one.lower() for one in (folder.resolve().name, *path.relative_to(folder).parts[:-1])]
    label = LABELS.get(folders[-1], LABELS.get(name))
    usage = SPLITS.get(name) or next(
        (SPLITS[folder] for folder in reversed(folders) if folder in SPLITS), None
    )
    if label is None:
        raise CourseError(
            path,
            "neither its folder nor its name tells which emotion it shows",
            f"Name its folder after one of {', '.join(EMOTIONS)}",
        )
    if usage is None:
        raise CourseError(
            path,
            "neither its folders nor its name tell which split it belongs to",
            "Give a folder that contains train/ and test/",
        )
    return label, usage


def _image(path):
    """An image as uint8 (48, 48), decoded from its bytes: on Windows OpenCV opens no path with an umlaut."""
    content = np.fromfile(path, np.uint8)
    image = cv2.imdecode(content, cv2.IMREAD_GRAYSCALE) if content.size else None
    if image is None:
        raise CourseError(path, "it cannot be read as an image", "Delete it, or download it again")
    if image.shape != (SIZE, SIZE):
        raise CourseError(
            path,
            f"it is {image.shape[1]} x {image.shape[0]} pixels, not {SIZE} x {SIZE}",
            "Give FER2013's own images",
        )
    return image


def _read_npz(path):
    arrays = read_npz(path, "an npz", SAVE_IT, ("images", "labels", "usage"))
    missing = [name for name in ("images", "labels") if name not in arrays]
    if missing:
        raise CourseError(path, f"it has no {' and no '.join(missing)}", SAVE_IT)
    images, labels = _grey_levels(path, arrays["images"]), _label_numbers(path, arrays["labels"])
    usage = arrays.get("usage", np.full(len(images), "")).astype(str)
    for name, array in (("labels", labels), ("usage", usage)):
        if array.shape != (len(images),):
            raise CourseError(
                path,
                f"its array {name!r} has the shape {array.shape}, but there are {len(images)} images",
                SAVE_IT,
            )
    _check_rows(path, "usage", usage, np.isin(usage, ("", *USAGES)), USAGES)
    return Faces(images, labels, usage)


def _grey_levels(path, images):
    """Images of one of `SHAPES`, of 0 to 255, or floats of 0 to 1, as uint8 (n, 48, 48)."""
    if not images.ndim or not len(images) or images.shape[1:] not in SHAPES or images.dtype.kind not in "uif":
        raise CourseError(
            path, f"its images are {images.dtype} {images.shape}, not numbers (n, {SIZE}, {SIZE})", SAVE_IT
        )
    low, high = images.min(), images.max()
    if not (low >= 0 and high <= 255):  # this also refuses NaN
        raise CourseError(
            path,
            f"its images have values from {low:g} to {high:g}, not from 0 to 255 or 0 to 1",
            "Save the grey levels as they are in FER2013",
        )
    scale = 255 if images.dtype.kind == "f" and high <= 1 else 1
    return np.rint(images * scale).astype(np.uint8).reshape(-1, SIZE, SIZE)


def _label_numbers(path, labels):
    """Labels as numbers (also 3.0 and "3"), as words ("angry", "Anger"), in a column, or one-hot, as uint8
    (n,).
    """
    if labels.dtype.kind not in "uifSU":
        raise CourseError(path, f"its labels are {labels.dtype}", SAVE_IT)
    if (
        labels.ndim == 2
        and labels.shape[1] == len(EMOTIONS)
        and np.isin(labels, (0, 1)).all()
        and (labels.sum(axis=1) == 1).all()
    ):
        labels = labels.argmax(axis=1)
    labels = labels[:, 0] if labels.ndim == 2 and labels.shape[1] == 1 else labels
    if labels.ndim != 1:
        raise CourseError(path, f"its labels have the shape {labels.shape}, not one for each image", SAVE_IT)
    if labels.dtype.kind in "SU":
        words = np.char.decode(labels, "utf-8", "replace") if labels.dtype.kind == "S" else labels
        numbers = LABELS | {str(number): number for number in range(len(EMOTIONS))}
        labels = np.array([numbers.get(word.strip().lower(), -1) for word in words.tolist()])
    else:
        words = labels
    _check_rows(
        path,
        "label",
        words,
        np.isin(labels, range(len(EMOTIONS))),
        [f"{number} or {word}" for number, word in enumerate(EMOTIONS)],
    )
    return labels.astype(np.uint8)


def _check_rows(path, name, values, known, allowed):
    odd_ones = np.flatnonzero(~known)
    if odd_ones.size:
        raise CourseError(
            f"{path}, row {odd_ones[0]} counted from 0",
            f"its {name} is {values[odd_ones[0]]!s}",
            f"Allowed are {', '.join(allowed)}",
        )
