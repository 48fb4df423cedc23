"""The pages about the functions of `course_lib`, and the links between them and the lessons."""

import ast
import importlib
import inspect
import pkgutil
import re
import types
from collections.abc import Iterable
from functools import cache
from types import ModuleType
from typing import Any

# The packages that lessons and students use, from the first that they meet to those for maintainers.
PACKAGES = (
    "load", "show", "plots", "media", "features", "faces", "evaluation", "models", "fusion", "results",
    "datasets", "synthetic", "exercises", "lessons", "demo", "core",
)  # fmt: skip
# The exercises of one lesson are data, and their texts are in the lesson.
LEFT_OUT = re.compile(r"\.(lesson_\d+|_\w+)$")
NAMES = {"check", "given", "hand_in", "hint", "solution"}  # a lesson's setup cell imports them


def modules(package: str) -> list[ModuleType]:
    """Import the modules of a package.

    Parameters
    ----------
    package : str
        Its name below `course_lib`, such as "features".

    Returns
    -------
    list of module
        The package itself first. A module whose packages are not installed is left out.
    """
    top = importlib.import_module(f"course_lib.{package}")
    found = [top]
    for info in pkgutil.walk_packages(getattr(top, "__path__", []), f"{top.__name__}."):
        if not LEFT_OUT.search(info.name):
            try:
                found.append(importlib.import_module(info.name))
            except ModuleNotFoundError:
                continue
    return found


def public(module: ModuleType) -> list[tuple[str, Any]]:
    """List what a module defines itself and describes.

    Parameters
    ----------
    module : module

    Returns
    -------
    list of (str, object)
        The names and the functions or classes, in the order of the file.
    """
    own = [
        (name, thing)
        for name, thing in vars(module).items()
        if not name.startswith("_")
        and (inspect.isfunction(thing) or inspect.isclass(thing))
        and thing.__module__ == module.__name__
        and thing.__doc__
    ]
    return sorted(own, key=lambda pair: _line(pair[1]))


def _line(thing):
    try:
        return inspect.getsourcelines(inspect.unwrap(thing))[1]
    except (OSError, TypeError):  # a class that a function made, such as namedtuple
        return 0


def page(package: str) -> str:
    """Write the page of a package in reStructuredText: its modules, their functions and classes.

    Parameters
    ----------
    package : str

    Returns
    -------
    str
    """
    parts = []
    top = f"course_lib.{package}"
    for module in modules(package):
        members = public(module)
        if module.__name__ == top:
            parts += [_heading(top, "="), f".. py:module:: {top}", "", inspect.getdoc(module) or "", ""]
        elif members:
            parts += [
                _heading(module.__name__.removeprefix("course_lib."), "-"),
                f".. py:module:: {module.__name__}",
                "",
            ]
            parts += [inspect.getdoc(module) or "", ""]
        for name, thing in members:
            kind = "class" if inspect.isclass(thing) else "function"
            parts += [f".. auto{kind}:: {module.__name__}.{name}"]
            parts += [f"   :members: {', '.join(names)}"] if (names := methods(thing)) else []
            parts += [""]
    return "\n".join(parts)


def methods(thing: Any) -> list[str]:
    """List the public methods and properties of a class that have a docstring of their own.

    Parameters
    ----------
    thing : object
        A class; for anything else the list is empty.

    Returns
    -------
    list of str
    """
    if not inspect.isclass(thing):
        return []
    kinds = (types.FunctionType, classmethod, staticmethod, property)
    return [
        name
        for name, one in vars(thing).items()
        if not name.startswith("_") and isinstance(one, kinds) and one.__doc__
    ]


def _heading(text, line):
    return f"{text}\n{line * len(text)}\n"


@cache
def canonical(dotted: str) -> str:
    """Find under which name a page describes a function or class.

    Parameters
    ----------
    dotted : str
        As somebody writes it, such as "course_lib.evaluation.Score" or "features.hog".

    Returns
    -------
    str
        Where it is defined, such as "course_lib.evaluation.scores.Score", or "" if it is not a public
        function or class of the packages in `PACKAGES`.

    Examples
    --------
    >>> canonical("features.hog")
    'course_lib.features.hog.hog'
    >>> canonical("numpy.array")
    ''
    """
    thing = _found(dotted)
    kinds = inspect.isfunction(thing) or inspect.isclass(thing) or inspect.ismethod(thing)
    if not kinds or thing.__name__.startswith("_"):
        return ""
    if thing.__module__.split(".")[:1] != ["course_lib"] or LEFT_OUT.search(thing.__module__):
        return ""
    return f"{thing.__module__}.{thing.__qualname__}" if thing.__doc__ else ""


def _found(dotted):
    """What a dotted name stands for, or None."""
    package, *names = dotted.removeprefix("course_lib.").split(".")
    if package not in PACKAGES or not names:
        return None
    thing: Any = importlib.import_module(f"course_lib.{package}")
    for at, name in enumerate(names, 1):
        # `features.hog` is a function, and in `features.hog.hog` it is the module of the same name.
        hidden = at < len(names) and inspect.isfunction(getattr(thing, name, None))
        inside = inspect.ismodule(thing) and (hidden or not hasattr(thing, name))
        try:
            thing = importlib.import_module(f"{thing.__name__}.{name}") if inside else getattr(thing, name)
        except (AttributeError, ImportError):
            return None
    return thing


def summary(name: str) -> str:
    """Read the first sentence of the description of a function or class.

    Parameters
    ----------
    name : str
        As `canonical` gives it.

    Returns
    -------
    str
        In one line.

    Examples
    --------
    >>> summary("course_lib.show.questions.predict")
    'Ask for a guess before the result is computed; `reveal` compares it later.'
    """
    return (inspect.getdoc(_found(name)) or "").partition("\n\n")[0].replace("\n", " ")


def used_in(cells: Iterable[str]) -> list[str]:
    """List the functions and classes of the course that code uses.

    Parameters
    ----------
    cells : iterable of str
        The code cells of a lesson. A cell that is not Python, such as a line for the shell, is passed over.

    Returns
    -------
    list of str
        Their names as `canonical` gives them, in the order of their first use.

    Examples
    --------
    >>> used_in(["from course_lib import features", "X = features.hog(images)"])
    ['course_lib.features.hog.hog']
    """
    known = {name: f"course_lib.exercises.{name}" for name in NAMES}
    found: dict[str, None] = {}
    for cell in cells:
        try:
            tree = ast.parse(cell)
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            known |= _imported(node)
        for node in sorted(
            (node for node in ast.walk(tree) if isinstance(node, ast.Name | ast.Attribute)),
            key=lambda node: (node.lineno, node.col_offset),
        ):
            if name := canonical(_dotted(node, known)):
                found[name] = None
    return list(found)


def _imported(node):
    """{name in the lesson: dotted name} of an import of the course."""
    if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "course_lib":
        return {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    if isinstance(node, ast.Import):
        return {
            one.asname or "course_lib": one.name if one.asname else "course_lib"
            for one in node.names
            if one.name.split(".")[0] == "course_lib"
        }
    return {}


def _dotted(node, known):
    """The dotted name of `a.b.c` if `a` was imported from the course, else ""."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.insert(0, node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in known:
        return ""
    return ".".join([known[node.id], *names])
