"""The first and the hidden steps of a lesson, on a student's machine or in Colab.

`settings = notebook.start(PROFILE, USE_DRIVE)` begins a lesson. `notebook.record(name=figure)` keeps the
figures that its tests check. `notebook.weights(WEIGHTS, settings)` chooses the frozen network for faces.
`notebook.credits()` names the makers and licences of its data."""

import ast
import html
import os
import re
import subprocess
import sys
from dataclasses import asdict, is_dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from course_lib.core.errors import CourseError
from course_lib.core.paths import home
from course_lib.core.version import NEXT_RELEASE
from course_lib.datasets import credits as facts
from course_lib.datasets import parts

# `quick` makes the point in a minute on two cores, `lecture` has the sizes of the lectures. Lecture 14
# (`actors`, `every`) gives no frame rate: one frame a second of all 24 actors' neutral and angry recordings
# makes 1,085 images (its 873 are of all 8 emotions). Lecture 27 (`cast`, `fps`) takes actor 1 alone; to leave
# one actor out there must be others.
PROFILES = {
    "quick": {
        "actors": range(1, 7),
        "every": 30,
        "size": (224, 224),
        "test_size": 0.10,
        "cast": range(1, 5),
        "fps": 2,
        "weights": "face_identity",
    },
    "lecture": {
        "actors": range(1, 25),
        "every": 30,
        "size": (224, 224),
        "test_size": 0.10,
        "cast": range(1, 7),
        "fps": 30,
        "weights": "vggface",
    },
}
CREDITS = "Data in this lesson (if a cell crops or scales them, you see it in its code):"
DRIVE_FOLDER = "/content/drive/MyDrive/affective-computing-course"


def start(profile: str = "quick", use_drive: bool = False) -> SimpleNamespace:
    """Begin a lesson: print where it runs, and return the settings of a profile.

    Parameters
    ----------
    profile : str
        "quick" for two cores, or "lecture" for the lectures' own sizes. These need a GPU from lesson 04 on.
        Without one, a message tells how to get it in Colab, and the lesson continues.
    use_drive : bool
        In Colab, keep data and caches in Google Drive, so that a disconnect loses nothing. Elsewhere it only
        prints a message.

    Returns
    -------
    SimpleNamespace
        For lecture 14 `actors`, `every` (one frame in so many), `size` and `test_size`; for lecture 27 `cast`
        (its actors) and `fps` (frames per second); for both `weights`.

    Raises
    ------
    CourseError
        If there is no such profile.

    Notes
    -----
    Used in all lessons.
    """
    if profile not in PROFILES:
        raise CourseError(
            f"PROFILE {profile!r}", "no profile has this name", f"Choose one of {', '.join(PROFILES)}"
        )
    if use_drive:
        _keep_in_drive()
    if profile == "lecture" and not has_gpu():
        print(
            "No GPU here: lessons from 04 on will be slower. In Colab choose Runtime > Change runtime "
            "type > GPU."
        )
    _offer_needs()
    where = "Colab" if in_colab() else "Jupyter"
    # Not the commit's version: notebooks/ keeps this output.
    print(f"Companion {NEXT_RELEASE} in {where}, profile '{profile}'.")
    return SimpleNamespace(**PROFILES[profile])


def weights(wanted: str | Path | None, settings: SimpleNamespace) -> str | Path:
    """Choose the weights of the frozen network for faces. In Colab, get those of VGG-Face.

    Parameters
    ----------
    wanted : str or path, optional
        The lesson's parameter WEIGHTS. "random", "face_identity" and a path are returned as they are, and
        nothing is downloaded. None: in Colab "vggface", elsewhere what the profile has.
    settings : SimpleNamespace
        From `start`.

    Returns
    -------
    str or path
        For `frozen.network` or `vggface.VGGFace`. "face_identity", a network that comes with the course, if
        VGG-Face was not asked for by name and cannot be downloaded.

    Raises
    ------
    CourseError
        If `wanted` is "vggface", this is Colab, and the download fails.

    Notes
    -----
    In Colab the file is downloaded once: size and licence are shown first, and later calls read the course's
    cache. Outside Colab nothing is downloaded. Used in lessons 04, 06 and 07.
    """
    if not in_colab() or wanted not in (None, "vggface"):
        return wanted or settings.weights
    from course_lib.datasets import fetch, vggface

    if not vggface.path().exists():
        print('To do without this download, set WEIGHTS = "face_identity" or "random" at the top.')
    try:
        fetch.fetch("vggface", yes=True)
    except CourseError as error:
        if wanted:
            raise
        reason = str(error).partition(". ")[0]
        print(f"face_identity is used in VGG-Face's place, whose weights could not be fetched ({reason}).")
        return "face_identity"
    return "vggface"


