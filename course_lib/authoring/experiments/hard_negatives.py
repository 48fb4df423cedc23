"""Measure how many hard negatives `face_or_not` calls a face, trained with and without hard negatives.

DIR holds `fer2013` (see `faces`) and `face_photos` (six photographs of people). Hard negatives are windows
without a face on which a cascade fires (`not_faces.hard_negatives`). Lesson 09.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import skimage.data

from course_lib import evaluation, faces
from course_lib.authoring.embedding.hard_negatives import by_cascades, distinct, first_edition
from course_lib.authoring.experiments.face_finding import ASTRONAUT, CUT_OFF, PHOTOGRAPHS, read_image
from course_lib.authoring.experiments.faces import FACES
from course_lib.core.progress import progress
from course_lib.datasets import embedded, fer2013, london, not_faces
from course_lib.faces import augmentation, finding
from course_lib.models import face_networks, face_training, training
from course_lib.models.backend import keras
from course_lib.models.presets import RECIPES, SHIPPED

# Photographs of one kind (two pages of writing, two of an eye) are in the same group.
GROUPS = {
    "A": (
        "brick",
        "chelsea",
        "coffee",
        "flower.jpg",
        "gravel",
        "microaneurysms",
        "moon",
        "page",
        "retina",
        "text",
    ),
    "B": (
        "cell",
        "china.jpg",
        "clock",
        "colorwheel",
        "grass",
        "horse",
        "hubble_deep_field",
        "immunohistochemistry",
        "rocket",
        "stereo_motorcycle",
    ),
}
TRAINED_ON, CHOSEN_ON, EPOCHS = 6000, 1000, 8  # faces of a short training, of its validation, epochs at most
AWAY = 0.2  # a window counts as away from a face if it is outside the face's box, made larger by this
KEPT = 0.98  # fraction of the validation faces that both networks keep in "at_equal_kept"
CHANCE = 0.5  # the score of a network that always gives one answer, with as many faces as other images
WAYS = {"without": 0.0, "with": not_faces.HARD}  # fraction of hard negatives


def hard_negatives(data: Path) -> dict:
    """Score `face_or_not` on windows that fooled a cascade, before and after hard negatives were trained on.

    "cross_fit": short trainings, each on the photographs of one group and tested on the cascades' windows of
    the other group, without and with hard negatives in the training. "photograph_interval" resamples
    photographs. "cup" is the probability of "face" for the middle of the photograph of a cup of coffee, from
    the network that was not trained on that photograph.

    "editions": the network as it comes with the course, and its first edition. "beside": windows of
    photographs of people that no network was trained on, away from all faces. "mined": the windows that the
    second edition was trained on, so its score there is optimistic. "kept": faces of FER2013's validation
    set (on which the epoch was chosen), and of the London set as `faces.largest` finds them. "pictures":
    probability of "face" for the pictures of lesson 09.

    A network that calls less a face is right on more windows and on fewer faces. Therefore "at_equal_kept"
    compares the networks with the threshold at which each keeps 98 % of the faces of the validation set.
    """
    path, photographs = data / "fer2013" / FACES, data / "face_photos"
    fer = fer2013.read(path)
    learnt, held_out = (fer.images[rows] for rows in face_training.split(fer))
    beside = windows_beside_faces(photographs)
    kept = {"validation": held_out[CHOSEN_ON:], "London": london_faces()}
    tested = windows()
    editions = {"first": first_edition(), "shipped": face_networks.load(SHIPPED / "face_or_not.npz")}
    return {
        "files": [path, *(photographs / name for name in PHOTOGRAPHS), not_faces.HARD_NEGATIVES],
        "n": sum(len(images) for images, _ in tested.values()),
        "opencv": cv2.__version__,
        "hard": not_faces.HARD,
        "groups": {group: list(names) for group, names in GROUPS.items()},
        "cross_fit": {
            "faces": TRAINED_ON,
            "epochs": EPOCHS,
            **{
                way: cross_fit(learnt, held_out[:CHOSEN_ON], hard, tested, kept) for way, hard in WAYS.items()
            },
        },
        "editions": {
            name: {
                **on_windows(network, beside),
                "at_equal_kept": on_windows(network, beside, threshold(network, held_out)),
                "kept": {
                    "validation": score(~rejected(network, held_out), "validation"),
                    "London": score(~rejected(network, kept["London"]), "London set"),
                },
                "pictures": probabilities(network, pictures()),
            }
            for name, network in editions.items()
        },
    }


def on_windows(network: keras.Model, beside: np.ndarray, margin: float = 0.0) -> dict:
    """Score a network on windows beside faces and on all hard negatives; `margin` as in `rejected`."""
    return {
        "beside": score(rejected(network, beside, margin), "photographs that were not trained on"),
        "mined": {
            kind: score(rejected(network, images, margin), "trained on by the second edition")
            for kind, images in mined().items()
        },
    }


def windows() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The windows on which a cascade fires, images (n, 48, 48) and photographs (n,), by group."""
    found = {}
    for group, names in GROUPS.items():
        images, table = not_faces.hard_negatives(names)
        rows = (table["found_by"] != "network").to_numpy()
        found[group] = images[rows], table["photograph"].to_numpy()[rows]
    return found


