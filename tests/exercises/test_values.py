"""Values are kept as JSON and come back as they were."""

import json
import math

import numpy as np
import pytest

from course_lib.exercises.values import DTYPES, from_json, to_json


def there_and_back(value):
    return from_json(json.loads(json.dumps(to_json(value))))


@pytest.mark.parametrize(
    "value", [3, -(10**40), 0.1, 1e-300, float("inf"), True, False, "", "Ärger\n\0", "\ud83d"]
)
def test_numbers_texts_and_truth_values_stay(value):
    back = there_and_back(value)
    assert back == value and type(back) is type(value)


def test_nan_and_minus_zero_stay():
    assert math.isnan(there_and_back(float("nan"))) and math.copysign(1, there_and_back(-0.0)) == -1


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(0,), (3,), (2, 3), (2, 0, 3), (), (1, 1, 1, 1)])
def test_arrays_stay_bit_by_bit(dtype, shape):
    rng = np.random.default_rng(0)
    value = np.frombuffer(rng.bytes(8 * math.prod(shape)), dtype if dtype != "bool" else "int8")[
        : math.prod(shape)
    ]
    value = (value > 0 if dtype == "bool" else np.nan_to_num(value)).reshape(shape)
    back = there_and_back(value)
    assert back.dtype == dtype and back.shape == shape and back.tobytes() == value.tobytes()


def test_the_largest_the_smallest_and_what_is_no_number():
    for value in (
        np.array([2**64 - 1, 0], np.uint64),
        np.array([-(2**63), 2**63 - 1]),
        np.array([np.nan, np.inf, -0.0]),
        np.array([np.finfo(np.float32).max, np.finfo(np.float32).smallest_subnormal], np.float32),
    ):
        assert there_and_back(value).tobytes() == value.tobytes()


def test_texts_in_an_array_stay():
    value = np.array([["neutral", ""], ["ärger", "a"]])
    back = there_and_back(value)
    assert (
        back.dtype == value.dtype
        and (back == value).all()
        and there_and_back(np.array([], "U5")).shape == (0,)
    )


def test_another_byte_order_and_a_view_give_the_same_values():
    value = np.arange(12, dtype=">f8").reshape(3, 4)[::2, ::-1]
    back = there_and_back(value)
    assert back.dtype == np.float64 and (back == value).all() and back.flags.c_contiguous


def test_numpys_numbers_become_pythons_and_tuples_lists():
    back = there_and_back((np.int8(3), np.float32(0.5), np.True_, np.str_("a"), [(), np.arange(2)]))
    assert back[:4] == [3, 0.5, True, "a"] and [type(one) for one in back[:4]] == [int, float, bool, str]
    assert back[4][0] == [] and list(back[4][1]) == [0, 1]


@pytest.mark.parametrize(
    "value",
    [
        None,
        1j,
        b"a",
        {"a": 1},
        {1},
        ...,
        np.array([None]),
        np.array([1j]),
        np.array([1.0], np.float16),
        np.array(["2020"], "M8"),
        np.zeros(1, "i4,f8"),
        np.datetime64("2020"),
        np.longdouble(1),
        [1, None],
        np.ma.masked_array([1.0, 2.0], [True, False]),
        np.ones((1, 1)).view(np.matrix),
    ],
    ids=repr,
)
def test_what_cannot_be_kept_is_refused(value):
    with pytest.raises(TypeError, match="cannot be kept"):
        to_json(value)
