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
    "content, message",
    [("<html>404: not found</html>" * 20, "a web page"), ("404: Not Found", "a server's error message")],
)
@pytest.mark.parametrize("name", ["text.wav", "text.flac", "text.mp4"])
def test_text_under_another_name(tmp_path, name, content, message):
    (tmp_path / name).write_text(content)
    fails(tmp_path / name, message)


@pytest.mark.parametrize("name", ["clip.wav", "clip.flac", "clip", "clip.txt"])
def test_the_content_decides_and_not_the_name(tmp_path, make_mp4, name):
    path = make_mp4(tmp_path / "clip.mp4", sound=sine())
    expected = read_audio(path)
    assert np.array_equal(read_audio(path.rename(tmp_path / name)), expected)


@pytest.mark.parametrize("keep", [44, 0.5, 0.99])
def test_a_wav_that_is_cut_off(tmp_path, make_wav, keep):
    content = make_wav(tmp_path / "clip.wav", sine()).read_bytes()
    (tmp_path / "clip.wav").write_bytes(content[: keep if keep > 1 else int(keep * len(content))])
    fails(tmp_path / "clip.wav", "cut off")


def test_a_wav_whose_header_is_damaged(tmp_path, make_wav):
    content = make_wav(tmp_path / "clip.wav", sine()).read_bytes()
    (tmp_path / "clip.wav").write_bytes(b"XXXX" + content[4:])
    fails(tmp_path / "clip.wav", "damaged, or it is not a clip")
    (tmp_path / "clip.wav").write_bytes(content[:20] + bytes(16) + content[36:])  # no format, no rate
    fails(tmp_path / "clip.wav", "it is a wav file, and it is damaged")


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
    (tmp_path / "cut.m4a").write_bytes(content[:middle])
    fails(tmp_path / "cut.m4a", r"only \d\.\d of 2\.0 s of its sound could be read")
    (tmp_path / "damaged.m4a").write_bytes(content[:middle] + b"x" * 3000 + content[middle + 3000 :])
    with pytest.warns(UserWarning, match=r"damaged\.m4a: \d\.\d+ s of sound were read, but ffmpeg complains"):
        assert len(read_audio(tmp_path / "damaged.m4a", seconds=None)) > 0.9 * 16000


# --- files as recorders, phones and browsers write them ---


def sizes(path, riff, data):
    content = bytearray(path.read_bytes())
    content[4:8], content[40:44] = (size.to_bytes(4, "little") for size in (riff, data))
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "riff, data",
    [(0x7FFFF024, 0x7FFFF000), (0, 0), (0xFFFFFFFF, 0xFFFFFFFF), (44 + 16000, 16000), (1, 16000)],
)
def test_placeholders_and_wrong_sizes_of_the_file_are_no_damage(tmp_path, make_wav, riff, data):
    path = sizes(make_wav(tmp_path / "a.wav", sine(seconds=1.0, sr=8000), 8000), riff, data)
    assert read_audio(path, seconds=None).shape == (8000,)


def test_a_missing_pad_byte_is_no_damage(tmp_path):
    import soundfile

    path = tmp_path / "odd.wav"
    soundfile.write(path, np.full(801, 0.5), 8000, subtype="PCM_U8")
    content = bytearray(path.read_bytes()[: 44 + 801])
    content[4:8] = (36 + 802).to_bytes(4, "little")  # counts the pad byte
    path.write_bytes(content)
    assert len(read_audio(path, seconds=None)) == 801


def test_sound_that_begins_after_the_pictures_is_preceded_by_silence(tmp_path, make_mp4):
    path = make_mp4(tmp_path / "clip.mp4", sound=sine())
    late = tmp_path / "late.mkv"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", path, "-itsoffset", "1", "-i", path]
    subprocess.run([*command, "-map", "0:v", "-map", "1:a", "-c", "copy", late], check=True)
    sound = read_audio(late, seconds=None, sr=8000)
    assert not np.abs(sound[:7000]).max() > 1e-3 and rms(sound[9000:12000]) > 0.1


def test_channels_that_cancel_each_other_are_told_from_silence(tmp_path, make_wav):
    both = np.stack([sine(), -sine()], axis=1)
    with pytest.raises(CourseError, match="its channels cancel each other"):
        read_audio(make_wav(tmp_path / "a.wav", both))


def test_advice_about_ravdess_is_given_for_its_files_only(tmp_path, make_wav):
    for name, told in (("02-01-01-01-01-01-01.wav", True), ("mine.wav", False)):
        with pytest.raises(CourseError, match="silent") as caught:
            read_audio(make_wav(tmp_path / name, np.zeros(100)))
        assert ("RAVDESS" in str(caught.value)) == told