def mined() -> dict[str, np.ndarray]:
    """All hard negatives, images (n, 48, 48), by what was fooled: a cascade or the network."""
    images, table = not_faces.hard_negatives()
    by_network = (table["found_by"] == "network").to_numpy()
    return {"cascades": images[~by_network], "network": images[by_network]}


def windows_beside_faces(folder: Path) -> np.ndarray:
    """The windows away from all faces on which a cascade fires in photographs of people, (n, 48, 48)."""
    photographs = [(skimage.data.astronaut(), ASTRONAUT)] + [
        (read_image(folder / name), [*boxes, *CUT_OFF.get(name, ())]) for name, boxes in PHOTOGRAPHS.items()
    ]
    images = []
    for image, boxes in progress(photographs, desc="photographs", leave=False):
        grey = finding.grey_of(image)
        squares = distinct(by_cascades(grey, turns=(0,)), most=len(grey))
        images += [
            not_faces.cut_square(grey, row.x, row.y, row.side)
            for row in squares.itertuples()
            if all(_away(row, box) for box in boxes)
        ]
    return np.stack(images)


def london_faces() -> np.ndarray:
    """The faces of the London set as the course's detector finds them, (n, 48, 48)."""
    table = london.table(embedded.folder("london"))
    images = [read_image(path) for path in table["path"]]
    boxes = [faces.largest(image) for image in images]
    return np.stack(
        [faces.crop(image, box) for image, box in zip(images, boxes, strict=True) if box is not None]
    )


def pictures() -> dict[str, np.ndarray]:
    """The photographs that lesson 09 asks the network about, each (48, 48), by name."""
    astronaut = skimage.data.astronaut()
    face = faces.crop(astronaut, faces.largest(astronaut))
    return {
        "astronaut": face,
        "astronaut, an eighth of the light": face // 8,
        "a cat": _middle(skimage.data.chelsea()),
        "a cup of coffee": _middle(skimage.data.coffee()),
        "coins": _middle(skimage.data.coins()),
    }


def cross_fit(
    learnt: np.ndarray,
    validation: np.ndarray,
    hard: float,
    tested: dict[str, tuple[np.ndarray, np.ndarray]],
    kept: dict[str, np.ndarray],
) -> dict:
    """Train on the photographs of one group, test on the other, and the reverse.

    Parameters
    ----------
    learnt, validation : uint8 arrays (n, 48, 48)
        Faces to train on, and faces on which the epoch is chosen.
    hard : float
        Fraction of hard negatives among the images without a face.
    tested : dict
        Windows and their photographs, by group.
    kept : dict
        Faces that were not trained on.

    Returns
    -------
    dict
        The score of each group's windows, of both, and of both "at_equal_kept"; "coffee"; "cup"; and "kept":
        the score of each network on the faces. Both see the same faces, so these scores are not independent.
    """
    found, answers, equal, held = {}, [], [], {name: {} for name in kept}
    for group, others in zip(GROUPS, reversed(GROUPS.values()), strict=True):
        network = short_training(learnt[:TRAINED_ON], validation, hard, others)
        answers.append(rejected(network, tested[group][0]))
        equal.append(rejected(network, tested[group][0], threshold(network, validation)))
        found[group] = score(answers[-1], f"trained on the other group than {group}")
        for name, images in kept.items():
            held[name][f"network tested on {group}"] = score(~rejected(network, images), name)
        if "coffee" in GROUPS[group]:
            found["coffee"] = score(answers[-1][tested[group][1] == "coffee"], "the photograph of coffee")
            found["cup"] = probabilities(network, {"cup": pictures()["a cup of coffee"]})["cup"]
    both, photographs = np.concatenate(answers), np.concatenate([names for _, names in tested.values()])
    for name, right in (("both", both), ("at_equal_kept", np.concatenate(equal))):
        found[name] = score(right, "cross-fit over photographs")
        found[name]["photograph_interval"] = evaluation.cluster_bootstrap(right, photographs)
    return {**found, "kept": held}


