"""Real data and weights: `course fetch`."""

import argparse
from pathlib import Path

from course_lib.cli import types
from course_lib.core.extras import install


def fetch(options: argparse.Namespace) -> int:
    """download real data or weights: shows licence and size, asks, resumes, verifies, unpacks"""
    from course_lib.datasets import fetch, vggface

    folder = fetch.fetch(options.set, options.folder, options.actors, options.yes)
    if folder:
        use = {
            "ravdess-video": f"course run --corpus ravdess --data {folder}",
            "face-landmarker": f"faces.landmarks(image) in a lesson ({install('landmarks')})",
            "ravdess-speech": f'load.clips("ravdess", {str(folder)!r}, modality="audio-only") in a lesson',
            "vggface": f"course run --weights {folder / vggface.FILE if options.folder else 'vggface'}",
        }
        print(f"{options.set} is in {folder}. Use it: {use[options.set]}")
    return 0


def _fetch_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "set",
        metavar="NAME",
        help="ravdess-speech, ravdess-video, vggface (weights) or face-landmarker (a model)",
    )
    command.add_argument("--actors", type=types.numbers, metavar="1,2", help="only these actors")
    command.add_argument(
        "--folder", type=Path, metavar="DIR", help="where to put it (default: the course's cache)"
    )
    command.add_argument("--yes", action="store_true", help="download without asking")


COMMANDS = {fetch: _fetch_options}
