"""The lectures' networks: their published sizes, their shapes, and heads that train as the whole frozen model
does.
"""

import ast
from functools import partial

import keras
import numpy as np
import pytest

from course_lib.core.errors import CourseError
from course_lib.core.paths import ROOT
from course_lib.models import networks, training, vggface


def trainable(network):
    return sum(int(np.prod(weight.shape)) for weight in network.trainable_weights)


def shapes(network):
    return [(type(layer).__name__, layer.output.shape[1:]) for layer in network.layers]


# --- sizes and shapes ---


@pytest.mark.parametrize(("input_shape", "total"), [((224, 224, 3), 40_931_650), ((128, 227, 3), 29_921_602)])
def test_lecture_14s_network_has_the_published_parameters(input_shape, total):
    network = networks.vggface_mlp(input_shape, weights="random")
    assert (network.count_params(), trainable(network)) == (total, total - 14_714_688)
    if input_shape[0] == 224:
        assert trainable(network) == 26_216_962


def test_lecture_27s_frame_network_is_as_the_lecture_says_it():
    network = networks.vggface_frame_features(weights="random")
    vgg, *above = network.layers
    assert vgg.output.shape[1:] == (4, 7, 512) and not vgg.trainable_weights
    assert [type(layer).__name__ for layer in above] == ["Flatten", "BatchNormalization", "Dense", "Dense"]
    features = network.get_layer("feature_layer")
    assert (features.units, features.activation.__name__, network.output_shape) == (21, "relu", (None, 2))
    flat = 4 * 7 * 512
    assert network.count_params() == 14_714_688 + 4 * flat + (flat + 1) * 21 + 22 * 2


def test_the_1d_cnns_layers_one_by_one():
    assert shapes(networks.cnn_1d(2520)) == [
        ("Conv1D", (2520, 16)),
        ("MaxPooling1D", (630, 16)),
        ("Conv1D", (630, 32)),
        ("MaxPooling1D", (157, 32)),
        ("Flatten", (5024,)),
        ("BatchNormalization", (5024,)),
        ("Dense", (128,)),
        ("Dropout", (128,)),
        ("Dense", (2,)),
    ]
    assert networks.cnn_1d(2520).get_layer("feature_layer").output.shape == (None, 128)
    assert networks.cnn_1d(2520).count_params() == 144 + 4_128 + 20_096 + 643_200 + 258
    assert networks.cnn_1d(63, channels=40, classes=8).input_shape == (None, 63, 40)


def test_the_late_fusion_network_layer_by_layer():
    network = networks.late_fusion_mlp(256)
    assert shapes(network) == [
        ("Flatten", (256,)),
        ("BatchNormalization", (256,)),
        ("Dense", (16,)),
        ("Dense", (16,)),
        ("Dropout", (16,)),
        ("Dense", (2,)),
    ]
    assert network.get_layer(index=4).rate == pytest.approx(0.1)
    assert [layer.activation.__name__ for layer in network.layers if "dense" in layer.name] == 2 * [
        "relu"
    ] + ["softmax"]


# --- on faces ---


@pytest.mark.parametrize(
    ("build", "total"),
    [
        (networks.face_or_not, 847_682),
        (networks.emotion_cnn6, 832_199),
        (networks.gudi_cnn, 56_883_015),
        (partial(networks.iiita_face, as_published=True), 7_394_247),
        (networks.iiita_face, 21_536_487),
        (networks.emotion_net, 1_915_175),
    ],
    ids=["face_or_not", "emotion_cnn6", "gudi_cnn", "iiita_face as published", "iiita_face", "emotion_net"],
)
def test_a_face_network_has_its_parameters_and_takes_grey_levels_as_they_are(build, total):
    network = build()
    assert network.count_params() == total
    faces = np.random.default_rng(0).integers(0, 256, (2, 48, 48, 1), dtype=np.uint8)
    probabilities = training.predict(network, faces)
    assert (
        probabilities.shape == (2, 2 if network.name == "face_or_not" else 7)
        and np.isfinite(probabilities).all()
    )
    if network.name != "face_or_not":
        assert probabilities.sum(axis=1) == pytest.approx(1)


