"""The refused system calls: each is refused in the sandbox, and what ordinary answers do works."""

import ctypes
import errno
import platform
import re
import struct
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from course_lib.grading import sandbox, seccomp
from course_lib.grading.sandbox import Job, answers, available

WHY_NOT = available("bwrap")
MACHINE = platform.machine()
bubblewrap = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)
known = pytest.mark.skipif(MACHINE not in seccomp.MACHINES, reason=f"no filter for {MACHINE}")


def ran(cell, *arguments, **more):
    """The outcome of one case of a cell that defines f."""
    (outcome,) = answers(Job(textwrap.dedent(cell), "f", [arguments], **{"seconds": 30.0, **more}))
    return outcome


CALLS = """
    import ctypes
    library = ctypes.CDLL(None, use_errno=True)
    def f(numbers):
        found = []
        for number in numbers:
            ctypes.set_errno(0)
            done = library.syscall(ctypes.c_long(number), *[ctypes.c_long(0)] * 6)
            found.append(ctypes.get_errno() if done == -1 else 0)
        return found
"""
NUMBERS = {name: seccomp.number(name) for name in seccomp.REFUSED if seccomp.number(name) is not None}


@bubblewrap
@known
def test_every_refused_call_is_refused():
    outcome = ran(CALLS, list(NUMBERS.values()))
    assert dict(zip(NUMBERS, outcome.value, strict=True)) == dict.fromkeys(NUMBERS, errno.EPERM)


@bubblewrap
@known
def test_without_the_filter_they_are_there(monkeypatch):
    """So that the test above means something."""
    names = ("keyctl", "add_key", "process_vm_readv", "personality", "unshare", "name_to_handle_at", "kcmp")
    monkeypatch.setattr(seccomp, "opened", lambda: None)
    assert errno.EPERM not in ran(CALLS, [NUMBERS[name] for name in names]).value


@bubblewrap
@known
def test_calls_that_the_list_does_not_know_are_absent():
    newest = seccomp.MACHINES[MACHINE].newest
    odd = [newest + 1, 700, 1 << 30 | 39, seccomp.ABSENT["clone3"][seccomp.MACHINES[MACHINE].column]]
    assert ran(CALLS, odd).value == [errno.ENOSYS] * 4


@bubblewrap
@known
def test_only_ordinary_sockets_can_be_made():
    cell = """
        import socket
        def f():
            made = []
            for make in (socket.socket, socket.socketpair):
                for family in range(50):
                    for kind in (1, 2, 3, 4, 5):
                        try: make(family, kind)
                        except OSError: continue
                        made.append(family)
            return sorted(set(made))
    """
    assert set(ran(cell).value) <= {1, 2, 10}


@bubblewrap
@known
@pytest.mark.parametrize("flag", [1 << bit for bit in range(32) if seccomp.NAMESPACES >> bit & 1 and bit > 7])
def test_no_process_can_be_made_in_a_new_namespace(flag):
    cell = f"""
        import ctypes, os
        library = ctypes.CDLL(None, use_errno=True)
        def f():
            pid = library.syscall(ctypes.c_long({seccomp.CLONE[seccomp.MACHINES[MACHINE].column]}),
                                  ctypes.c_long({flag} | 17), *[ctypes.c_long(0)] * 4)
            if pid == 0: os._exit(0)
            return pid, ctypes.get_errno()
    """
    assert ran(cell).value == (-1, errno.EPERM)


@bubblewrap
@known
@pytest.mark.parametrize("request_", seccomp.TERMINAL)
def test_nothing_can_be_typed_into_a_terminal(request_):
    cell = f"import fcntl\ndef f():\n    fcntl.ioctl(0, {request_}, b'x')"
    assert "Errno 1" in ran(cell).message  # without the filter: 25, not a terminal


