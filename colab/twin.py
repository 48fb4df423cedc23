"""Run the lessons in Colab's twin: Python 3.13 with the very versions that Colab's runtime brings.

    python colab/twin.py [--notebooks FOLDER] [00 01 …]

A resolution says that the course fits into Colab; the twin shows that it runs there, with the cell for Colab:
Colab's old IPython, MoviePy and ipykernel, its OpenCV 5, its Keras, and a stand-in for the `google.colab`
that its kernels import. nbval runs the lessons, from this environment, and compares the cells tagged
`nbval-check-output` with what is saved. Everything goes to build/colab: the environment, the executed
lessons, and `twin.json`, which tests/lessons reads."""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from itertools import zip_longest
from pathlib import Path

import numpy as np

from course_lib import lessons
from course_lib.core.paths import home
from course_lib.lessons.execute import share_of_cores
from course_lib.media import audio, video

ROOT = Path(__file__).resolve().parent.parent
RUNTIME = ROOT / "colab" / "runtime-py313.txt"
NOTEBOOKS = ROOT / "notebooks"
MAIN_RUN = ROOT / "build" / "lessons"  # the copies of `course run`, with the time of each lesson
OUT = ROOT / "build" / "colab"
CONTENT = OUT / "content"  # what a student has in Colab's /content: lessons, wheel, bootstrap.py
EXECUTED = OUT / "lessons"
HOME = OUT / "home"  # the twin's COURSE_HOME
PYTHON = OUT / "env" / "bin" / "python"
KERNEL = "colab-twin"
CELL_TIMEOUT = 600  # seconds; nbval waits as long for a kernel that has died

# Beside our own requirements: what a notebook needs and what lessons may find there. Not all 697 packages:
# most of them (CUDA, torch, Spark) are used by no lesson. TensorFlow's build without a GPU has its own
# name and the same code.
BESIDE = ["pip", "ipykernel", "ipython", "ipywidgets", "opencv-python", "tensorflow-cpu==2.20.0"]
TAKEN_OUT = {"jedi"}  # IPython asks for it, Colab takes it out

# Colab's kernels have imported google.colab before the first cell. The stand-in also notes where each
# kernel's course_lib came from. It does so after every cell, since a kernel can be killed at its end.
STAND_IN = {
    "drive.py": 'def mount(mountpoint):\n    print(f"Mounted at {mountpoint}")\n',
    "__init__.py": f"""
import os, pathlib, sys
from IPython import get_ipython

def tell(*_):
    if "course_lib" in sys.modules:
        pathlib.Path({str(OUT)!r}, "kernels", str(os.getpid())).write_text(sys.modules["course_lib"].__file__)

get_ipython().events.register("post_run_cell", tell)
""",
}


def main(wanted=(), notebooks=NOTEBOOKS) -> int:
    """Make the twin, run the lessons in it; 0 when all went well, and when this machine has no Python 3.13.

    `wanted` are some lessons, as `lessons.names` takes them; `notebooks` is another folder to take them from.
    """
    python = find_python()
    if not python:
        print("no Python 3.13 found: the Colab twin is skipped")
        return 0
    (OUT / "twin.json").unlink(missing_ok=True)  # no old verdict outlives a run that breaks off
    make_environment(python)
    before = installed()
    strangers = differing(before, colab())
    if strangers:
        print(f"The twin is not Colab: {', '.join(strangers)}")
        return 1
    make_kernel()
    names = lessons.names(wanted)
    bring_course(names, Path(notebooks))
    brought = bring_clips(home() / "studio")
    rows = run_lessons(names)
    after = installed()
    changed = differing(before, after)
    drawn = None if rows[0]["error"] else draw_one(brought)
    found = {
        "before": before,
        "after": after,
        "lessons": rows,
        "studio": studio(brought),
        "drawn": drawn,
        "course_lib": [note.read_text() for note in (OUT / "kernels").iterdir()],
    }
    write(OUT / "twin.json", json.dumps(found, indent=1))
    print(
        summary(rows),
        f"Of {len(before)} packages that Colab brought, changed: {', '.join(changed) or 'none'}.",
        sep="\n",
    )
    return 1 if changed or any(row["error"] or row["differing"] for row in rows) else 0


def find_python() -> str:
    """Find a Python 3.13 that runs: uv's, the one on the path, or pyenv's; "" without one."""
    found = subprocess.run(
        [sys.executable, "-m", "uv", "python", "find", "3.13"], capture_output=True, text=True
    )
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    candidates = [
        found.stdout.strip(),
        shutil.which("python3.13"),
        *sorted(pyenv.glob("versions/3.13*/bin/python")),
    ]
    return next((str(path) for path in candidates if path and _is_313(path)), "")


def _is_313(path):
    # pyenv's shims are on the path even if they start nothing.
    done = subprocess.run(
        [path, "-c", "import sys; print(sys.version_info[:2])"], capture_output=True, text=True
    )
    return done.stdout.strip() == "(3, 13)"


