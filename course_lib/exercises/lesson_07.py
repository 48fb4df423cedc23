"""Exercises of lesson 07, single and fused features (lecture 27 from 25:17 to 30:31)."""

import numpy as np

from course_lib.exercises import Exercise

# The lecture's 32 files in two columns of one number each: 16 recordings, then 16 silent twins with the same
# labels.
FILES = np.append(np.arange(1.0, 17.0), np.zeros(16))[:, None]
LABELS = np.tile(np.repeat([0, 1], 8), 2)
LECTURES_25 = np.r_[0:13, 16:22, 24:30]  # 13 with sound, and 12 silent ones, six of each class


def drawn_features(
    rng: np.random.Generator, items: int = 40, columns: int = 6
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Draw random numbers in place of features: X (items, columns), labels y (items,) of 0 and 1, and the
    rows of the training set (70 %) and of the test set.

    The two classes differ a little in their means, and label 1 also has a larger spread. So the four
    classifiers of the lecture get different scores."""
    y = rng.permutation(np.arange(items) % 2)
    X = rng.normal(size=(items, columns)) * (1 + 0.8 * y[:, None]) + 0.7 * y[:, None]
    rows = rng.permutation(items)
    train, test = np.sort(rows[: int(0.7 * items)]), np.sort(rows[int(0.7 * items) :])
    return X.round(3), y, train, test


EXERCISES = [  # in the order of the lesson
    Exercise(
        id="07.4",
        name="four_scores",
        title="The lecture's four classifiers",
        points=2,
        seconds=5.0,
        text="""
*Level 1 of 3: about 5 minutes.*

The lecture runs the same code three times: on the sound, on the pictures, and on both. Write it once,
as a function. `four_scores(X, y, train, test)` returns the training score and the test score of its four
classifiers.

- `X`: float array (n, d), features; `y`: int array (n,), labels
- `train`, `test`: int arrays, the rows of the training set and of the test set

1. Use scikit-learn's `GaussianNB()`, `LinearDiscriminantAnalysis()`, `SVC(kernel="linear")` and
   `SVC(kernel="rbf")`, in this order.
2. `fit` each one on the rows `train`.
3. `score` it on the rows `train`, and then on the rows `test`.

The features of the examples are random numbers.
""",
        returns="float array (4, 2): one row for each classifier, with its training score and its test score",
        examples=(
            drawn_features(np.random.default_rng(273)),
            drawn_features(np.random.default_rng(274), 30, 4),
        ),
        hints={
            "fitted on all rows": (
                "Your classifiers have also seen the test rows. Fit them on X[train] and y[train] only."
            ),
            "training score twice": "The second column is the score on the rows `test`.",
            "columns the other way round": "The training score comes first, then the test score.",
            "transposed": "Return one row for each classifier, and two columns. Yours is transposed.",
            "the default kernel": "The default kernel of SVC is rbf. The third one needs a linear kernel.",
            "another order": "The order is GaussianNB, LDA, linear SVC, rbf SVC.",
            "errors": "`score` is the fraction of right answers. Yours is the fraction of wrong ones.",
        },
        levels=(
            "Which rows may `fit` see?",
            "Loop over the four classifiers. For each one append a list of two scores, and return "
            "np.array(scores).",
            "scores.append([classifier.score(X[train], y[train]), classifier.score(X[test], y[test])])",
        ),
    ),
    Exercise(
        id="07.1",
        name="best_training_accuracy",
        title="The highest possible training score",
        points=3,
        seconds=5,
        text="""
*Level 2 of 3: about 10 minutes.*

If two rows have the same features, a classifier gives both the same answer. If they have different
labels, one answer is wrong. So some data have a limit: no classifier can have a higher training score. Write
`best_training_accuracy(X, y)`, which returns this limit.

- `X`: float array (n, d), features; two rows are equal if all d numbers are equal
- `y`: int array (n,), the labels of any number of classes

The third example is like a training set of the lecture: 25 of its 32 files, with one number for each sound,
and 0 for silence.
""",
        returns="float, from 0 to 1",
        examples=(
            (
                np.array(
                    [
                        [1.0, 2.0],
                        [3.0, 4.0],
                        [0.0, 0.0],
                        [0.0, 0.0],
                        [0.0, 0.0],
                        [0.0, 0.0],
                        [1.0, 6.0],
                        [3.0, 4.0],
                        [0.0, 0.0],
                        [1.0, 2.0],
                        [0.0, 0.0],
                    ]
                ),
                np.array([0, 0, 0, 2, 2, 2, 2, 0, 2, 1, 2]),
            ),
            (FILES, LABELS),
            (FILES[LECTURES_25], LABELS[LECTURES_25]),
        ),
        hints={
            "everything right": (
                "Equal rows get equal answers. If their labels differ, some of these answers must be wrong."
            ),
            "contradictions all wrong": (
                "If equal rows have different labels, the rows with the most common label can still be right."
            ),
            "half of the contradictions": (
                "The best answer for equal rows is their most common label. It can be right for more than "
                "half of them."
            ),
            "first label of the group": (
                "You answer with the first label of equal rows. Is there a better answer for these rows?"
            ),
            "labels 0 and 1 only": "There may be other labels than 0 and 1.",
            "first column only": "Two rows are equal only if all of their numbers are equal.",
            "mean of the groups": "Count rows. A large group of equal rows has more weight than a small one.",
            "one answer for all": "Rows that differ may get different answers.",
            "a count": "The result is a fraction: divide by the number of rows.",
        },
        levels=(
            "Four equal rows have the labels 1, 0, 0, 0. Which answer is best, and how many rows does it get "
            "right?",
            "Group equal rows (np.unique(X, axis=0, return_inverse=True), or a dict). For each group count "
            "its most common label, and add up these counts.",
            "np.unique(y[group == one], return_counts=True)[1].max()",
        ),
    ),
    Exercise(
        id="07.3",
        name="met_before",
        title="What a test file shares with the training set",
        points=2,
        text="""
*Level 2 of 3: about 10 minutes.*

A score tells you about new people only if no person of the training set is in the test set. Write
`met_before(train, test)`. For each test file it answers whether the training set contains

1. the same **recording**: all fields are equal, except perhaps the modality,
2. the same **actor**,
3. the same **sentence** (statement).

- `train`: int array (n, 7), `test`: int array (m, 7): the fields of RAVDESS's file names in their order:
  modality, vocal channel, emotion, intensity, statement, repetition, actor
""",
        returns="bool array (m, 3): one row for each test file, with the columns recording, actor, sentence",
        examples=(
            (
                np.array([[1, 1, 2, 1, 1, 1, 1], [2, 1, 5, 2, 2, 1, 3]]),
                np.array([[2, 1, 2, 1, 1, 1, 1], [1, 1, 5, 2, 2, 2, 3]]),
            ),
            (
                np.array([[1, 1, 2, 1, 2, 1, 5], [1, 1, 5, 2, 2, 1, 5]]),
                np.array([[1, 1, 5, 2, 1, 1, 5], [1, 1, 5, 2, 2, 1, 6]]),
            ),
            (np.array([[2, 1, 5, 2, 1, 1, 7]]), np.array([[1, 1, 5, 2, 1, 1, 7], [1, 1, 5, 2, 2, 1, 8]])),
            (
                np.array([[1, 1, 2, 1, 1, 1, 9], [1, 1, 5, 2, 2, 2, 9]]),
                np.array([[1, 1, 5, 1, 1, 1, 9], [1, 2, 2, 1, 1, 1, 9]]),
            ),
        ),
        hints={
            "twins overlooked": "A twin has another modality. Compare only the other six fields.",
            "each field alone": "All six fields must be equal to those of *one* training file.",
            "song and speech taken for one": "A song is another recording: compare the vocal channel, too.",
            "repetitions taken for one": "The second repetition is another recording.",
            "in every training row": "It is enough if one training row fits: use any, not all.",
            "asked of the training rows": "Return one row for each *test* file.",
            "never met": "True means that the training set contains it. Yours is the other way round.",
            "a tested file a column": "Return one row (not one column) for each test file.",
        },
        levels=(
            "Which fields must be equal for the same recording, for the same actor, for the same sentence?",
            "Compare all pairs at once: test[:, None, fields] == train[None, :, fields] has the shape (m, n, "
            "number of fields).",
            "same.all(axis=2).any(axis=1)",
        ),
    ),
    Exercise(
        id="07.2",
        name="fused_blocks",
        title="Scale, then fuse",
        points=4,
        seconds=5,
        text="""
*Level 3 of 3: about 20 minutes.*

If you fuse two modalities as they are, the one with the larger numbers decides. Write
`fused_blocks(audio_train, video_train, audio_test, video_test)`. It scales both and puts them side by side:

1. Standardise each **column**: subtract its mean, and divide by its standard deviation (`ddof=0`). Compute
   both from the **training set**, and use the same two numbers for the test rows. If a column never changes
   in the training set, only subtract its mean. (Some ReLU features are always 0.)
2. Divide each modality by the **square root of its number of columns**. Otherwise the modality with more
   columns counts more.
3. Put audio and video side by side, audio first.

- `audio_train`: float array (n, a); `video_train`: float array (n, v)
- `audio_test`: float array (m, a); `video_test`: float array (m, v)

You may use scikit-learn's `StandardScaler`.
""",
        returns="two float arrays, (n, a + v) for the training set and (m, a + v) for the test set",
        examples=(
            (
                np.array([[100.0], [300.0], [200.0]]),
                np.array([[1.0, 0.5, 2.0, 5.0], [2.0, 0.0, 4.0, 5.0], [6.0, 0.0, 0.0, 2.0]]),
                np.array([[250.0], [100.0]]),
                np.array([[3.0, 1.5, 2.0, 4.0], [1.0, 0.0, 7.0, 1.0]]),
            ),
            (
                np.array([[-300.0, 20.0], [-260.0, 40.0], [-340.0, 0.0], [-300.0, 30.0]]),
                np.array([[0.5, 0.0], [1.5, 0.0], [0.0, 0.0], [0.0, 0.0]]),
                np.array([[-200.0, 10.0]]),
                np.array([[2.0, 1.5]]),
            ),
        ),
        hints={
            "the test part among them": (
                "Mean and standard deviation come from the training set alone. The test rows are not known."
            ),
            "the test part by its own": (
                "Scale the test rows by the mean and standard deviation of the training set."
            ),
            "sample spread": "This standard deviation divides by n, not by n − 1 (`ddof=0`).",
            "one mean a modality": "Each column has its own mean and standard deviation: `axis=0`.",
            "row by row": "Standardise columns, not rows: `axis=0`.",
            "widths forgotten": "Divide each modality by the square root of its number of columns.",
            "one root for both": "Each modality has its own number of columns.",
            "divided by the width": "Divide by the square root of the number of columns, not by the number.",
            "video first": "Audio comes first.",
            "divided by nothing": "If a column has a standard deviation of 0, divide by 1 instead.",
            "divided by nearly nothing": (
                "A column that never changes is only centred. Divided by 1e-8, a small change becomes huge."
            ),
        },
        levels=(
            "Which numbers does the scaling learn, and from which rows?",
            "Do one modality at a time: fit a StandardScaler on its training rows, transform both parts, and "
            "divide by the square root of its width. Then np.hstack.",
            "scaler = StandardScaler().fit(audio_train); scaler.transform(audio_test) / "
            "np.sqrt(audio_train.shape[1])",
        ),
    ),
]
