"""What passes between the grader and a sandbox: plain values in frames over a pipe, and nothing that could be
run.

A frame is four bytes (the header's length), the header (JSON in UTF-8), then the raw bytes of its arrays one
after the other. The header is a tree: None, truth values, whole numbers of 64 bits, floats (NaN and Infinity
as Python's json writes them), texts; a list is a list; {"tuple": [...]} is a tuple; {"array": "float32",
"shape": [2, 3]} is an array whose bytes follow in the order of the tree. What a dtype and a shape amount to
is what is read, to the byte.

Whatever is odd in a frame raises `Malformed`. Nothing is unpickled, evaluated or inflated (no npy, no npz).
The file lies alone beside harness.py in the sandbox, so it needs Python only, and NumPy where there is an
array."""

import json
import math
import os
import re
import select
import struct
import sys
import time

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
TEXTS = re.compile(r"U[1-9][0-9]{0,3}")  # of fixed width, at most 9999 characters

HEADER = 4 << 20  # bytes of a header
BYTES = 16 << 20  # of all arrays in one frame
ELEMENTS = 16 << 20  # of one array, its empty sides counted as one
ARRAYS = 1000  # in a frame
NODES = 200_000  # of the tree
DEPTH = 20
DIMENSIONS = 16
TEXT = 1 << 20  # characters


class Malformed(ValueError):
    """A frame that the other side's `pack` would not have written."""


def pack(value) -> bytes:
    """A value as one frame.

    NumPy's numbers become Python's, everything else must be of the very types above: no subclass of int, str
    or ndarray (np.matrix, masked arrays), no other dtype (object, complex, dates). Raises TypeError that
    names the type, and ValueError for what is too long or too deep."""
    arrays, left = [], [NODES]
    header = json.dumps(_tree(value, arrays, left, DEPTH)).encode("ascii")
    if len(header) > HEADER or len(arrays) > ARRAYS or sum(map(len, arrays)) > BYTES:
        raise ValueError(
            f"too much to hand over: at most {HEADER >> 20} MiB of numbers and texts, {ARRAYS} arrays "
            f"and {BYTES >> 20} MiB of them"
        )
    return b"".join([struct.pack("<I", len(header)), header, *arrays])


def _tree(value, arrays, left, depth):
    left[0] -= 1
    if left[0] < 0 or depth < 0:
        raise ValueError(f"more than {NODES} values, or nested more than {DEPTH} deep")
    if np := sys.modules.get("numpy"):  # where nobody has imported it, there is no array
        if type(value) is np.ndarray:
            return _array(value, arrays)
        if isinstance(value, np.generic):
            value = value.item()
    if type(value) is list:
        return [_tree(one, arrays, left, depth - 1) for one in value]
    if type(value) is tuple:
        return {"tuple": [_tree(one, arrays, left, depth - 1) for one in value]}
    if type(value) is int and not -(2**63) <= value < 2**63:
        raise ValueError("a whole number of more than 64 bits")
    if type(value) is str:
        _text(value)
    elif value is not None and type(value) not in (bool, int, float):
        raise TypeError(
            f"{type(value).__name__} instead of numbers, texts, truth values, NumPy arrays, or lists and "
            "tuples of these"
        )
    return value


def _array(value, arrays):
    import numpy as np

    name = value.dtype.name if value.dtype.kind != "U" else f"U{value.dtype.itemsize // 4}"
    if name not in DTYPES and not TEXTS.fullmatch(name):
        raise TypeError(f"an array of {value.dtype} instead of numbers, texts or truth values")
    if value.ndim > DIMENSIONS or _elements(value.shape) > ELEMENTS:
        raise ValueError(f"an array of more than {DIMENSIONS} dimensions or {ELEMENTS} elements")
    arrays.append(np.ascontiguousarray(value, value.dtype.newbyteorder("<")).tobytes())
    return {"array": name, "shape": list(value.shape)}


def _elements(shape):
    return math.prod(side or 1 for side in shape)


def _text(value):
    if len(value) > TEXT:
        raise Malformed(f"a text of more than {TEXT} characters")
    try:
        value.encode()  # half a surrogate pair could be written into no file
    except UnicodeEncodeError:
        raise Malformed("a text that is no Unicode") from None
    return value


