"""The instructor guides docs/teaching/NN.md: `python -m course_lib.authoring.teaching` writes them.

Aims, time, questions and typical mistakes come from the master, the exercises and their hints. What only a
person can write is in `words.toml` there: what to stress, answers to the tasks "to explore", and questions to
discuss.
"""

import ast
import re
import tomllib
from pathlib import Path
from typing import Any

from course_lib import exercises
from course_lib.core.errors import CourseError
from course_lib.core.io import whole_file
from course_lib.core.paths import ROOT
from course_lib.exercises import Exercise, by_hand
from course_lib.grading.output.wording import sentence
from course_lib.lessons import masters

FOLDER = ROOT / "docs" / "teaching"
WORDS = FOLDER / "words.toml"
BOLD = r"\*\*{}\*\*"
EXPLORE = r"(?:### |\*\*)To explore, without points(?::\*\*)?(.*?)(?=\n\nNext: |\n\nThe third question)"


def names() -> list[str]:
    """Return the lessons' names, such as "02_hog_features"."""
    return [path.stem for path in sorted((ROOT / "masters").glob("[0-9][0-9]_*.py"))]


def page(name: str) -> str:
    """Return the guide of one lesson.

    Parameters
    ----------
    name : str
        The lesson, such as "02_hog_features".

    Returns
    -------
    str
        Markdown.

    Raises
    ------
    CourseError
        If `words.toml` has no entry for the lesson.
    """
    cells, own = masters.read_master(name).cells, _own(name[:2])
    texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    graded = exercises.lesson(name[:2])
    parts = [
        f"# {_title(texts[0])}: guide for the teacher",
        f"[The lesson](../../notebooks/{name}.ipynb). {_time(texts[0])} {_points(name[:2])}".rstrip(),
        "This page is made from the lesson and its exercises by `python -m course_lib.authoring.teaching`.",
        _section("Aims: students will", _aims(texts[0])),
        f"**What to stress.** {own['stress']}",
        _section("Questions in the lesson, and their answers", _quizzes(cells)),
        _section("What students get wrong", [line for one in graded for line in _mistakes(one)]),
        _explore(texts, own.get("explore", [])),
        _section("To discuss", [f"- {text}" for text in own["discuss"]]),
        _mark(bool(graded), name[:2]),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _own(number: str) -> dict[str, Any]:
    found = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    if number not in found:
        raise CourseError(WORDS, f"it has no entry for lesson {number}", "Write stress, explore and discuss")
    return found[number]


def _title(text: str) -> str:
    return text.splitlines()[0].removeprefix("# ")


def _time(text: str) -> str:
    # "and 60 minutes to read and try", and what comes before the lesson.
    minutes = re.search(r"(\d+)\s+minutes\s+to\s+read", " ".join(text.split()))
    before = re.search(BOLD.format("Before this:") + r" ([^.]*)\.", " ".join(text.split()))
    said = [f"Students need about {minutes[1]} minutes." if minutes else ""]
    return " ".join([*said, f"Before this: {before[1]}." if before else ""]).strip()


def _points(number: str) -> str:
    graded, tasks = exercises.lesson(number), by_hand.lesson(number)
    said = [f"{len(graded)} exercises, {sum(one.points for one in graded)} points."] if graded else []
    return " ".join([*said, *(f"{one.title}, marked by hand: {one.points} points." for one in tasks)])


def _aims(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("- ")]


def _section(title: str, lines: list[str]) -> str:
    return "\n".join([f"## {title}", "", *lines]) if lines else ""


def _quizzes(cells: Any) -> list[str]:
    # Each `show.quiz("question", [(choice, right, why), ...])`, with its right choice.
    found = []
    for cell in cells:
        if cell.cell_type == "code" and "show.quiz(" in cell.source:
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "show.quiz":
                    question, choices = map(ast.literal_eval, node.args[:2])
                    found += [
                        f"- {question} **{sentence(choice)}** {why}" for choice, good, why in choices if good
                    ]
    return found


def _mistakes(one: Exercise) -> list[str]:
    points = f"{one.points} point{'s' if one.points != 1 else ''}"
    hints = [f"  - {name}: {' '.join(text.split())}" for name, text in one.hints.items()]
    return [f"- **{one.id} {one.title}** ({points})", *hints]


def _explore(texts: list[str], answers: list[str]) -> str:
    found = re.search(EXPLORE, "\n\n".join(texts), re.DOTALL)
    if not found:
        return ""
    tasks = sentence(found[1].strip())
    said = [f"{number}. {answer}" for number, answer in enumerate(answers, 1)]
    return "\n".join(["## To explore, without points", "", tasks, "", "**Answers**", "", *said])


def _mark(graded: bool, number: str) -> str:
    if not graded:
        return ""
    return (
        "Sample submissions (good, half, wrong): "
        f"`course samples --out samples --bank bank --lessons {number}`. How to look at the answers "
        "and comment on them: [marking_by_hand.md](../marking_by_hand.md)."
    )


def write(folder: Path = FOLDER) -> list[Path]:
    """Write the guides of all lessons, and return their paths."""
    paths = []
    for name in names():
        path = folder / f"{name[:2]}.md"
        with whole_file(path) as part:
            part.write_text(page(name), encoding="utf-8", newline="\n")
        paths.append(path)
    return paths


if __name__ == "__main__":
    print(f"{len(write())} guides in {FOLDER}")
