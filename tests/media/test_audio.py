"""The sound of a clip: level, pitch, length, channels; and every file that has no sound."""

import subprocess
import sys

import imageio_ffmpeg
import numpy as np
import pytest

from course_lib.core.errors import CourseError
from course_lib.media.audio import read_audio


def sine(frequency=440, seconds=2.0, amplitude=0.5, sr=48000):
    return amplitude * np.sin(2 * np.pi * frequency * np.arange(round(seconds * sr)) / sr)


def rms(samples):
    return np.sqrt(np.mean(np.square(samples, dtype=float)))


# --- what is read ---


def test_channels_are_averaged(tmp_path, make_wav):
    stereo = np.array([[0.5, 0.25], [-0.5, 0.5], [1.0, -1.0], [0.0, 0.75]])
    path = make_wav(tmp_path / "stereo.wav", stereo, 8000, "FLOAT")
    assert read_audio(path, sr=8000, seconds=None).tolist() == [0.375, 0.0, 0.0, 0.375]


def test_sixteen_bits_are_from_minus_one_to_one(tmp_path, make_wav):
    path = make_wav(tmp_path / "loud.wav", np.array([-1.0, 0.5, 0.25]), 8000)
    assert read_audio(path, sr=8000, seconds=None).tolist() == [-1.0, 0.5, 0.25]


@pytest.mark.parametrize("ending", [".wav", ".flac"])
@pytest.mark.parametrize("frequency", [100, 440, 3000])
def test_a_tone_keeps_its_pitch_and_level_when_resampled(tmp_path, make_wav, ending, frequency):
    samples = read_audio(make_wav(tmp_path / f"tone{ending}", sine(frequency)), sr=8000, seconds=2)
    assert np.argmax(np.abs(np.fft.rfft(samples))) / 2 == frequency  # 2 s: bins of half a hertz
    assert rms(samples) == pytest.approx(0.5 / np.sqrt(2), rel=0.01)


def test_what_the_new_rate_cannot_hold_is_gone_not_folded_down(tmp_path, make_wav):
    assert rms(read_audio(make_wav(tmp_path / "high.wav", sine(5000)), sr=8000)) < 0.001


@pytest.mark.parametrize("channels", [1, 2])
def test_the_track_of_an_mp4_keeps_its_level(tmp_path, make_mp4, channels):
    sound = np.repeat(sine()[:, None], channels, axis=1)
    track = read_audio(
        make_mp4(tmp_path / "clip.mp4", np.zeros((60, 48, 64, 3), np.uint8), sound), sr=8000, seconds=2
    )
    assert rms(track[800:-800]) == pytest.approx(0.5 / np.sqrt(2), rel=0.05)
    assert np.argmax(np.abs(np.fft.rfft(track))) / 2 == pytest.approx(440, abs=0.5)


def test_one_silent_channel_of_a_track_halves_it(tmp_path, make_mp4):
    sound = np.stack([sine(), 0 * sine()], axis=1)
    track = read_audio(make_mp4(tmp_path / "clip.mp4", np.zeros((60, 48, 64, 3), np.uint8), sound), seconds=2)
    assert rms(track[800:-800]) == pytest.approx(0.25 / np.sqrt(2), rel=0.05)


def test_a_short_clip_is_padded_at_its_end(tmp_path, make_wav):
    path = make_wav(tmp_path / "short.wav", np.full(8000, 0.5), 8000)
    samples = read_audio(path)
    assert samples.shape == (32000,) and samples.dtype == np.float32
    assert (samples[:8000] == 0.5).all() and (samples[8000:] == 0).all()


def test_a_long_clip_is_cut(tmp_path, make_wav):
    ramp = np.arange(8000) / 8192
    path = make_wav(tmp_path / "long.wav", ramp, 1000, "FLOAT")
    assert read_audio(path, sr=1000, seconds=2.5) == pytest.approx(ramp[:2500])


@pytest.mark.parametrize("sr, n", [(8000, 12000), (16000, 24000), (48000, 72000)])
def test_without_seconds_a_clip_keeps_its_own_length(tmp_path, make_wav, sr, n):
    samples = read_audio(make_wav(tmp_path / "clip.wav", sine(seconds=1.5)), sr=sr, seconds=None)
    assert samples.shape == (n,) and samples.dtype == np.float32


