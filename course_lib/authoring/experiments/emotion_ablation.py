"""Measure what each ingredient of `emotion_net`'s training is worth, on 10,000 faces and a short schedule.

Each variant differs from "both outputs" in one ingredient. All are scored on the validation faces of
`face_training.split`; PublicTest is never read. A finished variant is kept in the course's cache, and one
that was interrupted continues from its last epoch.
"""

import hashlib
import json
from functools import partial
from pathlib import Path
from time import process_time

import numpy as np
import pandas as pd

from course_lib import evaluation
from course_lib.core.io import hash_files, whole_file
from course_lib.core.labels import EMOTIONS
from course_lib.core.paths import home
from course_lib.core.progress import progress
from course_lib.datasets import fer2013, ferplus
from course_lib.faces import augmentation
from course_lib.models import face_networks, face_training, networks, training
from course_lib.models.backend import keras

FACES, EPOCHS, BATCH, SEED = 10_000, 12, 128, 0
PLAIN = {"size": 40, "turn": 12, "zoom": 0.1, "shift": 0.06, "light": 0.2}
HALF = EPOCHS // 2
# What differs from "both outputs": arguments of `_trained`. A stage is (epochs, size, highest rate).
VARIANTS = {
    "both outputs": {},
    "labels alone": {"weights": (1, 0)},
    "votes alone": {"weights": (0, 1)},
    "mixup 0.2": {"mixup": 0.2},
    "label smoothing 0.1": {"smoothing": 0.1},
    "erasing 0.5": {"augment": {**PLAIN, "erase": 0.5}},
    "squeeze and excitation": {"attention": True},
    "first half at 32 x 32": {"stages": ((HALF, 32, 0.1), (HALF, 40, 0.05))},
    "last quarter at 48 x 48": {"stages": ((EPOCHS - 3, 40, 0.1), (3, 48, 0.005))},
    "twice the epochs": {"stages": ((2 * EPOCHS, 40, 0.1),)},
    "images of 48 x 48": {"augment": {**PLAIN, "size": 48}},
}


def emotion_net_ablation(data: Path) -> dict:
    """Train each of `VARIANTS` and score it on the 2,841 validation faces.

    "label" is the accuracy against FER2013's label, "raters" against the emotion, of eight, that has more
    than half of the votes of FER+'s raters (`ferplus.training_labels`). Both are given for the face alone and
    with test-time augmentation (ten views). "seconds" is processor time.
    """
    paths = [data / "fer2013" / name for name in ("fer2013_train_public.npz", "ferplus_train_public.csv")]
    faces, votes = fer2013.read(paths[0]), ferplus.read_votes(paths[1])
    ferplus.check_votes(votes, faces)
    rows, held_out = face_training.split(faces, SEED)
    rows = np.sort(np.random.default_rng(SEED).choice(rows, FACES, replace=False))
    hashed = hash_files(paths)
    found = {
        name: _variant(_folder(hashed, name), faces, votes, rows, held_out, options)
        for name, options in progress(VARIANTS.items(), desc="variants of the training")
    }
    return {
        "files": [str(path) for path in paths],
        "n": len(held_out),
        "trained_on": len(rows),
        "epochs": EPOCHS,
        "variants": found,
    }


def _folder(hashed, name):
    """Where a variant is kept. Its name is made from the data and all settings."""
    settings = json.dumps([hashed, FACES, EPOCHS, BATCH, SEED, PLAIN, VARIANTS[name]], sort_keys=True)
    return home() / "emotion_ablation" / hashlib.sha256(settings.encode()).hexdigest()[:12]


def _variant(folder, faces, votes, rows, held_out, options):
    """The scores of one variant, from its file or from a training."""
    path = folder / "scores.json"
    if not path.exists():
        start = process_time()
        network = _trained(faces, votes.iloc[rows], rows, folder, **options)
        scored = _scored(network, faces.images[held_out], faces.labels[held_out], votes.iloc[held_out])
        with whole_file(path) as part:
            part.write_text(json.dumps(scored | {"seconds": round(process_time() - start)}))
    return json.loads(path.read_text(encoding="utf-8"))


def _trained(
    faces: fer2013.Faces,
    votes: pd.DataFrame,
    rows: np.ndarray,
    folder: Path,
    weights: tuple[float, float] = (1, 1),
    mixup: float = 0.0,
    smoothing: float = 0.0,
    augment: dict = PLAIN,
    attention: bool = False,
    stages: tuple = (),
) -> keras.Model:
    """Train the network with two outputs once; `weights` are those of its label and its votes."""
    labels = np.eye(len(EMOTIONS))[faces.labels[rows]]
    labels = (1 - smoothing) * labels + smoothing / len(EMOTIONS)
    y = face_training.two_labels(labels, votes) * np.repeat(np.float32(weights), [7, 8])
    some = y.sum(axis=1) > 0
    images, y = faces.images[rows][some][..., np.newaxis], y[some] / y[some].sum(axis=1, keepdims=True)
    network = None
    for number, (epochs, size, rate) in enumerate(stages or ((EPOCHS, augment["size"], 0.1),)):
        keras.utils.set_random_seed(SEED)
        before, network = network, _built(epochs * -(-len(images) // BATCH), rate, attention)
        if before is not None:
            network.set_weights(before.get_weights())
        change, kept = (
            partial(augmentation.augment, **augment | {"size": size}),
            folder / f"stage{number + 1}",
        )
        kept.mkdir(parents=True, exist_ok=True)
        training.fit(
            network, images, y, BATCH, epochs, seed=SEED + number, augment=change, folder=kept, mixup=mixup
        )
    return network


def _built(steps, rate, attention):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(face_training.precision())
    try:
        return networks.emotion_net_two_outputs(steps, rate, attention)
    finally:
        keras.config.set_dtype_policy(before)


def _scored(network, images, labels, votes):
    """The accuracies against the label and against the raters, alone and with test-time augmentation."""
    alone = training.predict(network, images[..., np.newaxis])
    views = face_networks.test_time_views(images, 2)
    many = np.mean([training.predict(network, view[..., np.newaxis]) for view in views], axis=0)
    majority = ferplus.training_labels(votes, "majority")
    agreed = majority.sum(axis=1) > 0
    truth = majority[agreed].argmax(axis=1)
    found = {}
    for way, rows in (("", alone), (", ten views", many)):
        found[f"label{way}"] = labels, rows[:, :7]
        found[f"raters{way}"] = truth, rows[agreed, 7:]
    return {
        name: evaluation.Score.of(y_true, rows.argmax(axis=1), "validation").to_dict()
        for name, (y_true, rows) in found.items()
    }
