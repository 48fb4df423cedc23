"""Fit temperatures, thresholds and F-scores of the demo's two classifiers on validation items (lesson 13)."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from course_lib import evaluation, fusion, results
from course_lib.authoring.experiments import decision_pairs
from course_lib.authoring.experiments.decision_pairs import LEAST, RIGHT, Items
from course_lib.authoring.experiments.faces import FACES, VOTES
from course_lib.core.labels import EMOTIONS, OF_RAVDESS
from course_lib.datasets import fer2013, ferplus, ravdess
from course_lib.demo import moments
from course_lib.evaluation import calibration
from course_lib.models import (
    face_training,
    voice_encoder,
    voice_encoder_training,
    voice_training,
    voices,
)


def decision_calibration(data: Path) -> dict:
    """Fit temperature, threshold and priors of the demo's two classifiers and of their fusion.

    The face network predicts FER2013's validation faces, without test-time augmentation. The classifier for
    voices predicts the middle of each RAVDESS recording, as long as the demo's window; it was trained without
    that actor. The same items also served to choose how the two are trained. Calibration error and selective
    accuracy are therefore measured on one half of the items (a random half of the faces, half of the actors)
    with the values fitted on the other half.

    The fusion is fitted and compared with other rules on artificial pairs: see `decision_pairs`.
    """
    (faces, pictures), (heard, recordings) = face_items(data), voice_items(data)
    equal = np.full(len(EMOTIONS), 1 / len(EMOTIONS))
    return {
        "files": [*pictures, *recordings],
        "right": RIGHT,
        "face": weighed(faces.y, faces.probabilities, faces.half) | {"priors": faces.priors.tolist()},
        "voice": weighed(heard.y, heard.probabilities, heard.half) | {"priors": heard.priors.tolist()},
        "fused": fused([faces, heard], equal),
        "pairs": {
            "protocol": decision_pairs.PROTOCOL,
            "upper_bound": decision_pairs.UPPER_BOUND,
            "interval": decision_pairs.INTERVAL,
            "labels_equally_common": decision_pairs.compare([faces, heard], equal),
            "labels_as_in_face_training": decision_pairs.compare([faces, heard], faces.priors),
        },
    }


def encoder_calibration(data: Path) -> dict:
    """Fit the demo's settings for `voice_encoder` in the place of `voice`: as `decision_calibration` does.

    The temperature, threshold and priors of faces are those of `decision_calibration`.
    """
    (faces, pictures), (heard, recordings) = face_items(data), encoder_items(data)
    equal = np.full(len(EMOTIONS), 1 / len(EMOTIONS))
    return {
        "files": [*pictures, *recordings],
        "right": RIGHT,
        "encoder_sha256": results.read(voice_encoder.NAME)["encoder_sha256"],
        "voice": weighed(heard.y, heard.probabilities, heard.half) | {"priors": heard.priors.tolist()},
        "fused": fused([faces, heard], equal),
        "pairs": {
            "protocol": decision_pairs.PROTOCOL,
            "upper_bound": decision_pairs.UPPER_BOUND,
            "interval": decision_pairs.INTERVAL,
            "labels_equally_common": decision_pairs.compare([faces, heard], equal),
        },
    }


def encoder_items(data: Path) -> tuple[Items, list[Path]]:
    """Return the recordings' middles, predicted by `voice_encoder` without their actors, and the files."""
    table = voice_training.speech_table(data / "ravdess" / "speech_16k")
    X = voice_encoder_training.embed(table["path"].tolist())
    found, _ = voice_encoder_training.out_of_fold(X, table, ravdess.actor_folds(table))
    return _items(table, found[voice_encoder_training.MIDDLE])


def face_items(data: Path) -> tuple[Items, list[Path]]:
    """Return the validation faces, predicted by the demo's network, and the files."""
    path, face = data / "fer2013" / FACES, moments.trained()["face"]
    faces = fer2013.read(path)
    train, rows = face_training.split(faces)
    y, soft, files = faces.labels, np.eye(len(EMOTIONS))[faces.labels], [path]
    if "contempt" in face.classes:  # it was trained on the raters' votes, so they are the truth here
        files.append(data / "fer2013" / VOTES)
        y, soft = raters(ferplus.read_votes(files[-1]))
    rows = rows[y[rows] >= 0]
    probabilities = moments.as_emotions(face.predict(faces.images[rows], tta=0), face.classes)
    half = np.random.default_rng(0).random(len(rows)) < 0.5
    priors = soft[train].sum(axis=0) / soft[train].sum()
    return Items(y[rows], probabilities, rows, half, priors), files


