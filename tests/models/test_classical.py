"""The panel equals scikit-learn's own."""

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from course_lib.models.classical import panel

NAMES = ["GaussianNB", "LDA", "linear SVC", "SVC rbf"]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_panels_svcs_are_scikit_learns_to_rounding(dtype):
    rng = np.random.default_rng(0)
    y = np.arange(90) % 3
    X = (rng.random((90, 500)) + 0.3 * (np.arange(500) % 3 == y[:, None])).astype(dtype)
    for name, kernel in (("linear SVC", "linear"), ("SVC rbf", "rbf")):
        ours, theirs = panel()[name].fit(X[:60], y[:60]), SVC(kernel=kernel).fit(X[:60], y[:60])
        assert ours.decision_function(X) == pytest.approx(theirs.decision_function(X), abs=1e-9)
        assert (ours.predict(X) == theirs.predict(X)).all()


def test_the_panel_is_the_lectures_four_and_scales_only_when_asked():
    assert list(panel()) == NAMES
    assert all(len(pipeline) == 1 for pipeline in panel().values())
    assert all(isinstance(pipeline[0], StandardScaler) for pipeline in panel(scale=True).values())


def test_features_that_are_all_alike_are_no_error():
    X, y = np.ones((10, 3), np.float32), np.arange(10) % 2
    assert set(panel()["SVC rbf"].fit(X, y).predict(X)) <= {0, 1}
