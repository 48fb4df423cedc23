"""Gradescope: an autograder that runs `course grade` for each submission.

`pack` makes the zip that a teacher uploads. `main` runs in Gradescope's container. It was tried in a folder
with the layout that Gradescope documents, and never on Gradescope itself.
"""

import json
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from course_lib.core.errors import CourseError
from course_lib.core.io import whole_file
from course_lib.core.paths import ROOT
from course_lib.grading import seeds
from course_lib.grading.grade import grade
from course_lib.grading.marking import private
from course_lib.grading.output.report import file_names
from course_lib.grading.output.tables import write_csv
from course_lib.grading.run import Run

SCRIPTS = ("setup.sh", "run_autograder")  # Gradescope asks for these names, at the top of the zip
COURSE = ("pyproject.toml", "constraints.txt", "README.md", "LICENSE")
# Clips, photographs and networks: the grader needs none of them.
DATA = {".npz", ".opus", ".gz", ".mp4", ".wav", ".flac", ".flv", ".jpg", ".jpeg", ".png", ".ogg", ".webp"}
_WHEN = (2026, 1, 1, 0, 0, 0)  # of every file, so that the same files make the same bytes


def pack(
    out: str | Path, bank: str | Path, key: str | Path, lessons: Sequence[str], sandbox: str = "bwrap"
) -> Path:
    """Write Gradescope's autograder.zip.

    Parameters
    ----------
    out : path
        The zip to write.
    bank : path
        The private part of the exercises. The zip holds it: give the zip to nobody.
    key : path
        The secret key, which goes into the zip, too.
    lessons : sequence of str
        The lessons of the assignment, such as "02".
    sandbox : {"bwrap", "none"}
        "none" for a container that does not allow bubblewrap: then an answer can read the bank.

    Returns
    -------
    Path
        The zip: setup.sh and run_autograder at its top, the course in course/.

    Raises
    ------
    CourseError
        If the bank lacks a lesson, or the key is none.
    """
    from course_lib import exercises

    chosen = [one.id for one in exercises.every() if one.id[:2] in lessons]
    if unknown := [one for one in lessons if one not in {id[:2] for id in chosen}]:
        raise CourseError(
            f"--lessons {' '.join(unknown)}", "there are no exercises of this lesson", "Correct it"
        )
    for id in chosen:
        private(Path(bank).resolve(), id)  # raises
    own = json.dumps({"lessons": list(lessons), "sandbox": sandbox}, indent=1) + "\n"
    files = dict(_files(Path(bank), lessons))
    files |= {"course/seed.key": seeds.read_key(key), "course/autograder.json": own.encode()}
    with whole_file(out) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _WHEN)
            mode = 0o755 if name in SCRIPTS else 0o644
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, mode << 16
            archive.writestr(entry, content)
    return Path(out)


def _files(bank: Path, lessons: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    for name in SCRIPTS:
        yield name, (Path(__file__).with_name("autograder") / name).read_bytes()
    for name in COURSE:
        yield f"course/{name}", (ROOT / name).read_bytes()
    for path in sorted((ROOT / "course_lib").rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and path.suffix not in DATA:
            yield f"course/{path.relative_to(ROOT).as_posix()}", path.read_bytes()
    for lesson in lessons:
        yield f"course/bank/lesson_{lesson}.py", (bank / f"lesson_{lesson}.py").read_bytes()


def main(root: Path) -> int:
    """Grade the one submission in Gradescope's folders, and write results/results.json.

    Without a sandbox that works it raises `CourseError`, as `grade` does.

    Parameters
    ----------
    root : Path
        /autograder, with source/, submission/ and submission_metadata.json.

    Returns
    -------
    int
        0; 1 if grading failed. Then there is no results.json, and Gradescope says that the autograder failed.
    """
    course = root / "source" / "course"
    own = json.loads((course / "autograder.json").read_text(encoding="utf-8"))
    student, name, email = _student(
        json.loads((root / "submission_metadata.json").read_text(encoding="utf-8"))
    )
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        shutil.copytree(root / "submission", work / "in" / student, symlinks=True)
        write_csv(work / "roster.csv", ["student", "name", "email"], [[student, name, email]])
        results = grade(
            Run(
                work / "in",
                course / "bank",
                course / "seed.key",
                work / "roster.csv",
                work / "out",
                lessons=own["lessons"],
                source="plain",
                sandbox=own["sandbox"],
                unsafe=own["sandbox"] == "none",
            )
        )
        for one in results:
            if one.state == "error":
                print(f"{one.exercise}: {one.reason}", file=sys.stderr)
        made = work / "out" / "gradescope" / f"{file_names([student])[student]}.json"
        if not made.exists():
            return 1
        (root / "results").mkdir(exist_ok=True)
        shutil.copyfile(made, root / "results" / "results.json")
    return 0


def _student(metadata: dict[str, Any]) -> tuple[str, str, str]:
    # A group's members all get the first one's inputs, whoever of them hands in.
    first = min(metadata["users"], key=lambda user: user["id"])
    return f"gradescope-{first['id']}", first.get("name", ""), first.get("email", "")


if __name__ == "__main__":
    try:
        raise SystemExit(main(Path(sys.argv[1])))
    except CourseError as error:
        raise SystemExit(f"Error: {error}") from error
