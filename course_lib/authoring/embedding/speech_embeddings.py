"""Whisper-base's embeddings of the speech corpora.

`python -m course_lib.authoring.embedding.speech_embeddings DIR` makes them again. DIR holds
`ravdess/speech_16k` (all 1,440 recordings) and `whisper/`: OpenAI's `base.pt`, or `model.bin`, the same
weights in the format of CTranslate2. Without either, the file of `course fetch whisper-base` is taken. EmoDB
and CREMA-D are read as they come with the course."""

import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from course_lib.core.audio import SPEECH_SR
from course_lib.core.errors import CourseError
from course_lib.core.io import hash_files, read_npz, whole_file
from course_lib.core.paths import home
from course_lib.datasets import embedded, embeddings
from course_lib.media import audio
from course_lib.models import whisper_ctranslate2, whisper_file

LAYER = 6  # the last one, set before any score was computed
POOLING = "mean over the utterance's own frames of 20 ms"
PADDING = "silence at the end, to whole seconds"
LICENCES = {
    "ravdess": "CC BY-NC-SA 4.0, as RAVDESS",
    "emodb": "CC0 1.0, as EmoDB",
    "crema_d": "ODbL 1.0 and DbCL 1.0, as CREMA-D",
}


def make(data: Path, folder: Path = embedded.FOLDER) -> list[Path]:
    """Compute the embeddings of the last layer and write one file into the folder of each corpus.

    Parameters
    ----------
    data : Path
        The folder that holds `ravdess/` and `whisper/`.
    folder : Path
        The folder of all corpora.

    Returns
    -------
    list of Path
        The files written.
    """
    written = []
    for corpus, licence in LICENCES.items():
        names, X, weights = layers_of(corpus, data)
        about = {
            "preset": "whisper_base_encoder",
            "layer": LAYER,
            "pooling": POOLING,
            "padding": PADDING,
            "licence": licence,
            "weights": weights,
        }
        written.append(folder / corpus / embeddings.FILE)
        with whole_file(written[-1]) as part:
            np.savez_compressed(part, names=names, X=X[:, LAYER], about=np.array(json.dumps(about)))
    return written


def layers_of(corpus: str, data: Path) -> tuple[np.ndarray, np.ndarray, dict]:
    """Compute the embeddings of a corpus at all layers, or read them if this machine computed them before.

    Parameters
    ----------
    corpus : {"ravdess", "emodb", "crema_d"}
    data : Path
        As for `make`.

    Returns
    -------
    names : np.ndarray of str, shape (n,)
        Sorted by the path of the file.
    X : np.ndarray
        float16 (n, 7, 512).
    weights : dict
        File, format, precision and SHA-256 of the weights.
    """
    path, about = weights_of(data)
    paths = recordings(corpus, data)
    kept = home() / "embeddings" / f"whisper-{corpus}-{about['sha256'][:12]}-{hash_files(paths)[:12]}.npz"
    if not kept.is_file():
        _compute(path, paths, kept)
    found = read_npz(kept, "embeddings", "Delete it, and run this again")
    return found["names"], found["X"], about


def recordings(corpus: str, data: Path) -> list[Path]:
    """List the sound files of a corpus, sorted by path."""
    folder = {
        "ravdess": data / "ravdess" / "speech_16k",
        "emodb": embedded.FOLDER / "emodb" / "wav",
        "crema_d": embedded.FOLDER / "crema_d" / "voices",
    }[corpus]
    return sorted(path for path in folder.rglob("*") if path.suffix in (".flac", ".opus", ".wav"))


def _compute(weights, paths: Sequence[Path], kept: Path) -> None:
    from course_lib.models import speech_encoder

    network = speech_encoder.load(weights)
    sounds = [audio.read_audio(path, SPEECH_SR, seconds=None) for path in paths]
    X = speech_encoder.all_layers(network, sounds).astype(np.float16)
    with whole_file(kept) as part:
        np.savez(part, names=np.array([path.stem for path in paths]), X=X)


# --- weights ---


def weights_of(data: Path) -> tuple[Path, dict[str, str]]:
    """Find the weights, and describe them: file, format, precision and SHA-256."""
    places = [data / "whisper" / name for name in (whisper_file.FILE, whisper_ctranslate2.FILE)]
    path = next((place for place in places if place.is_file()), whisper_file.path())
    if not path.is_file():
        raise CourseError(path, "Whisper-base's weights are not here", whisper_file.GET_IT)
    return path, {
        "file": path.name,
        "format": "CTranslate2 6" if path.name == whisper_ctranslate2.FILE else "PyTorch",
        "precision": "float16",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }


if __name__ == "__main__":
    print("\n".join(map(str, make(Path(sys.argv[1])))))
