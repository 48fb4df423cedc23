"""The `course` command. Each subcommand is one short function; what it does stands in the module it calls."""

import argparse
import os
import subprocess
import sys
import warnings
from collections import Counter
from datetime import datetime
from pathlib import Path

from course_lib.files import CourseError, home, whole_file

REAL = {"ravdess": "DATA_DIR", "fer2013": "DATA_FILE"}     # what a lesson calls the path of each real corpus


def main(arguments=None) -> int:
    """Run the command; 0 when all went well. What a user can mend is one line, not a traceback."""
    options = parser().parse_args(arguments)
    # A relative folder would be another one for the lessons, which run in folders of their own.
    os.environ["COURSE_HOME"] = str(home().absolute())
    try:
        with warnings.catch_warnings():
            warnings.showwarning = lambda message, *_, **__: _say(f"Warning: {message}")
            return options.command(options)
    except (CourseError, OSError) as error:
        return _say(f"Error: {error}")
    except ModuleNotFoundError as error:
        return _say(f"Error: {error.name} is not installed. Run: pip install -e '.[lab]' in the course's folder")
    except KeyboardInterrupt:
        return _say("\nInterrupted. What was finished is kept; run the same command again to go on.", 130)


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="course", description="The Affective Computing Course Companion.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    run = _add(commands, _run, "run", "make the embedded data, execute the lessons, write build/index.html")
    run.add_argument("lessons", nargs="*", help="their numbers, for example 01 02 (all)")
    run.add_argument("--corpus", choices=("studio", "ravdess", "fer2013"),
                     help="drawn actors and faces (as it is), or real ones: clips, or faces (lessons 09 to 11)")
    run.add_argument("--data", type=Path, metavar="PATH", help="where the real clips lie, or FER2013's csv or npz")
    run.add_argument("--actors", type=_numbers, metavar="1,2", help="only these actors")
    run.add_argument("--emotions", type=_words, metavar="neutral,angry", help="the two classes")
    run.add_argument("--profile", choices=("quick", "lecture"),
                     help="for 2 cores (as it is), or the lecture's sizes")
    run.add_argument("--weights", help="of VGG-Face: vggface, random, or a file (as the profile has it)")
    run.add_argument("--seed", type=_count, help="of the drawn actors and of the splits (0)")
    run.add_argument("--jobs", type=_some, metavar="N", help="lessons at a time (2 with two cores and 8 GB, else 1)")
    run.add_argument("--out", type=Path, metavar="DIR", help="for the executed copies (build/lessons)")
    run.add_argument("--kernel", help="a Jupyter kernel other than this environment's")

    build = _add(commands, _build, "build", "execute masters/ and put the lessons into notebooks/ with their outputs")
    build.add_argument("lessons", nargs="*", help="their numbers (all)")

    _add(commands, _lab, "lab", "open the lessons in JupyterLab")
    _add(commands, _doctor, "doctor", "what works on this machine, and what to do about what does not")

    get = _add(commands, _fetch, "fetch", "get real data: shows licence and size, asks, resumes, verifies, unpacks")
    get.add_argument("name", help="ravdess-speech, ravdess-video, vggface (weights) or face-landmarker (a model)")
    get.add_argument("--actors", type=_numbers, metavar="1,2", help="only these actors")
    get.add_argument("--folder", type=Path, metavar="DIR", help="where to put it (the course's cache)")
    get.add_argument("--yes", action="store_true", help="do not ask")

    train = _add(commands, _train, "train", "train a network on real data: weights, scores, card; resumes")
    train.add_argument("network", metavar="NAME",
                       help="voice, face, emotion, emotion_cnn6, gudi_cnn, iiita_face or iiita_face_as_published")
    train.add_argument("--data", type=Path, required=True, metavar="PATH",
                       help="fer2013.csv, icml_face_data.csv, npz; for voice the folder of RAVDESS's speech")
    train.add_argument("--votes", type=Path, metavar="CSV", help="FER+'s fer2013new.csv (emotion takes it)")
    train.add_argument("--epochs", type=_some, metavar="N", help="of each course, at most (as its recipe has it)")
    train.add_argument("--seed", type=_count, default=0, help="of first weights, order and changes (0)")
    train.add_argument("--out", type=Path, metavar="DIR", help="(models/NAME in the course's cache)")
    train.add_argument("--final", action="store_true", help="score the test part, once nothing is left to choose")
    train.add_argument("--ship", action="store_true", help="for maintainers: results/, and weights of the course's own")

    evaluate = _add(commands, _evaluate, "evaluate", "measure on real data and write results/NAME.json; or, with "
                    "--model, score a trained network")
    evaluate.add_argument("names", nargs="*", help="which figures (all)")
    evaluate.add_argument("--data", type=Path, required=True, metavar="PATH",
                          help="the folder that holds ravdess/ and fer2013/; with --model a file of images and labels")
    evaluate.add_argument("--model", metavar="M", help="face, emotion, another network's name, or a file of weights")

    analyse = _add(commands, _analyse, "analyse", "what a face and a voice say of a picture, a recording or a film")
    analyse.add_argument("file", type=Path)
    analyse.add_argument("--csv", type=Path, metavar="OUT", help="write the table, a row a moment")

    demo = _add(commands, _demo, "demo", "the same in the browser, and live: camera and microphone; nothing is stored")
    demo.add_argument("--port", type=_some, metavar="N", help="on 127.0.0.1 (the first free one from 7860 on)")
    demo.add_argument("--share", action="store_true", help="also a public link, through servers of Gradio's makers")

    update = _add(commands, _update, "update", "bring a release's lessons into your folder; your answers stay")
    update.add_argument("release", metavar="FROM", type=Path, help="its zip, or its folder, which holds notebooks/")
    update.add_argument("--to", type=Path, default=Path("notebooks"), metavar="DIR", help="your lessons (notebooks)")

    reset = _add(commands, _reset, "reset", "put an exercise's empty copy back into your notebook")
    reset.add_argument("exercise", help="its number, for example 02.1")
    reset.add_argument("notebook", nargs="?", type=Path, default=Path("notebooks"), help="or its folder (notebooks)")

    _grade_options(_add(commands, _grade, "grade", "grade a folder of submissions, each answer in a sandbox"))

    release = _add(commands, _release, "release", "make the students' bundle: lessons and wheel, no masters, no bank")
    release.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder to write the zip into")
    release.add_argument("--lessons", nargs="+", default=[], metavar="NN", help="their numbers (all)")

    publish = _add(commands, _publish, "publish", "stamp the course's address into badges and setup cells")
    publish.add_argument("--repo", required=True, metavar="OWNER/NAME")
    publish.add_argument("--branch", default="main")
    return top


