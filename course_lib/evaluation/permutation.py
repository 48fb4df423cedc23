"""Test a whole pipeline on shuffled labels: what it scores where there is nothing to learn."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from course_lib.core.errors import CourseError
from course_lib.core.progress import progress
from course_lib.core.validation import as_labels


class PermutationTest(NamedTuple):
    """What `permutation_test` found.

    Attributes
    ----------
    score : float
        The score with the true labels.
    shuffled : np.ndarray
        float64 (n_draws,): the scores with shuffled labels.
    p : float
        How often shuffled labels score at least as high; (1 + that many) / (1 + n_draws), so never 0.
    """

    score: float
    shuffled: np.ndarray
    p: float


def permutation_test(
    pipeline: Callable[[np.ndarray], float],
    y: npt.ArrayLike,
    groups: npt.ArrayLike | None = None,
    n_draws: int = 20,
    seed: int = 0,
) -> PermutationTest:
    """Score a pipeline with the true labels, and again with shuffled ones.

    With shuffled labels there is nothing to learn, so the score should be at chance. A higher one shows data
    leakage, such as features that were selected on the test set.

    Parameters
    ----------
    pipeline : callable
        `pipeline(y)` does everything that was done for the published score, selection and cross-validation
        included, with the labels y, and returns the score (higher is better).
    y : array-like, shape (n,)
        The true labels.
    groups : array-like, shape (n,), optional
        Shuffle only among items of one group, such as a speaker, so that each keeps its own labels. By
        default among all items.
    n_draws : int, default 20
        How often the labels are shuffled. The smallest possible p is 1 / (1 + n_draws).
    seed : int, default 0

    Returns
    -------
    PermutationTest

    Raises
    ------
    CourseError
        If the lists differ in length, or n_draws is less than 1.

    Notes
    -----
    scikit-learn's `permutation_test_score` does the same for an estimator with features X. Here a pipeline
    may be anything, such as a network with its early stopping. `docs/results.md` shows it for the preset
    `voice`.

    References
    ----------
    Ojala and Garriga 2010, Journal of Machine Learning Research 11:1833-1863.

    Examples
    --------
    >>> truth = np.array(list("aaaaaabbbbbb"))
    >>> found = permutation_test(lambda y: float((y == truth).mean()), truth, n_draws=99)
    >>> found.score, found.p, round(float(found.shuffled.mean()), 1)
    (1.0, 0.01, 0.5)
    """
    labels = as_labels(y, "y")
    of = np.zeros(labels.size) if groups is None else as_labels(groups, "groups")
    if of.size != labels.size:
        raise CourseError("y and groups", f"they have {labels.size} and {of.size} items", "Give one of each")
    if n_draws < 1:
        raise CourseError("n_draws", f"it is {n_draws}", "Give at least 1")
    score, rng = float(pipeline(labels)), np.random.default_rng(seed)
    shuffled = np.array(
        [
            pipeline(_shuffled(labels, of, rng))
            for _ in progress(range(n_draws), desc="shuffled labels", delay=2, leave=False)
        ]
    )
    p = (1 + (shuffled >= score - 1e-12).sum()) / (1 + n_draws)
    return PermutationTest(score, shuffled, float(p))


def _shuffled(labels: np.ndarray, groups: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A copy of the labels, shuffled within each group."""
    found = labels.copy()
    for group in np.unique(groups):
        here = np.flatnonzero(groups == group)
        found[here] = labels[rng.permutation(here)]
    return found
