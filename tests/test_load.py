"""The same call for drawn and real data: clips as a table (empty files with RAVDESS names are enough for it),
photographs, faces.
"""

import re
import socket
import types
import warnings

import cv2
import numpy as np
import pytest

from course_lib import load
from course_lib.core.errors import CourseError
from course_lib.core.labels import EMOTIONS
from course_lib.datasets import embedded, fer2013, london, ravdess
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
        ({"corpus": "fer2013"}, r"corpus 'fer2013': .*Choose from studio, embedded, emodb"),
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
    expected = rf'not on this machine\. Run: course fetch {name}\b.*DATA_DIR.*CORPUS = "embedded"'
    with pytest.raises(CourseError, match=expected):
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


# --- the corpora that come with the course ---

EMBEDDED = ("embedded", "emodb", "crema_d", "london")


@pytest.fixture
def offline(monkeypatch, tmp_path):
    """No network, and an empty folder for downloads."""

    def refused(*args, **options):
        raise AssertionError("a connection was tried")

    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "home"))
    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refused)


@pytest.mark.parametrize("corpus", EMBEDDED)
def test_what_comes_with_the_course_is_loaded_without_a_network(offline, corpus):
    modality = "audio-only" if corpus == "emodb" else "video-only"
    clips = load.clips(corpus, modality=modality)
    assert list(clips.columns[:10]) == [*ravdess.row("01-01-01-01-01-01-01.mp4")]
    assert clips.columns[-1] == "corpus" and clips["recording"].is_unique
    assert not clips[list(clips.columns[:10])].isna().any().any()
    assert list(clips.index) == list(range(len(clips)))


def test_every_corpus_has_its_makers_and_its_licence():
    assert set(load.CORPORA) == set(load.ACTORS_WITH) == {"studio", *load.READERS}
    for text in (*load.CORPORA.values(), *load.FACES.values()):
        assert re.search(r"(\d{4} \((CC|ODbL|no open licence)|SYNTHETIC)", text), text


@pytest.mark.parametrize(
    "emotions, modality, kinds, n, actors",
    [
        (["calm", "angry"], "audio-only", {"audio-only"}, 16, {1}),  # actor 2 has one of each
        (None, "audio-only", {"audio-only", "audio-video"}, 31, {1, 2}),
        (None, "video-only", {"video-only", "audio-video"}, 4, {1}),
        (None, "audio-video", {"audio-video"}, 2, {1}),
    ],
)
def test_the_part_of_ravdess(emotions, modality, kinds, n, actors):
    clips = load.clips("embedded", emotions=emotions, modality=modality, most_actors=4)
    assert len(clips) == n and set(clips["modality"]) == kinds and set(clips["actor"]) == actors
    assert set(clips["corpus"]) == {"RAVDESS"}


def test_the_part_of_ravdess_is_what_its_folder_gives():
    same = load.clips("ravdess", embedded.folder("ravdess"), modality="audio-only")
    assert load.clips("embedded", modality="audio-only").equals(same)


@pytest.mark.parametrize("actor", [3, "3", "03", [3], np.int64(3)])
def test_emodb_has_its_own_numbers(actor):
    clips = load.clips("emodb", actors=actor, emotions="sad", modality="audio-only")
    assert set(clips["actor"]) == {"03"} and set(clips["emotion"]) == {"sad"}


def test_a_version_is_a_repetition():
    clips = load.clips("emodb", actors="03", modality="audio-only").set_index("recording")
    assert clips["repetition"][["03a01Fa", "03a01Nc"]].tolist() == [1, 3]


def test_neutral_is_used_where_a_corpus_has_no_calm():
    with pytest.warns(UserWarning) as caught:
        clips = load.clips("emodb", emotions=["calm", "angry"], modality="audio-video")
    assert [str(one.message) for one in caught] == [
        "EmoDB has no calm. Used instead: neutral.",
        "EmoDB has no clips with picture and sound of these emotions. The sound alone is used.",
    ]
    assert {one.filename for one in caught} == {__file__}
    assert set(clips["emotion"]) == {"neutral", "angry"} and set(clips["modality"]) == {"audio-only"}


def test_a_photograph_is_a_film_of_one_frame():
    with pytest.warns(UserWarning, match="London has no clip of: angry. Used instead: neutral, happy"):
        clips = load.clips("london", emotions=["neutral", "angry"], most_actors=6)
    assert len(clips) == 204 and set(clips["modality"]) == {"photograph"}  # each person has one of each


def test_the_first_actors_are_those_with_two_clips_of_each_emotion():
    clips = load.clips("emodb", emotions=["neutral", "angry"], modality="audio-only", most_actors=3)
    assert set(clips["actor"]) == {"03", "08", "09"}


def test_the_first_actors_of_a_folder_are_those_that_it_has(folder):
    there = folder(
        *(f"02-01-{code}-01-01-0{take}-0{a}.mp4" for code in ("01", "05") for take in (1, 2) for a in (4, 7))
    )
    assert set(load.clips("ravdess", there, most_actors=1)["actor"]) == {4}
    assert set(load.clips("ravdess", there, [7], most_actors=1)["actor"]) == {7}  # what is said counts


def test_the_studio_makes_only_the_first_actors(studio):
    load.clips(most_actors=2)
    assert studio[0][0] == range(1, 3)


