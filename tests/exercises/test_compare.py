"""Is an answer right? By hand, case by case; and what holds for any answer, also one that wants to
deceive."""

import itertools
from collections import namedtuple
from enum import IntEnum

import numpy as np
import pandas as pd
import pytest

from course_lib.exercises.compare import Tolerance, compare, kind
from course_lib.grading import channel


def what(answer, expected, *options, **named):
    found = compare(answer, expected, *options, **named)
    return found and found.what


F = np.array([1.0, 2.0, 3.0])
NAN, INF = float("nan"), float("inf")


# --- numbers, texts, truth values ---


@pytest.mark.parametrize(
    "answer, expected",
    [
        (3, 3),
        (np.int8(3), 3),
        (np.uint64(3), 3),
        (3, np.int32(3)),
        (np.array(3), 3),
        (3, np.array(3)),
        (3.0, 3.0),
        (3, 3.0),
        (np.float32(0.1), 0.1),
        (np.float64(0.1), 0.1),
        (np.array(0.1), 0.1),
        (0.0, -0.0),
        (-0.0, 0.0),
        (1 + 9e-7, 1.0),
        (1e300, 1e300),
        (NAN, NAN),
        (INF, INF),
        (-INF, -INF),
        (True, True),
        (np.True_, True),
        (np.array(False), False),
        ("RAVDESS", "RAVDESS"),
        ("  ravdess\n", "RAVDESS"),
        ("a  b", "a b"),
        (np.str_("angry"), "angry"),
        ("ß", "ẞ"),
    ],
)
def test_right(answer, expected):
    assert compare(answer, expected) is None
    channel.pack(answer)  # what is right here has a way to the grader


@pytest.mark.parametrize(
    "answer, expected, wrong",
    [
        (4, 3, "value"),
        (3.1, 3.0, "value"),
        (1 + 1.1e-6, 1.0, "value"),
        (-3, 3, "value"),
        (0, 1e-8, "value"),
        (3.0, 3, "type"),
        (np.float32(3), 3, "type"),
        (NAN, 3, "type"),
        (True, 1, "type"),
        (np.True_, 1.0, "type"),
        (1, True, "type"),
        (1.0, True, "type"),
        ("True", True, "type"),
        (False, True, "value"),
        ("3", 3, "type"),
        (3, "3", "type"),
        (b"angry", "angry", "type"),
        (None, "None", "type"),
        ("happy", "angry", "value"),
        ("", "angry", "value"),
        (None, 3, "type"),
        (None, 3.0, "type"),
        (3 + 0j, 3, "type"),
        ([3], 3, "type"),
        (F[:1], 1.0, "type"),
        (np.array([[1.0]]), 1.0, "type"),
        (np.array([]), 1.0, "type"),
        (np.array("3"), 3, "type"),
        (np.array(None), 3, "type"),
        (np.array(3, object), 4, "value"),
        (NAN, 3.0, "finite"),
        (INF, 3.0, "finite"),
        (np.float32("nan"), 3.0, "finite"),
        (10**400, 3.0, "finite"),
        (1.0, NAN, "value"),
        (INF, NAN, "value"),
        (-INF, INF, "value"),
        (10**400, INF, "value"),
        (1e308, INF, "value"),
        (10**400, 3, "value"),
        (-1.7e308, 1.7e308, "value"),
    ],
)
def test_wrong(answer, expected, wrong):
    assert what(answer, expected) == wrong


def test_whole_numbers_are_the_same_or_not():
    assert what(50_000_001, 50_000_000) == "value"  # 2e-8 of it: near, were it a float
    assert what(2**53 + 1, 2**53) == "value" and what(np.array([2**53 + 1]), np.array([2**53])) == "value"
    assert compare(np.array([2**63], np.uint64), np.array([2**63], np.uint64)) is None
    near = Tolerance(atol=1)
    assert compare(8, 7, near) is None and what(9, 7, near) == "value"
    assert (
        what(10**8 + 50, 10**8, near) == "value"
        and what(np.array([10**8 + 50]), np.array([10**8]), near) == "value"
    )
    assert (
        compare(np.array([8]), np.array([7]), near) is None
        and what(np.array([9]), np.array([7]), near) == "value"
    )


