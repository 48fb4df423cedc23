"""`course fetch`: what is said is passed on, and how to go on is said."""

from pathlib import Path

import pytest

from course_lib import cli
from course_lib.datasets import fetch


@pytest.fixture
def fetched(monkeypatch):
    asked = []
    monkeypatch.setattr(fetch, "fetch", lambda *args, emotions: asked.append((*args, emotions)) or args[1])
    return asked


def test_fetch_passes_on_what_is_said(fetched, capsys):
    assert cli.main(["fetch", "ravdess-video", "--actors", "1,2", "--folder", "here", "--yes"]) == 0
    assert fetched == [("ravdess-video", Path("here"), [1, 2], True, None)]
    assert (
        "ravdess-video is in here. Use it: course run --corpus ravdess --data here" in capsys.readouterr().out
    )


@pytest.mark.parametrize(
    "options, use", [([], "--weights vggface"), (["--folder", "here"], "--weights here")]
)
def test_fetch_says_how_the_weights_are_used(fetched, capsys, monkeypatch, options, use):
    monkeypatch.setattr(fetch, "fetch", lambda *_, **__: Path("here"))
    assert cli.main(["fetch", "vggface", *options]) == 0
    assert f"vggface is in here. Use it: course run {use}" in capsys.readouterr().out


def test_fetch_that_was_not_agreed_to_says_nothing_of_a_folder(fetched, capsys):
    assert cli.main(["fetch", "ravdess-speech"]) == 0
    assert fetched == [("ravdess-speech", None, None, False, None)] and capsys.readouterr().out == ""


def test_fetch_passes_on_emotions_and_tells_how_crema_d_is_read(fetched, capsys):
    assert cli.main(["fetch", "crema-d", "--emotions", "angry,happy", "--folder", "here"]) == 0
    assert fetched == [("crema-d", Path("here"), None, False, ["angry", "happy"])]
    use = """load.clips("crema_d", 'here', modality="audio-only") in a lesson"""
    assert f"Use it: {use}" in capsys.readouterr().out


def test_each_set_has_a_use(fetched, capsys):
    for name in fetch.load_registry():
        assert cli.main(["fetch", name, "--folder", "here"]) == 0
    assert capsys.readouterr().out.count("Use it: ") == len(fetch.load_registry())


def test_fetch_without_a_name_lists_all_sets(fetched, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    assert cli.main(["fetch"]) == 0 and fetched == []
    printed = capsys.readouterr().out
    for name, entry in fetch.load_registry().items():
        assert name in printed and entry["title"] in printed and entry["licence"] in printed
    assert printed.count("not here") == len(fetch.load_registry()) and "605.7 MB" in printed
