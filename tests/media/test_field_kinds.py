"""Files as cameras, phones, browsers and recorders write them, one table for each kind of fault.

The files are made here by ffmpeg, or byte by byte. Each table says what is right.
"""

import re
import struct
import subprocess
import warnings

import cv2
import imageio_ffmpeg
import numpy as np
import pytest

from course_lib.core.errors import CourseError
from course_lib.demo import uploads
from course_lib.media import audio, video

PICTURES, TONE = "testsrc2=d=2:s=64x48:r=10", "sine=d=2"


def make(path, *options, inputs=(PICTURES, TONE), start=()):
    """Let ffmpeg make a file of test pictures, a test tone or other files, from second `start` on."""
    given = [
        part for one in inputs for part in (("-f", "lavfi", "-i", one) if "=d=" in str(one) else ("-i", one))
    ]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *start, *given, *options, path]
    subprocess.run(list(map(str, command)), check=True)
    return path


def read(function, *arguments, **options):
    """What a reader returns and its warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = function(*arguments, **options)
    return found, [str(one.message) for one in caught]


# --- a decoder is judged by what comes, not by its complaints ---

H264 = ("-c:v", "libx264", "-g", "10", "-pix_fmt", "yuv420p")


def spoilt_app(folder):
    """Motion JPEG whose comments have become APP segments of an impossible length."""
    path = make(folder / "a.avi", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-c:a", "pcm_s16le")
    content = path.read_bytes()
    content, count = re.subn(rb"\xff\xfe\x00.Lavc", b"\xff\xe1\x00\x01Lavc", content)
    assert count == 20
    path.write_bytes(content)
    return path


def open_gop(folder):
    gop = "open-gop=1:keyint=10:min-keyint=10:bframes=4:b-adapt=0:log-level=none"
    whole = make(folder / "whole.mp4", "-c:v", "libx265", "-x265-params", gop, "-pix_fmt", "yuv420p")
    return make(folder / "a.mp4", "-c", "copy", inputs=(whole,), start=("-ss", "1.2"))


def packets(content):
    return [content[at : at + 188] for at in range(0, len(content), 188)]


def stream_without_beginning(folder):
    path = make(folder / "a.ts", *H264, "-c:a", "aac")
    parts = packets(path.read_bytes())
    path.write_bytes(b"".join(parts[:3] + parts[len(parts) // 3 :]))
    return path


def stream_with_losses(folder):
    path = make(folder / "a.ts", *H264, "-c:a", "aac", "-pes_payload_size", "0")
    parts = packets(path.read_bytes())
    path.write_bytes(b"".join(part for number, part in enumerate(parts) if number % 60 != 30))
    return path


def spoilt(folder, kind):
    whole = make(folder / "whole.mkv", *H264, "-c:a", "aac")
    return make(folder / "a.mkv", "-c", "copy", f"-bsf:{kind}", "noise=amount=200", inputs=(whole,))


def without(name, first=0, last=0, *, codec=(), add=b""):
    """A maker of a file that lacks bytes at its beginning and its end, or has some more there."""

    def maker(folder):
        path = make(folder / name, *codec)
        content = path.read_bytes()
        path.write_bytes(content[first : len(content) - last] + add)
        return path

    return maker


def flipped(folder):
    path = make(folder / "a.ogg", "-vn", "-c:a", "libopus")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(content)
    return path


def trimmed(folder):
    whole = make(folder / "whole.mp4", *H264, "-c:a", "aac")
    return make(folder / "a.mp4", "-c", "copy", inputs=(whole,), start=("-ss", "0.55"))


# name: (maker, the fewest frames, the least seconds of sound); 0 if the file has no such track.
COMPLAINED_ABOUT = {
    "odd segments in Motion JPEG": (spoilt_app, 20, 2.0),
    "cut in an open group of pictures": (open_gop, 8, 0.75),
    "transport stream without its beginning": (stream_without_beginning, 8, 1.0),
    "transport stream with lost packets": (stream_with_losses, 15, 1.5),
    "spoilt sound beside whole pictures": (lambda folder: spoilt(folder, "a"), 20, 0),
    "spoilt pictures beside whole sound": (lambda folder: spoilt(folder, "v"), 0, 2.0),
    "AAC that begins within a frame": (without("a.aac", 100, codec=("-vn", "-c:a", "aac")), 0, 1.8),
    "MP3 that begins and ends within a frame": (without("a.mp3", 700, 150, codec=("-vn",)), 0, 1.8),
    "Opus with a wrong byte": (flipped, 0, 0.8),
    "trimmed without encoding again": (trimmed, 13, 1.3),
    "WebM whose last bytes are missing": (
        without("a.webm", last=300, codec=("-c:v", "libvpx", "-c:a", "libopus")),
        *(17, 1.7),
    ),
    "Flash video whose last bytes are missing": (without("a.flv", last=300, codec=("-ar", "44100")), 17, 1.7),
    "AVI without its index": (
        without("a.avi", last=700, codec=("-c:v", "mjpeg", "-c:a", "pcm_s16le")),
        18,
        1.8,
    ),
    "MP4 with foreign bytes at its end": (
        without("a.mp4", codec=(*H264, "-c:a", "aac", "-movflags", "+faststart"), add=b"\x01\x02abc" * 99),
        *(20, 2.0),
    ),
}


@pytest.mark.parametrize("name", COMPLAINED_ABOUT)
def test_what_came_counts_and_not_the_complaints(tmp_path, name):
    maker, frames, seconds = COMPLAINED_ABOUT[name]
    path = maker(tmp_path)
    if frames:
        clip, warned = read(video.read_clip, path)
        assert len(clip) >= frames and len(warned) <= 1 and clip.std() > 20
        assert len(clip) == decoded(path), warned
    if seconds:
        sound, warned = read(audio.read_audio, path, 16000, seconds=None)
        assert len(sound) >= 16000 * seconds and len(warned) <= 1 and sound.std() > 0.05


def decoded(path):
    """How many frames ffmpeg itself gives."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "quiet", "-i", path, "-map", "0:V:0", "-fps_mode"]
    command += ["passthrough", "-f", "rawvideo", "-pix_fmt", "gray", "-"]
    return len(subprocess.run(command, capture_output=True).stdout) // (64 * 48)


