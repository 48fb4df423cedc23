"""Milliseconds from an image to seven emotions' probabilities, on one core: our code and the package `fer`.

    python benchmarks/emotion.py                    # scikit-image's astronaut, and the Studio at 720p
    python benchmarks/emotion.py --data FOLDER      # your own photographs

Our code is `faces.largest`, `faces.crop` and `face_networks.predict` of emotion_net, with test-time
augmentation (ten copies of the face). `fer` is the only package for emotions on PyPI that has its weights
in its wheel: deepface, emotiefflib, hsemotion-onnx and rmn download theirs. It is installed for this
benchmark into build/peers, and uses the same TensorFlow and OpenCV. It runs as `FER().detect_emotions`; its
network is small and uses TensorFlow Lite. Each of the two runs in its own process on one core. The first
calls, which load and compile, are not counted. The results are medians.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
import skimage.data
from side_by_side import measure

from course_lib.authoring.experiments.face_finding import read_image
from course_lib.core.paths import ROOT

PEERS = ROOT / "build" / "peers"
FER = ["fer==25.10.3", "setuptools==80.9.0"]  # it needs pkg_resources, which newer setuptools lacks
REPEATS = 30


def ours(pictures, out, weights):
    """Predict the emotion of the largest face in each image, or measure the time to find no face."""
    on_one_core()
    from course_lib import faces
    from course_lib.models import face_networks

    def answered(picture):
        return face_networks.predict(network, faces.crop(picture, faces.largest(picture))[np.newaxis])

    network, found = face_networks.load(weights), {}
    for name, picture in np.load(pictures).items():
        box = faces.largest(picture)
        if box is None:
            found[name] = {"all": timed(faces.largest, picture), "faces": 0, "answer": None}
            continue
        face = faces.crop(picture, box)[np.newaxis]
        found[name] = {
            "all": timed(answered, picture),
            "find": timed(faces.largest, picture),
            "crop": timed(faces.crop, picture, box),
            "network": timed(face_networks.predict, network, face),
            "faces": len(faces.find(picture)),
            "answer": face_networks.classes(network)[answered(picture).argmax()],
        }
    Path(out).write_text(json.dumps(found))


def fer(pictures, out):
    """Run `fer`, and measure how much of its time is face detection."""
    on_one_core()
    sys.path.append(str(PEERS))
    from fer.fer import FER

    detector, found = FER(), {}
    for name, picture in np.load(pictures).items():
        picture = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
        answers = detector.detect_emotions(picture)
        largest = max(answers, key=lambda answer: answer["box"][2] * answer["box"][3], default=None)
        found[name] = {
            "all": timed(detector.detect_emotions, picture),
            "find": timed(detector.find_faces, picture),
            "faces": len(answers),
            "answer": largest and max(largest["emotions"], key=largest["emotions"].get),
        }
    Path(out).write_text(json.dumps(found))


def on_one_core():
    """Keep this process and its future threads on one core, if the system can do that."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    cv2.setNumThreads(1)


def timed(call, *arguments):
    """The median milliseconds of `call(*arguments)`, after three calls that are not counted."""
    seconds = []
    for _ in range(3 + REPEATS):
        started = time.perf_counter()
        call(*arguments)
        seconds.append(time.perf_counter() - started)
    return 1000 * float(np.median(seconds[3:]))


def photographs(folder):
    if folder:
        paths = sorted(
            path for path in Path(folder).iterdir() if path.suffix.lower() in (".jpg", ".jpeg", ".png")
        )
        return {path.name: read_image(path) for path in paths}
    from course_lib import load  # not at the top: no way needs the Studio's drawing and speaking
    from course_lib.media import video

    clips = load.clips(actors=[1], emotions=["happy"])
    path = min(path for path in clips["path"] if path.endswith(".mp4"))
    frames = list(video.stream(path))
    return {"astronaut": skimage.data.astronaut(), "Studio": frames[len(frames) // 2]}


def install():
    if not (PEERS / "fer").is_dir():
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", PEERS, *FER],
            check=True,
        )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", help="a folder of photographs, jpg or png")
    pictures = photographs(parser.parse_args().data)
    from course_lib.models import face_networks  # not at the top, where `fer` would have to import it as well

    # Looked for here: a way has a home of its own, which is empty.
    weights = str(face_networks.weights_of("emotion_net"))
    install()
    with tempfile.TemporaryDirectory() as folder:
        np.savez(f"{folder}/pictures.npz", **pictures)
        for way, more in ((ours, [weights]), (fer, [])):
            out = f"{folder}/{way.__name__}.json"
            peak = measure(way, f"{folder}/pictures.npz", out, *more)[1]
            print(f"{way.__name__}, peak {peak:.0f} MiB")
            for name, one in json.loads(Path(out).read_text()).items():
                steps = ", ".join(
                    f"{step} {one[step]:.1f}" for step in ("find", "crop", "network") if step in one
                )
                height, width = pictures[name].shape[:2]
                print(
                    f"  {name} ({width} x {height}): {one['all']:6.1f} ms ({steps}), faces {one['faces']}, "
                    f"the largest: {one['answer']}"
                )


if __name__ == "__main__":
    main()
