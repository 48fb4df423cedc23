"""`course train emotion --data fer2013.npz --votes fer2013new.csv`: networks for faces trained on FER2013."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from course_lib.core.errors import CourseError
from course_lib.core.io import whole_file
from course_lib.core.paths import commit, home
from course_lib.datasets import fer2013, ferplus, not_faces
from course_lib.faces import augmentation
from course_lib.models import card, scoring, training
from course_lib.models.backend import keras
from course_lib.models.face_networks import build, save
from course_lib.models.presets import LFW, RECIPES, known


def train(
    name: str,
    data: str | Path,
    votes: str | Path | None = None,
    epochs: int | None = None,
    seed: int = 0,
    folder: str | Path | None = None,
    final: bool = False,
) -> dict[str, Any]:
    """Train a network of `RECIPES` on FER2013.

    Parameters
    ----------
    name : str
        A name of `RECIPES`, or "face" or "emotion" for short.
    data : str or path
        A FER2013 file or folder (`fer2013.read`). A warning lists differences from the published counts.
    votes : str or path, optional
        FER+'s csv file, for a recipe that uses it. `emotion_net` needs it.
    epochs : int, optional
        Number of epochs of each stage at most. By default as in the recipe.
    seed : int
        Seed of the weights, the order of the items and the augmentation. The split is always the same.
    folder : str or path, optional
        Where the checkpoints, weights.npz, predictions.npz, training.json and card.md are written. By default
        `models/NAME` in the course's cache. After an interruption the same call continues there.
    final : bool
        Score PublicTest, too (for `face_or_not`: lfw_subset). Set it only after all choices are made.

    Returns
    -------
    dict
        The content of training.json.

    Raises
    ------
    CourseError
        For an unknown name, data that cannot be read or lack the test set, votes that do not fit the data or
        the recipe, and a folder with another training.

    Notes
    -----
    The training set is FER2013's Training without images that repeat one of PublicTest. A tenth of it is the
    validation set (`fer2013.validation_split`). No other image is used, unless `final` is set.
    """
    name = known(name)
    recipe, (faces, votes) = RECIPES[name], _read(name, data, votes)
    items, labels, validation = _items(name, faces, votes, seed)
    tests = _tests(name, faces, votes, validation, seed, final)
    folder = _made(folder or home() / "models" / name)
    stages = [stage._replace(epochs=min(stage.epochs, epochs or stage.epochs)) for stage in recipe.stages]
    network, histories = _trained(name, items, labels, stages, validation, seed, folder)
    save(network, folder / "weights.npz")
    # The scores are those of the saved, rounded weights.
    scores, predictions = scoring.score_outputs(folder, tests, labels)
    about = {
        "network": name,
        "parameters": network.count_params(),
        "trained_on": len(items),
        "validated_on": len(validation[0]),
        "data_sha256": fer2013.digest(faces),
        "seed": seed,
        "batch_size": recipe.batch_size,
        "patience": recipe.patience,
        "augmentation": recipe.augmentation,
        **({"hard_negatives": not_faces.HARD} if name == "face_or_not" else {}),
        "mixup": recipe.mixup,
        "label_smoothing": recipe.smoothing,
        "stages": [stage._asdict() for stage in stages],
        "precision": precision(),
        "commit": commit(),
        "backend": f"keras {keras.__version__}, {keras.backend.backend()}",
        **_curves(histories, recipe.patience),
        "scores": scores,
    }
    with whole_file(folder / "predictions.npz") as part:
        np.savez_compressed(part, **predictions)
    described = card.write(about, folder / "weights.npz")
    for file, text in (("training.json", json.dumps(about, indent=1) + "\n"), ("card.md", described)):
        with whole_file(folder / file) as part:
            part.write_text(text, encoding="utf-8")
    return about


def _trained(name, items, labels, stages, validation, seed, folder):
    """The network after all stages, and the learning curves.

    Each stage starts from the weights of the stage before, rounded as its small checkpoint keeps them.
    """
    network, histories, recipe = None, [], RECIPES[name]
    for number, stage in enumerate(stages):
        keras.utils.set_random_seed(seed)
        steps = stage.epochs * -(-len(items) // recipe.batch_size)
        before, network = network, build(name, steps, precision(), stage.rate, two_outputs=recipe.votes)
        if before is not None:
            network.set_weights(before.get_weights())
        size = {"size": stage.size} if stage.size else {}
        augment = partial(augmentation.augment, **recipe.augmentation | size)
        where = _made(folder / f"stage{number + 1}")
        histories.append(
            training.fit(
                network,
                items,
                labels,
                recipe.batch_size,
                stage.epochs,
                validation,
                seed + number,
                augment if recipe.augmentation else None,
                recipe.patience,
                where,
                recipe.mixup,
            )
        )
        training.finish(network, where)
    return network, histories


def _read(name, data, votes):
    """The faces of `data`, and the votes of `votes` or None."""
    faces = fer2013.read(data)
    fer2013.warn_of_counts(faces, data)
    if bool(votes) != RECIPES[name].votes:
        wrong, cure = (
            ("is trained without votes", "Leave them out")
            if votes
            else ("learns FER+'s votes, too", "Give FER+'s csv file: --votes fer2013new.csv")
        )
        raise CourseError(votes or name, f"{name} {wrong}", cure)
    if not votes:
        return faces, None
    votes = ferplus.read_votes(votes)
    ferplus.check_votes(votes, faces)
    return faces, votes


def _made(folder):
    """Make the folder, so that an error is raised before the training and not after it."""
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CourseError(
            folder, f"this folder cannot be made ({error.strerror})", "Give another one"
        ) from error
    return Path(folder)


def precision() -> str:
    """Choose the precision of `train`.

    Returns
    -------
    str
        "mixed_bfloat16" if the processor supports it (1.6 times as fast there), else "float32".

    Examples
    --------
    >>> precision() in ("mixed_bfloat16", "float32")
    True
    """
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return "float32"
    return "mixed_bfloat16" if "avx512_bf16" in flags or "amx_bf16" in flags else "float32"


def _items(name, faces, votes, seed):
    """The training set of `name`, images (n, 48, 48, 1) and labels (n, classes), and the validation set as a
    pair of these."""
    rows, held_out = split(faces)
    if not len(held_out):
        raise CourseError(
            "FER2013", f"{len(rows)} Training faces are too few to validate on a tenth of them", "Give more"
        )
    if name == "face_or_not":
        items, labels = _faces_and_others(faces.images[rows], seed)
        return items, labels, _faces_and_others(faces.images[held_out], seed + 1, items)
    images = faces.images[..., np.newaxis]
    labels = keras.utils.to_categorical(faces.labels, len(fer2013.EMOTIONS))
    train_labels, held_out_labels = labels[rows], labels[held_out]
    if votes is not None:
        smoothing = RECIPES[name].smoothing
        train_labels = (1 - smoothing) * train_labels + smoothing / labels.shape[1]
        train_labels = two_labels(train_labels, votes.iloc[rows])
        held_out_labels = two_labels(held_out_labels, votes.iloc[held_out])
    return images[rows], train_labels, (images[held_out], held_out_labels)


def two_labels(labels: np.ndarray, votes: pd.DataFrame) -> np.ndarray:
    """Join the label and the votes of faces to one row, as `networks.emotion_net_two_outputs` learns them.

    Parameters
    ----------
    labels : array of shape (n, 7)
        One-hot labels of FER2013, or probabilities.
    votes : pd.DataFrame
        FER+'s votes for the same faces (`ferplus.read_votes`).

    Returns
    -------
    np.ndarray
        float32 (n, 15): half of the label, then half of `ferplus.training_labels`. A face that FER+'s makers
        leave out has its whole label, and no votes.

    Notes
    -----
    Used to train `emotion_net`, which lessons 10 and 11 show.

    Examples
    --------
    >>> votes = pd.DataFrame([[10, 0, 0, 0, 0, 0, 0, 0, 0, 0]], columns=ferplus.VOTES)
    >>> two_labels(np.eye(7)[[4]], votes)[0].tolist()
    [0.0, 0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    raters = ferplus.training_labels(votes)
    there = raters.sum(axis=1, keepdims=True) > 0
    return np.hstack([np.where(there, 0.5, 1) * labels, 0.5 * raters]).astype(np.float32)


def split(faces: fer2013.Faces, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Split the Training rows of FER2013 into a training set and a validation set.

    Parameters
    ----------
    faces : fer2013.Faces
    seed : int

    Returns
    -------
    train_index, validation_index : np.ndarray
        Row positions. No image is in both sets, and no image of PublicTest is in either.
    """
    rows, held_out = fer2013.validation_split(faces, seed=seed)
    if "PublicTest" not in faces.usage:
        return rows, held_out
    kept = fer2013.without_test_faces(faces, fer2013.subset(faces, "PublicTest"))
    return rows[kept[rows]], held_out[kept[held_out]]


def _faces_and_others(faces, seed, trained_on=()):
    """The faces, then as many images without a face: (2n, 48, 48, 1), and one-hot labels (other, face).

    Images without a face that are among `trained_on` are left out, and as many faces.
    """
    seen = {picture.tobytes() for picture in trained_on}
    others = not_faces.not_faces(len(faces), seed=seed, faces=faces, hard=not_faces.HARD)
    others = others[[picture.tobytes() not in seen for picture in others]]
    fractions = np.repeat(np.eye(2, dtype=np.float32)[::-1], len(others), axis=0)
    return np.concatenate([faces[: len(others)], others])[..., np.newaxis], fractions


def _curves(histories, patience):
    """The learning curves of all stages in one, the number of epochs, and the epoch whose weights were kept,
    counted from 1: with `patience` the best one of the last stage."""
    history = {curve: [value for stage in histories for value in stage[curve]] for curve in histories[0]}
    epochs, best = len(history["loss"]), int(np.argmax(histories[-1]["val_accuracy"])) + 1
    return {
        "epochs": epochs,
        "kept_epoch": epochs - len(histories[-1]["loss"]) + best if patience else epochs,
        "history": {curve: np.round(values, 4).tolist() for curve, values in history.items()},
    }


def _tests(name, faces, votes, validation, seed, final):
    """The sets to score: the name of each, its images, its labels, and its votes or None."""
    held_out, labels = split(faces)[1], validation[1][:, : len(fer2013.EMOTIONS)].argmax(axis=1)
    tests = [scoring.Test("validation", validation[0][..., 0], labels)]
    tests += [_final(name, faces)] if final else []
    if votes is None:
        return tests
    rows = [held_out, np.flatnonzero(faces.usage == "PublicTest")]
    return [test._replace(votes=votes.iloc[row]) for test, row in zip(tests, rows, strict=False)]


def _final(name, faces):
    """The test set."""
    if name == "face_or_not":
        return scoring.Test(LFW, *not_faces.lfw_test())
    public = fer2013.subset(faces, "PublicTest")
    return scoring.Test("PublicTest", public.images, public.labels)
