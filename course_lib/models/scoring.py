"""Score a trained network for faces: `course evaluate --model emotion --data FILE.npz`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from course_lib import evaluation
from course_lib.core.errors import CourseError
from course_lib.datasets import fer2013, ferplus, not_faces
from course_lib.models.backend import keras
from course_lib.models.face_networks import classes, load, predict
from course_lib.models.presets import OUTPUTS, RECIPES


def scores(
    network: keras.Model,
    images: npt.ArrayLike,
    labels: npt.ArrayLike,
    protocol: str,
    learnt: npt.ArrayLike | None = None,
    note: str = "",
) -> dict[str, Any]:
    """Score a network on faces, with its test-time augmentation: see `score_probabilities`.

    Parameters
    ----------
    network : keras.Model
        A network of `presets.PRESETS`.
    images : uint8 array of shape (n, 48, 48)
        Grey levels of faces.
    labels, protocol, learnt, note
        As in `score_probabilities`.

    Returns
    -------
    dict
        As from `score_probabilities`.
    """
    return score_probabilities(classes(network), predict(network, images), labels, protocol, learnt, note)


def score_probabilities(
    names: Sequence[str],
    probabilities: np.ndarray,
    labels: npt.ArrayLike,
    protocol: str,
    learnt: npt.ArrayLike | None = None,
    note: str = "",
) -> dict[str, Any]:
    """Score the class probabilities of a network, as plain values that JSON can store.

    Parameters
    ----------
    names : sequence of str
        The classes, in the order of the columns of `probabilities`.
    probabilities : array of shape (n, classes)
    labels : int array of shape (n,)
        Indices of `names`.
    protocol : str
        How the data were split, for the score.
    learnt : int array, optional
        The labels that the network was trained on, which give the baseline. By default `labels` give it.
    note : str
        A caveat that is printed with the score.

    Returns
    -------
    dict
        "top_1" (with interval and baseline), "uar", "confusion" (rows are the true classes), "classes" (n,
        precision, recall and F1 of each) and "answers" (one digit for each image, to compare networks image
        by image). With more than three classes also "loss" (mean cross-entropy), "top_3" and "second_guess".
    """
    names = np.array(names)
    y_true = names[labels]
    answers, learnt = probabilities.argmax(axis=1), None if learnt is None else names[learnt]
    y_pred = names[answers]
    found = {"top_1": evaluation.Score.of(y_true, y_pred, protocol, learnt, note).to_dict()}
    if len(names) > 3:
        # Clipped at Keras's epsilon, because the logarithm of 0 is infinite.
        given = np.clip(probabilities[np.arange(len(labels)), labels], 1e-7, 1)
        found["loss"] = float(-np.log(given).mean())
        found["top_3"] = evaluation.top_k(y_true, probabilities, names, 3, protocol, learnt, note).to_dict()
        if (y_pred != y_true).any():
            found["second_guess"] = evaluation.second_guess_right(
                y_true, probabilities, names, protocol, note=note
            ).to_dict()
    return found | {
        "uar": evaluation.unweighted_average_recall(y_true, y_pred),
        "confusion": evaluation.confusion(y_true, y_pred, names.tolist()).to_numpy().tolist(),
        "classes": evaluation.f_scores(y_true, y_pred, names.tolist()).round(4).to_dict("index"),
        "answers": "".join(map(str, answers)),
    }


class Test(NamedTuple):
    """A set of faces to score a network on.

    Attributes
    ----------
    name : str
    images : np.ndarray
        Grey faces, uint8 (n, 48, 48).
    labels : np.ndarray
        int (n,), indices of the network's classes.
    votes : pd.DataFrame or None
        FER+'s votes for the faces, to score the raters' output.
    """

    name: str
    images: np.ndarray
    labels: np.ndarray
    votes: pd.DataFrame | None = None


def score_outputs(
    model: str | Path, tests: Sequence[Test], learnt: np.ndarray
) -> tuple[dict[str, dict[str, Any]], dict[str, np.ndarray]]:
    """Score each output of a network on each test, with and without test-time augmentation.

    Parameters
    ----------
    model : str or path
        As in `face_networks.load`.
    tests : sequence of Test
        Tests with votes also score the raters' output.
    learnt : array of shape (n, classes)
        What the network was trained on, which gives the baselines: for two outputs as from
        `face_training.two_labels`.

    Returns
    -------
    scores : dict
        As from `score_probabilities`, by the name of the test. The score of a network with test-time
        augmentation has a second one, "NAME, face alone". "NAME, raters" counts the faces on which more than
        half of the raters agree, with eight emotions (`ferplus.training_labels`, "majority");
        "NAME, raters, seven emotions" the faces of `ferplus.commonest_emotion`.
    predictions : dict of str to float16 arrays of shape (n, classes)
        The probabilities for all faces of each test.
    """
    scores, predictions = {}, {}
    for output in ("label", "raters") if tests[0].votes is not None else ("label",):
        network = load(model, output)
        known = _learnt(learnt, output, len(classes(network)))
        for test in tests:
            for way, tta in _ways(network.name):
                probabilities = predict(network, test.images, tta)
                name = f"{test.name}{', raters' * (output == 'raters')}{way}"
                predictions[name] = probabilities.astype(np.float16)
                for more, truth in _truths(test, output).items():
                    rows, protocol = truth >= 0, f"{name}{more}"
                    scores[protocol] = score_probabilities(
                        classes(network), probabilities[rows], truth[rows], protocol, known
                    )
    return scores, predictions


def _ways(name):
    """With the test-time augmentation of the network's recipe, and without."""
    tta = RECIPES["emotion_net" if name in OUTPUTS else name].tta
    return [("", tta), (", face alone", 0)] if tta else [("", 0)]


