"""FER2013: 35,887 faces of 48 by 48 grey pixels under seven emotions (lessons 09 to 11).

Source: Goodfellow et al. (2013), "Challenges in Representation Learning", arXiv:1307.0414; the data of
projects P4, G7 and IIITA. No open licence is known, so nothing of it comes with the course."""

import hashlib
import warnings
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pandas as pd

from course_lib.core.errors import CourseError
from course_lib.core.io import read_npz
from course_lib.core.labels import EMOTIONS, SPELLINGS
from course_lib.core.progress import progress

USAGES = ("Training", "PublicTest", "PrivateTest")
SIZE = 48
PIXELS = SIZE * SIZE
PUBLISHED = {  # faces of each emotion, in the order of EMOTIONS
    "Training": (3995, 436, 4097, 7215, 4830, 3171, 4965),
    "PublicTest": (467, 56, 496, 895, 653, 415, 607),
    "PrivateTest": (491, 55, 528, 879, 594, 416, 626),
}
# How editions in folders, and P4's renamed files ("an_0.png"), spell the emotions and the parts.
LABELS = {word: label for label, words in enumerate(SPELLINGS) for word in words}
SPLITS = {
    "train": "Training",
    "test": "PublicTest",
    "validation": "PublicTest",
    "val": "PublicTest",
    **{usage.lower(): usage for usage in USAGES},
}
ENDINGS = (".png", ".jpg", ".jpeg")
SHOWN = 5  # of faults, so many are named
BLOCK = 1000  # rows of the csv turned into numbers at a time: 8 MB of text
GET_IT = "Give Kaggle's fer2013.csv or icml_face_data.csv, its folder of pictures (train/angry/…), or an npz"
SAVE_IT = (
    "Save it with np.savez(path, images=…, labels=…): images uint8 (n, 48, 48), labels 0 to 6 or words, "
    "and no "
    "Python objects"
)
SHAPES = ((SIZE, SIZE), (SIZE, SIZE, 1), (1, SIZE, SIZE), (PIXELS,))  # of one image in an npz


class Faces(NamedTuple):
    """Images uint8 (n, 48, 48), labels uint8 (n,) that index `EMOTIONS`, and usage str (n,), one of
    `USAGES`."""

    images: np.ndarray
    labels: np.ndarray
    usage: np.ndarray


def read(path) -> Faces:
    """The faces of a FER2013 file or folder, in its order; of a folder, sorted by path.

    A csv has the columns emotion, pixels, Usage in any order, with or without spaces about their names
    (Kaggle's fer2013.csv and icml_face_data.csv). In a folder of pictures (png, jpg) train/, and test/ or
    validation/ (both taken for PublicTest), hold one folder an emotion; a file name such as
    PrivateTest_123.jpg says its part itself, and P4's an_0.png its emotion. An npz holds `images`, `labels`
    and perhaps `usage`, which is "" where it is not there; images may have an axis of one channel, be rows of
    2,304 pixels, or floats of 0 to 1, and labels words or one-hot.

    Raises `CourseError` that names the file, and the row as a text editor counts lines, for whatever is not
    as above: a row of other than 2,304 pixels, a value outside 0 to 255, an unknown label or usage. A picture
    that cannot be read, is of another size or whose name and folders do not say what it is, is skipped; a
    warning counts and names these."""
    path = Path(path).expanduser()
    if path.is_dir():
        return _read_folder(path)
    if not path.is_file():
        raise CourseError(path, "there is no such file or folder", GET_IT)
    return _read_npz(path) if path.suffix.lower() == ".npz" else _read_csv(path)


