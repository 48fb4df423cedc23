"""A file in the layout of OpenAI's base.pt, as torch.save writes it: a zip with a pickle and raw numbers."""

import pickle
import zipfile
from collections import OrderedDict

import numpy as np

KINDS = {"float16": "HalfStorage", "float32": "FloatStorage", "int64": "LongStorage"}


class Name:
    """A name that the pickle asks for, such as torch._utils._rebuild_tensor_v2."""

    def __init__(self, module, name):
        self.module, self.name = module, name

    def __call__(self):
        raise NotImplementedError


class Storage:
    def __init__(self, key, kind, numel):
        self.key, self.kind, self.numel = key, kind, numel


class Tensor:
    def __init__(self, storage, offset, shape, stride):
        self.parts = storage, offset, tuple(shape), tuple(stride), False, OrderedDict()

    def __reduce__(self):
        return Name("torch._utils", "_rebuild_tensor_v2"), self.parts


class Call:
    """Code that unpickling would run."""

    def __init__(self, module, name, *arguments):
        self.what = Name(module, name), arguments

    def __reduce__(self):
        return self.what


class _Pickler(pickle._Pickler):
    dispatch = dict(pickle._Pickler.dispatch)  # noqa: RUF012

    def save_name(self, name):
        self.write(pickle.GLOBAL + f"{name.module}\n{name.name}\n".encode())

    dispatch[Name] = save_name

    def persistent_id(self, storage):
        if isinstance(storage, Storage):
            return "storage", Name("torch", storage.kind), storage.key, "cuda:0", storage.numel
        return None


def numbers(shapes, seed=0, dtype=np.float16):
    """Random tensors, small enough for numbers to pass many layers."""
    rng = np.random.default_rng(seed)
    return {
        name: (
            rng.standard_normal(shape, dtype=np.float32)
            * np.float32(1 / np.sqrt(np.prod(shape[1:]) if len(shape) > 1 else 10))
        ).astype(dtype)
        for name, shape in shapes.items()
    }


def tensor(key, array, offset=0, numel=None):
    """What the pickle holds for an array whose numbers are in data/KEY."""
    steps = [int(step) // array.itemsize for step in np.empty(array.shape, array.dtype).strides]
    return Tensor(
        Storage(key, KINDS[str(array.dtype)], numel or array.size), offset, map(int, array.shape), steps
    )


def write(path, arrays, extra=(), content=None, folder="archive"):
    """Write the encoder's arrays by OpenAI's names; `extra` are further items of the state."""
    state = OrderedDict(
        (f"encoder.{name}", tensor(str(place), array)) for place, (name, array) in enumerate(arrays.items())
    )
    state.update(extra)
    with zipfile.ZipFile(path, "w") as file:
        with file.open(f"{folder}/data.pkl", "w") as part:
            whole = {"dims": {"n_mels": 80}, "model_state_dict": state} if content is None else content
            _Pickler(part, 2).dump(whole)
        for place, array in enumerate(arrays.values()):
            file.writestr(f"{folder}/data/{place}", np.ascontiguousarray(array).tobytes())
        file.writestr(f"{folder}/version", "3\n")
    return path
