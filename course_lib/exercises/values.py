"""Values as readable JSON: numbers and texts as they are, arrays with their dtype and shape."""

from typing import Any

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


def to_json(value: Any) -> Any:
    """Turn a value into JSON.

    Parameters
    ----------
    value : object
        Numbers, texts, booleans, arrays of these, and lists or tuples of all that.

    Returns
    -------
    object
        An array is {"dtype", "shape", "data"}, a tuple is a list, and NumPy's numbers are Python's.

    Raises
    ------
    TypeError
        If a value has another type.

    Examples
    --------
    >>> to_json((1, np.array([1.5, 2.5])))
    [1, {'dtype': 'float64', 'shape': [2], 'data': [1.5, 2.5]}]
    """
    if isinstance(value, list | tuple):
        return [to_json(one) for one in value]
    if type(value) is np.ndarray:  # and no subclass: a masked array would lose its mask
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


def from_json(value: Any) -> Any:
    """Return the value that `to_json` wrote. A tuple comes back as a list."""
    if isinstance(value, list):
        return [from_json(one) for one in value]
    if isinstance(value, dict):
        return np.array(value["data"], dtype=value["dtype"]).reshape(value["shape"])
    return value
