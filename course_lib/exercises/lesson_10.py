"""Exercises of lesson 10, FER2013 and convolutional networks (projects P4, G7 and IIITA)."""

import numpy as np

from course_lib.exercises import Exercise

# The picture on P4's slide of a convolution, as one channel; the kernel is ours, and looks different in each
# direction.
SLIDE = np.array(
    [[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]], float
)[..., None]
KERNEL = np.array([[1, 0, -2], [0, 3, 0], [-1, 0, 1]], float)[..., None, None]
# Two channels, two filters of 2x3 with a bias each.
COLOURED = (
    np.arange(40).reshape(4, 5, 2) % 7 - 2.0,
    np.arange(24).reshape(2, 3, 2, 2) % 5 / 2 - 0.5,
    np.array([0.5, -1.0]),
)
# What a network says of eight faces under four classes. In rows 1, 2 and 6 the true class shares its place;
# 2, 3, 5, 6 and 7 are misclassified.
SHARES = np.array(
    [
        [0.7, 0.1, 0.1, 0.1],
        [0.1, 0.4, 0.4, 0.1],
        [0.4, 0.4, 0.1, 0.1],
        [0.1, 0.2, 0.3, 0.4],
        [0.1, 0.1, 0.2, 0.6],
        [0.5, 0.3, 0.15, 0.05],
        [0.25, 0.15, 0.35, 0.25],
        [0.05, 0.3, 0.25, 0.4],
    ]
)
TRUE = np.array([0, 1, 1, 0, 3, 2, 3, 1])
# Seven classes, as FER2013 has: `np.argsort` alone changes the order of these equals on many processors.
SEVEN = (
    np.array([4, 0]),
    np.array([[0.1, 0.1, 0.1, 0.1, 0.2, 0.2, 0.2], [0.1, 0.1, 0.2, 0.1, 0.2, 0.1, 0.2]]),
)
ALL_WRONG = (np.array([2, 0, 1]), np.array([[0.5, 0.2, 0.3], [0.1, 0.7, 0.2], [0.3, 0.2, 0.5]]))
ALL_RIGHT = (np.array([2, 0]), np.array([[0.2, 0.2, 0.6], [0.7, 0.2, 0.1]]))

