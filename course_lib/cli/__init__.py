"""The `course` command: one module for each group of commands, with one short function for each command.

The function's docstring is the command's help: its first line, more about it, and examples. The function
calls one package, which it imports only then.
"""

import argparse
import os
import re
import sys
import warnings
from collections.abc import Sequence
from importlib.util import find_spec
from inspect import cleandoc
from typing import NoReturn

from course_lib.cli import authoring, data, demo, exercises, grading, lessons, models
from course_lib.core.errors import CourseError
from course_lib.core.extras import not_installed
from course_lib.core.paths import home

GROUPS = (lessons, data, models, demo, exercises, grading, authoring)
# The commands in the order of the help. The last two groups are not in a student's version of the course.
HELP = {
    "Learn": ("lab", "run", "doctor", "demo", "analyse", "reset", "update"),
    "Real data and networks": ("fetch", "train", "evaluate"),
    "Teach": ("release", "samples", "grade", "gradescope"),
    "Maintain the course": ("build", "cards", "publish", "site"),
}
FOR_AUTHORS = ("Teach", "Maintain the course")
EXAMPLES = {
    "course lab": "open the lessons and work in them",
    "course run 02": "run lesson 02, and write a page of it",
    "course run 03 --corpus london": "run lesson 03 on real photographs",
    "course analyse selfie.jpg": "predict the emotion of a face",
    "course reset 02.1": "begin exercise 02.1 again",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command. An error that the user can repair is printed as one line, without a traceback.

    Parameters
    ----------
    arguments : sequence of str, optional
        The words after `course`; by default those of the command line.

    Returns
    -------
    int
        The exit status: 0 if all went well, 130 after Ctrl-C, else 1. A wrong command line exits with 2.
    """
    if hasattr(sys.stdout, "reconfigure"):  # a console that lacks a character prints "?" for it
        sys.stdout.reconfigure(errors="replace")
    options = _options(list(sys.argv[1:] if arguments is None else arguments))
    # Lessons run in other folders, where a relative path would mean another folder.
    os.environ["COURSE_HOME"] = str(home().absolute())
    try:
        with warnings.catch_warnings():
            warnings.showwarning = lambda message, *_, **__: _say(f"Warning: {message}")
            return options.command(options)
    except BrokenPipeError:  # the reader, such as `head`, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except CourseError as error:
        return _say(f"Error: {error}")
    except OSError as error:
        return _say(f"Error: {_of_system(error)}")
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
    return _parsers()[0]


class Parser(argparse.ArgumentParser):
    """A parser that prints a mistake as one line. argparse would print the whole usage above it."""

    def error(self, message: str) -> NoReturn:
        end = "" if message.endswith(("?", ".")) else "."
        self.exit(2, f"{self.prog}: {message}{end} For help: {self.prog} --help\n")


def _parsers():
    """The parser of `course`, and {command: its parser}."""
    top = Parser(
        prog="course",
        usage="course COMMAND ...",
        description=_overview(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
    )
    top.add_argument("--help", "-h", action="store_true", help=argparse.SUPPRESS)
    top.add_argument("--version", action="store_true", help=argparse.SUPPRESS)
    commands = top.add_subparsers(metavar="COMMAND", help=argparse.SUPPRESS)
    made = {}
    for function, add_options in _commands().items():
        summary, _, more = cleandoc(function.__doc__).partition("\n")
        made[function.__name__] = command = commands.add_parser(
            function.__name__,
            prog=f"course {function.__name__}",
            description=f"{summary[0].upper()}{summary[1:]}.",
            epilog=more.strip(),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.set_defaults(command=function, name=function.__name__)
        add_options(command)
    return top, made


def _commands():
    return {function: add_options for group in GROUPS for function, add_options in group.COMMANDS.items()}


def _overview():
    """The help of `course`: its commands in groups, and examples."""
    summary = {function.__name__: cleandoc(function.__doc__).partition("\n")[0] for function in _commands()}
    here = [group for group in HELP if group not in FOR_AUTHORS or find_spec("course_lib.authoring")]
    lines = ["The Affective Computing Course Companion.", ""]
    for group in here:
        lines += [f"{group}:", *(f"  {name:12}{summary[name]}" for name in HELP[group]), ""]
    lines += ["Examples:", *(f"  {line:32}{what}" for line, what in EXAMPLES.items()), ""]
    lines += [
        "course COMMAND --help   explains a command, with its options and examples",
        "course --version        prints the version of the course",
    ]
    return "\n".join(lines)


def _options(words):
    """Parse the command line. Help, version and mistakes end the program, as argparse does it."""
    top, commands = _parsers()
    name = next((word for word in words if not word.startswith("-")), None)
    if name is not None and name not in commands:
        top.error(f"there is no command {name!r}. {_meant(name, commands)}".strip())
    known = ["--help", *re.findall(r"--[\w-]+", commands[name].format_usage())] if name else []
    for word in words[words.index(name) + 1 :] if name else []:
        if word == "--":
            break
        option = word.partition("=")[0]
        if word.startswith("--") and not any(one.startswith(option) for one in known):
            commands[name].error(f"there is no option {option}. {_meant(option, known)}".strip())
    options = top.parse_args(words)
    if options.version:
        from course_lib.core.version import version

        print(f"course {version()}")
        raise SystemExit(0)
    if options.help or name is None:
        top.print_help()
        raise SystemExit(0)
    return options


def _meant(word, choices):
    from course_lib.core.names import did_you_mean

    return did_you_mean(word, choices)


def _of_system(error):
    """What the system says about a file, in one sentence, without its number."""
    if error.filename is None or not error.strerror:
        return error
    reason = error.strerror[0].lower() + error.strerror[1:]
    return f"{error.filename}: {reason}. Check the path and your permissions"


def _say(text, status=1):
    print(text, file=sys.stderr)
    return status
