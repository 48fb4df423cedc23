"""FER+: the votes of ten raters for each face of FER2013 (lesson 11).

Source: Barsoum et al. (2016), "Training Deep Networks for Facial Expression Recognition with Crowd-Sourced
Label Distribution", arXiv:1608.01041, MIT licence."""

from pathlib import Path

import numpy as np
import pandas as pd

from course_lib.core.errors import CourseError
from course_lib.core.labels import OF_FERPLUS

VOTES = (
    "neutral",
    "happiness",
    "surprise",
    "sadness",
    "anger",
    "disgust",
    "fear",
    "contempt",
    "unknown",
    "NF",
)
VOTES_FOR = tuple(OF_FERPLUS)  # in the order of EMOTIONS


def read_votes(path) -> pd.DataFrame:
    """FER+'s csv (fer2013new.csv), one row a face: `Usage`, `Image name` and the counts of the ten columns
    `VOTES`.

    Its rows are FER2013's, in the same order; the names are no key (some are empty, some used twice). Raises
    `CourseError` for missing columns, and for a row whose votes are not whole numbers from 0 to 10.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        raise CourseError(path, "there is no such file", "Give FER+'s fer2013new.csv")
    try:
        votes = pd.read_csv(path, keep_default_na=False)
    except ValueError as error:  # pandas' own errors of reading, and text that is not text
        raise CourseError(
            path, f"it cannot be read as a csv ({error})", "Give FER+'s fer2013new.csv"
        ) from error
    missing = [name for name in ("Usage", *VOTES) if name not in votes]
    if missing:
        raise CourseError(path, f"column(s) missing: {', '.join(missing)}", "Give FER+'s fer2013new.csv")
    counts = votes[list(VOTES)].apply(pd.to_numeric, errors="coerce")
    wrong = np.flatnonzero(~counts.isin(range(11)).all(axis=1))
    if wrong.size:
        raise CourseError(
            f"{path}, row {wrong[0] + 2}",
            "its votes are not whole numbers from 0 to 10",
            "Download the file again",
        )
    return votes.assign(**counts.astype(int))


def check_votes(votes, faces):
    """Raise `CourseError` unless `votes` has one row for each of `faces`, of the same usage in the same
    order.
    """
    if len(votes) != len(faces.usage):
        raise CourseError(
            "FER+",
            f"it has {len(votes)} rows for {len(faces.usage)} faces",
            "Give the votes and the faces of the same rows: they are joined by their order",
        )
    differs = np.flatnonzero(votes["Usage"].to_numpy(str) != faces.usage)
    if differs.size:
        row = differs[0]
        raise CourseError(
            "FER+",
            f"face {row} is {votes['Usage'].iloc[row]} here and {faces.usage[row]} in FER2013",
            "Give both files in their original order",
        )


def soft_labels(votes) -> np.ndarray:
    """Each face's votes as probabilities of the seven emotions, float32 (n, 7) in the order of `EMOTIONS`.

    Votes for contempt, unknown and "not a face" are dropped. A row adds up to 1; where nobody voted for one
    of the seven it is all zeros, which adds nothing to a cross-entropy: leave such rows out of a score."""
    counts = votes[list(VOTES_FOR)].to_numpy(np.float32)
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def not_a_face(votes) -> np.ndarray:
    """Which images more than half of the raters called "not a face", bool (n,)."""
    return (votes["NF"] > votes[list(VOTES)].sum(axis=1) / 2).to_numpy()


def rater_agreement(votes) -> np.ndarray:
    """How often one rater says what most of the others say, float (n,), 0 to 1 for each face.

    Each rater in turn is left out, and right when the vote is the commonest among the other nine's, over all
    ten columns of `VOTES`; where k columns are commonest together, the rater is right 1/k of the time (0 for
    a face that nobody voted on). The mean over PublicTest is 73.3 %: a human's accuracy, were the other
    raters' commonest vote the truth."""
    counts = votes[list(VOTES)].to_numpy()
    right = np.zeros(len(counts))
    for vote in range(len(VOTES)):
        others = counts - (np.arange(len(VOTES)) == vote)
        commonest = others == others.max(axis=1, keepdims=True)
        right += counts[:, vote] * commonest[:, vote] / commonest.sum(axis=1)
    return right / np.maximum(counts.sum(axis=1), 1)
