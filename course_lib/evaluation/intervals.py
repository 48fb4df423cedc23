"""Confidence intervals of an accuracy, of the accuracy on new people, of the UAR and of F-scores."""

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import binomtest

from course_lib.core.errors import CourseError
from course_lib.core.validation import as_labels, same_items


def wilson(correct: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """The Wilson confidence interval of an accuracy.

    The interval stays between 0 and 1 and is also valid for few items. The items must be independent. Frames
    of one clip are not: use `cluster_bootstrap` for them.

    Parameters
    ----------
    correct, n : int
        How many of how many items are right.
    level : float, default 0.95
        The confidence level, between 0 and 1.

    Returns
    -------
    tuple of float
        The lower and the upper end, each 0 to 1.

    Raises
    ------
    ValueError
        Unless 0 <= correct <= n, n > 0 and 0 < level < 1.

    Notes
    -----
    Used in lesson 11.

    References
    ----------
    Wilson 1927, Journal of the American Statistical Association 22:209-212.

    Examples
    --------
    >>> low, high = wilson(6, 7)
    >>> print(f"{low:.3f} to {high:.3f}")
    0.487 to 0.974
    """
    low, high = binomtest(correct, n).proportion_ci(confidence_level=level, method="wilson")
    return float(low), float(high)


def f_score_intervals(
    matrix: pd.DataFrame, level: float = 0.95, n_boot: int = 2000, seed: int = 0
) -> pd.DataFrame:
    """Confidence intervals of the F1 of each class, from a confusion matrix alone (percentile bootstrap).

    Parameters
    ----------
    matrix : pd.DataFrame
        Counts, one row for each true class and one column for each predicted class, as `confusion` gives it.
    level : float, default 0.95
        The confidence level.
    n_boot : int, default 2000
        How often the items are resampled.
    seed : int, default 0

    Returns
    -------
    pd.DataFrame
        The columns "low" and "high", one row for each class. If a class is neither true nor predicted in a
        bootstrap sample, its F1 is 0 there.

    Notes
    -----
    Used for `docs/published_figures.md`.

    References
    ----------
    Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 13.

    Examples
    --------
    >>> matrix = pd.DataFrame([[90, 10], [20, 80]], ["angry", "neutral"], ["angry", "neutral"])
    >>> f_score_intervals(matrix).shape
    (2, 2)
    """
    counts = matrix.to_numpy()
    drawn = np.random.default_rng(seed).multinomial(counts.sum(), counts.ravel() / counts.sum(), n_boot)
    drawn = drawn.reshape(n_boot, *counts.shape)
    right, both = np.einsum("bii->bi", drawn), drawn.sum(axis=1) + drawn.sum(axis=2)
    low, high = np.quantile(2 * right / np.maximum(both, 1), [(1 - level) / 2, (1 + level) / 2], axis=0)
    return pd.DataFrame({"low": low, "high": high}, matrix.index)


def cluster_bootstrap(
    correct: npt.ArrayLike, groups: npt.ArrayLike, level: float = 0.95, n_boot: int = 2000, seed: int = 0
) -> tuple[float, float]:
    """A confidence interval of the accuracy on new groups, such as new actors.

    The bootstrap resamples actors, each with all its items. The items of one actor tend to be right or wrong
    together, so an interval over items is too narrow: a published 86.7 % on RAVDESS is ±1.75 over items and
    83.3–90.1 over actors. With fewer than about ten actors this interval is too narrow as well.

    Parameters
    ----------
    correct : array-like of bool, shape (n,)
        Whether each item is right.
    groups : array-like, shape (n,)
        The actor of each item.
    level : float, default 0.95
        The confidence level.
    n_boot : int, default 2000
        How often the actors are resampled.
    seed : int, default 0

    Returns
    -------
    tuple of float
        The lower and the upper end, each 0 to 1.

    Raises
    ------
    CourseError
        If there are fewer than two groups, or the two lists differ in length.

    Notes
    -----
    Used in lessons 13 and 17.

    References
    ----------
    Field and Welsh 2007, Journal of the Royal Statistical Society B 69:369-390 (randomised cluster
    bootstrap).

    Examples
    --------
    One actor is always right, the other never. On new actors anything is possible:

    >>> cluster_bootstrap([1, 1, 0, 0], [1, 1, 2, 2])
    (0.0, 1.0)
    """
    correct = as_labels(correct, "correct")
    codes, names = _groups(groups, correct.size)
    right, items = np.bincount(codes, weights=correct), np.bincount(codes)
    drawn = np.random.default_rng(seed).integers(len(names), size=(n_boot, len(names)))
    accuracy = right[drawn].sum(axis=1) / items[drawn].sum(axis=1)
    low, high = np.quantile(accuracy, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _groups(groups: npt.ArrayLike, n: int) -> tuple[np.ndarray, np.ndarray]:
    """The groups of n items, at least two, as numbers (n,), and their names."""
    groups = as_labels(groups, "groups")
    if groups.size != n:
        raise CourseError(
            "correct and groups", f"they have {n} and {groups.size} items", "Give one group for each item"
        )
    codes, names = pd.factorize(groups)
    if len(names) < 2:
        raise CourseError(
            "cluster bootstrap",
            f"all {groups.size} items are of one group, {names[0]}",
            "Test on at least two actors: one actor does not show how much actors differ",
        )
    return codes, names


def uar_interval(
    y_true: npt.ArrayLike,
    y_pred: npt.ArrayLike,
    groups: npt.ArrayLike,
    level: float = 0.95,
    n_boot: int = 2000,
    seed: int = 0,
) -> tuple[float, float]:
    """A confidence interval of the unweighted average recall (UAR) on new groups, such as new actors.

    Whole actors are resampled, as in `cluster_bootstrap`, which explains the other parameters. If no
    resampled actor has a class, that class is left out of the sample's mean.

    Parameters
    ----------
    y_true, y_pred : array-like, shape (n,)
        True and predicted labels.
    groups : array-like, shape (n,)
        The actor of each item.

    Returns
    -------
    tuple of float
        The lower and the upper end, each 0 to 1.

    Raises
    ------
    CourseError
        If there are fewer than two groups, or the lists differ in length.

    Notes
    -----
    Used in lessons 12 and 16.

    Examples
    --------
    >>> uar_interval(list("abab"), list("abba"), [1, 1, 2, 2])
    (0.0, 1.0)
    """
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
