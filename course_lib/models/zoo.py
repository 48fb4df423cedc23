"""Load every trained network and classifier with one call: `from_preset(name)` (lessons 09 to 17)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np

from course_lib.core.errors import CourseError
from course_lib.core.names import check_choice
from course_lib.models.presets import NAMES, OUTPUTS, PRESETS, SHIPPED, Preset


@dataclass(frozen=True)
class Pretrained:
    """A trained network or classifier, as `from_preset` returns it.

    Attributes
    ----------
    name : str
    preset : Preset
        Its description; `preset.input` tells what `predict` and `features` take.
    classes : tuple of str
        In the order of the columns of `predict`.
    card : str
        The model card, in Markdown.
    network : object
        The Keras model. For `voice` and `voice_encoder` the weights and the bias; for `vgg_face`, which is
        built for the size of the images, None.
    predict : callable
        `predict(items)` returns class probabilities, float (n, classes).
    features : callable
        `features(items)` returns the input of the last layer, (n, ...): for `emotion_net` and
        `emotion_net_raters`, used as a frozen extractor of features, the same 256 numbers for each face, the
        means of its last maps. For `face_identity` the
        output of a layer of your choice: `features(items, layer="conv128_2", pool=2)`, as in
        `face_identity.features`.
        For `whisper_base_encoder`: `features(sounds, layer=6)`, as in `speech_encoder.features`.
    """

    name: str
    preset: Preset
    classes: tuple
    card: str
    network: object
    predict: Callable[..., np.ndarray]
    features: Callable[..., np.ndarray]


def from_preset(name: str | Path, weights: str | Path | None = None) -> Pretrained:
    """Load a trained network or classifier by its name (`presets.table()` lists them).

    Parameters
    ----------
    name : str or path
        A preset's name, or "face" or "emotion" for the two networks for faces that come with the course. Or a
        folder or a file of weights that `course train` wrote.
    weights : str or path, optional
        By default the weights that come with the course; if there are none, those that you downloaded or
        trained on this machine. A path: a folder or a file of weights. "random": an untrained network, the
        same one each time, as a contrast.

    Returns
    -------
    Pretrained
        With `predict`, `features`, `classes`, `card`, `preset` and `network`.

    Raises
    ------
    CourseError
        If there is no such preset, or the weights are missing or do not fit. The message tells how to get
        missing weights.

    Notes
    -----
    Used in lessons 04, 08 to 12 and 15 to 17.

    Examples
    --------
    >>> voice = from_preset("voice")
    >>> voice.classes[:3]
    ('neutral', 'calm', 'happy')
    """
    full = NAMES.get(str(name), str(name))
    if full == "voice":
        return _voice(weights)
    if full == "voice_encoder":
        return _voice_encoder(weights)
    if full == "vgg_face":
        return _vgg_face(weights or "vggface")
    if full == "face_identity":
        return _face_identity(weights)
    if full == "whisper_base_encoder":
        return _whisper_base_encoder(weights)
    if full in PRESETS:
        return _face(full, weights)
    path = Path(name).expanduser()
    if not path.exists():
        check_choice("preset, file or folder", str(name), [*NAMES, *PRESETS])
    from course_lib.models import voices

    if not voices.is_voice(path):
        return _face(None, path)
    return _voice_encoder(path) if voices.reads_encoder(path) else _voice(path)


def without_keras(name: str) -> Pretrained:
    """Load a network for faces that NumPy computes: it starts without Keras, and predicts the same.

    Parameters
    ----------
    name : {"emotion_net", "emotion_net_raters", "face_or_not"}

    Returns
    -------
    Pretrained
        As `from_preset` returns it; `network` is a `forward.Network`, and `predict(images, tta=0)` uses no
        test-time augmentation unless you ask for it.

    Raises
    ------
    CourseError
        If there is no such network, or its weights are missing or do not fit.

    Notes
    -----
    Used by the demo of lesson 14.

    Examples
    --------
    >>> without_keras("face_or_not").predict(np.zeros((1, 48, 48), np.uint8)).shape
    (1, 2)
    """
    from course_lib.models import forward

    network = forward.load(name)
    card = _card(SHIPPED / ("emotion_net.npz" if name in OUTPUTS else f"{name}.npz"))
    return Pretrained(
        name,
        PRESETS[name],
        network.classes,
        card,
        network,
        partial(forward.predict, network),
        partial(forward.features, network),
    )


def _face(name, weights):
    from course_lib.models import face_networks
    from course_lib.models.backend import keras

    output, file = OUTPUTS.get(name), "emotion_net" if name in OUTPUTS else name
    if weights == "random":
        keras.utils.set_random_seed(0)
        path, network = weights, face_networks.build(file, two_outputs=bool(output))
        network = face_networks.one_output(network, output) if output else network
        card = f"# {name}\n\nUntrained: random weights.\n"
    else:
        shipped = SHIPPED / f"{file}.npz"
        path = face_networks.weights_of(weights or (shipped if shipped.is_file() else name))
        network, card = face_networks.load(path, output), _card(path)
    name = name or network.name
    if network.name != name:
        raise CourseError(
            path, f"it contains weights of {network.name}", f"Write: from_preset({network.name!r}, ...)"
        )
    return Pretrained(
        name,
        PRESETS[name],
        face_networks.classes(network),
        card,
        network,
        partial(face_networks.predict, network),
        partial(face_networks.features, network),
    )


def _voice(weights):
    from course_lib.models import voices  # here, because it loads scipy.signal: faces alone start without it

    path = _linear("voice", weights, voices.find_weights)
    voice = voices.load(path)
    return Pretrained(
        "voice",
        PRESETS["voice"],
        PRESETS["voice"].classes,
        _card(path),
        voice,
        partial(voices.predict, voice),
        voices.features,
    )


def _voice_encoder(weights):
    from course_lib.models import voice_encoder, whisper_file

    name = voice_encoder.NAME
    path = _linear(name, weights, voice_encoder.find_weights)
    voice = voice_encoder.load(path)
    voice_encoder.encoder(whisper_file.path())  # raises an error now if the encoder's weights are missing
    return Pretrained(
        name,
        PRESETS[name],
        PRESETS[name].classes,
        _card(path),
        voice,
        partial(voice_encoder.predict, voice),
        partial(voice_encoder.features, voice),
    )


def _linear(name, weights, find):
    """The file of weights of a classifier for voices."""
    if weights == "random":
        raise CourseError(
            name, "it has no random weights, because its training is not random", "Leave weights out"
        )
    path = Path(weights or find()).expanduser()
    return path / "weights.npz" if path.is_dir() else path


def _vgg_face(weights):
    from course_lib.models import vggface

    @cache
    def network(shape):
        return vggface.VGGFace(include_top=False, weights=weights, input_shape=shape)

    def features(images, precision="float32"):
        images = np.asarray(images)
        return vggface.embed(images, network(images.shape[1:]), precision)

    def predict(images):
        raise CourseError(
            "vgg_face",
            "its weights come without the layers that name people",
            "Use .features, and train a classifier of your own on them (lesson 04)",
        )

    network((48, 48, 3))  # raises an error now if the weights are missing or do not fit
    card = (SHIPPED / "vgg_face.md").read_text(encoding="utf-8")
    return Pretrained("vgg_face", PRESETS["vgg_face"], (), card, None, predict, features)


def _face_identity(weights):
    from course_lib.models import face_identity

    network = face_identity.build(weights)

    def predict(images):
        raise CourseError(
            "face_identity",
            "it gives features only, and the course compares nobody with anybody",
            "Use .features, and train a classifier of your own on them (lesson 04)",
        )

    card = _card(face_identity.WEIGHTS)
    if str(weights) == "random":
        card = "# face_identity\n\nUntrained: random weights.\n"
    features = partial(face_identity.features, network)
    return Pretrained("face_identity", PRESETS["face_identity"], (), card, network, predict, features)


def _whisper_base_encoder(weights):
    if weights == "random":
        raise CourseError("whisper_base_encoder", "it has no random weights", "Leave weights out")
    from course_lib.models import speech_encoder

    network = speech_encoder.load(weights)

    def predict(sounds):
        raise CourseError(
            "whisper_base_encoder",
            "it gives features only",
            "Use .features, and train a classifier of your own on them (lesson 16)",
        )

    name = "whisper_base_encoder"
    card = (SHIPPED / f"{name}.md").read_text(encoding="utf-8")
    features = partial(speech_encoder.features, network)
    return Pretrained(name, PRESETS[name], (), card, network, predict, features)


def _card(path):
    """The model card beside a file of weights, "" without one."""
    for card in (path.with_suffix(".md"), path.with_name("card.md")):
        if card.is_file():
            return card.read_text(encoding="utf-8")
    return ""
