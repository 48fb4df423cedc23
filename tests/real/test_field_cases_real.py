"""All files of the folder field_cases/: what is right for each; skipped where the folder is not.

They are made like files of public bug reports. Files of classes (`OF_THE_GRADER`) are tested with the grader.
"""

import os
import re
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from course_lib import cli, faces
from course_lib.core.errors import CourseError
from course_lib.datasets import fer2013, savee
from course_lib.demo import uploads
from course_lib.exercises import update
from course_lib.grading import roster
from course_lib.media import audio, video

ROOT = Path(__file__).parents[2]
OF_THE_GRADER = ("submissions/", "submissions_roster.csv", "lms/mac.zip")
NO_PICTURES = "it has no video stream. Give a clip with pictures"
COMPLAINS = "but ffmpeg complains"

# What `read_audio` gives: (rate in Hz, samples, allowed difference), or words of the error.
SOUND = {
    "anamorphic.mp4": (16000, 48000, 0),
    "antiphase.wav": "its channels cancel each other",
    "audio_from_colab.wav": (16000, 48000, 0),
    "burst.heic": "it is an image in the HEIF format",
    "film.gif": "it is none of the formats that the course reads",
    "grey16.png": "it is an image",
    "hevc_cut.mp4": (16000, 48000, 0),
    "iphone_hlg.mov": (16000, 48000, 0),
    "late_picture.mp4": (16000, 48000, 0),
    "late_sound.mp4": (16000, 64000, 160),
    "no_pad_byte.wav": (8000, 8001, 0),
    "panorama.png": "it is an image",
    "recorder.amr": "it is none of the formats that the course reads",
    "riff_is_filesize.wav": (16000, 16000, 0),
    "sizes_zero.wav": (16000, 16000, 0),
    "sox_pipe.wav": (16000, 16000, 0),
    "voice_mediarecorder.webm": (16000, 48000, 0),
    "voice_mediarecorder_cut.webm": (16000, 42464, 16),
    "voice_memo.m4a": (16000, 48000, 0),
    "webcam_oddapp.avi": (16000, 16000, 0),
}
# What `read_clip` gives: frames, height, width, and mean grey; or words of the error.
CLIPS = {
    "anamorphic.mp4": (90, 360, 640, 201),
    "antiphase.wav": NO_PICTURES,
    "audio_from_colab.wav": NO_PICTURES,
    "burst.heic": "it is an image in the HEIF format",
    "film.gif": "it is none of the formats that the course reads",
    "grey16.png": (1, 360, 640, 201),
    "hevc_cut.mp4": (60, 360, 640, 201),
    "iphone_hlg.mov": (90, 360, 640, 201),
    "late_picture.mp4": (90, 360, 640, 201),
    "late_sound.mp4": (90, 360, 640, 201),
    "no_pad_byte.wav": NO_PICTURES,
    "panorama.png": (1, 4, 8000, 90),
    "recorder.amr": "it is none of the formats that the course reads",
    "riff_is_filesize.wav": NO_PICTURES,
    "sizes_zero.wav": NO_PICTURES,
    "sox_pipe.wav": NO_PICTURES,
    "voice_mediarecorder.webm": NO_PICTURES,
    "voice_mediarecorder_cut.webm": NO_PICTURES,
    "voice_memo.m4a": NO_PICTURES,
    "webcam_oddapp.avi": (15, 180, 320, 201),
}
# What the demo makes of them: kind, frames, seconds of sound, words of its notes; or words of the error.
UPLOADS = {
    "anamorphic.mp4": ("video", 30, 3.0, ()),
    "antiphase.wav": "its channels cancel each other",
    "audio_from_colab.wav": ("audio", 0, 3.0, ()),
    "burst.heic": "it is an image in the HEIF format. Save it as a jpg",
    "film.gif": "its first bytes are not those of",
    "grey16.png": ("image", 1, 0, ()),
    "hevc_cut.mp4": ("video", 30, 3.0, (COMPLAINS,)),
    "iphone_hlg.mov": ("video", 30, 3.0, ()),
    "late_picture.mp4": ("video", 40, 3.0, ()),
    "late_sound.mp4": ("video", 30, 4.0, ()),
    "no_pad_byte.wav": ("audio", 0, 1.0, ()),
    "panorama.png": ("image", 1, 0, ()),
    "recorder.amr": "its first bytes are not those of",
    "riff_is_filesize.wav": ("audio", 0, 1.0, ()),
    "sizes_zero.wav": ("audio", 0, 1.0, ()),
    "sox_pipe.wav": ("audio", 0, 1.0, ()),
    "voice_mediarecorder.webm": ("audio", 0, 3.0, ()),
    "voice_mediarecorder_cut.webm": ("audio", 0, 2.654, ("its end may be missing",)),
    "voice_memo.m4a": ("audio", 0, 3.0, ()),
    "webcam_oddapp.avi": ("video", 10, 1.0, (COMPLAINS,)),
}
TABLES = {
    "archive.zip": "it is a zip archive. Unpack it",
    "fer2013.tar.gz": "it is compressed (gzip). Unpack it",
    "utf16.csv": "its text is UTF-16. Save it as UTF-8",
    "web_page.csv": "it is a web page. Download the file itself",
}
OTHERS = (
    *("cli/录音.m4a", "colab/drive_denied.py", "fetch/zenodo_like_server.py"),
    *("lms/blankcol.csv", "lms/canvas.csv", "own_recordings/"),
)


