"""The same call for drawn and real data: clips as a table (empty files with RAVDESS names are enough for it),
faces.
"""

import re
import types
import warnings

import numpy as np
import pytest

from course_lib import load
from course_lib.core.errors import CourseError
from course_lib.datasets import fer2013, ravdess
from course_lib.synthetic import fer2013 as synthetic_fer2013


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Write empty clips of these names (emotion angry, actor 1 …) and return their folder."""
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "home"))

    def make(*names):
        for name in names:
            path = tmp_path / "clips" / f"Actor_{name[18:20]}" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        return tmp_path / "clips"

    return make


@pytest.fixture
def studio(monkeypatch):
    """What is asked of the Studio, which is stood in for."""
    asked = []
    monkeypatch.setattr(
        load,
        "synthetic",
        types.SimpleNamespace(
            recording_names=lambda *args: asked.append(args) or ["names"],
            make=lambda names, seed: asked.append((names, seed)),
        ),
    )
    return asked


def names(table):
    return [path[-24:] for path in table["path"]]


# --- which recordings ---


def test_one_row_a_recording_and_the_video_only_file_first(folder):
    clips = load.clips(
        "ravdess",
        folder(
            "01-01-05-01-01-01-01.mp4",
            "02-01-05-01-01-01-01.mp4",
            "01-01-01-01-01-01-01.mp4",
            "03-01-05-01-01-01-01.wav",
        ),
    )
    assert names(clips) == ["01-01-01-01-01-01-01.mp4", "02-01-05-01-01-01-01.mp4"]
    assert list(clips.index) == [0, 1] and clips["recording"].is_unique
    assert list(clips.columns) == [*ravdess.table(folder()).columns, "corpus"] and set(clips["corpus"]) == {
        "RAVDESS"
    }


def test_sound_is_wav_or_flac_and_also_one_row_a_recording(folder):
    there = folder(
        "03-01-05-01-01-01-01.wav",
        "03-01-05-01-01-01-01.flac",
        "03-01-05-01-01-02-01.FLAC",
        "01-01-05-01-01-01-01.mp4",
    )
    clips = load.clips("ravdess", there, modality="audio-only")
    assert len(clips) == 2 and set(clips["modality"]) == {"audio-only"}


def test_picture_and_sound_in_one_file(folder):
    there = folder("01-01-05-01-01-01-01.mp4", "02-01-05-01-01-01-01.mp4", "03-01-05-01-01-01-01.wav")
    assert names(load.clips("ravdess", there, modality="audio-video")) == ["01-01-05-01-01-01-01.mp4"]


@pytest.mark.parametrize("emotions", [None, ["calm", "angry"]])
def test_where_there_are_no_such_pictures_sound_alone_is_given_and_said(folder, emotions):
    there = folder("02-01-05-01-01-01-01.mp4", "03-01-05-01-01-01-01.wav", "03-01-02-01-01-01-01.wav")
    with pytest.warns(UserWarning, match="The sound alone is used") as caught:
        clips = load.clips("ravdess", there, emotions=emotions, modality="audio-video")
    assert list(clips["modality"]) == ["audio-only"] * 2
    assert len(caught) == 1 and caught[0].filename == __file__


def test_pictures_of_other_emotions_do_not_hide_the_sound(folder):
    there = folder("01-01-01-01-01-01-01.mp4", "03-01-05-01-01-01-01.wav", "03-01-02-01-01-01-01.wav")
    with pytest.warns(UserWarning, match="sound alone"):
        clips = load.clips("ravdess", there, emotions=["calm", "angry"], modality="audio-video")
    assert set(clips["emotion"]) == {"calm", "angry"}


def test_song_is_left_out(folder):
    clips = load.clips("ravdess", folder("02-02-05-01-01-01-01.mp4", "02-01-05-01-01-02-01.mp4"))
    assert names(clips) == ["02-01-05-01-01-02-01.mp4"]


@pytest.mark.parametrize("actors, kept", [([2], [2]), (range(1, 3), [1, 2]), (None, [1, 2, 3])])
def test_only_these_actors(folder, actors, kept):
    there = folder(*(f"02-01-05-01-01-01-0{actor}.mp4" for actor in (1, 2, 3)))
    assert list(load.clips("ravdess", there, actors)["actor"]) == kept


def test_only_these_emotions(folder):
    there = folder("02-01-01-01-01-01-01.mp4", "02-01-05-01-01-01-01.mp4", "02-01-08-01-01-01-01.mp4")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert list(load.clips("ravdess", there, emotions=["neutral", "surprised"])["emotion"]) == [
            "neutral",
            "surprised",
        ]


def test_a_missing_emotion_is_replaced_by_the_one_with_most_clips(folder):
    there = folder(
        "02-01-01-01-01-01-01.mp4",
        "02-01-02-01-01-01-01.mp4",
        "02-01-08-01-01-01-01.mp4",
        "02-01-08-01-02-01-01.mp4",
    )
    with pytest.warns(
        UserWarning, match=r"has no clip of: angry\. Used instead: neutral, surprised\."
    ) as caught:
        clips = load.clips("ravdess", there, emotions=["neutral", "angry"])
    assert list(clips["emotion"]) == ["neutral", "surprised", "surprised"]
    assert len(caught) == 1 and caught[0].filename == __file__


def test_of_as_many_clips_the_strong_ones_are_taken(folder):
    there = folder("02-01-01-01-01-01-01.mp4", "02-01-02-01-01-01-01.mp4", "02-01-08-02-01-01-01.mp4")
    with pytest.warns(UserWarning, match="Used instead: neutral, surprised"):
        load.clips("ravdess", there, emotions=["neutral", "angry"])


# --- what is not there ---


@pytest.mark.parametrize(
    "options, expected",
    [
        ({"corpus": "fer2013"}, r"corpus 'fer2013': .*Choose from studio, ravdess"),
        ({"actors": [25]}, r"actor 25: .*Choose from 1, 2, 3"),
        ({"modality": "mp4"}, r"modality 'mp4': .*Choose from video-only, audio-video, audio-only"),
        ({"emotions": ["neutral", "anger"]}, r"emotion 'anger': .*Choose from neutral, calm, happy"),
    ],
)
@pytest.mark.parametrize("corpus", ["studio", "ravdess"])
def test_a_word_that_is_none(folder, studio, corpus, options, expected):
    there = folder("02-01-05-01-01-01-01.mp4")
    with pytest.raises(CourseError, match=expected):
        load.clips(**{"corpus": corpus, "folder": there} | options)
    assert studio == []


@pytest.mark.parametrize(
    "modality, name",
    [("video-only", "ravdess-video"), ("audio-video", "ravdess-video"), ("audio-only", "ravdess-speech")],
)
def test_ravdess_is_not_on_this_machine(folder, modality, name):
    folder()
    with pytest.raises(CourseError, match=rf"not on this machine\. Run: course fetch {name}\b.*DATA_DIR"):
        load.clips("ravdess", modality=modality)


@pytest.mark.parametrize(
    "options", [{"actors": [7]}, {"modality": "audio-only"}, {"actors": [7], "emotions": ["angry"]}]
)
def test_nothing_is_left(folder, options):
    there = folder("02-01-05-01-01-01-01.mp4")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # one error, and not a warning before it
        where = re.escape(str(there))  # Windows has backslashes in it
        with pytest.raises(
            CourseError, match=rf"{where}: it contains no [a-z -]+ speech of these actors\. Check DATA_DIR"
        ):
            load.clips("ravdess", there, **options)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(CourseError, match=r"nowhere: there is no such folder"):
        load.clips("ravdess", tmp_path / "nowhere")


# --- the Studio ---


def test_the_studio_is_asked_for_what_is_wanted(studio):
    load.clips("studio", None, [1, 2], ["sad"], "audio-only", seed=7)
    assert studio == [([1, 2], ["sad"], "audio-only"), (["names"], 7)]


def test_one_actor_and_one_emotion_need_no_brackets(studio):
    load.clips(actors=3, emotions="sad")
    assert studio[0] == ([3], ["sad"], "video-only")


def test_the_studio_is_never_drawn_into_a_folder_of_real_clips(studio, folder):
    with pytest.raises(CourseError, match=r"folder of real clips.*--corpus ravdess"):
        load.clips("studio", folder("02-01-05-01-01-01-01.mp4"))
    assert studio == []


def test_actors_that_are_not_there_are_named(folder):
    with pytest.warns(UserWarning, match="no clip of actor 2, 7"):
        load.clips("ravdess", folder("02-01-05-01-01-01-01.mp4"), actors=[1, 2, 7])


def test_the_studio_has_all_actors_and_emotions_as_pictures(studio):
    load.clips()
    assert studio == [(range(1, 25), ravdess.EMOTIONS, "video-only"), (["names"], 0)]


# --- faces ---


@pytest.fixture
def some(tmp_path, monkeypatch):
    """Two faces as an npz; the Studio's csv, which is stood in for, has one."""
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "home"))
    images = np.arange(2 * 48 * 48).reshape(2, 48, 48).astype(np.uint8)
    np.savez(
        tmp_path / "a.npz", images=images, labels=np.array([3, 1]), usage=np.array(["Training", "PublicTest"])
    )
    own = fer2013.Faces(images[1:], np.array([5], np.uint8), np.array(["Training"]))
    monkeypatch.setattr(
        synthetic_fer2013, "faces", lambda n, seed, jobs: own._replace(labels=own.labels - seed)
    )
    return tmp_path / "a.npz"


