"""`course grade`: from a folder of submissions to points.

The right answers are computed here, from the bank and the key. A student's code runs in a sandbox, which
hands out plain values. The points go into OUT/results.jsonl, and from there into every file that people
read (`output`).
"""

import hashlib
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from course_lib import exercises
from course_lib.core.errors import CourseError
from course_lib.exercises import Exercise, by_hand
from course_lib.exercises.by_hand import Task
from course_lib.grading import by_hand as teacher
from course_lib.grading import (
    cache,
    comments,
    executors,
    intake,
    marking,
    overrides,
    rehearsal,
    seeds,
    settings,
)
from course_lib.grading import sandbox as sandboxes
from course_lib.grading.intake import Answer, Refused, Student, Submission
from course_lib.grading.output import write
from course_lib.grading.output.by_hand_page import ByHand
from course_lib.grading.results import Arrivals, Graded, Result, Undecided
from course_lib.grading.run import Run

Pair = tuple[str, str]  # student id, exercise id

UNSAFE = """Without a sandbox, students' code runs as you: it can read and change your files, the bank,
the key and the grades, use the network, and continue to run afterwards. Do this only on a machine that
holds nothing else and that you throw away afterwards."""


class Grader(NamedTuple):
    """A run with its key and its sandbox: makes the tasks, and runs them."""

    run: Run
    key: bytes
    sandbox: str

    def task(self, student: str, exercise: Exercise, answer: str) -> marking.Task:
        """Return the task of grading one answer, with the student's own seeds."""
        bank = Path(self.run.bank).resolve()
        cases = range(marking.count(exercise, marking.private(bank, exercise.id)))
        own = tuple(seeds.seed(self.key, exercise.id, student, k) for k in cases)
        return marking.Task(
            student, exercise.id, exercise.points, answer, str(bank), own, self.sandbox, self.run.image
        )

    def results(
        self,
        tasks: Sequence[marking.Task],
        done: Callable[[marking.Task, Result], object] = lambda task, result: None,
    ) -> dict[marking.Task, Result]:
        """Run the tasks and return {task: result}; `done` is called for each result as it arrives."""
        return executors.run(tasks, self.run.executor, self.run.jobs, done)


def grade(run: Run, notes: Sequence[str] = ()) -> list[Result]:
    """Grade a folder of submissions and write all tables and pages.

    The first line that is printed says what protects the grader from the answers.

    Parameters
    ----------
    run : Run
        The files and options, such as ``Run("submissions", "bank", "seed.key", "roster.csv", "out")``.
    notes : sequence of str
        Lines to print after the first.

    Returns
    -------
    list of Result
        One result for each student and exercise. If the grading of one answer fails, its result has the state
        "error" and no points. The cache does not keep it, so the same call tries it again.

    Raises
    ------
    CourseError
        If the teacher can correct the cause: a missing key, an unknown lesson, a sandbox that does not work.
    """
    out, bank = Path(run.out), Path(run.bank).resolve()
    key, chosen = _key(run.key, out), _exercises(run, bank)
    if run.sandbox != "none":
        _hidden_from_students(run.submissions, bank, run.key, run.roster, out)
    students, solutions = intake.read_roster(run.roster), rehearsal.solutions(chosen, bank)
    pseudonyms = _pseudonyms(key, students, out) if run.anonymous else {}
    tasks = [one for one in by_hand.every() if one.id[:2] in {own.id[:2] for own in chosen}]
    blind = seeds.pseudonyms(key, [one.id for one in students])
    known = {hidden: id for id, hidden in blind.items()} | {one.id: one.id for one in students}
    every_exercise = {one.id: one for one in _every()}
    marks = overrides.read(out / "overrides.csv", known, every_exercise)
    said = comments.read(out / comments.NAME, known, every_exercise)
    points = teacher.read(out / teacher.NAME, known, by_hand.every())
    grader = Grader(run, key, _sandbox(run))
    print("\n".join([_protections(run, grader.sandbox), *notes]))
    submissions, refused = intake.collect(run.submissions, students, chosen, run.pattern, tasks)
    if run.dry_run:
        rehearsal.run(chosen, solutions, grader)
    shard = [one for one in students if not run.shard or in_shard(one.id, *run.shard)]
    results = _results(shard, chosen, submissions, refused, grader)
    if run.shard:
        return results
    own = _by_hand(students, tasks, submissions, refused, points, run)
    counts = {id for _, id in points}  # a task has marks for all or for none
    everything = [
        *results,
        *(one for one in own if one.exercise in counts),
        *_of_other_lessons(out, chosen, students, pseudonyms),
    ]
    every = {one.exercise for one in everything} | {one.id for one in chosen}
    graded = Graded(
        comments.merge(overrides.merge(everything, marks), said),
        students,
        [one for one in _every() if one.id in every],
        submissions,
        refused,
        undecided(submissions, chosen, run),
    )
    marks_by_hand = ByHand(tasks, own, blind, run.anonymous)
    written = write.write(run, graded, solutions, pseudonyms, marks_by_hand)
    settings.write(run, sorted({one.id[:2] for one in chosen}))
    return [one for one in written if one.exercise in solutions]


