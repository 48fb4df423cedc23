"""Exercises of lesson 09, faces in pictures (projects G7 and P4)."""

import numpy as np

from course_lib.exercises import Exercise

DARK = np.array([[8, 12, 20, 31], [9, 16, 24, 40], [5, 14, 26, 200]], np.uint8)
BRIGHT = np.array([[190, 210, 230, 225], [180, 205, 250, 90], [200, 235, 215, 220]], np.uint8)

# What cv2.integral gives for the 3 x 3 image 1 to 9, and for a 2 x 4 image.
INTEGRAL = np.array([[0, 0, 0, 0], [0, 1, 3, 6], [0, 5, 12, 21], [0, 12, 27, 45]])
WIDE = np.array([[0, 0, 0, 0, 0], [0, 10, 30, 33, 40], [0, 15, 36, 47, 74]])

# A face that moves to the right. It is missed in the third frame, and a poster is around it in the fourth.
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
# A face that is higher than wide: a step too far, a poster around it, another face below it, exactly half of
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

EXERCISES = [  # in the order of the lesson
    Exercise(
        id="09.1",
        name="brought_to_middle",
        title="The gamma that a dark image needs",
        points=3,
        forbidden=("skimage", "cv2", "PIL"),
        text="""
*Level 2 of 3: about 10 minutes.*

Write `brought_to_middle(image, middle)`. It does gamma correction by hand, with one γ for the whole image.
Choose this γ so that the **median** m of the grey levels becomes `middle`:

$$\\Big(\\frac{m}{255}\\Big)^{\\gamma} = \\frac{\\text{middle}}{255}$$

Then a grey level v becomes `255 * (v / 255) ** gamma`, rounded to the nearest whole number.

- `image`: uint8 array (height, width). Its median is above 0 and below 255.
- `middle`: float, above 0 and below 255

scikit-image, OpenCV and Pillow are not there when this is graded.
""",
        returns="uint8 array (height, width)",
        examples=((DARK, 128.0), (BRIGHT, 100.0)),
        hints={
            "mean for median": "Use the median. A few bright pixels change the mean, but not the median.",
            "gamma upside down": (
                "Take the logarithm on both sides of the formula. Which of the two is divided by which?"
            ),
            "a factor": (
                "Multiplying is not gamma correction, and makes bright pixels larger than 255. Use a power."
            ),
            "255 forgotten": "Divide the grey levels by 255 before the power, and multiply by 255 after it.",
            "cut off": "`astype` cuts off the digits after the point. Round first.",
            "own range": "Divide by 255, not by the brightest grey level of the image.",
            "shares": "Return grey levels from 0 to 255 again, not values from 0 to 1.",
        },
        levels=(
            "In the formula γ is the only unknown. How do you get it out of the exponent?",
            "gamma is a quotient of two logarithms: of middle / 255, and of the median / 255.",
            "gamma = np.log(middle / 255) / np.log(np.median(image) / 255)",
        ),
    ),
    Exercise(
        id="09.5",
        name="rectangle_sum",
        title="The sum of a rectangle from four numbers",
        points=2,
        forbidden=("skimage", "cv2"),
        text="""
*Level 1 of 3: about 5 minutes.*

This is the step that makes the detector of Viola and Jones fast. Write `rectangle_sum(integral, box)`: the
sum of the pixels in a box, from four numbers of the integral image.

- `integral`: int array (height + 1, width + 1), as `cv2.integral` returns it. `integral[r, c]` is the sum
  of all pixels in the rows before r and the columns before c. So the first row and the first column are 0.
- `box`: tuple of four int: x (first column), y (first row), width, height in pixels. The box lies inside
  the image.

OpenCV and scikit-image are not there when this is graded.
""",
        returns="int",
        examples=(
            (INTEGRAL, (1, 1, 2, 2)),
            (INTEGRAL, (0, 1, 3, 1)),
            (WIDE, (1, 0, 2, 2)),
        ),
        hints={
            "last row and column left out": (
                "The box ends before row y + height and column x + width. Do not subtract 1."
            ),
            "corner subtracted twice": (
                "The part above and to the left is subtracted twice. Add it once again."
            ),
            "rows and columns swapped": "The first index of an array is the row: integral[y, x].",
            "width as the right edge": "The right edge is x + width, and the lower edge is y + height.",
            "everything above and left": (
                "This is the sum from the corner of the image. Subtract the other parts."
            ),
        },
        levels=(
            "Draw the image and the box. Which rectangle does integral[y + height, x + width] add up?",
            "Subtract the part above the box and the part to the left of it. Which part is then "
            "subtracted twice?",
            "integral[bottom, right] - integral[y, right] - integral[bottom, x] + integral[y, x]",
        ),
    ),
    Exercise(
        id="09.3",
        name="scaled_as_in_training",
        title="Min–max scaling, fitted on the training set",
        points=3,
        forbidden=("sklearn",),
        text="""
*Level 2 of 3: about 10 minutes.*

This is P4's own step, with NumPy. Write `scaled_as_in_training(train, test)`. It does what `MinMaxScaler`
does if you fit it on the training set alone.

- For each pixel, find its lowest and its highest value over the **training** images.
- In both sets, the lowest value becomes 0 and the highest becomes 1, by the same rule. Test values may
  leave the range from 0 to 1.
- Some pixels are equal in all training images, so they have no range. There, only subtract the lowest
  value.

The arguments:

- `train`: uint8 array (n, height, width)
- `test`: uint8 array (m, height, width)

scikit-learn is not there when this is graded.
""",
        returns="two float arrays, (n, height, width) and (m, height, width)",
        examples=((TRAIN, TEST),),
        hints={
            "each part by itself": (
                "Scale the test set by the lowest and highest values of the training set."
            ),
            "both parts together": "The rule must not know the test images. Use the training images alone.",
            "each picture by itself": (
                "Each pixel has its own lowest and highest value, over all training images."
            ),
            "one range for all pixels": "Each pixel has its own lowest and highest value: axis=0.",
            "flat pixels divided": "A pixel without a range gives 0 / 0. Divide by 1 there.",
            "flat pixels 0": (
                "A pixel that is equal in all training images can differ in the test set. Keep "
                "this difference."
            ),
            "clipped": "Test values may be below 0 and above 1. Leave them as they are.",
            "bytes wrap around": "uint8 has no numbers below 0: 5 - 10 gives 251. Convert to float first.",
        },
        levels=(
            "What shape does `train.min(axis=0)` have?",
            "Compute low and high of each pixel as floats. Where high equals low, use 1 in place "
            "of the range.",
            "span = np.where(high > low, high - low, 1)",
        ),
    ),
    Exercise(
        id="09.2",
        name="one_face",
        title="The same face, from frame to frame",
        points=3,
        forbidden=("cv2",),
        text="""
*Level 3 of 3: about 20 minutes.*

A detector tells where faces are, but not whose. Write `one_face(first, frames, least)`. It follows the face
that is in the box `first` before the first frame, and returns the number of its box in each frame.

The overlap of two boxes A and B is their **intersection over union**:

$$\\text{overlap} = \\frac{\\text{area of } A \\cap B}{\\text{area of } A \\cup B}$$

In each frame, compare all boxes with the **last known** box of the face. Take the box with the largest
overlap. If this overlap is `least` or more, it is the face, and it becomes the last known box. Otherwise
the face is missing in this frame, and the last known box stays as it is.

- `first`: int array (4,): x, y, width, height in pixels
- `frames`: list of int arrays (n, 4), the boxes in each frame. n may be 0. No two boxes overlap equally
  much.
- `least`: float, above 0 and up to 1

OpenCV is not there when this is graded.
""",
        returns="int array (frames,): the number of the box in its frame, from 0, or -1 if the face is "
        "missing",
        examples=((FIRST, FRAMES, 0.3), (np.array([100, 60, 40, 60]), ROOM, 0.5)),
        hints={
            "nearest middle": (
                "A large box can have its middle near the face and cover much more. Compare by overlap."
            ),
            "intersection alone": "Divide by the union. Otherwise the largest box always wins.",
            "share of the smaller": (
                "Divide by the union, not by the smaller box: a small box can lie inside a large one."
            ),
            "areas added": ("In the sum of the two areas, the intersection counts twice. Subtract it once."),
            "width for height": (
                "A box is x, y, width, height. Columns go with the width, rows with the height."
            ),
            "always the first box": "The face moves. Compare with its last known box, not with `first`.",
            "first that fits": "If several boxes overlap enough, take the one that overlaps most.",
            "no least": "If the largest overlap is below `least`, the face is missing: -1.",
            "largest": "The largest face need not be the one that you follow.",
            "lost for good": "The face can come back. Keep its last known box while it is missing.",
        },
        levels=(
            "Two boxes: at which column does their intersection begin, and at which column does it end?",
            "The intersection begins at the larger of the two left edges and ends at the smaller of the two "
            "right edges. If it ends before it begins, its width is 0.",
            "union = width_a * height_a + width_b * height_b - intersection",
        ),
    ),
    Exercise(
        id="09.4",
        name="rise_and_fall",
        title="Onset, apex, offset",
        points=3,
        forbidden=("scipy",),
        text="""
*Level 3 of 3: about 20 minutes.*

Write `rise_and_fall(intensity, rest)`. It finds the phases of the strongest expression in a curve. The
height h is the highest value minus `rest`, the level of the face at rest.

- The **apex** is the unbroken run of frames around the highest one whose value is at least rest + 0.9 h.
- The **expression** is the unbroken run of frames around the highest one whose value is **above** rest +
  0.1 h.
- The **onset** is the part of the expression before the apex. The **offset** is the part after it.

The arguments:

- `intensity`: float array (n,), one value for each frame. The highest value occurs once. The curve begins
  and ends near `rest`.
- `rest`: float

SciPy is not there when this is graded.
""",
        returns="int array (4,), counted from 0: the first frame of the onset, the first and the last frame "
        "of the apex, the last frame of the offset",
        examples=((SMILE, 1.15), (TWICE, 4.0)),
        hints={
            "rest ignored": (
                "The height counts from `rest`: the limit is rest + 0.9 h, not 0.9 of the highest value."
            ),
            "whole clip": (
                "Use only the run around the highest frame. Another expression can come before or after."
            ),
            "dip bridged": "A frame below rest + 0.9 h ends the apex, even if the curve comes back.",
            "first frame for rest": "The height counts from `rest`, not from the first frame.",
            "lowest for rest": "The height counts from `rest`, not from the lowest value.",
            "apex at half": "The apex begins at 0.9 of the height.",
            "offset without its end": (
                "Return the last frame of the offset, which is still above rest + 0.1 h."
            ),
            "counted from 1": "Frames are counted from 0.",
        },
        levels=(
            "Where is the highest frame? Which frames to its left and right are *not* above the limit?",
            "Write a helper for an unbroken run: it gets a boolean array, and finds the nearest "
            "False on each side of the peak.",
            "out = np.flatnonzero(~inside); first = out[out < peak].max(initial=-1) + 1",
        ),
    ),
]
