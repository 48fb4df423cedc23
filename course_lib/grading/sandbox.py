"""The sandbox: students' code runs where it can do no harm. Inputs go in, values come out.

What the sandbox "bwrap" (bubblewrap, Linux) promises
- The code sees Python, its packages and the system's programs, all read-only, and nothing else of this
  machine. It does not see the course's files, the bank, the key, other students' files, your home, your
  environment or the network.
- It can write to its own /tmp, which is small and removed afterwards.
- Memory, processor time, processes, open files and time are limited, and everything that it starts ends with
  it.
- If root runs the grader, each sandbox has its own user, and no two run as the same one at the same time. In
  other cases the sandboxes run as the user who runs the grader.
- It cannot make the system calls that no answer needs (seccomp.py), and it has a session keyring of its own.
- It gets the inputs of one case at a time, and never the right answer. What comes out is plain values
  (channel.py).

What it does not promise
- The answers are up to the code: it sees its inputs, so it could look up known inputs in a table. For that
  reason the inputs are hidden and different for each student.
- It cannot protect against errors in the parts of the kernel that every program needs. Nor does it close
  hidden signals between sandboxes: load, file locks, and which files the system holds in memory, which a
  later sandbox can measure, too. Grade the work of strangers on a machine that you can throw away.
- Without writable cgroups and without systemd's user manager, the limit of memory holds for each process and
  is less exact, and many busy processes of one answer can slow down another answer. `protections` says so.
- Built-in modules (math, sys) cannot be hidden. Forbidden packages are hidden by mounts.

"docker" runs the same in a container, with the limits of its engine and an image of yours (Python 3.11 or
later, NumPy, and what the exercises use). There, forbidden modules are hidden by name only: leave them out of
the image. "none" is an ordinary process in an empty folder, with limits: it can read your files, and can
continue after its time. Use it only for code that you trust.

The environment is fixed (hash seed, one thread), so that the same answer gives the same values.
"""

import ctypes
import fcntl
import functools
import glob
import importlib.util
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Any, NamedTuple, TypeVar

from course_lib import exercises
from course_lib.core.errors import CourseError
from course_lib.core.extras import COURSE
from course_lib.core.paths import ROOT, home
from course_lib.exercises import cells
from course_lib.grading import channel, seccomp

START = 60.0  # seconds until Python runs
LAST = 1.0  # seconds in which the threads and processes that an answer leaves are still heard
WORDS = 8 << 10  # bytes of a message that holds no answer
PROCESSES = 64  # including threads
DISK = 64 << 20  # bytes of /tmp, and of each file
FILES = 256  # open files
FIRST_USER, USERS = 60578, 128  # user ids that systemd's and Debian's lists leave free, one for each slot
SLOTS = Path("/run/course-grade")  # only root uses slots, and only root can write here
SYSTEM = (
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/alternatives",
    "/etc/localtime",
)
ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/tmp",
    "TMPDIR": "/tmp",
    "USER": "student",
    "LANG": "C.UTF-8",
    "PYTHONHASHSEED": "0",
    "MPLBACKEND": "Agg",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
}
HERE = Path(__file__).resolve().parent
Process = subprocess.Popen[bytes]
T = TypeVar("T")


class Box(NamedTuple):
    """An open sandbox: its process, and the grader's end of the channel."""

    process: Process
    channel: socket.socket


class Job(NamedTuple):
    """One answer of one student and the cases to try it on."""

    answer: str  # the source of the answer cell
    name: str  # of its function
    cases: list[tuple]  # the arguments of each case
    seconds: float = 2.0  # of wall time, for each case and for the cell itself
    imports: float = (
        30.0  # seconds, for all imports of the setup and the answer: large libraries, a slow disk
    )
    memory: int = 1024  # MiB
    forbidden: tuple[str, ...] = ()  # modules that cannot be imported
    setup: str = exercises.SETUP
    most: int = channel.HEADER  # bytes of the numbers and texts of one answer
    alone: bool = (
        False  # no other answer runs now, so the time that the machine was busy with others is added
    )


class Outcome(NamedTuple):
    """The outcome of one case.

    `message` comes from inside the sandbox and cannot be trusted, except for timeout and killed. It can hold
    hidden inputs, also of another case, so students must not see it. If anything arrives that the harness
    does not write, all cases are "forged", and nothing of what arrived is kept: what arrives first would
    depend on which of two threads or processes was faster.
    """

    # "answered", "exception", "timeout", "killed", "malformed", "forged", "missing", "not attempted"
    state: str
    value: object = None
    message: str = ""


