"""Splits by their properties."""

import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from course_lib import evaluation
from course_lib.core.errors import CourseError
from course_lib.evaluation import splits


def test_the_random_split_is_the_lectures_own(recordings):
    train, test = evaluation.split(recordings(), "random split", seed=12)
    expected = train_test_split(np.arange(144), test_size=0.1, random_state=12)
    assert train.tolist() == expected[0].tolist() and test.tolist() == expected[1].tolist()


@pytest.mark.parametrize(
    ("protocol", "group"), [("grouped by clip", "recording"), ("speaker-independent", "actor")]
)
@pytest.mark.parametrize("seed", range(5))
def test_groups_never_part(recordings, protocol, group, seed):
    table = recordings(frames=3).sample(frac=1, random_state=seed)  # a shuffled index: positions, not labels
    parts = [evaluation.split(table, protocol, seed=seed), *evaluation.folds(table, protocol, 4, seed)]
    for train, test in parts:
        assert len(test) and not set(table[group].iloc[train]) & set(table[group].iloc[test])
        assert sorted([*train, *test]) == list(range(len(table)))


def test_twins_part_when_items_are_drawn_and_never_when_clips_are(recordings):
    table = recordings()
    for protocol, parted in (("random split", True), ("grouped by clip", False)):
        train, test = evaluation.split(table, protocol, 0.3)
        assert bool(set(table["recording"].iloc[train]) & set(table["recording"].iloc[test])) == parted


@pytest.mark.parametrize("protocol", evaluation.PROTOCOLS)
def test_folds_test_each_row_once_and_follow_the_seed(recordings, protocol):
    table = recordings()
    pairs = evaluation.folds(table, protocol, 3, seed=1)
    assert sorted(np.concatenate([test for _, test in pairs])) == list(range(len(table)))
    again, other = (evaluation.folds(table, protocol, 3, seed) for seed in (1, 2))
    assert all((a[1] == b[1]).all() for a, b in zip(pairs, again, strict=True))
    assert any(a[1].tolist() != b[1].tolist() for a, b in zip(pairs, other, strict=True))


@pytest.mark.parametrize("seed", range(5))
def test_folds_of_whole_groups_keep_the_classes_even(recordings, seed):
    table = recordings(actors=2, frames=2)  # 8 neutral and 16 angry takes of 4 rows each
    for _, test in evaluation.folds(table, "grouped by clip", 4, seed):
        assert table["emotion"].iloc[test].value_counts().to_dict() == {"angry": 16, "neutral": 8}


def test_leave_one_out_leaves_one_actor_clip_or_item_out(recordings):
    table = recordings()
    assert [len(test) for _, test in evaluation.folds(table, "speaker-independent", "leave-one-out")] == [
        24
    ] * 6
    assert [len(test) for _, test in evaluation.folds(table, "grouped by clip", "leave-one-out")] == [2] * 72
    assert len(evaluation.folds(table, "random split", "leave-one-out")) == 144


def test_a_fold_with_nothing_to_test_is_refused(recordings, monkeypatch):
    class Empty(splits.StratifiedGroupKFold):
        def split(self, X, y, groups):
            yield np.arange(len(y)), np.array([], int)

    monkeypatch.setattr(splits, "StratifiedGroupKFold", Empty)
    with pytest.raises(CourseError, match="a test set is empty"):
        evaluation.folds(recordings(), "speaker-independent", 3)


def test_splits_that_cannot_be_are_refused(recordings):
    table = recordings()
    nan = table.assign(actor=table["actor"].where(table["actor"] > 1))
    for function, message in [
        (lambda: evaluation.split(table, "actors"), "no such protocol"),
        (
            lambda: evaluation.split(table.drop(columns="recording"), "grouped by clip"),
            "column 'recording' is missing",
        ),
        (
            lambda: evaluation.split(table.drop(columns="emotion"), "grouped by clip"),
            "column 'emotion' is missing",
        ),
        (lambda: evaluation.split(nan, "speaker-independent"), "column 'actor': 24 of 144 are missing"),
        (
            lambda: evaluation.split(table[table["emotion"] == "angry"], "speaker-independent"),
            "all 96 items are 'angry'",
        ),
        (lambda: evaluation.split(table[table["actor"] == 3], "speaker-independent"), "one actor, 3"),
        (lambda: evaluation.split(table, "speaker-independent", test_size=1.0), "test_size=1.0"),
        (
            lambda: evaluation.split(table, "speaker-independent", test_size="0.1"),
            "test_size='0.1': it is not a f",
        ),
        (lambda: evaluation.split(table, "speaker-independent", test_size=0.9), "test_size=0.9 of 6 actors"),
        (lambda: evaluation.folds(table, "speaker-independent", 7), "7 folds are too many for 6 actors"),
        (lambda: evaluation.folds(table, "random split", 49), "48 items of the rarest class, 'neutral'"),
        (lambda: evaluation.folds(table, "speaker-independent", 1), "not a number of folds"),
        (lambda: evaluation.folds(table, "speaker-independent", "leave one out"), "not a number of folds"),
        (
            lambda: evaluation.folds(
                table.assign(emotion=table["actor"] < 2), "speaker-independent", "leave-one-out"
            ),
            "training set has only one class",
        ),
    ]:
        with pytest.raises(CourseError, match=message):
            function()
