"""Messages between the grader and a sandbox: plain values in frames over a socket pair.

A frame is four bytes (the length of the header), the header (JSON in UTF-8), then the raw bytes of its
arrays, one after the other. The header is a tree of None, booleans, whole numbers of 64 bits, floats (NaN and
Infinity as Python's json writes them) and texts. A list is a list; {"tuple": [...]} is a tuple; {"array":
"float32", "shape": [2, 3]} is an array, whose bytes follow in the order of the tree. Exactly as many bytes
are read as dtype and shape need.

Anything unexpected in a frame raises `Malformed`. Nothing is unpickled, evaluated or inflated (no npy, no
npz), so nothing in a frame can run. In the sandbox this file is alone beside harness.py, so it needs only
Python, and NumPy where there is an array.
"""

from __future__ import annotations  # the sandbox does not import typing, to start quickly

import json
import math
import os
import re
import select
import struct
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    Deadline = float | Callable[[], float] | None  # a time of `time.monotonic`, or what returns it

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
TEXTS = re.compile(r"U[1-9][0-9]{0,3}")  # texts of fixed width, at most 9999 characters

# The limits
HEADER = 4 << 20  # bytes of a header
BYTES = 16 << 20  # bytes of all arrays in one frame
ELEMENTS = 16 << 20  # elements of one array; an empty side counts as one
ARRAYS = 1000  # arrays in one frame
NODES = 200_000  # nodes of the tree
DEPTH = 20  # levels of the tree
DIMENSIONS = 16  # dimensions of an array
TEXT = 1 << 20  # characters of a text
GRACE = 5.0  # seconds after a deadline in which the reader still takes what is there already


class Malformed(ValueError):
    """A frame that `pack` would not write."""


def pack(value: Any, most: int = HEADER) -> bytes:
    """Write a value as one frame.

    Parameters
    ----------
    value : object
        None, numbers, texts, booleans, arrays, and lists and tuples of these, of exactly these types. NumPy's
        numbers become Python's. Subclasses of int, str or ndarray (np.matrix, masked arrays) and other dtypes
        (object, complex, dates) are refused.
    most : int
        The most bytes of the header.

    Returns
    -------
    bytes
        The frame.

    Raises
    ------
    TypeError
        If a value has another type; the message names it.
    ValueError
        If the value is too large or too deep.

    Examples
    --------
    >>> pack([1, "a"])
    b'\\x08\\x00\\x00\\x00[1, "a"]'
    """
    arrays: list[bytes] = []
    left = [NODES]
    header = json.dumps(_tree(value, arrays, left, DEPTH)).encode("ascii")
    if len(header) > min(most, HEADER) or len(arrays) > ARRAYS or sum(map(len, arrays)) > BYTES:
        raise ValueError(
            f"the value is too large: at most {min(most, HEADER)} bytes of numbers and texts, "
            f"{ARRAYS} arrays and {BYTES >> 20} MiB of them"
        )
    if _values(header) > NODES:  # a text with so many commas
        raise ValueError(f"more than {NODES} values")
    return b"".join([struct.pack("<I", len(header)), header, *arrays])


def _tree(value: Any, arrays: list[bytes], left: list[int], depth: int) -> Any:
    left[0] -= 1
    if left[0] < 0 or depth < 0:
        raise ValueError(f"more than {NODES} values, or nested more than {DEPTH} deep")
    if np := sys.modules.get("numpy"):  # without this import there is no array
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
            f"{type(value).__name__} instead of numbers, texts, booleans, NumPy arrays, or lists and "
            "tuples of these"
        )
    return value


def _array(value: Any, arrays: list[bytes]) -> dict[str, Any]:
    import numpy as np

    name = value.dtype.name if value.dtype.kind != "U" else f"U{value.dtype.itemsize // 4}"
    if name not in DTYPES and not TEXTS.fullmatch(name):
        raise TypeError(f"an array of {value.dtype} instead of numbers, texts or booleans")
    if value.ndim > DIMENSIONS or _elements(value.shape) > ELEMENTS:
        raise ValueError(f"an array of more than {DIMENSIONS} dimensions or {ELEMENTS} elements")
    arrays.append(np.ascontiguousarray(value, value.dtype.newbyteorder("<")).tobytes())
    return {"array": name, "shape": list(value.shape)}


def _elements(shape: Sequence[int]) -> int:
    return math.prod(side or 1 for side in shape)


def _text(value: str) -> str:
    if len(value) > TEXT:
        raise Malformed(f"a text of more than {TEXT} characters")
    try:
        value.encode()  # half a surrogate pair cannot be written into a file
    except UnicodeEncodeError:
        raise Malformed("a text that is not Unicode") from None
    return value


def read(pipe: int, deadline: Deadline = None, most: int = HEADER) -> Any:
    """Read the value of the next frame.

    Parameters
    ----------
    pipe : int
        A file descriptor. With a deadline it must not be blocking: the other side could take back what it
        wrote, and a reader that waits for it would wait for ever.
    deadline : float or callable, optional
        A time of `time.monotonic`, or a function that returns it. What has arrived by then is read, even if
        this process, on a busy machine, looks at it a moment later.
    most : int
        The most bytes of the header. Python parses 4 MiB of it in a second in which nothing else of this
        process runs, so give what the expected value needs.

    Returns
    -------
    object
        The value.

    Raises
    ------
    Malformed
        If the frame is not one that `pack` writes.
    EOFError
        If the other side has ended.
    TimeoutError
        If the deadline passes.
    """
    length = struct.unpack("<I", _exactly(pipe, 4, deadline))[0]
    if length > min(most, HEADER):
        raise Malformed(f"{length} bytes of numbers and texts; at most {min(most, HEADER)} are read")
    data = _exactly(pipe, length, deadline)
    if _values(data) > NODES:  # before they are made
        raise Malformed("too many values")
    try:
        tree = json.loads(data.decode("ascii"), parse_int=_whole, parse_float=_broken)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"a header that is not JSON: {error}") from None
    return _value(tree, [NODES], [ARRAYS, BYTES], DEPTH, lambda count: _exactly(pipe, count, deadline))