def test_the_tolerance_is_absolute_plus_relative_at_its_very_edge():
    tolerance = Tolerance(rtol=0.25, atol=0.5)  # both are exact in binary: 4 ± 1.5
    for edge in (2.5, 5.5):
        beyond = np.nextafter(edge, 10 * (edge - 4))
        assert compare(edge, 4.0, tolerance) is None and what(beyond, 4.0, tolerance) == "value"
        assert compare(np.array([edge]), np.array([4.0]), tolerance) is None
        assert what(np.array([beyond]), np.array([4.0]), tolerance) == "value"


# --- tuples and lists ---

Pair = namedtuple("Pair", "mean std")


@pytest.mark.parametrize(
    "answer, expected, wrong",
    [
        ((1, 2), (1, 2), None),
        ([1, 2], (1, 2), None),
        ((1, 2), [1, 2], None),
        ((1, (2, [3])), (1, (2, [3])), None),
        ([], [], None),
        ((F, "a"), (F, "a"), None),
        ((1, 2, 3), (1, 2), "length"),
        ((), (1,), "length"),
        ((1,), (), "length"),
        (1, (1, 2), "type"),
        ("ab", ("a", "b"), "type"),
        (np.array([1, 2]), (1, 2), "type"),
        (None, (1, 2), "type"),
        ({1: 2}, (1, 2), "type"),
        ({1, 2}, (1, 2), "type"),
        ((1, 3), (1, 2), "value"),
        ((1, (2, [4])), (1, (2, [3])), "value"),
        ((1, (2,)), (1, (2, [3])), "length"),
        ((2, 1.0), (1, 1), "value"),
        ((1, 1.0), (1, 1), "type"),
    ],
)
def test_sequences(answer, expected, wrong):
    assert what(answer, expected) == wrong


def test_the_wrong_value_of_a_sequence_is_named():
    assert compare((1, (2, 5)), (1, (2, 3))) == (
        "value",
        "value 2: value 2: the value is wrong",
        "value 2: value 2: 3 is right, you return 5",
    )


# --- arrays ---


@pytest.mark.parametrize(
    "answer, expected, wrong",
    [
        (F, F, None),
        (F.astype(np.float32), F, None),
        (F.astype(int), F, None),
        (F.astype(">f8"), F, None),
        (F[::-1][::-1], F, None),
        (F.astype(np.uint8), F.astype(int), None),
        (F.astype(int), F.astype(np.uint8), None),
        (F.astype(int).astype(float), F.astype(int), "dtype"),
        (F > 1, F.astype(int), "dtype"),
        (F > 1, F, "dtype"),
        (F.astype(int), F > 1, "dtype"),
        (F + 0j, F, "dtype"),
        (F.astype(np.float16), F, "dtype"),
        (F.astype(np.longdouble), F, "dtype"),
        (F.astype(object), F, "dtype"),
        (F.astype(str), F, "dtype"),
        (F.astype("M8[s]"), F, "dtype"),
        (np.zeros(3, [("a", float)]), F, "dtype"),
        (F.astype("S"), F.astype(str), "dtype"),
        (list(F), F, "type"),
        (tuple(F), F, "type"),
        (1.0, F, "type"),
        (None, F, "type"),
        ("1 2 3", F, "type"),
        (F.view(np.matrix), F, "type"),
        (np.ma.masked_array(F), F, "type"),
        (pd.Series(F), F, "type"),
        (np.array(1.0), F, "shape"),
        (F[:1], F, "shape"),
        (F[None], F, "shape"),
        (F[:, None], F, "shape"),
        (np.array([]), F, "shape"),
        (F, np.array([]), "shape"),
        (np.zeros((3, 0)), np.zeros((0, 3)), "shape"),
        (np.array([]), np.array([]), None),
        (np.zeros((0, 3)), np.zeros((0, 3)), None),
        (np.broadcast_to(0.0, (10**6, 10**6)), F, "shape"),
        (np.array([1, 2, NAN]), F, "finite"),
        (np.array([1, 2, INF]), F, "finite"),
        (np.full(3, NAN), F, "finite"),
        (np.array([1, NAN]), np.array([1, NAN]), None),
        (np.array([NAN, 1]), np.array([1, NAN]), "value"),
        (np.array([1, INF]), np.array([1, INF]), None),
        (np.array([1, -INF]), np.array([1, INF]), "value"),
        (np.array([1, 0.0]), np.array([1, NAN]), "value"),
        (np.array([1, 1e308]), np.array([1, INF]), "value"),
        (np.array([-0.0]), np.array([0.0]), None),
        (np.zeros(3), F, "value"),
        (F + 1e-5, F, "value"),
        (F * (1 + 1e-7), F, None),
        (np.array([254], np.uint8), np.array([-2]), "value"),
        (np.array([-2], np.int8), np.array([254], np.uint8), "value"),
        (np.array([0], np.uint8), np.array([255], np.uint8), "value"),
        (F > 1, F > 1, None),
        (F > 2, F > 1, "value"),
        (np.array(["a", "b"]), np.array(["a", "b"]), None),
        (np.array(["a", "b "]), np.array(["a", "b"]), "value"),
        (np.array(["a", "longer"]), np.array(["a", "b"]), "value"),
        (np.array([1, 2]), np.array(["a", "b"]), "dtype"),
    ],
)
def test_arrays(answer, expected, wrong):
    assert what(answer, expected) == wrong
    assert wrong or channel.pack(answer)


