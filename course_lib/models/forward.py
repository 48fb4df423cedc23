"""Compute the course's two small networks for faces with NumPy alone: without Keras, so without its start.

Keras and TensorFlow take seconds to import, which the live demo and `course analyse` would spend on one small
network. The predictions are those of Keras (`tests/models/test_forward.py` compares them). A batch
normalisation after a convolution is a scale and a shift of each map, so it is multiplied into the convolution
when the weights are loaded.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from course_lib.core.convolution import convolution, max_pool, one_core
from course_lib.core.errors import CourseError
from course_lib.core.io import read_npz
from course_lib.core.names import check_choice
from course_lib.models.face_files import checked, test_time_views, weights_of
from course_lib.models.presets import OUTPUTS, PRESETS, SHIPPED

EPSILON = 1e-3  # Keras adds it to the variance in a batch normalisation
BATCH = 8  # faces that are computed at once: more of them do not fit into a processor's cache
BLOCKS = (2, 2, 3, 3)  # convolutions of `emotion_net` before each pooling; three have a shortcut
AGAIN = "Make it again: course train"


class Network(NamedTuple):
    """A network whose output NumPy computes.

    Attributes
    ----------
    name : str
        The preset's name.
    classes : tuple of str
        In the order of the output.
    convolutions : list
        Pairs of a kernel, float32 (3, 3, maps before, maps), and a bias (maps,).
    scales : list
        Pairs of a scale and a shift, float32 (maps,): what follows the relu of each convolution. Empty for
        `emotion_net`, where the batch normalisation comes before the relu and is part of the convolution.
    dense : list
        Pairs of a kernel, float32 (units before, units), and a bias (units,).
    """

    name: str
    classes: tuple[str, ...]
    convolutions: list
    scales: list
    dense: list


def load(name: str = "emotion_net_raters", weights: str | Path | None = None) -> Network:
    """Load a network from the file of weights that Keras reads, too.

    Parameters
    ----------
    name : {"emotion_net", "emotion_net_raters", "face_or_not"}
        A preset.
    weights : str or path, optional
        A folder or a file of weights. By default those that come with the course; without them those that
        were trained on this machine.

    Returns
    -------
    Network

    Raises
    ------
    CourseError
        If there is no such network, or its weights are missing or do not fit.

    Notes
    -----
    Used by the demo of lesson 14.

    Examples
    --------
    >>> load("face_or_not").classes
    ('other', 'face')
    """
    check_choice("network", name, [*OUTPUTS, "face_or_not"])
    file = "emotion_net" if name in OUTPUTS else name
    shipped = SHIPPED / f"{file}.npz"
    path = weights_of(weights or (shipped if shipped.is_file() else name))
    found = read_npz(path, "weights", AGAIN)
    file = str(found.pop("network", ""))
    arrays = [np.asarray(found.get(f"w{index}", ()), np.float32) for index in range(len(found))]
    expected = "face_or_not" if name == "face_or_not" else "emotion_net_two_outputs"
    if file != expected:
        raise CourseError(path, f"it contains weights of {file or 'another network'}, not {expected}", AGAIN)
    try:
        parts = _face_or_not(arrays) if name == "face_or_not" else _emotion_net(arrays, OUTPUTS[name])
    except (ValueError, IndexError) as error:
        raise CourseError(path, f"its weights do not fit the network {file!r}", AGAIN) from error
    return Network(name, PRESETS[name].classes, *parts)


def predict(network: Network, images: npt.ArrayLike, tta: int = 0) -> np.ndarray:
    """Predict class probabilities for faces, as `face_networks.predict` does.

    Parameters
    ----------
    network : Network
    images : uint8 array of shape (n, 48, 48)
        Grey levels of faces.
    tta : int
        Test-time augmentation: the mean over ten views, shifted by so many pixels and mirrored. 0: the face
        alone.

    Returns
    -------
    np.ndarray
        float32 (n, classes).

    Raises
    ------
    CourseError
        For images of another shape or dtype.

    Examples
    --------
    >>> predict(load("emotion_net"), np.zeros((2, 48, 48), np.uint8)).shape
    (2, 7)
    """
    views = test_time_views(checked(images), tta)
    return np.mean([_probabilities(network, features(network, view)) for view in views], axis=0)


def features(network: Network, images: npt.ArrayLike) -> np.ndarray:
    """Compute the input of a network's last layer.

    Parameters
    ----------
    network : Network
    images : uint8 array of shape (n, 48, 48)

    Returns
    -------
    np.ndarray
        float32 (n, units).

    Raises
    ------
    CourseError
        As in `predict`.
    """
    found = maps(network, images)
    if not network.scales:
        return found.mean(axis=(1, 2))
    x = found.reshape(len(found), -1)
    for kernel, bias, scale, shift in network.dense[:-1]:
        x = np.maximum(x @ kernel + bias, 0) * scale + shift
    return x


def maps(network: Network, images: npt.ArrayLike) -> np.ndarray:
    """Compute the last feature maps of a network.

    Parameters
    ----------
    network : Network
    images : uint8 array of shape (n, 48, 48)

    Returns
    -------
    np.ndarray
        float32 (n, rows, columns, maps).

    Raises
    ------
    CourseError
        As in `predict`.
    """
    images, forward = checked(images), _maps_of_face_or_not if network.scales else _maps_of_emotion_net
    batches = (images[first : first + BATCH, ..., np.newaxis] for first in range(0, len(images), BATCH))
    with one_core():
        return np.concatenate([forward(network, batch.astype(np.float32)) for batch in batches])


def class_activation(network: Network, images: npt.ArrayLike, classes: npt.ArrayLike) -> np.ndarray:
    """Compute class activation maps (CAM): which places of a face raise the score of a class.

    Parameters
    ----------
    network : Network
        "emotion_net" or "emotion_net_raters". They end with global average pooling and one dense layer, so
        the score of a class is the mean of this map plus a constant.
    images : uint8 array of shape (n, 48, 48)
    classes : array of int, shape (n,)
        The class to explain for each face.

    Returns
    -------
    np.ndarray
        float32 (n, 6, 6). Negative values are set to 0.

    Raises
    ------
    CourseError
        For another network, and as in `predict`.

    Notes
    -----
    Grad-CAM (lesson 11) gives the same map, divided by its 36 places. Used by the demo of lesson 14.

    References
    ----------
    Zhou et al. (2016), "Learning Deep Features for Discriminative Localization", arXiv:1512.04150.

    Examples
    --------
    >>> class_activation(load("emotion_net"), np.zeros((1, 48, 48), np.uint8), [3]).shape
    (1, 6, 6)
    """
    if network.scales:
        raise CourseError(network.name, "it has no global average pooling", "Use attribution.grad_cam")
    columns = network.dense[-1][0][:, np.asarray(classes)]
    return np.maximum(np.einsum("nrcm,mn->nrc", maps(network, images), columns), 0)


# --- the two networks: their weights in the order of the file, and their maps ---


def _emotion_net(arrays, output):
    """Convolutions, scales and dense layer of one output of `emotion_net`."""
    convolutions = []
    for first in range(0, 50, 5):
        scale, shift = _normalisation(*arrays[first + 1 : first + 5])
        convolutions.append((_of_rank(arrays[first], 4) * scale, shift))
    label, raters = arrays[50:52], arrays[52:54]
    kernel, bias = label if output == "label" else raters
    if len(arrays) != 54 or kernel.shape != (256, 7 if output == "label" else 8):
        raise ValueError("another number of weights")
    return convolutions, [], [(kernel, bias)]


def _face_or_not(arrays):
    """Convolutions, scales after the relu, and dense layers of `face_or_not`."""
    if len(arrays) != 26:
        raise ValueError("another number of weights")
    layers = [
        (arrays[first], arrays[first + 1], *_normalisation(*arrays[first + 2 : first + 6]))
        for first in (0, 6, 12, 18)
    ]
    convolutions = [(_of_rank(kernel, 4), bias) for kernel, bias, *_ in layers[:2]]
    return convolutions, [layer[2:] for layer in layers[:2]], [*layers[2:], (*arrays[24:], None, None)]


def _normalisation(gamma, beta, mean, variance):
    scale = gamma / np.sqrt(variance + EPSILON)
    return scale, beta - mean * scale


def _of_rank(array, rank):
    if array.ndim != rank:
        raise ValueError("another shape")
    return array


def _maps_of_emotion_net(network, x):
    x, following = x / 64 - 2, iter(network.convolutions)
    for number, convolutions in enumerate(BLOCKS):
        x = _relu(x, next(following))
        if convolutions == 3:
            x = x + _relu(_relu(x, next(following)), next(following))
        else:
            x = _relu(x, next(following))
        x = max_pool(x) if number < len(BLOCKS) - 1 else x
    return x


def _maps_of_face_or_not(network, x):
    x = x / 255
    for (kernel, bias), (scale, shift) in zip(network.convolutions, network.scales, strict=True):
        x = max_pool(np.maximum(convolution(x, kernel, bias, 0), 0) * scale + shift)
    return x


def _relu(x, layer):
    return np.maximum(convolution(x, *layer), 0)


def _probabilities(network, found):
    scores = found @ network.dense[-1][0] + network.dense[-1][1]
    if network.scales:  # two sigmoids, as in project P4
        return 1 / (1 + np.exp(-scores))
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)
