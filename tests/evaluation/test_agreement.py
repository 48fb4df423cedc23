"""Agreement between raters: worked by hand, and equal to reference packages to 1e-6."""

import krippendorff
import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import fleiss_kappa

from course_lib.core.errors import CourseError
from course_lib.datasets import crema_d
from course_lib.evaluation import agreement

RNG = np.random.default_rng(7)
SAME_RATERS = RNG.multinomial(5, [0.4, 0.3, 0.2, 0.1], 30)
ANY_RATERS = np.array([RNG.multinomial(n, RNG.dirichlet(np.ones(4))) for n in RNG.integers(0, 7, 40)])
EMOTIONS = ["angry", "disgust", "fear", "happy", "sad", "neutral"]


def test_cohens_kappa_by_hand():
    """45 + 15 of 100 items agree. With yes 60 and 70 times, .6 x .7 + .4 x .3 agree by chance."""
    first = np.repeat(["yes", "yes", "no", "no"], [45, 15, 25, 15])
    second = np.repeat(["yes", "no", "yes", "no"], [45, 15, 25, 15])
    assert agreement.cohen_kappa(first, second) == pytest.approx((0.60 - 0.54) / (1 - 0.54))
    assert agreement.cohen_kappa([1, 2, 3], [1, 2, 3]) == 1
    assert agreement.cohen_kappa(["a", "b"], ["b", "a"]) == -1


@pytest.mark.parametrize("seed", range(5))
def test_cohens_kappa_is_scikit_learns(seed):
    rng = np.random.default_rng(seed)
    first, second = rng.integers(0, 4, (2, 50))
    assert agreement.cohen_kappa(first, second) == pytest.approx(cohen_kappa_score(first, second), abs=1e-6)


def test_fleiss_kappa_is_statsmodels_and_the_papers():
    """Table 1 of Wikipedia's worked example: 14 raters, 10 items, 5 categories, kappa 0.210."""
    counts = [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ]
    assert agreement.fleiss_kappa(counts) == pytest.approx(0.210, abs=5e-4)
    for table in (counts, SAME_RATERS):
        assert agreement.fleiss_kappa(table) == pytest.approx(fleiss_kappa(np.array(table)), abs=1e-6)


@pytest.mark.parametrize("level", agreement.LEVELS)
def test_alpha_is_krippendorffs_package(level):
    for counts in (SAME_RATERS, ANY_RATERS):
        theirs = krippendorff.alpha(
            value_counts=counts, level_of_measurement=level, value_domain=[0.0, 1.0, 2.0, 3.0]
        )
        assert agreement.krippendorff_alpha(counts, level) == pytest.approx(theirs, abs=1e-6)
    values = [-2.0, 0.5, 1.0, 7.0]
    theirs = krippendorff.alpha(value_counts=ANY_RATERS, level_of_measurement="interval", value_domain=values)
    assert agreement.krippendorff_alpha(ANY_RATERS, "interval", values) == pytest.approx(theirs, abs=1e-6)


def test_alpha_by_hand():
    """Pairs of values for the two items with three votes: 3 + 3 agree; (1, 1) gives two pairs that differ.

    Observed disagreement 2 / 8. Votes 4 and 4: expected 2 x 4 x 4 / 7 = 4.57 of 8.
    """
    assert agreement.krippendorff_alpha([[3, 0], [0, 3], [1, 1]]) == pytest.approx(1 - 2 / (32 / 7))
    assert agreement.krippendorff_alpha([[3, 0], [0, 3], [1, 1], [1, 0]]) == pytest.approx(1 - 2 / (32 / 7))


def test_alpha_of_crema_ds_votes():
    """All 7,442 clips: equal to the package, and people agree most on clips that they see and hear."""
    votes, found = crema_d.votes(), {}
    for modality, table in votes.groupby("modality"):
        counts = table[EMOTIONS].to_numpy()
        found[modality] = agreement.krippendorff_alpha(counts)
        theirs = krippendorff.alpha(value_counts=counts, level_of_measurement="nominal")
        assert found[modality] == pytest.approx(theirs, abs=1e-6)
    assert found["audio-only"] < found["video-only"] < found["audio-video"]


