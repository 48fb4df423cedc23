"""Exercises of lesson 14, a live demo (projects P4, G7 and IIITA)."""

import numpy as np

from course_lib.exercises import Exercise

NAN = np.nan

# Pieces of sound as a microphone gives them: of no fixed length, now and then none.
PIECES = [np.array([0.1, 0.2]), np.array([0.3]), np.array([]), np.array([0.4, 0.5, 0.6]), np.arange(7) / 8]
WHOLE = [np.array([1.0, -1.0, 0.5, 0.25]), np.array([0.125])]

# A face that is lost for a moment and comes back with another expression.
SHARES = np.array(
    [[0.6, 0.3, 0.1], [0.2, 0.7, 0.1], [0.6, 0.3, 0.1], [NAN, NAN, NAN], [0.0, 0.2, 0.8], [0.1, 0.2, 0.7]]
)
LATE = np.array([[NAN, NAN], [NAN, NAN], [0.25, 0.75], [0.75, 0.25]])

ANSWERS = ["happy", "happy", "sad", "happy", "sad", "sad", "sad", "not sure", "sad", "happy", "happy"]
TIMES = np.array([0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.25, 4.0, 4.5, 6.0])

EXERCISES = [
    Exercise(
        id="14.1",
        name="last_samples",
        title="The last seconds of a microphone",
        points=2,
        text="""
A microphone gives its sound in pieces, and a network wants windows of one length. Write `last_samples(pieces,
size)`: what is to be heard after each piece, namely the last `size` samples of all that has come so far.
While there are fewer, zeros stand **before** them.

- `pieces`: list of one float array (n,) or more, n not the same and sometimes 0
- `size`: int, 1 or more
""",
        returns="float array (pieces, size)",
        examples=((PIECES, 4), (WHOLE, 3)),
        hints={
            "the last piece alone": "What came before belongs to the window, too, as long as it fits.",
            "zeros behind": "The newest sample is always the last one: zeros stand before.",
            "the first ones": "Of more than `size` samples the newest are kept.",
            "each piece cut first": (
                "Put the new piece behind the others, then cut: a short one pushes out few."
            ),
            "newest first": "Time goes from left to right.",
            "forgets when it is full": "When the window is full only the oldest go, as many as come.",
        },
    ),
    Exercise(
        id="14.2",
        name="steadied",
        title="Against flicker",
        points=3,
        forbidden=("pandas",),
        text="""
Shares that are shown ten times a second flicker. Write `steadied(shares, fresh)`: each row becomes `fresh`
times itself and 1 - `fresh` times the steadied row before it. A row of NaN, a moment without a face, stays
NaN, and what was before it is **forgotten**: the face that comes then may be another one. A first row, and
the first after such a gap, stays as it is.

- `shares`: float array (moments, classes), rows that add up to 1 or are NaN
- `fresh`: float above 0, up to 1

Without pandas: it is not there when this is graded.
""",
        returns="float array (moments, classes)",
        examples=((SHARES, 0.5), (LATE, 0.25)),
        hints={
            "the other way round": "`fresh` is the weight of the new row.",
            "with the row before": "Mix with the row before as it was **steadied**, not as it came.",
            "from nothing": (
                "The first row has nothing before it: it stays as it is, its shares still add up to 1."
            ),
            "lost for good": "NaN times anything is NaN: begin anew after a gap.",
            "remembers over the gap": "After a gap begin anew: it may be somebody else.",
            "gap filled": "Where there is no face there is nothing to show: NaN stays.",
            "mean of all": "The weight of older rows falls and falls; a mean would weigh all alike.",
        },
    ),
    Exercise(
        id="14.3",
        name="read_out",
        title="What a screen reader says",
        points=3,
        text="""
Who cannot see the bars wants to hear the answer, and not ten times a second. Write `read_out(answers, times,
pause)`: which moments are read out? The first one is. A later one is when its answer is another than the one
that was **read out last**, and at least `pause` seconds have gone by since then.

- `answers`: list of str, one a moment
- `times`: float array (moments,), seconds, rising
- `pause`: float, seconds
""",
        returns="int array: the numbers of the moments that are read out, counted from 0",
        examples=((ANSWERS, TIMES, 2.0), (["a", "b", "b", "a"], np.array([0.0, 0.25, 0.5, 1.0]), 0.5)),
        hints={
            "another than just before": (
                "Compare with the answer that was read out last, not with the moment before: an answer that "
                "changed during the pause is still to be said."
            ),
            "the pause is forgotten": "A new answer waits until `pause` seconds have gone by.",
            "again and again": "The same answer is not said twice in a row.",
            "longer than the pause": "A change exactly `pause` seconds after the last one is read out.",
            "pause since it changed": (
                "The pause runs from when something was read out, not from when the answer changed."
            ),
            "the first is left out": "The first moment is read out.",
            "counted from 1": "Count moments from 0.",
        },
    ),
]
