"""Everything that is trained, loaded by one call: `from_preset(name)` (lessons 09 to 14)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np

from course_lib.core.errors import CourseError
from course_lib.core.io import read_npz
from course_lib.models import voices
from course_lib.models.presets import NAMES, PRESETS, SHIPPED, Preset


@dataclass(frozen=True)
class Pretrained:
    """A trained network or classifier.

    `predict(items)` gives probabilities, float (n, classes), the columns in the order of `classes`.
    `features(items)` gives the input of the last layer, (n, ...). `preset.input` says what the items must be.
    `card` is the model card in Markdown. `network` is the Keras model; for `voice` it is the weights and the
    bias, and for `vgg_face`, which is built for the size of the images, it is None."""

    name: str
    preset: Preset
    classes: tuple
    card: str
    network: object
    predict: Callable[..., np.ndarray]
    features: Callable[..., np.ndarray]


def from_preset(name, weights=None) -> Pretrained:
    """Load a trained network or classifier by its name (`presets.table()` lists them).

    Parameters
    ----------
    name : str or path
        A preset's name, "face" and "emotion" being short for the two networks for faces that come with the
        course; or a folder or a file of weights that `course train` wrote.
    weights : str or path, optional
        By default the weights that come with the course; if none come with it, those that you fetched or
        trained on this machine. A path: a folder or a file of weights. "random": an untrained network, the
        same one each time, as a contrast.

    Returns
    -------
    Pretrained
        With `predict`, `features`, `classes`, `card`, `preset` and `network`.

    Raises
    ------
    CourseError
        For a name that is not there, weights that are not on this machine (it says how to get them) or do not
        fit.

    Examples
    --------
    >>> voice = from_preset("voice")
    >>> voice.classes[:3]
    ('neutral', 'calm', 'happy')
    """
    full = NAMES.get(str(name), str(name))
    if full == "voice":
        return _voice(weights)
    if full == "vgg_face":
        return _vgg_face(weights or "vggface")
    if full in PRESETS:
        return _face(full, weights)
    path = Path(name).expanduser()
    if not path.exists():
        raise CourseError(
            f"preset {str(name)!r}",
            "there is no such preset, file or folder",
            f"Choose from {', '.join(PRESETS)}",
        )
    return _voice(path) if _is_voice(path) else _face(None, path)


def _face(name, weights):
    from course_lib.models import face_networks
    from course_lib.models.backend import keras

    if weights == "random":
        keras.utils.set_random_seed(0)
        path, network, card = weights, face_networks.build(name), f"# {name}\n\nUntrained: random weights.\n"
    else:
        shipped = SHIPPED / f"{name}.npz"
        path = face_networks.weights_of(weights or (shipped if shipped.is_file() else name))
        network, card = face_networks.load(path), _card(path)
    name = name or network.name
    if network.name != name:
        raise CourseError(
            path, f"it holds weights of {network.name}", f"Write: from_preset({network.name!r}, ...)"
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
    if weights == "random":
        raise CourseError(
            "voice", "it has no random weights: nothing in it is drawn at random", "Leave weights out"
        )
    path = Path(weights or voices.SHIPPED).expanduser()
    path = path / "weights.npz" if path.is_dir() else path
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


def _is_voice(path):
    """Whether a file of weights, or the one in a folder, is of a classifier for voices."""
    path = path / "weights.npz" if path.is_dir() else path
    return "bias" in read_npz(path, "weights", "Give what course train wrote", ["bias"])


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
            "Use .features, and train a layer of your own on them (lesson 04)",
        )

    network((48, 48, 3))  # says at once where weights are missing or do not fit
    card = (SHIPPED / "vgg_face.md").read_text(encoding="utf-8")
    return Pretrained("vgg_face", PRESETS["vgg_face"], (), card, None, predict, features)


def _card(path):
    """The model card beside a file of weights, "" where there is none."""
    for card in (path.with_suffix(".md"), path.with_name("card.md")):
        if card.is_file():
            return card.read_text(encoding="utf-8")
    return ""
