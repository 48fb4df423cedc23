"""The version of the course: the next release's number and, between releases, the commit.

It imports nothing but the standard library, because `pip` runs it to build a wheel.
"""

import functools
import importlib.metadata
import os
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

NEXT_RELEASE = "0.1.0"  # a commit with the tag v0.1.0 has this version
ROOT = Path(__file__).resolve().parents[2]  # the checkout, or the folder an installed wheel lies in
# Time, hash and tags of the commit. .gitattributes: `git archive`, and so GitHub's zip, fills this line in.
ARCHIVED = "$Format:%ct %H %D$"


@functools.cache
def version() -> str:
    """The version of the course that is imported.

    Returns
    -------
    str
        For example "0.1.0.dev20261129074816+ga2bec8c": before release 0.1.0, with the time (UTC) and the hash
        of the commit. It ends in ".dirty" where files differ from the commit. "0.1.0" for a tagged release,
        and where neither git nor a built wheel tells more.

    Notes
    -----
    The time orders the versions and needs no tags and no history: a shallow clone and GitHub's zip of a
    commit give the same version as a full clone.
    """
    if not (ROOT / "pyproject.toml").exists():  # installed from a wheel
        try:
            return importlib.metadata.version("affective-computing-course-companion")
        except importlib.metadata.PackageNotFoundError:
            return NEXT_RELEASE
    return _of_source_archive() or _of_commit(_head() or ARCHIVED) or NEXT_RELEASE


@functools.cache
def address() -> str:
    """Where the course lives.

    Returns
    -------
    str
        The address in the package's metadata, else that of the checkout's remote "origin"; "" without either.
    """
    try:
        urls = (
            importlib.metadata.metadata("affective-computing-course-companion").get_all("Project-URL") or []
        )
    except importlib.metadata.PackageNotFoundError:
        urls = []
    found = urls[0].partition(", ")[2] if urls else _git("remote", "get-url", "origin")
    return found if found.startswith("https://") else ""


def _of_source_archive() -> str:
    """The version that was written into a source archive when it was built; "" in a checkout."""
    try:
        metadata = (ROOT / "PKG-INFO").read_text(encoding="utf-8")
    except OSError:
        return ""
    found = re.search(r"^Version: (\S+)", metadata, re.MULTILINE)
    return found.group(1) if found else ""


def _head() -> str:
    """What `ARCHIVED` asks for, of this checkout, with " dirty" if files differ from the commit."""
    if not (ROOT / ".git").exists():  # else it would be that of a repository which the course lies in
        return ""
    commit = _git("log", "-1", "--no-show-signature", "--format=%ct %H %D")
    return f"{commit} dirty" if commit and _git("status", "--porcelain", "-uno") else commit


def _git(*arguments: str) -> str:
    """What git prints; "" if it fails or is not installed."""
    try:  # without locks, so that no other git command is disturbed
        done = subprocess.run(
            ["git", *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            env=os.environ | {"GIT_OPTIONAL_LOCKS": "0"},
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _of_commit(commit: str) -> str:
    """The version of a commit, described as in `ARCHIVED`; "" if it is not filled in."""
    found = re.match(r"(\d+) ([0-9a-f]{7})[0-9a-f]*(.*)", commit)
    if not found:
        return ""
    seconds, short, rest = found.groups()
    dirty = rest.endswith(" dirty")
    if f"tag: v{NEXT_RELEASE}" in re.split(r", | dirty$", rest.strip()) and not dirty:
        return NEXT_RELEASE
    time = datetime.fromtimestamp(int(seconds), UTC).strftime("%Y%m%d%H%M%S")
    return f"{NEXT_RELEASE}.dev{time}+g{short}{'.dirty' if dirty else ''}"
