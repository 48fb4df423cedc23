"""Notebooks as plain JSON, and the answers in their cells: what `check`, `hand_in`, `course reset` and
`course update` have in common. Nothing of a file changes but what is asked for."""

import ast
import builtins
import json
import re
import symtable
import warnings

from course_lib import exercises
from course_lib.core.errors import CourseError
from course_lib.core.io import whole_file

MAGIC = re.compile(r"^([ \t]*)(?:[%!?].*|[\w.]+\?{1,2}[ \t]*)$", re.MULTILINE)  # IPython's own lines
NOT_RUN_HERE = re.compile(r"\s*%%(?!time\b|capture\b)")  # a cell for bash, html, a file ...
ALWAYS_THERE = {*dir(builtins), "__name__", "display"}
STUB = ast.dump(ast.parse("raise NotImplementedError()").body[0])


# --- notebooks ---


def read(path) -> dict:
    """A notebook file's content. Raises `CourseError` where there is none, and as `opened` does."""
    if not path.is_file():
        raise CourseError(path, "there is no such notebook", "Look where it is")
    return opened(path.read_bytes(), path)


def opened(data, name) -> dict:
    """The notebook in these bytes. Raises `CourseError` where they are none of format 4, truncated for
    example.
    """
    try:
        book = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        book = None
    cells = book.get("cells") if isinstance(book, dict) and book.get("nbformat") == 4 else None
    if not isinstance(cells, list) or not all(map(_is_cell, cells)):
        raise CourseError(
            name, "this is no whole notebook (.ipynb of format 4)", "Get it again, or rename it"
        )
    return book


def _is_cell(cell):
    text = cell.get("source") if isinstance(cell, dict) else None
    return (
        isinstance(text, str | list)
        and all(isinstance(line, str) for line in text)
        and isinstance(cell.get("cell_type"), str)
        and isinstance(cell.get("metadata"), dict)
    )


def write(path, book):
    """Write a notebook whole, as Jupyter does. Raises `CourseError` as `whole_file` does."""
    text = json.dumps(book, indent=1, ensure_ascii=False) + "\n"
    with whole_file(path) as part:
        part.write_bytes(
            text.encode("utf-8", "backslashreplace")
        )  # half a surrogate pair: as JSON escapes it


def set_aside(path):
    """Keep a file as it is under old/, with the next free number, and return its copy's path. A copy that is
    there already is enough."""
    number = 1
    while (copy := path.parent / "old" / f"{path.stem}-{number}{path.suffix}").exists():
        if copy.read_bytes() == path.read_bytes():
            return copy
        number += 1
    with whole_file(copy) as part:
        part.write_bytes(path.read_bytes())
    return copy


def source(cell) -> str:
    """A cell's text, which a file may hold whole or line by line."""
    return "".join(cell["source"])


def with_source(cell, text) -> dict:
    """The cell with another text and, since they belong to the old one, without outputs."""
    lines = text if isinstance(cell["source"], str) else text.splitlines(keepends=True)
    return {**cell, "source": lines, "outputs": [], "execution_count": None}


def grade_id(cell) -> str:
    """Its name in nbgrader's metadata, "" for a cell without."""
    marks = cell["metadata"].get("nbgrader")
    return str(marks.get("grade_id", "")) if isinstance(marks, dict) else ""


def answer(cells, wanted, name, stub) -> int | None:
    """The place of an exercise's answer cell: the one with its grade_id, else one that defines its function;
    of several the last that holds more than the empty copy. None without."""
    code = [(place, cell, source(cell)) for place, cell in enumerate(cells) if cell["cell_type"] == "code"]
    found = [(place, text) for place, cell, text in code if grade_id(cell) == wanted] or [
        (place, text) for place, _, text in code if definition(text, name) or half_written(text, name)
    ]
    ranked = [
        (attempted(text, name, stub), definition(text, name) is not None, place) for place, text in found
    ]
    return max(ranked)[-1] if ranked else None


# --- a cell's Python ---


def parsed(text) -> tuple[str, ast.Module | None]:
    """A cell's text and its tree, None where it does not parse. Where it parses only without IPython's lines
    (`%`, `!`, `?`), `pass` stands in their place."""
    for python in dict.fromkeys([text, MAGIC.sub(r"\1pass", text)]):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about a student's odd backslashes
                return python, ast.parse(python)
        except (SyntaxError, ValueError, RecursionError, MemoryError):  # the last two for deep nesting
            continue
    return text, None


def definition(text, name):
    """The last statement at the top of a cell that makes the function: `def`, or a lambda with a name. None
    without.
    """
    return defined(parsed(text)[1], name) if name in text and not NOT_RUN_HERE.match(text) else None


def defined(tree, name):
    """The same of a cell's tree, or None."""
    for node in reversed(tree.body if tree else []):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            return node
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Lambda)
            and any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
        ):
            return node
    return None


def half_written(text, name) -> bool:
    """Does a cell that is no Python begin the function?"""
    begins = re.search(rf"^def {name}\b", text, re.MULTILINE) and not NOT_RUN_HERE.match(text)
    return bool(begins) and parsed(text)[1] is None


def attempted(text, name, stub) -> bool:
    """Is there more in an answer's function than in its empty copy? What does not parse is an attempt."""
    own = definition(text, name)
    return own is None or written(own, definition(stub, name))


def written(function, empty) -> bool:
    """Is there more in a function than in its empty copy (None: not at hand), that of any release?"""
    return not _only_raises(function) and (empty is None or _dumped(function) != _dumped(empty))


def _dumped(node):
    try:
        return ast.dump(node)
    except (RecursionError, ValueError):  # too deep, or a number of over 4,300 digits: no empty copy
        return None


def _only_raises(function):
    # nbgrader's stub alone, perhaps below a docstring.
    if not isinstance(function, ast.FunctionDef):
        return False
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return len(body) == 1 and _dumped(body[0]) == STUB


def missing(text) -> list[str]:
    """The names that a cell uses and that neither it nor Python nor the exercises' setup cell makes: what the
    grader, which runs the cell alone, does not have."""
    python, tree = parsed(text)
    if tree is None or any(
        alias.name == "*"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ):
        return []
    (made, used), (given, _) = _names(python), _names(exercises.SETUP)
    return sorted(used - made - given - ALWAYS_THERE)


def absent(text, modules) -> list[str]:
    """The modules that a cell imports and that are not there when it is graded: those named, and the
    course."""
    tree = parsed(text)[1]
    asked = []
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Import | ast.ImportFrom):
            start = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            asked += [start + alias.name for alias in node.names]
    hidden = ["course_lib", *modules]
    return sorted({one for one in hidden for name in asked if f"{name}.".startswith(f"{one}.")})


def _names(python):
    try:
        tables = [symtable.symtable(python, "cell", "exec")]
    except SyntaxError:  # parses and still is no program: a `return` outside a function
        return set(), set()
    made, used = set(), set()
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