FORGED = Outcome("forged")


class SandboxError(CourseError):
    """The sandbox itself failed. This is not the student's fault, and gives no mark."""


class TooSlow(SandboxError):
    """The sandbox did not start in time, or the imports did not end in time. Load alone can be the cause."""

    def __init__(self, what: object, wrong: object, todo: object) -> None:
        super().__init__(what, wrong, todo)
        self.words = str(wrong)


def answers(job: Job, sandbox: str = "bwrap", image: str | None = None) -> list[Outcome]:
    """Run a student's function on all cases.

    Parameters
    ----------
    job : Job
        The answer and its cases.
    sandbox : {"bwrap", "docker", "none"}
        The sandbox.
    image : str, optional
        The image for docker.

    Returns
    -------
    list of Outcome
        One outcome for each case, in their order. A value that the channel does not carry (a set, a
        DataFrame, a complex array) is "malformed", and the message names its type.

    Raises
    ------
    SandboxError
        If the sandbox does not work, or (`TooSlow`) if what the cell imports takes too long. This function
        raises no other exception.

    Notes
    -----
    After a timeout or the end of the process, the other cases get one fresh sandbox. If that ends, too, they
    have its outcome and do not run.
    """
    if sandbox not in _OPENED:
        raise SandboxError(
            f"sandbox {sandbox!r}", "there is no such sandbox", f"Choose one of {', '.join(_OPENED)}"
        )
    try:
        cases = [channel.pack(arguments) for arguments in job.cases]
    except (TypeError, ValueError) as error:
        raise SandboxError(
            job.name,
            f"the channel does not carry a case's arguments: {error}",
            "Correct its inputs in the bank",
        ) from error
    found: list[Outcome] = []
    try:
        for _ in range(2):
            if len(found) < len(cases) and FORGED not in found:
                found += _in_own_thread(_run, job, cases[len(found) :], sandbox, image)
    except OSError as error:  # a full disk, no file descriptor left, a program that is not installed
        raise SandboxError(f"sandbox {sandbox}", str(error), _ADVICE[sandbox]) from error
    if FORGED in found:
        return [FORGED] * len(cases)
    return found + found[-1:] * (len(cases) - len(found))


def available(sandbox: str) -> str:
    """Try a sandbox on this machine.

    Parameters
    ----------
    sandbox : {"bwrap", "docker", "none"}
        The sandbox.

    Returns
    -------
    str
        "" if it works, otherwise why it does not and what to do.
    """
    if sandbox == "docker":  # the image is the teacher's, so only the engine is tried
        try:
            subprocess.run(["docker", "info"], check=True, capture_output=True, timeout=20)
        except (OSError, subprocess.SubprocessError) as error:
            return f"docker does not answer ({error}). Install and start it, or use --sandbox bwrap"
        return ""
    try:
        (outcome,) = answers(Job("def one():\n    return 1", "one", [()], setup=""), sandbox)
    except SandboxError as error:
        return str(error)
    return "" if outcome == Outcome("answered", 1) else f"{sandbox}: a trial ended with {outcome}"


def _in_own_thread(function: Callable[..., T], *arguments: Any) -> T:
    """Call a function in a thread with a new, empty session keyring.

    A process inherits the session keyring of the thread that starts it. The teacher's own holds Kerberos
    tickets or other secrets, and the next answer would find what this one left there. bubblewrap dies with
    the thread that started it, so the thread lives as long as the sandbox.
    """
    with ThreadPoolExecutor(1, initializer=_new_keyring) as thread:
        return thread.submit(function, *arguments).result()


def _new_keyring() -> None:
    """Replace this thread's session keyring. A kernel without keyrings, or a container that forbids the call,
    has none to protect.

    References
    ----------
    keyctl(2), KEYCTL_JOIN_SESSION_KEYRING = 1 without a name.
    """
    if number := seccomp.number("keyctl"):
        ctypes.CDLL(None).syscall(ctypes.c_long(number), ctypes.c_long(1), None)


