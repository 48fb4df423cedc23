"""London set, CREMA-D and the film from Pexels as they come with the course, against their sources;
`real_data` skips where these are not present.
"""

import numpy as np
import pandas as pd
import pytest

from course_lib.authoring.embedding import crema_d as making_crema_d
from course_lib.authoring.embedding import london as making_london
from course_lib.authoring.embedding import pexels as making_pexels
from course_lib.datasets import crema_d, embedded, london
from course_lib.media import video

# The set's own landmarks (counted from 0) that are nearest to our five points.
LANDMARKS = (27, 23, 18, 22, 55)
FACE_VOTES = {"A": "angry", "D": "disgust", "F": "fear", "H": "happy", "N": "neutral", "S": "sad"}


def present(real_data, name):
    folder = real_data / name
    if not folder.is_dir():
        pytest.skip(f"{real_data} has no folder {name}/")
    return folder


@pytest.mark.parametrize(
    ("name", "making"), [("london_faces", making_london), ("crema_d_votes", making_crema_d)]
)
def test_the_files_are_made_again_byte_for_byte(real_data, tmp_path, name, making):
    present(real_data, name)
    written = making.make(real_data, tmp_path)
    assert len(written) == {making_london: 205, making_crema_d: 32}[making]
    for path in written:
        assert path.read_bytes() == (making.FOLDER / path.relative_to(tmp_path)).read_bytes(), path.name


def test_the_points_lie_near_the_set_s_own_landmarks(real_data):
    """Mean distance at most 1.5 pixels, on the neutral photographs, for which the set has landmarks."""
    path = present(real_data, "london_faces") / "landmarks189_neutral.csv"
    landmarks = pd.read_csv(path, index_col="file")
    table = london.table(embedded.folder("london"))
    neutral = table[table["expression"] == "neutral"]
    expected = landmarks.loc[neutral["recording"] + ".jpg"].to_numpy().reshape(102, -1, 2)[:, LANDMARKS]
    distance = np.linalg.norm(london.points(neutral) - expected, axis=2)
    assert distance.mean() < 1.5 and distance.max() < 4
    every = landmarks.loc[neutral["recording"] + ".jpg"].to_numpy().reshape(102, -1, 2)
    assert np.abs(london.landmarks(neutral) - every).max() <= 0.0501


def test_the_originals_have_the_same_table(real_data):
    originals = london.table(present(real_data, "london_faces"))
    ours = london.table(embedded.folder("london"))
    assert originals.drop(columns="path").equals(ours.drop(columns="path"))
    info = pd.read_csv(real_data / "london_faces" / "faces.csv", index_col="file").loc[
        ours["recording"] + ".jpg"
    ]
    assert info["gender"].tolist() == ours["gender"].tolist()
    assert info["ethnicity"].tolist() == ours["ethnicity"].tolist()
    np.testing.assert_array_equal(info["age"], ours["age"])


def test_the_votes_are_those_of_the_source(real_data):
    source = pd.read_csv(present(real_data, "crema_d_votes") / "votes.csv.gz", keep_default_na=False)
    source["modality"] = source["modality"].map(making_crema_d.MODALITIES)
    both = crema_d.votes().merge(source, left_on=["recording", "modality"], right_on=["clip", "modality"])
    assert len(both) == len(source) == 22_326
    for letter, emotion in FACE_VOTES.items():
        assert both[letter].equals(both[emotion].rename(letter))


def test_the_most_frequent_vote_is_the_intended_emotion_as_often_as_the_source_tells(real_data):
    """The makers' summary of the winning votes agrees with the counts, but for ties."""
    summary = pd.read_csv(present(real_data, "crema_d_votes") / "summaryTable.csv", keep_default_na=False)
    summary = summary.set_index("FileName")
    letters = {emotion: letter for letter, emotion in FACE_VOTES.items()}
    for modality, column in (
        ("audio-only", "VoiceVote"),
        ("video-only", "FaceVote"),
        ("audio-video", "MultiModalVote"),
    ):
        votes = crema_d.votes().query("modality == @modality").set_index("recording")
        counts = votes[list(letters)].rename(columns=letters)
        winners = counts.eq(counts.max(axis=1), axis=0)
        ours = winners.apply(lambda row: ":".join(sorted(row.index[row])), axis=1)
        theirs = summary.loc[ours.index, column].map(lambda text: ":".join(sorted(text.split(":"))))
        assert (ours == theirs).all(), modality


def test_the_ten_faces_have_the_votes_of_the_source(real_data):
    source = pd.read_csv(present(real_data, "crema_d_faces") / "clips.csv").set_index("clip")
    found = crema_d.join_votes(crema_d.table(embedded.folder("crema_d") / "faces")).set_index("recording")
    assert set(source.index) == set(found.index)
    for letter, emotion in FACE_VOTES.items():
        assert source.loc[found.index, f"face_{letter}"].tolist() == found[emotion].tolist()
    for row in found.itertuples():
        assert len(list(video.stream(row.path, threads=1))) == source.loc[row.Index, "frames_here"]


def test_the_film_shows_the_first_14_seconds_of_the_original(real_data):
    original = present(real_data, "pyfeat_media") / making_pexels.NAME
    ours = list(video.stream(embedded.folder("pexels") / making_pexels.NAME, threads=1))
    theirs = list(video.stream(original, size=(240, 426), seconds=making_pexels.SECONDS, threads=1))
    assert len(ours) == len(theirs) == 336
    for one, other in zip(ours[::48], theirs[::48], strict=True):
        assert np.abs(one.astype(int) - other).mean() < 3


def test_dlib_finds_the_same_points_again(real_data, tmp_path):
    present(real_data, "london_faces")
    for name in ("dlib", "face_recognition_models"):
        pytest.importorskip(name, reason=f"{name} is not installed; the course does not need it")
    making_london.make_points(real_data, tmp_path)
    assert (tmp_path / "points.csv").read_bytes() == (making_london.FOLDER / "points.csv").read_bytes()
