"""New lessons into a student's folder without losing an answer, and one exercise's empty copy back into a
notebook.

    update("release.zip", "notebooks")      brings new and changed lessons, a `Brought` a lesson
    reset("02.1", "notebooks")              empties one answer cell

What is to be changed is kept whole under old/ first; a changed file is moved into place whole. So both can be
run again after whatever broke them off, and give the same."""

import difflib
import re
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from course_lib import exercises
from course_lib.core.errors import CourseError
from course_lib.core.io import whole_file
from course_lib.exercises import cells

LESSON = re.compile(r"\d\d_[\w-]+\.ipynb")
RELEASED = re.compile(
    r"(exercise-)?\d\d-"
)  # so begin the ids of a lesson's own cells; Jupyter's are hexadecimal
GONE = "## Answers to exercises that this lesson no longer has"
LARGEST = 100 << 20  # bytes of a lesson in a zip
ALIKE = 0.6  # of two texts, from 0 to 1: an edited cell, where a front end dropped the ids


class Brought(NamedTuple):
    """What came of one lesson: `state` is "new", "updated", "unchanged" or "skipped" (a damaged file)."""

    name: str
    state: str
    said: str = ""

    def __str__(self):
        return f"{self.name}: {self.state}{self.said and f', {self.said}'}"


def update(release, to):
    """Bring the lessons of a release (a zip, or a folder, which holds notebooks/) into the folder `to`, and
    yield a `Brought` for each as it is done.

    A lesson keeps the student's answers and the cells that the student added; the other cells are the
    release's. Raises `CourseError` for what is no release, and when the disk is full."""
    for name, data in sorted(_lessons(Path(release)).items()):
        yield _bring(name, data, Path(to) / f"{name}.ipynb")


def reset(id, where):
    """Put the empty copy of exercise "02.1" into its answer cell, in a notebook or in the one of a folder
    that has it; nothing else in the file changes. Returns the notebook and the copy of it as it was.

    Raises `CourseError` for an exercise or an answer cell that is not there.
    """
    exercise, stub = exercises.find(id), exercises.kept(id)["stub"]
    where = Path(where)
    if not where.exists() and list(Path().glob(f"{id[:2]}_*.ipynb")):
        where = Path()  # called among the lessons
    path, book, place = _with_answer(exercise, stub, where)
    book["cells"][place] = cells.with_source(book["cells"][place], stub)
    old = cells.set_aside(path)
    cells.write(path, book)
    return path, old


def _with_answer(exercise, stub, where):
    paths = sorted(where.glob(f"{exercise.id[:2]}_*.ipynb")) if where.is_dir() else [where]
    found = []
    for path in paths:
        book = cells.read(path)
        place = cells.answer(book["cells"], exercise.grade_id, exercise.name, stub)
        found += [] if place is None else [(path, book, place)]
    if len(found) != 1:
        there = " and ".join(path.name for path, *_ in found)
        raise CourseError(
            where,
            f"a cell that answers {exercise.id} is in {there or 'no notebook here'}",
            f"Name the one notebook: course reset {exercise.id} NOTEBOOK",
        )
    return found[0]


# --- a release ---


def _lessons(release):
    """{name: the notebook's bytes} of a release."""
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
            "there are no lessons in it",
            "Give a release: its zip, or its folder, which holds notebooks/",
        )
    return found


def _unpacked(release):
    try:
        with zipfile.ZipFile(release) as archive:
            paths = {info: PurePosixPath(info.filename) for info in archive.infolist()}
            for info, path in paths.items():
                if path.is_absolute() or ".." in path.parts or re.search(r"[\\:]", info.filename):
                    raise CourseError(
                        release, f"a name in it leads elsewhere ({info.filename!r})", "Get it again"
                    )
            # In its notebooks/, at the top or in the one folder that all is packed in.
            return {
                path.stem: _capped(archive, info, release)
                for info, path in paths.items()
                if LESSON.fullmatch(path.name) and path.parts[-2:-1] == ("notebooks",) and len(path.parts) < 4
            }
    except FileNotFoundError:
        raise CourseError(release, "there is no such release", "Give its zip, or its folder") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise CourseError(release, f"it cannot be unpacked ({error})", "Get it again") from error


def _capped(archive, info, release):
    with archive.open(info) as file:
        data = file.read(LARGEST + 1)  # the size that the zip tells may be wrong
    if len(data) > LARGEST:
        raise CourseError(release, f"{info.filename} is larger than any lesson", "Get it again")
    return data


def _bring(name, data, path):
    try:
        new = cells.opened(data, f"{path.name} of the release")
        own = cells.read(path) if path.exists() else None
    except CourseError as error:
        return Brought(name, "skipped", str(error))
    if own is None:
        with whole_file(path) as part:
            part.write_bytes(data)
        return Brought(name, "new")
    merged, said = merge(own, new)
    if _texts(merged) == _texts(own):
        return Brought(name, "unchanged")
    said.append(f"the file as it was: old/{cells.set_aside(path).name}")
    cells.write(path, merged)
    return Brought(name, "updated", ", ".join(said))


