"""Public functions tell the types of their parameters and of what they return, and mypy sees them."""

import ast
from functools import cache

import pytest

from course_lib.core.paths import ROOT

PACKAGE = ROOT / "course_lib"
PACKAGES = sorted(
    path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
)


@cache
def functions(path):
    """(name, node) of the public functions of a module and of the public methods of its public classes."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = []
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            found += [
                (f"{node.name}.{method.name}", method)
                for method in node.body
                if isinstance(method, ast.FunctionDef) and not method.name.startswith("_")
            ]
        elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            found.append((node.name, node))
    return found


def lacking(name, node):
    """The parameters of a function without a type, and "return" if it does not tell what it returns."""
    method = "." in name and not any(
        isinstance(one, ast.Name) and one.id == "staticmethod" for one in node.decorator_list
    )
    positional = [*node.args.posonlyargs, *node.args.args][method:]  # without self or cls
    others = [*node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
    found = [one.arg for one in [*positional, *others] if one is not None and one.annotation is None]
    return found + ["return"] * (node.returns is None)


def untyped(package):
    """{module.function: what it lacks} of a package, and how many functions it has."""
    place = PACKAGE / package
    paths = sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
    every = [(path, name, node) for path in paths for name, node in functions(path)]
    module = {path: ".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths}
    return {
        f"{module[path]}.{name}": lack for path, name, node in every if (lack := lacking(name, node))
    }, len(every)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_function_has_types(package):
    found, _ = untyped(package)
    assert found == {}


def test_the_functions_are_found():
    assert sum(untyped(package)[1] for package in PACKAGES) > 500


@pytest.mark.parametrize(
    "code, lack",
    [
        ("def f(x: int, *more: str, key: str = '', **rest: int) -> None: ...", []),
        ("def f(x, *more, key='', **rest): ...", ["x", "key", "more", "rest", "return"]),
        ("class C:\n def f(self, x: int) -> None: ...", []),
        ("class C:\n @classmethod\n def f(cls, x) -> None: ...", ["x"]),
        ("class C:\n @staticmethod\n def f(x): ...", ["x", "return"]),
    ],
)
def test_what_lacks_a_type_is_named(code, lack, tmp_path):
    (tmp_path / "module.py").write_text(code)
    ((name, node),) = functions(tmp_path / "module.py")
    assert lacking(name, node) == lack


def test_the_package_tells_type_checkers_that_it_has_types():
    assert (PACKAGE / "py.typed").exists()
