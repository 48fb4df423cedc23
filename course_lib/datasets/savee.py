"""SAVEE: what its file names say, and a folder of its sentences as a table; and one's own recordings
likewise.

Surrey Audio-Visual Expressed Emotion: four men, speakers of British English, say 120 sentences each in seven
emotions, 44.1 kHz wav. IIITA trained its speech networks on it and on 853 recordings of its own. SAVEE is
handed out on registration, to researchers, and may not be passed on: http://kahlan.eps.surrey.ac.uk/savee/.
Source: Haq & Jackson (2009), Speaker-dependent audio-visual emotion recognition, AVSP 2009, 53-58."""

import re
import warnings
from pathlib import Path

import pandas as pd

from course_lib.core.errors import CourseError
from course_lib.core.labels import OF_SAVEE as EMOTIONS
from course_lib.datasets import clip_files, fer2013

SPEAKERS = ("DC", "JE", "JK", "KL")
SENTENCES = {emotion: 30 if emotion == "neutral" else 15 for emotion in EMOTIONS.values()}  # of each speaker
GET_IT = "register at http://kahlan.eps.surrey.ac.uk/savee/, nobody may pass it on"
OWN = (
    "a folder for each class (angry, happy …), each file's name beginning with who speaks: angry/anna_01.wav"
)


def parse_name(path) -> dict:
    """What the name of a SAVEE file says, in either layout: `DC_a01.wav`, all in one folder, or `DC/a01.wav`.

    Returns `emotion` (word, as FER2013's classes), `sentence` (int; 1 to 15, neutral to 30), `actor` ("DC" …)
    and `gender`. Raises `CourseError` that says what is wrong and what is allowed."""
    path = Path(path)
    found = re.fullmatch(r"(?:([A-Za-z]{2})_)?([a-z]{1,2})([0-9]{2})", path.stem)
    if not found:
        raise CourseError(path, "this is no SAVEE name", "It has the form DC_a01.wav, or DC/a01.wav")
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


def format_name(emotion, sentence, actor) -> str:
    """The inverse of `parse_name`: "DC_a01", without ending. Raises `CourseError` as that does."""
    codes = {word: code for code, word in EMOTIONS.items()}
    name = f"{actor}_{codes.get(emotion, emotion)}{sentence:02d}"
    parse_name(name)
    return name


def table(folder) -> pd.DataFrame:
    """The clips of SAVEE in `folder` and all folders below, one row a file, sorted by path.

    Columns: `path` (str), `modality`, `vocal_channel`, `emotion` (words), `sentence` (int), `actor`,
    `gender`, `recording` ("DC_a01"), and `corpus`. Of a sentence that is there in both layouts the first file
    is taken, with a `UserWarning`. What else is left out, and errors, are those of `clip_files.table`."""
    found = clip_files.table(folder, _row, "SAVEE", GET_IT)
    again = found["recording"].duplicated()
    if again.any():
        warnings.warn(
            f"{folder}: {again.sum()} sentences are there twice, one file of each is left out", stacklevel=2
        )
    return found[~again].reset_index(drop=True).assign(corpus="SAVEE")


def own_recordings(folder) -> pd.DataFrame:
    """One's own recordings, IIITA's second source, as a table: a folder for each class, below `folder`.

    A file's name begins with who speaks (`angry/anna_01.wav`): without that no split can keep a voice on one
    side, so such a file is left out. Anna and anna are one. Folders may be called as FER2013's classes are
    spelled anywhere (`fer2013.SPELLINGS`). Columns as of `table`, but for `sentence` and `gender`, which
    nobody knows."""
    return clip_files.table(folder, _own_row, "own", OWN).assign(corpus="own recordings")


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
        raise CourseError(path, "its name does not begin with who speaks", "Call it anna_01.wav or the like")
    if word not in fer2013.LABELS:
        raise CourseError(
            path,
            f"its folder '{path.parent.name}' is none of the seven classes",
            f"Allowed are {', '.join(fer2013.EMOTIONS)}",
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
