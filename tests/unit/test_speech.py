"""What the network for speech hears, and how its eight emotions become seven."""

import json

import numpy as np
import pandas as pd
import pytest

from course_lib import models, speech
from course_lib.datasets import fer2013, ravdess
from course_lib.files import CourseError


def test_the_picture_is_128_frames_of_64_bands():
    assert speech.pictures(np.ones((2, 1000), np.float32)).shape == (2, 64, 128, 1)


def test_eight_become_seven_by_name():
    eight = np.eye(8)
    seven = speech.as_seven(eight)
    named = [fer2013.EMOTIONS[place] for place in seven.argmax(axis=1)]
    assert dict(zip(ravdess.EMOTIONS, named, strict=True)) == {
        "neutral": "neutral", "calm": "neutral", "happy": "happy", "sad": "sad", "angry": "angry", "fearful": "fear",
        "disgust": "disgust", "surprised": "surprise"}
    assert speech.as_seven(np.full((1, 8), 0.125))[0].tolist() == [0.125] * 6 + [0.25]


def test_a_long_take_is_cut_around_what_is_said():
    take = np.zeros((1, 5 * speech.SR), np.float32)
    take[0, 3 * speech.SR:4 * speech.SR] = 0.5
    cut = speech.around_speech(take)
    assert cut.shape == (1, round(speech.SECONDS * speech.SR)) and (cut > 0).sum() == speech.SR
    before, after = np.flatnonzero(cut[0])[[0, -1]]
    assert abs(before - (cut.shape[1] - 1 - after)) <= speech.SR // 10


def test_speech_at_an_end_is_not_cut_off():
    take = np.zeros((2, 5 * speech.SR), np.float32)
    take[0, :speech.SR], take[1, -speech.SR:] = 0.5, 0.5
    assert (speech.around_speech(take) > 0).sum(axis=1).tolist() == [speech.SR, speech.SR]


def test_what_is_short_stands_in_the_middle():
    cut = speech.around_speech(np.full((1, 100), 0.1, np.float32))[0]
    assert np.flatnonzero(cut).tolist() == list(range((len(cut) - 100) // 2, (len(cut) - 100) // 2 + 100))


def test_a_window_of_the_right_length_stays_as_it_is():
    window = np.random.default_rng(0).normal(size=(3, round(speech.SECONDS * speech.SR))).astype(np.float32)
    assert np.array_equal(speech.around_speech(window), window)


def test_silence_is_cut_too():
    assert not speech.around_speech(np.zeros((1, 9 * speech.SR), np.float32)).any()


def test_one_signal_alone_is_refused():
    with pytest.raises(CourseError, match="at least one"):
        speech.around_speech(np.zeros(10, np.float32))


# --- trained ----------------------------------------------------------------------------------------------------------

@pytest.fixture
def few(monkeypatch):
    """48 takes of six actors in two folds: louder in the upper bands the later an emotion stands in the list."""
    rng, y = np.random.default_rng(0), np.tile(np.arange(8), 6)
    X = rng.normal(-50, 2, (48, 64, 192, 1)).astype(np.float32)
    for row, emotion in enumerate(y):
        X[row, 8 * emotion:8 * emotion + 8] += 40
    table = pd.DataFrame({"actor": np.repeat(np.arange(1, 7), 8), "gender": np.repeat(["male", "female"] * 3, 8)})
    monkeypatch.setattr(speech, "takes", lambda folder: (table, X, y))
    monkeypatch.setattr(ravdess, "ACTOR_FOLDS", ((1, 2, 3), (4, 5, 6)))
    return table, X, y


def test_each_take_is_answered_by_a_network_that_never_heard_its_actor(few, monkeypatch):
    table, X, y = few
    heard = []
    monkeypatch.setattr(speech, "trained", lambda X, y, epochs, seed, folder: heard.append(len(X)) or "network")
    monkeypatch.setattr(speech.training, "predict", lambda network, X, compiled: np.full((len(X), 8), 0.125))
    shares = speech.out_of_fold(X, y, ravdess.actor_folds(table)[:1])
    assert heard == [24] and np.isnan(shares[24:]).all() and (shares[:24] == 0.125).all()


def test_it_learns_what_is_there_is_kept_and_goes_on(few, tmp_path, monkeypatch):
    about = speech.train("anywhere", epochs=2, folder=tmp_path)
    assert about["parameters"] == 477_984 and about["trained_on"] == 48 and len(about["shares"]) == 48
    assert np.allclose(np.sum(about["shares"], axis=1), 1, atol=0.01)
    assert json.loads((tmp_path / "training.json").read_text(encoding="utf-8"))["labels"] == "01234567" * 6
    network = models.load(tmp_path)
    assert network.name == "voice_net" and speech.predict(network, np.zeros((1, 50000), np.float32)).shape == (1, 8)
    card = (tmp_path / "card.md").read_text(encoding="utf-8")
    assert "CC BY-NC-SA 4.0" in card and f"{about['scores']['top_1']['correct']} of 48" in card
    monkeypatch.setattr(speech.training, "_epoch", lambda *_: pytest.fail("it trains what it has trained already"))
    assert speech.train("anywhere", epochs=2, folder=tmp_path)["shares"] == about["shares"]


def test_scores_are_those_of_the_answers(few):
    table, _, y = few
    shares = np.eye(8)[np.where(table["actor"] == 2, (y + 1) % 8, y)]
    found = speech.scores(table, y, shares)
    assert found["top_1"]["correct"] == 40 and found["uar"] == pytest.approx(5 / 6)
    assert found["by_actor"]["2"] == 0 and found["by_actor"]["1"] == 1 and found["by_gender"]["male"] == 1
    low, high = found["uar_interval"]
    assert low < 5 / 6 < high <= 1


def test_a_folder_with_a_few_actors_is_refused(tmp_path):
    (tmp_path / "03-01-05-01-01-01-07.wav").touch()
    with pytest.raises(CourseError, match="1 of the 24 actors"):
        speech.takes(tmp_path)
