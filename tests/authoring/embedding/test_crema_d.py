"""Votes and checksums as they are written for the course: under their licence, the same bytes each time."""

import gzip
import hashlib

import numpy as np
import pandas as pd
import pytest

from course_lib.authoring.embedding import crema_d as making


@pytest.fixture
def data(tmp_path):
    """A folder of data with two clips, in the form that `make` reads."""
    data = tmp_path / "data"
    for name in ("crema_d_votes", "crema_d_audio", "crema_d_faces/clips"):
        (data / name).mkdir(parents=True)
    clips = ["1002_DFA_ANG_XX", "1001_DFA_ANG_XX"]
    rows = [(clip, kind, 1, 2, 3, 4, 5, 6) for kind in making.MODALITIES for clip in clips]
    votes = pd.DataFrame(rows, columns=["clip", "modality", *"ADFHNS"])
    votes.to_csv(data / "crema_d_votes" / "votes.csv.gz", index=False)
    paths = [f"{kind}/{clip}.wav" for kind in ("AudioMP3", "AudioWAV") for clip in clips]
    sums = pd.DataFrame({"path": paths, "bytes": range(4)})
    sums["sha256"] = [hashlib.sha256(path.encode()).hexdigest() for path in paths]
    sums.to_csv(data / "crema_d_votes" / "official_sha256.tsv.gz", sep="\t", index=False)
    (data / "crema_d_votes" / "VideoDemographics.csv").write_text("ActorID,Age,Sex\n1001,51,Male\n")
    (data / "crema_d_audio" / "1001_DFA_ANG_XX.wav").write_bytes(b"sound")
    (data / "crema_d_faces" / "clips" / "1002_DFA_ANG_XX_192_15fps_silent.mp4").write_bytes(b"film")
    return data


def test_it_writes_the_same_bytes_each_time(data, tmp_path):
    first, again = (making.make(data, tmp_path / name) for name in ("first", "again"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in again]
    assert {str(path.relative_to(tmp_path / "first")) for path in first} == {
        "voices/1001_DFA_ANG_XX.wav",
        "faces/1002_DFA_ANG_XX_silent.mp4",
        "VideoDemographics.csv",
        "votes.csv.gz",
        "audio_wav_sha256.npz",
    }


def test_the_votes_are_sorted_by_clip_and_modality_below_their_licence(data, tmp_path):
    making.make(data, tmp_path)
    lines = gzip.decompress((tmp_path / "votes.csv.gz").read_bytes()).decode().splitlines()
    assert "ODbL" in lines[1] and lines[2] == "recording,modality,A,D,F,H,S,N"
    assert lines[3:] == [
        f"{clip},{kind},1,2,3,4,6,5"
        for clip in ("1001_DFA_ANG_XX", "1002_DFA_ANG_XX")
        for kind in ("audio-only", "video-only", "audio-video")
    ]


def test_the_checksums_are_those_of_the_wavs(data, tmp_path):
    making.make(data, tmp_path)
    with np.load(tmp_path / "audio_wav_sha256.npz") as file:
        assert file["recording"].tolist() == [b"1001_DFA_ANG_XX", b"1002_DFA_ANG_XX"]
        assert file["bytes"].tolist() == [3, 2]
        expected = hashlib.sha256(b"AudioWAV/1001_DFA_ANG_XX.wav").digest()
        assert file["sha256"][0].tobytes() == expected