def record(**figures: Any) -> None:
    """Keep figures with a cell's outputs, for the lesson's tests. A reader does not see them.

    Outside IPython it does nothing.

    Parameters
    ----------
    **figures
        {name: figure}. Numbers, strings, bools and None stay as they are, arrays and Series become lists, a
        `Score` becomes its fields (`correct`, `n`, ...). They go into the metadata of an empty output, as
        {"course": {name: figure}}.

    Notes
    -----
    Used in all lessons.
    """
    from IPython import get_ipython
    from IPython.display import display

    if get_ipython():
        # Empty HTML, since nbconvert warns of an output that it cannot show.
        display({"text/html": ""}, metadata={"course": _plain(figures)}, raw=True)


def credits(*others: str) -> None:
    """Show makers, licence and changes of each corpus that the lesson has read, one line each.

    It shows nothing if the lesson has read none.

    Parameters
    ----------
    *others : str
        What the lesson shows without a reader of the course, such as "astronaut": keys of
        `datasets.credits.load()`.

    Notes
    -----
    The executed notebook and its page are copies of the data that they show, so they must name it. Used in
    all lessons.
    """
    from IPython.display import display

    for corpus in others:
        facts.used(corpus)
    if not facts.corpora():
        return
    items = "".join(f"<li>{_linked(line)}</li>" for line in facts.lines())
    display(
        {
            "text/html": f"<p>{CREDITS}</p><ul>{items}</ul>",
            "text/plain": "\n".join([CREDITS, *facts.lines()]),
        },
        metadata={"credits": facts.corpora()},
        raw=True,
    )


def needs(names: str, cell: str) -> None:
    """Run a cell, or only its imports, and tell in one sentence which missing parts it needs.

    A release that leaves out parts (`course release --only-free`) writes `%%needs emotion_net` above the
    cells that need them or their results. If you train the network yourself, the cell runs.

    Parameters
    ----------
    names : str
        The parts, separated by blanks: keys of `datasets.parts.load()`.
    cell : str
        The lines of the cell.
    """
    from IPython import get_ipython

    missing = [name for name in names.split() if not parts.is_here(name)]
    if not missing:
        get_ipython().run_cell(cell).raise_error()
        return
    nodes = [node for node in ast.parse(cell).body if isinstance(node, ast.Import | ast.ImportFrom)]
    get_ipython().run_cell("\n".join(map(ast.unparse, nodes))).raise_error()  # later cells may use them
    print(
        f"This cell is skipped: it needs {' and '.join(missing)}, which this copy of the course leaves "
        "out because of the licence (the full release has it)."
    )


def _offer_needs():
    from IPython import get_ipython

    if shell := get_ipython():
        shell.register_magic_function(needs, "cell")


def _linked(line):
    return re.sub(r"https?://[^\s,;)]*[^\s,;.)]", r'<a href="\g<0>">\g<0></a>', html.escape(line))


def _plain(value):
    """The value in what JSON knows."""
    if is_dataclass(value):
        value = asdict(value)
    elif hasattr(value, "tolist"):  # of NumPy or pandas
        value = value.tolist()
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def in_colab() -> bool:
    """Tell whether this is Google Colab, whose kernel imports `google.colab` before the first cell.

    Returns
    -------
    bool
        True in Colab.
    """
    return "google.colab" in sys.modules


def has_gpu() -> bool:
    """Tell whether there is an NVIDIA GPU with its driver, without loading TensorFlow.

    Returns
    -------
    bool
        True if `nvidia-smi` lists a GPU.
    """
    try:
        return subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True).stdout.startswith("GPU")
    except OSError:
        return False


def _keep_in_drive():
    if not in_colab():
        print(f"USE_DRIVE is for Colab; here data and caches stay in {home()}.")
        return
    from google.colab import drive

    try:
        drive.mount("/content/drive")
    except Exception as error:  # what Colab raises has no common class
        print(
            f"Google Drive was not connected ({error}). The lesson goes on without it: what is made here is "
            "lost when Colab disconnects. To connect it, run this cell again. Or set USE_DRIVE = False."
        )
        return
    os.environ["COURSE_HOME"] = DRIVE_FOLDER
    print(f"Data and caches are kept in Google Drive: {DRIVE_FOLDER}")
