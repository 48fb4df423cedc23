"""Exercises of lesson 07, single and fused features (lecture 27 from 25:17 to 30:31)."""

import numpy as np

from course_lib.exercises import Exercise

# Two of the lecture's 32 files say all: sixteen takes of one number each, and sixteen times silence, the same
# labels.
FILES = np.append(np.arange(1.0, 17.0), np.zeros(16))[:, None]
LABELS = np.tile(np.repeat([0, 1], 8), 2)
LECTURES_25 = np.r_[0:13, 16:22, 24:30]  # 13 that sound, and 12 silent ones, six of each class

EXERCISES = [
    Exercise(
        id="07.1",
        name="best_training_accuracy",
        title="How much can any classifier know?",
        points=3,
        text="""
Whatever a classifier says of one file it says of every file with the same features. Write
`best_training_accuracy(X, y)`: the **highest** accuracy that any classifier whatever can have on the rows it
was trained on. A training score far below it means a weak classifier; a low bound means that something is
wrong with the data.

- `X`: float array (n, d), features; rows count as the same where all d numbers are equal
- `y`: int array (n,), the labels

The third example is a training part of 25 of the lecture's 32 files, with one number for a sound and 0 for
silence. """,
        returns="float, from 0 to 1",
        seconds=5,
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
                        [1.0, 3.0],
                        [3.0, 4.0],
                    ]
                ),
                np.array([0, 2, 1, 0, 1, 1, 0, 2]),
            ),
            (FILES, LABELS),
            (FILES[LECTURES_25], LABELS[LECTURES_25]),
        ),
        hints={
            "everything right": (
                "Equal rows get equal answers. Where their labels differ, some answers must be wrong."
            ),
            "contradictions all wrong": (
                "Of equal rows with different labels those with the commonest label can still be right."
            ),
            "half of the contradictions": (
                "The best answer to equal rows is their commonest label, which may be right for more than "
                "half."
            ),
            "mean of the groups": "Count rows: a large group of equal rows weighs more than a small one.",
            "one answer for all": "Rows that differ may get different answers.",
            "a count": "A share is asked for: divide by the number of rows.",
        },
    ),
    Exercise(
        id="07.2",
        name="fused_blocks",
        title="Early fusion that is no lottery",
        points=4,
        text="""
Side by side and unscaled, the modality with the larger numbers decides. Write
`fused_blocks(audio_train, video_train, audio_test, video_test)`:

1. standardise each **column**: minus its mean, divided by its population spread (`ddof=0`), both of the
   **training part**, for the test rows, too; a column that never changes in the training part is only centred
   (some ReLU features are always 0);
2. divide each modality by the **square root of its number of columns**, so that the wider one does not
   outweigh the other;
3. put audio and video side by side, audio first.

- `audio_train`: float array (n, a); `video_train`: float array (n, v); `audio_test` (m, a); `video_test` (m,
v) """,
        returns="two float arrays, (n, a + v) for training and (m, a + v) for the test",
        seconds=5,
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
                "Mean and spread are the training part's alone: what the test holds must not be known yet."
            ),
            "the test part by its own": (
                "The test rows are scaled by the training part's mean and spread, not by their own."
            ),
            "sample spread": "The population spread divides by n, not by n − 1.",
            "one mean a modality": "Each column has a mean and a spread of its own: `axis=0`.",
            "row by row": "Columns are standardised, not rows: `axis=0`.",
            "widths forgotten": "Divide each modality by the square root of its number of columns.",
            "divided by the width": "By the square root of the number of columns, not by the number itself.",
            "video first": "Audio comes first.",
            "divided by nothing": "A column without spread: divide by 1 instead of 0.",
            "divided by nearly nothing": (
                "A column without spread is only centred; divided by 1e-8, a small change becomes a huge one."
            ),
        },
    ),
    Exercise(
        id="07.3",
        name="met_before",
        title="What a test file shares with the training part",
        points=2,
        text="""
100 % on seven files, since their twins had been trained on. Write `met_before(train, test)`, which asks of
each tested file whether the training part holds

1. the same **recording**: a file that differs from it at most in the modality,
2. the same **actor**,
3. the same **sentence** (statement).

- `train`: int array (n, 7), `test`: int array (m, 7), the fields of file names in their order: modality,
  vocal channel, emotion, intensity, statement, repetition, actor
""",
        returns="bool array (m, 3), a row for each tested file, the columns recording, actor, sentence",
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
        ),
        hints={
            "twins overlooked": "A twin has another modality: compare the recording by the other six fields.",
            "repetitions taken for one": "The second repetition is another recording, however alike.",
            "in every training row": "One such training row is enough: any, not all.",
            "asked of the training rows": "One row for each *tested* file.",
            "never met": "True means met before; yours is the other way round.",
            "a tested file a column": "One row for each tested file and three columns: transpose.",
        },
    ),
]
