"""Exercises of lesson 05, audio and video arrays (lecture 27 from 00:22 to 09:15)."""

import numpy as np

from course_lib.exercises import Exercise

EXERCISES = [  # in the order of the lesson
    Exercise(
        id="05.4",
        name="clips_that_fit",
        title="What 12 GB can hold",
        points=1,
        text="""
*Level 1 of 3: about 5 minutes.*

How many films fit into Colab's 12 GB (12 x 10⁹ bytes), if they are stored at full size? Write
`clips_that_fit()`, which returns this number.

- Each film has the lecture's length: 4 s at 30 frames per second.
- Each frame has 1280 x 720 pixels and three colours.
- The numbers are **float32**, and nothing else is in memory.

Only whole films count.
""",
        returns="int",
        hints={
            "as uint8": "A float32 takes four bytes, not one.",
            "as float64": "A float32 takes four bytes, not eight.",
            "one colour": "Each pixel has three colours.",
            "rounded up": "The last film does not fit completely, so it does not count.",
        },
        levels=(
            "How many numbers are in one film?",
            "Multiply frames, pixels, colours and bytes. Then divide 12 x 10⁹ by this.",
            "12_000_000_000 // (120 * 720 * 1280 * 3 * 4)",
        ),
    ),
    Exercise(
        id="05.2",
        name="voice",
        title="One channel of a fixed length",
        points=3,
        seconds=60.0,  # librosa compiles for the first call
        text="""
*Level 2 of 3: about 10 minutes.*

Write `voice(pcm, samples)`. It turns the numbers of a wav file into one row of the lecture's array of
32 x 32,000: one channel, and exactly `samples` samples.

- `pcm`: int16 array (m, channels): m samples of one or more channels, the numbers as they are in a wav file
- `samples`: int, the length of the row that you return. It may be smaller or larger than m.

1. Divide by 32,768. The results are floats from -1 to almost 1.
2. Take the **mean** of the channels.
3. If m is larger than `samples`, remove the last ones. If it is smaller, add zeros at the end.

You may use NumPy alone, or the lecture's library: `librosa.to_mono` expects one channel in each row, and
`librosa.util.fix_length` does step 3. (Then write `import librosa` inside the cell.)
""",
        returns="float array (samples,), from -1 to 1",
        examples=(
            (np.array([[8192, 16384], [-4096, 0], [30000, 20000], [-16384, -8192]], np.int16), 6),
            (np.array([[8192, 16384], [-4096, 0], [30000, 20000], [-16384, -8192]], np.int16), 3),
            (np.array([[1024], [-2048], [0], [512], [-32768]], np.int16), 5),
            (np.array([[3, 0], [-7, 2]], np.int16), 2),
        ),
        hints={
            "added up": "The sum of two channels is twice as loud. Take their mean.",
            "equal power": (
                "If you divide by the square root of the number of channels, a sound that is in both gets "
                "3 dB too loud. Take the mean."
            ),
            "added as int16": (
                "The largest int16 is 32,767, so 30,000 + 20,000 becomes negative. Make floats first."
            ),
            "mean as int16": "The mean of 3 and 0 is 1.5, which no int16 can hold. Make floats first.",
            "one channel": "All channels count, not only the first one.",
            "zeros in front": "Add the zeros at the end. Otherwise the voice starts late.",
            "end kept": "Remove samples at the end. The first samples stay.",
            "last sample held": "Add zeros, which are silence. (Only a film repeats its last frame.)",
            "not scaled": "32,768 must become 1: divide by 32768.",
            "divided by 32,767": "The smallest int16 is -32,768, and it must become -1: divide by 32768.",
            "averaged over time": "A channel is a column. Take the mean along axis 1.",
        },
        levels=(
            "What is the shape of the mean over the channels, and what is its dtype?",
            "Divide by 32768 and take the mean along axis 1. Then make a row of `samples` zeros, and copy as "
            "many samples into it as fit.",
            "librosa.util.fix_length(librosa.to_mono(pcm.T / 32768), size=samples)",
        ),
    ),
    Exercise(
        id="05.1",
        name="frequencies_heard",
        title="Which tone is heard?",
        points=3,
        text="""
*Level 3 of 3: about 20 minutes.*

In the lesson, a tone of 5 kHz became a tone of 3 kHz when every sixth sample was kept. What
happens to other tones? Write `frequencies_heard(frequencies, rate, step)`. It returns the frequency at which
each tone is heard if **every `step`-th sample is kept, without a filter**.

- `frequencies`: float array (n,), in Hz, from 0 to half of `rate`: the tones that are played
- `rate`: int, the sampling rate of the recording, in Hz
- `step`: int. The new rate is `rate / step` samples per second.

The result is never above half of the new rate. (The slider of the lesson shows six tones. Look for the
pattern.)
""",
        returns="float array (n,), in Hz",
        examples=(
            (np.array([1000.0, 3000.0, 5000.0, 9000.0, 23000.0]), 48000, 6),
            (np.arange(0.0, 24001.0, 500.0), 48000, 6),
            (np.array([440.0, 4400.0, 11000.0, 20000.0]), 44100, 8),
        ),
        hints={
            "divided by the step": "A tone below half of the new rate does not change at all.",
            "filtered away": "There is no filter, so no tone disappears. It is heard as another one.",
            "nothing changes": (
                "The new rate cannot hold a tone above its half. Such a tone is heard as a lower one."
            ),
            "cut off at half the rate": (
                "The tone does not stop at half of the new rate. It is reflected there and comes down again."
            ),
            "only repeated": (
                "Above half of the new rate the tone is reflected: 1 kHz above sounds like 1 kHz below."
            ),
            "mirrored once": (
                "A tone may be several times as high as the new rate. First subtract whole multiples of it."
            ),
            "begins again at half the rate": (
                "At half of the new rate the tone turns round and comes down. It does not start again at 0."
            ),
        },
        levels=(
            "At 8,000 samples per second, which tones between 8 and 12 kHz give the same samples as tones "
            "between 0 and 4 kHz?",
            "Take the remainder after division by the new rate. If it is above half of the new rate, how far "
            "is it from the new rate?",
            "np.minimum(frequencies % new, new - frequencies % new)",
        ),
    ),
    Exercise(
        id="05.3",
        name="one_of_each",
        title="32 files, 16 recordings",
        points=3,
        text="""
*Level 2 of 3: about 10 minutes.*

Write `one_of_each(names)`. It says which files to keep, so that **each recording is there exactly
once**. If a recording is in a data set twice, a random split may put one copy into the training set and the
other one into the test set.

- `names`: list of n texts, file names of RAVDESS such as `"01-01-02-01-01-01-01.mp4"` and
  `"03-01-02-01-01-01-01.wav"`, in any order. Each name is there once.

Files of one recording have the same fields 2 to 7. Only the first field (01 picture and sound, 02 picture, 03
sound) and the ending (`.mp4`, `.wav`) differ. Of each recording, keep the file with the smallest first field.
""",
        returns="int array, the places in `names` of the files to keep (the first file has place 0), in "
        "rising order",
        examples=(
            (
                [
                    "02-01-05-01-01-01-01.mp4",
                    "01-01-02-01-01-01-01.mp4",
                    "01-01-05-01-01-01-01.mp4",
                    "03-01-02-01-01-01-01.wav",
                    "03-01-02-01-01-01-02.wav",
                    "02-01-02-01-01-02-02.mp4",
                ],
            ),
            (
                [
                    "03-01-05-02-01-01-07.wav",
                    "02-01-05-02-01-01-07.mp4",
                    "02-01-02-02-01-01-07.mp4",
                    "01-01-02-02-01-01-07.mp4",
                    "01-01-02-02-01-01-08.mp4",
                ],
            ),
        ),
        hints={
            "first in the list": (
                "Keep the file with the smallest modality, wherever it is in the list, not the first file."
            ),
            "02 files dropped": "Some recordings have no 01 file, but an 02 file. Keep it.",
            "only sound and picture": "Some recordings have no 01 file. Keep one of their other files.",
            "ending counts": "The mp4 and the wav are one recording. Ignore what follows the dot.",
            "actor forgotten": (
                "The last field is the actor. The same sentence of another actor is another recording."
            ),
            "every file": "Files that differ only in the modality are one recording. Keep one of them.",
            "in the order of the takes": "Sort the places, so that they are in rising order.",
        },
        levels=(
            "Which part of the name is the same in all files of a recording?",
            "Go through the names in sorted order. Remember each recording that you have met in a dict, with "
            "the place of its first file.",
            'key = name.split(".")[0][3:]',
        ),
    ),
]
