"""Run the lessons in Colab's twin: Python 3.13 with the very versions that Colab's runtime brings.

    python colab/twin.py

A resolution says that the course fits into Colab; the twin shows that it runs there, setup cell included: Colab's old
IPython, MoviePy and ipykernel, its OpenCV 5, its Keras, and a stand-in for the `google.colab` that its kernels import.
Everything goes to build/colab: the environment, the executed lessons, and `twin.json`, which tests/lessons reads.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from course_lib import lessons

ROOT = Path(__file__).resolve().parent.parent
RUNTIME = ROOT / "colab" / "runtime-py313.txt"
OUT = ROOT / "build" / "colab"
PYTHON = OUT / "env" / "bin" / "python"
COURSE = "affective-computing-course-companion"
KERNEL = "colab-twin"

# Beside our own requirements: what a notebook stands on and what lessons may meet there. Not all 697 packages: most of
# them (CUDA, torch, Spark) no lesson touches. TensorFlow's build without a GPU has its own name and the same code.
BESIDE = ["pip", "ipykernel", "ipython", "ipywidgets", "opencv-python", "tensorflow-cpu==2.20.0"]
TAKEN_OUT = {"jedi"}  # IPython asks for it, Colab takes it out

# Colab's kernels have imported google.colab before the first cell. The stand-in also notes where each kernel's
# course_lib came from: after every cell, since a kernel is not always given the time to say so at its end.
STAND_IN = {
    "drive.py": 'def mount(mountpoint):\n    print(f"Mounted at {mountpoint}")\n',
    "__init__.py": f"""
import os, pathlib, sys
from IPython import get_ipython

def tell(*_):
    if "course_lib" in sys.modules:
        pathlib.Path({str(OUT)!r}, "kernels", str(os.getpid())).write_text(sys.modules["course_lib"].__file__)

get_ipython().events.register("post_run_cell", tell)
"""}


def main() -> int:
    """Make the twin, run the lessons in it; 0 when all went well, and when this machine has no Python 3.13."""
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
    bring_course()
    runs = run_lessons()
    after = installed()
    changed = differing(before, after)
    print(f"Of {len(before)} packages that Colab brought, changed: {', '.join(changed) or 'none'}.")
    keep(before, after, runs)
    return 1 if changed or any(run.error for run in runs) else 0


def find_python() -> str:
    """A Python 3.13 that runs: uv's, the one on the path, or pyenv's; "" when there is none."""
    found = subprocess.run([sys.executable, "-m", "uv", "python", "find", "3.13"], capture_output=True, text=True)
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    candidates = [found.stdout.strip(), shutil.which("python3.13"), *sorted(pyenv.glob("versions/3.13*/bin/python"))]
    return next((str(path) for path in candidates if path and _is_313(path)), "")


def _is_313(path):
    # pyenv's shims stand on the path whether they lead anywhere or not.
    said = subprocess.run([path, "-c", "import sys; print(sys.version_info[:2])"], capture_output=True, text=True)
    return said.stdout.strip() == "(3, 13)"


def make_environment(python):
    """Bring build/colab/env to Colab's pins: made whole the first time, later only what differs; without the course.

    The runtime's list is a constraint, not the requirement: uv finds the part of it that the lessons need, and may take
    no other version.
    """
    if not PYTHON.exists():
        uv("venv", "--clear", "--python", python, PYTHON.parent.parent)
    beside, pins = OUT / "beside.txt", OUT / "pins.txt"
    write(beside, "\n".join(BESIDE))
    uv("pip", "compile", "--python", PYTHON, "--constraint", RUNTIME, "--no-annotate",
       *(f"--no-emit-package={name}" for name in TAKEN_OUT), "--output-file", pins, ROOT / "pyproject.toml", beside)
    uv("pip", "sync", "--python", PYTHON, pins)


def colab() -> dict:
    """Colab's versions by package name."""
    listed = versions(RUNTIME.read_text())
    return {**listed, "tensorflow-cpu": listed["tensorflow"]}


def installed() -> dict:
    """The twin's versions by package name."""
    return versions(uv("pip", "freeze", "--python", PYTHON))


def versions(listed) -> dict:
    """{normalised name: version} of lines `name==version` or `name @ address`; other lines are passed over."""
    pairs = re.findall(r"^([\w.-]+)(?:==| @ )(\S+)", listed, re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in pairs}


def differing(there, wanted) -> list[str]:
    """What is `there` in another version than `wanted`, or not wanted at all."""
    return [f"{name} {version} (wanted: {wanted.get(name, 'none')})"
            for name, version in there.items() if version != wanted.get(name)]


def make_kernel():
    """Register the twin as a Jupyter kernel, of build/colab only, that begins as Colab's kernels do."""
    stand_in = OUT / "stand-in"
    for name, text in STAND_IN.items():  # no google/__init__.py: protobuf lives in google, too
        write(stand_in / "google" / "colab" / name, text)
    command = [str(PYTHON), "-m", "ipykernel_launcher", "-f", "{connection_file}",
               "--IPKernelApp.exec_lines=import google.colab"]
    env = {"PYTHONPATH": str(stand_in), "VIRTUAL_ENV": str(PYTHON.parent.parent),
           "PATH": f"{PYTHON.parent}{os.pathsep}{os.environ['PATH']}", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    spec = {"argv": command, "env": env, "display_name": "Colab's twin", "language": "python"}
    write(OUT / "jupyter" / "kernels" / KERNEL / "kernel.json", json.dumps(spec, indent=1))


def bring_course():
    """Put the course's wheel and bootstrap.py beside the lessons, as a student uploads them beside a notebook."""
    shutil.rmtree(OUT / "lessons", ignore_errors=True)
    # By way of a source archive, so that the wheel holds nothing left over from an earlier build in the checkout.
    uv("build", "--out-dir", OUT / "lessons", ROOT)
    shutil.copy(ROOT / "colab" / "bootstrap.py", OUT / "lessons")


def run_lessons() -> list[lessons.Run]:
    """Execute the first lesson, whose setup cell installs the course, then the others, two at a time."""
    shutil.rmtree(OUT / "kernels", ignore_errors=True)
    (OUT / "kernels").mkdir()
    os.environ.update(JUPYTER_PATH=str(OUT / "jupyter"), COURSE_HOME=str(OUT / "home"))
    first, *others = lessons.names()
    runs = lessons.run([first], out=OUT / "lessons", kernel=KERNEL)
    if others and not runs[0].error:
        runs += lessons.run(others, out=OUT / "lessons", kernel=KERNEL, jobs=2)
    return runs


def keep(before, after, runs):
    """Write down what was found, for tests/lessons: versions before and after, the runs, each kernel's course_lib."""
    found = {"before": before, "after": after, "runs": [run._replace(path=str(run.path))._asdict() for run in runs],
             "course_lib": [note.read_text() for note in (OUT / "kernels").iterdir()]}
    write(OUT / "twin.json", json.dumps(found, indent=1))


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


if __name__ == "__main__":
    sys.exit(main())
