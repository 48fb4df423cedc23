"""The embeddings that come with the course: what they are, and that they belong to the recordings."""

import doctest
import subprocess
import sys

import numpy as np
import pytest

from course_lib.core.errors import CourseError
from course_lib.datasets import crema_d, embedded, embeddings, emodb, ravdess

READERS = {"crema_d": crema_d.table, "emodb": emodb.table, "ravdess": ravdess.table}
N = {"crema_d": 19, "emodb": 339, "ravdess": 1440}


def test_the_examples_in_the_docstrings_run():
    assert doctest.testmod(embeddings).failed == 0


@pytest.mark.parametrize("corpus", N)
def test_each_recording_has_512_numbers(corpus):
    table, X, _ = embeddings.read(corpus)
    assert X.shape == (len(table), 512) == (N[corpus], 512) and X.dtype == np.float32
    assert table["name"].is_unique and X.std(axis=0).min() > 0.01


@pytest.mark.parametrize("corpus", N)
def test_the_table_has_the_words_of_the_corpus_itself(corpus):
    table = embeddings.read(corpus).table.set_index("recording")
    clips = READERS[corpus](embedded.folder(corpus))
    clips = clips[clips["modality"] == "audio-only"].set_index("recording")
    assert set(clips.index) <= set(table.index)
    for column in set(table.columns) & set(clips.columns):
        assert table.loc[clips.index, column].equals(clips[column]), column


def test_ravdess_is_whole():
    table = embeddings.read("ravdess").table
    assert table["actor"].value_counts().to_dict() == dict.fromkeys(range(1, 25), 60)
    assert table["emotion"].value_counts()["neutral"] == 96


@pytest.mark.parametrize("corpus", N)
def test_the_file_tells_what_made_it_and_the_readme_too(corpus):
    about = embeddings.read(corpus).about
    assert about["preset"] == "whisper_base_encoder" and about["layer"] == 6
    assert set(about["weights"]) == {"file", "format", "precision", "sha256"}
    readme = (embedded.FOLDER / corpus / "README.md").read_text(encoding="utf-8")
    assert embeddings.FILE in readme and about["weights"]["sha256"] in readme
    assert about["licence"].split(",")[0].split(" and ")[0] in readme


def test_all_embeddings_are_small():
    assert sum(path.stat().st_size for path in embedded.FOLDER.glob(f"*/{embeddings.FILE}")) <= 2.5e6


def test_a_corpus_without_embeddings_is_named():
    with pytest.raises(
        CourseError, match=r"'emo'.*Did you mean 'emodb'.*Choose from crema_d, emodb, ravdess"
    ):
        embeddings.read("emo")


def test_a_copy_without_ravdess_says_what_it_has(monkeypatch, tmp_path):
    for corpus in ("emodb", "ravdess"):
        (tmp_path / corpus).mkdir()
        (tmp_path / corpus / "LICENSE").touch()
    (tmp_path / "emodb" / embeddings.FILE).touch()
    monkeypatch.setattr(embedded, "FOLDER", tmp_path)
    assert embeddings.names() == ["emodb"]
    with pytest.raises(CourseError, match="Choose from emodb"):
        embeddings.read("ravdess")
    with pytest.raises(CourseError, match="cannot be read as embeddings"):
        embeddings.read("emodb")


def test_embeddings_that_do_not_fit_are_refused(monkeypatch, tmp_path):
    (tmp_path / "emodb").mkdir()
    (tmp_path / "emodb" / "LICENSE").touch()
    np.savez(tmp_path / "emodb" / embeddings.FILE, names=["03a01Fa"], X=np.ones((2, 512)), about="{}")
    monkeypatch.setattr(embedded, "FOLDER", tmp_path)
    with pytest.raises(CourseError, match="do not fit the names"):
        embeddings.read("emodb")


def test_reading_them_loads_no_network():
    code = (
        "import sys; from course_lib.datasets import embeddings; embeddings.read('emodb');"
        "assert not {'keras', 'tensorflow', 'torch', 'jax'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
