"""The ablation of emotion_net's training, on some faces and a network of two layers."""

import numpy as np
import pytest
from small_faces import some_faces

from course_lib.authoring.experiments import emotion_ablation
from course_lib.core.errors import CourseError
from course_lib.models import networks, training
from course_lib.models.backend import keras


def tiny(steps, rate, attention):
    x = inputs = keras.Input((None, None, 1))
    for layer in (keras.layers.Rescaling(1 / 255), keras.layers.Conv2D(4, 8, 8)):
        x = layer(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    halves = [keras.layers.Rescaling(0.5)(keras.layers.Dense(n, activation="softmax")(x)) for n in (7, 8)]
    network = keras.Model(inputs, keras.layers.Concatenate()(halves), name=f"tiny{attention}")
    network.compile("sgd", "categorical_crossentropy", run_eagerly=True)
    return network


@pytest.fixture
def short(monkeypatch, own_home):
    monkeypatch.setattr(networks, "emotion_net_two_outputs", tiny)
    monkeypatch.setattr(emotion_ablation, "FACES", 40)
    monkeypatch.setattr(emotion_ablation, "EPOCHS", 1)


@pytest.fixture
def data(tmp_path, faces_npz, votes_csv):
    (tmp_path / "fer2013").mkdir()
    faces_npz.rename(tmp_path / "fer2013" / "fer2013_train_public.npz")
    votes_csv.rename(tmp_path / "fer2013" / "ferplus_train_public.csv")
    return tmp_path


def test_each_variant_is_trained_once_and_scored_on_the_validation_faces(data, short, monkeypatch):
    variants = {name: emotion_ablation.VARIANTS[name] for name in ("both outputs", "mixup 0.2")}
    variants["two stages"] = {"stages": ((1, 32, 0.1), (1, 40, 0.05))}
    monkeypatch.setattr(emotion_ablation, "VARIANTS", variants)
    found = emotion_ablation.emotion_net_ablation(data)
    assert list(found["variants"]) == list(variants) and found["trained_on"] == 40
    for one in found["variants"].values():
        assert set(one) == {"label", "raters", "label, ten views", "raters, ten views", "seconds"}
        assert one["label"]["n"] == found["n"] and one["label"]["protocol"] == "validation"
    monkeypatch.setattr(training, "fit", None)
    assert emotion_ablation.emotion_net_ablation(data) == found


def test_a_variant_with_other_settings_is_not_taken_from_the_cache(short, monkeypatch):
    first = emotion_ablation._folder("data", "mixup 0.2")
    monkeypatch.setitem(emotion_ablation.VARIANTS, "mixup 0.2", {"mixup": 0.4})
    second = emotion_ablation._folder("data", "mixup 0.2")
    monkeypatch.setattr(emotion_ablation, "EPOCHS", 2)
    assert len({first, second, emotion_ablation._folder("data", "mixup 0.2")}) == 3


def test_the_label_and_the_votes_can_be_trained_alone(short, monkeypatch, votes_csv, tmp_path):
    """The last face has no votes, so votes alone leave it out."""
    from course_lib.datasets import ferplus

    given = []
    monkeypatch.setattr(training, "fit", lambda network, X, y, *more, **options: given.append((X, y)))
    faces, votes, rows = some_faces(), ferplus.read_votes(votes_csv), np.arange(80, 84)
    for weights in ((1, 0), (0, 1)):
        emotion_ablation._trained(faces, votes.iloc[rows], rows, tmp_path, weights=weights)
    (_, labels), (some, raters) = given
    np.testing.assert_array_equal(labels[:, :7], np.eye(7)[faces.labels[rows]])
    assert len(some) == 3 and not raters[:, :7].any() and np.allclose(raters[:, 7:].sum(axis=1), 1)


def test_votes_of_other_rows_are_refused(data, short):
    path = data / "fer2013" / "ferplus_train_public.csv"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    with pytest.raises(CourseError, match="83 rows for 84 faces"):
        emotion_ablation.emotion_net_ablation(data)
