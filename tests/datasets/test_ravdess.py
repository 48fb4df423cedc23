"""RAVDESS's names and tables, against values worked out by hand from the lecture's list (lecture 14 at
01:01).
"""

import itertools
import warnings

import pytest

from course_lib.core.errors import CourseError
from course_lib.datasets import ravdess


def touch(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def every_take():
    """The fields of every name that RAVDESS's rules allow: all but neutral with strong intensity."""
    for values in itertools.product(*ravdess.FIELDS.values()):
        fields = dict(zip(ravdess.FIELDS, values, strict=True))
        if (fields["emotion"], fields["intensity"]) != ("neutral", "strong"):
            yield fields


def test_a_name_says_what_the_lecture_says():
    assert ravdess.parse_name("02-01-06-01-02-01-12.mp4") == {
        "modality": "video-only",
        "vocal_channel": "speech",
        "emotion": "fearful",
        "intensity": "normal",
        "statement": "dogs",
        "repetition": 1,
        "actor": 12,
        "gender": "female",
    }


@pytest.mark.parametrize(
    "code, emotion",
    [
        ("01", "neutral"),
        ("02", "calm"),
        ("03", "happy"),
        ("04", "sad"),
        ("05", "angry"),
        ("06", "fearful"),
        ("07", "disgust"),
        ("08", "surprised"),
    ],
)
def test_emotions_in_the_order_of_their_codes(code, emotion):
    assert ravdess.parse_name(f"03-01-{code}-01-01-01-01")["emotion"] == emotion
    assert ravdess.EMOTIONS[int(code) - 1] == emotion


def test_path_ending_and_bare_name_say_the_same(tmp_path):
    name = "03-02-05-02-01-02-07"
    fields = ravdess.parse_name(name)
    assert (
        fields == ravdess.parse_name(tmp_path / f"{name}.wav") == ravdess.parse_name(f"Actor_07/{name}.FLAC")
    )
    assert fields["vocal_channel"] == "song" and fields["gender"] == "male"


def test_the_two_sentences():
    assert ravdess.STATEMENTS == {
        "kids": "Kids are talking by the door",
        "dogs": "Dogs are sitting by the door",
    }


def test_parse_undoes_format_for_every_take():
    names = set()
    for fields in every_take():
        name = ravdess.format_name(**fields)
        assert {field: ravdess.parse_name(name)[field] for field in fields} == fields
        assert ravdess.format_name(**ravdess.parse_name(name)) == name
        names.add(name)
    assert len(names) == 3 * 2 * (8 * 2 - 1) * 2 * 2 * 24


@pytest.mark.parametrize(
    "name, expected",
    [
        ("holiday.mp4", ["1 field", "not 7"]),
        ("03-01-05-01-01-01.wav", ["6 field", "modality-vocal_channel-emotion"]),
        ("03-01-05-01-01-01-01-01.wav", ["8 field"]),
        ("04-01-05-01-01-01-01.wav", ["'modality'", "'04'", "01 audio-video, 02 video-only, 03 audio-only"]),
        ("03-03-05-01-01-01-01.wav", ["'vocal_channel'", "'03'", "01 speech, 02 song"]),
        ("03-01-09-01-01-01-01.wav", ["'emotion'", "'09'", "08 surprised"]),
        ("03-01-00-01-01-01-01.wav", ["'emotion'", "'00'", "01 neutral"]),
        ("03-01-05-03-01-01-01.wav", ["'intensity'", "'03'", "02 strong"]),
        ("03-01-05-01-03-01-01.wav", ["'statement'", "'03'", "02 dogs"]),
        ("03-01-05-01-01-03-01.wav", ["'repetition'", "'03'", "01 to 02"]),
        ("03-01-05-01-01-01-25.wav", ["'actor'", "'25'", "01 to 24"]),
        ("03-01-5-01-01-01-01.wav", ["'emotion'", "'5'", "two digits"]),
        ("03-01-٠٥-01-01-01-01.wav", ["'emotion'", "two digits"]),
        ("01-01-07-02-02-01-01_640x480.mp4", ["'actor'", "'01_640x480'", "two digits"]),
        ("03-01-01-02-01-01-01.wav", ["'intensity'", "'02' (strong)", "neutral"]),
    ],
)
def test_a_wrong_name_says_which_field(name, expected):
    with pytest.raises(ValueError) as caught:
        ravdess.parse_name(name)
    assert isinstance(caught.value, CourseError)
    assert all(text in str(caught.value) for text in [name, *expected])


GOOD = ravdess.parse_name("03-01-05-01-01-01-01")


@pytest.mark.parametrize(
    "change, expected",
    [
        ({"emotion": "angy"}, ["emotion 'angy'", "Did you mean 'angry'", "fearful"]),
        ({"actor": 25}, ["actor 25", "there is no such actor", "24"]),
        ({"gender": "female"}, ["'gender'", "'female'", "male"]),
        ({"emotion": "neutral", "intensity": "strong"}, ["'intensity'", "neutral"]),
        ({"mood": "bad"}, ["mood", "modality"]),
    ],
)
def test_wrong_fields_make_no_name(change, expected):
    with pytest.raises(CourseError) as caught:
        ravdess.format_name(**GOOD | change)
    assert all(text in str(caught.value) for text in expected)


def test_a_missing_field_makes_no_name():
    with pytest.raises(CourseError, match="actor"):
        ravdess.format_name(**{field: value for field, value in GOOD.items() if field != "actor"})


def test_a_folder_is_a_table(tmp_path):
    touch(
        tmp_path,
        "Actor_12/02-01-06-01-02-01-12.mp4",
        "Actor_01/01-01-05-02-01-01-01.mp4",
        "notes.txt",
        "README.md",
        "Actor_01/audio/03-01-05-02-01-01-01.WAV",
        "Actor_01/03-01-05-02-01-01-01.flac",
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = ravdess.table(tmp_path)
    assert list(table.columns) == [
        "path",
        "modality",
        "vocal_channel",
        "emotion",
        "intensity",
        "statement",
        "repetition",
        "actor",
        "gender",
        "recording",
    ]
    assert list(table["path"]) == [
        str(tmp_path / name)
        for name in (
            "Actor_01/01-01-05-02-01-01-01.mp4",
            "Actor_01/03-01-05-02-01-01-01.flac",
            "Actor_01/audio/03-01-05-02-01-01-01.WAV",
            "Actor_12/02-01-06-01-02-01-12.mp4",
        )
    ]
    assert list(table["recording"]) == ["01-05-02-01-01-01"] * 3 + ["01-06-01-02-01-12"]
    assert table["actor"].dtype == table["repetition"].dtype == "int64"
    assert list(table["emotion"]) == ["angry"] * 3 + ["fearful"]


def test_what_is_no_ravdess_name_is_listed_not_lost(tmp_path):
    touch(tmp_path, "Actor_01/03-01-05-01-01-01-01.wav", "montage.mp4", "Actor_01/03-01-09-01-01-01-01.wav")
    with pytest.warns(UserWarning) as caught:
        table = ravdess.table(tmp_path)
    [message] = [str(warning.message) for warning in caught]
    assert len(table) == 1
    assert str(tmp_path) in message and "2 of 3 clips" in message
    assert (
        "montage.mp4: its name has 1 field" in message
        and "03-01-09-01-01-01-01.wav: its field 'emotion'" in message
    )


def test_a_long_list_of_wrong_names_is_cut_short_and_counted(tmp_path):
    touch(tmp_path, "03-01-05-01-01-01-01.wav", *(f"clip{i}.mp4" for i in range(9)))
    with pytest.warns(UserWarning, match="(?s)9 of 10 clips.*clip4.mp4.*… and 4 more$"):
        ravdess.table(tmp_path)


def test_what_a_dot_hides_is_ignored(tmp_path):
    touch(
        tmp_path,
        "Actor_01/03-01-05-01-01-01-01.wav",
        "Actor_01/._03-01-05-01-01-01-01.wav",
        ".unpacking-x/03-01-05-01-01-01-02.wav",
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(ravdess.table(tmp_path)) == 1


def test_a_dot_above_the_folder_hides_nothing(tmp_path):
    touch(tmp_path, ".cache/set/03-01-05-01-01-01-01.wav")
    assert len(ravdess.table(tmp_path / ".cache" / "set")) == 1


def test_a_missing_folder(tmp_path):
    with pytest.raises(CourseError, match=r"nowhere: there is no such folder.*course fetch"):
        ravdess.table(tmp_path / "nowhere")


def test_no_folder_given():
    with pytest.raises(CourseError, match=r"no folder is given\. Give the folder .*course fetch"):
        ravdess.table(None)


def test_a_file_instead_of_a_folder(tmp_path):
    touch(tmp_path, "03-01-05-01-01-01-01.wav")
    with pytest.raises(CourseError, match=r"01\.wav: this is a file.*Give the folder"):
        ravdess.table(tmp_path / "03-01-05-01-01-01-01.wav")


@pytest.mark.parametrize(
    "names, why",
    [
        ([], r" \(no mp4, wav, flac … file at all\)"),
        (["README.md"], r" \(no mp4, wav, flac … file at all\)"),
        (
            ["montage.mp4", "x.wav"],
            r": 2 files have other names\. The first: .*montage\.mp4: its name has 1 field",
        ),
    ],
)
def test_a_folder_without_a_ravdess_clip(tmp_path, names, why):
    touch(tmp_path, *names)
    with pytest.raises(CourseError, match=rf"it contains no RAVDESS clip{why}.*course fetch") as caught:
        ravdess.table(tmp_path)
    assert str(tmp_path) in str(caught.value)
