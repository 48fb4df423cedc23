"""RAVDESS: what its file names say, and a folder of its clips as a table (lecture 14 at 01:01).

The Ryerson Audio-Visual Database of Emotional Speech and Song: 24 actors speak (and sing) two sentences in
eight emotions. Every file name spells out what was recorded: modality-vocal
channel-emotion-intensity-statement-repetition- actor, two digits each. Source: Livingstone and Russo (2018),
PLoS ONE 13(5): e0196391, doi 10.1371/journal.pone.0196391."""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from course_lib.core.errors import CourseError
from course_lib.core.labels import RAVDESS_EMOTIONS as EMOTIONS
from course_lib.datasets import clip_files

STATEMENTS = {"kids": "Kids are talking by the door", "dogs": "Dogs are sitting by the door"}

# The fields in the order of the name; the code of a value is its place, counted from 01.
FIELDS = {
    "modality": ("audio-video", "video-only", "audio-only"),
    "vocal_channel": ("speech", "song"),
    "emotion": EMOTIONS,
    "intensity": ("normal", "strong"),
    "statement": tuple(STATEMENTS),
    "repetition": (1, 2),
    "actor": tuple(range(1, 25)),
}
# The five speaker-independent folds that published scores on RAVDESS are compared on: each is tested once
# (lesson 07).
ACTOR_FOLDS = (
    (2, 5, 14, 15, 16),
    (3, 6, 7, 13, 18),
    (10, 11, 12, 19, 20),
    (8, 17, 21, 23, 24),
    (1, 4, 9, 22),
)
PATTERN = "-".join(FIELDS)
GET_IT = "course fetch ravdess-speech"


def parse_name(name) -> dict:
    """What a RAVDESS file name says (lecture 14 at 01:01).

    `name` is a name or a path, with or without its ending. Returns `modality`, `vocal_channel`, `emotion`,
    `intensity`, `statement` and `gender` as words, `repetition` and `actor` as int; odd actors are male, even
    ones female. Raises `CourseError` (a `ValueError`) that says which field is wrong, its value and what is
    allowed; there is no neutral with strong intensity."""
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


def format_name(**fields) -> str:
    """The inverse of `parse_name`: the base name, without ending, of a recording with these fields (lecture
    14 at 01:01).

    Takes every field that `parse_name` gives; `gender` may be left out, since the actor's number says it.
    Raises `CourseError` for a field that is missing, unknown or contradicted, and for a value that is not
    allowed."""
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


def row(path) -> dict:
    """A clip's row of `table`: its `path` (str), what its name says, and `recording`, the name without its
    modality.
    """
    return {"path": str(path), **parse_name(path), "recording": Path(path).stem.split("-", 1)[1]}


def table(folder) -> pd.DataFrame:
    """The clips (mp4, wav, flac) in `folder` and all folders below, one row a file, sorted by path.

    Columns: `path` (str), `modality`, `vocal_channel`, `emotion`, `intensity`, `statement` (words),
    `repetition`, `actor` (int), `gender`, and `recording`, the name without its modality
    ("01-05-02-01-01-12"): rows that share a `recording` are one recording in several modalities or formats.
    Source of the fields: lecture 14 at 01:01.

    Clips whose names are not RAVDESS names are left out and listed in a `UserWarning`. Files and folders
    whose names begin with a dot (macOS leaves such behind) are ignored. Raises `CourseError` when the folder
    is None or missing, is a file, or holds no RAVDESS clip."""
    return clip_files.table(folder, row, "RAVDESS", GET_IT)


def actor_folds(table) -> list[tuple[np.ndarray, np.ndarray]]:
    """The five published folds of actors (`ACTOR_FOLDS`) as row positions of a `table`: (train_index,
    test_index).
    """
    tested = [table["actor"].isin(actors).to_numpy() for actors in ACTOR_FOLDS]
    return [(np.flatnonzero(~test), np.flatnonzero(test)) for test in tested]


def _value(name, field, code):
    """The value that a two-digit `code` stands for in `field`."""
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
    """The two digits that stand for `value` in `field`."""
    if value not in FIELDS[field]:
        raise CourseError(
            "RAVDESS name",
            f"its field '{field}' is {value!r}",
            f"Allowed are {', '.join(map(str, FIELDS[field]))}",
        )
    return f"{FIELDS[field].index(value) + 1:02d}"


def _spelled_out(allowed):
    """What a field allows, for a message: "01 to 24" for numbers, "01 speech, 02 song" for words."""
    if isinstance(allowed[0], int):
        return f"01 to {len(allowed):02d}"
    return ", ".join(f"{code:02d} {value}" for code, value in enumerate(allowed, start=1))
