"""Early fusion: put the features of several modalities side by side, scale them, and combine
representations."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.preprocessing import StandardScaler

from course_lib.core.errors import CourseError
from course_lib.core.names import check_choice

MISSING = np.nan
HOW = ("concatenate", "sum", "product", "weighted average")


class Blocks(TransformerMixin, BaseEstimator):
    """Scale the features of several modalities for early fusion.

    Each column is standardised with the mean and standard deviation of the training set. Then each modality
    is divided by the square root of its width, so that a modality with many columns does not outweigh the
    others. A missing modality becomes zeros, the training mean.

    Parameters
    ----------
    sizes : dict
        Number of columns of each modality, in the order of the columns: {"audio": 2520, "video": 420}.

    Notes
    -----
    `fit` raises `CourseError` if X does not have as many columns as `sizes` in total, a row has only some
    columns of a modality, or a modality is missing in all training rows. Used in lessons 07 and 08.

    Examples
    --------
    >>> X = [[1.0, 10.0, 20.0], [3.0, 30.0, 40.0]]
    >>> Blocks({"audio": 1, "video": 2}).fit_transform(X).round(2).tolist()
    [[-1.0, -0.71, -0.71], [1.0, 0.71, 0.71]]
    """

    def __init__(self, sizes: Mapping[str, int]) -> None:
        self.sizes = sizes

    def fit(self, X: npt.ArrayLike, y: npt.ArrayLike | None = None) -> "Blocks":
        """Compute the mean and standard deviation of each column of X (n, d), without missing rows."""
        for name, block in split_modalities(X, self.sizes).items():
            if np.isnan(block).all():
                raise CourseError(
                    f"modality {name!r}", "all training rows lack it", "Leave it out of X and sizes"
                )
        self.scaler_ = StandardScaler().fit(np.asarray(X, np.float64))
        return self

    def transform(self, X: npt.ArrayLike) -> np.ndarray:
        """Return the scaled rows, float64 (n, d), with zeros for a missing modality."""
        split_modalities(X, self.sizes)
        widths = np.repeat([*self.sizes.values()], [*self.sizes.values()])
        return np.nan_to_num(self.scaler_.transform(np.asarray(X, np.float64))) / np.sqrt(widths)


def split_modalities(X: npt.ArrayLike, sizes: Mapping[str, int]) -> dict[str, np.ndarray]:
    """Split the columns of X into one array for each modality.

    Parameters
    ----------
    X : array of shape (n, d)
        The modalities side by side. A row of a modality is complete, or all NaN if it is missing.
    sizes : dict
        Number of columns of each modality, in the order of the columns.

    Returns
    -------
    dict
        Arrays (n, width) by modality.

    Raises
    ------
    CourseError
        If X does not have as many columns as `sizes` in total, contains infinity, or a row has NaN in only
        some columns of a modality.

    Examples
    --------
    >>> {name: block.tolist() for name, block in split_modalities([[1, 2, 3]], {"a": 1, "b": 2}).items()}
    {'a': [[1]], 'b': [[2, 3]]}
    """
    X = np.asarray(X)
    if X.ndim != 2 or X.shape[1] != sum(sizes.values()):
        raise CourseError(
            f"X of shape {X.shape}",
            f"the modalities {sizes} have {sum(sizes.values())} columns together",
            "Put them side by side with np.hstack, in this order",
        )
    ends = np.cumsum([*sizes.values()])[:-1]
    blocks = dict(zip(sizes, np.split(X, ends, axis=1), strict=True))
    for name, block in blocks.items():
        missing_rows(block, f"modality {name!r}")
    return blocks


def combine(
    representations: Sequence[npt.ArrayLike],
    how: str = "concatenate",
    weights: npt.ArrayLike | None = None,
) -> np.ndarray:
    """Fuse the representations of several modalities row by row (lecture 27 at 35:03).

    Parameters
    ----------
    representations : list of arrays of shape (n, units)
        One for each modality. A missing row is all NaN.
    how : {"concatenate", "sum", "product", "weighted average"}
        "concatenate" puts them side by side. The others work element by element, and need the same number of
        units in each.
    weights : array of shape (modalities,), optional
        Weights above 0, for "weighted average" only. By default equal.

    Returns
    -------
    np.ndarray
        float32 (n, units), or (n, sum of units) for "concatenate".

    Raises
    ------
    CourseError
        For another `how`, shapes that do not fit each other or the weights, and a row that is missing in
        every modality.

    Notes
    -----
    A missing row becomes zeros in "concatenate". "sum", "product" and "weighted average" use the other
    modalities; the weights of these are scaled to sum to 1. Used in lesson 08.

    Examples
    --------
    >>> audio, video = [[1.0, 2.0]], [[3.0, 4.0]]
    >>> combine([audio, video]).tolist(), combine([audio, video], "sum").tolist()
    ([[1.0, 2.0, 3.0, 4.0]], [[4.0, 6.0]])
    """
    arrays = [np.asarray(one, np.float32) for one in representations]
    weights = _checked(arrays, how, weights)
    missing = [missing_rows(one, f"representation {number}") for number, one in enumerate(arrays)]
    there = ~np.stack(missing)  # (modalities, n)
    if not there.any(axis=0).all():
        raise CourseError(
            "fusion", f"{(~there.any(axis=0)).sum()} rows are missing in every modality", "Leave them out"
        )
    if how == "concatenate":
        return np.nan_to_num(np.concatenate(arrays, axis=1))
    if how in ("sum", "product"):
        return {"sum": np.nansum, "product": np.nanprod}[how](arrays, axis=0)
    fractions = weights[:, None] * there / (weights @ there)
    return np.nansum(np.stack(arrays) * fractions[:, :, None], axis=0, dtype=np.float32)


def missing_rows(block: np.ndarray, name: str) -> np.ndarray:
    """Tell which rows of a modality are missing.

    Parameters
    ----------
    block : array of shape (n, units)
    name : str
        What an error calls the modality.

    Returns
    -------
    np.ndarray
        bool (n,).

    Raises
    ------
    CourseError
        If a row contains infinity, or NaN beside numbers.

    Examples
    --------
    >>> missing_rows(np.array([[1.0, 2.0], [np.nan, np.nan]]), "audio").tolist()
    [False, True]
    """
    gaps = np.isnan(block)
    if np.isinf(block).any() or (gaps.any(axis=1) != gaps.all(axis=1)).any():
        raise CourseError(
            name,
            "some rows contain infinity, or NaN beside numbers",
            "Give NaN in all columns of a missing row; correct the others or leave them out",
        )
    return gaps.all(axis=1)


def _checked(arrays, how, weights):
    """The weights (modalities,) as an array, after a check that the arrays fit each other and `how`."""
    check_choice("fusion", how, HOW)
    shapes = [one.shape for one in arrays]
    same = len({shape if how != "concatenate" else shape[:1] for shape in shapes}) == 1
    if not same or any(len(shape) != 2 for shape in shapes):
        raise CourseError(
            f"fusion by {how!r}",
            f"representations of shapes {shapes} do not fit",
            'Give the same number of rows in all of them and, except for "concatenate", of units',
        )
    if weights is not None and how != "weighted average":
        raise CourseError(
            f"fusion by {how!r}", "it takes no weights", 'Set how="weighted average", or leave them out'
        )
    weights = np.ones(len(arrays)) if weights is None else np.asarray(weights, np.float64)
    if weights.shape != (len(arrays),) or not (np.isfinite(weights).all() and (weights > 0).all()):
        raise CourseError(
            f"weights {weights.tolist()}",
            f"{len(arrays)} numbers above 0 are needed",
            "Give one for each modality, in their order",
        )
    return weights
