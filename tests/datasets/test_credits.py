"""The line about each corpus, and which corpora a run has read."""

import numpy as np
import pytest

from course_lib import load, synthetic
from course_lib.core.errors import CourseError
from course_lib.datasets import credits, crema_d, embedded, fer2013, ferplus, not_faces, ravdess, savee


@pytest.fixture(autouse=True)
def nothing_read(monkeypatch):
    monkeypatch.setattr(credits, "_used", {})


@pytest.mark.parametrize("corpus", credits.load())
def test_a_line_names_what_a_copy_must_name(corpus):
    one, line = credits.load()[corpus], credits.line(corpus)
    assert all(str(part) in line for part in one if part != one.spdx and not isinstance(part, bool))
    assert line.endswith((".", ")")) and "  " not in line


def test_every_corpus_of_the_course_has_a_line_that_tells_what_was_changed():
    assert all(
        credits.load()[corpus].changed and credits.load()[corpus].address for corpus in embedded.names()
    )


def test_the_lines_of_two_corpora():
    assert credits.line("ravdess") == (
        "RAVDESS (Livingstone & Russo 2018), "
        "CC BY-NC-SA 4.0 (https://creativecommons.org/licenses/by-nc-sa/4.0/), "
        "https://doi.org/10.5281/zenodo.1188976; changed: sound resampled to 16 kHz, mono; films scaled to "
        "640x360 and encoded again. Not for commercial use. Pass on what you make from it under the same "
        "licence."
    )
    assert credits.line("fer2013") == (
        "FER2013 (Goodfellow et al. 2013), no open licence, https://arxiv.org/abs/1307.0414. "
        "Do not pass this notebook or page on."
    )


def test_an_unknown_corpus_is_refused():
    for call in (credits.line, credits.used):
        with pytest.raises(
            CourseError, match=r"corpus 'ravdes': there is no such corpus\. Did you mean 'ravdess'"
        ):
            call("ravdes")


@pytest.mark.parametrize("corpus", embedded.names())
def test_the_folder_of_a_corpus_is_recorded_with_its_changes(corpus):
    embedded.folder(corpus)
    assert credits.corpora() == [corpus] and credits.lines() == [credits.line(corpus)]


def test_a_download_of_a_corpus_is_recorded_without_the_courses_changes(tmp_path, make_wav):
    make_wav(tmp_path / "03-01-01-01-01-01-01.wav", np.ones(10))
    ravdess.table(tmp_path)
    assert credits.lines() == [credits.line("ravdess", embedded=False)]
    assert "changed" not in credits.lines()[0]
    ravdess.table(embedded.folder("ravdess"))
    assert credits.lines() == [credits.line("ravdess")]


def test_empty_files_are_no_corpus(tmp_path):
    (tmp_path / "DC_a01.wav").touch()
    savee.table(tmp_path)
    assert credits.corpora() == []


def test_each_way_to_faces_votes_and_films_is_recorded(tmp_path, faces_npz, votes_csv):
    fer2013.read(faces_npz)
    ferplus.read_votes(votes_csv)
    crema_d.votes()
    not_faces.lfw_test()
    not_faces.not_faces(1)
    (tmp_path / "sad").mkdir()
    (tmp_path / "sad" / "anna_1.wav").write_bytes(b"sound")
    savee.own_recordings(tmp_path)
    assert credits.corpora() == ["fer2013", "ferplus", "crema_d", "lfw", "photographs", "own"]


def test_drawn_data_is_recorded_as_the_studios(own_home, faces_npz, make_wav):
    synthetic.make([])
    drawn = own_home / "studio" / "faces.npz"
    drawn.parent.mkdir(parents=True)
    drawn.write_bytes(faces_npz.read_bytes())
    fer2013.read(drawn)
    make_wav(drawn.parent / "savee" / "DC_a01.wav", np.ones(10))
    savee.table(drawn.parent / "savee")
    assert credits.corpora() == ["studio"]


def test_what_load_offers_has_a_line():
    assert {*load.CORPORA, *load.FACES} - {"embedded"} <= set(credits.load())
