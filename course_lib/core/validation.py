"""Checks of labels, tables, probabilities and sound. Errors tell what is wrong and what to do."""

from collections.abc import Iterable
from numbers import Integral, Real

import numpy as np
import numpy.typing as npt
import pandas as pd

from course_lib.core.errors import CourseError
from course_lib.core.names import did_you_mean

# --- labels ---


def as_labels(values: npt.ArrayLike, name: str = "labels") -> np.ndarray:
    """Labels as a NumPy array, one for each item.

    Parameters
    ----------
    values : array-like, shape (n,)
        Strings or numbers.
    name : str
        What an error calls them.

    Returns
    -------
    np.ndarray
        Shape (n,).

    Raises
    ------
    CourseError
        If there are no labels, some are missing (NaN, None), or the array is not one-dimensional.

    Examples
    --------
    >>> as_labels(["sad", "happy"]).tolist()
    ['sad', 'happy']
    """
    array = np.asarray(values)
    if array.ndim != 1 or array.size == 0:
        raise CourseError(
            name,
            f"one label for each item is expected, the shape is {array.shape}",
            "Give a list or 1-D array; of one-hot rows or probabilities take argmax(axis=1)",
        )
    if pd.isna(array).any():
        raise CourseError(
            name,
            f"{pd.isna(array).sum()} of {array.size} are missing (NaN or None)",
            "Leave those items out, or fill in their labels",
        )
    return np.asarray(array.tolist())


def column(table: pd.DataFrame, name: str) -> np.ndarray:
    """A column of a table as an array without gaps.

    Parameters
    ----------
    table : pd.DataFrame
    name : str
        The column.

    Returns
    -------
    np.ndarray
        Shape (n,).

    Raises
    ------
    CourseError
        If the column is missing or has gaps.

    Examples
    --------
    >>> column(pd.DataFrame({"actor": [1, 2]}), "actor").tolist()
    [1, 2]
    """
    if name not in table:
        raise CourseError(
            f"table with the columns {', '.join(map(str, table.columns))}",
            f"the column {name!r} is missing",
            f"{did_you_mean(name, table.columns)}Add a column {name!r} with one value for each item",
        )
    return as_labels(table[name], f"column {name!r}")


def label_arrays(**lists: npt.ArrayLike) -> tuple[np.ndarray, ...]:
    """Several lists of labels as arrays of one kind.

    Parameters
    ----------
    **lists : array-like, shape (n,)
        The labels, by the name that an error calls them.

    Returns
    -------
    tuple of np.ndarray
        In the order given.

    Raises
    ------
    CourseError
        If labels are missing, or some lists are text and some are numbers: these would never be equal.

    Examples
    --------
    >>> label_arrays(y_true=["sad"], labels=["sad", "happy"])[1].tolist()
    ['sad', 'happy']
    """
    arrays = {name: as_labels(values, name) for name, values in lists.items()}
    if len({array.dtype.kind == "U" for array in arrays.values()}) > 1:
        raise CourseError(
            " and ".join(arrays),
            "some labels are text and some are numbers, so they are never equal",
            "Use the same labels in all of them",
        )
    return tuple(arrays.values())


def same_items(**lists: npt.ArrayLike) -> tuple[np.ndarray, ...]:
    """Several lists of labels of the same items, as arrays of one kind and one length.

    Parameters
    ----------
    **lists : array-like, shape (n,)
        The labels, by the name that an error calls them.

    Returns
    -------
    tuple of np.ndarray
        In the order given, each of shape (n,).

    Raises
    ------
    CourseError
        If they differ in length, or as in `label_arrays`.

    Examples
    --------
    >>> same_items(y_true=["sad"], y_pred=["sad", "sad"])
    Traceback (most recent call last):
    course_lib.core.errors.CourseError: y_true and y_pred: they differ in length: y_true 1, y_pred 2. ...
    """
    arrays = label_arrays(**lists)
    if len({array.size for array in arrays}) > 1:
        sizes = ", ".join(f"{name} {array.size}" for name, array in zip(lists, arrays, strict=True))
        raise CourseError(
            " and ".join(lists), f"they differ in length: {sizes}", "Give one label for each item"
        )
    return arrays


def check_listed(what: str, labels: Iterable, *used: np.ndarray) -> None:
    """Check that all labels in use are in a list of classes.

    Parameters
    ----------
    what : str
        What an error calls the thing that is made, such as "confusion matrix".
    labels : iterable
        All classes.
    *used : np.ndarray
        True or predicted labels.

    Raises
    ------
    CourseError
        If one of them is not in `labels`.

    Examples
    --------
    >>> check_listed("confusion matrix", ["sad"], np.array(["sad", "happy"]))
    Traceback (most recent call last):
    course_lib.core.errors.CourseError: confusion matrix: happy is not among its labels sad. ...
    """
    unknown = sorted({label for each in used for label in each.tolist()} - set(labels))
    if unknown:
        raise CourseError(
            what,
            f"{', '.join(map(str, unknown))} is not among its labels {', '.join(map(str, labels))}",
            "List every label that is true or predicted",
        )


