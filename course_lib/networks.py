"""The lectures' networks, by name (Keras 3: TensorFlow, JAX or torch), each compiled as its lecture says.

All of them are trained with Adam on categorical cross-entropy, labels one-hot, and report accuracy. What differs,
learning rate, batch size, epochs and share of the test part, stands in `RECIPES`.
"""

from typing import NamedTuple

from course_lib import vggface
from course_lib.backend import keras, layers
from course_lib.files import CourseError


class Recipe(NamedTuple):
    """How a lecture trains a network: Adam's learning rate, items a batch, epochs, and the share that is tested."""

    learning_rate: float
    batch_size: int
    epochs: int
    test_size: float


RECIPES = {
    "vggface_mlp": Recipe(1e-3, 16, 10, 0.10),  # lecture 14 at 22:03
    "vggface_frame_features": Recipe(1e-4, 128, 20, 0.20),  # lecture 27 at 18:38; the split is the one of 25:17
    "cnn_1d": Recipe(1e-4, 8, 10, 0.20),  # lecture 27 at 30:31 and 32:14
    # Lecture 27 at 41:47. Batch and epochs are not given: ours (ten epochs leave it at chance on what it learns from).
    "late_fusion_mlp": Recipe(1e-4, 8, 100, 0.20),
}


# --- on VGG-Face ------------------------------------------------------------------------------------------------------

def vggface_mlp(input_shape=(224, 224, 3), classes=2, weights="vggface") -> keras.Sequential:
    """Frozen VGG-Face, then Flatten, Dense 1024 relu, Dense 512 relu, Dense `classes` softmax (lecture 14 at 20:56).

    Takes images (n, *input_shape) preprocessed by `vggface.preprocess`. At 224x224 with two classes it has 40,931,650
    parameters, 26,216,962 of them trainable. `weights` and its errors are `vggface.VGGFace`'s.
    """
    return _on_frozen_vggface("vggface_mlp", input_shape, weights, _mlp_layers(classes))


def mlp_head(input_shape=(7, 7, 512), classes=2) -> keras.Sequential:
    """`vggface_mlp` without its VGG-Face, for embeddings (n, *input_shape) (lecture 14 at 20:56)."""
    network = keras.Sequential([keras.Input(input_shape), *_mlp_layers(classes)], name="mlp_head")
    return _compiled(network, RECIPES["vggface_mlp"].learning_rate, _WHOLE_STEP)


def vggface_frame_features(input_shape=(128, 227, 3), units=21, classes=2, weights="vggface") -> keras.Sequential:
    """Frozen VGG-Face, then `frame_head`: features of single frames (lecture 27 from 15:50 to 18:38).

    The VGG16 gives (4, 7, 512) at the lecture's 128x227. What the layer "feature_layer" gives after training, `units`
    numbers a frame, are the features: see `feature_extractor`. `weights` and its errors are `vggface.VGGFace`'s.
    """
    return _on_frozen_vggface("vggface_frame_features", input_shape, weights, _frame_layers(units, classes))


def frame_head(input_shape=(4, 7, 512), units=21, classes=2) -> keras.Sequential:
    """`vggface_frame_features` without its VGG-Face, for embeddings (n, *input_shape): Flatten, BatchNorm,
    Dense `units` relu named "feature_layer", Dense `classes` softmax (lecture 27 at 18:38)."""
    network = keras.Sequential([keras.Input(input_shape), *_frame_layers(units, classes)], name="frame_head")
    return _compiled(network, RECIPES["vggface_frame_features"].learning_rate)


def head(model) -> keras.Sequential:
    """The layers of `model` above its frozen first one, as a network of their own that takes embeddings.

    The layers are shared: training the head on what the frozen network gives for each image trains `model`, with the
    same losses as running the images through it in every epoch (a test holds it to that), at a fraction of the time.
    Compiled with the model's learning rate. Raises `CourseError` where the first layer is trainable.
    """
    frozen, *above = model.layers
    if frozen.trainable_weights or not frozen.weights:
        raise CourseError(f"network {model.name!r}", f"its first layer, {frozen.name!r}, is not frozen",
                          "Set trainable = False on it first; what it gives would change while it learns")
    network = keras.Sequential([keras.Input(frozen.output.shape[1:]), *above], name=f"{model.name}_head")
    return _compiled(network, float(model.optimizer.learning_rate), _WHOLE_STEP)


