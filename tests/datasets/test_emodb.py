"""EmoDB's names, tables and listening test, against values read in its documentation and its raw tables."""

import numpy as np
import pytest

from course_lib.core.errors import CourseError
from course_lib.datasets import embedded, emodb
from course_lib.media import audio


@pytest.fixture(scope="module")
def table():
    return emodb.table(embedded.folder("emodb"))


def empty(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


@pytest.mark.parametrize(
    ("name", "emotion"),
    [
        ("03a01Wa.wav", "angry"),
        ("03a01Ec.wav", "disgust"),
        ("03a01Ab.wav", "fear"),
        ("03a01Fa.wav", "happy"),
        ("03a01Ta.wav", "sad"),
        ("03a01Nc.wav", "neutral"),
        ("03a01La.wav", "boredom"),
    ],
)
def test_each_letter_has_its_word(name, emotion):
    assert emodb.parse_name(name)["emotion"] == emotion


def test_a_name_gives_speaker_sentence_and_version():
    assert emodb.parse_name("somewhere/16b10Td.opus") == {
        "emotion": "sad",
        "statement": "b10",
        "version": "d",
        "actor": "16",
        "gender": "female",
    }


def test_five_women_and_five_men_say_ten_sentences():
    assert len(emodb.SPEAKERS) == len(emodb.STATEMENTS) == 10
    assert sorted(emodb.SPEAKERS.values()) == ["female"] * 5 + ["male"] * 5


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("01a01Fa.wav", r"its speaker is '01'\. Allowed are 03, 08, .*16"),
        ("03a03Fa.wav", r"its sentence is 'a03'\. Allowed are a01, .*b10"),
        ("03a01Xa.wav", r"its emotion is 'X'\. Allowed are W angry, .*L boredom"),
        ("03a01F.wav", r"its name is not an EmoDB name\. An EmoDB name has the form 03a01Fa\.wav"),
        ("DC_a01.wav", "its name is not an EmoDB name"),
    ],
)
def test_a_wrong_name_is_explained(name, expected):
    with pytest.raises(CourseError, match=expected):
        emodb.parse_name(name)


def test_a_full_download_is_read_as_the_files_of_the_course_are(tmp_path, table):
    for name in ("03a01Fa", "03a01La", "16b10Td"):
        empty(tmp_path / "wav" / f"{name}.wav")
    empty(tmp_path / "labsilb" / "03a01Fa.labsilb")
    found = emodb.table(tmp_path)
    assert list(found.columns) == list(table.columns)
    assert found["recording"].tolist() == ["03a01Fa", "03a01La", "16b10Td"]
    assert found["emotion"].tolist() == ["happy", "boredom", "sad"]
    same = table.set_index("recording").loc["03a01Fa"].drop("path")
    assert found.set_index("recording").loc["03a01Fa"].drop("path").equals(same)


def test_a_recording_that_was_not_tested_has_no_votes(tmp_path):
    empty(tmp_path / "03a01Wz.wav")
    assert emodb.table(tmp_path)[["recognised", "natural"]].isna().all(axis=None)


def test_without_emodb_the_message_tells_where_it_is(tmp_path):
    for folder in (None, tmp_path / "nowhere", tmp_path):
        with pytest.raises(CourseError, match=r'embedded\.folder\("emodb"\)'):
            emodb.table(folder)


def test_the_course_brings_339_recordings_of_four_emotions_by_all_ten_speakers(table):
    assert table["emotion"].value_counts().to_dict() == {"angry": 127, "neutral": 79, "happy": 71, "sad": 62}
    assert set(table["actor"]) == set(emodb.SPEAKERS) and set(table["statement"]) == set(emodb.STATEMENTS)
    assert table["recording"].is_unique and set(table["corpus"]) == {"EmoDB"}
    assert (table.groupby("actor")["emotion"].nunique() == 4).all()


def test_every_recording_of_the_course_was_recognised_by_at_least_80_percent(table):
    assert table["recognised"].between(0.8, 1).all() and table["natural"].between(0, 1).all()


def test_the_listening_test_has_the_published_counts():
    heard = emodb.listening_test()
    assert len(heard) == 816 and heard["recording"].is_unique and heard["public"].sum() == 535
    first = heard.set_index("recording").loc["03a01Fa"]
    assert (first["recognised"], first["natural"], first["public"]) == (0.9, 0.75, True)
    assert (heard["recognised"][heard["public"]] >= 0.8).all()
    assert (heard["natural"][heard["public"]] < 0.6).sum() == 42


def test_each_fraction_is_one_of_20_or_21_listeners():
    heard = emodb.listening_test()
    for fractions in (heard["recognised"], heard["natural"]):
        far = np.min([abs(fractions * n - (fractions * n).round()) for n in (20, 21)], axis=0)
        assert far.max() < 0.003


def test_the_opus_files_are_speech_at_16_khz(table):
    for path in table["path"][::60]:
        sound = audio.read_audio(path, 16000, seconds=None)
        assert 1.2 * 16000 < len(sound) < 9.1 * 16000 and 0.1 < abs(sound).max() <= 1