def _run(job: Job, cases: Sequence[bytes], sandbox: str, image: str | None) -> list[Outcome]:
    """Return the outcomes of the cases, up to the one that ends the sandbox."""
    found: list[Outcome] = []
    try:
        start = _start(job, cases, sandbox)
    except ValueError as error:
        return [Outcome("malformed", None, f"the answer cell: {error}")] * len(cases)
    with _OPENED[sandbox](job, image) as box:
        end = box.channel.fileno()
        _until_up(box, sandbox)
        within = functools.partial(_deadline, box.process.pid if job.alone else None)
        seconds, imported = job.imports, False
        try:
            deadline = within(seconds)
            channel.write(end, start, deadline)
            state, words = _pair(channel.read(end, deadline, WORDS))
            if state == "setup":  # the student's code has not run
                raise SandboxError(
                    f"sandbox {sandbox}",
                    f"the exercises' setup cell fails in it: {words}",
                    "Install what this cell imports",
                )
            seconds, imported = job.seconds, True
            state, words = _pair(channel.read(end, within(seconds), WORDS))
            if state not in ("ready", "exception", "missing", "not attempted"):
                raise channel.Malformed("a state that the harness does not know")
            if state != "ready":
                found = [Outcome(state, None, words)] * len(cases)
            for number, case in enumerate(cases[len(found) :], 1):
                deadline = within(seconds)
                channel.write(end, case, deadline)
                found.append(_outcome(channel.read(end, deadline, job.most), number))
            box.channel.shutdown(socket.SHUT_WR)
            if not channel.silent(end, within(LAST)):
                raise channel.Malformed("more than one answer to each case")
        except TimeoutError:
            if not imported:
                raise TooSlow(
                    job.name,
                    f"what the cell imports ({_imported(job.answer)}) takes longer than {seconds:g} s",
                    "Grade again when the machine is less busy, or give the exercise more `imports` seconds",
                ) from None
            found.append(Outcome("timeout", None, f"no answer within {seconds:g} seconds"))
        except EOFError:
            found.append(
                Outcome("killed", None, f"the process ended itself, or needed over {job.memory} MiB")
            )
        except channel.Malformed:
            return [FORGED]
    return found


def _imported(answer: str) -> str:
    """Return the names of the modules that a cell imports, as far as it can be parsed."""
    names = dict.fromkeys(name.partition(".")[0] for name in cells.Code(answer).imported())
    return ", ".join(list(names)[:5]) or "the exercise's setup"


PATIENCE = 10  # a job that runs alone gets at most so many times its seconds


def _deadline(alone: int | None, seconds: float) -> "channel.Deadline":
    """Return when `seconds` have passed.

    For the process `alone`, the time in which it was ready to run does not count while the machine ran
    another program. A process that it started itself is not another program.
    """
    if alone is None:
        return time.monotonic() + seconds
    begin, before = time.monotonic(), _ran(alone)

    def deadline() -> float:
        now = time.monotonic()
        if now < begin + seconds:
            return begin + seconds
        after = _ran(alone)
        waited = max((one - before.waited.get(task, 0.0) for task, one in after.waited.items()), default=0.0)
        missed = max(0.0, now - begin - (after.seconds - before.seconds))  # of one processor
        return begin + seconds + min(waited, missed, (PATIENCE - 1) * seconds)

    return deadline


class Ran(NamedTuple):
    """What a process and all that it started had of the machine until now."""

    seconds: float  # of processor time, all together
    waited: dict[str, float]  # thread: seconds that it was ready and did not run


def _ran(process: int) -> Ran:
    """Return what a process and all that it started had of the machine.

    References
    ----------
    Linux, Documentation/scheduler/sched-stats.rst, /proc/<pid>/schedstat: the second number, nanoseconds.
    proc_pid_stat(5): utime, stime, and those of the ended children, in clock ticks.
    """
    children: dict[str, list[str]] = {}
    ticks: dict[str, int] = {}
    for path in glob.iglob("/proc/[0-9]*/stat"):
        with suppress(OSError, IndexError):  # it has just ended
            stat = Path(path).read_text(errors="replace").rpartition(")")[2].split()
            one = path.split("/")[2]
            children.setdefault(stat[1], []).append(one)
            ticks[one] = sum(map(int, stat[11:15]))
    waited, known = {}, [str(process)]
    for one in known:
        known += children.get(one, ())
        for path in glob.iglob(f"/proc/{one}/task/*/schedstat"):
            with suppress(OSError, IndexError):
                waited[path] = int(Path(path).read_text().split()[1]) / 1e9
    ran = sum(ticks.get(one, 0) for one in known)
    return Ran(ran / os.sysconf("SC_CLK_TCK"), waited)