def _of_other_lessons(
    out: Path, chosen: Sequence[Exercise], students: Sequence[Student], pseudonyms: Mapping[str, str]
) -> list[Result]:
    """Return the results that OUT holds of the lessons that are not graded now: they stay as they are."""
    lessons, ids = {one.id[:2] for one in chosen}, {one.id for one in _every()}
    known = {pseudonyms.get(one.id, one.id): one.id for one in students}
    return [
        one._replace(student=known[one.student])
        for one in write.read_results(out).values()
        if one.exercise[:2] not in lessons and one.exercise in ids and one.student in known
    ]


def _every() -> list[Exercise]:
    """Return all exercises, and the tasks that the teacher marks, in the course's order."""
    return sorted([*exercises.every(), *(one.exercise for one in by_hand.every())], key=lambda one: one.id)


# --- the request ---


def _hidden_from_students(*paths: str | Path) -> None:
    for path in paths:
        if sandboxes.shows(path):
            raise CourseError(
                path,
                "students' code could read it, because the sandbox shows the system's folders",
                "Move it to a folder of your own",
            )


def _key(path: str | Path, out: Path) -> bytes:
    if Path(path).resolve().is_relative_to(out.resolve()):
        raise CourseError(path, f"the key is inside {out}, a folder that others will read", "Move the key")
    return seeds.read_key(path)


def _exercises(run: Run, bank: Path) -> list[Exercise]:
    all_exercises = exercises.every()
    known = sorted({one.id[:2] for one in all_exercises})
    if unknown := [lesson for lesson in run.lessons if lesson not in known]:
        raise CourseError(
            f"--lessons {' '.join(unknown)}",
            "there are no exercises of this lesson",
            f"There are: {', '.join(known)}",
        )
    chosen = [one for one in all_exercises if not run.lessons or one.id[:2] in run.lessons]
    for one in chosen:
        marking.private(bank, one.id)  # raises if the bank does not hold the exercise
    if unknown := [id for id in run.regrade if id not in {one.id for one in chosen}]:
        raise CourseError(
            f"--regrade {' '.join(unknown)}",
            "there is no such exercise among those that are graded",
            f"There are: {', '.join(one.id for one in chosen)}",
        )
    return chosen


def _pseudonyms(key: bytes, students: Sequence[Student], out: Path) -> dict[str, str]:
    pseudonyms = seeds.pseudonyms(key, [one.id for one in students])
    if {student for student, _ in write.read_results(out)} & set(pseudonyms):
        raise CourseError(out, "this folder holds results with names already", "Give another folder: --out")
    return pseudonyms


def _sandbox(run: Run) -> str:
    if run.sandbox == "none":
        print(UNSAFE, file=sys.stderr)
    wanted = run.sandbox or "bwrap"
    if run.executor != "threads":  # whether it works is asked where it runs
        return wanted
    if not (why := sandboxes.available(wanted)):
        return wanted
    if not run.sandbox and run.image and not sandboxes.available("docker"):
        print(f"bwrap does not work here ({why}), so docker is used.", file=sys.stderr)
        return "docker"
    raise CourseError(f"--sandbox {wanted}", "it does not work here", why)