def test_complaints_about_the_other_track_are_no_warning(tmp_path):
    path = spoilt(tmp_path, "a")
    clip, warned = read(video.read_clip, path)
    assert len(clip) == 20 and warned == []
    path = spoilt(tmp_path, "v")
    sound, warned = read(audio.read_audio, path, 16000, seconds=None)
    assert len(sound) >= 32000 and warned == []


@pytest.mark.parametrize("name, codec", [("a.mp4", "aac"), ("a.mkv", "aac"), ("a.avi", "pcm_s16le")])
def test_what_is_cut_off_is_still_an_error(tmp_path, name, codec):
    options = (*H264, "-c:a", codec, "-movflags", "+faststart")
    path = make(tmp_path / name, *(options if name == "a.mp4" else options[:-2]))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    for function in (video.read_clip, audio.read_audio):
        with pytest.raises(CourseError, match=r"a\.\w+: .*only .* could be read"):
            function(path)


# --- the content decides, not the name or the container ---

# name of a file with the right ending: (options of ffmpeg, inputs)
SOUNDS = {
    "aac.m4a": ("-c:a", "aac"),
    "aac.mp4": ("-c:a", "aac"),
    "aac.mov": ("-c:a", "aac"),
    "aac.3gp": ("-c:a", "aac"),
    "aac.aac": ("-c:a", "aac"),
    "aac.ts": ("-c:a", "aac"),
    "opus.webm": ("-c:a", "libopus"),
    "opus.ogg": ("-c:a", "libopus"),
    "vorbis.mka": ("-c:a", "libvorbis"),
    "mp3.mp3": ("-c:a", "libmp3lame"),
    "mp3 without a tag.mp3": ("-c:a", "libmp3lame", "-id3v2_version", "0", "-write_xing", "0"),
    "mp3.wav": ("-c:a", "libmp3lame"),
    "adpcm.wav": ("-c:a", "adpcm_ima_wav"),
    "float.wav": ("-c:a", "pcm_f32le"),
    "pcm.w64": ("-c:a", "pcm_s16le"),
    "pcm.avi": ("-c:a", "pcm_s16le"),
    "aiff.aiff": (),
    "pcm.caf": ("-c:a", "pcm_s16be"),
    "flac.flac": (),
    "wma.wma": ("-c:a", "wmav2"),
}


@pytest.mark.parametrize("name", SOUNDS)
def test_sound_is_read_under_any_name(tmp_path, name):
    path = make(tmp_path / name, *SOUNDS[name], inputs=(TONE,))
    expected = audio.read_audio(path, 16000, seconds=None)
    assert 31900 <= len(expected) <= 34000 and expected.std() == pytest.approx(0.088, rel=0.1)
    for other in ("voice.wav", "voice.flac", "voice.jpg", "voice"):
        path = path.rename(tmp_path / other)
        assert np.array_equal(audio.read_audio(path, 16000, seconds=None), expected), other
        upload = uploads.read(path)
        assert (upload.kind, upload.notes, len(upload.sound)) == ("audio", (), len(expected)), other
    with pytest.raises(CourseError, match=r"voice: it has no video stream\. Give a clip with pictures"):
        video.read_clip(path)


