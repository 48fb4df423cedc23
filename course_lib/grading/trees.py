"""The normal form of an answer: two answers that differ only in names, comments and layout have the same one.

Names of local variables, arguments and own functions become numbers, scope by scope, in the order in which
they appear. Docstrings, comments, annotations, imports, calls outside the definitions, and lines without an
effect (`_ = 0`) are removed. Names of attributes and libraries, constants, and the order of terms stay.
"""

import ast
import hashlib
from itertools import count
from typing import Any, NamedTuple

from course_lib import exercises


class Normal(NamedTuple):
    """An answer's normal form."""

    digest: str  # of its tree; "" if the answer cannot be parsed
    nodes: int  # the size of its tree


NONE = Normal("", 0)


def normal_form(tree: ast.Module | None) -> Normal:
    """Return the normal form of a cell's tree. The tree cannot be used afterwards, because it is changed.

    Parameters
    ----------
    tree : ast.Module or None
        The tree of the answer cell; None if it cannot be parsed.

    Returns
    -------
    Normal
        `NONE` if the cell cannot be parsed, or is nested too deeply.

    Examples
    --------
    >>> import ast
    >>> one, other = ast.parse("def f(x): return 2 * x"), ast.parse("def g(signal): return 2 * signal")
    >>> normal_form(one) == normal_form(other)
    True
    """
    return digested(plain(tree))


def plain(tree: ast.Module | None) -> ast.Module | None:
    """Return a cell's tree in its plain form, for `digested` and `fingerprints.of`; None if it has none.

    Parameters
    ----------
    tree : ast.Module or None
        The tree of the answer cell. It is changed.
    """
    try:
        if tree is None:
            return None
        numbered = _Plain(_libraries(ast.parse(exercises.SETUP)) | _libraries(tree))
        tree.body = [node for node in tree.body if isinstance(node, DEFINITIONS)]
        return numbered.visit(without_dead_lines(tree))
    except (RecursionError, ValueError):  # too deep, or a number of over 4,300 digits
        return None


def digested(tree: ast.Module | None) -> Normal:
    """Return the normal form of a tree that is `plain` already."""
    try:
        if tree is None:
            return NONE
        nodes = sum(not isinstance(node, ast.expr_context) for node in ast.walk(tree))
        text = ast.dump(tree).encode("utf-8", "surrogatepass")
        return Normal(hashlib.sha256(text).hexdigest(), nodes)
    except (RecursionError, ValueError):
        return NONE


DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)
SCOPES = (
    ast.Module,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.Lambda,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)


def _libraries(tree: ast.AST) -> dict[str, str]:
    # {the name in the cell: the library's own}: `import numpy as xx` and `import numpy as np` are one.
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            start = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            names |= {alias.asname or alias.name: start + alias.name for alias in node.names}
    return names


