"""The cost of importing what the light lessons import (00 to 03, and 05): CPU seconds and peak memory.

    python benchmarks/imports.py

Keras and its backends are blocked, so the figures are those of a machine without them. All imports of the
lessons count, in the lessons' order and in a new Python process. For comparison it also measures Python
alone, and the libraries that the lessons import themselves: `course_lib` cannot be faster than these.
"""

import ast
import importlib.abc
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LESSONS = ("00", "01", "02", "03", "05")
BLOCKED = ("keras", "tensorflow", "jax", "jaxlib", "torch")
EXERCISES = (
    "from course_lib.exercises import check, given, hand_in"  # `course build` writes it into each lesson
)
BENEATH = ["import numpy", "import pandas", "import matplotlib.pyplot"]  # what tables and figures are made of


class Blocked(importlib.abc.MetaPathFinder):
    """Makes packages unimportable, as if they were not installed."""

    def __init__(self, names):
        self.names = names

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def imports(lesson) -> list[str]:
    """The imports of a lesson's master, in order; a `try: … except ImportError: …` is kept whole."""
    from course_lib.lessons import masters, names

    cells = masters.read_master(names([lesson])[0]).cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    return [ast.unparse(node) for node in ast.parse(code).body if _imports(node)]


def _imports(node):
    if isinstance(node, ast.Try):
        return all(map(_imports, [*node.body, *(line for handler in node.handlers for line in handler.body)]))
    return isinstance(node, ast.Import | ast.ImportFrom)


def measured(statements) -> tuple[float, float]:
    """CPU seconds and peak memory in MiB of a fresh Python that runs these statements."""
    done = subprocess.run(
        [sys.executable, __file__, "--run"],
        input=json.dumps(statements),
        text=True,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    return tuple(json.loads(done.stdout))


def run(statements) -> tuple[float, float]:
    """Run statements in this process: the CPU seconds that it has used since it began, and its peak memory in
    MiB.
    """
    import resource

    sys.meta_path.insert(0, Blocked(BLOCKED))
    sys.path.insert(0, str(ROOT))
    for statement in statements:
        exec(statement, {})
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def main():
    statements = [statement for lesson in LESSONS for statement in imports(lesson)] + [EXERCISES]
    libraries = BENEATH + [statement for statement in statements if "course_lib" not in statement]
    for what, lines in {
        "Python alone": [],
        "the libraries that the lessons name": libraries,
        f"all that lessons {', '.join(LESSONS)} import": statements,
    }.items():
        seconds, memory = measured(lines)
        print(f"{what}: {seconds:.2f} CPU seconds, {memory:.0f} MiB")


if __name__ == "__main__":
    if "--run" in sys.argv:
        print(json.dumps(run(json.load(sys.stdin))))
    else:
        main()
