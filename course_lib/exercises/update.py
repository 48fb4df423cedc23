"""New lessons in a student's folder, without losing an answer, and the empty copy of one exercise.

    update("release.zip", "notebooks")      brings new and changed lessons, a `Brought` for each lesson
    reset("02.1", "notebooks")              empties one answer cell

Before a file changes, it is copied to old/. The changed file is moved into place whole. So both can run again
after any interruption, with the same result.
"""

import ast
import difflib
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from course_lib import exercises
from course_lib.core.errors import CourseError
from course_lib.core.io import whole_file
from course_lib.exercises import Exercise, cells
from course_lib.exercises.cells import Notebook

LESSON = re.compile(r"\d\d_[\w-]+\.ipynb")
RELEASED = re.compile(
    r"(exercise-)?\d\d-"
)  # the beginning of a released cell's id; Jupyter's are hexadecimal
WORKSHEET = re.compile(r"^(\w+) = \{", re.MULTILINE)  # a cell with the tag "worksheet" begins so
GONE = "## Answers to exercises that this lesson no longer has"
LARGEST = 100 << 20  # the most bytes of a lesson in a zip
ALIKE = 0.6  # from 0 to 1: texts that are at least this similar are one edited cell


class Brought(NamedTuple):
    """What happened to one lesson."""

    name: str
    state: str  # "new", "updated", "unchanged" or "skipped" (a damaged file)
    note: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {self.state}{self.note and f', {self.note}'}"


def update(release: str | Path, to: str | Path) -> Iterator[Brought]:
    """Bring the lessons of a release into a folder.

    A lesson keeps the student's answers, the worksheet that the student wrote, and the cells that the student
    added. Its other cells are the release's.

    Parameters
    ----------
    release : path
        The release: its zip, or its folder, which holds notebooks/.
    to : path
        The student's folder of lessons.

    Yields
    ------
    Brought
        For each lesson, as soon as it is finished.

    Raises
    ------
    CourseError
        If this is not a release, or if the disk is full.
    """
    for name, data in sorted(_lessons(Path(release)).items()):
        yield _bring(name, data, Path(to) / f"{name}.ipynb")


def reset(id: str, where: str | Path) -> tuple[Path, Path]:
    """Put the empty copy of an exercise into its answer cell. The rest of the file stays as it is.

    Parameters
    ----------
    id : str
        The exercise, such as "02.1".
    where : path
        A notebook, or a folder with one notebook that has the answer cell.

    Returns
    -------
    path : Path
        The notebook.
    old : Path
        The copy of the notebook before the change.

    Raises
    ------
    CourseError
        If there is no such exercise, or no such answer cell.
    """
    exercise, where = exercises.find(id), Path(where)
    id = exercise.id
    stub = exercises.kept(id)["stub"]
    if not where.exists() and list(Path().glob(f"{id[:2]}_*.ipynb")):
        where = Path()  # called among the lessons
    path, book, place = _with_answer(exercise, stub, where)
    book["cells"][place] = cells.with_source(book["cells"][place], stub)
    old = cells.set_aside(path)
    cells.write(path, book)
    return path, old


def _with_answer(exercise: Exercise, stub: str, where: Path) -> tuple[Path, Notebook, int]:
    paths = sorted(where.glob(f"{exercise.id[:2]}_*.ipynb")) if where.is_dir() else [where]
    found = []
    for path in paths:
        book = cells.read(path)
        place = cells.answer(book["cells"], exercise.grade_id, exercise.name, stub)
        found += [] if place is None else [(path, book, place)]
    if len(found) != 1:
        names = " and ".join(path.name for path, *_ in found)
        copies = [] if found or not where.is_dir() else _copies(where, f"{exercise.id[:2]}_")
        named = f", but there are copies: {', '.join(path.name for path in copies)}" if copies else ""
        raise CourseError(
            where,
            f"a cell that answers {exercise.id} is in {names or 'no notebook here'}{named}",
            f"Name one notebook: course reset {exercise.id} {_quoted(copies[0]) if copies else 'NOTEBOOK'}",
        )
    return found[0]


