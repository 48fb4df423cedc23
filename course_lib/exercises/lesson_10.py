"""Exercises of lesson 10, FER2013 and convolutional networks (projects P4, G7 and IIITA)."""

import numpy as np

from course_lib.exercises import Exercise

# The image on P4's slide of a convolution, as one channel. The kernel is ours, and differs in each direction.
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
# Scores of three faces and four classes. The second face has equal scores: its loss is ln 4.
SCORES = (np.array([[2.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0], [0.0, -1.0, 3.0, 1.0]]), np.array([0, 3, 1]))
# Scores of the size that networks without a last softmax can have.
LARGE = (np.array([[1000.0, 999.0], [-1000.0, -1000.0]]), np.array([1, 0]))
# A network's probabilities of four classes for eight faces, without equal ones. Faces 2, 3, 5, 6 and 7 are
# misclassified.
PROBABILITIES = np.array(
    [
        [0.7, 0.15, 0.1, 0.05],
        [0.1, 0.45, 0.4, 0.05],
        [0.42, 0.38, 0.12, 0.08],
        [0.12, 0.2, 0.28, 0.4],
        [0.05, 0.1, 0.2, 0.65],
        [0.5, 0.3, 0.15, 0.05],
        [0.22, 0.13, 0.41, 0.24],
        [0.05, 0.3, 0.25, 0.4],
    ]
)
TRUE = np.array([0, 1, 1, 0, 3, 2, 3, 1])
# Some probabilities are equal. In rows 1, 2 and 6 another class has the same probability as the true one.
TIED = np.array(
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
# Seven classes, as FER2013 has: `np.argsort` alone changes the order of these equal ones on many processors.
SEVEN = (
    np.array([4, 0]),
    np.array([[0.1, 0.1, 0.1, 0.1, 0.2, 0.2, 0.2], [0.1, 0.1, 0.2, 0.1, 0.2, 0.1, 0.2]]),
)
ALL_WRONG = (np.array([2, 0, 1]), np.array([[0.5, 0.2, 0.3], [0.1, 0.7, 0.2], [0.3, 0.2, 0.5]]))
ALL_RIGHT = (np.array([2, 0]), np.array([[0.2, 0.2, 0.6], [0.7, 0.2, 0.1]]))

EXERCISES = [  # in the order of the lesson
    Exercise(
        id="10.2",
        name="filter_responses",
        title="A convolution by hand",
        points=4,
        forbidden=("keras", "tensorflow", "torch", "jax", "scipy", "skimage", "cv2"),
        text="""
*Level 2 of 3: about 10 minutes.*

Write `filter_responses(image, kernel, bias)`: what `Conv2D(..., padding="valid")` returns for one image,
before any activation.

- `image`: float array (rows, columns, channels)
- `kernel`: float array (height, width, channels, filters), as in `layer.get_weights()[0]`
- `bias`: float array (filters,)

Lay each filter on each place where it fits. Multiply its weights by the numbers below, over **all**
channels. Add up the products, and add the filter's bias. The first weight meets the first pixel of the
window. (The filter is **not** turned round. The exact name for this is cross-correlation.)

The first example is P4's image with another kernel. Keras, SciPy, scikit-image and OpenCV are not there
when this is graded.
""",
        returns="float array (rows - height + 1, columns - width + 1, filters)",
        seconds=5,
        examples=((SLIDE, KERNEL, np.zeros(1)), COLOURED),
        hints={
            "turned round": (
                "Keras does not turn the filter round: its first weight meets the first pixel of the window."
            ),
            "padded same": (
                "Only places where the filter fits count, so the result is smaller than the image."
            ),
            "bias forgotten": "Add each filter's bias at every place.",
            "first channel alone": "The filter covers all channels, and their products are added up.",
            "channels apart": (
                "The products of the channels are added up. The last axis of the result is the filters."
            ),
            "mean for sum": "Add up the products. Do not average them.",
            "filters first": "The filters are the last axis of the result.",
            "relu": "The activation comes later: negative numbers stay.",
            "rows and columns changed": (
                "The kernel's first axis runs down the rows, and the second one along the columns."
            ),
        },
        levels=(
            "At how many places does a kernel of 2 x 3 fit on an image of 4 x 5?",
            "Two loops over the weights are enough. Weight (row, column) meets one piece of the image for "
            "all places: image[row:row + rows, column:column + columns].",
            "responses += image[row:row + rows, column:column + columns] @ kernel[row, column]",
        ),
    ),
    Exercise(
        id="10.5",
        name="mean_loss",
        title="Softmax and loss",
        points=2,
        forbidden=("keras", "tensorflow", "torch", "jax", "scipy", "sklearn"),
        text="""
*Level 1 of 3: about 5 minutes.*

Write `mean_loss(scores, true)`: the mean categorical cross-entropy of some faces.

- `scores`: float array (n, classes), the scores before softmax
- `true`: int array (n,), the true classes, counted from 0

For each face, turn its scores into probabilities with softmax, and take $-\\ln p$ of the true class. Return
the mean over the faces. Scores can be as large as 1,000. Then $e^z$ is too large for the computer. Subtract
the largest score of each row first: this does not change the probabilities.
""",
        returns="float",
        examples=(SCORES, LARGE),
        hints={
            "overflow": "Subtract the largest score of each row before np.exp.",
            "no softmax": "Scores are not probabilities. Apply softmax first.",
            "softmax over faces": "Each row is one face, so each row of probabilities sums to 1.",
            "sum": "Take the mean over the faces, not the sum.",
            "sign": "The loss is minus the logarithm: it is never negative.",
            "log10": "Use the natural logarithm, np.log.",
            "one minus p": "The loss is -ln p, and not 1 - p.",
            "all classes": "Only the probability of the true class counts.",
        },
        levels=(
            "What are the four probabilities of the second face of the first example?",
            "np.exp(scores), divided by the sum of each row (axis=1, keepdims=True), gives the "
            "probabilities. Then take one number of each row: probabilities[np.arange(len(true)), true].",
            "-np.log(probabilities[np.arange(len(true)), true]).mean()",
        ),
    ),
    Exercise(
        id="10.3",
        name="among_the_first",
        title="Top-k",
        points=2,
        forbidden=("sklearn", "keras", "tensorflow"),
        text="""
*Level 2 of 3: about 10 minutes.*

Write `among_the_first(true, probabilities, k)`: the top-k accuracy. This is the fraction of faces whose
true class is among the `k` classes with the largest probabilities.

- `true`: int array (n,), the true classes
- `probabilities`: float array (n, classes), a network's probabilities
- `k`: int, 1 or more, and less than the number of classes

If two probabilities are equal, the class with the lower number counts as larger, as for `argmax`. (On many
processors, `np.argsort` alone changes the order of equal numbers. With `kind="stable"` it keeps it.)

Scikit-learn and Keras are not there when this is graded.
""",
        returns="float, from 0 to 1",
        examples=((TRUE, PROBABILITIES, 1), (TRUE, PROBABILITIES, 3), (TRUE, TIED, 2), (*SEVEN, 2)),
        hints={
            "smallest shares": "You need the largest probabilities. np.argsort puts the smallest first.",
            "place k alone": "Any of the first k places counts, not place k alone.",
            "top-1": "The first k places count, not the first alone.",
            "one place more": "This is one place too many.",
            "last of equals first": (
                "Of equal probabilities, the class with the lower number comes first: "
                '`np.argsort(-probabilities, kind="stable")`. If you sort and then reverse the order, '
                "equal ones are reversed, too."
            ),
            "all of equals": "Exactly k classes count. Of equal ones, those with the lower numbers.",
            "a count": "A fraction is asked for: divide by the number of faces.",
        },
        levels=(
            "Which class has the second largest probability for the second face of the first example?",
            'np.argsort(-probabilities, axis=1, kind="stable") gives the classes of each row, the most '
            "probable first. Keep k columns, and compare them with true[:, None].",
            "(order[:, :k] == true[:, None]).any(axis=1).mean()",
        ),
    ),
    Exercise(
        id="10.1",
        name="size_as_read",
        title="The same layers, two readings",
        points=3,
        forbidden=("keras", "tensorflow", "torch", "jax"),
        text="""
*Level 3 of 3: about 15 minutes.*

IIITA's network has 7,394,247 parameters, and 21,536,487 were probably meant. Write `size_as_read(rows,
columns, channels, filters, units)`: the number of its parameters if an image is read as `rows` x `columns`
places with `channels` numbers each.

- `rows`, `columns`, `channels`: int; 48, 48 and 1 as meant, or 1, 48 and 48 as published
- `filters`: list of int, one number for each block. A block has **two** convolutions, each with this many
  filters of 3 x 3. Both have full padding, so rows and columns grow by 2. Then comes a max pool of 2 x 2.
  It leaves out an odd last row or column.
- `units`: int. After Flatten come Dense `units` and Dense 7.

Dropout has no parameters. Each filter and each dense unit has a bias. Keras is not there when this is
graded.
""",
        returns="int",
        examples=((48, 48, 1, [32, 64, 128], 2048), (1, 48, 48, [32, 64, 128], 2048), (11, 8, 3, [4, 6], 10)),
        hints={
            "biases forgotten": "Each filter and each dense unit has a bias besides its weights.",
            "channels forgotten": (
                "A filter covers all channels of its input: 3 x 3 x channels weights. The second "
                "convolution gets as many channels as the first one has filters."
            ),
            "channels of the picture all along": (
                "Only the first convolution gets the channels of the image. Each later one gets the "
                "filters before it."
            ),
            "one convolution a block": "Each block has two convolutions.",
            "padded same": "Full padding makes rows and columns larger: by 2 for each convolution.",
            "padded valid": "Full padding makes rows and columns larger, not smaller.",
            "pools forgotten": "Each pool halves rows and columns.",
            "pools rounded up": "An odd last row or column is left out, so round down.",
            "filters not flattened": "Flatten returns rows x columns x filters numbers.",
            "no last layer": "The last layer, Dense 7, has parameters, too.",
        },
        levels=(
            "How many parameters has the first convolution in the first two examples?",
            "Loop over `filters`, and twice inside: add (3 * 3 * channels + 1) * count, then update rows, "
            "columns and channels. After the second convolution halve rows and columns.",
            "parameters + (rows * columns * channels + 1) * units + (units + 1) * 7",
        ),
    ),
    Exercise(
        id="10.4",
        name="second_guesses",
        title="Of the misclassified, or of all?",
        points=3,
        forbidden=("sklearn", "keras", "tensorflow"),
        text="""
*Level 3 of 3: about 10 minutes.*

A face is *rescued* if the most probable class is wrong and the second most probable class is right. Write
`second_guesses(true, probabilities)`, which returns two fractions:

1. the rescued faces divided by the number of **misclassified** faces (0 if no face is misclassified)
2. the rescued faces divided by the number of **all** faces

- `true`: int array (n,), the true classes
- `probabilities`: float array (n, classes), a network's probabilities, at least two classes

If two probabilities are equal, the class with the lower number counts as larger (see 10.3). Scikit-learn
and Keras are not there when this is graded.
""",
        returns="two floats from 0 to 1: of the misclassified, and of all",
        examples=((TRUE, PROBABILITIES), (TRUE, TIED), ALL_WRONG, ALL_RIGHT, SEVEN),
        hints={
            "the other way round": "First the fraction of the misclassified, then that of all.",
            "of all twice": "Divide the first number by the misclassified faces only.",
            "first or second": "This also counts the faces whose first guess is right.",
            "of those right at first": (
                "Divide the first number by how many are wrong, not by how many are right."
            ),
            "third guess": "The second guess is the next one after the largest probability.",
            "smallest share": "The second largest probability is asked for, not one of the smallest.",
            "last of equals first": "Of equal probabilities, the class with the lower number comes first.",
        },
        levels=(
            "Which of the eight faces of the first example are misclassified?",
            "Sort as in 10.3. order[:, 0] holds the first guesses, and order[:, 1] the second ones.",
            "wrong = order[:, 0] != true; rescued = (wrong & (order[:, 1] == true)).sum()",
        ),
    ),
]
