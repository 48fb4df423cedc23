"""Measure FER2013: its classes, repeated and doubtful images, its human ratings, and G7's selection of faces.

DIR holds `fer2013/fer2013_train_public.npz` (Training and PublicTest, in the original order; PrivateTest is
not used) and `fer2013/ferplus_train_public.csv` (FER+'s votes on the same rows). Lessons 10 and 11.
"""

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.neighbors import KNeighborsClassifier

from course_lib import evaluation, results
from course_lib.core.io import read_npz
from course_lib.core.labels import EMOTIONS
from course_lib.datasets import fer2013, ferplus
from course_lib.faces import finding, preprocessing
from course_lib.models.presets import SHIPPED

USAGES = ("Training", "PublicTest")
PREDICTIONS = SHIPPED / "emotion_net.predictions.npz"  # of `course train emotion --final --ship`
FACES, VOTES = "fer2013_train_public.npz", "ferplus_train_public.csv"
ANSWERS = (
    *EMOTIONS,
    "contempt",
    "unknown",
    "not a face",
)  # possible answers, FER2013's seven first
COLUMNS = [*ferplus.VOTES_FOR, "contempt", "unknown", "NF"]  # the same in FER+'s spelling
BORDERS = {"as shown": 0, "on a border": 51}  # pixels on each side: 48 + 2 * 51 = 150


def fer2013_counts(data: Path) -> dict:
    """Count FER2013's faces by split and class, and its flat, repeated and doubly labelled images.

    A repeat is a row with the pixels of an earlier row. "public_with_its_label_in_training" counts the
    PublicTest rows that repeat a Training image with the same label: a network that only memorises gets those
    right. The baseline always predicts the majority class.
    """
    path = data / "fer2013" / FACES
    faces = fer2013.read(path)
    training, public = (fer2013.subset(faces, usage) for usage in USAGES)
    groups, labels = fer2013.duplicates(faces.images), _names(training.labels)
    distinct, majority = len(np.unique(groups)), pd.Series(labels).mode()[0]
    known = {(image.tobytes(), label) for image, label in zip(training.images, training.labels, strict=True)}
    remembered = [
        (image.tobytes(), label) in known for image, label in zip(public.images, public.labels, strict=True)
    ]
    return {
        "files": [str(path)],
        "n": len(faces.labels),
        "counts": {usage: _by_class(fer2013.subset(faces, usage).labels) for usage in USAGES},
        "flat_rows": np.flatnonzero(fer2013.flat(faces.images)).tolist(),
        "distinct": distinct,
        "repeats": len(groups) - distinct,
        "images_under_two_labels": len(np.unique(groups[fer2013.under_two_labels(faces)])),
        "public_also_in_training": int((~fer2013.without_test_faces(public, training)).sum()),
        "public_with_its_label_in_training": sum(remembered),
        "majority": majority,
        "always_the_majority": evaluation.Score.of(
            _names(public.labels), np.full(len(public.labels), majority), "PublicTest", y_train=labels
        ).to_dict(),
    }


def ferplus_raters(data: Path) -> dict:
    """Measure how well FER+'s ten raters agree with each other and with FER2013's labels.

    "one_against_the_others": the fraction of raters who agree with the majority of the other raters.
    "one_against_fer2013": the fraction of raters who agree with FER2013's label, as networks are scored.
    Both are means over the ten raters of a face, with the interval of one rater for each face. "commonest" is
    the confusion matrix of FER2013's label (rows) and the commonest vote, "tie" if two votes are equally
    common; "commonest_is_fer2013" scores its diagonal.
    """
    paths = [data / "fer2013" / name for name in (FACES, VOTES)]
    faces, votes = fer2013.read(paths[0]), ferplus.read_votes(paths[1])
    ferplus.check_votes(votes, faces)
    return {
        "files": [str(path) for path in paths],
        "n": len(votes),
        "votes": int(votes[COLUMNS].to_numpy().sum()),
        "parts": {
            usage: _raters(votes[faces.usage == usage], fer2013.subset(faces, usage).labels, usage)
            for usage in USAGES
        },
    }


