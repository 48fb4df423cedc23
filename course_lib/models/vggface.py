"""VGG-Face in Keras 3: a VGG16 trained on faces, its weights, and embeddings that are computed once.

Lectures 14 (from 16:08) and 27 (from 09:15) use it frozen, through the package keras-vggface 0.6, which
cannot be imported beside Keras 3. `VGGFace` keeps that package's call, layer names and outputs. The weights
are for non-commercial research only.

Source: Parkhi, Vedaldi and Zisserman (2015), "Deep Face Recognition", doi:10.5244/C.29.41."""

import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from course_lib.core.errors import CourseError
from course_lib.core.io import whole_file
from course_lib.core.names import check_choice
from course_lib.core.paths import home
from course_lib.core.progress import progress
from course_lib.datasets import fetch
from course_lib.datasets import vggface as published
from course_lib.datasets.vggface import LAYERS, TOP
from course_lib.models.backend import keras, layers

MEANS = np.float32([93.5940, 104.7624, 129.1863])  # blue, green, red: the means of the training images
POOLINGS = {None: None, "avg": layers.GlobalAveragePooling2D, "max": layers.GlobalMaxPooling2D}
PRECISIONS = ("float32", "bfloat16")


def preprocess(images: npt.ArrayLike) -> np.ndarray:
    """Prepare RGB images for VGG-Face: reverse the channels to BGR and subtract the mean of each channel.

    Parameters
    ----------
    images : array of shape (..., 3)
        RGB values from 0 to 255. They are not changed.

    Returns
    -------
    np.ndarray
        float32, of the same shape.

    Raises
    ------
    CourseError
        If there are not three channels, a value is not a finite number from 0 to 255, or the images are
        scaled to the range 0 to 1.

    Notes
    -----
    keras-vggface calls this preprocessing version 1; its own function refuses uint8 images. Used in
    lesson 04.
    """
    images = np.asarray(images)
    if images.dtype.kind not in "uif" or images.shape[-1:] != (3,):
        raise CourseError(
            "images", f"they are {images.dtype} of shape {images.shape}", "Give RGB images (n, h, w, 3)"
        )
    low, high = (images.min(), images.max()) if images.size else (0, 0)
    if images.dtype != np.uint8 and not (low >= 0 and (high == 0 or 1 < high <= 255)):
        raise CourseError(
            "images",
            f"their values lie between {low} and {high}",
            "Give values from 0 to 255 that were not scaled and not preprocessed before",
        )
    return np.subtract(images[..., ::-1], MEANS, dtype=np.float32)


# --- The network ---


def VGGFace(
    include_top: bool = True,
    model: str = "vgg16",
    weights: str | Path | None = "vggface",
    input_shape: tuple[int, int, int] | None = None,
    pooling: str | None = None,
) -> keras.Model:
    """Build VGG-Face's VGG16, called as in keras-vggface (lecture 14 at 16:08).

    Parameters
    ----------
    include_top : bool
        Add the layers fc6 to fc8, which give the probabilities of 2,622 people.
    model : {"vgg16"}
    weights : str or path
        As in `load`.
    input_shape : (int, int, 3), optional
        Height, width and channels of the images, at least 48x48. By default 224x224, which the top needs.
    pooling : {None, "avg", "max"}
        Without the top: the mean or maximum of the output over the image.

    Returns
    -------
    keras.Model
        Not frozen; the lecture freezes it at 18:50. Without the top the output is that of pool5, (7, 7, 512)
        for images of 224x224, or (512,) with `pooling`. `vgg.preprocess(images)` prepares images for it, and
        `vgg.weights_name` names its weights.

    Raises
    ------
    CourseError
        If an argument is not as above, or as in `load`.

    Notes
    -----
    Used in lessons 04 and 07.
    """
    check_choice("model", model, ["vgg16"])
    check_choice("pooling", pooling, POOLINGS)
    vgg = _network(include_top, _checked_shape(input_shape, include_top), pooling)
    load(vgg, weights)
    vgg.preprocess = preprocess
    return vgg


