"""Read the encoder's weights from OpenAI's file of Whisper-base, base.pt, without PyTorch.

model.bin, the same weights in CTranslate2's format, is read by `whisper_ctranslate2`.

The file is a zip: a pickle describes the tensors, and their numbers lie beside it as raw float16. A pickle
can run code. So this reader allows only the few names that describe a tensor, and refuses every other one.

Source: Radford et al. (2022), "Robust Speech Recognition via Large-Scale Weak Supervision",
arXiv:2212.04356; https://github.com/openai/whisper (MIT)."""

import hashlib
import io
import pickle
import zipfile
import zlib
from collections import OrderedDict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from course_lib.core.errors import CourseError
from course_lib.core.io import what_came
from course_lib.core.paths import home
from course_lib.datasets import fetch
from course_lib.models import whisper_ctranslate2

FILE = "base.pt"
BLOCKS, WIDTH, MELS, POSITIONS = 6, 512, 80, 1500
GET_IT = "Run: course fetch whisper-base"
AGAIN = "Delete it and download it again: course fetch whisper-base"
PREFIX = "encoder."
STORAGES = {
    "HalfStorage": np.float16,
    "FloatStorage": np.float32,
    "DoubleStorage": np.float64,
    "LongStorage": np.int64,
    "IntStorage": np.int32,
    "ByteStorage": np.uint8,
    "BoolStorage": np.bool_,
}
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    pickle.UnpicklingError,
    OSError,
    EOFError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    NotImplementedError,
    MemoryError,
    OverflowError,
    RecursionError,
    RuntimeError,
)


def path() -> Path:
    """Return where the weights are: the file of `course fetch whisper-base`, or else model.bin beside it."""
    places = [home() / "whisper" / name for name in (FILE, whisper_ctranslate2.FILE)]
    return next((place for place in places if place.is_file()), places[0])


def shapes() -> dict[str, tuple[int, ...]]:
    """Return the shape of each of the encoder's tensors, by OpenAI's names.

    Returns
    -------
    dict of str to tuple of int
        97 tensors. PyTorch's order of axes: a convolution's kernel is (filters, channels, width), and a dense
        layer's is (outputs, inputs).

    Examples
    --------
    >>> shapes()["conv1.weight"], len(shapes())
    ((512, 80, 3), 97)
    """
    pair = {"weight": (WIDTH,), "bias": (WIDTH,)}
    square = {"weight": (WIDTH, WIDTH), "bias": (WIDTH,)}
    block = {
        "attn_ln": pair,
        "attn.query": square,
        "attn.key": {"weight": (WIDTH, WIDTH)},
        "attn.value": square,
        "attn.out": square,
        "mlp_ln": pair,
        "mlp.0": {"weight": (4 * WIDTH, WIDTH), "bias": (4 * WIDTH,)},
        "mlp.2": {"weight": (WIDTH, 4 * WIDTH), "bias": (WIDTH,)},
    }
    layers = {
        "conv1": {"weight": (WIDTH, MELS, 3), "bias": (WIDTH,)},
        "conv2": {"weight": (WIDTH, WIDTH, 3), "bias": (WIDTH,)},
        **{f"blocks.{n}.{name}": parts for n in range(BLOCKS) for name, parts in block.items()},
        "ln_post": pair,
    }
    named = {f"{name}.{part}": shape for name, parts in layers.items() for part, shape in parts.items()}
    return {"positional_embedding": (POSITIONS, WIDTH), **named}


def read(path: str | Path) -> dict[str, np.ndarray]:
    """Read the encoder's tensors.

    Parameters
    ----------
    path : str or path
        OpenAI's base.pt, or a file named model.bin in CTranslate2's format.

    Returns
    -------
    dict of str to np.ndarray
        float32, by the names of `shapes`.

    Raises
    ------
    CourseError
        If the file is missing, empty, damaged, a web page or no PyTorch file, if its pickle asks for anything
        but tensors, or if a tensor is missing or has another shape.
    """
    if Path(path).name == whisper_ctranslate2.FILE:
        return check(whisper_ctranslate2.read(path, BLOCKS), path)
    path = _zip(path)
    try:
        with zipfile.ZipFile(path) as file:
            found = _tensors(file, path)
    except CourseError:
        raise
    except _DAMAGED as error:
        raise CourseError(path, f"it is cut short or damaged ({error})".replace("\n", " "), AGAIN) from error
    return check(found, path)


def check(found: dict[str, np.ndarray], path: str | Path) -> dict[str, np.ndarray]:
    """Check that all tensors of the encoder are there, and return them as float32.

    Parameters
    ----------
    found : dict of str to np.ndarray
        Tensors by name, perhaps more than the encoder's.
    path : str or path
        The file they come from, for messages.

    Returns
    -------
    dict of str to np.ndarray
        In the order of `shapes`.

    Raises
    ------
    CourseError
        If a tensor is missing, has another shape or type, or contains NaN or infinity.
    """
    missing = [name for name in shapes() if name not in found]
    if missing:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise CourseError(
            path, f"it lacks the encoder's tensors {', '.join(missing[:3])}{more}", f"Give {FILE}. {GET_IT}"
        )
    for name, shape in shapes().items():
        if found[name].shape != shape or found[name].dtype.kind != "f":
            raise CourseError(
                path,
                f"its tensor {name} is {found[name].dtype} {found[name].shape}, where Whisper-base has "
                f"{shape}",
                f"Give {FILE}; other sizes of Whisper do not fit. {GET_IT}",
            )
        if not np.isfinite(found[name]).all():
            raise CourseError(path, f"its tensor {name} contains NaN or infinity", AGAIN)
    return {name: found[name].astype(np.float32) for name in shapes()}


