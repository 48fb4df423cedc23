"""Lecture 14's way from clips to HoG features against ours: same clips, same frames, one run.

    python benchmarks/lecture14.py                        # nine clips of the Studio, about the lecture's 873 images
    python benchmarks/lecture14.py --data FOLDER          # real RAVDESS clips

Each way runs in a process of its own, whose peak memory (with all it starts) is sampled. Prints both, their ratio, and
how far the two sets of features agree, which the way of resizing limits.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import skimage.io
import skimage.transform
from skimage.feature import hog

from course_lib import features, video
from course_lib.lessons import peak_memory


def lectures_way(paths, every, out):
    """Frames to image files, images to one array at 720x1280, resize in a loop, HoG with its picture in a loop."""
    with tempfile.TemporaryDirectory() as folder:
        for path in paths:
            capture, number = cv2.VideoCapture(path), 0
            while True:
                there, frame = capture.read()
                if not there:
                    break
                if number % every == 0:
                    cv2.imwrite(f"{folder}/{Path(path).stem}_{number:04d}.png", frame)
                number += 1
        data = np.array([skimage.io.imread(image) for image in sorted(Path(folder).glob("*.png"))])
    resized = np.array([skimage.transform.resize(image, (224, 224)) for image in data])
    found, pictures = [], []
    for image in resized:
        fd, picture = hog(image, 9, (8, 8), (2, 2), visualize=True, channel_axis=-1)
        found.append(fd)
        pictures.append(picture)
    np.save(out, np.array(found))


def our_way(paths, every, out):
    """Frames resized while decoding, clips in parallel; HoG in parallel without its picture."""
    table = pd.DataFrame({"path": sorted(paths)})
    images, _ = video.read_frames(table, (224, 224), every=every)
    np.save(out, features.hog(images))


def measure(way, *arguments):
    """Seconds and peak MiB of `way(*arguments)` in a fresh Python, its start and imports included."""
    call = f"import lecture14; lecture14.{way.__name__}(*{arguments!r})"
    started = time.perf_counter()
    with peak_memory(every=0.05) as peak:
        subprocess.run([sys.executable, "-c", call], check=True, cwd=Path(__file__).parent)
    return time.perf_counter() - started, peak[0]


def main():
    from course_lib import corpora  # not at the top: neither way needs the Studio's drawing and speaking
    from course_lib.datasets import ravdess

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", help="a folder of real RAVDESS clips")
    parser.add_argument("--clips", type=int, default=9)
    parser.add_argument("--every", type=int, default=1, help="one frame in so many")
    options = parser.parse_args()
    table = ravdess.table(options.data) if options.data else corpora.clips(actors=[1], emotions=["neutral", "angry"])
    paths = sorted(str(Path(path).resolve()) for path in table["path"] if path.endswith(".mp4"))[: options.clips]
    with tempfile.TemporaryDirectory() as folder:
        outs = [f"{folder}/{name}.npy" for name in ("lecture", "ours")]
        (slow, large), (fast, small) = (measure(way, paths, options.every, out)
                                        for way, out in zip((lectures_way, our_way), outs, strict=True))
        theirs, ours = (np.load(out) for out in outs)
    cosine = (theirs * ours).sum(1) / np.linalg.norm(theirs, axis=1) / np.linalg.norm(ours, axis=1)
    print(f"{len(paths)} clips, {len(ours)} frames (one in {options.every})")
    print(f"the lecture's way  {slow:7.1f} s  {large:7.0f} MiB")
    print(f"ours               {fast:7.1f} s  {small:7.0f} MiB")
    print(f"ratio              {slow / fast:7.1f} x  {large / small:7.1f} x less memory")
    print(f"HoG of the two: cosine mean {cosine.mean():.3f}, lowest {cosine.min():.3f} (another resampling)")


if __name__ == "__main__":
    main()
