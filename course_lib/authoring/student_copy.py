"""Make a student's copy of a master: empty the answer cells, add texts, checks and the hand-in cell."""

import json
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib import exercises
from course_lib.lessons.masters import answer_cells, cleared

if TYPE_CHECKING:
    from nbformat import NotebookNode

SHORT = 16  # numbers; of a larger array, the text only has the shape
WIDE = 110  # characters of an example's line
HOW = """
Each exercise asks for one function. Write it in place of `raise NotImplementedError()`. Run its cell and then
the cell below it: `check` tries your function on the public examples. It tells you that the answer is right,
or it reports the first error. (If an exercise asks for one of several choices, only the grader tells whether
it is right.) Do the exercises in the order of the page; their numbers are only names. If you leave one out,
the lesson still runs to its end.

The grader runs your function on **other inputs**, and without the rest of the notebook. It has NumPy (`np`)
and the libraries that the exercise names. It does not have `course_lib` or your other cells. So put all that
your function needs into **its own cell**: imports and helper functions, too. Keep its name and its arguments.

These functions help you:

| Call | What you get |
| --- | --- |
| `hint("{id}")` | a hint; each further call gives a clearer one |
| `solution("{id}")` | the course's solution, after you have tried the exercise (if your copy has solutions) |
| `given("{id}")` | the right result of a public example |
| `exercises.find("{id}").examples[0]` | the inputs of an example (first `from course_lib import exercises`) |
| `exercises.reset("{id}")` | the empty copy again, in a new cell |"""
FOLDED = """
**The next two cells are folded.** *Parameters* holds what you can change, for example the data or the seed.
*Setup* gets the course ready. Run both. To open one, click it in JupyterLab, or click *Show code*
in Colab."""
HAND_IN = """
## Hand in

Run the last cell when you are done. It writes the file to hand in, with the answers whose cells you ran, and
lists what is not answered yet. You can run it as often as you like."""


def with_exercises(master: "NotebookNode", name: str, solved: bool = False) -> "NotebookNode":
    """Put a text before each answer cell, a check after it, and the hand-in cell at the end.

    A cell's id depends on no other exercise, so that a new exercise changes no other cell of the lesson.

    Parameters
    ----------
    master : NotebookNode
        The notebook from `read_master`; it is changed.
    name : str
        The lesson, such as "02_hog_features".
    solved : bool
        Keep the solutions in the answer cells.

    Returns
    -------
    NotebookNode
        The changed notebook. Without answer cells, it only gets the ids of its cells.

    Raises
    ------
    CourseError
        As `answer_cells` does, and if the values of the public examples were not built.
    """
    answers = {
        cell.metadata["nbgrader"]["grade_id"]: exercises.find(id)
        for id, cell in answer_cells(master, name).items()
    }
    cells, last, count, following = [], None, 0, 0
    for cell in master.cells:
        one = answers.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
        if one:
            cells += _how(answers.values(), name[:2]) if last is None else []
            cells += [
                _text(_words(one), f"{one.grade_id}-text"),
                _named(cell, one.grade_id),
                _code(f'check("{one.id}", {one.name})', f"{one.grade_id}-check"),
            ]
            cell.source = cell.source if solved else cleared(cell.source)
            last, following = one, 0
        elif own := {"colab", "credits"} & {*cell.metadata.get("tags", [])}:
            cells.append(_named(cell, f"{name[:2]}-{own.pop()}"))
        elif (
            last and cell.cell_type == "code" and cells[-1].cell_type == "code"
        ):  # goes on with the answer above
            following += 1
            cells.append(_named(cell, f"{last.grade_id}-then-{following}"))
        else:
            if "parameters" in cell.metadata.get("tags", []):
                cells.append(_text(FOLDED, f"{name[:2]}-parameters-text"))
            cells.append(_named(cell, f"{name[:2]}-{count:03d}"))
            count += 1
    if answers:
        cells += [
            _text(HAND_IN, f"{name[:2]}-hand-in-text"),
            _code(f'hand_in("{name[:2]}")', f"{name[:2]}-hand-in"),
        ]
    master.cells = cells
    return master


def _how(answers, number):
    example = next((one.id for one in answers if one.examples), f"{number}.1")
    return [
        _text(HOW.format(id=example), f"{number}-exercises-text"),
        _code(exercises.SETUP, f"{number}-exercises-setup"),
    ]


def _named(cell, id):
    cell["id"] = id
    return cell


def _text(source, id):
    from nbformat.v4 import new_markdown_cell

    return new_markdown_cell(source.strip(), id=id)


def _code(source, id):
    from nbformat.v4 import new_code_cell

    return new_code_cell(source, id=id)


def _words(one):
    """The text of an exercise, for its markdown cell."""
    points = f"{one.points} point{'s' * (one.points != 1)}"
    fraction = [f"At least {100 * one.at_least:g} % of the labels must be right."] if one.at_least else []
    choices = [f"One of: {', '.join(f'`{choice!r}`' for choice in one.choices)}."] if one.choices else []
    limit = [f"Time limit: {one.seconds:g} s a call."] if one.examples else []
    facts = " ".join([f"**Returns:** {one.returns}.", *choices, *fraction, *limit])
    return "\n\n".join(
        [f"### {one.id} · {one.title} ({points})", dedent(one.text).strip(), facts, *_examples(one)]
    )


def _examples(one):
    if not one.examples:
        return []
    rights = exercises.kept(one.id)["examples"]
    # As at Python's prompt: a result after "#" looks like a heading in a reader that ignores the fence.
    lines = ["```python"]
    for arguments, right in zip(one.examples, rights, strict=True):
        lines += [_call(one.name, arguments), _result(right)]
    return ["\n".join([*lines, "```"])]


def _call(name, arguments):
    line = f">>> {name}({', '.join(map(written, arguments))})"
    if len(line) <= WIDE:
        return line
    return f">>> {name}(\n...     " + ",\n...     ".join(map(_argument, arguments)) + ")"


def _argument(value):
    """An argument that has lines of its own; a long list has one for each of its items."""
    line = written(value)
    if len(line) <= WIDE or not isinstance(value, list):
        return line
    return "[" + ",\n...      ".join(map(written, value)) + "]"


def _result(right):
    line = written(right, digits=6)
    if len(line) <= WIDE or not isinstance(right, list | tuple):
        return line
    return "[" + ",\n ".join(written(one, digits=6) for one in right) + "]"


def written(value: Any, digits: int = 17) -> str:
    """Write a value as a student would type it.

    Parameters
    ----------
    value : object
        A number, text, array, or a list or tuple of these.
    digits : int
        The significant digits of a float.

    Returns
    -------
    str
        Python source; for an array of more than 16 numbers, its dtype and shape.

    Examples
    --------
    >>> written(1 / 3, digits=3)
    '0.333'
    >>> written(np.zeros((40, 13)))
    '<float64 array (40, 13)>'
    """
    if isinstance(value, list | tuple):
        inner = ", ".join(written(one, digits) for one in value)
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' * (len(value) == 1)})"
    if isinstance(value, np.ndarray):
        kind = "text" if value.dtype.kind == "U" else value.dtype.name
        if value.size > SHORT:
            return f"<{kind} array {value.shape}>"
        if not value.size:
            return f'np.zeros({value.shape}, "{kind}")'
        dtype = "" if kind in ("text", "bool", "int64", "float64") else f", dtype=np.{kind}"
        return f"np.array({written(value.tolist(), digits)}{dtype})"
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return "np.nan" if np.isnan(value) else repr(float(f"{value:.{digits}g}"))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
