"""Draw a Studio actor who speaks: frames of 1280 by 720 pixels, from action units and the mouth of the voice.

Everything is drawn in face coordinates: pixels from the point between the eyes, x to the right of the image,
y down. Whatever does not move (wall, body, hair, skin and its shading) is painted once for each recording.
Brows, eyes, nose, mouth and folds are drawn on it for each frame. The head is then turned and put on the
body. All shapes are rounded to a sixteenth of a pixel, so the same recording gives the same bytes.

The actors can be recognised in every clip, on purpose. Their faces, also at rest, and their ways of showing
an emotion differ so much that a score on actors seen in training is higher than on new ones.
"""

from collections.abc import Iterable, Iterator, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from course_lib.core.errors import CourseError
from course_lib.synthetic import action_units, identity
from course_lib.synthetic.cast import FRINGE, STYLES, appearance
from course_lib.synthetic.voice import FPS

Colour = float | tuple[float, ...]  # as OpenCV draws with

SIZE = (720, 1280)  # height and width of RAVDESS's frames
HEAD = slice(340, 940)  # the columns of the frame in which the head moves
ORIGIN = np.array([300.0, 330.0])  # the point between the eyes, on the head's canvas of 720 by 600
X, Y = np.arange(600) - ORIGIN[0], np.arange(720) - ORIGIN[1]
T = np.linspace(-1.0, 1.0, 17)  # along a lip or a lid
ARC = np.sqrt(np.maximum(1 - T**2, 0))

# Strokes of the letters of SYNTHETIC on a grid 4 wide and 6 high: the fonts of OpenCV 4 and 5 differ.
LETTERS = {
    "S": [(4, 0, 0, 0, 0, 3, 4, 3, 4, 6, 0, 6)],
    "Y": [(0, 0, 2, 3, 4, 0), (2, 3, 2, 6)],
    "N": [(0, 6, 0, 0, 4, 6, 4, 0)],
    "T": [(0, 0, 4, 0), (2, 0, 2, 6)],
    "H": [(0, 0, 0, 6), (4, 0, 4, 6), (0, 3, 4, 3)],
    "E": [(4, 0, 0, 0, 0, 6, 4, 6), (0, 3, 3, 3)],
    "I": [(2, 0, 2, 6)],
    "C": [(4, 0, 0, 0, 0, 6, 4, 6)],
}


# Geometry: every shape is a few points, a smooth curve through them, and a fill or a stroke.


def curve(points: npt.ArrayLike, closed: bool = True, steps: int = 8) -> np.ndarray:
    """A smooth (Catmull-Rom) curve through points.

    Parameters
    ----------
    points : array-like (m, 2)
    closed : bool
        Whether the curve returns to its first point.
    steps : int
        Points of the curve for each given point.

    Returns
    -------
    np.ndarray
        (n, 2).

    Examples
    --------
    >>> curve([(0, 0), (1, 0), (1, 1)], steps=4).shape
    (12, 2)
    """
    p = np.asarray(points, float)
    p = np.concatenate([p[-1:], p, p[:2]] if closed else [p[:1], p, p[-1:]])
    t = np.arange(steps)[:, None, None] / steps
    a, b, c, d = p[:-3], p[1:-2], p[2:-1], p[3:]
    dense = b + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    dense = dense.transpose(1, 0, 2).reshape(-1, 2)
    return dense if closed else np.concatenate([dense, p[-1:]])


def mirrored(half: npt.ArrayLike) -> np.ndarray:
    """The closed outline of a symmetric shape.

    Parameters
    ----------
    half : array-like (m, 2)
        Its right half, from top to bottom, along the middle line of the face.

    Returns
    -------
    np.ndarray
        (n, 2).

    Examples
    --------
    >>> mirrored([(0, 0), (2, 1), (0, 2)]).tolist()
    [[0.0, 0.0], [2.0, 1.0], [0.0, 2.0], [-2.0, 1.0]]
    """
    half = np.asarray(half, float)
    return np.concatenate([half, half[-2:0:-1] * (-1, 1)])


def fixed(points: npt.ArrayLike) -> np.ndarray:
    """Face coordinates (…, 2) as OpenCV's int32: sixteenths of a pixel on the head's canvas."""
    return np.round((np.asarray(points) + ORIGIN) * 16).astype(np.int32)


def fill(image: np.ndarray, points: npt.ArrayLike, colour: Colour) -> None:
    """Fill an outline (n, 2) in face coordinates."""
    cv2.fillPoly(image, [fixed(points)], colour, cv2.LINE_AA, 4)


