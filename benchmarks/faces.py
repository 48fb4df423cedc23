"""Face detection on clips, G7's way and ours: milliseconds per frame, faces found, peak memory.

    python benchmarks/faces.py                      # three clips of the Studio, 720p
    python benchmarks/faces.py --data FOLDER        # real RAVDESS clips

G7's way searches each whole frame with OpenCV's default Haar cascade (scaleFactor 1.3, minNeighbors 5) and
keeps the largest face. Our way detects the face in one frame of five and follows it in between
(`faces.track`). Both read the same clips in the same way, each in its own process, whose peak memory is
sampled. The time to read the clips is not counted. "On the face": the frames whose box overlaps the median
box of both ways by half.
"""

import argparse
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
from side_by_side import measure

from course_lib.media import video


class Read:
    """The frames of a clip, and the seconds spent on reading them."""

    def __init__(self, path):
        self.frames, self.seconds = video.stream(path), 0.0

    def __iter__(self):
        return self

    def __next__(self):
        started = time.perf_counter()
        try:
            return next(self.frames)
        finally:
            self.seconds += time.perf_counter() - started


def g7s_way(paths, out):
    """The cascade on each whole frame, the largest face of it."""
    cascade = cv2.CascadeClassifier(f"{cv2.data.haarcascades}haarcascade_frontalface_default.xml")

    def largest(frame):
        boxes = cascade.detectMultiScale(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), 1.3, 5)
        return max(boxes, key=lambda box: box[2] * box[3], default=np.full(4, np.nan))

    timed(lambda frames: [largest(frame) for frame in frames], paths, out)


def our_way(paths, out):
    """The detector one frame in five, around the face; its corners followed in between."""
    from course_lib import faces

    timed(lambda frames: faces.track(frames)[["x", "y", "w", "h"]], paths, out)


def timed(way, paths, out):
    """Save the boxes that `way` gives for the frames of each clip, and the seconds without reading."""
    found, seconds = [], 0.0
    for path in paths:
        frames, started = Read(path), time.perf_counter()
        found.append(way(frames))
        seconds += time.perf_counter() - started - frames.seconds
    np.savez(out, boxes=np.concatenate(found).astype(float), seconds=seconds)


def on_the_face(boxes, clip_of):
    """How many frames of each way (frames, 4) have a box that overlaps the median one of their clip by
    half."""
    from course_lib.faces import overlap

    known = {
        clip: np.nanmedian(np.concatenate([one[clip_of == clip] for one in boxes]), axis=0)
        for clip in np.unique(clip_of)
    }
    return [
        sum(overlap(box, known[clip]) >= 0.5 for box, clip in zip(one, clip_of, strict=True)) for one in boxes
    ]


def show(names, found, peaks, n):
    milliseconds = [1000 * one["seconds"] / n for one in found]
    for name, one, each, peak in zip(names, found, milliseconds, peaks, strict=True):
        seen = np.isfinite(one["boxes"]).all(axis=1).sum()
        print(f"  {name:10} {each:7.1f} ms a frame {peak:7.0f} MiB   a box in {seen} of {n} frames")
    print(f"  ratio      {milliseconds[0] / milliseconds[1]:7.1f} x         {peaks[0] / peaks[1]:7.2f} x")


def main():
    from course_lib import load  # not at the top: neither way needs the Studio's drawing and speaking
    from course_lib.datasets import ravdess

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", help="a folder of real RAVDESS clips")
    parser.add_argument("--clips", type=int, default=3)
    options = parser.parse_args()
    table = (
        ravdess.table(options.data)
        if options.data
        else load.clips(actors=[1, 2], emotions=["happy", "angry"])
    )
    table = table[table["path"].str.endswith(".mp4")].sort_values("path")
    paths = [str(Path(path).resolve()) for path in table["path"]]
    paths = [paths[i] for i in np.linspace(0, len(paths) - 1, min(options.clips, len(paths))).astype(int)]
    lengths = [sum(1 for _ in video.stream(path)) for path in paths]
    n, clip_of = sum(lengths), np.repeat(range(len(paths)), lengths)
    with tempfile.TemporaryDirectory() as folder:
        outs = [f"{folder}/{name}.npz" for name in ("g7", "ours")]
        peaks = [measure(way, paths, out)[1] for way, out in zip((g7s_way, our_way), outs, strict=True)]
        found = [np.load(out) for out in outs]
        height, width = next(video.stream(paths[0])).shape[:2]
        print(f"{len(paths)} clips, {n} frames of {width} x {height}")
        show(("G7's way", "ours"), found, peaks, n)
        right = on_the_face([one["boxes"] for one in found], clip_of)
        print(f"  on the face: {right[0]} and {right[1]} of {n} frames")


if __name__ == "__main__":
    main()
