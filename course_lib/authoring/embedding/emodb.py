"""EmoDB as it comes with the course: `python -m course_lib.authoring.embedding.emodb DIR`.

DIR holds `emodb/wav16k_flac` (lossless copies of the wavs) and `emodb/listening_test.csv`."""

import sys
from pathlib import Path

import pandas as pd

from course_lib.authoring.embedding import encode
from course_lib.core.progress import progress
from course_lib.datasets import embedded, emodb

FOLDER = embedded.FOLDER / "emodb"
# libopus, variable bit rate: 50 kbit/s on average over the corpus, the container included.
OPUS = ["-c:a", "libopus", "-b:a", "50k", "-vbr", "on", "-application", "audio"]
TABLE = ["name", "speaker", "text", "emotion", "recognised_percent", "natural_percent", "in_public_set"]
HEAD = """\
# EmoDB's listening test: all 816 recordings, 20 listeners (21 for some). CC0 1.0, see LICENSE and README.md.
# Made from the database's erkennung.txt. in_public_set: 1 for the 535 recordings that were published.
"""


def make(data: Path, folder: Path = FOLDER) -> list[Path]:
    """Encode the recordings as Ogg Opus, and copy the listening test.

    Parameters
    ----------
    data : Path
        The folder that holds `emodb/`.
    folder : Path
        Where to write: `wav/03a01Fa.opus` …, and the listening test as csv.

    Returns
    -------
    list of Path
        The files written.
    """
    recordings = sorted((data / "emodb" / "wav16k_flac").glob("*.flac"))
    written = [
        encode(path, folder / "wav" / f"{path.stem}.opus", OPUS)
        for path in progress(recordings, desc="EmoDB", leave=False)
    ]
    test = pd.read_csv(data / "emodb" / "listening_test.csv", dtype=str)[TABLE]
    path = folder / emodb.LISTENING_TEST
    path.write_text(HEAD + test.to_csv(index=False, lineterminator="\n"), encoding="utf-8")
    return [*written, path]


if __name__ == "__main__":
    print(f"{len(make(Path(sys.argv[1])))} files written to {FOLDER}")
