"""Figures measured on real data: `course evaluate --data DIR` writes them to results/NAME.json, the lessons read them.

DIR holds `ravdess/speech_16k` (the 1,440 speech takes as FLAC, 16 kHz), `ravdess/original` (some original wavs) and
`ravdess/video/Actor_01` (original mp4s): the folder that `COURSE_REAL_DATA` names for the tests. Each file says which
command wrote it, at which commit, from which files (a hash of their contents), and n; a score also its protocol,
interval and baseline. A test computes them again where the real data are present (of two that take minutes, a part).
"""

import hashlib
import json
import re
import subprocess
import warnings
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from scipy.signal import savgol_filter
from sklearn.base import clone
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from course_lib import audio, classifiers, evaluation, features, video
from course_lib.datasets import ravdess
from course_lib.files import ROOT, CourseError, whole_file


def ravdess_speech_counts(data) -> dict:
    """How many real speech takes there are of each emotion, and what always "angry" scores against neutral."""
    table = ravdess.table(data / "ravdess" / "speech_16k")
    counts = table["emotion"].value_counts(sort=False).to_dict()
    two = table[table["emotion"].isin(["neutral", "angry"])]
    return {"files": list(table["path"]), "n": len(table), "actors": int(table["actor"].nunique()), "counts": counts,
            "neutral_or_angry": len(two), "majority_baseline": evaluation.majority(two["emotion"])}


def lecture14_real_frames(data) -> dict:
    """Frames declared and decoded of the original clips, and the shape of one (lecture 14 at 02:12)."""
    table = ravdess.table(data / "ravdess" / "video" / "Actor_01")
    decoded = [sum(1 for _ in video.stream(path)) for path in table["path"]]
    declared = [video.declared_frames(path) for path in table["path"]]
    shape = " x ".join(map(str, next(video.stream(table["path"].iloc[0])).shape))
    return {"files": list(table["path"]), "n": len(table), "declared": sum(declared), "decoded": sum(decoded),
            "shape": shape, "declared_each": declared, "decoded_each": decoded}


def lecture14_two_takes(data) -> dict:
    """The lecture's four classifiers on frames of one neutral and one surprised take, frames at random, five folds.

    Two recordings, so what can be learnt is which recording a frame is of: a leak on purpose, on real faces.
    """
    table = ravdess.table(data / "ravdess" / "video" / "Actor_01")
    two = table[table["take"].isin(["01-01-01-01-01-01", "01-08-02-02-02-01"]) & (table["modality"] == "audio-video")]
    images, frames = video.read_frames(two, (224, 224))
    result = classifiers.compare(features.hog(images), frames, "items at random")
    scores = {row.classifier: _plain_score(row.score) for row in result.itertuples()}
    return {"files": list(two["path"]), "n": len(frames), "takes": len(two), "scores": scores}


