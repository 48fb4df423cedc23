"""The weights of `face_identity` as they come with the course:
`python -m course_lib.authoring.embedding.face_identity DIR`.

DIR holds `dlib_face_net/` with `face_recognition_model.bin` and its manifest, from the npm package
@vladmandic/face-api 1.7.15: Davis King's dlib_face_recognition_resnet_model_v1, each array as 8-bit numbers
with a scale and an offset, but eight arrays as 32-bit floating-point numbers. The 8-bit numbers are kept; the
eight arrays become 16-bit.

It also writes `experiments/dlib_vectors.json`: what dlib itself answers for eight photographs of the London
set (CC BY 4.0). This needs `dlib` and `face_recognition_models` (PyPI: dlib-bin, face_recognition_models
0.3.0), which no other part of the course uses: install them in an environment of your own. Without them the
file is left as it is."""

import hashlib
import importlib
import json
import shutil
import sys
from pathlib import Path

import cv2
import numpy as np

from course_lib.authoring import cards
from course_lib.core.errors import CourseError
from course_lib.core.io import whole_file
from course_lib.datasets import embedded
from course_lib.models.presets import SHIPPED

VECTORS = Path(__file__).parents[1] / "experiments" / "dlib_vectors.json"
RECORDINGS = [
    f"{person:03d}_{expression}" for person in (1, 2, 3, 4) for expression in ("neutral", "smiling")
]
SHA256 = "b413e420d6840b2775fba32008db6f3cddb07d485967fb42cfcf379c16a8c589"  # of face_recognition_model.bin
LICENCES = {
    "LICENSE-models-CC0": "face_identity.CC0-1.0.txt",  # of the weights
    "LICENSE-face-api-MIT": "face_identity.MIT.txt",  # of the 8-bit copy
}


def make(data: Path, folder: Path = SHIPPED) -> list[Path]:
    """Pack the numbers, their scales and offsets into one npz file, copy the licences, and write the card.

    Parameters
    ----------
    data : Path
        The folder that holds `dlib_face_net/`.
    folder : Path
        Where to write.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    CourseError
        If face_recognition_model.bin is not the published one.
    """
    source = data / "dlib_face_net"
    arrays, scaling = _arrays(source)
    written = [folder / "face_identity.npz"]
    with whole_file(written[0]) as part:
        np.savez_compressed(part, scale_and_offset=np.array(scaling), **arrays)
    for name, target in LICENCES.items():
        with whole_file(folder / target) as part:
            shutil.copyfile(source / name, part)
        written.append(folder / target)
    written.append(folder / "face_identity.md")
    with whole_file(written[-1]) as part:
        part.write_text(cards.text("face_identity", written[0]), encoding="utf-8")
    return written


def _arrays(source):
    """The arrays by the maker's names, and the scale and offset of each."""
    numbers = (source / "face_recognition_model.bin").read_bytes()
    if hashlib.sha256(numbers).hexdigest() != SHA256:
        raise CourseError(source, "face_recognition_model.bin is not the published file", "Copy it again")
    manifest = json.loads((source / "face_recognition_model-weights_manifest.json").read_text())
    arrays, scaling, start = {}, [], 0
    for weight in (weight for group in manifest for weight in group["weights"]):
        how = weight.get("quantization", {"dtype": weight["dtype"], "scale": 1, "min": 0})
        kind, count = np.dtype(how["dtype"]), int(np.prod(weight["shape"]))
        array = np.frombuffer(numbers, kind, count, start).reshape(weight["shape"])
        arrays[weight["name"]] = array if kind == np.uint8 else array.astype(np.float16)
        scaling.append((how["scale"], how["min"]))
        start += array.nbytes
    return arrays, scaling


def make_dlib_vectors(path: Path = VECTORS) -> Path:
    """Write what dlib itself finds in eight photographs: the five points, and the 128 numbers.

    Parameters
    ----------
    path : Path
        Where to write, as JSON.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    ValueError
        If the detector does not find exactly one face in a photograph.
    """
    # By name, because the course does not depend on them.
    dlib, models = (importlib.import_module(name) for name in ("dlib", "face_recognition_models"))
    detector = dlib.get_frontal_face_detector()
    predictor = dlib.shape_predictor(models.pose_predictor_five_point_model_location())
    network = dlib.face_recognition_model_v1(models.face_recognition_model_location())
    found = {}
    for name in RECORDINGS:
        image = cv2.imread(str(embedded.folder("london") / "images" / f"{name}.jpg"))
        image = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        [box] = detector(image, 1)
        points = predictor(image, box)
        chip = dlib.get_face_chip(image, points, size=150, padding=0.25)
        found[name] = {
            "points": [(point.x, point.y) for point in points.parts()],
            "vector": np.float32(network.compute_face_descriptor(chip)).astype(float).round(7).tolist(),
        }
    how = "get_face_chip(size=150, padding=0.25) by the five-point predictor, compute_face_descriptor"
    about = {
        "made_with": f"dlib {dlib.__version__} and face_recognition_models 0.3.0: {how}",
        "licence": "CC BY 4.0, made from the Face Research Lab London Set",
    }
    with whole_file(path) as part:
        part.write_text(json.dumps({**about, "photographs": found}) + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    print(f"{len(make(Path(sys.argv[1])))} files written to {SHIPPED}")
    try:
        print(make_dlib_vectors())
    except ModuleNotFoundError as error:
        print(f"{VECTORS.name} is left as it is: {error}")
