"""Exercises of lesson 13, fusing decisions: F-scores, IIITA's rule, calibration error, temperature, and the
product over the priors.
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
# Four classes, of which the third is neither true nor predicted, and the last is never predicted.
GAPS = np.array([[5, 2, 0, 0], [1, 6, 0, 0], [0, 0, 0, 0], [3, 1, 0, 0]])
# Two modalities, three items; the second item has no sound, the third no face.
NOTHING = [np.nan] * 3
TWO = np.array([[[0.6, 0.3, 0.1], [0.5, 0.4, 0.1], NOTHING], [[0.2, 0.7, 0.1], NOTHING, [0.1, 0.5, 0.4]]])
WEIGHTS = np.array([[0.8, 0.3, 0.5], [0.4, 0.6, 0.9]])
# Seven answers of two classes; the last two are quite certain, and one of them is wrong.
ANSWERS = np.array(
    [[0.95, 0.05], [0.91, 0.09], [0.62, 0.38], [0.56, 0.44], [0.17, 0.83], [1.0, 0.0], [0.0, 1.0]]
)
THREE = np.array([[0.7, 0.2, 0.1], [0.9, 0.1, 0.0], [0.98, 0.01, 0.01], [0.3, 0.3, 0.4]])
# Two modalities, two items. For the second item both answer with the priors: neither has noticed anything.
PAIR = np.array([[[0.5, 0.2, 0.3], [0.5, 0.25, 0.25]], [[0.4, 0.4, 0.2], [0.5, 0.25, 0.25]]])
PRIORS = np.array([0.5, 0.25, 0.25])

EXERCISES = [  # in the order of the lesson
    Exercise(
        id="13.1",
        name="f_score_by_class",
        title="F-scores from a confusion matrix",
        points=2,
        text="""
*Level 1 of 3: about 5 minutes.*

Write `f_score_by_class(matrix)`: the F-score of each class.

- `matrix`: int array (classes, classes) of counts. Rows are the true classes, columns the predicted ones.

For each class, precision = TP / (TP + FP), recall = TP / (TP + FN), and

F = 2 · precision · recall / (precision + recall) = 2 · TP / (true items + predicted items)

A class without any true positives has the F-score 0, also if it is never true and never predicted.
""",
        returns="float array (classes,), from 0 to 1",
        examples=((FACES,), (GAPS,)),
        hints={
            "precision": "That is the precision. The F-score also asks how many were found.",
            "recall": "That is the recall. The F-score also asks how many of the predicted items are right.",
            "arithmetic mean": ("Take the harmonic mean: 2 · precision · recall / (precision + recall)."),
            "nothing divided by nothing": (
                "A class that is never true and never predicted has the F-score 0, not NaN."
            ),
            "the right ones counted once": (
                "The true positives count twice: in the row sum and in the column sum. So there is a 2 above "
                "the line."
            ),
            "one number for all": "Return one number for each class: IIITA weighs each class by its own.",
        },
        levels=(
            "In the first example, how many disgusted faces are there, and how many faces does the network "
            "call disgusted?",
            "matrix.sum(axis=1) counts the true items of each class. What does axis=0 count?",
            "2 * np.diag(matrix) / np.maximum(matrix.sum(axis=0) + matrix.sum(axis=1), 1)",
        ),
    ),
    Exercise(
        id="13.2",
        name="weighted_by_class",
        title="IIITA's fusion, also with a missing modality",
        points=3,
        text="""
*Level 2 of 3: about 10 minutes.*

Write `weighted_by_class(probabilities, weights)`: IIITA's rule for many items at once.

- `probabilities`: float array (modalities, n, classes). A row of classes sums to 1. If a modality is missing,
  its row is NaN. Each item has at least one modality.
- `weights`: float array (modalities, classes), such as F-scores; above 0

1. Multiply each probability by the weight of its modality **for this class**.
2. Add up the modalities. Leave out those that are missing.
3. Divide the row of each item by its sum.
""",
        returns="float array (n, classes), rows that sum to 1",
        examples=((TWO, WEIGHTS), (TWO[:, :1], WEIGHTS[::-1])),
        hints={
            "one weight a modality": "Each class has a weight of its own. Do not average them.",
            "weights ignored": "Multiply each probability by its modality's weight for this class.",
            "NaN stays": "One missing modality makes the whole sum NaN. np.nansum leaves it out.",
            "missing as undecided": "A missing modality does not predict equal probabilities.",
            "not divided": "Divide the row of each item by its sum.",
            "divided by the weights": (
                "Divide each row by its own sum. After dividing by the sum of the weights, it may not sum "
                "to 1."
            ),
            "the better modality alone": (
                "Both modalities count for each class, not only the one with the larger weight."
            ),
            "product": "Add the modalities, do not multiply them.",
        },
        levels=(
            "In the first example, what are the three weighted sums of the first item?",
            "weights[:, None, :] has the shape (modalities, 1, classes), so it fits `probabilities`.",
            "fused = np.nansum(probabilities * weights[:, None, :], axis=0)",
        ),
    ),
    Exercise(
        id="13.3",
        name="calibration_error",
        title="The expected calibration error",
        points=3,
        text="""
*Level 3 of 3: about 15 minutes.*

Write `calibration_error(y, probabilities, bins)`: the expected calibration error (ECE).

