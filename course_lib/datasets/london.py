"""The London set: photographs of 102 people, each once neutral and once smiling, as a table.

The Face Research Lab London Set shows 102 adults from the front. Each signed a consent that their photographs
may be used in studies and to illustrate research. They come with the course, 350 pixels wide
(`embedded.folder("london")`). The smile is posed, and some smiles are slight: the label tells what the person
was asked to do, not what the person felt. The heads are lower in the smiling photographs, so a classifier on
whole photographs need not look at the face. Align the faces first.

Source: DeBruine and Jones (2017), Face Research Lab London Set (Version 5), figshare,
doi 10.6084/m9.figshare.5047666.v5, CC BY 4.0."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from course_lib.core.errors import CourseError
from course_lib.datasets import clip_files, embedded

# The course's names of the two expressions, the code that the original names use, and the course's emotion.
EXPRESSIONS = {"neutral": ("03", "neutral"), "smiling": ("08", "happy")}
POINTS = ("left_eye_outer", "left_eye_inner", "right_eye_outer", "right_eye_inner", "nose_base")
# Some of the set's own landmarks (`landmarks`, counted from 0), by the part of the face; left is the person's
# left.
PARTS = {
    "left_eye": (23, 27, 31, 32, 33, 39, 40, 41, 42, 43),
    "right_eye": (18, 22, 28, 29, 30, 34, 35, 36, 37, 38),
    "left_brow": (77, 78, 79, 80, 81, 82, 85, 86),
    "right_brow": (71, 72, 73, 74, 75, 76, 83, 84),
    "mouth": tuple(range(87, 109)),
}
# Those for `faces.fit_head`: the five of `POINTS`, then the right and left corner of the mouth, and the chin.
HEAD = [27, 23, 18, 22, 55, 87, 93, 129]
WIDTH, ORIGINAL_WIDTH = 350, 1350  # pixels of a photograph, which is square
GET_IT = (
    'use what comes with the course, embedded.folder("london"), or unpack neutral_front and smiling_front '
    "from https://doi.org/10.6084/m9.figshare.5047666"
)
ENDINGS = (".jpg", ".jpeg", ".png")
# The people whose photographs notebooks and pages may show. Nine of them are those of lesson 03.
SHOWN = (1, 2, 3, 4, 5, 6, 8, 10, 27, 36, 42, 129)


def parse_name(path: str | Path) -> dict[str, Any]:
    """Read person and expression from a name: `001_smiling.jpg`, or `001_08.jpg` in the original set.

    Parameters
    ----------
    path : str or path
        With or without its ending.

    Returns
    -------
    dict
        `expression` ("neutral" or "smiling"), `emotion` ("neutral" or "happy"), and of the person `actor`
        (int), `gender`, `age` (years, NaN if it is unknown) and `ethnicity`.

    Raises
    ------
    CourseError
        If the name is not one of the set's frontal neutral or smiling photographs.

    Examples
    --------
    >>> fields = parse_name("001_smiling.jpg")
    >>> fields["expression"], fields["emotion"], fields["actor"], fields["gender"]
    ('smiling', 'happy', 1, 'female')
    >>> parse_name("001_08.jpg") == fields
    True
    """
    found = re.fullmatch(r"([0-9]{3})_(neutral|smiling|[0-9]{2})", Path(path).stem)
    if not found:
        raise CourseError(
            path,
            "its name is not a name of the London set",
            "A name has the form 001_neutral.jpg or 001_smiling.jpg (originals: 001_03.jpg, 001_08.jpg)",
        )
    words = {code: word for word, (code, _) in EXPRESSIONS.items()}
    expression = words.get(found[2], found[2])
    if expression not in EXPRESSIONS:
        raise CourseError(
            path,
            f"its code of the expression is '{found[2]}'",
            "Allowed are 03 (neutral, frontal) and 08 (smiling, frontal)",
        )
    if int(found[1]) not in _people():
        raise CourseError(path, f"the set has no person {found[1]}", "Check the name of the file")
    return {"expression": expression, "emotion": EXPRESSIONS[expression][1], **_people()[int(found[1])]}


def table(folder: str | Path | None) -> pd.DataFrame:
    """Make a table of the set's photographs in a folder and all folders below it.

    Parameters
    ----------
    folder : str or path
        `embedded.folder("london")`, or the folder of a full download.

    Returns
    -------
    pd.DataFrame
        One row for each photograph, sorted by path. Columns: `path` (str), `expression`, `emotion`, `actor`
        (int; split by this column, else the same person is in both sets), `gender`, `age`, `ethnicity`,
        `recording` ("001_smiling") and `corpus`.

    Raises
    ------
    CourseError
        As in `clip_files.table`.

    Notes
    -----
    Photographs with other names are left out and listed in a `UserWarning`.

    Examples
    --------
    >>> found = table(embedded.folder("london"))
    >>> len(found), found["actor"].nunique(), found["expression"].value_counts().to_dict()
    (204, 102, {'neutral': 102, 'smiling': 102})
    """
    found = clip_files.table(folder, _row, "London", GET_IT, endings=ENDINGS, what="photograph")
    return found.assign(corpus="London")


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """Keep the photographs of the 12 people whom notebooks and pages may show.

    Parameters
    ----------
    table : pd.DataFrame
        With the column `actor`, from `table` or `load.clips`.

    Returns
    -------
    pd.DataFrame
        The rows of the people of `SHOWN`, in the same order.

    Notes
    -----
    Train and test on all people, and show these. All pages together then show no other person.

    Examples
    --------
    >>> some = shown(table(embedded.folder("london")))
    >>> len(some), some["actor"].nunique()
    (24, 12)
    """
    return table[table["actor"].isin(SHOWN)].reset_index(drop=True)


def points(table: pd.DataFrame, width: int = WIDTH) -> np.ndarray:
    """Return five points of each face: the outer and inner corners of both eyes, and the base of the nose.

    Parameters
    ----------
    table : pd.DataFrame
        With the column `recording`, from `table`.
    width : int
        Width of the photographs in pixels: 350 for those that come with the course, 1350 for the originals.

    Returns
    -------
    np.ndarray
        float32 (n, 5, 2): x and y in pixels, in the order of `POINTS`. Left is the person's left, which is
        at the right of the image. Pixel (0, 0) has its centre at (0, 0).

    Raises
    ------
    CourseError
        If a photograph has no points.

    Notes
    -----
    dlib's five-point predictor placed them. On the neutral photographs they lie 1.3 pixels (at 350) from the
    set's own landmarks on average (README.md beside the photographs).

    Examples
    --------
    >>> found = table(embedded.folder("london"))
    >>> points(found).shape
    (204, 5, 2)
    """
    known = pd.read_csv(embedded.folder("london") / "points.csv", comment="#", index_col="recording")
    missing = sorted(set(table["recording"]) - set(known.index))
    if missing:
        raise CourseError(
            "points of the London set",
            f"there are none for {', '.join(map(str, missing[:5]))}",
            "Give a table from london.table",
        )
    found = known.loc[table["recording"]].to_numpy().reshape(len(table), len(POINTS), 2)
    return ((found + 0.5) * (width / WIDTH) - 0.5).astype(np.float32)


def landmarks(table: pd.DataFrame) -> np.ndarray:
    """Return the set's own 189 landmarks of each neutral face.

    Parameters
    ----------
    table : pd.DataFrame
        With the column `recording`, from `table`: neutral photographs only.

    Returns
    -------
    np.ndarray
        float32 (n, 189, 2): x and y in pixels of the photographs that come with the course. `PARTS` and
        `HEAD` name some of the points.

    Raises
    ------
    CourseError
        If a photograph has no landmarks: the set has none for the smiling faces.

    Notes
    -----
    Used in lesson 09.

    Examples
    --------
    >>> found = table(embedded.folder("london"))
    >>> landmarks(found[found["expression"] == "neutral"]).shape
    (102, 189, 2)
    """
    path = embedded.folder("london") / "landmarks.csv.gz"
    known = pd.read_csv(path, comment="#", index_col="recording")
    missing = sorted(set(table["recording"]) - set(known.index))
    if missing:
        raise CourseError(
            "landmarks of the London set",
            f"there are none for {', '.join(map(str, missing[:5]))}",
            'Give neutral photographs: table[table["expression"] == "neutral"]',
        )
    return known.loc[table["recording"]].to_numpy(np.float32).reshape(len(table), -1, 2)


@lru_cache
def _people():
    """What the set tells about each person, by number."""
    people = pd.read_csv(embedded.folder("london") / "people.csv", comment="#")
    return {row["actor"]: row for row in people.to_dict("records")}


def _row(path):
    fields = parse_name(path)
    return {"path": str(path), **fields, "recording": f"{fields['actor']:03d}_{fields['expression']}"}
