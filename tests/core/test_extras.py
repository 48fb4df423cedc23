"""What is missing is named together with the command that brings it, and no other."""

import re
import subprocess
import sys
import tomllib

import pytest
from packaging.requirements import Requirement

from course_lib.core import extras
from course_lib.core.errors import CourseError, NotInstalled
from course_lib.core.paths import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DECLARED = PROJECT["optional-dependencies"]
# {module: what is declared and brings it}, where the names differ.
DISTRIBUTIONS = {
    "jupyter_client": "jupyter-client",
    "jupyterlite_core": "jupyterlite-core",
    "jupyterlite_pyodide_kernel": "jupyterlite-pyodide-kernel",
    "myst_nb": "myst-nb",
    "sphinx_book_theme": "sphinx-book-theme",
    "sphinx_copybutton": "sphinx-copybutton",
    "sphinx_mathjax_offline": "sphinx-mathjax-offline",
    "PIL": "pillow",
    "nbclient": "papermill",
    "yaml": "pyyaml",
    "grimp": "import-linter",
    "importlinter": "import-linter",
    "keras_vggface": "keras-vggface",
    "dask": "distributed",
    "tensorflow": "tensorflow-cpu",
}


@pytest.fixture(params=[True, False], ids=["checkout", "wheel"])
def in_checkout(request, monkeypatch, tmp_path):
    """Once in the course's folder, once where only a wheel is installed."""
    monkeypatch.setattr(extras, "ROOT", ROOT if request.param else tmp_path)
    return request.param


@pytest.mark.parametrize(
    "extra, module", [(extra, name) for extra, names in extras.EXTRAS.items() for name in names]
)
def test_each_package_is_brought_by_its_extra(extra, module):
    declared = {Requirement(line).name.lower() for line in DECLARED[extra]}
    assert DISTRIBUTIONS.get(module, module) in declared


def test_the_extras_are_those_of_pyproject():
    assert set(extras.EXTRAS) == set(DECLARED) - {"all"}


@pytest.mark.parametrize(
    "module, extra", [("starlette.routing", "demo"), ("papermill.execute", "lab"), ("distributed", "grade")]
)
def test_a_missing_package_names_the_extra_that_brings_it(in_checkout, module, extra):
    error = extras.not_installed(module, "course demo")
    assert isinstance(error, CourseError) and isinstance(error, ImportError)
    where = f"pip install -e '.[{extra}]'" if in_checkout else f"pip install 'WHEEL[{extra}]'"
    assert str(error).startswith(
        f"course demo: the package {module.split('.')[0]} is not installed. Run: {where}"
    )


def test_a_missing_package_of_the_course_itself_names_no_extra(in_checkout):
    message = str(extras.not_installed("soxr"))
    assert (
        "Run: pip install -e . in" if in_checkout else "Run: pip install WHEEL, where WHEEL is"
    ) in message


def test_what_students_lack_is_had_with_the_whole_course_only(in_checkout):
    message = str(extras.not_installed("course_lib.grading", "course grade"))
    assert message == (
        "course grade: it is not part of the students' version of the course. Teachers and maintainers: "
        "get the whole course and run pip install -e '.[all]' in the course's folder"
    )


@pytest.mark.parametrize(
    "there, advice",
    [
        ([], "Run: pip install -e '.[tf]' in the course's folder"),
        (["torch"], "Or use torch: set KERAS_BACKEND=torch"),
    ],
)
def test_without_tensorflow_the_extra_tf_is_named_and_a_backend_that_is_there(monkeypatch, there, advice):
    monkeypatch.setattr(extras, "_is_there", there.__contains__)
    message = str(extras.not_installed("tensorflow"))
    assert "'.[tf]'" in message and message.endswith(advice)


@pytest.mark.parametrize("chosen", ["variable", "file"])
@pytest.mark.parametrize("there", [[], ["tensorflow"]])
def test_for_a_chosen_backend_the_choice_is_named_and_how_to_undo_it(monkeypatch, chosen, there):
    monkeypatch.setattr(extras, "_is_there", there.__contains__)
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    if chosen == "variable":
        monkeypatch.setenv("KERAS_BACKEND", "jax")
    message = str(extras.not_installed("jax"))
    assert ("KERAS_BACKEND" if chosen == "variable" else ".keras/keras.json") in message
    assert message.endswith("Or run: pip install jax")
    assert ("set it to tensorflow, which is installed" if there else "'.[tf]'") in message


MISSING = """
import importlib.abc, sys

class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {missing!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Missing())
try:
    import course_lib.models.backend
except ImportError as error:
    print(type(error).__name__, error)
"""


@pytest.mark.parametrize(
    "missing, message",
    [
        ("keras", r"the networks: the package keras is not installed\. Run: pip install -e \. in"),
        ("jax", r"the networks: Keras's backend jax is not installed\. .*KERAS_BACKEND.*pip install jax"),
    ],
)
def test_the_networks_say_what_is_missing(missing, message, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    done = subprocess.run(
        [sys.executable, "-c", MISSING.format(missing=missing)], capture_output=True, text=True
    )
    assert re.match(rf"{NotInstalled.__name__} {message}", done.stdout), done.stdout + done.stderr
