"""Answers that are the same but for names, comments and layout: hints for the teacher, never a verdict.

Each answer's tree is written in one way: names of locals, arguments and own functions become numbers, scope
by scope, in the order of their appearance; docstrings, comments, annotations, imports and calls beside the
definitions fall away; names of attributes and libraries, constants and the order of terms stay. Equal trees
make a group."""

import ast
from collections import defaultdict
from itertools import count
from typing import NamedTuple

from course_lib import exercises
from course_lib.exercises.cells import parsed
from course_lib.grading.output.tables import write_csv

# Nodes of a tree from which on an answer is compared. A question has 5, `x.mean(axis=0)` 10, a
# standardisation 28, two lines of arithmetic 33, cutting a signal into frames in the usual way 44: honest
# students write these alike. Above, there are three or four statements, and many equally good ways to write
# them.
NODES = 50

HEADER = ("exercise", "students", "with_reference", "nodes", "hint")
HINT = (
    "Only a hint: the structure is the same after renaming. Students often find the same short answer on "
    "their own. Read the answers before you speak to anyone."
)


class Group(NamedTuple):
    """Answers to one exercise with the same tree."""

    exercise: str
    students: tuple[str, ...]
    with_reference: bool  # the course's own solution has this tree, too
    nodes: int


def groups(answers, references) -> list[Group]:
    """The groups of one tree each: two students and more, or one and a reference.

    answers: {(student, exercise id): source}, only what was attempted, for empty stubs are all alike;
    references: {exercise id: [sources]}. What is small (`NODES`) or does not parse is in no group."""
    own = {
        (exercise, normalised(source)[0]) for exercise, sources in references.items() for source in sources
    }
    found, sizes = defaultdict(list), {}
    for (student, exercise), source in answers.items():
        tree, nodes = normalised(source)
        if nodes >= NODES:
            found[exercise, tree].append(student)
            sizes[exercise, tree] = nodes
    return sorted(
        Group(key[0], tuple(sorted(students)), key in own, sizes[key])
        for key, students in found.items()
        if len(students) > 1 or key in own
    )


def write(groups, path) -> None:
    """Write similar.csv: one group a row, students with commas between them, and what a hint is worth."""
    write_csv(
        path,
        HEADER,
        [
            (
                group.exercise,
                ", ".join(group.students),
                "yes" if group.with_reference else "no",
                group.nodes,
                HINT,
            )
            for group in groups
        ],
    )


def normalised(source: str) -> tuple[str, int]:
    """(an answer's tree as text, its number of nodes); ("", 0) where it does not parse."""
    _, tree = parsed(source)
    try:
        if tree is None:
            return "", 0
        plain = _Plain(_libraries(ast.parse(exercises.SETUP)) | _libraries(tree))
        tree.body = [node for node in tree.body if isinstance(node, DEFINITIONS)]
        tree = plain.visit(tree)
        return ast.dump(tree), sum(not isinstance(node, ast.expr_context) for node in ast.walk(tree))
    except (RecursionError, ValueError):  # too deep, or a number of over 4,300 digits
        return "", 0


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


def _libraries(tree):
    # {the name in the cell: the library's own}: `import numpy as xx` and `import numpy as np` are one.
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            start = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            names |= {alias.asname or alias.name: start + alias.name for alias in node.names}
    return names


class _Plain(ast.NodeTransformer):
    """Renumbers names and drops what says nothing."""

    def __init__(self, libraries):
        self.libraries, self.scopes, self.numbers = libraries, [], count()

    def visit(self, node):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.name, node.returns, node.type_params = self.plain(node.name), None, []
        elif isinstance(node, ast.ClassDef):
            node.name, node.type_params = self.plain(node.name), []
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
            node.name = self.plain(node.name)
        if not isinstance(node, SCOPES):
            return super().visit(node)
        self.scopes.append(dict.fromkeys(_bound(node)))
        node = super().visit(node)
        self.scopes.pop()
        return node

    def plain(self, name):
        for scope in reversed(self.scopes):
            if name in scope:
                scope[name] = scope[name] or f"#{next(self.numbers)}"
                return scope[name]
        return self.libraries.get(name, name)

    def visit_Name(self, node):
        node.id = self.plain(node.id)
        return node

    def visit_arg(self, node):
        return ast.arg(self.plain(node.arg))

    def visit_AnnAssign(self, node):
        return self.visit(ast.Assign([node.target], node.value)) if node.value else None

    def visit_Expr(self, node):
        is_text = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return None if is_text else self.generic_visit(node)

    def visit_Import(self, node):
        return None

    visit_ImportFrom = visit_Global = visit_Nonlocal = visit_Pass = visit_Import


def _bound(scope):
    """The names that a scope binds itself. A class's own names are attributes, so a class is no scope
    here."""
    names, elsewhere, left = set(), set(), list(ast.iter_child_nodes(scope))
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
