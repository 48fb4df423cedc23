"""Embeddings of the speech corpora by a frozen network. They come with the course: a probe runs offline.

`read("ravdess")` gives one row of 512 numbers for each of RAVDESS's 1,440 utterances. Each file lies in the
folder of its corpus, because it is under the licence of the corpus. Whisper-base's encoder made them
(`models.speech_encoder`, lesson 16); reading them needs no Keras."""

import json
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from course_lib.core.errors import CourseError
from course_lib.core.io import read_npz
from course_lib.core.names import check_choice
from course_lib.datasets import crema_d, embedded, emodb, ravdess

FILE = "whisper_base_encoder.npz"
PARSERS = {"crema_d": crema_d.parse_name, "emodb": emodb.parse_name, "ravdess": ravdess.parse_name}
AGAIN = "Install the course again"


class Embeddings(NamedTuple):
    """The embeddings of a corpus.

    Attributes
    ----------
    table : pd.DataFrame
        One row for each recording: what its name tells, and `recording`, as in the corpus's own `table`.
    X : np.ndarray
        float32 (n, 512), in the order of `table`.
    about : dict
        What made them: `preset`, `layer`, `pooling`, `padding`, `licence`, and `weights`, a dict with the
        `file`, `format`, `precision` and `sha256` of the weights.
    """

    table: pd.DataFrame
    X: np.ndarray
    about: dict[str, Any]


def names() -> list[str]:
    """List the corpora whose embeddings this copy of the course holds.

    Returns
    -------
    list of str
        A release may leave some out, because of their licences.

    Examples
    --------
    >>> "emodb" in names()
    True
    """
    return [corpus for corpus in embedded.names() if (embedded.FOLDER / corpus / FILE).is_file()]


def read(corpus: str) -> Embeddings:
    """Read the embeddings of a corpus by Whisper-base's encoder.

    Parameters
    ----------
    corpus : {"ravdess", "emodb", "crema_d"}
        All 1,440 utterances of RAVDESS; the 339 of EmoDB and the 19 of CREMA-D that come with the course.

    Returns
    -------
    Embeddings
        With `table`, `X` and `about`.

    Raises
    ------
    CourseError
        If this copy of the course does not hold them, or the file is damaged.

    Notes
    -----
    Used in lessons 16 and 17.

    Examples
    --------
    >>> table, X, about = read("emodb")
    >>> len(table), X.shape, about["layer"]
    (339, (339, 512), 6)
    """
    check_choice("corpus with embeddings", corpus, names())
    path = embedded.folder(corpus) / FILE
    found = read_npz(path, "embeddings", AGAIN, ["names", "X", "about"])
    fits = len(found) == 3 and found["X"].ndim == 2 and found["names"].shape == found["X"].shape[:1]
    if not (fits and np.isfinite(found["X"]).all()):
        raise CourseError(path, "its embeddings do not fit the names of the recordings", AGAIN)
    table = pd.DataFrame([_row(corpus, name) for name in found["names"].tolist()])
    return Embeddings(table, found["X"].astype(np.float32), json.loads(str(found["about"])))


def _row(corpus, name):
    fields = {"name": name, "modality": "audio-only", "vocal_channel": "speech", **PARSERS[corpus](name)}
    return fields | {"recording": name.split("-", 1)[1] if corpus == "ravdess" else name}
