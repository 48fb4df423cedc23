"""Exercises of lesson 11, how good it can get: selection, repeated images, Grad-CAM, votes, raters."""

from collections.abc import Sequence

import numpy as np

from course_lib.exercises import Exercise

# FER+'s columns: neutral, happiness, surprise, sadness, anger, disgust, fear, contempt, unknown, not a face.
VOTES = np.array(
    [
        [0, 9, 1, 0, 0, 0, 0, 0, 0, 0],
        [4, 0, 0, 3, 2, 0, 1, 0, 0, 0],
        [0, 0, 5, 0, 0, 0, 5, 0, 0, 0],
        [1, 0, 0, 1, 1, 1, 1, 3, 2, 0],
        [0, 0, 0, 0, 0, 1, 0, 0, 0, 9],
        [2, 0, 0, 2, 0, 2, 0, 4, 0, 0],
    ]
)
ANSWERS = np.array(
    [
        [3, 3, 3, 3, 3, 3, 3, 3, 3, 6],
        [2, 2, 2, 5, 5, 5, 6, 6, 0, 2],
        [4, 4, 4, 4, 4, 6, 6, 6, 6, 6],
        [5, 2, 5, 2, 5, 6, 5, 2, 6, 0],
    ]
)
# Three images of 2 x 2 places and two channels. In the third, nothing speaks for its class.
MAPS = np.array(
    [
        [[[1.0, 0.0], [3.0, 1.0]], [[0.0, 4.0], [2.0, 2.0]]],
        [[[1.0, 1.0], [2.0, 3.0]], [[5.0, 2.0], [1.0, 4.0]]],
        [[[1.0, 0.0], [0.0, 2.0]], [[0.0, 1.0], [3.0, 0.0]]],
    ]
)
GRADIENTS = np.array(
    [
        [[[4.0, -1.0], [2.0, -3.0]], [[2.0, 0.0], [0.0, 0.0]]],
        [[[1.0, 0.0], [1.0, 2.0]], [[0.0, 1.0], [2.0, 1.0]]],
        [[[-1.0, 0.5], [0.0, -1.0]], [[-3.0, -0.5], [0.0, -1.0]]],
    ]
)


