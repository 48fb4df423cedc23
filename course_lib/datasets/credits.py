"""Makers and licences of the corpora, and which of them this run has read.

Each reader calls `used`. The last cell of a lesson then shows `lines`, one for each corpus. The facts are in
credits.toml.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from course_lib.core.names import check_choice
from course_lib.core.paths import home

EMBEDDED = Path(__file__).parent / "embedded"
_used: dict[
    str, bool
] = {}  # the corpora that this process has read; True: the copy that comes with the course


class Credit(NamedTuple):
    """Who made a corpus, and what its licence is.

    Attributes
    ----------
    name : str
    licence : str
        In words.
    spdx : str
        The licence's SPDX identifier, "NOASSERTION" if no licence is known.
    free : bool
        Whether everybody may use and pass it on, also commercially.
    terms : str
        Where the text of the licence is.
    makers, year, address : str or int
        Empty if not known.
    changed : str
        What the course changed in the copy that comes with it.
    notice : str
        What a reader must know before passing it on.
    """

    name: str
    licence: str
    spdx: str
    free: bool
    terms: str = ""
    makers: str = ""
    year: int | str = ""
    address: str = ""
    changed: str = ""
    notice: str = ""


@cache
def load() -> dict[str, Credit]:
    """Read the facts about all corpora.

    Returns
    -------
    dict
        {corpus: its `Credit`}.

    Examples
    --------
    >>> load()["emodb"].licence
    'CC0 1.0'
    """
    text = Path(__file__).with_name("credits.toml").read_text(encoding="utf-8")
    return {corpus: Credit(**facts) for corpus, facts in tomllib.loads(text).items()}


def used(corpus: str, place: str | Path | None = None) -> None:
    """Record that this run has read a corpus.

    Parameters
    ----------
    corpus : str
        A key of `load()`.
    place : str or path, optional
        The file or folder that was read. Below `embedded` it is the course's own copy, and below the Studio's
        cache it is the Studio.
    """
    check_choice("corpus", corpus, load())
    path = Path(place).expanduser().resolve() if place else Path()
    if path.is_relative_to((home() / "studio").resolve()):
        corpus = "studio"
    _used[corpus] = _used.get(corpus, False) or path.is_relative_to(EMBEDDED.resolve())


def corpora() -> list[str]:
    """List the corpora that this run has read.

    Returns
    -------
    list of str
        Keys of `load()`, in the order in which they were first read.
    """
    return list(_used)


def line(corpus: str, embedded: bool = True) -> str:
    """Write the line about a corpus: name, makers, licence, address, and what was changed.

    Parameters
    ----------
    corpus : str
        A key of `load()`.
    embedded : bool
        Whether the copy that comes with the course was read. Only that one is changed.

    Returns
    -------
    str

    Examples
    --------
    >>> line("astronaut")
    'Photograph of Eileen Collins, from scikit-image (NASA), public domain, https://flic.kr/p/r9qvLn.'
    """
    check_choice("corpus", corpus, load())
    one = load()[corpus]
    makers = f" ({one.makers} {one.year})".replace(" )", ")") if one.makers else ""
    licence = f"{one.licence} ({one.terms})" if one.terms else one.licence
    facts = ", ".join(filter(None, [f"{one.name}{makers}", licence, one.address]))
    changed = f"; changed: {one.changed}" if one.changed and embedded else ""
    return f"{facts}{changed}. {one.notice}".rstrip()


def lines() -> list[str]:
    """Write the line of each corpus that this run has read.

    Returns
    -------
    list of str
    """
    return [line(corpus, embedded) for corpus, embedded in _used.items()]
