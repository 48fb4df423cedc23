"""Pairs of similar answers: copies are found in a class, what everybody writes is not."""

import ast

import pytest

from course_lib import exercises
from course_lib.core.paths import ROOT
from course_lib.exercises.cells import Code
from course_lib.grading import fingerprints, rehearsal, trees
from course_lib.grading.output.pairs import REFERENCE, Pair, pairs, read, write

BANK = ROOT / "bank"


def prints(text):
    return fingerprints.of(trees.plain(Code(text).tree))


def template(id):
    return fingerprints.grams(trees.plain(Code(exercises.kept(id)["stub"]).tree))


def own(id):
    """The master's solution and the bank's reference."""
    exercise = exercises.find(id)
    return rehearsal.solutions([exercise], BANK)[id], rehearsal.function(exercise, BANK)


def dead(text):
    """The same text with `_ = 0` at the beginning of each function."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.body.insert(0, ast.parse("_ = 0").body[0])
    return ast.unparse(tree)


@pytest.mark.parametrize("id", ["02.2", "02.3", "09.3"])
@pytest.mark.parametrize("which", [0, 1], ids=["the solution", "the reference"])
def test_a_copy_of_our_own_answer_with_a_dead_line_is_found(id, which):
    references = [prints(text) for text in own(id)]
    answers = {"ann": prints(dead(own(id)[which])), "bob": prints(own(id)[1 - which])}
    found = pairs(id, {"ann": answers["ann"]}, references, template(id))
    assert [(one.students, one.others, one.percent, one.percent_back) for one in found] == [
        (("ann",), (REFERENCE,), 100, 100)
    ]
    assert not any(set(one.students + one.others) == {"ann", "bob"} for one in pairs(id, answers))


def test_our_two_answers_to_each_exercise_are_not_alike():
    found = []
    every = exercises.every()
    solutions = rehearsal.solutions(every, BANK)
    for one in every:
        reference = rehearsal.function(one, BANK)
        if one.examples and reference:
            found += pairs(
                one.id, {"ann": prints(solutions[one.id]), "bob": prints(reference)}, [], template(one.id)
            )
    assert found == []


LONG = """
def own(y, size):
    first = np.sort(np.abs(y))[: size // 2]
    second = np.fft.rfft(first, n=2 * size)
    return np.concatenate([first, second.real]) / second.imag.sum()
"""


def test_what_the_whole_class_has_is_no_hint():
    alone = {"ann": prints(LONG), "bob": prints(LONG + "    x = 1\n")}
    assert len(pairs("01.1", alone)) == 0  # the same fingerprints are one answer: `similar.groups` lists them
    longer = prints(LONG.replace("    second", "    first[first < y.min() / 3] = size\n    second"))
    assert [one.students for one in pairs("01.1", {"ann": prints(LONG), "bob": longer})] == [("ann",)]
    everybody = {f"s{number}": prints(LONG) for number in range(60)}
    assert pairs("01.1", {**everybody, "bob": longer}) == []


def test_the_template_counts_nothing():
    longer = LONG.replace("    second", "    first[first < y.min() / 3] = size\n    second")
    answers = {"ann": prints(LONG), "bob": prints(longer)}
    assert pairs("01.1", answers) and not pairs(
        "01.1", answers, [], fingerprints.grams(trees.plain(ast.parse(LONG)))
    )


def test_answers_without_fingerprints_make_no_pair():
    assert pairs("01.1", {"ann": (), "bob": ()}, [()]) == [] == pairs("01.1", {})


def test_the_table_is_read_back(tmp_path):
    found = [
        Pair("01.1", ("ann", "bob"), (REFERENCE,), 90, 60, 41),
        Pair("01.2", ("cem",), ("dot",), 100, 100, 80),
    ]
    write(found, tmp_path / "pairs.csv")
    assert read(tmp_path / "pairs.csv") == found and read(tmp_path / "none.csv") == []
