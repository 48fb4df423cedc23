"""Exercises of lesson 08, 1D-CNN, early and late fusion (lecture 27 from 30:31 to 42:19)."""

import numpy as np

from course_lib.exercises import Exercise

# Eight takes of two features, one batch after the other as in the file; far from mean 0 and variance 1, as
# MFCC are.
TAKES = np.array(
    [
        [10.0, -200.0],
        [14.0, -220.0],
        [12.0, -180.0],
        [8.0, -240.0],
        [11.0, -210.0],
        [15.0, -190.0],
        [9.0, -230.0],
        [13.0, -170.0],
    ]
)

EXERCISES = [
    Exercise(
        id="08.1",
        name="cnn_size",
        title="Where the parameters are",
        points=3,
        forbidden=("keras", "tensorflow", "torch", "jax"),
        text="""
Write `cnn_size(steps, channels, filters, kernel, pool)`: how many parameters the lecture's 1D-CNN has. For
2,520 steps of one channel they are many thousands for each take that it learns from.

- `steps`, `channels`: int, the input's shape, for example 2,520 and 1, or 63 and 40
- `filters`: list of int, the filters of each Conv1D in turn, for example `[16, 32]`; padding "same", so that
  the steps stay as many
- `kernel`: int, the steps that a filter spans
- `pool`: int; after each Conv1D, MaxPool1D makes one step of `pool`, and leaves out an incomplete rest

Then: Flatten, BatchNorm, Dense 128, Dropout, Dense 2, as in the lesson. **All** parameters count, also those
that BatchNorm does not train. Without Keras: it is not there when this is graded. """,
        returns="int",
        examples=((2520, 1, [16, 32], 8, 4), (63, 40, [16, 32], 8, 4), (100, 3, [8], 5, 3)),
        hints={
            "biases forgotten": "Each filter and each dense unit has a bias besides its weights.",
            "channels forgotten": (
                "A filter spans all channels of what comes in: kernel × channels weights. Into the second "
                "Conv1D come as many channels as the first has filters."
            ),
            "pools forgotten": "Each MaxPool1D divides the steps by `pool`.",
            "pools rounded up": "An incomplete rest is left out: round down.",
            "no padding": 'With padding "same" a Conv1D gives as many steps as it gets.',
            "two numbers a BatchNorm": (
                "BatchNorm has four numbers for each of its inputs: scale, shift, moving mean and moving "
                "variance."
            ),
            "no BatchNorm": "BatchNorm's parameters count, too: four for each of its inputs.",
            "BatchNorm on the filters": (
                "BatchNorm comes after Flatten: its inputs are all steps × filters numbers, not the filters."
            ),
            "steps alone flattened": "Flatten gives steps × filters numbers.",
        },
    ),
    Exercise(
        id="08.2",
        name="fused_probabilities",
        title="Fusing decisions when a camera was off",
        points=3,
        text="""
The field's late fusion is one of decisions. Write `fused_probabilities(probabilities, weights)`: for each
take the **weighted average** of what the modalities say. Where a modality is missing its numbers are NaN; the
others' weights are then divided by *their* sum, so that each take's probabilities sum to 1 as before.

- `probabilities`: float array (modalities, n, classes); a row of classes sums to 1, or is NaN throughout.
  Each take has at least one modality.
- `weights`: float array (modalities,), above 0, not necessarily of sum 1
""",
        returns="float array (n, classes)",
        examples=(
            (
                np.array(
                    [[[0.9, 0.1], [0.4, 0.6], [np.nan, np.nan]], [[0.3, 0.7], [np.nan, np.nan], [0.2, 0.8]]]
                ),
                np.array([2.0, 1.0]),
            ),
            (
                np.array(
                    [
                        [[0.6, 0.3, 0.1], [np.nan] * 3],
                        [[0.1, 0.1, 0.8], [0.2, 0.5, 0.3]],
                        [[0.0, 0.5, 0.5], [0.7, 0.2, 0.1]],
                    ]
                ),
                np.array([0.5, 0.3, 0.2]),
            ),
        ),
        hints={
            "missing as zeros": (
                "A missing modality says nothing. It does not say 0: divide by the weights of those that are "
                "there."
            ),
            "missing as undecided": (
                'A missing modality does not say "all alike": leave its weight out, too.'
            ),
            "NaN stays": "One missing modality makes NaN of the whole sum: leave it out.",
            "weights ignored": "The modalities count by their weights.",
            "weights not of sum 1": "Divide by the sum of the weights of those that are there.",
            "product": "An average is asked for, not a product.",
            "votes": "Average the probabilities; a vote forgets how sure each modality was.",
        },
    ),
    Exercise(
        id="08.3",
        name="moving_averages",
        title="What BatchNorm remembers",
        points=3,
        text="""
Asked again, the network knew fewer of its training takes than while it was trained, because BatchNorm's
moving averages were not there yet. Write `moving_averages(X, batch, epochs, momentum)`: what they are after
training. For each feature the moving mean begins at **0**, the moving variance at **1**. Each batch moves
them,

`moving = momentum * moving + (1 - momentum) * of_the_batch`,

where a batch's variance is the population's (`ddof=0`). (So it is in Keras. What PyTorch calls momentum is
1 − momentum here.)

- `X`: float array (n, d); the takes come in this order in every epoch
- `batch`: int, takes in a batch; the last batch of an epoch holds what is left and counts as much as any
  other
- `epochs`: int; `momentum`: float from 0 to 1
""",
        returns="two float arrays (d,): the moving mean and the moving variance",
        examples=((TAKES, 3, 2, 0.9), (TAKES, 4, 10, 0.99), (TAKES, 4, 10, 0.9)),
        hints={
            "momentum the other way round": "In Keras `momentum` is the share of the old value that stays.",
            "one epoch": (
                "The averages begin at 0 and 1 once, before the first epoch, and go on moving in all others."
            ),
            "one mean for all features": "Each feature has a mean and a variance of its own: axis=0.",
            "last batch left out": "What is left at the end of an epoch is a batch, too.",
            "variance begins at 0": "The moving variance begins at 1.",
            "sample variance": "A batch's variance divides by its number of takes, not by one less.",
            "spread for variance": "The variance is asked for, the square of the spread.",
            "no memory": "That is the mean and variance of all takes. BatchNorm gets there only slowly.",
        },
    ),
    Exercise(
        id="08.4",
        name="mcnemar_p",
        title="Is one clip a difference?",
        points=3,
        text="""
85 % against 71 %, 6 of 7 against 5 of 7. Write `mcnemar_p(true, first, second)`, McNemar's exact test of two
classifiers on the same takes. Only the takes count which *one* of them got right; under no difference each of
these is a toss of a fair coin. p is the probability that so many tosses divide **at least as unevenly** as
they did, to **either** side; 1 where there are none.

- `true`, `first`, `second`: int arrays (n,), the true labels and what each classifier says

SciPy may be used. Without `course_lib`: it is not there when this is graded.
""",
        returns="float, from 0 to 1",
        seconds=5,
        examples=(
            (
                np.array([0, 1, 2, 0, 1, 2, 0, 1, 2, 0]),
                np.array([0, 1, 2, 0, 1, 0, 1, 0, 2, 0]),
                np.array([1, 0, 1, 2, 2, 2, 2, 2, 2, 0]),
            ),
            (np.zeros(7, int), np.array([0, 0, 0, 0, 0, 0, 1]), np.array([0, 0, 0, 0, 0, 1, 1])),
            (np.array([0, 1, 1, 0]), np.array([0, 0, 1, 0]), np.array([1, 1, 1, 0])),
            (np.array([0, 1, 1, 0]), np.array([0, 1, 0, 0]), np.array([0, 1, 0, 0])),
        ),
        hints={
            "one side": "Either could have been the better one: both sides count.",
            "chi-squared": (
                "That is the approximation for many takes. With few, count the binomial probabilities."
            ),
            "all takes tossed": (
                "What both got right, or both wrong, says nothing: only the takes on which just one was "
                "right count."
            ),
            "answers that differ": (
                "Takes on which both are wrong in different ways say nothing of who is better."
            ),
            "above 1": (
                "Where the tosses divide evenly the two sides meet in the middle, which counts once: p is at "
                "most 1."
            ),
            "this division alone": "More uneven divisions count as well, not only the one that came.",
        },
    ),
]
