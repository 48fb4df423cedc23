"""Commands that run and open lessons and check the machine: `course run`, `lab`, `doctor`."""

import argparse
import subprocess
import sys
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

from course_lib.cli import types
from course_lib.core.errors import CourseError


def run(options: argparse.Namespace) -> int:
    """run lessons from start to end, and make a web site of them

    The executed lessons are in build/lessons, and the site in build/site. A
    lesson's page is there a few seconds after the lesson ends; until then the
    site shows its saved outputs. The site needs some more packages; without
    them the command says how to get them. To write answers use course lab.

    A finished lesson is not run again while its file, the options and the
    version of the course are the same. So after Ctrl-C, or after the machine
    was switched off, the same command continues with the other lessons.

    Examples:
      course run                         all lessons
      course run 2                       lesson 02
      course run 1-4 hog                 01 to 04, and the one with "hog" in its name
      course run 02 --again              lesson 02 once more
      course run 12 --corpus emodb       on real voices, which come with the course
      course run 02 --corpus ravdess --data DIR --profile lecture
                                         on a download, in the lecture's sizes
    """
    from course_lib import lessons

    wanted = _wanted(options)
    _check(options)
    if options.corpus in (None, "studio"):
        _draw(options)
    parameters = _parameters(options)
    # The plain run's copies are what the tests read; another corpus or profile gets a folder of its own.
    own = "-".join([options.corpus or "studio", options.profile or "quick"]) if parameters else ""
    out = options.out or lessons.course_folder() / "build" / own / "lessons"
    print(f"The executed lessons, each when it ends: {out}", flush=True)
    jobs = options.jobs or lessons.at_a_time()
    with _site(out, options.no_site) as ended:
        runs = lessons.run(wanted, parameters, out, options.kernel, jobs, options.again, ended)
        failed = [result for result in runs if result.error]
        print(f"{len(runs) - len(failed)} of {len(runs)} lessons ran to their end: {out}", flush=True)
    here = "" if sys.argv[0] == "course" else f" (in this shell: {sys.argv[0]} lab)"
    print(f"Work in them: course lab{here}")
    return 1 if failed else 0


@contextmanager
def _site(out, left_out):
    """Make the web site beside a run, in a process of its own. Yields a function for each run that ends."""
    instead = "" if left_out else _instead_of_a_site(out)
    if left_out or instead:
        yield lambda run: None
        if instead:
            print(instead)
        return
    from course_lib.lessons.execute import APART

    where = out.parent / "site"
    print(f"Their web site, in about a minute: {where / 'index.html'}", flush=True)
    print("It shows saved outputs first. A lesson's page is new soon after the lesson ends.", flush=True)
    code = "import sys; from course_lib.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "site", "--follow", "--executed", str(out), "--out", str(where)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, text=True, **APART)

    def tell(run):
        with suppress(OSError):  # it has failed, and said why
            process.stdin.write(f"{run.name}\n")
            process.stdin.flush()

    try:
        yield tell
        print("The last pages of the web site follow (Ctrl-C leaves them out) ...", flush=True)
        _wait_for_its_end(process)
    except BaseException:
        process.terminate()  # this ends it only if the site is not in its place yet
        _wait_for_its_end(process)
        raise


def _wait_for_its_end(process):
    with suppress(OSError):
        process.stdin.close()
    process.wait()


def _instead_of_a_site(out):
    """How to read the executed lessons where no site can be made; "" if one can."""
    from course_lib.core.extras import install

    if not find_spec("course_lib.authoring"):  # a student's version has no site
        return f"Read them in JupyterLab: jupyter lab {out}"
    from course_lib.authoring.site import generate

    try:
        generate.check_installed()
    except ModuleNotFoundError:
        return f"To read them as a web site: {install('site')}. Then: course site --executed {out}"
    return ""


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
    _check_clips(options)
    check_kernel(options.kernel)


