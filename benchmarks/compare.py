"""The course's readers and features beside other packages and the lectures' ways, in one table.

    python benchmarks/compare.py                  # decoding, MFCC, log-mel, HoG
    python benchmarks/compare.py --small          # small inputs, to see that it runs
    python benchmarks/compare.py --lectures       # besides, lecture 14's and 27's ways: an hour on two cores

All ways of a row run in turn, first once unmeasured, then five times, in one process. A lecture's ways run
each in a process of its own, five times. The table has the medians, and how well the results agree. The
machine's load is printed before and after: measure while nothing else runs. The inputs are clips of RAVDESS
that come with the course, at 720x1280 pixels. PyAV is not a part of the course: run
`pip install av`, else its rows are left out.

Our decoding runs ffmpeg as a process of its own, and its frames come through a pipe. This takes a bit longer
than OpenCV's loop for one clip. In return the time limits, the list of formats, and the errors are our own.
"""

import argparse
import importlib.util
import sys
import tempfile
import time
from collections.abc import Callable
from statistics import median
from typing import NamedTuple

import cv2
import numpy as np
import psutil
from side_by_side import measure

from course_lib import features
from course_lib.datasets import embedded
from course_lib.media import audio, video

SIZE = (224, 224)
SOUNDS = ((8000, 4), (44100, 2.5))  # sampling rate in Hz and seconds, of MFCC and of the log-mel spectrogram
TIMES = 5


class Row(NamedTuple):
    """A task, our way, the other ways by name, and how to compare two results in words."""

    task: str
    ours: Callable
    others: dict[str, Callable]
    agree: Callable


# --- decoding ---


def with_opencv(path, size=None):
    """A loop over `cv2.VideoCapture`, as lecture 14 has."""
    capture, frames = cv2.VideoCapture(str(path)), []
    while True:
        there, frame = capture.read()
        if not there:
            return np.stack(frames)
        if size is not None:
            frame = cv2.resize(frame, size[::-1], interpolation=cv2.INTER_AREA)
        frames.append(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))


def with_pyav(path, size=None):
    """PyAV with as many threads as ffmpeg likes."""
    import av

    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        frames = (frame.to_ndarray(format="rgb24") for frame in container.decode(video=0))
        if size is not None:
            frames = (cv2.resize(frame, size[::-1], interpolation=cv2.INTER_AREA) for frame in frames)
        return np.stack(list(frames))


def grey_levels(ours, theirs):
    """How far two clips are apart."""
    if ours.shape != theirs.shape:
        return f"{len(ours)} and {len(theirs)} frames"
    return f"{np.abs(ours.astype(np.int16) - theirs).mean():.2f} grey levels apart"


def decoding(path):
    """The rows of decoding one clip."""
    ways = {"OpenCV": with_opencv}
    if importlib.util.find_spec("av"):
        ways["PyAV"] = with_pyav
    for words, size in (("as it is", None), (f"to {SIZE[0]}x{SIZE[1]}", SIZE)):
        yield Row(
            f"decode a clip, {words}",
            lambda size=size: video.read_clip(path, size),
            {name: lambda way=way, size=size: way(path, size) for name, way in ways.items()},
            grey_levels,
        )


# --- features ---


def highest_difference(ours, theirs):
    """The largest difference of two arrays."""
    if np.array_equal(ours, theirs):
        return "identical"
    return f"{np.abs(ours - theirs).max():.0e} apart at most"


def sound(signals, rate):
    """The rows of MFCC and the log-mel spectrogram, of signals at 8 kHz and at `rate`."""
    import librosa

    low, high = signals

    def mfcc():
        return np.stack([librosa.feature.mfcc(y=one, sr=8000, n_mfcc=40) for one in low])

    def log_mel():
        made = [
            librosa.feature.melspectrogram(y=one, sr=rate, n_fft=2048, hop_length=256, n_mels=96)
            for one in high
        ]
        return np.stack([librosa.power_to_db(one, top_db=80) for one in made])[..., np.newaxis]

    yield Row(
        f"MFCC of {len(low)} signals", lambda: features.mfcc(low), {"librosa": mfcc}, highest_difference
    )
    yield Row(
        f"log-mel of {len(high)} signals",
        lambda: features.log_mel_spectrogram(high, rate, high.shape[1] / rate),
        {"librosa": log_mel},
        highest_difference,
    )


