"""How the lessons in OUT were graded, OUT/settings.json, so that a later call need not repeat it.

A mark depends on the deadline, on which submission counts, and on the pattern. A teacher who grades one
exercise again and forgets one of these would change other marks.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from course_lib.core.errors import CourseError
from course_lib.core.io import whole_file
from course_lib.grading import rules
from course_lib.grading.run import Run

NAME = "settings.json"
_READ: Mapping[str, Callable[[Any], Any]] = {"deadline": datetime.fromisoformat, "attempts": int}
KEPT = ("deadline", "count", "pattern", "source", "times", "late", "attempts", "tries")  # of each lesson


def read(out: str | Path) -> dict[str, Any]:
    """Read {"anonymous": bool, "lessons": {lesson: {option: value}}}; without the file, nothing is known.

    Raises
    ------
    CourseError
        If the file is damaged.
    """
    path = Path(out, NAME)
    if not path.exists():
        return {"anonymous": False, "lessons": {}}
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        lessons = {
            str(lesson): {
                name: _READ.get(name, str)(value)
                for name, value in own.items()
                if name in KEPT and value is not None
            }
            for lesson, own in kept["lessons"].items()
        }
        return {"anonymous": bool(kept["anonymous"]), "lessons": lessons}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CourseError(path, "it is damaged", "Remove it, and give all options again") from error


def resumed(given: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the options of a run, with those that are not given as in the last run into the same folder.

    Parameters
    ----------
    given : mapping of str to object
        The options of `course grade` that a teacher wrote, with "out".

    Returns
    -------
    options : dict
        For `Run`. Without "lessons": the lessons of "regrade", or those that OUT holds.
    taken : list of str
        What was taken from the last run, such as "--count in-time".

    Raises
    ------
    CourseError
        If the lessons have different settings.
    """
    kept, options = read(given["out"]), dict(given)
    taken: dict[str, Any] = {}
    if not kept["lessons"]:
        return options, []
    if "lessons" not in options:
        lessons = sorted({id[:2] for id in options.get("regrade", ())} or kept["lessons"])
        options["lessons"] = taken["lessons"] = lessons
    if deadlines := _deadlines(kept["lessons"], options):
        options["deadline"] = taken["deadline"] = deadlines
    for name in (one for one in KEPT if one not in options and one != "deadline"):
        # A new lesson has the defaults: last week's deadline is not its own.
        known = [kept["lessons"].get(one, {}).get(name, _default(name)) for one in options["lessons"]]
        if len(set(known)) > 1:
            raise CourseError(
                f"--lessons {' '.join(options['lessons'])}",
                f"their settings are different (--{name})",
                f"Grade them one after the other, or give --{name}",
            )
        if known[0] != _default(name):
            options[name] = taken[name] = known[0]
    if kept["anonymous"] and "anonymous" not in options:
        options["anonymous"] = taken["anonymous"] = True
    return options, [_words(name, value) for name, value in taken.items()]


def _deadlines(
    kept: Mapping[str, Mapping[str, Any]], options: Mapping[str, Any]
) -> datetime | dict[str, datetime] | None:
    """Return the deadlines, if some were kept that are not given now: {lesson: deadline}, or the only one."""
    given = options.get("deadline")
    if isinstance(given, datetime) or (given and "" in given):
        return None
    old = {one: kept[one]["deadline"] for one in options["lessons"] if "deadline" in kept.get(one, {})}
    if not set(old) - set(given or {}):
        return None
    found = {**old, **(given or {})}
    same = set(found) == set(options["lessons"]) and len(set(found.values())) == 1
    return next(iter(found.values())) if same else found


def _default(name: str) -> Any:
    return Run.__dataclass_fields__[name].default


def _words(name: str, value: Any) -> str:
    if value is True:
        return f"--{name}"
    if isinstance(value, Mapping):
        value = [f"{lesson}={when:%Y-%m-%dT%H:%M}" for lesson, when in value.items()]
    value = f"{value:%Y-%m-%dT%H:%M}" if isinstance(value, datetime) else value
    name = "from" if name == "source" else name
    return f"--{name} {' '.join(value) if isinstance(value, list) else value}"


def write(run: Run, lessons: Iterable[str]) -> None:
    """Write how these lessons were graded; what is known of other lessons stays."""
    kept = read(run.out)
    own = {name: getattr(run, name) for name in KEPT}
    now = {lesson: {**own, "deadline": rules.deadline(run, lesson)} for lesson in lessons}
    everything = {**kept["lessons"], **now}
    text = json.dumps(
        {"anonymous": run.anonymous, "lessons": everything}, indent=1, sort_keys=True, default=_iso
    )
    with whole_file(Path(run.out, NAME)) as part:
        part.write_text(f"{text}\n", encoding="utf-8")


def _iso(value: datetime | Path) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value.resolve())
