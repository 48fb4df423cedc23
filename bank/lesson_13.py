"""References, hidden inputs and near-misses of lesson 13."""

import numpy as np

from course_lib.grading.bank import Private

# --- 13.1 ---


def by_class(matrix, score=lambda right, true, named: 2 * right / (true + named), nothing=0.0):
    """The F-score of each class, or what `score` makes of its right, true and named items."""
    found = []
    for place in range(len(matrix)):
        right, true, named = int(matrix[place, place]), int(matrix[place].sum()), int(matrix[:, place].sum())
        found.append(score(right, true, named) if true + named else nothing)
    return np.array(found, float)


def fraction(part, whole):
    return part / whole if whole else 0.0


def matrix_inputs(rng, k):
    # One class is neither true nor named, another is named but never right.
    classes = int(rng.integers(5, 9))
    matrix = rng.integers(1, 30, (classes, classes)) + np.diag(rng.integers(10, 90, classes))
    empty, wrong = rng.choice(classes, 2, replace=False)
    matrix[empty], matrix[:, empty], matrix[wrong, wrong] = 0, 0, 0
    return (matrix,)


# --- 13.2 ---


def summed(probabilities, weights):
    """The weighted sum over the modalities that are there, before it is divided."""
    modalities, n, classes = probabilities.shape
    fused = np.zeros((n, classes))
    for item in range(n):
        for modality in range(modalities):
            if not np.isnan(probabilities[modality, item]).any():
                fused[item] += weights[modality] * probabilities[modality, item]
    return fused


def divided(rows):
    return rows / rows.sum(axis=1, keepdims=True)


def divided_by_the_weights(probabilities, weights):
    there = ~np.isnan(probabilities).any(axis=2)
    return summed(probabilities, weights) / np.einsum("mn,mc->nc", there, weights)


def better_modality_alone(probabilities, weights):
    there = ~np.isnan(probabilities).any(axis=2)
    masked = np.where(there[:, :, None], weights[:, None], -1)
    return divided(np.take_along_axis(np.nan_to_num(probabilities), masked.argmax(axis=0)[None], axis=0)[0])


def product(probabilities, weights):
    return divided(np.nanprod(probabilities ** weights[:, None], axis=0))


