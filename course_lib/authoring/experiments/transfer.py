"""Measure frozen features (transfer learning): two expressions in the London set, seven classes in FER2013.

Every representation sees the same images, and every one gets the same linear classifiers. The frozen networks
are `face_identity`, at several layers, and `emotion_net`; the contrasts are HoG, raw pixels and networks with
random weights. Lesson 04.
"""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

from course_lib import evaluation, features
from course_lib.core.io import read_npz, whole_file
from course_lib.core.labels import EMOTIONS
from course_lib.core.paths import home
from course_lib.core.progress import progress
from course_lib.datasets import embedded, fer2013, london
from course_lib.models import classical, face_identity, zoo

LAYERS = ("conv64_3", "conv128_2", "conv256_2", "average", "identity")  # of face_identity, first to last
REFERENCE = "HoG"  # each representation is compared with this one
PROTOCOL = "grouped by actor"  # all photographs of a person are on one side of a split
# PCA keeps all components. It only makes the shrinkage LDA fast where features outnumber photographs.
CLASSIFIERS = {
    "linear SVC": make_pipeline(StandardScaler(), SVC(kernel=classical.linear_kernel)),
    "LDA, shrinkage": make_pipeline(
        StandardScaler(), PCA(), LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
    ),
}
PEOPLE = (4, 8, 16, 32, 80)  # in the training sets of the learning curve
PARTS = ("PublicTest", "Training")  # of FER2013: scored, and trained on
HIDDEN = (slice(80, 300), slice(80, 270))  # rows and columns that contain every face of the London set
REPETITIONS = 50  # of the learning curve, each with other people


# --- the London set ---


def london_transfer(data: Path) -> dict:
    """Tell smiling from neutral photographs of 102 people, with frozen features and two linear classifiers.

    "scores": ten folds; all photographs of a person are in the same fold. Each score is compared with HoG by
    an exact McNemar test. "curve": the linear SVC trained on few people. In each of 50 repetitions the people
    are shuffled, the last 22 are the test set, and the first 4, 8, 16, 32 or 80 are the training set;
    "more_than_hog" is the difference of the accuracy from that of HoG on the same test photographs. All
    intervals of the curve resample people.

    "shortcut": HoG of the whole photograph, and of the photograph with the face hidden. The heads are lower
    in the smiling photographs ("eyes_y", in pixels), so the place of the head tells the label by itself.
    This is why every representation sees an aligned face.
    """
    table = london.table(embedded.folder("london"))
    X = london_features(table)
    found = {
        name: evaluation.compare(one, table, PROTOCOL, CLASSIFIERS, cv=10)
        for name, one in progress(X.items(), desc="ten folds")
    }
    return {
        "files": list(table["path"]),
        "n": len(table),
        "people": int(table["actor"].nunique()),
        "dimensions": {name: one.shape[1] for name, one in X.items()},
        "scores": {name: _scored(found, name) for name in X},
        "curve": learning_curve(X, table),
        "shortcut": shortcut(table),
    }


def london_features(table: pd.DataFrame) -> dict[str, np.ndarray]:
    """Compute every representation of the photographs in `table`, each float32 (n, d).

    Each representation sees the same 150 x 150 image: the face, aligned by its five points.
    """
    chips, small = london_faces(table)
    vgg = zoo.from_preset("vgg_face", weights="random").features(chips)
    untrained = face_identity.build("random")
    return {
        "raw pixels": small.reshape(len(small), -1).astype(np.float32),
        REFERENCE: features.hog(chips),
        "VGG16, random weights": vgg.mean(axis=(1, 2)),
        "face_identity, random weights, conv128_2": face_identity.features(untrained, chips, "conv128_2"),
        **_of_face_identity(chips),
        "emotion_net": zoo.from_preset("emotion_net").features(small),
    }