def _run(options):
    from course_lib import corpora, lessons, notebook

    parameters = _parameters(options)
    if options.data and options.corpus not in REAL:
        raise CourseError(options.data, "these data were given without their corpus",
                          "Add: --corpus ravdess, or --corpus fer2013")
    if options.corpus not in REAL:
        table = corpora.clips(actors=options.actors or notebook.PROFILES[options.profile or "quick"]["actors"],
                               emotions=options.emotions or ["neutral", "angry"], seed=options.seed or 0)
        print(f"The Studio: {len(table)} clips of {table['actor'].nunique()} drawn actors (SYNTHETIC).")
    # The plain run's copies are what the tests read; another corpus or profile gets a folder of its own.
    own = "-".join([options.corpus or "studio", options.profile or "quick"]) if parameters else ""
    out = options.out or lessons.ROOT / "build" / own / "lessons"
    wanted = options.lessons or (lessons.that_take(REAL[options.corpus]) if options.corpus in REAL else [])
    runs = lessons.run(wanted, parameters, out, options.kernel, options.jobs or lessons.at_a_time())
    failed = [result for result in runs if result.error]
    print(f"{len(runs) - len(failed)} of {len(runs)} lessons ran to their end. Read them: {out.parent / 'index.html'}")
    print(f"Work in them: course lab (in this shell: {sys.argv[0]} lab)")
    return 1 if failed else 0


