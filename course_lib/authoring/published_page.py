"""Write docs/published_figures.md: the figures that three student projects published, and what adds up."""

import re
from pathlib import Path

from course_lib.authoring import results_text
from course_lib.core.io import whole_file
from course_lib.core.paths import ROOT
from course_lib.evaluation import f_score_intervals
from course_lib.models import card
from course_lib.results import published

PAGE = ROOT / "docs" / "published_figures.md"
HEAD = """# Figures that three student projects published

Lessons 09 to 14 follow three student projects. This page has every figure on their slides that can be
checked, and what it is when it is computed again from their other figures. Nothing here was measured by the
course. What the course measured is in [results.md](results.md). The page is made by `course cards`, so do not
edit it.

Figures that do not add up happen in every project, also in published papers. A typing error, a count without
the biases, or two scores of two different tests are enough. Checking is how they are found, and it takes
minutes. So check your own figures before you show them.

"""


def write() -> Path:
    """Write docs/published_figures.md.

    Returns
    -------
    Path
    """
    with whole_file(PAGE) as part:
        part.write_text(text(), encoding="utf-8")
    return PAGE


def text() -> str:
    """Write the page in Markdown.

    Returns
    -------
    str

    Examples
    --------
    >>> text().splitlines()[0]
    '# Figures that three student projects published'
    """
    return f"{HEAD}{results_text.ABOUT_PROJECTS}\n{_claims()}\n{_f_scores()}\n{_matrices()}\n{_log()}"


def _claims():
    checks = published.check_published()
    rows = [
        tuple(
            re.sub(r"(?<=\d)%", " %", cell)
            for cell in (
                row.source,
                row.claim,
                row.published,
                row.recomputed,
                "yes" if row.adds_up else "no",
                row.note,
            )
        )
        for row in checks.itertuples()
    ]
    head = ("project", "figure", "as published", "computed again", "adds up", "note")
    return (
        f'## Claims\n\n{int(checks["adds_up"].sum())} of {len(checks)} figures add up. A figure "adds up" if '
        "the other figures that the project shows give the same number, to the last printed decimal; for an "
        "accuracy, if a whole number of right answers gives it. The check is "
        f"`results.published.check_published`.\n\n{card.table(head, rows)}\n"
    )


def _f_scores():
    rows = []
    for name, matrix in (("faces", published.FACE_MATRIX), ("speech", published.SPEECH_MATRIX)):
        found, ends = published.f_from_matrix(matrix), f_score_intervals(matrix)
        for emotion in published.F_SCORES.index:
            low, high = ends.loc[emotion]
            rows.append(
                (
                    name,
                    emotion,
                    f"{published.F_SCORES.loc[emotion, name]:.4f}",
                    f"{found[emotion]:.4f} ({low:.4f}–{high:.4f})",
                )
            )
    head = ("network", "class", "published F-score", "from its confusion matrix (95 % CI)")
    return (
        "## IIITA's F-scores\n\nIIITA fuses faces and speech with one F-score for each class and network "
        "(lesson 13). Beside each published F-score is the one that the published confusion matrix gives, "
        "with a 95 % bootstrap interval over the test items. Where the two differ by more than rounding, "
        f"they probably come from two runs or two tests.\n\n{card.table(head, rows)}\n"
    )


def _matrices():
    parts = []
    for name, matrix in (("faces, PublicTest", published.FACE_MATRIX), ("speech", published.SPEECH_MATRIX)):
        rows = [
            (emotion, *map(str, row)) for emotion, row in zip(matrix.index, matrix.to_numpy(), strict=True)
        ]
        parts.append(f"{name} (rows: the true class):\n\n{card.table(('', *matrix.columns), rows)}\n")
    return "## IIITA's confusion matrices\n\n" + "\n".join(parts)


def _log():
    rows = [
        (epoch, *(f"{value:.4f}" for value in row))
        for epoch, row in zip(published.P4_LOG.index, published.P4_LOG.to_numpy(), strict=True)
    ]
    head = (
        "epoch",
        "loss",
        "accuracy",
        "top-3",
        "validation loss",
        "validation accuracy",
        "validation top-3",
    )
    return f"## P4's training log\n\n{card.table(head, rows)}\n"
