"""`course train voice --data FOLDER`: the classifier for voices trained on RAVDESS's speech.

It is trained twice: on five folds of actors, for the score; then on all actors, for the weights.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import sklearn
from joblib import Parallel, delayed
from sklearn.model_selection import KFold

from course_lib import evaluation
from course_lib.core.errors import CourseError
from course_lib.core.io import hash_files, whole_file
from course_lib.core.paths import commit, home
from course_lib.core.progress import progress
from course_lib.datasets import ravdess
from course_lib.features.functionals import SPEEDS, SR, describe
from course_lib.media import audio
from course_lib.models import card
from course_lib.models.voices import SHRINKAGE, fit, probabilities

PROTOCOL = "speaker-independent, five published folds"
AT_RANDOM = "random split, five folds"


def recordings(folder, seconds=None) -> tuple[pd.DataFrame, np.ndarray]:
    """RAVDESS's speech recordings in `folder`: their table, and what is measured of each at each speed, (n,
    speeds, d): of all of it, or of so many `seconds` in its middle.

    Raises `CourseError` where some actor is missing, and for a recording that cannot be read.
    """
    table = ravdess.table(folder)
    table = table[(table["vocal_channel"] == "speech") & (table["modality"] != "video-only")]
    table = table.drop_duplicates("recording").reset_index(drop=True)
    if table["actor"].nunique() < 24:
        raise CourseError(
            folder,
            f"it holds speech of {table['actor'].nunique()} of the 24 actors",
            "Get all of it: course fetch ravdess-speech",
        )
    rows = Parallel(n_jobs=-1, return_as="generator")(
        delayed(_described)(path, seconds) for path in table["path"]
    )
    return table, np.stack(list(progress(rows, total=len(table), desc="listen", unit="recording")))


def _described(path, seconds):
    sound = audio.read_audio(path, SR, seconds=None)
    if seconds is not None:
        first = max(0, len(sound) - round(seconds * SR)) // 2
        sound = sound[first : first + round(seconds * SR)]
    return np.stack([describe(sound, speed) for speed in SPEEDS])


def out_of_fold(X, y, folds, asked=None) -> np.ndarray:
    """Probabilities (n, 8) for recordings, each by a classifier trained on the other folds, (train_index,
    test_index); NaN for what no fold tests. `asked`: what is measured of the recordings when they are tested,
    where that is something else than X."""
    found = np.full((len(X), len(ravdess.EMOTIONS)), np.nan)
    for train, test in folds:
        voice = fit(X[train], y[train])
        found[test] = [probabilities(voice, described) for described in (X if asked is None else asked)[test]]
    return found


def train(data, folder=None) -> dict:
    """Train the classifier on RAVDESS's speech in `data` and write weights.npz, training.json and card.md.

    On the published folds of actors, which gives every take an answer by a classifier that never heard its
    actor, and with it the score; beside it on a random split; then on all actors. `folder` is by default
    `models/voice` in the course's cache. Returns what training.json says. Raises `CourseError` as
    `recordings` does."""
    folder = Path(folder or home() / "models" / "voice")
    table, X = recordings(data)
    answers = out_of_fold(X, table["emotion"], ravdess.actor_folds(table))
    at_random = out_of_fold(X, table["emotion"], KFold(5, shuffle=True, random_state=0).split(X))
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
        "recordings": list(table["recording"]),
        "answers": [ravdess.EMOTIONS[place] for place in answers.argmax(axis=1)],
    }
    with whole_file(folder / "weights.npz") as part:
        np.savez_compressed(
            part, **{name: array.astype(np.float32) for name, array in voice._asdict().items()}
        )
    for file, text in (("training.json", json.dumps(about) + "\n"), ("card.md", card.write(about))):
        with whole_file(folder / file) as part:
            part.write_text(text, encoding="utf-8")
    return about


def scores(table, probabilities, protocol=PROTOCOL) -> dict:
    """Scores of probabilities (n, 8) for the recordings of a `table`, as plain values: "top_1" (with interval
    and baseline) and its interval by actors, "uar" with its own, "by_gender", "by_actor", "confusion" (rows
    true) and "classes"."""
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
