"""Emotions by voice, with statistics of MFCC and one linear classifier: how it is trained, kept and asked (lesson 12).

`course train voice --data FOLDER` trains it on RAVDESS's speech: on the published folds of actors, which gives its
score, then on all actors, which gives the weights that come with the course.
"""

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import sklearn
import soxr
from joblib import Parallel, delayed
from scipy.signal import savgol_filter
from scipy.special import softmax
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import KFold
from sklearn.preprocessing import StandardScaler
from tqdm import tqdm

from course_lib import audio, evaluation, features, model_card
from course_lib.datasets import fer2013, ravdess
from course_lib.files import CourseError, commit, hash_files, home, read_npz, whole_file

SHIPPED = Path(__file__).parent / "weights" / "voice.npz"
SR = 16000                      # samples a second
SPEEDS = (0.9, 1.0, 1.1)        # at which each take is heard, in training and when asked: as if others had said it
MFCC = {"sr": SR, "n_mfcc": 40, "n_mels": 64, "n_fft": 800, "hop_length": 320}  # windows of 50 ms, each 20 ms
WINDOW = 2.5                    # seconds that the demo hears at a time
SHRINKAGE = 0.2                 # of the covariances towards their mean variance
SEVEN = {"calm": "neutral", "fearful": "fear", "surprised": "surprise"}  # RAVDESS's words that FER2013 has others for
PROTOCOL = "whole actors, five published folds"
AT_RANDOM = "takes at random, five folds"


class Voice(NamedTuple):
    """The trained classifier: sums of `describe`'s numbers by weights (d, 8) and bias (8,)."""

    weights: np.ndarray
    bias: np.ndarray


# --- what is heard ----------------------------------------------------------------------------------------------------

def describe(signal, speed=1.0) -> np.ndarray:
    """What is measured of sound float (samples,) at `SR`, played at `speed`: statistics of MFCC, their course in time
    and their slopes, and of the pitch, (d,). Raises `CourseError` as `features.mfcc` does."""
    signal = np.asarray(signal, np.float32)
    signal = signal if speed == 1 else soxr.resample(signal, SR * speed, SR)
    coefficients = features.mfcc(signal[np.newaxis], **MFCC)[0]
    return np.concatenate([what(coefficients, MFCC["n_mels"]) for what in (mfcc_statistics, mfcc_course, mfcc_slopes)]
                          + [pitch_statistics(signal, _loud(coefficients, MFCC["n_mels"]))])


def mfcc_statistics(coefficients, n_mels=128) -> np.ndarray:
    """Mean, standard deviation and 10, 50 and 90 % points of MFCC (m, frames) and of their slopes while there is
    speech: (10 m,)."""
    slopes = _slopes(coefficients)
    return np.concatenate([statistic for each in (coefficients, slopes)
                           for part in [each[:, _loud(coefficients, n_mels)]]
                           for statistic in (part.mean(1), part.std(1), *np.percentile(part, [10, 50, 90], axis=1))])


def mfcc_course(coefficients, n_mels=128, parts=4) -> np.ndarray:
    """How MFCC (m, frames) go on in time: mean and standard deviation in each quarter of the time from the first to the
    last frame of speech, and the lengths of that and of the speech in it, in frames: (8 m + 2,)."""
    loud = np.flatnonzero(_loud(coefficients, n_mels))
    quarters = np.array_split(coefficients[:, loud[0]:loud[-1] + 1], parts, axis=1)
    return np.concatenate([*(np.r_[_mean(quarter), _spread(quarter)] for quarter in quarters),
                           [loud[-1] - loud[0] + 1, len(loud)]])


def mfcc_slopes(coefficients, n_mels=128, parts=4) -> np.ndarray:
    """How fast MFCC (m, frames) change in each quarter of the speech: mean and mean size of their slopes, (8 m,)."""
    loud = np.flatnonzero(_loud(coefficients, n_mels))
    quarters = np.array_split(_slopes(coefficients)[:, loud[0]:loud[-1] + 1], parts, axis=1)
    return np.concatenate([np.r_[_mean(quarter), _mean(np.abs(quarter))] for quarter in quarters])


