"""Gather what the site shows in one folder, as the documentation generator Sphinx wants it."""

import json
import posixpath
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from course_lib.authoring import publish
from course_lib.authoring.site import api, browser
from course_lib.core import looks
from course_lib.core.errors import CourseError
from course_lib.core.paths import ROOT
from course_lib.lessons.find import course_folder, names

# The pages that come from files of the course, by the part of the contents that lists them.
PAGES = {
    "Look up": ("docs/glossary.md", "docs/results.md", "docs/published_figures.md"),
    "Use the course": ("README.md", "colab/README.md"),
    "Teach": (
        "docs/syllabus.md",
        "docs/grading.md",
        *(f"docs/grading/{name}.md" for name in ("collect", "rules", "publish", "elsewhere")),
        "docs/marking_by_hand.md",
        "docs/trust.md",
    ),
    "Maintain": ("CONTRIBUTING.md", "docs/architecture.md", "CHANGELOG.md"),
    "Guides for the lessons": tuple(f"docs/teaching/{name[:2]}.md" for name in names()),
}
SHORT = {"README.md": "Install and use the course"}  # its title is that of the first page
LINK = re.compile(r"(?<!!)\[((?:[^\[\]]|`[^`]*`)*)\]\(([^()\s]+)\)")
CODE = re.compile(r"(```.*?```|~~~.*?~~~|^#[^\n]*$|\[[^\]]*\]\([^)]*\))", re.DOTALL | re.MULTILINE)
# The last cell of a lesson names them; a lesson that stopped has not come so far.
NO_CREDITS = (
    "This lesson stopped before the cell that names the makers and licences of its data. Do not pass this "
    "page on."
)
NAMED = re.compile(r"(?<![`\[])`((?:course_lib\.)?[a-z_]+(?:\.\w+)+)(\(\))?`(?!`)")


def gather(folder: Path, executed: Path | None = None, wheel: int = 0) -> None:
    """Write all sources of the site into a folder.

    Parameters
    ----------
    folder : Path
        An empty folder.
    executed : Path, optional
        A folder with executed lessons. A lesson that is not there is taken from the course's notebooks/.
    wheel : int
        The size of the course's wheel in bytes if lessons run in the browser, else 0.
    """
    lessons = read_lessons(executed)
    uses = {name: api.used_in(_code(lesson)) for name, lesson in lessons.items()}
    for name, lesson in lessons.items():
        write_lesson(folder, name, lesson, wheel)
    for path in (path for group in PAGES.values() for path in group):
        _write(folder / path, with_links((ROOT / path).read_text(encoding="utf-8"), path))
    for package in api.PACKAGES:
        _write(folder / "api" / f"{package}.rst", api.page(package))
    _write(folder / "api" / "index.md", _api_index())
    _write(folder / "index.md", front(list(lessons)))
    _write(folder / "lessons_of.json", json.dumps(_turned(uses, _titles(lessons))))
    own = Path(__file__).with_name("site.css").read_text(encoding="utf-8")
    _write(folder / "_static" / "site.css", looks.variables() + own)


def write_lesson(folder: Path, name: str, lesson: Any, wheel: int = 0) -> None:
    """Write the source of a lesson's page.

    Parameters
    ----------
    folder : Path
        The folder of the sources.
    name : str
        The lesson, such as "02_hog_features".
    lesson : notebook
        As `read_lessons` gives it.
    wheel : int
        As in `gather`.
    """
    shown = _shown(name, lesson, api.used_in(_code(lesson)), wheel)
    _write(folder / "notebooks" / f"{name}.ipynb", json.dumps(shown))


def check(executed: Path) -> None:
    """Refuse a folder without executed lessons.

    Parameters
    ----------
    executed : Path
        The folder of executed copies.

    Raises
    ------
    CourseError
        If the folder has no lesson of the course.
    """
    if not any((executed / f"{name}.ipynb").exists() for name in names()):
        raise CourseError(
            executed, "this folder has no executed lesson", "Run: course run. It writes build/lessons"
        )


