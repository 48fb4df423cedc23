"""docs/published_figures.md: what `course cards` writes, with every claim that is checked."""

from course_lib.authoring import published_page
from course_lib.results import published


def test_the_page_is_what_the_command_writes():
    assert published_page.PAGE.read_text(encoding="utf-8") == published_page.text(), "run: course cards"


def test_every_claim_and_every_f_score_is_on_the_page():
    text = published_page.text()
    checks = published.check_published()
    assert (
        text.count("| yes |") == checks["adds_up"].sum()
        and text.count("| no |") == (~checks["adds_up"]).sum()
    )
    assert all(f"| {claim} |" in text for claim in checks["claim"])
    for value in published.F_SCORES.to_numpy().ravel():
        assert f"| {value:.4f} |" in text
    assert text.count("\n| 20 |") == 1  # the last epoch of P4's log
