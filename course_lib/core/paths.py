"""Where the course lies, and where it keeps what it makes and downloads."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]  # the checkout, or where an installed wheel lies


def home() -> Path:
    """The folder for made and downloaded data: `$COURSE_HOME`, else the user's cache folder."""
    if own := os.environ.get("COURSE_HOME"):
        return Path(own).expanduser()
    import pooch

    return Path(pooch.os_cache("affective-computing-course-companion")).expanduser()


def commit() -> str:
    """The commit of this checkout, with "-dirty" where files differ from it; "unknown" without git, and in a
    wheel.
    """
    if not (
        ROOT / "pyproject.toml"
    ).exists():  # else it would be that of a repository which the wheel lies in
        return "unknown"
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True
        )
    except OSError:
        return "unknown"
    return done.stdout.strip() or "unknown"
