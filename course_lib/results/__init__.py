"""Figures measured on real data, as they are read: `NAME.json` beside this file, and what others published.

`course evaluate --data DIR` and `course train NAME --final --ship` write the files (`authoring/experiments`,
`authoring/ship.py`); lessons, plots and the demo only read them, so nothing here needs Keras.
"""

import json
from pathlib import Path

from course_lib.core.errors import CourseError

FOLDER = Path(__file__).parent


def read(name: str) -> dict:
    """A figure measured on real data, as `course evaluate` wrote it. Raises `CourseError` where there is
    none.
    """
    path = FOLDER / f"{name}.json"
    if not path.exists():
        raise CourseError(
            name,
            "it was not measured yet",
            f"Run: course evaluate {name} --data DIR; a network: course train {name} --final --ship",
        )
    return json.loads(path.read_text(encoding="utf-8"))


def trained() -> dict[str, dict]:
    """Every network that `course train NAME --final --ship` has trained on real data and written down, by
    name.
    """
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))]
    return {one["network"]: one for one in found if "network" in one}
