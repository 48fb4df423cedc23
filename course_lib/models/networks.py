"""The networks of the lectures and of the student projects, and our own, by name (Keras 3).

Each function returns a compiled network, as its source describes it. The networks of the lectures are trained
with Adam on categorical cross-entropy with one-hot labels, and report accuracy. Learning rate, batch size,
epochs and the fraction of the test set differ: see `RECIPES`. The networks of the three student projects take
faces as FER2013 stores them, grey levels uint8 (n, 48, 48), and scale them inside; `presets.py` lists how
they are trained. The functions run on TensorFlow, JAX and torch."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from course_lib.core.errors import CourseError
from course_lib.core.names import did_you_mean
from course_lib.models import frozen
from course_lib.models.backend import BatchNormalization, keras, layers


class Recipe(NamedTuple):
    """How a lecture trains a network: the learning rate of Adam, the batch size, the number of epochs, and
    the fraction of the items in the test set."""

    learning_rate: float
    batch_size: int
    epochs: int
    test_size: float


RECIPES = {
    "vggface_mlp": Recipe(1e-3, 16, 10, 0.10),  # lecture 14 at 22:03
    "vggface_frame_features": Recipe(1e-4, 128, 20, 0.20),  # lecture 27 at 18:38, its split at 25:17
    "cnn_1d": Recipe(1e-4, 8, 10, 0.20),  # lecture 27 at 30:31 and 32:14
    # Lecture 27 at 41:47. It gives neither batch size nor epochs; these are ours. After ten epochs the
    # training accuracy is still at chance.
    "late_fusion_mlp": Recipe(1e-4, 8, 100, 0.20),
}


# --- on VGG-Face ---


def vggface_mlp(
    input_shape: tuple[int, int, int] = (224, 224, 3), classes: int = 2, weights: str | Path = "vggface"
) -> keras.Sequential:
    """Build frozen VGG-Face with a classifier on top (transfer learning, lecture 14 at 20:56).

    Above VGG-Face: Flatten, Dense 1024 (relu), Dense 512 (relu), Dense `classes` (softmax).

    Parameters
    ----------
    input_shape : (int, int, 3)
        Height, width and channels of the images, which `vggface.preprocess` has preprocessed.
    classes : int
        Number of classes.
    weights : str or path
        As in `frozen.network`.

    Returns
    -------
    keras.Sequential
        Compiled. For 224x224 images and two classes it has 40,931,650 parameters, of which 26,216,962 are
        trainable.

    Raises
    ------
    CourseError
        As in `vggface.VGGFace`.

    Notes
    -----
    `mlp_head` trains the same classifier on stored embeddings, which is much faster (lesson 04).
    """
    return _on_frozen_vggface("vggface_mlp", input_shape, weights, _mlp_layers(classes))


def mlp_head(input_shape: tuple[int, ...] = (7, 7, 512), classes: int = 2) -> keras.Sequential:
    """Build `vggface_mlp` without its VGG-Face: a classifier of embeddings (lecture 14 at 20:56).

    Parameters
    ----------
    input_shape : tuple of int
        Shape of one embedding, the output of the frozen VGG-Face.
    classes : int
        Number of classes.

    Returns
    -------
    keras.Sequential
        Compiled.

    Notes
    -----
    Used in lesson 04.
    """
    network = keras.Sequential([keras.Input(input_shape), *_mlp_layers(classes)], name="mlp_head")
    return _compiled(network, RECIPES["vggface_mlp"].learning_rate, _WHOLE_STEP)


def vggface_frame_features(
    input_shape: tuple[int, int, int] = (128, 227, 3),
    units: int = 21,
    classes: int = 2,
    weights: str | Path = "vggface",
) -> keras.Sequential:
    """Build frozen VGG-Face with `frame_head` on top, which learns features of single video frames
    (lecture 27 from 15:50 to 18:38).

    Parameters
    ----------
    input_shape : (int, int, 3)
        Height, width and channels of a frame. For the lecture's 128x227, VGG-Face gives (4, 7, 512).
    units : int
        Number of features of each frame: the units of the layer "feature_layer".
    classes : int
        Number of classes.
    weights : str or path
        As in `frozen.network`.

    Returns
    -------
    keras.Sequential
        Compiled. After training, `feature_extractor` gives the features.

    Raises
    ------
    CourseError
        As in `vggface.VGGFace`.

    Notes
    -----
    Lesson 06 builds it layer by layer.
    """
    return _on_frozen_vggface("vggface_frame_features", input_shape, weights, _frame_layers(units, classes))


def frame_head(
    input_shape: tuple[int, ...] = (4, 7, 512), units: int = 21, classes: int = 2
) -> keras.Sequential:
    """Build `vggface_frame_features` without its VGG-Face, for embeddings (lecture 27 at 18:38).

    Layers: Flatten, BatchNorm, Dense `units` (relu, named "feature_layer"), Dense `classes` (softmax).

    Parameters
    ----------
    input_shape : tuple of int
        Shape of the embedding of one frame.
    units : int
        Number of features of each frame.
    classes : int
        Number of classes.

    Returns
    -------
    keras.Sequential
        Compiled.

    Notes
    -----
    Used in lesson 06.
    """
    network = keras.Sequential([keras.Input(input_shape), *_frame_layers(units, classes)], name="frame_head")
    return _compiled(network, RECIPES["vggface_frame_features"].learning_rate)


def head(model: keras.Sequential) -> keras.Sequential:
    """Take the layers above a frozen first layer as a network of their own, whose input are embeddings.

    Parameters
    ----------
    model : keras.Sequential
        A compiled network whose first layer is frozen, such as `vggface_mlp()`.

    Returns
    -------
    keras.Sequential
        Compiled with the learning rate of `model`. It shares its layers with `model`: training the head
        trains `model`, too.

    Raises
    ------
    CourseError
        If the first layer is trainable.

    Notes
    -----
    The output of a frozen layer never changes, so it is computed once. The training losses are the same as
    those of `model` (a test compares them), in a fraction of the time. Used in lesson 04.
    """
    frozen, *above = model.layers
    if frozen.trainable_weights or not frozen.weights:
        raise CourseError(
            f"network {model.name!r}",
            f"its first layer, {frozen.name!r}, is not frozen",
            "Set its trainable = False first, because its output changes as long as it learns",
        )
    network = keras.Sequential([keras.Input(frozen.output.shape[1:]), *above], name=f"{model.name}_head")
    return _compiled(network, float(model.optimizer.learning_rate), _WHOLE_STEP)


def output(layer: Any, x: npt.ArrayLike, **options: Any) -> np.ndarray:
    """Compute what a layer returns for NumPy numbers, on every backend.

    Parameters
    ----------
    layer : callable
        A Keras layer or an activation.
    x : array_like
        Its input, converted to float32.
    **options
        Passed on, such as `training=True`.

    Returns
    -------
    np.ndarray

    Notes
    -----
    Used in lesson 10.
    """
    return keras.ops.convert_to_numpy(
        layer(keras.ops.convert_to_tensor(np.asarray(x, np.float32)), **options)
    )


def feature_extractor(model: keras.Sequential, layer: str = "feature_layer") -> keras.Sequential:
    """Cut a network after a named layer, whose output then are the features (lecture 27 at 20:17, 39:03).

    Parameters
    ----------
    model : keras.Sequential
    layer : str
        Name of the last layer to keep.

    Returns
    -------
    keras.Sequential
        It shares its layers with `model`.

    Raises
    ------
    CourseError
        If `model` has no layer of that name.

    Notes
    -----
    Used in lessons 08, 10 and 12.
    """
    names = [one.name for one in model.layers]
    if layer not in names:
        raise CourseError(
            f"network {model.name!r}",
            f"it has no layer {layer!r}",
            f"{did_you_mean(layer, names)}Choose from {', '.join(names)}",
        )
    kept = model.layers[: names.index(layer) + 1]
    return keras.Sequential([keras.Input(model.input_shape[1:]), *kept], name=f"{model.name}_features")


# --- on features of a clip ---


def cnn_1d(length: int, channels: int = 1, classes: int = 2) -> keras.Sequential:
    """Build the lecture's 1D-CNN for the features of a clip (lecture 27 at 30:31).

    Layers: Conv1D and MaxPool1D twice, Flatten, BatchNorm, Dense 128 (relu, named "feature_layer"), Dropout,
    Dense `classes` (softmax).

    Parameters
    ----------
    length, channels : int
        Shape of one item, (length, channels).
    classes : int
        Number of classes.

    Returns
    -------
    keras.Sequential
        Compiled.

    Raises
    ------
    CourseError
        If `length` is less than 16, which is too short for two pooling layers.

    Notes
    -----
    The lecture gives no number of filters, kernel size, pool size or dropout rate. Ours are 16 and 32 filters
    of 8 steps with relu, padded to keep the length, pools of 4 and dropout 0.5. The BatchNorm layers of this
    module have momentum 0.9; lesson 08 explains why. Used in lesson 08.
    """
    if length < 16:
        raise CourseError(f"length {length}", "two pools of 4 steps need at least 16", "Give longer features")
    convolution = {"kernel_size": 8, "padding": "same", "activation": "relu"}
    return _compiled(
        keras.Sequential(
            [
                keras.Input((length, channels)),
                layers.Conv1D(16, **convolution),
                layers.MaxPooling1D(4),
                layers.Conv1D(32, **convolution),
                layers.MaxPooling1D(4),
                layers.Flatten(),
                _batch_norm(),
                layers.Dense(128, activation="relu", name="feature_layer"),
                layers.Dropout(0.5),
                layers.Dense(classes, activation="softmax"),
            ],
            name="cnn_1d",
        ),
        RECIPES["cnn_1d"].learning_rate,
    )


def late_fusion_mlp(units: int, classes: int = 2) -> keras.Sequential:
    """Build the network on fused representations (lecture 27 at 41:47).

    Layers: Flatten, BatchNorm, Dense 16 (relu) twice, Dropout 0.1, Dense `classes` (softmax).

    Parameters
    ----------
    units : int
        Length of a fused representation: 256 for two representations of 128 side by side.
    classes : int
        Number of classes.

    Returns
    -------
    keras.Sequential
        Compiled.

    Notes
    -----
    Used in lesson 08.
    """
    return _compiled(
        keras.Sequential(
            [
                keras.Input((units,)),
                layers.Flatten(),
                _batch_norm(),
                layers.Dense(16, activation="relu"),
                layers.Dense(16, activation="relu"),
                layers.Dropout(0.1),
                layers.Dense(classes, activation="softmax"),
            ],
            name="late_fusion_mlp",
        ),
        RECIPES["late_fusion_mlp"].learning_rate,
    )


# --- on faces of 48x48 grey levels ---

FACE = (48, 48, 1)


def face_or_not(momentum: float = 0.99) -> keras.Sequential:
    """Build project P4's face model, "human face or other".

    Two convolutions ('valid') with relu, BatchNorm, pooling and dropout, then Dense 128, 64 and 2.

    Parameters
    ----------
    momentum : float
        Of batch normalisation. Use 0.9 if the training has less than some hundred steps (lesson 08).

    Returns
    -------
    keras.Sequential
        Compiled, with 847,682 parameters. The outputs are the probabilities of "other" and "face".

    Notes
    -----
    As in the project, the last activation is a sigmoid, trained with binary cross-entropy. The two
    probabilities need not sum to 1. Used in lesson 10.
    """
    return _on_faces(
        "face_or_not",
        [
            *_convolution(32, 3, momentum=momentum),
            layers.MaxPooling2D(),
            layers.Dropout(0.25),
            *_convolution(64, 3, momentum=momentum),
            layers.MaxPooling2D(),
            layers.Dropout(0.25),
            layers.Flatten(),
            *_dense(128, momentum=momentum),
            *_dense(64, momentum=momentum),
            layers.Dense(2, activation="sigmoid"),
        ],
        keras.optimizers.SGD(0.01),
        "binary_crossentropy",
    )


def emotion_cnn6(activation: str = "swish") -> keras.Sequential:
    """Build project P4's emotion model, "cnn6": six convolutions, with kernels from 4x4 to 2x2 ('valid').

    Parameters
    ----------
    activation : str
        "swish"; "relu" gives the second model of the project's comparison.

    Returns
    -------
    keras.Sequential
        Compiled, with 832,199 parameters.

    Notes
    -----
    Used in lesson 10.
    """

    def convolution(filters, kernel):
        return _convolution(filters, kernel, activation)

    return _on_faces(
        "emotion_cnn6",
        [
            *convolution(32, 4),
            *convolution(32, 4),
            layers.MaxPooling2D(),
            layers.Dropout(0.25),
            *convolution(64, 3),
            layers.Dropout(0.25),
            *convolution(64, 3),
            layers.MaxPooling2D(),
            layers.Dropout(0.25),
            *convolution(128, 2),
            layers.Dropout(0.25),
            *convolution(128, 2),
            layers.MaxPooling2D(),
            layers.Dropout(0.25),
            layers.Flatten(),
            *_dense(512, activation),
            *_dense(128, activation),
            layers.Dense(7, activation="softmax"),
        ],
        keras.optimizers.Adam(1e-3),
    )


def gudi_cnn() -> keras.Sequential:
    """Build project G7's "smaller AlexNet", after Gudi (2015).

    Three convolutions, local response normalisation, Dense 3072.

    Returns
    -------
    keras.Sequential
        Compiled, with 56,883,015 parameters, of which one dense layer has 56,626,176.

    Notes
    -----
    TFLearn, which the project used, pads convolutions and pools 'same'. The momentum is the project's. It
    gives no learning rate; 0.01 is ours. Used in lesson 10.
    """
    relu_same = {"activation": "relu", "padding": "same"}
    return _on_faces(
        "gudi_cnn",
        [
            layers.Conv2D(64, 5, **relu_same),
            LocalResponseNormalization(),
            layers.MaxPooling2D(3, 2, "same"),
            layers.Conv2D(64, 5, **relu_same),
            layers.MaxPooling2D(3, 2, "same"),
            layers.Conv2D(128, 4, **relu_same),
            layers.Dropout(0.3),
            layers.Flatten(),
            layers.Dense(3072, activation="relu"),
            layers.Dense(7, activation="softmax"),
        ],
        keras.optimizers.SGD(0.01, momentum=0.9),
    )


def iiita_face(as_published: bool = False) -> keras.Sequential:
    """Build project IIITA's network for faces.

    Three blocks of two convolutions with 'full' padding, pooling and dropout, then Dense 2048.

    Parameters
    ----------
    as_published : bool
        False: the network as it was meant, with 21,536,487 parameters. True: the network of the published
        summary, with 7,394,247 parameters.

    Returns
    -------
    keras.Sequential
        Compiled.

    Notes
    -----
    The published summary shows that a 1x48x48 image, channels first, was read as channels last: the 48 pixels
    of a row became 48 channels of one row of "pixels" (the first layer has 3*3*48*32 + 32 = 13,856
    parameters). The script itself sets the order with channels first and gives the network one face as
    (1, 1, 48, 48). It trains with Adam. It gives neither activation nor dropout rates; relu, 0.25 and 0.5 are
    ours. Used in lesson 10.
    """
    swapped = [layers.Reshape((1, 48, 48))] if as_published else []
    return _on_faces(
        "iiita_face_as_published" if as_published else "iiita_face",
        [
            *swapped,
            *_full_block(32),
            *_full_block(64),
            *_full_block(128),
            layers.Flatten(),
            layers.Dense(2048, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(7, activation="softmax"),
        ],
        keras.optimizers.Adam(1e-3),
    )


def emotion_net(steps: int = 1000, rate: float = 0.1) -> keras.Model:
    """Build the course's own network for emotions: ten 3x3 convolutions with two shortcuts.

    Each shortcut leads around two convolutions. The network ends with global average pooling, so it
    takes images of any size. It is trained and used on 48x48 pixels.

    Parameters
    ----------
    steps : int
        Number of training steps, over which the learning rate changes.
    rate : float
        Highest learning rate. The rate rises to it for an eighth of `steps`, then falls to 0 along a cosine.

    Returns
    -------
    keras.Model
        Compiled with SGD (Nesterov momentum), with 1.9 million parameters and no pretraining.

    Notes
    -----
    Used in lessons 10, 11, 13 and 14.

    References
    ----------
    He et al. (2016), "Deep Residual Learning for Image Recognition", arXiv:1512.03385.
    """
    inputs, x = _emotion_trunk()
    network = keras.Model(
        inputs, layers.Dense(7, activation="softmax", dtype="float32")(x), name="emotion_net"
    )
    return _warmed_up(network, steps, rate)


def emotion_net_two_outputs(steps: int = 1000, rate: float = 0.1, attention: bool = False) -> keras.Model:
    """Build `emotion_net` with two outputs that are trained together: FER2013's label, and FER+'s votes.

    Parameters
    ----------
    steps, rate
        As in `emotion_net`.
    attention : bool
        Add squeeze-and-excitation blocks (Hu et al. 2018) after the convolutions of the two shortcuts.

    Returns
    -------
    keras.Model
        Compiled. Its output is one row (n, 15): half of the probabilities of the seven labels ("label"), then
        half of those of the eight emotions of `ferplus.CLASSES` ("raters"). So a row sums to 1, and the
        categorical cross-entropy with half a label and half the votes is the mean of both outputs'
        cross-entropies, plus the constant log 2. A face without votes has its whole label. The metric
        "accuracy" is that of the label.

    Notes
    -----
    `face_networks.load` gives one of the two outputs. Used in lessons 10 and 11.

    References
    ----------
    Hu et al. (2018), "Squeeze-and-Excitation Networks", arXiv:1709.01507.
    """
    inputs, x = _emotion_trunk(attention)
    halves = [
        layers.Rescaling(0.5, dtype="float32")(
            layers.Dense(classes, activation="softmax", dtype="float32", name=name)(x)
        )
        for name, classes in (("label", 7), ("raters", 8))
    ]
    network = keras.Model(inputs, layers.Concatenate(dtype="float32")(halves), name="emotion_net_two_outputs")
    accuracy = keras.metrics.MeanMetricWrapper(_label_accuracy, name="accuracy")
    return _warmed_up(network, steps, rate, accuracy)


def _emotion_trunk(attention=False):
    """The input of `emotion_net`, and its 256 pooled numbers."""
    x = inputs = keras.Input((None, None, 1))
    x = layers.Rescaling(1 / 64, offset=-2)(x)
    for filters, shortcut in ((32, False), (64, False), (128, True), (256, True)):
        x = _normalised(x, filters)
        if shortcut:
            around = _normalised(_normalised(x, filters), filters)
            x = layers.Add()([x, _excited(around, filters) if attention else around])
        else:
            x = _normalised(x, filters)
        if filters < 256:
            x = layers.MaxPooling2D()(x)
    return inputs, layers.Dropout(0.3)(layers.GlobalAveragePooling2D()(x))


def _excited(x, filters):
    """`x` with each map multiplied by a weight from 0 to 1, which depends on the means of all maps."""
    weights = layers.Dense(filters // 8, activation="relu")(layers.GlobalAveragePooling2D()(x))
    weights = layers.Dense(filters, activation="sigmoid")(weights)
    return layers.Multiply()([x, layers.Reshape((1, 1, filters))(weights)])


def _label_accuracy(y_true, y_pred):
    """The accuracy of the first seven numbers of each row."""
    return keras.metrics.categorical_accuracy(y_true[:, :7], y_pred[:, :7])


def _warmed_up(network, steps, rate, accuracy="accuracy"):
    """The network, compiled with SGD. The rate rises for an eighth of the steps, then falls to 0."""
    falling = keras.optimizers.schedules.CosineDecay(
        rate / 20, steps - steps // 8, warmup_target=rate, warmup_steps=steps // 8
    )
    optimizer = keras.optimizers.SGD(falling, momentum=0.9, nesterov=True, weight_decay=5e-3)
    optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    network.compile(optimizer, "categorical_crossentropy", metrics=[accuracy])
    return network


@keras.saving.register_keras_serializable("course_lib")
class LocalResponseNormalization(layers.Layer):
    """Divide each value by a power of the squares of its neighbours among the channels.

    Parameters
    ----------
    radius : int
        Number of channels on either side that count.
    bias, alpha, beta : float
        The output is x / (bias + alpha * sum of squares) ** beta. The defaults are those of TFLearn, with
        which project G7 built its network.
    **options
        Passed on to `keras.layers.Layer`.

    Notes
    -----
    Input and output have the shape (n, height, width, channels).

    References
    ----------
    Krizhevsky et al. (2012), "ImageNet Classification with Deep Convolutional Neural Networks".
    """

    def __init__(
        self, radius: int = 5, bias: float = 1.0, alpha: float = 1e-4, beta: float = 0.75, **options: Any
    ) -> None:
        super().__init__(**options)
        self.radius, self.bias, self.alpha, self.beta = radius, bias, alpha, beta

    def get_config(self) -> dict[str, Any]:
        """Return the settings from which Keras builds the layer again."""
        return super().get_config() | {
            name: getattr(self, name) for name in ("radius", "bias", "alpha", "beta")
        }

    def call(self, inputs: Any) -> Any:
        """Normalise `inputs`, (n, height, width, channels)."""
        # A product with a band matrix of ones sums over the neighbours in one pass.
        channel = keras.ops.arange(inputs.shape[-1])
        band = keras.ops.abs(channel[:, None] - channel[None, :]) <= self.radius
        around = keras.ops.matmul(keras.ops.square(inputs), keras.ops.cast(band, inputs.dtype))
        return inputs * (self.bias + self.alpha * around) ** -self.beta


def _convolution(filters, kernel, activation="relu", momentum=0.99):
    return [layers.Conv2D(filters, kernel, activation=activation), BatchNormalization(momentum=momentum)]


def _dense(units, activation="relu", momentum=0.99):
    normalised = BatchNormalization(momentum=momentum)
    return [layers.Dense(units, activation=activation), normalised, layers.Dropout(0.5)]


def _full_block(filters):
    # 'full' padding keeps every position where filter and image overlap: two pixels on each side for 3x3.
    convolution = [layers.ZeroPadding2D(2), layers.Conv2D(filters, 3, activation="relu")]
    again = [layers.ZeroPadding2D(2), layers.Conv2D(filters, 3, activation="relu")]
    return [*convolution, *again, layers.MaxPooling2D(), layers.Dropout(0.25)]


def _normalised(x, filters):
    """`x` through a 3x3 convolution that keeps its size, BatchNorm and relu."""
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    return layers.Activation("relu")(BatchNormalization(momentum=0.9)(x))


def _on_faces(name, inner, optimizer, loss="categorical_crossentropy"):
    network = keras.Sequential([keras.Input(FACE), layers.Rescaling(1 / 255), *inner], name=name)
    network.compile(optimizer, loss, metrics=["accuracy"])
    return network


# --- on log-mel spectrograms ---

SOUND = (96, 431, 1)  # `features.log_mel_spectrogram` of 2.5 s at 44.1 kHz


def speech_cnn(classes: int = 7, shape: tuple[int, int, int] = SOUND) -> keras.Sequential:
    """Build project IIITA's "Model 2" for log-mel spectrograms.

    Three convolutions with 'full' padding, each with BatchNorm, ELU, pooling and dropout, then Dense 2048,
    1024 and `classes`.

    Parameters
    ----------
    classes : int
        Number of classes.
    shape : (int, int, 1)
        Mel bands, time steps and channels of one spectrogram.

    Returns
    -------
    keras.Sequential
        Compiled, with 21,205,127 parameters, of which 21,204,487 are trainable.

    Notes
    -----
    The published summary gives the shapes with channels first; here channels come last and the sizes are the
    same: 98x433, 49x216, 51x218, 17x72, 19x74, 4x18. It gives neither the activation of the dense layers, nor
    the dropout rates, nor the optimiser; relu, 0.1 in a block and 0.5 after Dense 2048, and Adam are ours.
    Used in lesson 12.
    """
    return _on_sound(
        "speech_cnn",
        shape,
        [
            *_sound_block(64, 2),
            *_sound_block(128, 3),
            *_sound_block(128, 4),
            layers.Flatten(),
            layers.Dense(2048, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(1024, activation="relu"),
            layers.Dense(classes, activation="softmax"),
        ],
    )


def speech_cnn_lstm(classes: int = 7, shape: tuple[int, int, int] = SOUND) -> keras.Sequential:
    """Build project IIITA's "Model 3" for log-mel spectrograms: convolutions, then two LSTMs.

    The blocks of `speech_cnn` and a fourth one, whose five time steps two LSTMs of 32 units read, then Dense
    16, 16 and `classes`.

    Parameters
    ----------
    classes : int
        Number of classes.
    shape : (int, int, 1)
        Mel bands, time steps and channels of one spectrogram.

    Returns
    -------
    keras.Sequential
        Compiled, with 401,303 parameters, of which 400,407 are trainable.

    Raises
    ------
    CourseError
        If the pooling layers do not reduce the mel bands to one. The LSTM would mix bands and time steps.

    Notes
    -----
    The fourth block gives 6x20, then 1x5. The published summary calls the two LSTMs gru1 and gru2. It does
    not give the activation of the dense layers; relu is ours. Used in lesson 12.
    """
    bands = shape[0]
    for pool in (2, 3, 4, 4):
        bands = (bands + 2) // pool
    if bands != 1:
        raise CourseError(
            f"shape={shape}",
            f"after pooling {bands} of the {shape[0]} bands are left, and the LSTM reads one",
            "Give 30 to 125 bands",
        )
    return _on_sound(
        "speech_cnn_lstm",
        shape,
        [
            *_sound_block(64, 2),
            *_sound_block(128, 3),
            *_sound_block(128, 4),
            *_sound_block(128, 4),
            layers.Permute((2, 3, 1)),
            layers.Reshape((-1, 128)),
            layers.LSTM(32, return_sequences=True),
            layers.LSTM(32),
            layers.Dense(16, activation="relu"),
            layers.Dense(16, activation="relu"),
            layers.Dense(classes, activation="softmax"),
        ],
    )


def _sound_block(filters, pool):
    return [
        layers.ZeroPadding2D(2),
        layers.Conv2D(filters, 3),
        BatchNormalization(),
        layers.ELU(),
        layers.MaxPooling2D(pool),
        layers.Dropout(0.1),
    ]


def _on_sound(name, shape, rest):
    network = keras.Sequential([keras.Input(shape), *rest], name=name)
    network.compile(keras.optimizers.Adam(1e-3), "categorical_crossentropy", metrics=["accuracy"])
    return network


# --- shared by several networks ---


def _mlp_layers(classes):
    return [
        layers.Flatten(),
        layers.Dense(1024, activation="relu"),
        layers.Dense(512, activation="relu"),
        layers.Dense(classes, activation="softmax"),
    ]


def _batch_norm():
    # Keras's default momentum, 0.99, suits thousands of steps. Lecture 27's CNN is trained for forty: after
    # these, two thirds of each moving average is still its initial value. Lesson 08 shows the effect.
    return layers.BatchNormalization(momentum=0.9)


def _frame_layers(units, classes):
    return [
        layers.Flatten(),
        _batch_norm(),
        layers.Dense(units, activation="relu", name="feature_layer"),
        layers.Dense(classes, activation="softmax"),
    ]


def _on_frozen_vggface(name, input_shape, weights, above):
    vgg = frozen.network(weights, input_shape)
    vgg.trainable = False
    return _compiled(
        keras.Sequential([keras.Input(input_shape), vgg, *above], name=name), RECIPES[name].learning_rate
    )


# Adam reads millions of weights many times in each step. With the whole step compiled, ten epochs of lecture
# 14's head take 12.2 s instead of 21.3 s on TensorFlow (two cores). On JAX and torch Keras decides ("auto").
_WHOLE_STEP = True if keras.backend.backend() == "tensorflow" else "auto"


def _compiled(network, learning_rate, jit_compile="auto"):
    network.compile(
        keras.optimizers.Adam(learning_rate),
        "categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=jit_compile,
    )
    return network
