"""Notebooks as plain JSON, and the answers in their cells, for `check`, `hand_in`, `course reset` and
`course update`. A change of one cell leaves the rest of the file as it is."""

import ast
import builtins
import json
import re
import symtable
import warnings
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from course_lib import exercises
from course_lib.core.errors import CourseError
from course_lib.core.io import what_it_is, whole_file

MAGIC = re.compile(r"^([ \t]*)(?:[%!?].*|[\w.]+\?{1,2}[ \t]*)$", re.MULTILINE)  # IPython's own lines
NOT_RUN_HERE = re.compile(r"\s*%%(?!time\b|capture\b)")  # a cell for bash, html, a file ...
ALWAYS_THERE = {*dir(builtins), "__name__", "display"} - {"get_ipython"}  # IPython adds it to the builtins
NOTEBOOKS_ONLY = ("google.colab",)  # what only some notebooks have
STUB = ast.dump(ast.parse("raise NotImplementedError()").body[0])


Notebook = dict[str, Any]  # a notebook's JSON, or one cell of it

# --- notebooks ---


def read(path: Path) -> Notebook:
    """Read a notebook file.

    Raises
    ------
    CourseError
        If there is no such file, or if it is not a complete notebook of format 4.
    """
    if not path.is_file():
        raise CourseError(path, "there is no such notebook", "Check its name and folder")
    return opened(path.read_bytes(), path)


def opened(data: bytes, name: str | Path) -> Notebook:
    """Read a notebook from bytes.

    Parameters
    ----------
    data : bytes
        The content of a file.
    name : str or path
        What the error calls it.

    Returns
    -------
    dict
        The notebook's JSON.

    Raises
    ------
    CourseError
        If this is not a complete notebook of format 4: it may be cut off, for example.
    """
    try:
        book = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        book = None
    cells = book.get("cells") if isinstance(book, dict) and book.get("nbformat") == 4 else None
    if not isinstance(cells, list) or not all(map(_is_cell, cells)):
        found = no_notebook(data)
        what = "this is not a complete notebook (.ipynb of format 4)"
        what, todo = (f"{what}: {found[0]}", found[1]) if found else (what, "Get it again, or rename it")
        raise CourseError(name, what, todo)
    return book


def no_notebook(data: bytes) -> tuple[str, str] | None:
    """Tell what a file is that is not a notebook, from its first bytes.

    Parameters
    ----------
    data : bytes
        The content of a file.

    Returns
    -------
    (str, str) or None
        What it is, and what to do, as from `what_it_is`; None if it may be a notebook.

    Examples
    --------
    >>> no_notebook("{}".encode("utf-16"))
    ('its text is UTF-16', 'Open it in a text editor, and save it with the encoding UTF-8')
    """
    if not data.strip():
        return "it is empty", "Save it again"
    if not (found := what_it_is(data)):
        return None
    what, todo = found
    if "UTF-" in what:
        return what, "Open it in a text editor, and save it with the encoding UTF-8"
    return what, "Take the notebook itself (.ipynb)" if "CSV" in todo else todo


def _is_cell(cell: object) -> bool:
    if not isinstance(cell, dict):
        return False
    text = cell.get("source")
    return (
        isinstance(text, str | list)
        and all(isinstance(line, str) for line in text)
        and isinstance(cell.get("cell_type"), str)
        and isinstance(cell.get("metadata"), dict)
    )


def write(path: Path, book: Notebook) -> None:
    """Write a notebook in one move, in Jupyter's format. Raises `CourseError` as `whole_file` does."""
    text = json.dumps(book, indent=1, ensure_ascii=False) + "\n"
    with whole_file(path) as part:
        part.write_bytes(text.encode("utf-8", "backslashreplace"))  # JSON's escape for half a surrogate pair


def set_aside(path: Path) -> Path:
    """Copy a file into old/ under the next free number, unless there is such a copy, and return the copy's
    path."""
    number = 1
    while (copy := path.parent / "old" / f"{path.stem}-{number}{path.suffix}").exists():
        if copy.read_bytes() == path.read_bytes():
            return copy
        number += 1
    with whole_file(copy) as part:
        part.write_bytes(path.read_bytes())
    return copy


def source(cell: Notebook) -> str:
    """Return a cell's text. A file may hold it as one text or as a list of lines."""
    return "".join(cell["source"])


def with_source(cell: Notebook, text: str) -> Notebook:
    """Return the cell with another text, and without outputs, because they belong to the old text."""
    lines = text if isinstance(cell["source"], str) else text.splitlines(keepends=True)
    return {**cell, "source": lines, "outputs": [], "execution_count": None}


def grade_id(cell: Notebook) -> str:
    """Return a cell's name in nbgrader's metadata, or ""."""
    marks = cell["metadata"].get("nbgrader")
    return str(marks.get("grade_id", "")) if isinstance(marks, dict) else ""


def answer(cells: Sequence[Notebook], wanted: str, name: str, stub: str) -> int | None:
    """Find the answer cell of an exercise.

    Parameters
    ----------
    cells : sequence of dict
        The cells of a notebook.
    wanted : str
        The exercise's grade_id. The cell that has it answers the exercise; if there is none, a cell that
        defines the function.
    name : str
        The name of the exercise's function.
    stub : str
        The empty copy. Of several cells, the last that holds more than this is chosen.

    Returns
    -------
    int or None
        The place of the cell, from 0; None if there is none.
    """
    code = [
        (place, cell, Code(source(cell))) for place, cell in enumerate(cells) if cell["cell_type"] == "code"
    ]
    found = [(place, own) for place, cell, own in code if grade_id(cell) == wanted] or [
        (place, own) for place, _, own in code if own.definition(name) or own.begins(name)
    ]
    ranked = [(own.attempted(name, stub), own.definition(name) is not None, place) for place, own in found]
    return max(ranked)[-1] if ranked else None


