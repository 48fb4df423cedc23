"""Read clips as arrays, one frame at a time, already small: lecture 14 from 02:12 to 08:12.

The lecture saves every 1280x720 frame as an image file, reads all of them back into one array (873 images
take 2.4 GB) and then resizes. Here ffmpeg resizes while it decodes, so a clip never stands in memory at full
size."""

import re
import subprocess
import tempfile
import warnings
from math import inf
from numbers import Integral, Real
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from course_lib.core.errors import CourseError
from course_lib.core.io import whole_file
from course_lib.core.progress import progress

# What ffmpeg says, and what it means to the person who ran it.
_REASONS = {
    "matches no streams": "it has no video stream",
    "moov atom not "
    "found": "it is cut off, or not a clip at all (its index, which stands at the end, is missing)",
    "partial file": "it is cut off",
    "exceeds specified max pixel count": "its pictures are too large (more than 50 million pixels)",
    "Invalid data found": "it is damaged, or not a clip at all",
}
LARGEST = 50_000_000  # pixels of a frame: a small file may declare gigabytes
# What ffmpeg may take a file for: no playlist, which could name other files of this machine.
CONTAINERS = "mov,mp4,matroska,webm,avi,asf,flv,mpeg,mpegts,mp3,ogg,flac,wav,w64,aiff,aac,caf"


def stream(path, size=None, seconds=None, fps=None, every=1, threads=0):
    """Yield the frames of a clip as uint8 (height, width, 3) RGB arrays, as they are decoded.

    `size` is (height, width), averaged over areas (as OpenCV's INTER_AREA) while decoding; None keeps the
    clip's own. `seconds` stops there, `fps` resamples in time, `every=10` then gives frames 0, 10, 20 …
    Frames are counted as they come: a container may declare more than it holds (RAVDESS's originals declare
    one too many). `threads=1` when clips are read in parallel. Raises `CourseError` for a missing, empty or
    damaged file, for one without a picture, and for a `size`, `seconds`, `fps` or `every` that cannot be."""
    _checked(size, seconds, fps, every)
    path = existing_file(path)
    with tempfile.TemporaryFile() as log, _ffmpeg(path, size, seconds, fps, every, threads, log) as process:
        count = 0
        try:
            for frame in _ppm_images(process.stdout):
                yield frame
                count += 1
        except GeneratorExit:
            process.kill()  # the caller wants no more
            raise
        failed = process.wait() != 0
        log.seek(0)
        message = log.read().decode(errors="replace").strip()
    if failed or message or not count:
        # Some frames may have come already: a damaged clip is an error at its end, not a short clip without a
        # word.
        reason = f"only {count} frames could be read: {explain(message)}" if count else explain(message)
        raise CourseError(path, reason, "Fetch or copy the clip again, or leave it out")


def read_clip(path, size=None, seconds=None, fps=None, every=1, threads=0) -> np.ndarray:
    """A clip as one uint8 array (frames, height, width, 3), RGB. The arguments are those of `stream`."""
    return np.stack(list(stream(path, size, seconds, fps, every, threads)))


def declared_frames(path: str | Path) -> int:
    """Read the number of frames that a clip's container declares (`cv2.CAP_PROP_FRAME_COUNT`).

    A container may declare more frames than it holds; `stream` counts the frames themselves.

    Parameters
    ----------
    path : str or Path
        The clip.

    Returns
    -------
    int
        The declared number of frames.

    Raises
    ------
    CourseError
        If the file is missing or empty, or declares no frames.
    """
    capture = cv2.VideoCapture(str(existing_file(path)))
    count = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
    capture.release()
    if count < 1:
        raise CourseError(
            path, "it declares no frames, or is not a clip at all", "Count them: sum(1 for _ in stream(path))"
        )
    return count


def read_frames(clips, size=(224, 224), every=1, seconds=None, jobs=-1):
    """Frames of many clips: images uint8 (n, height, width, 3) and a table with a row an image.

    The table is `clips` (one row a file, with `path`) repeated for each frame of the clip, with a column
    `frame`, the number of the frame in its clip. Clips are read in parallel; one that cannot be read is left
    out and listed in a warning. Raises `CourseError` when none can be read, when `size` is None and their
    pictures differ in size, and for arguments that `stream` refuses."""
    _checked(size, seconds, every=every)
    paths = list(clips["path"])
    read = delayed(_or_error)
    results = Parallel(n_jobs=jobs, prefer="threads", return_as="generator")(
        read(read_clip, path, size, seconds, None, every, 1) for path in paths
    )
    arrays = list(progress(results, total=len(paths), desc="reading clips", unit="clip", leave=False))
    good = _warn_about_failures(paths, arrays)
    sizes = {"x".join(map(str, arrays[i].shape[1:3])) for i in good}
    if len(sizes) > 1:
        raise CourseError(
            f"{len(good)} clips",
            f"their pictures differ in size ({', '.join(sorted(sizes))})",
            "Give size=(height, width)",
        )
    table = clips.iloc[np.repeat(good, [len(arrays[i]) for i in good])].reset_index(drop=True)
    table["frame"] = np.concatenate([np.arange(len(arrays[i])) * every for i in good])
    return np.concatenate([arrays[i] for i in good]), table