def _protections(run: Run, sandbox: str) -> str:
    if run.executor == "threads":
        return sandboxes.protections(sandbox)
    return f"Sandbox {sandbox}, on the workers of {run.executor}: what is on depends on their machines."


def in_shard(student: str, i: int, n: int) -> bool:
    """Return whether a student belongs to part `i` of `n` (counted from 1). A hash of the id decides.

    Examples
    --------
    >>> [in_shard("ann", part, 3) for part in (1, 2, 3)].count(True)
    1
    """
    return int.from_bytes(hashlib.sha256(student.encode("utf-8", "surrogatepass")).digest()) % n == i - 1


# --- which submission counts, and its points ---


def counted(
    own: Sequence[Submission],
    id: str,
    count: str = "latest",
    deadline: datetime | None = None,
) -> Submission | None:
    """Choose the submission that counts for an exercise.

    Parameters
    ----------
    own : sequence of Submission
        All submissions of one student.
    id : str
        The exercise, such as "02.1". A submission with its empty copy counts only if there is no other.
    count : {"latest", "first", "in-time"}
        "in-time" is the latest up to the deadline.
    deadline : datetime, optional
        With a time zone; needed for "in-time".

    Returns
    -------
    Submission or None
        None if no submission holds the exercise. Of files that came within `TOGETHER`, the one whose name
        has the highest number counts ("02 (1).ipynb", "02-1.ipynb": a browser or an LMS numbers the second
        file of a name), or, with "first", the lowest.
    """
    together = _together(own, id, count, deadline)
    return (min if count == "first" else max)(together, key=_order, default=None)


TOGETHER = timedelta(seconds=10)  # a zip has one time for all its files, and unpacking takes a moment


def _together(own: Sequence[Submission], id: str, count: str, deadline: datetime | None) -> list[Submission]:
    # The newest (or oldest) submissions with the exercise.
    limit = deadline if count == "in-time" else None
    own = [one for one in own if id in one.answers and (limit is None or one.when <= limit)]
    own = [one for one in own if one.answers[id].attempted] or own
    edge = (min if count == "first" else max)((one.when for one in own), default=None)
    return [one for one in own if edge is not None and abs(one.when - edge) <= TOGETHER]


def _order(one: Submission) -> tuple[int, datetime, str]:
    return _copy(one.file)[1], one.when, one.file


def _copy(file: str) -> tuple[str, int]:
    """Return (name without a copy's number, this number), such as ("02.ipynb", 1) for "02 (1).ipynb".

    Examples
    --------
    >>> _copy("ann/02 (1).ipynb"), _copy("ann/02-2.ipynb"), _copy("ann/02.ipynb")
    (('ann/02', 1), ('ann/02', 2), ('ann/02', 0))
    """
    stem = file.rpartition(".ipynb")[0] or file
    found = re.fullmatch(r"(.*?)(?: ?\((\d{1,3})\)|-(\d{1,3}))", stem, re.DOTALL)
    return (found[1], int(found[2] or found[3])) if found else (stem, 0)


def undecided(submissions: Sequence[Submission], exercises: Sequence[Exercise], run: Run) -> list[Undecided]:
    """Find the exercises for which a student handed in different answers at the same time, in files whose
    names do not say which is newer."""
    own: dict[str, list[Submission]] = {}
    for one in submissions:
        own.setdefault(one.student, []).append(one)
    found = []
    for student in sorted(own):
        for exercise in exercises:
            together = _together(own[student], exercise.id, run.count, run.deadline)
            if len(together) < 2:
                continue
            best = (min if run.count == "first" else max)(together, key=_order)
            (name, number), text = _copy(best.file), best.sources[exercise.id]
            others = [
                one.file
                for one in together
                if one.sources[exercise.id] != text
                and not (_copy(one.file)[0] == name and _copy(one.file)[1] != number)
            ]
            if others:
                found.append(Undecided(student, exercise.id, best.file, tuple(sorted(others))))
    return found


