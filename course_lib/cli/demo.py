"""Emotions from a face and a voice: `course analyse`, `demo`."""

import argparse
import os
import socket
from pathlib import Path

from course_lib.cli import types
from course_lib.core.errors import CourseError

NOT_SHARED = (
    "the public link went through the servers of Gradio's makers, and the demo no longer uses Gradio. A "
    "phone's browser gives its camera only to a page with https"
)


def analyse(options: argparse.Namespace) -> int:
    """predict emotions in an image, a recording or a video

    It uses the faces and the voice. The first line sums the file up. In a
    recording or a video, a line follows for each stretch of time with the same
    answer, which is "not sure" where no emotion is probable enough. Nothing
    leaves this machine. After course fetch whisper-base, voices are classified
    with the frozen speech encoder.

    Examples:
      course analyse selfie.jpg
      course analyse film.mp4 --csv film.csv     also each moment's probabilities
    """
    from course_lib.core.io import whole_file

    _check(options)
    from course_lib.demo import answers, moments, uploads

    table, heard = None, []
    if uploads.kind_of(options.file) == "image":
        found = answers.picture(uploads.read_image(options.file))
    else:
        table, upload = moments.analyse(options.file)
        found = answers.film(table, upload)
        heard = [moments.heard_by()] if upload.sound is not None else []
    print(*answers.lines(found), *heard, sep="\n")
    if options.csv:
        table = moments.analyse(options.file)[0] if table is None else table
        with whole_file(options.csv) as part:
            table.to_csv(part, index=False)
        print(f"wrote {options.csv}")
    return 0


def _check(options):
    """Refuse a missing file, or a folder in place of a file, before the networks are loaded."""
    from course_lib.core.io import existing_file

    existing_file(options.file)
    if options.csv and options.csv.is_dir():
        raise CourseError(options.csv, "this is a folder", "Give the name of a file after --csv")


def _analyse_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=Path, metavar="FILE", help="an image, a recording or a video")
    command.add_argument(
        "--csv",
        type=Path,
        metavar="OUT",
        help="also write a table with one row for each moment (default: none)",
    )


def demo(options: argparse.Namespace) -> int:
    """predict emotions live in the browser; nothing is stored

    It uses camera and microphone, a file that you give it, or a film that
    comes with the course. The page is at an address of this machine alone.
    Ctrl-C ends it.

    Examples:
      course demo
      course demo --port 7900
    """
    if options.share:
        raise CourseError("--share", NOT_SHARED, "Run lesson 14 in Colab with START = True")
    _check_port(options.port)
    from course_lib.demo import page

    page.launch(options.port)
    return 0


def _check_port(port):
    """Refuse a port that is in use before the networks are loaded."""
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, os.name != "nt")
        try:
            free.bind(("127.0.0.1", port or 0))
        except (OSError, OverflowError):
            raise CourseError(
                f"port {port}",
                "another program uses it, or it is not allowed",
                "Give another one, or leave --port out",
            ) from None


def _demo_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--port",
        type=types.positive,
        metavar="N",
        help="the port on 127.0.0.1 (default: the first free one from 7860)",
    )
    command.add_argument("--share", action="store_true", help=argparse.SUPPRESS)  # of earlier releases


COMMANDS = {analyse: _analyse_options, demo: _demo_options}