def load(vgg: keras.Model, weights: str | Path | None = "vggface") -> None:
    """Load weights into a network of `VGGFace`, and name them in `vgg.weights_name`.

    Parameters
    ----------
    vgg : keras.Model
        A network of `VGGFace`. Each score that uses it should report `vgg.weights_name`.
    weights : str or path
        "vggface": the file that `course fetch vggface` downloaded, without the top. A path: a file in the
        same layout. "random": random weights, the same every time and on every backend, as a contrast.

    Raises
    ------
    CourseError
        If the weights are missing, or the file does not hold this network, layer by layer and shape by shape.
        Random weights never replace missing ones.
    """
    top = any(layer.name in TOP for layer in vgg.layers)
    arrays = _random(top) if str(weights) == "random" else published.read(_file(weights, top), top)
    for name, kernel_and_bias in arrays.items():
        vgg.get_layer(name).set_weights(kernel_and_bias)
    vgg.weights_name = {"vggface": "VGG-Face weights", "random": "random weights"}.get(
        str(weights), f"weights of {Path(weights).name}"
    )


def _network(include_top, input_shape, pooling):
    # The weights are loaded right after this. Drawing 14.7 million random ones first would take longer than
    # building the network.
    options = {"kernel_initializer": "zeros"}
    image = x = keras.Input(input_shape)
    for name, filters in LAYERS.items():
        x = (
            layers.Conv2D(filters, 3, padding="same", activation="relu", name=name, **options)
            if filters
            else layers.MaxPooling2D(2, name=name)
        )(x)
    if include_top:
        x = layers.Flatten(name="flatten")(x)
        for name, activation in zip(TOP, ("relu", "relu", "softmax"), strict=True):
            x = layers.Dense(TOP[name], name=name, **options)(x)
            # keras-vggface's name is fc6/relu, which Keras 3 refuses.
            x = layers.Activation(activation, name=f"{name}_{activation}")(x)
    elif pooling:
        x = POOLINGS[pooling]()(x)
    return keras.Model(image, x, name="vggface_vgg16")


def _checked_shape(input_shape, include_top):
    shape = (224, 224, 3) if input_shape is None else tuple(np.ravel(input_shape).tolist())
    if len(shape) != 3 or not all(isinstance(n, int) for n in shape) or shape[2] != 3 or min(shape[:2]) < 48:
        raise CourseError(
            f"input_shape {input_shape}",
            "images of at least 48 × 48 pixels with three colour channels are expected",
            "Give (height, width, 3)",
        )
    if include_top and shape != (224, 224, 3):
        raise CourseError(
            f"input_shape {input_shape}",
            "the network's top takes images of 224 × 224 only",
            "Leave input_shape out, or set include_top=False",
        )
    return shape


def _file(weights, top):
    """The path of the file that `weights` names."""
    if weights is None:
        raise CourseError(
            "weights None",
            "a network without trained weights gives no usable features",
            'Give "vggface" or the path of a file, or weights="random" for an untrained network',
        )
    if str(weights) != "vggface":
        return weights
    if top:
        raise CourseError(
            "weights 'vggface'",
            "the course fetches the network without its top",
            "Set include_top=False, or give the path of keras-vggface's rcmalli_vggface_tf_vgg16.h5",
        )
    if published.path().exists():
        fetch.warn_of_another(published.path())
    else:
        entry = fetch.load_registry()["vggface"]
        source = f"{entry['files'][0]['size'] / 1e6:.1f} MB from {entry['url'].format(name=published.FILE)}"
        raise CourseError(
            published.path(),
            f"VGG-Face's weights are not here (about {source}; {entry['licence']})",
            'Run: course fetch vggface. Or give weights="random" for an untrained network',
        )
    return published.path()


def _random(top):
    """He initialisation (2015) from a fixed seed, drawn with NumPy, so it is the same on every backend.

    Each filter is shifted to sum to zero. Otherwise the mean that ReLU leaves grows from layer to layer until
    all images look alike: on twelve frames of the Studio 7 % of pool5's standard deviation was between
    images, and 55 % with the shift."""
    rng = np.random.default_rng(0)
    arrays = {}
    for name, (kernel_shape, bias_shape) in published.shapes(top).items():
        bound = np.sqrt(6 / np.prod(kernel_shape[:-1]))
        kernel = np.float32(bound) * (2 * rng.random(kernel_shape, dtype=np.float32) - 1)
        kernel -= kernel.mean(axis=tuple(range(kernel.ndim - 1)))
        arrays[name] = kernel, np.zeros(bias_shape, np.float32)
    return arrays


