"""Damage real notebooks at random and hand them in: the grader must answer each with marks or a named reason.

    python -m course_lib.authoring.fuzz_intake -n 10000             reads them, as `course grade` does
    python -m course_lib.authoring.fuzz_intake -n 200 --grade 20    also grades 20 of them in the sandbox

A notebook is a lesson's with all its solutions. One to three kinds of damage are done to its cells, its JSON
or its bytes; some are packed into a zip. The same seed gives the same notebooks. The closing line counts
crashes: an exception that leaves the intake, or a reason that is only the name of one.
"""

import argparse
import copy
import io
import json
import os
import random
import re
import resource
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from course_lib import exercises
from course_lib.core.paths import ROOT
from course_lib.core.progress import progress
from course_lib.exercises import cells
from course_lib.grading import intake
from course_lib.grading.grade import grade
from course_lib.grading.results import Result
from course_lib.grading.run import Run
from course_lib.lessons import masters

LESSONS = ("01", "02", "03", "05", "06", "09", "13", "15")
MOST = 3  # kinds of damage to one notebook
# A reason that is only the name of an exception tells a teacher nothing: the intake did not expect this file.
UNNAMED = re.compile(r"it cannot be read: (it makes Python itself fail|\w+)$")
VALUES: tuple[Any, ...] = (
    *(None, True, 0, -1, 10**30, 1.5, float("nan"), float("inf")),
    *("", "x", "\0", "\ud800", "é\u202e", "x" * 100_000, "exercise-01-1"),
    *([], {}, [None], [[]], {"": ""}, ["a", 1, None], {"nbgrader": []}, {"nbgrader": {"grade_id": []}}),
)
PIECES = (
    *(
        "\0",
        "\ud800",
        "\t",
        "\x0c",
        "\\",
        '"""',
        "'",
        "(",
        ")",
        "[" * 300,
        "{" * 90,
        "-" * 3000,
        "not " * 3000,
    ),
    *("lambda: " * 400, "9" * 9000, "1 if 1 else " * 500, "f'{" * 60, "%%bash\n", "%x\n", "!ls\n", "?\n"),
    *("# -*- coding: latin-9 -*-\n", "from __future__ import nothing\n", "import course_lib\n", "return\n"),
    *(
        "async ",
        "class C:\n",
        "if True:\n",
        "match x:\n case _: pass\n",
        "@decorator\n",
        "global x\n",
        "yield\n",
    ),
    *(
        "raise NotImplementedError()\n",
        "while True: pass\n",
        "exec('1')\n",
        "é = 1\n",
        "𝐱 = 1\n",
        "\u202e",
        "\r",
    ),
)


class Outcome(NamedTuple):
    """What came of one damaged notebook.

    Attributes
    ----------
    how : str
        The kinds of damage.
    name : str
        The file's name, from the student's folder on.
    data : bytes
        The file.
    answers : int
        The number of exercises for which an answer was found.
    why : str
        The reason of the refusal, "" if the file was read.
    crash : str
        What went wrong in the grader itself; "" as it should be.
    seconds : float
        Processor time.
    """

    how: str
    name: str
    data: bytes
    answers: int
    why: str
    crash: str
    seconds: float


# --- damage to cells ---


def _any_cell(book: dict, draw: random.Random) -> dict:
    return draw.choice([cell for cell in book["cells"] if isinstance(cell, dict)] or [{}])


def _answer_cell(book: dict, draw: random.Random) -> dict:
    found = [
        cell
        for cell in book["cells"]
        if isinstance(cell, dict) and "def " in str(cell.get("source")) and cell.get("cell_type") == "code"
    ]
    return draw.choice(found) if found else _any_cell(book, draw)


def _edit(book: dict, draw: random.Random, change: Callable[[str], str]) -> None:
    cell = _answer_cell(book, draw)
    source = cell.get("source", "")
    text = "".join(map(str, source)) if isinstance(source, list) else str(source)
    cell["source"] = change(text)


def a_piece_of_code_is_put_in(book: dict, draw: random.Random) -> None:
    piece, at = draw.choice(PIECES), draw.random()
    _edit(book, draw, lambda text: text[: int(at * len(text))] + piece + text[int(at * len(text)) :])


def a_piece_of_code_is_taken_out(book: dict, draw: random.Random) -> None:
    at, length = draw.random(), draw.choice([1, 1, 2, 10, 100])
    _edit(book, draw, lambda text: text[: int(at * len(text))] + text[int(at * len(text)) + length :])


