"""Files uploaded to the demo: an odd file is refused in one sentence that names it, whatever its name is."""

import struct
import subprocess
import zlib
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
import soundfile
from PIL import Image

from course_lib.core.audio import SPEECH_SR
from course_lib.core.errors import CourseError
from course_lib.demo import uploads
from course_lib.synthetic import corpus


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """A video of the Studio with frames and sound, 3 to 4 s."""
    return Path(
        corpus.make(["01-01-05-01-01-01-01.mp4"], tmp_path_factory.mktemp("clip"), jobs=1)["path"].iloc[0]
    )


def picture(path, size=(40, 30), **options):
    Image.fromarray(np.full((size[1], size[0], 3), 90, np.uint8)).save(path, **options)
    return path


def test_a_video_gives_ten_frames_a_second_and_its_sound(clip):
    upload = uploads.read(clip)
    assert upload.kind == "video" and upload.notes == ()
    assert upload.seconds == pytest.approx(len(upload.frames) / 10, abs=0.3)
    assert upload.frames[0].dtype == np.uint8 and max(upload.frames[0].shape) <= uploads.SIDE
    assert upload.sound.dtype == np.float32 and abs(upload.sound).max() > 0.01


def test_a_name_does_not_matter(clip, tmp_path):
    renamed = tmp_path / "holiday.txt"
    renamed.write_bytes(clip.read_bytes())
    assert uploads.read(renamed).kind == "video"


def test_a_recording_has_no_frames_and_keeps_its_duration(tmp_path):
    soundfile.write(tmp_path / "a.flac", np.sin(np.arange(24000) / 5), 8000)
    upload = uploads.read(tmp_path / "a.flac")
    assert (upload.kind, upload.frames, len(upload.sound)) == ("audio", [], 3 * SPEECH_SR)


def test_only_the_first_minute_of_four_hours_is_read(tmp_path):
    path = tmp_path / "long.flac"
    soundfile.write(path, np.full(4 * 3600 * 800, 1000, np.int16), 800)
    upload = uploads.read(path)
    assert upload.seconds == uploads.LONGEST and "first 60 seconds" in upload.notes[0]


def test_an_image_is_reduced_and_turned_as_its_exif_data_say(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera lay on its side
    upload = uploads.read(picture(tmp_path / "a.jpg", (1280, 320), exif=exif))
    assert (upload.kind, upload.frames[0].shape, upload.seconds) == ("image", (640, 160, 3), 0)


def test_grey_and_transparent_images_are_read(tmp_path):
    for mode in ("L", "LA", "P", "RGBA", "1", "I;16"):
        Image.new(mode, (8, 6)).save(tmp_path / "a.png")
        assert uploads.read(tmp_path / "a.png").frames[0].shape == (6, 8, 3)


def test_a_note_tells_that_a_video_has_no_sound(clip, tmp_path):
    mute = tmp_path / "mute.mp4"
    subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", clip, "-an", "-c", "copy", mute], check=True
    )
    upload = uploads.read(mute)
    assert upload.sound is None and upload.frames and "no audio stream" in upload.notes[0]
    assert str(tmp_path) not in upload.notes[0]


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"", "empty"),
        (b"\x00" * 500, "first bytes"),
        (b"#EXTM3U\nfile:///etc/passwd\n", "first bytes"),
        (b"ffconcat version 1.0\nfile '/etc/passwd'\n", "first bytes"),
        (b"<svg onload='alert(1)'/>", "first bytes"),
        (b"GIF89a" + b"\x01" * 40, "first bytes"),
        (b"%PDF-1.7", "first bytes"),
        (b"PK\x03\x04", "first bytes"),
        (b"\xff\xd8\xff" + b"\x00" * 90, "cut off or damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"\x07" * 90, "cut off or damaged"),
        (b"RIFF\x10\x00\x00\x00WAVEfmt ", "cut off"),
        (b"fLaC" + b"\x00" * 60, "sound"),
        (b"ID3" + b"\x00" * 60, "sound"),
        (b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 60, "neither frames nor sound"),
        (b"\x1aE\xdf\xa3" + b"\x42" * 60, "neither frames nor sound"),
    ],
)
def test_odd_files_are_refused_by_name(tmp_path, content, wrong):
    path = tmp_path / "<script>alert(1)<script>.mp4"
    path.write_bytes(content)
    with pytest.raises(CourseError, match=wrong) as refused:
        uploads.read(path)
    assert path.name in str(refused.value) and "\n" not in str(refused.value)


def test_an_image_in_another_format_is_not_opened_whatever_its_first_bytes_are(tmp_path):
    """Pillow hands EPS to Ghostscript, which runs it."""
    (tmp_path / "a.jpg").write_bytes(
        b"%!PS-xxxWEBP\n%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nquit\n"
    )
    with pytest.raises(CourseError, match="cut off or damaged"):
        uploads.read(tmp_path / "a.jpg")


