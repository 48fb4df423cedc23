"""`course doctor`: what works on this machine, on one screen, and how to repair what does not."""

import importlib.metadata
import importlib.util
import os
import platform
import shutil
from pathlib import Path

from packaging.requirements import Requirement

import course_lib
from course_lib.core.errors import CourseError
from course_lib.core.extras import BACKENDS, COURSE, install
from course_lib.core.paths import home
from course_lib.datasets import fetch, parts, vggface
from course_lib.lessons import notebook

OLDEST, TESTED = (
    (3, 11),
    (3, 13),
)  # Pythons: the course needs the first, constraints.txt holds up to the second
TOOLS = {
    "papermill": "course run",
    "jupytext": "course build",
    "jupyterlab": "course lab",
}


def report() -> list[tuple[str, str, str]]:
    """Check Python, packages, tools, data, weights and disk of this machine.

    Returns
    -------
    list of tuple
        (state, what, details). The state is "ok", "--" (missing, and only some lessons need it) or "!!"
        (repair this).
    """
    return [
        _python(),
        *_packages(),
        _backend(),
        _gpu(),
        _ffmpeg(),
        *_tools(),
        _parts(),
        *_corpora(),
        _weights(),
        *_sets("weights"),
        *_sets("model"),
        _disk(),
    ]


def show(everything: bool = True) -> bool:
    """Print the report.

    Parameters
    ----------
    everything : bool
        Print each row. If False, print how many rows are "ok", and then only the others.

    Returns
    -------
    bool
        True if nothing needs a repair.

    Notes
    -----
    Used in lesson 00.
    """
    rows = report()
    if not everything:
        print(f"ok  {sum(state == 'ok' for state, _, _ in rows)} checks. The others:")
    for state, what, details in rows:
        if state == "ok" and not everything:
            continue
        print(f"{state:3} {what:24} {details.replace(str(Path.home()), '~')}")
    return all(state != "!!" for state, _, _ in rows)


def _python():
    version = platform.python_version()
    number = tuple(map(int, version.split(".")[:2]))
    if number < OLDEST:
        return "!!", "Python", f"{version}: install 3.11, 3.12 or 3.13"
    return (
        "ok",
        "Python",
        version if number <= TESTED else f"{version} (the course is tested on 3.11 to 3.13)",
    )


def _packages():
    # The course's own requirements, so that the report shows a package that was changed later.
    if not _version(COURSE):
        yield "!!", "the course", "not installed: pip install -e . in its folder"
        return
    yield "ok", "the course", course_lib.__version__
    for package in map(Requirement, importlib.metadata.requires(COURSE)):
        if package.marker is None or package.marker.evaluate({"extra": ""}):
            version = _version(package.name)
            good = version and package.specifier.contains(version, prereleases=True)
            yield (
                ("ok", package.name, version)
                if good
                else (
                    "!!",
                    package.name,
                    f"{version or 'missing'}: pip install '{package.name}{package.specifier}'",
                )
            )


def _backend():
    there = [name for name in BACKENDS if importlib.util.find_spec(name)]
    if not there:
        return (
            "--",
            "Keras backend",
            f"none; lessons 00 to 03 and 05 need none, the networks do: {install('tf')}",
        )
    chosen = os.environ.get("KERAS_BACKEND", "tensorflow")
    if chosen not in there:
        return "!!", "Keras backend", f"{chosen} is not installed: set KERAS_BACKEND={there[0]}"
    return "ok", "Keras backend", f"{chosen} {_version(chosen) or _version(chosen + '-cpu')}"


def _gpu():
    if notebook.has_gpu():
        return "ok", "GPU", "an NVIDIA GPU with its driver"
    return "--", "GPU", "none; the quick profile needs none (Colab: Runtime > Change runtime type > GPU)"


def _ffmpeg():
    try:
        import imageio_ffmpeg

        return "ok", "ffmpeg", f"{imageio_ffmpeg.get_ffmpeg_version()} (brought by imageio-ffmpeg)"
    except (ImportError, RuntimeError):
        return "!!", "ffmpeg", "missing: pip install --force-reinstall imageio-ffmpeg"


def _tools():
    for name, use in TOOLS.items():
        version = _version(name)
        yield ("ok", name, version) if version else ("--", name, f"missing, for `{use}`: {install('lab')}")


def _parts():
    missing = [name for name in parts.load() if not parts.is_here(name)]
    if missing:
        return "--", "parts of the course", f"without {', '.join(missing)}: in the full release"
    return "ok", "parts of the course", "all corpora and networks that come with it"


def _corpora():
    made = sum(1 for _ in (home() / "studio").rglob("*.mp4"))
    yield (
        "ok",
        "corpus: the Studio",
        f"{made} clips made in {home() / 'studio'}; others are made when asked for",
    )
    yield from _sets("corpus")


def _sets(kind):
    """A row for each set of this kind that `course fetch` can get."""
    for row in fetch.describe().query("kind == @kind and name != 'vggface'").itertuples():
        there = row.present != "no"
        yield (
            ("ok", f"{kind}: {row.name}", f"{row.present} in {row.where}")
            if there
            else ("--", f"{kind}: {row.name}", f"{row.size}: course fetch {row.name}")
        )


def _weights():
    what = "weights: VGG-Face"
    if not vggface.path().exists():
        return "--", what, 'none; lessons 04, 06 and 07 can use "random" ones: course fetch vggface'
    try:
        vggface.read(vggface.path())
        return "ok", what, str(vggface.path())
    except CourseError as error:
        return "!!", what, str(error)


def _disk():
    place = next(folder for folder in (home(), *home().parents) if folder.exists())
    free = shutil.disk_usage(place).free / 2**30
    details = f"{free:.0f} GiB free for {home()}"
    return (
        "ok" if free > 2 else "!!",
        "disk",
        details + ("" if free > 2 else ": delete files, or set COURSE_HOME"),
    )


def _version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""