def read(pipe, deadline=None):
    """The value of the next frame on file descriptor `pipe`.

    Raises `Malformed`, EOFError where the other side is gone, and TimeoutError at `deadline` (of
    time.monotonic)."""
    length = struct.unpack("<I", _exactly(pipe, 4, deadline))[0]
    if length > HEADER:
        raise Malformed("a header that is too long")
    try:
        tree = json.loads(
            _exactly(pipe, length, deadline).decode("ascii"), parse_int=_whole, parse_float=_broken
        )
    except (ValueError, RecursionError) as error:
        raise Malformed(f"a header that is no JSON: {error}") from None
    return _value(tree, [NODES], [ARRAYS, BYTES], DEPTH, lambda count: _exactly(pipe, count, deadline))


def _whole(digits):
    if len(digits) > 20 or not -(2**63) <= int(digits) < 2**63:
        raise Malformed("a whole number of more than 64 bits")
    return int(digits)


def _broken(digits):
    if len(digits) > 30:
        raise Malformed("a number of too many digits")
    return float(digits)


def _value(tree, nodes, room, depth, take):
    nodes[0] -= 1
    if nodes[0] < 0 or depth < 0:
        raise Malformed("too many values, or nested too deep")
    if isinstance(tree, list):
        return [_value(one, nodes, room, depth - 1, take) for one in tree]
    if isinstance(tree, dict):
        if tree.keys() == {"tuple"} and isinstance(tree["tuple"], list):
            return tuple(_value(one, nodes, room, depth - 1, take) for one in tree["tuple"])
        if tree.keys() == {"array", "shape"}:
            return _taken(tree["array"], tree["shape"], room, take)
        raise Malformed("an object that is no tuple and no array")
    return _text(tree) if isinstance(tree, str) else tree


def _taken(name, shape, room, take):
    if not isinstance(name, str) or (name not in DTYPES and not TEXTS.fullmatch(name)):
        raise Malformed("an array of a dtype that is not handed over")
    if (
        not isinstance(shape, list)
        or len(shape) > DIMENSIONS
        or not all(type(side) is int and 0 <= side for side in shape)
        or _elements(shape) > ELEMENTS
    ):
        raise Malformed("an array's shape that cannot be")
    import numpy as np

    dtype = np.dtype(name).newbyteorder("<")
    count = math.prod(shape) * dtype.itemsize
    room[0], room[1] = room[0] - 1, room[1] - count
    if min(room) < 0:
        raise Malformed("too many or too large arrays")
    data = take(count)
    if dtype.kind == "b" and (np.frombuffer(data, np.uint8) > 1).any():
        raise Malformed("truth values that are neither true nor false")
    if dtype.kind == "U" and not _unicode(np.frombuffer(data, "<u4")):
        raise Malformed("an array of texts that are no Unicode")
    return np.ndarray(shape, dtype, data if count else None)


def _unicode(signs):
    return not ((signs > 0x10FFFF) | (signs >= 0xD800) & (signs <= 0xDFFF)).any()


def _exactly(pipe, count, deadline):
    data = bytearray(count)
    rest = memoryview(data)
    while rest:
        _wait(pipe, select.POLLIN, deadline)
        got = os.readv(pipe, [rest])
        if not got:
            raise EOFError("the other side is gone")
        rest = rest[got:]
    return data


def write(pipe, frame, deadline=None):
    """Write a packed frame. Raises EOFError where nobody reads any more, and TimeoutError at `deadline`.

    With a deadline `pipe` must not be blocking: a reader who never reads would stop the writer for good.
    """
    rest = memoryview(frame)
    try:
        while rest:
            _wait(pipe, select.POLLOUT, deadline)
            rest = rest[os.write(pipe, rest) :]
    except BrokenPipeError:
        raise EOFError("the other side is gone") from None


def _wait(pipe, event, deadline):
    if deadline is None:
        return
    poll = select.poll()
    poll.register(pipe, event)
    left = deadline - time.monotonic()
    if left <= 0 or not poll.poll(math.ceil(1000 * left)):
        raise TimeoutError("too late")
