"""McNemar's test by hand."""

import pytest

from course_lib import evaluation

SIX, FIVE, TRUE = list("aaaabba"), list("aaaabaa"), list("aaaabbb")  # 6 and 5 of 7, one clip apart; 4 to 3


def test_mcnemar_by_hand():
    assert evaluation.mcnemar(TRUE, SIX, FIVE) == (1, 0, 1.0)  # 6 of 7 against 5 of 7: one clip
    assert evaluation.mcnemar(TRUE, SIX, SIX) == (0, 0, 1.0)
    ten = evaluation.mcnemar([1] * 10, [0] + [1] * 9, [1] + [0] * 9)  # 9 to 1: 2 (1 + 10) / 2 ** 10
    assert (ten.b, ten.c) == (9, 1) and ten.p == pytest.approx(22 / 1024)
