"""VGG-Face on today's Keras: the VGG16 that knows faces, its weights, and embeddings that are computed once.

Lecture 14 from 16:08 and lecture 27 from 09:15 use it frozen, through keras-vggface 0.6, which cannot be
imported beside Keras 3. `VGGFace` keeps that package's call, layer names and numbers. The network is of
Parkhi, Vedaldi and Zisserman (2015), "Deep Face Recognition": 2.6 million photographs of 2,622 people. Its
weights are for non-commercial research only."""

import hashlib
from pathlib import Path

import numpy as np

from course_lib.core.errors import CourseError
from course_lib.core.io import whole_file
from course_lib.core.paths import home
from course_lib.core.progress import progress
from course_lib.datasets import fetch
from course_lib.datasets import vggface as published
from course_lib.datasets.vggface import LAYERS, TOP
from course_lib.models.backend import keras, layers

MEANS = np.float32(
    [93.5940, 104.7624, 129.1863]
)  # blue, green, red: the mean face image of the training data
POOLINGS = {None: None, "avg": layers.GlobalAveragePooling2D, "max": layers.GlobalMaxPooling2D}
PRECISIONS = ("float32", "bfloat16")


def preprocess(images) -> np.ndarray:
    """What the network was trained on: float32 BGR less the mean of each channel, from RGB images (..., 3) of
    0 to 255.

    keras-vggface calls this version 1 (its own takes no uint8). The images given are left as they are. Raises
    `CourseError` for anything but three channels of finite numbers from 0 to 255, and for images scaled to 0
    to 1."""
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
            "Give values from 0 to 255, not scaled and not preprocessed before",
        )
    return np.subtract(images[..., ::-1], MEANS, dtype=np.float32)


# --- The network ---


def VGGFace(
    include_top=True, model="vgg16", weights="vggface", input_shape=None, pooling=None
) -> keras.Model:
    """VGG-Face's VGG16, called as in keras-vggface: `VGGFace(model="vgg16", include_top=False)` (lecture 14
    at 16:08).

    `include_top` adds fc6 to fc8, the probabilities of 2,622 people; without, the output is that of pool5,
    (7, 7, 512) for `input_shape` (224, 224, 3), or its mean or maximum over the image, (512,), for `pooling`
    "avg" or "max". `input_shape` is any (h, w, 3) from 48 × 48, with the top 224 × 224. For `weights` see
    `load`. The network is not frozen: the lecture does that at 18:50. Raises `CourseError` for anything else.
    """
    if model != "vgg16":
        raise CourseError(f"model {model!r}", "the course has VGG16 only", 'Give model="vgg16"')
    if pooling not in POOLINGS:
        raise CourseError(f"pooling {pooling!r}", "there is no such pooling", 'Give None, "avg" or "max"')
    vgg = _network(include_top, _checked_shape(input_shape, include_top), pooling)
    load(vgg, weights)
    return vgg


def load(vgg, weights="vggface") -> None:
    """Put weights into a network of `VGGFace`, and what a score must say of them into `vgg.weights_name`.

    `weights` is "vggface" (what `course fetch vggface` got, without top), the path of a file in the same
    layout, or "random": the same random network every time and on every backend. Random weights are used only
    when asked for by this name. Raises `CourseError` where there are none, and for a file that does not hold
    this network, layer by layer and shape by shape."""
    top = any(layer.name in TOP for layer in vgg.layers)
    arrays = _random(top) if str(weights) == "random" else published.read(_file(weights, top), top)
    for name, kernel_and_bias in arrays.items():
        vgg.get_layer(name).set_weights(kernel_and_bias)
    vgg.weights_name = {"vggface": "VGG-Face weights", "random": "random weights"}.get(
        str(weights), f"weights of {Path(weights).name}"
    )


def _network(include_top, input_shape, pooling):
    # Zeros, since weights follow at once: drawing 14.7 million numbers that nobody uses takes longer than
    # building.
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
            x = layers.Activation(activation, name=f"{name}_{activation}")(x)  # there fc6/relu, refused today
    elif pooling:
        x = POOLINGS[pooling]()(x)
    return keras.Model(image, x, name="vggface_vgg16")