def read_windows(clips, size=(128, 227), seconds=4, fps=30, jobs=-1):
    """The first seconds of many clips as one array uint8 (n, round(seconds * fps), height, width, 3), and
    their table.

    Lecture 27 at 07:50: 4 s at 30 frames a second and 128x227 give 32x120x128x227x3. A shorter clip holds its
    last picture to the end, as MoviePy does where the sound goes on. Frames are resized as they are decoded,
    straight into their place in the array, so beside it no clip stands in memory. Clips are read in parallel;
    the table is `clips` without those that cannot be read, which a warning lists. Raises `CourseError` when
    none can be read, and for a `size`, `seconds` or `fps` that cannot be."""
    _checked(size, seconds, fps)
    if size is None or seconds is None or fps is None or round(seconds * fps) < 1:
        raise CourseError(
            f"size={size!r}, seconds={seconds!r}, fps={fps!r}",
            "this gives no array of one shape",
            "Give a height and width, and time for one frame at least",
        )
    paths = list(clips["path"])
    windows = np.empty((len(paths), round(seconds * fps), *size, 3), np.uint8)
    results = Parallel(n_jobs=jobs, prefer="threads", return_as="generator")(
        delayed(_or_error)(_fill, window, path, size, seconds, fps)
        for window, path in zip(windows, paths, strict=True)
    )
    good = _warn_about_failures(
        paths, list(progress(results, total=len(paths), desc="reading clips", unit="clip", leave=False))
    )
    for place, number in enumerate(good):  # close the gaps in place: a copy would be the whole array again
        if place != number:
            windows[place] = windows[number]
    return windows[: len(good)], clips.iloc[good].reset_index(drop=True)


def extract_frames(clips, folder, size=None, every=1, jobs=-1) -> pd.DataFrame:
    """Save frames as PNG files in `folder`, as lecture 14 does from 02:12, and return a table with a row an
    image.

    The files are named after clip and frame (`02-01-05-01-01-01-01_0020.png`); the table has the columns of
    `clips`, with `path` the image, `clip` the file it comes from and `frame` its number, so a label is never
    parsed twice. A clip whose frames are all there is not decoded again. One that cannot be read is left out
    and listed in a warning. Raises `CourseError` when none can be read, when two rows have one file name, and
    for arguments that `stream` refuses."""
    _checked(size, every=every)
    folder, paths = Path(folder), list(clips["path"])
    _no_name_twice(paths)
    results = Parallel(n_jobs=jobs, prefer="threads", return_as="generator")(
        delayed(_or_error)(_save_frames, path, folder, size, every) for path in paths
    )
    saved = list(progress(results, total=len(paths), desc="saving frames", unit="clip", leave=False))
    good = _warn_about_failures(paths, saved)
    table = clips.iloc[np.repeat(good, [len(saved[i]) for i in good])].reset_index(drop=True)
    table["clip"] = table["path"]
    table["path"] = [image for i in good for image in saved[i]]
    table["frame"] = [int(Path(image).stem.rsplit("_", 1)[1]) for image in table["path"]]
    return table


def existing_file(path: str | Path) -> Path:
    """Check that a path names a file with content.

    Parameters
    ----------
    path : str or Path
        The path of a clip.

    Returns
    -------
    Path
        The same path.

    Raises
    ------
    CourseError
        If it is missing, a folder, or empty.
    """
    path = Path(path)
    if path.is_dir():
        raise CourseError(path, "this is a folder, not a file", "Give the path of one clip")
    if not path.exists():
        raise CourseError(path, "there is no such file", "Check the folder and the name")
    if path.stat().st_size == 0:
        raise CourseError(path, "the file is empty (0 bytes)", "Fetch or copy it again")
    return path


def explain(log) -> str:
    """What an error message of ffmpeg's means; its own first line where that is not known."""
    known = (text for key, text in _REASONS.items() if key in log)
    own_words = re.sub(
        r"\[[^]]* @ [^]]*\] *", "", log.partition("\n")[0]
    )  # without the addresses of its parts
    return next(known, f"ffmpeg says: {own_words}" if log else "it holds no frame")