def stroke(image: np.ndarray, points: npt.ArrayLike, colour: Colour, width: int) -> None:
    """Draw a line (n, 2) in face coordinates, `width` pixels wide."""
    cv2.polylines(image, [fixed(points)], False, colour, width, cv2.LINE_AA, 4)


def disc(image: np.ndarray, x: float, y: float, radius: float, colour: Colour) -> None:
    """Draw a filled circle in face coordinates."""
    cv2.circle(image, tuple(map(int, fixed((x, y)))), round(radius * 16), colour, -1, cv2.LINE_AA, 4)


def blob(x: float, y: float, width: float, height: float) -> np.ndarray:
    """A soft spot on the head's canvas, float32 (720, 600), 1 in its middle."""
    return np.outer(np.exp(-(((Y - y) / height) ** 2) / 2), np.exp(-(((X - x) / width) ** 2) / 2)).astype(
        np.float32
    )


def area(points: npt.ArrayLike, soft: float = 0.8) -> np.ndarray:
    """A filled outline, float32 (720, 600), 0 outside and 1 inside, its edge blurred by `soft` pixels."""
    mask = np.zeros((720, 600), np.uint8)
    fill(mask, points, 255)
    return cv2.GaussianBlur(mask, (0, 0), soft).astype(np.float32) / 255


def paint(canvas: np.ndarray, mask: np.ndarray, colour: npt.ArrayLike) -> None:
    """Paint a colour (3,), or an image of colours, on a float32 canvas where the mask is above 0."""
    rows = np.flatnonzero(mask.any(axis=1))
    rows = slice(rows[0], rows[-1] + 1)
    colour, mask, canvas = np.asarray(colour, np.float32), mask[rows, :, None], canvas[rows]
    if canvas.shape[2] == 4:
        canvas[..., 3:] += (255 - canvas[..., 3:]) * mask
    canvas[..., :3] += ((colour[rows] if colour.ndim == 3 else colour) - canvas[..., :3]) * mask


def ink(colour: Iterable[float], strength: float = 1.0) -> tuple[float, ...]:
    """A colour for OpenCV to draw with on the head's canvas; its fourth channel marks the head."""
    return (*(float(round(c * strength)) for c in colour), 255.0)


# Painted once for each recording.


def outline(look: dict) -> np.ndarray:
    """The edge of the face, from the top of the skull to the chin: float (n, 2)."""
    w, top, chin = look["half_width"], look["top"], look["chin"]
    return curve(
        mirrored(
            [
                (0, top),
                (0.52 * w, top + 24),
                (0.88 * w, top + 88),
                (w, -14),
                (0.965 * w, 72),
                (look["jaw"] * w, 138),
                (look["chin_width"] * w, chin - 14),
                (0, chin),
            ]
        )
    )


def relief(look: dict) -> np.ndarray:
    """How much lighter or darker each place of a face is than its skin, float (720, 600)."""
    w, nose, eye, nw = look["half_width"], look["nose"], look["eye_x"], look["nose_width"]
    spots = [
        (0, -108, 80, 42, 0.10),
        (0, 0.45 * nose, 8, 0.4 * nose, 0.14),
        (0, nose - 10, 11, 9, 0.16),
        (0, nose + 15, nw, 8, -0.22),
        (0, look["mouth_y"] + 30, 30, 7, -0.13),
        (0, look["chin"] - 24, 24, 14, 0.08),
    ]
    for s in (-1, 1):
        spots += [
            (s * eye, -14, 36, 20, -0.22),
            (s * (eye - 32), -4, 14, 18, -0.14),
            (s * 0.54 * w, 62, 34, 26, 0.10),
            (s * 22, 0.5 * nose, 8, 0.36 * nose, -0.09 - 0.05 * s),
            (s * (nw - 3), nose, 8, 10, 0.05),
            (s * 0.92 * w, 60, 26, 110, -0.10),
        ]
    contrast = 1 + 0.5 * look["tone"]  # shading is more visible on dark skin
    return 1 + contrast * sum(blob(x, y, sx, sy) * amount for x, y, sx, sy, amount in spots)


