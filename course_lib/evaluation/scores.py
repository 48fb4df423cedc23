"""Scores: how many of how many are right, how the data were split, the confidence interval, the baseline."""

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
    """How many of how many, by which protocol, and what always answering the most common class would have
    scored.

    correct, n: counts of test items. protocol: how the data were split, in words ("speaker-independent").
    baseline: 0 to 1; the majority class is chosen on the training part and scored on the test part where both
    are known (`Score.of` with `y_train`), else it is the test part's own. note: what else must be printed
    wherever the score is shown ("synthetic", "random weights"). Raises `CourseError` for counts or a baseline
    that cannot be.

    >>> print(Score(6, 7, "clips at random", 4 / 7))
    6 of 7 = 85.7 % (95 % CI 48.7–97.4), clips at random, majority 57.1 %
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
                f"{self.correct!r} of {self.n!r} is not a count of right answers",
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
        """Count the right ones among predictions (n,) of the true labels (n,); `y_train` (m,) gives the
        baseline.
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
        """The score's fields and its "interval", as JSON stores them; `from_dict` reads them back."""
        return {**asdict(self), "interval": self.interval}

    def plain(self) -> dict:
        """The same as `to_dict`, under the name that the lessons use."""
        return self.to_dict()

    def __str__(self) -> str:
        low, high = self.interval
        text = (
            f"{self.correct} of {self.n} = {100 * self.accuracy:.1f} % "
            f"(95 % CI {100 * low:.1f}–{100 * high:.1f}), "
            f"{self.protocol}, majority {100 * self.baseline:.1f} %"
        )
        return f"{text}, {self.note}" if self.note else text


def majority(y_test: npt.ArrayLike, y_train: npt.ArrayLike | None = None, k: int = 1) -> float:
    """The fraction of `y_test` (n,) that always answering the most common class of `y_train` (m,) gets right,
    0 to 1.

    With `k`: always answering its k most common classes. Without `y_train` they are those of `y_test` itself.
    Where classes tie, the ones that score best count, so that a tie never flatters the system that is
    compared with it."""
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
    """In how many items the true class is among the `k` with the largest probabilities; top-1 is what
    `Score.of` counts.

    y_true: (n,) labels; probabilities: (n, classes) a network's probabilities, their columns in the order of
    `labels`. Of equal probabilities the first counts as larger, as for argmax. The baseline always answers
    the k most common classes (see `majority`), and the printed score says so. Raises `CourseError` for
    probabilities that do not fit or hold NaN, a label that is not listed, and a k that is not 1 or more and
    less than all.

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
            f"top-{k}", f"there are {ranked.shape[1]} classes", "Give a whole k from 1 to one less"
        )
    right = int((ranked[:, :k] == y_true[:, None]).any(axis=1).sum())
    notes = [f"top-{k} (majority: the {k} most common classes)"] * (k > 1) + [note] * bool(note)
    return Score(right, y_true.size, protocol, majority(y_true, y_train, k), ", ".join(notes))


def second_guess_right(
    y_true: npt.ArrayLike, probabilities: npt.ArrayLike, labels: npt.ArrayLike, protocol: str, note: str = ""
) -> Score:
    """Of the items whose class with the largest probability is wrong: in how many the second largest is
    right.

    Arguments and errors as in `top_k`; n of the score are the wrong ones, and `CourseError` says where there
    is none. The baseline is a second guess without looking: the class that most of the wrong ones are of, or
    where that was the first guess, the next."""
    true, ranked = _ranked(y_true, probabilities, labels)
    wrong = ranked[:, 0] != true
    if not wrong.any():
        raise CourseError("second guess", f"all {wrong.size} first guesses are right", "Leave it out")
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
    """The true labels (n,), and for each item all `labels` from the largest probability to the smallest (n,
    classes).
    """
    y_true, labels = label_arrays(y_true=y_true, labels=labels)
    probabilities = np.asarray(
        probabilities, float
    )  # of unsigned numbers -probabilities would be another order
    if probabilities.shape != (y_true.size, labels.size) or not np.isfinite(probabilities).all():
        raise CourseError(
            f"probabilities of shape {probabilities.shape}",
            f"finite numbers of {y_true.size} items for {labels.size} classes are expected",
            "Give a row an item, a column a label",
        )
    check_listed("probabilities", labels.tolist(), y_true)
    return y_true, labels[np.argsort(-probabilities, axis=1, kind="stable")]


def unweighted_average_recall(y_true: npt.ArrayLike, y_pred: npt.ArrayLike) -> float:
    """UAR, 0 to 1: the recall of each class in `y_true` (n,), averaged with equal weight. Chance is 1 /
    classes.

    Rare classes count as much as common ones, so always answering the majority gains nothing. Source:
    Schuller, Steidl and Batliner 2009, the INTERSPEECH Emotion Challenge. Also called balanced accuracy."""
    y_true, y_pred = same_items(y_true=y_true, y_pred=y_pred)
    return float(recall_score(y_true, y_pred, labels=np.unique(y_true), average="macro"))


def confusion(y_true: npt.ArrayLike, y_pred: npt.ArrayLike, labels: Sequence | np.ndarray) -> pd.DataFrame:
    """Counts of items, rows the true label and columns the predicted one, both in the order of `labels`.

    Raises `CourseError` where a label is not listed, which scikit-learn would leave out without a word.
    """
    y_true, y_pred = same_items(y_true=y_true, y_pred=y_pred)
    check_listed("confusion matrix", labels, y_true, y_pred)
    return pd.DataFrame(
        confusion_matrix(y_true, y_pred, labels=list(labels)),
        index=pd.Index(labels, name="true"),
        columns=pd.Index(labels, name="predicted"),
    )


def f_scores(y_true: npt.ArrayLike, y_pred: npt.ArrayLike, labels: Sequence | np.ndarray) -> pd.DataFrame:
    """One row a class, as in `labels`: n (items of it), precision, recall and F1 (their harmonic mean), 0 to
    1.

    A class that is never predicted has precision 0, and one without an item recall 0. Project IIITA fuses
    speech and faces by these. Raises `CourseError` where a label is not listed."""
    y_true, y_pred = same_items(y_true=y_true, y_pred=y_pred)
    check_listed("F-scores", labels, y_true, y_pred)
    precision, recall, f1, n = precision_recall_fscore_support(
        y_true, y_pred, labels=list(labels), zero_division=0
    )
    return pd.DataFrame(
        {"n": n, "precision": precision, "recall": recall, "F1": f1}, pd.Index(labels, name="class")
    )
