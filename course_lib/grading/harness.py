"""Runs inside the sandbox: one student's answer cell, and then case after case what its function returns.

Nothing said here is believed outside: the student's code shares this process and can change every line of it.
It has the inputs of the case at hand and nothing else that is worth reading, and hands out values that are
judged elsewhere. The file lies alone beside channel.py in the sandbox: course_lib is not there, only a stub
of it.

    -> (setup, cell, name, forbidden, paths, processes, arrays)     "up" came before it, as soon as Python ran
    <- ("loaded", "")                                        what cell and cases need is imported; no cell has
    run <- ("ready", "") or one of ("exception", words), ("not attempted", ""), ("missing", words): no case is
    sent -> arguments         <- (number, "answered", value), or "exception" or "malformed" and words, or "not
    attempted"
"""

import ast
import fcntl
import itertools
import os
import re
import resource
import sys
import types

import channel

CELL = "<answer>"  # the student's cell, as tracebacks name it
WORDS = 300  # characters of what an exception says


def main():
    requests, answers = _away()
    channel.write(answers, channel.pack("up"))
    setup, cell, name, forbidden, paths, processes, arrays = channel.read(requests)
    if (
        processes
    ):  # counted within the sandbox's own user namespace; outside, all processes of this user would count
        resource.setrlimit(resource.RLIMIT_NPROC, (processes, processes))
    sys.path[:] = sys.path[1:] + paths  # without harness.py's own folder
    sys.meta_path.insert(0, Hidden(["course_lib", *forbidden]))
    _stub()
    space = sys.modules["__main__"] = types.ModuleType("__main__")
    space.display = lambda *values, **options: None  # notebooks have it
    try:
        exec(_needed(setup, cell), vars(space))
        _load(f"import numpy\n{cell}" if arrays else cell)
    except BaseException as error:
        channel.write(answers, channel.pack(("setup", _words(error))))
        return
    channel.write(answers, channel.pack(("loaded", "")))
    channel.write(answers, channel.pack(_defined(cell, name, space)))
    function = vars(space).get(name)
    for number in itertools.count(1):
        channel.write(answers, _answer(number, function, channel.read(requests)))


def _away():
    """Move both ends of the channel away from the standard streams, which then lead nowhere."""
    ends = [fcntl.fcntl(stream, fcntl.F_DUPFD_CLOEXEC, 3) for stream in (0, 1)]
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)
    return ends


class Hidden:
    """Finds, before all other finders, what must not be imported. Mounts hide it too; this one says so
    kindly.
    """

    def __init__(self, names):
        self.names = names

    def find_spec(self, name, path=None, target=None):
        if any(name == hidden or name.startswith(f"{hidden}.") for hidden in self.names):
            raise ModuleNotFoundError(f"{name} is not available in this exercise")
        return None


def _stub():
    """A course_lib whose check and its like do nothing."""
    course, exercises = types.ModuleType("course_lib"), types.ModuleType("course_lib.exercises")
    for name in ("check", "given", "hand_in", "hint", "solution", "find", "reset"):
        setattr(exercises, name, lambda *arguments, **options: None)
    course.exercises, course.__path__ = exercises, []
    sys.modules |= {"course_lib": course, "course_lib.exercises": exercises}


def _needed(setup, cell):
    """The setup without the imports of names that the cell does not contain: NumPy is most of a short
    answer's time.
    """
    words = set(re.findall(r"\w+", cell))
    tree = ast.parse(setup)
    tree.body = [
        node
        for node in tree.body
        if not isinstance(node, ast.Import | ast.ImportFrom)
        or words & {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    ]
    return compile(tree, "<setup>", "exec")


def _load(cell):
    """Import what the cell imports anywhere, functions included, so that a cold disk costs no case its
    time."""
    try:
        nodes = list(ast.walk(ast.parse(cell)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return  # it is told when the cell runs
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            try:
                exec(compile(ast.Module([node], []), "<import>", "exec"), {"__name__": "__main__"})
            except BaseException:  # it is told when the cell runs
                continue


def _defined(cell, name, space):
    """Run the cell: what became of it."""
    try:
        exec(compile(cell, CELL, "exec"), vars(space))
    except NotImplementedError:
        return "not attempted", ""
    except BaseException as error:
        if not callable(vars(space).get(name)):  # else, as in a notebook, what the cell defined before stays
            return "exception", _words(error)
    if not callable(vars(space).get(name)):
        return "missing", f"there is no function {name} in the cell"
    return "ready", ""


def _answer(number, function, arguments):
    """One case: a packed frame, whatever the function does."""
    try:
        value = function(*arguments)
    except NotImplementedError:
        return channel.pack((number, "not attempted", ""))
    except BaseException as error:  # SystemExit and KeyboardInterrupt too
        return channel.pack((number, "exception", _words(error)))
    try:
        return channel.pack((number, "answered", value))
    except BaseException as error:
        return channel.pack((number, "malformed", _words(error)))


def _words(error):
    """An exception's type, its line in the cell, and the beginning of what it says."""
    line, step = getattr(error, "lineno", 0), error.__traceback__  # a SyntaxError knows its line
    while step:
        line, step = step.tb_lineno if step.tb_frame.f_code.co_filename == CELL else line, step.tb_next
    try:
        said = f"{type(error).__name__}: {getattr(error, 'msg', error)}"[:WORDS]
    except BaseException:
        said = "an exception that cannot be told"
    said = said.encode("utf-8", "replace").decode()
    return f"{said} (line {line})" if line else said


if __name__ == "__main__":
    main()
