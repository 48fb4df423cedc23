"""EmoDB: what its file names mean, a folder of its recordings as a table, and what its listeners heard.

In the Berlin Database of Emotional Speech ten actors say ten everyday German sentences in seven emotions.
Twenty people (for some recordings 21) then listened, chose an emotion, and judged whether it sounded natural.
At least 80 % of the listeners recognised each of the 535 published recordings. 339 of these come with the
course (`embedded.folder("emodb")`).

Source: Burkhardt et al. (2005), A database of German emotional speech, Interspeech 2005, 1517-1520,
doi 10.21437/Interspeech.2005-446. What the codes mean: http://emodb.bilderbar.info/docu/."""

import re
from pathlib import Path
from typing import Any

import pandas as pd

from course_lib.core.errors import CourseError
from course_lib.core.labels import OF_EMODB as EMOTIONS
from course_lib.datasets import clip_files, embedded

SPEAKERS = {
    "03": "male",
    "08": "female",
    "09": "female",
    "10": "male",
    "11": "male",
    "12": "male",
    "13": "female",
    "14": "female",
    "15": "male",
    "16": "female",
}
STATEMENTS = {
    "a01": "Der Lappen liegt auf dem Eisschrank.",
    "a02": "Das will sie am Mittwoch abgeben.",
    "a04": "Heute Abend könnte ich es ihm sagen.",
    "a05": "Das schwarze Stück Papier befindet sich da oben neben dem Holzstück.",
    "a07": "In sieben Stunden wird es soweit sein.",
    "b01": "Was sind denn das für Tüten, die da unter dem Tisch stehen?",
    "b02": "Sie haben es gerade hochgetragen und jetzt gehen sie wieder runter.",
    "b03": "An den Wochenenden bin ich jetzt immer nach Hause gefahren und habe Agnes besucht.",
    "b09": "Ich will das eben wegbringen und dann mit Karl was trinken gehen.",
    "b10": "Die wird auf dem Platz sein, wo wir sie immer hinlegen.",
}
GET_IT = 'use what comes with the course, embedded.folder("emodb"), or unpack a download of EmoDB'
LISTENING_TEST = "listening_test.csv"


def parse_name(path: str | Path) -> dict[str, Any]:
    """Read the fields of an EmoDB file name: speaker, sentence, emotion and version, as in `03a01Fa.wav`.

    Parameters
    ----------
    path : str or path
        With or without its ending.

    Returns
    -------
    dict
        `emotion` (one of the course's seven, or "boredom"), `statement` ("a01" …, see `STATEMENTS`),
        `version` ("a" …), `actor` ("03" …) and `gender`.

    Raises
    ------
    CourseError
        If the name is not EmoDB's. The message tells what is wrong and what is allowed.

    Examples
    --------
    >>> parse_name("03a01Fa.wav")
    {'emotion': 'happy', 'statement': 'a01', 'version': 'a', 'actor': '03', 'gender': 'male'}
    """
    found = re.fullmatch(r"([0-9]{2})([a-z][0-9]{2})([A-Z])([a-z])", Path(path).stem)
    if not found:
        raise CourseError(
            path,
            "its name is not an EmoDB name",
            "An EmoDB name has the form 03a01Fa.wav: speaker, sentence, letter of the emotion, version",
        )
    actor, statement, letter, version = found.groups()
    for field, value, allowed in (
        ("speaker", actor, SPEAKERS),
        ("sentence", statement, STATEMENTS),
        ("emotion", letter, [f"{code} {word}" for code, word in EMOTIONS.items()]),
    ):
        if value not in (EMOTIONS if field == "emotion" else allowed):
            raise CourseError(path, f"its {field} is '{value}'", f"Allowed are {', '.join(allowed)}")
    return {
        "emotion": EMOTIONS[letter],
        "statement": statement,
        "version": version,
        "actor": actor,
        "gender": SPEAKERS[actor],
    }


def table(folder: str | Path | None) -> pd.DataFrame:
    """Make a table of EmoDB's recordings in a folder and all folders below it, with their listeners' votes.

    Parameters
    ----------
    folder : str or path
        `embedded.folder("emodb")`, or the folder of a full download.

    Returns
    -------
    pd.DataFrame
        One row for each file, sorted by path. Columns: `path` (str), `modality`, `vocal_channel`, `emotion`,
        `statement`, `version`, `actor` (str), `gender`, `recording` ("03a01Fa"), `recognised` and `natural`
        (see `listening_test`; NaN for a recording that was not tested) and `corpus`.

    Raises
    ------
    CourseError
        As in `clip_files.table`.

    Examples
    --------
    >>> found = table(embedded.folder("emodb"))
    >>> found["emotion"].value_counts().to_dict()
    {'angry': 127, 'neutral': 79, 'happy': 71, 'sad': 62}
    """
    found = clip_files.table(folder, _row, "EmoDB", GET_IT)
    heard = listening_test().set_index("recording")[["recognised", "natural"]]
    return found.join(heard, on="recording").assign(corpus="EmoDB")


def listening_test() -> pd.DataFrame:
    """Read the listening test of all 816 recordings, published or not.

    Returns
    -------
    pd.DataFrame
        Columns: `recording` ("03a01Fa"), `actor`, `gender`, `statement`, `version`, `emotion`, `recognised`
        (the fraction of listeners who chose the intended emotion, 0 to 1), `natural` (the fraction who
        found it natural) and `public` (bool: among the 535 published recordings).

    Notes
    -----
    Each fraction is a multiple of 1/20 or of 1/21, rounded. The test does not tell which other emotion a
    listener chose. The makers wanted at least 60 % of the listeners to find a recording natural, but 42 of
    the 535 published ones have less. Used in lesson 15.

    Examples
    --------
    >>> heard = listening_test()
    >>> len(heard), int(heard["public"].sum())
    (816, 535)
    """
    raw = pd.read_csv(embedded.folder("emodb") / LISTENING_TEST, comment="#", dtype={"name": str})
    fields = pd.DataFrame([parse_name(name) for name in raw["name"]])
    return pd.DataFrame(
        {
            "recording": raw["name"],
            **{column: fields[column] for column in ("actor", "gender", "statement", "version", "emotion")},
            "recognised": raw["recognised_percent"] / 100,
            "natural": raw["natural_percent"] / 100,
            "public": raw["in_public_set"].astype(bool),
        }
    )


def _row(path):
    return {
        "path": str(path),
        "modality": "audio-only",
        "vocal_channel": "speech",
        **parse_name(path),
        "recording": Path(path).stem,
    }
