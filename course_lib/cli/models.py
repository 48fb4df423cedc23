"""Commands that train and score networks: `course train`, `evaluate`."""

import argparse
from pathlib import Path

from course_lib.cli import types
from course_lib.core.errors import CourseError
from course_lib.core.paths import home

VOICES = ("voice", "voice_encoder")


def train(options: argparse.Namespace) -> int:
    """train a network on real data; it can be interrupted

    It writes weights, scores and a model card. The same command continues an
    interrupted training.

    Examples:
      course train voice --data DIR                  on the folder of RAVDESS's speech
      course train voice_encoder --data DIR          needs course fetch whisper-base
      course train emotion --data fer2013.csv --votes fer2013new.csv
      course train face --data fer2013.csv --epochs 2
    """
    _check_network(options)
    if options.ship:
        from course_lib.authoring import ship  # before hours of training, not after them
    folder, scores = _train_voice(options) if options.network in VOICES else _train_network(options)
    from course_lib.models import scoring

    for line in scoring.lines(scores):
        print(line)
    print(f"weights, training.json and card.md are in {folder}")
    for path in ship.ship(folder) if options.ship else ():
        print(f"wrote {path}")
    if options.ship:
        print("Now run course cards. It writes the model cards and docs/results.md again")
    return 0


def _check_network(options):
    """Refuse an unknown network or missing files before TensorFlow is loaded."""
    from course_lib.core.names import check_choice
    from course_lib.models import presets

    check_choice("network", options.network, [*VOICES, *presets.NAMES, *presets.RECIPES])
    for name in ("data", "votes"):
        path = getattr(options, name)
        if path and not path.exists():
            raise CourseError(path, "this file or folder does not exist", f"Check the path after --{name}")


def _train_network(options):
    from course_lib.models import face_training, presets

    if options.ship and not options.final:
        raise CourseError("--ship", "the test set was not scored yet", "Add: --final")
    folder = options.out or home() / "models" / presets.known(options.network)
    about = face_training.train(
        options.network, options.data, options.votes, options.epochs, options.seed, folder, options.final
    )
    return folder, about["scores"]


def _train_voice(options):
    if options.votes or options.epochs or options.seed or options.final:
        raise CourseError(
            options.network,
            "--votes, --epochs, --seed and --final are not used: its training is not random, and its "
            "score comes from five folds",
            "Leave them out",
        )
    from course_lib.models import voice_encoder_training, voice_training

    training = voice_training if options.network == "voice" else voice_encoder_training
    folder = options.out or home() / "models" / options.network
    about = training.train(options.data, folder)
    scores = [about[name] for name in ("scores", "windows", "one_out", "at_random") if name in about]
    return folder, {one["top_1"]["protocol"]: one for one in scores}


def _train_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "network",
        metavar="NAME",
        help="voice, voice_encoder, face, emotion, "
        "emotion_cnn6, gudi_cnn, iiita_face or iiita_face_as_published",
    )
    command.add_argument(
        "--data",
        type=Path,
        required=True,
        metavar="PATH",
        help="fer2013.csv, icml_face_data.csv, npz; for voices the folder of RAVDESS's speech",
    )
    command.add_argument(
        "--votes", type=Path, metavar="CSV", help="FER+'s fer2013new.csv, for emotion (default: none)"
    )
    command.add_argument(
        "--epochs",
        type=types.positive,
        metavar="N",
        help="most epochs of each training stage (default: as in its recipe)",
    )
    command.add_argument(
        "--seed",
        type=types.count,
        default=0,
        metavar="N",
        help="the seed of first weights, order and augmentation (default: 0)",
    )
    command.add_argument(
        "--out", type=Path, metavar="DIR", help="where to write (default: models/NAME in the course's cache)"
    )
    command.add_argument(
        "--final", action="store_true", help="score the test set, after the last choice is made"
    )
    command.add_argument(
        "--ship",
        action="store_true",
        help="for maintainers: write the figures and the weights into course_lib",
    )


def evaluate(options: argparse.Namespace) -> int:
    """score a network on real data, or measure the course's figures

    Without --model it writes course_lib/results/NAME.json, which only maintainers need.

    Examples:
      course evaluate --model emotion --data faces.npz       an npz with images and labels
      course evaluate --model voice --data DIR               recordings with RAVDESS's names
      course evaluate face_finding --data DIR                one figure of the course
    """
    if not options.data.exists():
        raise CourseError(options.data, "this file or folder does not exist", "Check the path after --data")
    if options.model:
        return _score(options)
    from course_lib.authoring import experiments

    for path in experiments.write(options.names, options.data):
        print(f"wrote {path}")
    return 0


def _score(options):
    from course_lib.models import voices

    if options.names:
        raise CourseError(
            ", ".join(options.names),
            "names of figures and --model exclude each other",
            "Leave one of them out",
        )
    path, evaluate = _voice(options.model) if voices.is_voice(options.model) else _face()
    print(f"weights: {path(options.model)}")
    from course_lib.models import scoring

    for line in scoring.lines({options.data.name: evaluate(options.model, options.data)}):
        print(line)
    return 0


def _face():
    from course_lib.models import face_networks, scoring

    return face_networks.weights_of, scoring.evaluate


def _voice(model):
    from course_lib.models import voice_encoder, voice_training, voices

    find = {"voice": voices.find_weights, "voice_encoder": voice_encoder.find_weights}.get(str(model))
    return lambda model: find() if find else model, voice_training.evaluate


def _evaluate_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("names", nargs="*", help="names of figures (default: all)")
    command.add_argument(
        "--data",
        type=Path,
        required=True,
        metavar="PATH",
        help="the folder with ravdess/ and fer2013/; with --model a file of images and labels, or for voice "
        "a folder of recordings with RAVDESS's names",
    )
    command.add_argument(
        "--model",
        metavar="M",
        help="face, emotion, voice, voice_encoder, another network's name, or a file of weights "
        "(default: measure figures)",
    )


COMMANDS = {train: _train_options, evaluate: _evaluate_options}