def pitch_statistics(signal, loud) -> np.ndarray:
    """How high a voice is and how it moves, in semitones above 100 Hz, in the frames of sound (samples,) that are
    `loud` (frames,) and voiced: mean, standard deviation, 5, 25, 50, 75 and 95 % points, slope a second, mean and
    standard deviation of the steps, the mean in each quarter of them, and which share of what is loud is voiced: (15,).
    """
    hertz, clear = (found[0] for found in features.pitch(signal[np.newaxis], SR, hop_length=MFCC["hop_length"]))
    voiced = np.flatnonzero(loud & (clear > 0.5))
    if len(voiced) < 8:
        return np.zeros(15)
    semitones = 12 * np.log2(hertz[voiced] / 100)
    middle = np.median(semitones)
    semitones = np.where(np.abs(semitones - middle) > 14, middle, semitones)    # more than an octave off: mistaken
    steps = np.diff(semitones)[np.diff(voiced) == 1]
    steps = steps if len(steps) else np.zeros(1)
    slope = np.polyfit(voiced * MFCC["hop_length"] / SR, semitones, 1)[0]
    return np.array([semitones.mean(), semitones.std(), *np.percentile(semitones, [5, 25, 50, 75, 95]), slope,
                     np.abs(steps).mean(), steps.std(), *map(np.mean, np.array_split(semitones, 4)),
                     len(voiced) / loud.sum()])


def _slopes(coefficients, frames=9):
    # A line through nine frames; of a shorter sound through as many as there are.
    frames = min(frames, coefficients.shape[1] - 1 + coefficients.shape[1] % 2)
    return savgol_filter(coefficients, frames, 1, deriv=1) if frames > 1 else np.zeros_like(coefficients)


def _mean(part):
    return part.mean(axis=1) if part.size else np.zeros(len(part))     # speech of less than four frames


def _spread(part):
    return part.std(axis=1) if part.size else np.zeros(len(part))


def _loud(coefficients, n_mels=128, decibels=25):
    # Frames not far below the loudest: the first coefficient is the sum of the bands' dB over the root of their number.
    level = coefficients[0] / np.sqrt(n_mels)
    return level > level.max() - decibels


# --- what is said -----------------------------------------------------------------------------------------------------

def predict(voice, signals) -> np.ndarray:
    """Shares float64 (n, 8) in the order of `ravdess.EMOTIONS` for sounds, each float (samples,) at `SR`: softmax of
    the mean over `SPEEDS` of what the classifier sums up."""
    return np.stack([shares(voice, [describe(signal, speed) for speed in SPEEDS]) for signal in signals])


def as_seven(shares) -> np.ndarray:
    """Shares (n, 8) of RAVDESS's emotions as shares (n, 7) of FER2013's, in its order; calm counts as neutral."""
    places = [fer2013.EMOTIONS.index(SEVEN.get(name, name)) for name in ravdess.EMOTIONS]
    seven = np.zeros((len(shares), len(fer2013.EMOTIONS)), np.asarray(shares).dtype)
    np.add.at(seven, (slice(None), places), shares)
    return seven


def load(path=None) -> Voice:
    """The classifier of a file: by default what `course train voice` made on this machine, else what comes with the
    course."""
    own = home() / "models" / "voice" / "weights.npz"
    path, again = Path(path or (own if own.is_file() else SHIPPED)), "Make it again: course train voice --data FOLDER"
    found = read_npz(path, "weights", again, Voice._fields)
    shapes = {name: array.shape for name, array in found.items()}
    if shapes != {"weights": (len(describe(np.zeros(SR))), len(ravdess.EMOTIONS)), "bias": (len(ravdess.EMOTIONS),)}:
        raise CourseError(path, f"its weights do not fit the classifier for voices ({shapes})", again)
    return Voice(**found)


def shares(voice, described) -> np.ndarray:
    """Shares (8,) for one sound, of what `describe` measured at each speed, (speeds, d)."""
    return softmax(np.mean(described, axis=0) @ voice.weights + voice.bias)


# --- train ------------------------------------------------------------------------------------------------------------

def takes(folder, seconds=None) -> tuple[pd.DataFrame, np.ndarray]:
    """RAVDESS's speech takes in `folder`: their table, and what is measured of each at each speed, (n, speeds, d): of
    all of it, or of so many `seconds` in its middle.

    Raises `CourseError` where some actor is missing, and for a take that cannot be read.
    """
    table = ravdess.table(folder)
    table = table[(table["vocal_channel"] == "speech") & (table["modality"] != "video-only")]
    table = table.drop_duplicates("take").reset_index(drop=True)
    if table["actor"].nunique() < 24:
        raise CourseError(folder, f"it holds speech of {table['actor'].nunique()} of the 24 actors",
                          "Get all of it: course fetch ravdess-speech")
    rows = Parallel(n_jobs=-1, return_as="generator")(delayed(_described)(path, seconds) for path in table["path"])
    return table, np.stack(list(tqdm(rows, total=len(table), desc="listen", unit="take")))


