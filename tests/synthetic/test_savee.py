"""The Studio's recordings under SAVEE's names."""

import soundfile

from course_lib.synthetic import savee as drawn


def test_the_studio_writes_savees_names_and_format(tmp_path):
    found = drawn.make(["DC", "KL"], ["sad", "fear"], tmp_path)
    assert found["actor"].value_counts().to_dict() == {"DC": 30, "KL": 30} and set(found["emotion"]) == {
        "sad",
        "fear",
    }
    assert set(found["corpus"]) == {"Studio (SYNTHETIC)"}
    first = soundfile.info(found["path"][0])
    assert (first.samplerate, first.channels, first.subtype) == (
        44_100,
        1,
        "PCM_16",
    ) and 2 < first.duration < 6
    sounds = {soundfile.read(path)[0].tobytes() for path in found["path"]}
    assert len(sounds) == 60  # no sentence is a copy of another
    before = (tmp_path / "DC_sa01.wav").read_bytes()
    (tmp_path / "DC_sa01.wav").unlink()
    again = drawn.make(["DC"], ["sad"], tmp_path)
    assert len(again) == 15 and (tmp_path / "DC_sa01.wav").read_bytes() == before
