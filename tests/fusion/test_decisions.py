"""Fusion of decisions: by mean, product, F-scores, and learnt."""

import numpy as np
import pytest

from course_lib import fusion
from course_lib.core.errors import CourseError

RNG = np.random.default_rng(0)
FACE, VOICE = np.array([[0.6, 0.3, 0.1]]), np.array([[0.2, 0.7, 0.1]])
NOTHING = np.full((1, 3), fusion.MISSING)


def test_mean_and_product_by_hand():
    np.testing.assert_allclose(fusion.fuse_decisions([FACE, VOICE]), [[0.4, 0.5, 0.1]])
    product = np.array([[0.12, 0.21, 0.01]])
    np.testing.assert_allclose(fusion.fuse_decisions([FACE, VOICE], "product"), product / product.sum())


def test_weights_by_modality_and_by_class_by_hand():
    np.testing.assert_allclose(fusion.fuse_decisions([FACE, VOICE], weights=[3, 1]), [[0.5, 0.4, 0.1]])
    by_class = np.array([[0.5, 1.0, 0.0], [1.0, 0.5, 0.0]])
    fused = np.array([[0.6 * 0.5 + 0.2 * 1.0, 0.3 * 1.0 + 0.7 * 0.5, 0]])
    np.testing.assert_allclose(fusion.fuse_decisions([FACE, VOICE], weights=by_class), fused / fused.sum())
    powers = np.array([[0.6 * 0.2**2, 0.3 * 0.7**2, 0.1**3]])
    np.testing.assert_allclose(fusion.fuse_decisions([FACE, VOICE], "product", [1, 2]), powers / powers.sum())


def test_the_product_is_divided_by_priors_that_all_modalities_share_by_hand():
    # 0.6 * 0.2 / 0.5 = 0.24, 0.3 * 0.7 / 0.3 = 0.7, 0.1 * 0.1 / 0.2 = 0.05
    expected = np.array([[0.24, 0.7, 0.05]]) / 0.99
    priors = [0.5, 0.3, 0.2]
    np.testing.assert_allclose(fusion.fuse_decisions([FACE, VOICE], "product", priors=priors), expected)
    # Three modalities: the same numbers, times 0.4, 0.4 and 0.2 and divided by the priors again.
    third = np.array([[0.24 * 0.4 / 0.5, 0.7 * 0.4 / 0.3, 0.05 * 0.2 / 0.2]])
    np.testing.assert_allclose(
        fusion.fuse_decisions([FACE, VOICE, [[0.4, 0.4, 0.2]]], "product", priors=priors), third / third.sum()
    )


def test_the_product_is_divided_by_the_priors_of_each_modality_by_hand():
    priors = [[0.5, 0.3, 0.2], [0.25, 0.25, 0.5]]
    # (0.6 / 0.5) * (0.2 / 0.25) = 0.96, (0.3 / 0.3) * (0.7 / 0.25) = 2.8, (0.1 / 0.2) * (0.1 / 0.5) = 0.1
    expected = np.array([[0.96, 2.8, 0.1]]) / 3.86
    np.testing.assert_allclose(fusion.fuse_decisions([FACE, VOICE], "product", priors=priors), expected)


def test_equal_priors_change_nothing():
    np.testing.assert_allclose(
        fusion.fuse_decisions([FACE, VOICE], "product", priors=np.full(3, 1 / 3)),
        fusion.fuse_decisions([FACE, VOICE], "product"),
    )


def test_a_modality_that_only_knows_the_shared_priors_changes_nothing():
    priors = [0.5, 0.3, 0.2]
    np.testing.assert_allclose(fusion.fuse_decisions([[priors], VOICE], "product", priors=priors), VOICE)


def test_with_priors_a_missing_modality_is_left_out():
    priors = np.array([0.5, 0.3, 0.2])
    np.testing.assert_allclose(fusion.fuse_decisions([NOTHING, VOICE], "product", priors=priors), VOICE)
    alone = VOICE / priors
    np.testing.assert_allclose(
        fusion.fuse_decisions([NOTHING, VOICE], "product", priors=[priors, priors]), alone / alone.sum()
    )


def test_a_probability_below_the_floor_counts_as_the_floor():
    sure = np.array([[1.0, 0.0, 0.0]])
    expected = np.array([[0.2, 0.007, 0.001]])
    np.testing.assert_allclose(
        fusion.fuse_decisions([sure, VOICE], "product", floor=0.01), expected / expected.sum()
    )


