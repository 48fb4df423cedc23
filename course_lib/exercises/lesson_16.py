"""Exercises of lesson 16, frozen speech encoders."""

import numpy as np

from course_lib.exercises import Exercise

# Two utterances of 3 and 2 frames in a batch: the last frame of the second one is padding.
OUTPUTS = np.array([[[1.0, 2], [3, 4], [5, 6]], [[10, 0], [20, 2], [99, -99]]])

EXERCISES = [  # in the order of the lesson
    Exercise(
        id="16.1",
        name="mean_of_own_frames",
        title="The mean without the padding",
        points=2,
        text="""
*Level 1 of 3: about 10 minutes.*

Write `mean_of_own_frames(outputs, samples)`: one row of numbers for each utterance, as the shipped embeddings
were made.

- `outputs`: float array (n, frames, d), what the encoder computed for a batch of n utterances. Short ones
  were filled up with silence at the end.
- `samples`: int array (n,), the true length of each utterance in samples, at 16,000 samples per second

One frame is 320 samples (20 ms). An utterance of 700 samples has 2 full frames and a part of a third one. The
third one counts, too: **round up**. Average the utterance's own frames only.
""",
        returns="float array (n, d)",
        examples=(
            (OUTPUTS, np.array([960, 640])),
            (OUTPUTS, np.array([700, 320])),
            (np.arange(24.0).reshape(2, 4, 3), np.array([1280, 321])),
        ),
        hints={
            "padding averaged": "Leave out the frames that hold only the added silence.",
            "rounded down": "The last part of a frame is sound, too: round up.",
            "divided by all frames": (
                "The own frames were added up, and the sum must be divided by their number, not by the "
                "number of all frames."
            ),
            "frames of 160 samples": "One column of the spectrogram is 160 samples, but a frame is 320.",
            "one frame too many": "A length that is a multiple of 320 has no part of a further frame.",
            "the last frame": "Return the mean over the frames, not the last one.",
        },
        levels=(
            "How many frames belong to an utterance of 640 samples, and how many to one of 641?",
            "Go through the utterances in a loop. Cut each to its own frames. Take the mean along axis 0.",
            "own = -(-length // 320)  # rounds up",
        ),
    ),
    Exercise(
        id="16.2",
        name="attend",
        title="Attention, by hand",
        points=3,
        forbidden=("keras", "tensorflow", "torch", "jax"),
        text="""
*Level 2 of 3: about 10 minutes.*

Write `attend(queries, keys, values)`: the output of attention for each frame.

- `queries`: float array (n, d), one row for each frame
- `keys`: float array (m, d)
- `values`: float array (m, e)

1. The score of frame i for frame j is the dot product of query i and key j, divided by √d.
2. The weights of frame i are the softmax of its m scores. They sum to 1.
3. The output of frame i is the weighted sum of the values.

In the lesson, queries, keys and values were the same. Here they may be different. Scores may be as large as
1,000, so subtract the largest score of a row before you take the exponential. (This does not change a
softmax, but it avoids an overflow.)
""",
        returns="float array (n, e)",
        examples=(
            (
                np.array([[3.0, 0.0], [3.0, 1.0], [0.0, 3.0]]),
                np.array([[3.0, 0.0], [3.0, 1.0], [0.0, 3.0]]),
                np.array([[3.0, 0.0], [3.0, 1.0], [0.0, 3.0]]),
            ),
            (
                np.array([[1.0, 0, 2, 0], [0, 1, 0, -1]]),
                np.array([[1.0, 1, 1, 0], [0, 0, 0, 0], [2, -1, 0, 1]]),
                np.array([[1.0, 10], [2, 20], [3, 30]]),
            ),
            (
                np.array([[60.0, 10.0], [-40.0, 5.0]]),
                np.array([[20.0, 0.0], [19.0, 1.0], [0.0, 2.0]]),
                np.array([[1.0], [0.0], [-1.0]]),
            ),
        ),
        hints={
            "not divided by the root": "Divide the scores by the square root of d before the softmax.",
            "divided by d": "Divide by the square root of d, not by d.",
            "softmax over the queries": (
                "The weights of one output frame sum to 1: take the softmax along the keys, axis=1."
            ),
            "softmax over everything": "Each row of scores has its own softmax.",
            "keys for values": "The weights are multiplied with the values, not with the keys.",
            "overflow": (
                "np.exp of a large number is infinite. Subtract the largest score of each row first."
            ),
            "largest score only": (
                "Attention is a weighted average of all values. You return only the value with the largest "
                "weight."
            ),
        },
        levels=(
            "What shape does the table of scores have, if there are n queries and m keys?",
            "queries @ keys.T gives all dot products at once. Which axis must sum to 1 after the softmax?",
            "scores = queries @ keys.T / np.sqrt(queries.shape[1])",
        ),
    ),
    Exercise(
        id="16.3",
        name="doubly_new",
        title="New speaker and new sentence",
        points=2,
        text="""
*Level 2 of 3: about 10 minutes.*

Write `doubly_new(speakers, sentences, speaker, sentence)`: a split in which the test recordings have a
speaker **and** a sentence that the training set does not have.

- `speakers`: array (n,), who speaks in each recording
- `sentences`: array (n,), which sentence it is
- `speaker`, `sentence`: the speaker and the sentence to be tested

The test set has the recordings of this speaker with this sentence. The training set has the recordings of
*other* speakers with *other* sentences. All remaining recordings are in neither set. Return the row numbers
of both sets in rising order.
""",
        returns="a tuple of two int arrays: the training rows and the test rows",
        examples=(
            (
                np.array(["03", "03", "08", "08", "09", "09"]),
                np.array(["a01", "a02", "a01", "a02", "a01", "a02"]),
                "03",
                "a01",
            ),
            (
                np.array(["b", "a", "b", "a", "c", "c", "b", "a"]),
                np.array(["x", "x", "y", "y", "x", "z", "x", "z"]),
                "b",
                "x",
            ),
        ),
        hints={
            "speaker alone": "The training set still has the tested sentence, spoken by others.",
            "sentence alone": "The training set still has the tested speaker, with other sentences.",
            "everything else": (
                "A recording that shares only the speaker, or only the sentence, must not be in the training "
                "set."
            ),
            "all of the speaker tested": "Test only the recordings with this sentence.",
            "test before training": "Return the training rows first.",
            "masks": "Return row numbers, as np.flatnonzero gives them, not True and False.",
        },
        levels=(
            "In the first example, which recordings share the speaker or the sentence with the test?",
            "Make two masks, one for the speaker and one for the sentence. Combine them with &, once as they "
            "are and once after ~.",
            "np.flatnonzero((speakers != speaker) & (sentences != sentence))",
        ),
    ),
    Exercise(
        id="16.4",
        name="nested_choice",
        title="How much does choosing on the test set flatter?",
        points=3,
        text="""
*Level 3 of 3: about 15 minutes.*

Seven layers were tried. How good is the *way of choosing*? And how good does the best layer look if you
choose it on the test set? Write `nested_choice(inner, correct, sizes)`.

- `inner`: float array (folds, layers), the UAR of each layer, measured inside the training set of each fold
- `correct`: int array (folds, layers), how many test recordings of each fold each layer has right
- `sizes`: int array (folds,), how many test recordings each fold has

Return three things:

1. the layer that each fold chooses: the one with the best `inner`. If two are equal, take the earlier one.
2. the **honest** accuracy: each fold uses its chosen layer. Divide all right recordings by all recordings.
3. the **flattered** accuracy: take the one layer with the most right test recordings over all
   folds. Divide them by all recordings.
""",
        returns="a tuple: int array (folds,), float, float",
        examples=(
            (
                np.array([[0.50, 0.62, 0.60], [0.55, 0.58, 0.61], [0.52, 0.60, 0.60]]),
                np.array([[30, 34, 36], [28, 35, 33], [12, 13, 15]]),
                np.array([60, 60, 20]),
            ),
            (
                np.array([[0.4, 0.7], [0.6, 0.5]]),
                np.array([[9, 6], [2, 4]]),
                np.array([10, 5]),
            ),
        ),
        hints={
            "chosen on the test folds": ("The choice uses `inner` only. `correct` comes from the test set."),
            "one layer for all folds": "Each fold chooses for itself, with its own training set.",
            "mean of the folds": (
                "Add up the right recordings of all folds first, then divide once. The folds have different "
                "sizes."
            ),
            "best in each fold": ("The flattered accuracy is that of one layer, the same in all folds."),
            "the later of two equal ones": "If two layers are equal, take the earlier one.",
            "flattered first": "Return the honest accuracy before the flattered one.",
        },
        levels=(
            "Which of the three arrays may the choice look at?",
            "inner.argmax(axis=1) gives the layer of each fold. Use it as an index into `correct`, one for "
            "each row.",
            "correct[np.arange(len(chosen)), chosen].sum() / sizes.sum()",
        ),
    ),
]
