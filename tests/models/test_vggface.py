"""VGG-Face against the unmodified keras-vggface 0.6, and the embeddings' cache."""

import importlib
import math
import re
import sys
import types

import keras
import numpy as np
import pytest

from course_lib.core.errors import CourseError
from course_lib.datasets import vggface as published
from course_lib.models import vggface

CONVOLUTIONS = [
    "conv1_1",
    "conv1_2",
    "conv2_1",
    "conv2_2",
    "conv3_1",
    "conv3_2",
    "conv3_3",
    "conv4_1",
    "conv4_2",
    "conv4_3",
    "conv5_1",
    "conv5_2",
    "conv5_3",
]


pytestmark = pytest.mark.usefixtures("own_home")


@pytest.fixture(scope="module")
def vgg():
    """The random network on the smallest images."""
    return vggface.VGGFace(include_top=False, weights="random", input_shape=(48, 48, 3))


def faces(n, size=(48, 48), seed=0):
    return np.random.default_rng(seed).integers(0, 256, (n, *size, 3), dtype=np.uint8)


# --- keras-vggface, unmodified ---


@pytest.fixture
def keras_vggface(monkeypatch):
    """The package as it was released, importable beside Keras 3; `file` is what its own download would have
    brought.
    """
    theirs = types.SimpleNamespace(file=None)

    def module(name, **content):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
        vars(sys.modules[name]).update(content)

    def obtain_input_shape(shape, default_size, min_size, data_format, require_flatten):
        return shape or (default_size, default_size, 3)

    module("keras_applications")
    module("keras_applications.imagenet_utils", _obtain_input_shape=obtain_input_shape)
    module("keras.utils.layer_utils")
    module("keras.utils.data_utils", get_file=lambda name, url, cache_subdir: theirs.file)
    module("keras.engine")
    module("keras.engine.topology", get_source_inputs=None)
    before = set(sys.modules)
    theirs.models = importlib.import_module("keras_vggface.models")
    theirs.VGGFace = importlib.import_module("keras_vggface.vggface").VGGFace
    theirs.preprocess_input = importlib.import_module("keras_vggface.utils").preprocess_input
    # Keras 3 refuses the slash in fc6/relu. Numbers for the top that are replaced at once need not be drawn.
    layers = keras.layers
    monkeypatch.setattr(
        theirs.models,
        "Activation",
        lambda activation, name: layers.Activation(activation, name=name.replace("/", "_")),
    )
    monkeypatch.setattr(
        theirs.models, "Dense", lambda units, name: layers.Dense(units, name=name, kernel_initializer="zeros")
    )
    yield theirs
    for name in set(sys.modules) - before:
        del sys.modules[name]


def layer_names(network):
    return [
        re.sub(r"_\d+$", "", layer.name) if "global" in layer.name else layer.name
        for layer in network.layers[1:]
    ]


