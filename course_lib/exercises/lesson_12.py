"""Exercises of lesson 12, speech with a CNN and an LSTM (project IIITA)."""

import numpy as np

from course_lib.exercises import Exercise

NAMES = ["DC_a01.wav", "KL_sa15.wav", "JK_n30.wav", "DC_a16.wav", "AB_h02.wav"]
PATHS = [
    "JE_su07.wav",
    "DC_x01.wav",
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

# Four people and three classes. Only one person has the third class. Some people are recognised better than
# others.
TRUE = np.array([0, 0, 1, 1, 1, 0, 1, 1, 0, 0, 1, 2, 2, 2, 0, 0, 1])
SAID = np.array([0, 0, 1, 2, 1, 0, 1, 2, 0, 1, 1, 2, 0, 2, 0, 2, 2])
WHO = np.repeat([1, 2, 5, 7], [5, 4, 5, 3])
DRAWS = np.random.RandomState(5).choice([1, 2, 5, 7], (40, 4))

# An LSTM of two units that reads three numbers.
X_STEP = np.array([1.0, -0.5, 2.0])
H_LAST, C_LAST = np.array([0.2, -0.4]), np.array([0.5, -1.0])
W_STEP = (np.random.RandomState(7).normal(size=(3, 8)) / 2).round(2)
U_STEP = (np.random.RandomState(8).normal(size=(2, 8)) / 2).round(2)
B_STEP = np.array([0, 0, 1, 1, 0, 0, 0, 0.5])

EXERCISES = [  # in the order of the lesson
    Exercise(
        id="12.1",
        name="savee_fields",
        title="Read SAVEE's file names strictly",
        points=3,
        text="""
*Level 1 of 3: about 15 minutes.*

A name that is read wrongly gives a wrong label, and no error. Write `savee_fields(paths)`: **speaker,
class and sentence** of each path, and -1, -1, -1 if the path is not a name of SAVEE.

- `paths`: list of n texts, with `/` between folders, in one of two layouts: `"DC_a01.wav"` or
  `"AudioData/DC/a01.wav"`

A file name has these parts, in this order:

1. the speaker, two capital letters and `_`. This part may be missing. Then the speaker is the folder in
   which the file lies (only this folder, not one further up).
2. a code of one or two small letters
3. the sentence, exactly two digits
4. the ending, for example `.wav`. Any ending is allowed.

| speaker | DC | JE | JK | KL |
| --- | --- | --- | --- | --- |
| number | 0 | 1 | 2 | 3 |

| code | a | d | f | h | sa | su | n |
| --- | --- | --- | --- | --- | --- | --- | --- |
| class | 0 angry | 1 disgust | 2 fear | 3 happy | 4 sad | 5 surprise | 6 neutral |

Sentences have the numbers 01 to 15, and for neutral 01 to 30. A path with another speaker, code, sentence
or form is not a name of SAVEE.
""",
        returns="int array (n, 3): speaker, class, sentence",
        examples=((NAMES,), (PATHS,)),
        hints={
            "one letter": "Sad is `sa` and surprise is `su`: a code has one letter or two.",
            "folders refused": "In the other layout the speaker is the folder: `DC/a01.wav`.",
            "folder before name": "If the name begins with a speaker, this speaker counts, not the folder.",
            "any folder": "Only the folder in which the file lies gives the speaker, not one further up.",
            "neutral to 15": "Neutral has 30 sentences.",
            "all to 30": "Only neutral has 30 sentences. The others have 15.",
            "sentence 0": "Sentences begin with 01. There is no 00.",
            "not to the end": (
                "After the two digits comes the ending: `h05b` and `a101` are not names of SAVEE."
            ),
            "somewhere in it": "The complete name must have this form: `my_KL_h05` is not a name of SAVEE.",
            "the folder instead": (
                "If the name has two letters and `_`, they are the speaker, and AB is not one of the four."
            ),
            "any digits": "A sentence has exactly two digits: `h5` and `a101` are not names of SAVEE.",
            "alphabetical": "The numbers of the classes are in the table. Neutral comes last.",
            "left out": "Return one row for each path: -1, -1, -1 for a path that is not a name of SAVEE.",
        },
        levels=(
            "Which part of `KL/DC_f04.wav` gives the speaker, and which part of `DC/sa03.flac`?",
            "Split the path at `/`. Match the file name with a regular expression. Then check speaker, "
            "code and sentence, one after the other.",
            'found = re.fullmatch(r"(?:([A-Z]{2})_)?([a-z]{1,2})([0-9]{2})\\..*", file)',
        ),
    ),
    Exercise(
        id="12.3",
        name="band_picture",
        title="A log-mel spectrogram by hand",
        points=4,
        forbidden=("librosa",),
        text="""
*Level 3 of 3: about 25 minutes.*

Write `band_picture(signal, length, hop, filters)`. It does what `librosa.feature.melspectrogram` and
`power_to_db` do in this lesson:

1. Put length / 2 zeros before the signal, and as many behind it. Frame i begins at place i × hop of this
   longer signal and has `length` samples. There are 1 + n // hop frames.
2. Multiply each frame by Hann's window, $0.5 - 0.5 \\cos(2 \\pi j / \\text{length})$ for
   j = 0 … length − 1.
3. The power is the squared absolute value of the Fourier transform (`np.fft.rfft`).
4. The energy in a band is the sum of power times the filter of this band.
5. Decibels are $10 \\log_{10}$ of the energy. An energy below 1e-10 counts as 1e-10.
6. Raise values that are more than 80 dB below the largest value of the **whole picture** to this limit.

- `signal`: float array (n,); `length`, `hop`: int, in samples; `length` is even
- `filters`: float array (bands, length / 2 + 1)

librosa is not available when this is graded.
""",
        returns="float array (bands, 1 + n // hop), in dB",
        seconds=5,
        examples=((TONE, 64, 40, TRIANGLES), (NOISE, 64, 50, TRIANGLES)),
        hints={
            "only whole frames": (
                "Half of the first frame lies before the signal: put length / 2 zeros at each end."
            ),
            "no window": "Multiply each frame by Hann's window first.",
            "window that ends at 0": "`np.hanning(length)` divides by length − 1. Here you divide by length.",
            "magnitude": "Power is the *squared* absolute value.",
            "twenty": "For power it is 10 times the logarithm. 20 is for amplitudes.",
            "natural logarithm": "Decibels need the logarithm to base 10.",
            "nothing cut": "Raise everything below the largest value minus 80 dB to this limit.",
            "frame by frame": (
                "The limit is 80 dB below the largest value of the whole picture, not of a frame."
            ),
            "cut at -80": "The limit is 80 dB below the largest value, not -80 dB.",
            "decibels first": "Add up the power in a band first. Then take the logarithm.",
            "means": "The energy of a band is a sum. Do not divide it.",
        },
        levels=(
            "How many samples does the longer signal have, and where does frame 1 begin?",
            "Make an array (frames, length), multiply it by the window, and use np.fft.rfft on it. Then "
            "filters @ "
            "power.T gives all bands at once.",
            "window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)",
        ),
    ),
    Exercise(
        id="12.2",
        name="read_by_the_lstm",
        title="What reaches the LSTM?",
        points=4,
        forbidden=("keras", "tensorflow", "torch", "jax"),
        text="""
*Level 2 of 3: about 20 minutes.*

How large is the picture after each block, and how many parameters do the blocks and one LSTM have? Write
`read_by_the_lstm(bands, frames, filters, pools, units)`. With it you see at once whether a smaller
picture leaves the LSTM enough steps.

- `bands`, `frames`: int, the size of the picture, which has one channel
- `filters`, `pools`: lists of int, one number for each block
- `units`: int, the units of the LSTM

**A block** is a convolution, batch normalisation, ELU, max pooling and dropout. Its convolution has
`filters` kernels of 3 × 3 with "full" padding, so both sides grow by 2. Each kernel spans all channels of
its input, and has a bias. Batch normalisation has **four** numbers for each filter. The pooling of `pool`
× `pool` leaves out an incomplete rest.

**The LSTM** reads column by column: at each step all numbers of one frame, of each band and filter that
is left. It has four parts (three gates and the new content). Each part has `units` units. Each unit has
one weight for each number of the step, one for each of the LSTM's last `units` outputs, and one bias.

Keras is not available when this is graded.
""",
        returns="an int array (blocks, 3) with bands, frames and filters after each pooling, and an int: all "
        "parameters",
        examples=(
            (96, 431, [64, 128, 128, 128], [2, 3, 4, 4], 32),
            (32, 40, [64, 128, 128, 128], [2, 3, 4, 4], 32),
            (41, 100, [6, 10], [2, 4], 7),
        ),
        hints={
            "padded same": '"Full" padding makes the picture larger, by 2 on each axis.',
            "padded valid": '"Full" padding makes the picture larger, not smaller.',
            "before the pool": "Return the sizes after each *pooling*.",
            "rounded up": "An incomplete rest is left out: round down.",
            "one channel all along": (
                "A kernel spans all channels of its input. From the second block on, these are the filters "
                "of the block before."
            ),
            "biases forgotten": "Each kernel has a bias, too.",
            "no BatchNorm": "Count batch normalisation, too: four numbers for each filter.",
            "two a BatchNorm": (
                "Batch normalisation has four numbers for each filter: scale, shift, moving mean and moving "
                "variance."
            ),
            "one gate": "An LSTM has four parts, each with its own weights.",
            "without its own output": "Each part also reads the LSTM's last output: `units` numbers more.",
            "two biases": "Each unit of each part has one bias. (PyTorch keeps two.)",
            "filters alone": "At each step the LSTM reads bands × filters numbers.",
            "a row a step": "The steps are the frames. At each step the LSTM reads bands × filters numbers.",
        },
        levels=(
            "What size has a 96 × 431 picture after the first convolution, and after the first pooling?",
            "Go through the blocks in a loop, and keep bands, frames and channels. Add (9 × channels + "
            "1 + 4) × filters to the parameters in each turn.",
            "parameters += 4 * (bands * channels + units + 1) * units",
        ),
    ),
    Exercise(
        id="12.5",
        name="lstm_step",
        title="One step of an LSTM",
        points=3,
        forbidden=("keras", "tensorflow", "torch", "jax"),
        text="""
*Level 2 of 3: about 15 minutes.*

Write `lstm_step(x, h, c, W, U, b)`: the new output and the new cell state after one step.

- `x`: float array (n,), the numbers of this step
- `h`, `c`: float arrays (units,), the last output and the last cell state
- `W`: float array (n, 4 × units), `U`: float array (units, 4 × units), `b`: float array (4 × units,)

The columns of `W`, `U` and `b` hold the four parts side by side, in Keras's order: **input gate, forget
gate, new content, output gate**. With $z = xW + hU + b$, cut into four parts $z_i, z_f, z_g, z_o$:

$$i = \\sigma(z_i) \\quad f = \\sigma(z_f) \\quad g = \\tanh(z_g) \\quad o = \\sigma(z_o)$$

$$c_\\text{new} = f \\odot c + i \\odot g \\qquad h_\\text{new} = o \\odot \\tanh(c_\\text{new})$$

$\\sigma(z) = 1 / (1 + e^{-z})$. Keras is not available when this is graded.
""",
        returns="a tuple of two float arrays (units,): the new output, the new cell state",
        examples=(
            (X_STEP, H_LAST, C_LAST, W_STEP, U_STEP, B_STEP),
            (
                np.array([1.0]),
                np.zeros(1),
                np.array([0.8]),
                np.array([[8.0, -8.0, 0.5, 8.0]]),
                np.zeros((1, 4)),
                np.zeros(4),
            ),
            (
                np.array([0.0]),
                np.array([0.5]),
                np.array([2.0]),
                np.ones((1, 4)),
                np.ones((1, 4)),
                np.array([-9.0, 9.0, 0.0, 9.0]),
            ),
        ),
        hints={
            "forget gate first": "Keras's order is input gate, forget gate, new content, output gate.",
            "output gate before the content": (
                "The third part is the new content, the fourth the output gate."
            ),
            "sigmoid for the content": "The new content uses tanh, so it can be negative.",
            "no tanh at the end": "The output is the output gate times the tanh of the new cell state.",
            "output of the old state": "The output uses the *new* cell state.",
            "without the last output": "Add h @ U.",
            "without the bias": "Add b.",
            "content not gated": "Multiply the new content by the input gate before you add it.",
            "nothing forgotten": "Multiply the old cell state by the forget gate.",
            "state first": "Return the output first, then the cell state.",
            "interleaved": "The four parts are side by side: columns 0 to units − 1 are the input gate.",
        },
        levels=(
            "What shape has z, and which of its numbers belong to the forget gate?",
            "Compute z once, cut it with np.split(z, 4), and apply sigmoid or tanh to each part.",
            "c_new = f * c + i * np.tanh(g)",
        ),
    ),
    Exercise(
        id="12.4",
        name="recall_interval",
        title="An interval over people, not over recordings",
        points=3,
        forbidden=("sklearn",),
        text="""
*Level 2 of 3: about 15 minutes.*

Recordings of one person tend to be right or wrong together. Write `recall_interval(true, predicted, actors,
draws)`: the UAR, and a 95 % interval over **actors**.

1. The UAR: for each class in `true`, the recall is the fraction of its recordings that are predicted
   right. The UAR is the mean of the recalls.
2. Each row of `draws` names actors. Put all recordings of these actors together. An actor who is drawn
   twice counts **twice**. Compute the UAR of them, over the classes that occur among them.
3. The interval goes from the 2.5 % to the 97.5 % point of these UARs (`np.quantile`, as it is).

- `true`, `predicted`, `actors`: int arrays (n,): the class, the prediction, and the speaker
- `draws`: int array (m, k): actors, drawn with replacement

scikit-learn is not available when this is graded.
""",
        returns="three floats from 0 to 1: UAR, low, high",
        seconds=5,
        examples=(
            (TRUE, SAID, WHO, DRAWS),
            (TRUE[:9], SAID[:9], WHO[:9], np.array([[1, 2], [2, 2], [1, 1], [2, 1]])),
        ),
        hints={
            "accuracy": (
                "Compute a recall for each class, then their mean. Rare classes count as much as others."
            ),
            "precision": (
                "Recall divides by the recordings that *are* of the class, not by those that are predicted "
                "so."
            ),
            "each once": "An actor who was drawn twice counts twice.",
            "mean of the actors": "Put the recordings of the drawn actors together, then compute one UAR.",
            "classes that are not there": (
                "A class without a recording in a draw has no recall: leave it out of this mean."
            ),
            "5 and 95 %": "95 % in the middle leaves 2.5 % on each side.",
            "lowest and highest": "The interval leaves out 2.5 % of the draws on each side.",
            "two spreads": "Do not use the standard deviation. Take the points of the draws themselves.",
            "mean of the draws": "The first number is the UAR of the recordings as they are.",
        },
        levels=(
            "In the second example, which recordings belong to the draw [2, 2], and how often?",
            "Write a small function for the UAR of some row numbers. For each draw, join the row "
            "numbers of its actors with np.concatenate.",
            "rows = np.concatenate([np.flatnonzero(actors == actor) for actor in draw])",
        ),
    ),
]