def _parameters(options):
    # Only what was said: the rest stays as the lesson's own parameters cell has it.
    said = {"CORPUS": options.corpus, REAL.get(options.corpus): options.data and str(options.data.resolve()),
            "ACTORS": options.actors, "EMOTIONS": options.emotions, "PROFILE": options.profile, "SEED": options.seed,
            "WEIGHTS": options.weights}
    return {name: value for name, value in said.items() if value is not None}


def _build(options):
    from course_lib import lessons

    return 1 if any(result.error for result in lessons.build(options.lessons)) else 0


def _lab(options):
    from course_lib import lessons

    return subprocess.call([sys.executable, "-m", "jupyter", "lab", str(lessons.ROOT / "notebooks")])


def _doctor(options):
    from course_lib import doctor

    return 0 if doctor.show() else 1


def _fetch(options):
    from course_lib.datasets import fetch, vggface

    folder = fetch.fetch(options.name, options.folder, options.actors, options.yes)
    if folder:
        use = {"ravdess-video": f"course run --corpus ravdess --data {folder}",
               "face-landmarker": "faces.landmarks(image) in a lesson (pip install -e '.[landmarks]')",
               "ravdess-speech": f'corpora.clips("ravdess", {str(folder)!r}, modality="audio-only") in a lesson',
               "vggface": f"course run --weights {folder / vggface.FILE if options.folder else 'vggface'}"}
        print(f"{options.name} is in {folder}. Use it: {use[options.name]}")
    return 0


def _train(options):
    from course_lib import models

    if options.network == "voice":
        return _train_voice(options)
    if options.ship and not options.final:
        raise CourseError("--ship", "there is no test score to write down yet", "Add: --final")
    folder = options.out or home() / "models" / models.known(options.network)
    about = models.train(options.network, options.data, options.votes, options.epochs, options.seed, folder,
                         options.final)
    for line in models.lines(about["scores"]):
        print(line)
    print(f"weights, training.json and card.md are in {folder}")
    for path in models.ship(folder) if options.ship else ():
        print(f"wrote {path}")
    return 0


def _train_voice(options):
    from course_lib import models, speech

    if options.votes or options.epochs or options.seed:
        raise CourseError("voice", "it has no votes, epochs or seed, for nothing is drawn at random", "Leave them out")
    folder = options.out or home() / "models" / "voice"
    about = speech.train(options.data, folder)
    print(*models.lines({speech.PROTOCOL: about["scores"], speech.AT_RANDOM: about["at_random"]}), sep="\n")
    print(f"weights, training.json and card.md are in {folder}")
    for path in models.ship(folder) if options.ship else ():
        print(f"wrote {path}")
    return 0


def _evaluate(options):
    if options.model:
        return _evaluate_model(options)
    from course_lib import measure

    for path in measure.write(options.names, options.data):
        print(f"wrote {path}")
    return 0


def _evaluate_model(options):
    from course_lib import models

    if options.names:
        raise CourseError(", ".join(options.names), "with --model no figure is measured", "Leave one of them out")
    print(f"weights: {models.weights_of(options.model)}")
    for line in models.lines({options.data.name: models.evaluate(options.model, options.data)}):
        print(line)
    return 0


def _analyse(options):
    from course_lib.demo import moments

    table, upload = moments.analyse(options.file)
    for line in (*upload.notes, *moments.in_words(table)):
        print(line)
    if options.csv:
        with whole_file(options.csv) as part:
            table.to_csv(part, index=False)
        print(f"wrote {options.csv}")
    return 0


def _demo(options):
    from course_lib.demo import page

    page.launch(options.port, options.share)
    return 0


def _update(options):
    from course_lib import update

    states = Counter()
    for lesson in update.update(options.release, options.to):
        print(lesson)
        states[lesson.state] += 1
    print(f"{options.to}: {', '.join(f'{count} {state}' for state, count in states.items())}")
    return 1 if states["skipped"] else 0


def _reset(options):
    from course_lib import update

    path, old = update.reset(options.exercise, options.notebook)
    print(f"{path}: {options.exercise} is empty again. The notebook as it was: {old}")
    return 0