@pytest.fixture(scope="module")
def cases(real_data):
    folder = real_data / "field_cases"
    if not folder.is_dir():
        pytest.skip(f"no folder field_cases/ is in {real_data}")
    return folder


def told(function):
    """What a function returns, or its error as one line; and the texts of its warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            found = function()
        except CourseError as error:
            found = str(error)
            assert "\n" not in found and "0x" not in found
    return found, [str(one.message) for one in caught]


def test_every_file_has_its_line_here(cases):
    known = {f"media/{name}" for name in SOUND} | {f"fer2013/{name}" for name in TABLES} | {"README.md"}
    assert SOUND.keys() == CLIPS.keys() == UPLOADS.keys()
    for path in cases.rglob("*"):
        name = path.relative_to(cases).as_posix()
        assert path.is_dir() or name in known or name.startswith((*OTHERS, *OF_THE_GRADER)), name


@pytest.mark.parametrize("name", SOUND)
def test_sound(cases, name):
    right = SOUND[name]
    sr = 16000 if isinstance(right, str) else right[0]
    found, warned = told(lambda: audio.read_audio(cases / "media" / name, sr, seconds=None))
    if isinstance(right, str):
        assert right in found and "RAVDESS" not in found
        return
    assert abs(len(found) - right[1]) <= right[2] and np.abs(found).max() > 0.05
    assert bool(warned) == (name == "voice_mediarecorder_cut.webm"), warned
    if name == "late_sound.mp4":
        assert np.abs(found[: int(0.95 * sr)]).max() < 1e-3 < np.abs(found[sr : 2 * sr]).max()


@pytest.mark.parametrize("name", CLIPS)
def test_pictures(cases, name):
    right = CLIPS[name]
    found, warned = told(lambda: video.read_clip(cases / "media" / name))
    if isinstance(right, str):
        assert right in found
        return
    assert found.shape == (*right[:3], 3) and abs(found.mean() - right[3]) < 4
    assert bool(warned) == (name in ("hevc_cut.mp4", "webcam_oddapp.avi")), warned
    if right[3] == 201:  # the Studio's clip: as much contrast, and the face where it is
        assert abs(found.std() - 46.5) < 3
        x, y, width, height = faces.largest(found[0])
        middle = np.array([x + width / 2, y + height / 2]) / right[2]
        assert np.abs(middle - (0.5, 0.28)).max() < 0.08


@pytest.mark.parametrize("name", UPLOADS)
def test_the_demo(cases, name):
    right = UPLOADS[name]
    found, _ = told(lambda: uploads.read(cases / "media" / name))
    if isinstance(right, str):
        assert right in found and str(cases) not in found
        return
    kind, frames, seconds, notes = right
    heard = 0 if found.sound is None else len(found.sound) / uploads.SPEECH_SR
    assert (found.kind, len(found.frames)) == (kind, frames) and heard == pytest.approx(seconds, abs=0.02)
    assert len(found.notes) == len(notes) and all(map(str.__contains__, found.notes, notes))
    if name == "late_picture.mp4":
        assert [frame.any() for frame in found.frames] == [False] * 10 + [True] * 30


def test_an_image_without_a_face_is_one_line(cases, capsys):
    assert cli.main(["analyse", str(cases / "media" / "panorama.png")]) == 0
    assert capsys.readouterr().out == "No face was found in the picture.\n"


def test_own_recordings_of_phones_and_browsers(cases):
    found, warned = told(lambda: savee.own_recordings(cases / "own_recordings"))
    assert len(found) == 6 and warned == []
    assert found["emotion"].value_counts().to_dict() == {"angry": 2, "happy": 2, "sad": 2}
    for path in found["path"]:
        assert np.abs(audio.read_audio(path)).max() > 0.05


@pytest.mark.parametrize("name", TABLES)
def test_what_is_no_table(cases, name):
    found, _ = told(lambda: fer2013.read(cases / "fer2013" / name))
    assert TABLES[name] in found and name in found


def test_rosters_of_learning_platforms(cases):
    assert roster.read_roster(cases / "lms" / "canvas.csv") == [
        roster.Student("mm01", "Muster, Maria", "", "12345", "mm01")
    ]
    assert roster.read_roster(cases / "lms" / "blankcol.csv") == [
        roster.Student("mm01", "Maria", "m@x"),
    ]


def test_a_server_that_refuses_programs_and_counts_requests(cases, tmp_path):
    """The case's own server, without the loop that the file ends with."""
    source = (cases / "fetch" / "zenodo_like_server.py").read_text("utf-8")
    world: dict = {}
    exec(source.partition("\nfor m in (")[0], world)
    for mode, right in {
        "plain": 2,
        "ua": 2,
        "ratelimit": 2,
        "redirect_html": "the server sent a web page",
        "410": "the server answered 410",
    }.items():
        world["mode"].update(m=mode, n=0)
        folder = tmp_path / mode
        found, _ = told(
            lambda folder=folder: world["fetch"].fetch(
                "ravdess-speech", folder, yes=True, registry=world["REG"]
            )
        )
        if isinstance(right, str):
            assert right in found
        else:
            assert len(list(folder.rglob("*.wav"))) == right, (mode, found)
    world["s"].shutdown()
    world["s"].server_close()
    assert all(line[2].startswith("affective-computing-course-companion/") for line in world["log"])


