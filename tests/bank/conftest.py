"""The bank of each lesson, executed once: all tests of its file read what came of it."""

from functools import cached_property

import pytest

from course_lib import exercises
from course_lib.authoring import exercise_checks
from course_lib.core.paths import ROOT
from course_lib.grading import bank


class Lesson:
    """A lesson whose references and near-misses were executed, once on each public example and hidden
    input."""

    def __init__(self, number):
        self.number, self.executed = number, exercise_checks.execute(number)

    @cached_property
    def table(self):
        """The rows that `course build` looks at."""
        return exercise_checks.table([self.number], {self.number: self.executed})

    @cached_property
    def alternatives(self):
        """The other right answers: {exercise id: {how it is written: function}}."""
        return bank.alternatives(ROOT / "bank", self.number)

    def right(self, id, *arguments):
        """What the reference answers to input that is a test's own."""
        return self.executed[id].private.reference(*arguments)

    def near(self, id, name, *arguments):
        """What a near-miss answers to input that is a test's own."""
        found = self.executed[id].private.near_misses[name]
        return (found[0] if isinstance(found, tuple) else found)(*arguments)

    def shown(self, id):
        """The public examples."""
        return self.executed[id].shown

    def hidden(self, id):
        """The hidden cases of several students."""
        return self.executed[id].hidden

    def cases(self, id):
        """The hidden cases of one student."""
        return self.hidden(id)[: self.executed[id].private.cases]

    def cases_and_examples(self, id):
        return [*self.cases(id), *self.shown(id)]


@pytest.fixture(scope="module")
def lesson(request):
    """The lesson whose number the file's name ends with."""
    return Lesson(_number(request.path))


def pytest_generate_tests(metafunc):
    """A test of an `exercise` is one of each exercise of its file's lesson."""
    if "exercise" in metafunc.fixturenames:
        own = exercises.lesson(_number(metafunc.definition.path))
        metafunc.parametrize("exercise", own, ids=[one.id for one in own])


def _number(path):
    return path.stem[-2:]