@pytest.mark.parametrize("brand", ["heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "msf1", "avif"])
def test_the_error_for_an_heic_image_tells_what_to_do(tmp_path, brand):
    (tmp_path / "a.heic").write_bytes(b"\x00\x00\x00\x18ftyp" + brand.encode() + bytes(60))
    with pytest.raises(CourseError, match="Save it as a jpg"):
        uploads.read(tmp_path / "a.heic")


def test_a_playlist_after_an_mp3_header_opens_no_other_file(clip, tmp_path):
    (tmp_path / "a.m3u8").write_bytes(
        b"ID3\x04\x00\x00\x00\x00\x00\x00#EXTM3U\n#EXTINF:1,\n%s\n" % str(clip).encode()
    )
    with pytest.raises(CourseError, match="sound"):
        uploads.read(tmp_path / "a.m3u8")


def test_the_good_frames_of_a_damaged_video_are_kept(clip, tmp_path):
    whole = bytearray(clip.read_bytes())
    start = whole.index(b"mdat") + (len(whole) - whole.index(b"mdat")) * 3 // 4
    whole[start : start + 3000] = bytes(3000)
    (tmp_path / "a.mp4").write_bytes(whole)
    upload = uploads.read(tmp_path / "a.mp4")
    assert len(upload.frames) > 5 and upload.notes


def test_a_truncated_image_is_refused(tmp_path):
    whole = picture(tmp_path / "a.png", (300, 300)).read_bytes()
    (tmp_path / "b.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CourseError, match="cut off or damaged"):
        uploads.read(tmp_path / "b.png")


@pytest.mark.parametrize("side", [7100, 10000, 20000])
def test_an_image_that_unpacks_to_gigabytes_is_refused(tmp_path, side):
    path = picture(tmp_path / "bomb.png", (1, 1))
    png, size = path.read_bytes(), struct.pack(">II", side, side)  # "IHDR", then the size, then a checksum
    header = b"IHDR" + size + png[24:29]
    path.write_bytes(png[:12] + header + struct.pack(">I", zlib.crc32(header)) + png[33:])
    with pytest.raises(CourseError, match="more than 50 million pixels"):
        uploads.read(tmp_path / "bomb.png")


def test_a_large_file_is_refused(tmp_path):
    path = tmp_path / "large.wav"
    with open(path, "wb") as file:
        file.write(b"RIFF\xff\xff\xff\xffWAVE")
        file.truncate(uploads.LARGEST + 1)
    with pytest.raises(CourseError, match="50 MB"):
        uploads.read(path, uploads.LARGEST)


def test_a_truncated_video_is_refused(clip, tmp_path):
    whole = clip.read_bytes()
    (tmp_path / "half.mp4").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CourseError, match="neither frames nor sound"):
        uploads.read(tmp_path / "half.mp4")


def test_the_error_names_a_missing_file(tmp_path):
    with pytest.raises(CourseError, match="no such file"):
        uploads.read(tmp_path / "none.mp4")


@pytest.mark.parametrize(
    "ending, codec", [("m4a", "aac"), ("mp4", "aac"), ("webm", "libopus"), ("mov", "aac")]
)
def test_a_recording_in_a_container_for_films_is_a_recording_without_a_note(tmp_path, ending, codec):
    path = tmp_path / f"voice.{ending}"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", "sine=d=3", "-c:a", codec]
    subprocess.run([*command, str(path)], check=True)
    upload = uploads.read(path)
    assert upload.kind == "audio" and upload.notes == () and upload.seconds == pytest.approx(3, abs=0.1)


def test_silence_and_channels_that_cancel_each_other_are_named(tmp_path):
    wave = 0.5 * np.sin(np.arange(8000) / 5)
    for samples, why in ((np.zeros(8000), "silent"), (np.stack([wave, -wave], 1), "cancel each other")):
        soundfile.write(tmp_path / "a.wav", samples, 8000)
        with pytest.raises(CourseError, match=f"neither frames nor sound.*{why}"):
            uploads.read(tmp_path / "a.wav")


def test_sixteen_bits_of_grey_are_scaled_and_not_cut_off(tmp_path):
    Image.fromarray(np.full((30, 40), 201 * 257, np.uint16)).save(tmp_path / "a.png")
    assert (uploads.read(tmp_path / "a.png").frames[0] == 201).all()


def test_a_very_flat_image_has_no_face(tmp_path):
    from course_lib.faces import finding, tracking

    frame = uploads.read(picture(tmp_path / "a.png", (8000, 4))).frames[0]
    assert finding.largest(frame) is None
    assert tracking.track([np.zeros((4, 8000, 3), np.uint8)])["x"].isna().all()
