"""Exercises of lesson 12, speech by CNN and LSTM (project IIITA)."""

import numpy as np

from course_lib.exercises import Exercise

FLAT = ["DC_a01.wav", "KL_sa15.wav", "JE_su07.wav", "JK_n30.wav", "DC_a16.wav", "DC_x01.wav", "AB_h02.wav"]
FOLDERS = [
    "AudioData/JK/d02.wav",
    "AudioData/JE/n16.WAV",
    "DC/sa03.flac",
    "KL/DC_f04.wav",
    "DC/old/h05.wav",
    "h05.wav",
    "DC/h5.wav",
    "JE/su00.wav",
    "KL/n31.wav",
    "JK/a101.wav",
    "JK/d16.wav",
    "KL_h05b.wav",
    "my_KL_h05.wav",
    "KL/AB_h05.wav",
]

# A tone, loud, then soft, then silence; and noise that grows. Five triangles of equal height over 33
# frequencies.
TONE = np.concatenate(
    [np.sin(np.pi * np.arange(260) / 4) * np.repeat([1, 0.01], [160, 100]), np.zeros(100)]
).round(6)
NOISE = (np.random.RandomState(3).normal(size=200) * np.linspace(0.001, 0.3, 200)).round(4)
TRIANGLES = np.maximum(0, 1 - np.abs(np.arange(33) - np.array([3, 8, 14, 21, 28])[:, None]) / 6)

# Four people, three classes, the third of one person alone. What was said is right for some more than for
# others.
TRUE = np.array([0, 0, 1, 1, 1, 0, 1, 1, 0, 0, 1, 2, 2, 2, 0, 0, 1])
SAID = np.array([0, 0, 1, 2, 1, 0, 1, 2, 0, 1, 1, 2, 0, 2, 0, 2, 2])
WHO = np.repeat([1, 2, 5, 7], [5, 4, 5, 3])
DRAWS = np.random.RandomState(5).choice([1, 2, 5, 7], (40, 4))