def _learnt(learnt, output, n):
    """The training labels (m,) of one output: the most probable class of each row that has one."""
    own = learnt[:, -n:] if output == "raters" else learnt[:, :n]
    return own[own.sum(axis=1) > 0].argmax(axis=1)


def _truths(test, output):
    """What one output is scored against: int (n,), -1 for faces that do not count."""
    if output == "label":
        return {"": test.labels}
    majority = ferplus.training_labels(test.votes, "majority")
    agreed = np.where(majority.sum(axis=1) > 0, majority.argmax(axis=1), -1)
    return {"": agreed, ", seven emotions": ferplus.commonest_emotion(test.votes)}


def evaluate(model: str | Path, data: str | Path) -> dict[str, Any]:
    """Score a trained network on all rows of a file of faces.

    Parameters
    ----------
    model : str or path
        As in `face_networks.load`.
    data : str or path
        A file or folder of faces (`fer2013.read`). For `face_or_not` label 0 is "other" and 1 is "face".

    Returns
    -------
    dict
        As from `scores`. The note of each score tells how many rows belong to FER2013's Training set, which
        the network may memorise.

    Raises
    ------
    CourseError
        If the network or the file cannot be read, or a label is not a class of the network.
    """
    network, faces = load(model), fer2013.read(data)
    # A file of faces has FER2013's labels; the raters' output has its classes in another order.
    names = fer2013.EMOTIONS if network.name == "emotion_net_raters" else classes(network)
    if faces.labels.max() >= len(names):
        raise CourseError(
            data,
            f"label {faces.labels.max()} is not a class of {network.name}",
            f"Labels count from 0: {', '.join(names)}",
        )
    labels = np.array([classes(network).index(name) for name in names])[faces.labels]
    learnt = int((faces.usage == "Training").sum())
    note = (
        f"{learnt:,} of the rows are in the training set, so the network may have memorised them"
        if learnt
        else "the file does not tell which rows are in the training set, so the network may have memorised "
        "some" * (not faces.usage.astype(bool).any())
    )
    return scores(network, faces.images, labels, f"all rows of {Path(data).name}", note=note)


def face_or_not_scores(
    network: keras.Model, faces: np.ndarray, others: np.ndarray, note: str = ""
) -> tuple[evaluation.Score, evaluation.Score]:
    """Score a network of "other" and "face" on images of your own and on real ones.

    Parameters
    ----------
    network : keras.Model
        `networks.face_or_not`, trained.
    faces, others : uint8 array of shape (n, 48, 48)
        Test images of your own. No person of `faces` may be in the training set.
    note : str
        Printed with the first score, such as the corpus.

    Returns
    -------
    own : Score
        On `faces` and `others`.
    real : Score
        On the 200 pictures of `not_faces.lfw_test`.

    Notes
    -----
    Used in lesson 10.

    Examples
    --------
    >>> from course_lib.models import networks
    >>> images = np.zeros((2, 48, 48), np.uint8)
    >>> [score.n for score in face_or_not_scores(networks.face_or_not(), images, images)]
    [4, 200]
    """
    lfw, is_face = not_faces.lfw_test()
    kinds = np.array(["other", "face"])

    def score(images, truth, protocol, note):
        answers = predict(network, images).argmax(axis=1)
        return evaluation.Score.of(kinds[truth], kinds[answers], protocol, note=note)

    truth = np.repeat([1, 0], [len(faces), len(others)])
    own = score(np.concatenate([faces, others]), truth, "new people", note)
    return own, score(lfw, np.asarray(is_face, int), "lfw_subset", "measured on real data")


def lines(found: dict[str, dict[str, Any]]) -> list[str]:
    """Write `scores` of one or more test sets as lines of text.

    Parameters
    ----------
    found : dict
        Scores as from `scores`, by the name of the test set.

    Returns
    -------
    list of str
        Top-1, top-3, second guess and UAR of each test set, then each class.
    """
    lines = []
    for name, one in found.items():
        lines += [
            f"{name}, {kind}: {evaluation.Score.from_dict(one[kind])}"
            for kind in ("top_1", "top_3", "second_guess")
            if kind in one
        ]
        ends = "–".join(f"{100 * end:.1f}" for end in one.get("uar_interval", ()))
        interval = f" (95 % CI {ends} over actors)" * bool(ends)
        lines += [f"{name}, UAR: {100 * one['uar']:.1f} %{interval}"]
        lines += [
            f"  {label:<9} n {row['n']:>4}, recall {row['recall']:.3f}, F1 {row['F1']:.3f}"
            for label, row in one["classes"].items()
        ]
    return lines
