"""Leaks, found where they were planted."""

from pathlib import Path

import pandas as pd
import pytest

from course_lib import evaluation
from course_lib.core.errors import CourseError
from course_lib.evaluation import leaks


@pytest.fixture
def real(recordings, tmp_path):
    """`takes()` with files that are there, each of its own content."""
    table = recordings()
    for number, name in enumerate(table["path"]):
        (tmp_path / name).write_bytes(number.to_bytes(4, "big"))
    return table.assign(path=[str(tmp_path / name) for name in table["path"]])


def named(found):
    return found.set_index("leak").groupby(level=0).size().to_dict()


def test_a_speaker_independent_split_leaks_nothing(real):
    train, test = evaluation.split(real, "speaker-independent")
    found = evaluation.audit(real.iloc[train], real.iloc[test])
    assert found.table.empty and list(found.table.columns) == ["leak", "train", "test", "detail"]
    assert found.not_checked == []


def test_each_planted_leak_is_named_alone(real, tmp_path):
    real = real[real["modality"] == "audio-video"]  # no twins: each plant is the only leak
    train, test = real[real["actor"] < 6], real[real["actor"] == 6]
    clip, other = train.iloc[[0, 0, 0]], train.iloc[[2]]
    copied = tmp_path / "copy.mp4"
    copied.write_bytes(Path(train["path"].iloc[0]).read_bytes())
    (tmp_path / "again.flac").write_bytes(b"flac")
    planted = {
        "same actor": other.assign(recording="new", path=test["path"].iloc[0]),
        "same file content": test.iloc[[0]].assign(path=str(copied)),
        "same clip": clip.assign(recording="new", actor=6),
        "same recording in two files": train.iloc[[0]].assign(path=str(tmp_path / "again.flac"), actor=6),
        "same recording in two modalities": test.iloc[[0]].assign(
            recording=train["recording"].iloc[2], modality="audio-only"
        ),
    }
    for leak, rows in planted.items():
        assert named(evaluation.audit(train, pd.concat([test, rows])).table) == {leak: 1}


def test_a_leak_is_one_row_with_the_rows_on_both_sides(real):
    frames = real.loc[real.index.repeat(5)]
    train, test = frames.iloc[3:], frames.iloc[:3]  # three frames of the first clip
    found = evaluation.audit(train, test).table.set_index("leak")
    assert found.loc["same clip", ["train", "test"]].tolist() == [2, 3]
    assert found.loc["same clip", "detail"] == f"clip {real['path'].iloc[0]}"
    assert found.loc["same actor", ["train", "test", "detail"]].tolist() == [117, 3, "actor 1"]
    twins = found.loc["same recording in two modalities"]
    assert twins[["train", "test"]].tolist() == [7, 3] and twins["detail"].endswith(
        ": audio-video, video-only"
    )
    assert len(found) == 3


def test_a_random_split_of_frames_leaks_every_clip_and_actor(real):
    frames = real.loc[real.index.repeat(5)].reset_index(drop=True)
    train, test = evaluation.split(frames, "random split")
    found = named(evaluation.audit(frames.iloc[train], frames.iloc[test]).table)
    assert (
        found["same actor"] == 6
        and found["same clip"] >= 50
        and found["same recording in two modalities"] >= 40
    )


def test_one_table_names_what_is_in_it_twice(real, tmp_path):
    real = real[real["modality"] == "audio-video"]
    assert evaluation.audit(real).table.empty
    again = real.iloc[:3].assign(path=[str(tmp_path / f"{i}.flac") for i in range(3)])
    for number, path in enumerate(again["path"]):
        Path(path).write_bytes(bytes([number]) * 9)
    found = evaluation.audit(pd.concat([real, again])).table
    assert named(found) == {"same recording in two files": 3} and found["rows"].tolist() == [2, 2, 2]
    assert "0.flac" in found["detail"].iloc[0]


def test_only_files_of_one_size_are_read(real, monkeypatch, tmp_path):
    sizes = real.iloc[:4].copy()
    for number, path in enumerate(sizes["path"]):
        Path(path).write_bytes(b"x" * (number // 3))  # 0, 0, 0 and 1 byte
    read, sha256 = [], leaks._sha256
    monkeypatch.setattr(leaks, "_sha256", lambda path: read.append(path) or sha256(path))
    found = evaluation.audit(pd.concat([sizes, sizes])).table
    assert sorted(read) == sorted(sizes["path"].iloc[:3])
    assert named(found)["same file content"] == 1 and found["detail"].iloc[0].count(".mp4") == 3


def test_what_cannot_be_checked_is_listed_or_refused(real, tmp_path):
    bare = real[["recording", "emotion"]]
    found = evaluation.audit(bare.iloc[:10], bare.iloc[10:])
    assert found.not_checked == [
        "same file content",
        "same clip",
        "same recording in two files",
        "same recording in two modalities",
        "same actor",
    ]
    with pytest.raises(CourseError, match="no column path, clip, recording or actor"):
        evaluation.audit(real[["emotion"]])
    with pytest.raises(CourseError, match=r"gone.mp4: the file cannot be read"):
        evaluation.audit(real, real.assign(path=str(tmp_path / "gone.mp4")))
    with pytest.raises(CourseError, match="column 'recording': 1 of 144 are missing"):
        evaluation.audit(real.assign(recording=[None, *real["recording"].iloc[1:]]))
