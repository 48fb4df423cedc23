"""From submissions to points. A substitute for the sandbox runs the answers in this process, so that only
the grader is tested.
"""

import itertools
import json
import os
import sys
import zipfile
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from importlib import metadata

import made_class
import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from small_class import answers, rows

from course_lib.core.errors import CourseError
from course_lib.exercises import Exercise, by_hand, cells
from course_lib.exercises.by_hand import Criterion, Task
from course_lib.grading import (
    apart,
    cache,
    channel,
    grade,
    intake,
    marking,
    overrides,
    rules,
    seeds,
    settings,
)
from course_lib.grading.bank import Private
from course_lib.grading.results import Case
from course_lib.grading.sandbox import Outcome, SandboxError

DOUBLE = Exercise(
    id="97.1",
    name="double",
    title="Double",
    points=2,
    text="",
    returns="float array",
    examples=((np.ones(3),),),
    hints={"forgotten": "Twice, not once."},
)
CAPITAL = Exercise(
    id="97.2",
    name="capital",
    title="Capital",
    points=1,
    text="",
    returns="text",
    hints={"the other": "That is the largest town."},
)
LABELS = Exercise(
    id="98.1",
    name="labels",
    title="Labels",
    points=3,
    text="",
    returns="int array",
    examples=((np.ones(3),),),
    at_least=0.8,
)
STUBS = {one.id: made_class.stub(one) for one in (DOUBLE, CAPITAL, LABELS)}

BANK = {
    "97": """
from course_lib.grading.bank import Private

def reference(x):
    x *= 2  # spoils its input: the student's must not be that
    return x

BANK = {
    "97.1": Private(reference, lambda rng, k: (rng.normal(size=k + 2),), cases=4,
                    near_misses={"forgotten": lambda x: x, "broken": lambda x: 1 / 0}),
    "97.2": Private(lambda: "Bern", near_misses={"the other": lambda: "Zürich"}),
}
""",
    "98": """
import numpy as np
from course_lib.grading.bank import Private

BANK = {"98.1": Private(lambda x: x > 0, lambda rng, k: (rng.normal(size=20),), cases=2,
                        truth=lambda rng, k: (rng.normal(size=20) > 0).astype(int))}
""",
}

