"""The lecture's four classical classifiers (lecture 14 at 11:55 to 16:08)."""

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.metrics import pairwise
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC


def linear_kernel(X: np.ndarray, Y: np.ndarray) -> np.ndarray:
    """Compute the kernel of `SVC(kernel="linear")` as one matrix product.

    Parameters
    ----------
    X : array of shape (n, d)
    Y : array of shape (m, d)

    Returns
    -------
    np.ndarray
        Kernel values, float64 (n, m).

    Examples
    --------
    >>> linear_kernel(np.array([[1, 2]]), np.array([[3, 4], [0, 1]])).tolist()
    [[11.0, 2.0]]
    """
    return pairwise.linear_kernel(X.astype(np.float64), Y.astype(np.float64))


def rbf_kernel(X: np.ndarray, Y: np.ndarray) -> np.ndarray:
    """Compute the kernel of `SVC(kernel="rbf")` with its default `gamma="scale"` as one matrix product.

    Parameters
    ----------
    X : array of shape (n, d)
    Y : array of shape (m, d)
        Always the training set, whose variance sets gamma.

    Returns
    -------
    np.ndarray
        Kernel values, float64 (n, m).

    Examples
    --------
    >>> rbf_kernel(np.array([[0, 0]]), np.array([[0, 0], [1, 1]])).round(2).tolist()
    [[1.0, 0.02]]
    """
    Y = Y.astype(np.float64)
    gamma = 1 / (Y.shape[1] * Y.var()) if Y.var() > 0 else 1.0
    return pairwise.rbf_kernel(X.astype(np.float64), Y, gamma=gamma)


def panel(scale: bool = False) -> dict[str, Pipeline]:
    """Build the lecture's four classifiers, unfitted, with scikit-learn's default settings.

    Parameters
    ----------
    scale : bool
        Put a `StandardScaler` before each classifier, inside the pipeline, so that it is fitted on the
        training set only. The lecture does not scale the features (14 at 11:55).

    Returns
    -------
    dict
        Pipelines by name: "GaussianNB", "LDA", "linear SVC" and "SVC rbf".

    Notes
    -----
    The two SVCs equal `SVC(kernel="linear")` and `SVC(kernel="rbf")` up to rounding (a test compares them).
    They are given the kernel as a function, which scikit-learn computes as one matrix product instead of pair
    by pair. On HoG, with thousands of features for each image, this is many times faster. Used in lessons 03,
    04 and 07.

    Examples
    --------
    >>> list(panel())
    ['GaussianNB', 'LDA', 'linear SVC', 'SVC rbf']
    """
    classifiers = {
        "GaussianNB": GaussianNB(),
        "LDA": LinearDiscriminantAnalysis(),
        "linear SVC": SVC(kernel=linear_kernel),
        "SVC rbf": SVC(kernel=rbf_kernel),
    }
    before = [StandardScaler()] if scale else []
    return {name: make_pipeline(*before, classifier) for name, classifier in classifiers.items()}