def skin_colours(look: dict) -> np.ndarray:
    """The shaded skin, float32 (720, 600, 3): darker at the rim, rosy on cheeks, nose and chin."""
    w = look["half_width"]
    rosy = sum(
        blob(x, y, sx, sy)
        for x, y, sx, sy in (
            (-0.56 * w, 78, 40, 28),
            (0.56 * w, 78, 40, 28),
            (0, look["nose"], 18, 14),
            (0, look["chin"] - 10, 30, 16),
        )
    )
    rim = np.clip(1.05 - 0.2 * ((X / w)[None] ** 2 + ((Y - 10) / 220)[:, None] ** 2) ** 1.5, 0.6, 1.05)
    colours = look["skin"] * (relief(look) * rim)[..., None]
    return (colours * (1 - rosy[..., None] * np.array([0.0, 0.13, 0.12]))).astype(np.float32)


def hair_colours(look: dict, curly: bool) -> np.ndarray:
    """Hair with strands from the crown, or curls, and a sheen: float32 (720, 600, 3)."""
    rng = identity.rng(look["seed"], "face", look["actor"], "hair")
    if curly:
        grain = cv2.GaussianBlur(rng.standard_normal((720, 600)).astype(np.float32), (0, 0), 5) * 14
    else:
        angle = np.arctan2(X[None], (Y - look["top"] + 60)[:, None])
        grain = 0.7 * np.interp(angle, np.linspace(-np.pi, np.pi, 241), rng.standard_normal(241))
    sheen = blob(-60, look["top"] + 22, 70, 16) + 0.7 * blob(-1.15 * look["half_width"], 40, 12, 90)
    return (look["hair"] * (1 + 0.10 * grain + 0.5 * sheen)[..., None] + 20 * sheen[..., None]).astype(
        np.float32
    )


def hair_outline(look: dict, half: npt.ArrayLike, lean: float) -> np.ndarray:
    """The outline of hair in face coordinates, float (n, 2): leaning to one side, with bumps if it is
    curly.
    """
    points = mirrored(np.array(half) * (look["half_width"], 1) + (0, look["top"]))
    points[:, 1] += lean * points[:, 0] / look["half_width"] * (points[:, 1] < look["top"] + 80)
    points = curve(points, steps=24)
    bumps = STYLES[look["style"]][2] * 0.03 * np.abs(np.sin(18 * np.arctan2(points[:, 0], points[:, 1])))
    return points * (1 + bumps)[:, None]


def paint_ears(canvas: np.ndarray, look: dict) -> None:
    """Paint the ears, and earrings."""
    w = look["half_width"]
    for s in (-1, 1):
        ear = np.array([(0.94, -22), (1.12, -34), (1.17, 0), (1.08, 52), (0.96, 66)]) * (s * w, look["ear"])
        paint(canvas, area(curve(ear)), look["skin"] * (0.93, 0.84, 0.82))
        hollow = curve(np.subtract(ear, (s * w, 12)) * 0.55 + np.array([s * w, 14]))
        paint(canvas, area(hollow, 3) * 0.5, look["skin"] * (0.66, 0.52, 0.5))
        if look["earrings"]:
            pearl = curve(mirrored([(0, -7), (7, 0), (0, 7)]))
            paint(canvas, area(np.add(pearl, (s * 1.06 * w, 70))), (222, 186, 96))


def painted_head(look: dict, tint: np.ndarray) -> np.ndarray:
    """The head without its moving parts.

    Parameters
    ----------
    look : dict
        As `cast.appearance` gives it.
    tint : np.ndarray
        The recording's light, float32 (600, 3).

    Returns
    -------
    np.ndarray
        uint8 (720, 600, 4): RGB, and 255 where the head is.
    """
    canvas = np.zeros((720, 600, 4), np.float32)
    behind, over, curly, lean = STYLES[look["style"]]
    hair = hair_colours(look, curly)
    if look["style"] == "bun":
        bun = mirrored([(0, look["top"] - 84), (62, look["top"] - 34), (0, look["top"] + 20)])
        paint(canvas, area(curve(bun)), hair)
    if behind:
        paint(canvas, area(hair_outline(look, behind, 0)), hair * 0.72)
    paint_ears(canvas, look)
    face = area(outline(look))
    paint(canvas, face, skin_colours(look))
    if look["beard"] in ("stubble", "beard"):
        paint(canvas, face * beard_area(look) * (0.35 if look["beard"] == "stubble" else 0.9), hair * 0.95)
    if over:
        front = area(hair_outline(look, over, lean), 1.2)
        shadow = np.roll(cv2.GaussianBlur(front, (0, 0), 7), 9, axis=0) * 0.35
        paint(canvas, shadow * face, look["skin"] * 0.55)
        paint(canvas, front, hair)
    canvas[..., :3] = np.minimum(canvas[..., :3] * tint, canvas[..., 3:])
    return (canvas + 0.5).astype(np.uint8)


