"""Fingerprints of an answer, to find answers that share parts.

An answer's tree, in its plain form (`trees.plain`), becomes a list of tokens. All local names are one token,
so neither other names nor another order of the statements hides a copy. Each run of `K` tokens has a hash.
Of `WINDOW` neighbouring hashes the smallest is kept, so two answers that share `K + WINDOW - 1` tokens in a
row always share a fingerprint.

References
----------
S. Schleimer, D. S. Wilkerson and A. Aiken, "Winnowing: local algorithms for document fingerprinting", SIGMOD
2003, https://doi.org/10.1145/872757.872770
"""

import ast
import hashlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from course_lib.grading import trees

K = 8  # tokens; a statement such as `out = np.zeros((rows, 2))` has 8
WINDOW = 4  # neighbouring hashes of which one is kept
TOKENS = 2_000  # the most tokens of an answer that are compared; the longest of our own has 157

_LEFT_OUT = (ast.Module, ast.expr_context, ast.arguments, ast.Expr)
_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Gt: ast.Lt, ast.GtE: ast.LtE}


class Print(NamedTuple):
    """One fingerprint, and the lines of the answer that it covers."""

    hash: int
    first: int  # from 1
    last: int


Prints = tuple[Print, ...]
Token = tuple[str, int]  # the token, its line


def of(tree: ast.Module | None) -> Prints:
    """Return the fingerprints of an answer.

    Parameters
    ----------
    tree : ast.Module or None
        The tree of the answer cell in its plain form, see `trees.plain`.

    Returns
    -------
    tuple of Print
        In the order of the answer; () if it is shorter than `K` tokens.
    """
    found = grams(tree)
    kept: dict[int, Print] = {}
    for start in range(max(len(found) - WINDOW + 1, min(len(found), 1))):
        window = range(start, min(start + WINDOW, len(found)))
        at = min(window, key=lambda place: (found[place].hash, -place))
        kept[at] = found[at]
    return tuple(kept.values())


def grams(tree: ast.Module | None) -> Prints:
    """Return a fingerprint of each run of `K` tokens, such as those of the template, which all answers may
    have."""
    try:
        tokens = list(_tokens(tree))[:TOKENS] if tree else []
    except (RecursionError, ValueError):  # too deep, or a number of over 4,300 digits
        return ()
    return tuple(_print(tokens[start : start + K]) for start in range(len(tokens) - K + 1))


def source(text: str) -> ast.Module | None:
    """Return the plain tree of Python text of our own, or None if it cannot be parsed."""
    try:
        return trees.plain(ast.parse(text))
    except SyntaxError:
        return None


def _print(tokens: Sequence[Token]) -> Print:
    text = "\0".join(token for token, _ in tokens).encode("utf-8", "surrogatepass")
    lines = [line for _, line in tokens]
    return Print(int.from_bytes(hashlib.blake2b(text, digest_size=6).digest()), min(lines), max(lines))


def _tokens(node: ast.AST, line: int = 1) -> Iterator[Token]:
    line = getattr(node, "lineno", line)
    if isinstance(node, ast.AugAssign):  # x += 1 is x = x + 1
        node = ast.Assign([node.target], ast.BinOp(node.target, node.op, node.value), lineno=line)
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _TURNED:
        turned = _TURNED[type(node.ops[0])]()  # a > b is b < a
        node = ast.Compare(node.comparators[0], [turned], [node.left], lineno=line)
    if not isinstance(node, _LEFT_OUT):
        yield _token(node), line
    for child in ast.iter_child_nodes(node):
        yield from _tokens(child, line)


def _token(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return "name" if node.id.startswith("#") else node.id
    if isinstance(node, ast.arg):
        return "name"
    if isinstance(node, ast.Attribute):
        return f".{node.attr}"
    if isinstance(node, ast.keyword):
        return f"{node.arg}="
    if isinstance(node, ast.Constant):
        return repr(node.value)[:40]
    return type(node).__name__