def make_environment(python):
    """Bring build/colab/env to Colab's pins: made whole the first time, later only what differs; without the
    course.

    The runtime's list is a constraint, not the requirement: uv finds the part of it that the lessons need,
    and may take no other version."""
    if not PYTHON.exists():
        uv("venv", "--clear", "--python", python, PYTHON.parent.parent)
    beside, pins = OUT / "beside.txt", OUT / "pins.txt"
    write(beside, "\n".join(BESIDE))
    uv(
        "pip",
        "compile",
        "--python",
        PYTHON,
        "--constraint",
        RUNTIME,
        "--no-annotate",
        *(f"--no-emit-package={name}" for name in TAKEN_OUT),
        "--output-file",
        pins,
        ROOT / "pyproject.toml",
        beside,
    )
    uv("pip", "sync", "--python", PYTHON, pins)


def colab() -> dict:
    """Colab's versions by package name."""
    listed = versions(RUNTIME.read_text())
    return {**listed, "tensorflow-cpu": listed["tensorflow"]}


def installed() -> dict:
    """The twin's versions by package name."""
    return versions(uv("pip", "freeze", "--python", PYTHON))


def versions(listed) -> dict:
    """{normalised name: version} of lines `name==version` or `name @ address`; other lines are passed
    over."""
    pairs = re.findall(r"^([\w.-]+)(?:==| @ )(\S+)", listed, re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in pairs}


def differing(there, wanted) -> list[str]:
    """What is `there` in another version than `wanted`, or not wanted at all."""
    return [
        f"{name} {version} (wanted: {wanted.get(name, 'none')})"
        for name, version in there.items()
        if version != wanted.get(name)
    ]


