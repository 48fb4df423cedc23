"""The functions behind the page, without a browser: pieces of sound, and uploads of any kind."""

import os
import time

import numpy as np
import pytest
import soundfile

from course_lib.demo import live, moments, page


@pytest.fixture
def piece(tmp_path):
    """Write sound as the page's microphone does, and return the path."""

    def write(samples, sr=16000, name="piece.wav"):
        soundfile.write(tmp_path / name, samples, sr)
        return str(tmp_path / name)

    return write


def test_sound_is_analysed_and_its_file_deleted(piece, monkeypatch):
    monkeypatch.setattr(moments, "settings", lambda: moments.Settings({}, {}, {}))
    visitor = live.Live()
    path = piece(np.full(8000, 0.1))
    html, _ = page.hear(path, visitor)
    assert "no sound" in html and "the last 0.5 s of sound" in html and not os.path.exists(path)
    assert page.hear(path, visitor) == (None, None)  # the same silence twice: one file, deleted


@pytest.mark.parametrize(
    ("samples", "sr"), [(np.zeros(0), 16000), (np.zeros(100), 1), (np.zeros(100), 500_000)]
)
def test_invalid_sound_is_deleted_too(piece, samples, sr):
    path = piece(samples, sr)
    assert page.hear(path, live.Live()) == (None, None) and not os.path.exists(path)


def test_only_two_seconds_of_a_long_piece_are_read(piece):
    sr, samples = page._piece(piece(np.zeros(16000 * 60)))
    assert (sr, len(samples)) == (16000, 32000)


def test_nothing_is_analysed_before_the_visitor_agrees(piece):
    assert page.hear(piece(np.zeros(8000)), None) == (None, None)
    assert "no image" in page.see(None, None)[0]


def test_two_visitors_with_the_same_file_do_not_delete_each_others(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    places = []
    for _ in range(2):  # Gradio puts the same content into the same place
        (tmp_path / "same.txt").write_text("not a film")
        places.append(page.keep(str(tmp_path / "same.txt")))
    answers = [page.look_at(place) for place in places]
    assert answers[0] == answers[1] and "same.txt" in answers[0] and "first bytes" in answers[0]
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_an_unexpected_error_gives_a_message_and_the_file_is_deleted(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(moments, "analyse", lambda path: 1 / 0)
    (tmp_path / "odd.mp4").write_bytes(b"odd")
    assert "odd.mp4: it could not be analysed" in page.look_at(str(tmp_path / "odd.mp4"))
    assert "ZeroDivisionError" in capsys.readouterr().err and not list(tmp_path.iterdir())


def test_files_that_nobody_reads_are_deleted(tmp_path, monkeypatch):
    class Stop(Exception):
        pass

    def stop(seconds):
        raise Stop

    ages = {
        "a/old.wav": page.UNTAKEN + 1,
        "b/new.wav": 1,
        "own-1/waits.mp4": page.UNTAKEN + 1,
        "own-2/left.mp4": page.UNREAD + 1,
    }
    for name, age in ages.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(b"some")
        os.utime(tmp_path / name, (0, time.time() - age))
    monkeypatch.setattr(page.time, "sleep", stop)
    with pytest.raises(Stop):
        page._swept(str(tmp_path))
    assert [name for name in ages if (tmp_path / name).exists()] == ["b/new.wav", "own-1/waits.mp4"]