# --- probabilities ---


def labels_and_probabilities(
    y_true: npt.ArrayLike, probabilities: npt.ArrayLike
) -> tuple[np.ndarray, np.ndarray]:
    """Check class probabilities and their true labels, and return both as arrays.

    Parameters
    ----------
    y_true : array-like of int, shape (n,)
        Labels, as column indices of `probabilities`.
    probabilities : array-like, shape (n, classes)
        Class probabilities: each 0 or more, each row summing to 1 (within 0.001).

    Returns
    -------
    y_true : int array, shape (n,)
    probabilities : float64 array, shape (n, classes)

    Raises
    ------
    CourseError
        If the shapes do not fit, a row is not a distribution, or a label is not a column index.

    Examples
    --------
    >>> y_true, probabilities = labels_and_probabilities([1, 0], [[0.2, 0.8], [0.5, 0.5]])
    >>> y_true.shape, probabilities.shape
    ((2,), (2, 2))
    """
    y_true, probabilities = np.asarray(y_true), np.asarray(probabilities, np.float64)
    if probabilities.ndim != 2 or not len(probabilities) or y_true.shape != (len(probabilities),):
        raise CourseError(
            f"probabilities of shape {probabilities.shape}",
            f"they do not fit labels of shape {y_true.shape}",
            "Give probabilities (n, classes), n above 0, and a label for each row",
        )
    if not (
        np.isfinite(probabilities).all()
        and (probabilities >= 0).all()
        and np.allclose(probabilities.sum(axis=1), 1, atol=1e-3)
    ):
        raise CourseError(
            "probabilities",
            "some rows hold NaN or negative values, or do not sum to 1",
            "Give the network's softmax output",
        )
    if y_true.dtype.kind not in "iu" or y_true.min() < 0 or y_true.max() >= probabilities.shape[1]:
        raise CourseError(
            "labels",
            f"some are not column indices of the probabilities of {probabilities.shape[1]} classes",
            "Number the classes from 0, in the order of the columns",
        )
    return y_true, probabilities


# --- sound ---


def check_signals(signals: npt.ArrayLike) -> np.ndarray:
    """Check sound signals, and return them as an array.

    Parameters
    ----------
    signals : array-like of float, shape (n, samples)
        Full scale is 1.

    Returns
    -------
    np.ndarray
        Shape (n, samples).

    Raises
    ------
    CourseError
        If they differ in length, have another shape, are not floats, or contain NaN or infinite values.

    Examples
    --------
    >>> check_signals([[0.0, 0.5]]).shape
    (1, 2)
    """
    try:
        signals = np.asarray(signals)
    except ValueError as error:
        raise CourseError(
            "signals", "they differ in length", "Read them all with the same seconds"
        ) from error
    if signals.ndim != 2 or not signals.size:
        raise CourseError(
            f"signals of shape {signals.shape}",
            "the shape (n, samples) is expected, with at least one of each",
            "For one signal write signal[None]",
        )
    if signals.dtype.kind != "f":
        raise CourseError(
            f"signals of {signals.dtype}",
            "samples must be floats, from -1 to 1",
            "Divide 16-bit samples by 32768",
        )
    if not np.isfinite(signals).all():
        raise CourseError(
            "signals", "the signal contains NaN or infinite values", "Find the step that makes them"
        )
    return signals


def check_numbers(sr: float, **numbers: int) -> None:
    """Check the sampling rate and the sizes that a spectrum is computed with.

    Parameters
    ----------
    sr : float
        Sampling rate in Hz.
    **numbers : int
        Sizes by name, such as `n_fft` and `hop_length`.

    Raises
    ------
    CourseError
        If `sr` is not above 0, a size is not a whole number above 0, or `n_mfcc` is more than `n_mels`.

    Examples
    --------
    >>> check_numbers(8000, n_fft=2048, hop_length=0)
    Traceback (most recent call last):
    course_lib.core.errors.CourseError: hop_length=0: it is not a whole number above 0. ...
    """
    if not (isinstance(sr, Real) and 0 < sr < np.inf):
        raise CourseError(
            f"sr={sr!r}", "it is not a number above 0", "Give the sampling rate of the signal, such as 8000"
        )
    for name, value in numbers.items():
        if not (isinstance(value, Integral) and value >= 1):
            raise CourseError(
                f"{name}={value!r}", "it is not a whole number above 0", "Give one, or leave it out"
            )
    if numbers.get("n_mfcc", 0) > numbers.get("n_mels", 0):
        raise CourseError(
            f"n_mfcc={numbers['n_mfcc']}",
            f"{numbers['n_mels']} mel bands give at most as many coefficients",
            "Ask for fewer coefficients (n_mfcc), or more bands (n_mels)",
        )
