"""The two pages that grading writes: a student's feedback and the teacher's summary.

The pages are Jinja templates (`templates/*.html`) with autoescape on. Every value also passes through `plain`
on its way into a page: names, file names and the output of a student's process may be hostile. The pages load
nothing and run nothing: their Content-Security-Policy allows their own style sheet, by its hash, and no
script."""

import base64
import hashlib
import re
import statistics
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2

from course_lib.core import looks
from course_lib.exercises import Exercise
from course_lib.grading.intake import Student
from course_lib.grading.output.wording import number, of_points, plain, remarks, sentence, total
from course_lib.grading.results import Arrivals, Graded, Result

Marks = Mapping[tuple[str, str], Result]  # {(student id, exercise id): result}

MINUTE = "%Y-%m-%d %H:%M %Z"
_TEMPLATES = Path(__file__).with_name("templates")
_STYLE = "\n" + looks.style_sheet() + (_TEMPLATES / "style.css").read_text(encoding="utf-8")


def _shown(value: Any) -> Any:
    # A value with `__html__` is markup of the templates' own macros, or the style sheet. None is left out.
    return value if hasattr(value, "__html__") else "" if value is None else plain(value)


def _pieces(text: str) -> list[str]:
    # Our own texts and hints mark code with `...`, as Markdown does, so every second piece is code.
    return re.split("`([^`]+)`", text)


_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_TEMPLATES, encoding="utf-8"),
    autoescape=True,
    finalize=_shown,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    auto_reload=False,
)
_ENVIRONMENT.globals.update(number=number, pieces=_pieces, plain=plain, quote=quote)


def render(template: str, style_more: str = "", images: bool = False, **values: Any) -> str:
    """Return a page.

    Parameters
    ----------
    template : str
        The name of a file in `templates/`.
    style_more : str
        A second style sheet in `templates/`.
    images : bool
        Allow images that the page holds itself.
    **values : object
        The template's values. Each is made harmless on its way into the page.

    Returns
    -------
    str
        A whole HTML page.
    """
    style = _STYLE + ((_TEMPLATES / style_more).read_text(encoding="utf-8") if style_more else "")
    hashed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    values = {**values, "style": style, "style_hash": hashed, "images": images}
    return _ENVIRONMENT.get_template(template).render(values)


# ---- a student's feedback


def feedback(
    student: Student,
    results: Mapping[str, Result],
    exercises: Sequence[Exercise],
) -> str:
    """Return the feedback page of one student.

    Parameters
    ----------
    student : Student
        The student; the page shows the name, or the id if there is no name.
    results : mapping of exercise id to Result
        The student's results. An exercise without a result is left out.
    exercises : sequence of Exercise
        The graded exercises, in the course's order.

    Returns
    -------
    str
        A whole HTML page.
    """
    shown = [(one, results[one.id]) for one in exercises if one.id in results]
    return render(
        "feedback.html",
        name=student.name or student.id,
        points=total(result for _, result in shown),
        out_of=sum(one.points for one, _ in shown),
        arrivals=_arrivals(shown),
        cards=[_card(one, result) for one, result in shown],
    )


def _arrivals(shown: Sequence[tuple[Exercise, Result]]) -> list[dict[str, Any]]:
    # One line for each file: most students have one, but exercises may count from different ones.
    handed_in: dict[tuple[str, str, bool], list[str]] = {}
    for one, result in shown:
        if result.file:
            handed_in.setdefault((result.file, result.handed_in, result.late), []).append(one.id)
    return [
        {
            "exercises": ", ".join(ids),
            "file": plain(file, 120),
            "when": f"{datetime.fromisoformat(when):{MINUTE}}" if when else "",
            "late": late,
        }
        for (file, when, late), ids in handed_in.items()
    ]


def _card(exercise: Exercise, result: Result) -> dict[str, Any]:
    look, words = mark(result)
    return {
        "look": look,
        "title": f"{exercise.id} {exercise.title}",
        "mark": words,
        "remarks": remarks(result, exercise),
        "criteria": result.criteria,
        "teacher": [
            text for text in (result.reason if result.state != "error" else "", result.comment) if text
        ],
    }