def feature_extractor(model, layer="feature_layer") -> keras.Sequential:
    """`model` up to and with the layer of that name, whose output are then the features (lecture 27 at 20:17, 39:03).

    The layers are shared with `model`, a Sequential. Raises `CourseError` where it has no layer of that name.
    """
    names = [each.name for each in model.layers]
    if layer not in names:
        raise CourseError(f"network {model.name!r}", f"it has no layer {layer!r}", f"Choose one of {', '.join(names)}")
    kept = model.layers[: names.index(layer) + 1]
    return keras.Sequential([keras.Input(model.input_shape[1:]), *kept], name=f"{model.name}_features")


# --- on features of a clip --------------------------------------------------------------------------------------------

def cnn_1d(length, channels=1, classes=2) -> keras.Sequential:
    """The lecture's 1D-CNN on (n, length, channels): two times Conv1D and MaxPool1D, Flatten, BatchNorm, Dense 128 relu
    named "feature_layer", Dropout, Dense `classes` softmax (lecture 27 at 30:31).

    The lecture gives no filters, kernel, pool sizes or dropout rate. Ours: 16 and 32 filters of 8 steps with relu,
    padded to keep the length, pools of 4, dropout 0.5; and momentum 0.9 for each BatchNorm in this module (lesson 08
    says why). Raises `CourseError` where `length` is less than two pools take.
    """
    if length < 16:
        raise CourseError(f"length {length}", "two pools of 4 steps need at least 16", "Give longer features")
    convolution = {"kernel_size": 8, "padding": "same", "activation": "relu"}
    return _compiled(keras.Sequential([
        keras.Input((length, channels)),
        layers.Conv1D(16, **convolution), layers.MaxPooling1D(4),
        layers.Conv1D(32, **convolution), layers.MaxPooling1D(4),
        layers.Flatten(), _batch_norm(),
        layers.Dense(128, activation="relu", name="feature_layer"), layers.Dropout(0.5),
        layers.Dense(classes, activation="softmax"),
    ], name="cnn_1d"), RECIPES["cnn_1d"].learning_rate)


def late_fusion_mlp(units, classes=2) -> keras.Sequential:
    """The network on fused representations (n, units): Flatten, BatchNorm, Dense 16 relu twice, Dropout 0.1, Dense
    `classes` softmax (lecture 27 at 41:47). Two representations of 128 side by side make `units` 256."""
    return _compiled(keras.Sequential([
        keras.Input((units,)),
        layers.Flatten(), _batch_norm(),
        layers.Dense(16, activation="relu"), layers.Dense(16, activation="relu"), layers.Dropout(0.1),
        layers.Dense(classes, activation="softmax"),
    ], name="late_fusion_mlp"), RECIPES["late_fusion_mlp"].learning_rate)


# --- what they share --------------------------------------------------------------------------------------------------

def _mlp_layers(classes):
    return [layers.Flatten(), layers.Dense(1024, activation="relu"), layers.Dense(512, activation="relu"),
            layers.Dense(classes, activation="softmax")]


def _batch_norm():
    # Keras's own momentum, 0.99, is for thousands of steps: after the forty of lecture 27's CNN the averages that count
    # in prediction are still two thirds what they began as. Lesson 08 shows what that does.
    return layers.BatchNormalization(momentum=0.9)


def _frame_layers(units, classes):
    return [layers.Flatten(), _batch_norm(),
            layers.Dense(units, activation="relu", name="feature_layer"), layers.Dense(classes, activation="softmax")]


def _on_frozen_vggface(name, input_shape, weights, above):
    vgg = vggface.VGGFace(include_top=False, weights=weights, input_shape=input_shape)
    vgg.trainable = False
    return _compiled(keras.Sequential([keras.Input(input_shape), vgg, *above], name=name), RECIPES[name].learning_rate)


# Adam goes through millions of weights many times a step; compiled as one whole, a step of lecture 14's head takes half
# the time on TensorFlow (two cores: 21.3 s against 12.2 s for ten epochs). JAX always does so, torch had better not.
_WHOLE_STEP = True if keras.backend.backend() == "tensorflow" else "auto"


def _compiled(network, learning_rate, jit_compile="auto"):
    network.compile(keras.optimizers.Adam(learning_rate), "categorical_crossentropy", metrics=["accuracy"],
                    jit_compile=jit_compile)
    return network
