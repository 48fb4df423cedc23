"""Whisper-base's file in every state: what is read, and what is refused."""

import doctest
import zipfile

import numpy as np
import pytest
from whisper_pt import Call, numbers, tensor, write

from course_lib.core.errors import CourseError
from course_lib.models import whisper_file


@pytest.fixture
def small(monkeypatch):
    """The tensors of an encoder of one block in Whisper-base's place."""
    for name, value in {"BLOCKS": 1, "WIDTH": 8, "MELS": 4, "POSITIONS": 10}.items():
        monkeypatch.setattr(whisper_file, name, value)
    return numbers(whisper_file.shapes())


def test_the_examples_in_the_docstrings_run():
    assert doctest.testmod(whisper_file).failed == 0


def test_the_tensors_are_those_of_the_published_encoder():
    assert sum(np.prod(shape) for shape in whisper_file.shapes().values()) == 20_590_592
    assert "blocks.5.attn.key.bias" not in whisper_file.shapes()


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("folder", ["archive", "base"])
def test_the_numbers_are_those_that_were_written(tmp_path, small, dtype, folder):
    arrays = {name: array.astype(dtype) for name, array in small.items()}
    found = whisper_file.read(write(tmp_path / "base.pt", arrays, folder=folder))
    assert list(found) == list(whisper_file.shapes())
    assert all(np.array_equal(found[name], array) for name, array in arrays.items())
    assert {array.dtype for array in found.values()} == {np.dtype(np.float32)}


def test_what_is_not_the_encoders_is_left_out(tmp_path, small):
    extra = {"decoder.ln.weight": tensor("0", small["ln_post.weight"]), "step": 3}
    assert len(whisper_file.read(write(tmp_path / "base.pt", small, extra))) == len(small)


def test_a_transposed_tensor_and_one_within_a_larger_storage_are_read(tmp_path, small):
    name = "blocks.0.attn.key.weight"
    place = str(list(small).index(name))
    turned = tensor(place, small[name])
    turned.parts = (*turned.parts[:3], (1, 8), *turned.parts[4:])
    both = np.concatenate([small["ln_post.bias"], small["ln_post.weight"]])
    arrays = small | {"further": both}
    inner = tensor(str(len(small)), small["ln_post.weight"], offset=8, numel=16)
    extra = {f"encoder.{name}": turned, "encoder.ln_post.weight": inner}
    found = whisper_file.read(write(tmp_path / "base.pt", arrays, extra))
    assert np.array_equal(found[name], small[name].T)
    assert np.array_equal(found["ln_post.weight"], small["ln_post.weight"])


@pytest.mark.parametrize("name", [("os", "system"), ("builtins", "eval"), ("torch", "load")])
def test_a_pickle_that_could_run_code_is_refused(tmp_path, small, name):
    made = tmp_path / "made"
    path = write(tmp_path / "base.pt", small, {"encoder.bad": Call(*name, f"touch {made}")})
    with pytest.raises(CourseError, match=rf"asks for {name[0]}\.{name[1]}, which weights do not need"):
        whisper_file.read(path)
    assert not made.exists()


def wrong_shape(path, small):
    return write(path, small | {"conv1.bias": np.zeros(9, np.float16)})


def whole_numbers(path, small):
    return write(path, small | {"conv1.bias": np.zeros(8, np.int64)})


def not_finite(path, small):
    return write(path, small | {"conv1.bias": np.full(8, np.nan, np.float16)})


def fewer(path, small):
    return write(path, {name: array for name, array in small.items() if "mlp" not in name})


def outside(path, small):
    return write(path, small, {"encoder.conv1.bias": tensor("2", small["conv1.bias"], offset=4)})


def no_state(path, small):
    return write(path, small, content={"weights": 1})


def cut_short(path, small):
    write(path, small)
    path.write_bytes(path.read_bytes()[:-500])
    return path


def other_zip(path, small):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("readme.txt", "no weights")
    return path


def other_bytes(path, small, content=b"\x80\x02lq"):
    path.write_bytes(content)
    return path


def web_page(path, small):
    return other_bytes(path, small, b"<!doctype html><title>Sign in</title>")


def empty(path, small):
    return other_bytes(path, small, b"")


def folder(path, small):
    path.mkdir()
    return path


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (wrong_shape, r"tensor conv1.bias is float16 \(9,\), where Whisper-base has \(8,\)"),
        (whole_numbers, "tensor conv1.bias is int64"),
        (not_finite, "conv1.bias contains NaN or infinity"),
        (fewer, "lacks the encoder's tensors blocks.0.mlp_ln.weight, .* and 3 more"),
        (outside, "cut short or damaged.*storage 2 does not fit"),
        (no_state, "holds no model_state_dict"),
        (cut_short, "cut short or damaged"),
        (other_zip, "a zip without PyTorch's data.pkl"),
        (other_bytes, "not a PyTorch file in zip format"),
        (web_page, "it is a web page"),
        (empty, "the file is empty"),
        (folder, "a folder, not a file"),
    ],
)
def test_a_wrong_file_is_named_and_the_command_that_gets_it(tmp_path, small, make, expected):
    with pytest.raises(CourseError, match=expected) as error:
        whisper_file.read(make(tmp_path / "base.pt", small))
    assert "course fetch whisper-base" in str(error.value)


def test_every_damaged_byte_gives_weights_or_one_error(tmp_path, small):
    content = write(tmp_path / "base.pt", small).read_bytes()
    rng = np.random.default_rng(0)
    for place in rng.integers(len(content), size=150):
        damaged = bytearray(content)
        damaged[place] ^= 1 << int(rng.integers(8))
        (tmp_path / "base.pt").write_bytes(damaged)
        try:
            whisper_file.read(tmp_path / "base.pt")
        except CourseError:
            pass


def test_a_missing_file_says_size_licence_and_command(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    assert whisper_file.path() == tmp_path / "whisper" / "base.pt"
    with pytest.raises(CourseError, match=r"base\.pt, 145 MB, MIT.*Run: course fetch whisper-base"):
        whisper_file.read(whisper_file.path())
