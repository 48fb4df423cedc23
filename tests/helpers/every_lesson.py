"""What holds of the exercises of every lesson: a lesson's file takes it over by a class of its own."""

import json
from pathlib import Path

import pytest

from course_lib import exercises
from course_lib.authoring import exercise_checks
from course_lib.exercises import cells
from course_lib.exercises.checking import tolerance
from course_lib.exercises.compare import compare
from course_lib.exercises.values import from_json
from course_lib.grading import channel
from course_lib.lessons import masters


class EveryLesson:
    def test_nothing_in_the_table_is_wrong(self, lesson):
        assert not [str(row) for row in lesson.table if row.wrong]

    def test_what_is_right_scores_full_and_what_is_empty_nothing(self, exercise, lesson):
        fraction = {row.what: row.fraction for row in lesson.table if row.exercise == exercise.id}
        assert (
            fraction["the bank's reference"],
            fraction["the master's solution"],
            fraction["the empty copy"],
        ) == (
            1,
            1,
            0,
        )
        assert {f"near-miss: {name}" for name in exercise.hints} <= set(fraction)

    def test_the_values_that_check_compares_with_are_those_of_the_bank(self, lesson):
        path = Path(exercises.__file__).parent / f"lesson_{lesson.number}.json"
        stands = json.loads(path.read_text(encoding="utf-8"))
        should = exercise_checks.values(lesson.number, lesson.executed)
        assert _without_values(stands) == _without_values(should), f"run: course build {lesson.number}"
        for id, entry in should.items():
            for name, values in {"right": entry["examples"], **entry["near_misses"]}.items():
                kept = stands[id]["examples"] if name == "right" else stands[id]["near_misses"][name]
                # Not to the last digit: another machine may add up in another order, of which a sound's
                # features in float32 show more than six digits. `check` has the same tolerance.
                near = compare(from_json(kept), from_json(values), tolerance(exercises.find(id)))
                assert near is None, (id, name)

    def test_hidden_inputs_are_small_and_every_student_has_others(self, exercise, lesson):
        frames = [channel.pack(case.arguments) for case in lesson.hidden(exercise.id)]
        assert max(map(len, frames)) < 1_000_000 and len(set(frames)) == len(frames)

    def test_the_right_choice_is_one_of_them_and_each_wrong_one_has_its_hint(self, exercise, lesson):
        private = lesson.executed[exercise.id].private
        assert set(private.near_misses) == set(exercise.hints)
        assert not set(exercise.hints) & set(
            exercise.choices
        )  # who may see the hints must not see what is wrong
        if exercise.choices:
            [case] = lesson.hidden(exercise.id)
            assert {case.right, *case.near.values()} == set(exercise.choices)
            assert len(case.near) == len(exercise.choices) - 1

    def test_other_right_answers_are_written_and_get_full_marks(self, exercise, lesson):
        if exercise.choices:
            pytest.skip("the answer is one of a few texts, which can be written in one way only")
        fraction = {row.what: row.fraction for row in lesson.table if row.exercise == exercise.id}
        names = [f"alternative: {name}" for name in lesson.alternatives.get(exercise.id, {})]
        assert len(names) >= 2 and [fraction[name] for name in names] == [1] * len(names)

    def test_no_solution_leans_on_another_cell(self, lesson):
        for id, source in masters.solutions(lesson.number).items():
            assert cells.Code(source).missing() == [], id


def _without_values(values):
    return {id: (entry["stub"], list(entry["near_misses"])) for id, entry in values.items()}
