"""CREMA-D: names, the clips that come with the course, people's votes, and the official checksums."""

import gzip
import hashlib
from pathlib import Path

import pytest
import soundfile

from course_lib.core.errors import CourseError
from course_lib.datasets import crema_d, embedded
from course_lib.media import video

EMOTIONS = list(crema_d.VOTES.values())
# Rows in the form of CREMA-D's own table (its first eleven columns of 24).
ORIGINAL = """\
"","A","D","F","H","N","S","fileName","numResponses","agreement","emoVote"
"100001",7,2,0,0,1,0,"1085_TIE_ANG_XX",10,0.7,"A"
"200001",2,4,0,1,3,0,"1085_TIE_ANG_XX",10,0.4,"D"
"300001",4,5,1,0,0,0,"1085_TIE_ANG_XX",10,0.5,"D"
"207158",0,0,6,0,3,0,"1088_MTI_FEA_XX",9,0.666666666666667,"F"
"""


def empty(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


@pytest.fixture(scope="module")
def votes():
    return crema_d.votes()


@pytest.fixture(scope="module")
def clips():
    return crema_d.table(embedded.folder("crema_d"))


def test_a_name_has_its_fields():
    assert crema_d.parse_name("1021_IEO_FEA_MD_silent.mp4") == {
        "emotion": "fear",
        "intensity": "medium",
        "statement": "IEO",
        "actor": 1021,
        "gender": "female",
        "age": 30,
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("1001_DFA_ANG.wav", r"its name is not a CREMA-D name\. A CREMA-D name has the form 1001_DFA_ANG_XX"),
        ("1001_DFA_ANG_XX_copy.wav", "its name is not a CREMA-D name"),
        ("1001_XYZ_ANG_XX.wav", r"its sentence is 'XYZ'\. Allowed are IEO, .*WSI"),
        ("1001_DFA_SUR_XX.wav", r"its emotion is 'SUR'\. Allowed are ANG, DIS, FEA, HAP, SAD, NEU"),
        ("1001_DFA_ANG_X1.wav", "its name is not a CREMA-D name"),
        ("1001_DFA_ANG_ZZ.wav", r"its intensity is 'ZZ'\. Allowed are LO, MD, HI, XX"),
        ("1092_DFA_ANG_XX.wav", r"its actor is '1092'\. Allowed are 1001 to 1091"),
    ],
)
def test_wrong_names_say_what_is_wrong(name, expected):
    with pytest.raises(CourseError, match=expected):
        crema_d.parse_name(name)


def test_ten_silent_faces_and_19_voices_come_with_the_course(clips):
    assert clips["modality"].value_counts().to_dict() == {"audio-only": 19, "video-only": 10}
    faces, voices = (clips[clips["modality"] == kind] for kind in ("video-only", "audio-only"))
    assert faces["emotion"].value_counts().to_dict() == {
        "happy": 3,
        "neutral": 2,
        "sad": 2,
        "angry": 2,
        "fear": 1,
    }
    assert (faces["actor"].nunique(), voices["actor"].nunique()) == (7, 16)
    assert not set(faces["recording"]) & set(voices["recording"])  # to see and to hear, not to fuse
    assert list(clips.columns) == [
        "path",
        "modality",
        "vocal_channel",
        "emotion",
        "intensity",
        "statement",
        "actor",
        "gender",
        "age",
        "recording",
        "corpus",
    ]


def test_the_faces_can_be_read_and_have_no_sound(clips):
    for path in clips["path"][clips["modality"] == "video-only"]:
        assert next(iter(video.stream(path, threads=1))).shape == (192, 192, 3)
        assert b"soun" not in Path(path).read_bytes()  # the handler of an mp4's audio track


def test_the_voices_are_the_official_files(clips):
    official = crema_d.checksums().set_index("recording")
    voices = clips[clips["modality"] == "audio-only"]
    for row in voices.itertuples():
        content = Path(row.path).read_bytes()
        assert len(content) == official.loc[row.recording, "bytes"]
        assert hashlib.sha256(content).hexdigest() == official.loc[row.recording, "sha256"]
        assert soundfile.info(row.path).samplerate == 16000


def test_the_checksums_are_of_all_clips_but_three(votes):
    official = crema_d.checksums()
    assert official["recording"].is_unique and (official["sha256"].str.len() == 64).all()
    assert set(votes["recording"]) - set(official["recording"]) == {
        "1006_TIE_HAP_XX",
        "1013_WSI_DIS_XX",
        "1017_IWW_ANG_XX",
    }
    assert set(official["recording"]) <= set(votes["recording"])


def test_a_full_download_gives_the_same_columns(tmp_path, clips):
    for name in (
        "AudioWAV/1001_DFA_ANG_XX.wav",
        "VideoFlash/1001_DFA_ANG_XX.flv",
        "AudioMP3/1001_DFA_ANG_XX.mp3",
    ):
        empty(tmp_path / name)
    found = crema_d.table(tmp_path)
    assert found["modality"].tolist() == ["audio-only", "audio-video"]
    assert found["recording"].tolist() == ["1001_DFA_ANG_XX"] * 2
    assert list(found.columns) == list(clips.columns)


