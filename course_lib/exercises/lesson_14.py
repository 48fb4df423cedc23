"""Exercises of lesson 14, a live demo (projects P4, G7 and IIITA)."""

import numpy as np

from course_lib.exercises import Exercise

NAN = np.nan

# A frame of 2 x 3 pixels, and an emoji of one pixel: half transparent, then opaque.
FRAME = np.array(
    [[[100, 100, 100], [0, 0, 0], [200, 0, 50]], [[10, 20, 30], [40, 50, 60], [70, 80, 90]]], np.uint8
)
HALF = np.array([[[255, 204, 50, 128]]], np.uint8)
FOUR = np.array([[[255, 204, 50, 0], [255, 204, 50, 255]], [[0, 0, 0, 51], [255, 255, 255, 204]]], np.uint8)

# Pieces of sound as a microphone gives them: not equally long, and sometimes empty.
PIECES = [np.array([0.1, 0.2]), np.array([0.3]), np.array([]), np.array([0.4, 0.5, 0.6]), np.arange(7) / 8]
WHOLE = [np.array([1.0, -1.0, 0.5, 0.25]), np.array([0.125])]

# A face that is lost for a moment and comes back with another expression.
ROWS = np.array(
    [[0.6, 0.3, 0.1], [0.2, 0.7, 0.1], [0.6, 0.3, 0.1], [NAN, NAN, NAN], [0.0, 0.2, 0.8], [0.1, 0.2, 0.7]]
)
LATE = np.array([[NAN, NAN], [NAN, NAN], [0.25, 0.75], [0.75, 0.25]])

ANSWERS = ["happy", "happy", "sad", "happy", "sad", "sad", "sad", "not sure", "sad", "happy", "happy"]
TIMES = np.array([0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.25, 4.0, 4.5, 6.0])

