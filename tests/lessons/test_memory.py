"""The peak memory of the processes that a process starts."""

import subprocess
import sys

import pytest

HOLDS = "import sys; held = bytearray(80 << 20); held[::4096] = bytes(20480) ; print(flush=True); input()"
FORKS = "import os; " + HOLDS.replace("print", "os.fork(); print")


MEASURES = """
import subprocess, sys, time
from course_lib.lessons import peak_memory

code, shared_once, least = sys.argv[1], sys.argv[2] == "True", float(sys.argv[3])
with peak_memory(0.02, shared_once) as peak:
    call = [sys.executable, "-S", "-c", code]
    child = subprocess.Popen(call, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert all(child.stdout.readline() for _ in range(1 + ("fork" in code)))
    end = time.monotonic() + 10
    while peak[0] < least and time.monotonic() < end:
        time.sleep(0.02)
    child.communicate(b"\\n\\n")
print(peak[0])
"""


@pytest.mark.parametrize("code, shared_once, least, most", [
    (HOLDS, False, 80, 140), (HOLDS, True, 80, 140), (FORKS, False, 160, 280), (FORKS, True, 80, 140),
])  # fmt: skip
def test_memory_that_two_processes_share_counts_twice_or_once(code, shared_once, least, most):
    """80 MiB, and in two of the cases a copy of the process that shares them. A new process measures, because
    the process of the tests may have other children, such as joblib's workers.
    """
    call = [sys.executable, "-c", MEASURES, code, str(shared_once), str(least)]
    done = subprocess.run(call, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert least <= float(done.stdout) < most
