"""The `course` command: one module for each group of commands, with one short function for each command.

The function's docstring is the command's help. The function calls one package, which it imports only then.
"""

import argparse
import os
import sys
import warnings
from collections.abc import Sequence

from course_lib.cli import authoring, data, demo, exercises, grading, lessons, models
from course_lib.core.errors import CourseError
from course_lib.core.extras import not_installed
from course_lib.core.paths import home

GROUPS = (lessons, data, models, demo, exercises, grading, authoring)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command. An error that the user can repair is printed as one line, without a traceback.

    Parameters
    ----------
    arguments : sequence of str, optional
        The words after `course`; by default those of the command line.

    Returns
    -------
    int
        The exit status: 0 if all went well, 130 after Ctrl-C, else 1.
    """
    if hasattr(sys.stdout, "reconfigure"):  # a console that lacks a character prints "?" for it
        sys.stdout.reconfigure(errors="replace")
    options = parser().parse_args(arguments)
    # Lessons run in other folders, where a relative path would mean another folder.
    os.environ["COURSE_HOME"] = str(home().absolute())
    try:
        with warnings.catch_warnings():
            warnings.showwarning = lambda message, *_, **__: _say(f"Warning: {message}")
            return options.command(options)
    except BrokenPipeError:  # the reader, such as `head`, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (CourseError, OSError) as error:
        return _say(f"Error: {error}")
    except ModuleNotFoundError as error:
        return _say(f"Error: {not_installed(error.name, f'course {options.name}')}")
    except KeyboardInterrupt as interrupt:
        return _say(f"\nInterrupted. {str(interrupt) or 'All finished work is kept.'}", 130)


def parser() -> argparse.ArgumentParser:
    """Make the parser of all commands and their options.

    Returns
    -------
    ArgumentParser
        The parser of `course`.
    """
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