def digest(tensors: dict[str, np.ndarray]) -> str:
    """Compute the SHA-256 of the encoder's tensors, which is the same for base.pt and model.bin.

    Parameters
    ----------
    tensors : dict of str to np.ndarray
        As from `read`.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    found = hashlib.sha256()
    for name in sorted(tensors):
        found.update(name.encode())
        found.update(np.ascontiguousarray(tensors[name], "<f4").tobytes())
    return found.hexdigest()


# --- the file ---


def _zip(path):
    path = Path(path).expanduser()
    if path.is_dir():
        raise CourseError(path, "this is a folder, not a file of weights", f"Give {FILE}. {GET_IT}")
    if not path.exists():
        entry = fetch.load_registry()["whisper-base"]
        size = f"{entry['files'][0]['size'] / 1e6:.0f} MB"
        raise CourseError(
            path, f"Whisper-base's weights are not here ({FILE}, {size}, {entry['licence']})", GET_IT
        )
    with open(path, "rb") as file:
        start = file.read(512)
    if not start:
        raise CourseError(path, "the file is empty", AGAIN)
    if start.lstrip().startswith(b"<"):
        raise CourseError(path, "it is a web page (of a log-in or an error, perhaps), not weights", AGAIN)
    if not start.startswith(b"PK"):
        came = what_came(path)
        what = f": {came[0]}" if came else f" (it begins with {start[:4]!r})"
        raise CourseError(path, f"it is not a PyTorch file in zip format{what}", AGAIN)
    return path


def _tensors(file, path):
    """The encoder's tensors by name, without the prefix."""
    pickles = [name for name in file.namelist() if name.endswith("/data.pkl")]
    if len(pickles) != 1:
        raise CourseError(path, "it is a zip without PyTorch's data.pkl", f"Give {FILE}. {GET_IT}")
    content = _Unpickler(io.BytesIO(file.read(pickles[0])), path).load()
    state = content.get("model_state_dict") if isinstance(content, dict) else None
    if not isinstance(state, dict):
        raise CourseError(
            path, "it holds no model_state_dict, as OpenAI's files do", f"Give {FILE}. {GET_IT}"
        )
    folder = pickles[0].removesuffix("data.pkl") + "data/"
    return {
        name.removeprefix(PREFIX): _array(file, folder, tensor)
        for name, tensor in state.items()
        if isinstance(name, str) and name.startswith(PREFIX) and isinstance(tensor, _Tensor)
    }


def _array(file, folder, tensor):
    """The numbers of one tensor, after a check that all of them lie within its storage."""
    kind, key, numel = tensor.storage
    last = tensor.offset + sum((n - 1) * step for n, step in zip(tensor.shape, tensor.stride, strict=True))
    inside = min((tensor.offset, *tensor.stride)) >= 0 and min((1, *tensor.shape)) > 0 and last < numel
    if not inside or file.getinfo(folder + key).file_size != numel * kind().itemsize:
        raise ValueError(f"storage {key} does not fit its tensor")
    numbers = np.frombuffer(file.read(folder + key), kind)[tensor.offset :]
    steps = [step * numbers.itemsize for step in tensor.stride]
    return np.lib.stride_tricks.as_strided(numbers, tensor.shape, steps, writeable=False)


class _Tensor(NamedTuple):
    storage: tuple
    offset: int
    shape: tuple
    stride: tuple


def _rebuild_tensor(storage, offset, shape, stride, *_):
    return _Tensor(storage, offset, shape, stride)


def _rebuild_parameter(tensor, *_):
    return tensor


ALLOWED: dict[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _rebuild_tensor,
    ("torch._utils", "_rebuild_parameter"): _rebuild_parameter,
    **{("torch", name): kind for name, kind in STORAGES.items()},
}


class _Unpickler(pickle.Unpickler):
    """Unpickle a description of tensors and nothing else."""

    def __init__(self, file, path):
        super().__init__(file)
        self.path = path

    def find_class(self, module, name):
        if (module, name) not in ALLOWED:
            raise CourseError(
                self.path,
                f"its pickle asks for {module}.{name}, which weights do not need and which could run code",
                AGAIN,
            )
        return ALLOWED[module, name]

    def persistent_load(self, pid):
        storage, kind, key, _, numel = pid
        if storage != "storage" or kind not in STORAGES.values() or not str(key).isdigit():
            raise ValueError(f"unknown storage {pid!r}")
        return kind, str(key), int(numel)
