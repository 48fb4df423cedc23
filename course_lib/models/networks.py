"""The lectures' and projects' networks, by name (Keras 3: TensorFlow, JAX or torch), each compiled as its
source says.

Those of the lectures are trained with Adam on categorical cross-entropy, labels one-hot, and report accuracy.
What differs, learning rate, batch size, epochs and the fraction of the test set, is in `RECIPES`. Those of
the three student projects take faces as they are in FER2013, uint8 grey levels (n, 48, 48, 1), and scale them
themselves; how they are trained stands in `presets.py`."""

from typing import NamedTuple

from course_lib.core.errors import CourseError
from course_lib.models import vggface
from course_lib.models.backend import BatchNormalization, keras, layers


class Recipe(NamedTuple):
    """How a lecture trains a network: Adam's learning rate, items a batch, epochs, and the fraction that is
    tested.
    """

    learning_rate: float
    batch_size: int
    epochs: int
    test_size: float


RECIPES = {
    "vggface_mlp": Recipe(1e-3, 16, 10, 0.10),  # lecture 14 at 22:03
    "vggface_frame_features": Recipe(
        1e-4, 128, 20, 0.20
    ),  # lecture 27 at 18:38; the split is the one of 25:17
    "cnn_1d": Recipe(1e-4, 8, 10, 0.20),  # lecture 27 at 30:31 and 32:14
    # Lecture 27 at 41:47. Batch and epochs are not given: ours (ten epochs leave it at chance on what it
    # learns from).
    "late_fusion_mlp": Recipe(1e-4, 8, 100, 0.20),
}


# --- on VGG-Face ---


def vggface_mlp(input_shape=(224, 224, 3), classes=2, weights="vggface") -> keras.Sequential:
    """Frozen VGG-Face, then Flatten, Dense 1024 relu, Dense 512 relu, Dense `classes` softmax (lecture 14 at
    20:56).

    Takes images (n, *input_shape) preprocessed by `vggface.preprocess`. At 224x224 with two classes it has
    40,931,650 parameters, 26,216,962 of them trainable. `weights` and its errors are `vggface.VGGFace`'s."""
    return _on_frozen_vggface("vggface_mlp", input_shape, weights, _mlp_layers(classes))


def mlp_head(input_shape=(7, 7, 512), classes=2) -> keras.Sequential:
    """`vggface_mlp` without its VGG-Face, for embeddings (n, *input_shape) (lecture 14 at 20:56)."""
    network = keras.Sequential([keras.Input(input_shape), *_mlp_layers(classes)], name="mlp_head")
    return _compiled(network, RECIPES["vggface_mlp"].learning_rate, _WHOLE_STEP)


def vggface_frame_features(
    input_shape=(128, 227, 3), units=21, classes=2, weights="vggface"
) -> keras.Sequential:
    """Frozen VGG-Face, then `frame_head`: features of single frames (lecture 27 from 15:50 to 18:38).

    The VGG16 gives (4, 7, 512) at the lecture's 128x227. What the layer "feature_layer" gives after training,
    `units` numbers a frame, are the features: see `feature_extractor`. `weights` and its errors are
    `vggface.VGGFace`'s."""
    return _on_frozen_vggface("vggface_frame_features", input_shape, weights, _frame_layers(units, classes))


def frame_head(input_shape=(4, 7, 512), units=21, classes=2) -> keras.Sequential:
    """`vggface_frame_features` without its VGG-Face, for embeddings (n, *input_shape): Flatten, BatchNorm,
    Dense `units` relu named "feature_layer", Dense `classes` softmax (lecture 27 at 18:38)."""
    network = keras.Sequential([keras.Input(input_shape), *_frame_layers(units, classes)], name="frame_head")
    return _compiled(network, RECIPES["vggface_frame_features"].learning_rate)


def head(model) -> keras.Sequential:
    """The layers of `model` above its frozen first one, as a network of their own that takes embeddings.

    The layers are shared: training the head on what the frozen network gives for each image trains `model`,
    with the same losses as running the images through it in every epoch (a test holds it to that), at a
    fraction of the time. Compiled with the model's learning rate. Raises `CourseError` where the first layer
    is trainable."""
    frozen, *above = model.layers
    if frozen.trainable_weights or not frozen.weights:
        raise CourseError(
            f"network {model.name!r}",
            f"its first layer, {frozen.name!r}, is not frozen",
            "Set trainable = False on it first; what it gives would change while it learns",
        )
    network = keras.Sequential([keras.Input(frozen.output.shape[1:]), *above], name=f"{model.name}_head")
    return _compiled(network, float(model.optimizer.learning_rate), _WHOLE_STEP)