def _start(job: Job, cases: Sequence[bytes], sandbox: str) -> bytes:
    paths = [] if sandbox == "docker" else _packages()  # an image has its own
    processes = PROCESSES if sandbox == "bwrap" else 0  # elsewhere, all processes of the user count
    arrays = any(b'"array"' in case for case in cases)  # reading one needs NumPy
    cell = (job.setup, job.answer, job.name, list(job.forbidden))
    return channel.pack((*cell, paths, processes, arrays, job.most))


def _until_up(box: Box, sandbox: str) -> None:
    """Wait until Python runs in the sandbox. The student's code is not there yet, so failures are our own."""
    failed = functools.partial(SandboxError, f"sandbox {sandbox}", todo=_ADVICE[sandbox])
    try:
        channel.read(box.channel.fileno(), time.monotonic() + START, WORDS)
    except TimeoutError:
        wrong = f"it did not start within {START:g} seconds"
        raise TooSlow(f"sandbox {sandbox}", wrong, _ADVICE[sandbox]) from None
    except (EOFError, channel.Malformed):
        errors = box.process.stderr
        assert errors is not None  # a pipe
        os.set_blocking(errors.fileno(), False)
        message = (errors.read(500) or b"").decode("utf-8", "replace").strip()
        raise failed(wrong=f"it does not start ({message})") from None


def _pair(value: Any) -> tuple[str, str]:
    if not (type(value) is tuple and len(value) == 2 and all(type(one) is str for one in value)):
        raise channel.Malformed("not a message of the harness")
    return value[0], value[1][:1000]


def _outcome(value: Any, number: int) -> Outcome:
    if not (type(value) is tuple and len(value) == 3 and type(value[0]) is int and value[0] == number):
        raise channel.Malformed("not the answer to this case")
    if type(value[1]) is str and value[1] == "answered":
        return Outcome("answered", value[2])
    state, words = _pair(value[1:])
    if state not in ("exception", "malformed", "not attempted"):
        raise channel.Malformed("a state that the harness does not know")
    return Outcome(state, None, words)


# The three sandboxes. Each yields a `Box` and ends all of it.


@contextmanager
def _bwrap(job: Job, image: str | None) -> Iterator[Box]:
    _installed(("bwrap", "prlimit", *(("setpriv",) if os.geteuid() == 0 else ())))
    with ExitStack() as last:
        slot = last.enter_context(_slot()) if os.geteuid() == 0 else None
        groups = last.enter_context(_limited(job.memory, _own_name() if slot is None else slot))
        status, status_end = (last.enter_context(open(end, "rb", 0)) for end in os.pipe())
        filter = seccomp.opened() if _filtered() else None
        if filter is not None:
            last.callback(os.close, filter)
        # If the machine runs out of memory, the kernel ends a sandbox first.
        enter = "echo 1000 > /proc/self/oom_score_adj; "
        enter += 'for group in $1; do echo 0 > $group || exit; done; shift; exec "$@"'
        scoped = () if groups or slot is not None else _scoped()
        command = [
            *(_scope(job.memory, ENVIRONMENT) if scoped else ()),
            "sh",
            "-c",
            enter,
            "course-grade",
            " ".join(f"{folder}/cgroup.procs" for folder in set(groups.values())),
            *_bubblewrap(
                job,
                slot,
                ["--json-status-fd", str(status_end.fileno())],
                [] if filter is None else ["--seccomp", str(filter)],
                _limits(job, "memory" not in {*groups, *scoped}),
            ),
        ]
        passed = [status_end.fileno()] + ([] if filter is None else [filter])
        environment = ENVIRONMENT | (_manager() if scoped else {})
        box = last.enter_context(_process(command, env=environment, pass_fds=passed))
        last.callback(_end_bwrap, box.process, status)
        yield box


def _installed(programs: Sequence[str]) -> None:
    if missing := [one for one in programs if not shutil.which(one, path=ENVIRONMENT["PATH"])]:
        raise SandboxError(
            "sandbox bwrap",
            f"{' and '.join(missing)} not found in {ENVIRONMENT['PATH']}",
            "Install bubblewrap 0.8 or later and util-linux, or use --sandbox docker",
        )


