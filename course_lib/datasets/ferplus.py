"""FER+: the votes of ten raters for each face of FER2013. Lesson 11 shows what was measured with them.

Source: Barsoum et al. (2016), "Training Deep Networks for Facial Expression Recognition with Crowd-Sourced
Label Distribution", arXiv:1608.01041, MIT licence."""

from pathlib import Path

import numpy as np
import pandas as pd

from course_lib.core.errors import CourseError
from course_lib.core.io import check_table
from course_lib.core.labels import OF_FERPLUS
from course_lib.core.names import check_choice
from course_lib.datasets import credits
from course_lib.datasets.fer2013 import Faces

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
# The eight emotions that FER+'s makers train networks on, in the words of this course.
CLASSES = tuple(OF_FERPLUS.get(name, name) for name in VOTES[:8])


def read_votes(path: str | Path) -> pd.DataFrame:
    """Read FER+'s csv file (fer2013new.csv).

    Parameters
    ----------
    path : str or path

    Returns
    -------
    pd.DataFrame
        One row for each face, in the order of FER2013: `Usage`, `Image name` and the counts of the ten
        columns `VOTES`. Do not join by the names: some are empty and some are used twice.

    Raises
    ------
    CourseError
        If the file is missing or not a csv, lacks a column, or the votes of a row are not whole numbers from
        0 to 10.

    Notes
    -----
    Used for figures of lesson 11.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        raise CourseError(path, "there is no such file", "Give FER+'s fer2013new.csv")
    check_table(path, "Give FER+'s fer2013new.csv")
    try:
        votes = pd.read_csv(path, keep_default_na=False)
    except ValueError as error:  # pandas' parser errors, and bytes that are not text
        raise CourseError(
            path, f"it cannot be read as a csv ({error})", "Give FER+'s fer2013new.csv"
        ) from error
    credits.used("ferplus", path)
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


def check_votes(votes: pd.DataFrame, faces: Faces) -> None:
    """Check that votes and faces have the same rows in the same order.

    Parameters
    ----------
    votes : pd.DataFrame
        As from `read_votes`.
    faces : fer2013.Faces

    Raises
    ------
    CourseError
        If their numbers or their usages differ.
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


def soft_labels(votes: pd.DataFrame) -> np.ndarray:
    """Convert the votes for each face to probabilities of the seven emotions.

    Parameters
    ----------
    votes : pd.DataFrame
        As from `read_votes`.

    Returns
    -------
    np.ndarray
        float32 (n, 7) in the order of `EMOTIONS`. A row sums to 1. It is all zeros if no rater chose one of
        the seven, which adds nothing to a cross-entropy: leave such rows out of a score.

    Notes
    -----
    Votes for contempt, unknown and "not a face" are dropped. Used for figures of lesson 11.

    Examples
    --------
    >>> votes = pd.DataFrame([[0] * 10], columns=VOTES).assign(happiness=3, neutral=1)
    >>> soft_labels(votes).tolist()
    [[0.0, 0.0, 0.0, 0.75, 0.0, 0.0, 0.25]]
    """
    counts = votes[list(VOTES_FOR)].to_numpy(np.float32)
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def training_labels(votes: pd.DataFrame, kind: str = "probabilities") -> np.ndarray:
    """Convert the votes for each face to a label of eight emotions by the rules of FER+'s makers.

    Parameters
    ----------
    votes : pd.DataFrame
        As from `read_votes`.
    kind : str
        "probabilities" (the makers' mode "crossentropy"): the most frequent votes are kept, in descending
        order, until they are three quarters of all votes or three columns. "majority": the emotion that has
        more than half of the votes.

    Returns
    -------
    np.ndarray
        float32 (n, 8) in the order of `CLASSES`. A row sums to 1, or is all zeros if the makers leave the
        face out: its raters do not agree, or agree on "unknown" or "not a face".

    Raises
    ------
    CourseError
        For another kind.

    Notes
    -----
    A column with a single vote counts as no vote. Used for figures of lesson 11.

    References
    ----------
    Barsoum et al. (2016), arXiv:1608.01041, and its code, https://github.com/microsoft/FERPlus (MIT licence).

    Examples
    --------
    >>> votes = pd.DataFrame([[0] * 10], columns=VOTES).assign(neutral=6, sadness=3, fear=1)
    >>> training_labels(votes)[0].round(2)
    array([0.67, 0.  , 0.  , 0.33, 0.  , 0.  , 0.  , 0.  ], dtype=float32)
    """
    check_choice("kind", kind, ("probabilities", "majority"))
    counts = votes[list(VOTES)].to_numpy(float)
    counts = np.where(counts > 1, counts, 0)
    kept = np.array([_agreed(row) if kind == "probabilities" else _majority(row) for row in counts])
    kept = kept.reshape(-1, len(VOTES))
    named = kept.argmax(axis=1) < len(CLASSES)
    kept = np.where(named[:, np.newaxis], kept[:, : len(CLASSES)], 0)
    return (kept / np.maximum(kept.sum(axis=1, keepdims=True), 1)).astype(np.float32)


