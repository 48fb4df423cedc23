"""The random numbers behind each Studio actor and recording: one seed always gives the same Studio."""

import zlib

import numpy as np


def rng(seed: int, *key: object) -> np.random.Generator:
    """A random generator for one purpose, independent of the order in which generators are made.

    Parameters
    ----------
    seed : int
        The Studio's seed.
    *key : object
        What the numbers are for, such as `"face", actor`.

    Returns
    -------
    np.random.Generator

    Examples
    --------
    >>> bool(rng(0, "face", 1).random() == rng(0, "face", 1).random())
    True
    """
    return np.random.default_rng([seed, *(zlib.crc32(str(part).encode()) for part in key)])


def expressiveness(actor: int, seed: int = 0) -> float:
    """How strongly an actor shows emotion, in face and voice.

    Parameters
    ----------
    actor : int
    seed : int
        The Studio's seed.

    Returns
    -------
    float
        0.7 to 1.3.

    Examples
    --------
    >>> 0.7 <= expressiveness(1) <= 1.3
    True
    """
    return float(rng(seed, "expressiveness", actor).uniform(0.7, 1.3))
