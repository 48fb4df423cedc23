"""The two pages that grading writes: a student's feedback and the teacher's summary.

A page is made of `tag(...)` only. Whatever is not already a tag is escaped where it enters one, so that no
text can be forgotten: names, file names and what came out of a student's process are hostile until shown
otherwise. The pages load nothing and run nothing: their Content-Security-Policy allows their own style sheet,
by its hash, and no script."""

import base64
import hashlib
import html
import re
import statistics
from collections import Counter
from datetime import datetime
from pathlib import Path
from string import Template
from urllib.parse import quote

from course_lib.grading.output.wording import number, of_points, plain, remarks, sentence, total

_PAGE = Path(__file__).with_name("page.html").read_text(encoding="utf-8")
_STYLE = re.search(r"<style>(.*?)</style>", _PAGE, re.DOTALL)[1]
MINUTE = "%Y-%m-%d %H:%M %Z"


class Html(str):
    """Markup of our own making. Every other text is escaped before it stands in a page."""


def tag(name, *inside, **attributes) -> Html:
    """An element: `tag("td", 3, class_="number")`. None is left out; what is not `Html` is escaped."""
    marks = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(plain(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Html(f"<{name}{marks}>{''.join(map(_safe, inside))}</{name}>")


def _safe(value):
    if value is None:
        return ""
    return value if isinstance(value, Html) else html.escape(plain(value))


def page(title, *body) -> str:
    """A whole page."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    return Template(_PAGE).substitute(hash=digest, title=_safe(title), body="\n".join(map(_safe, body)))


# ---- a student's feedback


def feedback(student, results, exercises, sources) -> str:
    """The page for one student: `results` and `sources` ({id: answer cell}) by exercise id."""
    shown = [(one, results[one.id]) for one in exercises if one.id in results]
    points, out_of = total(result for _, result in shown), sum(one.points for one, _ in shown)
    reached = (
        (tag("strong", number(points)), f" of {out_of} points")
        if points is not None
        else ("A mark is missing, so there is no total yet.",)
    )
    return page(
        "Feedback on your exercises",
        tag(
            "header",
            tag("h1", "Feedback on your exercises"),
            tag("p", tag("bdi", student.name or student.id)),
            tag("p", *reached, class_="total"),
            *_arrivals(shown),
        ),
        tag("main", *(_card(one, result, sources.get(one.id, "")) for one, result in shown)),
        tag(
            "footer",
            tag(
                "p",
                "Each exercise was tried on inputs of your own that nobody sees beforehand. This page "
                "tells what went wrong without showing them.",
            ),
        ),
    )


def _arrivals(shown):
    # A file a line: most students have one, but exercises may count from different ones.
    handed_in = {}
    for one, result in shown:
        if result.file:
            handed_in.setdefault((result.file, result.handed_in, result.late), []).append(one.id)
    return [
        tag(
            "p",
            f"{', '.join(ids)} from " if len(handed_in) > 1 else "From ",
            tag("bdi", plain(file, 120)),
            f", handed in {datetime.fromisoformat(when):{MINUTE}}" if when else "",
            ", after the deadline" if late else "",
            class_="soft",
        )
        for (file, when, late), ids in handed_in.items()
    ]


def _card(exercise, result, source):
    told = remarks(result, exercise, source)
    look, mark = _mark(result)
    by_teacher = result.state != "error" and result.reason
    return tag(
        "section",
        tag("h2", f"{exercise.id} {exercise.title}"),
        tag("p", mark, class_="mark"),
        tag("p", told.right),
        tag("ul", *(tag("li", *_prose(said)) for said in told.wrong)) if told.wrong else None,
        tag("p", tag("strong", "Next: "), *_prose(told.next), class_="next") if told.next else None,
        tag("p", tag("strong", "Your teacher: "), result.reason) if by_teacher else None,
        class_=f"card {look}",
    )


def _mark(result):
    if result.points is None:
        return "none", sentence(of_points(result))
    if result.points >= result.out_of:
        return "good", f"✓ {of_points(result)}"
    return ("part", f"◐ {of_points(result)}") if result.points > 0 else ("poor", f"○ {of_points(result)}")


def _prose(text):
    # Our own texts and hints mark code as markdown does.
    return [
        tag("code", part) if place % 2 else part for place, part in enumerate(re.split("`([^`]+)`", text))
    ]


# ---- the teacher's summary


def summary(
    marks, students, exercises, files, refused=(), submissions=(), similar=(), anonymous=False, deadline=None
) -> str:
    """The teacher's page: `marks` {(student id, exercise id): Result}, `files` {student id: feedback file's
    name}.
    """
    until = deadline and f"Deadline: {deadline:{MINUTE}}"
    return page(
        "Summary of the grading",
        tag(
            "header",
            tag("h1", "Summary of the grading"),
            tag("p", until, class_="soft") if until else None,
            tag("p", "Pseudonyms stand for the students.", class_="soft") if anonymous else None,
        ),
        tag(
            "main",
            _counts(marks, students, refused, submissions),
            _errors(marks, files),
            _refused(refused),
            _exercises(marks, students, exercises),
            _figures(marks, students, exercises),
            _students(marks, students, exercises, files),
            _similar(similar),
            _crashes(marks, students, exercises, files),
        ),
        tag(
            "footer",
            tag("p", "All marks: grades.csv. Each case: results.jsonl. Your own marks: overrides.csv."),
        ),
    )


def _counts(marks, students, refused, submissions):
    results = list(marks.values())
    per = Counter(one.student for one in submissions)
    handed = {one.student for one in results if one.state != "not handed in"} | set(per)
    numbers = [
        ("on the roster", len(students)),
        ("handed in", len(handed)),
        ("handed in nothing", len(students) - len(handed)),
        ("late", len({one.student for one in results if one.late})),
        ("handed in repeatedly", sum(times > 1 for times in per.values())),
        ("answers not attempted", sum(one.state == "not attempted" for one in results)),
        ("grading errors", sum(one.state == "error" for one in results)),
        ("files refused", len(refused)),
    ]
    return tag("ul", *(tag("li", tag("strong", count), what) for what, count in numbers), class_="counts")


def _errors(marks, files):
    rows = [
        (_link(one.student, files), one.exercise, one.reason)
        for one in marks.values()
        if one.state == "error"
    ]
    return _part(
        "Not graded",
        "The grader itself failed here: there is no mark, and no old one was kept. Mend the "
        "cause and run the same command again.",
        ("Student", "Exercise", "Reason"),
        rows,
    )


def _refused(refused):
    return _part(
        "Refused files",
        "These files were not opened or not graded. Nothing of them counts.",
        ("File", "Why"),
        [(tag("bdi", one.file), one.why) for one in refused],
    )


def _exercises(marks, students, exercises):
    rows = [(f"{one.id} {one.title}", *_figures_of(one, _of(marks, students, one))) for one in exercises]
    return _part(
        "Exercises",
        "Of those who handed in. Exception, timeout, killed, malformed: students with at least "
        "one such case.",
        (
            "Exercise",
            "Marks",
            "Mean points",
            "Full",
            "Zero",
            "Not attempted",
            "Exception",
            "Timeout",
            "Killed",
            "Malformed",
            "Commonest mistake",
        ),
        rows,
        numbers=range(1, 10),
    )


def _figures_of(exercise, results):
    graded = [one for one in results if one.points is not None]
    share = lambda wanted: f"{sum(map(wanted, graded)) / len(graded):.0%}" if graded else ""
    mean = f"{number(statistics.mean(one.points for one in graded))} of {exercise.points}" if graded else ""
    states = [
        sum(any(case.state == state for case in one.cases) for one in results)
        for state in ("exception", "timeout", "killed", "malformed")
    ]
    misses = Counter(one.near_miss for one in results if one.near_miss)
    name, times = min(misses.items(), key=lambda miss: (-miss[1], miss[0]), default=("", 0))
    return (
        len(graded),
        mean,
        share(lambda one: one.points >= one.out_of),
        share(lambda one: one.points <= 0),
        sum(one.state == "not attempted" for one in results),
        *states,
        f"{name} ({times})" if name else "",
    )


def _of(marks, students, exercise):
    found = (marks.get((student.id, exercise.id)) for student in students)
    return [one for one in found if one and one.state != "not handed in"]


def _figures(marks, students, exercises):
    drawn = []
    for one in exercises:
        points = [result.points for result in _of(marks, students, one) if result.points is not None]
        drawn.append(tag("figure", _bars(one, points), tag("figcaption", f"{one.id} {one.title}")))
    return (
        tag(
            "section",
            tag("h2", "Points by exercise"),
            tag("p", "How many students have which share of the points, in per cent.", class_="soft"),
            tag("div", *drawn, class_="figures"),
        )
        if drawn
        else None
    )


BINS = ("0", "≤ 25", "≤ 50", "≤ 75", "< 100", "100")


def bins(points, out_of) -> list[int]:
    """How many of `points` are none, up to a quarter, a half, three quarters, less than all, all of
    `out_of`."""
    counts = [0] * len(BINS)
    for own in points:
        share = own / out_of if out_of else 1.0
        counts[
            5 if share >= 1 else 0 if share <= 0 else 1 + (share > 0.25) + (share > 0.5) + (share > 0.75)
        ] += 1
    return counts


def _bars(exercise, points, width=300, height=130):
    counts = bins(points, exercise.points)
    said = "; ".join(f"{name} per cent: {count}" for name, count in zip(BINS, counts, strict=True))
    step, most, bars = width / len(BINS), max(max(counts), 1), []
    for place, (name, count) in enumerate(zip(BINS, counts, strict=True)):
        tall, left = (height - 40) * count / most, place * step
        bars += [
            tag(
                "rect",
                x=f"{left + 6:.0f}",
                y=f"{height - 20 - tall:.1f}",
                width=f"{step - 12:.0f}",
                height=f"{tall:.1f}",
            ),
            tag("text", count, x=f"{left + step / 2:.0f}", y=f"{height - 25 - tall:.1f}"),
            tag("text", name, x=f"{left + step / 2:.0f}", y=str(height - 5)),
        ]
    line = tag("line", x1="0", x2=str(width), y1=str(height - 20), y2=str(height - 20))
    return tag(
        "svg",
        tag("title", f"Share of the points and number of students: {said}"),
        line,
        *bars,
        role="img",
        viewBox=f"0 0 {width} {height}",
    )


def _crashes(marks, students, exercises, files):
    rows = []
    for student in students:
        for one in exercises:
            result = marks.get((student.id, one.id))
            bad = (
                Counter(case.state for case in result.cases if case.state not in ("ok", "wrong"))
                if result
                else {}
            )
            if bad:
                words = next((case.words for case in result.cases if case.words), "")
                cases = ", ".join(f"{bad[state]} {state}" for state in sorted(bad))
                rows.append((_link(student.id, files), one.id, cases, tag("bdi", plain(words, 160))))
    return _part(
        "Who crashed",
        "Cases without an answer, and what the student's process said: its words, not ours.",
        ("Student", "Exercise", "Cases", "Said"),
        rows,
    )


def _similar(similar):
    rows = [tuple(tag("bdi", text) for text in row) for row in similar]
    return _part(
        "Alike answers",
        "The same but for names and layout. Only a hint: honest work finds a short answer "
        "twice, too. Read the answers before you say anything.",
        ("Exercise", "Students", "How alike"),
        rows,
    )


def _students(marks, students, exercises, files):
    rows = []
    for student in students:
        own = [marks.get((student.id, one.id)) for one in exercises]
        points = [number(one.points) if one else "" for one in own]
        nothing = all(one is None or one.state == "not handed in" for one in own)
        note = "handed in nothing" if nothing else "late" if any(one.late for one in own if one) else ""
        rows.append((_link(student.id, files), tag("bdi", student.name), note, *points, number(total(own))))
    return _part(
        "Students",
        f"Out of {sum(one.points for one in exercises)}. An empty cell is a mark that is missing.",
        ("Student", "Name", "Note", *(one.id for one in exercises), "Total"),
        rows,
        numbers=range(3, 4 + len(exercises)),
    )


def _link(id, files):
    return tag("a", tag("bdi", id), href=f"feedback/{quote(files[id])}") if id in files else tag("bdi", id)


def _part(title, about, header, rows, numbers=()):
    # A section with one table; nothing at all where there is nothing to show.
    if not rows:
        return None
    look = lambda column: "number" if column in numbers else None
    head = tag(
        "tr", *(tag("th", name, scope="col", class_=look(column)) for column, name in enumerate(header))
    )
    body = [
        tag(
            "tr",
            tag("th", row[0], scope="row"),
            *(tag("td", value, class_=look(column)) for column, value in enumerate(row[1:], 1)),
        )
        for row in rows
    ]
    table = tag("table", tag("thead", head), tag("tbody", *body))
    # A table wider than a phone scrolls in a region of its own, which the keyboard must reach; what it is
    # stands above.
    return tag(
        "section",
        tag("h2", title),
        tag("p", about, class_="soft"),
        tag("div", table, class_="wide", role="region", aria_label=title, tabindex="0"),
    )
