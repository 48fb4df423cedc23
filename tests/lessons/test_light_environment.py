"""Lessons 00 to 03 and 05 in an environment of their own, in which there is neither Keras nor a backend."""

import importlib.metadata
import json
import subprocess
import sys

import pytest
from packaging.requirements import Requirement

from course_lib import lessons
from course_lib.core.extras import COURSE
from course_lib.core.paths import ROOT

BY_DAY, BY_NIGHT = ["00", "05"], ["01", "02", "03"]
LEFT_OUT = {"keras"}
NETWORKS = ("keras", "tensorflow", "jax", "torch")


def uv(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "uv", "--quiet", *map(str, arguments)], capture_output=True, text=True
    )


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """The Python of a new environment with the course's own requirements, but for Keras."""
    folder = tmp_path_factory.mktemp("light") / "env"
    needs = [Requirement(line) for line in importlib.metadata.requires(COURSE)]
    wanted = [
        str(need).partition(";")[0]
        for need in needs
        if need.name not in LEFT_OUT and (need.marker is None or need.marker.evaluate({"extra": ""}))
    ]
    assert uv("venv", "--python", sys.executable, folder).returncode == 0
    made = uv(
        "pip",
        "install",
        "--python",
        folder / "bin" / "python",
        "--constraint",
        ROOT / "constraints.txt",
        *wanted,
        "ipykernel",
    )
    if made.returncode:
        pytest.skip(f"the environment cannot be made here: {made.stderr.strip()[-200:]}")
    return folder / "bin" / "python"


@pytest.fixture
def kernel(python, tmp_path, monkeypatch):
    """The name of a Jupyter kernel that runs in that environment, with the checkout's `course_lib`."""
    spec = {
        "argv": [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "language": "python",
        "display_name": "light",
        "env": {"PYTHONPATH": str(ROOT)},
    }
    (tmp_path / "kernels" / "light").mkdir(parents=True)
    (tmp_path / "kernels" / "light" / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    return "light"


def test_the_environment_has_neither_keras_nor_a_backend(python):
    asked = f"import importlib.util as u; print([name for name in {NETWORKS} if u.find_spec(name)])"
    said = subprocess.run([python, "-c", asked], capture_output=True, text=True)
    assert said.stdout.strip() == "[]"


@pytest.mark.parametrize("wanted", [BY_DAY, pytest.param(BY_NIGHT, marks=pytest.mark.nightly)])
def test_the_light_lessons_run_there(wanted, kernel, tmp_path):
    # Two actors, whose clips the main run has drawn: enough for each protocol of lesson 03.
    runs = lessons.run(wanted, {"ACTORS": [1, 2]}, tmp_path / "lessons", kernel)
    assert {run.name[:2]: run.error for run in runs} == dict.fromkeys(wanted, "")
