"""What a teacher asks the grader for: the files of one run, and its options with their defaults."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from course_lib.core.errors import CourseError
from course_lib.grading.collect import AUTO
from course_lib.grading.penalty import fractions, penalty


@dataclass(frozen=True)
class Run:
    """One run of the grader: what it reads, how it grades, and where it writes.

    `course grade` has one option for each of these fields, and takes the defaults from here.

    Parameters
    ----------
    submissions : path
        The folder or zip that holds the submitted notebooks.
    bank : path
        The folder with the private part of the exercises.
    key : path
        The secret key's file. It gives each student inputs of their own.
    roster : path
        A csv file with the columns student, name and email, or what a platform exports. See `roster`.
    out : path
        The folder for grades, feedback, summary and cache.
    lessons : sequence of str
        The lessons to grade, such as "02". Empty: all lessons.
    pattern : str, optional
        Where a path names the student, such as "{student}/*.ipynb". See `intake.collect`.
    source : str
        Without a pattern: whose export SUBMISSIONS is, one of `collect.SOURCES`. "auto" finds it.
    times : path, optional
        A csv file with the true times of the submissions, see `collect.read_times`.
    collect_only : bool
        Only list the files: whose each is, when it came, and whether it counts. Grade and write nothing.
    jobs : int, optional
        The number of answers that run at the same time. By default one for each core.
    sandbox : {"bwrap", "docker", "none"}, optional
        By default bwrap, or docker if bwrap does not work here and `image` is given.
    image : str, optional
        The image for docker.
    unsafe : bool
        Allow the sandbox "none", which runs students' code as yourself.
    executor : str
        "threads", or "dask://HOST:PORT" for a dask cluster.
    shard : (int, int), optional
        (i, n): grade only part i of n of the students, and write into the cache only. A later run without it
        collects all parts.
    regrade : sequence of str
        Exercises that run again, even if the cache holds their results.
    anonymous : bool
        Write pseudonyms in all files except pseudonyms.csv.
    deadline : datetime, or mapping of str to datetime, optional
        With a time zone; or one for each lesson, with "" for all others. Later submissions are marked late;
        they are still graded.
    count : {"latest", "first", "in-time"}
        Which submission of a student counts for an exercise. "in-time" is the latest up to the deadline.
    late : str, optional
        What late work costs, such as "10%/day,max=50%,grace=15min". See `penalty.penalty`.
    attempts : int, optional
        Only the first of this number of different answers to an exercise count.
    tries : str, optional
        What the first, the second ... answer to a question gives, such as "100%,50%". See
        `penalty.fractions`.
    dry_run : bool
        Grade the teacher's own solutions and the empty copies first. Students' work is graded only if these
        get full marks and no points.

    Raises
    ------
    CourseError
        If two options contradict each other.
    """

    submissions: str | Path
    bank: str | Path
    key: str | Path
    roster: str | Path
    out: str | Path
    lessons: Sequence[str] = ()
    pattern: str | None = None
    source: str = AUTO
    times: str | Path | None = None
    collect_only: bool = False
    jobs: int | None = None
    sandbox: Literal["bwrap", "docker", "none"] | None = None
    image: str | None = None
    unsafe: bool = False
    executor: str = "threads"
    shard: tuple[int, int] | None = None
    regrade: Sequence[str] = ()
    anonymous: bool = False
    deadline: datetime | Mapping[str, datetime] | None = None
    count: Literal["latest", "first", "in-time"] = "latest"
    late: str | None = None
    attempts: int | None = None
    tries: str | None = None
    dry_run: bool = False

    def __post_init__(self) -> None:
        if self.count == "in-time" and not self.deadline:
            raise CourseError("--count in-time", "no deadline is given", "Add: --deadline 2026-12-01T12:00")
        if self.late:
            penalty(self.late)  # raises
        if self.tries:
            fractions(self.tries)  # raises
        if self.sandbox == "none" and not self.unsafe:
            raise CourseError(
                "--sandbox none",
                "students' code would run as you",
                "Use bwrap or docker. Add --unsafe only on a machine that you throw away afterwards",
            )
        if self.sandbox == "docker" and not self.image:
            raise CourseError(
                "--sandbox docker", "it needs an image", "Add: --image IMAGE, one that has Python and NumPy"
            )