@functools.cache
def _filtered() -> bool:
    """Return whether bubblewrap can load the filter of system calls here. Some kernels and containers forbid
    filters; the sandbox then works without one, and `protections` says so."""
    if (filter := seccomp.opened()) is None:
        return False
    command = ["bwrap", "--ro-bind", "/", "/", "--seccomp", str(filter), "true"]
    try:
        trial = subprocess.run(
            command,
            env=ENVIRONMENT,
            pass_fds=[filter],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=20,
        )
    except (OSError, subprocess.SubprocessError):
        return True  # whatever is wrong, it is not the filter
    finally:
        os.close(filter)
    return b"SECCOMP" not in trial.stderr  # bubblewrap's word for a filter that the kernel does not take


def _bubblewrap(
    job: Job, slot: int | None, watched: list[str], filter: list[str], limits: dict[str, int]
) -> list[str]:
    """Return the command for root, who has a slot, or for another user.

    RLIMIT_NPROC does not limit root, so another user starts bubblewrap. Because root's Python may be where no
    other user can read, root's own bubblewrap first makes a view of the files that all users can read.
    """
    sandbox = [
        "bwrap",
        "--unshare-all",
        "--unshare-user",
        "--disable-userns",
        "--new-session",
        "--die-with-parent",
        "--uid",
        "1000",
        "--gid",
        "1000",
        "--hostname",
        "sandbox",
        *filter,
    ]
    python = [
        "--proc",
        "/proc",
        *(
            option
            for path in ("/proc/keys", "/proc/key-users")
            for option in ("--ro-bind-try", "/dev/null", path)
        ),
        "--dev",
        "/dev",
        "--remount-ro",
        "/dev",
        "--remount-ro",
        "/",
        "--chdir",
        "/tmp",
        "--",
        os.path.realpath(sys.executable),
        "-s",
        "-S",
        "-B",
        "/course/harness.py",
    ]
    if slot is None:
        return [*_prlimit(limits), *sandbox, *watched, *_view(HERE, tuple(job.forbidden)), *python]
    user = FIRST_USER + slot
    return [
        "bwrap",
        "--unshare-pid",
        "--die-with-parent",
        *watched,
        *_view(HERE),
        "--bind",
        "/proc",
        "/proc",
        "--dev",
        "/dev",
        "--",
        "setpriv",
        f"--reuid={user}",
        f"--regid={user}",
        "--clear-groups",
        "--no-new-privs",
        *_prlimit({**limits, "nproc": PROCESSES}),
        *sandbox,
        *_view("/course", tuple(job.forbidden)),
        *python,
    ]


@contextmanager
def _docker(job: Job, image: str | None) -> Iterator[Box]:
    if not image:
        raise SandboxError("sandbox docker", "it needs an image", "Give one with Python and NumPy: --image")
    name = f"course-grade-{_own_name()}-{time.monotonic_ns()}"
    environment = [f"--env={key}={value}" for key, value in ENVIRONMENT.items() if key != "PATH"]
    files = [f"--volume={HERE / file}:/course/{file}:ro" for file in ("harness.py", "channel.py")]
    command = [
        "docker",
        "run",
        "--rm",
        "--interactive",
        "--init",
        f"--name={name}",
        "--hostname=sandbox",
        "--network=none",
        "--ipc=none",
        "--read-only",
        f"--tmpfs=/tmp:rw,size={DISK}",
        "--user=60578:60578",
        "--cap-drop=ALL",
        "--security-opt=no-new-privileges",
        "--log-driver=none",
        f"--pids-limit={PROCESSES}",
        f"--memory={job.memory}m",
        f"--memory-swap={job.memory}m",
        *(f"--ulimit={key}={value}" for key, value in _limits(job, False).items()),
        *environment,
        *files,
        "--workdir=/tmp",
        image,
        "python3",
        "-s",
        "-B",
        "/course/harness.py",
    ]
    with _process(command) as box:
        try:
            yield box
        finally:
            with suppress(subprocess.TimeoutExpired):  # killing the client alone would leave the container
                subprocess.run(["docker", "kill", name], capture_output=True, timeout=60)
            box.process.kill()