def test_where_iiitas_axes_are_swapped_a_pixel_column_is_a_channel():
    layers = networks.iiita_face(as_published=True).layers
    first = next(layer for layer in layers if type(layer).__name__ == "Conv2D")
    assert first.count_params() == 13_856 and first.kernel.shape == (3, 3, 48, 32)
    assert first.output.shape[1:] == (3, 50, 32)  # as its summary prints it
    swap = next(layer for layer in layers if type(layer).__name__ == "Reshape")
    face = np.arange(48 * 48, dtype=np.float32).reshape(1, 48, 48, 1)
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(swap(face))[0, 0], face[0, :, :, 0])


def test_iiita_as_meant_pads_so_that_a_3x3_filter_overlaps_anywhere():
    kinds = ("Conv2D", "MaxPooling2D", "Flatten")
    assert [shape for kind, shape in shapes(networks.iiita_face()) if kind in kinds] == [
        (50, 50, 32),
        (52, 52, 32),
        (26, 26, 32),
        (28, 28, 64),
        (30, 30, 64),
        (15, 15, 64),
        (17, 17, 128),
        (19, 19, 128),
        (9, 9, 128),
        (10368,),
    ]


def test_relu_and_swish_are_the_only_difference_of_p4s_two():
    relu, swish = networks.emotion_cnn6("relu"), networks.emotion_cnn6()
    kinds = [
        {layer.activation.__name__ for layer in network.layers[:-1] if hasattr(layer, "activation")}
        for network in (relu, swish)
    ]
    assert kinds == [{"relu"}, {"silu"}] and relu.count_params() == swish.count_params()


def test_local_response_normalisation_on_numbers_worked_by_hand():
    layer = networks.LocalResponseNormalization(radius=1, bias=2.0, alpha=0.5, beta=1.0)
    x = np.array([1, 2, 3, 4], np.float32).reshape(1, 1, 1, 4)
    expected = [1 / (2 + 0.5 * 5), 2 / (2 + 0.5 * 14), 3 / (2 + 0.5 * 29), 4 / (2 + 0.5 * 25)]
    assert keras.ops.convert_to_numpy(layer(x)).ravel() == pytest.approx(expected)


def test_local_response_normalisation_is_tensorflows():
    tf = pytest.importorskip("tensorflow")
    x = np.random.default_rng(0).normal(0, 5, (2, 3, 3, 16)).astype(np.float32)
    theirs = tf.nn.local_response_normalization(x, depth_radius=5, bias=1.0, alpha=1e-4, beta=0.75).numpy()
    ours = keras.ops.convert_to_numpy(networks.LocalResponseNormalization()(x))
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)


def test_emotion_net_answers_for_pictures_of_other_sizes_and_its_rate_rises_then_falls_to_nothing():
    network = networks.emotion_net(steps=80)
    assert network(np.zeros((1, 40, 40, 1), np.uint8)).shape == (1, 7)
    rate = [float(network.optimizer._learning_rate(step)) for step in (0, 10, 45, 80)]
    assert (
        rate[0] < rate[1] == pytest.approx(0.1)
        and rate[2] == pytest.approx(0.05)
        and rate[3] == pytest.approx(0)
    )


@pytest.mark.parametrize(("attention", "more"), [(False, 0), (True, 20_912)])
def test_two_outputs_make_one_row_that_sums_to_1(attention, more):
    """8 x 257 numbers for the raters; per shortcut of c maps c x c / 4 weights and c + c / 8 biases."""
    network = networks.emotion_net_two_outputs(attention=attention)
    assert network.count_params() == 1_915_175 + 8 * 257 + more
    faces = np.random.default_rng(0).integers(0, 256, (3, 48, 48, 1), dtype=np.uint8)
    rows = training.predict(network, faces)
    np.testing.assert_allclose([rows[:, :7].sum(axis=1), rows[:, 7:].sum(axis=1)], 0.5, atol=1e-6)


