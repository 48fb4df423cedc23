"""Splits by protocol, scores that are never naked, comparisons of two systems, and an audit for leaks.

Lecture 14 (at 11:55) shuffles frames, keeps 10 % of them for testing and shows one percentage. What it leaves unsaid:
frames of one clip, both twins of one recording and all actors then stand on both sides, and always answering "angry"
already scores 2/3, because RAVDESS has half as many neutral takes as angry ones. This module says all of that aloud.
"""

import hashlib
import math
from collections import Counter
from dataclasses import asdict, dataclass
from numbers import Integral
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support, recall_score
from sklearn.model_selection import (
    GroupShuffleSplit,
    LeaveOneGroupOut,
    StratifiedGroupKFold,
    StratifiedKFold,
    train_test_split,
)

from course_lib.files import CourseError

# The protocol's name, as a score prints it → the column whose groups stay whole. `take` is a RAVDESS file name without
# its modality, so that a recording's audio-video file and its silent twin never part.
PROTOCOLS = {"items at random": None, "whole clips": "take", "whole actors": "actor"}


# --- labels -----------------------------------------------------------------------------------------------------------

def as_labels(values, name="labels") -> np.ndarray:
    """One label an item as a NumPy array (n,), strings or numbers; `name` is what an error calls them.

    Raises `CourseError` for no labels at all, missing ones (NaN, None), and anything that is not one label an item.
    """
    array = np.asarray(values)
    if array.ndim != 1 or array.size == 0:
        raise CourseError(name, f"one label an item is expected, the shape is {array.shape}",
                          "Give a list or 1-D array; of one-hot rows or probabilities take argmax(axis=1)")
    if pd.isna(array).any():
        raise CourseError(name, f"{pd.isna(array).sum()} of {array.size} are missing (NaN or None)",
                          "Leave those items out, or look up what they should be")
    return np.asarray(array.tolist())


def column(table: pd.DataFrame, name: str) -> np.ndarray:
    """A column of `table` as an array (n,) without gaps. Raises `CourseError` where it is missing or has gaps."""
    if name not in table:
        raise CourseError(f"table with the columns {', '.join(map(str, table.columns))}",
                          f"the column {name!r} is missing", f"Add a column {name!r} with one value an item")
    return as_labels(table[name], f"column {name!r}")


def _arrays(**lists):
    """The lists of labels as arrays; `CourseError` where some are text and some numbers, which never agree."""
    arrays = {name: as_labels(values, name) for name, values in lists.items()}
    if len({array.dtype.kind == "U" for array in arrays.values()}) > 1:
        raise CourseError(" and ".join(arrays), "some labels are text and some are numbers, which never agree",
                          "Use the same labels in all of them")
    return tuple(arrays.values())


def _same_items(**lists):
    """`_arrays` that are all of one length, since they speak of the same items."""
    arrays = _arrays(**lists)
    if len({array.size for array in arrays}) > 1:
        sizes = ", ".join(f"{name} {array.size}" for name, array in zip(lists, arrays, strict=True))
        raise CourseError(" and ".join(lists), f"they differ in length: {sizes}", "Give one label for each item")
    return arrays


# --- scores -----------------------------------------------------------------------------------------------------------

