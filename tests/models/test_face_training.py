"""Networks trained on faces: what is trained on, what is written, and what is refused."""

import json

import numpy as np
import pandas as pd
import pytest
from small_faces import some_faces

from course_lib.core.errors import CourseError
from course_lib.datasets import fer2013, ferplus, not_faces
from course_lib.models import face_networks, face_training, networks, presets, scoring, training
from course_lib.models.backend import keras

pytestmark = pytest.mark.filterwarnings("ignore:.*is not FER2013 as published")


@pytest.fixture
def short(monkeypatch):
    """The recipe of `emotion_net` with three short stages."""
    stages = (presets.Stage(3, 0.1), presets.Stage(2, 0.05), presets.Stage(1, 0.02, 32))
    recipe = presets.RECIPES["emotion_net"]._replace(stages=stages)
    monkeypatch.setitem(presets.RECIPES, "emotion_net", recipe)


@pytest.fixture
def tiny(monkeypatch):
    """Networks of two layers in place of `emotion_net` and `face_or_not`, where it does not matter what is
    trained.
    """

    def build(name, outputs):
        x = inputs = keras.Input((None, None, 1))
        for layer in (keras.layers.Rescaling(1 / 255), keras.layers.Conv2D(4, 8, 8)):
            x = layer(x)
        x = keras.layers.GlobalAveragePooling2D()(x)
        heads = [
            keras.layers.Dense(units, activation="softmax", name=output)(x)
            for output, units in outputs.items()
        ]
        halves = [keras.layers.Rescaling(1 / len(heads))(head) for head in heads]
        network = keras.Model(
            inputs, keras.layers.Concatenate()(halves) if len(heads) > 1 else heads[0], name=name
        )
        network.compile("adam", "categorical_crossentropy", metrics=["accuracy"], run_eagerly=True)
        return network

    monkeypatch.setattr(
        networks,
        "emotion_net_two_outputs",
        lambda steps, rate: build("emotion_net_two_outputs", {"label": 7, "raters": 8}),
    )
    monkeypatch.setattr(networks, "face_or_not", lambda: build("face_or_not", {"face": 2}))


# --- what is trained on ---


def test_no_picture_stands_on_two_sides():
    faces = some_faces()
    X, _, (validation, _) = face_training._items("emotion_cnn6", faces, None, seed=0)
    train, held_out, public = (
        {image.tobytes() for image in images}
        for images in (X, validation, fer2013.subset(faces, "PublicTest").images)
    )
    assert not (train & held_out or train & public or held_out & public)
    assert len(X) + len(validation) == 69  # 70 less the one that repeats a test


def test_a_row_holds_half_of_the_label_and_half_of_the_votes(votes_csv):
    labels = np.eye(7)[np.arange(84) % 7]
    rows = face_training.two_labels(labels, ferplus.read_votes(votes_csv))
    assert rows.dtype == np.float32 and np.allclose(rows.sum(axis=1), 1)
    np.testing.assert_array_equal(rows[:83, :7], 0.5 * labels[:83])
    happy = ferplus.CLASSES.index("happy")  # nine votes of ten; the single vote for anger does not count
    np.testing.assert_array_equal(rows[:83, 7:], 0.5 * np.eye(8)[[happy] * 83])
    np.testing.assert_array_equal(rows[83], [*labels[83], *[0] * 8])  # no rater took it for a face


def test_half_of_what_face_or_not_sees_are_faces_and_none_is_of_its_test():
    faces = some_faces()
    X, probabilities, (validation, truth) = face_training._items("face_or_not", faces, None, 0)
    assert X.shape[1:] == (48, 48, 1) and probabilities.mean(axis=0).tolist() == truth.mean(
        axis=0
    ).tolist() == [
        0.5,
        0.5,
    ]
    known = {image.tobytes() for image in faces.images}
    assert all(
        (image.tobytes() in known) == bool(row[1]) for image, row in zip(X, probabilities, strict=True)
    )
    tested = {image.tobytes() for image in not_faces.lfw_test()[0]}
    assert not tested & {image.tobytes() for image in np.concatenate([X, validation])}


def test_a_picture_without_a_face_validates_only_where_none_was_trained_on(monkeypatch):
    others = np.arange(1, 200, dtype=np.uint8)[:, None, None] * np.ones((48, 48), np.uint8)
    monkeypatch.setattr(not_faces, "not_faces", lambda n, seed, faces, hard: others[60 * seed :][:n])
    X, _, (validation, truth) = face_training._items("face_or_not", some_faces(), None, 0)
    known = {image.tobytes() for image in X}
    assert (
        len(validation) and truth.mean() == 0.5 and not any(image.tobytes() in known for image in validation)
    )


# --- train ---


