"""Networks trained and scored: `course train`, `evaluate`."""

from pathlib import Path

from course_lib.cli import types
from course_lib.core.errors import CourseError
from course_lib.core.paths import home


def train(options) -> int:
    """train a network on real data: weights, scores, card; resumes"""
    if options.ship:
        from course_lib.authoring import ship  # before hours of training, not after them
    folder, scores = _train_voice(options) if options.network == "voice" else _train_network(options)
    from course_lib.models import scoring

    for line in scoring.lines(scores):
        print(line)
    print(f"weights, training.json and card.md are in {folder}")
    for path in ship.ship(folder) if options.ship else ():
        print(f"wrote {path}")
    return 0


def _train_network(options):
    from course_lib.models import face_training, presets

    if options.ship and not options.final:
        raise CourseError("--ship", "there is no test score to write down yet", "Add: --final")
    folder = options.out or home() / "models" / presets.known(options.network)
    about = face_training.train(
        options.network, options.data, options.votes, options.epochs, options.seed, folder, options.final
    )
    return folder, about["scores"]


def _train_voice(options):
    from course_lib.models import voice_training

    if options.votes or options.epochs or options.seed or options.final:
        raise CourseError(
            "voice",
            "it takes no votes, epochs, seed or --final: nothing is drawn at random, and its "
            "score is that of five folds",
            "Leave them out",
        )
    folder = options.out or home() / "models" / "voice"
    about = voice_training.train(options.data, folder)
    return folder, {voice_training.PROTOCOL: about["scores"], voice_training.AT_RANDOM: about["at_random"]}


def _train_options(command):
    command.add_argument(
        "network",
        metavar="NAME",
        help="voice, face, emotion, emotion_cnn6, gudi_cnn, iiita_face or iiita_face_as_published",
    )
    command.add_argument(
        "--data",
        type=Path,
        required=True,
        metavar="PATH",
        help="fer2013.csv, icml_face_data.csv, npz; for voice the folder of RAVDESS's speech",
    )
    command.add_argument("--votes", type=Path, metavar="CSV", help="FER+'s fer2013new.csv (emotion takes it)")
    command.add_argument(
        "--epochs", type=types.positive, metavar="N", help="of each course, at most (as its recipe has it)"
    )
    command.add_argument(
        "--seed", type=types.count, default=0, help="of first weights, order and changes (0)"
    )
    command.add_argument("--out", type=Path, metavar="DIR", help="(models/NAME in the course's cache)")
    command.add_argument(
        "--final", action="store_true", help="score the test part, once nothing is left to choose"
    )
    command.add_argument(
        "--ship",
        action="store_true",
        help="for maintainers: write the figures and the weights into course_lib",
    )


def evaluate(options) -> int:
    """measure on real data and write course_lib/results/NAME.json; or, with --model, score a trained
    network"""
    if options.model:
        return _score(options)
    from course_lib.authoring import experiments

    for path in experiments.write(options.names, options.data):
        print(f"wrote {path}")
    return 0


def _score(options):
    from course_lib.models import face_networks, scoring

    if options.names:
        raise CourseError(
            ", ".join(options.names), "with --model no figure is measured", "Leave one of them out"
        )
    print(f"weights: {face_networks.weights_of(options.model)}")
    for line in scoring.lines({options.data.name: scoring.evaluate(options.model, options.data)}):
        print(line)
    return 0


def _evaluate_options(command):
    command.add_argument("names", nargs="*", help="which figures (all)")
    command.add_argument(
        "--data",
        type=Path,
        required=True,
        metavar="PATH",
        help="the folder that holds ravdess/ and fer2013/; with --model a file of images and labels",
    )
    command.add_argument(
        "--model", metavar="M", help="face, emotion, another network's name, or a file of weights"
    )


COMMANDS = {train: _train_options, evaluate: _evaluate_options}
