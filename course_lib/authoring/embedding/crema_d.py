"""CREMA-D as it comes with the course: `python -m course_lib.authoring.embedding.crema_d DIR`.

DIR holds `crema_d_votes/` (votes, checksums, actors), `crema_d_audio/*.wav` (unchanged from AudioWAV) and
`crema_d_faces/clips/*.mp4` (faces without sound, cut out and scaled)."""

import gzip
import io
import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from course_lib.core.io import whole_file
from course_lib.datasets import crema_d, embedded

FOLDER = embedded.FOLDER / "crema_d"
MADE = "_192_15fps_silent"  # at the end of a face clip's name in DIR
MODALITIES = {"voice": "audio-only", "face": "video-only", "av": "audio-video"}
ROWS = ["recording", "modality"]
HEAD = """\
# CREMA-D's votes (Cao et al. 2014): how many people chose angry, disgust, fear, happy, sad, neutral.
# Open Database License (ODbL) 1.0, see LICENSE: this table, and every table made from it, stays under it.
"""


def make(data: Path, folder: Path = FOLDER) -> list[Path]:
    """Copy clips and actors, and write votes and checksums in a compact form.

    Parameters
    ----------
    data : Path
        The folder that holds `crema_d_votes/`, `crema_d_audio/` and `crema_d_faces/`.
    folder : Path
        Where to write: `faces/`, `voices/`, `votes.csv.gz`, `audio_wav_sha256.npz`, `VideoDemographics.csv`.

    Returns
    -------
    list of Path
        The files written.
    """
    copies = {path: folder / "voices" / path.name for path in sorted((data / "crema_d_audio").glob("*.wav"))}
    for path in sorted((data / "crema_d_faces" / "clips").glob(f"*{MADE}.mp4")):
        copies[path] = folder / "faces" / f"{path.stem.removesuffix(MADE)}{crema_d.SILENT}.mp4"
    copies[data / "crema_d_votes" / "VideoDemographics.csv"] = folder / "VideoDemographics.csv"
    for source, target in copies.items():
        with whole_file(target) as part:
            shutil.copyfile(source, part)
    written = [write_votes(data / "crema_d_votes" / "votes.csv.gz", folder / "votes.csv.gz")]
    written.append(write_checksums(data / "crema_d_votes" / "official_sha256.tsv.gz", folder))
    return [*copies.values(), *written]


def write_votes(source: Path, path: Path) -> Path:
    """Write the votes with a head that names their licence, three rows for each clip.

    Parameters
    ----------
    source : Path
        A csv with the columns clip, modality (voice, face, av) and A D F H N S.
    path : Path
        Where to write: a csv.gz, the same bytes each time.

    Returns
    -------
    Path
        `path`.
    """
    votes = pd.read_csv(source, keep_default_na=False).rename(columns={"clip": "recording"})
    order = list(MODALITIES)
    votes = votes.sort_values(
        ["recording", "modality"], key=lambda c: c.map(order.index) if c.name == "modality" else c
    )
    votes["modality"] = votes["modality"].map(MODALITIES)
    text = HEAD + votes[[*ROWS, *crema_d.VOTES]].to_csv(index=False, lineterminator="\n")
    with whole_file(path) as part:
        part.write_bytes(gzip.compress(text.encode(), mtime=0))
    return path


def write_checksums(source: Path, folder: Path) -> Path:
    """Write names, sizes and SHA-256 of the official wav files as an npz.

    Parameters
    ----------
    source : Path
        A tsv with the columns path ("AudioWAV/1001_DFA_ANG_XX.wav" …), bytes and sha256.
    folder : Path
        Where to write `audio_wav_sha256.npz`.

    Returns
    -------
    Path
    """
    files = pd.read_csv(source, sep="\t")
    files = files[files["path"].str.startswith("AudioWAV/")].sort_values("path")
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        recording=np.array([Path(path).stem for path in files["path"]], dtype="S15"),
        bytes=files["bytes"].to_numpy(np.uint32),
        sha256=np.array([list(bytes.fromhex(digits)) for digits in files["sha256"]], dtype=np.uint8),
    )
    path = folder / "audio_wav_sha256.npz"
    with whole_file(path) as part:
        part.write_bytes(buffer.getvalue())
    return path


if __name__ == "__main__":
    print(f"{len(make(Path(sys.argv[1])))} files written to {FOLDER}")
