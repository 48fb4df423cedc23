"""References, hidden inputs and near-misses of lesson 08."""

from math import comb

import numpy as np
from scipy.stats import chi2

from course_lib.grading.bank import Private

# --- 08.1 ---


def size(
    steps,
    channels,
    filters,
    kernel,
    pool,
    bias=1,
    wide=True,
    pooled=lambda steps, pool: steps // pool,
    lost=0,
    per_input=4,
    flattened=lambda steps, channels: steps * channels,
    normalised=lambda inputs, channels: inputs,
):
    """The count of `cnn_size`, and of what goes wrong with it."""
    total = 0
    for count in filters:
        total += count * (kernel * (channels if wide else 1) + bias)
        steps, channels = pooled(steps - lost, pool), count
    inputs = flattened(steps, channels)
    return total + per_input * normalised(inputs, channels) + 128 * (inputs + bias) + 2 * (128 + bias)


def size_inputs(rng, k):
    filters = [int(count) for count in rng.integers(4, 40, int(rng.integers(1, 4)))]
    kernel, pool = int(rng.integers(4, 10)), int(rng.integers(2, 5))
    # Not a multiple of the pool, and enough steps for a kernel without padding.
    return pool * int(rng.integers(300, 900)) + 1, int(rng.integers(2, 41)), filters, kernel, pool


# --- 08.2 ---


def fused_probabilities(probabilities, weights):
    modalities, n, classes = probabilities.shape
    fused = np.empty((n, classes))
    for i in range(n):
        there = [m for m in range(modalities) if not np.isnan(probabilities[m, i]).any()]
        fused[i] = sum(weights[m] * probabilities[m, i] for m in there) / sum(weights[m] for m in there)
    return fused


def plain_average(filled, weights):
    return np.tensordot(weights, filled, axes=1) / weights.sum()


def multiplied(probabilities, weights):
    fused = np.nanprod(probabilities ** weights[:, None, None], axis=0)
    return fused / fused.sum(axis=1, keepdims=True)


def votes(probabilities, weights):
    said = np.nan_to_num(probabilities).argmax(axis=2)
    sure = np.where(np.isnan(probabilities), np.nan, np.eye(probabilities.shape[2])[said])
    return fused_probabilities(sure, weights)


