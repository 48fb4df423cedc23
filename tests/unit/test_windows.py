"""The first seconds of many clips as one array, frame by frame into their place."""

import re

import numpy as np
import pandas as pd
import pytest

from course_lib.core.errors import CourseError
from course_lib.media import video


def table(*paths, **columns):
    return pd.DataFrame({"path": [str(path) for path in paths], **columns})


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
    clips = table(make_mp4(tmp_path / "short.mp4", 2 * steps(50)), make_mp4(tmp_path / "one.mp4", 100 + steps(1)))
    windows, _ = video.read_windows(clips, (24, 32), seconds=2)
    assert windows.shape[:2] == (2, 60)
    assert np.abs(numbers(windows[0])[:50] - 2 * np.arange(50)).max() <= 1
    assert (windows[0, 50:] == windows[0, 49]).all() and (windows[1] == windows[1, 0]).all()


@pytest.mark.parametrize(("seconds", "fps", "n"), [(2, 5, 10), (1.5, 10, 15), (0.5, 30, 15), (1, 29.97, 30), (3, 1, 3)])
def test_exactly_so_many_frames(tmp_path, make_mp4, seconds, fps, n):
    clips = table(make_mp4(tmp_path / "long.mp4", steps(120)), make_mp4(tmp_path / "short.mp4", steps(10)))
    windows, _ = video.read_windows(clips, (24, 32), seconds, fps)
    assert windows.shape[:2] == (2, n)
    expected = (np.arange(n) + 0.5) * 30 / fps  # the middle of the time a frame stands for, in frames of the clip
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
    (tmp_path / "cut.mp4").write_bytes(whole.read_bytes()[:whole.stat().st_size // 2])
    with pytest.warns(UserWarning, match="1 of 2 clips left out:\n.*cut.mp4: only .* frames could be read"):
        windows, kept = video.read_windows(table(whole, tmp_path / "cut.mp4"), (24, 32), seconds=2)
    assert len(windows) == len(kept) == 1


def test_no_clip_at_all_is_an_error(tmp_path):
    with pytest.raises(CourseError, match=r"2 clips: not one .* The first says: .*a\.mp4: there is no such file"):
        video.read_windows(table(tmp_path / "a.mp4", tmp_path / "b.mp4"))
    with pytest.raises(CourseError, match=r"0 clips: .*empty: check its filter"):
        video.read_windows(table())


@pytest.mark.parametrize(("name", "value"), [("size", 128), ("size", (0, 9)), ("seconds", 0), ("seconds", "4"),
                                             ("fps", -30), ("fps", float("nan"))])
def test_a_window_that_cannot_be_is_not_blamed_on_the_clips(tmp_path, name, value):
    with pytest.raises(CourseError, match=f"^{name}={re.escape(repr(value))}"):
        video.read_windows(table(tmp_path / "one.mp4"), **{name: value})


@pytest.mark.parametrize("options", [{"size": None}, {"seconds": None}, {"fps": None}, {"seconds": 0.01}], ids=str)
def test_clips_of_their_own_size_or_length_make_no_array(tmp_path, options):
    with pytest.raises(CourseError, match=r"this gives no array of one shape\. Give"):
        video.read_windows(table(tmp_path / "one.mp4"), **options)


def test_what_stands_in_memory_is_the_array_and_little_else(tmp_path, make_mp4):
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