@pytest.mark.parametrize(
    "name",
    [
        "mes données/表情 1.wav",
        pytest.param(
            "a:b.mp4", marks=pytest.mark.skipif(sys.platform == "win32", reason="no such names on Windows")
        ),
    ],
)
def test_names_with_blanks_colons_and_other_letters(tmp_path, make_wav, make_mp4, monkeypatch, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    plain = (
        make_wav(tmp_path / "x.wav", sine())
        if name.endswith("wav")
        else make_mp4(tmp_path / "x.mp4", sound=sine())
    )
    path = plain.rename(tmp_path / name)
    monkeypatch.chdir(path.parent)
    assert rms(read_audio(path.name)) > 0.1


def test_a_wav_written_to_a_pipe_does_not_know_its_length(tmp_path, make_wav):
    content = bytearray(make_wav(tmp_path / "clip.wav", np.full(80, 0.5), 8000).read_bytes())
    content[4:8] = content[40:44] = b"\xff" * 4
    (tmp_path / "clip.wav").write_bytes(content)
    assert read_audio(tmp_path / "clip.wav", seconds=None).tolist() == [0.5] * 80


# --- what cannot be read ---


def fails(path, message):
    with pytest.raises(CourseError, match=rf"{path.name}: .*{message}.*\. \S") as caught:
        read_audio(path)
    assert "\n" not in str(caught.value) and "0x" not in str(caught.value)


def test_no_audio_stream(tmp_path, make_mp4):
    fails(make_mp4(tmp_path / "clip.mp4"), "no audio stream")


def test_a_silent_track_is_no_sound_unless_it_is_asked_for(tmp_path, make_mp4):
    path = make_mp4(tmp_path / "clip.mp4", sound=np.zeros(24000))
    fails(path, r"silent \(all zeros\)")
    silence = read_audio(path, allow_silent=True)
    assert silence.shape == (32000,) and not silence.any()


def test_a_silent_wav(tmp_path, make_wav):
    fails(make_wav(tmp_path / "clip.wav", np.zeros(100)), "silent")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers(tmp_path, make_wav, bad):
    fails(make_wav(tmp_path / "clip.wav", np.array([0.5, bad, 0.25]), 8000, "FLOAT"), "NaN or infinite")


@pytest.mark.parametrize(
    "name, value",
    [
        ("sr", None),
        *((name, value) for name in ("sr", "seconds") for value in (0, -1, float("nan"), float("inf"), "4")),
    ],
)
def test_rates_and_lengths_that_cannot_be(tmp_path, make_wav, name, value):
    with pytest.raises(CourseError, match=rf"^{name}={value!r}: .*\. Give "):
        read_audio(make_wav(tmp_path / "clip.wav", sine()), **{name: value})


def test_no_samples(tmp_path, make_wav):
    fails(make_wav(tmp_path / "none.wav", np.zeros(0)), "contains no samples")


@pytest.mark.parametrize("name", ["clip.wav", "clip.flac", "clip.mp4"])
def test_missing_empty_and_a_folder(tmp_path, name):
    fails(tmp_path / name, "no such file")
    (tmp_path / name).write_bytes(b"")
    fails(tmp_path / name, "empty")
    (tmp_path / name).unlink()
    (tmp_path / name).mkdir()
    fails(tmp_path / name, "a folder")


@pytest.mark.parametrize(
    "name, message", [("text.wav", "not a wav"), ("text.flac", "not a flac"), ("text.mp4", "not a clip")]
)
def test_text_under_another_name(tmp_path, name, message):
    (tmp_path / name).write_text("<html>404: not found</html>" * 20)
    fails(tmp_path / name, message)


def test_an_mp4_named_wav(tmp_path, make_mp4):
    fails(make_mp4(tmp_path / "clip.mp4", sound=sine()).rename(tmp_path / "clip.wav"), "not a wav")


@pytest.mark.parametrize("keep", [44, 0.5, 0.99])
def test_a_wav_that_is_cut_off(tmp_path, make_wav, keep):
    content = make_wav(tmp_path / "clip.wav", sine()).read_bytes()
    (tmp_path / "clip.wav").write_bytes(content[: keep if keep > 1 else int(keep * len(content))])
    fails(tmp_path / "clip.wav", "cut off")


def test_a_wav_whose_header_is_damaged(tmp_path, make_wav):
    content = make_wav(tmp_path / "clip.wav", sine()).read_bytes()
    (tmp_path / "clip.wav").write_bytes(b"XXXX" + content[4:])
    fails(tmp_path / "clip.wav", "not a wav file, or it is damaged")


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[: len(content) // 2],
        lambda content: content[:9000] + bytes(3000) + content[12000:],
    ],
)
def test_a_flac_that_is_cut_off_or_damaged(tmp_path, make_wav, damage):
    content = make_wav(
        tmp_path / "clip.flac", sine() + np.random.default_rng(0).normal(0, 0.05, 96000)
    ).read_bytes()
    (tmp_path / "clip.flac").write_bytes(damage(content))
    fails(tmp_path / "clip.flac", "damaged")


def test_a_track_that_is_damaged_or_cut_off(tmp_path):
    noise = tmp_path / "noise.m4a"
    subprocess.run(
        [
            imageio_ffmpeg.get_ffmpeg_exe(),
            "-v",
            "error",
            "-f",
            "lavfi",
            "-i",
            "anoisesrc=d=2:seed=1",
            "-movflags",
            "+faststart",
            noise,
        ],
        check=True,
    )
    content = noise.read_bytes()
    middle = len(content) // 2
    for name, damaged in {
        "cut.m4a": content[:middle],
        "damaged.m4a": content[:middle] + b"x" * 3000 + content[middle + 3000 :],
    }.items():
        (tmp_path / name).write_bytes(damaged)
        fails(tmp_path / name, "cannot be read")
