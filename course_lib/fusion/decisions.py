"""Decision fusion, the field's late fusion (project IIITA): combine the probabilities of one
classifier for each modality.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression

from course_lib import evaluation
from course_lib.core.errors import CourseError
from course_lib.core.names import check_choice
from course_lib.core.validation import labels_and_probabilities
from course_lib.evaluation import calibration
from course_lib.fusion.blocks import missing_rows


def fuse_decisions(
    probabilities: Sequence[npt.ArrayLike],
    how: str = "mean",
    weights: npt.ArrayLike | None = None,
    priors: npt.ArrayLike | None = None,
    floor: float = calibration.SMALLEST,
) -> np.ndarray:
    """Fuse the class probabilities of one classifier for each modality (decision fusion).

    Parameters
    ----------
    probabilities : list of arrays of shape (n, classes)
        Class probabilities, one array for each modality. A row sums to 1, or is all NaN if the modality is
        missing.
    how : {"mean", "product"}
        The product assumes that the modalities make independent errors.
    weights : array of shape (modalities,) or (modalities, classes), optional
        Weights of 0 or more. The mean multiplies each probability by its weight; the product raises it to its
        weight. IIITA uses each modality's F-score for each class (`f_score_weights`).
    priors : array of shape (classes,) or (modalities, classes), optional
        For the product: the prior probabilities, that is, the fraction of each class in the training set. The
        probabilities of each classifier contain them, so a plain product counts them more than once. With one
        row for all modalities, the product of M of them is divided by priors ** (M - 1). With one row for
        each modality, each is divided by its own priors; all classes then count as equally common.
    floor : float
        For the product: smaller probabilities count as this one, so that no single modality can rule out a
        class alone.

    Returns
    -------
    np.ndarray
        Fused probabilities, float64 (n, classes); each row sums to 1. A missing modality is left out.

    Raises
    ------
    CourseError
        If probabilities, weights or priors do not fit each other or are not valid, or an item is missing in
        every modality.

    Notes
    -----
    Dividing by the priors follows from Bayes' theorem, if the modalities are independent within each class
    (Kittler et al. 1998). Used in lesson 13 and by the demo of lesson 14.

    References
    ----------
    Kittler, Hatef, Duin and Matas (1998), "On combining classifiers", IEEE Transactions on Pattern Analysis
    and Machine Intelligence 20(3):226, doi:10.1109/34.667881.

    Examples
    --------
    >>> faces, speech = [[0.8, 0.2]], [[0.4, 0.6]]
    >>> fuse_decisions([faces, speech]).round(2)
    array([[0.6, 0.4]])

    Both modalities answer with the fractions that they were trained with, so neither has seen anything:

    >>> fuse_decisions([[[0.8, 0.2]], [[0.8, 0.2]]], "product", priors=[0.8, 0.2]).round(2)
    array([[0.8, 0.2]])
    """
    check_choice("fusion", how, ["mean", "product"])
    probabilities = _decisions(probabilities)
    weights = _weights(weights, probabilities)
    there = ~np.isnan(probabilities).any(axis=2)
    if not there.any(axis=0).all():
        raise CourseError(
            "fusion",
            f"{(~there.any(axis=0)).sum()} items are missing in every modality",
            "Leave them out, and report how many",
        )
    if how == "mean":
        if priors is not None:
            raise CourseError("priors", "the mean does not use them", 'Leave them out, or give how="product"')
        return _normed(np.nansum(probabilities * weights[:, None], axis=0))
    own, shared = (1, 1) if priors is None else _priors(priors, probabilities)
    ratios = np.log(np.clip(probabilities, floor, None) / own)
    logs = np.nansum(ratios * weights[:, None], axis=0) + np.log(shared)
    return _normed(np.exp(logs - logs.max(axis=1, keepdims=True)))


def f_score_weights(y: npt.ArrayLike, probabilities: npt.ArrayLike) -> np.ndarray:
    """Compute the weights of a modality for `fuse_decisions`: its F-score for each class.

    Parameters
    ----------
    y : array of shape (n,)
        Labels of validation items, as column indices of `probabilities`. Do not use test items.
    probabilities : array of shape (n, classes)
        Class probabilities of the modality for these items.

    Returns
    -------
    np.ndarray
        F-scores, (classes,).

    Examples
    --------
    >>> f_score_weights([0, 1], [[0.9, 0.1], [0.2, 0.8]]).tolist()
    [1.0, 1.0]
    """
    y, probabilities = labels_and_probabilities(y, probabilities)
    return evaluation.f_scores(y, probabilities.argmax(axis=1), range(probabilities.shape[1]))[
        "F1"
    ].to_numpy()


class LearnedFusion(BaseEstimator):
    """Decision fusion by stacking: a logistic regression on the logarithms of all probabilities.

    Parameters
    ----------
    C : float
        Inverse strength of the regularisation, as in scikit-learn's `LogisticRegression`.

    Notes
    -----
    Fit it on validation items. A missing modality counts as equal probabilities for all classes. Used in
    lesson 13.

    References
    ----------
    Wolpert (1992), "Stacked generalization", doi:10.1016/S0893-6080(05)80023-1.

    Examples
    --------
    >>> faces, speech = [[0.8, 0.2], [0.3, 0.7]], [[0.6, 0.4], [0.1, 0.9]]
    >>> LearnedFusion().fit([faces, speech], [0, 1]).predict_proba([faces, speech]).shape
    (2, 2)
    """

    def __init__(self, C: float = 0.1) -> None:
        self.C = C

    def fit(self, probabilities: Sequence[npt.ArrayLike], y: npt.ArrayLike) -> "LearnedFusion":
        """Fit on `probabilities` as in `fuse_decisions` and labels y (n,): column indices, each at
        least once."""
        probabilities = _decisions(probabilities)
        if not np.array_equal(np.unique(y), np.arange(probabilities.shape[2])):
            raise CourseError(
                "y",
                f"it holds {len(np.unique(y))} of {probabilities.shape[2]} classes",
                "Give validation items of each class, numbered from 0",
            )
        self.regression_ = LogisticRegression(C=self.C, max_iter=1000).fit(self._logs(probabilities), y)
        return self

    def predict_proba(self, probabilities: Sequence[npt.ArrayLike]) -> np.ndarray:
        """Return the fused probabilities, float64 (n, classes)."""
        return self.regression_.predict_proba(self._logs(_decisions(probabilities)))

    def _logs(self, probabilities):
        filled = np.where(np.isnan(probabilities), 1 / probabilities.shape[2], probabilities)
        return np.hstack(np.log(np.clip(filled, calibration.SMALLEST, 1)))


def _decisions(probabilities):
    """Return the probabilities as one float64 array (modalities, n, classes); a row sums to 1 or is NaN."""
    probabilities = [np.asarray(one, np.float64) for one in probabilities]
    if not probabilities or any(
        one.shape != probabilities[0].shape or one.ndim != 2 for one in probabilities
    ):
        raise CourseError(
            "probabilities",
            f"their shapes {[one.shape for one in probabilities]} do not fit each other",
            "Give (n, classes) for each modality, of the same items and classes",
        )
    for one in probabilities:
        gaps = missing_rows(one, "probabilities")
        if (one[~gaps] < 0).any() or not np.allclose(one[~gaps].sum(axis=1), 1, atol=1e-3):
            raise CourseError(
                "probabilities",
                "some values are below 0, or a row does not sum to 1",
                "Give softmax outputs, and NaN where a modality is missing",
            )
    return np.stack(probabilities)


def _weights(weights, probabilities):
    """Return the weights as float64 (modalities, 1 or classes); by default all are 1."""
    modalities, _, classes = probabilities.shape
    weights = np.ones((modalities, 1)) if weights is None else np.asarray(weights, np.float64)
    weights = weights[:, None] if weights.ndim == 1 else weights
    if (
        len(weights) != modalities
        or weights.shape[1] not in (1, classes)
        or not (np.isfinite(weights).all() and (weights >= 0).all() and weights.any())
    ):
        raise CourseError(
            f"weights {weights.tolist()}",
            f"they do not fit the probabilities, {modalities} modalities of {classes} classes",
            "Give weights of 0 or more, not all of them 0: one for each modality, or one for each modality "
            "and class",
        )
    return weights


def _priors(priors, probabilities):
    """Return each modality's own priors (modalities or 1, 1, classes), and those of the result (classes,)."""
    modalities, _, classes = probabilities.shape
    priors = np.asarray(priors, np.float64)
    if (
        priors.shape not in ((classes,), (modalities, classes))
        or not (priors > 0).all()
        or not np.allclose(priors.sum(axis=-1), 1, atol=1e-3)
    ):
        raise CourseError(
            f"priors {priors.tolist()}",
            f"they do not fit the probabilities, {modalities} modalities of {classes} classes",
            "Give fractions above 0 that sum to 1, one for each class: one row for all modalities, or a row "
            "for each",
        )
    return np.atleast_2d(priors)[:, None], priors if priors.ndim == 1 else np.ones(classes)


def _normed(probabilities):
    total = probabilities.sum(axis=1, keepdims=True)
    return np.where(total > 0, probabilities / np.where(total > 0, total, 1), 1 / probabilities.shape[1])
