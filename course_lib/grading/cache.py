"""The cache: an answer is graded once. OUT/cache/<sha256 of everything a result depends on>.json."""

import hashlib
import json
import platform
from importlib import metadata
from pathlib import Path

from course_lib.core.io import whole_file
from course_lib.core.paths import ROOT
from course_lib.exercises import Exercise
from course_lib.grading import seeds
from course_lib.grading.marking import Task
from course_lib.grading.results import Result


def environment(key: bytes, sandbox: str, image: str | None) -> str:
    """Return a digest of what all results of a run depend on.

    This is the course's code (a reference may call any of it), Python and the installed packages, the
    sandbox, and the key's fingerprint.
    """
    code = hashlib.sha256()
    for path in sorted((ROOT / "course_lib").rglob("*.py")):
        code.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    about = [one.metadata for one in metadata.distributions()]  # `one.name` would read the file once more
    packages = sorted({f"{one['Name']}=={one['Version']}" for one in about})
    return _sha(
        [code.hexdigest(), platform.python_version(), packages, sandbox, image, seeds.fingerprint(key)]
    )


def path(folder: str | Path, environment: str, task: Task, exercise: Exercise) -> Path:
    """Return the file of a task's result. Its name changes with the answer, the exercise, the bank and the
    environment."""
    public = [
        exercise.id,
        exercise.name,
        exercise.points,
        exercise.at_least,
        exercise.seconds,
        exercise.imports,
        exercise.memory,
        exercise.hints,
        exercise.forbidden,
        bool(exercise.examples),
    ]
    module = hashlib.sha256(Path(task.bank, f"lesson_{task.exercise[:2]}.py").read_bytes()).hexdigest()
    return Path(folder) / f"{_sha([environment, public, module, task.answer, task.student])}.json"


def read(path: Path, student: str) -> Result | None:
    """Read a result, or return None if there is none. The file does not name the student; the caller does."""
    try:
        return Result.from_json(json.loads(path.read_text(encoding="utf-8")))._replace(student=student)
    except (FileNotFoundError, ValueError, TypeError, KeyError):  # no file, or one of another version
        return None


def keep(path: Path, result: Result) -> None:
    """Write a result, in one move. Do not keep an error, so that the next run tries again."""
    with whole_file(path) as part:
        part.write_text(json.dumps(result._replace(student="").to_json()), encoding="utf-8")


def _sha(parts: list[object]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