# --- a cell's Python ---

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.Assign


class Code:
    """The Python of one cell. It is parsed once, when it is first needed.

    Parameters
    ----------
    text : str
        The cell's source.

    Examples
    --------
    >>> code = Code("def double(x):\\n    return 2 * x + offset")
    >>> code.definition("double").lineno, code.missing()
    (1, ['offset'])
    """

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _parsed(self) -> tuple[str, ast.Module | None]:
        return parsed(self.text)

    @property
    def python(self) -> str:
        """The text that was parsed: `pass` replaces IPython's lines."""
        return self._parsed[0]

    @property
    def tree(self) -> ast.Module | None:
        """The tree, or None if the cell cannot be parsed."""
        return self._parsed[1]

    @property
    def runs_elsewhere(self) -> bool:
        """Whether the cell is for bash, HTML or a file instead of Python."""
        return bool(NOT_RUN_HERE.match(self.text))

    def definition(self, name: str) -> Definition | None:
        """Return the last top-level statement that makes the function: `def`, or a lambda with a name."""
        return self._definitions.get(name) if name in self.text and not self.runs_elsewhere else None

    @cached_property
    def _definitions(self) -> dict[str, Definition]:
        # One pass for all exercises: a hostile cell has 25,000 statements.
        found: dict[str, Definition] = {}
        for node in self.tree.body if self.tree else []:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found[node.name] = node
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
                found |= {target.id: node for target in node.targets if isinstance(target, ast.Name)}
        return found

    def begins(self, name: str) -> bool:
        """Return whether the cell begins the function but cannot be parsed."""
        begun = re.search(rf"^def {name}\b", self.text, re.MULTILINE) and not self.runs_elsewhere
        return bool(begun) and self.tree is None

    def attempted(self, name: str, stub: str) -> bool:
        """Return whether the answer is more than the empty copy. What cannot be parsed is an attempt."""
        own = self.definition(name)
        return own is None or written(own, Code(stub).definition(name))

    def missing(self) -> list[str]:
        """Return the names that the cell uses but that neither it, nor Python, nor the setup cell defines.

        The grader runs the cell alone, so it does not have these names.
        """
        if self.tree is None or any(
            alias.name == "*"
            for node in ast.walk(self.tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        ):
            return []
        (made, used), (given, _) = _names(self.python), _names(exercises.SETUP)
        return sorted(used - made - given - ALWAYS_THERE)

    def syntax_error(self) -> str:
        """Return why Python cannot compile the cell, such as "invalid syntax (line 2)", or ""."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                compile(self.python, "cell", "exec")
        except SyntaxError as error:
            return f"{error.msg} (line {error.lineno})" if error.lineno else str(error.msg)
        except (ValueError, RecursionError, MemoryError):
            return "it is nested too deeply"
        return ""

    def imported(self) -> list[str]:
        """Return what the cell imports anywhere: "scipy.stats" for `from scipy import stats`."""
        asked = []
        for node in ast.walk(self.tree) if self.tree else ():
            if isinstance(node, ast.Import | ast.ImportFrom):
                start = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
                asked += [start + alias.name for alias in node.names]
        return asked

    def unavailable(self, modules: Iterable[str]) -> list[str]:
        """Return the modules that the cell imports but the grader does not have: some of `modules`, the
        course, and those that only a notebook has."""
        asked = self.imported()
        hidden = ["course_lib", *NOTEBOOKS_ONLY, *modules]
        return sorted({one for one in hidden for name in asked if f"{name}.".startswith(f"{one}.")})


def parsed(text: str) -> tuple[str, ast.Module | None]:
    """Parse a cell, first as it is, then with `pass` in place of IPython's lines (`%`, `!`, `?`).

    Parameters
    ----------
    text : str
        The cell's source.

    Returns
    -------
    python : str
        The text that was parsed.
    tree : ast.Module or None
        None if neither can be parsed.
    """
    for python in dict.fromkeys([text, MAGIC.sub(r"\1pass", text)]):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about a student's odd backslashes
                return python, ast.parse(python)
        except (SyntaxError, ValueError, RecursionError, MemoryError):  # the last two for deep nesting
            continue
    return text, None


def written(function: Definition, empty: Definition | None) -> bool:
    """Return whether a function holds more than its empty copy, of this release or (None) of any other."""
    return not _only_raises(function) and (empty is None or _dumped(function) != _dumped(empty))


def _dumped(node: ast.AST) -> str | None:
    try:
        return ast.dump(node)
    except (RecursionError, ValueError):  # too deep, or a number of over 4,300 digits, so no empty copy
        return None


def _only_raises(function: Definition) -> bool:
    # The body is nbgrader's stub, perhaps below a docstring.
    if not isinstance(function, ast.FunctionDef):
        return False
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return len(body) == 1 and _dumped(body[0]) == STUB


def _names(python: str) -> tuple[set[str], set[str]]:
    try:
        tables = [symtable.symtable(python, "cell", "exec")]
    except SyntaxError:  # it parses but does not compile: a `return` outside a function
        return set(), set()
    made: set[str] = set()
    used: set[str] = set()
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for symbol in table.get_symbols():
            outermost = table.get_type() == "module" or symbol.is_declared_global()
            if outermost and (symbol.is_assigned() or symbol.is_imported()):
                made.add(symbol.get_name())
            if symbol.is_referenced() and (outermost or symbol.is_global()):
                used.add(symbol.get_name())
    return made, used
