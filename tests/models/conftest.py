"""Features of recordings for the classifier of voices."""

import numpy as np
import pandas as pd
import pytest

from course_lib.datasets import ravdess
from course_lib.models import voice_training, voices


@pytest.fixture
def few(monkeypatch):
    """96 recordings of six actors in two folds; each emotion has a mean of its own, at all three speeds."""
    rng, emotions = np.random.default_rng(0), np.tile(ravdess.EMOTIONS, 12)
    X = 2 * rng.normal(size=(8, 1, 40))[np.tile(np.arange(8), 12)] + rng.normal(0, 1, (96, 3, 40))
    table = pd.DataFrame(
        {
            "emotion": emotions,
            "actor": np.repeat(np.arange(1, 7), 16),
            "gender": np.repeat(["male", "female"] * 3, 16),
            "recording": np.arange(96).astype(str),
            "path": np.repeat(str(voices.SHIPPED), 96),
        }
    )
    monkeypatch.setattr(voice_training, "recordings", lambda folder: (table, X))
    monkeypatch.setattr(ravdess, "ACTOR_FOLDS", ((1, 2, 3), (4, 5, 6)))
    return table, X
