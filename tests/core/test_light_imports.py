"""Every module imports where the heavy packages are missing, but for those listed here, which are built on
Keras.

So it is in Pyodide, where lessons are to run in a browser. A heavy package is imported in the function that
uses it. A new module is light, unless it is put on the list."""

import json
import subprocess
import sys

import pytest

# What Pyodide lacks, what needs an extra of the course's, and what is used by few functions and slow to
# import.
MISSING = [
    "keras",
    "tensorflow",
    "jax",
    "jaxlib",
    "torch",
    "librosa",
    "numba",
    "moviepy",
    "av",
    "imageio_ffmpeg",
    "soxr",
    "soundfile",
    "h5py",
    "pooch",
    "requests",
    "urllib3",
    "starlette",
    "uvicorn",
    "mediapipe",
    "papermill",
    "nbformat",
    "nbconvert",
    "nbclient",
    "jupytext",
    "jupyter_client",
    "psutil",
    "distributed",
    "setuptools",
]
ON_KERAS = {
    "course_lib.authoring.embedding.hard_negatives",
    "course_lib.authoring.experiments",  # with all that is in it
    "course_lib.fusion.frame_features",
    "course_lib.fusion.representations",
    "course_lib.models.attribution",
    "course_lib.models.backend",
    "course_lib.models.face_identity",
    "course_lib.models.face_networks",
    "course_lib.models.face_training",
    "course_lib.models.frozen",
    "course_lib.models.network_classifier",
    "course_lib.models.networks",
    "course_lib.models.scoring",
    "course_lib.models.speech_encoder",
    "course_lib.models.training",
    "course_lib.models.vggface",
}
ON_STARLETTE = {"course_lib.demo.server"}  # the extra "demo"
HEAVY = ON_KERAS | ON_STARLETTE
IN_THE_SANDBOX = {"course_lib.grading.harness"}  # no part of the course there, and never imported here
PROGRAM = """
import importlib, importlib.abc, json, pkgutil, sys

class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in MISSING:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

MISSING = set(sys.argv[1].split(","))
sys.meta_path.insert(0, Missing())
import course_lib

found = {"course_lib": ""}
for module in pkgutil.walk_packages(course_lib.__path__, "course_lib.", onerror=lambda name: None):
    try:
        importlib.import_module(module.name)
        found[module.name] = ""
    except ImportError as error:
        found[module.name] = f"{type(error).__name__}: {error}"
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def errors():
    """{module of course_lib: why it cannot be imported where the heavy packages are missing, or ""}."""
    done = subprocess.run([sys.executable, "-c", PROGRAM, ",".join(MISSING)], capture_output=True, text=True)
    assert not done.returncode, done.stderr
    return {name: error for name, error in json.loads(done.stdout).items() if name not in IN_THE_SANDBOX}


def test_every_module_that_is_not_on_the_list_imports(errors):
    assert {name: error for name, error in errors.items() if error and name not in HEAVY} == {}


def test_the_list_names_no_module_that_is_light_or_gone(errors):
    assert {name for name in HEAVY if not errors.get(name)} == set()


def test_what_is_on_the_list_says_what_is_missing(errors):
    assert {name: error for name, error in errors.items() if error and "pip install" not in error} == {}
