"""docs/glossary.md has an entry for each term of the course; its lessons and its code exist."""

import importlib
import re

import pytest

from course_lib.core.paths import ROOT

# Terms that a student has met by the end of the course.
TERMS = """
action units (FACS), baseline, calibration, CCC, class imbalance, Cohen's kappa, confidence interval,
cross-validation, data augmentation, data leakage, early fusion, early stopping, embedding, F0, fairness,
feature extraction, fine-tuning, frozen layers, hyperparameter, inter-rater agreement, intermediate fusion,
Krippendorff's alpha, late fusion, leave-one-speaker-out, mel scale, MFCC, model card, overfitting,
regularisation, reliability diagram, self-supervised learning, spectrogram, transfer learning,
valence and arousal, validation set
"""
# The field's terms for what the course once had words of its own for.
DICTIONARY = """
decision boundary, grouped by clip, histogram equalisation, log-mel spectrogram, prediction, probabilities,
random split, recording, selective accuracy, speaker-independent, temperature scaling, test set,
test-time augmentation (TTA), training set
"""
PAGE = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
ENTRIES = dict(re.findall(r"^## ([^\n]+)\n\n(.+?)\n*(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
LESSON = re.compile(r"\[(\d\d)\]\(\.\./notebooks/(\1_\w+\.ipynb)\)")


def found(dotted):
    """What a dotted name stands for: a module, or something in one."""
    *above, name = dotted.split(".")
    try:
        return importlib.import_module(dotted)
    except ModuleNotFoundError:
        return getattr(found(".".join(above)), name)


def test_each_term_has_an_entry():
    wanted = {re.sub(r"\s+", " ", term.strip()) for term in f"{TERMS},{DICTIONARY}".split(",")}
    assert wanted - set(ENTRIES) == set()


def test_the_entries_are_in_the_order_of_the_alphabet():
    assert list(ENTRIES) == sorted(ENTRIES, key=str.lower)


@pytest.mark.parametrize("term", ENTRIES)
def test_an_entry_names_its_lessons_and_its_code(term):
    *_, last = ENTRIES[term].splitlines()
    lessons, _, code = last.partition(". *Code*: ")
    lessons = re.sub(r"^\*Lessons?\*: ", "", lessons)
    if lessons != "not yet in a lesson":
        for one in lessons.split(", "):
            name = LESSON.fullmatch(one).group(2)
            assert (ROOT / "notebooks" / name).exists()
    for one in code.split(", ") if code else []:
        assert found(re.fullmatch(r"`(course_lib(\.\w+)+)`", one).group(1)) is not None


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/architecture.md"])
def test_the_glossary_is_linked(page):
    link = "glossary.md" if page.startswith("docs/") else "docs/glossary.md"
    assert f"({link})" in (ROOT / page).read_text(encoding="utf-8")
