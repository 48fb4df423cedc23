"""EmoDB's measurement: what it compares, on sounds and features whose differences are known."""

import numpy as np
import pandas as pd
import pytest

from course_lib import evaluation
from course_lib.authoring.experiments import MEASUREMENTS, emodb_speech


@pytest.fixture
def sounds():
    rng = np.random.default_rng(0)
    return [rng.normal(0, 0.1, 16000).astype(np.float32) for _ in range(3)]


def test_a_copy_without_changes_has_the_same_mfcc(sounds):
    found = emodb_speech.mfcc_difference(sounds, sounds, sr=8000)
    assert found["frames"] == 3 * 16  # a second at 8 kHz, a frame each 512 samples
    assert found["rms"] == found["largest_relative"] == 0 and found["correlation"] == pytest.approx(1)


def test_a_louder_copy_differs_in_the_first_coefficient_alone(sounds):
    """6.02 dB in each of 128 bands: 6.02 times the root of 128 in the first coefficient."""
    found = emodb_speech.mfcc_difference(sounds, [2 * sound for sound in sounds], sr=8000)
    assert found["rms"] == pytest.approx(6.0206 * np.sqrt(128 / 40), rel=1e-3)  # one of 40 coefficients
    assert found["largest_relative"] > found["rms_relative"]


def test_features_differ_in_standard_deviations_and_constant_ones_do_not_count():
    originals = np.array([[0.0, 5.0, 1.0], [2.0, 5.0, 3.0]])
    found = emodb_speech.features_difference(originals, originals + np.array([0.5, 9.0, 0.0]))
    assert found["mean"] == pytest.approx(0.25) and found["quantile_95"] == pytest.approx(0.5)


def test_each_speaker_is_the_test_set_once_and_each_gender_has_its_own_score():
    table = pd.DataFrame(
        [(emotion, actor) for actor in ("03", "08", "10", "09") for emotion in ("angry", "sad") * 3],
        columns=["emotion", "actor"],
    )
    table["gender"] = table["actor"].map({"03": "male", "10": "male", "08": "female", "09": "female"})
    X = np.column_stack([table["emotion"] == "sad", np.arange(len(table)) % 5]).astype(float)
    found = emodb_speech._compare(X, table)
    score = emodb_speech._scored(found, "LDA, shrinkage", table)
    assert (score["correct"], score["n"], score["uar"]) == (24, 24, 1.0)
    assert score["uar_interval"] == (1.0, 1.0)
    assert {gender: one["n"] for gender, one in score["by_gender"].items()} == {"female": 12, "male": 12}
    assert emodb_speech._both(found, found, "LDA, shrinkage")["same_prediction"] == 1


def test_the_figures_of_the_measurement_are_complete():
    assert MEASUREMENTS["emodb_four_classes"] is emodb_speech.emodb_four_classes
    assert set(emodb_speech.LINEAR) <= set(emodb_speech.CLASSIFIERS)
    assert emodb_speech.PROTOCOL in evaluation.PROTOCOLS
