"""Exercises of lesson 13, decisions fused and calibrated: F-scores, IIITA's fusion, calibration error,
temperature.
"""

import numpy as np

from course_lib.exercises import Exercise

# IIITA's face network on FER2013's PublicTest as published: rows true, columns predicted, in FER2013's order.
FACES = np.array(
    [
        [239, 3, 41, 44, 70, 12, 58],
        [14, 23, 6, 4, 7, 0, 2],
        [32, 3, 205, 30, 113, 36, 77],
        [22, 1, 13, 744, 30, 17, 68],
        [74, 2, 55, 50, 315, 8, 149],
        [11, 2, 47, 23, 8, 307, 17],
        [45, 1, 29, 61, 99, 6, 366],
    ]
)
# Four classes, of which the third is neither true nor named, and the last is never named.
GAPS = np.array([[5, 2, 0, 0], [1, 6, 0, 0], [0, 0, 0, 0], [3, 1, 0, 0]])
# Two modalities, three takes; the second take has no sound, the third no face.
NOTHING = [np.nan] * 3
SHARES = np.array([[[0.6, 0.3, 0.1], [0.5, 0.4, 0.1], NOTHING], [[0.2, 0.7, 0.1], NOTHING, [0.1, 0.5, 0.4]]])
WEIGHTS = np.array([[0.8, 0.3, 0.5], [0.4, 0.6, 0.9]])
# Seven first guesses of two classes; the last two are quite sure, and one of them is wrong.
ANSWERS = np.array(
    [[0.95, 0.05], [0.91, 0.09], [0.62, 0.38], [0.56, 0.44], [0.17, 0.83], [1.0, 0.0], [0.0, 1.0]]
)
THREE = np.array([[0.7, 0.2, 0.1], [0.9, 0.1, 0.0], [0.98, 0.01, 0.01], [0.3, 0.3, 0.4]])

