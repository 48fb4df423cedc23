"""Whisper-base's encoder in CTranslate2's format: the tensors of OpenAI's file, one error for others."""

import numpy as np
import pytest
from whisper_ct2 import as_ctranslate2, write_ctranslate2
from whisper_pt import numbers, write

from course_lib.core.errors import CourseError
from course_lib.models import whisper_ctranslate2, whisper_file


@pytest.fixture
def small(monkeypatch):
    for name, value in {"BLOCKS": 2, "WIDTH": 8, "MELS": 4, "POSITIONS": 10}.items():
        monkeypatch.setattr(whisper_file, name, value)
    return numbers(whisper_file.shapes())


def test_both_formats_give_the_same_tensors_and_the_same_digest(tmp_path, small):
    one = whisper_file.read(write(tmp_path / "base.pt", small))
    other = whisper_file.read(write_ctranslate2(tmp_path / "model.bin", as_ctranslate2(small)))
    assert list(one) == list(other)
    assert all(np.array_equal(one[name], other[name]) for name in one)
    assert whisper_file.digest(one) == whisper_file.digest(other)
    other["conv1.bias"][0] += 1
    assert whisper_file.digest(one) != whisper_file.digest(other)


def test_another_version_of_the_format_and_another_model_are_refused(tmp_path, small):
    for given in ({"version": 5}, {"name": "TransformerSpec"}):
        path = write_ctranslate2(tmp_path / "model.bin", as_ctranslate2(small), **given)
        with pytest.raises(CourseError, match="not a Whisper in CTranslate2's binary format 6"):
            whisper_file.read(path)


def test_a_file_that_is_cut_off_anywhere_is_one_clear_error(tmp_path, small):
    path = write_ctranslate2(tmp_path / "model.bin", as_ctranslate2(small))
    whole = path.read_bytes()
    for length in range(0, len(whole) - 40, 97):
        path.write_bytes(whole[:length])
        with pytest.raises(CourseError, match=r"model\.bin"):
            whisper_file.read(path)


def test_another_size_of_whisper_is_refused(tmp_path, small, monkeypatch):
    path = write_ctranslate2(tmp_path / "model.bin", as_ctranslate2(small))
    monkeypatch.setattr(whisper_file, "WIDTH", 16)
    with pytest.raises(CourseError, match="other sizes of Whisper do not fit"):
        whisper_file.read(path)


def test_the_file_of_openai_comes_first(own_home):
    folder = own_home / "whisper"
    folder.mkdir(parents=True)
    assert whisper_file.path() == folder / "base.pt"
    (folder / whisper_ctranslate2.FILE).touch()
    assert whisper_file.path() == folder / "model.bin"
    (folder / "base.pt").touch()
    assert whisper_file.path() == folder / "base.pt"