def test_the_loss_of_a_row_is_the_mean_of_both_outputs_losses():
    network = networks.emotion_net_two_outputs()
    faces = np.random.default_rng(0).integers(0, 256, (4, 40, 40, 1), dtype=np.uint8)
    label, votes = np.eye(7)[[0, 1, 3, 6]], np.array([[0.75, 0.25] + 6 * [0]] * 3 + [8 * [0]])
    y = np.hstack([np.array([[0.5], [0.5], [0.5], [1]]) * label, 0.5 * votes])
    rows = training.predict(network, faces)
    label_losses = -np.log(2 * rows[np.arange(4), [0, 1, 3, 6]])
    vote_losses = -(votes * np.log(2 * rows[:, 7:])).sum(axis=1)
    expected = np.append((label_losses + vote_losses)[:3] / 2, label_losses[3]) + np.log(2)
    found = network.test_on_batch(faces, y, return_dict=True)
    assert found["loss"] == pytest.approx(expected.mean(), rel=1e-4)
    assert found["accuracy"] == pytest.approx((rows[:, :7].argmax(axis=1) == [0, 1, 3, 6]).mean())


@pytest.mark.parametrize("name", ["cnn_1d", "late_fusion_mlp", "frame_head"])
def test_each_is_compiled_by_its_recipe(name):
    network = getattr(networks, name)((1, 2, 3) if name == "frame_head" else 32)
    recipe = networks.RECIPES.get(name, networks.RECIPES["vggface_frame_features"])
    assert isinstance(network.optimizer, keras.optimizers.Adam) and network.loss == "categorical_crossentropy"
    assert float(network.optimizer.learning_rate) == pytest.approx(recipe.learning_rate)
    assert "accuracy" in network.test_on_batch(
        np.zeros((2, *network.input_shape[1:])), np.eye(2), return_dict=True
    )


def test_the_recipes_are_the_lectures():
    assert networks.RECIPES["vggface_mlp"] == (1e-3, 16, 10, 0.10)
    assert networks.RECIPES["vggface_frame_features"] == (1e-4, 128, 20, 0.20)
    assert networks.RECIPES["cnn_1d"] == (1e-4, 8, 10, 0.20)


def test_a_cnn_too_short_for_its_pools_is_refused():
    assert networks.cnn_1d(16).count_params() > 0
    with pytest.raises(CourseError, match="at least 16"):
        networks.cnn_1d(15)


