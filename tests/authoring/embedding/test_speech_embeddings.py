"""The maker of the embeddings: weights in CTranslate2's format, and one file for each corpus."""

import struct

import numpy as np
import pytest
from whisper_pt import numbers, write

from course_lib.authoring.embedding import speech_embeddings
from course_lib.core.errors import CourseError
from course_lib.datasets import embedded, embeddings
from course_lib.models import whisper_file

PARTS = {
    "attn_ln": "self_attention/layer_norm",
    "attn.out": "self_attention/linear_1",
    "mlp_ln": "ffn/layer_norm",
    "mlp.0": "ffn/linear_0",
    "mlp.2": "ffn/linear_1",
}


@pytest.fixture
def small(monkeypatch):
    for name, value in {"BLOCKS": 2, "WIDTH": 8, "MELS": 4, "POSITIONS": 10}.items():
        monkeypatch.setattr(whisper_file, name, value)
    return numbers(whisper_file.shapes())


def as_ctranslate2(tensors):
    """Names and order of CTranslate2: query, key and value are one matrix."""
    found = {"encoder/position_encodings/encodings": tensors["positional_embedding"]}

    def add(name, place):
        kinds = ("gamma", "beta") if "layer_norm" in place else ("weight", "bias")
        for kind, part in zip(kinds, ("weight", "bias"), strict=True):
            found[f"encoder/{place}/{kind}"] = tensors[f"{name}.{part}"]

    for name, place in (("conv1", "conv1"), ("conv2", "conv2"), ("ln_post", "layer_norm")):
        add(name, place)
    for n in range(2):
        for name, place in PARTS.items():
            add(f"blocks.{n}.{name}", f"layer_{n}/{place}")
        for kind in ("weight", "bias"):
            parts = [tensors.get(f"blocks.{n}.attn.{name}.{kind}") for name in ("query", "key", "value")]
            whole = np.concatenate([np.zeros(8, np.float16) if part is None else part for part in parts])
            found[f"encoder/layer_{n}/self_attention/linear_0/{kind}"] = whole
    return found


def write_ctranslate2(path, variables, version=6, name="WhisperSpec"):
    def text(words):
        return struct.pack("<H", len(words) + 1) + words.encode() + b"\0"

    content = struct.pack("<I", version) + text(name) + struct.pack("<II", 3, len(variables))
    for key, array in variables.items():
        content += text(key) + struct.pack("B", array.ndim)
        content += b"".join(struct.pack("<I", n) for n in array.shape)
        content += struct.pack("<BI", 4, array.nbytes) + array.tobytes()
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content + struct.pack("<I", 0))
    return path


def test_both_formats_give_the_same_tensors(tmp_path, small):
    one = speech_embeddings.read_weights(write(tmp_path / "base.pt", small))
    path = write_ctranslate2(tmp_path / "model.bin", as_ctranslate2(small))
    other = speech_embeddings.read_weights(path)
    assert list(one) == list(other)
    assert all(np.array_equal(one[name], other[name]) for name in one)


def test_another_format_of_ctranslate2_is_refused(tmp_path, small):
    path = write_ctranslate2(tmp_path / "model.bin", as_ctranslate2(small), version=5)
    with pytest.raises(CourseError, match="not a Whisper in CTranslate2's binary format 6"):
        speech_embeddings.read_weights(path)


def test_missing_weights_are_named_with_the_command(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    with pytest.raises(CourseError, match="Run: course fetch whisper-base"):
        speech_embeddings.weights_of(tmp_path)


def test_each_corpus_gets_a_file_that_can_be_read(tmp_path, monkeypatch, small):
    weights = write_ctranslate2(tmp_path / "whisper" / "model.bin", as_ctranslate2(small))
    names = {"emodb": ["03a01Fa", "03a01Wa"], "ravdess": ["03-01-01-01-01-01-01"], "crema_d": []}
    layers = {name: np.arange(len(rows) * 7.0).reshape(-1, 7, 1) for name, rows in names.items()}
    about = speech_embeddings.weights_of(tmp_path)[1]
    assert about["file"] == weights.name and about["precision"] == "float16" and len(about["sha256"]) == 64
    monkeypatch.setattr(
        speech_embeddings,
        "layers_of",
        lambda corpus, data: (np.array(names[corpus]), layers[corpus].astype(np.float16), about),
    )
    written = speech_embeddings.make(tmp_path, tmp_path / "made")
    assert sorted(path.parent.name for path in written) == ["crema_d", "emodb", "ravdess"]
    (tmp_path / "made" / "emodb" / "LICENSE").touch()
    monkeypatch.setattr(embedded, "FOLDER", tmp_path / "made")
    table, X, found = embeddings.read("emodb")
    assert table["emotion"].tolist() == ["happy", "angry"] and X.tolist() == [[6], [13]]  # the last layer
    assert found["weights"] == about and found["layer"] == 6
