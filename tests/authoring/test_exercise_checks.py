"""The checks put to the test: what is unsound is found. That the course's own are sound is said in
tests/bank.
"""

import json

import numpy as np
import pytest

from course_lib.authoring import exercise_checks
from course_lib.exercises import Exercise
from course_lib.exercises.compare import Tolerance
from course_lib.exercises.values import from_json
from course_lib.grading.bank import Private

X = np.array([[1.0, 2.5], [4.0, 8.25], [0.5, 1.75]])
MEANS = Exercise(
    "09.1",
    "means",
    "Means",
    2,
    "text",
    "float array (d,)",
    examples=((X,), (X.T,)),
    hints={"wrong axis": "axis=0", "sums": "Divide."},
)
SOLUTION = """def means(x):
    ### BEGIN SOLUTION
    return x.mean(axis=0)
    ### END SOLUTION"""


def means(x):
    return x.mean(axis=0)


def inputs(rng, k):
    return (rng.normal(size=(4 + k, 4 + k)),)


NEAR = {"wrong axis": lambda x: x.mean(axis=1), "sums": lambda x: x.sum(axis=0)}


def private(**changes):
    return Private(**{"reference": means, "inputs": inputs, "near_misses": NEAR} | changes)


def rows(exercise=MEANS, bank=None, solution=SOLUTION):
    return {row.what: row for row in exercise_checks.trial(exercise, bank or private(), solution)}


def wrong(**options):
    return {what: row.wrong for what, row in rows(**options).items() if row.wrong}


def with_(exercise=MEANS, **changes):
    return Exercise(
        **{**{name: getattr(exercise, name) for name in Exercise.__dataclass_fields__}, **changes}
    )


# A sound one, and what the table says of it


def test_a_sound_exercise_has_nothing_wrong_and_every_mutant_scores_nothing():
    found = rows()
    assert not [str(row) for row in found.values() if row.wrong]
    assert {what for what, row in found.items() if row.fraction} == {
        "the bank's reference",
        "the master's solution",
    }
    assert {
        "the empty copy",
        "None",
        "0",
        "an empty text",
        "an empty array",
        "the first example's value",
        "zeros of the right shape",
        "NaN",
        "the mean as a number",
        "the mean as an array without dimensions",
        "the mean as an array of one",
        "reversed",
        "cut to whole numbers",
        "off by one",
        "near-miss: wrong axis",
        "near-miss: sums",
    } <= set(found)
    assert "transposed" not in found  # the answer has one dimension


def test_what_equals_the_right_answer_is_not_counted_as_caught():
    even = private(reference=lambda x: np.round(x).sum(axis=0), near_misses={})
    found = rows(with_(hints={}), even, SOLUTION.replace("x.mean", "np.round(x).sum"))
    assert found["cut to whole numbers (equivalent)"].fraction is None
    symmetric = private(reference=lambda x: x @ x.T, near_misses={})
    found = rows(with_(hints={}), symmetric, SOLUTION.replace("x.mean(axis=0)", "x @ x.T"))
    assert found["transposed (equivalent)"].fraction is None and found["reversed"].fraction == 0


def test_answers_of_several_values_are_changed_in_each():
    pair = private(reference=lambda x: (x.mean(axis=0), x.shape[0]), near_misses={})
    solution = SOLUTION.replace("x.mean(axis=0)", "x.mean(axis=0), len(x)")
    found = rows(with_(hints={}), pair, solution)
    assert not [str(row) for row in found.values() if row.wrong]
    assert {"reversed", "NaN", "zeros of the right shape"} <= set(found)


def test_each_function_is_executed_once_on_each_input():
    called = []

    def noted(name, function):
        def one(x):
            called.append((name, x.tobytes()))
            return function(x)

        return one

    near = {name: noted(name, function) for name, function in NEAR.items()}
    made = exercise_checks.material(MEANS, private(reference=noted("right", means), near_misses=near))
    assert len(made.shown) == 2 and len(made.hidden) == 3 * 5
    assert len(called) == len(set(called)) == 3 * (2 + 3 * 5)
    for case in [*made.shown, *made.hidden]:
        assert (
            np.array_equal(case.right, means(*case.arguments))
            and case.reference is case.right
            and not case.changed
        )
        assert np.array_equal(case.near["sums"], NEAR["sums"](*case.arguments))


def test_what_was_executed_is_not_executed_again(monkeypatch):
    monkeypatch.setattr(exercise_checks.exercises, "lesson", lambda number: [MEANS])
    monkeypatch.setattr(exercise_checks.bank, "load", lambda folder, lessons: {"09.1": private()})
    monkeypatch.setattr(exercise_checks.bank, "alternatives", lambda folder, lesson: {})
    monkeypatch.setattr(exercise_checks.masters, "solutions", lambda number: {"09.1": SOLUTION})
    executed, table, values = (
        exercise_checks.execute("09"),
        exercise_checks.table(["09"]),
        exercise_checks.values("09"),
    )
    monkeypatch.setattr(exercise_checks, "execute", lambda number: pytest.fail("executed again"))
    assert (
        exercise_checks.table(["09"], {"09": executed})
        == table
        == exercise_checks.trial(MEANS, private(), SOLUTION)
    )
    assert exercise_checks.values("09", executed) == values


