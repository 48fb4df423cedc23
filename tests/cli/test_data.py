"""`course fetch`: what is said is passed on, and how to go on is said."""

from pathlib import Path

import pytest

from course_lib import cli
from course_lib.datasets import fetch


@pytest.fixture
def fetched(monkeypatch):
    asked = []
    monkeypatch.setattr(fetch, "fetch", lambda *args: asked.append(args) or args[1])
    return asked


def test_fetch_passes_on_what_is_said(fetched, capsys):
    assert cli.main(["fetch", "ravdess-video", "--actors", "1,2", "--folder", "here", "--yes"]) == 0
    assert fetched == [("ravdess-video", Path("here"), [1, 2], True)]
    assert (
        "ravdess-video is in here. Use it: course run --corpus ravdess --data here" in capsys.readouterr().out
    )


@pytest.mark.parametrize(
    "options, use", [([], "--weights vggface"), (["--folder", "here"], "--weights here")]
)
def test_fetch_says_how_the_weights_are_used(fetched, capsys, monkeypatch, options, use):
    monkeypatch.setattr(fetch, "fetch", lambda *_: Path("here"))
    assert cli.main(["fetch", "vggface", *options]) == 0
    assert f"vggface is in here. Use it: course run {use}" in capsys.readouterr().out


def test_fetch_that_was_not_agreed_to_says_nothing_of_a_folder(fetched, capsys):
    assert cli.main(["fetch", "ravdess-speech"]) == 0
    assert fetched == [("ravdess-speech", None, None, False)] and capsys.readouterr().out == ""
