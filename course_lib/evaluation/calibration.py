"""Calibration: of the predictions made with a confidence of 70 %, about 70 % should be right.

The confidence of a prediction is the probability that the network gives to the class it predicts. Fit a
temperature or choose a threshold on the validation set, never on the test set.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import minimize_scalar

from course_lib.core.validation import labels_and_probabilities
from course_lib.evaluation.intervals import wilson

SMALLEST = (
    1e-7  # Keras's epsilon: smaller probabilities count as this one, because the logarithm of 0 is -inf
)


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
    Used in lesson 13.

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


def apply_temperature(probabilities: npt.ArrayLike, temperature: float) -> np.ndarray:
    """Divide the logits behind class probabilities by a temperature (temperature scaling).

    This equals raising each probability to the power of 1 / temperature and dividing each row by its sum.

    Parameters
    ----------
    probabilities : array-like, shape (n, classes)
        Class probabilities. A row of NaN (a missing modality) stays a row of NaN.
    temperature : float
        Above 0. Above 1 the probabilities become more equal, below 1 more extreme.

    Returns
    -------
    np.ndarray
        float64, shape (n, classes). Each row sums to 1.

    Notes
    -----
    Used in lesson 13.

    Examples
    --------
    >>> apply_temperature([[0.8, 0.2]], 2).round(2)
    array([[0.67, 0.33]])
    """
    logs = np.log(np.clip(probabilities, SMALLEST, 1)) / temperature
    powers = np.exp(logs - logs.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def reliability(y_true: npt.ArrayLike, probabilities: npt.ArrayLike, bins: int = 10) -> pd.DataFrame:
    """The data of a reliability diagram: confidence and accuracy of the predictions, by confidence.

    Parameters
    ----------
    y_true : array-like of int, shape (n,)
        True labels, as column indices of `probabilities`.
    probabilities : array-like, shape (n, classes)
        Class probabilities. Each row sums to 1.
    bins : int, default 10
        The number of equally wide bins between 0 and 1.

    Returns
    -------
    pd.DataFrame
        One row for each bin, with the columns `low` and `high` (its edges), `n` (its items), `confidence`
        (their mean), `accuracy`, and `accuracy_low` and `accuracy_high` (the 95 % Wilson interval). An empty
        bin has NaN.

    Raises
    ------
    CourseError
        If a row does not sum to 1, or a label is not a column index.

    Notes
    -----
    `plots.reliability` draws it. Used in lesson 13.

    Examples
    --------
    >>> table = reliability([0, 1], [[0.9, 0.1], [0.7, 0.3]], bins=2)
    >>> table[["low", "high", "n", "confidence", "accuracy"]]
       low  high  n  confidence  accuracy
    0  0.0   0.5  0         NaN       NaN
    1  0.5   1.0  2         0.8       0.5
    """
    confidence, right = _confidence(y_true, probabilities)
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    rows = []
    for which in range(bins):
        here = bin_of == which
        n, correct = int(here.sum()), int(right[here].sum())
        low, high = wilson(correct, n) if n else (np.nan, np.nan)
        rows.append(
            {
                "low": which / bins,
                "high": (which + 1) / bins,
                "n": n,
                "confidence": confidence[here].mean() if n else np.nan,
                "accuracy": correct / n if n else np.nan,
                "accuracy_low": low,
                "accuracy_high": high,
            }
        )
    return pd.DataFrame(rows)


def _confidence(y_true: npt.ArrayLike, probabilities: npt.ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """The confidence of each prediction (n,), and whether the prediction is right (n,)."""
    y_true, probabilities = labels_and_probabilities(y_true, probabilities)
    return probabilities.max(axis=1), probabilities.argmax(axis=1) == y_true


def expected_calibration_error(y_true: npt.ArrayLike, probabilities: npt.ArrayLike, bins: int = 10) -> float:
    """The expected calibration error (ECE): the mean gap between confidence and accuracy.

    The gap is measured in each bin of `reliability` and weighted by the number of items in the bin.

    Parameters
    ----------
    y_true, probabilities, bins
        As in `reliability`.

    Returns
    -------
    float
        From 0 (perfectly calibrated) to 1. It is biased upwards if the bins hold few items, so report n
        beside it.

    Raises
    ------
    CourseError
        As in `reliability`.

    Notes
    -----
    Used in lesson 13.

    References
    ----------
    Naeini, Cooper and Hauskrecht 2015, Obtaining Well Calibrated Probabilities Using Bayesian Binning, AAAI.

    Examples
    --------
    Both predictions have a confidence of 90 %, and half of them are right:

    >>> round(expected_calibration_error([0, 1], [[0.9, 0.1], [0.9, 0.1]]), 3)
    0.4
    """
    table = reliability(y_true, probabilities, bins)
    table = table[table["n"] > 0]
    return float((table["n"] * (table["confidence"] - table["accuracy"]).abs()).sum() / table["n"].sum())


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
    Used in lesson 13.

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
