"""The teacher's pages of answers.

answers/ID.html has all answers to an exercise, similar/ID.html the pairs of similar answers side by side.

They are for the teacher alone, because they show what came out of the students' processes. Like the other
pages, they escape every value and run no script: the filter by marks is done by the style sheet.
"""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from course_lib.core.io import whole_file
from course_lib.exercises import Exercise
from course_lib.grading.fingerprints import Prints
from course_lib.grading.intake import Answer
from course_lib.grading.output import highlight, pages
from course_lib.grading.output.pairs import REFERENCE, Pair
from course_lib.grading.output.wording import number, plain, sentence
from course_lib.grading.results import Case, Graded, Result
from course_lib.grading.trees import Normal

FILTERS = (
    ("all", "all"),
    ("good", "full marks"),
    ("part", "some points"),
    ("poor", "no points"),
    ("none", "no answer or no mark"),
    ("crash", "with a crash"),
    ("alike", "similar to others"),
)
SIGNS = {"ok": "✓", "wrong": "✗", "exception": "E", "stopped": "S", "malformed": "M", "forged": "F"}
ORDER = ("none", "poor", "part", "good")  # what needs a teacher's eye comes first
SPELLINGS = 20  # the most spellings of one answer that are shown
PAIRS = 5  # the most similar answers that are named beside a student


class Reference(NamedTuple):
    """The course's own answer to an exercise."""

    source: str
    normal: Normal
    prints: Prints


class Answered(NamedTuple):
    """All that is known about the answers to one exercise."""

    exercise: Exercise
    results: Mapping[str, Result]  # {student: result}
    answers: Mapping[str, Answer]  # {student: the answer that counts}
    references: Sequence[Reference]
    pairs: Sequence[Pair]


def write(
    out: str | Path,
    graded: Graded,
    found: Sequence[Answered],
    files: Mapping[str, str],
    anonymous: bool = False,
) -> None:
    """Write answers/ID.html and similar/ID.html for each exercise of `found`.

    Parameters
    ----------
    out : path
        The folder.
    graded : Graded
        What a run found.
    found : sequence of Answered
        The answers to each exercise that was graded now. Pages of other exercises stay as they are.
    files : mapping of student id to str
        The name of each student's feedback page.
    anonymous : bool
        True if ids are pseudonyms; the page says so.
    """
    ids = [one.exercise.id for one in found]
    for one in found:
        shown = page(one, files, [student.id for student in graded.students], ids, anonymous)
        _text(Path(out, "answers", f"{one.exercise.id}.html"), shown)
        beside = Path(out, "similar", f"{one.exercise.id}.html")
        if one.pairs:
            _text(beside, side_by_side(one))
        else:
            beside.unlink(missing_ok=True)  # of an earlier run


def page(
    found: Answered,
    files: Mapping[str, str],
    students: Sequence[str],
    exercises: Sequence[str] = (),
    anonymous: bool = False,
) -> str:
    """Return the page with all answers to an exercise.

    Parameters
    ----------
    found : Answered
        The answers.
    files : mapping of student id to str
        The name of each student's feedback page.
    students : sequence of str
        All ids of the roster, in its order.
    exercises : sequence of str
        The ids of all exercises that have such a page, for the links.
    anonymous : bool
        True if ids are pseudonyms.

    Returns
    -------
    str
        A whole HTML page.
    """
    people = {id: _person(place, id, files, found) for place, id in enumerate(students)}
    cards = [_card(found, [people[id] for id in group]) for group in _groups(found, students)]
    cards.sort(key=lambda card: (ORDER.index(card["look"]), -len(card["students"])))
    without = _without(found, people)
    return pages.render(
        "answers.html",
        style_more="teacher.css",
        id=found.exercise.id,
        title=f"{found.exercise.id} {found.exercise.title}",
        exercises=exercises,
        anonymous=anonymous,
        filters=_filters(cards, without),
        cards=cards,
        without=without,
    )


def _groups(found: Answered, students: Iterable[str]) -> list[list[str]]:
    # Answers with the same normal form and the same mark.
    groups: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for id in students:
        if answer := found.answers.get(id):
            result = found.results[id]
            groups[answer.normal.digest or answer.source, result.points, result.near_miss].append(id)
    return list(groups.values())


def _card(found: Answered, people: list[dict[str, Any]]) -> dict[str, Any]:
    ids = [one["id"] for one in people]
    results, own = [found.results[id] for id in ids], found.answers[ids[0]]
    look, mark = pages.mark(results[0])
    reference = own.normal.digest in {one.normal.digest for one in found.references} - {""}
    looks = [look]
    if any(case.state not in ("ok", "wrong") for one in results for case in one.cases):
        looks.append("crash")
    if reference or any(one["pairs"] for one in people):
        looks.append("alike")
    spellings: dict[str, list[str]] = defaultdict(list)
    for id in ids:
        spellings[found.answers[id].source].append(id)
    others = [spelling for spelling in spellings.items() if spelling[0] != own.source][:SPELLINGS]
    return {
        "look": look,
        "looks": " ".join(looks),
        "mark": mark,
        "students": people,
        "reference": reference,
        "near_miss": results[0].near_miss,
        "hint": results[0].hint,
        "cases": _cases(results),
        "code": highlight.lines(own.source),
        "others": [{"students": who, "code": highlight.lines(text)} for text, who in others],
    }


