"""The peak memory of the processes that a process starts."""

import subprocess
import sys
import time

import pytest

from course_lib.lessons import peak_memory

HOLDS = "import sys; held = bytearray(80 << 20); held[::4096] = bytes(20480) ; print(flush=True); input()"
FORKS = "import os; " + HOLDS.replace("print", "os.fork(); print")


@pytest.mark.parametrize("code, shared_once, least, most", [
    (HOLDS, False, 80, 140), (HOLDS, True, 80, 140), (FORKS, False, 160, 280), (FORKS, True, 80, 140),
])  # fmt: skip
def test_memory_that_two_processes_share_counts_twice_or_once(code, shared_once, least, most):
    """80 MiB, and in two of the cases a copy of the process that shares them."""
    with peak_memory(0.02, shared_once) as peak:
        child = subprocess.Popen(
            [sys.executable, "-S", "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        lines = 1 + ("fork" in code)
        assert all(child.stdout.readline() for _ in range(lines))
        end = time.monotonic() + 10
        while peak[0] < least and time.monotonic() < end:
            time.sleep(0.02)
        child.communicate(b"\n\n")
    assert least <= peak[0] < most
