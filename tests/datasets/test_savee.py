"""SAVEE's names and one's own recordings as tables."""

import pytest

from course_lib.core.errors import CourseError
from course_lib.datasets import savee


def empty(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


@pytest.mark.parametrize(
    ("name", "emotion", "sentence"),
    [
        ("DC_a01.wav", "angry", 1),
        ("DC_d15.wav", "disgust", 15),
        ("DC_f02.wav", "fear", 2),
        ("DC_h03.wav", "happy", 3),
        ("DC_n30.wav", "neutral", 30),
        ("DC_sa04.wav", "sad", 4),
        ("DC_su05.wav", "surprise", 5),
    ],
)
def test_each_code_has_its_word(name, emotion, sentence):
    assert savee.parse_name(name) == {
        "emotion": emotion,
        "sentence": sentence,
        "actor": "DC",
        "gender": "male",
    }
    assert savee.format_name(emotion, sentence, "DC") == name.removesuffix(".wav")


def test_both_layouts_give_the_same_table(tmp_path):
    one, other = tmp_path / "flat", tmp_path / "folders"
    for actor, rest in (("DC", "a01"), ("KL", "su15"), ("JE", "sa09"), ("DC", "n30")):
        empty(one / f"{actor}_{rest}.wav")
        empty(other / "AudioData" / actor / f"{rest}.wav")
    empty(other / "AudioData" / ".DS_Store")
    flat, folders = (savee.table(folder).drop(columns="path") for folder in (one, other))
    assert flat.to_dict("records") == folders.to_dict("records")
    assert flat["recording"].tolist() == ["DC_a01", "DC_n30", "JE_sa09", "KL_su15"]
    assert list(savee.table(one).columns) == [
        "path",
        "modality",
        "vocal_channel",
        "emotion",
        "sentence",
        "actor",
        "gender",
        "recording",
        "corpus",
    ]


def test_savee_has_480_sentences():
    assert len(savee.SPEAKERS) * sum(savee.SENTENCES.values()) == 480


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("DC_x01.wav", r"its emotion is 'x'\. Allowed are a angry, .*su surprise"),
        ("DC_a16.wav", r"its sentence is '16'\. angry has 01 to 15"),
        ("DC_n31.wav", r"neutral has 01 to 30"),
        ("DC_a00.wav", r"its sentence is '00'"),
        ("AB_a01.wav", r"its speaker is 'AB'\. Allowed are DC, JE, JK, KL"),
        ("a01.wav", r"its speaker is ''"),
        ("03-01-05-01-01-01-01.wav", r"its name is not a SAVEE name\. A SAVEE name has the form DC_a01\.wav"),
    ],
)
def test_wrong_names_say_what_is_wrong(name, expected):
    with pytest.raises(CourseError, match=expected):
        savee.parse_name(name)


def test_other_files_are_left_out_and_listed(tmp_path):
    empty(tmp_path / "DC_a01.wav")
    empty(tmp_path / "notes.wav")
    with pytest.warns(
        UserWarning, match=r"1 of 2 clips are left out because their names are not SAVEE names:\n.*notes\.wav"
    ):
        assert len(savee.table(tmp_path)) == 1


def test_without_savee_it_says_where_to_get_it(tmp_path):
    for folder in (None, tmp_path / "nowhere", tmp_path):
        with pytest.raises(CourseError, match="register at"):
            savee.table(folder)


def test_a_sentence_that_is_there_in_both_layouts_counts_once(tmp_path):
    """Else the same sound could be trained on and tested."""
    for name in ("DC_a01.wav", "DC/a01.wav", "DC/a02.wav"):
        empty(tmp_path / name)
    with pytest.warns(UserWarning, match="there are two files for 1 sentences"):
        assert savee.table(tmp_path)["recording"].tolist() == ["DC_a01", "DC_a02"]


def test_anna_and_Anna_are_one_speaker(tmp_path):
    for name in ("angry/Anna_01.wav", "Happy/anna_02.wav"):
        empty(tmp_path / name)
    assert savee.own_recordings(tmp_path)["actor"].nunique() == 1


def test_own_recordings_have_their_class_from_the_folder_and_their_speaker_from_the_name(tmp_path):
    for name in ("angry/anna_01.wav", "Happiness/ben_x_2.WAV", "sad/carl_1.flac"):
        empty(tmp_path / name)
    found = savee.own_recordings(tmp_path)
    assert found[["emotion", "actor"]].to_numpy().tolist() == [
        ["happy", "ben"],
        ["angry", "anna"],
        ["sad", "carl"],
    ]
    empty(tmp_path / "angry" / "03.wav")
    empty(tmp_path / "bored" / "anna_1.wav")
    with pytest.warns(
        UserWarning,
        match=r"2 of 5 clips(.|\n)*03\.wav: its name does not begin(.|\n)*'bored' is not one of the seven",
    ):
        assert len(savee.own_recordings(tmp_path)) == 3


def test_own_recordings_may_come_from_a_phone_or_a_browser(tmp_path):
    endings = ("wav", "m4a", "ogg", "webm", "mp3", "opus", "aac", "3gp")
    for ending in endings:
        (tmp_path / "angry").mkdir(exist_ok=True)
        (tmp_path / "angry" / f"anna_{ending}.{ending}").touch()
    (tmp_path / "notes.txt").touch()
    assert len(savee.own_recordings(tmp_path)) == len(endings)
    (tmp_path / "angry" / "anna_01.amr").touch()
    with pytest.warns(
        UserWarning,
        match=r"1 files of sound or film are left out .*\(\.amr\)\n.*anna_01\.amr\n.*Save or rename",
    ):
        assert len(savee.own_recordings(tmp_path)) == len(endings)
