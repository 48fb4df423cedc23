"""Emotions by voice, with statistics of MFCC and one linear classifier: fitted, loaded and asked
(lesson 12)."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import softmax
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.preprocessing import StandardScaler

from course_lib.core.errors import CourseError
from course_lib.core.io import read_npz
from course_lib.core.labels import EMOTIONS, OF_RAVDESS
from course_lib.datasets import ravdess
from course_lib.features.functionals import SPEEDS, SR, describe

SHIPPED = Path(__file__).parent / "weights" / "voice.npz"
WINDOW = 2.5  # seconds that the demo hears at a time
SHRINKAGE = 0.2  # of the covariances towards their mean variance


class Voice(NamedTuple):
    """The trained classifier: sums of `describe`'s numbers by weights (d, 8) and bias (8,)."""

    weights: np.ndarray
    bias: np.ndarray


def predict(voice, signals) -> np.ndarray:
    """Probabilities float64 (n, 8) in the order of `ravdess.EMOTIONS` for sounds, each float (samples,) at
    `SR`: softmax of the mean over `SPEEDS` of what the classifier sums up."""
    return softmax(features(signals) @ voice.weights + voice.bias, axis=1)


def features(signals) -> np.ndarray:
    """What the classifier is given for sounds, each float (samples,) at `SR`: the mean of `describe` over
    `SPEEDS`, (n, d)."""
    return np.stack([np.mean([describe(signal, speed) for speed in SPEEDS], axis=0) for signal in signals])


def as_seven(probabilities) -> np.ndarray:
    """Probabilities (n, 8) of RAVDESS's emotions as probabilities (n, 7) of FER2013's, in its order; calm
    counts as neutral."""
    places = [EMOTIONS.index(OF_RAVDESS.get(name, name)) for name in ravdess.EMOTIONS]
    seven = np.zeros((len(probabilities), len(EMOTIONS)), np.asarray(probabilities).dtype)
    np.add.at(seven, (slice(None), places), probabilities)
    return seven


def load(path=SHIPPED) -> Voice:
    """The classifier of a file, or of a folder that `course train voice` wrote; by default what comes with
    the course. Raises `CourseError` for weights that are not there or do not fit."""
    path, again = Path(path).expanduser(), "Make it again: course train voice --data FOLDER"
    path = path / "weights.npz" if path.is_dir() else path
    found = read_npz(path, "weights", again, Voice._fields)
    shapes = {name: array.shape for name, array in found.items()}
    if shapes != {
        "weights": (len(describe(np.zeros(SR))), len(ravdess.EMOTIONS)),
        "bias": (len(ravdess.EMOTIONS),),
    }:
        raise CourseError(path, f"its weights do not fit the classifier for voices ({shapes})", again)
    return Voice(**found)


def probabilities(voice, described) -> np.ndarray:
    """Probabilities (8,) for one sound, of what `describe` measured at each speed, (speeds, d)."""
    return softmax(np.mean(described, axis=0) @ voice.weights + voice.bias)


def fit(X, y) -> Voice:
    """The classifier trained on X (n, speeds, d), each speed a recording of its own, and emotions y (n,),
    RAVDESS's words: linear discriminant analysis (Fisher 1936), all emotions taken to be equally likely."""
    rows, places = (
        X.transpose(1, 0, 2).reshape(-1, X.shape[2]),
        pd.Series(y).map(ravdess.EMOTIONS.index).to_numpy(),
    )
    scaler, classes = StandardScaler().fit(rows), len(ravdess.EMOTIONS)
    analysis = LinearDiscriminantAnalysis(
        solver="lsqr", shrinkage=SHRINKAGE, priors=np.full(classes, 1 / classes)
    )
    analysis.fit(scaler.transform(rows), np.tile(places, X.shape[1]))
    weights = (analysis.coef_ / scaler.scale_).T
    return Voice(weights, analysis.intercept_ - scaler.mean_ @ weights)