@pytest.mark.parametrize("how", ["mean", "product"])
def test_a_modality_that_is_missing_is_left_out(how):
    np.testing.assert_allclose(fusion.fuse_decisions([NOTHING, VOICE], how), VOICE)
    np.testing.assert_allclose(fusion.fuse_decisions([NOTHING, VOICE], how, weights=[5, 1]), VOICE)
    with pytest.raises(CourseError, match="1 items are missing in every modality"):
        fusion.fuse_decisions([NOTHING, NOTHING], how)


def test_shares_of_nothing_do_not_break_the_product():
    sure = np.array([[1.0, 0.0, 0.0]])
    assert np.isfinite(fusion.fuse_decisions([sure, VOICE], "product")).all()
    np.testing.assert_allclose(
        fusion.fuse_decisions([sure, sure[:, ::-1]], weights=[[0, 1, 0], [0, 1, 0]]), 1 / 3
    )


def test_f_scores_are_those_of_the_first_guesses():
    y = np.array([0, 0, 1, 2])
    probabilities = np.eye(3)[[0, 1, 1, 1]]  # class 0: P 1, R 1/2; class 1: P 1/3, R 1; class 2: never
    np.testing.assert_allclose(fusion.f_score_weights(y, probabilities), [2 / 3, 0.5, 0])


def some(n=300, good=(0.9, 0.6)):
    """Labels of three classes, and two modalities that are right as often as `good` says."""
    y = RNG.integers(0, 3, n)
    parts = []
    for fraction in good:
        y_pred = np.where(RNG.random(n) < fraction, y, RNG.integers(0, 3, n))
        parts.append(0.7 * np.eye(3)[y_pred] + 0.1)
    return y, parts


def test_learned_fusion_believes_the_better_modality():
    y, parts = some()
    fused = fusion.LearnedFusion().fit(parts, y)
    test_y, test_parts = some()
    probabilities = fused.predict_proba(test_parts)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    quarrel = fused.predict_proba([0.7 * np.eye(3)[[0]] + 0.1, 0.7 * np.eye(3)[[1]] + 0.1])
    assert quarrel.argmax() == 0 and (probabilities.argmax(axis=1) == test_y).mean() > 0.85


def test_learned_fusion_goes_on_with_one_modality():
    y, parts = some()
    fused = fusion.LearnedFusion().fit(parts, y)
    alone = fused.predict_proba([np.full((3, 3), np.nan), 0.7 * np.eye(3) + 0.1])
    assert alone.argmax(axis=1).tolist() == [0, 1, 2]
    with pytest.raises(CourseError, match="y: it holds 2 of 3 classes"):
        fusion.LearnedFusion().fit([part[y < 2] for part in parts], y[y < 2])


@pytest.mark.parametrize(
    ("probabilities", "options", "expected"),
    [
        ([], {}, "do not fit each other"),
        ([FACE, VOICE[:, :2]], {}, "do not fit each other"),
        ([FACE * 2, VOICE], {}, "a row does not sum to 1"),
        ([FACE, VOICE], {"how": "vote"}, "there is no such fusion. Choose from mean, product"),
        ([FACE, VOICE], {"weights": [1]}, "do not fit"),
        ([FACE, VOICE], {"weights": [0, 0]}, "do not fit"),
        ([FACE, VOICE], {"weights": [-1, 1]}, "do not fit"),
        ([FACE, VOICE], {"weights": [[1, 1], [1, 1]]}, "do not fit"),
        ([FACE, VOICE], {"priors": [0.5, 0.3, 0.2]}, "the mean does not use them"),
        ([FACE, VOICE], {"how": "product", "priors": [0.5, 0.5]}, "priors .* do not fit"),
        ([FACE, VOICE], {"how": "product", "priors": [0.5, 0.5, 0]}, "priors .* do not fit"),
        ([FACE, VOICE], {"how": "product", "priors": [0.5, 0.4, 0.2]}, "priors .* do not fit"),
        ([FACE, VOICE], {"how": "product", "priors": [[0.5, 0.3, 0.2]] * 3}, "priors .* do not fit"),
        ([np.array([[0.5, np.nan, 0.5]]), VOICE], {}, "NaN beside numbers"),
    ],
)
def test_what_cannot_be_fused_is_refused(probabilities, options, expected):
    with pytest.raises(CourseError, match=expected):
        fusion.fuse_decisions(probabilities, **options)
