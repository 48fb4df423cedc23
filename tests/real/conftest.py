import os
from pathlib import Path

import pytest

from course_lib.datasets import ravdess


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder that holds ravdess/, as COURSE_REAL_DATA says; without it the tests of real data are
    skipped.
    """
    said = os.environ.get("COURSE_REAL_DATA")
    if not said:
        pytest.skip(
            "COURSE_REAL_DATA is not set: give it the folder that holds ravdess/ to test on real clips"
        )
    folder = Path(said)
    if not (folder / "ravdess").is_dir():
        pytest.skip(f"COURSE_REAL_DATA is {folder}, but no folder ravdess/ is in it")
    return folder


@pytest.fixture(scope="session")
def recordings(real_data):
    """The table of RAVDESS's speech recordings, resampled to 16 kHz."""
    return ravdess.table(real_data / "ravdess" / "speech_16k")
