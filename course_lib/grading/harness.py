"""The program inside the sandbox: it runs one student's answer cell, and its function on each case.

The grader trusts nothing that comes from here: the student's code shares this process and can change every
line of it. The process has the inputs of the current case and nothing else that is worth reading. The values
that it returns are judged elsewhere. In the sandbox this file is alone beside channel.py; in the place of
course_lib there is only a stub.

The protocol (-> into the sandbox, <- out of it)
    <- "up"                                   Python runs
    -> (setup, cell, name, forbidden, paths, processes, arrays, most)
    <- ("loaded", "") or ("setup", words)     all imports are done, and nothing of the cell has run
    <- ("ready", "") or ("exception", words), ("not attempted", ""), ("missing", words): the cell has run
    -> arguments                              of one case, if it is ready
    <- (number, "answered", value), or "exception" or "malformed" with words, or "not attempted"
    -> the end                                nothing more is said, and the process ends
"""

from __future__ import annotations  # the sandbox does not import typing, to start quickly

import ast
import fcntl
import itertools
import os
import re
import resource
import sys
import types

import channel  # type: ignore[import-not-found]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

CELL = "<answer>"  # the student's cell, as tracebacks name it
WORDS = 300  # the most characters of an exception's message


def main() -> None:
    """Run the cell, then answer case after case until the grader ends the process."""
    requests, answers = _away()
    channel.write(answers, channel.pack("up"))
    setup, cell, name, forbidden, paths, processes, arrays, most = channel.read(requests)
    if processes:  # counted in the sandbox's own user namespace; outside, all processes of this user count
        resource.setrlimit(resource.RLIMIT_NPROC, (processes, processes))
    sys.path[:] = sys.path[1:] + paths  # without harness.py's own folder
    sys.meta_path.insert(0, Hidden(["course_lib", *forbidden]))
    _stub()
    space: Any = types.ModuleType("__main__")
    sys.modules["__main__"] = space
    space.display = lambda *values, **options: None  # notebooks have it
    try:
        exec(_needed(setup, cell), vars(space))
        _load(f"import numpy\n{cell}" if arrays else cell)
    except BaseException as error:
        channel.write(answers, channel.pack(("setup", _words(error))))
        return
    channel.write(answers, channel.pack(("loaded", "")))
    channel.write(answers, channel.pack(_defined(cell, name, space)))
    function: Any = vars(space).get(name)
    for number in itertools.count(1):
        try:
            arguments = channel.read(requests)
        except EOFError:
            return _end()
        channel.write(answers, _answer(number, function, arguments, most))


def _away() -> list[int]:
    """Move both ends of the channel away from the standard streams, and connect those to /dev/null."""
    ends = [fcntl.fcntl(stream, fcntl.F_DUPFD_CLOEXEC, 3) for stream in (0, 1)]
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)
    return ends


class Hidden:
    """A finder before all others that refuses the forbidden modules with a clear message.

    Mounts hide them, too.
    """

    def __init__(self, names: list[str]) -> None:
        self.names = names

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        """Raise for a forbidden module; the next finders look for any other."""
        if any(name == hidden or name.startswith(f"{hidden}.") for hidden in self.names):
            raise ModuleNotFoundError(f"{name} is not available in this exercise")


def _stub() -> None:
    """Put a course_lib in place whose `check`, `hint` and so on do nothing."""
    course: Any = types.ModuleType("course_lib")
    exercises = types.ModuleType("course_lib.exercises")
    for name in ("check", "given", "hand_in", "hint", "solution", "find", "reset"):
        setattr(exercises, name, lambda *arguments, **options: None)
    course.exercises, course.__path__ = exercises, []
    sys.modules |= {"course_lib": course, "course_lib.exercises": exercises}


def _needed(setup: str, cell: str) -> types.CodeType:
    """Compile the setup without the imports that the cell does not use: NumPy takes most of a short answer's
    time."""
    words = set(re.findall(r"\w+", cell))
    tree = ast.parse(setup)
    tree.body = [
        node
        for node in tree.body
        if not isinstance(node, ast.Import | ast.ImportFrom)
        or words & {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    ]
    return compile(tree, "<setup>", "exec")


def _load(cell: str) -> None:
    """Import what the cell imports anywhere, also in functions, so that a slow disk takes no case's time."""
    try:
        nodes = list(ast.walk(ast.parse(cell)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return  # reported when the cell runs
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            try:
                exec(compile(ast.Module([node], []), "<import>", "exec"), {"__name__": "__main__"})
            except BaseException:  # reported when the cell runs
                continue


def _defined(cell: str, name: str, space: types.ModuleType) -> tuple[str, str]:
    """Run the cell and return its state, such as ("ready", "")."""
    try:
        exec(compile(cell, CELL, "exec"), vars(space))
    except NotImplementedError:
        return "not attempted", ""
    except BaseException as error:
        if not callable(
            vars(space).get(name)
        ):  # otherwise, as in a notebook, the cell's earlier definitions are kept
            return "exception", _words(error)
    if not callable(vars(space).get(name)):
        return "missing", f"there is no function {name} in the cell"
    return "ready", ""


def _end() -> None:
    """End the process after the threads and child processes that the answer left, without Python's slow end.

    If one of them writes into the channel, the grader sees it, however late it does so.
    """
    try:
        if threading := sys.modules.get("threading"):
            threading._shutdown()
        while True:
            os.wait()
    finally:  # there is no child process, or the answer changed what is called here
        os._exit(0)


def _answer(number: int, function: Callable[..., Any], arguments: Any, most: int) -> bytes:
    """Return the packed answer to one case, whatever the function does."""
    try:
        value = function(*arguments)
    except NotImplementedError:
        return channel.pack((number, "not attempted", ""))
    except BaseException as error:  # SystemExit and KeyboardInterrupt too
        return channel.pack((number, "exception", _words(error)))
    try:
        return channel.pack((number, "answered", value), most)
    except BaseException as error:
        return channel.pack((number, "malformed", _words(error)))


def _words(error: Any) -> str:
    """Return an exception's type, its line in the cell, and the beginning of its message."""
    try:  # a class can have a message, a line or a traceback that fails
        line, step = getattr(error, "lineno", 0), error.__traceback__  # a SyntaxError knows its line
        while step:
            line, step = step.tb_lineno if step.tb_frame.f_code.co_filename == CELL else line, step.tb_next
        text = f"{type(error).__name__}: {getattr(error, 'msg', error)}"[:WORDS]
        text += f" (line {line})" if line else ""
    except BaseException:
        text = "an exception without a readable message"
    return text.encode("utf-8", "replace").decode()


if __name__ == "__main__":
    main()
