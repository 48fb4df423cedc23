"""`course grade`: from a folder of submissions to points.

What is right is computed here, from the bank and the key; a student's code runs in a sandbox and hands out
plain values. Points go into OUT/results.jsonl, and from there into everything that people read (`output`).
"""

import hashlib
import sys
from pathlib import Path
from typing import NamedTuple

from course_lib import exercises
from course_lib.core.errors import CourseError
from course_lib.exercises import cells
from course_lib.grading import cache, executors, intake, marking, overrides, rehearsal, seeds
from course_lib.grading import sandbox as sandboxes
from course_lib.grading.output import write
from course_lib.grading.results import Result

UNSAFE = """Without a sandbox, students' code runs as you: it can read and change your files, the bank,
the key and the grades, use the network, and go on running afterwards. Do this only on a machine that
holds nothing else and is thrown away afterwards."""


class Way(NamedTuple):
    """How tasks are made and run, and where their results are kept."""

    bank: Path
    key: bytes
    sandbox: str
    image: str | None
    executor: str
    jobs: int | None
    cache: Path

    def task(self, student, exercise, answer) -> marking.Task:
        """An answer's task, with the student's own seeds."""
        cases = range(marking.count(exercise, marking.private(self.bank, exercise.id)))
        own = tuple(seeds.seed(self.key, exercise.id, student, k) for k in cases)
        return marking.Task(
            student, exercise.id, exercise.points, answer, str(self.bank), own, self.sandbox, self.image
        )

    def run(self, tasks, done=lambda task, result: None) -> dict:
        """{task: its result}; `done` is called for each as it comes."""
        return executors.run(tasks, self.executor, self.jobs, done)


def grade(
    submissions,
    bank,
    key,
    roster,
    out,
    lessons=(),
    pattern=None,
    jobs=None,
    sandbox=None,
    image=None,
    unsafe=False,
    executor="threads",
    shard=None,
    regrade=(),
    anonymous=False,
    deadline=None,
    count="latest",
    dry_run=False,
) -> list[Result]:
    """Grade a folder of submissions and write everything into `out`; a result for each student and exercise.

    - submissions, bank, key, roster, out: paths; lessons: their numbers, "02" (all)
    - pattern: where a file's path holds the student, see `intake`
    - sandbox: "bwrap", "docker" (with `image`), "none" (with `unsafe`), or None: bwrap, else docker with an
      image
    - executor: "threads" (`jobs` of them, or one a core) or "dask://host:port"
    - shard: (i, n), only these students, and into the cache only; a later call without it collects all
    - regrade: exercises that are run anew, whatever the cache holds
    - anonymous: pseudonyms in everything but OUT/pseudonyms.csv
    - deadline: an aware datetime; what came later is marked late, and still graded
    - count: which submission of a student counts for an exercise: "latest", "first", or "in-time" (the latest
      up to the deadline)
    - dry_run: the teacher's own solutions and the empty copy first, and nothing else unless they score as
      they should

    Raises `CourseError` for what the teacher can mend. What fails with one answer is a result of state
    "error", without points; it is not kept, so that the same call tries it again."""
    bank, out = Path(bank).resolve(), Path(out)
    secret, chosen = _key(key, out), _exercises(lessons, bank, regrade)
    for path in (submissions, bank, key, roster, out):
        if sandbox != "none" and sandboxes.shows(path):
            raise CourseError(
                path,
                "students' code would see it: the sandbox shows the system's folders, read-only",
                "Move it to a folder of your own",
            )
    if count == "in-time" and not deadline:
        raise CourseError("--count in-time", "no deadline is given", "Add: --deadline 2026-12-01T12:00")
    students, solutions = intake.read_roster(roster), rehearsal.solutions(chosen, bank)
    pseudonyms = _pseudonyms(secret, students, out) if anonymous else {}
    known = {one.id: one.id for one in students} | {hidden: id for id, hidden in pseudonyms.items()}
    marks = overrides.read(out / "overrides.csv", known, {one.id: one for one in exercises.every()})
    handed_in, refused = intake.collect(submissions, students, chosen, pattern)
    way = Way(bank, secret, _sandbox(sandbox, image, unsafe, executor), image, executor, jobs, out / "cache")
    if dry_run:
        rehearsal.run(chosen, solutions, way)
    graded = [one for one in students if not shard or in_shard(one.id, *shard)]
    results = _results(graded, chosen, handed_in, way, regrade, deadline, count)
    if shard:
        return results
    return write.write(
        out,
        overrides.merge(results, marks),
        students,
        chosen,
        refused,
        handed_in,
        solutions,
        bank,
        pseudonyms,
        regrade,
        deadline,
    )


# What is asked for


def _key(path, out):
    if Path(path).resolve().is_relative_to(out.resolve()):
        raise CourseError(path, f"the key stands in {out}, which others will read", "Move it elsewhere")
    return seeds.read_key(path)


