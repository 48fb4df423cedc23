"""Accuracy by group of people, such as gender, with intervals and a test of the gap."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from course_lib.core.errors import CourseError
from course_lib.core.validation import as_labels
from course_lib.evaluation.intervals import cluster_bootstrap, wilson


class ByGroup(NamedTuple):
    """What `by_group` found.

    Attributes
    ----------
    table : pd.DataFrame
        One row for each group, with the columns `n` (items), `people`, `score`, `low` and `high` (the 95 %
        interval of the score).
    gap : float
        The highest score of a group minus the lowest one.
    p : float
        How often a gap at least this large arises when the people are divided into groups at random.
    """

    table: pd.DataFrame
    gap: float
    p: float


def by_group(
    scores: npt.ArrayLike,
    groups: npt.ArrayLike,
    people: npt.ArrayLike | None = None,
    n_draws: int = 2000,
    seed: int = 0,
) -> ByGroup:
    """Compare the mean score of groups of people, such as women and men.

    Parameters
    ----------
    scores : array-like, shape (n,)
        For each item whether it is right (True or 1, False or 0).
    groups : array-like, shape (n,)
        The group of each item.
    people : array-like, shape (n,), optional
        Who is seen or heard in each item. Items of one person tend to be right or wrong together, so
        intervals and test count people, not items. By default each item is of another person.
    n_draws : int, default 2000
        How often the groups are drawn at random.
    seed : int, default 0

    Returns
    -------
    ByGroup
        The intervals are Wilson's, or with `people` those of `cluster_bootstrap`. A group of one person has
        no interval (NaN).

    Raises
    ------
    CourseError
        If the lists differ in length, a score is not 0 or 1, there is only one group, or a person is in two.

    Notes
    -----
    The test permutes the groups of the people and needs no other assumption. A large p does not show that
    groups are treated alike: with few people, only a large gap can be seen. Used in lesson 17.

    References
    ----------
    Good 2005, Permutation, Parametric, and Bootstrap Tests of Hypotheses, chapter 3.

    Examples
    --------
    >>> found = by_group([1, 1, 1, 1, 0, 0, 0, 0], list("aaaabbbb"))
    >>> found.gap, found.p < 0.05, found.table["n"].tolist()
    (1.0, True, [4, 4])
    """
    right, codes, names, persons = _checked(scores, groups, people)
    rows = []
    for code in range(len(names)):
        here = codes == code
        own, n = right[here], int(here.sum())
        many = len(np.unique(persons[here]))
        if people is None:
            low, high = wilson(int(own.sum()), n)
        else:
            low, high = cluster_bootstrap(own, persons[here]) if many > 1 else (np.nan, np.nan)
        rows.append((n, many, own.mean(), low, high))
    table = pd.DataFrame(rows, pd.Index(names, name="group"), ["n", "people", "score", "low", "high"])
    gap, drawn = (
        table["score"].max() - table["score"].min(),
        _drawn_gaps(right, codes, persons, n_draws, seed),
    )
    p = (1 + (drawn >= gap - 1e-12).sum()) / (1 + n_draws)
    return ByGroup(table, float(gap), float(p))


def _drawn_gaps(
    right: np.ndarray, codes: np.ndarray, persons: np.ndarray, n_draws: int, seed: int
) -> np.ndarray:
    """The gaps (n_draws,) when the groups of the people are permuted."""
    _, first, person = np.unique(persons, return_index=True, return_inverse=True)
    hits, items, group = np.bincount(person, right), np.bincount(person), codes[first]
    rng, gaps = np.random.default_rng(seed), np.empty(n_draws)
    for draw in range(n_draws):
        shuffled = rng.permutation(group)
        means = np.bincount(shuffled, hits) / np.bincount(shuffled, items)
        gaps[draw] = means.max() - means.min()
    return gaps


def _checked(
    scores: npt.ArrayLike, groups: npt.ArrayLike, people: npt.ArrayLike | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Scores (n,) as float, numbers of the groups (n,), the groups' names, and the people (n,)."""
    right = as_labels(scores, "scores").astype(float)
    named = as_labels(groups, "groups")
    persons = np.arange(right.size) if people is None else as_labels(people, "people")
    if not right.size == named.size == persons.size:
        raise CourseError(
            "scores, groups and people",
            f"they have {right.size}, {named.size} and {persons.size} items",
            "Give one of each for each item",
        )
    if not np.isin(right, (0, 1)).all():
        raise CourseError("scores", "some are not 0 or 1", "Give y_true == y_pred")
    names, codes = np.unique(named, return_inverse=True)
    if len(names) < 2:
        raise CourseError("groups", f"all items are of the group {names[0]}", "Give items of two groups")
    pairs = pd.DataFrame({"person": persons, "group": codes}).drop_duplicates()
    if pairs["person"].duplicated().any():
        both = pairs.loc[pairs["person"].duplicated(), "person"].iloc[0]
        raise CourseError("people", f"{both} is in two groups", "A person belongs to one group")
    return right, codes, names, persons
