"""Read clips as arrays, one small frame at a time: lecture 14 from 02:12 to 08:12.

The lecture saves every 1280x720 frame as an image file, reads all of them back into one array (873 images
take 2.4 GB) and then resizes. Here ffmpeg resizes while it decodes, so a clip is never in memory at full
size.
"""

import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from math import inf
from numbers import Integral, Real
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from course_lib.core.errors import CourseError
from course_lib.core.io import existing_file, what_came, whole_file
from course_lib.core.kinds import kind_of
from course_lib.core.progress import progress
from course_lib.media import ffmpeg

LARGEST = 50_000_000  # pixels of a frame: a small file may declare a huge frame
PHOTOGRAPHS = (".jpg", ".jpeg", ".png")  # read as a clip of one frame, unless the content is a clip
# High dynamic range to the usual one, BT.709. Levels up to 60 % of white stay as they are; brighter ones are
# compressed.
TONE_MAPPED = (
    "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=mobius:param=0.6:desat=0,"
    "zscale=t=bt709:m=bt709:r=tv,format=yuv420p"
)


def stream(
    path: str | Path,
    size: tuple[int, int] | None = None,
    seconds: float | None = None,
    fps: float | None = None,
    every: int = 1,
    threads: int = 0,
) -> Iterator[np.ndarray]:
    """Yield the frames of a clip as they are decoded.

    Parameters
    ----------
    path : str or Path
        The clip. A photograph (jpg, png, webp) is a clip of one frame. Its content decides, not its name.
    size : (int, int), optional
        Height and width to resize to (averaged over areas, as OpenCV's INTER_AREA); by default the clip's
        own.
    seconds : float, optional
        Stop after this time.
    fps : float, optional
        Resample to this many frames per second.
    every : int
        Keep every this many frames: 10 gives frames 0, 10, 20 and so on.
    threads : int
        Threads that decode; 0 lets ffmpeg choose. Use 1 if several clips are read in parallel.

    Yields
    ------
    np.ndarray
        uint8 (height, width, 3), RGB.

    Raises
    ------
    CourseError
        If the file is missing, empty or damaged, or has no video; or if an argument is not possible. A
        damaged clip is an error at its end, after the frames that could be read.

    Notes
    -----
    A container may declare more frames than it holds: RAVDESS's originals declare one too many. Used in
    lessons 02, 08, 09 and 14.
    """
    _checked(size, seconds, fps, every)
    path = existing_file(path)
    kind = kind_of(path)
    if kind == "image" or (kind is None and path.suffix.lower() in PHOTOGRAPHS):
        yield _photograph(path, size)
        return
    corrected: list[str] = []
    for _ in range(2):  # again if the first frame shows that the pictures must be corrected
        with (
            tempfile.TemporaryFile() as log,
            _ffmpeg(path, size, seconds, fps, every, threads, corrected, log) as process,
        ):
            count, again, ended, known = 0, False, False, ffmpeg.facts("", "Video")
            try:
                for frame in _ppm_images(process.stdout):
                    known = ffmpeg.facts(_text(log), "Video") if not count else known
                    corrections = _corrections(known, size) if not count else corrected
                    if again := corrections != corrected:
                        corrected = corrections
                        break
                    yield np.zeros_like(frame) if count < known.start * (fps or 0) - 0.5 else frame
                    count += 1
                else:
                    ended = True
            finally:
                if not ended:
                    process.kill()  # also if the caller wants no more
            failed, told = process.wait() != 0, _text(log)
        if not again:
            break
    _judge(path, count, failed, ffmpeg.facts(told, "Video"), every / fps if fps else None, every, seconds)


def _judge(path, count, failed, known, step, every, seconds):
    """Raise an error about a damaged clip, and warn of complaints about one that came whole."""
    if not count and "matches no streams" in known.complaints:
        raise CourseError(path, "it has no video stream", "Give a clip with pictures")
    again = "Fetch or copy the clip again, or leave it out"
    if not count:
        raise CourseError(path, *ffmpeg.refusal(path, known.complaints, again))
    if not (failed or known.complaints or ffmpeg.lost(path, 1)):
        return
    step = step or (every / known.rate if known.rate else 0)
    end = max(known.end or 0, (0 if step == 0 else known.start) + count * step)
    short = ffmpeg.missing(known, end, seconds)
    if seconds is None or end < seconds - ffmpeg.ENOUGH:
        short = max(short or 0, ffmpeg.lost(path, end))
    if failed or (short or 0) > ffmpeg.ENOUGH:
        # Some frames may have come already: a damaged clip must not pass as a short clip.
        raise CourseError(
            path,
            f"only {count} frames could be read: "
            f"{ffmpeg.explain(known.complaints) if known.complaints else 'it is cut off'}",
            again,
        )
    if not known.complaints:
        return
    warnings.warn(
        f"{path}: {count} frames were read, but ffmpeg complains: {ffmpeg.first_line(known.complaints)}",
        stacklevel=3,
    )


