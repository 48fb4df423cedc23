"""The Studio as files: RAVDESS's names and formats, made once, complete, and the same for the same seed."""

import hashlib
import subprocess
from collections import Counter
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
import soundfile

from course_lib import load
from course_lib.core.errors import CourseError
from course_lib.datasets import ravdess
from course_lib.media import audio, video
from course_lib.synthetic import corpus, make, recording_names

AV, SILENT, WAV = "01-01-05-02-01-01-02.mp4", "02-01-05-02-01-01-02.mp4", "03-01-05-02-01-01-02.wav"


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    """One recording in its three modalities."""
    return make([AV, SILENT, WAV], tmp_path_factory.mktemp("studio"), jobs=2)


def digest(name, seed=0):
    frames, samples = corpus.render(name, seed)
    total = hashlib.sha256(samples.tobytes())
    for frame in frames or []:
        total.update(frame.tobytes())
    return total.hexdigest()


def test_an_actor_has_sixty_recordings_and_no_strong_neutral():
    names = recording_names([7])
    emotions = Counter(ravdess.parse_name(name)["emotion"] for name in names)
    assert len(set(names)) == 60
    assert emotions == {"neutral": 4, **dict.fromkeys(ravdess.EMOTIONS[1:], 8)}
    assert len(recording_names()) == 1440


def test_the_table_has_the_synthetic_corpus_and_the_fields_of_the_names(studio):
    assert set(studio["corpus"]) == {"Studio (SYNTHETIC)"}
    assert list(studio["modality"]) == ["audio-video", "video-only", "audio-only"]
    assert studio["recording"].nunique() == 1
    assert list(studio.columns[:-1]) == list(ravdess.table(studio["path"][0].rsplit("/", 1)[0]).columns)


def test_the_clips_are_720p_at_30_frames_a_second(studio):
    for path in studio["path"][:2]:
        frames = [frame.shape for frame in video.stream(path)]
        assert set(frames) == {(720, 1280, 3)} and 90 <= len(frames) <= 150
        assert len(frames) == video.declared_frames(path)


def test_the_wav_is_16_bit_at_48_khz(studio):
    info = soundfile.info(studio["path"][2])
    assert (info.samplerate, info.subtype, info.channels) == (48000, "PCM_16", 1)
    assert 3 <= info.duration <= 5


def test_the_voice_in_the_mp4_is_the_wavs_and_the_video_only_track_is_silent(studio):
    in_mp4, in_wav = (audio.read_audio(studio["path"][i], sr=8000, seconds=3) for i in (0, 2))
    lag = np.argmax(np.correlate(in_mp4, in_wav, "full")) - (len(in_wav) - 1)
    assert abs(lag) <= 0.05 * 8000  # an encoder may delay the sound by a frame or two
    aligned = np.roll(in_mp4, -lag)
    assert np.corrcoef(aligned, in_wav)[0, 1] > 0.95
    with pytest.raises(CourseError, match="silent"):
        audio.read_audio(studio["path"][1])


def test_frames_and_samples_are_the_same_whatever_was_made_before():
    first = digest(AV)
    digest("01-01-03-01-02-02-09.mp4")
    assert digest(AV) == first
    assert digest(AV, seed=1) != first


def test_video_only_and_audio_video_show_the_same_frames():
    with_sound, without = (next(corpus.render(name)[0]) for name in (AV, SILENT))
    np.testing.assert_array_equal(with_sound, without)


def streams(path):
    """Return a digest of every encoded frame and piece of sound of a file, with its time."""
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-v",
        "error",
        "-i",
        path,
        "-map",
        "0",
        "-c",
        "copy",
        "-f",
        "framemd5",
    ]
    return subprocess.run([*command, "-"], capture_output=True, text=True, check=True).stdout


