"""Commands that run and open lessons and check the machine: `course run`, `lab`, `doctor`."""

import argparse
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from course_lib.cli import types
from course_lib.core.errors import CourseError


def run(options: argparse.Namespace) -> int:
    """execute the lessons and write build/index.html"""
    from course_lib import lessons

    wanted = _wanted(options)
    _check(options)
    if options.corpus in (None, "studio"):
        _draw(options)
    parameters = _parameters(options)
    # The plain run's copies are what the tests read; another corpus or profile gets a folder of its own.
    own = "-".join([options.corpus or "studio", options.profile or "quick"]) if parameters else ""
    out = options.out or lessons.course_folder() / "build" / own / "lessons"
    runs = lessons.run(wanted, parameters, out, options.kernel, options.jobs or lessons.at_a_time())
    failed = [result for result in runs if result.error]
    print(
        f"{len(runs) - len(failed)} of {len(runs)} lessons ran to their end. "
        f"Open: {out.parent / 'index.html'}"
    )
    print(f"Work in them: course lab (in this shell: {sys.argv[0]} lab)")
    return 1 if failed else 0


def _wanted(options):
    """The names of the lessons to run. Refuses lessons that do not exist or cannot use the corpus."""
    from course_lib import lessons
    from course_lib.lessons import corpora

    wanted = lessons.names(options.lessons)
    able = corpora.lessons_for(options.corpus or "studio", options.data)
    if options.lessons and (unable := [name for name in wanted if name not in able]):
        raise CourseError(
            f"lesson {', '.join(unable)}",
            f"it cannot run on {options.corpus}",
            f"These lessons can: {', '.join(name[:2] for name in able)}",
        )
    return [name for name in wanted if name in able]


def _check(options):
    """Refuse missing data, weights or kernels before anything is drawn or loaded."""
    from course_lib.datasets import fetch, vggface
    from course_lib.lessons.execute import check_kernel

    if options.data and options.corpus in (None, "studio", "embedded"):
        raise CourseError(
            options.data,
            "--data needs the corpus that it is a download of",
            "Add: --corpus ravdess, or --corpus fer2013, emodb, crema_d or london",
        )
    if options.data and not options.data.exists():
        raise CourseError(options.data, "this file or folder does not exist", "Check the path after --data")
    if options.corpus == "fer2013" and not options.data:
        raise CourseError("FER2013", "its path is missing", "Add: --data fer2013.csv")
    if options.corpus == "ravdess" and not (
        options.data or fetch.found("ravdess-video") or fetch.found("ravdess-speech")
    ):
        raise CourseError(
            "RAVDESS",
            "it is not on this machine",
            "Run: course fetch ravdess-speech. Or add: --data DIR. Or use --corpus embedded, the part that "
            "comes with the course",
        )
    if options.weights == "vggface" and not vggface.path().exists():
        raise CourseError("VGG-Face's weights", "they are not on this machine", "Run: course fetch vggface")
    if (
        options.weights
        and options.weights not in ("vggface", "random", "face_identity")
        and not Path(options.weights).is_file()
    ):
        raise CourseError(
            options.weights,
            "this file of weights does not exist",
            "Use vggface, random, face_identity, or a file",
        )
    check_kernel(options.kernel)


def _draw(options):
    from course_lib import load
    from course_lib.lessons import notebook

    table = load.clips(
        actors=options.actors or notebook.PROFILES[options.profile or "quick"]["actors"],
        emotions=options.emotions or ["neutral", "angry"],
        seed=options.seed or 0,
    )
    print(f"The Studio: {len(table)} clips of {table['actor'].nunique()} drawn actors (SYNTHETIC).")


def _parameters(options):
    # Only the given options: the others keep the values of the lesson's parameters cell.
    from course_lib.lessons.corpora import PATHS

    given = {
        "CORPUS": options.corpus,
        **dict.fromkeys(PATHS.get(options.corpus, ()), options.data and str(options.data.resolve())),
        "ACTORS": options.actors,
        "EMOTIONS": options.emotions,
        "PROFILE": options.profile,
        "SEED": options.seed,
        "WEIGHTS": options.weights,
    }
    return {name: value for name, value in given.items() if value is not None}


def _run_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "lessons", nargs="*", metavar="NN", help="numbers of lessons, for example 01 02 (default: all)"
    )
    command.add_argument(
        "--corpus",
        choices=("studio", "embedded", "emodb", "crema_d", "london", "ravdess", "fer2013"),
        help="studio: drawn actors and faces (default). Real, with the course: embedded (a part of RAVDESS), "
        "emodb (voices), crema_d (a few films and voices), london (photographs). Real, not with the course: "
        "ravdess (course fetch), fer2013 (faces, lessons 09 to 11)",
    )
    command.add_argument(
        "--data",
        type=Path,
        metavar="PATH",
        help="the folder of a download of the real corpus, or FER2013's csv or npz",
    )
    command.add_argument("--actors", type=types.numbers, metavar="1,2", help="only these actors")
    command.add_argument("--emotions", type=types.words, metavar="neutral,angry", help="the two classes")
    command.add_argument(
        "--profile",
        choices=("quick", "lecture"),
        help="quick for 2 cores (default), or the lecture's own sizes",
    )
    command.add_argument(
        "--weights",
        help="VGG-Face's weights: vggface, random, or a file; or face_identity, another network in its place "
        "(default: the profile's)",
    )
    command.add_argument(
        "--seed", type=types.count, help="the seed of the drawn actors and the splits (default: 0)"
    )
    command.add_argument(
        "--jobs",
        type=types.positive,
        metavar="N",
        help="lessons at the same time (default: 2 with two cores and 8 GB, else 1)",
    )
    command.add_argument(
        "--out", type=Path, metavar="DIR", help="the folder for the executed copies (default: build/lessons)"
    )
    command.add_argument("--kernel", help="another Jupyter kernel than this environment's")


def lab(options: argparse.Namespace) -> int:
    """open the lessons in JupyterLab"""
    from course_lib import lessons
    from course_lib.core.extras import not_installed

    lessons.names()  # refuses a folder without lessons
    if not find_spec("jupyterlab"):
        raise not_installed("jupyterlab", "course lab")
    return subprocess.call(
        [sys.executable, "-m", "jupyter", "lab", str(lessons.course_folder() / "notebooks")]
    )


def doctor(options: argparse.Namespace) -> int:
    """check what works on this machine, and tell how to repair the rest"""
    from course_lib.lessons import doctor

    return 0 if doctor.show() else 1


def _no_options(command: argparse.ArgumentParser) -> None:
    pass


COMMANDS = {run: _run_options, lab: _no_options, doctor: _no_options}
