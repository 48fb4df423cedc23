"""VGG-Face against the unmodified keras-vggface 0.6, its weights file in every state, and the embeddings' cache."""

import importlib
import math
import re
import sys
import types

import h5py
import keras
import numpy as np
import pytest

from course_lib.core.errors import CourseError
from course_lib.datasets import vggface as published
from course_lib.models import vggface

CONVOLUTIONS = ["conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1", "conv3_2", "conv3_3", "conv4_1", "conv4_2",
                "conv4_3", "conv5_1", "conv5_2", "conv5_3"]


@pytest.fixture(autouse=True)
def course_home(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(scope="module")
def vgg():
    """The random network on the smallest images."""
    return vggface.VGGFace(include_top=False, weights="random", input_shape=(48, 48, 3))


def faces(n, size=(48, 48), seed=0):
    return np.random.default_rng(seed).integers(0, 256, (n, *size, 3), dtype=np.uint8)


def numbers(shapes, seed=0):
    """Kernel and bias of each layer, of a size that lets numbers through 13 layers."""
    rng = np.random.default_rng(seed)
    return {name: (rng.standard_normal(kernel, dtype=np.float32) * np.float32(np.sqrt(2 / np.prod(kernel[:-1]))),
                   rng.standard_normal(bias, dtype=np.float32)) for name, (kernel, bias) in shapes.items()}


def write(path, layers, names="{layer}/{part}:0", root="", attributes=None, empty=("input_1", "pool1")):
    """A file in the layout of Keras 1 and 2: a group a layer, its `weight_names`, layers without weights among them."""
    parts = ("W", "b") if "_" in names else ("kernel", "bias")
    with h5py.File(path, "w") as file:
        top = file.require_group(root) if root else file
        top.attrs["layer_names"] = np.array([name.encode() for name in [*empty, *layers]])   # fixed length, as then
        top.attrs.update(attributes or {})
        for layer in [*empty, *layers]:
            stored = [names.format(layer=layer, part=part) for part in parts] if layer in layers else []
            group = top.create_group(layer)
            group.attrs["weight_names"] = np.array([name.encode() for name in stored])
            for name, array in zip(stored, layers.get(layer, ()), strict=True):
                group[name] = array
    return path


@pytest.fixture(scope="module")
def real_size(tmp_path_factory):
    """A file like the published one: its layers, names, shapes and size (59 MB), its numbers drawn."""
    path = write(tmp_path_factory.mktemp("weights") / published.FILE, numbers(published.shapes()))
    yield path
    path.unlink()


# --- keras-vggface, unmodified --------------------------------------------------------------------

@pytest.fixture
def keras_vggface(monkeypatch):
    """The package as it was released, importable beside Keras 3; `file` is what its own download would have brought."""
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
    monkeypatch.setattr(theirs.models, "Activation", lambda activation, name: layers.Activation(
        activation, name=name.replace("/", "_")))
    monkeypatch.setattr(theirs.models, "Dense", lambda units, name: layers.Dense(
        units, name=name, kernel_initializer="zeros"))
    yield theirs
    for name in set(sys.modules) - before:
        del sys.modules[name]


def layer_names(network):
    return [re.sub(r"_\d+$", "", layer.name) if "global" in layer.name else layer.name for layer in network.layers[1:]]


@pytest.mark.parametrize("size, pooling", [((48, 48), None), ((64, 96), "avg"), ((50, 61), "max")])
def test_the_network_is_that_of_keras_vggface(keras_vggface, real_size, size, pooling):
    keras_vggface.file = str(real_size)
    theirs = keras_vggface.VGGFace(model="vgg16", include_top=False, input_shape=(*size, 3), pooling=pooling)
    ours = vggface.VGGFace(model="vgg16", include_top=False, input_shape=(*size, 3), pooling=pooling, weights=real_size)
    assert layer_names(ours) == layer_names(theirs) and ours.name == theirs.name
    assert ours.count_params() == theirs.count_params() == 14_714_688
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        assert np.array_equal(a, b)
    images = faces(2, size)
    got = np.asarray(ours.predict_on_batch(vggface.preprocess(images)))
    wanted = np.asarray(theirs.predict_on_batch(keras_vggface.preprocess_input(images.astype("float32"), version=1)))
    assert got.shape == wanted.shape == (2, *((size[0] // 32, size[1] // 32, 512) if pooling is None else (512,)))
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


# --- Preprocessing --------------------------------------------------------------------------------

def test_preprocessing_by_hand():
    images = np.uint8([[[[10, 100, 250]]]])
    got = vggface.preprocess(images)
    assert got.dtype == np.float32 and got.shape == (1, 1, 1, 3)
    np.testing.assert_allclose(got.ravel(), [250 - 93.5940, 100 - 104.7624, 10 - 129.1863], rtol=1e-6)
    assert images.ravel().tolist() == [10, 100, 250]


def test_preprocessing_leaves_floating_images_alone():
    images = faces(2).astype(np.float64)
    before = images.copy()
    np.testing.assert_allclose(vggface.preprocess(images), vggface.preprocess(images.astype(np.uint8)), atol=1e-5)
    assert np.array_equal(images, before)


@pytest.mark.parametrize("images, said", [
    (faces(1) / 255, "lie between 0.0 and 1.0"),
    (faces(1) - 104.0, "not preprocessed before"),
    (np.full((1, 4, 4, 3), np.nan), "between nan and nan"),
    (faces(1)[..., :1], "shape (1, 48, 48, 1)"),
    (faces(1).astype(str), "RGB images"),
])
def test_images_that_are_not_what_they_should_be(images, said):
    with pytest.raises(CourseError, match=re.escape(said)):
        vggface.preprocess(images)


# --- The network ----------------------------------------------------------------------------------

def test_layers_and_parameters():
    assert [name for name, filters in vggface.LAYERS.items() if filters] == CONVOLUTIONS == list(published.shapes())
    assert published.shapes()["conv3_1"] == ((3, 3, 128, 256), (256,))
    assert published.shapes(top=True)["fc6"] == ((25_088, 4096), (4096,))
    for top, count in ((False, 14_714_688), (True, 145_002_878)):
        assert sum(math.prod(shape) for pair in published.shapes(top).values() for shape in pair) == count


def test_the_lectures_shapes():
    for shape, out in [((224, 224, 3), (7, 7, 512)), ((128, 227, 3), (4, 7, 512))]:
        network = vggface.VGGFace(include_top=False, weights="random", input_shape=shape)
        assert network.output_shape == (None, *out) and network.count_params() == 14_714_688


@pytest.mark.parametrize("options, said", [
    ({"input_shape": (47, 224, 3)}, "at least 48 × 48"), ({"input_shape": (224, 224, 1)}, "three colours"),
    ({"input_shape": (224, 224)}, "(height, width, 3)"), ({"model": "resnet50"}, "VGG16 only"),
    ({"pooling": "mean"}, '"avg" or "max"'), ({"weights": None}, 'weights="random"'),
    ({"include_top": True, "input_shape": (128, 227, 3)}, "include_top=False"),
    ({"include_top": True, "weights": "vggface"}, "rcmalli_vggface_tf_vgg16.h5")])
def test_a_network_that_cannot_be_made(options, said):
    with pytest.raises(CourseError, match=re.escape(said)):
        vggface.VGGFace(**({"include_top": False, "weights": "random"} | options))


def test_missing_weights_say_which_how_large_from_where_and_how(course_home):
    with pytest.raises(CourseError) as caught:
        vggface.VGGFace(include_top=False)
    for text in (str(course_home / "vggface" / "rcmalli_vggface_tf_notop_vgg16.h5"), "58.9 MB", "course fetch vggface",
                 "https://github.com/rcmalli/keras-vggface/releases/download/v2.0/", "non-commercial research only",
                 'weights="random"'):
        assert text in str(caught.value)


def test_weights_are_found_where_they_were_fetched_to(course_home, real_size, vgg):
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
    assert np.array_equal(network.get_layer("conv1_1").get_weights()[1], published.read(real_size)["conv1_1"][1])


def test_random_weights_are_the_same_every_time_and_let_faces_through(vgg):
    again = vggface.VGGFace(include_top=False, weights="random", input_shape=(64, 64, 3))
    for a, b in zip(vgg.get_weights(), again.get_weights(), strict=True):
        assert np.array_equal(a, b)
    kernel = vgg.get_layer("conv1_1").get_weights()[0]
    first = np.random.default_rng(0).random((3, 3, 3, 64), dtype=np.float32)[:, :, :, 0]
    np.testing.assert_allclose(kernel[..., 0], (first - first.mean()) * 2 * np.sqrt(6 / 27), atol=1e-6)
    features = np.asarray(again.predict_on_batch(vggface.preprocess(faces(8, (64, 64)))))
    assert 0.5 < features.std() < 50 and features.std(axis=0).mean() > 0.3 * features.std()


# --- The file -------------------------------------------------------------------------------------

@pytest.fixture
def small(monkeypatch):
    """A network of two convolutions in VGG-Face's place, so that a bad file is written in no time."""
    monkeypatch.setattr(published, "LAYERS", {"conv1_1": 4, "conv1_2": 5, "pool1": None})
    monkeypatch.setattr(published, "TOP", {"fc6": 2, "fc7": 2, "fc8": 3})
    return numbers(published.shapes())


@pytest.mark.parametrize("layout", [
    {}, {"root": "model_weights"}, {"names": "{layer}_{part}:0"}, {"names": "{layer}_{part}_1:0"},
    {"names": "{layer}/{part}"}, {"names": "vggface_vgg16/{layer}/{part}:0"}, {"empty": ()},
    {"attributes": {"keras_version": b"2.1.1", "backend": b"tensorflow"}}, {"attributes": {"keras_version": "1.2.2"}}])
def test_every_layout_gives_the_same_arrays(tmp_path, small, layout):
    got = published.read(write(tmp_path / "weights.h5", small, **layout))
    assert list(got) == ["conv1_1", "conv1_2"]
    for name, (kernel, bias) in got.items():
        assert np.array_equal(kernel, small[name][0]) and np.array_equal(bias, small[name][1])


def test_the_order_of_the_layers_does_not_matter_and_doubles_become_float32(tmp_path, small):
    backwards = {name: tuple(array.astype(np.float64) for array in small[name]) for name in reversed(small)}
    kernel, _ = published.read(write(tmp_path / "weights.h5", backwards))["conv1_2"]
    assert kernel.dtype == np.float32 and np.array_equal(kernel, small["conv1_2"][0])


def test_a_file_that_keras_itself_wrote_whole(tmp_path):
    network = vggface.VGGFace(include_top=False, weights="random", input_shape=(48, 48, 3))
    network.save(tmp_path / "model.h5")
    got = published.read(tmp_path / "model.h5")
    assert all(np.array_equal(a, b) for name in got for a, b in zip(
        got[name], network.get_layer(name).get_weights(), strict=True))
    (tmp_path / "model.h5").unlink()


def test_a_file_of_the_real_size_cut_short(tmp_path, real_size):
    (tmp_path / "short.h5").write_bytes(real_size.read_bytes()[:40_000_000])
    with pytest.raises(CourseError, match="cut short or damaged"):
        published.read(tmp_path / "short.h5")
    (tmp_path / "short.h5").unlink()


def changed(**layers):
    """Write the network with these layers changed: a function of the arrays, None to leave the layer out."""
    def make(path, arrays):
        changes = {name: change(*arrays.get(name, ())) for name, change in layers.items() if change}
        write(path, {name: value for name, value in (arrays | changes).items() if layers.get(name, changed)})
    return make


def renamed(*names):
    return lambda path, arrays: write(path, dict(zip(names, arrays.values(), strict=True)))


def content(data):
    return lambda path, arrays: path.write_bytes(data)


def cut(share):
    def make(path, arrays):
        write(path, arrays)
        path.write_bytes(path.read_bytes()[:int(path.stat().st_size * share)])
    return make


def emptied(path, arrays):
    write(path, arrays)
    with h5py.File(path, "r+") as file:
        del file["conv1_2"]["conv1_2/bias:0"]


def group_gone(path, arrays):
    write(path, arrays)
    with h5py.File(path, "r+") as file:
        del file["conv1_2"]


def no_layers(path, arrays):
    with h5py.File(path, "w") as file:
        file["faces"] = np.zeros(3)


def keras_3(path, arrays):
    with h5py.File(path, "w") as file:
        file["layers/conv2d/vars/0"] = arrays["conv1_1"][0]


def with_top(path, arrays):
    write(path, numbers(published.shapes(top=True)))


def spoilt(index, value):
    def change(*pair):
        pair[index].flat[0] = value
        return pair
    return change


BAD_FILES = {
    "not there": (lambda path, arrays: None, "there is no such file"),
    "a folder": (lambda path, arrays: path.mkdir(), "this is a folder"),
    "empty": (content(b""), "the file is empty"),
    "a web page": (content(b"\n<!DOCTYPE html><html>Not found</html>"), "it is a web page"),
    "a pointer to the file": (content(b"version https://git-lfs.github.com/spec/v1"), "not an HDF5 file"),
    "a zip": (content(b"PK\x03\x04" + bytes(100)), "not an HDF5 file (it begins with b'PK"),
    "HDF5's first bytes alone": (content(published.SIGNATURE), "cut short or damaged"),
    "cut at the head": (cut(0.1), "cut short or damaged"),
    "cut at the end": (cut(0.95), "cut short or damaged"),
    "an array gone": (emptied, "cut short or damaged"),
    "a group gone": (group_gone, "cut short or damaged"),
    "HDF5 of something else": (no_layers, "an HDF5 file without Keras layers"),
    "Keras 3's layout": (keras_3, "in the layout of Keras 3"),
    "keras.applications' VGG16": (renamed("block1_conv1", "block1_conv2"), "keras.applications' VGG16 (ImageNet)"),
    "ResNet": (renamed("conv1/7x7_s2", "conv1/7x7_s2/bn"), "another network: its layers are conv1/7x7_s2"),
    "no layer with weights": (lambda path, arrays: write(path, {}), "another network: its layers are none"),
    "a layer too few": (changed(conv1_2=None), "1 layers with weights where 2 are expected: it lacks conv1_2"),
    "a layer too many": (changed(conv9_9=lambda: (np.ones(2), np.ones(3))), "it has besides conv9_9"),
    "the network with its top": (with_top, "has besides fc6, fc7, fc8 (the network's top)"),
    "a kernel of another shape": (changed(conv1_1=lambda kernel, bias: (kernel[:2], bias)),
                                  "conv1_1 has arrays of shape 2×3×3×4 and 4, where VGG-Face has 3×3×3×4 and 4"),
    "Theano's order": (changed(conv1_2=lambda kernel, bias: (kernel.T, bias)), "5×4×3×3 and 5 (Theano's order"),
    "bias before kernel": (changed(conv1_2=lambda kernel, bias: (bias, kernel)), "of shape 5 and 3×3×4×5"),
    "whole numbers": (changed(conv1_1=lambda kernel, bias: (kernel.astype(int), bias)), "conv1_1 holds int64"),
    "NaN": (changed(conv1_2=spoilt(0, np.nan)), "conv1_2 holds NaN or infinity"),
    "infinity": (changed(conv1_2=spoilt(1, np.inf)), "conv1_2 holds NaN or infinity"),
    "zeros": (changed(conv1_1=lambda kernel, bias: (kernel * 0, bias)), "the kernel of layer conv1_1 is all zeros"),
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_bad_file_has_its_one_clear_error(tmp_path, small, kind):
    make, fault = BAD_FILES[kind]
    make(tmp_path / "weights.h5", small)
    with pytest.raises(CourseError) as caught:
        published.read(tmp_path / "weights.h5")
    said = str(caught.value)
    assert said.startswith(f"{tmp_path / 'weights.h5'}: ") and fault in said
    assert said.endswith("course fetch vggface") and "\n" not in said


def test_the_network_without_top_is_not_the_one_with_it(tmp_path, small):
    with pytest.raises(CourseError, match=re.escape("it lacks fc6, fc7, fc8 (the network's top). Set include_top")):
        published.read(write(tmp_path / "weights.h5", small), top=True)
    with_top(tmp_path / "top.h5", small)
    assert list(published.read(tmp_path / "top.h5", top=True)) == ["conv1_1", "conv1_2", "fc6", "fc7", "fc8"]


def test_a_file_cut_anywhere_raises_nothing_but_that_error(tmp_path, small):
    whole, path = write(tmp_path / "weights.h5", small).read_bytes(), tmp_path / "cut.h5"
    for length in range(0, len(whole), 101):
        path.write_bytes(whole[:length])
        with pytest.raises(CourseError, match=r"empty|not an HDF5 file|cut short or damaged"):
            published.read(path)


# --- Embeddings -----------------------------------------------------------------------------------

@pytest.fixture
def passes(vgg, monkeypatch):
    """How many images went through the network, batch by batch."""
    seen, real = [], vgg.predict_on_batch
    monkeypatch.setattr(vgg, "predict_on_batch", lambda images: seen.append(len(images)) or real(images))
    return seen


def kept(course_home):
    return sorted(course_home.rglob("*.f32"))


def test_embeddings_are_what_the_network_gives(vgg, passes, course_home):
    images = faces(5)
    got = vggface.embed(images, vgg, batch_size=2)
    assert got.shape == (5, 1, 1, 512) and got.dtype == np.float32 and passes == [2, 2, 1]
    np.testing.assert_allclose(got, np.asarray(vgg.predict_on_batch(vggface.preprocess(images))), rtol=1e-4, atol=1e-3)
    assert len(kept(course_home)) == 5


def test_each_image_is_computed_once(vgg, passes, course_home):
    images = faces(4)
    first = vggface.embed(images[[0, 1, 0, 2, 1]], vgg)
    assert passes == [3] and np.array_equal(first[0], first[2]) and np.array_equal(first[1], first[4])
    second = vggface.embed(images[[3, 2, 0]], vgg)
    assert passes == [3, 1] and np.array_equal(second[1:], first[[3, 0]])
    assert len(kept(course_home)) == 4


def test_no_images(vgg, passes):
    assert vggface.embed(faces(0), vgg).shape == (0, 1, 1, 512) and passes == []


def test_other_weights_pooling_and_size_are_other_embeddings(vgg, real_size, course_home):
    def embedded(size=(48, 48), **options):
        network = vggface.VGGFace(include_top=False, input_shape=(*size, 3), **({"weights": "random"} | options))
        vggface.embed(faces(1, size), network)

    vggface.embed(faces(1), vgg)
    for options in ({"weights": real_size}, {"pooling": "avg"}, {"pooling": "max"}, {"size": (48, 64)}):
        embedded(**options)
    assert len({path.parent.name for path in kept(course_home)}) == len(kept(course_home)) == 5
    embedded(pooling="avg")      # Keras numbers its pooling layer anew
    assert len(kept(course_home)) == 5


@pytest.mark.parametrize("damage", [
    lambda path: path.write_bytes(b""), lambda path: path.write_bytes(path.read_bytes()[:-8]),
    lambda path: path.write_bytes(b"rubbish"), lambda path: path.write_bytes(bytes(len(path.read_bytes()))),
    lambda path: path.write_bytes(path.read_bytes()[:-1] + bytes([path.read_bytes()[-1] ^ 1]))])
def test_a_damaged_file_is_computed_again(vgg, passes, course_home, damage):
    wanted = vggface.embed(faces(2), vgg)
    damage(kept(course_home)[0])
    np.testing.assert_allclose(vggface.embed(faces(2), vgg), wanted, rtol=1e-4, atol=1e-3)
    assert passes == [2, 1]
    vggface.embed(faces(2), vgg)
    assert passes == [2, 1]


def test_an_interrupted_run_keeps_what_was_finished(vgg, monkeypatch, course_home):
    real, passes = vgg.predict_on_batch, []

    def interrupted(images):
        passes.append(len(images))
        if len(passes) == 3:
            raise KeyboardInterrupt
        return real(images)

    monkeypatch.setattr(vgg, "predict_on_batch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        vggface.embed(faces(5), vgg, batch_size=2)
    assert len(kept(course_home)) == 4 and len(list(course_home.rglob("*.part*"))) == 0
    vggface.embed(faces(5), vgg, batch_size=2)
    assert passes == [2, 2, 1, 1]


def test_bfloat16_is_near_and_kept_apart(vgg, course_home):
    wanted, got = vggface.embed(faces(3), vgg), vggface.embed(faces(3), vgg, precision="bfloat16")
    assert got.dtype == np.float32 and 0 < np.abs(got - wanted).max() < 0.1 * np.abs(wanted).max()
    assert len(kept(course_home)) == 6 and vgg.get_layer("conv1_1").compute_dtype == "float32"


@pytest.mark.parametrize("images, options, said", [
    (faces(1, (48, 49)), {}, "shape (n, 48, 48, 3)"), (faces(1)[0], {}, "shape (48, 48, 3)"),
    (faces(1).astype(np.float32), {}, "they are float32"), (faces(1), {"precision": "float16"}, "float32 or bfloat16")])
def test_what_cannot_be_embedded(vgg, images, options, said):
    with pytest.raises(CourseError, match=re.escape(said)):
        vggface.embed(images, vgg, **options)