def test_without_the_corpus_it_says_where_to_get_it(tmp_path):
    for folder in (None, tmp_path / "nowhere", tmp_path):
        with pytest.raises(CourseError, match=r'embedded\.folder\("crema_d"\), or download'):
            crema_d.table(folder)


def test_every_clip_has_votes_in_three_modalities(votes):
    assert len(votes) == 22_326 and votes["recording"].nunique() == 7442 and votes["actor"].nunique() == 91
    assert set(votes.groupby("recording")["modality"].agg(tuple)) == {tuple(crema_d.MODALITIES.values())}
    n = votes[EMOTIONS].sum(axis=1)
    assert (n.sum(), n.min(), n.max()) == (212_000, 4, 12)
    assert not votes.isna().any().any()


def test_people_hear_the_intended_emotion_less_often_than_they_see_it(votes):
    """The published pattern, as measured on this table: 40.0, 57.4 and 63.1 % of the votes."""
    right = sum(votes[emotion].where(votes["emotion"] == emotion, 0) for emotion in EMOTIONS)
    by = votes["modality"]
    fractions = (right.groupby(by).sum() / votes[EMOTIONS].sum(axis=1).groupby(by).sum()).round(3)
    assert fractions.to_dict() == {"audio-only": 0.400, "video-only": 0.574, "audio-video": 0.631}


def test_the_original_table_and_the_compact_one_give_the_same_rows(tmp_path, votes):
    (tmp_path / "processedResults").mkdir()
    path = tmp_path / "processedResults" / crema_d.ORIGINAL_VOTES
    path.write_text(ORIGINAL)
    found = crema_d.votes(path)
    assert found["modality"].tolist() == ["audio-only", "video-only", "audio-video", "video-only"]
    same = votes.merge(found[["recording", "modality"]], on=["recording", "modality"])
    assert found.equals(same)
    assert crema_d.votes(tmp_path).equals(found)
    path.rename(tmp_path / "votes.csv")
    (tmp_path / "tabulatedVotes.csv.gz").write_bytes(gzip.compress(ORIGINAL.encode()))
    assert crema_d.votes(tmp_path).equals(found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            ORIGINAL.replace('"fileName"', '"file"'),
            r"it has no column fileName\. Give CREMA-D's tabulatedVotes",
        ),
        (ORIGINAL.replace('"300001"', '"400001"'), "a row's name begins with no 1, 2 or 3"),
        (
            ORIGINAL.replace('"200001",2', '"200001",2.5'),
            "the votes of 1085_TIE_ANG_XX are not whole numbers",
        ),
        (ORIGINAL.replace('"200001",2', '"200001",-1'), "the votes of 1085_TIE_ANG_XX are not whole numbers"),
        (
            ORIGINAL.replace('"200001",2', '"200001",many'),
            "the votes of 1085_TIE_ANG_XX are not whole numbers",
        ),
        (ORIGINAL.replace("1085_TIE_ANG_XX", "anna"), "anna: its name is not a CREMA-D name"),
        ("", "it is empty"),
    ],
)
def test_another_table_of_votes_says_what_is_wrong(tmp_path, text, expected):
    path = tmp_path / crema_d.ORIGINAL_VOTES
    path.write_text(text)
    with pytest.raises(CourseError, match=expected):
        crema_d.votes(path)


def test_a_folder_without_votes_says_so(tmp_path):
    with pytest.raises(
        CourseError, match=r"there is no tabulatedVotes\.csv\. .*the votes come with the course"
    ):
        crema_d.votes(tmp_path)


def test_a_clip_gets_the_votes_of_its_own_modality(clips, votes):
    found = crema_d.join_votes(clips)
    assert found[clips.columns.tolist()].equals(clips)
    assert found[EMOTIONS].notna().all().all()
    face = found.set_index("recording").loc["1085_TIE_ANG_XX"]
    assert face[EMOTIONS].tolist() == [2, 4, 0, 1, 0, 3]
    assert "ODbL" in found.attrs["licence"] and "ODbL" in votes.attrs["licence"]


def test_the_table_of_votes_names_its_licence_in_its_head():
    head = (
        gzip.decompress((embedded.folder("crema_d") / "votes.csv.gz").read_bytes()).decode().splitlines()[:2]
    )
    assert all(line.startswith("#") for line in head)
    assert "Open Database License (ODbL) 1.0" in head[1] and "stays under it" in head[1]


def test_the_texts_of_both_licences_are_there():
    folder = embedded.folder("crema_d")
    texts = {"ODbL-1.0.txt": "Open Database License", "DbCL-1.0.txt": "Database Contents License"}
    for name, title in texts.items():
        assert title in (folder / name).read_text(encoding="utf-8")
        assert name in (folder / "LICENSE").read_text(encoding="utf-8")
