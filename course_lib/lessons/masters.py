"""Read the masters as notebooks, and the answer cells in them."""

import ast
import re
from copy import deepcopy
from itertools import takewhile
from typing import TYPE_CHECKING

from course_lib import exercises
from course_lib.core.errors import CourseError
from course_lib.core.paths import ROOT

if TYPE_CHECKING:
    from nbformat import NotebookNode

STUB = ("# YOUR CODE HERE", "raise NotImplementedError()")  # nbgrader's own
BEGIN, END = "BEGIN SOLUTION", "END SOLUTION"


def read_master(name: str) -> "NotebookNode":
    """Read a master as a notebook without outputs.

    Parameters
    ----------
    name : str
        The lesson, such as "02_hog_features".

    Returns
    -------
    NotebookNode
        The notebook. A cell whose header names a cell of masters/common.py, such as `# %% setup`, has that
        cell's lines, tags and other metadata.

    Raises
    ------
    CourseError
        If masters/common.py has no cell of that name, or no line for a name that the master leaves to it.
    """
    master, common = _notebook(name), common_cells()
    for cell in master.cells:
        if title := cell.metadata.pop("title", ""):
            _fill(cell, title, common, f"masters/{name}.py, cell '# %% {title}'")
    return master


def common_cells() -> "dict[str, NotebookNode]":
    """Read the cells that lessons share from masters/common.py.

    Returns
    -------
    dict
        {the cell's name in its header: cell}, for example "setup".
    """
    cells = {cell.metadata.pop("title", ""): cell for cell in _notebook("common").cells}
    return {name: cell for name, cell in cells.items() if name}


def _notebook(name):
    import jupytext

    notebook = jupytext.read(ROOT / "masters" / f"{name}.py")
    for cell in notebook.cells:
        cell.metadata.pop("lines_to_next_cell", None)  # jupytext's note about blank lines
    return notebook


def _fill(cell, title, common, where):
    """Put a common cell's lines and metadata into a master's cell. The master's own lines have priority."""
    if title not in common:
        raise CourseError(
            where, "masters/common.py has no cell of this name", f"Its cells are: {', '.join(common)}"
        )
    lines = {line.partition(" = ")[0]: line for line in common[title].source.splitlines()}
    own = cell.source.splitlines()
    if unknown := [line for line in own if line.isidentifier() and line not in lines]:
        known = ", ".join(filter(str.isidentifier, lines))
        raise CourseError(
            where,
            f"masters/common.py gives {', '.join(unknown)} no value in this cell",
            f"Give it a value here, or use one of: {known}",
        )
    if own:
        label = takewhile(lambda line: line.startswith("#"), lines)  # what a folded cell shows
        cell.source = "\n".join([*label, *(lines.get(line, line) for line in own)])
    else:
        cell.source = common[title].source
    cell.metadata.update(deepcopy(common[title].metadata))


def solutions(number: str) -> dict[str, str]:
    """Read the solved answer cells of a lesson.

    Parameters
    ----------
    number : str
        The lesson, such as "02".

    Returns
    -------
    dict
        {exercise id: source of its answer cell, with the solution}.

    Raises
    ------
    CourseError
        If the lesson has no master, or as `answer_cells` does.
    """
    paths = sorted((ROOT / "masters").glob(f"{number}_*.py"))
    if not paths:
        raise CourseError(f"masters/{number}_*.py", "this lesson has no master", "Write it first")
    return {id: cell.source for id, cell in answer_cells(read_master(paths[0].stem), paths[0].stem).items()}


_ANSWER = re.compile(r'^# %% nbgrader=\{"grade_id": "([^"]+)"\}\n(.*?)(?=^# %%|\Z)', re.MULTILINE | re.DOTALL)