def ravdess_audit(data) -> dict:
    """What stands more than once in the whole folder: speech at 16 kHz, original wavs and videos of the same takes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # re-encoded clips without a RAVDESS name are there on purpose
        table = ravdess.table(data / "ravdess")
    found = evaluation.audit(table)
    same = found[found["leak"] == "same file content"]["detail"]
    return {"files": list(table["path"]), "n": len(table), "leaks": found["leak"].value_counts().to_dict(),
            "same_content": [sorted(re.findall(r"\d\d(?:-\d\d){6}", detail)) for detail in same]}


# --- lecture 27: calm against angry, by sound -------------------------------------------------------------------------

def lecture27_two_readings(data) -> dict:
    """Lecture 27's classifiers (25:17) on actor 1's calm and angry takes, under three readings of its 32 files.

    Means over 30 splits of 20 %, and the lowest and highest of the 30, in training and in test accuracy; the baseline
    always says the class that the training part has most of. MFCC as in the lecture, unscaled.
    """
    table = _calm_and_angry(data)
    one, two = table[table["actor"] == 1], table[table["actor"] <= 2]
    X, silence = mfcc_rows(one["path"]), features.mfcc(np.zeros((1, 32000))).reshape(1, -1)
    twice = pd.concat([one, one], ignore_index=True)
    readings = {"16 takes twice, the second time silent": (np.concatenate([X, silence.repeat(16, axis=0)]), twice),
                "16 takes twice, both times with their sound": (np.concatenate([X, X]), twice),
                "32 takes of two actors": (mfcc_rows(two["path"]), two)}
    return {"files": list(two["path"]), "n": 32, "protocol": "items at random, 30 splits of 20 %",
            "readings": {name: _random_splits(*reading) for name, reading in readings.items()}}


def lecture27_calm_angry(data) -> dict:
    """Calm against angry of all 24 actors by lecture 27's MFCC: the four classifiers and its 1D-CNN, three protocols.

    As in the lecture features go in unscaled. Standardising them changes nothing in GaussianNB and LDA, so that stands
    beside the others only.
    """
    table = _calm_and_angry(data)
    X, four, scaled = mfcc_rows(table["path"]), classifiers.panel(), classifiers.panel(scale=True)
    four |= {f"{name}, standardised": scaled[name] for name in ("linear SVC", "SVC rbf")}
    four |= {"1D-CNN": _cnn(X.shape[1]), "1D-CNN, standardised": make_pipeline(StandardScaler(), _cnn(X.shape[1]))}
    return {"files": list(table["path"]), "n": len(table), "actors": int(table["actor"].nunique()),
            "features": "MFCC 40 x 63, first 4 s at 8 kHz",
            "scores": {protocol: calm_angry_scores(X, table, protocol, four)
                       for protocol in ("items at random", "whole actors", "whole sentences")}}


def calm_angry_scores(X, table, protocol, several) -> dict:
    """`classifiers.compare` of `several` estimators by one protocol, as plain values by classifier.

    Five folds; "whole sentences" trains on the one sentence and tests on the other, which the same actors speak.
    """
    spoken = table["statement"].to_numpy()
    by_sentence = [(np.flatnonzero(spoken != one), np.flatnonzero(spoken == one)) for one in ravdess.STATEMENTS]
    result = classifiers.compare(X, table, protocol, several, cv=by_sentence if protocol == "whole sentences" else 5)
    return {row.classifier: {"train": row.train, **_plain_score(row.score), "uar": row.uar,
                             "actor_interval": row.actor_interval} for row in result.itertuples()}


def mfcc_rows(paths) -> np.ndarray:
    """Lecture 27's audio features (09:15 to 25:17) of sound files: float32 (n, 2520), 40 coefficients of 63 frames."""
    return features.mfcc(np.stack([audio.read_audio(path) for path in paths])).reshape(len(paths), -1)


def _calm_and_angry(data):
    table = ravdess.table(data / "ravdess" / "speech_16k")
    return table[table["emotion"].isin(["calm", "angry"])].reset_index(drop=True)


def _random_splits(X, table, splits=30):
    y, found = table["emotion"].to_numpy(), {name: [] for name in ("baseline", *classifiers.panel())}
    for seed in range(splits):
        train, test = evaluation.split(table, "items at random", test_size=0.2, seed=seed)
        found["baseline"].append([evaluation.majority(y[part], y[train]) for part in (train, test)])
        with threadpool_limits(1):  # the fits are small: threads would wait for each other
            for name, classifier in classifiers.panel().items():
                classifier.fit(X[train], y[train])
                found[name].append([classifier.score(X[part], y[part]) for part in (train, test)])
    return {"trained_on": len(train), "tested_on": len(test), **{name: _spread(pairs) for name, pairs in found.items()}}


def _spread(pairs):
    of = {"mean": np.mean, "lowest": np.min, "highest": np.max}
    return {part: {name: function(values).round(6) for name, function in of.items()}
            for part, values in zip(("train", "test"), np.transpose(pairs), strict=True)}


def _cnn(length):
    from course_lib import networks, training  # not at the top: lessons read figures, and need no Keras for that

    recipe = networks.RECIPES["cnn_1d"]
    return training.NetworkClassifier(partial(networks.cnn_1d, length), recipe.batch_size, recipe.epochs,
                                      shape=(length, 1))


# --- eight emotions of people never heard, by sound -------------------------------------------------------------------

# What may be chosen, features and classifier; each with its features standardised on the training part. Set down by
# hand (after looking at twelve of the actors, left out by pairs); which one is used, each training part says itself.
CLASSIFIERS = {
    "linear SVC": SVC(kernel=classifiers.linear_kernel, C=0.003),
    "SVC rbf": SVC(kernel=classifiers.rbf_kernel, C=10),
    "LDA, shrinkage": LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"),
    "logistic regression": LogisticRegression(C=0.003, max_iter=500),
}
FEATURES = ("statistics, 8 kHz", "statistics and course, 8 kHz", "statistics, 16 kHz", "statistics and course, 16 kHz")
CANDIDATES = [("MFCC as in lecture 27", "linear SVC"), ("MFCC as in lecture 27", "SVC rbf"),
              *((name, classifier) for name in FEATURES for classifier in CLASSIFIERS)]


