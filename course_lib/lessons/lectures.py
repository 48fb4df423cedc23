"""The lectures behind the lessons, and the links from a lesson's time marks into their videos."""

import re
import tomllib
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("lectures.toml")
NAMED = re.compile(r"\*\*Lecture (\d+)\*\*")  # in the first cell of a lesson
MARK = re.compile(r"^(#+ )(\d+):(\d\d)(?= · )", re.MULTILINE)  # a heading such as "## 05:43 · Two classes"


@cache
def lectures() -> dict[str, dict[str, str]]:
    """Read the lectures: their title, the course's page, and the address of the video ("" if unknown).

    Returns
    -------
    dict
        By the lecture's number, such as "14".

    Examples
    --------
    >>> lectures()["14"]["title"]
    'Tutorial: Emotion Recognition using Images'
    """
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def of_lesson(first_cell: str) -> dict[str, str] | None:
    """Find the lecture that a lesson follows, by its first cell.

    Parameters
    ----------
    first_cell : str
        Its text. It says, for example, "**Lecture 14**, 05:43 to 11:55.".

    Returns
    -------
    dict or None
        The lecture's entry, or None if the lesson follows no lecture of the file.

    Examples
    --------
    >>> of_lesson("**Lecture 27**, 09:15 to 25:17.")["title"]
    'Tutorial: Multimodal Emotion Recognition'
    """
    named = NAMED.search(first_cell)
    return lectures().get(named[1]) if named else None


def with_links(text: str, lecture: dict[str, str]) -> str:
    """Turn the lecture's name into a link to the course's page, and time marks into links to the video.

    Parameters
    ----------
    text : str
        A Markdown cell.
    lecture : dict
        From `of_lesson`.

    Returns
    -------
    str
        The cell. Without an address of the video the time marks stay plain text.

    Examples
    --------
    >>> print(with_links("## 05:43 · Two classes", {"page": "", "video": "https://video.org/watch?v=1"}))
    ## [05:43](https://video.org/watch?v=1&t=343s) · Two classes
    """
    if lecture["page"]:
        text = NAMED.sub(lambda named: f"[{named[0]}]({lecture['page']})", text)
    if not lecture["video"]:
        return text

    def link(mark):
        seconds = 60 * int(mark[2]) + int(mark[3])
        return f"{mark[1]}[{mark[2]}:{mark[3]}]({lecture['video']}&t={seconds}s)"

    return MARK.sub(link, text)