def sources(number: str) -> dict[str, str]:
    """Read the solved answer cells of a lesson as `solutions` does, but from the master's text.

    It checks nothing, and needs no jupytext, whose import takes seconds: each call of `course grade` uses it.

    Parameters
    ----------
    number : str
        The lesson, such as "02".

    Returns
    -------
    dict
        {exercise id: source of its answer cell, with the solution}; empty if the lesson has no master.
    """
    known = {one.grade_id: one.id for one in exercises.lesson(number)}
    return {
        known[grade_id]: source.rstrip()
        for path in sorted((ROOT / "masters").glob(f"{number}_*.py"))
        for grade_id, source in _ANSWER.findall(path.read_text(encoding="utf-8"))
        if grade_id in known
    }


def answer_cells(master: "NotebookNode", name: str) -> "dict[str, NotebookNode]":
    """Find the answer cells of a master.

    Parameters
    ----------
    master : NotebookNode
        The notebook from `read_master`.
    name : str
        The lesson, such as "02_hog_features".

    Returns
    -------
    dict
        {exercise id: its answer cell}, in the master's order.

    Raises
    ------
    CourseError
        If a cell does not fit its exercise in `course_lib/exercises`; the error names master and cell.
    """
    public = {one.grade_id: one for one in exercises.lesson(name[:2])}
    found = {}
    for cell in master.cells:
        marked, data = BEGIN in cell.source or END in cell.source, cell.metadata.get("nbgrader")
        if not (marked or data):
            continue
        grade_id = (data or {}).get("grade_id")
        one, where = (
            public.get(grade_id),
            f"masters/{name}.py, cell {grade_id or cell.source.splitlines()[0]!r}",
        )
        if one is None:
            raise CourseError(
                where,
                "its grade_id belongs to no exercise of the lesson",
                f"The ids are: {', '.join(public) or 'none'}",
            )
        if one.id in found:
            raise CourseError(where, "this exercise has two answer cells", "Keep one")
        _fits(cell, one, where)
        found[one.id] = cell
    if missing := [one.id for one in public.values() if one.id not in found]:
        raise CourseError(
            f"masters/{name}.py",
            f"no answer cell for {', '.join(missing)}",
            "Write it, with nbgrader's metadata as in masters/02_hog_features.py",
        )
    return found


def _fits(cell, one, where):
    if cell.metadata["nbgrader"] not in ({"grade_id": one.grade_id}, one.nbgrader):
        raise CourseError(
            where,
            "its nbgrader metadata should be its grade_id alone; points and the rest come from the Exercise",
            f'Write: # %% nbgrader={{"grade_id": "{one.grade_id}"}}',
        )
    cell.metadata["nbgrader"] = one.nbgrader
    stub = _parsed(cleared(cell.source, where), where)
    names = [node.name for node in stub.body if isinstance(node, ast.FunctionDef)]
    if one.name not in names:
        raise CourseError(
            where,
            f"it defines {', '.join(names) or 'no function'} outside the solution's markers",
            f"The public part asks for a function {one.name}",
        )


def _parsed(source, where):
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise CourseError(
            where, f"without its solution it is not valid Python ({error})", "Move the markers"
        ) from error


def cleared(source: str, where: str = "this cell") -> str:
    """Replace the solution in an answer cell by nbgrader's stub.

    Parameters
    ----------
    source : str
        The solved answer cell.
    where : str
        Where it is, for the error.

    Returns
    -------
    str
        The cell without its solution. The stub has the indentation of the first marker.

    Raises
    ------
    CourseError
        Unless there is one region from `### BEGIN SOLUTION` to `### END SOLUTION`.

    Examples
    --------
    >>> print(cleared("def f():\\n    ### BEGIN SOLUTION\\n    return 1\\n    ### END SOLUTION"))
    def f():
        # YOUR CODE HERE
        raise NotImplementedError()
    """
    lines = source.split("\n")
    marks = [(number, BEGIN in line) for number, line in enumerate(lines) if BEGIN in line or END in line]
    if [begins for _, begins in marks] != [True, False]:
        raise CourseError(
            where,
            "it needs ### BEGIN SOLUTION and, after it, ### END SOLUTION, once each",
            "Set the markers around what a student is to write",
        )
    (begin, _), (end, _) = marks
    indent = re.match(r"\s*", lines[begin])[0]
    return "\n".join([*lines[:begin], *(indent + line for line in STUB), *lines[end + 1 :]])
