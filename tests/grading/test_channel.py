"""The channel out of the sandbox: values arrive as they were sent, and a frame of any other make is
refused."""

import json
import math
import os
import socket
import struct
import threading
import time
import tracemalloc

import numpy as np
import pytest

from course_lib.grading import channel
from course_lib.grading.channel import Malformed


@pytest.fixture
def pipe():
    read, write = os.pipe()
    yield read, write
    os.close(read)
    os.close(write)


def read_bytes(data, seconds=5.0):
    """What `read` makes of these very bytes, after which the other side ends."""
    read, write = os.pipe()
    thread = threading.Thread(target=_feed, args=(write, data))
    thread.start()
    try:
        return channel.read(read, time.monotonic() + seconds)
    finally:
        os.close(read)
        thread.join()


def _feed(write, data):
    try:
        channel.write(write, data)
    except EOFError:
        pass
    os.close(write)


def frame(header, data=b""):
    """A frame as a forger would write it."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<I", len(text)) + text + data


def same(one, other):
    if isinstance(one, np.ndarray):
        return (
            type(other) is np.ndarray
            and one.shape == other.shape
            and one.dtype == other.dtype
            and one.tobytes() == other.tobytes()
        )
    if isinstance(one, list | tuple):
        return type(one) is type(other) and len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and (one == other or (one != one and other != other))


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        False,
        0,
        -1,
        2**63 - 1,
        -(2**63),
        0.1,
        -0.0,
        1e-320,
        math.nan,
        math.inf,
        -math.inf,
        "",
        "ä 😀 \0 </script>",
        [],
        (),
        [[], ()],
        (1, [2.5, (None, "x")]),
        [True, 1, 1.0],
        np.arange(6.0).reshape(2, 3),
        np.zeros((0, 3), "float32"),
        np.zeros(()),
        np.array([True, False]),
        np.array(["a", "ß😀"]),
        np.array(["", "xyz"]).reshape(2, 1),
        np.array([np.nan, -np.inf]),
        *(np.array([0, 1, 2]).astype(name) for name in channel.DTYPES),
        (np.arange(3), [np.arange(4.0), 5], np.array(["x"])),
    ],
    ids=repr,
)
def test_a_value_arrives_as_it_was_sent(value):
    assert same(value, read_bytes(channel.pack(value)))


def test_frames_follow_one_another(pipe):
    channel.write(pipe[1], channel.pack(np.arange(3)) + channel.pack("next"))
    assert channel.read(pipe[0]).tolist() == [0, 1, 2]
    assert channel.read(pipe[0]) == "next"


def test_what_arrives_belongs_to_the_receiver():
    value = read_bytes(channel.pack(np.arange(3)))
    value += 1
    assert value.tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    "value, python",
    [
        (np.float64(0.5), 0.5),
        (np.float32(0.5), 0.5),
        (np.float16(0.5), 0.5),
        (np.int8(-3), -3),
        (np.uint64(7), 7),
        (np.bool_(True), True),
        (np.str_("x"), "x"),
    ],
)
def test_numpys_numbers_become_pythons(value, python):
    assert same(read_bytes(channel.pack((value,))), (python,))


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6).reshape(2, 3).T,
        np.arange(10)[::2],
        np.arange(3, dtype=">i4"),
        np.broadcast_to(np.arange(3), (2, 3)),
        np.array(["ab"], dtype=">U2"),
    ],
    ids=["transposed", "every other", "big-endian", "broadcast", "big-endian text"],
)
def test_an_arrays_layout_does_not_matter(array):
    arrived = read_bytes(channel.pack(array))
    assert arrived.shape == array.shape and arrived.tolist() == array.tolist()


class Small(int):
    pass


class Own(np.ndarray):
    pass


@pytest.mark.parametrize(
    "value, named",
    [
        (Small(1), "Small"),
        ({1: 2}, "dict"),
        ({1}, "set"),
        (b"x", "bytes"),
        (1j, "complex"),
        (object(), "object"),
        (np.zeros(2).view(Own), "Own"),
        (np.ma.array([1]), "MaskedArray"),
        (np.zeros((1, 1)).view(np.matrix), "matrix"),
        (np.array([object()]), "object"),
        (np.array([1j]), "complex128"),
        (np.array(["2026"], "datetime64[D]"), "datetime64"),
        (np.zeros(2, "float16"), "float16"),
        (np.zeros(2, [("a", int)]), "'a'"),
        (np.array([b"x"]), "|S1"),
        (np.longdouble(1), "longdouble"),
        (np.complex128(1), "complex"),
        ((x for x in "a"), "generator"),
        ([1, (2, {3})], "set"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_other_values_are_refused_with_their_type(value, named):
    with pytest.raises(TypeError, match=named.replace("|", r"\|")):
        channel.pack(value)


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


def loop():
    value = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    "value",
    [
        2**63,
        -(2**63) - 1,
        10**5000,
        nested(channel.DEPTH + 1),
        loop(),
        [0] * channel.NODES,
        "x" * (channel.TEXT + 1),
        "\ud800",
        ["x" * channel.TEXT] * 5,
        [np.zeros(1)] * (channel.ARRAYS + 1),
        np.zeros(channel.BYTES // 8 + 1),
        np.broadcast_to(np.zeros(1), (10**6, 10**6)),
        np.zeros((0, 10**9)),
        np.zeros((1,) * (channel.DIMENSIONS + 1)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_too_much_is_refused(value):
    with pytest.raises(ValueError):
        channel.pack(value)


def array(dtype="float64", shape=(1,)):
    return {"array": dtype, "shape": list(shape)}


FORGED = {
    "no JSON": frame(b"hello"),
    "a pickle": frame(
        b"\x80\x04\x95\x1e\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94."
    ),
    "half of JSON": frame(b"[1, 2"),
    "two values": frame(b"1 2"),
    "bytes beyond ASCII": frame('"ä"'.encode()),
    "a huge header": struct.pack("<I", 2**32 - 1) + b"[",
    "an object": frame({"a": 1}),
    "an empty object": frame({}),
    "a tuple without a list": frame({"tuple": 3}),
    "a tuple and more": frame({"tuple": [], "x": 1}),
    "object dtype": frame(array("object"), b"\0" * 8),
    "a dtype by letter": frame(array("f8"), b"\0" * 8),
    "complex": frame(array("complex128"), b"\0" * 16),
    "float16": frame(array("float16"), b"\0" * 2),
    "void": frame(array("V8"), b"\0" * 8),
    "dates": frame(array("M8[D]"), b"\0" * 8),
    "a dtype that is code": frame(array("__import__('os')"), b"\0" * 8),
    "a dtype that is a list": frame(array(["f8", "i4"]), b"\0" * 8),
    "text of no width": frame(array("U0", [5])),
    "text of any width": frame(array("U", [5])),
    "text wider than wide": frame(array("U99999", [1])),
    "a negative side": frame(array(shape=[-1])),
    "two negative sides": frame(array(shape=[-1, -1]), b"\0" * 8),
    "half a side": frame(array(shape=[1.0]), b"\0" * 8),
    "a side that is true": frame(array(shape=[True]), b"\0" * 8),
    "a side that is text": frame(array(shape=["1"]), b"\0" * 8),
    "a shape that is a number": frame({"array": "float64", "shape": 1}, b"\0" * 8),
    "a huge array": frame(array(shape=[10**12])),
    "a side beyond all": frame(array(shape=[2**63 - 1, 2])),
    "an empty array with a huge side": frame(array(shape=[0, 10**12])),
    "100 dimensions": frame(array(shape=[1] * 100), b"\0" * 8),
    "100 arrays of 64 MiB": frame([array(shape=[8 << 20])] * 100, b"\0" * (64 << 20)),
    "arrays without number": frame([array("bool", [0])] * (channel.ARRAYS + 1)),
    "truth of 2": frame(array("bool", [2]), b"\x01\x02"),
    "a sign beyond Unicode": frame(array("U1"), struct.pack("<I", 0x110000)),
    "half a sign": frame(array("U1"), struct.pack("<I", 0xD800)),
    "half a sign in a text": frame(b'"\\ud800"'),
    "a number of 65 bits": frame(b"9223372036854775808"),
    "a number of a million digits": frame(b"9" * 10**6),
    "a float of a million digits": frame(b"0." + b"9" * 10**6),
    "deep": frame(b"[" * 10**6 + b"]" * 10**6),
    "rather deep": frame(nested(channel.DEPTH + 1)),
    "many values": frame([0] * channel.NODES),
    "a long text": frame("x" * (channel.TEXT + 1)),
}


@pytest.mark.parametrize("data", FORGED.values(), ids=FORGED)
def test_a_forged_frame_is_malformed(data):
    with pytest.raises(Malformed):
        read_bytes(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x01",
        frame(array())[:-3],
        frame(array(), b"\0" * 7),
        struct.pack("<I", 5) + b"[1",
    ],
    ids=["nothing", "half a length", "half a header", "a byte too few", "a header too short"],
)
def test_a_frame_that_ends_early_is_an_error(data):
    with pytest.raises(EOFError):
        read_bytes(data)


def test_a_byte_too_many_belongs_to_the_next_frame(pipe):
    channel.write(pipe[1], frame(array(), b"\0" * 9) + b"\0" * 3)
    assert channel.read(pipe[0]).tolist() == [0.0]
    with pytest.raises(Malformed):
        channel.read(pipe[0])


def test_nothing_is_unpacked_into_more_memory_than_was_sent():
    tracemalloc.start()
    with pytest.raises(EOFError):
        read_bytes(frame(array(shape=[channel.BYTES // 8])) + b"\0" * 100)
    assert tracemalloc.get_traced_memory()[1] < 2 * channel.BYTES
    tracemalloc.stop()


@pytest.mark.parametrize("sent", [b"", b"\x10", channel.pack([1, 2])[:-1]])
def test_a_slow_sender_meets_the_deadline(pipe, sent):
    os.write(pipe[1], sent)
    with pytest.raises(TimeoutError):
        channel.read(pipe[0], time.monotonic() + 0.1)


def test_a_reader_that_never_reads_meets_the_deadline(pipe):
    os.set_blocking(pipe[1], False)
    with pytest.raises(TimeoutError):
        channel.write(pipe[1], channel.pack(np.zeros(10**6)), time.monotonic() + 0.1)


def test_a_reader_that_has_ended_is_an_error():
    read, write = os.pipe()
    os.close(read)
    with pytest.raises(EOFError):
        channel.write(write, channel.pack(1))
    os.close(write)


def test_it_needs_nothing_but_python():
    names = [line.split()[1] for line in open(channel.__file__) if line.startswith(("import ", "from "))]
    assert names == ["__future__", "json", "math", "os", "re", "select", "struct", "sys", "time"]


# Nobody on the other side can hold the reader or the writer up.


@pytest.fixture
def line():
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        yield ours, theirs


def test_what_has_arrived_counts_even_if_the_reader_is_late(line):
    """A reader that had to wait for its turn on a busy machine must not call an answer late."""
    line[1].sendall(channel.pack("in time"))
    assert channel.read(line[0].fileno(), time.monotonic() - 1) == "in time"
    with pytest.raises(TimeoutError):
        channel.read(line[0].fileno(), time.monotonic() - 1)


def test_a_flood_after_the_deadline_is_not_read_for_long(line, monkeypatch):
    monkeypatch.setattr(channel, "GRACE", 0.2)
    line[1].sendall(channel.pack("in time"))
    with pytest.raises(TimeoutError):
        channel.read(line[0].fileno(), time.monotonic() - 1)


def test_what_was_announced_and_is_gone_holds_nobody_up(line, monkeypatch):
    """As if the other side took it back between the look and the reading."""
    looks = []
    monkeypatch.setattr(channel, "_wait", lambda *own: looks.append(own) or (len(looks) > 3 and real(*own)))
    real = _later
    with pytest.raises(TimeoutError):
        channel.read(line[0].fileno(), 0.0)
    assert len(looks) == 4


def _later(*own):
    raise TimeoutError


def test_a_channel_that_is_full_after_all_is_tried_again(line, monkeypatch):
    with pytest.raises(BlockingIOError):
        while True:
            line[0].send(b"x" * 4096)
    looks = []
    monkeypatch.setattr(channel, "_wait", lambda *own: looks.append(own) or (len(looks) > 3 and _later()))
    with pytest.raises(TimeoutError):
        channel.write(line[0].fileno(), b"more", 0.0)
    assert len(looks) == 4


def test_a_deadline_may_move(line):
    """The grader waits longer if the machine did not let the answer run."""
    begun = time.monotonic()
    moving = lambda: begun + (0.05 if time.monotonic() < begun + 0.05 else 30.0)
    threading.Timer(0.3, line[1].sendall, [channel.pack(1)]).start()
    assert channel.read(line[0].fileno(), moving) == 1


def test_an_end_with_bytes_left_in_it_is_an_end(line):
    line[0].send(b"never read")
    line[1].close()
    with pytest.raises(EOFError):
        channel.read(line[0].fileno(), time.monotonic() + 5)
    with pytest.raises(EOFError):
        channel.write(line[0].fileno(), b"x", time.monotonic() + 5)


# A frame is no larger than is plausible: Python parses a large one while nothing else of the grader runs.


def test_a_header_is_as_large_as_the_caller_expects(line):
    line[1].sendall(frame([1] * 100))
    with pytest.raises(Malformed, match="300 bytes of numbers and texts; at most 200 are read"):
        channel.read(line[0].fileno(), time.monotonic() + 5, 200)


@pytest.mark.parametrize("element", ["[]", "{}", '"a"', "1"])
def test_too_many_values_are_refused_before_they_are_made(element, monkeypatch):
    """1.4 million empty lists took a second of every thread's time, and honest answers were late."""
    header = f"[{','.join([element] * (channel.NODES + 5))}]".encode()
    monkeypatch.setattr(channel.json, "loads", lambda *own, **more: pytest.fail("it was parsed"))
    with pytest.raises(Malformed, match="too many values"):
        read_bytes(struct.pack("<I", len(header)) + header)