# --- Embeddings ---


def embed(
    images: npt.ArrayLike, vgg: keras.Model, precision: str = "float32", batch_size: int = 16
) -> np.ndarray:
    """Compute the embeddings of images with a frozen network, and store them.

    Parameters
    ----------
    images : uint8 array of shape (n, height, width, 3)
        RGB images of the size that the network takes. They are preprocessed here.
    vgg : keras.Model
        A network of `VGGFace`, or of `frozen.network`.
    precision : {"float32", "bfloat16"}
        bfloat16 takes about half the time on processors that support it. With random weights, on frames of
        the Studio, the largest difference was 7 % of the largest value; with trained weights it has not been
        measured.
    batch_size : int

    Returns
    -------
    np.ndarray
        float32, of shape `(n, *vgg.output_shape[1:])`.

    Raises
    ------
    CourseError
        If the images are not uint8 of the network's size, or for another precision.

    Notes
    -----
    The output of a frozen network for an image never changes. So each embedding is computed once and stored
    in `home() / "embeddings"`, in one file for each image; the file's name depends on the network's weights
    and shape, the precision and the bytes of the image. After an interruption the same call computes only
    what is missing. Used in lessons 04, 06 and 07.
    """
    images = _checked_images(images, vgg, precision)
    folder = home() / "embeddings" / _key(vgg, precision)
    features, rows = np.empty((len(images), *vgg.output_shape[1:]), np.float32), {}
    for row, image in enumerate(images):
        digest = hashlib.sha256(np.ascontiguousarray(image)).hexdigest()
        rows.setdefault(folder / f"{digest[:32]}.f32", []).append(row)  # images may repeat
    todo = [path for path, same in rows.items() if not _kept(path, features, same)]
    if todo:
        network = vgg if precision == "float32" else _in_bfloat16(vgg)
        for start in progress(range(0, len(todo), batch_size), desc="embed", unit="batch"):
            batch = todo[start : start + batch_size]
            prepared = vgg.preprocess(images[[rows[path][0] for path in batch]])
            computed = _compute(network, prepared)
            for path, one in zip(batch, computed, strict=True):
                features[rows[path]] = one
                with whole_file(path) as part:
                    part.write_bytes(_digest(one.tobytes()) + one.tobytes())
    return features


def _checked_images(images, vgg, precision):
    images, size = np.asarray(images), vgg.input_shape[1:]
    if images.dtype != np.uint8 or images.shape[1:] != size:
        raise CourseError(
            "images",
            f"they are {images.dtype} of shape {images.shape}",
            f"Give uint8 images of shape (n, {', '.join(map(str, size))}), not preprocessed",
        )
    check_choice("precision", precision, PRECISIONS)
    return images


def _key(vgg, precision):
    """A name that depends on the layers, weights and input shape of `vgg`, and on the precision."""
    kinds = [type(layer).__name__ for layer in vgg.layers]
    key = hashlib.sha256(repr((kinds, vgg.input_shape, precision)).encode())
    for array in vgg.get_weights():
        key.update(np.ascontiguousarray(array))
    return key.hexdigest()[:16]


def _compute(network, prepared):
    # predict_on_batch, because after each call of predict TensorFlow is idle up to as long as it worked.
    return np.asarray(network.predict_on_batch(prepared)).astype(np.float32)


def _in_bfloat16(vgg):
    """The same network computing in bfloat16; its weights stay float32."""

    def same(layer):
        return type(layer).from_config(layer.get_config() | {"dtype": "mixed_bfloat16"})

    twin = keras.models.clone_model(vgg, clone_function=same)
    twin.set_weights(vgg.get_weights())
    return twin


def _kept(path, features, rows):
    """Read the embedding that `path` stores into these rows; false if there is none or it is damaged."""
    try:
        kept = path.read_bytes()
    except OSError:
        return False
    digest, numbers = kept[:16], kept[16:]
    if digest != _digest(numbers) or len(numbers) != features[0].nbytes:
        return False
    features[rows] = np.frombuffer(numbers, np.float32).reshape(features.shape[1:])
    return True


def _digest(numbers):
    return hashlib.blake2b(numbers, digest_size=16).digest()
