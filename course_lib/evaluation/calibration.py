"""Calibration: of the predictions made with a confidence of 70 %, about 70 % should be right.

The confidence of a prediction is the probability that the network gives to the class it predicts. Fit a
temperature or choose a threshold on the validation set, never on the test set.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import minimize_scalar

from course_lib.core.errors import CourseError
from course_lib.core.probabilities import SMALLEST as SMALLEST
from course_lib.core.probabilities import apply_temperature as apply_temperature
from course_lib.core.validation import labels_and_probabilities
from course_lib.evaluation.intervals import wilson


def fit_temperature(y_true: npt.ArrayLike, probabilities: npt.ArrayLike) -> float:
    """Fit the temperature that calibrates a network's probabilities (temperature scaling).

    It is the temperature with the smallest mean cross-entropy of `apply_temperature(probabilities,
    temperature)`. Above 1, the network was overconfident; below 1, underconfident. One temperature serves all
    items and classes, so the predicted classes do not change.

    Parameters
    ----------
    y_true : array-like of int, shape (n,)
        True labels of validation items, as column indices of `probabilities`.
    probabilities : array-like, shape (n, classes)
        Class probabilities (softmax output). Each row sums to 1.

    Returns
    -------
    float
        The temperature, between 0.05 and 20.

    Raises
    ------
    CourseError
        If a row does not sum to 1, or a label is not a column index.

    Notes
    -----
    Used in lessons 13 and 17.

    References
    ----------
    Guo, Pleiss, Sun and Weinberger 2017, On Calibration of Modern Neural Networks,
    https://arxiv.org/abs/1706.04599.

    Examples
    --------
    The network gives every prediction 99 %, and only three of four are right:

    >>> probabilities = [[0.99, 0.01], [0.99, 0.01], [0.01, 0.99], [0.01, 0.99]]
    >>> temperature = fit_temperature([0, 0, 1, 0], probabilities)
    >>> print(f"{temperature:.1f}")
    4.2
    >>> apply_temperature(probabilities, temperature).round(2)[0]
    array([0.75, 0.25])
    """
    y_true, probabilities = labels_and_probabilities(y_true, probabilities)
    rows = np.arange(len(y_true))

    def loss(log_temperature: float) -> float:
        return -np.log(apply_temperature(probabilities, np.exp(log_temperature))[rows, y_true]).mean()

    return float(np.exp(minimize_scalar(loss, bounds=np.log([0.05, 20]), method="bounded").x))


def reliability(
    y_true: npt.ArrayLike, probabilities: npt.ArrayLike, bins: int = 10, equal_count: bool = False
) -> pd.DataFrame:
    """The data of a reliability diagram: confidence and accuracy of the predictions, by confidence.

    Parameters
    ----------
    y_true : array-like of int, shape (n,)
        True labels, as column indices of `probabilities`.
    probabilities : array-like, shape (n, classes)
        Class probabilities. Each row sums to 1.
    bins : int, default 10
        The number of bins.
    equal_count : bool, default False
        False: the bins between 0 and 1 are equally wide. True: each bin has the same number of items (the
        numbers differ by 1 at most), which suits a network with few small confidences.

    Returns
    -------
    pd.DataFrame
        One row for each bin, with the columns `low` and `high` (its edges; with `equal_count` the smallest
        and the largest confidence in it), `n` (its items), `confidence` (their mean), `accuracy`, and
        `accuracy_low` and `accuracy_high` (the 95 % Wilson interval). An empty bin has NaN.

    Raises
    ------
    CourseError
        If a row does not sum to 1, or a label is not a column index.

    Notes
    -----
    `plots.reliability` draws it. Used in lesson 17.

    Examples
    --------
    >>> table = reliability([0, 1], [[0.9, 0.1], [0.7, 0.3]], bins=2)
    >>> table[["low", "high", "n", "confidence", "accuracy"]]
       low  high  n  confidence  accuracy
    0  0.0   0.5  0         NaN       NaN
    1  0.5   1.0  2         0.8       0.5
    """
    confidence, right = _confidence(y_true, probabilities)
    bin_of = _bins(confidence, bins, equal_count)
    rows = []
    for which in range(bins):
        here = bin_of == which
        n, correct = int(here.sum()), int(right[here].sum())
        edges = (which / bins, (which + 1) / bins)
        if equal_count:
            edges = (confidence[here].min(), confidence[here].max()) if n else (np.nan, np.nan)
        interval = wilson(correct, n) if n else (np.nan, np.nan)
        mean = confidence[here].mean() if n else np.nan
        rows.append((*edges, n, mean, correct / n if n else np.nan, *interval))
    names = ["low", "high", "n", "confidence", "accuracy", "accuracy_low", "accuracy_high"]
    return pd.DataFrame(rows, columns=names)


def _bins(confidence: np.ndarray, bins: int, equal_count: bool) -> np.ndarray:
    """The bin of each item (n,), from 0."""
    if not equal_count:
        return np.minimum((confidence * bins).astype(int), bins - 1)
    bin_of = np.empty(len(confidence), int)
    for which, items in enumerate(np.array_split(np.argsort(confidence, kind="stable"), bins)):
        bin_of[items] = which
    return bin_of


def _confidence(y_true: npt.ArrayLike, probabilities: npt.ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """The confidence of each prediction (n,), and whether the prediction is right (n,)."""
    y_true, probabilities = labels_and_probabilities(y_true, probabilities)
    return probabilities.max(axis=1), probabilities.argmax(axis=1) == y_true


def expected_calibration_error(
    y_true: npt.ArrayLike, probabilities: npt.ArrayLike, bins: int = 10, equal_count: bool = False
) -> float:
    """The expected calibration error (ECE): the mean gap between confidence and accuracy.

    The gap is measured in each bin of `reliability` and weighted by the number of items in the bin.

    Parameters
    ----------
    y_true, probabilities, bins, equal_count
        As in `reliability`.

    Returns
    -------
    float
        From 0 to 1. A perfectly calibrated network has an ECE above 0, too, because the accuracy in each bin
        varies by chance: `error_if_calibrated` tells how much.

    Raises
    ------
    CourseError
        As in `reliability`.

    Notes
    -----
    Used in lessons 13 and 17.

    References
    ----------
    Naeini, Cooper and Hauskrecht 2015, Obtaining Well Calibrated Probabilities Using Bayesian Binning, AAAI.

    Examples
    --------
    Both predictions have a confidence of 90 %, and half of them are right:

    >>> round(expected_calibration_error([0, 1], [[0.9, 0.1], [0.9, 0.1]]), 3)
    0.4
    """
    table = reliability(y_true, probabilities, bins, equal_count)
    table = table[table["n"] > 0]
    return float((table["n"] * (table["confidence"] - table["accuracy"]).abs()).sum() / table["n"].sum())


def _error(confidence: np.ndarray, right: np.ndarray, bins: int, equal_count: bool) -> float:
    """The expected calibration error, fast enough for a bootstrap."""
    gaps = np.bincount(_bins(confidence, bins, equal_count), confidence - right)
    return float(np.abs(gaps).sum() / len(right))


def calibration_error_interval(
    y_true: npt.ArrayLike,
    probabilities: npt.ArrayLike,
    bins: int = 15,
    equal_count: bool = True,
    level: float = 0.95,
    n_boot: int = 2000,
    seed: int = 0,
) -> tuple[float, float]:
    """A confidence interval of the expected calibration error, by resampling the items (bootstrap).

    The ECE of a resample is larger than that of the sample on average, as the ECE of the sample is larger
    than that of all items there are. The basic (reversed percentile) interval corrects most of this, so the
    ECE itself lies near its upper end. The upper end is never below the ECE.

    Parameters
    ----------
    y_true, probabilities
        As in `reliability`.
    bins, equal_count
        As in `reliability`, but with 15 bins of the same number of items by default.
    level : float, default 0.95
        The confidence level.
    n_boot : int, default 2000
        How often the items are resampled.
    seed : int, default 0

    Returns
    -------
    tuple of float
        The lower and the upper end, each 0 to 1.

    Raises
    ------
    CourseError
        As in `reliability`.

    References
    ----------
    Davison and Hinkley 1997, Bootstrap Methods and their Application, chapter 5.

    Examples
    --------
    Each of 100 predictions has a confidence of 90 %, and half of them are right. With one bin, the error is
    0.4:

    >>> low, high = calibration_error_interval([0, 1] * 50, [[0.9, 0.1]] * 100, bins=1)
    >>> print(f"{low:.2f} to {high:.2f}")
    0.30 to 0.50
    """
    confidence, right = _confidence(y_true, probabilities)
    error, rng, n = _error(confidence, right, bins, equal_count), np.random.default_rng(seed), len(right)
    drawn = (rng.integers(n, size=n) for _ in range(n_boot))
    resampled = [_error(confidence[items], right[items], bins, equal_count) for items in drawn]
    low, high = np.quantile(resampled, [(1 - level) / 2, (1 + level) / 2])
    return float(max(0, 2 * error - high)), float(max(error, 2 * error - low))


def error_if_calibrated(
    probabilities: npt.ArrayLike,
    bins: int = 15,
    equal_count: bool = True,
    level: float = 0.95,
    n_draws: int = 2000,
    seed: int = 0,
) -> tuple[float, float]:
    """The expected calibration error that a perfectly calibrated network shows by chance.

    It is the baseline of an ECE. Each prediction is drawn to be right with a probability equal to its
    confidence, so only chance makes a gap. An ECE below the second number is no evidence of a network that is
    badly calibrated.

    Parameters
    ----------
    probabilities : array-like, shape (n, classes)
        Class probabilities. Each row sums to 1.
    bins, equal_count
        As in `calibration_error_interval`.
    level : float, default 0.95
        Of the second number.
    n_draws : int, default 2000
        How often the predictions are drawn.
    seed : int, default 0

    Returns
    -------
    tuple of float
        The mean ECE, and the ECE that a fraction `level` of the draws does not exceed.

    Raises
    ------
    CourseError
        If a row does not sum to 1.

    References
    ----------
    Vaicenavicius et al. 2019, Evaluating model calibration in classification, AISTATS.

    Examples
    --------
    With 100 predictions of a confidence of 90 % in one bin, the accuracy varies by about 3 % around 90 %:

    >>> mean, high = error_if_calibrated([[0.9, 0.1]] * 100, bins=1)
    >>> print(f"{mean:.3f}, below {high:.2f}")
    0.024, below 0.06
    """
    confidence = _confidence(np.zeros(len(np.asarray(probabilities)), int), probabilities)[0]
    rng = np.random.default_rng(seed)
    drawn = (rng.random(len(confidence)) < confidence for _ in range(n_draws))
    errors = [_error(confidence, right, bins, equal_count) for right in drawn]
    return float(np.mean(errors)), float(np.quantile(errors, level))


def threshold(y_true: npt.ArrayLike, probabilities: npt.ArrayLike, accuracy: float) -> float:
    """The smallest confidence threshold that reaches a selective accuracy.

    A system with this threshold answers "not sure" when its confidence is below the threshold. The selective
    accuracy is the accuracy on the items it answers; the coverage is the fraction of items it answers.

    Parameters
    ----------
    y_true : array-like of int, shape (n,)
        True labels of validation items, as column indices of `probabilities`.
    probabilities : array-like, shape (n, classes)
        Class probabilities. Each row sums to 1.
    accuracy : float
        The selective accuracy to reach, 0 to 1.

    Returns
    -------
    float
        The threshold, or 1.0 (nearly always "not sure") if no threshold reaches the accuracy.

    Raises
    ------
    CourseError
        If a row does not sum to 1, or a label is not a column index.

    Notes
    -----
    Used in lesson 17.

    Examples
    --------
    The prediction with a confidence of 60 % is wrong, so only the other two are answered:

    >>> threshold([0, 0, 1], [[0.9, 0.1], [0.8, 0.2], [0.6, 0.4]], accuracy=0.9)
    0.8
    """
    confidence, right = _confidence(y_true, probabilities)
    order = np.argsort(-confidence, kind="stable")
    confidence, right = confidence[order], right[order]
    reached = np.cumsum(right) / np.arange(1, len(right) + 1)
    last_of_equals = np.append(confidence[1:] != confidence[:-1], True)
    enough = np.flatnonzero((reached >= accuracy) & last_of_equals)
    return float(confidence[enough[-1]]) if len(enough) else 1.0


def coverage_curve(
    y_true: npt.ArrayLike,
    probabilities: npt.ArrayLike,
    coverages: Sequence[float] = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
) -> pd.DataFrame:
    """Selective accuracy by coverage: how often the most confident predictions are right.

    The coverage is the fraction of items that a system with a confidence threshold answers. The selective
    accuracy is the accuracy on these items.

    Parameters
    ----------
    y_true : array-like of int, shape (n,)
        True labels, as column indices of `probabilities`.
    probabilities : array-like, shape (n, classes)
        Class probabilities. Each row sums to 1.
    coverages : sequence of float, optional
        The coverages to measure, above 0 and at most 1.

    Returns
    -------
    pd.DataFrame
        One row for each asked coverage, with the columns `coverage` (the fraction answered, which is the
        asked one or a little more: items of equal confidence are answered together), `threshold` (the
        smallest confidence answered), `n` (items answered), `accuracy`, `accuracy_low` and `accuracy_high`
        (the 95 % Wilson interval, for this threshold).

    Raises
    ------
    CourseError
        If a row does not sum to 1, a label is not a column index, or a coverage is not above 0 and at most 1.

    Notes
    -----
    `plots.bands` draws it, with `coverage` as x.

    References
    ----------
    Geifman and El-Yaniv 2017, Selective Classification for Deep Neural Networks,
    https://arxiv.org/abs/1705.08500.

    Examples
    --------
    The prediction with a confidence of 60 % is wrong, so the two others are right more often:

    >>> table = coverage_curve([0, 0, 1], [[0.9, 0.1], [0.8, 0.2], [0.6, 0.4]], [1 / 3, 2 / 3, 1])
    >>> table[["threshold", "n", "accuracy"]].round(2)
       threshold  n  accuracy
    0        0.9  1      1.00
    1        0.8  2      1.00
    2        0.6  3      0.67
    """
    if not all(0 < coverage <= 1 for coverage in coverages):
        raise CourseError(
            "coverages", "some are not above 0 and at most 1", "Give fractions of the items, such as 0.5"
        )
    confidence, right = _confidence(y_true, probabilities)
    order, rows = np.argsort(-confidence, kind="stable"), []
    confidence, right = confidence[order], right[order]
    for coverage in coverages:
        least = confidence[max(1, round(coverage * len(right))) - 1]
        n = int((confidence >= least).sum())
        correct = int(right[:n].sum())
        rows.append((n / len(right), least, n, correct / n, *wilson(correct, n)))
    names = ["coverage", "threshold", "n", "accuracy", "accuracy_low", "accuracy_high"]
    return pd.DataFrame(rows, columns=names)
