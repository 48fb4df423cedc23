"""The benchmark of our readers and features beside other packages: its ways give the same results."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture
def compare(monkeypatch):
    monkeypatch.syspath_prepend(FOLDER)
    spec = importlib.util.spec_from_file_location("compare", FOLDER / "compare.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_decoders_give_the_same_frames(compare, tmp_path, make_mp4):
    ramp = np.linspace(0, 255, 64).astype(np.uint8)
    frames = np.broadcast_to(ramp[None, None, :, None], (6, 48, 64, 3))
    for row in compare.decoding(make_mp4(tmp_path / "a.mp4", frames)):
        assert row.others.keys() >= {"OpenCV"}
        for way in row.others.values():
            ours, theirs = row.ours(), way()
            assert ours.shape == theirs.shape and np.abs(ours.astype(int) - theirs).mean() < 2
            assert "grey levels apart" in compare.grey_levels(ours, theirs)


def test_hog_is_identical_and_sound_agrees(compare):
    images = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), np.uint8)
    row = compare.gradients(images)
    assert row.agree(row.ours(), row.others["scikit-image"]()) == "identical"
    rng = np.random.default_rng(0)
    signals = [
        rng.normal(0, 0.1, (2, 8000)).astype("float32"),
        rng.normal(0, 0.1, (2, 44100)).astype("float32"),
    ]
    for row in compare.sound(signals, 44100):
        np.testing.assert_allclose(row.ours(), row.others["librosa"](), atol=1e-3)


def test_a_row_is_timed_in_turn(compare):
    order = []
    row = compare.Row("a task", lambda: order.append("ours"), {"other": lambda: order.append("other")}, None)
    seconds, _ = compare.timed(row, times=3)
    assert order == ["ours", "other"] * 4 and seconds.keys() == {"ours", "other"}
    assert "2.00" in compare.line("a task", 1.0, "other", 0.5, "the same")
