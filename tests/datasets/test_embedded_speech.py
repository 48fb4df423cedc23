"""The speech corpora that come with the course: what is there, how large it is, and under which licence."""

import pytest

from course_lib.core.errors import CourseError
from course_lib.datasets import embedded, ravdess
from course_lib.media import audio, video


@pytest.fixture(scope="module")
def clips():
    return ravdess.table(embedded.folder("ravdess"))


def of(table, **fields):
    for field, value in fields.items():
        table = table[table[field] == value]
    return table


@pytest.mark.parametrize(
    ("corpus", "licence", "cited"),
    [
        ("emodb", "CC0 1.0 Universal", "https://doi.org/10.21437/Interspeech.2005-446"),
        (
            "ravdess",
            "Attribution-NonCommercial-ShareAlike 4.0 International",
            "https://doi.org/10.1371/journal.pone.0196391",
        ),
    ],
)
def test_licence_and_source_lie_beside_the_files(corpus, licence, cited):
    folder = embedded.folder(corpus)
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert licence in (folder / "LICENSE").read_text(encoding="utf-8")
    assert cited in readme and "## What was changed" in readme


@pytest.mark.parametrize(("corpus", "most"), [("emodb", 7e6), ("ravdess", 3.5e6)])
def test_a_corpus_is_small(corpus, most):
    assert sum(path.stat().st_size for path in embedded.folder(corpus).rglob("*") if path.is_file()) <= most


def test_the_corpora_are_listed():
    assert {"emodb", "ravdess"} <= set(embedded.names())
    assert all((embedded.folder(name) / "README.md").is_file() for name in embedded.names())


def test_a_corpus_that_is_not_here_is_named():
    with pytest.raises(CourseError, match=r"'emo'.*Did you mean 'emodb'"):
        embedded.folder("emo")


def test_ravdess_has_the_lectures_16_calm_and_angry_recordings(clips):
    sound = of(clips, modality="audio-only", actor=1)
    calm_angry = sound[sound["emotion"].isin(["calm", "angry"])]
    assert len(calm_angry) == 16
    assert (calm_angry.groupby(["emotion", "intensity", "statement", "repetition"]).size() == 1).all()


@pytest.mark.parametrize(("actor", "gender"), [(1, "male"), (2, "female")])
def test_a_man_and_a_woman_say_the_same_sentence_in_eight_emotions(clips, actor, gender):
    same = of(clips, modality="audio-only", actor=actor, statement="kids", repetition=1, gender=gender)
    strong = same[(same["intensity"] == "strong") | (same["emotion"] == "neutral")]
    assert sorted(strong["emotion"]) == sorted(ravdess.EMOTIONS)


def test_the_sound_is_flac_at_16_khz(clips):
    for path in of(clips, modality="audio-only")["path"]:
        assert path.endswith(".flac")
        assert 2.9 * 16000 < len(audio.read_audio(path, 16000, seconds=None)) < 5.3 * 16000


def test_two_of_the_five_films_have_sound(clips):
    films = clips[clips["modality"] != "audio-only"]
    assert len(films) == 5 and set(films["actor"]) == {1}
    for film in films.itertuples():
        sound = audio.read_audio(film.path, 16000, seconds=None, allow_silent=True)
        assert bool(sound.any()) == (film.modality == "audio-video")
        assert 97 <= len(video.read_clip(film.path, size=(36, 64))) <= 107
    assert sorted(of(films, modality="audio-video")["emotion"]) == ["neutral", "surprised"]


def test_the_sound_of_a_silent_film_is_here_if_it_is_calm(clips):
    """Actor 1's calm film can be joined with the recording of the same take."""
    calm = of(clips, modality="video-only", emotion="calm")["recording"].item()
    assert len(of(clips, modality="audio-only", recording=calm)) == 1
