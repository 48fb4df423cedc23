"""Split data into training and test set by protocol: which clips or actors stay on the same side."""

import math
from collections import Counter
from numbers import Integral, Real

import numpy as np
import pandas as pd
from sklearn.model_selection import (
    GroupShuffleSplit,
    LeaveOneGroupOut,
    StratifiedGroupKFold,
    StratifiedKFold,
    train_test_split,
)

from course_lib.core.errors import CourseError
from course_lib.core.names import check_choice
from course_lib.core.validation import column

# The protocol's name, as a score prints it → the column of its groups. All items of a group are on the same
# side of a split. `recording` is a RAVDESS file name without its modality, so that a recording's audio-video
# file and its silent copy stay together.
PROTOCOLS = {"random split": None, "grouped by clip": "recording", "speaker-independent": "actor"}
GROUPED = "grouped by "  # "grouped by statement": any column of the table can be the group


def split(
    table: pd.DataFrame, protocol: str, test_size: float = 0.1, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Split the rows of a table into a training set and a test set.

    Parameters
    ----------
    table : DataFrame
        One row for each item, with its label in `emotion` and the protocol's groups in their column.
    protocol : str
        A name of `PROTOCOLS`, or "grouped by" and a column, such as "grouped by statement". "random split" is
        the lecture's own `train_test_split` (lecture 14 at 11:55: 10 %, not stratified). The other protocols
        keep all items of a group on the same side.
    test_size : float
        The fraction of the items, or of the groups, that go into the test set: between 0 and 1.
    seed : int
        The same seed gives the same split.

    Returns
    -------
    train_index, test_index : int arrays
        Row positions, for `iloc` and for arrays.

    Raises
    ------
    CourseError
        For an unknown protocol, a missing column, a `test_size` that leaves no training set, or a training
        set of one class.

    Notes
    -----
    Used in lesson 03.

    Examples
    --------
    >>> table = pd.DataFrame({"emotion": ["calm", "angry"] * 4, "actor": [1, 1, 2, 2, 3, 3, 4, 4]})
    >>> train_index, test_index = split(table, "speaker-independent", test_size=0.25)
    >>> len(train_index), table["actor"].iloc[test_index].nunique()
    (6, 1)
    """
    y, groups = _labels_and_groups(table, protocol)
    n_groups = len(np.unique(groups))
    if isinstance(test_size, bool) or not isinstance(test_size, Real) or not 0 < test_size < 1:
        raise CourseError(
            f"test_size={test_size!r}",
            "it is not a fraction between 0 and 1",
            "Give a number, such as test_size=0.1",
        )
    if math.ceil(test_size * n_groups) >= n_groups:
        raise CourseError(
            f"split by {protocol!r}",
            f"test_size={test_size} of {n_groups} {group_column(protocol) or 'item'}s leaves no training set",
            "Give a smaller fraction, or more data",
        )
    if group_column(protocol) is None:
        parts = train_test_split(np.arange(len(y)), test_size=test_size, random_state=seed)
    else:
        splitter = GroupShuffleSplit(n_splits=1, test_size=test_size, random_state=seed)
        parts = next(splitter.split(y, y, groups))
    return _trainable([tuple(parts)], y, protocol)[0]


def folds(
    table: pd.DataFrame, protocol: str, n_splits: int | str = 5, seed: int = 0
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Split the rows of a table for cross-validation: each row is in the test set once.

    The classes are kept as even as the protocol allows (`StratifiedKFold`, `StratifiedGroupKFold`).

    Parameters
    ----------
    table, protocol, seed
        As in `split`.
    n_splits : int or "leave-one-out"
        The number of folds. "leave-one-out" tests one item or one group at a time: with
        "speaker-independent" this is leave-one-speaker-out.

    Returns
    -------
    list of (train_index, test_index)
        Row positions, int arrays.

    Raises
    ------
    CourseError
        As in `split`, and for fewer groups, or fewer items of a class, than folds.

    Notes
    -----
    Used in lessons 03, 06 to 08, 13 and 16.

    Examples
    --------
    >>> table = pd.DataFrame({"emotion": ["calm", "angry"] * 4, "statement": ["kids"] * 4 + ["dogs"] * 4})
    >>> [test.tolist() for _, test in folds(table, "grouped by statement", "leave-one-out")]
    [[4, 5, 6, 7], [0, 1, 2, 3]]
    """
    y, groups = _labels_and_groups(table, protocol)
    if n_splits == "leave-one-out":
        return _trainable(list(LeaveOneGroupOut().split(y, y, groups)), y, protocol)
    _enough_for_folds(y, groups, protocol, n_splits)
    if group_column(protocol) is None:
        pairs = StratifiedKFold(n_splits, shuffle=True, random_state=seed).split(y, y)
    else:
        # Shuffled by new random names for the groups: with its own shuffle=True scikit-learn before 1.8
        # (Colab has 1.6) forgets to stratify (scikit-learn pull request 32540).
        names, codes = np.unique(groups, return_inverse=True)
        shuffled = np.random.default_rng(seed).permutation(len(names))[codes]
        pairs = StratifiedGroupKFold(n_splits).split(y, y, shuffled)
    return _trainable(list(pairs), y, protocol)


def group_column(protocol: str) -> str | None:
    """The column whose groups a protocol keeps together.

    Parameters
    ----------
    protocol : str
        A name of `PROTOCOLS`, or "grouped by" and a column.

    Returns
    -------
    str or None
        None for the random split.

    Raises
    ------
    CourseError
        For an unknown protocol; the message names the closest one.

    Examples
    --------
    >>> group_column("speaker-independent"), group_column("grouped by statement")
    ('actor', 'statement')
    """
    if protocol not in PROTOCOLS and str(protocol).startswith(GROUPED):
        return protocol.removeprefix(GROUPED)
    check_choice("protocol", protocol, PROTOCOLS)
    return PROTOCOLS[protocol]


def _labels_and_groups(table: pd.DataFrame, protocol: str) -> tuple[np.ndarray, np.ndarray]:
    """The labels (n,), and the group of each item (n,)."""
    name = group_column(protocol)
    y = column(table, "emotion")
    groups = np.arange(len(y)) if name is None else column(table, name)
    if len(np.unique(y)) < 2:
        raise CourseError(
            "column 'emotion'",
            f"all {len(y)} items are '{y[0]}': a classifier needs two classes",
            "Give items of at least two classes",
        )
    if len(np.unique(groups)) < 2:
        raise CourseError(
            f"split by {protocol!r}",
            f"all {len(y)} items are of one {name}, {groups[0]}",
            f"Give items of at least two {name}s, or choose another protocol",
        )
    return y, groups


def _enough_for_folds(y: np.ndarray, groups: np.ndarray, protocol: str, n_splits: int | str) -> None:
    if not isinstance(n_splits, Integral) or n_splits < 2:
        raise CourseError(
            f"folds by {protocol!r}",
            f"n_splits {n_splits!r} is not a number of folds",
            'Give a whole number of at least 2, or "leave-one-out"',
        )
    n_groups, (rarest, items) = (
        len(np.unique(groups)),
        min(Counter(y.tolist()).items(), key=lambda pair: pair[1]),
    )
    if min(n_groups, items) < n_splits:
        raise CourseError(
            f"folds by {protocol!r}",
            f"{n_splits} folds are too many for {n_groups} {group_column(protocol) or 'item'}s and "
            f"{items} items of the rarest class, {rarest!r}",
            "Give a number of folds that neither is below, or more data",
        )


def _trainable(splits: list, y: np.ndarray, protocol: str) -> list[tuple[np.ndarray, np.ndarray]]:
    """The splits, once each has two classes in its training set and at least one item in its test set."""
    for train, test in splits:  # StratifiedGroupKFold can leave a fold empty (scikit-learn issue 34828, open)
        if len(np.unique(y[train])) < 2 or len(test) == 0:
            raise CourseError(
                f"split by {protocol!r}",
                "a training set has only one class, or a test set is empty",
                "Try another seed, fewer folds, or more data",
            )
    return splits