def _results(
    students: Sequence[Student],
    chosen: Sequence[Exercise],
    submissions: Sequence[Submission],
    refused: Sequence[Refused],
    grader: Grader,
) -> list[Result]:
    run, came = grader.run, Arrivals(submissions, refused)
    own: dict[str, list[Submission]] = {one.id: [] for one in students}
    for one in submissions:
        own.get(one.student, []).append(one)  # a student of another shard has no list
    answers: dict[Pair, Answer | None] = {}
    places: dict[Pair, Submission | None] = {}
    for student in own:
        for exercise in chosen:
            counts = counted(own[student], exercise.id, run.count, run.deadline)
            answers[student, exercise.id] = counts and counts.answers[exercise.id]
            # If there is only late work, which does not count, the result still names its file.
            places[student, exercise.id] = counts or counted(own[student], exercise.id)
    scored = _scored(answers, {one.id: one for one in chosen}, grader)
    return [
        _placed(scored[pair], place, pair[1], run.deadline)
        if place
        else scored[pair]._replace(arrived=tuple(came.instead(*pair)))
        for pair, place in places.items()
    ]


def _by_hand(
    students: Sequence[Student],
    tasks: Sequence[Task],
    submissions: Sequence[Submission],
    refused: Sequence[Refused],
    points: teacher.Marks,
    run: Run,
) -> list[Result]:
    """Return the results of the tasks that the teacher marks, one for each student and task."""
    came, found = Arrivals(submissions, refused), []
    own: dict[str, list[Submission]] = {one.id: [] for one in students}
    for one in submissions:
        own[one.student].append(one)
    for student in own:
        for task in tasks:
            counts = counted(own[student], task.id, run.count, run.deadline)
            answer = counts and counts.answers[task.id]
            state = "not handed in" if answer is None else "to mark" if answer.attempted else "not attempted"
            blank = Result(student, task.id, state, None if state == "to mark" else 0.0, task.points)
            result = teacher.marked(blank, task, points.get((student, task.id), {}))
            place = counts or counted(own[student], task.id)
            found.append(
                _placed(result, place, task.id, run.deadline)
                if place
                else result._replace(arrived=tuple(came.instead(student, task.id)))
            )
    return found


def _placed(result: Result, place: Submission, id: str, deadline: datetime | None) -> Result:
    return result._replace(
        file=place.file,
        handed_in=place.when.isoformat(timespec="seconds"),
        late=deadline is not None and place.when > deadline,
        faults=place.answers[id].faults,
    )


def _scored(
    answers: Mapping[Pair, Answer | None], public: Mapping[str, Exercise], grader: Grader
) -> dict[Pair, Result]:
    """Return {(student, exercise id): Result} of {(student, exercise id): Answer, or None}."""
    done: dict[Pair, Result] = {}
    tasks: list[marking.Task] = []
    for (student, id), answer in answers.items():
        if answer is None or not answer.attempted:
            state = "not handed in" if answer is None else "not attempted"
            done[student, id] = Result(student, id, state, 0.0, public[id].points)
        else:
            tasks.append(grader.task(student, public[id], answer.source))
    results = _cached_or_run(tasks, public, grader)
    return done | {(task.student, task.exercise): result for task, result in results.items()}


def _cached_or_run(
    tasks: Sequence[marking.Task], public: Mapping[str, Exercise], grader: Grader
) -> dict[marking.Task, Result]:
    run = grader.run
    kept: dict[marking.Task, Result] = {}
    paths: dict[marking.Task, Path] = {}
    environment = cache.environment(grader.key, grader.sandbox, run.image)
    for task in tasks:
        path = cache.path(Path(run.out) / "cache", environment, task, public[task.exercise])
        if task.exercise in run.regrade:
            path.unlink(missing_ok=True)  # now: a rerun that fails must not leave the old points behind
        elif found := cache.read(path, task.student):
            kept[task] = found
            continue
        paths[task] = path

    def keep(task: marking.Task, result: Result) -> None:
        if result.state != "error":
            cache.keep(paths[task], result)

    return kept | grader.results(list(paths), keep)
