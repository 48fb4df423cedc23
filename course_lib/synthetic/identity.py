"""Who a Studio actor is: everything random about an actor or a recording comes from here, so one seed makes
one Studio."""

import zlib

import numpy as np


def rng(seed: int, *key) -> np.random.Generator:
    """A generator of its own for each `key` (for example `("face", actor)`), independent of the order of
    calls.
    """
    return np.random.default_rng([seed, *(zlib.crc32(str(part).encode()) for part in key)])


def expressiveness(actor: int, seed: int = 0) -> float:
    """How strongly this actor shows emotion, 0.7 to 1.3, in face and voice alike."""
    return float(rng(seed, "expressiveness", actor).uniform(0.7, 1.3))
