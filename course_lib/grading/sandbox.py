"""Students' code, run where it can do no harm: inputs go in, values come out, and everything else stays
there.

What the sandbox "bwrap" (bubblewrap, Linux) promises
- The code sees Python, its packages and the system's programs, all read-only, and nothing else of this
  machine: not the course's files, the bank, the key, other students' files, your home, your environment, the
  network.
- It may write to a /tmp of its own, which is small and gone afterwards.
- Memory, processor time, processes, open files and time are limited; whatever it starts ends with it.
- Root gives each sandbox a user of its own, so that two at a time share none. Others run it as themselves.
- It is given the inputs of one case at a time, never what is right. What comes out is plain values
  (channel.py).

What it does not promise
- The answer is the code's own: it sees its inputs, so a table of known inputs would answer them. Hence hidden
  seeds.
- A hole in the kernel stays a hole: plain bubblewrap filters no system calls, and neither AF_VSOCK to a
  virtual machine's host nor covert signs between two sandboxes at a time (load, file locks) are closed. Grade
  strangers on a machine that can be thrown away.
- Without writable cgroups (mostly: not as root) the limit of memory is a process's, and less exact, and many
  busy processes of one answer can slow another's down.
- Built-in modules (math, sys) cannot be hidden; forbidden packages are, by mounts.

"docker" runs the same in a container, with the engine's own limits and an image of yours (Python 3.11 or
later, NumPy, what the exercises use). Forbidden modules are hidden there by name only: leave them out of the
image. "none" is a process like any other, in an empty folder, under limits: it reads your files and may
outlive its time. Only for code that you trust.

The environment is fixed (hash seed, one thread), so that the same answer gives the same values.
"""

import fcntl
import functools
import glob
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from course_lib import exercises
from course_lib.core.errors import CourseError
from course_lib.core.paths import ROOT, home
from course_lib.grading import channel

START = 60.0  # seconds until Python runs
IMPORTS = 30.0  # and then until what an answer imports is imported: heavy libraries, a cold disk
PROCESSES = 64  # threads count, too
DISK = 64 << 20  # bytes of /tmp, and of any file
FILES = 256  # open at a time
FIRST_USER, USERS = 60578, 128  # user ids that systemd's and Debian's lists leave free: one a slot
SLOTS = Path("/run/course-grade")  # only root has slots, and only root writes there
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


class Job(NamedTuple):
    """One answer of one student and the cases to try it on."""

    answer: str  # the source of the answer cell
    name: str  # of its function
    cases: list  # of tuples: the arguments of each case
    seconds: float = 2.0  # of wall time, for a case and for the cell itself
    memory: int = 1024  # MiB
    forbidden: tuple = ()  # modules that must not be importable
    setup: str = exercises.SETUP


class Outcome(NamedTuple):
    """What came of one case. `message` comes from inside, untrusted, unless a case is timeout, killed or
    malformed.
    """

    state: str  # "answered", "exception", "timeout", "killed", "malformed", "missing", "not attempted"
    value: object = None
    message: str = ""


class SandboxError(CourseError):
    """The sandbox itself failed: never a student's fault, and never a mark."""


def answers(job, sandbox="bwrap", image=None) -> list[Outcome]:
    """What the answer's function returns, one outcome a case, in order. Raises `SandboxError`, and nothing
    else.

    A value that no channel carries (a set, a DataFrame, a complex array) is "malformed", and its type named.
    After a timeout, a death or a frame that no harness writes the cases that are left get one fresh sandbox;
    after a second they share its state without being run."""
    if sandbox not in _OPENED:
        raise SandboxError(
            f"sandbox {sandbox!r}", "there is no such sandbox", f"Choose one of {', '.join(_OPENED)}"
        )
    try:
        cases = [channel.pack(arguments) for arguments in job.cases]
    except (TypeError, ValueError) as error:
        raise SandboxError(
            job.name, f"a case's arguments cannot be handed over: {error}", "Mend its inputs in the bank"
        ) from error
    found = []
    try:
        for _ in range(2):
            if len(found) < len(cases):
                found += _sitting(job, cases[len(found) :], sandbox, image)
    except OSError as error:  # a full disk, no file descriptor left, a program that is not installed
        raise SandboxError(f"sandbox {sandbox}", error, _ADVICE[sandbox]) from error
    return found + found[-1:] * (len(cases) - len(found))


