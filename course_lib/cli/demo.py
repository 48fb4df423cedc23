"""What a face and a voice say: `course analyse`, `demo`."""

from pathlib import Path

from course_lib.cli import types
from course_lib.core.io import whole_file


def analyse(options) -> int:
    """what a face and a voice say of a picture, a recording or a film"""
    from course_lib.demo import moments

    table, upload = moments.analyse(options.file)
    for line in (*upload.notes, *moments.in_words(table)):
        print(line)
    if options.csv:
        with whole_file(options.csv) as part:
            table.to_csv(part, index=False)
        print(f"wrote {options.csv}")
    return 0


def _analyse_options(command):
    command.add_argument("file", type=Path)
    command.add_argument("--csv", type=Path, metavar="OUT", help="write the table, a row a moment")


def demo(options) -> int:
    """the same in the browser, and live: camera and microphone; nothing is stored"""
    from course_lib.demo import page

    page.launch(options.port, options.share)
    return 0


def _demo_options(command):
    command.add_argument(
        "--port", type=types.positive, metavar="N", help="on 127.0.0.1 (the first free one from 7860 on)"
    )
    command.add_argument(
        "--share", action="store_true", help="also a public link, through servers of Gradio's makers"
    )


COMMANDS = {analyse: _analyse_options, demo: _demo_options}