def small_images(kinds: Sequence[int]) -> np.ndarray:
    """Make an image of 2 x 2 pixels for each kind. All have the same sum, and some the same first row."""
    return np.array([[[kind // 2, 100], [kind, 155 - kind - kind // 2]] for kind in kinds], np.uint8)


EXERCISES = [
    Exercise(
        id="11.5",
        name="score_to_report",
        title="Choose by validation",
        points=2,
        text="""
*Level 1 of 3: about 5 minutes.*

Write `score_to_report(validation, test)`: the score to report, and by how much the best test score is higher.

- `validation`, `test`: float arrays (n,), the accuracies of n candidates on the validation set and on the
  test set. Both have the same order.
- returns two floats:
  1. the **test** score of the candidate with the highest **validation** score. If several candidates have the
     same highest validation score, take the first of them.
  2. the highest test score of all candidates, minus the first number.

In the first example, candidate 1 has the highest validation score (0.62). Its test score is 0.58. The best
test score is 0.61.
""",
        returns="two floats",
        examples=(
            (np.array([0.55, 0.62, 0.60]), np.array([0.57, 0.58, 0.61])),
            (np.array([0.50, 0.64, 0.64, 0.61]), np.array([0.52, 0.60, 0.63, 0.55])),
            (np.array([0.30, 0.70]), np.array([0.40, 0.65])),
        ),
        hints={
            "chosen by test": "The validation set chooses. The test set only scores what was chosen.",
            "validation score": (
                "Report the test score of the chosen candidate. Its validation score is too high, "
                "because it was "
                "chosen by it."
            ),
            "last of a tie": "If several candidates are equally good on validation, take the first.",
            "the other way round": (
                "The second number is the best test score minus the reported one: 0 or more."
            ),
            "mean of all": "Only one candidate is reported, not the mean of all.",
        },
        levels=(
            "Which candidate is the best one on the validation set? Look at its place in the array.",
            "np.argmax(validation) gives this place. Use it as an index of the other array.",
            "chosen = test[np.argmax(validation)]; the second number is test.max() - chosen",
        ),
    ),
    Exercise(
        id="11.4",
        name="split_by_image",
        title="A split that keeps repeats together",
        points=3,
        text="""
*Level 2 of 3: about 15 minutes.*

FER2013 repeats images. So after a random split, some test images are also in the training set. Write
`split_by_image(images, order, n_test)`, which keeps equal images on the same side. Go through the rows in the
given order:

- If the row is already in the test set, go on with the next row.
- Else look at the row **and all other rows with the same pixels**. If the test set then has **at most**
  `n_test` rows, put all of them into the test set. If not, leave all of them in the training set.

Two images are the same if all their pixels are equal.

- `images`: uint8 array (n, height, width)
- `order`: int array (n,), the row numbers 0 to n - 1 in a random order
- `n_test`: int, the largest number of rows in the test set
""",
        returns="bool array (n,), True for the rows of the test set",
        examples=(
            (small_images([1, 2, 3, 1, 4, 5, 2, 6]), np.array([5, 0, 2, 6, 1, 3, 4, 7]), 4),
            (small_images([9, 9, 9, 8, 7, 8]), np.array([0, 3, 4, 1, 2, 5]), 2),
        ),
        hints={
            "repeats on both sides": (
                "If a row goes to the test set, all other rows with the same image go there, too."
            ),
            "images counted": "`n_test` counts rows. An image that occurs twice counts twice.",
            "stopped too early": (
                "An image that does not fit stays in the training set. But a later image may fit, so go on."
            ),
            "neighbours alone": "Equal images can be far from each other in the file.",
            "sums compared": "Two different images can have the same sum. Compare all pixels.",
            "first rows compared": "Two different images can have the same first row. Compare all pixels.",
            "repeats thrown away": "All rows with the same image go to the test set, not only one of them.",
            "the training part": "True means test set. Yours is the other way round.",
            "the order forgotten": "Go through the rows in the given order, not in the order of the file.",
        },
        levels=(
            "How can you find all rows that show the same image as row 5?",
            "`(images == images[row]).all(axis=(1, 2))` tells for each row whether it has the same "
            "pixels. Count "
            "them before you add them.",
            "if not test[row] and test.sum() + same.sum() <= n_test: test |= same",
        ),
    ),
    Exercise(
        id="11.3",
        name="class_map",
        title="Grad-CAM in NumPy",
        points=3,
        text="""
*Level 2 of 3: about 15 minutes.*

Write `class_map(maps, gradients)`: Grad-CAM for several images, for one class each. Treat each image
separately:

1. The weight of a feature map is the **mean of its gradient over all places**.
2. Multiply each feature map by its weight. Add up all feature maps, place by place.
3. Replace negative sums by 0, because they speak against the class.
4. Divide the map of each image by its own highest value. If this value is 0, leave the map as it is.

- `maps`: float array (n, rows, columns, channels), the feature maps of the last convolution
- `gradients`: float array of the same shape, the gradient of the class score for each number in `maps`
""",
        returns="float array (n, rows, columns), from 0 to 1",
        examples=((MAPS, GRADIENTS), (MAPS[:2], -GRADIENTS[:2] + 1)),
        hints={
            "place by place": "First average the gradient over the places. Each feature map has one weight.",
            "signs lost": "Keep the sign of a weight. A negative weight speaks against the class.",
            "negative weights left out": "Only the sum is cut off at 0, not the weights.",
            "below 0 kept": "Negative sums become 0.",
            "distance from 0": "A negative sum becomes 0. It does not change its sign.",
            "gradients unused": (
                "Weight the feature maps by their gradients. Without gradients, no class plays a role."
            ),
            "not divided": "At the end, divide the map of each image by its highest value.",
            "divided by 0": "If no value is above 0, the map stays as it is: all zeros.",
            "one scale for all": "Divide the map of each image by its own highest value.",
            "one weight for all images": (
                "Each image has its own gradients. Average over places, not over images."
            ),
            "shifted as well": "Only divide. The lowest value does not have to become 0.",
        },
        levels=(
            "Which axes of `gradients` are places, and which one is the channel?",
            "Average over axes 1 and 2 with keepdims=True, multiply by `maps`, and sum over the last axis.",
            "heat = np.maximum((gradients.mean(axis=(1, 2), keepdims=True) * maps).sum(axis=-1), 0)",
        ),
    ),
    Exercise(
        id="11.1",
        name="label_shares",
        title="From ten votes to a soft label",
        points=3,
        text="""
*Level 2 of 3: about 15 minutes.*

Write `label_shares(votes)`: the votes for each face, as fractions of FER2013's seven emotions.

1. The makers of FER+ take a **single** vote for an answer as a mistake. So set each count of 1 to 0.
   (`ferplus.soft_labels` leaves this step out.)
2. Leave out contempt, unknown and "not a face".
3. Divide each row by its own sum. If no vote is left, the row is all zeros.

- `votes`: int array (n, 10). Its columns are neutral, happiness, surprise, sadness, anger, disgust, fear,
  contempt, unknown, not a face, **in this order**.

The order of FER2013 is angry, disgust, fear, happy, sad, surprise, neutral.
""",
        returns="float array (n, 7), columns in FER2013's order",
        examples=((VOTES,), (VOTES[[1, 4]],)),
        hints={
            "FER+'s order": (
                "Return the columns in the order angry, disgust, fear, happy, sad, surprise, neutral."
            ),
            "slips kept": "Set a single vote for an answer to 0.",
            "divided by all ten": "Divide by the sum of the votes that are left, so that a row sums to 1.",
            "nothing divided by nothing": (
                "If no vote is left, the sum is 0. Then the row is all zeros, not NaN."
            ),
            "the commonest alone": "A soft label keeps all votes that are left, not only the commonest.",
            "contempt kept": (
                'Contempt, unknown and "not a face" are not among the seven. Leave them out before '
                "you divide."
            ),
            "alike where nobody": (
                "If no vote is left, you know nothing about the face. The row is all zeros."
            ),
        },
        levels=(
            "In which column of `votes` is anger, which comes first in the result?",
            "Use a list of seven column numbers as an index: `votes[:, [4, 5, ...]]`. Then divide "
            "by the row sums, "
            "but replace a sum of 0 by 1.",
            "kept = np.where(votes > 1, votes, 0)[:, [4, 5, 6, 1, 3, 2, 0]]",
        ),
    ),
    Exercise(
        id="11.2",
        name="lone_rater",
        title="One rater against the others",
        points=3,
        text="""
*Level 3 of 3: about 20 minutes.*

Write `lone_rater(answers)`: for each face, how often one rater agrees with the commonest answer of the
**others**. For each rater in turn:

1. Leave this rater out. Find the commonest answer of all others.
2. The rater scores 1 if it is the rater's answer, and 0 if not.
3. If k answers are equally common among the others, a rater who chose one of them scores 1/k.

The result for a face is the mean score of its raters.

- `answers`: int array (n, raters), the answer of each rater for each face, as a class number. There are 3 or
  more raters.

By hand: four raters answer 0, 0, 1, 2. A rater with 0 leaves 0, 1, 2, so three answers are equally common,
and the rater scores 1/3. A rater with 1 or 2 leaves 0 twice, and scores 0. The mean is
(1/3 + 1/3 + 0 + 0) / 4 = 1/6.
""",
        returns="float array (n,), from 0 to 1",
        examples=((ANSWERS,), (np.array([[0, 0, 1], [0, 1, 2]]),), (np.array([[0, 0, 1, 2]]),)),
        hints={
            "own vote counted": "Leave the rater's own answer out before you look for the commonest one.",
            "ties all right": "If k answers are equally common, choosing one of them scores 1/k.",
            "ties all wrong": "If k answers are equally common, choosing one of them scores 1/k, not 0.",
            "first of those that tie": (
                "If answers are equally common, each of them scores 1/k, not only the first."
            ),
            "a half for every tie": (
                "If k answers are equally common, choosing one of them scores 1/k. k can be 3."
            ),
            "agreement of pairs": (
                "Compare a rater with the commonest answer of the others, not with each of the others."
            ),
            "one number for all": "Return one number for each face: the mean over its raters only.",
        },
        levels=(
            "For one face: which answers are the commonest ones if you leave out the first rater?",
            "Loop over the raters. `np.delete(answers, rater, axis=1)` leaves one out. Count each "
            "class in each row.",
            "counts = (others[:, :, None] == np.arange(answers.max() + 1)).sum(axis=1); commonest ="
            " counts == "
            "counts.max(axis=1, keepdims=True)",
        ),
    ),
]
