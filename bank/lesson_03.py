"""References, hidden inputs and near-misses of lesson 03."""

from functools import partial

import numpy as np
from skimage.feature import hog
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.metrics import precision_score, recall_score
from sklearn.model_selection import KFold, LeaveOneGroupOut, cross_val_predict
from sklearn.svm import SVC

from course_lib.exercises.compare import Tolerance
from course_lib.exercises.lesson_03 import drawn_faces, people
from course_lib.grading.bank import Private

# --- 03.1 ---

WHOLE_ACTORS, AT_RANDOM = LeaveOneGroupOut(), KFold(5, shuffle=True, random_state=0)


def hog_predictions(images, labels, actors, orientations, pixels, cells=2, kernel="linear", C=1.0):
    X = _hog(images, orientations, pixels, cells)
    return _scored(
        cross_val_predict(SVC(kernel=kernel, C=C), X, labels, groups=actors, cv=WHOLE_ACTORS), labels
    )


def _hog(images, orientations, pixels, cells=2):
    return np.array([hog(image, orientations, (pixels, pixels), (cells, cells)) for image in images])


def _scored(predicted, labels):
    return predicted, float(np.mean(predicted == labels))


def faces(rng, k):
    while True:
        case = (
            *drawn_faces(rng, int(rng.integers(4, 7))),
            int(rng.choice([4, 6, 12])),
            int(rng.choice([6, 8, 10])),
        )
        if _telling(*case):
            return case


def _telling(images, labels, actors, orientations, pixels):
    # Whether each mistake shows, and no image lies so near the boundary that its label hangs on the last
    # digits.
    X = _hog(images, orientations, pixels)
    margins = cross_val_predict(
        SVC(kernel="linear"), X, labels, groups=actors, cv=WHOLE_ACTORS, method="decision_function"
    )
    predicted = np.where(margins > 0, 5, 1)
    return (
        np.abs(margins).min() > 0.005
        and (predicted != labels).any()
        and not np.isclose(_mean_over(actors, predicted == labels), np.mean(predicted == labels))
        and (predicted != cross_val_predict(SVC(kernel="linear"), X, labels, cv=AT_RANDOM)).any()
        and (predicted != hog_predictions(images, labels, actors, 9, 8)[0]).any()
        and all(
            (predicted != hog_predictions(images, labels, actors, orientations, pixels, **other)[0]).any()
            for other in ({"cells": 3}, {"kernel": "rbf"}, {"C": 100})
        )
    )


def _mean_over(actors, right):
    return float(np.mean([right[actors == actor].mean() for actor in np.unique(actors)]))


def _leak(images, labels, actors, orientations, pixels):
    X = _hog(images, orientations, pixels)
    return _scored(SVC(kernel="linear").fit(X, labels).predict(X), labels)


def _images_at_random(images, labels, actors, orientations, pixels):
    X = _hog(images, orientations, pixels)
    return _scored(cross_val_predict(SVC(kernel="linear"), X, labels, cv=AT_RANDOM), labels)


def _mean_of_actors(images, labels, actors, orientations, pixels):
    predicted, _ = hog_predictions(images, labels, actors, orientations, pixels)
    return predicted, _mean_over(actors, predicted == labels)


# --- 03.2 ---


def honest_score(true, predicted):
    n, p = len(true), float(np.mean(true == predicted))
    # Wilson's ends are the shares b for which (p - b)² = z² b (1 - b) / n: a quadratic equation.
    z2 = 1.96**2 / n
    low, high = sorted(np.roots([1 + z2, -2 * p - z2, p * p]).real)
    baseline = np.unique(true, return_counts=True)[1].max() / n
    return p, float(low), float(high), float(baseline), float(recall_score(true, predicted, average="macro"))


def answers(rng, k):
    classes = np.sort(rng.choice(np.arange(1, 9), int(rng.integers(2, 5)), replace=False))
    shares = np.array([6, 2, 1, 1])[: len(classes)]
    # Case 0 has few answers, so that each term of the interval's formula counts.
    number = int(rng.integers(15, 25) if k == 0 else rng.integers(40, 150))
    true = np.concatenate([classes, rng.choice(classes, number, p=shares / shares.sum())])
    # Half of the answers right, and the commonest class answered less often than it occurs.
    guessed = rng.choice(classes, len(true), p=shares[::-1] / shares.sum())
    case = true, np.where(rng.random(len(true)) < 0.5, true, guessed)
    # In a few of these a typical mistake changes nothing: draw others.
    right, mistakes = honest_score(*case), [mistake(*case) for mistake in OTHER_SCORES.values()]
    return answers(rng, k) if any(np.allclose(one, right, 0, 1e-3) for one in mistakes) else case


