"""Scores with confidence intervals and baselines, splits by protocol, comparisons, an audit for leakage.

Lecture 14 (at 11:55) shuffles the frames, keeps 10 % of them as a test set and reports one percentage. Frames
of one clip, both versions of one recording and all actors are then in the training set and in the test set.
Always answering "angry" already scores 2/3, because RAVDESS has half as many neutral recordings as angry
ones. This package reports all of these.
"""

from course_lib.evaluation.comparisons import McNemar, mcnemar
from course_lib.evaluation.crossval import Comparison, compare
from course_lib.evaluation.groups import ByGroup, by_group
from course_lib.evaluation.intervals import cluster_bootstrap, f_score_intervals, uar_interval, wilson
from course_lib.evaluation.leaks import LEAKS, Audit, audit
from course_lib.evaluation.permutation import PermutationTest, permutation_test
from course_lib.evaluation.scores import (
    Score,
    confusion,
    f_scores,
    majority,
    score_table,
    second_guess_right,
    top_k,
    unweighted_average_recall,
)
from course_lib.evaluation.splits import PROTOCOLS, folds, split

__all__ = [
    "LEAKS",
    "PROTOCOLS",
    "Audit",
    "ByGroup",
    "Comparison",
    "McNemar",
    "PermutationTest",
    "Score",
    "audit",
    "by_group",
    "cluster_bootstrap",
    "compare",
    "confusion",
    "f_score_intervals",
    "f_scores",
    "folds",
    "majority",
    "mcnemar",
    "permutation_test",
    "score_table",
    "second_guess_right",
    "split",
    "top_k",
    "uar_interval",
    "unweighted_average_recall",
    "wilson",
]
