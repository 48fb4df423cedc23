"""Exercises of lesson 03, classical classifiers (lecture 14 at 11:55)."""

import numpy as np

from course_lib.exercises import Exercise


def drawn_faces(
    rng: np.random.Generator, actors: int, size: int = 32
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw small faces: images uint8 (n, size, size), labels (n,), 1 for level brows and 5 for slanted ones,
    and actors (n,).

    Each actor has a head and brows of their own, and for each label a clip of 2 or 3 images, which differ
    only by noise. The faces are simple so that many can be drawn quickly. They show no emotion."""
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
    """Draw random numbers in place of features: X (n, 6), labels y (n,) of 1 and 5, and actors (n,) of a
    training set, then the same three of a test set with other actors.

    Each actor has a point of their own (standard deviation 12 in each number). Label 5 adds a step of length
    3 in one direction, the same for all actors. The noise is small (0.7). A third of each actor's images has
    label 1."""
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
        title="The lecture's exercise: HoG's parameters",
        points=4,
        seconds=5.0,
        text="""
*Level 2 of 3: about 10 minutes.*

The lecture asks you to change HoG's parameters and to see how the accuracy changes. The answer should hold
for **new people**. So predict each image with a classifier that has seen no image of its actor. Write
`hog_predictions(images, labels, actors, orientations, pixels)`.

- `images`: uint8 array (n, 32, 32), grey
- `labels`: int array (n,), 1 or 5
- `actors`: int array (n,), at least three different actors
- `orientations`: int; `pixels`: int, the side of a cell in pixels

1. Compute the features of each image: `hog(image, orientations=…, pixels_per_cell=(…, …),
   cells_per_block=(2, 2))`.
2. For each actor, fit a new `SVC(kernel="linear")` on the images of **all other** actors. Keep these images
   in their order, because another order can change a prediction. Then predict the images of this actor.
3. Return two things: the predicted labels in the order of the images, and the accuracy, which is the number
   of right predictions divided by n.

The example images are drawings made by a program. Below you try your function on the images of the lesson.
""",
        returns="int array (n,), float",
        examples=(
            (*drawn_faces(np.random.default_rng(101), 3), 9, 8),
            (*drawn_faces(np.random.default_rng(123), 3), 6, 10),
        ),
        hints={
            "trained on all images": (
                "Your classifier was trained on the images that it predicts. Which images must be left out?"
            ),
            "images at random": (
                "Other images of the same clip are in the training set. Leave out a whole actor each time."
            ),
            "mean of the actors' accuracies": (
                "Actors have different numbers of images. Count right predictions over all n images."
            ),
            "parameters not used": "Does your HoG use `orientations` and `pixels`?",
            "the default kernel": "The default kernel of SVC is rbf. This exercise needs a linear one.",
            "another C": "Leave C at its default, 1.",
            "blocks of three cells": (
                "cells_per_block is (2, 2) here. The default of scikit-image is (3, 3)."
            ),
        },
        levels=(
            "Which images may a classifier learn from, if it must predict the images of actor 2?",
            "Compute the features X once. Then loop over np.unique(actors). A boolean array, True for the "
            "images of the actor, selects the test set; ~ selects all other images.",
            'predicted[test] = SVC(kernel="linear").fit(X[~test], labels[~test]).predict(X[test])',
        ),
    ),
    Exercise(
        id="03.2",
        name="honest_score",
        title="What belongs to an accuracy",
        points=3,
        seconds=5.0,
        atol=1e-4,
        text="""
*Level 2 of 3: about 15 minutes.*

Write `honest_score(true, predicted)`. It computes the five numbers of this section.

- `true`, `predicted`: int arrays (n,), labels. Each class that is predicted also occurs in `true`.
- returns, each from 0 to 1:
  1. the **accuracy**
  2. and 3. the **low** and the **high** end of its 95 % Wilson interval, with z = 1.96
  4. the **baseline**: the accuracy of always answering the most common class of `true`
  5. the **UAR**: the mean of the recalls of all classes in `true`

Textbooks often give the interval p ± z · √(p (1 − p) / n). With few images it can leave the range 0 to 1.
Wilson's interval never does.
""",
        returns="five floats",
        examples=(
            (np.array([5, 5, 5, 5, 1, 1, 1]), np.array([5, 5, 5, 5, 5, 1, 1])),
            (np.array([1, 1, 5, 5, 5, 5]), np.array([5, 5, 5, 5, 5, 5])),
            (np.array([1, 5, 4, 4, 4, 5, 5, 5]), np.array([1, 4, 5, 4, 4, 5, 1, 5])),
        ),
        hints={
            "textbook interval": (
                "That is p ± z · √(p (1 − p) / n). Wilson's interval has another centre and another width."
            ),
            "z of one side": "You use z = 1.645. For a 95 % interval with two ends, z is 1.96.",
            "n or n squared": "Under the root is z² / 4n², with n squared. Yours has z² / 4n.",
            "commonest prediction": "The baseline uses the true labels only, not the predicted ones.",
            "one over the number of classes": (
                "Always answering one class is right as often as this class occurs. Which class is best?"
            ),
            "UAR weighed by class": "In the UAR each class counts the same, however many images it has.",
            "precision for recall": (
                "Recall asks: of the images that *are* of a class, which fraction was found?"
            ),
        },
        levels=(
            "Which of the five numbers need `predicted`, and which need only `true`?",
            "Start with the accuracy p and n. Write Wilson's formula as a centre and a half-width, both "
            "divided by 1 + z² / n. For the UAR, loop over the classes of `true`.",
            "recalls = [np.mean(predicted[true == one] == one) for one in np.unique(true)]",
        ),
    ),
    Exercise(
        id="03.3",
        name="new_people",
        title="A classifier for new people",
        points=4,
        seconds=5.0,
        at_least=0.85,
        truths=tuple(right for _, right in _NEW_PEOPLE),
        text="""
*Level 3 of 3: about 20 minutes.*

Write `new_people(X_train, y_train, actors_train, X_test, actors_test)`. It learns from some actors, and
predicts the labels of **others**.

- `X_train`: float array (n, 6); `y_train`: int array (n,) of 1 and 5; `actors_train`: int array (n,), the
  actor of each image
- `X_test`: float array (m, 6); `actors_test`: int array (m,). None of these actors is in the training set,
  and each has twelve images, some with label 1 and some with label 5.
- returns the predicted labels. **85 % of them must be right**, also on hidden data of other actors. Always
  answering 5 gives 67 %.

The features are random numbers, made by `people` in `course_lib/exercises/lesson_03.py`. So a score on them
does not say how well emotions can be recognised. As in lesson 02, they describe the person more than the
label. So a classifier that uses them as they are fails for new people. You do not know the labels of the new
actors, but you know which images show the same person. How can this help? You may use scikit-learn.
""",
        returns="int array (m,)",
        examples=tuple(arguments for arguments, _ in _NEW_PEOPLE),
        hints={
            "features as they are": (
                "These features describe first of all who the person is. What do all twelve images of one "
                "person have in common?"
            ),
            "always the commonest class": (
                "Your function answers 5 for everybody, which is the baseline. Print the mean of X_train for "
                "two actors, and compare."
            ),
            "the mean of all": (
                "After you subtract one mean from all images, the actors still differ as much as before."
            ),
            "only the new actors centred": (
                "You changed the features of the new actors only. Should the training set be treated "
                "differently?"
            ),
            "new actors not centred": (
                "You changed the features of the training set. The new actors need the same treatment."
            ),
        },
        levels=(
            "Two images of one actor have different labels. What is equal in both, and what is different?",
            "Estimate what all images of an actor have in common, and remove it. This needs no labels, so it "
            "works for the new actors, too.",
            "Subtract from each image the mean of its actor's images, in both sets. Then fit a linear SVC.",
        ),
    ),
    Exercise(
        id="03.4",
        name="never_angry",
        title="Angry or not angry",
        points=1,
        text="""
*Level 1 of 3: about 5 minutes.*

A report uses all eight emotions of RAVDESS's speech clips (24 actors, each recording once). Its system tells
"angry" from "not angry" with an accuracy of 85 %. What is the accuracy of a system that always answers "not
angry"? Return it from `never_angry()` as a fraction from 0 to 1 with at least three digits (0.512, not 51).

(Each actor speaks two statements twice in each emotion and each intensity. Neutral has one intensity, the
other seven emotions have two.)
""",
        returns="float, from 0 to 1",
        hints={
            "seven of eight": "The eight emotions are not equally frequent: neutral is never strong.",
            "share of angry": "That is the fraction of angry recordings. The system answers the opposite.",
            "a coin": "A coin is right half of the time. This system is right more often.",
        },
        levels=(
            "How many recordings does one actor have, and how many of them are angry?",
            "Of one actor: 2 statements x 2 repetitions x (1 intensity of neutral + 7 emotions x 2 "
            "intensities).",
            "The fraction is (60 - 8) / 60.",
        ),
    ),
]