COVERED = {
    "song.m4a": ("-c:a", "aac", "-c:v", "png", "-disposition:v", "attached_pic"),
    "song.mp3": ("-c:a", "libmp3lame", "-c:v", "mjpeg", "-disposition:v", "attached_pic"),
    "song.flac": ("-c:a", "flac", "-c:v", "png", "-disposition:v", "attached_pic"),
}


@pytest.mark.parametrize("name", COVERED)
def test_a_song_with_a_cover_is_a_sound(tmp_path, name):
    cover = make(tmp_path / "cover.png", "-frames:v", "1", inputs=(PICTURES,))
    path = make(tmp_path / name, "-map", "0", "-map", "1", *COVERED[name], inputs=(TONE, cover))
    upload = uploads.read(path)
    assert (upload.kind, upload.frames, upload.notes) == ("audio", [], ())
    assert upload.seconds == pytest.approx(2, abs=0.1)
    with pytest.raises(CourseError, match="no video stream"):
        video.read_clip(path)


def test_a_film_with_a_cover_before_it_is_the_film(tmp_path):
    cover = make(tmp_path / "cover.png", "-frames:v", "1", inputs=("testsrc2=d=1:s=32x32:r=1",))
    film = make(tmp_path / "film.mp4", *H264, "-c:a", "aac")
    options = ("-map", "1", "-map", "0", "-c", "copy", "-disposition:v:0", "attached_pic")
    path = make(tmp_path / "a.mp4", *options, inputs=(film, cover))
    assert video.read_clip(path).shape == (20, 48, 64, 3) and len(uploads.read(path).frames) == 20


FILMS = {
    "a.mp4": H264,
    "a.mov": H264,
    "a.mkv": H264,
    "a.ts": H264,
    "a.webm": ("-c:v", "libvpx"),
    "a.avi": ("-c:v", "mjpeg"),
    "a.flv": ("-c:v", "flv"),
    "a.mpg": ("-c:v", "mpeg1video", "-r", "25"),
    "a.wmv": ("-c:v", "wmv2"),
}


@pytest.mark.parametrize("name", FILMS)
def test_films_are_read_under_any_name(tmp_path, name):
    path = make(tmp_path / name, *FILMS[name], "-an")
    expected, _ = read(video.read_clip, path)
    assert len(expected) in (20, 49, 50) and expected.std() > 20
    for other in ("film.wav", "film") if name == "a.mpg" else ("film.wav", "film.jpg", "film.png", "film"):
        path = path.rename(tmp_path / other)
        assert np.array_equal(read(video.read_clip, path)[0], expected), other
        assert read(uploads.read, path)[0].kind == "video"


@pytest.mark.parametrize("ending", [".jpg", ".png", ".webp"])
@pytest.mark.parametrize("name", ["a.mp4", "a.wav", "a.png", "a.jpg", "a"])
def test_photographs_are_read_under_any_name(tmp_path, ending, name):
    image = np.full((20, 30, 3), (200, 90, 10), np.uint8)
    (tmp_path / name).write_bytes(cv2.imencode(ending, image)[1])
    clip = video.read_clip(tmp_path / name)
    assert clip.shape == (1, 20, 30, 3) and np.abs(clip[0, 9, 9].astype(int) - (10, 90, 200)).max() < 6
    with pytest.raises(CourseError, match="it is an image"):
        audio.read_audio(tmp_path / name)


@pytest.mark.parametrize("read_file", [audio.read_audio, video.read_clip])
@pytest.mark.parametrize(
    "content, named",
    [
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "it is a web page. Download the file itself"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "a pointer of Git LFS"),
        (b"PK\x03\x04" + bytes(90), "it is a zip archive. Unpack it"),
        (b"\x1f\x8b\x08" + bytes(90), "compressed (gzip). Unpack it"),
        (b"404: Not Found", "a server's error message (404: Not Found)"),
        (b"%PDF-1.7\n" + bytes(90), "it is a PDF"),
        (b"\0\0\0\x18ftypheic" + bytes(90), "an image in the HEIF format"),
        (b"#!AMR\n" + b"\x3c" * 320, "none of the formats that the course reads"),
        (
            b"GIF89a\x01\0\x01\0\x80\0\0" + bytes(6) + b",\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;",
            "none of the formats",
        ),
    ],
)
@pytest.mark.parametrize("name", ["clip.mp4", "clip.wav"])
def test_what_came_in_place_of_a_clip_is_named(tmp_path, read_file, content, named, name):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CourseError) as caught:
        read_file(tmp_path / name)
    assert named in str(caught.value) and "\n" not in str(caught.value)


