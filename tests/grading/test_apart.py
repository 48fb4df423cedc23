"""Work in a process of its own: its value comes back, and its end is nobody else's."""

import ctypes
import os
import time

import pytest

from course_lib.grading.apart import apart


def test_a_value_comes_back_and_a_change_does_not():
    kept = []
    done = apart(lambda: kept.append(1) or {"a": [1, "é\ud800", None]}, 5)
    assert (done.value, done.wrong, kept) == ({"a": [1, "é\ud800", None]}, "", [])


@pytest.mark.parametrize(
    "work, wrong",
    [
        (lambda: 1 / 0, "ZeroDivisionError"),
        (lambda: bytearray(64 << 30), "MemoryError"),
        (lambda: ctypes.string_at(0), "it makes Python itself fail"),
        (lambda: os._exit(0), "it makes Python itself fail"),
        (
            lambda: os.kill(os.getpid(), 9),
            "it was ended from outside, as when the machine has no memory left",
        ),
        (lambda: {1, 2}, "TypeError"),
    ],
    ids=["exception", "memory", "crash", "exit", "killed", "a set"],
)
def test_what_goes_wrong_is_named(work, wrong):
    assert apart(work, 5)[::2] == (None, wrong)


def test_processor_time_is_limited_and_waiting_is_not():
    def loop():
        while True:
            pass

    done = apart(loop, 0.5)
    assert done.value is None and "more than 1 s of processor time" in done.wrong
    assert 0.5 < done.seconds < 4
    assert apart(lambda: time.sleep(1.5) or "slept", 1).value == "slept"
