"""Each part of course_lib imports only what stands on its own floor or below it."""

import ast

import pytest

from course_lib.core.paths import ROOT

FLOORS = [["files", "backend"], ["exercises"], ["student_copy"], ["grading"], ["datasets"], ["evaluation"],
          ["calibration"], ["video", "audio"], ["synthetic"], ["corpora"], ["images", "augmentation"], ["faces"],
          ["features"], ["classifiers"], ["vggface"], ["networks"], ["training"], ["model_card"], ["models"],
          ["speech"], ["attribution"], ["fusion"], ["plots"], ["measure"], ["demo"], ["notebook"], ["lessons"],
          ["release", "update"], ["doctor"], ["cli"]]
LEVEL = {name: level for level, names in enumerate(FLOORS) for name in names}
MODULES = [path for path in (ROOT / "course_lib").rglob("*.py") if path != ROOT / "course_lib" / "__init__.py"]


def imported(path):
    """The parts of course_lib that a module names in its imports, wherever they stand in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "course_lib":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("course_lib."):
            yield node.module.split(".")[1]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_imports_only_floors_below_its_own(path):
    own = path.relative_to(ROOT / "course_lib").parts[0].removesuffix(".py")
    above = [name for name in imported(path) if name in LEVEL and LEVEL[name] > LEVEL[own]]
    assert not above


def test_every_module_has_a_floor():
    there = {path.relative_to(ROOT / "course_lib").parts[0].removesuffix(".py") for path in MODULES}
    assert there == set(LEVEL)
