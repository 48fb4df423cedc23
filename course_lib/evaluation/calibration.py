"""Calibration: of the predictions made with a probability of 70 %, seven in ten should be right.

Guo et al. 2017 (On Calibration of Modern Neural Networks, arXiv:1706.04599). Whatever is learnt here (a
temperature, a threshold) is learnt on the validation set, never on the test set."""

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import minimize_scalar

from course_lib.core.errors import CourseError
from course_lib.evaluation.intervals import wilson

SMALLEST = 1e-7  # Keras's epsilon: no probability is 0


def fit_temperature(y: npt.ArrayLike, probabilities: npt.ArrayLike) -> float:
    """The temperature at which the `probabilities` (n, classes) of items with labels y (n,), their columns,
    fit best: the one with the smallest mean cross-entropy of `apply_temperature(probabilities, temperature)`,
    between 0.05 and 20.

    Above 1, the network was overconfident. One temperature serves all items and classes, so the predicted
    class does not change. Raises `CourseError` if a row does not sum to 1, or a label is not a column index.
    """
    y, probabilities = checked(y, probabilities)
    rows = np.arange(len(y))

    def loss(log_temperature: float) -> float:
        return -np.log(apply_temperature(probabilities, np.exp(log_temperature))[rows, y]).mean()

    return float(np.exp(minimize_scalar(loss, bounds=np.log([0.05, 20]), method="bounded").x))


def apply_temperature(probabilities: npt.ArrayLike, temperature: float) -> np.ndarray:
    """Probabilities (n, classes) raised to the power of 1 / temperature, each row made to add up to 1: what
    dividing the network's last sums by the temperature gives. A row of NaN, a missing modality, stays so."""
    logs = np.log(np.clip(probabilities, SMALLEST, 1)) / temperature
    powers = np.exp(logs - logs.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def reliability(y: npt.ArrayLike, probabilities: npt.ArrayLike, bins: int = 10) -> pd.DataFrame:
    """How often the first guess is right, by its probability: a row for each of `bins` equal steps from 0 to
    1.

    y: (n,) labels, columns of probabilities (n, classes). Columns: `low` and `high` of the step, `n`,
    `confidence` (the mean probability of the predicted class of its items), `accuracy`, and its 95 % Wilson
    interval `accuracy_low`, `accuracy_high`; NaN where n is 0."""
    y, probabilities = checked(y, probabilities)
    first, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == y
    step = np.minimum((first * bins).astype(int), bins - 1)
    rows = []
    for which in range(bins):
        here = step == which
        n, correct = int(here.sum()), int(right[here].sum())
        low, high = wilson(correct, n) if n else (np.nan, np.nan)
        rows.append(
            {
                "low": which / bins,
                "high": (which + 1) / bins,
                "n": n,
                "confidence": first[here].mean() if n else np.nan,
                "accuracy": correct / n if n else np.nan,
                "accuracy_low": low,
                "accuracy_high": high,
            }
        )
    return pd.DataFrame(rows)


def expected_calibration_error(y: npt.ArrayLike, probabilities: npt.ArrayLike, bins: int = 10) -> float:
    """How far the confidence (the predicted class's probability) and its accuracy lie apart on average,
    weighted by items (Naeini et al. 2015).

    From `reliability`. It is biased upwards where steps hold few items: say n beside it.
    """
    table = reliability(y, probabilities, bins)
    table = table[table["n"] > 0]
    return float((table["n"] * (table["confidence"] - table["accuracy"]).abs()).sum() / table["n"].sum())


def threshold(y: npt.ArrayLike, probabilities: npt.ArrayLike, accuracy: float) -> float:
    """The smallest first probability from which on answers on these (validation) items are right at least
    this often.

    All items whose first probability is as large or larger are right in at least `accuracy` (0 to 1) of them.
    A system with this threshold answers "not sure" to the other items. The result is 1.0 (nearly always
    "not sure") if no threshold reaches the accuracy."""
    y, probabilities = checked(y, probabilities)
    first, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == y
    order = np.argsort(-first, kind="stable")
    reached = np.cumsum(right[order]) / np.arange(1, len(y) + 1)
    last_of_its_share = np.append(first[order][1:] != first[order][:-1], True)
    enough = np.flatnonzero((reached >= accuracy) & last_of_its_share)
    return float(first[order][enough[-1]]) if len(enough) else 1.0


def checked(y: npt.ArrayLike, probabilities: npt.ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """y as int (n,) and probabilities as float64 (n, classes), each row at least 0 and adding up to 1, else
    `CourseError`.
    """
    y, probabilities = np.asarray(y), np.asarray(probabilities, np.float64)
    if probabilities.ndim != 2 or not len(probabilities) or y.shape != (len(probabilities),):
        raise CourseError(
            f"probabilities of shape {probabilities.shape}",
            f"they do not fit labels of shape {y.shape}",
            "Give probabilities (n, classes), n above 0, and a label for each row",
        )
    if not (
        np.isfinite(probabilities).all()
        and (probabilities >= 0).all()
        and np.allclose(probabilities.sum(axis=1), 1, atol=1e-3)
    ):
        raise CourseError(
            "probabilities", "some rows hold NaN, are below 0 or do not add up to 1", "Give softmax's answers"
        )
    if y.dtype.kind not in "iu" or y.min() < 0 or y.max() >= probabilities.shape[1]:
        raise CourseError(
            "labels",
            f"they are no columns of probabilities of {probabilities.shape[1]} classes",
            "Number the classes from 0, in the order of the columns",
        )
    return y, probabilities
