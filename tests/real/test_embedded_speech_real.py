"""The speech that comes with the course against the files it was made from, and EmoDB's figures."""

import numpy as np
import pytest

from course_lib import results
from course_lib.authoring.embedding import emodb as make_emodb
from course_lib.authoring.embedding import encode, encoder
from course_lib.authoring.embedding import ravdess as make_ravdess
from course_lib.authoring.experiments import emodb_speech
from course_lib.core.io import hash_files
from course_lib.datasets import embedded, emodb, ravdess
from course_lib.features import functionals
from course_lib.media import audio, video


@pytest.fixture(scope="module")
def both(real_data):
    """EmoDB's lossless files, and the files of the course: one table each."""
    return emodb.table(real_data / "emodb" / "wav16k_flac"), emodb.table(embedded.folder("emodb"))


@pytest.fixture(scope="module")
def clips(real_data):
    """(file of the course, its original) of each RAVDESS file."""
    original = {path.name: path for path in (real_data / "ravdess" / "video" / "Actor_01").glob("*.mp4")}
    for path in (real_data / "ravdess" / "speech_16k").rglob("*.flac"):
        original[path.name] = path
    table = ravdess.table(embedded.folder("ravdess"))
    return [(path, original[path.rpartition("/")[2]]) for path in table["path"]]


def same_encoder(corpus):
    return encoder() in (embedded.folder(corpus) / "README.md").read_text(encoding="utf-8")


def test_the_same_utterances_are_in_both(both):
    flac, opus = (table.drop(columns="path") for table in both)
    assert len(opus) == 339 and flac.equals(opus)


def test_every_utterance_kept_its_length(both):
    for original, copy in zip(both[0]["path"][::10], both[1]["path"][::10], strict=True):
        one, other = (audio.read_audio(path, 16000, seconds=None) for path in (original, copy))
        assert len(one) == len(other) and np.corrcoef(one, other)[0, 1] > 0.95


@pytest.mark.skipif(not same_encoder("emodb"), reason="another ffmpeg encodes other bytes")
def test_the_same_encoder_makes_the_same_opus_files_again(both, tmp_path):
    for original, copy in zip(both[0]["path"][::50], both[1]["path"][::50], strict=True):
        again = encode(original, tmp_path / "again.opus", make_emodb.OPUS)
        with open(copy, "rb") as file:
            assert again.read_bytes() == file.read()


def test_the_measured_files_are_these(both):
    saved = results.read("emodb_four_classes")
    paths = [path for table in both for path in table["path"]]
    assert (saved["n"], saved["data_files"], saved["data_sha256"]) == (339, 678, hash_files(paths))


def test_the_readme_prints_the_measured_figures():
    saved = results.read("emodb_four_classes")
    readme = (embedded.folder("emodb") / "README.md").read_text(encoding="utf-8")
    for found in saved["mfcc"].values():
        assert f"{100 * found['rms_relative']:.1f} %" in readme and f"{found['correlation']:.4f}" in readme
    for scores in saved["scores"].values():
        for kind in ("flac", "opus"):
            score = scores[kind]
            assert f"{score['correct']} = {100 * score['correct'] / 339:.1f} %" in readme
            assert f"{100 * score['uar']:.1f} %" in readme


@pytest.mark.parametrize("name", emodb_speech.MFCC)
def test_opus_changes_the_mfcc_little_in_every_tenth_utterance(name, both):
    sounds = [emodb_speech._sounds(table.iloc[::10]) for table in both]
    found = emodb_speech.mfcc_difference(*sounds, **emodb_speech.MFCC[name])
    saved = results.read("emodb_four_classes")["mfcc"][name]
    assert found["rms_relative"] == pytest.approx(saved["rms_relative"], rel=0.25)
    assert found["correlation"] > 0.99


def test_the_score_of_the_opus_files_is_found_again(both):
    """Half of the measurement: about half a minute."""
    X = np.stack([functionals.describe(sound) for sound in emodb_speech._sounds(both[1])])
    found, saved = emodb_speech._compare(X, both[1]), results.read("emodb_four_classes")["scores"]
    for name in emodb_speech.LINEAR:
        again = emodb_speech._scored(found, name, both[1])
        assert again["correct"] == saved[name]["opus"]["correct"]
        assert again["uar"] == pytest.approx(saved[name]["opus"]["uar"])
        assert again["uar_interval"] == pytest.approx(tuple(saved[name]["opus"]["uar_interval"]))


def test_the_flac_files_of_ravdess_are_the_same_bytes(clips):
    sounds = [(path, original) for path, original in clips if path.endswith(".flac")]
    assert len(sounds) == 30
    for path, original in sounds:
        with open(path, "rb") as file:
            assert file.read() == original.read_bytes()


def test_the_films_kept_every_frame_and_their_sound(clips):
    films = [(path, original) for path, original in clips if path.endswith(".mp4")]
    assert len(films) == 5
    for path, original in films:
        small, large = video.read_clip(path), video.read_clip(original, size=(360, 640))
        assert small.shape == large.shape
        error = np.mean((small.astype(np.float32) - large) ** 2)
        assert 10 * np.log10(255**2 / error) > 40
        one, other = (
            audio.read_audio(each, 16000, seconds=None, allow_silent=True) for each in (path, original)
        )
        assert np.array_equal(one, other)


@pytest.mark.skipif(not same_encoder("ravdess"), reason="another ffmpeg encodes other bytes")
def test_the_same_encoder_makes_the_same_film_again(clips, tmp_path):
    path, original = next(pair for pair in clips if pair[0].endswith(".mp4"))
    again = encode(original, tmp_path / "again.mp4", make_ravdess.FILM)
    with open(path, "rb") as file:
        assert again.read_bytes() == file.read()
