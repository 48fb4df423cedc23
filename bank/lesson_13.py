"""References, hidden inputs and near-misses of lesson 13."""

import numpy as np

from course_lib.grading.bank import Private

# --- 13.1 ---


def by_class(matrix, score=lambda right, true, named: 2 * right / (true + named), nothing=0.0):
    """The F-score of each class, or what `score` says of its right, true and named items."""
    found = []
    for place in range(len(matrix)):
        right, true, named = int(matrix[place, place]), int(matrix[place].sum()), int(matrix[:, place].sum())
        found.append(score(right, true, named) if true + named else nothing)
    return np.array(found, float)


def share(part, whole):
    return part / whole if whole else 0.0


def matrix_inputs(rng, k):
    # One class is neither true nor named, another is named but never right.
    classes = int(rng.integers(5, 9))
    matrix = rng.integers(1, 30, (classes, classes)) + np.diag(rng.integers(10, 90, classes))
    empty, wrong = rng.choice(classes, 2, replace=False)
    matrix[empty], matrix[:, empty], matrix[wrong, wrong] = 0, 0, 0
    return (matrix,)


# --- 13.2 ---


def summed(shares, weights):
    """The weighted sum over the modalities that are there, before it is divided."""
    modalities, n, classes = shares.shape
    fused = np.zeros((n, classes))
    for take in range(n):
        for modality in range(modalities):
            if not np.isnan(shares[modality, take]).any():
                fused[take] += weights[modality] * shares[modality, take]
    return fused


def divided(rows):
    return rows / rows.sum(axis=1, keepdims=True)


def divided_by_the_weights(shares, weights):
    there = ~np.isnan(shares).any(axis=2)
    return summed(shares, weights) / np.einsum("mn,mc->nc", there, weights)


def better_modality_alone(shares, weights):
    there = ~np.isnan(shares).any(axis=2)
    masked = np.where(there[:, :, None], weights[:, None], -1)
    return divided(np.take_along_axis(np.nan_to_num(shares), masked.argmax(axis=0)[None], axis=0)[0])


def product(shares, weights):
    return divided(np.nanprod(shares ** weights[:, None], axis=0))