def modality_inputs(rng, k):
    # A third of the items lack a modality or more; two weights never tie.
    modalities, n, classes = int(rng.integers(2, 5)), int(rng.integers(9, 20)), int(rng.integers(3, 8))
    probabilities = rng.dirichlet(np.ones(classes), (modalities, n))
    for item in rng.choice(n, n // 3, replace=False):
        probabilities[rng.choice(modalities, int(rng.integers(1, modalities)), replace=False), item] = np.nan
    return probabilities, rng.uniform(0.1, 1, (modalities, classes))


# --- 13.3 ---


def steps_of(probabilities, bins):
    return [min(int(value * bins), bins - 1) for value in probabilities.max(axis=1).tolist()]


def error(
    y,
    probabilities,
    bins,
    steps=steps_of,
    distance=abs,
    weigh=lambda items, n: items / n,
    compared=None,
    middle=False,
    of_nothing=0.0,
):
    """The expected calibration error, and what goes wrong with it."""
    first, right = (
        probabilities.max(axis=1) if compared is None else compared(y, probabilities),
        probabilities.argmax(axis=1) == y,
    )
    placed, total, filled = np.array(steps(probabilities, bins)), 0.0, 0
    for step in range(bins):
        here = placed == step
        if not here.any():
            total += of_nothing
            continue
        filled += 1
        said = (step + 0.5) / bins if middle else first[here].mean()
        total += weigh(int(here.sum()), len(y)) * distance(said - right[here].mean())
    return float(total / filled if weigh(1, 2) == 1 else total)


def equally_full(probabilities, bins):
    order = np.argsort(np.argsort(probabilities.max(axis=1), kind="stable"), kind="stable")
    return order * bins // len(order)


def answers_inputs(rng, k):
    # Overconfident above and underconfident below, no confidence at the edge of a bin, and two of exactly 1,
    # one of them wrong.
    n, classes, bins = int(rng.integers(60, 100)), int(rng.integers(3, 8)), int(rng.integers(7, 13))
    probabilities = rng.dirichlet(np.full(classes, 0.5), n)
    first = probabilities.max(axis=1)
    right = rng.random(n) < np.where(first > 0.6, first - 0.3, first + 0.3)
    y = np.where(right, probabilities.argmax(axis=1), probabilities.argmin(axis=1))
    probabilities[:2] = np.eye(classes)[:2]
    y[:2] = 0
    return y, probabilities, bins


# --- 13.4 ---

SMALLEST = 1e-7


def losses(
    y,
    probabilities,
    temperatures,
    smallest=SMALLEST,
    power=lambda temperature: 1 / temperature,
    whole=True,
    average=np.mean,
    of=lambda y, probabilities: y,
    log=np.log,
    after=0.0,
):
    """The mean cross-entropy at each temperature, and what goes wrong with it."""
    columns, found = of(y, probabilities), []
    for temperature in temperatures.tolist():
        powers = np.maximum(probabilities, smallest) ** power(temperature)
        powers = powers / powers.sum(axis=1, keepdims=True) if whole else powers
        powers = np.maximum(powers, after)
        found.append(average([-log(row[column]) for row, column in zip(powers, columns, strict=True)]))
    return np.array(found, float)


def infinite(*given):
    with np.errstate(divide="ignore", invalid="ignore"):
        return losses(*given, smallest=0.0)


def tempered_inputs(rng, k):
    # Overconfident: for two items the true class has probability 0.
    n, classes = int(rng.integers(20, 40)), int(rng.integers(3, 8))
    probabilities = rng.dirichlet(np.full(classes, 0.4), n)
    y = np.array([rng.choice(classes, p=np.sqrt(row) / np.sqrt(row).sum()) for row in probabilities])
    for row in rng.choice(n, 2, replace=False):
        probabilities[row, y[row]] = 0
        probabilities[row] /= probabilities[row].sum()
    return y, probabilities, rng.uniform(0.3, 6, int(rng.integers(4, 9))).round(2)


# --- 13.5 ---


def multiplied(probabilities, priors, power=None, rows_divided=True):
    """The product over a power of the priors, by default one less than there are modalities."""
    modalities, n, classes = probabilities.shape
    power, rows = modalities - 1 if power is None else power, []
    for item in range(n):
        row = [1.0] * classes
        for modality in range(modalities):
            row = [value * other for value, other in zip(row, probabilities[modality, item], strict=True)]
        rows.append([value / prior**power for value, prior in zip(row, priors, strict=True)])
    return divided(np.array(rows)) if rows_divided else np.array(rows)


def prior_inputs(rng, k):
    # Three or four modalities; the priors are far from equal.
    modalities, n, classes = 3 + k % 2, int(rng.integers(6, 12)), int(rng.integers(3, 8))
    probabilities = 0.9 * rng.dirichlet(np.ones(classes), (modalities, n)) + 0.1 / classes
    priors = np.arange(1, classes + 1) + rng.uniform(0, 1, classes)
    return probabilities, rng.permutation(priors / priors.sum())


BANK = {
    "13.1": Private(
        reference=by_class,
        inputs=matrix_inputs,
        near_misses={
            "precision": lambda matrix: by_class(matrix, lambda right, true, named: fraction(right, named)),
            "recall": lambda matrix: by_class(matrix, lambda right, true, named: fraction(right, true)),
            "arithmetic mean": lambda matrix: by_class(
                matrix, lambda right, true, named: (fraction(right, true) + fraction(right, named)) / 2
            ),
            "nothing divided by nothing": lambda matrix: by_class(matrix, nothing=np.nan),
            "the right ones counted once": lambda matrix: by_class(
                matrix, lambda right, true, named: right / (true + named - right)
            ),
            "one number for all": lambda matrix: float(by_class(matrix).mean()),
        },
    ),
    "13.2": Private(
        reference=lambda probabilities, weights: divided(summed(probabilities, weights)),
        inputs=modality_inputs,
        near_misses={
            "one weight a modality": lambda probabilities, weights: divided(
                summed(probabilities, np.broadcast_to(weights.mean(axis=1, keepdims=True), weights.shape))
            ),
            "weights ignored": lambda probabilities, weights: divided(
                summed(probabilities, np.ones_like(weights))
            ),
            "NaN stays": lambda probabilities, weights: divided(
                (probabilities * weights[:, None]).sum(axis=0)
            ),
            "missing as undecided": lambda probabilities, weights: divided(
                summed(np.nan_to_num(probabilities, nan=1 / probabilities.shape[2]), weights)
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
            "bins weighted alike": lambda *given: error(*given, weigh=lambda items, n: 1),
            "the true class's probability": lambda *given: error(
                *given, compared=lambda y, probabilities: probabilities[np.arange(len(y)), y]
            ),
            "a confidence of 1 left out": lambda *given: error(
                *given,
                steps=lambda probabilities, bins: [int(value * bins) for value in probabilities.max(axis=1)],
            ),
            "empty bins": lambda *given: error(*given, of_nothing=np.nan),
            "squared": lambda *given: error(*given, distance=lambda apart: apart**2),
            "the middle of the bin": lambda *given: error(*given, middle=True),
            "bins of equally many": lambda *given: error(*given, steps=equally_full),
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
            "the answer's probability": lambda *given: losses(
                *given, of=lambda y, probabilities: probabilities.argmax(axis=1)
            ),
            "sum": lambda *given: losses(*given, average=np.sum),
            "bits": lambda *given: losses(*given, log=np.log2),
            "logarithm of 0": infinite,
            "clipped too late": lambda *given: losses(*given, smallest=0.0, after=SMALLEST),
            "the best temperature": lambda y, probabilities, temperatures: float(
                temperatures[losses(y, probabilities, temperatures).argmin()]
            ),
        },
    ),
    "13.5": Private(
        reference=multiplied,
        inputs=prior_inputs,
        near_misses={
            "priors ignored": lambda *given: multiplied(*given, power=0),
            "priors M times": lambda probabilities, priors: multiplied(
                probabilities, priors, power=len(probabilities)
            ),
            "priors once": lambda *given: multiplied(*given, power=1),
            "multiplied by the priors": lambda *given: multiplied(*given, power=-1),
            "not divided": lambda *given: multiplied(*given, rows_divided=False),
            "mean": lambda probabilities, priors: divided(probabilities.mean(axis=0)),
        },
    ),
}