def short_training(
    learnt: np.ndarray, validation: np.ndarray, hard: float, photographs: Sequence[str]
) -> keras.Model:
    """Train `face_or_not` for a few epochs, with other images from some photographs only.

    Parameters
    ----------
    learnt, validation : uint8 arrays (n, 48, 48)
        Faces.
    hard : float
        Fraction of hard negatives.
    photographs : sequence of str
        Names of `not_faces.ALL`.

    Returns
    -------
    keras.Model
        With the weights of the best epoch on the validation set.
    """
    recipe, sets = RECIPES["face_or_not"], []
    for seed, images in enumerate((learnt, validation)):
        others = not_faces.not_faces(len(images), seed, learnt, hard, photographs)
        labels = np.repeat(np.eye(2, dtype=np.float32)[::-1], len(images), axis=0)
        sets.append((np.concatenate([images, others])[..., np.newaxis], labels))
    keras.utils.set_random_seed(0)
    steps = EPOCHS * -(-2 * len(learnt) // recipe.batch_size)
    rate = recipe.stages[0].rate
    network = face_networks.build("face_or_not", steps, face_training.precision(), rate)
    augment = partial(augmentation.augment, **recipe.augmentation)
    training.fit(
        network,
        *sets[0],
        recipe.batch_size,
        EPOCHS,
        validation=sets[1],
        augment=augment,
        patience=recipe.patience,
    )
    return network


def rejected(network: keras.Model, images: np.ndarray, margin: float = 0.0) -> np.ndarray:
    """Which images (n, 48, 48) are not called a face, bool (n,): "face" leads by at most `margin`."""
    return _leads(network, images) <= margin


def threshold(network: keras.Model, images: np.ndarray) -> float:
    """The margin at which a network keeps 98 % of these faces (n, 48, 48)."""
    return float(np.quantile(_leads(network, images), 1 - KEPT))


def probabilities(network: keras.Model, images: dict[str, np.ndarray]) -> dict[str, float]:
    """The network's probability of "face" for each image, by name."""
    answers = face_networks.predict(network, np.stack(list(images.values())))[:, 1]
    return {name: round(float(answer), 4) for name, answer in zip(images, answers, strict=True)}


def score(right: np.ndarray, protocol: str) -> dict:
    """An accuracy with its interval, from which answers are right, bool (n,)."""
    return evaluation.Score(int(right.sum()), len(right), protocol, CHANCE).to_dict()


def _leads(network, images):
    """The probability of "face" less that of "other", (n,)."""
    probabilities = face_networks.predict(network, images)
    return probabilities[:, 1] - probabilities[:, 0]


def _away(square, box):
    x, y, width, height = box
    left, right = x - AWAY * width, x + (1 + AWAY) * width
    top, bottom = y - AWAY * height, y + (1 + AWAY) * height
    return (
        square.x >= right
        or square.x + square.side <= left
        or square.y >= bottom
        or square.y + square.side <= top
    )


def _middle(image):
    """The largest square in the middle of an image."""
    side = min(image.shape[:2])
    return faces.crop(image, ((image.shape[1] - side) // 2, (image.shape[0] - side) // 2, side, side))