EXERCISES = [
    Exercise(
        id="13.1",
        name="f_score_by_class",
        title="F-scores from a confusion matrix",
        points=2,
        text="""
Write `f_score_by_class(matrix)`: the F-score of each class, the harmonic mean of its precision (of what is
called so, how much is) and its recall (of what is, how much is called so). A class that is neither true nor
named, and one of which nothing is right, has the F-score 0.

- `matrix`: int array (classes, classes) of counts, rows the true class, columns the predicted one
""",
        returns="float array (classes,), from 0 to 1",
        examples=((FACES,), (GAPS,)),
        hints={
            "precision": "That is the precision. The F-score also asks how many of the class were found.",
            "recall": "That is the recall. The F-score also asks how many of those named so really are.",
            "arithmetic mean": (
                "The harmonic mean is asked for: 2 · precision · recall / (precision + recall)."
            ),
            "nothing divided by nothing": (
                "A class that is neither true nor named has the F-score 0, not NaN."
            ),
            "the right ones counted once": (
                "Right over all that are true or named counts the right ones once below the line; the "
                "F-score counts them twice, above and below."
            ),
            "one number for all": "One number a class: IIITA weighs each class by its own.",
        },
    ),
    Exercise(
        id="13.2",
        name="weighted_by_class",
        title="IIITA's fusion, with gaps",
        points=3,
        text="""
Write `weighted_by_class(shares, weights)`, decisions fused by a weight for each modality **and class**: for
each take and class the shares of the modalities that are there, each multiplied by its weight, are added up;
then each take's row is divided by its sum. A modality that is missing is NaN in its row, and is left out.

- `shares`: float array (modalities, n, classes); a row of classes sums to 1, or is NaN throughout. Each take
  has at least one modality.
- `weights`: float array (modalities, classes), 0 or more, such as F-scores; no take's row sums to 0
""",
        returns="float array (n, classes), rows that sum to 1",
        examples=((SHARES, WEIGHTS), (SHARES[:, :1], WEIGHTS[::-1])),
        hints={
            "one weight a modality": "Each class has a weight of its own; do not average them.",
            "weights ignored": "Each share is multiplied by its modality's weight for that class.",
            "NaN stays": "One missing modality makes NaN of the whole sum: leave it out.",
            "missing as undecided": 'A missing modality does not say "all alike": leave it out.',
            "not divided": "Divide each take's row by its sum, so that it says shares again.",
            "divided by the weights": (
                "Dividing by the sum of the weights gives rows that do not sum to 1: divide each row by its "
                "own sum."
            ),
            "the better modality alone": (
                "Both count for each class, not only the one with the larger weight."
            ),
            "product": "A sum is asked for, not a product.",
        },
    ),
    Exercise(
        id="13.3",
        name="calibration_error",
        title="How far shares and truth lie apart",
        points=3,
        text="""
Write `calibration_error(y, shares, bins)`, the expected calibration error. The first guess of an item is the
class with the largest share. Sort the items by that share into `bins` equal steps from 0 to 1: step
`int(share * bins)`, counted from 0, and a share of 1 into the last. In each step that holds items: how far
apart are the **mean first share** and the share of **right first guesses**? The error is the mean of these
distances, each weighted by the number of its items.

- `y`: int array (n,), the true classes, columns of `shares`
- `shares`: float array (n, classes), rows that sum to 1
- `bins`: int
""",
        returns="float, from 0 to 1",
        examples=(
            (np.array([0, 1, 0, 1, 1, 0, 0]), ANSWERS, 10),
            (np.array([0, 1, 0, 1, 1, 1, 1]), ANSWERS, 4),
            (np.array([0, 1, 2, 0]), THREE, 5),
        ),
        hints={
            "signs kept": (
                "Take the distance in each step: too sure in one does not make up for unsure in another."
            ),
            "steps weighted alike": "A step counts by the number of its items.",
            "the true class's share": "The share of the first guess is compared, whether it is right or not.",
            "a share of 1 left out": "A share of 1 belongs to the last step.",
            "empty steps": "Steps without an item are left out; a mean over nothing is NaN.",
            "squared": "Distances are asked for, not their squares.",
            "the middle of the step": "Take the mean of the step's shares, not its middle.",
            "steps of equally many": "Steps are equally wide from 0 to 1, not equally full.",
        },
    ),
    Exercise(
        id="13.4",
        name="losses_at",
        title="Which temperature fits?",
        points=3,
        text="""
Write `losses_at(y, shares, temperatures)`: the mean cross-entropy of tempered shares, for each temperature.
To temper shares, raise them to the power of 1 / temperature and divide each row by its sum. The cross-entropy
of an item is minus the natural logarithm of the tempered share of its **true** class. Before all that a share
below 1e-7 counts as 1e-7.

- `y`: int array (n,), the true classes, columns of `shares`
- `shares`: float array (n, classes), rows that sum to 1
- `temperatures`: float array (m,), above 0
""",
        returns="float array (m,)",
        examples=(
            (np.array([0, 1, 2, 0]), THREE, np.array([0.5, 1.0, 2.0, 4.0])),
            (np.array([2, 2]), THREE[:2], np.array([1.0, 3.0])),
        ),
        hints={
            "temperature the other way round": (
                "The power is 1 / temperature: a temperature above 1 makes shares less sure."
            ),
            "rows not divided": "After raising to the power each row must be divided by its sum again.",
            "the first guess's share": "The true class's share counts, not the largest one.",
            "sum": "The mean over the items is asked for.",
            "bits": "The natural logarithm is asked for.",
            "clipped too late": "A share below 1e-7 counts as 1e-7 *before* it is raised to a power.",
            "logarithm of 0": "A share below 1e-7 counts as 1e-7, so that no logarithm is infinite.",
            "the best temperature": "The loss at each temperature is asked for, not the temperature itself.",
        },
    ),
]
