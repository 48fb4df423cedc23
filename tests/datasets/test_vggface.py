"""VGG-Face's weights file in every state."""

import re

import h5py
import numpy as np
import pytest
from vggface_file import numbers, write

from course_lib.core.errors import CourseError
from course_lib.datasets import vggface as published
from course_lib.models import vggface


@pytest.fixture
def small(monkeypatch):
    """A network of two convolutions in VGG-Face's place, so that a bad file is written in no time."""
    monkeypatch.setattr(published, "LAYERS", {"conv1_1": 4, "conv1_2": 5, "pool1": None})
    monkeypatch.setattr(published, "TOP", {"fc6": 2, "fc7": 2, "fc8": 3})
    return numbers(published.shapes())


@pytest.mark.parametrize(
    "layout",
    [
        {},
        {"root": "model_weights"},
        {"names": "{layer}_{part}:0"},
        {"names": "{layer}_{part}_1:0"},
        {"names": "{layer}/{part}"},
        {"names": "vggface_vgg16/{layer}/{part}:0"},
        {"empty": ()},
        {"attributes": {"keras_version": b"2.1.1", "backend": b"tensorflow"}},
        {"attributes": {"keras_version": "1.2.2"}},
    ],
)
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
    assert all(
        np.array_equal(a, b)
        for name in got
        for a, b in zip(got[name], network.get_layer(name).get_weights(), strict=True)
    )
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


def cut(fraction):
    def make(path, arrays):
        write(path, arrays)
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * fraction)])

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
    "a zip": (content(b"PK\x03\x04" + bytes(100)), "not an HDF5 file: it is a zip archive"),
    "HDF5's first bytes alone": (content(published.SIGNATURE), "cut short or damaged"),
    "cut at the head": (cut(0.1), "cut short or damaged"),
    "cut at the end": (cut(0.95), "cut short or damaged"),
    "an array gone": (emptied, "cut short or damaged"),
    "a group gone": (group_gone, "cut short or damaged"),
    "HDF5 of something else": (no_layers, "an HDF5 file without Keras layers"),
    "Keras 3's layout": (keras_3, "in the layout of Keras 3"),
    "keras.applications' VGG16": (
        renamed("block1_conv1", "block1_conv2"),
        "keras.applications' VGG16 (ImageNet)",
    ),
    "ResNet": (renamed("conv1/7x7_s2", "conv1/7x7_s2/bn"), "another network: its layers are conv1/7x7_s2"),
    "no layer with weights": (lambda path, arrays: write(path, {}), "another network: its layers are none"),
    "a layer too few": (
        changed(conv1_2=None),
        "1 layers with weights where 2 are expected: it lacks conv1_2",
    ),
    "a layer too many": (changed(conv9_9=lambda: (np.ones(2), np.ones(3))), "it has besides conv9_9"),
    "the network with its top": (with_top, "has besides fc6, fc7, fc8 (the network's top)"),
    "a kernel of another shape": (
        changed(conv1_1=lambda kernel, bias: (kernel[:2], bias)),
        "conv1_1 has arrays of shape 2×3×3×4 and 4, where VGG-Face has 3×3×3×4 and 4",
    ),
    "Theano's order": (
        changed(conv1_2=lambda kernel, bias: (kernel.T, bias)),
        "5×4×3×3 and 5 (Theano's order",
    ),
    "bias before kernel": (changed(conv1_2=lambda kernel, bias: (bias, kernel)), "of shape 5 and 3×3×4×5"),
    "whole numbers": (
        changed(conv1_1=lambda kernel, bias: (kernel.astype(int), bias)),
        "conv1_1 contains int64",
    ),
    "NaN": (changed(conv1_2=spoilt(0, np.nan)), "conv1_2 contains NaN or infinity"),
    "infinity": (changed(conv1_2=spoilt(1, np.inf)), "conv1_2 contains NaN or infinity"),
    "zeros": (
        changed(conv1_1=lambda kernel, bias: (kernel * 0, bias)),
        "the kernel of layer conv1_1 is all zeros",
    ),
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_bad_file_has_its_one_clear_error(tmp_path, small, kind):
    make, fault = BAD_FILES[kind]
    make(tmp_path / "weights.h5", small)
    with pytest.raises(CourseError) as caught:
        published.read(tmp_path / "weights.h5")
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'weights.h5'}: ") and fault in message
    assert message.endswith("course fetch vggface") and "\n" not in message


def test_the_network_without_top_is_not_the_one_with_it(tmp_path, small):
    with pytest.raises(
        CourseError, match=re.escape("it lacks fc6, fc7, fc8 (the network's top). Set include_top")
    ):
        published.read(write(tmp_path / "weights.h5", small), top=True)
    with_top(tmp_path / "top.h5", small)
    assert list(published.read(tmp_path / "top.h5", top=True)) == ["conv1_1", "conv1_2", "fc6", "fc7", "fc8"]


def test_a_file_cut_anywhere_raises_nothing_but_that_error(tmp_path, small):
    whole, path = write(tmp_path / "weights.h5", small).read_bytes(), tmp_path / "cut.h5"
    for length in range(0, len(whole), 101):
        path.write_bytes(whole[:length])
        with pytest.raises(CourseError, match=r"empty|not an HDF5 file|cut short or damaged"):
            published.read(path)