RIGHT = "def double(x):\n    return 2 * x\n"
HALF = "def double(x):\n    return 2 * x if len(x) < 4 else 3 * x\n"
ONCE = "def double(x):\n    return x + 0\n"
STATEFUL = (
    "calls = [0]\ndef double(x):\n    calls[0] += 1\n    return 2 * x if len(x) == calls[0] + 1 else x\n"
)
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course of three exercises, an empty class of three, and `hand_in` and `run`."""
    made_class.teach(monkeypatch, DOUBLE, CAPITAL, LABELS)
    monkeypatch.setattr(marking.sandbox, "answers", answers)
    monkeypatch.setattr(marking.sandbox, "available", lambda kind: "")
    # The real one reads all of the course's code, which takes its time.
    monkeypatch.setattr(cache, "environment", lambda key, *sandbox: f"{seeds.fingerprint(key)} {sandbox}")
    return Course(tmp_path)


class Course:
    def __init__(self, folder):
        self.folder, self.out = folder, folder / "out"
        made_class.enrol(folder, {"ann": "Ann Other", "bob": "Bob Own", "cem": "Cem Third"}, BANK)

    def hand_in(self, student, *cells, file="", when=NOON, ids=()):
        path = self.folder / "submissions" / f"{student}{file}.ipynb"
        cells = [
            new_code_cell(source, id=f"c{n}", metadata={"nbgrader": {"grade_id": id}} if id else {})
            for n, (source, id) in enumerate(zip(cells, [*ids, *[""] * len(cells)], strict=False))
        ]
        nbformat.write(new_notebook(cells=cells), path)
        os.utime(path, (when.timestamp(),) * 2)

    def run(self, **options):
        run = made_class.run(self.folder, **{"out": self.out, "lessons": ["97"], "jobs": 1, **options})
        return {(one.student, one.exercise): one for one in grade.grade(run)}

    def rows(self, name):
        return rows(self.out / name)

    def spoil(self, monkeypatch, *, error):
        def fails(job, *_):
            raise error

        monkeypatch.setattr(marking.sandbox, "answers", fails)


def count_runs(monkeypatch):
    """A list that grows by one for each answer that goes into a sandbox."""
    runs, before = [], marking.sandbox.answers
    monkeypatch.setattr(marking.sandbox, "answers", lambda job, *rest: runs.append(job) or before(job, *rest))
    return runs


# Points


def test_points_are_the_share_of_cases(course):
    course.hand_in("ann", RIGHT)
    course.hand_in("bob", HALF)
    course.hand_in("cem", "def double(x):\n    return x[:1]\n")
    results = course.run()
    assert [results[student, "97.1"].points for student in ("ann", "bob", "cem")] == [2, 1, 0]
    assert [case.state for case in results["bob", "97.1"].cases] == ["ok", "ok", "wrong", "wrong"]
    assert [case.number for case in results["bob", "97.1"].cases] == [1, 2, 3, 4]
    assert "than expected" in results["cem", "97.1"].cases[0].message


def test_what_is_missing_or_empty_is_not_run(course, monkeypatch):
    runs = count_runs(monkeypatch)
    course.hand_in("ann", STUBS["97.1"].replace("# YOUR", "# my own"))
    course.hand_in("bob", "other = 1", ids=["exercise-97-1"])
    results = course.run()
    assert [results[student, "97.1"].state for student in ("ann", "bob", "cem")] == [
        "not attempted",
        "graded",
        "not handed in",
    ]
    assert {one.points for one in results.values()} == {0} and len(runs) == 1  # bob's: what does it define?
    assert {case.state for case in results["bob", "97.1"].cases} == {"missing"}
    assert results["ann", "97.1"].file == "ann.ipynb" and results["cem", "97.1"].file == ""


def test_a_function_that_only_raises_notimplemented_is_not_attempted(course):
    course.hand_in("ann", "def double(x):\n    y = x\n    raise NotImplementedError\n")
    course.hand_in(
        "bob", "def double(x):\n    if len(x) > 2:\n        raise NotImplementedError\n    return 2 * x\n"
    )
    results = course.run()
    assert (results["ann", "97.1"].state, results["ann", "97.1"].points) == ("not attempted", 0)
    assert (results["bob", "97.1"].state, results["bob", "97.1"].points) == ("graded", 0.5)
    assert results["bob", "97.1"].cases[1].state == "exception"


def test_a_question_is_asked_once_and_minds_no_blanks(course, monkeypatch):
    runs = count_runs(monkeypatch)
    for student, town in (("ann", "  bern "), ("bob", "Zürich"), ("cem", "Basel")):
        course.hand_in(student, f"def capital():\n    return {town!r}\n")
    results = course.run()
    assert [results[student, "97.2"].points for student in ("ann", "bob", "cem")] == [1, 0, 0]
    assert results["bob", "97.2"].hint == "That is the largest town." and not results["cem", "97.2"].hint
    assert all(job.cases == [()] for job in runs) and len(runs) == 3


def test_a_classifier_is_held_to_hidden_labels(course):
    course.hand_in("ann", "def labels(x):\n    return (x > 0).astype(int)\n")
    course.hand_in(
        "bob", "def labels(x):\n    return np.where(np.arange(20) < 8, x <= 0, x > 0).astype(int)\n"
    )
    results = course.run(lessons=["98"])
    assert results["ann", "98.1"].points == 3 and results["bob", "98.1"].points == 0
    assert results["bob", "98.1"].cases[0].message == "too few labels are right: at least 80% should be"


def test_a_near_miss_brings_its_hint(course):
    course.hand_in("ann", ONCE)
    course.hand_in("bob", "def double(x):\n    return x + 0 if len(x) < 4 else x + 1\n")
    course.hand_in("cem", "def double(x):\n    return 2 * x if len(x) < 4 else x + 0\n")
    results = course.run()
    assert (results["ann", "97.1"].near_miss, results["ann", "97.1"].hint) == (
        "forgotten",
        "Twice, not once.",
    )
    assert (results["bob", "97.1"].near_miss, results["bob", "97.1"].hint) == ("", "")
    assert results["cem", "97.1"].near_miss == "forgotten" and results["cem", "97.1"].points == 1


def test_what_a_function_remembers_does_not_help_it(course, monkeypatch):
    runs = count_runs(monkeypatch)
    course.hand_in("ann", STATEFUL)
    result = course.run()["ann", "97.1"]
    assert [case.state for case in result.cases] == ["ok", "ok", "ok", "wrong"] and result.points == 1.5
    assert (
        result.cases[3].message
        == "your function gave a different answer when it ran again in a fresh process"
    )
    assert [[len(case[0]) for case in job.cases] for job in runs] == [[2, 3, 4, 5], [5, 3]]


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("def double(x):\n    return x\ndel double\n", "missing"),
        ("def double(x):\n    return 1 / 0\n", "exception"),
        ("def double(x):\n    return 10**400\n", "wrong"),
        ("def double(x):\n    return None\n", "wrong"),
    ],
)
def test_what_a_student_does_is_a_case_and_no_error(course, answer, state):
    course.hand_in("ann", answer, ids=["exercise-97-1"])
    result = course.run()["ann", "97.1"]
    assert {case.state for case in result.cases} == {state} and result.points == 0


@pytest.mark.parametrize("state", ["malformed", "missing", "exception"])
def test_states_of_the_sandbox_are_kept_and_words_cut(course, monkeypatch, state):
    monkeypatch.setattr(
        marking.sandbox,
        "answers",
        lambda job, *_: [Outcome(state, None, "\ud800" + 1000 * "x")] * len(job.cases),
    )
    course.hand_in("ann", RIGHT)
    case = course.run()["ann", "97.1"].cases[0]
    assert case.state == state and case.message and case.output == "?" + 299 * "x"


@pytest.mark.parametrize("state", ["timeout", "killed"])
def test_whether_time_or_memory_ran_out_first_is_not_told(course, monkeypatch, state):
    """A loop that takes memory meets one of the two limits first: which one depends on the load."""
    monkeypatch.setattr(
        marking.sandbox, "answers", lambda job, *_: [Outcome(state, None, state)] * len(job.cases)
    )
    course.hand_in("ann", RIGHT)
    message = "your function was stopped: it takes longer than 2 s, needs more than 1024 MiB of memory, or "
    told = Case(1, "stopped", message + "ends its own process")
    assert course.run()["ann", "97.1"].cases[0] == told


def test_where_an_object_is_in_memory_is_not_told(course, monkeypatch):
    words = "KeyError: <object object at 0x7f8e4c0b2a50> (line 2), 0x1F"
    monkeypatch.setattr(
        marking.sandbox, "answers", lambda job, *_: [Outcome("exception", None, words)] * len(job.cases)
    )
    course.hand_in("ann", RIGHT)
    case = course.run()["ann", "97.1"].cases[0]
    assert case.output == "KeyError: <object object at 0x…> (line 2), 0x1F"


def test_an_answer_is_parsed_once(course, monkeypatch):
    """It was parsed by the intake, twice to see whether it was attempted, and once to look for copies."""
    parsed, before = [], cells.parsed
    monkeypatch.setattr(cells, "parsed", lambda text: parsed.append(text) or before(text))
    here = lambda work, seconds: apart.Done(json.loads(json.dumps(work())), 0.0)
    monkeypatch.setattr(intake, "apart", here)  # in this process, so that it can be counted
    both = RIGHT + "\n\ndef capital():\n    return 'Bern'\n"
    course.hand_in("ann", RIGHT)
    course.hand_in("bob", both)
    assert course.run()["bob", "97.2"].points == 1
    assert parsed.count(RIGHT) == parsed.count(both) == 1


def test_a_module_that_check_warns_of_is_hidden_by_the_grader(course, monkeypatch):
    """The public and the private part each had a list of forbidden modules, and could differ."""
    without = replace(DOUBLE, forbidden=("librosa",))
    made_class.teach(monkeypatch, without, CAPITAL)
    runs = count_runs(monkeypatch)
    course.hand_in("ann", RIGHT)
    course.run()
    assert {job.forbidden for job in runs} == {("librosa",)}
    assert not {field.name for field in fields(Exercise)} & {field.name for field in fields(Private)}


# Errors of our own


@pytest.mark.parametrize(
    "error", [SandboxError("sandbox", "it broke", "Mend it"), OSError("no more processes")]
)
def test_a_failure_of_ours_is_an_error_without_points_and_tried_again(course, monkeypatch, error):
    course.hand_in("ann", RIGHT)
    with monkeypatch.context() as broken:
        course.spoil(broken, error=error)
        result = course.run()["ann", "97.1"]
    assert (result.state, result.points, result.cases) == ("error", None, ()) and str(error) in result.reason
    assert course.run()["ann", "97.1"].points == 2


def test_a_bank_that_fails_is_no_students_fault(course):
    (course.folder / "bank" / "lesson_97.py").write_text(BANK["97"].replace("x *= 2", "x = None"))
    course.hand_in("ann", RIGHT)
    result = course.run()["ann", "97.1"]
    assert result.state == "error" and "97.1, case 1: the bank's own value is not right" in result.reason


def test_too_few_answers_are_an_error(course, monkeypatch):
    monkeypatch.setattr(marking.sandbox, "answers", lambda job, *_: [Outcome("answered", 1)])
    course.hand_in("ann", RIGHT)
    assert "1 answers to 4 cases" in course.run()["ann", "97.1"].reason


# Seeds


def test_the_same_key_gives_the_same_grades_and_bytes(course):
    course.hand_in("ann", HALF)
    course.hand_in("bob", ONCE)
    texts = []
    for name in ("one", "two"):
        course.out = course.folder / name
        course.run()
        texts.append({path.name: path.read_bytes() for path in course.out.rglob("*") if path.is_file()})
    assert texts[0] == texts[1] and len(texts[0]) > 5


def test_every_student_has_inputs_of_their_own_and_another_key_others(course, monkeypatch):
    runs = count_runs(monkeypatch)
    course.hand_in("ann", RIGHT)
    course.hand_in("bob", RIGHT)
    course.run()
    (course.folder / "seed.key").write_text("another key of enough bytes")
    course.run()
    first = [job.cases[0][0].tolist() for job in runs if len(job.cases) == 4]
    assert len(first) == 4 and len({tuple(one) for one in first}) == 4


def test_a_seed_is_the_hmac_that_the_documentation_names():
    message = b"affective-computing-course-companion | 02.1 | ann | 0"
    import hashlib
    import hmac

    assert seeds.seed(b"k" * 16, "02.1", "ann", 0) == int(
        hmac.new(b"k" * 16, message, hashlib.sha256).hexdigest(), 16
    )


def test_the_key_is_written_nowhere(course, capfd):
    course.hand_in("ann", RIGHT)
    course.run(anonymous=True)
    written = [path.read_bytes() for path in course.out.rglob("*") if path.is_file()]
    assert not any(b"one key of enough" in text for text in [*written, *map(str.encode, capfd.readouterr())])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, "no such key file. Make one.*secrets.token_hex"),
        ("  short\n", "has 5 bytes, but it needs at least 16"),
    ],
)
def test_a_key_must_be_there_and_long_enough(tmp_path, text, expected):
    if text:
        (tmp_path / "seed.key").write_text(text)
    with pytest.raises(CourseError, match=expected):
        seeds.read_key(tmp_path / "seed.key")


def test_a_key_in_the_out_folder_is_refused(course):
    course.out = course.folder
    with pytest.raises(CourseError, match=r"the key is inside .*, a folder that others will read"):
        course.run()


# Cache, interrupt, regrade


def test_a_second_run_grades_nothing_again(course, monkeypatch):
    course.hand_in("ann", HALF)
    course.hand_in("bob", ONCE, "def capital():\n    return 'Bern'\n")
    first = course.run()
    course.spoil(monkeypatch, error=OSError("nothing should run"))
    assert course.run() == first


def test_a_new_answer_bank_or_key_is_graded_again(course, monkeypatch):
    course.hand_in("ann", RIGHT)
    course.run()
    runs = count_runs(monkeypatch)
    course.hand_in("ann", ONCE)
    assert course.run()["ann", "97.1"].points == 0 and len(runs) == 1
    (course.folder / "bank" / "lesson_97.py").write_text(BANK["97"] + "\n# another\n")
    assert course.run()["ann", "97.1"].points == 0 and len(runs) == 2
    (course.folder / "seed.key").write_text("another key of enough bytes")
    assert course.run()["ann", "97.1"].points == 0 and len(runs) == 3


def test_the_environment_is_code_packages_sandbox_and_key(tmp_path, monkeypatch):
    packages = list(itertools.islice(metadata.distributions(), 9))
    monkeypatch.setattr(cache, "ROOT", tmp_path)
    monkeypatch.setattr(cache.metadata, "distributions", lambda: packages)
    code, lesson = tmp_path / "course_lib" / "code.py", tmp_path / "course_lib" / "exercises" / "lesson_02.py"
    lesson.parent.mkdir(parents=True)
    code.write_text("one = 1")

    def names():
        return [
            cache.environment(*own)
            for own in (
                (b"a" * 16, "bwrap", None),
                (b"b" * 16, "bwrap", None),
                (b"a" * 16, "docker", "one"),
                (b"a" * 16, "docker", "two"),
            )
        ]

    first = names()
    lesson.write_text("another = 1")
    assert len(set(first)) == 4 and not set(first) & set(
        names()
    )  # a bank may draw with what a lesson's module has
    code.write_text("one = 2")
    second = names()
    packages.pop()
    assert len({*first, *second, *names()}) == 12


def test_an_answer_with_a_damaged_cache_file_is_graded_again(course):
    course.hand_in("ann", RIGHT)
    course.run()
    (path,) = (course.out / "cache").iterdir()
    path.write_text("{")
    assert course.run()["ann", "97.1"].points == 2


def test_the_cache_names_nobody(course):
    course.hand_in("ann", RIGHT)
    course.run()
    (path,) = (course.out / "cache").iterdir()
    assert "ann" not in path.read_text() + path.name


def test_an_interrupt_keeps_what_is_done(course, monkeypatch):
    for student in ("ann", "bob", "cem"):
        course.hand_in(student, ONCE)
    runs = count_runs(monkeypatch)
    kept = []
    with monkeypatch.context() as context:

        def stops(path, result, before=cache.keep):
            if len(kept) == 2:
                raise KeyboardInterrupt
            kept.append(before(path, result))

        context.setattr(cache, "keep", stops)
        with pytest.raises(KeyboardInterrupt):
            course.run()
    assert len(list((course.out / "cache").iterdir())) == 2 and not (course.out / "results.jsonl").exists()
    runs.clear()
    assert {one.points for one in course.run().values()} == {0} and len(runs) == 1


def test_a_regrade_runs_again_and_lists_changes(course, monkeypatch):
    course.hand_in("ann", RIGHT, "def capital():\n    return 'Basel'\n")
    course.hand_in("bob", ONCE)
    course.run()
    runs = count_runs(monkeypatch)
    (course.folder / "bank" / "lesson_97.py").write_text(
        BANK["97"].replace("x *= 2", "x *= 2.5 - 1.5  # mended")
    )
    course.run(regrade=["97.1"])
    assert course.rows("changes.csv") == [
        {"student": "ann", "exercise": "97.1", "before": "2", "after": "0", "why": "graded again"},
        {"student": "bob", "exercise": "97.1", "before": "0", "after": "2", "why": "graded again"},
    ]
    runs.clear()
    course.run(regrade=["97.1"])
    assert {job.name for job in runs} == {"double"} and course.rows("changes.csv") == []


def test_a_failed_rerun_is_an_error_and_never_the_old_score(course, monkeypatch):
    course.hand_in("ann", RIGHT)
    course.run()
    with monkeypatch.context() as broken:
        course.spoil(broken, error=OSError("no more processes"))
        assert course.run(regrade=["97.1"])["ann", "97.1"].points is None
        assert course.rows("changes.csv") == [
            {
                "student": "ann",
                "exercise": "97.1",
                "before": "2",
                "after": "",
                "why": "grading failed: OSError: no more processes",
            }
        ]
        assert course.run()["ann", "97.1"].state == "error"  # without --regrade neither
    assert {row["97.1"] for row in course.rows("grades.csv")} == {"", "0"}


# Shards


def test_shards_cover_everybody_once_and_are_collected(course, monkeypatch):
    names = [f"s{number}" for number in range(12)]
    (course.folder / "roster.csv").write_text("student\n" + "\n".join(names) + "\n")
    for name in names:
        course.hand_in(name, ONCE)
    parts = [{student for student, _ in course.run(shard=(part, 3))} for part in (1, 2, 3)]
    assert sorted(name for part in parts for name in part) == sorted(names) and all(parts)
    assert [path.name for path in course.out.iterdir()] == ["cache"]
    course.spoil(monkeypatch, error=OSError("nothing should run"))
    assert {one.state for one in course.run().values()} == {"graded", "not handed in"}
    assert len(course.rows("grades.csv")) == 12


# Late and repeated submissions


@pytest.mark.parametrize(
    ("count", "points", "late"), [("latest", 0, True), ("first", 1, False), ("in-time", 2, False)]
)
def test_which_submission_counts(course, count, points, late):
    course.hand_in("ann", HALF, file="_z", when=NOON - timedelta(hours=2))
    course.hand_in("ann", RIGHT, file="_a", when=NOON)
    course.hand_in("ann", ONCE, file="_b", when=NOON + timedelta(seconds=1))
    result = course.run(count=count, deadline=NOON)["ann", "97.1"]
    assert (result.points, result.late) == (points, late)
    rows = course.rows("submissions.csv")
    assert [row["file"] for row in rows] == ["ann_z.ipynb", "ann_a.ipynb", "ann_b.ipynb"]
    assert [row["late"] for row in rows] == ["no", "no", "yes"]
    assert [row["counts_for"] for row in rows] == ["97.1" * (row["file"] == result.file) for row in rows]
    assert rows[1]["handed_in"] == "2026-12-01T12:00:00+00:00"


def test_the_latest_that_holds_the_exercise_counts(course):
    course.hand_in("ann", RIGHT, file="_1", when=NOON)
    course.hand_in("ann", "def capital():\n    return 'Bern'\n", file="_2", when=NOON + timedelta(hours=1))
    results = course.run()
    assert [results["ann", id].points for id in ("97.1", "97.2")] == [2, 1]
    assert [results["ann", id].file for id in ("97.1", "97.2")] == ["ann_1.ipynb", "ann_2.ipynb"]


def test_late_work_that_does_not_count_is_named(course):
    course.hand_in("ann", RIGHT, when=NOON + timedelta(hours=1))
    result = course.run(count="in-time", deadline=NOON)["ann", "97.1"]
    assert (result.state, result.points, result.late, result.file) == ("not handed in", 0, True, "ann.ipynb")


def test_late_work_that_does_not_count_is_called_late(course):
    course.hand_in("ann", RIGHT, when=NOON + timedelta(minutes=1))
    assert course.run(count="in-time", deadline=NOON)["ann", "97.1"].points == 0
    feedback = (course.out / "feedback" / "ann.html").read_text(encoding="utf-8")
    assert (
        "came after the deadline" in feedback
        and "has arrived" not in feedback.split("97.2")[0].split("97.1")[-1]
    )
    assert course.rows("submissions.csv")[0]["counts_for"] == ""


@pytest.mark.parametrize(
    "names, counts",
    [
        (("_02", "_02 (1)"), "_02 (1)"),  # a browser's second download; " " sorts before "."
        (("_02 (2)", "_02 (10)", "_02"), "_02 (10)"),
        (("_02-1", "_02"), "_02-1"),  # Canvas' second attempt
    ],
)
def test_of_files_that_came_together_the_number_in_the_name_decides(course, names, counts):
    for file in names:
        course.hand_in("ann", RIGHT if file == counts else ONCE, file=file)
    result = course.run()["ann", "97.1"]
    assert (result.file, result.points) == (f"ann{counts}.ipynb", 2)
    assert "Undecided" not in (course.out / "summary.html").read_text()
    first = course.run(count="first")["ann", "97.1"]
    assert first.file == min((f"ann{file}.ipynb" for file in names), key=lambda file: rules._copy(file)[1])


def test_a_later_file_counts_whatever_its_name_is(course):
    course.hand_in("ann", ONCE, file="_02 (1)")
    course.hand_in("ann", RIGHT, file="_02", when=NOON + timedelta(minutes=1))
    assert course.run()["ann", "97.1"].points == 2


def test_what_nobody_can_decide_is_listed(course):
    course.hand_in("ann", ONCE, file="_a")
    course.hand_in("ann", RIGHT, file="_b")
    course.hand_in("bob", RIGHT, file="_a")
    course.hand_in("bob", RIGHT, file="_b")  # the same answer: nothing to decide
    assert course.run()["ann", "97.1"].points == 2
    page = (course.out / "summary.html").read_text()
    assert "<bdi>ann_b.ipynb</bdi></td><td><bdi>ann_a.ipynb</bdi>" in page and page.count("bob_b.ipynb") == 0
    course.run(anonymous=True, out=course.folder / "hidden")
    page = (course.folder / "hidden" / "summary.html").read_text()
    assert "Undecided" in page and "ann" not in page


def test_an_old_copy_never_counts(course):
    """`course update` keeps the older file in old/, and students zip the whole folder."""
    course.hand_in("ann", RIGHT)
    course.hand_in("ann", ONCE, file="_old", when=NOON + timedelta(days=1))
    folder = course.folder / "submissions"
    for student, inner in (("ann", "notebooks/old"), ("bob", "old"), ("cem", "x/old")):
        with zipfile.ZipFile(folder / f"{student}.zip", "w") as archive:
            archive.write(folder / "ann_old.ipynb", f"{inner}/02-1.ipynb")
            archive.write(folder / "ann.ipynb", f"{inner.rpartition('old')[0]}02.ipynb")
    (folder / "ann_old.ipynb").unlink()
    results = course.run()
    assert [results[one, "97.1"].points for one in ("ann", "bob", "cem")] == [2, 2, 2]


def test_a_later_empty_copy_takes_no_answer_back(course):
    course.hand_in("ann", RIGHT, file="_1")
    course.hand_in("ann", STUBS["97.1"], file="_2", when=NOON + timedelta(minutes=1))
    assert course.run()["ann", "97.1"][3:5] == (2, 2)


def test_a_timeout_in_the_second_run_is_a_timeout(course, monkeypatch):
    def slow_again(job, *_):
        first = len(job.cases) == 4
        return [Outcome("answered", 2 * case[0]) for case in job.cases] if first else [Outcome("timeout")] * 2

    monkeypatch.setattr(marking.sandbox, "answers", slow_again)
    course.hand_in("ann", RIGHT)
    assert [case.state for case in course.run()["ann", "97.1"].cases] == ["ok", "stopped", "ok", "stopped"]


def test_in_time_needs_a_deadline(course):
    with pytest.raises(CourseError, match=r"no deadline is given\. Add: --deadline"):
        course.run(count="in-time")


def test_late_work_loses_points_and_the_student_reads_why(course):
    course.hand_in("ann", RIGHT, when=NOON + timedelta(hours=30))
    course.hand_in("bob", HALF, when=NOON)
    course.hand_in("cem", RIGHT, when=NOON + timedelta(days=30))
    results = course.run(deadline=NOON, late="10%/day,max=50%")
    assert [results[one, "97.1"].points for one in ("ann", "bob", "cem")] == [1.6, 1, 1]
    assert results["ann", "97.1"].taken == 0.4 and results["bob", "97.1"].taken == 0
    page = (course.out / "feedback" / "ann.html").read_text()
    assert "It came 2 days late, so it loses 20% of its points." in page
    assert course.rows("grades.csv")[0]["97.1"] == "1.6"
    (course.out / "overrides.csv").write_text("student,exercise,points,reason\nann,97.1,2,ill\n")
    own = course.run(deadline=NOON, late="10%/day")["ann", "97.1"]
    assert (own.points, own.taken) == (2, 0)
    assert course.run(deadline=NOON)["cem", "97.1"].points == 2  # the cache holds what the answer got
    changes = {row["student"]: row["why"] for row in course.rows("changes.csv")}
    assert changes == {"cem": "the rules changed: nothing is taken off"}


def test_a_lesson_has_its_deadline_and_a_student_an_extension(course):
    for student in ("ann", "bob"):
        course.hand_in(student, RIGHT, "def labels(x):\n    return (x > 0).astype(int)\n")
    course.out.mkdir()
    (course.out / "extensions.csv").write_text("student,lesson,until\nbob,98,2026-12-01\nbob,97,2026-11-01\n")
    deadlines = {"97": NOON, "98": NOON - timedelta(hours=1)}
    results = course.run(lessons=["97", "98"], deadline=deadlines)
    late = {pair: one.late for pair, one in results.items() if one.file and pair[1] != "97.2"}
    assert late == {
        ("ann", "97.1"): False,
        ("ann", "98.1"): True,
        ("bob", "97.1"): False,
        ("bob", "98.1"): False,
    }
    kept = settings.resumed({"out": course.out})[0]["deadline"]
    assert kept == deadlines
    moved = {"98": NOON}
    assert settings.resumed({"out": course.out, "deadline": moved})[0]["deadline"] == NOON


def test_rules_are_kept_for_the_next_call(course):
    times = course.folder / "times.csv"
    times.write_text("student,when\nann,2026-12-02T12:00+00:00\n")
    course.hand_in("ann", RIGHT)
    options = {"deadline": NOON, "late": "50%/day", "attempts": 3, "times": times, "source": "plain"}
    options["tries"] = "100%,50%"
    assert course.run(**options)["ann", "97.1"].points == 1
    resumed, taken = settings.resumed({"out": course.out, "regrade": ["97.1"]})
    assert "--from plain" in taken and "--attempts 3" in taken and f"--times {times}" in taken
    assert "--tries 100%,50%" in taken
    more = {name: resumed[name] for name in ("deadline", "late", "attempts", "times", "regrade")}
    assert course.run(**more)["ann", "97.1"].points == 1


def test_the_first_attempts_count_and_the_table_says_why(course):
    for number, answer in enumerate((ONCE, ONCE, HALF, RIGHT)):
        course.hand_in("ann", answer, file=f"_{number}", when=NOON + timedelta(hours=number))
    assert course.run(attempts=2)["ann", "97.1"].points == 1
    said = {row["file"]: (row["attempt"], row["why"]) for row in course.rows("submissions.csv")}
    assert said == {
        "ann_0.ipynb": ("1", "does not count: an older file"),
        "ann_1.ipynb": ("1", "does not count: an older file"),
        "ann_2.ipynb": ("2", "counts: the newest"),
        "ann_3.ipynb": ("3", "does not count: attempt 3 of 2"),
    }
    page = (course.out / "feedback" / "ann.html").read_text()
    assert "You handed in 3 different answers, and the first 2 can count." in page
    assert course.run()["ann", "97.1"].points == 2


def city(name, comment=""):
    return f"def capital():\n    return {name!r}{comment}\n"


def test_a_further_answer_to_a_question_gives_less_although_only_the_newest_file_came(course):
    """Moodle's export has a student's newest file alone: the tries of the earlier rounds are in OUT."""
    course.hand_in("bob", city("Bern"))
    points, notes = [], []
    for answer in (city("Basel"), city("Basel", "  # sure"), city("Bern"), city("Basel"), city("Genf")):
        course.hand_in("ann", answer, RIGHT)
        ann = course.run(tries="100%,50%")["ann", "97.2"]
        points.append(ann.points)
        notes.append(ann.note)
    assert points == [0, 0, 0.5, 0, 0]
    assert notes == [
        *["this is your answer 1 to this question; if the next one is right, it gives 50% of its points"] * 2,
        "this is your answer 2 to this question, so it gives 50% of its points",
        "this is your answer 1 to this question; if the next one is right, it gives 50% of its points",
        "this is your answer 3 to this question; a further one gives no points",
    ]
    results = course.run(tries="100%,50%")
    assert results["bob", "97.2"] == results["bob", "97.2"]._replace(points=1, note="")
    assert results["ann", "97.1"].points == 2  # an exercise with hidden cases has no such rule
    page = (course.out / "feedback" / "ann.html").read_text()
    assert "This is your answer 3 to this question; a further one gives no points." in page


def test_a_try_that_a_teacher_takes_back_does_not_count(course):
    course.hand_in("ann", city("Basel"))
    course.run(tries="100%,50%")
    table = course.out / "tries.csv"
    assert [row["try"] for row in course.rows("tries.csv")] == ["1"]
    table.write_text(table.read_text().splitlines()[0])
    course.hand_in("ann", city("Bern"))
    assert course.run(tries="100%,50%")["ann", "97.2"].points == 1


def test_late_work_and_a_further_try_cost_both(course):
    course.hand_in("ann", city("Basel"), file="_1")
    course.hand_in("ann", city("Bern"), file="_2", when=NOON + timedelta(hours=1))
    ann = course.run(tries="100%,50%", deadline=NOON, late="10%/day")["ann", "97.2"]
    assert ann.points == pytest.approx(0.45) and ann.taken == pytest.approx(0.55)
    assert "it came 1 day late" in ann.note and "your answer 2" in ann.note


def test_tries_are_kept_under_pseudonyms(course):
    course.hand_in("ann", city("Basel"))
    course.run(tries="100%,0%", anonymous=True)
    course.hand_in("ann", city("Bern"))
    results = course.run(tries="100%,0%", anonymous=True)
    assert {one.points for one in results.values() if one.exercise == "97.2"} == {0}
    assert "ann" not in (course.out / "tries.csv").read_text()


def test_the_download_s_time_makes_nobody_late(course, capsys):
    for student in ("ann", "bob", "cem"):
        course.hand_in(student, RIGHT, when=NOON + timedelta(days=3))
    results = course.run(deadline=NOON, count="in-time", late="10%/day")
    assert {(one.points, one.late) for one in results.values() if one.exercise == "97.1"} == {(2, False)}
    assert "Warning: all 3 files have times within 0 minutes" in capsys.readouterr().out
    assert {row["time_from"] for row in course.rows("submissions.csv")} == {"unknown: the download"}
    page = (course.out / "feedback" / "ann.html").read_text()
    assert "ann.ipynb" in page and "2026-12" not in page  # nobody tells a student a wrong time


def test_a_roster_that_fits_no_file_is_an_error_and_gives_nobody_zero(course):
    course.hand_in("eve", RIGHT)
    with pytest.raises(CourseError, match=r"no file names a student of the roster; eve\.ipynb: .*--from"):
        course.run()
    assert not (course.out / "grades.csv").exists()


# The teacher's own marks


def test_overrides_are_merged_last_and_their_file_is_left_alone(course):
    course.hand_in("ann", ONCE)
    course.out.mkdir()
    text = "\ufeffstudent,exercise,points,reason\r\nann,97.1,1.5,half a slip, no more\r\n"
    text += "cem,97.2,1,on paper\r\n,,,\r\n"
    (course.out / "overrides.csv").write_bytes(text.encode())
    results = course.run()
    assert [results[pair].points for pair in (("ann", "97.1"), ("bob", "97.1"), ("cem", "97.2"))] == [
        1.5,
        0,
        1,
    ]
    assert (
        results["ann", "97.1"].reason == "half a slip, no more" and results["cem", "97.2"].state == "graded"
    )
    assert (course.out / "overrides.csv").read_bytes() == text.encode()
    assert course.rows("grades.csv")[0]["97.1"] == "1.5"
    (course.out / "overrides.csv").unlink()
    assert course.run()["ann", "97.1"].points == 0


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("dan,97.1,1,why", "line 3: student 'dan' is not in the roster"),
        ("ann,2.1,1,why", r"line 3: there is no exercise '2.1'\. There are: 97.1"),
        ("ann,97.1,3,why", "line 3: points '3'. Write a number from 0 to 2"),
        ("ann,97.1,nan,why", "line 3: points 'nan'"),
        ("ann,97.1,,why", "line 3: points ''"),
        ("ann,97.1,1, ", "line 3: the reason is missing"),
        ("ann,97.1,1", "line 3: the reason is missing"),
        ("bob,97.1,1,twice", "line 3: an earlier line gives bob points for 97.1"),
        ('ann,97.1,1,"open', "line 3: it cannot be read"),
    ],
)
def test_a_wrong_line_of_the_overrides(tmp_path, line, expected):
    path = tmp_path / "overrides.csv"
    path.write_text(f"student,exercise,points,reason\nbob,97.1,1,a reason\n{line}\n")
    with pytest.raises(CourseError, match=expected):
        overrides.read(path, {"ann": "ann", "bob": "bob"}, {"97.1": DOUBLE})


def test_overrides_need_their_header(tmp_path):
    (tmp_path / "overrides.csv").write_text("student;exercise;points;reason\n")
    with pytest.raises(CourseError, match="line 1: no column exercise, points, reason, student"):
        overrides.read(tmp_path / "overrides.csv", {}, {})


def test_comments_change_no_mark_and_stay_when_graded_again(course):
    course.hand_in("ann", ONCE)
    before = course.run()["ann", "97.1"]
    text = "student,exercise,comment\nann,97.1,Twice is two times\ncem,97.1,Please come to my office\n"
    (course.out / "comments.csv").write_text(text)
    for more in ({}, {"regrade": ["97.1"]}):
        results = course.run(**more)
        assert results["ann", "97.1"] == before._replace(comment="Twice is two times")
        assert "Twice is two times" in (course.out / "feedback" / "ann.html").read_text()
        assert "Please come to my office" in (course.out / "feedback" / "cem.html").read_text()
    assert course.rows("grades.csv")[0]["97.1"] == "0" and not course.rows("changes.csv")
    course.run(lessons=["98"])  # another lesson: last week's comments stay
    assert "Twice is two times" in (course.out / "feedback" / "ann.html").read_text()
    assert (course.out / "comments.csv").read_text() == text
    (course.out / "comments.csv").unlink()
    assert course.run()["ann", "97.1"] == before


def test_each_exercise_has_a_page_of_answers_and_the_summary_leads_there(course):
    course.hand_in("ann", RIGHT)
    course.hand_in("bob", RIGHT.replace("x", "signal"))
    course.hand_in("cem", ONCE)
    course.run()
    page = (course.out / "answers" / "97.1.html").read_text()
    assert page.count('<section class="card') == 2 and "<h2>2 students</h2>" in page
    assert "cem,97.1,0,reason" in page and "Typical mistake: forgotten" in page
    assert 'href="answers/97.1.html"' in (course.out / "summary.html").read_text()
    course.run(lessons=["98"])
    assert (course.out / "answers" / "97.1.html").read_text() == page
    assert 'href="answers/97.1.html"' in (course.out / "summary.html").read_text()
    assert "return" not in (course.out / "feedback" / "ann.html").read_text()  # the student sees no code


def test_a_copy_with_another_part_is_a_pair_with_a_page(course):
    long = (
        "def double(x):\n    first = np.sort(np.abs(x))[: len(x) // 2]\n"
        "    wave = np.fft.rfft(first, n=2 * len(x))\n"
        "    return np.concatenate([first, wave.real]) / (9 + wave.imag.sum())\n"
    )
    course.hand_in("ann", long)
    course.hand_in("bob", long.replace("    wave", "    first[first < x.min() / 3] = len(x)\n    wave", 1))
    course.run()
    assert [(row["students"], row["others"]) for row in course.rows("pairs.csv")] == [("ann", "bob")]
    assert "<bdi>ann</bdi> and <bdi>bob</bdi>" in (course.out / "similar" / "97.1.html").read_text()
    course.run(lessons=["98"])
    assert [row["exercise"] for row in course.rows("pairs.csv")] == ["97.1"]
    course.hand_in("bob", RIGHT)
    course.run()
    assert course.rows("pairs.csv") == [] and not (course.out / "similar" / "97.1.html").exists()


# Tasks that the teacher marks

REPORT = Task(
    "97.report",
    "report-97",
    "A report",
    5,
    (
        Criterion("question", "Question", "One.", 2, ((2, "Clear."), (0, "None."))),
        Criterion("plan", "Plan", "One.", 3, ((3, "Whole."), (0, "None."))),
    ),
    variable="study",
)
STUDY = 'study = {"question": "How well?", "plan": "By day."}'


def test_points_by_hand_join_the_marks_once_the_teacher_began(course, monkeypatch):
    monkeypatch.setattr(by_hand, "every", lambda: [REPORT])
    course.hand_in("ann", RIGHT, STUDY)
    course.hand_in("bob", ONCE, STUDY.replace("How", "Why"), ids=["", "report-97"])
    course.run()
    assert "97.report" not in course.rows("grades.csv")[0]
    assert "97.report" not in (course.out / "feedback" / "ann.html").read_text()
    assert (
        'without points so far: <a href="answers/97.report.html">'
        in (course.out / "summary.html").read_text()
    )
    page = (course.out / "answers" / "97.report.html").read_text()
    assert "How well?" in page and "Why well?" in page and "cem" in page
    todo = (course.out / "by_hand_todo.csv").read_text("utf-8-sig")
    assert len(course.rows("by_hand_todo.csv")) == 4
    begun = todo.replace("ann,97.report,question,2,,", "ann,97.report,question,2,1.5,Say when.")
    (course.out / "by_hand.csv").write_text(
        begun.replace("ann,97.report,plan,3,,", "ann,97.report,plan,3,3,")
    )
    course.run()
    marks = {row["student"]: row for row in course.rows("grades.csv")}
    assert [marks[one]["97.report"] for one in ("ann", "bob", "cem")] == ["4.5", "", "0"]
    assert marks["ann"]["total"] == "6.5" and marks["bob"]["total"] == "" and marks["ann"]["out of"] == "8"
    assert len(course.rows("by_hand_todo.csv")) == 2
    feedback = (course.out / "feedback" / "ann.html").read_text()
    assert "Say when." in feedback and "1.5 of 2" in feedback and "Whole." in feedback
    course.run(lessons=["98"])  # another lesson: these marks stay
    assert {row["student"]: row["97.report"] for row in course.rows("grades.csv")}["ann"] == "4.5"


def test_comments_and_own_marks_reach_a_task_by_hand(course, monkeypatch):
    monkeypatch.setattr(by_hand, "every", lambda: [REPORT])
    course.hand_in("ann", STUDY)
    course.out.mkdir()
    (course.out / "by_hand.csv").write_text(
        "student,exercise,criterion,points,comment\nann,97.report,plan,,\n"
    )
    (course.out / "comments.csv").write_text("student,exercise,comment\nann,97.report,I liked it.\n")
    (course.out / "overrides.csv").write_text("student,exercise,points,reason\nann,97.report,4,agreed\n")
    course.run()
    assert course.rows("grades.csv")[0]["97.report"] == "4"
    assert "I liked it." in (course.out / "feedback" / "ann.html").read_text()


def test_an_anonymous_task_shows_pseudonyms_and_takes_them_back(course, monkeypatch):
    monkeypatch.setattr(by_hand, "every", lambda: [replace(REPORT, anonymous=True)])
    course.hand_in("ann", STUDY)
    course.run()
    (first, second) = course.rows("by_hand_todo.csv")
    page = (course.out / "answers" / "97.report.html").read_text()
    assert first["student"] in page and first["student"] == second["student"] and ">ann<" not in page
    lines = [
        f"{first['student']},97.report,{name},{points}," for name, points in (("question", 2), ("plan", 3))
    ]
    (course.out / "by_hand.csv").write_text("\n".join(["student,exercise,criterion,points,comment", *lines]))
    course.run()
    assert course.rows("grades.csv")[0]["97.report"] == "5"


# Pseudonyms


def test_no_name_leaves_the_file_of_pseudonyms(course):
    course.hand_in("ann", ONCE)
    course.hand_in("bob", RIGHT, file="_other")
    course.hand_in("cem_and_ann", RIGHT)
    results = course.run(anonymous=True)
    listed = {row["student"]: row["pseudonym"] for row in course.rows("pseudonyms.csv") if row["name"]}
    assert results[listed["bob"], "97.1"].points == 2 and {len(name) for name in listed.values()} == {8}
    for path in course.out.rglob("*"):
        if path.is_file() and path.name != "pseudonyms.csv":
            text = path.read_text(encoding="utf-8") + path.name
            assert not any(word in text for word in ("ann.ipynb", "Ann Other", "bob", "Bob Own", "cem"))
    assert not (course.out / "publish").exists()
    assert {row["file"] for row in course.rows("pseudonyms.csv")} >= {"", "ann.ipynb", "bob_other.ipynb"}


def test_anonymous_results_take_overrides_and_stay_out_of_a_folder_with_names(course):
    course.hand_in("ann", ONCE)
    hidden = next(student for (student, id), one in course.run(anonymous=True).items() if one.file)
    (course.out / "overrides.csv").write_text(
        f"student,exercise,points,reason\n{hidden},97.1,1,kind\nbob,97.1,2,too\n"
    )
    assert sorted(one.points for one in course.run(anonymous=True).values()) == [0, 0, 0, 0, 1, 2]
    course.out = course.folder / "named"
    course.run()
    with pytest.raises(CourseError, match="this folder holds results with names already"):
        course.run(anonymous=True)


def test_two_students_never_share_a_pseudonym(monkeypatch):
    drawn = iter([b"\0" * 4, b"\0" * 4, b"\1" * 4])
    monkeypatch.setattr(seeds, "_digest", lambda key, text: next(drawn))
    assert seeds.pseudonyms(b"key", ["ann", "bob"]) == {"ann": "00000000", "bob": "01010101"}


# Sandbox, rehearsal, wrong requests


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            {"sandbox": "none"},
            "--sandbox none: students' code would run as you. Use bwrap or docker. Add --unsafe",
        ),
        ({"sandbox": "docker"}, "--sandbox docker: it needs an image"),
        ({}, "--sandbox bwrap: it does not work here. no bwrap"),
        ({"sandbox": "bwrap"}, "--sandbox bwrap: it does not work here. no bwrap"),
        ({"image": "python"}, "--sandbox bwrap: it does not work here. no bwrap"),
    ],
)
def test_no_sandbox_no_grades(course, monkeypatch, options, expected):
    course.hand_in("ann", RIGHT)
    monkeypatch.setattr(marking.sandbox, "available", lambda kind: f"no {kind}")
    with pytest.raises(CourseError, match=expected):
        course.run(**options)


def test_docker_where_there_is_no_bwrap(course, monkeypatch, capsys):
    monkeypatch.setattr(marking.sandbox, "available", lambda kind: "no bwrap" if kind == "bwrap" else "")
    course.hand_in("ann", RIGHT)
    assert course.run(image="python:3.11")["ann", "97.1"].points == 2
    assert "bwrap does not work here (no bwrap), so docker is used" in capsys.readouterr().err


def test_unsafe_warns_of_the_risks(course, capsys):
    course.hand_in("ann", RIGHT)
    assert course.run(sandbox="none", unsafe=True)["ann", "97.1"].points == 2
    assert "can read and change your files" in capsys.readouterr().err


def test_a_rehearsal_goes_first_and_stops_where_the_bank_is_wrong(course, monkeypatch, capsys):
    course.hand_in("ann", RIGHT)
    runs = count_runs(monkeypatch)
    assert (
        course.run(dry_run=True)["ann", "97.1"].points == 2
    )  # masters/ has no 97: the bank's reference answers
    table = capsys.readouterr().out
    assert (
        "97.1            2              2           0\n97.2            1              1           0\n"
        in table
    )
    runs.clear()
    monkeypatch.setattr(made_class, "stub", lambda one: {**STUBS, "97.1": RIGHT}[one.id])
    course.hand_in("ann", ONCE)
    with pytest.raises(
        CourseError, match=r"exercise 97\.1: the teacher's own solution should get full marks"
    ):
        course.run(dry_run=True)
    assert "empty copy: graded" in capsys.readouterr().out and not any(job.answer == ONCE for job in runs)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"lessons": ["55"]}, "--lessons 55: there are no exercises of this lesson. There are: 97, 98"),
        ({"regrade": ["98.1"]}, "--regrade 98.1: there is no such exercise among those that are graded"),
        ({"executor": "slurm"}, "--executor slurm: there is no such executor"),
    ],
)
def test_an_unknown_lesson_exercise_or_executor_is_an_error(course, options, expected):
    course.hand_in("ann", RIGHT)
    with pytest.raises(CourseError, match=expected):
        course.run(**options)


def test_a_bank_without_the_exercise(course):
    (course.folder / "bank" / "lesson_97.py").write_text("BANK = {}")
    with pytest.raises(CourseError, match=r"lesson_97.py: exercise 97.1 is not in its BANK"):
        course.run()


def test_results_are_written_whole_and_in_order(course):
    course.hand_in("bob", RIGHT)
    results = course.run()
    lines = [json.loads(line) for line in (course.out / "results.jsonl").read_text().splitlines()]
    assert [(line["student"], line["exercise"]) for line in lines] == list(results)
    assert lines[2]["cases"][0] == {"number": 1, "state": "ok", "message": "", "output": ""}


# What a run needs to know of the last one


def test_marks_of_other_lessons_stay(course):
    labels = "def labels(x):\n    return (x > 0).astype(int)\n"
    course.hand_in("ann", RIGHT)
    course.run(lessons=["97"])
    course.hand_in("ann", labels, file="_98", when=NOON + timedelta(days=7))
    (course.folder / "submissions" / "ann.ipynb").unlink()  # the next week's folder has only its own files
    found = course.run(lessons=["98"])
    assert {exercise for _, exercise in found} == {"98.1"} and found["ann", "98.1"].points == 3
    ann = course.rows("grades.csv")[0]
    assert (ann["97.1"], ann["98.1"], ann["total"], ann["out of"]) == ("2", "3", "5", "6")
    page = (course.out / "feedback" / "ann.html").read_text()
    assert "All 4 cases are right." in page and "98.1 Labels" in page
    assert {row["file"]: row["counts_for"] for row in course.rows("submissions.csv")} == {
        "ann.ipynb": "97.1",
        "ann_98.ipynb": "98.1",
    }
    course.run(lessons=["98"], anonymous=True, out=course.folder / "hidden")
    course.run(lessons=["97"], anonymous=True, out=course.folder / "hidden")
    assert len(rows(course.folder / "hidden" / "grades.csv")[0]) == 7


def test_an_override_reaches_the_marks_of_other_lessons(course):
    course.hand_in("ann", RIGHT)
    course.run(lessons=["97"])
    (course.out / "overrides.csv").write_text("student,exercise,points,reason\nann,97.1,1.5,copied\n")
    course.run(lessons=["98"])
    assert course.rows("grades.csv")[0]["97.1"] == "1.5"


def test_a_later_call_need_not_repeat_how_it_was_graded(course):
    """`--regrade 02.4` without the deadline made late work be in time."""
    given = {"out": course.out}
    assert settings.resumed(given) == (given, [])
    course.run(lessons=["97"], deadline=NOON, count="in-time")
    options, taken = settings.resumed({**given, "regrade": ["97.1"]})
    assert options == {**given, "regrade": ["97.1"], "lessons": ["97"], "deadline": NOON, "count": "in-time"}
    assert taken == ["--lessons 97", "--deadline 2026-12-01T12:00", "--count in-time"]
    options, taken = settings.resumed({**given, "lessons": ["97"], "count": "latest"})
    assert options["count"] == "latest" and taken == ["--deadline 2026-12-01T12:00"]
    course.run(lessons=["98"])
    assert settings.resumed({**given, "lessons": ["98"]})[1] == []
    with pytest.raises(CourseError, match="settings are different"):
        settings.resumed(given)
    assert settings.resumed({**given, "deadline": NOON, "count": "latest"})[0]["lessons"] == ["97", "98"]


def test_a_new_lesson_does_not_get_the_deadline_of_another(course):
    """`--lessons 97 98` made all work for 98 late, since 97 had a deadline the week before."""
    course.run(lessons=["97"], deadline=NOON)
    options, taken = settings.resumed({"out": course.out, "lessons": ["97", "98"]})
    assert options["deadline"] == {"97": NOON} and taken == ["--deadline 97=2026-12-01T12:00"]


def test_pseudonyms_stay_pseudonyms(course):
    course.run(anonymous=True)
    assert settings.resumed({"out": course.out})[0]["anonymous"] is True


def test_damaged_settings_are_one_error(course):
    course.out.mkdir()
    (course.out / "settings.json").write_text("{}")
    with pytest.raises(CourseError, match="it is damaged"):
        settings.resumed({"out": course.out})


def test_what_is_plausible_depends_on_what_is_right():
    """Every right answer passes, also as a list, with all its digits."""
    right = [np.random.default_rng(0).normal(size=(9, 500)) / 3, "text", 7]
    assert len(channel.pack(right[0].tolist())) < marking._most(right) < channel.HEADER
    assert marking._most([3]) < 1 << 17
    assert marking._most([1j]) == channel.HEADER  # never sent by a sandbox, so compared as it is


# What the student's page can carry out

WORDS = [f"w{chr(97 + a)}{chr(97 + b)}" for a in range(26) for b in range(26)]
CARRIES = {
    "names": """    one, other = WORDS[n % 676], WORDS[n // 676 % 676]
    raise AttributeError(f"{one!r} object has no attribute {other!r}")""",
    "a line": """    raise ValueError(f"math domain error (line {n % 40 + 1})")""",
    "a type": """    raise [ValueError, TypeError, IndexError, KeyError, OSError][n % 5]("x")""",
    "a sentence": """    raise ValueError(["math domain error", "division by zero"][n % 2])""",
    "when it fails": """    if n % 2: raise ValueError("math domain error")
    raise ValueError("division by zero")""",
    # Two sandboxes can give each other hidden signs, for example by what is in the system's memory.
    "a run on the public examples": """    import sys
    seen = sys.modules.setdefault("letterbox", [])
    if (x != 1).any(): seen.append(n)
    raise AttributeError(f"{WORDS[seen[0] % 676]!r} object has no attribute {WORDS[seen[1] % 676]!r}")""",
}


@pytest.mark.parametrize("way", CARRIES)
def test_an_exception_says_nothing_about_hidden_inputs(course, way, monkeypatch):
    """In one submission, all hidden arguments of 3 of 5 cases could be read from the page."""
    head = f"WORDS = {WORDS}\n" + "# more lines\n" * 40 + "def double(x):\n    n = int(abs(x[0]) * 1e6)\n"
    course.hand_in("ann", head + CARRIES[way])
    pages, outputs = set(), set()
    for key in range(6):
        (course.folder / "seed.key").write_text(f"key number {key} of enough bytes")
        monkeypatch.setitem(sys.modules, "letterbox", [])
        cases = course.run(out=course.folder / f"out{key}")["ann", "97.1"].cases
        outputs.add(tuple(case.output for case in cases))
        pages.add((course.folder / f"out{key}" / "feedback" / "ann.html").read_text())
        pages.add((course.folder / "out0" / "gradescope" / "ann.json").read_text())
    assert len(outputs) > 1 and len(pages) == 2  # the teacher's words differ, the student's page does not


def test_what_can_be_seen_in_the_cell_is_explained(course):
    course.hand_in("ann", "def double(x):\n    return y * x\n")
    course.hand_in(
        "bob", "try: import google.colab\nexcept ImportError: pass\ndef double(x):\n    return 1 / 0\n"
    )
    course.hand_in("cem", "def double(x):\n    return 1 / 0\n")
    results = course.run(lessons=["97"])
    assert {one: results[one, "97.1"].faults for one in ("ann", "bob", "cem")} == {
        "ann": (("names", "y"),),
        "bob": (("modules", "google.colab"),),
        "cem": (),
    }
    page = lambda one: (course.out / "feedback" / f"{one}.html").read_text()
    pages = [page(one) for one in ("ann", "bob", "cem")]
    assert "does not define or import: y." in pages[0] and "runs this cell alone" in pages[0]
    assert "does not have: google.colab." in pages[1]
    assert "ZeroDivisionError" not in pages[2] and "small and unusual ones" in pages[2]
    course.run(lessons=["98"])
    assert "98.1" in page("ann") and "does not define or import: y." in page(
        "ann"
    )  # an earlier lesson keeps its words
