"""Exercises of lesson 06, MFCC and frame features (lecture 27 from 09:15 to 25:17)."""

import numpy as np

from course_lib.exercises import Exercise

# Two short sounds: noise. (RandomState is the same in every NumPy.)
SOUNDS = np.random.RandomState(6).normal(0, 0.1, (2, 2560)).round(3)

# The mel energies of the loudest frame of the Studio's recording 01-01-05-01-01-01-01, in dB, as in step 6 of
# the lesson.
LOUDEST = -np.array(
    [
        *(62.0, 51, 38, 40, 40, 30, 31, 13, 15, 20, 22, 24, 31),
        *(38, 43, 48, 50, 50, 50, 47, 39, 41, 49, 51, 47, 46),
    ]
)

# Maps of three frames, and the weights of a small head: normalisation (gamma, beta, mean, variance), then a
# layer of five neurons.
_DRAWN = np.random.RandomState(9)
MAPS = _DRAWN.normal(size=(3, 2, 2, 3)).round(2)
HEAD = (
    _DRAWN.uniform(0.5, 1.5, 12).round(2),
    _DRAWN.normal(0, 0.3, 12).round(2),
    _DRAWN.normal(0, 0.5, 12).round(2),
    _DRAWN.uniform(0.2, 2, 12).round(2),
    _DRAWN.normal(size=(12, 5)).round(2),
    _DRAWN.normal(0, 0.5, 5).round(2),
)

