"""Exercises of lesson 01, frames from video (lecture 14 at 00:37)."""

import numpy as np

from course_lib.exercises import Exercise

_GREY = np.array([[[100, 100], [100, 100]], [[100, 100], [100, 98]], [[100, 100], [100, 110]]], np.uint8)
_COLOURED = np.array([[[[10, 20, 30], [40, 50, 60]]], [[[10, 25, 30], [34, 50, 60]]]], np.uint8)

EXERCISES = [
    Exercise(
        id="01.1",
        name="read_names",
        title="What many file names say",
        points=2,
        text="""
Write `read_names(names)`: the numbers that RAVDESS file names carry.

- `names`: list of n texts such as `"02-01-05-02-01-02-12.mp4"`; some stand in a folder
  (`"Actor_12/02-01-…"`), and not all end in `.mp4`
- returns: a row a file: **emotion, intensity, statement, repetition, actor**, as the numbers of the table at
  01:01

Two speech files with the same row are the same take, one perhaps with sound and one without. Whoever counts
them as two examples has one. """,
        returns="int array (n, 5)",
        examples=(
            (["02-01-05-02-01-02-12.mp4", "Actor_01/01-01-01-01-02-01-01.mp4"],),
            (["Actor_24/03-01-08-02-02-01-24.wav", "03-01-02-01-01-02-07.wav", "01-01-06-02-01-01-10.mp4"],),
        ),
        hints={
            "one field too early": "The emotion is the third number, after modality and vocal channel.",
            "counted from 0": "RAVDESS counts from 1: keep its numbers as they are.",
            "texts, not numbers": (
                '"05" is a text. Make it a number with int("05"), or a whole array with .astype(int).'
            ),
            "the first five": (
                "The first five numbers begin with modality and vocal channel. The last five are asked for."
            ),
        },
    ),
    Exercise(
        id="01.2",
        name="image_labels",
        title="A label for each image",
        points=2,
        text="""
Write `image_labels(labels, lengths, every)`: what the table of a set of images says of each image.

- `labels`: int array (clips,), the emotion of each clip, 1 to 8
- `lengths`: int array (clips,), how many frames were decoded of each, at least 1
- `every`: int, at least 1: of **each** clip the frames 0, `every`, 2 · `every` … are kept
- returns: a row an image: its clip's label, and its frame number in the clip; clips in their order

If one label is too many or too few, all that follow belong to the wrong image, and nothing complains.
""",
        returns="int array (images, 2)",
        examples=((np.array([1, 5]), np.array([5, 4]), 2), (np.array([5, 1, 5]), np.array([7, 2, 10]), 3)),
        hints={
            "last frame lost": (
                "5 frames with every = 2 keep three: 0, 2 and 4. A division that rounds down loses one."
            ),
            "frame 0 left out": "Frame 0 is kept, too.",
            "counted on across clips": "Begin at frame 0 again in each clip.",
            "labels in turn": (
                "All images of the first clip come first: repeat each label, not the row of labels."
            ),
        },
    ),
    Exercise(
        id="01.3",
        name="from_first",
        title="How far has the face moved?",
        points=2,
        text="""
Write `from_first(frames)`: how far each frame of a clip is from the clip's first one.

- `frames`: uint8 array (n, height, width) or (n, height, width, 3), 0 to 255
- returns: for each frame the mean, over all pixels and colours, of the **absolute** difference from
  `frames[0]`, in grey levels

It shows roughly where an expression begins, peaks and fades. (Roughly: whoever speaks moves the mouth,
whatever the emotion.) """,
        returns="float array (n,)",
        examples=((_GREY,), (_COLOURED,)),
        hints={
            "bytes wrap around": (
                "98 - 100 is 254 in uint8, which knows no negative numbers. Make the frames float first."
            ),
            "from the frame before": "Compare each frame with the first one, not with the one before it.",
            "plus and minus cancel": "Take the absolute value of each difference before the mean.",
            "the largest difference": "The mean over all pixels is asked for, not the largest.",
            "scaled to 0 to 1": "Grey levels are asked for, 0 to 255: do not divide by 255.",
        },
    ),
    Exercise(
        id="01.4",
        name="binary_takes",
        title="How many takes can be used?",
        points=1,
        text="""
The lecture keeps two emotions, neutral and angry. How many **takes** of these two does RAVDESS's speech part
have, all 24 actors together? (A take counts once, however many modalities it is kept in.)

Return the number from `binary_takes()`. Lesson 03 turns on how it falls into two parts.
""",
        returns="int",
        hints={
            "neutral as often as angry": "Neutral is never strong.",
            "one actor": "That is one actor; there are 24.",
            "modalities counted": "The same take in three modalities is still one take.",
            "normal intensity only": "Angry is spoken at two intensities.",
        },
    ),
]