@contextmanager
def _plain(job: Job, image: str | None) -> Iterator[Box]:
    with tempfile.TemporaryDirectory(prefix="course-grade-", ignore_cleanup_errors=True) as folder:
        command = [*_prlimit(_limits(job, True)), sys.executable, "-s", "-S", "-B", str(HERE / "harness.py")]
        environment = {**ENVIRONMENT, "HOME": folder, "TMPDIR": folder}
        with _process(command, env=environment, cwd=folder, start_new_session=True) as box:
            try:
                yield box
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(box.process.pid, signal.SIGKILL)


_OPENED = {"bwrap": _bwrap, "docker": _docker, "none": _plain}
_ADVICE = {
    "bwrap": "Install bubblewrap 0.8 or later and util-linux. If user namespaces are forbidden (AppArmor, "
    "containers), allow them, or use --sandbox docker",
    "docker": "Try: docker run --rm -i IMAGE python3 --version",
    "none": "Read its message",
}


@contextmanager
def _process(command: list[str], **options: Any) -> Iterator[Box]:
    """Start a program whose standard input and output are one end of a socket pair.

    A process can open a pipe of its own user again through /proc/self/fd, for reading, too, and take back
    what it wrote. Linux opens no socket in this way (proc(5), /proc/pid/fd: ENXIO).
    """
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours:
        with theirs:
            process = subprocess.Popen(
                command,
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=subprocess.PIPE,
                bufsize=0,
                **options,
            )
        with process:
            yield Box(process, ours)


def _prlimit(limits: Mapping[str, int]) -> list[str]:
    return ["prlimit", *(f"--{key}={value}" for key, value in limits.items())]


def _limits(job: Job, addresses: bool) -> dict[str, int]:
    """Return the limits of each process, with one on its address space if nothing else limits memory."""
    # Of processor time; the clock is the tighter limit.
    patience = PATIENCE if job.alone else 1
    seconds = int(START + patience * (job.imports + job.seconds * (len(job.cases) + 1))) + 1
    limits = {"core": 0, "nofile": FILES, "fsize": DISK, "cpu": seconds}
    # Libraries reserve far more memory than they use.
    return {**limits, "as": 3 * job.memory << 20} if addresses else limits


def _end_bwrap(process: Process, status: IO[bytes]) -> None:
    """Kill the first process in the sandbox, and with it all others. Then bubblewrap itself ends."""
    os.set_blocking(status.fileno(), False)
    started = status.read(4096)
    if process.poll() is None:
        with suppress(ProcessLookupError):
            first = json.loads(started.splitlines()[0])["child-pid"] if started else process.pid
            os.kill(first, signal.SIGKILL)