def test_a_right_answer_and_its_near_miss_at_the_first_place():
    wrong = F.copy()
    wrong[1] = 7
    assert compare(wrong, F) == (
        "value",
        "some values are wrong",
        "1 of 3 values are wrong, the first at [1]: 2 is right, you have 7",
    )
    assert compare(np.array([["a", "x"]]), np.array([["a", "b"]])).shown.endswith(
        "at [0, 1]: 'b' is right, you have 'x'"
    )
    assert compare(np.array([True]), np.array([False])).shown.endswith(
        "at [0]: False is right, you have True"
    )


def test_what_is_shown_tells_both_values_apart():
    assert "1.00001 is right, you have 1" in compare(np.array([1.0]), np.array([1.00001])).shown
    assert "0.333333 is right, you return 0.333334" in compare(0.333334, 1 / 3).shown
    assert (
        compare(0.3333334, 1 / 3, Tolerance(1e-9)).shown
        == "0.3333333333333333 is right, you return 0.3333334"
    )
    assert compare(np.array([26244567]), np.array([26244568])).shown.endswith(
        "26244568 is right, you have 26244567"
    )
    assert compare(np.float64(2), np.float64(3)).shown == "3 is right, you return 2"
    assert len(compare("x" * 10**6, "y").shown) < 200 and len(compare(10**5000, 3).shown) < 200


def test_a_message_holds_no_value():
    for answer, expected in [(4321, 1234), (F + 4321, F + 1234), ((4321,), (1234,)), ("4321", "1234")]:
        assert not any(
            value in compare(answer, expected).message for value in ("4321", "1234", "4322", "1235")
        )


@pytest.mark.parametrize(
    "answer, cure",
    [
        (pd.Series(F), "a pandas Series; return .to_numpy() of it"),
        (pd.DataFrame(F), "a DataFrame; return .to_numpy()"),
        (list(F), "a list; return np.array(...) of it"),
        (F.view(np.matrix), "a matrix; return np.asarray(...) of it"),
        ((value for value in F), "a generator; `return` one array instead of `yield`"),
        (max, "a builtin_function_or_method"),
    ],
)
def test_the_message_shows_how_to_make_an_array(answer, cure):
    assert compare(answer, F).shown.startswith("a float array of shape (3,) is expected, you return " + cure)


# --- labels of a classifier ---


def test_a_classifier_is_right_when_enough_labels_are():
    expected = np.arange(20)
    labels = np.where(np.arange(20) < 11, expected, -1)
    assert (
        compare(labels, expected, at_least=0.5) is None and compare(labels, expected, at_least=0.55) is None
    )
    found = compare(labels, expected, at_least=0.56)
    assert found.shown == "11 of 20 labels are right, but at least 56% should be"
    assert found.message == "too few labels are right: at least 56% should be"
    rare = np.where(np.arange(100) < 7, 1, 0)
    assert compare(rare, np.ones(100, int), at_least=0.07) is None  # 0.07 * 100 is a little more than 7
    assert what(labels[:19], expected, at_least=0.1) == "shape"
    assert (
        what(labels.astype(str), expected, at_least=0.1) == "dtype"
        and what(list(labels), expected, at_least=0) == "type"
    )
    assert what(np.full(20, NAN), expected.astype(float), at_least=0.0) == "finite"


# --- whatever the answer is ---