ORDINARY = {
    "NumPy": """
        import numpy as np
        def f():
            x = np.random.default_rng(0).normal(size=(60, 60))
            np.save("x.npy", x)
            return bool(np.allclose(np.linalg.inv(x) @ np.load("x.npy", mmap_mode="r"), np.eye(60)))
    """,
    "pandas": """
        import io
        import pandas as pd
        def f():
            table = pd.read_csv(io.StringIO("a,b\\n1,2\\n1,4\\n"))
            return bool(table.groupby("a")["b"].mean()[1] == 3)
    """,
    "SciPy": """
        from scipy import fft, signal, optimize
        def f():
            found = optimize.minimize(lambda x: (x[0] - 3) ** 2, [0.0])
            return bool(abs(found.x[0] - 3) < 1e-3 and len(fft.rfft([1.0] * 8, workers=2)) == 5)
    """,
    "scikit-learn": """
        from sklearn.ensemble import RandomForestClassifier
        from sklearn.svm import SVC
        def f():
            x, y = [[0.0], [1.0]] * 20, [0, 1] * 20
            forest = RandomForestClassifier(5, n_jobs=2, random_state=0).fit(x, y)
            return bool((forest.predict(x) == y).all() and (SVC().fit(x, y).predict(x) == y).all())
    """,
    "scikit-image and OpenCV": """
        import cv2
        import numpy as np
        from skimage.feature import hog
        def f():
            x = np.arange(64 * 64, dtype="uint8").reshape(64, 64)
            return len(hog(x)) > 0 and cv2.resize(x, (8, 8)).shape == (8, 8)
    """,
    "threads": """
        import threading
        from concurrent.futures import ThreadPoolExecutor
        def f():
            lock = threading.Lock()
            with lock, ThreadPoolExecutor(4) as pool:
                return sum(pool.map(abs, range(-4, 0))) == 10
    """,
    "subprocess": """
        import subprocess, sys
        def f():
            done = subprocess.run([sys.executable, "-S", "-c", "print(6 * 7)"], capture_output=True)
            return done.stdout.strip() == b"42" and subprocess.run("exit 3", shell=True).returncode == 3
    """,
    "multiprocessing": """
        import multiprocessing
        def f():
            context = multiprocessing.get_context("fork")
            ours, theirs = context.Pipe()
            process = context.Process(target=lambda: theirs.send([1, 2]))
            process.start()
            return ours.recv() == [1, 2] and process.join() is None
    """,
    "asyncio": """
        import asyncio
        async def slow():
            await asyncio.sleep(0.01)
            process = await asyncio.create_subprocess_exec("true")
            return await process.wait()
        def f():
            return asyncio.run(slow()) == 0
    """,
    "files and times": """
        import mmap, os, shutil, tempfile, time
        def f():
            with tempfile.TemporaryDirectory() as folder:
                open(f"{folder}/a", "wb").write(b"x" * 9000)
                shutil.copyfile(f"{folder}/a", f"{folder}/b")
                os.sendfile
                with open(f"{folder}/b", "r+b") as file, mmap.mmap(file.fileno(), 0) as view:
                    view[:1] = b"y"
                return os.listdir(folder) != [] and time.localtime().tm_year > 2000
    """,
}


@bubblewrap
@known
@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_answers_work(name):
    outcome = ran(ORDINARY[name], memory=2048, imports=120.0)
    assert (outcome.state, outcome.value) == ("answered", True), outcome


# --- the keyrings

SECRET = b"a ticket of the teacher"
KEYS = f"""
    import ctypes
    library = ctypes.CDLL(None, use_errno=True)
    library.syscall.restype = ctypes.c_long
    def call(*arguments):
        arguments = [one if isinstance(one, bytes) else ctypes.c_long(one) for one in arguments]
        return library.syscall({seccomp.number("keyctl")}, *arguments)
    def f():
        session, text = -3, ctypes.create_string_buffer(100)
        key = call(10, session, b"user", b"course:secret", 0)
        length = call(11, key, ctypes.addressof(text), 100)
        call(7, session)  # clear it
        return text.raw[:max(length, 0)].decode()
"""


def with_a_session(work):
    """Call a function in a thread whose session keyring holds a secret, as a login makes one."""
    library, found = ctypes.CDLL(None, use_errno=True), []

    def thread():
        sandbox._new_keyring()
        key = library.syscall(
            ctypes.c_long(seccomp.number("add_key")),
            b"user",
            b"course:secret",
            SECRET,
            ctypes.c_long(len(SECRET)),
            ctypes.c_long(-3),
        )
        found.append(work() if key > 0 else None)
        kept = library.syscall(
            ctypes.c_long(seccomp.number("keyctl")),
            *(ctypes.c_long(10), ctypes.c_long(-3), b"user", b"course:secret", ctypes.c_long(0)),
        )
        found.append(kept > 0)

    one = threading.Thread(target=thread)
    one.start()
    one.join()
    if found[0] is None:
        pytest.skip("this machine has no keyrings")
    return found


@bubblewrap
@known
@pytest.mark.parametrize("protected_by", ["both", "the filter", "a keyring of its own"])
def test_the_teacher_s_keyring_is_out_of_reach(monkeypatch, protected_by):
    if protected_by == "a keyring of its own":
        monkeypatch.setattr(seccomp, "opened", lambda: None)
    if protected_by == "the filter":
        monkeypatch.setattr(sandbox, "_in_own_thread", lambda function, *arguments: function(*arguments))
    assert with_a_session(lambda: ran(KEYS).value) == ["", True]


@bubblewrap
@known
def test_without_both_it_is_within_reach(monkeypatch):
    """So that the test above means something."""
    monkeypatch.setattr(seccomp, "opened", lambda: None)
    monkeypatch.setattr(sandbox, "_in_own_thread", lambda function, *arguments: function(*arguments))
    assert with_a_session(lambda: ran(KEYS).value) == [SECRET.decode(), False]


@bubblewrap
def test_the_list_of_keys_cannot_be_read():
    assert ran("def f():\n    return open('/proc/keys').read()").state == "exception"


# --- the program