def _cases(results: Sequence[Result]) -> list[dict[str, str]]:
    # Each kind of problem once, with what the first process said and the number of students.
    first: dict[tuple[str, str], Case] = {}
    students: Counter[tuple[str, str]] = Counter()
    for result in results:
        kinds = {(case.state, case.message): case for case in reversed(result.cases) if case.state != "ok"}
        students.update(list(kinds))
        first = {**kinds, **first}
        if result.state == "error":
            first["error", result.reason] = Case(0, "error", result.reason)
    many = len(results) > 1
    return [
        {
            "words": f"{kind[0]}: {sentence(kind[1])}" if kind[1] else kind[0],
            "students": f"{students[kind]} of {len(results)} students" if many else "",
            "output": plain(case.output, 300),
        }
        for kind, case in sorted(first.items(), key=lambda one: (-students[one[0]], one[0]))[:6]
    ]


def _person(place: int, id: str, files: Mapping[str, str], found: Answered) -> dict[str, Any]:
    result, exercise = found.results.get(id), found.exercise
    points = number(result.points) if result else ""
    return {
        "id": id,
        "number": place,
        "page": files.get(id, ""),
        "late": bool(result and result.late),
        "signs": "".join(SIGNS.get(case.state, "?") for case in result.cases) if result else "",
        "cases": ", ".join(_spoken(case.state) for case in result.cases) if result else "",
        "pairs": _pairs_of(id, found),
        "words": _words(result) if result else "",
        "override": _csv_line([id, exercise.id, points, "reason"]),
        "comment": _csv_line([id, exercise.id, "comment"]),
    }


def _words(result: Result) -> str:
    return " / ".join(
        text for text in (result.reason if result.state != "error" else "", result.comment) if text
    )


def _pairs_of(id: str, found: Answered) -> list[dict[str, Any]]:
    own = [
        (max(pair.percent, pair.percent_back), place, pair)
        for place, pair in enumerate(found.pairs)
        if id in pair.students or id in pair.others
    ]
    own.sort(key=lambda one: (-one[0], one[1]))
    shown = []
    for percent, place, pair in own[:PAIRS]:
        others = pair.others if id in pair.students else pair.students
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        shown.append({"number": place, "percent": percent, "other": f"{others[0]}{more}"})
    return shown


def _csv_line(cells: Sequence[object]) -> str:
    made = io.StringIO()
    csv.writer(made, lineterminator="").writerow(cells)
    return made.getvalue()


def _without(found: Answered, people: Mapping[str, dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    # Who has no answer that could be shown, by the reason.
    states: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for id, one in people.items():
        if id not in found.answers and (result := found.results.get(id)):
            states[sentence(result.state)[:-1]].append(one)
    return sorted(states.items())


def _filters(
    cards: Sequence[Mapping[str, Any]], without: Sequence[tuple[str, Sequence[object]]]
) -> list[dict[str, Any]]:
    # Who has no answer is in "all" and in "none".
    rest = sum(len(ids) for _, ids in without)
    counts = Counter({"all": rest, "none": rest})
    for card in cards:
        for look in ["all", *card["looks"].split()]:
            counts[look] += len(card["students"])
    return [
        {"look": look, "words": words, "count": counts[look]}
        for look, words in FILTERS
        if counts[look] or look == "all"
    ]


# ---- pairs, side by side


def side_by_side(found: Answered) -> str:
    """Return the page with the pairs of similar answers.

    Parameters
    ----------
    found : Answered
        The answers and their pairs.

    Returns
    -------
    str
        A whole HTML page.
    """
    exercise = found.exercise
    return pages.render(
        "similar.html",
        style_more="teacher.css",
        id=exercise.id,
        title=f"{exercise.id} {exercise.title}",
        pairs=[_beside(place, pair, found) for place, pair in enumerate(found.pairs)],
    )


def _beside(place: int, pair: Pair, found: Answered) -> dict[str, Any]:
    one = found.answers[pair.students[0]]
    if pair.others == (REFERENCE,):
        hashes = {print.hash for print in one.prints}
        best = max(found.references, key=lambda own: len(hashes & {print.hash for print in own.prints}))
        source, prints = best.source, best.prints
    else:
        source, prints = found.answers[pair.others[0]].source, found.answers[pair.others[0]].prints
    return {
        "number": place,
        "percent": pair.percent,
        "percent_back": pair.percent_back,
        "one": {"students": pair.students, "lines": _lines(one.source, one.prints, prints)},
        "other": {"students": pair.others, "lines": _lines(source, prints, one.prints)},
    }


def _lines(source: str, own: Prints, others: Prints) -> list[tuple[str, bool]]:
    # Each line as HTML, and whether a common fingerprint covers it.
    common = {one.hash for one in others}
    same = {line for one in own if one.hash in common for line in range(one.first, one.last + 1)}
    return [
        (text, line in same and bool(text.strip())) for line, text in enumerate(highlight.lines(source), 1)
    ]


def _text(path: Path, text: str) -> None:
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")


def _spoken(state: str) -> str:
    """What a screen reader says for the sign of a case."""
    return "right" if state == "ok" else state
