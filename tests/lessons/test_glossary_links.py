"""A lesson links each term of the glossary at its first use."""

import re

import pytest

from course_lib.authoring import build
from course_lib.lessons import glossary, names

HEAD = "# A lesson on data leakage"


def linked(*texts):
    return glossary.with_links([HEAD, *texts])


def test_only_the_first_use_is_linked_and_none_in_the_head():
    head, first, second = linked("About data\nleakage.", "Data leakage again.")
    assert head == HEAD and second == "Data leakage again."
    assert first == "About [data\nleakage](../docs/glossary.md#data-leakage)."


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Two **Test Sets** differ.", "test-set"),
        ("A frozen layer.", "frozen-layers"),
        ("The UAR is 50 %.", "unweighted-average-recall-uar"),
        ("unweighted average recall", "unweighted-average-recall-uar"),
        ("Cohen's kappa", "cohens-kappa"),
        ("Its apex comes later.", "onset-apex-offset"),
        ("with early-stopping, and early stopping", "early-stopping"),
    ],
)
def test_plurals_short_forms_and_capital_letters_are_found(text, place):
    (_, found) = linked(text)
    assert re.findall(r"\(\.\./docs/glossary\.md#([^)]*)\)", found) == [place]


@pytest.mark.parametrize(
    "text",
    [
        "## Data leakage",
        "`data leakage`",
        "```\ndata leakage\n```",
        "<summary>Data leakage</summary>",
        "[data leakage](https://a.org/data)",
        "![data leakage](a.png)",
        "$accuracy$ and $$\nrecall\n$$",
        "https://a.org/accuracy",
        "trained on precisions-like and subsample words",
    ],
)
def test_headings_code_formulas_links_and_parts_of_words_stay(text):
    assert linked(text)[1] == text


def test_the_text_below_a_heading_and_below_html_is_linked():
    (_, found) = linked("## Data leakage\n\n<summary>Data leakage</summary>\n\nData leakage.")
    assert found.endswith("\n\n[Data leakage](../docs/glossary.md#data-leakage).") and found.count("](") == 1


def test_a_longer_term_wins():
    assert linked("a confidence interval, a random split of recordings")[1].count("](") == 3
    assert "[low-pass filter]" in linked("a low-pass filter")[1]


@pytest.mark.parametrize("name", names())
def test_each_link_of_a_lesson_leads_to_an_entry_and_none_comes_twice(name):
    text = "\n".join(cell.source for cell in build.from_master(name).cells if cell.cell_type == "markdown")
    places = re.findall(r"glossary\.md#([\w-]+)\)", text)
    assert len(set(places)) == len(places) and set(places) <= set(glossary.terms().values())
    assert places or name.startswith("14")
