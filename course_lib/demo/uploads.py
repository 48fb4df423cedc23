"""Read files uploaded to the demo: recognise them by their first bytes, and read them within limits."""

import time
import warnings
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image, ImageOps

from course_lib.core import kinds
from course_lib.core.audio import SPEECH_SR
from course_lib.core.errors import CourseError
from course_lib.core.io import existing_file
from course_lib.media import audio, video

RATE = 10  # frames per second read from a video
SIDE = 640  # pixels: larger images are reduced until their longer side has this length
LONGEST = 60  # seconds of a recording or video that are analysed
LARGEST = 50_000_000  # bytes of a file that the page takes, and pixels of an image
PATIENCE = 60  # seconds allowed for reading the frames of a video

KNOWN = (
    "an image (jpg, png, webp), a recording (wav, flac, ogg, mp3, m4a) or a video (mp4, mov, webm, mkv, avi)"
)


class Upload(NamedTuple):
    """The content of an uploaded file.

    Attributes
    ----------
    kind : {"image", "audio", "video"}
    frames : list of np.ndarray
        RGB frames, uint8 (height, width, 3); `RATE` per second for a video, one for an image, none for audio.
    sound : np.ndarray or None
        float32 (samples,) at `SPEECH_SR` Hz; None without sound.
    notes : tuple of str
        Sentences on what is missing or was left out.
    """

    kind: str
    frames: list[np.ndarray]
    sound: np.ndarray | None
    notes: tuple[str, ...]

    @property
    def seconds(self) -> float:
        """Duration in seconds; 0 for an image."""
        return max(
            len(self.frames) / RATE if self.kind == "video" else 0,
            0 if self.sound is None else len(self.sound) / SPEECH_SR,
        )


def read(path: str | Path, at_most: int | None = None) -> Upload:
    """Read the frames and the sound of an image, a recording or a video.

    Parameters
    ----------
    path : str or Path
        The file. Its content decides what it is; its name does not matter.
    at_most : int, optional
        Refuse larger files (in bytes).

    Returns
    -------
    Upload
        At most the first `LONGEST` seconds. Its notes name what is missing.

    Raises
    ------
    CourseError
        If the file is missing, empty, too large, of an unknown kind or damaged, or if it has neither frames
        nor sound.

    Notes
    -----
    Used in lesson 14.
    """
    path = existing_file(path)
    kind, size = kind_of(path), path.stat().st_size
    if at_most and size > at_most:
        raise CourseError(
            path.name,
            f"it has {size / 1e6:,.0f} MB, more than the limit of {at_most / 1e6:.0f} MB",
            "Cut out a short piece",
        )
    if kind == "image":
        return Upload(kind, [read_image(path)], None, ())
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", UserWarning)
        frames, missing = _frames(path) if kind == "video" else ([], "")
        sound, silent = _sound(path)
    if not frames and sound is None:
        raise CourseError(
            path.name, "neither frames nor sound could be read from it", f"{missing} {silent}".strip()
        )
    if not frames and "no video stream" in missing:  # an mp4 or webm may hold a recording
        kind, missing = "audio", ""
    upload = Upload(kind, frames, sound, ())
    notes = [f"{'Some frames are missing' if frames else 'No frames'}: {missing}"] * bool(missing)
    notes += [f"No sound: {silent}"] * bool(silent)
    notes += [_named(warning.message, path) for warning in told if issubclass(warning.category, UserWarning)]
    notes += [f"Only the first {LONGEST} seconds were analysed."] * (upload.seconds >= LONGEST)
    return upload._replace(notes=tuple(notes))


def kind_of(path: str | Path) -> str:
    """Return "image", "audio" or "video" from a file's first bytes; any other file raises `CourseError`."""
    kind = kinds.kind_of(path)
    if kind == "heif":
        raise CourseError(Path(path).name, "it is an image in the HEIF format", "Save it as a jpg")
    if kind is None:
        raise CourseError(Path(path).name, f"its first bytes are not those of {KNOWN}", "Give such a file")
    return kind


def read_image(path: str | Path) -> np.ndarray:
    """Read an image as RGB uint8 (height, width, 3), at most `SIDE` pixels long, turned by its EXIF data."""
    try:
        with Image.open(path, formats=["JPEG", "PNG", "WEBP"]) as image:
            if image.width * image.height > LARGEST:
                raise Image.DecompressionBombError
            image.draft("RGB", (2 * SIDE, 2 * SIDE))  # faster: a JPEG is decoded at a half or a quarter
            return small(_rgb(ImageOps.exif_transpose(image)))
    except Image.DecompressionBombError as error:
        raise CourseError(
            Path(path).name, f"it has more than {LARGEST / 1e6:.0f} million pixels", "Make it smaller"
        ) from error
    except (OSError, SyntaxError, ValueError) as error:  # what Pillow raises for damaged files
        raise CourseError(Path(path).name, f"it is cut off or damaged ({error})", "Copy it again") from error


def _rgb(image):
    """An image of Pillow as RGB uint8. Pillow would cut levels of 16 bits off at 255."""
    if image.mode.startswith("I"):
        grey = np.asarray(image, np.int64)
        return np.repeat((np.clip(grey, 0, 65535) // 257).astype(np.uint8)[..., np.newaxis], 3, axis=2)
    return np.asarray(image.convert("RGB"))


def small(image: np.ndarray) -> np.ndarray:
    """Reduce an image, uint8 (height, width, 3), until its longer side has at most `SIDE` pixels.

    Examples
    --------
    >>> small(np.zeros((480, 1280, 3), np.uint8)).shape
    (240, 640, 3)

    Notes
    -----
    Used in lesson 14.
    """
    scale = SIDE / max(image.shape[:2])
    size = [max(1, round(scale * side)) for side in image.shape[1::-1]]
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA) if scale < 1 else image


def _frames(path):
    """Return the frames that could be read, and the error as text ("" without one)."""
    frames, until = [], time.monotonic() + PATIENCE
    try:
        for frame in video.stream(path, seconds=LONGEST, fps=RATE):
            frames.append(small(frame))
            if time.monotonic() > until:
                return frames, f"{path.name}: reading the frames took more than {PATIENCE} s."
    except CourseError as error:
        return frames, _named(error, path)
    return frames, ""


def _sound(path):
    """Return the sound or None, and the error as text ("" without one)."""
    try:
        return audio.read_audio(path, SPEECH_SR, seconds=None, at_most=LONGEST), ""
    except CourseError as error:
        return None, _named(error, path)


def _named(error, path):
    return str(error).replace(str(path), path.name)
