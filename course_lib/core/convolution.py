"""Convolution and pooling with NumPy, for networks that must start without Keras."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import numpy as np
from threadpoolctl import ThreadpoolController

_ALONE = threading.RLock()


@contextmanager
def one_core() -> Iterator[None]:
    """Let NumPy's matrix products use one core inside a `with` block.

    The products of a small network are too short to be divided between cores. If another program runs, too,
    one core waits for the other: one face took 44 ms of processor time instead of 7 ms.

    Examples
    --------
    >>> with one_core():
    ...     bool((np.eye(2) @ np.eye(2) == np.eye(2)).all())
    True
    """
    with _ALONE, _libraries().limit(limits=1):  # alone: two blocks that overlap could leave the limit behind
        yield


@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController().select(user_api="blas")


def convolution(x: np.ndarray, kernel: np.ndarray, bias: np.ndarray, padding: int = 1) -> np.ndarray:
    """Convolve images: one matrix product for all places of all images.

    Parameters
    ----------
    x : np.ndarray
        float32 (n, rows, columns, maps before).
    kernel, bias : np.ndarray
        float32 (height, width, maps before, maps) and (maps,).
    padding : int
        Rows and columns of zeros that are added on each side.

    Returns
    -------
    np.ndarray
        float32 (n, rows, columns, maps); without padding the images lose `height - 1` rows.

    Examples
    --------
    >>> x, kernel = np.ones((1, 3, 3, 1), np.float32), np.ones((3, 3, 1, 1), np.float32)
    >>> convolution(x, kernel, np.zeros(1, np.float32))[0, :, :, 0].tolist()
    [[4.0, 6.0, 4.0], [6.0, 9.0, 6.0], [4.0, 6.0, 4.0]]
    """
    height, width, before, after = kernel.shape
    x = np.pad(x, ((0, 0), (padding, padding), (padding, padding), (0, 0))) if padding else x
    n, rows, columns = len(x), x.shape[1] - height + 1, x.shape[2] - width + 1
    windows = np.empty((n, rows, columns, height * width, before), x.dtype)
    for place in range(height * width):
        y, left = divmod(place, width)
        windows[..., place, :] = x[:, y : y + rows, left : left + columns]
    product = windows.reshape(-1, height * width * before) @ kernel.reshape(-1, after)
    return product.reshape(n, rows, columns, after) + bias


def max_pool(x: np.ndarray) -> np.ndarray:
    """Take the maximum of each 2 x 2 places; an odd last row or column is left out.

    Examples
    --------
    >>> max_pool(np.arange(16.0).reshape(1, 4, 4, 1))[0, :, :, 0].tolist()
    [[5.0, 7.0], [13.0, 15.0]]
    """
    n, rows, columns, after = x.shape
    whole = x[:, : rows // 2 * 2, : columns // 2 * 2]
    return whole.reshape(n, rows // 2, 2, columns // 2, 2, after).max(axis=(2, 4))
