"""Answer cells that write into the channel to the grader."""

FORGE = """
import json, os, stat, struct
ENDS = [n for n in range(3, 256) if os.path.exists(f"/proc/self/fd/{n}")
        and stat.S_ISSOCK(os.fstat(n).st_mode)]
def say(data):
    for end in ENDS:
        try:
            os.write(end, data)
        except OSError:
            pass
def frame(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<I", len(text)) + text + data
def answer(number, value, state="answered"):
    return {"tuple": [number, state, value]}
number = 0
"""


def forged(before_answering, answered="np.zeros_like(x)", at_once=""):
    """A cell that says something of its own on the channel before its harness does; `number` is the
    case's."""
    return (
        f"{FORGE}{at_once}\ndef f(x):\n    global number\n    number += 1\n    {before_answering}\n"
        f"    return {answered}\n"
    )
