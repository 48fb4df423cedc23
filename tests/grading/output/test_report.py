"""What grading writes for people: right by hand, harmless whatever a student writes, and without hidden
values.
"""

import base64
import hashlib
import json
import random
import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import driver
import numpy as np
import pytest
from barriers import barriers
from small_class import lines

from course_lib.exercises import Exercise
from course_lib.grading import intake
from course_lib.grading.intake import Answer, Refused, Student, Submission
from course_lib.grading.output import pages, report
from course_lib.grading.results import Arrivals, Case, Graded, Result

LENGTH = Exercise("02.1", "hog_length", "How long is a HoG description?", 2, "", "int", examples=((1,),))
MEAN = Exercise("03.1", "own_mean", "The mean, a < b & all", 3, "", "float", examples=((1,),), seconds=2.0)
EXERCISES = [LENGTH, MEAN]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

# Each ends what surrounds it (an attribute, a tag, a style, a comment) and begins something new.
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "</style><style>*{display:none}</style>",
    "<a href='javascript:alert(1)'>x</a>",
    "<!-- ",
    "]]><svg/onload=alert(1)>",
    "&lt;script&gt;&#60;b&#62;",
    "${title} $body %s {0}",
    "<meta http-equiv=refresh content='0;url=//evil'>",
    "a\u202etxt.exe\u2066<b>",
    "nul\0<i>",
    "lone \ud800 surrogate",
    '=HYPERLINK("//evil")',
    "<base href=//evil>",
]


def ok(number):
    return Case(number, "ok")


WRONG = Case(0, "wrong", "3 of 10 values are wrong")


def graded(student, exercise, right, of=5, bad=WRONG, **more):
    """A Result with `right` of `of` cases, and its points."""
    cases = tuple(ok(k + 1) if k < right else bad._replace(number=k + 1) for k in range(of))
    return Result(
        student, exercise.id, "graded", exercise.points * right / of, exercise.points, cases, **more
    )


class Reader(HTMLParser):
    """The tags, attributes, headings and words of a page; fails on markup that is not our template's."""

    TAGS = frozenset(
        "html head meta title style body header main footer section div h1 h2 p ul li strong bdi a table "
        "thead tbody tr th td figure figcaption code svg rect line text".split()
    )
    MARKS = frozenset(
        "lang charset http-equiv content name class href scope role aria-label tabindex viewbox x y x1 "
        "x2 y1 y2 width height".split()
    )
    OPEN = ("meta",)

    def __init__(self, page):
        super().__init__()
        self.open, self.links, self.headings, self.words, self.headers = [], [], [], "", []
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        assert tag in self.TAGS and {name for name, _ in attrs} <= self.MARKS, (tag, attrs)
        attrs = dict(attrs)
        assert "meta" != tag or attrs.get("http-equiv") in (None, "Content-Security-Policy")
        self.links += [attrs[name] for name in attrs if name == "href"]
        self.headings += [tag] * (tag in ("h1", "h2"))
        self.headers += [attrs.get("scope")] * (tag == "th")
        self.open += [tag] * (tag not in self.OPEN)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data}")

    def handle_data(self, data):
        between = "\n" in data and not data.strip()  # a template's line end between two elements
        self.words += "" if between or "style" in self.open else data


