"""The encoder's figures: found again from the embeddings that come with the course, without its weights."""

import numpy as np
import pandas as pd
import pytest

from course_lib import evaluation, results
from course_lib.authoring.experiments import encoder
from course_lib.datasets import embeddings, ravdess

EMBEDDED = {"ravdess": "ravdess_speech_encoder", "emodb": "emodb_speech_encoder"}


def folds(corpus, protocol, table):
    if protocol == encoder.FOLDS:
        return ravdess.actor_folds(table)
    return evaluation.folds(table, "speaker-independent", "leave-one-out")


def predicted(table, X, splits):
    y, found = table["emotion"].to_numpy(), np.empty(len(table), object)
    for train, test in splits:
        found[test] = np.unique(y)[encoder.probe(X[train], y[train], X[test]).argmax(axis=1)]
    return found


@pytest.mark.parametrize(
    ("corpus", "protocol"),
    [("ravdess", encoder.FOLDS), ("emodb", encoder.ONE_OUT)],
)
def test_the_last_layers_score_is_found_again_to_the_digit(corpus, protocol):
    table, X, _ = embeddings.read(corpus)
    y = table["emotion"].to_numpy()
    saved = results.read(EMBEDDED[corpus])["protocols"][protocol]["systems"][encoder.LAST]
    found = predicted(table, X, folds(corpus, protocol, table))
    again = encoder.scored(y, found, table, protocol, y)
    assert (again["correct"], again["n"]) == (saved["correct"], saved["n"]) and saved["n"] == len(table)
    for name in ("uar", "interval", "uar_interval", "actor_interval"):
        assert again[name] == pytest.approx(saved[name])
    for gender, one in saved["by_gender"].items():
        of = (table["gender"] == gender).to_numpy()
        assert (y[of] == found[of]).sum() == one["correct"] and of.sum() == one["n"]
        assert evaluation.uar_interval(y[of], found[of], table["actor"][of]) == pytest.approx(
            tuple(one["uar_interval"])
        )
    assert evaluation.confusion(y, found, np.unique(y)).to_numpy().tolist() == saved["confusion"]


@pytest.mark.parametrize(("one", "other"), [("ravdess", "emodb"), ("emodb", "ravdess")])
def test_the_last_layers_score_on_the_other_corpus_is_found_again(one, other):
    (known, X, _), (table, X_test, _) = (shared(name) for name in (one, other))
    y = known["emotion"].to_numpy()
    found = np.unique(y)[encoder.probe(X, y, X_test).argmax(axis=1)]
    saved = results.read("cross_corpus_speech")["directions"][f"{one} to {other}"]
    saved = saved["standardised on the training corpus"]["systems"][encoder.LAST]
    assert (found == table["emotion"]).sum() == saved["correct"] and saved["n"] == len(table)
    assert evaluation.unweighted_average_recall(table["emotion"], found) == pytest.approx(saved["uar"])


def shared(corpus):
    table, X, about = embeddings.read(corpus)
    rows = table["emotion"].isin(encoder.SHARED).to_numpy()
    return table[rows].reset_index(drop=True), X[rows], about


@pytest.mark.parametrize("name", [*EMBEDDED.values(), "cross_corpus_speech"])
def test_a_result_agrees_with_itself(name):
    found = results.read(name)
    parts = found.get("protocols") or {
        f"{direction}, {way}": one[way]
        for direction, one in found["directions"].items()
        for way in one
        if isinstance(one[way], dict)
    }
    for part in parts.values():
        for system in part["systems"].values():
            matrix = np.array(system["confusion"])
            assert np.trace(matrix) == system["correct"] and matrix.sum() == system["n"]
            assert np.mean(np.diag(matrix) / matrix.sum(axis=1)) == pytest.approx(system["uar"])
            for field in ("correct", "n"):
                assert sum(one[field] for one in system["by_gender"].values()) == system[field]
            assert system["uar_interval"][0] <= system["uar"] <= system["uar_interval"][1]
    corpus = found["weights"]["sha256"]
    assert all(embeddings.read(name).about["weights"]["sha256"] == corpus for name in embeddings.names())


def some_layers(good=4, n=96):
    """Random layers of eight actors' recordings. Only the layer `good` tells the four classes apart."""
    rng = np.random.default_rng(0)
    y, actors = np.tile(list("abcd"), n // 4), np.repeat(np.arange(8), n // 8)
    layers = rng.normal(size=(n, 7, 6))
    layers[:, good, :4] += 4 * (y[:, None] == list("abcd"))
    gender = np.where(actors % 2, "male", "female")
    return layers, pd.DataFrame({"emotion": y, "actor": actors, "gender": gender})


def test_the_layer_is_chosen_in_the_training_set():
    layers, table = some_layers()
    scores = encoder.inner_uar(layers, table["emotion"].to_numpy(), table["actor"].to_numpy())
    assert int(np.argmax(scores)) == 4 and scores[4] > 0.9 > 0.5 > scores[0]


def test_the_test_actors_labels_choose_no_layer():
    """Layer 2 tells the classes of the tested actors apart, layer 4 those of the others."""
    layers, table = some_layers()
    splits = evaluation.folds(table, "speaker-independent", 4)
    _, test = splits[0]
    layers[test, 2, :4] += 40 * (table["emotion"].to_numpy()[test, None] == list("abcd"))
    found = encoder.crossvalidated(table, layers[:, 6], layers, layers[:, 0], splits, "p")
    assert found["chosen_layers"][0] == 4
    assert found["systems"][encoder.CHOSEN]["n"] == len(table)
