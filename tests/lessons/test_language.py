"""The lessons' language: short sentences, the field's terms, questions that are sentences."""

import re
import statistics

import pytest
from prose import sentences

from course_lib.lessons import names

REWRITTEN = names()
# What the course once wrote -> what it writes now.
DICTIONARY = {
    r"\bshares? of\b|\bits shares?\b": "probability, fraction",
    r"\b(said|told|own word)\b": "prediction, label",
    r"\b(a|the|each|one|every|same|other|\d+) takes?\b|\btakes of\b": "recording, utterance",
    r"\bwhole (actors|clips)\b|\b(items|clips|images|frames) at random\b": "the name of the split",
    r"\bby heart\b": "memorises",
    r"\bpictures? of sounds?\b": "log-mel spectrogram",
    r"\bhow high (a|the|her|his) voice\b": "fundamental frequency, F0",
    r"\bchanged at random\b": "data augmentation",
    r"\bten views\b": "test-time augmentation",
    r"\bcourse of training\b": "stage",
    r"\banew\b": "retrained",
    r"\btemperature (is )?taken off\b": "temperature scaling",
    r"\bwhen (it )?answered\b": "selective accuracy",
    r"\bspread grey\b": "histogram equalisation",
    r"\b(flat|bent) (boundar|line)": "linear, non-linear",
    r"\bbench\b|\broom\b|(?<!by the )\bdoor\b": "what it is",
    r"\b[Ww]ho(so)?ever\b|^Who [^?]*$": "a subject",
    r"\b(is|are|that is) none\b|\bare no numbers\b|\bit says of\b": "a plain sentence",
}
VERB = re.compile(
    r"\b(is|are|was|were|be|do|does|did|can|could|will|would|should|must|may|might|has|have|had|need|\w+n't|let)\b"
    r"|\b(what|which|who|how many \w+|how) (\w+ ){0,4}\w+(s|ed)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize("name", REWRITTEN)
def test_sentences_are_short(name):
    lengths = [len(sentence.split()) for sentence in sentences(name)]
    long = [sentence for sentence in sentences(name) if len(sentence.split()) > 28]
    assert statistics.median(lengths) <= 18
    assert len(long) <= 0.05 * len(lengths), long


@pytest.mark.parametrize("name", REWRITTEN)
def test_the_terms_are_those_of_the_field(name):
    text = sentences(name)
    found = [(one, DICTIONARY[word]) for word in DICTIONARY for one in text if re.search(word, one)]
    assert not found


@pytest.mark.parametrize("name", REWRITTEN)
def test_each_question_has_a_verb(name):
    questions = [one for one in sentences(name) if one.rstrip("*\"')_ ").endswith("?")]
    assert questions
    assert [one for one in questions if not VERB.search(one)] == []


def test_the_checks_find_what_they_look_for():
    assert (
        not VERB.search("Than what?") and VERB.search("Did you expect that?") and VERB.search("What changed?")
    )
    assert any(re.search(word, "Who selects early reports 44.6 %.") for word in DICTIONARY)
    assert not any(re.search(word, "Who is speaking?") for word in DICTIONARY)
