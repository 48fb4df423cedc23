"""The course as a web site: `course site`."""

import io
import os
import shutil
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from course_lib.authoring.site import browser, generate, links, sources
from course_lib.lessons.find import course_folder


@dataclass(frozen=True)
class Site:
    """A finished site.

    Attributes
    ----------
    folder : Path
        Where it is; open its index.html.
    pages : int
        How many pages it has.
    size : int
        In bytes.
    seconds : float
        How long it took.
    problems : list of str
        Links that lead nowhere, files that a page would load from another server, warnings of Sphinx.
    """

    folder: Path
    pages: int
    size: int
    seconds: float
    problems: list[str]


def build(
    out: str | Path,
    executed: str | Path | None = None,
    pyodide: str = "",
    ended: Iterable[str] | None = None,
) -> Site:
    """Make the site from the executed lessons; nothing is executed.

    Parameters
    ----------
    out : str or Path
        The folder for the site. An older site there is replaced when the new one is complete.
    executed : str or Path, optional
        The folder with executed lessons; the course's notebooks/ by default.
    pyodide : str
        A full release of Pyodide, for the lessons that run in a browser (`browser.configure`); "" for none.
    ended : iterable of str, optional
        The names of lessons, each given when it has a new executed copy. It is read after the site is in its
        place. Each name makes one page again.

    Returns
    -------
    Site

    Raises
    ------
    CourseError
        If `executed` has no lesson. With `ended` the lessons may come later.
    """
    generate.check_installed()
    began, out, executed = time.monotonic(), Path(out), Path(executed) if executed else None
    if executed and ended is None:
        sources.check(executed)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".site-", ignore_cleanup_errors=True) as folder:
        parts = [Path(folder) / name for name in ("sources", "html", "doctrees")]
        for part in parts:
            part.mkdir()
        wheel = browser.build(Path(folder) / "browser", pyodide) if pyodide else 0
        sources.gather(parts[0], executed, wheel)
        warnings = io.StringIO()
        with generate.generator(*parts, warnings) as sphinx:
            sphinx.build()
            for lesson in parts[0].glob("notebooks/*.ipynb"):  # what the button on its page downloads
                shutil.copy(course_folder() / "notebooks" / lesson.name, parts[1] / "notebooks" / lesson.name)
            _mend(parts[1])
            if pyodide:
                (Path(folder) / "browser").rename(parts[1] / "browser")
            if out.exists():
                out.rename(Path(folder) / "old")
            parts[1].rename(out)
            parts[1].mkdir()  # what is made from now on
            for name in ended or ():
                sources.write_lesson(parts[0], name, sources.read_lessons(executed, [name])[name], wheel)
                generate.again(sphinx, f"notebooks/{name}")
                _mend(parts[1])
                _move(parts[1], out)
    problems = [line for line in warnings.getvalue().splitlines() if line.strip()] + links.check(out)
    files = [path for path in out.rglob("*") if path.is_file()]
    pages = len(links.html_pages(out))
    return Site(out, pages, sum(path.stat().st_size for path in files), time.monotonic() - began, problems)


# What the theme has, and what it needs. Its arrows that open a part of the contents have no name for a screen
# reader. Its script opens the contents on a phone by the first of two buttons, which is in the hidden header.
MENDED = {
    '<summary><span class="toctree-toggle"': '<summary aria-label="Its pages"><span class="toctree-toggle"',
    "pst-navbar-icon sidebar-toggle primary-toggle": "pst-navbar-icon sidebar-toggle",
    "pst-navbar-icon sidebar-toggle secondary-toggle": "pst-navbar-icon sidebar-toggle",
}


def _move(folder, out):
    """Move new files into the site, each as a whole: the pictures first, then the pages that show them."""
    for path in sorted(folder.rglob("*.*"), key=lambda path: path.suffix == ".html"):
        target = out / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(path, target)


def _mend(folder):
    for path in folder.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        for found, needed in MENDED.items():
            text = text.replace(found, needed)
        path.write_text(text, encoding="utf-8")
