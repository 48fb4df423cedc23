"""Whisper-base's embeddings of the speech corpora.

`python -m course_lib.authoring.embedding.speech_embeddings DIR` makes them again. DIR holds
`ravdess/speech_16k` (all 1,440 recordings) and `whisper/`: OpenAI's `base.pt`, or `model.bin`, the same
weights in the format of CTranslate2. Without either, the file of `course fetch whisper-base` is taken. EmoDB
and CREMA-D are read as they come with the course."""

import hashlib
import json
import struct
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
from course_lib.models import whisper_file

LAYER = 6  # the last one, set before any score was computed
CTRANSLATE2 = "model.bin"
POOLING = "mean over the utterance's own frames of 20 ms"
PADDING = "silence at the end, to whole seconds"
LICENCES = {
    "ravdess": "CC BY-NC-SA 4.0, as RAVDESS",
    "emodb": "CC0 1.0, as EmoDB",
    "crema_d": "ODbL 1.0 and DbCL 1.0, as CREMA-D",
}
DTYPES = (np.float32, np.int8, np.int16, np.int32, np.float16)  # CTranslate2's numbers of them


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

    network = speech_encoder.load(read_weights(weights))
    sounds = [audio.read_audio(path, SPEECH_SR, seconds=None) for path in paths]
    X = speech_encoder.all_layers(network, sounds).astype(np.float16)
    with whole_file(kept) as part:
        np.savez(part, names=np.array([path.stem for path in paths]), X=X)


# --- weights ---


def weights_of(data: Path) -> tuple[Path, dict[str, str]]:
    """Find the weights, and describe them: file, format, precision and SHA-256."""
    places = [data / "whisper" / name for name in (whisper_file.FILE, CTRANSLATE2)]
    path = next((place for place in places if place.is_file()), whisper_file.path())
    if not path.is_file():
        raise CourseError(path, "Whisper-base's weights are not here", whisper_file.GET_IT)
    return path, {
        "file": path.name,
        "format": "CTranslate2 6" if path.name == CTRANSLATE2 else "PyTorch",
        "precision": "float16",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }


def read_weights(path: Path) -> dict[str, np.ndarray]:
    """Read the encoder's tensors by OpenAI's names, float32, from base.pt or CTranslate2's model.bin."""
    if path.name != CTRANSLATE2:
        return whisper_file.read(path)
    return whisper_file.check(from_ctranslate2(_read_ctranslate2(path)), path)


def from_ctranslate2(found: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Rename the encoder's tensors from CTranslate2's names to OpenAI's.

    CTranslate2 keeps query, key and value as one matrix. Its bias of the key is zero, because Whisper's keys
    have none.
    """
    tensors = {"positional_embedding": found["encoder/position_encodings/encodings"]}

    def add(name, place, weight="weight", bias="bias"):
        tensors[f"{name}.weight"] = found[f"encoder/{place}/{weight}"]
        tensors[f"{name}.bias"] = found[f"encoder/{place}/{bias}"]

    add("conv1", "conv1")
    add("conv2", "conv2")
    add("ln_post", "layer_norm", "gamma", "beta")
    for n in range(whisper_file.BLOCKS):
        attention, dense, block = f"layer_{n}/self_attention", f"layer_{n}/ffn", f"blocks.{n}"
        add(f"{block}.attn_ln", f"{attention}/layer_norm", "gamma", "beta")
        add(f"{block}.attn.out", f"{attention}/linear_1")
        add(f"{block}.mlp_ln", f"{dense}/layer_norm", "gamma", "beta")
        add(f"{block}.mlp.0", f"{dense}/linear_0")
        add(f"{block}.mlp.2", f"{dense}/linear_1")
        parts = [np.split(found[f"encoder/{attention}/linear_0/{kind}"], 3) for kind in ("weight", "bias")]
        for name, weight, bias in zip(("query", "key", "value"), *parts, strict=True):
            tensors[f"{block}.attn.{name}.weight"] = weight
            if name != "key":
                tensors[f"{block}.attn.{name}.bias"] = bias
    return tensors


def _read_ctranslate2(path):
    """All variables of a file in CTranslate2's binary format 6, by name."""
    content, place = path.read_bytes(), 0

    def number(form):
        nonlocal place
        (value,) = struct.unpack_from(form, content, place)
        place += struct.calcsize(form)
        return value

    def text():
        nonlocal place
        length = number("<H")
        place += length
        return content[place - length : place].rstrip(b"\0").decode()

    if (number("<I"), text()) != (6, "WhisperSpec"):
        raise CourseError(path, "it is not a Whisper in CTranslate2's binary format 6", "Give another file")
    number("<I")  # the revision of WhisperSpec
    variables = {}
    for _ in range(number("<I")):
        name = text()
        shape = [number("<I") for _ in range(number("B"))]
        kind, size = number("B"), number("<I")
        variables[name] = np.frombuffer(content, DTYPES[kind], size // DTYPES[kind]().itemsize, place)
        variables[name] = variables[name].reshape(shape)
        place += size
    return variables


if __name__ == "__main__":
    print("\n".join(map(str, make(Path(sys.argv[1])))))
