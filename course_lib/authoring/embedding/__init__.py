"""Make the corpora that come with the course from the data they were taken from, one module for each.

`python -m course_lib.authoring.embedding.emodb DIR` writes `course_lib/datasets/embedded/emodb` again. DIR is
the folder of the real data. Media are committed once, in their last form, because git keeps every version.
"""

import subprocess
from pathlib import Path

from course_lib.core.errors import CourseError
from course_lib.core.io import whole_file

# Without these, files hold the encoder's version or a random number, and are never the same twice.
REPRODUCIBLE = ("-map_metadata", "-1", "-fflags", "+bitexact", "-flags", "+bitexact")


def encode(source: Path, target: Path, options: list[str]) -> Path:
    """Encode a media file with the course's ffmpeg.

    Parameters
    ----------
    source, target : Path
        The ending of `target` names its format.
    options : list of str
        Of ffmpeg, for the output.

    Returns
    -------
    Path
        `target`.

    Raises
    ------
    CourseError
        If ffmpeg fails or complains.
    """
    import imageio_ffmpeg

    with whole_file(target) as part:
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-y", "-i", f"file:{source}"]
        done = subprocess.run(
            [*command, *options, *REPRODUCIBLE, f"file:{part}"], capture_output=True, text=True
        )
        if done.returncode or done.stderr:
            raise CourseError(source, f"ffmpeg could not encode it: {done.stderr.strip()}", "See its message")
    return target


def encoder() -> str:
    """Return the version of the ffmpeg that `encode` runs, as it must be written in a corpus's README."""
    import imageio_ffmpeg

    return imageio_ffmpeg.get_ffmpeg_version()