def test_faces_of_the_studio_are_made_once_for_each_seed_and_kept(some, monkeypatch):
    assert load.faces().labels.tolist() == [5]
    assert load.faces("studio", seed=2).labels.tolist() == [3]
    monkeypatch.setattr(synthetic_fer2013, "faces", None)
    assert load.faces("studio").labels.tolist() == [5]
    assert load.faces("studio").images.shape == (1, 48, 48)


def test_real_faces_are_read_from_their_path(some):
    with pytest.warns(
        UserWarning, match=r"a.npz is not FER2013 as published: .*happy: 1 faces, published 7215"
    ):
        faces = load.faces("fer2013", some)
    assert faces.labels.tolist() == [3, 1] and faces.usage.tolist() == ["Training", "PublicTest"]


@pytest.mark.parametrize(
    "options, expected",
    [
        ({"corpus": "ravdess"}, r"corpus of faces 'ravdess': .*Choose from studio, fer2013"),
        ({"corpus": "fer2013"}, r"FER2013: .*Get fer2013.csv from Kaggle .*DATA_FILE"),
        ({"corpus": "fer2013", "path": "nowhere.csv"}, r"nowhere.csv: there is no such file"),
        ({"corpus": "studio", "path": "fer2013.csv"}, r'faces of your own.*CORPUS = "fer2013"'),
    ],
    ids=["unknown", "no path", "no file", "a path with the Studio"],
)
def test_faces_that_cannot_be_had(some, monkeypatch, options, expected):
    monkeypatch.setattr(synthetic_fer2013, "faces", None)  # nothing is drawn before the error
    with pytest.raises(CourseError, match=expected):
        load.faces(**options)
