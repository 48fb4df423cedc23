"""Train the classifier for voices on RAVDESS's speech: `course train voice --data FOLDER`.

It is trained twice: on five folds of actors, for the score; then on all actors, for the weights.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import sklearn
from joblib import Parallel, delayed
from sklearn.model_selection import KFold

from course_lib import evaluation
from course_lib.core.audio import SPEECH_SR
from course_lib.core.errors import CourseError
from course_lib.core.io import hash_files, whole_file
from course_lib.core.paths import commit, home
from course_lib.core.progress import progress
from course_lib.datasets import ravdess
from course_lib.features.functionals import SPEEDS
from course_lib.media import audio
from course_lib.models import card, voices, zoo
from course_lib.models.voices import SHRINKAGE, fit, probabilities

PROTOCOL = "speaker-independent, five published folds"
AT_RANDOM = "random split, five folds"
OTHER_SPLITS = (1, 2, 3, 4)  # seeds of other splits of the actors


def recordings(folder: str | Path, seconds: float | None = None) -> tuple[pd.DataFrame, np.ndarray]:
    """Compute the features of RAVDESS's speech recordings.

    Parameters
    ----------
    folder : str or path
        The folder of RAVDESS's clips.
    seconds : float, optional
        Use only so many seconds in the middle of each recording. By default all of it.

    Returns
    -------
    table : pd.DataFrame
        One row for each recording, as from `ravdess.table`.
    features : np.ndarray
        The result of `voices.describe` for each recording, (n, speeds, d).

    Raises
    ------
    CourseError
        If an actor is missing, or a recording cannot be read.
    """
    table = speech_table(folder)
    rows = Parallel(n_jobs=-1, return_as="generator")(
        delayed(_described)(path, seconds) for path in table["path"]
    )
    return table, np.stack(list(progress(rows, total=len(table), desc="features", unit="recording")))


def speech_table(folder: str | Path) -> pd.DataFrame:
    """List RAVDESS's speech recordings, as `ravdess.table`; raise `CourseError` if an actor is missing."""
    table = speech(ravdess.table(folder))
    if table["actor"].nunique() < 24:
        raise CourseError(
            folder,
            f"it holds speech of {table['actor'].nunique()} of the 24 actors",
            "Get all of it: course fetch ravdess-speech",
        )
    return table


def _described(path, seconds):
    sound = audio.read_audio(path, SPEECH_SR, seconds=None)
    if seconds is not None:
        first = max(0, len(sound) - round(seconds * SPEECH_SR)) // 2
        sound = sound[first : first + round(seconds * SPEECH_SR)]
    return voices.describe(sound)


def out_of_fold(
    X: np.ndarray,
    y: npt.ArrayLike,
    folds: Iterable[tuple[np.ndarray, np.ndarray]],
    X_test: np.ndarray | None = None,
) -> np.ndarray:
    """Predict each recording with a classifier that was trained on the other folds (cross-validation).

    Parameters
    ----------
    X : array of shape (n, speeds, d)
        Features to train on.
    y : array of shape (n,)
        Emotions, in RAVDESS's words.
    folds : iterable of (train_index, test_index)
    X_test : array of shape (n, speeds, d), optional
        Features to test on. By default X.

    Returns
    -------
    np.ndarray
        Probabilities, float64 (n, 8); NaN for recordings that are in no test fold.
    """
    found = np.full((len(X), len(ravdess.EMOTIONS)), np.nan)
    for train, test in folds:
        voice = fit(X[train], y[train])
        found[test] = [
            probabilities(voice, described) for described in (X if X_test is None else X_test)[test]
        ]
    return found


def train(data: str | Path, folder: str | Path | None = None) -> dict[str, Any]:
    """Train the classifier on RAVDESS's speech.

    Parameters
    ----------
    data : str or path
        The folder of RAVDESS's clips.
    folder : str or path, optional
        Where weights.npz, training.json and card.md are written. By default `models/voice` in the course's
        cache.

    Returns
    -------
    dict
        The content of training.json.

    Raises
    ------
    CourseError
        As in `recordings`.

    Notes
    -----
    The score comes from the published folds of actors, so each recording is predicted by a classifier that
    was not trained on its actor. A random split is scored, too, to show how much it overestimates. The
    weights come from a training on all actors.
    """
    folder = Path(folder or home() / "models" / "voice")
    table, X = recordings(data)
    answers = out_of_fold(X, table["emotion"], ravdess.actor_folds(table))
    at_random = out_of_fold(X, table["emotion"], random_folds(X))
    voice = fit(X, table["emotion"])
    about = {
        "classifier": "voice",
        "parameters": voice.weights.size + voice.bias.size,
        "trained_on": len(table),
        "measured": X.shape[2],
        "speeds": SPEEDS,
        "shrinkage": SHRINKAGE,
        "commit": commit(),
        "scikit-learn": sklearn.__version__,
        "data_sha256": hash_files(table["path"]),
        "folds": ravdess.ACTOR_FOLDS,
        "scores": scores(table, answers),
        "at_random": scores(table, at_random, AT_RANDOM),
        "other_splits": other_splits(table, X),
        "recordings": list(table["recording"]),
        "answers": [ravdess.EMOTIONS[place] for place in answers.argmax(axis=1)],
    }
    with whole_file(folder / "weights.npz") as part:
        np.savez_compressed(
            part, **{name: array.astype(np.float32) for name, array in voice._asdict().items()}
        )
    for file, text in (
        ("training.json", json.dumps(about) + "\n"),
        ("card.md", card.write(about, folder / "weights.npz")),
    ):
        with whole_file(folder / file) as part:
            part.write_text(text, encoding="utf-8")
    return about


