"""The classifier for voices, and what was measured with it, found again on RAVDESS's speech."""

from functools import cache

import numpy as np
import pytest

from course_lib import results
from course_lib.authoring import cards
from course_lib.authoring.experiments import decision_pairs, decisions, speech_networks
from course_lib.core.io import hash_files
from course_lib.datasets import ravdess
from course_lib.models import voice_training, voices


@pytest.fixture(scope="module", autouse=True)
def features_computed_once():
    """Three of the measurements below describe the same recordings, which takes minutes each time."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(voice_training, "recordings", cache(voice_training.recordings))
        yield


@pytest.fixture(scope="module")
def recordings(real_data):
    return voice_training.recordings(real_data / "ravdess" / "speech_16k")


@pytest.fixture(scope="module")
def answers(recordings):
    """Probabilities of each recording by a classifier that never heard its actor."""
    table, X = recordings
    return voice_training.out_of_fold(X, table["emotion"], ravdess.actor_folds(table))


def test_the_score_is_found_again(recordings, answers):
    saved = results.read("voice")
    found = voice_training.scores(recordings[0], answers)
    assert found["top_1"]["correct"] == pytest.approx(
        saved["scores"]["top_1"]["correct"], abs=2
    )  # other BLAS
    assert found["uar"] == pytest.approx(saved["scores"]["uar"], abs=0.003)
    assert saved["data_sha256"] == hash_files(recordings[0]["path"]) and saved["recordings"] == list(
        recordings[0]["recording"]
    )


def test_the_weights_are_those_of_all_takes_and_the_card_is_theirs(recordings):
    table, X = recordings
    again, shipped = voices.fit(X, table["emotion"]), voices.load(voices.SHIPPED)
    probabilities = np.array(
        [[voices.probabilities(voice, one) for one in X[::40]] for voice in (again, shipped)]
    )
    assert np.abs(probabilities[0] - probabilities[1]).max() < 0.02
    shipped_card = voices.SHIPPED.with_suffix(".md").read_text(encoding="utf-8")
    assert shipped_card == cards.text("voice")


def test_the_settings_of_the_demo_are_found_again(real_data):
    """The voice's, those of the fusion, and the rules' figures on the artificial pairs."""
    (heard, _), (seen, _) = decisions.voice_items(real_data), decisions.face_items(real_data)
    saved = results.read("decision_calibration")
    for name, one in (("face", seen), ("voice", heard)):
        found = decisions.weighed(one.y, one.probabilities, one.half)
        for what in ("temperature", "threshold", "answered", "ece_scaled", "f_scores"):
            assert found[what] == pytest.approx(saved[name][what], abs=0.02)
        assert one.priors.tolist() == pytest.approx(saved[name]["priors"])
    equal = np.full(7, 1 / 7)
    assert decisions.fused([seen, heard], equal) == pytest.approx(saved["fused"], abs=0.02)
    rules, again = saved["pairs"]["labels_equally_common"], decision_pairs.compare([seen, heard], equal)
    assert again["n"] == rules["n"]
    for name, one in again["rules"].items():
        for what in ("right", "answered", "right_when_answered"):
            assert one[what] == pytest.approx(rules["rules"][name][what], abs=0.01)


def test_of_the_networks_comparison_what_does_not_take_hours_is_found_again(recordings, real_data):
    saved = results.read("ravdess_speech_networks")
    table, X = speech_networks.recordings(real_data / "ravdess" / "speech_16k")
    assert saved["data_sha256"] == hash_files(table["path"])
    emotions, folds = table["emotion"].to_numpy(), ravdess.actor_folds(table)
    for name in ("MFCC model", "classical pipeline", "ours"):
        said = speech_networks._gathered(name, X, emotions, folds)
        assert (said == emotions).sum() == pytest.approx(saved["models"][name]["by_actor"]["correct"], abs=3)
    for one in saved["models"].values():
        found = speech_networks.by_actor(table, np.array(one["by_actor"]["answers"], object))
        assert found["correct"] == one["by_actor"]["correct"] and found["uar"] == pytest.approx(
            one["by_actor"]["uar"]
        )
