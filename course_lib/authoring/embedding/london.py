"""The London set as it comes with the course: `python -m course_lib.authoring.embedding.london DIR`.

DIR holds `london_faces/images` (350x350), and beside them `faces.csv` and `landmarks189_neutral.csv`. The
five points need `dlib` and `face_recognition_models` (PyPI: dlib-bin, face_recognition_models 0.3.0), which
no other part of the course uses: install them in an environment of your own. Without them `points.csv` is
left as it is."""

import gzip
import importlib
import shutil
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd

from course_lib.core.io import whole_file
from course_lib.core.progress import progress
from course_lib.datasets import embedded, london

FOLDER = embedded.FOLDER / "london"
SCALE = 4  # the predictor answers in whole pixels, so it sees each photograph this much larger
PEOPLE_HEAD = """\
# Face Research Lab London Set: the 102 people (london_info.csv). CC BY 4.0, see LICENSE and README.md.
"""
POINTS_HEAD = """\
# Five points of each face in pixels (350x350), by dlib's predictor. CC BY 4.0, see LICENSE and README.md.
# Left is the person's left. The centre of the first pixel is (0, 0).
"""

LANDMARKS_HEAD = """\
# The set's own 189 landmarks of each neutral face in pixels (350x350). CC BY 4.0, see LICENSE and README.md.
"""


def make(data: Path, folder: Path = FOLDER) -> list[Path]:
    """Copy the photographs and what the set tells about the people.

    Parameters
    ----------
    data : Path
        The folder that holds `london_faces/`.
    folder : Path
        Where to write: `images/001_neutral.jpg` …, and `people.csv`.

    Returns
    -------
    list of Path
        The files written.
    """
    written = []
    for path in sorted((data / "london_faces" / "images").glob("*.jpg")):
        with whole_file(folder / "images" / path.name) as part:
            shutil.copyfile(path, part)
        written.append(folder / "images" / path.name)
    info = pd.read_csv(data / "london_faces" / "faces.csv", dtype=str, keep_default_na=False)
    people = info.drop_duplicates("face_id").rename(columns={"face_id": "actor"})
    people["age"] = people["age"].replace("NA", "")
    people = people.sort_values("actor")[["actor", "gender", "age", "ethnicity"]]
    return [*written, _write(folder / "people.csv", PEOPLE_HEAD, people.astype({"actor": int}))]


def make_landmarks(data: Path, folder: Path = FOLDER) -> Path:
    """Copy the set's own 189 landmarks of the neutral photographs, in tenths of a pixel.

    Parameters
    ----------
    data : Path
        The folder that holds `london_faces/landmarks189_neutral.csv`.
    folder : Path
        Where to write `landmarks.csv.gz`.

    Returns
    -------
    Path
    """
    table = pd.read_csv(data / "london_faces" / "landmarks189_neutral.csv", index_col="file")
    table.index = table.index.str.removesuffix(".jpg").rename("recording")
    text = LANDMARKS_HEAD + table.sort_index().to_csv(float_format="%.1f", lineterminator="\n")
    with whole_file(folder / "landmarks.csv.gz") as part:
        part.write_bytes(gzip.compress(text.encode(), mtime=0))
    return folder / "landmarks.csv.gz"


def make_points(data: Path, folder: Path = FOLDER) -> Path:
    """Find five points in each photograph with dlib's face detector and its five-point predictor.

    Parameters
    ----------
    data : Path
        The folder that holds `london_faces/`.
    folder : Path
        Where to write `points.csv`.

    Returns
    -------
    Path

    Raises
    ------
    ValueError
        If the detector does not find exactly one face in a photograph.
    """
    # By name, because the course does not depend on them.
    dlib, models = (importlib.import_module(name) for name in ("dlib", "face_recognition_models"))
    detector = dlib.get_frontal_face_detector()
    predictor = dlib.shape_predictor(models.pose_predictor_five_point_model_location())
    rows = {}
    for path in progress(
        sorted((data / "london_faces" / "images").glob("*.jpg")), desc="London", leave=False
    ):
        image = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
        [box] = detector(image, 1)
        rows[path.stem] = _five_points(dlib, predictor, image, box).ravel()
    columns = [f"{point}_{axis}" for point in london.POINTS for axis in "xy"]
    found = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("recording")
    return _write(folder / "points.csv", POINTS_HEAD, found.reset_index(), float_format="%.3f")


def _five_points(dlib: Any, predictor: Any, image: np.ndarray, box: Any) -> np.ndarray:
    """The points (5, 2) in pixels of `image`, found in a copy that is `SCALE` times as large."""
    large = cv2.resize(image, None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_CUBIC)
    corners = (
        SCALE * box.left(),
        SCALE * box.top(),
        SCALE * (box.right() + 1) - 1,
        SCALE * (box.bottom() + 1) - 1,
    )
    found = predictor(large, dlib.rectangle(*corners))
    whole = np.array([(found.part(k).x, found.part(k).y) for k in range(len(london.POINTS))])
    return (whole + 0.5) / SCALE - 0.5


def _write(path, head, table, **options):
    path.write_text(head + table.to_csv(index=False, lineterminator="\n", **options), encoding="utf-8")
    return path


if __name__ == "__main__":
    print(f"{len(make(Path(sys.argv[1])))} files written to {FOLDER}")
    print(make_landmarks(Path(sys.argv[1])))
    try:
        print(make_points(Path(sys.argv[1])))
    except ModuleNotFoundError as error:
        print(f"points.csv is left as it is: {error}")
