"""The table of docs/results.md, and the rows of stored scores that most of its tables have."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from course_lib.models import card
from course_lib.models.presets import PRESETS

SCORE = {"correct", "n", "protocol", "baseline"}  # the keys of a stored `evaluation.Score`
# Keys that say nothing about a score.
PLAIN = ("scores", "top_1", "networks", "parts", "protocols", "directions", "systems", "models")


class Table(NamedTuple):
    """One table of the page: its title, the name of the result, what writes it, and how to read it."""

    title: str
    result: str
    write: Callable[[Mapping], str]
    text: str | Callable[[Mapping], str] = ""


def scores(found: Mapping, skip: Sequence[str] = ("second_guess", "against_hog", "at_random")) -> str:
    """List every stored score of a result, by its place in it.

    Parameters
    ----------
    found : mapping
        A result, or a part of it.
    skip : sequence of str
        Keys to leave out.

    Returns
    -------
    str
        A table in Markdown.

    Examples
    --------
    >>> stored = {"correct": 3, "n": 4, "protocol": "random split", "baseline": 0.5, "interval": [0.3, 0.95]}
    >>> print(scores({"scores": {"HoG": stored}}))
    | what | accuracy (95 % CI) | n | split | baseline |
    | --- | --- | --- | --- | --- |
    | HoG | 75.0 % (30.0–95.0) | 4 | random split | 50.0 % |
    """
    return of_rows((name, score) for name, score in found_scores(found, skip))


def of_rows(rows: Iterable[tuple[str, Mapping]], what: str = "what") -> str:
    """Write a table of named scores in Markdown."""
    head = (what, "accuracy (95 % CI)", "n", "split", "baseline")
    return card.table(head, ((name, *score_cells(score)) for name, score in rows))


def score_cells(score: Mapping) -> tuple[str, str, str, str]:
    """Write a stored score as four cells: accuracy with its interval, n, split and baseline."""
    note = f", {score['note']}" if score.get("note") else ""
    return (
        f"{100 * score['correct'] / score['n']:.1f} % ({card.ends(score['interval'])})",
        f"{score['n']:,}",
        score["protocol"] + note,
        f"{100 * score['baseline']:.1f} %",
    )


def found_scores(found: Any, skip: Sequence[str], path: tuple = ()) -> Iterator[tuple[str, Mapping]]:
    """The name and the score of each stored score in a result. Steps that the protocol says are left out."""
    if not isinstance(found, Mapping):
        return
    if SCORE <= set(found):
        told = found["protocol"].replace("trained on ", "").replace(", tested on ", " to ")
        kept = [step for step in path if step not in PLAIN and step not in told]
        yield ", ".join(_words(step) for step in kept), found
    for key, part in found.items():
        if key not in skip:
            yield from found_scores(part, skip, (*path, key))


def _words(key):
    return key if any(name in key for name in PRESETS) else key.replace("_", " ")


def spoken(found: Mapping) -> str:
    """List every stored score of a result about voices, with its UAR, also for women and men, if measured.

    Parameters
    ----------
    found : mapping
        A result.

    Returns
    -------
    str
        A table in Markdown.
    """
    scored = list(found_scores(found, ("by_gender",)))
    by_gender = any("uar" in _of_women(score) for _, score in scored)
    rows = [
        (name or "all", *score_cells(score), _uar(score), *([_women_and_men(score)] if by_gender else []))
        for name, score in scored
    ]
    head = ("what", "accuracy (95 % CI)", "n", "split", "baseline", "UAR (95 % CI)")
    return card.table((*head, "UAR, women / men") if by_gender else head, rows)


def _uar(score):
    if "uar" not in score:
        return "–"
    interval = f" ({card.ends(score['uar_interval'])})" if "uar_interval" in score else ""
    return f"{100 * score['uar']:.1f} %{interval}"


def _of_women(score):
    found = score.get("by_gender", {}).get("female")
    return found if isinstance(found, Mapping) else {}


def _women_and_men(score):
    if "uar" not in _of_women(score):
        return "–"
    return " / ".join(_uar(score["by_gender"][gender]) for gender in ("female", "male"))
