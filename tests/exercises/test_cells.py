"""Notebooks as plain JSON, and the Python in their cells: what is defined, what is missing, what is
written."""

import pytest

from course_lib.exercises.cells import Code

STUB = "def double(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"


@pytest.mark.parametrize(
    "text, names",
    [
        ("x = 1\nprint(x, np.pi, len('a'), __name__)", []),
        ("def f(a, *b, c=1, **d):\n    return a, b, c, d, e", ["e"]),
        ("import os.path as p, sys\nfrom math import pi\np, sys, pi, os", ["os"]),
        ("def f():\n    global g\n    g = 1\nf(), g", []),
        ("[y for y in z]", ["z"]),
        ("f = lambda a: a + b", ["b"]),
        ("class A:\n    c = 1\n    def m(self):\n        return self.c, c", ["c"]),
        ("def f():\n    def g():\n        return a\n    a = 1\n    return g", []),
        ("%time q", []),
        ("from math import *\npi", []),
        ("try:\n    pass\nexcept E as error:\n    error", ["E"]),
        ("(w := 3) + w", []),
        ("def f(x=k) -> T: pass", ["T", "k"]),
        ("check('02.1', given('02.1')); display(1)", []),
        ("return 3", []),
        ("def f(:", []),
    ],
)
def test_names_that_a_cell_takes_from_others(text, names):
    assert Code(text).missing() == names


@pytest.mark.parametrize(
    "line, words",
    [
        ("import course_lib.features as f", "course_lib"),
        ("from course_lib import evaluation", "course_lib"),
        ("import librosa", "librosa"),
        ("from skimage.feature import hog", "skimage.feature"),
        ("from skimage import feature", "skimage.feature"),
        ("import skimage.color, scipy", ""),
        ("import librosax", ""),
    ],
)
def test_modules_that_are_not_there_when_it_is_graded(line, words):
    code = Code(f"def scaled(x):\n    {line}\n    return x")
    assert ", ".join(code.unavailable(("librosa", "skimage.feature"))) == words


@pytest.mark.parametrize(
    "text, line",
    [
        ("def double(x): pass", 1),
        ("x = 1\ndouble = lambda x: 2 * x", 2),
        ("def double(x): 1\ndef double(x): 2", 2),
        ("%time 1\nasync def double(x): pass", 2),
        ("double = 3", None),
        ("if 1:\n    def double(x): pass", None),
        ("%%bash\ndef double(x): pass", None),
        ("def double(x:", None),
        ("def triple(x): pass", None),
    ],
)
def test_the_statement_that_makes_a_function(text, line):
    found = Code(text).definition("double")
    assert (found and found.lineno) == line


@pytest.mark.parametrize(
    "text, half",
    [
        ("def double(x:", True),
        ("x = 1\ndef double(x):\n  return (", True),
        ("def double(x): pass", False),
        ("def doubled(x:", False),
        ("    def double(x:", False),
        ("%%writefile a.py\ndef double(x:", False),
    ],
)
def test_a_function_that_is_begun_in_a_cell_that_is_no_python(text, half):
    assert Code(text).begins("double") is half


@pytest.mark.parametrize(
    "text, more",
    [
        (STUB, False),
        ("import math\n\n" + STUB, False),
        ('def double(x):\n    """Twice."""\n    raise NotImplementedError()', False),
        ("def double(x):\n    return 2 * x", True),
        ("def double(x:", True),
        ("double = lambda x: x", True),
        ("def double(x):\n    y = x\n    raise NotImplementedError()", True),
    ],
)
def test_an_attempt_is_more_than_the_empty_copy(text, more):
    assert Code(text).attempted("double", STUB) is more


def test_what_only_a_notebook_has_is_named():
    """The grader's process has neither; in a notebook, IPython adds `get_ipython` to Python's builtins."""
    code = Code("from google.colab import files\nshell = get_ipython()\ndef f():\n    return shell")
    assert code.missing() == ["get_ipython"] and code.unavailable([]) == ["google.colab"]
    assert code.imported() == ["google.colab.files"]


@pytest.mark.parametrize(
    "text, why",
    [
        ("def f(x):\n    return x\n%time f(1)", ""),
        ("def f(x)\n    return x", "expected ':' (line 1)"),
        ("x = 1\nreturn x", "'return' outside function (line 2)"),  # it can be parsed
        ("-" * 30_000 + "1", "it is nested too deeply"),
    ],
)
def test_why_a_cell_cannot_be_compiled(text, why):
    assert Code(text).syntax_error() == why
