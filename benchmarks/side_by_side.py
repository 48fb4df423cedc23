"""What the benchmarks share: run one way in a process of its own and take its time and its peak memory."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from course_lib.lessons import peak_memory


def measure(way, *arguments):
    """Seconds and peak MiB of `way(*arguments)` in a fresh Python, its start and imports included.

    `way` is a function of the benchmark that runs. The cache is an empty one, so that nothing is there
    already."""
    call = f"import {Path(sys.argv[0]).stem} as own; own.{way.__name__}(*{arguments!r})"
    with tempfile.TemporaryDirectory() as home, peak_memory(every=0.05) as peak:
        started = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", call],
            check=True,
            cwd=Path(__file__).parent,
            env=os.environ | {"COURSE_HOME": home, "TQDM_DISABLE": "1", "TF_CPP_MIN_LOG_LEVEL": "3"},
        )
        return time.perf_counter() - started, peak[0]
