"""The film from Pexels as it comes with the course: `python -m course_lib.authoring.embedding.pexels DIR`.

DIR holds `pyfeat_media/WolfgangLanger_Pexels.mp4`."""

import sys
from pathlib import Path

from course_lib.authoring.embedding import encode
from course_lib.datasets import embedded

FOLDER = embedded.FOLDER / "pexels"
NAME = "WolfgangLanger_Pexels.mp4"
SECONDS = 14  # of 19.7: a sad face, a hand before it, and a smile
FILM = ["-t", str(SECONDS), "-vf", "scale=426:240:flags=area", "-fps_mode", "passthrough", "-c:v", "libx264"]
FILM += [
    "-preset",
    "veryslow",
    "-crf",
    "23",
    "-pix_fmt",
    "yuv420p",
    "-threads",
    "1",
    "-movflags",
    "+faststart",
]
FILM += ["-c:a", "aac", "-b:a", "32k", "-ac", "1"]  # the original track is digital silence


def make(data: Path, folder: Path = FOLDER) -> list[Path]:
    """Shorten the film and make it smaller.

    Parameters
    ----------
    data : Path
        The folder that holds `pyfeat_media/`.
    folder : Path
        Where to write.

    Returns
    -------
    list of Path
        The files written.
    """
    return [encode(data / "pyfeat_media" / NAME, folder / NAME, FILM)]


if __name__ == "__main__":
    print(f"{len(make(Path(sys.argv[1])))} files written to {FOLDER}")
