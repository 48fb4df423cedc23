"""The classifier for voices: what it measures, how it learns and is kept, and how its eight emotions become seven."""

import json

import numpy as np
import pandas as pd
import pytest
import soundfile

from course_lib.core.errors import CourseError
from course_lib.datasets import fer2013, ravdess
from course_lib.features import functionals
from course_lib.models import voice_training, voices

TONE = (0.2 * np.sin(np.arange(32000) / 8)).astype(np.float32)


def test_what_is_measured_is_finite_for_a_tone_a_click_and_silence():
    click = np.zeros(9000, np.float32)
    click[4000] = 1
    for signal in (TONE, click, np.zeros(16000), TONE[:700], TONE[:2]):
        found = functionals.describe(signal)
        assert found.shape == (len(functionals.describe(TONE)),) and np.isfinite(found).all()


def test_statistics_are_taken_while_there_is_speech():
    # Two coefficients, 20 frames; in the first and last five the level is 100 dB lower. The slope there is not seen.
    coefficients = np.zeros((2, 20))
    coefficients[0, 5:15] = 100 * np.sqrt(128)
    coefficients[1, 5:15] = np.arange(10)
    found = functionals.mfcc_statistics(coefficients).reshape(10, 2)
    assert found[0, 1] == 4.5 and found[1, 1] == pytest.approx(np.arange(10).std())
    assert found[3, 1] == 4.5 and found[5, 1] < 1.0


def test_the_course_has_quarters_and_lengths():
    coefficients = np.zeros((2, 20))
    coefficients[0, [4, *range(8, 12)]] = 100 * np.sqrt(128)     # eight frames, five of them loud
    coefficients[1] = np.arange(20)
    found = functionals.mfcc_course(coefficients)
    assert found[[1, 5, 9, 13]].tolist() == [4.5, 6.5, 8.5, 10.5] and found[-2:].tolist() == [8, 5]


def test_slopes_by_quarter_and_their_size():
    coefficients = np.full((2, 40), 100 * np.sqrt(128))
    coefficients[1] = np.where(np.arange(40) < 20, 3.0 * np.arange(40), 120 - 3.0 * np.arange(40))
    found = functionals.mfcc_slopes(coefficients)
    assert found[1] == pytest.approx(3) and found[13] == pytest.approx(-3) and found[15] == pytest.approx(3)


def test_faster_is_shorter_and_higher():
    slow, fast = (functionals.describe(TONE, speed) for speed in (0.9, 1.1))
    frames = 2 * functionals.MFCC["n_mfcc"] * 5 + 8 * functionals.MFCC["n_mfcc"]      # where the course's two lengths stand
    assert slow[frames] > fast[frames]


def test_a_rising_voice_is_measured_in_semitones():
    seconds = np.arange(32000) / functionals.SR
    rising = np.sin(2 * np.pi * np.cumsum(200 * 2 ** (seconds / 2)) / functionals.SR).astype(np.float32)     # 6 a second
    mean, _, low, *_, high, slope, step, _, first, second, third, last, voiced = functionals.pitch_statistics(
        rising, np.full(101, True))
    assert mean == pytest.approx(18, abs=0.3) and low < 13 and high > 23 and voiced > 0.95
    assert slope == pytest.approx(6, abs=0.2) and step == pytest.approx(6 / 50, abs=0.1)
    assert [first, second, third, last] == pytest.approx([13.5, 16.5, 19.5, 22.5], abs=0.5)


def test_noise_has_no_pitch():
    noise = np.random.default_rng(0).normal(0, 0.1, 32000).astype(np.float32)
    assert not functionals.pitch_statistics(noise, np.full(101, True)).any()


def test_eight_become_seven_by_name():
    seven = voices.as_seven(np.eye(8))
    named = [fer2013.EMOTIONS[place] for place in seven.argmax(axis=1)]
    assert dict(zip(ravdess.EMOTIONS, named, strict=True)) == {
        "neutral": "neutral", "calm": "neutral", "happy": "happy", "sad": "sad", "angry": "angry", "fearful": "fear",
        "disgust": "disgust", "surprised": "surprise"}
    assert voices.as_seven(np.full((1, 8), 0.125))[0].tolist() == [0.125] * 6 + [0.25]


# --- trained ----------------------------------------------------------------------------------------------------------

