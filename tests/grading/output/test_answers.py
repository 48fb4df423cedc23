"""The teacher's pages of answers: complete, grouped, harmless."""

from html.parser import HTMLParser

import pytest

from course_lib.exercises import Exercise
from course_lib.exercises.cells import Code
from course_lib.grading import fingerprints, trees
from course_lib.grading.intake import Answer
from course_lib.grading.output import answers, highlight
from course_lib.grading.output.answers import Answered, Reference
from course_lib.grading.output.pairs import Pair
from course_lib.grading.results import Case, Result

DOUBLE = Exercise("97.1", "double", "Double", 2, "", "float array", examples=((1,),))
RIGHT = "def double(x):\n    y = 2 * x\n    return y\n"
RENAMED = "def double(signal):\n    # mine\n    out = 2 * signal\n    return out\n"
WRONG = "def double(x):\n    return x\n"
HOSTILE = [
    "<script>alert(1)</script>",
    "'\"><img src=x onerror=alert(1)>",
    "</pre></style><style>*{}</style>",
    "# <!-- \u202e \0 &lt;b&gt; {{ 7 * 7 }}",
    "x = '''</span>\n</main>'''",
]


def answer(text):
    tree = trees.plain(Code(text).tree)
    return Answer(text, True, trees.digested(tree), (), fingerprints.of(tree))


def reference(text):
    own = answer(text)
    return Reference(text, own.normal, own.prints)


def result(student, points, *cases, **more):
    return Result(student, "97.1", more.pop("state", "graded"), points, 2, tuple(cases), **more)


OK, BAD = Case(1, "ok"), Case(2, "wrong", "3 values are wrong")


@pytest.fixture
def found():
    texts = {"ann": RIGHT, "bob": RENAMED, "cem": WRONG, "eve": WRONG}
    results = [
        result("ann", 2, OK, comment="Well done, Ann."),
        result("bob", 2, OK, late=True),
        result("cem", 1, OK, BAD, near_miss="forgotten", hint="Twice, not once."),
        result("eve", 1, OK, Case(2, "exception", "it raises", "ZeroDivisionError: <b>")),
        result("dot", 0, state="not handed in"),
    ]
    return Answered(
        DOUBLE,
        {one.student: one for one in results},
        {student: answer(text) for student, text in texts.items()},
        [reference(RIGHT)],
        [Pair("97.1", ("ann",), ("cem", "eve"), 90, 60, 50)],
    )


class Page(HTMLParser):
    """The cards of a page, each the list of its words; fails on a tag or attribute that is not ours."""

    TAGS = frozenset(
        "html head meta title style body header main footer section div h1 h2 p ul li bdi a table thead "
        "tbody tr th td code pre span details summary input label".split()
    )
    MARKS = frozenset(
        "lang charset http-equiv content name class href scope role aria-label tabindex id type checked for "
        "open".split()
    )

    def __init__(self, page):
        super().__init__()
        self.open, self.links, self.cards, self.words = [], [], [], ""
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        assert tag in self.TAGS and {name for name, _ in attrs} <= self.MARKS, (tag, attrs)
        self.links += [value for name, value in attrs if name == "href"]
        if tag == "section":
            self.cards.append("")
        if tag not in ("meta", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data}")

    def handle_data(self, data):
        if "style" not in self.open:
            self.words += data
            if self.cards:
                self.cards[-1] += data


FILES = {name: f"{name}.html" for name in ("ann", "bob", "cem", "eve")}
CLASS = ["ann", "bob", "cem", "dot", "eve"]


def test_answers_that_differ_only_in_names_are_one_card(found):
    page = Page(answers.page(found, FILES, CLASS))
    assert len(page.cards) == 4  # dot's is the list of those without an answer
    both = next(card for card in page.cards if "2 students" in card)
    assert "The same as the course's own solution" in both and "out = 2 * signal" in both
    assert "2 of 2 points" in both and "bob (late)" in both and "Well done, Ann." in both
    assert "ann,97.1,2,reason" in both and "ann,97.1,comment" in both
    assert page.cards[0].startswith("\ncem") or page.cards[0].startswith("\neve")  # the first to look at


def test_cases_near_misses_and_exceptions_are_shown(found):
    html = answers.page(found, FILES, CLASS)
    page = Page(html)
    assert 'role="img" aria-label="right, wrong">✓✗<' in html  # a screen reader says words, not signs
    cem = next(card for card in page.cards if "Twice, not once." in card)
    eve = next(card for card in page.cards if "ZeroDivisionError: <b>" in card)
    assert "Typical mistake: forgotten" in cem and "wrong: 3 values are wrong." in cem and "✓✗" in cem
    assert "✓E" in eve and "60" not in eve and "90 % ann" in eve
    assert "../similar/97.1.html#p0" in page.links and "../feedback/cem.html" in page.links


def test_the_filter_counts_students_and_has_a_rule_for_each_look(found):
    html = answers.page(found, FILES, CLASS)
    words = " ".join(Page(html).words.split())
    counts = (
        "all (5) full marks (2) some points (2) no answer or no mark (1) with a crash (1) similar to others"
    )
    assert f"{counts} (4)" in words
    for look, _ in answers.FILTERS[1:]:
        assert f"#show-{look}:checked ~ main .card:not(.{look})" in html


def test_pairs_are_side_by_side_with_their_lines_in_common(found):
    copied = found._replace(
        answers={**found.answers, "cem": answer(RIGHT + "\n\ndef more(z):\n    return [z] * 9\n")}
    )
    html = answers.side_by_side(copied)
    page = Page(html)
    assert len(page.cards) == 1 and "90 % and 60 %" in page.cards[0] and "cem, eve" in page.cards[0]
    assert html.count('class="line same"') >= 4


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_a_student_writes_the_page_stays_ours(found, text):
    bad = Case(1, "exception", "it raises", text)
    hostile = Answered(
        DOUBLE,
        {text: result(text, 0, bad, near_miss=text, hint=text, comment=text)},
        {text: answer(text)},
        [reference(text)],
        [Pair("97.1", (text,), (text, "b"), 90, 60, 50)],
    )
    page = answers.page(hostile, {text: "a.html"}, [text, "b"])
    Page(page)
    Page(answers.side_by_side(hostile))
    assert "\u202e" not in page and "\0" not in page
    assert "script-src" not in page and "default-src 'none'" in page


def test_a_whole_class_with_one_answer_is_one_card(found):
    names = [f"s{number}" for number in range(300)]
    alike = found._replace(
        results={name: result(name, 2, OK) for name in names},
        answers={name: answer(RIGHT.replace("y", f"y{number % 30}")) for number, name in enumerate(names)},
        pairs=[],
    )
    page = answers.page(alike, {}, names)
    assert len(Page(page).cards) == 1 and len(page) < 200_000


def test_code_made_to_be_slow_or_long_is_shown_without_colours():
    assert highlight.lines("\n \n" * 9_000 + "x<1")[-1] == "…"
    assert highlight.lines("\n \n" * 500 + "x<1")[-1].endswith('<span class="mi">1</span>')
    assert highlight.lines("x<1" + " " * 7_000)[0].startswith("x&lt;1 ")