def _checked(size=None, seconds=None, fps=None, every=1):
    # Refused before anything is decoded: ffmpeg would blame the clip, or do something else without a word.
    whole = lambda n: isinstance(n, Integral) and n >= 1
    if size is not None and not (np.iterable(size) and len(size) == 2 and all(map(whole, size))):
        raise CourseError(
            f"size={size!r}",
            "it is not a height and width in whole pixels",
            "Give size=(height, width), or None for the clip's own",
        )
    for name, value in (("seconds", seconds), ("fps", fps)):
        if value is not None and not (isinstance(value, Real) and 0 < value < inf):
            raise CourseError(
                f"{name}={value!r}", "it is not a number above 0", "Give one, or None for the clip's own"
            )
    if not whole(every):
        raise CourseError(
            f"every={every!r}", "it is no step from frame to frame", "Give 1 for all, 2 for half …"
        )


def _ffmpeg(path, size, seconds, fps, every, threads, log):
    import imageio_ffmpeg

    # A clip that ends before half a step is over still gives its last picture.
    filters = [f"fps={fps}:eof_action=pass"] if fps is not None else []
    filters += [f"select=not(mod(n\\,{every}))"] if every > 1 else []
    # Scaled as RGB with exact rounding: ffmpeg's short cut through YUV is two grey levels too dark.
    filters += (
        ["format=gbrp", f"scale={size[1]}:{size[0]}:flags=area+accurate_rnd"] if size is not None else []
    )
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-v",
        "error",
        "-nostdin",
        "-threads",
        str(threads),
        "-max_pixels",
        str(LARGEST),
        "-format_whitelist",
        CONTAINERS,
        "-i",
        f"file:{path}",
        "-map",
        "0:v:0",
        *(["-t", str(seconds)] if seconds is not None else []),
        "-vf",
        ",".join(filters) or "null",
        "-fps_mode",
        "passthrough",
        "-f",
        "image2pipe",
        "-c:v",
        "ppm",
        "-pix_fmt",
        "rgb24",
        "-",
    ]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)


def _fill(window, path, size, seconds, fps):
    # The clip is read to the end of its window even when that is full: damage there is an error, not a short
    # clip.
    for number, frame in enumerate(stream(path, size, seconds, fps, threads=1)):
        if number < len(window):
            window[number] = frame
    window[number + 1 :] = frame


def _ppm_images(pipe):
    # PPM images say their own size, so no second look at the file is needed to know it.
    while pipe.readline():
        width, height = map(int, pipe.readline().split())
        pipe.readline()
        pixels = pipe.read(width * height * 3)
        if len(pixels) == width * height * 3:
            yield np.frombuffer(pixels, np.uint8).reshape(height, width, 3)


def _save_frames(path, folder, size, every):
    # The record tells which clip the images are of and how they were made: a new clip of that name makes new
    # ones.
    stem, state = Path(path).stem, existing_file(path).stat()
    record = folder / f".{stem}.frames"
    made_from = (
        f"{Path(path).resolve()}, {state.st_size} bytes of {state.st_mtime_ns}, size {size}, every {every}"
    )
    written, *names = record.read_text(encoding="utf-8").splitlines() if record.exists() else [""]
    if written != made_from or not all((folder / name).exists() for name in names):
        record.unlink(missing_ok=True)
        names = []
        for number, frame in enumerate(stream(path, size, every=every, threads=1)):
            names.append(f"{stem}_{number * every:04d}.png")
            with whole_file(folder / names[-1]) as part:
                part.write_bytes(cv2.imencode(".png", cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))[1])
        with whole_file(record) as part:
            part.write_text("\n".join([made_from, *names]), encoding="utf-8")
    return [str(folder / name) for name in names]


def _no_name_twice(paths):
    first = {}
    for path in paths:
        stem = Path(path).stem
        if stem in first:
            raise CourseError(
                path,
                f"its images would overwrite those of {first[stem]}",
                "Leave one of the two rows out, or use two folders",
            )
        first[stem] = path


def _or_error(function, *args):
    try:
        return function(*args)
    except CourseError as error:
        return error


def _warn_about_failures(paths, results):
    bad = [result for result in results if isinstance(result, CourseError)]
    if len(bad) == len(paths):
        raise CourseError(
            f"{len(paths)} clips",
            "not one of them could be read",
            f"The first says: {bad[0]}" if bad else "The table of clips is empty: check its filter",
        )
    if bad:
        warnings.warn(
            f"{len(bad)} of {len(paths)} clips left out:\n" + "\n".join(f"  {error}" for error in bad),
            stacklevel=3,
        )
    return [i for i, result in enumerate(results) if not isinstance(result, CourseError)]
