"""The parts of the course that have a licence of their own, and whether this copy of the course has them.

The facts are in parts.toml. `course release --only-free` leaves out the parts that are not free.
"""

import tomllib
from fnmatch import fnmatch
from functools import cache
from pathlib import Path, PurePath
from typing import NamedTuple

from course_lib.core.errors import CourseError
from course_lib.core.paths import home

PACKAGE = Path(__file__).parents[1]
ROOTS = ("datasets/embedded", "models/weights")  # each file here, but for Python, belongs to a part


class Part(NamedTuple):
    """A corpus or a network that comes with the course.

    Attributes
    ----------
    folder : str
        Its folder or file, from course_lib on.
    files, texts : list of str
        Patterns of its files, and the files with the text of its licence.
    licence, spdx : str
        The licence in words, and as an SPDX expression.
    what : str
    free : bool
        Whether everybody may use it and pass it on, also commercially.
    get : str
        How to get it if it is missing.
    calls : list of str
        How the code of a lesson uses it.
    """

    folder: str
    files: list[str]
    texts: list[str]
    licence: str
    spdx: str
    what: str
    free: bool
    get: str = ""
    calls: tuple[str, ...] = ()


@cache
def load() -> dict[str, Part]:
    """Read the facts about all parts.

    Returns
    -------
    dict
        {name: its `Part`}, in the order of LICENSE.

    Examples
    --------
    >>> load()["emodb"].licence, load()["emotion_net"].free
    ('CC0 1.0', False)
    """
    text = Path(__file__).with_name("parts.toml").read_text(encoding="utf-8")
    return {name: Part(**facts) for name, facts in tomllib.loads(text).items()}


def of_file(path: str | PurePath) -> list[str]:
    """List the parts that a file belongs to.

    Parameters
    ----------
    path : str or path
        From course_lib on, such as "models/weights/emotion_net.npz".

    Returns
    -------
    list of str

    Examples
    --------
    >>> of_file("datasets/embedded/emodb/wav/03a01Fa.opus"), of_file("datasets/emodb.py")
    (['emodb'], [])
    """
    path = PurePath(path).as_posix()
    return [name for name, part in load().items() if any(fnmatch(path, pattern) for pattern in part.files)]


def stays(path: str | PurePath) -> bool:
    """Tell whether a release of the free parts only keeps a file.

    Parameters
    ----------
    path : str or path
        From course_lib on.

    Returns
    -------
    bool
        In `ROOTS`, a file that belongs to no part is left out, too.

    Examples
    --------
    >>> stays("models/weights/emotion_net.npz"), stays("datasets/embedded/emodb/LICENSE"), stays("load.py")
    (False, True, True)
    """
    path, own = PurePath(path), of_file(path)
    if own:
        return all(load()[name].free for name in own)
    return path.suffix == ".py" or not any(path.is_relative_to(root) for root in ROOTS)


def is_here(name: str) -> bool:
    """Tell whether this copy of the course has a part, or a network was trained on this machine in its place.

    Parameters
    ----------
    name : str
        A key of `load()`.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_here("emodb")
    True
    """
    part, trained = load()[name], home() / "models" / name / "weights.npz"
    return trained.is_file() or any(
        path.name != "LICENSE.md" for each in part.files for path in PACKAGE.glob(each)
    )


def why_missing(name: str) -> CourseError:
    """Make the error about a part that this copy of the course leaves out.

    Parameters
    ----------
    name : str
        A key of `load()`.

    Returns
    -------
    CourseError
        It tells which file is missing, why, and where to get it.

    Examples
    --------
    >>> str(why_missing("emotion_net"))[:43]
    'emotion_net: this copy of the course leaves'
    """
    part = load()[name]
    return CourseError(
        name,
        f"this copy of the course leaves out course_lib/{part.folder}, because its licence is not free "
        f"({part.licence})",
        f"Use the full release of the course, {part.get}",
    )


def licence(kept: list[str] | None = None) -> str:
    """Write the SPDX expression of a release.

    Parameters
    ----------
    kept : list of str, optional
        The parts that it has. By default all.

    Returns
    -------
    str

    Examples
    --------
    >>> licence(["london", "emodb"])
    'MIT AND CC-BY-4.0 AND CC0-1.0'
    """
    kept = list(load()) if kept is None else kept
    return " AND ".join(
        dict.fromkeys(" AND ".join(["MIT", *(load()[name].spdx for name in kept)]).split(" AND "))
    )


def texts(kept: list[str] | None = None) -> list[str]:
    """List the files with the texts of a release's licences.

    Parameters
    ----------
    kept : list of str, optional
        The parts that it has. By default all.

    Returns
    -------
    list of str
        From the folder of the course on, "LICENSE" first.
    """
    kept = list(load()) if kept is None else kept
    return list(
        dict.fromkeys(["LICENSE", *(f"course_lib/{text}" for name in kept for text in load()[name].texts)])
    )


def notice(kept: list[str] | None = None) -> str:
    """Write the beginning of LICENSE: what has a licence of its own.

    Parameters
    ----------
    kept : list of str, optional
        The parts that the release has. By default all.

    Returns
    -------
    str
    """
    kept = list(load()) if kept is None else kept
    own = [load()[name] for name in kept if load()[name].texts]
    rows = [(f"course_lib/{part.folder}", f"{part.licence}: {part.what}") for part in own]
    wide = max(len(path) for path, _ in rows)
    listed = [f"{path:{wide}}  {words}" for path, words in rows]
    return "\n".join([*NOTICE, "", *listed, ""])


NOTICE = (
    "The MIT License below covers the code and the text of this course. These folders",
    "and files have licences of their own, whose texts are beside them:",
)
