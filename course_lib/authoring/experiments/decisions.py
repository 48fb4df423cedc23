"""Fit temperatures, thresholds and F-scores of the demo's two classifiers on validation items (lesson 13)."""

from pathlib import Path

import numpy as np

from course_lib import evaluation, fusion
from course_lib.core.labels import OF_RAVDESS
from course_lib.datasets import fer2013, ravdess
from course_lib.evaluation import calibration
from course_lib.models import face_networks, face_training, presets, voice_training, voices

RIGHT = 0.75  # the selective accuracy that the thresholds must reach on these items


def decision_calibration(data: Path) -> dict:
    """Fit temperature, threshold and F-scores for the demo's two classifiers.

    `emotion_net` predicts FER2013's validation faces, without test-time augmentation. The classifier for
    voices predicts the middle of each RAVDESS recording, as long as the demo's window; it was trained without
    that actor. The same items also served to choose how the two are trained. Calibration error and selective
    accuracy are therefore measured on one half of the items (a random half of the faces, half of the actors)
    with the values fitted on the other half.
    """
    path = data / "fer2013" / "fer2013_train_public.npz"
    faces = fer2013.read(path)
    rows = face_training.split(faces)[1]
    seen = face_networks.predict(
        face_networks.load(presets.SHIPPED / "emotion_net.npz"), faces.images[rows], tta=0
    )
    table, X = voice_training.recordings(data / "ravdess" / "speech_16k")
    middles = voice_training.recordings(data / "ravdess" / "speech_16k", voices.WINDOW)[1]
    heard = voice_training.out_of_fold(X, table["emotion"], ravdess.actor_folds(table), middles)
    spoken = np.array([fer2013.EMOTIONS.index(OF_RAVDESS.get(name, name)) for name in table["emotion"]])
    halves = np.random.default_rng(0).random(len(rows)) < 0.5, table["actor"].to_numpy() <= 12
    return {
        "files": [path, *table["path"]],
        "right": RIGHT,
        "face": weighed(faces.labels[rows], seen, halves[0]),
        "voice": weighed(spoken, voices.as_seven(heard), halves[1]),
    }


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
        line = calibration.threshold(
            y[learn], calibration.apply_temperature(probabilities[learn], own), RIGHT
        )
        answered[count] = counted[count].max(axis=1) >= line
    right = probabilities.argmax(axis=1) == y
    table = lambda found: calibration.reliability(y, found).replace({np.nan: None}).to_dict("records")
    return {
        "n": len(y),
        "accuracy": right.mean(),
        "baseline": evaluation.majority(y),
        "temperature": temperature,
        "threshold": calibration.threshold(y, after, RIGHT),
        "answered": answered.mean(),
        "right_when_answered": right[answered].mean() if answered.any() else None,
        "f_scores": fusion.f_score_weights(y, after).round(4).tolist(),
        "ece": calibration.expected_calibration_error(y, probabilities),
        "ece_scaled": calibration.expected_calibration_error(y, counted),
        "reliability": table(probabilities),
        "reliability_scaled": table(counted),
    }
