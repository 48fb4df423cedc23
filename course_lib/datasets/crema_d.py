"""CREMA-D: what its file names mean, a folder of its clips as a table, and what people saw and heard in them.

In the Crowd-sourced Emotional Multimodal Actors Dataset 91 actors say twelve sentences in six emotions. 2,443
people then rated the 7,442 clips: for each clip about ten people chose an emotion from the voice alone, about
ten from the face alone, and about ten from both. These votes come with the course, and so do ten faces
without sound and 19 voices (`embedded.folder("crema_d")`).

The votes, and every table that you join from them, stay under the Open Database License (ODbL 1.0). The clips
are under the Database Contents License (DbCL 1.0).

Source: Cao et al. (2014), CREMA-D: Crowd-sourced Emotional Multimodal Actors Dataset, IEEE Transactions on
Affective Computing 5(4): 377-390, doi 10.1109/TAFFC.2014.2336244."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from course_lib.core.errors import CourseError
from course_lib.core.io import check_table, read_npz
from course_lib.core.labels import OF_CREMA_D as EMOTIONS
from course_lib.datasets import clip_files, credits, embedded

STATEMENTS = {
    "IEO": "It's eleven o'clock.",
    "TIE": "That is exactly what happened.",
    "IOM": "I'm on my way to the meeting.",
    "IWW": "I wonder what this is about.",
    "TAI": "The airplane is almost full.",
    "MTI": "Maybe tomorrow it will be cold.",
    "IWL": "I would like a new alarm clock.",
    "ITH": "I think I have a doctor's appointment.",
    "DFA": "Don't forget a jacket.",
    "ITS": "I think I've seen this before.",
    "TSI": "The surface is slick.",
    "WSI": "We'll stop in a couple of minutes.",
}
INTENSITIES = {"LO": "low", "MD": "medium", "HI": "high", "XX": "unspecified"}
# What the raters met, in the order of the first digit of a row's name in the original table.
MODALITIES = {"1": "audio-only", "2": "video-only", "3": "audio-video"}
VOTES = {code[0]: emotion for code, emotion in EMOTIONS.items()}  # A D F H S N: the original table's columns
FORM = "1001_DFA_ANG_XX: actor, sentence, emotion, intensity"
SILENT = "_silent"  # at the end of the name of a film whose sound was left out
ENDINGS = (".wav", ".flac", ".mp4", ".flv")
GET_IT = (
    'use what comes with the course, embedded.folder("crema_d"), or download the sound of all clips: '
    "course fetch crema-d"
)
ORIGINAL_VOTES = "tabulatedVotes.csv"


def parse_name(path: str | Path) -> dict[str, Any]:
    """Read the fields of a CREMA-D file name, as in `1001_DFA_ANG_XX.wav`.

    Parameters
    ----------
    path : str or path
        With or without its ending. `_silent` at the end of the name is allowed.

    Returns
    -------
    dict
        `emotion` (one of the course's seven; CREMA-D has no surprise), `intensity` ("low", "medium" or "high"
        for the sentence IEO, "unspecified" for the other sentences and for neutral), `statement` ("DFA" …,
        see `STATEMENTS`), `actor` (int, 1001 to 1091), and the actor's `gender` and `age` in years.

    Raises
    ------
    CourseError
        If the name is not CREMA-D's. The message tells what is wrong and what is allowed.

    Examples
    --------
    >>> fields = parse_name("1001_DFA_ANG_XX.wav")
    >>> fields["emotion"], fields["statement"], fields["actor"], fields["gender"], fields["age"]
    ('angry', 'DFA', 1001, 'male', 51)
    """
    found = re.fullmatch(r"([0-9]{4})_([A-Z]{3})_([A-Z]{3})_([A-Z]{2})", _recording(path))
    if not found:
        raise CourseError(path, "its name is not a CREMA-D name", f"A CREMA-D name has the form {FORM}")
    actor, statement, emotion, intensity = found.groups()
    for field, value, allowed in (
        ("sentence", statement, STATEMENTS),
        ("emotion", emotion, EMOTIONS),
        ("intensity", intensity, INTENSITIES),
    ):
        if value not in allowed:
            raise CourseError(path, f"its {field} is '{value}'", f"Allowed are {', '.join(allowed)}")
    if int(actor) not in _actors():
        raise CourseError(path, f"its actor is '{actor}'", "Allowed are 1001 to 1091")
    return {
        "emotion": EMOTIONS[emotion],
        "intensity": INTENSITIES[intensity],
        "statement": statement,
        "actor": int(actor),
        **_actors()[int(actor)],
    }


def table(folder: str | Path | None) -> pd.DataFrame:
    """Make a table of CREMA-D's clips (wav, flac, mp4, flv) in a folder and all folders below it.

    Parameters
    ----------
    folder : str or path
        `embedded.folder("crema_d")`, or the folder of a full download.

    Returns
    -------
    pd.DataFrame
        One row for each file, sorted by path. Columns: `path` (str), `modality`, `vocal_channel`, `emotion`
        (what the actor was asked to show), `intensity`, `statement`, `actor` (int), `gender`, `age`,
        `recording` ("1001_DFA_ANG_XX") and `corpus`. A film is "audio-video", or "video-only" if its name
        ends with `_silent`.

    Raises
    ------
    CourseError
        As in `clip_files.table`.

    Notes
    -----
    Clips with other names are left out and listed in a `UserWarning`.

    Examples
    --------
    >>> found = table(embedded.folder("crema_d"))
    >>> found["modality"].value_counts().to_dict()
    {'audio-only': 19, 'video-only': 10}
    """
    return clip_files.table(folder, _row, "CREMA-D", GET_IT, endings=ENDINGS).assign(corpus="CREMA-D")


def votes(path: str | Path | None = None) -> pd.DataFrame:
    """Read what people saw and heard: the votes for each clip, by voice alone, by face alone and by both.

    Parameters
    ----------
    path : str or path, optional
        CREMA-D's own `tabulatedVotes.csv`, or a folder that contains it, such as a full download. By default
        the compact table that comes with the course, which has the same votes.

    Returns
    -------
    pd.DataFrame
        22,326 rows, three for each of the 7,442 clips. Columns: `recording`, `actor` (int), `statement`,
        `emotion` (what the actor was asked to show), `intensity`, `modality` ("audio-only", "video-only" or
        "audio-video": what the raters met), and the number of votes for `angry`, `disgust`, `fear`, `happy`,
        `sad` and `neutral`. The table is under the ODbL 1.0, and so is every table that you join from it
        (`attrs["licence"]`).

    Raises
    ------
    CourseError
        If the file is missing, is not the table of votes, or a name or a count is wrong.

    Notes
    -----
    4 to 12 people rated each clip in each modality, 9.5 on average. Used in lesson 15.

    Examples
    --------
    >>> found = votes()
    >>> clip = found[found["recording"] == "1085_TIE_ANG_XX"]
    >>> clip[["modality", "angry", "disgust", "neutral"]].to_numpy().tolist()
    [['audio-only', 7, 2, 1], ['video-only', 2, 4, 3], ['audio-video', 4, 5, 0]]
    """
    source = embedded.folder("crema_d") / "votes.csv.gz" if path is None else _votes_file(path)
    if path is not None and Path(source).suffix != ".gz":
        check_table(source, f"Give CREMA-D's {ORIGINAL_VOTES}")
    try:
        raw = pd.read_csv(source, comment="#", keep_default_na=False)
    except (ValueError, OSError, EOFError) as error:  # pandas' errors, and those of a damaged .gz
        raise CourseError(
            source, f"it cannot be read as a csv ({error})", f"Give CREMA-D's {ORIGINAL_VOTES}"
        ) from error
    credits.used("crema_d", source)
    if path is not None:
        raw = _compact(raw, source)
    raw = raw.sort_values(["recording", "modality"], key=_order, kind="stable", ignore_index=True)
    for name in raw["recording"].drop_duplicates():
        parse_name(name)
    counts = _counts(raw, source)
    fields = raw["recording"].str.split("_", expand=True)
    found = pd.DataFrame(
        {
            "recording": raw["recording"],
            "actor": fields[0].astype(int),
            "statement": fields[1],
            "emotion": fields[2].map(EMOTIONS),
            "intensity": fields[3].map(INTENSITIES),
            "modality": raw["modality"],
            **{emotion: counts[letter] for letter, emotion in VOTES.items()},
        }
    )
    found.attrs["licence"] = "CREMA-D's votes, Cao et al. 2014, Open Database License (ODbL) 1.0"
    return found


def join_votes(table: pd.DataFrame) -> pd.DataFrame:
    """Add the votes that people gave for each clip of a table, in the clip's own modality.

    Parameters
    ----------
    table : pd.DataFrame
        From `table`.

    Returns
    -------
    pd.DataFrame
        The table with six more columns: the number of votes for `angry`, `disgust`, `fear`, `happy`, `sad`
        and `neutral`. A face without sound gets the votes for the face alone. The result is under the ODbL
        1.0.

    Examples
    --------
    >>> found = join_votes(table(embedded.folder("crema_d")))
    >>> row = found[found["recording"] == "1085_TIE_ANG_XX"].iloc[0]
    >>> row["emotion"], row["modality"], int(row["angry"]), int(row["disgust"])
    ('angry', 'video-only', 2, 4)
    """
    every = votes()
    counts = every[["recording", "modality", *VOTES.values()]]
    found = table.merge(counts, on=["recording", "modality"], how="left", validate="many_to_one")
    found.attrs["licence"] = every.attrs["licence"]
    return found


def checksums() -> pd.DataFrame:
    """Return name, size and SHA-256 of the official wav files (`AudioWAV`), from their makers' repository.

    Returns
    -------
    pd.DataFrame
        7,439 rows. Columns: `recording`, `bytes` (int) and `sha256` (64 hexadecimal digits).

    Notes
    -----
    Three of the 7,442 clips are missing: 1006_TIE_HAP_XX, 1013_WSI_DIS_XX and 1017_IWW_ANG_XX. People who
    compared their copies of CREMA-D report that these have the same sound as 1006_TIE_NEU_XX,
    1013_WSI_SAD_XX and 1017_IWW_FEA_XX, so one label of each pair is wrong. They also report that
    1076_MTI_SAD_XX is silent. `course fetch crema-d` leaves the three out.

    Examples
    --------
    >>> found = checksums()
    >>> len(found), int(found["bytes"].sum())
    (7439, 605686258)
    """
    path = embedded.folder("crema_d") / "audio_wav_sha256.npz"
    file = read_npz(path, "checksums", "Install the course again")
    return pd.DataFrame(
        {
            "recording": file["recording"].astype(str),
            "bytes": file["bytes"].astype(np.int64),
            "sha256": [row.tobytes().hex() for row in file["sha256"]],
        }
    )


@lru_cache
def _actors():
    """Gender and age of each actor, by number."""
    actors = pd.read_csv(embedded.folder("crema_d") / "VideoDemographics.csv")
    return {row.ActorID: {"gender": row.Sex.lower(), "age": row.Age} for row in actors.itertuples()}


def _recording(path):
    return Path(path).stem.removesuffix(SILENT)


def _row(path):
    filmed = path.suffix.lower() in (".mp4", ".flv")
    silent = path.stem.endswith(SILENT)
    return {
        "path": str(path),
        "modality": ("video-only" if silent else "audio-video") if filmed else "audio-only",
        "vocal_channel": "speech",
        **parse_name(path),
        "recording": _recording(path),
    }


def _votes_file(path):
    """The original table of votes: `path`, or the one file of this name below the folder `path`."""
    path = Path(path).expanduser()
    if path.is_file():
        return path
    found = sorted(path.rglob(f"{ORIGINAL_VOTES}*")) if path.is_dir() else []
    if not found:
        raise CourseError(
            path,
            f"there is no {ORIGINAL_VOTES}",
            "Give the file or its folder, or leave it out: the votes come with the course",
        )
    return found[0]


def _compact(raw, source):
    """The compact table from the original one, whose row names begin with the digit of the modality."""
    missing = [column for column in ("fileName", *VOTES) if column not in raw.columns]
    modality = raw.iloc[:, 0].astype(str).str[0].map(MODALITIES)
    if missing or modality.isna().any():
        problem = (
            f"it has no column {', '.join(missing)}" if missing else "a row's name begins with no 1, 2 or 3"
        )
        raise CourseError(source, problem, f"Give CREMA-D's {ORIGINAL_VOTES}")
    return raw.rename(columns={"fileName": "recording"}).assign(modality=modality)[
        ["recording", "modality", *VOTES]
    ]


def _order(column):
    """Modalities in the order of `MODALITIES`, recordings as they are."""
    return column.map(list(MODALITIES.values()).index) if column.name == "modality" else column


def _counts(raw, source):
    """The columns of votes as small integers."""
    counts = raw[list(VOTES)].apply(pd.to_numeric, errors="coerce")
    wrong = ~((counts >= 0) & (counts % 1 == 0)).all(axis=1)
    if wrong.any():
        row = raw[wrong].iloc[0]
        raise CourseError(
            source,
            f"the votes of {row['recording']} are not whole numbers",
            f"Give CREMA-D's unchanged {ORIGINAL_VOTES}",
        )
    return counts.astype(np.int64)
