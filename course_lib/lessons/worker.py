"""One lesson executed in this process: `python -m course_lib.lessons.worker JSON`, which `execute` calls."""

import json
import os
import sys
import time
from pathlib import Path

from course_lib.lessons.find import part_of
from course_lib.lessons.memory import peak_memory


def execute(source, target, parameters, kernel) -> tuple[float, float, str]:
    """Execute the notebook `source` into `target`: seconds, peak MiB, and what went wrong, or ''."""
    import papermill

    os.environ["TQDM_DISABLE"] = "1"  # a bar's last state is no part of a lesson
    target.parent.mkdir(parents=True, exist_ok=True)
    part = part_of(target, os.getpid())
    started, error = time.perf_counter(), ""
    with peak_memory() as peak:
        try:
            papermill.execute_notebook(
                source,
                part,
                parameters,
                kernel_name=kernel,
                cwd=target.parent,
                progress_bar=False,
                extra_arguments=["--IPKernelApp.log_level=40"],
            )
        except papermill.PapermillExecutionError as failure:
            error = f"cell {failure.exec_count}: {failure.ename}: {failure.evalue}"
        except Exception as failure:  # a kernel that died, or that is not installed
            error = f"{type(failure).__name__}: {failure}".partition("\n")[0]
    if part.exists():
        os.replace(part, target)
    return time.perf_counter() - started, peak[0], error


if __name__ == "__main__":
    source, target, *rest = json.loads(sys.argv[1])
    print(json.dumps(execute(Path(source), Path(target), *rest)))