def test_raters_who_answer_at_random_agree_by_chance():
    counts = np.random.default_rng(0).multinomial(10, [0.5, 0.3, 0.2], 5000)
    assert abs(agreement.fleiss_kappa(counts)) < 0.01
    assert abs(agreement.krippendorff_alpha(counts)) < 0.01


def test_ccc_by_hand_and_its_bounds():
    assert agreement.ccc([1, 2, 3], [2, 3, 4]) == pytest.approx(2 * 2 / 3 / (2 / 3 + 2 / 3 + 1))
    assert agreement.ccc([1, 2, 3], [1, 2, 3]) == 1 and agreement.ccc([1, 2, 3], [3, 2, 1]) == -1
    x, y = np.random.default_rng(0).normal(size=(2, 200))
    r = np.corrcoef(x, y)[0, 1]
    # Lin's decomposition: CCC = Pearson's r x bias correction.
    v, u = x.std() / y.std(), (x.mean() - y.mean()) / np.sqrt(x.std() * y.std())
    assert agreement.ccc(x, y) == pytest.approx(r * 2 / (v + 1 / v + u**2), abs=1e-9)


def test_the_commonest_vote_has_the_highest_expected_accuracy():
    votes = np.array([[9, 1, 0], [4, 5, 1], [0, 0, 3]])
    assert agreement.expected_accuracy(votes, [0, 1, 2]) == pytest.approx((0.9 + 0.5 + 1) / 3)
    assert agreement.expected_accuracy(votes, [1, 1, 1]) == pytest.approx((0.1 + 0.5 + 0) / 3)


def test_the_cross_entropy_is_lowest_at_the_fractions_of_the_votes():
    votes = np.array([[5, 5], [9, 1]])
    right = votes / 10
    entropy = -(right * np.log(right)).sum(axis=1).mean()
    assert agreement.soft_cross_entropy(votes, right) == pytest.approx(entropy)
    assert agreement.soft_cross_entropy(votes, [[0.6, 0.4], [0.8, 0.2]]) > entropy
    assert agreement.soft_cross_entropy([[1, 0]], [[0.0, 1.0]]) == pytest.approx(-np.log(1e-7))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: agreement.cohen_kappa(["a", "a"], ["a", "a"]), "all are the same label"),
        (lambda: agreement.cohen_kappa(["a"], ["a", "b"]), "differ|items"),
        (lambda: agreement.fleiss_kappa([[2, 1], [2, 2]]), "from 3 to 4 raters.*krippendorff_alpha"),
        (lambda: agreement.fleiss_kappa([[1, 0], [0, 1]]), "from 1 to 1 raters"),
        (lambda: agreement.fleiss_kappa([[3, 0], [3, 0]]), "all are the same label"),
        (lambda: agreement.fleiss_kappa([1, 2, 3]), r"shape \(3,\)"),
        (lambda: agreement.krippendorff_alpha([[0.5, 1]]), "not whole numbers"),
        (lambda: agreement.krippendorff_alpha([[-1, 2]]), "not whole numbers"),
        (lambda: agreement.krippendorff_alpha([[np.nan, 2]]), "not whole numbers"),
        (lambda: agreement.krippendorff_alpha([[1, 0], [0, 1]]), "no item has two raters"),
        (lambda: agreement.krippendorff_alpha([[2, 0], [3, 0]]), "all votes are for one category"),
        (lambda: agreement.krippendorff_alpha([[2, 1]], "nominall"), "Did you mean 'nominal'"),
        (lambda: agreement.krippendorff_alpha([[2, 1]], "interval", [1]), "1 numbers for 2 categories"),
        (lambda: agreement.ccc([1, 1], [1, 1]), "one constant number"),
        (lambda: agreement.ccc([1, np.inf], [1, 2]), "infinity"),
        (lambda: agreement.expected_accuracy([[0, 0], [1, 2]], [0, 1]), "1 items have no vote"),
        (lambda: agreement.expected_accuracy([[1, 0]], [2]), "does not fit votes"),
        (lambda: agreement.soft_cross_entropy([[1, 0]], [[0.5, 0.3, 0.2]]), r"shape \(1, 3\)"),
    ],
)
def test_bad_input_has_one_clear_error(call, message):
    with pytest.raises(CourseError, match=message):
        call()