def check_counts(faces) -> list[str]:
    """What differs from the published counts, one line each: "PublicTest disgust: 50 faces, published 56"."""
    differences = []
    for usage, published in PUBLISHED.items():
        counts = np.bincount(faces.labels[faces.usage == usage], minlength=len(EMOTIONS))
        if not counts.any():
            differences.append(f"{usage}: no face, published {sum(published)}")
            continue
        differences += [
            f"{usage} {emotion}: {n} faces, published {known}"
            for emotion, n, known in zip(EMOTIONS, counts, published, strict=True)
            if n != known
        ]
    return differences


def warn_of_counts(faces, name):
    """Warn, in one line, where `faces` of the file `name` differ from the published counts
    (`check_counts`)."""
    differences = check_counts(faces)
    if differences:
        more = f" and {len(differences) - SHOWN} more" * (len(differences) > SHOWN)
        warnings.warn(
            f"{name} is not FER2013 as published: {'; '.join(differences[:SHOWN])}{more}", stacklevel=3
        )


def subset(faces, usage) -> Faces:
    """The faces of one usage ("Training", "PublicTest", "PrivateTest"). Raises `CourseError` when there is
    none.
    """
    mask = faces.usage == usage
    if not mask.any():
        there = ", ".join(sorted(set(faces.usage.tolist()))) or "none"
        raise CourseError(
            "FER2013",
            f"no face is of the part {usage!r} (there: {there})",
            f"Choose one of {', '.join(USAGES)} that the data have",
        )
    return Faces(*(column[mask] for column in faces))


def digest(faces) -> str:
    """SHA-256 over the pixels and labels, which says of a result of which faces it is."""
    return hashlib.sha256(faces.images.tobytes() + faces.labels.tobytes()).hexdigest()


def duplicates(images) -> np.ndarray:
    """Which images are the same: int (n,), equal for images with equal pixels, numbered as they first
    come."""
    numbers = {}
    return np.array([numbers.setdefault(image.tobytes(), len(numbers)) for image in images], int)


def flat(images) -> np.ndarray:
    """Which images are of one colour, bool (n,): they cannot be divided by their spread."""
    pixels = images.reshape(len(images), -1)
    return (pixels == pixels[:, :1]).all(axis=1)


def under_two_labels(faces) -> np.ndarray:
    """Which rows show an image that stands under more than one label, bool (n,)."""
    labels = pd.Series(faces.labels).groupby(duplicates(faces.images))
    return (labels.transform("nunique") > 1).to_numpy()


def without_test_faces(train, test) -> np.ndarray:
    """Which faces of `train` repeat no image of `test`, bool (len(train.images),): those to train on."""
    known = {image.tobytes() for image in test.images}
    return np.array([image.tobytes() not in known for image in train.images], bool)


def validation_split(faces, fraction=0.1, seed=0) -> tuple:
    """Two sorted int arrays of rows of `faces`, to train on and to validate on; only Training rows are in
    them.

    About `fraction` of each emotion goes to validation. All rows of one image go to the same side, by the
    label of the first of them. Raises `CourseError` when no row is Training."""
    training = subset(faces, "Training")
    rows, groups = np.flatnonzero(faces.usage == "Training"), duplicates(training.images)
    _, first, size = np.unique(groups, return_index=True, return_counts=True)
    rng, chosen = np.random.default_rng(seed), []
    for label in range(len(EMOTIONS)):
        own = rng.permutation(np.flatnonzero(training.labels[first] == label))
        chosen.append(own[np.cumsum(size[own]) <= fraction * size[own].sum()])
    held_out = np.isin(groups, np.concatenate(chosen))
    return rows[~held_out], rows[held_out]


# The csv. A block of rows is turned into numbers by one call of numpy, once its text is known to hold only
# numbers.


def _read_csv(path):
    labels, usage, images = [], [], []
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
        raise CourseError(path, "no row of data is in it", GET_IT)
    return Faces(np.concatenate(images), np.array(labels, np.uint8), np.array(usage))


