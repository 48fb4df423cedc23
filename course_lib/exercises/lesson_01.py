"""Exercises of lesson 01, frames from video (lecture 14 at 00:37)."""

import struct
import zlib

import numpy as np

from course_lib.exercises import Exercise

_GREY = np.array([[[100, 100], [100, 100]], [[100, 100], [100, 98]], [[100, 100], [100, 110]]], np.uint8)
_COLOURED = np.array([[[[10, 20, 30], [40, 50, 60]]], [[[10, 25, 30], [34, 50, 60]]]], np.uint8)
_RED_AND_BLUE = [[[200, 40, 10], [10, 40, 200]]]
_GREEN_AND_GREY = [[[0, 150, 0], [90, 90, 90]]]


def _png(image: list) -> np.ndarray:
    """The bytes of a PNG file that holds an RGB image."""
    pixels = np.array(image, np.uint8)
    header = struct.pack(">2I5B", pixels.shape[1], pixels.shape[0], 8, 2, 0, 0, 0)
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    packed = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    ]
    return np.frombuffer(b"\x89PNG\r\n\x1a\n" + b"".join(packed), np.uint8)


EXERCISES = [
    Exercise(
        id="01.1",
        name="read_names",
        title="Read many file names",
        points=2,
        text="""
*Level 1 of 3: about 5 minutes.*

Write `read_names(names)`. It reads the numbers in RAVDESS file names.

- `names`: list of n file names such as `"02-01-05-02-01-02-12.mp4"`. Some have a folder in front
  (`"Actor_12/02-01-…"`), and some end in `.wav`.
- returns one row for each file: **emotion, intensity, sentence, repetition, actor**. Use the numbers of the
  table at 01:01.

(Two speech files with the same row are the same recording, for example once with sound and once without.
Your function still returns one row for each of them.)
""",
        returns="int array (n, 5)",
        examples=(
            (["02-01-05-02-01-02-12.mp4", "Actor_01/01-01-01-01-02-01-01.mp4"],),
            (["Actor_24/03-01-08-02-02-01-24.wav", "03-01-02-01-01-02-07.wav", "01-01-06-02-01-01-10.mp4"],),
        ),
        hints={
            "one field too early": "The emotion is the third number, after modality and vocal channel.",
            "counted from 0": "RAVDESS counts from 1. Keep its numbers as they are.",
            "texts, not numbers": (
                '"05" is a text. Make it a number with int("05"), or a whole array with .astype(int).'
            ),
            "the first five": (
                "The first five numbers begin with modality and vocal channel. Return the last five."
            ),
        },
        levels=(
            'What does "02-01-05".split("-") return, and are its parts texts or numbers?',
            "Take the folder and the ending away from each name, split the rest at the hyphens, and keep the "
            "last five texts. Make one array of all rows.",
            'fields = [name.split("/")[-1].split(".")[0].split("-") for name in names]',
        ),
    ),
    Exercise(
        id="01.2",
        name="image_labels",
        title="One label for each image",
        points=2,
        text="""
*Level 3 of 3: about 15 minutes.*

Write `image_labels(labels, lengths, every)`. It makes the label and the frame number of each image, as in the
table of `video.read_frames`.

- `labels`: int array (clips,), the emotion of each clip, 1 to 8
- `lengths`: int array (clips,), the number of frames in each clip, at least 1
- `every`: int, at least 1. From **each** clip keep the frames 0, `every`, 2 · `every` and so on.
- returns one row for each image: the label of its clip, and its frame number in the clip. The clips keep
  their order.

One label too many or too few shifts all labels after it, and Python gives no error.
""",
        returns="int array (images, 2)",
        examples=((np.array([1, 5]), np.array([5, 4]), 2), (np.array([5, 1, 5]), np.array([7, 2, 10]), 3)),
        hints={
            "last frame lost": (
                "5 frames with every = 2 give three images: 0, 2 and 4. A division that rounds down loses "
                "one."
            ),
            "frame 0 left out": "Keep frame 0, too.",
            "counted on across clips": "Begin at frame 0 again in each clip.",
            "labels in turn": (
                "All images of the first clip come first. Repeat each label, not the whole row of labels."
            ),
        },
        levels=(
            "Which frames do you keep from a clip of 5 frames, if every is 2?",
            "np.arange(0, length, every) gives the frames of one clip. Repeat its label as often as there "
            "are frames, then join all clips.",
            "repeated = np.repeat(labels, [len(kept) for kept in frames])",
        ),
    ),
    Exercise(
        id="01.3",
        name="from_first",
        title="How far has the face moved?",
        points=2,
        text="""
*Level 2 of 3: about 10 minutes.*

Write `from_first(frames)`. It computes how far each frame of a clip is from the first one.

- `frames`: uint8 array (n, height, width) or (n, height, width, 3). A uint8 is a whole number from 0 to 255.
  It is never negative: `np.uint8(10) - np.uint8(20)` gives 246. Change the numbers to float first.
- returns one number for each frame: the mean, over all pixels and colours, of the **absolute** difference
  from `frames[0]`, in grey levels

The result shows roughly when an expression begins and when it is strongest. (Roughly, because speaking moves
the mouth, too.)
""",
        returns="float array (n,)",
        examples=((_GREY,), (_COLOURED,)),
        hints={
            "bytes wrap around": (
                "In uint8, 98 - 100 is 254, because uint8 has no negative numbers. Make the frames float "
                "first."
            ),
            "from the frame before": "Compare each frame with the first one, not with the one before it.",
            "plus and minus cancel": "Take the absolute value of each difference before the mean.",
            "the largest difference": "Return the mean over all pixels, not the largest difference.",
            "scaled to 0 to 1": "Return grey levels, 0 to 255. Do not divide by 255.",
        },
        levels=(
            "What is np.uint8(98) - np.uint8(100)?",
            "Make the frames float, subtract the first one, take np.abs, and then the mean over all axes but "
            "the first.",
            "difference = np.abs(frames - frames[0].astype(float))",
        ),
    ),
    Exercise(
        id="01.4",
        name="binary_takes",
        title="How many recordings can we use?",
        points=1,
        text="""
*Level 1 of 3: about 3 minutes.*

The lecture keeps two emotions, neutral and angry. How many **recordings** of these two are in the speech part
of RAVDESS, all 24 actors together? Count a recording once, although it has three files.

Return the number from `binary_takes()`. In lesson 03 you will see how many of them are neutral.
""",
        returns="int",
        hints={
            "neutral as often as angry": "There is no strong neutral.",
            "one actor": "This is the number for one actor. There are 24.",
            "modalities counted": "The same recording in three modalities is still one recording.",
            "normal intensity only": "The actors say the angry sentences at two intensities.",
        },
        levels=(
            "How many neutral recordings does one actor have, and how many angry ones?",
            "For one actor and one emotion, multiply intensities, sentences and repetitions. Neutral has one "
            "intensity, angry has two.",
            "24 actors x (1 x 2 x 2 neutral + 2 x 2 x 2 angry)",
        ),
    ),
    Exercise(
        id="01.5",
        name="images_and_labels",
        title="Image files to arrays",
        points=3,
        seconds=5.0,
        text="""
*Level 2 of 3: about 10 minutes.*

Write `images_and_labels(names, files)`. It is the lecture's step from image files to `data_all` and
`label_all`, with OpenCV (`import cv2` inside your cell).

- `names`: list of n file names such as `"02-01-05-01-01-01-01_030.png"`
- `files`: list of n uint8 arrays, each with the bytes of one PNG file, not with its pixels. You do not open
  a file yourself. `cv2.imdecode(file, cv2.IMREAD_COLOR)` turns one of them into an image (BGR, as from
  `cv2.imread`). All images have the same size.
- returns `data_all`, the images as **RGB**, and `label_all`, the emotions 1 to 8, in the order of the files
""",
        returns="uint8 array (n, height, width, 3), int array (n,)",
        examples=(
            (["02-01-05-01-01-01-01_000.png"], [_png(_RED_AND_BLUE)]),
            (
                ["01-01-08-02-02-02-01_010.png", "02-01-01-01-01-01-01_020.png"],
                [_png(_GREEN_AND_GREY), _png(_RED_AND_BLUE)],
            ),
        ),
        hints={
            "blue and red swapped": "OpenCV gives BGR. Convert each image with cv2.cvtColor.",
            "intensity as label": "The third number is the emotion: Python counts from 0, so it is number 2.",
            "counted from 0": "RAVDESS counts emotions from 1. Keep its numbers.",
            "floats from 0 to 1": "Keep the images as uint8, 0 to 255. Do not divide by 255.",
        },
        levels=(
            "Which two lists does the lecture begin with, and what does its loop append to each?",
            "Loop over names and files together (zip). Append the label and the decoded image, and make "
            "arrays of both lists at the end.",
            "data_all.append(cv2.cvtColor(cv2.imdecode(file, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB))",
        ),
    ),
]