def test_a_network_of_the_presets_learns(faces_npz, votes_csv, own_home, monkeypatch):
    recipe = presets.RECIPES["emotion_net"]
    monkeypatch.setitem(presets.RECIPES, "emotion_net", recipe._replace(stages=recipe.stages[:1]))
    about = face_training.train("emotion", faces_npz, votes_csv, epochs=1)
    assert np.isfinite(about["history"]["loss"]).all()
    both = [face_networks.load(own_home / "models" / "emotion_net", output) for output in ("label", "raters")]
    assert [network.name for network in both] == ["emotion_net", "emotion_net_raters"]
    assert about["parameters"] == sum(network.count_params() for network in both) - trunk(both[0])
    images = some_faces().images
    assert [face_networks.predict(network, images).shape for network in both] == [(84, 7), (84, 8)]
    features = [face_networks.features(network, images) for network in both]
    np.testing.assert_array_equal(*features)


def trunk(network):
    return network.count_params() - network.layers[-1].count_params()


def test_train_writes_weights_history_and_card_and_only_at_the_end_looks_at_the_test(
    faces_npz, votes_csv, own_home, short, tiny, monkeypatch
):
    looked = []
    real = face_training._final
    monkeypatch.setattr(face_training, "_final", lambda *given: looked.append(1) or real(*given))
    about = face_training.train("emotion", faces_npz, votes_csv, epochs=1)
    folder = own_home / "models" / "emotion_net"
    names = {path.name for path in folder.iterdir()}
    written = {"weights.npz", "predictions.npz", "training.json", "card.md"}
    assert names == written | {"stage1", "stage2", "stage3"}
    assert json.loads((folder / "training.json").read_text()) == json.loads(json.dumps(about))
    ways = ["{}", "{}, face alone"]
    ways += [f"{{}}, raters{way}{more}" for way in ("", ", face alone") for more in ("", ", seven emotions")]
    assert list(about["scores"]) == [way.format("validation") for way in ways] and not looked
    assert about["trained_on"] + about["validated_on"] == 69 and about["epochs"] == 1 + 1 + 1

    final = face_training.train("emotion", faces_npz, votes_csv, epochs=1, final=True)  # trains no more
    assert final["history"] == about["history"]
    assert set(final["scores"]) == {way.format(test) for way in ways for test in ("validation", "PublicTest")}
    assert final["scores"]["PublicTest"]["top_1"]["n"] == 14
    with np.load(folder / "predictions.npz") as kept:
        answers = kept["PublicTest"].argmax(axis=1)
        assert kept["PublicTest, raters"].shape == (14, 8)
    assert "".join(map(str, answers)) == final["scores"]["PublicTest"]["answers"]
    card = (folder / "card.md").read_text()
    for expected in (
        f"{about['parameters']:,}",
        "PublicTest",
        "of 14 = ",
        "95 % CI",
        "disgust",
        "F1",
        "No open licence",
        "must not be used",
        "the second output is trained on FER+'s votes",
    ):
        assert expected in card
    assert face_networks.load("emotion").name == "emotion_net"
    assert face_networks.load("emotion_net_raters").name == "emotion_net_raters"
    assert (scoring.evaluate("emotion_net", faces_npz)["top_1"]["n"]) == 84


def test_stages_follow_each_other(faces_npz, votes_csv, own_home, short, tiny, monkeypatch):
    """Each stage starts from the weights of the stage before, with its own size and rate."""
    calls = []

    def fit(network, X, y, batch_size, epochs, validation, seed, augment, patience, folder, mixup):
        calls.append((y, epochs, network.get_weights()[0], augment.keywords["size"]))
        network.set_weights([weight + 1 for weight in network.get_weights()])
        np.savez(folder / "checkpoint.npz", about=np.array("{}"))
        return {"loss": [1.0] * epochs, "val_accuracy": [0.5] * epochs}

    monkeypatch.setattr(training, "fit", fit)
    about = face_training.train("emotion", faces_npz, votes_csv, epochs=2)
    labels, epochs, weights, sizes = zip(*calls, strict=True)
    assert epochs == (2, 2, 1) and about["epochs"] == 5 and sizes == (48, 48, 32)
    assert about["stages"][2] == {"epochs": 1, "rate": 0.02, "size": 32}
    np.testing.assert_allclose(weights[1:], [weights[0] + 1, weights[0] + 2], rtol=2e-3)
    rows = face_training.split(some_faces(), 0)[0]
    one_hot, votes = np.eye(7)[some_faces().labels[rows]], ferplus.read_votes(votes_csv).iloc[rows]
    smoothing = presets.RECIPES["emotion_net"].smoothing
    for y in labels:
        smooth = (1 - smoothing) * one_hot + smoothing / 7
        np.testing.assert_allclose(y, face_training.two_labels(smooth, votes), rtol=1e-6)