def read_clip(
    path: str | Path,
    size: tuple[int, int] | None = None,
    seconds: float | None = None,
    fps: float | None = None,
    every: int = 1,
    threads: int = 0,
) -> np.ndarray:
    """Read a clip as one array.

    Parameters
    ----------
    path, size, seconds, fps, every, threads
        As in `stream`.

    Returns
    -------
    np.ndarray
        uint8 (frames, height, width, 3), RGB.

    Raises
    ------
    CourseError
        As `stream` does.

    Notes
    -----
    Used in lessons 00, 01, 05 and 15.
    """
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

    Notes
    -----
    `course evaluate ravdess_speech_counts` uses it.
    """
    capture = cv2.VideoCapture(str(existing_file(path)))
    count = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
    capture.release()
    if count < 1:
        raise CourseError(
            path, "it declares no frames, or it is not a clip", "Count them: sum(1 for _ in stream(path))"
        )
    return count


def read_frames(
    clips: pd.DataFrame,
    size: tuple[int, int] | None = (224, 224),
    every: int = 1,
    seconds: float | None = None,
    jobs: int = -1,
) -> tuple[np.ndarray, pd.DataFrame]:
    """Read frames of many clips in parallel.

    Parameters
    ----------
    clips : pd.DataFrame
        One row for each clip, with its file in `path`.
    size : (int, int), optional
        Height and width to resize to; None keeps the clips' own, which must then be equal.
    every, seconds
        As in `stream`.
    jobs : int
        Clips that are read at the same time; -1 uses all cores.

    Returns
    -------
    images : np.ndarray
        uint8 (n, height, width, 3), RGB.
    table : pd.DataFrame
        One row for each image: the row of its clip, and `frame`, its number in the clip.

    Raises
    ------
    CourseError
        If no clip can be read, the images differ in size, or an argument is not possible.

    Warns
    -----
    UserWarning
        Lists the clips that cannot be read, which are left out.

    Notes
    -----
    Used in lessons 01 to 04 and 09.
    """
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
            f"their frames differ in size ({', '.join(sorted(sizes))})",
            "Give size=(height, width)",
        )
    table = clips.iloc[np.repeat(good, [len(arrays[i]) for i in good])].reset_index(drop=True)
    table["frame"] = np.concatenate([np.arange(len(arrays[i])) * every for i in good])
    return np.concatenate([arrays[i] for i in good]), table


def read_windows(
    clips: pd.DataFrame,
    size: tuple[int, int] = (128, 227),
    seconds: float = 4,
    fps: float = 30,
    jobs: int = -1,
) -> tuple[np.ndarray, pd.DataFrame]:
    """Read the first seconds of many clips as one array.

    Parameters
    ----------
    clips : pd.DataFrame
        One row for each clip, with its file in `path`.
    size : (int, int)
        Height and width to resize to.
    seconds : float
        Length of each window. A shorter clip repeats its last frame, as MoviePy does while the sound goes on.
    fps : float
        Frames per second.
    jobs : int
        Clips that are read at the same time; -1 uses all cores.

    Returns
    -------
    windows : np.ndarray
        uint8 (n, round(seconds * fps), height, width, 3), RGB. Lecture 27 at 07:50 reads 4 s at 30 frames per
        second and 128x227: (32, 120, 128, 227, 3).
    table : pd.DataFrame
        `clips` without the ones that cannot be read.

    Raises
    ------
    CourseError
        If no clip can be read, or an argument is not possible.

    Warns
    -----
    UserWarning
        Lists the clips that cannot be read, which are left out.

    Notes
    -----
    Frames are decoded straight into the array, so no clip is in memory twice. Used in lessons 05 to 08 and
    13.
    """
    _checked(size, seconds, fps)
    if size is None or seconds is None or fps is None or round(seconds * fps) < 1:
        raise CourseError(
            f"size={size!r}, seconds={seconds!r}, fps={fps!r}",
            "an array needs one size and at least one frame",
            "Give a height and width, and enough time for one frame",
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


def extract_frames(
    clips: pd.DataFrame,
    folder: str | Path,
    size: tuple[int, int] | None = None,
    every: int = 1,
    jobs: int = -1,
) -> pd.DataFrame:
    """Save frames of many clips as PNG files, as lecture 14 does from 02:12.

    Parameters
    ----------
    clips : pd.DataFrame
        One row for each clip, with its file in `path`.
    folder : str or Path
        Where the images go. They are named after clip and frame: `02-01-05-01-01-01-01_0020.png`.
    size, every
        As in `stream`.
    jobs : int
        Clips that are read at the same time; -1 uses all cores.

    Returns
    -------
    pd.DataFrame
        One row for each image, with the columns of `clips`: `path` is now the image, `clip` the file it comes
        from, and `frame` its number. The labels of the clips are kept.

    Raises
    ------
    CourseError
        If no clip can be read, two clips have the same file name, or an argument is not possible.

    Warns
    -----
    UserWarning
        Lists the clips that cannot be read, which are left out.

    Notes
    -----
    A clip whose images are all there is not decoded again. Used in lesson 01.
    """
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


def _checked(size=None, seconds=None, fps=None, every=1):
    """Check the arguments before decoding: ffmpeg would blame the clip, or silently do something else."""
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
                f"{name}={value!r}", "it is not a number above 0", "Give a number, or None for the clip's own"
            )
    if not whole(every):
        raise CourseError(
            f"every={every!r}",
            "it is not a whole number above 0",
            "Give 1 for all frames, 2 for every second one",
        )


def _ffmpeg(path, size, seconds, fps, every, threads, corrected, log):
    # A clip that ends within the first half of a step still gives its last frame. Pictures that begin after
    # the sound are preceded by copies of the first one.
    filters = [*corrected, *([f"fps={fps}:start_time=0:eof_action=pass"] if fps is not None else [])]
    filters += [f"select=not(mod(n\\,{every}))"] if every > 1 else []
    # Scaled as RGB with exact rounding: ffmpeg's short cut through YUV is two grey levels too dark.
    filters += (
        ["format=gbrp", f"scale={size[1]}:{size[0]}:flags=area+accurate_rnd"] if size is not None else []
    )
    command = [
        *ffmpeg.command(path, "-threads", str(threads), "-max_pixels", str(LARGEST)),
        "-map",
        "0:V:0",  # not 0:v:0, which may be the picture of a record's cover
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


def _corrections(known, size):
    """The filters that the pictures of a file need: to normal dynamic range, and to square pixels."""
    filters = [TONE_MAPPED] if known.hdr else []
    return filters + ["scale=iw*sar:ih,setsar=1"] * (known.aspect != 1 and size is None)


def _text(log):
    log.seek(0)
    return log.read().decode(errors="replace").strip()


def _fill(window, path, size, seconds, fps):
    """Fill a window. The clip is read to the end even if the window is full, so that damage is noticed."""
    for number, frame in enumerate(stream(path, size, seconds, fps, threads=1)):
        if number < len(window):
            window[number] = frame
    window[number + 1 :] = frame


def _photograph(path, size):
    """A photograph as one frame, uint8 RGB."""
    image = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        if kind_of(path) is None and (found := what_came(path)):
            raise CourseError(path, *found)
        raise CourseError(path, "it is damaged, or it is not an image", "Copy or unpack it again")
    if size is not None:
        image = cv2.resize(image, (size[1], size[0]), interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def _ppm_images(pipe):
    """Images from a pipe. PPM images contain their own size, so the file is not opened twice."""
    while pipe.readline():
        width, height = map(int, pipe.readline().split())
        pipe.readline()
        pixels = pipe.read(width * height * 3)
        if len(pixels) == width * height * 3:
            yield np.frombuffer(pixels, np.uint8).reshape(height, width, 3)


def _save_frames(path, folder, size, every):
    """Save frames, with a record of clip and settings, so that a changed clip is decoded again."""
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
            "none of them could be read",
            f"The first error: {bad[0]}" if bad else "The table of clips is empty: check its filter",
        )
    if bad:
        warnings.warn(
            f"{len(bad)} of {len(paths)} clips left out:\n" + "\n".join(f"  {error}" for error in bad),
            stacklevel=3,
        )
    return [i for i, result in enumerate(results) if not isinstance(result, CourseError)]
