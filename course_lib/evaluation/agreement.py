"""How well people agree with each other, and a network with people.

Votes are a table of counts with one row for each item and one column for each category, as in
`crema_d.votes()` and `ferplus.read_votes`. Agreement is corrected for chance: 1 is perfect agreement, and 0
is the agreement of raters who answer at random with the same frequencies.
"""

import numpy as np
import numpy.typing as npt

from course_lib.core.errors import CourseError
from course_lib.core.names import check_choice
from course_lib.core.validation import label_arrays, same_items

LEVELS = ("nominal", "ordinal", "interval")


def cohen_kappa(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    """Cohen's kappa: the agreement of two raters of the same items, corrected for chance.

    Parameters
    ----------
    first, second : array-like, shape (n,)
        The labels that each rater gave.

    Returns
    -------
    float
        (observed agreement - expected agreement) / (1 - expected agreement). The expected agreement is that
        of two raters who choose each label as often as these two, but independently.

    Raises
    ------
    CourseError
        If the lists differ in length, are empty or have gaps, or both raters give one and the same label to
        all items: then agreement by chance is already complete.

    Notes
    -----
    Used in lesson 15.

    References
    ----------
    Cohen 1960, Educational and Psychological Measurement 20:37-46, https://doi.org/10.1177/001316446002000104.

    Examples
    --------
    The raters agree on three of four faces. By chance they would agree on half of them:

    >>> cohen_kappa(["happy", "happy", "sad", "sad"], ["happy", "happy", "sad", "happy"])
    0.5
    """
    first, second = same_items(first=first, second=second)
    names = np.unique(np.concatenate(label_arrays(first=first, second=second)))
    each = [(rater[:, np.newaxis] == names).mean(axis=0) for rater in (first, second)]
    return _corrected((first == second).mean(), each[0] @ each[1])


def fleiss_kappa(counts: npt.ArrayLike) -> float:
    """Fleiss' kappa: the agreement of several raters, corrected for chance.

    Parameters
    ----------
    counts : array-like of int, shape (n, categories)
        How many raters chose each category for each item. Each item has the same number of raters, who need
        not be the same people.

    Returns
    -------
    float
        From below 0 to 1. The observed agreement is that of two raters drawn from one item; the expected one
        is that of two raters drawn from all items.

    Raises
    ------
    CourseError
        If the counts are no counts, items differ in the number of raters or have fewer than two, or all votes
        are for one category.

    Notes
    -----
    For items with different numbers of raters use `krippendorff_alpha`. Used in lesson 15.

    References
    ----------
    Fleiss 1971, Psychological Bulletin 76:378-382, https://doi.org/10.1037/h0031619.

    Examples
    --------
    >>> round(fleiss_kappa([[3, 0], [0, 3], [2, 1]]), 3)
    0.55
    """
    table = _counts(counts)
    raters = table.sum(axis=1)
    if (raters != raters[0]).any() or raters[0] < 2:
        raise CourseError(
            "counts",
            f"items have from {raters.min():g} to {raters.max():g} raters",
            "Fleiss' kappa needs the same number for each item, at least two: use krippendorff_alpha",
        )
    observed = (table * (table - 1)).sum(axis=1) / (raters * (raters - 1))
    frequencies = table.sum(axis=0) / table.sum()
    return _corrected(observed.mean(), (frequencies**2).sum())


def krippendorff_alpha(
    counts: npt.ArrayLike, level: str = "nominal", values: npt.ArrayLike | None = None
) -> float:
    """Krippendorff's alpha: the agreement of any number of raters, corrected for chance.

    Parameters
    ----------
    counts : array-like of int, shape (n, categories)
        How many raters chose each category for each item. Items may differ in the number of raters. An item
        with fewer than two raters tells nothing about agreement and is left out.
    level : {"nominal", "ordinal", "interval"}
        "nominal": two categories are equal or different (emotions). "ordinal": the categories are ordered
        (weak, medium, strong). "interval": a difference counts with the square of its size.
    values : array-like of float, shape (categories,), optional
        The number behind each category, for "interval". By default 0, 1, 2, ...

    Returns
    -------
    float
        1 - observed disagreement / expected disagreement.

    Raises
    ------
    CourseError
        If the counts are no counts, the level is unknown, no item has two raters, or all votes are for one
        category.

    Notes
    -----
    Used in lesson 15.

    References
    ----------
    Hayes and Krippendorff 2007, Communication Methods and Measures 1:77-89,
    https://doi.org/10.1080/19312450709336664.

    Examples
    --------
    Two items with three raters, and one with two:

    >>> round(krippendorff_alpha([[3, 0], [0, 3], [1, 1]]), 3)
    0.562
    """
    check_choice("level", level, LEVELS)
    table = _counts(counts)
    table = table[table.sum(axis=1) >= 2]
    if not len(table):
        raise CourseError(
            "counts", "no item has two raters", "Agreement needs at least two votes for an item"
        )
    raters = table.sum(axis=1)[:, np.newaxis]
    # Pairs of votes for the same item: how often category i meets category j.
    pairs = (table / (raters - 1)).T @ table - np.diag((table / (raters - 1)).sum(axis=0))
    totals = table.sum(axis=0)
    by_chance = (np.outer(totals, totals) - np.diag(totals)) / (totals.sum() - 1)
    distances = _distances(level, totals, values)
    expected = (by_chance * distances).sum()
    if not expected:
        raise CourseError("counts", "all votes are for one category", "Agreement needs votes that can differ")
    return float(1 - (pairs * distances).sum() / expected)


def _distances(level: str, totals: np.ndarray, values: npt.ArrayLike | None) -> np.ndarray:
    """The squared distance between each two categories, (categories, categories)."""
    if level == "nominal":
        return 1.0 - np.eye(len(totals))
    if level == "ordinal":  # a category's rank: all votes below it and half of its own
        values = np.cumsum(totals) - totals / 2
    elif values is None:
        values = np.arange(len(totals))
    numbers = np.asarray(values, float)
    if numbers.shape != totals.shape:
        raise CourseError(
            "values", f"{numbers.size} numbers for {len(totals)} categories", "Give one for each category"
        )
    return (numbers[:, np.newaxis] - numbers) ** 2


def ccc(y_true: npt.ArrayLike, y_pred: npt.ArrayLike) -> float:
    """The concordance correlation coefficient (CCC), the usual score of predicted valence and arousal.

    Unlike Pearson's correlation it falls if predictions are shifted or stretched.

    Parameters
    ----------
    y_true, y_pred : array-like of float, shape (n,)
        True and predicted numbers.

    Returns
    -------
    float
        From -1 to 1: 2 cov / (var_true + var_pred + (mean_true - mean_pred)²), all divided by n.

    Raises
    ------
    CourseError
        If the lists differ in length, contain NaN or infinity, or have no variance in both.

    Notes
    -----
    Used in lesson 15.

    References
    ----------
    Lin 1989, Biometrics 45:255-268, https://doi.org/10.2307/2532051.

    Examples
    --------
    The predictions are perfectly correlated, and all too high by 1:

    >>> round(ccc([1, 2, 3], [2, 3, 4]), 3)
    0.571
    """
    y_true, y_pred = (np.asarray(one, float) for one in same_items(y_true=y_true, y_pred=y_pred))
    if not np.isfinite([y_true, y_pred]).all():
        raise CourseError("y_true and y_pred", "they contain infinity", "Leave those items out")
    apart = y_true.var() + y_pred.var() + (y_true.mean() - y_pred.mean()) ** 2
    if not apart:
        raise CourseError(
            "y_true and y_pred", "both are one constant number", "Agreement needs numbers that can differ"
        )
    covariance = ((y_true - y_true.mean()) * (y_pred - y_pred.mean())).mean()
    return float(2 * covariance / apart)


def expected_accuracy(votes: npt.ArrayLike, y_pred: npt.ArrayLike) -> float:
    """The accuracy to expect against one rater, drawn at random for each item.

    Parameters
    ----------
    votes : array-like of int, shape (n, categories)
        How many raters chose each category for each item; at least one vote for each item.
    y_pred : array-like of int, shape (n,)
        Predicted categories, as column indices of `votes`.

    Returns
    -------
    float
        The mean fraction of the votes that agree with the prediction, 0 to 1. The commonest category of each
        item gives the highest value that is possible.

    Raises
    ------
    CourseError
        If the votes are no counts, an item has no vote, or a prediction is not a column.

    Notes
    -----
    Used in lesson 15.

    Examples
    --------
    >>> expected_accuracy([[9, 1], [5, 5]], [0, 0])
    0.7
    """
    fractions, y_pred = _fractions(votes), np.asarray(y_pred)
    if y_pred.shape != (len(fractions),) or not np.isin(y_pred, range(fractions.shape[1])).all():
        raise CourseError(
            "y_pred",
            f"it does not fit votes of shape {fractions.shape}",
            "Give one column index for each item",
        )
    return float(fractions[np.arange(len(y_pred)), y_pred].mean())


def soft_cross_entropy(votes: npt.ArrayLike, probabilities: npt.ArrayLike) -> float:
    """The cross-entropy between the distribution of the votes and predicted probabilities, in nats.

    Parameters
    ----------
    votes : array-like of int, shape (n, categories)
        How many raters chose each category for each item; at least one vote for each item.
    probabilities : array-like of float, shape (n, categories)
        Predicted probabilities; those below 1e-7 count as 1e-7.

    Returns
    -------
    float
        The mean over items. It is lowest, but not 0, where the probabilities are the fractions of the votes.

    Raises
    ------
    CourseError
        If the votes are no counts, an item has no vote, or the shapes differ.

    Notes
    -----
    Used in lesson 15.

    Examples
    --------
    >>> round(soft_cross_entropy([[5, 5]], [[0.5, 0.5]]), 3)
    0.693
    """
    fractions, probabilities = _fractions(votes), np.asarray(probabilities, float)
    if probabilities.shape != fractions.shape:
        raise CourseError(
            "probabilities",
            f"shape {probabilities.shape} for votes of shape {fractions.shape}",
            "Give one row for each item and one column for each category",
        )
    return float(-(fractions * np.log(np.clip(probabilities, 1e-7, 1))).sum(axis=1).mean())


def _corrected(observed: float, expected: float) -> float:
    if expected == 1:
        raise CourseError("ratings", "all are the same label", "Agreement needs labels that can differ")
    return float((observed - expected) / (1 - expected))


def _counts(values: npt.ArrayLike) -> np.ndarray:
    """Counts of votes as float (n, categories)."""
    counts = np.asarray(values, float)
    if counts.ndim != 2 or not counts.size:
        raise CourseError(
            "counts", f"shape {counts.shape}", "Give one row for each item and one column for each category"
        )
    if not (np.isfinite(counts).all() and (counts >= 0).all() and (counts == counts.round()).all()):
        raise CourseError("counts", "some are not whole numbers of 0 or more", "Give numbers of votes")
    return counts


def _fractions(votes: npt.ArrayLike) -> np.ndarray:
    counts = _counts(votes)
    if not counts.any(axis=1).all():
        raise CourseError(
            "votes", f"{(~counts.any(axis=1)).sum()} items have no vote", "Leave those items out"
        )
    return counts / counts.sum(axis=1, keepdims=True)