EXERCISES = [  # in the order of the lesson
    Exercise(
        id="06.5",
        name="mfcc_in_time",
        title="The lecture's loop, moment after moment",
        points=2,
        seconds=60.0,  # librosa compiles for the first call
        atol=1e-2,
        text="""
*Level 1 of 3: about 5 minutes.*

Write `mfcc_in_time(signals, n_mfcc)`. It does the lecture's step with the lecture's library: it calls
`librosa.feature.mfcc` for each sound, and makes one row of numbers for each sound. But the numbers are in
the order of **time**: first all coefficients of the first moment, then all coefficients of the second
moment, and so on.

- `signals`: float array (n, samples), one sound in each row, 8,000 samples per second
- `n_mfcc`: int, the number of coefficients

All other settings are librosa's defaults. Write `import librosa` inside the cell.
""",
        returns="float array (n, moments * n_mfcc)",
        examples=((SOUNDS, 3), (SOUNDS[:1], 8)),
        hints={
            "coefficient after coefficient": (
                "This is the lecture's order: all moments of coefficient 0 come first. Here the first "
                "moment's coefficients come first."
            ),
            "sampling rate forgotten": (
                "librosa's default is sr=22050. The mel filters depend on the sampling rate: write sr=8000."
            ),
            "mean over time": "Keep all moments. Each moment has `n_mfcc` numbers.",
            "all sounds in one row": "Each sound needs a row of its own.",
            "a coefficient too few": "Keep all `n_mfcc` coefficients, the first one (loudness), too.",
        },
        levels=(
            "What is the shape of librosa's result for one sound? Which of its axes is time?",
            "Transpose the result of each sound before you reshape it.",
            "librosa.feature.mfcc(y=signal, sr=8000, n_mfcc=n_mfcc).T.reshape(-1)",
        ),
    ),
    Exercise(
        id="06.1",
        name="centred_frames",
        title="Where the 63 columns come from",
        points=3,
        forbidden=("librosa",),
        text="""
*Level 2 of 3: about 10 minutes.*

In the lesson you cut only whole frames. librosa centres its frames, so it gets 63 of them from
32,000 samples. Write `centred_frames(signal, length, hop)`. Frame i has its **middle at sample i x hop**.
Make frames for i = 0, 1, 2, ... as long as i x hop <= n. Before and after the signal there are zeros.

- `signal`: float array (n,)
- `length`: int, even, the number of samples in a frame. Frame i starts at i x hop - length / 2.
- `hop`: int, the number of samples from one frame to the next

librosa is not available when this is graded.
""",
        returns="float array (frames, length)",
        examples=((np.arange(1.0, 10.0), 4, 3), (np.array([0.5, -1.0, 2.0, 0.25, -0.75, 1.5, 3.0]), 2, 2)),
        hints={
            "only whole frames": (
                "The middle of the first frame is sample 0, so half of the frame is before the signal: put "
                "length / 2 zeros there."
            ),
            "too many zeros": (
                "Put half a frame of zeros at each end, not a whole one: the middle of frame 0 is sample 0."
            ),
            "zeros at the end only": "Put zeros at both ends, length / 2 of them at each.",
            "one frame too few": (
                "i begins at 0, and i x hop may be equal to the signal's length. This gives one more frame."
            ),
            "a frame a column": "Return one row for each frame: the shape is (frames, length).",
            "mirrored ends": "Before and after the signal there are zeros, not a mirrored copy of it.",
        },
        levels=(
            "How many zeros must come before the signal, so that its sample 0 is the middle of frame 0?",
            "Pad the signal with length / 2 zeros at both ends. Then cut a frame at every hop-th sample.",
            "np.lib.stride_tricks.sliding_window_view(np.pad(signal, length // 2), length)[::hop]",
        ),
    ),
    Exercise(
        id="06.2",
        name="mel_envelope",
        title="What 13 coefficients keep of a spectrum",
        points=3,
        forbidden=("librosa",),
        text="""
*Level 2 of 3: about 10 minutes.*

The slider showed what the first coefficients keep. Compute it yourself. Write
`mel_envelope(decibels, keep)`. It takes the DCT of the mel energies of each frame (step 7, with its factors
$s_i$; in SciPy this is `norm="ortho"`), sets all coefficients to zero except the first `keep`, and goes
**back** to mel energies with the inverse DCT.

- `decibels`: float array (filters, frames), in dB
- `keep`: int, from 1 to `filters`: how many coefficients are kept, the first one (loudness) among them

You may use `scipy.fft`. librosa is not available when this is graded. Examples 2 and 3 are one loud frame
of a synthetic voice, with 13 and with 4 coefficients.
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
            "along time": "The cosines go over the filters (axis 0), not over the frames.",
            "filters set to zero": "SciPy's dct goes along the last axis, the frames. Write axis=0.",
            "not turned back, all": "You return coefficients. Go back with scipy.fft.idct.",
            "transformed twice": "Use idct to go back, not dct again.",
            "the first ones removed": "Set the others to zero: coefficients[keep:] = 0.",
            "loudness lost": "Keep the first coefficient. Without it, each frame has the mean 0.",
            "the last ones kept": "Keep the first coefficients. The last ones describe the finest details.",
            "one too many": "Keep `keep` coefficients: those with the numbers 0 to keep - 1.",
            "first cosine too large": (
                "The first cosine has a smaller factor than the others (step 7): s_0 is s_1 divided by the "
                "square root of 2."
            ),
            "not turned back": "You return coefficients. Turn them back into mel energies.",
        },
        levels=(
            "Along which axis are the filters?",
            'Use dct(decibels, axis=0, norm="ortho"), change its result, and use idct in the same way.',
            "coefficients[keep:] = 0",
        ),
    ),
    Exercise(
        id="06.6",
        name="clip_features",
        title="The feature extractor by hand",
        points=4,
        text="""
*Level 3 of 3: about 20 minutes.*

The extractor has three layers: Flatten, BatchNormalization, and the feature layer. Write
`clip_features(maps, gamma, beta, mean, variance, weights, bias)`, which computes the features of one clip
with NumPy.

1. Flatten the maps of each frame to one row of d numbers, in the order in which `reshape` writes them.
2. Normalise each of the d numbers. After training, BatchNormalization uses the mean and the variance that it
   has **stored**: $\\gamma\\,(x - \\text{mean}) / \\sqrt{\\text{variance} + 0.001} + \\beta$.
3. Compute the feature layer: multiply by the weights, add the bias, and apply relu (negative numbers become
   0).
4. Write the features of all frames into one row, frame after frame.

- `maps`: float array (frames, height, width, channels); d = height x width x channels
- `gamma`, `beta`, `mean`, `variance`: float arrays (d,). Gamma and beta are the scale and the shift that are
  trained.
- `weights`: float array (d, units); `bias`: float array (units,)
""",
        returns="float array (frames * units,)",
        atol=1e-6,
        examples=((MAPS, *HEAD), (MAPS[:1], *HEAD)),
        hints={
            "not normalised": "Step 2 is missing: normalise the numbers before you multiply by the weights.",
            "statistics of the clip": (
                "Use the stored mean and variance, not those of these frames. Else the features of a frame "
                "would depend on the other frames."
            ),
            "divided by the variance": "Divide by the square root of the variance.",
            "gamma and beta exchanged": "Multiply by gamma, and add beta.",
            "bias forgotten": "Add the bias of each neuron before relu.",
            "without relu": "The feature layer has relu: negative numbers become 0.",
            "mean over the frames": "Keep all frames. The row has units numbers for each frame.",
            "one row per frame": "Write all frames into one row: (frames * units,).",
            "neuron after neuron": "First come all neurons of the first frame, then those of the second.",
        },
        levels=(
            "What are the shapes after each of the four steps?",
            "After step 1 the array is (frames, d). NumPy subtracts `mean` from each row. `@` multiplies by "
            "the weights.",
            "np.maximum(normalised @ weights + bias, 0).reshape(-1)",
        ),
    ),
    Exercise(
        id="06.4",
        name="random_labels_score",
        title="Labels drawn at random",
        points=1,
        text="""
*Level 1 of 3: about 5 minutes.*

Suppose the labels of the clips are **drawn at random**, half calm and half angry. Then there is nothing to
learn. The extractor of 21 features is trained with these labels on the frames of *all* clips, as in the
lecture. Then a linear SVC is trained on 80 % of the clips and tested on the other 20 %. Which accuracy do you
expect on these 20 %? Return one of the four answers, as a text, from `random_labels_score()`.
""",
        returns="text",
        choices=("about 100 %", "about 75 %", "about 50 %", "about 25 %"),
        hints={
            "no leak": (
                "You would be right if the extractor had seen the training clips only. It has seen all clips "
                "with their labels."
            ),
            "half a leak": "How well does the extractor know the clips that it was trained on?",
            "worse than a coin": (
                "A coin is right in 50 %. Does anything here make the classifier choose the wrong label?"
            ),
        },
        levels=(
            "Which clips has the extractor seen, and with which labels?",
            "Think of a network with thousands of inputs. Can it memorise 64 clips?",
            "The test clips' own (random) labels have shaped their features.",
        ),
    ),
]