def written(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.fixture
def course(tmp_path):
    """Four students: one has everything, one a part, one an error and a late file, one handed in nothing."""
    students = [
        Student("ann", "Ann Ang", "ann@example.org"),
        Student("bob", "Bob"),
        Student("cem", "Cem"),
        Student("dot", "Dot"),
    ]
    miss = {"near_miss": "one block too many", "hint": "A block of two cells fits 27 times into 28 cells."}
    late = {"file": "cem.ipynb", "handed_in": "2026-03-01T13:00:00+00:00", "late": True}
    results = [
        graded("ann", LENGTH, 5, file="ann.ipynb", handed_in="2026-03-01T11:00:00+00:00"),
        graded("ann", MEAN, 5),
        graded("bob", LENGTH, 1, **miss),
        graded(
            "bob",
            MEAN,
            0,
            bad=Case(
                0,
                "exception",
                "your function raises an exception",
                "ZeroDivisionError: division by zero (line 2)",
            ),
            faults=(("names", "total"),),
        ),
        graded("cem", LENGTH, 2, **late, **miss),
        Result("cem", "03.1", "error", None, 3, reason="bwrap: no space"),
        *(Result("dot", one.id, "not handed in", 0.0, one.points) for one in EXERCISES),
    ]
    submissions = [
        Submission("ann", "ann.ipynb", NOON, {}),
        Submission("ann", "ann-2.ipynb", NOON, {}),
        Submission("bob", "", NOON, {"03.1": Answer("def own_mean(x):\n    return sum(x) / 0")}),
    ]
    write = lambda out=tmp_path / "out", results=results, **more: report.write(
        out,
        Graded(results, students, EXERCISES, submissions, [Refused("x.exe", "no notebook")]),
        deadline=NOON,
        **more,
    )
    write.out = tmp_path / "out"
    write.results = results
    return write


def test_grades_by_hand(course):
    course()
    assert lines(course.out / "grades.csv") == [
        ["student", "name", "02.1", "03.1", "total", "out of"],
        ["ann", "Ann Ang", "2", "3", "5", "5"],
        ["bob", "Bob", "0.4", "0", "0.4", "5"],
        ["cem", "Cem", "0.8", "", "", "5"],
        ["dot", "Dot", "0", "0", "0", "5"],
    ]


def test_a_student_who_was_not_graded_has_an_empty_row_and_no_files(tmp_path):
    report.write(tmp_path, Graded([graded("ann", LENGTH, 5)], [Student("ann"), Student("eve")], EXERCISES))
    assert lines(tmp_path / "grades.csv")[1:] == [["ann", "", "2", "", "", "5"], ["eve", "", "", "", "", "5"]]
    assert [path.name for path in (tmp_path / "feedback").iterdir()] == ["ann.html"]


def test_the_same_results_in_any_order_give_the_same_bytes(course, tmp_path):
    course()
    shuffled = course.results[:]
    random.Random(1).shuffle(shuffled)
    course(tmp_path / "again", shuffled)
    first = written(course.out)
    assert first == written(tmp_path / "again")
    assert set(first) == {
        "grades.csv",
        "summary.html",
        *(f"feedback/{id}.html" for id in ("ann", "bob", "cem", "dot")),
        *(f"gradescope/{id}.json" for id in ("ann", "bob", "dot")),
    }


def test_gradescope_format_by_hand(course):
    course()
    found = json.loads((course.out / "gradescope" / "bob.json").read_text())
    assert set(found) == {"score", "output_format", "visibility", "stdout_visibility", "tests"}
    assert (found["score"], found["output_format"], found["visibility"]) == (0.4, "text", "visible")
    first, second = found["tests"]
    assert first == {
        "number": "02.1",
        "name": "How long is a HoG description?",
        "name_format": "text",
        "score": 0.4,
        "max_score": 2,
        "status": "failed",
        "output_format": "text",
        "visibility": "visible",
        "output": "1 of 5 cases are right.\n- 3 of 10 values are wrong. (in 4 cases)\n"
        "Next: A block of two cells fits 27 times into 28 cells.",
    }
    assert (
        second["score"] == 0
        and "- Your function raises an exception.\n- The cell uses names" in second["output"]
        and "does not define or import: total." in second["output"]
    )


def test_a_mark_that_got_lost_takes_the_old_gradescope_file_along(course):
    course()
    course(
        results=[
            Result(*one[:2], "error", None, one.out_of) if one[0] == "ann" else one for one in course.results
        ]
    )
    assert not (course.out / "gradescope" / "ann.json").exists()
    assert "No mark yet" in (course.out / "feedback" / "ann.html").read_text()


def test_feedback_says_what_is_right_what_is_not_and_what_next(course):
    course()
    words = {
        id: Reader((course.out / "feedback" / f"{id}.html").read_text(encoding="utf-8")).words
        for id in ("ann", "bob", "cem", "dot")
    }
    assert (
        "5 of 5 points" in words["ann"]
        and "All 5 cases are right." in words["ann"]
        and "Next" not in words["ann"]
    )
    right, wrong, todo = map(words["bob"].index, ("1 of 5 cases are right", "3 of 10 values", "Next:"))
    assert right < wrong < todo
    assert "From cem.ipynb, handed in 2026-03-01 13:00 UTC, after the deadline" in words["cem"]
    assert "not your fault" in words["cem"]
    assert (
        "bwrap" not in words["cem"] and "no total yet" in words["cem"]
    )  # what failed is the teacher's business
    assert "has arrived" in words["dot"]


def test_a_teachers_own_mark_comes_with_its_reason():
    own = graded("ann", LENGTH, 0)._replace(points=1.5, reason="right idea <3")
    page = Reader(pages.feedback(Student("ann"), {"02.1": own}, EXERCISES))
    assert "1.5 of 2 points" in page.words and "Your teacher: right idea <3" in page.words


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_markup(text, tmp_path):
    case = Case(1, "exception", text, text)
    students = [Student("s1", text, text), Student(text.replace("/", ""), text)]
    own = {**dict.fromkeys(("near_miss", "hint", "file", "reason"), text), "faults": (("names", text),)}
    results = [
        graded(one.id, exercise, right, bad=case, **own)
        for one in students
        for exercise, right in ((LENGTH, 1), (MEAN, 0))
    ]
    results[0] = Result("s1", "02.1", "error", None, 2, reason=text, file=text)
    everything = Graded(results, students, EXERCISES, refused=[Refused(text, text)])
    report.write(tmp_path, everything, similar=[(text, text, text)])
    found = sorted(tmp_path.rglob("*.html"))
    assert len(found) == 3
    for path in found:
        page = Reader(path.read_text(encoding="utf-8"))  # fails on a tag or attribute that is not ours
        assert all(re.fullmatch(r"feedback/[\w.@%~-]+\.html", link) for link in page.links)
        assert not re.search("[\0\u202a-\u202e\u2066-\u2069\ud800-\udfff]", page.words)
    assert "alert(1)" not in text or "alert(1)" in page.words  # still there to be read
    for path in tmp_path.rglob("*.json"):
        json.loads(path.read_text())
    for line in lines(tmp_path / "grades.csv"):
        assert not any(cell.startswith(("=", "+", "@")) for cell in line)


def test_no_markup_comes_from_outside_the_templates():
    own = graded("ann", LENGTH, 0, file="<i>.ipynb")._replace(hint="use `<b>` & `x`")
    page = pages.feedback(Student("ann", "<u>"), {"02.1": own}, EXERCISES)
    assert "<code>&lt;b&gt;</code> &amp; <code>x</code>" in page
    assert "<bdi>&lt;u&gt;</bdi>" in page and "<bdi>&lt;i&gt;.ipynb</bdi>" in page
    assert pages._ENVIRONMENT.autoescape is True


def test_a_chart_has_its_numbers_as_text(course):
    course()
    page = (course.out / "summary.html").read_text(encoding="utf-8")
    words = (
        "points: 0 per cent: 0; ≤ 25 per cent: 1; ≤ 50 per cent: 1; ≤ 75 per cent: 0; &lt; 100 per cent: 0; "
    )
    assert page.count('<svg role="img"') == page.count("</title>") - 1 == 2 and words in page


def test_megabytes_of_text_stay_a_small_page(tmp_path):
    much = "<b>x" * 500_000
    result = graded(
        "ann",
        LENGTH,
        0,
        bad=Case(0, "exception", much, f"ValueError: {much}"),
        faults=(("names", much),),
        file=much,
        hint=much,
    )
    report.write(
        tmp_path,
        Graded(
            [result],
            [Student("ann", much)],
            EXERCISES,
            [Submission("ann", much, NOON, {"02.1": Answer("x")})],
            [Refused(much, much)],
        ),
    )
    assert all(path.stat().st_size < 50_000 for path in tmp_path.rglob("*.html"))
    assert all(path.stat().st_size < 50_000 for path in tmp_path.rglob("*.json"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_barrier_on_the_two_pages(course, scheme):
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not driver.CHROMIUM:
        pytest.skip("no chromium here (apt install chromium)")
    course()
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=driver.CHROMIUM, args=["--no-sandbox"])
        page = chromium.new_context(color_scheme=scheme).new_page()
        for name in ("summary.html", "feedback/bob.html"):
            page.goto((course.out / name).as_uri())
            assert barriers(page) == {}
        # The sign beside the colour is seen, but not spoken.
        sign = page.locator(".mark").first.evaluate("mark => getComputedStyle(mark, '::before').content")
        assert sign == '"◐ " / ""' and page.locator(".mark").first.aria_snapshot().endswith(
            " 0.4 of 2 points"
        )
        chromium.close()


def test_the_policy_allows_the_pages_own_style_and_nothing_else(course):
    course()
    for path in [course.out / "summary.html", course.out / "feedback" / "bob.html"]:
        page = path.read_text(encoding="utf-8")
        style = page.partition("<style>")[2].partition("</style>")[0]
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        policy = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', page)[1]
        assert policy.split("; ") == [
            "default-src 'none'",
            f"style-src 'sha256-{digest}'",
            "base-uri 'none'",
            "form-action 'none'",
        ]
        assert page.index("Content-Security-Policy") < page.index("<style>")
        assert '<meta name="referrer" content="no-referrer">' in page
        assert (
            "style=" not in page and "//" not in page
        )  # nothing the policy would block, no address of anything


def test_pages_can_be_read_by_everybody(course):
    course()
    for path in course.out.rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        read = Reader(page)
        assert page.startswith('<!doctype html>\n<html lang="en">') and "width=device-width" in page
        assert read.headings[0] == "h1" and set(read.headings[1:]) == {"h2"}
        assert set(read.headers) <= {"row", "col"}


def test_summary_by_hand(course):
    course()
    page = Reader((course.out / "summary.html").read_text(encoding="utf-8"))
    for count, what in (
        (4, "on the roster"),
        (3, "handed in"),
        (1, "late"),
        (1, "handed in repeatedly"),
        (1, "grading errors"),
        (1, "files refused"),
    ):
        assert f"{count}{what}" in page.words
    assert "02.1 How long is a HoG description?31.07 of 233%0%00000one block too many (2)" in page.words
    assert (
        "03.1 The mean, a < b & all21.5 of 350%50%01000" in page.words
    )  # mean of 3 and 0; cem's mark is missing
    assert "cemCemlate0.8dotDothanded in nothing000" in page.words
    assert "bwrap: no space" in page.words and "x.exe" in page.words
    assert "ZeroDivisionError: division by zero (line 2)" in page.words  # the teacher may read all of it
    assert {path.relative_to(course.out).as_posix() for path in course.out.glob("feedback/*")} == set(
        page.links
    )


def test_summary_without_anything():
    assert "0on the roster" in Reader(pages.summary(Graded([], [], []), {})).words


def test_points_fall_into_their_bins():
    assert pages.bins([0, -1, 0.1, 0.5, 0.6, 1, 1.2, 1.5, 1.6, 1.99, 2, 3], 2) == [2, 2, 2, 2, 2, 2]
    assert pages.bins([0], 0) == [0, 0, 0, 0, 0, 1]


def test_a_round_with_pseudonyms_says_so(course):
    course(anonymous=True)
    assert "The students have pseudonyms." in (course.out / "summary.html").read_text()


def test_file_names():
    odd = [
        "con",
        "Com1.x",
        "ann",
        "Ann",
        "李雷",
        "é",
        "e\u0301",
        "..",
        ".x",
        "a/b",
        "a b",
        "x" * 81,
        "a\ud800",
        "-rf",
    ]
    names = report.file_names(["s1", "S2", "ann@example.org", "s-1_2.b", *odd])
    for id in ("s1", "S2", "ann@example.org", "s-1_2.b"):
        assert names[id] == id
    for id in odd:
        assert re.fullmatch(r"[A-Za-z0-9-]{1,40}~[0-9a-f]{10}", names[id]) and not names[id].startswith("-")
    assert len({name.lower() for name in names.values()}) == len(names)
    assert names["con"] == report.file_names(["con", "zoe"])["con"]  # whatever other ids there are


# ---- no hidden value

HIDDEN = np.array([48213.0, 917.5, 33071.25])
SPOKEN = "zero one two three four five six seven eight nine".split()


@pytest.mark.parametrize(
    "words",
    [
        f"ValueError: {HIDDEN} (line 2)",
        f"ValueError: {HIDDEN.tolist()}",
        f"KeyError: {HIDDEN[0]}",
        f"NameError: name 'x{HIDDEN[0]:.0f}' is not defined",
        f"X{HIDDEN[0]:.0f}Error: no",
        f"ValueError: no (line {HIDDEN[0]:.0f})",
        f"ValueError: could not convert string to float: '{HIDDEN}'",
        f"IndexError: index {HIDDEN[0]:.0f} is out of bounds for axis 0 with size 917",
        f"AttributeError: 'A{HIDDEN[1]}' object has no attribute 'b'",
        "AttributeError: '"
        + ".".join(SPOKEN[int(digit)] for digit in "48213")
        + "' object has no attribute 'x'",
        "ValueError: " + " ".join(SPOKEN[int(digit)] for digit in "48213"),  # words of the student's own cell
        "ValueError: "
        + " ".join(["index", "axis"][int(bit)] for bit in f"{48213:b}"),  # or in Python's own messages
    ],
)
def test_an_exception_carries_no_hidden_value_out(words, tmp_path):
    source = f"WORDS = {SPOKEN}\ndef hog_length(x):\n    raise ValueError(str(x))"
    bad = Case(0, "exception", "your function raises an exception", words)
    report.write(
        tmp_path,
        Graded(
            [graded("ann", LENGTH, 1, bad=bad, file="a.ipynb")],
            [Student("ann")],
            EXERCISES,
            [Submission("ann", "a.ipynb", NOON, {"02.1": Answer(source)})],
        ),
    )
    page = Reader((tmp_path / "feedback" / "ann.html").read_text(encoding="utf-8")).words
    for content in (
        page,
        (tmp_path / "gradescope" / "ann.json").read_text(),
    ):
        assert not re.search("48213|917|33071|four|axis index", content)
    assert "Your function raises an exception." in page


# ---- what came and was not graded


def test_nobody_is_told_that_no_file_arrived_when_one_did(tmp_path):
    students = [Student(id) for id in ("read", "markdown", "refused", "late", "hidden", "nothing")]
    missing = lambda id, **more: Result(id, "02.1", "not handed in", 0.0, 2, **more)
    results = [missing(one.id, **({"file": "l.ipynb"} if one.id == "late" else {})) for one in students]
    submissions = [
        Submission("read", "r.ipynb", NOON, {"03.1": Answer("")}),
        Submission("late", "l.ipynb", NOON, {"02.1": Answer("")}),
        Submission("markdown", "m.ipynb", NOON, {}, {"02.1": "its cell is a markdown cell"}),
    ]
    refused = [
        Refused("hand_in_02.pdf", "it is not a <notebook>", "refused"),
        Refused(".x.ipynb", intake.HIDDEN, "hidden"),
        Refused("nobody.ipynb", "its path names no student"),
    ]
    came = Arrivals(submissions, refused)
    results = [
        one if one.file else one._replace(arrived=tuple(came.instead(one.student, "02.1"))) for one in results
    ]
    assert results == [Result.from_json(json.loads(json.dumps(one.to_json()))) for one in results]
    report.write(tmp_path, Graded(results, students, [LENGTH], submissions, refused))
    page = {
        one.id: Reader((tmp_path / "feedback" / f"{one.id}.html").read_text(encoding="utf-8")).words
        for one in students
    }
    said = [id for id, words in page.items() if "No file of yours" in words]
    assert said == ["nothing"] and ".x.ipynb came and was not graded: it is a hidden file" in page["hidden"]
    assert "r.ipynb was read: no cell of it defines the function" in page["read"]
    assert "was read: its cell is a markdown cell" in page["markdown"]
    assert "came and was not graded: it is not a <notebook>" in page["refused"]
    assert "after the deadline" in page["late"]
    assert "came and was not graded" in (tmp_path / "gradescope" / "refused.json").read_text()
    summary = Reader((tmp_path / "summary.html").read_text(encoding="utf-8")).words
    for row in (
        "readfile read, 02.1 not found0",
        "markdownfile read, 02.1 not found0",
        "refused1 file refused0",
        "late02.1 too late0",
        "hidden1 file refused0",
        "nothinghanded in nothing0",
    ):
        assert row in summary
    assert "1handed in nothing" in summary and "5handed in" in summary  # the head and the table agree