def ravdess_eight_classes(data) -> dict:
    """All eight emotions of the 1,440 speech takes by sound, on `ravdess.ACTOR_FOLDS`: nobody tested was heard before.

    Features and classifier are chosen in each training part by leaving out its own actors. Beside it one pipeline in
    three ways (the one that is best on average over those choices, so the differences count and not its own score): on
    the same folds; with takes at random, where the actors are known, which is a leak; and on the same folds with
    features standardised within each speaker, which needs many takes of a new one, of all emotions.
    """
    table = ravdess.table(data / "ravdess" / "speech_16k")
    X, folds = eight_class_features(table["path"]), actor_folds(table)
    inner = [inner_scores(X, table, train) for train, _ in folds]
    chosen = [max(scores, key=scores.get) for scores in inner]
    predicted = np.empty(len(table), object)
    for (train, test), candidate in zip(folds, chosen, strict=True):
        predicted[test] = predict(X, table, candidate, train, test)
    usual = max(CANDIDATES, key=lambda candidate: sum(scores[candidate] for scores in inner))
    return {"files": list(table["path"]), "n": len(table), "actors": int(table["actor"].nunique()),
            "folds": ravdess.ACTOR_FOLDS, "chosen": [", ".join(candidate) for candidate in chosen],
            "inner": [{", ".join(candidate): score for candidate, score in scores.items()} for scores in inner],
            **_eight_class_result(table, predicted), "usual": ", ".join(usual),
            **_usual_pipeline(X, table, usual, folds)}


