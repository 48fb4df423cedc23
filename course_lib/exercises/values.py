"""Values as JSON that a person can read: numbers and texts as they are, arrays with their dtype and shape."""

import numpy as np

DTYPES = (
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float32",
    "float64",
)


def to_json(value):
    """An array becomes {"dtype", "shape", "data"}, a tuple a list; NumPy's numbers become Python's.

    Raises TypeError for anything else than numbers, texts, truth values, arrays of these, and lists of all
    that."""
    if isinstance(value, list | tuple):
        return [to_json(one) for one in value]
    if type(value) is np.ndarray:  # and no kin of it: a masked array would lose its mask
        if value.dtype.kind != "U" and value.dtype.name not in DTYPES:
            raise TypeError(f"an array of {value.dtype} cannot be kept")
        return {
            "dtype": "str" if value.dtype.kind == "U" else value.dtype.name,
            "shape": list(value.shape),
            "data": value.ravel().tolist(),
        }
    if isinstance(value, np.generic):
        value = value.item()
    if not isinstance(value, bool | int | float | str):
        raise TypeError(f"a {type(value).__name__} cannot be kept")
    return value


def from_json(value):
    """The value that `to_json` wrote (a tuple comes back as a list)."""
    if isinstance(value, list):
        return [from_json(one) for one in value]
    if isinstance(value, dict):
        return np.array(value["data"], dtype=value["dtype"]).reshape(value["shape"])
    return value
