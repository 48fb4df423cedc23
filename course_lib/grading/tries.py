"""Questions with limited guessing: a further answer to a question gives fewer points.

`check` does not say whether the answer to a question is right, so a student learns this only from the grader.
Each different answer that was there when a teacher graded is a try. Moodle and Canvas give only a student's
newest file, so the tries are kept in OUT/tries.csv: student,exercise,try,answer, where the answer is a digest
of its code.
"""

import hashlib
import io
import tokenize
from collections.abc import Mapping, Sequence
from pathlib import Path

from course_lib.core.errors import CourseError
from course_lib.grading import own_tables, rules
from course_lib.grading.intake import Submission
from course_lib.grading.output.tables import write_csv
from course_lib.grading.own_tables import Pair
from course_lib.grading.results import Result

NAME = "tries.csv"
COLUMNS = ("student", "exercise", "try", "answer")

Tries = Mapping[
    Pair, Sequence[str]
]  # {(student id, exercise id): the digests of the answers, the first first}


def digest(source: str) -> str:
    """Return the digest of an answer's code. Comments and layout do not count.

    Examples
    --------
    >>> digest("def f():\\n    return 'a'") == digest("def f():\\n  return 'a'  # sure")
    True
    """
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
        code = [
            tokenize.tok_name[one.type] if one.type in _LAYOUT else one.string
            for one in tokens
            if one.type not in (tokenize.COMMENT, tokenize.NL)
        ]
        text = "\n".join(code)
    except (tokenize.TokenError, SyntaxError):
        text = source
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


_LAYOUT = (tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)


def read(path: str | Path, students: Mapping[str, str]) -> dict[Pair, list[str]]:
    """Read the tries of the earlier runs into the same folder.

    Parameters
    ----------
    path : path
        The csv file. Without it nobody has tried yet. To take a try back, a teacher removes its line.
    students : mapping of str to str
        {what the column may hold: student id}: ids and pseudonyms. Lines of others, who left the course, are
        left out.

    Returns
    -------
    dict
        {(student id, exercise id): the digests of the answers, the first first}.

    Raises
    ------
    CourseError
        If the table cannot be read; the message names the line.
    """
    found: dict[Pair, dict[int, str]] = {}
    for where, line in own_tables.lines(path, COLUMNS, "answer"):
        if not line["try"].isdecimal():
            raise CourseError(where, f"try {line['try']!r} is not a number", "Write 1 for the first try")
        if student := students.get(line["student"]):
            found.setdefault((student, line["exercise"]), {})[int(line["try"])] = line["answer"]
    return {pair: [own[number] for number in sorted(own)] for pair, own in found.items()}


def write(path: str | Path, tries: Tries, pseudonyms: Mapping[str, str]) -> None:
    """Write the tries for the next run, under pseudonyms if there are any."""
    rows = [
        [pseudonyms.get(student, student), exercise, number, answer]
        for (student, exercise), own in tries.items()
        for number, answer in enumerate(own, 1)
    ]
    write_csv(Path(path), COLUMNS, sorted(rows))


def made(
    earlier: Tries, submissions: Sequence[Submission], questions: Sequence[str]
) -> dict[Pair, list[str]]:
    """Return the earlier tries, and after them the other answers that came, in the order of their times.

    Parameters
    ----------
    earlier : mapping
        The tries of the earlier runs.
    submissions : sequence of Submission
        All submissions.
    questions : sequence of exercise id
        The questions that are graded.
    """
    found = {pair: list(own) for pair, own in earlier.items()}
    for student in dict.fromkeys(one.student for one in submissions):
        own = [one for one in submissions if one.student == student]
        for id in questions:
            came = [source for source, number in rules.attempts(own, id).items() if number]
            known = found.get((student, id), [])
            if answers := list(dict.fromkeys([*known, *map(digest, came)])):
                found[student, id] = answers
    return found


def charged(
    results: Sequence[Result], submissions: Sequence[Submission], tries: Tries, rates: Sequence[float]
) -> list[Result]:
    """Return the results, where a further answer to a question gives fewer points.

    Parameters
    ----------
    results : sequence of Result
        The grader's results.
    submissions : sequence of Submission
        All submissions.
    tries : mapping
        All tries, as `made` returns them.
    rates : sequence of float
        The fraction of the points for each try, as `penalty.fractions` returns them.
    """
    sources = {(one.student, one.file, id): text for one in submissions for id, text in one.sources.items()}
    return [
        _charged(one, tries[one.student, one.exercise].index(digest(source)) + 1, rates)
        if one.state == "graded"
        and (one.student, one.exercise) in tries
        and (source := sources.get((one.student, one.file, one.exercise))) is not None
        else one
        for one in results
    ]


def _charged(result: Result, number: int, rates: Sequence[float]) -> Result:
    now, then = (rates[at] if at < len(rates) else 0.0 for at in (number - 1, number))
    note = f"this is your answer {number} to this question"
    if result.points:
        note = f"{note}, so it gives {now:.0%} of its points" if now < 1 else ""
    else:
        more = f"if the next one is right, it gives {then:.0%} of its points"
        note = f"{note}; {more if then else 'a further one gives no points'}"
    left = round((result.points or 0.0) * now, 6)
    return result._replace(
        points=left,
        taken=round(result.taken + (result.points or 0.0) - left, 6),
        note="; ".join(one for one in (result.note, note) if one),
    )
