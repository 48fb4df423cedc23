"""The Studio's FER2013: drawn faces of 48 by 48 grey pixels with seven emotions, in Kaggle's csv format.

All faces are SYNTHETIC. They are drawn by `face`, from about 150 people who are not the 24 actors of the
clips. Heads turn, nod and lean, the light comes from one side, and images are blurred and noisy. Each person
is in one split only (Training, PublicTest or PrivateTest). Classes and splits have FER2013's proportions:
disgust is rare, and two tenths of the faces are test faces.

Three faults of the real data are added on purpose, for lesson 10: a few images of a single grey level,
duplicate images (also between Training and a test split), and duplicates with two different labels. `plan`
tells which rows they are.
"""

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from course_lib.core.errors import CourseError
from course_lib.core.io import whole_file
from course_lib.core.labels import EMOTIONS
from course_lib.core.paths import home
from course_lib.core.progress import progress
from course_lib.datasets.fer2013 import PUBLISHED, SIZE, USAGES, Faces
from course_lib.synthetic import action_units, face, identity
from course_lib.synthetic.cast import appearance

VERSION = 1  # increase it when the drawing changes, so that a cached csv is made again
FACES_EACH = 20  # for each person
FEWEST = 10 * FACES_EACH  # at least one person for each test split
SHOWN = (
    "angry",
    "disgust",
    "fearful",
    "happy",
    "sad",
    "surprised",
    "neutral",
)  # EMOTIONS as the Studio names them
FLAT = {
    "Training": 0.001,
    "PublicTest": 0.003,
    "PrivateTest": 0,
}  # fractions of a split; at least one image if not 0
REPEATED = {"Training": 0.01, "PublicTest": 0.03, "PrivateTest": 0.03}
OTHER_LABEL = 0.2  # fraction of the duplicates that get another label
STRONG = 0.8  # fraction of faces shown with RAVDESS's strong intensity, the others with its normal one
GREY = np.array([0.299, 0.587, 0.114], np.float32)
WORDS = [str(value) for value in range(256)]

# SYNTHETIC in letters of 3 by 5 pixels (N: 4), the smallest that can be read.
MARK = (
    "### # # #  # ### # # ### ### # ###",
    "#   # # ## #  #  # # #    #  # #  ",
    "###  #  # ##  #  ### ##   #  # #  ",
    "  #  #  #  #  #  # # #    #  # #  ",
    "###  #  #  #  #  # # ###  #  # ###",
)


def make(folder: str | Path | None = None, n: int = 3000, seed: int = 0, jobs: int = -1) -> Path:
    """Make the Studio's fer2013 csv, if it does not exist yet.

    Parameters
    ----------
    folder : str or Path, optional
        Where the csv goes; by default a folder of the course's cache for this seed.
    n : int
        Number of faces, 200 or more. 3,000 need half a minute.
    seed : int
        The Studio's seed.
    jobs : int
        People that are drawn at the same time; -1 uses all cores.

    Returns
    -------
    Path
        The csv.

    Raises
    ------
    CourseError
        If n is below 200.

    Notes
    -----
    Used in lessons 09 to 11, through `load.faces`.
    """
    folder = Path(folder or home() / "studio" / f"seed-{seed}-fer2013-version-{VERSION}")
    path = folder / f"fer2013_synthetic_{n}.csv"
    if not path.exists():
        write(path, faces(n, seed, jobs))
    return path


def write(path: str | Path, faces: Faces) -> None:
    """Write faces as a csv, in exactly the format of Kaggle's fer2013.csv: emotion, pixels, Usage.

    Parameters
    ----------
    path : str or Path
        The file.
    faces : Faces
        Images, labels and usage.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "faces.csv"
    >>> write(path, Faces(np.zeros((1, 48, 48), np.uint8), np.uint8([3]), np.array(["Training"])))
    >>> path.read_text()[:30]
    'emotion,pixels,Usage\\n3,0 0 0 0'
    """
    with whole_file(path) as part, open(part, "w", encoding="ascii", newline="\n") as file:
        file.write("emotion,pixels,Usage\n")
        for image, label, usage in zip(*faces, strict=True):
            file.write(f"{label},{' '.join([WORDS[value] for value in image.tobytes()])},{usage}\n")


def faces(n: int = 3000, seed: int = 0, jobs: int = -1) -> Faces:
    """Draw the faces of `plan`.

    Every drawn face has the word SYNTHETIC in small letters at its top (see `mark`). Images of a single grey
    level do not. The same arguments give the same faces.

    Parameters
    ----------
    n, seed, jobs
        As in `make`.

    Returns
    -------
    Faces
        images uint8 (n, 48, 48), labels uint8 (n,), usage str (n,).

    Raises
    ------
    CourseError
        If n is below 200.
    """
    table = plan(n, seed)
    drawn = table[(table["same_as"] == table.index) & (table["grey"] < 0)]
    people = list(drawn.groupby("person")["label"])
    made = Parallel(n_jobs=jobs, return_as="generator")(
        delayed(_faces_of)(person, labels.to_dict(), seed) for person, labels in people
    )
    images = np.empty((n, SIZE, SIZE), np.uint8)
    for (_, labels), own in zip(
        people,
        progress(made, total=len(people), desc="drawing Studio faces", unit="person", leave=False),
        strict=True,
    ):
        images[labels.index] = mark(own)
    flat = table["grey"] >= 0
    images[flat] = table["grey"][flat].to_numpy(np.uint8)[:, None, None]
    return Faces(images[table["same_as"]], table["label"].to_numpy(np.uint8), table["usage"].to_numpy(str))