def beard_area(look: dict) -> np.ndarray:
    """Where a beard grows, 0 to 1, float32 (720, 600): around the mouth, on cheeks and chin, not on the
    lips.
    """
    w, mouth = look["half_width"], look["mouth_y"]
    cheeks = [
        (0, mouth - 22),
        (0.30 * w, mouth - 20),
        (0.50 * w, mouth + 4),
        (0.80 * w, 74),
        (1.05 * w, 20),
        (1.1 * w, 140),
        (0.6 * w, 280),
        (0, 290),
    ]
    return area(curve(mirrored(cheeks)), 6) * (1 - 0.85 * blob(0, mouth + 4, 30, 9))


def painted_wall(seed: int) -> np.ndarray:
    """A light plaster wall with the soft shadow of the actor, float32 (720, 1280, 3), the same for one
    seed.
    """
    x, y = np.arange(SIZE[1], dtype=np.float32) - 640, Y.astype(np.float32)
    vignette = 1 - 0.10 * ((x / 900) ** 2)[None] - 0.05 * ((y + 40) / 420)[:, None] ** 2
    shade = 0.10 * np.exp(-(((y - 60) / 260)[:, None] ** 2) - ((x + 160) / 260)[None] ** 2)
    plaster = cv2.GaussianBlur(identity.rng(seed, "wall").standard_normal(SIZE, np.float32), (0, 0), 5) * 0.14
    return (vignette - shade + plaster)[..., None] * np.array([236, 235, 232], np.float32)


def painted_stage(look: dict, tint: np.ndarray) -> np.ndarray:
    """Wall, neck and shirt in the recording's light, uint8 (720, 1280, 3)."""
    stage, w, neck = painted_wall(look["seed"]), look["half_width"], look["neck"] * look["half_width"]
    body = stage[:, HEAD]
    shadow = np.clip(1.0 - 0.42 * blob(0, look["chin"] + 6, 0.9 * w, 42) - 0.10 * np.abs(X / w)[None], 0.4, 1)
    throat = [
        (0, 100),
        (1.02 * neck, 100),
        (0.98 * neck, 200),
        (1.04 * neck, 244),
        (1.9 * neck, 300),
        (0, 392),
    ]
    paint(body, area(mirrored(throat)), look["skin"] * (0.95, 0.92, 0.9) * shadow[..., None] * tint)
    cloth = (
        1.05 + 0.28 * blob(-150, 322, 60, 26) + 0.16 * blob(150, 322, 60, 26) - 0.25 * blob(0, 400, 60, 50)
    )
    shirt = [
        (0, look["collar"]),
        (0.6 * neck, look["collar"] - 16),
        (1.06 * neck, 250),
        (1.4 * neck, 264),
        (205, 288),
        (262, 318),
        (290, 380),
        (296, 420),
        (0, 420),
    ]
    shirt = area(curve(mirrored(shirt), steps=6))
    paint(body, shirt, look["shirt"] * cloth[..., None] * tint)
    paint(
        body, shirt * np.roll(1 - shirt, 9, axis=0) * blob(0, 260, 110, 60), look["shirt"] * 0.45
    )  # the collar
    stage = np.clip(stage + 0.5, 0, 255).astype(np.uint8)
    watermark(stage)
    return stage


def watermark(stage: np.ndarray) -> None:
    """Write SYNTHETIC in the upper left corner, large enough to be read at 224 by 224 pixels."""
    for i, letter in enumerate("SYNTHETIC"):
        for line in LETTERS[letter]:
            points = np.array(line).reshape(-1, 2) * (6, 7) + (30 + 38 * i, 30)
            cv2.polylines(stage, [points.astype(np.int32)], False, (158, 157, 156), 6, cv2.LINE_AA)


# Drawn for each frame. `p` is the pose, the values of `MOVES` by name.


def inlay(face: np.ndarray, drawing: np.ndarray, mask: np.ndarray, opening: np.ndarray) -> None:
    """Show a drawing through an opening of the face (lids or lips)."""
    x, y, w, h = cv2.boundingRect((fixed(opening) >> 4).astype(np.int32))
    part = np.s_[y - 2 : y + h + 3, x - 2 : x + w + 3]
    mask[part] = 0
    fill(mask, opening, 255)
    through = mask[part].astype(np.uint16)[..., None]
    face[part] = (face[part] * (255 - through) + drawing[part] * through + 127) // 255


