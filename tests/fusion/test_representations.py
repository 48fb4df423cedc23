"""The lecture's late fusion: its steps, no test row in any of them, and a missing modality."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from course_lib import fusion
from course_lib.core.errors import CourseError
from course_lib.evaluation import compare
from course_lib.fusion import representations
from course_lib.models import network_classifier, networks, training
from course_lib.models.network_classifier import NetworkClassifier

NAN = np.nan
WIDTHS = {"audio": 20, "video": 16}


def clips(n=24, seed=0):
    """n clips, (n, 36): both modalities know the label."""
    y = np.array(["angry", "calm"])[np.arange(n) % 2]
    X = np.random.default_rng(seed).normal(size=(n, 36)) + 1.5 * (y == "calm")[:, None]
    return X.astype(np.float32), y


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """Two epochs of each network: what is asked here does not depend on how well they learn."""
    for name in ("cnn_1d", "late_fusion_mlp"):
        monkeypatch.setitem(networks.RECIPES, name, networks.RECIPES[name]._replace(epochs=2))


@pytest.fixture
def fits(monkeypatch):
    """What each network was trained on, as it was: a list of (its name, X)."""
    seen, train = [], network_classifier.fit

    def spy(network, X, *more, **named):
        seen.append((network.name, np.array(X)))
        return train(network, X, *more, **named)

    monkeypatch.setattr(network_classifier, "fit", spy)
    return seen


def test_late_fusion_is_the_lectures_steps(fits):
    X, y = clips()
    late = representations.LateFusion(WIDTHS, seed=3).fit(X[:16], y[:16])
    assert [name for name, _ in fits] == ["cnn_1d", "cnn_1d", "late_fusion_mlp"]
    by_hand = []
    for columns in (slice(0, 20), slice(20, 36)):
        width = X[:, columns].shape[1]
        alone = NetworkClassifier(partial(networks.cnn_1d, width), 8, 2, seed=3, shape=(width, 1))
        alone.fit(X[:16, columns], y[:16])
        by_hand.append(training.predict(networks.feature_extractor(alone.network_), X[:, columns, None]))
    assert by_hand[0].shape == (24, 128)
    assert late.represent(X) == pytest.approx(np.hstack(by_hand), abs=1e-5)
    assert fits[2][1] == pytest.approx(np.hstack(by_hand)[:16], abs=1e-5)
    assert late.predict_proba(X).sum(axis=1) == pytest.approx(np.ones(24), abs=1e-5)
    assert set(late.predict(X)) <= set(late.classes_) == {"angry", "calm"}


def test_no_step_of_late_fusion_sees_a_test_row(fits):
    X, y = clips()
    X[16:] += 1000
    table = pd.DataFrame({"emotion": y, "actor": np.arange(24) // 8})
    compare(
        X,
        table,
        "one split",
        {"late": representations.LateFusion(WIDTHS, scale=True)},
        cv=[(np.arange(16), np.arange(16, 24))],
    )
    assert len(fits) == 3 and all(len(seen) == 16 and np.abs(seen).max() < 100 for _, seen in fits)


def test_scaling_is_by_the_training_rows():
    X, y = clips()
    scaled = representations.LateFusion(WIDTHS, scale=True).fit(X[:16], y[:16])
    shifted = representations.LateFusion(WIDTHS, scale=True).fit(1000 * X[:16] - 500, y[:16])
    assert shifted.represent(1000 * X - 500) == pytest.approx(scaled.represent(X), abs=1e-2)


@pytest.mark.parametrize(
    ("options", "width"),
    [
        ({"streams": ("audio", "video", "both")}, 384),
        ({"streams": ("audio",)}, 128),
        ({"how": "sum"}, 128),
        ({"how": "product"}, 128),
        ({"how": "weighted average", "weights": (2, 1)}, 128),
    ],
)
def test_hybrid_fusion_and_the_other_ways(options, width):
    X, y = clips()
    late = clone(representations.LateFusion(WIDTHS, **options)).fit(X, y)
    assert late.represent(X).shape == (24, width) and late.predict(X).shape == (24,)
    learnt = [
        representations._features(late.cnns_[stream], block) for stream, block in late._blocks(X).items()
    ]
    assert late.represent(X) == pytest.approx(fusion.combine(learnt, late.how, late.weights))


def test_a_clip_without_a_modality_is_left_out_of_that_stream_and_still_classified(fits):
    X, y = clips()
    X[[*range(8), 20], :20] = NAN
    late = representations.LateFusion(WIDTHS, streams=("audio", "video", "both")).fit(X[:16], y[:16])
    assert [len(seen) for _, seen in fits] == [8, 16, 8, 16]
    represented = late.represent(X)
    assert (
        not represented[20, :128].any() and not represented[20, 256:].any() and represented[20, 128:256].any()
    )
    assert late.predict(X[20:21])[0] in y


def test_a_clip_without_any_modality_is_refused():
    X, y = clips()
    late = representations.LateFusion(WIDTHS).fit(X, y)
    with pytest.raises(CourseError, match="1 rows are missing in every modality"):
        late.predict(np.vstack([X[:1], np.full((1, 36), fusion.MISSING)]))


@pytest.mark.parametrize(
    ("options", "X", "expected"),
    [
        ({"streams": ("audio", "vido")}, clips()[0], "there is no such stream. Did you mean 'video'"),
        ({}, clips()[0][:, :30], "36 columns together"),
        ({}, np.where(np.eye(24, 36) > 0, NAN, clips()[0]), "NaN beside numbers"),
        ({"scale": True}, np.where(np.eye(24, 36) > 0, np.inf, clips()[0]), "infinity"),
    ],
)
def test_late_fusion_says_what_is_wrong_with_its_columns(options, X, expected):
    with pytest.raises(CourseError, match=expected):
        representations.LateFusion(WIDTHS, **options).fit(X, clips()[1])