def read_lessons(executed: Path | None = None, wanted: Iterable[str] = ()) -> dict[str, Any]:
    """Read lessons, each from a folder of executed copies or, if it is not there, from notebooks/.

    Parameters
    ----------
    executed : Path, optional
        The folder of executed copies.
    wanted : iterable of str
        The lessons, such as ["02"]; all of them if it is empty.

    Returns
    -------
    dict
        {name: notebook}, in the order of the course.
    """
    import nbformat

    saved = {name: course_folder() / "notebooks" / f"{name}.ipynb" for name in names(wanted)}
    copies = {name: executed / f"{name}.ipynb" for name in saved} if executed else {}
    copies = {name: path for name, path in copies.items() if path.exists()}
    return {
        name: _without_banners(nbformat.read(path, 4))
        for name, path in (saved | copies).items()
        if path.exists()
    }


def _without_banners(lesson):
    # Papermill puts cells of its own above the title and above the cell that failed.
    lesson.cells = [
        cell for cell in lesson.cells if "papermill-error-cell-tag" not in cell.metadata.get("tags", [])
    ]
    return lesson


def _code(lesson):
    return [cell.source for cell in lesson.cells if cell.cell_type == "code"]


def _titles(lessons):
    return {name: _title(lesson) for name, lesson in lessons.items()}


def _title(lesson):
    return next(line[2:] for line in lesson.cells[0].source.splitlines() if line.startswith("# "))


def _turned(uses, titles):
    """{function: [[lesson, its title]]}, from {lesson: functions}."""
    turned: dict[str, list] = {}
    for name, functions in uses.items():
        for function in functions:
            turned.setdefault(function, []).append([name, titles[name]])
    return turned


def _shown(name, lesson, functions, wheel=0):
    """A lesson as its page shows it: links of the site, two buttons, folded cells, its functions."""
    ran = _of_the_run(lesson)
    here = f"{browser.button(name, wheel)}\n\n" if wheel and name in browser.lessons() else ""
    lesson = publish.stamp(lesson, name, "")
    for cell in lesson["cells"]:
        cell["metadata"] = _folded(cell["metadata"])
        if cell["cell_type"] == "markdown":
            cell["source"] = with_links(cell["source"], f"notebooks/{name}.ipynb")
    title, _, rest = lesson["cells"][0]["source"].partition("\n")
    lesson["cells"][0]["source"] = f"{title}\n\n{_buttons(name)}\n\n{here}{ran}{rest}"
    lesson["cells"].append(_functions(functions))
    return lesson


def _of_the_run(lesson):
    """What `course run` notes in its copies: the time, the memory, where the lesson stopped."""
    note = lesson["metadata"].get("course")
    if not note:
        return ""
    facts = f"From your own run: {note['seconds']:.0f} s, at most {note['memory']:.0f} MiB of memory."
    stopped = f" The lesson stopped: `{note['error'].replace('`', chr(39))}`" * bool(note["error"])
    outputs = [output for cell in lesson["cells"] for output in cell.get("outputs", [])]
    credited = any("credits" in output.get("metadata", {}) for output in outputs)
    warning = f"\n\n{NO_CREDITS}" * bool(note["error"] and not credited)
    return f"*{facts}*{stopped}{warning}\n\n"


def _folded(metadata):
    """The folded cells of JupyterLab are folded on the page, too."""
    hidden = metadata.get("jupyter", {}).get("source_hidden")
    return {"tags": [*metadata.get("tags", []), *["hide-input"] * bool(hidden)]}


def _buttons(name):
    address = publish.address()
    if address:
        owner, repository, branch = address.split("/", 2)
        colab = f"https://colab.research.google.com/github/{owner}/{repository}/blob/{branch}/notebooks/{name}.ipynb"
    else:
        colab = "../colab/README.html"
    return (
        f'<p class="lesson-buttons"><a class="lesson-button" href="{colab}">Open in Colab</a> '
        f'<a class="lesson-button" href="{name}.ipynb" download>Download this notebook</a></p>'
    )


def _functions(functions):
    """The last cell of a lesson's page: links to the descriptions of its functions."""
    rows = [f"- {{py:obj}}`{_short(name)} <{name}>`: {api.summary(name)}" for name in functions]
    text = "\n".join(["## Functions of the course in this lesson", "", *rows])
    return {"cell_type": "markdown", "id": "functions", "metadata": {}, "source": text}


