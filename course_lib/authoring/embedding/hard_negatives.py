"""The list of hard negatives: `python -m course_lib.authoring.embedding.hard_negatives [WEIGHTS.npz]`.

It writes `course_lib/datasets/hard_negatives.csv`: squares of photographs without people that look like a
face to a cascade or to a network. The cascades run with settings that give many false detections. The network
is `face_or_not` with the weights of the given file. By default these are the first edition's, with which the
list in the repository was made. The script needs OpenCV 4. The list is data, so that everybody trains on the
same images with any OpenCV."""

import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from course_lib.core.errors import CourseError
from course_lib.core.io import whole_file
from course_lib.core.paths import ROOT
from course_lib.core.progress import progress
from course_lib.datasets import not_faces
from course_lib.faces import finding
from course_lib.models import face_networks
from course_lib.models.backend import keras

FIRST_EDITION = "589f77f24073ff13b840d0529d3917b5f1993717"
CASCADES = (
    "haarcascade_frontalface_alt2.xml",
    "haarcascade_frontalface_alt.xml",
    "haarcascade_frontalface_default.xml",
)
LONGEST = 640  # longer side of the photograph in pixels while the cascades search
TURNS = (0, -15, 15, 90, 180, 270)  # degrees
SMALLEST = 24  # side of the smallest square, in pixels of the photograph
STEP, GROWTH = 0.3, 1.25  # of the network's sliding window: step as a fraction of its side, and next side
OVERLAP = 0.5  # two squares with more intersection over union count as one
MOST = {"cascade": 30, "network": 20}  # squares of one photograph
HEAD = """\
# Places without a face in scikit-image's and scikit-learn's photographs that look like one to a cascade
# (haar, lbp) or to the first edition of face_or_not (network). Square: left and upper edge and side in
# pixels, then turned about its middle by degrees. Made by course_lib/authoring/embedding/hard_negatives.py.
"""


def make(weights: str | Path | None = None, path: Path = not_faces.HARD_NEGATIVES) -> pd.DataFrame:
    """Write the list of hard negatives.

    Parameters
    ----------
    weights : str or path, optional
        Weights of `face_or_not`. By default the first edition's.
    path : Path
        The file to write.

    Returns
    -------
    pd.DataFrame
        Its rows: photograph, x, y, side, turn, found_by.

    Raises
    ------
    CourseError
        If OpenCV has no cascades, or the weights cannot be read.
    """
    network = face_networks.load(weights) if weights else first_edition()
    parts = []
    for name in progress(not_faces.ALL, desc="photographs", leave=False):
        grey = not_faces._grey(name)
        cascades = distinct(by_cascades(grey), MOST["cascade"])
        errors = distinct(by_network(grey, network), MOST["network"], cascades)
        parts.append(pd.concat([cascades, errors]).assign(photograph=name))
    table = pd.concat(parts)[["photograph", "x", "y", "side", "turn", "found_by"]].reset_index(drop=True)
    with whole_file(path) as part:
        part.write_text(HEAD + table.to_csv(index=False, lineterminator="\n"), encoding="utf-8")
    return table