def _texts(book):
    return [(cell["cell_type"], cells.source(cell).strip()) for cell in book["cells"]]


# --- two notebooks into one ---


def merge(own, new) -> tuple[dict, list[str]]:
    """The new notebook with what is the student's in the old one; and in words what was kept.

    A cell that stands in both is the new one, with the student's answer and outputs. What the student added
    stays behind the cell it followed; answers whose exercise is gone come last."""
    before, after = own["cells"], new["cells"]
    twins = _twins(before, after)
    merged, kept = list(after), 0
    for place, twin in twins.items():
        merged[twin] = _carried(before[place], after[twin])
        kept += _is_answer(after[twin]) and merged[twin]["source"] != after[twin]["source"]
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


def _carried(old, new):
    text, stub = cells.source(old), cells.source(new)
    if _is_answer(new):
        if _empty(text, stub, _stub_here(new)):
            return new
        new = cells.with_source(new, text)
    if new["cell_type"] == "code" and text == cells.source(new):
        return {**new, "outputs": old.get("outputs", []), "execution_count": old.get("execution_count")}
    return new


def _added(before, after, twins):
    """{place after: the student's own cells behind it}, -1 for the top; and the answers whose exercise is
    gone.
    """
    exercises_now = set(map(cells.grade_id, after))
    behind, gone, at = {place: [] for place in range(-1, len(after))}, [], -1
    for place, cell in enumerate(before):
        text = cells.source(cell)
        if place in twins:
            at = twins[place]
        elif _is_answer(cell) and not _empty(text):
            if (
                cells.grade_id(cell) in exercises_now
            ):  # a second one: two cells of one name cannot be told apart
                behind[at].append({**cell, "id": "", "metadata": {}})
            else:
                gone.append(cell)
        elif not (
            _is_answer(cell) or RELEASED.match(_id(cell)) or text.strip() == GONE or _is_empty_copy(text)
        ):
            behind[at].append(cell)
    return behind, gone


def _twins(before, after):
    """{place before: place after} of a release's own cells: answers by their exercise; then those with the
    same text; then those that are much alike, among the release's by their id, or among all where a front end
    dropped the ids."""
    twins = {}
    for place, cell in enumerate(after):
        if _is_answer(cell):
            stub = cells.source(cell)
            name = re.search(r"^def (\w+)", stub, re.MULTILINE)
            old = cells.answer(before, cells.grade_id(cell), name[1] if name else cells.grade_id(cell), stub)
            twins |= {} if old is None else {old: place}
    new = [place for place, cell in enumerate(after) if not _is_answer(cell)]
    old = [place for place, cell in enumerate(before) if not _is_answer(cell) and place not in twins]
    _pair(twins, old, new, lambda one, other: _same(before[one], after[other]))
    without_ids = not any(RELEASED.match(_id(cell)) for cell in before)
    old = [
        place for place in old if place not in twins and (without_ids or RELEASED.match(_id(before[place])))
    ]
    _pair(twins, old, new, lambda one, other: _alike(before[one], after[other]))
    return twins


def _pair(twins, old, new, score):
    for place in old:
        scores = {other: score(place, other) for other in new}
        best = max(scores, key=scores.get, default=None)
        if best is not None and scores[best]:
            twins[place] = best
            new.remove(best)


def _same(one, other):
    return _text(one) == _text(other) and 1 + (_id(one) == _id(other))


def _alike(one, other):
    if one["cell_type"] != other["cell_type"]:
        return 0
    matcher = difflib.SequenceMatcher(None, cells.source(one), cells.source(other))
    return matcher.quick_ratio() >= ALIKE and matcher.ratio() * (matcher.ratio() >= ALIKE)


def _text(cell):
    return cell["cell_type"], cells.source(cell).strip()


def _id(cell):
    return str(cell.get("id") or cell["metadata"].get("id") or "")  # Colab has it among the metadata


def _is_answer(cell):
    marks = cell["metadata"].get("nbgrader")
    return isinstance(marks, dict) and bool(marks.get("solution")) and cell["cell_type"] == "code"


def _empty(text, *stubs):
    return text.strip() in ("", *map(str.strip, stubs)) or _is_empty_copy(text)


def _is_empty_copy(text):
    # Of whatever release: its marker and no other comment, and a function that only raises.
    comments = [line.strip() for line in text.splitlines() if line.lstrip().startswith("#")]
    code = cells.Code(text)
    return (
        comments == ["# YOUR CODE HERE"]
        and code.tree is not None
        and len(code.tree.body) == 1
        and not code.attempted(getattr(code.tree.body[0], "name", ""), "")
    )


def _stub_here(cell):
    # As the installed course has it, which may be the release that the student's notebook is of.
    id = cells.grade_id(cell).removeprefix("exercise-").replace("-", ".")
    try:
        return exercises.kept(id)["stub"]
    except (CourseError, OSError):
        return ""


def _with_ids(found):
    # Jupyter asks for an id of each cell; Colab and older Jupyters give none.
    given, named = set(), []
    for number, cell in enumerate(found):
        id = cell.get("id")
        id = id if id and id not in given else f"own-{number:03d}"
        given.add(id)
        named.append({**cell, "id": id})
    return named