def drop_jaw(head: np.ndarray, look: dict, pixels: float) -> np.ndarray:
    """A copy of the head with the chin lowered; the skin below the nose stretches."""
    face, top, bottom = head.copy(), int(look["nose"]), int(look["chin"]) + 70
    rows, columns = np.arange(top, bottom, dtype=np.float32), X.astype(np.float32)
    step = action_units.smoothstep
    fall = step((rows - top) / (look["chin"] - top)) * (1 - step((rows - look["chin"]) / 70))
    side = np.exp(-((columns / (0.8 * look["half_width"])) ** 4))
    source = (rows + ORIGIN[1])[:, None] - np.float32(pixels) * np.outer(fall, side)
    across = np.broadcast_to(columns + ORIGIN[0], source.shape)
    part = slice(top + int(ORIGIN[1]), bottom + int(ORIGIN[1]))
    face[part] = cv2.remap(head, across.astype(np.float32), source.astype(np.float32), cv2.INTER_LINEAR)
    return face


def folds(look: dict, p: dict[str, float]) -> list[tuple[list, float, int]]:
    """The folds as (points, depth, width): forehead, chin, brows, nose, eyes, cheeks, mouth."""
    eye, size, nose, mouth = look["eye_x"], look["eye_width"], look["nose"], look["mouth_y"]
    brow, x, y = (
        look["brow_y"] + p["brow_inner_y"],
        look["mouth_width"] + p["corner_x"],
        mouth + p["corner_y"],
    )
    bare = STYLES[look["style"]][1] is not FRINGE
    lines = [
        ([(-72, up - 2), (0, up + 3), (72, up - 2)], bare * p["forehead"], 3) for up in (brow - 36, brow - 54)
    ]
    lines += [([(-24, mouth + 50), (0, mouth + 42), (24, mouth + 50)], p["dimple"], 5)]
    for s in (-1, 1):
        half = [
            ([(9, brow - 14), (7, brow + 2), (11, brow + 16)], p["furrow"], 4),
            ([(10, 4), (18, 16)], p["bridge"], 4),
            ([(9, 18), (20, 30)], p["bridge"], 4),
            ([(eye + size + 12, -6), (eye + size + 27, -14)], p["crow"], 3),
            ([(eye + size + 13, 5), (eye + size + 29, 7)], p["crow"], 3),
            ([(eye - size + 6, 23), (eye, 32), (eye + size - 6, 24)], 0.10 + p["pouch"], 5),
            (
                [
                    (look["nose_width"] + 6, nose - 6),
                    (0.5 * (look["nose_width"] + x) + 16, nose + 14),
                    (x + 17, y - 8),
                    (x + 19, y + 3),
                ],
                0.06 + p["cheek"],
                5,
            ),
            ([(x + 3, y - 3), (x + 6, y + 5)], 0.4, 4),
        ]
        lines += [([(s * x, y) for x, y in points], depth, width) for points, depth, width in half]
    return lines


def shade_folds(face: np.ndarray, look: dict, p: dict[str, float], soft: np.ndarray) -> None:
    """Darken the folds of the face; `soft` is a canvas to work on, uint8 (720, 600)."""
    part = np.s_[140:590, 110:490]
    soft[part] = 0
    for points, depth, width in folds(look, p):
        if depth > 0.02:
            stroke(soft, curve(points, closed=False, steps=5), min(255, 240 * depth), width)
    dark = cv2.GaussianBlur(soft[part], (0, 0), 2.5)
    bands = [cv2.convertScaleAbs(dark, alpha=fraction / 255) for fraction in look["skin"] * (0.36, 0.5, 0.5)]
    face[part] = cv2.subtract(face[part], cv2.merge([*bands, np.zeros_like(dark)]))


