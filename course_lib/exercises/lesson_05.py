"""Exercises of lesson 05, audio and video arrays (lecture 27 from 00:22 to 09:15)."""

import numpy as np

from course_lib.exercises import Exercise

EXERCISES = [
    Exercise(
        id="05.1",
        name="frequencies_heard",
        title="A tone that nobody sang",
        points=3,
        text="""
A tone of 5 kHz, of which every sixth sample was kept, came out as a tone of 3 kHz. What becomes of other
tones? Write `frequencies_heard(frequencies, rate, step)`: the frequency at which each tone is heard when
**every `step`-th sample is kept and nothing is filtered**. Whoever knows it can tell a fault of the reader
from a voice.

- `frequencies`: float array (n,), in Hz, from 0 to half of `rate`: the tones that were sung
- `rate`: int, samples a second before
- `step`: int, every how many samples one is kept; `rate / step` samples a second remain

What is heard lies between 0 and half of the new rate.
""",
        returns="float array (n,), in Hz",
        examples=(
            (np.array([1000.0, 3000.0, 5000.0, 9000.0, 23000.0]), 48000, 6),
            (np.arange(0.0, 24001.0, 500.0), 48000, 6),
            (np.array([440.0, 4400.0, 11000.0, 20000.0]), 44100, 8),
        ),
        hints={
            "nothing changes": (
                "The new rate cannot hold a tone above its half: there it is heard as another one."
            ),
            "cut off at half the rate": (
                "The tone does not stop at half the new rate: it is mirrored there and comes down again."
            ),
            "only repeated": (
                "Above half the new rate the tone is mirrored: a bit above sounds like a bit below."
            ),
            "mirrored once": (
                "A tone may lie several new rates up. Take whole multiples of the new rate away first."
            ),
            "begins again at half the rate": (
                "At half the new rate the tone turns round and comes down; it does not begin again at 0."
            ),
        },
    ),
    Exercise(
        id="05.2",
        name="voice",
        title="One voice of exactly so many samples",
        points=3,
        text="""
Write `voice(pcm, samples)`, what a reader does between a file and a row of the lecture's 32×32,000 array: one
track, and exactly `samples` samples. Loudness is a feature, so how two tracks become one decides what a
classifier hears.

- `pcm`: int16 array (frames, channels), as it stands in a wav file
- `samples`: int, how many samples the row has

Make floats of it, so that 32,768 becomes 1; average the channels; then cut off what is too much at the end,
or add zeros there. """,
        returns="float array (samples,), from -1 to 1",
        examples=(
            (np.array([[8192, 16384], [-4096, 0], [30000, 20000], [-16384, -8192]], np.int16), 6),
            (np.array([[8192, 16384], [-4096, 0], [30000, 20000], [-16384, -8192]], np.int16), 3),
            (np.array([[1024], [-2048], [0], [512], [-32768]], np.int16), 5),
        ),
        hints={
            "added up": "The sum of two tracks is twice too loud: take their mean.",
            "equal power": (
                "Divided by the square root of the channels, the same sound in both is 3 dB too loud: take "
                "the mean."
            ),
            "added as int16": (
                "An int16 ends at 32,767: 30,000 + 20,000 comes out negative. Make floats before you add."
            ),
            "one channel": "All channels count, not only the first.",
            "zeros in front": "The zeros belong at the end: else the voice begins late.",
            "end kept": "What is too much is cut off at the end: the first samples stay.",
            "last sample held": "After the end there is silence, so zeros. (It is the picture that is held.)",
            "not scaled": "32,768 becomes 1: divide.",
            "divided by 32,767": "An int16 begins at -32,768: that is what becomes -1.",
            "averaged over time": "A channel is a column: average along axis 1.",
        },
    ),
    Exercise(
        id="05.3",
        name="one_of_each",
        title="32 files, 16 takes",
        points=3,
        text="""
Write `one_of_each(names)`: which files to keep, so that **every take is there exactly once**. Files of one
take differ in the first field alone, the modality (01 sound and picture, 02 picture, 03 sound), and in what
follows the dot. Keep the file with the smallest modality that is there. A take that stands in a data set
twice will sooner or later stand in training *and* test.

- `names`: list of n texts, RAVDESS's file names such as `"01-01-02-01-01-01-01.mp4"` and
  `"03-01-02-01-01-01-01.wav"`, in no order, each name once
""",
        returns="int array, the places in `names` of the files to keep (the first file's place is 0), in "
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
                "Of a take's files the one with the smallest modality is kept, wherever it stands."
            ),
            "only sound and picture": "Some takes are there without an 01 file. They should not be lost.",
            "ending counts": "A take's mp4 and its wav are the same take: leave out what follows the dot.",
            "actor forgotten": (
                "The last field is the actor: the same sentence of another actor is another take."
            ),
            "every file": "Files that differ in the modality alone are one take: keep one of them.",
            "in the order of the takes": "The places should rise: sort them.",
        },
    ),
    Exercise(
        id="05.4",
        name="clips_that_fit",
        title="What 12 GB hold",
        points=1,
        text="""
How many clips of the lecture's length (4 s at 30 frames a second, three colours) fit whole into Colab's 12 GB
(12 × 10⁹ bytes) at the size they are filmed in, 1280×720, as **float32**, and with nothing else in memory?
""",
        returns="int",
        hints={
            "as uint8": "A float32 takes four bytes.",
            "as float64": "A float32 takes four bytes, not eight.",
            "one colour": "Each pixel has three colours.",
            "rounded up": "The last one does not fit whole.",
        },
    ),
]