def make_kernel():
    """Register the twin as a Jupyter kernel, of build/colab only, that begins as Colab's kernels do."""
    stand_in = OUT / "stand-in"
    for name, text in STAND_IN.items():  # no google/__init__.py: protobuf lives in google, too
        write(stand_in / "google" / "colab" / name, text)
    # nbval starts kernels inside pytest. With pytest's variable, a kernel hides what C libraries print.
    command = [
        "env",
        "-u",
        "PYTEST_CURRENT_TEST",
        str(PYTHON),
        "-m",
        "ipykernel_launcher",
        "-f",
        "{connection_file}",
        "--IPKernelApp.exec_lines=import google.colab",
    ]
    env = {
        "PYTHONPATH": str(stand_in),
        "VIRTUAL_ENV": str(PYTHON.parent.parent),
        "PATH": f"{PYTHON.parent}{os.pathsep}{os.environ['PATH']}",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    spec = {"argv": command, "env": env, "display_name": "Colab's twin", "language": "python"}
    write(OUT / "jupyter" / "kernels" / KERNEL / "kernel.json", json.dumps(spec, indent=1))


def bring_course(names, notebooks):
    """Put the lessons, the course's wheel and bootstrap.py into one folder, as a student uploads them."""
    for folder in (CONTENT, EXECUTED):
        shutil.rmtree(folder, ignore_errors=True)
    # By way of a source archive, so that the wheel holds nothing left over from an earlier build in the
    # checkout.
    uv("build", "--out-dir", CONTENT, ROOT)
    shutil.copy(ROOT / "colab" / "bootstrap.py", CONTENT)
    for name in names:
        text = (notebooks / f"{name}.ipynb").read_text(encoding="utf-8")
        write(CONTENT / f"{name}.ipynb", without_download(text))


def without_download(lesson: str) -> str:
    """Set WEIGHTS to "face_identity" in a lesson, because the default in Colab is a download."""
    return lesson.replace("WEIGHTS = None ", r"WEIGHTS = \"face_identity\" ")


# --- the clips ---


def bring_clips(studio) -> list[str]:
    """Link what the main run drew (clips, voices, faces) into the twin's home; which files, [] where it drew
    nothing.

    The Studio's folders are named by its seed and its own version, not by a library's, so the twin takes them
    for its own. Nothing that is computed from them is brought: frames, embeddings and networks are the twin's
    own work."""
    if not studio.is_dir() or studio.resolve() == HOME / "studio":
        return []
    shutil.rmtree(HOME / "studio", ignore_errors=True)
    shutil.copytree(studio, HOME / "studio", copy_function=_link, ignore=shutil.ignore_patterns("*.part*"))
    return _files(HOME / "studio")


def _link(source, target):
    try:
        os.link(source, target)
    except OSError:  # another disk
        shutil.copy2(source, target)


def _files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def studio(brought) -> dict:
    """How many of the Studio's files were brought, and how many the lessons drew beside them, by folder."""
    kinds = {"brought": brought, "drawn": {*_files(HOME / "studio")} - {*brought}}
    return {kind: Counter(name.partition("/")[0] for name in names) for kind, names in kinds.items()}


def draw_one(brought) -> dict | None:
    """Draw a clip that was brought by the twin's own libraries, too: its name and how far apart the two are.

    `frames` of both; `picture`, the largest mean difference of two frames, in grey levels of 255; `sound`,
    the largest difference of two samples, of 1. None where no clip was brought."""
    clip = next((HOME / "studio" / name for name in brought if Path(name).name.startswith("01-")), None)
    if clip is None:
        return None
    fresh = OUT / "drawn"
    shutil.rmtree(fresh, ignore_errors=True)
    code = (
        "import sys; from course_lib.synthetic import corpus; corpus.make(sys.argv[1:2], folder=sys.argv[2])"
    )
    subprocess.run(
        [PYTHON, "-I", "-c", code, clip.name, fresh], check=True, env=os.environ | {"TQDM_DISABLE": "1"}
    )
    return {"name": clip.name, **apart(clip, fresh / clip.parent.name / clip.name)}


def apart(one, other) -> dict:
    """How far two clips are apart: see `draw_one`. Where one is longer than the other, only `frames`
    says so."""
    counts, picture = [0, 0], 0.0
    for frames in zip_longest(video.stream(one), video.stream(other)):
        counts = [count + (frame is not None) for count, frame in zip(counts, frames, strict=True)]
        if all(frame is not None for frame in frames):
            picture = max(picture, float(np.abs(np.subtract(*frames, dtype=np.int16)).mean()))
    sounds = [audio.read_audio(path, sr=48_000, seconds=None) for path in (one, other)]
    n = min(map(len, sounds))
    return {"frames": counts, "picture": picture, "sound": float(np.abs(sounds[0][:n] - sounds[1][:n]).max())}


# --- the lessons ---


def run_lessons(names) -> list[dict]:
    """Run the first lesson, whose cell for Colab installs the course, then the others, the longest first.

    Returns a row a lesson.
    """
    shutil.rmtree(OUT / "kernels", ignore_errors=True)
    (OUT / "kernels").mkdir()
    first, *others = names
    nbval([first])
    if others and not row(first)["error"]:
        nbval(
            sorted(others, key=seconds_of_main_run, reverse=True), jobs=min(lessons.at_a_time(), len(others))
        )
    return [row(name) for name in names]


def nbval(names, jobs=1):
    """Run lessons with pytest and nbval, `jobs` at the same time, each on its part of the cores."""
    options = [
        "-p",
        "colab.nbval_plugin",
        f"--keep-executed={EXECUTED}",
        "--nbval-lax",
        f"--nbval-kernel-name={KERNEL}",
        f"--nbval-cell-timeout={CELL_TIMEOUT}",
        "-n",
        str(jobs if jobs > 1 else 0),
        "--dist",
        "loadfile",
        "--no-loadscope-reorder",
        "-q",
        "--color=no",
        "-p",
        "no:cacheprovider",
    ]
    env = (
        os.environ
        | share_of_cores(jobs)
        | {"JUPYTER_PATH": str(OUT / "jupyter"), "COURSE_HOME": str(HOME), "TQDM_DISABLE": "1"}
    )  # a bar's last state is no part of a lesson
    paths = [str(CONTENT / f"{name}.ipynb") for name in names]
    subprocess.run([sys.executable, "-m", "pytest", *options, *paths], cwd=ROOT, env=env)


def seconds_of_main_run(name) -> float:
    """What a lesson took in the main environment, 0 where it has not run there."""
    return _noted(MAIN_RUN / f"{name}.ipynb").get("seconds", 0.0)


def row(name) -> dict:
    """What nbval_plugin noted in a lesson's executed copy: its time, its error, how many cells there are
    (`code`) and the numbers of those that were compared, those only run, and those whose outputs differed."""
    nothing = {
        "error": "it did not run to its end",
        "seconds": 0.0,
        "memory": 0.0,
        "code": 0,
        "tagged": [],
        "compared": [],
        "only_run": [],
        "differing": {},
    }
    return {"name": name, **(_noted(EXECUTED / f"{name}.ipynb") or nothing)}


def _noted(path):
    if not path.exists():
        return {}
    return json.loads(path.read_text(encoding="utf-8"))["metadata"].get("course", {})


def summary(rows) -> str:
    """A line a lesson, and one for all."""
    lines = [
        f"{row['name']:28} {row['seconds']:6.1f} s, of {row['code']:3} cells compared "
        f"{len(row['compared']):3}"
        f"{_but(row)}"
        for row in rows
    ]
    cells, compared = sum(row["code"] for row in rows), sum(len(row["compared"]) for row in rows)
    return "\n".join(
        [
            *lines,
            f"Of {cells} cells {compared} were compared with what is saved, {cells - compared} only run.",
        ]
    )


def _but(row):
    differ = f"; differing: {', '.join(row['differing'])}" if row["differing"] else ""
    return differ + (f"; FAILED {row['error']}" if row["error"] else "")


def write(path, text):
    """A text file with the folders it needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def uv(*arguments) -> str:
    """Run uv and return what it printed; its own message, when it fails, ends the programme."""
    command = [sys.executable, "-m", "uv", "--quiet", *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"uv {arguments[0]} {arguments[1]} failed: see above")
    return done.stdout


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("wanted", nargs="*", metavar="LESSON", help="its number, for example 01 (all)")
    parser.add_argument("--notebooks", type=Path, default=NOTEBOOKS, metavar="FOLDER", help="where they lie")
    return vars(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main(**_arguments()))