def draw_eye(
    face: np.ndarray,
    look: dict,
    p: dict[str, float],
    s: int,
    gaze: Sequence[float],
    shut: float,
    drawing: np.ndarray,
    mask: np.ndarray,
) -> None:
    """Draw one eye: white, iris, pupil and light, lashes and crease. `s` is the side, -1 or 1."""
    size, t = look["eye_width"], (T + 1) / 2
    lower = max(0.42 * look["eye_height"] + p["lid_lower"], 1.0)
    upper = max(look["eye_height"] - p["lid_upper"], 2.0) * (1 - shut) - 0.8 * lower * shut
    line = 3 - (look["eye_slant"] + 3) * t
    x = s * (look["eye_x"] + size * T)
    lid = np.stack([x, line - upper * ARC**0.85 + p["lid_slant"] * (1 - t) * ARC * (1 - shut)], axis=1)
    below = np.stack([x, line + lower * ARC], axis=1)
    opening = np.concatenate([lid, below[::-1]])
    centre, radius = (s * look["eye_x"] + gaze[0], gaze[1] - 1.5), 0.48 * size
    if upper + lower > 2:
        fill(drawing, opening, ink((244, 240, 236)))
        disc(drawing, *centre, radius, ink(look["eyes"], 0.5))
        disc(drawing, *centre, radius - 2.2, ink(look["eyes"]))
        disc(drawing, centre[0], centre[1] + 0.3 * radius, 0.55 * radius, ink(look["eyes"], 1.35))
        disc(drawing, *centre, 0.48 * radius, ink((18, 14, 16)))
        stroke(drawing, np.add(lid, (0, 3)), ink((150, 138, 134)), 4)
        disc(
            drawing, centre[0] - 0.36 * radius, centre[1] - 0.36 * radius, 0.24 * radius, ink((255, 255, 255))
        )
        inlay(face, drawing, mask, opening)
    stroke(face, below[2:-1], ink(look["skin"], 0.62), 2)
    crease = lid[2:] - (0, 8 + 0.25 * max(upper, 0))
    stroke(face, crease, ink(look["skin"], 0.66), 2)
    lashes = lid if not look["woman"] else np.concatenate([lid, np.add(lid[-1:], (s * 7, -5))])
    stroke(face, lashes, ink((34, 24, 24)), 5 if look["woman"] else 4)


def draw_brow(face: np.ndarray, look: dict, p: dict[str, float], s: int) -> None:
    """Draw one brow: a tapered band through its inner, middle and outer point, with a few hairs."""
    eye, size, y, slant = look["eye_x"], look["eye_width"], look["brow_y"], look["brow_slant"]
    inner = (eye - 0.95 * size + p["brow_inner_x"], y + 4 + slant / 2 + p["brow_inner_y"])
    middle = (eye + 0.25 * size, y - 5 - slant / 4 + p["brow_middle_y"])
    outer = (eye + 1.45 * size, y + 7 - slant / 2 + p["brow_outer_y"])
    t = (T[:, None] + 1) / 2
    line = inner * ((1 - t) * (1 - t / 0.6)) + middle * (t * (1 - t) / 0.24) + outer * (t * (t - 0.6) / 0.4)
    half = look["brow_size"] / 2 * np.interp(t, (0, 0.15, 0.5, 1), (0.6, 1, 1, 0.15)) * (0, 1)
    colour = np.minimum(look["hair"], 0.55 * look["skin"])
    fill(face, np.concatenate([line - half, (line + half)[::-1]]) * (s, 1), ink(colour))
    hairs = np.stack([line + half, line - half * 1.15 + (5, 0)], axis=1)[1:-2] * (s, 1)
    cv2.polylines(face, list(fixed(hairs)), False, ink(colour, 0.78), 1, cv2.LINE_AA, 4)


def draw_nose(face: np.ndarray, look: dict, p: dict[str, float]) -> None:
    """Draw the nostrils and the wings of the nose; its ridge is part of the skin."""
    y, w = look["nose"] + p["nose_y"], look["nose_width"] + p["nostril"]
    for s in (-1, 1):
        wing = curve(np.array([(w - 5, y - 10), (w, y - 2), (w - 5, y + 5)]) * (s, 1), False)
        stroke(face, wing, ink(look["skin"], 0.76), 2)
        fill(
            face,
            curve(
                np.array([(0.2 * w, y + 7), (0.42 * w, y + 2), (0.7 * w, y + 4), (0.45 * w, y + 8)]) * (s, 1)
            ),
            ink(look["skin"] * (0.45, 0.34, 0.32)),
        )


def lips(look: dict, p: dict[str, float]) -> tuple[np.ndarray, ...]:
    """Four lines of 17 points from corner to corner: the outer and inner edge of the upper, then the lower
    lip.
    """
    gap = max(p["opening"], 0.0)
    width = max(look["mouth_width"] + p["corner_x"], 20.0)
    middle = look["mouth_y"] + p["lip_y"] - 0.15 * gap
    corner = look["mouth_y"] + look["mouth_curve"] / 2 + p["corner_y"] + 0.3 * gap
    x, inner = T * width, middle + (corner - middle) * T**2
    bow = np.interp(np.abs(T), (0, 0.22, 0.6, 1), (0.78, 1, 0.62, 0))
    upper = inner - max(look["lip"] * 0.85 + p["lip_upper"], 3.0) * bow
    lower = inner + gap * ARC**1.3
    under = lower + max(look["lip"] * 1.15 + p["lip_lower"], 4.0) * ARC**1.2
    return tuple(np.stack([x, y], axis=1) for y in (upper, inner, lower, under))


