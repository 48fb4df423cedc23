"""SAVEE: what its file names mean, and a folder of its clips as a table; the same for your own recordings.

In the Surrey Audio-Visual Expressed Emotion corpus four men, speakers of British English, say 120 sentences
each in seven emotions (wav, 44.1 kHz). Project IIITA trained its speech networks on it and on 853 recordings
of its own. Researchers get SAVEE after registration, and it must not be passed on:
http://kahlan.eps.surrey.ac.uk/savee/.

Source: Haq & Jackson (2009), Speaker-dependent audio-visual emotion recognition, AVSP 2009, 53-58."""

import re
import warnings
from pathlib import Path
from typing import Any

import pandas as pd

from course_lib.core.errors import CourseError
from course_lib.core.labels import OF_SAVEE as EMOTIONS
from course_lib.core.names import check_choice, did_you_mean
from course_lib.datasets import clip_files, fer2013

SPEAKERS = ("DC", "JE", "JK", "KL")
SENTENCES = {emotion: 30 if emotion == "neutral" else 15 for emotion in EMOTIONS.values()}  # of each speaker
GET_IT = "register at http://kahlan.eps.surrey.ac.uk/savee/ (it must not be passed on)"
OWN = (
    "make a folder for each class (angry, happy …), with file names that begin with the speaker's name: "
    "angry/anna_01.wav"
)


def parse_name(path: str | Path) -> dict[str, Any]:
    """Read the fields of a SAVEE file name: `DC_a01.wav`, all in one folder, or `DC/a01.wav`.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    dict
        `emotion` (one of the course's seven), `sentence` (int; 1 to 15, neutral to 30), `actor` ("DC" …) and
        `gender`.

    Raises
    ------
    CourseError
        If the name is not SAVEE's. The message tells what is wrong and what is allowed.

    Notes
    -----
    Used in lesson 12.

    Examples
    --------
    >>> parse_name("DC_su03.wav")
    {'emotion': 'surprise', 'sentence': 3, 'actor': 'DC', 'gender': 'male'}
    """
    path = Path(path)
    found = re.fullmatch(r"(?:([A-Za-z]{2})_)?([a-z]{1,2})([0-9]{2})", path.stem)
    if not found:
        raise CourseError(
            path, "its name is not a SAVEE name", "A SAVEE name has the form DC_a01.wav, or DC/a01.wav"
        )
    actor, code, sentence = (found[1] or path.parent.name).upper(), found[2], int(found[3])
    if actor not in SPEAKERS:
        raise CourseError(
            path,
            f"its speaker is '{actor}'",
            f"Allowed are {', '.join(SPEAKERS)}, before the name or as the name of its folder",
        )
    if code not in EMOTIONS:
        raise CourseError(path, f"its emotion is '{code}'", f"Allowed are {_spelled_out()}")
    if not 1 <= sentence <= SENTENCES[EMOTIONS[code]]:
        raise CourseError(
            path,
            f"its sentence is '{sentence:02d}'",
            f"{EMOTIONS[code]} has 01 to {SENTENCES[EMOTIONS[code]]}",
        )
    return {"emotion": EMOTIONS[code], "sentence": sentence, "actor": actor, "gender": "male"}


def format_name(emotion: str, sentence: int, actor: str) -> str:
    """Make the name of a SAVEE recording, without ending: the inverse of `parse_name`.

    Parameters
    ----------
    emotion : str
        One of the course's seven.
    sentence : int
    actor : {"DC", "JE", "JK", "KL"}

    Returns
    -------
    str

    Raises
    ------
    CourseError
        If a value is not allowed.

    Examples
    --------
    >>> format_name("surprise", 3, "DC")
    'DC_su03'
    """
    codes = {word: code for code, word in EMOTIONS.items()}
    check_choice("emotion", emotion, codes)
    check_choice("actor", actor, SPEAKERS)
    name = f"{actor}_{codes[emotion]}{sentence:02d}"
    parse_name(name)
    return name


