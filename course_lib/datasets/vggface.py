"""VGG-Face's weights as keras-vggface published them: the layout of the file, and a reader that checks it.

The file is HDF5 in the layout of Keras 1 and 2: a group for each layer, whose attribute `weight_names` lists
its kernel and its bias. h5py reads it, because Keras loads by name and skips layers with other names without
an error."""

from pathlib import Path

import numpy as np

from course_lib.core.errors import CourseError
from course_lib.core.io import what_came
from course_lib.core.paths import home

FILE = "rcmalli_vggface_tf_notop_vgg16.h5"  # release v2.0 of keras-vggface

# The network's layers in order, by keras-vggface's names: the filters of a convolution, None for a pooling.
LAYERS = {
    "conv1_1": 64,
    "conv1_2": 64,
    "pool1": None,
    "conv2_1": 128,
    "conv2_2": 128,
    "pool2": None,
    "conv3_1": 256,
    "conv3_2": 256,
    "conv3_3": 256,
    "pool3": None,
    "conv4_1": 512,
    "conv4_2": 512,
    "conv4_3": 512,
    "pool4": None,
    "conv5_1": 512,
    "conv5_2": 512,
    "conv5_3": 512,
    "pool5": None,
}
TOP = {"fc6": 4096, "fc7": 4096, "fc8": 2622}  # units

SIGNATURE = b"\x89HDF\r\n\x1a\n"
AGAIN = "Delete it and download it again: course fetch vggface"
OTHER = f"Give keras-vggface's file {FILE}: course fetch vggface"


def path() -> Path:
    """Return where `course fetch vggface` puts the file."""
    return home() / "vggface" / FILE


def shapes(top: bool = False) -> dict[str, tuple[tuple, tuple]]:
    """Return the shapes of the kernel and the bias of each layer that has weights.

    Parameters
    ----------
    top : bool
        Include the layers fc6 to fc8.

    Returns
    -------
    dict
        By name: 13 layers, or 16 with the top. In TensorFlow's order of axes a convolution's kernel is (3, 3,
        channels, filters), and a dense layer's (inputs, units).

    Examples
    --------
    >>> shapes()["conv1_1"]
    ((3, 3, 3, 64), (64,))
    """
    filters = {name: n for name, n in LAYERS.items() if n}
    result = {
        name: ((3, 3, channels, n), (n,))
        for (name, n), channels in zip(filters.items(), [3, *filters.values()], strict=False)
    }
    if top:
        inputs = [7 * 7 * 512, *TOP.values()]
        result |= {
            name: ((n, units), (units,)) for (name, units), n in zip(TOP.items(), inputs, strict=False)
        }
    return result


def read(path: str | Path, top: bool = False) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Read the weights of VGG16 from a file in the layout of Keras 1 or 2.

    Parameters
    ----------
    path : str or path
    top : bool
        Whether the file contains the layers fc6 to fc8.

    Returns
    -------
    dict
        Kernel and bias (float32) of each layer, by name.

    Raises
    ------
    CourseError
        If the file is missing, empty, cut short, damaged, a web page or not HDF5, or contains another
        network, a layer too few or too many, an array of another shape or type, NaN, or a kernel of zeros.
    """
    import h5py

    path = _hdf5(path)
    try:
        with h5py.File(path, "r") as file:
            layers = _layers(file, path)
            _check_names(layers, shapes(top), path)
            return {
                name: _kernel_and_bias(layers[name], name, expected, path)
                for name, expected in shapes(top).items()
            }
    except CourseError:
        raise
    # The errors of h5py for a damaged file, found by flipping bits.
    except (OSError, KeyError, RuntimeError, TypeError, ValueError, AttributeError) as error:
        raise CourseError(path, f"it is cut short or damaged ({error})".replace("\n", " "), AGAIN) from error


def _hdf5(path):
    """`path`, after a check of its first bytes that it is an HDF5 file."""
    path = Path(path).expanduser()
    if not path.exists():
        raise CourseError(path, "there is no such file of weights", OTHER)
    if path.is_dir():
        raise CourseError(path, "this is a folder, not a file of weights", OTHER)
    with open(path, "rb") as file:
        start = file.read(512)
    if not start:
        raise CourseError(path, "the file is empty", AGAIN)
    if start.lstrip().startswith(b"<"):
        raise CourseError(path, "it is a web page (of a log-in or an error, perhaps), not weights", AGAIN)
    if not start.startswith(SIGNATURE):
        came = what_came(path)
        what = f": {came[0]}" if came else f" (it begins with {start[:8]!r})"
        raise CourseError(path, f"it is not an HDF5 file{what}", AGAIN)
    return path


def _layers(file, path):
    """The arrays (h5py datasets, not read yet) of each layer that has any, by name, in the file's order."""
    root = file.get("model_weights", file)  # a whole model keeps its weights below this name
    if "layer_names" not in root.attrs:
        wrong = (
            "it is in the layout of Keras 3"
            if "layers" in file
            else "it is an HDF5 file without Keras layers"
        )
        raise CourseError(path, wrong, OTHER)
    groups = {name: root[name] for name in map(_text, root.attrs["layer_names"])}
    arrays = {
        name: [group[_text(weight)] for weight in group.attrs.get("weight_names", ())]
        for name, group in groups.items()
    }
    return {name: weights for name, weights in arrays.items() if weights}


def _text(name):
    return name.decode() if isinstance(name, bytes) else str(name)


def _check_names(layers, expected, path):
    """Refuse a file whose layers are not exactly those of the network."""
    missing = [name for name in expected if name not in layers]
    extra = [name for name in layers if name not in expected]
    if len(missing) == len(expected):
        network = "keras.applications' VGG16 (ImageNet)" if "block1_conv1" in layers else "another network"
        raise CourseError(path, f"it holds {network}: its layers are {_some(extra)}", OTHER)
    if missing or extra:
        top = " (the network's top)" if {*missing, *extra} == set(TOP) else ""
        wrong = [
            f"{verb} {_some(names)}{top}"
            for verb, names in [("lacks", missing), ("has besides", extra)]
            if names
        ]
        raise CourseError(
            path,
            f"it has {len(layers)} layers with weights where {len(expected)} are expected: it "
            f"{' and '.join(wrong)}",
            "Set include_top as the file has it, or run: course fetch vggface",
        )


def _some(names):
    return f"{', '.join(names[:4])}{', …' if len(names) > 4 else ''}" or "none"


def _kernel_and_bias(arrays, name, expected, path):
    """Read one layer's arrays. Shapes are compared first, so that a file cannot demand more memory."""
    found = tuple(array.shape for array in arrays)
    if found != expected:
        theano = " (Theano's order of the axes)" if found and found[0] == expected[0][::-1] else ""
        raise CourseError(
            path,
            f"layer {name} has arrays of shape {_times(found)}{theano}, where VGG-Face has "
            f"{_times(expected)}",
            OTHER,
        )
    if any(array.dtype.kind != "f" for array in arrays):
        raise CourseError(path, f"layer {name} contains {arrays[0].dtype}, not floating-point numbers", OTHER)
    kernel, bias = (array[()].astype(np.float32, copy=False) for array in arrays)
    if not (np.isfinite(kernel).all() and np.isfinite(bias).all()):
        raise CourseError(path, f"layer {name} contains NaN or infinity", AGAIN)
    if not kernel.any():
        raise CourseError(path, f"the kernel of layer {name} is all zeros", AGAIN)
    return kernel, bias


def _times(shapes):
    return " and ".join("×".join(map(str, shape)) for shape in shapes) or "none"
