"""Progress bars that never write to the error stream of a notebook."""

import sys
from collections.abc import Iterable
from typing import Any

from tqdm import tqdm


def progress(
    iterable: Iterable | None = None, total: int | None = None, desc: str = "", **options: Any
) -> tqdm:
    """Show a progress bar while `iterable` is consumed, or while `update` is called on the bar.

    Parameters
    ----------
    iterable : iterable, optional
        What to loop over. Without it, call `update` on the bar yourself.
    total : int, optional
        The number of items; by default `len(iterable)` where it has one.
    desc : str
        A few words in front of the bar.
    **options
        Passed on to `tqdm`, for example `unit="image"`.

    Returns
    -------
    tqdm
        The bar, which yields the items of `iterable`.

    Notes
    -----
    In a terminal the bar goes to the error stream. In a Jupyter kernel it goes to standard output,
    because JupyterLab shows the error stream as a red box. There the bar appears after one second and is
    erased when it finishes. The environment variable `TQDM_DISABLE=1` switches all bars off.

    Examples
    --------
    >>> [n * n for n in progress(range(3), desc="squares", disable=True)]
    [0, 1, 4]
    """
    if in_kernel():
        # Position 0: a notebook cannot move the cursor up, so that a bar inside a bar uses the same line.
        options |= {"file": sys.stdout, "leave": False, "position": 0}
        options["delay"] = max(1, options.get("delay", 0))
    return tqdm(iterable, total=total, desc=desc, **options)


def in_kernel() -> bool:
    """Tell whether this process is a Jupyter kernel.

    Returns
    -------
    bool
        True in a kernel; False in a terminal, a script, or IPython's own prompt.

    Examples
    --------
    >>> in_kernel()
    False
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None
