"""`course train` and `course evaluate`."""

import numpy as np
import pytest
import soundfile

from course_lib import cli
from course_lib.models import voices


@pytest.fixture
def spoken(tmp_path):
    """A happy and a sad tone of two actors each, with RAVDESS's names."""
    for actor in (1, 2):
        for emotion, hertz in (("03", 300), ("04", 120)):
            sound = 0.3 * np.sin(2 * np.pi * hertz * np.arange(16000) / 16000)
            soundfile.write(tmp_path / f"03-01-{emotion}-01-01-01-{actor:02d}.wav", sound, 16000)
    return tmp_path


@pytest.mark.parametrize("model", ["voice", "other.npz"])
def test_evaluate_scores_voices_too_and_any_file_of_weights(spoken, model, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.npz").write_bytes(voices.SHIPPED.read_bytes())
    assert cli.main(["evaluate", "--model", model, "--data", str(spoken)]) == 0
    printed = capsys.readouterr().out
    assert " of 4 = " in printed and "majority 50.0 %" in printed and "over actors" in printed
    assert (
        "may have memorised" in printed
        and f"weights: {voices.SHIPPED if model == 'voice' else model}" in printed
    )


def test_a_damaged_file_of_weights_is_named(tmp_path, capsys):
    (tmp_path / "mine.npz").write_bytes(b"no zip")
    assert cli.main(["evaluate", "--model", str(tmp_path / "mine.npz"), "--data", str(tmp_path)]) == 1
    assert "mine.npz: it cannot be read as weights" in capsys.readouterr().err


def test_ship_wants_the_test_scored(faces_npz, capsys):
    assert cli.main(["train", "face", "--data", str(faces_npz), "--ship"]) == 1
    assert "Add: --final" in capsys.readouterr().err
