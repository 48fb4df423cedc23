"""Where a network looks: Grad-CAM, and whether the map has anything to do with what the network has learnt
(lesson 11).

Sources: Selvaraju et al. (2017), "Grad-CAM", arXiv:1610.02391; Zhou et al. (2016), "Learning Deep Features
for Discriminative Localization" (CAM), arXiv:1512.04150; Adebayo et al. (2018), "Sanity Checks for Saliency
Maps", arXiv:1810.03292, whose check is `redrawn` and `rank_correlations`."""

import numpy as np
from scipy.stats import rankdata

from course_lib.core.errors import CourseError
from course_lib.models.backend import keras


def grad_cam(network, images, classes, layer=None) -> np.ndarray:
    """One heat map an image, float32 (n, rows, columns), 0 and up: which places of a layer speak for a class.

    network: ends with a dense layer, a unit a class; images: (n, *its input); classes: int (n,), the class to
    explain for each. Each feature map of the layer (by default the last that has rows and columns) is
    weighted by the mean over the places of the gradient of that class's score, taken before the softmax; what
    is left of their sum above 0 is the map. Where a mean over all places and the dense layer follow, that is
    CAM divided by the number of places. Raises `CourseError` as `maps_and_gradients` does."""
    maps, gradients = maps_and_gradients(network, images, classes, layer)
    weights = gradients.mean(axis=(1, 2), keepdims=True)
    return np.maximum((weights * maps).sum(axis=-1), 0)


def maps_and_gradients(network, images, classes, layer=None) -> tuple[np.ndarray, np.ndarray]:
    """A layer's feature maps and the gradients of the classes' scores (before the softmax) by them, both
    float32 (n, rows, columns, channels). Arguments as in `grad_cam`.

    Raises `CourseError` for a network without such a layer or without a dense layer at its end, a layer that
    is not there or that a shortcut leads around, and classes that do not fit."""
    classes, last = np.asarray(classes), network.layers[-1]
    if not isinstance(last, keras.layers.Dense):
        raise CourseError(
            f"network {network.name!r}",
            f"its last layer, {last.name!r}, is not dense",
            "Grad-CAM wants a score for each class: give a classifier",
        )
    fits = (
        classes.shape == (len(images),)
        and classes.dtype.kind in "iu"
        and np.isin(classes, range(last.units)).all()
    )
    if not fits:
        raise CourseError(
            "classes",
            f"a whole number from 0 to {last.units - 1} is expected for each of {len(images)} images",
            "Give for example face_networks.predict(network, images[..., 0]).argmax(axis=1)",
        )
    middle = _layer(network, layer).output
    try:
        below, above = keras.Model(network.inputs[0], middle), keras.Model(middle, last.input)
    except ValueError as error:
        raise CourseError(
            f"layer {layer!r}",
            "a shortcut leads around it, so not all of the score comes through it",
            "Choose the layer where both ways meet, or one before they part",
        ) from error
    one_hot = keras.ops.one_hot(classes, last.units)
    maps = below(np.asarray(images, np.float32), training=False)

    def score(maps):
        scores = keras.ops.matmul(
            above(maps, training=False), last.kernel
        )  # a bias has no gradient by the maps
        return keras.ops.sum(scores * one_hot)  # images do not meet: each one's gradient is its own score's

    return keras.ops.convert_to_numpy(maps), keras.ops.convert_to_numpy(_gradient(score, maps))


def redrawn(network, last=None, seed=0) -> keras.Model:
    """A copy of the network whose `last` layers that have weights (None: all) start anew, as before any
    training.

    The other layers keep what they have learnt. Sets the seeds of Python, NumPy and Keras to `seed`. Raises
    `CourseError` for more layers than there are.
    """
    keras.utils.set_random_seed(seed)
    copy = keras.models.clone_model(network)
    pairs = [pair for pair in zip(copy.layers, network.layers, strict=True) if pair[0].weights]
    last = len(pairs) if last is None else last
    if not 0 <= last <= len(pairs):
        raise CourseError(
            f"last={last}",
            f"the network {network.name!r} has {len(pairs)} layers with weights",
            f"Give 0 to {len(pairs)}, or None for all",
        )
    for new, learnt in pairs[: len(pairs) - last]:
        new.set_weights(learnt.get_weights())
    return copy


def rank_correlations(maps, others) -> np.ndarray:
    """Spearman's rank correlation of each map (n, rows, columns) with its other, float (n,), -1 to 1.

    1: both put the places into the same order; 0 also where one of them is the same everywhere and has no
    order. Raises `CourseError` for maps of different shapes."""
    maps, others = np.asarray(maps), np.asarray(others)
    if maps.shape != others.shape:
        raise CourseError(
            "maps", f"shapes {maps.shape} and {others.shape} differ", "Compare maps of the same size"
        )
    ranks = [rankdata(each.reshape(len(each), -1), axis=1) for each in (maps, others)]
    one, other = (rank - rank.mean(axis=1, keepdims=True) for rank in ranks)
    spread = np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
    return (one * other).sum(axis=1) / np.where(spread > 0, spread, 1)


def _layer(network, name):
    """The layer of that name, or the last whose output has rows and columns."""
    names = [layer.name for layer in network.layers]
    if name is not None and name not in names:
        raise CourseError(
            f"network {network.name!r}", f"it has no layer {name!r}", f"Choose one of {', '.join(names)}"
        )
    found = [layer for layer in network.layers if name in (None, layer.name) and len(layer.output.shape) == 4]
    if not found:
        raise CourseError(
            f"network {network.name!r}",
            f"{name or 'no layer of it'!r} has no rows and columns"
            if name
            else "no layer of it has rows and columns",
            "Give a network with convolutions",
        )
    return found[-1]


def _gradient(function, x):
    """The gradient of a number that `function` makes of x, by x, on whichever backend Keras runs."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(x)
            number = function(x)
        return tape.gradient(number, x)
    if backend == "jax":
        import jax

        return jax.grad(function)(x)
    x = x.detach().requires_grad_()  # torch
    function(x).backward()
    return x.grad