def table(folder: str | Path | None) -> pd.DataFrame:
    """Make a table of SAVEE's clips in a folder and all folders below it.

    Parameters
    ----------
    folder : str or path

    Returns
    -------
    pd.DataFrame
        One row for each file, sorted by path. Columns: `path` (str), `modality`, `vocal_channel`, `emotion`,
        `sentence` (int), `actor`, `gender`, `recording` ("DC_a01") and `corpus`. If a sentence is there in
        both layouts, the first file is used, with a `UserWarning`.

    Raises
    ------
    CourseError
        As in `clip_files.table`.

    Notes
    -----
    Used in lesson 12.
    """
    found = clip_files.table(folder, _row, "SAVEE", GET_IT)
    again = found["recording"].duplicated()
    if again.any():
        warnings.warn(
            f"{folder}: there are two files for {again.sum()} sentences; one file of each is left out",
            stacklevel=2,
        )
    return found[~again].reset_index(drop=True).assign(corpus="SAVEE")


def own_recordings(folder: str | Path | None) -> pd.DataFrame:
    """Make a table of your own recordings, IIITA's second source.

    Parameters
    ----------
    folder : str or path
        It contains a folder for each class, spelt in one of the ways of `labels.SPELLINGS`. A file name
        begins with the speaker's name (`angry/anna_01.wav`), because a speaker-independent split needs it.
        Files with other names are left out. Upper and lower case count as the same speaker.

    Returns
    -------
    pd.DataFrame
        As from `table`, without `sentence` and `gender`.

    Raises
    ------
    CourseError
        As in `clip_files.table`.

    Notes
    -----
    Used in lesson 12.
    """
    return clip_files.table(folder, _own_row, "own", OWN).assign(corpus="own recordings")


def both(savee_dir: str | Path | None = None, own_dir: str | Path | None = None) -> pd.DataFrame:
    """Make one table of SAVEE and of your own recordings: IIITA's two sources.

    Parameters
    ----------
    savee_dir, own_dir : str or path, optional
        The folders for `table` and for `own_recordings`. One of them is enough.

    Returns
    -------
    pd.DataFrame
        The rows of `table`, then those of `own_recordings`.

    Raises
    ------
    CourseError
        If no folder is given; or as `table` and `own_recordings` do.

    Notes
    -----
    Used in lesson 12.
    """
    pairs = ((table, savee_dir), (own_recordings, own_dir))
    tables = [read(place) for read, place in pairs if place]
    if not tables:
        raise CourseError("savee.both", "no folder is given", "Give SAVEE_DIR, OWN_DIR or both")
    return pd.concat(tables, ignore_index=True)


def _row(path):
    fields = parse_name(path)
    recording = format_name(fields["emotion"], fields["sentence"], fields["actor"])
    return {
        "path": str(path),
        "modality": "audio-only",
        "vocal_channel": "speech",
        **fields,
        "recording": recording,
    }


def _own_row(path):
    (actor, _, rest), word = path.stem.casefold().partition("_"), path.parent.name.lower()
    if not actor or not rest:
        raise CourseError(
            path, "its name does not begin with the speaker's name", "Rename it, for example to anna_01.wav"
        )
    if word not in fer2013.LABELS:
        raise CourseError(
            path,
            f"its folder '{path.parent.name}' is not one of the seven classes",
            f"{did_you_mean(word, fer2013.LABELS)}Choose from {', '.join(fer2013.EMOTIONS)}",
        )
    return {
        "path": str(path),
        "modality": "audio-only",
        "vocal_channel": "speech",
        "emotion": fer2013.EMOTIONS[fer2013.LABELS[word]],
        "actor": actor,
        "recording": f"{word}/{path.stem}",
    }


def _spelled_out():
    return ", ".join(f"{code} {emotion}" for code, emotion in EMOTIONS.items())
