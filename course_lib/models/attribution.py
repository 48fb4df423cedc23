"""Show where a network looks: Grad-CAM, and a check of whether the map depends on what the network has
learnt (lesson 11)."""

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from course_lib.core.errors import CourseError
from course_lib.core.names import did_you_mean
from course_lib.models.backend import keras


def grad_cam(
    network: keras.Model, images: npt.ArrayLike, classes: npt.ArrayLike, layer: str | None = None
) -> np.ndarray:
    """Compute Grad-CAM heat maps: which places of a layer raise the score of a class.

    Parameters
    ----------
    network : keras.Model
        A classifier whose last layer is dense, with one unit for each class.
    images : array of shape (n, *network input)
    classes : int array of shape (n,)
        The class to explain for each image.
    layer : str, optional
        The layer whose feature maps are used. By default the last one that has rows and columns.

    Returns
    -------
    np.ndarray
        One heat map for each image, float32 (n, rows, columns), values of 0 or more.

    Raises
    ------
    CourseError
        As in `maps_and_gradients`.

    Notes
    -----
    The gradient of the class score (before the softmax) is averaged over all places of a feature map. This
    mean is the weight of that feature map. Negative values of the weighted sum become 0. In a network that
    ends with global average pooling and one dense layer, the result is CAM (Zhou et al.) divided by the
    number of places. Used in lesson 11.

    References
    ----------
    Selvaraju et al. (2017), "Grad-CAM", arXiv:1610.02391.
    Zhou et al. (2016), "Learning Deep Features for Discriminative Localization" (CAM), arXiv:1512.04150.
    """
    maps, gradients = maps_and_gradients(network, images, classes, layer)
    weights = gradients.mean(axis=(1, 2), keepdims=True)
    return np.maximum((weights * maps).sum(axis=-1), 0)


def maps_and_gradients(
    network: keras.Model, images: npt.ArrayLike, classes: npt.ArrayLike, layer: str | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the feature maps of a layer, and the gradients of the class scores with respect to them.

    Parameters
    ----------
    network, images, classes, layer
        As in `grad_cam`. The scores are taken before the softmax.

    Returns
    -------
    maps, gradients : np.ndarray
        Both float32 (n, rows, columns, channels).

    Raises
    ------
    CourseError
        If the last layer is not dense, the layer does not exist or has no rows and columns, a shortcut leads
        around the layer, or `classes` does not fit.

    Notes
    -----
    Used in lesson 11.
    """
    classes, last = np.asarray(classes), network.layers[-1]
    if not isinstance(last, keras.layers.Dense):
        raise CourseError(
            f"network {network.name!r}",
            f"its last layer, {last.name!r}, is not dense",
            "Grad-CAM needs a score for each class: give a classifier",
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
            "Give, for example, face_networks.predict(network, images[..., 0]).argmax(axis=1)",
        )
    middle = _layer(network, layer).output
    try:
        below, above = keras.Model(network.inputs[0], middle), keras.Model(middle, last.input)
    except ValueError as error:
        raise CourseError(
            f"layer {layer!r}",
            "a shortcut leads around it, so not all of the score comes through it",
            "Choose the layer where the shortcut ends, or one before it begins",
        ) from error
    one_hot = keras.ops.one_hot(classes, last.units)
    maps = below(np.asarray(images, np.float32), training=False)

    def score(maps):
        # The bias is left out: it does not change the gradient.
        scores = keras.ops.matmul(above(maps, training=False), last.kernel)
        # Images do not influence each other, so the gradient of the sum holds each image's own gradient.
        return keras.ops.sum(scores * one_hot)

    return keras.ops.convert_to_numpy(maps), keras.ops.convert_to_numpy(_gradient(score, maps))


def randomised(network: keras.Model, last: int | None = None, seed: int = 0) -> keras.Model:
    """Copy a network and give its last layers new random weights, as before training.

    Parameters
    ----------
    network : keras.Model
    last : int, optional
        How many of the last layers that have weights get random ones. By default all. The other layers keep
        what they have learnt.
    seed : int
        Seed of Python, NumPy and Keras.

    Returns
    -------
    keras.Model

    Raises
    ------
    CourseError
        If `last` is more than the number of layers with weights.

    Notes
    -----
    The sanity check of Adebayo et al.: a map that explains what a network has learnt must change when the
    network's weights are random. Used in lesson 11.

    References
    ----------
    Adebayo et al. (2018), "Sanity Checks for Saliency Maps", arXiv:1810.03292.
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


def rank_correlations(maps: npt.ArrayLike, others: npt.ArrayLike) -> np.ndarray:
    """Compute Spearman's rank correlation of each map with its partner in `others`.

    Parameters
    ----------
    maps, others : array of shape (n, rows, columns)

    Returns
    -------
    np.ndarray
        Float (n,), from -1 to 1. 1 means that both maps order the places in the same way. It is 0 if one of
        the two maps is constant.

    Raises
    ------
    CourseError
        If the shapes differ.

    Notes
    -----
    Used in lesson 11.

    Examples
    --------
    >>> one = [[[1, 2], [3, 4]]]
    >>> rank_correlations(one, [[[1, 4], [9, 16]]]).tolist()
    [1.0]
    """
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
            f"network {network.name!r}",
            f"it has no layer {name!r}",
            f"{did_you_mean(name, names)}Choose from {', '.join(names)}",
        )
    found = [layer for layer in network.layers if name in (None, layer.name) and len(layer.output.shape) == 4]
    if not found:
        raise CourseError(
            f"network {network.name!r}",
            f"layer {name!r} has no rows and columns" if name else "no layer of it has rows and columns",
            "Give a network with convolutions",
        )
    return found[-1]


def _gradient(function, x):
    """The gradient of the scalar `function(x)` with respect to x, on the backend that Keras uses."""
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
