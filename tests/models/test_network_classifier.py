"""Networks as scikit-learn classifiers."""

from functools import partial

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from small_networks import items, small

from course_lib.core.errors import CourseError
from course_lib.evaluation import compare
from course_lib.models import network_classifier, networks, training
from course_lib.models.network_classifier import NetworkClassifier


def classifier(**more):
    # Traced, not eagerly: what is traced once serves all that are fitted here.
    return NetworkClassifier(partial(small, run_eagerly=False), batch_size=8, epochs=10, **more)


def test_it_learns_any_labels_and_gives_probabilities():
    X, y = items(60, classes=3)
    fitted = classifier().fit(X[:45], y[:45])
    assert fitted.classes_.tolist() == ["angry", "calm", "happy"]
    assert fitted.score(X[45:], y[45:]) > 0.7
    probabilities = fitted.predict_proba(X)
    assert probabilities.shape == (60, 3) and probabilities.sum(axis=1) == pytest.approx(
        np.ones(60), abs=1e-5
    )
    assert (fitted.predict(X) == fitted.classes_[probabilities.argmax(axis=1)]).all()
    assert len(fitted.history_["loss"]) == 10


def test_the_same_seed_gives_the_same_network_also_after_others_were_trained():
    X, y = items()
    first = classifier(seed=1).fit(X, y)
    kept = first.predict_proba(X)
    other = classifier(seed=2).fit(X, y)
    again = classifier(seed=1).fit(X, y)
    assert again.history_["loss"] == pytest.approx(first.history_["loss"], abs=1e-6)
    assert again.predict_proba(X) == pytest.approx(kept, abs=1e-6)
    assert np.abs(other.predict_proba(X) - kept).max() > 1e-3
    assert first.predict_proba(X) == pytest.approx(kept, abs=0)  # what was trained before stays as it was


def test_it_is_trained_as_by_hand():
    X, y = items()
    keras.utils.set_random_seed(4)
    network = small(run_eagerly=False)
    by_hand = training.fit(network, X, (y[:, None] == ["angry", "calm"]).astype(float), 8, 10, seed=4)
    fitted = classifier(seed=4).fit(X, y)
    assert fitted.history_["loss"] == pytest.approx(by_hand["loss"], abs=1e-6)
    assert fitted.predict_proba(X) == pytest.approx(training.predict(network, X), abs=1e-5)


def test_compare_scores_it_reproducibly_though_it_fits_in_threads():
    X, y = items(48)
    table = pd.DataFrame({"emotion": y, "actor": np.arange(48) // 12, "recording": np.arange(48)})
    two = {"seed 0": classifier(), "seed 1": classifier(seed=1)}
    results = [compare(X, table, "speaker-independent", two, cv=2) for _ in range(2)]
    assert all(
        np.array_equal(*both) for both in zip(*(one.predictions.values() for one in results), strict=True)
    )
    assert all(score.accuracy > 0.7 for score in results[0].table["score"])


def test_rows_take_the_shape_that_the_network_wants():
    X = np.random.default_rng(0).normal(size=(6, 32))
    cnn = NetworkClassifier(partial(networks.cnn_1d, 16, 2), 8, 1, shape=(16, 2))
    fitted = clone(cnn).fit(X, np.arange(6) % 2)
    assert fitted.network_.input_shape == (None, 16, 2) and fitted.predict(X).shape == (6,)
    assert fitted.predict_proba(X) == pytest.approx(training.predict(fitted.network_, X.reshape(6, 16, 2)))
    with pytest.raises(CourseError, match="an item does not have 16 x 2 numbers"):
        clone(cnn).fit(X[:, :30], np.arange(6) % 2)


def test_one_class_is_refused_with_its_word():
    with pytest.raises(CourseError, match="one class"):
        classifier().fit(items()[0], np.full(40, "calm"))


def test_two_makes_that_differ_in_their_loss_alone_are_not_taken_for_each_other():
    def build(sign, classes):
        def loss(y, y_pred):
            return sign * keras.ops.mean(keras.ops.square(y - y_pred))

        network = keras.Sequential([keras.Input((6,)), keras.layers.Dense(classes)])
        network.compile("sgd", loss, metrics=["accuracy"])
        return network

    plus, minus = (NetworkClassifier(partial(build, sign), 8, 1).fit(*items()) for sign in (1, -1))
    assert plus.history_["loss"][0] > 0 > minus.history_["loss"][0]


@pytest.mark.parametrize(
    "X, expected",
    [(np.full((2, 6), np.nan), "NaN"), (np.zeros((0, 6)), "shape"), (np.zeros((2, 5)), "shape")],
)
def test_what_no_network_can_answer_is_refused(X, expected):
    fitted = NetworkClassifier(partial(networks.late_fusion_mlp, 6), 8, 1).fit(*items())
    with pytest.raises(CourseError, match=expected):
        fitted.predict(X)


def test_an_unfitted_classifier_says_so():
    with pytest.raises(NotFittedError):
        NetworkClassifier(partial(networks.late_fusion_mlp, 6), 8, 1).predict(np.zeros((2, 6)))


def test_at_most_eight_makes_stay_on_the_bench():
    for units in range(2, 12):

        def build(classes, units=units):
            network = keras.Sequential(
                [keras.Input((6,)), keras.layers.Dense(units), keras.layers.Dense(classes)]
            )
            network.compile("adam", "mse", run_eagerly=True)
            return network

        NetworkClassifier(build, 40, 1).fit(*items())
    assert len(network_classifier._TRAINERS) == 8


def test_the_same_arguments_in_two_spellings_share_what_is_traced():
    network_classifier._TRAINERS.clear()
    for build in (
        partial(networks.cnn_1d, 16),
        partial(networks.cnn_1d, 16, 1),
        partial(networks.cnn_1d, length=16),
    ):
        NetworkClassifier(build, 8, 1, shape=(16, 1)).fit(np.ones((8, 16)), np.arange(8) % 2)
    assert len(network_classifier._TRAINERS) == 1