def _agreed(counts):
    """The most frequent votes of one face; only zeros if they are not more than half of all."""
    kept, columns = np.zeros_like(counts), 0
    for value in sorted(set(counts[counts > 0]), reverse=True):
        if kept.sum() >= 0.75 * counts.sum() or columns >= 3:
            break
        equal = np.flatnonzero(counts == value)
        other = equal[equal >= len(CLASSES)][:1]  # "unknown" or "not a face" ends the list
        equal = equal[equal < len(CLASSES)]
        if other.size and not (kept.any() or equal.size):
            equal = other
        kept[equal], columns = value, columns + len(equal)
        if other.size:
            break
    return kept if kept.sum() > 0.5 * counts.sum() and columns <= 3 else np.zeros_like(counts)


def _majority(counts):
    return np.where(counts == counts.max(), counts, 0) * (counts.max() > 0.5 * counts.sum())


def commonest_emotion(votes: pd.DataFrame) -> np.ndarray:
    """Find the commonest vote for each face, if it is one of the seven emotions of FER2013.

    Parameters
    ----------
    votes : pd.DataFrame
        As from `read_votes`.

    Returns
    -------
    np.ndarray
        int (n,), an index of `CLASSES`. It is -1 for a face without one commonest vote, and for one on which
        "contempt", "unknown" or "not a face" is the commonest.

    Notes
    -----
    3,372 of PublicTest's 3,589 faces have such a vote. Used for figures of lesson 11.

    Examples
    --------
    >>> votes = pd.DataFrame([[0] * 10] * 2, columns=VOTES).assign(fear=[6, 5], surprise=[4, 5])
    >>> commonest_emotion(votes).tolist()
    [6, -1]
    """
    counts = votes[list(VOTES)].to_numpy()
    most = counts == counts.max(axis=1, keepdims=True)
    named = np.isin(VOTES, VOTES_FOR)[most.argmax(axis=1)]
    return np.where((most.sum(axis=1) == 1) & named, most.argmax(axis=1), -1)


def not_a_face(votes: pd.DataFrame) -> np.ndarray:
    """Tell which images more than half of the raters called "not a face".

    Parameters
    ----------
    votes : pd.DataFrame
        As from `read_votes`.

    Returns
    -------
    np.ndarray
        bool (n,).

    Notes
    -----
    Used for figures of lesson 11.

    Examples
    --------
    >>> not_a_face(pd.DataFrame([[0] * 10], columns=VOTES).assign(NF=6, fear=4)).tolist()
    [True]
    """
    return (votes["NF"] > votes[list(VOTES)].sum(axis=1) / 2).to_numpy()


def rater_agreement(votes: pd.DataFrame) -> np.ndarray:
    """Compute how often one rater agrees with the majority of the others (inter-rater agreement).

    Parameters
    ----------
    votes : pd.DataFrame
        As from `read_votes`.

    Returns
    -------
    np.ndarray
        Float (n,), 0 to 1 for each face; 0 for a face without votes.

    Notes
    -----
    Each rater in turn is left out, and counts as right if the vote is the most frequent one of the other
    nine, over all ten columns of `VOTES`. If k columns are equally frequent, it counts 1/k. The mean over
    PublicTest is 73.3 %: the accuracy of one person, with the majority of the other raters as the truth.
    Lesson 11 shows this.

    Examples
    --------
    >>> rater_agreement(pd.DataFrame([[0] * 10], columns=VOTES).assign(fear=9, sadness=1)).tolist()
    [0.9]
    """
    counts = votes[list(VOTES)].to_numpy()
    right = np.zeros(len(counts))
    for vote in range(len(VOTES)):
        others = counts - (np.arange(len(VOTES)) == vote)
        commonest = others == others.max(axis=1, keepdims=True)
        right += counts[:, vote] * commonest[:, vote] / commonest.sum(axis=1)
    return right / np.maximum(counts.sum(axis=1), 1)
