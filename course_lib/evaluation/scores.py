"""Scores: accuracy with its sample size, the split, a 95 % confidence interval and the majority baseline."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from numbers import Integral

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support, recall_score

from course_lib.core.errors import CourseError
from course_lib.core.validation import as_labels, check_listed, label_arrays, same_items
from course_lib.evaluation.intervals import wilson
from course_lib.evaluation.splits import PROTOCOLS


@dataclass(frozen=True)
class Score:
    """An accuracy, with all that is needed to judge it. `Score.of` counts it from predictions.

    Parameters
    ----------
    correct, n : int
        The number of correct test items, and of all test items.
    protocol : str
        How the data were split, such as "speaker-independent" (see `evaluation.PROTOCOLS`).
    baseline : float
        The majority-class baseline, 0 to 1: the accuracy of a classifier that always predicts the most common
        class of the training set (see `majority`).
    note : str, optional
        Printed with the score, such as "synthetic" or "random weights".

    Raises
    ------
    CourseError
        If the counts are not whole numbers with 0 <= correct <= n and n > 0, the baseline is not between 0
        and 1, or the protocol is empty.

    Notes
    -----
    Used in lessons 00, 02 to 04, 06 to 08, 10 to 12 and 15 to 17.

    Examples
    --------
    >>> print(Score(6, 7, "random split", 4 / 7))
    6 of 7 = 85.7 % (95 % CI 48.7–97.4), random split, majority 57.1 %
    """

    correct: int
    n: int
    protocol: str
    baseline: float
    note: str = ""

    def __post_init__(self) -> None:
        whole = isinstance(self.correct, Integral) and isinstance(self.n, Integral)
        if not (whole and 0 <= self.correct <= self.n and self.n > 0):
            raise CourseError(
                "score",
                f"{self.correct!r} of {self.n!r} is not a count of correct items",
                "Give whole numbers with 0 <= correct <= n and n > 0",
            )
        if not 0 <= self.baseline <= 1:
            raise CourseError(
                "score", f"the baseline {self.baseline!r} is not a fraction", "Give a number from 0 to 1"
            )
        if not str(self.protocol).strip():
            raise CourseError(
                "score", "the protocol is empty", f"Say how the data were split: {', '.join(PROTOCOLS)}"
            )

    @classmethod
    def of(
        cls,
        y_true: npt.ArrayLike,
        y_pred: npt.ArrayLike,
        protocol: str,
        y_train: npt.ArrayLike | None = None,
        note: str = "",
    ) -> "Score":
        """Score predictions against the true labels.

        Parameters
        ----------
        y_true, y_pred : array-like, shape (n,)
            True and predicted labels of the test items.
        protocol : str
            How the data were split, such as "speaker-independent".
        y_train : array-like, shape (m,), optional
            Labels of the training set. They set the baseline; without them `y_true` does.
        note : str, optional
            Printed with the score.

        Returns
        -------
        Score

        Raises
        ------
        CourseError
            If the labels differ in length, have gaps, or mix text and numbers.

        Examples
        --------
        >>> print(Score.of(["sad", "happy"], ["sad", "sad"], "speaker-independent"))
        1 of 2 = 50.0 % (95 % CI 9.5–90.5), speaker-independent, majority 50.0 %
        """
        y_true, y_pred = same_items(y_true=y_true, y_pred=y_pred)
        return cls(int((y_true == y_pred).sum()), y_true.size, protocol, majority(y_true, y_train), note)

    @property
    def accuracy(self) -> float:
        """The fraction of correct items, 0 to 1."""
        return self.correct / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % Wilson interval (low, high), 0 to 1."""
        return wilson(self.correct, self.n)

    @classmethod
    def from_dict(cls, found: Mapping, note: str | None = None) -> "Score":
        """Rebuild a score from a result that was read from JSON: the counterpart of `to_dict`.

        Parameters
        ----------
        found : mapping
            At least the keys "correct", "n", "protocol" and "baseline", and "note" where there is one. Other
            keys, such as "interval", are ignored: the interval is computed again.
        note : str, optional
            A note to print in place of the stored one, such as "measured on real data".

        Returns
        -------
        Score

        Raises
        ------
        CourseError
            If a key is missing, or a value cannot be part of a score.

        Examples
        --------
        >>> saved = Score(6, 7, "speaker-independent", 0.5).to_dict()
        >>> print(Score.from_dict(saved, note="measured on real data"))
        6 of 7 = 85.7 % (95 % CI 48.7–97.4), speaker-independent, majority 50.0 %, measured on real data
        """
        needed = [field.name for field in fields(cls) if field.name != "note"]
        if missing := [name for name in needed if name not in found]:
            raise CourseError(
                "score",
                f"the result has no {', '.join(missing)}; its keys are {', '.join(map(str, found))}",
                "Give the part of the result that holds correct, n, protocol and baseline",
            )
        stored = found.get("note", "") if note is None else note
        return cls(**{name: found[name] for name in needed}, note=stored)

    def to_dict(self) -> dict:
        """The score as a dict that JSON can store, with its "interval". `from_dict` reads it back.

        Returns
        -------
        dict

        Examples
        --------
        >>> Score(6, 7, "random split", 0.5).to_dict()["correct"]
        6
        """
        return {**asdict(self), "interval": self.interval}

    def __str__(self) -> str:
        low, high = self.interval
        text = (
            f"{self.correct} of {self.n} = {100 * self.accuracy:.1f} % "
            f"(95 % CI {100 * low:.1f}–{100 * high:.1f}), "
            f"{self.protocol}, majority {100 * self.baseline:.1f} %"
        )
        return f"{text}, {self.note}" if self.note else text