def lines_are_shuffled(book: dict, draw: random.Random) -> None:
    _edit(book, draw, lambda text: "\n".join(draw.sample(lines := text.split("\n"), len(lines))))


def a_line_is_indented_or_doubled(book: dict, draw: random.Random) -> None:
    change = draw.choice([" {}", "\t{}", "{0}\n{0}", "{0}\\", "# {0}", "if x:\n    {0}"])
    row = draw.random()

    def changed(text: str) -> str:
        lines = text.split("\n")
        at = int(row * len(lines))
        lines[at] = change.replace("{0}", "{}").replace("{}", lines[at])
        return "\n".join(lines)

    _edit(book, draw, changed)


def the_answer_is_written_otherwise(book: dict, draw: random.Random) -> None:
    change: Callable[[str], str] = draw.choice(
        [
            lambda text: text.replace("def ", "async def ", 1),
            lambda text: text.replace("def ", "def other_", 1),
            lambda text: f"{text}\n\n{text}",
            lambda text: "class Answer:\n" + re.sub("^", "    ", text, flags=re.MULTILINE),
            lambda text: text.replace("    ", "\t"),
            lambda text: text.replace("\n", "\r\n"),
            lambda text: text + "\n" + "#" * 60_000,
            lambda text: f"x = {'(' * 5000}1{')' * 5000}\n{text}",
            lambda text: f"x = {'1+' * 20_000}1\n{text}",
            lambda text: "\n".join([text, *(f"def f{n}(): return {n}" for n in range(2000))]),
        ]
    )
    _edit(book, draw, change)


def cells_change_places(book: dict, draw: random.Random) -> None:
    draw.shuffle(book["cells"])


def cells_are_missing(book: dict, draw: random.Random) -> None:
    book["cells"] = draw.sample(book["cells"], draw.randrange(len(book["cells"]) + 1))


def a_cell_comes_many_times(book: dict, draw: random.Random) -> None:
    book["cells"] += [copy.deepcopy(_answer_cell(book, draw))] * draw.choice([1, 5, 300])


def a_cell_is_of_another_kind(book: dict, draw: random.Random) -> None:
    _answer_cell(book, draw)["cell_type"] = draw.choice(
        ["markdown", "raw", "heading", "", None, 1, [], "CODE"]
    )


def a_source_is_of_another_type(book: dict, draw: random.Random) -> None:
    _answer_cell(book, draw)["source"] = draw.choice(VALUES)


def an_answer_cell_loses_its_name(book: dict, draw: random.Random) -> None:
    cell = _answer_cell(book, draw)
    cell["metadata"] = draw.choice([{}, None, [], {"nbgrader": draw.choice(VALUES)}])


