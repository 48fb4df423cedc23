"""RAVDESS as it comes with the course: `python -m course_lib.authoring.embedding.ravdess DIR`.

DIR holds `ravdess/speech_16k/Actor_01` … (FLAC, 16 kHz) and `ravdess/video/Actor_01` (original mp4s)."""

import shutil
import sys
from pathlib import Path

from course_lib.authoring.embedding import encode
from course_lib.core.io import whole_file
from course_lib.datasets import embedded, ravdess

FOLDER = embedded.FOLDER / "ravdess"
MAN, WOMAN = 1, 2
# The films at half their width and height, with all frames and the original's sound.
FILM = [
    "-vf",
    "scale=640:360:flags=area",
    "-fps_mode",
    "passthrough",
    "-c:v",
    "libx264",
    "-preset",
    "veryslow",
]
FILM += ["-crf", "23", "-pix_fmt", "yuv420p", "-c:a", "copy", "-movflags", "+faststart"]


def speech_names() -> list[str]:
    """List the speech recordings: actor 1's calm and angry ones, and all eight emotions by a man and a woman.

    Returns
    -------
    list of str
        Names without ending. The eight are the first repetition of "Kids are talking by the door", strong
        where the emotion has a strong version.

    Examples
    --------
    >>> names = speech_names()
    >>> len(names), names[0]
    (30, '03-01-01-01-01-01-01')
    """
    sound = {"modality": "audio-only", "vocal_channel": "speech"}
    lecture = [
        {
            "emotion": emotion,
            "intensity": intensity,
            "statement": statement,
            "repetition": again,
            "actor": MAN,
        }
        for emotion in ("calm", "angry")
        for intensity in ("normal", "strong")
        for statement in ravdess.STATEMENTS
        for again in (1, 2)
    ]
    eight = [
        {
            "emotion": emotion,
            "intensity": "normal" if emotion == "neutral" else "strong",
            "statement": "kids",
            "repetition": 1,
            "actor": actor,
        }
        for actor in (MAN, WOMAN)
        for emotion in ravdess.EMOTIONS
    ]
    return sorted({ravdess.format_name(**sound, **fields) for fields in lecture + eight})


def make(data: Path, folder: Path = FOLDER) -> list[Path]:
    """Copy the speech recordings, and make the films smaller.

    Parameters
    ----------
    data : Path
        The folder that holds `ravdess/`.
    folder : Path
        Where to write: `Actor_01/…` and `Actor_02/…`.

    Returns
    -------
    list of Path
        The files written.
    """
    written = []
    for name in speech_names():
        path = Path(f"Actor_{name[-2:]}") / f"{name}.flac"
        with whole_file(folder / path) as part:
            shutil.copyfile(data / "ravdess" / "speech_16k" / path, part)
        written.append(folder / path)
    films = sorted((data / "ravdess" / "video" / "Actor_01").glob("*.mp4"))
    return written + [encode(path, folder / "Actor_01" / path.name, FILM) for path in films]


if __name__ == "__main__":
    print(f"{len(make(Path(sys.argv[1])))} files written to {FOLDER}")
