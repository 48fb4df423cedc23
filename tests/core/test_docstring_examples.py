"""The examples in all docstrings run and print what they show."""

import doctest
import importlib
from pathlib import Path

import pytest

from course_lib.core.paths import ROOT


def _with_examples() -> list[str]:
    files = sorted((ROOT / "course_lib").rglob("*.py"))
    return [_dotted(file) for file in files if ">>> " in file.read_text(encoding="utf-8")]


def _dotted(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@pytest.mark.parametrize("name", _with_examples())
def test_the_examples_print_what_they_show(name):
    found = doctest.testmod(
        importlib.import_module(name), optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    )
    assert found.attempted > 0 and found.failed == 0


def test_no_example_is_skipped():
    for name in _with_examples():
        assert "doctest: +SKIP" not in Path(importlib.import_module(name).__file__).read_text("utf-8"), name