def random_folds(X: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Split recordings at random into five folds: (train_index, test_index) of each, actors mixed."""
    return list(KFold(5, shuffle=True, random_state=0).split(X))


def other_splits(table: pd.DataFrame, X: np.ndarray, seeds: Iterable[int] = OTHER_SPLITS) -> list[float]:
    """Compute the UAR on five folds of actors drawn at random, once for each seed.

    The features and the shrinkage were chosen on such splits, not on the published folds.

    Parameters
    ----------
    table, X
        As from `recordings`.
    seeds : iterable of int

    Returns
    -------
    list of float
        One UAR for each seed.
    """
    actors, found = table["actor"].to_numpy(), []
    for seed in seeds:
        parts = np.array_split(np.random.default_rng(seed).permutation(np.unique(actors)), 5)
        folds = [
            (np.flatnonzero(~np.isin(actors, part)), np.flatnonzero(np.isin(actors, part))) for part in parts
        ]
        places = out_of_fold(X, table["emotion"], folds).argmax(axis=1)
        found.append(
            evaluation.unweighted_average_recall(table["emotion"], np.array(ravdess.EMOTIONS)[places])
        )
    return found


def evaluate(model: str | Path, folder: str | Path) -> dict[str, Any]:
    """Score a trained classifier on a folder of recordings that are named as RAVDESS names its own.

    Parameters
    ----------
    model : str or path
        "voice" or "voice_encoder" for the weights that come with the course, or a file of weights, or a
        folder that `course train` wrote.
    folder : str or path
        A folder of RAVDESS's speech, or of recordings of your own under such names.

    Returns
    -------
    dict
        As from `scores`.

    Raises
    ------
    CourseError
        If the weights or the recordings cannot be read, or there is only one actor.

    Notes
    -----
    The weights that come with the course were trained on all 24 actors of RAVDESS, so their score on these
    is far too high. The score to expect of new speakers is in the model card.
    """
    table = speech(ravdess.table(folder))
    sounds = [audio.read_audio(path, SPEECH_SR, seconds=None) for path in table["path"]]
    found = scores(table, zoo.from_preset(model).predict(sounds), f"all recordings of {Path(folder).name}")
    found["top_1"]["note"] = "recordings of RAVDESS may be in the training set, so it may have memorised them"
    return found


def speech(table: pd.DataFrame) -> pd.DataFrame:
    """Keep the spoken recordings of `ravdess.table` that have sound, each once."""
    kept = table[(table["vocal_channel"] == "speech") & (table["modality"] != "video-only")]
    return kept.drop_duplicates("recording").reset_index(drop=True)


def scores(table: pd.DataFrame, probabilities: np.ndarray, protocol: str = PROTOCOL) -> dict[str, Any]:
    """Score probabilities for recordings, as plain values that JSON can store.

    Parameters
    ----------
    table : pd.DataFrame
        The recordings, with the columns emotion, actor and gender.
    probabilities : array of shape (n, 8)
        In the order of `ravdess.EMOTIONS`.
    protocol : str
        How the data were split.

    Returns
    -------
    dict
        "top_1" (with interval and baseline), "actor_interval", "uar", "uar_interval" (over actors),
        "by_gender", "by_actor", "confusion" (rows are the true classes) and "classes".
    """
    names, true = np.array(ravdess.EMOTIONS), table["emotion"].to_numpy()
    y_pred = names[probabilities.argmax(axis=1)]
    right = pd.Series(true == y_pred, table.index)
    return {
        "top_1": evaluation.Score.of(true, y_pred, protocol).to_dict(),
        "actor_interval": evaluation.cluster_bootstrap(right, table["actor"]),
        "uar": evaluation.unweighted_average_recall(true, y_pred),
        "uar_interval": evaluation.uar_interval(true, y_pred, table["actor"]),
        "by_gender": right.groupby(table["gender"]).mean().to_dict(),
        "by_actor": {
            str(actor): accuracy for actor, accuracy in right.groupby(table["actor"]).mean().items()
        },
        "confusion": evaluation.confusion(true, y_pred, names.tolist()).to_numpy().tolist(),
        "classes": evaluation.f_scores(true, y_pred, names.tolist()).round(4).to_dict("index"),
    }
