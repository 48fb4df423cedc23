"""Exercises of lesson 09, faces in pictures (projects G7 and P4)."""

import numpy as np

from course_lib.exercises import Exercise

DARK = np.array([[8, 12, 20, 31], [9, 16, 24, 40], [5, 14, 26, 200]], np.uint8)
BRIGHT = np.array([[190, 210, 230, 225], [180, 205, 250, 90], [200, 235, 215, 220]], np.uint8)

# A face that goes to the right, is missed in the third frame and covered by a poster in the fifth.
FIRST = np.array([100, 80, 60, 60])
FRAMES = [
    np.array([[300, 40, 90, 90], [106, 82, 60, 60]]),
    np.array([[112, 84, 62, 62], [300, 42, 90, 90]]),
    np.array([[302, 40, 90, 90]]),
    np.array([[104, 74, 84, 84], [124, 88, 56, 56], [300, 40, 90, 90]]),
    np.empty((0, 4), int),
    np.array([[10, 10, 30, 30], [131, 90, 60, 60]]),
    np.array([[120, 40, 140, 140], [135, 92, 58, 58]]),
]
# A face that is higher than wide: a step too far, a poster around it, another one below it, exactly half of
# it.
ROOM = [
    np.array([[20, 20, 30, 30], [110, 66, 40, 60]]),
    np.array([[128, 66, 40, 60], [60, 20, 140, 160]]),
    np.array([[112, 96, 40, 60]]),
    np.array([[110, 66, 40, 30]]),
    np.array([[112, 68, 40, 30], [20, 20, 30, 30]]),
]

TRAIN = np.array(
    [[[10, 50, 7], [200, 90, 0]], [[30, 50, 7], [180, 60, 0]], [[20, 50, 7], [220, 75, 0]]], np.uint8
)
TEST = np.array([[[5, 55, 7], [210, 60, 3]], [[40, 40, 9], [170, 99, 0]]], np.uint8)

SMILE = np.array([0.9, 0.3, 1.2, 2.0, 3.4, 5.1, 6.2, 6.4, 6.3, 6.0, 4.4, 2.7, 1.5, 1.2, 1.1])
TWICE = np.array(
    [4.0, 4.1, 4.0, 5.6, 7.1, 5.5, 4.0, 4.1, 5.2, 7.6, 9.8, 8.9, 10.0, 9.7, 9.1, 6.6, 4.3, 4.0, 4.7, 4.0]
)