EXERCISES = [  # in the order of the lesson
    Exercise(
        id="14.4",
        name="on_frame",
        title="G7's emoji on a frame",
        points=2,
        text="""
*Level 1 of 3: about 5 minutes.*

Write `on_frame(frame, picture, x, y)`: put a square picture with an alpha channel on a frame.

- `frame`: uint8 array (height, width, 3), red, green, blue
- `picture`: uint8 array (side, side, 4), red, green, blue and alpha
- `x`, `y`: int, the column and the row of the picture's upper left corner. The picture fits into the frame.

For each pixel and colour below the picture: new = alpha / 255 · picture + (1 - alpha / 255) · frame. Round to
the nearest whole number, and return uint8. All other pixels stay as they are. Do not change `frame` itself.
""",
        returns="uint8 array (height, width, 3)",
        examples=((FRAME, HALF, 0, 0), (FRAME, FOUR, 1, 0), (FRAME, HALF, 2, 1)),
        hints={
            "x and y exchanged": "x is the column and y the row: frame[y, x].",
            "alpha the other way round": "Where alpha is 255 you see the picture, where it is 0 the frame.",
            "alpha not divided": "alpha goes from 0 to 255: divide it by 255.",
            "hard edge": "Between 0 and 255 the picture and the frame are mixed.",
            "not rounded": "astype(np.uint8) cuts off the decimals: round first.",
            "added": "The frame counts with 1 - alpha / 255, not fully.",
        },
        levels=(
            "Which rows and columns of the frame are below the picture in the second example?",
            "below = frame[y : y + side, x : x + side]. With picture[..., 3:] alpha keeps a third axis, so "
            "that NumPy can multiply it with three colours.",
            "result[y : y + side, x : x + side] = np.round(alpha * picture[..., :3] + (1 - alpha) * below)",
        ),
    ),
    Exercise(
        id="14.1",
        name="last_samples",
        title="The last seconds of a microphone",
        points=2,
        text="""
*Level 2 of 3: about 10 minutes.*

Write `last_samples(pieces, size)`: after each piece of sound, the last `size` samples of everything that has
come so far.

- `pieces`: list of at least one float array (n,). The lengths n differ, and some are 0.
- `size`: int, 1 or more

As long as fewer samples have come, put zeros **before** them.
""",
        returns="float array (pieces, size)",
        examples=((PIECES, 4), (WHOLE, 3)),
        hints={
            "the last piece alone": "The pieces before belong to the window, too, as long as they fit.",
            "zeros behind": "The newest sample is always the last one, so the zeros come before.",
            "the first ones": "If there are more than `size` samples, keep the newest.",
            "each piece cut first": "Add the new piece to the others, then cut: a short one pushes out few.",
            "newest first": "Time goes from left to right.",
            "forgets when it is full": "If the window is full, only the oldest samples go, as many as come.",
        },
        levels=(
            "What is in the window of the first example after the second piece, and what after the third?",
            "Begin with a window of zeros. np.concatenate adds a piece at its end, and [-size:] cuts.",
            "window = np.concatenate([window, piece])[-size:]",
        ),
    ),
    Exercise(
        id="14.2",
        name="steadied",
        title="Against flicker",
        points=3,
        forbidden=("pandas",),
        text="""
*Level 3 of 3: about 15 minutes.*

Write `steadied(probabilities, fresh)`: an exponential moving average that copes with gaps.

- `probabilities`: float array (moments, classes). A row adds up to 1, or it is NaN: no face at this moment.
- `fresh`: float above 0, up to 1

1. Each row becomes `fresh` times itself plus (1 - `fresh`) times the **steadied** row before it.
2. A row of NaN stays NaN. What came before it is **forgotten**, because the next face may be another person.
3. The first row, and the first row after a gap, stay as they are.

pandas is not there when this is graded.
""",
        returns="float array (moments, classes)",
        examples=((ROWS, 0.5), (LATE, 0.25)),
        hints={
            "the other way round": "`fresh` is the weight of the new row.",
            "with the row before": "Mix with the row before as it was **steadied**, not as it came.",
            "from nothing": "The first row has nothing before it, so it stays as it is.",
            "lost for good": "NaN times anything is NaN: after a gap, begin with the new row as it is.",
            "remembers over the gap": "After a gap, begin with the new row: it may be another person.",
            "gap filled": "Without a face there is nothing to show: NaN stays NaN.",
            "mean of all": "Older rows count less and less. A mean gives all rows the same weight.",
        },
        levels=(
            "What is the second row of the first example, and what is the fifth?",
            "Go through the rows, and keep the steadied row before in a variable. It is NaN at the beginning "
            "and after a gap.",
            "if not np.isnan(before).any(): found[row] = fresh * probabilities[row] + (1 - fresh) * before",
        ),
    ),
    Exercise(
        id="14.3",
        name="read_out",
        title="What a screen reader says",
        points=3,
        text="""
*Level 2 of 3: about 10 minutes.*

Write `read_out(answers, times, pause)`: which moments are read aloud?

- `answers`: list of text, one for each moment
- `times`: float array (moments,), seconds, rising
- `pause`: float, seconds

The first moment is read. A later moment is read if **both** are true: its answer differs from the answer that
was **read last**, and at least `pause` seconds have passed since then.
""",
        returns="int array: the numbers of the moments that are read, counted from 0",
        examples=((ANSWERS, TIMES, 2.0), (["a", "b", "b", "a"], np.array([0.0, 0.25, 0.5, 1.0]), 0.5)),
        hints={
            "another than just before": (
                "Compare with the answer that was read last, not with the moment before. If an answer "
                "changes during the pause, it must still be read."
            ),
            "the pause is forgotten": "A new answer waits until `pause` seconds have passed.",
            "again and again": "The same answer is not read twice in a row.",
            "longer than the pause": "If exactly `pause` seconds have passed, the answer is read.",
            "pause since it changed": "The pause begins when an answer was read, not when it changed.",
            "the first is left out": "The first moment is read.",
            "counted from 1": "Count moments from 0.",
        },
        levels=(
            "In the first example the answer changes to sad after 1 s. When is sad read, and why so late?",
            "Keep the number of the moment that was read last. It gives you its answer and its time.",
            "if answers[k] != answers[read[-1]] and times[k] - times[read[-1]] >= pause: read.append(k)",
        ),
    ),
]
