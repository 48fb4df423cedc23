"""The emotions and their spellings are written once, and every corpus reads them from there."""

from course_lib.core import labels
from course_lib.datasets import emodb, fer2013, ferplus, ravdess, savee


def test_the_corpora_use_the_one_list():
    assert fer2013.EMOTIONS is labels.EMOTIONS and fer2013.SPELLINGS is labels.SPELLINGS
    assert ravdess.EMOTIONS is labels.RAVDESS_EMOTIONS and savee.EMOTIONS is labels.OF_SAVEE
    assert ferplus.VOTES_FOR == tuple(labels.OF_FERPLUS)


def test_emodb_has_boredom_and_six_of_the_seven():
    assert emodb.EMOTIONS is labels.OF_EMODB
    assert set(labels.OF_EMODB.values()) == {*labels.EMOTIONS, "boredom"} - {"surprise"}


def test_all_spellings_lead_to_the_seven():
    assert [words[0] for words in labels.SPELLINGS] == list(labels.EMOTIONS)
    assert tuple(labels.OF_FERPLUS.values()) == labels.EMOTIONS
    assert set(labels.OF_SAVEE.values()) == set(labels.EMOTIONS)
    merged = {labels.OF_RAVDESS.get(word, word) for word in labels.RAVDESS_EMOTIONS}
    assert merged == set(labels.EMOTIONS)
    known = {word for words in labels.SPELLINGS for word in words}
    assert {*labels.OF_FERPLUS, *labels.RAVDESS_EMOTIONS} - {"calm"} <= known