@contextmanager
def _slot(numbers: Sequence[int] = range(USERS)) -> Iterator[int]:
    """Yield a number that no other sandbox on this machine has at the same time. Its user id is FIRST_USER
    more."""
    SLOTS.mkdir(mode=0o700, exist_ok=True)
    for number in itertools.cycle(numbers):
        with open(SLOTS / f"{number}.lock", "w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(0.05 * (number == numbers[-1]))
                continue
            yield number
            return


@contextmanager
def _limited(mebibytes: int, name: int | str) -> Iterator[dict[str, Path]]:
    """Yield a sandbox's own control groups, {"memory": folder, "cpu": folder}, if this machine allows them.

    They are removed afterwards.
    """
    made: dict[str, Path] = {}
    try:
        for controller, parent in _controllers().items():
            if folder := _group(parent / f"course-grade-{name}", mebibytes):
                made[controller] = folder
        yield made
    finally:
        for folder in made.values():
            _removed(folder)


def _group(folder: Path, mebibytes: int) -> Path | None:
    # The files of version 1 and of version 2; each machine has some of them. All processes of an answer share
    # one core, so that they do not slow down another sandbox.
    limits = {
        "memory.limit_in_bytes": mebibytes << 20,
        "memory.memsw.limit_in_bytes": mebibytes << 20,  # with swap
        "memory.max": mebibytes << 20,
        "memory.swap.max": 0,
        "cpu.cfs_quota_us": 100_000,
        "cpu.max": "100000 100000",
    }  # of each 100,000 microseconds
    try:
        _removed(folder)  # a grader that was killed may have left it
        folder.mkdir()
        for file, value in limits.items():
            if (folder / file).exists():  # some kernels do not count swap
                (folder / file).write_text(str(value))
    except OSError:
        _removed(folder)
        return None
    return folder


def _removed(folder: Path) -> None:
    # The kernel needs a moment to remove the last process: seconds, if that left a million files on a busy
    # machine.
    for _ in range(3000):
        try:
            folder.rmdir()
            return
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(0.01)


def _manager() -> dict[str, str]:
    """Return the part of the environment that says where the user's own systemd is."""
    names = ("XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS")
    return {name: os.environ[name] for name in names if name in os.environ}


def _scope(mebibytes: int, environment: Mapping[str, str]) -> list[str]:
    """Return the command in front of another: it runs in a control group of its own, which the user's systemd
    makes and removes, with the given memory and one core.

    References
    ----------
    systemd-run(1), --scope; systemd.resource-control(5).
    """
    return [
        *("systemd-run", "--user", "--scope", "--quiet", "--collect"),
        f"--property=MemoryMax={mebibytes}M",
        "--property=MemorySwapMax=0",
        "--property=CPUQuota=100%",
        *("--", "env", "-i"),
        *(f"{name}={value}" for name, value in environment.items()),
    ]


@functools.cache
def _scoped() -> tuple[str, ...]:
    """Return what a scope limits here, of "memory" and "cpu"; () without systemd's user manager.

    A manager accepts limits that it may not set, so the trial reads them where the kernel has them.
    """
    look = 'cd "/sys/fs/cgroup/$(sed -n s/^0:://p /proc/self/cgroup)" && cat memory.max; cat cpu.max'
    command = [*_scope(64, ENVIRONMENT), "sh", "-c", look]
    try:
        trial = subprocess.run(
            command, env=ENVIRONMENT | _manager(), stdin=subprocess.DEVNULL, capture_output=True, timeout=20
        )
    except (OSError, subprocess.SubprocessError):
        return ()
    found = trial.stdout.decode(errors="replace").splitlines()
    limits = {"memory": str(64 << 20), "cpu": "100000 100000"}
    return tuple(name for name, value in limits.items() if value in found)


def protections(sandbox: str) -> str:
    """Say in one line what protects the grader and the other answers in this sandbox, and what does not."""
    if sandbox == "none":
        return "Sandbox none: nothing protects your files, and nothing protects one answer from another."
    if sandbox == "docker":
        return "Sandbox docker: no network, read-only files; limits and system calls as your engine has them."
    on = ["no network", "read-only files", "its own keyring"]
    filtered = _filtered()
    on += ["refused system calls"] if filtered else []
    root = os.geteuid() == 0
    own = set(_controllers() or (() if root else _scoped()))
    on += ["its own user"] if root else []
    on += [text for name, text in (("memory", "its own memory"), ("cpu", "one core")) if name in own]
    why = (
        "this kernel or container takes no filter" if seccomp.program() else "not written for this processor"
    )
    off = [] if filtered else [f"refused system calls ({why})"]
    if missing := [text for name, text in (("memory", "memory"), ("cpu", "core")) if name not in own]:
        off.append(
            f"limits of {' and '.join(missing)} for an answer as a whole (grade as root, or where systemd "
            "runs for your user, on version 2 of control groups)"
        )
    return f"Sandbox bwrap, for each answer: {', '.join(on)}." + (
        f" Not on: {'; '.join(off)}." if off else ""
    )


def slow_imports(sandbox: str) -> list[str]:
    """Say that the installed packages are not compiled, or return [].

    A sandbox can write nothing beside them, so each answer would compile what it imports again.
    """
    numpy = importlib.util.find_spec("numpy")
    if sandbox == "docker" or numpy is None or not numpy.origin:
        return []
    if Path(importlib.util.cache_from_source(numpy.origin)).exists():
        return []
    folder = Path(numpy.origin).parents[1]
    return [
        "The installed packages are not compiled, so each answer that imports one takes about twice as long. "
        f"Compile them once: python -m compileall -q {folder}"
    ]


@functools.cache
def _controllers() -> dict[str, Path]:
    """Return {"memory" or "cpu": the nearest control group that may have children with such a limit}."""
    lines = [line.split(":", 2) for line in Path("/proc/self/cgroup").read_text().splitlines()]
    own = {names: path for _, names, path in lines}
    system, found = Path("/sys/fs/cgroup"), {}
    for controller in ("memory", "cpu"):
        root = system / controller if controller in own else system  # version 2 has one tree for all
        start = root / own.get(controller, own.get("", "/"))[1:]
        folders = [
            folder
            for folder in (start, *start.parents)
            if folder.is_relative_to(root)
            and (controller in own or controller in _text(folder / "cgroup.subtree_control").split())
        ]
        if folder := next(filter(_may_have_children, folders), None):
            found[controller] = folder
    return found


def _may_have_children(folder: Path) -> bool:
    trial = folder / f"course-grade-trial-{_own_name()}"
    with suppress(OSError):
        trial.mkdir()
        entered = subprocess.run(["sh", "-c", 'echo 0 > "$0"', trial / "cgroup.procs"], capture_output=True)
        _removed(trial)
        return entered.returncode == 0
    return False


def _own_name() -> str:
    return f"{os.getpid()}-{threading.get_ident()}"  # only this thread uses this name


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


@functools.cache
def _packages() -> list[str]:
    """Return the folders of installed packages, without what a .pth file adds (an editable install of the
    course)."""
    return list(
        dict.fromkeys(
            os.path.realpath(path)
            for path in sys.path
            if Path(path).name in ("site-packages", "dist-packages") and os.path.isdir(path)
        )
    )


@functools.cache
def _view(harness: str | Path, forbidden: tuple[str, ...] = ()) -> list[str]:
    """Return bwrap's options for the files that a sandbox sees, all read-only except for its /tmp.

    They are sorted by path, so that a folder comes before everything that is mounted, or hidden, in it.
    """
    shown = [*SYSTEM, os.path.realpath(sys.base_prefix), *_packages()]
    # All users can open the folders above them; bwrap itself would make them for root only.
    mounts = {
        str(parent): ["--perms", "0755", "--dir", str(parent)]
        for path in (*shown, "/course/harness.py")
        for parent in list(Path(path).parents)[:-1]
    }
    mounts["/tmp"] = ["--size", str(DISK), "--tmpfs", "/tmp"]
    for path in shown:
        if os.path.islink(path):
            mounts[path] = ["--symlink", os.readlink(path), path]
        elif os.path.exists(path):
            mounts[path] = ["--ro-bind", path, path]
    for file in ("harness.py", "channel.py"):
        mounts[f"/course/{file}"] = ["--ro-bind", f"{harness}/{file}", f"/course/{file}"]
    covers = _covers(shown, forbidden)
    mounts |= {
        path: ["--tmpfs", path] if os.path.isdir(path) else ["--ro-bind", "/dev/null", path]
        for path in covers
    }
    closed = [option for path in covers if os.path.isdir(path) for option in ("--remount-ro", path)]
    return [option for path in sorted(mounts) for option in mounts[path]] + closed


def shows(path: str | Path) -> bool:
    """Return whether a student's code can see a file or folder, such as everything below /usr."""
    path, shown = Path(path).resolve(), [*SYSTEM, os.path.realpath(sys.base_prefix), *_packages()]
    return any(path.is_relative_to(one) for one in shown) and not any(
        map(path.is_relative_to, _covers(shown, ()))
    )


def _covers(shown: Sequence[str], forbidden: Sequence[str]) -> list[str]:
    """Return what is hidden among the shown files: the course, its data, and forbidden modules.

    The metadata of an installed course says in which folder of the teacher it is.
    """
    libraries = [os.path.realpath(os.path.dirname(os.__file__)), *_packages()]
    libraries += [f"{libraries[0]}/lib-dynload", f"{libraries[0]}/site-packages"]
    secret = (
        [str(ROOT)] if (ROOT / "pyproject.toml").exists() else []
    )  # otherwise ROOT is the folder of all packages
    secret += [str(HERE.parent), str(home()), *(f"{library}/course_lib" for library in libraries)]
    metadata = COURSE.replace("-", "_")
    secret += [path for library in libraries for path in glob.glob(f"{library}/*{metadata}*")]
    covers = [
        path
        for path in secret
        if os.path.exists(path) and any(Path(path).is_relative_to(one) for one in shown)
    ]
    for module in forbidden:
        folder, _, name = module.replace(".", "/").rpartition("/")
        for library in libraries:
            place = os.path.join(library, folder)
            found = [
                os.path.join(place, name),
                os.path.join(place, f"{name}.py"),
                *glob.glob(f"{place}/{name}.*so"),
                *glob.glob(f"{place}/__pycache__/{name}.*.pyc"),
            ]
            covers += [path for path in found if os.path.exists(path)]
    return list(dict.fromkeys(covers))