def mark(images: np.ndarray) -> np.ndarray:
    """Write SYNTHETIC at the top of images, lighter or darker than the pixels there.

    A network that separates the Studio's faces from other images must see the mark on both. Otherwise it
    learns to recognise the mark.

    Parameters
    ----------
    images : np.ndarray
        uint8 (n, 48, 48).

    Returns
    -------
    np.ndarray
        A copy with the mark.

    Examples
    --------
    >>> int(mark(np.zeros((1, 48, 48), np.uint8)).max())
    100
    """
    images = images.copy()
    letters = np.array([[dot == "#" for dot in row] for row in MARK])
    top, left = 1, (SIZE - letters.shape[1]) // 2
    part = images[:, top : top + 5, left : left + letters.shape[1]]
    behind = np.broadcast_to(part.mean(axis=1, keepdims=True), part.shape)  # of each column of a letter
    part[:, letters] = np.where(behind < 128, behind + 100, behind - 100)[:, letters].astype(np.uint8)
    return images


# --- the plan ---


def plan(n: int = 3000, seed: int = 0) -> pd.DataFrame:
    """Plan the faces to be drawn: one row for each, in the order of the csv (Training, PublicTest,
    PrivateTest).

    Parameters
    ----------
    n, seed
        As in `make`.

    Returns
    -------
    pd.DataFrame
        `person`; `label`, the index in `EMOTIONS`; `usage`; `same_as`, the row whose image this row shows
        (usually its own number); and `grey`, the level of an image of a single grey level, else -1. Except
        for duplicates, no person is in two splits.

    Raises
    ------
    CourseError
        If n is below 200.

    Examples
    --------
    >>> plan(200)["usage"].value_counts().to_dict()
    {'Training': 160, 'PublicTest': 20, 'PrivateTest': 20}
    """
    if n < FEWEST:
        raise CourseError(
            f"n={n}",
            f"each test split needs at least one person with {FACES_EACH} faces",
            f"Ask for {FEWEST} faces or more",
        )
    rng, people, parts = identity.rng(seed, "fer2013 plan"), 0, []
    for usage in USAGES:
        rows = n - 2 * round(n / 10) if usage == "Training" else round(n / 10)
        own = rows // FACES_EACH
        person = people + rng.permutation(np.arange(rows) * own // rows)
        parts.append(
            pd.DataFrame({"person": person, "label": rng.permutation(_labels(usage, rows)), "usage": usage})
        )
        people += own
    table = pd.concat(parts, ignore_index=True).assign(same_as=np.arange(n), grey=-1)
    _put_in_faults(table, rng)
    return table


def _labels(usage, rows):
    """Labels in FER2013's proportions, at least one of each; rounding changes the number of happy faces."""
    counts = np.maximum(1, np.round(np.array(PUBLISHED[usage]) / sum(PUBLISHED[usage]) * rows)).astype(int)
    counts[EMOTIONS.index("happy")] += rows - counts.sum()
    return np.repeat(np.arange(len(EMOTIONS)), counts)


def _put_in_faults(table, rng):
    """Set `grey` and `same_as` of a few rows. Labels do not change, and faces of disgust stay as they are."""
    free = rng.permutation(np.flatnonzero(table["label"] != EMOTIONS.index("disgust")))
    chosen = {}
    for usage in USAGES:
        own, size = free[table["usage"][free] == usage], (table["usage"] == usage).sum()
        flat, repeated = (int(np.ceil(fraction[usage] * size)) for fraction in (FLAT, REPEATED))
        table.loc[own[:flat], "grey"] = rng.integers(256, size=flat)
        chosen[usage] = own[flat : flat + repeated]
    sources = (table["usage"] == "Training") & (table["grey"] < 0) & ~table.index.isin(chosen["Training"])
    for rows in chosen.values():
        for place, row in enumerate(rows):
            same = table["label"] == table["label"][row]
            other = place < np.ceil(OTHER_LABEL * len(rows))
            table.loc[row, "same_as"] = rng.choice(np.flatnonzero(sources & (~same if other else same)))


# --- drawing ---


def _faces_of(person, labels, seed):
    """The faces of one person, uint8 (m, 48, 48); `labels` has a label for each row of the plan."""
    cv2.setNumThreads(1)  # people are drawn in parallel, one on each core
    look = appearance(1 + person % 24, 1000 * (seed + 1) + person // 24)  # not the people of the clips
    head, body = face.painted_head(look, np.ones((600, 3), np.float32)), _body(look)
    canvases = np.zeros((720, 600, 4), np.uint8), np.zeros((720, 600), np.uint8)
    return np.stack(
        [
            _portrait(look, head, body, SHOWN[label], identity.rng(seed, "fer2013", row), canvases)
            for row, label in labels.items()
        ]
    )


def _portrait(look, head, body, emotion, rng, canvases):
    """One image, uint8 (48, 48), of a person's painted head and body."""
    recording = {
        "actor": look["actor"],
        "emotion": emotion,
        "intensity": "strong" if rng.uniform() < STRONG else "normal",
        "statement": "portrait",
        "repetition": int(rng.integers(2**31)),
    }
    apex = np.minimum(
        1.25 * action_units.over_time(recording, 3, look["seed"])[1], 1.5
    )  # stronger, to be visible in so few pixels
    jaw, rounding = rng.uniform(0, (0.5, 0.4)) ** 2  # the person may be speaking
    pose = next(action_units.moves(np.append(apex, (jaw, rounding))[None]))
    gaze, shut = rng.uniform(-1, 1, 2) * (8, 3), max(0.0, rng.uniform(-14, 1))
    drawn = face.draw_face(head, look, pose, gaze, shut, *canvases)
    near = cv2.resize(drawn, (200, 240), interpolation=cv2.INTER_AREA).astype(np.float32)
    person = near + body * (1 - near[..., 3:] / 255)
    return _taken(np.dstack([person[..., :3] @ GREY, person[..., 3]]), look, rng)


def _body(look):
    """Neck and shirt, float32 (240, 200, 4): a third of the head's canvas in size."""
    canvas, neck = np.zeros((720, 600, 4), np.uint8), look["neck"] * look["half_width"]
    shirt = [(0, look["collar"]), (1.06 * neck, 250), (205, 288), (290, 380), (300, 420), (0, 420)]
    face.fill(
        canvas,
        face.mirrored([(0, 100), (neck, 100), (1.04 * neck, 244), (1.9 * neck, 300), (0, 392)]),
        face.ink(look["skin"], 0.7),
    )
    face.fill(canvas, face.curve(face.mirrored(shirt)), face.ink(look["shirt"]))
    return cv2.resize(canvas, (200, 240), interpolation=cv2.INTER_AREA).astype(np.float32)


def _taken(person, look, rng):
    """The photograph, uint8 (48, 48), of a person (grey and opacity, float32 (240, 200, 2))."""
    fine = 2 * SIZE
    person = cv2.remap(person, *_seen_from(look, rng, fine), cv2.INTER_LINEAR)
    cover = person[..., 1] / 255
    exposure = rng.uniform(0.7, 1.2) * (150 / (look["skin"] @ GREY)) ** 0.6  # dark skin is exposed for longer
    picture = exposure * person[..., 0] * _light(rng, fine) + _wall(rng, fine) * (1 - cover)
    picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.4, 1.7))
    picture = cv2.resize(picture, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    picture = 255 * np.clip(picture / 255, 0, 1) ** np.exp(rng.uniform(-0.3, 0.3))
    picture += rng.normal(0, rng.uniform(0, 5), picture.shape)
    return np.clip(picture + 0.5, 0, 255).astype(np.uint8)


def _seen_from(look, rng, fine):
    """The place of each pixel on the head's canvas, two float32 (fine, fine), with the head as half a
    ball.
    """
    turn, nod, roll = np.radians(rng.normal(0, (13, 8, 6)).clip(-28, 28))
    side = rng.uniform(2.0, 2.5) * look["half_width"]
    x, y = np.meshgrid(*[(np.arange(fine) + 0.5) / fine - 0.5] * 2)
    x, y = np.cos(roll) * x + np.sin(roll) * y, np.cos(roll) * y - np.sin(roll) * x
    deep = look["half_width"]
    x = side * x + 0.5 * deep * np.sin(turn) + rng.normal(0, 10)
    y = side * y + 0.5 * deep * np.sin(nod) + rng.normal(0, 10) + 42
    depth = deep * np.sqrt(np.maximum(0, 1 - (x / deep) ** 2 - ((y - 12) / 215) ** 2))
    x, y = np.cos(turn) * x - np.sin(turn) * depth, np.cos(nod) * y - np.sin(nod) * depth
    places = (np.stack([x, y]) + face.ORIGIN[:, None, None]) / 3 - 1 / 3
    return places.astype(np.float32)


def _light(rng, fine):
    """Factors of the light, float32 (fine, fine): brighter on one side."""
    x, y = np.meshgrid(*[np.linspace(-1, 1, fine, dtype=np.float32)] * 2)
    angle, strength = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.45)
    return 1 + strength * (np.cos(angle) * x + np.sin(angle) * y)


def _wall(rng, fine):
    """The background: a grey that changes a little from side to side and from place to place."""
    spots = cv2.resize(
        rng.normal(0, 1, (6, 6)).astype(np.float32), (fine, fine), interpolation=cv2.INTER_CUBIC
    )
    return np.clip(rng.uniform(0, 255) * _light(rng, fine) + rng.uniform(0, 40) * spots, 0, 255)