# What is unsound


def test_a_solution_that_is_wrong_or_raises_is_found():
    assert "the master's solution" in wrong(solution=SOLUTION.replace("axis=0", "axis=1"))
    assert "the master's solution" in wrong(solution=SOLUTION.replace("x.mean", "x.moan"))
    assert "the master's solution" in wrong(solution="")


def test_a_solution_that_works_without_being_written_is_found():
    given_away = (
        "def means(x):\n    return x.mean(axis=0)\n    ### BEGIN SOLUTION\n    pass\n    ### END SOLUTION"
    )
    assert wrong(solution=given_away) == {"the empty copy": "it should get no hidden case right"}


@pytest.mark.parametrize(
    "forbidden, line",
    [
        ((), "import course_lib.features"),
        ((), "from course_lib import features"),
        (("fractions",), "import fractions"),
    ],
)
def test_a_solution_that_needs_what_the_grader_hides_is_found(forbidden, line):
    solution = SOLUTION.replace("    return", f"    {line}\n    return")
    assert "the master's solution" in wrong(exercise=with_(forbidden=forbidden), solution=solution)
    import fractions  # hidden from the solution only

    assert fractions


@pytest.mark.parametrize(
    "reference, mutant",
    [
        (lambda x: np.array([1.0, 2.0]), "the first example's value"),
        (lambda x: np.zeros(3), "zeros of the right shape"),
        (lambda x: bool(x.sum() > 0), "zeros of the right shape"),
        (lambda x: "happy" if x.sum() > 0 else "sad", "the most common text"),
        (lambda x: np.array([]), "an empty array"),
        (lambda x: np.full(3, np.nan), "NaN"),
    ],
    ids=["constant", "zeros", "truth value", "one label", "empty", "NaN"],
)
def test_an_exercise_that_a_constant_solves_is_found(reference, mutant):
    """NaN is the one right answer here, so its mutant is "equivalent" and the others of its shape are wrong
    anyway.
    """
    found = rows(with_(hints={}), private(reference=reference, near_misses={}))
    if mutant == "NaN":
        assert not found.get("NaN") and not [
            row for what, row in found.items() if what == "NaN" and row.wrong
        ]
    else:
        assert found[mutant].wrong and found[mutant].fraction > 0


def test_a_tolerance_that_lets_mistakes_pass_is_found():
    assert "off by one" in wrong(bank=private(tolerance=Tolerance(rtol=0, atol=1.5)))


def test_labels_that_the_commonest_one_meets_are_found():
    truth = np.array([1] * 8 + [5] * 2)
    labels = with_(examples=((X,),), truths=(truth,), at_least=0.75, hints={})
    bank = private(reference=lambda x: truth, truth=lambda rng, k: truth, near_misses={})
    found = wrong(
        exercise=labels, bank=bank, solution=SOLUTION.replace("x.mean(axis=0)", "np.array([1]*8 + [5]*2)")
    )
    assert "the most common label everywhere" in found
    assert "the most common label everywhere" not in wrong(exercise=with_(labels, at_least=0.85), bank=bank)


def test_a_near_miss_must_score_what_is_declared():
    half = lambda x: x.mean(axis=len(x) % 2)  # right for even sizes: of 4 to 8 rows three in five
    half_near = {**NEAR, "half": half}
    hints = {**MEANS.hints, "half": "help"}
    assert "near-miss: half" in wrong(exercise=with_(hints=hints), bank=private(near_misses=half_near))
    declared = {**NEAR, "half": (half, 0.6)}
    row = rows(with_(hints=hints), private(near_misses=declared))["near-miss: half"]
    assert row.fraction == pytest.approx(0.6) and "cases" not in row.wrong


def test_a_near_miss_that_no_example_shows_is_found():
    square = with_(examples=((np.array([[1.0, 2.0], [2.0, 5.0]]),),))
    assert wrong(exercise=square) == {
        "near-miss: wrong axis": "on every public example it gives the right result"
    }


def test_a_near_miss_whose_hint_would_be_anothers_is_found():
    near = {**NEAR, "sums again": lambda x: x.sum(axis=0)}
    found = wrong(exercise=with_(hints={**MEANS.hints, "sums again": "help"}), bank=private(near_misses=near))
    assert found == {"near-miss: sums again": "the hint of 'sums' would be shown for it"}


def test_a_near_miss_that_raises_is_found():
    near = {**NEAR, "raises": lambda x: x.missing}
    found = wrong(exercise=with_(hints={**MEANS.hints, "raises": "help"}), bank=private(near_misses=near))
    assert "AttributeError" in found["near-miss: raises"]


def test_a_near_miss_that_equals_nothing_is_found():
    found = wrong(
        exercise=with_(hints={"nothing": "help"}), bank=private(near_misses={"nothing": lambda x: None})
    )
    assert found == {"near-miss: nothing": "the hint of None would be shown for it"}


