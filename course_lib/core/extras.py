"""Which optional package belongs to which extra of the course, and how to install it."""

from course_lib.core.errors import NotInstalled
from course_lib.core.paths import ROOT

COURSE = "affective-computing-course-companion"
EXTRAS = {
    "tf": ("keras", "tensorflow", "jax", "torch"),
    "lab": ("papermill", "nbconvert", "nbformat", "jupytext", "jupyterlab", "jupyter_client", "ipykernel", "psutil"),
    "grade": ("distributed", "setuptools"),
    "demo": ("gradio",),
    "landmarks": ("mediapipe",),
}
AUTHORS = ("course_lib.authoring", "course_lib.grading")   # not in a student's wheel


def not_installed(module, what="this part of the course") -> NotInstalled:
    """The error for a `module` that `what` needs and that is missing: says how to install it."""
    if str(module).startswith(AUTHORS):
        return NotInstalled(what, "it is not in the students' install of the course",
                            f"Teachers and maintainers: get the whole course and run {install('all')}")
    extra = next((name for name, modules in EXTRAS.items() if str(module).partition(".")[0] in modules), "all")
    return NotInstalled(what, f"the package {module} is not installed", f"Run: {install(extra)}")


def install(extra) -> str:
    """The command that installs the course with an extra, from its folder or from the wheel of a release."""
    if (ROOT / "pyproject.toml").exists() or extra == "all":
        return f"pip install -e '.[{extra}]' in the course's folder"
    return f"pip install 'WHEEL[{extra}]', where WHEEL is the file colab/*.whl of your release"