@pytest.fixture
def few(monkeypatch):
    """96 takes of six actors in two folds: each emotion lies around a place of its own, at all three speeds."""
    rng, emotions = np.random.default_rng(0), np.tile(ravdess.EMOTIONS, 12)
    X = 2 * rng.normal(size=(8, 1, 40))[np.tile(np.arange(8), 12)] + rng.normal(0, 1, (96, 3, 40))
    table = pd.DataFrame({"emotion": emotions, "actor": np.repeat(np.arange(1, 7), 16),
                          "gender": np.repeat(["male", "female"] * 3, 16), "take": np.arange(96).astype(str),
                          "path": np.repeat(str(voices.SHIPPED), 96)})
    monkeypatch.setattr(speech, "takes", lambda folder: (table, X))
    monkeypatch.setattr(ravdess, "ACTOR_FOLDS", ((1, 2, 3), (4, 5, 6)))
    return table, X


def test_it_is_the_discriminant_analysis_of_scikit_learn(few):
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    table, X = few
    theirs = make_pipeline(StandardScaler(), LinearDiscriminantAnalysis(solver="lsqr", shrinkage=voices.SHRINKAGE,
                                                                        priors=[1 / 8] * 8))
    theirs.fit(np.concatenate([X[:, speed] for speed in range(3)]),
               np.tile(table["emotion"].map(ravdess.EMOTIONS.index), 3))
    ours = voices.fit(X, table["emotion"])
    assert np.allclose([voices.shares(ours, [row]) for row in X[:, 0]], theirs.predict_proba(X[:, 0]))


def test_each_take_is_answered_by_a_classifier_that_never_heard_its_actor(few):
    table, X = few
    folds = ravdess.actor_folds(table)
    shares = voice_training.out_of_fold(X, table["emotion"], folds[:1])
    assert np.isnan(shares[48:]).all() and np.allclose(shares[:48].sum(axis=1), 1)
    lied = table["emotion"].copy()
    lied[:48] = "calm"          # what the tested actors' takes are called changes nothing
    assert np.array_equal(voice_training.out_of_fold(X, lied, folds[:1]), shares, equal_nan=True)


def test_what_is_trained_is_kept_scored_and_described(few, tmp_path):
    table, _ = few
    about = voice_training.train("anywhere", tmp_path)
    assert about["trained_on"] == 96 and about["parameters"] == 41 * 8 and about["scores"]["uar"] > 0.9
    assert json.loads((tmp_path / "training.json").read_text(encoding="utf-8"))["takes"] == list(table["take"])
    assert (np.array(about["answers"]) == table["emotion"]).sum() == about["scores"]["top_1"]["correct"]
    assert about["at_random"]["top_1"]["n"] == 96 and "random" in about["at_random"]["top_1"]["protocol"]
    card = (tmp_path / "card.md").read_text(encoding="utf-8")
    assert "CC BY-NC-SA 4.0" in card and f"{about['scores']['top_1']['correct']} of 96" in card
    kept = np.load(tmp_path / "weights.npz")
    assert kept["weights"].shape == (40, 8) and kept["bias"].dtype == np.float32


def test_weights_that_do_not_fit_are_refused(few, tmp_path):
    voice_training.train("anywhere", tmp_path)
    with pytest.raises(CourseError, match="do not fit"):
        voices.load(tmp_path / "weights.npz")
    (tmp_path / "weights.npz").write_bytes(b"PK no")
    with pytest.raises(CourseError, match="cannot be read"):
        voices.load(tmp_path / "weights.npz")


def test_scores_are_those_of_the_answers(few):
    table, _ = few
    places = table["emotion"].map(ravdess.EMOTIONS.index).to_numpy()
    found = voice_training.scores(table, np.eye(8)[np.where(table["actor"] == 2, (places + 1) % 8, places)])
    assert found["top_1"]["correct"] == 80 and found["uar"] == pytest.approx(5 / 6)
    assert found["by_actor"]["2"] == 0 and found["by_actor"]["1"] == 1 and found["by_gender"]["male"] == 1
    low, high = found["uar_interval"]
    assert low < 5 / 6 < high <= 1


def test_a_folder_with_a_few_actors_is_refused(tmp_path):
    soundfile.write(tmp_path / "03-01-05-01-01-01-07.wav", TONE, 16000)
    with pytest.raises(CourseError, match="1 of the 24 actors"):
        voice_training.takes(tmp_path)
