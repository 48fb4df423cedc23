"""Exercises of lesson 06, MFCC and frame features (lecture 27 from 09:15 to 25:17)."""

import numpy as np

from course_lib.exercises import Exercise

# The mel energies of the loudest frame of the Studio's take 01-01-05-01-01-01-01, in dB, as in step 6 of the
# lesson.
LOUDEST = np.array(
    [
        -62,
        -51,
        -38,
        -40,
        -40,
        -30,
        -31,
        -13,
        -15,
        -20,
        -22,
        -24,
        -31,
        -38,
        -43,
        -48,
        -50,
        -50,
        -50,
        -47,
        -39,
        -41,
        -49,
        -51,
        -47,
        -46,
    ],
    float,
)

# Noise of six actors, four takes each: there is nothing to be learnt from it. (RandomState is the same in
# every NumPy.) A draw like most: over forty, 22.2 of 24 are right on average with columns chosen on all rows,
# 12.3 inside the split.
NOISE = np.random.RandomState(8).normal(size=(24, 200)).round(2)

EXERCISES = [
    Exercise(
        id="06.1",
        name="centred_frames",
        title="Where the 63 columns come from",
        points=3,
        forbidden=("librosa",),
        text="""
By hand we cut only whole frames. librosa centres its frames, and so arrives at 63 of them for 32,000 samples.
Write `centred_frames(signal, length, hop)`: frame i has its **middle on sample i × hop**, for every i × hop
from 0 to the signal's length (that included); beyond the ends there are zeros.

- `signal`: float array (n,)
- `length`: int, a frame's samples, even: frame i takes samples i × hop − length / 2 up to, and without, i ×
  hop + length / 2
- `hop`: int, samples from one frame to the next

In librosa since 0.9 half of the first column's samples are zeros, and more than a third of the last one's.
Older versions mirrored the sound. librosa is not there when this is graded. """,
        returns="float array (frames, length)",
        examples=((np.arange(1.0, 10.0), 4, 3), (np.array([0.5, -1.0, 2.0, 0.25, -0.75, 1.5, 3.0]), 2, 2)),
        hints={
            "only whole frames": (
                "The first frame's middle is sample 0, so half of it lies before the signal: put length / 2 "
                "zeros there."
            ),
            "too many zeros": (
                "Half a frame of zeros at each end, not a whole one: frame 0 has its middle on sample 0."
            ),
            "zeros at the end only": "The zeros belong at both ends, length / 2 of them at each.",
            "one frame too few": (
                "i begins at 0, and i × hop may be as large as the signal's length: one frame more."
            ),
            "a frame a column": "A frame is a row: shape (frames, length).",
            "mirrored ends": "Beyond the ends there are zeros, not the signal mirrored.",
        },
    ),
    Exercise(
        id="06.2",
        name="mel_envelope",
        title="What 13 coefficients know of a spectrum",
        points=3,
        forbidden=("librosa",),
        text="""
*Keep some* coefficients, says the lecture. What is lost with the others? Write `mel_envelope(decibels,
keep)`: take the DCT of each frame's mel energies (step 7: DCT-II, orthonormal), set all coefficients but the
first `keep` to zero, and **go back** to mel energies with the inverse DCT. What returns is what a classifier
on `keep` coefficients can know.

- `decibels`: float array (filters, frames), in dB
- `keep`: int, from 1 to `filters`: how many coefficients are kept, the first (loudness) among them

`scipy.fft` may be used; librosa is not there when this is graded.
""",
        returns="float array (filters, frames), in dB",
        seconds=5,
        examples=(
            (
                np.array(
                    [
                        [-10.0, -30.0, -25.0],
                        [-20.0, -30.0, -5.0],
                        [-40.0, -30.0, -15.0],
                        [-50.0, -30.0, -35.0],
                    ]
                ),
                2,
            ),
            (LOUDEST[:, None], 13),
            (LOUDEST[:, None], 4),
        ),
        hints={
            "along time": "The cosines run over the filters, axis 0, not over the frames.",
            "filters set to zero": "SciPy's dct runs along the last axis, the frames, unless you say axis=0.",
            "loudness lost": "The first coefficient stays: without it every frame has mean 0.",
            "the last ones kept": "The first coefficients stay, the slow waves; the last are the fine ones.",
            "one too many": "`keep` coefficients, those with the numbers 0 to keep − 1.",
            "first cosine too large": (
                "In an orthonormal basis the first cosine, a constant, is divided by √2 once more."
            ),
            "not turned back": "You return the coefficients. Turn them back: as many rows as filters.",
        },
    ),
    Exercise(
        id="06.3",
        name="predicted_left_out",
        title="Choosing columns, inside the split",
        points=4,
        text="""
Whatever learns from labels belongs inside the split. Write `predicted_left_out(X, y, actors, k)`, which
**leaves one actor out at a time**:

1. on the rows of the *other* actors, take the mean of each class, column by column;
2. choose the `k` columns in which these two means lie farthest apart;
3. for each row of the actor left out, answer with the class whose mean, in these columns, is nearer
   (Euclidean distance).

- `X`: float array (n, d), features; `y`: int array (n,), 0 or 1; `actors`: int array (n,), who spoke each row
- `k`: int, how many columns are chosen

With far more columns than rows, as in 32×2,520, choosing them *before* the split makes pure noise look like
knowledge. The second example is such noise.
""",
        returns="int array (n,), the answer for each row, 0 or 1",
        examples=(
            (
                np.array(
                    [[8.0, 1.0, 1.0, 6.0], [6.0, 4.0, 1.0, 2.0], [5.0, 1.0, 6.0, 0.0], [1.0, 2.0, 4.0, 5.0]]
                ),
                np.array([0, 1, 0, 1]),
                np.array([1, 1, 2, 2]),
                2,
            ),
            (NOISE, np.tile([0, 1, 0, 1], 6), np.repeat(np.arange(1, 7), 4), 20),
        ),
        hints={
            "chosen on all rows": (
                "The columns were chosen with the rows of the actor left out among them: their labels are in "
                "the choice."
            ),
            "means of all rows": "Columns and means were learnt from all rows: nothing was left out.",
            "one row left out": "Leave out all rows of an actor together; the others of his rows know him.",
            "all columns": "Only the `k` chosen columns count in the distance.",
            "nearest means": "Choose the columns in which the means lie farthest apart, not nearest.",
            "divided by the spread": "Compare the means as they are, not divided by the columns' spread.",
            "signed difference": (
                "How far apart is no matter of which mean is larger: take the absolute difference."
            ),
            "the farther class": "Answer with the class whose mean is nearer.",
        },
    ),
    Exercise(
        id="06.4",
        name="random_labels_score",
        title="Labels drawn at random",
        points=1,
        text="""
Suppose the takes' labels are **drawn at random**, half calm and half angry, so that there is nothing to
learn. The extractor of 21 features is trained with these labels on the frames of *all* takes, as in the
lecture; then a linear SVC is trained on 80 % of the takes and tested on the others. Which accuracy do you
expect on these others? """,
        returns="text",
        choices=("about 100 %", "about 75 %", "about 50 %", "about 25 %"),
        hints={
            "no leak": (
                "So it would be if the extractor had seen the training part only. It has seen every take "
                "with its label."
            ),
            "half a leak": "How well does the extractor know the takes that it was trained on?",
            "worse than a coin": "To be wrong that often takes knowledge, too.",
        },
    ),
]