def fer2013_cascade_selection(data: Path) -> dict:
    """Count the faces that G7 keeps, those in which its Haar cascade finds a face, by split and class.

    "as shown": the cascade gets the 48 x 48 image itself, as on G7's slides. "on a border": it gets the image
    in the middle of 150 x 150 pixels of grey 200, as in the public copies of that script; G7's slide begins
    just below the function that would add the border.
    """
    path = data / "fer2013" / FACES
    faces = fer2013.read(path)
    subsets = {usage: fer2013.subset(faces, usage) for usage in USAGES}
    return {
        "files": [str(path)],
        "n": len(faces.labels),
        "scale_factor": 1.3,
        "min_neighbours": 5,
        "border": BORDERS,
        "kept": {
            way: {usage: selection(subset, border) for usage, subset in subsets.items()}
            for way, border in BORDERS.items()
        },
    }


def fer2013_nearest(data: Path) -> dict:
    """Measure how repeated images and G7's selection change the score of a nearest-neighbour classifier.

    It memorises all Training faces ("all"), those whose image is not in PublicTest ("unseen"), or those that
    G7's cascade keeps (on a border). Each is scored on all of PublicTest, on the rows that are not in
    Training, and on the rows that the cascade keeps and drops.
    """
    path = data / "fer2013" / FACES
    faces = fer2013.read(path)
    training, public = (fer2013.subset(faces, usage) for usage in USAGES)
    kept, public_kept = (
        cascade_finds(subset.images, BORDERS["on a border"]) for subset in (training, public)
    )
    known = {
        "all": np.full(len(training.labels), True),
        "unseen": fer2013.without_test_faces(training, public),
        "cascade keeps": kept,
    }
    rows = {
        "all": np.full(len(public.labels), True),
        "unseen": fer2013.without_test_faces(public, training),
        "cascade keeps": public_kept,
        "cascade drops": ~public_kept,
    }
    return {
        "files": [str(path)],
        "n": len(faces.labels),
        "remembered": {way: nearest(training, mask, public, rows) for way, mask in known.items()},
    }


def nearest(
    training: fer2013.Faces, known: np.ndarray, public: fer2013.Faces, rows: dict[str, np.ndarray]
) -> dict:
    """Score a nearest-neighbour classifier (Euclidean distance of pixels) that memorises training faces.

    `known` is a mask over the training faces, bool (n,), and "n" their number. `rows` names masks over the
    `public` faces; each that is not empty gets a `Score`.
    """
    flat, learnt = public.images.reshape(len(public.images), -1), _names(training.labels[known])
    memory = KNeighborsClassifier(1, algorithm="brute")
    memory.fit(training.images[known].reshape(len(learnt), -1).astype(np.float32), learnt)
    truth, y_pred = _names(public.labels), memory.predict(flat.astype(np.float32))
    return {"n": len(learnt)} | {
        way: evaluation.Score.of(truth[mask], y_pred[mask], f"PublicTest, {way}", learnt).to_dict()
        for way, mask in rows.items()
        if mask.any()
    }


def fer2013_networks(data: Path) -> dict:
    """Score the saved PublicTest predictions of the trained networks (`results.trained`) on several subsets.

    "all": every row. "unseen": without the rows whose image is also in Training. "faces": without the images
    that most raters call "not a face". "raters": rows where one of the seven emotions is the commonest vote,
    scored against that vote. "cascade keeps" and "cascade drops": the faces that G7's selection keeps (on a
    border) and drops. "pairs": exact McNemar tests of each two networks on all rows; p is not corrected for
    multiple tests. A network trained on other data is left out. "emotion_net_raters" is the second output of
    `emotion_net`, trained on FER+'s votes; its answer "contempt" is wrong in all subsets.
    """
    paths = [data / "fer2013" / name for name in (FACES, VOTES)]
    faces, votes = fer2013.read(paths[0]), ferplus.read_votes(paths[1])
    public, votes = fer2013.subset(faces, "PublicTest"), votes[faces.usage == "PublicTest"]
    answers = {
        name: _names(np.array(list(about["scores"]["PublicTest"]["answers"]), int))
        for name, about in results.trained().items()
        if "PublicTest" in about["scores"] and about["data_sha256"] == fer2013.digest(faces)
    }
    if "emotion_net" in answers:
        given = read_npz(PREDICTIONS, "predictions", "Run: course train emotion --final --ship")
        answers["emotion_net_raters"] = np.array(ferplus.CLASSES)[given["PublicTest, raters"].argmax(axis=1)]
    y_pred = _commonest(votes[COLUMNS].to_numpy())
    truth, named = _names(public.labels), np.isin(y_pred, EMOTIONS)
    rows = {
        "all": np.full(len(truth), True),
        "faces": ~ferplus.not_a_face(votes),
        "unseen": fer2013.without_test_faces(public, fer2013.subset(faces, "Training")),
    }
    kept = cascade_finds(public.images, BORDERS["on a border"])
    rows |= {"cascade keeps": kept, "cascade drops": ~kept}
    ways = {way: (mask, truth) for way, mask in rows.items()} | {"raters": (named, y_pred)}
    pairs = {
        f"{one} and {other}": evaluation.mcnemar(truth, answers[one], answers[other])._asdict()
        for one, other in combinations(answers, 2)
    }
    return {
        "files": [str(path) for path in paths],
        "n": len(truth),
        "pairs": pairs,
        "networks": {
            name: {
                way: evaluation.Score.of(right[mask], given[mask], f"PublicTest, {way}").to_dict()
                for way, (mask, right) in ways.items()
                if mask.any()
            }
            for name, given in answers.items()
        },
    }


