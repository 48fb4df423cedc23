"""`course grade`: from a folder of submissions to points.

The right answers are computed here, from the bank and the key. A student's code runs in a sandbox, which
hands out plain values. The points go into OUT/results.jsonl, and from there into every file that people
read (`output`).
"""

import hashlib
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from course_lib import exercises
from course_lib.core.errors import CourseError
from course_lib.exercises import Exercise, by_hand
from course_lib.exercises.by_hand import Task
from course_lib.grading import by_hand as teacher
from course_lib.grading import (
    cache,
    collect,
    comments,
    executors,
    intake,
    marking,
    overrides,
    rehearsal,
    rules,
    seeds,
    settings,
    tries,
)
from course_lib.grading import sandbox as sandboxes
from course_lib.grading.intake import Answer, Refused, Submission
from course_lib.grading.output import write
from course_lib.grading.output.by_hand_page import ByHand
from course_lib.grading.output.tables import plain_cell
from course_lib.grading.output.wording import plain
from course_lib.grading.penalty import fractions
from course_lib.grading.results import Arrivals, Graded, Result, Undecided
from course_lib.grading.roster import Student, read_roster, submitted
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
    students, solutions = read_roster(run.roster), rehearsal.solutions(chosen, bank)
    pseudonyms = _pseudonyms(key, students, out) if run.anonymous else {}
    tasks = [one for one in by_hand.every() if one.id[:2] in {own.id[:2] for own in chosen}]
    blind = seeds.pseudonyms(key, [one.id for one in students])
    known = {str(plain_cell(one.id)): one.id for one in students}  # as our own tables write it
    known |= {hidden: id for id, hidden in blind.items()} | {one.id: one.id for one in students}
    every_exercise = {one.id: one for one in _every()}
    marks = overrides.read(out / "overrides.csv", known, every_exercise)
    said = comments.read(out / comments.NAME, known, every_exercise)
    points = teacher.read(out / teacher.NAME, known, by_hand.every())
    tried = tries.read(out / tries.NAME, known)
    lessons = {one.id[:2] for one in exercises.every()}
    extensions = rules.read_extensions(out / "extensions.csv", known, lessons)
    grader = Grader(run, key, _sandbox(run))
    notes = [_protections(run, grader.sandbox), *sandboxes.slow_imports(grader.sandbox), *notes]
    print("\n".join(notes))
    submissions, refused = _collected(run, students, chosen, tasks)
    if run.collect_only:
        print("\n".join(_listed(_judged(submissions, [*chosen, *tasks], run, extensions), refused)))
        return []
    if run.dry_run:
        rehearsal.run(chosen, solutions, grader)
    shard = [one for one in students if not run.shard or in_shard(one.id, *run.shard)]
    results = _results(shard, chosen, submissions, refused, extensions, grader)
    if run.shard:
        return results
    if run.tries:
        tried = tries.made(tried, submissions, [one.id for one in chosen if not one.examples])
        results = tries.charged(results, submissions, tried, fractions(run.tries))
        tries.write(out / tries.NAME, tried, pseudonyms)
    own = _by_hand(students, tasks, submissions, refused, points, run, extensions)
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
        _judged(submissions, [*chosen, *tasks], run, extensions),
        refused,
        _undecided(submissions, chosen, run, extensions),
    )
    marks_by_hand = ByHand(tasks, own, blind, run.anonymous)
    written = write.write(run, graded, solutions, pseudonyms, marks_by_hand)
    settings.write(run, sorted({one.id[:2] for one in chosen}))
    return [one for one in written if one.exercise in solutions]


def _collected(
    run: Run, students: Sequence[Student], chosen: Sequence[Exercise], tasks: Sequence[Task]
) -> tuple[list[Submission], list[Refused]]:
    times = collect.read_times(run.times, students) if run.times else submitted(run.roster)
    options = run.pattern, tasks, run.source, times, print
    submissions, refused = intake.collect(run.submissions, students, chosen, *options)
    if not submissions and refused and not any(one.student for one in refused):
        raise CourseError(
            run.submissions,
            f"no file names a student of the roster; {refused[0].file}: {refused[0].why}",
            "If it is the platform's own zip, give this zip as SUBMISSIONS"
            if refused[0].file.lower().endswith(".zip")
            else "Say whose export it is (--from), declare a --pattern, or correct the roster",
        )
    return submissions, refused


