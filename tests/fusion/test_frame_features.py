"""Lecture 27's features of clips from frames."""

import numpy as np
import pytest

from course_lib.core.errors import CourseError
from course_lib.fusion.frame_features import frame_features


@pytest.fixture(scope="module")
def embeddings():
    """Eight clips of three frames, (8, 3, 1, 2, 5), brighter where the label is angry."""
    y = np.array(["calm", "angry"])[np.arange(8) % 2]
    return np.random.default_rng(0).normal(size=(8, 3, 1, 2, 5)) + 2 * (y == "angry")[
        :, None, None, None, None
    ], y


def test_frame_features_stand_frame_by_frame(embeddings):
    Z, y = embeddings
    features = frame_features(Z, y, np.arange(6), units=4)
    assert (
        features.shape == (8, 12)
        and features.dtype == np.float32
        and (features >= 0).all()
        and features.any()
    )
    alone = frame_features(np.concatenate([Z[:7], Z[7:, ::-1]]), y, np.arange(6), units=4)
    assert alone[7].reshape(3, 4) == pytest.approx(features[7].reshape(3, 4)[::-1], abs=1e-5)


def test_frame_features_learn_from_the_training_clips_alone(embeddings):
    Z, y = embeddings
    features = frame_features(Z, y, np.arange(6), units=4)
    other = Z.copy()
    other[6:] += 50
    flipped = np.where(np.arange(8) < 6, y, y[::-1])
    assert frame_features(other, flipped, np.arange(6), units=4)[:6] == pytest.approx(features[:6], abs=1e-6)
    leaked = frame_features(other, y, np.arange(8), units=4)
    assert np.abs(leaked[:6] - features[:6]).max() > 1e-3


def test_frame_features_say_what_does_not_fit(embeddings):
    Z, y = embeddings
    with pytest.raises(CourseError, match="does not hold embeddings"):
        frame_features(Z, y[:7], np.arange(6))
    with pytest.raises(CourseError, match="one class"):
        frame_features(Z, y, np.array([0, 2, 4]))