def _grade_options(grade):
    grade.add_argument("submissions", type=Path, help="the folder or zip that holds what was handed in")
    grade.add_argument("--bank", type=Path, required=True, metavar="DIR", help="the exercises' private part")
    grade.add_argument("--key", type=Path, required=True, metavar="FILE", help="secret: gives each student own inputs")
    grade.add_argument("--roster", type=Path, required=True, metavar="CSV", help="columns student,name,email")
    grade.add_argument("--out", type=Path, required=True, metavar="DIR", help="for grades, feedback, summary, cache")
    grade.add_argument("--lessons", nargs="+", default=[], metavar="NN", help="their numbers (all)")
    grade.add_argument("--pattern", help='where a path names the student, for example "{student}/*.ipynb"')
    grade.add_argument("--jobs", type=_some, metavar="N", help="answers at a time (one a core)")
    grade.add_argument("--sandbox", choices=("bwrap", "docker", "none"), help="(bwrap; else docker, with --image)")
    grade.add_argument("--image", help="docker's")
    grade.add_argument("--unsafe", action="store_true", help="with --sandbox none: run students' code as yourself")
    grade.add_argument("--executor", default="threads", metavar="threads|dask://HOST:PORT", help="where (threads)")
    grade.add_argument("--shard", type=_shard, metavar="I/N", help="only this part of the students, into the cache")
    grade.add_argument("--regrade", nargs="+", default=[], metavar="ID", help="run these anew: writes changes.csv")
    grade.add_argument("--anonymous", action="store_true", help="pseudonyms for ids, names and file names")
    grade.add_argument("--deadline", type=_time, metavar="2026-12-01T12:00", help="later is marked late")
    grade.add_argument("--count", choices=("latest", "first", "in-time"), default="latest",
                       help="which submission counts (latest)")
    grade.add_argument("--dry-run", action="store_true", help="first grade the teacher's own solutions and the empty "
                       "copy, and go on only when these score full marks and nothing")


def _grade(options):
    if sys.platform != "linux":
        raise CourseError("course grade", f"it needs Linux; this is {sys.platform}", "Use a virtual machine (or WSL)")
    from course_lib.grading import grade

    results = grade.grade(**{name: value for name, value in vars(options).items() if name != "command"})
    errors = [result for result in results if result.state == "error"]
    for result in errors:
        _say(f"not graded: {result.student}, {result.exercise}: {result.reason}")
    states = Counter(result.state for result in results)
    print(f"{len(results)} answers: {', '.join(f'{states[state]} {state}' for state in sorted(states))}")
    print(f"Part {'/'.join(map(str, options.shard))} is in the cache. When all are, run the same without --shard."
          if options.shard else f"Read: {options.out / 'summary.html'}")
    return 1 if errors else 0


def _release(options):
    from course_lib import release

    print(f"wrote {release.release(options.out, options.lessons)}")
    return 0


def _publish(options):
    from course_lib import lessons

    paths = lessons.publish(options.repo, options.branch)
    print(f"{len(paths)} lessons carry the address {options.repo}/{options.branch}. Commit them and colab/address.txt.")
    return 0


def _add(commands, function, name, text):
    command = commands.add_parser(name, help=text, description=text)
    command.set_defaults(command=function)
    return command


def _numbers(text):
    try:
        return [int(number) for number in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} should be numbers with commas between them, such as 1,2") from None


def _count(text):
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} should be a whole number, 0 or more")
    return int(text)


def _some(text):
    if not (text.isdecimal() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} should be a whole number, 1 or more")
    return int(text)


def _shard(text):
    part, _, parts = text.partition("/")
    if not (part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise argparse.ArgumentTypeError(f"{text!r} should be part/parts, such as 3/16")
    return int(part), int(parts)


def _time(text):
    try:
        if "T" not in text:
            raise ValueError
        return datetime.fromisoformat(text).astimezone()  # without a time zone: this machine's
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} should be a day and a time, such as 2026-12-01T12:00") from None


def _words(text):
    return text.split(",")


def _say(text, status=1):
    print(text, file=sys.stderr)
    return status