@pytest.mark.parametrize("size, pooling", [((48, 48), None), ((64, 96), "avg"), ((50, 61), "max")])
def test_the_network_is_that_of_keras_vggface(keras_vggface, real_size, size, pooling):
    keras_vggface.file = str(real_size)
    theirs = keras_vggface.VGGFace(model="vgg16", include_top=False, input_shape=(*size, 3), pooling=pooling)
    ours = vggface.VGGFace(
        model="vgg16", include_top=False, input_shape=(*size, 3), pooling=pooling, weights=real_size
    )
    assert layer_names(ours) == layer_names(theirs) and ours.name == theirs.name
    assert ours.count_params() == theirs.count_params() == 14_714_688
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        assert np.array_equal(a, b)
    images = faces(2, size)
    got = np.asarray(ours.predict_on_batch(vggface.preprocess(images)))
    wanted = np.asarray(
        theirs.predict_on_batch(keras_vggface.preprocess_input(images.astype("float32"), version=1))
    )
    assert (
        got.shape
        == wanted.shape
        == (2, *((size[0] // 32, size[1] // 32, 512) if pooling is None else (512,)))
    )
    assert wanted.std() > 1
    np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-5 * wanted.max())


def test_the_network_with_its_top_is_that_of_keras_vggface(keras_vggface):
    ours = vggface.VGGFace(weights="random")
    theirs = keras_vggface.VGGFace(weights=None)
    assert layer_names(ours) == layer_names(theirs)
    assert ours.count_params() == theirs.count_params() == 145_002_878
    for a, b in zip(theirs.weights, ours.weights, strict=True):
        a.assign(b)
    images = vggface.preprocess(faces(1, (224, 224)))
    got, wanted = (np.asarray(network.predict_on_batch(images)) for network in (ours, theirs))
    assert got.shape == (1, 2622) and abs(got.sum() - 1) < 1e-4 and got.std() > 0
    np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-5)


def test_preprocessing_is_version_1(keras_vggface):
    images = faces(3).astype(np.float32)
    assert np.array_equal(vggface.preprocess(images), keras_vggface.preprocess_input(images, version=1))


# --- Preprocessing ---


def test_preprocessing_by_hand():
    images = np.uint8([[[[10, 100, 250]]]])
    got = vggface.preprocess(images)
    assert got.dtype == np.float32 and got.shape == (1, 1, 1, 3)
    np.testing.assert_allclose(got.ravel(), [250 - 93.5940, 100 - 104.7624, 10 - 129.1863], rtol=1e-6)
    assert images.ravel().tolist() == [10, 100, 250]


def test_preprocessing_leaves_floating_images_alone():
    images = faces(2).astype(np.float64)
    before = images.copy()
    np.testing.assert_allclose(
        vggface.preprocess(images), vggface.preprocess(images.astype(np.uint8)), atol=1e-5
    )
    assert np.array_equal(images, before)


@pytest.mark.parametrize(
    "images, expected",
    [
        (faces(1) / 255, "lie between 0.0 and 1.0"),
        (faces(1) - 104.0, "were not scaled and not preprocessed before"),
        (np.full((1, 4, 4, 3), np.nan), "between nan and nan"),
        (faces(1)[..., :1], "shape (1, 48, 48, 1)"),
        (faces(1).astype(str), "RGB images"),
    ],
)
def test_images_that_are_not_what_they_should_be(images, expected):
    with pytest.raises(CourseError, match=re.escape(expected)):
        vggface.preprocess(images)


# --- The network ---


def test_layers_and_parameters():
    assert (
        [name for name, filters in vggface.LAYERS.items() if filters]
        == CONVOLUTIONS
        == list(published.shapes())
    )
    assert published.shapes()["conv3_1"] == ((3, 3, 128, 256), (256,))
    assert published.shapes(top=True)["fc6"] == ((25_088, 4096), (4096,))
    for top, count in ((False, 14_714_688), (True, 145_002_878)):
        assert sum(math.prod(shape) for pair in published.shapes(top).values() for shape in pair) == count


def test_the_lectures_shapes():
    for shape, out in [((224, 224, 3), (7, 7, 512)), ((128, 227, 3), (4, 7, 512))]:
        network = vggface.VGGFace(include_top=False, weights="random", input_shape=shape)
        assert network.output_shape == (None, *out) and network.count_params() == 14_714_688


@pytest.mark.parametrize(
    "options, expected",
    [
        ({"input_shape": (47, 224, 3)}, "at least 48 × 48"),
        ({"input_shape": (224, 224, 1)}, "three colour channels"),
        ({"input_shape": (224, 224)}, "(height, width, 3)"),
        ({"model": "vgg19"}, "model 'vgg19': there is no such model. Did you mean 'vgg16'?"),
        ({"pooling": "mean"}, "there is no such pooling. Choose from None, avg, max"),
        ({"weights": None}, 'weights="random"'),
        ({"include_top": True, "input_shape": (128, 227, 3)}, "include_top=False"),
        ({"include_top": True, "weights": "vggface"}, "rcmalli_vggface_tf_vgg16.h5"),
    ],
)
def test_a_network_that_cannot_be_made(options, expected):
    with pytest.raises(CourseError, match=re.escape(expected)):
        vggface.VGGFace(**({"include_top": False, "weights": "random"} | options))


def test_missing_weights_say_which_how_large_from_where_and_how(own_home):
    with pytest.raises(CourseError) as caught:
        vggface.VGGFace(include_top=False)
    for text in (
        str(own_home / "vggface" / "rcmalli_vggface_tf_notop_vgg16.h5"),
        "58.9 MB",
        "course fetch vggface",
        "https://github.com/rcmalli/keras-vggface/releases/download/v2.0/",
        "non-commercial research only",
        'weights="random"',
    ):
        assert text in str(caught.value)


def test_weights_are_found_where_they_were_fetched_to(own_home, real_size, vgg):
    published.path().parent.mkdir(parents=True)
    published.path().symlink_to(real_size)
    network = vggface.VGGFace(include_top=False, input_shape=(48, 48, 3))
    assert network.weights_name == "VGG-Face weights"
    kernel, bias = network.get_layer("conv5_3").get_weights()
    wanted = published.read(real_size)["conv5_3"]
    assert np.array_equal(kernel, wanted[0]) and np.array_equal(bias, wanted[1])
    assert vgg.weights_name == "random weights"


def test_load_puts_other_weights_into_a_network(tmp_path, real_size):
    network = vggface.VGGFace(include_top=False, weights="random", input_shape=(48, 48, 3))
    vggface.load(network, real_size)
    assert network.weights_name == f"weights of {published.FILE}"
    assert np.array_equal(
        network.get_layer("conv1_1").get_weights()[1], published.read(real_size)["conv1_1"][1]
    )


def test_the_call_of_lesson_04_loads_the_published_file(real_size):
    network = keras.applications.VGG16(include_top=False, weights=str(real_size), input_shape=(48, 48, 3))
    stored = published.read(real_size)
    layers = [layer for layer in network.layers if layer.weights]
    assert len(layers) == len(stored) == 13
    for layer, wanted in zip(layers, stored.values(), strict=True):
        assert all(np.array_equal(*pair) for pair in zip(layer.get_weights(), wanted, strict=True))


def test_random_weights_are_the_same_every_time_and_let_faces_through(vgg):
    again = vggface.VGGFace(include_top=False, weights="random", input_shape=(64, 64, 3))
    for a, b in zip(vgg.get_weights(), again.get_weights(), strict=True):
        assert np.array_equal(a, b)
    kernel = vgg.get_layer("conv1_1").get_weights()[0]
    first = np.random.default_rng(0).random((3, 3, 3, 64), dtype=np.float32)[:, :, :, 0]
    np.testing.assert_allclose(kernel[..., 0], (first - first.mean()) * 2 * np.sqrt(6 / 27), atol=1e-6)
    features = np.asarray(again.predict_on_batch(vggface.preprocess(faces(8, (64, 64)))))
    assert 0.5 < features.std() < 50 and features.std(axis=0).mean() > 0.3 * features.std()


# --- Embeddings ---


@pytest.fixture
def passes(vgg, monkeypatch):
    """How many images went through the network, batch by batch."""
    seen, real = [], vgg.predict_on_batch
    monkeypatch.setattr(vgg, "predict_on_batch", lambda images: seen.append(len(images)) or real(images))
    return seen


def kept(own_home):
    return sorted(own_home.rglob("*.f32"))


def test_embeddings_are_what_the_network_gives(vgg, passes, own_home):
    images = faces(5)
    got = vggface.embed(images, vgg, batch_size=2)
    assert got.shape == (5, 1, 1, 512) and got.dtype == np.float32 and passes == [2, 2, 1]
    np.testing.assert_allclose(
        got, np.asarray(vgg.predict_on_batch(vggface.preprocess(images))), rtol=1e-4, atol=1e-3
    )
    assert len(kept(own_home)) == 5


def test_each_image_is_computed_once(vgg, passes, own_home):
    images = faces(4)
    first = vggface.embed(images[[0, 1, 0, 2, 1]], vgg)
    assert passes == [3] and np.array_equal(first[0], first[2]) and np.array_equal(first[1], first[4])
    second = vggface.embed(images[[3, 2, 0]], vgg)
    assert passes == [3, 1] and np.array_equal(second[1:], first[[3, 0]])
    assert len(kept(own_home)) == 4


def test_no_images(vgg, passes):
    assert vggface.embed(faces(0), vgg).shape == (0, 1, 1, 512) and passes == []


def test_other_weights_pooling_and_size_are_other_embeddings(vgg, real_size, own_home):
    def embedded(size=(48, 48), **options):
        network = vggface.VGGFace(
            include_top=False, input_shape=(*size, 3), **({"weights": "random"} | options)
        )
        vggface.embed(faces(1, size), network)

    vggface.embed(faces(1), vgg)
    for options in ({"weights": real_size}, {"pooling": "avg"}, {"pooling": "max"}, {"size": (48, 64)}):
        embedded(**options)
    assert len({path.parent.name for path in kept(own_home)}) == len(kept(own_home)) == 5
    embedded(pooling="avg")  # Keras gives its pooling layer another number
    assert len(kept(own_home)) == 5


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-8]),
        lambda path: path.write_bytes(b"rubbish"),
        lambda path: path.write_bytes(bytes(len(path.read_bytes()))),
        lambda path: path.write_bytes(path.read_bytes()[:-1] + bytes([path.read_bytes()[-1] ^ 1])),
    ],
)
def test_a_damaged_file_is_computed_again(vgg, passes, own_home, damage):
    wanted = vggface.embed(faces(2), vgg)
    damage(kept(own_home)[0])
    np.testing.assert_allclose(vggface.embed(faces(2), vgg), wanted, rtol=1e-4, atol=1e-3)
    assert passes == [2, 1]
    vggface.embed(faces(2), vgg)
    assert passes == [2, 1]


