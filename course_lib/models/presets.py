"""What is trained, by name: what each preset takes and answers, its data and licence, and how the faces' are
trained.

`table()` shows all presets; `zoo.from_preset(name)` loads one. Nothing here needs Keras.
"""

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from course_lib.core.errors import CourseError
from course_lib.core.labels import EMOTIONS
from course_lib.core.validation import did_you_mean
from course_lib.datasets import ravdess

SHIPPED = Path(__file__).parent / "weights"
NAMES = {
    "face": "face_or_not",
    "emotion": "emotion_net",
}  # short for the networks for faces that come with us
LFW = "lfw_subset"  # face_or_not's test, of scikit-image


class Preset(NamedTuple):
    """What is to be known of a trained network or classifier before it is loaded. `parameters`: how many
    numbers it has learnt; `input`: what `predict` and `features` take; `source`: where its weights come
    from."""

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


PRESETS = {
    "face_or_not": Preset(
        "face",
        847_682,
        GREY,
        ("other", "face"),
        "FER2013, Training; pictures without a face",
        FER2013,
        "comes with the course",
    ),
    "emotion_net": Preset(
        "face", 1_915_175, GREY, EMOTIONS, "FER2013, Training; FER+'s votes", FER2013, "comes with the course"
    ),
    "emotion_cnn6": _trained_here("emotion_cnn6", 832_199),
    "gudi_cnn": _trained_here("gudi_cnn", 56_883_015),
    "iiita_face": _trained_here("iiita_face", 21_536_487),
    "iiita_face_as_published": _trained_here("iiita_face_as_published", 7_394_247),
    "voice": Preset(
        "voice",
        8_464,
        "sounds, each float (samples,), 16 kHz",
        ravdess.EMOTIONS,
        "RAVDESS, 1,440 speech recordings",
        "CC BY-NC-SA 4.0, as RAVDESS",
        "comes with the course",
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
}


def table() -> pd.DataFrame:
    """All presets, one row each: kind, parameters, input, classes (how many; 0: features only), data,
    licence, source.

    >>> table().loc["emotion_net", "source"]
    'comes with the course'
    """
    rows = {name: preset._replace(classes=len(preset.classes)) for name, preset in PRESETS.items()}
    return pd.DataFrame.from_dict(rows, "index", columns=Preset._fields).rename_axis("preset")


class Recipe(NamedTuple):
    """How a network is trained: images a batch, epochs at most, epochs without gain before it stops (None: it
    goes on), the arguments of `augmentation.augment`, which fraction of a label FER+'s votes have, the stages
    of training that follow (epochs, highest rate, the votes' fraction), the C with which its last layer is
    learnt anew on the labels alone, the shift in pixels of test-time augmentation (0: none) (`predict`), and
    whether its optimiser's rate falls along a cosine to nothing."""

    batch_size: int
    epochs: int
    patience: int | None
    augmentation: dict
    votes: float = 0.0
    further: tuple = ()
    last_layer: float | None = None
    tta: int = 0
    falling: bool = False


# The projects give batch and epochs of cnn6 alone (64, 20 logged). The published networks for emotions see
# the same faces, changed alike, and their rate falls alike. Their epochs are chosen for two cores and not for
# what a network can reach, which the table of lesson 10 must be read with; cnn6 has most. Where there is a
# GPU, give more.
ALIKE = {"turn": 10, "zoom": 0.1, "shift": 0.08, "light": 0.2}
RECIPES = {
    "face_or_not": Recipe(64, 12, 4, {"turn": 20, "zoom": 0.2, "shift": 0.1, "light": 0.4, "blur": 0.5}),
    # Raters say "neutral" where the label says "fear" or "sad" (lesson 11), so the labels have the last word,
    # in the last layer alone. On validation, for the face and its mirror image: 65.0 % after one stage with
    # half of each, 67.3 % after two and a third of the whole network on the labels, 68.8 % with the last
    # layer learnt anew in place of the third; 69.4 % with test-time augmentation as well. All this was chosen
    # there, so it flatters.
    "emotion_net": Recipe(
        128,
        30,
        None,
        {"size": 40, "turn": 12, "zoom": 0.1, "shift": 0.06, "light": 0.2, "erase": 0.5},
        0.5,
        further=((30, 0.05, 0.5),),
        last_layer=0.003,
        tta=2,
    ),
    "emotion_cnn6": Recipe(64, 20, 8, ALIKE, further=((24, None, 0), (16, 3e-4, 0)), falling=True),
    "gudi_cnn": Recipe(128, 3, 8, ALIKE, falling=True),
    "iiita_face": Recipe(64, 6, 8, ALIKE, falling=True),
    "iiita_face_as_published": Recipe(64, 20, 8, ALIKE, falling=True),
}


def known(name) -> str:
    """The full name of a network of `RECIPES`, of which `face` and `emotion` are short. Raises
    `CourseError`."""
    name = NAMES.get(name, name)
    if name not in RECIPES:
        raise CourseError(
            f"network {name!r}",
            "there is no network for faces of that name",
            f"{did_you_mean(name, [*NAMES, *RECIPES])}"
            f"Choose from {', '.join([*NAMES, *RECIPES])}; for voices: course train voice",
        )
    return name
