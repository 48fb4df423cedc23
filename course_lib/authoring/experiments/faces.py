"""FER2013 as it is: its classes, its repeated and doubtful images, what people make of it, and what G7's
cascade drops.

DIR holds `fer2013/fer2013_train_public.npz` (Training and PublicTest, in the original order; of PrivateTest
nothing is looked at) and `fer2013/ferplus_train_public.csv` (FER+'s votes on the same rows). Lessons 10 and
11."""

from itertools import combinations

import numpy as np
import pandas as pd
from sklearn.neighbors import KNeighborsClassifier

from course_lib import evaluation, results
from course_lib.core.labels import EMOTIONS
from course_lib.datasets import fer2013, ferplus
from course_lib.faces import finding, preprocessing

USAGES = ("Training", "PublicTest")
FACES, VOTES = "fer2013_train_public.npz", "ferplus_train_public.csv"
ANSWERS = (*EMOTIONS, "contempt", "unknown", "not a face")  # what a rater may say, FER2013's seven first
COLUMNS = [*ferplus.VOTES_FOR, "contempt", "unknown", "NF"]  # the same as FER+ names them
BORDERS = {"as shown": 0, "on a border": 51}  # pixels on each side: 48 + 2 * 51 = 150


def fer2013_counts(data) -> dict:
    """Faces by part and class; flat, repeated and doubly labelled images; what always answering "happy"
    scores.

    A repeat is a row with the pixels of an earlier one. Of the PublicTest rows that repeat a Training image,
    those "with its label" have the label of at least one of them: what a network scores there that only
    remembers."""
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
        ).plain(),
    }


def ferplus_raters(data) -> dict:
    """How well FER+'s ten raters agree with each other and with FER2013's label, and what their votes say of
    it.

    "one_against_the_others": a rater is left out and right when naming what most of the others say.
    "one_against_fer2013": a rater is right when naming FER2013's label, which is what a network is scored by.
    Both are means over the ten raters of a face, and the interval is that of one rater a face. "commonest":
    what most raters say (rows FER2013's label), "tie" where two answers are commonest together;
    "commonest_is_fer2013" counts its diagonal."""
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


def fer2013_cascade_selection(data) -> dict:
    """Which faces stay when G7 turns its csv into npy: those in which its Haar cascade finds a face. By part
    and class.

    "as shown": the cascade looks at the 48 x 48 picture itself, as on G7's slides. "on a border": at the
    picture in the middle of 150 x 150 pixels of grey 200, as the public copies of that script have it; G7's
    slide begins just below the function that would do so."""
    path = data / "fer2013" / FACES
    faces = fer2013.read(path)
    parts = {usage: fer2013.subset(faces, usage) for usage in USAGES}
    return {
        "files": [str(path)],
        "n": len(faces.labels),
        "scale_factor": 1.3,
        "min_neighbours": 5,
        "border": BORDERS,
        "kept": {
            way: {usage: selection(part, border) for usage, part in parts.items()}
            for way, border in BORDERS.items()
        },
    }


def fer2013_nearest(data) -> dict:
    """What repeated images and G7's selection do to a score, told by the nearest Training face (pixel by
    pixel).

    Remembered are all Training faces ("all"), those whose image is not in PublicTest ("unseen"), or those
    that G7's cascade keeps (on a border); each answers for all of PublicTest, for the rows that are not in
    Training, and for what the cascade keeps and drops of it."""
    path = data / "fer2013" / FACES
    faces = fer2013.read(path)
    training, public = (fer2013.subset(faces, usage) for usage in USAGES)
    kept, public_kept = (cascade_finds(part.images, BORDERS["on a border"]) for part in (training, public))
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


def nearest(training, known, public, rows) -> dict:
    """How many of `fer2013.Faces` get the label of the nearest of the `known` training faces, a `Score` for
    each of the parts `rows` (name to mask) that has any; and "n", how many faces are known."""
    flat, learnt = public.images.reshape(len(public.images), -1), _names(training.labels[known])
    memory = KNeighborsClassifier(1, algorithm="brute")
    memory.fit(training.images[known].reshape(len(learnt), -1).astype(np.float32), learnt)
    truth, y_pred = _names(public.labels), memory.predict(flat.astype(np.float32))
    return {"n": len(learnt)} | {
        way: evaluation.Score.of(truth[mask], y_pred[mask], f"PublicTest, {way}", learnt).plain()
        for way, mask in rows.items()
        if mask.any()
    }


def fer2013_networks(data) -> dict:
    """What the networks that were trained (`measure.trained`) answer on PublicTest, scored again in other
    ways.

    "all": as it is. "unseen": without the rows whose image is also in Training. "faces": without what most
    raters call no face. "raters": rows where one of the seven is the commonest vote alone, scored against
    that vote. "cascade keeps", "cascade drops": the faces that G7's selection leaves (on a border), and the
    others. "pairs": exact McNemar tests of two networks on all rows, each by itself: p is not corrected for
    how many there are. A network that was trained on other data than these is left out."""
    paths = [data / "fer2013" / name for name in (FACES, VOTES)]
    faces, votes = fer2013.read(paths[0]), ferplus.read_votes(paths[1])
    public, votes = fer2013.subset(faces, "PublicTest"), votes[faces.usage == "PublicTest"]
    answers = {
        name: _names(np.array(list(about["scores"]["PublicTest"]["answers"]), int))
        for name, about in results.trained().items()
        if "PublicTest" in about["scores"] and about["data_sha256"] == fer2013.digest(faces)
    }
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
                way: evaluation.Score.of(right[mask], given[mask], f"PublicTest, {way}").plain()
                for way, (mask, right) in ways.items()
                if mask.any()
            }
            for name, given in answers.items()
        },
    }


def selection(faces, border) -> dict:
    """How many of `fer2013.Faces` stay by `cascade_finds`, all and of each class, with interval."""
    kept = cascade_finds(faces.images, border)
    by_class = {emotion: _kept(kept[faces.labels == label]) for label, emotion in enumerate(EMOTIONS)}
    return {
        **_kept(kept),
        "by_class": by_class,
        "majority_before": evaluation.majority(faces.labels),
        "majority_after": evaluation.majority(faces.labels[kept]),
    }


def cascade_finds(faces, border=0) -> np.ndarray:
    """In which faces uint8 (n, height, width), `border` pixels of grey 200 around each, G7's cascade finds
    one: (n,).

    OpenCV's frontal Haar cascade with scaleFactor 1.3 and minNeighbors 5. Raises `CourseError` with OpenCV 5,
    which has no cascades."""
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
    always = (
        (most / most.sum(axis=1, keepdims=True)).mean(axis=0).max()
    )  # the answer that is commonest most often
    own = counts[np.arange(len(labels)), labels] / counts.sum(axis=1)
    return {
        "one_against_the_others": _one_rater(ferplus.rater_agreement(votes), usage, always),
        "one_against_fer2013": _one_rater(own, usage, evaluation.majority(labels)),
        "commonest_is_fer2013": evaluation.Score.of(_names(labels), y_pred, usage).plain(),
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
    """What most raters say of each face, of `ANSWERS`, or "tie"; from counts (n, 10): str (n,)."""
    most = counts == counts.max(axis=1, keepdims=True)
    return np.where(most.sum(axis=1) > 1, "tie", np.array(ANSWERS)[most.argmax(axis=1)])


def _one_rater(right, usage, baseline):
    score = evaluation.Score(
        round(right.sum()), len(right), usage, float(baseline), "one of ten raters a face"
    )
    return {"mean": right.mean(), **score.plain()}
