"""The classifier for voices: how it learns and is kept, and how its eight emotions become seven."""

import numpy as np
import pytest

from course_lib.core.errors import CourseError
from course_lib.datasets import fer2013, ravdess
from course_lib.features import functionals, voice_quality
from course_lib.models import voice_training, voices


def test_eight_become_seven_by_name():
    seven = voices.as_seven(np.eye(8))
    named = [fer2013.EMOTIONS[place] for place in seven.argmax(axis=1)]
    assert dict(zip(ravdess.EMOTIONS, named, strict=True)) == {
        "neutral": "neutral",
        "calm": "neutral",
        "happy": "happy",
        "sad": "sad",
        "angry": "angry",
        "fearful": "fear",
        "disgust": "disgust",
        "surprised": "surprise",
    }
    assert voices.as_seven(np.full((1, 8), 0.125))[0].tolist() == [0.125] * 6 + [0.25]


def test_it_is_the_discriminant_analysis_of_scikit_learn(few):
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    table, X = few
    theirs = make_pipeline(
        StandardScaler(),
        LinearDiscriminantAnalysis(solver="lsqr", shrinkage=voices.SHRINKAGE, priors=[1 / 8] * 8),
    )
    theirs.fit(
        np.concatenate([X[:, speed] for speed in range(3)]),
        np.tile(table["emotion"].map(ravdess.EMOTIONS.index), 3),
    )
    ours = voices.fit(X, table["emotion"])
    assert np.allclose([voices.probabilities(ours, [row]) for row in X[:, 0]], theirs.predict_proba(X[:, 0]))


def test_weights_that_do_not_fit_are_refused(few, tmp_path):
    voice_training.train("anywhere", tmp_path)
    with pytest.raises(CourseError, match="do not fit"):
        voices.load(tmp_path / "weights.npz")
    (tmp_path / "weights.npz").write_bytes(b"PK no")
    with pytest.raises(CourseError, match="cannot be read"):
        voices.load(tmp_path / "weights.npz")


def test_features_are_those_of_mfcc_and_f0_at_each_speed_and_of_voice_quality():
    tone = np.sin(2 * np.pi * 200 * np.arange(16000) / 16000)
    found, quality = voices.describe(tone), voice_quality.describe(tone)
    assert np.array_equal(found[:, -72:], np.stack([quality] * 3))
    for row, speed in zip(found, voices.SPEEDS, strict=True):
        assert np.array_equal(row[:-72], functionals.describe(tone, speed))
    assert np.allclose(voices.features([tone, tone])[1], found.mean(axis=0))
