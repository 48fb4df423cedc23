"""What stands in results/: figures measured on real data, and the networks that were trained on them."""

import json
from pathlib import Path

from course_lib.files import ROOT, CourseError


def read(name) -> dict:
    """A figure measured on real data, as `course evaluate` wrote it. Raises `CourseError` where there is none."""
    for folder in _folders():
        if (folder / f"{name}.json").exists():
            return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    raise CourseError(name, "it was not measured yet", f"Where the real data lie: course evaluate {name} --data DIR")


def trained() -> dict[str, dict]:
    """Every network that `course train NAME --final --ship` has trained on real data and written down, by name."""
    folder = next((folder for folder in _folders() if folder.is_dir()), None)
    paths = sorted(folder.glob("*.json")) if folder else ()
    found = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    return {one["network"]: one for one in found if "network" in one}


def _folders():
    # In a checkout results/ stands at the top; an installed wheel carries it inside the package.
    return ROOT / "results", Path(__file__).parents[1] / "results"
