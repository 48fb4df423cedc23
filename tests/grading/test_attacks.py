"""Hostile answer cells against our own sandbox and comparison. None gets a point, none outlives its time,
none disturbs an honest answer that is graded at the same moment.

The exercise: f(x) returns x - x.mean(). An attack that must not get through gives the right answer where it
does, so that a hole in the sandbox is points in the test."""

import json
import os
import socket
import threading
from functools import partial
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
import trust_page
from forging import forged

from course_lib.core.paths import ROOT
from course_lib.exercises.compare import compare
from course_lib.grading import sandbox
from course_lib.grading.sandbox import Job, answers, available

WHY_NOT = available("bwrap")
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)

CASES = [
    (np.random.default_rng(number).normal(size=size),) for number, size in enumerate([(7,), (3, 4), (5,)])
]
RIGHT = [x - x.mean() for (x,) in CASES]
HONEST = "def f(x):\n    return x - x.mean()"
LEFT = f"course-attack-{os.getpid()}-left"  # in the name of every file an attack leaves
SLOTS = range(sandbox.USERS // 2, sandbox.USERS)
SLEEP = f"98765.{os.getpid()}"  # seconds that an attack's own processes would like to stay


def through(attempt, before=""):
    """A cell that answers rightly if nothing stops the attempt."""
    lines = "\n".join(f"        {line}" for line in attempt.strip().splitlines())
    return (
        f"{before}\nimport os, sys\ndef f(x):\n    try:\n{lines}\n    except BaseException as error:\n"
        "        return np.zeros_like(x)\n    return x - x.mean()\n"
    )


def returning(value, before=""):
    return f"{before}\ndef f(x):\n    return {value}\n"


COMPARISON = {
    "allclose says yes": returning(
        "np.zeros_like(x)", "np.allclose = np.array_equal = np.isclose = lambda *a: True"
    ),
    "NumPy's operators say yes": returning(
        "np.zeros_like(x)",
        """
np.equal = np.less_equal = np.abs = np.isfinite = lambda *a, **k: np.True_
""",
    ),
    "builtins say yes": returning(
        "np.zeros_like(x)",
        """
import builtins
builtins.isinstance = builtins.any = builtins.all = builtins.callable = lambda *a: True
builtins.abs = builtins.len = lambda *a: 0
""",
    ),
    "always equal": returning(
        "Always()",
        """
class Always:
    shape, dtype, ndim, size = (7,), np.dtype(float), 1, 7
    def __eq__(self, other): return True
    __ne__ = lambda self, other: False
    __sub__ = __rsub__ = __abs__ = __le__ = lambda self, *other: True
    def __array__(self, *a, **k): return np.zeros(7)
""",
    ),
    "an array of its own kind": returning(
        "np.zeros_like(x).view(Always)",
        """
class Always(np.ndarray):
    __eq__ = __le__ = lambda self, other: np.ones(self.shape, bool)
    def __array_ufunc__(self, ufunc, method, *inputs, **options): return np.ones(self.shape, bool)
""",
    ),
    "lies about its class": returning(
        "Always()",
        """
class Always(float):
    __class__ = np.ndarray
    def __eq__(self, other): return True
""",
    ),
    "a float of its own kind": returning(
        "Zero()", "class Zero(float):\n    __eq__ = __le__ = lambda *a: True"
    ),
    "an array of objects": returning(
        "np.array([Always()] * x.size, object).reshape(x.shape)",
        "class Always:\n    __eq__ = lambda *a: True",
    ),
    "a masked array": returning("np.ma.masked_all(x.shape)"),
    "a matrix": returning("np.zeros_like(x).view(np.matrix) if x.ndim == 2 else np.matrix(x)"),
    "NaN": returning("np.full_like(x, np.nan)"),
    "infinity": returning("np.full_like(x, np.inf)"),
    "one number": returning("0.0"),
    "one NaN": returning("float('nan')"),
    "an array of no dimension": returning("np.zeros(())"),
    "an empty array": returning("np.zeros(0)"),
    "an empty array of this many dimensions": returning("np.zeros((0,) * x.ndim)"),
    "a wider shape": returning("np.zeros((1, *x.shape))"),
    "truth": returning("np.ones(x.shape, bool)"),
    "complex": returning("x - x.mean() + 0j"),
    "half precision": returning("(x - x.mean()).astype('float16')"),
    "a dict that looks like an array": returning("{'array': 'float64', 'shape': [7]}"),
    "every shape at once": returning("[np.zeros(7), np.zeros((3, 4)), np.zeros(5)]"),
    "nothing": returning("None"),
    "a generator": returning("(one for one in x)"),
}

HUNT = """
def best(found, x):
    fitting = [one for one in found if type(one) is np.ndarray and one.shape == x.shape]
    fitting = [one for one in fitting if not np.array_equal(one, x)]
    return fitting[0] if fitting else np.zeros_like(x)
"""
HUNTING = {
    "frames": HUNT
    + """
import sys
def f(x):
    found, frame = [], sys._getframe()
    while frame:
        for one in [*frame.f_locals.values(), *frame.f_globals.values()]:
            found += [one] if not isinstance(one, (list, tuple)) else list(one)
        frame = frame.f_back
    return best(found, x)
""",
    "garbage collector": HUNT
    + """
import gc
def f(x):
    return best([part for one in gc.get_objects() if isinstance(one, (list, tuple)) for part in one]
                + [part for one in gc.get_objects() if isinstance(one, dict)
                   for part in list(one.values())], x)
""",
    "modules": through("import course_lib.exercises.compare, course_lib.grading"),
    "the harness": through("""
import __main__, channel
assert any(hasattr(one, "expected") or "bank" in vars(one) for one in (__main__, channel))
"""),
    "a trace of everything": HUNT
    + """
import sys
seen = []
def trace(frame, event, argument):
    seen.extend(frame.f_locals.values())
    return trace
sys.settrace(trace); sys.setprofile(trace)
def f(x):
    return best(list(seen), x)
""",
}

READ = through(
    """
right = json.load(open(PATH))[str(x.shape)]
return np.array(right)
""",
    "import json\nPATH = {expected!r}",
)
FILES = {
    "the expected values": READ,
    "through its own root": READ.replace("open(PATH)", "open('/proc/1/root' + PATH)"),
    "through its own folder": READ.replace("open(PATH)", "open('/proc/1/cwd/../../../..' + PATH)"),
    "a link to them": READ.replace("open(PATH)", "open(os.symlink(PATH, 'link') or 'link')"),
    "the bank": through("assert os.listdir({root!r} + '/bank')"),
    "the course": through("assert os.listdir({root!r} + '/course_lib')"),
    "the solutions": through("open({root!r} + '/course_lib/exercises/solutions.json').read()"),
    "the solutions of an installed course": through("""
places = [f"{{folder}}/course_lib/exercises/solutions.json" for folder in ["/course", *sys.path]]
assert any(map(os.path.exists, places))
"""),
    "the master": through("open({root!r} + '/masters/02_hog_features.py').read()"),
    "whatever is mounted from somewhere": through("""
where = [line.split()[3] for line in open("/proc/self/mountinfo")]
folder = next(os.path.dirname(one) for one in where if one.endswith("/harness.py"))
assert "bank.py" in os.listdir(folder) + os.listdir("/course")
"""),
    "the environment": through("""
import glob
text = b"".join(open(path, "rb").read() for path in glob.glob("/proc/[0-9]*/environ"))
assert "COURSE_ATTACK" in os.environ or b"COURSE_ATTACK" in text
"""),
    "passwords and users": through("assert os.path.exists('/etc/passwd') or os.path.exists('/etc/shadow')"),
    "somebody's home": through(
        "assert any(os.path.isfile(f'{home}/{name}') for home in ('/root', '/home', *map("
        "'/home/{}'.format, os.listdir('/home'))) for name in os.listdir(home))"
    ),
    "other processes' files": through("""
others = [one for one in os.listdir("/proc") if one.isdigit() and int(one) not in (1, os.getpid())]
assert any(os.listdir(os.path.join("/proc", one, "root", "tmp")) for one in others)
"""),
    "disks": through("open('/dev/vda', 'rb').read(1); open('/dev/mem', 'rb').read(1)"),
    "file descriptors left open": through("""
import stat
ends = [n for n in range(3, 256) if os.path.exists(f"/proc/self/fd/{n}")]
assert len([n for n in ends if not stat.S_ISSOCK(os.fstat(n).st_mode)]) or len(ends) > 2
"""),
}


def array(dtype, shape):
    return f'answer(number, {{"array": {dtype!r}, "shape": {shape}}})'


CHANNEL = {
    "another state": forged("say(frame(answer(number, 'full marks', 'ok')))"),
    "true for its number": forged("say(frame(answer(True, 0)))"),
    "a float for its number": forged("say(frame(answer(float(number), 0)))"),
    "an array for its state": forged(
        'say(frame(answer(number, 0, {"array": "bool", "shape": [7]}), b"\\1" * 7))'
    ),
    "an array for everything": forged('say(frame({"array": "bool", "shape": [3]}, b"\\1" * 3))'),
    "answers to cases to come": forged("say(b''.join(frame(answer(n, 0)) for n in range(1, 50)))"),
    "each answer twice": forged("say(frame(answer(number, 0)) * 2)"),
    "ready before it is": forged(
        "pass", at_once='say(frame({"tuple": ["ready", ""]}) + frame(answer(1, 0)) * 3)'
    ),
    "a failed setup": forged("pass", at_once='say(frame({"tuple": ["setup", "the grader is broken"]}))'),
    "a failed setup later": forged('say(frame({"tuple": ["setup", "the grader is broken"]}))'),
    "a huge length": forged('say(b"\\xff\\xff\\xff\\xff")'),
    "half a frame": forged("say(b'\\x40\\0\\0\\0[[[['); os._exit(0)"),
    "nothing but noise": forged("say(os.urandom(60000))"),
    "an endless frame": forged("""say(struct.pack("<I", 1 << 22))
    while True: say(b" " * 60000)"""),
    "endless frames": forged("while True: say(frame(answer(number, 0)))"),
    "too few bytes": forged(f"say(frame({array('float64', [7])}, b'1234567'))"),
    "too many bytes": forged(f"say(frame({array('float64', [7])}, bytes(99)))"),
    "a negative shape": forged(f"say(frame({array('float64', [-1])}, bytes(56)))"),
    "an enormous shape": forged(f"say(frame({array('float64', [2**40, 2**40])}, bytes(56)))"),
    "objects": forged(f"say(frame({array('object', [7])}, bytes(56)))"),
    "a dtype with code": forged(f"say(frame({array('__import__(chr(111)+chr(115))', [7])}, bytes(56)))"),
    "truth that is two": forged(f"say(frame({array('bool', [7])}, b'2222222'))"),
    "text beyond Unicode": forged(f"say(frame({array('U1', [7])}, b'\\xff' * 28))"),
    "a pickle": forged(
        "say(frame(pickle.dumps(Bomb()))); say(pickle.dumps(Bomb()))",
        at_once="""
import pickle
class Bomb:
    def __reduce__(self): return os.system, ("touch /tmp/{left}",)
""",
    ),
    "a zipped bomb": forged(
        "say(frame(buffer.getvalue()))",
        at_once="""
import io
import numpy as np
buffer = io.BytesIO(); np.savez_compressed(buffer, np.zeros(10**6))
""",
    ),
    "deep nesting": forged("say(frame(b'[' * 50000))"),
    "a million lists": forged("say(frame(b'[' + b'[],' * 1_000_000 + b'[]]'))"),
    "a million digits": forged("say(struct.pack('<I', 10**6) + b'1' * 10**6)"),
    "not a number": forged("say(frame(answer(number, float('nan'))))"),
    "truth for a number": forged("say(frame(answer(number, True)))"),
    "half a sign": forged("say(frame(answer(number, '\\ud800', 'exception')))"),
    "long words": forged("say(frame(answer(number, 'x' * 10**6, 'exception')))"),
    "through the first process": forged("open('/proc/1/fd/1', 'wb', 0).write(frame(answer(number, 0)) * 5)"),
    "what bubblewrap would say": forged("""for end in range(256):
        try: os.write(end, b'{ "child-pid": 1 }\\\\n')
        except OSError: pass"""),
    "a closed channel": forged("[os.close(end) for end in ENDS]"),
    "a channel read empty": forged("os.read(ENDS[0], 1 << 20)"),
    "an answer taken back": forged(
        """again = [os.open(f"/proc/self/fd/{end}", os.O_RDONLY | os.O_NONBLOCK) for end in ENDS]
    while True:
        say(b"x")
        for end in again:
            try: os.read(end, 1)
            except OSError: pass"""
    ),
    "requests in the grader's way": forged(
        """again = [os.open(f"/proc/self/fd/{end}", os.O_WRONLY | os.O_NONBLOCK) for end in ENDS]
    while True:
        for end in again:
            try: os.write(end, b"x" * (1 << 16))
            except OSError: pass"""
    ),
    "open files sent along": forged(
        """line = socket.socket(fileno=os.dup(ENDS[0]))
    socket.send_fds(line, [frame(answer(number, 0))], [ENDS[0]] * 50)""",
        at_once="import socket",
    ),
    "one byte out of band": forged(
        "socket.socket(fileno=os.dup(ENDS[0])).send(b'x', socket.MSG_OOB)",
        at_once="import socket",
    ),
    "half of the channel shut": forged(
        "socket.socket(fileno=os.dup(ENDS[0])).shutdown(socket.SHUT_RD)", at_once="import socket"
    ),
}

ORACLE = """
import socket
def ask(kind, where, way=socket.SOCK_STREAM):
    line = socket.socket(kind, way)
    line.settimeout(5)
    line.connect(where)
    line.send(b"?")
    assert line.recv(10) == b"come in"
"""
NETWORK = {
    "TCP": through("ask(socket.AF_INET, ('127.0.0.1', {tcp}))", ORACLE),
    "UDP": through("ask(socket.AF_INET, ('127.0.0.1', {udp}), socket.SOCK_DGRAM)", ORACLE),
    "a socket in a folder": through("ask(socket.AF_UNIX, {unix!r})", ORACLE),
    "an abstract socket": through("ask(socket.AF_UNIX, chr(0) + {abstract!r})", ORACLE),
    "a name": through("socket.getaddrinfo('example.org', 80)", ORACLE),
    "any other machine": through("ask(socket.AF_INET, ('192.0.2.1', 80))", ORACLE),
    "raw packets": through("socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)", ORACLE),
    "an interface": through("assert set(os.listdir('/sys/class/net')) - {'lo'}\n"),
}

PROCESSES = {
    "an exit": "import os\ndef f(x):\n    os._exit(0)",
    "an exit at once": "import os\nos._exit(0)",
    "sys.exit": "import sys\ndef f(x):\n    sys.exit(0)",
    "SystemExit at once": "raise SystemExit(0)",
    "KeyboardInterrupt": "def f(x):\n    raise KeyboardInterrupt",
    "GeneratorExit": "def f(x):\n    raise GeneratorExit",
    "atexit": forged("atexit.register(say, frame(answer(number + 1, 0)))", at_once="import atexit"),
    "a child that speaks later": forged("""if os.fork() == 0:
        import time; time.sleep(0.1); say(frame(answer(number + 1, 0)) * 9); os._exit(0)"""),
    "a child that answers, too": forged("os.fork()"),
    "a thread that speaks": forged(
        "threading.Thread(target=say, args=[frame(answer(number, 0)) * 9]).start()",
        at_once="import threading",
    ),
    "a daemon": f"""
import os, subprocess
def f(x):
    subprocess.Popen(["sleep", "{SLEEP}"], start_new_session=True)
    return np.zeros_like(x)
""",
    "a double fork": f"""
import os, signal
def f(x):
    if os.fork() == 0:
        os.setsid()
        for number in range(1, 65):
            if number not in (signal.SIGKILL, signal.SIGSTOP, 32, 33): signal.signal(number, signal.SIG_IGN)
        if os.fork() == 0:
            os.execvp("sleep", ["sleep", "{SLEEP}"])
        os._exit(0)
    os._exit(0)
""",
    "another program": forged("os.dup2(ENDS[-1], 1); os.execvp('cat', ['cat', '/dev/zero'])"),
    "a loop": "def f(x):\n    while True: pass",
    "a loop at once": "while True: pass",
    "a loop that swallows": """
import time
def f(x):
    while True:
        try:
            while True: time.sleep(1)
        except BaseException: pass
""",
    "deaf to signals": """
import signal, time
for number in range(1, 65):
    if number not in (signal.SIGKILL, signal.SIGSTOP, 32, 33): signal.signal(number, signal.SIG_IGN)
def f(x):
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65)); time.sleep(1000)
""",
    "asleep in C": "import ctypes\ndef f(x):\n    ctypes.CDLL(None).sleep(1000)",
    "stopped": "import os, signal\ndef f(x):\n    os.kill(os.getpid(), signal.SIGSTOP)",
    "kills all it may": "import os\ndef f(x):\n    os.kill(-1, 9); return np.zeros_like(x)",
    "kills all it can name": """
import os
def f(x):
    for pid in [1, *range(3, 1 << 16)]:
        try: os.kill(pid, 9)
        except OSError: pass
    return np.zeros_like(x)
""",
    "stops its parents": "import os\ndef f(x):\n    os.kill(os.getppid(), 19); os.kill(0, 19)",
    "a segmentation fault": "import ctypes\ndef f(x):\n    ctypes.string_at(0)",
    "a broken stack": "import sys\nsys.setrecursionlimit(10**9)\ndef f(x):\n    return f(x)",
    "a source too deep": "def f(x):\n    return "
    + "(" * 90
    + "x"
    + ")" * 90
    + "\ny = "
    + "-" * 200_000
    + "1",
}

GREED = {
    "fork bomb": "import os\ndef f(x):\n    while True:\n        try: os.fork()\n        except OSError: "
    "pass",
    "fork bomb at once": "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
    "thread bomb": """
import threading, time
def f(x):
    while True:
        try: threading.Thread(target=time.sleep, args=[1000]).start()
        except RuntimeError: pass
""",
    "memory bomb": "def f(x):\n    kept = []\n    while True: kept.append(bytearray(b'x' * (1 << 24)))",
    "one huge array": "def f(x):\n    return np.ones(10**11)",
    "memory bomb in children": """
import os
def f(x):
    for _ in range(30):
        if os.fork() == 0:
            kept = []
            while True: kept.append(bytearray(b"x" * (1 << 22)))
    while True: pass
""",
    "memory files": """
import os
def f(x):
    while True:
        end = os.memfd_create("{left}")
        try:
            while True: os.write(end, b"x" * (1 << 20))
        except OSError: pass
""",
    "shared memory of System V": """
import ctypes
def f(x):
    library = ctypes.CDLL(None)
    library.shmat.restype = ctypes.c_void_p
    while True:
        where = library.shmat(library.shmget(0, 1 << 24, 0o1600), None, 0)
        ctypes.memset(where, 1, 1 << 24)
        library.shmdt(ctypes.c_void_p(where))
""",
    "a full /dev/shm": through("open('/dev/shm/{left}', 'wb').write(b'x')"),
    "a full /dev": through("open('/dev/{left}', 'wb').write(b'x')"),
    "a full root": through("open('/{left}', 'wb').write(b'x')"),
    "a full system": through("open('/usr/{left}', 'wb').write(b'x')"),
    "a full /var/tmp": through("os.makedirs('/var/tmp', exist_ok=True); open('/var/tmp/{left}', 'wb')"),
    "a full /tmp": through("""
for number in range(20):
    with open("/tmp/{left}" + str(number), "wb") as file:
        for _ in range(20): file.write(b"x" * (1 << 20))
"""),
    "one large file": through("open('/tmp/{left}', 'wb').truncate(1 << 30)"),
    "a million files": through("for number in range(10**6): open(f'/tmp/{left}{number}', 'w').close()"),
    "words without end": "def f(x):\n    while True: print('x' * 10**6)",
    "errors without end": "import os\ndef f(x):\n    while True: os.write(2, b'x' * 10**6)",
    "errors through the first "
    "process": "import os\ndef f(x):\n    end = os.open('/proc/1/fd/2', os.O_WRONLY)\n"
    "    while True: os.write(end, b'x' * 60000)",
    "too large an answer": "def f(x):\n    return np.zeros(10**7)",
    "too many answers": "def f(x):\n    return [0] * 10**7",
    "an answer in itself": "def f(x):\n    answer = []\n    answer.append(answer)\n    return answer",
    "a number too long": "def f(x):\n    return 10 ** 10**6",
    "every file descriptor": "import os\ndef f(x):\n    while True: os.dup(0)",
    "words of an exception": "def f(x):\n    raise ValueError('x' * 10**8)",
    "an exception that never ends its "
    "words": "class E(Exception):\n    def __str__(self):\n        while True: pass\ndef f(x):\n    raise E",
    "an exception that fails in its words": "class E(Exception):\n    def __str__(self): raise self\n"
    "def f(x):\n    raise E",
}

C = "import ctypes\nlibrary = ctypes.CDLL(None, use_errno=True)\ndef ok(value):\n    assert value != -1"
ESCAPE = {
    "a user namespace": through("ok(library.unshare(0x10000000))", C),
    "a mount namespace": through("ok(library.unshare(0x00020000))", C),
    "both by clone": through(
        """
pid = library.syscall(56, 0x10000000 | 17, 0, 0, 0, 0)
if pid == 0: os._exit(0)
ok(pid)
""",
        C,
    ),
    "a mount": through("ok(library.mount(b'none', b'/tmp', b'tmpfs', 0, None))", C),
    "the system writable again": through("ok(library.mount(None, b'/usr', None, 32 | 4096, None))", C),
    "a cover lifted": through("ok(library.umount2(b'/proc', 2))", C),
    "another root": through("os.chroot('/tmp')"),
    "root by setuid": through("os.setuid(0)"),
    "groups": through("os.setgroups([0])"),
    "root by a program": through("""
import shutil, subprocess
program = shutil.which("su") or shutil.which("sudo")
subprocess.run([program, "-c", "true"], stdin=subprocess.DEVNULL, check=True, capture_output=True)
"""),
    "a device": through("import stat\nos.mknod('/tmp/null', 0o666 | stat.S_IFBLK, os.makedev(254, 0))"),
    "another's namespaces": through("ok(library.setns(os.open('/proc/1/ns/net', 0), 0))", C),
    "tracing the first process": through(
        """
ok(library.ptrace(16, 1, 0, 0))
assert any(word in open("/proc/1/environ").read() for word in ("COURSE_ATTACK", "PYTEST_CURRENT_TEST"))
""",
        C,
    ),
    "seeing the grader": through(
        "assert any(b'pytest' in open(f'/proc/{one}/cmdline', 'rb').read() "
        "for one in os.listdir('/proc') if one.isdigit())"
    ),
    "killing the grader": through("os.kill({grader}, 0)"),
    "higher limits": through("import resource\nresource.setrlimit(resource.RLIMIT_NPROC, (9999, 9999))"),
    "a better rank": through("os.nice(-10)"),
    "spared when memory is short": through(
        "os.write(os.open('/proc/self/oom_score_adj', os.O_WRONLY), b'-1000')"
    ),
    "settings of the system": through(
        "os.write(os.open('/proc/sys/kernel/core_pattern', os.O_WRONLY), b'|/tmp/x')"
    ),
    "its own control group": through("open('/sys/fs/cgroup/memory/cgroup.procs', 'w').write('0')"),
    "more user namespaces": through(
        "open('/proc/sys/user/max_user_namespaces', 'w').write('100')\nok(library.unshare(0x10000000))", C
    ),
    "the interpreter": through("open(os.path.join(os.path.dirname(os.__file__), '{left}.py'), 'w')"),
    "the packages": through("open(os.path.join(os.path.dirname(np.__file__), '{left}.py'), 'w')"),
    "compiled files": through(
        "open(os.path.join(os.path.dirname(np.__file__), '__pycache__', '{left}.pyc'), 'w')"
    ),
    "the harness": through("open('/course/harness.py', 'a')"),
    "another harness": through("os.rename('/course', '/course2')"),
    "modes": through("os.chmod('/usr', 0o777)"),
}

MACHINERY = {
    "another stub": returning(
        "np.zeros_like(x)",
        """
import sys
exercises = sys.modules["course_lib.exercises"]
exercises.check = exercises.compare = exercises.given = lambda *a, **k: True
""",
    ),
    "another NumPy": returning(
        "np.zeros_like(x)",
        """
import sys, types
sys.modules["numpy"] = fake = types.ModuleType("numpy")
fake.ndarray = fake.generic = type("ndarray", (), {"__eq__": lambda *a: True})
""",
    ),
    "another import": returning(
        "np.zeros_like(x)",
        """
import builtins, sys
sys.meta_path.clear(); sys.path.clear(); sys.modules.clear()
builtins.__import__ = lambda *a, **k: None
""",
    ),
    "another channel": returning(
        "np.zeros_like(x)",
        """
import channel
honest = channel.pack
channel.pack = lambda value: honest((value[0], "ok", True))
""",
    ),
    "a channel that is gone": returning(
        "np.zeros_like(x)", "import channel\ndel channel.pack, channel.write"
    ),
    "another json": returning("np.zeros_like(x)", "import json\njson.dumps = lambda *a, **k: '[]'"),
    "another harness, by its frames": returning(
        "np.zeros_like(x)",
        """
import sys
outer = sys._getframe().f_back.f_globals
outer["_answer"] = lambda number, function, arguments: outer["channel"].pack((number, "right", arguments))
""",
    ),
    "another harness, in place": returning(
        "np.zeros_like(x)",
        """
import sys
harness = sys._getframe().f_back.f_globals
harness["_answer"].__code__ = (lambda number, function, arguments: b"full marks").__code__
""",
    ),
    "no function but a class": "class f:\n    def __new__(cls, x): return np.zeros_like(x)",
    "a name that looks the same": "def \u0192(x):\n    return x - x.mean()",
    "an exception of its own": "def f(x):\n    raise type('Right', (BaseException,), {})('full marks')",
    "not implemented": "def f(x):\n    raise NotImplementedError('full marks')",
    "source with a NUL": "\0def f(x): return 1",
    "an inner error": "def f(x):\n    raise MemoryError",
}

COUNTING = """
calls = 0
def f(x):
    global calls
    calls += 1
    return x - x.mean() if {when} else np.zeros_like(x)
"""
STATE = {
    "right at first only": COUNTING.format(when="calls == 1"),
    "right at last only": COUNTING.format(when="calls == 3"),
    "marks left for the next sandbox": through(
        """
seen = False
for folder in {folders!r} + [os.path.dirname(os.__file__), os.path.dirname(np.__file__), os.getcwd()]:
    path = os.path.join(folder, "{left}")
    seen = seen or os.path.exists(path) and open(path).read() != str(os.getpid()) + START
    try: open(path, "w").write(str(os.getpid()) + START)
    except OSError: pass
assert seen
""",
        "import time\nSTART = str(time.time())",
    ),
    "marks left in memory": through(
        """
key = 0x5eed
where = library.shmget(key, 4096, 0o666)
library.shmget(key, 4096, 0o1666)
if calls: raise LookupError
calls.append(1)
ok(where)
""",
        C + "\ncalls = []",
    ),
}

GROUPS = {
    "comparison": COMPARISON,
    "hunting": HUNTING,
    "files": FILES,
    "channel": CHANNEL,
    "network": NETWORK,
    "processes": PROCESSES,
    "greed": GREED,
    "escape": ESCAPE,
    "machinery": MACHINERY,
    "state": STATE,
}
TOGETHER = {group: GROUPS[group] for group in ("files", "network", "escape")}  # all end by themselves
ATTACKS = [
    pytest.param(cell, id=f"{group}: {name}")
    for group, cells in GROUPS.items()
    for name, cell in cells.items()
    if group not in TOGETHER
]


def points(cell, kind="bwrap", seconds=0.5, runs=1):
    """The cases answered rightly; with two runs, in both: the second in reverse order, as the grader
    has it."""
    found = [
        answers(Job(cell, "f", CASES[::step], seconds, memory=256), kind)[::step] for step in (1, -1)[:runs]
    ]
    assert all(len(outcomes) == len(CASES) for outcomes in found)
    return sum(all(_right(outcomes[case], right) for outcomes in found) for case, right in enumerate(RIGHT))


def _right(outcome, right):
    return outcome.state == "answered" and compare(outcome.value, right) is None


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    """What an attack would like to reach: right values in a file for all to read, and somebody who
    listens."""
    folder = Path(f"/tmp/course-attack-{os.getpid()}")
    folder.mkdir()
    expected = folder / "expected.json"
    expected.write_text(json.dumps({str(right.shape): right.tolist() for right in RIGHT}))
    os.environ["COURSE_ATTACK"] = "secret"
    listeners = [
        socket.socket(socket.AF_INET),
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
        socket.socket(socket.AF_UNIX),
        socket.socket(socket.AF_UNIX),
    ]
    abstract = f"course-attack-{os.getpid()}"
    for listener, address in zip(
        listeners, (("127.0.0.1", 0), ("127.0.0.1", 0), str(folder / "s"), f"\0{abstract}"), strict=True
    ):
        listener.bind(address)
        threading.Thread(target=_listen, args=[listener], daemon=True).start()
    yield {
        "expected": str(expected),
        "root": str(ROOT),
        "left": LEFT,
        "grader": os.getpid(),
        "tcp": listeners[0].getsockname()[1],
        "udp": listeners[1].getsockname()[1],
        "unix": str(folder / "s"),
        "abstract": abstract,
        "folders": ["/tmp", "/dev/shm", "/var/tmp", "/run", "/", "/dev", str(folder)],
    }
    for listener in listeners:
        listener.close()
    del os.environ["COURSE_ATTACK"]
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


def _listen(listener):
    try:
        if listener.type == socket.SOCK_DGRAM:
            while True:
                listener.sendto(b"come in", listener.recvfrom(10)[1])
        listener.listen()
        while True:
            line = listener.accept()[0]
            line.recv(10)
            line.send(b"come in")
            line.close()
    except OSError:
        return  # closed


@pytest.fixture(scope="module", autouse=True)
def slots_of_their_own():
    """Other tests kill graders, in the other worker: the slots of those keep their control groups until the
    next.
    """
    with patch.object(sandbox, "_slot", partial(sandbox._slot, SLOTS)):
        yield


@pytest.fixture(scope="module")
def before_all():
    return left_behind()  # by a grader that somebody killed


@pytest.fixture(scope="module")
def honest():
    """An honest answer, graded again and again beside the attacks: a list of its points."""
    found, ended = [], threading.Event()

    def grade():
        while True:  # at once, so that a short selection of the attacks has it too
            found.append(points(HONEST, seconds=15))
            if ended.wait(1.0):
                return

    thread = threading.Thread(target=grade)
    thread.start()
    yield found
    ended.set()
    thread.join()
    assert found and set(found) == {3}


def filled(cell, places):
    """The cell with what it is after: {root} becomes a path, {root!r} a path in quotes."""
    for name, value in places.items():
        cell = cell.replace(f"{{{name}!r}}", repr(value)).replace(f"{{{name}}}", str(value))
    return cell


@pytest.mark.parametrize("cell", ATTACKS)
def test_an_attack_gets_nothing(cell, places, honest, before_all):
    assert points(filled(cell, places), runs=2 if cell in STATE.values() else 1) == 0
    assert set(honest) <= {3}
    assert left_behind() <= before_all


@pytest.mark.parametrize("group", TOGETHER)
def test_no_attack_of_a_group_gets_anything(group, places, honest, before_all):
    """One answer, whose case k is attack k, so that they share a sandbox."""
    cells = {name: filled(cell, places) for name, cell in TOGETHER[group].items()}
    answer = f"""
import numpy as np
CELLS = {list(cells.values())!r}
def f(number, x):
    own = {{"np": np}}
    exec(CELLS[number], own)
    return own["f"](x)
"""
    assert all(compile(cell, name, "exec") for name, cell in cells.items())
    x, right = CASES[0][0], RIGHT[0]
    outcomes = answers(Job(answer, "f", [(number, x) for number in range(len(cells))], 2.0, memory=256))
    assert {one.state for one in outcomes} <= {"answered", "exception"}  # otherwise some did not run
    assert [name for name, one in zip(cells, outcomes, strict=True) if _right(one, right)] == []
    assert set(honest) <= {3}
    assert left_behind() <= before_all


def left_behind():
    """Processes, control groups and files of sandboxes that have ended."""
    processes = [path.parent.name for path in Path("/proc").glob("[0-9]*/cmdline") if SLEEP in _read(path)]
    folders = map(Path, ("/tmp", "/dev/shm", "/var/tmp", "/run", "/", "/dev", "/usr"))
    files = [str(path) for folder in folders for path in folder.glob(f"*{LEFT}*")]
    return {*processes, *files, *(_of_free_slots() if os.geteuid() == 0 else [])}


def _read(path):
    try:
        return path.read_text(errors="replace")
    except OSError:  # it has just ended
        return ""


def _of_free_slots():
    """What a slot that nobody holds still has: a process of its user, a control group."""
    users = {}
    for path in Path("/proc").glob("[0-9]*/status"):
        for line in _read(path).splitlines():
            if line.startswith("Uid:"):
                users.setdefault(int(line.split()[1]), []).append(path.parent.name)
    groups = sandbox._controllers().values()
    found = []
    for slot in SLOTS:
        left = [folder for group in groups for folder in group.glob(f"course-grade-{slot}")]
        suspects = [*users.get(sandbox.FIRST_USER + slot, []), *left]
        if suspects and _free(slot):
            found += [
                one for one in suspects if (Path("/proc") / one if isinstance(one, str) else one).exists()
            ]
    return found


def _free(slot):
    import fcntl

    with open(sandbox.SLOTS / f"{slot}.lock", "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


# The attacks mean something: what they try works where nothing stops it.


@pytest.mark.parametrize(
    "cell",
    [
        FILES["the expected values"],
        FILES["the course"],
        NETWORK["TCP"],
        NETWORK["UDP"],
        NETWORK["a socket in a folder"],
        NETWORK["an abstract socket"],
        ESCAPE["killing the grader"],
    ],
    ids=["file", "course", "tcp", "udp", "socket", "abstract", "grader"],
)
def test_without_a_sandbox_they_get_through(cell, places):
    assert points(filled(cell, places), "none", seconds=15) == 3


ODD = [
    None,
    True,
    2**63 - 1,
    -(2**63),
    1e308,
    float("nan"),
    float("inf"),
    "",
    "x" * 1000,
    [],
    (),
    [[]],
    [None] * 3,
    np.zeros(0),
    np.zeros((0, 3)),
    np.zeros(()),
    np.full(3, np.nan),
    np.array(["x"] * 3),
    np.ones(3, bool),
    np.array(2**63 - 1),
    np.array("x"),
    np.array(True),
    np.full(3, 1e308),
    np.full(3, -(2**63)),
]


@pytest.mark.parametrize(
    "right",
    [1, 1.0, False, "HoG", [1, 2.0, "x"], np.zeros(3), np.arange(3), np.array(["a"] * 3), np.zeros(3, bool)],
    ids=repr,
)
def test_whatever_comes_out_is_compared_without_an_exception(right):
    assert all(compare(value, right) for value in ODD)
    assert all(compare(value, right, at_least=0.9) for value in ODD if isinstance(right, np.ndarray))


def test_the_page_counts_every_attack():
    assert trust_page.attacks("test_attacks.py") == {group: len(cells) for group, cells in GROUPS.items()}


def test_there_are_enough_attacks_and_all_differ():
    every = [cell for cells in GROUPS.values() for cell in cells.values()]
    assert len(every) >= 190 and len(set(every)) == len(every)
