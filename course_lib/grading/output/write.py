"""The files that one run of `course grade` writes: results.jsonl first, then everything made from it."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from course_lib import exercises
from course_lib.core.errors import CourseError
from course_lib.core.io import whole_file
from course_lib.exercises import Exercise
from course_lib.exercises.cells import Code
from course_lib.grading import fingerprints, rehearsal, trees
from course_lib.grading.output import anonymous, answers, by_hand_page, pairs, publish, report, similar
from course_lib.grading.output.answers import Answered, Reference
from course_lib.grading.output.by_hand_page import ByHand
from course_lib.grading.output.tables import write_csv
from course_lib.grading.output.wording import number
from course_lib.grading.results import Graded, Result
from course_lib.grading.run import Run


def read_results(out: str | Path) -> dict[tuple[str, str], Result]:
    """Read {(student, exercise): Result} from OUT/results.jsonl; {} if there is no file, or an older one."""
    try:
        lines = Path(out, "results.jsonl").read_text(encoding="utf-8").splitlines()
        return {(one.student, one.exercise): one for one in map(Result.from_json, map(json.loads, lines))}
    except (FileNotFoundError, ValueError, TypeError, KeyError):  # none yet, or another version's
        return {}


def write(
    run: Run,
    graded: Graded,
    solutions: Mapping[str, str],
    pseudonyms: Mapping[str, str] | None = None,
    by_hand: ByHand | None = None,
) -> list[Result]:
    """Write all files of a run into `run.out`.

    Parameters
    ----------
    run : Run
        The run: where to write, its deadline, and the exercises that were graded again.
    graded : Graded
        What it found.
    solutions : mapping of exercise id to str
        The course's own answers, for the comparison in similar.csv.
    pseudonyms : mapping of student id to str, optional
        If given, they replace ids, names and file names.
    by_hand : ByHand, optional
        The tasks that the teacher marks.

    Returns
    -------
    list of Result
        The results as written, under pseudonyms if there are any.
    """
    out = Path(run.out)
    if by_hand:
        by_hand_page.write(out, by_hand, graded.submissions)
    if pseudonyms:
        graded, rows = anonymous.hide(pseudonyms, graded)
        anonymous.write(out / "pseudonyms.csv", rows)
    before = read_results(out)
    with whole_file(out / "results.jsonl") as part:
        part.write_text("".join(f"{json.dumps(one.to_json())}\n" for one in graded.results), encoding="utf-8")
    _submissions(out / "submissions.csv", graded)
    _changes(out / "changes.csv", before, graded.results, run.regrade)
    found = [
        _answered(one, graded, solutions, Path(run.bank)) for one in graded.exercises if one.id in solutions
    ]
    others = [one for one in similar.read(out / "similar.csv") if one.exercise not in solutions]
    groups = sorted([*_similar(found), *others])
    similar.write(groups, out / "similar.csv")
    earlier = [one for one in pairs.read(out / "pairs.csv") if one.exercise not in solutions]
    pairs.write(sorted([*earlier, *(pair for one in found for pair in one.pairs)]), out / "pairs.csv")
    answers.write(out, graded, found, report.feedback_pages(graded), anonymous=bool(pseudonyms))
    report.write(out, graded, [_row(one) for one in groups], anonymous=bool(pseudonyms), deadline=_only(run))
    if not pseudonyms:
        publish.write(run, graded, {id[:2] for id in solutions})
    return list(graded.results)


def _submissions(path: Path, graded: Graded) -> None:
    counts: dict[tuple[str, str], list[str]] = {}
    for one in graded.results:
        if one.state == "not handed in":  # too late: the result names the file, which does not count
            continue
        counts.setdefault((one.student, one.file), []).append(one.exercise)
    rows = [
        [
            one.student,
            one.file,
            one.when.isoformat(timespec="seconds"),
            CLOCKS[one.clock],
            "yes" if one.late else "no",
            " ".join(one.answers),
            " ".join(counts.get((one.student, one.file), [])),
            one.attempt or "",
            one.decision,
        ]
        for one in sorted(graded.submissions, key=lambda one: (one.student, one.when, one.file))
    ]
    here = {(one.student, one.file) for one in graded.submissions}
    earlier = {  # of lessons that were graded before, from other folders
        (one.student, one.file): [one.handed_in, "", "yes" if one.late else "no"]
        for one in graded.results
        if one.file and (one.student, one.file) not in here
    }
    rows += [
        [*pair, *said, "", " ".join(counts.get(pair, [])), "", "graded before"]
        for pair, said in earlier.items()
    ]
    rows += [[one.student, one.file, *[""] * 6, f"not graded: {one.why}"] for one in graded.refused]
    rows.sort(key=lambda row: (row[0], row[2], row[1]))
    write_csv(path, SUBMISSIONS, rows)


def _only(run: Run) -> datetime | None:
    """Return the deadline if all lessons have the same one, for the head of a page."""
    found = set(run.deadline.values()) if isinstance(run.deadline, Mapping) else {run.deadline}
    return found.pop() if len(found) == 1 else None


SUBMISSIONS = (
    "student",
    "file",
    "handed_in",
    "time_from",
    "late",
    "exercises",
    "counts_for",
    "attempt",
    "why",
)
CLOCKS = {
    "file": "the file",
    "path": "its name",
    "times": "a table",
    "download": "unknown: the download",
}


def _changes(
    path: Path, before: Mapping[tuple[str, str], Result], results: Sequence[Result], regrade: Sequence[str]
) -> None:
    """Write the marks that differ from the last results in this folder.

    A grading error has no points, even if there was a mark before.
    """
    pairs = [(before[pair], one) for one in results if (pair := (one.student, one.exercise)) in before]
    rows = [
        [new.student, new.exercise, number(old.points), number(new.points), _why(old, new)]
        for old, new in pairs
        if old.points != new.points or (new.state == "error" and new.exercise in regrade)
    ]
    path.unlink(missing_ok=True)  # of an earlier run
    if rows or regrade:
        write_csv(path, ["student", "exercise", "before", "after", "why"], rows)


def _why(old: Result, new: Result) -> str:
    if new.state == "error":
        return f"grading failed: {new.reason}"
    if new.reason and new.reason != old.reason:
        return f"your own mark: {new.reason}"
    if new.note != old.note:
        return f"the rules changed: {new.note or 'nothing is taken off'}"
    return (
        "another submission counts"
        if (old.file, old.handed_in) != (new.file, new.handed_in)
        else "graded again"
    )


def _answered(exercise: Exercise, graded: Graded, solutions: Mapping[str, str], bank: Path) -> Answered:
    cells = {(one.student, one.file): one.answers for one in graded.submissions}
    results = {one.student: one for one in graded.results if one.exercise == exercise.id}
    own = {
        student: answer
        for student, one in results.items()
        if one.state in ("graded", "error")
        and (answer := cells.get((student, one.file), {}).get(exercise.id))
    }
    texts = solutions[exercise.id], rehearsal.function(exercise, bank)
    references = [_reference(text) for text in texts if text]
    alike = pairs.pairs(
        exercise.id,
        {student: answer.prints for student, answer in own.items()},
        [one.prints for one in references],
        _template(exercise),
    )
    return Answered(exercise, results, own, references, alike)


def _template(exercise: Exercise) -> fingerprints.Prints:
    try:
        return fingerprints.grams(trees.plain(Code(exercises.kept(exercise.id)["stub"]).tree))
    except CourseError:  # its lesson was not built
        return ()


def _reference(text: str) -> Reference:
    tree = trees.plain(Code(text).tree)
    return Reference(text, trees.digested(tree), fingerprints.of(tree))


def _similar(found: Sequence[Answered]) -> list[similar.Group]:
    return similar.groups(
        {
            (student, one.exercise.id): answer.normal
            for one in found
            for student, answer in one.answers.items()
        },
        {one.exercise.id: [own.normal for own in one.references] for one in found},
    )


def _row(group: similar.Group) -> tuple[str, str, str]:
    return (
        group.exercise,
        ", ".join(group.students),
        "like the course's own solution" if group.with_reference else f"{group.nodes} nodes, without names",
    )
