"""dlib's face-recognition network in Keras: a frozen extractor of features, trained on real faces.

A residual network (ResNet) of 29 convolutions turns an aligned face of 150x150 pixels into 128 numbers, which
are close together for photographs of one person. The lessons use the layers below as features of faces. The
weights are in the public domain (CC0 1.0) and come with the course, as 8-bit numbers.

Source: Davis King (2017), "High quality face recognition with deep metric learning",
http://blog.dlib.net/2017/02/high-quality-face-recognition-with-deep.html. Residual networks: He, Zhang, Ren
and Sun (2016), doi:10.1109/CVPR.2016.90."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from course_lib.core.errors import CourseError
from course_lib.core.io import read_npz
from course_lib.core.names import check_choice
from course_lib.core.progress import progress
from course_lib.faces.finding import checked_box
from course_lib.models.backend import keras, layers
from course_lib.models.presets import SHIPPED

WEIGHTS = SHIPPED / "face_identity.npz"
SIZE = 150  # pixels: side of an aligned face
MEANS = (122.782, 117.001, 104.298)  # red, green, blue: the means of the training images
# The blocks of two convolutions in their order, and their filters. Those named "down" halve height and width.
BLOCKS = {
    **{f"conv32_{number}": 32 for number in (1, 2, 3)},
    **{f"conv64_{number}": 64 for number in ("down", 1, 2, 3)},
    **{f"conv128_{number}": 128 for number in ("down", 1, 2)},
    **{f"conv256_{number}": 256 for number in ("down", 1, 2, "down_out")},
}
# Where the five points of a mean face lie in its bounding box (of side 1), in the order of `london.POINTS`.
# From dlib's `get_face_chip_details`.
MEAN_FACE = (
    (0.8595674595992, 0.2134981538014),
    (0.6460604764104, 0.2289674387677),
    (0.1205750620789, 0.2137274526848),
    (0.3340850613712, 0.2290642403242),
    (0.4901123135679, 0.6277975316475),
)
PADDING = 0.25  # around this box, as a fraction of its side
# The middle of an aligned face in the box of `faces.finding`, and its side, as fractions of the box's side:
# medians over the London set's photographs.
BOX_MIDDLE, BOX_SIDE = (0.51, 0.60), 1.04
LAYERS = (*BLOCKS, "average", "identity")
LAYER = "conv128_2"  # the features without a choice of a layer
BATCH = 32


# --- the network ---


def build(weights: str | Path | None = None) -> keras.Model:
    """Build the network and load its weights.

    Parameters
    ----------
    weights : str or path, optional
        By default the weights that come with the course. A path: a file in the same layout. "random": random
        weights, the same every time and on every backend, as a contrast.

    Returns
    -------
    keras.Model
        From RGB images (n, 150, 150, 3) with values from 0 to 255 to 128 numbers. Its layers have the names
        in `LAYERS`.

    Raises
    ------
    CourseError
        If the file is missing, damaged, or does not hold this network.

    Notes
    -----
    Used in lesson 04.
    """
    network = _network()
    arrays = _random(network) if str(weights) == "random" else _folded(read(weights or WEIGHTS))
    for name, found in arrays.items():
        network.get_layer(name).set_weights(found)
    return network


def _network():
    image = keras.Input((SIZE, SIZE, 3), name="image")
    x = layers.Rescaling(1 / 256, offset=[-mean / 256 for mean in MEANS], name="scaled")(image)
    x = _convolution(x, 32, 7, "conv32_down", down=True)
    x = layers.MaxPooling2D(3, strides=2, name="largest")(x)
    for name, filters in BLOCKS.items():
        x = _block(x, filters, name)
    x = layers.GlobalAveragePooling2D(name="average")(x)
    x = layers.Dense(128, use_bias=False, kernel_initializer="zeros", name="identity")(x)
    return keras.Model(image, x, name="face_identity")


def _block(x, filters, name):
    """Two convolutions; their output is added to the input of the block."""
    down = "down" in name
    y = _convolution(x, filters, 3, f"{name}_conv1", down=down)
    y = _convolution(y, filters, 3, f"{name}_conv2", activation=None)
    if down:
        x, y = _same_shape(layers.AveragePooling2D(2, name=f"{name}_half")(x), y)
    return layers.ReLU(name=name)(layers.Add(name=f"{name}_sum")([x, y]))


def _same_shape(x, y):
    """Append zeros: a row and a column to `y` if it is smaller, and channels to `x`."""
    (_, height, _, channels), (_, smaller, _, filters) = x.shape, y.shape
    missing = height - smaller
    y = keras.ops.pad(y, [[0, 0], [0, missing], [0, missing], [0, 0]]) if missing else y
    more = filters - channels
    return keras.ops.pad(x, [[0, 0], [0, 0], [0, 0], [0, more]]) if more else x, y


def _convolution(x, filters, size, name, down=False, activation="relu"):
    # The weights are loaded right after the network is built, so none are drawn.
    return layers.Conv2D(
        filters,
        size,
        strides=2 if down else 1,
        padding="valid" if down else "same",
        activation=activation,
        kernel_initializer="zeros",
        name=name,
    )(x)


# --- the weights ---


def shapes() -> dict[str, tuple[int, ...]]:
    """List the arrays of the file of weights: its names, which are the maker's, and their shapes.

    Returns
    -------
    dict of str to tuple of int

    Examples
    --------
    >>> shapes()["conv64_down/conv1/conv/filters"], len(shapes())
    ((3, 3, 32, 64), 117)
    """
    found, channels = _of_convolution("conv32_down", 7, 3, 32), 32
    for name, filters in BLOCKS.items():
        found |= _of_convolution(f"{name}/conv1", 3, channels, filters)
        found |= _of_convolution(f"{name}/conv2", 3, filters, filters)
        channels = filters
    return found | {"fc": (256, 128)}


def _of_convolution(name, size, channels, filters):
    vectors = ("conv/bias", "scale/weights", "scale/biases")
    return {
        f"{name}/conv/filters": (size, size, channels, filters),
        **{f"{name}/{vector}": (filters,) for vector in vectors},
    }


def read(path: str | Path = WEIGHTS) -> dict[str, np.ndarray]:
    """Read a file of weights.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    dict of str to np.ndarray
        float32, with the names and shapes of `shapes()`.

    Raises
    ------
    CourseError
        If the file is missing, damaged, or does not hold this network.

    Notes
    -----
    A weight is `offset + scale * number`; `number` is an 8-bit integer and each array has its own scale and
    offset. Eight arrays are 16-bit floating-point numbers instead, with scale 1 and offset 0.
    """
    again = "Install the course again, or give the path of a file in the same layout"
    file = read_npz(path, "weights", again)
    wanted, scaling = shapes(), file.pop("scale_and_offset", np.empty(0))
    fits = {name: array.shape for name, array in file.items()} == wanted
    if not fits or scaling.shape != (len(wanted), 2) or not np.isfinite(scaling).all():
        raise CourseError(path, "it does not hold the weights of face_identity", again)
    return {
        name: (file[name] * scale + offset).astype(np.float32)
        for name, (scale, offset) in zip(wanted, scaling.astype(float), strict=True)
    }


def _folded(arrays):
    """The weights of each Keras layer: the scale that follows each convolution becomes a part of it."""
    found = {"identity": [arrays["fc"]]}
    for name in (name.removesuffix("/conv/filters") for name in arrays if name.endswith("/conv/filters")):
        kernel, bias, scale, shift = (
            arrays[f"{name}/{kind}"]
            for kind in ("conv/filters", "conv/bias", "scale/weights", "scale/biases")
        )
        found[name.replace("/", "_")] = [kernel * scale, bias * scale + shift]
    return found


def _random(network):
    """He initialisation (2015) from a fixed seed, drawn with NumPy, so it is the same on every backend. Each
    filter is shifted to sum to zero, as in `vggface`, so that the images do not all look alike."""
    rng, found = np.random.default_rng(0), {}
    for layer in network.layers:
        if layer.weights:
            kernel, *bias = (np.zeros(weight.shape, np.float32) for weight in layer.weights)
            bound = np.sqrt(6 / np.prod(kernel.shape[:-1]))
            kernel = np.float32(bound) * (2 * rng.random(kernel.shape, dtype=np.float32) - 1)
            found[layer.name] = [kernel - kernel.mean(axis=tuple(range(kernel.ndim - 1))), *bias]
    return found


# --- features ---


def features(network: keras.Model, images: npt.ArrayLike, layer: str = LAYER, pool: int = 2) -> np.ndarray:
    """Compute the features of faces: the output of one layer.

    Parameters
    ----------
    network : keras.Model
        A network of `build`.
    images : uint8 array of shape (n, height, width, 3) or (n, height, width)
        Faces, RGB or grey; best those of `align`. Images of another size than 150x150 are resized.
    layer : str
        One of `LAYERS`. Early layers see edges and textures; "identity" is the 128 numbers that the network
        was trained to give.
    pool : int
        Side of the windows over which a layer's maps are averaged; 1: no averaging. Without effect on
        "average" and "identity".

    Returns
    -------
    np.ndarray
        float32 (n, d). For `pool=2` d is 5,184 for conv64_3, 2,048 for conv128_2, 1,024 for conv256_2.

    Raises
    ------
    CourseError
        For images of another shape or dtype, or an unknown layer.

    Notes
    -----
    Used in lesson 04.
    """
    return features_of_layers(network, images, (layer,), pool)[layer]


def features_of_layers(
    network: keras.Model, images: npt.ArrayLike, names: Sequence[str] = LAYERS, pool: int = 2
) -> dict[str, np.ndarray]:
    """Compute the features of several layers in one pass.

    Parameters
    ----------
    network, images, pool
        As in `features`.
    names : sequence of str
        Of `LAYERS`.

    Returns
    -------
    dict of str to np.ndarray
        For each layer float32 (n, d).

    Raises
    ------
    CourseError
        As in `features`.
    """
    images, names = _checked(images), tuple(names)
    for name in names:
        check_choice("layer", name, LAYERS)
    if not isinstance(pool, int) or pool < 1:
        raise CourseError(f"pool {pool}", "it is not a whole number of at least 1", "Give 1, 2, 4, ...")
    part, found = _part(network, names), {name: [] for name in names}
    for start in progress(
        range(0, len(images), BATCH), desc="face_identity", unit="batch", delay=1, leave=False
    ):
        # predict_on_batch, because after each call of predict TensorFlow is idle up to as long as it worked.
        outputs = part.predict_on_batch(_sized(images[start : start + BATCH]))
        for name in names:
            found[name].append(_pooled(keras.ops.convert_to_numpy(outputs[name]), pool))
    return {name: np.concatenate(batches) for name, batches in found.items()}


@lru_cache(maxsize=8)
def _part(network, names):
    return keras.Model(network.inputs[0], {name: network.get_layer(name).output for name in names})


def _checked(images):
    images = np.asarray(images)
    one_rgb = images.ndim == 3 and images.shape[2] == 3
    many = images.ndim == 3 or (images.ndim == 4 and images.shape[3] == 3)
    if images.dtype != np.uint8 or not images.size or one_rgb or not many:
        raise CourseError(
            f"images {images.dtype} {images.shape}",
            "uint8 faces (n, height, width, 3) or (n, height, width) are expected",
            "For one image write images[None]; for values of 0 to 1 (255 * images).round().astype('uint8')",
        )
    return images


def _sized(images):
    """Float32 (n, 150, 150, 3)."""
    if images.shape[1:3] != (SIZE, SIZE):
        how = cv2.INTER_AREA if min(images.shape[1:3]) > SIZE else cv2.INTER_CUBIC
        images = np.stack([cv2.resize(image, (SIZE, SIZE), interpolation=how) for image in images])
    rgb = images if images.ndim == 4 else np.repeat(images[..., np.newaxis], 3, axis=3)
    return rgb.astype(np.float32)


def _pooled(maps, side):
    """The means over windows of `side`, (n, d). The last windows may be smaller."""
    if maps.ndim == 4:
        starts = np.arange(0, maps.shape[1], side)
        sizes = np.diff([*starts, maps.shape[1]])
        sums = np.add.reduceat(np.add.reduceat(maps, starts, axis=1), starts, axis=2)
        maps = (sums / np.outer(sizes, sizes)[..., np.newaxis]).astype(np.float32)
    return maps.reshape(len(maps), -1)


# --- aligned faces ---


def align(images: npt.ArrayLike, points: npt.ArrayLike) -> np.ndarray:
    """Turn, scale and crop faces so that five points lie where the network expects them.

    Parameters
    ----------
    images : uint8 array of shape (height, width, 3) or (height, width), or a sequence of n such arrays
        RGB or grey.
    points : array of shape (5, 2), or (n, 5, 2) for n images
        x and y in pixels: outer and inner corner of the person's left eye, the same of the right eye, base of
        the nose (`datasets.london.points`).

    Returns
    -------
    np.ndarray
        uint8 (150, 150, 3) or (150, 150); with n images (n, 150, 150, ...). Parts outside the image are
        black.

    Raises
    ------
    CourseError
        If the images are not uint8, the points have another shape, or all five lie in one place.

    Notes
    -----
    The same as dlib's `get_face_chip` with `size=150, padding=0.25`: the similarity transform (turn, scale
    and shift) that brings the points closest to `MEAN_FACE`, by least squares. Used in lesson 04.
    """
    points = np.asarray(points, float)
    if points.ndim == 3:
        if len(images) != len(points):
            raise CourseError(
                "images and points",
                f"there are {len(images)} images and {len(points)} times five points",
                "Give five points for each image",
            )
        return np.stack([align(image, five) for image, five in zip(images, points, strict=True)])
    image = _checked(np.asarray(images)[np.newaxis])[0]
    if points.shape != (5, 2) or not np.isfinite(points).all() or not np.ptp(points, axis=0).any():
        raise CourseError(
            f"points {points.shape}",
            "five different points (x, y) are expected",
            "Give datasets.london.points(table), or points in the order of london.POINTS",
        )
    return _chip(image, *_similarity(points))


def align_by_box(image: npt.ArrayLike, box: npt.ArrayLike) -> np.ndarray:
    """Crop a face by the box of a face detector: for images without points.

    Parameters
    ----------
    image : uint8 array of shape (height, width, 3) or (height, width)
        RGB or grey.
    box : array of shape (4,)
        x, y, width, height in pixels, as `faces.finding.largest` gives them.

    Returns
    -------
    np.ndarray
        uint8 (150, 150, 3) or (150, 150). The head is not turned. Parts outside the image are black.

    Raises
    ------
    CourseError
        If the image is not uint8, or the box is None or not four numbers.

    Notes
    -----
    `course evaluate identity` measures what this costs. Used in lesson 04.
    """
    if box is None:
        raise CourseError("box", "it is None: no face was found", "Leave the image out")
    x, y, width, height = checked_box(box)
    middle = complex(x + width * BOX_MIDDLE[0], y + height * BOX_MIDDLE[1])
    return _chip(_checked(np.asarray(image)[np.newaxis])[0], middle, BOX_SIDE * width / SIZE)


def _similarity(points):
    """The middle of the aligned face in the image, and the turn and scale from the aligned face to the image.

    Points of the plane are complex numbers here, so turn and scale are one factor."""
    face = (np.array(MEAN_FACE) + PADDING) / (2 * PADDING + 1) * SIZE @ (1, 1j)
    found = points @ (1, 1j)
    inside, around = face - face.mean(), found - found.mean()
    factor = (inside.conj() @ around) / (inside.conj() @ inside).real
    return found.mean() + factor * ((1 + 1j) * SIZE / 2 - face.mean()), factor


def _chip(image, middle, factor):
    # As in dlib, the square of side SIZE * scale goes from the centre of its first pixel in the image to the
    # centre of its last one.
    scale = abs(factor)
    factor *= (SIZE * scale - 1) / (SIZE - 1) / scale
    while abs(factor) > 2 and min(image.shape[:2]) > 1:  # else pixels of the image would be left out
        height, width = image.shape[:2]
        image = cv2.resize(image, ((width + 1) // 2, (height + 1) // 2), interpolation=cv2.INTER_AREA)
        middle, factor = (middle + 0.5 + 0.5j) / 2 - 0.5 - 0.5j, factor / 2
    first = middle - factor * (1 + 1j) * (SIZE - 1) / 2
    matrix = np.array([[factor.real, -factor.imag, first.real], [factor.imag, factor.real, first.imag]])
    return cv2.warpAffine(image, matrix, (SIZE, SIZE), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
