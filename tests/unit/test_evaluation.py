"""Scores by hand-worked values, splits by their properties, leaks by planting them."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import train_test_split

from course_lib import evaluation
from course_lib.core.errors import CourseError
from course_lib.evaluation import Score

SIX, FIVE, TRUE = list("aaaabba"), list("aaaabaa"), list("aaaabbb")     # 6 and 5 of 7, one clip apart; 4 to 3


def takes(actors=6, twins=True, frames=1):
    """A table as a folder of RAVDESS gives it: per actor 4 neutral and 8 angry takes, each with its silent twin."""
    rows = []
    for actor in range(1, actors + 1):
        for number in range(12):
            emotion = "neutral" if number < 4 else "angry"
            take = f"01-{5 if emotion == 'angry' else 1:02}-01-01-{number:02}-{actor:02}"
            for code, modality in ((1, "audio-video"), (2, "video-only"))[: 1 + twins]:
                rows += [{"path": f"{code:02}-{take}.mp4", "take": take, "modality": modality, "emotion": emotion,
                          "actor": actor}] * frames
    return pd.DataFrame(rows)


# --- scores -----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("correct", "n", "low", "high"), [(6, 7, 48.7, 97.4), (5, 7, 35.9, 91.8), (0, 4, 0, 49.0)])
def test_wilson_by_hand(correct, n, low, high):
    assert np.round(100 * np.array(evaluation.wilson(correct, n)), 1).tolist() == [low, high]


def test_wilson_follows_its_formula():
    z, p, n = 1.6448536269514722, 0.3, 50
    centre, half = p + z * z / (2 * n), z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    expected = [(centre - half) / (1 + z * z / n), (centre + half) / (1 + z * z / n)]
    assert evaluation.wilson(15, 50, level=0.9) == pytest.approx(expected)


def test_a_score_prints_all_of_it():
    score = Score.of(TRUE, SIX, "clips at random")
    assert str(score) == "6 of 7 = 85.7 % (95 % CI 48.7–97.4), clips at random, majority 57.1 %"
    assert str(Score(6, 7, "clips at random", 4 / 7, "synthetic")) == f"{score}, synthetic"
    assert asdict(score) == {"correct": 6, "n": 7, "protocol": "clips at random", "baseline": 4 / 7, "note": ""}


@pytest.mark.parametrize("bad", [
    dict(correct=8), dict(correct=-1), dict(correct=0, n=0), dict(correct=6.0), dict(baseline=float("nan")),
    dict(baseline=57.1), dict(protocol=" "),
])
def test_a_score_that_cannot_be_is_refused(bad):
    with pytest.raises(CourseError, match=r"^score: "):
        Score(**{"correct": 6, "n": 7, "protocol": "whole actors", "baseline": 0.5} | bad)


def test_the_majority_is_chosen_on_the_training_part_and_scored_on_the_test_part():
    assert Score.of(TRUE, SIX, "clips at random", y_train=list("bbba")).baseline == 3 / 7
    assert evaluation.majority(TRUE) == 4 / 7
    assert evaluation.majority(TRUE, list("ab")) == 4 / 7               # a tie: the better of the two
    assert evaluation.majority(TRUE, list("cc")) == 0


@pytest.mark.parametrize(("y_true", "y_pred", "says"), [
    ([], [], "shape is"), (["a", "b"], ["a"], "differ in length: y_true 2, "), ([1.0, np.nan], [1, 1], "missing"),
    (["a", None], ["a", "b"], "missing"), (["1", "5"], [1, 5], "text and some are numbers"),
    ([0, 1], [[1.0, 0.0], [0.2, 0.8]], "argmax"),
])
def test_labels_that_cannot_be_compared_are_refused(y_true, y_pred, says):
    for function in (lambda a, b: Score.of(a, b, "whole actors"), evaluation.unweighted_average_recall,
                     lambda a, b: evaluation.mcnemar(a, b, b)):
        with pytest.raises(CourseError, match=says):
            function(y_true, y_pred)


def test_labels_may_be_columns_of_any_kind():
    for kind in ("object", "category", "string"):
        assert Score.of(pd.Series(TRUE, dtype=kind), pd.Series(SIX, dtype=kind), "whole actors").correct == 6
    assert Score.of(pd.Series([1, 5], dtype="Int64"), np.array([1, 1]), "whole actors").correct == 1


def test_unweighted_average_recall_by_hand():
    assert evaluation.unweighted_average_recall(list("aaab"), list("aabb")) == pytest.approx((2 / 3 + 1) / 2)
    assert evaluation.unweighted_average_recall(TRUE, ["a"] * 7) == 0.5   # the majority gains nothing
    assert evaluation.unweighted_average_recall(list("ab"), list("ac")) == 0.5


def test_confusion_has_true_rows_and_predicted_columns():
    counts = evaluation.confusion(list("aaab"), list("abbb"), ["b", "a", "c"])
    assert counts.loc["a", "b"] == 2 and counts.loc["b", "a"] == 0 and counts.to_numpy().sum() == 4
    assert (counts.index.name, counts.columns.name, list(counts.columns)) == ("true", "predicted", ["b", "a", "c"])
    with pytest.raises(CourseError, match="c is not among its labels a, b"):
        evaluation.confusion(list("ab"), list("ac"), ["a", "b"])


# --- comparisons ------------------------------------------------------------------------------------------------------

def test_mcnemar_by_hand():
    assert evaluation.mcnemar(TRUE, SIX, FIVE) == (1, 0, 1.0)           # 6 of 7 against 5 of 7: one clip
    assert evaluation.mcnemar(TRUE, SIX, SIX) == (0, 0, 1.0)
    ten = evaluation.mcnemar([1] * 10, [0] + [1] * 9, [1] + [0] * 9)    # 9 to 1: 2 (1 + 10) / 2 ** 10
    assert (ten.b, ten.c) == (9, 1) and ten.p == pytest.approx(22 / 1024)


def test_the_bootstrap_collapses_where_all_actors_are_alike_and_widens_where_errors_cluster():
    actors = np.repeat(np.arange(10), 20)
    alike = np.tile([1] * 14 + [0] * 6, 10)
    assert evaluation.cluster_bootstrap(alike, actors) == (0.7, 0.7)
    clustered = np.repeat([1] * 7 + [0] * 3, 20)
    low, high = evaluation.cluster_bootstrap(clustered == 1, actors)
    narrow, wide = evaluation.wilson(140, 200)
    assert low < narrow - 0.1 and high > wide + 0.1
    assert (low, high) == evaluation.cluster_bootstrap(clustered, actors.astype(str))


def test_the_bootstrap_weighs_actors_by_their_items():
    correct, actors = [1] * 9 + [0], ["a"] * 9 + ["b"]      # draws are aa: 1, ab: .9, bb: 0
    assert evaluation.cluster_bootstrap(correct, actors) == (0, 1)
    assert evaluation.cluster_bootstrap(correct, actors, level=0.4)[0] == 0.9


def test_the_bootstrap_refuses_one_actor_and_lists_that_differ():
    with pytest.raises(CourseError, match="one group, 1"):
        evaluation.cluster_bootstrap([1, 0], [1, 1])
    with pytest.raises(CourseError, match="2 and 3 items differ"):
        evaluation.cluster_bootstrap([1, 0], [1, 1, 2])


# --- splits -----------------------------------------------------------------------------------------------------------

def test_items_at_random_is_the_lectures_own_split():
    train, test = evaluation.split(takes(), "items at random", seed=12)
    expected = train_test_split(np.arange(144), test_size=0.1, random_state=12)
    assert train.tolist() == expected[0].tolist() and test.tolist() == expected[1].tolist()


@pytest.mark.parametrize(("protocol", "group"), [("whole clips", "take"), ("whole actors", "actor")])
@pytest.mark.parametrize("seed", range(5))
def test_groups_never_part(protocol, group, seed):
    table = takes(frames=3).sample(frac=1, random_state=seed)           # a shuffled index: positions, not labels
    parts = [evaluation.split(table, protocol, seed=seed), *evaluation.folds(table, protocol, 4, seed)]
    for train, test in parts:
        assert len(test) and not set(table[group].iloc[train]) & set(table[group].iloc[test])
        assert sorted([*train, *test]) == list(range(len(table)))


def test_twins_part_when_items_are_drawn_and_never_when_clips_are():
    table = takes()
    for protocol, parted in (("items at random", True), ("whole clips", False)):
        train, test = evaluation.split(table, protocol, 0.3)
        assert bool(set(table["take"].iloc[train]) & set(table["take"].iloc[test])) == parted


@pytest.mark.parametrize("protocol", evaluation.PROTOCOLS)
def test_folds_test_each_row_once_and_follow_the_seed(protocol):
    table = takes()
    pairs = evaluation.folds(table, protocol, 3, seed=1)
    assert sorted(np.concatenate([test for _, test in pairs])) == list(range(len(table)))
    again, other = (evaluation.folds(table, protocol, 3, seed) for seed in (1, 2))
    assert all((a[1] == b[1]).all() for a, b in zip(pairs, again, strict=True))
    assert any(a[1].tolist() != b[1].tolist() for a, b in zip(pairs, other, strict=True))


@pytest.mark.parametrize("seed", range(5))
def test_folds_of_whole_groups_keep_the_classes_even(seed):
    table = takes(actors=2, frames=2)                                   # 8 neutral and 16 angry takes of 4 rows each
    for _, test in evaluation.folds(table, "whole clips", 4, seed):
        assert table["emotion"].iloc[test].value_counts().to_dict() == {"angry": 16, "neutral": 8}


def test_leave_one_out_leaves_one_actor_clip_or_item_out():
    table = takes()
    assert [len(test) for _, test in evaluation.folds(table, "whole actors", "leave-one-out")] == [24] * 6
    assert [len(test) for _, test in evaluation.folds(table, "whole clips", "leave-one-out")] == [2] * 72
    assert len(evaluation.folds(table, "items at random", "leave-one-out")) == 144


def test_a_fold_with_nothing_to_test_is_refused(monkeypatch):
    class Empty(evaluation.StratifiedGroupKFold):
        def split(self, X, y, groups):
            yield np.arange(len(y)), np.array([], int)

    monkeypatch.setattr(evaluation, "StratifiedGroupKFold", Empty)
    with pytest.raises(CourseError, match="a test part nothing"):
        evaluation.folds(takes(), "whole actors", 3)


def test_splits_that_cannot_be_are_refused():
    table = takes()
    nan = table.assign(actor=table["actor"].where(table["actor"] > 1))
    for function, says in [
        (lambda: evaluation.split(table, "actors"), "no such protocol"),
        (lambda: evaluation.split(table.drop(columns="take"), "whole clips"), "column 'take' is missing"),
        (lambda: evaluation.split(table.drop(columns="emotion"), "whole clips"), "column 'emotion' is missing"),
        (lambda: evaluation.split(nan, "whole actors"), "column 'actor': 24 of 144 are missing"),
        (lambda: evaluation.split(table[table["emotion"] == "angry"], "whole actors"), "all 96 items are 'angry'"),
        (lambda: evaluation.split(table[table["actor"] == 3], "whole actors"), "one actor, 3"),
        (lambda: evaluation.split(table, "whole actors", test_size=1.0), "test_size 1.0"),
        (lambda: evaluation.split(table, "whole actors", test_size=0.9), "test_size 0.9 of 6"),
        (lambda: evaluation.folds(table, "whole actors", 7), "7 folds are asked of 6 actors"),
        (lambda: evaluation.folds(table, "items at random", 49), "48 items of the rarest class, 'neutral'"),
        (lambda: evaluation.folds(table, "whole actors", 1), "not a number of folds"),
        (lambda: evaluation.folds(table, "whole actors", "leave one out"), "not a number of folds"),
        (lambda: evaluation.folds(table.assign(emotion=table["actor"] < 2), "whole actors", "leave-one-out"),
         "training part holds one class"),
    ]:
        with pytest.raises(CourseError, match=says):
            function()


# --- leaks ------------------------------------------------------------------------------------------------------------

@pytest.fixture
def real(tmp_path):
    """`takes()` with files that are there, each of its own content."""
    table = takes()
    for number, name in enumerate(table["path"]):
        (tmp_path / name).write_bytes(number.to_bytes(4, "big"))
    return table.assign(path=[str(tmp_path / name) for name in table["path"]])


def named(found):
    return found.set_index("leak").groupby(level=0).size().to_dict()


def test_whole_actors_leak_nothing(real):
    train, test = evaluation.split(real, "whole actors")
    found = evaluation.audit(real.iloc[train], real.iloc[test])
    assert found.empty and list(found.columns) == ["leak", "train", "test", "detail"]
    assert found.attrs["not_checked"] == []


def test_each_planted_leak_is_named_alone(real, tmp_path):
    real = real[real["modality"] == "audio-video"]                      # no twins: each plant is the only leak
    train, test = real[real["actor"] < 6], real[real["actor"] == 6]
    clip, other = train.iloc[[0, 0, 0]], train.iloc[[2]]
    copied = tmp_path / "copy.mp4"
    copied.write_bytes(Path(train["path"].iloc[0]).read_bytes())
    (tmp_path / "again.flac").write_bytes(b"flac")
    planted = {
        "same actor": other.assign(take="new", path=test["path"].iloc[0]),
        "same file content": test.iloc[[0]].assign(path=str(copied)),
        "same clip": clip.assign(take="new", actor=6),
        "same recording in two files": train.iloc[[0]].assign(path=str(tmp_path / "again.flac"), actor=6),
        "same recording in two modalities": test.iloc[[0]].assign(take=train["take"].iloc[2], modality="audio-only"),
    }
    for leak, rows in planted.items():
        assert named(evaluation.audit(train, pd.concat([test, rows]))) == {leak: 1}


def test_a_leak_is_one_row_with_the_rows_on_both_sides(real):
    frames = real.loc[real.index.repeat(5)]
    train, test = frames.iloc[3:], frames.iloc[:3]                      # three frames of the first clip
    found = evaluation.audit(train, test).set_index("leak")
    assert found.loc["same clip", ["train", "test"]].tolist() == [2, 3]
    assert found.loc["same clip", "detail"] == f"clip {real['path'].iloc[0]}"
    assert found.loc["same actor", ["train", "test", "detail"]].tolist() == [117, 3, "actor 1"]
    twins = found.loc["same recording in two modalities"]
    assert twins[["train", "test"]].tolist() == [7, 3] and twins["detail"].endswith(": audio-video, video-only")
    assert len(found) == 3


def test_frames_at_random_leak_every_clip_and_actor(real):
    frames = real.loc[real.index.repeat(5)].reset_index(drop=True)
    train, test = evaluation.split(frames, "items at random")
    found = named(evaluation.audit(frames.iloc[train], frames.iloc[test]))
    assert found["same actor"] == 6 and found["same clip"] >= 50 and found["same recording in two modalities"] >= 40


def test_one_table_names_what_stands_in_it_twice(real, tmp_path):
    real = real[real["modality"] == "audio-video"]
    assert evaluation.audit(real).empty
    again = real.iloc[:3].assign(path=[str(tmp_path / f"{i}.flac") for i in range(3)])
    for number, path in enumerate(again["path"]):
        Path(path).write_bytes(bytes([number]) * 9)
    found = evaluation.audit(pd.concat([real, again]))
    assert named(found) == {"same recording in two files": 3} and found["rows"].tolist() == [2, 2, 2]
    assert "0.flac" in found["detail"].iloc[0]


def test_only_files_of_one_size_are_read(real, monkeypatch, tmp_path):
    sizes = real.iloc[:4].copy()
    for number, path in enumerate(sizes["path"]):
        Path(path).write_bytes(b"x" * (number // 3))                    # 0, 0, 0 and 1 byte
    read, sha256 = [], evaluation._sha256
    monkeypatch.setattr(evaluation, "_sha256", lambda path: read.append(path) or sha256(path))
    found = evaluation.audit(pd.concat([sizes, sizes]))
    assert sorted(read) == sorted(sizes["path"].iloc[:3])
    assert named(found)["same file content"] == 1 and found["detail"].iloc[0].count(".mp4") == 3


def test_what_cannot_be_checked_is_listed_or_refused(real, tmp_path):
    bare = real[["take", "emotion"]]
    found = evaluation.audit(bare.iloc[:10], bare.iloc[10:])
    assert found.attrs["not_checked"] == ["same file content", "same clip", "same recording in two files",
                                          "same recording in two modalities", "same actor"]
    with pytest.raises(CourseError, match="no column path, clip, take or actor"):
        evaluation.audit(real[["emotion"]])
    with pytest.raises(CourseError, match=r"gone.mp4: the file cannot be read"):
        evaluation.audit(real, real.assign(path=str(tmp_path / "gone.mp4")))
    with pytest.raises(CourseError, match="column 'take': 1 of 144 are missing"):
        evaluation.audit(real.assign(take=[None, *real["take"].iloc[1:]]))


def test_the_uar_interval_of_equal_actors_is_a_point():
    true, groups = np.tile(["a", "b", "b"], 4), np.repeat([1, 2, 3, 4], 3)
    said = np.tile(["a", "b", "a"], 4)      # recall 1 and 1/2, with every actor
    assert evaluation.uar_interval(true, said, groups) == pytest.approx((0.75, 0.75))


def test_the_uar_interval_lies_around_the_uar_and_is_wider_the_fewer_the_actors():
    rng = np.random.default_rng(0)
    true, good = np.tile(np.arange(4), 60), np.repeat(rng.uniform(0.2, 0.9, 24), 10)
    said = np.where(rng.random(240) < good, true, (true + 1) % 4)
    many, few = (evaluation.uar_interval(true, said, np.repeat(np.arange(actors), 240 // actors)) for actors in (24, 3))
    uar = evaluation.unweighted_average_recall(true, said)
    assert many[0] < uar < many[1] and few[1] > few[0]
    assert evaluation.uar_interval(true, said, np.repeat(np.arange(24), 10)) == many


def test_the_uar_interval_wants_two_actors():
    with pytest.raises(CourseError, match="one group"):
        evaluation.uar_interval(["a", "b"], ["a", "a"], [1, 1])
