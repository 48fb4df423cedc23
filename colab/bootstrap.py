"""Make a Colab kernel ready for a lesson: install course_lib and only those of its requirements that Colab
lacks.

Every lesson's cell for Colab calls `install` when it runs there. Nothing that Colab brought is changed: in a
live kernel another NumPy or TensorFlow breaks what is loaded already. Standard library and pip only: no more
is there yet."""

import importlib
import importlib.metadata
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

NAME = "affective-computing-course-companion"
GITHUB = "https://github.com"
HELP = """The course is not published yet and neither its wheel nor its folder is here. Either
  (a) put the whole course folder into Google Drive as MyDrive/course, then run
          from google.colab import drive; drive.mount("/content/drive")
  (b) or make the wheel on your machine, pip wheel --no-deps -w build/colab ., and upload it together with
      colab/bootstrap.py by the folder icon on the left;
then run this cell again. (Whoever publishes the course: course publish --repo OWNER/NAME --branch main)"""


def install(address=""):
    """Install the course from where it is published ("OWNER/NAME/BRANCH"), else from a wheel or folder at
    hand.

    Without an address it looks for the wheel beside this file and in the working folder, then for the
    course's folder that this file lies in (Google Drive). What is there already is left alone, so a second
    call does nothing. Raises `RuntimeError`, which says what to do, when there is nothing to install from or
    pip fails."""
    with tempfile.TemporaryDirectory() as folder:
        new = not _has(NAME)
        if new:
            _pip("--no-deps", _published(address) if address else _at_hand(folder))
        needs = [need for need in importlib.metadata.requires(NAME) or [] if "extra ==" not in need]
        lacking = [need for need in needs if not _has(need)]
        if lacking:
            _pip("--constraint", _frozen(folder), *lacking)
    if new or lacking:
        print(f"Course installed; added to what Colab brings: {', '.join(lacking) or 'nothing'}.")


def _has(requirement):
    # By name only: what Colab brings is kept whatever its version; the course is tested on Colab's own.
    try:
        return bool(importlib.metadata.version(re.match(r"[\w.-]+", requirement).group()))
    except importlib.metadata.PackageNotFoundError:
        return False


def _published(address):
    owner, name, branch = address.split("/", 2)
    return f"{GITHUB}/{owner}/{name}/archive/refs/heads/{branch}.zip"


def _at_hand(folder):
    here = Path(__file__).resolve().parent
    wheels = [path for place in (here, Path.cwd()) for path in place.glob(NAME.replace("-", "_") + "-*.whl")]
    if wheels:
        return str(max(wheels, key=lambda path: path.stat().st_mtime))
    if not (here.parent / "pyproject.toml").exists():
        raise RuntimeError(HELP)
    # Built from a copy: a build leaves files behind, and from those the next one would take what is out of
    # date.
    leave = shutil.ignore_patterns(".*", "build", "*.egg-info", "notebooks")
    return str(shutil.copytree(here.parent, Path(folder) / "course", ignore=leave))


def _frozen(folder):
    # The version that is imported, where two of one name are installed.
    names = {dist.metadata["Name"] for dist in importlib.metadata.distributions()} - {None}
    path = Path(folder) / "colab.txt"
    path.write_text("\n".join(f"{name}=={importlib.metadata.version(name)}" for name in sorted(names)))
    return str(path)


def _pip(*arguments):
    command = [sys.executable, "-m", "pip", "install", "--quiet", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(
            f"pip install {' '.join(arguments)} failed:\n{done.stderr.strip()[-1500:]}\n"
            "Check the connection and run this cell again."
        )
    importlib.invalidate_caches()
