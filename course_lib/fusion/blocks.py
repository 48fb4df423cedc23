"""Early fusion: features of several modalities side by side, scaled, and representations combined."""

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.preprocessing import StandardScaler

from course_lib.core.errors import CourseError

MISSING = np.nan
HOW = ("concatenate", "sum", "product", "weighted average")


class Blocks(TransformerMixin, BaseEstimator):
    """Early fusion's scaling: X (n, d) holds the modalities side by side, `sizes` says how wide each is, in
    order.

    `sizes` is a dict such as {"audio": 2520, "video": 420}. Each column is standardised by the mean and
    spread of what `fit` is given, the training part; then each modality is divided by the square root of its
    width, so that the longer one does not outweigh the other. A missing modality becomes zeros, the training
    mean. Gives float64 (n, d). Raises `CourseError` where X is not as wide as the sizes together, a row has
    only a part of a modality, or all training rows lack one."""

    def __init__(self, sizes):
        self.sizes = sizes

    def fit(self, X, y=None):
        """Learn each column's mean and spread from the rows that have it."""
        for name, block in split_modalities(X, self.sizes).items():
            if np.isnan(block).all():
                raise CourseError(
                    f"modality {name!r}", "all training rows lack it", "Leave it out of X and sizes"
                )
        self.scaler_ = StandardScaler().fit(np.asarray(X, np.float64))
        return self

    def transform(self, X):
        """The rows scaled so, zeros where a modality is missing: float64 (n, d)."""
        split_modalities(X, self.sizes)
        widths = np.repeat([*self.sizes.values()], [*self.sizes.values()])
        return np.nan_to_num(self.scaler_.transform(np.asarray(X, np.float64))) / np.sqrt(widths)


def split_modalities(X, sizes) -> dict[str, np.ndarray]:
    """The columns of each modality, (n, width) by name; a row of a modality is all there or all NaN, else
    `CourseError`, as where X (n, d) is not as wide as the `sizes` together or holds infinity."""
    X = np.asarray(X)
    if X.ndim != 2 or X.shape[1] != sum(sizes.values()):
        raise CourseError(
            f"X of shape {X.shape}",
            f"the modalities {sizes} are {sum(sizes.values())} columns together",
            "Put them side by side with np.hstack, in this order",
        )
    blocks = dict(zip(sizes, np.split(X, np.cumsum([*sizes.values()])[:-1], axis=1), strict=True))
    for name, block in blocks.items():
        missing_rows(block, f"modality {name!r}")
    return blocks


def combine(parts, how="concatenate", weights=None) -> np.ndarray:
    """Fuse the representations in `parts`, a list of (n, u) one a modality, row by row (lecture 27 at 35:03).

    `how`: "concatenate" side by side (n, the widths' sum), or, for parts of one width, element by element
    "sum", "product" or "weighted average" (n, u) by `weights`, one above 0 for each part, default equal.
    Where a part misses a row (all NaN): zeros in "concatenate"; the others alone in "sum" and "product"; the
    others' weights made to sum to 1 in "weighted average". Raises `CourseError` for another `how`, parts that
    do not fit each other or the weights, and a row that is missing in all parts."""
    parts = [np.asarray(part, np.float32) for part in parts]
    weights = _checked(parts, how, weights)
    there = ~np.stack(
        [missing_rows(part, f"part {number}") for number, part in enumerate(parts)]
    )  # (parts, n)
    if not there.any(axis=0).all():
        raise CourseError(
            "fusion", f"{(~there.any(axis=0)).sum()} rows are missing in every part", "Leave them out"
        )
    if how == "concatenate":
        return np.nan_to_num(np.concatenate(parts, axis=1))
    if how in ("sum", "product"):
        return {"sum": np.nansum, "product": np.nanprod}[how](parts, axis=0)
    fractions = weights[:, None] * there / (weights @ there)
    return np.nansum(np.stack(parts) * fractions[:, :, None], axis=0, dtype=np.float32)


def missing_rows(block, name):
    """Which rows of a modality (n, u) are missing, (n,) bool."""
    gaps = np.isnan(block)
    if np.isinf(block).any() or (gaps.any(axis=1) != gaps.all(axis=1)).any():
        raise CourseError(
            name,
            "some rows hold infinity, or NaN beside numbers",
            "A missing row is NaN in all its columns; mend the others or leave them out",
        )
    return gaps.all(axis=1)


def _checked(parts, how, weights):
    """The weights (parts,) as an array, once the parts fit each other and `how`."""
    shapes = [part.shape for part in parts]
    same = len({shape if how != "concatenate" else shape[:1] for shape in shapes}) == 1
    if how not in HOW or not same or any(len(shape) != 2 for shape in shapes):
        raise CourseError(
            f"fusion by {how!r}",
            f"it does not go with parts of shapes {shapes}",
            f"Choose one of {', '.join(HOW)}; all parts need the same rows, and all but concatenation "
            "the same width",
        )
    if weights is not None and how != "weighted average":
        raise CourseError(
            f"fusion by {how!r}", "it takes no weights", 'Set how="weighted average", or leave them out'
        )
    weights = np.ones(len(parts)) if weights is None else np.asarray(weights, np.float64)
    if weights.shape != (len(parts),) or not (np.isfinite(weights).all() and (weights > 0).all()):
        raise CourseError(
            f"weights {weights.tolist()}",
            f"{len(parts)} numbers above 0 are needed",
            "Give one for each part, in their order",
        )
    return weights