def mark(result: Result) -> tuple[str, str]:
    """Return the look of a mark ("good", "part", "poor" or "none"), and its words."""
    if result.points is None:
        return "none", sentence(of_points(result))
    if result.points >= result.out_of:
        return "good", of_points(result)
    return "part" if result.points > 0 else "poor", of_points(result)


# ---- the teacher's summary


def summary(
    graded: Graded,
    files: Mapping[str, str],
    similar: Sequence[Sequence[str]] = (),
    anonymous: bool = False,
    deadline: datetime | None = None,
    answers: Collection[str] = (),
) -> str:
    """Return the teacher's summary page.

    Parameters
    ----------
    graded : Graded
        What a run found.
    files : mapping of student id to str
        The name of each student's feedback page, for the links.
    similar : sequence of (exercise, students, how alike)
        Groups of similar answers, as text.
    anonymous : bool
        True if ids and names are pseudonyms; the page says so.
    deadline : datetime, optional
        The deadline, with a time zone.
    answers : collection of exercise ids
        The exercises with a page of all answers, for the links. Those without a mark yet are to mark by hand.

    Returns
    -------
    str
        A whole HTML page.
    """
    results = sorted(graded.results, key=lambda one: (one.student, one.exercise))
    marks = {(one.student, one.exercise): one for one in results}
    students, exercises, refused = graded.students, graded.exercises, graded.refused
    return render(
        "summary.html",
        deadline=f"{deadline:{MINUTE}}" if deadline else "",
        anonymous=anonymous,
        files=files,
        counts=_counts(graded),
        errors=[one for one in marks.values() if one.state == "error"],
        refused=refused,
        undecided=graded.undecided,
        exercises=[_exercise(one, _of(marks, students, one), one.id in answers) for one in exercises],
        students=[_student(one, marks, exercises, graded) for one in students],
        ids=[one.id for one in exercises],
        out_of=sum(one.points for one in exercises),
        to_mark=[id for id in answers if id not in {one.id for one in exercises}],
        similar=similar,
        crashes=_crashes(marks, students, exercises),
    )


def _counts(graded: Graded) -> list[tuple[str, int]]:
    results, students, refused = graded.results, graded.students, graded.refused
    per = Counter(one.student for one in graded.submissions)
    handed = {one.student for one in results if one.state != "not handed in"} | set(per)
    handed |= {one.student for one in refused if one.student}
    return [
        ("on the roster", len(students)),
        ("handed in", len(handed)),
        ("handed in nothing", len(students) - len(handed)),
        ("late", len({one.student for one in results if one.late})),
        ("handed in repeatedly", sum(times > 1 for times in per.values())),
        ("answers not attempted", sum(one.state == "not attempted" for one in results)),
        ("grading errors", sum(one.state == "error" for one in results)),
        ("files refused", len(refused)),
    ]


def _exercise(exercise: Exercise, results: Sequence[Result], answers: bool) -> dict[str, Any]:
    points = [one.points for one in results if one.points is not None]
    return {
        "title": f"{exercise.id} {exercise.title}",
        "answers": f"answers/{exercise.id}.html" if answers else "",
        "figures": _figures_of(exercise, results),
        "chart": _chart(exercise, points),
    }


def _figures_of(exercise: Exercise, results: Sequence[Result]) -> tuple[object, ...]:
    graded = [(one, one.points) for one in results if one.points is not None]
    mean = f"{number(statistics.mean(points for _, points in graded))} of {exercise.points}" if graded else ""
    percentage = lambda count: f"{count / len(graded):.0%}" if graded else ""
    states = [
        sum(any(case.state == state for case in one.cases) for one in results)
        for state in ("exception", "stopped", "malformed", "forged")
    ]
    misses = Counter(one.near_miss for one in results if one.near_miss)
    name, times = min(misses.items(), key=lambda miss: (-miss[1], miss[0]), default=("", 0))
    return (
        len(graded),
        mean,
        percentage(sum(points >= one.out_of for one, points in graded)),
        percentage(sum(points <= 0 for _, points in graded)),
        sum(one.state == "not attempted" for one in results),
        *states,
        f"{name} ({times})" if name else "",
    )


