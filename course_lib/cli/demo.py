"""Emotions from a face and a voice: `course analyse`, `demo`."""

import argparse
from pathlib import Path

from course_lib.cli import types
from course_lib.core.io import whole_file


def analyse(options: argparse.Namespace) -> int:
    """predict emotions from the face and the voice in an image, a recording or a video"""
    from course_lib.demo import moments

    table, upload = moments.analyse(options.file)
    for line in (*upload.notes, *moments.in_words(table)):
        print(line)
    if options.csv:
        with whole_file(options.csv) as part:
            table.to_csv(part, index=False)
        print(f"wrote {options.csv}")
    return 0


def _analyse_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=Path, help="an image, a recording or a video")
    command.add_argument(
        "--csv", type=Path, metavar="OUT", help="write the table, with one row for each moment"
    )


def demo(options: argparse.Namespace) -> int:
    """the same in the browser, also live with camera and microphone; nothing is stored"""
    from course_lib.demo import page

    page.launch(options.port, options.share)
    return 0


def _demo_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--port",
        type=types.positive,
        metavar="N",
        help="the port on 127.0.0.1 (default: the first free one from 7860)",
    )
    command.add_argument(
        "--share", action="store_true", help="also make a public link, through Gradio's servers"
    )


COMMANDS = {analyse: _analyse_options, demo: _demo_options}
