"""The weights of the tiny face detector as they come with the course:
`python -m course_lib.authoring.embedding.tiny_face DIR`.

DIR is the folder `model/` of the npm package @vladmandic/face-api 1.7.15 (MIT), with
`tiny_face_detector_model.bin` and its manifest, and the package's file `LICENSE` beside or above it. The
8-bit numbers are kept, with a scale and an offset for each array."""

import hashlib
import json
import shutil
import sys
from pathlib import Path

import numpy as np

from course_lib.core.errors import CourseError
from course_lib.core.io import whole_file
from course_lib.faces.tiny import WEIGHTS

NAME = "tiny_face_detector_model"
SHA256 = "b7503ce7df31039b1c43316a9b865cab6a70dd748cc602d3fa28b551503c3871"  # of its bin
LICENCE = "tiny_face.MIT.txt"


def make(data: Path, folder: Path = WEIGHTS.parent) -> list[Path]:
    """Pack the numbers, their scales and offsets into one npz file, and copy the licence.

    Parameters
    ----------
    data : Path
        The folder that holds the published files.
    folder : Path
        Where to write.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    CourseError
        If the file of numbers is not the published one.
    """
    numbers = (data / f"{NAME}.bin").read_bytes()
    if hashlib.sha256(numbers).hexdigest() != SHA256:
        raise CourseError(data, f"{NAME}.bin is not the published file", "Copy it again")
    manifest = json.loads((data / f"{NAME}-weights_manifest.json").read_text())
    arrays, scaling, start = {}, [], 0
    for weight in (weight for group in manifest for weight in group["weights"]):
        count = int(np.prod(weight["shape"]))
        arrays[weight["name"]] = np.frombuffer(numbers, np.uint8, count, start).reshape(weight["shape"])
        scaling.append((weight["quantization"]["scale"], weight["quantization"]["min"]))
        start += count
    written = [folder / WEIGHTS.name, folder / LICENCE]
    with whole_file(written[0]) as part:
        np.savez_compressed(part, scale_and_offset=np.array(scaling), **arrays)
    licence = next(path for path in (data / "LICENSE", data.parent / "LICENSE") if path.is_file())
    with whole_file(written[1]) as part:
        shutil.copyfile(licence, part)
    return written


if __name__ == "__main__":
    print(f"{len(make(Path(sys.argv[1])))} files written to {WEIGHTS.parent}")
