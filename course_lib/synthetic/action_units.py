"""From an emotion to facial action units over time: what a Studio actor's face does, before anything is
drawn.

The action units (AU) are those of the Facial Action Coding System (Ekman and Friesen 1978); which of them
make up which emotion follows the same authors' EMFACS table (1983). People mix and weaken these prototypes
(Barrett et al. 2019), and so does each actor here, by gains of their own."""

import numpy as np

from course_lib.core.errors import CourseError
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

# Onset begins, apex begins, apex ends, offset ends: as parts of the clip. Surprise and fear come fast,
# sadness slowly.
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

# What a face at rest may show already, at most: some people look a little angry, sad or amused when they are
# not.
RESTING = {1: 0.25, 2: 0.25, 4: 0.75, 7: 0.45, 12: 0.5, 15: 0.3, 17: 0.2, 23: 0.5, 43: 0.25}

# How far a fully shown action unit, the open jaw or rounded lips move a part of the face: pixels, x outwards,
# y down.
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


def smoothstep(x) -> np.ndarray:
    """0 below 0, 1 above 1, and a smooth rise between."""
    x = np.clip(x, 0.0, 1.0)
    return x * x * (3.0 - 2.0 * x)


def time_course(emotion: str, n: int) -> np.ndarray:
    """Onset, apex and offset of an emotion over `n` frames: float (n,), 0 at the start, 1 at the apex, 0 at
    the end.
    """
    onset, apex, release, end = TIMES[emotion]
    t = np.linspace(0.0, 1.0, n)
    return smoothstep((t - onset) / (apex - onset)) * (1.0 - smoothstep((t - release) / (end - release)))


def gains(actor: int, seed: int = 0) -> np.ndarray:
    """How strongly an actor moves each unit, float (17,), 0.4 to 1.4: some more with the brows, some with the
    mouth.
    """
    rng = identity.rng(seed, "face", actor, "gains")
    lean = rng.uniform(-0.45, 0.45)
    return np.clip(
        [rng.uniform(0.55, 1.2) + (lean if unit in UPPER_FACE else -lean) for unit in UNITS], 0.4, 1.4
    )


def resting(actor: int, seed: int = 0) -> np.ndarray:
    """What an actor's face shows at rest, float (17,): most units little, one or two up to their value in
    `RESTING`.
    """
    rng = identity.rng(seed, "face", actor, "resting")
    return np.array([RESTING.get(unit, 0.0) * rng.uniform() ** 2 for unit in UNITS])


def over_time(recording: dict, n: int, seed: int = 0) -> np.ndarray:
    """The action units of a recording, float (n, 17) in the order of `UNITS`, 0 (not seen) to 1.4 (an actor's
    utmost).

    `recording` has the fields emotion, intensity, statement, repetition and actor spelled out as in
    `parse_name`. Raises `CourseError` for an emotion or intensity that RAVDESS does not have."""
    for field, known in (("emotion", EMOTIONS), ("intensity", STRENGTH)):
        if recording[field] not in known:
            raise CourseError(
                f"{field} {recording[field]!r}", "no actor of the Studio knows it", f"Use {', '.join(known)}"
            )
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


def moves(units):
    """One pose a frame, a dict of the names in `MOVES`; `units` is float (n, 19): action units, jaw and
    rounding.
    """
    matrix = [[move.get(unit, 0.0) for unit in (*UNITS, "jaw", "rounding")] for move in MOVES.values()]
    for row in units @ np.array(matrix).T:
        yield dict(zip(MOVES, row.tolist(), strict=True))