@pytest.mark.parametrize(
    "corpus, options, expected",
    [
        ("emodb", {}, r'EmoDB: it has sound only, no images\. Use CORPUS = "studio", "london", "embedded"'),
        ("london", {"modality": "audio-only"}, r"London: it has photographs only, no sound\. Use CORPUS"),
        ("emodb", {"actors": 4}, r"actor '04': .*Choose from 03, 08"),
        ("crema_d", {"actors": 4}, r"actor 4: .*Choose from 1001"),
        ("emodb", {"emotions": "angri"}, r"emotion 'angri': .*Did you mean 'angry'\?"),
        (
            "london",
            {"emotions": "hapy"},
            r"emotion 'hapy': .*Did you mean 'happy'\? Choose from neutral, hap",
        ),
        ("embedded", {"emotions": "fear"}, r"emotion 'fear': .*Did you mean 'fearful'"),
        ("embedded", {"folder": "clips"}, r'"embedded" is the clips that come.*--corpus ravdess'),
        ("embedded", {"least_actors": 2}, r"1 actor with all of .*it needs 2 or more\. Use.*london"),
        (
            "crema_d",
            {"emotions": ["neutral", "angry"], "least_actors": 2},
            r"0 actors with all of angry, neu",
        ),
        ("crema_d", {"modality": "audio-only", "least_clips": 3}, r"CREMA-D: 2 clips of disgust; .* needs 3"),
        ("london", {"ravdess_names": True}, r'reads RAVDESS.*Use CORPUS = "studio", "embedded" or "ravdess"'),
    ],
)
@pytest.mark.filterwarnings("ignore:.*Used instead")
def test_what_a_corpus_does_not_have(corpus, options, expected):
    with pytest.raises(CourseError, match=expected):
        load.clips(corpus, **options)


def test_a_release_may_leave_a_corpus_out(monkeypatch):
    monkeypatch.setattr(embedded, "names", lambda: ["emodb"])
    with pytest.raises(CourseError, match=r"this copy of the course leaves out .*ravdess"):
        load.clips("embedded")


@pytest.mark.parametrize("corpus", EMBEDDED)
@pytest.mark.parametrize("modality", load.MODALITIES)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_an_error_advises_only_corpora_that_have_it(corpus, modality):
    two = {"emodb": ["neutral", "angry"], "crema_d": ["neutral", "angry"], "london": ["neutral", "happy"]}
    emotions = two.get(corpus, ["neutral", "surprised"] if modality == "video-only" else ["calm", "angry"])
    advised = load.ACTORS_WITH[corpus].get(modality)
    if advised is None:
        with pytest.raises(CourseError, match="only, no"):
            load.clips(corpus, emotions=emotions, modality=modality)
        return
    clips = load.clips(corpus, emotions=emotions, modality=modality)
    assert (clips.groupby("actor")["emotion"].nunique() == 2).sum() == advised


# --- faces ---


def test_faces_of_the_london_set_are_split_by_person(offline):
    faces = load.faces("london")
    assert faces.images.shape == (204, 48, 48) and faces.images.dtype == faces.labels.dtype == np.uint8
    assert {EMOTIONS[label] for label in faces.labels} == {"neutral", "happy"}
    table = london.table(embedded.folder("london"))
    tested = set(table["actor"][faces.usage == "PublicTest"])
    assert len(tested) == 34 and not tested & set(table["actor"][faces.usage == "Training"])


def test_the_eyes_of_every_face_are_in_the_same_place():
    mean = load.faces("london").images.mean(axis=0)
    for x, y in load.FACE_EYES:  # a pupil is darker than what is beside it
        x, y = round(x), round(y)
        assert mean[y - 1 : y + 2, x - 1 : x + 2].mean() < 0.8 * mean[y + 6, x]


def test_a_photograph_of_another_size_gives_the_same_face(tmp_path):
    path = embedded.folder("london") / "001_smiling.jpg"
    path = next(embedded.folder("london").rglob(path.name))
    large = cv2.resize(cv2.imread(str(path)), (1350, 1350), interpolation=cv2.INTER_CUBIC)
    cv2.imwrite(str(tmp_path / "001_08.png"), large)
    cv2.imwrite(str(tmp_path / "002_08.png"), large)
    one = load.faces("london", tmp_path).images[0]
    table = london.table(embedded.folder("london"))
    same = load.faces("london").images[table["recording"].tolist().index("001_smiling")]
    assert np.abs(one.astype(int) - same).mean() < 1.5


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
        ({"corpus": "ravdess"}, r"corpus of faces 'ravdess': .*Choose from studio, london, fer2013"),
        ({"corpus": "fer2013"}, r"FER2013: .*Get fer2013.csv from Kaggle .*DATA_FILE"),
        ({"corpus": "london", "all_emotions": True}, r'neutral and happy faces only.*"studio", or "fer2013"'),
        ({"corpus": "fer2013", "path": "nowhere.csv"}, r"nowhere.csv: there is no such file"),
        ({"corpus": "studio", "path": "fer2013.csv"}, r'faces of your own.*CORPUS = "fer2013"'),
    ],
    ids=["unknown", "no path", "two emotions", "no file", "a path with the Studio"],
)
def test_faces_that_cannot_be_had(some, monkeypatch, options, expected):
    monkeypatch.setattr(synthetic_fer2013, "faces", None)  # nothing is drawn before the error
    with pytest.raises(CourseError, match=expected):
        load.faces(**options)
