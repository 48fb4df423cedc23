"""Splits by protocol: which clips or actors stay together when data are divided into training and test
sets."""

import math
from collections import Counter
from numbers import Integral

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
from course_lib.core.validation import check_choice, column

# The protocol's name, as a score prints it → the column whose groups stay whole. `take` is a RAVDESS file
# name without its modality, so that a recording's audio-video file and its silent twin never part.
PROTOCOLS = {"items at random": None, "whole clips": "take", "whole actors": "actor"}


def split(
    table: pd.DataFrame, protocol: str, test_size: float = 0.1, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """One training and one test part: row positions (train_index, test_index), int arrays for `iloc` and
    arrays.

    "items at random" is the lecture's own `train_test_split` (lecture 14 at 11:55, 10 %, not stratified); the
    other protocols take `test_size` of the clips or actors, whole. `table` has a row an item, its label in
    `emotion`, and the protocol's column (see `PROTOCOLS`). Raises `CourseError` for an unknown protocol, a
    missing column, a `test_size` that leaves nothing to train on, and a training part of one class."""
    y, groups = _labels_and_groups(table, protocol)
    n_groups = len(np.unique(groups))
    if not 0 < test_size < 1 or math.ceil(test_size * n_groups) >= n_groups:
        raise CourseError(
            f"split by {protocol!r}",
            f"test_size {test_size} of {n_groups} leaves no training part",
            "Give a share between 0 and 1, or more data",
        )
    if PROTOCOLS[protocol] is None:
        parts = train_test_split(np.arange(len(y)), test_size=test_size, random_state=seed)
    else:
        splitter = GroupShuffleSplit(n_splits=1, test_size=test_size, random_state=seed)
        parts = next(splitter.split(y, y, groups))
    return _trainable([tuple(parts)], y, protocol)[0]


def folds(
    table: pd.DataFrame, protocol: str, n_splits: int | str = 5, seed: int = 0
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Cross-validation: `n_splits` pairs of row positions (train_index, test_index); each row is tested once.

    Classes are kept as even as the protocol lets them be (`StratifiedKFold`, `StratifiedGroupKFold`);
    `n_splits="leave-one-out"` tests one item, clip or actor at a time. `table` and errors as in `split`, and
    `CourseError` where there are fewer groups, or fewer items of a class, than folds.
    """
    y, groups = _labels_and_groups(table, protocol)
    if n_splits == "leave-one-out":
        return _trainable(list(LeaveOneGroupOut().split(y, y, groups)), y, protocol)
    _enough_for_folds(y, groups, protocol, n_splits)
    if PROTOCOLS[protocol] is None:
        pairs = StratifiedKFold(n_splits, shuffle=True, random_state=seed).split(y, y)
    else:
        # Shuffled by new random names for the groups: with its own shuffle=True scikit-learn before 1.8
        # (Colab has 1.6) forgets to stratify (scikit-learn pull request 32540).
        names, codes = np.unique(groups, return_inverse=True)
        shuffled = np.random.default_rng(seed).permutation(len(names))[codes]
        pairs = StratifiedGroupKFold(n_splits).split(y, y, shuffled)
    return _trainable(list(pairs), y, protocol)


def _labels_and_groups(table, protocol):
    """The labels and, for each item, what must stay whole with it: (n,) and (n,)."""
    check_choice("protocol", protocol, PROTOCOLS)
    y, name = column(table, "emotion"), PROTOCOLS[protocol]
    groups = np.arange(len(y)) if name is None else column(table, name)
    if len(np.unique(y)) < 2:
        raise CourseError(
            "column 'emotion'",
            f"all {len(y)} items are '{y[0]}': there is nothing to tell apart",
            "Give items of at least two classes",
        )
    if len(np.unique(groups)) < 2:
        raise CourseError(
            f"split by {protocol!r}",
            f"all {len(y)} items are of one {name}, {groups[0]}",
            "Give more of them, or choose another protocol",
        )
    return y, groups


def _enough_for_folds(y, groups, protocol, n_splits):
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
            f"{n_splits} folds are asked of {n_groups} "
            f"{PROTOCOLS[protocol] or 'item'}s, and of {items} items of the rarest class, {rarest!r}",
            "Ask for no more folds than either, or give more data",
        )


def _trainable(splits, y, protocol):
    """The splits, once each has at least two classes to learn from and something to test."""
    for train, test in splits:  # StratifiedGroupKFold can leave a fold empty (scikit-learn issue 34828, open)
        if len(np.unique(y[train])) < 2 or len(test) == 0:
            raise CourseError(
                f"split by {protocol!r}",
                "a training part holds one class, or a test part nothing",
                "Try another seed, fewer folds, or more data",
            )
    return splits