def _described(path, seconds):
    sound = audio.read_audio(path, SR, seconds=None)
    if seconds is not None:
        first = max(0, len(sound) - round(seconds * SR)) // 2
        sound = sound[first:first + round(seconds * SR)]
    return np.stack([describe(sound, speed) for speed in SPEEDS])


def fit(X, y) -> Voice:
    """The classifier trained on X (n, speeds, d), each speed a take of its own, and emotions y (n,), RAVDESS's words:
    linear discriminant analysis (Fisher 1936), all emotions taken to be equally likely."""
    rows, places = X.transpose(1, 0, 2).reshape(-1, X.shape[2]), pd.Series(y).map(ravdess.EMOTIONS.index).to_numpy()
    scaler, classes = StandardScaler().fit(rows), len(ravdess.EMOTIONS)
    analysis = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=SHRINKAGE, priors=np.full(classes, 1 / classes))
    analysis.fit(scaler.transform(rows), np.tile(places, X.shape[1]))
    weights = (analysis.coef_ / scaler.scale_).T
    return Voice(weights, analysis.intercept_ - scaler.mean_ @ weights)


def out_of_fold(X, y, folds, asked=None) -> np.ndarray:
    """Shares (n, 8) for takes, each by a classifier trained on the other folds, (train_index, test_index); NaN for what
    no fold tests. `asked`: what is measured of the takes when they are tested, where that is something else than X."""
    found = np.full((len(X), len(ravdess.EMOTIONS)), np.nan)
    for train, test in folds:
        voice = fit(X[train], y[train])
        found[test] = [shares(voice, described) for described in (X if asked is None else asked)[test]]
    return found


def train(data, folder=None) -> dict:
    """Train the classifier on RAVDESS's speech in `data` and write weights.npz, training.json and card.md.

    On the published folds of actors, which gives every take an answer by a classifier that never heard its actor, and
    with it the score; beside it on takes at random; then on all actors. `folder` is by default `models/voice` in the
    course's cache. Returns what training.json says. Raises `CourseError` as `takes` does.
    """
    folder = Path(folder or home() / "models" / "voice")
    table, X = takes(data)
    answers = out_of_fold(X, table["emotion"], ravdess.actor_folds(table))
    at_random = out_of_fold(X, table["emotion"], KFold(5, shuffle=True, random_state=0).split(X))
    voice = fit(X, table["emotion"])
    about = {"classifier": "voice", "parameters": voice.weights.size + voice.bias.size, "trained_on": len(table),
             "measured": X.shape[2], "speeds": SPEEDS, "shrinkage": SHRINKAGE, "commit": commit(),
             "scikit-learn": sklearn.__version__, "data_sha256": hash_files(table["path"]),
             "folds": ravdess.ACTOR_FOLDS, "scores": scores(table, answers),
             "at_random": scores(table, at_random, AT_RANDOM), "takes": list(table["take"]),
             "answers": [ravdess.EMOTIONS[place] for place in answers.argmax(axis=1)]}
    with whole_file(folder / "weights.npz") as part:
        np.savez_compressed(part, **{name: array.astype(np.float32) for name, array in voice._asdict().items()})
    for file, text in (("training.json", json.dumps(about) + "\n"), ("card.md", model_card.write_voice(about))):
        with whole_file(folder / file) as part:
            part.write_text(text, encoding="utf-8")
    return about


def scores(table, shares, protocol=PROTOCOL) -> dict:
    """Scores of shares (n, 8) for the takes of a `table`, as plain values: "top_1" (with interval and baseline) and its
    interval by actors, "uar" with its own, "by_gender", "by_actor", "confusion" (rows true) and "classes"."""
    names, true = np.array(ravdess.EMOTIONS), table["emotion"].to_numpy()
    said = names[shares.argmax(axis=1)]
    right = pd.Series(true == said, table.index)
    return {"top_1": evaluation.Score.of(true, said, protocol).plain(),
            "actor_interval": evaluation.cluster_bootstrap(right, table["actor"]),
            "uar": evaluation.unweighted_average_recall(true, said),
            "uar_interval": evaluation.uar_interval(true, said, table["actor"]),
            "by_gender": right.groupby(table["gender"]).mean().to_dict(),
            "by_actor": {str(actor): share for actor, share in right.groupby(table["actor"]).mean().items()},
            "confusion": evaluation.confusion(true, said, names.tolist()).to_numpy().tolist(),
            "classes": evaluation.f_scores(true, said, names.tolist()).round(4).to_dict("index")}
