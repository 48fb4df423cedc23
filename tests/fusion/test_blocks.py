"""Early fusion by hand-worked values; nothing fitted on test rows; a missing modality does what is
written."""

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from course_lib import fusion
from course_lib.core.errors import CourseError
from course_lib.evaluation import compare

NAN = np.nan
SIZES = {"audio": 2, "video": 1}


# --- early: Blocks ---


def test_blocks_standardise_columns_and_divide_by_the_root_of_the_width():
    X = np.array([[0, 10, 5], [2, 30, 9]])
    root = np.sqrt(2)
    assert fusion.Blocks(SIZES).fit_transform(X) == pytest.approx(
        np.array([[-1 / root, -1 / root, -1], [1 / root, 1 / root, 1]])
    )


def test_a_long_modality_does_not_outweigh_a_short_one():
    X = np.random.default_rng(0).normal(3, 5, (200, 110))
    scaled = fusion.Blocks({"audio": 100, "video": 10}).fit_transform(X)
    energy = (scaled[:, :100] ** 2).sum(axis=1).mean(), (scaled[:, 100:] ** 2).sum(axis=1).mean()
    assert energy == pytest.approx((1, 1))


def test_blocks_know_the_training_rows_only():
    X = np.array([[0, 10, 5], [2, 30, 9], [1e6, 20, 7]])
    scaled = fusion.Blocks(SIZES).fit(X[:2]).transform(X)
    assert scaled[:2] == pytest.approx(fusion.Blocks(SIZES).fit_transform(X[:2]))
    assert scaled[2] == pytest.approx([(1e6 - 1) / np.sqrt(2), 0, 0])


def test_in_compare_blocks_are_fitted_inside_each_fold():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {"emotion": np.array(["angry", "calm"])[np.arange(20) % 2], "actor": np.arange(20) // 5}
    )
    X = rng.normal(size=(20, 3)) + 3 * (np.arange(20) % 2)[:, None]
    X[0, 0] = (
        # an outlier in the first test part: scaled by it, the column would say nothing to the other folds
        1e9
    )
    result = compare(
        X,
        table,
        "speaker-independent",
        {"svc": make_pipeline(fusion.Blocks(SIZES), SVC(kernel="linear"))},
        cv=4,
    )
    predicted = result.predictions["svc"][5:10]
    train = np.r_[:5, 10:20]
    by_hand = fusion.Blocks(SIZES).fit(X[train])
    svc = SVC(kernel="linear").fit(by_hand.transform(X[train]), table["emotion"].to_numpy()[train])
    assert (predicted == svc.predict(by_hand.transform(X[5:10]))).all()


def test_a_missing_modality_is_the_training_mean_and_left_out_of_the_fit():
    X = np.array([[0, 10, 5], [2, 30, 9], [NAN, NAN, 7], [2, 10, NAN]])
    scaled = fusion.Blocks(SIZES).fit(X[:3]).transform(X)
    assert scaled[2] == pytest.approx([0, 0, 0])  # 7 is the mean of 5, 9 and 7
    assert scaled[3] == pytest.approx([1 / np.sqrt(2), -1 / np.sqrt(2), 0])


@pytest.mark.parametrize(
    ("X", "expected"),
    [
        (np.zeros((4, 4)), "3 columns together"),
        (np.zeros(3), "3 columns together"),
        (np.array([[1, NAN, 3.0], [1, 2, 3]]), "modality 'audio'.*NaN beside numbers"),
        (np.array([[1, 2, np.inf], [1, 2, 3]]), "modality 'video'.*infinity"),
        (np.array([[1, 2, NAN], [1, 2, NAN]]), "modality 'video'.*all training rows lack it"),
    ],
)
def test_blocks_refuse_what_they_cannot_scale(X, expected):
    with pytest.raises(CourseError, match=expected):
        fusion.Blocks(SIZES).fit(X)


A, B = np.float32([[1, 2], [3, 4], [NAN, NAN]]), np.float32([[5, 6], [NAN, NAN], [7, 8]])


# --- combine ---


@pytest.mark.parametrize(
    ("how", "weights", "expected"),
    [
        ("concatenate", None, [[1, 2, 5, 6], [3, 4, 0, 0], [0, 0, 7, 8]]),
        ("sum", None, [[6, 8], [3, 4], [7, 8]]),
        ("product", None, [[5, 12], [3, 4], [7, 8]]),
        ("weighted average", None, [[3, 4], [3, 4], [7, 8]]),
        ("weighted average", [3, 1], [[2, 3], [3, 4], [7, 8]]),
    ],
)
def test_combine_by_hand_also_where_a_modality_is_missing(how, weights, expected):
    fused = fusion.combine([A, B], how, weights)
    assert fused.dtype == np.float32 and fused == pytest.approx(np.array(expected))


def test_the_others_weights_are_made_to_sum_to_one():
    C = np.float32([[10, 10]])
    fused = fusion.combine([np.float32([[1, 1]]), np.float32([[NAN, NAN]]), C], "weighted average", [1, 5, 3])
    assert fused == pytest.approx(np.array([[0.25 * 1 + 0.75 * 10] * 2]))


@pytest.mark.parametrize(
    ("parts", "how", "weights", "expected"),
    [
        ([A, B], "mean", None, "fusion 'mean': there is no such fusion. Choose from concatenate"),
        ([A, B], "products", None, "Did you mean 'product'"),
        ([A, B[:, :1]], "sum", None, "fusion by 'sum': representations of shapes .* do not fit"),
        ([A, B[:2]], "concatenate", None, "representations of shapes .* do not fit"),
        ([A[0], B[0]], "sum", None, "representations of shapes .* do not fit"),
        ([], "sum", None, "do not fit"),
        ([A, B], "sum", [1, 2], "takes no weights"),
        ([A, B], "weighted average", [1, 2, 3], "2 numbers above 0"),
        ([A, B], "weighted average", [1, 0], "2 numbers above 0"),
        ([A, A], "sum", None, "1 rows are missing in every modality"),
        ([A, np.float32([[1, NAN], [1, 2], [1, 2]])], "sum", None, "representation 1.*NaN beside numbers"),
    ],
)
def test_what_cannot_be_combined_has_one_clear_error(parts, how, weights, expected):
    with pytest.raises(CourseError, match=expected):
        fusion.combine(parts, how, weights)


def test_representations_of_different_width_can_be_concatenated():
    assert fusion.combine([A, B[:, :1]]).shape == (3, 3)