EXERCISES = [
    Exercise(
        id="10.1",
        name="size_as_read",
        title="The same layers, two readings",
        points=3,
        forbidden=("keras", "tensorflow", "torch", "jax"),
        text="""
IIITA's network has 7,394,247 parameters where 21,536,487 were meant. Write `size_as_read(rows, columns,
channels, filters, units)`: how many parameters its layers have when a picture is read as `rows` × `columns`
pixels of `channels` numbers each.

- `rows`, `columns`, `channels`: int; 48, 48 and 1 as it was meant, 1, 48 and 48 as it was read
- `filters`: list of int, one number a block. Each block has **two** convolutions of so many filters of 3×3,
  both padded "full", which makes the picture 2 pixels higher and wider; then a max pool of 2×2, which leaves
  out an odd last row or column; then dropout
- `units`: int; after Flatten come Dense `units`, dropout, and Dense 7

Without Keras: it is not there when this is graded.
""",
        returns="int",
        examples=((48, 48, 1, [32, 64, 128], 2048), (1, 48, 48, [32, 64, 128], 2048), (11, 8, 3, [4, 6], 10)),
        hints={
            "biases forgotten": "Each filter and each dense unit has a bias besides its weights.",
            "channels forgotten": (
                "A filter spans all channels of what comes in: 3 × 3 × channels weights. Into the second "
                "convolution come as many channels as the first has filters."
            ),
            "channels of the picture all along": (
                "Only the first convolution sees the picture's channels; each later one sees the filters "
                "before it."
            ),
            "one convolution a block": "Each block has two convolutions.",
            "padded same": '"Full" padding makes the picture larger: by 2 for each convolution of 3×3.',
            "padded valid": '"Full" padding makes the picture larger, not smaller.',
            "pools forgotten": "Each pool halves rows and columns.",
            "pools rounded up": "An odd last row or column is left out: round down.",
            "filters not flattened": "Flatten gives rows × columns × filters numbers.",
            "no last layer": "The last layer, Dense 7, has parameters, too.",
        },
    ),
    Exercise(
        id="10.2",
        name="filter_responses",
        title="A convolution by hand",
        points=4,
        forbidden=("keras", "tensorflow", "torch", "jax", "scipy", "skimage", "cv2"),
        text="""
Write `filter_responses(image, kernel, bias)`: what `Conv2D(..., padding="valid")` gives for one picture,
before any activation. Each filter is laid on each place where it fits in whole; picture and filter are
multiplied number by number over all channels, summed, and the filter's bias is added. As in Keras the filter
is **not** turned round (the field calls it cross-correlation).

- `image`: float array (rows, columns, channels)
- `kernel`: float array (height, width, channels, filters), as `layer.get_weights()[0]` has it
- `bias`: float array (filters,)

With NumPy alone: Keras, SciPy, scikit-image and OpenCV are not there when this is graded.
""",
        returns="float array (rows − height + 1, columns − width + 1, filters)",
        seconds=5,
        examples=((SLIDE, KERNEL, np.zeros(1)), COLOURED),
        hints={
            "turned round": (
                "Keras does not turn the filter round: its first number meets the picture's first pixel."
            ),
            "padded same": (
                "Only places where the filter fits in whole count: the result is smaller than the picture."
            ),
            "bias forgotten": "Add each filter's bias at every place.",
            "first channel alone": "The filter spans all channels, and their products are summed.",
            "channels apart": (
                "The channels' products are summed: the last axis of the result is the filters."
            ),
            "mean for sum": "The products are summed, not averaged.",
            "filters first": "The filters are the last axis of the result.",
            "relu": "The activation comes afterwards: negative numbers stay.",
            "rows and columns changed": (
                "The kernel's first axis runs down the rows, the second along the columns."
            ),
        },
    ),
    Exercise(
        id="10.3",
        name="among_the_first",
        title="Top-k",
        points=2,
        forbidden=("sklearn", "keras", "tensorflow"),
        text="""
P4 gives its top-3 accuracy beside the plain one. Write `among_the_first(true, shares, k)`: in which share of
the faces the true class is among the `k` classes with the largest shares. Of equal shares the one that stands
first counts as larger, as it does for `argmax`. (`np.argsort` alone does not keep the order of equals on many
processors; `kind="stable"` does.)

- `true`: int array (n,), the true classes
- `shares`: float array (n, classes), a network's shares
- `k`: int, 1 or more and less than the number of classes

Without scikit-learn and Keras: they are not there when this is graded.
""",
        returns="float, from 0 to 1",
        examples=((TRUE, SHARES, 1), (TRUE, SHARES, 2), (TRUE, SHARES, 3), (*SEVEN, 2)),
        hints={
            "smallest shares": "The largest shares are asked for; `np.argsort` puts the smallest first.",
            "place k alone": "On any of the first k places, not on place k alone.",
            "top-1": "The first k places count, not the first alone.",
            "one place more": "That is one place too many.",
            "last of equals first": (
                "Of equal shares the one that stands first counts as larger: `np.argsort(-shares, "
                'kind="stable")`. An order that is reversed afterwards turns equal ones round, too.'
            ),
            "all of equals": "Exactly k classes count; where shares are equal, those that stand first.",
            "a count": "A share is asked for: divide by the number of faces.",
        },
    ),
    Exercise(
        id="10.4",
        name="second_guesses",
        title="Of the misclassified, or of all?",
        points=3,
        forbidden=("sklearn", "keras", "tensorflow"),
        text="""
IIITA's second guess is right, by its slide, for 21.56 % of the *misclassified* faces, and the count fits
*all* faces better. Write `second_guesses(true, shares)`, which gives both: the number of faces whose largest
share is wrong and whose second largest is right, divided

1. by the number of **misclassified** faces (0 where there is none),
2. by the number of **all** faces.

Of equal shares the one that stands first counts as larger (`np.argsort` alone does not keep the order of
equals on many processors; `kind="stable"` does).

- `true`: int array (n,), the true classes; `shares`: float array (n, classes), at least two classes

Without scikit-learn and Keras: they are not there when this is graded.
""",
        returns="two floats from 0 to 1: of the misclassified, and of all",
        examples=((TRUE, SHARES), ALL_WRONG, ALL_RIGHT, SEVEN),
        hints={
            "the other way round": "First the share of the misclassified, then that of all.",
            "of all twice": "The first number is divided by the misclassified alone.",
            "first or second": "That counts the faces whose first guess is right as well.",
            "of those right at first": (
                "The first number is divided by how many are wrong, not by how many are right."
            ),
            "third guess": "The second largest share is the next after the largest.",
            "smallest share": "The second largest share is asked for, not one of the smallest.",
            "last of equals first": "Of equal shares the one that stands first counts as larger.",
        },
    ),
]
