"""Make the pages of the site with Sphinx, MyST-NB and the theme of Jupyter Book."""

import importlib.metadata
import importlib.util
import json
import logging
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

MATHJAX = "tex-svg.js"  # one file, with its letters: no request to another server
# A section of a docstring that says nothing but what `in_lessons` says with links.
USED = re.compile(r"Used in lessons? [\d\s,ando]+")
ONLY_LESSONS = re.compile(r"\nNotes\n-----\nUsed in lessons? [\d\s,ando]+\.(?=\n\n|\n*\Z)")
SETTINGS: dict[str, Any] = {
    "project": "Affective Computing Course Companion",
    "author": "The Affective Computing Course Companion maintainers",
    "html_title": "Affective Computing Course Companion",
    "extensions": [
        "myst_nb",
        "sphinx.ext.autodoc",
        "sphinx.ext.napoleon",
        "sphinx.ext.mathjax",
        "sphinx.ext.githubpages",
        "sphinx_copybutton",
        __name__,
    ],
    "html_theme": "sphinx_book_theme",
    "html_theme_options": {
        "use_download_button": False,  # each lesson has buttons of its own
        "use_fullscreen_button": False,
        "home_page_in_toc": True,
        "show_navbar_depth": 1,
        "toc_title": "On this page",
        "navigation_with_keys": False,
    },
    "html_context": {"default_mode": "auto"},  # dark where the reader's system is dark
    "html_static_path": ["_static"],
    "html_css_files": ["site.css"],
    "html_copy_source": False,
    "html_last_updated_fmt": None,
    "html_show_sphinx": False,
    "language": "en",
    "mathjax_path": MATHJAX,
    "myst_enable_extensions": ["dollarmath", "amsmath"],
    "myst_heading_anchors": 4,
    "nb_execution_mode": "off",
    "nb_merge_streams": True,
    "nb_code_prompt_show": "Show the code",
    "nb_code_prompt_hide": "Hide the code",
    "autodoc_typehints": "none",
    "autodoc_preserve_defaults": True,  # else a path of this machine is shown
    "autodoc_member_order": "bysource",
    "autodoc_class_signature": "mixed",
    "napoleon_google_docstring": False,
    "napoleon_use_param": False,  # types are words, such as "uint8 (n, height, width)", and no links
    "napoleon_use_rtype": False,
    "default_role": "code",
    "add_module_names": False,
    "python_use_unqualified_type_names": True,
    "toc_object_entries": False,  # else each page copies a list of all functions
    "exclude_patterns": ["lessons_of.json"],
}


@contextmanager
def generator(sources: Path, out: Path, doctrees: Path, warnings: IO[str]) -> "Iterator[Sphinx]":
    """Prepare Sphinx: its `build` makes all pages, and after that `again` makes one of them once more.

    Parameters
    ----------
    sources : Path
        The folder that `sources.gather` filled.
    out : Path
        Where the pages go.
    doctrees : Path
        Where Sphinx keeps what it has read.
    warnings : file
        Sphinx writes its warnings here, such as a link that leads nowhere.

    Yields
    ------
    Sphinx
    """
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace

    shutil.copy(mathjax(), sources / "_static" / MATHJAX)
    with docutils_namespace():
        yield Sphinx(
            sources,
            None,
            out,
            doctrees,
            "html",
            confoverrides=SETTINGS,
            status=None,
            warning=warnings,
            freshenv=True,
        )
    logging.getLogger("sphinx").handlers.clear()


def again(app: "Sphinx", page: str) -> None:
    """Make one page again. Its source has changed, but not its title and not its headings.

    Parameters
    ----------
    app : Sphinx
        It has made all pages.
    page : str
        Such as "notebooks/02_hog_features". Only this page and its pictures are written.
    """
    app.builder.images.clear()  # those of the other pages are in their place
    app.builder.read()
    app.builder.write_documents({page})
    app.builder.copy_image_files()


def check_installed(*modules: str) -> None:
    """Refuse to begin without the packages: Sphinx's own error would not say how to install them.

    Parameters
    ----------
    *modules : str
        Other modules that must be there; by default those that make the pages.

    Raises
    ------
    ModuleNotFoundError
        If one of them is not installed.
    """
    for module in modules or ("sphinx", "myst_nb", "sphinx_book_theme", "sphinx_copybutton"):
        if importlib.util.find_spec(module) is None:
            raise ModuleNotFoundError(name=module)
    mathjax()


def mathjax() -> Path:
    """Find the file of MathJax that the package sphinx-mathjax-offline brings.

    Returns
    -------
    Path

    Raises
    ------
    ModuleNotFoundError
        If the package is not installed.
    """
    try:
        files = importlib.metadata.files("sphinx-mathjax-offline") or []
    except importlib.metadata.PackageNotFoundError as error:
        raise ModuleNotFoundError(name="sphinx_mathjax_offline") from error
    return Path(next(file.locate() for file in files if file.name == MATHJAX))


def setup(app: "Sphinx") -> dict[str, bool]:
    """Add the links to the lessons to each description. Sphinx calls this.

    Parameters
    ----------
    app : Sphinx

    Returns
    -------
    dict
        What Sphinx has to know about an extension.
    """
    pages = {path.stem[:2]: path.stem for path in Path(app.srcdir, "notebooks").glob("*.ipynb")}
    lessons_of = json.loads((Path(app.srcdir) / "lessons_of.json").read_text(encoding="utf-8"))

    def add(app, what, name, thing, options, lines):
        text = "\n".join(lines)
        if lessons := lessons_of.get(name):
            first, _, rest = ONLY_LESSONS.sub("", text).partition("\n\n")
            text = f"{first}\n\n{in_lessons(lessons)}\n\n{rest}"
        lines[:] = USED.sub(lambda found: _linked(found[0], pages), text).splitlines()

    app.connect("autodoc-process-docstring", add, priority=400)  # before napoleon reads the sections
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _linked(text, pages):
    """Make links of the lessons' numbers."""
    return re.sub(
        r"\d\d", lambda n: f":doc:`{n[0]} </notebooks/{pages[n[0]]}>`" if n[0] in pages else n[0], text
    )


def in_lessons(lessons: list[list[str]]) -> str:
    """Say in which lessons a function is used, with links.

    Parameters
    ----------
    lessons : list of [str, str]
        The names and the titles, in the order of the course.

    Returns
    -------
    str
        reStructuredText.

    Examples
    --------
    >>> in_lessons([["02_hog", "02 · HoG"], ["03_more", "03 · More"]])
    'Introduced in lesson :doc:`02 · HoG </notebooks/02_hog>`, also in :doc:`03 </notebooks/03_more>`.'
    """
    (first, title), *others = lessons
    text = f"Introduced in lesson :doc:`{title} </notebooks/{first}>`"
    more = ", ".join(f":doc:`{name[:2]} </notebooks/{name}>`" for name, _ in others)
    return f"{text}, also in {more}." if more else f"{text}."