class _Plain(ast.NodeTransformer):
    """Numbers the names, and drops what makes no difference."""

    def __init__(self, libraries: dict[str, str]) -> None:
        self.libraries, self.numbers = libraries, count()
        self.scopes: list[dict[str, str | None]] = []

    def visit(self, node: Any) -> Any:
        if hasattr(node, "type_params"):  # from Python 3.12 on
            node.type_params = []
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.name, node.returns = self.plain(node.name), None
        elif isinstance(node, ast.ClassDef):
            node.name = self.plain(node.name)
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
            node.name = self.plain(node.name)
        if not isinstance(node, SCOPES):
            return super().visit(node)
        self.scopes.append(dict.fromkeys(_bound(node)))
        node = super().visit(node)
        self.scopes.pop()
        return node

    def plain(self, name: Any) -> Any:
        for scope in reversed(self.scopes):
            if name in scope:
                scope[name] = scope[name] or f"#{next(self.numbers)}"
                return scope[name]
        return self.libraries.get(name, name)

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self.plain(node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg(self.plain(node.arg))

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        return self.visit(ast.Assign([node.target], node.value)) if node.value else None

    def visit_Expr(self, node: ast.Expr) -> Any:
        is_text = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return None if is_text else self.generic_visit(node)

    def visit_Import(self, node: ast.AST) -> None:
        return None

    visit_ImportFrom = visit_Global = visit_Nonlocal = visit_Pass = visit_Import


def _bound(scope: ast.AST) -> set[str]:
    # The names that a scope binds itself. A class's own names are attributes, so a class is no scope here.
    names: set[Any] = set()
    elsewhere: set[str] = set()
    left = list(ast.iter_child_nodes(scope))
    while left:
        node = left.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            names.add(node.id)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(
            node,
            ast.FunctionDef
            | ast.AsyncFunctionDef
            | ast.ClassDef
            | ast.ExceptHandler
            | ast.MatchAs
            | ast.MatchStar,
        ):
            names.add(node.name)
        elif isinstance(node, ast.Global | ast.Nonlocal):
            elsewhere |= set(node.names)
        if not isinstance(node, (*SCOPES, ast.ClassDef)):
            left += ast.iter_child_nodes(node)
    return names - elsewhere - {None}  # `except ValueError:` and `case _:` have no name


# --- lines without an effect ---

ROUNDS = 10  # `a = 1; b = a; c = b` takes three


def without_dead_lines(tree: ast.Module) -> ast.Module:
    """Remove statements in functions that change no result, and return the tree.

    These are assignments to names that nobody reads, bare values, `print`, `assert`, what follows a `return`,
    and what stands below `if False`. A line that is removed wrongly does no harm: this is for comparing.

    Examples
    --------
    >>> tree = ast.parse("def f(x):\\n    _ = 0\\n    print(x)\\n    return x\\n    x = 1")
    >>> ast.unparse(without_dead_lines(tree))
    'def f(x):\\n    return x'
    """
    for _ in range(ROUNDS):
        nodes = list(ast.walk(tree))
        read = {one.id for one in nodes if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)}
        read |= {name for one in nodes if isinstance(one, ast.Global | ast.Nonlocal) for name in one.names}
        if not sum([_shortened(one, read) for one in nodes if isinstance(one, FUNCTIONS)]):
            break
    return tree


FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_ENDS = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def _shortened(block: ast.AST, read: set[str]) -> int:
    # Shorten a statement's own blocks, and return how many statements went. Functions inside come separately.
    gone = 0
    for name in ("body", "orelse", "finalbody"):
        before = getattr(block, name, None)
        if not isinstance(before, list):  # a lambda's body is an expression
            continue
        after: list[ast.stmt] = []
        for one in before:
            if isinstance(one, ast.If) and isinstance(one.test, ast.Constant):
                after += one.body if one.test.value else one.orelse
            elif not _is_dead(one, read):
                after.append(one)
            if after and isinstance(after[-1], _ENDS):
                break
        setattr(block, name, after)
        gone += len(before) - len(after)
    for inside in ast.iter_child_nodes(block):
        if isinstance(inside, ast.stmt | ast.ExceptHandler | ast.match_case) and not isinstance(
            inside, (*FUNCTIONS, ast.ClassDef)
        ):
            gone += _shortened(inside, read)
    return gone


def _is_dead(node: ast.stmt, read: set[str]) -> bool:
    if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        same = isinstance(node, ast.Assign) and ast.dump(targets[0]).replace("Store()", "Load()") == ast.dump(
            node.value
        )
        return same or all(_unread(one, read) for one in targets)
    if isinstance(node, ast.Expr):
        call = node.value
        shown = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "print"
        return shown or isinstance(call, ast.Constant | ast.Name)
    return isinstance(node, ast.Assert | ast.Pass)


def _unread(target: ast.expr, read: set[str]) -> bool:
    if isinstance(target, ast.Tuple | ast.List):
        return all(_unread(one, read) for one in target.elts)
    return isinstance(target, ast.Name) and target.id not in read