def gradients(images):
    """The row of HoG."""
    from skimage.feature import hog

    def one_by_one():
        return np.stack([hog(image, 9, (8, 8), (2, 2), channel_axis=-1) for image in images]).astype(
            np.float32
        )

    task = f"HoG of {len(images)} images, {SIZE[0]}x{SIZE[1]}"
    return Row(task, lambda: features.hog(images), {"scikit-image": one_by_one}, highest_difference)


# --- the lectures' ways ---


def lectures(paths, folder, small):
    """Rows of (task, our way, the lecture's way), whose seconds and MiB `measure` gives."""
    import lecture14
    import lecture27

    every, fps = (30, 2) if small else (1, 30)
    out, labels = f"{folder}/out", [number % 2 for number in range(len(paths))]
    arguments = (paths, every, f"{out}.npy")
    yield "lecture 14: clips to HoG", (lecture14.our_way, arguments), (lecture14.lectures_way, arguments)
    arguments = (paths[:2], labels[:2], fps, f"{out}.npz")
    yield "lecture 27: clips to features", (lecture27.our_way, arguments), (lecture27.lectures_way, arguments)


# --- measuring ---


def load():
    """How busy the machine is: processes that want a core, averaged over the last minute."""
    return f"load {psutil.getloadavg()[0]:.1f} on {psutil.cpu_count()} cores"


def timed(row, times):
    """The median seconds of each way of a row, by name, ours first, and the results."""
    ways = {"ours": row.ours, **row.others}
    found = {name: way() for name, way in ways.items()}  # not measured: librosa compiles in its first call
    seconds = {name: [] for name in ways}
    for _ in range(times):
        for name, way in ways.items():
            started = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - started)
    return {name: median(each) for name, each in seconds.items()}, found


def table(rows, times):
    """Print a line for each way that a row's own is compared with."""
    print(f"{'':34} {'ours':>9}  {'beside':12} {'theirs':>9}  {'ours/theirs':>11}  results")
    for row in rows:
        seconds, found = timed(row, times)
        for name in row.others:
            same = row.agree(found["ours"], found[name])
            print(line(row.task, seconds["ours"], name, seconds[name], same), flush=True)


def line(task, ours, name, theirs, words):
    """One line of the table, of seconds."""
    return f"{task:34} {ours:7.3f} s  {name:12} {theirs:7.3f} s  {ours / theirs:11.2f}  {words}"


def lecture_table(paths, times, small):
    """Print the lines of the lectures' ways."""
    with tempfile.TemporaryDirectory() as folder:
        for task, ours, theirs in lectures(paths, folder, small):
            runs = [[measure(way, *arguments) for way, arguments in (ours, theirs)] for _ in range(times)]
            (fast, little), (slow, much) = np.median(runs, axis=0)
            words = f"{slow / fast:.1f} x; {little:.0f} and {much:.0f} MiB, 1/{much / little:.1f}"
            print(line(task, fast, "the lecture", slow, words), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", action="store_true", help="small inputs, each way once")
    parser.add_argument("--lectures", action="store_true", help="besides, lecture 14's and 27's ways")
    options = parser.parse_args()
    actor = embedded.folder("ravdess") / "Actor_01"
    clips = sorted(actor.glob("01-*.mp4")) + sorted(actor.glob("02-*.mp4"))
    voices = sorted(actor.glob("*.flac"))[: 4 if options.small else 32]
    signals = [np.stack([audio.read_audio(path, sr, seconds) for path in voices]) for sr, seconds in SOUNDS]
    images = video.read_clip(clips[0], SIZE, every=20 if options.small else 1)
    times = 1 if options.small else TIMES
    if not importlib.util.find_spec("av"):
        print("PyAV is left out: pip install av", file=sys.stderr)
    print(f"before: {load()}")
    table([*decoding(clips[0]), *sound(signals, SOUNDS[1][0]), gradients(images)], times)
    if options.lectures:
        lecture_table([str(path) for path in clips[: 2 if options.small else None]], times, options.small)
    print(f"after: {load()}")


if __name__ == "__main__":
    main()
