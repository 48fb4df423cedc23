"""EmoDB and RAVDESS as they are made for the course: here from a tone and from a film of the Studio."""

import numpy as np
import pytest
import soundfile

from course_lib import synthetic
from course_lib.authoring.embedding import emodb, encode, ravdess
from course_lib.core.errors import CourseError
from course_lib.datasets import embedded
from course_lib.datasets import emodb as reader
from course_lib.datasets import ravdess as names
from course_lib.media import audio, video

READMES = {name: (embedded.FOLDER / name / "README.md").read_text("utf-8") for name in ("emodb", "ravdess")}


@pytest.fixture(scope="module")
def tone(tmp_path_factory):
    path = tmp_path_factory.mktemp("tone") / "03a01Fa.flac"
    seconds = np.arange(16000) / 16000
    soundfile.write(path, 0.5 * np.sin(2 * np.pi * 220 * seconds), 16000)
    return path


def test_an_opus_file_has_the_rate_and_the_length_of_its_original(tmp_path, tone):
    path = encode(tone, tmp_path / "tone.opus", emodb.OPUS)
    info = soundfile.info(path)
    assert (info.samplerate, info.channels, info.subtype, info.frames) == (16000, 1, "OPUS", 16000)
    one, other = (audio.read_audio(each, 16000, seconds=None) for each in (tone, path))
    assert np.corrcoef(one, other)[0, 1] > 0.99


def test_a_file_is_the_same_each_time_it_is_encoded(tmp_path, tone):
    one, other = (encode(tone, tmp_path / name, emodb.OPUS) for name in ("a.opus", "b.opus"))
    assert one.read_bytes() == other.read_bytes()


def test_what_ffmpeg_cannot_read_is_named(tmp_path):
    (tmp_path / "no.flac").write_text("no sound")
    with pytest.raises(CourseError, match=r"no\.flac: ffmpeg could not encode it"):
        encode(tmp_path / "no.flac", tmp_path / "no.opus", emodb.OPUS)
    assert not (tmp_path / "no.opus").exists()


def test_emodb_is_made_with_its_listening_test(tmp_path, tone):
    recordings = tmp_path / "emodb" / "wav16k_flac"
    recordings.mkdir(parents=True)
    (recordings / tone.name).write_bytes(tone.read_bytes())
    table = ",".join([*emodb.TABLE, "audio"]) + "\n03a01Fa,03,a01,happiness,90.00,75.00,1,wav16k_flac\n"
    (recordings.parent / "listening_test.csv").write_text(table)
    written = emodb.make(tmp_path, tmp_path / "made")
    assert [path.relative_to(tmp_path / "made").as_posix() for path in written] == [
        "wav/03a01Fa.opus",
        "listening_test.csv",
    ]
    lines = written[1].read_text().splitlines()
    assert [line for line in lines if not line.startswith("#")][1:] == [
        "03a01Fa,03,a01,happiness,90.00,75.00,1"
    ]
    assert reader.table(tmp_path / "made")["recording"].tolist() == ["03a01Fa"]


def test_the_lectures_recordings_and_the_eight_emotions_are_30_files():
    found = [names.parse_name(name) for name in ravdess.speech_names()]
    assert len(found) == 16 + 8 + 8 - 2  # actor 1's calm and angry ones are among the 16
    assert {(one["actor"], one["gender"]) for one in found} == {(1, "male"), (2, "female")}


def test_a_film_keeps_its_frames_and_its_sound(tmp_path):
    clip = synthetic.make(["01-01-05-01-01-01-01.mp4"], seed=0)["path"][0]
    small = encode(clip, tmp_path / "small.mp4", ravdess.FILM)
    frames = video.read_clip(small)
    assert frames.shape == (len(video.read_clip(clip)), 360, 640, 3)
    one, other = (audio.read_audio(path, 16000, seconds=None) for path in (clip, small))
    assert np.array_equal(one, other)


@pytest.mark.parametrize(("corpus", "options"), [("emodb", emodb.OPUS), ("ravdess", ravdess.FILM)])
def test_the_readme_shows_the_command_that_runs(corpus, options):
    assert " ".join(options) in READMES[corpus]