def test_the_validation_labels_are_not_smoothed(votes_csv):
    votes = ferplus.read_votes(votes_csv)
    _, labels, (_, truth) = face_training._items("emotion_net", some_faces(), votes, 0)
    assert set(np.unique(truth)) == {0, 0.5} and labels[:, :7].min() > 0


def test_the_kept_epoch_is_the_best_of_the_last_course():
    """The first course had a better one, whose weights are gone."""
    stages = [
        {"loss": [3, 2], "val_accuracy": [0.5, 0.9]},
        {"loss": [2, 1, 1], "val_accuracy": [0.6, 0.8, 0.7]},
    ]
    found = face_training._curves(stages, patience=8)
    assert (found["epochs"], found["kept_epoch"]) == (5, 4) and face_training._curves(stages, None)[
        "kept_epoch"
    ] == 5
    assert found["history"]["val_accuracy"] == [0.5, 0.9, 0.6, 0.8, 0.7]


def test_what_is_scored_is_what_is_kept(trained_face):
    """The weights of the file, not the unrounded ones of the training, give the scores that are written."""
    folder, about = trained_face
    network = face_networks.load(folder)
    images, labels = not_faces.lfw_test()
    again = scoring.scores(network, images, labels, presets.LFW)
    assert json.loads(json.dumps(again)) == json.loads(json.dumps(about["scores"][presets.LFW]))


def test_a_stage_is_not_resumed_from_weights_of_another_training(faces_npz, votes_csv, own_home, short, tiny):
    """Stage 1 trained again, with other epochs: what its checkpoint's name does not say, the next stages'
    must.
    """
    face_training.train("emotion", faces_npz, votes_csv, epochs=2)
    (own_home / "models" / "emotion_net" / "stage1" / "checkpoint.npz").unlink()
    with pytest.raises(
        CourseError, match=r"stage2.checkpoint.npz: this is the checkpoint of another.*first weights"
    ):
        face_training.train("emotion", faces_npz, votes_csv, epochs=3)


# --- what is refused ---


def test_what_would_fail_after_a_training_is_said_before_it(
    faces_npz, votes_csv, own_home, tmp_path, monkeypatch
):
    monkeypatch.setattr(training, "fit", None)
    with pytest.raises(CourseError, match="emotion_cnn6 is trained without votes"):
        face_training.train("emotion_cnn6", faces_npz, votes_csv)
    with pytest.raises(
        CourseError, match=r"emotion_net learns FER\+'s votes, too. Give FER\+'s csv file: --votes"
    ):
        face_training.train("emotion", faces_npz)
    (tmp_path / "file").write_text("")
    with pytest.raises(CourseError, match=r"file: this folder cannot be made"):
        face_training.train("face", faces_npz, folder=tmp_path / "file")
    faces = some_faces()
    np.savez(faces_npz, images=faces.images, labels=faces.labels, usage=np.full(84, "Training"))
    with pytest.raises(CourseError, match="it has no faces of 'PublicTest'"):
        face_training.train("emotion_cnn6", faces_npz, final=True)
    np.savez(faces_npz, images=faces.images[:7], labels=faces.labels[:7], usage=np.full(7, "Training"))
    with pytest.raises(CourseError, match="too few to validate on a tenth"):
        face_training.train("emotion_cnn6", faces_npz)


def test_data_that_differ_from_fer2013_give_a_warning(faces_npz, own_home, monkeypatch):
    monkeypatch.setattr(training, "fit", None)
    with (
        pytest.warns(UserWarning, match="Training angry: 10 faces, published 3995"),
        pytest.raises(TypeError),
    ):
        face_training.train("emotion_cnn6", faces_npz)


def test_votes_of_other_rows_are_refused(faces_npz, votes_csv, own_home):
    rows = pd.read_csv(votes_csv).iloc[:-1]
    rows.to_csv(votes_csv, index=False)
    with pytest.raises(CourseError, match=r"FER\+: it has 83 rows for 84 faces"):
        face_training.train("emotion", faces_npz, votes_csv, epochs=1)


def test_another_seed_does_not_go_on_with_the_folder_of_the_first(faces_npz, own_home, tiny):
    face_training.train("face", faces_npz, epochs=1)
    with pytest.raises(CourseError, match="seed 0, now 1"):
        face_training.train("face", faces_npz, epochs=1, seed=1)


def test_training_leaves_keras_precision_as_it_was(faces_npz, own_home, monkeypatch):
    monkeypatch.setattr(face_training, "precision", lambda: "mixed_bfloat16")
    before = keras.config.dtype_policy().name
    face_training.train("face", faces_npz, epochs=1)
    assert keras.config.dtype_policy().name == before
    assert face_networks.load("face").layers[1].compute_dtype == "float32"
