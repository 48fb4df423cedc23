"""The leak audit on the whole real folder, which holds some recordings more than once."""

import pytest

from course_lib import evaluation
from course_lib.datasets import ravdess


@pytest.mark.filterwarnings("ignore")
def test_the_sixteen_originals_stand_again_as_flac(real_data):
    found = evaluation.audit(ravdess.table(real_data / "ravdess")).table
    assert found["leak"].value_counts()["same recording in two files"] == 16


def test_originals_against_speech_are_named_as_the_same_recordings(real_data):
    speech, original = (ravdess.table(real_data / "ravdess" / name) for name in ("speech_16k", "original"))
    assert (
        evaluation.audit(speech, original).table["leak"].value_counts()["same recording in two files"] == 16
    )


def test_two_files_of_actor_7_have_one_content_and_an_actor_split_is_clean(real_data):
    table = ravdess.table(real_data / "ravdess" / "speech_16k")
    found = evaluation.audit(table).table
    assert len(found) == 1
    assert "03-01-03-01-02-01-07" in found["detail"][0] and "03-01-03-01-02-02-07" in found["detail"][0]
    train, test = evaluation.split(table, "speaker-independent", test_size=0.25)
    assert evaluation.audit(table.iloc[train], table.iloc[test]).table.empty