def score_table(scores: Mapping[str, Score]) -> pd.DataFrame:
    """Put scores into a table: one row for each score, with its counts, interval and baseline.

    Parameters
    ----------
    scores : mapping of str to Score
        The name of each row, and its score.

    Returns
    -------
    pd.DataFrame
        Columns "right", "n", "accuracy", "95 % interval", "baseline" (the majority-class baseline) and
        "test set" (the score's protocol and its note). Counts are numbers, all others are text.

    Raises
    ------
    CourseError
        If there is no score.

    Notes
    -----
    Used in lesson 11.

    Examples
    --------
    >>> score_table({"SVC": Score(6, 7, "random split", 4 / 7)}).loc["SVC", "95 % interval"]
    '48.7 to 97.4 %'
    """
    if not scores:
        raise CourseError("score_table", "there is no score", "Give a dict of name to Score")
    rows = {}
    for name, score in scores.items():
        low, high = score.interval
        rows[name] = {
            "right": score.correct,
            "n": score.n,
            "accuracy": f"{100 * score.accuracy:.1f} %",
            "95 % interval": f"{100 * low:.1f} to {100 * high:.1f} %",
            "baseline": f"{100 * score.baseline:.1f} %",
            "test set": ", ".join(filter(None, [score.protocol, score.note])),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def majority(y_test: npt.ArrayLike, y_train: npt.ArrayLike | None = None, k: int = 1) -> float:
    """The majority-class baseline: the accuracy of always predicting the most common class.

    Parameters
    ----------
    y_test : array-like, shape (n,)
        True labels of the test set.
    y_train : array-like, shape (m,), optional
        Labels of the training set, which decide the most common class; by default `y_test`.
    k : int, default 1
        For a top-k score: predict the k most common classes.

    Returns
    -------
    float
        0 to 1. If classes of the training set tie, the ones that score best count, so the baseline is never
        too easy.

    Raises
    ------
    CourseError
        If labels are missing, or text and numbers are mixed.

    Notes
    -----
    Used in lessons 02, 03, 06 to 08 and 10 to 13.

    Examples
    --------
    >>> majority(["sad", "happy", "happy", "fear"], y_train=["sad", "sad", "happy"])
    0.25
    """
    y_test, y_train = label_arrays(y_test=y_test, y_train=y_test if y_train is None else y_train)
    classes, counts = np.unique(y_train, return_counts=True)
    right = [int((y_test == label).sum()) for label in classes]
    commonest = sorted(zip(counts, right, strict=True), reverse=True)[:k]
    return sum(items for _, items in commonest) / y_test.size


def top_k(
    y_true: npt.ArrayLike,
    probabilities: npt.ArrayLike,
    labels: npt.ArrayLike,
    k: int,
    protocol: str,
    y_train: npt.ArrayLike | None = None,
    note: str = "",
) -> Score:
    """Top-k accuracy: the true class is among the k classes with the largest probabilities.

    Parameters
    ----------
    y_true : array-like, shape (n,)
        True labels.
    probabilities : array-like, shape (n, classes)
        Class probabilities. If two are equal, the first one counts as larger, as in `argmax`.
    labels : array-like, shape (classes,)
        The class of each column.
    k : int
        At least 1, and less than the number of classes.
    protocol, y_train, note
        As in `Score.of`. The baseline predicts the k most common classes, and the printed score says so.

    Returns
    -------
    Score

    Raises
    ------
    CourseError
        If the probabilities contain NaN or do not fit the labels, a true label is not in `labels`, or `k` is
        out of range.

    Examples
    --------
    >>> probabilities = [[.2, .5, .3], [.6, .3, .1], [.4, .1, .5], [.8, .1, .1]]
    >>> y_true, labels = ["sad", "sad", "fear", "happy"], ["happy", "sad", "fear"]
    >>> score = top_k(y_true, probabilities, labels, k=2, protocol="speaker-independent")
    >>> score.correct, score.n, score.baseline
    (4, 4, 0.75)
    """
    y_true, ranked = _ranked(y_true, probabilities, labels)
    if not isinstance(k, Integral) or not 1 <= k < ranked.shape[1]:
        raise CourseError(
            f"top-{k}",
            f"there are {ranked.shape[1]} classes",
            "Give a whole number k, at least 1 and less than that",
        )
    right = int((ranked[:, :k] == y_true[:, None]).any(axis=1).sum())
    notes = [f"top-{k} (majority: the {k} most common classes)"] * (k > 1) + [note] * bool(note)
    return Score(right, y_true.size, protocol, majority(y_true, y_train, k), ", ".join(notes))


def second_guess_right(
    y_true: npt.ArrayLike, probabilities: npt.ArrayLike, labels: npt.ArrayLike, protocol: str, note: str = ""
) -> Score:
    """How often the class with the second largest probability is right, when the prediction is wrong.

    Parameters
    ----------
    y_true, probabilities, labels, protocol, note
        As in `top_k`.

    Returns
    -------
    Score
        Its n is the number of wrong predictions. Its baseline always answers the most common true class of
        these items, or the next most common class where that one was the wrong prediction.

    Raises
    ------
    CourseError
        As in `top_k`, and if all predictions are right.

    Examples
    --------
    >>> probabilities = [[0.5, 0.4, 0.1], [0.6, 0.1, 0.3], [0.8, 0.1, 0.1]]
    >>> score = second_guess_right([1, 1, 0], probabilities, [0, 1, 2], "random split")
    >>> score.correct, score.n
    (1, 2)
    """
    true, ranked = _ranked(y_true, probabilities, labels)
    wrong = ranked[:, 0] != true
    if not wrong.any():
        raise CourseError("second guess", f"all {wrong.size} predictions are right", "Leave this score out")
    true, ranked = true[wrong], ranked[wrong]
    most, next_most = sorted(as_labels(labels).tolist(), key=true.tolist().count, reverse=True)[:2]
    blind = np.where(ranked[:, 0] == most, next_most, most)
    notes = ["second guesses where the first is wrong"] + [note] * bool(note)
    return Score(
        int((ranked[:, 1] == true).sum()),
        true.size,
        protocol,
        float((blind == true).mean()),
        ", ".join(notes),
    )


def _ranked(
    y_true: npt.ArrayLike, probabilities: npt.ArrayLike, labels: npt.ArrayLike
) -> tuple[np.ndarray, np.ndarray]:
    """The true labels (n,), and for each item the `labels`, most probable first (n, classes)."""
    y_true, labels = label_arrays(y_true=y_true, labels=labels)
    probabilities = np.asarray(probabilities, float)  # unsigned integers would wrap around in -probabilities
    if probabilities.shape != (y_true.size, labels.size) or not np.isfinite(probabilities).all():
        raise CourseError(
            f"probabilities of shape {probabilities.shape}",
            f"finite numbers for {y_true.size} items and {labels.size} classes are expected",
            "Give one row for each item and one column for each class",
        )
    check_listed("probabilities", labels.tolist(), y_true)
    return y_true, labels[np.argsort(-probabilities, axis=1, kind="stable")]


def unweighted_average_recall(y_true: npt.ArrayLike, y_pred: npt.ArrayLike) -> float:
    """The unweighted average recall (UAR): the mean of the recalls of all classes in `y_true`.

    Rare classes count as much as common ones. A classifier that always predicts one class scores 1 / classes.
    UAR is also called balanced accuracy.

    Parameters
    ----------
    y_true, y_pred : array-like, shape (n,)
        True and predicted labels.

    Returns
    -------
    float
        0 to 1.

    Raises
    ------
    CourseError
        If the labels differ in length, have gaps, or mix text and numbers.

    Notes
    -----
    Used in lesson 16.

    References
    ----------
    Schuller, Steidl and Batliner 2009, The INTERSPEECH 2009 Emotion Challenge.

    Examples
    --------
    >>> unweighted_average_recall(["sad", "sad", "sad", "happy"], ["sad", "sad", "sad", "sad"])
    0.5
    """
    y_true, y_pred = same_items(y_true=y_true, y_pred=y_pred)
    return float(recall_score(y_true, y_pred, labels=np.unique(y_true), average="macro"))


def confusion(y_true: npt.ArrayLike, y_pred: npt.ArrayLike, labels: Sequence | np.ndarray) -> pd.DataFrame:
    """The confusion matrix: the number of items for each true and each predicted class.

    Parameters
    ----------
    y_true, y_pred : array-like, shape (n,)
        True and predicted labels.
    labels : sequence
        All classes, in the order of the rows and columns.

    Returns
    -------
    pd.DataFrame
        Counts: one row for each true class, one column for each predicted class.

    Raises
    ------
    CourseError
        If `labels` lacks a class. scikit-learn would leave its items out without a message.

    Notes
    -----
    Used in lessons 03, 10 and 16. `plots.confusion` draws it.

    Examples
    --------
    >>> confusion(["sad", "sad", "happy"], ["sad", "happy", "happy"], labels=["sad", "happy"])
    predicted  sad  happy
    true
    sad          1      1
    happy        0      1
    """
    y_true, y_pred = same_items(y_true=y_true, y_pred=y_pred)
    check_listed("confusion matrix", labels, y_true, y_pred)
    return pd.DataFrame(
        confusion_matrix(y_true, y_pred, labels=list(labels)),
        index=pd.Index(labels, name="true"),
        columns=pd.Index(labels, name="predicted"),
    )


def f_scores(y_true: npt.ArrayLike, y_pred: npt.ArrayLike, labels: Sequence | np.ndarray) -> pd.DataFrame:
    """Precision, recall and F1 of each class.

    Precision: of the items that are predicted as the class, the fraction that really are. Recall: of the
    items that really are of the class, the fraction that is found. F1 is their harmonic mean.

    Parameters
    ----------
    y_true, y_pred : array-like, shape (n,)
        True and predicted labels.
    labels : sequence
        All classes, in the order of the rows.

    Returns
    -------
    pd.DataFrame
        One row for each class, with the columns `n` (its true items), `precision`, `recall` and `F1`, 0 to 1.
        A class that is never predicted has precision 0; a class without items has recall 0.

    Raises
    ------
    CourseError
        If `labels` lacks a class that is true or predicted.

    Notes
    -----
    Used in lesson 13, through `fusion.f_score_weights`: project IIITA weights speech and faces by F1.

    Examples
    --------
    >>> f_scores(["sad", "sad", "happy"], ["sad", "happy", "happy"], labels=["sad", "happy"]).round(2)
           n  precision  recall    F1
    class
    sad    2        1.0     0.5  0.67
    happy  1        0.5     1.0  0.67
    """
    y_true, y_pred = same_items(y_true=y_true, y_pred=y_pred)
    check_listed("F-scores", labels, y_true, y_pred)
    precision, recall, f1, n = precision_recall_fscore_support(
        y_true, y_pred, labels=list(labels), zero_division=0
    )
    return pd.DataFrame(
        {"n": n, "precision": precision, "recall": recall, "F1": f1}, pd.Index(labels, name="class")
    )
