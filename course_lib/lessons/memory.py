"""Measure the memory of child processes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def peak_memory(every: float = 0.1, shared_once: bool = False) -> Iterator[list[float]]:
    """Measure the peak memory of all processes that this process starts, while a `with` block runs.

    Parameters
    ----------
    every : float
        The seconds between two measurements of the resident memory.
    shared_once : bool
        Count memory that processes share, such as the code of a library, once (Linux: "proportional set
        size"). It takes longer to measure. Else it counts once for each process, and the result is an upper
        bound.

    Yields
    ------
    list of float
        One number, in MiB; read it after the block.
    """
    import psutil

    peak, over = [0.0], threading.Event()

    def watch():
        while not over.wait(every):
            total = 0
            for child in psutil.Process().children(recursive=True):
                try:
                    total += child.memory_full_info().pss if shared_once else child.memory_info().rss
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