# --- damage to JSON ---


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) in a value of JSON."""
    for key in value if isinstance(value, dict) else range(len(value)):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])


def a_value_is_replaced(book: dict, draw: random.Random) -> None:
    container, key = draw.choice(list(_places(book)))
    container[key] = copy.deepcopy(draw.choice(VALUES))


def a_value_is_taken_out(book: dict, draw: random.Random) -> None:
    container, key = draw.choice(list(_places(book)))
    del container[key]


def a_key_is_renamed(book: dict, draw: random.Random) -> None:
    container, key = draw.choice([one for one in _places(book) if isinstance(one[0], dict)])
    container[draw.choice(["", "Source", "cells", "input", "x" * 10_000])] = container.pop(key)


def the_version_is_another(book: dict, draw: random.Random) -> None:
    book["nbformat"] = draw.choice([2, 3, 5, 4.0, "4", None, True, -1])
    if draw.random() < 0.5:
        book["worksheets"] = draw.choice([[{"cells": book["cells"]}], *VALUES])


# --- damage to bytes ---


def _with(data: bytes, draw: random.Random, piece: bytes, out: int = 0) -> bytes:
    at = draw.randrange(len(data) + 1)
    return data[:at] + piece + data[at + out :]


def bytes_are_flipped(data: bytes, draw: random.Random) -> bytes:
    for _ in range(draw.choice([1, 2, 20])):
        data = _with(data, draw, bytes([draw.randrange(256)]), 1)
    return data


def bytes_are_put_in(data: bytes, draw: random.Random) -> bytes:
    pieces = (b"[{", b'"', b"\\ud800", b"\\u0000", b"\0", b"\xff" * 4, b"1e999", b"NaN", b"[" * 100_000)
    return _with(data, draw, draw.choice(pieces))


def the_end_is_missing(data: bytes, draw: random.Random) -> bytes:
    return data[: draw.randrange(len(data) + 1)]


def a_part_is_missing(data: bytes, draw: random.Random) -> bytes:
    return _with(data, draw, b"", draw.choice([1, 10, 1000]))


def a_part_comes_twice(data: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(data) + 1)
    return data[:at] + data[at : at + draw.choice([1, 10, 1000])] + data[at:]


def a_key_comes_twice(data: bytes, draw: random.Random) -> bytes:
    return data.replace(b"{", b'{"a": 1, "a": 2, ', 1)


def the_encoding_is_another(data: bytes, draw: random.Random) -> bytes:
    text = data.decode("utf-8", "replace")
    return text.encode(draw.choice(["utf-16", "utf-32", "utf-8-sig", "cp037", "utf-7"]), "replace")


def another_file_comes_in_its_place(data: bytes, draw: random.Random) -> bytes:
    return draw.choice(
        [b"", b"\n \n", b"%PDF-1.7\n", b"<!DOCTYPE html><html></html>", b"null", b"[]", b'""', b"{}", b"4"]
    )


OF_CELLS = (
    a_piece_of_code_is_put_in,
    a_piece_of_code_is_taken_out,
    lines_are_shuffled,
    a_line_is_indented_or_doubled,
    the_answer_is_written_otherwise,
    cells_change_places,
    cells_are_missing,
    a_cell_comes_many_times,
    a_cell_is_of_another_kind,
    a_source_is_of_another_type,
    an_answer_cell_loses_its_name,
    a_value_is_replaced,
    a_value_is_taken_out,
    a_key_is_renamed,
    the_version_is_another,
)
OF_BYTES = (
    bytes_are_flipped,
    bytes_are_put_in,
    the_end_is_missing,
    a_part_is_missing,
    a_part_comes_twice,
    a_key_comes_twice,
    the_encoding_is_another,
    another_file_comes_in_its_place,
)


# --- notebooks ---


def solved(lesson: str) -> dict[str, Any]:
    """Read a lesson's notebook and put its solutions in; outputs are left out.

    Parameters
    ----------
    lesson : str
        The lesson, such as "02".

    Returns
    -------
    dict
        The notebook as JSON.
    """
    [path] = (ROOT / "notebooks").glob(f"{lesson}_*.ipynb")
    book = json.loads(path.read_text(encoding="utf-8"))
    answers = {exercises.find(id).grade_id: text for id, text in masters.solutions(lesson).items()}
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = []
            cell["source"] = answers.get(cells.grade_id(cell), cell["source"])
    return book


def damaged(book: dict[str, Any], draw: random.Random) -> tuple[str, bytes]:
    """Damage a copy of a notebook.

    Parameters
    ----------
    book : dict
        A notebook as JSON.
    draw : random.Random
        Chooses the damage.

    Returns
    -------
    how : str
        The kinds of damage.
    data : bytes
        The file.
    """
    kinds = draw.choices([*OF_CELLS, *OF_BYTES], k=draw.randint(1, MOST))
    book, done = copy.deepcopy(book), []
    for kind in (kind for kind in kinds if kind in OF_CELLS):
        if not isinstance(book.get("cells"), list) or not book["cells"]:
            break
        kind(book, draw)
        done.append(kind.__name__)
    data = json.dumps(book, indent=1, ensure_ascii=draw.random() < 0.5).encode("utf-8", "backslashreplace")
    for change in (kind for kind in kinds if kind in OF_BYTES):
        data = change(data, draw)
        done.append(change.__name__)
    return ", ".join(done).replace("_", " "), data


def _file(data: bytes, lesson: str, draw: random.Random) -> tuple[str, bytes]:
    """The name and the content that are handed in: at times a zip, which may be damaged itself."""
    name = f"{lesson}_lesson.ipynb"
    if draw.random() > 0.1:
        return name, data
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)  # with a date that never changes
    whole = packed.getvalue()
    return "work.zip", bytes_are_flipped(whole, draw) if draw.random() < 0.5 else whole


def outcomes(n: int, seed: int = 0, lessons: Sequence[str] = LESSONS) -> Iterator[Outcome]:
    """Hand in damaged notebooks one by one.

    Parameters
    ----------
    n : int
        How many.
    seed : int
        The same seed gives the same notebooks.
    lessons : sequence of str
        The lessons that they are made from, in turn.

    Yields
    ------
    Outcome
    """
    books, wanted = {one: solved(one) for one in lessons}, {one: exercises.lesson(one) for one in lessons}
    roster = [intake.Student("ann")]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "ann")
        folder.mkdir()
        for number in range(n):
            draw, lesson = random.Random(f"{seed} {number}"), lessons[number % len(lessons)]
            how, data = damaged(books[lesson], draw)
            name, data = _file(data, lesson, draw)
            (folder / name).write_bytes(data)
            yield _outcome(how, name, data, lambda: intake.collect(scratch, roster, wanted[lesson]))  # noqa: B023
            (folder / name).unlink()


def _outcome(how: str, name: str, data: bytes, collect: Callable[[], Any]) -> Outcome:
    before = os.times()
    try:
        found, refused = collect()
        answers, crash = sum(len(one.answers) for one in found), ""
        why = "; ".join(one.why for one in refused)
        if UNNAMED.search(why):
            crash = why
        elif not found and not why:
            crash = "neither read nor refused"
    except Exception as error:  # this is what is looked for
        answers, why, crash = 0, "", f"{type(error).__name__}: {error}"
    spent = sum(os.times()[:4]) - sum(before[:4])
    return Outcome(how, name, data, answers, why, crash, spent)


# --- marks ---


def graded(some: Sequence[Outcome], lesson: str, folder: Path) -> list[Result]:
    """Grade damaged notebooks of one lesson as a class, in the real sandbox.

    Parameters
    ----------
    some : sequence of Outcome
        One for each student.
    lesson : str
        The lesson, such as "01".
    folder : Path
        An empty folder for submissions and results.

    Returns
    -------
    list of Result
        One for each student and exercise.
    """
    names = [f"s{number:03}" for number in range(len(some))]
    for name, one in zip(names, some, strict=True):
        (folder / "in" / name).mkdir(parents=True)
        (folder / "in" / name / one.name).write_bytes(one.data)
    (folder / "roster.csv").write_text("student\n" + "\n".join(names) + "\n", encoding="utf-8")
    (folder / "seed.key").write_text("0" * 64, encoding="utf-8")
    places = (folder / "in", ROOT / "bank", folder / "seed.key", folder / "roster.csv", folder / "out")
    return grade(Run(*places, lessons=[lesson]))


def closing(found: Sequence[Outcome]) -> str:
    """Write the closing line.

    Parameters
    ----------
    found : sequence of Outcome

    Returns
    -------
    str
        How many were read and refused, how many crashed, the most processor time of one, and the most memory
        of a process that read one.
    """
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    read, crashed = sum(not one.why for one in found), sum(bool(one.crash) for one in found)
    return (
        f"{len(found):,} notebooks: {read:,} read ({sum(one.answers for one in found):,} answers), "
        f"{len(found) - read:,} refused with a reason, {crashed} crashes; at most "
        f"{max(one.seconds for one in found):.1f} s of processor time and {memory:.0f} MiB"
    )


def report(found: Iterable[Outcome]) -> list[str]:
    """Count the reasons of refusals, and list each crash.

    Parameters
    ----------
    found : iterable of Outcome

    Returns
    -------
    list of str
        The 15 commonest reasons with their numbers replaced by #, then the crashes.
    """
    found = list(found)
    reasons = Counter(re.sub(r"\d+", "#", one.why)[:100] for one in found if one.why)
    lines = [f"{times:6}  {why}" for why, times in reasons.most_common(15)]
    return lines + [
        f"CRASH {number}: {one.crash} ({one.how})" for number, one in enumerate(found) if one.crash
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the fuzz, print what came of it, and return 1 if something crashed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("-n", type=int, default=200, help="how many notebooks (default: 200)")
    parser.add_argument("--seed", type=int, default=0, help="(default: 0)")
    parser.add_argument("--grade", type=int, default=0, help="grade so many of them, too (default: 0)")
    given = parser.parse_args(arguments)
    found, own = [], []
    for one in progress(outcomes(given.n, given.seed), total=given.n, desc="intake", unit="notebook"):
        if len(own) < given.grade and one.answers and one.name.startswith(LESSONS[0]):
            own.append(one)
        found.append(
            one._replace(data=b"")
        )  # each process that reads a notebook starts as a copy of this one
    print(*report(found), closing(found), sep="\n", flush=True)
    failed = any(one.crash for one in found)
    if given.grade:
        with tempfile.TemporaryDirectory() as scratch:
            results = graded(own, LESSONS[0], Path(scratch))
        errors = [one for one in results if one.points is None]
        print(f"{len(own)} of them graded: {len(results)} marks, {len(errors)} without a mark")
        failed = failed or bool(errors)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
