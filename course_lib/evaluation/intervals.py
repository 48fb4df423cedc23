"""Confidence intervals: of a count of right answers, of the accuracy on new people, of F-scores."""

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from course_lib.core.errors import CourseError
from course_lib.core.validation import as_labels, same_items


def wilson(correct: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """The Wilson score interval (low, high), each 0 to 1, of `correct` right answers out of `n` independent
    items.

    It stays inside 0 to 1 and is honest for few items: 6 of 7 gives .487 to .974. Frames of one clip are not
    independent: see `cluster_bootstrap`. Source: Wilson 1927, JASA 22:209-212.
    Raises `ValueError` unless 0 <= correct <= n, n > 0 and 0 < level < 1.
    """
    low, high = binomtest(correct, n).proportion_ci(confidence_level=level, method="wilson")
    return float(low), float(high)


def f_score_intervals(matrix, level=0.95, n_boot=2000, seed=0) -> pd.DataFrame:
    """Intervals of the F1 of each class, from a confusion matrix (a DataFrame of counts, rows true): low and
    high.

    Its items are drawn again `n_boot` times (percentile bootstrap): a published matrix is enough for it. A
    class that is in a draw neither true nor predicted has F1 0 there. Source: Efron and Tibshirani 1993,
    chapter 13."""
    counts = matrix.to_numpy()
    drawn = np.random.default_rng(seed).multinomial(counts.sum(), counts.ravel() / counts.sum(), n_boot)
    drawn = drawn.reshape(n_boot, *counts.shape)
    right, both = np.einsum("bii->bi", drawn), drawn.sum(axis=1) + drawn.sum(axis=2)
    low, high = np.quantile(2 * right / np.maximum(both, 1), [(1 - level) / 2, (1 + level) / 2], axis=0)
    return pd.DataFrame({"low": low, "high": high}, matrix.index)


def cluster_bootstrap(correct, groups, level=0.95, n_boot=2000, seed=0) -> tuple[float, float]:
    """An interval (low, high), 0 to 1, of the accuracy on *new groups*: whole actors are drawn again, not
    items.

    correct: (n,) bool or 0/1; groups: (n,) which actor each item is of. Items of one actor are right and
    wrong together, so an interval over items is too narrow: a published 86.7 % on RAVDESS is ±1.75 by items
    and 83.3–90.1 by actors. With fewer than about ten actors this one is too narrow as well. Source: Field
    and Welsh 2007, JRSS B 69:369-390 (the randomised cluster bootstrap). Raises `CourseError` for fewer than
    two groups."""
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
        raise CourseError(
            "correct and groups", f"{n} and {groups.size} items differ", "Give one group for each item"
        )
    codes, names = pd.factorize(groups)
    if len(names) < 2:
        raise CourseError(
            "cluster bootstrap",
            f"all {groups.size} items are of one group, {names[0]}",
            "Test on at least two actors; with one, no spread between actors can be seen",
        )
    return codes, names


def uar_interval(y_true, y_pred, groups, level=0.95, n_boot=2000, seed=0) -> tuple[float, float]:
    """An interval (low, high), 0 to 1, of the UAR on *new groups*, by drawing whole actors again as
    `cluster_bootstrap` does. A class that no drawn actor has is left out of that draw's mean.

    y_true, y_pred: (n,) labels; groups: (n,) which actor each item is of. Raises `CourseError` for fewer than
    two groups and for lists that differ in length."""
    y_true, y_pred = same_items(y_true=y_true, y_pred=y_pred)
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