def _exercises(lessons, bank, regrade):
    there = exercises.every()
    known = sorted({one.id[:2] for one in there})
    if unknown := [lesson for lesson in lessons if lesson not in known]:
        raise CourseError(
            f"--lessons {' '.join(unknown)}", "there are no such exercises", f"There are: {', '.join(known)}"
        )
    chosen = [one for one in there if not lessons or one.id[:2] in lessons]
    for one in chosen:
        marking.private(bank, one.id)  # raises for an exercise that the bank does not hold
    if unknown := [id for id in regrade if id not in {one.id for one in chosen}]:
        raise CourseError(
            f"--regrade {' '.join(unknown)}",
            "there is no such exercise among those that are graded",
            f"There are: {', '.join(one.id for one in chosen)}",
        )
    return chosen


def _pseudonyms(key, students, out):
    pseudonyms = seeds.pseudonyms(key, [one.id for one in students])
    if {student for student, _ in write.read_results(out)} & set(pseudonyms):
        raise CourseError(out, "results with names stand in this folder", "Give another one: --out")
    return pseudonyms


def _sandbox(wanted, image, unsafe, executor):
    if wanted == "none" and not unsafe:
        raise CourseError(
            "--sandbox none",
            "students' code would run as you",
            "Add --unsafe where that is what you "
            "want, on a machine that is thrown away afterwards; else take bwrap or docker",
        )
    if wanted == "docker" and not image:
        raise CourseError(
            "--sandbox docker", "it needs an image", "Add: --image IMAGE, one that has Python and NumPy"
        )
    if wanted == "none":
        print(UNSAFE, file=sys.stderr)
    if wanted or executor != "threads":  # whether it works is asked where it runs
        return wanted or "bwrap"
    if not (why := sandboxes.available("bwrap")):
        return "bwrap"
    if image and not sandboxes.available("docker"):
        print(f"bwrap cannot be used here ({why}), so docker is.", file=sys.stderr)
        return "docker"
    raise CourseError("--sandbox bwrap", "it cannot be used here", why)


def in_shard(student: str, i: int, n: int) -> bool:
    """Whether a student's work belongs to shard `i` of `n` (counted from 1). A hash of the id decides."""
    return int.from_bytes(hashlib.sha256(student.encode("utf-8", "surrogatepass")).digest()) % n == i - 1


# What counts, and what it scores


def counted(own, exercise, stub, count="latest", deadline=None) -> intake.Submission | None:
    """Of a student's `own` submissions the one that counts for an exercise: the "latest" or "first" that
    holds it, or the latest up to the deadline ("in-time"); where there are others, none with the empty copy.
    None without."""
    own = sorted(
        (one for one in own if exercise.id in one.answers and (count != "in-time" or one.when <= deadline)),
        key=lambda one: (one.when, one.file),
    )
    written = [one for one in own if cells.attempted(one.answers[exercise.id], exercise.name, stub)]
    return (written or own)[0 if count == "first" else -1] if own else None


def _results(students, chosen, submissions, way, regrade, deadline, count):
    own = {one.id: [] for one in students}
    for one in submissions:
        own.get(one.student, []).append(one)  # of another shard's students in no list
    answers, places, stubs = {}, {}, {one.id: exercises.kept(one.id)["stub"] for one in chosen}
    for student in own:
        for exercise in chosen:
            one = counted(own[student], exercise, stubs[exercise.id], count, deadline)
            answers[student, exercise.id] = one and one.answers[exercise.id]
            # Where there is only late work, which does not count, that is what the result tells about.
            places[student, exercise.id] = one or counted(own[student], exercise, stubs[exercise.id])
    scored = _scored(answers, {one.id: one for one in chosen}, stubs, way, regrade)
    return [_placed(scored[pair], place, deadline) for pair, place in places.items()]


def _placed(result, place, deadline):
    if place is None:
        return result
    late = bool(deadline) and place.when > deadline
    return result._replace(file=place.file, handed_in=place.when.isoformat(timespec="seconds"), late=late)


def _scored(answers, public, stubs, way, regrade):
    """{(student, exercise id): Result} of {(student, exercise id): answer cell, or None}."""
    done, tasks = {}, []
    for (student, id), answer in answers.items():
        if answer is None or not cells.attempted(answer, public[id].name, stubs[id]):
            state = "not handed in" if answer is None else "not attempted"
            done[student, id] = Result(student, id, state, 0.0, public[id].points)
        else:
            tasks.append(way.task(student, public[id], answer))
    return done | {
        (task.student, task.exercise): result for task, result in _run(tasks, public, way, regrade).items()
    }


def _run(tasks, public, way, regrade):
    environment, kept, paths = cache.environment(way.key, way.sandbox, way.image), {}, {}
    for task in tasks:
        path = cache.path(way.cache, environment, task, public[task.exercise])
        if task.exercise in regrade:
            path.unlink(missing_ok=True)  # now: a rerun that fails must not leave the old score behind
        elif found := cache.read(path, task.student):
            kept[task] = found
            continue
        paths[task] = path

    def keep(task, result):
        if result.state != "error":
            cache.keep(paths[task], result)

    return kept | way.run(list(paths), keep)
