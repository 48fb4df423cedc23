"""VGG-Face's weights file, written as Keras 1 and 2 wrote it."""

import h5py
import numpy as np


def numbers(shapes, seed=0):
    """Kernel and bias of each layer, of a size that lets numbers through 13 layers."""
    rng = np.random.default_rng(seed)
    return {
        name: (
            rng.standard_normal(kernel, dtype=np.float32) * np.float32(np.sqrt(2 / np.prod(kernel[:-1]))),
            rng.standard_normal(bias, dtype=np.float32),
        )
        for name, (kernel, bias) in shapes.items()
    }


def write(path, layers, names="{layer}/{part}:0", root="", attributes=None, empty=("input_1", "pool1")):
    """A file in the layout of Keras 1 and 2: a group a layer, its `weight_names`, layers without weights
    among them.
    """
    parts = ("W", "b") if "_" in names else ("kernel", "bias")
    with h5py.File(path, "w") as file:
        top = file.require_group(root) if root else file
        top.attrs["layer_names"] = np.array(
            [name.encode() for name in [*empty, *layers]]
        )  # fixed length, as then
        top.attrs.update(attributes or {})
        for layer in [*empty, *layers]:
            stored = [names.format(layer=layer, part=part) for part in parts] if layer in layers else []
            group = top.create_group(layer)
            group.attrs["weight_names"] = np.array([name.encode() for name in stored])
            for name, array in zip(stored, layers.get(layer, ()), strict=True):
                group[name] = array
    return path
