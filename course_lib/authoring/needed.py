"""Find the cells of a lesson that need a part of the course which a release leaves out."""

import ast
import symtable
from collections.abc import Mapping, Sequence

from course_lib.datasets import parts


def needed(
    sources: Sequence[str], missing: Sequence[str], calls: Mapping[str, Sequence[str]] | None = None
) -> list[list[str]]:
    """List for each cell of a lesson the missing parts that it needs.

    A cell needs a part if it calls it (`calls` in parts.toml), or if it uses a name that such a cell has
    defined. Imports do not count, because they run in any case.

    Parameters
    ----------
    sources : sequence of str
        The lesson's code cells.
    missing : sequence of str
        The parts.
    calls : mapping of str to sequence of str, optional
        For each part, what a cell that needs it writes; by default `calls` of `datasets.parts.load()`.

    Returns
    -------
    list of list of str
        For each cell, in the order of `missing`.

    Raises
    ------
    SyntaxError
        If a cell is not Python.

    Examples
    --------
    >>> needed(['v = from_preset("voice")', "w = v.card", "v = 1", "v"], ["voice"])
    [['voice'], ['voice'], [], []]
    """
    calls = {name: parts.load()[name].calls for name in missing} if calls is None else calls
    lost: dict[str, set[str]] = {}  # names that only a cell that is left out has defined: the parts
    found = []
    for source in sources:
        made, used = _names(source)
        own = {name for name in missing if any(call in source for call in calls[name])}
        own |= {part for name in used for part in lost.get(name, ())}
        for name in made:
            lost.pop(name, None)
        if own:
            lost |= dict.fromkeys(made - _imported(source), own)
        found.append([name for name in missing if name in own])
    return found


def _imported(source):
    nodes = [node for node in ast.parse(source).body if isinstance(node, ast.Import | ast.ImportFrom)]
    aliases = [alias for node in nodes for alias in node.names]
    return {(alias.asname or alias.name).partition(".")[0] for alias in aliases}


def _names(source):
    """The names that a cell defines, and those that it takes from other cells, also in its functions."""
    tables, made, used = [symtable.symtable(source, "cell", "exec")], set(), set()
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for symbol in table.get_symbols():
            outermost = table.get_type() == "module"
            if outermost and (symbol.is_assigned() or symbol.is_imported()):
                made.add(symbol.get_name())
            if symbol.is_referenced() and (outermost or symbol.is_global()):
                used.add(symbol.get_name())
    stored, loaded = _places(ast.parse(source))
    own = {name for name in made & used if stored.get(name, (0, 0)) <= loaded.get(name, (0, 0))}
    return made, used - own | (loaded.keys() & made - own)


def _places(tree):
    """Where each name is first given a value, and where it is first used: (line, column)."""
    stored, loaded = {}, {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
            targets, end = getattr(node, "targets", None) or [node.target], node  # after the value
        elif isinstance(node, ast.For | ast.comprehension):
            targets, end = [node.target], node.iter
        elif isinstance(node, ast.withitem) and node.optional_vars:
            targets, end = [node.optional_vars], node.context_expr
        else:
            targets, end = [], None
        for name in {
            each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)
        }:
            _first(stored, name, (end.end_lineno, end.end_col_offset))
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            _first(loaded, node.target.id, (node.lineno, node.col_offset))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            _first(loaded, node.id, (node.lineno, node.col_offset))
    return stored, loaded


def _first(places, name, place):
    places[name] = min(place, places.get(name, place))