def _interval(true, predicted, end):
    accuracy, _, _, baseline, uar = honest_score(true, predicted)
    low, high = end(accuracy, len(true))
    return accuracy, float(low), float(high), baseline, uar


def _textbook(p, n):
    half = 1.96 * np.sqrt(p * (1 - p) / n)
    return p - half, p + half


def _wilson(p, n, z=1.96, power=2):
    centre, half = p + z * z / (2 * n), z * np.sqrt(p * (1 - p) / n + z * z / (4 * n**power))
    return (centre - half) / (1 + z * z / n), (centre + half) / (1 + z * z / n)


def _other(true, predicted, place, value):
    score = list(honest_score(true, predicted))
    score[place] = float(value(true, predicted))
    return tuple(score)


OTHER_SCORES = {
    "commonest prediction": partial(
        _other,
        place=3,
        value=lambda true, predicted: np.unique(predicted, return_counts=True)[1].max() / len(true),
    ),
    "one over the number of classes": partial(
        _other, place=3, value=lambda true, _: 1 / len(np.unique(true))
    ),
    "UAR weighed by class": partial(
        _other, place=4, value=lambda true, predicted: (true == predicted).mean()
    ),
    "precision for recall": partial(
        _other, place=4, value=partial(precision_score, average="macro", zero_division=0)
    ),
}


# --- 03.3 ---


def new_people(X_train, y_train, actors_train, X_test, actors_test):
    classifier = LinearDiscriminantAnalysis().fit(_centred(X_train, actors_train), y_train)
    return classifier.predict(_centred(X_test, actors_test))


def _centred(X, actors):
    return np.array(
        [features - X[actors == actor].mean(axis=0) for features, actor in zip(X, actors, strict=True)]
    )


def _as_they_are(X_train, y_train, actors_train, X_test, actors_test):
    return SVC(kernel="linear").fit(X_train, y_train).predict(X_test)


def _mean_of_all(X_train, y_train, actors_train, X_test, actors_test):
    mean, spread = X_train.mean(axis=0), X_train.std(axis=0)
    return (
        LinearDiscriminantAnalysis().fit((X_train - mean) / spread, y_train).predict((X_test - mean) / spread)
    )


def _only_training_centred(X_train, y_train, actors_train, X_test, actors_test):
    classifier = LinearDiscriminantAnalysis().fit(_centred(X_train, actors_train), y_train)
    return classifier.predict(X_test - X_train.mean(axis=0))


def _only_new_centred(X_train, y_train, actors_train, X_test, actors_test):
    classifier = LinearDiscriminantAnalysis().fit(X_train - X_train.mean(axis=0), y_train)
    return classifier.predict(_centred(X_test, actors_test))


def _drawn(rng, k):
    X_train, y_train, actors_train, X_test, y_test, actors_test = people(rng)
    return (X_train, y_train, actors_train, X_test, actors_test), y_test


BANK = {
    "03.1": Private(
        reference=hog_predictions,
        inputs=faces,
        cases=3,
        near_misses={
            "trained on all images": _leak,
            "images at random": _images_at_random,
            "mean of the actors' accuracies": _mean_of_actors,
            "parameters not used": lambda images, labels, actors, *_: hog_predictions(
                images, labels, actors, 9, 8
            ),
            "the default kernel": partial(hog_predictions, kernel="rbf"),
            "another C": partial(hog_predictions, C=100),
            "blocks of three cells": partial(hog_predictions, cells=3),
        },
    ),
    "03.2": Private(
        reference=honest_score,
        inputs=answers,
        tolerance=Tolerance(rtol=0, atol=1e-4),  # z = 1.96 or 1.959964
        near_misses={
            "textbook interval": partial(_interval, end=_textbook),
            "z of one side": partial(_interval, end=partial(_wilson, z=1.645)),
            "n or n squared": partial(_interval, end=partial(_wilson, power=1)),
            **OTHER_SCORES,
        },
    ),
    "03.3": Private(
        reference=new_people,
        inputs=lambda rng, k: _drawn(rng, k)[0],
        truth=lambda rng, k: _drawn(rng, k)[1],
        near_misses={
            "features as they are": _as_they_are,
            "always the commonest class": lambda X, y, actors, X_test, actors_test: np.full(len(X_test), 5),
            "the mean of all": _mean_of_all,
            "only the new actors centred": _only_new_centred,
            "new actors not centred": _only_training_centred,
        },
    ),
    "03.4": Private(
        reference=lambda: 1 - 24 * 8 / (24 * 60),
        tolerance=Tolerance(rtol=0, atol=6e-4),
        near_misses={
            "seven of eight": lambda: 0.875,
            "share of angry": lambda: 0.133,
            "a coin": lambda: 0.5,
        },
    ),
}
