"""Exercises of lesson 08, 1D-CNN, early and late fusion (lecture 27 from 30:31 to 42:19)."""

import numpy as np

from course_lib.exercises import Exercise

# Eight recordings of two features, far from mean 0 and variance 1, as MFCC are.
RECORDINGS = np.array(
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

EXERCISES = [  # in the order of the lesson
    Exercise(
        id="08.6",
        name="one_filter",
        title="One filter of a Conv1D",
        points=2,
        forbidden=("keras", "tensorflow", "torch", "jax"),
        text="""
*Level 1 of 3: about 5 minutes.*

Write `one_filter(row, kernel, bias)`. It returns the output of one filter of a Conv1D with ReLU.

- `row`: float array (n,)
- `kernel`: float array (k,), with k not larger than n
- `bias`: float

At each place, multiply the k numbers below the kernel by its weights, add them up, and add the bias. Turn
negative results into 0. There is **no padding**: the kernel never leaves the row. Keras is not available when
this is graded.
""",
        returns="float array (n - k + 1,)",
        examples=(
            (np.array([0.0, 0, 3, 3, 3, 0, 0]), np.array([-1.0, 1]), 0.0),
            (np.array([2.0, 5, 4, 1, 1, 6, 2]), np.array([0.5, -1, 1]), 1.5),
            (np.array([1.0, -2, 3, -1]), np.array([1.0, 2, -1, 0.5]), -0.5),
        ),
        hints={
            "kernel flipped": (
                "np.convolve turns the kernel round. A Conv1D does not: kernel[0] is multiplied by the first "
                "number."
            ),
            "no ReLU": "ReLU turns negative results into 0.",
            "bias forgotten": "Add the bias to each sum.",
            "bias after ReLU": "The bias comes first, and then ReLU.",
            "padded": "There is no padding: the result has n - k + 1 numbers.",
        },
        levels=(
            "How many places are there for a kernel of 2 numbers on a row of 7?",
            'The cell above the exercise uses np.correlate with mode="valid". What is missing there?',
            'np.maximum(0, np.correlate(row, kernel, mode="valid") + bias)',
        ),
    ),
    Exercise(
        id="08.1",
        name="cnn_size",
        title="Where the parameters are",
        points=3,
        forbidden=("keras", "tensorflow", "torch", "jax"),
        text="""
*Level 2 of 3: about 10 minutes.*

Write `cnn_size(steps, channels, filters, kernel, pool)`. It returns the number of parameters of the lecture's
1D-CNN. The list above shows them for 2,520 steps of one channel.

- `steps`, `channels`: int, the shape of the input, for example 2,520 and 1, or 63 and 40
- `filters`: list of int, the number of filters of each Conv1D in turn, for example `[16, 32]`. The padding is
  "same", so a Conv1D returns as many steps as it gets.
- `kernel`: int, the number of steps that a filter covers
- `pool`: int. After each Conv1D, MaxPooling1D replaces every `pool` steps by one step. An incomplete rest is
  left out.

Then come Flatten, BatchNormalization, Dense 128, Dropout and Dense 2, as in the lesson. Count **all**
parameters, also those that batch normalisation does not train. Keras is not available when this is graded.
""",
        returns="int",
        examples=((2520, 1, [16, 32], 8, 4), (63, 40, [16, 32], 8, 4), (100, 3, [8], 5, 3)),
        hints={
            "biases forgotten": "Each filter and each dense unit has a bias besides its weights.",
            "channels forgotten": (
                "A filter covers all channels of its input: kernel x channels weights. The second Conv1D "
                "gets as many channels as the first one has filters."
            ),
            "pools forgotten": "Each MaxPooling1D divides the number of steps by `pool`.",
            "pools rounded up": "An incomplete rest is left out, so round down.",
            "no padding": 'With padding "same" a Conv1D returns as many steps as it gets.',
            "two numbers a BatchNorm": (
                "Batch normalisation has four numbers for each of its inputs: scale, shift, moving mean and "
                "moving variance."
            ),
            "no BatchNorm": "The parameters of batch normalisation count, too: four for each of its inputs.",
            "BatchNorm on the filters": (
                "Batch normalisation comes after Flatten, so its inputs are all steps x filters numbers."
            ),
            "steps alone flattened": "Flatten returns steps x filters numbers.",
        },
        levels=(
            "Which layer of the list above has the most parameters, and what is its input?",
            "A loop over `filters` adds the parameters of each Conv1D, and updates steps and channels. After "
            "it, flat = steps * channels.",
            "total += (kernel * channels + 1) * count; steps, channels = steps // pool, count",
        ),
    ),
    Exercise(
        id="08.3",
        name="moving_averages",
        title="The moving averages of batch normalisation",
        points=3,
        text="""
*Level 2 of 3: about 10 minutes.*

Write `moving_averages(X, batch, epochs, momentum)`. It returns the moving mean and the moving variance of
each feature after the training. The moving mean begins at **0**, and the moving variance at **1**. Each batch
moves both:

`moving = momentum * moving + (1 - momentum) * of_the_batch`

For the variance of a batch, use `np.var` as it is (`ddof=0`). (This is how Keras does it. PyTorch counts the
other way: a momentum of 0.9 here is 0.1 in PyTorch.)

- `X`: float array (n, d); each epoch has the rows in this order
- `batch`: int, the number of rows in a batch. The last batch of an epoch may be smaller, and it moves the
  averages like all others.
- `epochs`: int
- `momentum`: float from 0 to 1
""",
        returns="a tuple of two float arrays (d,): the moving mean and the moving variance",
        examples=((RECORDINGS, 3, 2, 0.9), (RECORDINGS, 4, 10, 0.99), (RECORDINGS, 4, 10, 0.9)),
        hints={
            "momentum the other way round": (
                "In Keras, `momentum` is the fraction of the old value that stays."
            ),
            "one epoch": (
                "The averages begin at 0 and 1 only once, before the first epoch. All other epochs go on "
                "with them."
            ),
            "one mean for all features": "Each feature has its own mean and variance: axis=0.",
            "last batch left out": "The rows that are left at the end of an epoch are a batch, too.",
            "variance begins at 0": "The moving variance begins at 1.",
            "sample variance": "Divide by the number of rows in the batch, not by one less.",
            "spread for variance": "Return the variance, which is the square of the standard deviation.",
            "no memory": (
                "This is the mean and variance of all rows. Begin at 0 and 1. Each batch moves them a little."
            ),
        },
        levels=(
            "Examples 2 and 3 have the same data and 20 steps. Why are their moving means so different?",
            "Two nested loops: over the epochs, and over `range(0, len(X), batch)`. In the inner one, update "
            "both averages.",
            "mean = momentum * mean + (1 - momentum) * X[start : start + batch].mean(axis=0)",
        ),
    ),
    Exercise(
        id="08.5",
        name="early_fusion",
        title="Early fusion, ready for the network",
        points=2,
        text="""
*Level 1 of 3: about 5 minutes.*

This is the lecture's own step at 34:27, with NumPy. Write `early_fusion(audio, video)`. It returns
the input of the 1D-CNN: both modalities side by side in one row. Each number is one step, and each step has
one channel.

- `audio`: float array (n, a), the MFCC of each recording as one row
- `video`: float array (n, frames, units), the frame features. In the row, frame comes **after** frame.

The audio comes first.
""",
        returns="float array (n, a + frames x units, 1)",
        examples=(
            (np.array([[1.0, 2.0, 3.0]]), np.array([[[10.0, 11.0], [20.0, 21.0], [30.0, 31.0]]])),
            (np.array([[1.0], [2.0]]), np.arange(12.0).reshape(2, 3, 2)),
        ),
        hints={
            "video first": "The audio comes first.",
            "unit after unit": (
                "The row must have all numbers of frame 1, then all numbers of frame 2. Yours has unit after "
                "unit."
            ),
            "no channel": "Conv1D wants (n, steps, channels). Add a last axis of one channel.",
            "channel before the steps": "The channel is the last axis: (n, steps, 1).",
            "audio alone": "The video is missing.",
        },
        levels=(
            "What shape does each recording have in `video`, and what shape does it need in the row?",
            "video.reshape(len(video), -1) writes frame after frame. np.hstack puts it beside the audio.",
            "np.hstack([audio, video.reshape(len(video), -1)])[..., None]",
        ),
    ),
    Exercise(
        id="08.2",
        name="fused_probabilities",
        title="Fusing decisions when a camera was off",
        points=3,
        text="""
*Level 3 of 3: about 20 minutes.*

Decision fusion combines the probabilities of several classifiers. Write
`fused_probabilities(probabilities, weights)`. It returns the **weighted average** of the modalities'
probabilities for each recording. Sometimes a modality is missing, for example because the camera was off. Its
probabilities are then NaN. Divide by the sum of the weights of the modalities that are there. So the
probabilities of each recording still sum to 1.

- `probabilities`: float array (modalities, n, classes). The classes of a recording sum to 1, or all of them
  are NaN. Each recording has at least one modality.
- `weights`: float array (modalities,), above 0. Their sum need not be 1.
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
                "A missing modality does not predict 0. Divide by the weights of the modalities that are "
                "there."
            ),
            "missing as undecided": (
                "A missing modality does not predict that all classes are equally likely. Leave its weight "
                "out, too."
            ),
            "NaN stays": "One NaN makes the whole sum NaN. np.nansum leaves it out.",
            "weights ignored": "Each modality counts by its weight.",
            "weights not of sum 1": "Divide by the sum of the weights of the modalities that are there.",
            "product": "Return the weighted average, not the product.",
            "votes": "Average the probabilities. A vote forgets how sure each classifier was.",
        },
        levels=(
            "In the first example, which weights count for the third recording, and what is their sum?",
            "Make a boolean array of the same shape that is True where a modality is there. Multiply the "
            "weights by it, and sum over the modalities.",
            "there = ~np.isnan(probabilities); fractions = weights[:, None, None] * there",
        ),
    ),
]
