"""Count found and missed faces and false boxes in photographs, in real clips and in images without a face.

DIR holds `face_photos` (six photographs), `ravdess/video/Actor_01` (five original mp4s) and
`ravdess/video/reencoded` (three clips that others made from RAVDESS). The true boxes were drawn by hand, from
the forehead to the chin and from cheek to cheek; a clip has one box for all frames, because the actors hardly
move. Lesson 09.

The detector's parameters were chosen on the same photographs and clips, so these figures are higher than on
unknown images.
"""

import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import skimage.data
from joblib import Parallel, delayed

from course_lib import faces
from course_lib.core.errors import CourseError
from course_lib.core.progress import progress
from course_lib.faces.counting import OVERLAP, count
from course_lib.faces.finding import cascade, grey_of
from course_lib.media import video

TIMED = 40  # frames of the first clip that are timed

PHOTOGRAPHS = {
    "angry.jpg": [(210, 430, 810, 1110)],
    "neutral.jpeg": [(270, 290, 445, 580)],
    "happy-baby.jpeg": [(500, 160, 270, 295)],
    "sad-baby.jpeg": [(370, 100, 800, 753)],
    "surprised.jpeg": [(700, 340, 290, 350)],
    "group.jpeg": [(185, 225, 118, 190), (304, 30, 102, 128), (616, 65, 134, 152), (950, 290, 155, 175)],
}
CUT_OFF = {
    "group.jpeg": [(972, 0, 96, 60)]
}  # cut off by the image's edge: counts neither as missed nor as a false box
ASTRONAUT = [(172, 60, 110, 130)]
NO_FACE = (
    "brick",
    "cat",
    "clock",
    "coffee",
    "coins",
    "grass",
    "gravel",
    "hubble_deep_field",
    "immunohistochemistry",
    "moon",
    "page",
    "retina",
    "rocket",
    "text",
)
CLIPS = {
    **{
        f"Actor_01/{name}.mp4": (490, 150, 290, 400)
        for name in (
            "01-01-01-01-01-01-01",
            "01-01-08-02-02-02-01",
            "02-01-01-01-01-01-01",
            "02-01-02-01-01-02-01",
            "02-01-04-01-02-01-01",
        )
    },
    "reencoded/01-01-07-02-02-01-01_640x480.mp4": (240, 150, 165, 230),
    "reencoded/01-01-08-02-01-01-19_720x720_silent.mp4": (190, 200, 335, 430),
    "reencoded/Actor_06_surprised_montage_640x480.mp4": (235, 170, 165, 225),
}


def face_finding(data: Path) -> dict:
    """Count found and missed faces and false boxes by G7's method, ours ("haar", "lbp") and tracking.

    The counts are given for each photograph, for images without a face, and for each clip over all its
    frames, with one face in each. "ms" (per frame) depends on the machine; with the same files and the same
    OpenCV the counts do not.
    """
    photographs, clips = data / "face_photos", data / "ravdess" / "video"
    found = {
        name: _by_way(read_image(photographs / name), boxes, CUT_OFF.get(name, ()))
        for name, boxes in progress(PHOTOGRAPHS.items(), desc="photographs", leave=False)
    }
    found["astronaut"] = _by_way(skimage.data.astronaut(), ASTRONAUT)
    jobs = Parallel(n_jobs=-1, prefer="threads", return_as="generator")(
        delayed(in_clip)(clips / name, box) for name, box in CLIPS.items()
    )
    by_clip = dict(zip(CLIPS, progress(jobs, total=len(CLIPS), desc="clips", leave=False), strict=True))
    return {
        "files": [*(photographs / name for name in PHOTOGRAPHS), *(clips / name for name in CLIPS)],
        "n": sum(clip["frames"] for clip in by_clip.values()),
        "overlap": OVERLAP,
        "pictures": found,
        "photographs": {way: _sum(found[name][way] for name in PHOTOGRAPHS) for way in WAYS},
        "no_face": {"pictures": len(NO_FACE), **without_faces()},
        "clips": by_clip,
        "all_frames": {way: _sum(clip[way] for clip in by_clip.values()) for way in (*WAYS, "tracked")},
        "ms": milliseconds(clips / next(iter(CLIPS))),
    }


def g7(image: np.ndarray) -> np.ndarray:
    """Detect faces as G7 does: OpenCV's default frontal cascade, scale 1.3, 5 neighbours; boxes (n, 4)."""
    found = cascade("haarcascade_frontalface_default.xml").detectMultiScale(grey_of(image), 1.3, 5)
    return np.reshape(found, (-1, 4))


WAYS = {
    "G7": g7,
    "haar": lambda image: faces.find(image, "haar"),
    "lbp": lambda image: faces.find(image, "lbp"),
}


def in_clip(
    path: str | Path,
    box: npt.ArrayLike,
    ways: Sequence[str] = ("G7", "haar", "lbp", "tracked"),
    every: int = 1,
) -> dict:
    """Count found and missed faces and false boxes over a clip's frames, by method.

    The clip shows one face, at `box`: x, y, width, height in pixels, (4,).
    """
    result = {"frames": sum(1 for _ in video.stream(path, every=every))}
    for way in ways:
        frames = video.stream(path, every=every, threads=1)
        if way == "tracked":
            table = faces.track(frames)
            boxes = table[["x", "y", "w", "h"]].to_numpy()
            counts = (
                count(boxes[[row]][table["seen"][[row]] != "missing"], [box]) for row in range(len(table))
            )
        else:
            counts = (count(WAYS[way](frame), [box]) for frame in frames)
        result[way] = _sum(counts)
    return result


def without_faces() -> dict[str, int]:
    """Count the false boxes in scikit-image's photographs without a face, by method."""
    return {
        way: sum(len(find(_plain(getattr(skimage.data, name)()))) for name in NO_FACE)
        for way, find in WAYS.items()
    }


def milliseconds(path: str | Path) -> dict[str, float]:
    """Time the detection in the first frames of a clip, in milliseconds per frame, by method.

    Reading the frames is not counted. For "tracked" it is the mean, because its frames differ by design; for
    the others the median.
    """
    frames = list(islice(video.stream(path), TIMED))
    result = {}
    for way, find in WAYS.items():
        times = []
        for frame in frames:
            started = time.perf_counter()
            find(frame)
            times.append(1000 * (time.perf_counter() - started))
        result[way] = float(np.median(times))
    started = time.perf_counter()
    faces.track(frames)
    return result | {"tracked": 1000 * (time.perf_counter() - started) / len(frames)}


def read_image(path: str | Path) -> np.ndarray:
    """Read a photograph as RGB uint8 (height, width, 3); `CourseError` if OpenCV cannot read it."""
    image = cv2.imread(str(path))
    if image is None:
        raise CourseError(path, "there is no such file, or OpenCV cannot read it", "Give a jpg or png")
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def _by_way(image, known, cut_off=()):
    return {"faces": len(known), **{way: count(find(image), known, cut_off) for way, find in WAYS.items()}}


def _sum(counts):
    total = {"found": 0, "missed": 0, "false": 0}
    for one in counts:
        total = {key: total[key] + one[key] for key in total}
    return total


def _plain(image):
    return np.ascontiguousarray(image[..., :3] if image.ndim == 3 else image)
