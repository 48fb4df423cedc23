"""Where the course is installed, and the folder for the data it makes and downloads."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]  # the checkout, or the folder that an installed wheel is in


def home() -> Path:
    """The folder for data that the course makes and downloads.

    Returns
    -------
    Path
        The environment variable COURSE_HOME, or else a folder in the user's cache.

    Examples
    --------
    >>> from unittest.mock import patch
    >>> with patch.dict(os.environ, {"COURSE_HOME": "course_data"}):
    ...     print(home())
    course_data
    """
    if own := os.environ.get("COURSE_HOME"):
        return Path(own).expanduser()
    import pooch

    return Path(pooch.os_cache("affective-computing-course-companion")).expanduser()


def commit() -> str:
    """The commit of this checkout.

    Returns
    -------
    str
        The abbreviated hash, with "-dirty" if files differ from the commit; "unknown" without git and in an
        installed wheel.
    """
    if not (ROOT / "pyproject.toml").exists():  # do not describe another repository around a wheel
        return "unknown"
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True
        )
    except OSError:
        return "unknown"
    return done.stdout.strip() or "unknown"