def test_hints_and_near_misses_belong_together():
    assert (
        "near-miss without hint: sums"
        in wrong(exercise=with_(hints={"wrong axis": "a"}))["inputs and examples"]
    )
    assert "typo" in wrong(exercise=with_(hints={**MEANS.hints, "typo": "a"}))["inputs and examples"]


def changing(x):
    x -= x.min()
    return x.mean(axis=0)


@pytest.mark.parametrize(
    "bank, said",
    [
        (
            private(inputs=lambda rng, k: (np.random.default_rng().normal(size=(4, 4)),)),
            "other inputs for the same seed",
        ),
        (private(reference=changing), "changes its own input"),
        (private(inputs=lambda rng, k: [rng.normal(size=(4, 4))]), "should be a tuple"),
    ],
    ids=["other inputs", "changed input", "no tuple"],
)
def test_inputs_that_cannot_be_trusted_are_found(bank, said):
    assert said in rows(bank=bank)["inputs and examples"].wrong


def test_inputs_that_cannot_be_handed_over_and_a_reference_that_raises_are_found():
    assert (
        "TypeError"
        in wrong(bank=private(inputs=lambda rng, k: ({"a": 1},), reference=lambda x: 1))["its own functions"]
    )
    assert "ZeroDivisionError" in wrong(bank=private(reference=lambda x: 1 / 0))["its own functions"]


@pytest.mark.parametrize("example", [np.ones((2, 1001)), np.ones((5001, 4))], ids=["answer", "arguments"])
def test_a_public_example_is_small(example):
    assert (
        "a public example has more than"
        in rows(with_(examples=((X,), (example,))))["inputs and examples"].wrong
    )
    assert not rows(with_(examples=((X,), (np.ones((5000, 4)),))))["inputs and examples"].wrong


# Questions

QUESTION = Exercise(
    "09.2", "who", "Who?", 1, "text", "text", choices=("Ekman", "Scherer"), hints={"other": "No."}
)
ANSWER = 'def who():\n    ### BEGIN SOLUTION\n    return "Ekman"\n    ### END SOLUTION'


def test_a_question_has_one_case_and_its_near_misses_are_told_apart():
    found = rows(QUESTION, Private(lambda: "Ekman", near_misses={"other": lambda: "Scherer"}), ANSWER)
    assert not [str(row) for row in found.values() if row.wrong]
    assert (found["the master's solution"].fraction, found["near-miss: other"].fraction) == (1, 0)


def test_a_questions_answer_is_one_of_its_choices_and_not_zero():
    bank = Private(lambda: "Darwin", near_misses={"other": lambda: "Scherer"})
    assert (
        "not among the choices" in wrong(exercise=QUESTION, bank=bank, solution=ANSWER)["inputs and examples"]
    )
    zero = with_(QUESTION, choices=(), hints={})
    assert wrong(exercise=zero, bank=Private(lambda: 0), solution=ANSWER.replace('"Ekman"', "0")).keys() == {
        "0",
        "zeros of the right shape",
    }


# The values that are kept


@pytest.fixture
def made(monkeypatch, tmp_path):
    """`write_values` for one exercise of a lesson 09, into a folder of its own."""
    monkeypatch.setattr(exercise_checks.exercises, "lesson", lambda number: [MEANS])
    monkeypatch.setattr(exercise_checks.exercises, "__file__", str(tmp_path / "__init__.py"))
    monkeypatch.setattr(exercise_checks.bank, "load", lambda folder, lessons: {"09.1": private()})
    monkeypatch.setattr(exercise_checks.masters, "solutions", lambda number: {"09.1": SOLUTION})
    return exercise_checks.write_values("09")


def test_values_are_the_stub_and_what_reference_and_near_misses_return(made):
    entry = json.loads(made.read_text(encoding="utf-8"))["09.1"]
    assert entry["stub"] == "def means(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
    assert np.array_equal(
        from_json(entry["examples"][0]), X.mean(axis=0)
    )  # not rounded: 11/6 comes back whole
    assert [list(from_json(value)) for value in entry["near_misses"]["sums"]] == [
        list(X.sum(0)),
        list(X.sum(1)),
    ]


def test_values_are_written_an_example_a_line_and_the_same_again(made):
    before = made.read_bytes()
    assert exercise_checks.write_values("09").read_bytes() == before and b"\r" not in before
    lines = before.decode().splitlines()
    assert sum(line.strip().startswith('{"dtype"') for line in lines) == 2 + 2 * 2 and before.endswith(b"}\n")


def test_labels_that_are_right_need_no_reference(monkeypatch):
    labels = with_(truths=(np.array([1, 2]), np.array([3, 4, 5])))
    monkeypatch.setattr(exercise_checks.exercises, "lesson", lambda number: [labels])
    monkeypatch.setattr(exercise_checks.bank, "load", lambda folder, lessons: {"09.1": private()})
    monkeypatch.setattr(exercise_checks.masters, "solutions", lambda number: {"09.1": SOLUTION})
    assert [value["data"] for value in exercise_checks.values("09")["09.1"]["examples"]] == [
        [1, 2],
        [3, 4, 5],
    ]
