"""Some lessons in the reader's browser: their copies, and the configuration of JupyterLite.

JupyterLite is JupyterLab without a server. Its Python is Pyodide, which has no librosa, no Keras, no ffmpeg
and no other processes. A lesson's copy leaves out the cells that need them, and the cells that use their
results. This was tested with these modules blocked in an ordinary kernel; the browser itself was not seen."""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from course_lib.authoring.needed import needed
from course_lib.authoring.release import build_wheel
from course_lib.lessons.find import course_folder, names

if TYPE_CHECKING:
    from nbformat import NotebookNode


class Lesson(NamedTuple):
    """How a lesson runs in a browser: other parameters, and what the cells write that cannot run there.

    Attributes
    ----------
    parameters : dict
        {name: value}.
    lacking : dict
        {what Pyodide does not have: the calls that need it}.
    """

    parameters: dict[str, Any]
    lacking: dict[str, tuple[str, ...]]


# Lessons 02 and 03 take photographs: the Studio's films would have to be drawn and decoded by ffmpeg.
LESSONS = {
    "02": Lesson({"CORPUS": "london"}, {}),
    "03": Lesson({"CORPUS": "london"}, {}),
    "06": Lesson(
        {},
        {
            "librosa": ("librosa.", "import librosa"),
            "ffmpeg": ('"audio-video"', "video.read_windows"),
            "Keras": ("keras", "frozen.", "networks.", "vggface."),
        },
    ),
    "15": Lesson({}, {"ffmpeg": ("video.read_clip",), "Keras": ("zoo.from_preset",)}),
    "16": Lesson({}, {}),
}
# Pyodide's own packages that the course imports in these lessons. Each brings what it needs itself.
PACKAGES = (
    "numpy", "scipy", "pandas", "matplotlib", "pillow", "scikit-image", "scikit-learn", "joblib",
    "threadpoolctl", "tqdm", "packaging", "opencv-python", "soundfile", "soxr",
)  # fmt: skip
SETUP = """# @title Setup: run this cell and go on
import piplite

await piplite.install({packages} + ["affective-computing-course-companion"], deps=False)
from course_lib.lessons import notebook

settings = notebook.start(PROFILE, USE_DRIVE)"""
LEFT_OUT = """*Left out in the browser: this cell needs {what}. The lesson's page shows its result. To run it,
open the lesson in Colab.*

```python
{source}
```"""
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"


class Copy(NamedTuple):
    """A lesson for the browser: the notebook, and of each code cell that it leaves out what it needs."""

    notebook: "NotebookNode"
    left_out: list[list[str]]


def lessons() -> list[str]:
    """List the names of the lessons that run in a browser."""
    return [name for name in names() if name[:2] in LESSONS]


def copy(name: str) -> Copy:
    """Make the copy of a lesson for the browser, without outputs.

    Parameters
    ----------
    name : str
        One of `lessons()`.

    Returns
    -------
    Copy

    Examples
    --------
    >>> copy("15_how_well_do_people_do_it").left_out[0]
    ['ffmpeg']
    """
    import nbformat

    lesson = nbformat.read(course_folder() / "notebooks" / f"{name}.ipynb", 4)
    code = [cell for cell in lesson.cells if cell.cell_type == "code"]
    for cell in code:
        _without_result(cell, LESSONS[name[:2]].parameters)
    lacking = LESSONS[name[:2]].lacking
    lacks = needed([cell.source for cell in code], list(lacking), lacking)
    found = {cell.id: what for cell, what in zip(code, lacks, strict=True) if what and not _stays(cell)}
    lesson.cells = [_explained(cell, found[cell.id]) if cell.id in found else cell for cell in lesson.cells]
    lesson.cells = [cell for cell in lesson.cells if "colab" not in cell.metadata.get("tags", [])]
    for cell in lesson.cells:
        if "setup" in cell.metadata.get("tags", []):
            cell.source = SETUP.format(packages=list(PACKAGES))
    lesson.metadata["kernelspec"] = {
        "name": "python",
        "display_name": "Python (Pyodide)",
        "language": "python",
    }
    return Copy(lesson, list(found.values()))