def draw_mouth(
    face: np.ndarray, look: dict, p: dict[str, float], drawing: np.ndarray, mask: np.ndarray
) -> None:
    """Draw the inside of the mouth with tongue and teeth, then the lips."""
    upper, inner, lower, under = lips(look, p)
    gap = lower[8, 1] - inner[8, 1]
    rose = 0.55 * look["skin"] + 0.45 * np.array([178, 66, 74]) - (0, 14, 8)
    fill(face, np.concatenate([upper, lower[::-1]]), ink(rose, 0.84))
    fill(face, np.concatenate([inner, under[::-1]]), ink(rose))
    gloss = lower[8] + 0.6 * (lower[5:12] - lower[8]) + np.array([0, 0.4 * look["lip"]])
    stroke(face, gloss, ink(np.minimum(rose * 1.18 + 8, 255)), 2)
    if gap > 1.5:
        opening = np.concatenate([inner, lower[::-1]])
        fill(drawing, opening * (1.1, 1), ink((66, 20, 26)))
        width, y = 0.55 * inner[-1, 0], lower[8, 1]
        fill(drawing, curve([(-width, y), (0, y - 0.42 * gap), (width, y), (0, y + 8)]), ink((196, 92, 96)))
        teeth = np.outer(ARC, (0, min(13, 0.5 * gap)))
        fill(drawing, np.concatenate([inner, (inner + teeth)[::-1]]), ink((242, 238, 230)))
        below = lower[4:-4] - np.array([0, max(0, 0.2 * gap - 3)])
        fill(drawing, np.concatenate([lower[4:-4], below[::-1]]), ink((214, 206, 198)))
        inlay(face, drawing, mask, opening)
    stroke(face, inner, ink(rose, 0.42), 2)
    if look["beard"] == "moustache" or look["beard"] == "beard":
        (x, y), (end, tip) = upper[12], upper[15]
        half = [(0, upper[8, 1] - 16), (x, y - 16), (end + 5, tip - 6), (x, y - 1), (0, upper[8, 1])]
        fill(face, curve(mirrored(half)), ink(look["hair"], 0.75))


def draw_glasses(face: np.ndarray, look: dict) -> None:
    """Draw glasses."""
    rim, angle = ink((40, 36, 40)), np.linspace(0, 2 * np.pi, 41)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lens = np.sign(circle) * np.abs(circle) ** 0.75 * (look["eye_width"] + 17, 35) + (look["eye_x"] + 2, 5)
    for s in (-1, 1):
        stroke(face, lens * (s, 1), rim, 4)
        stroke(face, np.array([(lens[0, 0], 0), (1.03 * look["half_width"], -8)]) * (s, 1), rim, 4)
    stroke(face, curve([(-lens[20, 0], 2), (0, -5), (lens[20, 0], 2)], False), rim, 4)


def draw_face(
    head: np.ndarray,
    look: dict,
    p: dict[str, float],
    gaze: Sequence[float],
    shut: float,
    drawing: np.ndarray,
    mask: np.ndarray,
) -> np.ndarray:
    """Draw the head of one frame.

    Parameters
    ----------
    head : np.ndarray
        As `painted_head` gives it.
    look : dict
        As `cast.appearance` gives it.
    p : dict
        The pose, as `action_units.moves` gives it.
    gaze : (float, float)
        Shift of the eyes in pixels.
    shut : float
        How far the eyes are closed, 0 to 1.
    drawing, mask : np.ndarray
        Canvases to work on, uint8 (720, 600, 4) and (720, 600).

    Returns
    -------
    np.ndarray
        uint8 (720, 600, 4).
    """
    face = drop_jaw(head, look, p["jaw_drop"])
    shade_folds(face, look, p, mask)
    draw_nose(face, look, p)
    draw_mouth(face, look, p, drawing, mask)
    for s in (-1, 1):
        draw_eye(face, look, p, s, gaze, shut, drawing, mask)
        draw_brow(face, look, p, s)
    if look["glasses"]:
        draw_glasses(face, look)
    return face


# A recording: what moves besides the expression, and the frames.