def _values(header: bytes | bytearray) -> int:
    """Return at least how many values a header holds. Signs in its texts count, too."""
    return sum(map(header.count, b",[{"))


def _whole(digits: str) -> int:
    if len(digits) > 20 or not -(2**63) <= int(digits) < 2**63:
        raise Malformed("a whole number of more than 64 bits")
    return int(digits)


def _broken(digits: str) -> float:
    if len(digits) > 30:
        raise Malformed("a number of too many digits")
    return float(digits)


def _value(
    tree: Any, nodes: list[int], budget: list[int], depth: int, get: Callable[[int], bytearray]
) -> Any:
    nodes[0] -= 1
    if nodes[0] < 0 or depth < 0:
        raise Malformed("too many values, or nested too deep")
    if isinstance(tree, list):
        return [_value(one, nodes, budget, depth - 1, get) for one in tree]
    if isinstance(tree, dict):
        if tree.keys() == {"tuple"} and isinstance(tree["tuple"], list):
            return tuple(_value(one, nodes, budget, depth - 1, get) for one in tree["tuple"])
        if tree.keys() == {"array", "shape"}:
            return _filled(tree["array"], tree["shape"], budget, get)
        raise Malformed("an object that is neither a tuple nor an array")
    return _text(tree) if isinstance(tree, str) else tree


def _filled(name: Any, shape: Any, budget: list[int], get: Callable[[int], bytearray]) -> Any:
    if not isinstance(name, str) or (name not in DTYPES and not TEXTS.fullmatch(name)):
        raise Malformed("an array of a dtype that is not allowed")
    if (
        not isinstance(shape, list)
        or len(shape) > DIMENSIONS
        or not all(type(side) is int and 0 <= side for side in shape)
        or _elements(shape) > ELEMENTS
    ):
        raise Malformed("an array with an impossible shape")
    import numpy as np

    dtype = np.dtype(name).newbyteorder("<")
    count = math.prod(shape) * dtype.itemsize
    budget[0], budget[1] = budget[0] - 1, budget[1] - count
    if min(budget) < 0:
        raise Malformed("too many or too large arrays")
    data = get(count)
    if dtype.kind == "b" and (np.frombuffer(data, np.uint8) > 1).any():
        raise Malformed("booleans that are neither true nor false")
    if dtype.kind == "U" and not _unicode(np.frombuffer(data, "<u4")):
        raise Malformed("an array of texts that are not Unicode")
    return np.ndarray(shape, dtype, data if count else None)


def _unicode(signs: Any) -> bool:
    return not bool(((signs > 0x10FFFF) | (signs >= 0xD800) & (signs <= 0xDFFF)).any())


def silent(pipe: int, deadline: Deadline) -> bool:
    """Return whether the other side says nothing more until it ends, or until the deadline.

    Parameters
    ----------
    pipe : int
        A file descriptor that is not blocking.
    deadline : float or callable
        A time of `time.monotonic`, or a function that returns it.

    Returns
    -------
    bool
        False as soon as a byte arrives.
    """
    try:
        _exactly(pipe, 1, deadline)
    except (EOFError, TimeoutError):
        return True
    return False


def _exactly(pipe: int, count: int, deadline: Deadline) -> bytearray:
    data = bytearray(count)
    rest = memoryview(data)
    while rest:
        _wait(pipe, select.POLLIN, deadline)
        try:
            got = os.readv(pipe, [rest])
        except BlockingIOError:  # it was there and is not any more
            continue
        except ConnectionResetError:  # the other side has closed it without reading everything
            got = 0
        if not got:
            raise EOFError("the other side has ended")
        rest = rest[got:]
    return data


def write(pipe: int, frame: bytes, deadline: Deadline = None) -> None:
    """Write a packed frame.

    Parameters
    ----------
    pipe : int
        A file descriptor. With a deadline it must not be blocking, because a reader that never reads would
        stop the writer for ever.
    frame : bytes
        What `pack` returned.
    deadline : float or callable, optional
        A time of `time.monotonic`, or a function that returns it.

    Raises
    ------
    EOFError
        If the other side has ended.
    TimeoutError
        If the deadline passes.
    """
    rest = memoryview(frame)
    try:
        while rest:
            _wait(pipe, select.POLLOUT, deadline)
            try:
                rest = rest[os.write(pipe, rest) :]
            except BlockingIOError:  # the other side has filled it itself
                continue
    except (BrokenPipeError, ConnectionResetError):
        raise EOFError("the other side has ended") from None


def _wait(pipe: int, event: int, deadline: Deadline) -> None:
    """Wait until the pipe is ready. The pipe is looked at before the clock."""
    if deadline is None:
        return
    poll = select.poll()
    poll.register(pipe, event)
    while (left := _left(deadline)) > -GRACE:
        if poll.poll(max(0, math.ceil(1000 * left))):
            return
        if left <= 0:
            break
    raise TimeoutError("too late")


def _left(deadline: float | Callable[[], float]) -> float:
    return (deadline() if callable(deadline) else deadline) - time.monotonic()