def modality_inputs(rng, k):
    # A third of the takes lack a modality or more; two weights never tie.
    modalities, n, classes = int(rng.integers(2, 5)), int(rng.integers(9, 20)), int(rng.integers(3, 8))
    shares = rng.dirichlet(np.ones(classes), (modalities, n))
    for take in rng.choice(n, n // 3, replace=False):
        shares[rng.choice(modalities, int(rng.integers(1, modalities)), replace=False), take] = np.nan
    return shares, rng.uniform(0.1, 1, (modalities, classes))


# --- 13.3 ---


def steps_of(shares, bins):
    return [min(int(value * bins), bins - 1) for value in shares.max(axis=1).tolist()]


def error(
    y,
    shares,
    bins,
    steps=steps_of,
    distance=abs,
    weigh=lambda items, n: items / n,
    compared=None,
    middle=False,
    of_nothing=0.0,
):
    """The expected calibration error, and what goes wrong with it."""
    first, right = shares.max(axis=1) if compared is None else compared(y, shares), shares.argmax(axis=1) == y
    placed, total, filled = np.array(steps(shares, bins)), 0.0, 0
    for step in range(bins):
        here = placed == step
        if not here.any():
            total += of_nothing
            continue
        filled += 1
        said = (step + 0.5) / bins if middle else first[here].mean()
        total += weigh(int(here.sum()), len(y)) * distance(said - right[here].mean())
    return float(total / filled if weigh(1, 2) == 1 else total)


def equally_full(shares, bins):
    order = np.argsort(np.argsort(shares.max(axis=1), kind="stable"), kind="stable")
    return order * bins // len(order)


def answers_inputs(rng, k):
    # Too sure above and unsure below, no share at the edge of a step, and two of exactly 1, one of them
    # wrong.
    n, classes, bins = int(rng.integers(60, 100)), int(rng.integers(3, 8)), int(rng.integers(7, 13))
    shares = rng.dirichlet(np.full(classes, 0.5), n)
    first = shares.max(axis=1)
    right = rng.random(n) < np.where(first > 0.6, first - 0.3, first + 0.3)
    y = np.where(right, shares.argmax(axis=1), shares.argmin(axis=1))
    shares[:2] = np.eye(classes)[:2]
    y[:2] = 0
    return y, shares, bins


# --- 13.4 ---

SMALLEST = 1e-7


def losses(
    y,
    shares,
    temperatures,
    smallest=SMALLEST,
    power=lambda temperature: 1 / temperature,
    whole=True,
    average=np.mean,
    of=lambda y, shares: y,
    log=np.log,
    after=0.0,
):
    """The mean cross-entropy at each temperature, and what goes wrong with it."""
    columns, found = of(y, shares), []
    for temperature in temperatures.tolist():
        powers = np.maximum(shares, smallest) ** power(temperature)
        powers = powers / powers.sum(axis=1, keepdims=True) if whole else powers
        powers = np.maximum(powers, after)
        found.append(average([-log(row[column]) for row, column in zip(powers, columns, strict=True)]))
    return np.array(found, float)


def infinite(*given):
    with np.errstate(divide="ignore", invalid="ignore"):
        return losses(*given, smallest=0.0)


def tempered_inputs(rng, k):
    # Shares that are too sure: of two items the true class has none at all.
    n, classes = int(rng.integers(20, 40)), int(rng.integers(3, 8))
    shares = rng.dirichlet(np.full(classes, 0.4), n)
    y = np.array([rng.choice(classes, p=np.sqrt(row) / np.sqrt(row).sum()) for row in shares])
    for row in rng.choice(n, 2, replace=False):
        shares[row, y[row]] = 0
        shares[row] /= shares[row].sum()
    return y, shares, rng.uniform(0.3, 6, int(rng.integers(4, 9))).round(2)


BANK = {
    "13.1": Private(
        reference=by_class,
        inputs=matrix_inputs,
        near_misses={
            "precision": lambda matrix: by_class(matrix, lambda right, true, named: share(right, named)),
            "recall": lambda matrix: by_class(matrix, lambda right, true, named: share(right, true)),
            "arithmetic mean": lambda matrix: by_class(
                matrix, lambda right, true, named: (share(right, true) + share(right, named)) / 2
            ),
            "nothing divided by nothing": lambda matrix: by_class(matrix, nothing=np.nan),
            "the right ones counted once": lambda matrix: by_class(
                matrix, lambda right, true, named: right / (true + named - right)
            ),
            "one number for all": lambda matrix: float(by_class(matrix).mean()),
        },
    ),
    "13.2": Private(
        reference=lambda shares, weights: divided(summed(shares, weights)),
        inputs=modality_inputs,
        near_misses={
            "one weight a modality": lambda shares, weights: divided(
                summed(shares, np.broadcast_to(weights.mean(axis=1, keepdims=True), weights.shape))
            ),
            "weights ignored": lambda shares, weights: divided(summed(shares, np.ones_like(weights))),
            "NaN stays": lambda shares, weights: divided((shares * weights[:, None]).sum(axis=0)),
            "missing as undecided": lambda shares, weights: divided(
                summed(np.nan_to_num(shares, nan=1 / shares.shape[2]), weights)
            ),
            "not divided": summed,
            "divided by the weights": divided_by_the_weights,
            "the better modality alone": better_modality_alone,
            "product": product,
        },
    ),
    "13.3": Private(
        reference=error,
        inputs=answers_inputs,
        near_misses={
            "signs kept": lambda *given: error(*given, distance=lambda apart: apart),
            "steps weighted alike": lambda *given: error(*given, weigh=lambda items, n: 1),
            "the true class's share": lambda *given: error(
                *given, compared=lambda y, shares: shares[np.arange(len(y)), y]
            ),
            "a share of 1 left out": lambda *given: error(
                *given, steps=lambda shares, bins: [int(value * bins) for value in shares.max(axis=1)]
            ),
            "empty steps": lambda *given: error(*given, of_nothing=np.nan),
            "squared": lambda *given: error(*given, distance=lambda apart: apart**2),
            "the middle of the step": lambda *given: error(*given, middle=True),
            "steps of equally many": lambda *given: error(*given, steps=equally_full),
        },
    ),
    "13.4": Private(
        reference=losses,
        inputs=tempered_inputs,
        near_misses={
            "temperature the other way round": lambda *given: losses(
                *given, power=lambda temperature: temperature
            ),
            "rows not divided": lambda *given: losses(*given, whole=False),
            "the first guess's share": lambda *given: losses(
                *given, of=lambda y, shares: shares.argmax(axis=1)
            ),
            "sum": lambda *given: losses(*given, average=np.sum),
            "bits": lambda *given: losses(*given, log=np.log2),
            "logarithm of 0": infinite,
            "clipped too late": lambda *given: losses(*given, smallest=0.0, after=SMALLEST),
            "the best temperature": lambda y, shares, temperatures: float(
                temperatures[losses(y, shares, temperatures).argmin()]
            ),
        },
    ),
}