def feature_extractor(model, layer="feature_layer") -> keras.Sequential:
    """`model` up to and with the layer of that name, whose output are then the features (lecture 27 at 20:17,
    39:03).

    The layers are shared with `model`, a Sequential. Raises `CourseError` where it has no layer of that name.
    """
    names = [each.name for each in model.layers]
    if layer not in names:
        raise CourseError(
            f"network {model.name!r}", f"it has no layer {layer!r}", f"Choose one of {', '.join(names)}"
        )
    kept = model.layers[: names.index(layer) + 1]
    return keras.Sequential([keras.Input(model.input_shape[1:]), *kept], name=f"{model.name}_features")


# --- on features of a clip ---


def cnn_1d(length, channels=1, classes=2) -> keras.Sequential:
    """The lecture's 1D-CNN on (n, length, channels): two times Conv1D and MaxPool1D, Flatten, BatchNorm,
    Dense 128 relu named "feature_layer", Dropout, Dense `classes` softmax (lecture 27 at 30:31).

    The lecture gives no filters, kernel, pool sizes or dropout rate. Ours: 16 and 32 filters of 8 steps with
    relu, padded to keep the length, pools of 4, dropout 0.5; and momentum 0.9 for each BatchNorm in this
    module (lesson 08 says why). Raises `CourseError` where `length` is less than two pools take."""
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


def late_fusion_mlp(units, classes=2) -> keras.Sequential:
    """The network on fused representations (n, units): Flatten, BatchNorm, Dense 16 relu twice, Dropout 0.1,
    Dense `classes` softmax (lecture 27 at 41:47). Two representations of 128 side by side make `units`
    256."""
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


def face_or_not() -> keras.Sequential:
    """P4's face model, "human face or other": probabilities of other and face. 847,682 parameters.

    Two convolutions ('valid') with relu, BatchNorm, pool and dropout, then Dense 128, 64 and 2. Its last
    activation is a sigmoid under binary cross-entropy, as in the project: the two probabilities need not add
    up to 1."""
    return _on_faces(
        "face_or_not",
        [
            *_convolution(32, 3),
            layers.MaxPooling2D(),
            layers.Dropout(0.25),
            *_convolution(64, 3),
            layers.MaxPooling2D(),
            layers.Dropout(0.25),
            layers.Flatten(),
            *_dense(128),
            *_dense(64),
            layers.Dense(2, activation="sigmoid"),
        ],
        keras.optimizers.SGD(0.01),
        "binary_crossentropy",
    )