def london_faces(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Align the faces of photographs: RGB (n, 150, 150, 3), and grey (n, 48, 48) for `emotion_net`."""
    chips = face_identity.align(_photographs(table), london.points(table))
    grey = [cv2.cvtColor(chip, cv2.COLOR_RGB2GRAY) for chip in chips]
    return chips, np.stack([cv2.resize(one, (48, 48), interpolation=cv2.INTER_AREA) for one in grey])


def _photographs(table):
    return [cv2.cvtColor(cv2.imread(path), cv2.COLOR_BGR2RGB) for path in table["path"]]


def _of_face_identity(images):
    found = face_identity.features_of_layers(face_identity.build(), images, LAYERS)
    return {f"face_identity, {layer}": one for layer, one in found.items()}


def _flat(found):
    return found.reshape(len(found), -1)


def _scored(found, name):
    """The score of one representation with each classifier, and its comparison with HoG."""
    scores = {}
    for row in found[name].table.itertuples():
        scores[row.classifier] = {**row.score.to_dict(), "person_interval": row.actor_interval}
        if name != REFERENCE:
            ours, theirs = (found[one].predictions[row.classifier] for one in (name, REFERENCE))
            test = evaluation.mcnemar(found[name].y_true, ours, theirs)
            scores[row.classifier]["against_hog"] = test._asdict()
    return scores


def shortcut(table: pd.DataFrame) -> dict:
    """Score HoG of whole photographs, with and without the face, and measure how high the eyes are."""
    whole = np.stack(_photographs(table))
    hidden = whole.copy()
    hidden[:, HIDDEN[0], HIDDEN[1]] = 128
    images = {"whole photograph": whole, "face hidden": hidden}
    linear = {"linear SVC": CLASSIFIERS["linear SVC"]}
    scores = {
        name: evaluation.compare(features.hog(one), table, PROTOCOL, linear, cv=10).table.iloc[0]
        for name, one in images.items()
    }
    eyes = (
        pd.Series(london.points(table)[:, :4, 1].mean(axis=1).astype(float))
        .groupby(table["expression"])
        .mean()
    )
    return {
        **{name: row["score"].to_dict() for name, row in scores.items()},
        "eyes_y": eyes.round(1).to_dict(),
    }


def learning_curve(
    X: dict[str, np.ndarray], table: pd.DataFrame, repetitions: int = REPETITIONS, seed: int = 0
) -> dict:
    """Score the linear SVC trained on a few people, for each representation and each number of people."""
    splits = curve_splits(table["actor"].to_numpy(), repetitions, seed)
    y, people = table["emotion"].to_numpy(), table["actor"].to_numpy()
    tested = np.concatenate([test for _, test in splits])
    curve = {}
    for name, one in progress(X.items(), desc="learning curve"):
        curve[name] = {count: _right(one, y, people, splits, count) for count in PEOPLE}
    return {
        name: {
            str(count): {
                "accuracy": float(right.mean()),
                "interval": evaluation.cluster_bootstrap(right, people[tested]),
            }
            | _more(right, curve[REFERENCE][count], people[tested])
            for count, right in of.items()
        }
        for name, of in curve.items()
    }


def curve_splits(people: np.ndarray, repetitions: int, seed: int = 0) -> list[tuple[np.ndarray, np.ndarray]]:
    """Shuffle the people: (the training people in their order, the rows of the 22 test people) each time."""
    rng, splits = np.random.default_rng(seed), []
    for _ in range(repetitions):
        order = rng.permutation(np.unique(people))
        splits.append((order[: max(PEOPLE)], np.flatnonzero(np.isin(people, order[max(PEOPLE) :]))))
    return splits


def _right(X, y, people, splits, count):
    """Whether each test photograph is right, over all repetitions, after training on `count` people."""

    def one(order, test):
        train = np.isin(people, order[:count])
        return clone(CLASSIFIERS["linear SVC"]).fit(X[train], y[train]).predict(X[test]) == y[test]

    with threadpool_limits(1):
        return np.concatenate(Parallel(n_jobs=2, prefer="threads")(delayed(one)(*pair) for pair in splits))


def _more(right, reference, people):
    difference = right.astype(int) - reference.astype(int)
    return {
        "more_than_hog": float(difference.mean()),
        "more_than_hog_interval": evaluation.cluster_bootstrap(difference, people),
    }


# --- FER2013 ---


def fer2013_transfer(data: Path) -> dict:
    """Recognise seven emotions in FER2013 with frozen features and a linear classifier, shrinkage LDA.

    It is trained on Training and scored on the whole of PublicTest. It has nothing to select: its shrinkage
    is Ledoit and Wolf's formula. `emotion_net` itself was trained on the same Training images, so its row
    is no transfer.
    """
    path = data / "fer2013" / "fer2013_train_public.npz"
    faces = fer2013.read(path)
    X = fer2013_features(faces)
    predictions = {name: predict_public(one, faces) for name, one in progress(X.items(), desc="LDA")}
    truth, learnt = (np.array(EMOTIONS)[fer2013.subset(faces, part).labels] for part in PARTS)
    return {
        "files": [str(path)],
        "n": len(truth),
        "n_train": int((faces.usage == "Training").sum()),
        "dimensions": {name: one.shape[1] for name, one in X.items()},
        "scores": {name: _against(predictions, name, truth, learnt) for name in X},
    }


def fer2013_features(faces: fer2013.Faces) -> dict[str, np.ndarray]:
    """Compute every representation of the faces, each (n, d); `home()` keeps the networks'."""
    colour = np.repeat(faces.images[..., np.newaxis], 3, axis=3)
    return {
        "raw pixels": faces.images.reshape(len(faces.images), -1).astype(np.float32),
        REFERENCE: features.hog(faces.images),
        "VGG16, random weights": _flat(zoo.from_preset("vgg_face", weights="random").features(colour)),
        **_stored("face_identity", faces.images, _of_face_identity),
        "emotion_net": zoo.from_preset("emotion_net").features(faces.images),
    }


def _stored(
    name: str, images: np.ndarray, compute: Callable[[np.ndarray], dict], chunk: int = 1000
) -> dict[str, np.ndarray]:
    """Compute features in chunks and store each, so that an interrupted run goes on where it was."""
    parts: list[dict] = []
    for start in progress(range(0, len(images), chunk), desc=name):
        path = home() / "transfer" / f"{name}_{start}.npz"
        if not path.is_file():
            found = compute(images[start : start + chunk])
            with whole_file(path) as part:
                np.savez(part, **found)
        parts.append(read_npz(path, "features", "Delete it and run again"))
    return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}


def predict_public(X: np.ndarray, faces: fer2013.Faces) -> np.ndarray:
    """Predict the emotions of PublicTest by an LDA that was trained on the features of Training."""
    train, public = faces.usage == "Training", faces.usage == "PublicTest"
    classifier = make_pipeline(StandardScaler(), LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"))
    classifier.fit(X[train], faces.labels[train])
    return np.array(EMOTIONS)[classifier.predict(X[public])]


def _against(predictions, name, truth, learnt):
    """The score of one representation, and its comparison with HoG."""
    y_pred = predictions[name]
    found = evaluation.Score.of(truth, y_pred, "PublicTest", learnt).to_dict()
    found["uar"] = evaluation.unweighted_average_recall(truth, y_pred)
    if name != REFERENCE:
        found["against_hog"] = evaluation.mcnemar(truth, y_pred, predictions[REFERENCE])._asdict()
    return found
