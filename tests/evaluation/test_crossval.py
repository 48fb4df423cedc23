"""A comparison of classifiers is only as good as its protocol."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.naive_bayes import GaussianNB

from course_lib import evaluation
from course_lib.core.errors import CourseError
from course_lib.evaluation import compare
from course_lib.models.classical import panel


def people(actors=30, items=8, tied=False, seed=0):
    """Gaussian features that tell only who it is (an offset an actor); labels at random, or tied to the
    actor.
    """
    rng = np.random.default_rng(seed)
    actor = np.repeat(np.arange(actors), items)
    X = 3 * rng.normal(size=(actors, 60))[actor] + rng.normal(size=(len(actor), 60))
    label = (
        rng.permutation(np.arange(actors) % 2)[actor] if tied else rng.permutation(np.arange(len(actor)) % 2)
    )
    recording = actor * items + np.tile(np.arange(items) // 2, actors)
    return X, pd.DataFrame(
        {"emotion": np.array(["angry", "neutral"])[label], "actor": actor, "recording": recording}
    )


class Spy(ClassifierMixin, BaseEstimator):
    """Takes down the first feature, a row number here, of what it is fitted on and asked about."""

    def __init__(self, log):
        self.log = log

    def __sklearn_clone__(self):
        return Spy(self.log)

    def fit(self, X, y):
        self.classes_, self.rows = np.unique(y), set(X[:, 0])
        return self

    def predict(self, X):
        self.log.append((self.rows, set(X[:, 0])))
        return np.full(len(X), self.classes_[0])


def test_a_comparison_has_a_row_a_classifier_and_keeps_the_predictions():
    X, table = people(tied=True)
    compared = compare(X, table, "random split", panel(), cv=4, note="synthetic")
    found = compared.table
    assert list(found.columns) == [
        "classifier",
        "train",
        "score",
        "low",
        "high",
        "baseline",
        "uar",
        "actor_interval",
    ]
    assert found["classifier"].tolist() == list(panel())
    assert compared.tested.tolist() == list(range(240))
    assert compared.y_true.tolist() == table["emotion"].tolist()
    for row in found.itertuples():
        predicted = compared.predictions[row.classifier]
        right = predicted == table["emotion"]
        assert (row.score.correct, row.score.n, row.score.baseline) == (right.sum(), 240, 0.5)
        assert (row.low, row.high) == row.score.interval and str(row.score).endswith(
            "majority 50.0 %, synthetic"
        )
        assert row.uar == evaluation.unweighted_average_recall(table["emotion"], predicted)
        assert row.actor_interval == evaluation.cluster_bootstrap(right, table["actor"])
    assert "random split, majority" in found.to_string()
    assert repr(compared) == repr(found) and compared._repr_html_() == found._repr_html_()


def test_who_it_is_passes_for_emotion_until_actors_stay_whole():
    X, table = people(tied=True)
    at_random, by_actor = (
        compare(X, table, protocol, panel()).table for protocol in ("random split", "speaker-independent")
    )
    assert all(score.accuracy > 0.85 for score in at_random["score"])
    assert all(abs(score.accuracy - score.baseline) < 0.2 for score in by_actor["score"])
    for row in by_actor.itertuples():  # actors are right or wrong as a whole
        low, high = row.actor_interval
        assert high - low > 1.5 * (row.high - row.low)


@pytest.mark.parametrize("protocol", evaluation.PROTOCOLS)
def test_random_labels_score_at_chance(protocol):
    found = compare(*people(actors=20, items=20), protocol, panel()).table
    assert all(abs(score.accuracy - 0.5) < 0.1 for score in found["score"])


@pytest.mark.parametrize("cv", [3, "leave-one-out", "one split"])
@pytest.mark.parametrize("protocol", evaluation.PROTOCOLS)
def test_nothing_is_fitted_on_what_is_tested(protocol, cv):
    _, table = people(actors=6, items=6)
    rows, log = np.arange(36.0), []
    group = table[evaluation.PROTOCOLS[protocol] or "actor"].to_numpy()
    cv = [evaluation.split(table, protocol, 0.3)] if cv == "one split" else cv
    compare(np.column_stack([rows, rows]), table, protocol, {"spy": Spy(log)}, cv)
    tests = [(fitted, asked) for fitted, asked in log if asked != fitted]  # the rest are training scores
    assert len(tests) == len(log) / 2
    for fitted, asked in tests:
        assert not fitted & asked
        if protocol != "random split":
            assert not set(group[sorted(map(int, fitted))]) & set(group[sorted(map(int, asked))])


def test_scaling_is_fitted_on_the_training_part_alone():
    X, table = people(actors=4)
    train, test = evaluation.split(table, "speaker-independent", 0.3)
    spoilt = X.copy()
    spoilt[test[1:]] *= 1e6  # the other test items must not matter
    first = [
        compare(features, table, "speaker-independent", panel(scale=True), [(train, test)]).predictions
        for features in (X, spoilt)
    ]
    position = np.sort(test).tolist().index(test[0])
    assert all(first[0][name][position] == first[1][name][position] for name in panel())


def test_the_lectures_one_split():
    X, table = people(tied=True)
    train, test = evaluation.split(table, "random split", test_size=0.1, seed=12)
    compared = compare(X, table, "random split", {"GaussianNB": GaussianNB()}, [(train, test)])
    found = compared.table
    by_hand = GaussianNB().fit(X[train], table["emotion"].iloc[train])
    assert found["train"][0] == by_hand.score(X[train], table["emotion"].iloc[train])
    assert found["score"][0].accuracy == by_hand.score(X[test], table["emotion"].iloc[test])
    assert compared.tested.tolist() == sorted(test) and found["score"][0].n == 24


def test_the_baseline_is_what_always_answering_the_training_majority_scores():
    table = pd.DataFrame({"emotion": list("aaabb" + "abbb"), "actor": [1] * 5 + [2] * 4})
    X, answer = np.zeros((9, 1)), {"majority": DummyClassifier()}
    one = compare(X, table, "speaker-independent", answer, [(np.arange(5), np.arange(5, 9))]).table
    assert one["baseline"][0] == one["score"][0].accuracy == 1 / 4
    assert np.isnan(one["actor_interval"][0]).all()  # one actor tested: no spread to be seen
    pooled = compare(X, table, "speaker-independent", answer, cv=2).table
    assert pooled["baseline"][0] == 5 / 9  # all rows are trained on: b's 5 of 9


def test_bad_input_is_named():
    X, table = people(actors=4)
    hole = np.where(np.arange(len(X))[:, None] == 3, np.nan, X)
    for features, rows, cv, message in [
        (X[1:], table, 2, "X has 31 rows and the table 32"),
        (hole, table, 2, "1 of 32 rows hold NaN or infinity"),
        (X.reshape(32, 6, 10), table, 2, "Flatten images"),
        (X[:, :0], table, 2, "rows of numbers"),
        (X.astype(str), table, 2, "rows of numbers"),
        (X, table.assign(emotion="angry"), 2, "all 32 items are 'angry'"),
        (X, table.drop(columns="actor"), 2, "column 'actor' is missing"),
        (X, table, 5, "5 folds are too many for 4 actors"),
        (X, table, [], "nothing to test"),
        (X, table, [(range(9), [8, 9])], "in both training and test set"),
        (X, table, [([0], [1, 1])], "tested twice"),
        (X, table, [(range(9), [32])], "not one of the table's 32"),
        (X, table, [([0], [1])], "only one class"),
    ]:
        with pytest.raises(CourseError, match=message):
            compare(features, rows, "speaker-independent", panel(), cv=cv)