def test_frames_copied_from_the_other_file_of_a_recording_are_as_if_rendered(studio, tmp_path, monkeypatch):
    rendered, copied = studio["path"][:2]  # the fixture asks for both: the video-only one is copied
    [alone] = make([SILENT], tmp_path / "alone")["path"]
    (tmp_path / "Actor_02").mkdir()
    (tmp_path / "Actor_02" / SILENT).write_bytes(Path(alone).read_bytes())
    monkeypatch.setattr(corpus, "_encode", lambda *_: pytest.fail("drawn again"))
    [back] = make([AV], tmp_path)["path"]
    for copy, original in ((copied, alone), (back, rendered)):
        assert streams(copy) == streams(original)
        assert video.declared_frames(copy) == video.declared_frames(original)
        np.testing.assert_array_equal(*(video.read_clip(path, (45, 80)) for path in (copy, original)))
        np.testing.assert_array_equal(
            *(audio.read_audio(path, 48000, allow_silent=True) for path in (copy, original))
        )


def test_two_files_of_one_recording_are_drawn_once(tmp_path, monkeypatch):
    drawn, copied, encode, copy = [], [], corpus._encode, corpus._picture_copied
    monkeypatch.setattr(corpus, "_encode", lambda *args: (drawn.append(args[-1].name), encode(*args)))
    monkeypatch.setattr(corpus, "_picture_copied", lambda *args: copied.append(args[-1].name) or copy(*args))
    monkeypatch.setattr(corpus.face, "frames", lambda *_: iter(np.zeros((3, 720, 1280, 3), np.uint8)))
    other = "01-01-03-01-01-01-02.mp4"
    table = make([SILENT, AV, other], tmp_path, jobs=1)
    assert list(table["modality"]) == ["video-only", "audio-video", "audio-video"]  # in the order asked for
    assert len(drawn) == 2 and len(copied) == 1 and SILENT[:-4] in copied[0]


@pytest.mark.parametrize("damage", [b"", b"no clip at all"])
def test_nothing_is_copied_from_a_damaged_file(tmp_path, monkeypatch, damage):
    monkeypatch.setattr(corpus.face, "frames", lambda *_: iter(np.zeros((3, 720, 1280, 3), np.uint8)))
    (tmp_path / "Actor_02").mkdir()
    (tmp_path / "Actor_02" / SILENT).write_bytes(damage)
    [path] = make([AV], tmp_path)["path"]
    assert len(video.read_clip(path, (45, 80))) == 3


def test_existing_files_are_not_made_again(studio, monkeypatch):
    monkeypatch.setattr(corpus, "_make_recording", lambda *_: pytest.fail("made again"))
    folder = studio["path"][0].rsplit("/", 2)[0]
    assert list(make([AV, WAV], folder, jobs=1)["path"]) == [studio["path"][0], studio["path"][2]]


def test_an_interrupted_recording_leaves_no_file(tmp_path, monkeypatch):
    def broken(recording, *_):
        yield np.zeros((720, 1280, 3), np.uint8)
        raise KeyboardInterrupt

    monkeypatch.setattr(corpus.face, "frames", broken)
    with pytest.raises(KeyboardInterrupt):
        make([AV], tmp_path, jobs=1)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("01-01-05-02-01-01-02.wav", "speech recordings"),  # audio-video is an mp4
        ("03-02-05-02-01-01-02.wav", "speech recordings"),  # a song
        ("01-01-01-02-01-01-02.mp4", "neutral has only"),  # strong neutral
    ],
)
def test_an_impossible_recording_is_refused(name, wrong, tmp_path):
    with pytest.raises(CourseError, match=wrong):
        make([name], tmp_path)


def test_load_clips_asks_the_studio_for_the_right_names(monkeypatch):
    asked = []
    monkeypatch.setattr("course_lib.synthetic.make", lambda names, seed: asked.extend(names))
    load.clips(actors=[3], emotions=["neutral"], modality="audio-only")
    assert asked == recording_names([3], ["neutral"], "audio-only") and len(asked) == 4