def selection(faces: fer2013.Faces, border: int) -> dict:
    """Count the faces that `cascade_finds` keeps, in total and by class, with confidence intervals."""
    kept = cascade_finds(faces.images, border)
    by_class = {emotion: _kept(kept[faces.labels == label]) for label, emotion in enumerate(EMOTIONS)}
    return {
        **_kept(kept),
        "by_class": by_class,
        "majority_before": evaluation.majority(faces.labels),
        "majority_after": evaluation.majority(faces.labels[kept]),
    }


def cascade_finds(faces: np.ndarray, border: int = 0) -> np.ndarray:
    """Tell in which images G7's cascade finds a face: OpenCV's frontal Haar cascade, scale 1.3, 5 neighbours.

    Parameters
    ----------
    faces : np.ndarray
        Grey images, uint8 (n, height, width).
    border : int
        Pixels of grey 200 added around each image.

    Returns
    -------
    np.ndarray
        bool (n,).

    Raises
    ------
    CourseError
        With OpenCV 5, which has no cascades.
    """
    cascade = finding.cascade("haarcascade_frontalface_default.xml")

    def find(image):
        framed = np.pad(image, border, constant_values=200)
        return cascade.detectMultiScale(framed, scaleFactor=1.3, minNeighbors=5)

    return preprocessing.keep_found(faces, find)


def _names(labels):
    return np.array(EMOTIONS)[labels]


def _by_class(labels):
    return dict(zip(EMOTIONS, np.bincount(labels, minlength=len(EMOTIONS)).tolist(), strict=True))


def _kept(kept):
    found, n = int(kept.sum()), len(kept)
    return {"kept": found, "n": n, "fraction": found / n, "interval": evaluation.wilson(found, n)}


def _raters(votes, labels, usage):
    counts = votes[COLUMNS].to_numpy()
    most, y_pred = counts == counts.max(axis=1, keepdims=True), _commonest(counts)
    matrix = evaluation.confusion(_names(labels), y_pred, [*ANSWERS, "tie"]).loc[list(EMOTIONS)]
    # The baseline always gives the answer that is most often the commonest vote.
    always = (most / most.sum(axis=1, keepdims=True)).mean(axis=0).max()
    own = counts[np.arange(len(labels)), labels] / counts.sum(axis=1)
    return {
        "one_against_the_others": _one_rater(ferplus.rater_agreement(votes), usage, always),
        "one_against_fer2013": _one_rater(own, usage, evaluation.majority(labels)),
        "commonest_is_fer2013": evaluation.Score.of(_names(labels), y_pred, usage).to_dict(),
        "commonest": {
            "labels": EMOTIONS,
            "answers": list(matrix.columns),
            "counts": matrix.to_numpy().tolist(),
        },
        "not_a_face": int(ferplus.not_a_face(votes).sum()),
        "nobody_named_one_of_the_seven": int((counts[:, : len(EMOTIONS)].sum(axis=1) == 0).sum()),
        "all_raters_agree": int((counts.max(axis=1) == counts.sum(axis=1)).sum()),
    }


def _commonest(counts):
    """Return the commonest of `ANSWERS` for each face, or "tie", str (n,); `counts` are votes (n, 10)."""
    most = counts == counts.max(axis=1, keepdims=True)
    return np.where(most.sum(axis=1) > 1, "tie", np.array(ANSWERS)[most.argmax(axis=1)])


def _one_rater(right, usage, baseline):
    score = evaluation.Score(
        round(right.sum()), len(right), usage, float(baseline), "one of ten raters a face"
    )
    return {"mean": right.mean(), **score.to_dict()}
