"""Exercises of lesson 11, how good it can get: votes, raters, Grad-CAM, repeated images."""

from collections.abc import Sequence

import numpy as np

from course_lib.exercises import Exercise

# Columns as FER+ has them: neutral, happiness, surprise, sadness, anger, disgust, fear, contempt, unknown,
# not a face.
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
# Three images of 2 x 2 places and two channels; of the third nothing speaks for its class.
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
    """An image of 2 x 2 pixels a row, equal for equal kinds; all have the same sum, and some the same first
    row.
    """
    return np.array([[[kind // 2, 100], [kind, 155 - kind - kind // 2]] for kind in kinds], np.uint8)


EXERCISES = [
    Exercise(
        id="11.1",
        name="label_shares",
        title="From ten votes to a soft label",
        points=3,
        text="""
Write `label_shares(votes)`: each face's votes as shares of FER2013's seven emotions.

1. As the makers of FER+ do, an answer with a **single** vote counts as a slip: its vote goes.
   (`ferplus.soft_labels` leaves this step out.)
2. As in the lesson, contempt, unknown and "not a face" go,
3. and what is left is divided by its own sum. Where nothing is left, the row is all zeros.

- `votes`: int array (n, 10); columns neutral, happiness, surprise, sadness, anger, disgust, fear, contempt,
  unknown, not a face, **in this order**

FER2013's order is angry, disgust, fear, happy, sad, surprise, neutral.
""",
        returns="float array (n, 7), columns in FER2013's order",
        examples=((VOTES,), (VOTES[[1, 4]],)),
        hints={
            "FER+'s order": (
                "The columns of what you return are angry, disgust, fear, happy, sad, surprise, neutral."
            ),
            "slips kept": "A single vote for an answer is taken for a slip and does not count.",
            "divided by all ten": "Divide by what is left, so that a row adds up to 1.",
            "nothing divided by nothing": (
                "Where no vote is left the sum is 0: the row is all zeros, not NaN."
            ),
            "the commonest alone": "A soft label keeps all that is left, not only what most said.",
            "contempt kept": (
                'Contempt, unknown and "not a face" are none of the seven: leave them out before dividing.'
            ),
            "alike where nobody": (
                'Where nothing is left nobody said anything, also not "all alike": zeros.'
            ),
        },
    ),
    Exercise(
        id="11.2",
        name="lone_rater",
        title="How often is one human right?",
        points=3,
        text="""
Write `lone_rater(answers)`: for each face, how often one rater says what most of the **others** say. Each
rater in turn is left out; the truth is then the commonest answer of those who remain. Where k answers are
commonest together, the rater who gives one of them counts as 1/k right.

- `answers`: int array (n, raters), what each rater (3 or more) said of each face, as a class number
""",
        returns="float array (n,), from 0 to 1",
        examples=((ANSWERS,), (np.array([[0, 0, 1], [0, 1, 2]]),), (np.array([[0, 0, 1, 2]]),)),
        hints={
            "own vote counted": (
                "The rater who is judged must not vote on the truth: leave the own answer out."
            ),
            "ties all right": "Where k answers are commonest together, naming one of them is worth 1/k.",
            "ties all wrong": (
                "Where answers are commonest together, naming one of them is worth 1/k, not nothing."
            ),
            "first of those that tie": (
                "No answer among those that tie is the truth alone: each is worth 1/k."
            ),
            "a half for every tie": (
                "Where k answers are commonest together, naming one of them is worth 1/k."
            ),
            "agreement of pairs": (
                "A rater is compared with the commonest of the others, not with each of them."
            ),
            "one number for all": "One number a face: average over the raters only.",
        },
    ),
    Exercise(
        id="11.3",
        name="class_map",
        title="Grad-CAM in NumPy",
        points=3,
        text="""
Write `class_map(maps, gradients)`, Grad-CAM of several images, each for one class. For each image by itself:

1. each feature map weighs as much as its gradient is **on average over all places**;
2. the weighted maps are added up, place by place;
3. what is below 0 becomes 0 (it speaks against the class);
4. each image's map is divided by its own highest value, if there is one above 0.

- `maps`: float array (n, rows, columns, channels), the feature maps of the last convolution
- `gradients`: float array of the same shape, the gradient of the class's score by each of these numbers
""",
        returns="float array (n, rows, columns), from 0 to 1",
        examples=((MAPS, GRADIENTS), (MAPS[:2], -GRADIENTS[:2] + 1)),
        hints={
            "place by place": "The gradient is first averaged over the places; each map has one weight.",
            "signs lost": "Weights keep their sign: a map with a negative weight speaks against the class.",
            "negative weights left out": "Only the sum is cut off at 0, not the weights.",
            "below 0 kept": "What is below 0 after adding up becomes 0.",
            "distance from 0": "What is below 0 becomes 0; it does not change its sign.",
            "gradients unused": (
                "The maps are weighted by their gradients: without these no class is asked about."
            ),
            "not divided": "Divide each image's map by its highest value at the end.",
            "divided by 0": "Where nothing is above 0 the map stays as it is, all zeros.",
            "one scale for all": "Each image's map is divided by its own highest value.",
            "one weight for all images": (
                "Each image has its own gradients: average over its places only, not over images."
            ),
            "shifted as well": "Only divide: the lowest value need not become 0.",
        },
    ),
    Exercise(
        id="11.4",
        name="split_by_image",
        title="A split that keeps repeats together",
        points=3,
        text="""
FER2013 repeats images, so a random split tests some that were trained on. Write `split_by_image(images,
order, n_test)`. Go through the rows in the given order. A row that is in the test part already is passed
over. Else take the row **and all others with the same pixels** into the test part, if it then has **at most**
`n_test` rows; if not, leave them all in training and go on with the next. Two images are the same where all
pixels are equal.

- `images`: uint8 array (n, height, width)
- `order`: int array (n,), a random order of the row numbers 0 to n − 1
- `n_test`: int, rows in the test part at most
""",
        returns="bool array (n,), True for the rows of the test part",
        examples=(
            (small_images([1, 2, 3, 1, 4, 5, 2, 6]), np.array([5, 0, 2, 6, 1, 3, 4, 7]), 4),
            (small_images([9, 9, 9, 8, 7, 8]), np.array([0, 3, 4, 1, 2, 5]), 2),
        ),
        hints={
            "repeats on both sides": (
                "With a row go all others that show the same image, wherever they stand in the order."
            ),
            "images counted": "`n_test` counts rows: an image that stands twice counts twice.",
            "stopped too early": "What does not fit stays in training, but a later image may fit: go on.",
            "neighbours alone": "Repeats need not stand next to each other in the file.",
            "sums compared": "Two images may have the same sum and differ: compare all pixels.",
            "first rows compared": "Two images may begin alike and differ below: compare all pixels.",
            "repeats thrown away": (
                "Repeats go to the test part together; none of them is left behind in training."
            ),
            "the training part": "True marks the test part; yours is the other way round.",
            "the order forgotten": "Go through the rows in the given order, not in that of the file.",
        },
    ),
]