def wilson(correct: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """The Wilson score interval (low, high), each 0 to 1, of `correct` right answers out of `n` independent items.

    It stays inside 0 to 1 and is honest for few items: 6 of 7 gives .487 to .974. Frames of one clip are not
    independent: see `cluster_bootstrap`. Source: Wilson 1927, JASA 22:209-212.
    Raises `ValueError` unless 0 <= correct <= n, n > 0 and 0 < level < 1.
    """
    low, high = binomtest(correct, n).proportion_ci(confidence_level=level, method="wilson")
    return float(low), float(high)


@dataclass(frozen=True)
class Score:
    """How many of how many, by which protocol, and what always answering the most common class would have scored.

    correct, n: counts of test items. protocol: how the data were split, in words ("whole actors").
    baseline: 0 to 1; the majority class is chosen on the training part and scored on the test part where both are
    known (`Score.of` with `y_train`), else it is the test part's own. note: what else must be said wherever the score
    is shown ("synthetic", "random weights"). Raises `CourseError` for counts or a baseline that cannot be.

    >>> print(Score(6, 7, "clips at random", 4 / 7))
    6 of 7 = 85.7 % (95 % CI 48.7–97.4), clips at random, majority 57.1 %
    """

    correct: int
    n: int
    protocol: str
    baseline: float
    note: str = ""

    def __post_init__(self):
        whole = isinstance(self.correct, Integral) and isinstance(self.n, Integral)
        if not (whole and 0 <= self.correct <= self.n and self.n > 0):
            raise CourseError("score", f"{self.correct!r} of {self.n!r} is not a count of right answers",
                              "Give whole numbers with 0 <= correct <= n and n > 0")
        if not 0 <= self.baseline <= 1:
            raise CourseError("score", f"the baseline {self.baseline!r} is not a share", "Give a number from 0 to 1")
        if not str(self.protocol).strip():
            raise CourseError("score", "the protocol is empty", f"Say how the data were split: {', '.join(PROTOCOLS)}")

    @classmethod
    def of(cls, y_true, y_pred, protocol: str, y_train=None, note: str = "") -> "Score":
        """Count the right ones among predictions (n,) of the true labels (n,); `y_train` (m,) gives the baseline."""
        y_true, y_pred = _same_items(y_true=y_true, y_pred=y_pred)
        return cls(int((y_true == y_pred).sum()), y_true.size, protocol, majority(y_true, y_train), note)

    @property
    def accuracy(self) -> float:
        """The share of right answers, 0 to 1."""
        return self.correct / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % Wilson interval (low, high), 0 to 1."""
        return wilson(self.correct, self.n)

    def plain(self) -> dict:
        """All of it with its interval, as JSON takes it."""
        return {**asdict(self), "interval": self.interval}

    def __str__(self):
        low, high = self.interval
        text = (f"{self.correct} of {self.n} = {100 * self.accuracy:.1f} % (95 % CI {100 * low:.1f}–{100 * high:.1f}), "
                f"{self.protocol}, majority {100 * self.baseline:.1f} %")
        return f"{text}, {self.note}" if self.note else text


def majority(y_test, y_train=None, k=1) -> float:
    """The share of `y_test` (n,) that always answering the most common class of `y_train` (m,) gets right, 0 to 1.

    With `k`: always answering its k most common classes. Without `y_train` they are those of `y_test` itself. Where
    classes tie, the ones that score best count, so that a tie never flatters the system that is compared with it.
    """
    y_test, y_train = _arrays(y_test=y_test, y_train=y_test if y_train is None else y_train)
    classes, counts = np.unique(y_train, return_counts=True)
    right = [int((y_test == label).sum()) for label in classes]
    commonest = sorted(zip(counts, right, strict=True), reverse=True)[:k]
    return sum(items for _, items in commonest) / y_test.size


def top_k(y_true, shares, labels, k, protocol: str, y_train=None, note: str = "") -> Score:
    """In how many items the true class is among the `k` with the largest shares; top-1 is what `Score.of` counts.

    y_true: (n,) labels; shares: (n, classes) a network's shares, their columns in the order of `labels`. Of equal
    shares the one that stands first counts as larger, as for argmax. The baseline always answers the k most common
    classes (see `majority`), and the printed score says so.
    Raises `CourseError` for shares that do not fit or hold NaN, a label that is not listed, and a k that is not 1 or
    more and less than all.

    >>> shares = [[.2, .5, .3], [.6, .3, .1], [.4, .1, .5], [.8, .1, .1]]
    >>> print(top_k(["sad", "sad", "fear", "happy"], shares, ["happy", "sad", "fear"], 2, "whole actors"))
    4 of 4 = 100.0 % (95 % CI 51.0–100.0), whole actors, majority 75.0 %, top-2 (majority: the 2 most common classes)
    """
    y_true, ranked = _ranked(y_true, shares, labels)
    if not isinstance(k, Integral) or not 1 <= k < ranked.shape[1]:
        raise CourseError(f"top-{k}", f"there are {ranked.shape[1]} classes", "Give a whole k from 1 to one less")
    right = int((ranked[:, :k] == y_true[:, None]).any(axis=1).sum())
    said = [f"top-{k} (majority: the {k} most common classes)"] * (k > 1) + [note] * bool(note)
    return Score(right, y_true.size, protocol, majority(y_true, y_train, k), ", ".join(said))


def second_guess_right(y_true, shares, labels, protocol: str, note: str = "") -> Score:
    """Of the items whose class with the largest share is wrong: in how many the second largest is right.

    Arguments and errors as in `top_k`; n of the score are the wrong ones, and `CourseError` says where there is none.
    The baseline is a second guess without looking: the class that most of the wrong ones are of, or where that was the
    first guess, the next.
    """
    y_true, ranked = _ranked(y_true, shares, labels)
    wrong = ranked[:, 0] != y_true
    if not wrong.any():
        raise CourseError("second guess", f"all {wrong.size} first guesses are right", "Leave it out")
    y_true, ranked = y_true[wrong], ranked[wrong]
    most, next_most = sorted(as_labels(labels).tolist(), key=y_true.tolist().count, reverse=True)[:2]
    blind = np.where(ranked[:, 0] == most, next_most, most)
    said = ["second guesses where the first is wrong"] + [note] * bool(note)
    return Score(int((ranked[:, 1] == y_true).sum()), y_true.size, protocol, float((blind == y_true).mean()),
                 ", ".join(said))


def _ranked(y_true, shares, labels):
    """The true labels (n,), and for each item all `labels` from the largest share to the smallest (n, classes)."""
    y_true, labels = _arrays(y_true=y_true, labels=labels)
    shares = np.asarray(shares, float)      # of unsigned numbers -shares would be another order
    if shares.shape != (y_true.size, labels.size) or not np.isfinite(shares).all():
        raise CourseError(f"shares of shape {shares.shape}", f"finite numbers of {y_true.size} items for {labels.size} "
                          "classes are expected", "Give a row an item, a column a label")
    _listed("shares", labels.tolist(), y_true)
    return y_true, labels[np.argsort(-shares, axis=1, kind="stable")]


def unweighted_average_recall(y_true, y_pred) -> float:
    """UAR, 0 to 1: the recall of each class in `y_true` (n,), averaged with equal weight. Chance is 1 / classes.

    Rare classes count as much as common ones, so always answering the majority gains nothing.
    Source: Schuller, Steidl and Batliner 2009, the INTERSPEECH Emotion Challenge. Also called balanced accuracy.
    """
    y_true, y_pred = _same_items(y_true=y_true, y_pred=y_pred)
    return float(recall_score(y_true, y_pred, labels=np.unique(y_true), average="macro"))


def confusion(y_true, y_pred, labels) -> pd.DataFrame:
    """Counts of items, rows the true label and columns the predicted one, both in the order of `labels`.

    Raises `CourseError` where a label is not listed, which scikit-learn would leave out without a word.
    """
    y_true, y_pred = _same_items(y_true=y_true, y_pred=y_pred)
    _listed("confusion matrix", labels, y_true, y_pred)
    return pd.DataFrame(confusion_matrix(y_true, y_pred, labels=list(labels)),
                        index=pd.Index(labels, name="true"), columns=pd.Index(labels, name="predicted"))


def f_scores(y_true, y_pred, labels) -> pd.DataFrame:
    """One row a class, as in `labels`: n (items of it), precision, recall and F1 (their harmonic mean), 0 to 1.

    A class that is never predicted has precision 0, and one without an item recall 0. Project IIITA fuses speech and
    faces by these. Raises `CourseError` where a label is not listed.
    """
    y_true, y_pred = _same_items(y_true=y_true, y_pred=y_pred)
    _listed("F-scores", labels, y_true, y_pred)
    precision, recall, f1, n = precision_recall_fscore_support(y_true, y_pred, labels=list(labels), zero_division=0)
    return pd.DataFrame({"n": n, "precision": precision, "recall": recall, "F1": f1}, pd.Index(labels, name="class"))


def f_score_intervals(matrix, level=0.95, n_boot=2000, seed=0) -> pd.DataFrame:
    """Intervals of the F1 of each class, from a confusion matrix (a DataFrame of counts, rows true): low and high.

    Its items are drawn again `n_boot` times (percentile bootstrap): a published matrix is enough for it. A class that
    is in a draw neither true nor predicted has F1 0 there. Source: Efron and Tibshirani 1993, chapter 13.
    """
    counts = matrix.to_numpy()
    drawn = np.random.default_rng(seed).multinomial(counts.sum(), counts.ravel() / counts.sum(), n_boot)
    drawn = drawn.reshape(n_boot, *counts.shape)
    right, both = np.einsum("bii->bi", drawn), drawn.sum(axis=1) + drawn.sum(axis=2)
    low, high = np.quantile(2 * right / np.maximum(both, 1), [(1 - level) / 2, (1 + level) / 2], axis=0)
    return pd.DataFrame({"low": low, "high": high}, matrix.index)


def _listed(what, labels, *used):
    unknown = sorted({label for each in used for label in each.tolist()} - set(labels))
    if unknown:
        raise CourseError(what, f"{', '.join(map(str, unknown))} is not among its labels "
                          f"{', '.join(map(str, labels))}", "List every label that is true or predicted")


# --- comparisons ------------------------------------------------------------------------------------------------------

class McNemar(NamedTuple):
    """b: items that only the first system got right; c: only the second; p: exact two-sided probability."""

    b: int
    c: int
    p: float


def mcnemar(y_true, pred_a, pred_b) -> McNemar:
    """Exact McNemar test of two systems on the same items (n,): could their difference be a coin toss?

    Only items that one system got right and the other wrong say anything: under no difference each is a fair toss, so
    p is binomial, and 1 where there is none. The 6 of 7 and 5 of 7 that lecture 27 compares at 42:19 differ by one
    clip: p = 1. Source: McNemar 1947, Psychometrika 12:153-157, with the exact binomial in place of chi-squared.
    """
    y_true, pred_a, pred_b = _same_items(y_true=y_true, pred_a=pred_a, pred_b=pred_b)
    a, b = pred_a == y_true, pred_b == y_true
    only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
    p = binomtest(only_a, only_a + only_b).pvalue if only_a + only_b else 1.0
    return McNemar(only_a, only_b, float(p))


def cluster_bootstrap(correct, groups, level=0.95, n_boot=2000, seed=0) -> tuple[float, float]:
    """An interval (low, high), 0 to 1, of the accuracy on *new groups*: whole actors are drawn again, not items.

    correct: (n,) bool or 0/1; groups: (n,) which actor each item is of. Items of one actor are right and wrong
    together, so an interval over items is too narrow: a published 86.7 % on RAVDESS is ±1.75 by items and 83.3–90.1
    by actors. With fewer than about ten actors this one is too narrow as well.
    Source: Field and Welsh 2007, JRSS B 69:369-390 (the randomised cluster bootstrap). Raises `CourseError` for fewer
    than two groups.
    """
    correct = as_labels(correct, "correct")
    codes, names = _groups(groups, correct.size)
    right, items = np.bincount(codes, weights=correct), np.bincount(codes)
    drawn = np.random.default_rng(seed).integers(len(names), size=(n_boot, len(names)))
    accuracy = right[drawn].sum(axis=1) / items[drawn].sum(axis=1)
    low, high = np.quantile(accuracy, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _groups(groups, n):
    """The groups of n items, at least two, as numbers (n,), and their names."""
    groups = as_labels(groups, "groups")
    if groups.size != n:
        raise CourseError("correct and groups", f"{n} and {groups.size} items differ", "Give one group for each item")
    codes, names = pd.factorize(groups)
    if len(names) < 2:
        raise CourseError("cluster bootstrap", f"all {groups.size} items are of one group, {names[0]}",
                          "Test on at least two actors; with one, no spread between actors can be seen")
    return codes, names


def uar_interval(y_true, y_pred, groups, level=0.95, n_boot=2000, seed=0) -> tuple[float, float]:
    """An interval (low, high), 0 to 1, of the UAR on *new groups*, by drawing whole actors again as
    `cluster_bootstrap` does. A class that no drawn actor has is left out of that draw's mean.

    y_true, y_pred: (n,) labels; groups: (n,) which actor each item is of. Raises `CourseError` for fewer than two
    groups and for lists that differ in length.
    """
    y_true, y_pred = _same_items(y_true=y_true, y_pred=y_pred)
    codes, names = _groups(groups, y_true.size)
    true, classes = pd.factorize(y_true)
    items, right = (np.zeros((len(names), len(classes))) for _ in range(2))
    np.add.at(items, (codes, true), 1)
    np.add.at(right, (codes, true), y_true == y_pred)
    drawn = np.random.default_rng(seed).integers(len(names), size=(n_boot, len(names)))
    items, right = items[drawn].sum(axis=1), right[drawn].sum(axis=1)
    uars = np.nanmean(np.where(items > 0, right / np.maximum(items, 1), np.nan), axis=1)
    low, high = np.quantile(uars, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


# --- splits -----------------------------------------------------------------------------------------------------------

def split(table: pd.DataFrame, protocol: str, test_size=0.1, seed=0) -> tuple[np.ndarray, np.ndarray]:
    """One training and one test part: row positions (train_index, test_index), int arrays for `iloc` and arrays.

    "items at random" is the lecture's own `train_test_split` (lecture 14 at 11:55, 10 %, not stratified); the other
    protocols take `test_size` of the clips or actors, whole. `table` has a row an item, its label in `emotion`, and
    the protocol's column (see `PROTOCOLS`). Raises `CourseError` for an unknown protocol, a missing column, a
    `test_size` that leaves nothing to train on, and a training part of one class.
    """
    y, groups = _labels_and_groups(table, protocol)
    n_groups = len(np.unique(groups))
    if not 0 < test_size < 1 or math.ceil(test_size * n_groups) >= n_groups:
        raise CourseError(f"split by {protocol!r}", f"test_size {test_size} of {n_groups} leaves no training part",
                          "Give a share between 0 and 1, or more data")
    if PROTOCOLS[protocol] is None:
        parts = train_test_split(np.arange(len(y)), test_size=test_size, random_state=seed)
    else:
        splitter = GroupShuffleSplit(n_splits=1, test_size=test_size, random_state=seed)
        parts = next(splitter.split(y, y, groups))
    return _trainable([tuple(parts)], y, protocol)[0]


def folds(table: pd.DataFrame, protocol: str, n_splits=5, seed=0) -> list[tuple[np.ndarray, np.ndarray]]:
    """Cross-validation: `n_splits` pairs of row positions (train_index, test_index); each row is tested once.

    Classes are kept as even as the protocol lets them be (`StratifiedKFold`, `StratifiedGroupKFold`);
    `n_splits="leave-one-out"` tests one item, clip or actor at a time. `table` and errors as in `split`, and
    `CourseError` where there are fewer groups, or fewer items of a class, than folds.
    """
    y, groups = _labels_and_groups(table, protocol)
    if n_splits == "leave-one-out":
        return _trainable(list(LeaveOneGroupOut().split(y, y, groups)), y, protocol)
    _enough_for_folds(y, groups, protocol, n_splits)
    if PROTOCOLS[protocol] is None:
        pairs = StratifiedKFold(n_splits, shuffle=True, random_state=seed).split(y, y)
    else:
        # Shuffled by new random names for the groups: with its own shuffle=True scikit-learn before 1.8 (Colab has 1.6)
        # forgets to stratify (scikit-learn pull request 32540).
        names, codes = np.unique(groups, return_inverse=True)
        shuffled = np.random.default_rng(seed).permutation(len(names))[codes]
        pairs = StratifiedGroupKFold(n_splits).split(y, y, shuffled)
    return _trainable(list(pairs), y, protocol)


def _labels_and_groups(table, protocol):
    """The labels and, for each item, what must stay whole with it: (n,) and (n,)."""
    if protocol not in PROTOCOLS:
        raise CourseError(f"protocol {protocol!r}", "there is no such protocol", f"Choose one of {list(PROTOCOLS)}")
    y, name = column(table, "emotion"), PROTOCOLS[protocol]
    groups = np.arange(len(y)) if name is None else column(table, name)
    if len(np.unique(y)) < 2:
        raise CourseError("column 'emotion'", f"all {len(y)} items are '{y[0]}': there is nothing to tell apart",
                          "Give items of at least two classes")
    if len(np.unique(groups)) < 2:
        raise CourseError(f"split by {protocol!r}", f"all {len(y)} items are of one {name}, {groups[0]}",
                          "Give more of them, or choose another protocol")
    return y, groups


def _enough_for_folds(y, groups, protocol, n_splits):
    if not isinstance(n_splits, Integral) or n_splits < 2:
        raise CourseError(f"folds by {protocol!r}", f"n_splits {n_splits!r} is not a number of folds",
                          "Give a whole number of at least 2, or \"leave-one-out\"")
    n_groups, (rarest, items) = len(np.unique(groups)), min(Counter(y.tolist()).items(), key=lambda pair: pair[1])
    if min(n_groups, items) < n_splits:
        raise CourseError(f"folds by {protocol!r}", f"{n_splits} folds are asked of {n_groups} "
                          f"{PROTOCOLS[protocol] or 'item'}s, and of {items} items of the rarest class, {rarest!r}",
                          "Ask for no more folds than either, or give more data")


def _trainable(splits, y, protocol):
    """The splits, once each has at least two classes to learn from and something to test."""
    for train, test in splits:      # StratifiedGroupKFold can leave a fold empty (scikit-learn issue 34828, open)
        if len(np.unique(y[train])) < 2 or len(test) == 0:
            raise CourseError(f"split by {protocol!r}", "a training part holds one class, or a test part nothing",
                              "Try another seed, fewer folds, or more data")
    return splits


# --- leaks ------------------------------------------------------------------------------------------------------------

# What must not stand on both sides: the leak's name, what is the same, and what differs (None: nothing has to).
LEAKS = (
    ("same file content", ["content"], "path"),
    ("same clip", ["clip"], None),
    ("same recording in two files", ["take", "modality"], "clip"),
    ("same recording in two modalities", ["take"], "modality"),
    ("same actor", ["actor"], None),
)


def audit(train: pd.DataFrame, test: pd.DataFrame | None = None) -> pd.DataFrame:
    """Name what a training and a test table share: columns leak, train, test (rows on each side) and detail.

    One row for each file, clip, recording or actor on both sides; an empty table means that no leak was found.
    "same file content": two files with the same bytes (SHA-256). "same clip": frames of one file (column `clip`, else
    `path`) on both sides. "same recording …": one `take` in two files of one `modality` (wav and FLAC), or in two
    modalities (RAVDESS's 01 with sound and 02 without). "same actor": only "whole actors" is free of it. What could
    not be checked for want of a column is listed in `attrs["not_checked"]`.
    With one table: what stands in it twice (columns leak, rows and detail), so that a random split of it leaks; the
    same clip and the same actor then do not count. Raises `CourseError` where a file of `path` is missing, a column has
    gaps, or the tables share none of the columns path, clip, take and actor.
    """
    if test is None:
        return _find({"rows": train}, [leak for leak in LEAKS if leak[2]])
    return _find({"train": train, "test": test}, LEAKS)


def _find(sides, leaks):
    """All rows of the `leaks` between the tables in `sides` (or inside the only one)."""
    items, found, not_checked = _items(sides), [], []
    for leak, same, differs in leaks:
        if {*same, differs} - {None} <= {*items}:
            found += _shared(items, list(sides), leak, same, differs)
        else:
            not_checked.append(leak)
    result = pd.DataFrame(found, columns=["leak", *sides, "detail"])
    result.attrs["not_checked"] = not_checked
    return result


def _items(sides):
    """The rows of all tables below each other: the columns that they share, `side`, `clip` and `content`."""
    known = [name for name in ("path", "clip", "take", "modality", "actor") if all(name in t for t in sides.values())]
    if not {*known} - {"modality"}:
        raise CourseError("audit", "there is no column path, clip, take or actor to look at",
                          "Give tables that say which file, recording or actor each row is of")
    tables = [pd.DataFrame({name: column(table, name) for name in known}).assign(side=side)
              for side, table in sides.items()]
    items = pd.concat(tables, ignore_index=True)
    if "path" in items:
        items["path"] = items["path"].map(str)
        items["content"] = _content(items["path"])
        items["clip"] = items["clip" if "clip" in items else "path"]
    return items


def _shared(items, sides, leak, same, differs):
    """A row for each value of the columns `same` that stands on all sides, with two or more values of `differs`."""
    groups = items.groupby(same, observed=True)
    counts = items.groupby([*same, "side"], observed=True).size().unstack("side", fill_value=0)
    on_both = (counts.reindex(columns=sides, fill_value=0) > 0).all(axis=1)
    if differs:
        on_both &= groups[differs].nunique() > 1
    return [(leak, *counts.loc[key, sides], _detail(groups.get_group(key if len(same) > 1 else (key,)), same, differs))
            for key in counts.index[on_both]]


def _detail(group, same, differs):
    """What is shared, and the first few files or modalities in which it stands."""
    text = ", ".join(f"{name} {value}" for name, value in group[same].iloc[0].items())
    if not differs:
        return text
    values = sorted(map(str, group[differs].unique()))
    return f"{text}: {', '.join(values[:3])}" + (f" and {len(values) - 3} more" if len(values) > 3 else "")


def _content(paths):
    """For each path the beginning of its file's SHA-256, or None where no other file has its size: (n,)."""
    try:
        size = {path: Path(path).stat().st_size for path in paths.unique()}
        files = Counter(size.values())
        digest = {path: _sha256(path) for path in size if files[size[path]] > 1}
    except OSError as error:
        raise CourseError(error.filename, f"the file cannot be read ({error.strerror})",
                          "Make the table again from the folder as it is now") from error
    return paths.map(digest.get)


def _sha256(path):
    with open(path, "rb") as file:      # file_digest reads in pieces, so a film need not fit into memory
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]
