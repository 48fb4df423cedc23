"""The Studio's cast: how each of the 24 actors looks, as measures, colours and hair that `face` draws.

Face coordinates are pixels from the point between the eyes, x to the right of the image, y down.
"""

import numpy as np

from course_lib.synthetic import identity

# The measures of a face, lowest and highest, for men and women: pixels, or fractions of half the head.
MEASURES = {
    "half_width": ((158, 178), (150, 166)),
    "top": ((-204, -184), (-204, -184)),
    "chin": ((212, 236), (200, 218)),
    "jaw": ((0.76, 0.90), (0.68, 0.80)),
    "chin_width": ((0.32, 0.48), (0.24, 0.36)),
    "ear": ((0.9, 1.15), (0.75, 1.0)),
    "eye_x": ((0.42, 0.48), (0.43, 0.49)),
    "eye_width": ((35, 42), (38, 45)),
    "eye_height": ((15, 20), (19, 24)),
    "eye_slant": ((-3, 5), (-1, 7)),
    "brow_y": ((-64, -44), (-70, -50)),
    "brow_slant": ((-12, 8), (-12, 7)),
    "brow_size": ((11, 18), (6, 11)),
    "nose": ((80, 98), (72, 88)),
    "nose_width": ((28, 39), (23, 32)),
    "lip_gap": ((44, 56), (42, 52)),
    "mouth_width": ((54, 68), (50, 64)),
    "lip": ((9, 15), (13, 20)),
    "mouth_curve": ((-14, 1), (-15, 0)),
    "neck": ((0.58, 0.70), (0.46, 0.54)),
    "collar": ((292, 325), (296, 345)),
}
SKIN = (
    (230, 197, 176),
    (228, 188, 160),
    (222, 174, 138),
    (203, 150, 110),
    (176, 122, 86),
    (146, 97, 69),
    (114, 76, 56),
)
HAIR = ((30, 26, 28), (58, 40, 33), (92, 60, 40), (136, 70, 40), (203, 164, 104), (160, 160, 164))
EYES = ((74, 46, 30), (92, 60, 34), (110, 92, 50), (78, 110, 84), (82, 122, 158), (104, 116, 128))
SHIRTS = ((38, 38, 42), (44, 52, 74), (40, 62, 58), (82, 40, 50), (66, 58, 76), (58, 60, 66))

# Hair as right halves of outlines: x in half widths, y in pixels from the skull's top.
CAP = ((0, -30), (0.50, -8), (0.88, 56), (1.06, 140), (1.05, 205), (0, 205))
BOB = ((0, -34), (0.52, -12), (0.96, 60), (1.22, 170), (1.32, 300), (1.16, 378), (0.7, 366), (0, 280))
LONG = (
    (0, -34),
    (0.52, -12),
    (0.96, 60),
    (1.24, 180),
    (1.36, 330),
    (1.44, 460),
    (1.34, 570),
    (0.84, 570),
    (0, 380),
)
CLOUD = ((0, -86), (0.58, -62), (1.10, 4), (1.40, 120), (1.34, 226), (1.0, 262), (0, 262))
EVEN = (
    (0, -30),
    (0.50, -8),
    (0.88, 56),
    (1.05, 140),
    (1.00, 196),
    (0.94, 140),
    (0.82, 90),
    (0.45, 60),
    (0, 54),
)
FRINGE = (
    (0, -32),
    (0.5, -10),
    (0.90, 56),
    (1.08, 150),
    (1.01, 210),
    (0.93, 146),
    (0.7, 110),
    (0.35, 104),
    (0, 112),
)
CURTAIN = (
    (0, -34),
    (0.52, -12),
    (0.96, 60),
    (1.20, 180),
    (1.16, 300),
    (1.03, 230),
    (0.88, 130),
    (0.45, 46),
    (0, -6),
)
RECEDING = (
    (0, -10),
    (0.50, 6),
    (0.87, 64),
    (1.05, 140),
    (1.00, 190),
    (0.96, 130),
    (0.80, 56),
    (0.44, 26),
    (0, 46),
)
QUIFF = (
    (0, -66),
    (0.50, -46),
    (0.88, 30),
    (1.06, 130),
    (1.00, 196),
    (0.94, 130),
    (0.74, 62),
    (0.35, 38),
    (0, 32),
)
STYLES = {  # hair behind the head, hair over the brow, curly, lean to one side
    "bald": (None, None, False, 0),
    "short": (CAP, EVEN, False, 0),
    "side": (CAP, QUIFF, False, 34),
    "receding": (CAP, RECEDING, False, 0),
    "crop": (CAP, FRINGE, False, 12),
    "curls": (CLOUD, EVEN, True, 0),
    "bob": (BOB, FRINGE, False, 0),
    "long": (LONG, CURTAIN, False, 0),
    "swept": (LONG, QUIFF, False, -40),
    "bun": (CAP, EVEN, False, 0),
    "waves": (BOB, CURTAIN, True, 0),
}
WORN = (
    ("short", "side", "receding", "crop", "curls", "bald", "long"),
    ("long", "bob", "bun", "swept", "curls", "waves", "crop"),
)


def appearance(actor: int, seed: int = 0) -> dict:
    """How an actor looks.

    Parameters
    ----------
    actor : int
        1 to 24. As in RAVDESS, odd actors are male and even ones female.
    seed : int
        The Studio's seed.

    Returns
    -------
    dict
        The measures of `MEASURES`, colours (RGB, 0 to 255), beard, hairstyle, glasses and earrings.

    Examples
    --------
    >>> appearance(2)["woman"]
    True
    """
    rng, woman = identity.rng(seed, "face", actor), actor % 2 == 0
    look = {name: float(rng.uniform(*ranges[woman])) for name, ranges in MEASURES.items()}
    turn = identity.rng(seed, "face", "cast").permutation(24)[
        actor - 1
    ]  # spreads tones and styles over the cast
    tone = (turn + rng.uniform()) / 24
    shades = len(HAIR) if tone < 0.4 else 3
    beard = "" if woman else str(rng.choice(["", "", "stubble", "beard", "moustache"]))
    look.update(
        actor=actor,
        seed=seed,
        woman=woman,
        tone=tone,
        beard=beard,
        style=WORN[woman][turn % 7],
        skin=np.array(
            [np.interp(tone * (len(SKIN) - 1), range(len(SKIN)), band) for band in zip(*SKIN, strict=True)]
        ),
        hair=np.array(HAIR[rng.integers(shades)], float),
        eyes=EYES[rng.integers(6 if tone < 0.45 else 2)],
        shirt=np.array(SHIRTS[rng.integers(len(SHIRTS))], float),
        glasses=rng.uniform() < 0.22,
        earrings=woman and rng.uniform() < 0.5,
    )
    look["eye_x"] *= look["half_width"]
    look["mouth_y"] = look["nose"] + look["lip_gap"]
    return look