@pytest.mark.parametrize("machine", seccomp.MACHINES)
def test_the_program_is_complete(machine):
    """Every jump lands inside, and a small interpreter of it gives what the lists say."""
    audit, column, newest = seccomp.MACHINES[machine]
    code = list(struct.iter_unpack("=HBBI", seccomp.program(machine)))
    assert len(code) < 4096  # the kernel's BPF_MAXINSNS

    def verdict(number, arguments=(0, 0), architecture=audit):
        words = {0: number, 4: architecture, 16: arguments[0], 24: arguments[1]}
        at = loaded = 0
        while True:
            operation, then, otherwise, value = code[at]
            if operation == seccomp.RETURN:
                return value
            if operation == seccomp.LOAD:
                loaded, at = words[value], at + 1
                continue
            passes = {
                seccomp.EQUAL: loaded == value,
                seccomp.ABOVE: loaded > value,
                seccomp.SHARED: bool(loaded & value),
            }[operation]
            at += 1 + (then if passes else otherwise)

    refused = {own[column] for own in seccomp.REFUSED.values()}
    absent = {own[column] for own in seccomp.ABSENT.values()}
    special = {
        seccomp.CLONE[column],
        seccomp.SOCKET[column],
        seccomp.SOCKETPAIR[column],
        seccomp.IOCTL[column],
    }
    for number in range(1 << 10):
        wrong = verdict(number) ^ seccomp.ERROR
        if number in absent or number > newest:
            assert wrong == errno.ENOSYS
        elif number in refused:
            assert wrong == errno.EPERM
        elif number not in special:
            assert verdict(number) == seccomp.ALLOW
    assert verdict(0, architecture=0x40000003) == seccomp.KILL  # 32 bits
    assert verdict(seccomp.CLONE[column], (0x003D0F00, 0)) == seccomp.ALLOW  # a thread of the C library
    assert verdict(seccomp.CLONE[column], (0x10000011, 0)) == seccomp.ERROR | errno.EPERM
    assert verdict(seccomp.SOCKET[column], (1, 0)) == seccomp.ALLOW
    assert verdict(seccomp.SOCKET[column], (40, 0)) == seccomp.ERROR | errno.EAFNOSUPPORT
    assert verdict(seccomp.IOCTL[column], (0, 0x5401)) == seccomp.ALLOW
    assert verdict(seccomp.IOCTL[column], (0, 0x5412)) == seccomp.ERROR | errno.EPERM


HEADERS = {
    "x86_64": "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
    "aarch64": "/usr/include/asm-generic/unistd.h",
}


@pytest.mark.parametrize("machine", seccomp.MACHINES)
def test_the_numbers_are_the_kernel_s(machine):
    path = Path(HEADERS[machine])
    if not path.exists():
        pytest.skip(f"no {path} (linux-libc-dev)")
    found = {
        name: int(number)
        for name, number in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", path.read_text())
    }
    column = seccomp.MACHINES[machine].column
    every = {
        **seccomp.REFUSED,
        **seccomp.ABSENT,
        "clone": seccomp.CLONE,
        "socket": seccomp.SOCKET,
        "ioctl": seccomp.IOCTL,
    }
    ours = {name: numbers[column] for name, numbers in every.items() if name in found}
    assert ours == {name: found[name] for name in ours} and len(ours) > 60


def test_an_unknown_processor_has_no_filter():
    assert seccomp.program("s390x") is None and seccomp.opened("s390x") is None
    assert seccomp.number("keyctl", "s390x") is None


NO_FILTERS = """
import ctypes, platform, sys
from course_lib.grading import sandbox, seccomp
prctl, filters = {"x86_64": (157, 317), "aarch64": (167, 277)}[platform.machine()]
refuse = seccomp._end(seccomp.ERROR | 22)  # EINVAL, as a kernel without filters says
wish = [seccomp._step(seccomp.LOAD, 16), *seccomp._if(seccomp.EQUAL, 22, [refuse])]
wish.append(seccomp._end(seccomp.ALLOW))
code = [seccomp._step(seccomp.LOAD, 0), *seccomp._if(seccomp.EQUAL, filters, [refuse])]
code += [*seccomp._if(seccomp.EQUAL, prctl, wish), seccomp._end(seccomp.ALLOW)]
class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_char_p)]
library, program = ctypes.CDLL(None), Program(len(code), b"".join(code))
assert library.prctl(38, 1, 0, 0, 0) == 0  # no new privileges
assert library.prctl(22, 2, ctypes.byref(program)) == 0  # from here on, nobody can load another filter
print(sandbox.answers(sandbox.Job("def f():\\n    return 1", "f", [()]))[0].state)
print(sandbox.protections("bwrap"))
"""


@bubblewrap
@known
def test_where_no_filter_can_be_loaded_answers_run_without_and_the_first_line_says_so():
    command = [sys.executable, "-c", NO_FILTERS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert not done.stderr
    state, protections = done.stdout.splitlines()
    assert state == "answered"
    on, _, off = protections.partition("Not on: ")
    assert "refused system calls" not in on
    assert off.startswith("refused system calls (this kernel or container takes no filter)")
