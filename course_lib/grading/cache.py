"""What was graded once is not graded again: OUT/cache/<sha256 of all that a result depends on>.json."""

import hashlib
import json
import platform
from importlib import metadata
from pathlib import Path

from course_lib.core.io import whole_file
from course_lib.core.paths import ROOT
from course_lib.grading import seeds
from course_lib.grading.results import Result


def environment(key, sandbox, image) -> str:
    """What all results of a run depend on: the course's code (a reference may call any of it), Python and the
    installed packages, the sandbox, and the key, of which only its fingerprint enters."""
    code = hashlib.sha256()
    for path in sorted((ROOT / "course_lib").rglob("*.py")):
        code.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    packages = sorted({f"{one.name}=={one.version}" for one in metadata.distributions()})
    return _sha(
        [code.hexdigest(), platform.python_version(), packages, sandbox, image, seeds.fingerprint(key)]
    )


def path(folder, environment, task, exercise) -> Path:
    """Where a task's result is kept: under another name for any other answer, public part, bank or
    environment.
    """
    public = [
        exercise.id,
        exercise.name,
        exercise.points,
        exercise.at_least,
        exercise.seconds,
        exercise.hints,
        bool(exercise.examples),
    ]
    module = hashlib.sha256(Path(task.bank, f"lesson_{task.exercise[:2]}.py").read_bytes()).hexdigest()
    return Path(folder) / f"{_sha([environment, public, module, task.answer, task.student])}.json"


def read(path, student) -> Result | None:
    """The result kept there, or None. Who it belongs to is no part of what is kept: the folder names
    nobody."""
    try:
        return Result.from_json(json.loads(path.read_text(encoding="utf-8")))._replace(student=student)
    except (FileNotFoundError, ValueError, TypeError, KeyError):  # not there, or no longer what we wrote
        return None


def keep(path, result) -> None:
    """Keep a result, in one move. An error is not to be kept: the next run tries again."""
    with whole_file(path) as part:
        part.write_text(json.dumps(result._replace(student="").to_json()), encoding="utf-8")


def _sha(parts):
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