def _of(marks: Marks, students: Sequence[Student], exercise: Exercise) -> list[Result]:
    found = (marks.get((student.id, exercise.id)) for student in students)
    return [one for one in found if one and one.state != "not handed in"]


BINS = ("0", "≤ 25", "≤ 50", "≤ 75", "< 100", "100")


def bins(points: Collection[float], out_of: float) -> list[int]:
    """Count the students in each bin of `BINS`, the percentage of the points that they have.

    Parameters
    ----------
    points : collection of float
        The points of each student.
    out_of : float
        The points that can be reached. If they are 0, every student has all of them.

    Returns
    -------
    list of int
        One count for each bin.

    Examples
    --------
    >>> bins([0, 1, 2, 2], out_of=2)
    [1, 0, 1, 0, 0, 2]
    """
    counts = [0] * len(BINS)
    for own in points:
        fraction = own / out_of if out_of else 1.0
        between = 1 + (fraction > 0.25) + (fraction > 0.5) + (fraction > 0.75)
        counts[5 if fraction >= 1 else 0 if fraction <= 0 else between] += 1
    return counts


def _chart(
    exercise: Exercise, points: Sequence[float], width: int = 300, height: int = 130
) -> dict[str, Any]:
    # A bar chart of `bins` as numbers for the template's SVG; `alt` says the same in words.
    counts = bins(points, exercise.points)
    step, most, floor, bars = width / len(BINS), max(max(counts), 1), height - 20, []
    for place, (name, count) in enumerate(zip(BINS, counts, strict=True)):
        tall, left = (height - 40) * count / most, place * step
        bars.append(
            {
                "name": name,
                "count": count,
                "x": f"{left + 6:.0f}",
                "y": f"{floor - tall:.1f}",
                "width": f"{step - 12:.0f}",
                "height": f"{tall:.1f}",
                "middle": f"{left + step / 2:.0f}",
                "label_y": f"{floor - 5 - tall:.1f}",
            }
        )
    alt = "; ".join(f"{name} per cent: {count}" for name, count in zip(BINS, counts, strict=True))
    return {"width": width, "height": height, "floor": floor, "bars": bars, "alt": alt}


def _student(student: Student, marks: Marks, exercises: Sequence[Exercise], graded: Graded) -> dict[str, Any]:
    own = [marks.get((student.id, one.id)) for one in exercises]
    return {
        "id": student.id,
        "name": student.name,
        "note": _note(student.id, [one for one in own if one], graded),
        "points": [*(number(one.points) if one else "" for one in own), number(total(own))],
    }


def _note(student: str, own: Sequence[Result], graded: Graded) -> str:
    notes = ["late"] if any(one.late and one.state != "not handed in" for one in own) else []
    missing = [one.exercise for one in own if one.state == "not handed in" and not one.file]
    if too_late := [one.exercise for one in own if one.state == "not handed in" and one.file]:
        notes.append(f"{', '.join(too_late)} too late")
    came = Arrivals(graded.submissions, graded.refused)
    if missing and any(one.student == student for one in graded.submissions):
        notes.append(f"file read, {', '.join(missing)} not found")
    if count := len(came.loud(student)):
        notes.append(f"{count} {'file' if count == 1 else 'files'} refused")
    if not notes and (not own or len(missing) == len(own)):
        notes = ["handed in nothing"]
    return "; ".join(notes)


def _crashes(
    marks: Marks, students: Sequence[Student], exercises: Sequence[Exercise]
) -> list[dict[str, str]]:
    rows = []
    for student in students:
        for one in exercises:
            if not (result := marks.get((student.id, one.id))):
                continue
            if bad := Counter(case.state for case in result.cases if case.state not in ("ok", "wrong")):
                words = next((case.output for case in result.cases if case.output), "")
                cases = ", ".join(f"{bad[state]} {state}" for state in sorted(bad))
                rows.append(
                    {"student": student.id, "exercise": one.id, "cases": cases, "words": plain(words, 160)}
                )
    return rows