def _copies(folder: Path, name: str) -> list[Path]:
    """Return notebooks whose names only contain `name`, such as Colab's "Copy of 02_hog_features.ipynb"."""
    return sorted(
        path
        for path in folder.glob("*.ipynb")
        if name in path.name
        and (not LESSON.fullmatch(path.name) or re.search(r"-Copy\d*$", path.stem))  # JupyterLab's copies
    )


def _quoted(path: Path) -> str:
    return f'"{path}"' if " " in str(path) else str(path)


# --- a release ---


def _lessons(release: Path) -> dict[str, bytes]:
    """Return {name: the notebook's bytes} of a release."""
    if release.is_dir():
        found = {
            path.stem: path.read_bytes()
            for path in (release / "notebooks").glob("*.ipynb")
            if LESSON.fullmatch(path.name)
        }
    else:
        found = _unpacked(release)
    if not found:
        raise CourseError(
            release,
            "it holds no lessons",
            "Give a release: its zip, or its folder, which holds notebooks/",
        )
    return found


def _unpacked(release: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(release) as archive:
            paths = {info: PurePosixPath(info.filename) for info in archive.infolist()}
            for info, path in paths.items():
                if path.is_absolute() or ".." in path.parts or re.search(r"[\\:]", info.filename):
                    raise CourseError(
                        release, f"a name in it leads to another folder ({info.filename!r})", "Get it again"
                    )
            # In its notebooks/, which is at the top or in the one folder that holds everything.
            return {
                path.stem: _capped(archive, info, release)
                for info, path in paths.items()
                if LESSON.fullmatch(path.name) and path.parts[-2:-1] == ("notebooks",) and len(path.parts) < 4
            }
    except FileNotFoundError:
        raise CourseError(release, "there is no such release", "Give its zip, or its folder") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise CourseError(release, f"it cannot be unpacked ({error})", "Get it again") from error


def _capped(archive: zipfile.ZipFile, info: zipfile.ZipInfo, release: Path) -> bytes:
    with archive.open(info) as file:
        data = file.read(LARGEST + 1)  # the size in the zip may be wrong
    if len(data) > LARGEST:
        raise CourseError(release, f"{info.filename} is larger than any lesson", "Get it again")
    return data


def _bring(name: str, data: bytes, path: Path) -> Brought:
    try:
        new = cells.opened(data, f"{path.name} of the release")
        own = cells.read(path) if path.exists() else None
    except CourseError as error:
        return Brought(name, "skipped", str(error))
    if own is None:
        with whole_file(path) as part:
            part.write_bytes(data)
        copies = " and ".join(one.name for one in _copies(path.parent, name))
        note = f'your answers stay in "{copies}": rename it to {path.name} and update again to take them over'
        return Brought(name, "new", note if copies else "")
    merged, notes = merge(own, new)
    if _texts(merged) == _texts(own):
        return Brought(name, "unchanged")
    notes.append(f"the file as it was: old/{cells.set_aside(path).name}")
    cells.write(path, merged)
    return Brought(name, "updated", ", ".join(notes))


def _texts(book: Notebook) -> list[tuple[str, str]]:
    return [(cell["cell_type"], cells.source(cell).strip()) for cell in book["cells"]]


# --- two notebooks into one ---


def merge(own: Notebook, new: Notebook) -> tuple[Notebook, list[str]]:
    """Merge a student's notebook into a new release of the lesson.

    A cell of both is the new one, with the student's answer and outputs. The cells that the student added
    come after the cell that they followed. Answers to exercises that no longer exist come last.

    Parameters
    ----------
    own : dict
        The student's notebook.
    new : dict
        The release's.

    Returns
    -------
    merged : dict
        The new notebook with the student's work.
    notes : list of str
        What was kept, in words.
    """
    before, after = own["cells"], new["cells"]
    twins = _twins(before, after)
    merged, kept = list(after), 0
    for place, twin in twins.items():
        merged[twin] = _carried(before[place], after[twin])
        answers = _is_answer(after[twin]) or _is_worksheet(after[twin])
        kept += answers and merged[twin]["source"] != after[twin]["source"]
    behind, gone = _added(before, after, twins)
    found = behind[-1] + [one for place, cell in enumerate(merged) for one in [cell, *behind[place]]]
    if gone:
        found += [
            {"cell_type": "markdown", "id": "answers-without-exercise", "metadata": {}, "source": [GONE]},
            *gone,
        ]
    counts = [
        (kept, "answer", "kept"),
        (sum(map(len, behind.values())), "cell", "of your own kept"),
        (len(gone), "answer", "at its end, as the exercise is gone"),
    ]
    return {**new, "cells": _with_ids(found)}, [
        f"{n} {what}{'s' * (n > 1)} {how}" for n, what, how in counts if n
    ]


def _carried(old: Notebook, new: Notebook) -> Notebook:
    text, stub = cells.source(old), cells.source(new)
    if _is_answer(new):
        if _empty(text, stub, _stub_here(new)):
            return new
        new = cells.with_source(new, text)
    if _is_worksheet(new) and _filled(text):
        new = cells.with_source(new, text)
    if new["cell_type"] == "code" and text == cells.source(new):
        return {**new, "outputs": old.get("outputs", []), "execution_count": old.get("execution_count")}
    return new


def _added(
    before: list[Notebook], after: list[Notebook], twins: dict[int, int]
) -> tuple[dict[int, list[Notebook]], list[Notebook]]:
    """Return {place after: the student's own cells behind it}, -1 for the top, and orphaned answers."""
    exercises_now = set(map(cells.grade_id, after))
    behind: dict[int, list[Notebook]] = {place: [] for place in range(-1, len(after))}
    gone: list[Notebook] = []
    at = -1
    for place, cell in enumerate(before):
        text = cells.source(cell)
        if place in twins:
            at = twins[place]
        elif _is_answer(cell) and not _empty(text):
            if cells.grade_id(cell) in exercises_now:  # a second one, which may not have the same name
                behind[at].append({**cell, "id": "", "metadata": {}})
            else:
                gone.append(cell)
        elif _is_worksheet(cell) and _filled(text):  # the release has no worksheet, or this is a second one
            behind[at].append({**cell, "id": "", "metadata": {}})
        elif not (
            _is_answer(cell) or RELEASED.match(_id(cell)) or text.strip() == GONE or _is_empty_copy(text)
        ):
            behind[at].append(cell)
    return behind, gone


def _twins(before: list[Notebook], after: list[Notebook]) -> dict[int, int]:
    """Return {place before: place after} of a release's own cells.

    Answers have the same exercise. Then come cells with the same text, then cells with a similar text: those
    with a release's id, or all cells if a front end removed the ids.
    """
    twins: dict[int, int] = {}
    for place, cell in enumerate(after):
        if _is_answer(cell):
            stub = cells.source(cell)
            name = re.search(r"^def (\w+)", stub, re.MULTILINE)
            own = cells.answer(before, cells.grade_id(cell), name[1] if name else cells.grade_id(cell), stub)
            twins |= {} if own is None else {own: place}
    for place, cell in enumerate(after):
        if _is_worksheet(cell) and (own := _worksheet(before, cells.source(cell))) is not None:
            twins[own] = place
    new = [n for n, cell in enumerate(after) if not (_is_answer(cell) or n in twins.values())]
    old = [place for place, cell in enumerate(before) if not _is_answer(cell) and place not in twins]
    _pair(twins, old, new, lambda one, other: _same(before[one], after[other]))
    without_ids = not any(RELEASED.match(_id(cell)) for cell in before)
    old = [
        place for place in old if place not in twins and (without_ids or RELEASED.match(_id(before[place])))
    ]
    _pair(twins, old, new, lambda one, other: _alike(before[one], after[other]))
    return twins


def _pair(twins: dict[int, int], old: list[int], new: list[int], score: Callable[[int, int], float]) -> None:
    for place in old:
        scores = {other: score(place, other) for other in new}
        best = max(scores, key=lambda other: scores[other], default=None)
        if best is not None and scores[best]:
            twins[place] = best
            new.remove(best)


def _same(one: Notebook, other: Notebook) -> int:
    return 1 + (_id(one) == _id(other)) if _text(one) == _text(other) else 0


def _alike(one: Notebook, other: Notebook) -> float:
    if one["cell_type"] != other["cell_type"]:
        return 0
    matcher = difflib.SequenceMatcher(None, cells.source(one), cells.source(other))
    ratio = matcher.ratio() if matcher.quick_ratio() >= ALIKE else 0
    return ratio if ratio >= ALIKE else 0


def _text(cell: Notebook) -> tuple[str, str]:
    return cell["cell_type"], cells.source(cell).strip()


def _id(cell: Notebook) -> str:
    return str(cell.get("id") or cell["metadata"].get("id") or "")  # Colab has it in the metadata


def _is_answer(cell: Notebook) -> bool:
    marks = cell["metadata"].get("nbgrader")
    return isinstance(marks, dict) and bool(marks.get("solution")) and cell["cell_type"] == "code"


def _is_worksheet(cell: Notebook) -> bool:
    return cell["cell_type"] == "code" and "worksheet" in (cell["metadata"].get("tags") or ())


def _worksheet(before: list[Notebook], stub: str) -> int | None:
    # The student's worksheet. Where a front end removed the tags, it is a cell that begins as the empty one.
    name = WORKSHEET.search(stub)
    found = [place for place, cell in enumerate(before) if _is_worksheet(cell)] or [
        place
        for place, cell in enumerate(before)
        if name and cell["cell_type"] == "code" and cells.source(cell).lstrip().startswith(name[0])
    ]
    return max(found, key=lambda place: (_filled(cells.source(before[place])), place), default=None)


def _filled(text: str) -> bool:
    # Whether a worksheet has a word of the student's. A text that cannot be parsed counts as filled.
    tree = cells.Code(text).tree
    if tree is None:
        return True
    values = [value for node in ast.walk(tree) if isinstance(node, ast.Dict) for value in node.values]
    return not values or any(not isinstance(one, ast.Constant) or str(one.value).strip() for one in values)


def _empty(text: str, *stubs: str) -> bool:
    return text.strip() in ("", *map(str.strip, stubs)) or _is_empty_copy(text)


def _is_empty_copy(text: str) -> bool:
    # Of any release: its marker and no other comment, and a function that only raises.
    comments = [line.strip() for line in text.splitlines() if line.lstrip().startswith("#")]
    code = cells.Code(text)
    return (
        comments == ["# YOUR CODE HERE"]
        and code.tree is not None
        and len(code.tree.body) == 1
        and not code.attempted(getattr(code.tree.body[0], "name", ""), "")
    )


def _stub_here(cell: Notebook) -> str:
    # The stub of the installed course, which may be the release of the student's notebook.
    id = cells.grade_id(cell).removeprefix("exercise-").replace("-", ".")
    try:
        return exercises.kept(id)["stub"]
    except (CourseError, OSError):
        return ""


def _with_ids(found: list[Notebook]) -> list[Notebook]:
    # Jupyter needs an id for each cell; Colab and older Jupyters give none.
    given: set[str] = set()
    named = []
    for number, cell in enumerate(found):
        id = cell.get("id")
        id = id if id and id not in given else f"own-{number:03d}"
        given.add(id)
        named.append({**cell, "id": id})
    return named
