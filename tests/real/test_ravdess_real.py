"""The table of the real files, against RAVDESS's published counts; `real_data` skips where they are not
present.
"""

import pytest

from course_lib.datasets import ravdess


def test_all_speech_is_there(recordings):
    assert len(recordings) == recordings["recording"].nunique() == 1440
    assert set(recordings["modality"]) == {"audio-only"} and set(recordings["vocal_channel"]) == {"speech"}
    assert recordings["actor"].value_counts().to_dict() == dict.fromkeys(range(1, 25), 60)
    assert recordings["gender"].value_counts().to_dict() == {"male": 720, "female": 720}


def test_neutral_has_half_of_what_the_others_have(recordings):
    assert recordings["emotion"].value_counts().to_dict() == dict.fromkeys(ravdess.EMOTIONS, 192) | {
        "neutral": 96
    }


def test_the_originals_are_takes_of_the_resampled_set_again(real_data, recordings):
    original = ravdess.table(real_data / "ravdess" / "original")
    assert len(original) == 16
    assert original["emotion"].value_counts().to_dict() == {"calm": 8, "angry": 8}
    assert set(original["recording"]) <= set(recordings["recording"])


def test_the_original_videos_and_what_third_parties_renamed(real_data):
    with pytest.warns(UserWarning) as caught:
        video = ravdess.table(real_data / "ravdess" / "video")
    [said] = [str(warning.message) for warning in caught]
    assert len(video) == 5 and set(video["actor"]) == {1}
    assert video["recording"].nunique() == 4  # neutral stands there with sound and without
    assert "3 of 8 clips" in said and all(
        path.name in said for path in (real_data / "ravdess" / "video" / "reencoded").glob("*.mp4")
    )
