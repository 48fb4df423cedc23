"""Same answers in other words are found, short and different ones are not."""

import pytest
from small_class import rows

from course_lib.exercises.cells import Code
from course_lib.grading.output.similar import HEADER, NODES, Group, groups, write
from course_lib.grading.trees import normal_form

LONG = """
def own_frames(y, size, hop):
    count = 1 + (len(y) - size) // hop
    out = np.zeros((count, size))
    for i in range(count):
        out[i] = y[i * hop:i * hop + size]
    return out - half(out)


def half(frames):
    return np.median([f.mean() for f in frames if f.any()]) / 2
"""
DISGUISED = '''
"""My own work."""
import numpy as xx

def own_frames(signal: xx.ndarray, n: int, step) -> xx.ndarray:
    """Cuts a signal."""
    # how many
    many: int = 1 + (len(signal) - n) // step
    result = xx.zeros((many, n))
    for k in range(many):
        "one after the other"
        result[k] = signal[k*step : (k*step) + n]
    return result - helper(result)

def helper(k):
    return xx.median([one.mean() for one in k if one.any()]) / 2

print(own_frames(xx.arange(9), 3, 2))
'''


def normalised(source):
    return normal_form(Code(source).tree)


def found(answers, references):
    """The groups of answers, all given as text."""
    return groups(
        {pair: normalised(source) for pair, source in answers.items()},
        {id: [normalised(source) for source in sources] for id, sources in references.items()},
    )


def test_disguised_copies_and_the_reference_make_one_group():
    answers = {("bob", "01.1"): LONG, ("ann", "01.1"): DISGUISED, ("eve", "01.2"): LONG}
    nodes = normalised(LONG)[1]
    assert nodes > NODES
    assert found(answers, {}) == [Group("01.1", ("ann", "bob"), False, nodes)]
    assert found(answers, {"01.1": ["x = 1", LONG]}) == [Group("01.1", ("ann", "bob"), True, nodes)]
    assert found(answers, {"01.2": [DISGUISED]}) == [
        Group("01.1", ("ann", "bob"), False, nodes),
        Group("01.2", ("eve",), True, nodes),
    ]
    assert found({}, {"01.1": [LONG]}) == []


@pytest.mark.parametrize(
    "dead",
    [
        "    _ = 0\n",
        "    unused = out = None\n    unused = 2\n",
        "    a, b = 1, 2\n",
        "    print(y)\n    assert y is not None\n    y\n    size = size\n",
        "    if False:\n        y = 1 / 0\n",
        "    total = 0\n    total += 1\n",
    ],
)
def test_lines_without_an_effect_do_not_count(dead):
    begin = "out = np.zeros((count, size))\n"
    changed = LONG.replace(begin, begin + dead.replace("unused = out", "unused = other"))
    assert changed != LONG and normalised(changed) == normalised(LONG)


def test_what_follows_a_return_does_not_count():
    assert normalised(LONG + "    return 3\n    x = frames\n") == normalised(LONG)


@pytest.mark.parametrize(
    "old, new",
    [
        ("1 + (len", "2 + (len"),
        ("np.median", "np.mean"),
        (".any()", ".all()"),
        ("i * hop:", "hop * i:"),
        ("range(", "set("),
        ("np.median", "scipy.median"),
        ("for f in frames if", "for f in np.array(frames) if"),
        ("(y, size, hop)", "(y, hop, size)"),
    ],
)
def test_another_constant_library_attribute_or_order_is_another_answer(old, new):
    changed = LONG.replace(old, new)
    assert changed != LONG and normalised(changed)[0] != normalised(LONG)[0]
    assert found({("ann", "01.1"): LONG, ("bob", "01.1"): changed}, {}) == []


@pytest.mark.parametrize(
    "one, other",
    [
        (
            "def f(a):\n    g = lambda b: b + a\n    return g",
            "def h(x):\n    x2 = lambda x: x + x3\n    return x2",
        ),
        ("def f(a):\n    return b(a)\ndef b(a): return a", "def f(a):\n    return b(a)\ndef c(a): return a"),
        ("def f(a):\n    return a.real", "def f(a):\n    return a.imag"),
        ("def f(a):\n    return a + sum", "def f(a):\n    return a + a"),
        ("def f(a):\n    return g(axis=0)", "def f(a):\n    return g(axes=0)"),
        ("def f(n):\n def g():\n  nonlocal n\n  n = 1\n g()", "def f(n):\n def g():\n  n = 1\n g()"),
        ("def f(a):\n try: a()\n except E: a", "def f(a):\n try: a()\n except E as e: a"),
    ],
)
def test_names_that_mean_another_thing_stay_apart(one, other):
    assert normalised(one)[0] != normalised(other)[0]


@pytest.mark.parametrize(
    "one, other",
    [
        (
            "def f(a): return [b for b in a] + [b for b in a]",
            "def f(x): return [y for y in x] + [z for z in x]",
        ),
        ("def f(a): return a\ndef g(a): return a", "def f(a): return a\ndef h(b): return b"),
        ("def f(a):\n try: a()\n except E as e: return e", "def f(b):\n try: b()\n except E as x: return x"),
        ("def f(a):\n try: a()\n except E: pass", "def f(b):\n try: b()\n except E: 'nothing'"),
        (
            "def f(n):\n def g():\n  nonlocal n\n  n += 1\n return g",
            "def f(m):\n def h():\n  nonlocal m\n  m += 1\n return h",
        ),
        (
            "def f(a):\n match a:\n  case [b, *c]: return b\n  case _: a",
            "def f(x):\n match x:\n  case [y, *z]: return y\n  case _: x",
        ),
        (
            "class A:\n size = 1\n def go(self): return self.size",
            "class B:\n size = 1\n def go(me): return me.size",
        ),
        ("def f():\n import numpy as n\n return n.pi", "import numpy\ndef g():\n return np.pi"),
        ("def f(a):\n b: int\n b = a\n return b", "%time\ndef f(a):\n c = a\n return c"),
    ],
)
def test_names_are_renumbered_scope_by_scope(one, other):
    assert normalised(one) == normalised(other) and normalised(one)[1] > 0


def test_short_answers_say_nothing():
    short = (
        "def own_length(size, o, pixels, cells):\n"
        "    blocks = size // pixels - cells + 1\n    return blocks**2 * cells**2 * o"
    )
    assert 0 < normalised(short)[1] < NODES
    assert found({("ann", "02.1"): short, ("bob", "02.1"): short}, {"02.1": [short]}) == []


@pytest.mark.parametrize(
    "source",
    [
        "",
        "def f(",
        "x = '\0'",
        "\ud800",
        "(" * 40_000,
        "def f(): return " + "-" * 2_000 + "1",
        "def f(): return a" + ".b" * 900,
        "def f(): return 1" + "+1" * 20_000,
    ],
)
def test_what_cannot_be_parsed_or_is_absurdly_deep_is_in_no_group(source):
    assert found({("ann", "01.1"): source, ("bob", "01.1"): source}, {"01.1": [source]}) == []


def test_the_file_says_that_it_is_a_hint(tmp_path):
    alike = [Group("01.1", ("=1+1", "ann"), True, 60), Group("01.2", ("ann", "bob"), False, 70)]
    write(alike, tmp_path / "similar.csv")
    found = rows(tmp_path / "similar.csv")
    assert tuple(found[0]) == HEADER
    assert [list(row.values())[:4] for row in found] == [
        ["01.1", "'=1+1, ann", "yes", "60"],
        ["01.2", "ann, bob", "no", "70"],
    ]
    assert all(row["hint"].startswith("Only a hint") for row in found)
