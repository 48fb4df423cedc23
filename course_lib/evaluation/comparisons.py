"""Test whether two systems that were tested on the same items really differ (McNemar's test)."""

from typing import NamedTuple

import numpy.typing as npt
from scipy.stats import binomtest

from course_lib.core.validation import same_items


class McNemar(NamedTuple):
    """b: items that only the first system got right; c: only the second; p: exact two-sided p-value."""

    b: int
    c: int
    p: float


def mcnemar(y_true: npt.ArrayLike, pred_a: npt.ArrayLike, pred_b: npt.ArrayLike) -> McNemar:
    """Exact McNemar test of two systems on the same items.

    Only the items that one system gets right and the other wrong carry information. If the systems do not
    differ, each of these items is a fair coin toss, so the p-value is binomial; without such items it is 1.

    Parameters
    ----------
    y_true, pred_a, pred_b : array-like, shape (n,)
        The true labels and the predictions of both systems, in the same order.

    Returns
    -------
    McNemar
        The counts `b` and `c` and the two-sided p-value `p`.

    Raises
    ------
    CourseError
        If the three differ in length, have gaps, or mix text and numbers.

    Notes
    -----
    Used in lessons 03 and 08.

    References
    ----------
    McNemar 1947, Psychometrika 12:153-157, https://doi.org/10.1007/BF02295996; here with the exact binomial
    distribution in place of chi-squared.

    Examples
    --------
    Lecture 27 compares 6 of 7 with 5 of 7 at 42:19. They differ by one clip:

    >>> mcnemar(list("aaaabbb"), list("aaaabba"), list("aaaabaa"))
    McNemar(b=1, c=0, p=1.0)
    """
    y_true, pred_a, pred_b = same_items(y_true=y_true, pred_a=pred_a, pred_b=pred_b)
    a, b = pred_a == y_true, pred_b == y_true
    only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
    p = binomtest(only_a, only_a + only_b).pvalue if only_a + only_b else 1.0
    return McNemar(only_a, only_b, float(p))