def available(sandbox) -> str:
    """ "" where this sandbox works on this machine, else why it does not and what to do."""
    if sandbox == "docker":  # its image is the teacher's, so only the engine is asked
        try:
            subprocess.run(["docker", "info"], check=True, capture_output=True, timeout=20)
        except (OSError, subprocess.SubprocessError) as error:
            return f"docker does not answer ({error}). Install and start it, or take --sandbox bwrap"
        return ""
    try:
        (outcome,) = answers(Job("def one():\n    return 1", "one", [()], setup=""), sandbox)
    except SandboxError as error:
        return str(error)
    return "" if outcome == Outcome("answered", 1) else f"{sandbox}: a trial ended with {outcome}"


def _sitting(job, cases, sandbox, image):
    """The outcomes of the cases until one is the sandbox's last; all of them, where nothing stops it."""
    found = []
    with _OPENED[sandbox](job, image) as process:
        send, receive = process.stdin.fileno(), process.stdout.fileno()
        os.set_blocking(send, False)
        _until_up(process, sandbox)
        seconds = IMPORTS
        try:
            deadline = time.monotonic() + seconds
            channel.write(send, _start(job, cases, sandbox), deadline)
            state, words = _pair(channel.read(receive, deadline))
            if state == "setup":  # nothing of the student's has run so far
                raise SandboxError(
                    f"sandbox {sandbox}",
                    f"the exercises' setup cell fails in it: {words}",
                    "Install there what it imports",
                )
            seconds = job.seconds
            state, words = _pair(channel.read(receive, time.monotonic() + seconds))
            if state in ("exception", "missing", "not attempted"):
                return [Outcome(state, None, words)] * len(cases)
            for number, case in enumerate(cases, 1):
                deadline = time.monotonic() + seconds
                channel.write(send, case, deadline)
                found.append(_outcome(channel.read(receive, deadline), number))
        except TimeoutError:
            late = Outcome("timeout", None, f"no answer within {seconds:g} seconds")
            found += [late] * (
                len(cases) if seconds == IMPORTS else 1
            )  # what it imports would be as slow again
        except EOFError:
            found.append(
                Outcome("killed", None, f"the process ended: it left, or needed over {job.memory} MiB")
            )
        except channel.Malformed as error:
            found.append(Outcome("malformed", None, str(error)))
    return found


def _start(job, cases, sandbox):
    paths = [] if sandbox == "docker" else _packages()  # an image has its own
    processes = PROCESSES if sandbox == "bwrap" else 0  # elsewhere all processes of the user would count
    arrays = any(b'"array"' in case for case in cases)  # to read one takes NumPy
    try:
        return channel.pack((job.setup, job.answer, job.name, list(job.forbidden), paths, processes, arrays))
    except ValueError as error:
        raise channel.Malformed(f"the answer cell: {error}") from None


def _until_up(process, sandbox):
    """Wait until Python runs in the sandbox. Nothing of a student's is there so far: a failure is the
    sandbox's.
    """
    failed = functools.partial(SandboxError, f"sandbox {sandbox}", todo=_ADVICE[sandbox])
    try:
        channel.read(process.stdout.fileno(), time.monotonic() + START)
    except TimeoutError:
        raise failed(wrong=f"it did not start within {START:g} seconds") from None
    except (EOFError, channel.Malformed):
        os.set_blocking(process.stderr.fileno(), False)
        said = (process.stderr.read(500) or b"").decode("utf-8", "replace").strip()
        raise failed(wrong=f"it does not start ({said})") from None


def _pair(value):
    if not (type(value) is tuple and len(value) == 2 and all(type(one) is str for one in value)):
        raise channel.Malformed("not what the harness says")
    return value[0], value[1][:1000]


