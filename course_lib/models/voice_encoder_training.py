"""Train the classifier on Whisper-base's encoder: `course train voice_encoder --data FOLDER`.

Each recording of RAVDESS's speech counts twice, whole and its middle 2.5 s, because the live demo hears 2.5 s
at a time. The layer is chosen within each training set. As in `voice_training`, five folds of actors give the
score, and all actors the weights. The embeddings are kept on this machine, so an interrupted run goes on.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import sklearn
from sklearn.model_selection import GroupKFold
from threadpoolctl import threadpool_limits

from course_lib import evaluation
from course_lib.core.audio import SPEECH_SR
from course_lib.core.io import hash_files, read_npz, whole_file
from course_lib.core.paths import commit, home
from course_lib.core.progress import progress
from course_lib.datasets import ravdess
from course_lib.media import audio
from course_lib.models import card, voice_encoder, voices, whisper_file
from course_lib.models.voice_encoder import VoiceEncoder
from course_lib.models.voice_training import AT_RANDOM, PROTOCOL, random_folds, scores, speech_table

ONE_OUT = "speaker-independent, leave-one-speaker-out"
WINDOWS = f"{PROTOCOL}, the middle {voices.WINDOW:g} s"
SHRINKAGE = "auto"  # by Ledoit and Wolf's formula, from the training set
INNER = 4  # folds of actors within a training set, to choose the layer
CHUNK = 48  # recordings whose embeddings are kept at a time
WHOLE, MIDDLE = 0, 1  # the two versions of a recording


def embed(paths: Sequence[str | Path]) -> np.ndarray:
    """Compute all layers of the encoder for recordings, whole and their middle, or read what is kept of them.

    Parameters
    ----------
    paths : sequence of path
        Sound files.

    Returns
    -------
    np.ndarray
        float16 (n, 2, 7, 512): versions `WHOLE` and `MIDDLE`, then layers.

    Raises
    ------
    CourseError
        If the encoder's weights are missing (`course fetch whisper-base`), or a recording cannot be read.
    """
    weights = whisper_file.path()
    key = hashlib.sha256(f"{whisper_file.digest(whisper_file.read(weights))} {hash_files(paths)}".encode())
    folder = home() / "embeddings" / f"voice_encoder-{key.hexdigest()[:16]}"
    chunks = [
        (folder / f"{first:05}.npz", paths[first : first + CHUNK]) for first in range(0, len(paths), CHUNK)
    ]
    for kept, some in progress(chunks, desc="embeddings", unit=f"{CHUNK} recordings"):
        if not kept.is_file():
            with whole_file(kept) as part:
                np.savez(part, X=_embedded(some, weights))
    again = f"Delete {folder}, and run this again"
    return np.concatenate([read_npz(kept, "embeddings", again, ["X"])["X"] for kept, _ in chunks])


def _embedded(paths, weights):
    from course_lib.models import speech_encoder

    sounds = [audio.read_audio(path, SPEECH_SR, seconds=None) for path in paths]
    versions = sounds, [middle(sound) for sound in sounds]
    network = voice_encoder.encoder(weights)
    found = [speech_encoder.all_layers(network, version) for version in versions]
    return np.stack(found, axis=1).astype(np.float16)


def middle(sound: np.ndarray, seconds: float = voices.WINDOW) -> np.ndarray:
    """Cut so many seconds out of the middle of a sound; a shorter sound stays whole.

    Examples
    --------
    >>> middle(np.arange(16000 * 4), 1)[[0, -1]]
    array([24000, 39999])
    """
    first = max(0, len(sound) - round(seconds * SPEECH_SR)) // 2
    return sound[first : first + round(seconds * SPEECH_SR)]


def fit(X: np.ndarray, y: npt.ArrayLike, actors: npt.ArrayLike) -> VoiceEncoder:
    """Choose the layer, and train the classifier on it.

    Parameters
    ----------
    X : array of shape (n, 2, 7, 512)
        As from `embed`.
    y, actors : array of shape (n,)
        Emotions in RAVDESS's words, and who speaks.

    Returns
    -------
    VoiceEncoder
    """
    layer = int(np.argmax(inner_uar(X, y, actors)))
    found = voices.fit(X[:, :, layer].astype(np.float64), y, SHRINKAGE)
    return VoiceEncoder(found.weights, found.bias, np.array(layer))


def inner_uar(X: np.ndarray, y: npt.ArrayLike, actors: npt.ArrayLike) -> list[float]:
    """Compute the UAR of each layer by cross-validation over the actors of a training set.

    Parameters
    ----------
    X, y, actors
        As in `fit`.

    Returns
    -------
    list of float
        One UAR for each layer: the mean over whole recordings and their middles.
    """
    y, found = np.asarray(y), []
    splits = list(GroupKFold(INNER).split(X, groups=actors))
    for layer in range(X.shape[2]):
        rows = X[:, :, layer].astype(np.float64)
        predicted = np.empty((len(y), X.shape[1]), object)
        for train, test in splits:
            linear = voices.fit(rows[train], y[train], SHRINKAGE)
            places = (rows[test] @ linear.weights + linear.bias).argmax(axis=2)
            predicted[test] = np.array(ravdess.EMOTIONS)[places]
        found.append(float(np.mean([evaluation.unweighted_average_recall(y, one) for one in predicted.T])))
    return found


def out_of_fold(
    X: np.ndarray, table: pd.DataFrame, folds: Iterable[tuple[np.ndarray, np.ndarray]]
) -> tuple[np.ndarray, list[int]]:
    """Predict each recording with a classifier that was trained on the other folds (cross-validation).

    Parameters
    ----------
    X : array of shape (n, 2, 7, 512)
        As from `embed`.
    table : pd.DataFrame
        The recordings, with the columns emotion and actor.
    folds : iterable of (train_index, test_index)

    Returns
    -------
    probabilities : np.ndarray
        float64 (2, n, 8): of whole recordings and of their middles; NaN for recordings in no test fold.
    layers : list of int
        The layer that each fold chose.
    """
    y, actors = table["emotion"].to_numpy(), table["actor"].to_numpy()
    found, layers = np.full((X.shape[1], len(X), len(ravdess.EMOTIONS)), np.nan), []
    with threadpool_limits(1):
        for train, test in progress(list(folds), desc="train", unit="fold", leave=False):
            voice = fit(X[train], y[train], actors[train])
            layers.append(int(voice.layer))
            for version in range(X.shape[1]):
                found[version, test] = voice_encoder.probabilities(voice, X[test, version, layers[-1]])
    return found, layers


def train(data: str | Path, folder: str | Path | None = None) -> dict[str, Any]:
    """Train the classifier on RAVDESS's speech.

    Parameters
    ----------
    data : str or path
        The folder of RAVDESS's clips.
    folder : str or path, optional
        Where weights.npz, predictions.npz, training.json and card.md are written. By default
        `models/voice_encoder` in the course's cache.

    Returns
    -------
    dict
        The content of training.json.

    Raises
    ------
    CourseError
        If an actor is missing, a recording cannot be read, or the encoder's weights are missing.

    Notes
    -----
    "scores" are those of whole recordings on the published folds of actors, "windows" those of their middles,
    each predicted by a classifier that was not trained on the actor. "one_out" is leave-one-speaker-out, and
    "at_random" a random split, whose score is too high. The weights come from a training on all actors.
    """
    folder = Path(folder or home() / "models" / voice_encoder.NAME)
    table = speech_table(data)
    X = embed(table["path"].tolist())
    found, layers = out_of_fold(X, table, ravdess.actor_folds(table))
    one_out, other_layers = out_of_fold(
        X, table, evaluation.folds(table, "speaker-independent", "leave-one-out")
    )
    at_random, _ = out_of_fold(X, table, random_folds(X))
    voice = fit(X, table["emotion"], table["actor"])
    about = {
        **_about(table, voice),
        "scores": scores(table, found[WHOLE]),
        "windows": scores(table, found[MIDDLE], WINDOWS),
        "one_out": scores(table, one_out[WHOLE], ONE_OUT),
        "at_random": scores(table, at_random[WHOLE], AT_RANDOM),
        "layers": {PROTOCOL: layers, ONE_OUT: other_layers, "all actors": int(voice.layer)},
        "recordings": list(table["recording"]),
        "answers": [ravdess.EMOTIONS[place] for place in found[WHOLE].argmax(axis=1)],
    }
    _write(folder, about, voice, found)
    return about


def _about(table, voice):
    return {
        "classifier": voice_encoder.NAME,
        "parameters": voice.weights.size + voice.bias.size,
        "trained_on": len(table),
        "shrinkage": SHRINKAGE,
        "window": voices.WINDOW,
        "commit": commit(),
        "scikit-learn": sklearn.__version__,
        "data_sha256": hash_files(table["path"]),
        "encoder_sha256": whisper_file.digest(whisper_file.read(whisper_file.path())),
        "folds": ravdess.ACTOR_FOLDS,
    }


def _write(folder, about, voice, found):
    arrays = {"weights": voice.weights.astype(np.float32), "bias": voice.bias.astype(np.float32)}
    with whole_file(folder / "weights.npz") as part:
        np.savez_compressed(part, layer=voice.layer, **arrays)
    with whole_file(folder / "predictions.npz") as part:
        kept = {"whole": found[WHOLE].astype(np.float16), "middle": found[MIDDLE].astype(np.float16)}
        np.savez_compressed(part, recordings=np.array(about["recordings"]), **kept)
    for file, text in (
        ("training.json", json.dumps(about) + "\n"),
        ("card.md", card.write(about, folder / "weights.npz")),
    ):
        with whole_file(folder / file) as part:
            part.write_text(text, encoding="utf-8")