EXERCISES = [
    Exercise(
        id="09.1",
        name="brought_to_middle",
        title="The gamma that a dark picture needs",
        points=3,
        forbidden=("skimage", "cv2", "PIL"),
        text="""
0.4 was a guess. Write `brought_to_middle(image, middle)`: gamma correction by hand, with the one gamma that
brings the picture's **median** grey level to `middle`: (median / 255) ** gamma is middle / 255. A grey level
v of 0 to 255 becomes `255 * (v / 255) ** gamma`, rounded to the nearest whole number.

- `image`: uint8 array (height, width); its median is above 0 and below 255
- `middle`: float above 0 and below 255

Without scikit-image, OpenCV and Pillow: they are not there when this is graded.
""",
        returns="uint8 array (height, width)",
        examples=((DARK, 128.0), (BRIGHT, 100.0)),
        hints={
            "mean for median": "The median is asked for: a few bright pixels do not move it.",
            "gamma upside down": (
                "(median / 255) ** gamma is to be middle / 255: which logarithm is divided by which?"
            ),
            "a factor": (
                "Multiplying is another thing: it would push the bright pixels over 255. Take a power."
            ),
            "255 forgotten": (
                "Grey levels are divided by 255 before the power, and multiplied by it afterwards."
            ),
            "cut off": "`astype` cuts the rest off: round first.",
            "own range": "Divide by 255, not by the picture's own brightest level.",
            "shares": "The result is a picture of 0 to 255 again.",
        },
    ),
    Exercise(
        id="09.2",
        name="one_face",
        title="The same face, from frame to frame",
        points=3,
        forbidden=("cv2",),
        text="""
A detector says where faces are, not whose. Write `one_face(first, frames, least)`: which box of each frame is
the face that began in the box `first`?

The overlap of two boxes is their **intersection over union**: the area that both cover, divided by the area
that either covers. Take the box that overlaps most with the face's **last known** box, if it overlaps by
`least` or more; it is then the last known one. Otherwise the frame has no such face, and the last known box
stays as it is.

- `first`: int array (4,) of x, y, width, height in pixels
- `frames`: list of int arrays (n, 4), the boxes found in each frame; n may be 0, and no two overlap equally
  much
- `least`: float above 0, up to 1

Without OpenCV: it is not there when this is graded.
""",
        returns="int array (frames,): the number of the box in its frame, -1 where there is none",
        examples=((FIRST, FRAMES, 0.3), (np.array([100, 60, 40, 60]), ROOM, 0.5)),
        hints={
            "nearest middle": (
                "A large box may lie near, and cover far more than the face: compare by overlap."
            ),
            "intersection alone": (
                "Divide by the area that either of the two covers, or the largest box always wins."
            ),
            "share of the smaller": (
                "Divide by the union, not by the smaller box: that one may lie within a large one."
            ),
            "areas added": "What both cover is in the sum of the two areas twice: take it away once.",
            "width for height": "A box is x, y, width, height: columns go with width, rows with height.",
            "always the first box": "The face moves: compare with where it was last, not with `first`.",
            "first that fits": "Of several that overlap enough the one that overlaps most is the face.",
            "no least": "A box that overlaps too little is another face, or none: -1.",
            "largest": "The largest face need not be the one that you follow.",
            "lost for good": "After a frame without the face it may come back: its last known box stays.",
        },
    ),
    Exercise(
        id="09.3",
        name="scaled_as_in_training",
        title="Min–max scaling that survives a flat pixel",
        points=3,
        forbidden=("sklearn",),
        text="""
Write `scaled_as_in_training(train, test)`: what `MinMaxScaler` does, fitted on the training part alone. Each
pixel's lowest value over the **training** images becomes 0 and its highest 1, in both parts by the same rule;
in the test part values may leave that range. A pixel that is the same in all training images has no range:
there only its value is taken away, and nothing is divided.

- `train`: uint8 array (n, height, width); `test`: uint8 array (m, height, width)

Without scikit-learn: it is not there when this is graded.
""",
        returns="two float arrays, (n, height, width) and (m, height, width)",
        examples=((TRAIN, TEST),),
        hints={
            "each part by itself": (
                "The test part is scaled by the lowest and highest values of the training part."
            ),
            "both parts together": "What the test part holds must not be known when the rule is made.",
            "each picture by itself": (
                "Each pixel has its own lowest and highest value over all training images."
            ),
            "one range for all pixels": "Each pixel has its own lowest and highest value: axis=0.",
            "flat pixels divided": "A pixel without range gives 0 / 0: divide by 1 there.",
            "flat pixels 0": (
                "A pixel that is flat in training may differ in the test part: its difference stays."
            ),
            "clipped": "Values of the test part may be below 0 and above 1: leave them.",
            "bytes wrap around": "uint8 knows nothing below 0: 5 - 10 is 251. Make floats first.",
        },
    ),
    Exercise(
        id="09.4",
        name="rise_and_fall",
        title="Onset, apex, offset",
        points=3,
        forbidden=("scipy",),
        text="""
Write `rise_and_fall(intensity, rest)`: where the strongest expression in a curve begins, is at its apex, and
ends. Its height is the highest value above `rest`, the level of the face at rest.

- the **apex** is the unbroken run of frames around the highest one that stay at `rest` + 90 % of the height
  or more;
- the expression is the unbroken run around the highest frame that stays **above** `rest` + 10 % of the
  height. Onset is what of it comes before the apex, offset what comes after.

- `intensity`: float array (n,), one value a frame; its highest value occurs once, and it begins and ends near
  rest
- `rest`: float

Without SciPy: it is not there when this is graded.
""",
        returns="int array (4,): the onset's first frame, the apex's first and last, the offset's last; "
        "from 0",
        examples=((SMILE, 1.15), (TWICE, 4.0)),
        hints={
            "rest ignored": "90 % of the height, counted from rest, is not 90 % of the highest value.",
            "whole clip": (
                "Only the run around the highest frame counts: another expression may come before or after."
            ),
            "dip bridged": "A dip below 90 % ends the apex, also if the curve comes back.",
            "first frame for rest": "The height is counted from `rest`, not from the first frame.",
            "lowest for rest": "The height is counted from `rest`, not from the lowest value.",
            "apex at half": "The apex begins at 90 % of the height.",
            "offset without its end": "The offset's last frame is asked for, the last one above 10 %.",
            "counted from 1": "Frames are counted from 0.",
        },
    ),
]
