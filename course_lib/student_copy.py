"""From a master to what a student sees: answer cells emptied, texts, checks and the hand-in cell put around them."""

import ast
import json
import re
from textwrap import dedent

import numpy as np

from course_lib import exercises
from course_lib.files import ROOT, CourseError

STUB = ("# YOUR CODE HERE", "raise NotImplementedError()")  # nbgrader's own
BEGIN, END = "BEGIN SOLUTION", "END SOLUTION"
SHORT = 16  # a larger array is told by its shape
WIDE = 110  # characters of an example's line

HOW = """
Each exercise asks for one function. Write it in the place of `raise NotImplementedError()`, run its cell and then the
one below: `check` tries it on the public examples and says that it is right, or what is wrong first. What you leave out
stops nothing; the lesson goes on.

It is graded with **other inputs**, and by itself: NumPy (as `np`) and what else an exercise names are there, but
neither `course_lib` nor what other cells define. So whatever your function needs, imports and helper functions too,
goes into **its own cell**. Keep its name and its arguments.

`from course_lib.exercises import find, reset` helps: `find("{id}").examples[0]` is a public example's whole input,
`given("{id}")` its right result, and `reset("{id}")` brings the empty copy back.
"""
HAND_IN = """
## Hand in

Run the last cell when you are done. It writes the file to hand in, from the answers whose cells you ran, and says what
is not answered yet. You can run it as often as you like.
"""


def read_master(name):
    """The notebook that stands in masters/NAME.py, as jupytext reads it, without its notes about blank lines."""
    import jupytext

    master = jupytext.read(ROOT / "masters" / f"{name}.py")
    for cell in master.cells:
        cell.metadata.pop("lines_to_next_cell", None)
    return master


def solutions(number) -> dict[str, str]:
    """{exercise id: its answer cell with the solution} of lesson "02". Raises `CourseError` as `answer_cells` does."""
    paths = sorted((ROOT / "masters").glob(f"{number}_*.py"))
    if not paths:
        raise CourseError(f"masters/{number}_*.py", "there is no master of this lesson", "Write it first")
    return {id: cell.source for id, cell in answer_cells(read_master(paths[0].stem), paths[0].stem).items()}


def with_exercises(master, name, solved=False):
    """The master's notebook with a text before and a check after each answer cell, and the hand-in cell at its end.

    Solutions are cleared unless `solved`; a master without answer cells only gets its cells' ids. These depend on no
    exercise but a cell's own, so that a lesson that gets another one differs only there. Raises `CourseError` as
    `answer_cells` does, and where the values of the public examples were not built.
    """
    answers = {cell.metadata["nbgrader"]["grade_id"]: exercises.find(id)
               for id, cell in answer_cells(master, name).items()}
    cells, last, count, following = [], None, 0, 0
    for cell in master.cells:
        one = answers.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
        if one:
            cells += _how(answers.values(), name[:2]) if last is None else []
            cells += [_text(_words(one), f"{one.grade_id}-text"), _named(cell, one.grade_id),
                      _code(f'check("{one.id}", {one.name})', f"{one.grade_id}-check")]
            cell.source = cell.source if solved else cleared(cell.source)
            last, following = one, 0
        elif last and cell.cell_type == "code" and cells[-1].cell_type == "code":  # goes on with the answer above
            following += 1
            cells.append(_named(cell, f"{last.grade_id}-then-{following}"))
        else:
            cells.append(_named(cell, f"{name[:2]}-{count:03d}"))
            count += 1
    if answers:
        cells += [_text(HAND_IN, f"{name[:2]}-hand-in-text"), _code(f'hand_in("{name[:2]}")', f"{name[:2]}-hand-in")]
    master.cells = cells
    return master


def _how(answers, number):
    example = next((one.id for one in answers if one.examples), f"{number}.1")
    return [_text(HOW.format(id=example), f"{number}-exercises-text"),
            _code(exercises.SETUP, f"{number}-exercises-setup")]


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
    """The text of an exercise as its markdown cell has it."""
    points = f"{one.points} point{'s' * (one.points != 1)}"
    share = [f"At least {100 * one.at_least:g} % of the labels must be right."] if one.at_least else []
    choices = [f"One of: {', '.join(f'`{choice!r}`' for choice in one.choices)}."] if one.choices else []
    limit = [f"Time limit: {one.seconds:g} s a call."] if one.examples else []
    facts = " ".join([f"**Returns:** {one.returns}.", *choices, *share, *limit])
    return "\n\n".join([f"### {one.id} · {one.title} ({points})", dedent(one.text).strip(), facts, *_examples(one)])


