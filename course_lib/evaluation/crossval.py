"""Compare classifiers by a protocol: each item is tested once, by a model that was not trained on it."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from joblib import Parallel, delayed
from sklearn.base import BaseEstimator, clone
from threadpoolctl import threadpool_limits

from course_lib.core.errors import CourseError
from course_lib.core.progress import progress
from course_lib.core.validation import column
from course_lib.evaluation.intervals import cluster_bootstrap
from course_lib.evaluation.scores import Score, unweighted_average_recall
from course_lib.evaluation.splits import folds

Splits = list[tuple[np.ndarray, np.ndarray]]  # (train_index, test_index) of each fold


@dataclass(frozen=True)
class Comparison:
    """What `compare` found: a table with one row for each classifier, and all predictions.

    Attributes
    ----------
    table : DataFrame
        Columns: classifier; train (accuracy on the training set, mean over the folds); score (a `Score` over
        all tested items); low, high (its Wilson interval); baseline (majority class of the training rows);
        uar; actor_interval (`cluster_bootstrap` by `actor`, or NaN with fewer than two tested actors).
    y_true : array of shape (n,)
        The labels of the tested items.
    predictions : dict of str to array of shape (n,)
        For each classifier its predicted labels.
    tested : int array of shape (n,)
        The row of each tested item in the table that was given.
    """

    table: pd.DataFrame
    y_true: np.ndarray
    predictions: dict[str, np.ndarray]
    tested: np.ndarray

    def __repr__(self) -> str:
        return repr(self.table)

    def _repr_html_(self) -> str:
        return self.table._repr_html_()


def compare(
    X: npt.ArrayLike,
    table: pd.DataFrame,
    protocol: str,
    classifiers: dict[str, BaseEstimator],
    cv: int | str | Iterable[tuple[npt.ArrayLike, npt.ArrayLike]] = 5,
    seed: int = 0,
    note: str = "",
) -> Comparison:
    """Compare classifiers by one protocol. Each item is tested once, by a model that was not trained on it.

    Parameters
    ----------
    X : array of shape (n, d)
        Features.
    table : DataFrame
        One row for each row of `X`, with `emotion` and the protocol's groups (see `evaluation.PROTOCOLS`).
    protocol : str
        As in `evaluation.folds`. With your own splits in `cv`, any words that say how they were made.
    classifiers : dict of str to estimator
        Unfitted scikit-learn classifiers by name, such as the lecture's four, `models.classical.panel()`.
    cv : int, "leave-one-out", or list of (train_index, test_index)
        As in scikit-learn. The lecture's one split is `[evaluation.split(table, "random split")]`.
    seed : int
        The same seed gives the same folds.
    note : str
        What each score must say besides, such as the corpus.

    Returns
    -------
    Comparison

    Raises
    ------
    CourseError
        If X is not (n, d) finite numbers, differs in length from the table, or holds one class.

    Notes
    -----
    Used in lessons 03, 04, 06 to 08 and 12.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> X = np.array([[0.0], [0.1], [1.0], [1.1]] * 2)
    >>> table = pd.DataFrame({"emotion": ["calm", "calm", "angry", "angry"] * 2, "actor": [1] * 4 + [2] * 4})
    >>> found = compare(X, table, "speaker-independent", {"GaussianNB": GaussianNB()}, cv=2)
    >>> print(found.table["score"][0])
    8 of 8 = 100.0 % (95 % CI 67.6–100.0), speaker-independent, majority 50.0 %
    """
    X, y = _features(X, table), column(table, "emotion")
    splits = folds(table, protocol, cv, seed) if isinstance(cv, int | str) else _checked(cv, y)
    tested = np.concatenate([test for _, test in splits])
    order = np.argsort(tested)
    train_scores, predicted = _fit_and_predict(classifiers, X, y, splits)
    predictions = {name: np.concatenate(parts)[order] for name, parts in predicted.items()}
    tested, y_train = tested[order], np.concatenate([y[train] for train, _ in splits])
    rows = []
    for name, y_pred in predictions.items():
        score = Score.of(y[tested], y_pred, protocol, y_train, note)
        rows.append(
            {
                "classifier": name,
                "train": float(np.mean(train_scores[name])),
                "score": score,
                "low": score.interval[0],
                "high": score.interval[1],
                "baseline": score.baseline,
                "uar": unweighted_average_recall(y[tested], y_pred),
                "actor_interval": _actor_interval(y_pred == y[tested], table.iloc[tested]),
            }
        )
    return Comparison(pd.DataFrame(rows), y[tested], predictions, tested)


def _fit_and_predict(
    classifiers: dict, X: np.ndarray, y: np.ndarray, splits: Splits
) -> tuple[dict[str, list], dict[str, list]]:
    """For each classifier: its training accuracies, and its predictions of the test set of each split."""
    jobs = [(name, train, test) for train, test in splits for name in classifiers]
    fits = (delayed(_one_fit)(classifiers[name], X, y, train, test) for name, train, test in jobs)
    # One fit on each core, with one BLAS thread: more threads would only wait for a core.
    with (
        threadpool_limits(1),
        progress(total=len(jobs), desc="fit and score", unit="fit", delay=1, leave=False) as bar,
    ):
        train_scores: dict[str, list] = {name: [] for name in classifiers}
        predicted: dict[str, list] = {name: [] for name in classifiers}
        results = Parallel(n_jobs=-1, prefer="threads", return_as="generator")(fits)
        for (name, _, _), (train_score, y_pred) in zip(jobs, results, strict=True):
            train_scores[name].append(train_score)
            predicted[name].append(y_pred)
            bar.update()
    return train_scores, predicted


def _one_fit(
    classifier: BaseEstimator, X: np.ndarray, y: np.ndarray, train: np.ndarray, test: np.ndarray
) -> tuple[float, np.ndarray]:
    """The training accuracy and the test predictions of a copy that was fitted on the training set alone."""
    X_train = X[train]
    fitted = clone(classifier).fit(X_train, y[train])
    return fitted.score(X_train, y[train]), fitted.predict(X[test])


def _features(X: npt.ArrayLike, table: pd.DataFrame) -> np.ndarray:
    """X as an array (n, d) of finite numbers with a row for each of the table's."""
    X = np.asarray(X)
    if X.ndim != 2 or X.shape[1] == 0 or X.dtype.kind not in "biuf":
        raise CourseError(
            "X",
            f"rows of numbers (n, d) are expected, not {X.dtype} of shape {X.shape}",
            "Flatten images with X.reshape(len(X), -1)",
        )
    if len(X) != len(table):
        raise CourseError(
            "X and table",
            f"X has {len(X)} rows and the table {len(table)}",
            "Give one row of features for each row of the table, in the same order",
        )
    if not np.isfinite(X).all():
        raise CourseError(
            "X",
            f"{(~np.isfinite(X)).any(axis=1).sum()} of {len(X)} rows hold NaN or infinity",
            "Leave those items out of X and of the table, or correct their features",
        )
    return X


def _checked(splits: Iterable[tuple], y: np.ndarray) -> Splits:
    """The splits as a list, once no row is on both sides or tested twice and each set can be trained on."""
    splits = [(np.asarray(train), np.asarray(test)) for train, test in splits]
    tested = [row for _, test in splits for row in test]
    wrong = {
        "there is nothing to test": not tested,
        "a row is tested twice": len(set(tested)) < len(tested),
        "a row is in both training and test set": any(np.isin(test, train).any() for train, test in splits),
        f"a row is not one of the table's {len(y)}": any(
            not 0 <= row < len(y) for pair in splits for rows in pair for row in rows
        ),
    }
    wrong["a training set has only one class"] = not any(wrong.values()) and any(
        len(np.unique(y[train])) < 2 for train, _ in splits
    )
    if any(wrong.values()):
        raise CourseError(
            "cv",
            "; ".join(what for what, is_so in wrong.items() if is_so),
            "Make the splits with evaluation.split or evaluation.folds from this same table",
        )
    return splits


def _actor_interval(correct: np.ndarray, table: pd.DataFrame) -> tuple[float, float]:
    if "actor" not in table or table["actor"].nunique() < 2:
        return float("nan"), float("nan")
    return cluster_bootstrap(correct, column(table, "actor"))
