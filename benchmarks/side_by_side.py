"""Run a function of a benchmark in its own process, and measure its time and peak memory."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from course_lib.lessons import peak_memory


def measure(way, *arguments):
    """Seconds and peak MiB of `way(*arguments)` in a new Python process, start and imports included.

    `way` is a function of the benchmark that calls this, or of a file beside it. The course's cache is empty,
    so nothing is computed beforehand. Memory that processes share counts once.
    """
    module = Path(sys.argv[0]).stem if way.__module__ == "__main__" else way.__module__
    call = f"import {module} as own; own.{way.__name__}(*{arguments!r})"
    with tempfile.TemporaryDirectory() as home, peak_memory(0.2, shared_once=True) as peak:
        started = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", call],
            check=True,
            cwd=Path(__file__).parent,
            env=os.environ | {"COURSE_HOME": home, "TQDM_DISABLE": "1", "TF_CPP_MIN_LOG_LEVEL": "3"},
        )
        return time.perf_counter() - started, peak[0]