def emotion_cnn6(activation="swish") -> keras.Sequential:
    """P4's emotion model, "cnn6": six convolutions with swish, of 4x4 down to 2x2 ('valid'). 832,199
    parameters.

    `activation="relu"` makes the other one of the project's comparison.
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
    """G7's "smaller AlexNet", after Gudi (2015): three convolutions, local response normalisation, Dense
    3072.

    56,883,015 parameters, 56,626,176 of them in one dense layer. TFLearn pads convolutions and pools 'same'.
    Momentum as in the project, whose learning rate is not given: 0.01 is ours."""
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


def iiita_face(as_published=False) -> keras.Sequential:
    """IIITA's network for faces: three times two convolutions that pad 'full', a pool, dropout; then Dense
    2048.

    21,536,487 parameters as it was meant. `as_published=True` has 7,394,247: its summary shows that the
    1x48x48 image, channels first, was read as channels last, so that the 48 pixels of a row became 48
    channels of one row of "pixels" (first layer 3*3*48*32 + 32 = 13,856); its script sets the order with
    channels first and hands it one face as (1, 1, 48, 48). The script trains with Adam. It gives neither
    activation nor dropout: relu, .25 and .5 are ours."""
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


def emotion_net(steps=1000, rate=0.1) -> keras.Model:
    """Our own: ten 3x3 convolutions, in two places a shortcut around two of them (He et al. 2016), at the end
    the mean.

    1.9 million parameters, no pretraining. It has no layer that fixes the picture's size: it learns from
    crops of 40x40 and answers for 48x48. SGD with Nesterov momentum; the learning rate rises to `rate` for an
    eighth of `steps` and then falls along a cosine to nothing."""
    x = inputs = keras.Input((None, None, 1))
    x = layers.Rescaling(1 / 64, offset=-2)(x)
    for filters, shortcut in ((32, False), (64, False), (128, True), (256, True)):
        x = _normalised(x, filters)
        if shortcut:
            x = layers.Add()([x, _normalised(_normalised(x, filters), filters)])
        else:
            x = _normalised(x, filters)
        if filters < 256:
            x = layers.MaxPooling2D()(x)
    x = layers.Dropout(0.3)(layers.GlobalAveragePooling2D()(x))
    network = keras.Model(
        inputs, layers.Dense(7, activation="softmax", dtype="float32")(x), name="emotion_net"
    )
    falling = keras.optimizers.schedules.CosineDecay(
        rate / 20, steps - steps // 8, warmup_target=rate, warmup_steps=steps // 8
    )
    optimizer = keras.optimizers.SGD(falling, momentum=0.9, nesterov=True, weight_decay=5e-3)
    optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    network.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"])
    return network


@keras.saving.register_keras_serializable("course_lib")
class LocalResponseNormalization(layers.Layer):
    """Each value divided by a power of the squares around it in the direction of the channels (Krizhevsky et
    al. 2012): x / (bias + alpha * sum of squares of the `radius` channels on either side and its own) **
    beta.

    (n, h, w, channels) in and out; constants as TFLearn has them, with which G7 built its network.
    """

    def __init__(self, radius=5, bias=1.0, alpha=1e-4, beta=0.75, **options):
        super().__init__(**options)
        self.radius, self.bias, self.alpha, self.beta = radius, bias, alpha, beta

    def get_config(self):
        return super().get_config() | {
            name: getattr(self, name) for name in ("radius", "bias", "alpha", "beta")
        }

    def call(self, inputs):
        # The sum over neighbours as a product with a band of ones: one pass where slices take eleven.
        channel = keras.ops.arange(inputs.shape[-1])
        band = keras.ops.abs(channel[:, None] - channel[None, :]) <= self.radius
        around = keras.ops.matmul(keras.ops.square(inputs), keras.ops.cast(band, inputs.dtype))
        return inputs * (self.bias + self.alpha * around) ** -self.beta


def _convolution(filters, kernel, activation="relu"):
    return [layers.Conv2D(filters, kernel, activation=activation), BatchNormalization()]


def _dense(units, activation="relu"):
    return [layers.Dense(units, activation=activation), BatchNormalization(), layers.Dropout(0.5)]


def _full_block(filters):
    # 'full' pads so that every position counts where filter and picture overlap at all: two pixels around for
    # a 3x3.
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


# --- on sound as a picture ---

SOUND = (96, 431, 1)  # `features.log_mel_spectrogram` of 2.5 s at 44.1 kHz


def speech_cnn(classes=7, shape=SOUND) -> keras.Sequential:
    """IIITA's "Model 2" on log-mel pictures: three convolutions that pad 'full', each with BatchNorm, ELU,
    pool and dropout, then Dense 2048, 1024 and `classes`. 21,205,127 parameters, 21,204,487 of them
    trainable.

    The summary gives the shapes, channels first; here channels come last, the numbers are the same: 98x433,
    49x216, 51x218, 17x72, 19x74, 4x18. It gives neither the dense layers' activation nor dropout's rates nor
    the optimiser: relu, .1 in a block and .5 after Dense 2048, and Adam are ours."""
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


def speech_cnn_lstm(classes=7, shape=SOUND) -> keras.Sequential:
    """IIITA's "Model 3": the blocks of `speech_cnn` and a fourth, whose five steps in time two LSTMs of 32
    read, then Dense 16, 16 and `classes`. 401,303 parameters, 400,407 of them trainable. The fourth block
    gives 6x20, then 1x5.

    The layers that the summary calls gru1 and gru2 are LSTMs. The activation of the dense layers is not
    given: relu. Raises `CourseError` for a picture of which the pools leave another number of bands than one:
    steps would get mixed."""
    bands = shape[0]
    for pool in (2, 3, 4, 4):
        bands = (bands + 2) // pool
    if bands != 1:
        raise CourseError(
            f"shape={shape}",
            f"the pools leave {bands} bands of {shape[0]}, and the LSTM reads one",
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


# --- what they have in common ---


def _mlp_layers(classes):
    return [
        layers.Flatten(),
        layers.Dense(1024, activation="relu"),
        layers.Dense(512, activation="relu"),
        layers.Dense(classes, activation="softmax"),
    ]


def _batch_norm():
    # Keras's own momentum, 0.99, is for thousands of steps: after the forty of lecture 27's CNN the averages
    # that count in prediction are still two thirds what they began as. Lesson 08 shows what that does.
    return layers.BatchNormalization(momentum=0.9)


def _frame_layers(units, classes):
    return [
        layers.Flatten(),
        _batch_norm(),
        layers.Dense(units, activation="relu", name="feature_layer"),
        layers.Dense(classes, activation="softmax"),
    ]


def _on_frozen_vggface(name, input_shape, weights, above):
    vgg = vggface.VGGFace(include_top=False, weights=weights, input_shape=input_shape)
    vgg.trainable = False
    return _compiled(
        keras.Sequential([keras.Input(input_shape), vgg, *above], name=name), RECIPES[name].learning_rate
    )


# Adam goes through millions of weights many times a step; compiled as one whole, a step of lecture 14's head
# takes half the time on TensorFlow (two cores: 21.3 s against 12.2 s for ten epochs). JAX always does so,
# torch had better not.
_WHOLE_STEP = True if keras.backend.backend() == "tensorflow" else "auto"


def _compiled(network, learning_rate, jit_compile="auto"):
    network.compile(
        keras.optimizers.Adam(learning_rate),
        "categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=jit_compile,
    )
    return network
