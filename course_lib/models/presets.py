"""The trained networks and classifiers by name: their input, classes, data and licence, and how the networks
for faces are trained.

`table()` lists all presets; `zoo.from_preset(name)` loads one. Nothing here needs Keras.
"""

import json
import math
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from course_lib.core.errors import CourseError
from course_lib.core.labels import EMOTIONS
from course_lib.core.names import did_you_mean
from course_lib.core.paths import home
from course_lib.datasets import ferplus, ravdess, vggface
from course_lib.models import whisper_file

SHIPPED = Path(__file__).parent / "weights"
SPEED = Path(__file__).parents[1] / "results" / "preset_speed.json"  # python benchmarks/presets.py --write
# Short names of the two networks for faces that come with the course.
NAMES = {"face": "face_or_not", "emotion": "emotion_net"}
# `emotion_net` has two outputs in one file of weights. Each is a preset of its own.
OUTPUTS = {"emotion_net": "label", "emotion_net_raters": "raters"}
LFW = "lfw_subset"  # the test set of face_or_not, from scikit-image


class Preset(NamedTuple):
    """Describe a trained network or classifier that need not be loaded yet.

    Attributes
    ----------
    kind : str
        "face" or "voice".
    parameters : int
        Number of learnt parameters.
    input : str
        What `predict` and `features` take.
    classes : tuple of str
        The classes, in the order of the columns of `predict`; empty if it gives features only.
    data, licence : str
        What it was trained on, and the licence of the weights.
    source : str
        Where the weights come from.
    """

    kind: str
    parameters: int
    input: str
    classes: tuple
    data: str
    licence: str
    source: str


GREY = "grey faces, uint8 (n, 48, 48)"
FER2013 = "no open licence (made from FER2013): see course_lib/models/weights/LICENSE.md"


def _trained_here(name, parameters, classes=EMOTIONS):
    return Preset("face", parameters, GREY, classes, "FER2013, Training", FER2013, f"course train {name}")


def _emotion_net(classes):
    """One output of the network. The parameters are those of the file, with both last layers."""
    data = "FER2013, Training; FER+'s votes"
    return Preset("face", 1_917_231, GREY, classes, data, FER2013, "comes with the course")


PRESETS = {
    "face_or_not": Preset(
        "face",
        847_682,
        GREY,
        ("other", "face"),
        "FER2013, Training; images without a face",
        FER2013,
        "comes with the course",
    ),
    "emotion_net": _emotion_net(EMOTIONS),
    "emotion_net_raters": _emotion_net(ferplus.CLASSES),
    "emotion_cnn6": _trained_here("emotion_cnn6", 832_199),
    "gudi_cnn": _trained_here("gudi_cnn", 56_883_015),
    "iiita_face": _trained_here("iiita_face", 21_536_487),
    "iiita_face_as_published": _trained_here("iiita_face_as_published", 7_394_247),
    "voice": Preset(
        "voice",
        9_040,
        "sounds, each float (samples,), 16 kHz",
        ravdess.EMOTIONS,
        "RAVDESS, 1,440 speech recordings",
        "CC BY-NC-SA 4.0, as RAVDESS",
        "comes with the course",
    ),
    "voice_encoder": Preset(
        "voice",
        4_104,
        "sounds, each float (samples,), 16 kHz, 30 s at most",
        ravdess.EMOTIONS,
        "RAVDESS, 1,440 speech recordings, whole and their middle 2.5 s",
        "CC BY-NC-SA 4.0, as RAVDESS",
        "comes with the course; needs course fetch whisper-base",
    ),
    "vgg_face": Preset(
        "face",
        14_714_688,
        "RGB images, uint8 (n, height, width, 3), 48 x 48 or more",
        (),
        "2.6 million photographs of 2,622 people",
        "non-commercial research; not to be passed on",
        "course fetch vggface",
    ),
    "face_identity": Preset(
        "face",
        5_614_592,
        "faces, uint8 (n, height, width, 3) or (n, height, width), resized to 150 x 150",
        (),
        "about 3 million photographs of 7,485 people; about half from VGG-Face and FaceScrub",
        "public domain (CC0 1.0); training images made for research",
        "comes with the course",
    ),
    "whisper_base_encoder": Preset(
        "voice",
        20_590_592,
        "sounds, each float (samples,), 16 kHz, 30 s at most",
        (),
        "680,000 hours of speech with text, in 97 languages",
        "MIT (OpenAI)",
        "course fetch whisper-base",
    ),
}


