"""Nothing of a folder is left out without being counted and named: a table of folders as people have them."""

import warnings

import pytest

from course_lib.core.errors import CourseError
from course_lib.datasets import savee

OGG, MP4, WEBM = b"OggS" + bytes(60), bytes(4) + b"ftypM4A " + bytes(60), b"\x1aE\xdf\xa3" + bytes(60)
EMPTY = b""
# what the folder has: ({file: content}, rows, words of each warning)
FOLDERS = {
    "a phone's and a browser's": ({"angry/a_1.m4a": MP4, "sad/a_2.weba": WEBM, "sad/b_1.wma": EMPTY}, 3, ()),
    "endings in capitals": ({"Angry/A_1.WAV": EMPTY, "HAPPY/B_1.M4A": MP4, "sad/c_1.Mp3": EMPTY}, 3, ()),
    "a format that is not read": (
        {"angry/a_1.wav": EMPTY, "angry/a_2.amr": b"#!AMR\n"},
        1,
        (r"1 files of sound or film are left out because of their endings \(\.amr\)\n.*a_2\.amr",),
    ),
    "a download that broke off": (
        {"angry/a_1.wav": EMPTY, "angry/a_2.m4a.crdownload": MP4, "angry/a_3.mp4.part": MP4},
        1,
        (r"2 files of sound or film .*\(\.crdownload, \.part\)\n.*a_2\.m4a\.crdownload\n.*a_3\.mp4\.part",),
    ),
    "no ending": ({"angry/a_1.wav": EMPTY, "angry/a_2": OGG}, 1, (r"1 files .*\(no ending\)\n.*a_2\n",)),
    "an ending of another program": ({"angry/a_1.wav": EMPTY, "angry/a_2.bak": OGG}, 1, (r"\(\.bak\)",)),
    "notes, tables and pictures": (
        {
            "angry/a_1.wav": EMPTY,
            "notes.txt": b"mine",
            "votes.csv": b"1,2",
            "a.png": b"\x89PNG\r\n\x1a\n",
            "x": b"?",
        },
        *(1, ()),
    ),
    "files of the system": (
        {
            "angry/a_1.wav": EMPTY,
            "angry/._a_1.wav": OGG,
            ".DS_Store": b"x",
            "angry/Thumbs.db": b"\xd0\xcf\x11\xe0",
        },
        *(1, ()),
    ),
    "a name without its speaker": (
        {"angry/a_1.wav": EMPTY, "angry/recording.m4a": MP4},
        1,
        (r"1 of 2 clips are left out .*\n.*recording\.m4a: its name does not begin with the speaker's name",),
    ),
    "a misspelt class": (
        {"angry/a_1.wav": EMPTY, "hapy/a_1.wav": EMPTY},
        1,
        (r"'hapy' is not one of the seven classes\. Did you mean 'happy'\?",),
    ),
    "no folders for the classes": (
        {"angry/a_1.wav": EMPTY, "a_2.wav": EMPTY},
        1,
        (r"a_2\.wav: its folder '.*' is not one of the seven classes",),
    ),
    "more than are named": (
        {"angry/a_1.wav": EMPTY, **{f"angry/a_{n}.amr": b"#!AMR\n" for n in range(2, 9)}},
        *(1, (r"7 files .*\n(.*a_\d\.amr\n){5}.*and 2 more",)),
    ),
    "both kinds of faults": (
        {"angry/a_1.wav": EMPTY, "angry/a_2.amr": b"", "angry/two.wav": EMPTY},
        *(1, (r"1 of 2 clips are left out", r"1 files of sound or film")),
    ),
    "a folder that is called like a file": ({"angry/a_1.wav": EMPTY, "angry/old.wav/a_2.txt": b""}, 1, ()),
}


def put(folder, files):
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


@pytest.mark.parametrize("name", FOLDERS)
def test_what_is_left_out_is_counted_and_named(tmp_path, name):
    files, rows, words = FOLDERS[name]
    put(tmp_path, files)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert len(savee.own_recordings(tmp_path)) == rows
    assert len(caught) == len(words), [str(one.message) for one in caught]
    for one, word in zip(caught, words, strict=True):
        with pytest.raises(UserWarning, match=word):
            raise one.message


@pytest.mark.parametrize(
    "files, words",
    [
        ({}, r"no mp4, wav, flac … file at all"),
        ({"notes.txt": b"x"}, r"no mp4, wav, flac … file at all"),
        (
            {"angry/one.wav": b"", "angry/two.wav": b""},
            r"2 files have other names\. The first: .*one\.wav: its name",
        ),
        (
            {"angry/a_1.amr": b"", "angry/a_2.amr": b""},
            r"2 files of sound or film have others, such as a_1\.amr",
        ),
        ({"angry/a_1.m4a.part": MP4}, r"1 files of sound or film have others, such as a_1\.m4a\.part"),
    ],
)
def test_a_folder_of_which_nothing_can_be_used_says_why(tmp_path, files, words):
    put(tmp_path, files)
    with pytest.raises(CourseError, match=words):
        savee.own_recordings(tmp_path)
