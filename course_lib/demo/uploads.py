"""What somebody hands to the demo: known by its first bytes, not by its name, and read within limits."""

import time
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image, ImageOps

from course_lib.core.errors import CourseError
from course_lib.media import audio, video

SR = 16000  # samples a second, as the network for speech hears
RATE = 10  # pictures a second of a film
SIDE = 640  # pixels: a picture's longer side is made smaller to this
LONGEST = 60  # seconds of a recording or film that are looked at
LARGEST = 50_000_000  # bytes of a file, and pixels of a picture
PATIENCE = 60  # seconds that reading a film may take

# What a file begins with, at which byte: names may lie, and a playlist could name files of this machine.
KINDS = {
    (0, b"\xff\xd8\xff"): "picture",
    (0, b"\x89PNG\r\n\x1a\n"): "picture",
    (8, b"WEBP"): "picture",
    (8, b"WAVE"): "sound",
    (0, b"fLaC"): "sound",
    (0, b"OggS"): "sound",
    (0, b"ID3"): "sound",
    (0, b"\xff\xfb"): "sound",
    (0, b"\xff\xf3"): "sound",
    (0, b"\xff\xf2"): "sound",
    (4, b"ftyp"): "film",
    (0, b"\x1aE\xdf\xa3"): "film",
    (8, b"AVI "): "film",
}
KNOWN = "a picture (jpg, png, webp), sound (wav, flac, ogg, mp3) or a film (mp4, mov, webm, mkv, avi)"


class Upload(NamedTuple):
    """What was in a file: its kind, its pictures uint8 RGB, `RATE` a second, its sound float32 (samples,) of
    `SR` or None, and what is to be said about it."""

    kind: str
    frames: list[np.ndarray]
    sound: np.ndarray | None
    notes: tuple[str, ...]

    @property
    def seconds(self) -> float:
        """How long it lasts; 0 for a picture."""
        return max(
            len(self.frames) / RATE if self.kind == "film" else 0,
            0 if self.sound is None else len(self.sound) / SR,
        )


def read(path) -> Upload:
    """Pictures and sound of a file, the first `LONGEST` seconds of it.

    What a film lacks is said in the notes. Raises `CourseError` for a file that is missing, empty, above
    `LARGEST` bytes, of no known kind, damaged, or with neither pictures nor sound."""
    path = video.existing_file(path)
    kind, size = kind_of(path), path.stat().st_size
    if size > LARGEST:
        raise CourseError(
            path.name,
            f"it has {size / 1e6:,.0f} MB, and {LARGEST / 1e6:.0f} MB are the most",
            "Cut a short piece out of it",
        )
    if kind == "picture":
        return Upload(kind, [read_picture(path)], None, ())
    frames, missing = _frames(path) if kind == "film" else ([], "")
    sound, silent = _sound(path)
    if not frames and sound is None:
        raise CourseError(
            path.name, "neither pictures nor sound could be read of it", f"{missing} {silent}".strip()
        )
    upload = Upload(kind, frames, sound, ())
    notes = [f"{'Not all' if frames else 'No'} pictures: {missing}"] * bool(missing)
    notes += [f"No sound: {silent}"] * bool(silent)
    notes += [f"Only its first {LONGEST} seconds were looked at."] * (upload.seconds >= LONGEST)
    return upload._replace(notes=tuple(notes))


def kind_of(path) -> str:
    """ "picture", "sound" or "film", by the file's first bytes. Raises `CourseError` for all else."""
    with open(path, "rb") as file:
        head = file.read(16)
    if head[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypavif"):
        raise CourseError(Path(path).name, "it is a picture in the HEIF format", "Save it as a jpg")
    for (at, mark), kind in KINDS.items():
        if head[at : at + len(mark)] == mark:
            return kind
    raise CourseError(
        Path(path).name, f"by its first bytes it is not {KNOWN}, whatever its name says", "Give one"
    )


def read_picture(path) -> np.ndarray:
    """A picture as uint8 (height, width, 3) RGB, upright as the camera noted, its longer side at most `SIDE`
    pixels.
    """
    try:
        with Image.open(path, formats=["JPEG", "PNG", "WEBP"]) as picture:
            if picture.width * picture.height > LARGEST:
                raise Image.DecompressionBombError
            picture.draft(
                "RGB", (2 * SIDE, 2 * SIDE)
            )  # a JPEG is decoded at half or a quarter: that is faster
            return small(np.asarray(ImageOps.exif_transpose(picture).convert("RGB")))
    except Image.DecompressionBombError as error:
        raise CourseError(
            Path(path).name, f"it has more than {LARGEST / 1e6:.0f} million pixels", "Make it smaller"
        ) from error
    except (OSError, SyntaxError, ValueError) as error:  # what Pillow raises for damage
        raise CourseError(Path(path).name, f"it is cut off or damaged ({error})", "Copy it again") from error


def small(image) -> np.ndarray:
    """An image uint8 (height, width, 3) with a longer side of at most `SIDE` pixels."""
    scale = SIDE / max(image.shape[:2])
    size = [max(1, round(scale * side)) for side in image.shape[1::-1]]
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA) if scale < 1 else image


def _frames(path):
    """The pictures that could be read, and what went wrong, "" for nothing."""
    frames, until = [], time.monotonic() + PATIENCE
    try:
        for frame in video.stream(path, seconds=LONGEST, fps=RATE):
            frames.append(small(frame))
            if time.monotonic() > until:
                return frames, f"{path.name}: reading them took more than {PATIENCE} s."
    except CourseError as error:
        return frames, _named(error, path)
    return frames, ""


def _sound(path):
    """The sound or None, and what went wrong, "" for nothing."""
    try:
        return audio.read_audio(path, SR, seconds=None, allow_silent=True, at_most=LONGEST), ""
    except CourseError as error:
        return None, _named(error, path)


def _named(error, path):
    return str(error).replace(str(path), path.name)
