"""Frames as they are decoded: order, colours, size, number; and every clip that cannot be read."""

import re
import subprocess
import sys
import warnings
from pathlib import Path

import cv2
import imageio_ffmpeg
import numpy as np
import pandas as pd
import pytest

from course_lib.core.errors import CourseError
from course_lib.media import ffmpeg, video


def noise(n=30, height=48, width=64):
    """Frames that do not compress away, so that damage in the middle of the file hits them."""
    return np.random.default_rng(0).integers(0, 256, (n, height, width, 3), dtype=np.uint8)


def table(*paths, **columns):
    return pd.DataFrame({"path": [str(path) for path in paths], **columns})


def frames_read(path, **options):
    return np.round(video.read_clip(path, **options).mean(axis=(1, 2, 3)) / 8).astype(int).tolist()


# --- one clip ---


def test_all_frames_in_their_order(tmp_path, make_mp4):
    clip = video.read_clip(make_mp4(tmp_path / "clip.mp4"))
    assert clip.shape == (16, 48, 64, 3) and clip.dtype == np.uint8
    assert np.abs(clip.mean(axis=(1, 2, 3)) - 8 * np.arange(16)).max() < 2


def test_colours_are_red_green_blue(tmp_path, make_mp4):
    frames = np.zeros((4, 48, 64, 3), np.uint8)
    frames[..., 0] = 200
    red, green, blue = video.read_clip(make_mp4(tmp_path / "red.mp4", frames)).mean(axis=(0, 1, 2))
    assert abs(red - 200) < 4 and green < 4 and blue < 4


@pytest.mark.parametrize("size", [(16, 20), (24, 32), (30, 64), (11, 13)])
def test_resizing_while_decoding_is_opencvs_area_average(tmp_path, make_mp4, size):
    path = make_mp4(tmp_path / "clip.mp4", noise(5, 96, 128))
    expected = np.stack(
        [cv2.resize(frame, size[::-1], interpolation=cv2.INTER_AREA) for frame in video.stream(path)]
    )
    resized = video.read_clip(path, size)
    assert resized.shape == (5, *size, 3)
    difference = resized.astype(float) - expected
    assert np.abs(difference).mean() < 0.5 and abs(difference.mean()) < 0.1


def test_size_is_height_and_width(tmp_path, make_mp4):
    assert video.read_clip(make_mp4(tmp_path / "clip.mp4"), (10, 30)).shape == (16, 10, 30, 3)


def test_a_image_of_odd_size_keeps_it(tmp_path, make_mp4):
    assert video.read_clip(make_mp4(tmp_path / "clip.mp4"), (11, 13)).shape == (16, 11, 13, 3)


@pytest.mark.parametrize("name", ["表情 1.png", "a.JPG"])
def test_a_photograph_is_a_clip_of_one_frame(tmp_path, name):
    path = tmp_path / name
    red = np.zeros((20, 30, 3), np.uint8)
    red[..., 2] = 200  # OpenCV's order is blue, green, red
    path.write_bytes(cv2.imencode(path.suffix, red)[1])
    frames = video.read_clip(path, size=(10, 15), every=30)
    assert frames.shape == (1, 10, 15, 3)
    assert abs(frames[0, 5, 5].astype(int) - [200, 0, 0]).max() < 5
    images, rows = video.read_frames(table(path), (10, 15))
    assert len(images) == 1 and rows["frame"].tolist() == [0]


