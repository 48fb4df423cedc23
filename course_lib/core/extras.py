"""Which optional package belongs to which extra of the course, and how to install it."""

import os
from importlib.util import find_spec

from course_lib.core.errors import NotInstalled
from course_lib.core.paths import ROOT

COURSE = "affective-computing-course-companion"
# Packages by the names under which they are imported. "tf" is the Keras backend that the course installs;
# Keras can use others.
EXTRAS = {
    "tf": ("tensorflow",),
    "lab": (
        "papermill",
        "nbclient",
        "nbformat",
        "jupytext",
        "jupyterlab",
        "jupyter_client",
        "ipykernel",
        "ipywidgets",
        "psutil",
    ),
    "grade": ("distributed", "dask", "jinja2", "setuptools"),
    "demo": ("starlette", "uvicorn"),
    "dev": (
        "pytest",
        "nbconvert",
        "nbgrader",
        "nbval",
        "keras_vggface",
        "uv",
        "yaml",
        "playwright",
        "importlinter",
        "grimp",
    ),
    "site": ("sphinx", "myst_nb", "sphinx_book_theme", "sphinx_copybutton", "sphinx_mathjax_offline"),
    "landmarks": ("mediapipe",),
    "browser": ("jupyterlite_core", "jupyterlite_pyodide_kernel"),
}
BACKENDS = ("tensorflow", "jax", "torch")  # of Keras, in the order in which one is proposed
AUTHORS = ("course_lib.authoring", "course_lib.grading")  # not in a student's wheel


def not_installed(module: str | None, what: str = "this part of the course") -> NotInstalled:
    """The error for a missing module: how to install it.

    Parameters
    ----------
    module : str or None
        The module that could not be imported, such as `ImportError.name`.
    what : str
        The part of the course that needs it; the message begins with it.

    Returns
    -------
    NotInstalled
        The error, to be raised by the caller.

    Examples
    --------
    >>> str(not_installed("starlette.routing", "the demo"))
    "the demo: the package starlette is not installed. Run: pip install ...[demo]..."
    """
    name = str(module).partition(".")[0]
    if str(module).startswith(AUTHORS):
        return NotInstalled(
            what,
            "it is not part of the students' version of the course",
            f"Teachers and maintainers: get the whole course and run {install('all')}",
        )
    if name in BACKENDS:
        return NotInstalled(what, f"Keras's backend {name} is not installed", _another_backend(name))
    extra = next((extra for extra, names in EXTRAS.items() if name in names), "")
    return NotInstalled(what, f"the package {name} is not installed", f"Run: {install(extra)}")


def install(extra: str = "") -> str:
    """The command that installs the course, from its folder or from the wheel of a release.

    Parameters
    ----------
    extra : str
        An extra of the course, such as "demo"; "" for none.

    Returns
    -------
    str

    Examples
    --------
    >>> install("demo")
    "pip install ...[demo]'..."
    """
    if (ROOT / "pyproject.toml").exists() or extra == "all":
        return f"pip install -e {_with(extra, '.')} in the course's folder"
    return f"pip install {_with(extra, 'WHEEL')}, where WHEEL is the file colab/*.whl of your release"


def _with(extra: str, package: str) -> str:
    return f"'{package}[{extra}]'" if extra else package


def _another_backend(name: str) -> str:
    """What to do about a missing Keras backend, whether it was chosen or is the default."""
    there = [other for other in BACKENDS if other != name and _is_there(other)]
    if name == "tensorflow":
        return f"Run: {install('tf')}" + (
            f". Or use {there[0]}: set KERAS_BACKEND={there[0]}" if there else ""
        )
    chosen, undo = (
        ("the environment variable KERAS_BACKEND", "unset it")
        if os.environ.get("KERAS_BACKEND")
        else ('"backend" in .keras/keras.json in your home folder', "remove it")
    )
    instead = f"set it to {there[0]}, which is installed" if there else f"{undo} and run: {install('tf')}"
    return f"It was chosen by {chosen}: {instead}. Or run: pip install {name}"


def _is_there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):
        return False