def first_edition() -> keras.Model:
    """Load the first edition of `face_or_not`, which was trained without hard negatives, from git.

    Returns
    -------
    keras.Model

    Raises
    ------
    CourseError
        If this checkout does not have that file in its history.
    """
    done = subprocess.run(["git", "cat-file", "blob", FIRST_EDITION], cwd=ROOT, capture_output=True)
    if done.returncode:
        raise CourseError(
            "first edition of face_or_not",
            "its weights are not in the history of this checkout",
            "Fetch the whole history: git fetch --unshallow",
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "face_or_not.npz"
        path.write_bytes(done.stdout)
        return face_networks.load(path)


def by_cascades(grey: np.ndarray, turns: Sequence[int] = TURNS) -> pd.DataFrame:
    """Find the squares on which a cascade fires.

    The photograph is searched as it is, with its histogram equalised, mirrored and turned.

    Parameters
    ----------
    grey : np.ndarray
        uint8 (height, width).
    turns : sequence of int
        Degrees by which the photograph is turned.

    Returns
    -------
    pd.DataFrame
        Columns x, y, side, turn, found_by; those of "haar" first.
    """
    small, scale = finding._shrunk(grey, LONGEST)
    searches = [(name, neighbours) for neighbours in (2, 1) for name in CASCADES]
    found = []
    for search in [*(_haar(*one) for one in searches), lbp]:
        for mirror in (False, True):
            for degrees in turns if not mirror else (0,):
                turned, back = _canvas(small[:, ::-1] if mirror else small, degrees)
                for image in (turned, cv2.equalizeHist(turned)):
                    found += _squares(search(image), back, mirror, small.shape, search.__name__)
    table = pd.DataFrame(found, columns=["x", "y", "side", "turn", "found_by"])
    table[["x", "y", "side"]] = (table[["x", "y", "side"]] / scale).round().astype(int)
    return table[table["side"] >= SMALLEST]


def by_network(grey: np.ndarray, network: keras.Model) -> pd.DataFrame:
    """Slide a window over a photograph, and keep the squares that a network calls a face.

    Parameters
    ----------
    grey : np.ndarray
        uint8 (height, width).
    network : keras.Model
        `face_or_not`.

    Returns
    -------
    pd.DataFrame
        As from `by_cascades`, the surest errors first.
    """
    height, width = grey.shape
    sides = 32 * GROWTH ** np.arange(np.log(min(grey.shape) / 32) / np.log(GROWTH))
    places = [
        (round(x), round(y), round(side))
        for side in [*sides, min(grey.shape)]
        for y in np.arange(0, height - round(side) + 1, STEP * side)
        for x in np.arange(0, width - round(side) + 1, STEP * side)
    ]
    # The largest square in the middle, as lesson 09 cuts it.
    places.append(((width - min(grey.shape)) // 2, (height - min(grey.shape)) // 2, min(grey.shape)))
    windows = np.stack([not_faces.cut_square(grey, *place) for place in places])
    answers = face_networks.predict(network, windows)
    margin = answers[:, 1] - answers[:, 0]
    rows = [(*places[i], 0, "network") for i in np.argsort(-margin, kind="stable") if margin[i] > 0]
    return pd.DataFrame(rows, columns=["x", "y", "side", "turn", "found_by"])


def distinct(table: pd.DataFrame, most: int, known: pd.DataFrame | None = None) -> pd.DataFrame:
    """Keep the first of the squares that overlap, and at most `most` of them.

    Parameters
    ----------
    table : pd.DataFrame
        Columns x, y, side, turn, found_by.
    most : int
    known : pd.DataFrame, optional
        Squares that must not be overlapped either.

    Returns
    -------
    pd.DataFrame
        Rows of `table`.
    """
    kept, rows = [] if known is None else known.to_dict("records"), []
    for row in table.to_dict("records"):
        if len(rows) < most and all(_overlap(row, other) <= OVERLAP for other in kept):
            kept.append(row)
            rows.append(row)
    return pd.DataFrame(rows, columns=table.columns)


def _overlap(one, other):
    """Intersection over union of two squares; 0 if they are turned by very different angles."""
    if abs((one["turn"] - other["turn"] + 180) % 360 - 180) > 30:
        return 0
    sides = [
        min(one[axis] + one["side"], other[axis] + other["side"]) - max(one[axis], other[axis])
        for axis in "xy"
    ]
    both = max(sides[0], 0) * max(sides[1], 0)
    return both / (one["side"] ** 2 + other["side"] ** 2 - both)


def _haar(name: str, neighbours: int) -> Callable[[np.ndarray], np.ndarray]:
    """A search with one of OpenCV's cascades: from a grey image to boxes (n, 4)."""

    def haar(image):
        found = finding.cascade(name).detectMultiScale(image, 1.1, neighbours, minSize=(SMALLEST, SMALLEST))
        return np.reshape(found, (-1, 4))

    return haar


def lbp(image: np.ndarray) -> np.ndarray:
    """Search with scikit-image's cascade: from a grey image to boxes (n, 4)."""
    found = finding._lbp_cascade(threading.get_ident()).detect_multi_scale(
        image, 1.2, 1, (SMALLEST, SMALLEST), image.shape, min_neighbor_number=2
    )
    return np.array([[face[key] for key in ("c", "r", "width", "height")] for face in found]).reshape(-1, 4)


def _canvas(grey, degrees):
    """The image in the middle of a square, turned clockwise, and the affine map (2, 3) back from it."""
    wide = max(grey.shape)
    top, left = ((wide - side) // 2 for side in grey.shape)
    bottom, right = (wide - side - (wide - side) // 2 for side in grey.shape)
    canvas = cv2.copyMakeBorder(
        np.ascontiguousarray(grey), top, bottom, left, right, cv2.BORDER_CONSTANT, value=128
    )
    turned, back = finding._turned(canvas, degrees)
    return turned, back - np.array([[0, 0, left], [0, 0, top]])


def _squares(boxes, back, mirror, shape, name):
    """Boxes of a turned canvas as squares of the image, without those that leave it."""
    angle = np.degrees(np.arctan2(back[1, 0], back[0, 0]))
    rows = []
    for x, y, side, _ in finding._moved(np.reshape(boxes, (-1, 4)).astype(float), back):
        inside = min(x, y, shape[1] - x - side, shape[0] - y - side)
        if inside >= -0.05 * side:
            x = shape[1] - x - side if mirror else x
            rows.append((x, y, side, round(-angle if mirror else angle) + 0, name))
    return rows


def main() -> None:
    """Write the list, and print how many rows each photograph has."""
    print(pd.crosstab(*(make(*sys.argv[1:2])[name] for name in ("photograph", "found_by"))).to_string())


if __name__ == "__main__":
    main()