def _examples(one):
    if not one.examples:
        return []
    rights = exercises.kept(one.id)["examples"]
    # As at Python's prompt: a result behind "#" would look like a heading to who does not know the fence.
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


def written(value, digits=17) -> str:
    """A value as it would be typed, floats to so many significant digits; of a larger array dtype and shape."""
    if isinstance(value, list | tuple):
        inner = ", ".join(written(one, digits) for one in value)
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' * (len(value) == 1)})"
    if isinstance(value, np.ndarray):
        kind = "text" if value.dtype.kind == "U" else value.dtype.name
        if value.size > SHORT:
            return f"<{kind} array {value.shape}>"
        if not value.size:
            return f'np.zeros({value.shape}, "{kind}")'
        dtype = "" if kind in ("text", "bool", "int64", "float64") else f", dtype={kind}"
        return f"np.array({written(value.tolist(), digits)}{dtype})"
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return "np.nan" if np.isnan(value) else repr(float(f"{value:.{digits}g}"))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def answer_cells(master, name) -> dict:
    """{exercise id: its answer cell}, in the master's order.

    Raises `CourseError`, which names master and cell, where a cell and its public part do not fit together.
    """
    public = {one.grade_id: one for one in exercises.lesson(name[:2])}
    found = {}
    for cell in master.cells:
        marked, data = BEGIN in cell.source or END in cell.source, cell.metadata.get("nbgrader")
        if not (marked or data):
            continue
        grade_id = (data or {}).get("grade_id")
        one, where = public.get(grade_id), f"masters/{name}.py, cell {grade_id or cell.source.splitlines()[0]!r}"
        if one is None:
            raise CourseError(where, "its grade_id belongs to no exercise of the lesson",
                              f"There are: {', '.join(public) or 'none'}")
        if one.id in found:
            raise CourseError(where, "there are two cells of this exercise", "Leave one")
        _fits(cell, one, where)
        found[one.id] = cell
    if missing := [one.id for one in public.values() if one.id not in found]:
        raise CourseError(f"masters/{name}.py", f"no answer cell for {', '.join(missing)}",
                          "Write it, with nbgrader's metadata as in masters/02_hog_features.py")
    return found


def _fits(cell, one, where):
    data = cell.metadata["nbgrader"]
    if not (data.get("schema_version") == 3 and data.get("grade") and data.get("solution")):
        raise CourseError(where, "its metadata are not those of an answer cell",
                          'Write "schema_version": 3, "grade": true, "solution": true')
    if data.get("points") != one.points:
        raise CourseError(where, f"it has {data.get('points')} points, the public part {one.points}", "Make them equal")
    stub = _parsed(cleared(cell.source, where), where)
    names = [node.name for node in stub.body if isinstance(node, ast.FunctionDef)]
    if one.name not in names:
        raise CourseError(where, f"it defines {', '.join(names) or 'no function'} outside the solution's markers",
                          f"The public part asks for a function {one.name}")


def _parsed(source, where):
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise CourseError(where, f"without its solution it is no Python ({error})", "Move the markers") from error


def cleared(source, where="this cell") -> str:
    """An answer cell without its solution, which becomes nbgrader's stub, as far to the right as the first marker.

    Raises `CourseError` unless there is one region from `### BEGIN SOLUTION` to `### END SOLUTION`.
    """
    lines = source.split("\n")
    marks = [(number, BEGIN in line) for number, line in enumerate(lines) if BEGIN in line or END in line]
    if [begins for _, begins in marks] != [True, False]:
        raise CourseError(where, "it should hold ### BEGIN SOLUTION and, after it, ### END SOLUTION, once each",
                          "Set the markers around what a student is to write")
    (begin, _), (end, _) = marks
    indent = re.match(r"\s*", lines[begin])[0]
    return "\n".join([*lines[:begin], *(indent + line for line in STUB), *lines[end + 1:]])