class Yes:
    """Says yes to everything, and that it is whatever one likes."""

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    __hash__ = None
    __lt__ = __le__ = __gt__ = __ge__ = __eq__
    __sub__ = __rsub__ = __abs__ = __add__ = __radd__ = __mul__ = __rmul__ = lambda self, *_: self

    def __bool__(self):
        return True

    def __float__(self):
        return 3.0

    __len__ = __int__ = __index__ = lambda self: 3

    def __getattr__(self, name):
        return self

    def __array__(self, *_, **__):
        return F


def posing(kind):
    return type("Posing", (Yes,), {"__class__": property(lambda self: kind)})()


class Exploding:
    def __getattribute__(self, name):
        raise SystemExit(f"{name} was asked for")

    __eq__ = __hash__ = __repr__ = __bool__ = __len__ = __array__ = lambda self, *_: 1 / 0


class Meta(type):
    __name__ = property(lambda cls: 5)
    __eq__ = lambda cls, other: True
    __hash__ = lambda cls: 1 / 0


class Float(float):
    __eq__ = lambda self, other: True
    __hash__ = None
    __abs__ = __sub__ = __rsub__ = lambda self, *_: 0.0
    __float__ = lambda self: 3.0


class Int(int):
    __eq__ = lambda self, other: True
    __hash__ = None
    __abs__ = __sub__ = __rsub__ = lambda self, *_: 0
    __int__ = __index__ = lambda self: 3


class Text(str):
    __eq__ = lambda self, other: True
    __hash__ = None
    split = lambda self, *_: ["angry"]
    __str__ = casefold = lambda self: "angry"


class Array(np.ndarray):
    __eq__ = lambda self, other: np.ones(3, bool)
    __hash__ = None
    shape = property(lambda self: (3,))
    __array__ = lambda self, *_, **__: F
    astype = lambda self, *_: F


class Sequence(tuple):
    __len__ = lambda self: 2
    __iter__ = lambda self: iter((1, 2))


class Emotion(IntEnum):
    ANGRY = 5


def holding(shape):
    array = np.empty(shape, object)
    array.fill(posing(float))
    return array


EXPECTED = [
    3,
    3.0,
    True,
    "angry",
    F,
    F.astype(int),
    np.array(["a", "b", "c"]),
    np.array([]),
    (1, 2),
    [F, 3],
    NAN,
    INF,
    np.array([[1, NAN]]),
    10**400,
]
STRANGE = [
    Yes(),
    *map(posing, (int, float, str, bool, np.ndarray, list, tuple, np.float64)),
    Exploding(),
    Meta("Name", (), {})(),
    Meta,
    Yes,
    ...,
    NotImplemented,
    object(),
    print,
    lambda: 3,
    range(3),
    {"a": 1},
    b"angry",
    1j,
    np.complex64(3),
    np.clongdouble(3),
    np.datetime64("2020-01-01"),
    np.timedelta64(3),
    np.void(b"abc"),
    holding(()),
    holding((3,)),
    np.array([(1, 2.0)], "i4,f8")[0],
    np.bytes_(b"angry"),
    np.zeros(3).view(Array),
    np.ma.masked_all(3),
    np.array(["a"] * 3, np.dtypes.StringDType()),
    pd.Series(F),
    pd.DataFrame({"a": F}),
    pd.NA,
    pd.NaT,
    pd.Categorical(["a"]),
    memoryview(b"abc"),
    iter([1]),
    ValueError("x"),
    Float(7),
    Int(7),
    Text("happy"),
    Sequence((1,)),
    "\ud83d",
    "\0",
    10**5000,
    -(10**400),
]
STRANGE.append([STRANGE])  # it holds itself


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("number", range(len(EXPECTED)))
def test_nothing_strange_is_right_and_nothing_raises(number):
    labels = isinstance(EXPECTED[number], np.ndarray) and EXPECTED[number].size
    for answer, at_least in itertools.product(STRANGE, (None, 0.5) if labels else (None,)):
        found = compare(answer, EXPECTED[number], at_least=at_least)
        assert found and all(isinstance(words, str) and words for words in found)