def test_a_damaged_photograph_is_named(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no image")
    with pytest.raises(CourseError, match=r"a\.png: it is damaged, or it is not an image"):
        video.read_clip(tmp_path / "a.png")


def test_one_frame_in_every_so_many(tmp_path, make_mp4):
    assert frames_read(make_mp4(tmp_path / "clip.mp4"), every=5) == [0, 5, 10, 15]


def test_seconds_stop_the_clip(tmp_path, make_mp4):
    assert frames_read(make_mp4(tmp_path / "clip.mp4"), seconds=0.2) == [0, 1, 2, 3, 4, 5]
    assert len(frames_read(tmp_path / "clip.mp4", seconds=60)) == 16


def test_fps_resamples_in_time(tmp_path, make_mp4):
    path = make_mp4(tmp_path / "clip.mp4", noise(30))
    assert len(video.read_clip(path, fps=10)) == 10
    assert len(video.read_clip(path, fps=10, every=2)) == 5  # one in two of the ten
    assert len(video.read_clip(path, fps=10, seconds=0.5)) == 5
    assert len(video.read_clip(path, fps=60)) in (59, 60)


def test_declared_frames_are_the_containers_own_count(tmp_path, make_mp4):
    assert video.declared_frames(make_mp4(tmp_path / "clip.mp4")) == 16


@pytest.mark.parametrize(
    "name",
    [
        "with blanks/my clip.mp4",
        "Ünïcödé 表情/é.mp4",
        "50%d.mp4",
        "it's.mp4",
        pytest.param(
            "a:b.mp4", marks=pytest.mark.skipif(sys.platform == "win32", reason="no such names on Windows")
        ),
    ],
)
def test_names_that_trip_up_ffmpeg(tmp_path, make_mp4, monkeypatch, name):
    path = make_mp4(tmp_path / "plain.mp4").rename(_in_a_folder(tmp_path / name))
    assert len(video.read_clip(path)) == 16
    monkeypatch.chdir(path.parent)
    assert len(video.read_clip(path.name)) == 16


def _in_a_folder(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def test_a_closed_stream_leaves_no_process(tmp_path, make_mp4, monkeypatch):
    started = []

    class Popen(subprocess.Popen):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            started.append(self)
            self.killed = False

        def kill(self):
            self.killed = True
            super().kill()

    path = make_mp4(tmp_path / "clip.mp4", noise(60))  # half a megabyte of frames: more than a pipe holds
    monkeypatch.setattr(video.subprocess, "Popen", Popen)
    frames = video.stream(path)
    assert started == []  # nothing is decoded before the first frame is wanted
    next(frames)
    assert started[0].poll() is None
    frames.close()
    assert started[0].killed and started[0].returncode is not None and started[0].stdout.closed


# --- clips that cannot be read ---


def broken_clips(folder, make_mp4, make_wav):
    """One of each kind, by name: the path, and what the error must say."""
    whole = make_mp4(folder / "whole.mp4", noise()).read_bytes()
    index_first = make_mp4(folder / "first.mp4", noise(), faststart=True).read_bytes()
    middle = len(index_first) // 2
    contents = {
        "cut.mp4": whole[: len(whole) // 2],
        "stub.mp4": whole[:20],
        "short.mp4": index_first[:middle],
        "text.mp4": b"this is no clip\n" * 50,
        "zeros.mp4": bytes(5000),
        "empty.mp4": b"",
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    (folder / "folder.mp4").mkdir()
    sound = make_wav(folder / "sound.wav", np.sin(np.arange(9600) / 10))
    subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", sound, folder / "sound.mp4"], check=True
    )
    return {
        "missing.mp4": "no such file",
        "folder.mp4": "a folder",
        "empty.mp4": "empty",
        "text.mp4": "not a clip",
        "zeros.mp4": "not a clip",
        "stub.mp4": "cut off",
        "cut.mp4": "cut off",
        "short.mp4": "only .* frames",
        "sound.mp4": "no video stream",
        "sound.wav": "no video stream",
    }


def test_every_broken_clip_gets_one_clear_error(tmp_path, make_mp4, make_wav):
    for name, message in broken_clips(tmp_path, make_mp4, make_wav).items():
        with pytest.raises(CourseError, match=rf"{name}: .*{message}.*\. (Check|Give|Fetch)") as caught:
            video.read_clip(tmp_path / name)
        assert "\n" not in str(caught.value) and "0x" not in str(caught.value)


def test_a_file_that_declares_no_frames(tmp_path):
    (tmp_path / "text.mp4").write_text("this is no clip")
    with pytest.raises(CourseError, match=r"text\.mp4: it declares no frames"):
        video.declared_frames(tmp_path / "text.mp4")


REFUSED = [
    *(("size", size) for size in (224, 0, (0, 0), (-1, 32), (224,), (224, 224, 3), (22.5, 32), ("a", "b"))),
    *(("every", every) for every in (0, -3, 2.5, None, "2")),
]


@pytest.mark.parametrize(
    "name, value",
    [
        *REFUSED,
        *((name, value) for name in ("seconds", "fps") for value in (0, -1, float("nan"), float("inf"), "4")),
    ],
)
def test_what_cannot_be_asked_of_a_clip_is_refused_before_it_is_decoded(
    tmp_path, make_mp4, monkeypatch, name, value
):
    path = make_mp4(tmp_path / "clip.mp4")
    monkeypatch.setattr(video.subprocess, "Popen", no_decoding)
    with pytest.raises(CourseError, match=rf"^{name}={re.escape(repr(value))}: .*\. Give "):
        next(video.stream(path, **{name: value}))
    with pytest.raises(CourseError, match=f"^{name}="):
        video.read_clip(path, **{name: value})


@pytest.mark.parametrize("name, value", [*REFUSED, ("seconds", 0)])
def test_what_cannot_be_asked_of_many_clips_is_not_blamed_on_them(tmp_path, name, value):
    clips = table(tmp_path / "one.mp4")
    with pytest.raises(CourseError, match=f"^{name}="):
        video.read_frames(clips, **{name: value})
    if name != "seconds":
        with pytest.raises(CourseError, match=f"^{name}="):
            video.extract_frames(clips, tmp_path / "images", **{name: value})


def test_numbers_of_numpy_are_numbers(tmp_path, make_mp4):
    path = make_mp4(tmp_path / "clip.mp4")
    clip = video.read_clip(path, np.array([24, 32]), seconds=np.float32(0.2), every=np.int64(2))
    assert clip.shape == (3, 24, 32, 3)


def test_a_damaged_clip_gives_what_it_has_before_it_complains(tmp_path, make_mp4, make_wav):
    broken_clips(tmp_path, make_mp4, make_wav)
    frames = []
    with pytest.raises(CourseError) as caught:
        frames.extend(video.stream(tmp_path / "short.mp4"))
    assert frames == [] or f"only {len(frames)} frames" in str(caught.value)


@pytest.mark.parametrize(
    "message, meant",
    [
        ("[in#0/mov @ 0x55d9] moov atom not found\nError opening", "index"),
        ("[h264 @ 0x1a] something new\nand more", "ffmpeg says: something new"),
        ("", "no frame"),
    ],
)
def test_messages_of_ffmpeg_in_plain_words(message, meant):
    assert meant in ffmpeg.explain(message) and "0x" not in ffmpeg.explain(message)


# --- many clips ---


def test_frames_of_many_clips_keep_step_with_their_table(tmp_path, make_mp4):
    bright = np.full((10, 48, 64, 3), 200, np.uint8)
    clips = table(
        make_mp4(tmp_path / "dark.mp4"), make_mp4(tmp_path / "bright.mp4", bright), emotion=["sad", "happy"]
    )
    clips.index = [7, 7]  # a filtered or joined table keeps odd indices
    images, rows = video.read_frames(clips, (24, 32), every=4)
    assert images.shape == (4 + 3, 24, 32, 3) and len(rows) == 7
    assert list(rows.columns) == ["path", "emotion", "frame"] and list(rows.index) == list(range(7))
    assert list(rows["emotion"]) == ["sad"] * 4 + ["happy"] * 3
    assert list(rows["frame"]) == [0, 4, 8, 12, 0, 4, 8]
    assert np.abs(images.mean(axis=(1, 2, 3)) - [0, 32, 64, 96, 200, 200, 200]).max() < 3


def test_clips_that_cannot_be_read_are_left_out_and_named(tmp_path, make_mp4):
    (tmp_path / "text.mp4").write_text("no clip")
    clips = table(
        tmp_path / "gone.mp4", make_mp4(tmp_path / "good.mp4"), tmp_path / "text.mp4", emotion=list("abc")
    )
    with pytest.warns(UserWarning) as caught:
        images, rows = video.read_frames(clips, (24, 32))
    [message] = [str(warning.message) for warning in caught]
    assert (
        "2 of 3 clips left out" in message
        and "gone.mp4: there is no" in message
        and "text.mp4: it is" in message
    )
    assert len(images) == len(rows) == 16 and set(rows["emotion"]) == {"b"}
    assert caught[0].filename == __file__


def test_good_clips_raise_no_warning(tmp_path, make_mp4):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        video.read_frames(table(make_mp4(tmp_path / "good.mp4")))


@pytest.mark.parametrize(
    "read", [video.read_frames, lambda clips: video.extract_frames(clips, Path("never made"))]
)
def test_no_clip_at_all_is_an_error(tmp_path, read):
    with pytest.raises(
        CourseError, match=r"2 clips: none of them .* The first error: .*a\.mp4: there is no such file"
    ):
        read(table(tmp_path / "a.mp4", tmp_path / "b.mp4"))
    with pytest.raises(CourseError, match=r"0 clips: .*empty: check its filter"):
        read(table())


def test_pictures_of_two_sizes_make_no_array(tmp_path, make_mp4):
    clips = table(make_mp4(tmp_path / "a.mp4"), make_mp4(tmp_path / "b.mp4", noise(3, 32, 32)))
    with pytest.raises(CourseError, match=r"differ in size \(32x32, 48x64\).*size=\(height, width\)"):
        video.read_frames(clips, size=None)


# --- frames as files ---


def no_decoding(*args, **options):
    raise AssertionError("a clip was decoded again")


def test_frames_are_saved_as_images_with_their_labels(tmp_path, make_mp4):
    clips = table(make_mp4(tmp_path / "one.mp4"), emotion=["angry"])
    saved = video.extract_frames(clips, tmp_path / "a new" / "folder", every=6)
    assert [Path(path).name for path in saved["path"]] == ["one_0000.png", "one_0006.png", "one_0012.png"]
    assert list(saved["frame"]) == [0, 6, 12] and set(saved["emotion"]) == {"angry"}
    assert set(saved["clip"]) == {str(tmp_path / "one.mp4")}
    image = cv2.cvtColor(cv2.imread(saved["path"][1]), cv2.COLOR_BGR2RGB)
    assert (image == video.read_clip(tmp_path / "one.mp4")[6]).all()


def test_saved_colours_are_right(tmp_path, make_mp4):
    frames = np.zeros((2, 48, 64, 3), np.uint8)
    frames[..., 0] = 200
    saved = video.extract_frames(table(make_mp4(tmp_path / "red.mp4", frames)), tmp_path / "images")
    assert np.allclose(
        cv2.imread(saved["path"][0]).mean(axis=(0, 1)), (0, 0, 200), atol=4
    )  # OpenCV reads BGR


def test_a_second_run_decodes_nothing(tmp_path, make_mp4, monkeypatch):
    clips = table(make_mp4(tmp_path / "one.mp4"))
    first = video.extract_frames(clips, tmp_path / "images")
    monkeypatch.setattr(video, "stream", no_decoding)
    pd.testing.assert_frame_equal(video.extract_frames(clips, tmp_path / "images"), first)


def test_a_deleted_image_is_made_again(tmp_path, make_mp4):
    clips = table(make_mp4(tmp_path / "one.mp4"))
    first = video.extract_frames(clips, tmp_path / "images")
    Path(first["path"][3]).unlink()
    pd.testing.assert_frame_equal(video.extract_frames(clips, tmp_path / "images"), first)
    assert Path(first["path"][3]).exists()


def test_images_of_another_size_are_not_taken_for_these(tmp_path, make_mp4):
    clips = table(make_mp4(tmp_path / "one.mp4"))
    for size in (None, (24, 32), None):
        saved = video.extract_frames(clips, tmp_path / "images", size)
        assert cv2.imread(saved["path"][0]).shape == (*(size or (48, 64)), 3)


def test_images_of_an_older_clip_are_not_taken_for_these(tmp_path, make_mp4):
    clips = table(make_mp4(tmp_path / "one.mp4"))
    video.extract_frames(clips, tmp_path / "images")
    make_mp4(tmp_path / "one.mp4", np.full((3, 48, 64, 3), 200, np.uint8))
    saved = video.extract_frames(clips, tmp_path / "images")
    assert len(saved) == 3 and abs(cv2.imread(saved["path"][0]).mean() - 200) < 3


def interrupted(*args, decode=video.stream, **options):
    frames = decode(*args, **options)
    yield next(frames)
    yield next(frames)
    raise KeyboardInterrupt


def interrupt(monkeypatch, *args):
    with monkeypatch.context() as patch:
        patch.setattr(video, "stream", interrupted)
        with pytest.raises(KeyboardInterrupt):
            video.extract_frames(*args, jobs=1)


def test_images_of_two_sizes_are_not_mixed_after_an_interrupt(tmp_path, make_mp4, monkeypatch):
    clips = table(make_mp4(tmp_path / "one.mp4"))
    video.extract_frames(clips, tmp_path / "images")
    interrupt(monkeypatch, clips, tmp_path / "images", (24, 32))
    saved = video.extract_frames(clips, tmp_path / "images")
    assert {cv2.imread(path).shape for path in saved["path"]} == {(48, 64, 3)}


def test_an_interrupted_run_leaves_nothing_half(tmp_path, make_mp4, monkeypatch):
    clips = table(make_mp4(tmp_path / "one.mp4"))
    interrupt(monkeypatch, clips, tmp_path / "images")
    assert sorted(path.name for path in (tmp_path / "images").iterdir()) == ["one_0000.png", "one_0001.png"]
    assert all(cv2.imread(str(path)) is not None for path in (tmp_path / "images").iterdir())
    assert len(video.extract_frames(clips, tmp_path / "images")) == 16


def test_a_clip_that_breaks_off_is_not_remembered_as_done(tmp_path, make_mp4):
    whole = make_mp4(tmp_path / "one.mp4", noise(), faststart=True).read_bytes()
    clips = table(tmp_path / "one.mp4", make_mp4(tmp_path / "good.mp4"))
    (tmp_path / "one.mp4").write_bytes(whole[: len(whole) // 2])
    for _ in range(2):
        with pytest.warns(UserWarning, match=r"1 of 2 clips left out:\n.*one\.mp4: only"):
            saved = video.extract_frames(clips, tmp_path / "images")
        assert set(saved["clip"]) == {str(tmp_path / "good.mp4")}


def test_two_clips_of_one_name_would_share_their_images(tmp_path, make_mp4):
    clips = table(make_mp4(tmp_path / "a" / "clip.mp4"), make_mp4(tmp_path / "b" / "clip.mp4"))
    with pytest.raises(CourseError, match=r"b.clip\.mp4: .*overwrite those of .*a.clip\.mp4"):
        video.extract_frames(clips, tmp_path / "images")


def test_one_clip_in_two_rows_would_be_written_twice_at_once(tmp_path, make_mp4):
    path = make_mp4(tmp_path / "clip.mp4")
    with pytest.raises(CourseError, match=r"clip\.mp4: .*overwrite those of .*clip\.mp4"):
        video.extract_frames(table(path, path), tmp_path / "images")
    one = str(path)
    with pytest.raises(CourseError, match="overwrite"):  # the very same string, not only an equal one
        video.extract_frames(pd.DataFrame({"path": [one, one]}), tmp_path / "images")


def test_folders_with_blanks_and_other_letters(tmp_path, make_mp4):
    clips = table(make_mp4(tmp_path / "mes données" / "表情 1.mp4"))
    for _ in range(2):
        saved = video.extract_frames(clips, tmp_path / "ångström und blanks", every=15)
        assert [Path(path).name for path in saved["path"]] == ["表情 1_0000.png", "表情 1_0015.png"]
        assert all(Path(path).stat().st_size for path in saved["path"])


# --- the first seconds of many clips ---


def steps(n, height=48, width=64):
    """Frame i is of grey level i, so that a frame says which one it is."""
    return np.broadcast_to(np.arange(n, dtype=np.uint8)[:, None, None, None], (n, height, width, 3)).copy()


def numbers(window):
    return np.round(window.mean(axis=(1, 2, 3))).astype(int)


def test_the_first_four_seconds_at_the_lectures_size(tmp_path, make_mp4):
    clips = table(make_mp4(tmp_path / "a.mp4", steps(130)), make_mp4(tmp_path / "b.mp4", steps(125)))
    windows, kept = video.read_windows(clips)
    assert windows.shape == (2, 120, 128, 227, 3) and windows.dtype == np.uint8
    assert np.abs(numbers(windows[0]) - np.arange(120)).max() <= 1
    pd.testing.assert_frame_equal(kept, clips)


def test_a_window_is_the_clip_as_it_streams(tmp_path, make_mp4):
    noise = np.random.default_rng(0).integers(0, 256, (15, 48, 64, 3), dtype=np.uint8)
    clips = table(make_mp4(tmp_path / "a.mp4", noise))
    windows, _ = video.read_windows(clips, (24, 32), seconds=0.5)
    np.testing.assert_array_equal(windows[0], video.read_clip(tmp_path / "a.mp4", (24, 32)))


def test_a_shorter_clip_holds_its_last_frame(tmp_path, make_mp4):
    clips = table(
        make_mp4(tmp_path / "short.mp4", 2 * steps(50)), make_mp4(tmp_path / "one.mp4", 100 + steps(1))
    )
    windows, _ = video.read_windows(clips, (24, 32), seconds=2)
    assert windows.shape[:2] == (2, 60)
    assert np.abs(numbers(windows[0])[:50] - 2 * np.arange(50)).max() <= 1
    assert (windows[0, 50:] == windows[0, 49]).all() and (windows[1] == windows[1, 0]).all()


@pytest.mark.parametrize(
    ("seconds", "fps", "n"), [(2, 5, 10), (1.5, 10, 15), (0.5, 30, 15), (1, 29.97, 30), (3, 1, 3)]
)
def test_exactly_so_many_frames(tmp_path, make_mp4, seconds, fps, n):
    clips = table(make_mp4(tmp_path / "long.mp4", steps(120)), make_mp4(tmp_path / "short.mp4", steps(10)))
    windows, _ = video.read_windows(clips, (24, 32), seconds, fps)
    assert windows.shape[:2] == (2, n)
    expected = (
        (np.arange(n) + 0.5) * 30 / fps
    )  # the middle of the time a frame stands for, in frames of the clip
    assert np.abs(numbers(windows[0]) - expected).max() <= 0.5 * 30 / fps + 2


def test_a_clip_of_another_rate_is_resampled_in_time(tmp_path, make_mp4):
    clips = table(make_mp4(tmp_path / "slow.mp4", 4 * steps(20), fps=10))
    windows, _ = video.read_windows(clips, (24, 32), seconds=2, fps=30)
    assert np.abs(numbers(windows[0]) - 4 * np.arange(60) / 3).max() <= 5


def test_clips_that_cannot_be_read_are_left_out_and_the_rest_keep_step(tmp_path, make_mp4):
    (tmp_path / "text.mp4").write_text("no clip")
    good = [make_mp4(tmp_path / f"{grey}.mp4", grey + steps(1)) for grey in (50, 100, 150)]
    clips = table(tmp_path / "gone.mp4", good[0], tmp_path / "text.mp4", *good[1:], emotion=list("abcde"))
    with pytest.warns(UserWarning, match=r"2 of 5 clips left out:\n.*gone\.mp4.*\n.*text\.mp4"):
        windows, kept = video.read_windows(clips, (24, 32), seconds=0.1, jobs=2)
    assert list(kept["emotion"]) == ["b", "d", "e"] and list(kept.index) == [0, 1, 2]
    assert np.abs([numbers(window)[0] for window in windows] - np.array([50, 100, 150])).max() <= 1


def test_a_clip_that_is_damaged_within_its_window_is_left_out(tmp_path, make_mp4):
    noise = np.random.default_rng(0).integers(0, 256, (60, 48, 64, 3), dtype=np.uint8)
    whole = make_mp4(tmp_path / "whole.mp4", noise, faststart=True)
    (tmp_path / "cut.mp4").write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.warns(UserWarning, match="1 of 2 clips left out:\n.*cut.mp4: only .* frames could be read"):
        windows, kept = video.read_windows(table(whole, tmp_path / "cut.mp4"), (24, 32), seconds=2)
    assert len(windows) == len(kept) == 1


def test_no_clip_at_all_gives_no_windows(tmp_path):
    with pytest.raises(
        CourseError, match=r"2 clips: none of them .* The first error: .*a\.mp4: there is no such file"
    ):
        video.read_windows(table(tmp_path / "a.mp4", tmp_path / "b.mp4"))
    with pytest.raises(CourseError, match=r"0 clips: .*empty: check its filter"):
        video.read_windows(table())


@pytest.mark.parametrize(
    ("name", "value"),
    [("size", 128), ("size", (0, 9)), ("seconds", 0), ("seconds", "4"), ("fps", -30), ("fps", float("nan"))],
)
def test_a_window_that_cannot_be_is_not_blamed_on_the_clips(tmp_path, name, value):
    with pytest.raises(CourseError, match=f"^{name}={re.escape(repr(value))}"):
        video.read_windows(table(tmp_path / "one.mp4"), **{name: value})


@pytest.mark.parametrize(
    "options", [{"size": None}, {"seconds": None}, {"fps": None}, {"seconds": 0.01}], ids=str
)
def test_clips_of_their_own_size_or_length_make_no_array(tmp_path, options):
    with pytest.raises(CourseError, match=r"an array needs one size .*\. Give"):
        video.read_windows(table(tmp_path / "one.mp4"), **options)


def test_only_the_array_is_in_memory(tmp_path, make_mp4):
    import psutil

    clips = table(*[make_mp4(tmp_path / f"{n}.mp4", np.zeros((60, 480, 640, 3), np.uint8)) for n in range(4)])
    process, seen, stream = psutil.Process(), [], video.stream
    before = process.memory_info().rss

    def watched(*args, **options):
        for frame in stream(*args, **options):
            seen.append(process.memory_info().rss - before)
            yield frame

    video.stream = watched
    try:
        windows, _ = video.read_windows(clips, (128, 227), seconds=2, jobs=1)
    finally:
        video.stream = stream
    assert len(seen) == 240
    assert max(seen) < windows.nbytes + 30 * 2**20  # one clip at 480x640 would be 55 MB more


# --- files as phones, browsers and webcams write them ---


def test_a_clip_with_a_spoilt_middle_comes_whole_with_a_warning(tmp_path, make_mp4):
    content = make_mp4(tmp_path / "clip.mp4", noise(), faststart=True).read_bytes()
    middle = len(content) // 2
    (tmp_path / "clip.mp4").write_bytes(content[:middle] + b"x" * 3000 + content[middle + 3000 :])
    with pytest.warns(UserWarning, match=r"clip\.mp4: \d+ frames were read, but ffmpeg complains: \S"):
        assert len(video.read_clip(tmp_path / "clip.mp4")) > 0.9 * len(noise())


def make(path, *options, inputs=("testsrc=d=1:s=64x48:r=10",)):
    """Let ffmpeg make a file from test pictures or sounds."""
    given = [part for one in inputs for part in ("-f", "lavfi", "-i", one)]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *given, *options, str(path)]
    subprocess.run(command, check=True)
    return path


def test_pictures_that_begin_after_the_sound_are_black_until_then(tmp_path):
    path = make(
        tmp_path / "late.mkv", "-filter_complex", "[0:v]setpts=PTS+1/TB[v]", "-map", "[v]", "-map", "1:a",
        inputs=("color=white:d=1:s=64x48:r=10", "sine=d=2"),
    )  # fmt: skip
    means = video.read_clip(path, fps=10).mean(axis=(1, 2, 3))
    assert len(means) == 20 and (means[:9] == 0).all() and (means[11:] > 200).all()
    assert len(video.read_clip(path)) == 10  # as they are, if no rate is asked for


def test_pixels_that_are_not_square_are_made_square_unless_a_size_is_given(tmp_path):
    path = make(tmp_path / "wide.mp4", "-vf", "setsar=2", "-pix_fmt", "yuv420p")
    assert video.read_clip(path).shape[1:3] == (48, 128)
    assert video.read_clip(path, size=(48, 64)).shape[1:3] == (48, 64)


def test_the_picture_of_a_cover_is_no_film(tmp_path):
    cover = make(tmp_path / "cover.png", "-frames:v", "1")
    path = tmp_path / "song.m4a"
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        "sine=d=1",
        "-i",
        str(cover),
    ]
    command += ["-map", "0", "-map", "1", "-c:v", "copy", "-disposition:v:0", "attached_pic", str(path)]
    subprocess.run(command, check=True)
    with pytest.raises(CourseError, match=r"song\.m4a: it has no video stream"):
        video.read_clip(path)


def test_a_film_in_high_dynamic_range_is_as_bright_as_the_usual_one(tmp_path):
    grey = ("color=0x989898:d=0.3:s=64x48:r=10",)
    usual = make(tmp_path / "usual.mp4", "-pix_fmt", "yuv420p", inputs=grey)
    hlg = "zscale=tin=bt709:min=bt709:pin=bt709:rin=tv:t=arib-std-b67:p=bt2020:m=bt2020nc,format=yuv420p10le"
    high = make(tmp_path / "high.mov", "-vf", f"format=yuv420p,{hlg}", "-c:v", "libx265",
                "-color_trc", "arib-std-b67", "-color_primaries", "bt2020", "-colorspace", "bt2020nc",
                "-x265-params", "log-level=none", inputs=grey)  # fmt: skip
    bright, dark = video.read_clip(high).mean(), video.read_clip(usual).mean()
    assert abs(bright - dark) < 12


def test_a_format_that_the_course_does_not_read_is_named(tmp_path):
    path = make(tmp_path / "film.gif")
    with pytest.raises(
        CourseError, match=r"film\.gif: it is none of the formats that the course reads \(mp4, "
    ):
        video.read_clip(path)
