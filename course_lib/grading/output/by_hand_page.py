"""What the teacher needs to mark a task by hand: answers/ID.html with all answers, and by_hand_todo.csv.

The page is for the teacher alone. It runs no script, like the other pages, and it shows only images that
passed `pieces`: PNG, of a limited size.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from course_lib.core.io import whole_file
from course_lib.exercises.by_hand import Task
from course_lib.grading import by_hand
from course_lib.grading.intake import Submission
from course_lib.grading.output import highlight, pages
from course_lib.grading.output.tables import write_csv
from course_lib.grading.output.wording import number, plain_lines, sentence
from course_lib.grading.pieces import Piece
from course_lib.grading.results import Marked, Result

HEADER = ("student", "exercise", "criterion", "out_of", "points", "comment")


class ByHand(NamedTuple):
    """The tasks of a run that the teacher marks, under the students' own ids."""

    tasks: Sequence[Task]
    results: Sequence[Result]
    names: Mapping[str, str]  # {student: pseudonym}
    anonymous: bool  # show pseudonyms for all tasks


def write(out: str | Path, found: ByHand, submissions: Sequence[Submission]) -> None:
    """Write a page for each task, and by_hand_todo.csv with the criteria that have no points yet.

    Parameters
    ----------
    out : path
        The folder.
    found : ByHand
        The tasks with their results.
    submissions : sequence of Submission
        The notebooks, which hold the answers.
    """
    for task in found.tasks:
        text = page(task, found, submissions)
        with whole_file(Path(out, "answers", f"{task.id}.html")) as part:
            part.write_text(text, encoding="utf-8", newline="\n")
    if not found.tasks:
        return  # another lesson is graded: its list stays
    todo = Path(out, by_hand.TODO)
    if rows := [row for task in found.tasks for row in _todo(task, found)]:
        write_csv(todo, HEADER, rows)
    else:
        todo.unlink(missing_ok=True)


def page(task: Task, found: ByHand, submissions: Sequence[Submission]) -> str:
    """Return the page with all answers to a task.

    Parameters
    ----------
    task : Task
        The task.
    found : ByHand
        The results.
    submissions : sequence of Submission
        The notebooks.

    Returns
    -------
    str
        A whole HTML page.
    """
    cells = {(one.student, one.file): one.answers for one in submissions}
    cards, without = [], []
    for result, name in _in_order(task, found):
        answer = cells.get((result.student, result.file), {}).get(task.id)
        if answer and answer.piece and answer.attempted:
            cards.append(_card(task, result, name, answer.piece))
        else:
            without.append((name, sentence(result.state)[:-1]))
    return pages.render(
        "by_hand.html",
        style_more="teacher.css",
        images=True,
        task=task,
        anonymous=_hidden(task, found),
        marked=sum(card["look"] == "good" for card in cards),
        cards=cards,
        without=without,
        todo=by_hand.TODO,
        file=by_hand.NAME,
    )


def _hidden(task: Task, found: ByHand) -> bool:
    return found.anonymous or task.anonymous


def _in_order(task: Task, found: ByHand) -> list[tuple[Result, str]]:
    # (result, the name that is shown). By the name, so that the order shows nothing, either.
    hidden = _hidden(task, found)
    own = [
        (one, found.names[one.student] if hidden else one.student)
        for one in found.results
        if one.exercise == task.id
    ]
    return sorted(own, key=lambda one: one[1]) if hidden else own


def _card(task: Task, result: Result, name: str, piece: Piece) -> dict[str, Any]:
    given = {one.id: one for one in result.criteria}
    return {
        "name": name,
        "look": "good" if result.points is not None else "none",
        "mark": pages.mark(result)[1],
        "late": result.late,
        "parts": [_part(one, given, piece) for one in task.criteria],
        "code": [] if piece.parts else highlight.lines(piece.source),
        "images": piece.images,
        "notes": [sentence(note) for note in piece.notes],
    }


def _part(one: Any, given: Mapping[str, Marked], piece: Piece) -> dict[str, Any]:
    mark = given.get(one.id)
    return {
        "title": one.title,
        "task": one.task,
        "out_of": one.points,
        "levels": [(number(points), text) for points, text in one.levels],
        "text": plain_lines(piece.parts.get(one.id, "")).split("\n") if piece.parts else None,
        "points": number(mark.points) if mark else "",
        "comment": mark.comment if mark else "",
    }


def _todo(task: Task, found: ByHand) -> list[tuple[str, str, str, int, str, str]]:
    rows = []
    for result, name in _in_order(task, found):
        if result.state == "to mark":
            done = {one.id: one for one in result.criteria}
            rows += [
                (name, task.id, one.id, one.points, "", done[one.id].comment if one.id in done else "")
                for one in task.criteria
                if one.id not in done or done[one.id].points is None
            ]
    return rows
