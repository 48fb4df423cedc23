"""A file in CTranslate2's binary format 6, as faster-whisper reads it: names, shapes and raw numbers."""

import struct

import numpy as np

PARTS = {
    "attn_ln": "self_attention/layer_norm",
    "attn.out": "self_attention/linear_1",
    "mlp_ln": "ffn/layer_norm",
    "mlp.0": "ffn/linear_0",
    "mlp.2": "ffn/linear_1",
}


def as_ctranslate2(tensors, blocks=2):
    """Names and order of CTranslate2: query, key and value are one matrix."""
    found = {"encoder/position_encodings/encodings": tensors["positional_embedding"]}

    def add(name, place):
        kinds = ("gamma", "beta") if "layer_norm" in place else ("weight", "bias")
        for kind, part in zip(kinds, ("weight", "bias"), strict=True):
            found[f"encoder/{place}/{kind}"] = tensors[f"{name}.{part}"]

    for name, place in (("conv1", "conv1"), ("conv2", "conv2"), ("ln_post", "layer_norm")):
        add(name, place)
    for n in range(blocks):
        for name, place in PARTS.items():
            add(f"blocks.{n}.{name}", f"layer_{n}/{place}")
        width = len(tensors["ln_post.bias"])
        for kind in ("weight", "bias"):
            parts = [tensors.get(f"blocks.{n}.attn.{name}.{kind}") for name in ("query", "key", "value")]
            whole = np.concatenate([np.zeros(width, np.float16) if part is None else part for part in parts])
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
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_bytes(content + struct.pack("<I", 0))
    return path