def _checked_shape(input_shape, include_top):
    shape = (224, 224, 3) if input_shape is None else tuple(np.ravel(input_shape).tolist())
    if len(shape) != 3 or not all(isinstance(n, int) for n in shape) or shape[2] != 3 or min(shape[:2]) < 48:
        raise CourseError(
            f"input_shape {input_shape}",
            "images of at least 48 × 48 in three colours are expected",
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
            'Give "vggface", the path of a file, or, if that is what you want, weights="random"',
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
            'Run: course fetch vggface. Or ask for a network that knows no faces: weights="random"',
        )
    return published.path()


def _random(top):
    """He's initialisation (2015) from a fixed seed, drawn with NumPy so that every backend gets the same
    numbers.

    Each filter is made to sum to zero. Without that the mean that ReLU leaves grows from layer to layer until
    all images look alike: on twelve frames of the Studio 7 % of pool5's standard deviation lay between
    images, so 55 %."""
    rng = np.random.default_rng(0)
    arrays = {}
    for name, (kernel_shape, bias_shape) in published.shapes(top).items():
        bound = np.sqrt(6 / np.prod(kernel_shape[:-1]))
        kernel = np.float32(bound) * (2 * rng.random(kernel_shape, dtype=np.float32) - 1)
        kernel -= kernel.mean(axis=tuple(range(kernel.ndim - 1)))
        arrays[name] = kernel, np.zeros(bias_shape, np.float32)
    return arrays


# --- Embeddings ---


def embed(images, vgg, precision="float32", batch_size=16) -> np.ndarray:
    """What the frozen network `vgg` gives for RGB images, uint8 (n, h, w, 3) -> float32 (n,
    *vgg.output_shape[1:]).

    The images are preprocessed here. What a frozen network says of an image does not change, so it is
    computed once and kept in `home() / "embeddings"`, a file an image, by the network's weights and shape,
    the precision and the image's own bytes; a run that is interrupted goes on where it stopped.
    `precision="bfloat16"` computes in 16 bits, on processors that can in about half the time; on frames of
    the Studio its largest difference was 7 % of the largest value with the random weights (with the trained
    ones it has not been measured). Raises `CourseError` for images that are not uint8 of the network's size,
    and for another precision."""
    images = _checked_images(images, vgg, precision)
    folder = home() / "embeddings" / _key(vgg, precision)
    features, rows = np.empty((len(images), *vgg.output_shape[1:]), np.float32), {}
    for row, image in enumerate(images):
        digest = hashlib.sha256(np.ascontiguousarray(image)).hexdigest()
        rows.setdefault(folder / f"{digest[:32]}.f32", []).append(
            row
        )  # the same image may come more than once
    todo = [path for path, same in rows.items() if not _kept(path, features, same)]
    if todo:
        network = vgg if precision == "float32" else _in_bfloat16(vgg)
        for start in progress(range(0, len(todo), batch_size), desc="embed", unit="batch"):
            batch = todo[start : start + batch_size]
            computed = _compute(network, images[[rows[path][0] for path in batch]])
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
    if precision not in PRECISIONS:
        raise CourseError(
            f"precision {precision!r}", "there is no such precision", f"Give {' or '.join(PRECISIONS)}"
        )
    return images


def _key(vgg, precision):
    """A name for what `vgg` computes: its layers, weights and input's shape, at this precision."""
    kinds = [type(layer).__name__ for layer in vgg.layers]
    key = hashlib.sha256(repr((kinds, vgg.input_shape, precision)).encode())
    for array in vgg.get_weights():
        key.update(np.ascontiguousarray(array))
    return key.hexdigest()[:16]


def _compute(network, images):
    # predict_on_batch and not predict: TensorFlow's idle time after each call costs up to as much as the
    # work.
    return np.asarray(network.predict_on_batch(preprocess(images))).astype(np.float32)


def _in_bfloat16(vgg):
    """The same network computing in bfloat16; its weights stay float32."""

    def same(layer):
        return type(layer).from_config(layer.get_config() | {"dtype": "mixed_bfloat16"})

    twin = keras.models.clone_model(vgg, clone_function=same)
    twin.set_weights(vgg.get_weights())
    return twin


def _kept(path, features, rows):
    """Put what `path` keeps into these rows; false where nothing is kept, or the file is damaged."""
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