# --- sizes in the header of a wav ---

SAMPLES = (8000 * np.sin(np.arange(8000) / 5)).astype("<i2")


def chunk(name, content, size=None, pad=True):
    size = len(content) if size is None else size
    return name + struct.pack("<I", size) + content + b"\0" * (pad and len(content) % 2)


def fmt(bits=16, channels=1, tag=1):
    block = channels * bits // 8
    return chunk(b"fmt ", struct.pack("<HHIIHH", tag, channels, 8000, 8000 * block, block, bits))


def wav(*chunks, riff=None, form=b"RIFF"):
    body = b"".join(chunks)
    return form + struct.pack("<I", 4 + len(body) if riff is None else riff) + b"WAVE" + body


WHOLE = SAMPLES.tobytes()


def data(size=None, content=WHOLE, **options):
    return chunk(b"data", content, size, **options)


THREE_BYTES = np.frombuffer(
    bytes(range(1, 244)) * 9 + bytes(range(1, 217)), np.uint8
).tobytes()  # 2,403 bytes
LIST = chunk(b"LIST", b"INFOISFT\x05\0\0\0Lavf\0")
DS64 = chunk(b"ds64", struct.pack("<QQQI", 80 + 16000, 16000, 8000, 0))
BIG_ENDIAN = b"".join(
    [
        *(b"RIFX", struct.pack(">I", 36 + 16000), b"WAVE"),
        *(b"fmt ", struct.pack(">IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16)),
        *(b"data", struct.pack(">I", 16000), SAMPLES.astype(">i2").tobytes()),
    ]
)
# name: (content, samples or words of the error)
WAVS = {
    "as it should be": (wav(fmt(), data()), 8000),
    "piped by ffmpeg": (wav(fmt(), LIST, data(0xFFFFFFFF), riff=0xFFFFFFFF), 8000),
    "piped by sox": (wav(fmt(), data(0x7FFFF000), riff=0x7FFFF024), 8000),
    "recorded by arecord without end": (wav(fmt(), data(0x80000000), riff=0x80000024), 8000),
    "largest signed number": (wav(fmt(), data(0x7FFFFFFF), riff=0x7FFFFFFF), 8000),
    "stopped hard": (wav(fmt(), data(0), riff=36), 8000),
    "nothing was filled in": (wav(fmt(), data(0), riff=0), 8000),
    "size of the file counts all bytes": (wav(fmt(), data(), riff=44 + 16000), 8000),
    "size of the file far too large": (wav(fmt(), data(), riff=0x10000000), 8000),
    "text before the samples": (wav(fmt(), LIST, chunk(b"JUNK", bytes(28)), data()), 8000),
    "text after the samples": (wav(fmt(), data(), LIST), 8000),
    "a tag without a chunk at the end": (wav(fmt(), data(), riff=36 + 16000) + b"TAG" + bytes(125), 8000),
    "24 bits, an odd number of bytes": (wav(fmt(24), data(content=THREE_BYTES, pad=False)), 801),
    "8 bits, the missing pad byte is counted": (
        wav(fmt(8), data(8002, bytes(range(99, 108)) * 889, pad=False)),
        8001,
    ),
    "large-file form (RF64)": (wav(DS64, fmt(), data(0xFFFFFFFF), riff=0xFFFFFFFF, form=b"RF64"), 8000),
    "big-endian form (RIFX)": (BIG_ENDIAN, 8000),
    "no samples": (wav(fmt(), data(0, b"")), "contains no samples"),
    "two bytes are missing": (wav(fmt(), data())[:-2], "cut off"),
    "half is missing": (wav(fmt(), data())[:8000], "cut off"),
    "half is missing, the file's size fits": (wav(fmt(), data(16000, SAMPLES.tobytes()[:8000])), "cut off"),
    "it ends before the samples": (wav(fmt(), LIST), "cut off"),
    "it ends within the format": (wav(fmt())[:30], "cut off"),
}


@pytest.mark.parametrize("name", WAVS)
def test_sizes_in_a_wav(tmp_path, name):
    content, right = WAVS[name]
    (tmp_path / "a.wav").write_bytes(content)
    if isinstance(right, str):
        with pytest.raises(CourseError, match=rf"a\.wav: .*{right}"):
            audio.read_audio(tmp_path / "a.wav")
        return
    found, warned = read(audio.read_audio, tmp_path / "a.wav", 8000, seconds=None)
    assert len(found) == right and warned == []
    if right == 8000:
        assert np.allclose(found, SAMPLES / 32768, atol=1e-6)
