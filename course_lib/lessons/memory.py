"""How much memory a piece of work takes, with all that it starts."""

import threading
from contextlib import contextmanager


@contextmanager
def peak_memory(every=0.1):
    """Yield a one-element list that holds, afterwards, the peak memory in MiB of all processes this one
    started.

    Resident memory, looked at every 0.1 s; pages that processes share count once for each, so it is an upper
    bound."""
    import psutil

    peak, over = [0.0], threading.Event()

    def watch():
        while not over.wait(every):
            total = 0
            for child in psutil.Process().children(recursive=True):
                try:
                    total += child.memory_info().rss
                except psutil.NoSuchProcess:
                    pass
            peak[0] = max(peak[0], total / 2**20)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()