- `y`: int array (n,), the true classes, as columns of `probabilities`
- `probabilities`: float array (n, classes), rows that sum to 1
- `bins`: int, the number of bins

1. The **answer** to an item is its most probable class. The **confidence** is the probability of the answer.
2. Sort the items by their confidence into `bins` equally wide bins from 0 to 1: bin `int(confidence * bins)`,
   counted from 0. A confidence of 1 belongs to the last bin.
3. For each bin with items: the absolute difference between the mean confidence and the fraction of right
   answers.
4. The ECE is the mean of these differences, each weighted by the number of items in its bin.
""",
        returns="float, from 0 to 1",
        examples=(
            (np.array([0, 1, 0, 1, 1, 0, 0]), ANSWERS, 10),
            (np.array([0, 1, 0, 1, 1, 1, 1]), ANSWERS, 4),
            (np.array([0, 1, 2, 0]), THREE, 5),
        ),
        hints={
            "signs kept": (
                "Take the absolute difference in each bin. Otherwise overconfident and underconfident bins "
                "cancel."
            ),
            "bins weighted alike": "Weight each bin by the number of its items.",
            "the true class's probability": (
                "The confidence is the probability of the answer, whether it is right or not."
            ),
            "a confidence of 1 left out": "A confidence of 1 belongs to the last bin.",
            "empty bins": "Leave out bins without items. Their mean would be NaN.",
            "squared": "Take absolute differences, not squares.",
            "the middle of the bin": "Take the mean confidence of the items, not the middle of the bin.",
            "bins of equally many": "The bins are equally wide from 0 to 1. They need not be equally full.",
        },
        levels=(
            "In the first example, which items are in the bin from 0.9 to 1, and how many of them are right?",
            "np.minimum((confidence * bins).astype(int), bins - 1) is the bin of each item. Loop over the "
            "bins.",
            "error += here.sum() / len(y) * abs(confidence[here].mean() - right[here].mean())",
        ),
    ),
    Exercise(
        id="13.4",
        name="losses_at",
        title="Which temperature fits?",
        points=3,
        text="""
*Level 3 of 3: about 15 minutes.*

Write `losses_at(y, probabilities, temperatures)`: the mean cross-entropy for each temperature.

- `y`: int array (n,), the true classes, as columns of `probabilities`
- `probabilities`: float array (n, classes), rows that sum to 1
- `temperatures`: float array (m,), above 0

1. Replace each probability below 1e-7 by 1e-7.
2. Compute `p ** (1 / temperature)` for each probability `p`, and divide each row by its sum.
3. The cross-entropy of an item is minus the natural logarithm of the probability of its **true** class. Take
   the mean over the items.
""",
        returns="float array (m,)",
        examples=(
            (np.array([0, 1, 2, 0]), THREE, np.array([0.5, 1.0, 2.0, 4.0])),
            (np.array([2, 2]), THREE[:2], np.array([1.0, 3.0])),
        ),
        hints={
            "temperature the other way round": (
                "The power is 1 / temperature. A temperature above 1 makes the probabilities more equal."
            ),
            "rows not divided": "After raising to the power, divide each row by its sum.",
            "the answer's probability": "Take the probability of the true class, not the largest one.",
            "sum": "Take the mean over the items.",
            "bits": "Take the natural logarithm, np.log.",
            "clipped too late": "Replace small probabilities *before* you raise them to a power.",
            "logarithm of 0": "Replace probabilities below 1e-7 by 1e-7, so that no logarithm is infinite.",
            "the best temperature": "Return the loss at each temperature, not the best temperature.",
        },
        levels=(
            "For a temperature of 1, which three probabilities of the first example are at the true classes?",
            "Loop over the temperatures. powers[np.arange(len(y)), y] picks the true class of each row.",
            "powers = np.maximum(probabilities, 1e-7) ** (1 / temperature)",
        ),
    ),
    Exercise(
        id="13.5",
        name="product_over_priors",
        title="The product over the priors",
        points=2,
        text="""
*Level 2 of 3: about 10 minutes.*

Write `product_over_priors(probabilities, priors)`: the product of all modalities, in which each prior counts
once.

- `probabilities`: float array (modalities, n, classes). No modality is missing, and all values are above 0.
- `priors`: float array (classes,), how common each class was in the training of every modality; the sum is 1

1. Multiply the probabilities of all M modalities.
2. The product contains the priors M times, and they should count once. So divide by `priors` M - 1 times.
3. Divide the row of each item by its sum.
""",
        returns="float array (n, classes), rows that sum to 1",
        examples=((PAIR, PRIORS), (np.concatenate([PAIR, PAIR[:1]]), PRIORS)),
        hints={
            "priors ignored": "Divide the product by the priors, M - 1 times.",
            "priors M times": (
                "Divide M - 1 times, so that the priors count once. Two modalities that answer with the "
                "priors must give the priors again."
            ),
            "priors once": "With three modalities, divide by the priors twice.",
            "multiplied by the priors": "Divide by the priors. Multiplying counts them once more.",
            "not divided": "Divide the row of each item by its sum.",
            "mean": "Multiply the modalities, do not average them.",
        },
        levels=(
            "For the second item of the first example, what is the product before you divide, and what "
            "should the result be?",
            "probabilities.prod(axis=0) multiplies the modalities. len(probabilities) is M.",
            "fused = probabilities.prod(axis=0) / priors ** (len(probabilities) - 1)",
        ),
    ),
]
