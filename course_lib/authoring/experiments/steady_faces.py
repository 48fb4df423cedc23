"""Count the faces that each detector finds in moved copies of photographs, in clips and in the London set.

DIR holds `face_photos` and `ravdess/video`, as for `face_finding`. A cascade finds a face in a photograph and
loses it in a copy that is moved by ten pixels. Each of the five photographs of one person is
reduced as the demo does it, then shifted, scaled and turned in 24 ways. "steady" is what the demo uses;
"steady, no cascade" is the same with OpenCV 5, and "lbp" is what the course used there before.
"""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from unittest.mock import patch

import cv2
import numpy as np

from course_lib import faces
from course_lib.authoring.experiments.face_finding import CLIPS, NO_FACE, PHOTOGRAPHS, read_image
from course_lib.core.progress import progress
from course_lib.datasets import embedded
from course_lib.demo import uploads
from course_lib.faces.counting import count
from course_lib.media import video

SHIFTS = ((-10, 0), (10, 0), (0, -10), (0, 10))  # pixels of the reduced photograph
SCALES, TURNS = (0.85, 1.0, 1.1), (0, 5)  # factors; degrees
EVERY = 10  # of a clip's frames, one in so many
ONE_PERSON = [name for name in PHOTOGRAPHS if len(PHOTOGRAPHS[name]) == 1]
WAYS = {"haar": "haar", "lbp": "lbp", "steady": "steady", "steady, no cascade": "steady"}


def steady_faces(data: Path) -> dict:
    """Count found and missed faces and false boxes, by detector, in moved copies, clips and other images."""
    photographs, clips = data / "face_photos", data / "ravdess" / "video"
    copies = {name: list(moved(read_image(photographs / name), PHOTOGRAPHS[name][0])) for name in ONE_PERSON}
    frames = [(frame, [box]) for name, box in CLIPS.items() for frame in _some(clips / name)]
    people = sorted((embedded.folder("london") / "images").glob("*_neutral.jpg"))
    london = [read_image(path) for path in people]
    found: dict = {"moved": {}, "clips": {}, "london": {}, "no_face": {}}
    for way in progress(WAYS, desc="detectors", leave=False):
        found["moved"][way] = {name: _sum(way, copies[name]) for name in ONE_PERSON}
        found["moved"][way]["all"] = _total(found["moved"][way].values())
        found["clips"][way] = _sum(way, frames)
        found["london"][way] = sum(len(find(way, image)) > 0 for image in london)
        empty = [_plain(name) for name in NO_FACE]
        found["no_face"][way] = sum(len(find(way, image)) for image in empty)
    used = [*(photographs / name for name in ONE_PERSON), *(clips / name for name in CLIPS)]
    n = {
        "copies": 24 * len(ONE_PERSON),
        "frames": len(frames),
        "london": len(london),
        "no_face": len(NO_FACE),
    }
    return {"files": used, "n": n["copies"], "sizes": n, **found}


def find(way: str, image: np.ndarray) -> np.ndarray:
    """Find the faces in an image by a way of `WAYS`, int (n, 4)."""
    if way != "steady, no cascade":
        return faces.find(image, WAYS[way])
    with patch("course_lib.faces.finding.cascade_path", lambda name: None):
        return faces.find(image, WAYS[way])


def moved(image: np.ndarray, box: tuple) -> Iterator[tuple[np.ndarray, list]]:
    """Yield 24 copies of a photograph, RGB uint8, each with its list of one box: shifted, scaled and turned.

    `box` is x, y, width and height in the photograph's own pixels.
    """
    small = uploads.small(image)
    box = np.array(box, float) * small.shape[1] / image.shape[1]
    rows, columns = small.shape[:2]
    for shift, scale, degrees in product(SHIFTS, SCALES, TURNS):
        matrix = cv2.getRotationMatrix2D((columns / 2, rows / 2), degrees, scale)
        matrix[:, 2] += shift
        copy = cv2.warpAffine(small, matrix, (columns, rows), borderMode=cv2.BORDER_REPLICATE)
        middle = matrix[:, :2] @ (box[:2] + box[2:] / 2) + matrix[:, 2]
        yield copy, [(*(middle - scale * box[2:] / 2), *(scale * box[2:]))]


def _some(path):
    return list(video.stream(path, every=EVERY))


def _sum(way, images):
    return _total(count(find(way, image), boxes) for image, boxes in images)


def _total(counts):
    total = {"found": 0, "missed": 0, "false": 0}
    for one in counts:
        total = {key: total[key] + one[key] for key in total}
    return total


def _plain(name):
    import skimage.data

    image = getattr(skimage.data, name)()
    return np.ascontiguousarray(image[..., :3] if image.ndim == 3 else image)