def eight_class_features(paths) -> dict[str, np.ndarray]:
    """What a classifier of all eight emotions may take, by name: each (n, d)."""
    found = {"MFCC as in lecture 27": mfcc_rows(paths)}
    for sr in (8000, 16000):  # the longest take lasts 5.27 s; windows of 64 ms, a new one every 10 ms
        sounds = np.stack([audio.read_audio(path, sr=sr, seconds=5.3) for path in paths])
        coefficients = features.mfcc(sounds, sr=sr, n_fft=64 * sr // 1000, hop_length=sr // 100)
        statistics = np.stack([mfcc_statistics(one) for one in coefficients])
        found[f"statistics, {sr // 1000} kHz"] = statistics
        found[f"statistics and course, {sr // 1000} kHz"] = np.concatenate(
            [statistics, np.stack([mfcc_course(one) for one in coefficients])], axis=1)
    return found


def mfcc_statistics(coefficients) -> np.ndarray:
    """Mean, standard deviation and 10, 50 and 90 % points of MFCC (40, frames) and of their slopes while there is
    speech: (400,)."""
    slopes = savgol_filter(coefficients, 9, polyorder=1, deriv=1)
    return np.concatenate([statistic for each in (coefficients, slopes) for part in [each[:, _loud(coefficients)]]
                           for statistic in (part.mean(1), part.std(1), *np.percentile(part, [10, 50, 90], axis=1))])


def mfcc_course(coefficients, parts=4) -> np.ndarray:
    """How MFCC (40, frames) go on in time: mean and standard deviation in each quarter of the time from the first to
    the last frame of speech, and the lengths of that and of the speech in it, in frames: (322,)."""
    loud = np.flatnonzero(_loud(coefficients))
    quarters = np.array_split(coefficients[:, loud[0]:loud[-1] + 1], parts, axis=1)
    return np.concatenate([*(np.r_[quarter.mean(1), quarter.std(1)] for quarter in quarters),
                           [loud[-1] - loud[0] + 1, len(loud)]])


def _loud(coefficients, decibels=25, n_mels=128):
    # Frames not far below the loudest: the first coefficient is the sum of the bands' dB over the root of their number.
    level = coefficients[0] / np.sqrt(n_mels)
    return level > level.max() - decibels


def actor_folds(table) -> list[tuple[np.ndarray, np.ndarray]]:
    """The five published folds as row positions (train_index, test_index)."""
    tested = [table["actor"].isin(actors).to_numpy() for actors in ravdess.ACTOR_FOLDS]
    return [(np.flatnonzero(~test), np.flatnonzero(test)) for test in tested]


def inner_scores(X, table, train) -> dict:
    """The accuracy of each of `CANDIDATES` inside a training part, in four folds of whole actors."""
    parts = [(train[a], train[b]) for a, b in GroupKFold(4).split(train, groups=table["actor"].to_numpy()[train])]
    emotions = table["emotion"].to_numpy()

    def right(candidate):
        return sum((predict(X, table, candidate, *part) == emotions[part[1]]).sum() for part in parts)

    with threadpool_limits(1):  # a core a candidate
        counts = Parallel(n_jobs=-1, prefer="threads", return_as="generator")(map(delayed(right), CANDIDATES))
        bar = tqdm(zip(CANDIDATES, counts, strict=True), total=len(CANDIDATES), desc="choose", leave=False)
        return {candidate: count / len(train) for candidate, count in bar}


def predict(X, table, candidate, train, test) -> np.ndarray:
    """What a candidate (features, classifier), trained on rows `train`, says of rows `test`."""
    rows, classifier = X[candidate[0]], make_pipeline(StandardScaler(), CLASSIFIERS[candidate[1]])
    return clone(classifier).fit(rows[train], table["emotion"].iloc[train]).predict(rows[test])


def _eight_class_result(table, predicted):
    true, right = table["emotion"].to_numpy(), predicted == table["emotion"].to_numpy()
    matrix = evaluation.confusion(true, predicted, ravdess.EMOTIONS)
    score = evaluation.Score.of(true, predicted, "whole actors, five published folds")
    return {**_plain_score(score), "uar": evaluation.unweighted_average_recall(true, predicted),
            "actor_interval": evaluation.cluster_bootstrap(right, table["actor"]),
            "by_actor": table.assign(right=right).groupby("actor")["right"].mean().to_dict(),
            "by_gender": table.assign(right=right).groupby("gender")["right"].mean().to_dict(),
            "labels": ravdess.EMOTIONS, "confusion": matrix.to_numpy().tolist()}


def _usual_pipeline(X, table, usual, folds):
    """One pipeline by actors, with takes at random, and by actors with each speaker standardised."""
    name, own = usual[0], table["actor"].to_numpy()
    by_speaker = np.empty_like(X[name])
    for actor in np.unique(own):
        by_speaker[own == actor] = StandardScaler().fit_transform(X[name][own == actor])
    classifier = {"usual": make_pipeline(StandardScaler(), CLASSIFIERS[usual[1]])}
    ways = {"usual_by_actor": (X[name], "whole actors, five published folds", folds),
            "usual_at_random": (X[name], "items at random", 5),
            "usual_speaker_standardised": (by_speaker, "whole actors, five published folds", folds)}
    results = {way: classifiers.compare(rows, table, protocol, classifier, cv=cv).iloc[0]
               for way, (rows, protocol, cv) in ways.items()}
    return {way: {**_plain_score(row.score), "uar": row.uar, "actor_interval": row.actor_interval}
            for way, row in results.items()}


def _plain_score(score):
    return {**asdict(score), "interval": score.interval}


MEASUREMENTS = {function.__name__: function for function in
                (ravdess_speech_counts, ravdess_audit, lecture14_real_frames, lecture14_two_takes,
                 lecture27_two_readings, lecture27_calm_angry, ravdess_eight_classes)}


def write(names, data) -> list[Path]:
    """Compute the named figures (all when none is named) from the real data in `data` and write results/NAME.json."""
    unknown = set(names) - MEASUREMENTS.keys()
    if unknown:
        raise CourseError(", ".join(unknown), "there is no such figure", f"There are: {', '.join(MEASUREMENTS)}")
    paths = []
    for name in names or MEASUREMENTS:
        found = MEASUREMENTS[name](Path(data))
        sources = found.pop("files")
        found = {"command": f"course evaluate {name} --data DIR", "commit": _commit(),
                 "data_sha256": hash_files(sources), "data_files": len(sources), **found}
        paths.append(ROOT / "results" / f"{name}.json")
        with whole_file(paths[-1]) as part:
            part.write_text(json.dumps(found, indent=1, default=_plain) + "\n")
    return paths


def read(name) -> dict:
    """A figure measured on real data, as `course evaluate` wrote it. Raises `CourseError` where there is none."""
    # In a checkout results/ stands at the top; an installed wheel carries it inside the package.
    for folder in (ROOT / "results", Path(__file__).parent / "results"):
        if (folder / f"{name}.json").exists():
            return json.loads((folder / f"{name}.json").read_text())
    raise CourseError(name, "it was not measured yet", f"Where the real data lie: course evaluate {name} --data DIR")


def hash_files(paths) -> str:
    """One SHA-256 over the names and contents of files, in the order of their names."""
    total = hashlib.sha256()
    for path in sorted(map(Path, paths), key=lambda path: path.name):
        total.update(path.name.encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def _commit():
    try:
        done = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
    except OSError:  # no git here: what was measured counts all the same
        return "unknown"
    return done.stdout.strip() or "unknown"


def _plain(value):
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(type(value))