def _columns(path, header):
    """Which fields of a row hold the label, the pixels and the usage, and how many fields a row has."""
    names = [name.strip(' "\r\n').lower() for name in header.decode("utf-8-sig", "replace").split(",")]
    missing = [name for name in ("emotion", "pixels", "usage") if name not in names]
    if missing:
        raise CourseError(
            path,
            f"column(s) missing in its first row: {', '.join(missing)}" if header.strip() else "it is empty",
            GET_IT,
        )
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
        "Mend or delete the row (the header is row 1), or download the file again",
    )


# The folder of pictures, and the npz.


def _read_folder(folder):
    pictures = [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in ENDINGS
        and path.is_file()
        and not any(name.startswith(".") for name in path.relative_to(folder).parts)
    ]
    if not pictures:
        raise CourseError(folder, "no picture (png, jpg) is in it", GET_IT)
    rows, skipped = [], []
    for path in progress(pictures, desc="read pictures", unit="picture", delay=1, leave=False):
        try:
            rows.append((_picture(path), *_said(path, folder)))
        except CourseError as error:
            skipped.append(error)
    if not rows:
        raise skipped[0]
    if skipped:
        warnings.warn(
            f"{folder}: {len(skipped)} of {len(pictures)} pictures skipped. "
            + " ".join(map(str, skipped[:SHOWN]))
            + " …" * (len(skipped) > SHOWN),
            stacklevel=3,
        )
    images, labels, usage = zip(*rows, strict=True)
    return Faces(np.stack(images), np.array(labels, np.uint8), np.array(usage))


def _said(path, folder):
    """What a picture's name and folders say: its label and its usage. `folder` may itself be train/ or
    test/."""
    name = path.stem.lower().split("_")[0]
    folders = [part.lower() for part in (folder.resolve().name, *path.relative_to(folder).parts[:-1])]
    label = LABELS.get(folders[-1], LABELS.get(name))
    usage = SPLITS.get(name) or next(
        (SPLITS[folder] for folder in reversed(folders) if folder in SPLITS), None
    )
    if label is None:
        raise CourseError(
            path,
            "neither its folder nor its name says which emotion it shows",
            f"Name its folder after one of {', '.join(EMOTIONS)}",
        )
    if usage is None:
        raise CourseError(
            path,
            "neither its folders nor its name say which part it belongs to",
            "Give a folder that holds train/ and test/",
        )
    return label, usage


def _picture(path):
    """A picture as uint8 (48, 48). OpenCV is given its bytes: on Windows it opens no path with an umlaut."""
    content = np.fromfile(path, np.uint8)
    image = cv2.imdecode(content, cv2.IMREAD_GRAYSCALE) if content.size else None
    if image is None:
        raise CourseError(path, "it cannot be read as a picture", "Delete it, or get it again")
    if image.shape != (SIZE, SIZE):
        raise CourseError(
            path,
            f"it is {image.shape[1]} x {image.shape[0]} pixels, not {SIZE} x {SIZE}",
            "Give FER2013's own pictures",
        )
    return image


def _read_npz(path):
    arrays = read_npz(path, "an npz", SAVE_IT, ("images", "labels", "usage"))
    missing = [name for name in ("images", "labels") if name not in arrays]
    if missing:
        raise CourseError(path, f"it holds no {' and no '.join(missing)}", SAVE_IT)
    images, labels = _grey_levels(path, arrays["images"]), _label_numbers(path, arrays["labels"])
    usage = arrays.get("usage", np.full(len(images), "")).astype(str)
    for name, array in (("labels", labels), ("usage", usage)):
        if array.shape != (len(images),):
            raise CourseError(
                path, f"its {name} {array.shape} are not one for each of {len(images)} images", SAVE_IT
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
    if not (low >= 0 and high <= 255):  # so also where one is NaN
        raise CourseError(
            path,
            f"its images go from {low:g} to {high:g}, not from 0 to 255 or 0 to 1",
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
        raise CourseError(path, f"its labels {labels.shape} are not one for each image", SAVE_IT)
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