@pytest.mark.parametrize(
    "name",
    [
        "models/networks",
        "models/training",
        "models/network_classifier",
        "models/vggface",
        "fusion/representations",
        "fusion/frame_features",
    ],
)
def test_no_backend_is_named(name):
    tree = ast.parse((ROOT / "course_lib" / f"{name}.py").read_text(encoding="utf-8"))
    imported = {
        alias.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    } | {(node.module or "").partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not imported & {"tensorflow", "jax", "torch"}


# --- layers ---


def test_a_layer_takes_and_gives_numpy_numbers():
    dropout = keras.layers.Dropout(0.5, seed=0)
    assert networks.output(dropout, [[1, 2]], training=False).tolist() == [[1, 2]]
    assert set(networks.output(dropout, np.ones((1, 50)), training=True).ravel().tolist()) == {0, 2}


def test_the_momentum_of_the_face_model_is_that_of_its_four_normalisations():
    layers = [each for each in networks.face_or_not(momentum=0.9).layers if "momentum" in each.get_config()]
    assert [each.momentum for each in layers] == [0.9] * 4


# --- heads and extractors ---


@pytest.fixture(scope="module")
def faces():
    """Eight small images, preprocessed, and their labels: brighter or darker ones, one-hot."""
    label = np.arange(8) % 2
    pixels = np.random.default_rng(0).integers(0, 160, (8, 48, 48, 3)) + 90 * label[:, None, None, None]
    return vggface.preprocess(pixels.astype(np.uint8)), np.eye(2)[label]


def build(name):
    keras.utils.set_random_seed(3)
    return getattr(networks, name)((48, 48, 3), weights="random")


@pytest.mark.parametrize("name", ["vggface_mlp", "vggface_frame_features"])
def test_training_on_embeddings_equals_training_the_whole_frozen_model(name, faces):
    X, y = faces
    whole, shared = build(name), build(name)
    embeddings = training.predict(shared.layers[0], X)
    by_images = training.fit(whole, X, y, batch_size=4, epochs=3, seed=1)
    by_embeddings = training.fit(networks.head(shared), embeddings, y, batch_size=4, epochs=3, seed=1)
    assert by_embeddings["loss"] == pytest.approx(by_images["loss"], abs=1e-4)
    assert np.ptp(by_images["loss"]) > 0.01  # they do move: equal losses that stand still would show nothing
    assert training.predict(shared, X) == pytest.approx(training.predict(whole, X), abs=1e-3)


def test_a_head_shares_its_layers_with_the_model_and_is_compiled_like_it():
    model = build("vggface_mlp")
    head = networks.head(model)
    assert all(ours is theirs for ours, theirs in zip(head.layers, model.layers[1:], strict=True))
    assert head.count_params() == trainable(model)
    assert float(head.optimizer.learning_rate) == pytest.approx(1e-3)
    frames = networks.head(build("vggface_frame_features"))
    assert shapes(frames) == shapes(networks.frame_head((1, 1, 512)))


def test_a_head_of_a_model_that_is_not_frozen_is_refused():
    model = build("vggface_mlp")
    model.layers[0].trainable = True
    with pytest.raises(CourseError, match="not frozen"):
        networks.head(model)


def test_the_extractor_gives_what_the_feature_layer_gives(faces):
    X, _ = faces
    model = build("vggface_frame_features")
    lectures_way = keras.Model(model.inputs[0], model.get_layer("feature_layer").output)
    ours = training.predict(networks.feature_extractor(model), X)
    assert ours.shape == (8, 21)
    assert ours == pytest.approx(training.predict(lectures_way, X), abs=1e-6)
    embeddings = training.predict(model.layers[0], X)
    assert training.predict(networks.feature_extractor(networks.head(model)), embeddings) == pytest.approx(
        ours, abs=1e-4
    )


def test_an_extractor_of_a_layer_that_is_not_there_names_those_that_are():
    with pytest.raises(CourseError, match=r"no layer 'features'.*feature_layer"):
        networks.feature_extractor(networks.cnn_1d(32), "features")


@pytest.mark.parametrize("build", [networks.face_or_not, networks.gudi_cnn], ids=["face_or_not", "gudi_cnn"])
def test_our_own_layers_are_found_again_in_a_saved_network(build):
    network = build()
    again = keras.Sequential.from_config(network.get_config())
    assert [type(layer) for layer in again.layers] == [type(layer) for layer in network.layers]


# --- on sound ---

# Height and width after each step of IIITA's two summaries, and the channels; there channels come first.
BLOCKS = [(98, 433, 64), (49, 216, 64), (51, 218, 128), (17, 72, 128), (19, 74, 128), (4, 18, 128)]


@pytest.mark.parametrize(
    ("build", "total", "trainable", "blocks", "end"),
    [
        (networks.speech_cnn, 21_205_127, 21_204_487, BLOCKS, [(9216,), (2048,), (1024,), (7,)]),
        (
            networks.speech_cnn_lstm,
            401_303,
            400_407,
            [*BLOCKS, (6, 20, 128), (1, 5, 128)],
            [(5, 128, 1), (5, 128), (5, 32), (32,), (16,), (16,), (7,)],
        ),
    ],
)
def test_a_speech_network_has_the_published_parameters_and_shapes(build, total, trainable, blocks, end):
    network = build()
    assert network.count_params() == total
    assert sum(np.prod(weight.shape) for weight in network.trainable_weights) == trainable
    kinds = ("ZeroPadding2D", "BatchNormalization", "ELU", "Dropout")
    assert [shape for kind, shape in shapes(network) if kind not in kinds] == [*blocks, *end]
    around = [kind for kind, _ in shapes(network)][:6]
    assert around == ["ZeroPadding2D", "Conv2D", "BatchNormalization", "ELU", "MaxPooling2D", "Dropout"]
    probabilities = training.predict(network, np.zeros((1, 96, 431, 1), np.float32))
    assert probabilities.shape == (1, 7) and probabilities.sum() == pytest.approx(1)


def test_the_lstm_reads_the_picture_in_the_order_of_time():
    """What goes into it at a step is one column of the last pool's answer, all its channels."""
    layers = networks.speech_cnn_lstm().layers
    permute, reshape = (
        next(layer for layer in layers if type(layer).__name__ == kind) for kind in ("Permute", "Reshape")
    )
    pooled = np.random.default_rng(0).normal(size=(2, 1, 5, 128)).astype(np.float32)
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(reshape(permute(pooled))), pooled[:, 0])