def _outcome(value, number):
    if not (type(value) is tuple and len(value) == 3 and type(value[0]) is int and value[0] == number):
        raise channel.Malformed("not the answer to this case")
    if type(value[1]) is str and value[1] == "answered":
        return Outcome("answered", value[2])
    state, words = _pair(value[1:])
    if state not in ("exception", "malformed", "not attempted"):
        raise channel.Malformed("a state that the harness does not know")
    return Outcome(state, None, words)


# The three sandboxes: each yields a process whose standard streams are the channel, and ends all of it.


@contextmanager
def _bwrap(job, image):
    with ExitStack() as last:
        slot = last.enter_context(_slot()) if os.geteuid() == 0 else None
        groups = last.enter_context(_limited(job.memory, _nobody_else() if slot is None else slot))
        status, status_end = (last.enter_context(open(end, "rb", 0)) for end in os.pipe())
        # Where the machine's memory is short, a sandbox goes first.
        enter = "echo 1000 > /proc/self/oom_score_adj; "
        enter += 'for group in $0; do echo 0 > $group || exit; done; exec "$@"'
        command = [
            "sh",
            "-c",
            enter,
            " ".join(f"{folder}/cgroup.procs" for folder in set(groups.values())),
            *_bubblewrap(
                job,
                slot,
                ["--json-status-fd", str(status_end.fileno())],
                _limits(job, "memory" not in groups),
            ),
        ]
        process = last.enter_context(_process(command, env=ENVIRONMENT, pass_fds=[status_end.fileno()]))
        last.callback(_end_bwrap, process, status)
        yield process


def _bubblewrap(job, slot, watched, limits):
    """The command for a user, or for root, who has a slot.

    Root: RLIMIT_NPROC counts nothing for root, so another user starts bubblewrap. Since root's Python may lie
    where no other user may look, root's own bubblewrap first makes a view of the files in which all may."""
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
    ]
    python = [
        "--proc",
        "/proc",
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
def _docker(job, image):
    if not image:
        raise SandboxError("sandbox docker", "no image is named", "Name one with Python and NumPy: --image")
    name = f"course-grade-{_nobody_else()}-{time.monotonic_ns()}"
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
    with _process(command) as process:
        try:
            yield process
        finally:
            with suppress(subprocess.TimeoutExpired):  # killing the client alone would leave the container
                subprocess.run(["docker", "kill", name], capture_output=True, timeout=60)
            process.kill()


@contextmanager
def _plain(job, image):
    with tempfile.TemporaryDirectory(prefix="course-grade-", ignore_cleanup_errors=True) as folder:
        command = [*_prlimit(_limits(job, True)), sys.executable, "-s", "-S", "-B", str(HERE / "harness.py")]
        environment = {**ENVIRONMENT, "HOME": folder, "TMPDIR": folder}
        with _process(command, env=environment, cwd=folder, start_new_session=True) as process:
            try:
                yield process
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)


_OPENED = {"bwrap": _bwrap, "docker": _docker, "none": _plain}
_ADVICE = {
    "bwrap": "Install bubblewrap 0.8 or later and util-linux; where user namespaces are forbidden (AppArmor, "
    "containers) allow them, or take --sandbox docker",
    "docker": "Try: docker run --rm -i IMAGE python3 --version",
    "none": "Look at what it says",
}


def _process(command, **options):
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0, **options
    )


def _prlimit(limits):
    return ["prlimit", *(f"--{key}={value}" for key, value in limits.items())]


def _limits(job, addresses):
    """Of each process. `addresses`: address space too, where nothing else limits memory."""
    seconds = (
        int(START + IMPORTS + job.seconds * (len(job.cases) + 1)) + 1
    )  # of work; the clock is the tighter limit
    limits = {"core": 0, "nofile": FILES, "fsize": DISK, "cpu": seconds}
    return (
        {**limits, "as": 3 * job.memory << 20} if addresses else limits
    )  # libraries reserve far more than they use


def _end_bwrap(process, status):
    """Kill the first process in the sandbox, and with it all others; bubblewrap itself then reaps it and
    ends.
    """
    os.set_blocking(status.fileno(), False)
    said = status.read(4096)
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.kill(json.loads(said.splitlines()[0])["child-pid"] if said else process.pid, signal.SIGKILL)


