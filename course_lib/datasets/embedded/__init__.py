"""The small real corpora that come with the course: one folder each, with its licence and a README."""

from pathlib import Path

from course_lib.core.names import check_choice
from course_lib.datasets import credits, parts

FOLDER = Path(__file__).parent


def names() -> list[str]:
    """List the corpora that this copy of the course holds.

    Returns
    -------
    list of str
        A release may leave some out, because of their licences.
    """
    return sorted(path.parent.name for path in FOLDER.glob("*/LICENSE"))


def folder(corpus: str) -> Path:
    """Return the folder of a corpus that comes with the course.

    Parameters
    ----------
    corpus : str
        One of `names()`, such as "emodb". Its licence and its README are in the folder, too.

    Returns
    -------
    Path

    Raises
    ------
    CourseError
        If this copy of the course does not hold the corpus.

    Examples
    --------
    >>> folder("emodb").name
    'emodb'
    """
    if corpus in parts.load() and corpus not in names():
        raise parts.why_missing(corpus)
    check_choice("corpus of the course", corpus, names())
    credits.used(corpus, FOLDER / corpus)
    return FOLDER / corpus