def _listed(submissions: Sequence[Submission], refused: Sequence[Refused]) -> list[str]:
    lines = []
    for one in submissions:
        when = "time unknown" if one.clock == "download" else f"{one.when.astimezone():%Y-%m-%d %H:%M}"
        late = ", late" if one.late else ""
        lines.append(f"{one.student}: {plain(one.file, 200)}, {when}{late}: {one.decision}")
    lines += [
        f"{one.student or '?'}: {plain(one.file, 200)}: not graded, {plain(one.why)}" for one in refused
    ]
    return sorted(lines)


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


# --- the points of what counts ---


def _undecided(
    submissions: Sequence[Submission],
    chosen: Sequence[Exercise],
    run: Run,
    extensions: rules.Extensions,
) -> list[Undecided]:
    own = _by_student(submissions)
    found = [
        rules.undecided(own[student], one, rules.of(run, extensions, student, one.id[:2]))
        for student in sorted(own)
        for one in chosen
    ]
    return [one for one in found if one]


def _by_student(submissions: Sequence[Submission]) -> dict[str, list[Submission]]:
    own: dict[str, list[Submission]] = {}
    for one in submissions:
        own.setdefault(one.student, []).append(one)
    return own


def _judged(
    submissions: Sequence[Submission],
    chosen: Sequence[Exercise | Task],
    run: Run,
    extensions: rules.Extensions,
) -> list[Submission]:
    """Return the submissions with what was decided about each, for submissions.csv."""
    found: list[Submission] = []
    for student, own in _by_student(submissions).items():
        words: dict[str, dict[str, str]] = {one.file: {} for one in own}  # {file: {exercise: words}}
        late, tries = set(), dict.fromkeys(words, 0)
        for id in (exercise.id for exercise in chosen):
            rule, tried = rules.of(run, extensions, student, id[:2]), rules.attempts(own, id)
            said = rules.decisions(own, id, rule)
            for one in (one for one in own if one.file in said):
                words[one.file][id] = said[one.file]
                tries[one.file] = max(tries[one.file], tried[one.answers[id].source])
                late |= {one.file} if rules.lateness(one, rule).late else set()
        found += [
            one._replace(late=one.file in late, attempt=tries[one.file], decision=_in_one(words[one.file]))
            for one in own
        ]
    return found


def _in_one(words: Mapping[str, str]) -> str:
    if len(set(words.values())) <= 1:
        return next(iter(words.values()), "no exercise of these lessons was found in it")
    return "; ".join(f"{id}: {text}" for id, text in words.items())


def _results(
    students: Sequence[Student],
    chosen: Sequence[Exercise],
    submissions: Sequence[Submission],
    refused: Sequence[Refused],
    extensions: rules.Extensions,
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
            rule = rules.of(run, extensions, student, exercise.id[:2])
            counts = rules.counted(own[student], exercise.id, rule)
            answers[student, exercise.id] = counts and counts.answers[exercise.id]
            # If there is only late work, which does not count, the result still names its file.
            anyway = rules.counted(own[student], exercise.id, rule._replace(choose="latest", attempts=None))
            places[student, exercise.id] = counts or anyway
    scored = _scored(answers, {one.id: one for one in chosen}, grader)
    return [
        _placed(scored[pair], place, own[pair[0]], rules.of(run, extensions, pair[0], pair[1][:2]))
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
    extensions: rules.Extensions,
) -> list[Result]:
    """Return the results of the tasks that the teacher marks, one for each student and task."""
    came, found = Arrivals(submissions, refused), []
    own: dict[str, list[Submission]] = {one.id: [] for one in students}
    for one in submissions:
        own[one.student].append(one)
    for student in own:
        for task in tasks:
            rule = rules.of(run, extensions, student, task.id[:2])
            counts = rules.counted(own[student], task.id, rule)
            answer = counts and counts.answers[task.id]
            state = "not handed in" if answer is None else "to mark" if answer.attempted else "not attempted"
            blank = Result(student, task.id, state, None if state == "to mark" else 0.0, task.points)
            result = teacher.marked(blank, task, points.get((student, task.id), {}))
            place = counts or rules.counted(
                own[student], task.id, rule._replace(choose="latest", attempts=None)
            )
            found.append(
                _placed(result, place, own[student], rule)
                if place
                else result._replace(arrived=tuple(came.instead(student, task.id)))
            )
    return found


def _placed(result: Result, place: Submission, own: Sequence[Submission], rule: rules.Rules) -> Result:
    late = rules.lateness(place, rule)
    result = rules.charged(result, late, rule)
    notes = [one for one in (result.note, rules.beyond(own, result.exercise, rule)) if one]
    return result._replace(
        note="; ".join(notes),
        file=place.file,
        handed_in="" if place.clock == "download" else place.when.isoformat(timespec="seconds"),
        late=late.late,
        faults=place.answers[result.exercise].faults,
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
