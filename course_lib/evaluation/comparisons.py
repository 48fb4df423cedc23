"""Two systems on the same items: could their difference be chance?"""

from typing import NamedTuple

from scipy.stats import binomtest

from course_lib.core.validation import same_items


class McNemar(NamedTuple):
    """b: items that only the first system got right; c: only the second; p: exact two-sided probability."""

    b: int
    c: int
    p: float


def mcnemar(y_true, pred_a, pred_b) -> McNemar:
    """Exact McNemar test of two systems on the same items (n,): could their difference be a coin toss?

    Only items that one system got right and the other wrong say anything: under no difference each is a fair
    toss, so p is binomial, and 1 where there is none. The 6 of 7 and 5 of 7 that lecture 27 compares at 42:19
    differ by one clip: p = 1. Source: McNemar 1947, Psychometrika 12:153-157, with the exact binomial in
    place of chi-squared."""
    y_true, pred_a, pred_b = same_items(y_true=y_true, pred_a=pred_a, pred_b=pred_b)
    a, b = pred_a == y_true, pred_b == y_true
    only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
    p = binomtest(only_a, only_a + only_b).pvalue if only_a + only_b else 1.0
    return McNemar(only_a, only_b, float(p))
