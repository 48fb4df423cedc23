"""Exercises of lesson 03, classical classifiers (lecture 14 at 11:55)."""

import numpy as np

from course_lib.exercises import Exercise


def drawn_faces(
    rng: np.random.Generator, actors: int, size: int = 32
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Small drawn faces: images uint8 (n, size, size), labels (n,) 1 (brows level) or 5 (brows slanted),
    actors (n,).

    Each actor has a head and brows of their own and a clip of 2 or 3 images for each label; a clip's images
    differ by noise alone. They stand in for photographs where many must be drawn quickly, and show no
    emotion."""
    y, x = np.mgrid[:size, :size] - size / 2
    images, labels, whose = [], [], []
    for actor in range(1, actors + 1):
        width, height, brow = rng.uniform(7, 11), rng.uniform(10, 14), rng.uniform(-5, -2)
        for label in (1, 5):
            right, down, slant = (
                rng.uniform(-2, 2),
                rng.uniform(-2, 2),
                0.5 * (label == 5) + rng.normal(0, 0.15),
            )
            head = ((x - right) / width) ** 2 + ((y - down) / height) ** 2 < 1
            side = np.abs(x - right)  # both brows at once, since the face is symmetric
            brows = (np.abs(y - down - brow - slant * (3 - side)) < 1) & (np.abs(side - 4) < 3)
            for _ in range(rng.integers(2, 4)):
                grey = 60 + 120 * head - 90 * brows + rng.normal(0, 6, head.shape)
                images.append(grey.clip(0, 255).astype(np.uint8))
                labels.append(label)
                whose.append(actor)
    return np.array(images), np.array(labels), np.array(whose)


def people(
    rng: np.random.Generator, actors: int = 12, new_actors: int = 8, images: int = 12
) -> tuple[np.ndarray, ...]:
    """Drawn numbers in the place of features: X (n, 6), labels y (n,) 1 or 5, actors (n,), for training; then
    the same three for other actors, to test.

    What an actor always looks like (a standard deviation of 12 in each number) outweighs what label 5 adds (a
    step of length 3 in one direction, the same for everybody) and the noise (0.7). A third of each actor's
    images has label 1."""
    step = rng.normal(size=6)
    step *= 3 / np.linalg.norm(step)
    whose = rng.permutation(np.repeat(np.arange(1, actors + new_actors + 1), images))
    y = np.empty(len(whose), int)
    for actor in range(1, actors + new_actors + 1):
        y[whose == actor] = rng.permutation(np.where(np.arange(images) % 3 == 0, 1, 5))
    own = rng.normal(0, 12, (actors + new_actors, 6))
    X = own[whose - 1] + (y == 5)[:, None] * step + rng.normal(0, 0.7, (len(y), 6))
    known = whose <= actors
    return X[known], y[known], whose[known], X[~known], y[~known], whose[~known]


def _new_people_example(seed: int) -> tuple[tuple[np.ndarray, ...], np.ndarray]:
    X_train, y_train, actors_train, X_test, y_test, actors_test = people(np.random.default_rng(seed))
    return (X_train, y_train, actors_train, X_test, actors_test), y_test


_NEW_PEOPLE = [_new_people_example(seed) for seed in (141, 142)]

EXERCISES = [
    Exercise(
        id="03.1",
        name="hog_predictions",
        title="The lecture's own exercise: HoG's parameters",
        points=4,
        seconds=5.0,
        text="""
The lecture asks you to change HoG's parameters and to see what the accuracy does. So that the answer holds
for **new people**, each image is predicted by a classifier that has seen no image of its actor. Write
`hog_predictions(images, labels, actors, orientations, pixels)`.

- `images`: uint8 array (n, 32, 32), grey; `labels`: int array (n,), 1 or 5; `actors`: int array (n,), at
  least three different ones
- `orientations`: int; `pixels`: int, a cell's side
- features: `hog(image, orientations=…, pixels_per_cell=(…, …), cells_per_block=(2, 2))`, one image after the
  other
- classifier: `SVC(kernel="linear")`, a fresh one for each actor, fitted on the images of **all other** actors
  in their order
- returns: the predicted labels in the images' order, and the accuracy: right predictions / n

The pictures of the examples are drawn. Below you try your function on the lesson's own.
""",
        returns="int array (n,), float",
        examples=(
            (*drawn_faces(np.random.default_rng(101), 3), 9, 8),
            (*drawn_faces(np.random.default_rng(123), 3), 6, 10),
        ),
        hints={
            "trained on all images": (
                "Your classifier has seen the images it is tested on. Leave the tested actor out of the "
                "training part."
            ),
            "images at random": (
                "Other images of the same clip are in the training part. Leave out whole actors, one by one."
            ),
            "mean of the actors' accuracies": (
                "Actors have different numbers of images: count right predictions over all n images."
            ),
            "parameters not used": "Does your HoG use `orientations` and `pixels`?",
            "the default kernel": "SVC's default kernel is rbf: a linear one is asked for.",
            "another C": "Leave C at its default, 1.",
            "blocks of three cells": "cells_per_block is (2, 2) here; scikit-image's own default is (3, 3).",
        },
    ),
    Exercise(
        id="03.2",
        name="honest_score",
        title="No naked accuracy",
        points=3,
        seconds=5.0,
        atol=1e-4,
        text="""
Write `honest_score(true, predicted)`: what must stand beside an accuracy.

- `true`, `predicted`: int arrays (n,), labels; every class that is predicted occurs in `true`
- returns, all from 0 to 1: **accuracy**; **low** and **high** end of its 95 % Wilson interval; **baseline**,
  what always answering the commonest class of `true` gets; **UAR**, the mean, over the classes, of the share
  of a class that is found

Wilson's interval for an accuracy p of n, with z = 1.96, has its centre at (p + z² / 2n) / (1 + z² / n) and
reaches z · √(p (1 − p) / n + z² / 4n²) / (1 + z² / n) to each side of it. Unlike the p ± z · √(p (1 − p) / n)
of many textbooks it never leaves 0 to 1, and it is honest for few images. """,
        returns="five floats",
        examples=(
            (np.array([5, 5, 5, 5, 1, 1, 1]), np.array([5, 5, 5, 5, 5, 1, 1])),
            (np.array([1, 1, 5, 5, 5, 5]), np.array([5, 5, 5, 5, 5, 5])),
            (np.array([1, 5, 4, 4, 4, 5, 5, 5]), np.array([1, 4, 5, 4, 4, 5, 1, 5])),
        ),
        hints={
            "textbook interval": (
                "That is p ± z · √(p (1 − p) / n). Wilson's has another centre and another half-width."
            ),
            "z of one side": "1.645 leaves 5 % on one side. For 95 % between two ends z is 1.96.",
            "n or n squared": "Under the root stands z² / 4n², with n squared, not z² / 4n.",
            "commonest prediction": "The baseline looks at the true labels alone, not at what was predicted.",
            "one over the number of classes": (
                "Always answering the commonest class gets the share of that class."
            ),
            "UAR weighed by class": "In the UAR each class counts the same, however many images it has.",
            "precision for recall": "Recall asks: of the images that *are* of a class, how many were found?",
        },
    ),
    Exercise(
        id="03.3",
        name="new_people",
        title="A classifier for people it has never seen",
        points=4,
        seconds=5.0,
        at_least=0.85,
        truths=tuple(right for _, right in _NEW_PEOPLE),
        text="""
Write `new_people(X_train, y_train, actors_train, X_test, actors_test)`: train on some actors and predict the
labels of **others**.

- `X_train`: float array (n, 6), `y_train`: int array (n,) of 1 and 5, `actors_train`: int array (n,), who is
  on each image
- `X_test`: float array (m, 6), `actors_test`: int array (m,); nobody of them is in the training part, and
  each has twelve images
- returns: the predicted labels. **85 % of them must be right**, on hidden data of other actors; always
  answering 5 gives 67 %

The features are drawn numbers, made by `people` in `course_lib/exercises/lesson_03.py`: they show no emotion,
and no score on them says how well emotions can be recognised. They are made so that, as in lesson 02, who
somebody is outweighs what they show: a classifier put straight on them fails for new people. Nobody tells you
the labels of the new actors, but you do know which images are of one person. What can you take away from
those without any label? scikit-learn may be used. """,
        returns="int array (m,)",
        examples=tuple(arguments for arguments, _ in _NEW_PEOPLE),
        hints={
            "features as they are": (
                "What an actor always looks like hides the label. Take each actor's own mean from their "
                "images: it needs no labels, so you can do it for the new actors, too."
            ),
            "always the commonest class": "That is the baseline. It never looks at the features.",
            "the mean of all": (
                "Taking one mean from all images leaves the actors as different as before. Take each actor's "
                "own."
            ),
            "only the new actors centred": (
                "Both parts must be centred: the training part, too, each image less its actor's mean."
            ),
            "new actors not centred": (
                "The new actors' images need the same treatment as the training part: each less its actor's "
                "mean."
            ),
        },
    ),
    Exercise(
        id="03.4",
        name="never_angry",
        title="Angry or not",
        points=1,
        text="""
Somebody trains on all eight emotions of RAVDESS's speech part (24 actors, each take once) to tell "angry"
from "not angry", and reports an accuracy of 85 %. What accuracy has a system that always answers "not angry"?
Return it from `never_angry()` as a share from 0 to 1, to at least three digits (0.512, not 51 per cent). """,
        returns="float",
        hints={
            "seven of eight": "The eight emotions are not equally frequent: neutral is never strong.",
            "share of angry": "That is the share of the angry takes. The system answers the opposite.",
            "a coin": "A coin is right in half of the takes. Which answer is right more often?",
        },
    ),
]