def run(code, **environment):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, cwd=ROOT, env=os.environ | environment
    )


def test_a_console_without_the_letters_of_a_name(cases, tmp_path):
    path = cases / "cli" / "录音.m4a"
    code = f"import sys; from course_lib.cli import main; sys.exit(main({['analyse', str(path)]!r}))"
    done = run(code, PYTHONIOENCODING="cp1252")
    assert done.returncode == 0 and b"Traceback" not in done.stderr and done.stdout.strip()
    done = run(code.replace(str(path), f"{path}', '--csv', '{tmp_path}"), PYTHONIOENCODING="cp1252")
    assert done.returncode == 1 and b"Traceback" not in done.stderr
    assert b"this is a folder. Give the name of a file" in done.stderr


def test_a_refused_drive_does_not_end_a_lesson(cases, tmp_path):
    source = (cases / "colab" / "drive_denied.py").read_text("utf-8")
    code = re.sub("from course_lib import notebook", "from course_lib.lessons import notebook", source)
    done = run(code, COURSE_HOME=str(tmp_path))
    out = done.stdout.decode()
    assert done.returncode == 0 and done.stderr == b""
    assert out.count("Google Drive was not connected (Error: credential propagation was unsuccessful)") == 1
    assert "Companion" in out.splitlines()[-1]


def test_a_copy_of_a_lesson_is_named(tmp_path):
    """Of the cases without a file: Colab saves the lesson as "Copy of 02_hog_features.ipynb"."""
    copy = tmp_path / "Copy of 02_hog_features.ipynb"
    copy.write_bytes((ROOT / "notebooks" / "02_hog_features.ipynb").read_bytes())
    lessons = {lesson.name: lesson for lesson in update.update(ROOT, tmp_path)}
    assert copy.name in lessons["02_hog_features"].note and lessons["03_classical_classifiers"].note == ""
