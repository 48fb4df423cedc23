"""Real data and weights: `course fetch`."""

import argparse
from pathlib import Path

from course_lib.cli import types
from course_lib.core.extras import install


def fetch(options: argparse.Namespace) -> int:
    """download real data or weights; without a name: list them

    It first shows the licence and the size, and asks. A download that was
    interrupted continues. Each file is checked against its official checksum.

    Examples:
      course fetch                               list: name, size, licence, state
      course fetch ravdess-speech
      course fetch ravdess-video --actors 1,2    only these two actors
      course fetch crema-d --emotions angry,sad --yes
    """
    from course_lib.datasets import fetch, vggface

    if not options.set:
        _list(fetch.describe())
        return 0
    folder = fetch.fetch(options.set, options.folder, options.actors, options.yes, emotions=options.emotions)
    if folder:
        use = {
            "ravdess-video": f"course run --corpus ravdess --data {folder}",
            "face-landmarker": f"faces.landmarks(image) in a lesson ({install('landmarks')})",
            "ravdess-speech": f'load.clips("ravdess", {str(folder)!r}, modality="audio-only") in a lesson',
            "crema-d": f'load.clips("crema_d", {str(folder)!r}, modality="audio-only") in a lesson',
            "vggface": f"course run --weights {folder / vggface.FILE if options.folder else 'vggface'}",
            "whisper-base": 'zoo.from_preset("whisper_base_encoder") in a lesson',
        }
        print(f"{options.set} is in {folder}. Use it: {use[options.set]}")
    return 0


def _list(sets):
    """Print each set with its size, whether it is here, and its licence."""
    for row in sets.itertuples():
        here = {"no": "not here", "all": "here"}.get(row.present, f"here: {row.present}")
        print(f"{row.name:16} {row.size:>9}  {here}\n    {row.title}\n    Licence: {row.licence}")
    print("Download one of them: course fetch NAME")


def _fetch_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "set",
        nargs="?",
        metavar="NAME",
        help="ravdess-speech, ravdess-video, crema-d, vggface or whisper-base (weights), face-landmarker (a "
        "model) (default: list them all)",
    )
    command.add_argument(
        "--actors", type=types.numbers, metavar="1,2", help="only these actors (default: all)"
    )
    command.add_argument(
        "--emotions",
        type=types.words,
        metavar="angry,happy",
        help="only these emotions, for crema-d (default: all)",
    )
    command.add_argument(
        "--folder", type=Path, metavar="DIR", help="where to put it (default: the course's cache)"
    )
    command.add_argument("--yes", action="store_true", help="download without asking")


COMMANDS = {fetch: _fetch_options}
