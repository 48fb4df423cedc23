"""A made class: exercises that no lesson has, their bank, a key, a roster, and a run that grades it."""

import csv

from course_lib import exercises
from course_lib.exercises import Exercise
from course_lib.grading.run import Run

# Sort a list: what the attacks answer.
SORT = Exercise(
    id="97.1",
    name="f",
    title="Sort",
    points=2,
    text="",
    returns="list of int",
    examples=(([3, 1],),),
    seconds=0.3,
    memory=256,
)


def teach(monkeypatch, *made):
    """Put exercises into the place of the course's own."""
    known = {one.id: one for one in made}
    monkeypatch.setattr(exercises, "lesson", lambda number: [one for one in made if one.id[:2] == number])
    monkeypatch.setattr(exercises, "every", lambda: list(made))
    kept = lambda id: {"stub": stub(known[id]), "examples": [], "near_misses": {}}
    monkeypatch.setattr(exercises, "kept", kept)


def stub(exercise):
    """The cell of an exercise as it is given out; a question has no argument."""
    argument = "x" if exercise.examples else ""
    return f"def {exercise.name}({argument}):\n    # YOUR CODE HERE\n    raise NotImplementedError()\n"


def enrol(folder, students, bank):
    """Write a class without submissions: {student: name} and {lesson: source of its bank}."""
    (folder / "submissions").mkdir()
    (folder / "bank").mkdir()
    (folder / "seed.key").write_text("one key of enough bytes\n")
    with open(folder / "roster.csv", "w", newline="") as file:
        csv.writer(file).writerows([("student", "name"), *students.items()])
    for lesson, source in bank.items():
        (folder / "bank" / f"lesson_{lesson}.py").write_text(source)


def run(folder, out="out", **options):
    """The run that grades the class, into a folder of that name."""
    given = (folder / name for name in ("submissions", "bank", "seed.key", "roster.csv"))
    return Run(*given, folder / out, **options)
