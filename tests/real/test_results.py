"""The figures in results/ are what the real data give, computed again."""

import json

import pytest

from course_lib import measure


@pytest.mark.parametrize("name", measure.MEASUREMENTS)
def test_a_published_measurement_is_found_again(name, real_data):
    again = json.loads(json.dumps(measure.MEASUREMENTS[name](real_data), default=measure._plain))
    saved = measure.read(name)
    sources = again.pop("files")
    assert saved["data_files"] == len(sources) and saved["data_sha256"] == measure.hash_files(sources)
    assert {key: saved[key] for key in again} == again


def test_neutral_against_angry_is_one_to_two():
    counts = measure.read("ravdess_speech_counts")["counts"]
    assert counts["neutral"] == 96 and counts["angry"] == 192
    assert measure.read("ravdess_speech_counts")["majority_baseline"] == pytest.approx(2 / 3)
