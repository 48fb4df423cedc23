"""Measure how well the probabilities of the networks for faces are calibrated, and what a threshold buys.

The label output of `emotion_net` answers with one of FER2013's seven labels, the raters output with one of
FER+'s eight emotions. Temperatures are fitted and measured on validation faces. PublicTest is read only from
the saved probabilities of the final network (`of_saved`).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from course_lib import evaluation, results
from course_lib.authoring.experiments.faces import FACES, PREDICTIONS, VOTES
from course_lib.core.io import read_npz
from course_lib.datasets import fer2013, ferplus
from course_lib.evaluation import calibration
from course_lib.models import card, face_networks, face_training, presets
from course_lib.models.backend import keras

WEIGHTS = presets.SHIPPED / "emotion_net.npz"
OUTPUTS = ("label", "raters")
VIEWS = {"face alone": 0, "ten views": None}  # `tta` of `face_networks.predict`: None is the recipe's
BINS = 15  # of equal count
COVERAGES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


class Labels(NamedTuple):
    """The true labels of an output: the columns `y`, and which of the faces have one (bool, `known`)."""

    y: np.ndarray
    known: np.ndarray


def emotion_net_calibration(data: Path) -> dict:
    """Measure the calibration of each output on FER2013's validation faces, before and after a temperature.

    The faces are divided at random into two halves; equal images are in the same half. Each half is scaled by
    the temperature that was fitted on the other half ("temperatures"), and "after" is measured on both halves
    together. "temperature" is fitted on all validation faces, for use on new faces. The network's training
    was designed on these faces, but no weight was fitted to them.

    "error": the expected calibration error with 15 bins of equal count. "if_calibrated": the error that a
    perfectly calibrated network with the same confidences shows by chance, as the mean and as the value that
    it stays below in 95 % of cases. "coverage": the selective accuracy after scaling.

    The raters output is measured on the faces where more than half of the raters chose the same one of its
    emotions.
    """
    paths = [data / "fer2013" / FACES, data / "fer2013" / VOTES]
    faces = fer2013.read(paths[0])
    rows = face_training.split(faces, results.read("emotion_net")["seed"])[1]
    labels = true_labels(faces, ferplus.read_votes(paths[1]), rows)
    return {
        "files": paths,
        "weights_sha256": card.digest(WEIGHTS),
        "split": "validation",
        "n": len(rows),
        "bins": BINS,
        "outputs": {
            output: of_network(network, labels[output], faces.images[rows])
            for output, network in shipped_outputs().items()
        },
    }


def face_or_not_calibration(data: Path) -> dict:
    """Measure the calibration of `face_or_not` on its validation set, as `emotion_net_calibration` does.

    Half of the images show a face. The images without a face are crops of the same photographs as those in
    the training set, so the figures are optimistic.
    """
    path, weights = data / "fer2013" / FACES, presets.SHIPPED / "face_or_not.npz"
    seed = results.read("face_or_not")["seed"]
    images, truth = face_training._items("face_or_not", fer2013.read(path), None, seed)[2]
    labels = Labels(truth.argmax(axis=1), np.ones(len(truth), bool))
    return {
        "files": [path],
        "weights_sha256": card.digest(weights),
        "split": "validation",
        "n": len(images),
        "bins": BINS,
        "outputs": {"face or not": of_network(face_networks.load(weights), labels, images[..., 0])},
    }


def emotion_net_publictest(data: Path) -> dict:
    """Measure calibration and coverage on PublicTest, from the saved probabilities of the shipped network.

    No network is run and nothing is fitted: the temperature is that of `emotion_net_calibration`. The other
    figures are as there. "before" and "after" the temperature are on all faces with a label.
    """
    paths = [data / "fer2013" / FACES, data / "fer2013" / VOTES]
    faces, votes = fer2013.read(paths[0]), ferplus.read_votes(paths[1])
    return {
        "files": [*paths, PREDICTIONS],
        "weights_sha256": card.digest(WEIGHTS),
        "split": "PublicTest",
        "n": int((faces.usage == "PublicTest").sum()),
        "bins": BINS,
        "outputs": {
            output: {"views": views} for output, views in of_saved(PREDICTIONS, faces, votes).items()
        },
    }


def shipped_outputs() -> dict[str, keras.Model]:
    """Load the network of each output that the shipped `emotion_net` has."""
    known = results.read("emotion_net")["scores"]
    outputs = OUTPUTS if any(", raters" in name for name in known) else OUTPUTS[:1]
    return {output: face_networks.load(WEIGHTS, output) for output in outputs}


def of_network(network: keras.Model, labels: Labels, images: np.ndarray) -> dict:
    """Measure one output, by the face alone and, if the network has it, with test-time augmentation."""
    half, views = halves(images), VIEWS if network.name in face_networks.OUTPUTS else list(VIEWS)[:1]
    measured = {
        view: of_output(labels, face_networks.predict(network, images, VIEWS[view]), half) for view in views
    }
    return {"classes": list(face_networks.classes(network)), "views": measured}


def true_labels(faces: fer2013.Faces, votes: pd.DataFrame, rows: np.ndarray) -> dict[str, Labels]:
    """The labels of the faces in `rows`: FER2013's, and the emotion of most of FER+'s raters."""
    people = ferplus.training_labels(votes.iloc[rows], "majority")
    return {
        "label": Labels(faces.labels[rows].astype(int), np.ones(len(rows), bool)),
        "raters": Labels(people.argmax(axis=1), people.sum(axis=1) > 0),
    }


def halves(images: np.ndarray, seed: int = 0) -> np.ndarray:
    """Divide faces into two halves, equal images in the same one: True for the first, bool (n,)."""
    _, image_of = np.unique(images.reshape(len(images), -1), axis=0, return_inverse=True)
    image_of = image_of.ravel()
    return (np.random.default_rng(seed).random(image_of.max() + 1) < 0.5)[image_of]


def of_output(labels: Labels, probabilities: np.ndarray, half: np.ndarray) -> dict:
    """Measure one output by two-fold cross-validation. Faces without a label are left out."""
    y, known = labels
    y, probabilities, half = y[known], normalised(probabilities[known]), half[known]
    temperatures = [calibration.fit_temperature(y[~one], probabilities[~one]) for one in (half, ~half)]
    scaled = np.empty_like(probabilities)
    for one, temperature in zip((half, ~half), temperatures, strict=True):
        scaled[one] = calibration.apply_temperature(probabilities[one], temperature)
    return {
        "score": evaluation.Score.of(y, probabilities.argmax(axis=1), "validation").to_dict(),
        "without_label": int((~known).sum()),
        "temperature": calibration.fit_temperature(y, probabilities),
        "temperatures": temperatures,
        "before": errors(y, probabilities),
        "after": errors(y, scaled),
        "coverage": calibration.coverage_curve(y, scaled, COVERAGES).to_dict("records"),
    }


def normalised(probabilities: np.ndarray) -> np.ndarray:
    """Divide each row by its sum, in float64: float16 and means over views are rounded."""
    probabilities = probabilities.astype(np.float64)
    return probabilities / probabilities.sum(axis=1, keepdims=True)


def errors(y: np.ndarray, probabilities: np.ndarray) -> dict:
    """The expected calibration error with its interval and its baseline, and the mean cross-entropy."""
    mean, high = calibration.error_if_calibrated(probabilities, BINS)
    given = np.clip(probabilities[np.arange(len(y)), y], calibration.SMALLEST, 1)
    return {
        "error": calibration.expected_calibration_error(y, probabilities, BINS, equal_count=True),
        "interval": calibration.calibration_error_interval(y, probabilities, BINS),
        "if_calibrated": {"mean": mean, "95 %": high},
        "loss": float(-np.log(given).mean()),
    }


def of_saved(
    predictions: Path | Mapping[str, np.ndarray],
    faces: fer2013.Faces,
    votes: pd.DataFrame,
    split: str = "PublicTest",
) -> dict:
    """Measure the saved probabilities of a final network on a test set, with the validation's temperature.

    Parameters
    ----------
    predictions : path or mapping
        The `predictions.npz` that `course train --final` wrote, or its arrays: one row of probabilities for
        each face of the test set, with the names of `saved_name`.
    faces : fer2013.Faces
        All of FER2013's faces at hand.
    votes : pd.DataFrame
        FER+'s votes for the same faces.
    split : str

    Returns
    -------
    dict
        For each output and view "score", "temperature", "before", "after" and "coverage", as in
        `emotion_net_calibration`. Nothing is fitted here.
    """
    if not isinstance(predictions, Mapping):
        predictions = read_npz(predictions, "probabilities", "Make them again: course train --final")
    rows = np.flatnonzero(faces.usage == split)
    labels = true_labels(faces, votes, rows)
    fitted = results.read("emotion_net_calibration")["outputs"]
    return {
        output: {
            view: _of_test(labels[output], predictions[key], fitted[output]["views"][view], split)
            for view in VIEWS
            if (key := saved_name(split, output, view)) in predictions and view in fitted[output]["views"]
        }
        for output in OUTPUTS
        if output in fitted
    }


def saved_name(split: str, output: str, view: str) -> str:
    """The name of an array in `predictions.npz`, as `scoring.score_outputs` gives it.

    Examples
    --------
    >>> saved_name("PublicTest", "raters", "face alone")
    'PublicTest, raters, face alone'
    """
    return f"{split}{', raters' * (output == 'raters')}{', face alone' * (view == 'face alone')}"


def _of_test(labels, probabilities, fitted, split):
    y, known = labels
    y, probabilities = y[known], normalised(probabilities[known])
    scaled = calibration.apply_temperature(probabilities, fitted["temperature"])
    return {
        "score": evaluation.Score.of(y, probabilities.argmax(axis=1), split).to_dict(),
        "without_label": int((~known).sum()),
        "temperature": fitted["temperature"],
        "before": errors(y, probabilities),
        "after": errors(y, scaled),
        "coverage": calibration.coverage_curve(y, scaled, COVERAGES).to_dict("records"),
    }
