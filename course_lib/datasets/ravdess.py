"""RAVDESS: what its file names mean, and a folder of its clips as a table (lecture 14 at 01:01).

In the Ryerson Audio-Visual Database of Emotional Speech and Song, 24 actors speak (and sing) two sentences in
eight emotions. A recording of one sentence is also called a "take". A file name has seven two-digit fields:
modality-vocal channel-emotion-intensity-statement-repetition-actor.

Source: Livingstone and Russo (2018), PLoS ONE 13(5): e0196391, doi 10.1371/journal.pone.0196391."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from course_lib.core.errors import CourseError
from course_lib.core.labels import RAVDESS_EMOTIONS as EMOTIONS
from course_lib.core.names import check_choice
from course_lib.datasets import clip_files

STATEMENTS = {"kids": "Kids are talking by the door", "dogs": "Dogs are sitting by the door"}

# The fields in the order of the name. The code of a value is its position, counted from 01.
FIELDS = {
    "modality": ("audio-video", "video-only", "audio-only"),
    "vocal_channel": ("speech", "song"),
    "emotion": EMOTIONS,
    "intensity": ("normal", "strong"),
    "statement": tuple(STATEMENTS),
    "repetition": (1, 2),
    "actor": tuple(range(1, 25)),
}
# The five speaker-independent folds of published scores on RAVDESS (lesson 07).
ACTOR_FOLDS = (
    (2, 5, 14, 15, 16),
    (3, 6, 7, 13, 18),
    (10, 11, 12, 19, 20),
    (8, 17, 21, 23, 24),
    (1, 4, 9, 22),
)
PATTERN = "-".join(FIELDS)
GET_IT = "course fetch ravdess-speech"


def parse_name(name: str | Path) -> dict[str, Any]:
    """Read the fields of a RAVDESS file name (lecture 14 at 01:01).

    Parameters
    ----------
    name : str or path
        With or without its ending.

    Returns
    -------
    dict
        `modality`, `vocal_channel`, `emotion`, `intensity`, `statement` and `gender` as words, `repetition`
        and `actor` as int. Odd actors are male, even ones female.

    Raises
    ------
    CourseError
        If a field is wrong. The message names the field and the values that are allowed. There is no neutral
        with strong intensity.

    Notes
    -----
    Used in lessons 01, 13 and 14.

    Examples
    --------
    >>> fields = parse_name("01-01-05-02-01-01-12.mp4")
    >>> fields["emotion"], fields["actor"], fields["gender"]
    ('angry', 12, 'female')
    """
    codes = Path(name).stem.split("-")
    if len(codes) != len(FIELDS):
        raise CourseError(
            name,
            f"its name has {len(codes)} field(s) between hyphens, not {len(FIELDS)}",
            f"A RAVDESS name is {PATTERN}, two digits each",
        )
    fields = {field: _value(name, field, code) for field, code in zip(FIELDS, codes, strict=True)}
    if (fields["emotion"], fields["intensity"]) == ("neutral", "strong"):
        raise CourseError(
            name,
            "its field 'intensity' is '02' (strong), but neutral has only '01' (normal)",
            "Set the intensity to 01, or choose another emotion",
        )
    return fields | {"gender": "male" if fields["actor"] % 2 else "female"}


def format_name(**fields: Any) -> str:
    """Make the file name of a recording, without ending: the inverse of `parse_name`.

    Parameters
    ----------
    **fields
        All fields that `parse_name` returns. `gender` may be left out, because the actor's number tells it.

    Returns
    -------
    str

    Raises
    ------
    CourseError
        If a field is missing, unknown or contradicts another, or a value is not allowed.

    Examples
    --------
    >>> format_name(**parse_name("01-01-05-02-01-01-12"))
    '01-01-05-02-01-01-12'
    """
    odd_ones = sorted((fields.keys() - {"gender"}) ^ FIELDS.keys())
    if odd_ones:
        raise CourseError(
            "RAVDESS name",
            f"missing or unknown field(s): {', '.join(odd_ones)}",
            f"Give each of {', '.join(FIELDS)}",
        )
    name = "-".join(_code(field, fields[field]) for field in FIELDS)
    actual = parse_name(name)
    if actual | fields != actual:
        raise CourseError(
            name,
            f"its field 'gender' is {fields['gender']!r}, but its actor is {actual['gender']}",
            "Leave `gender` out, or choose an actor of that gender: odd numbers are male",
        )
    return name


def row(path: str | Path) -> dict[str, Any]:
    """Return the row of `table` for one file.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    dict

    Raises
    ------
    CourseError
        As in `parse_name`.

    Examples
    --------
    >>> row("clips/01-01-05-02-01-01-12.mp4")["recording"]
    '01-05-02-01-01-12'
    """
    return {"path": str(path), **parse_name(path), "recording": Path(path).stem.split("-", 1)[1]}


def table(folder: str | Path | None) -> pd.DataFrame:
    """Make a table of the clips (mp4, wav, flac) in a folder and all folders below it (lecture 14 at 01:01).

    Parameters
    ----------
    folder : str or path
        Files and folders whose names begin with a dot are ignored.

    Returns
    -------
    pd.DataFrame
        One row for each file, sorted by path. Columns: `path` (str), `modality`, `vocal_channel`, `emotion`,
        `intensity`, `statement` (words), `repetition`, `actor` (int), `gender`, and `recording`, the name
        without its modality ("01-05-02-01-01-12"). Rows with the same `recording` are one recording in
        several modalities or formats.

    Raises
    ------
    CourseError
        If the folder is None, missing or a file, or contains no RAVDESS clip.

    Notes
    -----
    Clips with other names are left out and listed in a `UserWarning`. Used in lesson 01.
    """
    return clip_files.table(folder, row, "RAVDESS", GET_IT)


def actor_folds(table: pd.DataFrame) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the five published folds of actors (`ACTOR_FOLDS`) for cross-validation.

    Parameters
    ----------
    table : pd.DataFrame
        With the column `actor`.

    Returns
    -------
    list of (train_index, test_index)
        Row positions of `table`.

    Notes
    -----
    Used in lessons 07, 16 and 17.

    Examples
    --------
    >>> train_index, test_index = actor_folds(pd.DataFrame({"actor": [2, 3, 5]}))[0]
    >>> train_index.tolist(), test_index.tolist()
    ([1], [0, 2])
    """
    tested = [table["actor"].isin(actors).to_numpy() for actors in ACTOR_FOLDS]
    return [(np.flatnonzero(~test), np.flatnonzero(test)) for test in tested]


def _value(name, field, code):
    """The value of a two-digit `code` in `field`."""
    allowed = FIELDS[field]
    if not re.fullmatch("[0-9]{2}", code):
        raise CourseError(
            name,
            f"its field '{field}' is '{code}', which is not two digits",
            f"A RAVDESS name is {PATTERN}, two digits each",
        )
    if not 1 <= int(code) <= len(allowed):
        raise CourseError(name, f"its field '{field}' is '{code}'", f"Allowed are {_spelled_out(allowed)}")
    return allowed[int(code) - 1]


def _code(field, value):
    """The two-digit code of `value` in `field`."""
    check_choice(field, value, FIELDS[field])
    return f"{FIELDS[field].index(value) + 1:02d}"


def _spelled_out(allowed):
    """The codes of a field for a message: "01 to 24" for numbers, "01 speech, 02 song" for words."""
    if isinstance(allowed[0], int):
        return f"01 to {len(allowed):02d}"
    return ", ".join(f"{code:02d} {value}" for code, value in enumerate(allowed, start=1))
