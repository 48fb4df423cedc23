"""Write the course's address into badges and the cells for Colab."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from course_lib.core.errors import CourseError
from course_lib.core.io import whole_file
from course_lib.core.paths import ROOT
from course_lib.lessons.find import names

if TYPE_CHECKING:
    from nbformat import NotebookNode

BADGE = (
    "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
    "(https://colab.research.google.com/github/{repo}/blob/{branch}/notebooks/{name}.ipynb)"
)

GLOSSARY = re.compile(r"\]\((?:\.\.|https://github\.com/[\w./-]+?)/docs/glossary\.md")  # a link to it


def address() -> str:
    """Read where the course is published from `colab/address.txt`, the only place that holds it.

    Returns
    -------
    str
        "OWNER/NAME/BRANCH", or "" if the course is not published yet.
    """
    place = ROOT / "colab" / "address.txt"
    return place.read_text().strip() if place.exists() else ""


def publish(repo: str, branch: str) -> list[Path]:
    """Write the course's address into `colab/address.txt` and each lesson's cell for Colab and badge.

    The lessons keep their outputs; nothing is executed.

    Parameters
    ----------
    repo : str
        The repository, "OWNER/NAME".
    branch : str
        The branch, such as "main".

    Returns
    -------
    list of Path
        The lessons.

    Raises
    ------
    CourseError
        If `repo` or `branch` has another form.
    """
    import nbformat

    if not (re.fullmatch(r"[\w.-]+/[\w.-]+", repo) and re.fullmatch(r"[\w./-]+", branch)):
        raise CourseError(
            f"--repo {repo} --branch {branch}",
            "this is not the address of a repository and its branch",
            "Write for example: course publish --repo OWNER/NAME --branch main",
        )
    paths = [ROOT / "notebooks" / f"{name}.ipynb" for name in names()]
    for path in paths:
        lesson = stamp(nbformat.read(path, 4), path.stem, f"{repo}/{branch}")
        with whole_file(path) as part:
            nbformat.write(lesson, part)
    with whole_file(ROOT / "colab" / "address.txt") as part:  # last: from then on builds stamp it
        part.write_text(f"{repo}/{branch}\n")
    return paths


def stamp(lesson: "NotebookNode", name: str, published: str) -> "NotebookNode":
    """Write an address into one lesson: its cell for Colab, its links to the glossary, its badge.

    Parameters
    ----------
    lesson : NotebookNode
        The lesson; it is changed. An older address is replaced.
    name : str
        The lesson's name, such as "02_hog_features".
    published : str
        "OWNER/NAME/BRANCH", or "" for none.

    Returns
    -------
    NotebookNode
        The changed lesson.
    """
    owner, repository, branch = published.split("/", 2) if published else ("", "", "")
    title, *text = [
        line for line in lesson.cells[0].source.splitlines() if not line.startswith("[![Open in Colab]")
    ]
    badge = [BADGE.format(repo=f"{owner}/{repository}", branch=branch, name=name), ""] if published else []
    lesson.cells[0].source = "\n".join([title, "", *badge, *"\n".join(text).strip().splitlines()])
    docs = f"https://github.com/{owner}/{repository}/blob/{branch}" if published else ".."
    for cell in lesson.cells:
        if cell.cell_type == "markdown":
            cell.source = GLOSSARY.sub(f"]({docs}/docs/glossary.md", cell.source)
        if "colab" in cell.metadata.get("tags", []):
            cell.source = "\n".join(
                f'COURSE_ADDRESS = "{published}"' + line[line.index("  #") :]
                if line.startswith("COURSE_ADDRESS = ")
                else line
                for line in cell.source.splitlines()
            )
    return lesson