EXERCISES = [
    Exercise(
        id="12.1",
        name="savee_fields",
        title="What SAVEE's paths say, and which are none",
        points=3,
        text="""
A name that is read wrongly is a wrong label, and nobody notices. Write `savee_fields(paths)`: **speaker,
class and sentence** of each path, and three times -1 where a path is none of SAVEE's.

- `paths`: list of n texts, folders divided by `/`, in either layout: `"DC_a01.wav"` or
  `"AudioData/DC/a01.wav"`

A name is: two capital letters and `_`, which may be missing; a code in small letters; two digits; and an
ending, which does not matter.

- The speaker is 0 DC, 1 JE, 2 JK or 3 KL: the letters before `_`, or, where a name has no `_`, the folder
  that the file lies in (that one alone, none further up).
- The class is a number in the course's order: 0 angry (`a`), 1 disgust (`d`), 2 fear (`f`), 3 happy (`h`), 4
  sad (`sa`), 5 surprise (`su`), 6 neutral (`n`).
- Sentences go from 01 to 15, those of neutral to 30.

Whatever has another speaker, code, sentence or form is none of SAVEE's.
""",
        returns="int array (n, 3): speaker, class, sentence",
        examples=((FLAT,), (FOLDERS,)),
        hints={
            "one letter": "Sad is `sa` and surprise `su`: a code has one letter or two.",
            "folders refused": "In the other layout the speaker is the folder: `DC/a01.wav`.",
            "folder before name": (
                "Where the name begins with a speaker, that one counts, and not the folder."
            ),
            "any folder": "Only the folder that the file lies in says who speaks, none further up.",
            "neutral to 15": "Of neutral there are 30 sentences.",
            "all to 30": "Only neutral has 30 sentences; the others have 15.",
            "sentence 0": "Sentences are counted from 01: there is no 00.",
            "not to the end": (
                "After the two digits comes the ending: `h05b` and `a101` are no names of SAVEE's."
            ),
            "somewhere in it": "The whole name must have the form: `my_KL_h05` is none of SAVEE's.",
            "the folder instead": "Where the name has letters and `_` they are the speaker, and AB is none.",
            "any digits": "A sentence has two digits: `h5` and `a101` are no names of SAVEE's.",
            "alphabetical": "The classes' numbers are in the course's order, in which neutral comes last.",
            "left out": "A row for each path: one that is none of SAVEE's gets -1, -1, -1.",
        },
    ),
    Exercise(
        id="12.2",
        name="read_by_the_lstm",
        title="What reaches the LSTM",
        points=4,
        forbidden=("keras", "tensorflow", "torch", "jax"),
        text="""
Write `read_by_the_lstm(bands, frames, filters, pools, units)`: how large the picture is after each block, and
how many parameters the blocks and one LSTM on them have. Whoever can do that sees at once when a smaller
picture leaves the LSTM nothing to read.

- `bands`, `frames`: int, the picture, of one channel
- `filters`, `pools`: lists of int, a number each a block. A block is: a convolution of so many filters of
  3×3, padded "full", so that the picture grows by 2 each way; BatchNorm with **four** numbers a filter; ELU;
  a max pool of `pool`×`pool`, which leaves out an incomplete rest; dropout
- `units`: int, of the LSTM. It reads **column by column**: at each step all numbers of one frame, of every
  band and filter that is left. It has four dense layers (three gates and the new content), each of `units` on
  these numbers *and* on the LSTM's own last output, with one bias a unit

Without Keras: it is not there when this is graded.
""",
        returns="an int array (blocks, 3) with bands, frames and filters after each pool, and an int, the "
        "parameters",
        examples=(
            (96, 431, [64, 128, 128, 128], [2, 3, 4, 4], 32),
            (32, 40, [64, 128, 128, 128], [2, 3, 4, 4], 32),
            (41, 100, [6, 10], [2, 4], 7),
        ),
        hints={
            "padded same": '"Full" padding makes the picture larger: by 2 each way for a filter of 3×3.',
            "padded valid": '"Full" padding makes the picture larger, not smaller.',
            "before the pool": "The sizes after each *pool* are asked for.",
            "rounded up": "An incomplete rest is left out: round down.",
            "one channel all along": (
                "A filter spans all channels of what comes in: from the second block on the filters of the "
                "one before."
            ),
            "biases forgotten": "Each filter has a bias besides its weights.",
            "no BatchNorm": "BatchNorm's numbers count, too: four for each filter.",
            "two a BatchNorm": (
                "BatchNorm has four numbers a filter: scale, shift, moving mean and moving variance."
            ),
            "one gate": "An LSTM has four dense layers, three of them gates, each with weights of its own.",
            "without its own output": (
                "Each of the four also reads the LSTM's own last output: `units` numbers more."
            ),
            "two biases": "One bias a unit and gate. (PyTorch keeps two.)",
            "filters alone": "At each step the LSTM reads every band that is left: bands × filters numbers.",
            "a row a step": "The steps are the frames: at each the LSTM reads bands × filters numbers.",
        },
    ),
    Exercise(
        id="12.3",
        name="band_picture",
        title="The picture, by hand",
        points=4,
        forbidden=("librosa",),
        text="""
Write `band_picture(signal, length, hop, filters)`, what `librosa.feature.melspectrogram` and `power_to_db` do
in this lesson.

1. Frame i begins length / 2 samples before sample i × hop, for every i × hop from 0 to the signal's length
   (that included); beyond the ends there are zeros.
2. Each frame is multiplied by Hann's window, `0.5 - 0.5 * cos(2 * pi * j / length)` for j from 0 to `length`
  − 1.
3. Its power is the squared magnitude of its discrete Fourier transform (`np.fft.rfft`).
4. The energy in a band is the sum of the frame's power times the band's filter.
5. Decibels are ten times the logarithm (base 10) of the energy, which is taken for 1e-10 where it is less.
6. What lies more than 80 dB below the **picture's** highest value is set to 80 dB below it.

- `signal`: float array (n,); `length`, `hop`: int, in samples, `length` even
- `filters`: float array (bands, length / 2 + 1)

librosa is not there when this is graded.
""",
        returns="float array (bands, 1 + n // hop), in dB",
        seconds=5,
        examples=((TONE, 64, 40, TRIANGLES), (NOISE, 64, 50, TRIANGLES)),
        hints={
            "only whole frames": (
                "Half of the first frame lies before the signal: put length / 2 zeros at either end."
            ),
            "no window": "Each frame is multiplied by Hann's window first.",
            "window that ends at 0": "`np.hanning(length)` divides by length − 1; here it is `length`.",
            "magnitude": "Power is the *squared* magnitude.",
            "twenty": "Power takes ten times the logarithm; twenty is for amplitudes.",
            "natural logarithm": "Decibels take the logarithm to base 10.",
            "nothing cut": "What lies more than 80 dB below the highest value is set to 80 dB below it.",
            "frame by frame": "80 dB below the highest value of the whole picture, not of each frame.",
            "cut at -80": "80 dB below the highest value, wherever that is; not at -80.",
            "decibels first": "First sum up the power in a band, then take the logarithm.",
            "means": "The band's energy is the sum, not divided by anything.",
        },
    ),
    Exercise(
        id="12.4",
        name="recall_interval",
        title="An interval for people, not for clips",
        points=3,
        forbidden=("sklearn",),
        text="""
Clips of one person are right or wrong together. Write `recall_interval(true, said, actors, draws)`: the UAR,
and an interval for it that comes from drawing **whole actors** again.

1. The UAR: for each class that occurs in `true` the share of its clips that are named, averaged over these
  classes.
2. Each row of `draws` names actors. Take all clips of each, **as many times as it stands there**, and compute
   the UAR of these (over the classes that occur among them).
3. The interval: the 2.5 and the 97.5 % point of the rows' UARs (`np.quantile` as it is).

- `true`, `said`, `actors`: int arrays (n,), the class, what a model says, and who speaks
- `draws`: int array (m, k), actors drawn with replacement; each stands in `actors`

Without scikit-learn: it is not there when this is graded.
""",
        returns="three floats from 0 to 1: UAR, low, high",
        seconds=5,
        examples=(
            (TRUE, SAID, WHO, DRAWS),
            (TRUE[:9], SAID[:9], WHO[:9], np.array([[1, 2], [2, 2], [1, 1], [2, 1]])),
        ),
        hints={
            "accuracy": (
                "A recall for each class, then their mean: rare classes count as much as common ones."
            ),
            "precision": (
                "Recall divides by how many clips *are* of the class, not by how many are called so."
            ),
            "each once": "An actor that was drawn twice counts twice.",
            "mean of the actors": "Put the clips of the drawn actors together, then compute one UAR.",
            "classes that are not there": (
                "A class without a clip in a draw has no recall: leave it out of that mean."
            ),
            "5 and 95 %": "95 % in the middle: 2.5 % on either side.",
            "lowest and highest": "The interval leaves out 2.5 % of the draws on either side.",
            "two spreads": "No bell curve: take the points of the draws themselves.",
            "mean of the draws": (
                "The first number is the UAR of the clips as they are, not the mean of the draws."
            ),
        },
    ),
]
