"""The `course` command: one module a group of commands, and one short function a command, whose docstring is
its help.

Each command calls one package, which does the work. It is imported only when the command runs.
"""

import argparse
import os
import sys
import warnings

from course_lib.cli import authoring, data, demo, exercises, grading, lessons, models
from course_lib.core.errors import CourseError
from course_lib.core.extras import not_installed
from course_lib.core.paths import home

GROUPS = (lessons, data, models, demo, exercises, grading, authoring)


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
        return _say(f"Error: {not_installed(error.name, f'course {options.name}')}")
    except KeyboardInterrupt as interrupt:
        return _say(f"\nInterrupted. {str(interrupt) or 'What was finished is kept.'}", 130)


def parser() -> argparse.ArgumentParser:
    """All commands with their options."""
    top = argparse.ArgumentParser(prog="course", description="The Affective Computing Course Companion.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    for group in GROUPS:
        for function, add_options in group.COMMANDS.items():
            command = commands.add_parser(
                function.__name__, help=function.__doc__, description=function.__doc__
            )
            command.set_defaults(command=function, name=function.__name__)
            add_options(command)
    return top


def _say(text, status=1):
    print(text, file=sys.stderr)
    return status