def _short(name):
    """As a lesson writes it: `features.hog` and not `course_lib.features.hog.hog`."""
    parts = name.split(".")[1:]
    short = ".".join([parts[0], *parts[2:]])
    return short if len(parts) > 2 and api.canonical(short) == name else ".".join(parts)


def with_links(text: str, path: str) -> str:
    """Change the links of a page so that each leads to a page of the site, or to the repository.

    Parameters
    ----------
    text : str
        Markdown.
    path : str
        The file of the text, below the course's folder.

    Returns
    -------
    str
        A link to a file that is not a page of the site leads to the published repository; without one it is
        plain text. A function of the course in code marks becomes a link to its description.

    Examples
    --------
    >>> with_links("see [the lesson](notebooks/02_hog_features.ipynb) and [the bank](bank)", "README.md")
    'see [the lesson](notebooks/02_hog_features.ipynb) and the bank'
    >>> with_links("`features.hog` is fast", "README.md")
    '{py:obj}`features.hog <course_lib.features.hog.hog>` is fast'
    """
    text = LINK.sub(lambda found: _link(found, path), text)
    pieces = CODE.split(text)
    pieces[::2] = [NAMED.sub(_reference, piece) for piece in pieces[::2]]
    return "".join(pieces)


def _reference(found):
    name = api.canonical(found[1])
    return f"{{py:obj}}`{found[1]}{found[2] or ''} <{name}>`" if name else found[0]


def _link(found, path):
    words, target = found.groups()
    place, mark, anchor = target.partition("#")
    if re.match(r"[a-z]+:", target) or not place:
        return found[0]
    file = posixpath.normpath(posixpath.join(posixpath.dirname(path), place))
    if file in PAGES_OF_FILES or re.fullmatch(r"notebooks/\d\d_\w+\.ipynb", file):
        return found[0]
    if file == "notebooks":
        up = "../" * path.count("/")
        return f"[{words}]({up}index.md#the-lessons)"
    if not (ROOT / file).exists():
        return found[0]  # Sphinx says that it leads nowhere
    published = publish.address()
    if not published:
        return words
    owner, repository, branch = published.split("/", 2)
    return f"[{words}](https://github.com/{owner}/{repository}/blob/{branch}/{file}{mark}{anchor})"


PAGES_OF_FILES = {path for group in PAGES.values() for path in group}


def front(lessons: list[str]) -> str:
    """Write the first page: README's beginning, a button to the first lesson, the lessons, the contents.

    Parameters
    ----------
    lessons : list of str
        The names of the lessons on the site.

    Returns
    -------
    str
        Markdown.
    """
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    start = readme.split("\n## ")[0].strip()
    table = readme.split("\n## The lessons\n")[1].split("\n## ")[0].strip()
    button = f'<p><a class="first-lesson" href="notebooks/{lessons[0]}.html">Read the first lesson</a></p>'
    contents = [_toctree("Lessons", [f"notebooks/{name}" for name in lessons])]
    contents += [_toctree("Look up", [*map(_stem, PAGES["Look up"]), "api/index"])]
    contents += [_toctree(title, map(_stem, paths)) for title, paths in PAGES.items() if title != "Look up"]
    text = f"{start}\n\n{button}\n\n## The lessons\n\n{table}\n\n{{CONTENTS}}"
    return with_links(text, "README.md").replace("{CONTENTS}", "\n".join(contents))


def _stem(path):
    name = path.removesuffix(".md")
    return f"{SHORT[path]} <{name}>" if path in SHORT else name


def _toctree(title, entries):
    return "\n".join(["```{toctree}", ":hidden:", f":caption: {title}", "", *entries, "```", ""])


def _api_index():
    rows = [f"- [course_lib.{name}]({name}.rst)" for name in api.PACKAGES]
    tree = "\n".join(["```{toctree}", ":hidden:", "", *api.PACKAGES, "```"])
    return (
        "# Functions\n\nThe functions and classes of `course_lib`, by package. Below the first sentence of "
        "each are the lessons that use it.\n\n" + "\n".join(rows) + f"\n\n{tree}\n"
    )


def _write(path, text):
    _made(path.parent)
    path.write_text(text, encoding="utf-8")


def _made(folder):
    folder.mkdir(parents=True, exist_ok=True)
    return folder