def _check_clips(options):
    """Refuse actors and emotions that the corpus does not have, and a folder without a clip of it."""
    from course_lib import load

    corpus = options.corpus or "studio"
    if corpus == "fer2013":
        if options.actors or options.emotions:
            raise CourseError("fer2013", "--actors and --emotions are for clips", "Leave them out")
        return
    if options.emotions and len(set(options.emotions)) != 2:
        raise CourseError(
            f"--emotions {','.join(options.emotions)}",
            "the lessons compare two emotions",
            "Give two with a comma between them, for example neutral,angry",
        )
    load.check_asked(corpus, options.actors, options.emotions)
    if options.data:
        load.check_folder(corpus, options.data)


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
        "lessons",
        nargs="*",
        metavar="LESSON",
        help="numbers, ranges or names: 2, 02, 1-4, hog (default: all lessons)",
    )
    corpora = ("studio", "embedded", "emodb", "crema_d", "london", "ravdess", "fer2013")
    command.add_argument(
        "--corpus",
        type=types.one_of(corpora),
        choices=corpora,
        help="studio: drawn actors and faces (default). Real, with the course: embedded (a part of RAVDESS), "
        "emodb (voices), crema_d (a few films and voices), london (photographs). Real, not with the course: "
        "ravdess (course fetch), fer2013 (faces, lessons 09 to 11)",
    )
    command.add_argument(
        "--data",
        type=Path,
        metavar="PATH",
        help="the folder of a download of the real corpus, or FER2013's csv or npz (default: what comes with "
        "the course, or what course fetch has downloaded)",
    )
    command.add_argument(
        "--actors",
        type=types.numbers,
        metavar="1,2",
        help="only these actors (default: as many as the profile takes)",
    )
    command.add_argument(
        "--emotions",
        type=types.words,
        metavar="neutral,angry",
        help="the two classes (default: those of the lecture)",
    )
    command.add_argument(
        "--profile",
        type=types.one_of(("quick", "lecture")),
        choices=("quick", "lecture"),
        help="quick: small sizes, for two cores (default). lecture: the lecture's sizes, slow without a GPU",
    )
    command.add_argument(
        "--weights",
        help="the frozen network for faces in lessons 04, 06 and 07: vggface, random, face_identity, or a "
        "file of VGG-Face's weights (default: the profile's)",
    )
    command.add_argument(
        "--seed", type=types.count, metavar="N", help="of the drawn actors and of the splits (default: 0)"
    )
    command.add_argument("--again", action="store_true", help="also run the lessons that are finished")
    command.add_argument("--no-site", action="store_true", help="do not make the web site")
    command.add_argument(
        "--jobs",
        type=types.positive,
        metavar="N",
        help="lessons at the same time (default: 2 with two cores and 8 GB, else 1)",
    )
    command.add_argument(
        "--out", type=Path, metavar="DIR", help="the folder for the executed copies (default: build/lessons)"
    )
    command.add_argument(
        "--kernel", metavar="NAME", help="a Jupyter kernel to run them in (default: this environment's)"
    )


def lab(options: argparse.Namespace) -> int:
    """open the lessons in JupyterLab, in your browser

    Ctrl-C in this terminal ends it. Save your notebooks before.

    Examples:
      course lab                     all lessons
      course lab 2                   open lesson 02
      course lab --no-browser        print the address instead
    """
    from course_lib import lessons
    from course_lib.core.extras import not_installed

    opened = lessons.names([options.lesson] if options.lesson else [])  # refuses a folder without lessons
    if not find_spec("jupyterlab"):
        raise not_installed("jupyterlab", "course lab")
    passed = [str(lessons.course_folder() / "notebooks")]
    passed += [f"--LabApp.default_url=/lab/tree/{opened[0]}.ipynb"] if options.lesson else []
    passed += ["--no-browser"] * options.no_browser + ["--allow-root"] * options.allow_root
    passed += ["--port", str(options.port)] if options.port else []
    return subprocess.call([sys.executable, "-m", "jupyter", "lab", *passed])


def _lab_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "lesson", nargs="?", metavar="LESSON", help="the lesson to open, for example 02 (default: the list)"
    )
    command.add_argument("--no-browser", action="store_true", help="open no browser, print the address")
    command.add_argument(
        "--port", type=types.positive, metavar="N", help="the port (default: the first free one from 8888)"
    )
    command.add_argument(
        "--allow-root", action="store_true", help="run as the administrator (root), as in a container"
    )


def doctor(options: argparse.Namespace) -> int:
    """check what works on this machine, and how to repair the rest

    Examples:
      course doctor
    """
    from course_lib.lessons import doctor

    return 0 if doctor.show() else 1


def _no_options(command: argparse.ArgumentParser) -> None:
    pass


COMMANDS = {run: _run_options, lab: _lab_options, doctor: _no_options}
