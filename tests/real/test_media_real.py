"""Pictures and sound of real RAVDESS clips, as the files' own README declares them; skipped where they are
not.
"""

import cv2
import numpy as np
import pandas as pd
import pytest
import soundfile

from course_lib.core.errors import CourseError
from course_lib.media import video
from course_lib.media.audio import read_audio

ORIGINALS = {
    "01-01-01-01-01-01-01": 98,
    "01-01-08-02-02-02-01": 97,
    "02-01-01-01-01-01-01": 98,
    "02-01-02-01-01-02-01": 107,
    "02-01-04-01-02-01-01": 104,
}
REENCODED = {
    "01-01-07-02-02-01-01_640x480": (120, 480, 640),
    "01-01-08-02-01-01-19_720x720_silent": (122, 720, 720),
    "Actor_06_surprised_montage_640x480": (680, 480, 640),
}


@pytest.fixture
def originals(real_data):
    return real_data / "ravdess" / "video" / "Actor_01"


@pytest.fixture
def reencoded(real_data):
    return real_data / "ravdess" / "video" / "reencoded"


@pytest.fixture
def wavs(real_data):
    return sorted((real_data / "ravdess" / "original" / "Actor_01").glob("*.wav"))


@pytest.mark.parametrize("name", ORIGINALS)
def test_frames_are_counted_as_decoded_not_as_declared(originals, name):
    path = originals / f"{name}.mp4"
    assert video.read_clip(path, (72, 128)).shape == (ORIGINALS[name], 72, 128, 3)
    assert video.declared_frames(path) == ORIGINALS[name] + 1
    assert next(video.stream(path)).shape == (720, 1280, 3)


@pytest.mark.parametrize("name", REENCODED)
def test_reencoded_clips(reencoded, name):
    n, height, width = REENCODED[name]
    path = reencoded / f"{name}.mp4"
    assert next(video.stream(path)).shape == (height, width, 3)
    assert video.read_clip(path, (48, 64)).shape == (n, 48, 64, 3)
    assert len(video.read_clip(path, (48, 64), every=20)) == -(-n // 20)


def test_a_real_frame_is_resized_as_opencv_does(originals):
    path = originals / "01-01-08-02-02-02-01.mp4"
    expected = cv2.resize(next(video.stream(path)), (224, 224), interpolation=cv2.INTER_AREA).astype(float)
    assert np.abs(next(video.stream(path, (224, 224))) - expected).mean() < 0.5


def test_all_at_once_in_parallel(originals):
    clips = pd.DataFrame(
        {"path": [str(originals / f"{name}.mp4") for name in ORIGINALS], "name": list(ORIGINALS)}
    )
    images, table = video.read_frames(clips, (36, 64))
    assert len(images) == len(table) == 504
    assert table["name"].value_counts().to_dict() == ORIGINALS


@pytest.mark.parametrize("name", [name for name in ORIGINALS if name.startswith("02")])
def test_the_track_of_a_video_only_clip_is_silent(originals, name):
    path = originals / f"{name}.mp4"
    with pytest.raises(CourseError, match=r"silent \(all zeros\)"):
        read_audio(path)
    assert not read_audio(path, allow_silent=True).any()


def test_a_missing_audio_stream_is_named(reencoded):
    with pytest.raises(CourseError, match=r"720x720_silent\.mp4: it has no audio stream"):
        read_audio(reencoded / "01-01-08-02-01-01-19_720x720_silent.mp4")


def test_all_original_wavs(wavs):
    assert len(wavs) == 16
    for path in wavs:
        samples = read_audio(path)
        assert (
            samples.shape == (32000,) and samples.dtype == np.float32 and 0.001 < np.abs(samples).max() < 1.01
        )


def test_the_stereo_wav_is_the_mean_of_its_channels(wavs):
    stereo = [path for path in wavs if soundfile.info(path).channels == 2]
    assert [path.stem for path in stereo] == ["03-01-02-01-01-02-01"]
    channels, sr = soundfile.read(stereo[0], dtype="float32")
    assert (read_audio(stereo[0], sr=sr, seconds=None) == channels.mean(axis=1)).all()


def against_flac(path, real_data, late):
    """The track of an mp4 without its first `late` samples and the FLAC of its recording, at 48 kHz and of
    one length."""
    recording = path.stem[2:20]
    flac = real_data / "ravdess" / "speech_16k" / f"Actor_{recording[-2:]}" / f"03{recording}.flac"
    track, speech = (read_audio(file, sr=48000, seconds=None) for file in (path, flac))
    n = min(len(track) - late, len(speech))
    return track[late : late + n], speech[:n]


@pytest.mark.parametrize("name", ["01-01-01-01-01-01-01", "01-01-08-02-02-02-01"])
def test_the_track_of_an_original_is_the_speech_recording(originals, real_data, name):
    track, speech = against_flac(originals / f"{name}.mp4", real_data, late=1600)  # one frame
    assert np.corrcoef(track, speech)[0, 1] > 0.99
    assert track.std() / speech.std() == pytest.approx(1, abs=0.05)


def test_a_mono_track_keeps_its_level(reencoded, real_data):
    track, speech = against_flac(reencoded / "01-01-07-02-02-01-01_640x480.mp4", real_data, late=0)
    assert track.std() / speech.std() == pytest.approx(1, abs=0.1)
