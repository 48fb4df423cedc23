"""Grad-CAM on networks small enough to be worked by hand, and the check that its maps depend on what was
learnt.
"""

import numpy as np
import pytest

from course_lib.core.errors import CourseError
from course_lib.models import attribution, networks
from course_lib.models.backend import keras, layers

IMAGES = np.random.default_rng(0).integers(0, 256, (4, 48, 48, 1), dtype=np.uint8)
FEW = np.array([3, 0, 6, 3])


def by_hand():
    """Two 1x1 filters, x and 3 - x; then a dense layer on the flattened 2x2 maps."""
    network = keras.Sequential(
        [
            keras.Input((2, 2, 1)),
            layers.Conv2D(2, 1, name="maps"),
            layers.Flatten(),
            layers.Dense(2, activation="softmax"),
        ]
    )
    kernel = np.zeros((8, 2))  # rows: place 0 channel 0, place 0 channel 1, place 1 channel 0, ...
    kernel[:, 0] = [4, 0, 0, 0, 0, 0, 0, -8]
    kernel[:, 1] = [0, 2, 0, 2, 0, 2, 0, 2]
    network.set_weights([np.array([[[[1, -1]]]]), np.array([0, 3]), kernel, np.array([5, -5])])
    return network


def with_mean(filters=5):
    keras.utils.set_random_seed(2)
    network = keras.Sequential(
        [
            keras.Input((48, 48, 1)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(filters, 5, strides=4, activation="relu"),
            layers.BatchNormalization(),
            layers.GlobalAveragePooling2D(),
            layers.Dropout(0.5),
            layers.Dense(7, activation="softmax"),
        ]
    )
    network.layers[2].set_weights(
        [
            np.random.default_rng(1).normal(1, 2, weight.shape)  # none of them the default
            for weight in network.layers[2].get_weights()[:2]
        ]
        + [np.linspace(0, 1, filters), np.linspace(0.5, 2, filters)]
    )
    return network


# --- Grad-CAM ---


def test_maps_and_gradients_worked_by_hand():
    image = np.array([[[[1.0], [2.0]], [[3.0], [4.0]]]])
    maps, gradients = attribution.maps_and_gradients(by_hand(), np.concatenate([image, image]), [0, 1])
    assert maps[0, ..., 0].tolist() == [[1, 2], [3, 4]] and maps[0, ..., 1].tolist() == [[2, 1], [0, -1]]
    assert gradients[0, ..., 0].tolist() == [[4, 0], [0, 0]] and gradients[0, ..., 1].tolist() == [
        [0, 0],
        [0, -8],
    ]
    assert not gradients[1, ..., 0].any() and (gradients[1, ..., 1] == 2).all()  # each image by its own class


def test_a_heat_map_worked_by_hand():
    image = np.array([[[[1.0], [2.0]], [[3.0], [4.0]]]])
    heat = attribution.grad_cam(by_hand(), np.concatenate([image, image]), [0, 1])
    # class 0: means of the gradients 1 and -2, so x - 2 (3 - x) = 3x - 6; class 1: 0 and 2, so 2 (3 - x)
    assert heat.tolist() == [[[0, 0], [3, 6]], [[4, 2], [0, 0]]] and heat.dtype == np.float32


def test_with_a_mean_before_the_dense_layer_it_is_cam():
    network = with_mean()
    features = keras.Model(network.inputs[0], network.layers[2].output)(
        IMAGES.astype(np.float32), training=False
    )
    kernel = network.layers[-1].get_weights()[0]
    cam = np.einsum("nhwc,cn->nhw", keras.ops.convert_to_numpy(features), kernel[:, FEW])
    heat = attribution.grad_cam(network, IMAGES, FEW)
    assert heat.shape == (4, 11, 11) and (heat > 0).any()
    np.testing.assert_allclose(heat, np.maximum(cam, 0) / 121, atol=1e-6)


@pytest.mark.parametrize(
    "build", [networks.emotion_net, networks.emotion_cnn6], ids=["emotion_net", "emotion_cnn6"]
)
def test_the_gradients_are_those_of_small_steps(build):
    """Also with shortcuts, and with BatchNorm between the maps and the scores."""
    keras.utils.set_random_seed(0)
    network = build()
    maps, gradients = attribution.maps_and_gradients(network, IMAGES[:1], FEW[:1])
    middle = [layer for layer in network.layers if len(layer.output.shape) == 4][-1].output
    above, (kernel, bias) = keras.Model(middle, network.layers[-1].input), network.layers[-1].get_weights()

    def score(maps):
        return (keras.ops.convert_to_numpy(above(maps, training=False)) @ kernel + bias)[0, FEW[0]]

    step = 0.05 * np.random.default_rng(1).normal(size=maps.shape).astype(np.float32)
    assert score(maps + step) - score(maps - step) == pytest.approx(2 * (gradients * step).sum(), rel=0.02)


def test_another_layer_can_be_looked_at():
    network = networks.face_or_not()
    first = next(layer.name for layer in network.layers if isinstance(layer, layers.Conv2D))
    assert attribution.grad_cam(network, IMAGES, [0, 1, 1, 0], first).shape == (4, 46, 46)
    assert attribution.grad_cam(network, IMAGES, [0, 1, 1, 0]).shape == (4, 10, 10)


@pytest.mark.parametrize(
    ("network", "classes", "layer", "says"),
    [
        (with_mean, [0, 1, 2], None, "for each of 4"),
        (with_mean, [0, 1, 2, 7], None, "from 0 to 6"),
        (with_mean, [0.0, 1, 2, 3], None, "whole number"),
        (with_mean, FEW, "eyes", "no layer 'eyes'"),
        (lambda: networks.late_fusion_mlp(4), [0, 0, 0, 0], None, "no layer of it has rows"),
        (lambda: keras.Sequential([keras.Input((48, 48, 1)), layers.Flatten()]), FEW, None, "not dense"),
    ],
    ids=["too few", "unknown class", "not a whole number", "unknown layer", "no images", "no classifier"],
)
def test_what_does_not_fit_is_refused(network, classes, layer, says):
    with pytest.raises(CourseError, match=says):
        attribution.grad_cam(network(), IMAGES, np.asarray(classes), layer)


# --- the check ---


def weights(network):
    return [layer.get_weights() for layer in network.layers if layer.weights]


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_a_layer_that_a_shortcut_leads_around_is_refused_and_where_they_meet_is_not():
    network = networks.emotion_net()
    inside = [layer.name for layer in network.layers if "conv2d" in layer.name][5]
    with pytest.raises(CourseError, match=f"layer '{inside}': a shortcut leads around it"):
        attribution.grad_cam(network, IMAGES, FEW, layer=inside)
    meet = next(layer.name for layer in network.layers if isinstance(layer, layers.Add))
    assert attribution.grad_cam(network, IMAGES, FEW, layer=meet).shape == (4, 12, 12)


@pytest.mark.parametrize("last", [0, 1, 2, None], ids=["none", "one", "two", "all"])
def test_only_the_last_layers_are_randomised(last):
    network = with_mean()
    copy, again = attribution.randomised(network, last, seed=5), attribution.randomised(network, last, seed=5)
    kept = [same(*pair) for pair in zip(weights(network), weights(copy), strict=True)]
    assert kept == [place < 3 - (3 if last is None else last) for place in range(3)]
    assert all(same(*pair) for pair in zip(weights(copy), weights(again), strict=True))
    assert same(weights(network)[0], weights(with_mean())[0])  # the network itself is left alone
    other = attribution.randomised(network, None, seed=6)
    assert not same(weights(other)[0], weights(attribution.randomised(network, None, seed=5))[0])


def test_more_layers_than_there_are_cannot_be_randomised():
    with pytest.raises(CourseError, match="3 layers with weights"):
        attribution.randomised(with_mean(), 4)


def test_rank_correlations_worked_by_hand():
    maps = np.array(
        [[[1, 2], [3, 40]], [[1, 2], [3, 4]], [[0, 0], [1, 2]], [[5, 5], [5, 5]], [[1, 2], [3, 4]]]
    )
    others = np.array(
        [[[0, 1], [2, 3]], [[9, 7], [5, 1]], [[0, 0], [1, 2]], [[1, 2], [3, 4]], [[1, 3], [2, 4]]]
    )
    assert attribution.rank_correlations(maps, others) == pytest.approx([1, -1, 1, 0, 0.8])
    with pytest.raises(CourseError, match="differ"):
        attribution.rank_correlations(maps, others[:, :1])
