"""From an emotion to facial action units over time: how a Studio actor's face moves, before it is drawn.

The action units (AU) are those of the Facial Action Coding System (Ekman and Friesen 1978). Which units make
up which emotion follows the same authors' EMFACS table (1983). People mix and weaken these prototypes
(Barrett et al. 2019), and so does each actor here, with individual gains.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from course_lib.core.names import check_choice
from course_lib.synthetic import identity

UNITS = {
    1: "inner brow raiser",
    2: "outer brow raiser",
    4: "brow lowerer",
    5: "upper lid raiser",
    6: "cheek raiser",
    7: "lid tightener",
    9: "nose wrinkler",
    10: "upper lip raiser",
    12: "lip corner puller",
    15: "lip corner depressor",
    16: "lower lip depressor",
    17: "chin raiser",
    20: "lip stretcher",
    23: "lip tightener",
    25: "lips part",
    26: "jaw drop",
    43: "eyes closed",
}
UPPER_FACE = (1, 2, 4, 5, 6, 7, 43)

EMOTIONS = {
    "neutral": {},
    "calm": {12: 0.3, 43: 0.25},
    "happy": {6: 0.9, 12: 1.0, 25: 0.6},
    "sad": {1: 1.0, 4: 0.3, 15: 1.0, 17: 0.5, 43: 0.25},
    "angry": {4: 1.0, 5: 0.45, 7: 0.7, 10: 0.25, 17: 0.3, 23: 0.9},
    "fearful": {1: 0.9, 2: 0.7, 4: 0.5, 5: 0.9, 20: 0.9, 25: 0.4, 26: 0.35},
    "disgust": {4: 0.45, 7: 0.5, 9: 1.0, 10: 0.8, 15: 0.5, 16: 0.3, 17: 0.3},
    "surprised": {1: 1.0, 2: 1.0, 5: 0.9, 25: 0.4, 26: 0.9},
}
STRENGTH = {"normal": 0.6, "strong": 1.0}

# Start of the onset, start and end of the apex, end of the offset: fractions of the clip. Surprise and fear
# come fast, sadness slowly.
TIMES = {
    "neutral": (0.03, 0.25, 0.80, 0.99),
    "calm": (0.04, 0.32, 0.82, 0.99),
    "happy": (0.04, 0.22, 0.82, 0.99),
    "sad": (0.02, 0.32, 0.86, 1.00),
    "angry": (0.02, 0.15, 0.86, 0.99),
    "fearful": (0.03, 0.13, 0.80, 0.98),
    "disgust": (0.03, 0.20, 0.80, 0.98),
    "surprised": (0.03, 0.11, 0.72, 0.95),
}

# The most that a face at rest may show: some people look a little angry, sad or amused when they are not.
RESTING = {1: 0.25, 2: 0.25, 4: 0.75, 7: 0.45, 12: 0.5, 15: 0.3, 17: 0.2, 23: 0.5, 43: 0.25}

# How far a fully shown action unit, the open jaw or rounded lips move a part of the face: pixels, x outwards
# and y down.
MOVES = {
    "brow_inner_x": {4: -9},
    "brow_inner_y": {1: -26, 2: -6, 4: 21, 9: 8},
    "brow_middle_y": {1: -11, 2: -19, 4: 14, 6: 2, 9: 5},
    "brow_outer_y": {2: -24, 4: 4, 6: 5},
    "lid_upper": {5: -9, 6: 4, 7: 3, 9: 3, 43: 13},
    "lid_lower": {5: 1, 6: -5, 7: -4, 9: -4},
    "lid_slant": {1: -6, 4: 8, 15: -1},
    "nose_y": {9: -8, 10: -3},
    "nostril": {9: 4, 10: 2, 12: 3},
    "corner_x": {10: 2, 12: 21, 15: 1, 20: 23, 23: -10, "rounding": -20, "jaw": -4},
    "corner_y": {12: -25, 15: 20, 20: 7},
    "lip_y": {9: -6, 10: -11, 12: -2, 17: -6},
    "opening": {10: 7, 16: 10, 20: 8, 25: 15, 26: 34, "jaw": 38},
    "lip_upper": {10: 1, 12: -2, 20: -2, 23: -6, "rounding": 3},
    "lip_lower": {12: -2, 17: 3, 20: -2, 23: -7, "rounding": 3},
    "jaw_drop": {17: -5, 26: 24, "jaw": 26},
    # and how deep a fold they make, 0 to 1
    "furrow": {4: 0.8, 9: 0.4},
    "forehead": {1: 0.4, 2: 0.3},
    "crow": {6: 0.6},
    "bridge": {9: 0.9},
    "cheek": {6: 0.25, 9: 0.45, 10: 0.3, 12: 0.3},
    "pouch": {6: 0.4, 7: 0.25, 9: 0.3},
    "dimple": {17: 0.6, 23: 0.2},
}


def smoothstep(x: npt.ArrayLike) -> np.ndarray:
    """A smooth step from 0 to 1.

    Parameters
    ----------
    x : array-like

    Returns
    -------
    np.ndarray
        Of the same shape: 0 for x below 0, 1 above 1, and a smooth rise between.

    Examples
    --------
    >>> smoothstep([-1, 0.5, 2]).tolist()
    [0.0, 0.5, 1.0]
    """
    x = np.clip(x, 0.0, 1.0)
    return x * x * (3.0 - 2.0 * x)


def time_course(emotion: str, n: int) -> np.ndarray:
    """The strength of an expression over a clip: onset, apex and offset.

    Parameters
    ----------
    emotion : str
        A key of `EMOTIONS`.
    n : int
        Number of frames.

    Returns
    -------
    np.ndarray
        float (n,): 0 at the start, 1 at the apex, 0 at the end.

    Examples
    --------
    >>> time_course("happy", 5).round(1).tolist()
    [0.0, 1.0, 1.0, 1.0, 0.0]
    """
    onset, apex, release, end = TIMES[emotion]
    t = np.linspace(0.0, 1.0, n)
    return smoothstep((t - onset) / (apex - onset)) * (1.0 - smoothstep((t - release) / (end - release)))


def gains(actor: int, seed: int = 0) -> np.ndarray:
    """How strongly an actor moves each action unit.

    Parameters
    ----------
    actor, seed : int

    Returns
    -------
    np.ndarray
        float (17,), 0.4 to 1.4. Some actors move the brows more, some the mouth.

    Examples
    --------
    >>> gains(1).shape
    (17,)
    """
    rng = identity.rng(seed, "face", actor, "gains")
    lean = rng.uniform(-0.45, 0.45)
    return np.clip(
        [rng.uniform(0.55, 1.2) + (lean if unit in UPPER_FACE else -lean) for unit in UNITS], 0.4, 1.4
    )


def resting(actor: int, seed: int = 0) -> np.ndarray:
    """The action units of an actor's face at rest.

    Parameters
    ----------
    actor, seed : int

    Returns
    -------
    np.ndarray
        float (17,), at most the values of `RESTING`; most are small.

    Examples
    --------
    >>> resting(1).shape
    (17,)
    """
    rng = identity.rng(seed, "face", actor, "resting")
    return np.array([RESTING.get(unit, 0.0) * rng.uniform() ** 2 for unit in UNITS])


def over_time(recording: dict, n: int, seed: int = 0) -> np.ndarray:
    """The action units of a recording, frame by frame.

    Parameters
    ----------
    recording : dict
        The fields emotion, intensity, statement, repetition and actor, as `ravdess.parse_name` gives them.
    n : int
        Number of frames.
    seed : int
        The Studio's seed.

    Returns
    -------
    np.ndarray
        float (n, 17) in the order of `UNITS`, 0 (not visible) to 1.4 (the strongest).

    Raises
    ------
    CourseError
        If RAVDESS does not have the emotion or the intensity.

    Examples
    --------
    >>> happy = dict(emotion="happy", intensity="strong", statement="kids", repetition=1, actor=1)
    >>> over_time(happy, n=30).shape
    (30, 17)
    """
    for field, known in (("emotion", EMOTIONS), ("intensity", STRENGTH)):
        check_choice(field, recording[field], known)
    actor, emotion = recording["actor"], recording["emotion"]
    rng = identity.rng(
        seed,
        "face",
        actor,
        "units",
        emotion,
        recording["intensity"],
        recording["statement"],
        recording["repetition"],
    )
    apex = np.array([EMOTIONS[emotion].get(unit, 0.0) for unit in UNITS])
    apex = (
        apex * gains(actor, seed) * identity.expressiveness(actor, seed) * rng.uniform(0.85, 1.15, len(UNITS))
    )
    shown = np.outer(time_course(emotion, n), STRENGTH[recording["intensity"]] * apex)
    return np.clip(shown + resting(actor, seed), 0.0, 1.4)


def moves(units: np.ndarray) -> Iterator[dict[str, float]]:
    """Yield the pose of each frame: how far each part of the face moves.

    Parameters
    ----------
    units : np.ndarray (n, 19)
        Action units, then the opening of the jaw and the rounding of the lips.

    Yields
    ------
    dict of str to float
        The keys of `MOVES`, in pixels; folds from 0 to 1.

    Examples
    --------
    >>> len(next(moves(np.zeros((1, 19)))))
    23
    """
    matrix = [[move.get(unit, 0.0) for unit in (*UNITS, "jaw", "rounding")] for move in MOVES.values()]
    for row in units @ np.array(matrix).T:
        yield dict(zip(MOVES, row.tolist(), strict=True))
