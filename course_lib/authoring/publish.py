"""Stamp the course's address into badges and setup cells."""

import re
from pathlib import Path

from course_lib.core.errors import CourseError
from course_lib.core.io import whole_file
from course_lib.core.paths import ROOT
from course_lib.lessons.find import names

BADGE = (
    "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
    "(https://colab.research.google.com/github/{repo}/blob/{branch}/notebooks/{name}.ipynb)"
)


def address() -> str:
    """Where the course is published, "OWNER/NAME/BRANCH", from its one place `colab/address.txt`; "" before
    that.
    """
    place = ROOT / "colab" / "address.txt"
    return place.read_text().strip() if place.exists() else ""


def publish(repo, branch) -> list[Path]:
    """Write the address into its one place and into every lesson's setup cell and badge, without running them
    again.
    """
    import nbformat

    if not (re.fullmatch(r"[\w.-]+/[\w.-]+", repo) and re.fullmatch(r"[\w./-]+", branch)):
        raise CourseError(
            f"--repo {repo} --branch {branch}",
            "this is no address of a repository",
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


def stamp(lesson, name, published):
    """Put the address into a lesson's setup cell, and its badge under the title; an older stamp is
    replaced."""
    owner, repository, branch = published.split("/", 2) if published else ("", "", "")
    title, *text = [
        line for line in lesson.cells[0].source.splitlines() if not line.startswith("[![Open in Colab]")
    ]
    badge = [BADGE.format(repo=f"{owner}/{repository}", branch=branch, name=name), ""] if published else []
    lesson.cells[0].source = "\n".join([title, "", *badge, *"\n".join(text).strip().splitlines()])
    for cell in lesson.cells:
        if "setup" in cell.metadata.get("tags", []):
            cell.source = "\n".join(
                f'COURSE_ADDRESS = "{published}"' + line[line.index("  #") :]
                if line.startswith("COURSE_ADDRESS = ")
                else line
                for line in cell.source.splitlines()
            )
    return lesson
