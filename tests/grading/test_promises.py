"""docs/trust.md: every promise names a test, and every test that it names is there."""

import ast
import re
from pathlib import Path

import pytest

from course_lib.core.paths import ROOT

PAGE = (ROOT / "docs" / "trust.md").read_text(encoding="utf-8")
PROMISES, NOT_PROMISED = PAGE.split("## Not promised")
NAMED = re.findall(r"`(\w+\.py)::(\w+)`", PAGE)


def rows(part):
    """The rows of a table, without its head and the headings within it."""
    lines = [line for line in part.splitlines() if line.startswith("| ") and not line.startswith("| ---")]
    return [line for line in lines[1:] if not line.startswith("| **")]


def defined(path):
    return {
        node.name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    }


def missing(named, root):
    """The tests of `named`, (file, function), that no file below `root` has."""
    found = {(path.name, name) for path in Path(root).rglob("*.py") for name in defined(path)}
    return [pair for pair in named if pair not in found]


def test_every_named_test_is_there():
    assert missing(dict.fromkeys(NAMED), ROOT / "tests") == []


def test_every_promise_names_a_test():
    assert len(rows(PROMISES)) >= 35
    assert [row for row in rows(PROMISES) if not re.search(r"`\w+\.py::test_\w+`", row)] == []


def test_what_is_not_promised_comes_with_what_to_do():
    assert len(rows(NOT_PROMISED)) >= 8
    assert [row for row in rows(NOT_PROMISED) if not row.strip("| ").partition(" | ")[2]] == []


@pytest.mark.parametrize("named", [("test_a.py", "test_two"), ("test_b.py", "test_one")])
def test_a_test_that_is_gone_is_found(tmp_path, named):
    (tmp_path / "test_a.py").write_text("def test_one():\n    pass\n")
    assert missing([named], tmp_path) == [named] and missing([("test_a.py", "test_one")], tmp_path) == []


def test_the_teachers_page_leads_here():
    assert "(trust.md)" in (ROOT / "docs" / "grading.md").read_text(encoding="utf-8")
