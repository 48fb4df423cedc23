"""Decision fusion, the field's late fusion (project IIITA): combine the answers of one classifier for each
modality.
"""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression

from course_lib import evaluation
from course_lib.core.errors import CourseError
from course_lib.evaluation import calibration
from course_lib.fusion.blocks import missing_rows


def fuse_decisions(shares, how="mean", weights=None) -> np.ndarray:
    """Fuse the shares that a classifier of each modality answers with: float64 (n, classes), rows that add up
    to 1.

    shares: a list of (n, classes), one a modality, rows that add up to 1, or all NaN where it is missing or
    silent. `how`: "mean", or "product", which believes that the modalities err independently. weights: a
    number a modality, or a row of numbers a modality, one a class: IIITA fuses faces and speech so, by the
    F-score that each reaches for each class (`f_score_weights`). In the mean a share is multiplied by its
    weight, in the product raised to it; rows are then made to add up to 1 (IIITA gives no formula). A missing
    modality is left out, and those that are there are weighted as ever. Raises `CourseError` for shares or
    weights that do not fit or are none, and for items that all modalities miss."""
    shares = _decisions(shares)
    weights = np.ones((len(shares), 1)) if weights is None else np.asarray(weights, np.float64)
    weights = weights[:, None] if weights.ndim == 1 else weights
    if (
        how not in ("mean", "product")
        or len(weights) != len(shares)
        or weights.shape[1] not in (1, shares.shape[2])
        or not (np.isfinite(weights).all() and (weights >= 0).all() and weights.any())
    ):
        raise CourseError(
            f"fusion by {how!r}",
            f"weights {weights.tolist()} do not go with shares {shares.shape}",
            'Choose "mean" or "product", and weights of 0 and more: one a modality, or one a modality '
            "and class",
        )
    there = ~np.isnan(shares).any(axis=2)
    if not there.any(axis=0).all():
        raise CourseError(
            "fusion",
            f"{(~there.any(axis=0)).sum()} items are missing in every modality",
            "Leave them out, and say so",
        )
    if how == "mean":
        return _normed(np.nansum(shares * weights[:, None], axis=0))
    logs = np.nansum(np.log(np.clip(shares, calibration.SMALLEST, None)) * weights[:, None], axis=0)
    return _normed(np.exp(logs - logs.max(axis=1, keepdims=True)))


def f_score_weights(y, shares) -> np.ndarray:
    """A modality's F-score for each class, (classes,), by which `fuse_decisions` weighs it, as IIITA does.

    y (n,): labels of validation items, columns of their shares (n, classes). Never from items that are scored
    after."""
    y, shares = calibration.checked(y, shares)
    return evaluation.f_scores(y, shares.argmax(axis=1), range(shares.shape[1]))["F1"].to_numpy()


class LearnedFusion(BaseEstimator):
    """Decision fusion that is learnt (stacking, Wolpert 1992): a logistic regression on the logarithms of all
    shares.

    `fit` and `predict_proba` take shares as `fuse_decisions` does; `fit` wants those of validation items, and
    y (n,), columns of the shares, each at least once. A missing modality counts as equal shares, and so do
    both where both are. `C` is scikit-learn's."""

    def __init__(self, C=0.1):
        self.C = C

    def fit(self, shares, y):
        """Learn how far each modality is to be believed, class by class."""
        shares = _decisions(shares)
        if not np.array_equal(np.unique(y), np.arange(shares.shape[2])):
            raise CourseError(
                "y",
                f"it holds {len(np.unique(y))} of {shares.shape[2]} classes",
                "Give validation items of each class, numbered from 0",
            )
        self.regression_ = LogisticRegression(C=self.C, max_iter=1000).fit(self._logs(shares), y)
        return self

    def predict_proba(self, shares):
        """The fused shares, float64 (n, classes)."""
        return self.regression_.predict_proba(self._logs(_decisions(shares)))

    def _logs(self, shares):
        filled = np.where(np.isnan(shares), 1 / shares.shape[2], shares)
        return np.hstack(np.log(np.clip(filled, calibration.SMALLEST, 1)))


def _decisions(shares):
    """The shares as one float64 array (modalities, n, classes), each row adding up to 1 or NaN."""
    shares = [np.asarray(part, np.float64) for part in shares]
    if not shares or any(part.shape != shares[0].shape or part.ndim != 2 for part in shares):
        raise CourseError(
            "shares",
            f"their shapes {[part.shape for part in shares]} do not fit each other",
            "Give (n, classes) for each modality, of the same items and classes",
        )
    for part in shares:
        gaps = missing_rows(part, "shares")
        if (part[~gaps] < 0).any() or not np.allclose(part[~gaps].sum(axis=1), 1, atol=1e-3):
            raise CourseError(
                "shares",
                "some rows are below 0 or do not add up to 1",
                "Give softmax's answers, NaN where a modality is missing",
            )
    return np.stack(shares)


def _normed(shares):
    total = shares.sum(axis=1, keepdims=True)
    return np.where(total > 0, shares / np.where(total > 0, total, 1), 1 / shares.shape[1])
