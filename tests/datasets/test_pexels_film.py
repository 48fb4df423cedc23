"""The film from Pexels that comes with the course."""

import numpy as np
import pytest

from course_lib.core.errors import CourseError
from course_lib.datasets import embedded
from course_lib.media import audio, video

FILM = "WolfgangLanger_Pexels.mp4"


def test_it_has_14_seconds_of_a_face_and_a_sound_track_that_is_silent():
    path = embedded.folder("pexels") / FILM
    frames = list(video.stream(path, threads=1))
    assert len(frames) == 336 and frames[0].shape == (240, 426, 3)
    assert np.ptp(frames[0]) > 100
    with pytest.raises(CourseError, match="its first audio track is silent"):
        audio.read_audio(path)
    samples = audio.read_audio(path, sr=8000, seconds=None, allow_silent=True)
    assert abs(len(samples) / 8000 - 14) < 0.1


def test_its_readme_tells_that_the_sound_is_silent():
    assert "digital silence" in (embedded.folder("pexels") / "README.md").read_text(encoding="utf-8")
