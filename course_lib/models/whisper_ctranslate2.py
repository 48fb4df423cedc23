"""Read the encoder's weights from Whisper-base in CTranslate2's format, model.bin, as faster-whisper uses it.

The file is a list of variables: a name, a shape, a type and the numbers. It holds no code.

Source: https://github.com/OpenNMT/CTranslate2 (MIT), binary format 6."""

import struct
from pathlib import Path

import numpy as np

from course_lib.core.errors import CourseError
from course_lib.core.io import what_came

FILE = "model.bin"
BLOCKS = 6
VERSION, SPEC = 6, "WhisperSpec"
DTYPES = (np.float32, np.int8, np.int16, np.int32, np.float16)  # CTranslate2's numbers of them
AGAIN = "Give Whisper-base's model.bin in float16, or run: course fetch whisper-base"


def read(path: str | Path, blocks: int = BLOCKS) -> dict[str, np.ndarray]:
    """Read the encoder's tensors, by OpenAI's names.

    Parameters
    ----------
    path : str or path
        A file in CTranslate2's binary format 6.
    blocks : int
        How many transformer blocks the encoder has.

    Returns
    -------
    dict of str to np.ndarray
        As the file stores them. `whisper_file.check` checks their shapes.

    Raises
    ------
    CourseError
        If the file is missing, damaged or in another format, or is not a Whisper file.
    """
    path = Path(path).expanduser()
    try:
        return renamed(_variables(path.read_bytes()), blocks)
    except (OSError, struct.error, ValueError, KeyError, IndexError) as error:
        came = what_came(path) if path.is_file() else None
        why = came[0] if came else "it is cut off" if isinstance(error, struct.error) else error
        raise CourseError(
            path, f"it cannot be read as a Whisper in CTranslate2's format ({why})", AGAIN
        ) from error


def renamed(found: dict[str, np.ndarray], blocks: int = BLOCKS) -> dict[str, np.ndarray]:
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
    for n in range(blocks):
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


def _variables(content):
    """All variables of a file in CTranslate2's binary format 6, by name."""
    place = 0

    def number(form):
        nonlocal place
        (value,) = struct.unpack_from(form, content, place)
        place += struct.calcsize(form)
        return value

    def text():
        nonlocal place
        length = number("<H")
        place += length
        return content[place - length : place].rstrip(b"\0").decode("utf-8", "replace")

    if (number("<I"), text()) != (VERSION, SPEC):
        raise ValueError("it is not a Whisper in CTranslate2's binary format 6")
    number("<I")  # the revision of WhisperSpec
    variables = {}
    for _ in range(number("<I")):
        name = text()
        shape = [number("<I") for _ in range(number("B"))]
        kind, size = DTYPES[number("B")], number("<I")
        variables[name] = np.frombuffer(content, kind, size // kind().itemsize, place).reshape(shape)
        place += size
    return variables
