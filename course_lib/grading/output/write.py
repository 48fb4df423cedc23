"""What one run of `course grade` leaves in OUT: results.jsonl first, then everything that is made from it."""

import json

from course_lib.core.io import whole_file
from course_lib.grading import rehearsal
from course_lib.grading.output import anonymous, report, similar
from course_lib.grading.output.tables import write_csv
from course_lib.grading.output.wording import number
from course_lib.grading.results import Result


def read_results(out) -> dict:
    """{(student, exercise): Result} as the last run left them in OUT/results.jsonl; {} where there are none
    to read.
    """
    try:
        lines = (out / "results.jsonl").read_text(encoding="utf-8").splitlines()
        return {(one.student, one.exercise): one for one in map(Result.from_json, map(json.loads, lines))}
    except (FileNotFoundError, ValueError, TypeError, KeyError):  # none yet, or another version's
        return {}


def write(
    out,
    results,
    students,
    chosen,
    refused,
    submissions,
    solutions,
    bank,
    pseudonyms=None,
    regrade=(),
    deadline=None,
) -> list[Result]:
    """Write everything into `out`, under `pseudonyms` ({student: pseudonym}) where there are any. The results
    as they are written."""
    if pseudonyms:
        results, students, refused, submissions, rows = anonymous.hide(
            pseudonyms, results, students, refused, submissions
        )
        anonymous.write(out / "pseudonyms.csv", rows)
    before = read_results(out)
    with whole_file(out / "results.jsonl") as part:
        part.write_text("".join(f"{json.dumps(one.to_json())}\n" for one in results), encoding="utf-8")
    _submissions(out / "submissions.csv", submissions, results, deadline)
    _changes(out / "changes.csv", before, results, regrade)
    alike = _alike(results, submissions, chosen, solutions, bank)
    similar.write(alike, out / "similar.csv")
    report.write(
        out,
        results,
        students,
        chosen,
        refused,
        submissions,
        [_said(group) for group in alike],
        anonymous=bool(pseudonyms),
        deadline=deadline,
    )
    return results


def _submissions(path, submissions, results, deadline):
    counts = {}
    for one in results:
        if one.state == "not handed in":  # too late: the file is named, and does not count
            continue
        counts.setdefault((one.student, one.file), []).append(one.exercise)
    rows = [
        [
            one.student,
            one.file,
            one.when.isoformat(timespec="seconds"),
            "yes" if deadline and one.when > deadline else "no",
            " ".join(one.answers),
            " ".join(counts.get((one.student, one.file), [])),
        ]
        for one in sorted(submissions, key=lambda one: (one.student, one.when, one.file))
    ]
    write_csv(path, ["student", "file", "handed_in", "late", "exercises", "counts_for"], rows)


def _changes(path, before, results, regrade):
    """Write the marks that differ from the last results in this folder. A grading error has no points,
    even if there was a mark before.
    """
    pairs = [(before[pair], one) for one in results if (pair := (one.student, one.exercise)) in before]
    rows = [
        [new.student, new.exercise, number(old.points), number(new.points), _why(old, new)]
        for old, new in pairs
        if old.points != new.points or (new.state == "error" and new.exercise in regrade)
    ]
    path.unlink(missing_ok=True)  # an earlier run's
    if rows or regrade:
        write_csv(path, ["student", "exercise", "before", "after", "why"], rows)


def _why(old, new):
    if new.state == "error":
        return f"grading failed: {new.reason}"
    if new.reason and new.reason != old.reason:
        return f"your own mark: {new.reason}"
    return (
        "another submission counts"
        if (old.file, old.handed_in) != (new.file, new.handed_in)
        else "graded again"
    )


def _alike(results, submissions, chosen, solutions, bank):
    cells = {(one.student, one.file): one.answers for one in submissions}
    answers = {
        (one.student, one.exercise): source
        for one in results
        if one.state in ("graded", "error")
        and (source := cells.get((one.student, one.file), {}).get(one.exercise))
    }
    return similar.groups(
        answers, {one.id: [solutions[one.id], rehearsal.function(one, bank)] for one in chosen}
    )


def _said(group):
    return (
        group.exercise,
        ", ".join(group.students),
        "like the course's own solution" if group.with_reference else f"{group.nodes} nodes, names aside",
    )