def table() -> pd.DataFrame:
    """List all presets, one row each.

    Returns
    -------
    pd.DataFrame
        Columns kind, parameters, input, classes (their number; 0: features only), data (what it was trained
        on), licence, source, MiB (size of the file of weights; NaN if it is not on this machine) and "items a
        second" (images or utterances of 4 s of which one processor core computes the features; NaN if it was
        not measured), with the presets' names as the index.

    Notes
    -----
    `features` gives for `emotion_net` the 256 pooled numbers below its last layer, for `face_identity` and
    `whisper_base_encoder` a layer of your choice, for `vgg_face` its last maps.

    Examples
    --------
    >>> table().loc["emotion_net", "source"]
    'comes with the course'
    """
    rows = {name: preset._replace(classes=len(preset.classes)) for name, preset in PRESETS.items()}
    found = pd.DataFrame.from_dict(rows, "index", columns=Preset._fields).rename_axis("preset")
    speed = json.loads(SPEED.read_text(encoding="utf-8"))["items_a_second"] if SPEED.is_file() else {}
    return found.assign(
        MiB=[_mebibytes(name) for name in found.index],
        **{"items a second": [speed.get(name, math.nan) for name in found.index]},
    )


def _mebibytes(name):
    """The size of a preset's file of weights: the one of the course, else the one fetched or trained here."""
    fetched = {"vgg_face": vggface.path, "whisper_base_encoder": whisper_file.path}
    file = "emotion_net" if name in OUTPUTS else name
    candidates = [*SHIPPED.rglob(f"{file}.npz"), home() / "models" / file / "weights.npz"]
    candidates += [fetched[name]()] if name in fetched else []
    return next((path.stat().st_size / 2**20 for path in candidates if path.is_file()), math.nan)


class Stage(NamedTuple):
    """Describe one stage of a training. Each stage starts from the weights of the stage before.

    Attributes
    ----------
    epochs : int
        Number of epochs at most.
    rate : float or None
        Highest learning rate. None: the network's own.
    size : int or None
        Height and width of the training images in pixels. None: as in the recipe's augmentation.
    """

    epochs: int
    rate: float | None = None
    size: int | None = None


class Recipe(NamedTuple):
    """Describe how a network for faces is trained.

    Attributes
    ----------
    batch_size : int
    stages : tuple of Stage
    patience : int or None
        Early stopping: stop after so many epochs without a better validation accuracy. None: do not stop.
    augmentation : dict
        Arguments of `augmentation.augment` (data augmentation).
    mixup : float
        As in `training.fit`; 0 for none.
    votes : bool
        Whether the network has two outputs, one of which is trained on FER+'s votes.
    smoothing : float
        Label smoothing: the fraction of each label that is spread over all classes (with `votes` only).
    tta : int
        Shift in pixels of test-time augmentation in `predict`; 0 for none.
    falling : bool
        Whether the learning rate falls to 0 along a cosine.
    """

    batch_size: int
    stages: tuple[Stage, ...]
    patience: int | None
    augmentation: dict
    mixup: float = 0.0
    votes: bool = False
    smoothing: float = 0.0
    tta: int = 0
    falling: bool = False


# The projects give batch size and epochs only for cnn6 (64; 20 are logged). The published networks for
# emotions are trained with the same faces, data augmentation and schedule of the learning rate.
ALIKE = {"turn": 10, "zoom": 0.1, "shift": 0.08, "light": 0.2}
RECIPES = {
    # The rate falls because, with hard negatives and a constant rate, the validation accuracy went up and
    # down from epoch to epoch.
    "face_or_not": Recipe(
        64,
        (Stage(12, 0.03),),
        8,
        {"turn": 20, "zoom": 0.2, "shift": 0.1, "light": 0.4, "blur": 0.5},
        falling=True,
    ),
    # The ingredients were chosen on the validation faces: see the result `emotion_net_ablation`.
    "emotion_net": Recipe(
        128,
        (Stage(55, 0.1),),
        None,
        {"size": 48, "turn": 12, "zoom": 0.1, "shift": 0.06, "light": 0.2, "erase": 0.25},
        mixup=0.2,
        votes=True,
        smoothing=0.1,
        tta=2,
    ),
    "emotion_cnn6": Recipe(64, (Stage(20), Stage(24), Stage(16, 3e-4)), 8, ALIKE, falling=True),
    "gudi_cnn": Recipe(128, (Stage(40),), 8, ALIKE, falling=True),
    "iiita_face": Recipe(64, (Stage(6),), 8, ALIKE, falling=True),
    "iiita_face_as_published": Recipe(64, (Stage(20),), 8, ALIKE, falling=True),
}


def known(name: str) -> str:
    """Return the full name of a network of `RECIPES`.

    Parameters
    ----------
    name : str
        A name of `RECIPES`, or "face" or "emotion" for short.

    Returns
    -------
    str

    Raises
    ------
    CourseError
        If there is no such network for faces.

    Examples
    --------
    >>> known("emotion")
    'emotion_net'
    """
    name = NAMES.get(name, name)
    if name not in RECIPES:
        raise CourseError(
            f"network {name!r}",
            "there is no network for faces of that name",
            f"{did_you_mean(name, [*NAMES, *RECIPES])}"
            f"Choose from {', '.join([*NAMES, *RECIPES])}; for voices: course train voice",
        )
    return name