def _without_result(cell, parameters):
    """Empty a cell's outputs, and give its parameters their values in the browser."""
    cell.outputs, cell.execution_count = [], None
    if "parameters" in cell.metadata.get("tags", []):
        lines = cell.source.splitlines()
        values = {f"{key} = ": f"{key} = {value!r}" for key, value in parameters.items()}
        cell.source = "\n".join(
            next((value for key, value in values.items() if line.startswith(key)), line) for line in lines
        )


def _stays(cell):
    """An answer is empty and needs nothing; the shared cells are the same in all lessons."""
    return "nbgrader" in cell.metadata or bool(
        {"colab", "setup", "parameters", "credits"} & {*cell.metadata.get("tags", [])}
    )


def _explained(cell, what):
    from nbformat.v4 import new_markdown_cell

    text = LEFT_OUT.format(what=" and ".join(what), source=cell.source)
    return new_markdown_cell(text, id=cell.id)


def button(name: str, wheel: int) -> str:
    """Write the button of a lesson's page that opens its copy, and what it loads and leaves out.

    Parameters
    ----------
    name : str
        The lesson.
    wheel : int
        The size of the course's wheel in bytes.

    Returns
    -------
    str
        HTML.
    """
    left_out = copy(name).left_out
    needs = ", ".join(sorted({one for what in left_out for one in what}))
    missing = (
        f" {len(left_out)} cells are left out there, because they need {needs}: open the lesson in Colab."
    )
    address = f"../browser/lab/index.html?path={name}.ipynb"
    return (
        f'<p class="lesson-buttons"><a class="lesson-button" href="{address}">Run in this browser</a></p>\n\n'
        f"<p>In the browser, the lesson loads Python with its libraries (Pyodide) and the course "
        f"({wheel / 1e6:.0f} MB), all from this site.{missing * bool(left_out)}</p>"
    )


def configure(folder: Path, pyodide: str) -> Path:
    """Write all that JupyterLite builds the lessons from: configuration, copies, the course's wheel.

    Parameters
    ----------
    folder : Path
        An empty folder.
    pyodide : str
        The address or file of a full release of Pyodide, `pyodide-VERSION.tar.bz2`. It is copied into the
        site, so that nothing is loaded from elsewhere.

    Returns
    -------
    Path
        The wheel.
    """
    import nbformat

    (folder / "files").mkdir(parents=True)
    for name in lessons():
        nbformat.write(copy(name).notebook, folder / "files" / f"{name}.ipynb")
    wheel = build_wheel(folder)
    there = Path(pyodide)
    build = {
        "LiteBuildConfig": {"contents": ["files"], "apps": ["lab"]},
        "PipliteAddon": {"piplite_urls": [wheel.name]},
        "PyodideAddon": {"pyodide_url": str(there.resolve()) if there.is_file() else pyodide},
    }
    page = {"litePluginSettings": {KERNEL: {"disablePyPIFallback": True}}}
    _write(folder / "jupyter_lite_config.json", build)
    _write(folder / "jupyter-lite.json", {"jupyter-lite-schema-version": 0, "jupyter-config-data": page})
    return wheel


def build(out: Path, pyodide: str) -> int:
    """Build JupyterLite with the lessons.

    Parameters
    ----------
    out : Path
        The folder for its pages.
    pyodide : str
        As in `configure`.

    Returns
    -------
    int
        The size of the course's wheel in bytes.

    Raises
    ------
    ModuleNotFoundError
        If JupyterLite is not installed.
    subprocess.CalledProcessError
        If it cannot be built, for example because Pyodide's address does not answer.
    """
    from course_lib.authoring.site.generate import check_installed

    check_installed("jupyterlite_core", "jupyterlite_pyodide_kernel")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "lite"
        size = configure(place, pyodide).stat().st_size
        command = [
            sys.executable,
            "-m",
            "jupyter",
            "lite",
            "build",
            "--lite-dir",
            ".",
            "--output-dir",
            "made",
        ]
        subprocess.run(command, cwd=place, check=True)
        shutil.move(place / "made", out)
    return size


def _write(path, content):
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")