def test_an_interrupted_run_keeps_what_was_finished(vgg, monkeypatch, own_home):
    real, passes = vgg.predict_on_batch, []

    def interrupted(images):
        passes.append(len(images))
        if len(passes) == 3:
            raise KeyboardInterrupt
        return real(images)

    monkeypatch.setattr(vgg, "predict_on_batch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        vggface.embed(faces(5), vgg, batch_size=2)
    assert len(kept(own_home)) == 4 and len(list(own_home.rglob("*.part*"))) == 0
    vggface.embed(faces(5), vgg, batch_size=2)
    assert passes == [2, 2, 1, 1]


def test_bfloat16_is_near_and_kept_apart(vgg, own_home):
    wanted, got = vggface.embed(faces(3), vgg), vggface.embed(faces(3), vgg, precision="bfloat16")
    assert got.dtype == np.float32 and 0 < np.abs(got - wanted).max() < 0.1 * np.abs(wanted).max()
    assert len(kept(own_home)) == 6 and vgg.get_layer("conv1_1").compute_dtype == "float32"


@pytest.mark.parametrize(
    "images, options, expected",
    [
        (faces(1, (48, 49)), {}, "shape (n, 48, 48, 3)"),
        (faces(1)[0], {}, "shape (48, 48, 3)"),
        (faces(1).astype(np.float32), {}, "they are float32"),
        (faces(1), {"precision": "float16"}, "Did you mean 'bfloat16'? Choose from float32, bfloat16"),
    ],
)
def test_what_cannot_be_embedded(vgg, images, options, expected):
    with pytest.raises(CourseError, match=re.escape(expected)):
        vggface.embed(images, vgg, **options)