def head_motion(rng: np.random.Generator, n: int) -> np.ndarray:
    """Slow movement around the recording's own pose, float (n, 4): x and y in pixels, roll in degrees,
    scale.
    """
    t = np.arange(n)[:, None] / FPS
    pose = rng.uniform(-1, 1, 4) * (7, 5, 2.0, 0.015) + (0, 0, 0, 1)
    size, rate, phase = rng.uniform(((0.4,), (0.15,), (0,)), ((1,), (0.45,), (6,)), (2, 3, 4)).transpose(
        1, 0, 2
    )
    waves = sum(size[k] * np.sin(2 * np.pi * rate[k] * t + phase[k]) for k in (0, 1))
    return pose + waves * (2.0, 1.5, 0.6, 0.003)


def blinks(rng: np.random.Generator, n: int) -> np.ndarray:
    """How far blinking closes the eyes, float (n,), 0 to 1: two to four blinks, about 0.2 s each."""
    count = rng.integers(2, 5)
    middles = (np.arange(count) + rng.uniform(0.25, 0.75, count)) * n / count
    return np.exp(-(((np.arange(n) - middles[:, None]) / 2.0) ** 4)).max(axis=0)


def glances(rng: np.random.Generator, n: int) -> np.ndarray:
    """The direction of the eyes, float (n, 2) in pixels: near the camera, with a few changes."""
    return (rng.uniform(-1, 1, (5, 2)) * (3.5, 1.5))[np.arange(n) * 5 // n]


def recording_light(rng: np.random.Generator) -> np.ndarray:
    """The light on the actor in a recording, as factors of colour, float32 (600, 3)."""
    side, gain, warmth = rng.uniform(0.0, 0.08), rng.uniform(0.94, 1.03), rng.uniform(-0.02, 0.02)
    return (gain * (1 + side * X / 600)[:, None] * (1 + warmth * np.array([1, 0, -1]))).astype(np.float32)


def overlay(stage: np.ndarray, face: np.ndarray, motion: np.ndarray, gain: float) -> np.ndarray:
    """The head turned about the neck, lighter by `gain`, on a copy of the stage: uint8 (720, 1280, 3)."""
    x, y, roll, scale = motion
    turn = cv2.getRotationMatrix2D((300.0, 560.0), roll, scale)
    turn[:, 2] += x, y
    turned = cv2.warpAffine(face, turn, (600, 720), flags=cv2.INTER_LINEAR)
    head, uncovered = cv2.cvtColor(turned, cv2.COLOR_RGBA2RGB), cv2.merge([255 - turned[..., 3]] * 3)
    picture = stage.copy()
    behind = cv2.multiply(picture[:, HEAD], uncovered, scale=1 / 255)
    picture[:, HEAD] = cv2.add(behind, cv2.convertScaleAbs(head, alpha=gain))
    return picture


def frames(
    recording: dict, jaw: npt.ArrayLike, rounding: npt.ArrayLike, seed: int = 0
) -> Iterator[np.ndarray]:
    """Yield the frames of a recording.

    Parameters
    ----------
    recording : dict
        The fields emotion, intensity, statement, repetition and actor, as `ravdess.parse_name` gives them.
    jaw, rounding : array-like (n,)
        How far the voice opens the mouth and rounds the lips in each frame, 0 to 1.
    seed : int
        The Studio's seed.

    Yields
    ------
    np.ndarray
        uint8 (720, 1280, 3), RGB, 30 frames per second. The same arguments give the same bytes (OpenCV 4 and
        5 differ by a few grey levels).

    Raises
    ------
    CourseError
        If `jaw` and `rounding` differ in length, or RAVDESS does not have the emotion or the intensity.
    """
    voice = [np.asarray(jaw, float), np.asarray(rounding, float)]
    n = len(voice[0])
    if voice[1].shape != (n,):
        raise CourseError(
            "rounding",
            f"its shape is {voice[1].shape}, but jaw has {n} frames",
            "Give one value for each frame",
        )
    units = np.column_stack([action_units.over_time(recording, n, seed), *voice])
    key = [recording[field] for field in ("actor", "emotion", "intensity", "statement", "repetition")]
    rng, look = identity.rng(seed, "face take", *key), appearance(recording["actor"], seed)
    tint, motion, shut, gaze = recording_light(rng), head_motion(rng, n), blinks(rng, n), glances(rng, n)
    gain = 1 + 0.012 * np.sin(0.04 * np.arange(n) + rng.uniform(0, 6))  # the light drifts a little
    stage, head = painted_stage(look, tint), painted_head(look, tint)
    drawing, mask = np.zeros((720, 600, 4), np.uint8), np.zeros((720, 600), np.uint8)
    for i, pose in enumerate(action_units.moves(units)):
        face = draw_face(head, look, pose, gaze[i], shut[i], drawing, mask)
        yield overlay(stage, face, motion[i], gain[i])
