"""docs/results.md: what `course cards` writes, and every result is on it."""

import re

import pytest

from course_lib import evaluation, results
from course_lib.authoring import results_page, results_tables
from course_lib.models import card, presets

TABLES = [table for tables in results_page.TOPICS.values() for table in tables]
THERE = {path.stem for path in results.FOLDER.glob("*.json")}


def test_the_page_is_what_the_command_writes():
    assert results_page.PAGE.read_text(encoding="utf-8") == results_page.text(), "run: course cards"


def test_every_result_is_on_the_page_or_is_known_to_be_elsewhere():
    shown = [table.result for table in TABLES]
    assert len(shown) == len(set(shown)) and not set(shown) & set(results_page.ELSEWHERE)
    assert THERE - set(shown) - set(results_page.ELSEWHERE) == set(), "add a line to results_page.TOPICS"
    assert set(results_page.ELSEWHERE) <= THERE


@pytest.mark.parametrize(
    "table", [table for table in TABLES if table.result in THERE], ids=lambda one: one.result
)
def test_each_table_has_its_command_and_commit_and_no_empty_figure(table):
    found = results.read(table.result)
    section = results_page._section(table, found)
    assert f"`{found['command']}`, commit {found['commit']}" in section
    rows = [line for line in section.splitlines() if line.startswith("|")]
    assert len(rows) > 2 and "nan" not in section.lower().split("|") and "None" not in section
    widths = {line.count("|") for line in rows}
    assert max(widths) < 12


def test_every_network_that_was_scored_on_publictest_is_on_the_page():
    text = results_page.text()
    for name, one in results.trained().items():
        assert f"### `{name}`" in text
        for test, found in one["scores"].items():
            score = evaluation.Score.from_dict(found["top_1"])
            row = next(
                line
                for line in text.splitlines()
                if line.startswith(f"| {card.test_name(test)} | {100 * score.accuracy:.1f} %")
            )
            assert f"| {score.n:,} |" in row and f"| {100 * score.baseline:.1f} % |" in row
    assert set(results.trained()) <= set(presets.PRESETS)


def test_a_stored_score_becomes_a_row_with_all_that_is_needed():
    score = evaluation.Score(3, 4, "random split", 0.5, "synthetic").to_dict()
    rows = results_tables.scores({"parts": {"one_rater": {"top_1": score}}, "n": 4}).splitlines()
    assert rows[2] == "| one rater | 75.0 % (30.1–95.4) | 4 | random split, synthetic | 50.0 % |"


def test_a_result_that_was_not_measured_yet_is_left_out(monkeypatch):
    table = results_tables.Table("Later", "not_measured_yet", results_tables.scores)
    monkeypatch.setattr(results_page, "TOPICS", {"Nothing": (table,)})
    assert "Later" not in results_page.text() and "Nothing" not in re.findall("## (.*)", results_page.text())


def test_the_contents_lead_to_the_headings():
    text = results_page.text()
    titles = re.findall(r"^## (.*)", text, re.MULTILINE)
    headings = {re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in titles}
    links = re.findall(r"^- \[.*\]\(#(.*)\)", text, re.MULTILINE)
    assert len(links) > 5 and set(links) <= headings
    assert text.index("## In short") < text.index("## Contents")


def test_the_words_are_in_the_glossary():
    glossary = (results_page.PAGE.parent / "glossary.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.*)", glossary, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
    links = set(re.findall(r"\(glossary\.md#(.*?)\)", results_page.text()))
    assert len(links) > 5 and links <= anchors


def test_percentages_and_large_numbers_are_written_in_one_way():
    text = results_page.text()
    assert not re.search(r"\d%", text)
    shown = [cell for line in text.splitlines() if line.startswith("|") for cell in line.split(" | ")]
    assert not [cell for cell in shown if re.fullmatch(r"\d{4,}", cell)]


def test_each_topic_has_a_conclusion():
    assert set(results_page.CONCLUSIONS) == set(results_page.TOPICS)