@pytest.mark.parametrize(
    "answer, expected, words",
    [
        (Float(3), 3.0, "a number is expected, you return a Float"),
        (Emotion.ANGRY, 5, "you return an Emotion"),
        (Text("angry"), "angry", "a text is expected, you return a Text"),
        (np.longdouble(3), 3.0, "you return a longdouble"),
        (Pair(1, 2), (1, 2), "2 values are expected, you return a Pair; write `return a, b`"),
        (np.array([1, 2]), (1, 2), "you return an int array of shape (2,); write `return a, b`"),
    ],
)
def test_a_subclass_is_refused_as_the_way_to_the_grader_refuses_it(answer, expected, words):
    assert compare(answer, expected).what == "type" and compare(answer, expected).shown.endswith(words)


def test_only_the_same_pass_for_each_other():
    """Of values that are all different, each is right for itself and for no other."""
    values = [
        0,
        1,
        1.5,
        NAN,
        INF,
        -INF,
        True,
        False,
        "",
        "0",
        "True",
        (),
        (0,),
        ((0,),),
        np.array([]),
        np.array([0]),
        np.array([1.5]),
        np.array([[1.5]]),
        np.array([NAN]),
        np.array([True]),
        np.array(["0"]),
        np.zeros((0, 1)),
        np.zeros((1, 0)),
        2**60,
        2**60 + 1,
        np.array([2**60]),
        np.array([2**60 + 1]),
    ]
    for one, other in itertools.product(values, values):
        assert (compare(one, other) is None) == (one is other), (one, other)


@pytest.mark.parametrize("seed", range(20))
def test_noise_within_the_tolerance_is_right_and_beyond_it_wrong(seed):
    rng = np.random.default_rng(seed)
    expected = rng.normal(0, 10 ** rng.uniform(-6, 6), rng.integers(1, 5, rng.integers(1, 4)))
    tolerance = Tolerance(rtol=1e-3, atol=1e-6)
    allowed = 1e-6 + 1e-3 * np.abs(expected)
    assert (
        compare(expected + 0.99 * allowed * rng.choice([-1, 1], expected.shape), expected, tolerance) is None
    )
    wrong = expected.copy()
    place = tuple(int(rng.integers(side)) for side in expected.shape)
    wrong[place] += 1.01 * allowed[place]
    found = compare(wrong, expected, tolerance)
    assert found.what == "value" and f"the first at {list(place)}" in found.shown


def test_neither_is_changed():
    answer, expected = F[::-1].copy(), F.copy()
    answer.flags.writeable = expected.flags.writeable = False
    assert what(answer, expected) == "value" and list(answer) == [3, 2, 1] and list(expected) == [1, 2, 3]


@pytest.mark.parametrize(
    "value, words",
    [
        (None, "None"),
        (True, "True"),
        (np.False_, "False"),
        (3, "a whole number"),
        (np.int8(3), "a whole number"),
        (3.0, "a float"),
        (np.float32(3), "a float"),
        ("x", "a text"),
        ((), "a tuple"),
        ([], "a list"),
        ({}, "a dictionary"),
        (1j, "a complex number"),
        (F, "a float array of shape (3,)"),
        (F.astype(np.uint8), "an int array of shape (3,)"),
        (F > 1, "a bool array of shape (3,)"),
        (F.astype(object), "an object array of shape (3,)"),
        (np.array("x"), "a text array of shape ()"),
        (b"", "bytes"),
        (len, "a builtin_function_or_method"),
        (lambda: 3, "a function"),
        (ValueError(), "a ValueError"),
        (object(), "an object"),
    ],
)
def test_a_kind_in_words(value, words):
    assert kind(value) == words


@pytest.mark.parametrize(
    "answer, phrase",
    [
        (np.zeros((17, 48213)), "an array with 1 axis is expected, yours has more"),
        (np.zeros(48213), "along axis 0 your array is longer than expected"),
        (np.ones(3), "all values are wrong"),
        (np.array([1.5, 9.0, 9.0]), "some values are wrong"),
        ((1.5,) * 48213, "a float array is expected, you return a tuple"),
    ],
)
def test_a_message_holds_neither_hidden_lengths_nor_counts(answer, phrase):
    """A student could send inputs out by a shape that the message repeats, or guess by the count of hits."""
    assert compare(answer, np.array([1.5, 2.5, 3.5])).message.startswith(phrase)


def test_swapped_axes_are_named():
    phrase = compare(np.zeros((2, 3)), np.zeros((3, 2))).message
    assert phrase == "the axes of your array are in a different order than expected"
