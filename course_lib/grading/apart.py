"""Work on a student's file in a process of its own, with limits of processor time and memory.

Python's parsers take seconds for a hostile file, and a file could make one of them fail as a whole. Neither
may hold up, or end, the grading of the others. Used by `intake`.
"""

import faulthandler
import json
import math
import os
import resource
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

MEMORY = 2 << 30  # bytes beyond what the grader itself uses


class Done(NamedTuple):
    """What came of the work."""

    value: Any  # what the function returned, as JSON gives it back; None if it did not end by itself
    seconds: float  # of processor time that it took
    wrong: str = ""  # the reason, if the function did not return


def apart(work: Callable[[], Any], seconds: float) -> Done:
    """Call a function in a copy of this process.

    Parameters
    ----------
    work : callable
        A function without arguments that returns what JSON can carry: dictionaries with texts as keys,
        lists, texts, numbers, booleans, None.
    seconds : float
        The most processor time, rounded up to whole seconds. Waiting does not count, so a busy machine
        changes nothing.

    Returns
    -------
    Done
        The value, or the reason why the function returned nothing.

    Examples
    --------
    >>> apart(lambda: {"a": [1, None]}, 5).value
    {'a': [1, None]}
    >>> apart(lambda: 1 / 0, 5).wrong
    'ZeroDivisionError'
    """
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        _work(work, seconds, send)
    os.close(send)
    try:
        with open(receive, "rb") as pipe:
            said = pipe.read()
    except BaseException:  # Ctrl-C
        os.kill(child, signal.SIGKILL)
        raise
    finally:
        _, status, usage = os.wait4(child, 0)
    spent = usage.ru_utime + usage.ru_stime
    if os.WIFEXITED(status) and said:
        found = json.loads(said)
        return Done(found.get("value"), spent, found.get("wrong", ""))
    most = max(1, math.ceil(seconds))
    ended_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
    if ended_by == signal.SIGXCPU or (ended_by == signal.SIGKILL and spent > most):
        return Done(None, spent, f"it takes more than {most} s of processor time")
    if ended_by == signal.SIGKILL:  # the kernel ends what takes the machine's last memory
        return Done(None, spent, "it was ended from outside, as when the machine has no memory left")
    return Done(None, spent, "it makes Python itself fail")


def _work(work: Callable[[], Any], seconds: float, send: int) -> None:
    """Do the work and leave: nothing of the copied process may run afterwards."""
    try:
        faulthandler.disable()  # a crash here is an answer, not an error of the grader
        most = max(1, math.ceil(seconds))
        resource.setrlimit(resource.RLIMIT_CPU, (most, most + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, size + MEMORY))
        try:
            said = json.dumps({"value": work()})
        except BaseException as error:
            said = json.dumps({"wrong": type(error).__name__})
        with open(send, "wb") as pipe:
            pipe.write(said.encode())
    finally:
        os._exit(0)