@contextmanager
def _slot(numbers=range(USERS)):
    """One of the numbers that no other grader on this machine has at the same time; its user id is FIRST_USER
    more.
    """
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
def _limited(mebibytes, name):
    """Control groups of a sandbox's own, {"memory": folder, "cpu": folder}, as far as this machine gives
    them; they are removed afterwards."""
    made = {}
    try:
        for controller, parent in _controllers().items():
            if folder := _group(parent / f"course-grade-{name}", mebibytes):
                made[controller] = folder
        yield made
    finally:
        for folder in made.values():
            _removed(folder)


def _group(folder, mebibytes):
    # Files of version 1 and of version 2, those of the controllers that are there. One core: what an answer's
    # processes take, all together, they take from no other sandbox.
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
            if (folder / file).exists():  # some kernels keep no account of swap
                (folder / file).write_text(str(value))
    except OSError:
        _removed(folder)
        return None
    return folder


def _removed(folder):
    # The kernel takes a moment to forget the last process; where that left a million files, seconds on a busy
    # machine.
    for _ in range(3000):
        try:
            return folder.rmdir()
        except FileNotFoundError:
            return None
        except OSError:
            time.sleep(0.01)
    return None


@functools.cache
def _controllers():
    """{"memory" or "cpu": the nearest control group that may have children with such a limit}, where there is
    one.
    """
    own = dict(line.split(":", 2)[1:] for line in Path("/proc/self/cgroup").read_text().splitlines())
    system, found = Path("/sys/fs/cgroup"), {}
    for controller in ("memory", "cpu"):
        root = (
            system / controller if controller in own else system
        )  # version 1 has a tree for each, version 2 one
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


def _may_have_children(folder):
    trial = folder / f"course-grade-trial-{_nobody_else()}"
    with suppress(OSError):
        trial.mkdir()
        entered = subprocess.run(["sh", "-c", 'echo 0 > "$0"', trial / "cgroup.procs"], capture_output=True)
        _removed(trial)
        return entered.returncode == 0
    return False


def _nobody_else():
    return f"{os.getpid()}-{threading.get_ident()}"  # a name that this thread alone uses


def _text(path):
    return path.read_text() if path.exists() else ""


@functools.cache
def _packages():
    """Where installed packages lie; what a .pth file adds (an editable install of the course) is left out."""
    return list(
        dict.fromkeys(
            os.path.realpath(path)
            for path in sys.path
            if Path(path).name in ("site-packages", "dist-packages") and os.path.isdir(path)
        )
    )


@functools.cache
def _view(harness, forbidden=()):
    """bwrap's options for the files that a sandbox sees, all read-only but for its /tmp.

    Sorted by path, so that a folder comes before what is mounted, or hidden, in it.
    """
    shown = [*SYSTEM, os.path.realpath(sys.base_prefix), *_packages()]
    # The folders above them are open to all: bwrap would make them for root only.
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


def shows(path) -> bool:
    """Would a student's code see this file, or what is in this folder? So it would below /usr, for one."""
    path, shown = Path(path).resolve(), [*SYSTEM, os.path.realpath(sys.base_prefix), *_packages()]
    return any(path.is_relative_to(one) for one in shown) and not any(
        map(path.is_relative_to, _covers(shown, ()))
    )


def _covers(shown, forbidden):
    """What is hidden of the files shown: the course, its data, and forbidden modules."""
    libraries = [os.path.realpath(os.path.dirname(os.__file__)), *_packages()]
    libraries += [f"{libraries[0]}/lib-dynload", f"{libraries[0]}/site-packages"]
    secret = [str(ROOT)] if (ROOT / "pyproject.toml").exists() else []  # else ROOT is where packages lie
    secret += [str(HERE.parent), str(home()), *(f"{library}/course_lib" for library in libraries)]
    covers = [
        path
        for path in secret
        if os.path.isdir(path) and any(Path(path).is_relative_to(one) for one in shown)
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