def raters(votes: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return FER+'s commonest vote for each face as a place in `EMOTIONS`, -1 without one, and its training
    labels without contempt, (n, 7)."""
    places = np.array([EMOTIONS.index(name) if name in EMOTIONS else -1 for name in ferplus.CLASSES])
    commonest = ferplus.commonest_emotion(votes)
    soft = ferplus.training_labels(votes)[:, [ferplus.CLASSES.index(name) for name in EMOTIONS]]
    return np.where(commonest < 0, -1, places[commonest]), soft


def voice_items(data: Path) -> tuple[Items, list[Path]]:
    """Return the recordings, predicted by a classifier not trained on their actors, and the files."""
    folder = data / "ravdess" / "speech_16k"
    table, X = voice_training.recordings(folder)
    middles = voice_training.recordings(folder, voices.WINDOW)[1]
    return _items(table, voice_training.out_of_fold(X, table["emotion"], ravdess.actor_folds(table), middles))


def _items(table, heard):
    """Items of probabilities (n, 8) for RAVDESS's recordings, and the files."""
    y = np.array([EMOTIONS.index(OF_RAVDESS.get(name, name)) for name in table["emotion"]])
    actors = table["actor"].to_numpy()
    # Equal priors: `voices.fit` trains with them. (Neutral would have twice the prior, because calm counts as
    # neutral. Dividing by that made the answers on the pairs slightly worse.)
    priors = np.full(len(EMOTIONS), 1 / len(EMOTIONS))
    return Items(y, voices.as_seven(heard), actors, actors <= 12, priors), list(table["path"])


def fused(parts: Sequence[Items], fractions: np.ndarray, n: int = decision_pairs.PAIRS) -> dict:
    """Fit the demo's fusion to pairs of all items: temperature and threshold.

    "threshold_for_right" is the threshold that alone would reach `RIGHT` on these pairs.
    """
    single, rows = decision_pairs.fit(parts), decision_pairs.draw(parts, fractions, n, seed=0)
    pair = decision_pairs.scaled(single, parts, rows)
    product = decision_pairs.RULES[decision_pairs.SHIPPED](single, pair)
    temperature, threshold, enough = decision_pairs.fit_pairs(parts[0].y[rows[0]], product)
    return {"n": n, "temperature": temperature, "threshold": threshold, "threshold_for_right": enough}


def weighed(y: np.ndarray, probabilities: np.ndarray, half: np.ndarray) -> dict:
    """Fit the settings on validation items and measure them by two-fold cross-validation.

    Parameters
    ----------
    y : np.ndarray
        True labels, int (n,), column indices of `probabilities`.
    probabilities : np.ndarray
        Class probabilities, (n, classes).
    half : np.ndarray
        bool (n,): the items of the first half. Each half is measured with the values fitted on the other.

    Returns
    -------
    dict
        Plain values, as course_lib/results/decision_calibration.json keeps them.
    """
    probabilities = probabilities / probabilities.sum(axis=1, keepdims=True)
    temperature = calibration.fit_temperature(y, probabilities)
    after = calibration.apply_temperature(probabilities, temperature)
    counted, answered = np.empty_like(after), np.empty(len(y), bool)
    for learn, count in ((half, ~half), (~half, half)):
        own = calibration.fit_temperature(y[learn], probabilities[learn])
        counted[count] = calibration.apply_temperature(probabilities[count], own)
        line = max(
            LEAST,
            calibration.threshold(y[learn], calibration.apply_temperature(probabilities[learn], own), RIGHT),
        )
        answered[count] = counted[count].max(axis=1) >= line
    right = probabilities.argmax(axis=1) == y
    table = lambda found: calibration.reliability(y, found).replace({np.nan: None}).to_dict("records")
    return {
        "n": len(y),
        "accuracy": right.mean(),
        "baseline": evaluation.majority(y),
        "temperature": temperature,
        "threshold": max(LEAST, calibration.threshold(y, after, RIGHT)),
        "answered": answered.mean(),
        "right_when_answered": right[answered].mean() if answered.any() else None,
        "f_scores": fusion.f_score_weights(y, after).round(4).tolist(),
        "ece": calibration.expected_calibration_error(y, probabilities),
        "ece_scaled": calibration.expected_calibration_error(y, counted),
        "reliability": table(probabilities),
        "reliability_scaled": table(counted),
    }