def modalities_inputs(rng, k):
    modalities, n, classes = int(rng.integers(2, 5)), int(rng.integers(12, 30)), int(rng.integers(2, 5))
    probabilities = rng.dirichlet(np.ones(classes), (modalities, n))
    for i in rng.choice(n, n // 3, replace=False):  # of a third of the takes some are missing, but not all
        probabilities[rng.choice(modalities, int(rng.integers(1, modalities)), replace=False), i] = np.nan
    return probabilities, rng.uniform(0.2, 3, modalities).round(2)


# --- 08.3 ---


def moved(steps, momentum, begin):
    """What is left of `begin` and of each step's value (steps, d), which lose `1 - momentum` a step: a
    weighted sum.
    """
    ages = np.arange(len(steps))[::-1]
    return momentum ** len(steps) * begin + (1 - momentum) * (momentum**ages) @ np.array(steps)


def averages(
    X,
    batch,
    epochs,
    momentum,
    rest=True,
    begin=1.0,
    mean=lambda part: part.mean(axis=0),
    variance=lambda part: part.var(axis=0),
):
    parts = [X[start : start + batch] for start in range(0, len(X), batch)]
    parts = [part for part in parts if rest or len(part) == batch] * epochs
    return (
        moved([mean(part) for part in parts], momentum, 0.0),
        moved([variance(part) for part in parts], momentum, begin),
    )


def one_mean_for_all_features(*given):
    return averages(
        *given,
        mean=lambda part: np.full(part.shape[1], part.mean()),
        variance=lambda part: np.full(part.shape[1], part.var()),
    )


def takes_inputs(rng, k):
    batch, d = int(rng.integers(5, 10)), int(rng.integers(2, 6))
    n = batch * int(rng.integers(2, 5)) + int(rng.integers(2, batch))  # never a whole number of batches
    X = rng.normal(rng.uniform(-300, 100, d), rng.uniform(2, 40, d), (n, d)).round(2)
    return X, batch, int(rng.integers(2, 6)), float(rng.choice([0.8, 0.9, 0.95, 0.99]))


# --- 08.4 ---


def only(true, first, second):
    """How many takes only the first got right, and how many only the second."""
    return int(((first == true) & (second != true)).sum()), int(((first != true) & (second == true)).sum())


def divided(b, c):
    """The probability that b + c tosses divide exactly so, or more unevenly, to both sides."""
    tosses = b + c
    ways = sum(comb(tosses, heads) for heads in range(tosses + 1) if abs(2 * heads - tosses) >= abs(b - c))
    return ways / 2**tosses


def tail(b, c):
    return sum(comb(b + c, heads) for heads in range(min(b, c) + 1)) / 2 ** (b + c)


def chi_squared(true, first, second):
    b, c = only(true, first, second)
    return float(chi2.sf((b - c) ** 2 / max(1, b + c), 1))


def all_takes_tossed(true, first, second):
    return divided(int((first == true).sum()), int((first != true).sum()))


def answers_that_differ(true, first, second):
    differ = first != second
    return all_takes_tossed(true[differ], first[differ], second[differ])


def this_division_alone(true, first, second):
    b, c = only(true, first, second)
    return comb(b + c, b) / 2 ** (b + c)


def mcnemar_p(true, first, second):
    return divided(*only(true, first, second))


def two_inputs(rng, k):
    # Three classes. In one case of six p is 1, not in more: who always answers 1 should not live on it.
    both, neither, b = int(rng.integers(20, 40)), int(rng.integers(6, 12)), int(rng.integers(3, 12))
    c = b if k == 0 else b + int(rng.integers(2, 7))
    b, c = (b, c) if rng.integers(2) else (c, b)
    right = np.repeat(
        [[True, True], [False, False], [True, False], [False, True]], [both, neither, b, c], axis=0
    )
    right = right[rng.permutation(len(right))]
    true = rng.integers(3, size=len(right))
    wrong = (true[:, None] + [1, 2]) % 3  # where both are wrong they say different things
    return (true, *np.where(right, true[:, None], wrong).T)


BANK = {
    "08.1": Private(
        reference=size,
        inputs=size_inputs,
        near_misses={
            "biases forgotten": lambda *shape: size(*shape, bias=0),
            "channels forgotten": lambda *shape: size(*shape, wide=False),
            "pools forgotten": lambda *shape: size(*shape, pooled=lambda steps, pool: steps),
            "pools rounded up": lambda *shape: size(*shape, pooled=lambda steps, pool: -(-steps // pool)),
            "no padding": lambda *shape: size(*shape, lost=shape[3] - 1),
            "two numbers a BatchNorm": lambda *shape: size(*shape, per_input=2),
            "no BatchNorm": lambda *shape: size(*shape, per_input=0),
            "BatchNorm on the filters": lambda *shape: size(
                *shape, normalised=lambda inputs, channels: channels
            ),
            "steps alone flattened": lambda *shape: size(*shape, flattened=lambda steps, channels: steps),
        },
    ),
    "08.2": Private(
        reference=fused_probabilities,
        inputs=modalities_inputs,
        near_misses={
            "missing as zeros": lambda p, weights: plain_average(np.nan_to_num(p), weights),
            "missing as undecided": lambda p, weights: plain_average(
                np.nan_to_num(p, nan=1 / p.shape[2]), weights
            ),
            "NaN stays": plain_average,
            "weights ignored": lambda p, weights: np.nanmean(p, axis=0),
            "weights not of sum 1": lambda p, weights: np.nansum(p * weights[:, None, None], axis=0),
            "product": multiplied,
            "votes": votes,
        },
    ),
    "08.3": Private(
        reference=averages,
        inputs=takes_inputs,
        near_misses={
            "momentum the other way round": lambda X, batch, epochs, m: averages(X, batch, epochs, 1 - m),
            "one epoch": lambda X, batch, epochs, m: averages(X, batch, 1, m),
            "one mean for all features": one_mean_for_all_features,
            "last batch left out": lambda *given: averages(*given, rest=False),
            "variance begins at 0": lambda *given: averages(*given, begin=0.0),
            "sample variance": lambda *given: averages(
                *given, variance=lambda part: part.var(axis=0, ddof=1)
            ),
            "spread for variance": lambda *given: averages(*given, variance=lambda part: part.std(axis=0)),
            "no memory": lambda X, batch, epochs, m: (X.mean(axis=0), X.var(axis=0)),
        },
    ),
    "08.4": Private(
        reference=mcnemar_p,
        inputs=two_inputs,
        cases=6,
        near_misses={
            "one side": lambda *labels: tail(*only(*labels)),
            "chi-squared": (chi_squared, 1 / 6),
            "all takes tossed": all_takes_tossed,
            "answers that differ": answers_that_differ,
            "above 1": (lambda *labels: 2 * tail(*only(*labels)), 5 / 6),
            "this division alone": this_division_alone,
        },
    ),
}
